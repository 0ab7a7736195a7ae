package auth

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/labstack/echo/v4"
	"golang.org/x/oauth2"

	"whistle/internal/sso"
	"whistle/internal/ticket"
)

// Providers are those by whose word people may sign in, in OpenID Connect's code
// flow with PKCE. What a browser that is on its way there must bring back stays
// with it, in a sealed cookie whose key comes from the client's secret: whichever
// replica it comes back to can read it.
type Providers struct {
	list []*Provider
}

// Provider is one of them.
type Provider struct {
	sso.Provider

	back string // where it sends people to, of ours
	home string // our start page
	now  func() time.Time
	log  *slog.Logger
	seal cipher.AEAD

	mu       sync.Mutex // held while it is asked for its addresses
	known    *discovered
	failedAt time.Time
}

// discovered is what a provider says of itself.
type discovered struct {
	*oidc.Provider
	at         time.Time
	endSession string // where signing out there begins; "" for nowhere
	style      oauth2.AuthStyle
}

const (
	// SignInByProvider is where a sign-in by a provider begins, before its key.
	SignInByProvider = "/signin/with/"

	flowCookie   = "whistle_flow_" // followed by the beginning of the state
	signedCookie = "whistle_signed_in_by"

	flowLasts      = 10 * time.Minute
	discoverAgain  = 5 * time.Minute // it may have gone down, or moved
	discoverWait   = 5 * time.Second // after a failure
	providerWait   = 5 * time.Second
	maxCookie      = 3800 // browsers take 4,096 bytes with the name
	stateInName    = 8
	sealInfo       = "whistle: on the way to a provider"
	maxReturnPath  = 1000
	providerAnswer = 1 << 20
)

// NewProviders lays them out, and asks nothing of them yet: one that is down
// keeps the service from nothing.
func NewProviders(all []sso.Provider, publicURL string, now func() time.Time, log *slog.Logger) (*Providers, error) {
	p := &Providers{}
	for _, settings := range all {
		key, err := hkdf.Key(sha256.New, []byte(settings.ClientSecret), []byte(settings.Issuer), sealInfo, 32)
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		seal, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		p.list = append(p.list, &Provider{
			Provider: settings, back: publicURL + SignInByProvider + settings.Key + "/back", home: publicURL + "/",
			now: now, log: log, seal: seal,
		})
	}
	return p, nil
}

// All lists them in the order in which they were written.
func (p *Providers) All() []*Provider { return p.list }

// Named finds one by its key; nil when there is none.
func (p *Providers) Named(key string) *Provider {
	for _, provider := range p.list {
		if provider.Key == key {
			return provider
		}
	}
	return nil
}

// At finds one by its issuer; nil when there is none.
func (p *Providers) At(issuer string) *Provider {
	for _, provider := range p.list {
		if provider.Issuer == issuer {
			return provider
		}
	}
	return nil
}

// Flow is what a browser on its way to a provider and back is about.
type Flow struct {
	To         string `json:"to,omitempty"`         // the page of ours where it was going
	Invitation string `json:"invitation,omitempty"` // token of the invitation that it follows
	Session    string `json:"session,omitempty"`    // digest of the session to whose account it links
}

// sealed is a Flow with what ties the provider's answer to it.
type sealed struct {
	Flow
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Until    time.Time `json:"until"`
}

var (
	errProviderAway   = ticket.Errorf(ticket.CodeUnavailable, "The sign-in service does not answer at the moment. Try again in a few minutes, or sign in with your password.")
	errConsentDenied  = ticket.Errorf(ticket.CodeUnauthenticated, "You are not signed in: you, or the sign-in service, said no. Begin again if that was a mistake.")
	errFlowGone       = ticket.Errorf(ticket.CodeUnauthenticated, "This sign-in took too long, was done already, or was begun in another browser. Begin again.")
	errNotTrustworthy = ticket.Errorf(ticket.CodeUnauthenticated, "What the sign-in service answered cannot be trusted. Begin again; if it happens once more, tell an admin.")
)

// client asks providers; each answer within a limited time, and of limited
// length.
var client = &http.Client{Timeout: providerWait, Transport: limited{http.DefaultTransport}}

type limited struct{ http.RoundTripper }

// RoundTrip cuts an answer off that goes on and on.
func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = http.MaxBytesReader(nil, res.Body, providerAnswer)
	}
	return res, err
}

// Reach asks the provider what it says of itself, for whoever examines the
// service.
func (p *Provider) Reach(ctx context.Context) error {
	_, err := p.discover(ctx)
	return err
}

