package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"whistle/internal/directory"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// ProjectFilter narrows lists of key projects by what stands elsewhere; zero
// values narrow nothing.
type ProjectFilter struct {
	PlaceID string       // of the enterprise
	ChainID string       // of the enterprise
	Light   ticket.Light // the worst of its milestones
	IDs     []string     // only these; nil for any
	Today   worktime.Date
}

// dueDay is directory.Milestone.DueDay, said in SQL.
const dueDay = "CASE WHEN planned_day < first_planned_day THEN planned_day ELSE first_planned_day END"

// milestoneLights are the conditions of directory.Milestone.Light.
var milestoneLights = map[ticket.Light]string{
	ticket.Red:    "done_day IS NULL AND " + dueDay + " < @today",
	ticket.Yellow: "done_day IS NULL AND " + dueDay + " BETWEEN @today AND @soon",
	ticket.Green:  "done_day IS NULL AND " + dueDay + " > @soon",
}

func lightDays(today worktime.Date) map[string]any {
	return map[string]any{"today": today, "soon": today.AddDays(directory.MilestoneSoon)}
}

// narrow narrows a query over projects.
func (f ProjectFilter) narrow(q *gorm.DB) *gorm.DB {
	if f.IDs != nil {
		q = q.Where("id IN ?", f.IDs)
	}
	if f.PlaceID != "" {
		q = q.Where("enterprise_id IN (SELECT id FROM enterprises WHERE place_id = ?)", f.PlaceID)
	}
	if f.ChainID != "" {
		q = q.Where("enterprise_id IN (SELECT id FROM enterprises WHERE "+inAnyChain("enterprises")+")", map[string]any{"chain": f.ChainID})
	}
	for _, light := range []ticket.Light{ticket.Red, ticket.Yellow, ticket.Green} {
		if f.Light == "" {
			break
		}
		lit := "id IN (SELECT project_id FROM milestones WHERE " + milestoneLights[light] + ")"
		if light == f.Light {
			return q.Where(lit, lightDays(f.Today))
		}
		q = q.Where("NOT "+lit, lightDays(f.Today)) // a worse one is what it shows
	}
	return q
}

// Milestones reads the milestones of projects, by project, in their order.
func (s *Store) Milestones(ctx context.Context, projectIDs []string) (map[string]directory.Milestones, error) {
	var rows directory.Milestones
	condition, list := s.among("project_id", projectIDs)
	if err := s.read(ctx).Where(condition, list).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	all := map[string]directory.Milestones{}
	for _, kind := range directory.MilestoneKinds() {
		for _, m := range rows {
			if m.Kind == kind {
				all[m.ProjectID] = append(all[m.ProjectID], m)
			}
		}
	}
	return all, nil
}

// MilestoneFilter narrows a list of milestones; zero values narrow nothing.
type MilestoneFilter struct {
	Within       *Within // nil for any project
	ProjectID    string
	EnterpriseID string
	PlaceID      string // of the enterprise
	ChainID      string // of the enterprise
	Kind         directory.MilestoneKind
	Light        ticket.Light
	Today        worktime.Date
	After        *MilestonePosition
	Limit        int
}

// MilestonePosition is a place in a list of milestones.
type MilestonePosition struct {
	Day       worktime.Date           `json:"day"` // DueDay
	ProjectID string                  `json:"project_id"`
	Kind      directory.MilestoneKind `json:"kind"`
}

// projects selects the ids of those in service whose milestones are asked for.
func (f MilestoneFilter) projects(fresh *gorm.DB) *gorm.DB {
	q := fresh.Table("projects").Select("id").Where("retired_at IS NULL").Scopes(f.Within.bound(fresh, ""), ProjectFilter{PlaceID: f.PlaceID, ChainID: f.ChainID}.narrow)
	if f.ProjectID != "" {
		q = q.Where("id = ?", f.ProjectID)
	}
	if f.EnterpriseID != "" {
		q = q.Where("enterprise_id = ?", f.EnterpriseID)
	}
	return q
}

// ListMilestones lists milestones of projects in service, the earliest day by
// which they are judged first.
func (s *Store) ListMilestones(ctx context.Context, f MilestoneFilter) ([]directory.Milestone, error) {
	q := s.read(ctx).Where("EXISTS (?)", f.projects(s.read(ctx)).Select("1").Where("projects.id = milestones.project_id"))
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	if f.Light != "" {
		q = q.Where(milestoneLights[f.Light], lightDays(f.Today))
	}
	if f.After != nil {
		q = q.Where(dueDay+" >= ? AND ("+dueDay+", project_id, kind) > (?, ?, ?)", f.After.Day, f.After.Day, f.After.ProjectID, f.After.Kind)
	}
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	var rows []directory.Milestone
	err := q.Order(dueDay + ", project_id, kind").Find(&rows).Error
	return rows, translate(err)
}

// ProjectCounts are how many key projects there are, and how their milestones
// stand.
type ProjectCounts struct {
	Projects   LightCount // by the worst of their milestones
	Milestones LightCount // those that are not reached
}

// CountProjects counts the projects in service, and their milestones.
func (s *Store) CountProjects(ctx context.Context, f MilestoneFilter) (ProjectCounts, error) {
	var n ProjectCounts
	days := lightDays(f.Today)
	lit := s.read(ctx).Table("milestones").Where("done_day IS NULL").Group("project_id").Select("project_id, count(*) AS count, "+
		"count(*) FILTER (WHERE "+milestoneLights[ticket.Red]+") AS red, count(*) FILTER (WHERE "+milestoneLights[ticket.Yellow]+") AS yellow", days)
	var row struct{ Projects, ProjectsRed, ProjectsYellow, Count, Red, Yellow int }
	err := s.read(ctx).Table("(?) AS seen", f.projects(s.read(ctx))).Joins("LEFT JOIN (?) AS lit ON lit.project_id = seen.id", lit).
		Select("count(*) AS projects, count(*) FILTER (WHERE red > 0) AS projects_red, count(*) FILTER (WHERE red = 0 AND yellow > 0) AS projects_yellow, " +
			"coalesce(sum(count), 0) AS count, coalesce(sum(red), 0) AS red, coalesce(sum(yellow), 0) AS yellow").Scan(&row).Error
	n.Projects = LightCount{row.Projects, row.ProjectsRed, row.ProjectsYellow}
	n.Milestones = LightCount{row.Count, row.Red, row.Yellow}
	return n, translate(err)
}

// InsertMilestones writes new milestones.
func (s *Store) InsertMilestones(ctx context.Context, rows []directory.Milestone) error {
	for i := range rows {
		rows[i].CreatedAt, rows[i].UpdatedAt = utc(rows[i].CreatedAt), utc(rows[i].UpdatedAt)
	}
	return insertAll(ctx, s, rows)
}

// UpdateMilestone writes a changed milestone. It returns ErrChanged unless it
// was last changed at the moment seen.
func (s *Store) UpdateMilestone(ctx context.Context, seen time.Time, m *directory.Milestone) error {
	m.UpdatedAt = utc(m.UpdatedAt)
	done := s.write(ctx).Model(&directory.Milestone{}).Where("project_id = ? AND kind = ? AND updated_at = ?", m.ProjectID, m.Kind, utc(seen)).
		Select("planned_day", "first_planned_day", "done_day", "note", "updated_at").UpdateColumns(m)
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrChanged
	}
	return translate(done.Error)
}
