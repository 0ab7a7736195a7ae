package service

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// Progress hears how much of a long work is done; it may be nil.
type Progress func(done, total int)

func (p Progress) tell(done, total int) {
	if p != nil {
		p(done, total)
	}
}

// Fault is something that cannot be trusted.
type Fault struct {
	TicketID string `json:"ticket_id,omitempty"`
	Number   string `json:"number,omitempty"`
	Line     int    `json:"line,omitempty"`     // of the ticket's history; 0 for the ticket as a whole
	Snapshot string `json:"snapshot,omitempty"` // kind and last day, with the snapshot's id
	What     string `json:"what"`
}

func (f Fault) String() string {
	switch {
	case f.Snapshot != "":
		return fmt.Sprintf("snapshot %s: %s", f.Snapshot, f.What)
	case f.TicketID == "":
		return f.What
	}
	where := "ticket " + f.TicketID
	if f.Number != "" {
		where = fmt.Sprintf("ticket %s (%s)", f.Number, f.TicketID)
	}
	if f.Line > 0 {
		where += fmt.Sprintf(" line %d", f.Line)
	}
	return where + ": " + f.What
}

// VerifyReport is what was looked at and what was found wrong.
type VerifyReport struct {
	Tickets   int     `json:"tickets"`
	Lines     int     `json:"lines"`
	Heads     int     `json:"heads"` // of histories, as the freezes found them
	Snapshots int     `json:"snapshots"`
	Visits    int     `json:"visits"`
	Redacted  int     `json:"redacted"` // lines of which texts were removed
	Faults    []Fault `json:"faults"`
}

// OK says that nothing was found wrong.
func (r *VerifyReport) OK() bool { return len(r.Faults) == 0 }

func (r *VerifyReport) fault(h *history, line int, what string, args ...any) {
	r.Faults = append(r.Faults, Fault{TicketID: h.TicketID, Number: h.number, Line: line, What: fmt.Sprintf(what, args...)})
}

func (r *VerifyReport) snapshotFault(s *figures.Snapshot, what string, args ...any) {
	r.Faults = append(r.Faults, Fault{
		Snapshot: fmt.Sprintf("%s %s to %s (%s)", s.Kind, s.FromDate, s.ToDate, s.ID), What: fmt.Sprintf(what, args...),
	})
}

// history is one ticket's stored lines while they are looked at.
type history struct {
	store.History
	number string
	lines  []*ticket.Line // as far as they can be read
}

// checkChain looks at every line by itself and at the links between them. It
// returns whether all is well, so that the history can be replayed.
func (r *VerifyReport) checkChain(h *history) bool {
	before := len(r.Faults)
	prev, due := "", 1
	for _, stored := range h.Lines {
		r.Lines++
		if stored.Seq != due {
			r.fault(h, due, "missing; line %d follows", stored.Seq)
			due = stored.Seq
			prev = "" // of the line before nothing is known
		}
		line, err := stored.Open()
		switch {
		case ticket.HashOf(stored.Canonical) != stored.Hash:
			r.fault(h, stored.Seq, "has been changed: its hash is another")
		case err != nil:
			r.fault(h, stored.Seq, "cannot be read: %v", err)
		default:
			r.checkLine(h, stored, line)
			if line.PrevHash != prev && (prev != "" || due == 1) {
				r.fault(h, stored.Seq, "does not continue line %d as it stands", stored.Seq-1)
			}
			h.lines = append(h.lines, line)
		}
		prev, due = stored.Hash, due+1
	}
	return len(r.Faults) == before
}

// checkLine holds what is stored beside the canonical form against it.
func (r *VerifyReport) checkLine(h *history, stored store.StoredLine, line *ticket.Line) {
	columns := []struct {
		name  string
		agree bool
	}{
		{"ticket_id", line.TicketID == stored.TicketID},
		{"seq", line.Seq == stored.Seq},
		{"event", line.Event == stored.Event},
		{"at", line.At.Equal(stored.At)},
		{"recorded_at", line.RecordedAt.Equal(stored.RecordedAt)},
		{"actor_id", line.Actor.ID == stored.ActorID},
	}
	for _, c := range columns {
		if !c.agree {
			r.fault(h, stored.Seq, "its column %s is not what the line says", c.name)
		}
	}
	words := maps.Clone(line.Words)
	redacted := false
	for path, text := range words {
		if text == ticket.Redacted {
			delete(words, path)
			redacted = true
		}
	}
	if redacted {
		r.Redacted++
	}
	if err := line.CheckWords(words); err != nil {
		r.fault(h, stored.Seq, "%v", err)
	}
}

// replay makes the ticket from lines that are sound one by one. A forged story
// may be one that the rules never meet, and must not end the verification.
func replay(lines []*ticket.Line, world ticket.World, each func(t *ticket.Ticket, line *ticket.Line)) (t *ticket.Ticket, err error) {
	defer func() {
		if p := recover(); p != nil {
			t, err = nil, fmt.Errorf("the story makes no sense: %v", p)
		}
	}()
	t = &ticket.Ticket{}
	for _, line := range lines {
		if t, err = ticket.Evolve(t, line, world); err != nil {
			return nil, err
		}
		if each != nil {
			each(t, line)
		}
	}
	return t, nil
}

