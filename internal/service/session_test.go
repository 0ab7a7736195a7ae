package service_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

const (
	day = 24 * time.Hour

	onPhone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/4G Language/zh_CN"
	onLaptop = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"
)

// invite is a link for the contact of the enterprise that the manager looks
// after.
func (d *staffed) invite() *service.Link {
	d.t.Helper()
	l, err := d.MakeLink(d.t.Context(), d.actor("manager"), d.id("contact"), directory.InvitationLink)
	d.must(err)
	return l
}

// A contact's phone stays signed in for 90 days since it was used last; that is
// not written down at every request.
func TestAContactStaysSignedInWithUse(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx := t.Context()
		s, err := d.SignInByLink(ctx, d.invite().Token, home)
		d.must(err)
		if want := d.wall.Now().Add(90 * day); !s.ExpiresAt.Equal(want) {
			t.Errorf("until %v, want %v", s.ExpiresAt, want)
		}
		use := func() time.Time {
			t.Helper()
			actor, until, err := d.AuthenticateSession(ctx, s.Token)
			d.must(err)
			if actor.ID != d.id("contact") {
				t.Errorf("authenticated as %+v", actor)
			}
			return until
		}
		expires := func() string {
			return d.text("SELECT CAST(expires_at AS TEXT) FROM tokens WHERE kind = 'session'")
		}
		first := expires()
		d.wall.Advance(day - time.Second)
		if until := use(); !until.IsZero() || expires() != first {
			t.Errorf("prolonged within a day: %v", until)
		}
		d.wall.Advance(time.Second)
		if until, want := use(), d.wall.Now().Add(90*day); !until.Equal(want) || expires() == first {
			t.Errorf("a day later until %v, want %v", until, want)
		}
		if until := use(); !until.IsZero() {
			t.Errorf("prolonged twice: %v", until)
		}
		for range 3 { // 240 days after the sign-in
			d.wall.Advance(80 * day)
			use()
		}
		d.wall.Advance(90 * day)
		_, err = d.Authenticate(ctx, s.Token)
		d.want(err, ticket.CodeUnauthenticated)
	})
}

// Whoever comes to work in an office has an office's session.
func TestASessionIsNotLongerThanTheRoleAllows(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		s, err := d.SignInByLink(t.Context(), d.invite().Token, home)
		d.must(err)
		role, none, department := ticket.RoleOfficer, "", bureau
		_, err = d.ChangeUser(t.Context(), ticket.System, d.id("contact"), service.UserChange{Role: &role, EnterpriseID: &none, DepartmentID: &department})
		d.must(err)
		d.wall.Advance(12*time.Hour - time.Second)
		actor, err := d.Authenticate(t.Context(), s.Token)
		d.must(err)
		if actor.Role != ticket.RoleOfficer {
			t.Errorf("authenticated as %+v", actor)
		}
		d.wall.Advance(time.Second)
		_, err = d.Authenticate(t.Context(), s.Token)
		d.want(err, ticket.CodeUnauthenticated)
		if list, err := d.Sessions(t.Context(), actor, ""); err != nil || len(list) != 0 {
			t.Errorf("still listed: %+v, %v", list, err)
		}
	})
}

