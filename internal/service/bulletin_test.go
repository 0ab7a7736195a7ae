package service_test

import (
	"slices"
	"testing"

	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

func TestBulletin(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		solve := func() string {
			t.Helper()
			id := o.led("一", "labour")
			o.does("lead-officer", id, ticket.EventClaim, nil)
			o.does("lead-head", id, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "办了"})
			o.does("own", id, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5})
			return id
		}
		solved := solve() // on Monday the 18th
		open := o.led("没办完", "land")
		o.does("land-officer", open, ticket.EventClaim, nil)
		read := func(kind figures.Kind, day string) *service.Bulletin {
			t.Helper()
			b, err := o.Bulletin(t.Context(), o.Actor(t, "leader"), kind, date(day))
			if err != nil {
				t.Fatal(err)
			}
			return b
		}

		o.Clock.Set(testkit.Moment(t, "2023-09-22 09:00"))
		b := read(figures.Weekly, "2023-09-20")
		if !b.Published.Provisional() || b.FromDate != date("2023-09-18") || b.ToDate != date("2023-09-24") || b.Published.Total.Tickets != 2 ||
			!b.Published.AsOf.Equal(o.Clock.Now()) || b.LateTotal != 0 || len(b.Corrections) != 0 {
			t.Errorf("while it lasts: %+v", b)
		}

		o.Clock.Set(testkit.Moment(t, "2023-10-09 09:00"))
		if _, err := o.Freeze(t.Context()); err != nil {
			t.Fatal(err)
		}
		b = read(figures.Weekly, "2023-09-24")
		if p := b.Published; p.Provisional() || p.Total.Solved != 1 || p.Total.Tickets != 2 || len(p.Groups) != 2 || !p.FrozenAt.Equal(o.Clock.Now()) || len(b.Corrections) != 0 {
			t.Errorf("frozen: %+v", p)
		}
		if len(b.Categories) != 1 || b.Categories[0].Key != "labour" || b.Categories[0].Name == "" || b.Categories[0].Counts.Solved != 1 {
			t.Errorf("by category: %+v", b.Categories)
		}
		if len(b.Chains) != 1 || b.Chains[0].Name != "集成电路" {
			t.Errorf("by chain: %+v", b.Chains)
		}
		if b.Previous.Total.Tickets != 0 || b.YearToDate.Provisional() || b.YearToDate.Total.Tickets != 2 || b.YearToDate.From != date("2023-01-01") {
			t.Errorf("previous %+v, year %+v", b.Previous, b.YearToDate)
		}
		if b.LateTotal != 0 { // due on the 25th
			t.Errorf("late: %+v", b.Late)
		}
		b = read(figures.Monthly, "2023-09-05")
		if b.FromDate != date("2023-09-01") || b.ToDate != date("2023-09-30") || b.Published.Provisional() || b.LateTotal != 1 || b.Late[0].Ticket.ID != open {
			t.Errorf("the month: %+v, late %+v", b.Period, b.Late)
		}
		last := read(figures.Weekly, "2023-10-01")
		if last.Previous.Provisional() || last.Previous.Total.Solved != 1 {
			t.Errorf("the week before: %+v", last.Previous)
		}

		// A number of it opens to what was counted then.
		members := func(snapshot, figure string, part figures.Part) []string {
			t.Helper()
			m, err := o.FigureMembers(t.Context(), o.Actor(t, "leader"), service.FiguresQuery{}, service.FigureMembersQuery{Figure: figure, Part: part, Snapshot: snapshot})
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, one := range m.Members {
				ids = append(ids, one.TicketID)
			}
			return ids
		}
		week := read(figures.Weekly, "2023-09-24").Published.SnapshotID
		if got := members(week, "resolution_rate", figures.Numerator); !slices.Equal(got, []string{solved}) {
			t.Errorf("solved: %v", got)
		}

		// What is written down later is a correction, not a change.
		o.Clock.Set(testkit.Moment(t, "2023-10-09 10:00"))
		o.does("desk", solved, ticket.EventReopen, ticket.ReasonInput{Reason: "没解决"})
		if _, err := o.FireBackdated(t.Context(), o.Actor(t, "land-head"), open, service.Command{
			Event: ticket.EventResolve, Input: ticket.ResolveInput{Outcome: ticket.Solved, Result: "办了"},
		}, service.Backdated{At: testkit.Moment(t, "2023-09-22 10:00")}); err != nil {
			t.Fatal(err)
		}
		if _, err := o.FireBackdated(t.Context(), o.Actor(t, "own"), open, service.Command{
			Event: ticket.EventConfirm, Input: ticket.ConfirmInput{Satisfaction: 4},
		}, service.Backdated{At: testkit.Moment(t, "2023-09-23 10:00")}); err != nil {
			t.Fatal(err)
		}
		b = read(figures.Weekly, "2023-09-24")
		if b.Published.Total.Solved != 1 || b.Categories[0].Counts.Solved != 1 {
			t.Errorf("the published changed: %+v", b.Published.Total)
		}
		i := slices.IndexFunc(b.Corrections, func(d figures.Difference) bool { return d.Figure == "solved" && d.Group == "" })
		if i < 0 || b.Corrections[i].Was.String() != "1" || b.Corrections[i].Is.String() != "2" {
			t.Errorf("corrections: %+v", b.Corrections)
		}
		if got := members(week, "solved", ""); !slices.Equal(got, []string{solved}) {
			t.Errorf("solved by then: %v", got)
		}

		for _, who := range []string{"lead-officer", "own", "manager", "admin"} {
			if _, err := o.Bulletin(t.Context(), o.Actor(t, who), figures.Weekly, date("2023-09-24")); ticketCode(err) != ticket.CodeForbidden {
				t.Errorf("%s: %v", who, err)
			}
		}
		// A head reads the district's totals, and of the departments their own.
		own, err := o.Bulletin(t.Context(), o.Actor(t, "lead-head"), figures.Weekly, date("2023-09-24"))
		if err != nil || own.Published.Total.Tickets != 2 || len(own.Published.Groups) != 1 || own.Published.Groups[0].Key != o.Departments["labour"] || own.Categories != nil || own.Late != nil {
			t.Errorf("the head reads %+v, %v", own, err)
		}
		for _, c := range own.Corrections {
			if c.Group != "" && c.Group != o.Departments["labour"] {
				t.Errorf("the head reads a correction of %s", c.Name)
			}
		}
		for _, bad := range []struct {
			kind figures.Kind
			day  string
		}{{figures.Daily, "2023-09-24"}, {figures.YearToDate, "2023-09-24"}, {"hourly", "2023-09-24"}, {figures.Weekly, "2023-10-16"}} {
			if _, err := o.Bulletin(t.Context(), o.Actor(t, "leader"), bad.kind, date(bad.day)); ticketCode(err) != ticket.CodeInvalidValue {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	})
}
