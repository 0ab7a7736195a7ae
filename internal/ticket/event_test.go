package ticket_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

var (
	officer3 = ticket.Actor{ID: "officer3", Role: ticket.RoleOfficer, DepartmentID: "d3"}
	head2    = ticket.Actor{ID: "head2", Role: ticket.RoleHead, DepartmentID: "d2"}
	head3    = ticket.Actor{ID: "head3", Role: ticket.RoleHead, DepartmentID: "d3"}
	head4    = ticket.Actor{ID: "head4", Role: ticket.RoleHead, DepartmentID: "d4"}
	head5    = ticket.Actor{ID: "head5", Role: ticket.RoleHead, DepartmentID: "d5"}
	stranger = ticket.Actor{ID: "stranger", Role: ticket.RoleEnterprise, EnterpriseID: "e2"}
	manager  = ticket.Actor{ID: "manager", Role: ticket.RoleOfficer, DepartmentID: "d5", Manages: []string{"e1"}}
	team     = ticket.Actor{ID: "team", Role: ticket.RoleGuest, Teams: []string{"p1"}}
	expert   = ticket.Actor{ID: "expert", Role: ticket.RoleGuest}
	admin    = ticket.Actor{ID: "admin", Role: ticket.RoleAdmin}
	station  = ticket.Actor{ID: "station", Role: ticket.RoleGuest, Stations: []string{"s1"}}
)

// cast are the callers of the matrix by what they are to its ticket.
var cast = map[string]ticket.Actor{
	"own": owner, "stranger": stranger, "manager": manager, "desk": desk, "officer": officer, "head": head,
	"co": helper, "cohead": head2, "former": head4, "outsider": head5, "team": team, "expert": expert,
	"leader": leader, "admin": admin, "system": ticket.System, "station": station,
}

const (
	openWords = "submitted supplementing accepted dispatched joint resolving suspended verifying"
	allWords  = openWords + " closed rejected withdrawn merged"
)

// inState leads a ticket of e1 to a state: by way of d4, which gave it back,
// to d1 with d2 beside it.
func inState(tb rapid.TB, state ticket.State) *story {
	tb.Helper()
	s := newStory(tb)
	filed := filing
	filed.ProjectID = "p1"
	now := moment(tb, "2023-09-18 10:00") // a Monday
	do := func(actor ticket.Actor, event ticket.Event, in ticket.Input) {
		tb.Helper()
		s.do(now, actor, event, in)
		now = now.Add(time.Minute)
	}
	do(owner, ticket.EventSubmit, filed)
	switch state { //nolint:exhaustive // the others come later
	case ticket.Submitted:
		return s
	case ticket.Supplementing:
		do(desk, ticket.EventRequestInfo, ticket.RequestInfoInput{Question: "how many?"})
		return s
	case ticket.Rejected:
		do(desk, ticket.EventReject, ticket.RejectInput{ReasonCode: "other", Text: "ask the court"})
		return s
	case ticket.Merged:
		do(desk, ticket.EventMerge, ticket.MergeInput{IntoID: "t9"})
		return s
	}
	do(desk, ticket.EventAccept, nil)
	if state == ticket.Accepted {
		return s
	}
	do(desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d4"})
	do(head4, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "not our duty"})
	do(desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d1", DepartmentIDs: []string{"d2"}})
	switch state { //nolint:exhaustive // the others come later
	case ticket.Dispatched:
		return s
	case ticket.Withdrawn:
		do(owner, ticket.EventWithdraw, ticket.ReasonInput{Reason: "settled"})
		return s
	}
	do(officer, ticket.EventClaim, nil)
	switch state { //nolint:exhaustive // the others come later
	case ticket.Resolving:
		return s
	case ticket.Joint:
		do(head, ticket.EventWhistle, ticket.WhistleInput{DepartmentIDs: []string{"d2"}, Question: "who?"})
		do(head, ticket.EventInvite, ticket.InviteInput{UserID: "expert"})
		return s
	case ticket.Suspended:
		do(head, ticket.EventRequestSuspension, ticket.RequestSuspensionInput{Condition: "a plan", ReviewDate: date("2023-12-01")})
		do(desk, ticket.EventDecideSuspension, ticket.DecideInput{Approve: true})
		return s
	}
	do(head, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "done"})
	if state == ticket.Closed {
		do(owner, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5})
	}
	return s
}

