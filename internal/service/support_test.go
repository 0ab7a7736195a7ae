package service_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/alliance"
	"whistle/internal/directory"
	"whistle/internal/phrase"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/support"
	"whistle/internal/tabular"
	"whistle/internal/testkit"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// supportOnBoth runs a test in a small district, against each database.
func supportOnBoth(t *testing.T, test func(t *testing.T, d *testkit.District)) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		test(t, testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00")))
	})
}

func dayOf(text string) *worktime.Date {
	day, err := worktime.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return &day
}

// measure is a policy resource of the department of labour that fits the own
// enterprise by its chain.
func measure(t *testing.T, d *testkit.District, change func(p *support.PolicyResource)) support.PolicyResource {
	t.Helper()
	p := support.PolicyResource{
		Code: "M1", Name: "稳岗补贴", Document: "人社〔2023〕1 号", DepartmentID: d.Departments["labour"], Gives: "每人 500 元。",
		ValidTo: dayOf("2024-12-31"), Chains: []string{d.Chains["chips"]}, Categories: []string{"labour"},
	}
	if change != nil {
		change(&p)
	}
	return take[support.PolicyResource](t)(d.PolicyResources().Create(t.Context(), d.Actor(t, "desk"), p))
}

func sayIn(l text.Language, p phrase.Phrase) string {
	return l.Say(p, func(at time.Time) string { return at.String() })
}

// TestSupportFromProposalToPayout: what fits is proposed with its reason, a
// person decides, the department delivers, and the totals show it.
func TestSupportFromProposalToPayout(t *testing.T) {
	supportOnBoth(t, func(t *testing.T, d *testkit.District) {
		ctx, own := t.Context(), d.Enterprises["own"]
		p := measure(t, d, nil)
		measure(t, d, func(p *support.PolicyResource) { p.Code, p.ValidTo = "M2", dayOf("2023-09-26") })
		measure(t, d, func(p *support.PolicyResource) { p.Code, p.Tags = "M3", []string{"龙头"} })

		found := take[[]service.PolicyProposal](t)(d.PoliciesFor(ctx, d.Actor(t, "own"), own))
		if len(found) != 1 || found[0].Policy.ID != p.ID {
			t.Fatalf("proposed: %v", found)
		}
		if zh, en := sayIn(text.Chinese, found[0].Reason), sayIn(text.English, found[0].Reason); zh != "符合：集成电路；有效期至 2024-12-31" || en != "fits: 集成电路; valid till 2024-12-31" {
			t.Errorf("the reason is %q, %q", zh, en)
		}
		if _, err := d.PoliciesFor(ctx, d.Actor(t, "stranger"), own); ticketCode(err) != ticket.CodeNotFound {
			t.Errorf("another enterprise asks: %v", err)
		}

		accepted := take[support.Service](t)(d.AddService(ctx, d.Actor(t, "desk"), service.NewService{EnterpriseID: own, PolicyID: p.ID, State: "accepted", DueOn: dayOf("2023-10-31")}))
		if accepted.DepartmentID != d.Departments["labour"] || accepted.DecidedBy != d.Users["desk"].ID || accepted.DecidedAt == nil {
			t.Errorf("accepted: %+v", accepted)
		}
		if left := take[[]service.PolicyProposal](t)(d.PoliciesFor(ctx, d.Actor(t, "desk"), own)); len(left) != 0 {
			t.Errorf("still proposed: %v", left)
		}
		_, err := d.AddService(ctx, d.Actor(t, "desk"), service.NewService{EnterpriseID: own, PolicyID: p.ID, State: "accepted"})
		refused(t, err, ticket.CodeInvalidValue, "/policy_resource_id")

		_, err = d.DeliverService(ctx, d.Actor(t, "desk"), accepted.ID, service.Delivery{}, time.Time{})
		refused(t, err, ticket.CodeForbidden)
		_, err = d.DeliverService(ctx, d.Actor(t, "fire-head"), accepted.ID, service.Delivery{}, time.Time{})
		refused(t, err, ticket.CodeForbidden)
		_, err = d.DeliverService(ctx, d.Actor(t, "lead-officer"), accepted.ID, service.Delivery{DeliveredOn: dayOf("2023-09-28"), AmountFen: -1}, time.Time{})
		refused(t, err, ticket.CodeInvalidValue, "/delivered_on", "/amount_fen")
		_, err = d.DeliverService(ctx, d.Actor(t, "lead-officer"), accepted.ID, service.Delivery{}, accepted.UpdatedAt.Add(-time.Hour))
		if stale := (*service.Stale)(nil); !errors.As(err, &stale) {
			t.Errorf("delivered over another's change: %v", err)
		}
		done := take[support.Service](t)(d.DeliverService(ctx, d.Actor(t, "lead-officer"), accepted.ID, service.Delivery{AmountFen: 12_340_000}, accepted.UpdatedAt))
		if done.State != support.Delivered || done.DeliveredOn.String() != "2023-09-27" || done.DeliveredBy != d.Users["lead-officer"].ID || sayIn(text.Chinese, done.Why) != "符合：集成电路；有效期至 2024-12-31" {
			t.Errorf("delivered: %+v", done)
		}
		_, err = d.DecideService(ctx, d.Actor(t, "desk"), accepted.ID, service.ServiceDecision{Reason: "不办了"}, time.Time{})
		refused(t, err, ticket.CodeConflict)

		for who, want := range map[string]bool{"leader": true, "tax-officer": true, "own": false, "guest": false} {
			totals, err := d.SupportTotals(ctx, d.Actor(t, who), worktime.Date{}, worktime.Date{})
			if !want {
				refused(t, err, ticket.CodeForbidden)
				continue
			}
			if err != nil || totals.Total.AmountFen != 12_340_000 || totals.Total.Delivered != 1 || totals.Enterprises != 1 || len(totals.ByPolicy) != 1 || totals.ByDepartment[0].Key != d.Departments["labour"] {
				t.Errorf("%s reads %+v, %v", who, totals, err)
			}
		}
		before := take[*service.SupportTotals](t)(d.SupportTotals(ctx, d.Actor(t, "leader"), *dayOf("2023-01-01"), *dayOf("2023-09-26")))
		if before.Total.Delivered != 0 || before.Total.AmountFen != 0 || len(before.ByPolicy) != 0 {
			t.Errorf("the day before: %+v", before)
		}
	})
}

