package text

import "time"

// Day names the day of a moment, both in the reader's zone, e.g. 10月9日; one
// of another year than now is named with it.
func (l Language) Day(at, now time.Time) string {
	id := "date.day"
	if at.Year() != now.In(at.Location()).Year() {
		id = "date.day_of_year"
	}
	return l.Get(id, "Year", at.Year(), "Month", int(at.Month()), "MonthName", at.Month().String()[:3], "Day", at.Day())
}

// Moment names a moment to the minute as Day does, e.g. 10月9日 18:00.
func (l Language) Moment(at, now time.Time) string { return l.Day(at, now) + " " + at.Format("15:04") }