func date(text string) worktime.Date {
	d, err := worktime.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

func yes(b bool) *bool { return &b }

// wellFormed is an input that breaks no rule on the values at the ticket.
func wellFormed(s *story, event ticket.Event) ticket.Input {
	lead := s.ticket.LeadID
	switch event { //nolint:exhaustive // the others need no words
	case ticket.EventRequestInfo:
		return ticket.RequestInfoInput{Question: "how many?"}
	case ticket.EventSupplyInfo:
		return ticket.SupplyInfoInput{Answer: "a hundred"}
	case ticket.EventCorrect:
		return ticket.CorrectInput{Title: "no skilled workers", Reason: "clearer"}
	case ticket.EventReject:
		return ticket.RejectInput{ReasonCode: "other", Text: "ask the court"}
	case ticket.EventWithdraw, ticket.EventRecall, ticket.EventRequestWhistle, ticket.EventDeclineWhistle, ticket.EventReopen:
		return ticket.ReasonInput{Reason: "as it is"}
	case ticket.EventMerge:
		return ticket.MergeInput{IntoID: "t9"}
	case ticket.EventDispatch:
		return ticket.DispatchInput{LeadID: "d1", DepartmentIDs: []string{"d2"}}
	case ticket.EventReturn:
		return ticket.ReturnInput{ReasonCode: "other", Text: "not our duty"}
	case ticket.EventAssign:
		return ticket.AssignInput{UserID: "officer1"}
	case ticket.EventWhistle:
		in := ticket.WhistleInput{DepartmentIDs: []string{"d2"}, Question: "who?"}
		if lead == "" {
			in.LeadID = "d1"
		}
		return in
	case ticket.EventReportIn:
		return ticket.ReportInInput{Position: ticket.Can, Text: "we do"}
	case ticket.EventInvite:
		return ticket.InviteInput{UserID: "expert2"}
	case ticket.EventConclude:
		return ticket.ConcludeInput{Minutes: "agreed"}
	case ticket.EventProgress:
		return ticket.ProgressInput{Text: "half"}
	case ticket.EventAdvise, ticket.EventMessage, ticket.EventInstruct, ticket.EventSupervise, ticket.EventTakeCharge:
		return ticket.TextInput{Text: "a word"}
	case ticket.EventUrge:
		return ticket.UrgeInput{}
	case ticket.EventFinishTask:
		return ticket.FinishTaskInput{TaskID: "1-1", Result: "done"}
	case ticket.EventCancelTask:
		return ticket.CancelTaskInput{TaskID: "1-1", Reason: "no use"}
	case ticket.EventRequestExtension:
		due := s.ticket.UpdatedAt.Add(time.Hour)
		if c := s.ticket.Clock(ticket.ClockResolve); c != nil {
			due = c.DueAt.Add(time.Hour)
		}
		return ticket.RequestExtensionInput{DueAt: due, Reason: "hard"}
	case ticket.EventDecideExtension, ticket.EventDecideSuspension:
		return ticket.DecideInput{Approve: true}
	case ticket.EventRequestSuspension:
		return ticket.RequestSuspensionInput{Condition: "a plan", ReviewDate: date("2040-01-02")}
	case ticket.EventReview:
		return ticket.ReviewInput{ReviewDate: date("2040-01-02"), Text: "not yet"}
	case ticket.EventResolve:
		return ticket.ResolveInput{Outcome: ticket.Solved, Result: "done"}
	case ticket.EventConfirm:
		return ticket.ConfirmInput{Satisfaction: 4}
	case ticket.EventDispute:
		return ticket.DisputeInput{Missing: "the rest"}
	case ticket.EventCallback:
		return ticket.CallbackInput{Reached: true, Solved: yes(true), Said: "fine"}
	case ticket.EventAnswer:
		id := "0"
		for _, o := range s.ticket.Orders {
			if o.AnsweredAt == nil && !o.Voided {
				id = o.ID
			}
		}
		return ticket.AnswerInput{OrderID: id, Text: "we will"}
	}
	return ticket.None{}
}

// may says who may fire an event in which states; by hand, after the table of
// the domain. Others who see the ticket are forbidden, but for those of ever:
// for them it is only the state that is wrong.
type may struct {
	states, actors string
}

var matrix = []struct {
	event ticket.Event
	may   []may
	ever  string // "actor" or "actor@state"
	given func(s *story)
	later time.Duration
}{
	{event: "accept", may: []may{{"submitted", "desk"}}},
	{event: "request_info", may: []may{{"submitted accepted", "desk"}}},
	{event: "supply_info", may: []may{{"supplementing", "own manager"}}},
	{event: "correct", may: []may{{"submitted supplementing", "own desk"}, {"accepted dispatched joint resolving suspended verifying", "desk"}}},
	{event: "reject", may: []may{{"submitted supplementing", "desk"}}},
	{event: "withdraw", may: []may{{"submitted supplementing accepted dispatched joint resolving suspended", "own"}}},
	{event: "merge", may: []may{{"submitted accepted", "desk"}}},
	{event: "dispatch", may: []may{{"accepted", "desk"}}},
	{event: "recall", may: []may{{"dispatched", "desk"}}},
	{event: "claim", may: []may{{"dispatched", "officer head"}}},
	{event: "return", may: []may{{"dispatched resolving", "head"}}},
	{event: "assign", may: []may{{"dispatched resolving joint", "officer head"}}},
	{event: "request_whistle", may: []may{{"accepted dispatched resolving", "own manager"}}},
	{event: "decline_whistle", may: []may{{"accepted dispatched resolving", "desk"}}, given: func(s *story) {
		_ = s.try(s.ticket.UpdatedAt, owner, ticket.EventRequestWhistle, ticket.ReasonInput{Reason: "many offices"})
	}},
	{event: "whistle", may: []may{{"accepted", "desk"}, {"dispatched resolving", "desk officer head"}}},
	{event: "report_in", may: []may{{"joint", "co cohead"}}, ever: "none"},
	{event: "invite", may: []may{{"joint", "head"}}, ever: "none"},
	{event: "advise", may: []may{{"joint", "expert"}}, ever: "none"},
	{event: "conclude", may: []may{{"joint", "head"}}, ever: "none", given: func(s *story) {
		_ = s.try(s.ticket.UpdatedAt, helper, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "we do"})
	}},
	{event: "progress", may: []may{{"resolving joint suspended", "officer head co cohead team manager"}}},
	{event: "message", may: []may{{openWords, "own manager desk officer head"}}},
	{event: "urge", may: []may{{openWords, "own manager"}}},
	{event: "finish_task", ever: "officer head co cohead"},
	{event: "cancel_task", ever: "head@joint"},
	{event: "request_extension", may: []may{{"resolving", "officer head"}}},
	{event: "decide_extension", may: []may{{"resolving", "head"}}, ever: "head desk", given: func(s *story) {
		_ = s.try(s.ticket.UpdatedAt, officer, ticket.EventRequestExtension, wellFormed(s, ticket.EventRequestExtension))
	}},
	{event: "request_suspension", may: []may{{"resolving", "head"}}},
	{event: "decide_suspension", may: []may{{"resolving", "desk"}}, given: func(s *story) {
		_ = s.try(s.ticket.UpdatedAt, head, ticket.EventRequestSuspension, wellFormed(s, ticket.EventRequestSuspension))
	}},
	{event: "review", may: []may{{"suspended", "desk"}}},
	{event: "resume", may: []may{{"suspended", "officer head desk"}}, ever: "officer head desk system"},
	{event: "resolve", may: []may{{"resolving", "head"}}},
	{event: "confirm", may: []may{{"verifying", "own"}}},
	{event: "dispute", may: []may{{"verifying", "own"}}},
	{event: "callback", may: []may{{"verifying", "desk"}}, later: 30 * 24 * time.Hour},
	{event: "instruct", may: []may{{openWords, "leader"}}},
	{event: "supervise", may: []may{{openWords, "leader"}}},
	{event: "take_charge", may: []may{{openWords, "leader"}}},
	{
		event: "answer", ever: "officer head desk",
		may: []may{{"submitted supplementing accepted", "desk"}, {"dispatched joint resolving suspended verifying", "officer head"}},
		given: func(s *story) {
			_ = s.try(s.ticket.UpdatedAt, leader, ticket.EventInstruct, ticket.TextInput{Text: "hurry"})
		},
	},
	{event: "reopen", may: []may{{"closed", "own desk"}, {"rejected", "desk"}}},
	{event: "redate", may: []may{{allWords, "system"}}},
}

