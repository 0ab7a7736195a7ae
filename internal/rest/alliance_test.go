package rest_test

import (
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"whistle/internal/testkit"
)

//go:embed testdata/alliance_matrix.txt
var allianceMatrix string

// allied makes the two alliances of the matrix, or one more of each; n tells
// them apart.
func allied(s *testkit.Server, admin *testkit.Client, where string, n int) string {
	body := map[string]any{"name": fmt.Sprintf("%s联盟%d", where, n), "kind": "one_x_n", "chain_id": s.Chains["chips"]}
	if where == "mine" {
		body["lead_department_id"], body["members"] = s.Departments["land"], []string{s.Enterprises["own"]}
		body["service_departments"], body["experts"] = []string{s.Departments["labour"]}, []string{s.Users["expert"].ID}
	} else {
		body["lead_enterprise_id"] = s.Enterprises["other"]
	}
	return admin.Post("/alliances", body).Want(http.StatusCreated).Text("id")
}

// TestAllianceMatrix tries every cell; what is refused changes nothing.
func TestAllianceMatrix(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		admin := s.As(t, "admin")
		alliances := map[string]string{"mine": allied(s, admin, "mine", 0), "theirs": allied(s, admin, "theirs", 0)}
		record := func(where string) map[string]any {
			body := map[string]any{"kind": "tackle", "name": "联合攻关", "day": "2023-09-20"}
			if body["alliance_id"] = alliances[where]; where == "chain" {
				body["alliance_id"], body["chain_id"] = "", s.Chains["chips"]
			}
			return body
		}
		photos := map[string]string{}
		activity := func(where string) string {
			photo, err := s.Upload(t.Context(), s.Actor(t, "admin"), "现场.txt", strings.NewReader("照片"))
			if err != nil {
				t.Fatal(err)
			}
			body := record(where)
			photos[where], body["attachments"] = photo.ID, []string{photo.ID}
			return admin.Post("/activities", body).Want(http.StatusCreated).Text("id")
		}
		activities := map[string]string{"mine": activity("mine"), "theirs": activity("theirs")}
		n := 0
		for _, c := range readCells(t, allianceMatrix) {
			n++
			who := s.As(t, accounts[c.column])
			what, isActivity := strings.CutSuffix(c.event, "-activity")
			path := "/alliances/" + alliances[c.where]
			if isActivity {
				path = "/activities/" + activities[c.where]
			}
			if what == "retire" && c.want < 300 {
				if path = "/alliances/" + allied(s, admin, c.where, n); isActivity {
					path = "/activities/" + activity(c.where)
				}
			}
			var got *testkit.Answer
			before := admin.Get(path)
			switch what {
			case "read":
				got = who.Get(path)
			case "files":
				got = who.Get(path + "/attachments")
			case "photo":
				got = who.Get("/attachments/" + photos[c.where])
			case "create":
				got = who.Post("/alliances", map[string]any{"name": fmt.Sprintf("新盟%d", n), "kind": "one_one_n", "chain_id": s.Chains["chips"], "lead_enterprise_id": s.Enterprises["other"]})
			case "record":
				got = who.Post("/activities", record(c.where))
			case "change":
				got = who.Do(http.MethodPatch, path, map[string]any{"about": fmt.Sprintf("改 %d", n)})
			case "retire":
				got = who.Do(http.MethodDelete, path, nil)
			case "plan":
				got = who.Do(http.MethodPatch, "/chains/"+s.Chains["chips"], map[string]any{"plan": fmt.Sprintf("方案 %d", n)})
			default:
				t.Fatalf("nothing is tried for %q", c.event)
			}
			if got.Status != c.want {
				t.Errorf("%s %s by %s: %d, want %d: %s", c.event, c.where, c.column, got.Status, c.want, got.Body)
			}
			if c.want >= 300 && before.Status == http.StatusOK && string(admin.Get(path).Body) != string(before.Body) {
				t.Errorf("%s %s by %s was refused, and changed it", c.event, c.where, c.column)
			}
		}
	})
}

