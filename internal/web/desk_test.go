package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// TestDeskIsForTheDesk holds that nobody else finds the desk's pages.
func TestDeskIsForTheDesk(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.filed("招工难", nil)
		for _, who := range []string{"own", "lead-officer", "lead-head", "leader", "admin", "expert"} {
			v := o.SignInAs(t, who)
			for _, path := range []string{"/desk", "/desk?queue=inbox", "/desk/board", "/tickets/" + id + "/merge"} {
				v.Get(path).Want(http.StatusNotFound)
			}
			v.Post("/desk/accept", url.Values{"id": {id}}).Want(http.StatusNotFound)
		}
		if got := o.state(id); got != ticket.Submitted {
			t.Errorf("the ticket is %s", got)
		}
		v := o.SignInAs(t, "desk")
		v.Get("/desk?queue=to_claim").Want(http.StatusNotFound) // a department's
		if at := v.Get("/desk/accept?queue=inbox").Want(http.StatusOK).Path; at != "/desk?queue=inbox" {
			t.Errorf("back from the results one is at %s", at)
		}
	})
}

// keysOf are the keys of a row with what they begin.
func keysOf(page *testkit.Seen, id string) map[string]string {
	keys := map[string]string{}
	labels := page.Attrs("#row-"+id+" [data-key]", "data-key-label")
	for i, key := range page.Attrs("#row-"+id+" [data-key]", "data-key") {
		keys[key] = labels[i]
	}
	return keys
}

// TestDeskInbox accepts one and many, asks and rejects from the row, and stays
// in the list.
func TestDeskInbox(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		v := o.SignInAs(t, "desk")
		one, two, three, unclear := o.filed("招工", nil), o.filed("用电", nil), o.filed("用水", nil), o.filed("说不清的", nil)
		page := v.Get("/desk?queue=inbox").Want(http.StatusOK)
		keys := keysOf(page, one)
		for key, want := range map[string]string{"a": "受理", "q": "请企业补充", "r": "不予受理", "m": "并案", "c": "更正"} {
			if keys[key] != want {
				t.Errorf("the key %s begins %q, want %q", key, keys[key], want)
			}
		}
		done := v.Post("/desk/accept?queue=inbox", url.Values{"only": {one}}).Want(http.StatusOK)
		if got := done.Words("#queue-done strong"); !strings.HasPrefix(got, "受理：1 件里成功 1 件") {
			t.Errorf("one accepted: %q", got)
		}
		done = v.Post("/desk/accept?queue=inbox", url.Values{"id": {two, three, "nothing"}}).Want(http.StatusOK)
		if got := done.Words("#queue-done p"); got != "受理：3 件里成功 2 件" || done.Find("#row-"+unclear+" .queue-links a").Length() == 0 {
			t.Errorf("three accepted: %q", got)
		}
		for _, id := range []string{one, two, three} {
			if got := o.state(id); got != ticket.Accepted {
				t.Errorf("accepted, it is %s", got)
			}
		}

		ask := page.Find("#row-" + unclear + " [data-key=q]")
		if target := ask.AttrOr("hx-target", ""); target != "#queue-ticket" {
			t.Errorf("the form opens in %q", target)
		}
		href := ask.AttrOr("href", "")
		if part := v.GetPart(href, "queue-ticket").Want(http.StatusOK); part.Find("#queue-ticket #f-question").Length() != 1 {
			t.Errorf("beside the list: %s", part.Words("#queue-ticket"))
		}
		open := v.Get(href).Want(http.StatusOK)
		if open.Find("#row-"+unclear+"[aria-current]").Length() != 1 {
			t.Error("the row isn't the current one")
		}
		asked := send(t, v, open.Find(".ticket-form form"), url.Values{"question": {"缺多少人？"}}).Want(http.StatusOK)
		if asked.Path != "/desk?queue=inbox" || asked.Words(".flash") != "已请企业补充" || asked.Find("#row-"+unclear).Length() > 0 {
			t.Errorf("asked, one is at %s and reads %q", asked.Path, asked.Words(".flash"))
		}
		if got := v.Get("/desk?queue=supplementing").Words("#row-" + unclear + " .queue-asked"); got != "请企业补充：缺多少人？" {
			t.Errorf("it waits for %q", got)
		}
		// An old link says what is so now.
		late := v.Get(href).Want(http.StatusOK)
		if late.Words(".ticket-form .alert") == "" || late.Find(".ticket-form button[type=submit]").Length() > 0 {
			t.Errorf("an old link: %q", late.Words(".ticket-form"))
		}
		reject := v.Get(v.Get("/desk?queue=supplementing").Find("#row-"+unclear+" [data-key=r]").AttrOr("href", "")).Want(http.StatusOK)
		code := reject.Attrs(".ticket-form [name=reason_code]", "value")
		rejected := send(t, v, reject.Find(".ticket-form form"), url.Values{"reason_code": code[:1], "text": {"不归本区管"}}).Want(http.StatusOK)
		if rejected.Path != "/desk?queue=supplementing" || o.state(unclear) != ticket.Rejected {
			t.Errorf("rejected, one is at %s, it is %s", rejected.Path, o.state(unclear))
		}
	})
}

