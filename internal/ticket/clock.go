package ticket

import (
	"slices"
	"time"

	"whistle/internal/worktime"
)

// ClockName names a clock.
type ClockName string

// The clocks of domain section 3.
const (
	ClockAccept   ClockName = "accept"
	ClockDispatch ClockName = "dispatch"
	ClockClaim    ClockName = "claim"
	ClockReportIn ClockName = "report_in"
	ClockResolve  ClockName = "resolve"
	ClockVerify   ClockName = "verify"
	ClockAnswer   ClockName = "answer"

	// clockJointResolve is no clock of its own: it is the length that the
	// resolve clock takes on once departments work jointly.
	clockJointResolve ClockName = "joint_resolve"
)

var policyClocks = []ClockName{
	ClockAccept, ClockDispatch, ClockClaim, ClockReportIn,
	ClockResolve, clockJointResolve, ClockVerify, ClockAnswer,
}

// stateClocks start when a ticket enters a state and end when it leaves. The
// report-in clocks, one a department, are started by the summons instead.
var stateClocks = map[State]ClockName{
	Submitted:  ClockAccept,
	Accepted:   ClockDispatch,
	Dispatched: ClockClaim,
	Verifying:  ClockVerify,
}

// metBy says which events meet a clock; leaving its state by any other voids it.
var metBy = map[ClockName][]Event{
	ClockAccept:   {EventAccept, EventReject, EventMerge, EventRequestInfo},
	ClockDispatch: {EventDispatch, EventWhistle, EventMerge},
	ClockClaim:    {EventClaim, EventReturn, EventWhistle},
	ClockVerify:   {EventConfirm, EventDispute, EventCallback},
}

// resolvePauses are the states in which a running resolve clock stands still.
var resolvePauses = []State{Supplementing, Suspended, Verifying, Closed}

// Clock is one deadline of a ticket.
type Clock struct {
	Name         ClockName  `json:"name"`
	DepartmentID string     `json:"department_id,omitempty"` // report_in: who was summoned
	OrderID      string     `json:"order_id,omitempty"`      // answer: which order
	Length       Length     `json:"length"`
	StartedAt    time.Time  `json:"started_at"`
	DueAt        time.Time  `json:"due_at"`
	YellowAt     time.Time  `json:"yellow_at"`
	Granted      *Grant     `json:"granted,omitempty"` // a deadline set by decision instead of by length
	Pauses       []Pause    `json:"pauses,omitempty"`
	MetAt        *time.Time `json:"met_at,omitempty"`
	EndedAt      *time.Time `json:"ended_at,omitempty"`    // void: its state was left otherwise
	MissedAt     *time.Time `json:"missed_at,omitempty"`   // the deadline that was missed; it stays missed
	Waived       bool       `json:"waived,omitempty"`      // nobody can meet it any more, but it is missed when due
	Provisional  bool       `json:"provisional,omitempty"` // the calendar of a year it needs is not loaded
}

// Grant is a deadline set at a moment by decision.
type Grant struct {
	At    time.Time `json:"at"`
	DueAt time.Time `json:"due_at"`
}

// Pause is a stretch in which a clock stood still; To is nil while it lasts.
type Pause struct {
	From time.Time  `json:"from"`
	To   *time.Time `json:"to,omitempty"`
}

// Light is the colour of a running clock, never stored.
type Light string

// The lights.
const (
	Green  Light = "green"
	Yellow Light = "yellow" // 75 % of the working time between event and deadline is gone
	Red    Light = "red"
)

// Running says whether somebody is still expected to meet the clock.
func (c Clock) Running() bool { return c.MetAt == nil && c.EndedAt == nil && !c.Waived }

// Paused says whether it stands still.
func (c Clock) Paused() bool {
	return len(c.Pauses) > 0 && c.Pauses[len(c.Pauses)-1].To == nil
}

// Missed says whether the deadline has passed unmet, at now or ever before.
// At the deadline's very instant it is still on time.
func (c Clock) Missed(now time.Time) bool {
	if c.MissedAt != nil {
		return true
	}
	return c.MetAt == nil && c.EndedAt == nil && !c.Paused() && now.After(c.DueAt)
}

// Light is the clock's colour at now; "" when it runs no more.
func (c Clock) Light(now time.Time) Light {
	if !c.Running() {
		return ""
	}
	if c.Paused() && c.MissedAt == nil {
		now = c.Pauses[len(c.Pauses)-1].From
	}
	switch {
	case c.Missed(now):
		return Red
	case now.Before(c.YellowAt):
		return Green
	}
	return Yellow
}

// AlarmTimes are when the first of the ticket's running clocks turns yellow
// and red; nil when none will. A paused clock rings no alarm unless it was
// missed before.
func (t *Ticket) AlarmTimes() (yellowAt, redAt *time.Time) {
	for _, c := range t.Clocks {
		if yellow, red := c.alarm(); c.Running() && red != nil {
			yellowAt, redAt = earlier(yellowAt, *yellow), earlier(redAt, *red)
		}
	}
	return yellowAt, redAt
}

