package web_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"whistle/internal/testkit"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// TestButtonsAreTheActions holds the buttons of a ticket's page to what each
// reader may do, whoever reads and however it stands.
func TestButtonsAreTheActions(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		tickets := []string{
			o.filed("刚提的", nil), o.asked("缺什么？"), o.accepted(), o.dispatched("刚派的", "labour", nil), o.resolving("在办的"),
			o.joint("会办的"), o.reportedIn(), o.agreed(), o.ordered(), o.suspensionAsked(), o.suspended(), o.verifying(), o.closed(),
		}
		for _, person := range testkit.People {
			visitor := o.SignInAs(t, person.Name)
			for _, id := range tickets {
				v, err := o.Ticket(t.Context(), o.Actor(t, person.Name), id)
				page := visitor.Get("/tickets/" + id)
				if err != nil {
					page.Want(http.StatusNotFound)
					continue
				}
				want := v.Actions
				if !v.Inside() { // both answers to a result stand on one page
					want = slices.DeleteFunc(slices.Clone(want), func(e ticket.Event) bool { return e == ticket.EventDispute })
				}
				var got []ticket.Event
				for _, path := range append(page.Attrs(".ticket-actions a, .call a", "href"), page.Attrs(".ticket-actions form", "action")...) {
					event := ticket.Event(path[strings.LastIndexByte(path, '/')+1:])
					if event == "verify" {
						event = ticket.EventConfirm
					}
					got = append(got, event)
				}
				slices.Sort(want)
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("%s of a ticket that is %s: buttons %v, want %v", person.Name, v.State, got, want)
				}
			}
		}
	})
}

// TestEnterprisesReadNoOfficesTalk tells a long story in which the offices talk
// among themselves: nothing of it is in what the enterprise is sent.
func TestEnterprisesReadNoOfficesTalk(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		const secret = "内部话" //nolint:gosec // what must not be read, not a key to anything
		id := o.accepted()
		o.do("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: o.Departments["labour"]})
		o.do("lead-head", id, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "not_our_duty", Text: secret + "退"})
		o.do("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: o.Departments["labour"]})
		o.do("lead-officer", id, ticket.EventClaim, nil)
		o.do("lead-head", id, ticket.EventAssign, ticket.AssignInput{UserID: o.Users["deputy"].ID})
		o.do("leader", id, ticket.EventInstruct, ticket.TextInput{Text: secret + "批"})
		o.do("lead-officer", id, ticket.EventAnswer, ticket.AnswerInput{OrderID: o.seen(id).Orders[0].ID, Text: secret + "答"})
		o.do("lead-officer", id, ticket.EventProgress, ticket.ProgressInput{Text: secret + "进"})
		o.do("lead-officer", id, ticket.EventProgress, ticket.ProgressInput{Text: "看过厂房了", Public: true})
		o.do("lead-officer", id, ticket.EventWhistle, ticket.WhistleInput{DepartmentIDs: []string{o.Departments["fire"]}, Question: secret + "问"})
		o.do("lead-head", id, ticket.EventInvite, ticket.InviteInput{UserID: o.Users["expert"].ID})
		o.do("expert", id, ticket.EventAdvise, ticket.TextInput{Text: secret + "专"})
		o.do("fire-officer", id, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Cannot, Text: secret + "报"})
		o.do("lead-head", id, ticket.EventConclude, ticket.ConcludeInput{Minutes: secret + "议", Tasks: []ticket.NewTask{{DepartmentID: o.Departments["fire"], Text: secret + "任"}}})
		o.do("fire-officer", id, ticket.EventFinishTask, ticket.FinishTaskInput{TaskID: o.seen(id).Tasks[0].ID, Result: secret + "果"})
		_, latest, err := o.ExtensionLimits(t.Context(), o.seen(id))
		if err != nil {
			t.Fatal(err)
		}
		o.do("lead-head", id, ticket.EventRequestExtension, ticket.RequestExtensionInput{DueAt: latest, Reason: secret + "延"})
		o.do("lead-head", id, ticket.EventDecideExtension, ticket.DecideInput{Approve: true, Text: secret + "准"})
		o.do("lead-head", id, ticket.EventRequestSuspension, ticket.RequestSuspensionInput{Condition: secret + "挂", ReviewDate: reviewDay})
		o.do("desk", id, ticket.EventDecideSuspension, ticket.DecideInput{Approve: false, Text: secret + "不"})
		o.do("lead-head", id, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "宿舍可以住了"})
		o.Clock.Advance(30 * 24 * time.Hour)
		o.do("desk", id, ticket.EventCallback, ticket.CallbackInput{Said: secret + "访"})

		own := o.SignInAs(t, "own")
		for _, path := range []string{"/requests", "/tickets/" + id, "/tickets/" + id + "/verify", eventPath(id, ticket.EventMessage), eventPath(id, ticket.EventUrge)} {
			page := own.Get(path).Want(http.StatusOK)
			for _, name := range []string{secret, "deputy", "lead-officer", "lead-head", "fire-officer", "expert", "leader", "退单", "批示", "指派", "挂账", "延期", "任务"} {
				if strings.Contains(page.Body, name) {
					t.Errorf("%s holds %q: %s", path, name, page.Words("main"))
				}
			}
		}
		page := own.Get("/tickets/" + id)
		told := page.All(".timeline-line strong")
		want := []string{
			"服务中心打电话回访，没有接通", "人社局提交了办理结果，请企业核验", "继续办理", "几个部门商量好了，接着办", "消防大队报到了",
			"人社局吹哨，请消防大队一起来办", "人社局说了办理进展", "人社局接单了", "服务中心把它派给人社局", "服务中心把它派给人社局",
			"服务中心受理了，正在找对口的部门", "您提交了诉求",
		}
		if !slices.Equal(told, want) {
			t.Errorf("told\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
		}
		if words := page.Words("main"); !strings.Contains(words, "看过厂房了") || !strings.Contains(words, "宿舍可以住了") {
			t.Errorf("what is for the enterprise is missing: %s", words)
		}
		// The offices read all of it.
		if words := o.SignInAs(t, "desk").Get("/tickets/" + id).Want(http.StatusOK).Words("main"); strings.Count(words, secret) < 12 || !strings.Contains(words, "deputy") {
			t.Errorf("the desk reads %s", words)
		}
	})
}

