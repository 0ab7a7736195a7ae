package ticket

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/looplab/fsm"

	"whistle/internal/phrase"
)

// Command is a caller's wish that an event befall a ticket.
type Command struct {
	Event      Event
	Input      Input
	Actor      Actor
	At         time.Time // when it happened; not before the ticket's last line
	RecordedAt time.Time // when it is written down
	Inferred   bool      // nobody recorded it: an import concluded it from other facts
	Expect     int       // the version the caller has seen; 0 for any
	New        NewTicket // with submit
	// CalendarVersion is the newest calendar; a ticket takes it on when it is
	// filed, reopened or re-dated.
	CalendarVersion int
}

// NewTicket is what the service gives a ticket at filing.
type NewTicket struct {
	ID             string
	Number         string
	ExternalNumber string
	Imported       bool // see Core.Imported
	PolicyVersion  int
}

// Apply decides whether the command may happen to the ticket (nil with submit)
// and returns the ticket after it and the history line that says so. The
// ticket given is not changed. The error is an *Error unless a calendar or a
// policy fails.
func Apply(t *Ticket, cmd Command, world World) (*Ticket, *Line, error) {
	def, ok := Define(cmd.Event)
	if !ok {
		return nil, nil, NotFound("event")
	}
	if cmd.Input == nil {
		cmd.Input = def.Input
	}
	if reflect.TypeOf(cmd.Input) != reflect.TypeOf(def.Input) {
		return nil, nil, Errorf(CodeInvalidForm, "The input is not one of %s.", phrase.Code{List: "event", Code: string(cmd.Event)})
	}
	if err := InvalidForm(CheckForm(cmd.Input)); err != nil {
		return nil, nil, err
	}
	if cmd.Event == EventSubmit {
		t, cmd = prepareSubmit(cmd, world)
	} else if t == nil || !cmd.Actor.Sees(t) {
		return nil, nil, NotFound("ticket")
	}
	s, err := newSituation(t, cmd, world)
	if err != nil {
		return nil, nil, err
	}
	if !slices.ContainsFunc(def.Rows, func(r Row) bool { return s.is(r.Who) }) {
		return nil, nil, Errorf(CodeForbidden, "You may not %s.", phrase.Code{List: "event", Code: string(def.Event), English: def.Summary})
	}
	if cmd.Expect != 0 && cmd.Expect != t.Version {
		return nil, nil, Errorf(CodeStale, "The ticket has changed since version %d; it is at version %d now. Read it again.", cmd.Expect, t.Version)
	}
	to, err := s.run(def)
	if err != nil {
		return nil, nil, err
	}
	line := &Line{
		TicketID: t.ID, Seq: t.Version + 1, Event: cmd.Event,
		At: s.at, RecordedAt: cmd.RecordedAt.UTC().Truncate(time.Microsecond),
		Actor: ActorRef{ID: cmd.Actor.ID, Role: cmd.Actor.Role, DepartmentID: cmd.Actor.DepartmentID},
		From:  t.State, To: to, Inferred: cmd.Inferred,
		Input: cmd.Input, Facts: s.facts(cmd), PrevHash: t.HeadHash,
	}
	if err := line.seal(); err != nil {
		return nil, nil, err
	}
	after, err := Evolve(t, line, world)
	if err != nil {
		return nil, nil, err
	}
	return after, line, nil
}

// prepareSubmit makes the ticket-to-be, so that the caller's relation to it is
// known, and fills in what may be left out.
func prepareSubmit(cmd Command, world World) (*Ticket, Command) {
	in := cmd.Input.(SubmitInput)
	if in.EnterpriseID == "" {
		in.EnterpriseID = cmd.Actor.EnterpriseID
	}
	if in.Urgency == "" {
		in.Urgency = Normal
	}
	t := &Ticket{Core: Core{
		ID: cmd.New.ID, EnterpriseID: in.EnterpriseID, ProjectID: in.ProjectID, FiledBy: cmd.Actor.ID,
		PolicyVersion: cmd.New.PolicyVersion, CalendarVersion: cmd.CalendarVersion,
	}}
	if in.Source == "" {
		in.Source = defaultSource(cmd.Actor.RelationsTo(t, world.Directory))
	}
	cmd.Input = in
	return t, cmd
}

func defaultSource(r Relation) Source {
	switch {
	case r&Own != 0:
		return SourceWeb
	case r&Desk != 0:
		return SourceDesk
	case r&Station != 0:
		return SourceStation
	}
	return SourceVisit
}

