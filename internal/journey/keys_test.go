package journey_test

import (
	"strings"
	"testing"

	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// resolved is a ticket of the own enterprise whose result waits to be verified.
func resolved(t *testing.T, s *testkit.Server, title string) (id string) {
	t.Helper()
	return toldOf(t, s, title,
		event{"desk", ticket.EventAccept, ticket.None{}},
		event{"desk", ticket.EventDispatch, ticket.DispatchInput{LeadID: s.Departments["land"]}},
		event{"land-officer", ticket.EventClaim, ticket.None{}},
		event{"land-officer", ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "已经解决。"}},
	)
}

// event is what somebody does to a ticket.
type event struct {
	who  string
	what ticket.Event
	in   ticket.Input
}

// toldOf files a ticket of the own enterprise and has the events befall it.
func toldOf(t *testing.T, s *testkit.Server, title string, events ...event) (id string) {
	t.Helper()
	filed, err := s.File(t.Context(), s.Actor(t, "own"), ticket.SubmitInput{Title: title, Description: told, Category: "labour", Source: ticket.SourceWeb})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if _, err := s.Fire(t.Context(), s.Actor(t, e.who), filed.ID, service.Command{Event: e.what, Input: e.in}); err != nil {
			t.Fatalf("%s by %s: %v", e.what, e.who, err)
		}
	}
	return filed.ID
}

// dispatched is a ticket that waits for an officer of labour.
func dispatched(t *testing.T, s *testkit.Server, title string) (id string) {
	t.Helper()
	return toldOf(t, s, title,
		event{"desk", ticket.EventAccept, ticket.None{}},
		event{"desk", ticket.EventDispatch, ticket.DispatchInput{LeadID: s.Departments["labour"]}},
	)
}

// TestByKeysAlone files, claims and verifies without a mouse.
func TestByKeysAlone(t *testing.T) {
	s := opened(t)
	dispatched(t, s, "等接单的一件")
	done := resolved(t, s, "等核验的一件")

	own := s.Visit(t, "own", testkit.Desktop).Open("/").See("我的诉求")
	own.TabTo("提诉求").PressAndWait("Enter").See("照片或文件")
	own.TabTo("用工").Press("Space").TabTo("标题").Type(title).TabTo("具体情况").Type(told).TabTo("提交诉求").PressAndWait("Enter").See("诉求已提交")
	own.TabTo("看这件诉求").PressAndWait("Enter").See(title, "已提交")

	officer := s.Visit(t, "lead-officer", testkit.Desktop).Open("/workbench?queue=to_claim")
	officer.TabTo("等接单的一件").PressAndWait("Enter").See(told)
	officer.TabTo("接单").PressAndWait("Enter").See("已接单")

	own.Open("/").TabTo("等核验的一件").PressAndWait("Enter").TabTo("去核验").PressAndWait("Enter").See("您的难题解决了吗？")
	own.TabTo("解决了").Press("Space").TabTo("1 星").Press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight").TabTo("确认解决").PressAndWait("Enter").See("谢谢您的确认")
	if !strings.HasPrefix(own.Path(), "/tickets/"+done) {
		t.Errorf("afterwards one is at %s", own.Path())
	}
}

// TestWithoutScript files, claims and verifies where no script runs.
func TestWithoutScript(t *testing.T) {
	s := opened(t)
	plain, plainPhone := testkit.Desktop, testkit.Phone
	plain.NoScript, plainPhone.NoScript = true, true
	own := s.Visit(t, "own", plainPhone)
	path := file(t, own)
	own.NoHorizontalScroll().Axe().Screenshot("noscript-1-filed-390")

	desk := s.Visit(t, "desk", plain).Open("/desk").Click(title).Submit("受理")
	desk.Open(path).Click("派单").Choose("牵头部门", "规划资源局").Screenshot("noscript-2-dispatch-1440").Submit(send).See("已派单")
	officer := s.Visit(t, "land-officer", plain).Open("/workbench?queue=to_claim").Click(title).Submit("接单").See("办理中")
	officer.Open(path).Click("提交结果").Choose("结论", "已解决").Fill("办理结果", "招到了。").Submit(send).See("结果已提交")

	own.Open(path).Click("去核验").Click("解决了").Choose("满意度", "4").Screenshot("noscript-3-verify-390").Submit("确认解决").See("谢谢您的确认", "已办结")
}
