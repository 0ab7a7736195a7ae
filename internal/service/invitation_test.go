package service_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

// A phone is signed in by following a link, once, and not by looking at it.
func TestFollowingALinkSignsAContactIn(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx := t.Context()
		link := d.invite()
		for range 3 { // as chat programs do before anybody follows it
			view, err := d.LookAtLink(ctx, link.Token)
			d.must(err)
			if view.Name != "CONTACT" || view.Enterprise != "企业1" || !view.SignsIn || view.Kind != directory.InvitationLink || !view.ExpiresAt.Equal(link.ExpiresAt) {
				t.Errorf("the link says %+v", view)
			}
		}
		results := make(chan ticket.Code, 2)
		for range 2 { // a double tap
			go func() {
				s, err := d.SignInByLink(service.WithUserAgent(context.WithoutCancel(ctx), onPhone), link.Token, home)
				if err == nil && (s.Username != "contact" || !strings.HasPrefix(s.Token, "wss_")) {
					t.Errorf("signed in as %+v", s)
				}
				results <- code(err)
			}()
		}
		codes := []ticket.Code{<-results, <-results}
		slices.Sort(codes)
		if !slices.Equal(codes, []ticket.Code{"", ticket.CodeNotFound}) {
			t.Errorf("two at once: %q", codes)
		}
		_, err := d.LookAtLink(ctx, link.Token)
		d.want(err, ticket.CodeNotFound)
		_, err = d.UseLink(ctx, link.Token, goodPassword, home)
		d.want(err, ticket.CodeNotFound)

		// One whose account is retired, one that has expired, and none at all.
		late := d.invite()
		d.wall.Advance(7 * day)
		_, err = d.SignInByLink(ctx, late.Token, home)
		d.want(err, ticket.CodeNotFound)
		retired := d.invite()
		d.must(d.RetireUser(ctx, ticket.System, d.id("contact")))
		for _, token := range []string{retired.Token, "", "x"} {
			_, err = d.SignInByLink(ctx, token, home)
			d.want(err, ticket.CodeNotFound)
			_, err = d.LookAtLink(ctx, token)
			d.want(err, ticket.CodeNotFound)
		}

		// The offices set a password; the link is still good for that.
		office, err := d.MakeLink(ctx, d.actor("admin"), d.id("officer"), directory.InvitationLink)
		d.must(err)
		view, err := d.LookAtLink(ctx, office.Token)
		d.must(err)
		if view.SignsIn || view.Enterprise != "" {
			t.Errorf("an officer's link says %+v", view)
		}
		_, err = d.SignInByLink(ctx, office.Token, home)
		d.want(err, ticket.CodeConflict)
		_, err = d.UseLink(ctx, office.Token, goodPassword, home)
		d.must(err)
		if text := d.auditText(); strings.Contains(text, "wsl_") || strings.Contains(text, "wss_") || !strings.Contains(text, "use link "+link.ID) {
			t.Error("the audit log does not say that the link was used, or holds a secret")
		}
	})
}

// enterprises makes some, and gives their ids.
func (d *staffed) enterprises(n int) []string {
	d.t.Helper()
	ids := make([]string, n)
	for i := range ids {
		e, err := d.Enterprises().Create(d.t.Context(), ticket.System, directory.Enterprise{Name: fmt.Sprintf("新企业%03d", i), Kind: directory.Company, Contact: "王经理", Phone: "13800000000"})
		d.must(err)
		ids[i] = e.ID
	}
	return ids
}

