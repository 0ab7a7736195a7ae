package web_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/sso"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// vouchedOffice is a district where people sign in by a provider's word, too:
// by mapping where its groups name them.
func vouchedOffice(t *testing.T, cfg store.Config) (*office, *testkit.Provider) {
	t.Helper()
	d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
	p := testkit.NewProvider(t, "city", d.Clock.Now)
	return &office{testkit.NewServerFor(t, d, p.Settings(mapped)), t}, p
}

// mapped has groups give roles.
func mapped(s *sso.Provider) {
	s.FirstSignIn, s.DepartmentClaim = sso.ByMapping, "department.code"
	s.Grants = []sso.Grant{
		{Claim: "groups", Value: "whistle-desk", Role: ticket.RoleDispatcher},
		{Claim: "groups", Value: "whistle-officer", Role: ticket.RoleOfficer},
		{Claim: "email", Value: "leader@city.example", Role: ticket.RoleLeader},
	}
}

// official is somebody as the provider knows them.
func official(subject string, groups ...string) testkit.ProviderUser {
	return testkit.ProviderUser{Subject: subject, Says: map[string]any{
		"name": "王芳", "preferred_username": "Wang.Fang@city.example", "groups": groups, "department": map[string]any{"code": "labour"},
	}}
}

// by is where a sign-in by the provider leads.
func by(to string) string { return "/signin/with/city?" + url.Values{"to": {to}}.Encode() }

// linksOf are the links of an account, by its user name.
func (o *office) linksOf(username string) []directory.Identity {
	o.tb.Helper()
	user, err := o.UserByName(o.tb.Context(), username)
	if err != nil {
		o.tb.Fatal(err)
	}
	all, err := o.Identities(o.tb.Context(), ticket.System, user.ID)
	if err != nil {
		o.tb.Fatal(err)
	}
	return all
}

// TestFirstSignInByMapping makes the account from the claims, renews it at each
// sign-in, and keeps it out once they grant nothing any more.
func TestFirstSignInByMapping(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		o, p := vouchedOffice(t, cfg)
		// A user name that somebody has makes nobody their account.
		o.Join(t, "wang.fang", ticket.RoleAdmin, "")
		wang := official("0001", "staff", "whistle-officer")
		p.Is(wang)
		v := o.SignInAs(t, "")
		if button := v.Get("/workbench").Attrs(".providers a", "href"); !slices.Equal(button, []string{"/signin/with/city?to=%2Fworkbench"}) {
			t.Fatalf("the buttons lead to %q", button)
		}
		in := v.Get(by("/account")).Want(http.StatusOK)
		if in.Path != "/account" || !strings.Contains(in.Words("main"), "wang.fang-2") || !strings.Contains(in.Words("main"), "人社局") {
			t.Fatalf("one is at %s and reads %s", in.Path, in.Words("main"))
		}
		links := o.linksOf("wang.fang-2")
		if len(links) != 1 || links[0].Subject != "0001" || links[0].Issuer != p.Issuer() || !links[0].Mapped || links[0].Name != "王芳" {
			t.Errorf("linked by %+v", links)
		}
		sessions, err := o.Sessions(t.Context(), ticket.Actor{ID: links[0].UserID, Role: ticket.RoleOfficer}, "")
		if err != nil || len(sessions) != 1 || sessions[0].ExpiresAt.Sub(sessions[0].CreatedAt) != 12*time.Hour || sessions[0].Address == "" {
			t.Errorf("sessions %+v, %v", sessions, err)
		}
		log, err := o.AuditLog(t.Context(), ticket.System, service.AuditFilter{Subject: "identity"})
		if err != nil || len(log) != 1 || log[0].Action != "create" || log[0].About != "王芳" {
			t.Errorf("the audit log has %+v, %v", log, err)
		}

		// Promoted there, promoted here, with the same account.
		wang.Says["groups"] = []string{"whistle-desk"}
		p.Is(wang)
		if again := o.SignInAs(t, "").Get(by("")).Want(http.StatusOK); again.Path != "/desk" {
			t.Errorf("as the desk one is at %s", again.Path)
		}
		if len(o.linksOf("wang.fang-2")) != 1 {
			t.Error("the second sign-in has left another link")
		}

		// No part any more: out, everywhere.
		wang.Says["groups"] = []string{"staff"}
		p.Is(wang)
		out := o.SignInAs(t, "").Get(by("")).Want(http.StatusForbidden)
		if !strings.Contains(out.Words("[role=alert]"), "没有这里的权限") || !signedOut(v) {
			t.Errorf("without a grant it says %q", out.Words("main"))
		}
		// So is who never had one, and whose address nobody has verified.
		for name, user := range map[string]testkit.ProviderUser{
			"no grant":         official("0002", "staff"),
			"no department":    {Subject: "0003", Says: map[string]any{"groups": "whistle-officer", "department": map[string]any{"code": "nowhere"}}},
			"unverified email": {Subject: "0004", Says: map[string]any{"email": "leader@city.example", "email_verified": false}},
			"email unsaid":     {Subject: "0005", Says: map[string]any{"email": "leader@city.example"}},
		} {
			p.Is(user)
			if refused := o.SignInAs(t, "").Get(by("")); refused.Status != http.StatusForbidden {
				t.Errorf("%s: %d %s", name, refused.Status, refused.Words("main"))
			}
		}
		p.Is(testkit.ProviderUser{Subject: "0006", Says: map[string]any{"name": "李局"}, More: map[string]any{"email": "leader@city.example", "email_verified": true}})
		leader := o.SignInAs(t, "")
		if in := leader.Get(by("")).Want(http.StatusOK); in.Path != "/dashboard" {
			t.Errorf("told more when asked, one is at %s", in.Path)
		}
	})
}