// TestEverythingTheEnterpriseReadsHasASentence: what the workflow lets it read
// is told in a sentence, and what it may do has plain words.
func TestEverythingTheEnterpriseReadsHasASentence(t *testing.T) {
	for _, def := range ticket.Workflow() {
		if id := "told." + string(def.Event); def.Audience != ticket.OfficesOnly && !text.Has(id) {
			t.Errorf("%s is missing", id)
		}
		own := slices.ContainsFunc(def.Rows, func(r ticket.Row) bool { return r.Who&ticket.Own != 0 })
		if id := "own_event." + string(def.Event); own && !text.Has(id) {
			t.Errorf("%s is missing", id)
		}
		if id := "done." + string(def.Event); def.Event != ticket.EventRedate && !text.Has(id) {
			t.Errorf("%s is missing", id)
		}
	}
	for _, info := range ticket.States() {
		if id := "own_state." + string(info.State); !text.Has(id) {
			t.Errorf("%s is missing", id)
		}
	}
}

// TestWhoseTurnItIs holds the one sentence that says who has a ticket and by
// when, for both sides.
func TestWhoseTurnItIs(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		own, desk := o.SignInAs(t, "own"), o.SignInAs(t, "desk")
		for _, c := range []struct{ id, own, offices string }{
			{o.filed("刚提的", nil), "服务中心正在看，最晚 9月27日 16:00 前受理", "服务中心正在看，最晚 9月27日 16:00 前受理"},
			{o.asked("缺什么？"), "等您补充说明", "等企业补充说明"},
			{o.accepted(), "服务中心正在找对口的部门，最晚 9月27日 16:00 前派出", "服务中心正在找对口的部门，最晚 9月27日 16:00 前派出"},
			{o.dispatched("刚派的", "labour", nil), "已派给人社局，最晚 9月28日 11:00 前接单", "已派给人社局，最晚 9月28日 11:00 前接单"},
			{o.resolving("在办的"), "人社局已接单，最晚 10月10日 18:00 前办结", "人社局已接单，最晚 10月10日 18:00 前办结"},
			{o.joint("会办的"), "已吹哨，等消防大队、水务局报到，最晚 9月28日 11:00 前", "已吹哨，等消防大队、水务局报到，最晚 9月28日 11:00 前"},
			{o.reportedIn(), "部门都报到了，人社局正在召集商量办法", "部门都报到了，人社局正在召集商量办法"},
			{o.suspended(), "先挂账，等外部条件，2024年3月1日 再看", "先挂账，等外部条件，2024年3月1日 再看"},
			{o.verifying(), "办理结果已提交，请您核验，最晚 10月10日 18:00 前", "办理结果已提交，等企业核验，最晚 10月10日 18:00 前"},
			{o.closed(), "已办结：已解决", "已办结：已解决"},
		} {
			if got := own.Get("/tickets/" + c.id).Words(".ticket-where"); got != c.own {
				t.Errorf("the enterprise reads %q, want %q", got, c.own)
			}
			if got := desk.Get("/tickets/" + c.id).Words(".ticket-whose"); !strings.HasPrefix(got, c.offices) {
				t.Errorf("the desk reads %q, want %q", got, c.offices)
			}
		}
		late := o.resolving("拖了很久")
		o.Clock.Advance(40 * 24 * time.Hour)
		if got := own.Get("/tickets/" + late).Words(".ticket-where"); got != "人社局还在办，本该 10月10日 18:00 前办结，已经超期" {
			t.Errorf("late: %q", got)
		}
		o.Clock.Set(testkit.Moment(t, "2027-12-29 10:00"))
		if got := own.Get("/tickets/" + o.resolving("跨年的")).Words(".ticket-where"); !strings.Contains(got, "暂定") {
			t.Errorf("a deadline without a calendar: %q", got)
		}
	})
}

