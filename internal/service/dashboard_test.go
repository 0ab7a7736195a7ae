package service_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// lived gives a district some months of random stories, in enterprises with
// none, one and two chains, and returns when they began.
func lived(t *testing.T, d *district) worktime.Date {
	t.Helper()
	d.exec(`UPDATE enterprises SET chains = '["c1","c2"]', place_id = 'p1' WHERE id = 'e1'`)
	d.exec(`UPDATE enterprises SET chains = '["c2"]', place_id = 'p2' WHERE id = 'e2'`)
	began := worktime.DateOf(d.Now().In(beijing))
	var ids []string
	rapid.Check(t, func(rt *rapid.T) {
		filed, err := d.File(context.Background(), ownerOf(rapid.IntRange(1, 3).Draw(rt, "of")), ticket.SubmitInput{
			Title: "缺工人", Description: "招不到工人", Category: rapid.SampledFrom([]string{"labour", "land", "funding"}).Draw(rt, "category"),
		})
		if err != nil {
			rt.Fatal(err)
		}
		ids = append(ids, filed.ID)
		for range rapid.IntRange(4, 16).Draw(rt, "events") {
			d.clock.Advance(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 2, 3, 10, 60}).Draw(rt, "hours")) * time.Hour)
			recent := ids[max(0, len(ids)-3):]
			if err := chance(rt, d, rapid.SampledFrom(recent).Draw(rt, "ticket"), recent); err != nil {
				rt.Fatal(err)
			}
		}
	})
	return began
}

// shown is a number that a page shows, and what its members are asked by.
type shown struct {
	ask  service.FigureMembersQuery
	want int64
}

// numbers are all that are shown of one set of counts.
func numbers(counts figures.Counts, key string) []shown {
	plain := map[string]int64{
		"tickets": counts.Tickets, "filed": counts.Filed, "solved": counts.Solved, "in_progress": counts.InProgress, "closed": counts.Closed,
		"excluded.rejected": counts.Excluded["rejected"], "excluded.merged": counts.Excluded["merged"], "excluded.withdrawn": counts.Excluded["withdrawn"],
	}
	var all []shown
	for _, d := range figures.Definitions() {
		ask := service.FigureMembersQuery{Figure: d.Name, Key: key, Limit: 30}
		if !d.IsRate() {
			all = append(all, shown{ask, plain[d.Name]})
			continue
		}
		r := counts.Rates[d.Name]
		for part, n := range map[figures.Part]int64{figures.Denominator: r.Denominator, figures.Numerator: r.Numerator, figures.Rest: r.Denominator - r.Numerator} {
			ask.Part = part
			all = append(all, shown{ask, n})
		}
	}
	return all
}

// TestEveryNumberOpens asks for the members of every number of every cut: they
// are as many as it says, page by page, each but once.
func TestEveryNumberOpens(t *testing.T) {
	testkit.LongForRace(t)
	onBoth(t, func(t *testing.T, d *district) {
		began := lived(t, d)
		ctx := t.Context()
		opens := func(actor ticket.Actor, q service.FiguresQuery, number shown) {
			t.Helper()
			seen, n := map[service.FigurePosition]bool{}, int64(0)
			for {
				page, err := d.FigureMembers(ctx, actor, q, number.ask)
				if err != nil {
					t.Fatal(err)
				}
				if page.Total != number.want {
					t.Fatalf("%+v of %+v: %d in all, shown %d", number.ask, q, page.Total, number.want)
				}
				for _, m := range page.Members {
					// Of a dispatch that was taken back, the department has a figure
					// but no sight.
					hidden := m.Ticket == nil && !actor.SeesAll()
					if seen[m.Position()] || !hidden && m.Ticket.ID != m.TicketID ||
						number.ask.Part == figures.Numerator && !m.Counted || number.ask.Part == figures.Rest && m.Counted {
						t.Fatalf("%+v: %+v", number.ask, m)
					}
					seen[m.Position()] = true
					n++
				}
				if len(page.Members) < number.ask.Limit {
					break
				}
				last := page.Members[len(page.Members)-1].Position()
				number.ask.After = &last
			}
			if n != number.want {
				t.Fatalf("%+v of %+v: %d members, shown %d", number.ask, q, n, number.want)
			}
		}
		opened := 0
		for i, where := range []figures.Where{{}, {ChainID: "c1"}, {DepartmentID: "d1"}, {Category: "land"}, {DepartmentID: figures.NoKey}} {
			asOf := d.Now().Add(-time.Duration(i%2) * 400 * time.Hour)
			for _, by := range append(figures.AllCuts(), figures.ByNothing) {
				q := service.FiguresQuery{From: began, AsOf: asOf, By: by, Where: where}
				report, err := d.Figures(ctx, theLeader, q)
				if err != nil {
					t.Fatal(err)
				}
				all := numbers(report.Total, "")
				if by != figures.ByNothing {
					all = nil
					for _, g := range report.Groups {
						all = append(all, numbers(g.Counts, g.Key)...)
					}
				}
				for _, number := range all {
					opens(theLeader, q, number)
					opened += int(number.want)
				}
			}
		}
		if opened < 1000 {
			t.Errorf("only %d members were looked at", opened)
		}
		// A department's own, which counts what it gave back.
		report, err := d.Figures(ctx, headOf(1), service.FiguresQuery{From: began})
		if err != nil {
			t.Fatal(err)
		}
		for _, number := range numbers(report.Total, "") {
			opens(headOf(1), service.FiguresQuery{From: began}, number)
		}
	})
}

