package store

import (
	"context"
	"strings"

	"whistle/internal/figures"
	"whistle/internal/visit"
)

// CoverageRow is an enterprise or a key project of a roster, with its visits in
// the period.
type CoverageRow struct {
	ID           string // of the project, else of the enterprise
	Name         string
	EnterpriseID string
	Enterprise   string
	PlaceID      string
	Visits       int
	LastOn       string // a worktime.Date; "" while nobody was there
}

// CoverageFilter says which rows of a coverage are wanted.
type CoverageFilter struct {
	Of      visit.Of
	Reached visit.Reached
	After   *CoveragePosition
	Limit   int
}

// CoveragePosition is a place in a list of rows, by the last row before it.
type CoveragePosition struct {
	Name string `json:"name"`
	ID   string `json:"id"`
}

// onRosterThen is who of a table was there at the beginning of the period.
func onRosterThen(table string) string {
	return table + ".created_at < ? AND (" + table + ".retired_at IS NULL OR " + table + ".retired_at >= ?)"
}

const looksAfterOn = "assignments.kind = 'manager' AND assignments.target_id = enterprises.id AND " + inForceOn

// rosterOf are the rows that a coverage counts with those visits to them that
// it counts: FROM and WHERE of a query, with its arguments.
func rosterOf(q visit.Query, of visit.Of, joins string, joinArgs ...any) (sql string, args []any) {
	table, key := "enterprises", "enterprise_id"
	from := "enterprises"
	if of == visit.KeyProjects {
		table, key = "projects", "project_id"
		from = "projects JOIN enterprises ON enterprises.id = projects.enterprise_id"
	}
	visits := "SELECT " + key + " AS target_id, count(*) AS visits, max(visited_on) AS last_on FROM visits WHERE " + key + " <> '' AND visited_on BETWEEN ? AND ?"
	args = append(args, q.From, q.To)
	if !q.RecordedBy.IsZero() {
		visits, args = visits+" AND recorded_at <= ?", append(args, utc(q.RecordedBy))
	}
	if q.Campaign != nil {
		visits, args = visits+" AND campaign_id = ?", append(args, q.Campaign.ID)
	}
	sql = " FROM " + from + joins + " LEFT JOIN (" + visits + " GROUP BY " + key + ") AS made ON made.target_id = " + table + ".id"
	args = append(joinArgs, args...)
	where := []string{onRosterThen(table)}
	args = append(args, utc(q.Begin), utc(q.Begin))
	if of == visit.Enterprises {
		where = append(where, "enterprises.credit_code <> ''")
	}
	only := func(placeID, chainID string) {
		switch placeID {
		case "":
		case figures.NoKey:
			where = append(where, "enterprises.place_id NOT IN (SELECT id FROM places)")
		default:
			where, args = append(where, "enterprises.place_id = ?"), append(args, placeID)
		}
		switch chainID {
		case "":
		case figures.NoKey:
			where = append(where, "CAST(enterprises.chains AS TEXT) NOT LIKE '%\"%'")
		default:
			where, args = append(where, `CAST(enterprises.chains AS TEXT) LIKE ? ESCAPE '\'`), append(args, contains(`"`+chainID+`"`))
		}
	}
	only(q.PlaceID, q.ChainID)
	if q.Campaign != nil {
		only(q.Campaign.PlaceID, q.Campaign.ChainID)
	}
	switch q.ManagerID {
	case "":
	case figures.NoKey:
		where, args = append(where, "NOT EXISTS (SELECT 1 FROM assignments WHERE "+looksAfterOn+")"), append(args, q.AsOf, q.AsOf)
	default:
		where = append(where, "EXISTS (SELECT 1 FROM assignments WHERE "+looksAfterOn+" AND assignments.user_id = ?)")
		args = append(args, q.AsOf, q.AsOf, q.ManagerID)
	}
	return sql + " WHERE " + strings.Join(where, " AND "), args
}

