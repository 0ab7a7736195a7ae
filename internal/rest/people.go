package rest

import (
	"context"
	"net/http"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Me is the account that is signed in.
type Me struct {
	ID          string         `json:"id"`
	Username    string         `json:"username"`
	Name        string         `json:"name"`
	Role        ticket.Role    `json:"role" enum:"enterprise,dispatcher,officer,head,leader,admin,guest"`
	Department  *Named         `json:"department,omitempty"`
	Enterprise  *Named         `json:"enterprise,omitempty"`
	Language    string         `json:"language" enum:"zh-CN,en" doc:"In which one is told things"`
	Assignments []MyAssignment `json:"assignments" doc:"In force today"`
}

// MyAssignment is one of the assignments in force of who is signed in.
type MyAssignment struct {
	ID       string                   `json:"id"`
	Kind     directory.AssignmentKind `json:"kind" enum:"manager,station,team,deputy"`
	Target   Named                    `json:"target"`
	Part     string                   `json:"part,omitempty"`
	FromDate worktime.Date            `json:"from_date" format:"date"`
	ToDate   *worktime.Date           `json:"to_date" format:"date" doc:"The last day; null for none"`
}

// Session is a session that was just opened.
type Session struct {
	Token     string    `json:"token" doc:"Send it as Authorization: Bearer …"`
	ExpiresAt time.Time `json:"expires_at" doc:"Counted from the sign-in; of an enterprise's contact it moves on with use"`
	User      Me        `json:"user"`
}

// OpenSession is one of one's own sessions that go on.
type OpenSession struct {
	ID         string     `json:"id"`
	Address    string     `json:"address" doc:"From which it was opened; of IPv6 the network"`
	Device     string     `json:"device" doc:"On which it was opened, such as WeChat, Android; empty when it is not known"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at" doc:"To about a minute"`
	ExpiresAt  time.Time  `json:"expires_at"`
	Current    bool       `json:"current" doc:"The one that asks"`
}

// Token is an API token.
type Token struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  *time.Time `json:"expires_at"`
	LastUsedAt *time.Time `json:"last_used_at" doc:"To about a minute"`
}

// CreatedToken is an API token that was just made.
type CreatedToken struct {
	Token
	Secret string `json:"token" doc:"Shown only now; send it as Authorization: Bearer …"`
}

// User is an account.
type User struct {
	ID          string      `json:"id"`
	Username    string      `json:"username"`
	Name        string      `json:"name"`
	Role        ticket.Role `json:"role" enum:"enterprise,dispatcher,officer,head,leader,admin,guest"`
	Department  *Named      `json:"department"`
	Enterprise  *Named      `json:"enterprise"`
	Phone       string      `json:"phone"`
	Email       string      `json:"email" doc:"Where notices are sent to by mail; empty for nowhere"`
	Language    string      `json:"language" enum:"zh-CN,en" doc:"In which they are told things"`
	HasPassword bool        `json:"has_password" doc:"Whether its owner has set one, and so can sign in"`
	RetiredAt   *time.Time  `json:"retired_at"`
	CreatedAt   time.Time   `json:"created_at"`
	UpdatedAt   time.Time   `json:"updated_at"`
}

// Assignment adds to an account for some days.
type Assignment struct {
	ID        string                   `json:"id"`
	Kind      directory.AssignmentKind `json:"kind" enum:"manager,station,team,deputy"`
	User      Named                    `json:"user"`
	Target    Named                    `json:"target" doc:"The enterprise, station, project or department"`
	Part      string                   `json:"part"`
	FromDate  worktime.Date            `json:"from_date" format:"date"`
	ToDate    *worktime.Date           `json:"to_date" format:"date" doc:"The last day; null for none"`
	RetiredAt *time.Time               `json:"retired_at"`
	CreatedAt time.Time                `json:"created_at"`
	UpdatedAt time.Time                `json:"updated_at"`
}

