package service

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/secret"
	"whistle/internal/sso"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

const subjectIdentity = "identity" // in the audit log

// freshSession is how old a session may be at the most to prove by itself who
// is there, where there is no password to ask for.
const freshSession = 15 * time.Minute

var (
	errIdentityUnknown = ticket.Errorf(ticket.CodeForbidden, "You are signed in there, but have no account here yet. Ask for an invitation: an admin or the head of your department makes one; for enterprises the service centre does.")
	errNothingGranted  = ticket.Errorf(ticket.CodeForbidden, "You are signed in there, but your account there gives you no part here. Ask an admin.")
	errNoDepartment    = ticket.Errorf(ticket.CodeForbidden, "Your account there names no department that is known here. Ask an admin.")
	errAccountRetired  = ticket.Errorf(ticket.CodeForbidden, "Your account here is retired. Ask an admin.")
	errIdentityTaken   = ticket.Errorf(ticket.CodeConflict, "This sign-in belongs to an account here already. Remove it there first, or sign in by it.")
	errOldSession      = ticket.Errorf(ticket.CodeForbidden, "You signed in a while ago and have no password. Sign in anew, then do this within 15 minutes.")
)

// SignInByProvider opens a session like SignIn for somebody for whom a provider
// vouches. vouch asks it, once the address may try; what it answers wrongly
// counts like a wrong password. With an invitation's token, somebody who was
// never here becomes the owner of the invitation's account; without one the
// provider's mapping may make an account.
func (s *Service) SignInByProvider(ctx context.Context, invitation, remoteAddr string, vouch func(ctx context.Context) (*sso.Identity, error)) (*SignedIn, error) {
	address := network(remoteAddr)
	try := attempt{address: subject("address", address)}
	if err := s.begin(ctx, try); err != nil {
		return nil, err
	}
	who, err := vouch(ctx)
	var known *ticket.Error
	if errors.As(err, &known) && known.Code == ticket.CodeUnavailable {
		return nil, errors.Join(s.InTx(ctx, func(ctx context.Context) error { return s.succeeded(ctx, try) }), err)
	} else if err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		signedIn, err := s.signInAs(ctx, *who, invitation, address, try)
		if errors.Is(err, store.ErrDuplicate) && n < tries {
			continue // the same person was signing in, or the user name was taken, at the same time
		}
		return signedIn, err
	}
}

