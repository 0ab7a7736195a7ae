package rest_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"testing"

	"whistle/internal/store"
	"whistle/internal/testkit"
)

// line is the way to a database, and can be cut.
type line struct {
	net.Listener
	to    string
	mu    sync.Mutex
	conns []net.Conn
}

// newLine gives a database another address, from which it is reached until
// cut.
func newLine(t *testing.T, database string) (*line, string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{Listener: listener, to: u.Host}
	go l.serve(context.WithoutCancel(t.Context()))
	t.Cleanup(l.cut)
	u.Host = listener.Addr().String()
	return l, u.String()
}

func (l *line) serve(ctx context.Context) {
	for {
		near, err := l.Accept()
		if err != nil {
			return
		}
		far, err := new(net.Dialer).DialContext(ctx, "tcp", l.to)
		if err != nil {
			_ = near.Close()
			continue
		}
		l.mu.Lock()
		l.conns = append(l.conns, near, far)
		l.mu.Unlock()
		go pass(near, far)
		go pass(far, near)
	}
}

// pass carries bytes until either end closes, which the other end then hears.
func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
}

func (l *line) cut() {
	_ = l.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		_ = c.Close()
	}
}

var driversWords = regexp.MustCompile(`(?i)sql|postgres|dial|connect|eof|127\.0\.0\.1`)

// TestDatabaseAway: whoever calls is told to come back, in no driver's words.
func TestDatabaseAway(t *testing.T) {
	l, database := newLine(t, testkit.MigratedPostgres(t).URL)
	s := serve(t, store.Config{URL: database})
	id := bringOne(t, s, "submitted", "好单", false)
	own := s.As(t, "own")
	own.Get("/tickets/" + id).Want(http.StatusOK)
	l.cut()
	for range 2 { // at first the cut is noticed on the line, then there is none
		for _, a := range []*testkit.Answer{
			own.Get("/tickets/" + id), own.Get("/figures"), own.Post("/tickets", filed),
			own.Post("/tickets/"+id+"/withdraw", map[string]any{"reason": "r"}),
			own.With("Idempotency-Key", "k").Post("/tickets", filed),
		} {
			var p problem
			a.Want(http.StatusServiceUnavailable).Into(&p)
			if a.Header.Get("Retry-After") == "" || p.RequestID == "" || p.Detail == "" || driversWords.MatchString(p.Detail) {
				t.Errorf("%v %s", a.Header, a.Body)
			}
		}
	}
}
