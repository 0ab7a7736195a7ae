package rest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// tale brings one ticket into a situation, a minute a step.
type tale struct {
	tb           testing.TB
	s            *testkit.Server
	batch        *service.Batch
	id           string
	at           time.Time
	confidential bool
	lead, former string // departments, and the beginning of their people's names
}

func (k *tale) do(who string, event ticket.Event, in ticket.Input) {
	k.tb.Helper()
	k.at = k.at.Add(time.Minute)
	err := k.batch.Fire(k.s.Actor(k.tb, who), k.id, service.Command{Event: event, Input: in}, service.Backdated{At: k.at})
	if err != nil {
		k.tb.Fatalf("%s by %s: %v", event, who, err)
	}
}

func (k *tale) head(department string) string {
	if department == "labour" {
		return "lead-head"
	}
	return department + "-head"
}

func (k *tale) returned() {
	k.do("desk", ticket.EventAccept, nil)
	k.do("desk", ticket.EventDispatch, ticket.DispatchInput{LeadID: k.s.Departments[k.former]})
	k.do(k.head(k.former), ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "不归我们管"})
}

func (k *tale) dispatched() {
	k.returned()
	k.do("desk", ticket.EventDispatch, ticket.DispatchInput{LeadID: k.s.Departments[k.lead], DepartmentIDs: []string{k.s.Departments["water"]}})
}

func (k *tale) resolving() {
	k.dispatched()
	k.do(k.head(k.lead), ticket.EventClaim, nil)
}

// joint has the expert invited, before the ticket became confidential if it
// is: later nobody could.
func (k *tale) joint(by string, convener ticket.Convener) {
	k.resolving()
	k.do(by, ticket.EventWhistle, ticket.WhistleInput{DepartmentIDs: []string{k.s.Departments["fire"]}, Question: "谁来办？", Convener: convener})
	if k.confidential {
		k.secret(false)
	}
	k.do(by, ticket.EventInvite, ticket.InviteInput{UserID: k.s.Users["expert"].ID})
	if k.confidential {
		k.secret(true)
	}
}

func (k *tale) secret(is bool) {
	k.do("desk", ticket.EventCorrect, ticket.CorrectInput{Confidential: &is, Reason: "核对"})
}

func (k *tale) reportedIn(by string, convener ticket.Convener) {
	k.joint(by, convener)
	k.do("fire-officer", ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "能办"})
}

// agreed gives a task to the lead, the summoned and the co-department.
func (k *tale) agreed(by string, convener ticket.Convener) {
	k.reportedIn(by, convener)
	var tasks []ticket.NewTask
	for _, d := range []string{"labour", "fire", "water"} {
		tasks = append(tasks, ticket.NewTask{DepartmentID: k.s.Departments[d], Text: d + "的任务"})
	}
	k.do(by, ticket.EventConclude, ticket.ConcludeInput{Minutes: "议定三件事", Tasks: tasks})
}

// Deadlines to ask for: the resolve clock of a ticket that was dispatched on
// 27 September 2023 is out on 10 October, after the National Day holiday.
var laterDeadlines = []string{"2023-10-11 18:00", "2023-10-12 18:00"}

func (k *tale) askExtension(due string) {
	k.do(k.head(k.lead), ticket.EventRequestExtension, ticket.RequestExtensionInput{DueAt: testkit.Moment(k.tb, due), Reason: "材料未齐"})
}

func (k *tale) verifying() {
	k.resolving()
	k.do(k.head(k.lead), ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "办成了"})
}

func (k *tale) closed() {
	k.verifying()
	k.do("own", ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5})
}

func (k *tale) suspensionAsked() {
	k.resolving()
	k.do(k.head(k.lead), ticket.EventRequestSuspension, ticket.RequestSuspensionInput{Condition: "等规划批复", ReviewDate: day("2023-12-01")})
}

func (k *tale) ordered() {
	k.do("leader", ticket.EventInstruct, ticket.TextInput{Text: "抓紧办"})
}

