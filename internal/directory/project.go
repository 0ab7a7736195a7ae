package directory

import (
	"slices"
	"time"

	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// MilestoneKind is a step on the way of a key project.
type MilestoneKind string

// The steps of a key project.
const (
	Signing    MilestoneKind = "signing"    // 签约
	Start      MilestoneKind = "start"      // 开工
	Completion MilestoneKind = "completion" // 竣工
	Operation  MilestoneKind = "operation"  // 投产
)

// MilestoneKinds lists all steps, in the order in which they follow each other.
func MilestoneKinds() []MilestoneKind {
	return []MilestoneKind{Signing, Start, Completion, Operation}
}

// Milestone is a step of one key project: when it is to be reached, and when it
// was.
type Milestone struct {
	ProjectID  string        `gorm:"primaryKey"`
	Kind       MilestoneKind `gorm:"primaryKey"`
	PlannedDay worktime.Date
	// FirstPlannedDay is by which it is judged, however often it was planned
	// anew for a later day: what was missed stays missed.
	FirstPlannedDay worktime.Date
	DoneDay         *worktime.Date // nil while it is not reached
	Note            string
	CreatedAt       time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt       time.Time `gorm:"autoUpdateTime:false"`
}

// MilestoneSoon is within how many days of its day a milestone is yellow.
const MilestoneSoon = 30

// DueDay is the last day on which it is reached in time: the first one planned,
// or an earlier one that it is planned for now.
func (m Milestone) DueDay() worktime.Date {
	if m.PlannedDay.Before(m.FirstPlannedDay) {
		return m.PlannedDay
	}
	return m.FirstPlannedDay
}

// Missed says whether its day passed, or had passed, before it was reached.
func (m Milestone) Missed(today worktime.Date) bool {
	if m.DoneDay != nil {
		return m.DueDay().Before(*m.DoneDay)
	}
	return m.DueDay().Before(today)
}

// Light is red once its day has passed, yellow within the days before it, and
// green before; "" when it is reached.
func (m Milestone) Light(today worktime.Date) ticket.Light {
	switch {
	case m.DoneDay != nil:
		return ""
	case m.Missed(today):
		return ticket.Red
	case !today.AddDays(MilestoneSoon).Before(m.DueDay()):
		return ticket.Yellow
	}
	return ticket.Green
}

// Plan plans it for a day, on one. What was missed by then is what it is judged
// by; on the day on which it was first planned, in zone, a slip of the pen can
// still be mended.
func (m *Milestone) Plan(day, today worktime.Date, zone *time.Location) {
	switch {
	case day == m.PlannedDay:
		return
	case m.FirstPlannedDay.IsZero(), worktime.DateOf(m.CreatedAt.In(zone)) == today:
		m.FirstPlannedDay = day
	case m.DoneDay == nil && m.Missed(today):
		m.FirstPlannedDay = m.DueDay()
	}
	m.PlannedDay = day
}

// Milestones are those of one key project, in their order.
type Milestones []Milestone

// Of is the step of the kind; ok is false when it is not planned.
func (all Milestones) Of(kind MilestoneKind) (m Milestone, ok bool) {
	at := slices.IndexFunc(all, func(m Milestone) bool { return m.Kind == kind })
	if at < 0 {
		return m, false
	}
	return all[at], true
}

// Light is the worst of theirs; "" when none is to be reached any more.
func (all Milestones) Light(today worktime.Date) ticket.Light {
	worst := ticket.Light("")
	for _, m := range all {
		worst = ticket.Worse(worst, m.Light(today))
	}
	return worst
}
