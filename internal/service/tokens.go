package service

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"whistle/internal/directory"
	"whistle/internal/secret"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

const (
	// usedEvery is how exactly a token's last use is written down.
	usedEvery = time.Minute
	// markPatience is how long a request waits for that at the most.
	markPatience = 250 * time.Millisecond
)

var errBadToken = ticket.Errorf(ticket.CodeUnauthenticated, "The token is not valid: it was never given, has expired or was ended. Sign in again.")

// Authenticate finds who is calling with a session's or an API token, with the
// assignments that are in force today.
func (s *Service) Authenticate(ctx context.Context, bearer string) (ticket.Actor, error) {
	actor, _, err := s.AuthenticateSession(ctx, bearer)
	return actor, err
}

// AuthenticateSession is Authenticate for who keeps the token in a cookie:
// until, where this very use has prolonged the session, is when it expires now,
// and zero otherwise.
func (s *Service) AuthenticateSession(ctx context.Context, bearer string) (actor ticket.Actor, until time.Time, err error) {
	if !secret.Is(bearer, secret.Session, secret.API) {
		return ticket.Actor{}, until, errBadToken
	}
	now := s.wall.Now()
	token, user, assignments, err := s.store.Caller(ctx, secret.Digest(bearer), now, directory.SessionToken, directory.APIToken)
	if errors.Is(err, store.ErrNotFound) || err == nil && outlived(token, user.Role, now) {
		return ticket.Actor{}, until, errBadToken
	} else if err != nil {
		return ticket.Actor{}, until, err
	}
	until = s.markUsed(ctx, token, prolongation(token, user.Role, now), now)
	return directory.ActorOf(user, assignments, s.today()), until, nil
}

// markUsed writes down the use of a token, and prolongs it where that is due.
// It is not worth holding a request up, let alone failing it: one at a time,
// for a moment only.
func (s *Service) markUsed(ctx context.Context, t directory.Token, until, now time.Time) (prolonged time.Time) {
	since := now.Add(-usedEvery)
	if until.IsZero() && t.LastUsedAt != nil && t.LastUsedAt.After(since) || !s.marking.TryLock() {
		return time.Time{}
	}
	defer s.marking.Unlock()
	ctx, cancel := context.WithTimeout(ctx, markPatience)
	defer cancel()
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.MarkTokenUsed(ctx, t.ID, now, since); err != nil || until.IsZero() {
			return err
		}
		return s.store.ProlongToken(ctx, t.ID, until)
	})
	switch {
	case err == nil:
		return until
	case !errors.Is(err, store.ErrChanged) && ctx.Err() == nil:
		s.log.WarnContext(ctx, "a token's use was not written down", slog.Any("error", err))
	}
	return time.Time{}
}

// NewToken is what an API token is made from.
type NewToken struct {
	Name      string     `json:"name" minLength:"1" maxLength:"100" pattern:"\\S" doc:"What uses it, e.g. the data platform's nightly export"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" format:"date-time" doc:"From when on it is refused; never by default"`
}

// CreateToken makes an API token that acts for the actor, and tells it this
// once.
func (s *Service) CreateToken(ctx context.Context, actor ticket.Actor, in NewToken) (string, directory.Token, error) {
	if err := checkForm(in); err != nil {
		return "", directory.Token{}, err
	}
	now := s.wall.Now()
	if in.ExpiresAt != nil && !in.ExpiresAt.After(now) {
		return "", directory.Token{}, ticket.InvalidValues([]ticket.Field{{Pointer: "/expires_at", Message: "must be in the future"}})
	}
	token := secret.New(secret.API)
	row := directory.Token{
		ID: s.newID(), Kind: directory.APIToken, Hash: secret.Digest(token), UserID: actor.ID,
		Name: in.Name, CreatedAt: now, ExpiresAt: in.ExpiresAt,
	}
	err := s.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.InsertToken(ctx, &row); err != nil {
			return err
		}
		return s.audit(ctx, actor, auditCreate, "token", row.ID, nil, in)
	})
	return token, row, err
}

// Tokens lists the actor's own API tokens that still work, newest first: at
// most limit, after the id given.
func (s *Service) Tokens(ctx context.Context, actor ticket.Actor, after string, limit int) ([]directory.Token, error) {
	return s.store.Tokens(ctx, actor.ID, directory.APIToken, s.wall.Now(), after, limit)
}

// RevokeToken ends one of the actor's own API tokens.
func (s *Service) RevokeToken(ctx context.Context, actor ticket.Actor, id string) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		ended, err := s.store.EndTokens(ctx, store.TokenEnd{UserID: actor.ID, ID: id, Kinds: []directory.TokenKind{directory.APIToken}}, s.wall.Now())
		if err != nil {
			return err
		}
		if ended == 0 {
			return ticket.NotFound("token")
		}
		return s.audit(ctx, actor, auditRetire, "token", id, nil, nil)
	})
}
