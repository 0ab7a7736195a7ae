package service

import (
	"context"
	"slices"
	"time"
)

// Deadlines are those of everything that is owed to the ticket, the earliest
// first. What is not due at any time is left out.
func (s *Service) Deadlines(ctx context.Context, v *TicketView) ([]Deadline, error) {
	calendar, err := s.world(ctx).Calendar(v.CalendarVersion)
	if err != nil {
		return nil, err
	}
	var all []Deadline
	for _, o := range v.Obligations() {
		if left, due := o.TimeLeft(calendar, v.Now); due {
			all = append(all, Deadline{o, o.Light(v.Now), left})
		}
	}
	slices.SortStableFunc(all, func(a, b Deadline) int { return a.DueAt.Compare(*b.DueAt) })
	return all, nil
}

// ExtensionLimits are the present deadline of a ticket, after which a later one
// must be, and the latest that may be asked for. Both are zero before the first
// dispatch.
func (s *Service) ExtensionLimits(ctx context.Context, v *TicketView) (after, latest time.Time, err error) {
	return s.world(ctx).rules().ExtensionLimits(v.Ticket)
}
