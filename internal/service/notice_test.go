package service_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/notify"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// telling is a district whose queue is worked on.
type telling struct {
	*testkit.District
	tb testing.TB
}

func newTelling(t *testing.T, cfg store.Config, at string, channels ...notify.Channel) telling {
	t.Helper()
	d := telling{testkit.NewDistrict(t, testkit.NewService(t, cfg, at)), t}
	d.work(d.Service, channels...)
	return d
}

// work has a service work on the queue until the test ends.
func (d telling) work(svc *testkit.Service, channels ...notify.Channel) {
	d.tb.Helper()
	if err := svc.StartQueue(d.tb.Context(), channels...); err != nil {
		d.tb.Fatal(err)
	}
	d.tb.Cleanup(func() {
		if err := svc.StopQueue(context.Background()); err != nil {
			d.tb.Error(err)
		}
	})
}

// settle waits until nothing is left to be done now.
func (d telling) settle() {
	d.tb.Helper()
	d.await("the queue to be worked off", func() bool {
		return len(d.jobs(store.JobWaiting)) == 0 && len(d.jobs(store.JobRunning)) == 0
	})
}

func (d telling) await(what string, happened func() bool) {
	d.tb.Helper()
	deadline := time.After(30 * time.Second)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !happened() {
		select {
		case <-look.C:
		case <-deadline:
			d.tb.Fatalf("waited in vain for %s", what)
		}
	}
}

func (d telling) jobs(state store.JobState) []service.QueueJob {
	d.tb.Helper()
	jobs, err := d.QueueJobs(d.tb.Context(), d.Actor(d.tb, "admin"), service.JobFilter{State: state, Limit: 1000})
	if err != nil {
		d.tb.Fatal(err)
	}
	return jobs
}

func (d telling) file(in ticket.SubmitInput) string {
	d.tb.Helper()
	if in.Title == "" {
		in.Title = "招不到工人"
	}
	in.Description, in.Category = "缺一百名装配工。", "labour"
	t, err := d.File(d.tb.Context(), d.Actor(d.tb, "own"), in)
	if err != nil {
		d.tb.Fatal(err)
	}
	return t.ID
}

func (d telling) fire(who, id string, event ticket.Event, in ticket.Input) {
	d.tb.Helper()
	if _, err := d.Fire(d.tb.Context(), d.Actor(d.tb, who), id, service.Command{Event: event, Input: in}); err != nil {
		d.tb.Fatalf("%s by %s: %v", event, who, err)
	}
}

// notices are what somebody reads, newest first.
func (d telling) notices(who string) []service.Notice {
	d.tb.Helper()
	all, err := d.Notices(d.tb.Context(), d.Actor(d.tb, who), service.NoticeFilter{})
	if err != nil {
		d.tb.Fatal(err)
	}
	return all
}

