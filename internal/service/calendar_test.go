package service_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// off and work are days of a calendar.
func off(text string) worktime.Day  { return listed(text, worktime.Off) }
func work(text string) worktime.Day { return listed(text, worktime.Work) }

func listed(text string, kind worktime.Kind) worktime.Day {
	date, err := worktime.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return worktime.Day{Date: date, Kind: kind, Name: "测试"}
}

// TestCalendarChangeRedates: open deadlines follow a new calendar, by a line
// of the system in each open ticket's history, and closed tickets do not.
func TestCalendarChangeRedates(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		ctx := t.Context()
		done := d.solve(1)
		d.clock.Set(on("2023-09-05 10:00"))
		open := d.file(2)
		d.fire(theDesk, open.ID, ticket.EventAccept, nil)
		open = d.fire(theDesk, open.ID, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d2"})
		due := func(name ticket.ClockName) time.Time {
			t.Helper()
			return take[*service.TicketView](t)(d.Ticket(ctx, theDesk, open.ID)).Clock(name).DueAt
		}
		if !due(ticket.ClockResolve).Equal(on("2023-09-12 18:00")) {
			t.Fatalf("due at %s", due(ticket.ClockResolve))
		}

		// 2023 with 11 September off besides.
		days := append(take[*service.CalendarView](t)(d.Calendar(ctx, 2023)).Days, off("2023-09-11"))
		rehearsed := take[*service.CalendarChange](t)(d.RehearseCalendar(ctx, theAdmin, days, "台风"))
		if now := take[*service.CalendarView](t)(d.Calendar(ctx, 0)); now.Version != 1 {
			t.Fatalf("a rehearsal made version %d", now.Version)
		}
		change := take[*service.CalendarChange](t)(d.ImportCalendar(ctx, theAdmin, days, "台风"))
		if change.Version != 2 || !change.Changed || change.Tickets != 1 || change.Moved != 1 || len(change.Years) != 1 || change.Years[0].After != change.Years[0].Before+1 {
			t.Errorf("changed %+v", change)
		}
		if rehearsed.Version != change.Version || rehearsed.Moved != change.Moved {
			t.Errorf("rehearsed %+v, done %+v", rehearsed, change)
		}
		if !due(ticket.ClockResolve).Equal(on("2023-09-13 18:00")) || !due(ticket.ClockClaim).Equal(on("2023-09-06 10:00").Add(time.Hour)) {
			t.Errorf("due at %s, to be claimed by %s", due(ticket.ClockResolve), due(ticket.ClockClaim))
		}
		lines, _, err := d.History(ctx, theDesk, open.ID)
		if err != nil {
			t.Fatal(err)
		}
		if last := lines[len(lines)-1]; last.Event != ticket.EventRedate || last.Actor.Role != ticket.RoleSystem || last.Facts.CalendarVersion != 2 {
			t.Errorf("the last line is %s by %s", last.Event, last.Actor.Role)
		}
		if after := take[*service.TicketView](t)(d.Ticket(ctx, theDesk, done.ID)); after.Version != done.Version {
			t.Error("a closed ticket was dated anew")
		}
		entries, err := d.AuditLog(ctx, theAdmin, service.AuditFilter{Subject: "calendar"})
		if err != nil || len(entries) != 1 || !strings.Contains(entries[0].After, "2023-09-11") || strings.Contains(entries[0].Before, "2023-09-11") {
			t.Errorf("audited %+v %v", entries, err)
		}

		// The same days again change nothing.
		again := take[*service.CalendarChange](t)(d.ImportCalendar(ctx, theAdmin, days, "台风"))
		if again.Changed || again.Version != 2 || again.Tickets != 0 {
			t.Errorf("again: %+v", again)
		}
		// Another year leaves this one as it is.
		change = take[*service.CalendarChange](t)(d.ImportCalendar(ctx, theAdmin, []worktime.Day{off("2027-01-01"), work("2027-01-02")}, "2027"))
		view := take[*service.CalendarView](t)(d.Calendar(ctx, 2027))
		if change.Moved != 0 || change.Tickets != 1 || view.Version != 3 || len(view.Days) != 2 || !slices.Contains(view.Years, 2027) || !slices.Contains(view.Years, 2015) {
			t.Errorf("%+v, %+v", change, view)
		}
		if kept := take[*service.CalendarView](t)(d.Calendar(ctx, 2023)); len(kept.Days) != len(days) {
			t.Errorf("2023 has %d days, not %d", len(kept.Days), len(days))
		}
	})
}

