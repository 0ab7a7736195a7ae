package service

import (
	"context"
	"maps"
	"slices"
	"strings"

	"whistle/internal/figures"
	"whistle/internal/phrase"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// NamedFilter narrows tickets as people say it; zero values narrow nothing.
// Departments, enterprises and categories are named by code, number or name.
type NamedFilter struct {
	From, To   worktime.Date // filed from one day to the other, both included
	States     []ticket.State
	Department string // leads it
	Enterprise string
	Category   string
	Source     ticket.Source
	Text       string
}

// FilterNamed finds what a filter names.
func (s *Service) FilterNamed(ctx context.Context, f NamedFilter) (TicketFilter, error) {
	narrow := TicketFilter{States: f.States, Source: string(f.Source), Text: f.Text}
	narrow.FiledFrom, narrow.FiledBefore = s.Between(f.From, f.To)
	var faults []ticket.Field
	for _, named := range []struct {
		pointer, text string
		into          *string
		index         func() (*index, error)
	}{
		{"/department", f.Department, &narrow.DepartmentID, func() (*index, error) { x, _, err := departmentIndex(ctx, s); return x, err }},
		{"/enterprise", f.Enterprise, &narrow.EnterpriseID, func() (*index, error) { x, _, err := enterpriseIndex(ctx, s); return x, err }},
		{"/category", f.Category, &narrow.Category, func() (*index, error) { return categoryIndex(ctx, s) }},
	} {
		if named.text == "" {
			continue
		}
		x, err := named.index()
		if err != nil {
			return narrow, err
		}
		// What is retired has tickets all the same.
		x.retired = nil
		var wrong phrase.Phrase
		if *named.into, wrong = x.find(named.text); !wrong.Empty() {
			faults = append(faults, ticket.FieldOf(named.pointer, wrong))
		}
	}
	return narrow, ticket.InvalidValues(faults)
}

// exportedTicket is a ticket as the actor may see it, with what its row needs
// besides.
type exportedTicket struct {
	*TicketView
	result string // the last that was submitted, as far as the actor reads it
	master string // number of what it was merged into, if the actor may know
}

// ticketExport is how tickets are exported, under the API's names of fields
// where it has them.
var ticketExport = []column[exportedTicket]{
	col("id", func(_ *writing, t exportedTicket) any { return t.ID }).only(inJSON),
	col("number", func(_ *writing, t exportedTicket) any { return t.Number }),
	col("external_number", func(_ *writing, t exportedTicket) any { return blankAsNull(t.ExternalNumber) }),
	col("title", func(_ *writing, t exportedTicket) any { return t.Title }),
	col("description", func(_ *writing, t exportedTicket) any { return t.Description }),
	col("category", func(w *writing, t exportedTicket) any { return w.category(t.Category) }),
	col("urgency", func(w *writing, t exportedTicket) any { return w.word("urgency", string(t.Urgency)) }),
	col("source", func(w *writing, t exportedTicket) any { return w.word("source", string(t.Source)) }),
	col("confidential", func(w *writing, t exportedTicket) any { return w.yesNo(t.Confidential) }),
	col("enterprise", func(w *writing, t exportedTicket) any { return w.named(t.Names, t.EnterpriseID) }),
	col("project", func(w *writing, t exportedTicket) any { return w.named(t.Names, t.ProjectID) }),
	col("place", func(w *writing, t exportedTicket) any { return w.named(t.Names, t.PlaceID) }),
	col("chains", func(w *writing, t exportedTicket) any { return w.allNamed(t.Names, t.Chains) }),
	col("stage", func(w *writing, t exportedTicket) any { return w.word("stage", string(t.State.Stage())) }),
	col("state", func(w *writing, t exportedTicket) any { return w.word("state", string(t.State)) }),
	col("light", func(w *writing, t exportedTicket) any { return w.word("light", string(t.Light(t.Now))) }),
	col("lead", func(w *writing, t exportedTicket) any { return w.named(t.Names, t.LeadID) }),
	col("departments", func(w *writing, t exportedTicket) any { return w.allNamed(t.Names, t.Joined()) }),
	col("assignee", func(w *writing, t exportedTicket) any {
		if !t.Inside() {
			return nil
		}
		return w.named(t.Names, t.AssigneeID)
	}),
	col("created_at", func(w *writing, t exportedTicket) any { return w.at(&t.FiledAt) }),
	col("accepted_at", func(w *writing, t exportedTicket) any { return w.at(t.AcceptedAt) }),
	col("first_dispatch_at", func(w *writing, t exportedTicket) any { return w.at(t.FirstDispatchAt) }),
	col("claimed_at", func(w *writing, t exportedTicket) any { return w.at(t.ClaimedAt) }),
	col("resolve_due_at", func(w *writing, t exportedTicket) any {
		if c := t.Clock(ticket.ClockResolve); c != nil {
			return w.at(&c.DueAt)
		}
		return nil
	}),
	col("resolved_at", func(w *writing, t exportedTicket) any { return w.at(t.VerifyingSince) }),
	col("result", func(_ *writing, t exportedTicket) any { return blankAsNull(t.result) }),
	col("claimed_outcome", func(w *writing, t exportedTicket) any { return w.word("outcome", string(t.ClaimedOutcome)) }),
	col("closed_at", func(w *writing, t exportedTicket) any { return w.at(t.ClosedAt) }),
	col("outcome", func(w *writing, t exportedTicket) any { return w.word("outcome", string(t.Outcome)) }),
	col("verified_by", func(w *writing, t exportedTicket) any { return w.word("verified", string(t.VerifiedBy)) }),
	col("satisfaction", func(_ *writing, t exportedTicket) any {
		if t.Satisfaction == 0 {
			return nil
		}
		return t.Satisfaction
	}),
	col("returns", func(_ *writing, t exportedTicket) any { return t.Returns }),
	col("disputes", func(_ *writing, t exportedTicket) any { return t.Disputes }),
	col("on_ledger", func(w *writing, t exportedTicket) any { return w.yesNo(t.OnLedger) }),
	col("merged_into", func(_ *writing, t exportedTicket) any { return blankAsNull(t.master) }).only(inSheets),
	col("merged_into", func(_ *writing, t exportedTicket) any {
		if !t.MasterVisible {
			return nil
		}
		return blankAsNull(t.MergedInto)
	}).only(inJSON),
	col("version", func(_ *writing, t exportedTicket) any { return t.Version }).only(inJSON),
	col("updated_at", func(w *writing, t exportedTicket) any { return w.at(&t.UpdatedAt) }),
}

// exported finds what the rows of tickets need besides, for all at once.
func (s *Service) exported(ctx context.Context, views []*TicketView) ([]exportedTicket, error) {
	ids := make([]string, len(views))
	var masters []string
	for i, v := range views {
		ids[i] = v.ID
		if v.MasterVisible {
			masters = append(masters, v.MergedInto)
		}
	}
	results, err := s.store.LinesOf(ctx, ids, ticket.EventResolve)
	if err != nil {
		return nil, err
	}
	numbers, err := s.store.Numbers(ctx, masters)
	if err != nil {
		return nil, err
	}
	rows := make([]exportedTicket, len(views))
	for i, v := range views {
		rows[i] = exportedTicket{TicketView: v}
		if v.MasterVisible {
			rows[i].master = numbers[v.MergedInto]
		}
		for _, line := range results[v.ID] {
			if line.Seq > v.Version {
				break // after what the actor sees
			}
			data, readable, err := line.Data(v.Relation)
			if err != nil {
				return nil, err
			}
			if readable {
				rows[i].result, _ = data["result"].(string)
			}
		}
	}
	return rows, nil
}

// ExportTickets writes the tickets that the filter leaves of those that the
// actor sees, each as the actor may see it, newest first, and returns how many.
func (s *Service) ExportTickets(ctx context.Context, actor ticket.Actor, f TicketFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedTickets, ticketExport, to, func(ctx context.Context, write func(exportedTicket) error) error {
		return s.eachTicket(ctx, actor, f, func(page []*TicketView) error {
			rows, err := s.exported(ctx, page)
			for i := 0; i < len(rows) && err == nil; i++ {
				err = write(rows[i])
			}
			return err
		})
	})
}

