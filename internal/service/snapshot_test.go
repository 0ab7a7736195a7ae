package service_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

func (d *district) freeze(want int) {
	d.tb.Helper()
	if n, err := d.Freeze(d.tb.Context()); err != nil || n != want {
		d.tb.Fatalf("froze %d, not %d: %v", n, want, err)
	}
}

func (d *district) snapshots(actor ticket.Actor, f store.SnapshotFilter) []service.SnapshotView {
	d.tb.Helper()
	views, err := d.Snapshots(d.tb.Context(), actor, f)
	if err != nil {
		d.tb.Fatal(err)
	}
	return views
}

func date(text string) worktime.Date {
	day, err := worktime.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return day
}

func TestFreezeCatchesUpOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		d.freeze(0) // nothing was ever filed
		d.solve(1)
		d.freeze(0) // no period has ended
		// Monday 4 September; nobody ran until the morning of 3 October.
		d.clock.Set(on("2023-10-03 00:05"))
		days, weeks, months := 29, 4, 1
		d.freeze(2*days + weeks + months)
		d.freeze(0)
		d.clock.Set(on("2023-10-04 00:05"))
		d.freeze(2)
		september := d.snapshots(theLeader, store.SnapshotFilter{Kind: figures.Monthly})
		if len(september) != 1 {
			t.Fatalf("%d months", len(september))
		}
		m := september[0]
		if m.FromDate != date("2023-09-01") || m.ToDate != date("2023-09-30") || !m.AsOf.Equal(on("2023-10-01 00:00").Add(-time.Microsecond)) {
			t.Errorf("September is %v as of %v", m.Period, m.AsOf)
		}
		if r := m.Figures.Total.Rates["resolution_rate"]; r != (figures.Ratio{Numerator: 1, Denominator: 1}) {
			t.Errorf("September's resolution rate is %v", r)
		}
		if weeks := d.snapshots(theLeader, store.SnapshotFilter{Kind: figures.Weekly, To: date("2023-09-10")}); len(weeks) != 1 || weeks[0].FromDate != date("2023-09-04") {
			t.Errorf("the first week: %+v", weeks)
		}
		if report := d.verify(); !report.OK() {
			t.Fatal(report.Faults)
		}
	})
}

func TestFreezingTwiceAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		d.solve(1)
		d.clock.Set(on("2023-09-14 00:05"))
		services := []*service.Service{d.Service, d.another(), d.another()}
		counts := make([]int, len(services))
		errs := make([]error, len(services))
		var all sync.WaitGroup
		for i, svc := range services {
			all.Go(func() { counts[i], errs[i] = svc.Freeze(t.Context()) })
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if sum := counts[0] + counts[1] + counts[2]; sum != 2*10+1 {
			t.Fatalf("froze %v", counts)
		}
		if report := d.verify(); !report.OK() {
			t.Fatal(report.Faults)
		}
	})
}

func TestCorrectionsStandBeside(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		open := d.file(1)
		d.clock.Set(on("2023-09-05 00:05"))
		d.freeze(2)
		// Told of on the 6th: the desk had turned it away on the 4th at noon.
		d.clock.Set(on("2023-09-06 10:00"))
		_, err := d.FireBackdated(t.Context(), theDesk, open.ID, service.Command{
			Event: ticket.EventReject, Input: ticket.RejectInput{ReasonCode: "other", Text: "请找税务局"},
		}, service.Backdated{At: on("2023-09-04 12:00")})
		if err != nil {
			t.Fatal(err)
		}
		daily := d.snapshots(theDesk, store.SnapshotFilter{Kind: figures.Daily})[0]
		view, err := d.Snapshot(t.Context(), theDesk, daily.ID)
		if err != nil {
			t.Fatal(err)
		}
		if view.Figures.Total.Tickets != 1 || view.Figures.Total.Filed != 1 {
			t.Errorf("the frozen figures have changed: %+v", view.Figures.Total)
		}
		i := slices.IndexFunc(view.Corrections, func(c figures.Difference) bool { return c.Group == "" && c.Figure == "resolution_rate" })
		if i < 0 || view.Corrections[i].Was.String() != "0 / 1" || view.Corrections[i].Is.String() != "0 / 0" {
			t.Errorf("corrections: %+v", view.Corrections)
		}
		if report := d.verify(); !report.OK() {
			t.Fatal(report.Faults)
		}
		// Later the same day nothing of the 4th changes any more.
		d.clock.Set(on("2023-09-07 00:05"))
		d.freeze(4)
		yesterday := d.snapshots(theDesk, store.SnapshotFilter{Kind: figures.YearToDate, From: date("2023-09-06")})[0]
		if view, err = d.Snapshot(t.Context(), theDesk, yesterday.ID); err != nil || len(view.Corrections) != 0 || view.Figures.Total.Excluded["rejected"] != 1 {
			t.Errorf("%+v, %v", view, err)
		}
	})
}

