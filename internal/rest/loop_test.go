package rest_test

import (
	"net/http"
	"testing"
	"time"

	"whistle/internal/testkit"
)

// TestWholeLoop goes the way of a hard request, from filing to the figures.
func TestWholeLoop(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		filed := s.As(t, "own").Post("/tickets", map[string]any{
			"title": "招不到工人", "description": "节后缺一百名装配工，招了两个月没招到。", "category": "labour",
		}).Want(http.StatusCreated)
		id := filed.Text("id")
		if got := filed.Header.Get("Location"); got != "/api/v1/tickets/"+id {
			t.Errorf("Location %q", got)
		}
		fire := func(who, event string, body any) *testkit.Answer {
			t.Helper()
			s.Clock.Advance(30 * time.Minute)
			return s.As(t, who).Post("/tickets/"+id+"/"+event, body).Want(http.StatusOK)
		}
		fire("desk", "accept", nil)
		fire("desk", "dispatch", map[string]any{"lead_id": s.Departments["labour"]})
		fire("lead-officer", "claim", nil)
		fire("lead-officer", "whistle", map[string]any{"department_ids": []string{s.Departments["fire"]}, "question": "宿舍消防验收能否先行？"})
		fire("fire-officer", "report-in", map[string]any{"position": "can", "text": "明天到场。"})
		concluded := fire("lead-head", "conclude", map[string]any{
			"minutes": "先验收宿舍，再办招聘会。",
			"tasks":   []any{map[string]any{"department_id": s.Departments["fire"], "text": "验收宿舍"}},
		})
		var with struct {
			Tasks []struct{ ID, Text string }
		}
		concluded.Into(&with)
		if len(with.Tasks) != 1 || with.Tasks[0].Text != "验收宿舍" {
			t.Fatalf("tasks %+v", with.Tasks)
		}
		fire("fire-officer", "finish-task", map[string]any{"task_id": with.Tasks[0].ID, "result": "已验收"})
		fire("lead-head", "resolve", map[string]any{"outcome": "solved", "result": "招到六十人。"})
		closed := fire("own", "confirm", map[string]any{"satisfaction": 5})
		if closed.Text("state") != "closed" || closed.Text("outcome") != "solved" || closed.Header.Get("ETag") != `"10"` {
			t.Fatalf("closed as %s, ETag %s", closed.Body, closed.Header.Get("ETag"))
		}

		var figures struct {
			Total struct {
				Tickets    int
				Resolution struct {
					Numerator, Denominator int
					Percent                *string
				} `json:"resolution_rate"`
				Dispute struct {
					Percent *string
				} `json:"return_rate"`
			}
		}
		s.As(t, "leader").Get("/figures?from=2023-01-01&to=2023-12-31").Want(http.StatusOK).Into(&figures)
		if r := figures.Total.Resolution; r.Numerator != 1 || r.Denominator != 1 || r.Percent == nil || *r.Percent != "100.00" {
			t.Errorf("resolution rate %+v", r)
		}
	})
}
