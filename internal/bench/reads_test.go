package bench_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// reads are what the pages read beside a ticket and a list of them, with the
// most statements that each may take, however much there is to show.
func (y *year) reads(tb testing.TB) []read {
	tb.Helper()
	who := func(name string) ticket.Actor { return y.Actor(tb, name) }
	all := []read{
		{"bulletin", 17, func(ctx context.Context, _ int) error {
			_, err := y.Bulletin(ctx, who("leader"), figures.Monthly, worktime.Date{Year: 2023, Month: time.September, Day: 15})
			return err
		}},
		{"board", 5, func(ctx context.Context, rows int) error {
			_, err := y.Board(ctx, who("desk"), service.WorklistFilter{Limit: rows})
			return err
		}},
		{"holders", 6, func(ctx context.Context, _ int) error {
			_, err := y.Holders(ctx, who("lead-head"))
			return err
		}},
		{"looked-after", 6, func(ctx context.Context, _ int) error {
			_, err := y.LookedAfter(ctx, who("manager"))
			return err
		}},
		{"enterprise-page", 18, func(ctx context.Context, _ int) error {
			_, err := y.EnterprisePage(ctx, who("desk"), y.Enterprises["own"], text.Chinese)
			return err
		}},
		{"proposals", 13, func(ctx context.Context, _ int) error {
			_, err := y.Proposals(ctx, who("desk"), y.some[0])
			return err
		}},
		{"dashboard", 14, func(ctx context.Context, _ int) error {
			_, err := y.Dashboard(ctx, who("leader"), service.FiguresQuery{})
			return err
		}},
		{"figure-members", 5, func(ctx context.Context, rows int) error {
			_, err := y.FigureMembers(ctx, who("leader"), service.FiguresQuery{}, service.FigureMembersQuery{Figure: "resolution_rate", Limit: rows})
			return err
		}},
	}
	for _, name := range []string{"own", "manager", "desk", "lead-officer", "lead-head", "leader"} {
		actor := who(name)
		all = append(all, read{"worklists of " + name, 1, func(ctx context.Context, _ int) error {
			_, err := y.Worklists(ctx, actor)
			return err
		}})
		for _, list := range store.WorklistsOf(actor) {
			all = append(all, read{fmt.Sprintf("worklist %s of %s", list.Name, name), 4, func(ctx context.Context, rows int) error {
				_, err := y.Worklist(ctx, actor, list.Name, service.WorklistFilter{Limit: rows})
				return err
			}})
		}
	}
	return all
}

type read struct {
	name string
	most int
	// read reads at most so many rows, where there are rows.
	read func(ctx context.Context, rows int) error
}

// TestReadStatements holds every read to its number of statements, with few
// rows and with many.
func TestReadStatements(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		y := newYear(t, cfg, 200)
		y.giveBack(t, 8)
		for step := range y.steps(t, y.labour(t)) {
			y.standing(t, 30, step)
		}
		y.whistle(t, y.standing(t, 30, 4))
		if _, err := y.Freeze(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, r := range y.reads(t) {
			statements := func(rows int) []string {
				return y.statements.of(func() {
					if err := r.read(t.Context(), rows); err != nil {
						t.Fatalf("%s: %v", r.name, err)
					}
				})
			}
			statements(50) // the first time fills what is remembered, such as the calendar
			few, many := statements(5), statements(50)
			if len(few) != len(many) || len(many) > r.most {
				t.Errorf("%s: %d statements for few rows, %d for many, at most %d:\n%s", r.name, len(few), len(many), r.most, strings.Join(slices.Concat(few, many), "\n"))
			}
		}
	})
}

// whistle has labour summon fire to tickets that it works on.
func (y *year) whistle(t *testing.T, ids []string) {
	t.Helper()
	for _, id := range ids {
		if _, err := y.Fire(t.Context(), y.Actor(t, "lead-officer"), id, service.Command{
			Event: ticket.EventWhistle, Input: ticket.WhistleInput{DepartmentIDs: []string{y.Departments["fire"]}, Question: "能否先行？"},
		}); err != nil {
			t.Fatal(err)
		}
	}
}
