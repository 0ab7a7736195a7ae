package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"
	"unicode/utf8"

	"whistle/internal/directory"
	"whistle/internal/phrase"
	"whistle/internal/retention"
	"whistle/internal/store"
	"whistle/internal/tabular"
	"whistle/internal/ticket"
)

const (
	subjectImport = "import" // in the audit log

	// MaxImportSize is the size of the largest file that is taken to be
	// imported in the background, in bytes.
	MaxImportSize = MaxAttachmentSize

	// importLimit is how long an import may take.
	importLimit = time.Hour
	// importTries is how often an import is begun that the service itself fails
	// at; what its file is to blame for is never tried again.
	importTries = 3
	// keptFaults is how many faults of a file are listed. Its bad rows have
	// them all.
	keptFaults = 1000
	// importSteps is how often, at the most, an import tells how far it is.
	importSteps = 100
)

func importFile(id string) string { return "imports/" + id + "/file" }
func badRowsKey(id string) string { return "imports/" + id + "/bad-rows.csv" }

// ImportState tells where an import stands.
type ImportState = store.ImportState

// ImportRunOptions say how an import in the background is done.
type ImportRunOptions = store.ImportRunOptions

// ImportRunFilter narrows a list of imports.
type ImportRunFilter = store.ImportRunFilter

// ImportFault is one thing wrong with an import's file.
type ImportFault = store.ImportFault

// ImportRun is an import in the background.
type ImportRun struct {
	store.ImportRun
	// Done is how many rows were looked at: while it runs as far as it has
	// told, of Rows.
	Done  int
	Names *Names // of who started it
	// ConfirmedID is the import for which a preview was confirmed; "" where
	// lists are read, and where there is none.
	ConfirmedID string
}

var errOnlyAdminsImport = ticket.Errorf(ticket.CodeForbidden, "Imports are for administrators.")

// importJob has an import done.
type importJob struct {
	RunID string `json:"run_id"`
}

// Kind names the job in the queue.
func (importJob) Kind() string { return "import" }

// StartImport keeps a file and has it imported in the background: see
// ImportRun for how that goes. Any file of a bearable size is taken; what is
// wrong with it shows in the run.
func (s *Service) StartImport(ctx context.Context, actor ticket.Actor, kind ImportKind, name string, content io.Reader, o ImportRunOptions) (ImportRun, error) {
	if !administers(actor) {
		return ImportRun{}, errOnlyAdminsImport
	}
	if s.files == nil {
		return ImportRun{}, errNoFiles
	}
	faults := ticket.CheckTags(o)
	if !slices.Contains(ImportKinds, kind) {
		faults = append(faults, ticket.Field{Pointer: "/kind", Message: "is no kind of table that is imported"})
	}
	if err := ticket.InvalidForm(faults); err != nil {
		return ImportRun{}, err
	}
	run, err := s.queueImport(ctx, store.ImportRun{Kind: string(kind), FileName: importFileName(name), Options: o, StartedBy: actor.ID}, content)
	if err != nil {
		return ImportRun{}, err
	}
	views, err := s.importRuns(ctx, []store.ImportRun{run})
	return views[0], err
}

// queueImport keeps the file of an import and has it imported.
func (s *Service) queueImport(ctx context.Context, run store.ImportRun, content io.Reader) (store.ImportRun, error) {
	run.ID, run.State, run.FileKept, run.CreatedAt = s.newID(), store.ImportQueued, true, s.clock.Now()
	run.Made, run.Sample = map[string]int{}, []ImportedRow{}
	var err error
	if run.FileSize, run.Digest, err = s.writeBlob(ctx, importFile(run.ID), "application/octet-stream", content); err != nil {
		return run, err
	}
	remove := func() { s.removeBlob(context.WithoutCancel(ctx), importFile(run.ID)) }
	if run.FileSize == 0 {
		remove()
		return run, ticket.InvalidValues([]ticket.Field{{Pointer: "/file", Message: "is empty"}})
	}
	err = s.InTx(ctx, func(ctx context.Context) error {
		// This may be part of a larger transaction that fails later.
		c := commitOf(ctx)
		c.undo = append(c.undo, remove)
		hint(ctx, Hint{ImportID: run.ID})
		if err := s.store.InsertImportRun(ctx, &run); err != nil {
			return err
		}
		return s.enqueue(ctx, importJob{run.ID})
	})
	if err != nil {
		remove()
	}
	return run, err
}

