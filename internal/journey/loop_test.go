package journey_test

import (
	"strings"
	"testing"
	"time"

	"whistle/internal/testkit"
)

// send is the button of the form that is open on a ticket, which bears the same
// word as the one that opened it.
const send = ".ticket-form button[type=submit]"

const (
	title = "招不到装配工"
	told  = "节后缺一百名装配工，新宿舍还没有消防验收，招了两个月没招到。"
)

// file files a ticket with a photo from a phone, and gives the path of its page.
func file(t *testing.T, own *testkit.Person) string {
	t.Helper()
	own.Open("/").Click("提诉求").Choose("类别", "用工").Fill("标题", title).Fill("具体情况", told)
	own.Upload("照片或文件", photo(t)).Submit("提交诉求").See("诉求已提交", "最晚").Click("看这件诉求").See(title)
	path, _, _ := strings.Cut(own.Path(), "?")
	return path
}

// TestWholeLoop goes the way of a hard request with the people whom it takes,
// each at a browser of their own, the enterprise at a phone.
func TestWholeLoop(t *testing.T) {
	s := opened(t)
	own, desk := s.Visit(t, "own", testkit.Phone), s.Visit(t, "desk", testkit.Desktop)
	officer, head := s.Visit(t, "lead-officer", testkit.Desktop), s.Visit(t, "lead-head", testkit.Tablet)
	fire, leader := s.Visit(t, "fire-officer", testkit.Tablet), s.Visit(t, "leader", testkit.Desktop)
	later := func() { s.Clock.Advance(30 * time.Minute) }

	path := file(t, own)
	own.Until(`[...document.querySelectorAll(".attachments img")].some((image) => image.complete && image.naturalWidth > 0)`)
	own.See("已提交", "服务中心正在看").NoHorizontalScroll().Axe().Screenshot("loop-1-filed-390")

	later()
	desk.Open("/desk").Click(title).See(told).Submit("受理").See("已受理")
	desk.Open("/desk?queue=to_dispatch").Click(title).See(told).Click("派单").Choose("牵头部门", "人社局").Submit(send).See("已派单")
	own.Reload().See("等部门接单", "已派给人社局").Screenshot("loop-2-dispatched-390")

	later()
	officer.Open("/").See("工作台").Click(title).See(told).Submit("接单").See("已接单")
	officer.Open(path).Click("吹哨").Fill("要一起解决什么", "新宿舍的消防验收能否先行？").Check("消防大队").Submit(send).See("哨已吹响")
	officer.Axe().Screenshot("loop-3-whistled-1440")
	own.Reload().See("多部门一起办", "等消防大队报到").Screenshot("loop-3-whistled-390")

	later()
	fire.Open("/").See(title).Click(title).Click("报到").Choose("能不能办", "能办").Fill("能办什么", "明天上午到场。").Submit(send).See("已报到")

	later()
	head.Open("/workbench/board").Click(title).Click("议定").Fill("议定内容", "先验收宿舍，再办招聘会。")
	head.Choose("部门", "消防大队").Fill("说明", "验收新宿舍").Screenshot("loop-4-conclude-1024").Submit(send).See("已议定")
	fire.Open(path).See("验收新宿舍").Click("完成任务").Fill("办理结果", "已验收合格。").Submit(send).See("任务已完成")

	later()
	head.Open(path).Click("提交结果").Choose("结论", "已解决").Fill("办理结果", "宿舍已验收，专场招聘会招到一百零二人。").Submit(send).See("结果已提交")
	head.Axe().Screenshot("loop-5-resolved-1024")

	own.Open("/").See("请您核验", title).Click(title).See("招到一百零二人").Click("去核验").Click("解决了").Choose("满意度", "5").Fill("想说的话", "很快，谢谢！")
	own.NoHorizontalScroll().Axe().Screenshot("loop-6-verify-390").Submit("确认解决").See("谢谢您的确认", "已办结")
	own.NoHorizontalScroll().Axe().Screenshot("loop-7-closed-390")

	leader.Open("/dashboard").See("100").Axe().Screenshot("loop-8-dashboard-1440")
	leader.Open(path).See("办结", "很快，谢谢！").Axe().Screenshot("loop-8-ticket-1440")
}

// TestOtherBranches goes where the loop does not lead straight on: the desk asks
// and the enterprise answers; it urges, and its officer sees it at once; it
// disputes a result, and the ticket is back with those who gave it.
func TestOtherBranches(t *testing.T) {
	s := opened(t)
	own, desk := s.Visit(t, "own", testkit.Phone), s.Visit(t, "desk", testkit.Desktop)
	officer := s.Visit(t, "land-officer", testkit.Desktop)
	path := file(t, own)

	desk.Open("/desk").Click(title).Click("请企业补充").Fill("问题", "缺哪几个工种？").Submit(send).See("已请企业补充")
	own.Open("/").See("等您补充").Click(title).See("服务中心想问您", "缺哪几个工种？").Click("去回答").Fill("回答", "装配和质检。")
	own.NoHorizontalScroll().Axe().Screenshot("branch-1-answer-390").Submit("回答").See("已提交补充说明")
	desk.Open("/desk").Click(title).See("装配和质检。").Submit("受理").See("已受理")
	desk.Open(path).Click("派单").Choose("牵头部门", "规划资源局").Submit(send).See("已派单")
	officer.Open(path).Submit("接单").See("已接单")

	s.Clock.Advance(3 * time.Hour)
	officer.Open("/workbench?queue=working").See(title)
	own.Open(path).Click("催一催").Submit(send).See("已催办").Screenshot("branch-2-urged-390")
	// Without a reload: the stream says that something has changed.
	officer.Click(title).See("催办")

	officer.Open(path).Click("提交结果").Choose("结论", "已解决").Fill("办理结果", "招到二十人。").Submit(send).See("结果已提交")
	own.Open(path).Click("去核验").Click("没解决").Fill("还差什么", "还缺八十人。").NoHorizontalScroll().Axe().Screenshot("branch-3-dispute-390")
	own.Submit("提交，继续办").See("已记下，会继续办", "办理中")
	officer.Open("/workbench?queue=working").Click(title).See("还缺八十人。").Axe().Screenshot("branch-4-disputed-1440")
}
