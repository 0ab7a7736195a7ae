package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"whistle/internal/auth"
	"whistle/internal/config"
	"whistle/internal/server"
	"whistle/internal/ticket"
)

// TestEveryPageIsGuarded: no page, an error among them, runs or loads what
// isn't ours, may stand in a frame, or is kept by a cache.
func TestEveryPageIsGuarded(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		desk := o.SignInAs(t, "desk")
		for _, path := range []string{"/signin", "/desk", "/tickets", "/notices", "/account", "/search?q=x", "/nosuch", "/tickets/nosuch", "/invite/nosuch"} {
			page := desk.Get(path)
			policy := page.Header.Get("Content-Security-Policy")
			if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
				t.Errorf("%s: policy %q", path, policy)
			}
			if page.Header.Get("Cache-Control") != "no-store" || page.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s may be kept or guessed at", path)
			}
			if page.Find("script:not([src]):not([type='application/json']), style, [style], [onclick]").Length() > 0 {
				t.Errorf("%s holds script or style of its own", path)
			}
		}
	})
}

// TestOtherSitesChangeNothing: what another site makes a browser send is
// refused, and programs that name no site are not.
func TestOtherSitesChangeNothing(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.filed("缺工人", nil)
		desk := o.SignInAs(t, "desk")
		path := "/tickets/" + id + "/accept"
		desk.With("Sec-Fetch-Site", "cross-site").Post(path, url.Values{}).Want(http.StatusForbidden)
		desk.With("Origin", "https://elsewhere.example").Post(path, url.Values{}).Want(http.StatusForbidden)
		if seen := o.seen(id); seen.State != ticket.Submitted {
			t.Fatalf("another site made it %s", seen.State)
		}
		desk.With("Sec-Fetch-Site", "same-origin").Post(path, url.Values{}).Want(http.StatusOK)
		if seen := o.seen(id); seen.State != ticket.Accepted {
			t.Errorf("our own form left it %s", seen.State)
		}
	})
}

// TestNothingCanBeSentFromElsewhere goes through all that may change something,
// of the pages and of the API.
func TestNothingCanBeSentFromElsewhere(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		router, ok := o.Handler.(*echo.Echo)
		if !ok {
			t.Fatalf("the handler is a %T", o.Handler)
		}
		desk, sent := o.SignInAs(t, "desk"), 0
		for _, r := range router.Routes() {
			if r.Method == http.MethodGet || r.Method == http.MethodHead || strings.HasPrefix(r.Method, "echo_") {
				continue
			}
			for header, value := range map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "http://elsewhere.example"} {
				seen, err := desk.With(header, value).Visit(t.Context(), r.Method, r.Path, url.Values{}, "")
				if err != nil {
					t.Fatal(err)
				}
				if sent++; seen.Status != http.StatusForbidden {
					t.Errorf("%s %s from elsewhere: status %d", r.Method, r.Path, seen.Status)
				}
			}
		}
		if sent < 100 {
			t.Errorf("only %d were tried", sent)
		}
	})
}