// heard names who was told of a kind of a ticket, sorted.
func (d telling) heard(id, kind string) []string {
	d.tb.Helper()
	var names []string
	for _, p := range testkit.People {
		rows, err := d.Store.Notices(d.tb.Context(), d.Actor(d.tb, p.Name), store.NoticeFilter{TicketID: id})
		if err != nil {
			d.tb.Fatal(err)
		}
		if slices.ContainsFunc(rows, func(n store.Notice) bool { return n.Kind == kind }) {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names
}

func (d telling) wantHeard(id, kind string, want ...string) {
	d.tb.Helper()
	slices.Sort(want)
	if got := d.heard(id, kind); !slices.Equal(got, want) {
		d.tb.Errorf("%s was told to %v, not %v", kind, got, want)
	}
}

// TestWhoHears goes through a ticket's life: each event is told to whom its
// users would expect, never to who did it.
func TestWhoHears(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newTelling(t, cfg, "2023-09-25 10:00")
		labour := []string{"lead-officer", "lead-head", "deputy"}
		fire := []string{"fire-officer", "fire-head"}
		water := []string{"water-officer", "water-head"}
		enterprise := []string{"own", "manager"}
		both := func(lists ...[]string) []string { return slices.Concat(lists...) }
		id := d.file(ticket.SubmitInput{})
		step := func(who string, event ticket.Event, in ticket.Input, want ...string) {
			t.Helper()
			d.Clock.Advance(time.Minute)
			d.fire(who, id, event, in)
			d.settle()
			d.wantHeard(id, string(event), want...)
		}
		d.settle()
		d.wantHeard(id, "submit", "desk", "manager") // own filed it
		step("desk", ticket.EventRequestInfo, ticket.RequestInfoInput{Question: "要几名？"}, enterprise...)
		step("manager", ticket.EventSupplyInfo, ticket.SupplyInfoInput{Answer: "一百名。"}, "desk")
		step("desk", ticket.EventAccept, nil, enterprise...)
		step("desk", ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["labour"], DepartmentIDs: []string{d.Departments["water"]}},
			both(enterprise, labour, water)...)
		step("own", ticket.EventUrge, ticket.UrgeInput{}, labour...)
		step("lead-officer", ticket.EventClaim, nil, enterprise...)
		step("lead-head", ticket.EventAssign, ticket.AssignInput{UserID: d.Users["lead-officer"].ID}, "lead-officer")
		step("own", ticket.EventMessage, ticket.TextInput{Text: "有眉目了吗？"}, "lead-officer")
		step("water-officer", ticket.EventProgress, ticket.ProgressInput{Text: "内部：先看看"}, "lead-officer")
		step("own", ticket.EventRequestWhistle, ticket.ReasonInput{Reason: "要几家一起办"}, "desk", "lead-officer")
		step("lead-head", ticket.EventWhistle, ticket.WhistleInput{DepartmentIDs: []string{d.Departments["fire"]}, Question: "谁来办？"},
			both(enterprise, []string{"lead-officer", "deputy"}, fire)...)
		step("fire-officer", ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "能办"}, labour...)
		step("lead-head", ticket.EventInvite, ticket.InviteInput{UserID: d.Users["expert"].ID}, "expert")
		step("expert", ticket.EventAdvise, ticket.TextInput{Text: "可以先培训"}, labour...)
		step("lead-head", ticket.EventConclude, ticket.ConcludeInput{Minutes: "分头办", Tasks: []ticket.NewTask{{DepartmentID: d.Departments["fire"], Text: "验收"}}},
			both(enterprise, []string{"lead-officer"}, fire, water)...)
		task := fmt.Sprintf("%d-1", d.version(id))
		step("fire-head", ticket.EventFinishTask, ticket.FinishTaskInput{TaskID: task, Result: "已验收"}, "lead-officer")
		step("leader", ticket.EventInstruct, ticket.TextInput{Text: "抓紧"}, labour...)
		step("lead-head", ticket.EventAnswer, ticket.AnswerInput{OrderID: fmt.Sprint(d.version(id)), Text: "在办"}, "leader")
		step("lead-officer", ticket.EventRequestExtension, ticket.RequestExtensionInput{DueAt: testkit.Moment(t, "2023-10-23 18:00"), Reason: "要等"}, "deputy", "lead-head")
		step("lead-head", ticket.EventDecideExtension, ticket.DecideInput{Approve: true}, "lead-officer", "deputy")
		step("lead-head", ticket.EventRequestSuspension, ticket.RequestSuspensionInput{Condition: "等用地", ReviewDate: date("2023-10-10")}, "desk")
		step("desk", ticket.EventDecideSuspension, ticket.DecideInput{Approve: true}, both(enterprise, labour)...)
		step("desk", ticket.EventResume, nil, both(enterprise, []string{"lead-officer"})...)
		step("lead-head", ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "招到了"}, enterprise...)
		step("own", ticket.EventDispute, ticket.DisputeInput{Missing: "还差十名"}, both([]string{"desk"}, labour)...)
		step("lead-head", ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "都招到了"}, enterprise...)
		step("own", ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5}, labour...)
		step("desk", ticket.EventReopen, ticket.ReasonInput{Reason: "又少了"}, both(enterprise, labour)...)

		// What the offices say among themselves is not the enterprise's.
		for _, n := range d.notices("own") {
			if slices.Contains([]string{"assign", "invite", "advise", "finish_task", "instruct", "answer", "request_extension"}, n.Kind) {
				t.Errorf("the enterprise was told of %s", n.Kind)
			}
		}
		for _, who := range []string{"stranger", "tax-officer", "land-head", "guest", "admin"} {
			if all := d.notices(who); len(all) > 0 {
				t.Errorf("%s was told %+v", who, all)
			}
		}
	})
}

