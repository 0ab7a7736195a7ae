package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"whistle/internal/figures"
	"whistle/internal/rest"
	"whistle/internal/service"
	"whistle/internal/tabular"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// exportFlags are the flags of whistle export; not each kind has all.
type exportFlags struct {
	format, out string
	from, to    string
	filter      service.ExportFilter
	states      []string
	source      string
	by, asOf    string
}

func (c *command) export() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "write tickets, their history or figures as CSV, Excel or JSON Lines",
		Long: `export writes a table: csv and xlsx with Chinese headers and names, for people;
jsonl with the API's names of fields, codes and ids, for programs. It goes to
standard output, or with --out to a file, which is written whole or not at all.

What is exported holds everything, confidential tickets included: keep it as the
data itself is kept.`,
		Example: `  whistle export tickets --format xlsx --out tickets.xlsx --from 2023-01-01 --to 2023-12-31
  whistle export history --format jsonl --out history.jsonl && whistle verify --from history.jsonl
  whistle export figures --format csv --by department --from 2023-01-01 --to 2023-12-31`,
	}
	cmd.AddCommand(c.exportTickets(), c.exportHistory(), c.exportFigures())
	return cmd
}

func (f *exportFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.format, "format", string(tabular.CSV), "csv, xlsx or jsonl")
	cmd.Flags().StringVar(&f.out, "out", "", "file to write; standard output by default")
	cmd.Flags().StringVar(&f.from, "from", "", "first day of filing, YYYY-MM-DD")
	cmd.Flags().StringVar(&f.to, "to", "", "last day of filing, included")
}

// filterFlags narrow tickets beside the days of filing.
var filterFlags = []string{"state", "department", "enterprise", "category", "source"}

func (f *exportFlags) registerFilter(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&f.states, "state", nil, "only tickets in these states, such as resolving,verifying")
	cmd.Flags().StringVar(&f.filter.Department, "department", "", "only tickets that this department leads, by name or code")
	cmd.Flags().StringVar(&f.filter.Enterprise, "enterprise", "", "only tickets of this enterprise, by credit code, external number or name")
	cmd.Flags().StringVar(&f.filter.Category, "category", "", "only tickets of this category, by code or name")
	cmd.Flags().StringVar(&f.source, "source", "", "only tickets from this source, such as web or import")
}

func (c *command) exportTickets() *cobra.Command {
	f := &exportFlags{}
	cmd := &cobra.Command{
		Use:     "tickets",
		Short:   "write tickets, newest first, a row each",
		Long:    "Each ticket as it stands, with the last result that was submitted. Confidential\ntickets' texts are included.",
		Example: "  whistle export tickets --format xlsx --out 2023.xlsx --from 2023-01-01 --to 2023-12-31\n  whistle export tickets --format jsonl --state resolving,joint | jq .number",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.writeExport(cmd, f, func(ctx context.Context, svc *service.Service, format tabular.Format, w io.Writer) (int, error) {
				return svc.ExportTickets(ctx, ticket.System, f.filter, format, w)
			})
		},
	}
	f.register(cmd)
	f.registerFilter(cmd)
	return cmd
}

func (c *command) exportHistory() *cobra.Command {
	f := &exportFlags{}
	cmd := &cobra.Command{
		Use:   "history",
		Short: "write what happened to the tickets, a row a line",
		Long: `csv and xlsx are for reading. jsonl holds every line as it was hashed, with all
that "whistle verify --from FILE" needs to check it without the database; it is
always the whole, so that nothing missing goes unseen. Confidential tickets' texts
are included.`,
		Example: "  whistle export history --format jsonl --out history.jsonl\n  whistle export history --format csv --department 城管局 --from 2023-10-01",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if strings.EqualFold(f.format, string(tabular.JSONL)) {
				for _, name := range append([]string{"from", "to"}, filterFlags...) {
					if cmd.Flags().Changed(name) {
						return usageError{fmt.Errorf("--%s goes with csv and xlsx; jsonl is always the whole history", name)}
					}
				}
			}
			return c.writeExport(cmd, f, func(ctx context.Context, svc *service.Service, format tabular.Format, w io.Writer) (int, error) {
				if format == tabular.JSONL {
					return -1, svc.ExportHistory(ctx, w)
				}
				return svc.ExportHistoryTable(ctx, ticket.System, f.filter, format, w)
			})
		},
	}
	f.register(cmd)
	f.registerFilter(cmd)
	return cmd
}

func (c *command) exportFigures() *cobra.Command {
	f := &exportFlags{}
	cmd := &cobra.Command{
		Use:     "figures",
		Short:   "write the figures of a period, a row for the whole and one for each group",
		Example: "  whistle export figures --format xlsx --by department --from 2023-01-01 --to 2023-12-31 --out figures.xlsx",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.writeExport(cmd, f, func(ctx context.Context, svc *service.Service, format tabular.Format, w io.Writer) (int, error) {
				q := service.FiguresQuery{From: f.filter.From, To: f.filter.To, By: figures.Cut(f.by)}
				if f.asOf != "" {
					var err error
					if q.AsOf, err = rest.ParseMoment(f.asOf, svc.Zone()); err != nil {
						return 0, usageError{fmt.Errorf("--as-of %w", err)}
					}
				}
				return svc.ExportFigures(ctx, ticket.System, q, format, w)
			})
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.by, "by", "", "group by department, chain, category, place, source or enterprise")
	cmd.Flags().StringVar(&f.asOf, "as-of", "", "as they stood then: a moment (RFC 3339) or the end of a day; by default now")
	return cmd
}

// check reads the flags that the service takes in another form.
func (f *exportFlags) check() (tabular.Format, error) {
	format, err := tabular.ParseFormat(f.format)
	faults := []error{err}
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
	f.filter.Source = ticket.Source(f.source)
	switch figures.Cut(f.by) {
	case figures.ByNothing, figures.ByDepartment, figures.ByChain, figures.ByCategory, figures.ByPlace, figures.BySource, figures.ByEnterprise:
	default:
		faults = append(faults, errors.New("--by must be department, chain, category, place, source or enterprise"))
	}
	return format, errors.Join(faults...)
}

func (c *command) writeExport(cmd *cobra.Command, f *exportFlags, write func(ctx context.Context, svc *service.Service, format tabular.Format, w io.Writer) (int, error)) error {
	format, err := f.check()
	if err != nil {
		return usageError{err}
	}
	if f.out == "" && format == tabular.XLSX && onTerminal(cmd.OutOrStdout()) {
		return usageError{errors.New("a workbook is nothing to look at; name a file with --out")}
	}
	return c.with(cmd.Context(), func(svc *service.Service) error {
		rows := 0
		err := toFile(f.out, cmd.OutOrStdout(), func(w io.Writer) (err error) {
			rows, err = write(cmd.Context(), svc, format, w)
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
