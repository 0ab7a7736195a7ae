package rest_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// wantFaults fails the test unless the answer is 422 with faults at these places,
// and repeats nothing that was sent.
func wantFaults(t *testing.T, a *testkit.Answer, at ...string) {
	t.Helper()
	a.Want(http.StatusUnprocessableEntity)
	slices.Sort(at)
	if got := pointers(a); !slices.Equal(got, at) {
		t.Errorf("faults at %v, want %v: %s", got, at, a.Body)
	}
	if bytes.Contains(a.Body, []byte("gehe1m")) {
		t.Errorf("the value comes back: %s", a.Body)
	}
}

// page is a list's answer.
type page struct {
	Items      []map[string]any `json:"items"`
	NextCursor string           `json:"next_cursor"`
}

func list(c *testkit.Client, path string) page {
	var p page
	c.Get(path).Want(http.StatusOK).Into(&p)
	return p
}

// TestEntriesOverHTTP tries each kind's operations with its own fields.
func TestEntriesOverHTTP(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		admin, guest := s.As(t, "admin"), s.As(t, "guest")
		bureau := s.Departments["labour"]
		for _, c := range []struct {
			path, readBack string // a filter that finds the entry alone
			body           map[string]any
			field          string // to be changed
			defaults       map[string]any
		}{
			{"/departments", "q=气象局", map[string]any{"code": "weather", "name": "气象局", "parent_id": bureau}, "short_name", map[string]any{"kind": "bureau", "dispatchable": true, "summonable": true, "officers_resolve": false}},
			{"/enterprises", "q=丙", map[string]any{"name": "丙稻米专业合作社", "kind": "cooperative", "chains": []string{s.Chains["chips"]}}, "phone", map[string]any{"credit_code": "", "tags": []any{}}},
			{"/projects", "enterprise=" + s.Enterprises["other"], map[string]any{"code": "P9", "name": "粮仓", "enterprise_id": s.Enterprises["other"]}, "name", nil},
			{"/chains", "q=FARM", map[string]any{"code": "farming", "name": "现代农业"}, "name", nil},
			{"/places", "parent=" + s.Places["town"], map[string]any{"code": "village", "name": "某村", "parent_id": s.Places["town"]}, "name", nil},
			{"/categories", "q=logistics", map[string]any{"code": "logistics", "name": "物流"}, "name", map[string]any{"position": 0.0}},
			{"/duties", "category=labour", map[string]any{"category": "labour", "department_id": bureau}, "basis", map[string]any{"basis": ""}},
			{"/reasons", "kind=return&q=holiday", map[string]any{"kind": "return", "code": "holiday", "name": "节假日"}, "name", nil},
		} {
			made := admin.Post(c.path, c.body).Want(http.StatusCreated)
			id := made.Text("id")
			if at := made.Header.Get("Location"); at != "/api/v1"+c.path+"/"+id {
				t.Errorf("%s is at %s", c.path, at)
			}
			for field, want := range c.defaults {
				if got := made.Map()[field]; fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s: %s is %v, want %v", c.path, field, got, want)
				}
			}
			changed := admin.Do(http.MethodPatch, c.path+"/"+id, map[string]any{c.field: "改后"}).Want(http.StatusOK).Map()
			for field, was := range made.Map() {
				switch now := changed[field]; {
				case field == c.field:
					if now != "改后" {
						t.Errorf("%s: %s is %v", c.path, field, now)
					}
				case field != "updated_at" && fmt.Sprint(now) != fmt.Sprint(was):
					t.Errorf("%s: %s became %v without being named", c.path, field, now)
				}
			}
			// What was read can be sent back; what is read-only is passed over.
			changed["id"], changed["retired_at"] = "another", "2023-01-01T00:00:00Z"
			back := admin.Do(http.MethodPatch, c.path+"/"+id, changed).Want(http.StatusOK).Map()
			if back["id"] != id || back["retired_at"] != nil {
				t.Errorf("%s: sent back as %v", c.path, back)
			}
			if found := list(admin, c.path+"?"+c.readBack); len(found.Items) != 1 || found.Items[0]["id"] != id {
				t.Errorf("%s?%s finds %d", c.path, c.readBack, len(found.Items))
			}
			all := list(admin, c.path)
			var paged []any
			for cursor := ""; ; {
				p := list(admin, c.path+"?limit=1&cursor="+cursor)
				for _, item := range p.Items {
					paged = append(paged, item["id"])
				}
				if cursor = p.NextCursor; cursor == "" {
					break
				}
			}
			if len(paged) != len(all.Items) || len(slices.Compact(paged)) != len(all.Items) {
				t.Errorf("%s: %d page by page, %d at once", c.path, len(paged), len(all.Items))
			}

			admin.Do(http.MethodPatch, c.path+"/"+id, map[string]any{"colour": "gehe1m"}).Want(http.StatusUnprocessableEntity)
			wantFaults(t, admin.Do(http.MethodPatch, c.path+"/"+id, map[string]any{c.field: 7, "colour": "gehe1m"}), "/"+c.field, "/colour")
			guest.Do(http.MethodPatch, c.path+"/"+id, `{`).Want(http.StatusUnprocessableEntity)
			wantFaults(t, admin.Get(c.path+"?cursor=gehe1m"), "cursor")
			guest.Post(c.path, c.body).Want(http.StatusForbidden)
			s.As(t, "").Get(c.path).Want(http.StatusUnauthorized)
			if c.path != "/enterprises" { // a name may stand twice
				admin.Post(c.path, c.body).Want(http.StatusUnprocessableEntity)
			}
			key := admin.With("Idempotency-Key", "k"+c.path)
			if c.path == "/enterprises" {
				first, again := key.Post(c.path, c.body).Want(http.StatusCreated), key.Post(c.path, c.body).Want(http.StatusCreated)
				if first.Text("id") != again.Text("id") || again.Header.Get("Location") != first.Header.Get("Location") {
					t.Error("the same key made two")
				}
			}
			for range 2 {
				admin.Do(http.MethodDelete, c.path+"/"+id, nil).Want(http.StatusNoContent)
			}
			if retired := admin.Get(c.path + "/" + id).Want(http.StatusOK).Map(); retired["retired_at"] == nil {
				t.Errorf("%s: retired, but reads %v", c.path, retired)
			}
			admin.Do(http.MethodPatch, c.path+"/"+id, map[string]any{c.field: "再改"}).Want(http.StatusConflict)
			admin.Get(c.path + "/nothing").Want(http.StatusNotFound)
		}
	})
}

