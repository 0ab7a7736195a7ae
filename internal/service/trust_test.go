package service_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

func (d *district) verify() *service.VerifyReport {
	d.tb.Helper()
	report, err := d.Verify(d.tb.Context(), nil)
	if err != nil {
		d.tb.Fatal(err)
	}
	return report
}

func (d *district) recount() *service.RecountReport {
	d.tb.Helper()
	report, err := d.Recount(d.tb.Context(), nil)
	if err != nil {
		d.tb.Fatal(err)
	}
	return report
}

// names says whether a fault is about this line of this ticket and says so.
func names(faults []service.Fault, number string, line int, words string) bool {
	return slices.ContainsFunc(faults, func(f service.Fault) bool {
		return f.Number == number && f.Line == line && strings.Contains(f.What, words)
	})
}

// story makes two tickets, frozen on the morning after the first.
func (d *district) story() (first, second *ticket.Ticket) {
	d.tb.Helper()
	first = d.solve(1)
	second = d.solve(2)
	d.clock.Set(on("2023-09-05 00:05"))
	if n, err := d.Freeze(d.tb.Context()); err != nil || n == 0 {
		d.tb.Fatalf("froze %d: %v", n, err)
	}
	return first, second
}

func TestTamperingIsNamed(t *testing.T) {
	const other = "UPDATE %s SET %s WHERE %s"
	for _, c := range []struct {
		name string
		do   func(d *district, first, second *ticket.Ticket)
		line int
		says string
	}{
		{"one byte of a line", func(d *district, first, _ *ticket.Ticket) {
			d.exec(fmt.Sprintf("UPDATE history SET canonical = replace(canonical, '\"role\":\"head\"', '\"role\":\"hEad\"') WHERE ticket_id = '%s' AND seq = 4", first.ID))
		}, 4, "has been changed"},
		{"a line and its hash", func(d *district, first, _ *ticket.Ticket) {
			line := d.text(fmt.Sprintf("SELECT canonical FROM history WHERE ticket_id = '%s' AND seq = 4", first.ID))
			line = strings.Replace(line, `"id":"head1"`, `"id":"head2"`, 1)
			d.exec(fmt.Sprintf("UPDATE history SET canonical = '%s', hash = '%s', actor_id = 'head2' WHERE ticket_id = '%s' AND seq = 4", line, ticket.HashOf(line), first.ID))
		}, 5, "does not continue line 4"},
		{"a column beside a line", func(d *district, first, _ *ticket.Ticket) {
			d.exec(fmt.Sprintf(other, "history", "actor_id = 'nobody'", "ticket_id = '"+first.ID+"' AND seq = 2"))
		}, 2, "column actor_id"},
		{"a text", func(d *district, first, _ *ticket.Ticket) {
			d.exec(fmt.Sprintf("UPDATE history_words SET words = '{\"result\":\"没招到\"}' WHERE ticket_id = '%s' AND seq = 5", first.ID))
		}, 5, `the text "result"`},
		{"a line removed", func(d *district, first, _ *ticket.Ticket) {
			d.exec(fmt.Sprintf("DELETE FROM history WHERE ticket_id = '%s' AND seq = 3", first.ID))
		}, 3, "missing"},
		{"the tail cut off", func(d *district, first, _ *ticket.Ticket) {
			d.exec(fmt.Sprintf("DELETE FROM history WHERE ticket_id = '%s' AND seq = 6", first.ID))
		}, 6, "it was there at the freeze"},
		{"the ticket without its lines", func(d *district, first, _ *ticket.Ticket) {
			for _, table := range []string{"ticket_parties", "ticket_facts", "dispatch_facts"} {
				d.exec(fmt.Sprintf("DELETE FROM %s WHERE ticket_id = '%s'", table, first.ID))
			}
			d.exec(fmt.Sprintf("DELETE FROM tickets WHERE id = '%s'", first.ID))
		}, 0, "the ticket has vanished"},
		{"the lines without the ticket", func(d *district, first, _ *ticket.Ticket) {
			d.exec(fmt.Sprintf("DELETE FROM history WHERE ticket_id = '%s'", first.ID))
		}, 0, "has no history"},
		{"a stored column", func(d *district, first, _ *ticket.Ticket) {
			d.exec(fmt.Sprintf(other, "tickets", "satisfaction = 1", "id = '"+first.ID+"'"))
		}, 0, "its stored satisfaction"},
		{"a stored clock", func(d *district, first, _ *ticket.Ticket) {
			d.exec(fmt.Sprintf("UPDATE tickets SET detail = replace(CAST(detail AS text), 'due_at', 'dUe_at')%s WHERE id = '%s'", d.jsonCast(), first.ID))
		}, 0, "its stored detail"},
		{"an alarm", func(d *district, first, _ *ticket.Ticket) {
			d.exec(fmt.Sprintf(other, "tickets", "red_at = '2030-01-01 00:00:00+00:00'", "id = '"+first.ID+"'"))
		}, 0, "its stored red_at"},
		{"a party", func(d *district, first, _ *ticket.Ticket) {
			d.exec(fmt.Sprintf("DELETE FROM ticket_parties WHERE ticket_id = '%s'", first.ID))
		}, 0, "its stored ticket_parties"},
		{"a head", func(d *district, first, _ *ticket.Ticket) {
			d.exec(fmt.Sprintf(other, "history_heads", "hash = 'x'", "ticket_id = '"+first.ID+"'"))
		}, 6, "is not the line that was there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, d *district) {
				first, second := d.story()
				if report := d.verify(); !report.OK() || report.Tickets != 2 || report.Lines != 12 || report.Snapshots == 0 {
					t.Fatalf("before: %+v", report)
				}
				d.unguard()
				c.do(d, first, second)
				report := d.verify()
				if !names(report.Faults, first.Number, c.line, c.says) {
					t.Fatalf("not named: %v", report.Faults)
				}
				if slices.ContainsFunc(report.Faults, func(f service.Fault) bool { return f.TicketID == second.ID }) {
					t.Fatalf("the sound ticket is accused: %v", report.Faults)
				}
			})
		})
	}
}