// cutOf is how a cut divides a roster: what is joined, with its arguments, and
// the columns of the key and the name.
func cutOf(q visit.Query, by visit.Cut) (joins string, args []any, key, name string) {
	switch by {
	case visit.ByPlace:
		return " LEFT JOIN places ON places.id = enterprises.place_id", nil, "coalesce(places.id, '" + figures.NoKey + "')", "coalesce(places.name, '')"
	case visit.ByChain:
		return ` LEFT JOIN chains ON CAST(enterprises.chains AS TEXT) LIKE '%"' || chains.id || '"%'`, nil, "coalesce(chains.id, '" + figures.NoKey + "')", "coalesce(chains.name, '')"
	case visit.ByManager:
		return " LEFT JOIN assignments ON " + looksAfterOn + " LEFT JOIN users ON users.id = assignments.user_id",
			[]any{q.AsOf, q.AsOf}, "coalesce(users.id, '" + figures.NoKey + "')", "coalesce(users.name, '')"
	case visit.ByCampaign: // which is a coverage of its own
	}
	return "", nil, "''", "''"
}

// VisitCoverage counts a roster and those of it that were visited, as a whole where
// by is "", else by place, chain or manager.
func (s *Store) VisitCoverage(ctx context.Context, q visit.Query, by visit.Cut) ([]visit.Group, error) {
	var groups []visit.Group
	at := map[string]int{}
	for _, of := range []visit.Of{visit.Enterprises, visit.KeyProjects} {
		if !q.Counts(of) {
			continue
		}
		joins, joinArgs, key, name := cutOf(q, by)
		from, args := rosterOf(q, of, joins, joinArgs...)
		var rows []struct {
			Key, Name string
			Ratio     figures.Ratio `gorm:"embedded"`
		}
		sql := "SELECT " + key + " AS key, " + name + " AS name, count(*) AS denominator, count(made.target_id) AS numerator" + from + " GROUP BY 1, 2 ORDER BY 3 DESC, 2, 1"
		if err := s.read(ctx).Raw(sql, args...).Scan(&rows).Error; err != nil {
			return nil, translate(err)
		}
		for _, r := range rows {
			i, there := at[r.Key]
			if !there {
				i = len(groups)
				at[r.Key] = i
				groups = append(groups, visit.Group{Key: r.Key, Name: r.Name})
			}
			if of == visit.Enterprises {
				groups[i].Enterprises = r.Ratio
			} else {
				groups[i].Projects = r.Ratio
			}
		}
	}
	return groups, nil
}

// CoverageRows lists what a coverage counts, by name.
func (s *Store) CoverageRows(ctx context.Context, q visit.Query, f CoverageFilter) ([]CoverageRow, error) {
	if !q.Counts(f.Of) {
		return nil, nil
	}
	from, args := rosterOf(q, f.Of, "")
	table := "enterprises"
	if f.Of == visit.KeyProjects {
		table = "projects"
	}
	sql := "SELECT " + table + ".id AS id, " + table + ".name AS name, enterprises.id AS enterprise_id, enterprises.name AS enterprise, enterprises.place_id AS place_id," +
		" coalesce(made.visits, 0) AS visits, coalesce(made.last_on, '') AS last_on" + from
	switch f.Reached {
	case visit.Visited:
		sql += " AND made.target_id IS NOT NULL"
	case visit.Missing:
		sql += " AND made.target_id IS NULL"
	case visit.All:
	}
	if f.After != nil {
		sql += " AND (" + table + ".name, " + table + ".id) > (?, ?)"
		args = append(args, f.After.Name, f.After.ID)
	}
	sql += " ORDER BY 2, 1"
	if f.Limit > 0 {
		sql, args = sql+" LIMIT ?", append(args, f.Limit)
	}
	var rows []CoverageRow
	err := s.read(ctx).Raw(sql, args...).Scan(&rows).Error
	return rows, translate(err)
}

// VisitFacts are what a coverage can be counted from again: where and when each
// visit was, and when it was written down.
func (s *Store) VisitFacts(ctx context.Context) ([]visit.Visit, error) {
	var rows []visit.Visit
	err := s.read(ctx).Select("id, enterprise_id, project_id, visited_at, visited_on, recorded_at").Order("id").Find(&rows).Error
	return rows, translate(err)
}

// StrayFindings are findings whose ticket is not there.
func (s *Store) StrayFindings(ctx context.Context) ([]visit.Finding, error) {
	var rows []visit.Finding
	err := s.read(ctx).Model(&visit.Finding{}).
		Joins("LEFT JOIN tickets ON tickets.id = visit_findings.ticket_id").
		Where("visit_findings.ticket_id <> '' AND tickets.id IS NULL").
		Order("visit_findings.id").Find(&rows).Error
	return rows, translate(err)
}
