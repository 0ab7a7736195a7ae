package web_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/visit"
)

// TestAnEnterprisesListSaysWhoHasIt: what the enterprise itself owes stands on
// top with the way to do it, every other card says whose turn it is.
func TestAnEnterprisesListSaysWhoHasIt(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		question, result, open, closed := o.asked("缺多少人？"), o.verifying(), o.resolving("在办的"), o.closed()
		page := o.SignInAs(t, "own").Get("/requests").Want(http.StatusOK)
		if got := page.Attrs(".owed .btn", "href"); !slices.Equal(got, []string{eventPath(question, ticket.EventSupplyInfo), "/tickets/" + result + "/verify"}) {
			t.Errorf("owed: %v", got)
		}
		if got := page.Attrs(".tabs ~ .ticket-cards .queue-title", "href"); !slices.Equal(got, []string{"/tickets/" + open}) {
			t.Errorf("open beside them: %v", got)
		}
		if got := page.Words(".tabs ~ .ticket-cards .ticket-where"); got != "人社局已接单，最晚 10月10日 18:00 前办结" {
			t.Errorf("the card says %q", got)
		}
		if got := page.All(".tabs ~ .ticket-cards .stage"); len(got) != 5 || !strings.Contains(got[3], "当前") {
			t.Errorf("the stages: %q", got)
		}
		if got := page.All(".tabs .count"); !slices.Equal(got, []string{"3", "1"}) {
			t.Errorf("counts: %v", got)
		}
		ended := o.SignInAs(t, "own").Get("/requests?list=closed").Want(http.StatusOK)
		if got := ended.Attrs(".ticket-card .queue-title", "href"); !slices.Equal(got, []string{"/tickets/" + closed}) {
			t.Errorf("ended: %v", got)
		}
		for _, path := range []string{"/requests", "/requests?list=closed"} {
			page := o.SignInAs(t, "stranger").Get(path).Want(http.StatusOK)
			if page.Find(".ticket-card").Length() != 0 || page.Words(".empty-title") == "" {
				t.Errorf("a stranger reads %s", page.Words("main"))
			}
		}
	})
}

// TestAnEnterprisesListHasPages: nothing is left out and nothing comes twice.
func TestAnEnterprisesListHasPages(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		const many = 45
		for i := range many {
			o.Clock.Advance(time.Second)
			o.filed("第"+strconv.Itoa(i)+"件", nil)
		}
		o.asked("缺什么？")
		own, path := o.SignInAs(t, "own"), "/requests"
		seen := map[string]bool{}
		pages := 0
		for ; path != ""; pages++ {
			page := own.Get(path).Want(http.StatusOK)
			for _, card := range page.Attrs(".tabs ~ .ticket-cards .queue-title", "href") {
				if seen[card] {
					t.Errorf("%s comes twice", card)
				}
				seen[card] = true
			}
			if owed := page.Find(".owed").Length(); owed > 0 != (pages == 0) {
				t.Errorf("page %d shows what is owed: %v", pages, owed > 0)
			}
			path = page.Find(`a[rel="next"]`).AttrOr("href", "")
		}
		if len(seen) != many || pages != 3 {
			t.Errorf("%d tickets on %d pages", len(seen), pages)
		}
		own.Get("/requests?after=madeup").Want(http.StatusNotFound)
	})
}

// TestFilingTakesAMinute: the form of an enterprise, what it sends, and the page
// that says what happens next.
func TestFilingTakesAMinute(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		own := o.SignInAs(t, "own")
		page := own.Get("/requests/new").Want(http.StatusOK)
		if got := page.Words(".page-sub"); got != "甲科技有限公司 · 桥头镇" {
			t.Errorf("whose it is: %q", got)
		}
		if tiles := page.Find(".tiles .choice:has(svg.icon)").Length(); tiles != 11 {
			t.Errorf("%d tiles with pictures", tiles)
		}
		draft := page.Find("form.form").AttrOr("data-draft", "")
		if !strings.Contains(draft, o.Users["own"].ID) {
			t.Errorf("the draft %q is not the account's own", draft)
		}
		values := page.Form("form.form")
		values.Set("title", "厂房消防验收卡了两个月")
		refused := own.PostFiles("/requests/new", values, map[string][]byte{"厂房.png": picture(t)}).Want(http.StatusUnprocessableEntity)
		for _, name := range []string{"category", "description"} {
			if refused.Find(`[name="`+name+`"]`).Closest(".field").Find(".field-error").Length() == 0 {
				t.Errorf("no fault at %s", name)
			}
		}
		values = refused.Form("form.form")
		if values.Get("title") != "厂房消防验收卡了两个月" || refused.Words(".kept") != "厂房.png" {
			t.Errorf("kept %v, %s", values, refused.Words(".kept"))
		}
		values.Set("category", "approval")
		values.Set("description", "两家单位各说要等对方")
		values.Set("urgency", "urgent")
		values.Set("confidential", "true")
		values.Set("project_id", o.Projects["plant"])
		var paths []string
		for range 2 { // an impatient thumb
			filed := own.Post("/requests/new", values).Want(http.StatusOK)
			paths = append(paths, filed.Path)
			if words := filed.Words("main"); !strings.Contains(words, "服务中心最晚 9月27日 11:00 前受理") {
				t.Errorf("what happens next: %s", words)
			}
			if done := filed.Find("[data-draft-done]").AttrOr("data-draft-done", ""); done != draft {
				t.Errorf("the draft %q ends, not %q", done, draft)
			}
		}
		all, err := o.Tickets(t.Context(), o.Actor(t, "own"), service.TicketFilter{})
		if err != nil || len(all) != 1 || paths[0] != paths[1] {
			t.Fatalf("%d tickets, %v, %v", len(all), paths, err)
		}
		v := all[0]
		if v.Source != ticket.SourceWeb || v.Urgency != ticket.Urgent || !v.Confidential || v.ProjectID != o.Projects["plant"] || v.EnterpriseID != o.Enterprises["own"] {
			t.Errorf("filed %+v", v.Core)
		}
		if got := own.Get("/tickets/" + v.ID).Find(".attachments img").Length(); got != 1 {
			t.Errorf("%d photos on its page", got)
		}
	})
}

