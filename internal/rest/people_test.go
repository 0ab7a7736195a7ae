package rest_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"whistle/internal/testkit"
)

// pointers are where an answer's faults are.
func pointers(a *testkit.Answer) []string {
	var problem struct {
		Errors []struct{ Pointer, Parameter string }
	}
	a.Into(&problem)
	at := []string{}
	for _, e := range problem.Errors {
		at = append(at, e.Pointer+e.Parameter)
	}
	slices.Sort(at)
	return at
}

// From the invitation to the sign-out, as a new officer goes through it.
func TestAnAccountsLife(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		admin, nobody := s.As(t, "admin"), s.As(t, "")
		made := admin.Post("/users", map[string]any{
			"username": "zhang.wei", "name": "张伟", "role": "officer", "department_id": s.Departments["labour"],
		}).Want(http.StatusCreated)
		id := made.Text("id")
		if made.Header.Get("Location") != "/api/v1/users/"+id || made.Map()["has_password"] != false {
			t.Errorf("made %s at %s", made.Body, made.Header.Get("Location"))
		}
		credentials := map[string]any{"username": "zhang.wei", "password": "correct horse battery"}
		nobody.Post("/sessions", credentials).Want(http.StatusUnauthorized)

		link := s.As(t, "lead-head").Post("/users/"+id+"/links", map[string]any{"kind": "invitation"}).Want(http.StatusCreated)
		token := link.Text("token")
		if link.Text("url") != "http://whistle.test/invite/"+token {
			t.Errorf("the link leads to %s", link.Text("url"))
		}
		short := nobody.Post("/links/use", map[string]any{"token": token, "password": "short"}).Want(http.StatusUnprocessableEntity)
		if got := pointers(short); !slices.Equal(got, []string{"/password"}) {
			t.Errorf("faults at %v", got)
		}
		if used := nobody.Post("/links/use", map[string]any{"token": token, "password": "correct horse battery"}).Want(http.StatusOK); used.Text("username") != "zhang.wei" {
			t.Errorf("the link was %s's", used.Body)
		}
		nobody.Post("/links/use", map[string]any{"token": token, "password": "correct horse battery"}).Want(http.StatusNotFound)

		opened := nobody.Post("/sessions", credentials).Want(http.StatusCreated)
		var session struct {
			Token     string
			ExpiresAt time.Time `json:"expires_at"`
			User      struct {
				Username, Role string
				Department     struct{ ID, Name string }
				Enterprise     *struct{}
				Assignments    []any
			}
		}
		opened.Into(&session)
		if u := session.User; u.Username != "zhang.wei" || u.Role != "officer" || u.Department.Name != "人社局" || u.Enterprise != nil || u.Assignments == nil {
			t.Errorf("signed in as %+v", u)
		}
		me := nobody.With("Authorization", "Bearer "+session.Token)
		if got := me.Get("/me").Want(http.StatusOK); got.Text("id") != id {
			t.Errorf("I am %s", got.Body)
		}
		me.Do(http.MethodPut, "/me/password", map[string]any{"old": "correct horse battery", "new": "another long password"}).Want(http.StatusNoContent)
		me.Get("/me").Want(http.StatusOK)

		api := me.Post("/tokens", map[string]any{"name": "导出"}).Want(http.StatusCreated)
		program := nobody.With("Authorization", "Bearer "+api.Text("token"))
		program.Get("/me").Want(http.StatusOK)
		if listed := me.Get("/tokens").Want(http.StatusOK); strings.Contains(string(listed.Body), api.Text("token")) || !strings.Contains(string(listed.Body), "导出") {
			t.Errorf("listed %s", listed.Body)
		}
		me.Do(http.MethodDelete, "/tokens/"+api.Text("id"), nil).Want(http.StatusNoContent)
		program.Get("/me").Want(http.StatusUnauthorized)

		me.Do(http.MethodDelete, "/sessions/current", nil).Want(http.StatusNoContent)
		if out := me.Get("/me").Want(http.StatusUnauthorized); out.Header.Get("WWW-Authenticate") == "" {
			t.Error("a 401 without WWW-Authenticate")
		}

		admin.Do(http.MethodPatch, "/users/"+id, map[string]any{"phone": "025-58000000"}).Want(http.StatusOK)
		admin.Do(http.MethodDelete, "/users/"+id, nil).Want(http.StatusNoContent)
		if got := admin.Get("/users/" + id).Want(http.StatusOK); got.Text("retired_at") == "" || got.Text("phone") != "025-58000000" {
			t.Errorf("retired as %s", got.Body)
		}
	})
}

