package rest_test

import (
	_ "embed"
	"net/http"
	"strings"
	"testing"

	"whistle/internal/testkit"
)

//go:embed testdata/projects_matrix.txt
var projectsMatrix string

// TestProjectsMatrix tries every read and write of key projects' milestones and
// of what leaders took on, as everybody.
func TestProjectsMatrix(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		tryOperations(t, s, projectsMatrix, strings.NewReplacer("{plant}", s.Projects["plant"]), map[string]any{
			"PUT:/projects/{plant}/milestones/start": map[string]any{"planned_day": "2023-09-01"},
		})
	})
}

// TestMilestonesByAPI: who works on what others changed since is told, a list
// shows what the actor reads, and every fault is at its field.
func TestMilestonesByAPI(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		path := "/projects/" + s.Projects["plant"] + "/milestones/start"
		team := s.As(t, "team-member")
		first := team.Do(http.MethodPut, path, map[string]any{"planned_day": "2023-09-01"}).Want(http.StatusOK)
		s.As(t, "desk").Do(http.MethodPut, path, map[string]any{"planned_day": "2023-09-01", "note": "等环评"}).Want(http.StatusOK)
		team.With("If-Match", first.Header.Get("ETag")).Do(http.MethodPut, path, map[string]any{"planned_day": "2023-09-01", "done_day": "2023-09-27"}).Want(http.StatusPreconditionFailed)
		s.As(t, "team-member").Do(http.MethodPut, path, map[string]any{"planned_day": "2023-09-31", "done_day": "gestern"}).Want(http.StatusUnprocessableEntity)
		s.As(t, "team-member").Do(http.MethodPut, path, map[string]any{"planned_day": "2023-09-01", "done_day": "2023-09-28"}).Want(http.StatusUnprocessableEntity)
		s.As(t, "team-member").Do(http.MethodPut, "/projects/"+s.Projects["plant"]+"/milestones/party", map[string]any{"planned_day": "2023-09-01"}).Want(http.StatusUnprocessableEntity)
		for who, want := range map[string]int{"team-member": 1, "own": 1, "stranger": 0, "guest": 0, "leader": 1} {
			var page struct {
				Items []struct {
					Kind, Note string
					Light      *string
					Missed     bool
				}
			}
			s.As(t, who).Get("/milestones?light=red").Want(http.StatusOK).Into(&page)
			if len(page.Items) != want || want == 1 && (page.Items[0].Kind != "start" || page.Items[0].Note != "等环评" || !page.Items[0].Missed) {
				t.Errorf("%s reads %+v", who, page.Items)
			}
		}
	})
}

// TestChargesByAPI: what a leader takes is listed until, and after, it is
// verified, with its figure.
func TestChargesByAPI(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		id := s.As(t, "own").Post("/tickets", map[string]any{"title": "难事", "description": "内容", "category": "labour"}).Want(http.StatusCreated).Text("id")
		s.As(t, "leader").Post("/tickets/"+id+"/take-charge", map[string]any{"text": "我来抓"}).Want(http.StatusOK)
		var page struct {
			Items []struct {
				Leader     struct{ Name string }
				Unanswered int
				Progress   *struct{ Text string }
				Ticket     struct{ ID string }
			}
		}
		s.As(t, "desk").Get("/charges?part=open&from=2023-09-27&to=2023-09-27").Want(http.StatusOK).Into(&page)
		if len(page.Items) != 1 || page.Items[0].Leader.Name != "leader" || page.Items[0].Ticket.ID != id || page.Items[0].Unanswered != 1 || page.Items[0].Progress != nil {
			t.Errorf("%+v", page.Items)
		}
		s.As(t, "desk").Get("/charges?to=2023-09-26").Want(http.StatusOK).Into(&page)
		if len(page.Items) != 0 {
			t.Errorf("taken before: %+v", page.Items)
		}
		var n struct {
			Solved struct {
				Numerator, Denominator int
				Percent                *string
			}
			Open int
		}
		s.As(t, "leader").Get("/charges/figures").Want(http.StatusOK).Into(&n)
		if n.Solved.Denominator != 1 || n.Solved.Numerator != 0 || n.Open != 1 {
			t.Errorf("%+v", n)
		}
		s.As(t, "tax-head").Get("/charges/figures").Want(http.StatusOK).Into(&n)
		if n.Solved.Percent != nil || n.Open != 0 {
			t.Errorf("a department without any counts %+v", n)
		}
	})
}
