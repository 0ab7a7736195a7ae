package ticket

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"whistle/internal/worktime"
)

// step is one history line taking effect. By the time an event's happen runs,
// the state has changed and the clocks of the states have turned.
type step struct {
	clockwork
	line *Line
	in   Input
}

// broken stops at a line that says what cannot have happened, as one may that
// somebody changed.
func (p *step) broken(why string) {
	if p.err == nil {
		p.err = errors.New(why)
	}
}

func (p *step) workingDay() worktime.Date { return p.clockwork.in.workingDay(p.at) }

func (p *step) request(r Request) {
	r.State, r.At, r.Line = RequestPending, p.at, p.line.Seq
	p.t.Requests = append(p.t.Requests, r)
}

func (p *step) decide(kind RequestKind, state RequestState) {
	if r := p.t.pending(kind); r != nil {
		at := p.at
		r.State, r.DecidedAt = state, &at
	}
}

// settle drops what was asked for once the ticket has moved on.
func (p *step) settle() {
	asksWhistle := []State{Accepted, Dispatched, Resolving}
	for _, kind := range []RequestKind{ForExtension, ForSuspension} {
		if p.t.State != Resolving {
			p.decide(kind, RequestVoid)
		}
	}
	if !slices.Contains(asksWhistle, p.t.State) {
		p.decide(ForWhistle, RequestVoid)
	}
	if p.t.State == Rejected || p.t.State == Withdrawn || p.t.State == Merged {
		for i := range p.t.Orders {
			if p.t.Orders[i].open() {
				p.t.Orders[i].Voided = true
			}
		}
	}
}

func submit(p *step) {
	in, facts := p.in.(SubmitInput), p.line.Facts
	p.t.Core = Core{
		ID: p.line.TicketID, Number: facts.Number, ExternalNumber: facts.ExternalNumber,
		Title: in.Title, Description: in.Description, Category: in.Category, Urgency: in.Urgency,
		Source: in.Source, Confidential: in.Confidential, EnterpriseID: in.EnterpriseID, ProjectID: in.ProjectID,
		PlaceID: facts.PlaceID, FiledBy: p.line.Actor.ID, FiledAt: p.at,
		State: p.t.State, Imported: facts.Imported,
		PolicyVersion: facts.PolicyVersion, CalendarVersion: facts.CalendarVersion,
	}
	p.t.Chains = facts.Chains
}

func accept(p *step) {
	if p.t.AcceptedAt == nil {
		at := p.at
		p.t.AcceptedAt, p.t.AcceptInferred = &at, p.line.Inferred
	}
}

func correct(p *step) {
	in := p.in.(CorrectInput)
	if in.Title != "" {
		p.t.Title = in.Title
	}
	if in.Confidential != nil {
		p.t.Confidential = *in.Confidential
	}
	if in.EnterpriseID != "" && in.EnterpriseID != p.t.EnterpriseID {
		p.t.EnterpriseID, p.t.ProjectID = in.EnterpriseID, ""
		p.t.PlaceID, p.t.Chains = p.line.Facts.PlaceID, p.line.Facts.Chains
	}
	if in.Category != "" {
		p.t.Category = in.Category
	}
	if in.Urgency != "" {
		p.t.Urgency = in.Urgency
	}
	p.relength()
}

// lead names the lead department, which is the first dispatch or a further one.
func (p *step) lead(departmentID string, claimClock int) {
	p.t.LeadID, p.t.AssigneeID, p.t.ClaimedAt, p.t.ReturnUntil = departmentID, "", nil, nil
	p.t.Final = p.t.Returns >= returnsUntilFinal
	p.t.Dispatches = append(p.t.Dispatches, Dispatch{
		DepartmentID: departmentID, At: p.at, Clock: claimClock, Inferred: p.line.Inferred,
	})
	if p.t.FirstDispatchAt == nil {
		at := p.at
		p.t.FirstDispatchAt = &at
	}
	if p.resolve() == nil {
		p.start(Clock{Name: ClockResolve})
	}
}

const returnsUntilFinal = 2

func dispatch(p *step) {
	in := p.in.(DispatchInput)
	claimClock := len(p.t.Clocks) - 1 // started when the state was entered
	if in.Urgency != "" {
		p.t.Urgency = in.Urgency
		p.relength()
	}
	p.t.CoDepartments = slices.Clone(in.DepartmentIDs)
	p.lead(in.LeadID, claimClock)
}

func (p *step) loseLead() {
	p.t.LeadID, p.t.AssigneeID, p.t.CoDepartments = "", "", nil
	p.t.ClaimedAt, p.t.ReturnUntil = nil, nil
}

func (p *step) claimed() {
	at := p.at
	p.t.ClaimedAt = &at
	p.t.Dispatches[len(p.t.Dispatches)-1].ClaimedAt = &at
	if p.err == nil {
		var until time.Time
		until, p.err = p.clockwork.in.calendar.NthWorkingDayClose(at, 1)
		until = until.UTC()
		p.t.ReturnUntil = &until
	}
}

func giveBack(p *step) {
	at := p.at
	p.t.Dispatches[len(p.t.Dispatches)-1].ReturnedAt = &at
	p.t.FormerLeads = append(p.t.FormerLeads, FormerLead{p.t.LeadID, p.line.Seq})
	p.t.Returns++
	p.loseLead()
}

