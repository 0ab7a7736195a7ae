package service_test

import (
	"strings"
	"testing"
	"time"

	"whistle/internal/notify"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// chatting is a district that has mail and robots, in which labour has a robot
// and the desk, its people and the leader have mail.
type chatting struct {
	telling
	mail   *testkit.MailServer
	robots *testkit.RobotServer
}

func newChatting(t *testing.T, cfg store.Config, at string) chatting {
	t.Helper()
	d := chatting{telling: telling{testkit.NewDistrict(t, testkit.NewService(t, cfg, at, testkit.AllowLoopback)), t}}
	d.mail = testkit.NewMailServer(t)
	d.robots = testkit.NewRobotServer(t, d.Clock, "SEC-a-secret")
	d.serve(d.Service)
	for _, name := range []string{"desk", "lead-officer", "lead-head"} {
		if _, err := d.ChangeUser(t.Context(), ticket.System, d.Users[name].ID, service.UserChange{Email: new(name + "@example.com")}); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// serve has a process work on the queue, with all channels.
func (d chatting) serve(svc *testkit.Service) {
	d.tb.Helper()
	t, ok := d.tb.(*testing.T)
	if !ok {
		d.tb.Fatal("no test")
	}
	d.work(svc, mailTo(t, d.mail), notify.NewRobots(testkit.Outbound(), "https://whistle.example.com", d.Clock))
}

// robot gives a department a robot, or somebody one of their own when it is "".
func (d chatting) robot(who, department string, robot notify.Robot) {
	d.tb.Helper()
	in := service.NewRobot{URL: robot.URL, Secret: robot.Secret, Vendor: robot.Vendor}
	if _, err := d.SaveRobot(d.tb.Context(), d.Actor(d.tb, who), d.Departments[department], in, nil); err != nil {
		d.tb.Fatal(err)
	}
}

func (d chatting) choose(who string, in service.MyChannels) {
	d.tb.Helper()
	if err := d.ChooseChannels(d.tb.Context(), d.Actor(d.tb, who), in); err != nil {
		d.tb.Fatal(err)
	}
}

// tick does what comes round every minute, in every process given, and returns
// how many digests were made.
func (d chatting) tick(at string, processes ...*testkit.Service) int {
	d.tb.Helper()
	d.Clock.Set(testkit.Moment(d.tb, at))
	made := 0
	for _, svc := range append(processes, d.Service) {
		svc.Clock.Set(d.Clock.Now())
		n, err := svc.SendDigests(d.tb.Context())
		if err != nil {
			d.tb.Fatal(err)
		}
		made += n
		if _, err := svc.SendWaiting(d.tb.Context()); err != nil {
			d.tb.Fatal(err)
		}
	}
	d.settle()
	return made
}

func (d chatting) quiet(what string) {
	d.tb.Helper()
	d.settle()
	if m, r := d.mail.Waiting(), d.robots.Waiting(); m+r > 0 {
		d.tb.Errorf("%s: %d mails, %d by robots", what, m, r)
	}
}

var (
	all     = service.NoticeChoices{Urgent: store.AtOnce, Todo: store.AtOnce, News: store.AtOnce}
	digests = service.NoticeChoices{Urgent: store.InDigest, Todo: store.InDigest, News: store.InDigest}
	nothing = service.NoticeChoices{Urgent: store.Never, Todo: store.Never, News: store.Never}
)

// TestEachChoosesChannels: by weight and channel; the pages have everything.
func TestEachChoosesChannels(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newChatting(t, cfg, "2023-09-27 10:00")
		ctx, officer := t.Context(), d.Actor(t, "lead-officer")
		if mine, err := d.MyChannels(ctx, officer); err != nil || mine.Mail != all || mine.Robot != all {
			t.Errorf("by default %+v, %v", mine, err)
		}
		d.robot("lead-officer", "", d.robots.Robot(notify.WeCom, "own"))
		chosen := service.MyChannels{
			Mail:  service.NoticeChoices{Urgent: store.AtOnce, Todo: store.Never, News: store.Never},
			Robot: service.NoticeChoices{Urgent: store.Never, Todo: store.AtOnce, News: store.Never},
		}
		d.choose("lead-officer", chosen)
		if mine, err := d.MyChannels(ctx, officer); err != nil || mine != chosen {
			t.Errorf("chosen %+v, %v", mine, err)
		}
		if theirs, err := d.MyChannels(ctx, d.Actor(t, "lead-head")); err != nil || theirs.Mail != all {
			t.Errorf("the head's are %+v, %v", theirs, err)
		}
		d.choose("desk", service.MyChannels{Mail: service.NoticeChoices{Urgent: store.AtOnce, Todo: store.Never, News: store.Never}, Robot: nothing})
		d.choose("lead-head", service.MyChannels{Mail: service.NoticeChoices{Urgent: store.AtOnce, Todo: store.Never, News: store.Never}, Robot: nothing})

		id := d.file(ticket.SubmitInput{})
		d.fire("desk", id, ticket.EventAccept, nil)
		d.fire("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["labour"]})
		if said := d.robots.Next(t); said.Robot != "own" || !strings.Contains(said.Text, "接单") {
			t.Errorf("to do: %+v", said)
		}
		d.fire("lead-officer", id, ticket.EventClaim, nil)
		d.fire("own", id, ticket.EventMessage, ticket.TextInput{Text: "在吗"}) // news
		d.quiet("news that nobody wants")
		d.fire("leader", id, ticket.EventSupervise, ticket.TextInput{Text: "抓紧"})
		to := map[string]bool{d.mail.Next(t).To: true, d.mail.Next(t).To: true}
		if !to["lead-officer@example.com"] || !to["lead-head@example.com"] {
			t.Errorf("a leader's order goes to %v", to)
		}
		d.quiet("what is urgent came by mail alone")
		if n := len(d.notices("lead-officer")); n != 3 {
			t.Errorf("%d on the pages", n)
		}

		// What is urgent reaches an office at least by mail; an enterprise decides
		// for itself.
		for who, want := range map[string]ticket.Code{"desk": ticket.CodeInvalidValue, "leader": ticket.CodeInvalidValue, "own": "", "guest": ""} {
			err := d.ChooseChannels(ctx, d.Actor(t, who), service.MyChannels{Mail: nothing, Robot: nothing})
			if want == "" && err != nil || want != "" && !isCode(err, want) {
				t.Errorf("silence for %s: %v", who, err)
			}
		}
		if err := d.ChooseChannels(ctx, officer, service.MyChannels{Mail: service.NoticeChoices{Urgent: "sometimes"}, Robot: all}); !isCode(err, ticket.CodeInvalidForm) {
			t.Errorf("no choice: %v", err)
		}
	})
}

// TestDigest comes at 8:30 on working days, once, with what waited and what
// presses.
func TestDigest(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newChatting(t, cfg, "2023-09-22 10:00") // a Friday
		second := d.replica(cfg)
		d.serve(second)
		d.choose("desk", service.MyChannels{Mail: digests, Robot: nothing})
		d.choose("desk", service.MyChannels{Mail: digests, Robot: nothing}) // again, to no effect
		id := d.file(ticket.SubmitInput{})
		d.file(ticket.SubmitInput{Title: "没有订单"})
		d.quiet("before the morning")
		for _, at := range []string{"2023-09-22 17:00", "2023-09-23 08:30", "2023-09-24 12:00", "2023-09-25 08:29"} {
			if n := d.tick(at, second); n != 0 {
				t.Errorf("%s: %d digests", at, n)
			}
		}
		d.quiet("before the morning of a working day")

		// An ordinary Monday; two processes.
		if n := d.tick("2023-09-25 08:30", second); n != 1 {
			t.Errorf("%d digests", n)
		}
		l := d.mail.Next(t)
		if l.To != "desk@example.com" || l.Subject != "【吹哨】9月25日早报" {
			t.Errorf("to %s: %s", l.To, l.Subject)
		}
		for _, want := range []string{"手上的诉求：2 件超期，0 件快到期。", "期限是9月22日 16:00，请尽快受理。", "新消息 2 条：", "没有订单", "/tickets/" + id} {
			if !strings.Contains(l.Plain, want) || !strings.Contains(l.HTML, want) {
				t.Errorf("%q is missing in:\n%s", want, l.Plain)
			}
		}
		for _, at := range []string{"2023-09-25 08:31", "2023-09-25 10:00"} {
			if n := d.tick(at, second); n != 0 {
				t.Errorf("%s: %d digests more", at, n)
			}
		}
		d.quiet("the same morning")

		// Nothing is new and nothing presses: none is sent.
		for _, row := range d.worklist("desk") {
			d.fire("desk", row, ticket.EventReject, ticket.RejectInput{ReasonCode: "other", Text: "不归我们管"})
		}
		if err := d.ReadNotices(t.Context(), d.Actor(t, "desk"), nil); err != nil {
			t.Fatal(err)
		}
		d.tick("2023-09-26 08:30", second)
		d.quiet("nothing to tell")

		// What comes at night, before a holiday that is a make-up Saturday's.
		d.Clock.Set(testkit.Moment(t, "2023-09-28 21:00"))
		d.file(ticket.SubmitInput{Title: "夜里的"})
		d.settle()
		for _, at := range []string{"2023-09-29 08:30", "2023-10-02 08:30", "2023-10-06 08:30"} {
			if n := d.tick(at, second); n != 0 {
				t.Errorf("%s, a holiday: %d digests", at, n)
			}
		}
		d.quiet("holidays")
		if n := d.tick("2023-10-07 08:30", second); n != 1 {
			t.Errorf("the make-up Saturday: %d digests", n)
		}
		if l := d.mail.Next(t); l.Subject != "【吹哨】10月7日早报" || !strings.Contains(l.Plain, "夜里的") {
			t.Errorf("%s\n%s", l.Subject, l.Plain)
		}

		// Nobody ran on the morning: it is caught up the same day, once; not at
		// night, when the next will tell.
		d.file(ticket.SubmitInput{Title: "停机前的"})
		d.settle()
		if n := d.tick("2023-10-08 15:20", second); n != 1 {
			t.Errorf("caught up %d digests", n)
		}
		if l := d.mail.Next(t); !strings.Contains(l.Plain, "停机前的") {
			t.Errorf("%s\n%s", l.Subject, l.Plain)
		}
		if n := d.tick("2023-10-09 18:01", second); n != 0 {
			t.Errorf("in the evening %d digests", n)
		}
		d.quiet("in the evening")

		// Who takes everything at once again is told in the morning of what waits.
		d.file(ticket.SubmitInput{Title: "改主意"})
		d.settle()
		d.choose("desk", service.MyChannels{Mail: all, Robot: nothing})
		if n := d.tick("2023-10-10 08:30", second); n != 0 {
			t.Errorf("%d digests for nobody", n)
		}
		if l := d.mail.Next(t); strings.Contains(l.Subject, "早报") || !strings.Contains(l.Plain+l.Subject, "改主意") {
			t.Errorf("%s\n%s", l.Subject, l.Plain)
		}
		d.quiet("at the end")
	})
}