// TestDeskDispatch takes what is proposed, whose reasons are told in words.
func TestDeskDispatch(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		for code, basis := range map[string]string{"labour": "促进就业，组织招聘会", "tax": ""} {
			if _, err := o.Duties().Create(t.Context(), ticket.System, directory.Duty{Category: "labour", DepartmentID: o.Departments[code], Basis: basis}); err != nil {
				t.Fatal(err)
			}
		}
		other := o.dispatched("装配线缺工，想参加招聘会", "labour", nil)
		id := o.filed("装配线缺工，想参加招聘会，缺口六十人", nil)
		o.do("desk", id, ticket.EventAccept, ticket.None{})
		v := o.SignInAs(t, "desk")
		link := v.Get("/desk?queue=to_dispatch").Want(http.StatusOK).Find("#row-" + id + " [data-key=d]")
		open := v.Get(link.AttrOr("href", "")).Want(http.StatusOK)
		said := open.Words(".proposals")
		for _, want := range []string{"职责清单：促进就业，组织招聘会（诉求也提到“招聘会”）", "近 90 天这类诉求派过 1 次，1 次派给它", "1 件相似诉求里，1 件由它牵头", "职责清单里，这类诉求归它"} {
			if !strings.Contains(said, want) {
				t.Errorf("the proposals don't say %q: %s", want, said)
			}
		}
		if got := open.Attrs(".proposal-open a", "href"); !slices.Equal(got, []string{"/tickets/" + other}) {
			t.Errorf("similar and open: %v", got)
		}
		first := open.Find(".proposal [data-key='1']")
		taken := v.Get(first.AttrOr("href", "")).Want(http.StatusOK)
		if got := taken.Find("#f-lead_id option[selected]").AttrOr("value", ""); got != o.Departments["labour"] {
			t.Errorf("taken, the form says %q", got)
		}
		if got := taken.Words(".proposal.is-chosen a"); got != strings.TrimSpace(first.Text()) {
			t.Errorf("taken: %q", got)
		}
		done := send(t, v, taken.Find(".ticket-form form"), url.Values{"lead_id": {o.Departments["labour"]}}).Want(http.StatusOK)
		if done.Path != "/desk?queue=to_dispatch" || o.state(id) != ticket.Dispatched {
			t.Errorf("dispatched, one is at %s, it is %s", done.Path, o.state(id))
		}

		// Given back, it says by whom and why, and speaks against it.
		o.do("lead-head", id, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "应由税务局办"})
		page := v.Get("/desk?queue=returned").Want(http.StatusOK)
		if got := page.Words("#row-" + id + " .queue-asked"); !strings.Contains(got, "退回") || !strings.HasSuffix(got, "：应由税务局办") {
			t.Errorf("the row says %q", got)
		}
		again := v.Get(page.Find("#row-"+id+" [data-key=d]").AttrOr("href", "")).Want(http.StatusOK)
		if got := again.Words(".proposal .is-against"); got != "这件诉求它退回过" {
			t.Errorf("against it speaks %q", got)
		}
		whistle := v.Get(page.Find("#row-"+id+" [data-key=w]").AttrOr("href", "")).Want(http.StatusOK)
		if whistle.Find(".proposal").Length() == 0 {
			t.Error("nothing is proposed beside the whistle")
		}
		if v.Get("/tickets/"+id+"/correct").Want(http.StatusOK).Find(".proposals").Length() > 0 {
			t.Error("something is proposed beside a correction")
		}
	})
}

