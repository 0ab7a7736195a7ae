package store

import (
	"context"
	"time"

	"whistle/internal/phrase"
	"whistle/internal/ticket"
)

// ImportState tells where an import stands.
type ImportState string

// Where an import may stand.
const (
	ImportQueued    ImportState = "queued"
	ImportRunning   ImportState = "running"
	ImportDone      ImportState = "done" // every row was looked at; see Applied
	ImportFailed    ImportState = "failed"
	ImportCancelled ImportState = "cancelled"
)

// unfinished are the states in which an import is still to be worked on.
var unfinished = []ImportState{ImportQueued, ImportRunning}

// ImportRun is an import in the background.
type ImportRun struct {
	ID       string
	Kind     string
	FileName string           // as it was uploaded
	FileSize int64            // bytes
	FileKept bool             // the file, and its bad rows if there are any, can still be read
	Options  ImportRunOptions `gorm:"serializer:json"`
	State    ImportState

	Rows      int `gorm:"column:row_count"`
	Added     int
	Changed   int
	Unchanged int
	Bad       int            // rows
	Faults    int            // of the bad rows, or of the header; not all are kept
	Made      map[string]int `gorm:"serializer:json"` // what was made besides, by what it is
	Applied   bool           // false for a dry run, and when bad rows held the others back
	Failure   phrase.Phrase  `gorm:"serializer:json"` // why it failed

	// Digest is the SHA-256 of the file in hex; "" of what was uploaded before
	// it was kept.
	Digest string
	// PreviewID is the dry run of the same file that somebody confirmed; only
	// one import has it.
	PreviewID string
	Sample    []ImportedRow `gorm:"serializer:json"` // of a dry run: the first rows, as they were understood

	StartedBy string
	CreatedAt time.Time  `gorm:"autoCreateTime:false"`
	BegunAt   *time.Time // the last time, when it was begun more than once
	EndedAt   *time.Time
}

// ImportRunOptions say how an import in the background is done.
type ImportRunOptions struct {
	DryRun     bool           `json:"dry_run,omitempty"`  // tell what would be done, and do nothing
	SkipBad    bool           `json:"skip_bad,omitempty"` // take the good rows in although there are bad ones
	Department string         `json:"department,omitempty" maxLength:"100"`
	Category   string         `json:"category,omitempty" maxLength:"64"`
	Resolve    *ticket.Length `json:"resolve,omitempty"`
}

// ImportedRow is a row of a table as it was understood.
type ImportedRow struct {
	Row   int          `json:"row"`     // as a spreadsheet counts
	What  string       `json:"outcome"` // added, changed, unchanged or bad
	Cells []ImportCell `json:"cells"`   // by the columns that are read, from the left
}

// ImportCell is what a cell was taken for: a text, or codes of a list.
type ImportCell struct {
	Column string   `json:"column"` // header, as in the file
	Text   string   `json:"text,omitempty"`
	List   string   `json:"list,omitempty"`
	Codes  []string `json:"codes,omitempty"`
	Faulty bool     `json:"faulty,omitempty"`
}

// ImportFault is one thing wrong with an import's file.
type ImportFault struct {
	RunID   string
	Item    int           // from 1, in the order of the file
	Row     int           `gorm:"column:row_number"`    // as a spreadsheet counts; 0 where none is meant
	Column  string        `gorm:"column:column_header"` // as in the file; "" where the row is meant
	Letter  string        `gorm:"column:column_letter"` // as a spreadsheet names the column; "" where none is meant
	Message phrase.Phrase `gorm:"serializer:json"`
}

// ImportRunFilter narrows a list of imports; zero values narrow nothing.
type ImportRunFilter struct {
	Kind  string
	State ImportState
	After string // id of the last one of the page before
	Limit int
}

// InsertImportRun writes a new import.
func (s *Store) InsertImportRun(ctx context.Context, r *ImportRun) error {
	r.CreatedAt = utc(r.CreatedAt)
	return translate(s.write(ctx).Create(r).Error)
}

