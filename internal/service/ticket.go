package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"whistle/internal/store"
	"whistle/internal/ticket"
)

// Command is an event with what the caller said.
type Command struct {
	Event  ticket.Event
	Input  ticket.Input
	Expect int // the version the caller has seen; 0 for any
}

// Backdated is how an import or the demo tells of what happened before.
type Backdated struct {
	At             time.Time // when it happened
	Inferred       bool
	ExternalNumber string // with submit
	Imported       bool   // with submit: its story is only carried over, see ticket.Core
	PolicyVersion  int    // with submit; 0 for the one in effect

	tell bool // who is to hear of it is told: it happens now
}

const tries = 3

// File submits a ticket.
func (s *Service) File(ctx context.Context, actor ticket.Actor, in ticket.SubmitInput) (*ticket.Ticket, error) {
	if in.Source == ticket.SourceImport {
		return nil, ticket.InvalidValues([]ticket.Field{{Pointer: "/source", Message: "import is for imports alone"}})
	}
	return s.FileBackdated(ctx, actor, in, Backdated{At: s.clock.Now(), tell: true})
}

// FileBackdated submits a ticket that was filed before. Nobody is told.
func (s *Service) FileBackdated(ctx context.Context, actor ticket.Actor, in ticket.SubmitInput, b Backdated) (*ticket.Ticket, error) {
	var filed *ticket.Ticket
	err := s.InTx(ctx, func(ctx context.Context) error {
		serial, err := s.store.NextSerial(ctx)
		if err != nil {
			return err
		}
		cmd, err := s.submission(ctx, actor, in, b, serial)
		if err != nil {
			return err
		}
		after, line, err := s.apply(ctx, nil, cmd)
		if err != nil {
			return err
		}
		filed = after
		if err := s.store.InsertTicket(ctx, serial, after, line); err != nil {
			return err
		}
		return s.followLine(ctx, line, in, b.tell)
	})
	return filed, err
}

// submission is the command that files a ticket under a serial number.
func (s *Service) submission(ctx context.Context, actor ticket.Actor, in ticket.SubmitInput, b Backdated, serial int64) (ticket.Command, error) {
	cmd, err := s.command(ctx, actor, Command{Event: ticket.EventSubmit, Input: in}, b)
	if err != nil {
		return ticket.Command{}, err
	}
	cmd.New = ticket.NewTicket{
		ID: s.newID(), Number: fmt.Sprintf("%d-%06d", b.At.In(s.zone).Year(), serial),
		ExternalNumber: b.ExternalNumber, Imported: b.Imported, PolicyVersion: b.PolicyVersion,
	}
	if b.PolicyVersion == 0 {
		policy, err := s.store.PolicyInEffect(ctx, b.At)
		if err != nil {
			return ticket.Command{}, fmt.Errorf("policy in effect: %w", err)
		}
		cmd.New.PolicyVersion = policy.Version
	}
	return cmd, nil
}

// Fire lets an event befall a ticket that the actor sees.
func (s *Service) Fire(ctx context.Context, actor ticket.Actor, id string, cmd Command) (*ticket.Ticket, error) {
	return s.FireBackdated(ctx, actor, id, cmd, Backdated{At: s.clock.Now(), tell: true})
}

// FireBackdated lets an event befall a ticket that happened before. Nobody is
// told.
func (s *Service) FireBackdated(ctx context.Context, actor ticket.Actor, id string, c Command, b Backdated) (*ticket.Ticket, error) {
	var after *ticket.Ticket
	err := s.InTx(ctx, func(ctx context.Context) error {
		for try := 1; ; try++ {
			before, err := s.store.Ticket(ctx, actor, id)
			if err != nil {
				return problem(err, "ticket")
			}
			after, err = s.fireAt(ctx, actor, before, c, b)
			// Somebody was faster: look again, unless the caller insists on
			// what they have seen.
			if errors.Is(err, store.ErrChanged) && try < tries {
				continue
			}
			return s.tooLate(err)
		}
	})
	return after, err
}

func (s *Service) tooLate(err error) error {
	if errors.Is(err, store.ErrChanged) {
		return ticket.Errorf(ticket.CodeConflict, "Others are changing the ticket at the same time; read it again.")
	}
	return err
}

