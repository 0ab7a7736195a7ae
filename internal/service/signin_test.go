package service_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/secret"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

const (
	home  = "192.0.2.1"
	cafe  = "203.0.113.9"
	wrong = "a wrong password"
)

// retryAfter is how long an error asks to wait; 0 for not at all.
func retryAfter(err error) time.Duration {
	var known *ticket.Error
	if errors.As(err, &known) && known.Code == ticket.CodeTooMany {
		return known.RetryAfter
	}
	return 0
}

func (d *staffed) failAt(username, address string) error {
	d.t.Helper()
	_, err := d.SignIn(d.t.Context(), username, wrong, address)
	if err == nil {
		d.t.Fatal("a wrong password opened a session")
	}
	return err
}

func TestSessions(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx := t.Context()
		d.password("officer")
		s, err := d.SignIn(ctx, " Officer ", goodPassword, home)
		d.must(err)
		if s.Username != "officer" || !s.ExpiresAt.Equal(d.wall.Now().Add(12*time.Hour)) || !strings.HasPrefix(s.Token, "wss_") {
			t.Errorf("session %q of %q until %v", s.Token, s.Username, s.ExpiresAt)
		}
		second := d.signIn("officer", home)
		actor, err := d.Authenticate(ctx, s.Token)
		d.must(err)
		if actor.ID != d.id("officer") || actor.DepartmentID != bureau || actor.Role != ticket.RoleOfficer {
			t.Errorf("authenticated as %+v", actor)
		}

		d.must(d.SignOut(ctx, actor, s.Token))
		_, err = d.Authenticate(ctx, s.Token)
		d.want(err, ticket.CodeUnauthenticated)

		// The other session ends by itself, 12 hours after the sign-in however
		// often it is used, on the wall clock.
		d.clock.Advance(1000 * time.Hour)
		d.wall.Advance(12*time.Hour - time.Second)
		if _, err := d.Authenticate(ctx, second); err != nil {
			t.Errorf("before its end: %v", err)
		}
		d.wall.Advance(time.Second)
		_, err = d.Authenticate(ctx, second)
		d.want(err, ticket.CodeUnauthenticated)

		for _, bearer := range []string{"", "x", "wss_", s.Token + "x", "wst_" + s.Token[4:], secret.New(secret.Session)} {
			_, err := d.Authenticate(ctx, bearer)
			d.want(err, ticket.CodeUnauthenticated)
		}
		if n := d.text("SELECT count(*) FROM tokens WHERE hash LIKE 'wss%'"); n != "0" {
			t.Error("a token is stored as it is")
		}
	})
}

// An unknown name, a retired account, one without a password and a wrong
// password are told in the same words.
func TestNobodyLearnsWhichNamesThereAre(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		d.password("officer")
		d.password("colleague")
		d.must(d.RetireUser(t.Context(), ticket.System, d.id("colleague")))
		words := map[string]bool{}
		for _, username := range []string{"officer", "nobody", "head", "colleague"} {
			err := d.failAt(username, home)
			d.want(err, ticket.CodeUnauthenticated)
			words[err.Error()] = true
		}
		if len(words) != 1 {
			t.Errorf("told apart: %v", words)
		}
	})
}

func TestFailuresSlowTheSameAddress(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		d.password("officer")
		for i := range 3 {
			if wait := retryAfter(d.failAt("officer", home)); wait != 0 {
				t.Errorf("mistake %d asks for a wait of %v", i+1, wait)
			}
		}
		var waits []time.Duration
		for range 10 {
			err := d.failAt("officer", home)
			d.want(err, ticket.CodeTooMany)
			// The right password is refused meanwhile too, and does not
			// lengthen the wait.
			_, right := d.SignIn(t.Context(), "officer", goodPassword, home)
			d.want(right, ticket.CodeTooMany)
			wait := retryAfter(err)
			if retryAfter(right) != wait {
				t.Errorf("asked for %v, then for %v", wait, retryAfter(right))
			}
			waits = append(waits, wait/time.Second)
			d.wall.Advance(wait)
			d.want(d.failAt("officer", home), ticket.CodeUnauthenticated)
		}
		if want := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300}; !slices.Equal(waits, want) {
			t.Errorf("waits of %v s, want %v", waits, want)
		}
		// Another process knows of it.
		_, err := d.another().SignIn(t.Context(), "officer", goodPassword, home)
		d.want(err, ticket.CodeTooMany)

		d.wall.Advance(5 * time.Minute)
		d.signIn("officer", home) // and all is forgotten
		for range 3 {
			d.want(d.failAt("officer", home), ticket.CodeUnauthenticated)
		}
	})
}

