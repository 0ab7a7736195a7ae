package service

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/secret"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

const (
	// knownAddress is how long an address from which an account was signed in
	// to stays one that strangers cannot slow, and how long what is left of
	// ended tokens is kept.
	knownAddress = 90 * 24 * time.Hour

	// hashesAtOnce bounds the memory (19 MiB each) and processors that
	// passwords take.
	hashesAtOnce = 4
)

// Failed sign-ins are counted by user and address together, by address and by
// user. Each count grants some mistakes, then asks for a wait that doubles.
//
// The count by user is fed by whoever types the name, so it must never keep
// its owner out: it asks an address that the account was not signed in from
// lately to wait once, from its own first attempt, however many others fail
// meanwhile; and asks nothing of an address that it was.
const (
	pairMistakes    = 3
	pairLongest     = 5 * time.Minute
	addressMistakes = 30 // an office may share one address
	addressLongest  = time.Minute
	userMistakes    = 10
	strangerWait    = 10 * time.Second
	forgetFailures  = time.Hour // after the last one; longer than any wait
)

func backoff(failures, mistakes int, longest time.Duration) time.Duration {
	if failures < mistakes {
		return 0
	}
	const farEnough = 20 // doublings: beyond any longest wait, short of an overflow
	return min(longest, time.Second<<min(failures-mistakes, farEnough))
}

// attempt is somebody's try at a password, by the subjects that it counts for;
// of a try by a provider's word, the address alone.
type attempt struct {
	pair          string
	address, user string // "" where the two count for nothing
	known         bool   // the account was signed in to from here lately
}

func subject(parts ...string) string { return secret.Digest(strings.Join(parts, "\x00")) }

// network is what counts as one address: whoever has an IPv6 address has a
// whole /64 of them.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap(); ip.Is6() {
		if p, err := ip.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

// counted are the subjects for which a try counts as failed until it succeeds.
// Those who sign in from where they always do leave the shared counts alone.
func (a attempt) counted() []string {
	if a.known {
		return []string{a.pair}
	}
	return slices.DeleteFunc([]string{a.pair, a.address, a.user}, func(subject string) bool { return subject == "" })
}

func (a attempt) wait(counts map[string]store.SignInFailures, now time.Time) time.Duration {
	left := func(c store.SignInFailures, length time.Duration) time.Duration { return c.LastAt.Add(length).Sub(now) }
	pair := counts[a.pair]
	wait := left(pair, backoff(pair.Failures, pairMistakes, pairLongest))
	if a.known {
		return wait
	}
	address := counts[a.address]
	wait = max(wait, left(address, backoff(address.Failures, addressMistakes, addressLongest)))
	if counts[a.user].Failures >= userMistakes {
		wait = max(wait, left(pair, strangerWait))
	}
	return wait
}

// begin counts a try as failed before it is made, so that a thousand at once
// are no way around the count; or says how long to wait, and counts nothing.
func (s *Service) begin(ctx context.Context, a attempt) error {
	var wait time.Duration
	err := s.InTx(ctx, func(ctx context.Context) error {
		now := s.wall.Now()
		counts, err := s.store.HoldSignInFailures(ctx, a.counted(), now, now.Add(-forgetFailures))
		if err != nil {
			return err
		}
		if wait = a.wait(counts, now); wait > 0 {
			return nil
		}
		return s.store.AddSignInFailures(ctx, a.counted(), now)
	})
	if err != nil || wait <= 0 {
		return err
	}
	tooMany := ticket.Errorf(ticket.CodeTooMany, "Too many tries with a wrong password. Wait %d seconds, then try again.", int(math.Ceil(wait.Seconds())))
	tooMany.RetryAfter = wait
	return tooMany
}

// failed counts a failure for the subjects that begin left alone.
func (s *Service) failed(ctx context.Context, a attempt) error {
	if !a.known || a.address == "" {
		return nil
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		now, shared := s.wall.Now(), []string{a.address, a.user}
		if _, err := s.store.HoldSignInFailures(ctx, shared, now, now.Add(-forgetFailures)); err != nil {
			return err
		}
		return s.store.AddSignInFailures(ctx, shared, now)
	})
}