// TestSupportDecisions: who may decide, and what declining asks.
func TestSupportDecisions(t *testing.T) {
	supportOnBoth(t, func(t *testing.T, d *testkit.District) {
		ctx, own := t.Context(), d.Enterprises["own"]
		p := measure(t, d, nil)
		_, err := d.AddService(ctx, d.Actor(t, "desk"), service.NewService{EnterpriseID: own, PolicyID: p.ID, State: "declined"})
		refused(t, err, ticket.CodeInvalidValue, "/reason")
		proposed := take[support.Service](t)(d.AddService(ctx, d.Actor(t, "manager"), service.NewService{EnterpriseID: own, PolicyID: p.ID}))
		for _, who := range []string{"own", "leader", "fire-head"} {
			_, err := d.DecideService(ctx, d.Actor(t, who), proposed.ID, service.ServiceDecision{Accept: true}, time.Time{})
			refused(t, err, ticket.CodeForbidden)
		}
		_, err = d.DecideService(ctx, d.Actor(t, "stranger"), proposed.ID, service.ServiceDecision{Accept: true}, time.Time{})
		refused(t, err, ticket.CodeNotFound)
		_, err = d.DeliverService(ctx, d.Actor(t, "lead-head"), proposed.ID, service.Delivery{}, time.Time{})
		refused(t, err, ticket.CodeConflict)
		accepted := take[support.Service](t)(d.DecideService(ctx, d.Actor(t, "lead-head"), proposed.ID, service.ServiceDecision{Accept: true, DueOn: dayOf("2023-11-01")}, time.Time{}))
		if accepted.State != support.Accepted || accepted.DecidedBy != d.Users["lead-head"].ID || accepted.ProposedBy != d.Users["manager"].ID {
			t.Errorf("accepted: %+v", accepted)
		}
		declined := take[support.Service](t)(d.DecideService(ctx, d.Actor(t, "manager"), proposed.ID, service.ServiceDecision{Reason: "企业不需要"}, time.Time{}))
		if declined.State != support.Declined || declined.Reason != "企业不需要" {
			t.Errorf("declined: %+v", declined)
		}
		again := take[support.Service](t)(d.AddService(ctx, d.Actor(t, "desk"), service.NewService{EnterpriseID: own, PolicyID: p.ID, State: "accepted"}))
		if again.ID == declined.ID {
			t.Error("what was declined came back")
		}
	})
}

