package worktime

import (
	"errors"
	"fmt"
	"math"
	"time"
)

var errTooFar = errors.New("worktime: beyond the year 9999")

// Between is the working time in [from, to), 0 when to isn't after from. What
// no Duration can hold (some 1,400 years) gives the longest Duration.
func (c *Calendar) Between(from, to time.Time) time.Duration {
	if !to.After(from) {
		return 0
	}
	from, to = from.In(c.loc), to.In(c.loc)
	n, last := from.Year(), to.Year()
	first := c.year(n)
	if n == last {
		return first.worked(to) - first.worked(from)
	}
	sum := first.total - first.worked(from)
	for n++; n < last; n++ {
		total := c.year(n).total
		if sum > math.MaxInt64-total {
			return math.MaxInt64
		}
		sum += total
	}
	rest := c.year(last).worked(to)
	if sum > math.MaxInt64-rest {
		return math.MaxInt64
	}
	return sum + rest
}

// Add is the earliest moment at which d of working time has passed since t: an
// hour from 11:00 is 12:00, the end of a shift, and not the start of the next.
// With d = 0 it is t itself, inside a shift or not. It is an error when d is
// negative, when working time runs out (ErrNoWorkingTime) and past the year
// 9999.
func (c *Calendar) Add(t time.Time, d time.Duration) (time.Time, error) {
	t = t.In(c.loc).Round(0) // no monotonic reading: it would spoil comparison
	if d < 0 {
		return time.Time{}, fmt.Errorf("worktime: can't add %v, less than nothing", d)
	}
	if d == 0 {
		return t, nil
	}
	n := t.Year()
	y := c.year(n)
	past := y.worked(t)
	idle := 0
	for d > y.total-past {
		if y.total > past {
			d -= y.total - past
			idle = 0 // only the year's end is empty then
		}
		if idle++; idle > reach {
			return time.Time{}, ErrNoWorkingTime
		}
		if n++; n > lastYear {
			return time.Time{}, errTooFar
		}
		y, past = c.year(n), 0
	}
	return y.moment(past + d).In(c.loc), nil
}

// NthWorkingDayClose is the deadline of a term of n working days that an event
// at t starts, n ≥ 1. By the Civil Code (民法典) the day of the event isn't
// counted, whatever its hour or kind (art. 201), and the term ends with the
// close of business on its last day (art. 203): so this is the close of the
// n-th working day after t's day. Being in time means not after it. Errors are
// as for Add.
func (c *Calendar) NthWorkingDayClose(t time.Time, n int) (time.Time, error) {
	if n < 1 {
		return time.Time{}, fmt.Errorf("worktime: a term of %d working days", n)
	}
	t = t.In(c.loc)
	num := t.Year()
	y := c.year(num)
	past := y.rank[t.YearDay()] // working days up to and with t's own
	idle := 0
	for n > len(y.days)-past {
		if len(y.days) > past {
			n -= len(y.days) - past
			idle = 0
		}
		if idle++; idle > reach {
			return time.Time{}, ErrNoWorkingTime
		}
		if num++; num > lastYear {
			return time.Time{}, errTooFar
		}
		y, past = c.year(num), 0
	}
	last := y.spans[(past+n)*len(c.shifts)-1]
	return time.Unix(last.end, 0).In(c.loc), nil
}

// NextWorkingMoment is t when it lies in a shift, else the start of the next
// shift. A shift's end is outside it. Errors are as for Add.
func (c *Calendar) NextWorkingMoment(t time.Time) (time.Time, error) {
	t = t.In(c.loc).Round(0)
	// The first nanosecond of work after t ends that much after the answer.
	u, err := c.Add(t, 1)
	if err != nil {
		return time.Time{}, err
	}
	return u.Add(-1), nil
}

// NextWorkingDay is the first working day at or after d. Errors are as for Add.
func (c *Calendar) NextWorkingDay(d Date) (Date, error) {
	if !d.Valid() {
		return Date{}, fmt.Errorf("worktime: %v is no date", d)
	}
	y := c.year(d.Year)
	past := y.rank[d.utc().YearDay()-1] // working days before d
	for n := d.Year; ; y, past = c.year(n), 0 {
		if past < len(y.days) {
			return y.days[past], nil
		}
		if n == d.Year+reach {
			return Date{}, ErrNoWorkingTime
		}
		if n++; n > lastYear {
			return Date{}, errTooFar
		}
	}
}