// TestAlliancesOverHTTP: what an alliance is made of is held to its rules, all
// faults at once, and who is outside the offices reads no contact.
func TestAlliancesOverHTTP(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		desk := s.As(t, "desk")
		wantFaults(t, desk.Post("/alliances", map[string]any{"name": " ", "kind": "gehe1m", "chain_id": "", "members": "gehe1m"}), "/name", "/kind", "/chain_id", "/members")
		wantFaults(t, desk.Post("/alliances", map[string]any{
			"name": "丙联盟", "kind": "one_x_n", "chain_id": "gehe1m", "lead_enterprise_id": s.Enterprises["own"], "lead_department_id": s.Departments["land"],
			"members": []string{s.Enterprises["other"], s.Enterprises["own"], "gehe1m"}, "experts": []string{s.Users["desk"].ID}, "service_departments": []string{"gehe1m"},
		}), "/chain_id", "/lead_department_id", "/members/1", "/members/2", "/experts/0", "/service_departments/0")
		wantFaults(t, desk.Post("/alliances", map[string]any{"name": "丙联盟", "kind": "one_x_n", "chain_id": s.Chains["chips"]}), "/lead_enterprise_id")

		made := desk.Post("/alliances", map[string]any{
			"name": "丙联盟", "kind": "one_x_n", "chain_id": s.Chains["chips"], "lead_department_id": s.Departments["land"], "members": []string{s.Enterprises["own"]},
			"partners": []any{map[string]any{"name": "某大学", "kind": "university", "contact": "陈老师 025-0000"}},
		}).Want(http.StatusCreated)
		id := made.Text("id")
		wantFaults(t, desk.Post("/alliances", map[string]any{"name": "丙联盟", "kind": "one_x_n", "chain_id": s.Chains["chips"], "lead_department_id": s.Departments["land"]}), "/name")
		wantFaults(t, desk.Do(http.MethodPatch, "/alliances/"+id, map[string]any{"partners": []any{map[string]any{"name": "", "kind": "gehe1m"}}}), "/partners/0/name", "/partners/0/kind")
		for who, want := range map[string]string{"leader": "陈老师 025-0000", "own": ""} {
			var read struct{ Partners []struct{ Contact string } }
			s.As(t, who).Get("/alliances/" + id).Want(http.StatusOK).Into(&read)
			if len(read.Partners) != 1 || read.Partners[0].Contact != want {
				t.Errorf("%s reads %v", who, read.Partners)
			}
		}
		if found := list(desk, "/alliances?party="+s.Enterprises["own"]).Items; len(found) != 1 || found[0]["id"] != id {
			t.Errorf("by a member: %v", found)
		}
		if found := list(desk, "/alliances?party="+s.Enterprises["other"]).Items; len(found) != 0 {
			t.Errorf("by no member: %v", found)
		}

		wantFaults(t, desk.Post("/activities", map[string]any{"kind": "study", "name": "学", "day": "2023-09-28", "alliance_id": id, "chain_id": s.Chains["chips"], "partners": []string{" "}}), "/day", "/chain_id", "/partners/0")
		wantFaults(t, desk.Post("/activities", map[string]any{"kind": "study", "name": "学", "day": "2023-02-30"}), "/day")
		wantFaults(t, desk.Post("/activities", map[string]any{"kind": "study", "name": "学", "day": "2023-09-27"}), "/alliance_id")
		for _, day := range []string{"2023-09-01", "2023-09-27", "2023-09-15"} {
			desk.Post("/activities", map[string]any{"kind": "study", "name": day, "day": day, "alliance_id": id}).Want(http.StatusCreated)
		}
		var names []any
		for cursor := ""; ; {
			p := list(desk, "/activities?from=2023-09-02&chain="+s.Chains["chips"]+"&limit=1&cursor="+cursor)
			for _, item := range p.Items {
				names = append(names, item["name"])
			}
			if cursor = p.NextCursor; cursor == "" {
				break
			}
		}
		if fmt.Sprint(names) != "[2023-09-27 2023-09-15]" {
			t.Errorf("the activities since, page by page: %v", names)
		}
	})
}

// TestSegmentsCountInTheirChain: an enterprise that names a segment, and what it
// files, is found by the segment and by the chain; moving the segment changes
// neither the ticket nor its figures.
func TestSegmentsCountInTheirChain(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		admin, desk := s.As(t, "admin"), s.As(t, "desk")
		chain := func(code, parent string) string {
			return desk.Post("/chains", map[string]any{"code": code, "name": code, "parent_id": parent}).Want(http.StatusCreated).Text("id")
		}
		farming := chain("farming", "")
		rice, fruit := chain("rice", farming), chain("fruit", farming)
		wantFaults(t, desk.Do(http.MethodPatch, "/chains/"+farming, map[string]any{"parent_id": rice}), "/parent_id")
		wantFaults(t, desk.Do(http.MethodPatch, "/chains/"+farming, map[string]any{"parent_id": "gehe1m"}), "/parent_id")

		admin.Do(http.MethodPatch, "/enterprises/"+s.Enterprises["own"], map[string]any{"chains": []string{rice}}).Want(http.StatusOK)
		id := s.As(t, "own").Post("/tickets", map[string]any{"title": "缺烘干机", "description": "缺", "category": "labour"}).Want(http.StatusCreated).Text("id")
		counts := func() string {
			var got []string
			for _, c := range []string{farming, rice, fruit, s.Chains["chips"]} {
				total := desk.Get("/figures?chain=" + c).Want(http.StatusOK).Map()["total"].(map[string]any)
				got = append(got, fmt.Sprint(len(list(desk, "/enterprises?chain="+c).Items), len(list(desk, "/tickets?chain="+c).Items), total["tickets"]))
			}
			return strings.Join(got, ", ")
		}
		if got := counts(); got != "1 1 1, 1 1 1, 0 0 0, 0 0 0" {
			t.Errorf("enterprises, tickets and figures of the chain, its segments and another: %s", got)
		}
		admin.Do(http.MethodPatch, "/chains/"+rice, map[string]any{"parent_id": s.Chains["chips"]}).Want(http.StatusOK)
		if got := counts(); got != "0 1 1, 1 1 1, 0 0 0, 1 0 0" {
			t.Errorf("after the segment was moved: %s", got)
		}
		var read struct{ Chains []struct{ ID string } }
		desk.Get("/tickets/" + id).Want(http.StatusOK).Into(&read)
		if len(read.Chains) != 2 || read.Chains[0].ID != rice || read.Chains[1].ID != farming {
			t.Errorf("the ticket stands in %v", read.Chains)
		}
	})
}
