package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// TestScopeIsSight holds what the database finds for an actor to the rule that
// it says again in SQL: for any ticket and any actor the two agree, in the
// list and for the one ticket alike.
func TestScopeIsSight(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
		seen, unseen := 0, 0
		rapid.Check(t, func(rt *rapid.T) {
			one := drawTicket(rt, d)
			if err := insert(t.Context(), d, one); err != nil {
				rt.Fatal(err)
			}
			kept, err := d.Store.Ticket(t.Context(), ticket.System, one.ID)
			if err != nil {
				rt.Fatal(err)
			}
			for range 8 {
				actor := drawActor(rt, d)
				want := actor.Sees(kept)
				listed, err := d.Store.Tickets(t.Context(), actor, store.TicketFilter{IDs: []string{one.ID}, Limit: 2})
				if err != nil {
					rt.Fatal(err)
				}
				_, err = d.Store.Ticket(t.Context(), actor, one.ID)
				if got := len(listed) == 1; got != want || (err == nil) != want {
					rt.Fatalf("listed %t, read %v, want %t: %+v sees %+v", got, err, want, actor, kept)
				}
				// A list of how tickets stand has those that one sees as they do.
				all, err := d.Store.WorklistTickets(t.Context(), actor, store.SeenList, store.WorklistFilter{}, d.Clock.Now())
				if err != nil {
					rt.Fatal(err)
				}
				present := actor.RelationsTo(kept, nil)&(ticket.Own|ticket.Offices)&^ticket.FormerLeadOf != 0
				if got := slices.ContainsFunc(all, func(one *ticket.Ticket) bool { return one.ID == kept.ID }); got != present {
					rt.Fatalf("in a worklist %t, want %t: %+v sees %+v", got, present, actor, kept)
				}
				if want && !actor.SeesAll() {
					seen++
				} else if !want {
					unseen++
				}
			}
		})
		if seen == 0 || unseen == 0 {
			t.Errorf("%d seen, %d unseen: the draw is too narrow", seen, unseen)
		}
	})
}

// TestPagesOfAList holds the pages of a list, which are read by each way in
// which its tickets come into sight, to the whole list: none is left out, told
// twice or out of order.
func TestPagesOfAList(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
		paged := 0
		rapid.Check(t, func(rt *rapid.T) {
			for range 3 {
				one := drawTicket(rt, d)
				one.FiledAt = one.FiledAt.Add(time.Duration(rapid.IntRange(0, 20).Draw(rt, "filed")) * time.Minute)
				if err := insert(t.Context(), d, one); err != nil {
					rt.Fatal(err)
				}
			}
			actor := drawActor(rt, d)
			filter := store.TicketFilter{}
			if rapid.Bool().Draw(rt, "of one enterprise") {
				filter.EnterpriseID = d.Enterprises["own"]
			}
			all, err := d.Store.Tickets(t.Context(), actor, filter)
			if err != nil {
				rt.Fatal(err)
			}
			whole := ids(all)
			filter.Limit = rapid.IntRange(1, 9).Draw(rt, "a page")
			var read []string
			for len(read) < len(whole) {
				page, err := d.Store.Tickets(t.Context(), actor, filter)
				if err != nil {
					rt.Fatal(err)
				}
				if len(page) == 0 {
					break
				}
				read = append(read, ids(page)...)
				last := page[len(page)-1]
				filter.After = &store.Position{FiledAt: last.FiledAt, ID: last.ID}
			}
			if !slices.Equal(read, whole) {
				rt.Fatalf("%d in pages of %d, %d in the whole list of %+v:\n%q\n%q", len(read), filter.Limit, len(whole), actor, read, whole)
			}
			if !actor.SeesAll() && len(whole) > 2*filter.Limit {
				paged++
			}
		})
		if paged == 0 {
			t.Error("no list of anybody who does not see all had three pages")
		}
	})
}

var people = []string{"own", "manager", "expert", "guest", "lead-officer"}

func oneOf(rt *rapid.T, what string, from ...string) string {
	return rapid.SampledFrom(from).Draw(rt, what)
}

func someOf(rt *rapid.T, what string, from ...string) []string {
	return slices.DeleteFunc(slices.Clone(from), func(string) bool { return !rapid.Bool().Draw(rt, what) })
}

