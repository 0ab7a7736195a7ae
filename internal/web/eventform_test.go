package web_test

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// turn is how an event comes to be fired from its form: in a situation, by
// somebody who types only what the form doesn't say already.
type turn struct {
	who   string
	given func(o *office) string // the ticket
	typed url.Values
	to    ticket.State
}

func typed(pairs ...string) url.Values {
	values := url.Values{}
	for ; len(pairs) >= 2; pairs = pairs[2:] {
		values.Add(pairs[0], pairs[1])
	}
	return values
}

func (o *office) accepted() string {
	id := o.filed("宿舍消防验收卡住了", nil)
	o.do("desk", id, ticket.EventAccept, nil)
	return id
}

func (o *office) verifying() string {
	id := o.resolving("社保转不进来")
	o.do("lead-head", id, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "已经转入"})
	return id
}

func (o *office) reportedIn() string {
	id := o.joint("两家都说不归自己管")
	for _, who := range []string{"fire-officer", "water-officer"} {
		o.do(who, id, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "本周能办"})
	}
	return id
}

func (o *office) agreed() string {
	id := o.reportedIn()
	o.do("lead-head", id, ticket.EventConclude, ticket.ConcludeInput{Minutes: "分头办", Tasks: []ticket.NewTask{{DepartmentID: o.Departments["fire"], Text: "出验收意见"}}})
	return id
}

func (o *office) ordered() string {
	id := o.resolving("贷款批不下来")
	o.do("leader", id, ticket.EventInstruct, ticket.TextInput{Text: "今天答复企业"})
	return id
}

func (o *office) suspensionAsked() string {
	id := o.resolving("等规划批复")
	o.do("lead-head", id, ticket.EventRequestSuspension, ticket.RequestSuspensionInput{Condition: "市里批规划", ReviewDate: reviewDay})
	return id
}

func (o *office) suspended() string {
	id := o.suspensionAsked()
	o.do("desk", id, ticket.EventDecideSuspension, ticket.DecideInput{Approve: true})
	return id
}

func (o *office) closed() string {
	id := o.verifying()
	o.do("own", id, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 4})
	return id
}

