package rest_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"whistle/internal/testkit"
)

// TestExportsOfLists: every list has an export, by the same filters and for
// the same readers.
func TestExportsOfLists(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		bringOne(t, s, "closed", "招不到装配工", false)
		bringOne(t, s, "submitted", "厂房漏雨", false)
		for list, lines := range map[string]int{
			"tickets": 2, "tickets?state=submitted": 1, "tickets?q=" + url.QueryEscape("厂房 漏雨"): 1, "tickets?stage=closed": 1, "tickets?mine=true": 0,
			"tickets?assignee=" + s.Users["lead-head"].ID: 1, "tickets?assignee=" + s.Users["land-head"].ID: 0,
			"tickets?project=" + s.Projects["plant"]: 2, "tickets?project=none": 0,
			"notices": 0, "notices?unread=true": 0,
			"figures?by=department": 4, "enterprises": 2, "enterprises?q=" + url.QueryEscape("农业"): 1, "projects": 1,
			"departments?kind=station": 1, "duties": 0, "categories": 11, "places": 1, "chains": 1, "reasons?kind=return": 5, "users?role=guest": 2,
			"assignments?kind=manager": 1, "snapshots": 0,
		} {
			a := s.As(t, "desk").Get("/exports/" + list + separator(list) + "format=jsonl").Want(http.StatusOK)
			if got := bytes.Count(a.Body, []byte("\n")); got != lines {
				t.Errorf("%s has %d rows, want %d: %s", list, got, lines, a.Body)
			}
			if strings.Contains(list, "?") {
				continue
			}
			// What the list shows, the export has.
			if list == "snapshots" {
				continue
			}
			var page struct{ Items []struct{ ID string } }
			s.As(t, "desk").Get("/" + list + "?limit=200").Want(http.StatusOK).Into(&page)
			for _, item := range page.Items {
				if !bytes.Contains(a.Body, []byte(`"`+item.ID+`"`)) {
					t.Errorf("%s lacks %s", list, item.ID)
				}
			}
		}
		for who, statuses := range map[string]map[string]int{
			"":          {"tickets": 401},
			"own":       {"tickets": 200, "history": 403, "audit": 403, "members/none": 403, "figures": 200, "notices": 200, "imports": 403},
			"land-head": {"tickets": 200, "history": 403, "audit": 403, "departments": 200},
			"admin":     {"tickets": 200, "history": 403, "audit": 200, "figures": 403, "imports": 200, "imports?kind=users&state=done": 200},
			"leader":    {"tickets": 200, "history": 200, "audit": 403, "members/none": 404},
		} {
			for list, want := range statuses {
				if a := s.As(t, who).Get("/exports/" + list); a.Status != want {
					t.Errorf("%s exports %s: %d, want %d: %.200s", who, list, a.Status, want, a.Body)
				}
			}
		}
		for _, wrong := range []string{"tickets?format=pdf", "tickets?language=fr", "tickets?state=asleep", "tickets?limit=5", "tickets?from=2023-13-01", "figures?by=weather", "audit?from=soon", "imports?state=asleep"} {
			s.As(t, "leader").Get("/exports/" + wrong).Want(http.StatusUnprocessableEntity)
		}
	})
}

func separator(path string) string {
	if strings.Contains(path, "?") {
		return "&"
	}
	return "?"
}

// TestExportsAreFiles: they are saved under a name that says what and when,
// and open as what they are.
func TestExportsAreFiles(t *testing.T) {
	s := serve(t, testkit.MigratedSQLite(t))
	bringOne(t, s, "submitted", "=HYPERLINK(1)", false)
	for query, want := range map[string]struct{ mediaType, name, begins string }{
		"":                        {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "诉求-20230927.xlsx", "PK"},
		"?format=csv":             {"text/csv; charset=utf-8", "诉求-20230927.csv", "\ufeff编号,"},
		"?format=csv&language=en": {"text/csv; charset=utf-8", "Tickets-20230927.csv", "\ufeffNumber,"},
		"?format=jsonl":           {"application/jsonl", "诉求-20230927.jsonl", `{"id":`},
	} {
		a := s.As(t, "desk").Get("/exports/tickets" + query).Want(http.StatusOK)
		disposition := "attachment; filename*=UTF-8''" + url.QueryEscape(want.name)
		if a.Header.Get("Content-Type") != want.mediaType || a.Header.Get("Content-Disposition") != disposition || !strings.HasPrefix(string(a.Body), want.begins) {
			t.Errorf("%q: %v, %.40q", query, a.Header, a.Body)
		}
		if a.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%q may be sniffed at", query)
		}
		if query == "?format=csv" && !strings.Contains(string(a.Body), ",'=HYPERLINK(1),") {
			t.Errorf("a formula is written: %s", a.Body)
		}
		if query == "" {
			book, err := excelize.OpenReader(bytes.NewReader(a.Body))
			if err != nil {
				t.Fatal(err)
			}
			if formula, err := book.GetCellFormula("Sheet1", "C2"); err != nil || formula != "" {
				t.Errorf("%q, %v", formula, err)
			}
			if title, err := book.GetCellValue("Sheet1", "C2"); err != nil || title != "=HYPERLINK(1)" {
				t.Errorf("%q, %v", title, err)
			}
			if err := book.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestSearchOverTheAPI: one question finds tickets and enterprises, each
// within one's sight.
func TestSearchOverTheAPI(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		id := bringOne(t, s, "returned", "厂房漏雨", false)
		secret := bringOne(t, s, "returned", "厂房改造配方", true)
		find := func(who, text string) (found struct {
			Tickets     []struct{ ID, Title string }
			Enterprises []struct{ Name string }
			MoreTickets bool `json:"more_tickets"`
		},
		) {
			s.As(t, who).Get("/search?q=" + url.QueryEscape(text)).Want(http.StatusOK).Into(&found)
			return found
		}
		if found := find("desk", "厂房"); len(found.Tickets) != 2 || found.Tickets[0].ID != secret || len(found.Enterprises) != 0 || found.MoreTickets {
			t.Errorf("the desk finds %+v", found)
		}
		if found := find("land-head", "厂房"); len(found.Tickets) != 1 || found.Tickets[0].ID != id {
			t.Errorf("who gave it back finds %+v", found)
		}
		if found := find("stranger", "厂房"); len(found.Tickets) != 0 {
			t.Errorf("a stranger finds %+v", found)
		}
		if found := find("lead-officer", "甲科技"); len(found.Tickets) != 0 || len(found.Enterprises) != 1 {
			t.Errorf("an officer finds %+v", found)
		}
		if a := s.As(t, "desk").Get("/search?q=" + url.QueryEscape("厂房") + "&limit=1").Want(http.StatusOK); a.Map()["more_tickets"] != true {
			t.Errorf("%s", a.Body)
		}
		for _, wrong := range []string{"", "?q=", "?q=%00", "?q=a&limit=51", "?q=" + strings.Repeat("a", 201)} {
			s.As(t, "desk").Get("/search" + wrong).Want(http.StatusUnprocessableEntity)
		}
	})
}
