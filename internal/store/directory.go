package store

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"whistle/internal/alliance"
	"whistle/internal/directory"
	"whistle/internal/support"
	"whistle/internal/visit"
	"whistle/internal/worktime"
)

// get reads one row by its column.
func get[T any](ctx context.Context, s *Store, column, value string) (T, error) {
	var row T
	err := s.read(ctx).Where(column+" = ?", value).Take(&row).Error
	return row, translate(err)
}

// Department reads a department.
func (s *Store) Department(ctx context.Context, id string) (directory.Department, error) {
	return get[directory.Department](ctx, s, "id", id)
}

// Departments reads those of the ids that are there.
func (s *Store) Departments(ctx context.Context, ids []string) ([]directory.Department, error) {
	var rows []directory.Department
	condition, list := s.among("id", ids)
	err := s.read(ctx).Where(condition, list).Find(&rows).Error
	return rows, translate(err)
}

// Enterprise reads an enterprise.
func (s *Store) Enterprise(ctx context.Context, id string) (directory.Enterprise, error) {
	return get[directory.Enterprise](ctx, s, "id", id)
}

// Project reads a key project.
func (s *Store) Project(ctx context.Context, id string) (directory.Project, error) {
	return get[directory.Project](ctx, s, "id", id)
}

// Category reads a category by its code.
func (s *Store) Category(ctx context.Context, code string) (directory.Category, error) {
	return get[directory.Category](ctx, s, "code", code)
}

// Reason reads a reason by its kind and code.
func (s *Store) Reason(ctx context.Context, kind, code string) (directory.Reason, error) {
	var row directory.Reason
	err := s.read(ctx).Where("kind = ? AND code = ?", kind, code).Take(&row).Error
	return row, translate(err)
}

// Names maps ids to names, for every id that its table knows; one statement,
// however many ids and tables.
func (s *Store) Names(ctx context.Context, ids map[NamedTable][]string) (map[string]string, error) {
	var parts []string
	var args []any
	for _, table := range slices.Sorted(maps.Keys(ids)) {
		condition, list := s.among("id", ids[table])
		parts = append(parts, "SELECT id, name FROM "+string(table)+" WHERE "+condition)
		args = append(args, list)
	}
	names := map[string]string{}
	if len(parts) == 0 {
		return names, nil
	}
	var rows []struct{ ID, Name string }
	if err := s.read(ctx).Raw(strings.Join(parts, " UNION ALL "), args...).Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	for _, row := range rows {
		names[row.ID] = row.Name
	}
	return names, nil
}

// NamedTable is a table whose rows have ids and names.
type NamedTable string

// The tables with names.
const (
	Departments NamedTable = "departments"
	Enterprises NamedTable = "enterprises"
	Projects    NamedTable = "projects"
	Users       NamedTable = "users"
	Chains      NamedTable = "chains"
	Places      NamedTable = "places"
	Alliances   NamedTable = "alliances"
	Campaigns   NamedTable = "campaigns"
	Experts     NamedTable = "experts"
	// Policies are policy resources, the clocks' own have no names.
	Policies NamedTable = "policy_resources"
	Webhooks NamedTable = "webhooks"
)

// NamedTables lists them.
var NamedTables = []NamedTable{Departments, Enterprises, Projects, Users, Chains, Places, Alliances, Campaigns, Experts, Policies, Webhooks}

// CategoryNames maps category codes to names.
func (s *Store) CategoryNames(ctx context.Context) (map[string]string, error) {
	var rows []directory.Category
	if err := s.read(ctx).Select("code, name").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	names := make(map[string]string, len(rows))
	for _, r := range rows {
		names[r.Code] = r.Name
	}
	return names, nil
}

// entryTable is how the entries of one kind are listed.
type entryTable struct {
	order   string // the column by which they are sorted, then by id
	latest  bool   // the last of the order comes first
	found   finder // how they are found by a text
	listed  string // what the short list leaves in beside what is not retired
	chained string // the condition that one has to do with the chain @chain or a segment of it
	joined  string // the condition that the party @party has part in one; @listed finds it in a list
}

