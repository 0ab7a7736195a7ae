// Package worktime counts working time: the hours of work on the working days
// of a calendar with public holidays and make-up working days (调休).
//
// A moment is a time.Time in any location; days and shifts are read from the
// wall clock of the calendar's own location, and every time returned is in it.
// Durations are time that really passes: a shift during which the clocks are
// put forward is an hour shorter. The package reads no clock and no database.
package worktime

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// ErrNoWorkingTime says that there is no working time within reach: a calendar
// has no shifts, or from some day on no working day in the rest of that year
// and the three years after it.
var ErrNoWorkingTime = errors.New("worktime: no working time within reach")

const (
	reach    = 3    // whole years searched for a working day after the one begun
	lastYear = 9999 // the last that a Date, and so a deadline, can be written in
)

// Kind is what a calendar's table says of a day.
type Kind string

// The kinds of day: Off whatever the weekday, Work even on a weekend.
const (
	Off  Kind = "off"
	Work Kind = "work"
)

// Day is a day that departs from Monday to Friday, and why: 国庆节 for the
// holiday itself and for the days worked in exchange.
type Day struct {
	Date Date   `json:"date"`
	Kind Kind   `json:"kind"`
	Name string `json:"name"`
}

// Shift is a stretch of work within one day, [From, To), as the wall clock
// shows it since midnight: whole seconds, 0 ≤ From < To ≤ 24h. Work past
// midnight is two shifts.
type Shift struct {
	From, To time.Duration
}

// DefaultShifts is 09:00–12:00 and 14:00–18:00, the service's working hours.
func DefaultShifts() []Shift {
	return []Shift{
		{9 * time.Hour, 12 * time.Hour},
		{14 * time.Hour, 18 * time.Hour},
	}
}

// Calendar knows the working days and hours of one place. It is immutable and
// safe for concurrent use.
type Calendar struct {
	version int
	loc     *time.Location
	shifts  []Shift
	table   map[Date]Day
	loaded  map[int]bool

	// Years are worked out when first asked for; two callers at once may both
	// do it, with the same result. Years outside are worked out every time.
	years [cachedYears]atomic.Pointer[year]
}

const (
	firstCached = 1900
	cachedYears = 300
)

// New makes a calendar from its shifts, in order, and the days, in any order,
// that depart from Monday to Friday. The version is the caller's own number
// for this data. All faults are reported at once, joined; a calendar without
// working time (see ErrNoWorkingTime) is refused.
func New(version int, loc *time.Location, shifts []Shift, days []Day) (*Calendar, error) {
	c := &Calendar{
		version: version,
		loc:     loc,
		shifts:  slices.Clone(shifts),
		table:   make(map[Date]Day, len(days)),
		loaded:  make(map[int]bool),
	}
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("worktime: "+format, args...))
	}
	if loc == nil {
		fault("no location")
	}
	if len(shifts) == 0 {
		faults = append(faults, fmt.Errorf("%w: no shifts", ErrNoWorkingTime))
	}
	for i, s := range shifts {
		switch {
		case s.From < 0 || s.To > 24*time.Hour:
			fault("shift %d leaves the day", i+1)
		case s.To <= s.From:
			fault("shift %d is empty", i+1)
		case s.From%time.Second != 0 || s.To%time.Second != 0:
			fault("shift %d isn't in whole seconds", i+1)
		}
		if i > 0 && s.From < shifts[i-1].To {
			fault("shift %d begins before shift %d ends", i+1, i)
		}
	}
	for i, d := range days {
		if !d.Date.Valid() {
			fault("day %d: %v is no date", i+1, d.Date)
		}
		if d.Kind != Off && d.Kind != Work {
			fault("day %d: %v is neither %q nor %q", i+1, d.Date, Off, Work)
		}
		if _, twice := c.table[d.Date]; twice {
			fault("day %d: %v stands twice", i+1, d.Date)
		}
		c.table[d.Date] = d
		c.loaded[d.Date.Year] = true
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	var loaded []int
	for y := range c.loaded {
		loaded = append(loaded, y)
	}
	slices.Sort(loaded)
	for _, y := range loaded {
		if _, err := c.NextWorkingDay(Date{y, time.January, 1}); err != nil {
			return nil, err // one is enough: the years after it say the same
		}
	}
	return c, nil
}

