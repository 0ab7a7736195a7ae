package web

import (
	"net/http"
	"net/url"
	"strings"

	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/webhook"
)

const (
	webhooksPath    = "/webhooks"
	webhooksAPage   = 50
	deliveriesAPage = 20
)

func (w *Pages) webhookRoutes() []route {
	return []route{
		get(webhooksPath, (*page).webhooks),
		get("/admin/webhooks", administrators((*page).webhooks)),
		get(webhooksPath+"/new", (*page).newWebhook),
		post(webhooksPath+"/new", (*page).createWebhook),
		get(webhooksPath+"/:id", (*page).webhook),
		get(webhooksPath+"/:id/edit", (*page).editWebhook),
		post(webhooksPath+"/:id/edit", (*page).changeWebhook),
		post(webhooksPath+"/:id/:what", (*page).decideOnWebhook),
		post(webhooksPath+"/:id/deliveries/:delivery", (*page).redeliver),
	}
}

func webhookPath(id string) string { return webhooksPath + "/" + url.PathEscape(id) }

// MayHaveWebhooks says whether the reader may have programs told.
func (v view) MayHaveWebhooks() bool { return v.svc.MayHaveWebhooks(v.actor) }

// HookType says what a type of event, or a group of them, is about.
func (v view) HookType(kind string) string { return v.hookType(kind) }

func (p *page) hookType(kind string) string {
	group, event, _ := strings.Cut(kind, ".")
	switch {
	case event == "*":
		return p.t("webhook_group." + group)
	case group == "ticket":
		return p.t("event." + event)
	}
	return p.t("webhook_type." + strings.ReplaceAll(kind, ".", "_"))
}

type webhooksPage struct {
	Rows []service.WebhookView
	Next string // of the next page; "" on the last
}

// webhooks lists the reader's own, or, for administrators, all.
func (p *page) webhooks() error {
	var shown webhooksPage
	var err error
	if shown.Rows, err = p.svc.Webhooks(p.ctx(), p.actor, p.QueryParam("after"), webhooksAPage+1); err != nil {
		return err
	}
	if len(shown.Rows) == 0 && !p.administers() && !p.svc.MayHaveWebhooks(p.actor) {
		return ticket.NotFound("page")
	}
	if len(shown.Rows) > webhooksAPage {
		shown.Rows = shown.Rows[:webhooksAPage]
		shown.Next = p.with("after", shown.Rows[webhooksAPage-1].ID)
	}
	return p.show("webhooks/list", shown)
}

// webhookForm asks for what a webhook is made from.
func (p *page) webhookForm(action, submit, back string, in service.WebhookForm) supportForm {
	f := newForm(action, submit)
	f.Back = back
	kinds := optionsOf(append(webhook.Groups(), webhook.Types()...), func(kind string) option {
		return option{Value: kind, Label: p.hookType(kind), Hint: kind}
	})
	secret := field{Name: "confidential", Label: p.t("webhooks.confidential"), Hint: p.t("webhooks.confidential_hint"), Kind: kindCheck}
	if in.Confidential {
		secret.Values = []string{"true"}
	}
	f.Fields = []field{
		{Name: "name", Label: p.t("entry.name"), Hint: p.t("webhooks.name_hint"), Kind: kindText, Required: true, Max: 100, Values: []string{in.Name}},
		{Name: "url", Label: p.t("webhooks.url"), Hint: p.t("webhooks.url_hint"), Kind: kindText, Required: true, Max: 2000, Values: []string{in.URL}},
		{Name: "events", Label: p.t("webhooks.events"), Kind: kindChecks, Required: true, Options: kinds, Values: in.Events},
		secret,
	}
	return supportForm{About: p.t("webhooks.about"), Form: f}
}

func (p *page) newWebhookForm() supportForm {
	shown := p.webhookForm(webhooksPath+"/new", p.t("webhooks.create"), webhooksPath, service.WebhookForm{Events: []string{"ticket.*"}})
	shown.Title = p.t("webhooks.new")
	return shown
}

func (p *page) newWebhook() error {
	if !p.svc.MayHaveWebhooks(p.actor) {
		return ticket.NotFound("page")
	}
	return p.show("support/form", p.newWebhookForm())
}

// sentWebhook reads a webhook's form.
func (p *page) sentWebhook(f *form) (service.WebhookForm, error) {
	var in service.WebhookForm
	values, _, err := p.values()
	if err != nil {
		return in, err
	}
	f.fill(values)
	return in, p.decode(values, &in)
}

