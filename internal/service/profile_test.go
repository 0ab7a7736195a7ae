package service_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/support"
	"whistle/internal/testkit"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/visit"
	"whistle/internal/worktime"
)

// TestTimelineTellsVisitsNeedsAndPolicies, each in its place, to whom may know
// of it: what hangs on a trade secret is told to nobody who does not see that.
func TestTimelineTellsVisitsNeedsAndPolicies(t *testing.T) {
	supportOnBoth(t, func(t *testing.T, d *testkit.District) {
		ctx, own, desk := t.Context(), d.Enterprises["own"], d.Actor(t, "desk")
		p := measure(t, d, nil)
		later := func() { d.Clock.Set(d.Clock.Now().Add(time.Hour)) }
		later()
		take[*service.VisitView](t)(d.RecordVisit(ctx, d.Actor(t, "lead-officer"), visit.Record{EnterpriseID: own, Seen: "缺人"}))
		later()
		need := take[support.Need](t)(d.AddNeed(ctx, desk, service.NewNeed{EnterpriseID: own, Category: "labour", Text: "要十名装配工"}))
		later()
		v := take[support.Service](t)(d.AddService(ctx, desk, service.NewService{EnterpriseID: own, PolicyID: p.ID, NeedID: need.ID, State: "accepted"}))
		later()
		take[support.Service](t)(d.DeliverService(ctx, d.Actor(t, "lead-officer"), v.ID, service.Delivery{AmountFen: 12_340_000, Note: "分两笔"}, time.Time{}))
		later()
		take[support.Need](t)(d.DecideNeed(ctx, desk, need.ID, service.NeedDecision{State: support.NeedDropped, Reason: "订单取消"}, time.Time{}))
		secret := take[*ticket.Ticket](t)(d.File(ctx, d.Actor(t, "own"), ticket.SubmitInput{EnterpriseID: own, Title: "商业秘密", Description: "内容", Category: "labour", Confidential: true}))
		take[support.Need](t)(d.AddNeed(ctx, desk, service.NewNeed{EnterpriseID: own, TicketID: secret.ID, Category: "labour", Text: "保密的需求"}))

		told := func(who string, lang text.Language) (lines []string) {
			for _, e := range take[*service.EnterprisePage](t)(d.EnterprisePage(ctx, d.Actor(t, who), own, lang)).Timeline {
				if !strings.HasPrefix(e.Kind, "manager") {
					lines = append(lines, e.Text+"|"+e.Note)
				}
			}
			return lines
		}
		want := []string{
			"需求不再办理：要十名装配工|订单取消", "政策已兑现：稳岗补贴，12.34 万元|分两笔", "确定享受政策：稳岗补贴|", "提出需求：要十名装配工|", "lead-officer上门走访|",
		}
		for _, who := range []string{"manager", "tax-officer"} {
			if got := told(who, text.Chinese); !slices.Equal(got, want) {
				t.Errorf("%s is told %q", who, got)
			}
		}
		for _, who := range []string{"desk", "leader", "own"} {
			got := told(who, text.Chinese)
			if !slices.Contains(got, "提出需求：保密的需求|") || len(got) != len(want)+2 || strings.Contains(strings.Join(got, ""), "分两笔") == (who == "own") {
				t.Errorf("%s is told %q", who, got)
			}
		}
		if got := told("manager", text.English); got[1] != "Policy paid out: 稳岗补贴, 12.34 × 10,000 yuan|分两笔" || got[4] != "lead-officer came to visit|" {
			t.Errorf("in English: %q", got)
		}
		of := take[*service.EnterpriseSupport](t)(d.EnterpriseSupport(ctx, d.Actor(t, "own"), own))
		if of.Paid != 12_340_000 {
			t.Errorf("paid out in all: %d", of.Paid)
		}

		// What was done on a day before today stands at that day's beginning.
		other := measure(t, d, func(p *support.PolicyResource) { p.Code, p.Name = "M2", "培训补贴" })
		v = take[support.Service](t)(d.AddService(ctx, desk, service.NewService{EnterpriseID: own, PolicyID: other.ID, State: "accepted"}))
		take[support.Service](t)(d.DeliverService(ctx, d.Actor(t, "lead-officer"), v.ID, service.Delivery{DeliveredOn: &worktime.Date{Year: 2023, Month: 9, Day: 26}}, time.Time{}))
		if got := told("manager", text.Chinese); got[len(got)-1] != "政策服务已办好：培训补贴|" {
			t.Errorf("of the day before: %q", got)
		}
	})
}