// alarm is when a running clock turns yellow and red; nil when it will not.
func (c Clock) alarm() (yellowAt, redAt *time.Time) {
	switch {
	case c.MissedAt != nil:
		return c.MissedAt, c.MissedAt
	case c.Paused():
		return nil, nil
	}
	return &c.YellowAt, &c.DueAt
}

func earlier(a *time.Time, b time.Time) *time.Time {
	if a == nil || b.Before(*a) {
		return &b
	}
	return a
}

// Light is the worst light among the ticket's clocks; "" when none runs.
func (t *Ticket) Light(now time.Time) Light {
	worst := Light("")
	for _, c := range t.Clocks {
		worst = Worse(worst, c.Light(now))
	}
	return worst
}

var lightRank = map[Light]int{"": 0, Green: 1, Yellow: 2, Red: 3}

// Worse is the worse of two lights.
func Worse(a, b Light) Light {
	if lightRank[b] > lightRank[a] {
		return b
	}
	return a
}

// Clock finds the latest clock of a name that is not void; nil if there is none.
func (t *Ticket) Clock(name ClockName) *Clock {
	for i := len(t.Clocks) - 1; i >= 0; i-- {
		if c := &t.Clocks[i]; c.Name == name && c.EndedAt == nil {
			return c
		}
	}
	return nil
}

// clockwork turns a ticket's clocks at one history line. The first error of
// the calendar or the policy is kept; what follows it does nothing.
type clockwork struct {
	t   *Ticket
	at  time.Time
	in  clockTime
	err error
}

// latch makes a deadline that has passed stay missed.
func (k *clockwork) latch() {
	for i := range k.t.Clocks {
		if c := &k.t.Clocks[i]; c.MissedAt == nil && c.Missed(k.at) {
			due := c.DueAt
			c.MissedAt = &due
		}
	}
}

func (k *clockwork) length(name ClockName) Length {
	if k.err != nil {
		return Length{}
	}
	length, err := k.in.policy.Length(name, k.t.Category, k.t.Urgency)
	k.err = err
	return length
}

func (k *clockwork) start(c Clock) {
	c.StartedAt = k.at
	c.Length = k.length(c.Name)
	k.t.Clocks = append(k.t.Clocks, c)
	k.date(&k.t.Clocks[len(k.t.Clocks)-1])
}

// date computes a clock's deadline anew from its start, length, grant and pauses.
func (k *clockwork) date(c *Clock) {
	if k.err != nil {
		return
	}
	var due time.Time
	if c.Granted != nil {
		due = c.Granted.DueAt
	} else if due, k.err = k.in.deadline(c.Length, c.StartedAt); k.err != nil {
		return
	}
	// A pause moves the deadline later by the working time it covered, in
	// plain hours by the plain time.
	var paused time.Duration
	for _, p := range c.Pauses {
		if p.To == nil {
			continue
		}
		from := p.From
		if c.Granted != nil && from.Before(c.Granted.At) {
			from = c.Granted.At // the grant took account of what was before it
		}
		paused += k.span(c, from, *p.To)
	}
	if due, k.err = k.later(c, due, paused); k.err != nil {
		return
	}
	c.DueAt = due.UTC().Truncate(time.Microsecond)
	c.Provisional = c.Length.Unit != Hours && !k.in.calendar.Covers(c.StartedAt, due)
	if c.Length.Unit == Hours {
		c.YellowAt = c.StartedAt.Add(due.Sub(c.StartedAt) / 4 * 3).UTC().Truncate(time.Microsecond)
		return
	}
	yellow, err := k.in.calendar.Add(c.StartedAt, k.in.calendar.Between(c.StartedAt, due)/4*3)
	c.YellowAt, k.err = yellow.UTC().Truncate(time.Microsecond), err
}

// span is the time from one moment to another as the clock counts it; 0 when
// the second is not after the first.
func (k *clockwork) span(c *Clock, from, to time.Time) time.Duration {
	if c.Length.Unit == Hours {
		return max(0, to.Sub(from))
	}
	return k.in.calendar.Between(from, to)
}

// later moves a deadline later by d as the clock counts it.
func (k *clockwork) later(c *Clock, due time.Time, d time.Duration) (time.Time, error) {
	if c.Length.Unit == Hours || d == 0 {
		return due.Add(d), nil
	}
	return k.in.calendar.Add(due, d)
}

// each calls f for every running clock that the filter takes.
func (k *clockwork) each(filter func(*Clock) bool, f func(*Clock)) {
	for i := range k.t.Clocks {
		if c := &k.t.Clocks[i]; c.Running() && filter(c) {
			f(c)
		}
	}
}

