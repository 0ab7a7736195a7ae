package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"whistle/internal/app"
	"whistle/internal/clock"
	"whistle/internal/service"
)

// doctorPatience is how long the histories are looked at without --all.
const doctorPatience = 20 * time.Second

func (c *command) doctor() *cobra.Command {
	var format string
	var all bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "look at everything that the service needs, and say what to do",
		Long: `doctor looks at the database, migrations, clock, calendar, queue, the figures' last
recount, histories, mail, sign-in providers and the attachments' storage, with the
settings that the service has, and says of each how it is and what to do. It changes
nothing, and may be run while the service runs; when the database is away it says so
and goes on with the rest.

Each is ok, look (somebody should, soon), wrong, or unknown when it could not be
looked at. Exit codes: 0 nothing is wrong, 1 something is wrong, 2 called wrongly.
Histories are verified for 20 seconds at the most unless --all is given.`,
		Example: `  whistle doctor --data-dir /var/lib/whistle
  whistle doctor --format json | jq -r '.findings[] | select(.health != "ok") | .todo'`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return usageError{errors.New("--format must be text or json")}
			}
			patience := doctorPatience
			if all {
				patience = 0
			}
			progress, done := progressOn(cmd.ErrOrStderr(), "histories")
			found, err := app.Examine(cmd.Context(), c.cfg, clock.Wall{}, patience, progress)
			done()
			if err != nil {
				return err
			}
			return tellExamined(cmd.OutOrStdout(), found, format == "json")
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	cmd.Flags().BoolVar(&all, "all", false, "verify all histories, however long it takes")
	return cmd
}

func tellExamined(out io.Writer, found []service.Finding, asJSON bool) error {
	ok := true
	var lines []string
	for _, f := range found {
		ok = ok && f.Health != service.Wrong
		lines = append(lines, fmt.Sprintf("%-8s %-11s %s", f.Health, f.Part, f.Found))
		if f.Todo != "" {
			lines = append(lines, fmt.Sprintf("%-8s %-11s → %s", "", "", f.Todo))
		}
	}
	return tellFound(out, map[string]any{"ok": ok, "findings": found}, ok, asJSON, lines)
}
