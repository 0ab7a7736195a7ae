package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

const (
	goodPassword = "塔吊林立的那一片河岸"                       //nolint:gosec // invented here, as the next
	nextPassword = "对岸的灯一盏一盏亮起来"                      //nolint:gosec // see above
	passwordForm = "form[action='/account/password']" //nolint:gosec // a selector
)

// signedIn is a visitor who came in through the form, with a session and not a
// program's token.
func (o *office) signedIn(who string) *testkit.Visitor {
	o.tb.Helper()
	if err := o.SetPassword(o.tb.Context(), ticket.System, o.Users[who].ID, goodPassword); err != nil {
		o.tb.Fatal(err)
	}
	return o.another(who)
}

// another is one more browser of somebody whose password is set.
func (o *office) another(who string) *testkit.Visitor {
	o.tb.Helper()
	v := o.SignInAs(o.tb, "")
	if in := v.Post("/signin", url.Values{"username": {who}, "password": {goodPassword}}).Want(http.StatusOK); in.Path == "/signin" {
		o.tb.Fatalf("%s was not signed in", who)
	}
	return v
}

func signedOut(v *testkit.Visitor) bool { return strings.HasPrefix(v.Get("/account").Path, "/signin") }

// errorAt is what stands at the field of a form.
func errorAt(page *testkit.Seen, form, name string) string {
	field := page.Find(form + " [name=" + name + "]")
	notes, described := field.Attr("aria-describedby")
	if _, wrong := field.Attr("aria-invalid"); !wrong || !described {
		return ""
	}
	return page.Words("#" + notes + " .field-error")
}

// TestChangingThePassword tells all that is wrong at its field, gives no
// password back, and ends the sessions elsewhere but not here; sent twice it has
// the effect once.
func TestChangingThePassword(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		here := o.signedIn("lead-officer")
		elsewhere := o.another("lead-officer")
		form := here.Get("/account").Want(http.StatusOK).Form(passwordForm)

		form.Set("old", "不是这个密码")
		form.Set("new", "太短")
		refused := here.Post("/account/password", form).Want(http.StatusUnprocessableEntity)
		if errorAt(refused, passwordForm, "old") == "" || errorAt(refused, passwordForm, "new") == "" || refused.Words(passwordForm+" .alert-danger") == "" {
			t.Errorf("both are wrong, and it says %q", refused.All(".field-error"))
		}
		if again := refused.Form(passwordForm); again.Get("old") != "" || again.Get("new") != "" {
			t.Errorf("the form came back with %v", again)
		}
		form.Set("old", goodPassword)
		form.Set("new", "lead-officer") // as the user name
		if named := here.Post("/account/password", form).Want(http.StatusUnprocessableEntity); errorAt(named, passwordForm, "old") != "" || errorAt(named, passwordForm, "new") == "" {
			t.Errorf("the user name for a password: %q", named.All(".field-error"))
		}
		if signedOut(elsewhere) {
			t.Fatal("what was refused signed somebody out")
		}

		form.Set("new", nextPassword)
		changed := here.Post("/account/password", form).Want(http.StatusOK)
		if changed.Path != "/account" || changed.Words(".flash") != "密码已修改" {
			t.Errorf("changed, one is at %s and reads %q", changed.Path, changed.Words(".flash"))
		}
		if signedOut(here) || !signedOut(elsewhere) {
			t.Error("the session here should go on and the other end")
		}
		here.Post("/account/password", form).Want(http.StatusUnprocessableEntity)
		if _, err := o.SignIn(t.Context(), "lead-officer", nextPassword, "127.0.0.1"); err != nil {
			t.Errorf("sent twice, the new password: %v", err)
		}

		// A borrowed browser is no way to guess.
		form.Set("old", "不是这个密码")
		for here.Post("/account/password", form).Status == http.StatusUnprocessableEntity {
			form.Add("tries", "")
			if len(form["tries"]) > 5 {
				t.Fatal("one may guess on and on")
			}
		}
		waiting := here.Post("/account/password", form).Want(http.StatusTooManyRequests)
		if waiting.Header.Get("Retry-After") == "" || waiting.Find(passwordForm+" .alert-danger").Length() != 1 {
			t.Errorf("how long to wait is not told: %q", waiting.Words("main"))
		}
	})
}