// TestDeskMerge shows both tickets side by side before they are made one.
func TestDeskMerge(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		first, second := o.filed("宿舍消防验收卡住了", nil), o.filed("宿舍消防验收卡住了，催一下", nil)
		elsewhere := o.filed("用电增容", nil)
		v := o.SignInAs(t, "desk")
		href := v.Get("/desk?queue=inbox").Find("#row-"+second+" [data-key=m]").AttrOr("href", "")
		choose := v.Get(href).Want(http.StatusOK)
		if got := choose.All(".queue-title"); !slices.Contains(got, "宿舍消防验收卡住了") || choose.Find(".compare").Length() > 0 {
			t.Errorf("to choose from: %q", got)
		}
		if got := choose.Words(".queue-asked"); !strings.Contains(got, "都提到“") {
			t.Errorf("alike: %q", got)
		}
		found := v.Get(href + "&q=" + url.QueryEscape("增容")).Want(http.StatusOK)
		if got := found.All(".queue-title"); !slices.Contains(got, "用电增容") {
			t.Errorf("found: %q of %s", got, elsewhere)
		}
		link := choose.Find(".queue-title").First().AttrOr("href", "")
		both := v.Get(link).Want(http.StatusOK)
		if got := both.All(".compare-side h3"); !slices.Equal(got, []string{"宿舍消防验收卡住了，催一下", "宿舍消防验收卡住了"}) {
			t.Fatalf("side by side: %q", got)
		}
		done := send(t, v, both.Find(".ticket-form form"), nil).Want(http.StatusOK)
		if done.Path != "/desk?queue=inbox" || o.state(second) != ticket.Merged || o.state(first) != ticket.Submitted {
			t.Errorf("merged, one is at %s, they are %s and %s", done.Path, o.state(second), o.state(first))
		}
		if late := v.Get(link).Want(http.StatusOK); late.Words(".ticket-form .alert") == "" || late.Find(".compare").Length() > 0 {
			t.Errorf("an old link: %q", late.Words("main"))
		}
	})
}

