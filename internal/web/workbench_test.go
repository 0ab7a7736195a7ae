package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// office is a district whose tickets are worked on through the pages.
type office struct {
	*testkit.Server
	tb testing.TB
}

// offices runs a test in a district on each database, on a Wednesday at ten.
func offices(t *testing.T, test func(t *testing.T, o *office)) {
	t.Helper()
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
		test(t, &office{testkit.NewServer(t, d), t})
	})
}

func (o *office) do(who, id string, event ticket.Event, in ticket.Input) {
	o.tb.Helper()
	if _, err := o.Fire(o.tb.Context(), o.Actor(o.tb, who), id, service.Command{Event: event, Input: in}); err != nil {
		o.tb.Fatalf("%s by %s: %v", event, who, err)
	}
}

// filed is a ticket of the own enterprise; change may be nil.
func (o *office) filed(title string, change func(*ticket.SubmitInput)) string {
	o.tb.Helper()
	in := ticket.SubmitInput{Title: title, Description: title + "，请帮忙", Category: "labour", Source: ticket.SourceWeb}
	if change != nil {
		change(&in)
	}
	filed, err := o.File(o.tb.Context(), o.Actor(o.tb, "own"), in)
	if err != nil {
		o.tb.Fatal(err)
	}
	return filed.ID
}

func (o *office) dispatched(title, lead string, change func(*ticket.SubmitInput)) string {
	o.tb.Helper()
	id := o.filed(title, change)
	o.do("desk", id, ticket.EventAccept, ticket.None{})
	o.do("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: o.Departments[lead]})
	return id
}

func (o *office) resolving(title string) string {
	o.tb.Helper()
	id := o.dispatched(title, "labour", nil)
	o.do("lead-officer", id, ticket.EventClaim, ticket.None{})
	return id
}

func (o *office) joint(title string) string {
	o.tb.Helper()
	id := o.resolving(title)
	o.do("lead-officer", id, ticket.EventWhistle, ticket.WhistleInput{DepartmentIDs: []string{o.Departments["fire"], o.Departments["water"]}, Question: "谁来办？"})
	return id
}

func (o *office) state(id string) ticket.State {
	o.tb.Helper()
	t, err := o.Ticket(o.tb.Context(), ticket.System, id)
	if err != nil {
		o.tb.Fatal(err)
	}
	return t.State
}

// year brings about a ticket for every list of a department.
func (o *office) year() {
	o.tb.Helper()
	for i := range 45 { // more than a page
		o.dispatched(fmt.Sprintf("招工 %d", i), "labour", nil)
		o.Clock.Advance(time.Minute)
	}
	asked := o.resolving("要延期")
	o.do("lead-officer", asked, ticket.EventRequestExtension, ticket.RequestExtensionInput{DueAt: testkit.Moment(o.tb, "2023-10-11 18:00"), Reason: "材料未齐"})
	o.do("leader", asked, ticket.EventInstruct, ticket.TextInput{Text: "抓紧办"})
	o.joint("宿舍消防")
	agreed := o.joint("排水")
	for _, who := range []string{"fire-officer", "water-officer"} {
		o.do(who, agreed, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "能办"})
	}
	o.do("lead-head", agreed, ticket.EventConclude, ticket.ConcludeInput{Minutes: "分头办", Tasks: []ticket.NewTask{{DepartmentID: o.Departments["fire"], Text: "验收"}}})
	done := o.resolving("办成了的")
	o.do("lead-head", done, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "办成了"})
	closed := o.resolving("结束了的")
	o.do("lead-head", closed, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "办成了"})
	o.do("own", closed, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5})
	o.dispatched("用地", "land", nil)
}

// counts are the numbers beside the lists, by the lists' addresses.
func counts(t *testing.T, page *testkit.Seen) map[string]int {
	t.Helper()
	numbers := map[string]int{}
	page.Find(".queues a").Each(func(_ int, a *goquery.Selection) {
		n, err := strconv.Atoi(a.Find(".count").Text())
		if err != nil {
			t.Fatal(err)
		}
		numbers[a.AttrOr("href", "")] = n
	})
	return numbers
}

