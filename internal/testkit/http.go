package testkit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"whistle/internal/rest"
	"whistle/internal/server"
	"whistle/internal/service"
	"whistle/internal/sso"
)

// Server serves a District over HTTP.
type Server struct {
	*District
	URL     string
	Handler http.Handler
	API     *rest.API
	// Check, if set before a client is made, is shown every answer that the
	// client gets, with the method and the path asked for.
	Check func(method, path string, a *Answer) error

	mu        sync.Mutex
	tokens    map[string]string
	passwords map[string]bool // whose is set
}

// NewServer serves a district until the test ends.
func NewServer(tb testing.TB, d *District) *Server {
	tb.Helper()
	return newServer(tb, d, httptest.NewUnstartedServer(nil), server.Config{PublicURL: "http://whistle.test"})
}

// NewServerFor is NewServer where people may sign in by the word of providers:
// they find it again under the address by which it calls itself.
func NewServerFor(tb testing.TB, d *District, providers ...sso.Provider) *Server {
	tb.Helper()
	web := httptest.NewUnstartedServer(nil)
	return newServer(tb, d, web, server.Config{PublicURL: "http://" + web.Listener.Addr().String(), Providers: providers})
}

func newServer(tb testing.TB, d *District, web *httptest.Server, cfg server.Config) *Server {
	tb.Helper()
	cfg.Version = "test"
	srv, err := server.New(d.Service.Service, slog.New(slog.DiscardHandler), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	web.Config.Handler = srv.Handler()
	web.Start()
	tb.Cleanup(func() {
		d.Stop()
		web.Close()
	})
	return &Server{District: d, URL: web.URL, Handler: srv.Handler(), API: srv.API(), tokens: map[string]string{}, passwords: map[string]bool{}}
}

// FreeAddress is one on this machine that nobody listens at.
func FreeAddress(tb testing.TB) string {
	tb.Helper()
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		tb.Fatal(err)
	}
	return listener.Addr().String()
}

// As is a client that calls as one of the district's people, by an API token;
// "" is nobody.
func (s *Server) As(tb testing.TB, name string) *Client {
	tb.Helper()
	if name == "" {
		return &Client{tb: tb, url: s.URL, check: s.Check}
	}
	return &Client{tb: tb, url: s.URL, token: s.Token(tb, name), check: s.Check}
}

// Token is an API token of one of the district's people.
func (s *Server) Token(tb testing.TB, name string) string {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	token, ok := s.tokens[name]
	if !ok {
		var err error
		token, _, err = s.CreateToken(tb.Context(), s.Actor(tb, name), service.NewToken{Name: "test"})
		if err != nil {
			tb.Fatal(err)
		}
		s.tokens[name] = token
	}
	return token
}

// Client calls the API.
type Client struct {
	tb     testing.TB
	url    string
	token  string
	header http.Header
	check  func(method, path string, a *Answer) error
}

// With is the client with one more header on every call.
func (c *Client) With(name, value string) *Client {
	with := *c
	with.header = c.header.Clone()
	if with.header == nil {
		with.header = http.Header{}
	}
	with.header.Set(name, value)
	return &with
}

// Answer is what the API answered.
type Answer struct {
	tb     testing.TB
	Status int
	Header http.Header
	Body   []byte
}

// Get reads a path below /api/v1, or one that begins with it.
func (c *Client) Get(path string) *Answer { return c.Do(http.MethodGet, path, nil) }

// Post sends a body as JSON; a string or []byte is sent as it is.
func (c *Client) Post(path string, body any) *Answer { return c.Do(http.MethodPost, path, body) }

// Do sends any request.
func (c *Client) Do(method, path string, body any) *Answer {
	c.tb.Helper()
	req := c.request(method, path, body)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.tb.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.tb.Fatal(err)
	}
	answer := &Answer{c.tb, res.StatusCode, res.Header, raw}
	if c.check != nil {
		if err := c.check(method, req.URL.Path, answer); err != nil {
			c.tb.Errorf("%s %s answered %d: %v", method, path, answer.Status, err)
		}
	}
	return answer
}

// Open reads a path whose answer goes on, as a stream's does; the caller reads
// it until the test ends.
func (c *Client) Open(path string) *bufio.Reader {
	c.tb.Helper()
	res, err := http.DefaultClient.Do(c.request(http.MethodGet, path, nil))
	if err != nil {
		c.tb.Fatal(err)
	}
	c.tb.Cleanup(func() { _ = res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		c.tb.Fatalf("GET %s answered %d", path, res.StatusCode)
	}
	return bufio.NewReader(res.Body)
}

func (c *Client) request(method, path string, body any) *http.Request {
	c.tb.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	case []byte:
		content = bytes.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			c.tb.Fatal(err)
		}
		content = bytes.NewReader(raw)
	}
	if !strings.HasPrefix(path, "/api/") {
		path = "/api/v1" + path
	}
	req, err := http.NewRequestWithContext(c.tb.Context(), method, c.url+path, content)
	if err != nil {
		c.tb.Fatal(err)
	}
	for name, values := range c.header {
		req.Header[name] = values
	}
	if content != nil && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	return req
}

// Want fails the test unless the status is this one.
func (a *Answer) Want(status int) *Answer {
	a.tb.Helper()
	if a.Status != status {
		a.tb.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	return a
}

// Into reads the body as JSON.
func (a *Answer) Into(v any) {
	a.tb.Helper()
	if err := json.Unmarshal(a.Body, v); err != nil {
		a.tb.Fatalf("%v in %s", err, a.Body)
	}
}

// Map is the body as a JSON object.
func (a *Answer) Map() map[string]any {
	a.tb.Helper()
	m := map[string]any{}
	a.Into(&m)
	return m
}

// Text is a member of the body's JSON object, as text; "" where it is none.
func (a *Answer) Text(member string) string {
	a.tb.Helper()
	text, _ := a.Map()[member].(string)
	return text
}
