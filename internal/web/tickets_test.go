package web_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// titles are those that a page of the list shows.
func titles(seen *testkit.Seen) []string { return seen.All(".tickets tbody .tickets-title a") }

func TestTickets(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.filed("仓库没有路灯", nil)
		o.Clock.Advance(24 * time.Hour) // 28 September
		o.filed("缺二十名电工", func(in *ticket.SubmitInput) { in.Category, in.Urgency = "funding", ticket.Urgent })
		secret := o.filed("新配方要保密", func(in *ticket.SubmitInput) { in.Confidential = true })
		o.dispatched("宿舍验收", "land", nil)
		o.resolving("招工会场地")
		all := []string{"招工会场地", "宿舍验收", "新配方要保密", "缺二十名电工", "仓库没有路灯"}

		for query, want := range map[string][]string{
			"":                                     all,
			"q=电工":                                 {"缺二十名电工"},
			"q=甲科技+路灯":                             {"仓库没有路灯"},
			"state=submitted":                      {"新配方要保密", "缺二十名电工", "仓库没有路灯"},
			"stage=resolution":                     {"招工会场地"},
			"stage=resolution&state=submitted":     {},
			"stage=dispatch":                       {"宿舍验收"},
			"category=funding":                     {"缺二十名电工"},
			"department=" + o.Departments["land"]:  {"宿舍验收"},
			"chain=" + o.Chains["chips"]:           all,
			"place=" + o.Places["town"]:            all,
			"source=web":                           all,
			"source=visit":                         {},
			"enterprise=" + o.Enterprises["own"]:   all,
			"enterprise=" + o.Enterprises["other"]: {},
			"from=2023-09-28":                      all[:4],
			"to=2023-09-27":                        {"仓库没有路灯"},
			"from=2023-09-27&to=2023-09-27&q=路灯":   {"仓库没有路灯"},
			"light=red":                            {"仓库没有路灯"}, // 4 working hours are over
		} {
			seen := o.SignInAs(t, "desk").Get("/tickets?" + query).Want(http.StatusOK)
			if got := titles(seen); !slices.Equal(got, want) && len(got)+len(want) > 0 {
				t.Errorf("%s shows %v, want %v", query, got, want)
			}
			if len(want) == 0 && !strings.Contains(seen.Words(".empty"), "没有符合条件的诉求") {
				t.Errorf("%s says %q", query, seen.Words(".empty"))
			}
		}

		// What is narrowed stays chosen in the form.
		seen := o.SignInAs(t, "desk").Get("/tickets?category=funding&q=电工&enterprise=" + o.Enterprises["own"])
		if got := seen.Attrs("select[name=category] option[selected]", "value"); !slices.Equal(got, []string{"funding"}) {
			t.Errorf("chosen: %v", got)
		}
		if got := seen.Attrs("main input[name=q]", "value"); !slices.Equal(got, []string{"电工"}) {
			t.Errorf("typed: %v", got)
		}
		if got := seen.Words("form.filters a"); !strings.Contains(got, "甲科技有限公司") {
			t.Errorf("the enterprise reads %q", got)
		}

		// Everybody has a scope.
		for who, want := range map[string][]string{
			"own": all, "stranger": {}, "leader": all, "land-officer": {"宿舍验收"}, "lead-officer": {"招工会场地"},
			"fire-officer": {}, "manager": {"招工会场地", "宿舍验收", "缺二十名电工", "仓库没有路灯"}, "admin": {},
		} {
			if got := titles(o.SignInAs(t, who).Get("/tickets").Want(http.StatusOK)); !slices.Equal(got, want) && len(got)+len(want) > 0 {
				t.Errorf("%s sees %v, want %v", who, got, want)
			}
		}
		o.SignInAs(t, "own").Get("/tickets?department=" + o.Departments["land"]).Want(http.StatusOK)
		if got := o.SignInAs(t, "own").Get("/tickets").All("form.filters label"); slices.Contains(got, "牵头部门") {
			t.Errorf("an enterprise is asked for %v", got)
		}

		// A day that is none is told at its field, and kept.
		wrong := o.SignInAs(t, "desk").Get("/tickets?to=31.9.").Want(http.StatusUnprocessableEntity)
		if got := wrong.Words("#f-to-notes"); got != "请写成 2023-09-01 这样的日期" {
			t.Errorf("at the field: %q", got)
		}
		if got := wrong.Attrs("#f-to", "value"); !slices.Equal(got, []string{"31.9."}) {
			t.Errorf("kept: %v", got)
		}
		o.SignInAs(t, "desk").Get("/tickets?after=nonsense").Want(http.StatusNotFound)
		o.SignInAs(t, "desk").Get("/tickets/" + secret).Want(http.StatusOK)
	})
}