// convene opens a round of joint handling.
func (p *step) convene(by Convener, departmentIDs []string) {
	p.t.Round++
	p.t.Convener = by
	for _, id := range departmentIDs {
		p.start(Clock{Name: ClockReportIn, DepartmentID: id})
		p.t.Summons = append(p.t.Summons, Summons{
			Round: p.t.Round, DepartmentID: id, At: p.at, Clock: len(p.t.Clocks) - 1,
		})
	}
	p.goJoint()
}

func whistle(p *step) {
	in := p.in.(WhistleInput)
	by := in.Convener
	if by == "" {
		by = ConvenedByLead
	}
	switch p.line.From { //nolint:exhaustive // the table lets it happen in three states
	case Accepted:
		p.lead(in.LeadID, -1)
	case Dispatched:
		if p.line.Actor.DepartmentID == p.t.LeadID {
			p.claimed()
		}
	}
	p.decide(ForWhistle, RequestApproved)
	p.convene(by, in.DepartmentIDs)
}

func reportIn(p *step) {
	s := p.t.summons(p.line.Actor.DepartmentID)
	if s == nil {
		p.broken("the department was not summoned")
		return
	}
	at := p.at
	s.ReportedAt, s.Position, s.Line = &at, p.in.(ReportInInput).Position, p.line.Seq
	p.meet(&p.t.Clocks[s.Clock])
}

func conclude(p *step) {
	for _, s := range p.t.Summons {
		if s.Round == p.t.Round && s.ReportedAt == nil {
			p.t.Clocks[s.Clock].Waived = true
		}
	}
	for i, task := range p.in.(ConcludeInput).Tasks {
		p.t.Tasks = append(p.t.Tasks, Task{
			ID:           strconv.Itoa(p.line.Seq) + "-" + strconv.Itoa(i+1),
			DepartmentID: task.DepartmentID, DueAt: task.DueAt, State: TaskOpen, Line: p.line.Seq, Index: i,
		})
	}
}

func (p *step) endTask(id string, state TaskState) {
	if task := p.t.task(id); task != nil {
		at := p.at
		task.State, task.EndedAt = state, &at
	}
}

func decideExtension(p *step) {
	p.decideAsked(ForExtension, func(asked *Request) { p.grant(*asked.DueAt) })
}

func decideSuspension(p *step) {
	p.decideAsked(ForSuspension, func(asked *Request) {
		p.t.ReviewDate = asked.ReviewDate
		p.t.OnLedger = true
	})
}

// decideAsked declines what was asked for, or approves it and puts it into
// effect.
func (p *step) decideAsked(kind RequestKind, effect func(asked *Request)) {
	if !p.in.(DecideInput).Approve {
		p.decide(kind, RequestDeclined)
		return
	}
	asked := p.t.pending(kind)
	if asked == nil {
		p.broken("no " + string(kind) + " was asked for")
		return
	}
	p.decide(kind, RequestApproved)
	effect(asked)
}

func resolve(p *step) {
	at := p.at
	p.t.ClaimedOutcome = p.in.(ResolveInput).Outcome
	p.t.VerifyingSince, p.t.ReachedVerifying = &at, true
	p.t.Unreached = nil
}

func (p *step) close(by Verification, satisfaction int) {
	at := p.at
	p.t.Outcome, p.t.VerifiedBy, p.t.Satisfaction = p.t.ClaimedOutcome, by, satisfaction
	p.t.ClosedAt, p.t.OnLedger = &at, false
	if p.t.AcceptedAt != nil && !p.t.AcceptInferred {
		seconds := int64(p.clockwork.in.calendar.Between(*p.t.AcceptedAt, at) / time.Second)
		p.t.HandlingSeconds = &seconds
	}
}

func dispute(p *step) {
	joined := p.t.Joined()
	p.t.Disputes++
	p.t.ClaimedOutcome = ""
	if p.t.State == Joint {
		p.convene(ConvenedByDesk, joined)
	}
}

func callback(p *step) {
	in := p.in.(CallbackInput)
	switch {
	case in.Reached && p.t.State == Closed:
		p.close(ByCallback, in.Satisfaction)
	case in.Reached:
		dispute(p)
	default:
		p.t.Unreached = p.t.withUnreached(p.at, p.clockwork.in)
		if p.t.State == Closed {
			p.close(Unreachable, 0)
		}
	}
}

func giveOrder(p *step) {
	id := strconv.Itoa(p.line.Seq)
	if p.line.Event == EventTakeCharge {
		p.t.ChargeID = p.line.Actor.ID
	}
	p.start(Clock{Name: ClockAnswer, OrderID: id})
	p.t.Orders = append(p.t.Orders, Order{ID: id, Kind: p.line.Event, LeaderID: p.line.Actor.ID, At: p.at, Line: p.line.Seq})
}

func answer(p *step) {
	o := p.t.order(p.in.(AnswerInput).OrderID)
	if o == nil {
		p.broken("there is no such order")
		return
	}
	at := p.at
	o.AnsweredAt = &at
	p.each(func(c *Clock) bool { return c.OrderID == o.ID }, p.meet)
}

func reopen(p *step) {
	if p.line.From != Closed {
		return
	}
	p.t.Reopens++
	p.t.Outcome, p.t.ClaimedOutcome, p.t.VerifiedBy, p.t.Satisfaction = "", "", "", 0
	p.t.ClosedAt, p.t.HandlingSeconds = nil, nil
	if p.t.State == Accepted {
		p.loseLead()
	}
}
