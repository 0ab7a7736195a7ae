package store_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// TestWorklistsAreWithinSight draws tickets in any state and with any parties,
// and actors of any kind: a worklist shows only what its reader may see, its
// count is the length of the list, and the pages of the list are the list.
func TestWorklistsAreWithinSight(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
		listed := map[store.WorklistName]int{}
		rapid.Check(t, func(rt *rapid.T) {
			for range 2 {
				if err := insert(t.Context(), d, drawOwed(rt, d)); err != nil {
					rt.Fatal(err)
				}
			}
			drawn := drawActor(rt, d)
			now := time.Date(2023, 9, 27, rapid.IntRange(0, 6).Draw(rt, "hour"), 0, 0, 0, time.UTC)
			// By chance alone some role would hardly ever meet a ticket of its own.
			for _, role := range ticket.Roles() {
				actor := drawn
				actor.Role = role
				lists := store.WorklistsOf(actor)
				counts, err := d.Store.CountWorklists(t.Context(), actor, lists, now)
				if err != nil {
					rt.Fatal(err)
				}
				for i, w := range lists {
					whole, err := d.Store.WorklistTickets(t.Context(), actor, w, store.WorklistFilter{}, now)
					if err != nil {
						rt.Fatal(err)
					}
					listed[w.Name] += len(whole)
					want := store.LightCount{Count: len(whole)}
					for _, one := range whole {
						if !actor.Sees(one) {
							rt.Fatalf("%s shows %+v what it does not see: %+v", w.Name, actor, one)
						}
						switch _, light := ticket.Burning(w.Owed(actor, one), now); light {
						case ticket.Red:
							want.Red++
						case ticket.Yellow:
							want.Yellow++
						case ticket.Green, "":
						}
					}
					if counts[i] != (store.WorklistCount{Name: w.Name, LightCount: want}) {
						rt.Fatalf("%s of %+v: counted %+v, listed %+v", w.Name, actor, counts[i], want)
					}
					if role != drawn.Role {
						continue
					}
					for light, n := range map[ticket.Light]int{ticket.Red: want.Red, ticket.Yellow: want.Yellow} {
						some, err := d.Store.WorklistTickets(t.Context(), actor, w, store.WorklistFilter{Light: light}, now)
						if err != nil || len(some) != n {
							rt.Fatalf("%s, %s: %d tickets, want %d: %v", w.Name, light, len(some), n, err)
						}
					}
					if got := paged(t, d, actor, w, now); !slices.Equal(got, ids(whole)) {
						rt.Fatalf("%s by pages of 40 is not the list:\n%v\n%v", w.Name, got, ids(whole))
					}
				}
			}
		})
		for _, role := range append(ticket.Roles(), ticket.RoleSystem) {
			everything := ticket.Actor{Role: role, DepartmentID: "d", EnterpriseID: "e", Deputy: true, Manages: []string{"e"}, Teams: []string{"p"}}
			for _, w := range store.WorklistsOf(everything) {
				if listed[w.Name] == 0 {
					t.Errorf("%s was never but empty: the draw is too narrow", w.Name)
				}
			}
		}
	})
}

func ids(tickets []*ticket.Ticket) []string {
	all := []string{}
	for _, t := range tickets {
		all = append(all, t.ID)
	}
	return all
}

// paged reads a worklist by pages.
func paged(t *testing.T, d *testkit.District, actor ticket.Actor, w store.Worklist, now time.Time) []string {
	t.Helper()
	all := []string{}
	f := store.WorklistFilter{Limit: 40}
	for {
		page, err := d.Store.WorklistTickets(t.Context(), actor, w, f, now)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, ids(page)...)
		if len(page) < f.Limit {
			return all
		}
		last := w.Position(actor, page[len(page)-1])
		f.After = &last
	}
}

// drawOwed is a drawn ticket that owes and is owed something.
func drawOwed(rt *rapid.T, d *testkit.District) *ticket.Ticket {
	one := drawTicket(rt, d)
	hour := func(what string) time.Time {
		return time.Date(2023, 9, 27, rapid.IntRange(0, 6).Draw(rt, what), 0, 0, 0, time.UTC)
	}
	one.FiledAt, one.UpdatedAt = hour("filed"), hour("updated")
	one.AssigneeID = d.Users[oneOf(rt, "assignee", people...)].ID
	one.ChargeID = d.Users[oneOf(rt, "charge", people...)].ID
	one.OnLedger = rapid.Bool().Draw(rt, "ledger")
	for _, name := range []ticket.ClockName{ticket.ClockAccept, ticket.ClockDispatch, ticket.ClockClaim, ticket.ClockResolve, ticket.ClockVerify, ticket.ClockAnswer} {
		if !rapid.Bool().Draw(rt, string(name)) {
			continue
		}
		c := ticket.Clock{Name: name, StartedAt: one.FiledAt, YellowAt: hour("yellow")}
		c.DueAt = c.YellowAt.Add(time.Hour)
		switch rapid.IntRange(0, 4).Draw(rt, "how") {
		case 0:
			c.Pauses = []ticket.Pause{{From: one.FiledAt}}
		case 1:
			c.MissedAt = &one.FiledAt
		case 2:
			c.MetAt = &one.FiledAt
		}
		one.Clocks = append(one.Clocks, c)
	}
	for _, id := range someOf(rt, "task", departments(d)...) {
		task := ticket.Task{ID: id, DepartmentID: id, State: ticket.TaskOpen}
		if rapid.Bool().Draw(rt, "due") {
			due := hour("task due")
			task.DueAt = &due
		}
		one.Tasks = append(one.Tasks, task)
	}
	for _, kind := range []ticket.RequestKind{ticket.ForExtension, ticket.ForSuspension, ticket.ForWhistle} {
		if rapid.Bool().Draw(rt, string(kind)) {
			one.Requests = append(one.Requests, ticket.Request{Kind: kind, State: ticket.RequestPending})
		}
	}
	return one
}
