package worktime_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"whistle/internal/worktime"
)

var shanghai = mustNew(zone("Asia/Shanghai"), worktime.DefaultShifts(), worktime.Builtin())

func zone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

func date(s string) worktime.Date {
	d, err := worktime.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func mustNew(loc *time.Location, shifts []worktime.Shift, days []worktime.Day) *worktime.Calendar {
	c, err := worktime.New(1, loc, shifts, days)
	if err != nil {
		panic(err)
	}
	return c
}

// at reads "2006-01-02 15:04" or "… 15:04:05" by c's wall clock.
func at(c *worktime.Calendar, s string) time.Time {
	layout := time.DateTime
	if len(s) == len("2006-01-02 15:04") {
		layout = "2006-01-02 15:04"
	}
	t, err := time.ParseInLocation(layout, s, c.Location())
	if err != nil {
		panic(err)
	}
	return t
}

// lands checks which moment count reaches from each of the moments named.
func lands(t *testing.T, what string, count func(time.Time) (time.Time, error), wants map[string]string) {
	t.Helper()
	for from, want := range wants {
		if got, err := count(at(shanghai, from)); err != nil || !got.Equal(at(shanghai, want)) {
			t.Errorf("%s from %s: got %v, %v, want %s", what, from, got, err, want)
		}
	}
}

// later adds working time.
func later(d time.Duration) func(time.Time) (time.Time, error) {
	return func(from time.Time) (time.Time, error) { return shanghai.Add(from, d) }
}

func hours(n float64) time.Duration { return time.Duration(n * float64(time.Hour)) }

// offDays is every day of the years, off.
func offDays(from, to int) []worktime.Day {
	var days []worktime.Day
	for d := (worktime.Date{Year: from, Month: 1, Day: 1}); d.Year <= to; d = d.AddDays(1) {
		days = append(days, worktime.Day{Date: d, Kind: worktime.Off, Name: "停工"})
	}
	return days
}

func TestNewFaults(t *testing.T) {
	h := time.Hour
	_, err := worktime.New(1, nil,
		[]worktime.Shift{{-h, h}, {12 * h, 12 * h}, {11 * h, 13 * h}, {14 * h, 25 * h}, {14*h + 1, 15 * h}},
		[]worktime.Day{
			{Date: date("2023-10-01"), Kind: worktime.Off},
			{Date: date("2023-10-02"), Kind: "holiday"},
			{Date: date("2023-10-01"), Kind: worktime.Work},
			{Date: worktime.Date{Year: 2023, Month: 2, Day: 30}, Kind: worktime.Off},
		})
	want := []string{
		"no location",
		"shift 1 leaves the day",
		"shift 2 is empty",
		"shift 3 begins before shift 2 ends",
		"shift 4 leaves the day",
		"shift 5 isn't in whole seconds",
		"shift 5 begins before shift 4 ends",
		`2023-10-02 is neither "off" nor "work"`,
		"2023-10-01 stands twice",
		"2023-02-30 is no date",
	}
	if err == nil {
		t.Fatal("no error")
	}
	got := strings.Split(err.Error(), "\n")
	if len(got) != len(want) {
		t.Errorf("%d faults, want %d:\n%v", len(got), len(want), err)
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("no word of %q in:\n%v", w, err)
		}
	}
}

func TestNewKeepsItsOwnCopy(t *testing.T) {
	shifts, days := worktime.DefaultShifts(), worktime.Builtin()
	c := mustNew(zone("Asia/Shanghai"), shifts, days)
	shifts[0].From = 0
	clear(days)
	c.Shifts()[1].To = 0
	if !slices.Equal(c.Shifts(), worktime.DefaultShifts()) || c.IsWorking(date("2023-10-06")) {
		t.Error("the calendar changed with its input")
	}
	if c.Version() != 1 || c.Location().String() != "Asia/Shanghai" {
		t.Errorf("version %d, location %v", c.Version(), c.Location())
	}
}

