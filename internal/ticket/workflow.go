package ticket

import (
	"slices"
	"time"
)

// Event is something that may befall a ticket.
type Event string

// The events.
const (
	EventSubmit            Event = "submit"
	EventAccept            Event = "accept"
	EventRequestInfo       Event = "request_info"
	EventSupplyInfo        Event = "supply_info"
	EventCorrect           Event = "correct"
	EventReject            Event = "reject"
	EventWithdraw          Event = "withdraw"
	EventMerge             Event = "merge"
	EventDispatch          Event = "dispatch"
	EventRecall            Event = "recall"
	EventClaim             Event = "claim"
	EventReturn            Event = "return"
	EventAssign            Event = "assign"
	EventRequestWhistle    Event = "request_whistle"
	EventDeclineWhistle    Event = "decline_whistle"
	EventWhistle           Event = "whistle"
	EventReportIn          Event = "report_in"
	EventInvite            Event = "invite"
	EventAdvise            Event = "advise"
	EventConclude          Event = "conclude"
	EventProgress          Event = "progress"
	EventMessage           Event = "message"
	EventUrge              Event = "urge"
	EventFinishTask        Event = "finish_task"
	EventCancelTask        Event = "cancel_task"
	EventRequestExtension  Event = "request_extension"
	EventDecideExtension   Event = "decide_extension"
	EventRequestSuspension Event = "request_suspension"
	EventDecideSuspension  Event = "decide_suspension"
	EventReview            Event = "review"
	EventResume            Event = "resume"
	EventResolve           Event = "resolve"
	EventConfirm           Event = "confirm"
	EventDispute           Event = "dispute"
	EventCallback          Event = "callback"
	EventInstruct          Event = "instruct"
	EventSupervise         Event = "supervise"
	EventTakeCharge        Event = "take_charge"
	EventAnswer            Event = "answer"
	EventReopen            Event = "reopen"
	EventRedate            Event = "redate"
)

// Audience is who reads an event's history line.
type Audience string

// The audiences.
const (
	// Everyone in sight of the ticket; the enterprise without the fields
	// named Internal.
	Everyone Audience = "everyone"
	// OfficesOnly: everyone in sight but the enterprise.
	OfficesOnly Audience = "offices"
	// MarkedPublic: the enterprise too where the line says public.
	MarkedPublic Audience = "marked public"
)

// Definition declares one event: the whole of what the service knows of it.
type Definition struct {
	Event    Event
	Chinese  string
	Summary  string
	Input    Input // its zero value
	Rows     []Row
	Audience Audience
	Tells    Hearers  // 0: nobody is told, though it may be read
	Internal []string // fields of the line that the enterprise does not read

	check  func(*situation) // rules on the values; nil for none
	happen func(*step)      // what it does to the ticket beside the change of state; nil for nothing
}

// Row is one line of the workflow table: from any of these states, these
// relations, under this condition, to that state.
type Row struct {
	From []State
	To   State // "" when the state stays
	Who  Relation
	When *Condition // of the ticket and the caller; nil for always
	If   *Condition // of the input: tells rows apart that share event and state
}

// leaves says whether the row goes on from a state; "" before the filing.
func (r Row) leaves(s State) bool {
	return slices.Contains(r.From, s) || r.From == nil && s == ""
}

// Condition is a guard with its name in words.
type Condition struct {
	Name  string
	holds func(*situation) bool
}

func when(name string, holds func(*situation) bool) *Condition { return &Condition{name, holds} }

// situation is what a guard or a rule may look at.
type situation struct {
	t      *Ticket
	actor  Actor
	rel    Relation
	in     Input
	at     time.Time
	world  World
	time   clockTime
	faults []Field
}

func (s *situation) fault(pointer, format string, args ...any) {
	s.faults = append(s.faults, Fieldf(pointer, format, args...))
}

func (s *situation) is(r Relation) bool { return s.rel&r != 0 }

