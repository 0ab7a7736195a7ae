package ticket_test

import (
	"slices"
	"testing"
	"time"

	"whistle/internal/ticket"
)

func (s *story) now() time.Time { return s.ticket.UpdatedAt.Add(time.Minute) }

// does fires an event with a well-formed input a minute after the last line.
func (s *story) does(actor ticket.Actor, event ticket.Event) {
	s.tb.Helper()
	s.do(s.now(), actor, event, wellFormed(s, event))
}

func TestSupplementing(t *testing.T) {
	s := inState(t, ticket.Supplementing)
	s.does(manager, ticket.EventSupplyInfo)
	s.in(ticket.Submitted)
	s.does(desk, ticket.EventAccept)
	accepted := *s.ticket.AcceptedAt
	s.does(desk, ticket.EventRequestInfo)
	s.in(ticket.Supplementing)
	s.refused(s.now(), owner, ticket.EventCorrect, wellFormed(s, ticket.EventCorrect), ticket.CodeConflict) // accepted before
	s.does(owner, ticket.EventSupplyInfo)
	s.does(desk, ticket.EventAccept)
	if !s.ticket.AcceptedAt.Equal(accepted) {
		t.Error("accepted at its second accept")
	}
	s.replays()
}

func TestCorrect(t *testing.T) {
	s := inState(t, ticket.Submitted)
	s.faulty(s.now(), owner, ticket.EventCorrect, ticket.CorrectInput{Reason: "x"}, "")
	s.faulty(s.now(), owner, ticket.EventCorrect, ticket.CorrectInput{EnterpriseID: "e2", Reason: "x"}, "/enterprise_id")
	s.faulty(s.now(), desk, ticket.EventCorrect, ticket.CorrectInput{EnterpriseID: "none", Category: "none", Reason: "x"}, "/category", "/enterprise_id")
	s.do(s.now(), desk, ticket.EventCorrect, ticket.CorrectInput{
		Category: "land", Title: "a plot", EnterpriseID: "e2", Urgency: ticket.Urgent, Confidential: yes(true), Reason: "misheard",
	})
	got := s.ticket
	if got.Category != "land" || got.Title != "a plot" || got.EnterpriseID != "e2" || got.PlaceID != "park" || got.Chains != nil ||
		got.ProjectID != "" || got.Urgency != ticket.Urgent || !got.Confidential || got.State != ticket.Submitted {
		t.Errorf("%+v", got.Core)
	}
	old := s.lines[len(s.lines)-1].Facts.Old
	if old == nil || old.Category != "labour" || old.Title != "no workers" || old.EnterpriseID != "e1" || old.Urgency != ticket.Normal ||
		old.Confidential == nil || *old.Confidential {
		t.Errorf("the old is kept as %+v", old)
	}
	s.replays()
}

func TestRejectAndReopen(t *testing.T) {
	s := inState(t, ticket.Submitted)
	s.faulty(s.now(), desk, ticket.EventReject, ticket.RejectInput{ReasonCode: "whim", Text: "x"}, "/reason_code")
	s.does(desk, ticket.EventReject)
	if s.ticket.Exclusion() != "rejected" || s.ticket.Valid() {
		t.Error("counted though rejected")
	}
	s.refused(s.now(), owner, ticket.EventReopen, ticket.ReasonInput{Reason: "x"}, ticket.CodeConflict)
	s.do(s.now().AddDate(1, 0, 0), desk, ticket.EventReopen, ticket.ReasonInput{Reason: "our error"})
	s.in(ticket.Submitted)
	if !s.ticket.Valid() || s.ticket.Reopens != 0 {
		t.Error("a rejected ticket that is reopened counts anew and is no rework")
	}
	s.replays()
}

func TestWithdrawInTheDenominator(t *testing.T) {
	for state, want := range map[ticket.State]bool{
		ticket.Submitted: false, ticket.Accepted: false, ticket.Dispatched: true, ticket.Joint: true, ticket.Resolving: true, ticket.Suspended: true,
	} {
		s := inState(t, state)
		s.does(owner, ticket.EventWithdraw)
		s.in(ticket.Withdrawn)
		if s.ticket.Valid() != want {
			t.Errorf("withdrawn from %s: valid %t", state, !want)
		}
		for _, c := range s.ticket.Clocks {
			if c.Running() {
				t.Errorf("withdrawn from %s: the %s clock runs", state, c.Name)
			}
		}
		s.replays()
	}
}

func TestMerge(t *testing.T) {
	s := inState(t, ticket.Accepted)
	for _, id := range []string{"t1", "t8", "none"} { // itself, closed, not there
		s.faulty(s.now(), desk, ticket.EventMerge, ticket.MergeInput{IntoID: id}, "/into_id")
	}
	s.does(desk, ticket.EventMerge)
	if s.ticket.MergedInto != "t9" || s.ticket.Exclusion() != "merged" {
		t.Errorf("%+v", s.ticket.Core)
	}
	// A circle would need a ticket that is open and merged.
	other := *s.ticket
	other.ID = "t2"
	s.world.tickets["t2"] = &other
	back := newStory(t)
	back.world = s.world
	back.do(moment(t, "2023-09-18 10:00"), owner, ticket.EventSubmit, filing)
	back.faulty(back.now(), desk, ticket.EventMerge, ticket.MergeInput{IntoID: "t2"}, "/into_id")
}