func (d telling) version(id string) int {
	d.tb.Helper()
	read, err := d.Ticket(d.tb.Context(), ticket.System, id)
	if err != nil {
		d.tb.Fatal(err)
	}
	return read.Version
}

// TestAnEnterpriseHearsOfOffices, not of their people, when one files in its
// place; of a colleague by name.
func TestAnEnterpriseHearsOfOffices(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newTelling(t, cfg, "2023-09-27 10:00")
		for who, want := range map[string]string{"desk": "服务中心为贵公司提交了诉求", "manager": "税务局为贵公司提交了诉求"} {
			filed, err := d.File(t.Context(), d.Actor(t, who), ticket.SubmitInput{
				EnterpriseID: d.Enterprises["own"], Source: ticket.SourceDesk, Category: "labour", Title: who + "代提", Description: "请帮忙",
			})
			if err != nil {
				t.Fatal(err)
			}
			d.settle()
			for _, n := range d.notices("own") {
				if n.TicketID == filed.ID && n.Text != want {
					t.Errorf("of what %s files the enterprise reads %q", who, n.Text)
				}
			}
			d.wantHeard(filed.ID, "submit", slices.DeleteFunc([]string{"own", "desk", "manager"}, func(other string) bool { return other == who })...)
		}
	})
}

// TestWhoHearsOfASecret: a confidential ticket is told to those alone who see
// it, and what was told before goes out of the sight of the others.
func TestWhoHearsOfASecret(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newTelling(t, cfg, "2023-09-27 10:00")
		id := d.file(ticket.SubmitInput{})
		d.settle()
		d.wantHeard(id, "submit", "desk", "manager")
		secret := true
		d.fire("desk", id, ticket.EventCorrect, ticket.CorrectInput{Confidential: &secret, Reason: "商业秘密"})
		d.fire("desk", id, ticket.EventAccept, nil)
		d.settle()
		d.wantHeard(id, "submit", "desk")
		d.wantHeard(id, "correct", "own")
		d.wantHeard(id, "accept", "own")
		if n, err := d.UnreadNotices(t.Context(), d.Actor(t, "manager")); err != nil || n != 0 {
			t.Errorf("the manager counts %d, %v", n, err)
		}
	})
}

// TestReturnedTicket: a former lead hears nothing of what comes after.
func TestReturnedTicket(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newTelling(t, cfg, "2023-09-27 10:00")
		id := d.file(ticket.SubmitInput{})
		d.fire("desk", id, ticket.EventAccept, nil)
		d.fire("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["land"]})
		d.fire("land-head", id, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "不归我们管"})
		d.fire("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["labour"]})
		d.settle()
		d.wantHeard(id, "return", "desk")
		d.wantHeard(id, "dispatch", "own", "manager", "lead-officer", "lead-head", "deputy", "land-officer", "land-head")
		for _, n := range d.notices("land-officer") {
			if len(d.notices("land-officer")) != 1 {
				t.Errorf("the former lead was told %+v", n)
			}
		}
	})
}

