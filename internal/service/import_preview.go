package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"time"

	"gocloud.dev/gcerrors"

	"whistle/internal/phrase"
	"whistle/internal/store"
	"whistle/internal/tabular"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

const (
	// previewRows is how many rows a preview shows as they were understood.
	previewRows = 20
	// previewLife is how long a preview may be confirmed: what it is held
	// against changes.
	previewLife = 24 * time.Hour
	// markedRows is of how many rows a file may be to be handed back with its
	// faults marked, for which all of it is in memory. Of larger ones there are
	// the bad rows.
	markedRows = 20_000
)

// What a preview shows of a table.
type (
	ImportedRow = store.ImportedRow
	ImportCell  = store.ImportCell
)

// outcomeBad is what became of a row with faults.
const outcomeBad = "bad"

func (o outcome) String() string { return [...]string{"added", "changed", "unchanged"}[o] }

// sampleRows is how many rows of an import are shown as they were understood.
func sampleRows(run store.ImportRun) int {
	if run.Options.DryRun {
		return previewRows
	}
	return 0
}

// understood notes what a cell was taken for, if anybody asks.
func (r *importRow) understood(column string, as ImportCell) {
	if r.read != nil {
		r.read[column] = as
	}
}

// sampleOf is what a row was taken for, by the columns that the file has.
func (run *importRun) sampleOf(row *importRow, what outcome) ImportedRow {
	shown := ImportedRow{Row: row.Number, What: what.String()}
	var faulty []string
	for _, f := range row.Faults() {
		shown.What = outcomeBad
		faulty = append(faulty, f.Letter)
	}
	for _, place := range run.from.Places() {
		cell := run.readAs(row, place.Key)
		cell.Column, cell.Faulty = place.Header, slices.Contains(faulty, place.Letter)
		shown.Cells = append(shown.Cells, cell)
	}
	return shown
}

// readAs is what a cell was taken for; where nothing says so, or a fault keeps
// it from being taken for anything, what stands in it.
func (run *importRun) readAs(row *importRow, column string) ImportCell {
	if cell, ok := row.read[column]; ok && (!row.faulty[column] || cell.Text != "") {
		return cell
	}
	look := *row.Row // so that no fault is noted
	return ImportCell{Text: look.Text(column, 0)}
}

// PreviewEnds is until when a preview may be confirmed; the zero time for what
// is no preview.
func (r ImportRun) PreviewEnds() time.Time {
	if !r.Options.DryRun || r.State != store.ImportDone {
		return time.Time{}
	}
	return r.EndedAt.Add(previewLife)
}

// PreviewExpired says whether a preview can be confirmed no more at a moment.
func (r ImportRun) PreviewExpired(now time.Time) bool {
	return !r.FileKept || !now.Before(r.PreviewEnds())
}

var errNoPreview = ticket.Errorf(ticket.CodeConflict, "Only a preview that has come to its end is confirmed.")

// ConfirmImport imports, in the background, the very file that a dry run looked
// at. Confirmed twice it is imported once: the second time gives the import of
// the first. Rows with faults are left out if so told; else a preview that found
// some is not confirmed.
func (s *Service) ConfirmImport(ctx context.Context, actor ticket.Actor, id string, skipBad bool) (*ImportRun, error) {
	preview, err := s.ImportRun(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	confirmed, err := s.store.ConfirmedImport(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		confirmed, err = s.confirm(ctx, actor, preview, skipBad)
	}
	if errors.Is(err, store.ErrDuplicate) { // somebody else did just now
		confirmed, err = s.store.ConfirmedImport(ctx, id)
	}
	if err != nil {
		return nil, err
	}
	return s.ImportRun(ctx, actor, confirmed.ID)
}

func (s *Service) confirm(ctx context.Context, actor ticket.Actor, preview *ImportRun, skipBad bool) (store.ImportRun, error) {
	none := store.ImportRun{}
	switch {
	case preview.PreviewEnds().IsZero():
		return none, errNoPreview
	case preview.PreviewExpired(s.clock.Now()):
		return none, ticket.Errorf(ticket.CodeConflict, "This preview has expired; what it was held against may have changed. Upload the file again.")
	case preview.Bad > 0 && !skipBad:
		return none, ticket.Errorf(ticket.CodeConflict, "Some rows have faults. Mend them and upload the file again, or leave them out.")
	}
	content, err := s.keptFile(ctx, preview.ImportRun)
	if err != nil {
		return none, err
	}
	options := preview.Options
	options.DryRun, options.SkipBad = false, skipBad
	return s.queueImport(ctx, store.ImportRun{
		Kind: preview.Kind, FileName: preview.FileName, Options: options, PreviewID: preview.ID, StartedBy: actor.ID,
	}, bytes.NewReader(content))
}

// keptFile reads the file of an import, which is the one that was uploaded.
func (s *Service) keptFile(ctx context.Context, run store.ImportRun) ([]byte, error) {
	content, err := s.files.ReadAll(ctx, importFile(run.ID))
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, phrase.Word("The file is not kept any more. Upload it again.")
	} else if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(content); run.Digest != "" && hex.EncodeToString(sum[:]) != run.Digest {
		return nil, phrase.Word("The file that is kept is not the one that was uploaded. Upload it again.")
	}
	return content, nil
}

// CanBeMarked says whether MarkedFile has something to hand out.
func (r ImportRun) CanBeMarked() bool { return r.Faults > 0 && r.FileKept && r.Rows <= markedRows }

// MarkedFile writes the file of an import as a workbook in which the faulty
// cells are red, with what is wrong as a comment in a language: the first 1,000
// of them. It can be mended and imported as it is.
func (s *Service) MarkedFile(ctx context.Context, actor ticket.Actor, id string, language text.Language, w io.Writer) error {
	run, err := s.ImportRun(ctx, actor, id)
	if err != nil {
		return err
	}
	if !run.CanBeMarked() || s.files == nil {
		return ticket.NotFound("file")
	}
	content, err := s.keptFile(ctx, run.ImportRun)
	if err != nil {
		return err
	}
	faults, err := s.store.ImportFaults(ctx, id, 0, 0)
	if err != nil {
		return err
	}
	marks := make([]tabular.Mark, len(faults))
	for i, f := range faults {
		marks[i] = tabular.Mark{Row: f.Row, Letter: f.Letter, Text: language.Say(f.Message, func(at time.Time) string { return at.In(s.zone).Format(time.DateTime) })}
	}
	return tabular.WriteMarked(w, content, ImportColumns(ImportKind(run.Kind)), marks)
}
