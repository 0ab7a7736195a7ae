package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"whistle/internal/ticket"
)

func TestSearch(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		first := o.filed("厂区没有路灯", func(in *ticket.SubmitInput) {
			in.Description = strings.Repeat("说明很长。", 30) + "夜班工人走路害怕，请帮忙装灯。" + strings.Repeat("后面也很长。", 30)
		})
		o.filed("工人宿舍验收", nil)
		secret := o.filed("工人的新配方", func(in *ticket.SubmitInput) { in.Confidential = true })
		ref := func(id string) *ticket.Ticket {
			found, err := o.Ticket(t.Context(), ticket.System, id)
			if err != nil {
				t.Fatal(err)
			}
			return found.Ticket
		}
		find := func(who, words string) (titles []string, path string) {
			t.Helper()
			seen := o.SignInAs(t, who).Get("/search?q=" + url.QueryEscape(words)).Want(http.StatusOK)
			return seen.All("#found-tickets + ul .queue-title"), seen.Path
		}

		// Two characters will do; what is in the title comes first, and is marked.
		titles, _ := find("desk", "工人")
		if !slices.Equal(titles, []string{"工人的新配方", "工人宿舍验收", "厂区没有路灯"}) {
			t.Errorf("found %v", titles)
		}
		seen := o.SignInAs(t, "desk").Get("/search?q=工人")
		if marks := seen.All(".queue mark"); !slices.Equal(marks, []string{"工人", "工人", "工人"}) {
			t.Errorf("marked %v", marks)
		}
		excerpt := seen.Words(".search-excerpt")
		if !strings.HasPrefix(excerpt, "…") || !strings.HasSuffix(excerpt, "…") || !strings.Contains(excerpt, "夜班工人走路害怕") || len([]rune(excerpt)) > 110 {
			t.Errorf("the excerpt reads %q", excerpt)
		}

		// A number leads straight to its ticket, of those in sight.
		for _, number := range []string{ref(first).Number, " " + ref(first).Number + " "} {
			if _, path := find("own", number); path != "/tickets/"+first {
				t.Errorf("%q leads to %s", number, path)
			}
		}
		for who, wants := range map[string]bool{"stranger": false, "desk": true, "manager": false, "leader": true} {
			if _, path := find(who, ref(secret).Number); (path == "/tickets/"+secret) != wants {
				t.Errorf("%s is led to %s", who, path)
			}
		}
		if titles, _ := find("stranger", "工人"); len(titles) > 0 {
			t.Errorf("a stranger finds %v", titles)
		}
		if titles, _ := find("lead-officer", "工人"); len(titles) > 0 {
			t.Errorf("a department finds %v", titles)
		}

		// Enterprises; the desk and the leaders open their page.
		desk := o.SignInAs(t, "desk").Get("/search?q=甲科技").Want(http.StatusOK)
		if got := desk.Attrs("#found-enterprises + ul .queue-title", "href"); !slices.Equal(got, []string{"/enterprises/" + o.Enterprises["own"]}) {
			t.Errorf("the enterprise is at %v", got)
		}
		if got := o.SignInAs(t, "stranger").Get("/search?q=甲科技").All("#found-enterprises + ul .queue-title"); len(got) > 0 {
			t.Errorf("a stranger finds the enterprise %v", got)
		}

		// Nothing to look for, nothing found, and what must not become markup.
		for words, want := range map[string]string{"": "想找什么？", "？！": "想找什么？", "没有这个词的": "没有找到"} {
			if got := o.SignInAs(t, "own").Get("/search?q=" + url.QueryEscape(words)).Want(http.StatusOK).Words(".empty-title"); got != want {
				t.Errorf("%q: %q", words, got)
			}
		}
		script := o.SignInAs(t, "own").Get("/search?q=" + url.QueryEscape(`"><script>x</script>`)).Want(http.StatusOK)
		if script.Find("main script").Length() > 0 {
			t.Error("what was typed became markup")
		}
		if got := script.Attrs("#q", "value"); !slices.Equal(got, []string{`"><script>x</script>`}) {
			t.Errorf("typed: %v", got)
		}
	})
}

func TestSearchLeadsOnToTheList(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		for range 25 {
			o.filed("工人不够 &缺人", nil)
		}
		seen := o.SignInAs(t, "own").Get("/search?q=" + url.QueryEscape("工人 &缺人")).Want(http.StatusOK)
		if got := len(seen.All("#found-tickets + ul .queue-title")); got != 20 {
			t.Errorf("%d found", got)
		}
		more := seen.Attrs("#found-tickets ~ p a", "href")
		if len(more) != 1 {
			t.Fatalf("more at %v", more)
		}
		if got := titles(o.SignInAs(t, "own").Get(more[0]).Want(http.StatusOK)); len(got) != 25 {
			t.Errorf("the list shows %d", len(got))
		}
	})
}