func (p *Provider) discover(ctx context.Context) (*discovered, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, client), p.Issuer)
	if err != nil {
		return nil, err
	}
	var more struct {
		EndSession string   `json:"end_session_endpoint"`
		Methods    []string `json:"token_endpoint_auth_methods_supported"`
		PKCE       []string `json:"code_challenge_methods_supported"`
	}
	if err := provider.Claims(&more); err != nil {
		return nil, err
	}
	if more.PKCE != nil && !slices.Contains(more.PKCE, "S256") {
		return nil, errors.New("it does not take PKCE by S256")
	}
	d := &discovered{Provider: provider, at: p.now(), style: oauth2.AuthStyleInHeader}
	if more.Methods != nil && !slices.Contains(more.Methods, "client_secret_basic") {
		d.style = oauth2.AuthStyleInParams
	}
	// It leads browsers away from here: only to where the rest of it is.
	if u, err := url.Parse(more.EndSession); err == nil && (u.Scheme == "https" || u.Scheme == "http" && strings.HasPrefix(p.Issuer, "http:")) {
		d.endSession = more.EndSession
	}
	return d, nil
}

// ask is what the provider says of itself, by now or lately. What it said long
// ago will not do: people would be sent to where nobody answers. After a failure
// it is left alone for a moment.
func (p *Provider) ask(ctx context.Context) (*discovered, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.known != nil && now.Sub(p.known.at) < discoverAgain {
		return p.known, nil
	}
	if now.Sub(p.failedAt) < discoverWait {
		return nil, errProviderAway
	}
	// Whoever asks may go away meanwhile; others wait for the answer, too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), providerWait)
	defer cancel()
	known, err := p.discover(ctx)
	if err != nil {
		p.failedAt = now
		p.log.WarnContext(ctx, "a sign-in provider does not answer", slog.String("provider", p.Key), slog.Any("error", err))
		return nil, errProviderAway
	}
	p.known = known
	return known, nil
}

func (p *Provider) oauth(d *discovered) *oauth2.Config {
	endpoint := d.Endpoint()
	endpoint.AuthStyle = d.style
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: endpoint, RedirectURL: p.back, Scopes: p.Scopes}
}

// Begin gives the browser what it must bring back, and the address at the
// provider where it goes on.
func (p *Provider) Begin(c echo.Context, flow Flow) (string, error) {
	d, err := p.ask(c.Request().Context())
	if err != nil {
		return "", err
	}
	if len(flow.To) > maxReturnPath {
		flow.To = ""
	}
	s := sealed{Flow: flow, State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Until: p.now().Add(flowLasts)}
	value, err := p.close(s)
	if err != nil {
		return "", err
	}
	c.SetCookie(p.flowCookie(c, s.State, value, int(flowLasts.Seconds())))
	return p.oauth(d).AuthCodeURL(s.State, oidc.Nonce(s.Nonce), oauth2.S256ChallengeOption(s.Verifier)), nil
}

// flowCookie has the state in its name: one may sign in in two tabs.
func (p *Provider) flowCookie(c echo.Context, state, value string, age int) *http.Cookie {
	cookie := Cookie(c, &http.Cookie{Name: flowCookie + state[:stateInName], Value: value, MaxAge: age, HttpOnly: true})
	cookie.Path = SignInByProvider + p.Key
	return cookie
}

func (p *Provider) close(s sealed) (string, error) {
	plain, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, p.seal.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return base64.RawURLEncoding.EncodeToString(p.seal.Seal(nonce, nonce, plain, []byte(p.Key))), nil
}

func (p *Provider) open(value string) (s sealed, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(raw) < p.seal.NonceSize() {
		return s, false
	}
	plain, err := p.seal.Open(nil, raw[:p.seal.NonceSize()], raw[p.seal.NonceSize():], []byte(p.Key))
	return s, err == nil && json.Unmarshal(plain, &s) == nil
}

// Return is a browser that came back from a provider.
type Return struct {
	Flow

	provider *Provider
	sealed   sealed
	query    url.Values
}

// Back reads what the browser brings back, and takes it away: it serves once. It
// fails for a browser that was never sent there, or too long ago.
func (p *Provider) Back(c echo.Context) (*Return, error) {
	query := c.QueryParams()
	state := query.Get("state")
	if len(state) < stateInName {
		return nil, errFlowGone
	}
	cookie, err := c.Cookie(flowCookie + state[:stateInName])
	if err != nil {
		return nil, errFlowGone
	}
	c.SetCookie(p.flowCookie(c, state, "", -1))
	s, ok := p.open(cookie.Value)
	if !ok || subtle.ConstantTimeCompare([]byte(s.State), []byte(state)) != 1 || !p.now().Before(s.Until) {
		return nil, errFlowGone
	}
	return &Return{Flow: s.Flow, provider: p, sealed: s, query: query}, nil
}

// Vouched is somebody for whom a provider has vouched.
type Vouched struct {
	sso.Identity
	IDToken string
}

