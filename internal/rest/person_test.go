package rest_test

import (
	_ "embed"
	"encoding/csv"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"whistle/internal/testkit"
)

//go:embed testdata/person_matrix.txt
var personMatrix string

func TestPersonMatrix(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		s.As(t, "own").Post("/tickets", filed).Want(http.StatusCreated)
		fill := strings.NewReplacer("{own}", s.Users["own"].ID)
		reason := map[string]any{"reason": "本人要求"}
		tryOperations(t, s, personMatrix, fill, map[string]any{"POST:/users/{own}/redaction": reason, "POST:/users/nobody/redaction": reason})
		if a := s.As(t, "admin").Post("/users/"+s.Users["own"].ID+"/redaction", map[string]any{"reason": "本人要求", "dry_run": true}).Want(http.StatusOK); !strings.Contains(string(a.Body), "is open and was filed by this person") {
			t.Errorf("%s", a.Body)
		}
	})
}

// TestContactsAreMaskedForWhomTheyDoNotConcern: the API, the list and the export
// read the same.
func TestContactsAreMaskedForWhomTheyDoNotConcern(t *testing.T) {
	const name, phone = "王晓明", "138-1234-5678"
	whole, masked := name+" "+phone, "王** 138****5678"
	servers(t, func(t *testing.T, s *testkit.Server) {
		path := "/enterprises/" + s.Enterprises["own"]
		s.As(t, "admin").Do(http.MethodPatch, path, map[string]any{"contact": name, "phone": phone}).Want(http.StatusOK)
		reads := func(when string, want map[string]string) {
			t.Helper()
			for _, who := range slices.Sorted(maps.Keys(want)) {
				client := s.As(t, who)
				if want[who] == "404" {
					client.Get(path).Want(http.StatusNotFound)
					continue
				}
				one := client.Get(path).Want(http.StatusOK)
				if got := one.Text("contact") + " " + one.Text("phone"); got != want[who] {
					t.Errorf("%s, %s reads %q, want %q", when, who, got, want[who])
				}
				var list struct {
					Items []struct{ ID, Contact, Phone string }
				}
				client.Get("/enterprises").Want(http.StatusOK).Into(&list)
				for _, e := range list.Items {
					if got := e.Contact + " " + e.Phone; e.ID == s.Enterprises["own"] && got != want[who] {
						t.Errorf("%s, %s lists %q, want %q", when, who, got, want[who])
					}
				}
				rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(client.Get("/exports/enterprises?format=csv").Want(http.StatusOK).Body), "\ufeff"))).ReadAll()
				if err != nil {
					t.Fatal(err)
				}
				at := func(header string) int {
					i := slices.Index(rows[0], header)
					if i < 0 {
						t.Fatalf("no column %s in %v", header, rows[0])
					}
					return i
				}
				for _, row := range rows[1:] {
					if got := row[at("联系人")] + " " + row[at("联系电话")]; row[at("企业名称")] == "甲科技有限公司" && got != want[who] {
						t.Errorf("%s, %s exports %q, want %q", when, who, got, want[who])
					}
				}
			}
		}
		reads("without a ticket", map[string]string{
			"own": whole, "manager": whole, "desk": whole, "admin": whole,
			"lead-officer": masked, "lead-head": masked, "fire-head": masked, "tax-officer": masked, "team-member": masked, "leader": masked,
			"stranger": "404", "guest": "404",
		})
		id := s.As(t, "own").Post("/tickets", filed).Want(http.StatusCreated).Text("id")
		step := func(who, event string, body map[string]any) {
			t.Helper()
			s.As(t, who).Post("/tickets/"+id+"/"+event, body).Want(http.StatusOK)
		}
		step("desk", "accept", map[string]any{})
		step("desk", "dispatch", map[string]any{"lead_id": s.Departments["labour"]})
		step("lead-officer", "whistle", map[string]any{"department_ids": []string{s.Departments["fire"]}, "question": "能否先行？"})
		reads("at work", map[string]string{
			"lead-officer": whole, "lead-head": whole, "fire-head": whole, "desk": whole,
			"tax-officer": masked, "water-head": masked, "leader": masked, "guest": "404",
		})
		step("own", "withdraw", map[string]any{"reason": "好了"})
		reads("when it has ended", map[string]string{"lead-officer": masked, "fire-head": masked, "own": whole})
	})
}
