package service_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

const benchTickets = 5000

// year fills a district with a year of tickets, nearly all solved.
func year(b *testing.B, cfg store.Config) *district {
	b.Helper()
	d := newDistrict(b, cfg)
	start := on("2022-11-01 09:00")
	d.clock.Set(start)
	err := d.Batch(b.Context(), func(batch *service.Batch) error {
		for i := range benchTickets {
			at := start.Add(time.Duration(i) * (365 * 24 * time.Hour / benchTickets))
			n := i%3 + 1
			next := func() service.Backdated {
				at = at.Add(time.Hour)
				return service.Backdated{At: at}
			}
			id, err := batch.File(ownerOf(n), ticket.SubmitInput{Title: "缺工人", Description: "招不到工人", Category: "labour"}, next())
			if err != nil {
				return err
			}
			for _, step := range []struct {
				actor ticket.Actor
				event ticket.Event
				in    ticket.Input
			}{
				{theDesk, ticket.EventAccept, nil},
				{theDesk, ticket.EventDispatch, ticket.DispatchInput{LeadID: fmt.Sprintf("d%d", n)}},
				{headOf(n), ticket.EventClaim, nil},
				{headOf(n), ticket.EventWhistle, ticket.WhistleInput{DepartmentIDs: []string{fmt.Sprintf("d%d", n%3+1)}, Question: "怎么办？"}},
				{headOf(n%3 + 1), ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "能办"}},
				{headOf(n), ticket.EventConclude, ticket.ConcludeInput{Minutes: "议定"}},
				{headOf(n), ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "招到了"}},
				{ownerOf(n), ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5}},
			} {
				if i%17 == 0 && step.event == ticket.EventResolve {
					break // still in progress
				}
				if err := batch.Fire(step.actor, id, service.Command{Event: step.event, Input: step.in}, next()); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	d.clock.Set(on("2023-11-01 08:30"))
	return d
}

func benchBoth(b *testing.B, bench func(b *testing.B, d *district)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, year(b, store.Config{Dir: b.TempDir()})) })
	b.Run("postgres", func(b *testing.B) { bench(b, year(b, postgresConfig(b))) })
}

func BenchmarkFigures(b *testing.B) {
	benchBoth(b, func(b *testing.B, d *district) {
		for _, by := range []figures.Cut{figures.ByNothing, figures.ByDepartment} {
			b.Run("by="+string(by), func(b *testing.B) {
				for b.Loop() {
					if _, err := d.Figures(context.Background(), theLeader, service.FiguresQuery{By: by}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}

// BenchmarkTrust runs each of the long works once over the same year, and says
// how many seconds it took.
func BenchmarkTrust(b *testing.B) {
	ctx := context.Background()
	benchBoth(b, func(b *testing.B, d *district) {
		for b.Loop() {
			for name, work := range map[string]func() error{
				"freeze":  func() error { _, err := d.Freeze(ctx); return err },
				"verify":  func() error { _, err := d.Verify(ctx, nil); return err },
				"recount": func() error { _, err := d.Recount(ctx, nil); return err },
			} {
				start := time.Now()
				if err := work(); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(time.Since(start).Seconds(), "s/"+name)
			}
		}
	})
}
