package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"whistle/internal/testkit"
)

func TestStopFinishesWhatRuns(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		tokens, _ := d.people(t)
		p := d.serve(t)
		stream := p.listen(t, tokens["desk"])

		// A request that is under way: its second half comes after the signal.
		body := `{"title":"招不到装配工","description":"节后缺一百名装配工。","category":"labour"}`
		half, rest := io.Pipe()
		arrived, answered := make(chan struct{}), make(chan *http.Response, 1)
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(arrived) }})
		go func() {
			defer close(answered)
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/api/v1/tickets", half)
			if err != nil {
				t.Error(err)
				return
			}
			req.Header.Set("Authorization", "Bearer "+tokens["own"])
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Expect", "100-continue") // said by the handler when it begins to read
			res, err := http.DefaultClient.Do(req)   //nolint:bodyclose // whoever receives it closes it
			if err != nil {
				t.Error(err)
				return
			}
			answered <- res
		}()
		<-arrived
		if _, err := io.WriteString(rest, body[:20]); err != nil {
			t.Fatal(err)
		}

		stopped := make(chan time.Duration, 1)
		go func() { stopped <- p.stop(t) }()
		p.refuses(t)
		if _, err := io.WriteString(rest, body[20:]); err != nil {
			t.Fatal(err)
		}
		if err := rest.Close(); err != nil {
			t.Fatal(err)
		}
		if res, ok := <-answered; ok {
			if res.StatusCode != http.StatusCreated {
				t.Errorf("the request that was under way was answered %s", res.Status)
			}
			if err := res.Body.Close(); err != nil {
				t.Error(err)
			}
		}
		for range stream.lines { // until the stream has ended
		}
		if took := <-stopped; took > 10*time.Second {
			t.Errorf("stopping took %s", took)
		}
	})
}

// refuses waits until nobody answers any more.
func (p *process) refuses(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(p.url, "http://"))
		if err != nil {
			if ctx.Err() != nil {
				t.Fatal("new connections are taken after the signal")
			}
			return
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// stream is what a reader hears.
type stream struct {
	lines chan string // closed when the stream ends
}

// listen opens a stream and returns once it is open.
func (p *process) listen(t *testing.T, token string) *stream {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/api/v1/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req) //nolint:bodyclose // the reader below closes it
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("the stream was answered %s", res.Status)
	}
	s := &stream{lines: make(chan string, 1000)}
	go func() {
		defer close(s.lines)
		defer res.Body.Close()
		lines := bufio.NewScanner(res.Body)
		for lines.Scan() {
			s.lines <- lines.Text()
		}
	}()
	return s
}

// file files a ticket and returns its id.
func (p *process) file(t *testing.T, token string) string {
	t.Helper()
	caller := testkit.Caller{URL: p.url, Token: token, HTTP: http.DefaultClient}
	raw, err := caller.Call(t.Context(), http.MethodPost, "/api/v1/tickets",
		map[string]any{"title": "招不到装配工", "description": "节后缺一百名装配工。", "category": "labour"}, "")
	if err != nil {
		t.Fatal(err)
	}
	var filed seen
	if err := json.Unmarshal(raw, &filed); err != nil {
		t.Fatal(err)
	}
	return filed.ID
}

// hears waits for a line with one of the texts.
func (s *stream) hears(t *testing.T, texts ...string) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		select {
		case line, ok := <-s.lines:
			if !ok {
				t.Fatalf("the stream ended before %q", texts)
			}
			if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(line, text) }) {
				return
			}
		case <-deadline.C:
			t.Fatalf("%q is not heard", texts)
		}
	}
}

// pendingMigration is a line of migrate status whose migration was not applied.
var pendingMigration = regexp.MustCompile(`(?m) pending$`)

// TestTwoProcessesBegin starts two servers at once on an empty database, which
// is migrated and filled once.
func TestTwoProcessesBegin(t *testing.T) {
	emptyDatabases(t, func(t *testing.T, d database) {
		two := [2]*process{d.launch(t), d.launch(t)}
		for _, p := range two {
			p.become(t, http.StatusOK)
		}
		if code, out, _ := d.run(t, "migrate", "status"); code != 0 || pendingMigration.MatchString(out) {
			t.Errorf("migrations: exit %d: %s", code, out)
		}
		if code, out, _ := d.run(t, "user", "list"); code != 0 || strings.Count(out, "admin") != 2 { // name and role
			t.Errorf("accounts: exit %d:\n%s", code, out)
		}
		for _, p := range two {
			p.stop(t)
		}
		d.clean(t)
	})
}

