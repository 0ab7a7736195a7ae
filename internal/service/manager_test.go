package service_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// now is one of the people as they are today, whatever was assigned since.
func (o *agency) now(who string) ticket.Actor {
	o.tb.Helper()
	assignments, err := o.Store.Assignments(o.tb.Context(), o.Users[who].ID)
	if err != nil {
		o.tb.Fatal(err)
	}
	return directory.ActorOf(o.Users[who], assignments, worktime.DateOf(o.Clock.Now().In(o.Zone())))
}

func (o *agency) manages(who string) []string { return o.now(who).Manages }

func pointersOf(err error) []string {
	var known *ticket.Error
	if !errors.As(err, &known) {
		return nil
	}
	at := []string{}
	for _, f := range known.Fields {
		at = append(at, f.Pointer)
	}
	slices.Sort(at)
	return at
}

// A manager's enterprises go to another from a day on, with their open tickets:
// once, however often that is asked.
func TestHandover(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		ctx, own := t.Context(), o.Enterprises["own"]
		id := o.files("缺人")
		day := worktime.Date{Year: 2023, Month: 9, Day: 20}
		in := service.NewHandover{ToUserID: o.Users["tax-officer"].ID, FromDate: &day, Note: "材料在三号柜"}
		from := o.Users["manager"].ID
		if _, err := o.HandOver(ctx, o.Actor(t, "tax-head"), from, in); ticketCode(err) != ticket.CodeForbidden {
			t.Errorf("a head hands over: %v", err)
		}
		if _, err := o.HandOver(ctx, o.Actor(t, "own"), from, in); ticketCode(err) != ticket.CodeNotFound {
			t.Errorf("an enterprise hands over: %v", err)
		}
		before, err := o.Manager(ctx, o.Actor(t, "desk"), from, day)
		if err != nil || len(before.Enterprises) != 1 || before.Open.Count != 1 {
			t.Fatalf("what goes along: %+v, %v", before, err)
		}
		for range 2 {
			made, err := o.HandOver(ctx, o.Actor(t, "desk"), from, in)
			if err != nil {
				t.Fatal(err)
			}
			if len(made) > 0 && (made[0].Part != directory.Guide || made[0].FromDate != day || made[0].TargetID != own) {
				t.Errorf("made %+v", made)
			}
		}
		all, err := o.Assignments(ctx, ticket.System, service.AssignmentFilter{Kind: directory.ManagerOf})
		if err != nil || len(all) != 2 {
			t.Fatalf("%d assignments, %v", len(all), err)
		}
		if !slices.Equal(o.manages("manager"), []string{own}) || len(o.manages("tax-officer")) != 0 {
			t.Error("it holds before its day")
		}
		told, err := o.Notices(ctx, o.now("tax-officer"), service.NoticeFilter{Unread: true})
		if err != nil || len(told) != 1 || told[0].Text != "manager服务的 1 家企业从9月20日起移交给您" || told[0].Path != "/looked-after" {
			t.Errorf("told %+v, %v", told, err)
		}
		if n, err := o.UnreadNotices(ctx, o.now("tax-officer")); n != 1 || err != nil {
			t.Errorf("%d unread, %v", n, err)
		}
		o.Clock.Set(day.In(o.Zone()).Add(9 * time.Hour))
		if len(o.manages("manager")) != 0 || !slices.Equal(o.manages("tax-officer"), []string{own}) {
			t.Error("it does not hold on its day")
		}
		if _, err := o.Ticket(ctx, o.now("manager"), id); ticketCode(err) != ticket.CodeNotFound {
			t.Errorf("the old manager still finds the ticket: %v", err)
		}
		if _, err := o.Ticket(ctx, o.now("tax-officer"), id); err != nil {
			t.Errorf("the new one does not: %v", err)
		}
		p, err := o.EnterprisePage(ctx, o.now("desk"), own, text.Chinese)
		if err != nil {
			t.Fatal(err)
		}
		var befell []string
		for _, e := range p.Timeline {
			befell = append(befell, e.Text+"|"+e.Note)
		}
		if want := []string{"指导员由manager换成tax-officer|材料在三号柜", "提出诉求：缺人|", "manager开始任指导员|"}; !slices.Equal(befell, want) {
			t.Errorf("the timeline: %q", befell)
		}
		theirs, err := o.EnterprisePage(ctx, o.now("own"), own, text.Chinese)
		if err != nil || theirs.Plan != nil || strings.Contains(theirs.Timeline[0].Note, "三号柜") {
			t.Errorf("the enterprise reads %+v, %v", theirs, err)
		}
	})
}

