package ticket_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// TestEveryEventTellsSomebody but for those of which nobody who may read it
// needs to hear: whoever lost a recalled ticket sees it no more, and a new
// deadline shows by itself.
func TestEveryEventTellsSomebody(t *testing.T) {
	quiet := []ticket.Event{ticket.EventRecall, ticket.EventRedate}
	for _, def := range ticket.Workflow() {
		if (def.Tells == 0) != slices.Contains(quiet, def.Event) {
			t.Errorf("%s is told to %q", def.Event, def.Tells)
		}
		if def.Tells&ticket.ToEnterprise != 0 && def.Audience == ticket.OfficesOnly {
			t.Errorf("%s is told to the enterprise, which does not read it", def.Event)
		}
	}
}

// hearing is who hears of a story's last line.
func (s *story) hearing() ticket.Hearing { return s.lines[len(s.lines)-1].Hearing(s.ticket) }

func TestHearing(t *testing.T) {
	t.Run("a request for a later deadline: the head first, the desk from the second time", func(t *testing.T) {
		s := inState(t, ticket.Resolving)
		s.does(officer, ticket.EventRequestExtension)
		if h := s.hearing(); !slices.Equal(h.Heads, []string{"d1"}) || h.Desk {
			t.Errorf("%+v", h)
		}
		s.does(head, ticket.EventDecideExtension)
		s.does(officer, ticket.EventRequestExtension)
		if h := s.hearing(); h.Heads != nil || !h.Desk {
			t.Errorf("%+v", h)
		}
	})
	t.Run("urging: who has the ball", func(t *testing.T) {
		for state, want := range map[ticket.State]ticket.Hearing{
			ticket.Submitted:     {Desk: true},
			ticket.Supplementing: {Desk: true}, // it is the enterprise's turn; the desk should look
			ticket.Dispatched:    {Departments: []string{"d1"}},
			ticket.Joint:         {Departments: []string{"d2"}},
			ticket.Resolving:     {People: []ticket.Person{{UserID: "officer1", Else: "d1"}}},
			ticket.Suspended:     {People: []ticket.Person{{UserID: "officer1", Else: "d1"}}},
			ticket.Verifying:     {Desk: true},
		} {
			s := inState(t, state)
			s.does(owner, ticket.EventUrge)
			got := s.hearing()
			if got.Desk != want.Desk || !slices.Equal(got.People, want.People) || want.Departments != nil && !slices.Contains(got.Departments, want.Departments[0]) {
				t.Errorf("%s: %+v, want %+v", state, got, want)
			}
		}
	})
	t.Run("a message: the other side", func(t *testing.T) {
		s := inState(t, ticket.Resolving)
		s.does(owner, ticket.EventMessage)
		if h := s.hearing(); h.EnterpriseID != "" || len(h.People) != 1 {
			t.Errorf("from the enterprise: %+v", h)
		}
		for _, actor := range []ticket.Actor{desk, officer} {
			s.does(actor, ticket.EventMessage)
			if h := s.hearing(); h.EnterpriseID != "e1" || len(h.People) != 0 {
				t.Errorf("from %s: %+v", actor.ID, h)
			}
		}
	})
	t.Run("progress that is not public: not the enterprise, nor its managers", func(t *testing.T) {
		s := inState(t, ticket.Resolving)
		for _, public := range []bool{false, true} {
			s.do(s.now(), officer, ticket.EventProgress, ticket.ProgressInput{Text: "x", Public: public})
			if h := s.hearing(); (h.EnterpriseID != "") != public {
				t.Errorf("public %v: %+v", public, h)
			}
		}
	})
	t.Run("from the second dispute: everybody who is summoned anew", func(t *testing.T) {
		s := inState(t, ticket.Verifying)
		s.does(owner, ticket.EventDispute)
		if h := s.hearing(); len(h.Departments) != 0 || !h.Desk {
			t.Errorf("the first: %+v", h)
		}
		s.does(head, ticket.EventResolve)
		s.does(owner, ticket.EventDispute)
		if h := s.hearing(); !slices.Equal(h.Departments, []string{"d2"}) || !h.Desk {
			t.Errorf("the second: %+v", h)
		}
	})
}

// TestNobodyHearsOfWhatTheyDoNotRead: whoever sees a ticket and is to hear of a
// line reads it; and a hearing never names somebody of another enterprise or of
// a department without a part.
func TestNobodyHearsOfWhatTheyDoNotRead(t *testing.T) {
	named := map[ticket.Event]int{}
	rapid.Check(t, func(rt *rapid.T) {
		s := advance(rt)
		for i, line := range s.lines {
			after, err := ticket.Replay(s.lines[:i+1], s.world.rules())
			if err != nil {
				rt.Fatal(err)
			}
			h := line.Hearing(after)
			for _, actor := range crowd {
				if !h.Names(actor) {
					continue
				}
				named[line.Event]++
				relation := actor.RelationsTo(after, nil)
				if _, ok, err := line.Data(relation); actor.SeesUpTo(after) >= line.Seq && (err != nil || !ok) {
					rt.Fatalf("%s is to hear of %s, which they do not read", actor.ID, line.Event)
				}
				if relation == 0 && !after.Confidential && !invited(line, actor) && actor.Role != ticket.RoleOfficer {
					rt.Fatalf("%s has nothing to do with the ticket and is to hear of %s: %+v", actor.ID, line.Event, h)
				}
			}
		}
	})
	for _, event := range events {
		if def, _ := ticket.Define(event); def.Tells != 0 && named[event] == 0 {
			t.Logf("nobody was to hear of %s in the random stories", event)
		}
	}
}

// invited says whether the line names somebody who then is a part of it.
func invited(line *ticket.Line, actor ticket.Actor) bool {
	in, ok := line.Input.(ticket.InviteInput)
	return ok && in.UserID == actor.ID
}

func TestAlarmsRing(t *testing.T) {
	calendar, err := worktime.New(1, shanghai, worktime.DefaultShifts(), worktime.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	s := newStory(t)
	s.do(moment(t, "2023-09-27 10:00"), owner, ticket.EventSubmit, filing) // to be accepted by 16:00
	for at, want := range map[string][]ticket.AlarmLevel{
		"2023-09-27 14:59": nil,
		"2023-09-27 15:00": {ticket.AlarmYellow},
		"2023-09-27 16:00": {ticket.AlarmYellow}, // on time at the very instant
		"2023-09-27 16:01": {ticket.AlarmRed},
		"2023-09-28 15:59": {ticket.AlarmRed},
		"2023-09-28 16:00": {ticket.AlarmRed, ticket.AlarmOverdue},
	} {
		alarms, err := s.ticket.Alarms(calendar, moment(t, at))
		if err != nil {
			t.Fatal(err)
		}
		var got []ticket.AlarmLevel
		for _, a := range alarms {
			got = append(got, a.Level)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", at, got, want)
		}
	}
	imported := *s.ticket
	imported.Imported = true
	if alarms, err := imported.Alarms(calendar, moment(t, "2023-09-28 16:00")); err != nil || len(alarms) > 0 {
		t.Errorf("an imported ticket rings %v, %v", alarms, err)
	}
}