// TestDeskDecides answers in the rows what the desk is asked, and tells there
// why the other tickets wait.
func TestDeskDecides(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		v := o.SignInAs(t, "desk")
		id := o.resolving("等电网改造")
		o.do("lead-head", id, ticket.EventRequestSuspension, ticket.RequestSuspensionInput{Condition: "变电站投运", ReviewDate: day(t, "2023-10-20")})
		page := v.Get("/desk?queue=approvals").Want(http.StatusOK)
		if got := page.Words("#row-" + id + " .queue-asked"); got != "申请挂账到10月20日：变电站投运" {
			t.Errorf("asked is %q", got)
		}
		page = send(t, v, page.Find("#row-"+id+" .form-row"), url.Values{"approve": {"true"}}).Want(http.StatusOK)
		if page.Path != "/desk?queue=approvals" || o.state(id) != ticket.Suspended {
			t.Errorf("approved, one is at %s, it is %s", page.Path, o.state(id))
		}
		ledger := v.Get("/desk?queue=suspended").Want(http.StatusOK)
		if got := ledger.Words("#row-" + id + " .queue-asked"); got != "10月20日复核，挂账条件：变电站投运" {
			t.Errorf("the ledger says %q", got)
		}
		if keys := keysOf(ledger, id); keys["v"] != "挂账复核" || keys["e"] != "恢复办理" {
			t.Errorf("the ledger's keys: %v", keys)
		}
		resume := v.Get(ledger.Find("#row-"+id+" [data-key=e]").AttrOr("href", "")).Want(http.StatusOK)
		send(t, v, resume.Find(".ticket-form form"), url.Values{"text": {"已投运"}, "reason": {"已投运"}}).Want(http.StatusOK)
		if got := o.state(id); got != ticket.Resolving {
			t.Errorf("resumed, it is %s", got)
		}

		long := o.resolving("要延两次")
		for _, due := range []string{"2023-10-11 18:00", "2023-10-13 18:00"} {
			o.do("lead-officer", long, ticket.EventRequestExtension, ticket.RequestExtensionInput{DueAt: testkit.Moment(t, due), Reason: "材料未齐"})
			if due == "2023-10-11 18:00" {
				o.do("lead-head", long, ticket.EventDecideExtension, ticket.DecideInput{Approve: true})
			}
		}
		page = v.Get("/desk?queue=approvals").Want(http.StatusOK)
		if got := page.Words("#row-" + long + " .queue-asked"); got != "申请延到 10月13日 18:00：材料未齐" {
			t.Errorf("asked is %q", got)
		}
		send(t, v, page.Find("#row-"+long+" .form-row"), url.Values{"approve": {"false"}, "text": {"不再延"}}).Want(http.StatusOK)
		if got := v.Get("/desk?queue=approvals").Find(".queue-row").Length(); got != 0 {
			t.Errorf("%d wait still", got)
		}

		asked := o.resolving("要吹哨")
		o.do("own", asked, ticket.EventRequestWhistle, ticket.ReasonInput{Reason: "几家都要管"})
		page = v.Get("/desk?queue=whistle_requests").Want(http.StatusOK)
		if got := page.Words("#row-" + asked + " .queue-asked"); got != "own申请吹哨：几家都要管" {
			t.Errorf("asked is %q", got)
		}
		if keys := keysOf(page, asked); keys["w"] != "吹哨" || keys["u"] != "不予吹哨" {
			t.Errorf("its keys: %v", keys)
		}
		whistle := v.Get(page.Find("#row-"+asked+" [data-key=w]").AttrOr("href", "")).Want(http.StatusOK)
		done := send(t, v, whistle.Find(".ticket-form form"), url.Values{"department_ids": {o.Departments["fire"]}, "question": {"谁来办？"}, "convener": {"desk"}}).Want(http.StatusOK)
		if done.Path != "/desk?queue=whistle_requests" || o.state(asked) != ticket.Joint {
			t.Errorf("whistled, one is at %s, it is %s: %s", done.Path, o.state(asked), done.Words(".ticket-form"))
		}
		board := v.Get("/desk/board").Want(http.StatusOK)
		if got := board.Attrs("#row-"+asked+" [data-open]", "href"); !slices.Equal(got, []string{"/desk?queue=joint&ticket=" + asked}) || board.Find("#row-"+asked+" .board-waits").Length() != 1 {
			t.Errorf("on the board: %v", got)
		}
	})
}

// TestDeskCallbacks says whom to call and how often nobody answered.
func TestDeskCallbacks(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		if _, err := o.Service.Enterprises().Change(t.Context(), ticket.System, o.Enterprises["own"], func(e *directory.Enterprise) error {
			e.Contact, e.Phone = "王敏", "0571-86000000"
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		id := o.resolving("办成了的")
		o.do("lead-head", id, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "办成了"})
		o.Clock.Set(testkit.Moment(t, "2023-10-12 10:00"))
		v := o.SignInAs(t, "desk")
		page := v.Get("/desk?queue=callbacks").Want(http.StatusOK)
		if got := page.Words("#row-" + id + " .queue-asked"); got != "王敏 0571-86000000" {
			t.Errorf("whom to call: %q", got)
		}
		if got := page.Attrs("#row-"+id+" .queue-phone", "href"); !slices.Equal(got, []string{"tel:0571-86000000"}) {
			t.Errorf("the phone: %q", got)
		}
		call := func() *testkit.Seen {
			t.Helper()
			return v.Get(v.Get("/desk?queue=callbacks").Find("#row-"+id+" [data-key=b]").AttrOr("href", "")).Want(http.StatusOK)
		}
		send(t, v, call().Find(".ticket-form form"), url.Values{"reached": {"false"}, "said": {"没人接"}}).Want(http.StatusOK)
		if got := v.Get("/desk?queue=callbacks").Words("#row-" + id + " .queue-asked"); !strings.Contains(got, "回访过 1 次没联系上，上次 10月12日 10:00") {
			t.Errorf("after a try: %q", got)
		}
		o.Clock.Advance(time.Hour)
		done := send(t, v, call().Find(".ticket-form form"), url.Values{"reached": {"true"}, "solved": {"true"}, "said": {"满意"}}).Want(http.StatusOK)
		if done.Path != "/desk?queue=callbacks" || o.state(id) != ticket.Closed {
			t.Errorf("called, one is at %s, it is %s: %s", done.Path, o.state(id), done.Words(".ticket-form"))
		}
	})
}

