package rest_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// together makes n calls at once; the answers in the order of the calls.
func together(n int, call func(i int) *testkit.Answer) []*testkit.Answer {
	answers := make([]*testkit.Answer, n)
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Add(1)
		go func() {
			defer all.Done()
			<-begin
			answers[i] = call(i)
		}()
	}
	close(begin)
	all.Wait()
	return answers
}

func statuses(answers []*testkit.Answer) map[int]int {
	counted := map[int]int{}
	for _, a := range answers {
		counted[a.Status]++
	}
	return counted
}

// events are those of a ticket's history.
func events(t *testing.T, s *testkit.Server, id string) []ticket.Event {
	t.Helper()
	var history struct {
		Items []struct{ Event ticket.Event }
	}
	s.As(t, "desk").Get("/tickets/" + id + "/history").Want(http.StatusOK).Into(&history)
	var all []ticket.Event
	for _, item := range history.Items {
		all = append(all, item.Event)
	}
	return all
}

func count(events []ticket.Event, event ticket.Event) int {
	n := 0
	for _, e := range events {
		if e == event {
			n++
		}
	}
	return n
}

// TestOneClaimWins: forty of the department claim at once. One has it.
func TestOneClaimWins(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		id := bringOne(t, s, "dispatched", "抢单", false)
		clients := make([]*testkit.Client, 40)
		for i := range clients {
			name := fmt.Sprintf("claimer-%d", i)
			s.Join(t, name, ticket.RoleOfficer, "labour")
			clients[i] = s.As(t, name)
		}
		answers := together(len(clients), func(i int) *testkit.Answer { return clients[i].Post("/tickets/"+id+"/claim", nil) })
		got := statuses(answers)
		if got[http.StatusOK] != 1 || got[http.StatusConflict]+got[http.StatusPreconditionFailed] != len(clients)-1 {
			t.Errorf("answers by status: %v", got)
		}
		if n := count(events(t, s, id), ticket.EventClaim); n != 1 {
			t.Errorf("%d claims in the history", n)
		}
		winner := slices.IndexFunc(answers, func(a *testkit.Answer) bool { return a.Status == http.StatusOK })
		if by := s.Users[fmt.Sprintf("claimer-%d", winner)].ID; standing(t, s, id).AssigneeID != by {
			t.Error("another has the ticket than was told so")
		}
	})
}

// TestProgressOfTwoAtOnce: both succeed, time after time, unless they insist
// on the version they saw.
func TestProgressOfTwoAtOnce(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		id := bringOne(t, s, "resolving", "两人办", false)
		two := []*testkit.Client{s.As(t, "lead-officer"), s.As(t, "water-officer")}
		const rounds = 10
		for range rounds {
			for _, a := range together(2, func(i int) *testkit.Answer {
				return two[i].Post("/tickets/"+id+"/progress", map[string]any{"text": "又办了一步"})
			}) {
				a.Want(http.StatusOK)
			}
		}
		if n := count(events(t, s, id), ticket.EventProgress); n != 2*rounds {
			t.Errorf("%d steps in the history, want %d", n, 2*rounds)
		}
		seen := fmt.Sprintf("%q", fmt.Sprint(standing(t, s, id).Version))
		got := statuses(together(2, func(i int) *testkit.Answer {
			return two[i].With("If-Match", seen).Post("/tickets/"+id+"/progress", map[string]any{"text": "只在没人动过时"})
		}))
		if got[http.StatusOK] != 1 || got[http.StatusPreconditionFailed] != 1 {
			t.Errorf("insisting on a version: %v", got)
		}
	})
}

// TestMergesCloseNoCircle: of two tickets that are merged into each other at
// once, one stays.
func TestMergesCloseNoCircle(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		desk := s.As(t, "desk")
		for round := range 10 {
			var ids []string
			for i := range 3 {
				ids = append(ids, bringOne(t, s, "submitted", fmt.Sprintf("第%d圈第%d单", round, i), false))
			}
			got := statuses(together(len(ids), func(i int) *testkit.Answer {
				return desk.Post("/tickets/"+ids[i]+"/merge", map[string]any{"into_id": ids[(i+1)%len(ids)]})
			}))
			if got[http.StatusOK]+got[http.StatusConflict]+got[http.StatusUnprocessableEntity] != len(ids) {
				t.Errorf("answers by status: %v", got)
			}
			merged := 0
			for _, id := range ids {
				one := standing(t, s, id)
				if one.State == ticket.Merged {
					merged++
				}
				if master := one.MergedInto; (one.State == ticket.Merged) != (master != "") {
					t.Errorf("%s and merged into %q", one.State, master)
				}
				desk.Get("/tickets/" + id).Want(http.StatusOK)
			}
			if merged != got[http.StatusOK] || merged == len(ids) {
				t.Fatalf("%d of %d are merged, %d were told so", merged, len(ids), got[http.StatusOK])
			}
		}
	})
}