// TestFilingTellsAPhoneFromADesk by what the browser says of itself, whatever
// the form says.
func TestFilingTellsAPhoneFromADesk(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		for _, c := range []struct {
			header, value string
			want          ticket.Source
		}{
			{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/120", ticket.SourceWeb},
			{"User-Agent", "Mozilla/5.0 (Linux; Android 13; Mobile) MicroMessenger/8", ticket.SourcePhone},
			{"Sec-Ch-Ua-Mobile", "?1", ticket.SourcePhone},
		} {
			visitor := o.SignInAs(t, "own").With(c.header, c.value)
			values := visitor.Get("/requests/new").Form("form.form")
			for name, value := range map[string]string{
				"title": c.value, "description": "说明", "category": "labour",
				"source": "hotline", "enterprise_id": o.Enterprises["other"], // not the caller's to say
			} {
				values.Set(name, value)
			}
			visitor.Post("/requests/new", values).Want(http.StatusOK)
			newest, err := o.Tickets(t.Context(), o.Actor(t, "own"), service.TicketFilter{Limit: 1})
			if err != nil || len(newest) != 1 || newest[0].Source != c.want || newest[0].Title != c.value {
				t.Errorf("%s: %+v, %v", c.value, newest, err)
			}
		}
	})
}

// TestFilingForAnother: who may, for whom, and how the enterprise is found
// without script.
func TestFilingForAnother(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		fileFor := func(who, choose, want string, source ticket.Source) string {
			t.Helper()
			visitor := o.SignInAs(t, who)
			found := visitor.Get(choose).Want(http.StatusOK)
			path := ""
			for i, name := range found.All("#choices a") {
				if name == want {
					path = found.Attrs("#choices a", "href")[i]
				}
			}
			if path == "" {
				t.Fatalf("%s finds %v at %s", who, found.All("#choices a"), choose)
			}
			values := visitor.Get(path).Want(http.StatusOK).Form("form.form")
			values.Set("title", who+"替企业提")
			values.Set("description", "走访时说的")
			values.Set("category", "land")
			filed := visitor.Post("/requests/new", values).Want(http.StatusOK)
			newest, err := o.Tickets(t.Context(), ticket.System, service.TicketFilter{Limit: 1})
			if err != nil || len(newest) != 1 || newest[0].Title != who+"替企业提" || newest[0].FiledBy != o.Users[who].ID || newest[0].Source != source {
				t.Errorf("%s filed %+v, %v: %s", who, newest[0].Core, err, filed.Words("main"))
			}
			return filed.Path
		}
		if at := fileFor("manager", "/requests/new", "甲科技有限公司", ticket.SourceVisit); !strings.HasSuffix(at, "/filed") {
			t.Errorf("leads to %s", at)
		}
		fileFor("desk", "/requests/new?q=合作社", "乙农业合作社", ticket.SourceDesk)
		fileFor("team-member", "/requests/new", "封装厂扩建", ticket.SourceVisit)
		// A station has no sight of what it files: it is told, and may file another.
		if at := fileFor("station-staff", "/requests/new?q=甲", "甲科技有限公司", ticket.SourceStation); at != "/requests/new" {
			t.Errorf("leads to %s", at)
		}
		// A manager is offered those looked after, and may file for no other.
		manager := o.SignInAs(t, "manager")
		if got := manager.Get("/requests/new?q=合作社").All("#choices a"); len(got) != 0 {
			t.Errorf("a manager is offered %v", got)
		}
		values := manager.Get("/requests/new?enterprise=" + o.Enterprises["own"]).Form("form.form")
		values.Set("title", "别家的")
		values.Set("description", "不归我管")
		values.Set("category", "land")
		values.Set("enterprise_id", o.Enterprises["other"])
		manager.Post("/requests/new", values).Want(http.StatusForbidden)
		for _, who := range []string{"tax-officer", "leader", "admin", "guest"} {
			o.SignInAs(t, who).Get("/requests/new").Want(http.StatusForbidden)
		}
	})
}

// A ticket that was found at a visit names it, to its enterprise and to the
// offices; the page for enterprises leads to its own profile.
func TestATicketNamesItsVisit(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		made, err := o.RecordVisit(t.Context(), o.Actor(t, "desk"), visit.Record{
			EnterpriseID: o.Enterprises["own"], Seen: "缺人", Findings: []visit.NewFinding{{Text: "招不到装配工", Category: "labour"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		filed, err := o.FileFinding(t.Context(), o.Actor(t, "desk"), made.ID, made.Findings[0].ID, service.FindingFiling{Title: "招工"})
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{"own", "desk"} {
			reader := o.SignInAs(t, who)
			links := reader.Get("/tickets/"+filed.ID).Want(http.StatusOK).Attrs("dl.facts a", "href")
			if !slices.Contains(links, "/visits/"+made.ID) {
				t.Errorf("%s is led to %v", who, links)
			}
			reader.Get("/visits/" + made.ID).Want(http.StatusOK)
		}
		profile := "/enterprises/" + o.Enterprises["own"]
		own := o.SignInAs(t, "own")
		if links := own.Get("/support").Want(http.StatusOK).Attrs("main a", "href"); !slices.Contains(links, profile) {
			t.Errorf("the page for enterprises leads to %v", links)
		}
		own.Get(profile).Want(http.StatusOK)
	})
}