// TestNoticesAreRead: counts, marks, pages, the reader's language and hints.
func TestNoticesAreRead(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newTelling(t, cfg, "2023-09-27 10:00")
		ctx, own := t.Context(), d.Actor(t, "own")
		hints, stop := d.Hints()
		defer stop()
		id := d.file(ticket.SubmitInput{})
		d.fire("desk", id, ticket.EventRequestInfo, ticket.RequestInfoInput{Question: "要几名？"})
		d.settle()
		count := func(want int) {
			t.Helper()
			if n, err := d.UnreadNotices(ctx, own); err != nil || n != want {
				t.Errorf("%d unread, want %d, %v", n, want, err)
			}
		}
		count(1)
		n := d.notices("own")[0]
		if n.Text != "服务中心请您补充说明" || n.Todo != "请补充说明。" || n.Path != "/tickets/"+id || n.Title != "招不到工人" || n.Number == "" || n.ReadAt != nil {
			t.Errorf("%+v", n)
		}
		if err := d.SetLanguage(ctx, own, text.English); err != nil {
			t.Fatal(err)
		}
		if me, err := d.Me(ctx, own); err != nil || me.Language != "en" {
			t.Errorf("the language is %q, %v", me.Language, err)
		}
		if n := d.notices("own")[0]; n.Text != "The service centre asks you for more information" || n.Todo != "Please add the information." {
			t.Errorf("in English: %+v", n)
		}
		if err := d.SetLanguage(ctx, own, "fr"); !isCode(err, ticket.CodeInvalidValue) {
			t.Errorf("French: %v", err)
		}
		// Somebody else's cannot be read for them.
		if err := d.ReadNotices(ctx, d.Actor(t, "stranger"), []string{n.ID}); err != nil {
			t.Fatal(err)
		}
		count(1)
		if err := d.ReadNotices(ctx, own, []string{n.ID}); err != nil {
			t.Fatal(err)
		}
		count(0)
		told := 0
		for h := range len(hints) {
			_ = h
			hint := <-hints
			if hint.NoticesOf != "" && d.Sees(ctx, own, hint) {
				told++
			}
			if hint.NoticesOf == own.ID && d.Sees(ctx, d.Actor(t, "desk"), hint) {
				t.Error("the desk sees a hint to the enterprise")
			}
		}
		if told != 2 { // told, and read
			t.Errorf("%d hints", told)
		}
		for range 3 {
			d.Clock.Advance(time.Minute)
			d.fire("desk", id, ticket.EventMessage, ticket.TextInput{Text: "请看"})
		}
		d.settle()
		count(3)
		first, err := d.Notices(ctx, own, service.NoticeFilter{Limit: 2, Language: text.Chinese})
		if err != nil || len(first) != 2 || first[0].Text != "服务中心给您留了言" || first[0].At.Before(first[1].At) {
			t.Fatalf("%+v, %v", first, err)
		}
		after := first[1].Position()
		rest, err := d.Notices(ctx, own, service.NoticeFilter{After: &after})
		if err != nil || len(rest) != 2 || rest[1].ID != n.ID {
			t.Errorf("%+v, %v", rest, err)
		}
		unread, err := d.Notices(ctx, own, service.NoticeFilter{Unread: true})
		if err != nil || len(unread) != 3 {
			t.Errorf("%+v, %v", unread, err)
		}
		other := d.file(ticket.SubmitInput{Title: "另一件"})
		d.fire("desk", other, ticket.EventAccept, nil)
		d.settle()
		if err := d.ReadNoticesOf(ctx, own, id); err != nil {
			t.Fatal(err)
		}
		count(1)
		if err := d.ReadNotices(ctx, own, nil); err != nil {
			t.Fatal(err)
		}
		count(0)
		d.Clock.Advance(181 * 24 * time.Hour)
		if err := d.Purge(ctx); err != nil {
			t.Fatal(err)
		}
		if left := d.notices("own"); len(left) != 0 {
			t.Errorf("kept for ever: %+v", left)
		}
	})
}

func isCode(err error, code ticket.Code) bool {
	var e *ticket.Error
	return errors.As(err, &e) && e.Code == code
}

// TestNobodyHearsOfWhatWasNot: of a command that was rolled back, and of
// stories that were only carried over.
func TestNobodyHearsOfWhatWasNot(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newTelling(t, cfg, "2023-09-27 10:00")
		ctx, own, desk := t.Context(), d.Actor(t, "own"), d.Actor(t, "desk")
		in := ticket.SubmitInput{Title: "a", Description: "b", Category: "labour", EnterpriseID: d.Enterprises["own"]}
		changedMyMind := errors.New("changed my mind")
		err := d.InTx(ctx, func(ctx context.Context) error {
			if _, err := d.File(ctx, own, in); err != nil {
				return err
			}
			return changedMyMind
		})
		if !errors.Is(err, changedMyMind) {
			t.Fatal(err)
		}
		before := d.Clock.Now().Add(-time.Hour)
		filed, err := d.FileBackdated(ctx, own, in, service.Backdated{At: before})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.FireBackdated(ctx, desk, filed.ID, service.Command{Event: ticket.EventAccept}, service.Backdated{At: before}); err != nil {
			t.Fatal(err)
		}
		err = d.Batch(ctx, func(b *service.Batch) error {
			id, err := b.File(own, in, service.Backdated{At: before})
			if err != nil {
				return err
			}
			return b.Fire(desk, id, service.Command{Event: ticket.EventAccept}, service.Backdated{At: before})
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, state := range service.JobStates() {
			if jobs := d.jobs(state); len(jobs) > 0 {
				t.Errorf("queued: %+v", jobs)
			}
		}
		// They can be told afterwards, without a word by mail.
		if err := d.TellSince(ctx, before); err != nil {
			t.Fatal(err)
		}
		d.wantHeard(filed.ID, "accept", "own", "manager")
		if jobs := d.jobs(store.JobWaiting); len(jobs) > 0 {
			t.Errorf("queued: %+v", jobs)
		}
	})
}

