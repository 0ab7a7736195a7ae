package service

import (
	"cmp"
	"context"
	"errors"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

const subjectUser = "user" // in the audit log

var (
	errNotYours    = ticket.Errorf(ticket.CodeForbidden, "This is not for you to do. Ask an admin.")
	errUserRetired = ticket.Errorf(ticket.CodeConflict, "This account is retired.")
)

// checkForm holds an input against the tags of its fields.
func checkForm(in any) error { return ticket.InvalidForm(ticket.CheckTags(in)) }

// administers says whether the actor may do with people what an admin may: the
// command line and the demo act as the system.
func administers(a ticket.Actor) bool {
	return a.Role == ticket.RoleAdmin || a.Role == ticket.RoleSystem
}

// mayKeepUsers says whether the actor may make, change and retire accounts of
// a role: admins all, the desk those of enterprises.
func mayKeepUsers(actor ticket.Actor, role ticket.Role) bool {
	return administers(actor) || actor.Role == ticket.RoleDispatcher && role == ticket.RoleEnterprise
}

// Profile is an account as its owner sees it.
type Profile struct {
	directory.User
	Assignments []directory.Assignment // in force today
	Names       *Names
}

// Me tells the actor who they are.
func (s *Service) Me(ctx context.Context, actor ticket.Actor) (*Profile, error) {
	user, err := s.store.User(ctx, actor.ID)
	if err != nil {
		return nil, problem(err, "account")
	}
	profile, err := s.profile(ctx, user)
	return &profile, err
}

func (s *Service) profile(ctx context.Context, user directory.User) (Profile, error) {
	p := Profile{User: user, Names: newNames()}
	all, err := s.store.Assignments(ctx, user.ID)
	if err != nil {
		return p, err
	}
	for _, a := range all {
		if a.InForce(s.today()) {
			p.Assignments = append(p.Assignments, a)
			p.Names.ofAssignment(a)
		}
	}
	p.Names.ofUser(user)
	return p, p.Names.load(ctx, s.store)
}

func (n *Names) ofUser(u directory.User) {
	n.add(store.Departments, u.DepartmentID)
	n.add(store.Enterprises, u.EnterpriseID)
}

// UserView is an account with the names of what it belongs to.
type UserView struct {
	directory.User
	Names *Names
}

// UserFilter narrows a list of accounts.
type UserFilter = store.UserFilter

// Users lists the accounts that the actor has to do with, by user name.
func (s *Service) Users(ctx context.Context, actor ticket.Actor, f UserFilter) ([]UserView, error) {
	users, err := s.store.Users(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	names := newNames()
	views := make([]UserView, len(users))
	for i, u := range users {
		names.ofUser(u)
		views[i] = UserView{u, names}
	}
	return views, names.load(ctx, s.store)
}

// User reads an account that the actor has to do with.
func (s *Service) User(ctx context.Context, actor ticket.Actor, id string) (*UserView, error) {
	u, err := s.store.UserSeenBy(ctx, actor, id)
	if err != nil {
		return nil, problem(err, "account")
	}
	names := newNames()
	names.ofUser(u)
	return &UserView{u, names}, names.load(ctx, s.store)
}

// UserByName reads an account by its user name, for the command line.
func (s *Service) UserByName(ctx context.Context, username string) (directory.User, error) {
	u, err := s.store.UserByName(ctx, username)
	return u, problem(err, "account")
}

// NewUser is what an account is made from. It has no password: its owner sets
// one by an invitation link.
type NewUser struct {
	Username     string      `json:"username" minLength:"1" maxLength:"64" doc:"To sign in with: 3 to 64 of a–z, 0–9, dot, underscore, hyphen"`
	Name         string      `json:"name" minLength:"1" maxLength:"100" pattern:"\\S" doc:"As people are called"`
	Role         ticket.Role `json:"role" enum:"enterprise,dispatcher,officer,head,leader,admin,guest"`
	DepartmentID string      `json:"department_id,omitempty" maxLength:"64" doc:"Of an officer or head"`
	EnterpriseID string      `json:"enterprise_id,omitempty" maxLength:"64" doc:"Of an enterprise's contact"`
	Phone        string      `json:"phone,omitempty" maxLength:"40"`
	Email        string      `json:"email,omitempty" maxLength:"200" doc:"Where notices are sent to by mail; empty for nowhere"`
	Language     string      `json:"language,omitempty" enum:"zh-CN,en" doc:"In which they are told things; zh-CN by default"`
}

// UserChange says what of an account becomes different.
type UserChange struct {
	Username     *string      `json:"username,omitempty" minLength:"1" maxLength:"64"`
	Name         *string      `json:"name,omitempty" minLength:"1" maxLength:"100" pattern:"\\S"`
	Role         *ticket.Role `json:"role,omitempty" enum:"enterprise,dispatcher,officer,head,leader,admin,guest"`
	DepartmentID *string      `json:"department_id,omitempty" maxLength:"64" doc:"Empty to leave the department"`
	EnterpriseID *string      `json:"enterprise_id,omitempty" maxLength:"64" doc:"Empty to leave the enterprise"`
	Phone        *string      `json:"phone,omitempty" maxLength:"40"`
	Email        *string      `json:"email,omitempty" maxLength:"200" doc:"Empty for no mail"`
	Language     *string      `json:"language,omitempty" enum:"zh-CN,en"`
}

func (u *NewUser) tidy() {
	u.Username, u.Name, u.Phone = strings.TrimSpace(u.Username), strings.TrimSpace(u.Name), strings.TrimSpace(u.Phone)
	u.Email, u.Language = strings.TrimSpace(u.Email), cmp.Or(u.Language, string(text.Chinese))
}

func (c UserChange) of(u NewUser) NewUser {
	changeTo(&u.Username, c.Username)
	changeTo(&u.Name, c.Name)
	changeTo(&u.Role, c.Role)
	changeTo(&u.DepartmentID, c.DepartmentID)
	changeTo(&u.EnterpriseID, c.EnterpriseID)
	changeTo(&u.Phone, c.Phone)
	changeTo(&u.Email, c.Email)
	changeTo(&u.Language, c.Language)
	u.tidy()
	return u
}

// changeTo sets a value where another is given.
func changeTo[T any](value, to *T) {
	if to != nil {
		*value = *to
	}
}

// keptAs is what of an account may be changed, and is written to the audit log.
func keptAs(u directory.User) NewUser {
	return NewUser{u.Username, u.Name, u.Role, u.DepartmentID, u.EnterpriseID, u.Phone, u.Email, u.Language}
}

var usernameForm = regexp.MustCompile(`^[a-z0-9._-]{3,64}$`)

// checkUser holds what an account is to become against the rules on its
// values; before is what it was, zero for a new one.
func (s *Service) checkUser(ctx context.Context, before, after NewUser) error {
	var faults []ticket.Field
	fault := func(pointer, message string) {
		faults = append(faults, ticket.Field{Pointer: pointer, Message: message})
	}

	if after.Username != before.Username {
		if !usernameForm.MatchString(after.Username) {
			fault("/username", "must have 3 to 64 characters out of a–z, 0–9, dot, underscore and hyphen")
		} else if _, err := s.store.UserByName(ctx, after.Username); err == nil {
			faults = append(faults, usernameTaken)
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	if after.Email != before.Email && after.Email != "" && !mailAddress(after.Email) {
		fault("/email", "must be a mail address such as name@example.com")
	}
	for _, belongs := range []struct {
		pointer, to, was string
		needed           bool
		retired          func() (bool, error)
	}{
		{
			"/department_id", after.DepartmentID, before.DepartmentID, after.Role == ticket.RoleOfficer || after.Role == ticket.RoleHead,
			func() (bool, error) {
				d, err := s.store.Department(ctx, after.DepartmentID)
				return d.Retired(), err
			},
		},
		{
			"/enterprise_id", after.EnterpriseID, before.EnterpriseID, after.Role == ticket.RoleEnterprise,
			func() (bool, error) {
				e, err := s.store.Enterprise(ctx, after.EnterpriseID)
				return e.Retired(), err
			},
		},
	} {
		switch {
		case belongs.needed && belongs.to == "":
			fault(belongs.pointer, "is required for this role")
		case !belongs.needed && belongs.to != "":
			fault(belongs.pointer, "must be left empty for this role")
		case belongs.to != belongs.was && belongs.to != "":
			retired, err := belongs.retired()
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			if err != nil || retired {
				fault(belongs.pointer, "must be the id of one that is in service")
			}
		}
	}
	return ticket.InvalidValues(faults)
}

// mailAddress says whether a text is a mail address and nothing besides.
func mailAddress(address string) bool {
	parsed, err := mail.ParseAddress(address)
	return err == nil && parsed.Name == "" && parsed.Address == address
}

var usernameTaken = ticket.Field{Pointer: "/username", Message: "is taken; choose another"}

// taken is the answer when another took the user name at the same moment.
func taken(err error) error {
	if errors.Is(err, store.ErrDuplicate) {
		return ticket.InvalidValues([]ticket.Field{usernameTaken})
	}
	return err
}

// CreateUser makes an account.
func (s *Service) CreateUser(ctx context.Context, actor ticket.Actor, in NewUser) (directory.User, error) {
	in.tidy()
	if err := checkForm(in); err != nil {
		return directory.User{}, err
	}
	if !mayKeepUsers(actor, in.Role) {
		return directory.User{}, errNotYours
	}
	var user directory.User
	err := s.InTx(ctx, func(ctx context.Context) error {
		err := s.checkUser(ctx, NewUser{}, in)
		if err != nil {
			return err
		}
		user, err = s.insertUser(ctx, actor, in)
		return err
	})
	return user, taken(err)
}

func (s *Service) insertUser(ctx context.Context, actor ticket.Actor, in NewUser) (directory.User, error) {
	now := s.clock.Now().Truncate(time.Microsecond)
	user := directory.User{
		ID: s.newID(), Username: in.Username, Name: in.Name, Role: in.Role,
		DepartmentID: in.DepartmentID, EnterpriseID: in.EnterpriseID, Phone: in.Phone, Email: in.Email, Language: cmp.Or(in.Language, string(text.Chinese)),
		Stamp: directory.Stamp{CreatedAt: now, UpdatedAt: now},
	}
	if err := s.store.InsertUser(ctx, &user); err != nil {
		return user, err
	}
	return user, s.auditAt(ctx, now, actor, auditCreate, subjectUser, user.ID, nil, in)
}

// userToKeep reads an account in service that the actor may change.
func (s *Service) userToKeep(ctx context.Context, actor ticket.Actor, id string) (directory.User, error) {
	user, err := s.store.UserSeenBy(ctx, actor, id)
	switch {
	case err != nil:
		return user, problem(err, "account")
	case !mayKeepUsers(actor, user.Role):
		return user, errNotYours
	case user.Retired():
		return user, errUserRetired
	}
	return user, nil
}

// ChangeUser changes what an account is. Sessions go on, with the new rights.
func (s *Service) ChangeUser(ctx context.Context, actor ticket.Actor, id string, change UserChange) (directory.User, error) {
	return s.ChangeUserSeen(ctx, actor, id, time.Time{}, change)
}

// ChangeUserSeen is ChangeUser for who has read the account as it was last
// changed at the moment seen. When others have changed it since, the error is a
// *Stale.
func (s *Service) ChangeUserSeen(ctx context.Context, actor ticket.Actor, id string, seen time.Time, change UserChange) (directory.User, error) {
	var user directory.User
	err := s.InTx(ctx, func(ctx context.Context) error {
		var err error
		user, err = s.userToKeep(ctx, actor, id)
		if (err == nil || errors.Is(err, errUserRetired)) && !stillAs(user.UpdatedAt, seen) {
			return s.changedSince(ctx, subjectUser, id, seen)
		}
		if err != nil {
			return err
		}
		before := keptAs(user)
		after := change.of(before)
		if after == before {
			return nil
		}
		if err := checkForm(after); err != nil {
			return err
		}
		if !mayKeepUsers(actor, after.Role) {
			return errNotYours
		}
		if err := s.checkUser(ctx, before, after); err != nil {
			return err
		}
		if before.Role != after.Role {
			if err := s.keepAnAdmin(ctx, user); err != nil {
				return err
			}
		}
		user.Username, user.Name, user.Role, user.Phone = after.Username, after.Name, after.Role, after.Phone
		user.Email, user.Language = after.Email, after.Language
		user.DepartmentID, user.EnterpriseID = after.DepartmentID, after.EnterpriseID
		was := user.UpdatedAt
		user.UpdatedAt = s.changedAt(was)
		if err := s.store.UpdateUser(ctx, &user, was); errors.Is(err, store.ErrDuplicate) {
			return err // said below
		} else if err != nil {
			return tooLateFor(err, "this account")
		}
		return s.auditAt(ctx, user.UpdatedAt, actor, auditChange, subjectUser, id, before, after)
	})
	return user, taken(err)
}

// keepAnAdmin refuses to lose the last admin, and the last who can sign in.
func (s *Service) keepAnAdmin(ctx context.Context, lost directory.User) error {
	if lost.Role != ticket.RoleAdmin {
		return nil
	}
	admins, err := s.store.HoldAdmins(ctx)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(admins, func(u directory.User) bool { return u.ID == lost.ID })
	if len(others) == 0 || canSignIn(lost) && !slices.ContainsFunc(others, canSignIn) {
		return ticket.Errorf(ticket.CodeConflict, "Without this account no admin could sign in. Let another admin set a password first.")
	}
	return nil
}

// RetireUser takes an account out of service: its sessions, tokens, links and
// assignments end. Retiring it again does nothing.
func (s *Service) RetireUser(ctx context.Context, actor ticket.Actor, id string) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		user, err := s.userToKeep(ctx, actor, id)
		if errors.Is(err, errUserRetired) {
			return nil
		} else if err != nil {
			return err
		}
		if err := s.keepAnAdmin(ctx, user); err != nil {
			return err
		}
		was, now := user.UpdatedAt, s.changedAt(user.UpdatedAt)
		user.RetiredAt, user.UpdatedAt = &now, now
		if err := s.store.RetireUser(ctx, &user, was); err != nil {
			return tooLateFor(err, "this account")
		}
		if err := s.store.RetireAssignments(ctx, id, now); err != nil {
			return err
		}
		all := []directory.TokenKind{directory.SessionToken, directory.APIToken, directory.InvitationLink, directory.ResetLink}
		if _, err := s.store.EndTokens(ctx, store.TokenEnd{UserID: id, Kinds: all}, s.wall.Now()); err != nil {
			return err
		}
		return s.auditAt(ctx, now, actor, auditRetire, subjectUser, id, keptAs(user), nil)
	})
}

// RestoreUser takes a retired account back into service. Its password, tokens
// and assignments have ended for good: its owner needs a new link. Restoring
// one in service does nothing.
func (s *Service) RestoreUser(ctx context.Context, actor ticket.Actor, id string) (directory.User, error) {
	var user directory.User
	err := s.InTx(ctx, func(ctx context.Context) error {
		var err error
		if user, err = s.userToKeep(ctx, actor, id); !errors.Is(err, errUserRetired) {
			return err
		}
		// What it belonged to may have been retired meanwhile.
		kept := keptAs(user)
		belonging := kept
		belonging.DepartmentID, belonging.EnterpriseID = "", ""
		if err := s.checkUser(ctx, belonging, kept); err != nil {
			return err
		}
		was := user.UpdatedAt
		user.RetiredAt, user.UpdatedAt = nil, s.changedAt(was)
		if err := s.store.RetireUser(ctx, &user, was); err != nil {
			return tooLateFor(err, "this account")
		}
		user.PasswordHash, user.PasswordChangedAt = "", nil
		if err := s.store.SetPassword(ctx, &user); err != nil {
			return err
		}
		return s.auditAt(ctx, user.UpdatedAt, actor, auditRestore, subjectUser, id, nil, kept)
	})
	return user, err
}

// LastUse tells when each of the accounts was last used, to about a minute, of
// those that the actor may change; nothing of one that never was, or not in the
// last 90 days.
func (s *Service) LastUse(ctx context.Context, actor ticket.Actor, users []UserView) (map[string]time.Time, error) {
	var ids []string
	for _, u := range users {
		if mayKeepUsers(actor, u.Role) {
			ids = append(ids, u.ID)
		}
	}
	return s.store.LastUse(ctx, ids)
}
