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

// InsertAudit writes a change down.
func (s *Store) InsertAudit(ctx context.Context, a *Audit) error {
	a.At = utc(a.At)
	return translate(s.write(ctx).Create(a).Error)
}
