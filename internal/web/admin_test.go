package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"whistle/internal/directory"
	"whistle/internal/service"
)

// adminPages are the administrator's, by their addresses.
var adminPages = []string{
	"/admin/users", "/admin/users/new", "/admin/departments", "/admin/departments/new", "/admin/categories", "/admin/duties", "/admin/reasons",
	"/admin/places", "/admin/chains", "/admin/enterprises", "/admin/enterprises/new", "/admin/projects", "/admin/policies", "/admin/policies/new?from=1",
	"/admin/calendar", "/admin/calendar?year=2027", "/admin/imports", "/admin/jobs", "/admin/audit",
}

func TestAdministrationIsForAdministrators(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		admin := o.SignInAs(t, "admin")
		for _, path := range adminPages {
			page := admin.Get(path).Want(http.StatusOK)
			if strings.Contains(page.Body, "[admin") || page.Words("h1") == "" {
				t.Errorf("%s lacks a text", path)
			}
		}
		for _, name := range []string{"desk", "leader", "lead-head", "own"} {
			other := o.SignInAs(t, name)
			for _, path := range adminPages {
				other.Get(path).Want(http.StatusNotFound)
			}
			other.Post("/admin/departments/new", url.Values{"name": {"甲"}, "code": {"a"}}).Want(http.StatusNotFound)
		}
	})
}

func TestADepartmentIsKeptOnItsPages(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		admin := o.SignInAs(t, "admin")
		form := admin.Get("/admin/departments/new").Form("form.form")
		form.Set("name", "")
		form.Set("code", "culture")
		refused := admin.Post("/admin/departments/new", form).Want(http.StatusUnprocessableEntity)
		if refused.Words(".field-error") == "" {
			t.Error("nothing stands at the empty name")
		}
		if code := refused.Form("form.form").Get("code"); code != "culture" {
			t.Errorf("the code that was typed became %q", code)
		}
		form = refused.Form("form.form")
		form.Set("name", "文旅局")
		form.Del("summonable") // a box that isn't ticked isn't sent
		admin.Post("/admin/departments/new", form).Want(http.StatusOK)
		admin.Post("/admin/departments/new", form).Want(http.StatusOK) // sent twice
		listed, err := o.Service.Departments().List(t.Context(), o.Actor(t, "admin"), service.EntryFilter{All: true, Code: "culture"})
		if err != nil || len(listed) != 1 {
			t.Fatalf("%d departments, %v", len(listed), err)
		}
		if d := listed[0]; d.Name != "文旅局" || !d.Dispatchable || d.Summonable {
			t.Errorf("made %+v", d)
		}

		// Two work on it at once: the slower one is told what changed.
		path := "/admin/departments/" + listed[0].ID
		mine, theirs := admin.Get(path).Form("form.form"), admin.Get(path).Form("form.form")
		theirs.Set("short_name", "文旅")
		admin.Post(path, theirs).Want(http.StatusOK)
		mine.Set("name", "文化和旅游局")
		stale := admin.Post(path, mine).Want(http.StatusPreconditionFailed)
		if words := stale.Words(".alert-danger"); !strings.Contains(words, "简称") || !strings.Contains(words, "admin") {
			t.Errorf("a stale form says %q", words)
		}
		if name := stale.Form("form.form").Get("name"); name != "文化和旅游局" {
			t.Errorf("what was typed became %q", name)
		}

		admin.Post(path+"/retire", url.Values{}).Want(http.StatusOK)
		if rows := admin.Get("/admin/departments").Words("tbody"); strings.Contains(rows, "文旅局") {
			t.Error("a retired one is listed")
		}
		if rows := admin.Get("/admin/departments?retired=1").Words("tbody"); !strings.Contains(rows, "文旅局") {
			t.Error("a retired one is not listed with the retired")
		}
		admin.Post(path+"/restore", url.Values{}).Want(http.StatusOK)
		if log := admin.Get("/admin/audit?subject=department").Words(".timeline"); !strings.Contains(log, "文旅局") {
			t.Errorf("the audit log says %q", log)
		}
		// By whom and of what the table is narrowed as the page is.
		if page := admin.Get("/admin/audit?subject_id=" + listed[0].ID + "&actor=" + o.Users["admin"].ID); !strings.Contains(page.Words(".timeline"), "文旅局") {
			t.Errorf("of the department the audit log says %q", page.Words("main"))
		}
		if page := admin.Get("/admin/audit?subject_id=" + listed[0].ID + "&actor=" + o.Users["desk"].ID); page.Find(".timeline").Length() != 0 {
			t.Errorf("by somebody else the audit log says %q", page.Words(".timeline"))
		}
	})
}