func TestShiftsMayTouch(t *testing.T) {
	h := time.Hour
	c := mustNew(time.UTC, []worktime.Shift{{0, 12 * h}, {12 * h, 24 * h}}, nil)
	if got := c.Between(at(c, "2023-10-02 00:00"), at(c, "2023-10-07 00:00")); got != 120*h {
		t.Errorf("five days round the clock: %v", got)
	}
	got, err := c.Add(at(c, "2023-10-02 00:00"), 120*h)
	if err != nil || !got.Equal(at(c, "2023-10-07 00:00")) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestIsWorking(t *testing.T) {
	for _, tt := range []struct {
		day  string
		want bool
	}{
		{"2023-09-28", true},  // Thursday
		{"2023-09-29", false}, // holiday on a Friday
		{"2023-10-06", false},
		{"2023-10-07", true}, // make-up Saturday
		{"2023-10-08", true}, // make-up Sunday
		{"2023-10-09", true},
		{"2023-10-14", false}, // Saturday
		{"2014-10-01", true},  // before the table only weekends are known
		{"2014-10-04", false},
		{"2020-02-03", true}, // Monday after the prolonged holiday
	} {
		if got := shanghai.IsWorking(date(tt.day)); got != tt.want {
			t.Errorf("%s: %v", tt.day, got)
		}
	}
}

func TestLoadedAndCovers(t *testing.T) {
	for y, want := range map[int]bool{2014: false, 2015: true, 2026: true, 2027: false} {
		if got := shanghai.Loaded(y); got != want {
			t.Errorf("Loaded(%d) = %v", y, got)
		}
	}
	for _, tt := range []struct {
		from, to string
		want     bool
	}{
		{"2015-01-01 00:00", "2026-12-31 23:59:59", true},
		{"2014-12-31 23:59:59", "2015-01-01 00:00", false},
		{"2026-12-31 17:00", "2027-01-01 00:00", false},
	} {
		if got := shanghai.Covers(at(shanghai, tt.from), at(shanghai, tt.to)); got != tt.want {
			t.Errorf("Covers(%s, %s) = %v", tt.from, tt.to, got)
		}
	}
	// The years are the calendar's, not those of the time's own zone.
	edge := at(shanghai, "2015-01-01 00:00").UTC()
	if !shanghai.Covers(edge, edge) {
		t.Error("2015 in Shanghai was taken for 2014")
	}
}

func TestBetween(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2023-09-25 09:00", "2023-09-25 18:00", hours(7)},
		{"2023-09-25 00:00", "2023-09-26 00:00", hours(7)},
		{"2023-09-25 10:00", "2023-09-25 10:00", 0},
		{"2023-09-25 11:00", "2023-09-25 10:00", 0},
		{"2023-09-25 11:59:30", "2023-09-25 14:00:30", time.Minute},
		{"2023-09-28 17:00", "2023-10-07 10:00", hours(2)},
		{"2022-12-30 17:00", "2023-01-03 10:00", hours(2)}, // over a new year
		{"2022-01-01 00:00", "2025-01-01 00:00", 749 * hours(7)},
	} {
		if got := shanghai.Between(at(shanghai, tt.from), at(shanghai, tt.to)); got != tt.want {
			t.Errorf("%s – %s: got %v, want %v", tt.from, tt.to, got, tt.want)
		}
	}
	far := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := shanghai.Between(at(shanghai, "2023-01-01 00:00"), far); got != 1<<63-1 {
		t.Errorf("8,000 years: %v", got)
	}
}

func TestAdd(t *testing.T) {
	for _, tt := range []struct {
		from string
		d    time.Duration
		want string
	}{
		{"2023-09-25 09:00", hours(1), "2023-09-25 10:00"},
		{"2023-09-25 11:00", hours(1), "2023-09-25 12:00"},
		{"2023-09-25 11:00", hours(1) + time.Second, "2023-09-25 14:00:01"},
		{"2023-09-25 17:00", hours(2), "2023-09-26 10:00"},
		{"2023-09-25 17:00", hours(1), "2023-09-25 18:00"},
		{"2023-09-25 09:00", hours(8), "2023-09-26 10:00"},
		{"2023-09-25 22:30", 0, "2023-09-25 22:30"},
		{"2022-12-30 17:00", hours(2), "2023-01-03 10:00"},
		{"2022-01-01 00:00", 749 * hours(7), "2024-12-31 18:00"},
	} {
		got, err := shanghai.Add(at(shanghai, tt.from), tt.d)
		if err != nil || !got.Equal(at(shanghai, tt.want)) {
			t.Errorf("%s + %v: got %v, %v, want %s", tt.from, tt.d, got, err, tt.want)
		}
	}
	if got, err := shanghai.Add(at(shanghai, "2023-09-25 09:00"), -1); err == nil {
		t.Errorf("-1ns: got %v, want an error", got)
	}
	if got, err := shanghai.Add(at(shanghai, "9999-12-30 09:00"), hours(1000)); err == nil {
		t.Errorf("got %v, want an error past the year 9999", got)
	}
}

func TestTimesAreInTheCalendarsZone(t *testing.T) {
	utc := at(shanghai, "2023-09-25 17:00").UTC()
	a, _ := shanghai.Add(utc, hours(2))
	zero, _ := shanghai.Add(utc, 0)
	n, _ := shanghai.NthWorkingDayClose(utc, 1)
	m, _ := shanghai.NextWorkingMoment(utc)
	for _, u := range []time.Time{a, zero, n, m, shanghai.StartOfBusiness(date("2023-09-25")), shanghai.CloseOfBusiness(date("2023-09-25"))} {
		if u.Location() != shanghai.Location() {
			t.Errorf("%v", u)
		}
	}
	// 01:00 in Shanghai is still the day before in UTC.
	night := at(shanghai, "2023-09-26 01:00").UTC()
	if got, _ := shanghai.NthWorkingDayClose(night, 1); !got.Equal(at(shanghai, "2023-09-27 18:00")) {
		t.Errorf("the day of the event was read in UTC: %v", got)
	}
}

