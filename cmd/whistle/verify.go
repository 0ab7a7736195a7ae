package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"whistle/internal/service"
)

func (c *command) verify() *cobra.Command {
	var from string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "check that the history is whole and everything follows from it",
		Long: `verify walks every ticket's history: each line's hash, the links between the lines,
the texts, and the last lines that were there whenever figures were frozen. It
replays each history, compares the result with the stored ticket and its clocks,
and counts every frozen figure again. It names what is wrong and exits with 1.

With --from it checks an export without the database.`,
		Example: `  whistle verify --data-dir /var/lib/whistle
  whistle export history --format jsonl --out history.jsonl && whistle verify --from history.jsonl`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from != "" {
				report, err := verifyFile(from)
				if err != nil {
					return err
				}
				return tellVerified(cmd.OutOrStdout(), report, asJSON)
			}
			return c.with(cmd.Context(), func(svc *service.Service) error { return verify(cmd, svc, asJSON) })
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "check this export of the history instead of the database; - for the standard input")
	cmd.Flags().BoolVar(&asJSON, "json", false, "the whole report as JSON")
	return cmd
}

func verifyFile(name string) (*service.VerifyReport, error) {
	if name == "-" {
		return service.VerifyExport(os.Stdin)
	}
	file, err := os.Open(name) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, usageError{err}
	}
	report, err := service.VerifyExport(file)
	if closing := file.Close(); err == nil {
		err = closing
	}
	return report, err
}

// verify verifies the database and tells what it found.
func verify(cmd *cobra.Command, svc *service.Service, asJSON bool) error {
	progress, done := progressOn(cmd.ErrOrStderr(), "verifying")
	report, err := svc.Verify(cmd.Context(), progress)
	done()
	if err != nil {
		return err
	}
	return tellVerified(cmd.OutOrStdout(), report, asJSON)
}

func tellVerified(out io.Writer, r *service.VerifyReport, asJSON bool) error {
	lines := make([]string, len(r.Faults))
	for i, f := range r.Faults {
		lines[i] = f.String()
	}
	summary := fmt.Sprintf("%d tickets, %d history lines (%d with texts removed), %d heads, %d snapshots: %d faults",
		r.Tickets, r.Lines, r.Redacted, r.Heads, r.Snapshots, len(r.Faults))
	return tellFound(out, r, r.OK(), asJSON, append(lines, summary))
}

// tellFound prints what a check found, and fails when that is something.
func tellFound(out io.Writer, report any, ok, asJSON bool, lines []string) error {
	if asJSON {
		if err := writeJSON(out, report); err != nil {
			return err
		}
	} else {
		for _, line := range lines {
			fmt.Fprintln(out, line)
		}
	}
	if !ok {
		return errWrong
	}
	return nil
}

func writeJSON(out io.Writer, value any) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}
