package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// send sends the form as it stands in the page, with more values.
func send(t *testing.T, v *testkit.Visitor, form *goquery.Selection, more url.Values) *testkit.Seen {
	t.Helper()
	if form.Length() != 1 {
		t.Fatalf("there are %d such forms", form.Length())
	}
	values := url.Values{}
	form.Find("input[type=hidden]").Each(func(_ int, in *goquery.Selection) {
		values.Add(in.AttrOr("name", ""), in.AttrOr("value", ""))
	})
	for name, value := range more {
		values[name] = value
	}
	return v.Post(form.AttrOr("action", ""), values)
}

// TestHoldersIsForHeads holds that officers are kept out, but for the deputy.
func TestHoldersIsForHeads(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		for who, want := range map[string]int{
			"lead-officer": http.StatusForbidden, "fire-officer": http.StatusForbidden, "desk": http.StatusForbidden,
			"leader": http.StatusForbidden, "own": http.StatusForbidden, "expert": http.StatusForbidden,
			"lead-head": http.StatusOK, "deputy": http.StatusOK,
		} {
			page := o.SignInAs(t, who).Get("/workbench/holders").Want(want)
			if has := page.Find(`nav a[href="/workbench/holders"]`).Length() > 0; has != (want == http.StatusOK) {
				t.Errorf("%s has the way there: %t", who, has)
			}
		}
	})
}

// TestHolders holds who works on what to the tickets, and lets the head assign
// and decide in the row.
func TestHolders(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		free := o.dispatched("没人办的", "labour", nil)
		held := o.resolving("有人办的")
		o.do("lead-officer", held, ticket.EventRequestExtension, ticket.RequestExtensionInput{DueAt: testkit.Moment(t, "2023-10-11 18:00"), Reason: "材料未齐"})
		head := o.SignInAs(t, "lead-head")
		page := head.Get("/workbench/holders").Want(http.StatusOK)
		officer := "#holder-" + o.Users["lead-officer"].ID
		if got := page.All(officer + " .queue-title"); !slices.Equal(got, []string{"有人办的"}) || page.Words(officer+" > summary .count") != "1" {
			t.Errorf("the officer holds %q", got)
		}
		if got := page.Words("#holdings section:nth-of-type(1) .queue-asked"); got != "申请延到 10月11日 18:00：材料未齐" {
			t.Errorf("the head is asked %q", got)
		}

		page = send(t, head, page.Find("#row-"+free+" form"), url.Values{"user_id": {o.Users["deputy"].ID}}).Want(http.StatusOK)
		if page.Path != "/workbench/holders" || page.Words(".flash") != "已指派" {
			t.Errorf("after the assignment one is at %s and reads %q", page.Path, page.Words(".flash"))
		}
		if got := page.All("#holder-" + o.Users["deputy"].ID + " .queue-title"); !slices.Equal(got, []string{"没人办的"}) {
			t.Errorf("the deputy holds %q", got)
		}
		page = send(t, head, page.Find("#holdings section:nth-of-type(1) .form-row"), url.Values{"approve": {"true"}}).Want(http.StatusOK)
		if page.Path != "/workbench/holders" || page.Find("#holdings section:nth-of-type(1) .queue-row").Length() > 0 {
			t.Errorf("after the approval at %s: %q", page.Path, page.Words("#holdings section:nth-of-type(1)"))
		}
		view, err := o.Ticket(t.Context(), ticket.System, held)
		if err != nil {
			t.Fatal(err)
		}
		if due := view.Clock(ticket.ClockResolve).DueAt; !due.Equal(testkit.Moment(t, "2023-10-11 18:00")) {
			t.Errorf("the deadline is %s", due)
		}
	})
}

// TestDeputies lets the head name a deputy for some days and end it; nobody
// else may, not the deputy either.
func TestDeputies(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		head, officer := o.SignInAs(t, "lead-head"), o.SignInAs(t, "lead-officer")
		page := head.Get("/workbench/holders")
		days := func(from, to string) url.Values {
			return url.Values{"user_id": {o.Users["lead-officer"].ID}, "from_date": {from}, "to_date": {to}}
		}
		wrong := send(t, head, page.Find("#deputies .form"), days("2023-10-07", "2023-10-01")).Want(http.StatusUnprocessableEntity)
		if wrong.Words("#f-to_date-notes") == "" || !slices.Equal(wrong.Attrs("#f-from_date", "value"), []string{"2023-10-07"}) {
			t.Errorf("wrong days are answered %q", wrong.Words("#deputies"))
		}
		named := send(t, head, page.Find("#deputies .form"), days("2023-09-27", "2023-10-07")).Want(http.StatusOK)
		if named.Words(".flash") != "代理人已定" || !strings.Contains(named.Words(".deputies"), "9月27日到10月7日") {
			t.Errorf("named: %q", named.Words("#deputies"))
		}
		twice := send(t, head, page.Find("#deputies .form"), days("2023-09-27", "2023-10-07")).Want(http.StatusOK)
		if got := twice.Find(".deputies li").Length(); got != named.Find(".deputies li").Length() {
			t.Errorf("sent twice there are %d", got)
		}
		// Stood in for, the officer may what the head may; but names no other.
		stands := officer.Get("/workbench/holders").Want(http.StatusOK)
		if stands.Find("#deputies form").Length() > 0 {
			t.Error("a deputy may name another, it seems")
		}
		officer.Post("/workbench/holders/deputies", days("2023-11-01", "2023-11-02")).Want(http.StatusForbidden)
		end := named.Find(".deputies li").FilterFunction(func(_ int, li *goquery.Selection) bool {
			return strings.Contains(li.Text(), "lead-officer")
		}).Find("form")
		officer.Post(end.AttrOr("action", ""), url.Values{}).Want(http.StatusForbidden)
		o.SignInAs(t, "fire-head").Post(end.AttrOr("action", ""), url.Values{}).Want(http.StatusNotFound)
		ended := send(t, head, end, nil).Want(http.StatusOK)
		if strings.Contains(ended.Words(".deputies"), "lead-officer") {
			t.Errorf("ended: %q", ended.Words("#deputies"))
		}
		officer.Get("/workbench/holders").Want(http.StatusForbidden)
	})
}

// TestBoard holds the joint handlings to how far each department has come.
func TestBoard(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.joint("宿舍消防")
		o.do("fire-officer", id, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Needs, Text: "要先补图纸"})
		columns := func(who string) []string {
			return o.SignInAs(t, who).Get("/workbench/board").Want(http.StatusOK).All(".board tbody td")
		}
		if got := columns("water-officer"); len(got) != 3 || !strings.HasPrefix(got[0], "消防大队 需要条件要先补图纸") || !strings.HasPrefix(got[1], "水务局") || got[2] != "–" {
			t.Errorf("at first: %q", got)
		}
		o.Clock.Set(testkit.Moment(t, "2023-09-28 16:00"))
		got := columns("lead-head")
		if got[1] != "–" || !strings.HasPrefix(got[2], "水务局 已超期") {
			t.Errorf("a day later: %q", got)
		}
		o.do("water-officer", id, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "能办"})
		if got := columns("fire-officer"); !strings.Contains(got[0], "水务局 能办 迟到") || got[2] != "–" {
			t.Errorf("late: %q", got)
		}
		if got := columns("land-officer"); len(got) > 0 {
			t.Errorf("who has no part in it sees %q", got)
		}
		for _, who := range []string{"own", "desk", "admin"} {
			o.SignInAs(t, who).Get("/workbench/board").Want(http.StatusNotFound)
		}
	})
}
