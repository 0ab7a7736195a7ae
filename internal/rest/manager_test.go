package rest_test

import (
	_ "embed"
	"net/http"
	"slices"
	"strings"
	"testing"

	"whistle/internal/testkit"
)

//go:embed testdata/managers_matrix.txt
var managersMatrix string

// TestManagersMatrix tries every read and write of managers and profiles as
// everybody.
func TestManagersMatrix(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		fill := strings.NewReplacer("{own}", s.Enterprises["own"], "{manager}", s.Users["manager"].ID)
		tryOperations(t, s, managersMatrix, fill, map[string]any{
			"PUT:/enterprises/{own}/plan":        map[string]any{"words": "先解决用工"},
			"POST:/managers/{manager}/hand-over": map[string]any{"to_user_id": "nobody"},
		})
	})
}

// The profile shows each reader what is theirs: the enterprise no plan, nobody
// a confidential ticket that is out of their sight.
func TestProfile(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		path := "/enterprises/" + s.Enterprises["own"]
		for title, confidential := range map[string]bool{"公开的": false, "秘密的": true} {
			s.As(t, "own").Post("/tickets", map[string]any{"title": title, "description": "内容", "category": "labour", "confidential": confidential}).Want(http.StatusCreated)
		}
		written := s.As(t, "manager").Do(http.MethodPut, path+"/plan", map[string]any{"words": "先解决用工"}).Want(http.StatusOK)
		s.As(t, "desk").With("If-Match", written.Header.Get("ETag")).Do(http.MethodPut, path+"/plan", map[string]any{"words": "再解决融资"}).Want(http.StatusOK)
		s.As(t, "desk").With("If-Match", written.Header.Get("ETag")).Do(http.MethodPut, path+"/plan", map[string]any{"words": "太晚了"}).Want(http.StatusPreconditionFailed)
		for who, want := range map[string]struct {
			titles []string
			plan   bool
		}{
			"own": {[]string{"公开的", "秘密的"}, false}, "desk": {[]string{"公开的", "秘密的"}, true}, "leader": {[]string{"公开的", "秘密的"}, true},
			"manager": {[]string{"公开的"}, true}, "tax-officer": {nil, true},
		} {
			a := s.As(t, who).Get(path + "/profile").Want(http.StatusOK)
			var profile struct {
				Plan    *struct{ Words string }
				Tickets struct{ Recent []struct{ Title string } }
			}
			a.Into(&profile)
			var titles []string
			for _, r := range profile.Tickets.Recent {
				titles = append(titles, r.Title)
			}
			slices.Sort(titles)
			if !slices.Equal(titles, want.titles) || (profile.Plan != nil) != want.plan {
				t.Errorf("%s reads %v, %+v", who, titles, profile.Plan)
			}
			if strings.Contains(string(a.Body), "秘密的") != slices.Contains(want.titles, "秘密的") {
				t.Errorf("%s reads of the trade secret: %s", who, a.Body)
			}
		}
	})
}

// Enterprises change hands over the API, once for one key.
func TestHandOverByAPI(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		path := "/managers/" + s.Users["manager"].ID + "/hand-over"
		desk := s.As(t, "desk").With("Idempotency-Key", "k1")
		body := map[string]any{"to_user_id": s.Users["tax-officer"].ID}
		first := desk.Post(path, body).Want(http.StatusOK)
		if again := desk.Post(path, body).Want(http.StatusOK); string(again.Body) != string(first.Body) {
			t.Errorf("again %s", again.Body)
		}
		var other struct{ Assignments []any }
		s.As(t, "desk").Post(path, body).Want(http.StatusOK).Into(&other)
		if len(other.Assignments) != 0 {
			t.Errorf("done again it made %v", other.Assignments)
		}
		var told struct {
			Items []struct {
				Kind   string
				Ticket any
			}
		}
		s.As(t, "tax-officer").Get("/notices").Want(http.StatusOK).Into(&told)
		if len(told.Items) != 1 || told.Items[0].Kind != "handover" || told.Items[0].Ticket != nil {
			t.Errorf("told %+v", told)
		}
	})
}
