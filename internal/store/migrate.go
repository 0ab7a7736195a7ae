package store

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"whistle/migrations"
)

// Migration is one step of the schema.
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

// MigrateUp applies every migration that is not applied yet and returns how
// many it applied.
func (s *Store) MigrateUp(ctx context.Context) (int, error) {
	p, err := s.provider(true)
	if err != nil {
		return 0, err
	}
	done, err := p.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	return len(done), nil
}

// MigrateDown takes back the last migration.
func (s *Store) MigrateDown(ctx context.Context) (Migration, error) {
	p, err := s.provider(true)
	if err != nil {
		return Migration{}, err
	}
	done, err := p.Down(ctx)
	if err != nil {
		return Migration{}, fmt.Errorf("migrate: %w", err)
	}
	return Migration{Version: done.Source.Version, Name: done.Source.Path}, nil
}

// Migrations lists every migration and whether it is applied.
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
	return all, nil
}