// TestSigningIn goes through the form: a wrong password says no more than that,
// the session is out of scripts' reach, one comes to where one was going and
// nowhere else, and signing out ends it.
func TestSigningIn(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		if err := o.SetPassword(t.Context(), ticket.System, o.Users["desk"].ID, goodPassword); err != nil {
			t.Fatal(err)
		}
		nobody := o.SignInAs(t, "")
		asked := nobody.Get("/tickets?category=labour").Want(http.StatusOK)
		if !strings.HasPrefix(asked.Path, "/signin?to=") {
			t.Fatalf("led to %s", asked.Path)
		}
		form := asked.Form("form.form")
		form.Set("username", "desk")
		form.Set("password", "wrong password")
		refused := nobody.Post("/signin", form).Want(http.StatusUnauthorized)
		form.Set("username", "no such user")
		if unknown := nobody.Post("/signin", form).Want(http.StatusUnauthorized); unknown.Words(".alert-danger") != refused.Words(".alert-danger") {
			t.Error("an unknown user is told apart from a wrong password")
		}
		form = refused.Form("form.form")
		if form.Get("username") != "desk" || form.Get("password") != "" {
			t.Errorf("the form came back with %v", form)
		}
		form.Set("password", goodPassword)
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		for to, want := range map[string]string{
			"/tickets?category=labour": "/tickets?category=labour", "": "/desk", "desk": "/desk", "javascript:alert(1)": "/desk",
			"https://elsewhere.example/": "/desk", "//elsewhere.example": "/desk", "///elsewhere.example": "/desk", `/\elsewhere.example`: "/desk",
			"/\t/elsewhere.example": "/desk", "\t//elsewhere.example": "/desk", "/\n/elsewhere.example": "/desk", "/desk\r\nX-Other: 1": "/desk",
		} {
			form.Set("to", to)
			res, err := client.PostForm(o.URL+"/signin", form) //nolint:noctx // a test's own server
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if got := res.Header.Get("Location"); got != want {
				t.Errorf("to %s: led to %s, want %s", to, got, want)
			}
			var session *http.Cookie
			for _, c := range res.Cookies() {
				if c.Name == "whistle_session" {
					session = c
				}
			}
			if session == nil || !session.HttpOnly || session.SameSite != http.SameSiteLaxMode || session.Path != "/" || session.Secure {
				t.Fatalf("session cookie over plain HTTP: %+v", session)
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.URL+"/signout", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.AddCookie(session)
			out, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = out.Body.Close()
			if _, err := o.Authenticate(t.Context(), session.Value); err == nil {
				t.Error("the session outlives signing out")
			}
		}
	})
}

// TestSessionCookieBehindTLS: browsers keep the session to TLS wherever people
// reach the service by it, and only then: by its public address, or by what a
// proxy says that is trusted.
func TestSessionCookieBehindTLS(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		if err := o.SetPassword(t.Context(), ticket.System, o.Users["desk"].ID, goodPassword); err != nil {
			t.Fatal(err)
		}
		const proxy, stranger = "192.0.2.10:4711", "198.51.100.7:4711"
		for name, c := range map[string]struct {
			trusted, publicURL, peer, proto string
			secure                          bool
		}{
			"plain":                          {"", "http://whistle.test", stranger, "", false},
			"public address by TLS":          {"", "https://whistle.test", stranger, "", true},
			"trusted proxy with TLS":         {"192.0.2.0/24", "http://whistle.test", proxy, "https", true},
			"trusted proxies in a row":       {"192.0.2.0/24", "http://whistle.test", proxy, "HTTPS, http", true},
			"trusted proxy without TLS":      {"192.0.2.0/24", "http://whistle.test", proxy, "http", false},
			"trusted proxy that says naught": {"192.0.2.0/24", "http://whistle.test", proxy, "", false},
			"a stranger says so":             {"192.0.2.0/24", "http://whistle.test", stranger, "https", false},
			"no proxy is trusted":            {"", "http://whistle.test", proxy, "https", false},
		} {
			t.Setenv("WHISTLE_TRUSTED_PROXIES", c.trusted)
			t.Setenv("WHISTLE_PUBLIC_URL", c.publicURL)
			cfg, err := config.Load()
			if err == nil {
				err = cfg.Check()
			}
			if err != nil {
				t.Fatal(err)
			}
			srv, err := server.New(o.Service.Service, slog.New(slog.DiscardHandler), server.Config{PublicURL: cfg.PublicURL, Proxies: cfg.Proxies()})
			if err != nil {
				t.Fatal(err)
			}
			form := url.Values{"username": {"desk"}, "password": {goodPassword}}
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/signin", strings.NewReader(form.Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.RemoteAddr = c.peer
			if c.proto != "" {
				req.Header.Set("X-Forwarded-Proto", c.proto)
			}
			rec := httptest.NewRecorder()
			srv.Handler().ServeHTTP(rec, req)
			cookies := rec.Result().Cookies()
			i := slices.IndexFunc(cookies, func(c *http.Cookie) bool { return c.Name == auth.SessionCookie })
			if i < 0 {
				t.Fatalf("%s: no session, status %d", name, rec.Code)
			}
			if session := cookies[i]; session.Secure != c.secure || !session.HttpOnly || session.SameSite != http.SameSiteLaxMode || session.Path != "/" || session.MaxAge != 12*3600 {
				t.Errorf("%s: %s", name, session)
			}
		}
	})
}
