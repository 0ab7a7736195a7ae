package service

import (
	"context"
	"strconv"

	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// countColumns are the columns of figures: for people a rate is three columns,
// its two integers and the per cent that they make.
func countColumns() []column[figures.Counts] {
	count := func(key string, of func(figures.Counts) int64) column[figures.Counts] {
		return col(key, func(_ *writing, c figures.Counts) any { return of(c) })
	}
	columns := []column[figures.Counts]{
		count("tickets", func(c figures.Counts) int64 { return c.Tickets }),
		count("filed", func(c figures.Counts) int64 { return c.Filed }),
		count("solved", func(c figures.Counts) int64 { return c.Solved }),
		count("in_progress", func(c figures.Counts) int64 { return c.InProgress }),
		count("closed", func(c figures.Counts) int64 { return c.Closed }),
		col("excluded", func(_ *writing, c figures.Counts) any { return rawJSON(c.Excluded) }).only(inJSON),
	}
	for _, reason := range figures.Exclusions {
		columns = append(columns, col("excluded_"+reason, func(_ *writing, c figures.Counts) any { return c.Excluded[reason] }).only(inSheets))
	}
	for _, rate := range figures.Rates() {
		of := func(c figures.Counts) figures.Ratio { return c.Rates[rate.Name] }
		columns = append(columns,
			col(rate.Name+".numerator", func(_ *writing, c figures.Counts) any { return of(c).Numerator }).only(inSheets),
			col(rate.Name+".denominator", func(_ *writing, c figures.Counts) any { return of(c).Denominator }).only(inSheets),
			col(rate.Name+".percent", func(_ *writing, c figures.Counts) any {
				percent, err := strconv.ParseFloat(of(c).Percent(), 64)
				if err != nil {
					return nil // over nothing there is none
				}
				return percent
			}).only(inSheets),
			col(rate.Name, func(_ *writing, c figures.Counts) any {
				return rawJSON(map[string]any{
					"numerator": of(c).Numerator, "denominator": of(c).Denominator, "percent": blankAsNull(of(c).Percent()),
				})
			}).only(inJSON),
		)
	}
	hours := func(key string, of func(figures.Handling) float64) column[figures.Counts] {
		return col(key, func(_ *writing, c figures.Counts) any {
			if c.Handling.Count == 0 {
				return nil
			}
			return of(c.Handling)
		}).only(inSheets)
	}
	return append(columns,
		hours("handling_median", func(h figures.Handling) float64 { return h.Median }),
		hours("handling_p90", func(h figures.Handling) float64 { return h.P90 }),
		hours("handling_mean", func(h figures.Handling) float64 { return h.Mean }),
		col("handling_hours", func(_ *writing, c figures.Counts) any {
			shown := map[string]any{"count": c.Handling.Count, "median": nil, "p90": nil, "mean": nil}
			if h := c.Handling; h.Count > 0 {
				shown["median"], shown["p90"], shown["mean"] = h.Median, h.P90, h.Mean
			}
			return rawJSON(shown)
		}).only(inJSON),
	)
}

// figuresColumns are a row for the whole, then one for each group.
var figuresColumns = append([]column[figures.Group]{
	col("key", func(_ *writing, g figures.Group) any { return g.Key }),
	col("name", func(w *writing, g figures.Group) any {
		switch g.Key {
		case TotalKey:
			return w.to.Language.Get("export.total")
		case figures.NoKey:
			return w.to.Language.Get("export.none")
		}
		return g.Name
	}),
}, columnsOf(ExportedFigures, countColumns(), func(g figures.Group) (figures.Counts, bool) { return g.Counts, true })...)

// TotalKey is the key of the row over all groups in an export of figures.
const TotalKey = "total"

func eachGroup(r *figures.Report, write func(figures.Group) error) error {
	if err := write(figures.Group{Key: TotalKey, Counts: r.Total}); err != nil {
		return err
	}
	for _, g := range r.Groups {
		if err := write(g); err != nil {
			return err
		}
	}
	return nil
}

// ExportFigures writes the figures asked for as a table, and returns how many
// rows it has.
func (s *Service) ExportFigures(ctx context.Context, actor ticket.Actor, q FiguresQuery, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedFigures, figuresColumns, to, func(ctx context.Context, write func(figures.Group) error) error {
		report, err := s.Figures(ctx, actor, q)
		if err != nil {
			return err
		}
		return eachGroup(report, write)
	})
}

// ExportSnapshot writes one snapshot's figures as they were frozen: the
// district's, then those of the departments that the actor may read. It returns
// how many rows there are.
func (s *Service) ExportSnapshot(ctx context.Context, actor ticket.Actor, id string, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedFigures, figuresColumns, to, func(ctx context.Context, write func(figures.Group) error) error {
		snapshot, err := s.store.Snapshot(ctx, id)
		if err != nil {
			return problem(err, "snapshot")
		}
		view := viewSnapshot(actor, &snapshot)
		return eachGroup(&view.Figures, write)
	})
}

var snapshotColumns = append(append([]column[SnapshotView]{
	col("id", func(_ *writing, v SnapshotView) any { return v.ID }).only(inJSON),
	col("kind", func(w *writing, v SnapshotView) any { return w.word("snapshot_kind", string(v.Kind)) }),
	col("from", func(w *writing, v SnapshotView) any { return w.day(&v.FromDate) }),
	col("to", func(w *writing, v SnapshotView) any { return w.day(&v.ToDate) }),
	col("as_of", func(w *writing, v SnapshotView) any { return w.at(&v.AsOf) }),
	col("recorded_by", func(w *writing, v SnapshotView) any { return w.at(&v.RecordedBy) }),
	col("definition_version", func(_ *writing, v SnapshotView) any { return v.DefinitionVersion }),
	col("members_kept", func(w *writing, v SnapshotView) any { return w.yesNo(v.KeepsMembers()) }),
}, columnsOf(ExportedFigures, countColumns(), func(v SnapshotView) (figures.Counts, bool) { return v.Figures.Total, true })...),
	col("members_digest", func(_ *writing, v SnapshotView) any { return v.MembersDigest }),
	col("heads_digest", func(_ *writing, v SnapshotView) any { return v.HeadsDigest }),
	col("heads_count", func(_ *writing, v SnapshotView) any { return v.HeadsCount }),
)

// ExportSnapshots writes the district's frozen figures, those of the latest
// periods first, and returns how many.
func (s *Service) ExportSnapshots(ctx context.Context, actor ticket.Actor, f SnapshotFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedSnapshots, snapshotColumns, to, func(ctx context.Context, write func(SnapshotView) error) error {
		return eachRow(func(after *SnapshotView, limit int) ([]SnapshotView, error) {
			if f.After, f.Limit = nil, limit; after != nil {
				f.After = &store.SnapshotPosition{ToDate: after.ToDate, Kind: after.Kind}
			}
			return s.Snapshots(ctx, actor, f)
		}, write)
	})
}