// rowsOf are the ids of a list's rows, page after page.
func rowsOf(t *testing.T, v *testkit.Visitor, path string) []string {
	t.Helper()
	var ids []string
	for path != "" {
		page := v.Get(path).Want(http.StatusOK)
		ids = append(ids, page.Attrs(".queue-row", "id")...)
		path = page.Find("a[rel=next]").AttrOr("href", "")
	}
	return ids
}

// TestWorkbenchCounts holds the number beside every list to the rows that it
// has, over all its pages, none of them twice.
func TestWorkbenchCounts(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.year()
		o.Clock.Set(testkit.Moment(t, "2023-10-09 10:00")) // some of it is late
		seen := map[string]int{}
		for _, who := range []string{"lead-officer", "lead-head", "deputy", "fire-officer", "water-head", "land-officer", "tax-officer", "expert"} {
			v := o.SignInAs(t, who)
			for path, want := range counts(t, v.Get("/workbench").Want(http.StatusOK)) {
				rows := rowsOf(t, v, path)
				if len(rows) != want {
					t.Errorf("%s: %s says %d and has %d", who, path, want, len(rows))
				}
				slices.Sort(rows)
				if twice := len(rows) - len(slices.Compact(slices.Clone(rows))); twice > 0 {
					t.Errorf("%s: %s has %d rows twice", who, path, twice)
				}
				seen[path] += want
			}
		}
		for _, list := range []string{"to_claim", "to_report_in", "working", "joint", "orders", "tasks", "approvals", "overdue", "verifying", "mine", "closed"} {
			if seen["/workbench?queue="+list] == 0 {
				t.Errorf("nobody has anything in %s", list)
			}
		}
	})
}

// TestWorkbenchOrder holds that what burns first stands on top and says so, and
// that the day begins with the first list in which something burns.
func TestWorkbenchOrder(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		v := o.SignInAs(t, "lead-officer")
		empty := v.Get("/workbench").Want(http.StatusOK)
		if got := empty.Words(".queue-section .empty-title"); !strings.Contains(got, "“待接单”里没有事项") {
			t.Errorf("the empty list says %q", got)
		}
		o.resolving("不急的")
		if got := v.Get("/workbench").Words("h1"); got != "办理中" {
			t.Errorf("the first list that isn't empty is %q", got)
		}
		late := o.dispatched("昨天派的", "labour", nil)
		o.Clock.Set(testkit.Moment(t, "2023-09-28 15:00"))
		urgent := o.dispatched("急的", "labour", func(in *ticket.SubmitInput) { in.Urgency, in.Confidential = ticket.Urgent, true })
		o.dispatched("今天派的", "labour", nil)

		page := v.Get("/workbench").Want(http.StatusOK)
		if got := page.Words("h1"); got != "待接单" {
			t.Errorf("the list in which something burns is %q", got)
		}
		if got := page.All(".queue-title"); !slices.Equal(got, []string{"昨天派的", "急的", "今天派的"}) {
			t.Errorf("the order is %v", got)
		}
		if got := page.Words("#row-" + late + " .light-red"); !strings.HasPrefix(got, "接单 已超期 2 小时") {
			t.Errorf("the late one says %q", got)
		}
		if got := page.Attrs("#row-"+late+" .light", "title"); !slices.Equal(got, []string{"接单期限 9月28日 11:00"}) {
			t.Errorf("its exact deadline is %q", got)
		}
		if got := page.All("#row-" + urgent + " .badge"); !slices.Equal(got, []string{"紧急", "涉密"}) {
			t.Errorf("the urgent one bears %q", got)
		}
		if got := page.Words(".queues a[aria-current] .light-red"); got != "已超期1" {
			t.Errorf("the list has %q in red", got)
		}
	})
}