// eachTicket walks the tickets of a list, newest first.
func (s *Service) eachTicket(ctx context.Context, actor ticket.Actor, f TicketFilter, take func(page []*TicketView) error) error {
	return eachPage(func(after **TicketView, limit int) ([]*TicketView, error) {
		if f.After, f.Limit = nil, limit; after != nil {
			f.After = &Position{FiledAt: (*after).FiledAt, ID: (*after).ID}
		}
		return s.Tickets(ctx, actor, f)
	}, take)
}

// exportedWork is a ticket in a worklist.
type exportedWork struct {
	exportedTicket
	row *WorklistRow
}

var worklistColumns = append([]column[exportedWork]{
	col("owed", func(w *writing, r exportedWork) any {
		if r.row.Burns == nil {
			return nil
		}
		return w.word("event", string(r.row.Burns.Event))
	}),
	col("due_at", func(w *writing, r exportedWork) any {
		if r.row.Burns == nil {
			return nil
		}
		return w.at(r.row.Burns.DueAt)
	}),
	col("list_light", func(w *writing, r exportedWork) any { return w.word("light", string(r.row.Light)) }),
}, columnsOf(ExportedTickets, ticketExport, func(r exportedWork) (exportedTicket, bool) { return r.exportedTicket, true })...)

// ExportWorklist writes what the filter leaves of one of the actor's
// worklists, in its order, and returns how many. It is not found when the actor
// has no such list.
func (s *Service) ExportWorklist(ctx context.Context, actor ticket.Actor, name WorklistName, f WorklistFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedWorklist, worklistColumns, to, func(ctx context.Context, write func(exportedWork) error) error {
		return eachPage(func(after **WorklistRow, limit int) ([]*WorklistRow, error) {
			if f.After, f.Limit = nil, limit; after != nil {
				f.After = &(*after).Position
			}
			return s.Worklist(ctx, actor, name, f)
		}, func(page []*WorklistRow) error { return s.exportWork(ctx, page, write) })
	})
}

