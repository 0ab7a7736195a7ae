package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

// AuditEntry is one change of anything that is not a ticket.
type AuditEntry struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	Actor     Named     `json:"actor"`
	Action    string    `json:"action" enum:"create,change,retire,restore,use,import,retry,remove"`
	Subject   string    `json:"subject" doc:"The kind of thing, such as department"`
	SubjectID string    `json:"subject_id"`
	Before    any       `json:"before" doc:"As it was; null when it was not there"`
	After     any       `json:"after" doc:"As it became; null when it is not there any more"`
}

// AuditQuery narrows the audit log.
type AuditQuery struct {
	Subject   string `query:"subject" maxLength:"64" doc:"The kind of thing, such as department"`
	SubjectID string `query:"subject_id" maxLength:"64"`
	Action    string `query:"action" enum:"create,change,retire,restore,use,import,retry,remove"`
	Actor     string `query:"actor" maxLength:"64" doc:"User id"`
	From      string `query:"from" format:"date" doc:"On this day or later"`
	To        string `query:"to" format:"date" doc:"On this day or earlier"`
}

func (a *API) auditFilter(q AuditQuery) (service.AuditFilter, error) {
	f := service.AuditFilter{Subject: q.Subject, SubjectID: q.SubjectID, ActorID: q.Actor, Action: q.Action}
	from, to, err := days(q.From, q.To)
	f.From, f.Before = a.svc.Between(from, to)
	return f, err
}

func (a *API) audit() {
	list := operation(http.MethodGet, "/audit", "list-audit", "audit", "List changes of anything that is not a ticket, newest first")
	list.Description = "For administrators."
	register(a, list, func(ctx context.Context, actor ticket.Actor, in *struct {
		AuditQuery
		Paged
	},
	) (*answer[Page[AuditEntry]], error) {
		after, err := decodeCursor[service.AuditPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		f, err := a.auditFilter(in.AuditQuery)
		if err != nil {
			return nil, err
		}
		f.After, f.Limit = after, in.Limit+1
		all, err := a.svc.AuditLog(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		show := func(e service.AuditView) AuditEntry {
			return AuditEntry{
				ID: e.ID, At: e.At.In(a.svc.Zone()), Actor: Named{e.ActorID, e.Names.Of(e.ActorID)},
				Action: e.Action, Subject: e.Subject, SubjectID: e.SubjectID, Before: stored(e.Before), After: stored(e.After),
			}
		}
		return &answer[Page[AuditEntry]]{pageOf(all, in.Limit, show, func(e service.AuditView) any {
			return service.AuditPosition{At: e.At, ID: e.ID}
		})}, nil
	})
}

// stored is JSON as it was kept; null for nothing.
func stored(raw string) any {
	if raw == "" {
		return nil
	}
	return json.RawMessage(raw)
}
