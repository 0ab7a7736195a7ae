package service

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"whistle/internal/directory"
	"whistle/internal/secret"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

const subjectLink = "link" // in the audit log

// linkLife is how long a link opens something unless it is made to do so for
// another time.
var linkLife = map[directory.TokenKind]time.Duration{
	directory.InvitationLink: 7 * 24 * time.Hour,
	directory.ResetLink:      time.Hour,
}

var linkKinds = []directory.TokenKind{directory.InvitationLink, directory.ResetLink}

// Link lets whoever holds it set an account's password, once, or signs an
// enterprise's contact in.
type Link struct {
	ID        string
	Token     string // told this once
	Kind      directory.TokenKind
	ExpiresAt time.Time
	User      directory.User
}

// LinkURL is the page where a link is used, under the address by which people
// reach the service.
func LinkURL(publicURL string, l *Link) string { return publicURL + "/invite/" + l.Token }

// mayLink says whether the actor may hand an account's owner a link: admins
// for anybody, the desk for enterprises' people, a manager for those of the
// enterprises looked after, a head for the officers of the department.
func mayLink(actor ticket.Actor, user directory.User) bool {
	switch {
	case administers(actor), actor.Role == ticket.RoleDispatcher && user.Role == ticket.RoleEnterprise:
		return true
	case user.Role == ticket.RoleEnterprise:
		return slices.Contains(actor.Manages, user.EnterpriseID)
	case user.Role == ticket.RoleOfficer:
		return actor.Heads() && actor.DepartmentID == user.DepartmentID && actor.ID != user.ID
	}
	return false
}

// userToLink reads an account in service whose owner the actor may hand a link.
func (s *Service) userToLink(ctx context.Context, actor ticket.Actor, userID string) (directory.User, error) {
	user, err := s.store.UserSeenBy(ctx, actor, userID)
	switch {
	case err != nil:
		return user, problem(err, "account")
	case !mayLink(actor, user):
		return user, errNotYours
	case user.Retired():
		return user, errUserRetired
	}
	return user, nil
}

// MakeLink makes an invitation to an account without a password, or to that of
// an enterprise's contact (7 days), or a reset for one that has a password
// (1 hour). Earlier links of the account stop working.
func (s *Service) MakeLink(ctx context.Context, actor ticket.Actor, userID string, kind directory.TokenKind) (*Link, error) {
	var link *Link
	err := s.InTx(ctx, func(ctx context.Context) error {
		user, err := s.userToLink(ctx, actor, userID)
		if err != nil {
			return err
		}
		fault := ""
		switch hasPassword := user.PasswordHash != ""; {
		case linkLife[kind] == 0:
			fault = "must be one of: invitation, reset"
		case kind == directory.InvitationLink && hasPassword && !signsInByLink(user):
			fault = "must be reset: the account has a password already"
		case kind == directory.ResetLink && !hasPassword:
			fault = "must be invitation: the account has no password yet"
		}
		if fault != "" {
			return ticket.InvalidValues([]ticket.Field{{Pointer: "/kind", Message: fault}})
		}
		link, err = s.linkInPlace(ctx, actor, user, kind, linkLife[kind])
		return err
	})
	return link, err
}

// linkInPlace makes a link in place of those that there are.
func (s *Service) linkInPlace(ctx context.Context, by ticket.Actor, user directory.User, kind directory.TokenKind, life time.Duration) (*Link, error) {
	earlier := store.TokenEnd{UserID: user.ID, Kinds: linkKinds, As: directory.LinkReplaced}
	if _, err := s.store.EndTokens(ctx, earlier, s.wall.Now()); err != nil {
		return nil, err
	}
	return s.link(ctx, by, user, kind, life)
}

