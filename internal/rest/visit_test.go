package rest_test

import (
	_ "embed"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

//go:embed testdata/visit_matrix.txt
var visitMatrix string

var visitColumns = map[string]string{
	"own": "own", "oth": "stranger", "mgr": "manager", "gman": "guest-manager", "desk": "desk", "vis": "land-officer",
	"uo": "water-officer", "uh": "water-head", "ldr": "leader", "adm": "admin", "gst": "guest",
}

// record is the body of a visit with one finding.
func record(enterprise, words string, attachments ...string) map[string]any {
	body := map[string]any{"enterprise_id": enterprise, "seen": words, "findings": []map[string]any{{"text": "招不到装配工", "category": "labour"}}}
	if len(attachments) > 0 {
		body["attachments"] = attachments
	}
	return body
}

func campaignBody(code string) map[string]any {
	return map[string]any{"code": code, "name": "走访周 " + code, "kind": "week", "from_date": "2023-09-25", "to_date": "2023-10-13"}
}

// TestVisitMatrix tries every cell of the table.
func TestVisitMatrix(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		s.Join(t, "guest-manager", ticket.RoleGuest, "")
		if _, err := s.CreateAssignment(t.Context(), ticket.System, service.NewAssignment{
			Kind: directory.ManagerOf, UserID: s.Users["guest-manager"].ID, TargetID: s.Enterprises["own"], Part: "contact",
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Service.Service.Enterprises().Change(t.Context(), ticket.System, s.Enterprises["own"], func(e *directory.Enterprise) error {
			e.CreditCode = "91320191MA1ML4CL25"
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		visitor, desk := s.As(t, "land-officer"), s.As(t, "desk")
		photo, err := s.Upload(t.Context(), s.Actor(t, "land-officer"), "现场.txt", strings.NewReader("照片"))
		if err != nil {
			t.Fatal(err)
		}
		visit := visitor.Post("/visits", record(s.Enterprises["own"], "看了车间。", photo.ID)).Want(http.StatusCreated).Text("id")
		campaign := desk.Post("/campaigns", campaignBody("w")).Want(http.StatusCreated).Text("id")
		desk.Post("/campaigns/"+campaign+"/division", nil).Want(http.StatusOK)
		plan, _ := list(desk, "/visit-plans").Items[0]["id"].(string)

		found := func(a *testkit.Answer) string {
			if a.Status != http.StatusOK {
				return strconv.Itoa(a.Status)
			}
			var p page
			a.Into(&p)
			return strconv.Itoa(len(p.Items))
		}
		lines := func(a *testkit.Answer) string {
			if a.Status != http.StatusOK {
				return strconv.Itoa(a.Status)
			}
			return strconv.Itoa(strings.Count(string(a.Body), "\n"))
		}
		status := func(a *testkit.Answer) string { return strconv.Itoa(a.Status) }
		made := 0
		for _, c := range readSubjectMatrix(t, visitMatrix) {
			who := s.As(t, visitColumns[c.column])
			made++
			var got string
			switch c.operation {
			case "read-visit":
				got = status(who.Get("/visits/" + visit))
			case "read-words":
				got = "no"
				if a := who.Get("/visits/" + visit); a.Status == http.StatusOK && a.Text("seen") != "" {
					got = "yes"
				}
			case "list-visits":
				got = found(who.Get("/visits?visitor=" + s.Users["land-officer"].ID + "&enterprise=" + s.Enterprises["own"]))
			case "export-visits":
				got = lines(who.Get("/exports/visits?format=jsonl&visitor=" + s.Users["land-officer"].ID))
			case "read-photo":
				got = status(who.Get("/attachments/" + photo.ID))
			case "record":
				got = status(who.Post("/visits", record(s.Enterprises[c.of], fmt.Sprint("第", made, "次"))))
			case "file-finding":
				id := visitor.Post("/visits", record(s.Enterprises["own"], "又去了。")).Want(http.StatusCreated).Text("id")
				var read struct{ Findings []struct{ ID string } }
				visitor.Get("/visits/" + id).Want(http.StatusOK).Into(&read)
				got = status(who.Post("/visits/"+id+"/findings/"+read.Findings[0].ID+"/ticket", map[string]any{"title": "招工"}))
			case "list-campaigns":
				got = found(who.Get("/campaigns?q=w&limit=1"))
			case "create-campaign":
				got = status(who.Post("/campaigns", campaignBody(fmt.Sprint("c", made))))
			case "change-campaign":
				got = status(who.Do(http.MethodPatch, "/campaigns/"+campaign, map[string]any{"note": fmt.Sprint(made)}))
			case "retire-campaign":
				id := desk.Post("/campaigns", campaignBody(fmt.Sprint("r", made))).Want(http.StatusCreated).Text("id")
				got = status(who.Do(http.MethodDelete, "/campaigns/"+id, nil))
			case "divide":
				got = status(who.Post("/campaigns/"+campaign+"/division", nil))
			case "list-plans":
				got = found(who.Get("/visit-plans?campaign=" + campaign))
			case "export-plans":
				got = lines(who.Get("/exports/visit-plans?format=jsonl&campaign=" + campaign))
			case "change-plan":
				got = status(who.Do(http.MethodPatch, "/visit-plans/"+plan, map[string]any{"day": "2023-09-28"}))
			case "coverage":
				got = status(who.Get("/visit-coverage?by=place"))
			case "coverage-rows":
				got = status(who.Get("/visit-coverage/rows?reached=missing"))
			case "export-coverage":
				got = status(who.Get("/exports/coverage?of=projects"))
			default:
				t.Fatalf("nothing is known of %s", c.operation)
			}
			if got != c.want {
				t.Errorf("%s: %s, want %s", c, got, c.want)
			}
		}
	})
}

// TestVisitsOverHTTP: a record with all that it may hold, its faults at once,
// sent twice, and what links it with its ticket.
func TestVisitsOverHTTP(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		desk, manager := s.As(t, "desk"), s.As(t, "manager")
		campaign := campaignBody("s")
		campaign["questions"] = []map[string]any{{"text": "订单怎么样？", "kind": "choice", "choices": []string{"多了", "少了"}, "part": "owner"}, {"text": "缺多少人？", "kind": "number"}}
		id := desk.Post("/campaigns", campaign).Want(http.StatusCreated).Text("id")
		wantFaults(t, desk.Post("/campaigns", map[string]any{"code": "t", "name": "倒过来", "from_date": "2023-09-02", "to_date": "2023-09-01", "questions": []map[string]any{{"text": "选哪个？", "kind": "choice"}}}), "/questions/0/choices", "/to_date")

		body := record(s.Enterprises["own"], "看了车间。")
		body["client_id"], body["campaign_id"], body["project_id"] = "phone-7", id, s.Projects["plant"]
		body["latitude"], body["longitude"], body["location"] = 32.06, 118.63, "二号厂房"
		body["answers"] = []map[string]any{{"number": 2, "text": "三十个"}, {"number": 1, "text": "多了"}}
		wantFaults(t, manager.Post("/visits", body), "/answers/0/text")
		body["answers"] = []map[string]any{{"number": 2, "text": "30"}, {"number": 1, "text": "多了"}}
		first := manager.Post("/visits", body).Want(http.StatusCreated)
		s.Clock.Advance(48 * time.Hour)
		if again := manager.Post("/visits", body).Want(http.StatusCreated); again.Text("id") != first.Text("id") {
			t.Error("sent again it is another visit")
		}
		body["seen"] = "别的话"
		manager.Post("/visits", body).Want(http.StatusConflict)
		wantFaults(t, manager.Post("/visits", map[string]any{"enterprise_id": s.Enterprises["own"], "seen": " ", "findings": []map[string]any{{"text": "", "category": ""}}}), "/findings/0/category", "/findings/0/text", "/seen")

		var read struct {
			Answers  []struct{ Question, Text string }
			Findings []struct {
				ID     string
				Ticket *struct{ ID, State string }
			}
		}
		path := "/visits/" + first.Text("id")
		manager.Get(path).Want(http.StatusOK).Into(&read)
		if len(read.Answers) != 2 || read.Answers[0].Question != "缺多少人？" || len(read.Findings) != 1 || read.Findings[0].Ticket != nil {
			t.Fatalf("read is %+v", read)
		}
		file := path + "/findings/" + read.Findings[0].ID + "/ticket"
		filed := manager.Post(file, map[string]any{"title": "招不到装配工"}).Want(http.StatusCreated).Text("id")
		manager.Post(file, map[string]any{"title": "招不到装配工"}).Want(http.StatusConflict)
		manager.Get(path).Want(http.StatusOK).Into(&read)
		if at := read.Findings[0].Ticket; at == nil || at.ID != filed || at.State != "submitted" {
			t.Errorf("the visit shows %+v", at)
		}
		if all := list(manager, "/visits?ticket="+filed); len(all.Items) != 1 {
			t.Errorf("the ticket is of %d visits", len(all.Items))
		}
		if all := list(s.As(t, "land-officer"), "/visits?ticket="+filed); len(all.Items) != 0 {
			t.Error("who does not see the ticket is led from it to the visit")
		}
	})
}
