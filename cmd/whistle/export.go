package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"whistle/internal/directory"
	"whistle/internal/figures"
	"whistle/internal/rest"
	"whistle/internal/service"
	"whistle/internal/tabular"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// exportFlags are the flags of whistle export; not each kind has all.
type exportFlags struct {
	format, out, language string

	from, to string
	filter   service.NamedFilter
	states   []string
	source   string
	by, asOf string

	text    string
	retired bool
	subject string
	kind    string
	figure  string
	part    string
}

func (c *command) export() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "write tickets, their history, figures or the directory as CSV, Excel or JSON Lines",
		Long: `export writes a table: csv and xlsx with headers and words in Chinese or English,
for people; jsonl with the API's names of fields, codes and ids, for programs. It
goes to standard output, or with --out to a file, which is written whole or not at
all. Departments, enterprises and accounts that are written as csv or xlsx can be
mended and imported again.

What is exported holds everything, confidential tickets included: keep it as the
data itself is kept.`,
		Example: `  whistle export tickets --format xlsx --out tickets.xlsx --from 2023-01-01 --to 2023-12-31
  whistle export history --format jsonl --out history.jsonl && whistle verify --from history.jsonl
  whistle export figures --format csv --by department --from 2023-01-01 --to 2023-12-31
  whistle export enterprises --format xlsx --out roster.xlsx`,
	}
	cmd.AddCommand(c.exportTickets(), c.exportHistory(), c.exportFigures(), c.exportUsers(), c.exportAssignments(), c.exportAudit(), c.exportSnapshots(), c.exportMembers())
	for _, kind := range entryExports {
		cmd.AddCommand(c.exportEntries(kind))
	}
	return cmd
}

func (f *exportFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.format, "format", string(tabular.CSV), "csv, xlsx or jsonl")
	cmd.Flags().StringVar(&f.out, "out", "", "file to write; standard output by default")
	cmd.Flags().StringVar(&f.language, "language", string(text.Chinese), "zh-CN or en, for the headers and words of csv and xlsx")
}

// registerDays adds the flags of a period; of says of what.
func (f *exportFlags) registerDays(cmd *cobra.Command, of string) {
	cmd.Flags().StringVar(&f.from, "from", "", "first day "+of+", YYYY-MM-DD")
	cmd.Flags().StringVar(&f.to, "to", "", "last day "+of+", included")
}

func (f *exportFlags) registerText(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.text, "text", "", "only those that a list finds by this text")
}

func (f *exportFlags) registerRetired(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.retired, "all", false, "the retired too")
}

// filterFlags narrow tickets beside the days of filing.
var filterFlags = []string{"state", "department", "enterprise", "category", "source", "text"}

func (f *exportFlags) registerFilter(cmd *cobra.Command) {
	f.registerDays(cmd, "of filing")
	f.registerText(cmd)
	cmd.Flags().StringSliceVar(&f.states, "state", nil, "only tickets in these states, such as resolving,verifying")
	cmd.Flags().StringVar(&f.filter.Department, "department", "", "only tickets that this department leads, by name or code")
	cmd.Flags().StringVar(&f.filter.Enterprise, "enterprise", "", "only tickets of this enterprise, by credit code, external number or name")
	cmd.Flags().StringVar(&f.filter.Category, "category", "", "only tickets of this category, by code or name")
	cmd.Flags().StringVar(&f.source, "source", "", "only tickets from this source, such as web or import")
}

// exportOf writes one list, by the flags, which were checked.
type exportOf func(ctx context.Context, svc *service.Service, f *exportFlags, to service.ExportTo) (int, error)

// exporting makes the command that exports a list; flags adds its own.
func (c *command) exporting(cmd *cobra.Command, flags func(f *exportFlags), write exportOf) *cobra.Command {
	f := &exportFlags{}
	f.register(cmd)
	flags(f)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.writeExport(cmd, f, write)
	}
	return cmd
}

func (c *command) exportTickets() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "tickets",
		Short:   "write tickets, newest first, a row each",
		Long:    "Each ticket as it stands, with the last result that was submitted. Confidential\ntickets' texts are included.",
		Example: "  whistle export tickets --format xlsx --out 2023.xlsx --from 2023-01-01 --to 2023-12-31\n  whistle export tickets --format jsonl --state resolving,joint | jq .number",
		Args:    cobra.NoArgs,
	}
	return c.exporting(cmd, func(f *exportFlags) { f.registerFilter(cmd) }, func(ctx context.Context, svc *service.Service, f *exportFlags, to service.ExportTo) (int, error) {
		filter, err := svc.FilterNamed(ctx, f.filter)
		if err != nil {
			return 0, err
		}
		return svc.ExportTickets(ctx, ticket.System, filter, to)
	})
}