func has(words, word string) bool { return slices.Contains(strings.Fields(words), word) }

func seesMatrixTicket(name string, state ticket.State) bool {
	switch name {
	case "own", "manager", "desk", "team", "leader", "system":
		return true
	case "officer", "head", "co", "cohead", "former":
		return has("dispatched joint resolving suspended verifying closed withdrawn", string(state))
	case "expert":
		return state == ticket.Joint
	}
	return false
}

func codeOf(err error) ticket.Code {
	var e *ticket.Error
	if errors.As(err, &e) {
		return e.Code
	}
	if err != nil {
		return ticket.Code(err.Error())
	}
	return ""
}

func TestWhoMayDoWhatInWhichState(t *testing.T) {
	covered := map[ticket.Event]bool{ticket.EventSubmit: true}
	for _, row := range matrix {
		covered[row.event] = true
		for _, info := range ticket.States() {
			s := inState(t, info.State)
			if s.ticket.State != info.State {
				t.Fatalf("the fixture of %s is %s", info.State, s.ticket.State)
			}
			if row.given != nil {
				row.given(s)
			}
			now := s.ticket.UpdatedAt.Add(time.Minute + row.later)
			for name, actor := range cast {
				want := ticket.CodeForbidden
				ever := row.ever
				for _, m := range row.may {
					if has(m.actors, name) {
						if row.ever == "" {
							want = ticket.CodeConflict
						}
						if has(m.states, string(info.State)) {
							want = ""
							break
						}
					}
				}
				if want != "" && (has(ever, name) || has(ever, name+"@"+string(info.State))) {
					want = ticket.CodeConflict
				}
				if !seesMatrixTicket(name, info.State) {
					want = ticket.CodeNotFound
				}
				before := s.ticket.Version
				_, _, err := ticket.Apply(s.ticket, ticket.Command{
					Event: row.event, Input: wellFormed(s, row.event), Actor: actor, At: now, RecordedAt: now, CalendarVersion: 1,
				}, s.world.rules())
				if got := codeOf(err); got != want {
					t.Errorf("%s in %s by %s: got %q (%v), want %q", row.event, info.State, name, got, err, want)
				}
				if s.ticket.Version != before {
					t.Fatal("Apply changed the ticket that it was given")
				}
				allowed, err := ticket.Allowed(s.ticket, actor, now, s.world.rules())
				if err != nil {
					t.Fatal(err)
				}
				if slices.Contains(allowed, row.event) != (want == "") {
					t.Errorf("%s in %s by %s: Allowed says %t", row.event, info.State, name, want != "")
				}
			}
		}
	}
	for _, def := range ticket.Workflow() {
		if !covered[def.Event] {
			t.Errorf("%s is not in the matrix", def.Event)
		}
	}
}

