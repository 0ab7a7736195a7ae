package ticket

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"whistle/internal/phrase"
	"whistle/internal/worktime"
)

// World is what the rules must know beside the ticket.
type World struct {
	Directory Directory
	Policies  Policies
	Calendars Calendars
}

// Directory answers for the organisation's data. A false means that there is
// no such thing.
type Directory interface {
	Department(id string) (Department, bool)
	User(id string) (User, bool)
	Enterprise(id string) (Enterprise, bool)
	Project(id string) (Project, bool)
	Category(code string) (Entry, bool)
	Reason(kind ReasonKind, code string) (Entry, bool)
	Attachment(id string) (Attachment, bool)
	// Ticket finds the ticket into which another is to be merged.
	Ticket(id string) (*Ticket, bool)
}

// Policies are the clocks' lengths by version.
type Policies interface {
	Policy(version int) (Policy, error)
}

// Calendars are the working-time calendars by version.
type Calendars interface {
	Calendar(version int) (*worktime.Calendar, error)
}

// Department is what the rules need of a department.
type Department struct {
	Name            string
	Dispatchable    bool // may lead
	Summonable      bool // may be called to a joint handling
	OfficersResolve bool // its officers may submit results themselves
	Retired         bool
}

// User is what the rules need of an account.
type User struct {
	Role         Role
	DepartmentID string
	Retired      bool
}

// Enterprise is what the rules need of an enterprise.
type Enterprise struct {
	PlaceID string
	Chains  []string
	Retired bool
}

// Project is what the rules need of a key project.
type Project struct {
	EnterpriseID string
	Retired      bool
}

// Entry is one code of a closed list.
type Entry struct {
	Retired bool
}

// ReasonKind names a closed list of reasons.
type ReasonKind string

// The kinds of reason.
const (
	RejectReason ReasonKind = "reject"
	ReturnReason ReasonKind = "return"
)

// Attachment is what the rules need of an uploaded file.
type Attachment struct {
	UploadedBy string
	TicketID   string // what carries it, if not a ticket then a visit; "" until something does
}

// Unit is what a clock's length is counted in.
type Unit string

// The units.
const (
	WorkingHours Unit = "working_hours" // running working time from the event
	WorkingDays  Unit = "working_days"  // close of business of the n-th working day after the event's day
	Hours        Unit = "hours"         // plain hours, day and night
)

// Length is how long a clock runs.
type Length struct {
	Amount int  `json:"amount" minimum:"1" maximum:"1000"`
	Unit   Unit `json:"unit" enum:"working_hours,working_days,hours"`
}

func (l Length) String() string { return l.phrase().String() }

func (l Length) phrase() phrase.Phrase {
	return phrase.Of("%d %s", l.Amount, phrase.Code{List: "unit", Code: string(l.Unit)})
}

// Rule gives one clock its length. An empty category or urgency means any;
// the rule that names more wins, a category before an urgency.
type Rule struct {
	Clock    ClockName `json:"clock" enum:"accept,dispatch,claim,report_in,resolve,joint_resolve,verify,answer"`
	Category string    `json:"category,omitempty" maxLength:"64"`
	Urgency  Urgency   `json:"urgency,omitempty" enum:"normal,urgent"`
	Length
}

// Policy is one version of the clocks' lengths.
type Policy struct {
	Version int    `json:"version"`
	Name    string `json:"name"`
	Rules   []Rule `json:"rules"`
}

// DefaultRules are the lengths of domain section 3.
func DefaultRules() []Rule {
	hours := func(n int) Length { return Length{n, WorkingHours} }
	days := func(n int) Length { return Length{n, WorkingDays} }
	return []Rule{
		{Clock: ClockAccept, Length: hours(4)},
		{Clock: ClockAccept, Urgency: Urgent, Length: hours(1)},
		{Clock: ClockDispatch, Length: hours(4)},
		{Clock: ClockDispatch, Urgency: Urgent, Length: hours(1)},
		{Clock: ClockClaim, Length: hours(8)},
		{Clock: ClockClaim, Urgency: Urgent, Length: hours(2)},
		{Clock: ClockReportIn, Length: hours(8)},
		{Clock: ClockReportIn, Urgency: Urgent, Length: hours(4)},
		{Clock: ClockResolve, Length: days(5)},
		{Clock: ClockResolve, Urgency: Urgent, Length: days(2)},
		{Clock: clockJointResolve, Length: days(15)},
		{Clock: ClockVerify, Length: days(5)},
		{Clock: ClockAnswer, Length: days(2)},
	}
}