// TestPolicyResourcesAreKept by the desk and the head of the department alone.
func TestPolicyResourcesAreKept(t *testing.T) {
	supportOnBoth(t, func(t *testing.T, d *testkit.District) {
		ctx := t.Context()
		p := measure(t, d, nil)
		for who, want := range map[string]ticket.Code{
			"desk": "", "admin": "", "lead-head": "", "deputy": "", "lead-officer": ticket.CodeForbidden, "fire-head": ticket.CodeForbidden, "own": ticket.CodeForbidden, "leader": ticket.CodeForbidden,
		} {
			_, err := d.PolicyResources().Change(ctx, d.Actor(t, who), p.ID, func(p *support.PolicyResource) error {
				p.Gives = "由 " + who + " 改"
				return nil
			})
			if ticketCode(err) != want {
				t.Errorf("%s changes it: %v", who, err)
			}
		}
		_, err := d.PolicyResources().Change(ctx, d.Actor(t, "lead-head"), p.ID, func(p *support.PolicyResource) error {
			p.DepartmentID = d.Departments["fire"]
			return nil
		})
		refused(t, err, ticket.CodeForbidden)
		_, err = d.PolicyResources().Create(ctx, d.Actor(t, "desk"), support.PolicyResource{
			Code: "M1", Name: "又一条", Gives: "钱", DepartmentID: "nowhere", ValidFrom: dayOf("2023-02-01"), ValidTo: dayOf("2023-01-01"),
			Chains: []string{d.Chains["chips"], "none"}, Places: []string{"none"}, Categories: []string{"none"}, Kinds: []string{"bank"}, Tags: []string{""},
		})
		refused(t, err, ticket.CodeInvalidValue, "/code", "/department_id", "/valid_to", "/chains/1", "/places/0", "/categories/0", "/kinds/0", "/tags/0")

		measure(t, d, func(p *support.PolicyResource) { p.Code, p.ValidTo = "M2", dayOf("2023-10-20") })
		measure(t, d, func(p *support.PolicyResource) { p.Code, p.ValidTo = "M3", dayOf("2023-09-01") })
		measure(t, d, func(p *support.PolicyResource) { p.Code, p.ValidTo, p.Orderable = "M4", nil, true })
		for filter, want := range map[service.SupportFilter]string{
			{}: "M1 M2 M3 M4", {Holding: true}: "M1 M2 M4", {Expiring: true}: "M2", {Orderable: true}: "M4",
		} {
			var codes []string
			for _, p := range take[[]support.PolicyResource](t)(d.PolicyResources().List(ctx, d.Actor(t, "own"), service.EntryFilter{Support: filter})) {
				codes = append(codes, p.Code)
			}
			if got := strings.Join(codes, " "); got != want {
				t.Errorf("%+v leaves %s, want %s", filter, got, want)
			}
		}
	})
}

// TestConfidentialNeedsAndServices: what is linked to a confidential ticket is
// not there for whoever does not see it, nor counted for them.
func TestConfidentialNeedsAndServices(t *testing.T) {
	supportOnBoth(t, func(t *testing.T, d *testkit.District) {
		ctx, own := t.Context(), d.Enterprises["own"]
		p := measure(t, d, nil)
		for _, secret := range []bool{false, true} {
			filed := take[*ticket.Ticket](t)(d.File(ctx, d.Actor(t, "own"), ticket.SubmitInput{EnterpriseID: own, Title: "事项", Description: "内容", Category: "labour", Confidential: secret}))
			take[support.Need](t)(d.AddNeed(ctx, d.Actor(t, "desk"), service.NewNeed{EnterpriseID: own, TicketID: filed.ID, Category: "labour", Text: "要人"}))
			v := take[support.Service](t)(d.AddService(ctx, d.Actor(t, "desk"), service.NewService{EnterpriseID: own, PolicyID: p.ID, TicketID: filed.ID, State: "declined", Reason: "不合适"}))
			if got := sayIn(text.Chinese, v.Why); got != "符合：用工、集成电路；有效期至 2024-12-31" {
				t.Errorf("the reason is %q", got)
			}
			if secret {
				_, err := d.AddNeed(ctx, d.Actor(t, "tax-officer"), service.NewNeed{EnterpriseID: own, TicketID: filed.ID, Category: "labour", Text: "要人"})
				refused(t, err, ticket.CodeNotFound)
			}
			_, err := d.AddNeed(ctx, d.Actor(t, "desk"), service.NewNeed{EnterpriseID: d.Enterprises["other"], TicketID: filed.ID, Category: "labour", Text: "要人"})
			refused(t, err, ticket.CodeInvalidValue, "/ticket_id")
		}
		for who, want := range map[string]int{"desk": 2, "leader": 2, "own": 2, "manager": 1, "tax-officer": 1, "admin": 1, "stranger": 0, "guest": 0} {
			needs := take[[]support.Need](t)(d.Needs().List(ctx, d.Actor(t, who), service.EntryFilter{}))
			services := take[[]support.Service](t)(d.Services().List(ctx, d.Actor(t, who), service.EntryFilter{}))
			if len(needs) != want || len(services) != want {
				t.Errorf("%s reads %d needs and %d services, want %d", who, len(needs), len(services), want)
			}
			if totals, err := d.SupportTotals(ctx, d.Actor(t, who), worktime.Date{}, worktime.Date{}); err == nil && (totals.Needs["open"] != want || totals.Services["declined"] != want) {
				t.Errorf("%s is counted %v, %v", who, totals.Needs, totals.Services)
			}
		}
	})
}

