package demo

import (
	"fmt"
	"slices"
	"time"

	"whistle/internal/demo/cast"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// story is one ticket's on its way: where it stands now, and who has it.
type story struct {
	*year
	f      *filing
	about  *cast.Filing
	id     string
	at     time.Time // of the last event
	lead   *department
	joined []*department // those that a whistle calls
	actor  ticket.Actor  // who in the lead department works on it
	err    error         // the first one; nothing happens after it

	awaitsNamed bool // the department of the account "head" has not reported in yet
}

// storyOf tells the story of a filing, its own or one that is made up.
func (y *year) storyOf(f *filing) error {
	if f.own == nil {
		return y.story(f).tell()
	}
	s := &story{year: y, f: f, at: f.at}
	f.own(s)
	return s.err
}

func (y *year) story(f *filing) *story {
	about := y.words.Filing(y.words.Category(f.enterprise.Enterprise), f.enterprise.Enterprise)
	s := &story{year: y, f: f, about: about, at: f.at}
	s.leads(y.d.departments[about.Lead])
	for _, code := range about.Joined {
		if d := y.d.departments[code]; !d.Desk {
			s.joined = append(s.joined, d)
		}
	}
	return s
}

// callsNamed lets some of the tickets that stand in joint handling wait for the
// department of the accounts "officer" and "head".
func (s *story) callsNamed() {
	if s.standing++; s.standing%6 != 0 || s.lead.Code == namedOffice {
		return
	}
	named := s.d.departments[namedOffice]
	others := slices.DeleteFunc(s.joined, func(d *department) bool { return d == named })
	s.joined = append([]*department{named}, others...)
	s.awaitsNamed = true
}

// leads makes a department the one that leads.
func (s *story) leads(d *department) {
	s.lead, s.actor = d, pick(s.r, d.officers)
	if s.chance(80) {
		s.actor = d.head
	}
}

// tell lets the ticket's whole story happen.
func (s *story) tell() error {
	s.file()
	if s.f.duplicate != nil {
		s.mergeDuplicate()
	}
	s.collect()
	return s.err
}

// The passing of time. Nothing happens after the year's end: whatever would,
// happens sooner, so that a ticket ends as it was planned to.

// room is the working time that is left.
func (s *story) room() time.Duration { return s.calendar.Between(s.at, s.end) }

func (s *story) roomFor(hours int) bool { return s.room() > time.Duration(hours)*time.Hour }

func hours(h float64) time.Duration {
	return time.Duration(h * float64(time.Hour)).Truncate(time.Second)
}

// later is the moment some working time after another.
func (s *story) later(from time.Time, d time.Duration) time.Time {
	at, err := s.calendar.Add(from, max(0, d))
	if err != nil && s.err == nil {
		s.err = err
	}
	return at.Truncate(time.Second)
}

// share keeps a stretch of working time within a part of what is left.
func (s *story) share(d time.Duration) time.Duration { return min(d, s.room()/3) }

// work lets some hours of working time pass.
func (s *story) work(low, high float64) {
	s.at = s.later(s.at, s.share(hours(s.between(low, high))))
}

// own lets some hours pass for the enterprise, which acts when it suits it, but
// not at night.
func (s *story) own(low, high float64) {
	at := s.at.Add(hours(s.between(low, high)))
	midnight := worktime.DateOf(at.In(s.calendar.Location())).In(s.calendar.Location())
	switch clock := at.Sub(midnight); {
	case clock < 8*time.Hour:
		at = midnight.Add(8*time.Hour + hours(s.between(0, 3)))
	case clock > 22*time.Hour:
		at = midnight.Add(32*time.Hour + hours(s.between(0, 3)))
	}
	if at.After(s.end) {
		at = s.at.Add(s.end.Sub(s.at) / 4).Truncate(time.Second)
	}
	s.at = at
}

// meanwhile lets some things happen, in their order, at moments of working
// time up to one.
func (s *story) meanwhile(until time.Time, asides []func()) {
	span := s.calendar.Between(s.at, until)
	moments := make([]time.Duration, len(asides))
	for i := range moments {
		moments[i] = time.Duration(s.r.Float64() * float64(span)).Truncate(time.Second)
	}
	slices.Sort(moments)
	from := s.at
	for i, aside := range asides {
		if at := s.later(from, moments[i]); at.After(s.at) {
			s.at = at
		}
		aside()
	}
	if until.After(s.at) {
		s.at = until
	}
}

// ticket is the ticket as it stands.
func (s *story) ticket() *ticket.Ticket {
	t, ok := s.batch.Ticket(s.id)
	if !ok && s.err == nil {
		s.err = fmt.Errorf("ticket %s is not there", s.id)
	}
	if !ok {
		return &ticket.Ticket{}
	}
	return t
}

// ends says whether the ticket is one that is still open in a state.
func (s *story) ends(state ticket.State) bool { return s.f.fate == open && s.f.state == state }

func (s *story) urgent() bool { return s.ticket().Urgency == ticket.Urgent }

func (s *story) fire(actor ticket.Actor, event ticket.Event, in ticket.Input) {
	if s.err != nil {
		return
	}
	s.now.Set(s.at)
	err := s.batch.Fire(actor, s.id, service.Command{Event: event, Input: in}, service.Backdated{At: s.at})
	if err != nil {
		s.err = fmt.Errorf("%s at %s of the ticket filed at %s: %w", event, s.at, s.f.at, err)
	}
}

// enterprise is who speaks for the enterprise: its contact, or now and then who
// looks after it, unless it is a trade secret.
func (s *story) enterprise() ticket.Actor {
	if !s.ticket().Confidential && s.chance(120) {
		return *s.f.enterprise.manager
	}
	return s.f.enterprise.contact
}

// Collection.

func (s *story) file() {
	e := s.f.enterprise
	in := ticket.SubmitInput{
		EnterpriseID: e.id, Title: s.about.Title, Description: s.about.Description, Category: s.about.Category,
		Urgency: ticket.Normal, Confidential: s.chance(20),
	}
	if s.about.Urgent {
		in.Urgency = ticket.Urgent
	}
	if len(e.projects) > 0 && s.chance(350) {
		in.ProjectID = pick(s.r, e.projects)
	}
	next, err := s.calendar.NextWorkingMoment(s.at)
	atWork := err == nil && next.Equal(s.at)
	actor := e.contact
	switch x := s.r.IntN(100); {
	case in.Confidential || x < 55:
		in.Source = ticket.SourceWeb
	case x < 59:
		in.Source = ticket.SourceOrder
	case x < 67:
		actor, in.Source = s.dispatcher(), ticket.SourceHotline
	case !atWork:
		in.Source = ticket.SourceWeb
	case x < 84:
		actor, in.Source = *e.manager, ticket.SourceVisit
	case x < 94:
		actor, in.Source = s.dispatcher(), ticket.SourcePhone
		if x >= 91 { // they went to the station instead
			actor, in.Source = s.d.stations[e.Place].steward, ticket.SourceStation
		}
	default:
		actor, in.Source = s.dispatcher(), ticket.SourceDesk
	}
	s.now.Set(s.at)
	s.id, s.err = s.batch.File(actor, in, service.Backdated{At: s.at})
}

// mergeDuplicate tells the short story of what the enterprise filed twice.
func (s *story) mergeDuplicate() {
	twice := &story{year: s.year, f: s.f.duplicate, about: s.about, at: s.f.duplicate.at, err: s.err}
	if twice.err == nil {
		twice.file()
	}
	twice.work(0.2, 3.5)
	twice.fire(s.dispatcher(), ticket.EventMerge, ticket.MergeInput{IntoID: s.id})
	s.err = twice.err
}

func (s *story) collect() {
	switch {
	case s.f.fate == rejected:
		if s.chance(300) {
			s.ask()
			s.work(8, 30)
		} else {
			s.deskTakes(ticket.ClockAccept)
		}
		code := pick(s.r, cast.RejectReasons()).Code
		s.fire(s.dispatcher(), ticket.EventReject, ticket.RejectInput{ReasonCode: code, Text: s.words.Reject(s.about, code)})
		return
	case s.f.fate == withdrawnEarly:
		if s.chance(400) {
			s.deskTakes(ticket.ClockAccept)
			s.fire(s.dispatcher(), ticket.EventAccept, nil)
		}
		s.own(0.3, 1.5)
		s.fire(s.f.enterprise.contact, ticket.EventWithdraw, ticket.ReasonInput{Reason: s.words.Withdraw(s.about)})
		return
	case s.ends(ticket.Submitted):
		return
	case s.ends(ticket.Supplementing):
		s.ask()
		return
	case s.chance(45) && s.roomFor(30):
		s.ask()
		s.own(1, 30)
		s.fire(s.enterprise(), ticket.EventSupplyInfo, ticket.SupplyInfoInput{Answer: s.words.Answer(s.about)})
	}
	s.deskTakes(ticket.ClockAccept)
	s.fire(s.dispatcher(), ticket.EventAccept, nil)
	if s.chance(18) {
		s.work(0.05, 0.5)
		urgency := ticket.Urgent
		if s.urgent() {
			urgency = ticket.Normal
		}
		s.fire(s.dispatcher(), ticket.EventCorrect, ticket.CorrectInput{Urgency: urgency, Reason: s.words.Correction(s.about)})
	}
	s.handOut()
}

func (s *story) ask() {
	s.deskTakes(ticket.ClockAccept)
	s.fire(s.dispatcher(), ticket.EventRequestInfo, ticket.RequestInfoInput{Question: s.words.Question(s.about)})
}

// pace is how long who holds a clock takes, in working hours: mostly within its
// length.
type pace struct {
	low, high         float64
	lateLow, lateHigh float64
	latePerMille      int
}

var paces = map[ticket.ClockName]map[ticket.Urgency]pace{
	ticket.ClockAccept: {
		ticket.Normal: {0.1, 3.4, 4.1, 9, 25}, ticket.Urgent: {0.03, 0.8, 1.05, 3, 40},
	},
	ticket.ClockDispatch: {
		ticket.Normal: {0.1, 3, 4.1, 8, 30}, ticket.Urgent: {0.05, 0.8, 1.05, 3, 40},
	},
	ticket.ClockClaim: {
		ticket.Normal: {0.2, 6.8, 8.2, 16, 20}, ticket.Urgent: {0.1, 1.7, 2.1, 5, 40},
	},
	ticket.ClockReportIn: {
		ticket.Normal: {0.4, 7.4, 8.2, 20, 52}, ticket.Urgent: {0.2, 3.6, 4.1, 10, 70},
	},
}

// takes draws how long who holds a clock takes.
func (s *story) takes(clock ticket.ClockName) time.Duration {
	p := paces[clock][s.ticket().Urgency]
	if s.chance(p.latePerMille) {
		return hours(s.between(p.lateLow, p.lateHigh))
	}
	return hours(s.between(p.low, p.high))
}

// deskTakes lets the time pass that the desk, or a department, takes.
func (s *story) deskTakes(clock ticket.ClockName) {
	s.at = s.later(s.at, s.share(s.takes(clock)))
}

// Dispatch.

func (s *story) handOut() {
	returns := 0
	if s.roomFor(60) && s.chance(46) {
		returns = 1
		if s.chance(150) {
			returns = 2
		}
	}
	if s.ends(ticket.Accepted) && s.roomFor(8) && s.chance(500) {
		returns = 1
	}
	right := s.lead
	for range returns {
		s.dispatch(s.otherThan(right))
		s.giveBack()
	}
	if s.ends(ticket.Accepted) {
		return
	}
	if s.roomFor(30) && s.chance(8) {
		s.dispatch(s.otherThan(right))
		s.work(0.1, 0.8)
		s.fire(s.dispatcher(), ticket.EventRecall, ticket.ReasonInput{Reason: s.words.Recall(s.about)})
	}
	s.leads(right)
	if s.ends(ticket.Joint) {
		s.callsNamed()
	}

	joint := s.ends(ticket.Joint) ||
		s.f.fate != withdrawnLate && !s.ends(ticket.Dispatched) && len(s.joined) > 0 && s.roomFor(90) && s.chance(140)
	how := s.r.IntN(100)
	if joint && how < 10 {
		s.deskTakes(ticket.ClockDispatch)
		s.whistle(s.dispatcher(), s.lead.id)
		s.settleJointly()
		return
	}
	s.dispatch(s.lead)
	switch {
	case s.ends(ticket.Dispatched):
		s.linger()
		return
	case s.f.fate == withdrawnLate && s.chance(400):
		s.withdraw()
		return
	}
	s.deskTakes(ticket.ClockClaim)
	if joint && how < 28 {
		s.whistle(s.actor, "")
		s.settleJointly()
		return
	}
	s.fire(s.actor, ticket.EventClaim, nil)
	switch {
	case s.f.fate == withdrawnLate:
		s.withdraw()
	case joint:
		s.meanwhile(s.later(s.at, s.share(hours(s.between(1.5, 12)))), s.talk(400))
		if s.chance(150) {
			s.fire(s.enterprise(), ticket.EventRequestWhistle, ticket.ReasonInput{Reason: s.words.RequestWhistle(s.about)})
			s.work(0.3, 3)
		}
		caller := pick(s.r, []ticket.Actor{s.actor, s.actor, s.lead.head, s.dispatcher()})
		s.whistle(caller, "")
		s.settleJointly()
	default:
		s.resolution()
	}
}

// otherThan is a department that one may take for the right one.
func (s *story) otherThan(right *department) *department {
	var others []*department
	for _, d := range s.d.duties[s.about.Category] {
		if d != right && d.id != s.ticket().LeadID {
			others = append(others, d)
		}
	}
	return pick(s.r, others)
}

func (s *story) dispatch(to *department) {
	s.leads(to)
	s.deskTakes(ticket.ClockDispatch)
	in := ticket.DispatchInput{LeadID: to.id}
	if len(s.joined) > 0 && s.joined[0] != to && s.chance(100) {
		in.DepartmentIDs = []string{s.joined[0].id}
	}
	s.fire(s.dispatcher(), ticket.EventDispatch, in)
}

func (s *story) giveBack() {
	s.deskTakes(ticket.ClockClaim)
	if s.chance(500) {
		s.fire(s.actor, ticket.EventClaim, nil)
		s.work(0.5, 6)
	}
	code := pick(s.r, cast.ReturnReasons()).Code
	s.fire(s.lead.head, ticket.EventReturn, ticket.ReturnInput{ReasonCode: code, Text: s.words.Return(s.about, code)})
}

func (s *story) withdraw() {
	s.own(3, 50)
	s.fire(s.f.enterprise.contact, ticket.EventWithdraw, ticket.ReasonInput{Reason: s.words.Withdraw(s.about)})
}
