package web

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"whistle/internal/auth"
	"whistle/internal/directory"
	"whistle/internal/secret"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

func (w *Pages) accountRoutes() []route {
	return []route{
		public(get("/", (*page).home)),
		public(get(signInPath, (*page).signInForm)),
		public(post(signInPath, (*page).signIn)),
		post(auth.SignOutPath, (*page).signOut),
		public(post("/language", (*page).chooseLanguage)),
		public(post("/theme", (*page).chooseTheme)),
		public(get("/invite/:token", (*page).invitation)),
		public(post("/invite/:token", (*page).followInvitation)),
		get(accountPath, (*page).account),
		post(accountPath+"/password", (*page).changePassword),
		post(accountPath+"/sessions/end", (*page).endOtherSessions),
		post(accountPath+"/sessions/:id/end", (*page).endSession),
	}
}

// home leads everybody to where their day begins.
func (p *page) home() error {
	if p.actor.ID == "" {
		return p.askToSignIn()
	}
	return p.goTo(homeOf(p.actor))
}

func homeOf(actor ticket.Actor) string {
	switch actor.Role {
	case ticket.RoleEnterprise:
		return "/requests"
	case ticket.RoleDispatcher:
		return "/desk"
	case ticket.RoleLeader:
		return "/dashboard"
	case ticket.RoleAdmin:
		return "/admin"
	case ticket.RoleOfficer, ticket.RoleHead, ticket.RoleGuest, ticket.RoleSystem:
	}
	return "/workbench"
}

type signInForm struct {
	Username, To, Error string
	Banner              string
	Providers           []signInButton
}

// signInForm is the form as it is shown at first.
func (p *page) newSignInForm(username, to string) signInForm {
	return signInForm{Username: username, To: to, Banner: p.web.opts.Banner, Providers: p.signInButtons(to)}
}

func (p *page) signInForm() error {
	to := local(p.QueryParam("to"), "")
	if p.actor.ID != "" {
		return p.goTo(local(to, homeOf(p.actor)))
	}
	return p.show("account/signin", p.newSignInForm("", to))
}

func (p *page) signIn() error {
	return p.signInBy(p.newSignInForm(p.FormValue("username"), local(p.FormValue("to"), "")), p.FormValue("password"))
}

// signInBy opens a session by a password, or shows the form with what stands
// against it.
func (p *page) signInBy(form signInForm, password string) error {
	signedIn, err := p.svc.SignIn(p.ctx(), form.Username, password, service.RemoteAddr(p.ctx()))
	if err != nil {
		known, status, err := p.known(err)
		if err != nil {
			return err
		}
		form.Error = p.errorWords(known)
		return p.showAs(status, "account/signin", form)
	}
	return p.begin(signedIn, nil, form.To)
}

// begin hands the browser the session that was opened, by whoever vouched for
// its owner or by nobody, and leads to where the owner was going. The pages go on in the language that was chosen in this
// browser, else in the account's.
func (p *page) begin(signedIn *service.SignedIn, by *auth.Vouched, to string) error {
	actor, err := p.svc.Authenticate(p.ctx(), signedIn.Token)
	if err != nil {
		return err
	}
	auth.Keep(p.Context, signedIn.Token, signedIn.Life)
	p.web.opts.Providers.Remember(p.Context, by, signedIn.Life)
	if _, err := p.Cookie(languageCookie); err != nil {
		if lang, ok := text.Parse(signedIn.Language); ok {
			p.keepChoice(languageCookie, string(lang))
		}
	}
	return p.goTo(local(to, homeOf(actor)))
}

// prolong lets the phone of an enterprise's contact keep its session for as
// long as it is used; the service alone ends it.
func (p *page) prolong() {
	if p.actor.Role != ticket.RoleEnterprise || p.Request().Method != http.MethodGet || p.part() != "" {
		return
	}
	if cookie, err := p.Cookie(auth.SessionCookie); err == nil && cookie.Value == p.token {
		auth.Keep(p.Context, p.token, choiceLasts)
	}
}

func (p *page) signOut() error {
	if err := p.svc.SignOut(p.ctx(), p.actor, p.token); err != nil {
		return err
	}
	auth.Forget(p.Context)
	if provider, to := p.web.opts.Providers.SignOut(p.Context); to != "" {
		return p.leaveFor(provider, to, "sso.signing_out")
	}
	return p.goTo(signInPath)
}