func newSituation(t *Ticket, cmd Command, world World) (*situation, error) {
	at := cmd.At.UTC().Truncate(time.Microsecond)
	if at.Before(t.UpdatedAt) {
		at = t.UpdatedAt // the clock of another machine may be behind
	}
	clockTime, err := world.timeOf(t)
	if err != nil {
		return nil, err
	}
	return &situation{
		t: t, actor: cmd.Actor, rel: cmd.Actor.RelationsTo(t, world.Directory),
		in: cmd.Input, at: at, world: world, time: clockTime,
	}, nil
}

// run lets the state machine take the one row that fits.
func (s *situation) run(def Definition) (State, error) {
	var refused []phrase.Phrase
	for i, row := range def.Rows {
		if !s.is(row.Who) || !row.leaves(s.t.State) {
			continue
		}
		if row.When != nil && !row.When.holds(s) {
			refused = append(refused, phrase.Word(row.When.Name))
			continue
		}
		if row.If != nil && !row.If.holds(s) {
			continue
		}
		return s.fire(def, transitionName(def.Event, i))
	}
	return "", s.conflict(def, refused)
}

func (s *situation) conflict(def Definition, refused []phrase.Phrase) error {
	event := phrase.Code{List: "event", Code: string(def.Event)}
	e := Errorf(CodeConflict, "%s is not possible while the ticket is %s.", event, phrase.Code{List: "state", Code: string(s.t.State)})
	if len(refused) > 0 {
		e = Errorf(CodeConflict, "%s is possible only when: %s.", event, phrase.Either(refused))
	}
	e.Legal = s.allowed()
	return e
}

func (s *situation) fire(def Definition, transition string) (State, error) {
	machine := fsm.NewFSM(machineState(s.t.State), transitionsOf[transition], fsm.Callbacks{
		// A rule that is broken stops the machine before the state changes:
		// an error in an enter callback would come too late.
		"before_" + transition: func(_ context.Context, e *fsm.Event) {
			if def.check != nil {
				def.check(s)
			}
			s.attachments()
			if err := InvalidValues(s.faults); err != nil {
				e.Cancel(err)
			}
		},
	})
	err := machine.Event(context.Background(), transition)
	var canceled fsm.CanceledError
	var noTransition fsm.NoTransitionError
	switch {
	case errors.As(err, &canceled):
		return "", canceled.Err
	case errors.As(err, &noTransition) && noTransition.Err == nil: // the state stays
	case err != nil:
		return "", err
	}
	return State(machine.Current()), nil
}

const unfiled = "unfiled" // the machine's name for a ticket that is not there yet

func machineState(s State) string {
	if s == "" {
		return unfiled
	}
	return string(s)
}

// transitionName is what the machine calls a row. Each row has a name of its
// own: the machine silently keeps the last of two that share name and state.
func transitionName(e Event, row int) string { return fmt.Sprintf("%s/%d", e, row) }

// transitions is the table as the machine reads it.
var transitions = func() fsm.Events {
	var all fsm.Events
	for _, def := range workflow {
		for i, row := range def.Rows {
			from := row.From
			if from == nil {
				from = []State{""}
			}
			for _, state := range from {
				to := row.To
				if to == "" {
					to = state
				}
				all = append(all, fsm.EventDesc{
					Name: transitionName(def.Event, i), Src: []string{machineState(state)}, Dst: string(to),
				})
			}
		}
	}
	return all
}()

// transitionsOf are the transitions by name: the machine of one call need not
// know the others.
var transitionsOf = func() map[string]fsm.Events {
	byName := map[string]fsm.Events{}
	for _, t := range transitions {
		byName[t.Name] = append(byName[t.Name], t)
	}
	return byName
}()

// Allowed lists the events that the actor may fire at the ticket now, in the
// table's order. What depends on the input alone is left open.
func Allowed(t *Ticket, actor Actor, at time.Time, world World) ([]Event, error) {
	s, err := newSituation(t, Command{Actor: actor, At: at}, world)
	if err != nil {
		return nil, err
	}
	return s.allowed(), nil
}

func (s *situation) allowed() []Event {
	var events []Event
	if s.t.State == "" || s.rel&sight == 0 {
		return events
	}
	for _, def := range workflow {
		if slices.ContainsFunc(def.Rows, func(r Row) bool {
			return s.is(r.Who) && slices.Contains(r.From, s.t.State) && (r.When == nil || r.When.holds(s))
		}) {
			events = append(events, def.Event)
		}
	}
	return events
}