// worklist are the tickets that the desk has to accept.
func (d telling) worklist(who string) []string {
	d.tb.Helper()
	rows, err := d.Worklist(d.tb.Context(), d.Actor(d.tb, who), store.Inbox, service.WorklistFilter{Limit: 100})
	if err != nil {
		d.tb.Fatal(err)
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return ids
}

// TestNightGoesIntoTheDigest of who has one, though it is to come at once; what
// comes up between the digest and the offices' opening waits for that.
func TestNightGoesIntoTheDigest(t *testing.T) {
	d := newChatting(t, testkit.MigratedSQLite(t), "2023-09-25 20:00")
	d.choose("desk", service.MyChannels{Mail: service.NoticeChoices{Urgent: store.AtOnce, Todo: store.AtOnce, News: store.InDigest}, Robot: nothing})
	d.file(ticket.SubmitInput{Title: "夜里的"})
	d.settle()
	d.file(ticket.SubmitInput{Title: "着火了", Urgency: ticket.Urgent})
	if l := d.mail.Next(t); !strings.Contains(l.Subject, "着火了") {
		t.Error(l.Subject)
	}
	d.tick("2023-09-26 08:29")
	d.quiet("before the digest")
	d.tick("2023-09-26 08:30")
	if l := d.mail.Next(t); !strings.Contains(l.Subject, "早报") || !strings.Contains(l.Plain, "夜里的") {
		t.Error(l.Subject)
	}
	d.Clock.Set(testkit.Moment(t, "2023-09-26 08:40"))
	d.file(ticket.SubmitInput{Title: "一早的"})
	d.settle()
	d.tick("2023-09-26 08:59")
	d.quiet("before the offices open")
	d.tick("2023-09-26 09:00")
	if l := d.mail.Next(t); !strings.Contains(l.Subject, "一早的") {
		t.Error(l.Subject)
	}
}

// TestRobotOfAnOffice tells the group once what several of the department hear,
// nothing of what is confidential, and speaks once a minute.
func TestRobotOfAnOffice(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newChatting(t, cfg, "2023-09-27 10:00")
		for _, who := range []string{"desk", "lead-officer", "lead-head"} {
			d.choose(who, service.MyChannels{Mail: service.NoticeChoices{Urgent: store.InDigest, Todo: store.Never, News: store.Never}, Robot: nothing})
		}
		d.robot("lead-head", "labour", d.robots.Robot(notify.DingTalk, "labour"))
		dispatch := func(title string, secret bool) string {
			t.Helper()
			id := d.file(ticket.SubmitInput{Title: title, Confidential: secret})
			d.fire("desk", id, ticket.EventAccept, nil)
			d.fire("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["labour"]})
			d.settle()
			return id
		}
		id := dispatch("招不到工人", false)
		said := d.robots.Next(t)
		for _, want := range []string{"2023-000001 招不到工人", "甲科技有限公司", "接单", "https://whistle.example.com/tickets/" + id} {
			if !strings.Contains(said.Text, want) {
				t.Errorf("%q is missing in:\n%s", want, said.Text)
			}
		}
		if n := strings.Count(said.Text, "招不到工人"); n != 1 {
			t.Errorf("three hear of it, and the group %d times", n)
		}
		dispatch("独家配方", true)
		dispatch("缺电", false)
		d.quiet("within the minute")
		d.tick("2023-09-27 10:01")
		said = d.robots.Next(t)
		if strings.Contains(said.Text, "独家配方") || strings.Count(said.Text, "甲科技有限公司") != 1 || !strings.Contains(said.Text, "2023-000002") || !strings.Contains(said.Text, "保密诉求") || !strings.Contains(said.Text, "缺电") {
			t.Errorf("the group reads:\n%s", said.Text)
		}
		d.quiet("all was said")

		// News wait for the morning, when it is also said what presses.
		d.fire("lead-officer", id, ticket.EventClaim, nil)
		d.Clock.Advance(time.Minute)
		d.fire("own", id, ticket.EventMessage, ticket.TextInput{Text: "在吗"})
		d.quiet("news")
		if n := d.tick("2023-09-28 10:30"); n != 4 { // of labour's robot, and of the three whom what is urgent reaches so
			t.Errorf("%d digests", n)
		}
		said = d.robots.Next(t)
		if !strings.Contains(said.Text, "早报") || !strings.Contains(said.Text, "2 件快到期") || strings.Contains(said.Text, "独家配方") || !strings.Contains(said.Text, "缺电") || !strings.Contains(said.Text, "留") {
			t.Errorf("in the morning:\n%s", said.Text)
		}
	})
}

