package web

import (
	"context"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"whistle/internal/download"
	"whistle/internal/service"
)

func (w *Pages) personRoutes() []route {
	return []route{
		get(accountPath+"/personal-data.zip", (*page).myPersonalData),
		get("/admin/users/:id/personal-data.zip", administrators((*page).personalDataOf)),
		get("/admin/users/:id/redact", administrators((*page).redaction)),
		post("/admin/users/:id/redact", administrators((*page).redact)),
	}
}

func (p *page) myPersonalData() error {
	data, err := p.svc.MyPersonalData(p.ctx(), p.actor)
	if err != nil {
		return err
	}
	return p.savePersonalData(data)
}

func (p *page) personalDataOf() error {
	data, err := p.svc.PersonalDataOf(p.ctx(), p.actor, service.PersonRef{UserID: p.Param("id")})
	if err != nil {
		return err
	}
	return p.savePersonalData(data)
}

func (p *page) savePersonalData(data *service.PersonalData) error {
	const zip = "application/zip"
	answer := download.NewWriter(func() func([]byte) (int, error) {
		for name, value := range download.Headers(p.t("person.file", "Name", data.Name)+".zip", zip) {
			p.Response().Header().Set(name, value)
		}
		p.Response().Header().Set(echo.HeaderContentType, zip)
		p.Response().WriteHeader(http.StatusOK)
		return p.Response().Write
	})
	return p.svc.WritePersonalData(p.ctx(), data, answer)
}

// redactionPage says what would go, and what must be done before.
type redactionPage struct {
	User    *service.UserView
	Report  *service.RedactionReport
	Against []string
	Form    *form
}

func (p *page) redactionPage() (*redactionPage, error) {
	shown := &redactionPage{}
	var err error
	if shown.User, err = p.svc.User(p.ctx(), p.actor, p.Param("id")); err != nil {
		return nil, err
	}
	try := service.Redaction{Reason: "-", OwnWords: true, Attachments: true, DryRun: true}
	if shown.Report, err = p.svc.Redact(p.ctx(), p.actor, service.PersonRef{UserID: shown.User.ID}, try); err != nil {
		return nil, err
	}
	for _, f := range shown.Report.Faults() {
		shown.Against = append(shown.Against, p.phrase(f.Phrase()))
	}
	f := newForm("/admin/users/"+shown.User.ID+"/redact", p.t("person.redact"))
	f.Danger, f.Confirm, f.Back = true, p.t("person.sure"), "/admin/users/"+shown.User.ID
	f.Fields = []field{
		{Name: "reason", Label: p.t("person.reason"), Hint: p.t("person.reason_hint"), Kind: kindText, Required: true, Max: 1000},
		{Name: "own_words", Label: p.t("person.own_words"), Hint: p.t("person.own_words_hint"), Kind: kindCheck},
		{Name: "attachments", Label: p.t("person.attachments"), Kind: kindCheck},
	}
	shown.Form = f
	return shown, nil
}

// redaction shows what would go.
func (p *page) redaction() error {
	shown, err := p.redactionPage()
	if err != nil {
		return err
	}
	return p.show("admin/redact", shown)
}

func (p *page) redact() error {
	shown, err := p.redactionPage()
	if err != nil {
		return err
	}
	values, _, err := p.values()
	var in service.Redaction
	if err == nil {
		shown.Form.fill(values)
		err = p.decode(values, &in)
	}
	if err == nil {
		in.DryRun = false
		_, err = p.once(values, func(ctx context.Context) (string, error) {
			_, err := p.svc.Redact(ctx, p.actor, service.PersonRef{UserID: shown.User.ID}, in)
			return "", err
		})
	}
	if err != nil {
		return p.refuse(err, shown.Form, func(status int) error { return p.showAs(status, "admin/redact", shown) })
	}
	p.say("person.redacted")
	return p.goTo("/admin/users/" + url.PathEscape(shown.User.ID))
}
