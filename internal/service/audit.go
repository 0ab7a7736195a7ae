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
	auditUse    = "use"
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

// AuditEntry is one change of anything that is not a ticket.
type AuditEntry = store.Audit

// AuditFilter narrows the audit log.
type AuditFilter = store.AuditFilter

// AuditPosition is a place in the audit log.
type AuditPosition = store.AuditPosition

// AuditLog lists changes, newest first, with the names of who made them. It is
// for administrators.
func (s *Service) AuditLog(ctx context.Context, actor ticket.Actor, f AuditFilter) ([]AuditEntry, *Names, error) {
	if !administers(actor) {
		return nil, nil, ticket.Errorf(ticket.CodeForbidden, "The audit log is for administrators.")
	}
	entries, err := s.store.AuditLog(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	names := newNames()
	for _, entry := range entries {
		names.add(store.Users, entry.ActorID)
	}
	return entries, names, names.load(ctx, s.store)
}