// TestOnesSessions ends one, by two tabs too, and then all the others.
func TestOnesSessions(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		here := o.signedIn("leader").With("User-Agent", "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36")
		second, third := o.another("leader"), o.another("leader")
		other := o.signedIn("desk")
		page := here.Get("/account").Want(http.StatusOK)
		ends := page.Attrs("form[action$='/end']", "action")
		if n := page.Find("section[aria-labelledby=sessions] li").Length(); n != 3 || len(ends) != 3 { // two, and all others
			t.Fatalf("%d sessions, to end by %q", n, ends)
		}
		if page.Find("section[aria-labelledby=sessions] li:has(.badge) form").Length() != 0 {
			t.Error("the session here can be ended by mistake")
		}
		other.Post(ends[0], url.Values{}).Want(http.StatusOK) // not theirs: nothing happens
		if signedOut(second) || signedOut(third) {
			t.Fatal("somebody else ended a session")
		}
		for range 2 { // the newest stands first
			ended := here.Post(ends[0], url.Values{}).Want(http.StatusOK)
			if ended.Path != "/account" || ended.Words(".flash") != "已退出" {
				t.Errorf("ended, one is at %s and reads %q", ended.Path, ended.Words(".flash"))
			}
		}
		if !signedOut(third) || signedOut(second) {
			t.Fatal("another than the one chosen was ended")
		}
		done := here.Post("/account/sessions/end", url.Values{}).Want(http.StatusOK)
		if done.Words(".flash") != "已退出其他 1 处登录" || done.Find("form[action='/account/sessions/end']").Length() != 0 {
			t.Errorf("the others ended, it says %q", done.Words(".flash"))
		}
		if signedOut(here) || !signedOut(second) || signedOut(other) {
			t.Error("all others of one's own should end, and no more")
		}
	})
}

// TestLanguageAndLook holds for the browser at once and for the account; what
// is no choice changes nothing.
func TestLanguageAndLook(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		v := o.signedIn("own")
		english := v.Post("/language", url.Values{"language": {"en"}, "to": {"/account"}}).Want(http.StatusOK)
		if english.Path != "/account" || english.Find("html[lang=en]").Length() != 1 {
			t.Errorf("in English, one is at %s", english.Path)
		}
		v.Post("/language", url.Values{"language": {"xx"}, "to": {"/account"}}).Want(http.StatusOK)
		dark := v.Post("/theme", url.Values{"theme": {"dark"}, "to": {"//elsewhere.example"}}).Want(http.StatusOK)
		if dark.Find("html[data-theme=dark][lang=en]").Length() != 1 || dark.Path != "/requests" {
			t.Errorf("in the dark, one is at %s", dark.Path)
		}
		v.Post("/theme", url.Values{"theme": {"url(x)"}}).Want(http.StatusOK)
		if v.Get("/account").Find("html[data-theme=dark]").Length() != 1 {
			t.Error("a look that there is none of was taken")
		}
		// Another browser of the account is in its language.
		if page := o.another("own").Get("/account"); page.Find("html[lang=en][data-theme=auto]").Length() != 1 {
			t.Error("the account did not keep the language")
		}
		// A browser that nobody signed in with chooses for itself.
		nobody := o.SignInAs(t, "")
		if page := nobody.Post("/language", url.Values{"language": {"en"}, "to": {"/signin"}}); page.Find("html[lang=en]").Length() != 1 {
			t.Error("before the sign-in there is no choice")
		}
	})
}

// TestAFormOutlivesItsSession: who was signed out meanwhile comes back to the
// page with the form, not to what the form is sent to, nor to a part of a page.
func TestAFormOutlivesItsSession(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		nobody := o.SignInAs(t, "").With("Referer", o.URL+"/tickets?category=labour")
		for what, seen := range map[string]*testkit.Seen{
			"a form":          nobody.Post("/account/password", url.Values{}),
			"a form by htmx":  nobody.PostPart("/account/password", url.Values{}, "any"),
			"a part":          nobody.GetPart("/shell", "any"),
			"a page, by link": nobody.With("Referer", o.URL+"/desk").Get("/tickets?category=labour"),
		} {
			if to := seen.Form("form.form").Get("to"); to != "/tickets?category=labour" {
				t.Errorf("%s: after signing in one comes to %q", what, to)
			}
		}
		if to := o.SignInAs(t, "").Post("/account/password", url.Values{}).Form("form.form").Get("to"); to != "" {
			t.Errorf("from nowhere one comes to %q", to)
		}
	})
}

// invite is the address of a link for one of the people.
func (o *office) invite(who string, kind directory.TokenKind) string {
	o.tb.Helper()
	link, err := o.MakeLink(o.tb.Context(), o.Actor(o.tb, "admin"), o.Users[who].ID, kind)
	if err != nil {
		o.tb.Fatal(err)
	}
	return service.LinkURL("", link)
}

// TestAContactComesInByLink looks first, which uses nothing up, then goes in
// with one press, once.
func TestAContactComesInByLink(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		path := o.invite("own", directory.InvitationLink)
		phone := o.SignInAs(t, "")
		for range 2 { // the chat program, then the person
			page := phone.Get(path).Want(http.StatusOK)
			if words := page.Words("main"); !strings.Contains(words, "甲科技有限公司") || page.Find("input[type=password]").Length() != 0 || page.Find("meta[name=robots][content=noindex]").Length() != 1 {
				t.Fatalf("the link shows %q", words)
			}
		}
		in := phone.Post(path, url.Values{}).Want(http.StatusOK)
		if in.Path != "/requests" || in.Words(".flash") != "own，欢迎您" {
			t.Errorf("signed in, one is at %s and reads %q", in.Path, in.Words(".flash"))
		}
		// Pressed again, and by whom it was passed on to.
		again := phone.Post(path, url.Values{}).Want(http.StatusNotFound)
		if again.Find("main a[href='/']").Length() != 1 || signedOut(phone) {
			t.Errorf("who is signed in is not led on: %q", again.Words("main"))
		}
		stranger := o.SignInAs(t, "")
		for _, dead := range []*testkit.Seen{stranger.Get(path), stranger.Post(path, url.Values{}), stranger.Get("/invite/nosuch"), stranger.Get("/invite/" + strings.Repeat("x", 3000))} {
			if words := dead.Want(http.StatusNotFound).Words("main"); dead.Words("h1") != "这个链接用不了" || !strings.Contains(words, "服务经理") || dead.Find("main a[href='/signin']").Length() != 1 {
				t.Errorf("a dead link says %q", words)
			}
		}
		if !signedOut(stranger) {
			t.Error("a used link signed somebody in")
		}
		// A contact may set a password afterwards, and has none to name first.
		form := phone.Get("/account").Form(passwordForm)
		if _, asked := form["old"]; asked {
			t.Error("asked for a password that there is not")
		}
		form.Set("new", goodPassword)
		phone.Post("/account/password", form).Want(http.StatusOK)
		o.another("own")
	})
}