func named(name ClockName) func(*Clock) bool {
	return func(c *Clock) bool { return c.Name == name }
}

func (k *clockwork) meet(c *Clock) { at := k.at; c.MetAt = &at }
func (k *clockwork) void(c *Clock) { at := k.at; c.EndedAt = &at }

// resolve is the one resolve clock of the ticket, met or not; nil before the
// first dispatch.
func (k *clockwork) resolve() *Clock { return k.t.Clock(ClockResolve) }

// move carries the clocks over a change of state.
func (k *clockwork) move(event Event, from, to State) {
	if from == to {
		return
	}
	if name, ok := stateClocks[from]; ok {
		k.each(named(name), func(c *Clock) {
			if slices.Contains(metBy[name], event) {
				k.meet(c)
			} else {
				k.void(c)
			}
		})
	}
	if from == Joint && event != EventConclude {
		k.each(named(ClockReportIn), k.void)
	}
	k.turnResolve(from, to)
	if name, ok := stateClocks[to]; ok && (to != Verifying || !k.t.Imported) {
		k.start(Clock{Name: name})
	}
	if to == Rejected || to == Withdrawn || to == Merged {
		k.each(func(*Clock) bool { return true }, k.void)
	}
}

// turnResolve pauses and resumes the resolve clock.
func (k *clockwork) turnResolve(from, to State) {
	c := k.resolve()
	if c == nil {
		return
	}
	paused, pause := slices.Contains(resolvePauses, from), slices.Contains(resolvePauses, to)
	switch {
	case pause && !paused:
		c.Pauses = append(c.Pauses, Pause{From: k.at})
		if to == Verifying {
			k.meet(c)
		}
	case paused && !pause:
		at := k.at
		c.Pauses[len(c.Pauses)-1].To = &at
		c.MetAt = nil // rework goes on from where it stood
		k.date(c)
	}
}

// goJoint gives the resolve clock the length of joint handling, counted from
// the first dispatch as before; it never brings the deadline forward.
func (k *clockwork) goJoint() {
	c := k.resolve()
	if c == nil || k.err != nil {
		return
	}
	joint := *c
	joint.Length, joint.Granted = k.length(clockJointResolve), nil
	k.date(&joint)
	if joint.DueAt.After(c.DueAt) {
		*c = joint
	}
}

// relength follows a change of category or urgency. A longer length counts
// from the clock's start; a shorter one counts from the change, so that nobody
// is late at the moment they hear of it, and never beyond the old deadline.
func (k *clockwork) relength() {
	joint := k.t.Round > 0
	k.each(func(c *Clock) bool { return c.MissedAt == nil }, func(c *Clock) {
		name := c.Name
		if name == ClockResolve && joint {
			name = clockJointResolve
		}
		length := k.length(name)
		if k.err != nil || length == c.Length {
			return
		}
		if c.StartedAt.Equal(k.at) {
			c.Length = length
			k.date(c)
			return
		}
		longer := *c
		longer.Length, longer.Granted = length, nil
		k.date(&longer)
		if longer.DueAt.After(c.DueAt) {
			*c = longer
			return
		}
		due := c.DueAt
		if c.Paused() {
			since := c.Pauses[len(c.Pauses)-1].From
			due, k.err = k.later(c, due, k.span(c, since, k.at))
		} else if shorter, err := k.in.deadline(length, k.at); err != nil {
			k.err = err
		} else if shorter.Before(due) {
			due = shorter
		}
		c.Length = length
		c.Granted = &Grant{At: k.at, DueAt: due}
		k.date(c)
	})
}

// grant sets the resolve clock's deadline by decision. It counts from the
// asking: what was on time when asked is not missed while the answer waits.
func (k *clockwork) grant(due time.Time) {
	c := k.resolve()
	if c == nil {
		return
	}
	c.MissedAt = nil
	if due.After(c.DueAt) { // the deadline may have moved further since it was asked
		c.Granted = &Grant{At: k.at, DueAt: due}
		k.date(c)
	}
	k.latch()
}

// redate computes the open deadlines anew under another calendar.
func (k *clockwork) redate() {
	for i := range k.t.Clocks {
		if c := &k.t.Clocks[i]; c.MetAt == nil && c.EndedAt == nil {
			k.date(c)
		}
	}
}

// Explanation accounts for a deadline day by day.
type Explanation struct {
	Clock Clock
	Days  []worktime.Note // from the start to the deadline
}

// Explain accounts for every clock of the ticket that is not void.
func (w World) Explain(t *Ticket) ([]Explanation, error) {
	in, err := w.timeOf(t)
	if err != nil {
		return nil, err
	}
	var all []Explanation
	for _, c := range t.Clocks {
		if c.EndedAt == nil {
			all = append(all, Explanation{Clock: c, Days: in.calendar.Explain(c.StartedAt, c.DueAt)})
		}
	}
	return all, nil
}
