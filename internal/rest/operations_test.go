package rest_test

import (
	"strconv"
	"strings"
	"testing"

	"whistle/internal/testkit"
)

// tryOperations tries every cell of a table of operations: a line of columns as
// the events' matrix has them, then lines of METHOD:/path and the status that
// each is answered with. fill puts ids into a path; bodies are sent by operation.
func tryOperations(t *testing.T, s *testkit.Server, table string, fill *strings.Replacer, bodies map[string]any) {
	t.Helper()
	var columns []string
	for n, line := range strings.Split(table, "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(line, "#"):
		case columns == nil:
			columns = words[1:]
		case len(words) != len(columns)+1:
			t.Fatalf("line %d has %d columns, want %d", n+1, len(words)-1, len(columns))
		default:
			method, path, _ := strings.Cut(words[0], ":")
			for i, word := range words[1:] {
				want, err := strconv.Atoi(word)
				if err != nil || accounts[columns[i]] == "" {
					t.Fatalf("line %d: %q of %q", n+1, word, columns[i])
				}
				a := s.As(t, accounts[columns[i]]).Do(method, fill.Replace(path), bodies[words[0]])
				if a.Status != want {
					t.Errorf("%s by %s: %d, want %d: %s", words[0], columns[i], a.Status, want, a.Body)
				}
			}
		}
	}
	if columns == nil {
		t.Fatal("the table is empty")
	}
}
