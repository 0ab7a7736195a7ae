package rest

import (
	"context"
	"net/http"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

// PersonalData is what is kept about somebody.
type PersonalData struct {
	service.PersonalData
	Files []Attachment `json:"files" doc:"That they uploaded"`
}

func (a *API) personalData(d *service.PersonalData) *answer[PersonalData] {
	out := PersonalData{PersonalData: *d, Files: []Attachment{}}
	for _, f := range d.Files {
		out.Files = append(out.Files, a.attachment(f.Attachment))
	}
	return &answer[PersonalData]{out}
}

func (a *API) persons() {
	mine := operation(http.MethodGet, "/me/personal-data", "get-my-personal-data", "users", "Read all that is kept about oneself")
	mine.Description = "By table, with the columns that say something: account, sessions with their addresses, assignments, changes, notices, tickets with one's own words, visits."
	register(a, mine, func(ctx context.Context, actor ticket.Actor, _ *struct{}) (*answer[PersonalData], error) {
		d, err := a.svc.MyPersonalData(ctx, actor)
		if err != nil {
			return nil, err
		}
		return a.personalData(d), nil
	})
	theirs := operation(http.MethodGet, "/users/{id}/personal-data", "get-personal-data", "users", "Read all that is kept about a person")
	theirs.Description = "For administrators; that it was read is written into the audit log."
	register(a, theirs, func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[PersonalData], error) {
		d, err := a.svc.PersonalDataOf(ctx, actor, service.PersonRef{UserID: in.ID})
		if err != nil {
			return nil, err
		}
		return a.personalData(d), nil
	})
	redact := operation(http.MethodPost, "/users/{id}/redaction", "redact-user", "users", "Remove what names a person; histories and figures stay whole")
	redact.DefaultStatus = http.StatusOK
	redact.Description = "For administrators. The account goes out of service and is emptied, contacts and texts that name the person go, the histories keep their hashes. Refused while they hold open tickets or look after enterprises. It cannot be taken back; backups of before still hold it."
	register(a, redact, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Body service.Redaction
	},
	) (*answer[service.RedactionReport], error) {
		r, err := a.svc.Redact(ctx, actor, service.PersonRef{UserID: in.ID}, in.Body)
		if err != nil {
			return nil, err
		}
		return &answer[service.RedactionReport]{*r}, nil
	})
}