func day(text string) worktime.Date {
	d, err := worktime.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// situation is how a ticket came to stand as it does.
type situation struct {
	begun string // when it was filed; today at nine by default
	tell  func(k *tale)
}

const (
	lead = "lead-head"
	desk = "desk"
)

var situations = map[string]situation{
	"nothing":   {},
	"project":   {},
	"submitted": {tell: func(*tale) {}},
	"supplementing": {tell: func(k *tale) {
		k.do("desk", ticket.EventRequestInfo, ticket.RequestInfoInput{Question: "缺多少人？"})
	}},
	"accepted":         {tell: func(k *tale) { k.do("desk", ticket.EventAccept, nil) }},
	"returned":         {tell: (*tale).returned},
	"dispatched":       {tell: (*tale).dispatched},
	"resolving":        {tell: (*tale).resolving},
	"claimed-days-ago": {begun: "2023-09-20 09:00", tell: (*tale).resolving},
	"final": {tell: func(k *tale) {
		k.returned()
		k.do("desk", ticket.EventDispatch, ticket.DispatchInput{LeadID: k.s.Departments["land"]})
		k.do("land-head", ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "仍不归我们管"})
		k.do("desk", ticket.EventDispatch, ticket.DispatchInput{LeadID: k.s.Departments["labour"], DepartmentIDs: []string{k.s.Departments["water"]}})
	}},
	"whistle-asked": {tell: func(k *tale) {
		k.resolving()
		k.do("own", ticket.EventRequestWhistle, ticket.ReasonInput{Reason: "涉及几家"})
	}},
	"urged": {tell: func(k *tale) {
		k.resolving()
		k.do("own", ticket.EventUrge, ticket.UrgeInput{Text: "请快些"})
	}},
	"joint":            {tell: func(k *tale) { k.joint(lead, ticket.ConvenedByLead) }},
	"joint-by-desk":    {tell: func(k *tale) { k.joint(desk, ticket.ConvenedByDesk) }},
	"reported-in":      {tell: func(k *tale) { k.reportedIn(lead, ticket.ConvenedByLead) }},
	"reported-in-desk": {tell: func(k *tale) { k.reportedIn(desk, ticket.ConvenedByDesk) }},
	"agreed":           {tell: func(k *tale) { k.agreed(lead, ticket.ConvenedByLead) }},
	"agreed-by-desk":   {tell: func(k *tale) { k.agreed(desk, ticket.ConvenedByDesk) }},
	"extension-asked":  {tell: func(k *tale) { k.resolving(); k.askExtension(laterDeadlines[0]) }},
	"second-extension-asked": {tell: func(k *tale) {
		k.resolving()
		k.askExtension(laterDeadlines[0])
		k.do("lead-head", ticket.EventDecideExtension, ticket.DecideInput{Approve: true})
		k.askExtension(laterDeadlines[1])
	}},
	"extended-twice": {tell: func(k *tale) {
		k.resolving()
		for i, decides := range []string{lead, desk} {
			k.askExtension(laterDeadlines[i])
			k.do(decides, ticket.EventDecideExtension, ticket.DecideInput{Approve: true})
		}
	}},
	"suspension-asked": {tell: (*tale).suspensionAsked},
	"suspended": {tell: func(k *tale) {
		k.suspensionAsked()
		k.do("desk", ticket.EventDecideSuspension, ticket.DecideInput{Approve: true})
	}},
	"verifying":        {tell: (*tale).verifying},
	"verify-clock-out": {begun: "2023-09-11 09:00", tell: (*tale).verifying},
	"disputed-once": {tell: func(k *tale) {
		k.verifying()
		k.do("own", ticket.EventDispute, ticket.DisputeInput{Missing: "还差四十人"})
		k.do("lead-head", ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "补齐了"})
	}},
	"closed":          {tell: (*tale).closed},
	"closed-long-ago": {begun: "2023-08-01 09:00", tell: (*tale).closed},
	"rejected": {tell: func(k *tale) {
		k.do("desk", ticket.EventReject, ticket.RejectInput{ReasonCode: "other", Text: "请走诉讼程序"})
	}},
	"withdrawn": {tell: func(k *tale) {
		k.dispatched()
		k.do("own", ticket.EventWithdraw, ticket.ReasonInput{Reason: "自己解决了"})
	}},
	"merged": {tell: func(k *tale) {
		master, err := k.batch.File(k.s.Actor(k.tb, "own"), filing(k.s, "总单", k.confidential), service.Backdated{At: k.at})
		if err != nil {
			k.tb.Fatal(err)
		}
		k.do("desk", ticket.EventMerge, ticket.MergeInput{IntoID: master})
	}},
	"ordered":              {tell: func(k *tale) { k.resolving(); k.ordered() }},
	"ordered-without-lead": {tell: (*tale).ordered},
	"ordered-closed": {tell: func(k *tale) {
		k.verifying()
		k.ordered()
		k.do("own", ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5})
	}},
	"lead-lets-officers-resolve": {tell: func(k *tale) { k.lead, k.former = "land", "labour"; k.resolving() }},
}

func filing(s *testkit.Server, title string, confidential bool) ticket.SubmitInput {
	return ticket.SubmitInput{
		EnterpriseID: s.Enterprises["own"], ProjectID: s.Projects["plant"],
		Title: title, Description: "内容：" + title, Category: "labour", Confidential: confidential,
	}
}

