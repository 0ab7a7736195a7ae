package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"whistle/internal/service"
	"whistle/internal/tabular"
	"whistle/internal/ticket"
)

// importFlags are the flags of whistle import; not each kind has all.
type importFlags struct {
	dryRun               bool
	skipBad, links       string // files
	department, category string
	resolve              string
}

func (c *command) imports() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "take in the tables that an office begins with, and what happened since",
		Long: `import reads a table as offices send it: CSV in UTF-8, UTF-16 or GB18030, or the
first sheet of an .xlsx workbook, with a header in Chinese or English and times
such as 2023/9/1, 2023-09-01 8:30 or Excel's own.

All rows are taken in, or none: every fault is told by row and column, and with
--skip-bad FILE the good rows are taken in and the bad ones written to FILE, to be
mended and imported again. What is there already adds nothing: departments go by
their code, enterprises by credit code or external number, accounts by user name,
managers by enterprise, account and first day, tickets by external number, visits by what
they say. Entries and accounts become what the file says;
tickets stay as they are.

Exit codes: 0 all rows are fine, 1 there are bad rows, 2 called wrongly.`,
		Example: `  whistle import departments departments.xlsx
  whistle import enterprises 企业名录.csv --dry-run
  whistle import users users.csv --links links.csv
  whistle import managers managers.xlsx
  whistle import tickets orders.csv --skip-bad mend.csv`,
	}
	for _, kind := range service.ImportKinds {
		cmd.AddCommand(c.importKind(kind))
	}
	return cmd
}

// importHelp is what each kind has of its own.
var importHelp = map[service.ImportKind]struct{ short, long, example string }{
	service.ImportDepartments: {
		"take in departments",
		"A department may be part of one that stands further down in the file.",
		"  whistle import departments departments.xlsx --dry-run",
	},
	service.ImportEnterprises: {
		"take in enterprises",
		"An enterprise goes by its credit code, else by its external number, else by its name.\nPlaces and chains are named by code or name and must be there.",
		"  whistle import enterprises 企业名录.csv --skip-bad mend.csv",
	},
	service.ImportProjects: {
		"take in key projects with their milestones",
		"A project goes by its code; its enterprise is named by credit code, external number\nor name and must be there. A step without a planned day is left as it is.",
		"  whistle import projects 重点项目.xlsx --dry-run",
	},
	service.ImportUsers: {
		"take in accounts",
		"Accounts have no password until their owners set one. --links FILE makes an\ninvitation link for each account added and writes them to FILE, which is for your\neyes only.",
		"  whistle import users users.csv --links links.csv",
	},
	service.ImportManagers: {
		"take in who looks after which enterprise",
		"Enterprises are named by credit code, external number or name, managers by user\nname, or by name where there is only one of it. A row that leaves the first day\nblank begins today.",
		"  whistle import managers managers.xlsx --dry-run",
	},
	service.ImportMembers: {
		"take in the members of alliances",
		"A row takes one enterprise into one alliance. Both must be there: the alliance goes\nby its name, the enterprise by its credit code, external number or name.",
		"  whistle import members 联盟成员.xlsx --dry-run",
	},
	service.ImportVisits: {
		"take in visits to enterprises",
		"Each row has the enterprise (by credit code, number or name), when it was visited, by\nwhom (by user name) and what was seen; a campaign or a key project where there was\none. A visit goes by all of these together.",
		"  whistle import visits 走访.xlsx --skip-bad mend.csv",
	},
	service.ImportStaff: {
		"take in who is at which station",
		"A station goes by its code or name, an account by user name or name. Who is there\nalready with the same part has the last day that the row says.",
		"  whistle import staff staff.xlsx --dry-run",
	},
	service.ImportExperts: {
		"take in the district's experts",
		"An expert goes by name and organisation. With a guest's account they can be invited\nto a joint handling.",
		"  whistle import experts experts.xlsx --skip-bad mend.csv",
	},
	service.ImportTickets: {
		"take in tickets with what happened to them",
		`Each time that a row has makes its event: filed, accepted, dispatched, claimed,
resolved (with the result), closed (as called back). A step without a time that
must have happened, since a later one did or a department is named, takes the time
of the step before it and is marked as inferred: it counts in no figure of
response, return or handling.

A ticket whose result was submitted is only carried over: nothing waits for it.
One that is still open goes on here, with its clocks.

Messages of another system name a 留言用户 instead of an enterprise; an enterprise
without a credit code is made of each.`,
		`  whistle import tickets orders.xlsx --dry-run
  whistle import tickets messages.csv --department 信访局 --resolve 15d`,
	},
	service.ImportPolicyResources: {
		"take in policy resources",
		"A policy resource goes by its code. Departments, chains and places are named by\ncode or name and must be there.",
		"  whistle import policy_resources 政策清单.xlsx --dry-run",
	},
	service.ImportNeeds: {
		"take in what enterprises need",
		"A need goes by its enterprise and its words.",
		"  whistle import needs 需求清单.csv --skip-bad mend.csv",
	},
	service.ImportServices: {
		"take in what was done for enterprises",
		"A row that says when it was delivered is delivered. Amounts are in yuan, 1234.56,\nor with their unit, 12.34 万元; nothing is rounded.",
		"  whistle import services 兑现清单.xlsx",
	},
}