func importFileName(name string) string {
	name = bareName(name)
	if name == "" {
		return "file"
	}
	if utf8.RuneCountInString(name) > maxFileName {
		letters := []rune(name) // the end tells what kind of file it is
		name = string(letters[len(letters)-maxFileName:])
	}
	return name
}

func (s *Service) importRuns(ctx context.Context, runs []store.ImportRun) ([]ImportRun, error) {
	names := newNames()
	views := make([]ImportRun, len(runs))
	for i, run := range runs {
		names.add(store.Users, run.StartedBy)
		views[i] = ImportRun{ImportRun: run, Done: run.Rows, Names: names}
		if run.State == store.ImportRunning {
			views[i].Done, views[i].Rows = s.hub.progress(run.ID)
		}
	}
	return views, names.load(ctx, s.store)
}

// ImportRuns lists the imports in the background, newest first. It is for
// administrators, as is all that follows.
func (s *Service) ImportRuns(ctx context.Context, actor ticket.Actor, f ImportRunFilter) ([]ImportRun, error) {
	if !administers(actor) {
		return nil, errOnlyAdminsImport
	}
	runs, err := s.store.ImportRuns(ctx, f)
	if err != nil {
		return nil, err
	}
	return s.importRuns(ctx, runs)
}

// ImportRun reads an import in the background.
func (s *Service) ImportRun(ctx context.Context, actor ticket.Actor, id string) (*ImportRun, error) {
	if !administers(actor) {
		return nil, errOnlyAdminsImport
	}
	run, err := s.store.ImportRun(ctx, id)
	if err != nil {
		return nil, problem(err, subjectImport)
	}
	views, err := s.importRuns(ctx, []store.ImportRun{run})
	if err != nil || !run.Options.DryRun {
		return &views[0], err
	}
	confirmed, err := s.store.ConfirmedImport(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	views[0].ConfirmedID = confirmed.ID
	return &views[0], err
}

// ImportFaults lists what is wrong with an import's file: at most limit, after
// an item (0 to begin). No more than the first 1,000 are kept; the run knows
// how many there are, and BadRows has all.
func (s *Service) ImportFaults(ctx context.Context, actor ticket.Actor, id string, after, limit int) ([]ImportFault, error) {
	if _, err := s.ImportRun(ctx, actor, id); err != nil {
		return nil, err
	}
	return s.store.ImportFaults(ctx, id, after, limit)
}

// BadRows reads the rows of an import's file that have a fault, as a CSV like
// the file itself with a column more that says why, to be mended and imported;
// the caller closes it. It is not found when there are none, or none any more.
func (s *Service) BadRows(ctx context.Context, actor ticket.Actor, id string) (io.ReadCloser, error) {
	run, err := s.ImportRun(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if run.Bad == 0 || !run.FileKept || s.files == nil {
		return nil, ticket.NotFound("file")
	}
	r, err := s.files.NewReader(ctx, badRowsKey(id), nil)
	if err != nil {
		return nil, fmt.Errorf("bad rows of import %s: %w", id, err)
	}
	return r, nil
}

// CancelImport gives up an import that has not ended: nothing of it is applied.
func (s *Service) CancelImport(ctx context.Context, actor ticket.Actor, id string) error {
	if _, err := s.ImportRun(ctx, actor, id); err != nil {
		return err
	}
	s.mu.Lock()
	if stop := s.importing[id]; stop != nil {
		stop() // which sets the database free, too
	}
	s.mu.Unlock()
	return s.InTx(ctx, func(ctx context.Context) error {
		err := s.store.CancelImport(ctx, id, s.clock.Now())
		if errors.Is(err, store.ErrChanged) {
			return ticket.Errorf(ticket.CodeConflict, "This import has ended already.")
		} else if err != nil {
			return err
		}
		hint(ctx, Hint{ImportID: id})
		return s.audit(ctx, actor, auditChange, subjectImport, id, nil, map[string]string{"state": string(store.ImportCancelled)})
	})
}

// workOnImport does an import, if it is still to be done. Doing it again harms
// nobody: it is applied in one transaction with its end.
func (s *Service) workOnImport(ctx context.Context, attempt store.Run, job importJob) error {
	run, err := s.store.ImportRun(ctx, job.RunID)
	if errors.Is(err, store.ErrNotFound) {
		return store.GiveUp(err)
	} else if err != nil {
		return err
	}
	err = s.InTx(ctx, func(ctx context.Context) error {
		hint(ctx, Hint{ImportID: run.ID})
		return s.store.BeginImport(ctx, run.ID, s.clock.Now())
	})
	if errors.Is(err, store.ErrChanged) {
		return nil // it has ended
	} else if err != nil {
		return err
	}

	working, stop := context.WithCancel(ctx)
	defer stop()
	s.mu.Lock()
	s.importing[run.ID] = stop
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.importing, run.ID)
	}()
	defer s.tell(context.WithoutCancel(ctx), Hint{ImportID: run.ID})

	err = s.takeIn(working, run)
	tooLong := errors.Is(ctx.Err(), context.DeadlineExceeded)
	switch {
	case err == nil, errors.Is(err, store.ErrChanged):
		return nil // it is done, or was cancelled
	case ctx.Err() != nil && !tooLong:
		return err // the process is told to stop; another begins anew
	case working.Err() != nil && !tooLong:
		return nil // cancelled here
	}
	why, blamed := blame(err)
	if !blamed {
		s.log.ErrorContext(ctx, "import failed", slog.String("run", run.ID), slog.Int("attempt", attempt.Attempt), slog.Any("error", err))
		if attempt.Attempt < importTries && !attempt.Last && !tooLong {
			return err
		}
		why = phrase.Word("The service could not finish it. Tell whoever runs the service.")
	}
	if err := s.endImport(context.WithoutCancel(ctx), run, store.ImportFailed, &ImportResult{}, why, err); !errors.Is(err, store.ErrChanged) {
		return err
	}
	return nil // cancelled meanwhile
}