// turns holds one for every event that people fire at a ticket.
func (o *office) turns() map[ticket.Event]turn {
	filed := func(o *office) string { return o.filed("缺一百名装配工", nil) }
	dispatched := func(o *office) string { return o.dispatched("厂房漏水", "labour", nil) }
	resolving := func(o *office) string { return o.resolving("招工难") }
	extensionAsked := func(o *office) string {
		id := o.resolving("材料要等")
		_, latest, err := o.ExtensionLimits(o.tb.Context(), o.seen(id))
		if err != nil {
			o.tb.Fatal(err)
		}
		o.do("lead-head", id, ticket.EventRequestExtension, ticket.RequestExtensionInput{DueAt: latest, Reason: "材料在路上"})
		return id
	}
	return map[ticket.Event]turn{
		ticket.EventAccept:         {"desk", filed, nil, ticket.Accepted},
		ticket.EventRequestInfo:    {"desk", filed, typed("question", "缺哪些工种？"), ticket.Supplementing},
		ticket.EventSupplyInfo:     {"own", func(o *office) string { return o.asked("缺多少人？") }, typed("answer", "五十人"), ticket.Submitted},
		ticket.EventCorrect:        {"desk", filed, typed("title", "缺九十名装配工", "reason", "数错了"), ticket.Submitted},
		ticket.EventReject:         {"desk", filed, typed("reason_code", "litigation", "text", "请走诉讼程序"), ticket.Rejected},
		ticket.EventWithdraw:       {"own", filed, typed("reason", "自己解决了"), ticket.Withdrawn},
		ticket.EventMerge:          {"desk", filed, typed("into_id", o.filed("并入的那一件", nil)), ticket.Merged},
		ticket.EventDispatch:       {"desk", (*office).accepted, typed("lead_id", o.Departments["labour"], "department_ids", o.Departments["water"]), ticket.Dispatched},
		ticket.EventRecall:         {"desk", dispatched, typed("reason", "派错了"), ticket.Accepted},
		ticket.EventClaim:          {"lead-officer", dispatched, nil, ticket.Resolving},
		ticket.EventReturn:         {"lead-head", dispatched, typed("reason_code", "not_our_duty", "text", "职责目录第三条"), ticket.Accepted},
		ticket.EventAssign:         {"lead-head", resolving, typed("user_id", o.Users["lead-officer"].ID), ticket.Resolving},
		ticket.EventRequestWhistle: {"own", resolving, typed("reason", "三家都要盖章"), ticket.Resolving},
		ticket.EventDeclineWhistle: {"desk", func(o *office) string {
			id := o.resolving("要几家一起")
			o.do("own", id, ticket.EventRequestWhistle, ticket.ReasonInput{Reason: "三家都要盖章"})
			return id
		}, typed("reason", "一家就能办"), ticket.Resolving},
		ticket.EventWhistle:  {"lead-officer", resolving, typed("department_ids", o.Departments["fire"], "question", "验收谁先出意见？"), ticket.Joint},
		ticket.EventReportIn: {"fire-officer", func(o *office) string { return o.joint("请消防来") }, typed("position", "can", "text", "周五前验收"), ticket.Joint},
		ticket.EventInvite:   {"lead-head", func(o *office) string { return o.joint("请专家来") }, typed("user_id", o.Users["expert"].ID), ticket.Joint},
		ticket.EventAdvise: {"expert", func(o *office) string {
			id := o.joint("专家怎么看")
			o.do("lead-head", id, ticket.EventInvite, ticket.InviteInput{UserID: o.Users["expert"].ID})
			return id
		}, typed("text", "先做检测"), ticket.Joint},
		ticket.EventConclude:          {"lead-head", (*office).reportedIn, typed("minutes", "消防先出意见", "tasks[1].department_id", o.Departments["fire"], "tasks[1].text", "出意见"), ticket.Resolving},
		ticket.EventProgress:          {"lead-officer", resolving, typed("text", "已联系三所学校", "public", "true"), ticket.Resolving},
		ticket.EventMessage:           {"own", resolving, typed("text", "周五方便来厂里吗？"), ticket.Resolving},
		ticket.EventUrge:              {"own", resolving, nil, ticket.Resolving},
		ticket.EventFinishTask:        {"fire-officer", (*office).agreed, typed("result", "意见已出"), ticket.Resolving},
		ticket.EventCancelTask:        {"lead-head", (*office).agreed, typed("reason", "不需要了"), ticket.Resolving},
		ticket.EventRequestExtension:  {"lead-officer", resolving, typed("reason", "要等外省寄材料"), ticket.Resolving}, // the deadline: what the form allows at the latest
		ticket.EventDecideExtension:   {"lead-head", extensionAsked, typed("approve", "true"), ticket.Resolving},
		ticket.EventRequestSuspension: {"lead-head", resolving, typed("condition", "等市里批", "review_date", "2024-03-01"), ticket.Resolving},
		ticket.EventDecideSuspension:  {"desk", (*office).suspensionAsked, typed("approve", "true"), ticket.Suspended},
		ticket.EventReview:            {"desk", (*office).suspended, typed("review_date", "2024-05-06", "text", "还没批"), ticket.Suspended},
		ticket.EventResume:            {"lead-officer", (*office).suspended, nil, ticket.Resolving},
		ticket.EventResolve:           {"lead-head", resolving, typed("outcome", "solved", "result", "招到一百二十人"), ticket.Verifying},
		ticket.EventConfirm:           {"own", (*office).verifying, typed("satisfaction", "5", "text", "谢谢"), ticket.Closed},
		ticket.EventDispute:           {"own", (*office).verifying, typed("missing", "还差四十人"), ticket.Resolving},
		ticket.EventCallback: {"desk", func(o *office) string {
			id := o.verifying()
			o.Clock.Advance(30 * 24 * time.Hour)
			return id
		}, typed("reached", "true", "solved", "true", "satisfaction", "4", "said", "办好了"), ticket.Closed},
		ticket.EventInstruct:   {"leader", resolving, typed("text", "本周办结"), ticket.Resolving},
		ticket.EventSupervise:  {"leader", resolving, typed("text", "每天报进展"), ticket.Resolving},
		ticket.EventTakeCharge: {"leader", resolving, typed("text", "我来牵头"), ticket.Resolving},
		ticket.EventAnswer:     {"lead-officer", (*office).ordered, typed("text", "已答复企业"), ticket.Resolving},
		ticket.EventReopen:     {"own", (*office).closed, typed("reason", "又断缴了"), ticket.Resolving},
	}
}

func (o *office) asked(question string) string {
	id := o.filed("招工的事", nil)
	o.do("desk", id, ticket.EventRequestInfo, ticket.RequestInfoInput{Question: question})
	return id
}

func (o *office) seen(id string) *service.TicketView {
	o.tb.Helper()
	v, err := o.Ticket(o.tb.Context(), o.Actor(o.tb, "desk"), id)
	if err != nil {
		o.tb.Fatal(err)
	}
	return v
}