// link makes a link beside those that there are.
func (s *Service) link(ctx context.Context, by ticket.Actor, user directory.User, kind directory.TokenKind, life time.Duration) (*Link, error) {
	now := s.wall.Now()
	link := &Link{ID: s.newID(), Token: secret.New(secret.Link), Kind: kind, ExpiresAt: now.Add(life), User: user}
	row := directory.Token{
		ID: link.ID, Kind: kind, Hash: secret.Digest(link.Token), UserID: user.ID, MadeBy: by.ID,
		CreatedAt: now, ExpiresAt: &link.ExpiresAt,
	}
	if err := s.store.InsertToken(ctx, &row); err != nil {
		return nil, err
	}
	return link, s.audit(ctx, by, auditCreate, subjectLink, row.ID, nil, map[string]any{
		"user_id": user.ID, "kind": kind, "expires_at": link.ExpiresAt.UTC(),
	})
}

var errLinkDead = ticket.Errorf(ticket.CodeNotFound, "This link does not work: it was used, has expired, or a newer one was made. Ask for another.")

// linkHolder finds a link that works, and the account that it is for.
func (s *Service) linkHolder(ctx context.Context, token string) (directory.Token, directory.User, error) {
	if !secret.Is(token, secret.Link) {
		return directory.Token{}, directory.User{}, errLinkDead
	}
	row, user, err := s.store.TokenHolder(ctx, secret.Digest(token), s.wall.Now(), linkKinds...)
	if errors.Is(err, store.ErrNotFound) {
		err = errLinkDead
	}
	return row, user, err
}

// useUp ends a link that does its work in the transaction of ctx.
func (s *Service) useUp(ctx context.Context, link directory.Token) error {
	end := store.TokenEnd{UserID: link.UserID, ID: link.ID, Kinds: linkKinds, As: directory.LinkUsed}
	ended, err := s.store.EndTokens(ctx, end, s.wall.Now())
	if err == nil && ended == 0 {
		return errLinkDead // somebody was faster
	}
	return err
}

// signsInByLink says whether following a link is enough to be signed in. The
// offices set a password with it.
func signsInByLink(user directory.User) bool { return user.Role == ticket.RoleEnterprise }

// LinkView is what a link tells to who follows it.
type LinkView struct {
	Kind       directory.TokenKind
	ExpiresAt  time.Time
	Username   string
	Name       string // of the account's owner
	Enterprise string // its name; "" for the offices
	SignsIn    bool   // following it is enough (SignInByLink); else it sets a password (UseLink)
}

// LookAtLink tells what a link is for and leaves it as it was: what looks at
// addresses before people do must not use them up.
func (s *Service) LookAtLink(ctx context.Context, token string) (*LinkView, error) {
	row, user, err := s.linkHolder(ctx, token)
	if err != nil {
		return nil, err
	}
	names := newNames()
	names.ofUser(user)
	if err := names.load(ctx, s.store); err != nil {
		return nil, err
	}
	return &LinkView{
		Kind: row.Kind, ExpiresAt: *row.ExpiresAt, Username: user.Username, Name: user.Name,
		Enterprise: names.Of(user.EnterpriseID), SignsIn: signsInByLink(user),
	}, nil
}

// SignInByLink opens a session of 90 days, that begin anew with its use, for
// the enterprise's contact whom a link is for. The link then works no more;
// what the contact is signed in with elsewhere goes on. An account of the
// offices is refused: it sets a password, see UseLink.
func (s *Service) SignInByLink(ctx context.Context, token, remoteAddr string) (*SignedIn, error) {
	link, user, err := s.linkHolder(ctx, token)
	if err != nil {
		return nil, err
	}
	if !signsInByLink(user) {
		return nil, ticket.Errorf(ticket.CodeConflict, "This link does not sign in by itself. Set a password with it, then sign in.")
	}
	if user, err = s.store.User(ctx, user.ID); err != nil { // the whole of it
		return nil, err
	}
	return s.openSession(ctx, user, network(remoteAddr), func(ctx context.Context) error {
		if err := s.useUp(ctx, link); err != nil {
			return err
		}
		// The account may have been retired meanwhile.
		if err := s.store.HoldUser(ctx, user.ID, user.PasswordHash); errors.Is(err, store.ErrChanged) {
			return errLinkDead
		} else if err != nil {
			return err
		}
		return s.audit(ctx, ticket.Actor{ID: user.ID}, auditUse, subjectLink, link.ID, nil, map[string]any{"user_id": user.ID, "kind": link.Kind})
	})
}