func (s *Service) signInAs(ctx context.Context, who sso.Identity, invitation, address string, try attempt) (*SignedIn, error) {
	var signedIn *SignedIn
	var refused error // after what was done nevertheless
	err := s.InTx(ctx, func(ctx context.Context) error {
		signedIn, refused = nil, nil
		user, err := s.vouchedFor(ctx, who, invitation)
		if errors.Is(err, errNothingGranted) || errors.Is(err, errNoDepartment) {
			refused = err
			return nil
		} else if err != nil {
			return err
		}
		signedIn, err = s.openSession(ctx, user, address, func(ctx context.Context) error {
			if err := s.store.HoldUser(ctx, user.ID, user.PasswordHash); errors.Is(err, store.ErrChanged) {
				return errAccountRetired
			} else if err != nil {
				return err
			}
			return s.succeeded(ctx, try)
		})
		return err
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return nil, err
	}
	return signedIn, nil
}

// vouchedFor is the account of somebody for whom a provider vouches, in the
// transaction of ctx.
func (s *Service) vouchedFor(ctx context.Context, who sso.Identity, invitation string) (directory.User, error) {
	identity, err := s.store.IdentityOf(ctx, who.Provider.Issuer, who.Subject)
	switch {
	case errors.Is(err, store.ErrNotFound) && invitation != "":
		return s.comeByInvitation(ctx, who, invitation)
	case errors.Is(err, store.ErrNotFound) && who.Provider.FirstSignIn == sso.ByMapping:
		return s.comeByMapping(ctx, who)
	case errors.Is(err, store.ErrNotFound):
		return directory.User{}, errIdentityUnknown
	case err != nil:
		return directory.User{}, err
	}
	user, err := s.store.User(ctx, identity.UserID)
	if err != nil {
		return user, err
	}
	if invitation != "" {
		_, invited, err := s.linkHolder(ctx, invitation)
		if err != nil {
			return user, err
		}
		if invited.ID != user.ID {
			return user, errIdentityTaken
		}
	}
	if user.Retired() {
		return user, errAccountRetired
	}
	if identity.Mapped {
		if user, err = s.renew(ctx, user, who); err != nil {
			return user, err
		}
	}
	return user, s.store.MarkIdentityUsed(ctx, identity.ID, s.wall.Now())
}

// comeByInvitation uses an invitation up: its account is from now on signed in
// to by this identity.
func (s *Service) comeByInvitation(ctx context.Context, who sso.Identity, invitation string) (directory.User, error) {
	link, holder, err := s.linkHolder(ctx, invitation)
	if err != nil {
		return holder, err
	}
	if link.Kind != directory.InvitationLink {
		return holder, ticket.Errorf(ticket.CodeConflict, "This link is for another password. Set one with it, then sign in.")
	}
	if err := s.useUp(ctx, link); err != nil {
		return holder, err
	}
	user, err := s.store.User(ctx, holder.ID) // the whole of it
	if err != nil {
		return user, err
	}
	by := ticket.Actor{ID: user.ID, Role: user.Role}
	if err := s.audit(ctx, by, auditUse, subjectLink, link.ID, nil, map[string]any{"user_id": user.ID, "kind": link.Kind}); err != nil {
		return user, err
	}
	return user, s.insertIdentity(ctx, by, user, who, false)
}

// comeByMapping makes an account from the claims.
func (s *Service) comeByMapping(ctx context.Context, who sso.Identity) (directory.User, error) {
	granted, department, err := s.granted(ctx, who)
	if err != nil {
		return directory.User{}, err
	}
	in := NewUser{Name: nameOf(who), Role: granted, DepartmentID: department}
	if email := who.Email(); mailAddress(email) {
		in.Email = email
	}
	if in.Username, err = s.usernameFor(ctx, who); err != nil {
		return directory.User{}, err
	}
	in.tidy()
	if err := checkForm(in); err != nil {
		return directory.User{}, err
	}
	if err := s.checkUser(ctx, NewUser{}, in); err != nil {
		return directory.User{}, err
	}
	user, err := s.insertUser(ctx, ticket.System, in)
	if err != nil {
		return user, err
	}
	return user, s.insertIdentity(ctx, ticket.System, user, who, true)
}

// granted is what the claims make of somebody, with the department's id.
func (s *Service) granted(ctx context.Context, who sso.Identity) (ticket.Role, string, error) {
	granted := who.Granted()
	switch granted.Role {
	case "":
		return "", "", errNothingGranted
	case ticket.RoleOfficer, ticket.RoleHead:
	case ticket.RoleEnterprise, ticket.RoleDispatcher, ticket.RoleLeader, ticket.RoleAdmin, ticket.RoleGuest, ticket.RoleSystem:
		return granted.Role, "", nil
	}
	department, err := s.store.DepartmentByCode(ctx, granted.DepartmentCode)
	if errors.Is(err, store.ErrNotFound) || err == nil && department.Retired() {
		s.log.WarnContext(ctx, "sign-in by a provider: no such department in service", slog.String("provider", who.Provider.Key), slog.String("code", granted.DepartmentCode))
		err = errNoDepartment
	}
	return granted.Role, department.ID, err
}

// renew holds an account that was made by mapping against the claims of today.
// When they grant nothing any more, its owner is signed out everywhere and the
// programs that act for it are stopped; the account stays, with its past.
func (s *Service) renew(ctx context.Context, user directory.User, who sso.Identity) (directory.User, error) {
	role, department, err := s.granted(ctx, who)
	if errors.Is(err, errNothingGranted) || errors.Is(err, errNoDepartment) {
		end := store.TokenEnd{UserID: user.ID, Kinds: []directory.TokenKind{directory.SessionToken, directory.APIToken}}
		ended, endErr := s.store.EndTokens(ctx, end, s.wall.Now())
		if endErr == nil && ended > 0 {
			endErr = s.audit(ctx, ticket.System, auditChange, subjectUser, user.ID, map[string]int{"sessions": ended}, map[string]int{"sessions": 0})
		}
		if endErr != nil {
			return user, endErr
		}
	}
	if err != nil || user.Role == role && user.DepartmentID == department {
		return user, err
	}
	nowhere := ""
	return s.ChangeUser(ctx, ticket.System, user.ID, UserChange{Role: &role, DepartmentID: &department, EnterpriseID: &nowhere})
}

func (s *Service) insertIdentity(ctx context.Context, by ticket.Actor, user directory.User, who sso.Identity, mapped bool) error {
	now := s.wall.Now()
	row := directory.Identity{
		ID: s.newID(), UserID: user.ID, Issuer: who.Provider.Issuer, Subject: who.Subject, Name: nameOf(who), Mapped: mapped, CreatedAt: now, LastUsedAt: &now,
	}
	if err := s.store.InsertIdentity(ctx, &row); err != nil {
		return err
	}
	return s.audit(ctx, by, auditCreate, subjectIdentity, row.ID, nil, identityAudit(row))
}

// identityAudit is what the audit log keeps of a link.
func identityAudit(i directory.Identity) map[string]any {
	return map[string]any{"user_id": i.UserID, "issuer": i.Issuer, "name": i.Name}
}

// nameOf is how a provider calls somebody, as an account can be called.
func nameOf(who sso.Identity) string { return shortName(who.Name()) }

var notInUsernames = regexp.MustCompile(`[^a-z0-9._-]+`)

// usernameFor finds a free user name, the one that the provider suggests if
// possible. That somebody here has it already makes them nobody's account.
func (s *Service) usernameFor(ctx context.Context, who sso.Identity) (string, error) {
	const longest = 50 // leaves room for a number
	suggested, _, _ := strings.Cut(strings.ToLower(who.Username()), "@")
	suggested = strings.Trim(notInUsernames.ReplaceAllString(suggested, "-"), "-")
	suggested = suggested[:min(len(suggested), longest)]
	if !usernameForm.MatchString(suggested) {
		return s.numberedUsername(ctx, who.Provider.Key)
	}
	return s.freeUsername(ctx, suggested)
}

// ProveOwner says whether whoever has a session is the account's owner, so that
// a borrowed browser opens no further way in: by the password or, where there is
// none, by having signed in just now.
func (s *Service) ProveOwner(ctx context.Context, actor ticket.Actor, bearer, password string) error {
	if !secret.Is(bearer, secret.Session) {
		return ticket.Errorf(ticket.CodeForbidden, "This is done in a session, not by an API token.")
	}
	user, err := s.store.User(ctx, actor.ID)
	if err != nil {
		return problem(err, "account")
	}
	if user.PasswordHash == "" {
		now := s.wall.Now()
		token, _, err := s.store.TokenHolder(ctx, secret.Digest(bearer), now, directory.SessionToken)
		if err == nil && now.Sub(token.CreatedAt) > freshSession {
			err = errOldSession
		}
		return problem(err, "session")
	}
	right, err := s.isOwnPassword(ctx, user, password)
	if err == nil && !right {
		err = ticket.InvalidValues([]ticket.Field{notPresentPassword})
	}
	return err
}

// LinkIdentity lets the actor sign in by a provider from now on, too. Who they
// are was proved before, see ProveOwner.
func (s *Service) LinkIdentity(ctx context.Context, actor ticket.Actor, who sso.Identity) error {
	err := s.InTx(ctx, func(ctx context.Context) error {
		identity, err := s.store.IdentityOf(ctx, who.Provider.Issuer, who.Subject)
		if err == nil && identity.UserID == actor.ID {
			return nil // it is
		} else if err == nil {
			return errIdentityTaken
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		user, err := s.store.User(ctx, actor.ID)
		if err != nil {
			return problem(err, "account")
		}
		return s.insertIdentity(ctx, actor, user, who, false)
	})
	if errors.Is(err, store.ErrDuplicate) {
		return errIdentityTaken
	}
	return err
}

// MyIdentities lists by whom the actor may sign in.
func (s *Service) MyIdentities(ctx context.Context, actor ticket.Actor) ([]directory.Identity, error) {
	return s.store.Identities(ctx, actor.ID)
}

// Identities lists by whom an account's owner may sign in, for who keeps it.
func (s *Service) Identities(ctx context.Context, actor ticket.Actor, userID string) ([]directory.Identity, error) {
	user, err := s.store.UserSeenBy(ctx, actor, userID)
	if err != nil {
		return nil, problem(err, "account")
	}
	if !mayKeepUsers(actor, user.Role) {
		return nil, errNotYours
	}
	return s.store.Identities(ctx, user.ID)
}

// RemoveMyIdentity takes one of the actor's own ways in away, if another
// remains.
func (s *Service) RemoveMyIdentity(ctx context.Context, actor ticket.Actor, id string) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		user, err := s.store.User(ctx, actor.ID)
		if err != nil {
			return problem(err, "account")
		}
		// Two removals at once must not take both.
		if err := s.store.HoldUser(ctx, user.ID, user.PasswordHash); err != nil {
			return tooLateFor(err, "this account")
		}
		all, err := s.store.Identities(ctx, user.ID)
		if err != nil {
			return err
		}
		if user.PasswordHash == "" && len(all) == 1 && all[0].ID == id {
			return ticket.Errorf(ticket.CodeConflict, "Without it you could not sign in any more. Set a password first.")
		}
		return s.removeIdentity(ctx, actor, all, id)
	})
}

// RemoveIdentity takes a way in away from an account, for who keeps it, and
// ends its sessions: they may have come that way.
func (s *Service) RemoveIdentity(ctx context.Context, actor ticket.Actor, userID, id string) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		all, err := s.Identities(ctx, actor, userID)
		if err != nil {
			return err
		}
		if err := s.removeIdentity(ctx, actor, all, id); err != nil {
			return err
		}
		_, err = s.endSessions(ctx, store.TokenEnd{UserID: userID})
		return err
	})
}

func (s *Service) removeIdentity(ctx context.Context, actor ticket.Actor, all []directory.Identity, id string) error {
	for _, identity := range all {
		if identity.ID != id {
			continue
		}
		if err := s.store.RemoveIdentity(ctx, id); err != nil {
			return err
		}
		return s.audit(ctx, actor, auditRemove, subjectIdentity, id, identityAudit(identity), nil)
	}
	return ticket.NotFound("sign-in")
}
