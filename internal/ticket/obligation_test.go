package ticket_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whistle/internal/ticket"
)

// sayHolder is a holder in one line.
func sayHolder(h ticket.Holder) string {
	text := string(h.Side)
	if text == "" {
		text = "nobody"
	}
	for _, id := range h.PartyIDs {
		text += " " + id
	}
	text += ": " + string(h.Event)
	if h.DueAt != nil {
		text += " by " + h.DueAt.In(shanghai).Format("01-02 15:04") + " " + string(h.Clock)
	}
	if h.ReviewDate != nil {
		text += "review on " + h.ReviewDate.String()
	}
	return text
}

// The stories of inState begin on Monday the 18th of September at ten.
func TestHolderInEveryState(t *testing.T) {
	want := map[ticket.State]string{
		ticket.Submitted:     "desk: accept by 09-18 16:00 accept",
		ticket.Supplementing: "enterprise e1: supply_info",
		ticket.Accepted:      "desk: dispatch by 09-18 16:01 dispatch",
		ticket.Dispatched:    "department d1: claim by 09-19 11:04 claim",
		ticket.Joint:         "department d2: report_in by 09-19 11:06 report_in",
		ticket.Resolving:     "department d1: resolve by 09-25 18:00 resolve",
		ticket.Suspended:     "nobody: review on 2023-12-01",
		ticket.Verifying:     "enterprise e1: confirm by 09-25 18:00 verify",
		ticket.Closed:        "nobody: ",
		ticket.Rejected:      "nobody: ",
		ticket.Withdrawn:     "nobody: ",
		ticket.Merged:        "nobody: ",
	}
	for _, info := range ticket.States() {
		s := inState(t, info.State)
		if got := sayHolder(s.ticket.Holder(s.now())); got != want[info.State] {
			t.Errorf("%s: %s, want %s", info.State, got, want[info.State])
		}
	}
}

func TestHolderMovesOn(t *testing.T) {
	holds := func(s *story, at time.Time, want string) {
		t.Helper()
		if got := sayHolder(s.ticket.Holder(at)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	verifying := inState(t, ticket.Verifying)
	due := verifying.ticket.Clock(ticket.ClockVerify).DueAt
	holds(verifying, due, "enterprise e1: confirm by 09-25 18:00 verify")
	holds(verifying, due.Add(time.Second), "desk: callback by 09-25 18:00 verify")

	joint := inState(t, ticket.Joint)
	joint.does(helper, ticket.EventReportIn)
	holds(joint, joint.now(), "department d1: conclude")

	convened := inState(t, ticket.Resolving)
	convened.do(convened.now(), desk, ticket.EventWhistle, ticket.WhistleInput{DepartmentIDs: []string{"d2", "d3"}, Question: "who?", Convener: ticket.ConvenedByDesk})
	holds(convened, convened.now(), "department d2 d3: report_in by 09-19 11:06 report_in")
	convened.does(helper, ticket.EventReportIn)
	convened.does(officer3, ticket.EventReportIn)
	holds(convened, convened.now(), "desk: conclude")

	// A ticket that was given back burns on for the desk.
	returned := inState(t, ticket.Dispatched)
	resolve := returned.ticket.Clock(ticket.ClockResolve).DueAt
	later := moment(t, "2023-09-25 17:00")
	returned.do(later, head, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "not ours"})
	if h := returned.ticket.Holder(later); h.Side != ticket.SideDesk || h.Clock != ticket.ClockResolve || !h.DueAt.Equal(resolve) {
		t.Errorf("%s, want the desk by the resolve clock", sayHolder(h))
	}
}

func TestWhoDecidesRequests(t *testing.T) {
	owes := func(s *story, event ticket.Event) string {
		for _, o := range s.ticket.Obligations() {
			if o.Event == event {
				return string(o.Side) + o.PartyID
			}
		}
		return ""
	}
	s := inState(t, ticket.Resolving)
	for _, want := range []string{"departmentd1", "desk"} {
		s.does(officer, ticket.EventRequestExtension)
		if got := owes(s, ticket.EventDecideExtension); got != want {
			t.Errorf("the extension waits for %q, not %q", got, want)
		}
		decider := head
		if want == "desk" {
			decider = desk
		}
		s.do(s.now(), decider, ticket.EventDecideExtension, ticket.DecideInput{Approve: true})
		if got := owes(s, ticket.EventDecideExtension); got != "" {
			t.Errorf("decided, the extension still waits for %q", got)
		}
	}
	s.does(head, ticket.EventRequestSuspension)
	s.does(owner, ticket.EventRequestWhistle)
	for _, event := range []ticket.Event{ticket.EventDecideSuspension, ticket.EventWhistle} {
		if got := owes(s, event); got != "desk" {
			t.Errorf("%s waits for %q", event, got)
		}
	}
}

// forLater are what is owed for later: the deadline runs before the
// event may be fired, or the desk must wait until it is out.
var forLater = []ticket.Event{ticket.EventResolve, ticket.EventCallback, ticket.EventFinishTask, ticket.EventDispatch}

// Whatever is owed to a ticket, somebody of the side that owes it may do; and
// the deadlines of the obligations are those of the ticket's clocks.
func TestWhoOwesMay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := advance(rt)
		for id := range s.world.departments {
			s.world.users["head of "+id] = ticket.User{Role: ticket.RoleHead, DepartmentID: id}
		}
		one, at := s.ticket, s.now()
		var alarms []ticket.Obligation
		for _, o := range one.Obligations() {
			if o.Clock != "" {
				alarms = append(alarms, o)
			}
			who := map[ticket.Side]ticket.Actor{
				ticket.SideDesk:       desk,
				ticket.SideDepartment: {ID: "head of " + o.PartyID, Role: ticket.RoleHead, DepartmentID: o.PartyID},
				ticket.SideEnterprise: {ID: "own", Role: ticket.RoleEnterprise, EnterpriseID: o.PartyID},
			}[o.Side]
			allowed, err := ticket.Allowed(one, who, at, s.world.rules())
			if err != nil {
				rt.Fatal(err)
			}
			if !slices.Contains(allowed, o.Event) && !slices.Contains(forLater, o.Event) {
				rt.Fatalf("%s: %s owes %s and may only %v", one.State, who.ID, o.Event, allowed)
			}
		}
		first, _ := ticket.Burning(alarms, at)
		switch _, red := one.AlarmTimes(); {
		case red == nil && first == nil:
		case red == nil || first == nil || !red.Equal(*first.DueAt):
			rt.Fatalf("%s: the clocks are red at %v, the obligations %+v", one.State, red, first)
		}
		if h := one.Holder(at); (h.Side == "") != (!one.State.Open() || one.State == ticket.Suspended) {
			rt.Fatalf("%s is held by %s", one.State, sayHolder(h))
		}
	})
}