func TestSignInAsksForAWait(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		nobody := s.As(t, "")
		guess := func() *testkit.Answer {
			return nobody.Post("/sessions", map[string]any{"username": "desk", "password": "a wrong password"})
		}
		for range 3 {
			guess().Want(http.StatusUnauthorized)
		}
		refused := guess().Want(http.StatusTooManyRequests)
		if seconds, err := strconv.Atoi(refused.Header.Get("Retry-After")); err != nil || seconds != 1 {
			t.Errorf("Retry-After %q", refused.Header.Get("Retry-After"))
		}
		s.Clock.Advance(time.Second)
		guess().Want(http.StatusUnauthorized)
	})
}

func TestListsOfPeopleInPages(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		var seen []string
		for cursor := ""; ; {
			var page struct {
				Items      []struct{ Username string }
				NextCursor string `json:"next_cursor"`
			}
			s.As(t, "desk").Get("/users?limit=4&role=officer&cursor=" + cursor).Want(http.StatusOK).Into(&page)
			for _, u := range page.Items {
				seen = append(seen, u.Username)
			}
			if cursor = page.NextCursor; cursor == "" {
				break
			}
		}
		want := []string{}
		for _, p := range testkit.People {
			if p.Role == "officer" {
				want = append(want, p.Name)
			}
		}
		slices.Sort(want)
		if !slices.Equal(seen, want) {
			t.Errorf("listed %v, want %v", seen, want)
		}
	})
}

func TestAssignmentsOverHTTP(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		made := s.As(t, "lead-head").Post("/assignments", map[string]any{
			"kind": "deputy", "user_id": s.Users["lead-officer"].ID, "target_id": s.Departments["labour"], "to_date": "2023-09-28",
		}).Want(http.StatusCreated)
		var as struct {
			ID           string
			User, Target struct{ Name string }
			FromDate     string `json:"from_date"`
			ToDate       string `json:"to_date"`
		}
		made.Into(&as)
		if as.User.Name != "lead-officer" || as.Target.Name != "人社局" || as.FromDate != "2023-09-27" || as.ToDate != "2023-09-28" {
			t.Errorf("made %s", made.Body)
		}
		at := "/assignments/" + as.ID
		s.As(t, "lead-head").Do(http.MethodPatch, at, map[string]any{"to_date": "2023-09-30"}).Want(http.StatusOK)
		s.As(t, "lead-head").Do(http.MethodPatch, at, map[string]any{"to_date": nil}).Want(http.StatusUnprocessableEntity)
		s.As(t, "desk").Do(http.MethodPatch, at, map[string]any{"to_date": nil}).Want(http.StatusForbidden)
		s.As(t, "admin").Do(http.MethodPatch, at, map[string]any{"to_date": nil}).Want(http.StatusOK)
		s.As(t, "stranger").Get(at).Want(http.StatusNotFound)
		if got := s.As(t, "lead-officer").Get("/assignments").Want(http.StatusOK); !strings.Contains(string(got.Body), as.ID) {
			t.Errorf("one's own is not listed: %s", got.Body)
		}
		s.As(t, "lead-head").Do(http.MethodDelete, at, nil).Want(http.StatusNoContent)
		s.As(t, "lead-head").Do(http.MethodPatch, at, map[string]any{"to_date": "2023-10-30"}).Want(http.StatusConflict)
	})
}

