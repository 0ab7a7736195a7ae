package service

import (
	"context"

	"whistle/internal/store"
	"whistle/internal/ticket"
)

// LinesOf reads the lines of some events from the histories of tickets that the
// actor is shown, by ticket, oldest first, with the names of the people and
// departments that they are by. The number of statements does not grow with the
// tickets.
func (s *Service) LinesOf(ctx context.Context, actor ticket.Actor, views []*TicketView, events ...ticket.Event) (map[string][]HistoryLine, *Names, error) {
	ids := make([]string, len(views))
	for i, v := range views {
		ids[i] = v.ID
	}
	all, err := s.store.LinesOf(ctx, ids, events...)
	if err != nil {
		return nil, nil, err
	}
	names := newNames()
	visible := make(map[string][]HistoryLine, len(views))
	for _, v := range views {
		for _, line := range all[v.ID] {
			if line.Seq > v.Version {
				continue
			}
			data, ok, err := line.Data(v.Relation)
			if err != nil {
				return nil, nil, err
			}
			if ok {
				visible[v.ID] = append(visible[v.ID], HistoryLine{line, data})
				names.add(store.Users, line.Actor.ID)
				names.add(store.Departments, line.Actor.DepartmentID)
			}
		}
	}
	return visible, names, names.load(ctx, s.store)
}
