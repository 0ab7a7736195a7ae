package rest_test

import (
	_ "embed"
	"fmt"
	"net/http"
	"testing"

	"whistle/internal/directory"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

//go:embed testdata/station_matrix.txt
var stationMatrix string

// expertise is the body of an expert; n tells them apart.
func expertise(n int) map[string]any {
	return map[string]any{"name": fmt.Sprintf("钟教授%d", n), "organisation": "江渚大学", "fields": []string{"遥感"}, "categories": []string{"technology"}}
}

// TestStationMatrix tries every cell; what is refused changes nothing.
func TestStationMatrix(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		admin := s.As(t, "admin")
		expert := admin.Post("/experts", expertise(0)).Want(http.StatusCreated).Text("id")
		station, departments := "/stations/"+s.Departments["station"], "/departments/"+s.Departments["station"]
		assign := func(c *testkit.Client) *testkit.Answer {
			return c.Post("/assignments", map[string]any{"kind": "station", "user_id": s.Users["land-officer"].ID, "target_id": s.Departments["station"], "part": directory.QualityEnvoy})
		}
		n := 0
		for _, c := range readCells(t, stationMatrix) {
			n++
			who := s.As(t, accounts[c.column])
			var got *testkit.Answer
			status := 0
			before := string(admin.Get("/experts/" + expert).Body)
			switch c.event {
			case "read-station":
				got = who.Get(station)
			case "list-stations":
				got = who.Get("/stations")
			case "list-tickets":
				got = who.Get(station + "/tickets?list=filed")
			case "change-station":
				got = who.Do(http.MethodPatch, departments, map[string]any{"opening": fmt.Sprintf("周%d", n)})
			case "assign-staff":
				if got = assign(who); got.Status == http.StatusCreated {
					admin.Do(http.MethodDelete, "/assignments/"+got.Text("id"), nil).Want(http.StatusNoContent)
				}
			case "end-staff":
				made := assign(admin).Want(http.StatusCreated).Text("id")
				got = who.Do(http.MethodDelete, "/assignments/"+made, nil)
				admin.Do(http.MethodDelete, "/assignments/"+made, nil).Want(http.StatusNoContent)
			case "read-expert":
				got = who.Get("/experts/" + expert)
			case "list-experts":
				status = len(list(who, "/experts?q="+"钟教授0").Items)
			case "create-expert":
				got = who.Post("/experts", expertise(n))
			case "change-expert":
				got = who.Do(http.MethodPatch, "/experts/"+expert, map[string]any{"post": fmt.Sprintf("职务%d", n)})
			case "retire-expert":
				id := expert
				if c.want < 300 {
					id = admin.Post("/experts", expertise(n)).Want(http.StatusCreated).Text("id")
				}
				got = who.Do(http.MethodDelete, "/experts/"+id, nil)
			default:
				t.Fatalf("nothing is tried for %q", c.event)
			}
			if got != nil {
				status = got.Status
			}
			if status != c.want {
				t.Errorf("%s by %s: %d, want %d", c.event, c.column, status, c.want)
			}
			if c.want >= 300 && string(admin.Get("/experts/"+expert).Body) != before {
				t.Errorf("%s by %s was refused, and changed it", c.event, c.column)
			}
		}
	})
}

// TestStationRules: what a station says of itself is held to the rules, all
// faults at once, and nothing else says it.
func TestStationRules(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		admin := s.As(t, "admin")
		wantFaults(t, admin.Post("/departments", map[string]any{
			"code": "b", "name": "某局", "kind": "bureau", "station_kind": "point", "place_id": s.Places["town"], "services": []string{"testing"}, "opening": "天天",
		}), "/station_kind", "/place_id", "/services", "/opening")
		wantFaults(t, admin.Post("/departments", map[string]any{
			"code": "p", "name": "某服务点", "kind": "station", "place_id": "gehe1m", "services": []string{"testing", "gehe1m"},
		}), "/place_id", "/services/1")
		wantFaults(t, admin.Post("/departments", map[string]any{"code": "p", "name": "某服务点", "kind": "station", "station_kind": "gehe1m"}), "/station_kind")
		plain := admin.Post("/departments", map[string]any{"code": "p", "name": "某服务站", "kind": "station"}).Want(http.StatusCreated)
		if kind := plain.Text("station_kind"); kind != "station" {
			t.Errorf("a station that says nothing is a %s", kind)
		}
		admin.Do(http.MethodPatch, "/departments/"+plain.Text("id"), map[string]any{"kind": "town", "station_kind": ""}).Want(http.StatusOK)
		admin.Get("/stations/" + plain.Text("id")).Want(http.StatusNotFound)

		admin.Post("/departments", map[string]any{"code": "q", "name": "某服务点", "kind": "station", "station_kind": "point", "place_id": s.Places["town"], "services": []string{"testing"}}).Want(http.StatusCreated)
		for query, want := range map[string]int{"": 2, "?kind=point": 1, "?kind=quality": 1, "?kind=center": 0, "?service=testing": 1, "?service=metrology": 0, "?place=" + s.Places["town"]: 2, "?q=%E6%9F%90": 1} {
			if got := len(list(s.As(t, "own"), "/stations"+query).Items); got != want {
				t.Errorf("%d stations by %q, want %d", got, query, want)
			}
		}
	})
}