// TestNeeds: from a ticket or written, and what becomes of them.
func TestNeeds(t *testing.T) {
	supportOnBoth(t, func(t *testing.T, d *testkit.District) {
		ctx := t.Context()
		need := take[support.Need](t)(d.AddNeed(ctx, d.Actor(t, "own"), service.NewNeed{Category: "funding", Text: "缺周转资金"}))
		if need.EnterpriseID != d.Enterprises["own"] || need.State != support.NeedOpen || need.WrittenBy != d.Users["own"].ID {
			t.Errorf("written: %+v", need)
		}
		_, err := d.AddNeed(ctx, d.Actor(t, "own"), service.NewNeed{EnterpriseID: d.Enterprises["other"], Category: "funding", Text: "缺"})
		refused(t, err, ticket.CodeNotFound)
		_, err = d.AddNeed(ctx, d.Actor(t, "leader"), service.NewNeed{EnterpriseID: d.Enterprises["own"], Category: "funding", Text: "缺"})
		refused(t, err, ticket.CodeForbidden)
		_, err = d.AddNeed(ctx, d.Actor(t, "desk"), service.NewNeed{EnterpriseID: d.Enterprises["own"], Category: "weather", Text: "晴"})
		refused(t, err, ticket.CodeInvalidValue, "/category")
		_, err = d.DecideNeed(ctx, d.Actor(t, "desk"), need.ID, service.NeedDecision{State: support.NeedDropped}, time.Time{})
		refused(t, err, ticket.CodeInvalidValue, "/reason")
		met := take[support.Need](t)(d.DecideNeed(ctx, d.Actor(t, "manager"), need.ID, service.NeedDecision{State: support.NeedMet}, time.Time{}))
		if met.State != support.NeedMet || met.DecidedBy != d.Users["manager"].ID || met.DecidedAt == nil {
			t.Errorf("met: %+v", met)
		}
	})
}

// TestOrders: an order is a ticket that the desk is proposed to dispatch to the
// department which answers for the service, before all others.
func TestOrders(t *testing.T) {
	supportOnBoth(t, func(t *testing.T, d *testkit.District) {
		ctx := t.Context()
		p := measure(t, d, func(p *support.PolicyResource) { p.Orderable, p.AnswerID = true, d.Departments["water"] })
		closed := measure(t, d, func(p *support.PolicyResource) { p.Code = "M2" })
		filed := take[*ticket.Ticket](t)(d.Order(ctx, d.Actor(t, "own"), p.ID, service.NewOrder{Text: "请上门讲解"}))
		if filed.Source != ticket.SourceOrder || filed.Title != "点单：稳岗补贴" || filed.Category != "labour" || filed.EnterpriseID != d.Enterprises["own"] {
			t.Errorf("ordered: %+v", filed)
		}
		_, err := d.Order(ctx, d.Actor(t, "own"), closed.ID, service.NewOrder{})
		refused(t, err, ticket.CodeConflict)
		_, err = d.Order(ctx, d.Actor(t, "own"), "none", service.NewOrder{})
		refused(t, err, ticket.CodeNotFound)
		_, err = d.Order(ctx, d.Actor(t, "stranger"), p.ID, service.NewOrder{EnterpriseID: d.Enterprises["own"]})
		if err == nil {
			t.Error("one enterprise orders for another")
		}
		desk := d.Actor(t, "desk")
		take[*ticket.Ticket](t)(d.Fire(ctx, desk, filed.ID, service.Command{Event: ticket.EventAccept}))
		proposals := take[*service.Proposals](t)(d.Proposals(ctx, desk, filed.ID))
		first := proposals.Departments[0]
		if first.Department.ID != d.Departments["water"] || first.Reasons[0].Kind != service.ByOrder {
			t.Errorf("proposed first: %+v", first)
		}
		if !slices.ContainsFunc(proposals.Policies, func(one service.PolicyProposal) bool { return one.Policy.ID == p.ID }) {
			t.Errorf("the desk is proposed %v", proposals.Policies)
		}
		of := take[*service.TicketSupport](t)(d.TicketSupport(ctx, desk, filed.ID))
		if of.Ordered == nil || of.Ordered.ID != p.ID {
			t.Errorf("ordered by the ticket: %+v", of.Ordered)
		}
		if _, err := d.TicketSupport(ctx, d.Actor(t, "own"), filed.ID); ticketCode(err) != ticket.CodeNotFound {
			t.Errorf("the enterprise reads the offices' side: %v", err)
		}
		mine := take[*service.EnterpriseSupport](t)(d.EnterpriseSupport(ctx, d.Actor(t, "own"), d.Enterprises["own"]))
		if mine.Ordered[p.ID] != filed.ID || len(mine.Orderable) != 1 {
			t.Errorf("the enterprise sees %+v", mine)
		}
	})
}

