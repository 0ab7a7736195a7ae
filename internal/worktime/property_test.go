package worktime_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whistle/internal/worktime"
)

// odd has shifts of all kinds: at the day's edges, over the hours when clocks
// change, touching each other.
var odd = []worktime.Shift{
	{0, 5 * time.Hour},
	{8*time.Hour + 90*time.Second, 12 * time.Hour},
	{12 * time.Hour, 12*time.Hour + time.Second},
	{20 * time.Hour, 24 * time.Hour},
}

func calendars() map[string]*worktime.Calendar {
	// Sundays are worked so that shifts meet the change of clocks.
	var sundays []worktime.Day
	for d := date("2022-01-02"); d.Year < 2025; d = d.AddDays(7) {
		sundays = append(sundays, worktime.Day{Date: d, Kind: worktime.Work})
	}
	return map[string]*worktime.Calendar{
		"Shanghai":      shanghai,
		"Berlin":        mustNew(zone("Europe/Berlin"), worktime.DefaultShifts(), worktime.Builtin()),
		"Berlin, odd":   mustNew(zone("Europe/Berlin"), odd, sundays),
		"New York, odd": mustNew(zone("America/New_York"), odd, sundays),
		"Lord Howe":     mustNew(zone("Australia/Lord_Howe"), odd, sundays), // half an hour
	}
}

func moments(around int64, days int) *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		sec := rapid.Int64Range(0, int64(days)*86400).Draw(t, "sec")
		if rapid.Bool().Draw(t, "on the hour") { // where shifts begin and end
			sec -= sec % 3600
		}
		nano := rapid.SampledFrom([]int64{0, 0, 1, 500_000_000, 999_999_999}).Draw(t, "nano")
		return time.Unix(around+sec, nano)
	})
}

var start2022 = time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// eachCalendar checks prop on every calendar, with moments over three years.
func eachCalendar(t *testing.T, prop func(t *rapid.T, c *worktime.Calendar, moment *rapid.Generator[time.Time])) {
	for name, c := range calendars() {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { prop(t, c, moments(start2022, 3*365)) })
		})
	}
}

// oracle counts shift by shift, a day at a time, knowing nothing of years.
func oracle(c *worktime.Calendar, from, to time.Time) time.Duration {
	var sum time.Duration
	last := worktime.DateOf(to.In(c.Location())).AddDays(1)
	for d := worktime.DateOf(from.In(c.Location())).AddDays(-1); !last.Before(d); d = d.AddDays(1) {
		if !c.IsWorking(d) {
			continue
		}
		for _, s := range c.Shifts() {
			a := time.Date(d.Year, d.Month, d.Day, 0, 0, int(s.From.Seconds()), 0, c.Location())
			b := time.Date(d.Year, d.Month, d.Day, 0, 0, int(s.To.Seconds()), 0, c.Location())
			if a.Before(from) {
				a = from
			}
			if b.After(to) {
				b = to
			}
			if b.After(a) {
				sum += b.Sub(a)
			}
		}
	}
	return sum
}

func TestBetweenAgreesWithShiftByShift(t *testing.T) {
	eachCalendar(t, func(t *rapid.T, c *worktime.Calendar, moment *rapid.Generator[time.Time]) {
		from, to := moment.Draw(t, "from"), moment.Draw(t, "to")
		if got, want := c.Between(from, to), oracle(c, from, to); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// The second oracle only ever reads the wall clock, a minute at a time, and so
// also sees hours that come twice or never.
func TestBetweenAgreesWithMinuteByMinute(t *testing.T) {
	for name, c := range calendars() {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				from := time.Unix(start2022, 0).Add(time.Duration(rapid.IntRange(0, 3*365*24*60).Draw(t, "from")) * time.Minute)
				minutes := rapid.IntRange(0, 6*24*60).Draw(t, "minutes")
				var want time.Duration
				for m := range minutes {
					u := from.Add(time.Duration(m) * time.Minute).In(c.Location())
					if !c.IsWorking(worktime.DateOf(u)) {
						continue
					}
					clock := time.Duration(u.Hour())*time.Hour + time.Duration(u.Minute())*time.Minute
					for _, s := range c.Shifts() {
						a, b := max(s.From, clock), min(s.To, clock+time.Minute)
						want += max(0, b-a)
					}
				}
				if got := c.Between(from, from.Add(time.Duration(minutes)*time.Minute)); got != want {
					t.Errorf("%v + %d min: got %v, want %v", from.In(c.Location()), minutes, got, want)
				}
			})
		})
	}
}

func TestBetweenIsAdditiveAndMonotone(t *testing.T) {
	eachCalendar(t, func(t *rapid.T, c *worktime.Calendar, moment *rapid.Generator[time.Time]) {
		a, b, d := moment.Draw(t, "a"), moment.Draw(t, "b"), moment.Draw(t, "c")
		if b.Before(a) {
			a, b = b, a
		}
		if d.Before(b) {
			b, d = d, b
		}
		if b.Before(a) {
			a, b = b, a
		}
		ab, bd, ad := c.Between(a, b), c.Between(b, d), c.Between(a, d)
		if ab+bd != ad {
			t.Errorf("%v + %v isn't %v", ab, bd, ad)
		}
		if ab < 0 || bd < 0 || ad > d.Sub(a) {
			t.Errorf("%v, %v and %v of %v", ab, bd, ad, d.Sub(a))
		}
		if back := c.Between(d, a); back != 0 {
			t.Errorf("backwards %v", back)
		}
	})
}

