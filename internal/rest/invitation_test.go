package rest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/testkit"
)

// From the desk's invitation to a phone that is signed in, and lost.
func TestAContactsPhone(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		desk, nobody := s.As(t, "desk"), s.As(t, "")
		made, err := s.Service.Enterprises().List(t.Context(), s.Actor(t, "admin"), enterprisesFilter)
		if err != nil {
			t.Fatal(err)
		}
		ids := []string{}
		for _, e := range made {
			ids = append(ids, e.ID)
		}
		s.As(t, "lead-head").Post("/invitations", map[string]any{"enterprise_ids": ids}).Want(http.StatusForbidden)
		refused := desk.Post("/invitations", map[string]any{"enterprise_ids": append(slices.Clone(ids), "nowhere")}).Want(http.StatusUnprocessableEntity)
		if got := pointers(refused); !slices.Equal(got, []string{"/enterprise_ids/2"}) {
			t.Errorf("faults at %v", got)
		}
		var invited struct {
			Items []struct {
				ID, Token, URL string
				User           struct{ Name string }
				NewAccount     bool      `json:"new_account"`
				ExpiresAt      time.Time `json:"expires_at"`
			}
		}
		desk.Post("/invitations", map[string]any{"enterprise_ids": ids, "days": 14}).Want(http.StatusCreated).Into(&invited)
		if len(invited.Items) != 2 {
			t.Fatalf("invited %+v", invited)
		}
		one := invited.Items[slices.IndexFunc(made, func(e enterpriseEntry) bool { return e.ID == s.Enterprises["own"] })]
		if one.URL != "http://whistle.test/invite/"+one.Token || one.NewAccount || one.User.Name != "own" || !one.ExpiresAt.Equal(s.Clock.Now().Add(14*24*time.Hour)) {
			t.Errorf("invited %+v", one)
		}

		link := map[string]any{"token": one.Token}
		for range 2 {
			if look := nobody.Post("/links/look", link).Want(http.StatusOK).Map(); look["signs_in"] != true || look["name"] != "own" || look["enterprise"] != "甲科技有限公司" {
				t.Errorf("the link says %v", look)
			}
		}
		session := nobody.With("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.49").Post("/sessions/by-link", link).Want(http.StatusCreated)
		nobody.Post("/sessions/by-link", link).Want(http.StatusNotFound)
		nobody.Post("/links/look", link).Want(http.StatusNotFound)
		phone := nobody.With("Cookie", "whistle_session="+session.Text("token"))
		phone.Get("/tickets").Want(http.StatusOK)

		var sessions struct {
			Items []struct {
				ID, Device string
				Current    bool
			}
		}
		phone.Get("/sessions").Want(http.StatusOK).Into(&sessions)
		if len(sessions.Items) != 1 || sessions.Items[0].Device != "WeChat, iPhone" || !sessions.Items[0].Current {
			t.Errorf("sessions %+v", sessions)
		}
		if n := phone.Do(http.MethodDelete, "/sessions", nil).Want(http.StatusOK).Map()["sessions"]; n != 0.0 {
			t.Errorf("ended %v others", n)
		}
		phone.Do(http.MethodPut, "/me/password", map[string]any{"new": "correct horse battery"}).Want(http.StatusNoContent)
		laptop := nobody.Post("/sessions", map[string]any{"username": "own", "password": "correct horse battery"}).Want(http.StatusCreated).Text("token")
		phone.Do(http.MethodDelete, "/sessions/"+sessions.Items[0].ID, nil).Want(http.StatusNoContent)
		phone.Get("/me").Want(http.StatusUnauthorized)

		// The laptop is signed out by the manager.
		path := "/users/" + s.Users["own"].ID + "/sessions"
		s.As(t, "lead-head").Do(http.MethodDelete, path, nil).Want(http.StatusNotFound)
		if n := s.As(t, "manager").Do(http.MethodDelete, path, nil).Want(http.StatusOK).Map()["sessions"]; n != 1.0 {
			t.Errorf("ended %v", n)
		}
		nobody.With("Authorization", "Bearer "+laptop).Get("/me").Want(http.StatusUnauthorized)

		// What became of the links, page by page.
		var states []string
		for cursor := ""; ; {
			var page struct {
				Items []struct {
					ID, State  string
					User       struct{ Name string }
					Enterprise struct{ Name string }
					MadeBy     struct{ Name string } `json:"made_by"`
				}
				NextCursor string `json:"next_cursor"`
			}
			desk.Get("/invitations?limit=1&cursor=" + cursor).Want(http.StatusOK).Into(&page)
			for _, i := range page.Items {
				states = append(states, i.User.Name+" "+i.State+" by "+i.MadeBy.Name)
				if i.State == "open" {
					desk.Do(http.MethodDelete, "/invitations/"+i.ID, nil).Want(http.StatusNoContent)
					anew := desk.Post("/invitations/"+i.ID+"/anew", map[string]any{"days": 1}).Want(http.StatusCreated)
					if !strings.HasPrefix(anew.Text("url"), "http://whistle.test/invite/wsl_") {
						t.Errorf("anew %s", anew.Body)
					}
				}
			}
			if cursor = page.NextCursor; cursor == "" {
				break
			}
		}
		slices.Sort(states)
		if want := []string{"own used by desk", "stranger open by desk"}; !slices.Equal(states, want) {
			t.Errorf("the links are %q, want %q", states, want)
		}
		if all := string(desk.Get("/invitations?state=revoked&enterprise=" + s.Enterprises["other"]).Want(http.StatusOK).Body); strings.Count(all, `"revoked"`) != 1 || strings.Contains(all, "wsl_") {
			t.Errorf("revoked: %s", all)
		}
	})
}

func TestRetiredOnesComeBackOverHTTP(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		admin := s.As(t, "admin")
		user, place := "/users/"+s.Users["guest"].ID, "/places/"+s.Places["town"]
		for _, path := range []string{user, place} {
			admin.Do(http.MethodDelete, path, nil).Want(http.StatusNoContent)
			s.As(t, "desk").Post(path+"/restore", nil).Want(http.StatusForbidden)
			if back := admin.Post(path+"/restore", nil).Want(http.StatusOK).Map(); back["retired_at"] != nil {
				t.Errorf("%s is still retired: %v", path, back["retired_at"])
			}
		}
		if log := string(admin.Get("/audit?action=restore").Want(http.StatusOK).Body); strings.Count(log, `"restore"`) != 2 {
			t.Errorf("audited %s", log)
		}
	})
}
