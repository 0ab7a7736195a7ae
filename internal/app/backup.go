package app

import (
	"context"
	"errors"

	"whistle/internal/backup"
	"whistle/internal/clock"
	"whistle/internal/config"
	"whistle/internal/files"
	"whistle/internal/service"
	"whistle/internal/store"
)

// Backup writes all that is kept into a new file, while the service may run. It
// migrates nothing.
func Backup(ctx context.Context, cfg *config.Config, path, version string, progress service.Progress) (m *backup.Manifest, err error) {
	if err := databaseThere(cfg); err != nil {
		return nil, err
	}
	svc, closeAll, err := open(ctx, asItIs(cfg), Log(cfg), service.Config{Clock: clock.Wall{}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	return svc.Backup(ctx, path, version, progress)
}

// Restore puts a backup into the configured place, where nothing may be unless
// it is to be replaced.
func Restore(ctx context.Context, cfg *config.Config, a *backup.Archive, replace bool, progress service.Progress) (err error) {
	bucket, err := files.Open(ctx, filesDir(cfg), cfg.FilesURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bucket.Close()) }()
	return service.Restore(ctx, a, service.RestoreTo{
		Database: store.Config{URL: cfg.DatabaseURL, Dir: cfg.DataDir}, Files: bucket, Replace: replace,
	}, progress)
}