// UseLink sets the password of the account that a link is for and ends its
// sessions. The link then works no more; a password that will not do leaves it
// as it was.
func (s *Service) UseLink(ctx context.Context, token, password, remoteAddr string) (directory.User, error) {
	link, user, err := s.linkHolder(ctx, token)
	if err != nil {
		return directory.User{}, err
	}
	if fault := secret.PasswordFault(password, user.Username); !fault.Empty() {
		return directory.User{}, ticket.InvalidValues([]ticket.Field{ticket.FieldOf("/password", fault)})
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return directory.User{}, err
	}
	err = s.InTx(ctx, func(ctx context.Context) error {
		if err := s.useUp(ctx, link); err != nil {
			return err
		}
		if err := s.store.ClearSignInFailures(ctx, subject("pair", user.Username, network(remoteAddr))); err != nil {
			return err
		}
		return s.setPassword(ctx, ticket.Actor{ID: user.ID, Role: user.Role}, user, newPassword{hash: hash, how: fmt.Sprintf("set by %s link", link.Kind)})
	})
	return user, err
}

// NewInvitations is what links for the contacts of enterprises are made from.
type NewInvitations struct {
	EnterpriseIDs []string `json:"enterprise_ids" minItems:"1" maxItems:"200" uniqueItems:"true" nullable:"false" doc:"Whose contacts are invited; one who has no account gets one"`
	Days          int      `json:"days,omitempty" minimum:"1" maximum:"90" doc:"For how long the links work; 7 by default"`
}

func (n NewInvitations) life() time.Duration {
	if n.Days == 0 {
		return linkLife[directory.InvitationLink]
	}
	return time.Duration(n.Days) * 24 * time.Hour
}

// Invited is a link that was just made for an enterprise's contact.
type Invited struct {
	*Link
	Enterprise directory.Enterprise
	NewAccount bool // it was made along with the link
}

// Invite makes a link for each contact of each enterprise named, in their
// order, and an account for an enterprise that has none: all of them or, with
// every fault told, none. Earlier links of these contacts stop working. The
// desk and administrators invite everybody, managers the enterprises that they
// look after.
func (s *Service) Invite(ctx context.Context, actor ticket.Actor, in NewInvitations) ([]Invited, error) {
	if err := checkForm(in); err != nil {
		return nil, err
	}
	if !mayInvite(actor) {
		return nil, errNotYours
	}
	var made []Invited
	err := s.InTx(ctx, func(ctx context.Context) error {
		made = nil
		enterprises, err := s.enterprisesToInvite(ctx, actor, in.EnterpriseIDs)
		if err != nil {
			return err
		}
		contacts, err := s.store.Contacts(ctx, in.EnterpriseIDs)
		if err != nil {
			return err
		}
		for _, enterprise := range enterprises {
			invited, err := s.inviteContacts(ctx, actor, enterprise, contacts[enterprise.ID], in.life())
			if err != nil {
				return err
			}
			made = append(made, invited...)
		}
		return nil
	})
	return made, tooLateFor(err, "the accounts")
}

// mayInvite says whether there is any enterprise whose contacts the actor may
// invite.
func mayInvite(actor ticket.Actor) bool {
	return administers(actor) || actor.Role == ticket.RoleDispatcher || len(actor.Manages) > 0
}

