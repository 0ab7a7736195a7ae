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

// VisitFilter narrows a list of visits; zero values narrow nothing.
type VisitFilter struct {
	ID, EnterpriseID, ProjectID, CampaignID, VisitorID string
	TicketID                                           string        // of a ticket that was made of a finding
	From, To                                           worktime.Date // both included

	After *VisitPosition
	Limit int
}

// farthest is how far the clock of any place is from UTC, at the most.
const farthest = 14 * time.Hour

// VisitPosition is a place in a list of visits, by the last visit before it.
type VisitPosition struct {
	VisitedAt time.Time `json:"visited_at"`
	ID        string    `json:"id"`
}

// visitsVisibleTo narrows a query over visits: the offices read all, others
// those to their own enterprise and to those that they look after.
func visitsVisibleTo(actor ticket.Actor) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		ids := actor.Manages
		switch actor.Role {
		case ticket.RoleDispatcher, ticket.RoleOfficer, ticket.RoleHead, ticket.RoleLeader, ticket.RoleSystem:
			return q
		case ticket.RoleEnterprise:
			ids = append([]string{actor.EnterpriseID}, ids...)
		case ticket.RoleAdmin, ticket.RoleGuest:
		}
		return q.Scopes(oneOf("visits.enterprise_id", ids))
	}
}

// Visits lists visits in the actor's scope, the latest first.
func (s *Store) Visits(ctx context.Context, actor ticket.Actor, f VisitFilter) ([]visit.Visit, error) {
	q := s.read(ctx).Scopes(visitsVisibleTo(actor))
	for _, equal := range []struct{ column, value string }{
		{"id", f.ID}, {"enterprise_id", f.EnterpriseID}, {"project_id", f.ProjectID}, {"campaign_id", f.CampaignID}, {"visitor_id", f.VisitorID},
	} {
		if equal.value != "" {
			q = q.Where(equal.column+" = ?", equal.value)
		}
	}
	if f.TicketID != "" {
		q = q.Where("id IN (SELECT visit_id FROM visit_findings WHERE ticket_id = ?)", f.TicketID)
	}
	// The moments of a day, wherever the service is: by them the list is sorted,
	// so that only its part of that time is read.
	if !f.From.IsZero() {
		q = q.Where("visited_on >= ? AND visited_at >= ?", f.From, f.From.In(time.UTC).Add(-farthest))
	}
	if !f.To.IsZero() {
		q = q.Where("visited_on <= ? AND visited_at <= ?", f.To, f.To.AddDays(1).In(time.UTC).Add(farthest))
	}
	if f.After != nil {
		q = q.Where("(visited_at, id) < (?, ?)", utc(f.After.VisitedAt), f.After.ID)
	}
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	var rows []visit.Visit
	err := q.Order("visited_at DESC, id DESC").Find(&rows).Error
	return rows, translate(err)
}

// VisitByClient reads the visit that its visitor's device knows by an id.
func (s *Store) VisitByClient(ctx context.Context, visitorID, clientID string) (visit.Visit, error) {
	var row visit.Visit
	err := s.read(ctx).Where("visitor_id = ? AND client_id = ?", visitorID, clientID).Take(&row).Error
	return row, translate(err)
}

// InsertVisit writes a visit; false when its visitor has sent it before. Of two
// that come at once, the second waits for the first's transaction.
func (s *Store) InsertVisit(ctx context.Context, v *visit.Visit) (bool, error) {
	v.VisitedAt, v.RecordedAt = utc(v.VisitedAt), utc(v.RecordedAt)
	if v.ClientID == "" {
		return true, translate(s.write(ctx).Create(v).Error)
	}
	done := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(v)
	return done.RowsAffected == 1, translate(done.Error)
}

// InsertVisits writes many visits with their findings.
func (s *Store) InsertVisits(ctx context.Context, visits []visit.Visit, findings []visit.Finding) error {
	for i := range visits {
		visits[i].VisitedAt, visits[i].RecordedAt = utc(visits[i].VisitedAt), utc(visits[i].RecordedAt)
	}
	if err := insertAll(ctx, s, visits); err != nil {
		return err
	}
	return s.InsertFindings(ctx, findings)
}

// InsertFindings writes the findings of visits.
func (s *Store) InsertFindings(ctx context.Context, findings []visit.Finding) error {
	return insertAll(ctx, s, findings)
}

// Findings lists the findings of visits, which must have been read in the
// actor's scope, visit by visit in their order.
func (s *Store) Findings(ctx context.Context, visitIDs []string) ([]visit.Finding, error) {
	condition, list := s.among("visit_id", visitIDs)
	var rows []visit.Finding
	err := s.read(ctx).Where(condition, list).Order("visit_id, position").Find(&rows).Error
	return rows, translate(err)
}

// TieFinding ties a finding to the ticket that was made of it. It returns
// ErrChanged when it has one already.
func (s *Store) TieFinding(ctx context.Context, id, ticketID string) error {
	done := s.write(ctx).Model(&visit.Finding{}).Where("id = ? AND ticket_id = ''", id).UpdateColumn("ticket_id", ticketID)
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrChanged
	}
	return translate(done.Error)
}

// OpenlyFiled are those of the tickets that are no trade secrets, whoever asks:
// what a visit says of the others is for who sees them alone.
func (s *Store) OpenlyFiled(ctx context.Context, ticketIDs []string) (map[string]bool, error) {
	condition, list := s.among("id", ticketIDs)
	var ids []string
	err := s.read(ctx).Table("tickets").Where(condition+" AND NOT confidential", list).Pluck("id", &ids).Error
	plain := make(map[string]bool, len(ids))
	for _, id := range ids {
		plain[id] = true
	}
	return plain, translate(err)
}

// LastVisits are the days of the last visits to each of the enterprises.
func (s *Store) LastVisits(ctx context.Context, enterpriseIDs []string) (map[string]worktime.Date, error) {
	condition, list := s.among("enterprise_id", enterpriseIDs)
	var rows []struct {
		EnterpriseID string
		Last         worktime.Date
	}
	err := s.read(ctx).Model(&visit.Visit{}).Where(condition, list).Select("enterprise_id, max(visited_on) AS last").Group("enterprise_id").Scan(&rows).Error
	last := make(map[string]worktime.Date, len(rows))
	for _, r := range rows {
		last[r.EnterpriseID] = r.Last
	}
	return last, translate(err)
}