var entryTables = map[reflect.Type]entryTable{
	reflect.TypeFor[directory.Place]():      {order: "code", found: inColumns("code", "name")},
	reflect.TypeFor[directory.Chain]():      {order: "code", found: inColumns("code", "name")},
	reflect.TypeFor[directory.Category]():   {order: "position", found: inColumns("code", "name")},
	reflect.TypeFor[directory.Reason]():     {order: "kind", found: inColumns("code", "name")},
	reflect.TypeFor[directory.Department](): {order: "code", found: inColumns("code", "name", "short_name"), listed: "(dispatchable OR summonable)"},
	reflect.TypeFor[directory.Duty]():       {order: "category", found: inColumns("category", "basis")},
	reflect.TypeFor[directory.Enterprise](): {order: "name", found: enterprisesFound, chained: inAnyChain("enterprises")},
	reflect.TypeFor[directory.Project]():    {order: "code", found: inColumns("code", "name")},
	reflect.TypeFor[alliance.Alliance]():    {order: "name", found: inColumns("name", "about"), chained: "chain_id IN " + inChain, joined: inAlliance},
	reflect.TypeFor[alliance.Activity](): {
		order: "day", latest: true, found: inColumns("name", "about", "place"),
		chained: "chain_id IN " + inChain + " OR alliance_id IN (SELECT id FROM alliances WHERE chain_id IN " + inChain + ")",
		joined:  `CAST(enterprises AS TEXT) LIKE @listed ESCAPE '\' OR alliance_id IN (SELECT id FROM alliances WHERE ` + inAlliance + ")",
	},
	reflect.TypeFor[visit.Campaign](): {order: "from_date", found: inColumns("code", "name")},

	reflect.TypeFor[support.PolicyResource](): {order: "code", found: inColumns("code", "name", "document", "gives"), chained: inAnyChain("policy_resources")},
	reflect.TypeFor[support.Need]():           {order: "id", found: inColumns("text"), latest: true, chained: "enterprise_id IN (SELECT id FROM enterprises WHERE " + inAnyChain("enterprises") + ")"},
	reflect.TypeFor[support.Service]():        {order: "id", found: servicesFound, latest: true},
	reflect.TypeFor[directory.Expert]():       {order: "name", found: inColumns("name", "organisation", "post", "CAST(fields AS TEXT)"), chained: inAnyChain("experts")},
}

const (
	// inChain are the chain @chain and what is below it.
	inChain = "(WITH RECURSIVE segments(id) AS (SELECT id FROM chains WHERE id = @chain UNION SELECT chains.id FROM chains JOIN segments ON chains.parent_id = segments.id) SELECT id FROM segments)"
	// inAlliance finds an alliance by its lead, a member or an expert.
	inAlliance = `lead_enterprise_id = @party OR CAST(members AS TEXT) LIKE @listed ESCAPE '\' OR CAST(experts AS TEXT) LIKE @listed ESCAPE '\'`
)

// inAnyChain finds what names one of them in its list of chains.
func inAnyChain(table string) string {
	return `EXISTS (SELECT 1 FROM ` + inChain + ` AS named WHERE CAST(` + table + `.chains AS TEXT) LIKE '%"' || named.id || '"%')`
}

// finder makes the condition that entries are found by a text.
type finder func(db *gorm.DB, text string) (condition string, args []any)

// inColumns finds entries by a text anywhere in one of the columns.
func inColumns(columns ...string) finder {
	return func(_ *gorm.DB, text string) (condition string, args []any) {
		either := make([]string, len(columns))
		for i, column := range columns {
			either[i], args = "lower("+column+`) LIKE lower(?) ESCAPE '\'`, append(args, contains(text))
		}
		return "(" + strings.Join(either, " OR ") + ")", args
	}
}