// checkHistory checks a chain and replays it; nil when it cannot be replayed.
func (r *VerifyReport) checkHistory(h *history, world ticket.World) *ticket.Ticket {
	r.Tickets++
	if !r.checkChain(h) {
		return nil
	}
	if h.lines[0].Event != ticket.EventSubmit {
		r.fault(h, 1, "does not file the ticket")
		return nil
	}
	t, err := replay(h.lines, world, nil)
	if err != nil {
		r.fault(h, 0, "cannot be replayed: %v", err)
		return nil
	}
	return t
}

// checkHeads holds a history against its heads at the freezes: a line that was
// there must still be.
func (r *VerifyReport) checkHeads(h *history, heads []store.Head) {
	for _, head := range heads {
		i, ok := slices.BinarySearchFunc(h.Lines, head.Seq, func(l store.StoredLine, seq int) int { return l.Seq - seq })
		switch {
		case !ok:
			r.fault(h, head.Seq, "missing; it was there at the freeze of %s", head.RecordedAt)
		case h.Lines[i].Hash != head.Hash:
			r.fault(h, head.Seq, "is not the line that was there at the freeze of %s", head.RecordedAt)
		}
	}
}

// headsByTicket groups heads, which are in the order of the freezes.
func headsByTicket(heads []store.Head) map[string][]store.Head {
	by := map[string][]store.Head{}
	for _, h := range heads {
		by[h.TicketID] = append(by[h.TicketID], h)
	}
	return by
}

// checkVanished names the tickets that a freeze knew and of which nothing is left.
func (r *VerifyReport) checkVanished(left map[string][]store.Head) {
	for _, id := range slices.Sorted(maps.Keys(left)) {
		heads := left[id]
		last := heads[len(heads)-1]
		r.fault(&history{History: store.History{TicketID: id}}, last.Seq, "vanished with its whole history; it was there at the freeze of %s", last.RecordedAt)
	}
}

// Verify walks every history, checks each line and link, replays each and
// holds the stored ticket with its clocks against it, and the snapshots
// against what was recorded by their freeze.
func (s *Service) Verify(ctx context.Context, progress Progress) (*VerifyReport, error) {
	report := &VerifyReport{}
	err := s.store.InOneView(ctx, func(ctx context.Context) error {
		heads, err := s.store.Heads(ctx)
		if err != nil {
			return err
		}
		snapshots, err := s.store.Snapshots(ctx, store.SnapshotFilter{})
		if err != nil {
			return err
		}
		tickets, err := s.store.CountTickets(ctx)
		if err != nil {
			return err
		}
		report.Heads = len(heads)
		done, total := 0, int(tickets)+len(snapshots)
		step := func() {
			done++
			progress.tell(min(done, total), total)
		}
		if err := s.checkTickets(ctx, heads, report, step); err != nil {
			return err
		}
		if err := s.checkSnapshots(ctx, heads, snapshots, report, step); err != nil {
			return err
		}
		return s.checkVisits(ctx, report)
	})
	return report, err
}

func (s *Service) checkTickets(ctx context.Context, heads []store.Head, report *VerifyReport, step func()) error {
	left := headsByTicket(heads)
	lastFreeze := slices.MaxFunc(append(heads, store.Head{}), func(a, b store.Head) int { return a.RecordedAt.Compare(b.RecordedAt) }).RecordedAt
	world := s.world(ctx).rules()
	err := s.store.EachHistory(ctx, func(some []store.History) error {
		ids := make([]string, len(some))
		for i, h := range some {
			ids[i] = h.TicketID
		}
		suspects, err := s.store.Suspects(ctx, ids)
		if err != nil {
			return err
		}
		for _, stored := range some {
			suspect, there := suspects[stored.TicketID]
			h := &history{History: stored, number: suspect.Number}
			if !there {
				h.number = numberOf(stored)
				report.fault(h, 0, "the ticket has vanished; its history is there")
			}
			replayed := report.checkHistory(h, world)
			known := left[stored.TicketID]
			delete(left, stored.TicketID)
			report.checkHeads(h, known)
			if missing := unknownHead(stored, known); !lastFreeze.IsZero() && missing.RecordedAt.Before(lastFreeze.Add(-store.HeadsOverlap)) && missing.Seq > 0 {
				report.fault(h, missing.Seq, "the freeze of %s did not write it down as there", lastFreeze)
			}
			if there && replayed != nil {
				columns, err := s.store.CompareTicket(ctx, suspect, replayed)
				if err != nil {
					return err
				}
				for _, column := range columns {
					report.fault(h, 0, "its stored %s is not what its history gives", column)
				}
			}
			step()
		}
		return nil
	})
	if err != nil {
		return err
	}
	without, err := s.store.TicketsWithoutHistory(ctx)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(without)) {
		report.fault(&history{History: store.History{TicketID: id}, number: without[id]}, 0, "has no history")
		delete(left, id)
	}
	report.checkVanished(left)
	return nil
}

// unknownHead is the oldest line after the last known head; zero when there is
// none.
func unknownHead(h store.History, known []store.Head) store.StoredLine {
	last := 0
	for _, head := range known {
		last = max(last, head.Seq)
	}
	for _, line := range h.Lines {
		if line.Seq > last {
			return line
		}
	}
	return store.StoredLine{}
}

// numberOf is what the first line says the ticket's number is.
func numberOf(h store.History) string {
	line, err := h.Lines[0].Open()
	if err != nil {
		return ""
	}
	return line.Facts.Number
}