// TestImportSupport takes the three lists in, tells every fault at its cell, and
// changes nothing when the same file comes again.
func TestImportSupport(t *testing.T) {
	supportOnBoth(t, func(t *testing.T, d *testkit.District) {
		bring := func(kind service.ImportKind, table string) *service.ImportResult {
			t.Helper()
			from := take[*tabular.Reader](t)(tabular.New("table", strings.NewReader(table), service.ImportColumns(kind)))
			defer from.Close()
			return take[*service.ImportResult](t)(d.Import(t.Context(), d.Actor(t, "admin"), kind, from, service.ImportOptions{}))
		}
		bad := bring(service.ImportPolicyResources, "编码,名称,部门,支持内容,生效日期,截止日期,产业链,企业类型,可点单\nP1,一,人社局,钱,2023-02-01,2023-01-01,集成电路,企业,是\nP1,,气象局,钱,昨天,,农业,银行,也许\n")
		if got := strings.Join(faultsOf(bad), "; "); bad.Applied || got != "2 截止日期; 3 编码; 3 名称; 3 部门; 3 生效日期; 3 产业链; 3 企业类型; 3 可点单" {
			t.Errorf("faults at %s", got)
		}
		policies := "编码,名称,部门,支持内容,生效日期,截止日期,产业链,标签,企业类型,镇街,类别,可点单,点单部门\nP1,稳岗补贴,人社局,钱,2022-01-01,2024-12-31,集成电路,规上、龙头,企业、合作社,桥头镇,用工,是,水务局\n"
		if r := bring(service.ImportPolicyResources, policies); counts(r) != "1 0 0 0" {
			t.Fatalf("%s: %v", counts(r), r.Faults.Err())
		}
		if r := bring(service.ImportPolicyResources, policies); counts(r) != "0 0 1 0" {
			t.Errorf("again: %s", counts(r))
		}
		p := take[[]support.PolicyResource](t)(d.PolicyResources().List(t.Context(), d.Actor(t, "own"), service.EntryFilter{}))[0]
		if p.Answers() != d.Departments["water"] || !slices.Equal(p.Kinds, []string{"company", "cooperative"}) || !slices.Equal(p.Categories, []string{"labour"}) || p.ValidFrom.String() != "2022-01-01" {
			t.Errorf("taken in: %+v", p)
		}

		needs := "企业,类别,需求,状态,原因\n甲科技有限公司,资金,缺钱,,\n乙农业合作社,用工,缺人,不再需要,已招到\n"
		if r := bring(service.ImportNeeds, needs); counts(r) != "2 0 0 0" {
			t.Fatalf("%s: %v", counts(r), r.Faults.Err())
		}
		if r := bring(service.ImportNeeds, strings.Replace(needs, "缺钱,", "缺钱,已解决", 1)); counts(r) != "0 1 1 0" {
			t.Errorf("again: %s", counts(r))
		}
		if r := bring(service.ImportNeeds, "企业,类别,需求,状态\n丙公司,天气,,晴\n甲科技有限公司,资金,缺地,不再需要\n"); strings.Join(faultsOf(r), "; ") != "2 企业; 2 类别; 2 需求; 2 状态; 3 原因" {
			t.Errorf("faults at %v", faultsOf(r))
		}

		services := "企业,政策,状态,兑现日期,兑现金额,原因\n甲科技有限公司,P1,,2023-06-30,287.36 万元,\n乙农业合作社,稳岗补贴,不办,,,不在链上\n乙农业合作社,P1,办理中,,,\n"
		if r := bring(service.ImportServices, services); counts(r) != "3 0 0 0" {
			t.Fatalf("%s: %v", counts(r), r.Faults.Err())
		}
		if r := bring(service.ImportServices, services); counts(r) != "0 0 3 0" {
			t.Errorf("again: %s", counts(r))
		}
		if r := bring(service.ImportServices, "企业,政策,状态,兑现日期,兑现金额\n乙农业合作社,P1,已兑现,2023-07-01,1000 元\n"); counts(r) != "0 1 0 0" {
			t.Errorf("what went on ends: %s, %v", counts(r), r.Faults.Err())
		}
		if r := bring(service.ImportServices, "企业,政策,状态,兑现日期,兑现金额\n甲科技有限公司,P1,已兑现,2023-10-01,1.234\n甲科技有限公司,P9,办理中,2023-01-01,五元\n"); strings.Join(faultsOf(r), "; ") != "2 兑现日期; 2 兑现金额; 3 政策; 3 兑现日期; 3 兑现金额" {
			t.Errorf("faults at %v", faultsOf(r))
		}
		totals := take[*service.SupportTotals](t)(d.SupportTotals(t.Context(), d.Actor(t, "leader"), worktime.Date{}, worktime.Date{}))
		if totals.Total.AmountFen != 287_360_000+100_000 || totals.Total.Delivered != 2 {
			t.Errorf("paid out: %+v", totals.Total)
		}
	})
}

