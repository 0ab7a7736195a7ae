package demo

import (
	"slices"
	"time"

	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Joint handling.

func (s *story) whistle(caller ticket.Actor, leadID string) {
	in := ticket.WhistleInput{Question: s.words.Whistle(s.about), LeadID: leadID}
	if caller.Role == ticket.RoleDispatcher && s.chance(600) {
		in.Convener = ticket.ConvenedByDesk
	}
	called := slices.DeleteFunc(slices.Clone(s.joined), func(d *department) bool { return d == s.lead })
	for len(called) == 0 {
		if d := s.otherThan(s.lead); !slices.Contains(called, d) {
			called = append(called, d)
		}
	}
	s.joined = called
	if len(called) > 1 && s.chance(250) {
		called = called[:len(called)-1]
	}
	for _, d := range called {
		in.DepartmentIDs = append(in.DepartmentIDs, d.id)
	}
	s.fire(caller, ticket.EventWhistle, in)
}

// settleJointly goes on from the whistle.
func (s *story) settleJointly() {
	if s.ends(ticket.Joint) {
		s.standJointly()
		return
	}
	s.round()
	if s.roomFor(140) && s.chance(60) {
		s.work(2, 10)
		s.whistle(s.lead.head, "")
		s.round()
	}
	s.resolution()
}

// summoned finds a department's own data.
func (s *story) byID(id string) *department {
	for _, d := range s.d.departments {
		if d.id == id {
			return d
		}
	}
	return s.lead
}

// report is one department's coming, or not.
type report struct {
	by *department
	at time.Time
}

// reports draws when who is summoned now reports in, in the order of it.
func (s *story) reports() []report {
	var all []report
	t := s.ticket()
	for _, summons := range t.Summons {
		if summons.Round == t.Round && summons.ReportedAt == nil {
			all = append(all, report{s.byID(summons.DepartmentID), s.later(s.at, s.takes(ticket.ClockReportIn))})
		}
	}
	slices.SortStableFunc(all, func(a, b report) int { return a.at.Compare(b.at) })
	return all
}

func (s *story) reportIn(d *department) {
	position := ticket.Can
	switch x := s.r.IntN(100); {
	case x < 8:
		position = ticket.Cannot
	case x < 28:
		position = ticket.Needs
	}
	who := pick(s.r, d.officers)
	if s.chance(300) {
		who = d.head
	}
	s.fire(who, ticket.EventReportIn, ticket.ReportInInput{Position: position, Text: s.words.ReportIn(s.about, string(position))})
}

// chair is who convenes the present round.
func (s *story) chair() ticket.Actor {
	if s.ticket().Convener == ticket.ConvenedByDesk {
		return s.dispatcher()
	}
	return s.lead.head
}

// round carries a joint handling to its end.
func (s *story) round() {
	chair := s.chair()
	expert := pick(s.r, s.d.experts)
	invited := !s.ticket().Confidential && s.chance(130)
	if invited {
		s.fire(chair, ticket.EventInvite, ticket.InviteInput{UserID: expert.ID})
	}
	reports := s.reports()
	absent := -1
	if len(reports) > 1 && s.chance(75) {
		absent = s.r.IntN(len(reports))
	}
	var without []ticket.Absent
	for i, r := range reports {
		if i == absent {
			without = append(without, ticket.Absent{DepartmentID: r.by.id, Reason: s.words.Without(s.about)})
			continue
		}
		s.moveTo(r.at)
		s.reportIn(r.by)
	}
	if without != nil {
		s.work(6, 12) // it was waited for
	}
	if invited {
		s.work(0.5, 5)
		s.fire(expert, ticket.EventAdvise, ticket.TextInput{Text: s.words.Advice(s.about)})
	}
	if s.chance(80) {
		s.order()
	}
	s.work(1, 14)
	s.fire(chair, ticket.EventConclude, ticket.ConcludeInput{Minutes: s.words.Minutes(s.about), Tasks: s.newTasks(), Without: without})
}

// moveTo goes on to a moment unless it is past, or beyond what is left.
func (s *story) moveTo(at time.Time) {
	if at.After(s.at) {
		s.at = s.later(s.at, s.share(s.calendar.Between(s.at, at)))
	}
}

func (s *story) newTasks() []ticket.NewTask {
	partners := append([]string{s.lead.id}, s.ticket().Joined()...)
	tasks := make([]ticket.NewTask, s.r.IntN(min(3, len(partners))+1))
	for i := range tasks {
		tasks[i] = ticket.NewTask{DepartmentID: partners[(i+1)%len(partners)], Text: s.words.Task(s.about)}
		if s.chance(700) {
			due, err := s.calendar.NthWorkingDayClose(s.at, 2+s.r.IntN(7))
			if err == nil {
				tasks[i].DueAt = &due
			}
		}
	}
	return tasks
}

// standJointly leaves the ticket in its joint handling: some have reported in,
// some have not, some wait for the conclusion alone.
func (s *story) standJointly() {
	if s.roomFor(70) && s.chance(600) && !s.awaitsNamed {
		s.round()
		s.resolve(s.aim())
		s.dispute()
		s.resolve(s.aim())
		s.dispute()
	}
	s.at = s.later(s.at, hours(s.between(0, max(0, s.room().Hours()-16))))
	for _, r := range s.reports() {
		if !r.at.Before(s.end) || s.chance(220) || s.awaitsNamed && r.by.Code == namedOffice {
			continue
		}
		if r.at.After(s.at) {
			s.at = r.at
		}
		s.reportIn(r.by)
	}
	if !s.ticket().Confidential && s.chance(250) {
		s.fire(s.chair(), ticket.EventInvite, ticket.InviteInput{UserID: pick(s.r, s.d.experts).ID})
	}
}

// Resolution.

// resolution goes on from a ticket that is being worked on.
func (s *story) resolution() {
	switch {
	case s.ends(ticket.Suspended):
		s.meanwhile(s.later(s.at, s.share(hours(s.between(2, 25)))), s.talk(700))
		s.suspend()
		s.keepSuspended()
		return
	case s.ends(ticket.Resolving):
		if s.roomFor(75) {
			s.resolve(s.aim())
			if s.chance(500) {
				s.dispute()
			} else {
				s.confirm()
				s.reopen()
			}
		}
		s.linger()
		return
	}
	if s.chance(12) && s.ticket().Round == 0 && s.roomFor(40) {
		s.work(0.5, 4)
		s.fire(s.enterprise(), ticket.EventRequestWhistle, ticket.ReasonInput{Reason: s.words.RequestWhistle(s.about)})
		s.work(0.5, 4)
		s.fire(s.dispatcher(), ticket.EventDeclineWhistle, ticket.ReasonInput{Reason: s.words.DeclineWhistle(s.about)})
	}
	if s.chance(45) && s.roomFor(60) {
		s.extend()
	}
	if s.f.fate != explained && s.chance(20) && s.roomFor(200) {
		s.work(1, 8)
		s.suspend()
		s.resume()
	}
	s.resolve(s.aim())
	s.verification()
}

// aim draws when the result is submitted: mostly in time.
func (s *story) aim() time.Time {
	left := time.Duration(0)
	if c := s.ticket().Clock(ticket.ClockResolve); c != nil {
		left = s.calendar.Between(s.at, c.DueAt)
	}
	if left < 2*time.Hour || s.chance(85) {
		return s.later(s.at, s.share(left+hours(s.between(1, 26))))
	}
	return s.later(s.at, s.share(time.Duration(float64(left)*s.between(0.2, 0.93))))
}

// resolve works on the ticket up to a moment and submits the result.
func (s *story) resolve(at time.Time) {
	asides := s.talk(1000)
	for _, task := range s.ticket().Tasks {
		if task.State == ticket.TaskOpen {
			asides = append(asides, func() { s.endTask(task) })
		}
	}
	s.meanwhile(at, asides)
	in := ticket.ResolveInput{Outcome: ticket.Solved}
	if s.f.fate == explained {
		in.Outcome, in.Result = ticket.Explained, s.words.Explained(s.about)
	} else {
		in.Result = s.words.Solved(s.about)
	}
	who := s.lead.head
	if s.lead.trusts {
		who = s.actor
	}
	s.fire(who, ticket.EventResolve, in)
}

func (s *story) endTask(task ticket.Task) {
	if s.chance(60) {
		s.fire(s.chair(), ticket.EventCancelTask, ticket.CancelTaskInput{TaskID: task.ID, Reason: s.words.CancelTask(s.about)})
		return
	}
	who := pick(s.r, s.byID(task.DepartmentID).officers)
	s.fire(who, ticket.EventFinishTask, ticket.FinishTaskInput{TaskID: task.ID, Result: s.words.TaskResult(s.about)})
}

// talk is what is said while the ticket is worked on, in so many of a thousand
// cases of what is usual.
func (s *story) talk(perMille int) []func() {
	often := func(n int) bool { return s.chance(n * perMille / 1000) }
	var asides []func()
	if often(220) && len(s.lead.officers) > 0 {
		asides = append(asides, func() {
			s.actor = pick(s.r, s.lead.officers)
			s.fire(s.lead.head, ticket.EventAssign, ticket.AssignInput{UserID: s.actor.ID})
		})
	}
	if often(600) {
		asides = append(asides, s.progress)
	}
	if often(80) {
		asides = append(asides,
			func() {
				s.fire(s.enterprise(), ticket.EventMessage, ticket.TextInput{Text: s.words.Message(s.about)})
			},
			func() {
				who := s.actor
				if s.chance(300) {
					who = s.dispatcher()
				}
				s.fire(who, ticket.EventMessage, ticket.TextInput{Text: s.words.Reply(s.about)})
			})
	}
	if often(28) {
		asides = append(asides, s.order, s.answer)
	}
	if often(50) {
		asides = append(asides, s.urge)
	}
	if often(200) {
		asides = append(asides, s.progress)
	}
	return asides
}

func (s *story) progress() {
	who := s.actor
	joined := s.ticket().Joined()
	switch x := s.r.IntN(100); {
	case x < 15 && len(joined) > 0:
		who = pick(s.r, s.byID(pick(s.r, joined)).officers)
	case x < 18:
		who = s.enterprise()
		if who.Role == ticket.RoleEnterprise {
			who = s.actor
		}
	}
	s.fire(who, ticket.EventProgress, ticket.ProgressInput{Text: s.words.Progress(s.about), Public: s.chance(450)})
}

func (s *story) urge() {
	today, err := s.calendar.NextWorkingDay(worktime.DateOf(s.at.In(s.calendar.Location())))
	if last := s.ticket().LastUrged; err != nil || last != nil && *last == today {
		return // once a working day
	}
	in := ticket.UrgeInput{}
	if s.chance(700) {
		in.Text = s.words.Urge(s.about)
	}
	s.fire(s.enterprise(), ticket.EventUrge, in)
}

func (s *story) order() {
	leader := pick(s.r, s.d.leaders)
	switch x := s.r.IntN(100); {
	case x < 50:
		s.fire(leader, ticket.EventInstruct, ticket.TextInput{Text: s.words.Instruct(s.about)})
	case x < 82:
		s.fire(leader, ticket.EventSupervise, ticket.TextInput{Text: s.words.Supervise(s.about)})
	default:
		s.fire(leader, ticket.EventTakeCharge, ticket.TextInput{Text: s.words.TakeCharge(s.about)})
	}
}

// answer answers every order that is open.
func (s *story) answer() {
	for _, o := range s.ticket().Orders {
		if o.AnsweredAt == nil && !o.Voided {
			s.fire(s.lead.head, ticket.EventAnswer, ticket.AnswerInput{OrderID: o.ID, Text: s.words.OrderAnswer(s.about)})
		}
	}
}

// askLonger asks for a later deadline while the present one is ahead.
func (s *story) askLonger() bool {
	c := s.ticket().Clock(ticket.ClockResolve)
	left := s.calendar.Between(s.at, c.DueAt)
	if left < 2*time.Hour || c.MissedAt != nil {
		return false
	}
	s.at = s.later(s.at, s.share(time.Duration(float64(left)*s.between(0.3, 0.85))))
	days := 1 + s.r.IntN(min(c.Length.Amount, 5))
	due, err := s.calendar.NthWorkingDayClose(c.DueAt, days)
	if err != nil {
		return false
	}
	s.fire(s.actor, ticket.EventRequestExtension, ticket.RequestExtensionInput{DueAt: due, Reason: s.words.Extension(s.about)})
	return true
}

func (s *story) extend() {
	for who, n := s.lead.head, 0; n < 2; who, n = s.dispatcher(), n+1 {
		if !s.askLonger() {
			return
		}
		s.work(0.3, 5)
		approve := s.chance(850)
		s.fire(who, ticket.EventDecideExtension, ticket.DecideInput{Approve: approve, Text: s.words.Decision(s.about, approve)})
		if !approve || !s.chance(250) {
			return
		}
	}
}

func (s *story) reviewIn(low, high int) worktime.Date {
	return worktime.DateOf(s.at.In(s.calendar.Location())).AddDays(low + s.r.IntN(high-low+1))
}

// suspend asks for the suspension, which may be declined at first.
func (s *story) suspend() {
	for approve := false; !approve; {
		s.fire(s.lead.head, ticket.EventRequestSuspension, ticket.RequestSuspensionInput{
			Condition: s.words.Suspension(s.about), ReviewDate: s.reviewIn(14, 45),
		})
		s.work(0.5, 6)
		approve = s.chance(870)
		s.fire(s.dispatcher(), ticket.EventDecideSuspension, ticket.DecideInput{Approve: approve, Text: s.words.Decision(s.about, approve)})
		if !approve {
			s.work(2, 8)
		}
		if s.err != nil {
			return
		}
	}
}

// keepSuspended keeps the ticket suspended beyond the year's end.
func (s *story) keepSuspended() {
	for s.err == nil {
		review := s.ticket().ReviewDate
		if review == nil || LastDay.AddDays(3).Before(*review) {
			break
		}
		at := s.later(review.AddDays(-2-s.r.IntN(2)).In(s.calendar.Location()), hours(s.between(0.2, 5)))
		if at.After(s.end) {
			at = s.later(s.at, s.share(hours(1)))
		}
		if at.After(s.at) {
			s.at = at
		}
		s.review()
	}
	if s.chance(200) {
		s.work(1, 4)
		s.progress()
	}
}

func (s *story) review() {
	s.fire(s.dispatcher(), ticket.EventReview, ticket.ReviewInput{ReviewDate: s.reviewIn(21, 50), Text: s.words.Review(s.about)})
}

// resume waits for the condition, or the review date.
func (s *story) resume() {
	t := s.ticket()
	if t.ReviewDate == nil {
		return
	}
	day, err := s.calendar.NextWorkingDay(*t.ReviewDate)
	if err != nil {
		s.err = err
		return
	}
	due := s.calendar.StartOfBusiness(day)
	switch {
	case s.chance(400) && s.calendar.Between(due, s.end) > 60*time.Hour:
		s.at = due
		s.fire(ticket.System, ticket.EventResume, nil)
	default:
		s.moveTo(s.later(s.at, time.Duration(float64(s.calendar.Between(s.at, due))*s.between(0.2, 0.9))))
		s.fire(pick(s.r, []ticket.Actor{s.lead.head, s.actor, s.dispatcher()}), ticket.EventResume, nil)
	}
}

// linger is what happens to a ticket that is open in the end, up to then.
func (s *story) linger() {
	var asides []func()
	working := s.ticket().State == ticket.Resolving
	if working {
		asides = s.talk(900)
	} else if s.chance(100) {
		asides = append(asides, s.urge)
	}
	if s.chance(60) {
		asides = append(asides, s.order)
		if working && s.chance(300) {
			asides = append(asides, s.answer)
		}
	}
	if s.chance(50) {
		asides = append(asides, func() {
			s.fire(s.enterprise(), ticket.EventRequestWhistle, ticket.ReasonInput{Reason: s.words.RequestWhistle(s.about)})
		})
	}
	s.meanwhile(s.later(s.at, time.Duration(float64(s.room())*s.between(0.3, 0.95))), asides)
	if !working {
		return
	}
	switch x := s.r.IntN(100); {
	case x < 14:
		s.askLonger()
	case x < 20:
		s.fire(s.lead.head, ticket.EventRequestSuspension, ticket.RequestSuspensionInput{
			Condition: s.words.Suspension(s.about), ReviewDate: s.reviewIn(20, 45),
		})
	}
}

// Verification.

func (s *story) verification() {
	if s.ends(ticket.Verifying) {
		s.awaitVerdict()
		return
	}
	for s.err == nil && s.ticket().State == ticket.Verifying {
		disputed := 26
		if s.ticket().Disputes > 0 {
			disputed = 200
		}
		switch {
		case s.roomFor(100) && s.ticket().Disputes < 2 && s.chance(disputed):
			s.dispute()
			s.resolveAgain()
		case s.roomFor(80) && s.chance(130):
			s.call()
		default:
			s.confirm()
		}
	}
	if s.f.fate == solved && s.roomFor(120) && s.chance(9) {
		s.reopen()
		s.resolveAgain()
		if s.err == nil {
			s.confirm()
		}
	}
}

// resolveAgain carries what was disputed or reopened to its next result.
func (s *story) resolveAgain() {
	if s.err == nil && s.ticket().State == ticket.Joint {
		s.round()
	}
	s.resolve(s.aim())
}

func (s *story) confirm() {
	s.own(0.3, 40)
	mark := s.satisfaction()
	in := ticket.ConfirmInput{Satisfaction: mark}
	if s.chance(450) {
		in.Text = s.words.Satisfaction(s.about, mark)
	}
	s.fire(s.f.enterprise.contact, ticket.EventConfirm, in)
}

func (s *story) satisfaction() int {
	switch x := s.r.IntN(1000); {
	case x < 660:
		return 5
	case x < 948:
		return 4
	case x < 982:
		return 3
	case x < 993:
		return 2
	}
	return 1
}

func (s *story) dispute() {
	s.own(0.5, 40)
	s.fire(s.f.enterprise.contact, ticket.EventDispute, ticket.DisputeInput{Missing: s.words.Missing(s.about)})
}

func (s *story) reopen() {
	s.own(40, 400)
	who := s.f.enterprise.contact
	if s.chance(250) {
		who = s.dispatcher()
	}
	s.fire(who, ticket.EventReopen, ticket.ReasonInput{Reason: s.words.Reopen(s.about)})
}

// call is the desk's ringing up of who does not answer by themselves.
func (s *story) call() {
	if c := s.ticket().Clock(ticket.ClockVerify); c != nil && c.DueAt.After(s.at) {
		s.at = c.DueAt
	}
	s.at = s.later(s.at, hours(s.between(0.5, 8)))
	for s.err == nil && s.ticket().State == ticket.Verifying {
		if s.chance(250) {
			s.unreached()
			s.at = s.later(s.at, hours(s.between(7.1, 9))) // on another day
			continue
		}
		solved := !s.roomFor(60) || s.ticket().Disputes > 0 || s.chance(950)
		in := ticket.CallbackInput{Reached: true, Solved: &solved, Said: s.words.Callback(s.about, true, solved)}
		if solved && s.chance(800) {
			in.Satisfaction = s.satisfaction()
		}
		s.fire(s.dispatcher(), ticket.EventCallback, in)
		if !solved {
			s.resolveAgain()
			return
		}
	}
}

func (s *story) unreached() {
	s.fire(s.dispatcher(), ticket.EventCallback, ticket.CallbackInput{Said: s.words.Callback(s.about, false, false)})
}

// awaitVerdict leaves the ticket to the enterprise, or to the desk's calls.
func (s *story) awaitVerdict() {
	c := s.ticket().Clock(ticket.ClockVerify)
	if c == nil || s.calendar.Between(c.DueAt, s.end) < 4*time.Hour || !s.chance(400) {
		return
	}
	s.at = s.later(c.DueAt, hours(s.between(0.5, 3)))
	s.unreached()
}