// TestEntryFaults: all faults at once.
func TestEntryFaults(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		desk := s.As(t, "desk")
		wantFaults(t, desk.Post("/enterprises", map[string]any{"kind": "gehe1m", "tags": "gehe1m", "colour": 1}), "/kind", "/tags", "/name", "/colour")
		wantFaults(t, desk.Post("/enterprises", map[string]any{"name": "丁", "credit_code": "91gehe1m", "place_id": "gehe1m", "chains": []string{"gehe1m"}}), "/credit_code", "/place_id", "/chains/0")
		wantFaults(t, desk.Do(http.MethodPatch, "/enterprises/"+s.Enterprises["own"], map[string]any{"name": " "}), "/name")
		desk.Do(http.MethodDelete, "/enterprises/"+s.Enterprises["own"], nil).Want(http.StatusForbidden)
		if read := s.As(t, "own").Get("/enterprises/" + s.Enterprises["own"]).Want(http.StatusOK).Text("name"); read != "甲科技有限公司" {
			t.Errorf("a refused change made it %s", read)
		}
		s.As(t, "own").Get("/enterprises/" + s.Enterprises["other"]).Want(http.StatusNotFound)
		if n := len(list(s.As(t, "stranger"), "/projects").Items); n != 0 {
			t.Errorf("another enterprise reads %d projects", n)
		}
	})
}

