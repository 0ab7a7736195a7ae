package testkit

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"whistle/internal/service"
)

// Receiver is another program's server, which keeps what it is told.
type Receiver struct {
	URL string

	mu      sync.Mutex
	got     []Received
	answers []http.HandlerFunc
}

// Received is a request that a Receiver got.
type Received struct {
	Path   string
	Header http.Header
	Body   []byte
}

// NewReceiver serves until the test ends.
func NewReceiver(tb testing.TB) *Receiver {
	tb.Helper()
	r := &Receiver{}
	srv := httptest.NewServer(http.HandlerFunc(r.serve))
	tb.Cleanup(srv.Close)
	r.URL = srv.URL
	return r
}

func (r *Receiver) serve(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // it broke off
	}
	r.mu.Lock()
	r.got = append(r.got, Received{req.URL.Path, req.Header.Clone(), body})
	answer := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	if len(r.answers) > 0 {
		answer, r.answers = r.answers[0], r.answers[1:]
	}
	r.mu.Unlock()
	answer(w, req)
}

// Answer has the next requests answered so, one after the other, and those
// after them with success.
func (r *Receiver) Answer(answers ...http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers = append(r.answers, answers...)
}

// Got are the requests to a path so far.
func (r *Receiver) Got(path string) []Received {
	r.mu.Lock()
	defer r.mu.Unlock()
	var got []Received
	for _, g := range r.got {
		if g.Path == path {
			got = append(got, g)
		}
	}
	return got
}

// AllowLoopback lets a service reach servers of the test.
func AllowLoopback(c *service.Config) {
	c.Outbound = Outbound()
}
