package web

import (
	"context"
	"errors"
	"net/url"
	"time"

	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

func (w *Pages) profileRoutes() []route {
	return []route{
		get(enterprisesPath+"/:id/plan", (*page).plan),
		post(enterprisesPath+"/:id/plan", (*page).savePlan),
	}
}

// profileFigures are an enterprise's figures, and whether they are of all its
// tickets.
type profileFigures struct {
	*figures.Counts
	All bool
}

// Rate is one of the rates.
func (f profileFigures) Rate(name string) figures.Ratio { return f.Rates[name] }

// planPage is where what is planned for an enterprise is written.
type planPage struct {
	*service.EnterprisePage
	Form *form
}

func (p *page) planPage() (planPage, error) {
	about, err := p.svc.EnterprisePage(p.ctx(), p.actor, p.Param("id"), p.lang)
	if err == nil && (about.Plan == nil || !about.Plan.May) {
		err = ticket.NotFound("page")
	}
	if err != nil {
		return planPage{}, err
	}
	shown := planPage{about, newForm(enterprisePath(about.Enterprise.ID)+"/plan", p.t("directory.save"))}
	shown.Form.Back = enterprisePath(about.Enterprise.ID)
	shown.Form.Seen = about.Plan.UpdatedAt.UTC().Format(time.RFC3339Nano)
	shown.Form.Fields = []field{{Name: "words", Label: p.t("profile.plan"), Hint: p.t("profile.plan_hint"), Kind: kindLong, Max: 10000, Values: []string{about.Plan.Words}}}
	return shown, nil
}

func (p *page) plan() error {
	shown, err := p.planPage()
	if err != nil {
		return err
	}
	return p.show("managers/plan", shown)
}

func (p *page) savePlan() error {
	shown, err := p.planPage()
	if err != nil {
		return err
	}
	var values url.Values
	var in service.NewServicePlan
	if values, _, err = p.values(); err == nil {
		shown.Form.fill(values)
		err = p.decode(values, &in)
	}
	if err == nil {
		seen := seenAt(values)
		_, err = p.once(values, func(ctx context.Context) (string, error) {
			_, err := p.svc.SavePlan(ctx, p.actor, p.Param("id"), &seen, in)
			return "", err
		})
	}
	if err != nil {
		var stale *service.Stale
		if errors.As(err, &stale) {
			shown.Form.Changes = p.auditChanges(stale.Changes)
		}
		return p.refuse(err, shown.Form, func(status int) error { return p.showAs(status, "managers/plan", shown) })
	}
	p.say("directory.saved")
	return p.goTo(enterprisePath(p.Param("id")))
}