// TestADeadlineIsExplained: the holiday and its make-up day are named.
func TestADeadlineIsExplained(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.resolving("节前派的")
		page := o.SignInAs(t, "lead-officer").Get("/tickets/" + id).Want(http.StatusOK)
		words := page.Words(".clocks")
		for _, want := range []string{
			"最晚 10月10日 18:00", "当天不算，到第 5 个工作日 18:00", "9月29日–10月6日：中秋节、国庆节放假，不算", "10月7日–10月8日：中秋节、国庆节调休上班，计 2 天",
		} {
			if !strings.Contains(words, want) {
				t.Errorf("no %q in %s", want, words)
			}
		}
		if head := page.Words(".ticket-whose .light"); !strings.Contains(head, "办结") || !strings.Contains(head, "剩 5 天") {
			t.Errorf("the head says %q", head)
		}
	})
}

// TestOfficesSeeTheWholeTicket: joint handling, tasks, orders with answers,
// requests that wait and the facts stand on the page.
func TestOfficesSeeTheWholeTicket(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.joint("三家一起")
		o.do("fire-officer", id, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Needs, Text: "先给图纸"})
		o.Clock.Advance(48 * time.Hour)
		o.do("water-officer", id, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "能接水"})
		desk := o.SignInAs(t, "desk")
		rows := desk.Get("/tickets/" + id).Want(http.StatusOK).All(".summons tbody tr")
		if len(rows) != 2 || !strings.Contains(rows[0], "消防大队") || !strings.Contains(rows[0], "按时") || !strings.Contains(rows[0], "需要条件先给图纸") || !strings.Contains(rows[1], "迟到") {
			t.Errorf("summons: %q", rows)
		}
		o.do("lead-head", id, ticket.EventConclude, ticket.ConcludeInput{Minutes: "先出图", Tasks: []ticket.NewTask{{DepartmentID: o.Departments["fire"], Text: "出验收意见"}}})
		o.do("leader", id, ticket.EventSupervise, ticket.TextInput{Text: "周五前报我"})
		o.do("lead-head", id, ticket.EventRequestSuspension, ticket.RequestSuspensionInput{Condition: "等规划批复", ReviewDate: reviewDay})
		page := desk.Get("/tickets/" + id)
		for selector, want := range map[string]string{
			".ticket-parties":         "甲科技有限公司 人社局 lead-officer",
			".orders":                 "督办 leader",
			".ticket-main blockquote": "等规划批复",
			".ticket-side .facts":     "集成电路",
			".table:not(.summons)":    "出验收意见",
		} {
			if got := page.Words(selector); !strings.Contains(got, want) {
				t.Errorf("%s says %q, want %q", selector, got, want)
			}
		}
		o.do("lead-officer", id, ticket.EventAnswer, ticket.AnswerInput{OrderID: o.seen(id).Orders[0].ID, Text: "图已经出了"})
		if got := desk.Get("/tickets/" + id).Words(".orders .answer"); !strings.Contains(got, "图已经出了") {
			t.Errorf("the answer: %q", got)
		}
		// A decision shows above its fields what was asked.
		if got := desk.Get(eventPath(id, ticket.EventDecideSuspension)).Words(".ticket-form blockquote"); !strings.Contains(got, "等规划批复") || !strings.Contains(got, "2024年3月1日") {
			t.Errorf("what was asked: %q", got)
		}
	})
}