func TestNthWorkingDayClose(t *testing.T) {
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"2023-09-25 00:00", 1, "2023-09-26 18:00"},
		{"2023-09-25 23:59:59", 1, "2023-09-26 18:00"},
		{"2023-09-25 10:00", 5, "2023-10-08 18:00"}, // 26, 27, 28 Sept, 7 and 8 Oct
		{"2023-09-25 10:00", 15, "2023-10-20 18:00"},
		{"2022-12-29 10:00", 2, "2023-01-03 18:00"},
		{"2024-12-31 23:00", 1, "2025-01-02 18:00"},
		{"2024-02-28 10:00", 1, "2024-02-29 18:00"},
		{"2021-12-31 10:00", 748, "2024-12-30 18:00"},
	} {
		got, err := shanghai.NthWorkingDayClose(at(shanghai, tt.from), tt.n)
		if err != nil || !got.Equal(at(shanghai, tt.want)) {
			t.Errorf("%s, day %d: got %v, %v, want %s", tt.from, tt.n, got, err, tt.want)
		}
	}
	for _, n := range []int{0, -1, 1<<63 - 1} {
		if got, err := shanghai.NthWorkingDayClose(at(shanghai, "2023-09-25 10:00"), n); err == nil {
			t.Errorf("day %d: got %v, want an error", n, got)
		}
	}
}

func TestNextWorkingMoment(t *testing.T) {
	lands(t, "the working moment", shanghai.NextWorkingMoment, map[string]string{
		"2023-09-25 09:00":    "2023-09-25 09:00",
		"2023-09-25 11:59:59": "2023-09-25 11:59:59",
		"2023-09-25 12:00":    "2023-09-25 14:00",
		"2023-09-25 18:00":    "2023-09-26 09:00",
		"2023-09-29 10:00":    "2023-10-07 09:00",
		"2022-12-31 10:00":    "2023-01-03 09:00",
	})
}

func TestNextWorkingDay(t *testing.T) {
	for _, tt := range []struct{ from, want string }{
		{"2023-09-28", "2023-09-28"},
		{"2023-09-29", "2023-10-07"},
		{"2023-10-08", "2023-10-08"},
		{"2022-12-31", "2023-01-03"},
		{"2024-12-31", "2024-12-31"},
	} {
		got, err := shanghai.NextWorkingDay(date(tt.from))
		if err != nil || got != date(tt.want) {
			t.Errorf("%s: got %v, %v, want %s", tt.from, got, err, tt.want)
		}
	}
	if got, err := shanghai.NextWorkingDay(worktime.Date{}); err == nil {
		t.Errorf("no date: got %v, want an error", got)
	}
	if got, err := shanghai.NextWorkingDay(worktime.Date{Year: 9999, Month: 12, Day: 31}); err != nil || got.Day != 31 {
		t.Errorf("the last day of all: %v, %v", got, err)
	}
}

func TestBusinessHoursOfADay(t *testing.T) {
	d := date("2023-10-07")
	if got := shanghai.StartOfBusiness(d); !got.Equal(at(shanghai, "2023-10-07 09:00")) {
		t.Errorf("start: %v", got)
	}
	if got := shanghai.CloseOfBusiness(d); !got.Equal(at(shanghai, "2023-10-07 18:00")) {
		t.Errorf("close: %v", got)
	}
}