// succeeded takes back what begin counted, in the transaction of ctx.
func (s *Service) succeeded(ctx context.Context, a attempt) error {
	if !a.known {
		if err := s.store.ForgiveSignInFailures(ctx, []string{a.address, a.user}); err != nil {
			return err
		}
	}
	return s.store.ClearSignInFailures(ctx, a.pair)
}

// SignedIn is a session that was just opened.
type SignedIn struct {
	Token     string // told this once
	ExpiresAt time.Time
	Life      time.Duration // until then, from now on
	Profile
}

var errWrongPassword = ticket.Errorf(ticket.CodeUnauthenticated, "The user name or the password is wrong.")

// SignIn opens a session, of 12 hours, or of 90 days that begin anew with its
// use for an enterprise's contact. A wrong password, an unknown user name,
// a retired account and one without a password are one and the same error, and
// take the same time. After failures it asks for a wait (CodeTooMany).
func (s *Service) SignIn(ctx context.Context, username, password, remoteAddr string) (*SignedIn, error) {
	username = strings.ToLower(strings.TrimSpace(username))
	user, err := s.store.UserByName(ctx, username)
	if errors.Is(err, store.ErrNotFound) || user.Retired() {
		user = directory.User{}
	} else if err != nil {
		return nil, err
	}
	address := network(remoteAddr)
	known, err := s.store.SignedInFrom(ctx, user.ID, address, s.wall.Now().Add(-knownAddress))
	if err != nil {
		return nil, err
	}
	try := attempt{
		pair: subject("pair", username, address), address: subject("address", address), user: subject("user", username),
		known: known,
	}
	if err := s.begin(ctx, try); err != nil {
		return nil, err
	}
	right, err := s.hasher.Matches(ctx, password, user.PasswordHash)
	if err != nil {
		return nil, err
	}
	if !right {
		if err := s.failed(ctx, try); err != nil {
			return nil, err
		}
		return nil, errWrongPassword
	}
	return s.openSession(ctx, user, address, func(ctx context.Context) error {
		// The password may have been changed while it was compared.
		if err := s.store.HoldUser(ctx, user.ID, user.PasswordHash); errors.Is(err, store.ErrChanged) {
			return errWrongPassword
		} else if err != nil {
			return err
		}
		return s.succeeded(ctx, try)
	})
}

var notPresentPassword = ticket.Field{Pointer: "/old", Message: "is not your present password"}

// ChangePassword gives the actor another password in place of the old one, and
// ends their other sessions; the one of the bearer token goes on. Who was signed
// in by a link and has no password yet is asked for none.
func (s *Service) ChangePassword(ctx context.Context, actor ticket.Actor, bearer, old, password string) error {
	user, err := s.store.User(ctx, actor.ID)
	if err != nil {
		return problem(err, "account")
	}
	var faults []ticket.Field
	if user.PasswordHash != "" || !secret.Is(bearer, secret.Session) {
		right, err := s.isOwnPassword(ctx, user, old)
		if err != nil {
			return err
		}
		if !right {
			faults = append(faults, notPresentPassword)
		}
	}
	if fault := secret.PasswordFault(password, user.Username); !fault.Empty() {
		faults = append(faults, ticket.FieldOf("/new", fault))
	}
	if len(faults) > 0 {
		return ticket.InvalidValues(faults)
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.HoldUser(ctx, user.ID, user.PasswordHash); errors.Is(err, store.ErrChanged) {
			return ticket.InvalidValues([]ticket.Field{notPresentPassword})
		} else if err != nil {
			return err
		}
		return s.setPassword(ctx, actor, user, newPassword{hash: hash, spare: secret.Digest(bearer), how: "changed by its owner"})
	})
}

