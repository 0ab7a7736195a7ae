package store

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"whistle/internal/directory"
	"whistle/internal/search"
	"whistle/internal/ticket"
)

// terms are those of a text, divided by blanks, to be put into an index.
type terms string

func termsIn(text string) terms {
	text = strings.ReplaceAll(text, ticket.Redacted, "") // nobody looks for what was removed
	return terms(strings.Join(search.Terms(text), " "))
}

// GormValue writes the terms, with their places, in the form of the dialect.
// PostgreSQL keeps 255 places of a term at the most, so that it finds no
// phrase where one of its terms stands for the 256th time.
func (t terms) GormValue(_ context.Context, db *gorm.DB) clause.Expr {
	if Dialect(db.Name()) == SQLite {
		return clause.Expr{SQL: "?", Vars: []any{string(t)}}
	}
	var b strings.Builder
	for i, term := range strings.Fields(string(t)) {
		b.WriteString("'" + term + "':" + strconv.Itoa(i+1) + " ")
	}
	// By way of text, since the driver would write a tsvector of its own.
	return clause.Expr{SQL: "CAST(CAST(? AS text) AS tsvector)", Vars: []any{b.String()}}
}

// nameTerms are those of an enterprise's name, which the index has already.
type nameTerms string

// GormValue copies them.
func (id nameTerms) GormValue(_ context.Context, db *gorm.DB) clause.Expr {
	none := "''"
	if Dialect(db.Name()) == Postgres {
		none = "CAST('' AS tsvector)"
	}
	return clause.Expr{SQL: "coalesce((SELECT name FROM enterprise_search WHERE enterprise_id = ?), " + none + ")", Vars: []any{string(id)}}
}

// ticketTerms is what a ticket is found by: as it stands, or as it stood when
// a department gave it back.
type ticketTerms struct {
	TicketID     string
	DepartmentID string // "" for the ticket as it stands
	EnterpriseID string
	Heading      terms
	Enterprise   nameTerms
	Description  terms
}

func (ticketTerms) TableName() string { return "ticket_search" }

func termsOf(t *ticket.Ticket) ticketTerms {
	return ticketTerms{
		TicketID: t.ID, EnterpriseID: t.EnterpriseID, Enterprise: nameTerms(t.EnterpriseID),
		Heading:     termsIn(t.Number + " " + t.ExternalNumber + " " + t.Title),
		Description: termsIn(t.Description),
	}
}

// termsGivenBack is what departments find a ticket by that gave it back: the
// title and the enterprise that it had then, whatever was corrected since.
// Nothing else of what is indexed ever changes.
func termsGivenBack(t *ticket.Ticket, lines []*ticket.Line) []ticketTerms {
	var all []ticketTerms
	for _, former := range lastReturns(t) {
		then := *t
		// What stood then is what the first correction afterwards replaced.
		for i := len(lines) - 1; i >= 0 && lines[i].Seq > former.Version; i-- {
			old := lines[i].Facts.Old
			if old != nil && old.Title != "" {
				then.Title = old.Title
			}
			if old != nil && old.EnterpriseID != "" {
				then.EnterpriseID = old.EnterpriseID
			}
		}
		row := termsOf(&then)
		row.DepartmentID = former.DepartmentID
		all = append(all, row)
	}
	return all
}

// lastReturns are the returns up to which the former leads see a ticket: the
// last of each.
func lastReturns(t *ticket.Ticket) []ticket.FormerLead {
	var last []ticket.FormerLead
	for i, f := range t.FormerLeads {
		again := false
		for _, later := range t.FormerLeads[i+1:] {
			again = again || later.DepartmentID == f.DepartmentID
		}
		if !again {
			last = append(last, f)
		}
	}
	return last
}

// indexTicket keeps the index in step with a ticket.
func (s *Store) indexTicket(ctx context.Context, before, after *ticket.Ticket) error {
	var rows []ticketTerms
	if before == nil || before.Title != after.Title || before.EnterpriseID != after.EnterpriseID {
		rows = append(rows, termsOf(after))
	}
	if before != nil && len(after.FormerLeads) > len(before.FormerLeads) {
		givenBack := termsOf(after)
		givenBack.DepartmentID = after.FormerLeads[len(after.FormerLeads)-1].DepartmentID
		rows = append(rows, givenBack)
	}
	return s.index(ctx, rows)
}

