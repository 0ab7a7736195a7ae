package web_test

import (
	"net/http"
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
