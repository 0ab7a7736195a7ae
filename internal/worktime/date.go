package worktime

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a day of the civil (Gregorian) calendar, without an hour or a zone.
// Years run from 0 to 9999. As text, in JSON and in a database it reads
// "2006-01-02"; the zero Date is no day and has no text form.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads "2006-01-02" and refuses a day that doesn't exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		// The reader's input is left out: it may be long, or not for logs.
		return Date{}, fmt.Errorf("worktime: a date must be a day that exists, written as 2006-01-02")
	}
	return DateOf(t), nil
}

// DateOf is the day of t in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// IsZero reports whether d is the zero Date.
func (d Date) IsZero() bool { return d == Date{} }

// Valid reports whether d exists: 2023-02-30 does not.
func (d Date) Valid() bool {
	return d.Year >= 0 && d.Year <= 9999 && d == DateOf(d.utc())
}

// String gives "2006-01-02".
func (d Date) String() string {
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText gives "2006-01-02", or an error when d doesn't exist.
func (d Date) MarshalText() ([]byte, error) {
	if !d.Valid() {
		return nil, fmt.Errorf("worktime: %v is no date", d)
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(b []byte) error {
	p, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = p
	return nil
}

// Value stores d as text, which sorts as the days do.
func (d Date) Value() (driver.Value, error) {
	b, err := d.MarshalText()
	if err != nil {
		return nil, err
	}
	return string(b), nil
}

// Scan reads text, or the time that a driver makes of a column declared as
// DATE. NULL is an error: a column that may be empty is read into a *Date or a
// sql.Null[Date].
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	case time.Time:
		*d = DateOf(v)
		return nil
	}
	return fmt.Errorf("worktime: can't read a date from %T", src)
}

// Compare is negative when d comes before e, zero when they are the same day,
// positive when d comes after e. It fits slices.SortFunc.
func (d Date) Compare(e Date) int {
	if d.Year != e.Year {
		return d.Year - e.Year
	}
	if d.Month != e.Month {
		return int(d.Month - e.Month)
	}
	return d.Day - e.Day
}

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// AddDays is the day n days after d, before it when n is negative.
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// Weekday is d's day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// In is the first moment of d in loc: midnight, or where the clocks skip
// midnight the moment of the change.
func (d Date) In(loc *time.Location) time.Time { return d.at(0, loc) }

func (d Date) utc() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// at is the moment at which clocks in loc show the given time since midnight
// on d. A reading that the clocks skip stands for the moment of the change,
// one that comes twice for its first coming: so a later reading is never an
// earlier moment. (time.Date leaves both cases open.)
func (d Date) at(clock time.Duration, loc *time.Location) time.Time {
	want := time.Date(d.Year, d.Month, d.Day, 0, 0, int(clock/time.Second), 0, time.UTC)
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, int(clock/time.Second), 0, loc)
	start, end := t.ZoneBounds()
	switch got := reading(t); {
	case got.After(want): // t is past the gap
		return start
	case got.Before(want): // t is short of the gap
		return end
	}
	if start.IsZero() {
		return t
	}
	_, before := start.Add(-time.Second).Zone()
	_, now := t.Zone()
	if first := t.Add(time.Duration(now-before) * time.Second); before > now && first.Before(start) {
		return first
	}
	return t
}

// reading is what the clock shows at t, as if it were UTC.
func reading(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}