// TestALongHistoryIsFolded: the last lines stand there, the others behind a
// click, none missing.
func TestALongHistoryIsFolded(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.resolving("办了很久")
		for i := range 60 {
			o.do("lead-officer", id, ticket.EventProgress, ticket.ProgressInput{Text: "第" + strconv.Itoa(i) + "次进展"})
		}
		page := o.SignInAs(t, "desk").Get("/tickets/" + id)
		if all, folded := page.Find(".timeline-line").Length(), page.Find("details .timeline-line").Length(); all != 64 || folded != 56 {
			t.Errorf("%d lines, %d folded", all, folded)
		}
		if first := page.Words(".timeline-line:first-child .reading"); !strings.HasPrefix(first, "第59次进展") {
			t.Errorf("first %q", first)
		}
	})
}

// TestASecondClickDoesNothing: a form that is sent twice has one effect, and
// both answers are the page of what was done.
func TestASecondClickDoesNothing(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.resolving("点了两次")
		own := o.SignInAs(t, "own")
		_, values := o.formFor(own, id, ticket.EventMessage)
		values.Set("text", "收到请回")
		_, before := o.history(id)
		for range 2 {
			if page := own.Post(eventPath(id, ticket.EventMessage), values).Want(http.StatusOK); page.Path != "/tickets/"+id || !strings.Contains(page.Words("main"), o.text("done.message")) {
				t.Errorf("leads to %s: %s", page.Path, page.Words(".flash"))
			}
		}
		if _, after := o.history(id); len(after) != len(before)+1 {
			t.Errorf("%d lines came of it", len(after)-len(before))
		}
		claimed := o.dispatched("抢着接", "labour", nil)
		officer := o.SignInAs(t, "lead-officer")
		_, values = o.formFor(officer, claimed, ticket.EventClaim)
		for range 2 {
			officer.Post(eventPath(claimed, ticket.EventClaim), values).Want(http.StatusOK)
		}
		// The same of another ticket is something else.
		next := o.dispatched("再接一件", "labour", nil)
		values.Del("form_version")
		officer.Post(eventPath(next, ticket.EventClaim), values).Want(http.StatusOK)
		if o.state(next) != ticket.Resolving {
			t.Errorf("it is said to be claimed, and is %s", o.state(next))
		}
	})
}

// TestADraftEndsWhenItIsSent: the browser keeps what takes long to type until
// it is told that it arrived.
func TestADraftEndsWhenItIsSent(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.resolving("写到一半")
		for _, who := range []string{"own", "lead-officer"} {
			visitor := o.SignInAs(t, who)
			page, values := o.formFor(visitor, id, ticket.EventMessage)
			draft := page.Find(".ticket-form form").AttrOr("data-draft", "")
			if !strings.Contains(draft, id) || !strings.Contains(draft, o.Users[who].ID) {
				t.Errorf("the draft %q is not one of this account for this ticket", draft)
			}
			refused := visitor.Post(eventPath(id, ticket.EventMessage), values).Want(http.StatusUnprocessableEntity)
			if refused.Find("[data-draft-done]").Length() != 0 {
				t.Error("a draft ends though it was refused")
			}
			values.Set("text", "写完了")
			if sent := visitor.Post(eventPath(id, ticket.EventMessage), values).Find("[data-draft-done]").AttrOr("data-draft-done", ""); sent != draft {
				t.Errorf("the draft %q ends, want %q", sent, draft)
			}
		}
	})
}

