package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// before is the commit of the build that an upgrade is tried from: that of the
// last release, or of the last change of the schema that went into use.
const before = "4d6de5d9a924b9eb58774953c92752da0e2c00c4"

// earlier is the binary of that build, made from the repository's history.
var earlier = sync.OnceValues(func() (string, error) {
	if _, err := program(); err != nil { // in whose folder it is kept
		return "", err
	}
	if out, err := exec.Command("git", "rev-parse", "--is-shallow-repository").Output(); err != nil || strings.TrimSpace(string(out)) != "false" {
		return "", errNoHistory
	}
	source := filepath.Join(built, "before")
	if err := os.Mkdir(source, 0o700); err != nil {
		return "", err
	}
	archive := filepath.Join(built, "before.tar")
	for _, step := range []struct {
		dir  string
		args []string
	}{
		{"../..", []string{"git", "archive", "--output", archive, before}},
		{source, []string{"tar", "-xf", archive}},
		{source, []string{"go", "build", "-buildvcs=false", "-o", "whistle", "./cmd/whistle"}},
	} {
		cmd := exec.Command(step.args[0], step.args[1:]...)
		cmd.Dir = step.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w: %s", strings.Join(step.args, " "), err, out)
		}
	}
	return filepath.Join(source, "whistle"), nil
})

var errNoHistory = errors.New("the checkout has no history back to the build before")

// TestUpgradeAndRollBack goes from the build before to this one, back and on
// again, with the schema or without: each build takes tickets through the whole
// loop where the other left off, on PostgreSQL also beside the other. Nothing
// acknowledged is lost, and no history is broken.
func TestUpgradeAndRollBack(t *testing.T) {
	path, err := earlier()
	if errors.Is(err, errNoHistory) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	databases(t, func(t *testing.T, now database) {
		then := now
		then.program = path
		both := now.config.URL != "" // may serve it at once
		tokens, departments := now.people(t)
		l := &load{tokens: tokens, lead: departments["labour"], client: http.DefaultClient}
		loop := func(builds ...*process) {
			t.Helper()
			for _, p := range builds {
				l.once(t, p)
			}
		}

		// Back with the schema.
		for len(now.applied(t)) > len(then.applied(t)) {
			if code, out, complaints := now.run(t, "migrate", "down"); code != 0 {
				t.Fatalf("migrate down: %d %s%s", code, out, complaints)
			}
		}
		old := then.serve(t)
		loop(old)

		// Forward, while the build before goes on and the schema changes under it.
		if !both {
			old.stop(t)
		}
		next := now.launch(t)
		if both {
			loop(old)
		}
		next.become(t, http.StatusOK)
		loop(next)
		if both {
			loop(old, next)
			old.stop(t)
		}

		// Back without the schema: the build before on the newer one, and forward.
		next.stop(t)
		old = then.serve(t)
		loop(old)
		old.stop(t)
		next = now.serve(t)
		loop(next)
		next.stop(t)

		code, out, complaints := now.run(t, "export", "tickets", "--format", "jsonl")
		if lines := strings.Count(out, "\n"); code != 0 || lines*len(l.story()) != len(l.acked) {
			t.Errorf("%d commands acknowledged, %d tickets are there: exit %d, %s", len(l.acked), lines, code, complaints)
		}
		for _, s := range l.acked {
			if !strings.Contains(out, `"`+s.ID+`"`) {
				t.Errorf("%s of %s is lost", s.event, s.ID)
			}
		}

		// What this build backed up is not for one that knows less of it.
		archive := filepath.Join(t.TempDir(), "whistle.tar")
		if code, out, complaints := now.run(t, "backup", archive); code != 0 {
			t.Fatalf("backup: %d %s%s", code, out, complaints)
		}
		into := now.empty(t)
		into.program = path
		code, out, complaints = into.run(t, "restore", archive)
		if len(now.applied(t)) > len(then.applied(t)) && (code != exitWrong || !strings.Contains(complaints, "newer program")) {
			t.Errorf("restored by the build before: %d %s%s", code, out, complaints)
		}
		t.Logf("%d commands acknowledged, from %d migrations to %d", len(l.acked), len(then.applied(t)), len(now.applied(t)))
		now.clean(t)
	})
}

// once takes one ticket through the whole story on a process.
func (l *load) once(t *testing.T, p *process) {
	t.Helper()
	n := 0
	l.drive(t.Context(), p.url, func(s sent, err error) bool {
		if err != nil {
			t.Fatalf("%s %s: %v", s.event, s.path, err)
		}
		l.acked = append(l.acked, s)
		n++
		return n < len(l.story())
	})
}

// applied are the migrations that a build knows and the database has.
func (d database) applied(t *testing.T) (lines []string) {
	t.Helper()
	_, out, _ := d.run(t, "migrate", "status")
	for line := range strings.Lines(out) {
		if strings.Contains(line, "applied") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		t.Fatal("no migration is applied: ", out)
	}
	return lines
}