// mailing is a district where people have mail addresses.
func mailing(t *testing.T, cfg store.Config, at string) (telling, *testkit.MailServer) {
	t.Helper()
	server := testkit.NewMailServer(t)
	d := newTelling(t, cfg, at, mailTo(t, server))
	for name, change := range map[string]service.UserChange{
		"own":          {Email: new("own@example.com"), Name: new("王经理")},
		"desk":         {Email: new("desk@example.com"), Language: new("en")},
		"lead-officer": {Email: new("officer@example.com")},
		"lead-head":    {Email: new("head@example.com")},
		"leader":       {Email: new("leader@example.com")},
	} {
		if _, err := d.ChangeUser(t.Context(), ticket.System, d.Users[name].ID, change); err != nil {
			t.Fatal(err)
		}
	}
	return d, server
}

func mailTo(t *testing.T, server *testkit.MailServer) notify.Channel {
	t.Helper()
	mail, err := notify.NewMail(notify.MailConfig{
		Host: server.Host, Port: server.Port, TLS: notify.NoTLS, From: "whistle@example.com", PublicURL: "https://whistle.example.com",
	})
	if err != nil {
		t.Fatal(err)
	}
	return mail
}

// TestMailInTheReadersLanguage arrives once, though two processes work.
func TestMailInTheReadersLanguage(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d, server := mailing(t, cfg, "2023-09-27 10:00")
		second := d.replica(cfg)
		d.work(second, mailTo(t, server))
		id := d.file(ticket.SubmitInput{})
		l := server.Next(t)
		if l.To != "desk@example.com" || l.Subject != "[whistle] 甲科技有限公司 filed a request (2023-000001 招不到工人)" {
			t.Errorf("to %s: %s", l.To, l.Subject)
		}
		if !strings.Contains(l.Plain, "Please accept it before 27 Sep 16:00.") || !strings.Contains(l.Plain, "https://whistle.example.com/tickets/"+id) {
			t.Errorf("the desk reads:\n%s", l.Plain)
		}
		d.fire("desk", id, ticket.EventAccept, nil)
		l = server.Next(t)
		if l.To != "own@example.com" || l.Subject != "【吹哨】您的诉求已受理（2023-000001 招不到工人）" || !strings.HasPrefix(l.Plain, "王经理，您好：") {
			t.Errorf("to %s: %s\n%s", l.To, l.Subject, l.Plain)
		}
		const more = 10
		for range more {
			d.fire("own", id, ticket.EventMessage, ticket.TextInput{Text: "在吗"})
		}
		d.settle()
		items := 0
		for server.Waiting() > 0 {
			items += strings.Count(server.Next(t).Plain, "/tickets/"+id)
		}
		if items != more {
			t.Errorf("%d messages were told of by mail %d times", more, items)
		}
	})
}

// replica is another process over the same database.
func (d telling) replica(cfg store.Config) *testkit.Service {
	d.tb.Helper()
	svc := testkit.NewService(d.tb, cfg, "2023-09-27 10:00")
	svc.Clock.Set(d.Clock.Now())
	return svc
}