// EntryFilter narrows a list of entries; zero values narrow nothing. A field
// that the kind does not have must be left out.
type EntryFilter struct {
	All    bool    // the retired ones too, and departments that can neither be dispatched to nor summoned
	Active bool    // with All: without the retired ones
	Within *Within // nil for any
	Text   string  // in code, name or what else the kind is known by

	ID, Code, CreditCode, ExternalNumber, Name string
	ParentID, PlaceID, EnterpriseID            string
	Category, DepartmentID, Kind               string
	ChainID                                    string // has to do with the chain or a segment of it
	AllianceID                                 string
	PartyID                                    string        // has part in it: an enterprise or an account
	From, Until                                worktime.Date // days, both included
	StationKind                                string
	Service                                    string // among the station's services
	AdvisesOn                                  string // category code, among the expert's
	Inside                                     *bool  // the expert is of the district

	// Coverage leaves the enterprises of the roster that managers look after in
	// that way on CoveredOn.
	Coverage  directory.Coverage
	CoveredOn worktime.Date

	// UnreachedAt leaves the enterprises where at that moment nobody can sign
	// in or holds a link that works.
	UnreachedAt *time.Time

	Support SupportFilter // of the three lists
	Project ProjectFilter // of key projects

	After string // the id of the last entry of the page before
	Limit int
}

// Within bounds a list to these entries, and those of these enterprises or
// parties.
type Within struct {
	IDs           []string
	EnterpriseIDs []string
	Parties       []string // or those in which one of these has part
}

// bound bounds a query over entries; by nil nothing is. joined is the condition
// that the party @party has part in one.
func (w *Within) bound(fresh *gorm.DB, joined string) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		if w == nil {
			return q
		}
		if len(w.IDs)+len(w.Parties) == 0 && len(w.EnterpriseIDs) > 0 {
			return q.Scopes(oneOf("enterprise_id", w.EnterpriseIDs))
		}
		within := fresh.Where("id IN ?", w.IDs)
		if len(w.EnterpriseIDs) > 0 {
			within = within.Or("enterprise_id IN ?", w.EnterpriseIDs)
		}
		for _, party := range w.Parties {
			within = within.Or(joined, joining(party))
		}
		return q.Where(within)
	}
}

// Entries lists the entries of one kind, in a stable order.
func Entries[T any, P directory.Entry[T]](ctx context.Context, s *Store, f EntryFilter) ([]T, error) {
	table := entryTables[reflect.TypeFor[T]()]
	q := narrowed[T, P](ctx, s, f)
	beyond, direction := ">", ""
	if table.latest {
		beyond, direction = "<", " DESC"
	}
	if f.After != "" {
		// Entries are never deleted, so the last one of the page before
		// tells where the next begins.
		q = q.Where("("+table.order+", id) "+beyond+" (?)", s.read(ctx).Model(P(new(T))).Select(table.order+", id").Where("id = ?", f.After))
	}
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	var rows []T
	err := q.Order(table.order + direction + ", id" + direction).Find(&rows).Error
	return rows, translate(err)
}

// CountEntries counts the entries of one kind, whatever the page.
func CountEntries[T any, P directory.Entry[T]](ctx context.Context, s *Store, f EntryFilter) (int, error) {
	var n int64
	err := narrowed[T, P](ctx, s, f).Count(&n).Error
	return int(n), translate(err)
}

