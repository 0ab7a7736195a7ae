package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"whistle/internal/directory"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// managing are the assignments by which managers look after enterprises on a
// day.
func (s *Store) managing(ctx context.Context, day worktime.Date) *gorm.DB {
	return s.read(ctx).Table("assignments").Scopes(managesOn(day))
}

func managesOn(day worktime.Date) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		return q.Where("assignments.kind = ? AND "+inForceOn, directory.ManagerOf, day, day)
	}
}

const onRoster = "enterprises.credit_code <> '' AND enterprises.retired_at IS NULL"

// coveredAs narrows a query over enterprises to those of the roster that
// managers look after in a way on a day.
func coveredAs(c directory.Coverage, day worktime.Date) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		q = q.Where(onRoster)
		managed := q.Session(&gorm.Session{NewDB: true}).Table("assignments").Scopes(managesOn(day)).Select("target_id")
		switch c {
		case directory.Covered:
			return q.Where("enterprises.id IN (?)", managed)
		case directory.Uncovered:
			return q.Where("enterprises.id NOT IN (?)", managed)
		case directory.WithoutGuide:
			return q.Where("enterprises.id NOT IN (?)", managed.Where("assignments.part = ?", directory.Guide))
		case directory.WithoutContact:
			return q.Where("enterprises.id NOT IN (?)", managed.Where("assignments.part = ?", directory.Contact))
		case directory.OnRoster:
		}
		return q
	}
}

// ManagerFilter narrows the managers, or the enterprises that they are counted
// by; zero values narrow nothing but Day.
type ManagerFilter struct {
	Day          worktime.Date
	UserID       string
	DepartmentID string // of the manager
	Text         string // in the manager's name
	PlaceID      string // of the enterprises
	ChainID      string
	After        *ManagerPosition
	Limit        int
}

// ManagerPosition is a place in the list of managers.
type ManagerPosition struct {
	Red         int    `json:"red"`
	Open        int    `json:"open"`
	Enterprises int    `json:"enterprises"`
	Name        string `json:"name"`
	ID          string `json:"id"`
}

// enterprisesOf narrows a query over enterprises as the filter says.
func (f ManagerFilter) enterprisesOf(q *gorm.DB) *gorm.DB {
	if f.PlaceID != "" {
		q = q.Where("enterprises.place_id = ?", f.PlaceID)
	}
	if f.ChainID != "" {
		q = q.Where(`CAST(enterprises.chains AS TEXT) LIKE ? ESCAPE '\'`, contains(`"`+f.ChainID+`"`))
	}
	return q
}

// ManagerLoad is a manager with how much there is to look after.
type ManagerLoad struct {
	UserID       string
	Name         string
	DepartmentID string
	Guide        int               // enterprises as 指导员
	Contact      int               // enterprises as 联络员
	LightCount   `gorm:"embedded"` // of their open tickets that the reader sees
}

// Enterprises is how many the manager looks after.
func (l ManagerLoad) Enterprises() int { return l.Guide + l.Contact }

// Position is where the next page begins when this one is a page's last.
func (l ManagerLoad) Position() ManagerPosition {
	return ManagerPosition{l.Red, l.Count, l.Enterprises(), l.Name, l.UserID}
}

// ManagerLoads reads who looks after enterprises on the filter's day, those
// with the most on their hands first; one statement.
func (s *Store) ManagerLoads(ctx context.Context, actor ticket.Actor, f ManagerFilter, now time.Time) ([]ManagerLoad, error) {
	columns, args := lightCounts(now)
	open := s.read(ctx).Table("(?) AS listed", s.listed(ctx, actor, OpenList, WorklistFilter{}, now)).
		Select("enterprise_id, "+columns, args...).Group("enterprise_id")
	q := s.managing(ctx, f.Day).Joins("LEFT JOIN (?) AS opened ON opened.enterprise_id = assignments.target_id", open)
	if f.PlaceID+f.ChainID != "" {
		q = q.Joins("JOIN enterprises ON enterprises.id = assignments.target_id").Scopes(f.enterprisesOf)
	}
	if f.UserID != "" {
		q = q.Where("assignments.user_id = ?", f.UserID)
	}
	q = q.Select(`assignments.user_id, count(*) FILTER (WHERE assignments.part = ?) AS guide, count(*) FILTER (WHERE assignments.part = ?) AS contact,
		CAST(coalesce(sum(opened.count), 0) AS bigint) AS count, CAST(coalesce(sum(opened.red), 0) AS bigint) AS red,
		CAST(coalesce(sum(opened.yellow), 0) AS bigint) AS yellow`, directory.Guide, directory.Contact).Group("assignments.user_id")
	page := s.read(ctx).Table("(?) AS loads", q).Joins("JOIN users ON users.id = loads.user_id").
		Select("loads.*, users.name AS name, users.department_id AS department_id").Order("red DESC, count DESC, guide + contact DESC, name, user_id")
	if f.DepartmentID != "" {
		page = page.Where("users.department_id = ?", f.DepartmentID)
	}
	if f.Text != "" {
		page = page.Where(`lower(users.name) LIKE lower(?) ESCAPE '\'`, contains(f.Text))
	}
	if f.After != nil {
		page = page.Where("(-red, -count, -(guide + contact), name, user_id) > (?, ?, ?, ?, ?)", -f.After.Red, -f.After.Open, -f.After.Enterprises, f.After.Name, f.After.ID)
	}
	if f.Limit > 0 {
		page = page.Limit(f.Limit)
	}
	var loads []ManagerLoad
	err := page.Scan(&loads).Error
	return loads, translate(err)
}

