package journey_test

import (
	"testing"

	"whistle/internal/testkit"
)

// TestAlliance goes the way of an alliance: the desk makes it from its chain's
// page, takes a member in and records what it did; a leader reads the chain.
func TestAlliance(t *testing.T) {
	s := opened(t)
	file(t, s.Visit(t, "own", testkit.Phone))
	desk, leader := s.Visit(t, "desk", testkit.Desktop), s.Visit(t, "leader", testkit.Desktop)

	desk.Open("/").Click("企业服务").Click("产业链").See("集成电路").Axe().Screenshot("alliance-1-chains-1440")
	desk.Click("集成电路").See("还没有写服务方案").Click("新建联盟")
	desk.Fill("名称", "集成电路党建联盟").Choose("类型", "1+X+N").Choose("牵头部门", "规划资源局").Check("人社局")
	desk.Axe().Screenshot("alliance-2-new-1440").Submit("保存").See("集成电路党建联盟", "还没有成员")

	desk.Fill("查找要加入的企业", "甲科技").Submit("查找").See("甲科技有限公司").Submit("加入").See("已加入").Axe().Screenshot("alliance-3-member-1440")

	desk.Click("记一次活动").Fill("名称", "技术难题揭榜会").Choose("类型", "联攻").Check("甲科技有限公司").Fill("地点", "党群服务中心")
	desk.Axe().Screenshot("alliance-4-activity-1440").Submit("保存").See("联攻", "党群服务中心", "甲科技有限公司")

	leader.Open("/dashboard").Click("集成电路").See("在办诉求", title, "集成电路党建联盟", "技术难题揭榜会").Axe().Screenshot("alliance-5-chain-1440")
	leader.Click("集成电路党建联盟").See("甲科技有限公司", title).DontSee("记一次活动").Axe().Screenshot("alliance-6-alliance-1440")
}