func (c *command) exportHistory() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "history",
		Short: "write what happened to the tickets, a row a line",
		Long: `csv and xlsx are for reading. jsonl holds every line as it was hashed, with all
that "whistle verify --from FILE" needs to check it without the database; it is
always the whole, so that nothing missing goes unseen. Confidential tickets' texts
are included.`,
		Example: "  whistle export history --format jsonl --out history.jsonl\n  whistle export history --format csv --department 城管局 --from 2023-10-01",
		Args:    cobra.NoArgs,
	}
	return c.exporting(cmd, func(f *exportFlags) { f.registerFilter(cmd) }, func(ctx context.Context, svc *service.Service, f *exportFlags, to service.ExportTo) (int, error) {
		if to.Format == tabular.JSONL {
			for _, name := range append([]string{"from", "to"}, filterFlags...) {
				if cmd.Flags().Changed(name) {
					return 0, usageError{fmt.Errorf("--%s goes with csv and xlsx; jsonl is always the whole history", name)}
				}
			}
			return -1, svc.ExportHistory(ctx, to.W)
		}
		filter, err := svc.FilterNamed(ctx, f.filter)
		if err != nil {
			return 0, err
		}
		return svc.ExportHistoryTable(ctx, ticket.System, filter, to)
	})
}

func (c *command) exportFigures() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "figures",
		Short:   "write the figures of a period, a row for the whole and one for each group",
		Example: "  whistle export figures --format xlsx --by department --from 2023-01-01 --to 2023-12-31 --out figures.xlsx",
		Args:    cobra.NoArgs,
	}
	return c.exporting(cmd, func(f *exportFlags) {
		f.registerDays(cmd, "of the period")
		cmd.Flags().StringVar(&f.by, "by", "", "group by department, chain, category, place, source or enterprise")
		cmd.Flags().StringVar(&f.asOf, "as-of", "", "as they stood then: a moment (RFC 3339) or the end of a day; by default now")
	}, func(ctx context.Context, svc *service.Service, f *exportFlags, to service.ExportTo) (int, error) {
		q := service.FiguresQuery{From: f.filter.From, To: f.filter.To, By: figures.Cut(f.by)}
		if f.asOf != "" {
			var err error
			if q.AsOf, err = rest.ParseMoment(f.asOf, svc.Zone()); err != nil {
				return 0, usageError{fmt.Errorf("--as-of %w", err)}
			}
		}
		return svc.ExportFigures(ctx, ticket.System, q, to)
	})
}

// entryExport is how one kind of entry of the directory is exported.
type entryExport struct {
	list  service.ExportList
	short string
	write func(ctx context.Context, svc *service.Service, f service.EntryFilter, to service.ExportTo) (int, error)
}

var entryExports = []entryExport{
	{service.ExportedDepartments, "write the departments", func(ctx context.Context, svc *service.Service, f service.EntryFilter, to service.ExportTo) (int, error) {
		return svc.Departments().Export(ctx, ticket.System, f, to)
	}},
	{service.ExportedEnterprises, "write the enterprises", func(ctx context.Context, svc *service.Service, f service.EntryFilter, to service.ExportTo) (int, error) {
		return svc.Enterprises().Export(ctx, ticket.System, f, to)
	}},
	{service.ExportedProjects, "write the key projects", func(ctx context.Context, svc *service.Service, f service.EntryFilter, to service.ExportTo) (int, error) {
		return svc.Projects().Export(ctx, ticket.System, f, to)
	}},
	{service.ExportedDuties, "write the duty catalogue", func(ctx context.Context, svc *service.Service, f service.EntryFilter, to service.ExportTo) (int, error) {
		return svc.Duties().Export(ctx, ticket.System, f, to)
	}},
	{service.ExportedCategories, "write the categories", func(ctx context.Context, svc *service.Service, f service.EntryFilter, to service.ExportTo) (int, error) {
		return svc.Categories().Export(ctx, ticket.System, f, to)
	}},
	{service.ExportedPlaces, "write the places", func(ctx context.Context, svc *service.Service, f service.EntryFilter, to service.ExportTo) (int, error) {
		return svc.Places().Export(ctx, ticket.System, f, to)
	}},
	{service.ExportedChains, "write the industrial chains", func(ctx context.Context, svc *service.Service, f service.EntryFilter, to service.ExportTo) (int, error) {
		return svc.Chains().Export(ctx, ticket.System, f, to)
	}},
	{service.ExportedPolicyResources, "write the policy resources", func(ctx context.Context, svc *service.Service, f service.EntryFilter, to service.ExportTo) (int, error) {
		return svc.PolicyResources().Export(ctx, ticket.System, f, to)
	}},
	{service.ExportedNeeds, "write what enterprises need, newest first", func(ctx context.Context, svc *service.Service, f service.EntryFilter, to service.ExportTo) (int, error) {
		return svc.Needs().Export(ctx, ticket.System, f, to)
	}},
	{service.ExportedServices, "write what was done for enterprises, newest first", func(ctx context.Context, svc *service.Service, f service.EntryFilter, to service.ExportTo) (int, error) {
		return svc.Services().Export(ctx, ticket.System, f, to)
	}},
	{service.ExportedReasons, "write the lists of reasons", func(ctx context.Context, svc *service.Service, f service.EntryFilter, to service.ExportTo) (int, error) {
		return svc.Reasons().Export(ctx, ticket.System, f, to)
	}},
}

