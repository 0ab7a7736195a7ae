package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"whistle/internal/ticket"
	"whistle/internal/visit"
	"whistle/internal/worktime"
)

// PlanFilter narrows a list of plans; zero values narrow nothing.
type PlanFilter struct {
	ID, CampaignID, UserID string
	Nobody                 bool           // those for whom nobody is named
	Open                   *worktime.Date // those of campaigns that last on that day or later, and are not done
	After                  string         // the id of the last one of the page before
	Limit                  int
}

// PlanRow is a plan, and whether it was carried out.
type PlanRow struct {
	visit.Plan `gorm:"embedded"`
	Done       bool // a visit for the campaign was made there
}

// plansVisibleTo narrows a query over plans as visitsVisibleTo does visits;
// enterprises read none.
func plansVisibleTo(actor ticket.Actor) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		switch actor.Role {
		case ticket.RoleDispatcher, ticket.RoleOfficer, ticket.RoleHead, ticket.RoleLeader, ticket.RoleSystem:
			return q
		case ticket.RoleEnterprise, ticket.RoleAdmin, ticket.RoleGuest:
		}
		return q.Where("(visit_plans.user_id = ? OR visit_plans.enterprise_id IN ?)", actor.ID, append(actor.Manages, ""))
	}
}

const planDone = "EXISTS (SELECT 1 FROM visits WHERE visits.campaign_id = visit_plans.campaign_id AND visits.enterprise_id = visit_plans.enterprise_id" +
	" AND (visit_plans.project_id = '' OR visits.project_id = visit_plans.project_id))"

// Plans lists plans in the actor's scope, in the order of their making.
func (s *Store) Plans(ctx context.Context, actor ticket.Actor, f PlanFilter) ([]PlanRow, error) {
	q := s.read(ctx).Model(&visit.Plan{}).Scopes(plansVisibleTo(actor)).Select("visit_plans.*, " + planDone + " AS done")
	for _, equal := range []struct{ column, value string }{{"id", f.ID}, {"campaign_id", f.CampaignID}, {"user_id", f.UserID}} {
		if equal.value != "" {
			q = q.Where("visit_plans."+equal.column+" = ?", equal.value)
		}
	}
	if f.Nobody {
		q = q.Where("visit_plans.user_id = ''")
	}
	if f.Open != nil {
		q = q.Where("NOT "+planDone+" AND visit_plans.campaign_id IN (SELECT id FROM campaigns WHERE to_date >= ? AND retired_at IS NULL)", *f.Open)
	}
	if f.After != "" {
		q = q.Where("visit_plans.id > ?", f.After)
	}
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	var rows []PlanRow
	err := q.Order("visit_plans.id").Scan(&rows).Error
	return rows, translate(err)
}

// InsertPlans writes new plans; those that are there already stay as they are.
func (s *Store) InsertPlans(ctx context.Context, plans []visit.Plan) error {
	for i := range plans {
		plans[i].CreatedAt, plans[i].UpdatedAt = utc(plans[i].CreatedAt), utc(plans[i].UpdatedAt)
	}
	return insertAll(ctx, s, plans, clause.OnConflict{DoNothing: true})
}

// UpdatePlan writes who goes and when. It returns ErrChanged unless the plan was
// last changed at the moment seen.
func (s *Store) UpdatePlan(ctx context.Context, seen time.Time, p *visit.Plan) error {
	p.UpdatedAt = utc(p.UpdatedAt)
	done := s.write(ctx).Model(&visit.Plan{}).Where("id = ? AND updated_at = ?", p.ID, utc(seen)).
		Select("user_id", "day", "updated_at").UpdateColumns(p)
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrChanged
	}
	return translate(done.Error)
}

// AllManagersOn are who looks after the enterprises on a day, by enterprise; the
// guide 指导员 before the contact 联络员.
func (s *Store) AllManagersOn(ctx context.Context, day worktime.Date) (map[string][]string, error) {
	var rows []struct{ TargetID, UserID string }
	err := s.read(ctx).Table("assignments").Joins("JOIN users ON users.id = assignments.user_id AND users.retired_at IS NULL").
		Where("assignments.kind = 'manager' AND "+inForceOn, day, day).
		Select("assignments.target_id, assignments.user_id").Order("assignments.target_id, assignments.part DESC, assignments.id").Scan(&rows).Error
	managers := map[string][]string{}
	for _, r := range rows {
		managers[r.TargetID] = append(managers[r.TargetID], r.UserID)
	}
	return managers, translate(err)
}

// inForceOn is directory.Assignment.InForce in SQL; the day comes twice.
const inForceOn = "assignments.retired_at IS NULL AND assignments.from_date <= ? AND (assignments.to_date IS NULL OR assignments.to_date >= ?)"