func TestCalendarOverHTTP(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		admin, own := s.As(t, "admin"), s.As(t, "own")
		id := own.Post("/tickets", map[string]any{"title": "缺工", "description": "缺", "category": "labour"}).Want(http.StatusCreated).Text("id")
		due := func() string {
			var clocks page
			own.Get("/tickets/" + id + "/clocks").Want(http.StatusOK).Into(&clocks)
			return clocks.Items[0]["due_at"].(string)
		}
		before := due()
		var year struct {
			Version int
			Days    []map[string]any
			Years   []int
		}
		own.Get("/calendar?year=2023").Want(http.StatusOK).Into(&year)
		if year.Version != 1 || len(year.Days) == 0 || !slices.Contains(year.Years, 2026) {
			t.Fatalf("%+v", year)
		}
		days := append(year.Days, map[string]any{"date": "2023-09-27", "kind": "off", "name": "台风"})
		own.Do(http.MethodPut, "/calendar/2023", map[string]any{"days": days}).Want(http.StatusForbidden)
		wantFaults(t, admin.Do(http.MethodPut, "/calendar/2023", map[string]any{"days": []any{
			map[string]any{"date": "2023-02-30", "kind": "off"}, map[string]any{"date": "2023-10-01", "kind": "gehe1m"}, map[string]any{"kind": "off"},
		}}), "/days/0/date", "/days/1/kind", "/days/2/date")
		wantFaults(t, admin.Do(http.MethodPut, "/calendar/2023", map[string]any{"days": []any{map[string]any{"date": "2022-12-31", "kind": "off"}}}), "/days/0/date")
		wantFaults(t, admin.Do(http.MethodPut, "/calendar/2023", map[string]any{"days": []any{}}), "/days")

		change := admin.Do(http.MethodPut, "/calendar/2023", map[string]any{"days": days, "note": "通知"}).Want(http.StatusOK).Map()
		if change["version"] != 2.0 || change["tickets"] != 1.0 || change["moved"] != 1.0 {
			t.Errorf("%v", change)
		}
		if after := due(); after == before {
			t.Errorf("due at %s as before", after)
		}
		if got := own.Get("/calendar").Want(http.StatusOK).Map(); got["version"] != 2.0 || got["note"] != "通知" {
			t.Errorf("reads version %v, %v", got["version"], got["note"])
		}
		entry := list(admin, "/audit?subject=calendar").Items
		if len(entry) != 1 || entry[0]["action"] != "change" {
			t.Fatalf("audited %v", entry)
		}
		if after, ok := entry[0]["after"].(map[string]any); !ok || after["version"] != 2.0 {
			t.Errorf("audited as %v", entry[0]["after"])
		}
	})
}

func TestPoliciesOverHTTP(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		admin := s.As(t, "admin")
		rules := ticket.DefaultRules()
		made := admin.Post("/policies", map[string]any{"name": "二版", "rules": rules, "effective_from": "2023-10-09T00:00:00+08:00"}).Want(http.StatusCreated)
		if made.Header.Get("Location") != "/api/v1/policies/2" {
			t.Errorf("it is at %s", made.Header.Get("Location"))
		}
		admin.Post("/policies", map[string]any{"name": "三版", "rules": rules}).Want(http.StatusCreated)
		wantFaults(t, admin.Post("/policies", map[string]any{"name": "二版", "rules": rules[1:], "effective_from": "2023-09-27T09:59:00+08:00"}), "/name", "/effective_from", "/rules")
		wantFaults(t, admin.Post("/policies", map[string]any{"name": "四版", "rules": []any{map[string]any{"clock": "gehe1m", "amount": 0, "unit": "gehe1m"}}}), "/rules/0/clock", "/rules/0/amount", "/rules/0/unit")
		s.As(t, "desk").Post("/policies", map[string]any{"name": "四版", "rules": rules}).Want(http.StatusForbidden)
		first := list(s.As(t, "own"), "/policies?limit=2")
		last := list(s.As(t, "own"), "/policies?limit=2&cursor="+first.NextCursor)
		if len(first.Items) != 2 || first.Items[0]["version"] != 3.0 || first.Items[0]["effective_from"] != nil || len(last.Items) != 1 || last.Items[0]["version"] != 1.0 || last.NextCursor != "" {
			t.Errorf("%v then %v", first, last)
		}
		admin.Get("/policies/2").Want(http.StatusOK)
		admin.Get("/policies/9").Want(http.StatusNotFound)
	})
}

