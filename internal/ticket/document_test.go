package ticket_test

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whistle/internal/ticket"
)

var update = flag.Bool("update", false, "rewrite the generated copies of the workflow table")

const (
	tableFile    = "../../api/workflow.md"
	readmeFile   = "../../README.md"
	diagramBegin = "<!-- workflow diagram -->\n"
	diagramEnd   = "<!-- end of workflow diagram -->"
)

func diagram(tb testing.TB) string {
	tb.Helper()
	var b bytes.Buffer
	if err := ticket.WriteMermaid(&b); err != nil {
		tb.Fatal(err)
	}
	return "```mermaid\n" + b.String() + "```\n"
}

// TestGeneratedTableIsCurrent holds the copies of the table in the documents
// against the code; with -update it writes them anew.
func TestGeneratedTableIsCurrent(t *testing.T) {
	var table bytes.Buffer
	if err := ticket.WriteMarkdown(&table); err != nil {
		t.Fatal(err)
	}
	keep(t, tableFile, "# The workflow\n\n"+
		"The states and events of a ticket, generated from internal/ticket/workflow.go; "+
		"after a change there, run `go test ./internal/ticket -run TestGeneratedTableIsCurrent -update`.\n\n"+
		diagram(t)+"\n"+table.String())

	readme, err := os.ReadFile(readmeFile)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(readme), diagramBegin)
	if !found {
		return
	}
	_, after, found := strings.Cut(rest, diagramEnd)
	if !found {
		t.Fatalf("%s: the diagram is opened and not closed", filepath.Base(readmeFile))
	}
	keep(t, readmeFile, before+diagramBegin+diagram(t)+diagramEnd+after)
}

func keep(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // a document for everybody
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file) //nolint:gosec // a constant name
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(got), "\r\n", "\n") != want {
		t.Errorf("%s is not current; run: go test ./internal/ticket -run %s -update", filepath.Base(file), t.Name())
	}
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