// jsonCast turns text back into what the column holds.
func (d *district) jsonCast() string {
	if d.cfg.URL == "" {
		return ""
	}
	return "::jsonb"
}

func TestVanishedTicketIsNamed(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		first, _ := d.story()
		d.unguard()
		for _, table := range []string{"history", "history_words", "ticket_parties", "ticket_facts", "dispatch_facts"} {
			d.exec(fmt.Sprintf("DELETE FROM %s WHERE ticket_id = '%s'", table, first.ID))
		}
		d.exec(fmt.Sprintf("DELETE FROM tickets WHERE id = '%s'", first.ID))
		report := d.verify()
		if !slices.ContainsFunc(report.Faults, func(f service.Fault) bool {
			return f.TicketID == first.ID && strings.Contains(f.What, "vanished with its whole history")
		}) {
			t.Fatalf("not named: %v", report.Faults)
		}
		// With its head gone too, what the snapshot keeps of the heads tells.
		d.exec(fmt.Sprintf("DELETE FROM history_heads WHERE ticket_id = '%s'", first.ID))
		report = d.verify()
		if !slices.ContainsFunc(report.Faults, func(f service.Fault) bool {
			return f.Snapshot != "" && strings.Contains(f.What, "heads of the histories")
		}) {
			t.Fatalf("not named: %v", report.Faults)
		}
	})
}

func TestDatabaseRefusesToChangeHistory(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		d.story()
		for _, statement := range []string{
			"UPDATE history SET actor_id = 'x'", "DELETE FROM history",
			"UPDATE history_heads SET hash = 'x'", "DELETE FROM history_heads",
			"UPDATE snapshots SET kind = 'x'", "DELETE FROM snapshots",
		} {
			if _, err := d.raw.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		if report := d.verify(); !report.OK() {
			t.Fatal(report.Faults)
		}
	})
}

func TestRedactedTextIsNoFault(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		first, _ := d.story()
		d.exec(fmt.Sprintf("DELETE FROM history_words WHERE ticket_id = '%s' AND seq = 5", first.ID))
		if report := d.verify(); !report.OK() || report.Redacted != 1 {
			t.Fatalf("%+v", report)
		}
	})
}

