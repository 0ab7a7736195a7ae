package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"whistle/internal/auth"
	"whistle/internal/directory"
	"whistle/internal/secret"
	"whistle/internal/service"
	"whistle/internal/sso"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

const identitiesPath = accountPath + "/identities"

// providerRoutes are the way to somebody who vouches for people, and back. A
// sign-in begins by a plain link: no harm is done where another site begins it.
// What would have an account taken over begins by a form of ours alone.
func (w *Pages) providerRoutes() []route {
	return []route{
		public(get(auth.SignInByProvider+":provider", (*page).signInByProvider)),
		public(get(auth.SignInByProvider+":provider/back", (*page).backFromProvider)),
		public(post("/invite/:token/with/:provider", (*page).followInvitationBy)),
		post(identitiesPath, (*page).linkIdentity),
		post(identitiesPath+"/:id/remove", (*page).removeIdentity),
		post("/admin/users/:id/identities/:identity/remove", administrators((*page).removeUserIdentity)),
	}
}

// signInButton is a provider to sign in by.
type signInButton struct {
	Key, Name string
	Href      string
}

// called is a provider's name in the reader's language.
func (p *page) called(provider *auth.Provider) string {
	return provider.Called(p.lang == text.English)
}

// signInButtons are those of all providers; they lead back to the page given.
func (p *page) signInButtons(to string) []signInButton {
	var all []signInButton
	for _, provider := range p.web.opts.Providers.All() {
		href := auth.SignInByProvider + provider.Key
		if to != "" {
			href += "?" + url.Values{"to": {to}}.Encode()
		}
		all = append(all, signInButton{provider.Key, p.called(provider), href})
	}
	return all
}

// provider is the one of the address.
func (p *page) provider() (*auth.Provider, error) {
	provider := p.web.opts.Providers.Named(p.Param("provider"))
	if provider == nil {
		return nil, ticket.NotFound("page")
	}
	return provider, nil
}

// signInByProvider sends the browser to the provider.
func (p *page) signInByProvider() error {
	provider, err := p.provider()
	if err != nil {
		return err
	}
	flow := auth.Flow{To: local(p.QueryParam("to"), "")}
	to, err := provider.Begin(p.Context, flow)
	if err != nil {
		return p.providerFailed(provider, flow, err)
	}
	return p.Redirect(http.StatusSeeOther, to)
}

// followInvitationBy is signInByProvider for who was invited.
func (p *page) followInvitationBy() error {
	provider, err := p.provider()
	if err != nil {
		return err
	}
	shown, err := p.lookAtInvitation()
	if err != nil || shown == nil {
		return err
	}
	flow := auth.Flow{Invitation: shown.Token}
	to, err := provider.Begin(p.Context, flow)
	if err != nil {
		return p.providerFailed(provider, flow, err)
	}
	return p.leaveFor(provider, to, "sso.going")
}

// onwardPage leads away from here.
type onwardPage struct {
	Name string // of the provider
	To   string
	Text string // a text's name
}

// leaveFor answers a form by leading the browser to a provider. Our pages' forms
// may lead to nobody else, and browsers hold redirects to that, too; so a page
// goes on by itself.
func (p *page) leaveFor(provider *auth.Provider, to, text string) error {
	return p.show("account/onward", onwardPage{Name: p.called(provider), To: to, Text: text})
}

// providerFailedPage tells why somebody is not signed in, and what to do.
type providerFailedPage struct {
	Name, Words string
	Again       string // where to begin again
	Invited     bool   // there: an invitation, which is still good
	Linking     bool   // there: one's own account
	Password    string // the form's address; "" where it is no use
}

func (p *page) providerFailed(provider *auth.Provider, flow auth.Flow, err error) error {
	known, status, err := p.known(err)
	if err != nil {
		return err
	}
	shown := providerFailedPage{Name: p.called(provider), Words: p.errorWords(known)}
	there := url.Values{}
	if flow.To != "" {
		there.Set("to", flow.To)
	}
	address := func(path string) string { return (&url.URL{Path: path, RawQuery: there.Encode()}).String() }
	switch {
	case flow.Session != "":
		shown.Linking, shown.Again = true, accountPath
	case flow.Invitation != "":
		shown.Invited, shown.Again = true, "/invite/"+url.PathEscape(flow.Invitation)
	default:
		shown.Again, shown.Password = address(auth.SignInByProvider+provider.Key), address(signInPath)
	}
	return p.showAs(status, "account/provider_failed", shown)
}

// backFromProvider is where a provider sends people back to.
func (p *page) backFromProvider() error {
	provider, err := p.provider()
	if err != nil {
		return err
	}
	back, err := provider.Back(p.Context)
	if err != nil {
		return p.providerFailed(provider, auth.Flow{}, err)
	}
	if back.Session != "" {
		return p.backToAccount(provider, back)
	}
	var by *auth.Vouched
	signedIn, err := p.svc.SignInByProvider(p.ctx(), back.Invitation, service.RemoteAddr(p.ctx()), func(ctx context.Context) (*sso.Identity, error) {
		var err error
		if by, err = back.Identity(ctx); err != nil {
			return nil, err
		}
		return &by.Identity, nil
	})
	var known *ticket.Error
	switch {
	case back.Invitation != "" && errors.As(err, &known) && known.Code == ticket.CodeNotFound:
		return p.deadLink(err)
	case err != nil:
		return p.providerFailed(provider, back.Flow, err)
	}
	if back.Invitation != "" {
		p.say("invite.welcome", "Name", signedIn.Name)
	}
	return p.begin(signedIn, by, back.To)
}