var (
	// openStates in the order of the loop.
	openStates    = OpenStates()
	beforeVerdict = slices.DeleteFunc(OpenStates(), func(s State) bool { return s == Verifying })
	everyState    = func() []State {
		var all []State
		for _, info := range states {
			all = append(all, info.State)
		}
		return all
	}()
)

// Workflow lists the definitions in the order of the loop.
func Workflow() []Definition { return slices.Clone(workflow) }

// Define finds an event's definition.
func Define(e Event) (Definition, bool) {
	i, ok := definitionIndex[e]
	if !ok {
		return Definition{}, false
	}
	return workflow[i], true
}

var definitionIndex = func() map[Event]int {
	index := make(map[Event]int, len(workflow))
	for i, d := range workflow {
		index[d.Event] = i
	}
	return index
}()

// workflow is the one table. A new event is an entry here.
var workflow = []Definition{
	{
		Event: EventSubmit, Chinese: "提交", Summary: "file a request", Input: SubmitInput{}, Audience: Everyone, Tells: ToDesk | ToEnterprise,
		Rows:  []Row{{From: nil, To: Submitted, Who: Own | Manager | Desk | Station | Team}},
		check: checkSubmit, happen: submit,
	},
	{
		Event: EventAccept, Chinese: "受理", Summary: "take the request on", Input: None{}, Audience: Everyone, Tells: ToEnterprise,
		Rows:   []Row{{From: []State{Submitted}, To: Accepted, Who: Desk}},
		happen: accept,
	},
	{
		Event: EventRequestInfo, Chinese: "要求补充", Summary: "ask the enterprise for more", Input: RequestInfoInput{}, Audience: Everyone, Tells: ToEnterprise,
		Rows: []Row{{From: []State{Submitted, Accepted}, To: Supplementing, Who: Desk}},
	},
	{
		Event: EventSupplyInfo, Chinese: "补充说明", Summary: "answer the desk's question", Input: SupplyInfoInput{}, Audience: Everyone, Tells: ToDesk,
		Rows: []Row{{From: []State{Supplementing}, To: Submitted, Who: Own | Manager}},
	},
	{
		Event: EventCorrect, Chinese: "更正", Summary: "put right what was filed wrongly", Input: CorrectInput{}, Audience: Everyone, Tells: ToEnterprise | ToHandler,
		Rows: []Row{
			{From: []State{Submitted, Supplementing}, Who: Desk | Own, When: when("own: before accept", ownBeforeAccept)},
			{From: []State{Accepted, Dispatched, Joint, Resolving, Suspended, Verifying}, Who: Desk},
		},
		check: checkCorrect, happen: correct,
	},
	{
		Event: EventReject, Chinese: "不予受理", Summary: "turn the request away, with what to do instead", Input: RejectInput{}, Audience: Everyone, Tells: ToEnterprise,
		Rows:  []Row{{From: []State{Submitted, Supplementing}, To: Rejected, Who: Desk}},
		check: func(s *situation) { s.reason(RejectReason, s.in.(RejectInput).ReasonCode) },
	},
	{
		Event: EventWithdraw, Chinese: "撤回", Summary: "take the request back", Input: ReasonInput{}, Audience: Everyone, Tells: ToHandler | ToJoined,
		Rows: []Row{{From: beforeVerdict, To: Withdrawn, Who: Own}},
	},
	{
		Event: EventMerge, Chinese: "并案", Summary: "make it part of another ticket", Input: MergeInput{}, Audience: Everyone, Tells: ToEnterprise,
		Rows:  []Row{{From: []State{Submitted, Accepted}, To: Merged, Who: Desk}},
		check: checkMerge, happen: func(p *step) { p.t.MergedInto = p.in.(MergeInput).IntoID },
		Internal: []string{"into_id"}, // it may be another enterprise's
	},
	{
		Event: EventDispatch, Chinese: "派单", Summary: "hand it to a lead department", Input: DispatchInput{}, Audience: Everyone, Tells: ToEnterprise | ToLead | ToJoined,
		Rows:  []Row{{From: []State{Accepted}, To: Dispatched, Who: Desk}},
		check: checkDispatch, happen: dispatch,
	},
	{
		Event: EventRecall, Chinese: "召回", Summary: "take back what the desk dispatched wrongly; no return is counted", Input: ReasonInput{}, Audience: OfficesOnly,
		Rows:   []Row{{From: []State{Dispatched}, To: Accepted, Who: Desk}},
		happen: func(p *step) { p.loseLead() },
	},
	{
		Event: EventClaim, Chinese: "接单", Summary: "take the ticket on for the department; exactly one wins", Input: None{}, Audience: Everyone, Tells: ToEnterprise,
		Rows:   []Row{{From: []State{Dispatched}, To: Resolving, Who: LeadOfficer | LeadHead}},
		happen: func(p *step) { p.claimed(); p.t.AssigneeID = p.line.Actor.ID },
	},
	{
		Event: EventReturn, Chinese: "退单", Summary: "give it back to the desk; the resolve clock runs on", Input: ReturnInput{}, Audience: OfficesOnly, Tells: ToDesk,
		Rows: []Row{
			{From: []State{Dispatched}, To: Accepted, Who: LeadHead, When: when("the dispatch is not final", notFinal)},
			{From: []State{Resolving}, To: Accepted, Who: LeadHead, When: when("the dispatch is not final, and not after 18:00 of the working day after the claim", returnable)},
		},
		check:  func(s *situation) { s.reason(ReturnReason, s.in.(ReturnInput).ReasonCode) },
		happen: giveBack,
	},
	{
		Event: EventAssign, Chinese: "指派", Summary: "name who in the department works on it; an officer names oneself", Input: AssignInput{}, Audience: OfficesOnly, Tells: ToNamed,
		Rows:  []Row{{From: []State{Dispatched, Resolving, Joint}, Who: LeadHead | LeadOfficer}},
		check: checkAssign, happen: func(p *step) { p.t.AssigneeID = p.in.(AssignInput).UserID },
	},
	{
		Event: EventRequestWhistle, Chinese: "申请吹哨", Summary: "ask for a joint handling", Input: ReasonInput{}, Audience: Everyone, Tells: ToDesk | ToHandler,
		Rows:   []Row{{From: []State{Accepted, Dispatched, Resolving}, Who: Own | Manager, When: when("none is asked for yet", nonePending(ForWhistle))}},
		happen: func(p *step) { p.request(Request{Kind: ForWhistle}) },
	},
	{
		Event: EventDeclineWhistle, Chinese: "不予吹哨", Summary: "decline the joint handling that was asked for", Input: ReasonInput{}, Audience: Everyone, Tells: ToEnterprise,
		Rows:   []Row{{From: []State{Accepted, Dispatched, Resolving}, Who: Desk, When: when("one is asked for", pending(ForWhistle))}},
		happen: func(p *step) { p.decide(ForWhistle, RequestDeclined) },
	},
	{
		Event: EventWhistle, Chinese: "吹哨", Summary: "summon departments to a joint handling", Input: WhistleInput{}, Audience: Everyone, Tells: ToEnterprise | ToLead | ToSummoned | ToChair, Internal: []string{"question", "attachments"},
		Rows: []Row{
			{From: []State{Accepted}, To: Joint, Who: Desk},
			{From: []State{Dispatched, Resolving}, To: Joint, Who: Desk | LeadOfficer | LeadHead},
		},
		check: checkWhistle, happen: whistle,
	},
	{
		Event: EventReportIn, Chinese: "报到", Summary: "answer the whistle for a summoned department", Input: ReportInInput{}, Audience: Everyone, Tells: ToChair, Internal: []string{"position", "text", "attachments"},
		Rows:   []Row{{From: []State{Joint}, Who: Summoned, When: when("not reported in yet", notReportedIn)}},
		happen: reportIn,
	},
	{
		Event: EventInvite, Chinese: "邀请专家", Summary: "ask an expert to the joint handling", Input: InviteInput{}, Audience: OfficesOnly, Tells: ToNamed,
		Rows:   []Row{{From: []State{Joint}, Who: Chair, When: when("not confidential", func(s *situation) bool { return !s.t.Confidential })}},
		check:  checkInvite,
		happen: func(p *step) { p.t.Experts = append(p.t.Experts, Expert{p.in.(InviteInput).UserID, p.t.Round}) },
	},
	{
		Event: EventAdvise, Chinese: "专家意见", Summary: "give advice as an invited expert", Input: TextInput{}, Audience: OfficesOnly, Tells: ToChair,
		Rows: []Row{{From: []State{Joint}, Who: ExpertIn}},
	},
	{
		Event: EventConclude, Chinese: "议定", Summary: "end the joint handling with what was agreed", Input: ConcludeInput{}, Audience: Everyone, Tells: ToEnterprise | ToHandler | ToJoined, Internal: []string{"minutes", "tasks", "without", "attachments"},
		Rows:  []Row{{From: []State{Joint}, To: Resolving, Who: Chair}},
		check: checkConclude, happen: conclude,
	},
	{
		Event: EventProgress, Chinese: "进展", Summary: "tell how far the work has come", Input: ProgressInput{}, Audience: MarkedPublic, Tells: ToEnterprise | ToHandler,
		Rows: []Row{{From: []State{Resolving, Joint, Suspended}, Who: LeadOfficer | LeadHead | JoinedOfficer | JoinedHead | Team | Manager}},
	},
	{
		Event: EventMessage, Chinese: "留言", Summary: "talk between the enterprise and those who hold its ticket", Input: TextInput{}, Audience: Everyone, Tells: ToOtherSide,
		Rows: []Row{{From: openStates, Who: Own | Manager | Desk | LeadOfficer | LeadHead}},
	},
	{
		Event: EventUrge, Chinese: "催办", Summary: "ask whoever holds it to hurry, once a working day", Input: UrgeInput{}, Audience: Everyone, Tells: ToHolder,
		Rows:   []Row{{From: openStates, Who: Own | Manager, When: when("not urged on this working day yet", notUrgedToday)}},
		happen: func(p *step) { day := p.workingDay(); p.t.LastUrged = &day },
	},
	{
		Event: EventFinishTask, Chinese: "完成任务", Summary: "report a task of one's department done", Input: FinishTaskInput{}, Audience: OfficesOnly, Tells: ToHandler,
		Rows:  []Row{{From: []State{Resolving}, Who: LeadOfficer | LeadHead | JoinedOfficer | JoinedHead, When: when("one's department has an open task", hasOpenTask)}},
		check: checkFinishTask, happen: func(p *step) { p.endTask(p.in.(FinishTaskInput).TaskID, TaskFinished) },
	},
	{
		Event: EventCancelTask, Chinese: "取消任务", Summary: "drop a task", Input: CancelTaskInput{}, Audience: OfficesOnly, Tells: ToHandler | ToTasked,
		Rows:   []Row{{From: []State{Resolving}, Who: Chair, When: when("there is an open task", func(s *situation) bool { return s.t.openTasks() > 0 })}},
		check:  func(s *situation) { s.openTask(s.in.(CancelTaskInput).TaskID) },
		happen: func(p *step) { p.endTask(p.in.(CancelTaskInput).TaskID, TaskCancelled) },
	},
	{
		Event: EventRequestExtension, Chinese: "申请延期", Summary: "ask for a later deadline, before it is out", Input: RequestExtensionInput{}, Audience: OfficesOnly, Tells: ToDecider,
		Rows:  []Row{{From: []State{Resolving}, Who: LeadOfficer | LeadHead, When: when("before the deadline, at most two granted, none asked for yet", mayExtend)}},
		check: checkExtension,
		happen: func(p *step) {
			due := p.in.(RequestExtensionInput).DueAt
			p.request(Request{Kind: ForExtension, DueAt: &due})
		},
	},
	{
		Event: EventDecideExtension, Chinese: "审批延期", Summary: "grant or decline a later deadline", Input: DecideInput{}, Audience: OfficesOnly, Tells: ToHandler | ToHeads,
		Rows: []Row{
			{From: []State{Resolving}, Who: LeadHead, When: when("the first is asked for", pendingExtension(0))},
			{From: []State{Resolving}, Who: Desk, When: when("the second is asked for", pendingExtension(1))},
		},
		happen: decideExtension,
	},
	{
		Event: EventRequestSuspension, Chinese: "申请挂账", Summary: "ask to wait for an outside condition", Input: RequestSuspensionInput{}, Audience: OfficesOnly, Tells: ToDecider,
		Rows:  []Row{{From: []State{Resolving}, Who: LeadHead, When: when("none is asked for yet", nonePending(ForSuspension))}},
		check: func(s *situation) { s.future("/review_date", s.in.(RequestSuspensionInput).ReviewDate) },
		happen: func(p *step) {
			date := p.in.(RequestSuspensionInput).ReviewDate
			p.request(Request{Kind: ForSuspension, ReviewDate: &date})
		},
	},
	{
		Event: EventDecideSuspension, Chinese: "审批挂账", Summary: "grant or decline the suspension", Input: DecideInput{}, Audience: Everyone, Tells: ToEnterprise | ToHandler | ToHeads, Internal: []string{"text", "attachments"},
		Rows: []Row{
			{From: []State{Resolving}, To: Suspended, Who: Desk, When: when("one is asked for", pending(ForSuspension)), If: when("approve", approved)},
			{From: []State{Resolving}, Who: Desk, When: when("one is asked for", pending(ForSuspension)), If: when("not approve", not(approved))},
		},
		happen: decideSuspension,
	},
	{
		Event: EventReview, Chinese: "挂账复核", Summary: "keep it suspended till another date; the lead's head asks, the desk decides", Input: ReviewInput{}, Audience: OfficesOnly, Tells: ToHandler | ToHeads,
		Rows:   []Row{{From: []State{Suspended}, Who: Desk}},
		check:  func(s *situation) { s.future("/review_date", s.in.(ReviewInput).ReviewDate) },
		happen: func(p *step) { date := p.in.(ReviewInput).ReviewDate; p.t.ReviewDate = &date },
	},
	{
		Event: EventResume, Chinese: "恢复办理", Summary: "go on after a suspension; by itself at 09:00 of the review date or the next working day", Input: None{}, Audience: Everyone, Tells: ToEnterprise | ToHandler,
		Rows: []Row{
			{From: []State{Suspended}, To: Resolving, Who: LeadOfficer | LeadHead | Desk},
			{From: []State{Suspended}, To: Resolving, Who: Service, When: when("the review date has come", reviewDue)},
		},
		happen: func(p *step) { p.t.ReviewDate = nil },
	},
	{
		Event: EventResolve, Chinese: "提交结果", Summary: "submit the result for the enterprise to verify", Input: ResolveInput{}, Audience: Everyone, Tells: ToEnterprise,
		Rows:   []Row{{From: []State{Resolving}, To: Verifying, Who: LeadHead | TrustedOfficer, When: when("every task is finished or cancelled", func(s *situation) bool { return s.t.openTasks() == 0 })}},
		happen: resolve,
	},
	{
		Event: EventConfirm, Chinese: "确认解决", Summary: "agree with the result and rate it", Input: ConfirmInput{}, Audience: Everyone, Tells: ToHandler | ToHeads,
		Rows:   []Row{{From: []State{Verifying}, To: Closed, Who: Own}},
		happen: func(p *step) { p.close(ByConfirmation, p.in.(ConfirmInput).Satisfaction) },
	},
	{
		Event: EventDispute, Chinese: "不认可", Summary: "say what is still missing; from the second time the desk convenes everybody", Input: DisputeInput{}, Audience: Everyone, Tells: ToDesk | ToHandler | ToHeads | ToSummoned,
		Rows: []Row{
			{From: []State{Verifying}, To: Resolving, Who: Own, When: when("the first time", firstDispute)},
			{From: []State{Verifying}, To: Joint, Who: Own, When: when("from the second time", not(firstDispute))},
		},
		happen: dispute,
	},
	{
		Event: EventCallback, Chinese: "回访", Summary: "call the enterprise once the verify clock is out", Input: CallbackInput{}, Audience: Everyone, Tells: ToEnterprise | ToHandler | ToHeads | ToSummoned, Internal: []string{"said", "attachments"},
		Rows: []Row{
			{From: []State{Verifying}, Who: Desk, When: callbackDue, If: when("not reached, fewer than three working days", notReached(false))},
			{From: []State{Verifying}, To: Closed, Who: Desk, When: callbackDue, If: when("not reached on the third working day", notReached(true))},
			{From: []State{Verifying}, To: Closed, Who: Desk, When: callbackDue, If: when("solved", reachedSolved)},
			{From: []State{Verifying}, To: Resolving, Who: Desk, When: when("the verify clock is out; disputed for the first time", both(verifyOut, firstDispute)), If: when("not solved", reachedUnsolved)},
			{From: []State{Verifying}, To: Joint, Who: Desk, When: when("the verify clock is out; disputed before", both(verifyOut, not(firstDispute))), If: when("not solved", reachedUnsolved)},
		},
		check: checkCallback, happen: callback,
	},
	order(EventInstruct, "批示", "instruct as a leader"),
	order(EventSupervise, "督办", "supervise as a leader"),
	order(EventTakeCharge, "领办", "take the ticket under a leader's own name"),
	{
		Event: EventAnswer, Chinese: "回复", Summary: "answer a leader's order", Input: AnswerInput{}, Audience: OfficesOnly, Tells: ToOrderer,
		Rows: []Row{
			{From: everyState, Who: LeadOfficer | LeadHead, When: when("an order is open", hasOpenOrder)},
			{From: everyState, Who: Desk, When: when("an order is open and there is no lead", func(s *situation) bool { return hasOpenOrder(s) && s.t.LeadID == "" })},
		},
		check: checkAnswer, happen: answer,
	},
	{
		Event: EventReopen, Chinese: "重新打开", Summary: "open a closed ticket again; the published figure stays and the correction is shown", Input: ReasonInput{}, Audience: Everyone, Tells: ToEnterprise | ToDesk | ToHandler | ToHeads,
		Rows: []Row{
			{From: []State{Closed}, To: Resolving, Who: Own | Desk, When: when("own: within 30 days; the lead is there", both(mayReopen, not(leadRetired)))},
			{From: []State{Closed}, To: Accepted, Who: Own | Desk, When: when("own: within 30 days; the lead is retired", both(mayReopen, leadRetired))},
			{From: []State{Rejected}, To: Submitted, Who: Desk},
		},
		happen: reopen,
	},
	{
		Event: EventRedate, Chinese: "重算期限", Summary: "date the open deadlines anew after a change of the calendar", Input: None{}, Audience: Everyone,
		Rows: []Row{{From: everyState, Who: Service}},
	},
}

// OrderEvents are a leader's orders.
func OrderEvents() []Event { return []Event{EventInstruct, EventSupervise, EventTakeCharge} }

func order(event Event, chinese, summary string) Definition {
	return Definition{
		Event: event, Chinese: chinese, Summary: summary + "; opens an order that must be answered", Input: TextInput{}, Audience: OfficesOnly, Tells: ToLead,
		Rows:   []Row{{From: openStates, Who: Leader}},
		happen: giveOrder,
	}
}
