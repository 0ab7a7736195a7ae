package main

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"whistle/internal/backup"
	"whistle/internal/store"
	"whistle/internal/testkit"
)

// empty is a place of the same kind without anything in it.
func (d database) empty(t *testing.T) database {
	t.Helper()
	if d.config.URL == "" {
		return database{config: store.Config{Dir: filepath.Join(t.TempDir(), "new")}}
	}
	return database{config: store.Config{URL: testkit.Postgres(t)}, files: filepath.Join(t.TempDir(), "new")}
}

// attach uploads a file and files a ticket with it.
func (p *process) attach(t *testing.T, token, content string) (attachment string) {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "证明.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(part, content) // into memory
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/api/v1/attachments", &form)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var kept struct{ ID string }
	if err := json.NewDecoder(res.Body).Decode(&kept); err != nil || kept.ID == "" {
		t.Fatalf("upload: %s %v", res.Status, err)
	}
	caller := testkit.Caller{URL: p.url, Token: token, HTTP: http.DefaultClient}
	if _, err := caller.Call(t.Context(), http.MethodPost, "/api/v1/tickets", map[string]any{
		"title": "宿舍消防验收未过", "description": "附证明。", "category": "labour", "attachments": []string{kept.ID},
	}, ""); err != nil {
		t.Fatal(err)
	}
	return kept.ID
}

// writing drives the server from several callers until stop is called, which
// tells how many commands were acknowledged.
func (l *load) writing(t *testing.T, p *process) (stop func() int64) {
	var enough atomic.Bool
	var count atomic.Int64
	var running sync.WaitGroup
	begun := make(chan struct{})
	for range callers {
		running.Go(func() {
			l.drive(t.Context(), p.url, func(s sent, err error) bool {
				if err != nil {
					t.Errorf("%s: %v", s.event, err)
				}
				if count.Add(1) == leastAcks {
					close(begun)
				}
				return err == nil && !enough.Load()
			})
		})
	}
	<-begun
	return func() int64 {
		enough.Store(true)
		running.Wait()
		return count.Load()
	}
}

// refuses runs a command that must fail and say why.
func (d database) refuses(t *testing.T, says string, args ...string) {
	t.Helper()
	if code, out, complaints := d.run(t, args...); code != exitWrong || !strings.Contains(complaints, says) {
		t.Errorf("whistle %s: exit %d, want 1 with %q: %s%s", args[0], code, says, out, complaints)
	}
}

// TestBackupAndRestore is the drill: a backup while people work, and everything
// of it in a new place.
func TestBackupAndRestore(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		tokens, departments := d.people(t)
		p := d.serve(t)
		const words = "消防验收意见书：应急照明不足。"
		attachment := p.attach(t, tokens["own"], words)
		l := &load{tokens: tokens, lead: departments["labour"], client: testkit.NewCallers(callers)}
		file := filepath.Join(t.TempDir(), "backup.tar")
		stop := l.writing(t, p)
		code, out, complaints := d.run(t, "backup", file)
		acknowledged := stop()
		if code != 0 || !strings.Contains(out, "1 files") {
			t.Fatalf("backup: exit %d: %s%s", code, out, complaints)
		}
		d.refuses(t, "is there already", "backup", file)
		a, err := backup.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		if n := a.Counts["history"]; n < leastAcks || n > acknowledged+1 || a.Heads.Count != int(a.Counts["tickets"]) {
			t.Errorf("the backup has %d lines of the %d acknowledged, %d heads of %d tickets", n, acknowledged, a.Heads.Count, a.Counts["tickets"])
		}

		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changed := filepath.Join(t.TempDir(), "changed.tar")
		content[len(content)/2] ^= 1
		if err := os.WriteFile(changed, content, 0o600); err != nil { //nolint:gosec // in a folder of this test
			t.Fatal(err)
		}
		place := d.empty(t)
		place.refuses(t, "is damaged", "restore", changed)
		if _, err := os.Stat(place.arguments()[len(place.arguments())-1]); !os.IsNotExist(err) {
			t.Errorf("the refused archive has left something: %v", err)
		}

		if code, out, complaints = place.run(t, "restore", file); code != 0 || !strings.Contains(out, "restored, of") || !strings.Contains(out, " 0 faults") {
			t.Fatalf("restore: exit %d: %s%s", code, out, complaints)
		}
		place.holds(t, file)
		place.clean(t) // a recount is written down
		again := place.serve(t)
		caller := testkit.Caller{URL: again.url, Token: tokens["own"], HTTP: http.DefaultClient}
		read, err := caller.Call(t.Context(), http.MethodGet, "/api/v1/attachments/"+attachment, nil, "")
		if err != nil || string(read) != words {
			t.Errorf("the attachment reads %q, %v", read, err)
		}
		again.file(t, tokens["own"]) // numbers go on
		place.refuses(t, "is not empty", "restore", file)
		place.refuses(t, "in use", "restore", file, "--replace")
		again.stop(t)
		if code, out, complaints = place.run(t, "restore", file, "--replace"); code != 0 || !strings.Contains(out, " 0 faults") {
			t.Errorf("restore --replace: exit %d: %s%s", code, out, complaints)
		}
		place.holds(t, file)
		p.stop(t)

		other := database{config: store.Config{Dir: filepath.Join(t.TempDir(), "other")}}
		if d.config.URL == "" {
			other = database{config: store.Config{URL: testkit.Postgres(t)}, files: t.TempDir()}
		}
		other.refuses(t, "can be restored into that only", "restore", file)
	})
}

