package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"whistle/internal/service"
	"whistle/internal/tabular"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

var calendarColumns = []tabular.Column{
	{Key: "date", Names: []string{"日期", "date"}, Required: true},
	{Key: "kind", Names: []string{"类型", "kind", "性质"}, Required: true},
	{Key: "name", Names: []string{"名称", "name", "节日", "节假日"}},
}

// dayKinds are the words for the kinds of day.
var dayKinds = map[string]worktime.Kind{
	"off": worktime.Off, "holiday": worktime.Off, "放假": worktime.Off, "休": worktime.Off, "休息": worktime.Off, "节假日": worktime.Off,
	"work": worktime.Work, "上班": worktime.Work, "班": worktime.Work, "调休": worktime.Work, "补班": worktime.Work,
}

func (c *command) calendar() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "calendar",
		Short: "show the working calendar, or load a year's holidays and make-up days",
		Example: `  whistle calendar show 2026
  whistle calendar import 2027.csv --dry-run`,
	}
	cmd.AddCommand(c.calendarShow(), c.calendarImport())
	return cmd
}

func (c *command) calendarShow() *cobra.Command {
	return &cobra.Command{
		Use:     "show YEAR",
		Short:   "list the days of a year that depart from Monday to Friday; exit 1 when it is not loaded",
		Example: "  whistle calendar show 2026",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			year, err := strconv.Atoi(args[0])
			if err != nil || year < 1 || year > 9999 {
				return usageError{errors.New("YEAR must be a year such as 2026")}
			}
			return c.with(cmd.Context(), func(svc *service.Service) error {
				view, err := svc.Calendar(cmd.Context(), year)
				if err != nil {
					return err
				}
				if len(view.Days) == 0 {
					fmt.Fprintf(cmd.ErrOrStderr(), "%d is not loaded: only its weekends are known. Load it with: whistle calendar import FILE.csv\n", year)
					return errWrong
				}
				out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(out, "date\tkind\tname")
				for _, d := range view.Days {
					fmt.Fprintf(out, "%s\t%s\t%s\n", d.Date, d.Kind, d.Name)
				}
				return out.Flush()
			})
		},
	}
}

func (c *command) calendarImport() *cobra.Command {
	var dryRun bool
	var note string
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "load holidays and make-up days, and compute open deadlines anew",
		Long: `import reads CSV or Excel with the columns date, kind and name (日期, 类型, 名称).
The kind is off, 放假 or 休 for a day off, and work, 上班 or 调休 for a weekend day
that is worked. Days that are not named are as the week has them.

Every year that has a day in the file is replaced as a whole, so give all its days.
The deadlines of open tickets are computed anew, each with a line in its history.

Exit codes: 0 loaded, or nothing to change; 1 there are bad rows; 2 called wrongly.`,
		Example: `  whistle calendar import 2027.csv --dry-run
  whistle calendar import 2027.csv --note 国办发明电〔2026〕7号`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if note == "" {
				note = filepath.Base(args[0])
			}
			from, err := tabular.Open(args[0], calendarColumns)
			var header *tabular.Faults
			switch {
			case errors.As(err, &header):
				return c.badHeader(cmd, header)
			case errors.Is(err, fs.ErrNotExist):
				return usageError{fmt.Errorf("there is no file %s", args[0])}
			case err != nil:
				return err
			}
			rows, days, err := readDays(from)
			if err = errors.Join(err, from.Close()); err != nil {
				return err
			}
			if faults := rowFaults(rows); faults.Count > 0 {
				return c.badHeader(cmd, faults)
			}
			return c.with(cmd.Context(), func(svc *service.Service) error {
				load := svc.ImportCalendar
				if dryRun {
					load = svc.RehearseCalendar
				}
				change, err := load(cmd.Context(), ticket.System, days, note)
				var refused *ticket.Error
				if errors.As(err, &refused) && len(refused.Fields) > 0 {
					return c.badHeader(cmd, dayFaults(rows, refused.Fields))
				}
				if err != nil {
					return err
				}
				reportCalendar(cmd.OutOrStdout(), change, dryRun)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "tell what would change, and change nothing")
	cmd.Flags().StringVar(&note, "note", "", "where the days come from, such as the notice's number; the file's name by default")
	return cmd
}

// readDays reads every row; what is wrong with one is kept with it.
func readDays(from *tabular.Reader) (rows []*tabular.Row, days []worktime.Day, err error) {
	for {
		row, err := from.Next()
		if errors.Is(err, io.EOF) {
			return rows, days, nil
		}
		if err != nil {
			return nil, nil, err
		}
		day := worktime.Day{Name: row.Text("name", 100)}
		if date, ok := row.Date("date"); ok {
			day.Date = worktime.DateOf(date)
		} else if row.Blank("date") {
			row.Fault("date", "must be a day, such as 2027-01-01")
		}
		kind := row.Required("kind", 20)
		if known, ok := dayKinds[strings.ToLower(kind)]; ok {
			day.Kind = known
		} else if kind != "" {
			row.Fault("kind", "must be off, 放假 or 休 for a day off, or work, 上班 or 调休 for a day worked")
		}
		rows, days = append(rows, row), append(days, day)
	}
}

func rowFaults(rows []*tabular.Row) *tabular.Faults {
	faults := &tabular.Faults{}
	for _, row := range rows {
		faults.Add(row.Faults()...)
	}
	return faults
}

// dayFaults says of rows and columns what the service says of days.
func dayFaults(rows []*tabular.Row, fields []ticket.Field) *tabular.Faults {
	general := &tabular.Faults{}
	for _, f := range fields {
		parts := strings.Split(f.Pointer, "/") // "", days, index, column
		i, err := -1, error(nil)
		if len(parts) == 4 {
			i, err = strconv.Atoi(parts[2])
		}
		if err != nil || i < 0 || i >= len(rows) {
			general.Add(tabular.Fault{Message: "the days " + f.Message})
			continue
		}
		rows[i].Fault(parts[3], "%s", f.Message)
	}
	general.Add(rowFaults(rows).List...)
	return general
}

func reportCalendar(out io.Writer, change *service.CalendarChange, dryRun bool) {
	for _, y := range change.Years {
		fmt.Fprintf(out, "%d: %d days before, %d now\n", y.Year, y.Before, y.After)
	}
	if !change.Changed {
		fmt.Fprintf(out, "The calendar says so already, as version %d.\n", change.Version)
		return
	}
	fmt.Fprintf(out, "Version %d: %d open tickets dated anew, %d deadlines moved.\n", change.Version, change.Tickets, change.Moved)
	if dryRun {
		fmt.Fprintln(out, "Nothing was done: this was a dry run.")
	}
}
