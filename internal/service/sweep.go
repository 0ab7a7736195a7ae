package service

import (
	"context"
	"errors"
	"fmt"

	"whistle/internal/ticket"
)

// ResumeDue lets every suspended ticket go on whose review date has come, at
// the start of business of that date or the next working day, however long ago
// that was. It returns how many; one that cannot go on does not hold up the
// others.
func (s *Service) ResumeDue(ctx context.Context) (int, error) {
	ids, err := s.store.TicketsToResume(ctx, s.today().String())
	if err != nil {
		return 0, err
	}
	resumed := 0
	var failed []error
	for _, id := range ids {
		ok, err := s.resume(ctx, id)
		if err != nil {
			failed = append(failed, fmt.Errorf("ticket %s: %w", id, err))
		}
		if ok {
			resumed++
		}
	}
	return resumed, errors.Join(failed...)
}

func (s *Service) resume(ctx context.Context, id string) (bool, error) {
	t, err := s.store.Ticket(ctx, ticket.System, id)
	if err != nil {
		return false, err
	}
	at, err := s.world(ctx).rules().ResumesAt(t)
	if err != nil || s.clock.Now().Before(at) {
		return false, err
	}
	_, err = s.Fire(ctx, ticket.System, id, Command{Event: ticket.EventResume})
	var refused *ticket.Error
	if errors.As(err, &refused) && refused.Code == ticket.CodeConflict {
		return false, nil // somebody else was faster
	}
	return err == nil, err
}