func TestDispatch(t *testing.T) {
	s := inState(t, ticket.Accepted)
	s.faulty(s.now(), desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "gone", DepartmentIDs: []string{"gone", "none"}},
		"/lead_id", "/department_ids/0", "/department_ids/1")
	s.faulty(s.now(), desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d1", DepartmentIDs: []string{"d1"}}, "/department_ids/0")
	s.do(s.now(), desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d1", DepartmentIDs: []string{"d2"}, Urgency: ticket.Urgent})
	if s.ticket.LeadID != "d1" || s.ticket.Urgency != ticket.Urgent || !slices.Equal(s.ticket.Joined(), []string{"d2"}) ||
		s.ticket.Clock(ticket.ClockClaim).Length.Amount != 2 || s.ticket.Clock(ticket.ClockResolve).Length.Amount != 2 {
		t.Errorf("%+v %+v", s.ticket.Core, s.ticket.Clocks)
	}
	s.replays()
}

func TestRecallIsNoReturn(t *testing.T) {
	s := inState(t, ticket.Dispatched)
	returns := s.ticket.Returns
	s.does(desk, ticket.EventRecall)
	s.in(ticket.Accepted)
	if s.ticket.Returns != returns || s.ticket.LeadID != "" || s.ticket.Joined() != nil {
		t.Errorf("%+v", s.ticket)
	}
	if officer.Sees(s.ticket) {
		t.Error("a department from which the ticket was recalled still sees it")
	}
	s.replays()
}

func TestFinalAfterTwoReturns(t *testing.T) {
	s := inState(t, ticket.Dispatched) // returned once
	if s.ticket.Final {
		t.Error("final after one return")
	}
	s.does(head, ticket.EventReturn)
	s.do(s.now(), desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d3"})
	if !s.ticket.Final || s.ticket.Returns != 2 {
		t.Fatalf("returns %d, final %t", s.ticket.Returns, s.ticket.Final)
	}
	s.refused(s.now(), head3, ticket.EventReturn, wellFormed(s, ticket.EventReturn), ticket.CodeConflict)
	s.does(officer3, ticket.EventClaim)
	s.refused(s.now(), head3, ticket.EventReturn, wellFormed(s, ticket.EventReturn), ticket.CodeConflict)
	s.does(officer3, ticket.EventWhistle)
	s.in(ticket.Joint)
	if !s.ticket.LeadChanged() {
		t.Error("the lead has changed")
	}
	s.replays()
}

func TestFinalByWhistle(t *testing.T) {
	s := inState(t, ticket.Dispatched)
	s.does(head, ticket.EventReturn)
	s.does(desk, ticket.EventWhistle)
	if !s.ticket.Final {
		t.Error("named by the whistle after two returns, and not final")
	}
}

func TestReturnWindow(t *testing.T) {
	claim := func(at string) *story {
		s := newStory(t)
		s.do(moment(t, "2023-09-28 09:00"), owner, ticket.EventSubmit, filing)
		s.do(moment(t, "2023-09-28 09:10"), desk, ticket.EventAccept, nil)
		s.do(moment(t, "2023-09-28 09:20"), desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d1"})
		s.do(moment(t, at), officer, ticket.EventClaim, nil)
		return s
	}
	back := ticket.ReturnInput{ReasonCode: "other", Text: "not our duty"}
	// The working day after Thursday 28 September is Saturday 7 October.
	for _, at := range []string{"2023-09-28 10:00", "2023-09-28 19:00", "2023-09-30 10:00", "2023-10-06 23:59"} {
		s := claim(at)
		s.faulty(s.now(), head, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "whim", Text: "x"}, "/reason_code")
		s.refused(moment(t, "2023-10-07 18:00").Add(time.Microsecond), head, ticket.EventReturn, back, ticket.CodeConflict)
		s.do(moment(t, "2023-10-07 18:00"), head, ticket.EventReturn, back)
		s.in(ticket.Accepted)
		d := s.ticket.Dispatches[0]
		if d.ClaimedAt == nil || d.ReturnedAt == nil || s.ticket.Returns != 1 || s.ticket.LeadID != "" || s.ticket.ClaimedAt != nil {
			t.Errorf("%+v", s.ticket)
		}
		s.replays()
	}
	s := claim("2023-10-07 09:00")
	s.do(moment(t, "2023-10-08 18:00"), head, ticket.EventReturn, back) // Sunday, worked
}

func TestOneClaimWins(t *testing.T) {
	s := inState(t, ticket.Dispatched)
	s.does(head, ticket.EventClaim)
	if s.ticket.AssigneeID != head.ID {
		t.Errorf("assigned to %q", s.ticket.AssigneeID)
	}
	s.refused(s.now(), officer, ticket.EventClaim, nil, ticket.CodeConflict)
}

func TestAssign(t *testing.T) {
	s := inState(t, ticket.Resolving)
	s.faulty(s.now(), officer, ticket.EventAssign, ticket.AssignInput{UserID: "head1"}, "/user_id")
	for _, id := range []string{"officer2", "left", "none"} {
		s.faulty(s.now(), head, ticket.EventAssign, ticket.AssignInput{UserID: id}, "/user_id")
	}
	s.do(s.now(), head, ticket.EventAssign, ticket.AssignInput{UserID: "officer1"})
	s.do(s.now(), head, ticket.EventAssign, ticket.AssignInput{UserID: "head1"})
	if s.ticket.AssigneeID != "head1" {
		t.Error(s.ticket.AssigneeID)
	}
	s.does(officer, ticket.EventProgress) // any officer may still act
	deputy := officer
	deputy.Deputy = true
	s.do(s.now(), deputy, ticket.EventAssign, ticket.AssignInput{UserID: "head1"})
	s.replays()
}

func TestRequestWhistle(t *testing.T) {
	s := inState(t, ticket.Accepted)
	s.refused(s.now(), desk, ticket.EventDeclineWhistle, ticket.ReasonInput{Reason: "x"}, ticket.CodeConflict)
	s.does(owner, ticket.EventRequestWhistle)
	s.refused(s.now(), manager, ticket.EventRequestWhistle, ticket.ReasonInput{Reason: "x"}, ticket.CodeConflict)
	s.does(desk, ticket.EventDispatch) // it is still asked for
	s.does(desk, ticket.EventDeclineWhistle)
	s.does(owner, ticket.EventRequestWhistle)
	s.does(head, ticket.EventWhistle)
	want := []ticket.RequestState{ticket.RequestDeclined, ticket.RequestApproved}
	for i, r := range s.ticket.Requests {
		if r.State != want[i] || r.DecidedAt == nil {
			t.Errorf("request %d: %+v", i, r)
		}
	}
	s.replays()
}

func TestWhistleFromAcceptedIsTheFirstDispatch(t *testing.T) {
	s := inState(t, ticket.Accepted)
	in := ticket.WhistleInput{DepartmentIDs: []string{"d2"}, Question: "who?"}
	s.faulty(s.now(), desk, ticket.EventWhistle, in, "/lead_id")
	in.LeadID = "d2"
	s.faulty(s.now(), desk, ticket.EventWhistle, in, "/department_ids/0")
	in.LeadID, in.DepartmentIDs = "gone", []string{"gone", "none"}
	s.faulty(s.now(), desk, ticket.EventWhistle, in, "/lead_id", "/department_ids/0", "/department_ids/1")
	in = ticket.WhistleInput{DepartmentIDs: []string{"d2", "d3"}, Question: "who?", LeadID: "d1", Convener: ticket.ConvenedByDesk}
	at := s.now()
	s.do(at, desk, ticket.EventWhistle, in)
	s.in(ticket.Joint)
	got := s.ticket
	if got.LeadID != "d1" || got.FirstDispatchAt == nil || !got.FirstDispatchAt.Equal(at) || len(got.Dispatches) != 1 ||
		got.Dispatches[0].Clock != -1 || got.Dispatches[0].ClaimedAt != nil || got.Convener != ticket.ConvenedByDesk ||
		!slices.Equal(got.Joined(), []string{"d2", "d3"}) || got.Clock(ticket.ClockClaim) != nil || got.Round != 1 {
		t.Errorf("%+v", got)
	}
	if c := got.Clock(ticket.ClockDispatch); c.MetAt == nil {
		t.Error("the dispatch clock is not met")
	}
	// The desk convenes: it concludes, the lead's head does not.
	s.refused(s.now(), head, ticket.EventInvite, wellFormed(s, ticket.EventInvite), ticket.CodeForbidden)
	s.does(desk, ticket.EventInvite)
	s.replays()
}

func TestWhistleFromDispatched(t *testing.T) {
	s := inState(t, ticket.Dispatched)
	in := ticket.WhistleInput{DepartmentIDs: []string{"d3"}, Question: "who?", LeadID: "d2"}
	s.faulty(s.now(), officer, ticket.EventWhistle, in, "/lead_id")
	in.LeadID, in.DepartmentIDs = "", []string{"d3", "d1"}
	s.faulty(s.now(), officer, ticket.EventWhistle, in, "/department_ids/1")
	s.does(officer, ticket.EventWhistle)
	d := s.ticket.Dispatches[len(s.ticket.Dispatches)-1]
	if d.ClaimedAt == nil || s.ticket.ClaimedAt == nil || s.ticket.Clock(ticket.ClockClaim).MetAt == nil || s.ticket.Convener != ticket.ConvenedByLead {
		t.Error("the lead's whistle is its claim")
	}
	s.replays()

	s = inState(t, ticket.Dispatched)
	s.does(desk, ticket.EventWhistle)
	if d := s.ticket.Dispatches[len(s.ticket.Dispatches)-1]; d.ClaimedAt != nil {
		t.Error("the desk's whistle is not the lead's claim")
	}
	s.replays()
}

func TestJointHandling(t *testing.T) {
	s := inState(t, ticket.Resolving)
	s.do(s.now(), officer, ticket.EventWhistle, ticket.WhistleInput{DepartmentIDs: []string{"d2", "d3"}, Question: "who?"})
	s.does(helper, ticket.EventReportIn)
	s.refused(s.now(), head2, ticket.EventReportIn, wellFormed(s, ticket.EventReportIn), ticket.CodeConflict) // once a department
	s.faulty(s.now(), head, ticket.EventConclude, ticket.ConcludeInput{Minutes: "m"}, "/without")
	s.faulty(s.now(), head, ticket.EventConclude, ticket.ConcludeInput{Minutes: "m", Without: []ticket.Absent{
		{DepartmentID: "d4", Reason: "x"}, {DepartmentID: "d2", Reason: "x"}, {DepartmentID: "d3", Reason: "x"}, {DepartmentID: "d3", Reason: "x"},
	}}, "/without/0/department_id", "/without/1/department_id", "/without/3/department_id")
	past := s.ticket.UpdatedAt
	s.faulty(s.now(), head, ticket.EventConclude, ticket.ConcludeInput{
		Minutes: "m", Without: []ticket.Absent{{DepartmentID: "d3", Reason: "x"}},
		Tasks: []ticket.NewTask{{DepartmentID: "d4", Text: "x"}, {DepartmentID: "d2", Text: "x", DueAt: &past}},
	}, "/tasks/0/department_id", "/tasks/1/due_at")
	s.refused(s.now(), officer, ticket.EventConclude, ticket.ConcludeInput{Minutes: "m"}, ticket.CodeForbidden)
	due := s.now().AddDate(0, 0, 3)
	s.do(s.now(), head, ticket.EventConclude, ticket.ConcludeInput{
		Minutes: "m", Without: []ticket.Absent{{DepartmentID: "d3", Reason: "away"}},
		Tasks: []ticket.NewTask{{DepartmentID: "d2", Text: "x", DueAt: &due}, {DepartmentID: "d1", Text: "y"}},
	})
	s.in(ticket.Resolving)
	// The absent one's summons is still missed when due.
	absent := s.ticket.Clocks[s.ticket.Summons[1].Clock]
	if absent.Missed(absent.DueAt) || !absent.Missed(absent.DueAt.Add(time.Microsecond)) || absent.Running() {
		t.Errorf("%+v", absent)
	}
	first, second := s.ticket.Tasks[0].ID, s.ticket.Tasks[1].ID
	s.faulty(s.now(), helper, ticket.EventFinishTask, ticket.FinishTaskInput{TaskID: second, Result: "x"}, "/task_id")
	s.faulty(s.now(), helper, ticket.EventFinishTask, ticket.FinishTaskInput{TaskID: "none", Result: "x"}, "/task_id")
	s.refused(s.now(), officer3, ticket.EventFinishTask, ticket.FinishTaskInput{TaskID: first, Result: "x"}, ticket.CodeConflict)
	s.refused(s.now(), head, ticket.EventResolve, wellFormed(s, ticket.EventResolve), ticket.CodeConflict)
	s.do(s.now(), helper, ticket.EventFinishTask, ticket.FinishTaskInput{TaskID: first, Result: "x"})
	s.faulty(s.now(), head, ticket.EventCancelTask, ticket.CancelTaskInput{TaskID: first, Reason: "x"}, "/task_id")
	s.refused(s.now(), desk, ticket.EventCancelTask, ticket.CancelTaskInput{TaskID: second, Reason: "x"}, ticket.CodeForbidden)
	s.do(s.now(), head, ticket.EventCancelTask, ticket.CancelTaskInput{TaskID: second, Reason: "x"})
	// A later whistle is a new round.
	s.do(s.now(), head, ticket.EventWhistle, ticket.WhistleInput{DepartmentIDs: []string{"d3"}, Question: "again"})
	if s.ticket.Round != 2 || len(s.ticket.Summons) != 3 {
		t.Errorf("round %d, %d summonses", s.ticket.Round, len(s.ticket.Summons))
	}
	s.refused(s.now(), helper, ticket.EventReportIn, wellFormed(s, ticket.EventReportIn), ticket.CodeForbidden) // of the first round
	s.do(absent.DueAt.Add(time.Hour), officer3, ticket.EventReportIn, wellFormed(s, ticket.EventReportIn))
	if s.ticket.Clocks[s.ticket.Summons[1].Clock].MissedAt == nil {
		t.Error("the first summons of the absent one is not missed")
	}
	s.does(head, ticket.EventConclude)
	s.does(head, ticket.EventResolve)
	s.replays()
}

func TestExperts(t *testing.T) {
	s := inState(t, ticket.Joint)
	for _, id := range []string{"expert", "officer2", "none"} { // invited already, no guest, nobody
		s.faulty(s.now(), head, ticket.EventInvite, ticket.InviteInput{UserID: id}, "/user_id")
	}
	s.does(expert, ticket.EventAdvise)
	s.does(helper, ticket.EventReportIn)
	s.does(head, ticket.EventConclude)
	if expert.Sees(s.ticket) {
		t.Error("an expert sees the ticket after the joint handling")
	}
	s.does(head, ticket.EventWhistle)
	if expert.Sees(s.ticket) {
		t.Error("an expert of the first round sees the second")
	}
	s.do(s.now(), desk, ticket.EventCorrect, ticket.CorrectInput{Confidential: yes(true), Reason: "a secret"})
	s.refused(s.now(), head, ticket.EventInvite, wellFormed(s, ticket.EventInvite), ticket.CodeConflict)
}

func TestUrgeOnceAWorkingDay(t *testing.T) {
	s := inState(t, ticket.Resolving)
	urge := func(at string, code ticket.Code) {
		t.Helper()
		if got := codeOf(s.try(moment(t, at), owner, ticket.EventUrge, ticket.UrgeInput{})); got != code {
			t.Errorf("at %s: %q, want %q", at, got, code)
		}
	}
	urge("2023-09-28 10:00", "")
	urge("2023-09-28 23:59", ticket.CodeConflict)
	urge("2023-09-29 00:00", "")                  // the holiday counts to the first working day after it
	urge("2023-10-06 12:00", ticket.CodeConflict) //
	urge("2023-10-07 12:00", ticket.CodeConflict)
	urge("2023-10-08 00:00", "")
	s.replays()
}

func TestOrders(t *testing.T) {
	s := inState(t, ticket.Accepted)
	s.does(leader, ticket.EventInstruct)
	s.does(leader, ticket.EventTakeCharge)
	if s.ticket.ChargeID != leader.ID {
		t.Error("nobody is in charge")
	}
	first, second := s.ticket.Orders[0].ID, s.ticket.Orders[1].ID
	s.do(s.now(), desk, ticket.EventAnswer, ticket.AnswerInput{OrderID: first, Text: "x"})
	s.faulty(s.now(), desk, ticket.EventAnswer, ticket.AnswerInput{OrderID: first, Text: "x"}, "/order_id")
	s.does(desk, ticket.EventDispatch)
	s.refused(s.now(), desk, ticket.EventAnswer, ticket.AnswerInput{OrderID: second, Text: "x"}, ticket.CodeConflict) // there is a lead
	s.does(officer, ticket.EventClaim)
	s.does(head, ticket.EventResolve)
	s.does(owner, ticket.EventConfirm)
	s.do(s.now(), officer, ticket.EventAnswer, ticket.AnswerInput{OrderID: second, Text: "x"}) // in any state
	s.in(ticket.Closed)
	for _, c := range s.ticket.Clocks {
		if c.Name == ticket.ClockAnswer && c.MetAt == nil {
			t.Errorf("not met: %+v", c)
		}
	}
	s.replays()
}

func TestExtensions(t *testing.T) {
	s := inState(t, ticket.Resolving)
	c := s.ticket.Clock(ticket.ClockResolve)
	if !c.DueAt.Equal(moment(t, "2023-09-25 18:00")) { // the 5th working day after Monday the 18th
		t.Fatal(c.DueAt)
	}
	ask := func(due string) ticket.RequestExtensionInput {
		return ticket.RequestExtensionInput{DueAt: moment(t, due), Reason: "hard"}
	}
	s.faulty(s.now(), officer, ticket.EventRequestExtension, ask("2023-09-25 18:00"), "/due_at")
	s.faulty(s.now(), officer, ticket.EventRequestExtension, ask("2023-10-08 18:01"), "/due_at")
	// Five working days from the 25th: 26, 27, 28 Sept, 7 and 8 Oct. Asked at
	// the last instant and decided after it.
	s.do(moment(t, "2023-09-25 18:00"), officer, ticket.EventRequestExtension, ask("2023-10-08 18:00"))
	s.refused(moment(t, "2023-09-25 18:00"), officer, ticket.EventRequestExtension, ask("2023-09-27 18:00"), ticket.CodeConflict)
	s.do(moment(t, "2023-09-26 10:00"), officer, ticket.EventProgress, ticket.ProgressInput{Text: "x"})
	s.refused(moment(t, "2023-09-26 10:00"), desk, ticket.EventDecideExtension, ticket.DecideInput{Approve: true}, ticket.CodeConflict)
	s.do(moment(t, "2023-09-26 11:00"), head, ticket.EventDecideExtension, ticket.DecideInput{Approve: true})
	c = s.ticket.Clock(ticket.ClockResolve)
	if c.Missed(moment(t, "2023-10-08 18:00")) || !c.DueAt.Equal(moment(t, "2023-10-08 18:00")) {
		t.Errorf("asked in time, granted later: %+v", c)
	}
	// The second is the desk's.
	s.do(moment(t, "2023-10-08 17:00"), head, ticket.EventRequestExtension, ask("2023-10-09 18:00"))
	s.refused(moment(t, "2023-10-08 17:10"), head, ticket.EventDecideExtension, ticket.DecideInput{Approve: true}, ticket.CodeConflict)
	s.do(moment(t, "2023-10-08 17:10"), desk, ticket.EventDecideExtension, ticket.DecideInput{})
	s.do(moment(t, "2023-10-08 17:20"), head, ticket.EventRequestExtension, ask("2023-10-09 18:00"))
	s.do(moment(t, "2023-10-08 17:30"), desk, ticket.EventDecideExtension, ticket.DecideInput{Approve: true})
	s.refused(moment(t, "2023-10-08 17:40"), head, ticket.EventRequestExtension, ask("2023-10-10 18:00"), ticket.CodeConflict) // at most two
	s.replays()

	s = inState(t, ticket.Resolving)
	s.refused(moment(t, "2023-09-25 18:00").Add(time.Microsecond), officer, ticket.EventRequestExtension, ask("2023-09-27 18:00"), ticket.CodeConflict)
}

// The deadline may move while an extension waits for its answer.
func TestExtensionNeverShortens(t *testing.T) {
	s := inState(t, ticket.Submitted)
	s.do(s.now(), owner, ticket.EventCorrect, ticket.CorrectInput{Urgency: ticket.Urgent, Reason: "x"})
	s.does(desk, ticket.EventAccept)
	s.does(desk, ticket.EventDispatch)
	s.does(officer, ticket.EventClaim)
	s.do(s.now(), officer, ticket.EventRequestExtension, ticket.RequestExtensionInput{DueAt: moment(t, "2023-09-21 18:00"), Reason: "x"})
	s.do(s.now(), desk, ticket.EventCorrect, ticket.CorrectInput{Urgency: ticket.Normal, Reason: "x"})
	s.do(s.now(), head, ticket.EventDecideExtension, ticket.DecideInput{Approve: true})
	if due := s.ticket.Clock(ticket.ClockResolve).DueAt; !due.Equal(moment(t, "2023-09-25 18:00")) {
		t.Errorf("due %v", due)
	}
	s.replays()
}

func TestSuspension(t *testing.T) {
	s := inState(t, ticket.Resolving)
	ask := func(d string) ticket.RequestSuspensionInput {
		return ticket.RequestSuspensionInput{Condition: "a plan", ReviewDate: date(d)}
	}
	s.faulty(moment(t, "2023-09-19 10:00"), head, ticket.EventRequestSuspension, ask("2023-09-19"), "/review_date")
	s.do(moment(t, "2023-09-19 10:00"), head, ticket.EventRequestSuspension, ask("2023-09-20"))
	s.do(moment(t, "2023-09-19 10:10"), desk, ticket.EventDecideSuspension, ticket.DecideInput{})
	s.in(ticket.Resolving)
	s.do(moment(t, "2023-09-19 10:20"), head, ticket.EventRequestSuspension, ask("2023-09-30")) // within the holiday
	s.do(moment(t, "2023-09-19 10:30"), desk, ticket.EventDecideSuspension, ticket.DecideInput{Approve: true})
	s.in(ticket.Suspended)
	if !s.ticket.OnLedger || *s.ticket.ReviewDate != date("2023-09-30") {
		t.Errorf("%+v", s.ticket.Detail)
	}
	resumes, err := s.world.rules().ResumesAt(s.ticket)
	if err != nil || !resumes.Equal(moment(t, "2023-10-07 09:00")) {
		t.Errorf("resumes at %v, %v", resumes, err)
	}
	s.faulty(moment(t, "2023-09-27 10:30"), desk, ticket.EventReview, ticket.ReviewInput{ReviewDate: date("2023-09-27"), Text: "x"}, "/review_date")
	s.do(moment(t, "2023-09-27 10:30"), desk, ticket.EventReview, ticket.ReviewInput{ReviewDate: date("2023-10-08"), Text: "x"})
	s.refused(moment(t, "2023-10-08 09:00").Add(-time.Microsecond), ticket.System, ticket.EventResume, nil, ticket.CodeConflict)
	s.do(moment(t, "2023-10-08 09:00"), ticket.System, ticket.EventResume, nil)
	s.in(ticket.Resolving)
	if !s.ticket.OnLedger || s.ticket.ReviewDate != nil {
		t.Error("the ledger holds it until it is closed")
	}
	s.does(head, ticket.EventResolve)
	if !s.ticket.OnLedger {
		t.Error("struck off before the enterprise confirmed")
	}
	s.does(owner, ticket.EventConfirm)
	if s.ticket.OnLedger {
		t.Error("still on the ledger")
	}
	s.replays()
}

func TestResolveByATrustedOfficer(t *testing.T) {
	s := inState(t, ticket.Accepted)
	s.do(s.now(), desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d3"})
	s.does(officer3, ticket.EventClaim)
	s.do(s.now(), officer3, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Explained, Result: "it cannot be done"})
	s.in(ticket.Verifying)
	if s.ticket.ClaimedOutcome != ticket.Explained || s.ticket.Outcome != "" || !s.ticket.ReachedVerifying {
		t.Errorf("%+v", s.ticket.Core)
	}
	s.does(owner, ticket.EventConfirm)
	if s.ticket.Outcome != ticket.Explained || s.ticket.Satisfaction != 4 || s.ticket.ClosedAt == nil {
		t.Errorf("%+v", s.ticket.Core)
	}
	s.replays()
}

func TestDisputes(t *testing.T) {
	s := inState(t, ticket.Joint)
	s.does(helper, ticket.EventReportIn)
	s.does(head, ticket.EventConclude)
	s.does(head, ticket.EventResolve)
	s.does(owner, ticket.EventDispute)
	s.in(ticket.Resolving)
	if s.ticket.ClaimedOutcome != "" || s.ticket.Disputes != 1 {
		t.Errorf("%+v", s.ticket.Core)
	}
	for round := 2; round <= 3; round++ {
		s.does(head, ticket.EventResolve)
		s.does(owner, ticket.EventDispute)
		s.in(ticket.Joint)
		if s.ticket.Convener != ticket.ConvenedByDesk || s.ticket.Round != round {
			t.Fatalf("convened by %s in round %d", s.ticket.Convener, s.ticket.Round)
		}
		s.refused(s.now(), head, ticket.EventConclude, ticket.ConcludeInput{Minutes: "m"}, ticket.CodeForbidden)
		s.faulty(s.now(), desk, ticket.EventConclude, ticket.ConcludeInput{Minutes: "m"}, "/without")
		s.does(head2, ticket.EventReportIn) // summoned anew
		s.does(desk, ticket.EventConclude)
		s.in(ticket.Resolving)
	}
	s.replays()
}

func TestCallback(t *testing.T) {
	reached := func(solved bool) ticket.CallbackInput {
		return ticket.CallbackInput{Reached: true, Solved: yes(solved), Satisfaction: 3, Said: "x"}
	}
	missed := ticket.CallbackInput{Said: "no answer"}
	// Resolved on Monday 18 September; the verify clock is out on the 25th.
	out := moment(t, "2023-09-25 18:00")
	s := inState(t, ticket.Verifying)
	s.refused(out, desk, ticket.EventCallback, reached(true), ticket.CodeConflict)
	after := out.Add(time.Minute)
	s.faulty(after, desk, ticket.EventCallback, ticket.CallbackInput{Reached: true, Said: "x"}, "/solved")
	s.faulty(after, desk, ticket.EventCallback, ticket.CallbackInput{Solved: yes(true), Satisfaction: 2, Said: "x"}, "/solved", "/satisfaction")
	s.do(after, desk, ticket.EventCallback, reached(true))
	if s.ticket.State != ticket.Closed || s.ticket.VerifiedBy != ticket.ByCallback || s.ticket.Satisfaction != 3 || s.ticket.Outcome != ticket.Solved {
		t.Errorf("%+v", s.ticket.Core)
	}
	s.replays()

	s = inState(t, ticket.Verifying)
	s.do(after, desk, ticket.EventCallback, reached(false))
	s.in(ticket.Resolving)
	s.does(head, ticket.EventResolve)
	s.do(moment(t, "2023-10-20 10:00"), desk, ticket.EventCallback, reached(false))
	s.in(ticket.Joint)
	if s.ticket.Convener != ticket.ConvenedByDesk || s.ticket.Disputes != 2 {
		t.Errorf("%+v", s.ticket.Detail)
	}
	s.replays()

	s = inState(t, ticket.Verifying)
	for _, at := range []string{"2023-09-26 10:00", "2023-09-26 15:00", "2023-09-30 10:00", "2023-10-01 10:00", "2023-10-07 10:00", "2023-10-07 20:00"} {
		s.do(moment(t, at), desk, ticket.EventCallback, missed)
		s.in(ticket.Verifying)
	}
	if len(s.ticket.Unreached) != 2 {
		t.Errorf("unreached on %v", s.ticket.Unreached)
	}
	s.do(moment(t, "2023-10-08 09:00"), desk, ticket.EventCallback, missed)
	if s.ticket.State != ticket.Closed || s.ticket.VerifiedBy != ticket.Unreachable || s.ticket.Outcome != ticket.Solved || s.ticket.Satisfaction != 0 {
		t.Errorf("%+v", s.ticket.Core)
	}
	s.replays()

	// Calls before a rework do not count after it.
	s = inState(t, ticket.Verifying)
	s.do(moment(t, "2023-09-26 10:00"), desk, ticket.EventCallback, missed)
	s.do(moment(t, "2023-09-27 10:00"), desk, ticket.EventCallback, missed)
	s.does(owner, ticket.EventDispute)
	s.does(head, ticket.EventResolve)
	s.do(moment(t, "2023-10-20 10:00"), desk, ticket.EventCallback, missed)
	s.in(ticket.Verifying)
	s.replays()
}

func TestReopen(t *testing.T) {
	s := inState(t, ticket.Closed)
	reason := ticket.ReasonInput{Reason: "it came back"}
	closed := *s.ticket.ClosedAt
	s.refused(closed.AddDate(0, 0, 30).Add(time.Microsecond), owner, ticket.EventReopen, reason, ticket.CodeConflict)
	late := *s
	late.do(closed.AddDate(2, 0, 0), desk, ticket.EventReopen, reason) // the desk any time
	s.do(closed.AddDate(0, 0, 30), owner, ticket.EventReopen, reason)
	s.in(ticket.Resolving)
	got := s.ticket
	if got.Outcome != "" || got.ClaimedOutcome != "" || got.VerifiedBy != "" || got.Satisfaction != 0 || got.ClosedAt != nil || got.HandlingSeconds != nil || got.Reopens != 1 {
		t.Errorf("%+v", got)
	}
	s.does(officer, ticket.EventProgress)
	s.replays()

	s = inState(t, ticket.Closed)
	gone := s.world.departments["d1"]
	gone.Retired = true
	s.world.departments["d1"] = gone
	s.does(owner, ticket.EventReopen)
	s.in(ticket.Accepted)
	if s.ticket.LeadID != "" || officer.Sees(s.ticket) {
		t.Error("the retired department still leads")
	}
	s.do(s.now(), desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d3"})
	s.replays()
}

func TestSightOfFormerLeads(t *testing.T) {
	s := inState(t, ticket.Resolving)
	if got := head4.SeesUpTo(s.ticket); got != 4 { // submit, accept, dispatch, return
		t.Errorf("the former lead sees up to %d", got)
	}
	if got := officer.SeesUpTo(s.ticket); got != s.ticket.Version {
		t.Errorf("the lead sees up to %d", got)
	}
	if got := stranger.SeesUpTo(s.ticket); got != 0 {
		t.Errorf("a stranger sees up to %d", got)
	}
	s.does(head, ticket.EventReturn)
	s.do(s.now(), desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d4"})
	if got := head4.SeesUpTo(s.ticket); got != s.ticket.Version {
		t.Error("leads again and does not see it")
	}
	if got := head.SeesUpTo(s.ticket); got != s.ticket.Version-1 {
		t.Errorf("sees up to %d of %d", got, s.ticket.Version)
	}
}

func TestConfidentialSight(t *testing.T) {
	sees := func(s *story, names ...string) {
		t.Helper()
		for name, actor := range cast {
			if want := slices.Contains(names, name); actor.Sees(s.ticket) != want {
				t.Errorf("%s: sees %t", name, !want)
			}
		}
	}
	for _, state := range []ticket.State{ticket.Joint, ticket.Verifying} {
		s := inState(t, state)
		s.do(s.now(), desk, ticket.EventCorrect, ticket.CorrectInput{Confidential: yes(true), Reason: "a secret"})
		sees(s, "own", "desk", "officer", "head", "co", "cohead", "leader", "system")
	}
	s := newStory(t)
	secret := filing
	secret.EnterpriseID, secret.Confidential = "e1", true
	s.do(moment(t, "2023-09-18 10:00"), manager, ticket.EventSubmit, secret)
	sees(s, "own", "manager", "desk", "leader", "system") // the manager filed it
}

func TestWhatTheEnterpriseReads(t *testing.T) {
	s := inState(t, ticket.Resolving)
	s.does(head, ticket.EventWhistle)
	read := func(want bool, hidden ...string) {
		t.Helper()
		line := s.lines[len(s.lines)-1]
		all, ok, err := line.Data(ticket.LeadOfficer)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		data, ok, err := line.Data(ticket.Own)
		if err != nil || ok != want {
			t.Errorf("%s: the enterprise reads it: %t, %v", line.Event, ok, err)
		}
		for _, field := range hidden {
			if _, there := all[field]; !there {
				t.Errorf("%s has no %s", line.Event, field)
			}
			if _, there := data[field]; there {
				t.Errorf("%s: the enterprise reads %s", line.Event, field)
			}
		}
	}
	read(true, "question")
	s.does(helper, ticket.EventReportIn)
	read(true, "position", "text")
	s.does(head, ticket.EventConclude)
	read(true, "minutes")
	s.does(officer, ticket.EventProgress)
	read(false)
	s.do(s.now(), officer, ticket.EventProgress, ticket.ProgressInput{Text: "for all", Public: true})
	read(true)
	s.does(leader, ticket.EventSupervise)
	read(false)
	s.does(officer, ticket.EventMessage)
	read(true)
	if _, _, err := (&ticket.Line{Event: "none"}).Data(ticket.Own); err == nil {
		t.Error("a line of no event is read")
	}
}

// A ticket whose story was carried over is in no queue: no verify clock waits
// on it, and it may be called back at any time.
func TestImported(t *testing.T) {
	s := newStory(t)
	in := filing
	in.EnterpriseID, in.Source = "e1", ticket.SourceImport
	at := moment(t, "2015-06-01 10:00")
	written := moment(t, "2023-09-18 10:00")
	fire := func(at time.Time, actor ticket.Actor, event ticket.Event, in ticket.Input) {
		t.Helper()
		after, line, err := ticket.Apply(s.ticket, ticket.Command{
			Event: event, Input: in, Actor: actor, At: at, RecordedAt: written, Inferred: event != ticket.EventSubmit, CalendarVersion: 1,
			New: ticket.NewTicket{ID: "t1", Number: "2015-1", ExternalNumber: "17", Imported: true, PolicyVersion: 1},
		}, s.world.rules())
		if err != nil {
			t.Fatal(err)
		}
		s.ticket, s.lines = after, append(s.lines, line)
	}
	fire(at, desk, ticket.EventSubmit, in)
	fire(at, desk, ticket.EventAccept, nil)
	fire(at, desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d1"})
	fire(at, head, ticket.EventClaim, nil)
	fire(at.AddDate(0, 0, 3), head, ticket.EventResolve, wellFormed(s, ticket.EventResolve))
	yellow, red := s.ticket.AlarmTimes()
	if s.ticket.Clock(ticket.ClockVerify) != nil || yellow != nil || red != nil || s.ticket.Light(written) != "" || !s.ticket.Imported ||
		s.ticket.ExternalNumber != "17" || !s.ticket.Dispatches[0].Inferred || !s.ticket.AcceptInferred {
		t.Errorf("%+v", s.ticket)
	}
	fire(at.AddDate(0, 0, 3), desk, ticket.EventCallback, wellFormed(s, ticket.EventCallback))
	s.in(ticket.Closed)
	if s.ticket.HandlingSeconds != nil {
		t.Error("an inferred accept gives a handling time")
	}
	s.replays()
}

func TestOrdersEndWithTheTicket(t *testing.T) {
	for _, event := range []ticket.Event{ticket.EventReject, ticket.EventMerge} {
		s := inState(t, ticket.Submitted)
		s.does(leader, ticket.EventInstruct)
		s.does(leader, ticket.EventSupervise)
		id := s.ticket.Orders[0].ID
		yellow, red := s.ticket.AlarmTimes() // the accept clock's: it is the first
		accept := s.ticket.Clock(ticket.ClockAccept)
		if !yellow.Equal(accept.YellowAt) || !red.Equal(accept.DueAt) {
			t.Errorf("alarms at %v, %v", yellow, red)
		}
		s.does(desk, event)
		s.refused(s.now(), desk, ticket.EventAnswer, ticket.AnswerInput{OrderID: id, Text: "x"}, ticket.CodeConflict)
		if yellow, red := s.ticket.AlarmTimes(); yellow != nil || red != nil || !s.ticket.Orders[0].Voided {
			t.Errorf("after %s: alarms at %v, %v", event, yellow, red)
		}
		s.replays()
	}
}
