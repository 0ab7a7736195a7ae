package store_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"whistle/internal/store"
	"whistle/internal/testkit"
)

// errand is a job that tells of itself.
type errand struct {
	Name string `json:"name"`
}

func (errand) Kind() string { return "errand" }

// errands are done by telling their names.
type errands struct {
	done chan string
	fail func(run store.Run, name string) error // nil when nothing fails
}

func (e *errands) worker() store.Worker {
	return store.WorkerOf(0, func(ctx context.Context, run store.Run, args errand) error {
		if e.fail != nil {
			if err := e.fail(run, args.Name); err != nil {
				return err
			}
		}
		select {
		case e.done <- args.Name:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// next waits for an errand to be done.
func (e *errands) next(t *testing.T) string {
	t.Helper()
	select {
	case name := <-e.done:
		return name
	case <-time.After(30 * time.Second):
		t.Fatal("nothing was done")
		return ""
	}
}

func newErrands() *errands { return &errands{done: make(chan string, 100)} }

func startQueue(t *testing.T, st *store.Store, e *errands) *store.Queue {
	t.Helper()
	q := store.NewQueue(st, store.QueueConfig{Log: slog.New(slog.DiscardHandler), Workers: []store.Worker{e.worker()}})
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return q
}

// TestQueueFollowsTheCommit: what is rolled back is never done.
func TestQueueFollowsTheCommit(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		st, e := testkit.Open(t, cfg), newErrands()
		q := startQueue(t, st, e)
		changedMyMind := errors.New("changed my mind")
		for _, c := range []struct {
			name string
			end  error
		}{{"rolled back", changedMyMind}, {"committed", nil}} {
			err := st.InTx(t.Context(), func(ctx context.Context) error {
				if _, err := q.Enqueue(ctx, errand{c.name}); err != nil {
					return err
				}
				return c.end
			})
			if !errors.Is(err, c.end) {
				t.Fatal(err)
			}
		}
		if name := e.next(t); name != "committed" {
			t.Errorf("did %q", name)
		}
	})
}

// TestQueueOfTwoProcesses: each job is done by one of them.
func TestQueueOfTwoProcesses(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		e := newErrands()
		first, second := testkit.Open(t, cfg), testkit.Open(t, cfg)
		q := startQueue(t, first, e)
		startQueue(t, second, e)
		const n = 50
		if err := first.InTx(t.Context(), func(ctx context.Context) error {
			for range n {
				if _, err := q.Enqueue(ctx, errand{"once"}); err != nil {
					return err
				}
			}
			// The last to be fetched.
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for range n {
			e.next(t)
		}
		if err := first.InTx(t.Context(), func(ctx context.Context) error {
			_, err := q.Enqueue(ctx, errand{"last"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if name := e.next(t); name != "last" {
			t.Errorf("%q was done again", name)
		}
	})
}

// TestQueueTriesAgain, a little later, what failed, but not what is given up.
func TestQueueTriesAgain(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		st, e := testkit.Open(t, cfg), newErrands()
		e.fail = func(run store.Run, name string) error {
			switch {
			case name == "given up":
				return store.GiveUp(errors.New("no use"))
			case run.Attempt == 1:
				return errors.New("no luck")
			}
			return nil
		}
		q := startQueue(t, st, e)
		var ids []int64
		if err := st.InTx(t.Context(), func(ctx context.Context) error {
			for _, name := range []string{"given up", "fails first"} {
				id, err := q.Enqueue(ctx, errand{name})
				if err != nil {
					return err
				}
				ids = append(ids, id)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if name := e.next(t); name != "fails first" {
			t.Errorf("did %q", name)
		}
		failed, err := q.Jobs(t.Context(), store.JobFilter{State: store.JobFailed})
		if err != nil || len(failed) != 1 || failed[0].ID != ids[0] || failed[0].Attempt != 1 || len(failed[0].Failures) != 1 {
			t.Errorf("failed: %+v, %v", failed, err)
		}
	})
}

// TestMigrationsOfTheQueue come and go with those of the schema.
func TestMigrationsOfTheQueue(t *testing.T) {
	for name, cfg := range map[string]store.Config{"sqlite": testkit.SQLite(t), "postgres": {URL: testkit.Postgres(t)}} {
		t.Run(name, func(t *testing.T) {
			st, err := store.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = st.Close() }()
			count := func() (applied int, all int) {
				migrations, err := st.Migrations(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range migrations {
					if m.Applied {
						applied++
					}
				}
				return applied, len(migrations)
			}
			_, all := count()
			for range 2 {
				if n, err := st.MigrateUp(t.Context()); err != nil || n != all {
					t.Fatalf("%d of %d applied, %v", n, all, err)
				}
				if n, err := st.MigrateUp(t.Context()); err != nil || n != 0 {
					t.Fatalf("%d applied again, %v", n, err)
				}
				for applied := all; applied > 0; {
					if _, err := st.MigrateDown(t.Context()); err != nil {
						t.Fatal(err)
					}
					left, _ := count()
					if left >= applied {
						t.Fatalf("%d are applied after %d", left, applied)
					}
					applied = left
				}
			}
		})
	}
}
