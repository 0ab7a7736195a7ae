package ticket

import (
	"slices"
	"time"

	"whistle/internal/worktime"
)

// Side is a party to a ticket that may owe it something.
type Side string

// The sides.
const (
	SideDesk       Side = "desk"
	SideDepartment Side = "department"
	SideEnterprise Side = "enterprise"
)

// Obligation is something that one side owes a ticket now. Every running clock
// is behind one, the verify clock behind two: the enterprise is asked until it
// is out, the desk calls after that.
type Obligation struct {
	Event   Event // by which it is met
	Side    Side
	PartyID string    // the department, the enterprise; "" for the desk
	Clock   ClockName // "" when no clock runs for it
	Item    string    // the task or order; "" otherwise
	// YellowAt and DueAt are when it turns yellow and red; nil when it never
	// will, as when nothing is due or its clock stands still. A deadline that
	// was missed stays the one that counts.
	YellowAt    *time.Time
	DueAt       *time.Time
	Provisional bool // the calendar of a year that the deadline needs is not loaded
	PlainHours  bool // its clock runs day and night, not in working time
}

// Obligations lists what is owed to the ticket as it stands.
func (t *Ticket) Obligations() []Obligation {
	var all []Obligation
	for _, c := range t.Clocks {
		if c.Running() {
			all = append(all, t.behind(c)...)
		}
	}
	if !t.State.Open() {
		return all
	}
	if t.State == Supplementing {
		all = append(all, Obligation{Event: EventSupplyInfo, Side: SideEnterprise, PartyID: t.EnterpriseID})
	}
	if t.State == Joint && len(t.outstanding()) == 0 {
		conclude := Obligation{Event: EventConclude, Side: SideDesk}
		if t.Convener == ConvenedByLead {
			conclude.Side, conclude.PartyID = SideDepartment, t.LeadID
		}
		all = append(all, conclude)
	}
	for _, task := range t.Tasks {
		if task.State == TaskOpen {
			all = append(all, Obligation{Event: EventFinishTask, Side: SideDepartment, PartyID: task.DepartmentID, Item: task.ID, DueAt: task.DueAt})
		}
	}
	for _, r := range t.Requests {
		if r.State == RequestPending {
			all = append(all, t.decision(r.Kind))
		}
	}
	return all
}

// behind are the obligations for which a running clock runs.
func (t *Ticket) behind(c Clock) []Obligation {
	o := Obligation{Clock: c.Name, Side: SideDesk, Provisional: c.Provisional, PlainHours: c.Length.Unit == Hours}
	o.YellowAt, o.DueAt = c.alarm()
	ofLead := func(event, withoutLead Event) []Obligation {
		if t.LeadID == "" {
			o.Event = withoutLead
		} else {
			o.Event, o.Side, o.PartyID = event, SideDepartment, t.LeadID
		}
		return []Obligation{o}
	}
	switch c.Name {
	case ClockAccept:
		o.Event = EventAccept
	case ClockDispatch:
		o.Event = EventDispatch
	case ClockClaim:
		return ofLead(EventClaim, EventDispatch)
	case ClockResolve:
		return ofLead(EventResolve, EventDispatch) // it burns on while the desk looks for a lead
	case ClockAnswer:
		o.Item = c.OrderID
		return ofLead(EventAnswer, EventAnswer)
	case ClockReportIn:
		o.Event, o.Side, o.PartyID = EventReportIn, SideDepartment, c.DepartmentID
	case ClockVerify:
		asked := o
		asked.Event, asked.Side, asked.PartyID = EventConfirm, SideEnterprise, t.EnterpriseID
		o.Event = EventCallback
		return []Obligation{asked, o}
	case clockJointResolve: // a length, no clock
		return nil
	}
	return []Obligation{o}
}

// decision is what a pending request waits for.
func (t *Ticket) decision(kind RequestKind) Obligation {
	o := Obligation{Side: SideDesk}
	switch kind {
	case ForWhistle:
		o.Event = EventWhistle
	case ForSuspension:
		o.Event = EventDecideSuspension
	case ForExtension:
		o.Event = EventDecideExtension
		if t.approved(ForExtension) == 0 {
			o.Side, o.PartyID = SideDepartment, t.LeadID
		}
	}
	return o
}

