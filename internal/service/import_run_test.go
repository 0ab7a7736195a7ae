package service_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// importing is a district whose service takes tables in by its queue.
type importing struct {
	*testkit.District
	t     *testing.T
	admin ticket.Actor
}

func importsOnBoth(t *testing.T, test func(t *testing.T, d *importing, cfg store.Config)) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
		test(t, &importing{d, t, d.Actor(t, "admin")}, cfg)
	})
}

// startQueue has the service work on its queue until the test ends.
func startQueue(t *testing.T, svc *testkit.Service) {
	t.Helper()
	if err := svc.StartQueue(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := svc.StopQueue(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func (d *importing) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *importing) start(kind service.ImportKind, table string, o service.ImportRunOptions) service.ImportRun {
	d.t.Helper()
	run, err := d.StartImport(d.t.Context(), d.admin, kind, `C:\表格\名册.csv`, strings.NewReader(table), o)
	d.must(err)
	if run.State != store.ImportQueued || run.FileName != "名册.csv" || run.FileSize != int64(len(table)) || run.Names.Of(run.StartedBy) != "admin" {
		d.t.Errorf("started %+v", run)
	}
	return run
}

// until waits for a hint of the import at which it is as wanted.
func (d *importing) until(hints <-chan service.Hint, id string, as func(run *service.ImportRun) bool) *service.ImportRun {
	d.t.Helper()
	patience := time.After(time.Minute)
	for {
		run, err := d.ImportRun(d.t.Context(), d.admin, id)
		d.must(err)
		if as(run) {
			return run
		}
		select {
		case <-hints:
		case <-patience:
			d.t.Fatalf("the import stays %+v", run)
		}
	}
}

func ended(run *service.ImportRun) bool { return run.EndedAt != nil }

// told is how an import went, in short.
func told(run *service.ImportRun) string {
	return fmt.Sprintf("%s applied %t: %d rows, %d added, %d changed, %d there, %d bad, %d faults", run.State, run.Applied, run.Rows, run.Added, run.Changed, run.Unchanged, run.Bad, run.Faults)
}

func (d *importing) faults(id string, after, limit int) []string {
	d.t.Helper()
	list, err := d.ImportFaults(d.t.Context(), d.admin, id, after, limit)
	d.must(err)
	var lines []string
	for _, f := range list {
		lines = append(lines, fmt.Sprintf("%d: %d %s %s", f.Item, f.Row, f.Column, f.Message))
	}
	return lines
}

func TestImportsInTheBackground(t *testing.T) {
	const good, mixed = "编码,名称\nb1,局一\nb2,局二\n", "编码,名称,类型\nb2,局二（新）,\nb3,局三,衙门\n,局四,\n"
	importsOnBoth(t, func(t *testing.T, d *importing, _ store.Config) {
		ctx := t.Context()
		hints, stop := d.Hints()
		defer stop()
		startQueue(t, d.Service)
		departments := func() string {
			t.Helper()
			list, err := d.Service.Departments().List(ctx, d.admin, service.EntryFilter{Text: "局"})
			d.must(err)
			var names []string
			for _, one := range list {
				if strings.HasPrefix(one.Code, "b") {
					names = append(names, one.Name)
				}
			}
			return strings.Join(names, " ")
		}
		for _, c := range []struct {
			name, table string
			o           service.ImportRunOptions
			told        string
			departments string
			faults      []string
		}{
			{"rehearsed", good, service.ImportRunOptions{DryRun: true}, "done applied false: 2 rows, 2 added, 0 changed, 0 there, 0 bad, 0 faults", "", nil},
			{"done", good, service.ImportRunOptions{}, "done applied true: 2 rows, 2 added, 0 changed, 0 there, 0 bad, 0 faults", "局一 局二", nil},
			{"again", good, service.ImportRunOptions{}, "done applied true: 2 rows, 0 added, 0 changed, 2 there, 0 bad, 0 faults", "局一 局二", nil},
			{
				"held back", mixed,
				service.ImportRunOptions{},
				"done applied false: 3 rows, 0 added, 1 changed, 0 there, 2 bad, 2 faults", "局一 局二",
				[]string{"1: 3 类型 “衙门” is not known", "2: 4 编码 the cell is empty"},
			},
			{
				"good rows alone", mixed,
				service.ImportRunOptions{SkipBad: true},
				"done applied true: 3 rows, 0 added, 1 changed, 0 there, 2 bad, 2 faults", "局一 局二（新）",
				[]string{"1: 3 类型 “衙门” is not known", "2: 4 编码 the cell is empty"},
			},
			{
				"another header", "编码,名字\nb9,局九\n",
				service.ImportRunOptions{},
				"failed applied false: 0 rows, 0 added, 0 changed, 0 there, 0 bad, 2 faults", "局一 局二（新）",
				[]string{"1: 1 名字 unknown column", "2: 1 名称 the column is missing"},
			},
			{"no table", "%PDF-1.7", service.ImportRunOptions{}, "failed applied false: 0 rows, 0 added, 0 changed, 0 there, 0 bad, 0 faults", "局一 局二（新）", nil},
		} {
			run := d.until(hints, d.start(service.ImportDepartments, c.table, c.o).ID, ended)
			if got := told(run); got != c.told || run.Done != run.Rows || run.Names.Of(run.StartedBy) != "admin" {
				t.Errorf("%s: %s, want %s", c.name, got, c.told)
			}
			if got := departments(); got != c.departments {
				t.Errorf("%s: now there are %s, want %s", c.name, got, c.departments)
			}
			got := d.faults(run.ID, 0, 10)
			if len(got) != len(c.faults) || !slices.EqualFunc(got, c.faults, strings.HasPrefix) {
				t.Errorf("%s: faults %q, want %q", c.name, got, c.faults)
			}
			if failed := run.State == store.ImportFailed; failed == run.Failure.Empty() {
				t.Errorf("%s: %s, because %q", c.name, run.State, run.Failure)
			}
		}

		runs, err := d.ImportRuns(ctx, d.admin, service.ImportRunFilter{State: store.ImportDone, Limit: 2})
		d.must(err)
		if len(runs) != 2 || runs[0].Options.SkipBad != true || runs[1].Bad != 2 {
			t.Errorf("listed %+v", runs)
		}
		more, err := d.ImportRuns(ctx, d.admin, service.ImportRunFilter{State: store.ImportDone, Kind: string(service.ImportDepartments), After: runs[1].ID})
		d.must(err)
		if len(more) != 3 || !more[2].Options.DryRun {
			t.Errorf("then %+v", more)
		}
		if got := d.faults(runs[0].ID, 1, 1); len(got) != 1 || !strings.HasPrefix(got[0], "2: 4") {
			t.Errorf("the second page of faults: %q", got)
		}

		// The bad rows are mended and imported.
		file, err := d.BadRows(ctx, d.admin, runs[0].ID)
		d.must(err)
		bad, err := io.ReadAll(file)
		d.must(errors.Join(err, file.Close()))
		mended := strings.NewReplacer("衙门", "部门", "\n,局四", "\nb4,局四").Replace(string(bad))
		run := d.until(hints, d.start(service.ImportDepartments, mended, service.ImportRunOptions{}).ID, ended)
		if got, want := told(run), "done applied true: 2 rows, 2 added, 0 changed, 0 there, 0 bad, 0 faults"; got != want {
			t.Errorf("mended: %s, want %s, of\n%s", got, want, mended)
		}
		_, err = d.BadRows(ctx, d.admin, run.ID)
		wantCode(t, err, ticket.CodeNotFound)

		// What was applied is in the audit log, what was only tried is not.
		log, err := d.AuditLog(ctx, d.admin, service.AuditFilter{Subject: "import"})
		d.must(err)
		var entries []string
		for _, entry := range log {
			entries = append(entries, entry.Action+" "+entry.About)
			if entry.ActorID != d.admin.ID {
				t.Errorf("audited %+v", entry)
			}
		}
		if want := []string{"import 名册.csv", "import 名册.csv", "import 名册.csv"}; !slices.Equal(entries, want) || log[0].SubjectID != run.ID {
			t.Errorf("audited %q, the last of %s", entries, log[0].SubjectID)
		}

		// After a month the files are gone.
		d.Clock.Advance(30 * 24 * time.Hour)
		d.must(d.PurgeImportFiles(ctx))
		if again, err := d.ImportRun(ctx, d.admin, runs[0].ID); err != nil || !again.FileKept {
			t.Errorf("after a month less a moment: %+v, %v", again, err)
		}
		d.Clock.Advance(time.Second)
		d.must(d.PurgeImportFiles(ctx))
		if again, err := d.ImportRun(ctx, d.admin, runs[0].ID); err != nil || again.FileKept {
			t.Errorf("after a month: %+v, %v", again, err)
		}
		_, err = d.BadRows(ctx, d.admin, runs[0].ID)
		wantCode(t, err, ticket.CodeNotFound)
	})
}

func wantCode(t *testing.T, err error, want ticket.Code) {
	t.Helper()
	if got := code(err); got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

func TestWhoMayImport(t *testing.T) {
	importsOnBoth(t, func(t *testing.T, d *importing, _ store.Config) {
		ctx := t.Context()
		run := d.start(service.ImportDepartments, "编码,名称\nb1,局一\n", service.ImportRunOptions{})
		for _, name := range []string{"desk", "leader", "lead-head", "own"} {
			actor := d.Actor(t, name)
			_, err := d.StartImport(ctx, actor, service.ImportDepartments, "x", strings.NewReader("x"), service.ImportRunOptions{})
			wantCode(t, err, ticket.CodeForbidden)
			_, err = d.ImportRuns(ctx, actor, service.ImportRunFilter{})
			wantCode(t, err, ticket.CodeForbidden)
			_, err = d.ImportRun(ctx, actor, run.ID)
			wantCode(t, err, ticket.CodeForbidden)
			_, err = d.ImportFaults(ctx, actor, run.ID, 0, 1)
			wantCode(t, err, ticket.CodeForbidden)
			_, err = d.BadRows(ctx, actor, run.ID)
			wantCode(t, err, ticket.CodeForbidden)
			wantCode(t, d.CancelImport(ctx, actor, run.ID), ticket.CodeForbidden)
			if d.Sees(ctx, actor, service.Hint{ImportID: run.ID}) {
				t.Errorf("%s is told of imports", name)
			}
		}
		_, err := d.StartImport(ctx, d.admin, "people", "x", strings.NewReader("x"), service.ImportRunOptions{Category: strings.Repeat("x", 65)})
		if got := faultsAt(err); !slices.Equal(got, []string{"/category", "/kind"}) {
			t.Errorf("faults at %v", got)
		}
		_, err = d.StartImport(ctx, d.admin, service.ImportUsers, "x", strings.NewReader(""), service.ImportRunOptions{})
		if got := faultsAt(err); !slices.Equal(got, []string{"/file"}) {
			t.Errorf("an empty file: %v", err)
		}
		_, err = d.StartImport(ctx, d.admin, service.ImportUsers, "x", io.LimitReader(zeros{}, service.MaxImportSize+1), service.ImportRunOptions{})
		wantCode(t, err, ticket.CodeTooLarge)
		_, err = d.ImportRun(ctx, d.admin, "nothing")
		wantCode(t, err, ticket.CodeNotFound)

		// Whoever is no admin any more imports nothing.
		role := ticket.RoleDispatcher
		admin2, err := d.CreateUser(ctx, ticket.System, service.NewUser{Username: "admin2", Name: "admin2", Role: ticket.RoleAdmin})
		d.must(err)
		_, err = d.ChangeUser(ctx, ticket.System, d.admin.ID, service.UserChange{Role: &role})
		d.must(err)
		d.admin = ticket.Actor{ID: admin2.ID, Role: ticket.RoleAdmin}
		hints, stop := d.Hints()
		defer stop()
		startQueue(t, d.Service)
		if got := d.until(hints, run.ID, ended); got.State != store.ImportFailed || got.Applied || !strings.Contains(got.Failure.String(), "not for you") {
			t.Errorf("%s, because %s", told(got), got.Failure)
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// rosterOf is a table of n enterprises.
func rosterOf(n int) string {
	var b strings.Builder
	b.WriteString("企业名称,外部编号\n")
	for i := range n {
		fmt.Fprintf(&b, "批量企业%d,批-%d\n", i, i)
	}
	return b.String()
}

// An import that was begun by a process that is gone is begun anew, and one
// that was cancelled never.
func TestAnImportOutlivesItsProcess(t *testing.T) {
	importsOnBoth(t, func(t *testing.T, d *importing, cfg store.Config) {
		ctx := t.Context()
		begun := d.start(service.ImportEnterprises, rosterOf(3), service.ImportRunOptions{})
		d.must(d.Store.InTx(ctx, func(ctx context.Context) error {
			return d.Store.BeginImport(ctx, begun.ID, d.Clock.Now())
		}))
		given := d.start(service.ImportEnterprises, "企业名称\n不要了\n", service.ImportRunOptions{})
		d.must(d.CancelImport(ctx, d.admin, given.ID))
		wantCode(t, d.CancelImport(ctx, d.admin, given.ID), ticket.CodeConflict)
		d.Clock.Advance(time.Minute)

		hints, stop := d.Hints()
		defer stop()
		startQueue(t, d.Service)
		if got, want := told(d.until(hints, begun.ID, ended)), "done applied true: 3 rows, 3 added, 0 changed, 0 there, 0 bad, 0 faults"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got := d.until(hints, given.ID, ended); got.State != store.ImportCancelled {
			t.Errorf("the cancelled one: %s", told(got))
		}
		found, err := d.Service.Enterprises().List(ctx, d.admin, service.EntryFilter{Text: "不要了"})
		d.must(err)
		if len(found) > 0 {
			t.Error("the cancelled one was applied")
		}
	})
}

// While it works an import tells how far it is, and it can be cancelled.
func TestAnImportTellsHowFarItIs(t *testing.T) {
	importsOnBoth(t, func(t *testing.T, d *importing, _ store.Config) {
		hints, stop := d.Hints()
		defer stop()
		startQueue(t, d.Service)
		const rows = 5000
		run := d.start(service.ImportEnterprises, rosterOf(rows), service.ImportRunOptions{})
		under := d.until(hints, run.ID, func(run *service.ImportRun) bool { return run.Done > 0 || ended(run) })
		if under.State != store.ImportRunning || under.Rows != rows || under.Done >= rows || under.Done%(rows/100) != 0 {
			t.Errorf("under way: %d of %d, %s", under.Done, under.Rows, under.State)
		}
		d.must(d.CancelImport(t.Context(), d.admin, run.ID))
		if got := d.until(hints, run.ID, ended); got.State != store.ImportCancelled || got.Applied {
			t.Errorf("cancelled: %s", told(got))
		}
		// The next one is not held up, and nothing of the first is there.
		next := d.until(hints, d.start(service.ImportEnterprises, rosterOf(2), service.ImportRunOptions{}).ID, ended)
		if got, want := told(next), "done applied true: 2 rows, 2 added, 0 changed, 0 there, 0 bad, 0 faults"; got != want {
			t.Errorf("the next: %s, want %s", got, want)
		}
	})
}

// More faults than are kept are counted, and the bad rows have them all.
func TestAnImportOfBadRowsAlone(t *testing.T) {
	importsOnBoth(t, func(t *testing.T, d *importing, _ store.Config) {
		hints, stop := d.Hints()
		defer stop()
		startQueue(t, d.Service)
		const rows = 1200
		run := d.until(hints, d.start(service.ImportDepartments, "编码,名称\n"+strings.Repeat("=1+1,\n", rows), service.ImportRunOptions{}).ID, ended)
		if run.Bad != rows || run.Faults < rows {
			t.Errorf("%s", told(run))
		}
		if kept := d.faults(run.ID, 0, 0); len(kept) != 1000 {
			t.Errorf("%d faults are kept", len(kept))
		}
		file, err := d.BadRows(t.Context(), d.admin, run.ID)
		d.must(err)
		bad, err := io.ReadAll(file)
		d.must(errors.Join(err, file.Close()))
		if lines := bytes.Count(bad, []byte("\n")); lines != rows+1 || bytes.Contains(bad, []byte("\n=")) {
			t.Errorf("%d lines of bad rows, beginning %.200s", lines, bad)
		}
	})
}