func TestAddUndoesBetween(t *testing.T) {
	eachCalendar(t, func(t *rapid.T, c *worktime.Calendar, moment *rapid.Generator[time.Time]) {
		from := moment.Draw(t, "from")
		d := time.Duration(rapid.Int64Range(0, int64(1000*time.Hour)).Draw(t, "d"))
		if rapid.Bool().Draw(t, "whole hours") {
			d = d.Truncate(time.Hour)
		}
		u, err := c.Add(from, d)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Between(from, u); got != d {
			t.Errorf("Between(%v, %v) = %v, want %v", from, u, got, d)
		}
		if d > 0 && c.Between(from, u.Add(-1)) >= d {
			t.Errorf("%v isn't the earliest", u)
		}
		// Monotone, and the same in two steps as in one.
		more := time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "more"))
		v, err := c.Add(from, d+more)
		if err != nil || v.Before(u) {
			t.Errorf("%v more: %v, before %v, %v", more, v, u, err)
		}
		if w, err := c.Add(u, more); err != nil || !w.Equal(v) {
			t.Errorf("in two steps %v, in one %v, %v", w, v, err)
		}
		later := moment.Draw(t, "later")
		if later.Before(from) {
			later, from = from, later
		}
		a, _ := c.Add(from, d)
		if b, err := c.Add(later, d); err != nil || b.Before(a) {
			t.Errorf("from %v: %v, from %v: %v, %v", from, a, later, b, err)
		}
	})
}

func TestNthWorkingDayCloseCountsDays(t *testing.T) {
	eachCalendar(t, func(t *rapid.T, c *worktime.Calendar, moment *rapid.Generator[time.Time]) {
		from := moment.Draw(t, "from")
		n := rapid.IntRange(1, 400).Draw(t, "n")
		d := worktime.DateOf(from.In(c.Location()))
		for left := n; left > 0; {
			d = d.AddDays(1)
			if c.IsWorking(d) {
				left--
			}
		}
		got, err := c.NthWorkingDayClose(from, n)
		if err != nil || !got.Equal(c.CloseOfBusiness(d)) {
			t.Errorf("got %v, %v, want the close of %v", got, err, d)
		}
	})
}

func TestNextWorkingMomentIsTheFirst(t *testing.T) {
	eachCalendar(t, func(t *rapid.T, c *worktime.Calendar, moment *rapid.Generator[time.Time]) {
		from := moment.Draw(t, "from")
		got, err := c.NextWorkingMoment(from)
		if err != nil || got.Before(from) {
			t.Fatalf("got %v, %v", got, err)
		}
		if c.Between(from, got) != 0 || c.Between(got, got.Add(1)) != 1 {
			t.Errorf("%v is not the first working moment", got)
		}
		again, err := c.NextWorkingMoment(got)
		if err != nil || !again.Equal(got) {
			t.Errorf("%v moves on to %v, %v", got, again, err)
		}
		d, err := c.NextWorkingDay(worktime.DateOf(from.In(c.Location())))
		if err != nil || !c.IsWorking(d) || worktime.DateOf(got).Before(d) {
			t.Errorf("next working day %v, %v, but work goes on at %v", d, err, got)
		}
	})
}

func TestExplainAddsUp(t *testing.T) {
	check := func(t *rapid.T, c *worktime.Calendar, from, to time.Time) {
		var sum time.Duration
		notes := c.Explain(from, to)
		for i, n := range notes {
			sum += n.Duration
			if n.To.Before(n.From) || (!n.Working && n.Duration != 0) {
				t.Errorf("%+v", n)
			}
			for d := n.From; !n.To.Before(d); d = d.AddDays(1) {
				if c.IsWorking(d) != n.Working {
					t.Errorf("%v in %+v", d, n)
				}
			}
			if i > 0 && notes[i-1].To.AddDays(1) != n.From {
				t.Errorf("a gap or overlap before %+v", n)
			}
		}
		if want := c.Between(from, to); sum != want {
			t.Errorf("%v – %v: sum %v, want %v", from, to, sum, want)
		}
		if to.After(from) != (len(notes) > 0) {
			t.Errorf("%d notes", len(notes))
		}
	}
	eachCalendar(t, func(t *rapid.T, c *worktime.Calendar, moment *rapid.Generator[time.Time]) {
		from, to := moment.Draw(t, "from"), moment.Draw(t, "to")
		check(t, c, from, to)
		if !to.After(from) {
			return
		}
		notes := c.Explain(from, to)
		first, last := notes[0].From, notes[len(notes)-1].To
		if first != worktime.DateOf(from.In(c.Location())) || last != worktime.DateOf(to.Add(-1).In(c.Location())) {
			t.Errorf("%v to %v for %v – %v", first, last, from, to)
		}
	})
	t.Run("St. John's, where clocks went back over midnight", func(t *testing.T) {
		c := mustNew(zone("America/St_Johns"), odd, []worktime.Day{{Date: date("2010-11-07"), Kind: worktime.Work}})
		near := time.Date(2010, 11, 6, 0, 0, 0, 0, c.Location()).Unix()
		rapid.Check(t, func(t *rapid.T) {
			moment := moments(near, 3)
			check(t, c, moment.Draw(t, "from"), moment.Draw(t, "to"))
		})
	})
}

// Moments outside the years that are kept are worked out all the same.
func TestFarYears(t *testing.T) {
	for _, y := range []int{1850, 2350} {
		from := time.Date(y, 3, 1, 0, 0, 0, 0, shanghai.Location())
		to, err := shanghai.Add(from, hours(3000))
		if err != nil || shanghai.Between(from, to) != hours(3000) || oracle(shanghai, from, to) != hours(3000) {
			t.Errorf("%d: %v, %v", y, to, err)
		}
	}
	if _, err := shanghai.Add(time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC), math.MaxInt64); err != nil {
		t.Errorf("the longest Duration: %v", err)
	}
}