// TestALinkWorksForOne: of two phones at once, one comes in.
func TestALinkWorksForOne(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		path := o.invite("own", directory.InvitationLink)
		phones := []*testkit.Visitor{o.SignInAs(t, ""), o.SignInAs(t, "")}
		statuses := make(chan int, len(phones))
		for _, phone := range phones {
			go func() {
				seen, err := phone.Visit(t.Context(), http.MethodPost, path, url.Values{}, "")
				if err != nil {
					t.Error(err)
					statuses <- 0
					return
				}
				statuses <- seen.Status
			}()
		}
		got := []int{<-statuses, <-statuses}
		slices.Sort(got)
		if !slices.Equal(got, []int{http.StatusOK, http.StatusNotFound}) || signedOut(phones[0]) == signedOut(phones[1]) {
			t.Errorf("two at once: %v", got)
		}
	})
}

// TestTheOfficesSetAPassword by a link, the first time and when it is forgotten;
// one that will not do is said at its field and leaves the link as it was.
func TestTheOfficesSetAPassword(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		path := o.invite("lead-officer", directory.InvitationLink)
		v := o.SignInAs(t, "")
		page := v.Get(path).Want(http.StatusOK)
		if !strings.Contains(page.Words(".facts"), "lead-officer") {
			t.Errorf("the user name is not told: %q", page.Words("main"))
		}
		form := page.Form("form.form")
		for _, weak := range []string{"", "太短", "lead-officer"} {
			form.Set("password", weak)
			refused := v.Post(path, form).Want(http.StatusUnprocessableEntity)
			if errorAt(refused, "form.form", "password") == "" || refused.Form("form.form").Get("password") != "" || refused.Find("form.form").AttrOr("action", "") != path {
				t.Errorf("%q: %s", weak, refused.Words("main"))
			}
		}
		form.Set("password", goodPassword)
		in := v.Post(path, form).Want(http.StatusOK)
		if in.Path != "/workbench" || in.Words(".flash") != "lead-officer，欢迎您" {
			t.Errorf("signed in, one is at %s and reads %q", in.Path, in.Words(".flash"))
		}
		v.Post(path, form).Want(http.StatusNotFound)
		elsewhere := o.another("lead-officer")

		// Forgotten: another link, which ends every session there is.
		path = o.invite("lead-officer", directory.ResetLink)
		fresh := o.SignInAs(t, "")
		form = fresh.Get(path).Want(http.StatusOK).Form("form.form")
		form.Set("password", nextPassword)
		if in := fresh.Post(path, form).Want(http.StatusOK); in.Path != "/workbench" || signedOut(fresh) {
			t.Errorf("after the reset one is at %s", in.Path)
		}
		if !signedOut(v) || !signedOut(elsewhere) {
			t.Error("a session outlived the reset")
		}
		if _, err := o.SignIn(t.Context(), "lead-officer", goodPassword, "127.0.0.1"); err == nil {
			t.Error("the password before still works")
		}
	})
}

// TestALinkAmongGuesses: where many wrong passwords came from the same address,
// the password that a link sets is set all the same, and the form says how long
// to wait.
func TestALinkAmongGuesses(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		path := o.invite("desk", directory.InvitationLink)
		v := o.SignInAs(t, "")
		form := v.Get(path).Form("form.form")
		for i := range 30 { // an address is forgiven as many
			guess := url.Values{"username": {fmt.Sprintf("guess-%d", i)}, "password": {"猜一猜看看"}}
			v.Post("/signin", guess).Want(http.StatusUnauthorized)
		}
		form.Set("password", goodPassword)
		waits := v.Post(path, form).Want(http.StatusTooManyRequests)
		signIn := waits.Form("form.form")
		if signIn.Get("username") != "desk" || waits.Header.Get("Retry-After") == "" || waits.Words(".alert-danger") == "" {
			t.Fatalf("it says %q", waits.Words("main"))
		}
		o.Clock.Advance(time.Minute)
		signIn.Set("password", goodPassword)
		if in := v.Post("/signin", signIn).Want(http.StatusOK); in.Path != "/desk" {
			t.Errorf("a minute later one is at %s", in.Path)
		}
	})
}