func TestInvitingManyEnterprises(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx, desk := t.Context(), d.actor("desk")
		none := d.enterprises(2)
		_, err := d.CreateUser(ctx, ticket.System, service.NewUser{Username: "contact2", Name: "李会计", Role: ticket.RoleEnterprise, EnterpriseID: enterprise})
		d.must(err)
		before := d.invite()

		asked := []string{none[1], enterprise, none[0]}
		made, err := d.Invite(ctx, desk, service.NewInvitations{EnterpriseIDs: asked, Days: 30})
		d.must(err)
		var told []string
		readable := regexp.MustCompile(`^qy-[1-9][0-9]{5}$`)
		for _, m := range made {
			told = append(told, fmt.Sprintf("%s %s %t", m.Enterprise.ID, m.User.Name, m.NewAccount))
			if m.NewAccount && (!readable.MatchString(m.User.Username) || m.User.Phone != "13800000000") {
				t.Errorf("made the account %+v", m.User)
			}
			if !m.ExpiresAt.Equal(d.wall.Now().Add(30 * day)) {
				t.Errorf("until %v", m.ExpiresAt)
			}
		}
		if want := []string{none[1] + " 王经理 true", enterprise + " CONTACT false", enterprise + " 李会计 false", none[0] + " 王经理 true"}; !slices.Equal(told, want) {
			t.Errorf("made %q, want %q", told, want)
		}
		_, err = d.LookAtLink(ctx, before.Token)
		d.want(err, ticket.CodeNotFound)
		for _, m := range made {
			s, err := d.SignInByLink(ctx, m.Token, home)
			d.must(err)
			actor, err := d.Authenticate(ctx, s.Token)
			d.must(err)
			if actor.EnterpriseID != m.Enterprise.ID || actor.Role != ticket.RoleEnterprise {
				t.Errorf("signed in as %+v", actor)
			}
		}

		// Anew: nobody gets a second account.
		again, err := d.Invite(ctx, desk, service.NewInvitations{EnterpriseIDs: none})
		d.must(err)
		if len(again) != 2 || again[0].NewAccount || again[1].NewAccount || !again[0].ExpiresAt.Equal(d.wall.Now().Add(7*day)) {
			t.Errorf("anew: %+v", again)
		}
	})
}

func TestInvitingIsAllOrNothing(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx := t.Context()
		none := d.enterprises(1)
		gone, err := d.Enterprises().Create(ctx, ticket.System, directory.Enterprise{Name: "关张的", Kind: directory.Company})
		d.must(err)
		d.must(d.Enterprises().Retire(ctx, ticket.System, gone.ID))
		before := d.text("SELECT count(*) FROM users") + d.text("SELECT count(*) FROM tokens") + d.text("SELECT count(*) FROM audit")
		many := make([]string, 201)
		for i := range many {
			many[i] = fmt.Sprint(i)
		}
		for _, c := range []struct {
			name, actor string
			ids         []string
			days        int
			code        ticket.Code
			faults      []string
		}{
			{"none named", "desk", nil, 0, ticket.CodeInvalidForm, []string{"/enterprise_ids"}},
			{"too many, for too long", "desk", many, 91, ticket.CodeInvalidForm, []string{"/days", "/enterprise_ids"}},
			{"twice", "desk", []string{none[0], none[0]}, 0, ticket.CodeInvalidForm, []string{"/enterprise_ids/1"}},
			{"not there, retired", "desk", []string{none[0], "nowhere", gone.ID}, 0, ticket.CodeInvalidValue, []string{"/enterprise_ids/1", "/enterprise_ids/2"}},
			{"not looked after", "manager", []string{neighbour, enterprise, none[0]}, 0, ticket.CodeInvalidValue, []string{"/enterprise_ids/0", "/enterprise_ids/2"}},
			{"an officer", "officer", none, 0, ticket.CodeForbidden, nil},
			{"a leader", "leader", none, 0, ticket.CodeForbidden, nil},
			{"the contact", "contact", []string{enterprise}, 0, ticket.CodeForbidden, nil},
		} {
			_, err := d.Invite(ctx, d.actor(c.actor), service.NewInvitations{EnterpriseIDs: c.ids, Days: c.days})
			if code(err) != c.code || !slices.Equal(faultsAt(err), c.faults) {
				t.Errorf("%s: %q at %v (%v)", c.name, code(err), faultsAt(err), err)
			}
		}
		if after := d.text("SELECT count(*) FROM users") + d.text("SELECT count(*) FROM tokens") + d.text("SELECT count(*) FROM audit"); after != before {
			t.Error("a refused invitation left something")
		}
		made, err := d.Invite(ctx, d.actor("manager"), service.NewInvitations{EnterpriseIDs: []string{enterprise}})
		d.must(err)
		if len(made) != 1 || made[0].User.ID != d.id("contact") {
			t.Errorf("the manager made %+v", made)
		}
	})
}

