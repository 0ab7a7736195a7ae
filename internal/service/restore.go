package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"gocloud.dev/blob"

	"whistle/internal/backup"
	"whistle/internal/store"
)

// RestoreTo is where a backup is restored.
type RestoreTo struct {
	Database store.Config
	Files    *blob.Bucket
	Replace  bool // what is there already
}

var (
	errFilesThere = errors.New("there are attachments already where those of the archive would go")
	// ErrOccupied says that something is where a backup was to be restored.
	ErrOccupied = store.ErrOccupied
)

// Restore puts a backup, which was found whole, into a place that is empty or
// to be replaced, and holds what stands there then against the manifest. Files
// that are there and the backup does not name are left.
func Restore(ctx context.Context, a *backup.Archive, to RestoreTo, progress Progress) (err error) {
	target, err := restoreTarget(ctx, a, to)
	if err != nil {
		return err
	}
	// A SQLite database comes to its place by a renaming.
	if err := os.MkdirAll(to.Database.Dir, 0o750); err != nil {
		return err
	}
	staging, err := os.MkdirTemp(to.Database.Dir, ".whistle-restore-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }()
	done := 0
	err = a.Each(func(part backup.Part, content io.Reader) error {
		key, isFile := strings.CutPrefix(part.Name, filesPart)
		switch {
		case isFile:
			err = restoreFile(ctx, to.Files, key, content)
		case part.Name == databasePart:
			dump := store.Dumped{Path: filepath.Join(staging, databasePart), Tool: a.Tool}
			if err = writeDump(dump.Path, content); err == nil {
				err = target.Load(ctx, dump)
			}
		default:
			err = fmt.Errorf("the archive holds %q, which this program does not know", part.Name)
		}
		done++
		progress.tell(done, len(a.Parts))
		return err
	})
	if err != nil {
		return err
	}
	return asDescribed(ctx, a, to.Database)
}

// restoreTarget finds whatever speaks against restoring, before anything is
// touched.
func restoreTarget(ctx context.Context, a *backup.Archive, to RestoreTo) (*store.Target, error) {
	dialect, cure := store.SQLite, "name a PostgreSQL database with --database-url"
	if to.Database.URL != "" {
		dialect, cure = store.Postgres, "give no --database-url"
	}
	if a.Database != string(dialect) {
		return nil, fmt.Errorf("the archive is of %s and can be restored into that only; %s", a.Database, cure)
	}
	known, err := store.NewestSchema(dialect)
	if err != nil {
		return nil, err
	}
	if a.Schema > known {
		return nil, fmt.Errorf("the archive is of a newer program, whistle %s (migration %d; this one knows %d); restore with that one", a.Version, a.Schema, known)
	}
	if !to.Replace {
		switch _, err := to.Files.List(&blob.ListOptions{Prefix: blobKey("")}).Next(ctx); {
		case err == nil:
			return nil, fmt.Errorf("%w: %w", ErrOccupied, errFilesThere)
		case !errors.Is(err, io.EOF):
			return nil, err
		}
	}
	return store.OpenTarget(ctx, to.Database, store.Dumped{Tool: a.Tool}, a.Counts, to.Replace)
}

func restoreFile(ctx context.Context, files *blob.Bucket, key string, content io.Reader) error {
	ctx, abandon := context.WithCancel(ctx)
	defer abandon()
	w, err := files.NewWriter(ctx, key, nil)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, content); err != nil {
		abandon() // closing writes nothing then
		_ = w.Close()
		return fmt.Errorf("file %s: %w", key, err)
	}
	return w.Close()
}

func writeDump(path string, content io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // in a folder just made
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Sync(), f.Close())
}

// asDescribed holds a restored database against the manifest, before anything
// is migrated or written.
func asDescribed(ctx context.Context, a *backup.Archive, cfg store.Config) (err error) {
	st, err := store.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	var found backup.Manifest
	if err := describe(ctx, st, &found); err != nil {
		return err
	}
	if found.Schema != a.Schema || found.Heads != a.Heads || !maps.Equal(found.Counts, a.Counts) {
		return errors.New("what was restored is not what the manifest counts")
	}
	return nil
}