// enterprisesToInvite reads the enterprises in their order, all in service and
// the actor's to invite.
func (s *Service) enterprisesToInvite(ctx context.Context, actor ticket.Actor, ids []string) ([]directory.Enterprise, error) {
	found, err := store.Entries[directory.Enterprise](ctx, s.store, EntryFilter{All: true, Within: &store.Within{IDs: ids}})
	if err != nil {
		return nil, err
	}
	var faults []ticket.Field
	enterprises := make([]directory.Enterprise, 0, len(ids))
	for i, id := range ids {
		at := slices.IndexFunc(found, func(e directory.Enterprise) bool { return e.ID == id })
		var message string
		switch {
		case at < 0 || !mayLink(actor, contactOf(found[at])):
			message = "must be the id of an enterprise whose contacts you may invite"
		case found[at].Retired():
			message = "is retired; leave it out"
		default:
			enterprises = append(enterprises, found[at])
			continue
		}
		faults = append(faults, ticket.Field{Pointer: fmt.Sprintf("/enterprise_ids/%d", i), Message: message})
	}
	return enterprises, ticket.InvalidValues(faults)
}

// contactOf is the account that an enterprise's contact is given.
func contactOf(e directory.Enterprise) directory.User {
	name := e.Contact
	if name == "" {
		name = e.Name
	}
	return directory.User{Name: shortName(name), Role: ticket.RoleEnterprise, EnterpriseID: e.ID, Phone: e.Phone}
}

// shortName is a name as long as that of an account may be.
func shortName(name string) string {
	const maxName = 100 // characters
	if letters := []rune(name); len(letters) > maxName {
		return string(letters[:maxName])
	}
	return name
}

func (s *Service) inviteContacts(ctx context.Context, actor ticket.Actor, e directory.Enterprise, contacts []directory.User, life time.Duration) ([]Invited, error) {
	newAccount := len(contacts) == 0
	if newAccount {
		username, err := s.numberedUsername(ctx, "qy")
		if err != nil {
			return nil, err
		}
		in := keptAs(contactOf(e))
		in.Username = username
		contact, err := s.insertUser(ctx, actor, in)
		if err != nil {
			return nil, err
		}
		contacts = []directory.User{contact}
	}
	invited := make([]Invited, len(contacts))
	for i, contact := range contacts {
		link, err := s.linkInPlace(ctx, actor, contact, directory.InvitationLink, life)
		if err != nil {
			return nil, err
		}
		invited[i] = Invited{link, e, newAccount}
	}
	return invited, nil
}

// numberedUsername finds a user name, such as for an enterprise's contact, that
// is easy to read out and to type on a phone, and tells nothing: qy-482913.
func (s *Service) numberedUsername(ctx context.Context, prefix string) (string, error) {
	const smallest, count = 100_000, 900_000 // six digits, the first not 0
	for {
		n, err := rand.Int(rand.Reader, big.NewInt(count))
		if err != nil {
			return "", err
		}
		name := fmt.Sprintf("%s-%d", prefix, smallest+n.Int64())
		if _, err := s.store.UserByName(ctx, name); errors.Is(err, store.ErrNotFound) {
			return name, nil
		} else if err != nil {
			return "", err
		}
	}
}

// InvitationFilter narrows a list of links.
type InvitationFilter = store.LinkFilter

// Invitation is a link as it is listed: what it was made for and what became
// of it, but not the link itself, which is told only when it is made.
type Invitation struct {
	directory.Token
	State directory.LinkState
	User  directory.User
	Names *Names // of the user's enterprise or department and of who made the link
}

func (s *Service) invitations(ctx context.Context, rows []store.TokenRow) ([]Invitation, error) {
	now, names := s.wall.Now(), newNames()
	views := make([]Invitation, len(rows))
	for i, row := range rows {
		names.ofUser(row.User)
		names.add(store.Users, row.Token.MadeBy)
		views[i] = Invitation{row.Token, row.Token.LinkState(now), row.User, names}
	}
	return views, names.load(ctx, s.store)
}

// Invitations lists the links that were made for accounts whose owners the
// actor may hand one, newest first. Those that ended more than 90 days ago may
// be forgotten.
func (s *Service) Invitations(ctx context.Context, actor ticket.Actor, f InvitationFilter) ([]Invitation, error) {
	rows, err := s.store.Links(ctx, actor, f, s.wall.Now())
	if err != nil {
		return nil, err
	}
	return s.invitations(ctx, rows)
}