// TestHistorySaysWhatACallBrought: whether somebody answered and what they
// said, to the offices and the enterprise alike.
func TestHistorySaysWhatACallBrought(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		yes, no := true, false
		for _, c := range []struct {
			calls         []ticket.CallbackInput // a day apart
			ends          ticket.State
			told, english string   // to the enterprise
			facts         []string // the offices read of the last call
		}{
			{[]ticket.CallbackInput{{Said: "没人接"}}, ticket.Verifying, "服务中心打电话回访，没有接通", "The service centre called and reached nobody", []string{"是否接通 没接通"}},
			{
				[]ticket.CallbackInput{{Said: "没人接"}, {Said: "没人接"}, {Said: "没人接"}},
				ticket.Closed,
				"服务中心打电话回访，没有接通；几天都没联系上，先办结", "The service centre called and reached nobody, on several days; the request is closed",
				[]string{"是否接通 没接通"},
			},
			{
				[]ticket.CallbackInput{{Reached: true, Solved: &yes, Satisfaction: 4, Said: "都好"}},
				ticket.Closed,
				"服务中心打电话回访，企业说解决了", "The service centre called: the enterprise said that it is solved",
				[]string{"是否接通 接通了", "企业认为是否解决 解决了"},
			},
			{
				[]ticket.CallbackInput{{Reached: true, Solved: &no, Said: "还缺人"}},
				ticket.Resolving,
				"服务中心打电话回访，企业说没解决，继续办", "The service centre called: the enterprise said that it is not solved; work goes on",
				[]string{"是否接通 接通了", "企业认为是否解决 没解决"},
			},
		} {
			o.Clock.Set(testkit.Moment(t, "2023-09-27 10:00"))
			id := o.resolving("缺电工")
			o.do("lead-head", id, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "招到了"})
			o.Clock.Set(testkit.Moment(t, "2023-10-17 10:00"))
			for _, call := range c.calls {
				o.do("desk", id, ticket.EventCallback, call)
				o.Clock.Advance(24 * time.Hour)
			}
			if o.state(id) != c.ends {
				t.Fatalf("the ticket is %s, want %s", o.state(id), c.ends)
			}
			own := o.SignInAs(t, "own")
			if told := own.Get("/tickets/" + id).Want(http.StatusOK).All(".timeline-line strong")[0]; told != c.told {
				t.Errorf("the enterprise is told %q, want %q", told, c.told)
			}
			if told := own.With("Cookie", "language=en").Get("/tickets/" + id).Want(http.StatusOK).All(".timeline-line strong")[0]; told != c.english {
				t.Errorf("in English it is told %q, want %q", told, c.english)
			}
			line := o.SignInAs(t, "lead-officer").Get("/tickets/" + id).Want(http.StatusOK).All(".timeline-line")[0]
			for _, fact := range c.facts {
				if !strings.Contains(line, fact) {
					t.Errorf("the offices read %q, want %q in it", line, fact)
				}
			}
		}
	})
}

func day(t *testing.T, written string) worktime.Date {
	t.Helper()
	d, err := worktime.ParseDate(written)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
