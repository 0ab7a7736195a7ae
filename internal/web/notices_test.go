package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// told lets the service tell everybody of what happened, and waits until it has.
func (o *office) told() {
	o.tb.Helper()
	if err := o.StartQueue(o.tb.Context()); err != nil {
		o.tb.Fatal(err)
	}
	defer func() {
		if err := o.StopQueue(context.WithoutCancel(o.tb.Context())); err != nil {
			o.tb.Error(err)
		}
	}()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for deadline := time.After(30 * time.Second); ; {
		left := 0
		for _, state := range []store.JobState{store.JobWaiting, store.JobRunning} {
			jobs, err := o.QueueJobs(o.tb.Context(), o.Actor(o.tb, "admin"), service.JobFilter{State: state, Limit: 1000})
			if err != nil {
				o.tb.Fatal(err)
			}
			left += len(jobs)
		}
		if left == 0 {
			return
		}
		select {
		case <-look.C:
		case <-deadline:
			o.tb.Fatal("waited in vain for the queue")
		}
	}
}

func TestNotices(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		own := o.SignInAs(t, "own")
		if got := own.Get("/notices").Want(http.StatusOK).Words(".empty-title"); got != "还没有消息" {
			t.Errorf("without notices: %q", got)
		}
		lamp, lift := o.dispatched("路灯", "labour", nil), o.dispatched("电梯", "land", nil)
		o.told()

		seen := own.Get("/notices").Want(http.StatusOK)
		unread := len(seen.All(".notices .is-unread"))
		if unread < 4 || seen.Words("#notice-count") != fmt.Sprintf("%d 条未读", unread) {
			t.Fatalf("%d unread, the badge says %q", unread, seen.Words("#notice-count"))
		}
		if got := seen.Words(".bottom-nav a[href='/notices'] .count"); got != fmt.Sprint(unread) {
			t.Errorf("at the bottom: %q", got)
		}
		if got := seen.Words(".notices"); !strings.Contains(got, "您的诉求") || !strings.Contains(got, "路灯") {
			t.Errorf("told: %q", got)
		}

		// Opening a ticket reads what was told of it.
		own.Get("/tickets/" + lamp).Want(http.StatusOK)
		seen = own.Get("/notices")
		if got := seen.Attrs(".notices .is-unread .queue-title", "href"); len(got) == 0 || slices.Contains(got, "/tickets/"+lamp) || !slices.Contains(got, "/tickets/"+lift) {
			t.Errorf("unread: %v", got)
		}
		// Unread ones stand first.
		if got := seen.All(".notices-part"); !slices.Equal(got, []string{"未读", "已读"}) {
			t.Errorf("parts: %v", got)
		}

		// One, then all; without script and as htmx asks for it.
		id := seen.Attrs(".is-unread input[name=id]", "value")[0]
		before := len(seen.All(".is-unread"))
		if after := own.Post("/notices/read", url.Values{"id": {id}}).Want(http.StatusOK); len(after.All(".is-unread")) != before-1 || after.Path != "/notices" {
			t.Errorf("%d of %d are unread at %s", len(after.All(".is-unread")), before, after.Path)
		}
		part := own.PostPart("/notices/read", url.Values{}, "notices").Want(http.StatusOK)
		if part.Find("#notices").Length() != 1 || part.Find(".shell").Length() > 0 || part.Find(".is-unread").Length() > 0 {
			t.Errorf("the part is %s", part.Body)
		}
		if got := own.Get("/notices").Words("#notice-count"); got != "" {
			t.Errorf("the badge says %q", got)
		}

		// What others are told stays theirs.
		other := o.SignInAs(t, "lead-officer")
		theirs := other.Get("/notices").Attrs(".is-unread input[name=id]", "value")
		if len(theirs) == 0 {
			t.Fatal("the department was told nothing")
		}
		own.Post("/notices/read", url.Values{"id": {theirs[0]}})
		if got := other.Get("/notices").Attrs(".is-unread input[name=id]", "value"); !slices.Equal(got, theirs) {
			t.Errorf("somebody else read them: %v", got)
		}
		if got := own.With("Cookie", "language=en").Get("/notices").Words(".notices"); !strings.Contains(got, "Your request") {
			t.Errorf("in English: %q", got)
		}
	})
}

func TestNoticesByPages(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.dispatched("路灯", "labour", nil)
		o.do("lead-officer", id, ticket.EventClaim, ticket.None{})
		for i := range 40 {
			o.do("lead-officer", id, ticket.EventMessage, ticket.TextInput{Text: fmt.Sprint(i)})
			o.Clock.Advance(time.Minute)
		}
		o.told()
		own := o.SignInAs(t, "own")
		own.Post("/notices/read", url.Values{})
		page, all := own.Get("/notices"), 0
		for {
			all += len(page.Want(http.StatusOK).All(".notices .queue-row"))
			next := page.Attrs(".pager a[rel=next]", "href")
			if len(next) == 0 {
				break
			}
			page = own.Get(next[0])
		}
		if all < 40 {
			t.Errorf("%d notices on all pages", all)
		}
		own.Get("/notices?after=nonsense").Want(http.StatusNotFound)
	})
}

func TestShellCounts(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		count := func(who, path string) string {
			t.Helper()
			return o.SignInAs(t, who).Get("/account").Want(http.StatusOK).Words(".shell-nav a[href='" + path + "'] .count")
		}
		if got := count("desk", "/desk"); got != "" {
			t.Errorf("nothing waits, yet the desk's place says %q", got)
		}
		o.filed("路灯", nil)
		o.filed("电梯", nil)
		o.dispatched("招工", "labour", nil)
		if got := count("desk", "/desk"); got != "2" {
			t.Errorf("the desk's place says %q", got)
		}
		if got := count("lead-officer", "/workbench"); got != "1" {
			t.Errorf("the workbench says %q", got)
		}
		o.Clock.Advance(5 * 24 * time.Hour)
		if got := count("desk", "/desk"); got != "2 其中有已超期的" {
			t.Errorf("once overdue the desk's place says %q", got)
		}

		// The part that the stream renews: the counts of every place, and which
		// page one is on.
		part := o.SignInAs(t, "own").With("HX-Current-URL", o.URL+"/notices?x=1").GetPart("/shell", "shell-counts").Want(http.StatusOK)
		if part.Find("html, main, .shell").Length() > 0 && strings.Contains(part.Body, "<html") {
			t.Errorf("a whole page came: %s", part.Body)
		}
		for _, id := range []string{"#shell-counts", "#notice-count[hx-swap-oob]", "#bottom-nav[hx-swap-oob]"} {
			if part.Find(id).Length() != 1 {
				t.Errorf("%s is missing: %s", id, part.Body)
			}
		}
		if got := part.Attrs("#shell-counts a[aria-current]", "href"); !slices.Equal(got, []string{"/notices"}) {
			t.Errorf("one is at %v", got)
		}
		if seen := o.SignInAs(t, "own").Get("/shell").Want(http.StatusOK); seen.Path == "/shell" {
			t.Error("the part is no page of its own")
		}
	})
}