// TestSameKeyOneEffect: a request sent twice under one key happens once.
func TestSameKeyOneEffect(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		own := s.As(t, "own").With("Idempotency-Key", "key-1")
		filedSoFar := func() int { return len(tickets(t, s, "")) }
		first := own.Post("/tickets", filed).Want(http.StatusCreated)
		same := func(t *testing.T, a *testkit.Answer) {
			t.Helper()
			if a.Status != first.Status || !bytes.Equal(a.Body, first.Body) ||
				a.Header.Get("ETag") != first.Header.Get("ETag") || a.Header.Get("Location") != first.Header.Get("Location") {
				t.Errorf("another answer: %d %v %s", a.Status, a.Header, a.Body)
			}
		}
		same(t, own.Post("/tickets", `{ "category":"labour", "title":"t", "description":"d" }`)) // the same, in other bytes
		// The answer is the first one, though the ticket has gone on.
		id := first.Text("id")
		s.As(t, "desk").Post("/tickets/"+id+"/accept", nil).Want(http.StatusOK)
		same(t, own.Post("/tickets", filed))
		if n := filedSoFar(); n != 1 {
			t.Fatalf("%d tickets", n)
		}

		var other problem
		own.Post("/tickets", with(map[string]any{"title": "another"})).Want(http.StatusUnprocessableEntity).Into(&other)
		if other.Detail == "" || filedSoFar() != 1 {
			t.Errorf("%+v, %d tickets", other, filedSoFar())
		}
		// The key is the caller's and the route's own.
		s.As(t, "stranger").With("Idempotency-Key", "key-1").Post("/tickets", filed).Want(http.StatusCreated)
		message := map[string]any{"text": "请看"}
		own.Post("/tickets/"+id+"/message", message).Want(http.StatusOK)
		own.Post("/tickets/"+id+"/message", message).Want(http.StatusOK)
		own.Post("/tickets/"+id+"/urge", message).Want(http.StatusOK)
		own.Post("/tickets/"+id+"/urge", message).Want(http.StatusOK) // alone it would be refused: once a day
		if all := events(t, s, id); count(all, ticket.EventMessage) != 1 || count(all, ticket.EventUrge) != 1 {
			t.Errorf("history %v", all)
		}

		// What fails is not kept: once it is possible, it happens.
		desk := s.As(t, "desk").With("Idempotency-Key", "key-2")
		body := map[string]any{"lead_id": s.Departments["labour"]}
		fresh := bringOne(t, s, "submitted", "新单", false)
		desk.Post("/tickets/"+fresh+"/dispatch", body).Want(http.StatusConflict)
		s.As(t, "desk").Post("/tickets/"+fresh+"/accept", nil).Want(http.StatusOK)
		desk.Post("/tickets/"+fresh+"/dispatch", body).Want(http.StatusOK)
		desk.Post("/tickets/"+fresh+"/dispatch", body).Want(http.StatusOK)

		// All at once.
		before := filedSoFar()
		burst := s.As(t, "own").With("Idempotency-Key", "key-3")
		answers := together(10, func(int) *testkit.Answer { return burst.Post("/tickets", filed) })
		first = answers[0].Want(http.StatusCreated)
		for _, a := range answers {
			same(t, a)
		}
		if n := filedSoFar(); n != before+1 {
			t.Errorf("%d tickets of one key", n-before)
		}

		// A day later the key is free.
		s.Clock.Advance(24*time.Hour + time.Minute)
		if a := burst.Post("/tickets", filed).Want(http.StatusCreated); a.Text("id") == first.Text("id") {
			t.Error("the key is kept for longer than a day")
		}
	})
}

// TestFiguresFollowAtOnce: what a command did is in the very next read.
func TestFiguresFollowAtOnce(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		leader := s.As(t, "leader")
		type figures struct {
			Total struct {
				Tickets, Filed, Solved int
				InProgress             int                                  `json:"in_progress"`
				Excluded               map[string]int                       `json:"excluded"`
				Rate                   struct{ Numerator, Denominator int } `json:"resolution_rate"`
			}
		}
		read := func() (f figures) {
			leader.Get("/figures").Want(http.StatusOK).Into(&f)
			return f
		}
		solved := 0
		for i := range 6 {
			id := s.As(t, "own").Post("/tickets", filed).Want(http.StatusCreated).Text("id")
			if f := read(); f.Total.Filed != i+1 || f.Total.Tickets != solved+1 || f.Total.InProgress != 1 {
				t.Fatalf("after filing number %d: %+v", i+1, f)
			}
			if i%2 == 1 {
				s.As(t, "own").Post("/tickets/"+id+"/withdraw", map[string]any{"reason": "r"}).Want(http.StatusOK)
				if f := read(); f.Total.Excluded["withdrawn"] != (i+1)/2 || f.Total.InProgress != 0 {
					t.Fatalf("after withdrawing: %+v", f)
				}
				continue
			}
			s.As(t, "desk").Post("/tickets/"+id+"/accept", nil).Want(http.StatusOK)
			s.As(t, "desk").Post("/tickets/"+id+"/dispatch", map[string]any{"lead_id": s.Departments["labour"]}).Want(http.StatusOK)
			s.As(t, "lead-head").Post("/tickets/"+id+"/claim", nil).Want(http.StatusOK)
			s.As(t, "lead-head").Post("/tickets/"+id+"/resolve", map[string]any{"outcome": "solved", "result": "r"}).Want(http.StatusOK)
			s.As(t, "own").Post("/tickets/"+id+"/confirm", map[string]any{"satisfaction": 5}).Want(http.StatusOK)
			solved++
			if f := read(); f.Total.Solved != solved || f.Total.Rate.Numerator != solved || f.Total.Rate.Denominator != solved {
				t.Fatalf("after solving: %+v", f)
			}
		}
	})
}
