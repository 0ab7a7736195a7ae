package service

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"gocloud.dev/gcerrors"

	"whistle/internal/backup"
	"whistle/internal/directory"
	"whistle/internal/store"
)

// The names of a backup's parts.
const (
	databasePart = "database"
	filesPart    = "files/" // and the key of each
)

// Backup writes all that is kept into one new file: the database as it stands
// at one moment, whatever is written meanwhile, and the files that it names.
// Of those that are gone or changed the manifest tells.
func (s *Service) Backup(ctx context.Context, path, version string, progress Progress) (m *backup.Manifest, err error) {
	if err := s.Migrated(ctx); err != nil {
		return nil, err
	}
	if err := backup.Exists(path); err != nil {
		return nil, err
	}
	staging, err := os.MkdirTemp(filepath.Dir(path), ".whistle-backup-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }()
	err = backup.Create(path, s.wall.Now().UTC(), func(w *backup.Writer) (*backup.Manifest, error) {
		m = &backup.Manifest{Version: version, Database: s.Database()}
		var kept keptFiles
		dumped, err := s.store.Dump(ctx, staging, func(ctx context.Context, as *store.Store) (err error) {
			if err := describe(ctx, as, m); err != nil {
				return err
			}
			kept, err = filesKept(ctx, as)
			return err
		})
		if err != nil {
			return nil, err
		}
		m.Tool = dumped.Tool
		if err := addDatabase(w, dumped.Path); err != nil {
			return nil, err
		}
		// Every file was there before its record, so none is missed.
		m.Missing, err = s.addFiles(ctx, w, kept, progress)
		return m, err
	})
	return m, err
}

// describe counts what a database holds.
func describe(ctx context.Context, st *store.Store, m *backup.Manifest) (err error) {
	if m.Schema, _, err = st.SchemaVersion(ctx); err != nil {
		return err
	}
	if m.Counts, err = st.RowCounts(ctx); err != nil {
		return err
	}
	heads, err := st.ChainHeads(ctx)
	if err != nil {
		return err
	}
	latest := latestHeads{}
	for _, h := range heads {
		latest.add(h)
	}
	m.Heads = backup.Heads{Count: len(latest), Digest: latest.digest()}
	return nil
}

// keptFiles are the files that a database names. Thumbnails are not among them:
// they are made anew.
type keptFiles struct {
	attachments []directory.Attachment
	others      []string // keys; they need not be there
}

func filesKept(ctx context.Context, st *store.Store) (kept keptFiles, err error) {
	if kept.attachments, err = st.Attachments(ctx); err != nil {
		return kept, err
	}
	imports, err := st.ImportsKept(ctx)
	for _, id := range imports {
		kept.others = append(kept.others, importFile(id), badRowsKey(id))
	}
	return kept, err
}

func addDatabase(w *backup.Writer, path string) error {
	f, err := os.Open(path) //nolint:gosec // just made
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = w.Add(databasePart, info.Size(), f)
	}
	return errors.Join(err, f.Close())
}

// addFiles adds what the database names, and lists the attachments that are not
// there as they were uploaded. What nothing carries may have been removed
// meanwhile.
func (s *Service) addFiles(ctx context.Context, w *backup.Writer, kept keptFiles, progress Progress) (missing []string, err error) {
	done, total := 0, len(kept.attachments)+len(kept.others)
	for _, a := range kept.attachments {
		part, there, err := s.addFile(ctx, w, blobKey(a.ID))
		if err != nil {
			return nil, err
		}
		carried := a.TicketID+a.SubjectID != ""
		if there && part.SHA256 != a.SHA256 || !there && carried {
			missing = append(missing, a.ID)
		}
		done++
		progress.tell(done, total)
	}
	for _, key := range kept.others {
		if _, _, err := s.addFile(ctx, w, key); err != nil {
			return nil, err
		}
		done++
		progress.tell(done, total)
	}
	return missing, nil
}

func (s *Service) addFile(ctx context.Context, w *backup.Writer, key string) (part backup.Part, there bool, err error) {
	r, err := s.files.NewReader(ctx, key, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return part, false, nil
	}
	if err != nil {
		return part, false, err
	}
	part, err = w.Add(filesPart+key, r.Size(), r)
	return part, true, errors.Join(err, r.Close())
}