func TestMonthsOpenToTheirTickets(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		solved, other := d.solve(1), d.file(2)
		d.clock.Set(on("2023-10-01 00:05"))
		d.freeze(2*27 + 3 + 1)
		// What happens afterwards changes neither.
		d.fire(theDesk, other.ID, ticket.EventReject, ticket.RejectInput{ReasonCode: "other", Text: "请找税务局"})
		for _, kind := range []figures.Kind{figures.Monthly, figures.YearToDate} {
			month := d.snapshots(theLeader, store.SnapshotFilter{Kind: kind, From: date("2023-09-30")})[0]
			members := func(q service.MembersQuery) []string {
				q.Limit = 1
				var ids []string
				for {
					page, err := d.SnapshotMembers(t.Context(), theLeader, month.ID, q)
					if err != nil {
						t.Fatal(err)
					}
					if len(page) == 0 {
						return ids
					}
					ids = append(ids, page[0].Ticket.ID)
					q.After = &store.MemberPosition{TicketID: page[0].TicketID, Item: page[0].Item}
				}
			}
			if got := members(service.MembersQuery{Figure: "resolution_rate"}); !slices.Equal(got, []string{solved.ID, other.ID}) {
				t.Errorf("%s denominator: %v", kind, got)
			}
			if got := members(service.MembersQuery{Figure: "resolution_rate", Numerator: true}); !slices.Equal(got, []string{solved.ID}) {
				t.Errorf("%s numerator: %v", kind, got)
			}
			if got := members(service.MembersQuery{Figure: "response_rate", Numerator: true}); !slices.Equal(got, []string{solved.ID}) {
				t.Errorf("%s response: %v", kind, got)
			}
			var refused *ticket.Error
			for _, c := range []struct {
				actor ticket.Actor
				id    string
				q     service.MembersQuery
				code  ticket.Code
			}{
				{headOf(1), month.ID, service.MembersQuery{Figure: "resolution_rate"}, ticket.CodeForbidden},
				{ownerOf(1), month.ID, service.MembersQuery{Figure: "resolution_rate"}, ticket.CodeForbidden},
				{theLeader, month.ID, service.MembersQuery{Figure: "tickets"}, ticket.CodeInvalidValue},
				{theLeader, "nothing", service.MembersQuery{Figure: "resolution_rate"}, ticket.CodeNotFound},
				{theLeader, d.snapshots(theLeader, store.SnapshotFilter{Kind: figures.Daily})[0].ID, service.MembersQuery{Figure: "resolution_rate"}, ticket.CodeNotFound},
			} {
				if _, err := d.SnapshotMembers(t.Context(), c.actor, c.id, c.q); !errors.As(err, &refused) || refused.Code != c.code {
					t.Errorf("%s asking %+v: %v", c.actor.ID, c.q, err)
				}
			}
		}
	})
}

func TestWhoReadsWhichGroups(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		d.solve(1)
		d.solve(2)
		d.clock.Set(on("2023-09-05 00:05"))
		d.freeze(2)
		for _, c := range []struct {
			actor  ticket.Actor
			groups []string
		}{
			{theLeader, []string{"d1", "d2"}},
			{theDesk, []string{"d1", "d2"}},
			{headOf(2), []string{"d2"}},
			{headOf(3), nil},
			{ownerOf(1), nil},
			{ticket.Actor{ID: "admin", Role: ticket.RoleAdmin}, nil},
		} {
			for _, listed := range d.snapshots(c.actor, store.SnapshotFilter{}) {
				one, err := d.Snapshot(t.Context(), c.actor, listed.ID)
				if err != nil {
					t.Fatal(err)
				}
				for _, view := range []service.SnapshotView{listed, one} {
					var groups []string
					for _, g := range view.Figures.Groups {
						groups = append(groups, g.Key)
					}
					slices.Sort(groups)
					if !slices.Equal(groups, c.groups) || view.Figures.Total.Solved != 2 {
						t.Errorf("%s reads %v and %d solved", c.actor.ID, groups, view.Figures.Total.Solved)
					}
				}
			}
		}
	})
}

func TestTickRunsOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		due := on("2023-09-05 00:05")
		services := []*service.Service{d.Service, d.another()}
		var mu sync.Mutex
		worked := 0
		var all sync.WaitGroup
		for _, svc := range services {
			all.Go(func() {
				_, err := svc.Tick(t.Context(), "freeze", due, func(context.Context) error {
					mu.Lock()
					defer mu.Unlock()
					worked++
					return errors.New("no luck")
				})
				if err != nil && err.Error() != "no luck" {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if worked != 1 {
			t.Fatalf("worked %d times", worked)
		}
		if got := d.text("SELECT error FROM ticks WHERE job = 'freeze' AND ended_at IS NOT NULL"); got != "no luck" {
			t.Errorf("kept %q", got)
		}
		if ran, err := d.Tick(t.Context(), "freeze", due.Add(24*time.Hour), func(context.Context) error { return nil }); !ran || err != nil {
			t.Errorf("the next tick: %v %v", ran, err)
		}
	})
}

func TestSuspendedGoesOnWhenItsReviewHasCome(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		suspended := d.file(1)
		d.fire(theDesk, suspended.ID, ticket.EventAccept, nil)
		d.fire(theDesk, suspended.ID, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d1"})
		d.fire(headOf(1), suspended.ID, ticket.EventClaim, nil)
		d.fire(headOf(1), suspended.ID, ticket.EventRequestSuspension, ticket.RequestSuspensionInput{Condition: "等土地", ReviewDate: date("2023-09-30")})
		d.fire(theDesk, suspended.ID, ticket.EventDecideSuspension, ticket.DecideInput{Approve: true})
		resume := func(at string, want int) {
			t.Helper()
			d.clock.Set(on(at))
			if n, err := d.ResumeDue(t.Context()); err != nil || n != want {
				t.Fatalf("%s: %d resumed, %v", at, n, err)
			}
		}
		// 30 September is a holiday; Saturday 7 October is worked.
		resume("2023-09-29 23:59", 0)
		resume("2023-09-30 09:00", 0)
		resume("2023-10-07 08:59", 0)
		resume("2023-10-10 03:00", 1) // nobody looked on the 7th
		resume("2023-10-10 03:01", 0)
		view, err := d.Ticket(t.Context(), theDesk, suspended.ID)
		if err != nil || view.State != ticket.Resolving {
			t.Fatalf("%v %v", view, err)
		}
	})
}
