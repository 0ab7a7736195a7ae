package journey_test

import (
	"net/http"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// TestStationCallsInExperts goes the way of a company that is stuck on
// technology: the quality station's steward files for it from a phone, the lead
// calls the station and two universities in, they find out what is wrong, and
// the enterprise says that it is solved.
func TestStationCallsInExperts(t *testing.T) {
	s := opened(t)
	s.Join(t, "station-head", ticket.RoleHead, "station")
	steward, desk := s.Visit(t, "station-staff", testkit.Phone), s.Visit(t, "desk", testkit.Desktop)
	officer, head, station := s.Visit(t, "land-officer", testkit.Desktop), s.Visit(t, "land-head", testkit.Desktop), s.Visit(t, "station-head", testkit.Tablet)
	first, second, own := s.Visit(t, "expert", testkit.Phone), s.Visit(t, "guest", testkit.Phone), s.Visit(t, "own", testkit.Phone)
	const stuck = "遥感终端的识别精度卡在八成"

	// The desk keeps the list of experts; one of them knows the matter.
	desk.Open("/experts").Axe().Click("添加专家").Fill("姓名", "钟教授").Fill("单位", "江渚大学").Fill("专长", "遥感，图像识别").Check("技术").Check("集成电路")
	desk.Choose("账号", "expert · expert").Screenshot("stations-1-expert-1440").Submit("保存").See("钟教授")
	desk.Open("/experts").Click("添加专家").Fill("姓名", "陆教授").Fill("单位", "钟麓工业大学").Fill("专长", "模型压缩").Check("土地").Choose("账号", "guest · guest").Submit("保存").See("陆教授", "钟麓工业大学")
	desk.Open("/experts").See("陆教授", "钟教授").Axe()

	own.Open("/requests").Click("附近的站点").See("质量小站", "质量管家", "station-staff").NoHorizontalScroll().Axe().Screenshot("stations-2-near-390")

	steward.Open("/requests/new?enterprise="+s.Enterprises["own"]).Choose("类别", "技术").Fill("标题", stuck).Fill("具体情况", "小样本时精度只有八成，试了三个月没有突破，想请懂遥感的专家会诊。")
	steward.NoHorizontalScroll().Axe().Submit("提交诉求").See("已提交").Screenshot("stations-3-filed-390")
	desk.Open("/desk").Click(stuck).Submit("受理").See("已受理")
	desk.Open("/desk?queue=to_dispatch").Click(stuck).Click("派单").Choose("牵头部门", "规划资源局").Submit(send).See("已派单")
	officer.Open("/").Click(stuck).Submit("接单").See("已接单")
	path := "/tickets/" + ticketOf(t, s, stuck)

	s.Clock.Advance(30 * time.Minute)
	head.Open(path).Click("吹哨").Fill("要一起解决什么", "精度卡在样本、算法还是算力？").Check("质量小站").Submit(send).See("哨已吹响")
	// Who fits is offered first, and why.
	head.Open(path).Click("邀请专家").See("对口：技术、集成电路 · 江渚大学").Choose("人员", "钟教授 · 对口：技术、集成电路 · 江渚大学 · 遥感 · 图像识别").Axe().Screenshot("stations-4-invite-1440").Submit(send).See("已邀请")
	head.Open(path).Click("邀请专家").Choose("人员", "陆教授 · 钟麓工业大学 · 模型压缩").Submit(send).See("已邀请")
	station.Open("/").Click(stuck).Click("报到").Choose("能不能办", "能办").Fill("能办什么", "小站对接检测机构。").Submit(send).See("已报到")

	s.Clock.Advance(30 * time.Minute)
	first.Open("/").See(stuck).Click(stuck).Click("专家意见").Fill("意见", "地块边界的标注口径前后不一，先统一标注。").NoHorizontalScroll().Axe().Screenshot("stations-5-advise-390").Submit(send).See("意见已提交")
	second.Open("/").Click(stuck).Click("专家意见").Fill("意见", "按层分配位宽，关键层保留十六位。").Submit(send).See("意见已提交")

	s.Clock.Advance(30 * time.Minute)
	head.Open(path).See("先统一标注", "按层分配位宽").Click("议定").Fill("议定内容", "统一标注口径，两校研究生驻企两周。").Submit(send).See("已议定")
	// The advice stands with the minutes; who gave it sees the matter no more.
	head.Open(path).See("先统一标注", "两校研究生驻企两周").Axe().Screenshot("stations-6-minutes-1440")
	if first.Open(path); first.Status() != http.StatusNotFound {
		t.Errorf("after the joint handling the expert's page answers %d", first.Status())
	}
	first.Open("/").DontSee(stuck)

	head.Open(path).Click("提交结果").Choose("结论", "已解决").Fill("办理结果", "识别精度从八成提高到百分之九十三点六。").Submit(send).See("结果已提交")
	own.Open("/").Click(stuck).See("百分之九十三点六").DontSee("先统一标注").Click("去核验").Click("解决了").Choose("满意度", "5").Submit("确认解决").See("谢谢您的确认", "已办结")

	desk.Open("/stations").See("质量小站", "桥头镇").Axe().Screenshot("stations-7-list-1440")
	desk.Open("/stations/" + s.Departments["station"] + "?list=filed").See(stuck).Axe().Screenshot("stations-8-filed-1440")
	desk.Open("/stations/" + s.Departments["station"] + "?list=reported").See(stuck)
	desk.Click("安排人员").Fill("名称、编号或关键词", "fire-officer").Click("查找").Choose("人员", "fire-officer").Choose("身份", "质量特派员").Axe().Screenshot("stations-9-staff-1440")
	desk.Submit("安排到这个站点").See("已安排到站点。", "fire-officer", "质量特派员")
}

// ticketOf is the id of the ticket with a title.
func ticketOf(t *testing.T, s *testkit.Server, title string) string {
	t.Helper()
	found, err := s.Tickets(t.Context(), ticket.System, service.TicketFilter{Text: title})
	if err != nil || len(found) != 1 {
		t.Fatalf("%d tickets are called %s: %v", len(found), title, err)
	}
	return found[0].ID
}
