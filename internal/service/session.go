package service

import (
	"context"
	"strings"
	"time"
	"unicode"

	"whistle/internal/directory"
	"whistle/internal/secret"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// sessionLife is how long a session lasts. In the offices it is a working day
// with its overtime, counted from the sign-in. A contact's phone is the
// contact's own: it stays signed in for as long as it is used now and then.
func sessionLife(role ticket.Role) (life time.Duration, anew bool) {
	if role == ticket.RoleEnterprise {
		return 90 * 24 * time.Hour, true
	}
	return 12 * time.Hour, false
}

// prolongEvery is how often, at the most, the use of a session that begins anew
// is written down as doing so.
const prolongEvery = 24 * time.Hour

// prolongation is until when a session lasts that is used now; zero when that
// is not to be written down.
func prolongation(t directory.Token, role ticket.Role, now time.Time) time.Time {
	life, anew := sessionLife(role)
	if t.Kind != directory.SessionToken || !anew || t.ExpiresAt == nil || t.ExpiresAt.Sub(now) > life-prolongEvery {
		return time.Time{}
	}
	return now.Add(life)
}

// outlived says whether a session is older than the role of its account allows
// by now, which may have been another when it was opened.
func outlived(t directory.Token, role ticket.Role, now time.Time) bool {
	life, anew := sessionLife(role)
	return t.Kind == directory.SessionToken && !anew && !now.Before(t.CreatedAt.Add(life))
}

// openSession opens a session in one transaction with allow, which says whether
// that may be.
func (s *Service) openSession(ctx context.Context, user directory.User, address string, allow func(ctx context.Context) error) (*SignedIn, error) {
	now := s.wall.Now()
	life, _ := sessionLife(user.Role)
	opened := &SignedIn{Token: secret.New(secret.Session), ExpiresAt: now.Add(life), Life: life}
	err := s.InTx(ctx, func(ctx context.Context) error {
		if err := allow(ctx); err != nil {
			return err
		}
		if err := s.store.ForgetTokens(ctx, user.ID, address, now, now.Add(-knownAddress)); err != nil {
			return err
		}
		return s.store.InsertToken(ctx, &directory.Token{
			ID: s.newID(), Kind: directory.SessionToken, Hash: secret.Digest(opened.Token), UserID: user.ID,
			Address: address, Device: device(userAgent(ctx)), CreatedAt: now, ExpiresAt: &opened.ExpiresAt,
		})
	})
	if err != nil {
		return nil, err
	}
	opened.Profile, err = s.profile(ctx, user)
	return opened, err
}

// maxDevice is how much is kept of what a program calls itself, in characters.
const maxDevice = 40

// The names that browsers and systems go by, the particular before the general:
// each browser claims to be those below it, too.
var (
	browsers = []struct{ sign, name string }{
		{"wxwork/", "WeCom"},
		{"MicroMessenger/", "WeChat"},
		{"DingTalk/", "DingTalk"},
		{"Lark/", "Feishu"},
		{"Feishu/", "Feishu"},
		{"AlipayClient/", "Alipay"},
		{"HuaweiBrowser/", "Huawei Browser"},
		{"MiuiBrowser/", "Mi Browser"},
		{"QQBrowser/", "QQ Browser"},
		{"Edg/", "Edge"},
		{"EdgA/", "Edge"},
		{"OPR/", "Opera"},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	}
	systems = []struct{ sign, name string }{
		{"HarmonyOS", "HarmonyOS"},
		{"OpenHarmony", "HarmonyOS"},
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Android", "Android"},
		{"Windows", "Windows"},
		{"Mac OS X", "macOS"},
		{"Linux", "Linux"},
	}
)

// device says in a few words what a user agent is, so that its owner knows it
// again: WeChat, Android. What is no browser goes by the name it gives itself.
func device(agent string) string {
	var words []string
	for _, list := range [][]struct{ sign, name string }{browsers, systems} {
		for _, known := range list {
			if strings.Contains(agent, known.sign) {
				words = append(words, known.name)
				break
			}
		}
	}
	if len(words) > 0 {
		return strings.Join(words, ", ")
	}
	name, _, _ := strings.Cut(strings.ToValidUTF8(strings.TrimSpace(agent), ""), " ")
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name)
	if letters := []rune(name); len(letters) > maxDevice {
		name = string(letters[:maxDevice])
	}
	return name
}