// TestFirstSignInByInvitation links the invitation's account; the invitation is
// used up by it. Without one, somebody unknown is told to ask for one.
func TestFirstSignInByInvitation(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
		p := testkit.NewProvider(t, "city", d.Clock.Now)
		o := &office{testkit.NewServerFor(t, d, p.Settings()), t}
		// The same user name, and the same address, are not enough.
		p.Is(testkit.ProviderUser{Subject: "77", Says: map[string]any{"preferred_username": "lead-officer", "email": "lead@city.example", "email_verified": true}})
		email := "lead@city.example"
		if _, err := o.ChangeUser(t.Context(), ticket.System, o.Users["lead-officer"].ID, service.UserChange{Email: &email}); err != nil {
			t.Fatal(err)
		}
		v := o.SignInAs(t, "")
		if refused := v.Get(by("")).Want(http.StatusForbidden); !strings.Contains(refused.Words("[role=alert]"), "先要一个邀请") {
			t.Errorf("unknown, it says %q", refused.Words("main"))
		}

		path := o.invite("lead-officer", directory.InvitationLink)
		if shown := v.Get(path).Want(http.StatusOK); shown.Find("form[action='"+path+"/with/city'] button").Length() != 1 {
			t.Fatalf("the invitation offers %q", shown.All("form button"))
		}
		onward := v.Post(path+"/with/city", url.Values{}).Want(http.StatusOK)
		if welcomed := v.Follow(onward).Want(http.StatusOK); welcomed.Path != "/workbench" || !strings.Contains(welcomed.Words(".flash"), "lead-officer") {
			t.Errorf("invited, one is at %s and reads %q", welcomed.Path, welcomed.Words(".flash"))
		}
		if links := o.linksOf("lead-officer"); len(links) != 1 || links[0].Mapped {
			t.Errorf("linked by %+v", links)
		}
		o.SignInAs(t, "").Get(path).Want(http.StatusNotFound)
		next := o.SignInAs(t, "")
		if in := next.Get(by("/tickets")).Want(http.StatusOK); in.Path != "/tickets" {
			t.Errorf("the next time one is at %s", in.Path)
		}

		// Somebody else's invitation gives no second account.
		desk := o.invite("desk", directory.InvitationLink)
		stays := o.SignInAs(t, "")
		if taken := stays.Follow(stays.Post(desk+"/with/city", url.Values{})).Want(http.StatusConflict); !strings.Contains(taken.Words("[role=alert]"), "已经关联") || taken.Attrs(".form-actions a", "href")[0] != desk {
			t.Errorf("with another's invitation: %q", taken.Words("main"))
		}
		stays.Get(desk).Want(http.StatusOK)

		// A disabled account stays out.
		if err := o.RetireUser(t.Context(), ticket.System, o.Users["lead-officer"].ID); err != nil {
			t.Fatal(err)
		}
		if out := o.SignInAs(t, "").Get(by("")).Want(http.StatusForbidden); !strings.Contains(out.Words("[role=alert]"), "已停用") {
			t.Errorf("retired, it says %q", out.Words("main"))
		}
		if !signedOut(next) {
			t.Error("a session outlives the account")
		}
	})
}

