package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"whistle/internal/auth"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

func (w *Pages) accountRoutes() []route {
	return []route{
		public(get("/", (*page).home)),
		public(get(signInPath, (*page).signInForm)),
		public(post(signInPath, (*page).signIn)),
		post("/signout", (*page).signOut),
		public(post("/language", (*page).chooseLanguage)),
		public(post("/theme", (*page).chooseTheme)),
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
}

func (p *page) signInForm() error {
	to := local(p.QueryParam("to"), "")
	if p.actor.ID != "" {
		return p.goTo(local(to, homeOf(p.actor)))
	}
	return p.show("account/signin", signInForm{To: to, Banner: p.web.opts.Banner})
}

func (p *page) signIn() error {
	form := signInForm{Username: p.FormValue("username"), To: local(p.FormValue("to"), ""), Banner: p.web.opts.Banner}
	signedIn, err := p.svc.SignIn(p.ctx(), form.Username, p.FormValue("password"), service.RemoteAddr(p.ctx()))
	if err != nil {
		known, status, err := p.known(err)
		if err != nil {
			return err
		}
		form.Error = p.errorWords(known)
		return p.showAs(status, "account/signin", form)
	}
	auth.Keep(p.Context, signedIn.Token, signedIn.ExpiresAt)
	actor, err := p.svc.Authenticate(p.ctx(), signedIn.Token)
	if err != nil {
		return err
	}
	return p.goTo(local(form.To, homeOf(actor)))
}

func (p *page) signOut() error {
	if err := p.svc.SignOut(p.ctx(), p.actor, p.token); err != nil {
		return err
	}
	auth.Forget(p.Context)
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
	cookie, err := p.Cookie(flashCookie)
	if err != nil {
		return ""
	}
	p.SetCookie(auth.Cookie(p.Context, &http.Cookie{Name: flashCookie, MaxAge: -1, HttpOnly: true}))
	raw, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return ""
	}
	var said []any
	if json.Unmarshal(raw, &said) != nil || len(said) == 0 {
		return ""
	}
	if id, ok := said[0].(string); ok && text.Has(id) {
		return p.t(id, said[1:]...)
	}
	return ""
}
