package journey_test

import (
	"testing"
	"time"

	"whistle/internal/testkit"
)

// TestAProjectSlips: a member of its team says that a milestone is reached and
// plans another, which slips and turns red; planning it anew heals nothing, and
// the leader sees it.
func TestAProjectSlips(t *testing.T) {
	s := opened(t) // on 27 September
	team := s.Visit(t, "team-member", testkit.Desktop)
	project := "/projects/" + s.Projects["plant"]
	plan := func(kind, planned, done string) {
		t.Helper()
		team.Open(project+"/milestones/"+kind).Fill("计划日期", planned).Fill("完成日期", done)
		team.Submit(".form-actions button[type=submit]").See("节点已保存")
	}
	team.Open("/").Click("帮办项目").See("封装厂扩建").Click("封装厂扩建").See("帮办团", "签约", "投产", "未定")
	plan("signing", "2023-09-27", "2023-09-27")
	plan("start", "2023-10-20", "")
	team.See("10月20日", "快到了").Axe().Screenshot("project-1-planned-1440")

	s.Clock.Advance(30 * 24 * time.Hour)
	team = s.Visit(t, "team-member", testkit.Phone)
	team.Open(project).See("逾期")
	plan("start", "2023-12-31", "")
	team.See("逾期", "改期 1 次").NoHorizontalScroll().Axe().Screenshot("project-2-slipped-390")

	leader := s.Visit(t, "leader", testkit.Desktop)
	leader.Open("/dashboard").See("重点项目", "逾期的节点").Axe().Screenshot("project-3-dashboard-1440")
	leader.Open("/projects?light=red").See("封装厂扩建", "逾期").Axe().Screenshot("project-4-list-1440")
	leader.Open("/projects/milestones?light=red").See("封装厂扩建", "开工").Axe().Screenshot("project-5-milestones-1440")
	leader.Open(project).See("逾期", "最初计划").Axe().Screenshot("project-6-page-1440")
}

// TestALeaderTakesCharge: a ticket under a leader's name stays on the list
// until the enterprise says that it is solved.
func TestALeaderTakesCharge(t *testing.T) {
	s := opened(t)
	own, desk := s.Visit(t, "own", testkit.Phone), s.Visit(t, "desk", testkit.Desktop)
	officer, leader := s.Visit(t, "land-officer", testkit.Desktop), s.Visit(t, "leader", testkit.Desktop)
	path := file(t, own)
	desk.Open("/desk").Click(title).See(told).Submit("受理").See("已受理")
	desk.Open("/desk?queue=to_dispatch").Click(title).See(told).Click("派单").Choose("牵头部门", "规划资源局").Submit(send).See("已派单")
	leader.Open(path).Click("领办").Fill("领办要求", "我来抓，一周内见面。").Submit(send)
	leader.Open("/charges").See("我领办的", title, "1 条待回复").Axe().Screenshot("charge-1-taken-1440")

	s.Clock.Advance(30 * time.Minute)
	officer.Open(path).Submit("接单").See("已接单")
	officer.Open(path).Click("提交结果").Choose("结论", "已解决").Fill("办理结果", "招到一百零二人。").Submit(send).See("结果已提交")
	leader.Open("/charges?part=open").See(title).Open("/charges?part=closed").See("这里没有领办的诉求")

	own.Open("/").Click(title).Click("去核验").Click("解决了").Choose("满意度", "5").Submit("确认解决").See("已办结")
	leader.Open("/charges?part=open").See("这里没有领办的诉求").Open("/charges").See(title, "企业确认", "已解决").Axe().Screenshot("charge-2-closed-1440")
	leader.Open("/dashboard").See("领办").Axe()
}
