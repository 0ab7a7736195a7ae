package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

func (c *command) person() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "person",
		Short: "hand out or redact what is kept about a person",
		Long: `person answers what the law on personal data (个人信息保护法) gives people: a copy of
what is kept about them, and its removal. Whom it is about is told by --user, or by
--phone for somebody who stands with an enterprise and has no account.`,
		Example: `  whistle person export --user li.na --out li.na.zip
  whistle person redact --phone 13800000000 --reason "asked on 27 Sept" --dry-run`,
	}
	cmd.AddCommand(c.personExport(), c.personRedact())
	return cmd
}

// personFlags say whom it is about.
func personFlags(cmd *cobra.Command) *service.PersonRef {
	ref := &service.PersonRef{}
	cmd.Flags().StringVar(&ref.Username, "user", "", "the person's user name")
	cmd.Flags().StringVar(&ref.Phone, "phone", "", "the telephone number, as it stands with the account or the enterprise")
	cmd.MarkFlagsMutuallyExclusive("user", "phone")
	cmd.MarkFlagsOneRequired("user", "phone")
	return ref
}

func (c *command) personExport() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "write all that is kept about a person into a file",
		Long: `export writes what every table holds about the person: the account, sessions with
their addresses, assignments, changes by and of them, notices, tickets with their own
words, visits, contacts of enterprises. A zip also holds the files that they uploaded;
a .json file, and the standard output, don't. That it was asked for is written down.`,
		Example: "  whistle person export --user li.na --out li.na.zip\n  whistle person export --phone 13800000000 --out person.json",
	}
	ref := personFlags(cmd)
	cmd.Flags().StringVar(&out, "out", "", "file to write, .zip or .json; JSON on the standard output by default")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		kind := strings.ToLower(filepath.Ext(out))
		if out != "" && kind != ".zip" && kind != ".json" {
			return usageError{errors.New("--out must end in .zip or .json")}
		}
		return c.with(cmd.Context(), func(svc *service.Service) (err error) {
			data, err := svc.PersonalDataOf(cmd.Context(), ticket.System, *ref)
			if err != nil {
				return badUse(err)
			}
			to := cmd.OutOrStdout()
			if out != "" {
				file, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // the operator names the file
				if err != nil {
					return usageError{err}
				}
				defer func() { err = errors.Join(err, file.Close()) }()
				to = file
			}
			if kind == ".zip" {
				return svc.WritePersonalData(cmd.Context(), data, to)
			}
			return service.WritePersonJSON(data, to)
		})
	}
	return cmd
}

func (c *command) personRedact() *cobra.Command {
	var in service.Redaction
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "redact",
		Short: "remove what names a person; histories and figures stay whole",
		Long: `redact takes the account out of service and empties it, removes the person from the
enterprises' contacts, and every text of a ticket that names them: by telephone number
and mail address wherever it stands, by name where they have to do with it. The lines
keep their hashes, so that whistle verify finds no fault; what is found by the words
goes too. With --own-words all that they wrote in tickets goes, with --attachments
their files.

It is refused while they hold open tickets or look after enterprises: all of these are
named. It cannot be taken back. Backups made before still hold it: have them expire.`,
		Example: `  whistle person redact --user li.na --reason "asked on 27 Sept" --dry-run
  whistle person redact --user li.na --reason "asked on 27 Sept" --own-words --attachments`,
	}
	ref := personFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&in.Reason, "reason", "", "why, for the audit log; must not name the person")
	flags.BoolVar(&in.OwnWords, "own-words", false, "also whatever they wrote in tickets")
	flags.BoolVar(&in.Attachments, "attachments", false, "also the files that they uploaded")
	flags.BoolVar(&in.DryRun, "dry-run", false, "only say what would go, and what stands against it")
	flags.BoolVar(&asJSON, "json", false, "the whole report as JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd.Context(), func(svc *service.Service) error {
			report, err := svc.Redact(cmd.Context(), ticket.System, *ref, in)
			if err != nil {
				return badUse(err)
			}
			return tellRedacted(cmd.OutOrStdout(), report, asJSON)
		})
	}
	return cmd
}

func tellRedacted(out io.Writer, r *service.RedactionReport, asJSON bool) error {
	verb := "went"
	if r.DryRun {
		verb = "would go"
	}
	var lines []string
	for _, f := range r.Against {
		lines = append(lines, "first: "+f.Message)
	}
	if r.Account {
		lines = append(lines, "the account "+verb+" out of service, without name, telephone and mail address")
	}
	for _, t := range r.Tables {
		lines = append(lines, fmt.Sprintf("%s: in %d rows something %s", t.Table, t.Rows, verb))
	}
	if len(r.Tickets) > 0 {
		lines = append(lines, "tickets: "+strings.Join(r.Tickets, ", "))
	}
	lines = append(lines, fmt.Sprintf("%d texts of %d history lines and %d files %s", r.Texts, r.Lines, r.Files, verb))
	return tellFound(out, r, len(r.Against) == 0, asJSON, lines)
}
