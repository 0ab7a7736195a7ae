package service

import (
	"context"

	"whistle/internal/directory"
	"whistle/internal/ticket"
)

// allWords are several of a closed list's codes.
func (w *writing) allWords(list string, codes []string) any {
	if w.json() {
		return rawJSON(codes)
	}
	words := make([]string, len(codes))
	for i, code := range codes {
		words[i], _ = w.word(list, code).(string)
	}
	return words
}

// stationRow is a station with its names.
type stationRow struct {
	StationView
	names *Names
}

var stationColumns = []column[stationRow]{
	col("id", func(_ *writing, v stationRow) any { return v.ID }).only(inJSON),
	col("code", func(_ *writing, v stationRow) any { return v.Code }),
	col("name", func(_ *writing, v stationRow) any { return v.Name }),
	col("station_kind", func(w *writing, v stationRow) any { return w.word("station_kind", string(v.StationKind)) }),
	col("parent", func(w *writing, v stationRow) any { return w.named(v.names, v.ParentID) }),
	col("place", func(w *writing, v stationRow) any { return w.named(v.names, v.PlaceID) }),
	col("services", func(w *writing, v stationRow) any { return w.allWords("station_service", v.Services) }),
	col("opening", func(_ *writing, v stationRow) any { return blankAsNull(v.Opening) }),
	col("staff", func(_ *writing, v stationRow) any { return len(v.Staff) }),
	counted("open", func(c *StationCounts) int { return c.Open }),
	counted("filed", func(c *StationCounts) int { return c.Filed }),
	counted("reported", func(c *StationCounts) int { return c.Reported }),
}

// counted is a column of a count, blank for those who read none.
func counted(key string, of func(*StationCounts) int) column[stationRow] {
	return col(key, func(_ *writing, v stationRow) any {
		if v.Tickets == nil {
			return nil
		}
		return of(v.Tickets)
	})
}

// staffRow is somebody at a station.
type staffRow struct {
	StationStaff
	names *Names
	at    directory.Department
}

var staffColumns = []column[staffRow]{
	col("station", func(w *writing, p staffRow) any {
		if w.json() {
			return rawJSON(NamedID{p.at.ID, p.at.Name})
		}
		return p.at.Name
	}),
	col("user", func(w *writing, p staffRow) any {
		if w.json() {
			return rawJSON(NamedID{p.User.ID, p.User.Name})
		}
		return p.User.Username
	}),
	col("name", func(_ *writing, p staffRow) any { return p.User.Name }).only(inSheets),
	col("part", func(w *writing, p staffRow) any { return w.word("assignment_part", p.Part) }),
	col("department", func(w *writing, p staffRow) any { return w.named(p.names, p.User.DepartmentID) }),
	col("phone", func(_ *writing, p staffRow) any { return blankAsNull(p.User.Phone) }),
	col("from_date", func(w *writing, p staffRow) any { return w.day(&p.FromDate) }),
	col("to_date", func(w *writing, p staffRow) any { return w.day(p.ToDate) }),
}

// exportStations writes what comes of each station that the filter leaves.
func exportStations[R any](ctx context.Context, s *Service, actor ticket.Actor, f StationFilter, list ExportList, columns []column[R], to ExportTo, rows func(StationView, *Names, func(R) error) error) (int, error) {
	if !readsStations(actor) {
		return 0, ticket.NotFound("station")
	}
	return exportAll(ctx, s, list, columns, to, func(ctx context.Context, write func(R) error) error {
		read := func(after *StationView, limit int) ([]StationView, error) {
			if f.After, f.Limit = "", limit; after != nil {
				f.After = after.ID
			}
			return s.Stations(ctx, actor, f)
		}
		return eachPage(read, func(page []StationView) error {
			names, err := s.StationNames(ctx, page...)
			if err != nil {
				return err
			}
			for _, v := range page {
				if err := rows(v, names, write); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// ExportStations writes the stations that the filter leaves, by code, and returns
// how many.
func (s *Service) ExportStations(ctx context.Context, actor ticket.Actor, f StationFilter, to ExportTo) (int, error) {
	return exportStations(ctx, s, actor, f, ExportedStations, stationColumns, to, func(v StationView, names *Names, write func(stationRow) error) error {
		return write(stationRow{v, names})
	})
}

// ExportStaff writes who is at the stations that the filter leaves today,
// station by station, and returns how many.
func (s *Service) ExportStaff(ctx context.Context, actor ticket.Actor, f StationFilter, to ExportTo) (int, error) {
	return exportStations(ctx, s, actor, f, ExportedStaff, staffColumns, to, func(v StationView, names *Names, write func(staffRow) error) error {
		for _, p := range v.Staff {
			if err := write(staffRow{p, names, v.Department}); err != nil {
				return err
			}
		}
		return nil
	})
}