func TestWhatBecameOfInvitations(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx, desk, manager := t.Context(), d.actor("desk"), d.actor("manager")
		used := d.invite()
		_, err := d.SignInByLink(ctx, used.Token, home)
		d.must(err)
		replaced := d.invite()
		expired := d.invite()
		d.wall.Advance(7 * day)
		ids := d.enterprises(2)
		byDesk, err := d.Invite(ctx, desk, service.NewInvitations{EnterpriseIDs: ids, Days: 30})
		d.must(err)
		revoked, open := byDesk[0], byDesk[1]
		office, err := d.MakeLink(ctx, d.actor("admin"), d.id("officer"), directory.InvitationLink)
		d.must(err)

		d.want(d.RevokeInvitation(ctx, manager, revoked.ID), ticket.CodeNotFound)
		d.want(d.RevokeInvitation(ctx, desk, office.ID), ticket.CodeNotFound)
		d.want(d.RevokeInvitation(ctx, desk, ""), ticket.CodeNotFound)
		d.must(d.RevokeInvitation(ctx, desk, revoked.ID))
		d.must(d.RevokeInvitation(ctx, desk, revoked.ID))
		_, err = d.SignInByLink(ctx, revoked.Token, home)
		d.want(err, ticket.CodeNotFound)

		told := map[string]string{used.ID: "used", replaced.ID: "replaced", expired.ID: "expired", revoked.ID: "revoked", open.ID: "open", office.ID: "office"}
		list := func(actor string, f service.InvitationFilter) string {
			t.Helper()
			all, err := d.Invitations(ctx, d.actor(actor), f)
			d.must(err)
			var lines []string
			for _, one := range all {
				lines = append(lines, fmt.Sprintf("%s:%s", told[one.ID], one.State))
			}
			return strings.Join(lines, " ")
		}
		const all = "open:open revoked:revoked expired:expired replaced:revoked used:used"
		for _, c := range []struct {
			actor string
			f     service.InvitationFilter
			want  string
		}{
			{"admin", service.InvitationFilter{}, "office:open " + all},
			{"desk", service.InvitationFilter{}, all},
			{"manager", service.InvitationFilter{}, "expired:expired replaced:revoked used:used"},
			{"head", service.InvitationFilter{}, "office:open"},
			{"officer", service.InvitationFilter{}, ""},
			{"contact", service.InvitationFilter{}, ""},
			{"leader", service.InvitationFilter{}, ""},
			{"desk", service.InvitationFilter{State: directory.LinkOpen}, "open:open"},
			{"desk", service.InvitationFilter{State: directory.LinkWasUsed}, "used:used"},
			{"desk", service.InvitationFilter{State: directory.LinkExpired}, "expired:expired"},
			{"desk", service.InvitationFilter{State: directory.LinkWithdrawn}, "revoked:revoked replaced:revoked"},
			{"desk", service.InvitationFilter{MadeBy: manager.ID}, "expired:expired replaced:revoked used:used"},
			{"desk", service.InvitationFilter{EnterpriseID: ids[1]}, "open:open"},
			{"desk", service.InvitationFilter{UserID: d.id("contact"), State: directory.LinkWasUsed}, "used:used"},
			{"desk", service.InvitationFilter{Text: "企业00"}, "open:open revoked:revoked"},
			{"desk", service.InvitationFilter{Text: "CONT", Limit: 2}, "expired:expired replaced:revoked"},
			{"desk", service.InvitationFilter{After: expired.ID}, "replaced:revoked used:used"},
		} {
			if got := list(c.actor, c.f); got != c.want {
				t.Errorf("%s, %+v: %q, want %q", c.actor, c.f, got, c.want)
			}
		}
		shown, err := d.Invitations(ctx, desk, service.InvitationFilter{UserID: d.id("contact"), Limit: 1})
		d.must(err)
		if one := shown[0]; one.User.Name != "CONTACT" || one.Names.Of(one.User.EnterpriseID) != "企业1" || one.Names.Of(one.MadeBy) != "MANAGER" || one.Hash != "" {
			t.Errorf("shown as %+v", one)
		}

		// Anew, in place of the one that has expired.
		anew, err := d.InviteAnew(ctx, manager, expired.ID, 3)
		d.must(err)
		if anew.User.ID != d.id("contact") || !anew.ExpiresAt.Equal(d.wall.Now().Add(3*day)) {
			t.Errorf("anew: %+v", anew)
		}
		_, err = d.SignInByLink(ctx, anew.Token, home)
		d.must(err)
		_, err = d.InviteAnew(ctx, manager, open.ID, 0)
		d.want(err, ticket.CodeNotFound)
		_, err = d.InviteAnew(ctx, manager, expired.ID, 91)
		d.want(err, ticket.CodeInvalidForm)
		_, err = d.UseLink(ctx, office.Token, goodPassword, home)
		d.must(err)
		reset, err := d.InviteAnew(ctx, d.actor("head"), office.ID, 30)
		d.must(err)
		if reset.Kind != directory.ResetLink || !reset.ExpiresAt.Equal(d.wall.Now().Add(time.Hour)) {
			t.Errorf("for an officer with a password: %+v", reset)
		}
	})
}