func TestAnAccountIsKeptOnItsPages(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		admin := o.SignInAs(t, "admin")
		form := admin.Get("/admin/users/new").Form("form.form")
		form.Set("username", "Not A Name")
		form.Set("name", "王五")
		form.Set("role", "officer")
		refused := admin.Post("/admin/users/new", form).Want(http.StatusUnprocessableEntity)
		if len(refused.All(".field-error")) < 2 { // the user name, and no department
			t.Errorf("faults: %q", refused.All(".field-error"))
		}
		form = refused.Form("form.form")
		form.Set("username", "wangwu")
		form.Set("department_id", o.Departments["tax"])
		made := admin.Post("/admin/users/new", form).Want(http.StatusOK)
		if made.Words("h1") != "王五" {
			t.Fatalf("led to %s", made.Path)
		}
		mine, theirs := admin.Get(made.Path).Form("form.form"), admin.Get(made.Path).Form("form.form")
		theirs.Set("email", "wangwu@example.com")
		admin.Post(made.Path, theirs).Want(http.StatusOK)
		mine.Set("phone", "025-1")
		stale := admin.Post(made.Path, mine).Want(http.StatusPreconditionFailed)
		if words := stale.Words(".alert-danger li"); !strings.Contains(words, o.text("user.email")) || !strings.Contains(words, "admin") {
			t.Errorf("a stale form says %q", words)
		}
		link := admin.Post(made.Path+"/link", url.Values{}).Want(http.StatusOK)
		if address := link.Words(".invite-url"); !strings.Contains(address, "/invite/") || link.Find("svg.qr path").Length() != 1 {
			t.Errorf("no link to hand out: %q", address)
		}
		// Another language is chosen on a page that can't be asked for again.
		if to := link.Find(".shell-menu input[name=to]").AttrOr("value", ""); to != made.Path {
			t.Errorf("from the link one comes to %s", to)
		}
		admin.Post(made.Path+"/retire", url.Values{}).Want(http.StatusOK)
		if rows := admin.Get("/admin/users?q=wangwu").Words("main"); strings.Contains(rows, "王五") {
			t.Error("a retired account is listed")
		}
	})
}

func TestClocksGetANewVersion(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		admin := o.SignInAs(t, "admin")
		form := admin.Get("/admin/policies/new?from=1").Form("form.form")
		rules := form.Get("rules")
		form.Set("name", "2024")
		form.Set("rules", rules+"\nclaim labour urgent soon working_hours\nnonsense")
		form.Set("effective_from", "2024-01-01T00:00")
		refused := admin.Post("/admin/policies/new?from=1", form).Want(http.StatusUnprocessableEntity)
		if words := refused.Words("main"); !strings.Contains(words, "行") {
			t.Errorf("the lines that are none are not named: %s", words)
		}
		form = refused.Form("form.form")
		form.Set("rules", strings.Replace(rules, "claim * * 8 working_hours", "claim * * 6 working_hours", 1))
		form.Set("effective_from", "2024-01-01 00:00") // as typed where there is no calendar
		admin.Post("/admin/policies/new?from=1", form).Want(http.StatusOK)
		page := admin.Get("/admin/policies?version=2").Want(http.StatusOK)
		if words := page.Words("main"); !strings.Contains(words, "8 工作小时 → 6 工作小时") {
			t.Errorf("what differs is not told: %s", words)
		}
	})
}