// index writes rows of the index, in the place of those that are there.
func (s *Store) index(ctx context.Context, rows []ticketTerms) error {
	replace := clause.OnConflict{
		Columns:   []clause.Column{{Name: "ticket_id"}, {Name: "department_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"enterprise_id", "heading", "enterprise", "description"}),
	}
	return insertAll(ctx, s, rows, replace)
}

type enterpriseTerms struct {
	EnterpriseID string
	Name         terms
	KnownBy      terms
}

func (enterpriseTerms) TableName() string { return "enterprise_search" }

func termsOfEnterprise(e *directory.Enterprise) enterpriseTerms {
	known := []string{e.CreditCode, e.ExternalNumber, e.Contact, e.Phone}
	// Nine of its characters are the organisation's own code, by which offices
	// know it, too.
	const from, to = 8, 17
	if len(e.CreditCode) > to {
		known = append(known, e.CreditCode[from:])
	}
	return enterpriseTerms{
		EnterpriseID: e.ID, Name: termsIn(e.Name), KnownBy: termsIn(strings.Join(known, " ")),
	}
}

// indexEntry keeps the index in step with an entry of the directory, if it is
// one that has an index.
func (s *Store) indexEntry(ctx context.Context, entry any, known bool) error {
	if e, ok := entry.(*directory.Enterprise); ok {
		return s.indexEnterprise(ctx, e, known)
	}
	return nil
}

// indexEnterprise keeps the index in step with an enterprise, and what its
// tickets are found by with its name.
func (s *Store) indexEnterprise(ctx context.Context, e *directory.Enterprise, known bool) error {
	replace := clause.OnConflict{
		Columns: []clause.Column{{Name: "enterprise_id"}}, DoUpdates: clause.AssignmentColumns([]string{"name", "known_by"}),
	}
	if err := insertAll(ctx, s, []enterpriseTerms{termsOfEnterprise(e)}, replace); err != nil || !known {
		return err
	}
	return translate(s.write(ctx).Exec(`UPDATE ticket_search SET enterprise = (SELECT name FROM enterprise_search WHERE enterprise_id = ?)
		WHERE enterprise_id = ? AND enterprise <> (SELECT name FROM enterprise_search WHERE enterprise_id = ?)`, e.ID, e.ID, e.ID).Error)
}

// IndexMissing puts the enterprises and tickets into the index that are not in
// it, some at a time, in transactions of their own. It is for databases that
// were filled before there was an index, and does nothing to the others.
func (s *Store) IndexMissing(ctx context.Context) error {
	const some = 500
	err := eachMissing(ctx, s, some, "enterprise_search.enterprise_id = enterprises.id",
		func(e directory.Enterprise) string { return e.ID },
		func(ctx context.Context, missing []directory.Enterprise) error {
			rows := make([]enterpriseTerms, len(missing))
			for i := range missing {
				rows[i] = termsOfEnterprise(&missing[i])
			}
			return insertAll(ctx, s, rows, clause.OnConflict{DoNothing: true})
		})
	if err != nil {
		return err
	}
	return eachMissing(ctx, s, some, "ticket_search.ticket_id = tickets.id AND ticket_search.department_id = ''",
		func(row ticketRow) string { return row.ID }, s.indexMissingTickets)
}

func (s *Store) indexMissingTickets(ctx context.Context, missing []ticketRow) error {
	var rows []ticketTerms
	var returned []*ticket.Ticket
	var ids []string
	for i := range missing {
		t, err := missing[i].ticket()
		if err != nil {
			return err
		}
		rows = append(rows, termsOf(t))
		if len(t.FormerLeads) > 0 {
			returned, ids = append(returned, t), append(ids, t.ID)
		}
	}
	corrections, err := s.LinesOf(ctx, ids, ticket.EventCorrect)
	if err != nil {
		return err
	}
	for _, t := range returned {
		rows = append(rows, termsGivenBack(t, corrections[t.ID])...)
	}
	return insertAll(ctx, s, rows, clause.OnConflict{DoNothing: true})
}

// eachMissing walks the rows of a table that another does not have, in the
// order of their ids; index puts them in.
func eachMissing[R any](ctx context.Context, s *Store, some int, there string, id func(R) string, index func(ctx context.Context, missing []R) error) error {
	table, _, _ := strings.Cut(there, ".")
	last := ""
	for {
		var rows []R
		err := s.InTx(ctx, func(ctx context.Context) error {
			rows = nil
			err := s.read(ctx).Where("NOT EXISTS (SELECT 1 FROM "+table+" WHERE "+there+") AND id > ?", last).Order("id").Limit(some).Find(&rows).Error
			if err != nil || len(rows) == 0 {
				return translate(err)
			}
			return index(ctx, rows)
		})
		if err != nil || len(rows) < some {
			return err
		}
		last = id(rows[len(rows)-1])
	}
}

// matching is the condition that a row of an index is found by a query, and
// its one parameter.
func matching(dialect Dialect, table string, q search.Query, headings bool) (condition, parameter string) {
	if dialect == SQLite {
		words := table + "_words"
		return "place IN (SELECT rowid FROM " + words + " WHERE " + words + " MATCH ?)", matchExpression(q, headings)
	}
	return "words @@ CAST(? AS tsquery)", tsquery(q, headings)
}

// matchExpression is a query in the language of FTS5.
func matchExpression(q search.Query, headings bool) string {
	phrases := make([]string, len(q.Phrases))
	for i, p := range q.Phrases {
		phrases[i] = `"` + strings.Join(p.Terms, " ") + `"`
		if p.Begin {
			phrases[i] += " *"
		}
		if headings {
			phrases[i] = "heading : " + phrases[i]
		}
	}
	return strings.Join(phrases, " AND ")
}

// tsquery is a query in the language of PostgreSQL, where headings carry the
// weight A.
func tsquery(q search.Query, headings bool) string {
	phrases := make([]string, len(q.Phrases))
	for i, p := range q.Phrases {
		words := make([]string, len(p.Terms))
		for j, term := range p.Terms {
			marks := ""
			if p.Begin && j == len(p.Terms)-1 {
				marks += "*"
			}
			if headings {
				marks += "A"
			}
			words[j] = "'" + term + "'"
			if marks != "" {
				words[j] += ":" + marks
			}
		}
		phrases[i] = "(" + strings.Join(words, " <-> ") + ")"
	}
	return strings.Join(phrases, " & ")
}

// foundAs is the condition that the filter's text finds a ticket as it stands,
// or as it stood when one of the departments gave it back. "" among the
// departments is for the ticket as it stands.
func (f TicketFilter) foundAs(db *gorm.DB, departments ...string) (condition string, args []any) {
	q := search.Parse(f.Text)
	if q.Empty() {
		return "1 = 0", nil
	}
	matches, parameter := matching(Dialect(db.Name()), ticketTerms{}.TableName(), q, f.InHeading)
	return "tickets.id IN (SELECT ticket_id FROM ticket_search WHERE " + matches + " AND department_id IN ?)", []any{parameter, departments}
}

// enterprisesFound is the condition that a text finds an enterprise.
func enterprisesFound(db *gorm.DB, text string) (condition string, args []any) {
	q := search.Parse(text)
	if q.Empty() {
		return "1 = 0", nil
	}
	matches, parameter := matching(Dialect(db.Name()), enterpriseTerms{}.TableName(), q, false)
	return "enterprises.id IN (SELECT enterprise_id FROM enterprise_search WHERE " + matches + ")", []any{parameter}
}

// ways are the ways in which the tickets that the filter leaves come into the
// actor's sight, where each can be gone by itself; none where not.
func (f TicketFilter) ways(actor ticket.Actor) []condition {
	if actor.SeesAll() || strings.TrimSpace(f.Text) != "" {
		return nil
	}
	now, givenBack := sight(actor, allAtOnce)
	if f.looksAtPresent() {
		return now.ways
	}
	return append(now.ways, givenBack.ways...)
}

// inSight narrows a query over tickets to those in the actor's sight that the
// filter leaves. What the actor's department gave back is looked for as it
// stood then, or a text that was corrected since could be guessed.
func (f TicketFilter) inSight(actor ticket.Actor) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		now, givenBack := sight(actor, allAtOnce)
		if strings.TrimSpace(f.Text) == "" || f.looksAtPresent() || givenBack.sql == "" {
			return q.Scopes(visible(actor, allAtOnce, !f.looksAtPresent()), toldWhose(actor, f.AssigneeID), f.narrow)
		}
		found, args := f.foundAs(q, "", actor.DepartmentID)
		q = q.Where(found, args...) // from which the database begins
		asItStands, nowArgs := f.foundAs(q, "")
		asItStood, thenArgs := f.foundAs(q, actor.DepartmentID)
		q = q.Where("(("+now.sql+") AND "+asItStands+" OR NOT ("+now.sql+") AND "+givenBack.sql+" AND "+asItStood+")",
			slices.Concat(now.args, nowArgs, now.args, givenBack.args, thenArgs)...)
		f.Text = ""
		return q.Scopes(f.narrow)
	}
}