func TestTicketsByPages(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		const many = 120
		for i := range many {
			o.filed(fmt.Sprintf("第 %d 件", i), nil)
			if i%3 == 0 {
				o.Clock.Advance(time.Second) // else at one moment
			}
		}
		desk, seen := o.SignInAs(t, "desk"), map[string]bool{}
		page, pages := desk.Get("/tickets?category=labour"), 1
		for {
			for _, title := range titles(page.Want(http.StatusOK)) {
				if seen[title] {
					t.Errorf("%s is listed twice", title)
				}
				seen[title] = true
			}
			next := page.Attrs(".pager a[rel=next]", "href")
			if len(next) == 0 {
				break
			}
			page, pages = desk.Get(next[0]), pages+1
		}
		if len(seen) != many || pages != 3 {
			t.Errorf("%d tickets on %d pages", len(seen), pages)
		}
		if first := page.Attrs(".pager a:not([rel])", "href"); len(first) != 1 || first[0] != "/tickets?category=labour" {
			t.Errorf("the way to the first page is %v", first)
		}
		// The table holds all pages of what the filters show.
		saved := page.Attrs(".exports a", "href")
		if len(saved) != 2 {
			t.Fatalf("saved at %v", saved)
		}
		if rows := readCSV(t, desk.Get(saved[1]).Want(http.StatusOK)); len(rows) != many+1 {
			t.Errorf("%d rows with the header", len(rows))
		}
	})
}

func readCSV(t *testing.T, seen *testkit.Seen) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(seen.Body, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatalf("%v: %.200s", err, seen.Body)
	}
	return rows
}

// column is a column of a table, without its header.
func column(rows [][]string, header string) []string {
	at := slices.Index(rows[0], header)
	if at < 0 {
		return rows[0]
	}
	values := []string{}
	for _, row := range rows[1:] {
		values = append(values, row[at])
	}
	return values
}

func TestListsAreSaved(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.filed("=1+1", nil)
		o.filed("缺电工", func(in *ticket.SubmitInput) { in.Category = "funding" })
		o.resolving("招工会场地")
		desk := o.SignInAs(t, "desk")

		got := desk.Get("/export/tickets?format=csv").Want(http.StatusOK)
		if titles := column(readCSV(t, got), "标题"); !slices.Equal(titles, []string{"招工会场地", "缺电工", "'=1+1"}) {
			t.Errorf("titles %v", titles)
		}
		if name := got.Header.Get("Content-Disposition"); !strings.Contains(name, url.PathEscape("诉求")+"-20230927.csv") {
			t.Errorf("saved as %s", name)
		}
		if kind := got.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/csv") {
			t.Errorf("of type %s", kind)
		}
		narrowed := desk.Get("/export/tickets?format=csv&category=funding&after=x")
		if titles := column(readCSV(t, narrowed.Want(http.StatusOK)), "标题"); !slices.Equal(titles, []string{"缺电工"}) {
			t.Errorf("narrowed %v", titles)
		}
		workbook, err := excelize.OpenReader(bytes.NewReader([]byte(desk.Get("/export/tickets?format=xlsx&q=招工").Want(http.StatusOK).Body)))
		if err != nil {
			t.Fatal(err)
		}
		if rows, err := workbook.GetRows(workbook.GetSheetName(0)); err != nil || len(rows) != 2 || !slices.Contains(rows[1], "招工会场地") {
			t.Errorf("the workbook has %v, %v", rows, err)
		}

		// In the reader's language and within their scope.
		english := o.SignInAs(t, "lead-officer").With("Cookie", "language=en").Get("/export/tickets?format=csv")
		if titles := column(readCSV(t, english.Want(http.StatusOK)), "Title"); !slices.Equal(titles, []string{"招工会场地"}) {
			t.Errorf("the department saves %v", titles)
		}
		if titles := column(readCSV(t, o.SignInAs(t, "stranger").Get("/export/tickets?format=csv").Want(http.StatusOK)), "标题"); len(titles) != 0 {
			t.Errorf("a stranger saves %v", titles)
		}

		// The other lists, each by those who see it.
		for path, want := range map[string]int{
			"/export/worklist?queue=inbox": 2, "/export/worklist?queue=inbox&category=funding": 1, "/export/departments": 6, "/export/enterprises?q=甲科技": 1,
			"/export/categories": 11, "/export/reasons?q=": -1, "/export/places": 1, "/export/chains": 1, "/export/duties": 0, "/export/projects": 1,
			"/export/figures?by=department": -1, "/export/snapshots": 0, "/export/history": -1,
		} {
			rows := readCSV(t, desk.Get(path+separator(path)+"format=csv").Want(http.StatusOK))
			if got := len(rows) - 1; want >= 0 && got != want || got < 0 {
				t.Errorf("%s has %d rows, want %d", path, got, want)
			}
		}
		for _, path := range []string{"/export/users", "/export/assignments", "/export/audit"} {
			if rows := readCSV(t, o.SignInAs(t, "admin").Get(path+"?format=csv").Want(http.StatusOK)); len(rows) < 4 {
				t.Errorf("%s has %d rows", path, len(rows))
			}
		}
		for path, status := range map[string]int{
			"/export/audit?format=csv": http.StatusForbidden, "/export/worklist?format=csv&queue=to_claim": http.StatusNotFound,
			"/export/nothing?format=csv": http.StatusNotFound, "/export/tickets": http.StatusNotFound, "/export/tickets?format=jsonl": http.StatusNotFound,
			"/export/tickets?format=csv&from=yesterday": http.StatusUnprocessableEntity, "/export/audit?format=csv&to=x": http.StatusUnprocessableEntity,
		} {
			if seen := desk.Get(path).Want(status); seen.Header.Get("Content-Disposition") != "" || seen.Words("h1") == "" {
				t.Errorf("%s is answered with no page", path)
			}
		}
	})
}

func separator(path string) string {
	if strings.Contains(path, "?") {
		return "&"
	}
	return "?"
}