// isOwnPassword says whether somebody who is signed in knows the account's
// password. A borrowed session is no way to guess at leisure.
func (s *Service) isOwnPassword(ctx context.Context, user directory.User, password string) (bool, error) {
	try := attempt{pair: subject("own", user.ID), known: true}
	if err := s.begin(ctx, try); err != nil {
		return false, err
	}
	right, err := s.hasher.Matches(ctx, password, user.PasswordHash)
	if err == nil && right {
		err = s.InTx(ctx, func(ctx context.Context) error { return s.succeeded(ctx, try) })
	}
	return right, err
}

// SetPassword gives an account a password in plain; for the command line and
// the demo, which act as the system.
func (s *Service) SetPassword(ctx context.Context, actor ticket.Actor, userID, password string) error {
	if actor.Role != ticket.RoleSystem {
		return errNotYours
	}
	user, err := s.store.User(ctx, userID)
	if err != nil {
		return problem(err, "account")
	}
	if fault := secret.PasswordFault(password, user.Username); !fault.Empty() {
		return ticket.InvalidValues([]ticket.Field{ticket.FieldOf("/password", fault)})
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		return s.setPassword(ctx, actor, user, newPassword{hash: hash, how: "set by the system"})
	})
}

type newPassword struct {
	hash  string
	spare string // digest of a session that goes on
	how   string // for the audit log
}

// setPassword writes a password and ends the account's sessions and links.
func (s *Service) setPassword(ctx context.Context, by ticket.Actor, user directory.User, p newPassword) error {
	now := s.wall.Now()
	user.PasswordHash, user.PasswordChangedAt = p.hash, &now
	if err := s.store.SetPassword(ctx, &user); err != nil {
		return err
	}
	end := store.TokenEnd{
		UserID: user.ID, Except: p.spare, As: directory.LinkReplaced,
		Kinds: []directory.TokenKind{directory.SessionToken, directory.InvitationLink, directory.ResetLink},
	}
	if _, err := s.store.EndTokens(ctx, end, now); err != nil {
		return err
	}
	return s.audit(ctx, by, auditChange, subjectUser, user.ID, nil, map[string]string{"password": p.how})
}

// FirstAdminLink makes an invitation for the first admin, and the account if
// there is none. It gives nil once there is an admin who can sign in. Links
// that were made before go on working until the first is used: a restart must
// not take away the one that somebody was handed.
func (s *Service) FirstAdminLink(ctx context.Context) (*Link, error) {
	for try := 1; ; try++ {
		link, err := s.firstAdminLink(ctx)
		if errors.Is(err, store.ErrDuplicate) && try < tries {
			continue // another process was making the account at the same time
		}
		return link, err
	}
}

func (s *Service) firstAdminLink(ctx context.Context) (*Link, error) {
	var link *Link
	err := s.InTx(ctx, func(ctx context.Context) error {
		link = nil
		admins, err := s.store.HoldAdmins(ctx)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(admins, canSignIn) {
			return nil
		}
		if len(admins) == 0 {
			name, err := s.freeUsername(ctx, string(ticket.RoleAdmin))
			if err != nil {
				return err
			}
			first, err := s.insertUser(ctx, ticket.System, NewUser{Username: name, Name: "管理员", Role: ticket.RoleAdmin})
			if err != nil {
				return err
			}
			admins = append(admins, first)
		}
		link, err = s.link(ctx, ticket.System, admins[0], directory.InvitationLink, linkLife[directory.InvitationLink])
		return err
	})
	return link, err
}

func (s *Service) freeUsername(ctx context.Context, wish string) (string, error) {
	for n := 1; ; n++ {
		name := wish
		if n > 1 {
			name = fmt.Sprintf("%s-%d", wish, n)
		}
		_, err := s.store.UserByName(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			return name, nil
		} else if err != nil {
			return "", err
		}
	}
}

func canSignIn(u directory.User) bool { return !u.Retired() && u.PasswordHash != "" }