const (
	languageCookie = "language"
	themeCookie    = "theme"
	flashCookie    = "flash"

	choiceLasts = 365 * 24 * time.Hour
)

func (p *page) keepChoice(name, value string) {
	p.SetCookie(auth.Cookie(p.Context, &http.Cookie{Name: name, Value: value, MaxAge: int(choiceLasts.Seconds())}))
}

func (p *page) chooseLanguage() error {
	if lang, ok := text.Parse(p.FormValue("language")); ok {
		p.keepChoice(languageCookie, string(lang))
		if p.actor.ID != "" {
			if err := p.svc.SetLanguage(p.ctx(), p.actor, lang); err != nil {
				return err
			}
		}
	}
	return p.goTo(local(p.FormValue("to"), "/"))
}

func (p *page) chooseTheme() error {
	switch theme := p.FormValue("theme"); theme {
	case "auto", "light", "dark":
		p.keepChoice(themeCookie, theme)
	}
	return p.goTo(local(p.FormValue("to"), "/"))
}

func (p *page) theme() string {
	if cookie, err := p.Cookie(themeCookie); err == nil {
		switch cookie.Value {
		case "light", "dark":
			return cookie.Value
		}
	}
	return "auto"
}

// say keeps a text, by name and data, for the next page to show once.
func (p *page) say(id string, data ...any) {
	raw, err := json.Marshal(append([]any{id}, data...))
	if err != nil {
		panic(err) // texts take strings and numbers
	}
	p.SetCookie(auth.Cookie(p.Context, &http.Cookie{Name: flashCookie, Value: base64.RawURLEncoding.EncodeToString(raw), MaxAge: 60, HttpOnly: true}))
}

func (p *page) takeFlash() string {
	if _, err := p.Cookie(flashCookie); err != nil {
		return ""
	}
	p.SetCookie(auth.Cookie(p.Context, &http.Cookie{Name: flashCookie, MaxAge: -1, HttpOnly: true}))
	said := p.said()
	if len(said) == 0 {
		return ""
	}
	if id, ok := said[0].(string); ok && text.Has(id) {
		return p.t(id, said[1:]...)
	}
	return ""
}

// said is what the request before kept by say; nothing when it said nothing.
func (p *page) said() []any {
	cookie, err := p.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return nil
	}
	var said []any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&said) != nil {
		return nil
	}
	for i := range said {
		if n, ok := said[i].(json.Number); ok {
			said[i] = n.String() // plurals are picked by strings, and not by float64
		}
	}
	return said
}

// draftDone is the draft that has served, as the request before said: what was
// typed in it is sent.
func (p *page) draftDone() string {
	said := p.said()
	for i := 1; i+1 < len(said); i += 2 {
		if draft, ok := said[i+1].(string); ok && said[i] == "Draft" {
			return draft
		}
	}
	return ""
}

const accountPath = "/account"

// accountPage is what somebody sees of their own account.
type accountPage struct {
	*service.Profile
	Sessions []service.Session
	Others   int // sessions beside the one that asks
	Password *form
	Linked   *linkedPage
	Channels channelsPanel
}

// HasPassword says whether one is set: who signs in by links needs none.
func (a accountPage) HasPassword() bool { return a.PasswordHash != "" }

func (p *page) account() error { return p.showAccount(http.StatusOK, accountForms{}) }

// accountForms are forms of the page that were sent, with what stands against
// them; nil for those that were not.
type accountForms struct{ password, link, robot *form }

func (p *page) showAccount(status int, sent accountForms) error {
	profile, err := p.svc.Me(p.ctx(), p.actor)
	if err != nil {
		return err
	}
	shown := accountPage{Profile: profile}
	if shown.Sessions, err = p.svc.Sessions(p.ctx(), p.actor, p.token); err != nil {
		return err
	}
	for _, s := range shown.Sessions {
		if !s.Current {
			shown.Others++
		}
	}
	if shown.Password = sent.password; sent.password == nil {
		shown.Password = p.passwordForm(shown.HasPassword())
	}
	if shown.Channels, err = p.channelsPanel(profile); err != nil {
		return err
	}
	if sent.robot != nil {
		shown.Channels.Robot.Form = sent.robot
	}
	if shown.Linked, err = p.linked(shown.HasPassword(), sent.link); err != nil {
		return err
	}
	return p.showAs(status, "account/account", shown)
}

