package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"whistle/migrations"
)

// Migration is one step of the schema, or of that of the queue.
type Migration struct {
	Version int64
	Name    string
	Applied bool
}

// provider is what migrates, and what lists the migrations. Only the first
// takes turns with others: whoever asks whether the database is migrated must
// not wait until somebody has done so.
func (s *Store) provider(takesTurns bool) (*goose.Provider, error) {
	files, err := fs.Sub(migrations.Files, string(s.dialect))
	if err != nil {
		return nil, err
	}
	db, err := s.sqlDB()
	if err != nil {
		return nil, err
	}
	if s.dialect == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, db, files)
	}
	if !takesTurns {
		return goose.NewProvider(goose.DialectPostgres, db, files)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
}

// queueSince is the migration with which the queue came: its tables, which
// have migrations of their own, are made after it and taken back with it.
const queueSince = 2

// queueMigrator migrates the queue's tables.
func (s *Store) queueMigrator() (*rivermigrate.Migrator[*sql.Tx], error) {
	db, err := s.sqlDB()
	if err != nil {
		return nil, err
	}
	config := &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}
	if s.dialect == SQLite {
		return rivermigrate.New(riversqlite.New(db), config)
	}
	return rivermigrate.New(riverdatabasesql.New(db), config)
}

// migrateQueue applies every migration of the queue's tables, or takes all
// back, and returns how many there were. Each is a transaction of its own.
func (s *Store) migrateQueue(ctx context.Context, direction rivermigrate.Direction) (n int, err error) {
	m, err := s.queueMigrator()
	if err != nil {
		return 0, err
	}
	unlock, err := s.lockQueueMigrations(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate the queue: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	opts := &rivermigrate.MigrateOpts{}
	if direction == rivermigrate.DirectionDown {
		opts.TargetVersion = -1 // before the first
	}
	done, err := m.Migrate(ctx, direction, opts)
	if err != nil {
		return 0, fmt.Errorf("migrate the queue: %w", err)
	}
	return len(done.Versions), nil
}

// lockQueueMigrations takes turns with other processes on PostgreSQL.
func (s *Store) lockQueueMigrations(ctx context.Context) (unlock func() error, err error) {
	if s.dialect == SQLite {
		return func() error { return nil }, nil
	}
	const queueLock = lock.DefaultLockID + 1
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(queueLock), lock.WithLockTimeout(1, 60))
	if err != nil {
		return nil, err
	}
	db, err := s.sqlDB()
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if err := locker.SessionLock(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() error {
		return errors.Join(locker.SessionUnlock(context.WithoutCancel(ctx), conn), conn.Close())
	}, nil
}

// MigrateUp applies every migration that is not applied yet, the queue's too,
// and returns how many it applied.
func (s *Store) MigrateUp(ctx context.Context) (int, error) {
	p, err := s.provider(true)
	if err != nil {
		return 0, err
	}
	done, err := p.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	n, err := s.migrateQueue(ctx, rivermigrate.DirectionUp)
	return len(done) + n, err
}

// MigrateDown takes back the last migration.
func (s *Store) MigrateDown(ctx context.Context) (Migration, error) {
	p, err := s.provider(true)
	if err != nil {
		return Migration{}, err
	}
	if version, err := p.GetDBVersion(ctx); err != nil {
		return Migration{}, fmt.Errorf("migrate: %w", err)
	} else if version == queueSince {
		if _, err := s.migrateQueue(ctx, rivermigrate.DirectionDown); err != nil {
			return Migration{}, err
		}
	}
	done, err := p.Down(ctx)
	if err != nil {
		return Migration{}, fmt.Errorf("migrate: %w", err)
	}
	return Migration{Version: done.Source.Version, Name: done.Source.Path}, nil
}

// Migrations lists every migration and whether it is applied, the queue's last.
func (s *Store) Migrations(ctx context.Context) ([]Migration, error) {
	p, err := s.provider(false)
	if err != nil {
		return nil, err
	}
	status, err := p.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	var all []Migration
	for _, m := range status {
		all = append(all, Migration{m.Source.Version, m.Source.Path, m.State == goose.StateApplied})
	}
	queue, err := s.queueMigrator()
	if err != nil {
		return nil, err
	}
	applied, err := queue.ExistingVersions(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate the queue: %w", err)
	}
	last := 0
	for _, m := range applied {
		last = max(last, m.Version)
	}
	for _, m := range queue.AllVersions() {
		all = append(all, Migration{int64(m.Version), "queue: " + m.Name, m.Version <= last})
	}
	return all, nil
}