// holds makes a backup of a place that was restored, and holds its counts
// against those of the first.
func (d database) holds(t *testing.T, file string) {
	t.Helper()
	second := filepath.Join(t.TempDir(), "second.tar")
	if code, out, complaints := d.run(t, "backup", second); code != 0 {
		t.Fatalf("backup: exit %d: %s%s", code, out, complaints)
	}
	var both [2]*backup.Archive
	for i, path := range []string{file, second} {
		a, err := backup.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		both[i] = a
	}
	if both[0].Heads != both[1].Heads || len(both[0].Counts) != len(both[1].Counts) {
		t.Errorf("restored are %+v of %+v", both[1].Heads, both[0].Heads)
	}
	for table, n := range both[0].Counts {
		if got := both[1].Counts[table]; got != n {
			t.Errorf("%s: %d rows, there were %d", table, got, n)
		}
	}
	if len(both[0].Parts) != len(both[1].Parts) {
		t.Errorf("%d parts, there were %d", len(both[1].Parts), len(both[0].Parts))
	}
}

// TestBackupTellsWhatIsMissing writes the backup nevertheless.
// TestBackupOfNothing makes nothing, neither a file nor a database.
func TestBackupOfNothing(t *testing.T) {
	parent := t.TempDir()
	missing := filepath.Join(parent, "missing")
	code, _, complaints := database{config: store.Config{Dir: missing}}.run(t, "backup", filepath.Join(parent, "whistle.tar"))
	if code == 0 || !strings.Contains(complaints, "there is no whistle.db") {
		t.Errorf("exit %d: %s", code, complaints)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

func TestBackupTellsWhatIsMissing(t *testing.T) {
	d := database{config: testkit.MigratedSQLite(t)}
	tokens, _ := d.people(t)
	p := d.serve(t)
	changed, gone := p.attach(t, tokens["own"], "一份"), p.attach(t, tokens["own"], "另一份")
	p.stop(t)
	folder := filepath.Join(d.config.Dir, "files", "attachments")
	if err := os.WriteFile(filepath.Join(folder, changed), []byte("变了"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, gone)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "backup.tar")
	code, out, complaints := d.run(t, "backup", file)
	if code != exitWrong || !strings.Contains(out, changed) || !strings.Contains(out, gone) {
		t.Errorf("backup: exit %d: %s%s", code, out, complaints)
	}
	a, err := backup.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if len(a.Missing) != 2 || a.Counts["attachments"] != 2 {
		t.Errorf("missing are %v of %d", a.Missing, a.Counts["attachments"])
	}
}
