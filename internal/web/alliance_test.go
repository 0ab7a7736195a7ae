package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"whistle/internal/service"
	"whistle/internal/support"
	"whistle/internal/ticket"
)

// The desk makes an alliance from a chain's page, takes an enterprise in and
// records what it did; the head of the department that leads its service may do
// so too, others read it.
func TestAllianceIsKept(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		desk := o.SignInAs(t, "desk")
		chain := "/chains/" + o.Chains["chips"]
		add := desk.Get(chain).Want(http.StatusOK).Attrs("main a[href^='/alliances/new']", "href")
		if len(add) != 1 {
			t.Fatalf("the chain's page leads to %v", add)
		}
		form := desk.Get(add[0]).Want(http.StatusOK).Form("main form")
		if form.Get("chain_id") != o.Chains["chips"] {
			t.Errorf("the form begins with %v", form)
		}
		faulty := desk.Post(add[0], form).Want(http.StatusUnprocessableEntity)
		if faults := faulty.All(".field-error"); len(faults) != 1 {
			t.Errorf("a form without a name is told %v", faults)
		}
		form.Set("name", "集成电路联盟")
		if faults := desk.Post(add[0], form).Want(http.StatusUnprocessableEntity).All(".field-error"); len(faults) != 1 {
			t.Errorf("a form without a lead is told %v", faults)
		}
		form.Set("kind", "one_x_n")
		form.Set("lead_department_id", o.Departments["land"])
		form.Set("service_departments", o.Departments["labour"])
		form.Set("experts", o.Users["expert"].ID)
		form.Set("partners[0].name", "某大学")
		form.Set("partners[0].kind", "university")
		again := url.Values{"again": {"partners"}}
		for name, values := range form {
			again[name] = values
		}
		if more := desk.Post(add[0], again).Want(http.StatusOK).Form("main form"); !more.Has("partners[3].name") || more.Get("partners[0].name") != "某大学" {
			t.Errorf("more rows: %v", more)
		}
		made := desk.Post(add[0], form).Want(http.StatusOK)
		path, _, _ := strings.Cut(made.Path, "?")
		if !strings.HasPrefix(path, "/alliances/") || !strings.Contains(made.Words("main"), "某大学") {
			t.Fatalf("made at %s: %s", made.Path, made.Words("main"))
		}

		found := desk.Get(path + "?find=" + url.QueryEscape("甲科技"))
		taken := desk.Post(found.Attrs("form[action*='/members?']", "action")[0], found.Form("form[action*='/members?']")).Want(http.StatusOK)
		if names := taken.All(".members a"); !slices.Equal(names, []string{"甲科技有限公司"}) {
			t.Errorf("members %v", names)
		}
		// Changing the rest leaves who belongs to it.
		change := desk.Get(path + "/edit").Form("main form")
		change.Set("about", "一起解难题")
		if seen := desk.Post(path+"/edit", change).Want(http.StatusOK); len(seen.All(".members a")) != 1 || !strings.Contains(seen.Words("main"), "一起解难题") {
			t.Errorf("changed to %s", seen.Words("main"))
		}
		stale := desk.Post(path+"/edit", change)
		if stale.Status != http.StatusOK { // the same form sent twice has one effect
			t.Errorf("sent twice: %d", stale.Status)
		}

		head := o.SignInAs(t, "lead-head")
		record := "/activities/new?alliance=" + url.QueryEscape(strings.TrimPrefix(path, "/alliances/"))
		did := head.Get(record).Want(http.StatusOK).Form("main form")
		did.Set("name", "技术难题揭榜会")
		did.Set("kind", "tackle")
		did.Set("enterprises", o.Enterprises["own"])
		did.Set("partners", "某大学、某研究所")
		recorded := head.Post(record, did).Want(http.StatusOK)
		for _, words := range []string{"联攻", "甲科技有限公司", "某大学、某研究所"} {
			if !strings.Contains(recorded.Words("main"), words) {
				t.Errorf("the record does not say %s: %s", words, recorded.Words("main"))
			}
		}
		did.Set("form_key", "with a photo")
		pictured := head.PostFiles(record, did, map[string][]byte{"现场.png": picture(t)}).Want(http.StatusOK)
		if images := pictured.Attrs("main .attachments img", "src"); len(images) != 1 || !strings.HasSuffix(images[0], "/thumbnail") {
			t.Errorf("the photo shows as %v", images)
		}
		activityPath, _, _ := strings.Cut(pictured.Path, "?")
		kept := head.Get(activityPath + "/edit").Form("main form")
		if len(kept["attachments"]) != 1 {
			t.Errorf("the form names the files %v", kept["attachments"])
		}
		kept.Set("place", "会议室")
		if images := head.Post(activityPath+"/edit", kept).Want(http.StatusOK).Attrs("main .attachments img", "src"); len(images) != 1 {
			t.Errorf("a change leaves %v", images)
		}
		did.Set("form_key", "with a page")
		bad := head.PostFiles(record, did, map[string][]byte{"页面.html": []byte("<html><script>1</script></html>")}).Want(http.StatusUnprocessableEntity)
		if faults := bad.All(".field-error"); len(faults) != 1 || !strings.Contains(faults[0], "页面.html") {
			t.Errorf("a page as a photo is told %v", faults)
		}
		did.Set("form_key", "another")
		did.Set("day", "2023-09-28")
		if ahead := head.Post(record, did).Want(http.StatusUnprocessableEntity); len(ahead.All(".field-error")) != 1 {
			t.Errorf("a day to come: %v", ahead.All(".field-error"))
		}

		for _, reader := range []string{"leader", "tax-officer", "lead-officer"} {
			seen := o.SignInAs(t, reader).Get(path).Want(http.StatusOK)
			if forms := seen.All("main form"); len(forms) > 0 || !strings.Contains(seen.Words("main"), "技术难题揭榜会") {
				t.Errorf("%s is offered %v on %s", reader, forms, seen.Words("main"))
			}
			o.SignInAs(t, reader).Get(path + "/edit").Want(http.StatusNotFound)
			o.SignInAs(t, reader).Post(path+"/members", url.Values{"enterprise_id": {o.Enterprises["other"]}}).Want(http.StatusForbidden)
		}
		for _, who := range []string{"own", "admin", "guest"} {
			for _, at := range []string{"/chains", chain, "/alliances", path, "/activities"} {
				o.SignInAs(t, who).Get(at).Want(http.StatusNotFound)
			}
		}
		enterprise := "/enterprises/" + o.Enterprises["own"]
		if seen := o.SignInAs(t, "own").Get(enterprise).Words("main"); !strings.Contains(seen, "集成电路联盟") {
			t.Errorf("the member does not read its alliance: %s", seen)
		}
		if seen := desk.Get(enterprise).Attrs("main a[href^='/alliances/']", "href"); !slices.Contains(seen, path) {
			t.Errorf("the enterprise's page leads to %v", seen)
		}
	})
}