// TestMailWaitsForTheMorning: at night and on holidays nothing is sent but
// what is urgent; what waits comes in one mail.
func TestMailWaitsForTheMorning(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d, server := mailing(t, cfg, "2023-09-28 21:30") // the night before the National Day holiday
		id := d.file(ticket.SubmitInput{})
		d.file(ticket.SubmitInput{Title: "断电了", Urgency: ticket.Urgent})
		if l := server.Next(t); l.To != "desk@example.com" || !strings.HasPrefix(l.Subject, "[whistle, urgent] ") || l.Header.Get("Importance") != "high" {
			t.Errorf("to %s: %s", l.To, l.Subject)
		}
		d.settle()
		if n, err := d.UnreadNotices(t.Context(), d.Actor(t, "desk")); err != nil || n != 2 {
			t.Errorf("%d on the pages, %v", n, err)
		}
		d.Clock.Set(testkit.Moment(t, "2023-10-06 23:59"))
		d.file(ticket.SubmitInput{Title: "再一件"})
		d.settle()
		if n := server.Waiting(); n > 0 {
			t.Errorf("%d mails on a holiday", n)
		}
		d.sendWaiting(0)
		d.Clock.Set(testkit.Moment(t, "2023-10-07 09:00")) // a Saturday, made up for the holiday
		d.sendWaiting(1)
		l := server.Next(t)
		if l.To != "desk@example.com" || l.Subject != "[whistle] You have 2 new notices" || strings.Index(l.Plain, "招不到工人") > strings.Index(l.Plain, "再一件") {
			t.Errorf("in the morning, to %s: %s\n%s", l.To, l.Subject, l.Plain)
		}
		d.sendWaiting(0)
		d.settle()
		if n := server.Waiting(); n > 0 {
			t.Errorf("%d mails more", n)
		}

		// What was read in the evening needs no mail in the morning.
		d.Clock.Set(testkit.Moment(t, "2023-10-07 20:00"))
		d.fire("desk", id, ticket.EventAccept, nil)
		d.settle()
		if err := d.ReadNoticesOf(t.Context(), d.Actor(t, "own"), id); err != nil {
			t.Fatal(err)
		}
		d.Clock.Set(testkit.Moment(t, "2023-10-08 09:00"))
		d.sendWaiting(1)
		d.settle()
		if n := server.Waiting(); n > 0 {
			t.Error("mail of what was read")
		}
	})
}

// sendWaiting has what waited sent, as comes round every minute.
func (d telling) sendWaiting(people int) {
	d.tb.Helper()
	if n, err := d.SendWaiting(d.tb.Context()); err != nil || n != people {
		d.tb.Errorf("something was sent to %d people, want %d, %v", n, people, err)
	}
}

// TestMailOfASecretHoldsNoTitle, since it leaves the house.
func TestMailOfASecretHoldsNoTitle(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d, server := mailing(t, cfg, "2023-09-27 10:00")
		d.file(ticket.SubmitInput{Title: "独家配方", Confidential: true})
		l := server.Next(t)
		if strings.Contains(l.Plain+l.HTML+l.Subject, "独家配方") || !strings.Contains(l.Subject, "2023-000001") {
			t.Errorf("%s\n%s", l.Subject, l.Plain)
		}
	})
}

