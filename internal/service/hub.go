package service

import (
	"context"
	"sync"

	"whistle/internal/ticket"
)

// Hint tells a reader that something changed; the reader fetches what it may.
type Hint struct {
	TicketID string `json:"ticket_id,omitempty"`
	Version  int    `json:"version,omitempty"`

	// NoticesOf is the account whose notices changed, for its own eyes.
	NoticesOf string `json:"notices_of,omitempty"`

	// Of an import, for administrators: how many of its rows were looked at.
	// Rows is 0 when it is not being worked on: it was begun just now, or has
	// ended.
	ImportID string `json:"import_id,omitempty"`
	Done     int    `json:"done,omitempty"`
	Rows     int    `json:"rows,omitempty"`
}

// hint is queued in the transaction and published after its commit.
func hint(ctx context.Context, h Hint) {
	if c := commitOf(ctx); c != nil {
		c.hints = append(c.hints, h)
	}
}

// Hub hands hints to whoever listens in this process.
type Hub struct {
	id string // among the processes on one database

	mu        sync.Mutex
	listeners map[chan Hint]struct{}
	imports   map[string]Hint // the last of each import that is being worked on, in any process
}

// Reset, with no ticket, tells a listener that hints were lost: fetch anew.
var Reset = Hint{}

func newHub() *Hub {
	return &Hub{id: newID(), listeners: map[chan Hint]struct{}{}, imports: map[string]Hint{}}
}

const hubBuffer = 64

// Listen gives a channel of hints until stop is called. A listener that does
// not keep up finds a Reset in place of what it missed.
func (h *Hub) Listen() (hints <-chan Hint, stop func()) {
	ch := make(chan Hint, hubBuffer)
	h.mu.Lock()
	h.listeners[ch] = struct{}{}
	h.mu.Unlock()
	return ch, func() {
		h.mu.Lock()
		delete(h.listeners, ch)
		h.mu.Unlock()
	}
}

func (h *Hub) publish(hints []Hint) {
	if len(hints) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, hint := range hints {
		switch {
		case hint.ImportID != "" && hint.Rows > 0:
			h.imports[hint.ImportID] = hint
		case hint.ImportID != "":
			delete(h.imports, hint.ImportID)
		}
	}
	for ch := range h.listeners {
		for _, hint := range hints {
			select {
			case ch <- hint:
				continue
			default:
			}
			// Full: make room for the one hint that stands for all.
			select {
			case <-ch:
			default:
			}
			select {
			case ch <- Reset:
			default:
			}
			break
		}
	}
}

// progress is how far an import has come that is being worked on.
func (h *Hub) progress(importID string) (done, rows int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	last := h.imports[importID]
	return last.Done, last.Rows
}

// Hints gives the hints of this process until stop is called.
func (s *Service) Hints() (hints <-chan Hint, stop func()) { return s.hub.Listen() }

// Sees says whether what a hint tells of is in the actor's sight now: the
// ticket, and for a former lead no line after its return; the import; of
// notices their own.
func (s *Service) Sees(ctx context.Context, actor ticket.Actor, h Hint) bool {
	switch {
	case h.ImportID != "":
		return administers(actor)
	case h.NoticesOf != "":
		return h.NoticesOf == actor.ID
	}
	t, err := s.store.Ticket(ctx, actor, h.TicketID)
	return err == nil && h.Version <= actor.SeesUpTo(t)
}

// Stopping is closed when streams are to end, so that the server can.
func (s *Service) Stopping() <-chan struct{} { return s.stopping }

// Stop ends the streams.
func (s *Service) Stop() { s.stopOnce.Do(func() { close(s.stopping) }) }
