package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

func TestAYearOfTheCalendar(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		ctx := t.Context()
		view, err := d.CalendarYear(ctx, 2023)
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[service.DayKind]int{}
		days := 0
		find := map[string]service.DayView{}
		for i, month := range view.Months {
			if month.Month != time.Month(i+1) {
				t.Errorf("month %d is %s", i+1, month.Month)
			}
			for _, day := range month.Days {
				kinds[day.Kind]++
				days++
				find[day.Date.String()] = day
			}
		}
		// The State Council's notice for 2023: 249 working days, of which 7 were
		// worked on a weekend.
		if days != 365 || view.Working != 249 || kinds[service.WorkingDay]+kinds[service.MakeUpDay] != view.Working || kinds[service.MakeUpDay] != 7 || !view.Loaded || view.Version != 1 {
			t.Errorf("%d days, %d working, %v, loaded %t, version %d", days, view.Working, kinds, view.Loaded, view.Version)
		}
		for date, want := range map[string]service.DayKind{
			"2023-09-28": service.WorkingDay, "2023-09-29": service.Holiday, "2023-10-01": service.Holiday, "2023-10-07": service.MakeUpDay, "2023-10-14": service.Weekend,
		} {
			if got := find[date]; got.Kind != want || (got.Name == "") != (want == service.WorkingDay || want == service.Weekend) {
				t.Errorf("%s is %+v, want %s", date, got, want)
			}
		}
		if october := view.Months[9]; october.Working != 19 || len(october.Days) != 31 {
			t.Errorf("October: %d working of %d days", october.Working, len(october.Days))
		}
		if fmt.Sprint(view.Shifts) != fmt.Sprint(worktime.DefaultShifts()) || !slices.Contains(view.Years, 2015) {
			t.Errorf("shifts %v, years %v", view.Shifts, view.Years)
		}
		if len(view.History) != 1 || view.History[0].Version != 1 || len(view.History[0].Changes) < 20 {
			t.Errorf("history %+v", view.History)
		}

		// A year that nobody loaded, and two versions that did.
		empty, err := d.CalendarYear(ctx, 2031)
		if err != nil || empty.Loaded || len(empty.History) != 0 || empty.Working != 261 {
			t.Errorf("2031: %+v, %v", empty, err)
		}
		d.file(1)
		for _, days := range [][]worktime.Day{{off("2031-01-01"), work("2031-01-04")}, {off("2031-01-01"), off("2031-01-02")}, {off("2033-01-03")}} {
			rehearsed, err := d.ReplaceCalendarYear(ctx, theAdmin, days[0].Date.Year, days, "通知", 0, true)
			if err != nil {
				t.Fatal(err)
			}
			done, err := d.ReplaceCalendarYear(ctx, theAdmin, days[0].Date.Year, days, "通知", done(t, d), false)
			if err != nil {
				t.Fatal(err)
			}
			if rehearsed.Version != done.Version || rehearsed.Tickets != 1 || done.Tickets != 1 {
				t.Errorf("rehearsed %+v, done %+v", rehearsed, done)
			}
			d.clock.Advance(time.Hour)
		}
		view, err = d.CalendarYear(ctx, 2031)
		if err != nil {
			t.Fatal(err)
		}
		var history []string
		for _, version := range view.History {
			var changes []string
			for _, c := range version.Changes {
				changes = append(changes, fmt.Sprintf("%s %s > %s", c.After.Date, c.Before.Kind, c.After.Kind))
			}
			history = append(history, fmt.Sprintf("%d %s by %s: %s", version.Version, version.Note, version.CreatedBy, strings.Join(changes, ", ")))
		}
		if want := []string{
			"3 通知 by admin: 2031-01-02 working > holiday, 2031-01-04 make_up > weekend",
			"2 通知 by admin: 2031-01-01 working > holiday, 2031-01-04 weekend > make_up",
		}; !slices.Equal(history, want) {
			t.Errorf("history %q, want %q", history, want)
		}
		if view.Version != 4 || view.Working != 259 {
			t.Errorf("version %d, %d working days", view.Version, view.Working)
		}
		if _, err := d.CalendarYear(ctx, 1899); code(err) != ticket.CodeNotFound {
			t.Errorf("1899: %v", err)
		}
	})
}

// done is the version of the calendar in force.
func done(t *testing.T, d *district) int {
	t.Helper()
	return take[*service.CalendarView](t)(d.Calendar(t.Context(), 0)).Version
}

func TestVersionsOfThePolicy(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		ctx := t.Context()
		rules := ticket.DefaultRules()
		longer := slices.Clone(rules)
		var claim ticket.Length
		for i, r := range longer {
			if r.Clock == ticket.ClockClaim && r.Urgency == "" {
				claim = r.Length
				longer[i].Amount = 16
			}
		}
		longer = append(longer, ticket.Rule{Clock: ticket.ClockAnswer, Category: "labour", Length: ticket.Length{Amount: 1, Unit: ticket.WorkingDays}})
		make := func(name string, rules []ticket.Rule, from *time.Time) int {
			t.Helper()
			p, err := d.CreatePolicy(ctx, theAdmin, service.NewPolicy{Name: name, Rules: rules, EffectiveFrom: from})
			if err != nil {
				t.Fatal(err)
			}
			return p.Version
		}
		now := d.clock.Now()
		soon, later := now.Add(time.Hour), now.Add(48*time.Hour)
		named := make("只给点名的", rules, nil)
		upcoming := make("后天起", longer, &later)
		next := make("一小时后", longer, &soon)
		list := func() string {
			t.Helper()
			all, err := d.PolicyList(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, p := range all {
				line := fmt.Sprintf("%d %s", p.Version, p.State)
				if p.Until != nil {
					line += " until " + p.Until.In(beijing).Format("02 15:04")
				}
				lines = append(lines, line)
			}
			return strings.Join(lines, "; ")
		}
		if got, want := list(), "4 upcoming until 06 09:00; 3 upcoming; 2 by_name; 1 in_effect until 04 10:00"; got != want {
			t.Errorf("versions %s, want %s", got, want)
		}
		d.clock.Set(soon)
		if got, want := list(), "4 in_effect until 06 09:00; 3 upcoming; 2 by_name; 1 past until 04 10:00"; got != want {
			t.Errorf("an hour later %s, want %s", got, want)
		}
		// Tickets are filed under the one that is said to be in effect.
		if v := d.file(1).PolicyVersion; v != next {
			t.Errorf("filed under %d", v)
		}

		changes, err := d.ComparePolicies(ctx, 1, upcoming)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, c := range changes {
			lines = append(lines, fmt.Sprintf("%s %s %s: %v > %v", c.Clock, c.Category, c.Urgency, c.Before, c.After))
		}
		if want := []string{"answer labour : <nil> > 1 working_days", fmt.Sprintf("claim  : %s > 16 working_hours", claim)}; !slices.Equal(lines, want) {
			t.Errorf("changes %q, want %q", lines, want)
		}
		if same, err := d.ComparePolicies(ctx, named, 1); err != nil || len(same) != 0 {
			t.Errorf("the same rules differ: %+v, %v", same, err)
		}
		back, err := d.ComparePolicies(ctx, upcoming, 1)
		if err != nil || len(back) != 2 || back[0].After != nil || *back[1].After != claim {
			t.Errorf("back: %+v, %v", back, err)
		}
		if _, err := d.ComparePolicies(ctx, 1, 99); code(err) != ticket.CodeNotFound {
			t.Errorf("a version that is not there: %v", err)
		}
	})
}