func TestACalendarYearIsTriedAndThenChanged(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		admin := o.SignInAs(t, "admin")
		path := "/admin/calendar?year=2023"
		form := admin.Get(path).Form("form.form")
		days := form.Get("days")
		if !strings.Contains(days, "2023-10-07 班") {
			t.Fatalf("the year reads %q", days)
		}
		form.Set("days", days+"\n2023-11-31 休 没有这天")
		admin.Post(path, form).Want(http.StatusUnprocessableEntity)
		form.Set("days", days+"\n2023-10-09 休 试一试")
		tried := admin.Post(path, form).Want(http.StatusOK)
		if words := tried.Words(".notice"); !strings.Contains(words, "2023") {
			t.Errorf("tried, it says %q", words)
		}
		again, late := tried.Form("form.form"), tried.Form("form.form")
		again.Set("apply", "1")
		for range 2 { // sent twice
			if done := admin.Post(path, again).Want(http.StatusOK).Words(".flash"); done != o.text("calendar.changed", "Count", 0) {
				t.Errorf("changed, it says %q", done)
			}
		}
		late.Set("apply", "1")
		late.Set("form_key", uuid.NewString())
		late.Set("note", "晚了一步")
		stale := admin.Post(path, late).Want(http.StatusPreconditionFailed)
		if words := stale.Words(".alert-danger li"); !strings.Contains(words, "admin") || strings.Contains(words, "[") {
			t.Errorf("a stale form says %q", words)
		}
		year, err := o.CalendarYear(t.Context(), 2023)
		if err != nil || year.Version != 2 {
			t.Fatalf("version %d, %v", year.Version, err)
		}
	})
}

// TestAnImportIsStartedOnce, however often its form is sent; another file is
// another import.
func TestAnImportIsStartedOnce(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		admin := o.SignInAs(t, "admin")
		form := admin.Get("/admin/imports").Form("form.form")
		form.Set("kind", "departments")
		file := func(content string) map[string][]byte { return map[string][]byte{"部门.csv": []byte(content)} }
		first := admin.PostFilesAs("/admin/imports", form, "file", file("name,code\n文旅局,culture\n")).Want(http.StatusOK)
		if again := admin.PostFilesAs("/admin/imports", form, "file", file("name,code\n文旅局,culture\n")).Want(http.StatusOK); again.Path != first.Path {
			t.Errorf("sent twice it leads to %s, and to %s", first.Path, again.Path)
		}
		admin.PostFilesAs("/admin/imports", form, "file", file("name,code\n体育局,sports\n")).Want(http.StatusUnprocessableEntity)
		runs, err := o.ImportRuns(t.Context(), o.Actor(t, "admin"), service.ImportRunFilter{Limit: 10})
		if err != nil || len(runs) != 1 {
			t.Errorf("%d imports, %v", len(runs), err)
		}
	})
}

func TestInvitationsArePrinted(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		desk := o.SignInAs(t, "desk")
		// Both contacts can't sign in yet, so both enterprises wait for a link.
		page := desk.Get("/invitations").Want(http.StatusOK)
		if n := page.Find("input[name=enterprise_ids]").Length(); n != 2 {
			t.Fatalf("%d enterprises to invite", n)
		}
		desk.Post("/invitations", url.Values{"days": {"7"}}).Want(http.StatusUnprocessableEntity)
		sheet := desk.Post("/invitations", url.Values{"days": {"7"}, "enterprise_ids": {o.Enterprises["own"], o.Enterprises["other"]}}).Want(http.StatusOK)
		if n := sheet.Find("svg.qr").Length(); n != 2 {
			t.Errorf("%d codes", n)
		}
		if words := desk.Get("/invitations").Words("main"); !strings.Contains(words, "未使用") {
			t.Errorf("the list says %s", words)
		}

		// A manager invites only those looked after, and finds no others.
		manager := o.SignInAs(t, "manager")
		if way := manager.Get("/looked-after").Find(`a[href="/invitations"]`).Length(); way != 1 {
			t.Errorf("%d ways from the enterprises to the invitations", way)
		}
		if ids := manager.Get("/invitations?all=1").Want(http.StatusOK).Attrs("input[name=enterprise_ids]", "value"); !slices.Equal(ids, []string{o.Enterprises["own"]}) {
			t.Errorf("a manager may choose %v", ids)
		}
		manager.Post("/invitations", url.Values{"days": {"7"}, "enterprise_ids": {o.Enterprises["other"]}}).Want(http.StatusUnprocessableEntity)
		o.SignInAs(t, "own").Get("/invitations").Want(http.StatusForbidden)

		made, err := o.Invitations(t.Context(), o.Actor(t, "desk"), service.InvitationFilter{State: directory.LinkOpen})
		if err != nil || len(made) != 2 {
			t.Fatalf("%d links, %v", len(made), err)
		}
		desk.Post("/invitations/"+made[0].ID+"/revoke", url.Values{}).Want(http.StatusOK)
		if left, err := o.Invitations(t.Context(), o.Actor(t, "desk"), service.InvitationFilter{State: directory.LinkOpen}); err != nil || len(left) != 1 {
			t.Fatalf("%d links, %v", len(left), err)
		}
	})
}