// TestAStaleFormSaysWhatChanged: meanwhile somebody else did something. What was
// typed is kept, what changed is said, and the next try counts.
func TestAStaleFormSaysWhatChanged(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.resolving("两个人一起改")
		head := o.SignInAs(t, "lead-head")
		_, values := o.formFor(head, id, ticket.EventResolve)
		values.Set("outcome", "solved")
		values.Set("result", "写了很久的结果")
		o.Clock.Advance(time.Minute)
		o.do("own", id, ticket.EventMessage, ticket.TextInput{Text: "还有一个问题"})
		stale := head.Post(eventPath(id, ticket.EventResolve), values).Want(http.StatusPreconditionFailed)
		if got := stale.Words(".ticket-form .alert"); !strings.Contains(got, "own") || !strings.Contains(got, "留言") {
			t.Errorf("what changed: %q", got)
		}
		if got := stale.Find(`.ticket-form textarea[name="result"]`).Text(); got != "写了很久的结果" {
			t.Errorf("kept %q", got)
		}
		if got := stale.Words(".timeline-line:first-child"); !strings.Contains(got, "还有一个问题") {
			t.Errorf("the ticket beside it is as before: %q", got)
		}
		head.Post(eventPath(id, ticket.EventResolve), stale.Form(".ticket-form form")).Want(http.StatusOK)
		if v, _ := o.history(id); v.State != ticket.Verifying {
			t.Errorf("the ticket is %s", v.State)
		}

		// What the enterprise isn't told of is no reason to turn it away.
		own := o.SignInAs(t, "own")
		open := o.resolving("内部动了一下")
		_, values = o.formFor(own, open, ticket.EventWithdraw)
		values.Set("reason", "不办了")
		o.do("lead-head", open, ticket.EventAssign, ticket.AssignInput{UserID: o.Users["deputy"].ID})
		own.Post(eventPath(open, ticket.EventWithdraw), values).Want(http.StatusOK)
		if v, _ := o.history(open); v.State != ticket.Withdrawn {
			t.Errorf("the ticket is %s", v.State)
		}
	})
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFilesOutlastARefusal: files that came with a form that was refused are
// there by name, can be left out, and are attached by the next try. Who doesn't
// read the line gets neither file nor thumbnail.
func TestFilesOutlastARefusal(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.resolving("有照片")
		officer, path := o.SignInAs(t, "lead-officer"), eventPath(id, ticket.EventProgress)
		_, values := o.formFor(officer, id, ticket.EventProgress)
		refused := officer.PostFiles(path, values, map[string][]byte{"现场.png": picture(t), "清单.txt": []byte("三项")}).Want(http.StatusUnprocessableEntity)
		kept := refused.All(".kept li")
		slices.Sort(kept)
		if !slices.Equal(kept, []string{"清单.txt", "现场.png"}) {
			t.Fatalf("kept %q", kept)
		}
		values = refused.Form(".ticket-form form")
		var photo string
		for _, attachment := range values["attachments"] {
			if refused.Find(`.kept li:has([value="`+attachment+`"])`).Text() != "" && strings.Contains(refused.Words(`.kept li:has([value="`+attachment+`"])`), "现场") {
				photo = attachment
			}
		}
		values["attachments"] = []string{photo} // the other one is left out
		values.Set("text", "现场看过了")
		page := officer.Post(path, values).Want(http.StatusOK)
		if got := page.Words(".timeline-line:first-child .attachments"); got != "现场.png" {
			t.Errorf("attached %q", got)
		}
		if src := page.Find(".timeline-line:first-child img").AttrOr("src", ""); src != "/attachments/"+photo+"/thumbnail" {
			t.Errorf("the thumbnail is at %q", src)
		}

		thumbnail := officer.Get("/attachments/" + photo + "/thumbnail").Want(http.StatusOK)
		if kind := thumbnail.Header.Get("Content-Type"); kind != "image/jpeg" {
			t.Errorf("a thumbnail of type %s", kind)
		}
		file := officer.Get("/attachments/" + photo).Want(http.StatusOK)
		if disposition := file.Header.Get("Content-Disposition"); !strings.HasPrefix(disposition, "attachment") {
			t.Errorf("a file is sent as %q", disposition)
		}
		for _, who := range []string{"own", "stranger", "tax-officer", "admin"} { // the progress was not public
			visitor := o.SignInAs(t, who)
			visitor.Get("/attachments/" + photo).Want(http.StatusNotFound)
			visitor.Get("/attachments/" + photo + "/thumbnail").Want(http.StatusNotFound)
		}

		// One of a wrong kind is refused by name, and nothing else is lost.
		_, values = o.formFor(officer, id, ticket.EventProgress)
		values.Set("text", "又去了一次")
		wrong := officer.PostFiles(path, values, map[string][]byte{"病毒.exe": []byte("MZ\x90\x00\x03\x00\x00\x00")}).Want(http.StatusUnprocessableEntity)
		if got := wrong.Words(".field-error"); !strings.Contains(got, "病毒.exe") {
			t.Errorf("the fault: %q", got)
		}
		if got := wrong.Find(`textarea[name="text"]`).Text(); got != "又去了一次" {
			t.Errorf("kept %q", got)
		}
	})
}

