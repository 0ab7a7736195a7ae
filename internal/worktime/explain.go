package worktime

import "time"

// The reasons of a Note.
const (
	ReasonWeekend    = "weekend"     // Saturday or Sunday
	ReasonHoliday    = "holiday"     // off by the table, also when on a weekend
	ReasonMakeUp     = "make_up"     // a Saturday or Sunday worked by the table
	ReasonWorkingDay = "working_day" // Monday to Friday
)

// Note accounts for a stretch of consecutive days alike, From and To included.
type Note struct {
	From    Date   `json:"from"`
	To      Date   `json:"to"`
	Working bool   `json:"working"`
	Reason  string `json:"reason"` // one of the Reason constants
	// Name is the holiday's, for a make-up day that of the holiday it pays
	// for; empty on weekends and plain working days.
	Name string `json:"name,omitempty"`
	// Duration is the working time counted in these days, in nanoseconds. A
	// working day may count none, as when it begins after 18:00.
	Duration time.Duration `json:"duration"`
}

// Explain accounts for [from, to) day by day: "29 Sept – 6 Oct holiday; Sat
// 7 Oct a make-up working day". Consecutive days of the same reason and name
// are one Note. The durations add up to Between(from, to); there are no notes
// when to isn't after from.
func (c *Calendar) Explain(from, to time.Time) []Note {
	var notes []Note
	from, to = from.In(c.loc), to.In(c.loc)
	for d := DateOf(from); from.Before(to); d = d.AddDays(1) {
		end := d.AddDays(1).In(c.loc)
		if !end.After(from) {
			// Clocks were put back over midnight and d has ended once before:
			// what is left of it counts with the day after.
			continue
		}
		if to.Before(end) {
			end = to
		}
		n := c.note(d)
		n.Duration = c.Between(from, end)
		from = end
		if i := len(notes) - 1; i >= 0 && notes[i].Reason == n.Reason && notes[i].Name == n.Name {
			notes[i].To = d
			notes[i].Duration += n.Duration
			continue
		}
		notes = append(notes, n)
	}
	return notes
}

// note says what kind of day d is.
func (c *Calendar) note(d Date) Note {
	n := Note{From: d, To: d, Working: c.IsWorking(d)}
	w := d.Weekday()
	weekend := w == time.Saturday || w == time.Sunday
	day, listed := c.table[d]
	switch {
	case n.Working && weekend:
		n.Reason, n.Name = ReasonMakeUp, day.Name
	case n.Working:
		n.Reason = ReasonWorkingDay
	case listed:
		n.Reason, n.Name = ReasonHoliday, day.Name
	default:
		n.Reason = ReasonWeekend
	}
	return n
}