func TestTimeLeft(t *testing.T) {
	calendar, err := newWorld(t).Calendar(1)
	if err != nil {
		t.Fatal(err)
	}
	left := func(s *story, at string) time.Duration {
		t.Helper()
		first, _ := ticket.Burning(s.ticket.Obligations(), moment(t, at))
		left, ok := first.TimeLeft(calendar, moment(t, at))
		if !ok {
			t.Fatal("nothing is due")
		}
		return left
	}
	s := filed(t, "2023-09-28 16:00", ticket.Normal) // Thursday before eight days of holiday; due on Saturday the 7th, a make-up day
	for at, want := range map[string]time.Duration{
		"2023-09-28 16:00": 4 * time.Hour,
		"2023-10-02 12:00": 2 * time.Hour,
		"2023-10-07 10:30": 30 * time.Minute,
		"2023-10-07 12:00": -time.Hour,
		"2023-10-08 09:00": -5 * time.Hour,
	} {
		if got := left(s, at); got != want {
			t.Errorf("at %s %s are left, not %s", at, got, want)
		}
	}
	s.world.policies[1] = ticket.Policy{Version: 1, Rules: append([]ticket.Rule{{Clock: ticket.ClockAccept, Urgency: ticket.Urgent, Length: ticket.Length{Amount: 2, Unit: ticket.Hours}}}, slices.DeleteFunc(ticket.DefaultRules(), func(r ticket.Rule) bool {
		return r.Clock == ticket.ClockAccept && r.Urgency == ticket.Urgent
	})...)}
	plain := &story{tb: t, world: s.world, policy: 1, calendar: 1}
	urgent := filing
	urgent.Urgency = ticket.Urgent
	plain.do(moment(t, "2023-09-30 23:00"), owner, ticket.EventSubmit, urgent)
	if got := left(plain, "2023-10-01 02:30"); got != -90*time.Minute {
		t.Errorf("in plain hours %s are left", got)
	}
}
