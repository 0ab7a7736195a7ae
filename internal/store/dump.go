package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/pressly/goose/v3"

	"whistle/migrations"
)

// Dumped is a copy of a whole database, as one file.
type Dumped struct {
	Path string
	Tool int // the main version of the PostgreSQL program that wrote it; 0 for SQLite
}

// Dump writes the database into a new file in dir, as it stands at one moment
// whatever others write meanwhile, and shows look that very state: ctx and as
// are to be read with.
func (s *Store) Dump(ctx context.Context, dir string, look func(ctx context.Context, as *Store) error) (Dumped, error) {
	if s.dialect == Postgres {
		return s.dumpPostgres(ctx, filepath.Join(dir, "whistle.pgdump"), look)
	}
	d := Dumped{Path: filepath.Join(dir, SQLiteFile)}
	db, err := s.sqlDB()
	if err != nil {
		return d, err
	}
	// It reads in one transaction, and with it nobody's writing waits.
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", d.Path); err != nil {
		return d, fmt.Errorf("copy of the database: %w", err)
	}
	dump, err := Open(ctx, Config{Dir: dir})
	if err != nil {
		return d, err
	}
	return d, errors.Join(look(ctx, dump), dump.Close())
}

// RowCounts are the numbers of rows by table.
func (s *Store) RowCounts(ctx context.Context) (map[string]int64, error) {
	tables, err := s.tables(ctx)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int64, len(tables))
	for _, table := range tables {
		var n int64
		if err := s.read(ctx).Table(table).Count(&n).Error; err != nil {
			return nil, translate(err)
		}
		counts[table] = n
	}
	return counts, nil
}

func (s *Store) tables(ctx context.Context) ([]string, error) {
	list := "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
	if s.dialect == SQLite {
		list = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	}
	var tables []string
	err := s.read(ctx).Raw(list).Scan(&tables).Error
	return tables, translate(err)
}

// ChainHeads are the last lines of all histories.
func (s *Store) ChainHeads(ctx context.Context) ([]Head, error) {
	var heads []Head
	err := s.read(ctx).Raw(`SELECT ticket_id, seq, hash FROM history h
		WHERE NOT EXISTS (SELECT 1 FROM history n WHERE n.ticket_id = h.ticket_id AND n.seq = h.seq + 1)
		ORDER BY ticket_id`).Scan(&heads).Error
	return heads, translate(err)
}

// SchemaVersion is the last migration that is applied, 0 when none is, and the
// last that this program knows.
func (s *Store) SchemaVersion(ctx context.Context) (applied, known int64, err error) {
	if known, err = NewestSchema(s.dialect); err != nil {
		return 0, 0, err
	}
	tables, err := s.tables(ctx)
	if err != nil || !slices.Contains(tables, goose.DefaultTablename) {
		return 0, known, err
	}
	err = s.read(ctx).Raw("SELECT coalesce(max(version_id), 0) FROM " + goose.DefaultTablename + " WHERE is_applied").Scan(&applied).Error
	return applied, known, translate(err)
}

// NewestSchema is the last migration that this program knows.
func NewestSchema(d Dialect) (int64, error) {
	names, err := fs.Glob(migrations.Files, string(d)+"/*.sql")
	if err != nil {
		return 0, err
	}
	newest := int64(0)
	for _, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return 0, err
		}
		newest = max(newest, version)
	}
	return newest, nil
}

// Target is where a dump is loaded into.
type Target struct {
	cfg     Config
	replace bool
	restore string // pg_restore
}

// ErrOccupied says that there is something where a dump was to be loaded.
var ErrOccupied = errors.New("the place to restore into is not empty")

// ErrInUse says that somebody works with the database.
var ErrInUse = errors.New("the database is in use; stop the service first")

// OpenTarget looks whether a dump can be loaded into a database, and changes
// nothing: nobody else may be at it, and something may be in it only when it is
// to be replaced. tables are those of the dump.
func OpenTarget(ctx context.Context, cfg Config, d Dumped, tables map[string]int64, replace bool) (*Target, error) {
	t := &Target{cfg: cfg, replace: replace}
	if cfg.URL != "" {
		return t, t.openPostgres(ctx, d, tables)
	}
	path := filepath.Join(cfg.Dir, SQLiteFile)
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return t, nil
	} else if err != nil {
		return nil, err
	}
	if !replace {
		return nil, ErrOccupied
	}
	return t, aloneAt(ctx, path)
}

// aloneAt takes a SQLite database out of its mode for many, which succeeds only
// when nobody else has it open, and leaves a single file.
func aloneAt(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode); err != nil || mode != "delete" {
		return errors.Join(ErrInUse, err)
	}
	return nil
}

// Load fills the target from the dump, whole or not at all. A dump of SQLite
// must lie on the file system of its target, and is moved there.
func (t *Target) Load(ctx context.Context, d Dumped) error {
	if t.cfg.URL != "" {
		return t.loadPostgres(ctx, d)
	}
	path := filepath.Join(t.cfg.Dir, SQLiteFile)
	if t.replace {
		if _, err := os.Stat(path); err == nil {
			if err := aloneAt(ctx, path); err != nil { // once more: it was some time ago
				return err
			}
		}
	}
	return os.Rename(d.Path, path)
}