// TestWorkbenchScope holds that nobody works where they don't belong, and that
// a ticket out of sight isn't found, while the list is there.
func TestWorkbenchScope(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.dispatched("人社局的", "labour", nil)
		for _, who := range []string{"own", "desk", "leader", "admin"} {
			o.SignInAs(t, who).Get("/workbench").Want(http.StatusNotFound)
			o.SignInAs(t, who).Post("/workbench/claim", url.Values{"id": {id}}).Want(http.StatusNotFound)
		}
		if at := o.SignInAs(t, "").Get("/workbench?queue=working").Want(http.StatusOK).Path; at != "/signin?to=%2Fworkbench%3Fqueue%3Dworking" {
			t.Errorf("nobody is led to %s", at)
		}
		other := o.SignInAs(t, "fire-officer")
		for _, path := range []string{"/workbench", "/workbench?queue=to_claim", "/workbench?queue=overdue"} {
			if rows := rowsOf(t, other, path); len(rows) > 0 {
				t.Errorf("%s shows %v", path, rows)
			}
		}
		page := other.Get("/workbench?queue=to_claim&ticket=" + id).Want(http.StatusNotFound)
		if page.Find(".queues a").Length() == 0 || page.Find("#ticket").Length() > 0 || strings.Contains(page.Body, "人社局的") {
			t.Error("a ticket out of sight shows, or the list doesn't")
		}
		other.GetPart("/workbench?queue=to_claim&ticket="+id, "queue-ticket").Want(http.StatusNotFound)
		other.Get("/workbench?queue=inbox").Want(http.StatusNotFound)     // the desk's
		other.Get("/workbench?queue=approvals").Want(http.StatusNotFound) // a head's
		other.Get("/workbench?queue=to_claim&after=x").Want(http.StatusNotFound)
	})
}

// results are what became of each, by number.
func results(page *testkit.Seen) map[string]string {
	said := map[string]string{}
	page.Find(".queue-results li").Each(func(_ int, li *goquery.Selection) {
		number, _, _ := strings.Cut(strings.TrimSpace(li.Find("span").Text()), " ")
		said[number] = strings.TrimSpace(li.Find("strong").Text())
	})
	return said
}

// TestClaimMany lets two officers claim the same ten at once: each ticket goes
// to one of them, the other is told who it was, and asking again changes nothing.
func TestClaimMany(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		form := url.Values{}
		for i := range 10 {
			form.Add("id", o.dispatched(fmt.Sprintf("招工 %d", i), "labour", nil))
		}
		officers := map[string]string{"lead-officer": "deputy", "deputy": "lead-officer"}
		visitors := map[string]*testkit.Visitor{}
		for who := range officers {
			visitors[who] = o.SignInAs(t, who)
		}
		claim := func() map[string]map[string]string {
			var mu sync.Mutex
			all := map[string]map[string]string{}
			var both sync.WaitGroup
			for who, v := range visitors {
				both.Go(func() {
					page, err := v.Visit(context.WithoutCancel(t.Context()), http.MethodPost, "/workbench/claim?queue=to_claim", form, "")
					if err != nil || page.Status != http.StatusOK {
						t.Errorf("%s: %v", who, err)
						return
					}
					mu.Lock()
					defer mu.Unlock()
					all[who] = results(page)
				})
			}
			both.Wait()
			return all
		}
		first := claim()
		claimed := 0
		for who, other := range officers {
			if len(first[who]) != 10 {
				t.Fatalf("%s is told of %d", who, len(first[who]))
			}
			for number, said := range first[who] {
				switch said {
				case "已接单":
					claimed++
					if got := first[other][number]; got != who+"先一步接单了" {
						t.Errorf("%s is told of %s: %q", other, number, got)
					}
				case other + "先一步接单了":
				default:
					t.Errorf("%s is told of %s: %q", who, number, said)
				}
			}
		}
		if claimed != 10 {
			t.Errorf("%d are claimed", claimed)
		}
		again := claim()
		for who := range officers {
			for number, said := range first[who] {
				if again[who][number] != said {
					t.Errorf("the second time %s is told of %s: %q, not %q", who, number, again[who][number], said)
				}
			}
		}
	})
}