// eventPath is where an event's form is shown and sent to.
func eventPath(id string, event ticket.Event) string { return "/tickets/" + id + "/" + string(event) }

// formFor is the form of an event as somebody finds it on the ticket's page,
// and what it would send untouched.
func (o *office) formFor(v *testkit.Visitor, id string, event ticket.Event) (*testkit.Seen, url.Values) {
	o.tb.Helper()
	path := eventPath(id, event)
	page := v.Get("/tickets/" + id).Want(http.StatusOK)
	if form := page.Find(`form[action="` + path + `"]`); form.Length() > 0 { // a button is all it takes
		return page, page.Form(`form[action="` + path + `"]`)
	}
	way := `a[href="` + path + `"]`
	if event == ticket.EventConfirm || event == ticket.EventDispute {
		way = `a[href="/tickets/` + id + `/verify"]`
	}
	if page.Find(way).Length() == 0 {
		o.tb.Fatalf("the ticket has no button for %s: %s", event, page.Words(".ticket-actions"))
	}
	page = v.Get(path).Want(http.StatusOK)
	return page, page.Form(`form[action="` + path + `"]`)
}

// TestEveryEventFiresFromItsForm goes through the workflow's table: whoever may
// fire an event finds its button, the form asks for everything that the event
// needs, and sending it does what the table says.
func TestEveryEventFiresFromItsForm(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		turns := o.turns()
		for _, def := range ticket.Workflow() {
			if def.Event == ticket.EventSubmit || def.Event == ticket.EventRedate {
				continue // filed on a page of its own; by the service alone
			}
			t.Run(string(def.Event), func(t *testing.T) {
				o := &office{o.Server, t}
				turn, ok := turns[def.Event]
				if !ok {
					t.Fatalf("nobody tries %s", def.Event)
				}
				id, visitor := turn.given(o), o.SignInAs(t, turn.who)
				page, values := o.formFor(visitor, id, def.Event)
				for _, in := range ticket.InputFields(def.Input) {
					if in.Optional || def.Event == ticket.EventMerge { // its page asks in two steps
						continue
					}
					name := in.Name
					if page.Find(`[name="`+name+`"], [name^="`+name+`["]`).Length() == 0 {
						t.Errorf("the form does not ask for %s", name)
					}
				}
				if missing := strings.Contains(page.Body, "[field."); missing {
					t.Errorf("a field has no name: %s", page.Words("form"))
				}
				if def.Event == ticket.EventRequestExtension {
					values.Set("due_at", page.Find(`[name="due_at"]`).AttrOr("max", ""))
				}
				for name, typed := range turn.typed {
					values[name] = typed
				}
				if after := visitor.Post(eventPath(id, def.Event), values); after.Status != http.StatusOK {
					t.Fatalf("%s: status %d: %s", def.Event, after.Status, after.Words("main"))
				} else if !strings.Contains(after.Words(".flash, .notice-green"), o.text("done."+string(def.Event))) {
					t.Errorf("nothing says that it was done: %s", after.Words("main"))
				}
				after, lines := o.history(id)
				if last := lines[len(lines)-1]; last.Event != def.Event || after.State != turn.to {
					t.Errorf("the ticket is %s after %s, want %s after %s", after.State, last.Event, turn.to, def.Event)
				}
			})
		}
	})
}

// history is a ticket and its lines as the service itself sees them.
func (o *office) history(id string) (*service.TicketView, []service.HistoryLine) {
	o.tb.Helper()
	v, err := o.Ticket(o.tb.Context(), ticket.System, id)
	if err != nil {
		o.tb.Fatal(err)
	}
	lines, _, err := o.History(o.tb.Context(), ticket.System, id)
	if err != nil {
		o.tb.Fatal(err)
	}
	return v, lines
}

