package directory_test

import (
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

func day(t *testing.T, text string) worktime.Date {
	t.Helper()
	d, err := worktime.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestMilestoneLights: red from the day after, yellow from thirty days before;
// planning anew heals nothing.
func TestMilestoneLights(t *testing.T) {
	zone := time.FixedZone("east", 8*60*60)
	m := directory.Milestone{CreatedAt: time.Date(2023, 1, 9, 17, 0, 0, 0, time.UTC)} // the 10th in the zone
	light := func(today string, want ticket.Light) {
		t.Helper()
		if got := m.Light(day(t, today)); got != want {
			t.Errorf("on %s it is %q, want %q: %+v", today, got, want, m)
		}
	}
	plan := func(planned, today, first string) {
		t.Helper()
		m.Plan(day(t, planned), day(t, today), zone)
		if m.PlannedDay != day(t, planned) || m.FirstPlannedDay != day(t, first) {
			t.Fatalf("planned for %s, judged by %s; want %s", m.PlannedDay, m.FirstPlannedDay, first)
		}
	}
	plan("2032-06-30", "2023-01-10", "2032-06-30")
	plan("2023-06-30", "2023-01-10", "2023-06-30") // mended the same day
	light("2023-05-30", ticket.Green)
	light("2023-05-31", ticket.Yellow)
	light("2023-06-30", ticket.Yellow)
	light("2023-07-01", ticket.Red)

	plan("2023-09-30", "2023-05-01", "2023-06-30")
	light("2023-06-30", ticket.Yellow)
	light("2023-07-01", ticket.Red)

	plan("2023-03-31", "2023-03-01", "2023-06-30") // earlier than ever
	light("2023-04-01", ticket.Red)
	plan("2023-12-31", "2023-04-02", "2023-03-31")
	light("2023-04-02", ticket.Red)
	plan("2024-12-31", "2023-11-02", "2023-03-31") // slips again

	done := day(t, "2023-03-31")
	m.DoneDay = &done
	light("2023-04-02", "")
	if m.Missed(day(t, "2024-01-01")) {
		t.Error("reached on its day, it was missed")
	}
	done = day(t, "2023-04-01")
	if light("2023-04-02", ""); !m.Missed(day(t, "2023-04-02")) {
		t.Error("reached after its day, it was not missed")
	}
}

func TestWorstMilestoneLight(t *testing.T) {
	today := day(t, "2023-06-01")
	planned := func(text string) directory.Milestone {
		return directory.Milestone{PlannedDay: day(t, text), FirstPlannedDay: day(t, text)}
	}
	reached := planned("2022-01-01")
	reached.DoneDay = &reached.PlannedDay
	red, yellow, green := planned("2023-05-31"), planned("2023-06-20"), planned("2024-01-01")
	for _, c := range []struct {
		all  directory.Milestones
		want ticket.Light
	}{
		{nil, ""},
		{directory.Milestones{reached}, ""},
		{directory.Milestones{reached, green}, ticket.Green},
		{directory.Milestones{green, yellow, green}, ticket.Yellow},
		{directory.Milestones{yellow, red, green, reached}, ticket.Red},
		{directory.Milestones{red, yellow}, ticket.Red},
	} {
		if got := c.all.Light(today); got != c.want {
			t.Errorf("%v: %q, want %q", c.all, got, c.want)
		}
	}
}