// Identity asks the provider who came back. What is wrong in detail is for the
// log, not for whoever came with it.
func (r *Return) Identity(ctx context.Context) (*Vouched, error) {
	p := r.provider
	// RFC 9207: an answer of one provider must not pass for another's.
	if by := r.query.Get("iss"); by != "" && by != p.Issuer {
		return nil, p.distrust(ctx, errors.New("the answer names another issuer"))
	}
	switch r.query.Get("error") {
	case "":
	case "access_denied", "consent_required", "login_required", "interaction_required", "account_selection_required":
		return nil, errConsentDenied
	case "temporarily_unavailable", "server_error":
		return nil, errProviderAway
	default:
		return nil, p.distrust(ctx, fmt.Errorf("the provider answers with the error %q", r.query.Get("error")))
	}
	d, err := p.ask(ctx)
	if err != nil {
		return nil, err
	}
	ctx = oidc.ClientContext(ctx, client)
	token, err := p.oauth(d).Exchange(ctx, r.query.Get("code"), oauth2.VerifierOption(r.sealed.Verifier))
	if err != nil {
		var refused *oauth2.RetrieveError
		if !errors.As(err, &refused) || refused.Response.StatusCode >= http.StatusInternalServerError {
			p.log.WarnContext(ctx, "a sign-in provider gives no token", slog.String("provider", p.Key), slog.Any("error", err))
			return nil, errProviderAway
		}
		return nil, p.distrust(ctx, fmt.Errorf("the code: %s %d", refused.ErrorCode, refused.Response.StatusCode))
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return nil, p.distrust(ctx, errors.New("there is no ID token"))
	}
	id, err := d.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.now}).Verify(ctx, raw)
	if err != nil {
		return nil, p.distrust(ctx, err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(r.sealed.Nonce)) != 1 {
		return nil, p.distrust(ctx, errors.New("the nonce is another"))
	}
	v := &Vouched{Identity: sso.Identity{Provider: p.Provider, Subject: id.Subject}, IDToken: raw}
	if err := id.Claims(&v.Claims); err != nil {
		return nil, p.distrust(ctx, err)
	}
	if to, _ := v.Claims["azp"].(string); to != p.ClientID && (to != "" || len(id.Audience) > 1) {
		return nil, p.distrust(ctx, errors.New("the ID token was made for another client"))
	}
	if id.Subject == "" || len(id.Subject) > 255 {
		return nil, p.distrust(ctx, errors.New("there is no subject of 1 to 255 characters"))
	}
	return v, p.askMore(ctx, d, token, v)
}

// askMore adds what the ID token leaves out and the provider tells only when it
// is asked.
func (p *Provider) askMore(ctx context.Context, d *discovered, token *oauth2.Token, v *Vouched) error {
	if d.UserInfoEndpoint() == "" || !p.Lacks(v.Claims) {
		return nil
	}
	info, err := d.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		p.log.WarnContext(ctx, "a sign-in provider tells no more about somebody", slog.String("provider", p.Key), slog.Any("error", err))
		return errProviderAway
	}
	if info.Subject != v.Subject {
		return p.distrust(ctx, errors.New("what is told more is of somebody else"))
	}
	var more sso.Claims
	if err := info.Claims(&more); err != nil {
		return p.distrust(ctx, err)
	}
	for name, value := range more {
		if _, said := v.Claims[name]; !said {
			v.Claims[name] = value
		}
	}
	return nil
}

func (p *Provider) distrust(ctx context.Context, why error) error {
	p.log.WarnContext(ctx, "a sign-in by a provider is refused", slog.String("provider", p.Key), slog.Any("error", why))
	return errNotTrustworthy
}

// Remember has the browser keep by whom its session was vouched for, so that
// signing out goes there; nil for nobody. It is sent with nothing but that.
func (p *Providers) Remember(c echo.Context, v *Vouched, life time.Duration) {
	if len(p.list) == 0 {
		return
	}
	if v == nil {
		c.SetCookie(signedInBy(c, "", -1))
		return
	}
	value := v.Provider.Key + "." + v.IDToken
	if len(value) > maxCookie {
		value = v.Provider.Key + "."
	}
	c.SetCookie(signedInBy(c, value, int(life.Seconds())))
}

// SignOutPath is where a session ends.
const SignOutPath = "/signout"

func signedInBy(c echo.Context, value string, age int) *http.Cookie {
	cookie := Cookie(c, &http.Cookie{Name: signedCookie, Value: value, MaxAge: age, HttpOnly: true})
	cookie.Path = SignOutPath
	return cookie
}

// SignOut is where a browser goes on to sign out at the provider that vouched
// for its session, which sends it back to our start page; "" for nowhere: nobody
// did, or the provider has no such place, or is not to be asked.
func (p *Providers) SignOut(c echo.Context) (*Provider, string) {
	cookie, err := c.Cookie(signedCookie)
	if err != nil {
		return nil, ""
	}
	c.SetCookie(signedInBy(c, "", -1))
	key, idToken, _ := strings.Cut(cookie.Value, ".")
	provider := p.Named(key)
	if provider == nil || !provider.SignsOut() {
		return nil, ""
	}
	d, err := provider.ask(c.Request().Context())
	if err != nil || d.endSession == "" {
		return nil, "" // signed out here all the same
	}
	to, err := url.Parse(d.endSession)
	if err != nil {
		return nil, ""
	}
	query := to.Query()
	query.Set("client_id", provider.ClientID)
	query.Set("post_logout_redirect_uri", provider.home)
	if idToken != "" {
		query.Set("id_token_hint", idToken)
	}
	to.RawQuery = query.Encode()
	return provider, to.String()
}
