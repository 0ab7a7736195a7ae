package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"whistle/internal/store"
	"whistle/internal/ticket"
)

// What worklists are asked by, and what they answer with.
type (
	WorklistName     = store.WorklistName
	WorklistCount    = store.WorklistCount
	WorklistFilter   = store.WorklistFilter
	WorklistPosition = store.WorklistPosition
)

// WorklistRow is a ticket in a worklist.
type WorklistRow struct {
	*TicketView
	// Burns is what of the list's deadlines is due first; nil when none runs.
	Burns *Deadline
	// Light is the worst light of the list's deadlines; "" when none runs.
	Light ticket.Light
	// Position is where the next page begins when this row is a page's last.
	Position WorklistPosition
}

// Deadline is something that is due, with the time that is left for it.
type Deadline struct {
	ticket.Obligation
	Light ticket.Light
	// WorkingTimeLeft is negative once it is out; plain time for a clock that
	// runs day and night.
	WorkingTimeLeft time.Duration
}

// Worklists counts every worklist of the actor, in the order in which they are
// shown; one statement.
func (s *Service) Worklists(ctx context.Context, actor ticket.Actor) ([]WorklistCount, error) {
	return s.store.CountWorklists(ctx, actor, store.WorklistsOf(actor), s.clock.Now())
}

// Worklist reads a page of one of the actor's worklists, what burns first on
// top. It is not found when the actor has no such list.
func (s *Service) Worklist(ctx context.Context, actor ticket.Actor, name WorklistName, f WorklistFilter) ([]*WorklistRow, error) {
	list, ok := store.WorklistOf(actor, name)
	if !ok {
		return nil, ticket.NotFound("worklist")
	}
	return s.worklistRows(ctx, actor, list, f)
}

func (s *Service) worklistRows(ctx context.Context, actor ticket.Actor, list store.Worklist, f WorklistFilter) ([]*WorklistRow, error) {
	tickets, err := s.store.WorklistTickets(ctx, actor, list, f, s.clock.Now())
	if err != nil {
		return nil, err
	}
	return s.rowsOf(ctx, actor, list, tickets)
}

// rowsOf are the rows of tickets that were read of a list.
func (s *Service) rowsOf(ctx context.Context, actor ticket.Actor, list store.Worklist, tickets []*ticket.Ticket) ([]*WorklistRow, error) {
	views, err := s.view(ctx, actor, tickets)
	if err != nil {
		return nil, err
	}
	rows := make([]*WorklistRow, len(views))
	for i, v := range views {
		rows[i] = &WorklistRow{TicketView: v, Position: list.Position(actor, v.Ticket)}
		if rows[i].Burns, rows[i].Light, err = s.burning(ctx, v, list.Owed(actor, v.Ticket)); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// Assignees are those who work on tickets that a department leads or led to
// their end, of those in the actor's sight, by name.
func (s *Service) Assignees(ctx context.Context, actor ticket.Actor, departmentID string) ([]NamedID, error) {
	counts, err := s.store.CountListed(ctx, actor, store.SeenList, WorklistFilter{DepartmentID: departmentID}, store.ByAssignee, s.clock.Now())
	if err != nil {
		return nil, err
	}
	names := newNames()
	for id := range counts {
		names.add(store.Users, id)
	}
	if err := names.load(ctx, s.store); err != nil {
		return nil, err
	}
	var all []NamedID
	for id := range counts {
		if id != "" {
			all = append(all, NamedID{id, names.Of(id)})
		}
	}
	slices.SortFunc(all, func(a, b NamedID) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// burning is what of the obligations of a ticket is due first, and their worst
// light.
func (s *Service) burning(ctx context.Context, v *TicketView, owed []ticket.Obligation) (*Deadline, ticket.Light, error) {
	first, light := ticket.Burning(owed, v.Now)
	if first == nil {
		return nil, light, nil
	}
	calendar, err := s.world(ctx).Calendar(v.CalendarVersion)
	if err != nil {
		return nil, light, err
	}
	left, _ := first.TimeLeft(calendar, v.Now)
	return &Deadline{*first, first.Light(v.Now), left}, light, nil
}

// deriveAnew brings what stands beside the tickets for lists up to the present
// rules, a few at a time, so that nobody waits for it long.
func (s *Service) deriveAnew(ctx context.Context) error {
	const atOnce = 500
	for {
		some := 0
		err := s.store.InTx(ctx, func(ctx context.Context) (err error) {
			some, err = s.store.DeriveAnew(ctx, atOnce)
			return err
		})
		if err != nil || some == 0 {
			return err
		}
	}
}