// TestWrongInputIsKept sends every event's form with what is required left
// out: each fault stands at its field, and what was typed is still there.
func TestWrongInputIsKept(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		turns := o.turns()
		for _, def := range ticket.Workflow() {
			var required []string
			var long string
			for _, in := range ticket.InputFields(def.Input) {
				switch {
				case in.Type.Kind() == reflect.String && in.Enum == nil && in.MaxLength >= 2000:
					long = in.Name
				case !in.Optional:
					required = append(required, in.Name)
				}
			}
			turn, ok := turns[def.Event]
			if !ok || long == "" || len(required) == 0 {
				continue
			}
			t.Run(string(def.Event), func(t *testing.T) {
				o := &office{o.Server, t}
				id, visitor := turn.given(o), o.SignInAs(t, turn.who)
				_, values := o.formFor(visitor, id, def.Event)
				for _, name := range required {
					values.Del(name)
				}
				values.Set(long, "写了半天的话，不能丢")
				refused := visitor.Post(eventPath(id, def.Event), values).Want(http.StatusUnprocessableEntity)
				form := `form[action="` + eventPath(id, def.Event) + `"] `
				for _, name := range required {
					if at := refused.Find(form + `[name="` + name + `"]`).Closest(".field").Find(".field-error"); at.Length() == 0 {
						t.Errorf("no fault at %s: %s", name, refused.Words(form))
					}
				}
				if kept := refused.Find(form + `textarea[name="` + long + `"]`).Text(); kept != "写了半天的话，不能丢" {
					t.Errorf("%s keeps %q", long, kept)
				}
				if _, lines := o.history(id); lines[len(lines)-1].Event == def.Event {
					t.Error("it happened")
				}
			})
		}
	})
}

// TestConcludeAsksForEachThatIsMissing holds the rows of a conclusion: tasks as
// many as are wanted, and one reason for each department that has not reported
// in.
func TestConcludeAsksForEachThatIsMissing(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.joint("三家一起")
		o.do("water-officer", id, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Needs, Text: "先给图纸"})
		head, path := o.SignInAs(t, "lead-head"), eventPath(id, ticket.EventConclude)
		page := head.Get(path).Want(http.StatusOK)
		if got := page.Attrs(`[name^="without["][name$=".department_id"]`, "value"); !slices.Equal(got, []string{o.Departments["fire"]}) {
			t.Errorf("reasons are asked for %v, want fire alone", got)
		}
		offered := page.Attrs(`select[name="tasks[0].department_id"] option`, "value")
		slices.Sort(offered)
		want := []string{"", o.Departments["labour"], o.Departments["fire"], o.Departments["water"]}
		slices.Sort(want)
		if !slices.Equal(offered, want) {
			t.Errorf("tasks may go to %v, want those with a part in it", offered)
		}

		values := page.Form(".ticket-form form")
		values.Set("minutes", "先出图")
		values.Set("tasks[2].department_id", o.Departments["water"])
		values.Set("tasks[2].text", "看图纸")
		values.Set("again", "tasks")
		more := head.Post(path, values).Want(http.StatusOK)
		if rows := more.Find(`select[name^="tasks["]`).Length(); rows != 6 {
			t.Errorf("%d rows, want three more", rows)
		}
		if more.Words(`textarea[name="minutes"]`) != "先出图" || more.Find(`textarea[name="tasks[0].text"]`).Text() != "看图纸" {
			t.Errorf("what was typed is not there any more: %s", more.Words(".ticket-form"))
		}

		values = more.Form(".ticket-form form")
		refused := head.Post(path, values).Want(http.StatusUnprocessableEntity)
		if words := refused.Words(`[name^="without["]`) + refused.Words(".rows .field-error"); !strings.Contains(words, "消防大队") {
			t.Errorf("nothing says that fire is missing: %s", refused.Words(".ticket-form"))
		}
		values = refused.Form(".ticket-form form")
		values.Set("without[0].reason", "电话说周一来")
		head.Post(path, values).Want(http.StatusOK)
		after, _ := o.history(id)
		if after.State != ticket.Resolving || len(after.Tasks) != 1 || after.Tasks[0].DepartmentID != o.Departments["water"] {
			t.Errorf("%s with tasks %+v", after.State, after.Tasks)
		}
	})
}

