package bench_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"whistle/internal/store"
	"whistle/internal/testkit"
)

// most is how many statements a request may take on PostgreSQL, sign-in and
// the beginning and end of the transaction included. That a job was queued the
// queue tells its workers besides, ten times a second at most.
var most = map[string]int{
	"page-ticket": 4, "page-history": 4, "page-clocks-explained": 4,
	"page-list-desk": 4, "page-list-department": 4, "page-list-red": 4,
	"queue-desk-inbox": 10, "queue-desk-open": 10, "queue-officer-to-claim": 10, "queue-head-working": 9, "queue-head-closed": 9,
	"queue-enterprise": 8, "list-leader": 10,
	"figures-total": 4, "figures-by-department": 5,
	"submit": 18, "accept": 11, "dispatch": 16, "claim": 14, "progress": 12, "resolve": 14, "confirm": 13,
}

// TestStatements holds every measured request to its number of statements, so
// that none creeps in unseen.
func TestStatements(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		y := newYear(t, cfg, 100)
		measured := map[string]request{}
		y.fillQueues(t, 10)
		for _, p := range slices.Concat(y.pages(), y.queuePages()) {
			measured[p.name] = p.read(y)
		}
		for i, s := range y.steps(t, y.labour(t)) {
			measured[string(s.event)] = y.fire(s, y.standing(t, 2, i))
		}
		if len(measured) != len(most) {
			t.Errorf("%d requests are measured, %d are held to a number", len(measured), len(most))
		}
		for name, send := range measured {
			// The first time fills what is remembered, such as the calendar.
			if err := send(0); err != nil {
				t.Fatal(err)
			}
			sent := y.statements.of(func() {
				if err := send(1); err != nil {
					t.Fatal(err)
				}
			})
			allowed := most[name]
			if y.Store.Dialect() == store.SQLite && strings.HasPrefix(sent[min(1, len(sent)-1)], "BEGIN") {
				allowed-- // it has no NOTIFY
			}
			if len(sent) > allowed {
				t.Errorf("%s takes %d statements, not %d:\n%s", name, len(sent), allowed, strings.Join(sent, "\n"))
			}
		}
	})
}

// TestListStatementsDoNotGrow reads pages of two lengths, with tickets in them
// that the reader gave back or that were merged.
func TestListStatementsDoNotGrow(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		y := newYear(t, cfg, 60)
		y.giveBack(t, 8)
		y.merge(t, 8)
		for _, who := range []string{"desk", "lead-officer", "own"} {
			page := func(limit int) int {
				return len(y.statements.of(func() {
					if _, err := y.callers[who].Call(t.Context(), http.MethodGet, "/api/v1/tickets?limit="+strconv.Itoa(limit), nil, ""); err != nil {
						t.Fatal(err)
					}
				}))
			}
			page(50)
			if few, many := page(20), page(50); few != many || many > 8 {
				t.Errorf("%s: %d statements for 20 tickets, %d for 50; at most 8 for any", who, few, many)
			}
		}
	})
}

// giveBack has labour claim tickets and return them to the desk.
func (y *year) giveBack(t *testing.T, n int) {
	t.Helper()
	for _, id := range y.standing(t, n, 4) {
		if _, err := y.callers["lead-head"].Call(t.Context(), http.MethodPost, "/api/v1/tickets/"+id+"/return",
			map[string]any{"reason_code": "not_our_duty", "text": "属于另一个部门。"}, ""); err != nil {
			t.Fatal(err)
		}
	}
}

// merge makes tickets parts of one.
func (y *year) merge(t *testing.T, n int) {
	t.Helper()
	ids := y.standing(t, n+1, 1)
	for i, id := range ids[:n] {
		if _, err := y.callers["desk"].Call(t.Context(), http.MethodPost, "/api/v1/tickets/"+id+"/merge", map[string]any{"into_id": ids[i+1]}, ""); err != nil {
			t.Fatal(err)
		}
	}
}