// blame says what of a file, or of who imports it, an import failed at; blamed
// is false when the service itself is at fault.
func blame(err error) (why phrase.Phrase, blamed bool) {
	var header *tabular.Faults
	var known *ticket.Error
	switch {
	case errors.As(err, &header):
		return phrase.Word("The columns are not those of this kind of table."), true
	case errors.As(err, &known) && known.Code != ticket.CodeUnavailable:
		why = known.Phrase()
		for _, f := range known.Fields {
			why = phrase.Of("%s %s: %s", why, f.Pointer, f.Phrase())
		}
		return why, true
	case errors.As(err, &why):
		return why, true
	}
	return why, false
}

// takeIn imports a run's file and writes down how that went.
func (s *Service) takeIn(ctx context.Context, run store.ImportRun) error {
	actor, err := s.actorOf(ctx, run.StartedBy)
	if err != nil {
		return err
	}
	content, err := s.keptFile(ctx, run)
	if err != nil {
		return err
	}
	kind := ImportKind(run.Kind)
	from, err := tabular.New(run.FileName, bytes.NewReader(content), ImportColumns(kind))
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }() // it was only read
	result, err := s.Import(ctx, actor, kind, from, ImportOptions{
		DryRun: run.Options.DryRun, SkipBad: run.Options.SkipBad,
		Department: run.Options.Department, Category: run.Options.Category, Resolve: run.Options.Resolve,
		Sample:   sampleRows(run),
		Progress: s.importProgress(ctx, run.ID), id: run.ID,
		taken: func(ctx context.Context, r *ImportResult) error {
			r.Applied = true
			return s.finish(ctx, run, from, r)
		},
	})
	if err != nil || result.Applied {
		return err
	}
	return s.finish(ctx, run, from, result)
}

