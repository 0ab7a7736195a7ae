package worktime_test

import (
	"errors"
	"testing"
	"time"

	"whistle/internal/worktime"
)

// The traps that working-time code falls into, one test each.

func TestTrapMakeUpDays(t *testing.T) {
	for _, d := range []string{"2023-10-07", "2023-10-08"} {
		if !shanghai.IsWorking(date(d)) {
			t.Errorf("%s is worked in exchange for the holiday", d)
		}
	}
	got, err := shanghai.NthWorkingDayClose(at(shanghai, "2023-09-28 10:00"), 1)
	if err != nil || !got.Equal(at(shanghai, "2023-10-07 18:00")) {
		t.Errorf("one working day from the eve of the holiday: %v, %v", got, err)
	}
	got, err = shanghai.Add(at(shanghai, "2023-09-28 18:00"), hours(8))
	if err != nil || !got.Equal(at(shanghai, "2023-10-08 10:00")) {
		t.Errorf("eight hours from the eve of the holiday: %v, %v", got, err)
	}
}

func TestTrapLunchBreak(t *testing.T) {
	if got := shanghai.Between(at(shanghai, "2023-09-25 12:00"), at(shanghai, "2023-09-25 14:00")); got != 0 {
		t.Errorf("lunch counts %v", got)
	}
	lands(t, "an hour", later(hours(1)), map[string]string{
		"2023-09-25 11:30": "2023-09-25 14:30",
		"2023-09-25 12:00": "2023-09-25 15:00",
		"2023-09-25 13:00": "2023-09-25 15:00",
		"2023-09-25 11:00": "2023-09-25 12:00",
	})
}

func TestTrapFiledOnHoliday(t *testing.T) {
	filed := at(shanghai, "2023-10-01 10:00")
	if got, err := shanghai.Add(filed, hours(4)); err != nil || !got.Equal(at(shanghai, "2023-10-07 15:00")) {
		t.Errorf("four hours: %v, %v", got, err)
	}
	// Day 0 is the holiday; day 1 the first working day after it.
	if got, err := shanghai.NthWorkingDayClose(filed, 1); err != nil || !got.Equal(at(shanghai, "2023-10-07 18:00")) {
		t.Errorf("one working day: %v, %v", got, err)
	}
	if got := shanghai.Between(filed, at(shanghai, "2023-10-07 09:00")); got != 0 {
		t.Errorf("the holiday counts %v", got)
	}
}

func TestTrapFiledAtNight(t *testing.T) {
	lands(t, "an hour", later(hours(1)), map[string]string{
		"2023-09-25 20:00":    "2023-09-26 10:00",
		"2023-09-25 23:59:59": "2023-09-26 10:00",
		"2023-09-26 00:00":    "2023-09-26 10:00",
		"2023-09-26 08:59:59": "2023-09-26 10:00",
	})
	// In working days a minute around midnight is a day, an evening none.
	lands(t, "a working day", func(from time.Time) (time.Time, error) {
		return shanghai.NthWorkingDayClose(from, 1)
	}, map[string]string{
		"2023-09-25 23:59:59": "2023-09-26 18:00",
		"2023-09-26 00:00":    "2023-09-27 18:00",
		"2023-09-26 08:00":    "2023-09-27 18:00",
	})
}

func TestTrapEdgeOfShift(t *testing.T) {
	lands(t, "four hours", later(hours(4)), map[string]string{
		"2023-09-25 09:00":    "2023-09-25 15:00", // three before lunch, one after
		"2023-09-25 12:00":    "2023-09-25 18:00", // all of the afternoon, to its end
		"2023-09-25 14:00":    "2023-09-25 18:00",
		"2023-09-25 18:00":    "2023-09-26 15:00",
		"2023-09-25 17:59:59": "2023-09-26 14:59:59",
	})
	// To the nanosecond: the end of a shift is outside it.
	noon := at(shanghai, "2023-09-25 12:00")
	if got := shanghai.Between(noon.Add(-1), noon.Add(1)); got != 1 {
		t.Errorf("around noon %v", got)
	}
	if got, _ := shanghai.NextWorkingMoment(noon.Add(-1)); !got.Equal(noon.Add(-1)) {
		t.Errorf("the last of the morning: %v", got)
	}
	if got, _ := shanghai.NextWorkingMoment(noon); !got.Equal(at(shanghai, "2023-09-25 14:00")) {
		t.Errorf("noon: %v", got)
	}
}

func TestTrapPauseOutsideWorkingTime(t *testing.T) {
	// A pause moves a deadline by the working time that it covers.
	for _, tt := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2023-09-25 12:30", "2023-09-25 13:30", 0},
		{"2023-09-25 20:00", "2023-09-26 10:00", hours(1)},
		{"2023-09-25 17:00", "2023-09-25 23:00", hours(1)},
		{"2023-09-30 03:00", "2023-10-05 04:00", 0},
		{"2023-09-23 12:00", "2023-10-01 12:00", 4 * hours(7)},
	} {
		if got := shanghai.Between(at(shanghai, tt.from), at(shanghai, tt.to)); got != tt.want {
			t.Errorf("%s – %s: got %v, want %v", tt.from, tt.to, got, tt.want)
		}
	}
}

func TestTrapTwoPausesWithinAMinute(t *testing.T) {
	// Nothing is rounded to minutes, so the parts make the whole.
	edges := []string{"10:00:05", "10:00:20", "10:00:21", "10:00:58", "10:01:01"}
	var sum time.Duration
	for i := range edges[1:] {
		sum += shanghai.Between(at(shanghai, "2023-09-25 "+edges[i]), at(shanghai, "2023-09-25 "+edges[i+1]))
	}
	if sum != 56*time.Second {
		t.Errorf("got %v", sum)
	}
}