// stepper goes one step at a time: it follows no redirect.
type stepper struct {
	tb   testing.TB
	http *http.Client
}

func newStepper(tb testing.TB) *stepper {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &stepper{tb, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// step asks for an address and tells where it leads, and the status.
func (s *stepper) step(address string) (string, int) {
	s.tb.Helper()
	req, err := http.NewRequestWithContext(s.tb.Context(), http.MethodGet, address, nil)
	if err != nil {
		s.tb.Fatal(err)
	}
	res, err := s.http.Do(req)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer res.Body.Close()
	return res.Header.Get("Location"), res.StatusCode
}

// toBack goes as far as the provider, which sends it back to the address told.
func (s *stepper) toBack(begin string) string {
	s.tb.Helper()
	provider, _ := s.step(begin)
	back, status := s.step(provider)
	if status != http.StatusFound || !strings.Contains(back, "/back?code=") {
		s.tb.Fatalf("the provider sends one to %s with %d", back, status)
	}
	return back
}

// with is an address with another value in its query.
func with(address, name, value string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	query := u.Query()
	query.Set(name, value)
	u.RawQuery = query.Encode()
	return u.String()
}

// TestAttacksOnTheWayBack: what somebody changes, keeps for later, or hands to
// another browser opens no session; the same steps untouched do.
func TestAttacksOnTheWayBack(t *testing.T) {
	o, p := vouchedOffice(t, testkit.MigratedSQLite(t))
	other := testkit.NewProvider(t, "county", o.Clock.Now)
	o.Server = testkit.NewServerFor(t, o.District, p.Settings(mapped), other.Settings(mapped))
	wang := official("0001", "whistle-desk")
	p.Is(wang)
	begin := o.URL + "/signin/with/city"

	s := newStepper(t)
	asked, _ := s.step(begin + "?to=/tickets")
	query := func(name string) string {
		u, err := url.Parse(asked)
		if err != nil {
			t.Fatal(err)
		}
		return u.Query().Get(name)
	}
	if query("code_challenge_method") != "S256" || len(query("code_challenge")) != 43 || len(query("state")) < 20 || len(query("nonce")) < 20 || query("redirect_uri") != begin+"/back" || query("response_type") != "code" {
		t.Errorf("the provider is asked by %s", asked)
	}
	back, _ := s.step(asked)
	if to, status := s.step(back); to != "/tickets" || status != http.StatusSeeOther {
		t.Fatalf("untouched it leads to %s with %d", to, status)
	}
	if _, status := s.step(back); status != http.StatusUnauthorized {
		t.Errorf("the same answer once more: %d", status)
	}

	says := func(change map[string]any) testkit.ProviderUser {
		user := official("0001", "whistle-desk")
		for name, value := range change {
			user.Says[name] = value
		}
		return user
	}
	for name, c := range map[string]struct {
		user   testkit.ProviderUser
		back   func(s *stepper, back string) string // changed on the way
		wait   time.Duration
		status int
	}{
		"another state": {back: func(_ *stepper, back string) string { return with(back, "state", "AAAAAAAAAAAAAAAAAAAAAAAAAA") }},
		"an end of state": {back: func(_ *stepper, back string) string {
			u, _ := url.Parse(back)
			return with(back, "state", u.Query().Get("state")[:8])
		}},
		"no state":          {back: func(_ *stepper, back string) string { return with(back, "state", "") }},
		"another browser's": {back: func(*stepper, string) string { return newStepper(t).toBack(begin) }},
		"a code of another flow": {back: func(_ *stepper, back string) string {
			u, _ := url.Parse(newStepper(t).toBack(begin))
			return with(back, "code", u.Query().Get("code"))
		}},
		"a code that was used": {back: func(_ *stepper, back string) string {
			first := newStepper(t)
			used := first.toBack(begin)
			first.step(used)
			u, _ := url.Parse(used)
			return with(back, "code", u.Query().Get("code"))
		}},
		"no code":              {back: func(_ *stepper, back string) string { return with(back, "code", "") }},
		"another provider's":   {back: func(_ *stepper, back string) string { return strings.Replace(back, "/with/city/", "/with/county/", 1) }},
		"another issuer's":     {back: func(_ *stepper, back string) string { return with(back, "iss", other.Issuer()) }},
		"too late":             {wait: 11 * time.Minute},
		"denied":               {back: func(_ *stepper, back string) string { return with(back, "error", "access_denied") }},
		"an error":             {back: func(_ *stepper, back string) string { return with(back, "error", "invalid_scope") }},
		"provider's trouble":   {back: func(_ *stepper, back string) string { return with(back, "error", "server_error") }, status: http.StatusServiceUnavailable},
		"another nonce":        {user: says(map[string]any{"nonce": "AAAAAAAAAAAAAAAAAAAAAAAAAA"})},
		"no nonce":             {user: says(map[string]any{"nonce": ""})},
		"another audience":     {user: says(map[string]any{"aud": []string{"somebody"}})},
		"for several, no azp":  {user: says(map[string]any{"aud": []string{p.Settings().ClientID, "somebody"}})},
		"for another client":   {user: says(map[string]any{"azp": "somebody"})},
		"by another issuer":    {user: says(map[string]any{"iss": other.Issuer()})},
		"an expired token":     {user: says(map[string]any{"exp": o.Clock.Now().Add(-time.Second).Unix()})},
		"a token of later":     {user: says(map[string]any{"nbf": o.Clock.Now().Add(30 * 24 * time.Hour).Unix()})}, // than any of these is tried
		"nobody":               {user: says(map[string]any{"sub": ""})},
		"somebody else's more": {user: testkit.ProviderUser{Subject: "0001", Says: map[string]any{"sub": "0009"}}},
	} {
		if c.user.Subject == "" {
			c.user = wang
		}
		p.Is(c.user)
		s := newStepper(t)
		back := s.toBack(begin)
		if c.back != nil {
			back = c.back(s, back)
		}
		o.Clock.Advance(c.wait)
		want := c.status
		if want == 0 {
			want = http.StatusUnauthorized
		}
		if to, status := s.step(back); status != want {
			t.Errorf("%s: %d, leads to %q; want %d", name, status, to, want)
		}
		if to, status := s.step(o.URL + "/account"); status != http.StatusSeeOther || !strings.HasPrefix(to, "/signin") {
			t.Errorf("%s: signed in, at %q with %d", name, to, status)
		}
		o.Clock.Advance(2 * time.Hour) // the address is forgiven
	}

	// Where one was going is a page of ours, or none.
	p.Is(wang)
	for _, elsewhere := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", "/" + strings.Repeat("x", 2000)} {
		s := newStepper(t)
		if to, status := s.step(s.toBack(begin + "?" + url.Values{"to": {elsewhere}}.Encode())); to != "/desk" || status != http.StatusSeeOther {
			t.Errorf("asked for %.30s it leads to %q with %d", elsewhere, to, status)
		}
	}

	// The same subject at two issuers is two people.
	other.Is(testkit.ProviderUser{Subject: "0001", Says: map[string]any{"groups": "whistle-officer", "department": map[string]any{"code": "land"}, "preferred_username": "wang.fang"}})
	if to, _ := newStepper(t).step(newStepperTo(t, o.URL+"/signin/with/county")); to != "" {
		t.Errorf("without the browser's cookie it leads to %q", to)
	}
	county := newStepper(t)
	if to, status := county.step(county.toBack(o.URL + "/signin/with/county")); to != "/workbench" || status != http.StatusSeeOther {
		t.Errorf("of the other issuer one is at %q with %d", to, status)
	}
	if first, second := o.linksOf("wang.fang"), o.linksOf("wang.fang-2"); len(first) != 1 || len(second) != 1 || first[0].Issuer == second[0].Issuer || first[0].Subject != second[0].Subject {
		t.Errorf("linked %+v and %+v", first, second)
	}
}

// newStepperTo is an answer that a provider sends to some browser.
func newStepperTo(t *testing.T, begin string) string {
	t.Helper()
	return newStepper(t).toBack(begin)
}

// TestAnAccountIsLinked: whoever is signed in links a provider after proving who
// they are, in the session where it began; the last way in cannot be removed.
func TestAnAccountIsLinked(t *testing.T) {
	o, p := vouchedOffice(t, testkit.MigratedSQLite(t))
	const linkForm = "form[action='/account/identities']"
	here := o.signedIn("lead-officer")
	p.Is(official("0001", "whistle-desk"))
	form := here.Get("/account").Want(http.StatusOK).Form(linkForm)
	form.Set("old", "不是这个密码")
	if refused := here.Post("/account/identities", form).Want(http.StatusUnprocessableEntity); errorAt(refused, linkForm, "old") == "" {
		t.Errorf("a wrong password: %q", refused.Words(linkForm))
	}
	form.Set("old", goodPassword)
	onward := here.Post("/account/identities", form).Want(http.StatusOK)

	// Another's browser, even with the address in hand, links nothing.
	thief := o.signedIn("land-officer")
	if stolen := thief.Follow(onward); stolen.Status != http.StatusUnauthorized || len(o.linksOf("land-officer")) != 0 {
		t.Errorf("another's browser: %d, %q", stolen.Status, stolen.Words("main"))
	}
	linked := here.Follow(here.Post("/account/identities", form).Want(http.StatusOK)).Want(http.StatusOK)
	if linked.Path != "/account" || linked.Words(".flash") != "已关联市统一身份认证" || linked.Find(linkForm).Length() != 0 {
		t.Errorf("linked, one is at %s and reads %q", linked.Path, linked.Words(".flash"))
	}
	// The account keeps the role that it has here, whatever the groups say.
	in := o.SignInAs(t, "")
	if at := in.Get(by("")).Want(http.StatusOK); at.Path != "/workbench" {
		t.Errorf("by the provider one is at %s", at.Path)
	}

	// Another who is that person there cannot take it.
	form = thief.Get("/account").Form(linkForm)
	form.Set("old", goodPassword)
	if taken := thief.Follow(thief.Post("/account/identities", form)).Want(http.StatusConflict); !strings.Contains(taken.Words("[role=alert]"), "已经关联了别的账号") {
		t.Errorf("a second account: %q", taken.Words("main"))
	}

	// With a password one may remove it, without one not; an admin may.
	remove := here.Get("/account").Attrs("form[action^='/account/identities/']", "action")
	if len(remove) != 1 {
		t.Fatalf("to remove: %q", remove)
	}
	if removed := here.Post(remove[0], url.Values{}).Want(http.StatusOK); removed.Words(".flash") != "已取消关联" || len(o.linksOf("lead-officer")) != 0 {
		t.Errorf("removed, it says %q", removed.Words(".flash"))
	}
	made := o.SignInAs(t, "") // by mapping, and so without a password
	page := made.Get(by("/account")).Want(http.StatusOK)
	if page.Find("form[action^='/account/identities/']").Length() != 0 || !strings.Contains(page.Words("main"), "先设一个密码") {
		t.Errorf("the last way in: %q", page.Words("main"))
	}
	link := o.linksOf("wang.fang")[0]
	made.Post("/account/identities/"+link.ID+"/remove", url.Values{}).Want(http.StatusConflict)

	// A session that is not fresh proves nothing where there is no password.
	o.Clock.Advance(16 * time.Minute)
	if err := o.ProveOwner(t.Context(), ticket.Actor{ID: link.UserID}, "wst_"+strings.Repeat("x", 43), ""); err == nil {
		t.Error("an API token proves who is there")
	}
	admin := o.SignInAs(t, "admin")
	kept := admin.Get("/admin/users/" + link.UserID).Want(http.StatusOK)
	if action := kept.Attrs("form[action*='/identities/']", "action"); len(action) != 1 || !strings.Contains(kept.Words("main"), "角色和部门由它决定") {
		t.Fatalf("the admin reads %q", kept.Words("main"))
	} else if gone := admin.Post(action[0], url.Values{}).Want(http.StatusOK); gone.Words(".flash") != "已取消关联" || !signedOut(made) {
		t.Errorf("removed by the admin: %q", gone.Words("main"))
	}
}

// TestAProviderThatIsDown is told plainly, asked again after a moment, and keeps
// nobody with a password out; signing out goes to it where it can.
func TestAProviderThatIsDown(t *testing.T) {
	o, p := vouchedOffice(t, testkit.MigratedSQLite(t))
	p.Is(official("0001", "whistle-desk"))
	p.Down(true)
	v := o.SignInAs(t, "")
	down := v.Get(by("/tickets")).Want(http.StatusServiceUnavailable)
	if !strings.Contains(down.Words("[role=alert]"), "没有回应") || !slices.Equal(down.Attrs(".form-actions a", "href"), []string{"/signin/with/city?to=%2Ftickets", "/signin?to=%2Ftickets"}) {
		t.Errorf("down, it says %q", down.Words("main"))
	}
	if admin := o.signedIn("admin"); signedOut(admin) {
		t.Error("the admin is kept out")
	}
	p.Down(false)
	v.Get(by("/tickets")).Want(http.StatusServiceUnavailable) // it is left alone for a moment
	o.Clock.Advance(6 * time.Second)
	if in := v.Get(by("/tickets")).Want(http.StatusOK); in.Path != "/tickets" {
		t.Fatalf("up again, one is at %s", in.Path)
	}

	// It goes away between the two steps.
	s := newStepper(t)
	back := s.toBack(o.URL + "/signin/with/city")
	p.Down(true)
	if _, status := s.step(back); status != http.StatusServiceUnavailable {
		t.Errorf("gone meanwhile: %d", status)
	}
	p.Down(false)

	out := v.Follow(v.Post("/signout", url.Values{}).Want(http.StatusOK))
	asked := p.SignOuts()
	if out.Path != "/signin" || !signedOut(v) || len(asked) != 1 || asked[0].Get("client_id") != p.Settings().ClientID || asked[0].Get("post_logout_redirect_uri") != o.URL+"/" || strings.Count(asked[0].Get("id_token_hint"), ".") != 2 {
		t.Errorf("signed out, one is at %s and the provider was asked %v", out.Path, asked)
	}
	// By a password, or where the provider is down, one is out all the same.
	if plain := o.another("admin"); plain.Post("/signout", url.Values{}).Path != "/signin" {
		t.Error("a session by password signs out elsewhere")
	}
	v.Get(by("")).Want(http.StatusOK)
	p.Down(true)
	o.Clock.Advance(2 * time.Hour)
	v.Post("/signout", url.Values{}).Want(http.StatusOK)
	if !signedOut(v) || len(p.SignOuts()) != 1 {
		t.Error("the provider that is down keeps one signed in")
	}
}

// TestWrongAnswersCount: whoever comes back with wrong answers on and on waits,
// as with wrong passwords.
func TestWrongAnswersCount(t *testing.T) {
	o, p := vouchedOffice(t, testkit.MigratedSQLite(t))
	p.Is(official("0001", "staff"))
	v := o.SignInAs(t, "")
	for n := range 40 {
		switch seen := v.Get(by("")); {
		case seen.Status == http.StatusTooManyRequests:
			asked := p.TokensAsked()
			if n != 30 || seen.Header.Get("Retry-After") == "" {
				t.Errorf("asked to wait after %d", n)
			}
			v.Get(by("")).Want(http.StatusTooManyRequests)
			if p.TokensAsked() != asked {
				t.Error("the provider is asked meanwhile")
			}
			return
		case seen.Status != http.StatusForbidden:
			t.Fatalf("try %d: %d", n, seen.Status)
		}
	}
	t.Error("nobody is asked to wait")
}
