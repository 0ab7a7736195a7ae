package rest

import (
	"context"
	"net/http"
	"time"

	"whistle/internal/auth"
	"whistle/internal/directory"
	"whistle/internal/ticket"
)

// SignInProvider is somebody by whose word people may sign in.
type SignInProvider struct {
	Key    string `json:"key"`
	Name   string `json:"name"`
	NameEN string `json:"name_en"`
	URL    string `json:"url" doc:"To open in a browser; ?to=/path leads to a page afterwards"`
}

// SignInProviders are all there are.
type SignInProviders struct {
	Items []SignInProvider `json:"items" doc:"In the order in which to offer them; none where only passwords are taken"`
}

// Identity is by whom an account's owner may sign in.
type Identity struct {
	ID         string     `json:"id"`
	Provider   string     `json:"provider" doc:"Key of the provider; empty when it is configured no more"`
	Issuer     string     `json:"issuer"`
	Subject    string     `json:"subject" doc:"Who, at the issuer"`
	Name       string     `json:"name" doc:"As the provider called its owner when they were linked"`
	Mapped     bool       `json:"mapped" doc:"Whether the account was made by it: role and department come from its claims at each sign-in"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
}

// Identities are all of an account.
type Identities struct {
	Items []Identity `json:"items"`
}

func (a *API) identitiesOf(all []directory.Identity) *answer[Identities] {
	shown := Identities{Items: make([]Identity, len(all))}
	for i, identity := range all {
		shown.Items[i] = Identity{
			ID: identity.ID, Issuer: identity.Issuer, Subject: identity.Subject, Name: identity.Name, Mapped: identity.Mapped,
			CreatedAt: *a.inZone(&identity.CreatedAt), LastUsedAt: a.inZone(identity.LastUsedAt),
		}
		if provider := a.opts.Providers.At(identity.Issuer); provider != nil {
			shown.Items[i].Provider = provider.Key
		}
	}
	return &answer[Identities]{shown}
}

// identities are single sign-on; the way to a provider and back is a browser's,
// and so is linking.
func (a *API) identities() {
	register(a, open(operation(http.MethodGet, "/sign-in/providers", "list-sign-in-providers", "sessions", "List by whose word one may sign in, beside a password")),
		func(context.Context, ticket.Actor, *struct{}) (*answer[SignInProviders], error) {
			shown := SignInProviders{Items: []SignInProvider{}}
			for _, p := range a.opts.Providers.All() {
				shown.Items = append(shown.Items, SignInProvider{p.Key, p.Called(false), p.Called(true), a.opts.PublicURL + auth.SignInByProvider + p.Key})
			}
			return &answer[SignInProviders]{shown}, nil
		})
	register(a, operation(http.MethodGet, "/me/identities", "list-identities", "sessions", "List by whose word one may sign in to one's own account"),
		func(ctx context.Context, actor ticket.Actor, _ *struct{}) (*answer[Identities], error) {
			all, err := a.svc.MyIdentities(ctx, actor)
			return a.identitiesOf(all), err
		})
	register(a, operation(http.MethodDelete, "/me/identities/{id}", "remove-identity", "sessions", "Remove one, if another way to sign in remains"),
		func(ctx context.Context, actor ticket.Actor, in *ByID) (*nothing, error) {
			return &nothing{}, a.svc.RemoveMyIdentity(ctx, actor, in.ID)
		})
	register(a, operation(http.MethodGet, "/users/{id}/identities", "list-user-identities", "users", "List by whose word an account's owner may sign in; for who keeps the account"),
		func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[Identities], error) {
			all, err := a.svc.Identities(ctx, actor, in.ID)
			return a.identitiesOf(all), err
		})
	register(a, operation(http.MethodDelete, "/users/{id}/identities/{identity_id}", "remove-user-identity", "users", "Remove one; the account's sessions end"),
		func(ctx context.Context, actor ticket.Actor, in *struct {
			ByID
			IdentityID string `path:"identity_id" maxLength:"64"`
		},
		) (*nothing, error) {
			return &nothing{}, a.svc.RemoveIdentity(ctx, actor, in.ID, in.IdentityID)
		})
}