// ImportRun reads an import.
func (s *Store) ImportRun(ctx context.Context, id string) (ImportRun, error) {
	return get[ImportRun](ctx, s, "id", id)
}

// ImportRuns lists imports, newest first.
func (s *Store) ImportRuns(ctx context.Context, f ImportRunFilter) ([]ImportRun, error) {
	q := s.read(ctx).Order("id DESC").Where(&ImportRun{Kind: f.Kind, State: f.State}) // but not by zero values
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	var rows []ImportRun
	err := q.Find(&rows).Error
	return rows, translate(err)
}

// BeginImport writes down that an import is worked on from now. It returns
// ErrChanged when that is not to be: it has ended.
func (s *Store) BeginImport(ctx context.Context, id string, at time.Time) error {
	return s.moveImport(ctx, id, map[string]any{"state": ImportRunning, "begun_at": utc(at)})
}

// CancelImport ends an import that has not ended, else it returns ErrChanged.
func (s *Store) CancelImport(ctx context.Context, id string, at time.Time) error {
	return s.moveImport(ctx, id, map[string]any{"state": ImportCancelled, "ended_at": utc(at)})
}

func (s *Store) moveImport(ctx context.Context, id string, to map[string]any) error {
	done := s.write(ctx).Model(&ImportRun{}).Where("id = ? AND state IN ?", id, unfinished).UpdateColumns(to)
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrChanged
	}
	return translate(done.Error)
}

// EndImport writes down how an import went that has not ended, with its faults,
// else it returns ErrChanged.
func (s *Store) EndImport(ctx context.Context, r *ImportRun, faults []ImportFault) error {
	r.EndedAt = utcPtr(r.EndedAt)
	done := s.write(ctx).Model(r).Where("id = ? AND state IN ?", r.ID, unfinished).
		Select("state", "row_count", "added", "changed", "unchanged", "bad", "faults", "made", "applied", "failure", "sample", "ended_at").UpdateColumns(r)
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrChanged
	}
	if done.Error != nil {
		return translate(done.Error)
	}
	return insertAll(ctx, s, faults)
}

// ImportFaults lists an import's faults after an item, in their order.
func (s *Store) ImportFaults(ctx context.Context, runID string, after, limit int) ([]ImportFault, error) {
	q := s.read(ctx).Where("run_id = ? AND item > ?", runID, after).Order("item")
	if limit > 0 {
		q = q.Limit(limit)
	}
	var rows []ImportFault
	err := q.Find(&rows).Error
	return rows, translate(err)
}

// ImportsWithFiles lists the imports that ended before a moment and whose files
// are still kept.
func (s *Store) ImportsWithFiles(ctx context.Context, before time.Time) ([]ImportRun, error) {
	var rows []ImportRun
	err := s.read(ctx).Where("file_kept AND ended_at < ?", utc(before)).Find(&rows).Error
	return rows, translate(err)
}

// ImportsKept lists the ids of the imports whose files are kept.
func (s *Store) ImportsKept(ctx context.Context) ([]string, error) {
	var ids []string
	err := s.read(ctx).Model(&ImportRun{}).Where("file_kept").Order("id").Pluck("id", &ids).Error
	return ids, translate(err)
}

// ForgetImportFile writes down that an import's files are kept no more, nor
// what was shown of them.
func (s *Store) ForgetImportFile(ctx context.Context, id string) error {
	return translate(s.write(ctx).Model(&ImportRun{}).Where("id = ?", id).UpdateColumns(map[string]any{"file_kept": false, "sample": "[]"}).Error)
}

// ConfirmedImport is the import for which a dry run was confirmed; ErrNotFound
// when there is none.
func (s *Store) ConfirmedImport(ctx context.Context, previewID string) (ImportRun, error) {
	return get[ImportRun](ctx, s, "preview_id", previewID)
}