func (s *Service) fireAt(ctx context.Context, actor ticket.Actor, before *ticket.Ticket, c Command, b Backdated) (*ticket.Ticket, error) {
	cmd, err := s.command(ctx, actor, c, b)
	if err != nil {
		return nil, err
	}
	after, line, err := s.apply(ctx, before, cmd)
	if err != nil {
		return nil, err
	}
	if in, ok := c.Input.(ticket.MergeInput); ok {
		// The master must still be open when this commits, or two merges
		// could close a circle.
		if err := s.holdMaster(ctx, in.IntoID); err != nil {
			return nil, err
		}
	}
	if err := s.store.UpdateTicket(ctx, before, after, line); err != nil {
		return nil, err
	}
	return after, s.followLine(ctx, line, c.Input, b.tell)
}

func (s *Service) holdMaster(ctx context.Context, id string) error {
	master, err := s.store.Ticket(ctx, ticket.System, id)
	if err != nil {
		return err
	}
	if !master.State.Open() { // it was, when the rules looked
		return store.ErrChanged
	}
	return s.store.HoldTicket(ctx, master)
}

func (s *Service) command(ctx context.Context, actor ticket.Actor, c Command, b Backdated) (ticket.Command, error) {
	cmd := ticket.Command{
		Event: c.Event, Input: c.Input, Actor: actor, Expect: c.Expect,
		At: b.At, RecordedAt: s.clock.Now(), Inferred: b.Inferred,
	}
	switch c.Event { //nolint:exhaustive // the others keep the ticket's calendar
	case ticket.EventSubmit, ticket.EventReopen, ticket.EventRedate:
		version, err := s.store.CalendarVersion(ctx)
		if err != nil {
			return ticket.Command{}, err
		}
		cmd.CalendarVersion = version
	}
	return cmd, nil
}

// apply asks the rules; an error of the database while they asked about the
// world outweighs their answer.
func (s *Service) apply(ctx context.Context, before *ticket.Ticket, cmd ticket.Command) (*ticket.Ticket, *ticket.Line, error) {
	w := s.world(ctx)
	after, line, err := ticket.Apply(before, cmd, w.rules())
	if w.err != nil {
		return nil, nil, w.err
	}
	return after, line, err
}

// followLine does what comes with every line beside the ticket itself.
func (s *Service) followLine(ctx context.Context, line *ticket.Line, in ticket.Input, tell bool) error {
	if err := s.store.CarryAttachments(ctx, ticket.AttachmentsOf(in), line.TicketID, line.Seq); err != nil {
		return err
	}
	hint(ctx, Hint{TicketID: line.TicketID, Version: line.Seq})
	if !tell {
		return nil
	}
	return s.tellOf(ctx, line)
}

// Ticket reads a ticket as the actor may see it.
func (s *Service) Ticket(ctx context.Context, actor ticket.Actor, id string) (*TicketView, error) {
	t, err := s.store.Ticket(ctx, actor, id)
	if err != nil {
		return nil, problem(err, "ticket")
	}
	return s.Show(ctx, actor, t)
}

// Show is the ticket given, as the actor may see it.
func (s *Service) Show(ctx context.Context, actor ticket.Actor, t *ticket.Ticket) (*TicketView, error) {
	views, err := s.view(ctx, actor, []*ticket.Ticket{t})
	if err != nil {
		return nil, err
	}
	view := views[0]
	if len(view.Summons)+len(view.Tasks)+len(view.Orders)+len(view.Requests) == 0 {
		return view, nil // nothing that texts belong to
	}
	lines, err := s.store.History(ctx, t.ID, view.Version)
	if err != nil {
		return nil, err
	}
	view.Words = make(map[int]map[string]string, len(lines))
	for _, line := range lines {
		view.Words[line.Seq] = line.Words
	}
	return view, nil
}

// TicketFilter narrows a list of tickets.
type TicketFilter = store.TicketFilter

// Position is a place in a list of tickets.
type Position = store.Position