// TestCalendarRefusals: every fault at once, and nothing changed.
func TestCalendarRefusals(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		ctx := t.Context()
		d.file(1)
		_, err := d.ImportCalendar(ctx, theAdmin, []worktime.Day{
			off("2027-01-01"), {Kind: worktime.Off}, {Date: off("2027-01-01").Date, Kind: "half", Name: strings.Repeat("长", 101)},
		}, strings.Repeat("长", 1001))
		refused(t, err, ticket.CodeInvalidForm, "/note", "/days/1/date", "/days/2/kind", "/days/2/name", "/days/2/date")
		_, err = d.ImportCalendar(ctx, theAdmin, nil, "")
		refused(t, err, ticket.CodeInvalidForm, "/days")
		for _, actor := range []ticket.Actor{theDesk, theLeader, theGuest, ownerOf(1), headOf(1)} {
			_, err = d.ImportCalendar(ctx, actor, []worktime.Day{off("2027-01-01")}, "")
			refused(t, err, ticket.CodeForbidden)
		}
		// Four years without a working day: refused, not looped over.
		var never []worktime.Day
		for day := off("2027-01-01").Date; day.Year < 2031; day = day.AddDays(1) {
			never = append(never, worktime.Day{Date: day, Kind: worktime.Off})
		}
		_, err = d.ImportCalendar(ctx, theAdmin, never, "")
		refused(t, err, ticket.CodeInvalidValue, "/days")
		// One working day in them is enough for the calendar, but not for a
		// clock that runs five.
		never[0].Kind = worktime.Work
		d.clock.Set(on("2026-12-31 17:00"))
		open := d.file(2)
		if _, err = d.RehearseCalendar(ctx, theAdmin, never, ""); err != nil {
			t.Errorf("one working day: %v", err)
		}
		d.fire(theDesk, open.ID, ticket.EventAccept, nil)
		d.fire(theDesk, open.ID, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d2"})
		_, err = d.ImportCalendar(ctx, theAdmin, never, "")
		refused(t, err, ticket.CodeInvalidValue, "/days")
		if now := take[*service.CalendarView](t)(d.Calendar(ctx, 0)); now.Version != 1 || slices.Contains(now.Years, 2027) {
			t.Errorf("the calendar is at version %d with %v", now.Version, now.Years)
		}
	})
}

// TestCalendarWarning: next year's holidays are asked for from November on.
func TestCalendarWarning(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		for _, c := range []struct{ now, names string }{
			{"2023-11-01 09:00", ""},
			{"2026-10-31 23:59", ""},
			{"2026-11-01 00:00", "2027"},
			{"2027-02-01 09:00", "2027"},
			{"2014-12-31 09:00", "2014"},
		} {
			d.clock.Set(on(c.now))
			warning := take[string](t)(d.CalendarWarning(t.Context()))
			if c.names == "" && warning != "" || !strings.Contains(warning, c.names) {
				t.Errorf("on %s: %q", c.now, warning)
			}
		}
	})
}

func TestPolicies(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		ctx := t.Context()
		quick := ticket.DefaultRules()
		for i := range quick {
			if quick[i].Clock == ticket.ClockAccept {
				quick[i].Length = ticket.Length{Amount: 2, Unit: ticket.WorkingHours}
			}
		}
		from := on("2023-10-09 00:00")
		made, err := d.CreatePolicy(ctx, theAdmin, service.NewPolicy{Name: "加快", Rules: quick, EffectiveFrom: &from})
		if err != nil || made.Version != 2 {
			t.Fatalf("%+v %v", made, err)
		}
		running := d.file(1)
		d.clock.Set(on("2023-10-09 09:00"))
		later := d.file(2)
		if running.PolicyVersion != 1 || later.PolicyVersion != 2 || !later.Clock(ticket.ClockAccept).DueAt.Equal(on("2023-10-09 11:00")) {
			t.Errorf("versions %d and %d, due at %s", running.PolicyVersion, later.PolicyVersion, later.Clock(ticket.ClockAccept).DueAt)
		}

		// By name alone: found again, refused with other rules, in no ticket's way.
		long := ticket.DefaultRules()
		long = append(long, ticket.Rule{Clock: ticket.ClockResolve, Category: "land", Length: ticket.Length{Amount: 15, Unit: ticket.WorkingDays}})
		first, err := d.EnsurePolicy(ctx, ticket.System, "导入", long)
		if err != nil || first.EffectiveFrom != nil {
			t.Fatalf("%+v %v", first, err)
		}
		if again, err := d.EnsurePolicy(ctx, ticket.System, "导入", long); err != nil || again.Version != first.Version {
			t.Errorf("%+v %v", again, err)
		}
		_, err = d.EnsurePolicy(ctx, ticket.System, "导入", quick)
		refused(t, err, ticket.CodeInvalidValue, "/name")
		if next := d.file(3); next.PolicyVersion != 2 {
			t.Errorf("a policy by name alone took effect: version %d", next.PolicyVersion)
		}
		all, err := d.Policies(ctx)
		if err != nil || len(all) != 3 || all[0].Version != 3 {
			t.Errorf("%+v %v", all, err)
		}
		_, err = d.Policy(ctx, 99)
		refused(t, err, ticket.CodeNotFound)

		past := on("2023-10-09 08:59")
		bad := ticket.DefaultRules()
		bad = append(bad[1:], bad[1], ticket.Rule{Clock: ticket.ClockClaim, Category: "none", Length: ticket.Length{Amount: 1, Unit: ticket.Hours}})
		_, err = d.CreatePolicy(ctx, theAdmin, service.NewPolicy{Name: "加快", Rules: bad, EffectiveFrom: &past})
		refused(t, err, ticket.CodeInvalidValue, "/name", "/effective_from", "/rules", "/rules/12", "/rules/13/category")
		_, err = d.CreatePolicy(ctx, theAdmin, service.NewPolicy{Name: " ", Rules: []ticket.Rule{{Clock: "lunch", Length: ticket.Length{Amount: 1001, Unit: "moons"}}}})
		refused(t, err, ticket.CodeInvalidForm, "/name", "/rules/0/clock", "/rules/0/amount", "/rules/0/unit")
		_, err = d.CreatePolicy(ctx, theDesk, service.NewPolicy{Name: "分办", Rules: quick})
		refused(t, err, ticket.CodeForbidden)
	})
}
