package web

import (
	"strings"
	"time"

	"whistle/internal/cursor"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

const auditAPage = 50

type auditPage struct {
	Subject, Action, From, To string
	Subjects, Actions         []option
	Log                       []service.AuditView
	Next                      string
	Errors                    map[string]string
}

// audit shows who changed what, newest first.
func (p *page) audit() error {
	shown := auditPage{Subject: p.QueryParam("subject"), Action: p.QueryParam("action"), From: p.QueryParam("from"), To: p.QueryParam("to"), Errors: map[string]string{}}
	for _, id := range text.IDs(text.Chinese) {
		if subject, ok := strings.CutPrefix(id, "audit_subject."); ok {
			shown.Subjects = append(shown.Subjects, option{Value: subject, Label: p.t(id)})
		}
		if action, ok := strings.CutPrefix(id, "audit_action."); ok {
			shown.Actions = append(shown.Actions, option{Value: action, Label: p.t(id)})
		}
	}
	after, ok := cursor.Decode[service.AuditPosition](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	filter := service.AuditFilter{Subject: shown.Subject, Action: shown.Action, ActorID: p.QueryParam("actor"), SubjectID: p.QueryParam("subject_id"), After: after, Limit: auditAPage + 1}
	day := func(name, value string, next int) time.Time {
		if value == "" {
			return time.Time{}
		}
		d, err := worktime.ParseDate(value)
		if err != nil {
			shown.Errors[name] = p.t("figures.no_day")
			return time.Time{}
		}
		return d.AddDays(next).In(p.svc.Zone())
	}
	filter.From, filter.Before = day("from", shown.From, 0), day("to", shown.To, 1)
	var err error
	if shown.Log, err = p.svc.AuditLog(p.ctx(), p.actor, filter); err != nil {
		return err
	}
	if len(shown.Log) > auditAPage {
		shown.Log = shown.Log[:auditAPage]
		last := shown.Log[auditAPage-1]
		shown.Next = p.with("after", cursor.Encode(service.AuditPosition{At: last.At, ID: last.ID}))
	}
	return p.show("admin/audit", shown)
}

// fieldName is what a field of an entry is called.
func (p *page) fieldName(name string) string {
	for _, area := range []string{"entry.", "user.", "field.", "audit_field."} {
		if text.Has(area + name) {
			return p.t(area + name)
		}
	}
	return name
}

// FieldName is what a field of an entry is called.
func (v view) FieldName(name string) string { return v.fieldName(name) }

// CodeOr is a code's text, or the code itself where a list has none.
func (v view) CodeOr(list, code string) string {
	if text.Has(list + "." + code) {
		return v.t(list + "." + code)
	}
	return code
}