// Session is one of the actor's sessions.
type Session struct {
	ID         string
	Address    string // from which it was opened; of IPv6 the network
	Device     string // such as WeChat, Android; "" when it is not known
	CreatedAt  time.Time
	LastUsedAt *time.Time // to about a minute; nil before the first use
	ExpiresAt  time.Time
	Current    bool // the one that asks
}

// maxSessions bounds how many are told of.
const maxSessions = 200

// Sessions lists the actor's own sessions that go on, the newest first; bearer
// is the token of the one that asks.
func (s *Service) Sessions(ctx context.Context, actor ticket.Actor, bearer string) ([]Session, error) {
	now := s.wall.Now()
	tokens, err := s.store.Tokens(ctx, actor.ID, directory.SessionToken, now, "", maxSessions)
	if err != nil {
		return nil, err
	}
	sessions := make([]Session, 0, len(tokens))
	for _, t := range tokens {
		if outlived(t, actor.Role, now) {
			continue
		}
		sessions = append(sessions, Session{
			ID: t.ID, Address: t.Address, Device: t.Device, CreatedAt: t.CreatedAt, LastUsedAt: t.LastUsedAt,
			ExpiresAt: *t.ExpiresAt, Current: t.Hash == secret.Digest(bearer),
		})
	}
	return sessions, nil
}

func (s *Service) endSessions(ctx context.Context, end store.TokenEnd) (int, error) {
	end.Kinds = []directory.TokenKind{directory.SessionToken}
	return s.store.EndTokens(ctx, end, s.wall.Now())
}

// EndSession ends one of the actor's own sessions.
func (s *Service) EndSession(ctx context.Context, actor ticket.Actor, id string) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		if id == "" {
			return ticket.NotFound("session")
		}
		ended, err := s.endSessions(ctx, store.TokenEnd{UserID: actor.ID, ID: id})
		if err == nil && ended == 0 {
			return ticket.NotFound("session")
		}
		return err
	})
}

// EndOtherSessions ends all of the actor's own sessions but the bearer token's,
// and tells how many.
func (s *Service) EndOtherSessions(ctx context.Context, actor ticket.Actor, bearer string) (int, error) {
	var ended int
	err := s.InTx(ctx, func(ctx context.Context) error {
		var err error
		ended, err = s.endSessions(ctx, store.TokenEnd{UserID: actor.ID, Except: secret.Digest(bearer)})
		return err
	})
	return ended, err
}

// EndSessionsOf signs an account out everywhere, as when a phone was lost, and
// tells how many sessions there were. Whoever may hand its owner a link may.
func (s *Service) EndSessionsOf(ctx context.Context, actor ticket.Actor, userID string) (int, error) {
	var ended int
	err := s.InTx(ctx, func(ctx context.Context) error {
		user, err := s.userToLink(ctx, actor, userID)
		if err != nil {
			return err
		}
		if ended, err = s.endSessions(ctx, store.TokenEnd{UserID: user.ID}); err != nil || ended == 0 {
			return err
		}
		return s.audit(ctx, actor, auditChange, subjectUser, user.ID, map[string]int{"sessions": ended}, map[string]int{"sessions": 0})
	})
	return ended, err
}

// SignOut ends the session of a bearer token; an API token is revoked instead.
func (s *Service) SignOut(ctx context.Context, actor ticket.Actor, bearer string) error {
	if !secret.Is(bearer, secret.Session) {
		return ticket.Errorf(ticket.CodeForbidden, "An API token has no session to end. Revoke it under /tokens.")
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		now := s.wall.Now()
		token, _, err := s.store.TokenHolder(ctx, secret.Digest(bearer), now, directory.SessionToken)
		if err != nil {
			return problem(err, "session")
		}
		_, err = s.store.EndTokens(ctx, store.TokenEnd{UserID: actor.ID, ID: token.ID, Kinds: []directory.TokenKind{directory.SessionToken}}, now)
		return err
	})
}
