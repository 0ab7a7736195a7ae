package rest_test

import (
	"strings"
	"testing"
)

// subjectCell is a cell of the matrix of a subject around the tickets: an
// operation on something, tried by somebody, and what comes of it.
type subjectCell struct{ operation, of, column, want string }

func (c subjectCell) String() string { return c.operation + " " + c.of + " by " + c.column }

// readSubjectMatrix reads such a table: a line of headings, then the rows.
func readSubjectMatrix(t *testing.T, table string) []subjectCell {
	t.Helper()
	var cells []subjectCell
	var columns []string
	for n, line := range strings.Split(table, "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(line, "#"):
		case words[0] == "operation":
			columns = words[2:]
		case len(words) != len(columns)+2:
			t.Fatalf("line %d of the matrix has %d columns, want %d", n+1, len(words), len(columns)+2)
		default:
			for i, want := range words[2:] {
				cells = append(cells, subjectCell{words[0], words[1], columns[i], want})
			}
		}
	}
	return cells
}
