package service

import (
	"context"
	"encoding/json"

	"whistle/internal/store"
	"whistle/internal/ticket"
)

// The actions of the audit log.
const (
	auditCreate = "create"
	auditChange = "change"
	auditRetire = "retire"
)

// audit writes down who changed what, in the transaction of the change. before
// and after are marshalled as JSON; nil where there is none. They must hold no
// secret.
func (s *Service) audit(ctx context.Context, actor ticket.Actor, action, subject, id string, before, after any) error {
	entry := store.Audit{ID: s.newID(), At: s.clock.Now(), ActorID: actor.ID, Action: action, Subject: subject, SubjectID: id}
	for _, side := range []struct {
		value any
		into  *string
	}{{before, &entry.Before}, {after, &entry.After}} {
		if side.value == nil {
			continue
		}
		raw, err := json.Marshal(side.value)
		if err != nil {
			return err
		}
		*side.into = string(raw)
	}
	return s.store.InsertAudit(ctx, &entry)
}
