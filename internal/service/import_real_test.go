package service_test

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/tabular"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

const messagesFile = "../../../shared/data/messages_replies.csv"

// beside reads a CSV of the data that lies beside the repository and is no
// part of it. What it holds must not show in a test's output.
func beside(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open("../../../shared/data/" + file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not beside the repository", file)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal("the file is no CSV")
	}
	rows[0][0] = strings.TrimPrefix(rows[0][0], "\ufeff")
	var out []map[string]string
	for _, r := range rows[1:] {
		m := make(map[string]string, len(r))
		for i, v := range r {
			m[rows[0][i]] = v
		}
		out = append(out, m)
	}
	return out
}

// repliedInTime counts day by day, from the files alone: a reply is on time up
// to 18:00 of the n-th working day after the message's day.
func repliedInTime(t *testing.T, n int) (onTime, all int64) {
	t.Helper()
	kind := map[string]string{}
	for _, r := range beside(t, "cn-calendar.csv") {
		kind[r["date"]] = r["kind"]
	}
	for i, r := range beside(t, "messages_replies.csv") {
		var at [2]time.Time
		for j, column := range []string{"留言时间", "答复时间"} {
			var err error
			if at[j], err = time.Parse(time.DateTime, strings.TrimSpace(r[column])); err != nil {
				t.Fatalf("row %d: no time", i+2)
			}
		}
		day := at[0].Truncate(24 * time.Hour)
		for left := n; left > 0; {
			day = day.AddDate(0, 0, 1)
			weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
			switch kind[day.Format(time.DateOnly)] {
			case "work":
				left--
			case "off":
			default:
				if !weekend {
					left--
				}
			}
		}
		all++
		if !at[1].After(day.Add(18 * time.Hour)) {
			onTime++
		}
	}
	return onTime, all
}

func TestRealMessages(t *testing.T) {
	onTime, all := repliedInTime(t, 15)
	if onTime != 1451 || all != 1971 {
		t.Fatalf("counted %d / %d from the files, not 1451 / 1971", onTime, all)
	}
	onBoth(t, func(t *testing.T, d *district) {
		began := time.Now()
		options := service.ImportOptions{Department: "信访局", Resolve: &ticket.Length{Amount: 15, Unit: ticket.WorkingDays}}
		result := d.importFile(t, service.ImportTickets, messagesFile, options)
		t.Logf("%d rows in %s", result.Rows, time.Since(began).Round(10*time.Millisecond))
		if !result.Applied || result.Added != 1971 || result.Bad != 0 {
			t.Fatalf("added %d, bad %d, applied %v", result.Added, result.Bad, result.Applied)
		}

		report, err := d.Figures(t.Context(), ticket.System, service.FiguresQuery{
			From: worktime.Date{Year: 2011, Month: 1, Day: 1}, To: worktime.Date{Year: 2021, Month: 1, Day: 1},
		})
		if err != nil {
			t.Fatal(err)
		}
		for rate, want := range map[string]figures.Ratio{
			"on_time_rate": {Numerator: onTime, Denominator: all},
			// Nobody recorded these steps, and nobody verified the answers.
			"response_rate": {}, "return_rate": {}, "verification_rate": {}, "satisfaction_rate": {},
			"resolution_rate": {Denominator: all},
		} {
			if got := report.Total.Rates[rate]; got != want {
				t.Errorf("%s is %+v, not %+v", rate, got, want)
			}
		}
		if report.Total.Handling.Count != 0 {
			t.Errorf("%d tickets have a handling time", report.Total.Handling.Count)
		}
		d.checkMessages(t)

		again := d.importFile(t, service.ImportTickets, messagesFile, options)
		if again.Added != 0 || again.Unchanged != 1971 || len(again.Made) != 0 {
			t.Errorf("again: added %d, unchanged %d, made %v", again.Added, again.Unchanged, again.Made)
		}
		verified, err := d.Verify(t.Context(), func(int, int) {})
		if err != nil || len(verified.Faults) != 0 {
			t.Errorf("verify: %v, %d faults", err, len(verified.Faults))
		}
	})
}

// checkMessages looks at each imported message.
func (d *district) checkMessages(t *testing.T) {
	t.Helper()
	tickets, err := d.Tickets(t.Context(), ticket.System, service.TicketFilter{})
	if err != nil || len(tickets) != 1971 {
		t.Fatalf("%d tickets, %v", len(tickets), err)
	}
	policy, err := d.Policy(t.Context(), tickets[0].PolicyVersion)
	if err != nil || policy.Name != "resolve 15 working_days" || policy.EffectiveFrom != nil {
		t.Errorf("policy %q from %v, %v", policy.Name, policy.EffectiveFrom, err)
	}
	d.clock.Set(on("2024-09-04 10:00"))
	for _, row := range tickets {
		if row.State != ticket.Verifying || row.Light(d.clock.Now()) != "" || !row.Imported || row.PolicyVersion != policy.Version ||
			row.Names.Of(row.LeadID) != "信访局" || row.ExternalNumber == "" || row.Category != "other" || row.Clock(ticket.ClockVerify) != nil {
			t.Fatalf("ticket %s is %s, %q", row.Number, row.State, row.Light(d.clock.Now()))
		}
	}
	for _, alarm := range []ticket.Light{ticket.Green, ticket.Yellow, ticket.Red} {
		if lit, err := d.Tickets(t.Context(), ticket.System, service.TicketFilter{Light: alarm}); err != nil || len(lit) != 0 {
			t.Errorf("%d are %s, %v", len(lit), alarm, err)
		}
	}
	if resumed, err := d.ResumeDue(t.Context()); err != nil || resumed != 0 {
		t.Errorf("the sweep took up %d, %v", resumed, err)
	}
	lines, names, err := d.History(t.Context(), ticket.System, tickets[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	events := []ticket.Event{ticket.EventSubmit, ticket.EventAccept, ticket.EventDispatch, ticket.EventClaim, ticket.EventResolve}
	for i, line := range lines {
		if line.Event != events[i] || line.Inferred != (i < 4) || i < 4 && !line.At.Equal(tickets[0].FiledAt) || names.Of(line.Actor.ID) != "import" {
			t.Errorf("line %d is %s, inferred %v, by %s", line.Seq, line.Event, line.Inferred, names.Of(line.Actor.ID))
		}
	}
	if len(lines) != len(events) {
		t.Errorf("%d lines", len(lines))
	}
	enterprise, err := d.Enterprises().Get(t.Context(), ticket.System, tickets[0].EnterpriseID)
	if err != nil || enterprise.CreditCode != "" || enterprise.ExternalNumber == "" {
		t.Errorf("the enterprise has a code, or no number: %v", err)
	}
}

func (d *district) importFile(t *testing.T, kind service.ImportKind, path string, o service.ImportOptions) *service.ImportResult {
	t.Helper()
	from, err := tabular.Open(path, service.ImportColumns(kind))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	result, err := d.Import(t.Context(), ticket.System, kind, from, o)
	if err != nil {
		t.Fatal(err)
	}
	return result
}