// TestDashboardIsTheFigures holds what a dashboard shows in one go to the
// figures one by one.
func TestDashboardIsTheFigures(t *testing.T) {
	testkit.LongForRace(t)
	onBoth(t, func(t *testing.T, d *district) {
		began := lived(t, d)
		ctx := t.Context()
		for _, actor := range []ticket.Actor{theLeader, headOf(2), ownerOf(1)} {
			for _, where := range []figures.Where{{}, {ChainID: "c2"}, {Category: "land"}, {DepartmentID: figures.NoKey}} {
				q := service.FiguresQuery{From: began, Where: where}
				board, err := d.Dashboard(ctx, actor, q)
				if err != nil {
					t.Fatal(err)
				}
				same := func(what string, by figures.Cut, total figures.Counts, groups []figures.Group) {
					t.Helper()
					q.By = by
					want, err := d.Figures(ctx, actor, q)
					if err != nil {
						t.Fatal(err)
					}
					for _, difference := range figures.Differences(want, &figures.Report{Total: total, Groups: groups}) {
						t.Errorf("%s: %s of %q: %s by itself, %s on the dashboard", what, difference.Figure, difference.Group, difference.Was, difference.Is)
					}
				}
				same("total", figures.ByNothing, board.Report.Total, nil)
				same("departments", figures.ByDepartment, board.Report.Total, board.Departments)
				same("chains", figures.ByChain, board.Report.Total, board.Chains)
				same("categories", figures.ByCategory, board.Report.Total, board.Categories)

				var filed int64
				for _, w := range board.Weeks {
					q := service.FiguresQuery{From: w.From, To: w.To, AsOf: board.Report.AsOf, Where: where}
					want, err := d.Figures(ctx, actor, q)
					if err != nil {
						t.Fatal(err)
					}
					if len(figures.Differences(&figures.Report{Total: want.Total}, &figures.Report{Total: w.Counts})) > 0 {
						t.Errorf("week %d/%d: %+v, by itself %+v", w.Year, w.Number, w.Counts, want.Total)
					}
					filed += w.Counts.Filed
				}
				if filed != board.Report.Total.Filed {
					t.Errorf("%d filed by week, %d in all", filed, board.Report.Total.Filed)
				}
				standing, err := d.Tickets(ctx, actor, service.TicketFilter{States: ticket.OpenStates(), ChainID: where.ChainID, Category: where.Category})
				if err != nil {
					t.Fatal(err)
				}
				standing = slices.DeleteFunc(standing, func(v *service.TicketView) bool { return where.DepartmentID != "" && v.LeadID != "" })
				stood := service.LightCount{}
				for _, stage := range board.Stages {
					sum := service.LightCount{}
					for _, state := range stage.States {
						sum = sum.Plus(state.LightCount)
						if state.State.Stage() != stage.Stage {
							t.Errorf("%s stands in %s", state.State, stage.Stage)
						}
					}
					if sum != stage.LightCount {
						t.Errorf("%s: %+v, its states %+v", stage.Stage, stage.LightCount, sum)
					}
					stood = stood.Plus(stage.LightCount)
				}
				want := service.LightCount{Count: len(standing)}
				for _, v := range standing {
					switch red, yellow := alarms(v.Ticket, d.Now()); {
					case red:
						want.Red++
					case yellow:
						want.Yellow++
					}
				}
				if len(board.Stages) != 5 || stood != want {
					t.Errorf("%+v stand in the stages, open are %+v", stood, want)
				}
			}
		}
	})
}

// alarms says whether a ticket is red or yellow, a clock that stands still
// aside.
func alarms(t *ticket.Ticket, now time.Time) (red, yellow bool) {
	yellowAt, redAt := t.AlarmTimes()
	return redAt != nil && now.After(*redAt), yellowAt != nil && !now.Before(*yellowAt)
}