func TestStrangersCannotLockAnybodyOut(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx := t.Context()
		d.password("officer")
		d.signIn("officer", home)
		stranger := 0
		attack := func(n int) {
			for range n {
				stranger++
				_ = d.failAt("officer", fmt.Sprintf("198.51.100.%d", stranger%250))
			}
		}
		attack(15)

		// From where the account was signed in to before, nothing changes.
		d.signIn("officer", home)

		// From anywhere else its owner waits once, ten seconds at most, however
		// the strangers go on.
		_, err := d.SignIn(ctx, "officer", goodPassword, cafe)
		d.want(err, ticket.CodeTooMany)
		if wait := retryAfter(err); wait <= 0 || wait > 10*time.Second {
			t.Fatalf("asked to wait %v", wait)
		}
		for range 10 {
			d.wall.Advance(time.Second)
			attack(2)
		}
		d.signIn("officer", cafe)
		attack(2)
		d.signIn("officer", cafe) // now an address like any other of theirs

		// Another account from a new address isn't slowed.
		d.password("head")
		d.signIn("head", "192.0.2.77")
	})
}

func TestOneAddressTryingManyNamesIsSlowed(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		d.password("officer")
		d.password("head")
		d.signIn("officer", "2001:db8::1") // an address shared with who tries
		for i := range 30 {
			d.want(d.failAt(fmt.Sprintf("name-%d", i), fmt.Sprintf("2001:db8::%x", i+10)), ticket.CodeUnauthenticated)
		}
		_, err := d.SignIn(t.Context(), "head", goodPassword, "2001:db8::ffff")
		if wait := retryAfter(err); wait != time.Second {
			t.Errorf("a new name from the address waits %v (%v), want 1s", wait, err)
		}
		d.signIn("officer", "2001:db8::2")      // who always comes from there does not
		d.signIn("head", "2001:db8:0:1::1")     // nor does the next network
		d.wall.Advance(time.Hour + time.Second) // and it is forgotten
		d.want(d.failAt("name-1", "2001:db8::1"), ticket.CodeUnauthenticated)
		if n := d.text("SELECT count(*) FROM signin_failures"); n != "3" {
			t.Errorf("%s counts are kept, want 3", n)
		}
	})
}

// A burst must not get more tries than the same tries one after another.
func TestTriesAtOnceAreCounted(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		d.password("officer")
		var group sync.WaitGroup
		results := make([]error, 20)
		for i := range results {
			group.Go(func() {
				_, results[i] = d.SignIn(context.WithoutCancel(t.Context()), "officer", wrong, cafe)
			})
		}
		group.Wait()
		tried := 0
		for _, err := range results {
			switch code(err) {
			case ticket.CodeUnauthenticated:
				tried++
			case ticket.CodeTooMany:
			default:
				t.Errorf("unexpected: %v", err)
			}
		}
		if tried != 3 {
			t.Errorf("%d tries of a burst were let through, want 3", tried)
		}
	})
}

