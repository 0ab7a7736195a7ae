package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"whistle/internal/figures"
	"whistle/internal/rest"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

func (c *command) figures() *cobra.Command {
	var from, to, asOf, by string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "figures",
		Short: "count the figures of a period as they stood at a moment",
		Long: `figures counts the tickets filed from one day to another, both included, as they
stood at --as-of (now by default; a moment or the end of a day).`,
		Example: `  whistle figures --from 2023-01-01 --to 2023-12-31
  whistle figures --from 2023-01-01 --to 2023-12-31 --by department --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// Looked at before anything is opened: a wrong call makes no database.
			q := service.FiguresQuery{By: figures.Cut(by)}
			var err error
			for _, d := range []struct {
				name, text string
				into       *worktime.Date
			}{{"from", from, &q.From}, {"to", to, &q.To}} {
				if d.text != "" {
					if *d.into, err = worktime.ParseDate(d.text); err != nil {
						return usageError{fmt.Errorf("--%s must be a day, YYYY-MM-DD", d.name)}
					}
				}
			}
			if asOf != "" {
				if q.AsOf, err = rest.ParseMoment(asOf, c.cfg.Location()); err != nil {
					return usageError{fmt.Errorf("--as-of %w", err)}
				}
			}
			return c.with(cmd.Context(), func(svc *service.Service) error {
				report, err := svc.Figures(cmd.Context(), ticket.System, q)
				if err != nil {
					return badUse(err)
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), rest.FiguresOf(report, svc.Zone()))
				}
				report.AsOf = report.AsOf.In(svc.Zone())
				return printFigures(cmd.OutOrStdout(), report)
			})
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "first day, YYYY-MM-DD; by default the 1 January of the last day's year")
	cmd.Flags().StringVar(&to, "to", "", "last day, included; by default today")
	cmd.Flags().StringVar(&asOf, "as-of", "", "as they stood then: a moment (RFC 3339) or the end of a day; by default now")
	cmd.Flags().StringVar(&by, "by", "", "group by department, chain, category, place, source or enterprise")
	cmd.Flags().BoolVar(&asJSON, "json", false, "the API's JSON")
	return cmd
}

func printFigures(out io.Writer, r *figures.Report) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "%s – %s, as of %s\n", r.From, r.To, r.AsOf.Format("2006-01-02 15:04:05 -07:00"))
	printCounts(w, "", r.Total)
	for _, g := range r.Groups {
		name := g.Name
		if name == "" {
			name = g.Key
		}
		fmt.Fprintf(w, "\n%s\n", name)
		printCounts(w, "  ", g.Counts)
	}
	return w.Flush()
}

func printCounts(w io.Writer, indent string, c figures.Counts) {
	fmt.Fprintf(w, "%stickets %d\tfiled %d\tsolved %d\tin progress %d\n", indent, c.Tickets, c.Filed, c.Solved, c.InProgress)
	for _, d := range figures.Rates() {
		ratio := c.Rates[d.Name]
		percent := ratio.Percent()
		if percent == "" {
			percent = "no figure"
		} else {
			percent += " %"
		}
		if low, high, ok := ratio.Interval(); ok {
			percent += fmt.Sprintf(" (%s–%s)", low, high)
		}
		fmt.Fprintf(w, "%s%s\t%s\t%d / %d\t%s\n", indent, d.Chinese, d.Name, ratio.Numerator, ratio.Denominator, percent)
	}
	if h := c.Handling; h.Count > 0 {
		fmt.Fprintf(w, "%s办理时长\thandling_hours\tmedian %.2f, p90 %.2f, mean %.2f\n", indent, h.Median, h.P90, h.Mean)
	}
}
