package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"whistle/internal/testkit"
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

// TestOtherPlacesAreSignedOutOf, and how many is said.
func TestOtherPlacesAreSignedOutOf(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		const password = "塔吊林立的那一片河岸" //nolint:gosec // invented here
		if err := o.SetPassword(t.Context(), ticket.System, o.Users["desk"].ID, password); err != nil {
			t.Fatal(err)
		}
		var visitors [2]*testkit.Visitor
		for i := range visitors {
			signedIn, err := o.SignIn(t.Context(), "desk", password, "192.0.2.1")
			if err != nil {
				t.Fatal(err)
			}
			visitors[i] = o.SignInAs(t, "").With("Authorization", "Bearer "+signedIn.Token)
		}
		if done := visitors[0].Post("/account/sessions/end", url.Values{}).Want(http.StatusOK).Words(".flash"); done != o.text("account.sessions_ended", "Count", 1) {
			t.Errorf("it says %q", done)
		}
		if at := visitors[1].Get("/desk").Path; !strings.HasPrefix(at, "/signin") {
			t.Errorf("elsewhere one is still at %s", at)
		}
	})
}

// TestSigningIn goes through the form: a wrong password says no more than that,
// the session is out of scripts' reach, one comes to where one was going and
// nowhere else, and signing out ends it.
func TestSigningIn(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		const password = "塔吊林立的那一片河岸" //nolint:gosec // invented here
		if err := o.SetPassword(t.Context(), ticket.System, o.Users["desk"].ID, password); err != nil {
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
		form.Set("password", password)
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		for to, want := range map[string]string{"/tickets?category=labour": "/tickets?category=labour", "https://elsewhere.example/": "/desk", "//elsewhere.example": "/desk", `/\elsewhere.example`: "/desk"} {
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