func TestExplain(t *testing.T) {
	got := shanghai.Explain(at(shanghai, "2023-09-27 16:00"), at(shanghai, "2023-10-10 18:00"))
	want := []worktime.Note{
		{From: date("2023-09-27"), To: date("2023-09-28"), Working: true, Reason: worktime.ReasonWorkingDay, Duration: hours(9)},
		{From: date("2023-09-29"), To: date("2023-10-06"), Reason: worktime.ReasonHoliday, Name: "中秋节、国庆节"},
		{From: date("2023-10-07"), To: date("2023-10-08"), Working: true, Reason: worktime.ReasonMakeUp, Name: "中秋节、国庆节", Duration: hours(14)},
		{From: date("2023-10-09"), To: date("2023-10-10"), Working: true, Reason: worktime.ReasonWorkingDay, Duration: hours(14)},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	// Midnight belongs to the day that it begins; a plain Monday has no name
	// although the table lists it.
	got = shanghai.Explain(at(shanghai, "2020-02-02 20:00"), at(shanghai, "2020-02-04 00:00"))
	want = []worktime.Note{
		{From: date("2020-02-02"), To: date("2020-02-02"), Reason: worktime.ReasonHoliday, Name: "春节"},
		{From: date("2020-02-03"), To: date("2020-02-03"), Working: true, Reason: worktime.ReasonWorkingDay, Duration: hours(7)},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	got = shanghai.Explain(at(shanghai, "2023-10-14 00:00"), at(shanghai, "2023-10-16 08:00"))
	want = []worktime.Note{
		{From: date("2023-10-14"), To: date("2023-10-15"), Reason: worktime.ReasonWeekend},
		{From: date("2023-10-16"), To: date("2023-10-16"), Working: true, Reason: worktime.ReasonWorkingDay},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	now := at(shanghai, "2023-10-14 00:00")
	if got := shanghai.Explain(now, now); got != nil {
		t.Errorf("nothing to account for: %v", got)
	}
}

func TestConcurrentUse(t *testing.T) {
	c := mustNew(zone("Asia/Shanghai"), worktime.DefaultShifts(), worktime.Builtin())
	from, to := at(c, "2001-01-01 00:00"), at(c, "2040-01-01 00:00")
	want := shanghai.Between(from, to)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := c.Between(from, to); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
	wg.Wait()
}

func TestBuiltin(t *testing.T) {
	days := worktime.Builtin()
	perYear := map[int]int{}
	for i, d := range days {
		perYear[d.Date.Year]++
		if i > 0 && !days[i-1].Date.Before(d.Date) {
			t.Errorf("%v isn't after %v", d.Date, days[i-1].Date)
		}
		if d.Name == "" {
			t.Errorf("%v has no name", d.Date)
		}
	}
	want := map[int]int{
		2015: 31, 2016: 30, 2017: 29, 2018: 32, 2019: 28, 2020: 37,
		2021: 38, 2022: 39, 2023: 33, 2024: 36, 2025: 33, 2026: 39,
	}
	for y, n := range want {
		if perYear[y] != n {
			t.Errorf("%d: %d days, want %d", y, perYear[y], n)
		}
	}
	if len(days) != 405 {
		t.Errorf("%d days", len(days))
	}
	// Make-up days only move working days about: what a year loses are the 11
	// days that the law gives (13 from 2025, 12 in 2015 for 3 September). 2020
	// lost two more: the holiday was prolonged over a Friday and over the
	// Saturday that was to be worked in exchange.
	for y := 2015; y <= 2026; y++ {
		given := 11
		switch {
		case y >= 2025 || y == 2020:
			given = 13
		case y == 2015:
			given = 12
		}
		weekdays, working := 0, 0
		for d := (worktime.Date{Year: y, Month: 1, Day: 1}); d.Year == y; d = d.AddDays(1) {
			if w := d.Weekday(); w != time.Saturday && w != time.Sunday {
				weekdays++
			}
			if shanghai.IsWorking(d) {
				working++
			}
		}
		if weekdays-working != given {
			t.Errorf("%d: %d of %d weekdays are worked", y, working, weekdays)
		}
	}
	clear(days)
	if worktime.Builtin()[0].Name != "元旦" {
		t.Error("a caller changed the table for all")
	}
}

func TestNoWorkingTimeInReach(t *testing.T) {
	// From July 2020 to the end of 2023 nothing is worked.
	days := slices.DeleteFunc(offDays(2020, 2023), func(d worktime.Day) bool { return d.Date.Before(date("2020-07-01")) })
	c := mustNew(time.UTC, worktime.DefaultShifts(), days)
	before, within := at(c, "2020-06-29 09:00"), at(c, "2020-08-01 09:00")
	if got, err := c.Add(before, hours(14)); err != nil || !got.Equal(at(c, "2020-06-30 18:00")) {
		t.Errorf("got %v, %v", got, err)
	}
	for name, err := range map[string]error{
		"Add over":            second(c.Add(before, hours(15))),
		"Add within":          second(c.Add(within, 1)),
		"NthWorkingDayClose":  second(c.NthWorkingDayClose(before, 2)),
		"… within":            second(c.NthWorkingDayClose(within, 1)),
		"NextWorkingMoment":   second(c.NextWorkingMoment(within)),
		"NextWorkingDay":      second(c.NextWorkingDay(date("2020-08-01"))),
		"NextWorkingDay, end": second(c.NextWorkingDay(date("2020-07-01"))),
	} {
		if !errors.Is(err, worktime.ErrNoWorkingTime) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A year later the next working day is in reach.
	if got, err := c.Add(at(c, "2021-01-01 00:00"), hours(1)); err != nil || !got.Equal(at(c, "2024-01-01 10:00")) {
		t.Errorf("got %v, %v", got, err)
	}
}

func second[T any](_ T, err error) error { return err }
