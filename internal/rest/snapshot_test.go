package rest_test

import (
	"net/http"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// TestSnapshots freezes a month with one ticket solved and one open, then lets
// something be written down late.
func TestSnapshots(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		file := func() string {
			return s.As(t, "own").Post("/tickets", map[string]any{"title": "缺厂房", "description": "现有厂房不够用。", "category": "land"}).Want(http.StatusCreated).Text("id")
		}
		solved, open := file(), file()
		fire := func(id, who, event string, body any) {
			t.Helper()
			s.As(t, who).Post("/tickets/"+id+"/"+event, body).Want(http.StatusOK)
		}
		fire(solved, "desk", "accept", nil)
		fire(solved, "desk", "dispatch", map[string]any{"lead_id": s.Departments["land"]})
		fire(solved, "land-officer", "claim", nil)
		fire(solved, "land-officer", "resolve", map[string]any{"outcome": "solved", "result": "已调剂厂房。"})
		fire(solved, "own", "confirm", map[string]any{"satisfaction": 4})

		s.Clock.Set(testkit.Moment(t, "2023-10-01 00:05"))
		if _, err := s.Freeze(t.Context()); err != nil {
			t.Fatal(err)
		}
		type snapshot struct {
			ID       string
			From, To string
			Total    struct {
				Tickets int
				Rate    struct {
					Numerator, Denominator int
					Percent                string
				} `json:"resolution_rate"`
			}
			Groups      []struct{ Key string }
			Corrections []struct{ Figure string }
		}
		var list struct{ Items []snapshot }
		s.As(t, "leader").Get("/snapshots?kind=monthly").Want(http.StatusOK).Into(&list)
		if len(list.Items) != 1 || list.Items[0].From != "2023-09-01" || list.Items[0].To != "2023-09-30" {
			t.Fatalf("monthly snapshots %+v", list.Items)
		}
		september := list.Items[0]
		if r := september.Total.Rate; r.Numerator != 1 || r.Denominator != 2 || r.Percent != "50.00" {
			t.Errorf("frozen rate %+v", r)
		}

		var members struct {
			Items []struct {
				ID      string
				Counted bool
			}
		}
		path := "/snapshots/" + september.ID
		s.As(t, "desk").Get(path + "/members?figure=resolution_rate&part=numerator").Want(http.StatusOK).Into(&members)
		if len(members.Items) != 1 || members.Items[0].ID != solved || !members.Items[0].Counted {
			t.Errorf("numerator %+v", members.Items)
		}
		s.As(t, "desk").Get(path + "/members?figure=resolution_rate&part=denominator").Want(http.StatusOK).Into(&members)
		if len(members.Items) != 2 {
			t.Errorf("denominator %+v", members.Items)
		}
		s.As(t, "desk").Get(path + "/members?figure=luck").Want(http.StatusUnprocessableEntity)
		s.As(t, "own").Get(path + "/members").Want(http.StatusForbidden)
		s.As(t, "leader").Get("/snapshots/none").Want(http.StatusNotFound)

		// Everybody reads the district's totals; an enterprise no department's.
		var seen snapshot
		s.As(t, "own").Get(path).Want(http.StatusOK).Into(&seen)
		if seen.Total.Tickets != 2 || len(seen.Groups) != 0 {
			t.Errorf("the enterprise reads %+v", seen)
		}

		// The open one turns out to have been withdrawn in September.
		_, err := s.FireBackdated(t.Context(), s.Actor(t, "own"), open,
			service.Command{Event: ticket.EventWithdraw, Input: ticket.ReasonInput{Reason: "自行解决"}},
			service.Backdated{At: testkit.Moment(t, "2023-09-28 10:00")})
		if err != nil {
			t.Fatal(err)
		}
		s.Clock.Advance(time.Hour)
		s.As(t, "leader").Get(path).Want(http.StatusOK).Into(&seen)
		if seen.Total.Rate.Percent != "50.00" {
			t.Errorf("the frozen rate became %s", seen.Total.Rate.Percent)
		}
		corrected := map[string]bool{}
		for _, c := range seen.Corrections {
			corrected[c.Figure] = true
		}
		if !corrected["resolution_rate"] || !corrected["tickets"] {
			t.Errorf("corrections %+v", seen.Corrections)
		}
	})
}
