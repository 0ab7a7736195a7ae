package journey_test

import (
	"testing"
	"time"

	"whistle/internal/testkit"
)

// TestAManagerIsHandedOver: the desk gives a manager's enterprises to another,
// who finds them and their open ticket on a phone; the one before no longer does.
func TestAManagerIsHandedOver(t *testing.T) {
	s := opened(t)
	own, desk := s.Visit(t, "own", testkit.Phone), s.Visit(t, "desk", testkit.Desktop)
	path := file(t, own)
	old := s.Visit(t, "manager", testkit.Phone)
	old.Open("/looked-after").See("甲科技有限公司", "1 件在办")
	old.Open("/enterprises/"+s.Enterprises["own"]).See("历来情况", "大事记", "一企一策").NoHorizontalScroll().Axe().Screenshot("manager-1-profile-390")

	s.Clock.Advance(30 * time.Minute)
	desk.Open("/managers").See("服务经理覆盖率", "manager").Axe().Screenshot("manager-2-list-1440").Click("manager").See("甲科技有限公司")
	desk.Click("移交企业").See("在办诉求", "1").Fill("名称、编号或关键词", "tax-officer").Click("查找").Choose("移交给谁", "tax-officer").Fill("交接说明", "材料在三号柜")
	desk.Axe().Screenshot("manager-3-handover-1440").Submit(".form-actions button[type=submit]").See("已移交", "甲科技有限公司")

	next := s.Visit(t, "tax-officer", testkit.Phone)
	next.Open("/notices").See("manager服务的 1 家企业").Click("manager服务的 1 家企业").See("甲科技有限公司").Click("甲科技有限公司")
	next.See(title, "由manager换成tax-officer", "材料在三号柜").NoHorizontalScroll().Axe().Screenshot("manager-4-taken-390").Click(title).See(told)

	old.Expect("404")
	if old.Open("/looked-after"); old.Status() != 404 {
		t.Errorf("the old manager's page answers %d", old.Status())
	}
	old.Expect("404")
	if old.Open(path); old.Status() != 404 {
		t.Errorf("the ticket answers the old manager with %d", old.Status())
	}
	own.Open("/enterprises/"+s.Enterprises["own"]).See("大事记", "tax-officer").DontSee("材料在三号柜", "一企一策").NoHorizontalScroll().Axe().Screenshot("manager-5-own-390")
	desk.Open("/enterprises/" + s.Enterprises["own"]).Axe().Screenshot("manager-6-profile-1440")
}
