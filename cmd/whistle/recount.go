package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"whistle/internal/jobs"
	"whistle/internal/service"
)

func (c *command) recount() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "recount",
		Short: "count the figures again from the history",
		Long: `recount replays every ticket's history, derives what the figures count at every
line, compares that with what is stored, and counts the figures of this year,
this month and last year over both. It names each difference and exits with 1 if
there is one.`,
		Example: "  whistle recount --data-dir /var/lib/whistle",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(svc *service.Service) error {
				progress, done := progressOn(cmd.ErrOrStderr(), "recounting")
				var report *service.RecountReport
				var failed error
				// What it finds is written down like a nightly one, for doctor.
				_, err := svc.Tick(cmd.Context(), jobs.Recount, svc.Now(), func(ctx context.Context) error {
					if report, failed = svc.Recount(ctx, progress); failed != nil {
						return failed
					}
					return report.Err()
				})
				done()
				if report == nil || failed != nil {
					return err // which says what failed
				}
				var lines []string
				for _, f := range report.Faults {
					lines = append(lines, f.String())
				}
				for _, d := range report.Drifts {
					lines = append(lines, fmt.Sprintf("ticket %s (%s): %s", d.Number, d.TicketID, d.Discrepancy))
				}
				for _, f := range report.Figures {
					lines = append(lines, fmt.Sprintf("%s of %s to %s: stored %s, by the history %s", f.Figure, f.From, f.To, f.Stored, f.Counted))
				}
				summary := fmt.Sprintf("%d tickets, %d history lines: %d differences", report.Tickets, report.Lines, len(lines))
				return tellFound(cmd.OutOrStdout(), report, report.OK(), asJSON, append(lines, summary))
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the whole report as JSON")
	return cmd
}
