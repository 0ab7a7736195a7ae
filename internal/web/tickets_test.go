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

	"whistle/internal/directory"
	"whistle/internal/service"
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
		o.dispatched("宿舍验收", "land", func(in *ticket.SubmitInput) { in.ProjectID = o.Projects["plant"] })
		o.resolving("招工会场地")
		all := []string{"招工会场地", "宿舍验收", "新配方要保密", "缺二十名电工", "仓库没有路灯"}

		for query, want := range map[string][]string{
			"":                                       all,
			"q=电工":                                   {"缺二十名电工"},
			"q=甲科技+路灯":                               {"仓库没有路灯"},
			"state=submitted":                        {"新配方要保密", "缺二十名电工", "仓库没有路灯"},
			"stage=resolution":                       {"招工会场地"},
			"stage=resolution&state=submitted":       {},
			"stage=dispatch":                         {"宿舍验收"},
			"category=funding":                       {"缺二十名电工"},
			"department=" + o.Departments["land"]:    {"宿舍验收"},
			"assignee=" + o.Users["lead-officer"].ID: {"招工会场地"},
			"assignee=" + o.Users["lead-head"].ID:    {},
			"project=" + o.Projects["plant"]:         {"宿舍验收"},
			"chain=" + o.Chains["chips"]:             all,
			"place=" + o.Places["town"]:              all,
			"source=web":                             all,
			"source=visit":                           {},
			"enterprise=" + o.Enterprises["own"]:     all,
			"enterprise=" + o.Enterprises["other"]:   {},
			"from=2023-09-28":                        all[:4],
			"to=2023-09-27":                          {"仓库没有路灯"},
			"from=2023-09-27&to=2023-09-27&q=路灯":     {"仓库没有路灯"},
			"light=red":                              {"仓库没有路灯"}, // 4 working hours are over
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
		for _, name := range []string{"牵头部门", "经办人", "重点项目"} {
			if got := o.SignInAs(t, "own").Get("/tickets").All("form.filters label"); slices.Contains(got, name) {
				t.Errorf("an enterprise is asked for %v", got)
			}
		}

		// Who has a ticket is chosen among one's colleagues; by who sees all,
		// among those who have some of the department that is chosen.
		for _, c := range []struct {
			who, query string
			among      []string
		}{
			{"lead-officer", "", []string{"", o.Users["deputy"].ID, o.Users["lead-head"].ID, o.Users["lead-officer"].ID}},
			{"desk", "department=" + o.Departments["labour"], []string{"", o.Users["lead-officer"].ID}},
			{"leader", "department=" + o.Departments["labour"], []string{"", o.Users["lead-officer"].ID}},
			{"leader", "", nil},
			{"expert", "department=" + o.Departments["labour"], nil},
			{"own", "department=" + o.Departments["labour"], nil},
		} {
			for _, page := range []string{"/tickets?", "/workbench?queue=working&", "/desk?"} {
				if strings.HasPrefix(page, "/workbench") != (c.who == "lead-officer") && page != "/tickets?" || page == "/desk?" && c.who != "desk" {
					continue
				}
				got := o.SignInAs(t, c.who).Get(page+c.query).Want(http.StatusOK).Attrs("select[name=assignee] option", "value")
				if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(c.among))) {
					t.Errorf("%s%s offers %s the assignees %v, want %v", page, c.query, c.who, got, c.among)
				}
			}
		}
		for _, who := range []string{"desk", "leader", "lead-officer", "team-member"} {
			if got := o.SignInAs(t, who).Get("/tickets").Attrs("select[name=project] option", "value"); !slices.Equal(got, []string{"", o.Projects["plant"]}) {
				t.Errorf("%s chooses among the projects %v", who, got)
			}
		}
		// An enterprise does not find out by trying.
		for _, list := range []string{"/export/tickets?format=csv", "/export/worklist?format=csv&queue=open"} {
			for asked, want := range map[string]bool{"": true, "&assignee=" + o.Users["lead-officer"].ID: false, "&assignee=none": false} {
				if rows := readCSV(t, o.SignInAs(t, "own").Get(list+asked).Want(http.StatusOK)); len(rows) > 1 != want {
					t.Errorf("an enterprise is told %d rows by %s%s", len(rows)-1, list, asked)
				}
			}
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
		const many = 60
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

// TestPagesSaveWhatTheyShow follows the links by which a page's list is saved:
// the table holds what the page shows.
func TestPagesSaveWhatTheyShow(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.filed("缺电工", nil)
		o.dispatched("没人办的", "labour", nil)
		held := o.resolving("有人办的")
		o.do("lead-officer", held, ticket.EventRequestExtension, ticket.RequestExtensionInput{DueAt: testkit.Moment(t, "2023-10-11 18:00"), Reason: "材料未齐"})
		o.joint("会办的")
		ended := o.resolving("结束了的")
		o.do("lead-head", ended, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "办成了"})
		o.do("own", ended, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5})
		asked := o.filed("要补充的", nil)
		o.do("desk", asked, ticket.EventRequestInfo, ticket.RequestInfoInput{Question: "缺几名？"})
		admin := o.Actor(t, "admin")
		if _, err := o.StartImport(t.Context(), admin, service.ImportDepartments, "=名册.csv", strings.NewReader("编码,名称\n"), service.ImportRunOptions{}); err != nil {
			t.Fatal(err)
		}
		o.told()
		if _, err := o.MakeLink(t.Context(), admin, o.Users["own"].ID, directory.InvitationLink); err != nil {
			t.Fatal(err)
		}
		jobs, err := o.QueueJobs(t.Context(), admin, service.JobFilter{})
		if err != nil {
			t.Fatal(err)
		}
		told, err := o.Notices(t.Context(), o.Actor(t, "own"), service.NoticeFilter{})
		if err != nil || len(told) < 2 {
			t.Fatalf("%d notices, %v", len(told), err)
		}
		o.SignInAs(t, "own").Post("/notices/read", url.Values{"id": {told[0].ID}})
		texts := make([]string, len(told))
		for i, n := range told {
			texts[i] = n.Text
		}

		for _, c := range []struct {
			who, path, header string
			at                int      // which of the page's lists
			want              []string // of the column; nil for as many as rows
			rows              int
		}{
			{who: "lead-head", path: "/workbench/holders", header: "标题", want: []string{"没人办的", "有人办的", "会办的"}},
			{who: "lead-head", path: "/workbench/holders", header: "标题", at: 1, want: []string{"有人办的"}},
			{who: "own", path: "/notices", header: "内容", want: texts},
			{who: "admin", path: "/admin/imports", header: "文件", want: []string{"'=名册.csv"}},
			{who: "admin", path: "/admin/jobs", header: "编号", rows: len(jobs)},
			{who: "admin", path: "/admin/jobs?state=done", header: "编号", rows: len(jobs)},
			{who: "admin", path: "/admin/jobs?state=failed", header: "编号", rows: 0},
			{who: "own", path: "/requests", header: "标题", want: []string{"要补充的", "会办的", "有人办的", "没人办的", "缺电工"}},
			{who: "own", path: "/requests?list=closed", header: "标题", want: []string{"结束了的"}},
			{who: "desk", path: "/desk/board", header: "标题", want: []string{"会办的"}},
			{who: "lead-officer", path: "/workbench/board", header: "标题", want: []string{"会办的"}},
			{who: "desk", path: "/invitations", header: "企业", want: []string{"甲科技有限公司"}},
			{who: "leader", path: "/figures?figure=filed", header: "标题", rows: 6},
			{who: "leader", path: "/figures?figure=resolution_rate&part=numerator", header: "标题", want: []string{"结束了的"}},
			{who: "leader", path: "/figures?figure=filed&by=department&key=" + o.Departments["labour"], header: "标题", rows: 4},
			{who: "leader", path: "/tickets?assignee=" + o.Users["lead-officer"].ID + "&q=有人", header: "标题", want: []string{"有人办的"}},
		} {
			v := o.SignInAs(t, c.who)
			page := v.Get(c.path).Want(http.StatusOK)
			links := page.Attrs(".exports a", "href")
			if len(links) <= 2*c.at+1 {
				t.Errorf("%s is saved at %v", c.path, links)
				continue
			}
			got := column(readCSV(t, v.Get(links[2*c.at+1]).Want(http.StatusOK)), c.header)
			if c.want == nil && len(got) != c.rows || c.want != nil && !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(c.want))) {
				t.Errorf("%s saves %v, want %v or %d", c.path, got, c.want, c.rows)
			}
			if book, err := excelize.OpenReader(strings.NewReader(v.Get(links[2*c.at]).Want(http.StatusOK).Body)); err != nil {
				t.Errorf("%s: %v", c.path, err)
			} else if rows, err := book.GetRows(book.GetSheetName(0)); err != nil || len(rows) != len(got)+1 {
				t.Errorf("%s: the workbook has %d rows, %v", c.path, len(rows), err)
			}
		}
		for path, status := range map[string]int{
			"/export/holders?format=csv": http.StatusForbidden, "/export/imports?format=csv": http.StatusForbidden,
			"/export/jobs?format=csv": http.StatusForbidden, "/export/notices?format=csv": http.StatusOK,
		} {
			o.SignInAs(t, "lead-officer").Get(path).Want(status)
		}
		o.SignInAs(t, "admin").Get("/export/jobs?format=csv&state=asleep").Want(http.StatusNotFound)
	})
}

func separator(path string) string {
	if strings.Contains(path, "?") {
		return "&"
	}
	return "?"
}
