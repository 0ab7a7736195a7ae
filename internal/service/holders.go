package service

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// LightCount is how many tickets there are, and how many of them are red and
// yellow.
type LightCount = store.LightCount

// Holding is what one of a department's people works on.
type Holding struct {
	User directory.User // the zero User for what nobody works on yet
	// In is false for somebody who is not of the department any more.
	In bool
	LightCount
	Tickets []*WorklistRow // what burns first on top
}

// Holdings is who in a department works on what of the tickets that it leads
// and has not finished.
type Holdings struct {
	Unassigned Holding
	People     []Holding // the head and everybody in service, by name; then those who left
	// More says that the tickets are not all, but the first MaxHeld of them; the
	// counts are of all.
	More bool
}

// MaxHeld is how many tickets Holders reads at the most.
const MaxHeld = 500

// Holders tells the head of a department, or the deputy, who works on what.
func (s *Service) Holders(ctx context.Context, actor ticket.Actor) (*Holdings, error) {
	if !actor.Heads() {
		return nil, ticket.Errorf(ticket.CodeForbidden, "Only the head of a department sees who works on what.")
	}
	counts, err := s.store.CountListed(ctx, actor, store.HeldList, WorklistFilter{}, store.ByAssignee, s.clock.Now())
	if err != nil {
		return nil, err
	}
	rows, err := s.worklistRows(ctx, actor, store.HeldList, WorklistFilter{Limit: MaxHeld + 1})
	if err != nil {
		return nil, err
	}
	people, err := s.store.Users(ctx, actor, store.UserFilter{DepartmentID: actor.DepartmentID})
	if err != nil {
		return nil, err
	}
	h := &Holdings{More: len(rows) > MaxHeld}
	tickets := map[string][]*WorklistRow{}
	for _, row := range rows[:min(len(rows), MaxHeld)] {
		tickets[row.AssigneeID] = append(tickets[row.AssigneeID], row)
	}
	hold := func(u directory.User, in bool) Holding {
		held := counts[u.ID]
		delete(counts, u.ID)
		return Holding{User: u, In: in, LightCount: held, Tickets: tickets[u.ID]}
	}
	h.Unassigned = hold(directory.User{}, true)
	for _, u := range people {
		if u.DepartmentID == actor.DepartmentID {
			h.People = append(h.People, hold(u, true))
		}
	}
	// What somebody had who left, or works elsewhere now, is not given to
	// others yet.
	gone := newNames()
	for id := range counts {
		gone.add(store.Users, id)
	}
	if err := gone.load(ctx, s.store); err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		h.People = append(h.People, hold(directory.User{ID: id, Name: gone.Of(id)}, false))
	}
	slices.SortStableFunc(h.People, func(a, b Holding) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.User.Name, b.User.Name))
	})
	return h, nil
}

// rank is by what the people of a department are sorted.
func (h Holding) rank() int {
	switch {
	case !h.In:
		return 2
	case h.User.Role == ticket.RoleHead:
		return 0
	}
	return 1
}
