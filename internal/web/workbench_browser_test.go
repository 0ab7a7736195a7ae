package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"whistle/internal/auth"
	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// person is one of the district's people at a browser, signed in.
func (o *office) person(t *testing.T, who string, screen testkit.Screen) *testkit.Person {
	t.Helper()
	return o.personAt(t, o.URL, who, screen)
}

// personAt is person at another address than the server's own.
func (o *office) personAt(t *testing.T, address, who string, screen testkit.Screen) *testkit.Person {
	t.Helper()
	token, _, err := o.CreateToken(t.Context(), o.Actor(t, who), service.NewToken{Name: "browser"})
	if err != nil {
		t.Fatal(err)
	}
	p := testkit.Browser(t, address).Person(t, screen).Open("/signin")
	return p.Eval(fmt.Sprintf("document.cookie = %q", auth.SessionCookie+"="+token+"; path=/"), nil)
}

// quick is an office on SQLite: what a browser does is the same on both.
func quick(t *testing.T) *office {
	t.Helper()
	d := testkit.NewDistrict(t, testkit.NewService(t, testkit.MigratedSQLite(t), "2023-09-27 10:00"))
	return &office{testkit.NewServer(t, d), t}
}

const currentRow = `document.querySelector(".queue-row[aria-current=true]")`

// TestWorkbenchByKeys walks the list by keys alone, opens tickets beside it and
// claims one; the address follows, and the way back.
func TestWorkbenchByKeys(t *testing.T) {
	o := quick(t)
	var ids []string
	for i := range 3 {
		ids = append(ids, o.dispatched(fmt.Sprintf("招工难 %d", i), "labour", nil))
		o.Clock.Advance(time.Minute)
	}
	at := func(i int) string { return "/workbench?queue=to_claim&ticket=" + ids[i] }
	is := func(i int) string {
		return fmt.Sprintf(`%s && %[1]s.id === "row-%s" && document.querySelector("#ticket h1").textContent.includes("招工难 %d")`, currentRow, ids[i], i)
	}
	p := o.person(t, "lead-officer", testkit.Desktop).Open("/workbench?queue=to_claim")
	p.Press("j", "j").PressAndWait("Enter").Until(is(1))
	if got := p.Path(); got != at(1) {
		t.Errorf("the address is %s", got)
	}
	p.PressAndWait("n").Until(is(2)).PressAndWait("p").Until(is(1))
	p.Back().Until(is(2))
	p.Reload().Until(is(2))

	// x ticks the row, c claims it; the ticket beside stays, and so does the tick.
	p.Eval(`document.querySelector("#row-`+ids[1]+` .queue-check").click()`, nil)
	p.Eval(`document.querySelector("#row-`+ids[2]+` a").focus()`, nil)
	p.PressAndWait("c").See("接单：1 件里成功 1 件").Until(`!document.getElementById("row-` + ids[2] + `")`)
	p.Until(`document.querySelector("#row-` + ids[1] + ` .queue-check").checked && document.querySelector("#ticket h1").textContent.includes("招工难 2")`)
	if o.state(ids[2]) != ticket.Resolving || o.state(ids[1]) != ticket.Dispatched {
		t.Error("the key claimed another one")
	}
	p.Press("?").See("键盘快捷键", "下一件", "接单").Press("Escape")
	p.Axe()
}

// TestWorkbenchLive holds what stays when others work on the same list: what is
// ticked, where the focus and the screen are, and the ticket beside; and that
// the ticket that left the list is followed by the one that came after it.
func TestWorkbenchLive(t *testing.T) {
	o := quick(t)
	var ids []string
	for i := range 30 {
		ids = append(ids, o.dispatched(fmt.Sprintf("招工难 %d", i), "labour", nil))
		o.Clock.Advance(time.Minute)
	}
	row := func(i int) string { return fmt.Sprintf(`document.getElementById("row-%s")`, ids[i]) }
	p := o.person(t, "lead-officer", testkit.Desktop).Open("/workbench?queue=to_claim&ticket=" + ids[20])
	p.Eval(row(21)+`.querySelector(".queue-check").click()`, nil)
	p.Eval(row(20)+`.querySelector("a").focus()`, nil)
	p.Eval(row(15)+`.scrollIntoView()`, nil)
	var before, after float64
	p.Eval(row(20)+`.getBoundingClientRect().top`, &before)

	// Somebody else takes three from the top.
	for _, id := range ids[:3] {
		o.do("deputy", id, ticket.EventClaim, ticket.None{})
	}
	p.Until(`!` + row(0) + ` && !` + row(2)).Until(row(21) + `.querySelector(".queue-check").checked && ` + row(20) + `.contains(document.activeElement)`)
	p.Eval(row(20)+`.getBoundingClientRect().top`, &after)
	if before-after > 1 || after-before > 1 {
		t.Errorf("the row jumped from %.0f to %.0f", before, after)
	}
	p.See("共 27 件")
	// And the one that is open.
	o.do("deputy", ids[20], ticket.EventClaim, ticket.None{})
	p.Until(`!` + row(20)).Until(`document.querySelector("#queue-after").href.endsWith("` + ids[21] + `") && document.querySelector("#ticket h1").textContent.includes("招工难 20")`)
	p.PressAndWait("n").Until(currentRow + ` === ` + row(21))
}

// TestWorkbenchLooks takes pictures of the pages on the screens of their users,
// with long names and without anything, and lets axe-core look at them.
func TestWorkbenchLooks(t *testing.T) {
	o := quick(t)
	long := strings.Repeat("新建厂房的消防验收与规划核实互为前置", 6)
	o.year()
	open := o.dispatched(long, "labour", func(in *ticket.SubmitInput) { in.Urgency, in.Confidential = ticket.Urgent, true })
	o.Clock.Set(testkit.Moment(t, "2023-09-28 16:00"))
	dark, english := testkit.Tablet, testkit.Desktop
	dark.Dark = true
	english.Language, english.Dark = "en", true
	for name, screen := range map[string]testkit.Screen{"1440": testkit.Desktop, "1440-en-dark": english, "1024-dark": dark, "390": testkit.Phone} {
		head := o.person(t, "lead-head", screen)
		for page, path := range map[string]string{
			"claim": "/workbench?queue=to_claim", "open": "/workbench?queue=to_claim&ticket=" + open, "approvals": "/workbench?queue=approvals",
			"none": "/workbench?queue=suspended", "none-found": "/workbench?queue=to_claim&light=yellow&q=nothing", "gone": "/workbench?ticket=gone",
			"holders": "/workbench/holders", "board": "/workbench/board",
		} {
			head.Open(path).NoHorizontalScroll().Axe().Screenshot("workbench-" + page + "-" + name)
		}
		o.person(t, "tax-head", screen).Open("/workbench/holders").NoHorizontalScroll().Axe().Open("/workbench/board").Axe().Screenshot("workbench-board-none-" + name)
	}
}