// TestWordsWeigh: a policy resource is proposed before others for what a ticket
// or a need mentions, with that as the reason, and kept with the service.
func TestWordsWeigh(t *testing.T) {
	supportOnBoth(t, func(t *testing.T, d *testkit.District) {
		ctx, own, desk := t.Context(), d.Enterprises["own"], d.Actor(t, "desk")
		measure(t, d, func(p *support.PolicyResource) { p.Code, p.Chains = "M0", nil })
		p := measure(t, d, func(p *support.PolicyResource) {
			p.Code, p.Name, p.Chains, p.Categories, p.ValidTo, p.Words = "M1", "金陵惠企", nil, nil, nil, []string{" 贷款 ", "贴息"}
		})
		_, err := d.PolicyResources().Create(ctx, desk, support.PolicyResource{Code: "M2", Name: "空", Gives: "无", DepartmentID: d.Departments["labour"], Words: []string{"", strings.Repeat("长", 41)}})
		refused(t, err, ticket.CodeInvalidValue, "/words/0", "/words/1")

		first := func(found []service.PolicyProposal) (id, zh, en string) {
			t.Helper()
			if len(found) == 0 {
				t.Fatal("nothing is proposed")
			}
			return found[0].Policy.ID, sayIn(text.Chinese, found[0].Reason), sayIn(text.English, found[0].Reason)
		}
		const zhWant, enWant = "各类企业都可以享受；提到：贷款、贴息；长期有效", "open to every enterprise; mentions: 贷款 and 贴息; valid without an end"
		plain := take[*ticket.Ticket](t)(d.File(ctx, d.Actor(t, "own"), ticket.SubmitInput{EnterpriseID: own, Title: "招不到人", Description: "缺工", Category: "labour"}))
		if id, zh, _ := first(take[*service.TicketSupport](t)(d.TicketSupport(ctx, desk, plain.ID)).Proposals); id == p.ID {
			t.Errorf("proposed though nothing mentions it: %s", zh)
		}
		asking := take[*ticket.Ticket](t)(d.File(ctx, d.Actor(t, "own"), ticket.SubmitInput{EnterpriseID: own, Title: "贷款到期", Description: "能不能贴息", Category: "labour"}))
		of := take[*service.TicketSupport](t)(d.TicketSupport(ctx, desk, asking.ID)).Proposals
		if id, zh, en := first(of); id != p.ID || zh != zhWant || en != enWant || len(of) != 2 {
			t.Errorf("for the ticket: %d, first %q, %q", len(of), zh, en)
		}

		need := take[support.Need](t)(d.AddNeed(ctx, desk, service.NewNeed{EnterpriseID: own, Category: "labour", Text: "贴息、贷款都想了解"}))
		if id, zh, _ := first(take[[]service.PolicyProposal](t)(d.PoliciesFor(ctx, d.Actor(t, "own"), own))); id != p.ID || zh != zhWant {
			t.Errorf("for what the enterprise needs: %q", zh)
		}
		made := take[support.Service](t)(d.AddService(ctx, desk, service.NewService{EnterpriseID: own, PolicyID: p.ID, NeedID: need.ID}))
		if zh := sayIn(text.Chinese, made.Why); zh != zhWant {
			t.Errorf("kept with the service: %q", zh)
		}
	})
}

