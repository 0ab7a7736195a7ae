package service

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"whistle/internal/clock"
	"whistle/internal/store"
	"whistle/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// onBoth runs a test on SQLite and on PostgreSQL, each time over an empty and
// migrated database.
func onBoth(t *testing.T, test func(t *testing.T, st *store.Store)) {
	t.Helper()
	opened := func(t *testing.T, cfg store.Config) *store.Store {
		t.Helper()
		st, err := store.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		})
		return st
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		st := opened(t, store.Config{Dir: t.TempDir()})
		if _, err := st.MigrateUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		test(t, st)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := testkit.PostgresTemplate(t, "migrated", func(url string) error {
			st, err := store.Open(context.Background(), store.Config{URL: url})
			if err != nil {
				return err
			}
			_, err = st.MigrateUp(context.Background())
			return errors.Join(err, st.Close())
		})
		test(t, opened(t, store.Config{URL: url}))
	})
}

// morning is when the tests' clocks stand at first, unless a test sets them.
var morning = time.Date(2023, 11, 1, 8, 30, 0, 0, shanghai)

var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// newService is a service over the store whose clocks stand still.
func newService(st *store.Store) (s *Service, tickets, wall *clock.Manual) {
	tickets, wall = clock.NewManual(morning), clock.NewManual(morning.AddDate(3, 0, 0))
	return New(st, Config{Clock: tickets, Wall: wall, Zone: shanghai, Log: slog.New(slog.DiscardHandler)}), tickets, wall
}