// invitation reads a link that the actor may make and revoke.
func (s *Service) invitation(ctx context.Context, actor ticket.Actor, id string) (store.TokenRow, error) {
	rows, err := s.store.Links(ctx, actor, InvitationFilter{ID: id}, s.wall.Now())
	if err == nil && (len(rows) == 0 || id == "") {
		return store.TokenRow{}, ticket.NotFound("invitation")
	}
	if err != nil {
		return store.TokenRow{}, err
	}
	return rows[0], nil
}

// RevokeInvitation lets a link work no more. One that works no more already is
// left as it is.
func (s *Service) RevokeInvitation(ctx context.Context, actor ticket.Actor, id string) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		row, err := s.invitation(ctx, actor, id)
		if err != nil {
			return err
		}
		end := store.TokenEnd{UserID: row.User.ID, ID: id, Kinds: linkKinds, As: directory.LinkRevoked}
		ended, err := s.store.EndTokens(ctx, end, s.wall.Now())
		if err != nil || ended == 0 {
			return err
		}
		return s.audit(ctx, actor, auditRetire, subjectLink, id, map[string]any{"user_id": row.User.ID, "kind": row.Token.Kind}, nil)
	})
}

// InviteAnew makes another link in place of one that was listed: for its
// account, and for some days (1 to 90; 0 for 7). An account of the offices that
// has a password meanwhile gets a link to reset it, for an hour.
func (s *Service) InviteAnew(ctx context.Context, actor ticket.Actor, id string, days int) (*Link, error) {
	life := NewInvitations{EnterpriseIDs: []string{""}, Days: days}
	if err := checkForm(life); err != nil {
		return nil, err
	}
	var link *Link
	err := s.InTx(ctx, func(ctx context.Context) error {
		row, err := s.invitation(ctx, actor, id)
		if err != nil {
			return err
		}
		user, err := s.userToLink(ctx, actor, row.User.ID)
		if err != nil {
			return err
		}
		if user.PasswordHash != "" && !signsInByLink(user) {
			link, err = s.linkInPlace(ctx, actor, user, directory.ResetLink, linkLife[directory.ResetLink])
			return err
		}
		link, err = s.linkInPlace(ctx, actor, user, directory.InvitationLink, life.life())
		return err
	})
	return link, err
}

// Access tells whether an enterprise's contacts can get in.
type Access = store.Access

// EnterpriseAccess tells of each enterprise named, of those that the actor may
// invite, whether its contacts can get in.
func (s *Service) EnterpriseAccess(ctx context.Context, actor ticket.Actor, ids []string) (map[string]Access, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return !mayLink(actor, directory.User{Role: ticket.RoleEnterprise, EnterpriseID: id})
	})
	return s.store.EnterpriseAccess(ctx, ids, s.wall.Now())
}

// UnreachedEnterprises lists the enterprises, of those that the actor may
// invite, where nobody can sign in or holds a link that works.
func (s *Service) UnreachedEnterprises(ctx context.Context, actor ticket.Actor, f EntryFilter) ([]directory.Enterprise, error) {
	now := s.wall.Now()
	f.UnreachedAt = &now
	return s.InvitableEnterprises(ctx, actor, f)
}

// InvitableEnterprises lists the enterprises whose contacts the actor may
// invite.
func (s *Service) InvitableEnterprises(ctx context.Context, actor ticket.Actor, f EntryFilter) ([]directory.Enterprise, error) {
	if !mayInvite(actor) {
		return nil, errNotYours
	}
	f.Within = nil
	if !administers(actor) && actor.Role != ticket.RoleDispatcher {
		f.Within = &store.Within{IDs: actor.Manages}
	}
	return store.Entries[directory.Enterprise](ctx, s.store, f)
}