func departments(d *testkit.District) []string {
	return []string{d.Departments["labour"], d.Departments["land"], d.Departments["fire"], d.Departments["water"]}
}

// drawTicket makes a ticket that is in any state with any parties, whether or
// not a history leads there: the two rules must agree on all.
func drawTicket(rt *rapid.T, d *testkit.District) *ticket.Ticket {
	var states []ticket.State
	for _, info := range ticket.States() {
		states = append(states, info.State)
	}
	at := time.Date(2023, 9, 27, 2, 0, 0, 0, time.UTC)
	id := uuid.NewString()
	one := &ticket.Ticket{Core: ticket.Core{
		ID: id, Number: id, Title: "t", Description: "d", Category: "labour", Urgency: ticket.Normal, Source: ticket.SourceWeb,
		Confidential: rapid.Bool().Draw(rt, "confidential"),
		EnterpriseID: oneOf(rt, "enterprise", d.Enterprises["own"], d.Enterprises["other"]),
		ProjectID:    oneOf(rt, "project", "", d.Projects["plant"]),
		FiledBy:      d.Users[oneOf(rt, "filed by", people...)].ID, FiledAt: at, UpdatedAt: at,
		State:         rapid.SampledFrom(states).Draw(rt, "state"),
		LeadID:        oneOf(rt, "lead", append(departments(d), "")...),
		PolicyVersion: 1, CalendarVersion: 1, Version: 1, HeadHash: "head",
	}}
	one.CoDepartments = someOf(rt, "co", departments(d)...)
	for _, former := range someOf(rt, "former", departments(d)...) {
		one.FormerLeads = append(one.FormerLeads, ticket.FormerLead{DepartmentID: former, Version: 1})
	}
	one.Round = rapid.IntRange(0, 2).Draw(rt, "round")
	for round := 1; round <= one.Round; round++ {
		for _, summoned := range someOf(rt, "summoned", departments(d)...) {
			one.Clocks = append(one.Clocks, ticket.Clock{Name: ticket.ClockReportIn, DepartmentID: summoned, StartedAt: at, DueAt: at, YellowAt: at})
			one.Summons = append(one.Summons, ticket.Summons{Round: round, DepartmentID: summoned, At: at, Clock: len(one.Clocks) - 1})
		}
		for _, expert := range someOf(rt, "expert", people...) {
			one.Experts = append(one.Experts, ticket.Expert{UserID: d.Users[expert].ID, Round: round})
		}
	}
	return one
}

// drawActor makes an account with any role, and any assignments, even those
// that no account of the role would be given.
func drawActor(rt *rapid.T, d *testkit.District) ticket.Actor {
	return ticket.Actor{
		ID:           d.Users[oneOf(rt, "account", people...)].ID,
		Role:         rapid.SampledFrom(append(ticket.Roles(), ticket.RoleSystem)).Draw(rt, "role"),
		EnterpriseID: oneOf(rt, "of enterprise", "", d.Enterprises["own"], d.Enterprises["other"]),
		DepartmentID: oneOf(rt, "of department", append(departments(d), "")...),
		Deputy:       rapid.Bool().Draw(rt, "deputy"),
		Manages:      someOf(rt, "manages", d.Enterprises["own"], d.Enterprises["other"]),
		Teams:        someOf(rt, "team", d.Projects["plant"]),
		Stations:     someOf(rt, "station", d.Departments["station"]),
	}
}

func insert(ctx context.Context, d *testkit.District, one *ticket.Ticket) error {
	return d.Store.InTx(ctx, func(ctx context.Context) error {
		serial, err := d.Store.NextSerial(ctx)
		if err != nil {
			return err
		}
		line := &ticket.Line{
			TicketID: one.ID, Seq: 1, Event: ticket.EventSubmit, At: one.FiledAt, RecordedAt: one.FiledAt,
			Actor: ticket.ActorRef{ID: one.FiledBy}, To: one.State, Canonical: fmt.Sprintf("{%q}", one.ID), Hash: one.ID,
		}
		return d.Store.InsertTicket(ctx, serial, one, line)
	})
}
