package ticket

import (
	"slices"
	"strings"
	"time"

	"whistle/internal/worktime"
)

// Hearers says who is told of an event; a set of bits. Whoever caused it is
// not, nor anybody who does not read its line.
type Hearers uint32

// The hearers of which the workflow table speaks.
const (
	ToEnterprise Hearers = 1 << iota // its contacts and its managers
	ToDesk
	ToHandler // who works on it: the assignee, else the whole lead; the desk without one
	ToLead    // the whole lead department; the desk without one
	ToHeads   // the heads of the lead
	ToJoined  // the departments named beside the lead or summoned
	ToSummoned
	ToTasked // the department whose task it was
	ToNamed  // the person that the line names
	ToChair
	ToHolder
	ToDecider
	ToOtherSide
	ToOrderer
)

var hearerNames = []struct {
	hearer Hearers
	name   string
}{
	{ToEnterprise, "the enterprise and its managers"},
	{ToDesk, "desk"},
	{ToHandler, "who works on it"},
	{ToLead, "lead"},
	{ToHeads, "lead's heads"},
	{ToJoined, "joined departments"},
	{ToSummoned, "those whom it summons"},
	{ToTasked, "whose task it was"},
	{ToNamed, "whom it names"},
	{ToChair, "convener"},
	{ToHolder, "who has the ball"},
	{ToDecider, "who decides"},
	{ToOtherSide, "the other side"},
	{ToOrderer, "the leader whose order it answers"},
}

func (h Hearers) String() string { return strings.Join(h.names(), ", ") }

func (h Hearers) names() []string {
	var names []string
	for _, n := range hearerNames {
		if h&n.hearer != 0 {
			names = append(names, n.name)
		}
	}
	return names
}

// Hearing is who hears of a line or an alarm, as far as the ticket alone
// tells. Who of them may read it is to be asked of each.
type Hearing struct {
	EnterpriseID string   // its contacts and its managers; "" for none
	Desk         bool     // every dispatcher
	Leaders      bool     // every leader
	Departments  []string // officers and heads of these
	Heads        []string // heads of these, and who stands in for them
	People       []Person
}

// Person is one account that hears, and the department that does in its place
// when it is not there any more.
type Person struct {
	UserID string
	Else   string // "" for nobody
}

// Hearing tells who hears of the line, after which the ticket is as given.
func (l *Line) Hearing(t *Ticket) Hearing {
	def, _ := Define(l.Event)
	var h Hearing
	for _, n := range hearerNames {
		if def.Tells&n.hearer != 0 {
			h.add(n.hearer, t, l)
		}
	}
	if _, ok, err := l.Data(Own); !ok || err != nil {
		h.EnterpriseID = "" // managers hear of what their enterprise hears of
	}
	return h
}

func (h *Hearing) add(who Hearers, t *Ticket, l *Line) {
	switch who {
	case ToEnterprise:
		h.EnterpriseID = t.EnterpriseID
	case ToDesk:
		h.Desk = true
	case ToHandler:
		h.handler(t)
	case ToLead:
		h.side(SideDepartment, t.LeadID)
	case ToHeads:
		if t.LeadID != "" {
			h.Heads = append(h.Heads, t.LeadID)
		}
	case ToJoined:
		h.Departments = append(h.Departments, t.Joined()...)
	case ToSummoned:
		for _, s := range t.Summons {
			if s.Round == t.Round && s.At.Equal(l.At) {
				h.Departments = append(h.Departments, s.DepartmentID)
			}
		}
	case ToTasked:
		if in, ok := l.Input.(CancelTaskInput); ok {
			if task := t.task(in.TaskID); task != nil {
				h.Departments = append(h.Departments, task.DepartmentID)
			}
		}
	case ToNamed:
		switch in := l.Input.(type) {
		case AssignInput:
			h.People = append(h.People, Person{UserID: in.UserID})
		case InviteInput:
			h.People = append(h.People, Person{UserID: in.UserID})
		}
	case ToChair:
		if t.Convener == ConvenedByDesk {
			h.Desk = true
		} else {
			h.handler(t)
			h.add(ToHeads, t, l)
		}
	case ToHolder:
		h.holder(t, l.At)
	case ToDecider:
		if asked := map[Event]RequestKind{EventRequestExtension: ForExtension, EventRequestSuspension: ForSuspension}[l.Event]; asked != "" {
			if d := t.decision(asked); d.Side == SideDepartment {
				h.Heads = append(h.Heads, d.PartyID)
			} else {
				h.Desk = true
			}
		}
	case ToOtherSide:
		// A manager may be an officer, too, but is none of the lead's.
		if l.Actor.Role == RoleDispatcher || l.Actor.DepartmentID != "" && l.Actor.DepartmentID == t.LeadID {
			h.EnterpriseID = t.EnterpriseID
		} else {
			h.handler(t)
		}
	case ToOrderer:
		if in, ok := l.Input.(AnswerInput); ok {
			if o := t.order(in.OrderID); o != nil {
				h.People = append(h.People, Person{UserID: o.LeaderID})
			}
		}
	}
}

// handler adds who works on the ticket.
func (h *Hearing) handler(t *Ticket) {
	if t.AssigneeID != "" {
		h.People = append(h.People, Person{UserID: t.AssigneeID, Else: t.LeadID})
		return
	}
	h.side(SideDepartment, t.LeadID)
}