// TestClaimSaysWhy holds what is said of tickets that can't be claimed, and of
// none.
func TestClaimSaysWhy(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		v := o.SignInAs(t, "lead-officer")
		free, joint, foreign := o.dispatched("空着的", "labour", nil), o.joint("会办的"), o.dispatched("别家的", "land", nil)
		page := v.Post("/workbench/claim?queue=to_claim", url.Values{"id": {free, free, joint, foreign, "nothing"}}).Want(http.StatusOK)
		if got := page.Words(".notice strong"); !strings.Contains(got, "接单：4 件里成功 1 件") {
			t.Errorf("the result is %q", got)
		}
		if page.Find(".queue-results .is-bad").Length() != 3 || strings.Contains(page.Body, "别家的") {
			t.Errorf("said of the others: %q", page.All(".queue-results li"))
		}
		if o.state(free) != ticket.Resolving || o.state(foreign) != ticket.Dispatched {
			t.Error("the claim went elsewhere")
		}
		if got := v.Post("/workbench/claim", url.Values{}).Want(http.StatusOK).Words(".notice"); got != "请先勾选，再点“接单”。" {
			t.Errorf("none chosen: %q", got)
		}
		// By the button of one row, whatever is ticked; as script asks for it.
		one, other := o.dispatched("这一件", "labour", nil), o.dispatched("勾着的", "labour", nil)
		part := v.PostPart("/workbench/claim?queue=to_claim", url.Values{"id": {other}, "only": {one}}, "queue-done").Want(http.StatusOK)
		if part.Find("#queue, .queue-row").Length() > 0 || part.Header.Get("HX-Trigger") != "whistle:changed" {
			t.Errorf("the part is %s", part.Body)
		}
		if o.state(one) != ticket.Resolving || o.state(other) != ticket.Dispatched {
			t.Error("the button claimed another")
		}
		// Whoever reloads the answer as a page is led back to the list.
		if at := v.Get("/workbench/claim?queue=to_claim").Want(http.StatusOK).Path; at != "/workbench?queue=to_claim" {
			t.Errorf("led to %s", at)
		}
	})
}

// TestFilters holds that every filter narrows the list, says so, and can be
// taken off.
func TestFilters(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.dispatched("招工难", "labour", nil)
		o.dispatched("贷款难", "labour", func(in *ticket.SubmitInput) { in.Category = "funding" })
		o.Clock.Set(testkit.Moment(t, "2023-09-28 15:00"))
		given := o.dispatched("用工补贴", "labour", nil)
		o.do("lead-head", given, ticket.EventAssign, ticket.AssignInput{UserID: o.Users["deputy"].ID})
		v := o.SignInAs(t, "lead-officer")
		for query, want := range map[string][]string{
			"":                              {"招工难", "贷款难", "用工补贴"},
			"light=red":                     {"招工难", "贷款难"},
			"light=green":                   {"用工补贴"},
			"light=yellow":                  nil,
			"category=funding":              {"贷款难"},
			"q=补贴":                          {"用工补贴"},
			"assignee=@":                    {"用工补贴"},
			"light=red&category=labour":     {"招工难"},
			"light=red&assignee=@&q=招工&x=1": nil,
		} {
			query = strings.ReplaceAll(query, "@", o.Users["deputy"].ID)
			page := v.Get("/workbench?queue=to_claim&" + query).Want(http.StatusOK)
			if got := page.All(".queue-title"); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
			if query != "" && want == nil && page.Words(".queue-section .empty-title") != "没有符合条件的事项" {
				t.Errorf("%s: %q", query, page.Words(".queue-section .empty"))
			}
		}
		page := v.Get("/workbench?queue=to_claim&light=red&category=funding")
		if got := page.All(".queue-narrowed a"); !slices.Equal(got, []string{"时限：已超期 去掉这个条件", "类别：资金 去掉这个条件"}) {
			t.Errorf("narrowed by %q", got)
		}
		if got := v.Get(page.Attrs(".queue-narrowed a", "href")[0]).All(".queue-title"); !slices.Equal(got, []string{"贷款难"}) {
			t.Errorf("without the first: %q", got)
		}
		// The filter stays when a ticket is opened.
		href := page.Attrs(".queue-title", "href")[0]
		if got := v.Get(href).All(".queue-title"); !slices.Equal(got, []string{"贷款难"}) {
			t.Errorf("beside the ticket: %q", got)
		}
	})
}