func TestWhichEnterprisesGetIn(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx, desk := t.Context(), d.actor("desk")
		ids := d.enterprises(3)
		unreached := func(actor string) string {
			t.Helper()
			list, err := d.UnreachedEnterprises(ctx, d.actor(actor), service.EntryFilter{Limit: 10})
			d.must(err)
			var names []string
			for _, e := range list {
				names = append(names, e.Name)
			}
			return strings.Join(names, " ")
		}
		if got := unreached("manager"); got != "企业1" {
			t.Errorf("of the manager's: %s", got)
		}
		_, err := d.Invite(ctx, desk, service.NewInvitations{EnterpriseIDs: []string{ids[0], ids[1]}, Days: 1})
		d.must(err)
		s, err := d.SignInByLink(ctx, d.invite().Token, home)
		d.must(err)
		d.password("neighbour")
		if got := unreached("desk"); got != "企业3 新企业002" {
			t.Errorf("unreached: %s", got)
		}
		access, err := d.EnterpriseAccess(ctx, desk, []string{enterprise, neighbour, ids[0], ids[2]})
		d.must(err)
		want := map[string]service.Access{enterprise: {Accounts: 1, Able: 1}, neighbour: {Accounts: 1, Able: 1}, ids[0]: {Accounts: 1, Links: 1}}
		if fmt.Sprint(access) != fmt.Sprint(want) {
			t.Errorf("access %v, want %v", access, want)
		}
		d.wall.Advance(day)
		actor, err := d.Authenticate(ctx, s.Token)
		d.must(err)
		d.must(d.SignOut(ctx, actor, s.Token))
		if got := unreached("desk"); got != "企业1 企业3 新企业000 新企业001 新企业002" {
			t.Errorf("unreached a day later: %s", got)
		}
		access, err = d.EnterpriseAccess(ctx, d.actor("manager"), []string{enterprise, neighbour})
		d.must(err)
		if len(access) != 1 || access[enterprise] != (service.Access{Accounts: 1}) {
			t.Errorf("the manager is told %v", access)
		}
		_, err = d.UnreachedEnterprises(ctx, d.actor("officer"), service.EntryFilter{})
		d.want(err, ticket.CodeForbidden)
	})
}
