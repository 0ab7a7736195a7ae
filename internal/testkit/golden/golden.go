// Package golden holds generated files against what the code makes of them.
// With the flag -update a test writes them anew; `make generate` does so for
// all.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated files anew")

// File holds a whole file.
func File(t *testing.T, file, want string) {
	t.Helper()
	got, err := os.ReadFile(file) //nolint:gosec // a file of the repository, named by its test
	if missing := os.IsNotExist(err); err != nil && (!missing || !*update) {
		t.Fatal(err)
	}
	if string(got) == want {
		return
	}
	if !*update {
		t.Errorf("%s is not current; run: make generate", filepath.Base(file))
		return
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // for everybody to read
		t.Fatal(err)
	}
}

// Section holds the part of a file between the comments <!-- name --> and
// <!-- end of name -->.
func Section(t *testing.T, file, name, want string) {
	t.Helper()
	text, err := os.ReadFile(file) //nolint:gosec // a file of the repository, named by its test
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->"
	before, rest, opened := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		t.Fatalf("%s has no section %q", filepath.Base(file), name)
	}
	File(t, file, before+begin+want+end+after)
}
