// Package app puts the parts together and stops them in the right order.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"whistle/internal/clock"
	"whistle/internal/config"
	"whistle/internal/files"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/watch"
)

// Log makes the program's log, on standard error.
func Log(cfg *config.Config) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.LogLevel)) // checked with the rest of the configuration
	opts := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "text" {
		return slog.New(watch.LogHandler(slog.NewTextHandler(os.Stderr, opts)))
	}
	return slog.New(watch.LogHandler(slog.NewJSONHandler(os.Stderr, opts)))
}

// asItIs is a configuration by which nothing is migrated.
func asItIs(cfg *config.Config) *config.Config {
	same := *cfg
	same.Migrate = false
	return &same
}

// OpenStore opens the database and, if told so, migrates it.
func OpenStore(ctx context.Context, cfg *config.Config, log *slog.Logger) (*store.Store, error) {
	st, err := store.Open(ctx, store.Config{URL: cfg.DatabaseURL, Dir: cfg.DataDir})
	if err != nil {
		return nil, err
	}
	if !cfg.Migrate {
		return st, nil
	}
	n, err := st.MigrateUp(ctx)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	if n > 0 {
		log.InfoContext(ctx, "migrations applied", slog.Int("count", n))
	}
	return st, nil
}

// Open opens the service as the command line uses it: no server, no schedule.
func Open(ctx context.Context, cfg *config.Config, log *slog.Logger, tickets clock.Clock) (*service.Service, func() error, error) {
	svc, closeAll, err := open(ctx, cfg, log, service.Config{Clock: tickets})
	if err != nil {
		return nil, nil, err
	}
	if err := prepare(ctx, svc); err != nil {
		return nil, nil, errors.Join(err, closeAll())
	}
	return svc, closeAll, nil
}

// open opens a service whose database may wait to be migrated, with the clock
// and the watchers given.
func open(ctx context.Context, cfg *config.Config, log *slog.Logger, with service.Config) (*service.Service, func() error, error) {
	st, err := OpenStore(ctx, cfg, log)
	if err != nil {
		return nil, nil, err
	}
	bucket, err := files.Open(ctx, filesDir(cfg), cfg.FilesURL)
	if err != nil {
		return nil, nil, errors.Join(err, st.Close())
	}
	with.Wall, with.Zone, with.Log, with.Files, with.Keep, with.Outbound = clock.Wall{}, cfg.Location(), log, bucket, cfg.Keep, reach(cfg)
	return service.New(st, with), func() error { return errors.Join(bucket.Close(), st.Close()) }, nil
}

func prepare(ctx context.Context, svc *service.Service) error {
	if err := svc.Migrated(ctx); err != nil {
		return err
	}
	if err := svc.Prepare(ctx); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	return nil
}

// filesDir is where attachments are kept unless configured otherwise.
func filesDir(cfg *config.Config) string { return filepath.Join(cfg.DataDir, "files") }
