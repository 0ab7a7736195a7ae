package service

import (
	"context"
	"encoding/json"
	"time"
)

// announcement is what one process tells the others of a commit.
type announcement struct {
	From  string `json:"from"` // the hub whose listeners know already
	Hints []Hint `json:"hints"`
}

// announce tells other processes of the hints once the transaction commits. So
// many that they do not fit into one message are told as a Reset.
func (s *Service) announce(ctx context.Context, hints []Hint) error {
	if len(hints) == 0 {
		return nil
	}
	for _, told := range [][]Hint{hints, {Reset}} {
		message, err := json.Marshal(announcement{s.hub.id, told})
		if err != nil {
			return err
		}
		if sent, err := s.store.Notify(ctx, string(message)); sent || err != nil {
			return err
		}
	}
	return nil
}

// tell tells of what is no part of a transaction, here and in other processes.
// It is worth no more than a line in the log when that fails.
func (s *Service) tell(ctx context.Context, h Hint) {
	s.hub.publish([]Hint{h})
	message, err := json.Marshal(announcement{s.hub.id, []Hint{h}})
	if err == nil {
		err = s.store.NotifyNow(ctx, string(message))
	}
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "other processes were not told", "error", err)
	}
}

// How often another process's writing to the same SQLite file is looked for,
// and how long to wait before the database is tried again.
const (
	watchEvery  = time.Second
	minListenIn = time.Second
	maxListenIn = 30 * time.Second
)

// Listen passes on the hints of other processes on the same database until ctx
// ends. Whenever some may have been missed, listeners are told to fetch anew.
func (s *Service) Listen(ctx context.Context) { s.listen(ctx, watchEvery, minListenIn) }

func (s *Service) listen(ctx context.Context, every, wait time.Duration) {
	first := wait
	for ctx.Err() == nil {
		err := s.store.Listen(ctx, every, s.hub.heard, func() {
			wait = first
			s.hub.publish([]Hint{Reset})
		})
		if ctx.Err() != nil {
			return
		}
		s.log.WarnContext(ctx, "listening for other processes was interrupted", "error", err, "again_in", wait)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
		wait = min(2*wait, maxListenIn)
	}
}

// heard passes on what another process told.
func (h *Hub) heard(message string) {
	var a announcement
	if err := json.Unmarshal([]byte(message), &a); err != nil || a.From == h.id {
		return // a newer version's words, or our own
	}
	h.publish(a.Hints)
}