func TestChangingOnesPassword(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx := t.Context()
		d.password("officer")
		mine, lost := d.signIn("officer", home), d.signIn("officer", cafe)
		actor := d.actor("officer")
		const next = "another long password"

		for _, c := range []struct {
			old, new string
			want     []string
		}{
			{goodPassword, "short", []string{"/new"}},
			{goodPassword, strings.Repeat("x", 201), []string{"/new"}},
			{wrong, next, []string{"/old"}},
			{wrong, "short", []string{"/new", "/old"}},
		} {
			err := d.ChangePassword(ctx, actor, mine, c.old, c.new)
			if got := faultsAt(err); !slices.Equal(got, c.want) {
				t.Errorf("faults at %v, want %v (%v)", got, c.want, err)
			}
		}
		d.must(d.ChangePassword(ctx, actor, mine, goodPassword, next))
		if _, err := d.Authenticate(ctx, mine); err != nil {
			t.Errorf("the session that changed it ended: %v", err)
		}
		_, err := d.Authenticate(ctx, lost)
		d.want(err, ticket.CodeUnauthenticated)
		_, err = d.SignIn(ctx, "officer", goodPassword, home)
		d.want(err, ticket.CodeUnauthenticated)
		if _, err := d.SignIn(ctx, "officer", next, home); err != nil {
			t.Errorf("the new password: %v", err)
		}
		if text := d.auditText(); strings.Contains(text, next) || strings.Contains(text, "argon2id") || !strings.Contains(text, "changed by its owner") {
			t.Error("the audit log does not say that it was changed, or says too much")
		}

		// A borrowed session is no way to guess.
		for range 3 {
			d.want(d.ChangePassword(ctx, actor, mine, wrong, goodPassword), ticket.CodeInvalidValue)
		}
		d.want(d.ChangePassword(ctx, actor, mine, wrong, goodPassword), ticket.CodeTooMany)

		d.want(d.SetPassword(ctx, d.actor("admin"), d.id("officer"), goodPassword), ticket.CodeForbidden)
	})
}

// Who may hand whom a link, written by hand.
func TestLinkPermissions(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		deputy := d.assign(service.NewAssignment{Kind: directory.DeputyOf, UserID: d.id("colleague"), TargetID: bureau})
		const ok, no, unseen = ticket.Code(""), ticket.CodeForbidden, ticket.CodeNotFound
		for actor, want := range map[string]map[string]ticket.Code{
			"admin":     {"admin": ok, "desk": ok, "leader": ok, "head": ok, "officer": ok, "contact": ok, "neighbour": ok},
			"desk":      {"admin": no, "desk": no, "leader": no, "head": no, "officer": no, "contact": ok, "neighbour": ok},
			"head":      {"admin": unseen, "desk": unseen, "guest": no, "head": no, "officer": ok, "colleague": ok, "manager": unseen, "contact": unseen},
			"colleague": {"head": no, "officer": ok, "colleague": no, "manager": unseen},
			"officer":   {"head": no, "officer": no, "colleague": no, "contact": unseen},
			"otherhead": {"officer": unseen, "manager": ok, "contact": unseen},
			"manager":   {"otherhead": no, "manager": no, "contact": ok, "neighbour": unseen},
			"leader":    {"leader": no, "officer": unseen, "contact": unseen},
			"guest":     {"guest": no, "officer": unseen},
			"contact":   {"contact": no, "neighbour": unseen},
		} {
			for whom, want := range want {
				_, err := d.MakeLink(t.Context(), d.actor(actor), d.id(whom), directory.InvitationLink)
				if got := code(err); got != want {
					t.Errorf("%s invites %s: %q (%v), want %q", actor, whom, got, err, want)
				}
			}
		}
		d.must(d.RetireAssignment(t.Context(), ticket.System, deputy.ID))
		_, err := d.MakeLink(t.Context(), d.actor("colleague"), d.id("officer"), directory.InvitationLink)
		d.want(err, ticket.CodeForbidden)
	})
}

