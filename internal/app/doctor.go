package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"gocloud.dev/blob"

	"whistle/internal/auth"
	"whistle/internal/clock"
	"whistle/internal/config"
	"whistle/internal/files"
	"whistle/internal/jobs"
	"whistle/internal/notify"
	"whistle/internal/service"
	"whistle/internal/store"
)

// Examine looks at everything that the service needs, as it is configured, and
// changes nothing; neither is anything made that is missing. Histories are
// looked at for as long as patience lasts, all of them when it is 0.
func Examine(ctx context.Context, cfg *config.Config, tickets clock.Clock, patience time.Duration, progress service.Progress) ([]service.Finding, error) {
	d := service.Doctor{Recount: jobs.Recount, Patience: patience, Progress: progress}
	if cfg.MailHost != "" {
		mail, err := notify.NewMail(mailConfig(cfg, cfg.PublicURL))
		if err != nil {
			return nil, err
		}
		d.Mail = mail.Reach
	}
	providers, err := auth.NewProviders(cfg.Providers(), cfg.PublicURL, clock.Wall{}.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	for _, p := range providers.All() {
		d.Providers = append(d.Providers, service.ProviderReach{Key: p.Key, Reach: p.Reach})
	}
	bucket, err := openFiles(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if bucket != nil {
		defer func() { _ = bucket.Close() }() // it was only tried
	}
	st, err := openAsItIs(ctx, cfg)
	if err != nil {
		return service.ExamineWithout(ctx, service.DatabaseAway(err), bucket, d), nil
	}
	svc := service.New(st, service.Config{Clock: tickets, Wall: clock.Wall{}, Zone: cfg.Location(), Log: slog.New(slog.DiscardHandler), Files: bucket, Keep: cfg.Keep})
	return svc.Examine(ctx, d), st.Close()
}

// openFiles is nil where the folder of the attachments is missing.
func openFiles(ctx context.Context, cfg *config.Config) (*blob.Bucket, error) {
	if cfg.FilesURL == "" {
		if _, err := os.Stat(filesDir(cfg)); err != nil {
			return nil, nil //nolint:nilerr // this is what is found
		}
	}
	return files.Open(ctx, filesDir(cfg), cfg.FilesURL)
}

// openAsItIs opens the database without migrating it, and makes none.
func openAsItIs(ctx context.Context, cfg *config.Config) (*store.Store, error) {
	if err := databaseThere(cfg); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()
	return OpenStore(ctx, asItIs(cfg), Log(cfg))
}

// databaseThere says whether there is a SQLite file to open, where that is
// configured: opening would make one.
func databaseThere(cfg *config.Config) error {
	if cfg.DatabaseURL != "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(cfg.DataDir, store.SQLiteFile)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no %s in %s; whistle serve makes it at the first start", store.SQLiteFile, cfg.DataDir)
	}
	return nil
}

// openPatience is how long a database may take to answer the first time.
const openPatience = 10 * time.Second