// TestRobotFails: when it is only busy, what it could not say goes out with
// what comes up later; when it cannot work, it is stopped and its keepers are
// told.
func TestRobotFails(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newChatting(t, cfg, "2023-09-27 10:00")
		ctx, head := t.Context(), d.Actor(t, "lead-head")
		labour := d.Departments["labour"]
		d.robot("lead-head", "labour", d.robots.Robot(notify.WeCom, "labour"))
		dispatch := func(title string) {
			t.Helper()
			id := d.file(ticket.SubmitInput{Title: title})
			d.fire("desk", id, ticket.EventAccept, nil)
			d.fire("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: labour})
			d.settle()
		}
		d.robots.Refuse(45009, "api freq out of limit")
		dispatch("第一件")
		view, err := d.Robot(ctx, head, labour)
		if err != nil || view.Failures != 1 || view.StoppedAt != nil || !strings.Contains(view.Failure, "45009") {
			t.Errorf("%+v, %v", view, err)
		}
		d.tick("2023-09-27 10:01")
		dispatch("第二件")
		d.tick("2023-09-27 10:02")
		if n := d.robots.Asked(); n != 2 {
			t.Errorf("asked %d times within a pause", n)
		}
		d.robots.Refuse(0, "")
		d.tick("2023-09-27 10:03")
		if said := d.robots.Next(t); !strings.Contains(said.Text, "第一件") || !strings.Contains(said.Text, "第二件") {
			t.Errorf("later:\n%s", said.Text)
		}
		if view, err := d.Robot(ctx, head, labour); err != nil || view.Failures != 0 || view.Failure != "" {
			t.Errorf("%+v, %v", view, err)
		}

		d.robots.Refuse(93000, "invalid webhook url")
		d.Clock.Set(testkit.Moment(t, "2023-09-27 11:00"))
		dispatch("第三件")
		if view, err = d.Robot(ctx, head, labour); err != nil || view.StoppedAt == nil {
			t.Errorf("%+v, %v", view, err)
		}
		if n := d.notices("lead-head")[0]; n.Kind != "robot" || n.Title != "人社局的群机器人" || n.Path != service.RobotPath(labour) {
			t.Errorf("the head reads %+v", n)
		}
		for _, n := range d.notices("lead-officer") {
			if n.Kind == "robot" {
				t.Errorf("an officer reads %+v", n)
			}
		}
		asked := d.robots.Asked()
		dispatch("第四件")
		d.tick("2023-09-27 12:00")
		if n := d.robots.Asked(); n != asked {
			t.Error("a stopped robot was spoken by")
		}

		// A test tells what the vendor answers, and has it go on.
		answer, err := d.TestRobot(ctx, head, labour)
		if err != nil || answer.OK || answer.Fault != notify.FaultAddress || answer.Code != 93000 || answer.Words != "invalid webhook url" {
			t.Errorf("%+v, %v", answer, err)
		}
		d.robots.Refuse(0, "")
		if _, err := d.TestRobot(ctx, head, labour); !isCode(err, ticket.CodeConflict) {
			t.Errorf("tested twice at once: %v", err)
		}
		d.Clock.Advance(time.Minute)
		if answer, err = d.TestRobot(ctx, head, labour); err != nil || !answer.OK || !strings.Contains(d.robots.Next(t).Text, "可以用了") {
			t.Errorf("%+v, %v", answer, err)
		}
		d.Clock.Set(testkit.Moment(t, "2023-09-27 15:00"))
		dispatch("第五件")
		if said := d.robots.Next(t); !strings.Contains(said.Text, "第五件") {
			t.Errorf("it goes on:\n%s", said.Text)
		}
	})
}

