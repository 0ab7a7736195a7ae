package web_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

// TestNumbersOpenToWhatTheyCount follows every link of the dashboard that a
// number has: the list behind it is as long as the number says.
func TestNumbersOpenToWhatTheyCount(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		for i := range 3 {
			id := o.resolving("缺工人 " + strconv.Itoa(i))
			if i == 0 {
				continue
			}
			o.do("lead-head", id, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "已招到"})
			o.do("own", id, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5})
		}
		rejected := o.filed("问路", nil)
		o.do("desk", rejected, ticket.EventReject, ticket.RejectInput{ReasonCode: "out_of_scope", Text: "请打热线"})

		leader := o.SignInAs(t, "leader")
		page := leader.Get("/dashboard").Want(http.StatusOK)
		if main := page.Words(".figure-main"); !strings.Contains(main, "66.67%") || !strings.Contains(main, "2 / 3") {
			t.Errorf("the figure reads %q", main)
		}
		followed := 0
		for _, link := range page.Find("a[href^='/figures?']").EachIter() {
			href, _ := link.Attr("href")
			number, err := strconv.Atoi(strings.TrimSpace(link.Text()))
			if err != nil {
				continue // a rate, or a name with its number
			}
			list := leader.Get(href).Want(http.StatusOK)
			if n := list.Find("main .queue-row").Length(); n != number {
				t.Errorf("%s says %d, and lists %d", href, number, n)
			}
			followed++
		}
		if followed < 10 {
			t.Errorf("only %d numbers open to anything", followed)
		}
		if page := leader.Get("/dashboard?period=custom&from=2023-09-28&to=2023-09-27").Want(http.StatusOK); page.Words(".field-error") == "" {
			t.Error("a period that ends before it begins is not told")
		}
		// An enterprise comes by a link from its profile; narrowing further keeps it.
		if page := leader.Get("/dashboard?enterprise=" + o.Enterprises["own"]).Want(http.StatusOK); page.Form("form.filters").Get("enterprise") != o.Enterprises["own"] {
			t.Errorf("the enterprise is lost: %s", page.Words(".filters"))
		}
		if page := leader.Get("/dashboard?department=" + o.Departments["fire"]).Want(http.StatusOK); !strings.Contains(page.Words(".figure-main"), "—") {
			t.Error("a department without tickets has a rate")
		}
		if body := leader.Get("/dashboard?wall=1").Want(http.StatusOK); body.Find("html[data-theme=dark] body.wall").Length() != 1 {
			t.Error("no wall screen in the dark")
		}
		leader.Get("/figures?figure=nonsense").Want(http.StatusUnprocessableEntity)
		o.SignInAs(t, "admin").Get("/dashboard").Want(http.StatusForbidden)
		// A department reads its own figures.
		own := o.SignInAs(t, "fire-head").Get("/dashboard").Want(http.StatusOK)
		if !strings.Contains(own.Words(".figure-main"), "—") {
			t.Error("a department reads another's figures")
		}
	})
}

// TestALightSaysWhatIsDue, and how long is left for it as its clock runs: here
// day and night.
func TestALightSaysWhatIsDue(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		policy, err := o.Policy(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		for i := range policy.Rules {
			if policy.Rules[i].Clock == ticket.ClockClaim {
				policy.Rules[i].Length = ticket.Length{Amount: 48, Unit: ticket.Hours}
			}
		}
		soon := o.Clock.Now().Add(time.Minute)
		if _, err := o.CreatePolicy(t.Context(), o.Actor(t, "admin"), service.NewPolicy{Name: "day and night", EffectiveFrom: &soon, Rules: policy.Rules}); err != nil {
			t.Fatal(err)
		}
		o.Clock.Advance(time.Minute)
		o.dispatched("招工难", "labour", nil)
		o.Clock.Advance(40 * time.Hour)
		if light := o.SignInAs(t, "leader").Get("/dashboard").Words("[aria-labelledby=lights] .light"); light != "接单 快到期，剩 8 小时" {
			t.Errorf("the light says %q", light)
		}
	})
}

func TestTheBulletinIsWhatWasFrozen(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.resolving("缺工人")
		leader := o.SignInAs(t, "leader")
		if page := leader.Get("/bulletin?day=2023-09-27").Want(http.StatusOK); !strings.Contains(page.Words(".page-sub"), "暂定") {
			t.Errorf("an unfinished week says %q", page.Words(".page-sub"))
		}
		o.Clock.Set(time.Date(2023, 10, 2, 9, 0, 0, 0, o.Zone()))
		if _, err := o.Freeze(t.Context()); err != nil {
			t.Fatal(err)
		}
		page := leader.Get("/bulletin?day=2023-09-27").Want(http.StatusOK)
		if strings.Contains(page.Words(".page-sub"), "暂定") || page.Find("a[href^='/dashboard/snapshots/']").Length() == 0 {
			t.Errorf("a frozen week says %q", page.Words(".page-sub"))
		}
		if next := leader.Get("/bulletin").Want(http.StatusOK); !strings.Contains(next.Words(".page-sub"), "9月25日") {
			t.Errorf("the last bulletin is that of %q", next.Words(".page-sub"))
		}
		href, _ := page.Find("a[href^='/dashboard/snapshots/']").Attr("href")
		leader.Get(href).Want(http.StatusOK)
		leader.Get("/dashboard/snapshots?kind=weekly").Want(http.StatusOK)
		save, _ := page.Find(".exports a").First().Attr("href")
		if table := leader.Get(save).Want(http.StatusOK); !strings.HasPrefix(table.Header.Get("Content-Disposition"), "attachment") {
			t.Error("the table is not to be saved")
		}
		book := leader.Get("/bulletin.xlsx?kind=weekly&day=2023-09-27").Want(http.StatusOK)
		if !strings.HasPrefix(book.Header.Get("Content-Disposition"), "attachment") {
			t.Error("the workbook is not to be saved")
		}
		leader.Get("/bulletin.xlsx?kind=weekly&day=2023-10-02").Want(http.StatusNotFound) // it lasts still
		if head := o.SignInAs(t, "lead-head").Get("/bulletin").Want(http.StatusOK); head.Find("a[href^='/figures?']").Length() != 0 {
			t.Error("a head is led to what is not theirs")
		}
		o.SignInAs(t, "lead-officer").Get("/bulletin").Want(http.StatusForbidden)
		leader.Get("/bulletin?kind=daily").Want(http.StatusNotFound)
	})
}