// TestSplit holds that an address shows list and ticket both, whole without
// script and part by part with it.
func TestSplit(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		var ids []string
		for i := range 3 {
			ids = append(ids, o.dispatched(fmt.Sprintf("招工 %d", i), "labour", nil))
			o.Clock.Advance(time.Minute)
		}
		v := o.SignInAs(t, "lead-officer")
		at := func(id string) string { return "/workbench?queue=to_claim&ticket=" + id }

		whole := v.Get(at(ids[1])).Want(http.StatusOK)
		if whole.Find(".queue-row").Length() != 3 || whole.Words("#ticket h1") != "招工 1" {
			t.Errorf("the whole page has %d rows and %q", whole.Find(".queue-row").Length(), whole.Words("#ticket h1"))
		}
		if got := whole.Attrs(".queue-row[aria-current]", "id"); !slices.Equal(got, []string{"row-" + ids[1]}) {
			t.Errorf("the current row is %v", got)
		}
		if before, after := whole.Attrs("#queue-before", "href"), whole.Attrs("#queue-after", "href"); !slices.Equal(before, []string{at(ids[0])}) || !slices.Equal(after, []string{at(ids[2])}) {
			t.Errorf("between %v and %v", before, after)
		}

		one := v.GetPart(at(ids[1]), "queue-ticket").Want(http.StatusOK)
		if one.Find("#queue, .queue-row, .shell").Length() > 0 || one.Words("#ticket h1") != "招工 1" {
			t.Errorf("the ticket's part is %s", one.Body)
		}
		list := v.GetPart(at(ids[1]), "queue").Want(http.StatusOK)
		if list.Find("article, .shell").Length() > 0 || list.Find(".queue-row[aria-current]").Length() != 1 {
			t.Errorf("the list's part is %s", list.Body)
		}

		// What was done with it takes it off the list; the way goes on from there.
		o.do("lead-officer", ids[1], ticket.EventClaim, ticket.None{})
		list = v.GetPart(at(ids[1])+"&then="+ids[2], "queue").Want(http.StatusOK)
		if got := list.Attrs("#queue-after", "href"); list.Find(".queue-row").Length() != 2 || !slices.Equal(got, []string{at(ids[2])}) {
			t.Errorf("after the second comes %v", got)
		}
		if got := list.Attrs("#queue-steps", "hx-swap-oob"); !slices.Equal(got, []string{"true"}) {
			t.Errorf("the steps take their place by %v", got)
		}
		if got := v.GetPart(at(ids[1]), "queue").Attrs("#queue-after", "href"); !slices.Equal(got, []string{at(ids[0])}) {
			t.Errorf("else the way begins at %v", got)
		}
	})
}

// TestGuestsWorkbench holds that an expert sees what they are invited to, while
// they are.
func TestGuestsWorkbench(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.joint("宿舍消防")
		o.joint("与专家无关的")
		o.do("lead-head", id, ticket.EventInvite, ticket.InviteInput{UserID: o.Users["expert"].ID})
		if got := o.SignInAs(t, "expert").Get("/workbench").Want(http.StatusOK).All(".queue-title"); !slices.Equal(got, []string{"宿舍消防"}) {
			t.Errorf("the expert sees %q", got)
		}
		if page := o.SignInAs(t, "guest").Get("/workbench").Want(http.StatusOK); page.Find(".queue-row").Length() > 0 {
			t.Errorf("another guest sees %q", page.All(".queue-title"))
		}
		o.SignInAs(t, "expert").Get("/workbench/board").Want(http.StatusNotFound)
	})
}
