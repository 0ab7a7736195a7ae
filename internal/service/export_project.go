package service

import (
	"context"

	"whistle/internal/directory"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// exportedProject is a key project with its milestones.
type exportedProject struct {
	projectRow
	milestones directory.Milestones
	today      worktime.Date
}

// projectColumns are a project's own and, for each step, when it was to be and
// was reached.
var projectColumns = func() []column[exportedProject] {
	columns := []column[exportedProject]{
		col("id", func(_ *writing, e exportedProject) any { return e.T.ID }).only(inJSON),
		col("code", func(_ *writing, e exportedProject) any { return e.T.Code }),
		col("name", func(_ *writing, e exportedProject) any { return e.T.Name }),
		col("enterprise", func(w *writing, e exportedProject) any { return w.named(e.names, e.T.EnterpriseID) }),
		col("light", func(w *writing, e exportedProject) any { return w.word("light", string(e.milestones.Light(e.today))) }),
	}
	for _, kind := range directory.MilestoneKinds() {
		of := func(key string, value func(w *writing, m directory.Milestone) any) {
			columns = append(columns, col(string(kind)+"_"+key, func(w *writing, e exportedProject) any {
				if m, planned := e.milestones.Of(kind); planned {
					return value(w, m)
				}
				return nil
			}))
		}
		of("planned_day", func(w *writing, m directory.Milestone) any { return w.day(&m.PlannedDay) })
		of("first_planned_day", func(w *writing, m directory.Milestone) any { return w.day(&m.FirstPlannedDay) })
		of("done_day", func(w *writing, m directory.Milestone) any { return w.day(m.DoneDay) })
		of("note", func(_ *writing, m directory.Milestone) any { return blankAsNull(m.Note) })
	}
	return append(columns, columnsOf("", stampColumns, func(e exportedProject) (directory.Stamp, bool) { return e.T.Stamp, true })...)
}()

// exportProjects writes the key projects that the filter leaves of those that
// the actor reads, each with its milestones.
func (s *Service) exportProjects(ctx context.Context, actor ticket.Actor, f EntryFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedProjects, projectColumns, to, func(ctx context.Context, write func(exportedProject) error) error {
		return s.Projects().eachRow(ctx, actor, f, func(page []projectRow) error {
			projects := make([]directory.Project, len(page))
			for i, row := range page {
				projects[i] = row.T
			}
			milestones, err := s.ProjectMilestones(ctx, projects...)
			for i := 0; i < len(page) && err == nil; i++ {
				err = write(exportedProject{page[i], milestones.Of(page[i].T.ID), milestones.today})
			}
			return err
		})
	})
}

var milestoneColumns = []column[MilestoneView]{
	col("code", func(_ *writing, m MilestoneView) any { return m.Project.Code }),
	col("project", func(w *writing, m MilestoneView) any {
		if w.json() {
			return rawJSON(NamedID{m.ProjectID, m.Project.Name})
		}
		return m.Project.Name
	}),
	col("enterprise", func(w *writing, m MilestoneView) any { return w.named(m.Names, m.Project.EnterpriseID) }),
	col("kind", func(w *writing, m MilestoneView) any { return w.word("milestone", string(m.Kind)) }),
	col("planned_day", func(w *writing, m MilestoneView) any { return w.day(&m.PlannedDay) }),
	col("first_planned_day", func(w *writing, m MilestoneView) any { return w.day(&m.FirstPlannedDay) }),
	col("done_day", func(w *writing, m MilestoneView) any { return w.day(m.DoneDay) }),
	col("light", func(w *writing, m MilestoneView) any { return w.word("light", string(m.Light)) }),
	col("missed", func(w *writing, m MilestoneView) any { return w.yesNo(m.Missed) }),
	col("note", func(_ *writing, m MilestoneView) any { return blankAsNull(m.Note) }),
	col("updated_at", func(w *writing, m MilestoneView) any { return w.at(&m.UpdatedAt) }),
}

// ExportMilestones writes the milestones that the filter leaves of those of the
// projects that the actor reads, the earliest first, and returns how many.
func (s *Service) ExportMilestones(ctx context.Context, actor ticket.Actor, f MilestoneFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedMilestones, milestoneColumns, to, func(ctx context.Context, write func(MilestoneView) error) error {
		return eachRow(func(after *MilestoneView, limit int) ([]MilestoneView, error) {
			if f.After, f.Limit = nil, limit; after != nil {
				position := after.Position()
				f.After = &position
			}
			return s.Milestones(ctx, actor, f)
		}, write)
	})
}