// actorOf is the account in service that an id is of, with what is assigned to
// it today.
func (s *Service) actorOf(ctx context.Context, userID string) (ticket.Actor, error) {
	if userID == ticket.System.ID {
		return ticket.System, nil
	}
	user, err := s.store.User(ctx, userID)
	if err != nil {
		return ticket.Actor{}, err
	}
	if user.Retired() {
		return ticket.Actor{}, errUserRetired
	}
	assignments, err := s.store.Assignments(ctx, userID)
	return directory.ActorOf(user, assignments, s.today()), err
}

// importProgress tells of every hundredth part of the rows. It is called in the
// import's transaction and so tells past it.
func (s *Service) importProgress(ctx context.Context, runID string) Progress {
	return func(done, rows int) {
		if step := max(1, rows/importSteps); done%step == 0 || done == rows {
			s.tell(ctx, Hint{ImportID: runID, Done: done, Rows: rows})
		}
	}
}

// finish keeps the bad rows of an import that went through, and writes down
// how it went.
func (s *Service) finish(ctx context.Context, run store.ImportRun, from *tabular.Reader, r *ImportResult) error {
	if r.Bad > 0 {
		if err := s.keepBadRows(ctx, run.ID, from, r.BadRows); err != nil {
			return err
		}
	}
	return s.endImport(ctx, run, store.ImportDone, r, phrase.Phrase{}, r.Faults.Err())
}

func (s *Service) keepBadRows(ctx context.Context, runID string, from *tabular.Reader, rows []*tabular.Row) error {
	var file bytes.Buffer
	bad, err := tabular.NewBadRows(&file, from)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := bad.Write(row); err != nil {
			return err
		}
	}
	if err := bad.Close(); err != nil {
		return err
	}
	return s.files.WriteAll(ctx, badRowsKey(runID), file.Bytes(), nil)
}

// endImport writes down how an import went, with the faults that err is, if it
// is that. The error is store.ErrChanged when it was cancelled meanwhile.
func (s *Service) endImport(ctx context.Context, run store.ImportRun, state ImportState, r *ImportResult, why phrase.Phrase, err error) error {
	now := s.clock.Now()
	run.State, run.EndedAt, run.Failure = state, &now, why
	run.Rows, run.Added, run.Changed, run.Unchanged, run.Bad = r.Rows, r.Added, r.Changed, r.Unchanged, r.Bad
	run.Made, run.Applied, run.Sample = r.Made, r.Applied, r.Sample
	if run.Made == nil {
		run.Made = map[string]int{}
	}
	if run.Sample == nil {
		run.Sample = []ImportedRow{}
	}
	var all *tabular.Faults
	var kept []store.ImportFault
	if errors.As(err, &all) {
		run.Faults = all.Count
		for i, f := range all.List[:min(len(all.List), keptFaults)] {
			kept = append(kept, store.ImportFault{RunID: run.ID, Item: i + 1, Row: f.Row, Column: f.Column, Letter: f.Letter, Message: f.Phrase()})
		}
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		hint(ctx, Hint{ImportID: run.ID})
		return s.store.EndImport(ctx, &run, kept)
	})
}

// PurgeImportFiles removes the files of imports that ended long ago, and their
// bad rows.
func (s *Service) PurgeImportFiles(ctx context.Context) error {
	if s.files == nil {
		return nil
	}
	old, err := s.store.ImportsWithFiles(ctx, s.keptSince(retention.Imports))
	if err != nil {
		return err
	}
	for _, run := range old {
		if err := s.store.InTx(ctx, func(ctx context.Context) error { return s.store.ForgetImportFile(ctx, run.ID) }); err != nil {
			return err
		}
		s.removeBlob(ctx, importFile(run.ID))
		s.removeBlob(ctx, badRowsKey(run.ID))
	}
	return nil
}
