package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"whistle/internal/ticket"
)

// The desk hands a manager's enterprises over: it sees what is open there, is
// told what is wrong, and the new one has them.
func TestHandingOver(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		id := o.filed("缺人", nil)
		desk, path := o.SignInAs(t, "desk"), "/managers/"+o.Users["manager"].ID
		list := desk.Get("/managers").Want(http.StatusOK)
		if got := list.Attrs("tbody th a", "href"); !slices.Equal(got, []string{path}) {
			t.Errorf("managers: %v", got)
		}
		if got := desk.Get(path+"?list=open").Attrs(".ticket-cards .queue-title", "href"); !slices.Equal(got, []string{"/tickets/" + id}) {
			t.Errorf("open there: %v", got)
		}
		page := desk.Get(path + "/hand-over").Want(http.StatusOK)
		if facts := page.Words(".facts"); !strings.Contains(facts, "在办诉求1") {
			t.Errorf("goes along: %s", facts)
		}
		form := func(more url.Values) url.Values {
			more.Set("form_key", page.Attrs("input[name=form_key]", "value")[0])
			return more
		}
		missing := desk.Post(path+"/hand-over", form(url.Values{"from_date": {"2020-01-01"}})).Want(http.StatusUnprocessableEntity)
		if missing.Find(".field-error").Length() == 0 {
			t.Error("nothing is said at the fields")
		}
		found := desk.Post(path+"/hand-over", form(url.Values{"to_user_id_search": {"tax-officer"}, "again": {"to_user_id"}})).Want(http.StatusOK)
		if got := found.Attrs("input[name=to_user_id]", "value"); !slices.Equal(got, []string{o.Users["tax-officer"].ID}) {
			t.Errorf("found %v", got)
		}
		desk.Post(path+"/hand-over", form(url.Values{
			"to_user_id": {o.Users["tax-officer"].ID}, "enterprise_ids": {o.Enterprises["own"]}, "note": {"材料在三号柜"},
		})).Want(http.StatusOK)
		if got := desk.Get("/managers/"+o.Users["tax-officer"].ID).Attrs(".queue .queue-title", "href"); !slices.Equal(got, []string{"/enterprises/" + o.Enterprises["own"]}) {
			t.Errorf("the new one has %v", got)
		}
		for who, want := range map[string]int{"leader": http.StatusOK, "tax-head": http.StatusOK, "lead-officer": http.StatusNotFound, "own": http.StatusNotFound, "admin": http.StatusNotFound, "guest": http.StatusNotFound} {
			visitor := o.SignInAs(t, who)
			visitor.Get("/managers").Want(want)
			visitor.Get(path + "/hand-over").Want(http.StatusNotFound)
		}
	})
}

// The desk says who looks after an enterprise, from its page.
func TestAssigningAManager(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		desk, path := o.SignInAs(t, "desk"), "/enterprises/"+o.Enterprises["other"]
		if got := desk.Get(path).Attrs(".people ~ p a", "href"); !slices.Contains(got, path+"/managers") {
			t.Errorf("the way there: %v", got)
		}
		page := desk.Get(path + "/managers").Want(http.StatusOK)
		send(t, desk, page.Find("form.form"), url.Values{"user_id": {o.Users["tax-officer"].ID}, "part": {"contact"}, "from_date": {"2023-09-01"}}).Want(http.StatusOK)
		if people := desk.Get(path).Words(".people"); !strings.Contains(people, "tax-officer 联络员") {
			t.Errorf("people: %s", people)
		}
		page = desk.Get(path + "/managers")
		send(t, desk, page.Find(".deputies form"), nil).Want(http.StatusOK)
		if people := desk.Get(path).Words(".people"); strings.Contains(people, "tax-officer") {
			t.Errorf("after the end: %s", people)
		}
		o.SignInAs(t, "leader").Get(path + "/managers").Want(http.StatusNotFound)
	})
}

// Which sections of an enterprise's page each reader has.
func TestSectionsOfAProfile(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.filed("缺人", nil)
		secret := o.filed("商业秘密", func(in *ticket.SubmitInput) { in.Confidential = true })
		path := "/enterprises/" + o.Enterprises["own"]
		page := o.SignInAs(t, "manager").Get(path + "/plan").Want(http.StatusOK)
		send(t, o.SignInAs(t, "manager"), page.Find("form.form"), url.Values{"words": {"内部打算"}}).Want(http.StatusOK)
		for who, sees := range map[string]struct{ plan, writes, secret bool }{
			"own": {false, false, true}, "manager": {true, true, false}, "desk": {true, true, true}, "leader": {true, false, true},
			"lead-officer": {true, false, false}, "tax-head": {true, false, false},
		} {
			seen := o.SignInAs(t, who).Get(path).Want(http.StatusOK)
			for _, id := range []string{"profile-figures", "tickets", "timeline"} {
				if seen.Find("#"+id).Length() != 1 {
					t.Errorf("%s has no %s", who, id)
				}
			}
			if got := strings.Contains(seen.Body, "内部打算"); got != sees.plan {
				t.Errorf("%s reads the plan: %t", who, got)
			}
			if got := seen.Find(`a[href="`+path+`/plan"]`).Length() == 1; got != sees.writes {
				t.Errorf("%s writes the plan: %t", who, got)
			}
			if got := strings.Contains(seen.Body, secret); got != sees.secret {
				t.Errorf("%s reads of the trade secret: %t", who, got)
			}
		}
		for _, who := range []string{"stranger", "admin", "guest"} {
			o.SignInAs(t, who).Get(path).Want(http.StatusNotFound)
		}
	})
}