func TestDashboardComparesAndMarksWeeks(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		id := o.led("一", "labour")
		o.does("lead-officer", id, ticket.EventClaim, nil)
		o.does("lead-head", id, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "办了"})
		o.does("own", id, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5})
		o.Clock.Set(testkit.Moment(t, "2023-09-25 09:00")) // the Monday after
		if _, err := o.Freeze(t.Context()); err != nil {
			t.Fatal(err)
		}
		late := o.led("二", "labour")
		o.Clock.Set(testkit.Moment(t, "2023-09-28 09:00"))

		board, err := o.Dashboard(t.Context(), o.Actor(t, "leader"), service.FiguresQuery{From: date("2023-09-20"), To: date("2023-09-30")})
		if err != nil {
			t.Fatal(err)
		}
		if len(board.Weeks) != 2 || board.Weeks[0].From != date("2023-09-20") || board.Weeks[0].Frozen != nil || board.Weeks[1].To != date("2023-09-30") || board.Weeks[1].Number != 39 {
			t.Errorf("%+v", board.Weeks)
		}
		board, err = o.Dashboard(t.Context(), o.Actor(t, "leader"), service.FiguresQuery{From: date("2023-09-18"), To: date("2023-10-08")})
		if err != nil {
			t.Fatal(err)
		}
		if len(board.Weeks) != 2 || board.Weeks[0].Frozen == nil || board.Weeks[0].Frozen.Total.Solved != 1 || board.Weeks[1].Frozen != nil {
			t.Errorf("%+v", board.Weeks)
		}
		if len(board.Alarms) != 1 || board.Alarms[0].ID != late || board.Alarms[0].Light != ticket.Red || board.Alarms[0].Burns == nil {
			t.Errorf("%+v", board.Alarms)
		}
		// The week now and the one before, when it was as old.
		board, err = o.Dashboard(t.Context(), o.Actor(t, "leader"), service.FiguresQuery{From: date("2023-09-25"), To: date("2023-10-01")})
		if err != nil {
			t.Fatal(err)
		}
		if p := board.Previous; p.From != date("2023-09-18") || p.To != date("2023-09-24") || !p.AsOf.Equal(testkit.Moment(t, "2023-09-21 09:00")) || p.Total.Solved != 1 || board.Report.Total.Solved != 0 {
			t.Errorf("%+v", p)
		}
		for _, who := range []string{"admin", "guest"} {
			if _, err := o.Dashboard(t.Context(), o.Actor(t, who), service.FiguresQuery{}); ticketCode(err) != ticket.CodeForbidden {
				t.Errorf("%s: %v", who, err)
			}
		}
	})
}

func TestPeriodBefore(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		for period, want := range map[[2]string][2]string{
			{"2023-01-01", "2023-09-18"}: {"2022-01-01", "2022-09-18"},
			{"2024-01-01", "2024-02-29"}: {"2023-01-01", "2023-02-28"},
			{"2023-09-01", "2023-09-30"}: {"2023-08-01", "2023-08-31"},
			{"2023-03-01", "2023-03-30"}: {"2023-02-01", "2023-02-28"},
			{"2023-03-01", "2023-03-09"}: {"2023-02-01", "2023-02-09"},
			{"2023-09-11", "2023-09-17"}: {"2023-09-04", "2023-09-10"},
			{"2023-08-15", "2023-09-15"}: {"2023-07-14", "2023-08-14"},
		} {
			board, err := o.Dashboard(t.Context(), o.Actor(t, "desk"), service.FiguresQuery{From: date(period[0]), To: date(period[1])})
			if err != nil {
				t.Fatal(err)
			}
			if p := board.Previous; p.From != date(want[0]) || p.To != date(want[1]) {
				t.Errorf("before %v: %s to %s, want %v", period, p.From, p.To, want)
			}
		}
	})
}

func TestFigureMembersRefuses(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		leader := o.Actor(t, "leader")
		for _, bad := range []struct {
			q service.FiguresQuery
			m service.FigureMembersQuery
		}{
			{service.FiguresQuery{}, service.FigureMembersQuery{Figure: "happiness"}},
			{service.FiguresQuery{}, service.FigureMembersQuery{Figure: "solved", Part: figures.Numerator}},
			{service.FiguresQuery{}, service.FigureMembersQuery{Figure: "resolution_rate", Part: "both"}},
			{service.FiguresQuery{}, service.FigureMembersQuery{Figure: "resolution_rate", Key: "x"}},
			{service.FiguresQuery{By: figures.ByChain}, service.FigureMembersQuery{Figure: "resolution_rate"}},
			{service.FiguresQuery{By: "weather"}, service.FigureMembersQuery{Figure: "resolution_rate", Key: "x"}},
		} {
			if _, err := o.FigureMembers(t.Context(), leader, bad.q, bad.m); ticketCode(err) != ticket.CodeInvalidValue {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if _, err := o.FigureMembers(t.Context(), o.Actor(t, "admin"), service.FiguresQuery{}, service.FigureMembersQuery{Figure: "filed"}); ticketCode(err) != ticket.CodeForbidden {
			t.Errorf("admin: %v", err)
		}
		if _, err := o.FigureMembers(t.Context(), leader, service.FiguresQuery{}, service.FigureMembersQuery{Figure: "filed", Snapshot: "none"}); ticketCode(err) != ticket.CodeNotFound {
			t.Errorf("no snapshot: %v", err)
		}
	})
}