// TestATicketBesideAList: htmx asks for the ticket's element alone; what is done
// there is said there, and the list is told to look again.
func TestATicketBesideAList(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.dispatched("列表旁边", "labour", nil)
		officer := o.SignInAs(t, "lead-officer").With("HX-Current-URL", o.URL+"/workbench?ticket="+id)
		part := officer.GetPart("/tickets/"+id, "ticket").Want(http.StatusOK)
		if part.Find("#ticket").Length() != 1 || part.Find("header.shell").Length() != 0 {
			t.Fatalf("the part is %s", part.Body)
		}
		form := part.Find(`form[action="` + eventPath(id, ticket.EventClaim) + `"]`)
		if form.AttrOr("hx-post", "") != eventPath(id, ticket.EventClaim) || form.AttrOr("hx-target", "") != "#ticket" {
			t.Errorf("claiming leaves the list: %s", part.Words(".ticket-actions"))
		}
		done := officer.PostPart(eventPath(id, ticket.EventClaim), part.Form(`form[action="`+eventPath(id, ticket.EventClaim)+`"]`), "ticket").Want(http.StatusOK)
		if done.Find("#ticket").Length() != 1 || done.Find("header.shell").Length() != 0 || !strings.Contains(done.Words(".notice-green"), "已接单") {
			t.Errorf("the answer is %s", done.Words("body"))
		}
		if done.Header.Get("HX-Trigger-After-Swap") != "whistle:changed" {
			t.Error("the list is not told")
		}
		// A form opens in place, with its faults in place.
		open := officer.GetPart(eventPath(id, ticket.EventProgress), "ticket")
		if open.Find(".ticket-form form").AttrOr("hx-target", "") != "#ticket" {
			t.Error("the form leaves the list")
		}
		if _, live := open.Find("#ticket").Attr("hx-trigger"); live {
			t.Error("a change would take the open form away")
		}
		refused := officer.PostPart(eventPath(id, ticket.EventProgress), open.Form(".ticket-form form"), "ticket").Want(http.StatusUnprocessableEntity)
		if refused.Find("#ticket .field-error").Length() == 0 || refused.Find("header.shell").Length() != 0 {
			t.Errorf("the refusal is %s", refused.Words("body"))
		}
		// Given away, a trade secret is out of sight: the place says so.
		secret := o.dispatched("商业秘密", "labour", func(in *ticket.SubmitInput) { in.Confidential = true })
		head := o.SignInAs(t, "lead-head").With("HX-Current-URL", o.URL+"/workbench?ticket="+secret)
		values := head.GetPart(eventPath(secret, ticket.EventReturn), "ticket").Form(".ticket-form form")
		values.Set("reason_code", "other")
		values.Set("text", "不归我们")
		gone := head.PostPart(eventPath(secret, ticket.EventReturn), values, "ticket").Want(http.StatusOK)
		if !strings.Contains(gone.Words("#ticket"), "已退单") || strings.Contains(gone.Body, "商业秘密") {
			t.Errorf("gone: %s", gone.Words("body"))
		}
		head.Get("/tickets/" + secret).Want(http.StatusNotFound)
	})
}

// TestNothingNewIsSentTwice: a page that looks again whether anything changed
// gets no answer while nothing has.
func TestNothingNewIsSentTwice(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.resolving("看了又看")
		for _, c := range []struct{ who, element string }{{"desk", "ticket"}, {"own", "request"}} {
			visitor := o.SignInAs(t, c.who)
			again := visitor.Get("/tickets/"+id).Find("#"+c.element).AttrOr("hx-get", "")
			visitor.GetPart(again, c.element).Want(http.StatusNoContent)
			o.do("own", id, ticket.EventMessage, ticket.TextInput{Text: "有新话 " + c.who})
			if part := visitor.GetPart(again, c.element).Want(http.StatusOK); !strings.Contains(part.Words("#"+c.element), "有新话 "+c.who) {
				t.Errorf("%s sees %s", c.who, part.Words("body"))
			}
		}
		// The passing of a deadline is a change too.
		desk := o.SignInAs(t, "desk")
		again := desk.Get("/tickets/"+id).Find("#ticket").AttrOr("hx-get", "")
		o.Clock.Advance(60 * 24 * time.Hour)
		desk.GetPart(again, "ticket").Want(http.StatusOK)
	})
}