// TestCorrectFindsEnterprises holds the search in a form, without script: what
// was typed stays, and only what is changed is sent on.
func TestCorrectFindsEnterprises(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.filed("填错了企业", nil)
		desk, path := o.SignInAs(t, "desk"), eventPath(id, ticket.EventCorrect)
		page := desk.Get(path).Want(http.StatusOK)
		if page.Find(`input[name="title"]`).AttrOr("value", "") != "填错了企业" || page.Find(`select[name="category"] option[selected]`).AttrOr("value", "") != "labour" {
			t.Errorf("what holds now is not filled in: %s", page.Words(".ticket-form"))
		}
		values := page.Form(".ticket-form form")
		values.Set("reason", "企业来电更正")
		values.Set("enterprise_id_search", "合作社")
		values.Set("again", "enterprise_id")
		found := desk.Post(path, values).Want(http.StatusOK)
		if got := found.Attrs(`input[type="radio"][name="enterprise_id"]`, "value"); !slices.Contains(got, o.Enterprises["other"]) {
			t.Errorf("found %v", got)
		}
		values = found.Form(".ticket-form form")
		if values.Get("reason") != "企业来电更正" || values.Get("enterprise_id") != o.Enterprises["own"] {
			t.Errorf("kept %v", values)
		}
		values.Set("enterprise_id", o.Enterprises["other"])
		desk.Post(path, values).Want(http.StatusOK)
		after, lines := o.history(id)
		correction, _ := lines[len(lines)-1].Input.(ticket.CorrectInput)
		if after.EnterpriseID != o.Enterprises["other"] || correction.Title != "" || correction.Category != "" || correction.Urgency != "" || correction.Confidential != nil {
			t.Errorf("corrected %+v", correction)
		}
		// Nothing changed is no correction, and says so.
		nothing := desk.Get(path).Form(".ticket-form form")
		nothing.Set("reason", "没改什么")
		desk.Post(path, nothing).Want(http.StatusUnprocessableEntity)
	})
}

// TestAnExtensionShowsItsLimits holds what a form says of the deadline before
// it is asked for.
func TestAnExtensionShowsItsLimits(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.resolving("要延期")
		page := o.SignInAs(t, "lead-officer").Get(eventPath(id, ticket.EventRequestExtension)).Want(http.StatusOK)
		due := page.Find(`input[name="due_at"]`)
		// Five working days from 27 September 2023, over the National Day holiday; then five more.
		if due.AttrOr("min", "") != "2023-10-10T18:00" || due.AttrOr("max", "") != "2023-10-17T18:00" {
			t.Errorf("from %s to %s", due.AttrOr("min", ""), due.AttrOr("max", ""))
		}
		if hint := page.Words("#f-due_at-notes"); !strings.Contains(hint, "10月10日 18:00") || !strings.Contains(hint, "10月17日 18:00") {
			t.Errorf("the hint says %q", hint)
		}
	})
}

// TestAnOfficerTakesATicketOnOneself: who may be named depends on who names.
func TestAnOfficerTakesATicketOnOneself(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.resolving("谁来办")
		people := func(who string) []string {
			return o.SignInAs(t, who).Get(eventPath(id, ticket.EventAssign)).Want(http.StatusOK).Attrs(`select[name="user_id"] option:not([value=""])`, "value")
		}
		if got := people("lead-officer"); !slices.Equal(got, []string{o.Users["lead-officer"].ID}) {
			t.Errorf("an officer may name %v", got)
		}
		got := people("lead-head")
		for _, who := range []string{"lead-officer", "lead-head", "deputy"} {
			if !slices.Contains(got, o.Users[who].ID) {
				t.Errorf("the head may not name %s", who)
			}
		}
		if slices.Contains(got, o.Users["fire-officer"].ID) {
			t.Error("the head may name somebody of another department")
		}
	})
}

// TestAnOldLinkIsNoForm: an event that may not be fired any more says so, and
// keeps what was typed for it.
func TestAnOldLinkIsNoForm(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.filed("很快就受理", nil)
		desk := o.SignInAs(t, "desk")
		values := desk.Get(eventPath(id, ticket.EventReject)).Form(".ticket-form form")
		o.do("desk", id, ticket.EventAccept, nil)
		if old := desk.Get(eventPath(id, ticket.EventReject)).Want(http.StatusOK); old.Find(".ticket-form button[type=submit]").Length() > 0 || !strings.Contains(old.Words(".ticket-form"), "现在不能“不予受理”了") {
			t.Errorf("an old link shows %s", old.Words(".ticket-form"))
		}
		values.Set("reason_code", "other")
		values.Set("text", "写好的答复")
		refused := desk.Post(eventPath(id, ticket.EventReject), values)
		if refused.Status != http.StatusPreconditionFailed || refused.Find(".ticket-form textarea").Text() != "写好的答复" || refused.Find(".ticket-form button[type=submit]").Length() > 0 {
			t.Errorf("status %d, %s", refused.Status, refused.Words(".ticket-form"))
		}
		if !strings.Contains(refused.Words(".ticket-form"), "受理") {
			t.Errorf("nothing says what happened: %s", refused.Words(".ticket-form"))
		}
	})
}

// reviewDay is when a suspended ticket is looked at again.
var reviewDay = worktime.Date{Year: 2024, Month: time.March, Day: 1}

// text is a text of the pages in Chinese.
func (o *office) text(id string, data ...any) string { return text.Chinese.Get(id, data...) }
