package store

import (
	"context"

	"whistle/internal/ticket"
)

// LinesOf reads the history lines of some tickets by ticket, oldest first;
// only those of the events given, if any are. The tickets must have been read
// in the actor's scope.
func (s *Store) LinesOf(ctx context.Context, ticketIDs []string, events ...ticket.Event) (map[string][]*ticket.Line, error) {
	q := s.lines(ctx).Where("h.ticket_id IN ?", ticketIDs)
	if len(events) > 0 {
		q = q.Where("h.event IN ?", events)
	}
	var stored []StoredLine
	if err := q.Scan(&stored).Error; err != nil {
		return nil, translate(err)
	}
	lines := make(map[string][]*ticket.Line, len(ticketIDs))
	for _, row := range stored {
		line, err := row.open()
		if err != nil {
			return nil, err
		}
		lines[row.TicketID] = append(lines[row.TicketID], line)
	}
	return lines, nil
}

// Numbers maps the ids of tickets to their numbers.
func (s *Store) Numbers(ctx context.Context, ids []string) (map[string]string, error) {
	numbers := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return numbers, nil
	}
	var rows []struct{ ID, Number string }
	err := s.read(ctx).Model(&ticketRow{}).Select("id, number").Where("id IN ?", ids).Scan(&rows).Error
	for _, row := range rows {
		numbers[row.ID] = row.Number
	}
	return numbers, translate(err)
}