// TestSecretNeedIsNotQuoted: what a confidential ticket's need says shows in no
// reason that others read.
func TestSecretNeedIsNotQuoted(t *testing.T) {
	supportOnBoth(t, func(t *testing.T, d *testkit.District) {
		ctx, own, desk := t.Context(), d.Enterprises["own"], d.Actor(t, "desk")
		p := measure(t, d, func(p *support.PolicyResource) { p.Words = []string{"改造配方"} })
		secret := take[*ticket.Ticket](t)(d.File(ctx, d.Actor(t, "own"), ticket.SubmitInput{EnterpriseID: own, Title: "改造配方", Description: "内容", Category: "labour", Confidential: true}))
		need := take[support.Need](t)(d.AddNeed(ctx, desk, service.NewNeed{EnterpriseID: own, Category: "labour", Text: "改造配方", TicketID: secret.ID}))
		for who, want := range map[string]bool{"desk": true, "tax-officer": false} {
			found := take[[]service.PolicyProposal](t)(d.PoliciesFor(ctx, d.Actor(t, who), own))
			if got := len(found) == 1 && strings.Contains(sayIn(text.Chinese, found[0].Reason), "改造配方"); got != want || len(found) != 1 {
				t.Errorf("%s reads %v", who, found)
			}
		}
		made := take[support.Service](t)(d.AddService(ctx, desk, service.NewService{EnterpriseID: own, PolicyID: p.ID, NeedID: need.ID}))
		if why := sayIn(text.Chinese, made.Why); strings.Contains(why, "改造配方") {
			t.Errorf("kept with a service that others read: %q", why)
		}
	})
}

// TestExpiryIsWarnedOf: the desk and the heads of the issuing department are
// told once of a last day that is no more than 30 days away, and anew of another.
func TestExpiryIsWarnedOf(t *testing.T) {
	supportOnBoth(t, func(t *testing.T, d *testkit.District) {
		ctx := t.Context()
		p := measure(t, d, func(p *support.PolicyResource) { p.ValidTo = dayOf("2023-12-31") })
		measure(t, d, func(p *support.PolicyResource) { p.Code, p.ValidTo = "M2", nil })
		told := func(who string) (texts []string) {
			t.Helper()
			for _, n := range take[[]service.Notice](t)(d.Notices(ctx, d.Actor(t, who), service.NoticeFilter{Language: text.Chinese})) {
				if n.Kind == "expiry" {
					texts = append(texts, n.Title+" "+n.Text+" "+n.Path)
				}
			}
			return texts
		}
		warn := func(want ...string) {
			t.Helper()
			for range 2 { // as by two processes, or on two nights
				if err := d.WarnOfExpiry(ctx); err != nil {
					t.Fatal(err)
				}
			}
			for who, hears := range map[string]bool{"desk": true, "lead-head": true, "lead-officer": false, "fire-head": false, "own": false, "leader": false} {
				got := told(who)
				slices.Sort(got)
				if hears && !slices.Equal(got, want) || !hears && len(got) > 0 {
					t.Errorf("on %s %s is told %q, want %q", d.Clock.Now(), who, got, want)
				}
			}
		}
		at := func(day string) { d.Clock.Set(dayOf(day).In(d.Zone()).Add(10 * time.Hour)) }
		page := " /support/policies/" + p.ID
		at("2023-11-30")
		warn()
		at("2023-12-01")
		warn("稳岗补贴 这条政策12月31日到期" + page)
		at("2023-12-02")
		warn("稳岗补贴 这条政策12月31日到期" + page)
		take[support.PolicyResource](t)(d.PolicyResources().Change(ctx, d.Actor(t, "lead-head"), p.ID, func(p *support.PolicyResource) error {
			p.ValidTo = dayOf("2024-01-01")
			return nil
		}))
		warn("稳岗补贴 这条政策12月31日到期"+page, "稳岗补贴 这条政策2024年1月1日到期"+page)
		if err := d.PolicyResources().Retire(ctx, d.Actor(t, "desk"), p.ID); err != nil {
			t.Fatal(err)
		}
		at("2023-12-03")
		warn("稳岗补贴 这条政策12月31日到期"+page, "稳岗补贴 这条政策2024年1月1日到期"+page)
	})
}