// A chain's page counts its segments in, shows what burns, and keeps its plan
// with what it was.
func TestChainPage(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		desk := o.SignInAs(t, "desk")
		id := o.filed("缺装配工", func(in *ticket.SubmitInput) { in.Confidential = true })
		chain := "/chains/" + o.Chains["chips"]
		if row := desk.Get("/chains").Want(http.StatusOK).All("tbody tr"); len(row) != 1 || !strings.Contains(row[0], "集成电路") {
			t.Errorf("the chains: %v", row)
		}
		for who, want := range map[string]bool{"desk": true, "leader": true, "tax-officer": false, "lead-head": false} {
			seen := o.SignInAs(t, who).Get(chain).Want(http.StatusOK)
			if shown := slices.Contains(seen.Attrs("main a", "href"), "/tickets/"+id); shown != want || strings.Contains(seen.Body, "缺装配工") != want {
				t.Errorf("%s is shown the confidential ticket: %t, want %t", who, shown, want)
			}
		}
		for _, secret := range []bool{false, true} {
			in := service.NewNeed{EnterpriseID: o.Enterprises["own"], Category: "labour", Text: "要装配工"}
			if secret {
				in.TicketID, in.Text = id, "保密的需求"
			}
			if _, err := o.AddNeed(t.Context(), o.Actor(t, "desk"), in); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range []support.PolicyResource{{Code: "C1", Name: "流片补贴", Chains: []string{o.Chains["chips"]}}, {Code: "C2", Name: "通用补贴"}} {
			p.DepartmentID, p.Gives = o.Departments["labour"], "补贴"
			if _, err := o.PolicyResources().Create(t.Context(), o.Actor(t, "desk"), p); err != nil {
				t.Fatal(err)
			}
		}
		for who, needs := range map[string]int{"desk": 2, "tax-officer": 1} {
			seen := o.SignInAs(t, who).Get(chain).Want(http.StatusOK)
			if n := len(seen.All("[aria-labelledby=needs] li")); n != needs || seen.Words("#needs .count") != strconv.Itoa(needs) {
				t.Errorf("%s is shown %d needs, counted %s", who, n, seen.Words("#needs .count"))
			}
			if policies := seen.Words("[aria-labelledby=policies] ul"); policies != "流片补贴" {
				t.Errorf("%s is shown the policies %q", who, policies)
			}
			for part, want := range map[string]int{"needs": needs, "policies": 1} {
				list := seen.Attrs("[aria-labelledby="+part+"] > p a", "href")
				if len(list) != 1 || len(o.SignInAs(t, who).Get(list[0]).Want(http.StatusOK).All("tbody tr")) != want {
					t.Errorf("%s: all %s are at %v", who, part, list)
				}
			}
		}
		for _, plan := range []string{"先办用工", "再办用地"} {
			form := desk.Get(chain).Form("form[action$='/plan']")
			form.Set("plan", plan)
			desk.Post(chain+"/plan", form).Want(http.StatusOK)
		}
		seen := o.SignInAs(t, "leader").Get(chain).Words("main")
		if !strings.Contains(seen, "再办用地") || !strings.Contains(seen, "先办用工") {
			t.Errorf("the plan and what it was: %s", seen)
		}
		o.SignInAs(t, "leader").Post(chain+"/plan", url.Values{"plan": {"不办"}}).Want(http.StatusNotFound)
		desk.Get("/activities?from=2023-02-30").Want(http.StatusUnprocessableEntity)
		dashboard := o.SignInAs(t, "leader").Get("/dashboard").Want(http.StatusOK)
		if links := dashboard.Attrs("main a[href^='/chains/']", "href"); !slices.Contains(links, chain) {
			t.Errorf("the dashboard leads to the chains %v", links)
		}
	})
}