func TestLinksWorkOnceAndForAWhile(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx, admin := t.Context(), d.actor("admin")
		id := d.id("officer")
		link := func(kind directory.TokenKind) string {
			t.Helper()
			l, err := d.MakeLink(ctx, admin, id, kind)
			d.must(err)
			return l.Token
		}
		use := func(token, password string) ticket.Code {
			_, err := d.UseLink(ctx, token, password, home)
			return code(err)
		}

		_, err := d.MakeLink(ctx, admin, id, directory.ResetLink)
		if !slices.Equal(faultsAt(err), []string{"/kind"}) {
			t.Errorf("a reset before there is a password: %v", err)
		}
		first := link(directory.InvitationLink)
		newer := link(directory.InvitationLink)
		if got := use(first, goodPassword); got != ticket.CodeNotFound {
			t.Errorf("a link that a newer one replaced: %q", got)
		}
		d.wall.Advance(7*24*time.Hour - time.Second)
		for _, bad := range []string{"short", "\xff" + goodPassword} { // leaves the link as it was
			if got := use(newer, bad); got != ticket.CodeInvalidValue {
				t.Errorf("a password that will not do: %q", got)
			}
		}
		owner, err := d.UseLink(ctx, newer, goodPassword, home)
		d.must(err)
		if owner.Username != "officer" {
			t.Errorf("the link was %s's", owner.Username)
		}
		if got := use(newer, goodPassword); got != ticket.CodeNotFound {
			t.Errorf("a used link: %q", got)
		}
		session := d.signIn("officer", home)

		_, err = d.MakeLink(ctx, admin, id, directory.InvitationLink)
		if !slices.Equal(faultsAt(err), []string{"/kind"}) {
			t.Errorf("an invitation when there is a password: %v", err)
		}
		late := link(directory.ResetLink)
		d.wall.Advance(time.Hour)
		if got := use(late, goodPassword); got != ticket.CodeNotFound {
			t.Errorf("a link that has expired: %q", got)
		}

		// Two use a link at once: one does.
		reset := link(directory.ResetLink)
		results := make(chan ticket.Code, 2)
		for i := range 2 {
			go func() {
				_, err := d.UseLink(context.WithoutCancel(ctx), reset, fmt.Sprintf("password of racer %d", i), home)
				results <- code(err)
			}()
		}
		codes := []ticket.Code{<-results, <-results}
		slices.Sort(codes)
		if !slices.Equal(codes, []ticket.Code{"", ticket.CodeNotFound}) {
			t.Errorf("two at once: %q", codes)
		}
		_, err = d.Authenticate(ctx, session)
		d.want(err, ticket.CodeUnauthenticated) // the reset ended it

		for _, token := range []string{"", "x", session, secret.New(secret.Link)} {
			if got := use(token, goodPassword); got != ticket.CodeNotFound {
				t.Errorf("no link at all: %q", got)
			}
		}
		if text := d.auditText(); strings.Contains(text, "wsl_") || !strings.Contains(text, "set by invitation link") {
			t.Error("the audit log does not say what links did, or holds one")
		}
	})
}

func TestAResetEndsTheWait(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		d.password("contact")
		for range 3 {
			d.want(d.failAt("contact", home), ticket.CodeUnauthenticated)
		}
		d.want(d.failAt("contact", home), ticket.CodeTooMany)
		link, err := d.MakeLink(t.Context(), d.actor("manager"), d.id("contact"), directory.ResetLink)
		d.must(err)
		_, err = d.UseLink(t.Context(), link.Token, goodPassword, home)
		d.must(err)
		d.signIn("contact", home)
	})
}

func TestTheFirstAdmin(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		ctx := t.Context()
		first, err := d.FirstAdminLink(ctx)
		if err != nil {
			t.Fatal(err)
		}
		second, err := d.another().FirstAdminLink(ctx) // the next start
		if err != nil {
			t.Fatal(err)
		}
		if first.User.ID != second.User.ID || second.User.Username != "admin" || second.User.Role != ticket.RoleAdmin {
			t.Errorf("links for %+v and %+v", first.User, second.User)
		}
		if _, err := d.UseLink(ctx, first.Token, goodPassword, home); err != nil {
			t.Errorf("the first start's link: %v", err)
		}
		if _, err := d.UseLink(ctx, second.Token, goodPassword, home); code(err) != ticket.CodeNotFound {
			t.Errorf("the second start's link, after the first was used: %v", err)
		}
		if _, err := d.SignIn(ctx, "admin", goodPassword, home); err != nil {
			t.Error(err)
		}
		if third, err := d.FirstAdminLink(ctx); err != nil || third != nil {
			t.Errorf("a link when there is an admin: %v, %v", third, err)
		}
	})
}

