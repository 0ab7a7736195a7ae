package testkit

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"whistle/internal/clock"
	"whistle/internal/files"
	"whistle/internal/service"
	"whistle/internal/store"
)

// Databases runs a test on each database: SQLite in a folder of its own, and a
// new PostgreSQL database, both with the schema in place.
func Databases(t *testing.T, test func(t *testing.T, cfg store.Config)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, MigratedSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, MigratedPostgres(t)) })
}

// SQLite is a new database, without a schema, in a folder that goes with the
// test.
func SQLite(tb testing.TB) store.Config {
	tb.Helper()
	return store.Config{Dir: tb.TempDir()}
}

// MigratedSQLite is a new SQLite database with the schema in place.
func MigratedSQLite(tb testing.TB) store.Config {
	tb.Helper()
	schema, err := sqliteSchema()
	if err != nil {
		tb.Fatalf("testkit: SQLite template: %v", err)
	}
	cfg := SQLite(tb)
	if err := os.WriteFile(filepath.Join(cfg.Dir, store.SQLiteFile), schema, 0o600); err != nil {
		tb.Fatal(err)
	}
	return cfg
}

// sqliteSchema is the content of a migrated SQLite database, made once in a test
// process: reading and running all migrations takes longer than most tests.
var sqliteSchema = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "whistle-schema")
	if err != nil {
		return nil, err
	}
	err = migrate(store.Config{Dir: dir})
	schema, readErr := os.ReadFile(filepath.Join(dir, store.SQLiteFile)) //nolint:gosec // a file made above
	return schema, errors.Join(err, readErr, os.RemoveAll(dir))
})

// migrate gives a new database the schema, and closes it.
func migrate(cfg store.Config) error {
	st, err := store.Open(context.Background(), cfg)
	if err != nil {
		return err
	}
	_, err = st.MigrateUp(context.Background())
	return errors.Join(err, st.Close())
}

// MigratedPostgres is a new PostgreSQL database with the schema in place.
func MigratedPostgres(tb testing.TB) store.Config {
	tb.Helper()
	return store.Config{URL: PostgresTemplate(tb, "migrated", func(url string) error {
		return migrate(store.Config{URL: url})
	})}
}

// Open opens and migrates a database until the test ends.
func Open(tb testing.TB, cfg store.Config) *store.Store {
	tb.Helper()
	st, err := store.Open(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := st.Close(); err != nil {
			tb.Error(err)
		}
	})
	if _, err := st.MigrateUp(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return st
}

// Shanghai is the zone in which tests count.
func Shanghai(tb testing.TB) *time.Location {
	tb.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		tb.Fatal(err)
	}
	return zone
}

// Moment reads a time in Shanghai, such as 2023-09-27 10:00.
func Moment(tb testing.TB, text string) time.Time {
	tb.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, Shanghai(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

// Service is a service over a database, with a clock to set.
type Service struct {
	*service.Service
	Store *store.Store
	Clock *clock.Manual // of tickets and sessions alike
}

// NewService makes a service that is ready to work, at a moment such as
// 2023-09-27 10:00, configured otherwise where wanted.
func NewService(tb testing.TB, cfg store.Config, at string, with ...func(c *service.Config)) *Service {
	tb.Helper()
	st := Open(tb, cfg)
	now := clock.NewManual(Moment(tb, at))
	bucket, err := files.Open(tb.Context(), tb.TempDir(), "")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := bucket.Close(); err != nil {
			tb.Error(err)
		}
	})
	config := service.Config{Clock: now, Zone: Shanghai(tb), Log: slog.New(slog.DiscardHandler), Files: bucket}
	for _, change := range with {
		change(&config)
	}
	svc := service.New(st, config)
	if err := svc.Prepare(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return &Service{svc, st, now}
}