// createWebhook shows the secret, this once. Sending the form again makes
// another, since an answer with a secret is kept nowhere.
func (p *page) createWebhook() error {
	shown := p.newWebhookForm()
	in, err := p.sentWebhook(shown.Form)
	var made *service.WebhookView
	if err == nil {
		made, err = p.svc.CreateWebhook(p.ctx(), p.actor, in)
	}
	if err != nil {
		return p.refuse(err, shown.Form, func(status int) error { return p.showAs(status, "support/form", shown) })
	}
	return p.show("webhooks/secret", made)
}

// webhookPage is one webhook with what it was told.
type webhookPage struct {
	*service.WebhookView
	States     []webhook.State
	State      webhook.State // of what is shown; "" for all
	Deliveries []service.DeliveryView
	Next       string // of the next page; "" on the last
	Error      string // what a button could not do
}

func (p *page) webhook() error { return p.showWebhook(http.StatusOK, "") }

func (p *page) showWebhook(status int, words string) error {
	shown := webhookPage{States: webhook.States(), State: webhook.State(p.QueryParam("state")), Error: words}
	var err error
	if shown.WebhookView, err = p.svc.Webhook(p.ctx(), p.actor, p.Param("id")); err != nil {
		return err
	}
	if shown.Mine {
		shown.Deliveries, err = p.svc.WebhookDeliveries(p.ctx(), p.actor, shown.ID, service.WebhookDeliveryFilter{
			State: shown.State, After: p.QueryParam("after"), Limit: deliveriesAPage + 1,
		})
		if err != nil {
			return err
		}
	}
	if len(shown.Deliveries) > deliveriesAPage {
		shown.Deliveries = shown.Deliveries[:deliveriesAPage]
		shown.Next = p.with("after", shown.Deliveries[deliveriesAPage-1].ID)
	}
	return p.showAs(status, "webhooks/show", shown)
}

func (p *page) editedWebhook() (supportForm, error) {
	held, err := p.svc.Webhook(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return supportForm{}, err
	}
	if !held.Mine {
		return supportForm{}, ticket.NotFound("page")
	}
	at := webhookPath(held.ID)
	shown := p.webhookForm(at+"/edit", p.t("directory.save"), at, service.WebhookForm{Name: held.Name, URL: held.URL, Events: held.Events, Confidential: held.Confidential})
	shown.Title = held.Name
	return shown, nil
}

func (p *page) editWebhook() error {
	shown, err := p.editedWebhook()
	if err != nil {
		return err
	}
	return p.show("support/form", shown)
}

func (p *page) changeWebhook() error {
	shown, err := p.editedWebhook()
	if err != nil {
		return err
	}
	in, err := p.sentWebhook(shown.Form)
	if err == nil {
		_, err = p.svc.ChangeWebhook(p.ctx(), p.actor, p.Param("id"), func(held *service.WebhookForm) { *held = in }, nil)
	}
	if err != nil {
		return p.refuse(err, shown.Form, func(status int) error { return p.showAs(status, "support/form", shown) })
	}
	p.say("webhooks.changed")
	return p.goTo(webhookPath(p.Param("id")))
}

// decideOnWebhook does what a button of a webhook's page says.
func (p *page) decideOnWebhook() error {
	id, back := p.Param("id"), webhookPath(p.Param("id"))
	what := p.Param("what")
	var err error
	switch what {
	case "rotate":
		var made *service.WebhookView
		if made, err = p.svc.RotateWebhook(p.ctx(), p.actor, id); err == nil {
			return p.show("webhooks/secret", made)
		}
	case "test":
		_, err = p.svc.TestWebhook(p.ctx(), p.actor, id)
	case "on", "off":
		on := what == "on"
		_, err = p.svc.ChangeWebhook(p.ctx(), p.actor, id, func(*service.WebhookForm) {}, &on)
	case "remove":
		err, back = p.svc.DeleteWebhook(p.ctx(), p.actor, id), webhooksPath
	default:
		return ticket.NotFound("page")
	}
	if err != nil {
		return p.inPlace(err, p.showWebhook)
	}
	p.say("webhook_done." + what)
	return p.goTo(back)
}

func (p *page) redeliver() error {
	if _, err := p.svc.Redeliver(p.ctx(), p.actor, p.Param("delivery")); err != nil {
		return p.inPlace(err, p.showWebhook)
	}
	p.say("webhook_done.test")
	return p.goTo(webhookPath(p.Param("id")))
}