func (c *command) exportEntries(kind entryExport) *cobra.Command {
	cmd := &cobra.Command{
		Use:     string(kind.list),
		Short:   kind.short,
		Example: "  whistle export " + string(kind.list) + " --format xlsx --out " + string(kind.list) + ".xlsx",
		Args:    cobra.NoArgs,
	}
	return c.exporting(cmd, func(f *exportFlags) {
		f.registerText(cmd)
		f.registerRetired(cmd)
	}, func(ctx context.Context, svc *service.Service, f *exportFlags, to service.ExportTo) (int, error) {
		return kind.write(ctx, svc, service.EntryFilter{Text: f.text, All: f.retired}, to)
	})
}

func (c *command) exportUsers() *cobra.Command {
	cmd := &cobra.Command{
		Use:     string(service.ExportedUsers),
		Short:   "write the accounts, by user name",
		Example: "  whistle export users --format csv --out users.csv",
		Args:    cobra.NoArgs,
	}
	return c.exporting(cmd, func(f *exportFlags) {
		f.registerText(cmd)
		f.registerRetired(cmd)
	}, func(ctx context.Context, svc *service.Service, f *exportFlags, to service.ExportTo) (int, error) {
		return svc.ExportUsers(ctx, ticket.System, service.UserFilter{Text: f.text, Retired: f.retired}, to)
	})
}

func (c *command) exportAssignments() *cobra.Command {
	cmd := &cobra.Command{
		Use:     string(service.ExportedAssignments),
		Short:   "write who is assigned to what, newest first",
		Example: "  whistle export assignments --kind manager --format xlsx --out managers.xlsx",
		Args:    cobra.NoArgs,
	}
	return c.exporting(cmd, func(f *exportFlags) {
		f.registerRetired(cmd)
		cmd.Flags().StringVar(&f.kind, "kind", "", "only manager, station, team or deputy")
	}, func(ctx context.Context, svc *service.Service, f *exportFlags, to service.ExportTo) (int, error) {
		switch kind := directory.AssignmentKind(f.kind); kind {
		case "", directory.ManagerOf, directory.StaffOf, directory.TeamOf, directory.DeputyOf:
			return svc.ExportAssignments(ctx, ticket.System, service.AssignmentFilter{Kind: kind, Retired: f.retired}, to)
		}
		return 0, usageError{errors.New("--kind must be manager, station, team or deputy")}
	})
}

func (c *command) exportAudit() *cobra.Command {
	cmd := &cobra.Command{
		Use:     string(service.ExportedAudit),
		Short:   "write who changed what beside the tickets, newest first",
		Example: "  whistle export audit --subject user --from 2023-10-01 --format xlsx --out audit.xlsx",
		Args:    cobra.NoArgs,
	}
	return c.exporting(cmd, func(f *exportFlags) {
		f.registerDays(cmd, "of the changes")
		cmd.Flags().StringVar(&f.subject, "subject", "", "only changes of this kind of thing, such as department or user")
	}, func(ctx context.Context, svc *service.Service, f *exportFlags, to service.ExportTo) (int, error) {
		filter := service.AuditFilter{Subject: f.subject}
		filter.From, filter.Before = svc.Between(f.filter.From, f.filter.To)
		return svc.ExportAudit(ctx, ticket.System, filter, to)
	})
}

func (c *command) exportSnapshots() *cobra.Command {
	cmd := &cobra.Command{
		Use:     string(service.ExportedSnapshots),
		Short:   "write the district's figures as they were frozen, the latest periods first",
		Long:    "jsonl has the id of each, by which export members tells the tickets that it counted.",
		Example: "  whistle export snapshots --kind monthly --format xlsx --out months.xlsx",
		Args:    cobra.NoArgs,
	}
	return c.exporting(cmd, func(f *exportFlags) {
		f.registerDays(cmd, "on which a period ends")
		cmd.Flags().StringVar(&f.kind, "kind", "", "only daily, weekly, monthly or year_to_date")
	}, func(ctx context.Context, svc *service.Service, f *exportFlags, to service.ExportTo) (int, error) {
		switch kind := figures.Kind(f.kind); kind {
		case "", figures.Daily, figures.Weekly, figures.Monthly, figures.YearToDate:
			return svc.ExportSnapshots(ctx, ticket.System, service.SnapshotFilter{Kind: kind, From: f.filter.From, To: f.filter.To}, to)
		}
		return 0, usageError{errors.New("--kind must be daily, weekly, monthly or year_to_date")}
	})
}