// refused holds that the event fails with the code and changes nothing.
func (s *story) refused(at time.Time, actor ticket.Actor, event ticket.Event, in ticket.Input, code ticket.Code) {
	s.tb.Helper()
	_ = s.refusal(at, actor, event, in, code) // the code is all that is asked for
}

// refusal is the error of an event that is refused.
func (s *story) refusal(at time.Time, actor ticket.Actor, event ticket.Event, in ticket.Input, code ticket.Code) *ticket.Error {
	s.tb.Helper()
	lines := len(s.lines)
	err := s.try(at, actor, event, in)
	if got := codeOf(err); got != code {
		s.tb.Fatalf("%s by %s: got %q (%v), want %q", event, actor.ID, got, err, code)
	}
	if len(s.lines) != lines {
		s.tb.Fatalf("%s wrote a line", event)
	}
	var e *ticket.Error
	errors.As(err, &e)
	return e
}

// faulty holds that the values at just these places are refused.
func (s *story) faulty(at time.Time, actor ticket.Actor, event ticket.Event, in ticket.Input, pointers ...string) {
	s.tb.Helper()
	err := s.refusal(at, actor, event, in, ticket.CodeInvalidValue)
	var got []string
	for _, f := range err.Fields {
		got = append(got, f.Pointer)
	}
	if !slices.Equal(got, pointers) {
		s.tb.Fatalf("%s: faults at %q, want %q", event, got, pointers)
	}
}

