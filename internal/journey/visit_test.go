package journey_test

import (
	"strings"
	"testing"

	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// TestVisitInTheField goes with a manager to an enterprise where there is no
// line: what is written there is kept on the phone, photo and all, and sent once
// when the line is back; what was found becomes a ticket, is solved, and the
// enterprise says so.
func TestVisitInTheField(t *testing.T) {
	s := opened(t)
	manager, desk := s.Visit(t, "manager", testkit.Phone), s.Visit(t, "desk", testkit.Desktop)
	officer, own := s.Visit(t, "land-officer", testkit.Desktop), s.Visit(t, "own", testkit.Phone)
	recorded := func() []service.VisitView {
		t.Helper()
		all, err := s.Visits(t.Context(), ticket.System, service.VisitFilter{})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}

	manager.Open("/looked-after").Click("我的走访").Click("记走访").Click("甲科技有限公司").See("看到听到的")
	manager.NoHorizontalScroll().Axe().Screenshot("visit-1-form-390")
	manager.Line(false)
	manager.Fill("看到听到的", "车间在赶订单，新宿舍漏雨。").Fill("问题", "新宿舍漏雨，工人住不进去。").Choose("类别", "基础设施").Upload("现场照片", photo(t))
	manager.At(31.9512, 118.8405).Click("记下现在的位置").See("位置已记下")
	manager.Click("保存走访").See("还没发出去的走访", "甲科技有限公司", "等有网就自动发送").DontSee("位置已记下").NoHorizontalScroll().Axe().Screenshot("visit-2-waits-390")
	if n := len(recorded()); n != 0 {
		t.Fatalf("%d visits without a line", n)
	}
	if kept := manager.Value("看到听到的"); kept != "" {
		t.Errorf("the form still holds %q", kept)
	}
	manager.Line(true).See("已发送，点这里看")
	// Whatever is sent again under its key changes nothing.
	all := recorded()
	if len(all) != 1 || all[0].ClientID == "" {
		t.Fatalf("recorded are %+v", all)
	}
	if lat, long := all[0].Latitude, all[0].Longitude; lat == nil || *lat != 31.9512 || long == nil || *long != 118.8405 {
		t.Errorf("it was at %v, %v", lat, long)
	}
	manager.Reload().DontSee("还没发出去的走访")
	if n := len(recorded()); n != 1 {
		t.Fatalf("%d visits after the page was opened again", n)
	}

	manager.Open("/visits").Click("甲科技有限公司").See("车间在赶订单", "新宿舍漏雨，工人住不进去。", "31.9512, 118.8405")
	manager.Until(`[...document.querySelectorAll(".attachments img")].some((image) => image.complete && image.naturalWidth > 0)`)
	manager.NoHorizontalScroll().Axe().Screenshot("visit-3-recorded-390")
	manager.Click("转为诉求").See("具体情况").Fill("标题", "新宿舍漏雨").Submit("转为诉求").See("诉求已提交", "新宿舍漏雨", "待受理")

	desk.Open("/desk").Click("新宿舍漏雨").See("来自走访").Submit("受理").See("已受理")
	desk.Open("/desk?queue=to_dispatch").Click("新宿舍漏雨").Click("派单").Choose("牵头部门", "规划资源局").Submit(send).See("已派单")
	officer.Open("/").Click("新宿舍漏雨").Submit("接单").See("已接单").Click("提交结果").Choose("结论", "已解决").Fill("办理结果", "屋面已修好。").Submit(send).See("结果已提交")
	own.Open("/").See("请您核验").Click("新宿舍漏雨").Click("去核验").Click("解决了").Choose("满意度", "5").Submit("确认解决").See("谢谢您的确认")

	path, _, _ := strings.Cut(manager.Path(), "?")
	manager.Open(path).See("办结").Screenshot("visit-4-solved-390")
	// The enterprise reads that it was visited, and not what was written.
	own.Open(path).See("走访 甲科技有限公司", "manager").DontSee("车间在赶订单").NoHorizontalScroll().Axe()
	desk.Open("/visits/coverage").See("走访覆盖").Axe().Screenshot("visit-5-coverage-1440")
}