func TestOnesOwnSessions(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx := t.Context()
		d.password("officer")
		d.password("head")
		d.signIn("head", cafe)
		open := func(agent, address string) string {
			t.Helper()
			s, err := d.SignIn(service.WithUserAgent(ctx, agent), "officer", goodPassword, address)
			d.must(err)
			d.wall.Advance(time.Minute)
			return s.Token
		}
		phone, laptop, program := open(onPhone, home), open(onLaptop, cafe), open("curl/8.5.0 and\x00 so on", "2001:db8::7")
		actor, err := d.Authenticate(ctx, laptop)
		d.must(err)
		list := func() []string {
			t.Helper()
			sessions, err := d.Sessions(ctx, actor, laptop)
			d.must(err)
			var told []string
			for _, s := range sessions {
				line := s.Device + " " + s.Address
				if s.Current {
					line += " current"
				}
				if s.LastUsedAt != nil {
					line += " used"
				}
				told = append(told, line)
			}
			return told
		}
		if got, want := list(), []string{"curl/8.5.0 2001:db8::/64", "Edge, Windows 203.0.113.9 current used", "WeChat, iPhone 192.0.2.1"}; !slices.Equal(got, want) {
			t.Errorf("listed %q, want %q", got, want)
		}

		sessions, err := d.Sessions(ctx, actor, laptop)
		d.must(err)
		d.want(d.EndSession(ctx, d.actor("head"), sessions[2].ID), ticket.CodeNotFound)
		d.want(d.EndSession(ctx, actor, ""), ticket.CodeNotFound)
		d.must(d.EndSession(ctx, actor, sessions[2].ID))
		d.want(d.EndSession(ctx, actor, sessions[2].ID), ticket.CodeNotFound)
		_, err = d.Authenticate(ctx, phone)
		d.want(err, ticket.CodeUnauthenticated)

		if n, err := d.EndOtherSessions(ctx, actor, laptop); err != nil || n != 1 {
			t.Errorf("ended %d others, %v", n, err)
		}
		_, err = d.Authenticate(ctx, program)
		d.want(err, ticket.CodeUnauthenticated)
		if _, err := d.Authenticate(ctx, laptop); err != nil {
			t.Errorf("the one that asked: %v", err)
		}

		// Signed out everywhere, by whoever may hand out a link.
		_, err = d.EndSessionsOf(ctx, d.actor("colleague"), actor.ID)
		d.want(err, ticket.CodeForbidden)
		if n, err := d.EndSessionsOf(ctx, d.actor("head"), actor.ID); err != nil || n != 1 {
			t.Errorf("ended %d, %v", n, err)
		}
		_, err = d.Authenticate(ctx, laptop)
		d.want(err, ticket.CodeUnauthenticated)
		if n := d.text("SELECT count(*) FROM tokens WHERE kind = 'session' AND ended_at IS NULL"); n != "1" {
			t.Errorf("%s sessions go on, want the head's", n)
		}
	})
}

func TestDevicesAreKnownAgain(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		d.password("officer")
		for agent, want := range map[string]string{
			"": "",
			"Mozilla/5.0 (Linux; Android 14; SM-S9080) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36":                                                   "Chrome, Android",
			"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15":                                                       "Safari, macOS",
			"Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.1.3.300":                 "Huawei Browser, HarmonyOS",
			"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0":                                                                                                   "Firefox, Linux",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 wxwork/4.1.28 MicroMessenger/7.0.1 Language/zh ColorScheme": "WeCom, iPhone",
			strings.Repeat("x", 100): strings.Repeat("x", 40),
			"\xff\xfe\x01":           "",
		} {
			s, err := d.SignIn(service.WithUserAgent(t.Context(), agent), "officer", goodPassword, home)
			d.must(err)
			sessions, err := d.Sessions(t.Context(), d.actor("officer"), s.Token)
			d.must(err)
			if got := sessions[0].Device; got != want {
				t.Errorf("%q is %q, want %q", agent, got, want)
			}
			d.must(d.EndSession(t.Context(), d.actor("officer"), sessions[0].ID))
		}
	})
}

// Whoever was signed in by a link sets a first password without an old one, and
// is then asked for it like anybody else.
func TestAContactSetsAPasswordLater(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx := t.Context()
		old, err := d.SignInByLink(ctx, d.invite().Token, cafe)
		d.must(err)
		s, err := d.SignInByLink(ctx, d.invite().Token, home)
		d.must(err)
		if _, err := d.Authenticate(ctx, old.Token); err != nil {
			t.Errorf("a second phone ended the first: %v", err)
		}
		actor := d.actor("contact")
		program, _, err := d.CreateToken(ctx, actor, service.NewToken{Name: "program"})
		d.must(err)
		if got := faultsAt(d.ChangePassword(ctx, actor, program, "", goodPassword)); !slices.Equal(got, []string{"/old"}) {
			t.Errorf("a program sets a first password: faults at %v", got)
		}
		if got := faultsAt(d.ChangePassword(ctx, actor, s.Token, "", "short")); !slices.Equal(got, []string{"/new"}) {
			t.Errorf("faults at %v", got)
		}
		d.must(d.ChangePassword(ctx, actor, s.Token, "", goodPassword))
		if _, err := d.Authenticate(ctx, s.Token); err != nil {
			t.Errorf("the session that set it ended: %v", err)
		}
		_, err = d.Authenticate(ctx, old.Token)
		d.want(err, ticket.CodeUnauthenticated)
		d.signIn("contact", cafe)
		if got := faultsAt(d.ChangePassword(ctx, actor, s.Token, "", "another long password")); !slices.Equal(got, []string{"/old"}) {
			t.Errorf("faults at %v", got)
		}
	})
}
