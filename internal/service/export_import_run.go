package service

import (
	"context"

	"whistle/internal/ticket"
)

var importRunColumns = []column[ImportRun]{
	col("id", func(_ *writing, r ImportRun) any { return r.ID }).only(inJSON),
	col("created_at", func(w *writing, r ImportRun) any { return w.at(&r.CreatedAt) }),
	col("started_by", func(w *writing, r ImportRun) any { return w.named(r.Names, r.StartedBy) }),
	col("kind", func(w *writing, r ImportRun) any { return w.word("import_kind", r.Kind) }),
	col("file_name", func(_ *writing, r ImportRun) any { return r.FileName }),
	col("file_size", func(_ *writing, r ImportRun) any { return r.FileSize }),
	col("dry_run", func(w *writing, r ImportRun) any { return w.yesNo(r.Options.DryRun) }),
	col("skip_bad", func(w *writing, r ImportRun) any { return w.yesNo(r.Options.SkipBad) }),
	col("state", func(w *writing, r ImportRun) any { return w.word("import_state", string(r.State)) }),
	col("rows", func(_ *writing, r ImportRun) any { return r.Rows }),
	col("done", func(_ *writing, r ImportRun) any { return r.Done }),
	col("added", func(_ *writing, r ImportRun) any { return r.Added }),
	col("changed", func(_ *writing, r ImportRun) any { return r.Changed }),
	col("unchanged", func(_ *writing, r ImportRun) any { return r.Unchanged }),
	col("bad", func(_ *writing, r ImportRun) any { return r.Bad }),
	col("faults", func(_ *writing, r ImportRun) any { return r.Faults }),
	col("made", func(_ *writing, r ImportRun) any { return rawJSON(r.Made) }).only(inJSON),
	col("applied", func(w *writing, r ImportRun) any { return w.yesNo(r.Applied) }),
	col("failure", func(w *writing, r ImportRun) any { return w.said(r.Failure) }),
	col("begun_at", func(w *writing, r ImportRun) any { return w.at(r.BegunAt) }),
	col("ended_at", func(w *writing, r ImportRun) any { return w.at(r.EndedAt) }),
}

// ExportImports writes the imports in the background that the filter leaves,
// newest first, and returns how many. It is for administrators.
func (s *Service) ExportImports(ctx context.Context, actor ticket.Actor, f ImportRunFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedImports, importRunColumns, to, func(ctx context.Context, write func(ImportRun) error) error {
		return eachRow(func(after *ImportRun, limit int) ([]ImportRun, error) {
			if f.After, f.Limit = "", limit; after != nil {
				f.After = after.ID
			}
			return s.ImportRuns(ctx, actor, f)
		}, write)
	})
}