// narrowed is a query over what a filter leaves of the entries of one kind.
func narrowed[T any, P directory.Entry[T]](ctx context.Context, s *Store, f EntryFilter) *gorm.DB {
	table := entryTables[reflect.TypeFor[T]()]
	q := s.read(ctx).Model(P(new(T)))
	for _, equal := range []struct{ column, value string }{
		{"id", f.ID},
		{"code", f.Code},
		{"credit_code", f.CreditCode},
		{"external_number", f.ExternalNumber},
		{"name", f.Name},
		{"parent_id", f.ParentID},
		{"place_id", f.PlaceID},
		{"enterprise_id", f.EnterpriseID},
		{"category", f.Category},
		{"department_id", f.DepartmentID},
		{"kind", f.Kind},
		{"alliance_id", f.AllianceID},
		{"station_kind", f.StationKind},
	} {
		if equal.value != "" {
			q = q.Where(equal.column+" = ?", equal.value)
		}
	}
	if !f.All || f.Active {
		q = q.Where("retired_at IS NULL")
	}
	if !f.All && table.listed != "" {
		q = q.Where(table.listed)
	}
	q = q.Scopes(f.Within.bound(s.read(ctx), table.joined), f.Project.narrow)
	if f.PartyID != "" {
		q = q.Where("("+table.joined+")", joining(f.PartyID))
	}
	if f.ChainID != "" {
		q = q.Where("("+table.chained+")", map[string]any{"chain": f.ChainID})
	}
	for _, among := range []struct{ list, value string }{{"services", f.Service}, {"categories", f.AdvisesOn}} {
		if among.value != "" {
			q = q.Where("CAST("+among.list+` AS TEXT) LIKE ? ESCAPE '\'`, contains(`"`+among.value+`"`))
		}
	}
	if f.Inside != nil {
		q = q.Where("inside = ?", *f.Inside)
	}
	if !f.From.IsZero() {
		q = q.Where("day >= ?", f.From)
	}
	if !f.Until.IsZero() {
		q = q.Where("day <= ?", f.Until)
	}
	if f.Coverage != "" {
		q = q.Scopes(coveredAs(f.Coverage, f.CoveredOn))
	}
	if f.UnreachedAt != nil {
		q = q.Where(unreached, doors, utc(*f.UnreachedAt))
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		found, args := table.found(q, text)
		q = q.Where(found, args...)
	}
	return q.Scopes(f.Support.narrow(s.read(ctx)))
}

// joining are the parameters of the condition that somebody has part.
func joining(party string) map[string]any {
	return map[string]any{"party": party, "listed": contains(`"` + party + `"`)}
}

// EntryTaken says whether another entry of the kind has these values.
func EntryTaken[T any, P directory.Entry[T]](ctx context.Context, s *Store, exceptID string, values map[string]any) (bool, error) {
	q := s.read(ctx).Model(P(new(T))).Where(values).Where("id <> ?", exceptID)
	for column := range values {
		// An index without the blank ones serves only who asks for none.
		q = q.Where(column + " <> ''")
	}
	var n int64
	err := q.Count(&n).Error
	return n > 0, translate(err)
}

// InsertEntry adds an entry.
func InsertEntry[T any, P directory.Entry[T]](ctx context.Context, s *Store, entry P) error {
	_, stamp := entry.Refs()
	stamp.CreatedAt, stamp.UpdatedAt, stamp.RetiredAt = utc(stamp.CreatedAt), utc(stamp.UpdatedAt), utcPtr(stamp.RetiredAt)
	if err := s.write(ctx).Create(entry).Error; err != nil {
		return translate(err)
	}
	return s.indexEntry(ctx, entry, false)
}

// UpdateEntry writes a changed entry. It returns ErrChanged unless the entry
// was last changed at the moment seen.
func UpdateEntry[T any, P directory.Entry[T]](ctx context.Context, s *Store, seen time.Time, entry P) error {
	id, stamp := entry.Refs()
	stamp.UpdatedAt, stamp.RetiredAt = utc(stamp.UpdatedAt), utcPtr(stamp.RetiredAt)
	done := s.write(ctx).Model(P(new(T))).Where("id = ? AND updated_at = ?", *id, utc(seen)).
		Select("*").Omit("id", "created_at").UpdateColumns(entry)
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrChanged
	}
	if done.Error != nil {
		return translate(done.Error)
	}
	return s.indexEntry(ctx, entry, true)
}