// TestEntriesCarryFiles: the uploader's file is read by who reads the entry that
// carries it; what is let go of is removed.
func TestEntriesCarryFiles(t *testing.T) {
	supportOnBoth(t, func(t *testing.T, d *testkit.District) {
		ctx, desk := t.Context(), d.Actor(t, "desk")
		upload := func(who, name string) string {
			t.Helper()
			return take[directory.Attachment](t)(d.Upload(ctx, d.Actor(t, who), name, strings.NewReader("一,二\n"))).ID
		}
		reads := func(file string, want map[string]bool) {
			t.Helper()
			for who, may := range want {
				_, content, err := d.OpenAttachment(ctx, d.Actor(t, who), file)
				if err == nil {
					_ = content.Close()
				}
				if (err == nil) != may || err != nil && ticketCode(err) != ticket.CodeNotFound {
					t.Errorf("%s reads %s: %v", who, file, err)
				}
			}
		}
		document, form := upload("desk", "文件.txt"), upload("desk", "申请表.txt")
		reads(document, map[string]bool{"desk": true, "lead-head": false, "own": false})
		_, err := d.PolicyResources().Create(ctx, desk, support.PolicyResource{
			Code: "M9", Name: "空", Gives: "无", DepartmentID: d.Departments["labour"], Attachments: []string{document, upload("own", "别人的.txt"), "gehe1m"},
		})
		refused(t, err, ticket.CodeInvalidValue, "/attachments/1", "/attachments/2")

		p := measure(t, d, func(p *support.PolicyResource) { p.Attachments = []string{document} })
		reads(document, map[string]bool{"desk": true, "lead-head": true, "own": true, "stranger": true})
		_, err = d.File(ctx, desk, ticket.SubmitInput{EnterpriseID: d.Enterprises["own"], Title: "事项", Description: "内容", Category: "labour", Attached: ticket.Attached{Attachments: []string{document}}})
		refused(t, err, ticket.CodeInvalidValue, "/attachments/0")
		_, err = d.PolicyResources().Change(ctx, d.Actor(t, "lead-head"), p.ID, func(p *support.PolicyResource) error {
			p.Attachments = append(p.Attachments, form) // which somebody else uploaded
			return nil
		})
		refused(t, err, ticket.CodeInvalidValue, "/attachments/1")
		take[support.PolicyResource](t)(d.PolicyResources().Change(ctx, d.Actor(t, "lead-head"), p.ID, func(p *support.PolicyResource) error {
			p.Gives = "更多" // with what it carries
			return nil
		}))
		take[support.PolicyResource](t)(d.PolicyResources().Change(ctx, desk, p.ID, func(p *support.PolicyResource) error {
			p.Attachments = []string{form}
			return nil
		}))
		if files := take[[]directory.Attachment](t)(d.PolicyResources().Attachments(ctx, d.Actor(t, "own"), p.ID)); len(files) != 1 || files[0].ID != form {
			t.Errorf("it carries %v", files)
		}
		reads(document, map[string]bool{"lead-head": false, "own": false})
		if err := d.PolicyResources().Retire(ctx, desk, p.ID); err != nil {
			t.Fatal(err)
		}
		take[support.PolicyResource](t)(d.PolicyResources().Restore(ctx, d.Actor(t, "admin"), p.ID))

		made := take[alliance.Alliance](t)(d.Alliances().Create(ctx, desk, alliance.Alliance{
			Name: "集成电路联盟", Kind: alliance.OneXN, ChainID: d.Chains["chips"], LeadDepartmentID: d.Departments["land"], Members: []string{d.Enterprises["own"]},
		}))
		photo := upload("desk", "现场.txt")
		take[alliance.Activity](t)(d.Activities().Create(ctx, desk, alliance.Activity{AllianceID: made.ID, Kind: alliance.Study, Name: "联学", Day: *dayOf("2023-09-20"), Attachments: []string{photo}}))
		reads(photo, map[string]bool{"desk": true, "leader": true, "own": true, "stranger": false, "guest": false})

		d.Clock.Advance(25 * time.Hour)
		// The document, and the file of the own enterprise.
		if purged := take[int](t)(d.PurgeAttachments(ctx)); purged != 2 {
			t.Errorf("%d files are removed", purged)
		}
		reads(document, map[string]bool{"desk": false})
		reads(form, map[string]bool{"own": true})
		reads(photo, map[string]bool{"own": true})
	})
}