// bring files a ticket and brings it into the situation; the id.
func bring(tb testing.TB, s *testkit.Server, b *service.Batch, where, filer, title string, confidential bool) string {
	tb.Helper()
	sit, ok := situations[where]
	if !ok {
		tb.Fatalf("nobody told of the situation %q", where)
	}
	if sit.tell == nil {
		return ""
	}
	begun := sit.begun
	if begun == "" {
		begun = "2023-09-27 09:00"
	}
	k := &tale{tb: tb, s: s, batch: b, at: testkit.Moment(tb, begun), confidential: confidential, lead: "labour", former: "land"}
	var err error
	k.id, err = b.File(s.Actor(tb, filer), filing(s, title, confidential), service.Backdated{At: k.at})
	if err != nil {
		tb.Fatal(err)
	}
	sit.tell(k)
	return k.id
}

// bringOne is bring for a single ticket.
func bringOne(tb testing.TB, s *testkit.Server, where, title string, confidential bool) (id string) {
	tb.Helper()
	err := s.Batch(tb.Context(), func(b *service.Batch) error {
		id = bring(tb, s, b, where, "own", title, confidential)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

// standing is a ticket as it is stored, whoever looks.
func standing(tb testing.TB, s *testkit.Server, id string) *ticket.Ticket {
	tb.Helper()
	t, err := s.Store.Ticket(context.WithoutCancel(tb.Context()), ticket.System, id)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// bodyOf is a body that breaks no rule on the values, whoever sends it.
func bodyOf(s *testkit.Server, t *ticket.Ticket, event, department, master string) any {
	reason := map[string]any{"reason": "确有必要"}
	text := map[string]any{"text": "一句话"}
	task := ""
	if t != nil {
		for _, one := range t.Tasks {
			if task == "" || one.DepartmentID == department {
				task = one.ID
			}
		}
	}
	if task == "" {
		task = "1-1"
	}
	later := laterDeadlines[0]
	switch event {
	case "accept", "claim", "resume", "urge":
		return nil
	case "request-info":
		return map[string]any{"question": "缺多少人？"}
	case "supply-info":
		return map[string]any{"answer": "一百人"}
	case "correct":
		return map[string]any{"title": "缺装配工", "reason": "更清楚"}
	case "reject", "return":
		return map[string]any{"reason_code": "other", "text": "另有办法"}
	case "withdraw", "recall", "request-whistle", "decline-whistle", "reopen":
		return reason
	case "merge":
		return map[string]any{"into_id": master}
	case "dispatch":
		return map[string]any{"lead_id": s.Departments["labour"], "department_ids": []string{s.Departments["water"]}}
	case "assign":
		return map[string]any{"user_id": s.Users["lead-officer"].ID}
	case "whistle":
		body := map[string]any{"department_ids": []string{s.Departments["fire"]}, "question": "谁来办？"}
		if t.LeadID == "" {
			body["lead_id"] = s.Departments["labour"]
		}
		return body
	case "report-in":
		return map[string]any{"position": "can", "text": "能办"}
	case "invite":
		return map[string]any{"user_id": s.Users["guest"].ID}
	case "conclude":
		return map[string]any{"minutes": "议定"}
	case "progress", "message", "advise", "instruct", "supervise", "take-charge":
		return text
	case "finish-task":
		return map[string]any{"task_id": task, "result": "办好了"}
	case "cancel-task":
		return map[string]any{"task_id": task, "reason": "不需要了"}
	case "request-extension":
		return map[string]any{"due_at": strings.Replace(later, " ", "T", 1) + ":00+08:00", "reason": "材料未齐"}
	case "decide-extension", "decide-suspension":
		return map[string]any{"approve": true}
	case "request-suspension":
		return map[string]any{"condition": "等规划批复", "review_date": "2023-12-01"}
	case "review":
		return map[string]any{"review_date": "2023-12-15", "text": "仍需等待"}
	case "resolve":
		return map[string]any{"outcome": "solved", "result": "办成了"}
	case "confirm":
		return map[string]any{"satisfaction": 4}
	case "dispute":
		return map[string]any{"missing": "还差四十人"}
	case "callback":
		return map[string]any{"reached": true, "solved": true, "satisfaction": 4, "said": "已解决"}
	case "answer":
		order := "1"
		if t != nil && len(t.Orders) > 0 {
			order = t.Orders[0].ID
		}
		return map[string]any{"order_id": order, "text": "正在办"}
	}
	panic(fmt.Sprintf("no body for %q", event))
}