// side adds a party to the ticket; the desk stands in where no department is
// named.
func (h *Hearing) side(side Side, partyID string) {
	switch {
	case side == SideEnterprise:
		h.EnterpriseID = partyID
	case side == SideDepartment && partyID != "":
		h.Departments = append(h.Departments, partyID)
	default:
		h.Desk = true
	}
}

// holder adds who has the ball. Where that is the enterprise, which presses
// others, it is the desk that should look.
func (h *Hearing) holder(t *Ticket, now time.Time) {
	holder := t.Holder(now)
	switch holder.Side {
	case SideEnterprise, SideDesk:
		h.Desk = true
	case SideDepartment:
		for _, id := range holder.PartyIDs {
			if id == t.LeadID {
				h.handler(t)
			} else {
				h.side(SideDepartment, id)
			}
		}
	default:
		h.handler(t)
	}
}

// AlarmLevel is how loud an alarm is.
type AlarmLevel string

// The levels.
const (
	AlarmYellow  AlarmLevel = "yellow"  // told to who holds the clock
	AlarmRed     AlarmLevel = "red"     // told to their head, too
	AlarmOverdue AlarmLevel = "overdue" // red for a working day: told to the leaders
)

// AlarmLevels lists the levels, the quietest first.
func AlarmLevels() []AlarmLevel { return []AlarmLevel{AlarmYellow, AlarmRed, AlarmOverdue} }

// Alarm says that something owed to a ticket is late, or soon will be.
type Alarm struct {
	Obligation
	Level AlarmLevel
}

// Alarms are those of the ticket that ring at now.
func (t *Ticket) Alarms(calendar *worktime.Calendar, now time.Time) ([]Alarm, error) {
	if t.Imported {
		return nil, nil
	}
	var all []Alarm
	for _, o := range t.Obligations() {
		for _, level := range AlarmLevels() {
			a := Alarm{o, level}
			rings, err := a.Rings(calendar, now)
			if err != nil {
				return nil, err
			}
			if rings {
				all = append(all, a)
			}
		}
	}
	return all, nil
}

// Rings says whether the alarm rings at now. What is red is not told as yellow
// any more.
func (a Alarm) Rings(calendar *worktime.Calendar, now time.Time) (bool, error) {
	if a.DueAt == nil || !slices.Contains(a.rings(), a.Level) {
		return false, nil
	}
	late := now.After(*a.DueAt) // at the deadline's very instant it is still on time
	switch a.Level {
	case AlarmYellow:
		return !late && a.YellowAt != nil && !now.Before(*a.YellowAt), nil
	case AlarmOverdue:
		at, err := calendar.Add(*a.DueAt, workingDay(calendar))
		return late && err == nil && !now.Before(at), err
	case AlarmRed:
	}
	return late, nil
}

// rings are the levels that an obligation knows. The verify clock stands for
// two: the enterprise is reminded before it is out, the desk calls after that.
func (o Obligation) rings() []AlarmLevel {
	switch o.Event { //nolint:exhaustive // the others know all
	case EventConfirm:
		return []AlarmLevel{AlarmYellow}
	case EventCallback:
		return []AlarmLevel{AlarmRed, AlarmOverdue}
	}
	return AlarmLevels()
}

// workingDay is the working time of one day.
func workingDay(calendar *worktime.Calendar) time.Duration {
	var sum time.Duration
	for _, shift := range calendar.Shifts() {
		sum += shift.To - shift.From
	}
	return sum
}

// Hearing tells who hears of the alarm.
func (a Alarm) Hearing(t *Ticket) Hearing {
	var h Hearing
	if a.Level == AlarmOverdue {
		h.Leaders = true
		return h
	}
	ofHandler := []Event{EventResolve, EventAnswer}
	if a.Side == SideDepartment && a.PartyID == t.LeadID && slices.Contains(ofHandler, a.Event) {
		h.handler(t)
	} else {
		h.side(a.Side, a.PartyID)
	}
	if a.Level == AlarmRed && a.Side == SideDepartment {
		h.Heads = append(h.Heads, a.PartyID)
	}
	return h
}

// Names says whether somebody belongs to the hearing. A person who is not there
// any more has been replaced by then.
func (h Hearing) Names(a Actor) bool {
	switch {
	case h.Desk && a.Role == RoleDispatcher, h.Leaders && a.Role == RoleLeader:
		return true
	case h.EnterpriseID != "" && (a.Role == RoleEnterprise && a.EnterpriseID == h.EnterpriseID || slices.Contains(a.Manages, h.EnterpriseID)):
		return true
	case a.inDepartment() && (slices.Contains(h.Departments, a.DepartmentID) || a.Heads() && slices.Contains(h.Heads, a.DepartmentID)):
		return true
	}
	return slices.ContainsFunc(h.People, func(p Person) bool { return p.UserID == a.ID })
}

// Owes says whether an obligation is the actor's to meet, by their side.
func (a Actor) Owes(o Obligation) bool {
	switch o.Side {
	case SideDesk:
		return a.Role == RoleDispatcher
	case SideDepartment:
		return a.inDepartment() && a.DepartmentID == o.PartyID
	case SideEnterprise:
		return a.Role == RoleEnterprise && a.EnterpriseID == o.PartyID
	}
	return false
}