func (s *story) in(state ticket.State) {
	s.tb.Helper()
	if s.ticket.State != state {
		s.tb.Fatalf("the ticket is %s, want %s", s.ticket.State, state)
	}
}

func TestSubmit(t *testing.T) {
	at := moment(t, "2023-09-18 10:00")
	for _, tt := range []struct {
		name   string
		actor  ticket.Actor
		source ticket.Source
		code   ticket.Code
	}{
		{"own", owner, ticket.SourceWeb, ""},
		{"manager", manager, ticket.SourceVisit, ""},
		{"desk", desk, ticket.SourceDesk, ""},
		{"station", station, ticket.SourceStation, ""},
		{"team", team, ticket.SourceVisit, ""},
		{"another enterprise", stranger, "", ticket.CodeForbidden},
		{"officer", officer, "", ticket.CodeForbidden},
		{"leader", leader, "", ticket.CodeForbidden},
		{"admin", admin, "", ticket.CodeForbidden},
		{"guest", expert, "", ticket.CodeForbidden},
		{"system", ticket.System, "", ticket.CodeForbidden},
	} {
		s := newStory(t)
		in := filing
		in.EnterpriseID, in.ProjectID = "e1", "p1"
		if tt.code != "" {
			s.refused(at, tt.actor, ticket.EventSubmit, in, tt.code)
			continue
		}
		s.do(at, tt.actor, ticket.EventSubmit, in)
		got := s.ticket
		if got.Source != tt.source || got.State != ticket.Submitted || got.EnterpriseID != "e1" || got.Urgency != ticket.Normal ||
			got.PlaceID != "town" || !slices.Equal(got.Chains, []string{"chip"}) || got.FiledBy != tt.actor.ID || got.Version != 1 ||
			got.Number != "2023-000001" || !got.FiledAt.Equal(at) {
			t.Errorf("%s: %+v", tt.name, got.Core)
		}
		s.replays()
	}
	s := newStory(t)
	bad := ticket.SubmitInput{EnterpriseID: "nobody", Title: "a", Description: "b", Category: "retired", ProjectID: "p9"}
	s.faulty(at, desk, ticket.EventSubmit, bad, "/enterprise_id", "/category", "/project_id")
	bad = filing
	bad.EnterpriseID, bad.ProjectID = "e2", "p1"
	s.faulty(at, desk, ticket.EventSubmit, bad, "/project_id")
	bad = filing
	bad.Attachments = []string{"mine", "other's", "used", "none"}
	s.world.attachments["mine"] = ticket.Attachment{UploadedBy: "owner"}
	s.world.attachments["other's"] = ticket.Attachment{UploadedBy: "desk"}
	s.world.attachments["used"] = ticket.Attachment{UploadedBy: "owner", TicketID: "t0"}
	s.faulty(at, owner, ticket.EventSubmit, bad, "/attachments/1", "/attachments/2", "/attachments/3")
}