// TestRobotsAreKept: by whom, with what they are refused for, and nothing of
// their secrets in the audit log.
func TestRobotsAreKept(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newChatting(t, cfg, "2023-09-27 10:00")
		ctx, head := t.Context(), d.Actor(t, "lead-head")
		labour := d.Departments["labour"]
		local := d.robots.Robot(notify.Feishu, "abcd1234")
		good := service.NewRobot{URL: local.URL, Secret: "SEC-a-secret", Vendor: notify.Feishu}
		for who, want := range map[string]ticket.Code{"lead-officer": ticket.CodeForbidden, "land-head": ticket.CodeForbidden, "desk": ticket.CodeForbidden, "lead-head": "", "deputy": "", "admin": ""} {
			_, err := d.SaveRobot(ctx, d.Actor(t, who), labour, good, nil)
			_, read := d.Robot(ctx, d.Actor(t, who), labour)
			for _, err := range []error{err, read} {
				if want == "" && err != nil || want != "" && !isCode(err, want) {
					t.Errorf("%s: %v", who, err)
				}
			}
		}
		for _, c := range []struct {
			in     service.NewRobot
			faults string
		}{
			{service.NewRobot{URL: "https://127.0.0.1.example.invalid/x"}, "/url /vendor"},
			{service.NewRobot{URL: local.URL}, "/vendor"},
			{service.NewRobot{URL: "http://10.0.0.1/x", Vendor: notify.WeCom, Secret: "x"}, "/secret /url"},
			{service.NewRobot{URL: "ftp://127.0.0.1/x", Vendor: notify.DingTalk}, "/url"},
			{service.NewRobot{URL: good.URL, Vendor: notify.Feishu}, "/url"}, // labour's already
			{service.NewRobot{}, "/url"},
		} {
			_, err := d.SaveRobot(ctx, d.Actor(t, "land-head"), d.Departments["land"], c.in, nil)
			if got := strings.Join(faultsAt(err), " "); got != c.faults {
				t.Errorf("%+v: %q, %v", c.in, got, err)
			}
		}
		choices := service.NoticeChoices{Urgent: store.Never, Todo: store.InDigest, News: store.Never}
		view, err := d.SaveRobot(ctx, head, labour, service.NewRobot{}, &choices)
		if err != nil || view.Tail != "1234" || !view.Signed || view.Vendor != notify.Feishu || view.Choices != choices {
			t.Errorf("%+v, %v", view, err)
		}
		if err := d.RemoveRobot(ctx, head, labour); err != nil {
			t.Fatal(err)
		}
		if view, err := d.Robot(ctx, head, labour); err != nil || view != nil {
			t.Errorf("%+v, %v", view, err)
		}
		if err := d.RemoveRobot(ctx, head, labour); !isCode(err, ticket.CodeNotFound) {
			t.Errorf("there is none: %v", err)
		}
		entries, err := d.AuditLog(ctx, d.Actor(t, "admin"), service.AuditFilter{Subject: "robot"})
		if err != nil || len(entries) != 5 {
			t.Fatalf("%+v, %v", entries, err)
		}
		for _, e := range entries {
			if strings.Contains(e.Before+e.After, "SEC-a-secret") || strings.Contains(e.Before+e.After, "abcd") {
				t.Errorf("the audit log tells %+v", e)
			}
		}
	})
}