// TestTwoProcesses has two servers on one database: each hears of what the
// other does.
func TestTwoProcesses(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		tokens, _ := d.people(t)
		two := [2]*process{d.serve(t), d.serve(t)}
		streams := [2]*stream{two[0].listen(t, tokens["desk"]), two[1].listen(t, tokens["desk"])}
		for _, s := range streams {
			s.hears(t, `"at"`) // it is open
		}
		for i, p := range two {
			// Until the other listens to the database, it tells its readers
			// that they may have missed something; SQLite never tells what.
			other, lost := streams[1-i], "hints were lost"
			other.hears(t, p.file(t, tokens["own"]), lost)
			id := p.file(t, tokens["own"])
			if d.config.URL == "" {
				other.hears(t, lost)
			} else {
				other.hears(t, id)
			}
			streams[i].hears(t, id)
		}
		for _, p := range two {
			p.stop(t)
		}
		d.clean(t)
	})
}

var tokenTold = regexp.MustCompile(`"token":"([^"]+)"`)

// TestFirstAdmin goes from an empty folder to an administrator who is signed in.
func TestFirstAdmin(t *testing.T) {
	d := database{config: testkit.SQLite(t)}
	p := d.serve(t)
	p.told.waitFor(t, "curl -X POST "+p.url+"/api/v1/links/use")
	token := tokenTold.FindStringSubmatch(p.told.String())
	if token == nil {
		t.Fatalf("no link:\n%s", p.told)
	}
	open := testkit.Caller{URL: p.url, HTTP: http.DefaultClient}
	use := map[string]any{"token": token[1], "password": "塔吊林立的那一片河岸"} //nolint:gosec // invented here
	if _, err := open.Call(t.Context(), http.MethodPost, "/api/v1/links/use", use, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := open.Call(t.Context(), http.MethodPost, "/api/v1/links/use", use, ""); err == nil {
		t.Error("the link works twice")
	}
	signedIn, err := open.Call(t.Context(), http.MethodPost, "/api/v1/sessions", map[string]any{"username": "admin", "password": use["password"]}, "")
	if err != nil || !strings.Contains(string(signedIn), `"role":"admin"`) {
		t.Errorf("signed in as %s: %v", signedIn, err)
	}
	p.stop(t)
	again := d.serve(t)
	again.stop(t)
	if strings.Contains(again.told.String(), "No administrator") {
		t.Errorf("there is an administrator:\n%s", again.told)
	}
}

// waitFor waits until the process has printed the text.
func (w *told) waitFor(t *testing.T, text string) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for !strings.Contains(w.String(), text) {
		select {
		case <-w.more:
		case <-deadline.C:
			t.Fatalf("%q is not said:\n%s", text, w)
		}
	}
}

// TestServeBeforeTheMigrations serves a database that somebody else migrates.
func TestServeBeforeTheMigrations(t *testing.T) {
	emptyDatabases(t, func(t *testing.T, d database) {
		p := d.launch(t, "--migrate=false")
		p.become(t, http.StatusServiceUnavailable)
		for path, want := range map[string]int{"/healthz": http.StatusOK, "/api/v1/me": http.StatusServiceUnavailable, "/": http.StatusServiceUnavailable} {
			if status, body, err := ask(t.Context(), p.url+path); err != nil || status != want {
				t.Errorf("%s: %d %s %v", path, status, body, err)
			}
		}
		if code, _, complaints := d.run(t, "figures", "--migrate=false"); code != exitWrong || !strings.Contains(complaints, "whistle migrate up") {
			t.Errorf("a command before the migrations: exit %d: %s", code, complaints)
		}
		if code, out, _ := d.run(t, "migrate", "status"); code != exitWrong || !pendingMigration.MatchString(out) {
			t.Errorf("migrate status: exit %d: %s", code, out)
		}
		if code, _, complaints := d.run(t, "migrate", "up"); code != 0 {
			t.Fatalf("migrate up: %s", complaints)
		}
		if code, out, _ := d.run(t, "migrate", "status"); code != 0 || pendingMigration.MatchString(out) {
			t.Errorf("migrate status: exit %d: %s", code, out)
		}
		p.become(t, http.StatusOK)
		p.told.waitFor(t, "No administrator has a password yet")
		p.stop(t)
	})
}

// TestStopBeforeTheMigrations: one that never became ready stops, too.
func TestStopBeforeTheMigrations(t *testing.T) {
	p := database{config: testkit.SQLite(t)}.launch(t, "--migrate=false")
	p.become(t, http.StatusServiceUnavailable)
	p.stop(t)
}

// TestManyAsk reads the probes from many at once; they share the database with
// the requests.
func TestManyAsk(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		p := d.serve(t)
		var asking sync.WaitGroup
		for range 40 {
			asking.Go(func() {
				for range 5 {
					if status, body, err := ask(t.Context(), p.url+"/readyz"); err != nil || status != http.StatusOK {
						t.Errorf("/readyz: %d %s %v", status, body, err)
					}
				}
			})
		}
		asking.Wait()
		p.stop(t)
	})
}
