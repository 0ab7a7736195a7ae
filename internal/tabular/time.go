package tabular

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"

	"whistle/internal/phrase"
)

const timeLayout = "2006-01-02 15:04:05"

// Years outside this range are slips of the finger.
const (
	minYear = 1900
	maxYear = 2199
)

const writeLike = "write it like 2023-09-01 or 2023-09-01 08:30"

var (
	// Year, month and day with one kind of divider, checked apart: Go's
	// expressions can't refer back.
	calendarShape = regexp.MustCompile(`^(\d{4})\s*([-/.年])\s*(\d{1,2})\s*([-/.月])\s*(\d{1,2})(\s*[日号]|)(T|\s+|)(.*)$`)
	clockShape    = regexp.MustCompile(`^(\d{1,2})(?::(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?|[时点](?:(\d{1,2})(?:分(?:(\d{1,2})秒?)?)?)?)(?:\s*(Z|[+-]\d{2}:?\d{2}))?$`)
	compactShape  = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?$`)
	serialShape   = regexp.MustCompile(`^\d{1,5}(\.\d+)?$`)

	shortYearShape = regexp.MustCompile(`^\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}(\D|$)|^\d{6}$`)
	yearLastShape  = regexp.MustCompile(`^\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{2,4}(\D|$)`)
	noDayShape     = regexp.MustCompile(`^\d{4}(\s*[-/.年]\s*(\d{1,2}\s*月?)?|\d{2})?$`)
)

// ParseTime reads a time as offices write it, in loc unless it names its own
// offset: 2023-09-01, 2023/9/1 8:30, 2023.9.1, 2023-09-01 08:30:00,
// 2023年9月1日, 2023年9月1日 8时30分, 20230901, 202309010830, RFC 3339, and the
// serial of a spreadsheet counted from 1900: days from 1 to 99999 with a
// fraction, rounded to the second; 45170.354166 is 2023-09-01 08:30. (A bare
// 1900 to 2199 is a year without a day, and refused.) Full-width digits and
// signs count as plain ones. A day without a time is its midnight.
//
// Days and times that don't exist are errors (2023-02-30, 24:00, the hour a
// zone skips, serial 60 that stands for 1900-02-29), and so are years outside
// 1900–2199, years of two digits and dates that begin with the day or month,
// which nobody can tell apart. The error says what to write.
func ParseTime(s string, loc *time.Location) (time.Time, error) {
	t, _, err := parseTime(s, loc, false)
	return t, err
}

// ParseDate reads a day in the forms of ParseTime and returns its midnight in
// UTC. A time of day is passed over; one with an offset is an error, for it
// may mean two different days.
func ParseDate(s string) (time.Time, error) {
	t, _, err := parseDate(s, false)
	return t, err
}

func parseDate(s string, date1904 bool) (t time.Time, serial bool, err error) {
	c, serial, err := readTime(s, date1904)
	if err != nil {
		return time.Time{}, false, err
	}
	if c.zone != nil {
		return time.Time{}, false, phrase.Of("a day takes no offset; write it like 2023-09-01")
	}
	t, err = c.in(time.UTC)
	if err != nil {
		return time.Time{}, false, err
	}
	return t.Truncate(24 * time.Hour), serial, nil
}

// parseTime also tells whether the value was a spreadsheet's serial.
func parseTime(s string, loc *time.Location, date1904 bool) (t time.Time, serial bool, err error) {
	c, serial, err := readTime(s, date1904)
	if err != nil {
		return time.Time{}, false, err
	}
	if c.zone != nil {
		loc = c.zone
	}
	t, err = c.in(loc)
	return t, serial, err
}

// civil is a day and time of day as written, not yet checked.
type civil struct {
	year, month, day, hour, min, sec, nsec int
	zone                                   *time.Location // nil: none written
}

// in places c in a zone.
func (c civil) in(loc *time.Location) (time.Time, error) {
	if c.year < minYear || c.year > maxYear {
		return time.Time{}, phrase.Of("the year %d is not between %d and %d", c.year, minYear, maxYear)
	}
	day := time.Date(c.year, time.Month(c.month), c.day, 0, 0, 0, 0, time.UTC)
	if day.Month() != time.Month(c.month) || day.Day() != c.day {
		return time.Time{}, phrase.Of("there is no such day; look it up in the calendar and write it anew")
	}
	if c.hour == 24 && c.min == 0 && c.sec == 0 {
		return time.Time{}, phrase.Of("there is no 24:00; write 00:00 of the next day")
	}
	if c.hour > 23 || c.min > 59 || c.sec > 59 {
		return time.Time{}, phrase.Of("there is no such time of day; write it from 00:00 to 23:59")
	}
	t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.min, c.sec, c.nsec, loc)
	if t.Hour() != c.hour || t.Minute() != c.min || t.Day() != c.day {
		return time.Time{}, phrase.Of("the clock skipped this time in %s; write the one it showed instead", loc)
	}
	return t, nil
}

func readTime(s string, date1904 bool) (c civil, serial bool, err error) {
	s = strings.ToUpper(trim(width.Fold.String(s)))
	if m := compactShape.FindStringSubmatch(s); m != nil {
		return civil{year: atoi(m[1]), month: atoi(m[2]), day: atoi(m[3]), hour: atoi(m[4]), min: atoi(m[5]), sec: atoi(m[6])}, false, nil
	}
	if noDayShape.MatchString(s) {
		// 2023 and 2023.9 would pass for serials of 1905.
		if year := atoi(s[:4]); year >= minYear && year <= maxYear {
			return c, false, phrase.Of("the day is missing; " + writeLike)
		}
	}
	if serialShape.MatchString(s) {
		c, err = fromSerial(s, date1904)
		return c, true, err
	}
	m := calendarShape.FindStringSubmatch(s)
	if m == nil {
		switch {
		case shortYearShape.MatchString(s):
			return c, false, phrase.Of("the year has two digits; write all four, like 2023-09-01")
		case yearLastShape.MatchString(s):
			return c, false, phrase.Of("day and month can't be told apart; begin with the year, like 2023-09-01")
		}
		return c, false, phrase.Of("this is no date or time; " + writeLike)
	}
	chinese := m[2] == "年"
	if chinese && m[4] != "月" || !chinese && m[2] != m[4] || !chinese && m[6] != "" {
		return c, false, phrase.Of("the date mixes two ways of writing; " + writeLike)
	}
	c = civil{year: atoi(m[1]), month: atoi(m[3]), day: atoi(m[5])}
	switch {
	case m[8] == "" && m[7] != "T":
		return c, false, nil
	case !chinese && m[7] == "":
		// 2023/9/18:30 may be the 1st or the 18th.
		return c, false, phrase.Of("day and time run together; " + writeLike)
	}
	return c, false, c.readClock(m[8])
}

func (c *civil) readClock(s string) error {
	m := clockShape.FindStringSubmatch(s)
	if m == nil {
		return phrase.Of("the time of day can't be read; " + writeLike)
	}
	c.hour, c.min, c.sec = atoi(m[1]), atoi(m[2]+m[5]), atoi(m[3]+m[6])
	c.nsec = atoi((m[4] + "000000000")[:9])
	switch offset := strings.ReplaceAll(m[7], ":", ""); offset {
	case "":
	case "Z":
		c.zone = time.UTC
	default:
		hours, mins := atoi(offset[1:3]), atoi(offset[3:5])
		if hours > 14 || mins > 59 {
			return phrase.Of("there is no such offset from UTC; write it like +08:00")
		}
		seconds := hours*3600 + mins*60
		if offset[0] == '-' {
			seconds = -seconds
		}
		c.zone = time.FixedZone("", seconds)
	}
	return nil
}

// fromSerial reads a spreadsheet's day number. Spreadsheets hold 1900 for a
// leap year, as Lotus 1-2-3 did: serial 60 is a day that never was, and those
// before it stand a day later than counting back from today gives.
func fromSerial(s string, date1904 bool) (civil, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return civil{}, phrase.Of("this is no date or time; " + writeLike)
	}
	days, fraction := math.Modf(f)
	n := int(days)
	if date1904 {
		n += 1462
	}
	switch {
	case days < 1:
		return civil{}, phrase.Of("the day is missing; " + writeLike)
	case n == 60:
		return civil{}, phrase.Of("it stands for 1900-02-29, a day that spreadsheets invent; " + writeLike)
	case n < 60:
		n++
	}
	t := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).
		Add(time.Duration(math.Round(fraction*86400)) * time.Second)
	return civil{year: t.Year(), month: int(t.Month()), day: t.Day(), hour: t.Hour(), min: t.Minute(), sec: t.Second()}, nil
}

// atoi reads digits that an expression has matched; none are 0.
func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
