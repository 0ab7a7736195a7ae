package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// between stands between a browser and the server, and holds their line.
func (l *line) between(t *testing.T, server string) string {
	t.Helper()
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/stream" {
			l.mu.Lock()
			down, cut := l.down, l.cut
			l.mu.Unlock()
			if down {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			go func() {
				select {
				case <-cut:
					cancel()
				case <-ctx.Done():
				}
			}()
			r = r.WithContext(ctx)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	return front.URL
}

// TestTheDashboardMoves by itself when something happens, says when its line is
// down, and catches up with what came to pass meanwhile.
func TestTheDashboardMoves(t *testing.T) {
	o := quick(t)
	l := &line{cut: make(chan struct{})}
	p := o.personAt(t, l.between(t, o.URL), "leader", testkit.Desktop)
	p.Expect("/api/v1/stream")
	t.Cleanup(func() { l.set(true) })
	const collected = `document.querySelector(".flow-count").textContent`
	p.Open("/dashboard").Until(collected + ` === "0"`).DontSee(o.text("shell.line_down"))
	o.filed("缺工人", nil)
	p.Until(collected + ` === "1"`)

	l.set(true)
	p.See(o.text("shell.line_down"))
	id := o.filed("断电", nil)
	o.do("own", id, ticket.EventMessage, ticket.TextInput{Text: "很急"})
	l.set(false)
	p.DontSee(o.text("shell.line_down")).Until(collected + ` === "2"`)
}
