package store

import (
	"context"
	"time"
)

// Audit is one change of anything that is not a ticket.
type Audit struct {
	ID        string
	At        time.Time
	ActorID   string
	Action    string // create, change, retire, …
	Subject   string // the kind of thing, e.g. department
	SubjectID string
	Before    string // JSON; "" when it was not there
	After     string // JSON; "" when it is not there any more
}

// TableName of the audit log.
func (Audit) TableName() string { return "audit" }

// InsertAudit writes changes down.
func (s *Store) InsertAudit(ctx context.Context, all ...Audit) error {
	for i := range all {
		all[i].At = utc(all[i].At)
	}
	return insertAll(ctx, s, all)
}

// AuditFilter narrows the audit log; zero values narrow nothing.
type AuditFilter struct {
	Subject, SubjectID, ActorID string
	Action                      string
	From                        time.Time // inclusive
	Before                      time.Time // exclusive
	After                       *AuditPosition
	Limit                       int
}

// AuditPosition is a place in the audit log, newest first.
type AuditPosition struct {
	At time.Time `json:"at"`
	ID string    `json:"id"`
}

// AuditLog lists changes, newest first.
func (s *Store) AuditLog(ctx context.Context, f AuditFilter) ([]Audit, error) {
	q := s.read(ctx).Order("at DESC, id DESC")
	for _, equal := range []struct{ column, value string }{
		{"subject", f.Subject}, {"subject_id", f.SubjectID}, {"actor_id", f.ActorID}, {"action", f.Action},
	} {
		if equal.value != "" {
			q = q.Where(equal.column+" = ?", equal.value)
		}
	}
	if !f.From.IsZero() {
		q = q.Where("at >= ?", utc(f.From))
	}
	if !f.Before.IsZero() {
		q = q.Where("at < ?", utc(f.Before))
	}
	if f.After != nil {
		at := utc(f.After.At)
		q = q.Where("(at < ? OR at = ? AND id < ?)", at, at, f.After.ID)
	}
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	var rows []Audit
	err := q.Find(&rows).Error
	return rows, translate(err)
}
