package rest

import (
	"context"
	"net/http"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

// LinkLook is what a link tells to who follows it.
type LinkLook struct {
	Kind       directory.TokenKind `json:"kind" enum:"invitation,reset"`
	ExpiresAt  time.Time           `json:"expires_at"`
	Username   string              `json:"username"`
	Name       string              `json:"name" doc:"Of the account's owner"`
	Enterprise string              `json:"enterprise" doc:"Its name; empty for the offices"`
	SignsIn    bool                `json:"signs_in" doc:"Following it is enough: POST /sessions/by-link. Else it sets a password: POST /links/use"`
}

// Invitation is a link that was made for an account.
type Invitation struct {
	ID         string              `json:"id"`
	Kind       directory.TokenKind `json:"kind" enum:"invitation,reset"`
	State      directory.LinkState `json:"state" enum:"open,used,expired,revoked" doc:"revoked: or replaced by a newer one"`
	User       Named               `json:"user" doc:"Whose account it is for"`
	Enterprise *Named              `json:"enterprise"`
	Department *Named              `json:"department"`
	MadeBy     *Named              `json:"made_by"`
	CreatedAt  time.Time           `json:"created_at"`
	ExpiresAt  time.Time           `json:"expires_at"`
	EndedAt    *time.Time          `json:"ended_at" doc:"When it was used, revoked or replaced"`
}

// Invited is a link that was just made for an enterprise's contact.
type Invited struct {
	ID         string `json:"id"`
	Enterprise Named  `json:"enterprise"`
	User       Named  `json:"user"`
	NewAccount bool   `json:"new_account" doc:"The account was made along with the link"`
	Link
}

// InvitedAll are the links that were just made.
type InvitedAll struct {
	Items []Invited `json:"items" doc:"In the order of the enterprises asked for; one for each contact"`
}

func (a *API) link(l *service.Link) Link {
	return Link{service.LinkURL(a.opts.PublicURL, l), l.Token, *a.inZone(&l.ExpiresAt)}
}

func (a *API) invitation(i service.Invitation) Invitation {
	return Invitation{
		ID: i.ID, Kind: i.Kind, State: i.State, User: Named{i.User.ID, i.User.Name},
		Enterprise: nameOf(i.Names, i.User.EnterpriseID), Department: nameOf(i.Names, i.User.DepartmentID), MadeBy: nameOf(i.Names, i.MadeBy),
		CreatedAt: *a.inZone(&i.CreatedAt), ExpiresAt: *a.inZone(i.ExpiresAt), EndedAt: a.inZone(i.EndedAt),
	}
}

// ByToken is a link as it is sent: in the body, since addresses are logged.
type ByToken struct {
	Body struct {
		Token string `json:"token" minLength:"1" maxLength:"200" doc:"The last part of the link"`
	}
}

// Links are told once, so that their POSTs take no Idempotency-Key, either.
func (a *API) invitations() {
	look := open(operation(http.MethodPost, "/links/look", "look-at-link", "sessions", "What a link is for; it stays as it was"))
	look.DefaultStatus = http.StatusOK
	register(a, look, func(ctx context.Context, _ ticket.Actor, in *ByToken) (*answer[LinkLook], error) {
		v, err := a.svc.LookAtLink(ctx, in.Body.Token)
		if err != nil {
			return nil, err
		}
		return &answer[LinkLook]{LinkLook{v.Kind, *a.inZone(&v.ExpiresAt), v.Username, v.Name, v.Enterprise, v.SignsIn}}, nil
	})
	signIn := open(operation(http.MethodPost, "/sessions/by-link", "sign-in-by-link", "sessions", "Sign an enterprise's contact in with an invitation, which works once"))
	signIn.DefaultStatus = http.StatusCreated
	register(a, signIn, func(ctx context.Context, _ ticket.Actor, in *ByToken) (*answer[Session], error) {
		s, err := a.svc.SignInByLink(ctx, in.Body.Token, service.RemoteAddr(ctx))
		if err != nil {
			return nil, err
		}
		return &answer[Session]{Session{s.Token, *a.inZone(&s.ExpiresAt), a.me(&s.Profile)}}, nil
	})

	invite := operation(http.MethodPost, "/invitations", "invite", "invitations", "Make links for the contacts of enterprises, and accounts for those who have none")
	invite.DefaultStatus = http.StatusCreated
	invite.Description = "All or none. By the desk and administrators; by managers for the enterprises that they look after. Earlier links of the same contacts stop working."
	register(a, invite, func(ctx context.Context, actor ticket.Actor, in *struct{ Body service.NewInvitations }) (*answer[InvitedAll], error) {
		made, err := a.svc.Invite(ctx, actor, in.Body)
		if err != nil {
			return nil, err
		}
		out := InvitedAll{Items: make([]Invited, len(made))}
		for i, m := range made {
			out.Items[i] = Invited{m.ID, Named{m.Enterprise.ID, m.Enterprise.Name}, Named{m.User.ID, m.User.Name}, m.NewAccount, a.link(m.Link)}
		}
		return &answer[InvitedAll]{out}, nil
	})
	list := operation(http.MethodGet, "/invitations", "list-invitations", "invitations", "List the links that were made, newest first, and what became of them")
	list.Description = "Of accounts whose owners one may hand a link. Those that ended long ago are forgotten."
	register(a, list, func(ctx context.Context, actor ticket.Actor, in *struct {
		State      string `query:"state" enum:"open,used,expired,revoked"`
		Enterprise string `query:"enterprise" maxLength:"64" doc:"Enterprise id"`
		User       string `query:"user" maxLength:"64" doc:"User id"`
		Text       string `query:"q" maxLength:"200" doc:"In the owner's user name or name, or the enterprise's name"`
		Paged
	},
	) (*answer[Page[Invitation]], error) {
		after, err := decodeCursor[idPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		all, err := a.svc.Invitations(ctx, actor, service.InvitationFilter{
			State: directory.LinkState(in.State), EnterpriseID: in.Enterprise, UserID: in.User, Text: in.Text, After: afterID(after), Limit: in.Limit + 1,
		})
		if err != nil {
			return nil, err
		}
		return &answer[Page[Invitation]]{pageOf(all, in.Limit, a.invitation, func(i service.Invitation) any { return idPosition{i.ID} })}, nil
	})
	register(a, operation(http.MethodDelete, "/invitations/{id}", "revoke-invitation", "invitations", "Let a link work no more"),
		func(ctx context.Context, actor ticket.Actor, in *ByID) (*nothing, error) {
			return &nothing{}, a.svc.RevokeInvitation(ctx, actor, in.ID)
		})
	anew := operation(http.MethodPost, "/invitations/{id}/anew", "invite-anew", "invitations", "Make another link in place of one")
	anew.DefaultStatus = http.StatusCreated
	register(a, anew, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Body struct {
			Days int `json:"days,omitempty" minimum:"1" maximum:"90" doc:"For how long it works; 7 by default"`
		}
	},
	) (*answer[Link], error) {
		l, err := a.svc.InviteAnew(ctx, actor, in.ID, in.Body.Days)
		if err != nil {
			return nil, err
		}
		return &answer[Link]{a.link(l)}, nil
	})
}