// outstanding are the departments that have not reported in to the present
// whistle, in the order in which they were summoned.
func (t *Ticket) outstanding() []string {
	var ids []string
	for _, s := range t.Summons {
		if s.Round == t.Round && s.ReportedAt == nil {
			ids = append(ids, s.DepartmentID)
		}
	}
	return ids
}

// Light is the obligation's colour at now; "" when nothing is due.
func (o Obligation) Light(now time.Time) Light {
	switch {
	case o.DueAt == nil:
		return ""
	case now.After(*o.DueAt):
		return Red
	case o.YellowAt == nil || now.Before(*o.YellowAt):
		return Green
	}
	return Yellow
}

// TimeLeft is the working time from now to the deadline, negative once it is
// out; plain time where the clock runs day and night. ok is false when nothing
// is due.
func (o Obligation) TimeLeft(calendar *worktime.Calendar, now time.Time) (left time.Duration, ok bool) {
	if o.DueAt == nil {
		return 0, false
	}
	if o.PlainHours {
		return o.DueAt.Sub(now), true
	}
	if now.After(*o.DueAt) {
		return -calendar.Between(*o.DueAt, now), true
	}
	return calendar.Between(now, *o.DueAt), true
}

// Burning is the obligation that is due first, and the worst of all their
// lights; nil when nothing is due.
func Burning(all []Obligation, now time.Time) (*Obligation, Light) {
	var first *Obligation
	worst := Light("")
	for i := range all {
		o := &all[i]
		if o.DueAt == nil {
			continue
		}
		if first == nil || o.DueAt.Before(*first.DueAt) {
			first = o
		}
		worst = Worse(worst, o.Light(now))
	}
	return first, worst
}

// Holder is who has the ball: whose turn it is to act on the ticket.
type Holder struct {
	Side        Side       // "" when it is nobody's turn: it is over, or waits on an outside condition
	PartyIDs    []string   // the departments, or the enterprise; none for the desk
	Event       Event      // what they are to do; "" when it is nobody's turn
	Clock       ClockName  // "" when no deadline runs
	DueAt       *time.Time // the first of their deadlines; nil when none runs
	Provisional bool       // the deadline may move: the calendar of a year that it needs is not loaded
	// ReviewDate is when a suspended ticket is looked at again; nil otherwise.
	ReviewDate *worktime.Date
}

// turns are the events for which a state waits, the first that is owed first.
var turns = map[State][]Event{
	Submitted:     {EventAccept},
	Supplementing: {EventSupplyInfo},
	Accepted:      {EventDispatch},
	Dispatched:    {EventClaim},
	Joint:         {EventReportIn, EventConclude},
	Resolving:     {EventResolve},
	Verifying:     {EventConfirm},
}

// Holder tells who has the ball at now.
func (t *Ticket) Holder(now time.Time) Holder {
	h := Holder{}
	if t.State == Suspended {
		h.ReviewDate = t.ReviewDate
	}
	if t.State == Verifying {
		// An imported ticket has no verify clock.
		h = Holder{Side: SideEnterprise, PartyIDs: []string{t.EnterpriseID}, Event: EventConfirm}
	}
	owed := t.Obligations()
	for _, event := range turns[t.State] {
		for _, o := range owed {
			if o.Event == event {
				h.add(o)
			}
		}
		if len(h.PartyIDs) > 0 || h.Side == SideDesk {
			break
		}
	}
	if t.State == Verifying && h.DueAt != nil && now.After(*h.DueAt) {
		return Holder{Side: SideDesk, Event: EventCallback, Clock: h.Clock, DueAt: h.DueAt, Provisional: h.Provisional}
	}
	return h
}

func (h *Holder) add(o Obligation) {
	h.Side, h.Event = o.Side, o.Event
	if o.PartyID != "" && !slices.Contains(h.PartyIDs, o.PartyID) {
		h.PartyIDs = append(h.PartyIDs, o.PartyID)
	}
	if o.DueAt != nil && (h.DueAt == nil || o.DueAt.Before(*h.DueAt)) {
		h.Clock, h.DueAt, h.Provisional = o.Clock, o.DueAt, o.Provisional
	}
}