// CoverageCount is how many enterprises of the roster there are, and how many
// of them have managers.
type CoverageCount struct {
	Roster  int64
	Covered int64 // by at least one
	Guided  int64 // by a 指导员
	OnCall  int64 // by a 联络员
}

// Coverage counts the roster by who looks after it on the filter's day.
func (s *Store) Coverage(ctx context.Context, f ManagerFilter) (CoverageCount, error) {
	managed := s.managing(ctx, f.Day).Select("target_id, max(CASE WHEN part = ? THEN 1 ELSE 0 END) AS guided, max(CASE WHEN part = ? THEN 1 ELSE 0 END) AS on_call",
		directory.Guide, directory.Contact).Group("target_id")
	var count CoverageCount
	err := s.read(ctx).Table("enterprises").Where(onRoster).Scopes(f.enterprisesOf).
		Joins("LEFT JOIN (?) AS managed ON managed.target_id = enterprises.id", managed).
		Select("count(*) AS roster, count(managed.target_id) AS covered, count(*) FILTER (WHERE managed.guided = 1) AS guided, count(*) FILTER (WHERE managed.on_call = 1) AS on_call").
		Scan(&count).Error
	return count, translate(err)
}

// ManagersOn reads who looks after the enterprises on a day, by enterprise.
func (s *Store) ManagersOn(ctx context.Context, day worktime.Date, enterpriseIDs []string) (map[string][]directory.Assignment, error) {
	condition, list := s.among("assignments.target_id", enterpriseIDs)
	var rows []directory.Assignment
	err := s.managing(ctx, day).Select("assignments.*").Where(condition, list).Order("assignments.part DESC, assignments.from_date, assignments.id").Find(&rows).Error
	all := map[string][]directory.Assignment{}
	for _, a := range rows {
		all[a.TargetID] = append(all[a.TargetID], a)
	}
	return all, translate(err)
}

// InsertHandover writes a hand-over down.
func (s *Store) InsertHandover(ctx context.Context, h *directory.Handover) error {
	h.CreatedAt = utc(h.CreatedAt)
	return translate(s.write(ctx).Create(h).Error)
}

// Handovers reads those of the ids that are there.
func (s *Store) Handovers(ctx context.Context, ids []string) (map[string]directory.Handover, error) {
	var rows []directory.Handover
	condition, list := s.among("id", ids)
	err := s.read(ctx).Where(condition, list).Find(&rows).Error
	all := make(map[string]directory.Handover, len(rows))
	for _, h := range rows {
		all[h.ID] = h
	}
	return all, translate(err)
}

// ServicePlan reads what is planned for an enterprise. It returns ErrNotFound
// where nobody has written anything.
func (s *Store) ServicePlan(ctx context.Context, enterpriseID string) (directory.ServicePlan, error) {
	return get[directory.ServicePlan](ctx, s, "enterprise_id", enterpriseID)
}

// SaveServicePlan writes what is planned for an enterprise, over what was
// written at the moment seen; the zero time for nothing. It returns ErrChanged
// when that is not what is there.
func (s *Store) SaveServicePlan(ctx context.Context, seen time.Time, plan *directory.ServicePlan) error {
	plan.UpdatedAt = utc(plan.UpdatedAt)
	var done *gorm.DB
	if seen.IsZero() {
		done = s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(plan)
	} else {
		done = s.write(ctx).Model(&directory.ServicePlan{}).Where("enterprise_id = ? AND updated_at = ?", plan.EnterpriseID, utc(seen)).
			Select("words", "updated_by", "updated_at").UpdateColumns(plan)
	}
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrChanged
	}
	return translate(done.Error)
}