// Every fault of a hand-over at once, at its field; and nothing is moved.
func TestHandoverIsAllOrNothing(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		ctx, desk, from := t.Context(), o.Actor(t, "desk"), o.Users["manager"].ID
		yesterday := worktime.Date{Year: 2023, Month: 9, Day: 17}
		both, err := o.CreateAssignments(ctx, desk,
			service.NewAssignment{Kind: directory.ManagerOf, UserID: from, TargetID: o.Enterprises["other"], Part: directory.Contact},
			service.NewAssignment{Kind: directory.ManagerOf, UserID: o.Users["tax-head"].ID, TargetID: o.Enterprises["other"], Part: directory.Guide},
		)
		if err != nil || len(both) != 2 {
			t.Fatal(err)
		}
		for _, c := range []struct {
			in   service.NewHandover
			want []string
		}{
			{service.NewHandover{}, []string{"/to_user_id"}},
			{service.NewHandover{ToUserID: from, FromDate: &yesterday}, []string{"/from_date", "/to_user_id"}},
			{service.NewHandover{ToUserID: "nobody", EnterpriseIDs: []string{o.Enterprises["own"], "nothing"}}, []string{"/enterprise_ids/1", "/to_user_id"}},
			{service.NewHandover{ToUserID: o.Users["admin"].ID}, []string{"/to_user_id"}},
			{service.NewHandover{ToUserID: o.Users["own"].ID}, []string{"/to_user_id"}},
			{service.NewHandover{ToUserID: o.Users["tax-head"].ID}, []string{"/to_user_id"}}, // looks after one of them already
		} {
			if _, err := o.HandOver(ctx, desk, from, c.in); !slices.Equal(pointersOf(err), c.want) {
				t.Errorf("%+v: faults at %v, want %v", c.in, pointersOf(err), c.want)
			}
		}
		if n := len(o.manages("manager")); n != 2 {
			t.Errorf("%d are left with the manager", n)
		}
		// Some of them, and one that begins on the very day: it never came to be.
		made, err := o.HandOver(ctx, desk, from, service.NewHandover{ToUserID: o.Users["tax-head"].ID, EnterpriseIDs: []string{o.Enterprises["own"]}})
		if err != nil || len(made) != 1 || !slices.Equal(o.manages("manager"), []string{o.Enterprises["other"]}) {
			t.Errorf("made %+v, %v; left %v", made, err, o.manages("manager"))
		}
		// Of many, the faults say which.
		_, err = o.CreateAssignments(ctx, desk,
			service.NewAssignment{Kind: directory.ManagerOf, UserID: o.Users["land-head"].ID, TargetID: o.Enterprises["own"], Part: directory.Guide},
			service.NewAssignment{Kind: directory.ManagerOf, UserID: o.Users["land-head"].ID, TargetID: o.Enterprises["own"], Part: "friend"},
		)
		if want := []string{"/1/from_date", "/1/part"}; !slices.Equal(pointersOf(err), want) || len(o.manages("land-head")) != 0 {
			t.Errorf("faults at %v, want %v", pointersOf(err), want)
		}
	})
}

// onRoster gives both enterprises credit codes.
func (o *agency) onRoster() {
	o.tb.Helper()
	for code, credit := range map[string]string{"own": "91320191MA1ML4CL25", "other": "91320191MA1ML4CL38"} {
		_, err := o.Service.Enterprises().Change(o.tb.Context(), ticket.System, o.Enterprises[code], func(e *directory.Enterprise) error {
			e.CreditCode = credit
			return nil
		})
		if err != nil {
			o.tb.Fatal(err)
		}
	}
}

// gap lists the roster's enterprises by how they are covered.
func (o *agency) gap(c directory.Coverage) []string {
	o.tb.Helper()
	all, err := o.Service.Enterprises().List(o.tb.Context(), o.Actor(o.tb, "desk"), service.EntryFilter{Coverage: c})
	if err != nil {
		o.tb.Fatal(err)
	}
	var names []string
	for _, e := range all {
		names = append(names, e.Name)
	}
	return names
}

// The roster is covered by those in force today, and each gap opens to the
// enterprises that it counts; a load counts what the reader sees.
func TestManagersAndGaps(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		ctx, desk := t.Context(), o.Actor(t, "desk")
		nothing, err := o.ManagerCoverage(ctx, desk, service.ManagerFilter{})
		if err != nil || nothing.Covered.Percent() != "" {
			t.Errorf("a roster of nobody: %+v, %v", nothing, err)
		}
		o.onRoster()
		o.files("缺人")
		covered, err := o.ManagerCoverage(ctx, desk, service.ManagerFilter{PlaceID: o.Places["town"]})
		if want := (service.ManagerCoverage{Covered: figures.Ratio{Numerator: 1, Denominator: 2}, Uncovered: 1, WithoutGuide: 1, WithoutContact: 2}); err != nil || *covered != want {
			t.Errorf("covered %+v, %v", covered, err)
		}
		own, other := "甲科技有限公司", "乙农业合作社"
		for c, want := range map[directory.Coverage][]string{
			directory.OnRoster: {other, own}, directory.Covered: {own}, directory.Uncovered: {other}, directory.WithoutGuide: {other}, directory.WithoutContact: {other, own},
		} {
			if got := o.gap(c); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", c, got, want)
			}
		}
		if chips, err := o.ManagerCoverage(ctx, desk, service.ManagerFilter{ChainID: o.Chains["chips"]}); err != nil || chips.Covered != (figures.Ratio{Numerator: 1, Denominator: 1}) {
			t.Errorf("of the chain %+v, %v", chips, err)
		}
		for who, want := range map[string]int{"desk": 1, "leader": 1, "tax-head": 0} { // the head's department sees no ticket
			loads, err := o.Managers(ctx, o.Actor(t, who), service.ManagerFilter{})
			if err != nil || len(loads) != 1 || loads[0].Count != want || loads[0].Guide != 1 || loads[0].Contact != 0 {
				t.Errorf("%s reads %+v, %v", who, loads, err)
			}
		}
		if loads, err := o.Managers(ctx, o.Actor(t, "lead-head"), service.ManagerFilter{DepartmentID: o.Departments["tax"]}); err != nil || len(loads) > 0 {
			t.Errorf("another head reads %+v, %v", loads, err)
		}
		// Page by page they come once each.
		if _, err := o.CreateAssignment(ctx, desk, service.NewAssignment{Kind: directory.ManagerOf, UserID: o.Users["land-officer"].ID, TargetID: o.Enterprises["other"], Part: directory.Contact}); err != nil {
			t.Fatal(err)
		}
		first, err := o.Managers(ctx, desk, service.ManagerFilter{Limit: 1})
		if err != nil || len(first) != 1 {
			t.Fatal(first, err)
		}
		after := first[0].Position()
		second, err := o.Managers(ctx, desk, service.ManagerFilter{After: &after})
		if err != nil || len(second) != 1 || first[0].Name != "manager" || second[0].Name != "land-officer" {
			t.Errorf("then %+v, %v", second, err)
		}
	})
}

