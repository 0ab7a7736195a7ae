package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"whistle/internal/testkit"
)

// seedVariable repeats the moments of an earlier run.
const seedVariable = "WHISTLE_TEST_SEED"

const (
	kills     = 3
	callers   = 6
	leastAcks = 30 // before the kill
	mostAcks  = 150
)

// TestKillUnderLoad kills the server while commands are under way, again and
// again on the same data: what was acknowledged must be there after each.
func TestKillUnderLoad(t *testing.T) {
	seed := rand.Uint64()
	if text := os.Getenv(seedVariable); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("%s: %v", seedVariable, err)
		}
	}
	t.Logf("seed %d; %s=%d repeats it", seed, seedVariable, seed)
	databases(t, func(t *testing.T, d database) {
		random := rand.New(rand.NewPCG(seed, 0))
		tokens, departments := d.people(t)
		l := &load{tokens: tokens, lead: departments["labour"], client: testkit.NewCallers(callers)}
		for range kills {
			l.underFire(t, d.serve(t), leastAcks+random.IntN(mostAcks-leastAcks))
			again := d.serve(t)
			l.checkAfter(t, again)
			d.clean(t)
			again.stop(t)
		}
		t.Logf("%d commands acknowledged, %d under way at the kills", len(l.acked), l.unsure)
	})
}

// load drives commands and remembers what the server acknowledged.
type load struct {
	tokens map[string]string
	lead   string
	client *http.Client

	mu     sync.Mutex
	acked  []sent
	asked  []sent // under way when the server died
	unsure int
	keys   atomic.Int64
}

// sent is one command, and what came of it.
type sent struct {
	who, path, event, key string
	body                  any
	answer                []byte
	seen
}

type seen struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
}

// story is what each caller lets befall one ticket after another.
func (l *load) story() []sent {
	words := map[string]any{"text": "已联系三所职业学校。"}
	return []sent{
		{who: "own", event: "submit", body: map[string]any{"title": "招不到装配工", "description": "节后缺一百名装配工。", "category": "labour"}},
		{who: "desk", event: "accept"},
		{who: "desk", event: "dispatch", body: map[string]any{"lead_id": l.lead}},
		{who: "lead-officer", event: "claim"},
		{who: "lead-officer", event: "progress", body: words},
		{who: "own", event: "message", body: words},
		{who: "lead-head", event: "resolve", body: map[string]any{"outcome": "solved", "result": "招到六十人。"}},
		{who: "own", event: "confirm", body: map[string]any{"satisfaction": 5}},
	}
}

func (l *load) call(ctx context.Context, url string, s sent) (sent, error) {
	answer, err := testkit.Caller{URL: url, Token: l.tokens[s.who], HTTP: l.client}.Call(ctx, http.MethodPost, s.path, s.body, s.key)
	if err != nil {
		return s, err
	}
	s.answer = answer
	return s, json.Unmarshal(answer, &s.seen)
}

// drive lets the story befall one ticket after another until heard, which is
// told of each command and what came of it, says no.
func (l *load) drive(ctx context.Context, url string, heard func(s sent, err error) bool) {
	for {
		id := ""
		for _, s := range l.story() {
			s.path, s.key = "/api/v1/tickets", fmt.Sprintf("key-%d", l.keys.Add(1))
			if s.event != "submit" {
				s.path += "/" + id + "/" + s.event
			}
			done, err := l.call(ctx, url, s)
			if !heard(done, err) {
				return
			}
			id = done.ID
		}
	}
}

// underFire drives the server from all callers and kills it when it has
// acknowledged so many commands.
func (l *load) underFire(t *testing.T, p *process, until int) {
	t.Helper()
	already := len(l.acked)
	enough := make(chan struct{})
	var count atomic.Int64
	var running sync.WaitGroup
	var killed atomic.Bool
	for range callers {
		running.Go(func() {
			l.drive(t.Context(), p.url, func(s sent, err error) bool {
				l.mu.Lock()
				defer l.mu.Unlock()
				if err != nil {
					l.asked = append(l.asked, s)
					if !killed.Load() {
						t.Errorf("%s before the kill: %v", s.event, err)
					}
					return false
				}
				l.acked = append(l.acked, s)
				if count.Add(1) == int64(until) {
					close(enough)
				}
				return true
			})
		})
	}
	failed := make(chan struct{})
	go func() {
		running.Wait()
		close(failed)
	}()
	select {
	case <-enough:
	case <-failed: // all callers met an error, which they have told
	}
	killed.Store(true)
	p.kill(t)
	<-failed
	if n := len(l.acked) - already; n < until {
		t.Fatalf("only %d of %d commands were acknowledged before the kill", n, until)
	}
}

// checkAfter holds a server that was started again to what the one before
// acknowledged.
func (l *load) checkAfter(t *testing.T, p *process) {
	t.Helper()
	// What was under way may have happened or not; sent again with its key, it
	// has happened once.
	l.unsure += len(l.asked)
	for _, s := range l.asked {
		first, err := l.call(t.Context(), p.url, s)
		if err != nil {
			t.Errorf("%s sent again after the restart: %v", s.event, err)
			continue
		}
		l.acked = append(l.acked, first)
	}
	l.asked = nil
	known := map[string]map[int]string{}
	for _, a := range l.acked {
		if known[a.ID] == nil {
			known[a.ID] = map[int]string{}
		}
		if other, twice := known[a.ID][a.Version]; twice {
			t.Errorf("ticket %s: version %d was acknowledged to %s and %s", a.ID, a.Version, other, a.event)
		}
		known[a.ID][a.Version] = a.event
		again, err := l.call(t.Context(), p.url, a)
		if err != nil {
			t.Fatalf("%s sent again with its key: %v", a.event, err)
		}
		if !reflect.DeepEqual(decoded(t, again.answer), decoded(t, a.answer)) {
			t.Errorf("%s sent again with its key is answered\n%s\nnot as before\n%s", a.event, again.answer, a.answer)
		}
	}
	desk := testkit.Caller{URL: p.url, Token: l.tokens["desk"], HTTP: l.client}
	for id, lines := range known {
		raw, err := desk.Call(t.Context(), http.MethodGet, "/api/v1/tickets/"+id+"/history", nil, "")
		if err != nil {
			t.Fatal(err)
		}
		var history struct {
			Items []struct {
				Seq   int
				Event string
			}
		}
		if err := json.Unmarshal(raw, &history); err != nil {
			t.Fatal(err)
		}
		if len(history.Items) != len(lines) {
			t.Errorf("ticket %s: %d lines, %d commands acknowledged", id, len(history.Items), len(lines))
		}
		for _, line := range history.Items {
			if lines[line.Seq] != strings.ReplaceAll(line.Event, "_", "-") {
				t.Errorf("ticket %s: line %d is %q, %q was acknowledged", id, line.Seq, line.Event, lines[line.Seq])
			}
		}
	}
	if n := l.count(t, desk); n != len(known) {
		t.Errorf("%d tickets are there, %d were acknowledged", n, len(known))
	}
}

// count is how many tickets there are.
func (l *load) count(t *testing.T, desk testkit.Caller) int {
	t.Helper()
	n, cursor := 0, ""
	for {
		raw, err := desk.Call(t.Context(), http.MethodGet, "/api/v1/tickets?limit=200&cursor="+cursor, nil, "")
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			Items      []seen
			NextCursor string `json:"next_cursor"`
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			t.Fatal(err)
		}
		n += len(page.Items)
		if cursor = page.NextCursor; cursor == "" {
			return n
		}
	}
}

func decoded(t *testing.T, raw []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