// TestTheVerdictIsAskedOnOnePage: both answers, each with its faults in place.
func TestTheVerdictIsAskedOnOnePage(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.verifying()
		own := o.SignInAs(t, "own")
		page := own.Get("/tickets/" + id + "/verify").Want(http.StatusOK)
		if page.Find(`form[action$="/confirm"]`).Length() != 1 || page.Find(`form[action$="/dispute"]`).Length() != 1 || !strings.Contains(page.Words("main"), "已经转入") {
			t.Errorf("the page is %s", page.Words("main"))
		}
		refused := own.Post(eventPath(id, ticket.EventDispute), page.Form(`form[action$="/dispute"]`)).Want(http.StatusUnprocessableEntity)
		if refused.Find("#verdict-dispute[checked]").Length() != 1 || refused.Find(".verdict-dispute .field-error").Length() != 1 || refused.Find(".verdict-confirm .field-error").Length() != 0 {
			t.Errorf("refused: %s", refused.Words("main"))
		}
		values := refused.Form(`form[action$="/confirm"]`)
		values.Set("satisfaction", "5")
		own.Post(eventPath(id, ticket.EventConfirm), values).Want(http.StatusOK)
		// It is said: the page leads back to the ticket, for everybody.
		if again := own.Get("/tickets/" + id + "/verify"); again.Path != "/tickets/"+id {
			t.Errorf("leads to %s", again.Path)
		}
		if desk := o.SignInAs(t, "desk").Get("/tickets/" + id + "/verify"); desk.Path != "/tickets/"+id {
			t.Errorf("leads the desk to %s", desk.Path)
		}
	})
}

// TestTheEnterpriseReopens within the days in which it may.
func TestTheEnterpriseReopens(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.closed()
		own, path := o.SignInAs(t, "own"), eventPath(o.closed(), ticket.EventReopen)
		values := own.Get(path).Form(".ticket-form form")
		values.Set("reason", "又断缴了")
		own.Post(path, values).Want(http.StatusOK)
		o.Clock.Advance(31 * 24 * time.Hour)
		if page := own.Get("/tickets/" + id); page.Find(`a[href="`+eventPath(id, ticket.EventReopen)+`"]`).Length() != 0 {
			t.Error("it may be reopened after 30 days")
		}
	})
}

// TestPagesHaveTheirTextsInBothLanguages looks at every kind of page of a
// ticket for a text that is missing.
func TestPagesHaveTheirTextsInBothLanguages(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id, joint, verifying := o.ordered(), o.reportedIn(), o.verifying()
		o.do("lead-head", id, ticket.EventRequestSuspension, ticket.RequestSuspensionInput{Condition: "等规划批复", ReviewDate: reviewDay})
		enterprise := "/enterprises/" + o.Enterprises["own"]
		for _, language := range []string{"zh-CN", "en"} {
			for who, paths := range map[string][]string{
				"own":     {"/requests", "/requests?list=closed", "/requests/new", "/requests/" + id + "/filed", "/tickets/" + id, "/tickets/" + joint, "/tickets/" + verifying, "/tickets/" + verifying + "/verify", enterprise},
				"desk":    {"/requests/new", "/requests/new?q=甲", "/requests/new?enterprise=" + o.Enterprises["own"], "/tickets/" + id, "/tickets/" + joint, "/tickets/" + verifying, eventPath(id, ticket.EventWhistle), enterprise},
				"manager": {"/looked-after", "/requests/new", "/tickets/" + id, enterprise},
			} {
				visitor := o.SignInAs(t, who).With("Accept-Language", language)
				for _, path := range paths {
					page := visitor.Get(path).Want(http.StatusOK)
					if got := page.Find("html").AttrOr("lang", ""); got != language {
						t.Fatalf("%s is in %s", path, got)
					}
					if i := strings.Index(page.Body, "["); strings.Contains(page.Words("main"), "[") || strings.Contains(page.Body, "<no value>") {
						t.Errorf("%s in %s: %.60s", path, language, page.Body[max(0, i):])
					}
				}
			}
		}
	})
}