func TestRecountNamesWhatDiffers(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		first, _ := d.story()
		if report := d.recount(); !report.OK() || report.Tickets != 2 || report.Lines != 12 {
			t.Fatalf("before: %+v", report)
		}
		d.exec(fmt.Sprintf("UPDATE ticket_facts SET outcome = 'explained' WHERE ticket_id = '%s' AND valid_to IS NULL", first.ID))
		d.exec(fmt.Sprintf("DELETE FROM dispatch_facts WHERE ticket_id = '%s' AND seq = 3", first.ID))
		report := d.recount()
		if d.LastRecount() != report {
			t.Error("the last recount is not kept")
		}
		if len(report.Drifts) != 2 {
			t.Fatalf("%+v", report.Drifts)
		}
		row, column := report.Drifts[0], report.Drifts[1]
		if row.Table != "dispatch_facts" || row.Line != 3 || row.Column != "" || row.Number != first.Number {
			t.Errorf("the missing row: %+v", row)
		}
		if column.Table != "ticket_facts" || column.Column != "outcome" || column.Line != 6 || column.Stored != "explained" || column.Counted != "solved" {
			t.Errorf("the changed column: %+v", column)
		}
		i := slices.IndexFunc(report.Figures, func(f service.FigureDrift) bool { return f.Figure == "resolution_rate" })
		if i < 0 || report.Figures[i].Stored != "1 / 2" || report.Figures[i].Counted != "2 / 2" {
			t.Errorf("the figures: %+v", report.Figures)
		}
		if report := d.verify(); !slices.ContainsFunc(report.Faults, func(f service.Fault) bool {
			return f.Snapshot != "" && strings.Contains(f.What, "counting again")
		}) {
			t.Errorf("the snapshot does not notice: %v", report.Faults)
		}
	})
}

func TestExportIsVerifiedWithoutTheDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		first, second := d.story()
		var export bytes.Buffer
		if err := d.ExportHistory(t.Context(), &export); err != nil {
			t.Fatal(err)
		}
		whole := export.String()
		check := func(text string) *service.VerifyReport {
			report, err := service.VerifyExport(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			return report
		}
		if report := check(whole); !report.OK() || report.Tickets != 2 || report.Lines != 12 || report.Heads != 2 || report.Snapshots != 2 {
			t.Fatalf("%+v", report)
		}
		records := strings.SplitAfter(strings.TrimSuffix(whole, "\n"), "\n")
		without := func(which func(record string) bool) string {
			return strings.Join(slices.DeleteFunc(slices.Clone(records), which), "")
		}
		of := func(id string, seq int) func(string) bool {
			return func(record string) bool {
				return strings.HasPrefix(record, fmt.Sprintf(`{"line":{"ticket_id":"%s","seq":%d,`, id, seq))
			}
		}
		changed := strings.Replace(whole, `\"id\":\"head1\"`, `\"id\":\"head3\"`, 1)
		if report := check(changed); !names(report.Faults, first.Number, 4, "has been changed") {
			t.Errorf("a changed byte: %v", report.Faults)
		}
		if report := check(without(of(second.ID, 3))); !names(report.Faults, second.Number, 3, "missing") {
			t.Errorf("a removed line: %v", report.Faults)
		}
		if report := check(without(of(second.ID, 6))); !names(report.Faults, second.Number, 6, "it was there at the freeze") {
			t.Errorf("a tail cut off: %v", report.Faults)
		}
		gone := check(without(func(record string) bool { return strings.HasPrefix(record, `{"line":{"ticket_id":"`+first.ID) }))
		if !slices.ContainsFunc(gone.Faults, func(f service.Fault) bool { return f.TicketID == first.ID && strings.Contains(f.What, "vanished") }) {
			t.Errorf("a removed ticket: %v", gone.Faults)
		}
		if report := check(without(func(record string) bool { return strings.HasPrefix(record, `{"end"`) })); report.OK() {
			t.Error("an export that was cut off is believed")
		}
		if report := check(without(func(record string) bool { return strings.HasPrefix(record, `{"head"`) })); report.OK() {
			t.Error("an export without heads is believed")
		}
		if report := check(whole[:strings.LastIndex(whole, `{"line"`)+100]); report.OK() {
			t.Error("an export that was cut off within a line is believed")
		}
		if _, err := service.VerifyExport(strings.NewReader("留言编号,留言用户\n")); err == nil {
			t.Error("something else is taken for an export")
		}
	})
}