// Link lets its holder set a password, once.
type Link struct {
	URL       string    `json:"url" doc:"To hand to the account's owner"`
	Token     string    `json:"token" doc:"The last part of the address, shown only now"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Ended is how many sessions were ended.
type Ended struct {
	Sessions int `json:"sessions"`
}

// Owner is whose password a link has set.
type Owner struct {
	Username string `json:"username" doc:"To sign in with"`
}

// idPosition is a place in a list that is ordered by id.
type idPosition struct {
	ID string `json:"id"`
}

// nameOf pairs an id with its name; nil without an id.
func nameOf(names *service.Names, id string) *Named {
	if id == "" {
		return nil
	}
	return &Named{id, names.Of(id)}
}

// inZone is a moment as it is shown; nil for none.
func (a *API) inZone(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	local := t.In(a.svc.Zone())
	return &local
}

func (a *API) me(p *service.Profile) Me {
	m := Me{
		ID: p.ID, Username: p.Username, Name: p.Name, Role: p.Role, Language: p.Language,
		Department: nameOf(p.Names, p.DepartmentID), Enterprise: nameOf(p.Names, p.EnterpriseID),
		Assignments: []MyAssignment{},
	}
	for _, as := range p.Assignments {
		m.Assignments = append(m.Assignments, MyAssignment{as.ID, as.Kind, Named{as.TargetID, p.Names.Of(as.TargetID)}, as.Part, as.FromDate, as.ToDate})
	}
	return m
}

func (a *API) token(t directory.Token) Token {
	return Token{t.ID, t.Name, *a.inZone(&t.CreatedAt), a.inZone(t.ExpiresAt), a.inZone(t.LastUsedAt)}
}

func (a *API) user(u service.UserView) User {
	return User{
		ID: u.ID, Username: u.Username, Name: u.Name, Role: u.Role, Phone: u.Phone, Email: u.Email, Language: u.Language, HasPassword: u.PasswordHash != "",
		Department: nameOf(u.Names, u.DepartmentID), Enterprise: nameOf(u.Names, u.EnterpriseID),
		RetiredAt: a.inZone(u.RetiredAt), CreatedAt: *a.inZone(&u.CreatedAt), UpdatedAt: *a.inZone(&u.UpdatedAt),
	}
}

func (a *API) openSession(s service.Session) OpenSession {
	return OpenSession{s.ID, s.Address, s.Device, *a.inZone(&s.CreatedAt), a.inZone(s.LastUsedAt), *a.inZone(&s.ExpiresAt), s.Current}
}

func (a *API) assignment(as service.AssignmentView) Assignment {
	return Assignment{
		ID: as.ID, Kind: as.Kind, User: Named{as.UserID, as.Names.Of(as.UserID)}, Target: Named{as.TargetID, as.Names.Of(as.TargetID)},
		Part: as.Part, FromDate: as.FromDate, ToDate: as.ToDate,
		RetiredAt: a.inZone(as.RetiredAt), CreatedAt: *a.inZone(&as.CreatedAt), UpdatedAt: *a.inZone(&as.UpdatedAt),
	}
}

// ByBearer is for operations on the very token that they are called with.
type ByBearer struct {
	Authorization string `header:"Authorization" hidden:"true"`
	Cookie        string `header:"Cookie" hidden:"true"`
}

func (b ByBearer) token() string { return tokenOf(b.Authorization, b.Cookie) }

// answer is an operation's answer with nothing but a body.
type answer[T any] struct{ Body T }

// created is the answer of an operation that made something.
type created[T any] struct {
	Location string `header:"Location"`
	Body     T
}

type nothing struct{}

func (a *API) people() {
	a.sessions()
	a.tokens()
	a.users()
	a.identities()
	a.links()
	a.assignments()
	a.managers()
	a.profiles()
}

func (a *API) sessions() {
	signIn := open(operation(http.MethodPost, "/sessions", "sign-in", "sessions", "Sign in with a password"))
	signIn.DefaultStatus = http.StatusCreated
	signIn.Description = "Opens a session of 12 hours, counted from the sign-in, or of 90 days that begin anew with its use for an enterprise's contact. After failures it answers 429 with Retry-After."
	register(a, signIn, func(ctx context.Context, _ ticket.Actor, in *struct {
		Body struct {
			Username string `json:"username" minLength:"1" maxLength:"200"`
			Password string `json:"password" minLength:"1" maxLength:"1000"`
		}
	},
	) (*answer[Session], error) {
		s, err := a.svc.SignIn(ctx, in.Body.Username, in.Body.Password, service.RemoteAddr(ctx))
		if err != nil {
			return nil, err
		}
		return &answer[Session]{Session{s.Token, *a.inZone(&s.ExpiresAt), a.me(&s.Profile)}}, nil
	})
	register(a, operation(http.MethodGet, "/sessions", "list-sessions", "sessions", "List one's own sessions that go on, newest first"),
		func(ctx context.Context, actor ticket.Actor, in *struct {
			ByBearer
			Paged
		},
		) (*answer[Page[OpenSession]], error) {
			after, err := decodeCursor[idPosition](in.Cursor)
			if err != nil {
				return nil, err
			}
			all, err := a.svc.Sessions(ctx, actor, in.token())
			if err != nil {
				return nil, err
			}
			// The newest have the greatest ids.
			for after != nil && len(all) > 0 && all[0].ID >= after.ID {
				all = all[1:]
			}
			return &answer[Page[OpenSession]]{pageOf(all, in.Limit, a.openSession, func(s service.Session) any { return idPosition{s.ID} })}, nil
		})
	register(a, operation(http.MethodDelete, "/sessions/{id}", "end-session", "sessions", "End one of one's own sessions"),
		func(ctx context.Context, actor ticket.Actor, in *ByID) (*nothing, error) {
			return &nothing{}, a.svc.EndSession(ctx, actor, in.ID)
		})
	register(a, operation(http.MethodDelete, "/sessions", "end-other-sessions", "sessions", "End all of one's own sessions but the one of the token sent"),
		func(ctx context.Context, actor ticket.Actor, in *ByBearer) (*answer[Ended], error) {
			n, err := a.svc.EndOtherSessions(ctx, actor, in.token())
			return &answer[Ended]{Ended{n}}, err
		})
	register(a, operation(http.MethodDelete, "/sessions/current", "sign-out", "sessions", "Sign out: end the session of the token sent"),
		func(ctx context.Context, actor ticket.Actor, in *ByBearer) (*nothing, error) {
			return &nothing{}, a.svc.SignOut(ctx, actor, in.token())
		})
	register(a, operation(http.MethodGet, "/me", "get-me", "sessions", "Who is signed in"),
		func(ctx context.Context, actor ticket.Actor, _ *struct{}) (*answer[Me], error) {
			p, err := a.svc.Me(ctx, actor)
			if err != nil {
				return nil, err
			}
			return &answer[Me]{a.me(p)}, nil
		})
	register(a, operation(http.MethodPut, "/me/language", "set-language", "sessions", "Choose the language in which one is told things"),
		func(ctx context.Context, actor ticket.Actor, in *struct {
			Body struct {
				Language text.Language `json:"language" enum:"zh-CN,en"`
			}
		},
		) (*nothing, error) {
			return &nothing{}, a.svc.SetLanguage(ctx, actor, in.Body.Language)
		})
	register(a, operation(http.MethodPut, "/me/password", "change-password", "sessions", "Change one's password; ends one's other sessions"),
		func(ctx context.Context, actor ticket.Actor, in *struct {
			ByBearer
			Body struct {
				Old string `json:"old,omitempty" maxLength:"1000" doc:"The present one; left out where there is none"`
				New string `json:"new" minLength:"1" maxLength:"1000" doc:"10 to 200 characters, not the user name"`
			}
		},
		) (*nothing, error) {
			return &nothing{}, a.svc.ChangePassword(ctx, actor, in.token(), in.Body.Old, in.Body.New)
		})
}

// Tokens and links are secrets that are told once. Their POSTs take no
// Idempotency-Key, which would have the answer kept.

func (a *API) tokens() {
	create := operation(http.MethodPost, "/tokens", "create-token", "tokens", "Make an API token that acts for oneself")
	create.DefaultStatus = http.StatusCreated
	register(a, create, func(ctx context.Context, actor ticket.Actor, in *struct{ Body service.NewToken }) (*answer[CreatedToken], error) {
		secret, t, err := a.svc.CreateToken(ctx, actor, in.Body)
		if err != nil {
			return nil, err
		}
		return &answer[CreatedToken]{CreatedToken{a.token(t), secret}}, nil
	})
	register(a, operation(http.MethodGet, "/tokens", "list-tokens", "tokens", "List one's own API tokens that work, newest first"),
		func(ctx context.Context, actor ticket.Actor, in *Paged) (*answer[Page[Token]], error) {
			after, err := decodeCursor[idPosition](in.Cursor)
			if err != nil {
				return nil, err
			}
			list, err := a.svc.Tokens(ctx, actor, afterID(after), in.Limit+1)
			if err != nil {
				return nil, err
			}
			return &answer[Page[Token]]{pageOf(list, in.Limit, a.token, func(t directory.Token) any { return idPosition{t.ID} })}, nil
		})
	register(a, operation(http.MethodDelete, "/tokens/{id}", "revoke-token", "tokens", "Revoke one of one's own API tokens"),
		func(ctx context.Context, actor ticket.Actor, in *ByID) (*nothing, error) {
			return &nothing{}, a.svc.RevokeToken(ctx, actor, in.ID)
		})
}

func afterID(p *idPosition) string {
	if p == nil {
		return ""
	}
	return p.ID
}

// UserQuery narrows a list of accounts.
type UserQuery struct {
	Role       string `query:"role" enum:"enterprise,dispatcher,officer,head,leader,admin,guest"`
	Department string `query:"department" maxLength:"64" doc:"Department id"`
	Enterprise string `query:"enterprise" maxLength:"64" doc:"Enterprise id"`
	Text       string `query:"q" maxLength:"200" doc:"In user name, name or phone"`
	All        bool   `query:"all" doc:"The retired too"`
}

func (q UserQuery) filter() service.UserFilter {
	return service.UserFilter{Role: ticket.Role(q.Role), DepartmentID: q.Department, EnterpriseID: q.Enterprise, Text: q.Text, Retired: q.All}
}

func (a *API) users() {
	create := operation(http.MethodPost, "/users", "create-user", "users", "Make an account")
	create.DefaultStatus = http.StatusCreated
	create.Description = "By admins; by the desk for enterprises' people. It has no password yet: hand its owner an invitation link."
	registerKeyed(a, create, func(ctx context.Context, actor ticket.Actor, in *struct {
		Keyed
		Body service.NewUser
	},
	) (*created[User], error) {
		u, err := a.svc.CreateUser(ctx, actor, in.Body)
		if err != nil {
			return nil, err
		}
		out, err := a.showUser(ctx, actor, u.ID)
		if err != nil {
			return nil, err
		}
		return &created[User]{prefix + "/users/" + u.ID, out.Body}, nil
	})
	list := operation(http.MethodGet, "/users", "list-users", "users", "List accounts, by user name")
	list.Description = "Admins and the desk see all; a department its own people and the guests; a manager the people of the enterprises looked after; everybody themselves."
	register(a, list, func(ctx context.Context, actor ticket.Actor, in *struct {
		UserQuery
		Paged
	},
	) (*answer[Page[User]], error) {
		after, err := decodeCursor[idPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		f := in.filter()
		f.After, f.Limit = afterID(after), in.Limit+1
		users, err := a.svc.Users(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		return &answer[Page[User]]{pageOf(users, in.Limit, a.user, func(u service.UserView) any { return idPosition{u.Username} })}, nil
	})
	register(a, operation(http.MethodGet, "/users/{id}", "get-user", "users", "Read an account"),
		func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[User], error) {
			return a.showUser(ctx, actor, in.ID)
		})
	register(a, operation(http.MethodPatch, "/users/{id}", "change-user", "users", "Change an account"),
		func(ctx context.Context, actor ticket.Actor, in *struct {
			ByID
			Body service.UserChange
		},
		) (*answer[User], error) {
			if _, err := a.svc.ChangeUser(ctx, actor, in.ID, in.Body); err != nil {
				return nil, err
			}
			return a.showUser(ctx, actor, in.ID)
		})
	register(a, operation(http.MethodDelete, "/users/{id}", "retire-user", "users", "Retire an account; its sessions, tokens and assignments end"),
		func(ctx context.Context, actor ticket.Actor, in *ByID) (*nothing, error) {
			return &nothing{}, a.svc.RetireUser(ctx, actor, in.ID)
		})
	restore := operation(http.MethodPost, "/users/{id}/restore", "restore-user", "users", "Take a retired account back into service; its owner needs a new link")
	restore.DefaultStatus = http.StatusOK
	register(a, restore, func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[User], error) {
		if _, err := a.svc.RestoreUser(ctx, actor, in.ID); err != nil {
			return nil, err
		}
		return a.showUser(ctx, actor, in.ID)
	})
	everywhere := operation(http.MethodDelete, "/users/{id}/sessions", "end-user-sessions", "users", "Sign an account out everywhere, as when a phone was lost")
	everywhere.Description = "By whoever may make its owner a link."
	register(a, everywhere, func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[Ended], error) {
		n, err := a.svc.EndSessionsOf(ctx, actor, in.ID)
		return &answer[Ended]{Ended{n}}, err
	})
}

func (a *API) showUser(ctx context.Context, actor ticket.Actor, id string) (*answer[User], error) {
	u, err := a.svc.User(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	return &answer[User]{a.user(*u)}, nil
}

func (a *API) links() {
	makeLink := operation(http.MethodPost, "/users/{id}/links", "create-link", "users", "Make a link with which the account's owner sets a password")
	makeLink.DefaultStatus = http.StatusCreated
	makeLink.Description = "An invitation works for 7 days, a reset for 1 hour, each once; a newer link replaces it. An invitation of an enterprise's contact signs in without a password. By admins; the desk for enterprises' people; managers for those of the enterprises they look after; heads for the department's officers."
	register(a, makeLink, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Body struct {
			Kind directory.TokenKind `json:"kind" enum:"invitation,reset" doc:"invitation for an account without a password or of an enterprise's contact, reset for one with"`
		}
	},
	) (*answer[Link], error) {
		l, err := a.svc.MakeLink(ctx, actor, in.ID, in.Body.Kind)
		if err != nil {
			return nil, err
		}
		return &answer[Link]{Link{service.LinkURL(a.opts.PublicURL, l), l.Token, *a.inZone(&l.ExpiresAt)}}, nil
	})
	use := open(operation(http.MethodPost, "/links/use", "use-link", "sessions", "Set a password with an invitation or reset link"))
	use.DefaultStatus = http.StatusOK
	register(a, use, func(ctx context.Context, _ ticket.Actor, in *struct {
		Body struct {
			Token    string `json:"token" minLength:"1" maxLength:"200" doc:"The last part of the link"`
			Password string `json:"password" minLength:"1" maxLength:"1000" doc:"10 to 200 characters, not the user name"`
		}
	},
	) (*answer[Owner], error) {
		u, err := a.svc.UseLink(ctx, in.Body.Token, in.Body.Password, service.RemoteAddr(ctx))
		if err != nil {
			return nil, err
		}
		return &answer[Owner]{Owner{u.Username}}, nil
	})
}

// AssignmentQuery narrows a list of assignments.
type AssignmentQuery struct {
	Kind   string `query:"kind" enum:"manager,station,team,deputy"`
	User   string `query:"user" maxLength:"64" doc:"User id"`
	Target string `query:"target" maxLength:"64" doc:"Id of the enterprise, station, project or department"`
	All    bool   `query:"all" doc:"The retired too"`
}

func (q AssignmentQuery) filter() service.AssignmentFilter {
	return service.AssignmentFilter{Kind: directory.AssignmentKind(q.Kind), UserID: q.User, TargetID: q.Target, Retired: q.All}
}

func (a *API) assignments() {
	create := operation(http.MethodPost, "/assignments", "create-assignment", "assignments", "Assign something to an account")
	create.DefaultStatus = http.StatusCreated
	create.Description = "By admins; managers by the desk; a deputy for some days by the department's head."
	registerKeyed(a, create, func(ctx context.Context, actor ticket.Actor, in *struct {
		Keyed
		Body service.NewAssignment
	},
	) (*created[Assignment], error) {
		as, err := a.svc.CreateAssignment(ctx, actor, in.Body)
		if err != nil {
			return nil, err
		}
		out, err := a.showAssignment(ctx, actor, as.ID)
		if err != nil {
			return nil, err
		}
		return &created[Assignment]{prefix + "/assignments/" + as.ID, out.Body}, nil
	})
	list := operation(http.MethodGet, "/assignments", "list-assignments", "assignments", "List assignments, newest first")
	list.Description = "Admins and the desk see all; everybody their own; a department those of its people and of itself; an enterprise those who look after it."
	register(a, list, func(ctx context.Context, actor ticket.Actor, in *struct {
		AssignmentQuery
		Paged
	},
	) (*answer[Page[Assignment]], error) {
		after, err := decodeCursor[idPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		f := in.filter()
		f.After, f.Limit = afterID(after), in.Limit+1
		rows, err := a.svc.Assignments(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		return &answer[Page[Assignment]]{pageOf(rows, in.Limit, a.assignment, func(v service.AssignmentView) any { return idPosition{v.ID} })}, nil
	})
	register(a, operation(http.MethodGet, "/assignments/{id}", "get-assignment", "assignments", "Read an assignment"),
		func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[Assignment], error) {
			return a.showAssignment(ctx, actor, in.ID)
		})
	register(a, operation(http.MethodPatch, "/assignments/{id}", "change-assignment", "assignments", "Give an assignment another last day"),
		func(ctx context.Context, actor ticket.Actor, in *struct {
			ByID
			Body struct {
				ToDate *worktime.Date `json:"to_date" format:"date" nullable:"true" doc:"The last day; null for none"`
			}
		},
		) (*answer[Assignment], error) {
			if _, err := a.svc.ChangeAssignment(ctx, actor, in.ID, in.Body.ToDate); err != nil {
				return nil, err
			}
			return a.showAssignment(ctx, actor, in.ID)
		})
	register(a, operation(http.MethodDelete, "/assignments/{id}", "retire-assignment", "assignments", "End an assignment at once"),
		func(ctx context.Context, actor ticket.Actor, in *ByID) (*nothing, error) {
			return &nothing{}, a.svc.RetireAssignment(ctx, actor, in.ID)
		})
}

func (a *API) showAssignment(ctx context.Context, actor ticket.Actor, id string) (*answer[Assignment], error) {
	as, err := a.svc.Assignment(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	return &answer[Assignment]{a.assignment(*as)}, nil
}
