package journey_test

import (
	"testing"

	"whistle/internal/support"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// TestSupport goes the way of a policy resource: the desk sees that it fits an
// enterprise and accepts it, the department delivers and pays out, the
// enterprise finds it on its phone and the totals have it; then the enterprise
// orders a service, and the desk sees who is to have it.
func TestSupport(t *testing.T) {
	s := opened(t)
	end := worktime.Date{Year: 2024, Month: 12, Day: 31}
	for _, p := range []support.PolicyResource{
		{Code: "M1", Name: "芯片企业稳岗补贴", DepartmentID: s.Departments["labour"], Gives: "每招一名应届生补助 2000 元。", Chains: []string{s.Chains["chips"]}, ValidTo: &end},
		{Code: "M2", Name: "用工政策上门讲解", DepartmentID: s.Departments["labour"], Gives: "派人上门讲解用工政策。", Categories: []string{"labour"}, Orderable: true, AnswerID: s.Departments["water"]},
	} {
		if _, err := s.PolicyResources().Create(t.Context(), ticket.System, p); err != nil {
			t.Fatal(err)
		}
	}
	own, desk := s.Visit(t, "own", testkit.Phone), s.Visit(t, "desk", testkit.Desktop)
	officer, leader := s.Visit(t, "lead-officer", testkit.Desktop), s.Visit(t, "leader", testkit.Desktop)

	own.Open("/support").See("芯片企业稳岗补贴", "符合：集成电路；有效期至 2024-12-31").NoHorizontalScroll().Axe().Screenshot("support-1-proposed-390")
	desk.Open("/enterprises/" + s.Enterprises["own"]).See("符合：集成电路；有效期至 2024-12-31").Axe().Screenshot("support-1-proposed-1440")
	desk.Click("接受 芯片企业稳岗补贴").Choose("办不办", "接受").Screenshot("support-2-accept-1440").Submit("作决定").See("已记下决定", "办理中")

	officer.Open("/support/services?state=accepted").Click("芯片企业稳岗补贴").Click("登记兑现").Fill("兑现金额", "12.345678 万元两千").Submit("登记兑现").See("请写金额")
	officer.Fill("兑现金额", "12.34 万元").Fill("办了什么", "补助 61 人。").Axe().Screenshot("support-3-deliver-1440").Submit("登记兑现").See("已登记兑现", "12.34 万元")

	own.Open("/support").See("已兑现", "12.34 万元").NoHorizontalScroll().Axe().Screenshot("support-4-paid-390")
	leader.Open("/support").See("12.34 万元", "人社局").Axe().Screenshot("support-5-totals-1440")
	leader.Open("/dashboard").See("12.34 万元")

	own.Open("/support").Click("点单 用工政策上门讲解").See("水务局").Fill("想请部门做什么", "周三下午方便。").Submit("提交点单").See("已点单", "周三下午方便。")
	own.Open("/support").See("已点单，看进展").NoHorizontalScroll().Axe().Screenshot("support-6-ordered-390")
	desk.Open("/desk").Click("点单：用工政策上门讲解").See("企业点单：", "用工政策上门讲解").Submit("受理").See("已受理")
	desk.Open("/desk?queue=to_dispatch").Click("点单：用工政策上门讲解").Click("派单").See("点单的服务由它提供", "水务局").Axe().Screenshot("support-7-dispatch-1440")
}