// TestStationTickets: what staff file on behalf and where the station reports
// in is counted, as far as the reader sees the tickets, and opens to as many.
func TestStationTickets(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		s.Join(t, "station-head", ticket.RoleHead, "station")
		staff, desk, head := s.As(t, "station-staff"), s.As(t, "desk"), s.As(t, "lead-head")
		path := "/stations/" + s.Departments["station"]
		look := func(who string) string {
			t.Helper()
			var v struct {
				Tickets *struct{ Open, Filed, Reported int }
			}
			c := s.As(t, who)
			c.Get(path).Want(http.StatusOK).Into(&v)
			if v.Tickets == nil {
				return "none"
			}
			for list, count := range map[string]int{"open": v.Tickets.Open, "filed": v.Tickets.Filed, "reported": v.Tickets.Reported} {
				if rows := len(listOf(c, path+"/tickets?list="+list)); rows != count {
					t.Errorf("%s: %d %s, and %d rows", who, count, list, rows)
				}
			}
			return fmt.Sprint(*v.Tickets)
		}
		filed := func(title string, confidential bool) string {
			return staff.Post("/tickets", map[string]any{"enterprise_id": s.Enterprises["own"], "title": title, "description": "小站代提", "category": "labour", "confidential": confidential}).Want(http.StatusCreated).Text("id")
		}
		id := filed("精度上不去", false)
		filed("配方被抄了", true)
		s.As(t, "own").Post("/tickets", map[string]any{"title": "自己提的", "description": "自己", "category": "labour"}).Want(http.StatusCreated)
		for who, want := range map[string]string{"desk": "{0 2 0}", "leader": "{0 2 0}", "lead-head": "{0 0 0}", "station-head": "{0 0 0}", "own": "none"} {
			if got := look(who); got != want {
				t.Errorf("at first %s sees %s, want %s", who, got, want)
			}
		}
		desk.Post("/tickets/"+id+"/accept", nil).Want(http.StatusOK)
		desk.Post("/tickets/"+id+"/whistle", map[string]any{"lead_id": s.Departments["labour"], "department_ids": []string{s.Departments["station"]}, "question": "谁来诊断？"}).Want(http.StatusOK)
		if got := look("station-head"); got != "{1 1 0}" {
			t.Errorf("the summoned station sees %s", got)
		}
		// An expert sees the joint handling that they are invited to, and nothing else.
		expert := s.As(t, "expert")
		if rows := listOf(expert, "/tickets"); len(rows) != 0 {
			t.Errorf("before the invitation the expert sees %v", rows)
		}
		head.Post("/tickets/"+id+"/invite", map[string]any{"user_id": s.Users["expert"].ID}).Want(http.StatusOK)
		if rows := listOf(expert, "/tickets"); len(rows) != 1 || rows[0]["id"] != id {
			t.Errorf("the invited expert sees %v", rows)
		}
		expert.Post("/tickets/"+id+"/advise", map[string]any{"text": "先统一标注口径。"}).Want(http.StatusOK)
		s.As(t, "station-head").Post("/tickets/"+id+"/report-in", map[string]any{"position": "can", "text": "小站来对接。"}).Want(http.StatusOK)
		for who, want := range map[string]string{"desk": "{1 2 1}", "lead-head": "{1 1 1}", "station-head": "{1 1 1}", "station-staff": "{0 0 0}", "tax-head": "{0 0 0}"} {
			if got := look(who); got != want {
				t.Errorf("once it reported in %s sees %s, want %s", who, got, want)
			}
		}
		head.Post("/tickets/"+id+"/conclude", map[string]any{"minutes": "按专家意见办。", "tasks": []any{}}).Want(http.StatusOK)
		expert.Get("/tickets/" + id).Want(http.StatusNotFound)
		if rows := listOf(expert, "/tickets"); len(rows) != 0 {
			t.Errorf("after the joint handling the expert sees %v", rows)
		}
	})
}

// listOf are the rows of a list.
func listOf(c *testkit.Client, path string) []map[string]any { return list(c, path).Items }

// TestExpertRules: all faults of an expert at once, and filters of the list.
func TestExpertRules(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		desk := s.As(t, "desk")
		wantFaults(t, desk.Post("/experts", map[string]any{"name": " ", "organisation": "", "kind": "gehe1m"}), "/name", "/organisation", "/kind")
		wantFaults(t, desk.Post("/experts", map[string]any{
			"name": "钟教授", "organisation": "江渚大学", "user_id": s.Users["lead-head"].ID, "categories": []string{"gehe1m"}, "chains": []string{"gehe1m"}, "fields": []string{" "},
		}), "/user_id", "/categories/0", "/chains/0", "/fields/0")
		body := expertise(1)
		body["user_id"], body["chains"], body["inside"] = s.Users["expert"].ID, []string{s.Chains["chips"]}, true
		desk.Post("/experts", body).Want(http.StatusCreated)
		wantFaults(t, desk.Post("/experts", body), "/name", "/user_id")
		for query, want := range map[string]int{"": 1, "?category=technology": 1, "?category=land": 0, "?chain=" + s.Chains["chips"]: 1, "?kind=institute": 0, "?inside=true": 1, "?inside=false": 0, "?q=%E9%81%A5%E6%84%9F": 1} {
			if got := len(list(s.As(t, "lead-officer"), "/experts"+query).Items); got != want {
				t.Errorf("%d experts by %q, want %d", got, query, want)
			}
		}
	})
}