// facts are what the line must say beside the input, so that it can be
// replayed without the directory.
func (s *situation) facts(cmd Command) Facts {
	var f Facts
	switch cmd.Event { //nolint:exhaustive // the others need no facts
	case EventSubmit:
		e, _ := s.world.Directory.Enterprise(cmd.Input.(SubmitInput).EnterpriseID)
		f = Facts{
			Number: cmd.New.Number, ExternalNumber: cmd.New.ExternalNumber, Imported: cmd.New.Imported,
			PolicyVersion: cmd.New.PolicyVersion, CalendarVersion: cmd.CalendarVersion,
			PlaceID: e.PlaceID, Chains: e.Chains,
		}
	case EventCorrect:
		in := cmd.Input.(CorrectInput)
		old := &Old{}
		if in.Category != "" {
			old.Category = s.t.Category
		}
		if in.Title != "" {
			old.Title = s.t.Title
		}
		if in.Urgency != "" {
			old.Urgency = s.t.Urgency
		}
		if in.Confidential != nil {
			was := s.t.Confidential
			old.Confidential = &was
		}
		if in.EnterpriseID != "" {
			e, _ := s.world.Directory.Enterprise(in.EnterpriseID)
			old.EnterpriseID, f.PlaceID, f.Chains = s.t.EnterpriseID, e.PlaceID, e.Chains
		}
		f.Old = old
	case EventReopen, EventRedate:
		f.CalendarVersion = cmd.CalendarVersion
	}
	return f
}

// Evolve lets a history line take effect on the ticket (the zero Ticket or one
// not yet filed with submit) and returns the ticket after it. It looks at
// nothing but the line, the policy and the calendar, so that replaying the
// history gives the ticket.
func Evolve(t *Ticket, line *Line, world World) (*Ticket, error) {
	def, ok := Define(line.Event)
	if !ok {
		return nil, fmt.Errorf("ticket %s line %d: unknown event %q", line.TicketID, line.Seq, line.Event)
	}
	if err := fits(t, line, def); err != nil {
		return nil, fmt.Errorf("ticket %s line %d: %w", line.TicketID, line.Seq, err)
	}
	after := t.clone()
	if line.Event == EventSubmit {
		// The clocks' lengths depend on what is filed, so it comes first.
		submit(&step{clockwork: clockwork{t: after, at: line.At}, line: line, in: line.Input})
	}
	if line.Facts.CalendarVersion != 0 {
		after.CalendarVersion = line.Facts.CalendarVersion
	}
	clockTime, err := world.timeOf(after)
	if err != nil {
		return nil, err
	}
	p := &step{clockwork: clockwork{t: after, at: line.At, in: clockTime}, line: line, in: line.Input}
	p.latch()
	after.State = line.To
	if line.Facts.CalendarVersion != 0 && line.Event != EventSubmit {
		p.redate()
	}
	p.move(line.Event, line.From, line.To)
	if def.happen != nil && line.Event != EventSubmit {
		def.happen(p)
	}
	p.settle()
	if p.err != nil {
		return nil, fmt.Errorf("ticket %s line %d: %w", line.TicketID, line.Seq, p.err)
	}
	after.Version, after.HeadHash, after.UpdatedAt = line.Seq, line.Hash, line.At
	return after, nil
}

// fits says whether the line can follow on the ticket at all: a history that
// somebody changed may claim anything.
func fits(t *Ticket, line *Line, def Definition) error {
	switch {
	case line.Seq != t.Version+1:
		return fmt.Errorf("follows on line %d", t.Version)
	case line.From != t.State:
		return fmt.Errorf("goes on from %q while the ticket is %q", line.From, t.State)
	case line.At.Before(t.UpdatedAt):
		return errors.New("happened before the line it follows")
	case reflect.TypeOf(line.Input) != reflect.TypeOf(def.Input):
		return fmt.Errorf("its input is not one of %s", line.Event)
	}
	if !slices.ContainsFunc(def.Rows, func(r Row) bool {
		to := r.To
		if to == "" {
			to = line.From
		}
		return to == line.To && r.leaves(line.From)
	}) {
		return fmt.Errorf("%s does not lead from %q to %q", line.Event, line.From, line.To)
	}
	return nil
}

// Replay makes the ticket from its history, which must begin with submit.
func Replay(lines []*Line, world World) (*Ticket, error) {
	t := &Ticket{}
	for _, line := range lines {
		var err error
		if t, err = Evolve(t, line, world); err != nil {
			return nil, err
		}
	}
	return t, nil
}
