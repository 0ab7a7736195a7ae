package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"whistle/internal/figures"
)

// base is where the facts of a kind stand.
type base struct {
	table  string
	moment string // the column by which they fall into a period
	item   string
}

var bases = map[figures.Base]base{
	figures.Tickets:    {"ticket_facts", "filed_at", "0"},
	figures.Dispatches: {"dispatch_facts", "dispatched_at", "item"},
	figures.Summonses:  {"summons_facts", "summoned_at", "item"},
}

var cutColumns = map[figures.Cut]string{
	figures.ByNothing:    "''",
	figures.ByDepartment: "department_id",
	figures.ByChain:      "chains", // combinations; taken apart afterwards
	figures.ByCategory:   "category",
	figures.ByPlace:      "place_id",
	figures.BySource:     "source",
	figures.ByEnterprise: "enterprise_id",
}

// facts selects the facts of a kind that the query is about, as they stood at
// its moment.
func (s *Store) facts(ctx context.Context, over figures.Base, q figures.Query, zone *time.Location) *gorm.DB {
	b := bases[over]
	asOf := utc(q.AsOf)
	db := s.read(ctx).Table(b.table).
		Where(b.moment+" >= ? AND "+b.moment+" < ?", utc(q.From.In(zone)), utc(q.To.AddDays(1).In(zone))).
		Where("valid_from <= ?", asOf)
	if q.RecordedBy.IsZero() {
		db = db.Where("valid_to IS NULL OR valid_to > ?", asOf)
	} else {
		by := utc(q.RecordedBy)
		db = db.Where("recorded_at <= ? AND (valid_to IS NULL OR valid_to > ? OR recorded_to > ?)", by, asOf, by)
	}
	for column, value := range map[string]string{
		"department_id": q.Where.DepartmentID, "category": q.Where.Category, "place_id": q.Where.PlaceID,
		"source": q.Where.Source, "enterprise_id": q.Where.EnterpriseID,
	} {
		switch value {
		case "":
		case figures.NoKey:
			db = db.Where(column + " = ''")
		default:
			db = db.Where(column+" = ?", value)
		}
	}
	for _, chain := range []string{q.Where.ChainID, q.Where.AndChainID} {
		switch chain {
		case "":
		case figures.NoKey:
			db = db.Where("chains = ''")
		default:
			db = db.Where(`chains LIKE ? ESCAPE '\'`, contains(figures.JoinChains([]string{chain})))
		}
	}
	if q.Scope.All {
		return db
	}
	var either []string
	var args []any
	if q.Scope.DepartmentID != "" {
		either, args = append(either, "department_id = ?"), append(args, q.Scope.DepartmentID)
	}
	if len(q.Scope.EnterpriseIDs) > 0 {
		either, args = append(either, "enterprise_id IN ?"), append(args, q.Scope.EnterpriseIDs)
	}
	if len(either) == 0 {
		return db.Where("1 = 0")
	}
	return db.Where(strings.Join(either, " OR "), args...)
}

func moments(q figures.Query) map[string]any {
	return map[string]any{"as_of": utc(q.AsOf), "settled": utc(q.AsOf.Add(-figures.SettledAfter))}
}

// inNumerator is the condition that a fact is in the numerator; none is where
// there is no such thing.
func inNumerator(d figures.Definition) string {
	if !d.IsRate() {
		return "1 = 0"
	}
	return "(" + d.Denominator + ") AND (" + d.Numerator + ")"
}

// keys are the groups that a value of the cut's column belongs to.
func keys(by figures.Cut, value string) []string {
	if by == figures.ByChain && value != "" {
		return figures.SplitChains(value)
	}
	return []string{value}
}