// passwordForm asks for a new password, and for the present one where there is.
func (p *page) passwordForm(present bool) *form {
	f := newForm(accountPath+"/password", p.t("account.change_password"))
	if present {
		f.Fields = append(f.Fields, field{Name: "old", Label: p.t("account.old_password"), Kind: kindPassword, Required: true})
	}
	f.Fields = append(f.Fields, p.newPassword("new"))
	return f
}

// newPassword asks for one that is to be set.
func (p *page) newPassword(name string) field {
	return field{
		Name: name, Label: p.t("account.new_password"), Kind: kindPassword, Required: true,
		Hint: p.t("account.password_hint", "Least", secret.MinPassword),
	}
}

func (p *page) changePassword() error {
	values, _, err := p.values()
	if err != nil {
		return err
	}
	if err := p.svc.ChangePassword(p.ctx(), p.actor, p.token, values.Get("old"), values.Get("new")); err != nil {
		me, errMe := p.svc.Me(p.ctx(), p.actor)
		if errMe != nil {
			return errMe
		}
		f := p.passwordForm(me.PasswordHash != "")
		return p.refuse(err, f, func(status int) error { return p.showAccount(status, accountForms{password: f}) })
	}
	p.say("account.password_changed")
	return p.goTo(accountPath)
}

func (p *page) endSession() error {
	err := p.svc.EndSession(p.ctx(), p.actor, p.Param("id"))
	var known *ticket.Error
	if err != nil && (!errors.As(err, &known) || known.Code != ticket.CodeNotFound) { // ended already is ended
		return err
	}
	p.say("account.session_ended")
	return p.goTo(accountPath)
}

func (p *page) endOtherSessions() error {
	ended, err := p.svc.EndOtherSessions(p.ctx(), p.actor, p.token)
	if err != nil {
		return err
	}
	p.say("account.sessions_ended", "Count", ended)
	return p.goTo(accountPath)
}

// invitationPage is what a link is for, before it is used.
type invitationPage struct {
	*service.LinkView
	Token     string
	Password  *form          // to be set with it; nil where following the link is enough
	Providers []signInButton // by whom its owner may be vouched for instead
}

// invitation tells whose link it is, and uses nothing up: chat programs look at
// addresses before people do.
func (p *page) invitation() error {
	shown, err := p.lookAtInvitation()
	if err != nil || shown == nil {
		return err
	}
	return p.show("account/invitation", shown)
}

// lookAtInvitation reads the link of the address. Of one that does not work it
// shows the page that says whom to ask, and nothing is returned.
func (p *page) lookAtInvitation() (*invitationPage, error) {
	shown := &invitationPage{Token: p.Param("token")}
	var err error
	if shown.LinkView, err = p.svc.LookAtLink(p.ctx(), shown.Token); err != nil {
		return nil, p.deadLink(err)
	}
	if shown.Kind == directory.InvitationLink {
		shown.Providers = p.signInButtons("")
	}
	if !shown.SignsIn {
		shown.Password = newForm("/invite/"+url.PathEscape(shown.Token), p.t("invite.set_password"))
		shown.Password.Fields = []field{p.newPassword("password")}
	}
	return shown, nil
}

// deadLink says whom to ask for another link.
func (p *page) deadLink(err error) error {
	known, status, unknown := p.known(err)
	if unknown != nil || known.Code != ticket.CodeNotFound {
		return err
	}
	return p.showAs(status, "account/link_dead", p.errorWords(known))
}

// followInvitation signs an enterprise's contact in; the offices set a password
// first.
func (p *page) followInvitation() error {
	shown, err := p.lookAtInvitation()
	if err != nil || shown == nil {
		return err
	}
	address := service.RemoteAddr(p.ctx())
	if shown.SignsIn {
		signedIn, err := p.svc.SignInByLink(p.ctx(), shown.Token, address)
		if err != nil {
			return p.deadLink(err) // somebody was faster
		}
		p.say("invite.welcome", "Name", signedIn.Name)
		return p.begin(signedIn, nil, "")
	}
	password := p.FormValue("password")
	user, err := p.svc.UseLink(p.ctx(), shown.Token, password, address)
	var known *ticket.Error
	switch {
	case errors.As(err, &known) && known.Code == ticket.CodeNotFound:
		return p.deadLink(err)
	case err != nil:
		return p.refuse(err, shown.Password, func(status int) error { return p.showAs(status, "account/invitation", shown) })
	}
	p.say("invite.welcome", "Name", user.Name)
	// Others who try passwords from the same address may keep one waiting.
	return p.signInBy(p.newSignInForm(user.Username, ""), password)
}