// TestMailServerFails: it is tried again, later and later; then it waits for
// an administrator, who has it sent.
func TestMailServerFails(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d, server := mailing(t, cfg, "2023-09-27 10:00")
		ctx, admin := t.Context(), d.Actor(t, "admin")
		server.Refuse(451, "try later")
		d.file(ticket.SubmitInput{})
		d.await("a second attempt", func() bool {
			return len(d.jobs(store.JobRetrying)) == 1
		})
		job := d.jobs(store.JobRetrying)[0]
		if wait := job.DueAt.Sub(*job.StartedAt); job.Attempt != 2 || wait < 10*time.Second || wait > 25*time.Second {
			t.Errorf("after attempt %d again in %s", job.Attempt, wait)
		}
		for len(d.jobs(store.JobFailed)) == 0 {
			if err := d.RetryJob(ctx, admin, job.ID); err != nil {
				t.Fatal(err)
			}
			d.settle()
		}
		job = d.jobs(store.JobFailed)[0]
		if job.Kind != "send" || job.Attempt != job.MaxAttempts || len(job.Failures) != job.MaxAttempts || server.Refused() != job.MaxAttempts {
			t.Errorf("%+v; refused %d times", job, server.Refused())
		}
		if last := job.Failures[len(job.Failures)-1]; !strings.Contains(last.Error, "try later") {
			t.Errorf("failed with %q", last.Error)
		}
		for _, f := range []func(context.Context, ticket.Actor, int64) error{d.RetryJob, d.DiscardJob} {
			if err := f(ctx, d.Actor(t, "desk"), job.ID); !isCode(err, ticket.CodeForbidden) {
				t.Errorf("the desk: %v", err)
			}
			if err := f(ctx, admin, job.ID+1000); !isCode(err, ticket.CodeNotFound) {
				t.Errorf("no such job: %v", err)
			}
		}
		if _, err := d.QueueJobs(ctx, d.Actor(t, "desk"), service.JobFilter{}); !isCode(err, ticket.CodeForbidden) {
			t.Errorf("the desk: %v", err)
		}
		server.Refuse(0, "")
		if err := d.RetryJob(ctx, admin, job.ID); err != nil {
			t.Fatal(err)
		}
		if l := server.Next(t); l.To != "desk@example.com" {
			t.Errorf("to %s", l.To)
		}
		d.settle()
		if err := d.RetryJob(ctx, admin, job.ID); !isCode(err, ticket.CodeConflict) {
			t.Errorf("what is done runs again: %v", err)
		}

		// What is refused for good is not tried again, and may be thrown away.
		d.Clock.Set(testkit.Moment(t, "2023-10-08 10:00"))
		server.Refuse(550, "no such user")
		d.file(ticket.SubmitInput{})
		d.await("it to fail", func() bool { return len(d.jobs(store.JobFailed)) == 1 })
		refused := d.jobs(store.JobFailed)[0]
		if refused.Attempt != 1 || len(refused.Failures) != 1 {
			t.Errorf("%+v", refused)
		}
		if err := d.DiscardJob(ctx, admin, refused.ID); err != nil {
			t.Fatal(err)
		}
		if left := d.jobs(store.JobFailed); len(left) != 0 {
			t.Errorf("still there: %+v", left)
		}
		entries, err := d.AuditLog(ctx, admin, service.AuditFilter{Subject: "job"})
		if err != nil || len(entries) < 2 || entries[0].Action != "remove" || entries[1].Action != "retry" || !strings.Contains(entries[0].Before, `"send"`) {
			t.Errorf("%+v, %v", entries, err)
		}
		page, err := d.QueueJobs(ctx, admin, service.JobFilter{Limit: 1})
		if err != nil || len(page) != 1 {
			t.Fatalf("%+v, %v", page, err)
		}
		next, err := d.QueueJobs(ctx, admin, service.JobFilter{Kind: "tell", After: page[0].ID, Limit: 100})
		if err != nil || slices.ContainsFunc(next, func(j service.QueueJob) bool { return j.Kind != "tell" || j.ID >= page[0].ID }) {
			t.Errorf("%+v, %v", next, err)
		}
	})
}