// linkedPage is by whom one may sign in, as one sees it oneself.
type linkedPage struct {
	Identities []identityRow
	Last       bool  // without the one that there is nobody could sign in
	Form       *form // to link a further one; nil where there is none
}

// identityRow is a link as it is shown.
type identityRow struct {
	directory.Identity
	Provider string // its name, or where it is when it is configured no more
}

func (p *page) identityRows(all []directory.Identity) []identityRow {
	rows := make([]identityRow, len(all))
	for i, identity := range all {
		rows[i] = identityRow{identity, identity.Issuer}
		if provider := p.web.opts.Providers.At(identity.Issuer); provider != nil {
			rows[i].Provider = p.called(provider)
		}
	}
	return rows
}

// linked is nil where there is nothing to tell of.
func (p *page) linked(hasPassword bool, sent *form) (*linkedPage, error) {
	all, err := p.svc.MyIdentities(p.ctx(), p.actor)
	if err != nil || len(all) == 0 && len(p.web.opts.Providers.All()) == 0 {
		return nil, err
	}
	shown := &linkedPage{Identities: p.identityRows(all), Last: !hasPassword && len(all) == 1, Form: sent}
	if sent == nil {
		shown.Form = p.linkForm(hasPassword, all)
	}
	return shown, nil
}

// linkForm asks by whom to sign in, too, and for the password where there is
// one; nil when there is nobody left.
func (p *page) linkForm(hasPassword bool, have []directory.Identity) *form {
	var left []option
	for _, provider := range p.web.opts.Providers.All() {
		had := false
		for _, identity := range have {
			had = had || identity.Issuer == provider.Issuer
		}
		if !had {
			left = append(left, option{Value: provider.Key, Label: p.called(provider)})
		}
	}
	if len(left) == 0 {
		return nil
	}
	f := newForm(identitiesPath, p.t("sso.link", "Name", left[0].Label))
	by := field{Name: "provider", Kind: kindHidden, Values: []string{left[0].Value}}
	if len(left) > 1 {
		f.Submit = p.t("sso.link_one")
		by = field{Name: "provider", Label: p.t("sso.by"), Kind: kindRadios, Required: true, Options: left}
	}
	f.Fields = append(f.Fields, by)
	if hasPassword {
		f.Fields = append(f.Fields, field{Name: "old", Label: p.t("account.old_password"), Kind: kindPassword, Required: true, Form: "link"})
	}
	return f
}

// linkIdentity has somebody who is signed in, and proves it, vouched for.
func (p *page) linkIdentity() error {
	values, _, err := p.values()
	if err != nil {
		return err
	}
	me, err := p.svc.Me(p.ctx(), p.actor)
	if err != nil {
		return err
	}
	all, err := p.svc.MyIdentities(p.ctx(), p.actor)
	if err != nil {
		return err
	}
	f := p.linkForm(me.PasswordHash != "", all)
	provider := p.web.opts.Providers.Named(values.Get("provider"))
	if f == nil || provider == nil {
		return ticket.NotFound("page")
	}
	f.fill(values)
	if err := p.svc.ProveOwner(p.ctx(), p.actor, p.token, values.Get("old")); err != nil {
		return p.refuse(err, f, func(status int) error { return p.showAccount(status, accountForms{link: f}) })
	}
	flow := auth.Flow{Session: secret.Digest(p.token)}
	to, err := provider.Begin(p.Context, flow)
	if err != nil {
		return p.providerFailed(provider, flow, err)
	}
	return p.leaveFor(provider, to, "sso.going")
}

var errOtherSession = ticket.Errorf(ticket.CodeUnauthenticated, "You are not signed in any more as when you began. Begin again.")

// backToAccount links whoever the provider vouches for with the account that it
// was begun from, in the very session.
func (p *page) backToAccount(provider *auth.Provider, back *auth.Return) error {
	err := error(errOtherSession)
	if p.actor.ID != "" && secret.Digest(p.token) == back.Session {
		var by *auth.Vouched
		if by, err = back.Identity(p.ctx()); err == nil {
			err = p.svc.LinkIdentity(p.ctx(), p.actor, by.Identity)
		}
	}
	if err != nil {
		return p.providerFailed(provider, back.Flow, err)
	}
	p.say("sso.linked", "Name", p.called(provider))
	return p.goTo(accountPath)
}

func (p *page) removeIdentity() error {
	if err := p.svc.RemoveMyIdentity(p.ctx(), p.actor, p.Param("id")); err != nil {
		return err
	}
	p.say("sso.removed")
	return p.goTo(accountPath)
}

func (p *page) removeUserIdentity() error {
	if err := p.svc.RemoveIdentity(p.ctx(), p.actor, p.Param("id"), p.Param("identity")); err != nil {
		return p.inPlace(err, p.userError)
	}
	p.say("sso.removed")
	return p.goTo("/admin/users/" + url.PathEscape(p.Param("id")))
}