func (c *command) importKind(kind service.ImportKind) *cobra.Command {
	help, f := importHelp[kind], &importFlags{}
	cmd := &cobra.Command{
		Use:     string(kind) + " FILE",
		Short:   help.short,
		Long:    help.long + "\n\nColumns (* must be there):\n" + columnHelp(kind),
		Example: help.example,
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return c.runImport(cmd, kind, args[0], f) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.dryRun, "dry-run", false, "look at every row and tell what would be done, but do nothing")
	flags.StringVar(&f.skipBad, "skip-bad", "", "take the good rows in and write the bad ones to this new file, to be mended")
	switch kind {
	case service.ImportTickets:
		flags.StringVar(&f.department, "department", "", "department of the rows that name none, by name or code; made when missing")
		flags.StringVar(&f.resolve, "resolve", "", "how long the resolve clock runs, 15d for working days or 40h for working hours; by default as the policy says that was in effect")
		flags.StringVar(&f.category, "category", service.DefaultCategory, "category of the rows that name none, by code or name")
	case service.ImportUsers:
		flags.StringVar(&f.links, "links", "", "write an invitation link for each account added to this new file")
	default: // the others take no more
	}
	return cmd
}

func columnHelp(kind service.ImportKind) string {
	var b strings.Builder
	for _, col := range service.ImportColumns(kind) {
		if col.PassedOver {
			continue
		}
		mark := " "
		if col.Required {
			mark = "*"
		}
		fmt.Fprintf(&b, "  %s %-16s %s\n", mark, col.Key, strings.Join(col.Names, ", "))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (c *command) runImport(cmd *cobra.Command, kind service.ImportKind, path string, f *importFlags) (err error) {
	options := service.ImportOptions{
		DryRun: f.dryRun, SkipBad: f.skipBad != "", Links: f.links != "",
		Department: strings.TrimSpace(f.department), Category: strings.TrimSpace(f.category),
	}
	if f.resolve != "" {
		length, err := service.ParseLength(f.resolve)
		if err != nil {
			return usageError{fmt.Errorf("--resolve %w", err)}
		}
		options.Resolve = &length
	}
	from, err := tabular.Open(path, service.ImportColumns(kind))
	var faults *tabular.Faults
	switch {
	case errors.As(err, &faults):
		return c.badHeader(cmd, faults)
	case errors.Is(err, fs.ErrNotExist):
		return usageError{fmt.Errorf("there is no file %s", path)}
	case err != nil:
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()

	// Before anything is done: a file that cannot be written is known at once,
	// and one that is there is never lost.
	bad, err := newFile(f.skipBad)
	if err != nil {
		return usageError{fmt.Errorf("--skip-bad: %w", err)}
	}
	defer func() { err = errors.Join(err, bad.close()) }()
	links, err := newFile(f.links)
	if err != nil {
		return usageError{fmt.Errorf("--links: %w", err)}
	}
	defer func() { err = errors.Join(err, links.close()) }()

	return c.with(cmd.Context(), func(svc *service.Service) error {
		progress, done := progressOn(cmd.ErrOrStderr(), "importing "+string(kind))
		options.Progress = progress
		result, err := svc.Import(cmd.Context(), ticket.System, kind, from, options)
		done()
		var refused *ticket.Error
		switch {
		case errors.As(err, &faults):
			return c.badHeader(cmd, faults)
		case errors.As(err, &refused) && len(refused.Fields) > 0:
			return usageError{optionFault(refused)}
		case err != nil:
			return err
		}
		if result.Applied {
			if err := writeLinks(links, svc, result.Links, c.cfg.PublicURL); err != nil {
				return err
			}
			if err := writeBad(bad, from, result.BadRows); err != nil {
				return err
			}
		}
		report(cmd, result, f)
		if result.Bad > 0 {
			return errWrong
		}
		return nil
	})
}

func (c *command) badHeader(cmd *cobra.Command, faults *tabular.Faults) error {
	for _, fault := range faults.List {
		fmt.Fprintln(cmd.ErrOrStderr(), fault)
	}
	return errWrong
}

// optionFault says of flags what the service says of fields.
func optionFault(e *ticket.Error) error {
	var all []error
	for _, f := range e.Fields {
		all = append(all, fmt.Errorf("--%s: %s", strings.TrimPrefix(f.Pointer, "/"), f.Message))
	}
	return errors.Join(all...)
}

// report tells what was done, and on standard error what is wrong.
func report(cmd *cobra.Command, r *service.ImportResult, f *importFlags) {
	const show = 200
	for i, fault := range r.Faults.List {
		if i == show {
			fmt.Fprintf(cmd.ErrOrStderr(), "… and %d more faults\n", r.Faults.Count-show)
			break
		}
		fmt.Fprintln(cmd.ErrOrStderr(), fault)
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%d rows: %d added, %d changed, %d there already, %d bad\n", r.Rows, r.Added, r.Changed, r.Unchanged, r.Bad)
	var made []string
	for what, n := range r.Made {
		made = append(made, fmt.Sprintf("%d × %s", n, what))
	}
	if len(made) > 0 {
		slices.Sort(made)
		fmt.Fprintf(out, "Made besides: %s\n", strings.Join(made, ", "))
	}
	switch {
	case f.dryRun:
		fmt.Fprintln(out, "Nothing was done: this was a dry run.")
	case !r.Applied:
		fmt.Fprintln(out, "Nothing was done, because of the bad rows. Mend them, or take in the others with --skip-bad FILE.")
	case r.Bad > 0:
		fmt.Fprintf(out, "The bad rows are in %s: mend and import it.\n", f.skipBad)
	}
}

// fresh is a file made now, which goes again when nothing is written to it.
type fresh struct {
	*os.File
	written bool
}

// newFile makes a file that only the owner reads; nil for no name.
func newFile(path string) (*fresh, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator names it
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s is there already; name a new file", path)
	}
	if err != nil {
		return nil, err
	}
	return &fresh{File: f}, nil
}

func (f *fresh) Write(p []byte) (int, error) {
	f.written = true
	return f.File.Write(p)
}

func (f *fresh) close() error {
	if f == nil {
		return nil
	}
	err := f.Close()
	if !f.written {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

func writeBad(to *fresh, from *tabular.Reader, rows []*tabular.Row) error {
	if to == nil || len(rows) == 0 {
		return nil
	}
	bad, err := tabular.NewBadRows(to, from)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := bad.Write(row); err != nil {
			return err
		}
	}
	return bad.Close()
}

func writeLinks(to *fresh, svc *service.Service, links []*service.Link, publicURL string) error {
	if to == nil || len(links) == 0 {
		return nil
	}
	w, err := tabular.NewWriter(tabular.CSV, to, []string{"username", "name", "token", "expires_at", "use"})
	if err != nil {
		return err
	}
	for _, l := range links {
		if err := w.Write([]any{l.User.Username, l.User.Name, l.Token, l.ExpiresAt.In(svc.Zone()), publicURL + "/api/v1/links/use"}); err != nil {
			return err
		}
	}
	return w.Close()
}

// progressOn shows a progress bar where somebody looks on, and nothing
// elsewhere. done takes it away.
func progressOn(to io.Writer, what string) (progress service.Progress, done func()) {
	if !onTerminal(to) {
		return nil, func() {}
	}
	var bar *progressbar.ProgressBar
	return func(done, total int) {
			if bar == nil {
				bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(to), progressbar.OptionSetDescription(what),
					progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
			}
			_ = bar.Set(done) // a terminal that went away must not stop the work
		}, func() {
			if bar != nil {
				_ = bar.Finish()
			}
		}
}