// exportWork writes a page of a worklist.
func (s *Service) exportWork(ctx context.Context, page []*WorklistRow, write func(exportedWork) error) error {
	views := make([]*TicketView, len(page))
	for i, row := range page {
		views[i] = row.TicketView
	}
	rows, err := s.exported(ctx, views)
	for i := 0; i < len(rows) && err == nil; i++ {
		err = write(exportedWork{rows[i], page[i]})
	}
	return err
}

// exportedLine is a history line with what its row needs besides.
type exportedLine struct {
	*ticket.Line
	number string
	names  *Names
}

var lineColumns = []column[exportedLine]{
	col("number", func(_ *writing, l exportedLine) any { return l.number }),
	col("seq", func(_ *writing, l exportedLine) any { return l.Seq }),
	col("event", func(w *writing, l exportedLine) any { return w.word("event", string(l.Event)) }),
	col("at", func(w *writing, l exportedLine) any { return w.at(&l.At) }),
	col("recorded_at", func(w *writing, l exportedLine) any { return w.at(&l.RecordedAt) }),
	col("inferred", func(w *writing, l exportedLine) any { return w.yesNo(l.Inferred) }),
	col("actor", func(w *writing, l exportedLine) any { return w.named(l.names, l.Actor.ID) }),
	col("role", func(w *writing, l exportedLine) any { return w.word("role", string(l.Actor.Role)) }),
	col("department", func(w *writing, l exportedLine) any { return w.named(l.names, l.Actor.DepartmentID) }),
	col("from", func(w *writing, l exportedLine) any { return w.word("state", string(l.From)) }),
	col("to", func(w *writing, l exportedLine) any { return w.word("state", string(l.To)) }),
	col("words", func(_ *writing, l exportedLine) any {
		var texts []string
		for _, place := range slices.Sorted(maps.Keys(l.Words)) {
			texts = append(texts, l.Words[place])
		}
		return strings.Join(texts, "\n")
	}),
}

// ExportHistoryTable writes the histories of tickets as a flat table, a row a
// line, and returns how many. It is for reading: what Verify needs is in
// ExportHistory. Only those who see every ticket may.
func (s *Service) ExportHistoryTable(ctx context.Context, actor ticket.Actor, f TicketFilter, to ExportTo) (int, error) {
	if !actor.SeesAll() {
		return 0, errNotYours
	}
	return exportAll(ctx, s, ExportedHistory, lineColumns, to, func(ctx context.Context, write func(exportedLine) error) error {
		return s.eachTicket(ctx, actor, f, func(page []*TicketView) error {
			ids := make([]string, len(page))
			for i, t := range page {
				ids[i] = t.ID
			}
			lines, err := s.store.LinesOf(ctx, ids)
			if err != nil {
				return err
			}
			names := newNames()
			for _, of := range lines {
				for _, l := range of {
					names.add(store.Users, l.Actor.ID)
					names.add(store.Departments, l.Actor.DepartmentID)
				}
			}
			if err := names.load(ctx, s.store); err != nil {
				return err
			}
			for _, t := range page {
				for _, l := range lines[t.ID] {
					if err := write(exportedLine{l, t.Number, names}); err != nil {
						return err
					}
				}
			}
			return nil
		})
	})
}

// exportedJoint is a joint handling that is under way.
type exportedJoint struct {
	exportedWork
	board *BoardRow
}

var boardColumns = append([]column[exportedJoint]{
	col("since", func(w *writing, r exportedJoint) any { return w.at(&r.board.Since) }),
	col("reported_in", func(w *writing, r exportedJoint) any { return w.allNamed(r.Names, r.departments(true)) }),
	col("outstanding", func(w *writing, r exportedJoint) any { return w.allNamed(r.Names, r.departments(false)) }),
}, columnsOf(ExportedWorklist, worklistColumns, func(r exportedJoint) (exportedWork, bool) { return r.exportedWork, true })...)