func (c *command) exportMembers() *cobra.Command {
	cmd := &cobra.Command{
		Use:     string(service.ExportedMembers) + " SNAPSHOT",
		Short:   "write the tickets that a rate of a snapshot counted, each as it is now",
		Long:    "SNAPSHOT is an id, as export snapshots --format jsonl tells. Snapshots of months, and\nof the year to date at the end of a month, keep what they counted.",
		Example: "  whistle export members 018bf7c2-… --figure resolution_rate --part numerator --format xlsx --out solved.xlsx",
		Args:    cobra.ExactArgs(1),
	}
	return c.exporting(cmd, func(f *exportFlags) {
		cmd.Flags().StringVar(&f.figure, "figure", "resolution_rate", "the rate's name, as the API has it")
		cmd.Flags().StringVar(&f.part, "part", "denominator", "denominator, or only the numerator")
	}, func(ctx context.Context, svc *service.Service, f *exportFlags, to service.ExportTo) (int, error) {
		if f.part != "numerator" && f.part != "denominator" {
			return 0, usageError{errors.New("--part must be numerator or denominator")}
		}
		q := service.MembersQuery{Figure: f.figure, Numerator: f.part == "numerator"}
		return svc.ExportSnapshotMembers(ctx, ticket.System, cmd.Flags().Arg(0), q, to)
	})
}

// check reads the flags that the service takes in another form.
func (f *exportFlags) check() (service.ExportTo, error) {
	format, err := tabular.ParseFormat(f.format)
	faults := []error{err}
	language, ok := text.Parse(f.language)
	if !ok {
		faults = append(faults, errors.New("--language must be zh-CN or en"))
	}
	for _, d := range []struct {
		name, text string
		into       *worktime.Date
	}{{"from", f.from, &f.filter.From}, {"to", f.to, &f.filter.To}} {
		if d.text == "" {
			continue
		}
		if *d.into, err = worktime.ParseDate(d.text); err != nil {
			faults = append(faults, fmt.Errorf("--%s must be a day, YYYY-MM-DD", d.name))
		}
	}
	if f.from != "" && f.to != "" && f.filter.To.Before(f.filter.From) {
		faults = append(faults, errors.New("--to must not be before --from"))
	}
	for _, text := range f.states {
		state := ticket.State(text)
		if state.Info().State == "" {
			faults = append(faults, fmt.Errorf("--state: there is no state %s; see whistle workflow", tabular.Quote(text)))
		}
		f.filter.States = append(f.filter.States, state)
	}
	f.filter.Source, f.filter.Text = ticket.Source(f.source), f.text
	switch figures.Cut(f.by) {
	case figures.ByNothing, figures.ByDepartment, figures.ByChain, figures.ByCategory, figures.ByPlace, figures.BySource, figures.ByEnterprise:
	default:
		faults = append(faults, errors.New("--by must be department, chain, category, place, source or enterprise"))
	}
	return service.ExportTo{Format: format, Language: language}, errors.Join(faults...)
}

func (c *command) writeExport(cmd *cobra.Command, f *exportFlags, write exportOf) error {
	to, err := f.check()
	if err != nil {
		return usageError{err}
	}
	if f.out == "" && to.Format == tabular.XLSX && onTerminal(cmd.OutOrStdout()) {
		return usageError{errors.New("a workbook is nothing to look at; name a file with --out")}
	}
	return c.with(cmd.Context(), func(svc *service.Service) error {
		rows := 0
		err := toFile(f.out, cmd.OutOrStdout(), func(w io.Writer) (err error) {
			to.W = w
			rows, err = write(cmd.Context(), svc, f, to)
			return err
		})
		var refused *ticket.Error
		if errors.As(err, &refused) && len(refused.Fields) > 0 {
			return usageError{optionFault(refused)}
		}
		if err == nil && f.out != "" && rows >= 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "%d rows written to %s\n", rows, f.out)
		}
		return err
	})
}

func onTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// toFile lets write fill a file, whole or not at all; or out when path is "".
func toFile(path string, out io.Writer, write func(w io.Writer) error) error {
	if path == "" {
		return write(out)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return usageError{fmt.Errorf("--out: %w", err)}
	}
	err = write(f)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