func TestInputOfAnotherEvent(t *testing.T) {
	s := inState(t, ticket.Dispatched)
	s.refused(s.ticket.UpdatedAt, head, ticket.EventReturn, ticket.None{}, ticket.CodeInvalidForm)
	s.refused(s.ticket.UpdatedAt, head, ticket.EventReturn, nil, ticket.CodeInvalidForm)
	s.refused(s.ticket.UpdatedAt, head, ticket.EventReturn, &ticket.ReturnInput{}, ticket.CodeInvalidForm)
	s.refused(s.ticket.UpdatedAt, head, "no_such_event", nil, ticket.CodeNotFound)
	if err := newStory(t).try(s.ticket.UpdatedAt, head, ticket.EventClaim, nil); codeOf(err) != ticket.CodeNotFound {
		t.Error(err)
	}
}

func TestStaleVersion(t *testing.T) {
	s := inState(t, ticket.Dispatched)
	fire := func(actor ticket.Actor, event ticket.Event, expect int) ticket.Code {
		_, _, err := ticket.Apply(s.ticket, ticket.Command{Event: event, Input: wellFormed(s, event), Actor: actor, At: s.ticket.UpdatedAt, Expect: expect}, s.world.rules())
		return codeOf(err)
	}
	v := s.ticket.Version
	for _, tt := range []struct {
		actor  ticket.Actor
		event  ticket.Event
		expect int
		want   ticket.Code
	}{
		{officer, ticket.EventClaim, 0, ""},
		{officer, ticket.EventClaim, v, ""},
		{officer, ticket.EventClaim, v - 1, ticket.CodeStale},
		{officer, ticket.EventProgress, v - 1, ticket.CodeStale},    // before the state
		{officer, ticket.EventReturn, v - 1, ticket.CodeForbidden},  // after who
		{stranger, ticket.EventConfirm, v - 1, ticket.CodeNotFound}, // after sight
		{officer, ticket.EventProgress, v, ticket.CodeConflict},
	} {
		if got := fire(tt.actor, tt.event, tt.expect); got != tt.want {
			t.Errorf("%s by %s at %d: %q, want %q", tt.event, tt.actor.ID, tt.expect, got, tt.want)
		}
	}
}

func TestConflictNamesWhatIsLegal(t *testing.T) {
	s := inState(t, ticket.Dispatched)
	err := s.refusal(s.ticket.UpdatedAt, officer, ticket.EventProgress, ticket.ProgressInput{Text: "x"}, ticket.CodeConflict)
	want := []ticket.Event{ticket.EventClaim, ticket.EventAssign, ticket.EventWhistle, ticket.EventMessage}
	if !slices.Equal(err.Legal, want) {
		t.Errorf("legal: %v, want %v", err.Legal, want)
	}
}

func TestTimeNeverGoesBackwards(t *testing.T) {
	s := inState(t, ticket.Dispatched)
	before := s.ticket.UpdatedAt
	s.do(before.Add(-time.Hour), officer, ticket.EventClaim, nil)
	if !s.ticket.UpdatedAt.Equal(before) || !s.lines[len(s.lines)-1].RecordedAt.Equal(before.Add(-time.Hour)) {
		t.Errorf("at %v, recorded at %v", s.ticket.UpdatedAt, s.lines[len(s.lines)-1].RecordedAt)
	}
	s.replays()
}