// Tickets lists tickets as the actor may see them, newest first.
func (s *Service) Tickets(ctx context.Context, actor ticket.Actor, f TicketFilter) ([]*TicketView, error) {
	f.Now = s.clock.Now()
	tickets, err := s.store.Tickets(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	return s.view(ctx, actor, tickets)
}

// TicketView is a ticket as one actor may see it.
type TicketView struct {
	*ticket.Ticket
	Relation ticket.Relation
	Actions  []ticket.Event
	Names    *Names
	Now      time.Time
	// Words are the free texts by history line; only where one ticket was
	// asked for, and has summonses, tasks, orders or requests, to which they
	// belong.
	Words map[int]map[string]string
	// MasterVisible says whether the actor may know which ticket it was
	// merged into: across enterprises each is shown only its own.
	MasterVisible bool
}

// Inside says whether the viewer reads the offices' talk.
func (v *TicketView) Inside() bool { return v.Relation&ticket.Offices != 0 }

// view shows tickets; the number of statements that takes does not grow with
// theirs.
func (s *Service) view(ctx context.Context, actor ticket.Actor, tickets []*ticket.Ticket) ([]*TicketView, error) {
	w := s.world(ctx)
	tickets, err := s.upToSight(ctx, actor, tickets, w)
	if err != nil {
		return nil, err
	}
	masters, err := s.store.Masters(ctx, tickets)
	if err != nil {
		return nil, err
	}
	for _, t := range tickets {
		if t.LeadID != "" && !slices.Contains(w.leads, t.LeadID) {
			w.leads = append(w.leads, t.LeadID)
		}
	}
	now := s.clock.Now()
	names := newNames()
	views := make([]*TicketView, len(tickets))
	for i, t := range tickets {
		actions, err := ticket.Allowed(t, actor, now, w.rules())
		if err := errors.Join(err, w.err); err != nil {
			return nil, err
		}
		views[i] = &TicketView{Ticket: t, Relation: actor.RelationsTo(t, nil), Actions: actions, Names: names, Now: now}
		views[i].showMaster(actor, masters)
		names.ofTicket(t)
	}
	return views, names.load(ctx, s.store)
}

// upToSight takes tickets back to the last line that the actor may see. One
// that is out of sight altogether comes only from the actor's own command, as
// when a station files it or a lead gives back a confidential one: its answer
// is the ticket as the command left it.
func (s *Service) upToSight(ctx context.Context, actor ticket.Actor, tickets []*ticket.Ticket, w *world) ([]*ticket.Ticket, error) {
	upTo := map[string]int{}
	for _, t := range tickets {
		if last := actor.SeesUpTo(t); last != t.Version && last != 0 {
			upTo[t.ID] = last
		}
	}
	histories, err := s.store.Histories(ctx, upTo)
	if err != nil {
		return nil, err
	}
	seen := slices.Clone(tickets)
	for i, t := range tickets {
		if _, back := upTo[t.ID]; !back {
			continue
		}
		if seen[i], err = ticket.Replay(histories[t.ID], w.rules()); err != nil {
			return nil, err
		}
	}
	return seen, nil
}

// showMaster gives a merged ticket the outcome of the one that goes on.
func (v *TicketView) showMaster(actor ticket.Actor, masters map[string]*ticket.Ticket) {
	if v.MergedInto == "" {
		return
	}
	master := masters[v.MergedInto]
	v.MasterVisible = actor.Sees(master)
	for range masters { // no further: merges make no cycle, but a corrupt one must not hang a reader
		if next, ok := masters[master.MergedInto]; ok {
			master = next
		}
	}
	merged := *v.Ticket
	merged.Outcome = master.Outcome
	v.Ticket = &merged
}

// HistoryLine is a line as the viewer may read it.
type HistoryLine struct {
	*ticket.Line
	Data map[string]any
}

// History reads a ticket's history as the actor may see it, oldest first.
func (s *Service) History(ctx context.Context, actor ticket.Actor, id string) ([]HistoryLine, *Names, error) {
	t, err := s.store.Ticket(ctx, actor, id)
	if err != nil {
		return nil, nil, problem(err, "ticket")
	}
	lines, err := s.store.History(ctx, id, actor.SeesUpTo(t))
	if err != nil {
		return nil, nil, err
	}
	relation := actor.RelationsTo(t, nil)
	names := newNames()
	var visible []HistoryLine
	for _, line := range lines {
		data, ok, err := line.Data(relation)
		if err != nil {
			return nil, nil, err
		}
		if ok {
			visible = append(visible, HistoryLine{line, data})
			names.add(store.Users, line.Actor.ID)
		}
	}
	return visible, names, names.load(ctx, s.store)
}

// LastRecorded is when the last line of any history was written down; the zero
// time while there is none.
func (s *Service) LastRecorded(ctx context.Context) (time.Time, error) {
	at, err := s.store.LastRecorded(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, nil
	}
	return at, err
}

// Clocks accounts for a ticket's deadlines day by day.
func (s *Service) Clocks(ctx context.Context, actor ticket.Actor, id string) (*TicketView, []ticket.Explanation, error) {
	view, err := s.Ticket(ctx, actor, id)
	if err != nil {
		return nil, nil, err
	}
	explained, err := s.world(ctx).rules().Explain(view.Ticket)
	return view, explained, err
}