func TestTrapReminderAtMidnight(t *testing.T) {
	lands(t, "the working moment", shanghai.NextWorkingMoment, map[string]string{
		"2023-09-26 00:00": "2023-09-26 09:00",
		"2023-09-29 00:00": "2023-10-07 09:00",
		"2023-10-08 23:00": "2023-10-09 09:00",
	})
}

func TestTrapNoWorkingDay(t *testing.T) {
	loc := zone("Asia/Shanghai")
	if _, err := worktime.New(1, loc, nil, nil); !errors.Is(err, worktime.ErrNoWorkingTime) {
		t.Errorf("no shifts: %v", err)
	}
	if _, err := worktime.New(1, loc, worktime.DefaultShifts(), offDays(2020, 2030)); !errors.Is(err, worktime.ErrNoWorkingTime) {
		t.Errorf("eleven years off: %v", err)
	}
	c := mustNew(loc, worktime.DefaultShifts(), offDays(2020, 2020))
	if got, err := c.Add(at(c, "2019-12-31 17:00"), hours(2)); err != nil || !got.Equal(at(c, "2021-01-01 10:00")) {
		t.Errorf("over a year off: %v, %v", got, err)
	}
}

func TestTrapDaylightSaving(t *testing.T) {
	h := time.Hour
	// Sundays are worked here: clocks change on Sundays.
	table := func(days ...string) []worktime.Day {
		var out []worktime.Day
		for _, d := range days {
			out = append(out, worktime.Day{Date: date(d), Kind: worktime.Work, Name: "值班"})
		}
		return out
	}
	berlin, york := zone("Europe/Berlin"), zone("America/New_York")
	days := table("2023-03-12", "2023-03-26", "2023-10-29", "2023-11-05")
	night := []worktime.Shift{{0, 6 * h}, {9 * h, 12 * h}}

	t.Run("office hours keep to the wall clock", func(t *testing.T) {
		c := mustNew(berlin, worktime.DefaultShifts(), days)
		for day, offset := range map[string]string{
			"2023-03-25": "+01:00", "2023-03-26": "+02:00", "2023-10-28": "+02:00", "2023-10-29": "+01:00",
		} {
			if got, want := c.StartOfBusiness(date(day)).Format(time.RFC3339), day+"T09:00:00"+offset; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if got, want := c.CloseOfBusiness(date(day)).Format(time.RFC3339), day+"T18:00:00"+offset; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		if got := c.Between(at(c, "2023-03-24 17:00"), at(c, "2023-03-27 10:00")); got != 9*h {
			t.Errorf("got %v", got)
		}
		got, err := c.NthWorkingDayClose(at(c, "2023-10-28 10:00"), 1)
		if err != nil || !got.Equal(at(c, "2023-10-29 18:00")) {
			t.Errorf("got %v, %v", got, err)
		}
	})
	t.Run("a shift over the change is as long as it lasts", func(t *testing.T) {
		for _, tt := range []struct {
			loc  *time.Location
			day  string
			want time.Duration
		}{
			{berlin, "2023-03-26", 5 * h},
			{berlin, "2023-10-29", 7 * h},
			{york, "2023-03-12", 5 * h},
			{york, "2023-11-05", 7 * h},
			{york, "2023-11-06", 6 * h},
		} {
			c := mustNew(tt.loc, night, days)
			six := date(tt.day).In(tt.loc)
			six = time.Date(six.Year(), six.Month(), six.Day(), 6, 0, 0, 0, tt.loc)
			if got := c.Between(date(tt.day).In(tt.loc), six); got != tt.want {
				t.Errorf("%v %s: got %v, want %v", tt.loc, tt.day, got, tt.want)
			}
			got, err := c.Add(date(tt.day).In(tt.loc), tt.want)
			if err != nil || !got.Equal(six) {
				t.Errorf("%v %s: got %v, %v", tt.loc, tt.day, got, err)
			}
		}
	})
	t.Run("edges that the clocks skip or show twice", func(t *testing.T) {
		for _, tt := range []struct {
			name     string
			from, to time.Duration
			day      string
			want     time.Duration
			start    string
		}{
			{"begins in the gap", 2*h + h/4, 4 * h, "2023-03-26", h, "2023-03-26T03:00:00+02:00"},
			{"ends in the gap", h, 2*h + h/2, "2023-03-26", h, "2023-03-26T01:00:00+01:00"},
			{"within the gap", 2*h + h/4, 2*h + h/2, "2023-03-26", 0, "2023-03-26T03:00:00+02:00"},
			{"begins where it comes twice", 2*h + h/2, 4 * h, "2023-10-29", 2*h + h/2, "2023-10-29T02:30:00+02:00"},
			{"ends where it comes twice", h, 2*h + h/2, "2023-10-29", h + h/2, "2023-10-29T01:00:00+02:00"},
			{"within what comes twice", 2*h + h/4, 2*h + h/2, "2023-10-29", h / 4, "2023-10-29T02:15:00+02:00"},
		} {
			c := mustNew(berlin, []worktime.Shift{{tt.from, tt.to}}, days)
			d := date(tt.day)
			if got := c.Between(d.In(berlin), d.AddDays(1).In(berlin)); got != tt.want {
				t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
			}
			if got := c.StartOfBusiness(d).Format(time.RFC3339); got != tt.start {
				t.Errorf("%s: starts %s, want %s", tt.name, got, tt.start)
			}
		}
	})
}
