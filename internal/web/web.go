// Package web serves the pages that people use: HTML made on the server, over
// the same services as the API. A page is a template in templates/, named after
// its subject, and a function that reads what it shows. Everything works by
// plain links and forms; script makes it pleasant.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"whistle/internal/auth"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// Options are what the pages show of their surroundings.
type Options struct {
	Version   string // of the program
	PublicURL string // under which people reach the service, without a slash at the end; for links
	Banner    string // shown on the sign-in page, e.g. that this is the demo
	Providers *auth.Providers
}

// Pages serves them over a service.
type Pages struct {
	svc       *service.Service
	log       *slog.Logger
	opts      Options
	assets    *Assets
	templates templates
	pages     map[string]bool // the routes that show one when they are asked for
}

// route is a page, or what a form of one is sent to.
type route struct {
	method, path string
	handle       func(p *page) error
	open         bool // to whoever is not signed in too
}

func get(path string, handle func(p *page) error) route {
	return route{method: http.MethodGet, path: path, handle: handle}
}

func post(path string, handle func(p *page) error) route {
	return route{method: http.MethodPost, path: path, handle: handle}
}

func public(r route) route {
	r.open = true
	return r
}

// routes is every page there is, subject by subject.
func (w *Pages) routes() []route {
	return slices.Concat(
		w.accountRoutes(),
		w.providerRoutes(),
		w.personRoutes(),
		w.channelRoutes(),
		w.shellRoutes(),
		w.noticeRoutes(),
		w.searchRoutes(),
		w.ticketRoutes(),
		w.ticketListRoutes(),
		w.exportRoutes(),
		w.workbenchRoutes(),
		w.holdersRoutes(),
		w.boardRoutes(),
		w.deskRoutes(),
		w.requestRoutes(),
		w.lookedAfterRoutes(),
		w.aroundRoutes(),
		w.managerRoutes(),
		w.profileRoutes(),
		w.chainRoutes(),
		w.allianceRoutes(),
		w.visitRoutes(),
		w.supportRoutes(),
		w.projectRoutes(),
		w.chargeRoutes(),
		w.stationRoutes(),
		w.expertRoutes(),
		w.invitationRoutes(),
		w.directoryRoutes(),
		w.adminRoutes(),
		w.dashboardRoutes(),
		w.bulletinRoutes(),
		w.webhookRoutes(),
	)
}

// Register puts every page on the router.
func Register(e *echo.Echo, svc *service.Service, log *slog.Logger, opts Options) (*Pages, error) {
	assets, err := NewAssets()
	if err != nil {
		return nil, err
	}
	w := &Pages{svc: svc, log: log, opts: opts, assets: assets, pages: map[string]bool{}}
	if w.templates, err = w.parseTemplates(); err != nil {
		return nil, err
	}
	e.Match([]string{http.MethodGet, http.MethodHead}, AssetsRoute, assets.Serve)
	for _, r := range w.routes() {
		e.Add(r.method, r.path, w.handler(r), securePage)
		w.pages[r.path] = w.pages[r.path] || r.method == http.MethodGet
	}
	return w, nil
}

// contentSecurity lets a page load from this service alone, and run nothing
// that stands in the page itself. Tabler's style sheet draws arrows as data:
// images; previews of chosen photos are blob: ones.
const contentSecurity = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func securePage(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set("Content-Security-Policy", contentSecurity)
		return next(c)
	}
}

// handler finds out who asks before the page is made. Whoever is not signed in
// is led to the sign-in, and back afterwards.
func (w *Pages) handler(r route) echo.HandlerFunc {
	return func(c echo.Context) error {
		p := w.page(c)
		c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, maxPageBody)
		if token := auth.Token(c.Request().Header); token != "" {
			actor, err := w.svc.Authenticate(c.Request().Context(), token)
			var known *ticket.Error
			switch {
			case err == nil:
				p.actor, p.token = actor, token
				p.prolong()
			case errors.As(err, &known) && known.Code == ticket.CodeUnauthenticated:
				auth.Forget(c)
			default:
				return err
			}
		}
		if p.actor.ID == "" && !r.open {
			return p.askToSignIn()
		}
		if !readable(c) {
			return echo.NewHTTPError(http.StatusNotFound) // no address of ours
		}
		return r.handle(p)
	}
}

// readable says whether the address is text that a database would take.
func readable(c echo.Context) bool {
	ok := func(value string) bool { return utf8.ValidString(value) && !strings.ContainsRune(value, 0) }
	for _, values := range c.QueryParams() {
		if slices.ContainsFunc(values, func(value string) bool { return !ok(value) }) {
			return false
		}
	}
	return !slices.ContainsFunc(c.ParamValues(), func(value string) bool { return !ok(value) })
}

// page is one request for a page.
type page struct {
	echo.Context
	web   *Pages
	svc   *service.Service
	actor ticket.Actor // zero when nobody is signed in
	token string       // of the session
	lang  text.Language
	lists []service.WorklistCount // the reader's; nil until they are asked for
	waits *waiting                // for the reader; nil until it is asked for
	codes map[string]string       // names of categories and reasons that have no text, once learnt
}

// pageKey keeps the page in its request, for an error to be shown as part of it.
const pageKey = "page"

func (w *Pages) page(c echo.Context) *page {
	if p, ok := c.Get(pageKey).(*page); ok {
		return p
	}
	p := &page{Context: c, web: w, svc: w.svc, lang: text.Match(c.Request().Header.Get("Accept-Language"))}
	if cookie, err := c.Cookie(languageCookie); err == nil {
		if lang, ok := text.Parse(cookie.Value); ok {
			p.lang = lang
		}
	}
	c.Set(pageKey, p)
	return p
}

func (p *page) ctx() context.Context { return p.Request().Context() }

// t is a text in the reader's language.
func (p *page) t(id string, data ...any) string { return p.lang.Get(id, data...) }

const signInPath = "/signin"

func (p *page) askToSignIn() error {
	to := signInPath
	if was := p.wherefrom(); was != "/" {
		to += "?" + url.Values{"to": {was}}.Encode()
	}
	return p.goTo(to)
}

// wherefrom is the page that was asked for; of a form that is sent, and of a
// part of a page, the page that it stands on. "/" where that is not known.
func (p *page) wherefrom() string {
	r := p.Request()
	if r.Method == http.MethodGet && r.Header.Get("HX-Request") == "" {
		return r.URL.RequestURI()
	}
	on, err := url.Parse(r.Referer())
	if err != nil {
		return "/"
	}
	return on.RequestURI()
}

// goTo sends the browser to another page of ours.
func (p *page) goTo(path string) error {
	// htmx would put the other page where a part of this one was expected.
	if p.Request().Header.Get("HX-Request") != "" && p.Request().Header.Get("HX-Target") == "" {
		p.Response().Header().Set("HX-Redirect", path)
		return p.NoContent(http.StatusNoContent)
	}
	return p.Redirect(http.StatusSeeOther, path)
}

// local is the path if it leads to a page of ours, else the other.
func local(path, other string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, `\`) {
		return other
	}
	return path
}