// TestAlarms: yellow to who holds the clock, red to their head, too, red for a
// working day to the leaders; in working time; each once.
func TestAlarms(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newTelling(t, cfg, "2023-09-27 10:00")
		second := d.replica(cfg)
		id := d.file(ticket.SubmitInput{})
		d.fire("desk", id, ticket.EventAccept, nil)
		d.fire("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["labour"]}) // to be claimed by the 28th, 11:00
		tell := func(at string, want int) {
			t.Helper()
			d.Clock.Set(testkit.Moment(t, at))
			second.Clock.Set(d.Clock.Now())
			n := 0
			for _, svc := range []*testkit.Service{d.Service, second, d.Service} {
				told, err := svc.TellAlarms(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				n += told
			}
			if n != want {
				t.Errorf("%s: %d alarms, want %d", at, n, want)
			}
		}
		labour := []string{"lead-officer", "lead-head", "deputy"}
		tell("2023-09-27 17:00", 0)
		tell("2023-09-28 09:00", 1) // six of the eight hours are gone
		d.wantHeard(id, "yellow", labour...)
		tell("2023-09-28 11:00", 0) // on time at the very instant
		tell("2023-09-28 12:30", 0) // red, at lunch
		tell("2023-09-28 14:00", 1)
		d.wantHeard(id, "red", labour...)
		d.wantHeard(id, "overdue")
		tell("2023-10-03 11:00", 0) // a holiday, five days later
		tell("2023-10-07 10:59", 0)
		tell("2023-10-07 11:00", 1) // a working day on
		d.wantHeard(id, "overdue", "leader")
		leader := d.notices("leader")[0]
		if leader.Text != "人社局超期满一个工作日：甲科技有限公司的诉求" || leader.Todo != "期限是9月28日 11:00，还没有接单。" {
			t.Errorf("%+v", leader)
		}
		if n := d.notices("lead-officer")[0]; n.Kind != "red" || n.Text != "甲科技有限公司的诉求已超期" || n.Todo != "期限是9月28日 11:00，请尽快接单。" {
			t.Errorf("%+v", n)
		}
		// The resolve clock of five working days turns yellow two days later.
		d.fire("lead-officer", id, ticket.EventClaim, nil)
		tell("2023-10-09 14:50", 1)
		if got := d.notices("lead-officer")[0]; got.Kind != "yellow" || got.Todo != "请在10月10日 18:00前提交结果。" {
			t.Errorf("%+v", got)
		}
		yellow := 0
		for _, n := range d.notices("lead-head") {
			if n.Kind == "yellow" {
				yellow++
			}
		}
		if yellow != 1 {
			t.Errorf("the head of who holds the clock hears of %d yellows", yellow)
		}
		// An urgent one waits for nobody's morning.
		urgent := d.file(ticket.SubmitInput{Urgency: ticket.Urgent})
		tell("2023-10-09 23:00", 1)
		d.wantHeard(urgent, "red", "desk")
	})
}

// TestAlarmsOfVerification: the enterprise is reminded, the desk calls.
func TestAlarmsOfVerification(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newTelling(t, cfg, "2023-10-09 10:00")
		id := d.file(ticket.SubmitInput{})
		d.fire("desk", id, ticket.EventAccept, nil)
		d.fire("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["land"]})
		d.fire("land-officer", id, ticket.EventClaim, nil)
		d.fire("land-officer", id, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "好了"}) // verified by the 16th, 18:00
		for _, at := range []string{"2023-10-13 18:00", "2023-10-16 10:00", "2023-10-17 09:00", "2023-10-18 09:00"} {
			d.Clock.Set(testkit.Moment(t, at))
			if _, err := d.TellAlarms(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		d.wantHeard(id, "yellow", "own", "manager")
		d.wantHeard(id, "red", "desk")
		d.wantHeard(id, "overdue", "leader")
	})
}

// TestAlarmsAfterAnOutage tells of everything that is due, but not of old
// stories.
func TestAlarmsAfterAnOutage(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newTelling(t, cfg, "2023-09-11 10:00")
		old := d.file(ticket.SubmitInput{})
		d.Clock.Set(testkit.Moment(t, "2023-09-25 10:00"))
		fresh := d.file(ticket.SubmitInput{})
		d.Clock.Set(testkit.Moment(t, "2023-09-27 16:00"))
		if n, err := d.TellAlarms(t.Context()); err != nil || n != 2 {
			t.Errorf("%d alarms, %v", n, err)
		}
		d.wantHeard(fresh, "red", "desk")
		d.wantHeard(fresh, "overdue", "leader")
		d.wantHeard(old, "red")
	})
}

// TestAbsentAssignee: what the assignee would hear, the department does when
// they have left it.
func TestAbsentAssignee(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newTelling(t, cfg, "2023-09-27 10:00")
		id := d.file(ticket.SubmitInput{})
		d.fire("desk", id, ticket.EventAccept, nil)
		d.fire("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["labour"]})
		d.fire("lead-officer", id, ticket.EventClaim, nil)
		tax := d.Departments["tax"]
		if _, err := d.ChangeUser(t.Context(), ticket.System, d.Users["lead-officer"].ID, service.UserChange{DepartmentID: &tax}); err != nil {
			t.Fatal(err)
		}
		d.fire("own", id, ticket.EventMessage, ticket.TextInput{Text: "在吗"})
		d.settle()
		d.wantHeard(id, "message", "deputy", "lead-head")
	})
}