func TestTheFirstAdminFindsAFreeName(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		// There is an admin without a password: the link is theirs.
		link, err := d.FirstAdminLink(t.Context())
		d.must(err)
		if link.User.ID != d.id("admin") {
			t.Errorf("the link is for %+v", link.User)
		}
		// The name is a guest's: the first admin gets another.
		d.exec("UPDATE users SET role = 'guest'")
		link, err = d.FirstAdminLink(t.Context())
		d.must(err)
		if link.User.Username != "admin-2" || link.User.Role != ticket.RoleAdmin {
			t.Errorf("the link is for %+v", link.User)
		}
	})
}

func TestAPITokens(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx, actor := t.Context(), d.actor("officer")
		soon, past := d.wall.Now().Add(time.Hour), d.wall.Now()
		for _, c := range []struct {
			in   service.NewToken
			want []string
		}{
			{service.NewToken{}, []string{"/name"}},
			{service.NewToken{Name: strings.Repeat("x", 101)}, []string{"/name"}},
			{service.NewToken{Name: "late", ExpiresAt: &past}, []string{"/expires_at"}},
		} {
			_, _, err := d.CreateToken(ctx, actor, c.in)
			if got := faultsAt(err); !slices.Equal(got, c.want) {
				t.Errorf("faults at %v, want %v (%v)", got, c.want, err)
			}
		}
		lasting, row, err := d.CreateToken(ctx, actor, service.NewToken{Name: "export"})
		d.must(err)
		brief, _, err := d.CreateToken(ctx, actor, service.NewToken{Name: "trial", ExpiresAt: &soon})
		d.must(err)
		list := func() string {
			t.Helper()
			var names []string
			after := ""
			for {
				page, err := d.Tokens(ctx, actor, after, 1)
				d.must(err)
				if len(page) == 0 {
					return strings.Join(names, ",")
				}
				names, after = append(names, page[0].Name), page[0].ID
			}
		}
		if got := list(); got != "trial,export" {
			t.Errorf("listed %s", got)
		}

		// The last use is written down, once a minute.
		used := func() string {
			return d.text("SELECT coalesce(CAST(last_used_at AS TEXT), 'never') FROM tokens WHERE id = '" + row.ID + "'")
		}
		var seen []string
		for _, wait := range []time.Duration{0, 59 * time.Second, time.Second} {
			d.wall.Advance(wait)
			found, err := d.Authenticate(ctx, lasting)
			d.must(err)
			if found.ID != actor.ID {
				t.Errorf("authenticated as %+v", found)
			}
			seen = append(seen, used())
		}
		if seen[0] == "never" || seen[1] != seen[0] || seen[2] == seen[1] {
			t.Errorf("last uses: %v", seen)
		}

		d.want(d.SignOut(ctx, actor, lasting), ticket.CodeForbidden)
		d.want(d.RevokeToken(ctx, d.actor("head"), row.ID), ticket.CodeNotFound)
		d.wall.Advance(time.Hour)
		_, err = d.Authenticate(ctx, brief)
		d.want(err, ticket.CodeUnauthenticated)
		if got := list(); got != "export" {
			t.Errorf("listed %s", got)
		}
		d.must(d.RevokeToken(ctx, actor, row.ID))
		_, err = d.Authenticate(ctx, lasting)
		d.want(err, ticket.CodeUnauthenticated)
		d.want(d.RevokeToken(ctx, actor, row.ID), ticket.CodeNotFound)
		if text := d.auditText(); strings.Contains(text, lasting) || strings.Contains(text, secret.Digest(lasting)) {
			t.Error("the audit log holds a secret")
		}
	})
}

// What is left of ended sessions does not grow with every sign-in, and the
// address is still known.
func TestEndedSessionsAreForgotten(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		d.password("officer")
		for range 4 {
			d.signIn("officer", home)
			d.signIn("officer", cafe)
			d.wall.Advance(13 * time.Hour)
		}
		if n := d.text("SELECT count(*) FROM tokens"); n != "2" {
			t.Errorf("%s sessions are kept, want the last of each address", n)
		}
		d.wall.Advance(91 * 24 * time.Hour)
		d.signIn("officer", home)
		if n := d.text("SELECT count(*) FROM tokens"); n != "1" {
			t.Errorf("%s sessions are kept after 90 days", n)
		}
	})
}