// What is planned is written over what was read, and told who else did.
func TestServicePlan(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		ctx, own := t.Context(), o.Enterprises["own"]
		for who, want := range map[string]ticket.Code{
			"own": ticket.CodeForbidden, "stranger": ticket.CodeNotFound, "admin": ticket.CodeNotFound, "guest": ticket.CodeNotFound,
			"leader": ticket.CodeForbidden, "lead-head": ticket.CodeForbidden,
		} {
			if _, err := o.SavePlan(ctx, o.Actor(t, who), own, nil, service.NewServicePlan{Words: "不该写进去"}); ticketCode(err) != want {
				t.Errorf("%s: %v", who, err)
			}
		}
		var none time.Time
		first, err := o.SavePlan(ctx, o.Actor(t, "manager"), own, &none, service.NewServicePlan{Words: " 先解决用工 "})
		if err != nil || first.Words != "先解决用工" {
			t.Fatal(first, err)
		}
		_, err = o.SavePlan(ctx, o.Actor(t, "desk"), own, &none, service.NewServicePlan{Words: "另写一份"})
		var stale *service.Stale
		if !errors.As(err, &stale) || len(stale.Changes) != 1 || stale.Changes[0].ActorID != o.Users["manager"].ID {
			t.Errorf("over another's: %v", err)
		}
		if _, err := o.SavePlan(ctx, o.Actor(t, "desk"), own, &first.UpdatedAt, service.NewServicePlan{Words: strings.Repeat("长", 10001)}); !slices.Equal(pointersOf(err), []string{"/words"}) {
			t.Errorf("too long: %v", err)
		}
		p, err := o.EnterprisePage(ctx, o.Actor(t, "leader"), own, text.Chinese)
		if err != nil || p.Plan.Words != "先解决用工" || p.Plan.May || p.Names.Of(p.Plan.UpdatedBy) != "manager" {
			t.Errorf("the leader reads %+v, %v", p.Plan, err)
		}
		log, err := o.AuditLog(ctx, ticket.System, service.AuditFilter{Subject: "service_plan", SubjectID: own})
		if err != nil || len(log) != 1 {
			t.Errorf("%d changes kept, %v", len(log), err)
		}
	})
}

// Who looks after whom comes from a table: again it changes nothing, and every
// fault stands at its row.
func TestImportManagers(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		o.onRoster()
		const table = "企业,用户名,职责,开始日期,结束日期\n" +
			"甲科技有限公司,tax-officer,联络员,2023-09-01,\n" +
			"91320191MA1ML4CL38,land-officer,指导员,,2023-12-31\n"
		for _, want := range []string{"2 0 0 0", "0 0 2 0"} {
			if got := counts(importInto(t, o.Service.Service, service.ImportManagers, table)); got != want {
				t.Errorf("imported %s, want %s", got, want)
			}
		}
		longer := strings.Replace(table, "2023-09-01,", "2023-09-01,2024-01-31", 1)
		if got := counts(importInto(t, o.Service.Service, service.ImportManagers, longer)); got != "0 1 1 0" {
			t.Errorf("changed %s", got)
		}
		bad := importInto(t, o.Service.Service, service.ImportManagers, table+
			"丙,land-officer,指导员,,\n"+"甲科技有限公司,nobody,朋友,昨天,\n"+"甲科技有限公司,own,指导员,,\n"+"甲科技有限公司,tax-officer,指导员,2023-10-01,2023-09-01\n")
		if want := []string{"4 企业", "5 用户名", "5 职责", "5 开始日期", "6 用户名", "7 结束日期"}; !slices.Equal(faultsOf(bad), want) || bad.Applied {
			t.Errorf("faults %q", faultsOf(bad))
		}
	})
}