// departments are those summoned that have reported in, or have not.
func (r exportedJoint) departments(reported bool) []string {
	ids := []string{}
	for _, s := range r.board.Summoned {
		if (s.ReportedAt != nil) == reported {
			ids = append(ids, s.DepartmentID)
		}
	}
	return ids
}

// ExportBoard writes what the filter leaves of the joint handlings that the
// actor sees, what burns first on top, and returns how many.
func (s *Service) ExportBoard(ctx context.Context, actor ticket.Actor, f WorklistFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedBoard, boardColumns, to, func(ctx context.Context, write func(exportedJoint) error) error {
		return eachPage(func(after **BoardRow, limit int) ([]*BoardRow, error) {
			if f.After, f.Limit = nil, limit; after != nil {
				f.After = &(*after).Position
			}
			return s.Board(ctx, actor, f)
		}, func(page []*BoardRow) error {
			rows := make([]*WorklistRow, len(page))
			for i, row := range page {
				rows[i] = row.WorklistRow
			}
			next := 0
			return s.exportWork(ctx, rows, func(row exportedWork) error {
				next++
				return write(exportedJoint{row, page[next-1]})
			})
		})
	})
}

// exportedMember is a ticket, a dispatch or a summons that a figure counted.
type exportedMember struct {
	exportedTicket // of no view when the ticket is not in sight
	figures.Member
}

var memberColumns = append([]column[exportedMember]{
	col("item", func(_ *writing, m exportedMember) any { return m.Item }),
	col("at", func(w *writing, m exportedMember) any { return w.at(&m.At) }),
	col("counted", func(w *writing, m exportedMember) any { return w.yesNo(m.Counted) }),
	col("ticket_id", func(_ *writing, m exportedMember) any { return m.TicketID }),
}, columnsOf(ExportedTickets, ticketExport, func(m exportedMember) (exportedTicket, bool) { return m.exportedTicket, m.TicketView != nil })...)

// exportMembers writes what a figure counted, page by page.
func (s *Service) exportMembers(ctx context.Context, to ExportTo, read func(ctx context.Context, after *FigureMember, limit int) ([]FigureMember, error)) (int, error) {
	return exportAll(ctx, s, ExportedMembers, memberColumns, to, func(ctx context.Context, write func(exportedMember) error) error {
		return eachPage(func(after *FigureMember, limit int) ([]FigureMember, error) {
			return read(ctx, after, limit)
		}, func(page []FigureMember) error {
			var views []*TicketView
			for _, m := range page {
				if m.Ticket != nil {
					views = append(views, m.Ticket)
				}
			}
			rows, err := s.exported(ctx, views)
			if err != nil {
				return err
			}
			for _, m := range page {
				member := exportedMember{Member: m.Member}
				if m.Ticket != nil {
					member.exportedTicket, rows = rows[0], rows[1:]
				}
				if err := write(member); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// ExportFigureMembers writes the facts behind a number of the figures, the
// newest first, each with its ticket as the actor sees it now, and returns how
// many rows there are.
func (s *Service) ExportFigureMembers(ctx context.Context, actor ticket.Actor, q FiguresQuery, m FigureMembersQuery, to ExportTo) (int, error) {
	if q.AsOf.IsZero() {
		q.AsOf = s.clock.Now() // the same for every page
	}
	return s.exportMembers(ctx, to, func(ctx context.Context, after *FigureMember, limit int) ([]FigureMember, error) {
		if m.After, m.Limit = nil, limit; after != nil {
			position := after.Position()
			m.After = &position
		}
		found, err := s.FigureMembers(ctx, actor, q, m)
		if err != nil {
			return nil, err
		}
		return found.Members, nil
	})
}

// ExportSnapshotMembers writes the tickets that a rate of a snapshot counted,
// each as it is now, and returns how many rows there are: one for each dispatch
// or summons where the rate counts those. It is for those who read them.
func (s *Service) ExportSnapshotMembers(ctx context.Context, actor ticket.Actor, id string, q MembersQuery, to ExportTo) (int, error) {
	return s.exportMembers(ctx, to, func(ctx context.Context, after *FigureMember, limit int) ([]FigureMember, error) {
		if q.After, q.Limit = nil, limit; after != nil {
			q.After = &MemberPosition{TicketID: after.TicketID, Item: after.Item}
		}
		counted, err := s.SnapshotMembers(ctx, actor, id, q)
		if err != nil {
			return nil, err
		}
		members := make([]FigureMember, len(counted))
		for i, m := range counted {
			members[i] = FigureMember{figures.Member{TicketID: m.TicketID, Item: m.Item, Counted: m.InNumerator}, m.Ticket}
		}
		return members, nil
	})
}