// form is a file as a browser sends it.
func form(t *testing.T, field, name, content string, more ...string) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile(field, name)
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	for i := 0; i+1 < len(more) && err == nil; i += 2 {
		err = w.WriteField(more[i], more[i+1])
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

func TestAttachmentsOverHTTP(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		own, desk := s.As(t, "own"), s.As(t, "desk")
		send := func(c *testkit.Client, field, name, content string, more ...string) *testkit.Answer {
			t.Helper()
			kind, body := form(t, field, name, content, more...)
			return c.With("Content-Type", kind).Post("/attachments", body)
		}
		made := send(own, "file", "原名.txt", "缺一百名焊工", "name", `用工 "清单".txt`).Want(http.StatusCreated)
		id := made.Text("id")
		if made.Header.Get("Location") != "/api/v1/attachments/"+id || made.Text("name") != "用工 清单.txt" || made.Text("media_type") != "text/plain" || made.Map()["size"] != 18.0 || len(made.Text("sha256")) != 64 {
			t.Errorf("%s", made.Body)
		}
		got := own.Get("/attachments/" + id).Want(http.StatusOK)
		if string(got.Body) != "缺一百名焊工" {
			t.Errorf("comes back as %q", got.Body)
		}
		for name, want := range map[string]string{
			"Content-Type":            "text/plain",
			"Content-Length":          "18",
			"Content-Disposition":     "attachment; filename*=UTF-8''%E7%94%A8%E5%B7%A5%20%E6%B8%85%E5%8D%95.txt",
			"X-Content-Type-Options":  "nosniff",
			"Content-Security-Policy": "sandbox; default-src 'none'",
			"Cache-Control":           "private",
		} {
			if values := got.Header.Values(name); len(values) != 1 || values[0] != want {
				t.Errorf("%s is %q, want %q", name, values, want)
			}
		}
		desk.Get("/attachments/" + id).Want(http.StatusNotFound) // not carried yet
		ticketID := own.Post("/tickets", map[string]any{"title": "缺工", "description": "缺", "category": "labour", "attachments": []string{id}}).Want(http.StatusCreated).Text("id")
		desk.Get("/attachments/" + id).Want(http.StatusOK)
		s.As(t, "stranger").Get("/attachments/" + id).Want(http.StatusNotFound)
		if carried := list(desk, "/tickets/"+ticketID+"/attachments"); len(carried.Items) != 1 || carried.Items[0]["id"] != id || carried.Items[0]["seq"] != 1.0 {
			t.Errorf("%v", carried)
		}
		s.As(t, "stranger").Get("/tickets/" + ticketID + "/attachments").Want(http.StatusNotFound)

		wantFaults(t, send(own, "file", "页.png", "<!DOCTYPE html><script>gehe1m</script>"), "/file")
		wantFaults(t, send(own, "file", "a.txt", ""), "/file")
		wantFaults(t, send(own, "picture", "a.txt", "a"), "/file")
		own.Post("/attachments", `{"file":"gehe1m"}`).Want(http.StatusUnprocessableEntity)
		send(own, "file", "a.txt", strings.Repeat("x", service.MaxAttachmentSize)).Want(http.StatusCreated)
		send(own, "file", "a.txt", strings.Repeat("x", service.MaxAttachmentSize+1)).Want(http.StatusRequestEntityTooLarge)
		send(s.As(t, ""), "file", "a.txt", "a").Want(http.StatusUnauthorized)

		key := own.With("Idempotency-Key", "k")
		first := send(key, "file", "a.txt", "a").Want(http.StatusCreated)
		if again := send(key, "file", "a.txt", "a").Want(http.StatusCreated); again.Text("id") != first.Text("id") {
			t.Error("the same key kept two files")
		}
		send(key, "file", "a.txt", "b").Want(http.StatusUnprocessableEntity)
	})
}

func TestAuditOverHTTP(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		admin := s.As(t, "admin")
		chain := admin.Post("/chains", map[string]any{"code": "c", "name": "甲"}).Want(http.StatusCreated).Text("id")
		admin.Do(http.MethodPatch, "/chains/"+chain, map[string]any{"name": "乙"}).Want(http.StatusOK)
		admin.Do(http.MethodDelete, "/chains/"+chain, nil).Want(http.StatusNoContent)
		var actions []any
		for cursor := ""; ; {
			p := list(admin, "/audit?subject=chain&subject_id="+chain+"&actor="+s.Users["admin"].ID+"&from=2023-09-27&to=2023-09-27&limit=1&cursor="+cursor)
			for _, item := range p.Items {
				actions = append(actions, item["action"])
				if who, ok := item["actor"].(map[string]any); !ok || who["id"] != s.Users["admin"].ID || who["name"] != "admin" {
					t.Errorf("by %v", item["actor"])
				}
			}
			if cursor = p.NextCursor; cursor == "" {
				break
			}
		}
		if !slices.Equal(actions, []any{"retire", "change", "create"}) {
			t.Errorf("audited %v", actions)
		}
		if n := len(list(admin, "/audit?subject=chain&subject_id="+chain+"&from=2023-09-28").Items); n != 0 {
			t.Errorf("%d on the day after", n)
		}
		wantFaults(t, admin.Get("/audit?from=gehe1m"), "from")
		for _, who := range []string{"desk", "leader", "lead-head", "own", "guest"} {
			s.As(t, who).Get("/audit").Want(http.StatusForbidden)
		}
	})
}
