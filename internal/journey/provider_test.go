package journey_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/sso"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// TestSigningInByAProvider goes to a running provider, on another site, and back:
// where one was going, by mapping, by invitation, out again, after a no, and with
// a password while it is down.
func TestSigningInByAProvider(t *testing.T) {
	d := testkit.NewDistrict(t, testkit.NewService(t, testkit.MigratedSQLite(t), "2023-09-27 10:00"))
	city, park := testkit.NewProvider(t, "city", d.Clock.Now), testkit.NewProvider(t, "park", d.Clock.Now)
	city.Asks()
	s := testkit.NewServerFor(t, d, city.Settings(func(p *sso.Provider) {
		p.FirstSignIn, p.Grants = sso.ByMapping, []sso.Grant{{Claim: "groups", Value: "whistle-desk", Role: ticket.RoleDispatcher}}
	}), park.Settings(func(p *sso.Provider) { p.Name, p.NameEN = "园区企业账号", "Park enterprise account" }))

	city.Is(testkit.ProviderUser{Subject: "0001", Says: map[string]any{"name": "王芳", "preferred_username": "wangfang", "groups": []string{"whistle-desk"}}})
	desk := s.Visit(t, "", testkit.Desktop)
	desk.Expect("a request to another host: http://localhost")
	desk.Open("/invitations").See("用市统一身份认证登录", "用园区企业账号登录", "或者用用户名和密码").Axe().Screenshot("provider-1-signin-1440")
	strictPolicy(t, desk, "/signin")
	desk.Expect("401")
	desk.Click("用市统一身份认证登录").See("统一身份认证", "王芳").Click("拒绝").See("没有登录成功", "取消或拒绝").Axe().Screenshot("provider-2-denied-1440")
	desk.Click("再试一次").Click("同意登录").See("邀请企业")
	if at := desk.Path(); at != "/invitations" {
		t.Errorf("from the provider one comes to %s", at)
	}
	desk.Open("/account").See("wangfang", "其他登录方式", "市统一身份认证", "先设一个密码").NoHorizontalScroll().Axe().Screenshot("provider-3-account-1440")
	desk.Click(".shell-menu summary").Submit("[action='/signout'] button").Until(`location.pathname === "/signin"`)
	if len(city.SignOuts()) != 1 {
		t.Errorf("the provider was signed out of %d times", len(city.SignOuts()))
	}

	link, err := s.MakeLink(t.Context(), ticket.System, s.Users["own"].ID, directory.InvitationLink)
	if err != nil {
		t.Fatal(err)
	}
	park.Is(testkit.ProviderUser{Subject: "0001", Says: map[string]any{"name": "李经理"}})
	own := s.Visit(t, "", testkit.Phone)
	own.Expect("a request to another host: http://localhost")
	own.Open(service.LinkURL("", link)).See("进入吹哨", "用园区企业账号登录").NoHorizontalScroll().Axe().Screenshot("provider-4-invitation-390")
	own.Click("用园区企业账号登录").Until(`location.pathname === "/requests"`).See("欢迎您")
	own.Open("/account").See("园区企业账号", "李经理").NoHorizontalScroll().Axe().Screenshot("provider-5-account-390")

	// The provider is down: people are told, and the local admin goes in.
	city.Down(true)
	d.Clock.Advance(2 * time.Hour) // it is asked anew
	if err := s.SetPassword(t.Context(), ticket.System, s.Users["admin"].ID, "塔吊林立的那一片河岸"); err != nil {
		t.Fatal(err)
	}
	admin := s.Visit(t, "", testkit.Phone)
	admin.Expect("503")
	admin.Open("/signin").NoHorizontalScroll().Axe().Screenshot("provider-6-signin-390").Click("用市统一身份认证登录").See("没有登录成功", "没有回应").NoHorizontalScroll().Axe().Screenshot("provider-7-down-390")
	if admin.Status() != http.StatusServiceUnavailable {
		t.Errorf("down is answered with %d", admin.Status())
	}
	admin.Click("用密码登录").Fill("用户名", "admin").Fill("密码", "塔吊林立的那一片河岸").Submit(".form-actions button")
	if at := admin.Path(); !strings.HasPrefix(at, "/admin") {
		t.Errorf("with a password the admin is at %s", at)
	}
	foreign := testkit.Desktop
	foreign.Language, foreign.Dark = "en", true
	english := s.Visit(t, "", foreign)
	english.Open("/signin").See("Sign in with City ID", "Sign in with Park enterprise account", "or with user name and password").Axe().Screenshot("provider-8-signin-en-dark")
	english.Expect("503")
	english.Click("Sign in with City ID").See("You are not signed in", "does not answer").Axe().Screenshot("provider-9-down-en-dark")
}
