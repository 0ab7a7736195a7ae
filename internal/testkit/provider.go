package testkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"

	"whistle/internal/sso"
)

// Provider is a running OpenID Connect provider, by whose word people sign in.
// Mockoidc speaks the protocol; this adds what it leaves out: a page where
// people say yes or no, and signing out.
type Provider struct {
	Key string

	oidc *mockoidc.MockOIDC
	now  func() time.Time

	mu       sync.Mutex
	user     ProviderUser
	asks     bool // people are asked; else they are sent back at once
	down     bool
	signOuts []url.Values
	tokens   int // that were asked for
}

// ProviderUser is somebody as a provider knows them.
type ProviderUser struct {
	Subject string
	Says    map[string]any // claims of the ID token, over those that the protocol wants
	More    map[string]any // told only when it is asked for
}

// ID is the subject.
func (u ProviderUser) ID() string { return u.Subject }

// Userinfo is what the provider tells besides.
func (u ProviderUser) Userinfo([]string) ([]byte, error) {
	info := map[string]any{"sub": u.Subject}
	maps.Copy(info, u.More)
	return json.Marshal(info)
}

// Claims are those of the ID token.
func (u ProviderUser) Claims(_ []string, base *mockoidc.IDTokenClaims) (jwt.Claims, error) {
	raw, err := json.Marshal(base)
	if err != nil {
		return nil, err
	}
	claims := jwt.MapClaims{}
	if err := json.Unmarshal(raw, &claims); err != nil {
		return nil, err
	}
	maps.Copy(claims, u.Says)
	return claims, nil
}

// providerPage is where people say whether they are who they are.
var providerPage = template.Must(template.New("").Parse(`<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{{.Key}}</title>
<main><h1>统一身份认证</h1><p>{{.Name}}</p><form method="post" action="{{.Action}}"><button name="say" value="yes">同意登录</button> <button name="say" value="no">拒绝</button></form></main></html>`))

// NewProvider starts one that goes by the clock of the service, until the test
// ends. Its address is another site than the service's.
func NewProvider(tb testing.TB, key string, now func() time.Time) *Provider {
	tb.Helper()
	m, err := mockoidc.NewServer(nil)
	if err != nil {
		tb.Fatal(err)
	}
	p := &Provider{Key: key, oidc: m, now: now}
	mux := http.NewServeMux()
	for path, handle := range map[string]http.HandlerFunc{
		mockoidc.AuthorizationEndpoint: p.authorize, mockoidc.TokenEndpoint: p.token, mockoidc.UserinfoEndpoint: m.Userinfo,
		mockoidc.JWKSEndpoint: m.JWKS, mockoidc.DiscoveryEndpoint: p.discovery, "/oidc/end": p.end,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, handle) })
	}
	srv := httptest.NewServer(mux)
	tb.Cleanup(srv.Close)
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	// It is never started: mockoidc names itself by its address.
	m.Server = &http.Server{Addr: net.JoinHostPort("localhost", port), ReadHeaderTimeout: time.Second}
	return p
}

// serve lets one in after another: mockoidc keeps what it knows without a lock.
func (p *Provider) serve(w http.ResponseWriter, r *http.Request, handle http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		panic(http.ErrAbortHandler) // the connection ends without an answer
	}
	p.oidc.FastForward(p.now().Sub(p.oidc.Now()))
	handle(w, r)
}

// Issuer is its name.
func (p *Provider) Issuer() string { return p.oidc.Issuer() }

// Settings are those of the service by which people of this provider come with
// an invitation, changed where wanted.
func (p *Provider) Settings(change ...func(s *sso.Provider)) sso.Provider {
	s := sso.Provider{
		Key: p.Key, Name: "市统一身份认证", NameEN: "City ID", Issuer: p.Issuer(), ClientID: p.oidc.ClientID, ClientSecret: p.oidc.ClientSecret,
		Scopes: []string{"openid", "profile", "email"}, FirstSignIn: sso.ByInvitation,
		UsernameClaim: "preferred_username", NameClaim: "name", EmailClaim: "email",
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

// ProviderFile is a file that names providers, for WHISTLE_OIDC_FILE.
func ProviderFile(tb testing.TB, providers ...sso.Provider) string {
	tb.Helper()
	var b bytes.Buffer
	if err := toml.NewEncoder(&b).Encode(map[string]any{"provider": providers}); err != nil {
		tb.Fatal(err)
	}
	file := filepath.Join(tb.TempDir(), "oidc.toml")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}
	return file
}

// Is says who sits before the browser that comes next.
func (p *Provider) Is(user ProviderUser) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.user = user
}

// Asks has it ask people before they are sent back.
func (p *Provider) Asks() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asks = true
}

// Down has it answer nothing, or again.
func (p *Provider) Down(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// SignOuts are what it was asked to sign out.
func (p *Provider) SignOuts() []url.Values {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.signOuts)
}

// TokensAsked is how often it was asked for a token.
func (p *Provider) TokensAsked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tokens
}

func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	if p.asks && r.Method == http.MethodGet {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = providerPage.Execute(w, map[string]any{"Key": p.Key, "Name": fmt.Sprint(p.user.Says["name"]), "Action": r.URL.RequestURI()})
		return
	}
	if r.FormValue("say") == "no" {
		to, err := url.Parse(r.FormValue("redirect_uri"))
		if err != nil {
			http.Error(w, "redirect_uri", http.StatusBadRequest)
			return
		}
		to.RawQuery = url.Values{"error": {"access_denied"}, "state": {r.FormValue("state")}}.Encode()
		http.Redirect(w, r, to.String(), http.StatusSeeOther)
		return
	}
	p.oidc.QueueUser(p.user)
	p.oidc.Authorize(w, r)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.tokens++
	p.oidc.Token(w, r)
}

func (p *Provider) discovery(w http.ResponseWriter, r *http.Request) {
	rec := httptest.NewRecorder()
	p.oidc.Discovery(rec, r)
	said := map[string]any{}
	if err := json.Unmarshal(rec.Body.Bytes(), &said); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	said["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"} // the one that it takes
	said["end_session_endpoint"] = p.oidc.Addr() + "/oidc/end"
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(said)
}

func (p *Provider) end(w http.ResponseWriter, r *http.Request) {
	p.signOuts = append(p.signOuts, r.URL.Query())
	http.Redirect(w, r, r.URL.Query().Get("post_logout_redirect_uri"), http.StatusSeeOther) //nolint:gosec // a test follows it
}
