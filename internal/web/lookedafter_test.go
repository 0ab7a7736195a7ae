package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/ticket"
)

// TestAManagersDay: the enterprises looked after, what waits for them, and what
// is late.
func TestAManagersDay(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		question, result, late := o.asked("缺多少人？"), o.verifying(), o.resolving("拖了很久")
		manager := o.SignInAs(t, "manager")
		page := manager.Get("/looked-after").Want(http.StatusOK)
		if got := page.Attrs(".queue-title", "href"); !slices.Equal(got, []string{"/tickets/" + question, "/tickets/" + result, "/enterprises/" + o.Enterprises["own"]}) {
			t.Errorf("it shows %v", got)
		}
		if got := page.Attrs(".ticket-card .btn", "href"); !slices.Equal(got, []string{eventPath(question, ticket.EventSupplyInfo)}) {
			t.Errorf("the manager may %v", got)
		}
		if got := page.Words(".page-sub"); got != "1 家企业 · 3 件在办" {
			t.Errorf("the sum: %q", got)
		}
		o.Clock.Advance(14 * 24 * time.Hour) // beyond the ticket's deadline
		page = manager.Get("/looked-after")
		if got := page.Attrs(".queue-title", "href"); !slices.Contains(got, "/tickets/"+late) {
			t.Errorf("what is late is missing: %v", got)
		}
		if got := page.Words("#managed .queue-side"); !strings.Contains(got, "超期") || !strings.Contains(got, "3 件在办") {
			t.Errorf("the enterprise says %q", got)
		}
		if got := manager.GetPart("/looked-after?q=没有这家", "managed"); got.Find("#managed a").Length() != 0 || got.Find("header.shell").Length() != 0 {
			t.Errorf("found %s", got.Words("body"))
		}
		o.SignInAs(t, "tax-officer").Get("/looked-after").Want(http.StatusNotFound)
		if at := manager.Get("/requests").Path; at != "/looked-after" {
			t.Errorf("a manager's requests are at %s", at)
		}
	})
}

// TestAnEnterprisesPageKeepsToItsReaders: who reads which of its tickets, and
// whom to call.
func TestAnEnterprisesPageKeepsToItsReaders(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		open, closed := o.resolving("在办的"), o.closed()
		secret := o.filed("商业秘密", func(in *ticket.SubmitInput) { in.Confidential = true })
		path := "/enterprises/" + o.Enterprises["own"]
		for who, want := range map[string][]string{
			"own": {secret, open}, "desk": {secret, open}, "manager": {open}, "lead-officer": {open}, "tax-officer": nil,
		} {
			visitor := o.SignInAs(t, who)
			page := visitor.Get(path).Want(http.StatusOK)
			var got []string
			for _, href := range page.Attrs(".ticket-card .queue-title", "href") {
				got = append(got, strings.TrimPrefix(href, "/tickets/"))
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s sees %v, want %v", who, got, want)
			}
			if who != "tax-officer" {
				if got := visitor.Get(path+"?list=closed").Attrs(".ticket-card .queue-title", "href"); !slices.Equal(got, []string{"/tickets/" + closed}) {
					t.Errorf("%s sees of those that ended %v", who, got)
				}
			}
			mayFile := page.Find(`a[href="/requests/new?enterprise=`+o.Enterprises["own"]+`"]`).Length() == 1
			if mayFile != slices.Contains([]string{"own", "desk", "manager"}, who) {
				t.Errorf("%s may file: %v", who, mayFile)
			}
		}
		if people := o.SignInAs(t, "manager").Get(path).Words(".people"); !strings.Contains(people, "own") || !strings.Contains(people, "manager 指导员") {
			t.Errorf("people: %s", people)
		}
		for _, who := range []string{"stranger", "guest"} {
			o.SignInAs(t, who).Get(path).Want(http.StatusNotFound)
		}
	})
}