// Each bad input is told at its place, and nothing comes of it.
func TestBadInputAboutPeople(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		before := s.As(t, "admin").Get("/users?limit=200&all=true").Want(http.StatusOK)
		long := strings.Repeat("x", 1001)
		for _, c := range []struct {
			who, method, path string
			body              any
			status            int
			at                []string
		}{
			{"", "POST", "/sessions", map[string]any{}, 422, []string{"/password", "/username"}},
			{"", "POST", "/sessions", map[string]any{"username": "desk", "password": long}, 422, []string{"/password"}},
			{"", "POST", "/sessions", `{"username":"desk","password":`, 422, []string{""}},
			{"", "POST", "/sessions", map[string]any{"username": "desk", "password": "x", "remember": true}, 422, []string{"/remember"}},
			{"", "POST", "/links/use", map[string]any{"token": "wsl_no", "password": "correct horse battery"}, 404, nil},
			{"", "GET", "/me", nil, 401, nil},
			{"", "GET", "/users", nil, 401, nil},
			{"admin", "POST", "/users", map[string]any{"username": "A", "name": "A", "role": "officer"}, 422, []string{"/department_id", "/username"}},
			{"admin", "POST", "/users", map[string]any{"username": "abc", "name": " ", "role": "king"}, 422, []string{"/name", "/role"}},
			{"admin", "POST", "/users", map[string]any{"username": "desk", "name": "A", "role": "guest"}, 422, []string{"/username"}},
			{"admin", "POST", "/users", map[string]any{"username": "abc", "name": "A", "role": "guest", "password": "given by mail"}, 422, []string{"/password"}},
			{"lead-head", "POST", "/users", map[string]any{"username": "abc", "name": "A", "role": "guest"}, 403, nil},
			{"admin", "PATCH", "/users/unknown", map[string]any{"name": "A"}, 404, nil},
			{"stranger", "PATCH", "/users/" + s.Users["own"].ID, map[string]any{"name": "A"}, 404, nil},
			{"admin", "PATCH", "/users/" + s.Users["own"].ID, map[string]any{"role": "guest"}, 422, []string{"/enterprise_id"}},
			{"admin", "DELETE", "/users/" + s.Users["admin"].ID, nil, 409, nil},
			{"admin", "POST", "/users/" + s.Users["own"].ID + "/links", map[string]any{"kind": "reset"}, 422, []string{"/kind"}},
			{"tax-head", "POST", "/users/" + s.Users["own"].ID + "/links", map[string]any{"kind": "invitation"}, 404, nil},
			{"desk", "POST", "/tokens", map[string]any{"name": "x", "expires_at": "tomorrow"}, 422, []string{"/expires_at"}},
			{"desk", "POST", "/tokens", map[string]any{"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, 422, []string{"/expires_at"}},
			{"desk", "DELETE", "/tokens/unknown", nil, 404, nil},
			{"desk", "POST", "/assignments", map[string]any{"kind": "manager", "user_id": "x", "target_id": "x", "from_date": "2023-02-30"}, 422, []string{"/from_date"}},
			{"desk", "POST", "/assignments", map[string]any{"kind": "manager", "user_id": "x", "target_id": "x"}, 422, []string{"/part", "/target_id", "/user_id"}},
			{"admin", "GET", "/users?cursor=%21", nil, 422, []string{"cursor"}},
			{"admin", "GET", "/users?limit=0", nil, 422, []string{"limit"}},
			{"desk", "PUT", "/me/password", map[string]any{"old": "x", "new": "correct horse battery"}, 422, []string{"/old"}},
		} {
			got := s.As(t, c.who).Do(c.method, c.path, c.body)
			if got.Status != c.status {
				t.Errorf("%s %s %v as %q: %d, want %d: %s", c.method, c.path, c.body, c.who, got.Status, c.status, got.Body)
				continue
			}
			if at := pointers(got); c.at != nil && !slices.Equal(at, c.at) {
				t.Errorf("%s %s %v: faults at %q, want %q: %s", c.method, c.path, c.body, at, c.at, got.Body)
			}
		}
		if after := s.As(t, "admin").Get("/users?limit=200&all=true"); string(after.Body) != string(before.Body) {
			t.Errorf("bad input changed accounts:\n%s\n%s", before.Body, after.Body)
		}
	})
}

// A secret that is told once is not kept with an Idempotency-Key.
func TestSecretsAreNotKeptAsAnswers(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		desk := s.As(t, "desk").With("Idempotency-Key", "once")
		first := desk.Post("/tokens", map[string]any{"name": "export"}).Want(http.StatusCreated)
		second := desk.Post("/tokens", map[string]any{"name": "export"}).Want(http.StatusCreated)
		if first.Text("token") == second.Text("token") {
			t.Error("the answer with the token was kept")
		}
		made := desk.Post("/users", map[string]any{"username": "contact", "name": "A", "role": "enterprise", "enterprise_id": s.Enterprises["own"]}).Want(http.StatusCreated)
		again := desk.Post("/users", map[string]any{"username": "contact", "name": "A", "role": "enterprise", "enterprise_id": s.Enterprises["own"]}).Want(http.StatusCreated)
		if made.Text("id") != again.Text("id") {
			t.Error("an account was made twice")
		}
	})
}