// Length finds how long a clock runs under the policy.
func (p Policy) Length(clock ClockName, category string, urgency Urgency) (Length, error) {
	best, rank := Length{}, -1
	for _, r := range p.Rules {
		if r.Clock != clock || r.Category != "" && r.Category != category || r.Urgency != "" && r.Urgency != urgency {
			continue
		}
		n := 0
		if r.Category != "" {
			n += 2
		}
		if r.Urgency != "" {
			n++
		}
		if n > rank {
			best, rank = r.Length, n
		}
	}
	if rank < 0 {
		return Length{}, fmt.Errorf("policy %d has no length for clock %s", p.Version, clock)
	}
	return best, nil
}

// Check finds what would make the policy useless: a clock without a length, a
// length of nothing, a rule given twice.
func (p Policy) Check() []Field {
	var faults []Field
	for i, r := range p.Rules {
		at := fmt.Sprintf("/rules/%d", i)
		if !slices.Contains(policyClocks, r.Clock) {
			faults = append(faults, Fieldf(at+"/clock", "is not a clock"))
		}
		if r.Amount < 1 || r.Amount > 1000 {
			faults = append(faults, Fieldf(at+"/amount", "must be from 1 to 1000"))
		}
		if r.Unit != WorkingHours && r.Unit != WorkingDays && r.Unit != Hours {
			faults = append(faults, Fieldf(at+"/unit", "must be one of: working_hours, working_days, hours"))
		}
		for _, earlier := range p.Rules[:i] {
			if earlier.Clock == r.Clock && earlier.Category == r.Category && earlier.Urgency == r.Urgency {
				faults = append(faults, Fieldf(at, "says the same as an earlier rule; keep one"))
			}
		}
	}
	for _, clock := range policyClocks {
		for _, urgency := range []Urgency{Normal, Urgent} {
			if _, err := p.Length(clock, "", urgency); err != nil {
				faults = append(faults, Fieldf("/rules", "must give clock %s a length for %s tickets of any category", phrase.Code{List: "clock", Code: string(clock)}, phrase.Code{List: "urgency", Code: string(urgency)}))
			}
		}
	}
	return faults
}

var errNoCalendar = errors.New("ticket: no calendar")

// clockTime is the calendar and policy under which a ticket's clocks run.
type clockTime struct {
	calendar *worktime.Calendar
	policy   Policy
}

func (w World) timeOf(t *Ticket) (clockTime, error) {
	calendar, err := w.Calendars.Calendar(t.CalendarVersion)
	if err != nil {
		return clockTime{}, err
	}
	if calendar == nil {
		return clockTime{}, errNoCalendar
	}
	policy, err := w.Policies.Policy(t.PolicyVersion)
	if err != nil {
		return clockTime{}, err
	}
	return clockTime{calendar, policy}, nil
}

// deadline is when a clock of this length that starts at start is due.
func (c clockTime) deadline(length Length, start time.Time) (time.Time, error) {
	return length.From(c.calendar, start)
}

// From is when a clock of this length that starts at start is due. It is an
// error when the calendar has no working time within reach.
func (l Length) From(calendar *worktime.Calendar, start time.Time) (time.Time, error) {
	switch l.Unit {
	case WorkingHours:
		return calendar.Add(start, time.Duration(l.Amount)*time.Hour)
	case WorkingDays:
		return calendar.NthWorkingDayClose(start, l.Amount)
	case Hours:
		return start.Add(time.Duration(l.Amount) * time.Hour), nil
	}
	return time.Time{}, fmt.Errorf("ticket: unknown unit %q", l.Unit)
}
