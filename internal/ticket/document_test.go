package ticket_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"whistle/internal/testkit/golden"
	"whistle/internal/ticket"
)

//go:generate go test . -run TestGenerated -update

// TestGeneratedTableIsCurrent holds the copies of the table in the documents
// against the code.
func TestGeneratedTableIsCurrent(t *testing.T) {
	var diagram, table bytes.Buffer
	if err := errors.Join(ticket.WriteMermaid(&diagram), ticket.WriteMarkdown(&table)); err != nil {
		t.Fatal(err)
	}
	block := "```mermaid\n" + diagram.String() + "```\n"
	golden.File(t, "../../api/workflow.md", "# The workflow\n\n"+
		"The states and events of a ticket, made from internal/ticket/workflow.go by `make generate`.\n\n"+
		block+"\n"+table.String())
	golden.Section(t, "../../README.md", "workflow diagram", block)
}

func TestTableNamesEveryEvent(t *testing.T) {
	rows := ticket.Table()
	for _, def := range ticket.Workflow() {
		n := 0
		for _, row := range rows {
			if row.Event == def.Event {
				n++
				if len(row.Who) == 0 {
					t.Errorf("%s: a row that nobody may take", def.Event)
				}
			}
		}
		if n != len(def.Rows) {
			t.Errorf("%s: %d rows, want %d", def.Event, n, len(def.Rows))
		}
		for _, row := range def.Rows {
			if text := row.String(); !strings.HasPrefix(text, "From ") || !strings.Contains(text, "by: ") {
				t.Errorf("%s: %q", def.Event, text)
			}
		}
	}
}