// Version is the number that New was given.
func (c *Calendar) Version() int { return c.version }

// Location is the zone whose wall clock the calendar goes by.
func (c *Calendar) Location() *time.Location { return c.loc }

// Shifts is a copy of the working hours of every working day.
func (c *Calendar) Shifts() []Shift { return slices.Clone(c.shifts) }

// IsWorking reports whether d is a working day: the table decides, and where
// it says nothing Monday to Friday are.
func (c *Calendar) IsWorking(d Date) bool {
	if day, ok := c.table[d]; ok {
		return day.Kind == Work
	}
	w := d.Weekday()
	return w != time.Saturday && w != time.Sunday
}

// Loaded reports whether the table holds any day of that year.
func (c *Calendar) Loaded(year int) bool { return c.loaded[year] }

// Covers reports whether every year that [from, to] touches is loaded, from
// not after to. A deadline that reaches a year which isn't is provisional: that year's notice
// hasn't been entered, and only weekends are known.
func (c *Calendar) Covers(from, to time.Time) bool {
	for y := from.In(c.loc).Year(); y <= to.In(c.loc).Year(); y++ {
		if !c.loaded[y] {
			return false
		}
	}
	return true
}

// StartOfBusiness is the start of d's first shift, were d a working day.
func (c *Calendar) StartOfBusiness(d Date) time.Time {
	return d.at(c.shifts[0].From, c.loc)
}

// CloseOfBusiness is the end of d's last shift, were d a working day.
func (c *Calendar) CloseOfBusiness(d Date) time.Time {
	return d.at(c.shifts[len(c.shifts)-1].To, c.loc)
}

// A year is the working time of one calendar year, laid out so that a moment's
// place in it is found by halving.
type year struct {
	spans []span // the shifts of all working days, in order
	total time.Duration
	days  []Date // the working days, each with len(shifts) spans
	// rank[i] is how many working days come before the year's day i, from 0.
	rank [367]int
}

// A span is one shift on one day.
type span struct {
	start, end int64         // Unix seconds; equal where the clocks skip the shift
	before     time.Duration // working time of the year before it
}

func (c *Calendar) year(n int) *year {
	i := n - firstCached
	if i < 0 || i >= cachedYears {
		return c.layOut(n)
	}
	y := c.years[i].Load()
	if y == nil {
		y = c.layOut(n)
		c.years[i].Store(y)
	}
	return y
}

func (c *Calendar) layOut(n int) *year {
	y := &year{
		spans: make([]span, 0, 262*len(c.shifts)),
		days:  make([]Date, 0, 262),
	}
	d := Date{n, time.January, 1}
	for i := range y.rank {
		y.rank[i] = len(y.days)
		if d.Year == n && c.IsWorking(d) {
			y.days = append(y.days, d)
			for _, s := range c.shifts {
				start, end := d.at(s.From, c.loc).Unix(), d.at(s.To, c.loc).Unix()
				y.spans = append(y.spans, span{start, end, y.total})
				y.total += time.Duration(end-start) * time.Second
			}
		}
		d = d.AddDays(1)
	}
	return y
}

// worked is the working time of the year before t.
func (y *year) worked(t time.Time) time.Duration {
	sec := t.Unix()
	i, j := 0, len(y.spans) // the first span that starts after t
	for i < j {
		if m := (i + j) / 2; y.spans[m].start <= sec {
			i = m + 1
		} else {
			j = m
		}
	}
	if i == 0 {
		return 0
	}
	s := y.spans[i-1]
	if sec >= s.end {
		return s.before + time.Duration(s.end-s.start)*time.Second
	}
	return s.before + time.Duration(sec-s.start)*time.Second + time.Duration(t.Nanosecond())
}

// moment is the earliest at which d of the year's working time has passed,
// 0 < d ≤ y.total.
func (y *year) moment(d time.Duration) time.Time {
	i, j := 0, len(y.spans) // the first span with d or more before it
	for i < j {
		if m := (i + j) / 2; y.spans[m].before < d {
			i = m + 1
		} else {
			j = m
		}
	}
	s := y.spans[i-1]
	return time.Unix(s.start, int64(d-s.before))
}
