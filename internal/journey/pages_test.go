package journey_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"whistle/internal/demo"
	"whistle/internal/directory"
	"whistle/internal/testkit"
)

// look is a page that somebody looks at. In its path {ticket} is the first
// ticket that their search finds, of an enterprise the first of its own.
type look struct{ name, path string }

// firsts are what a path may begin with instead: the first link of a list.
var firsts = []struct{ name, list, link string }{
	{"manager", "/managers", "tbody th a"},
	{"user", "/admin/users", "tbody a"},
	{"enterprise", "/enterprises", "tbody a"},
	{"looked-after", "/looked-after", "#managed a.queue-title"},
	{"robot", "/account", "#channels a[href$='/robot']"},
}

// rounds are the pages of each of the demo's people, by their user names.
var rounds = []struct {
	who   string
	wide  bool // at a desk; else with a phone
	looks []look
}{
	{"enterprise", false, []look{
		{"requests", "/requests"},
		{"requests-ended", "/requests?list=closed"},
		{"stations", "/stations"},
		{"ticket", "{ticket}"},
		{"file", "/requests/new"},
		{"support", "/support"},
		{"need-new", "/support/needs/new"},
		{"search", "/search?q=%E6%B6%88%E9%98%B2"},
		{"notices", "/notices"},
		{"account", "/account"},
	}},
	{"manager", false, []look{
		{"looked-after", "/looked-after"}, {"profile", "{looked-after}"}, {"plan", "{looked-after}/plan"}, {"visits-own", "/visits/plan"}, {"visit-choose", "/visits/new"}, {"visits", "/visits"}, {"file", "/requests/new"}, {"ticket", "{ticket}"}, {"workbench", "/workbench"}, {"notices", "/notices"},
	}},
	{"dispatcher", true, []look{
		{"desk", "/desk"},
		{"desk-board", "/desk/board"},
		{"ticket", "{ticket}"},
		{"tickets", "/tickets"},
		{"file", "/requests/new"},
		{"invitations", "/invitations"},
		{"managers", "/managers"},
		{"manager", "{manager}"},
		{"hand-over", "{manager}/hand-over"},
		{"enterprises", "/enterprises"},
		{"profile", "{enterprise}"},
		{"chains", "/chains"},
		{"alliances", "/alliances"},
		{"alliance-new", "/alliances/new"},
		{"activities", "/activities"},
		{"campaign-new", "/visits/campaigns/new"},
		{"support", "/support"},
		{"support-policies", "/support/policies"},
		{"support-needs", "/support/needs"},
		{"support-services", "/support/services"},
		{"policy-resource-new", "/support/policies/new"},
		{"stations", "/stations"},
		{"experts", "/experts"},
		{"expert-new", "/experts/new"},
		{"webhooks", "/webhooks"},
		{"webhook-new", "/webhooks/new"},
		{"search", "/search?q=%E6%B6%88%E9%98%B2"},
		{"notices", "/notices"},
		{"account", "/account"},
	}},
	{"officer", true, []look{
		{"workbench", "/workbench"}, {"working", "/workbench?queue=working"}, {"board", "/workbench/board"}, {"ticket", "{ticket}"}, {"tickets", "/tickets"}, {"notices", "/notices"},
	}},
	{"head", true, []look{
		{"bulletin", "/bulletin"}, {"workbench", "/workbench"}, {"approvals", "/workbench?queue=approvals"}, {"holders", "/workbench/holders"}, {"board", "/workbench/board"}, {"ticket", "{ticket}"}, {"account", "/account"}, {"office-robot", "{robot}"},
	}},
	{"leader", true, []look{
		{"dashboard", "/dashboard"},
		{"wall", "/dashboard?wall=1"},
		{"projects", "/projects"},
		{"milestones", "/projects/milestones?light=red"},
		{"charges", "/charges"},
		{"snapshots", "/dashboard/snapshots"},
		{"bulletin", "/bulletin"},
		{"figure", "/figures?figure=solved&part=denominator"},
		{"ticket", "{ticket}"},
		{"tickets", "/tickets"},
		{"search", "/search?q=%E6%B6%88%E9%98%B2"},
		{"visits", "/visits"},
		{"coverage", "/visits/coverage?by=chain"},
		{"coverage-rows", "/visits/coverage/rows?of=projects&reached=visited"},
		{"campaigns", "/visits/campaigns"},
	}},
	{"admin", true, []look{
		{"home", "/admin"},
		{"users", "/admin/users"},
		{"departments", "/admin/departments"},
		{"categories", "/admin/categories"},
		{"duties", "/admin/duties"},
		{"reasons", "/admin/reasons"},
		{"places", "/admin/places"},
		{"chains", "/admin/chains"},
		{"enterprises", "/admin/enterprises"},
		{"projects", "/admin/projects"},
		{"experts", "/admin/experts"},
		{"policies", "/admin/policies"},
		{"calendar", "/admin/calendar"},
		{"imports", "/admin/imports"},
		{"jobs", "/admin/jobs"},
		{"audit", "/admin/audit"},
		{"user-new", "/admin/users/new"},
		{"user", "{user}"},
		{"redact", "{user}/redact"},
		{"department-new", "/admin/departments/new"},
	}},
}

// namedScreen is a screen as pictures are named by it.
type namedScreen struct {
	name string
	testkit.Screen
}

// inEnglish are the pages that are looked at in English and in the dark as well,
// a sample of each kind.
var inEnglish = map[string]bool{
	"dispatcher/managers": true, "dispatcher/hand-over": true, "dispatcher/profile": true, "manager/profile": true,
	"enterprise/requests": true, "enterprise/ticket": true, "enterprise/file": true, "enterprise/support": true, "dispatcher/support": true, "dispatcher/support-policies": true, "manager/looked-after": true, "dispatcher/desk": true, "dispatcher/desk-board": true,
	"dispatcher/invitations": true, "officer/workbench": true, "officer/ticket": true, "head/holders": true, "head/office-robot": true, "leader/dashboard": true, "leader/bulletin": true,
	"leader/figure": true, "leader/projects": true, "leader/charges": true, "leader/ticket": true, "admin/users": true, "admin/calendar": true, "admin/department-new": true, "leader/search": true, "leader/coverage": true, "dispatcher/stations": true, "dispatcher/experts": true, "enterprise/stations": true, "manager/visits-own": true, "dispatcher/notices": true, "dispatcher/account": true,
}

// lookRound has one of the people look at their pages on every screen that they
// use. Each answers 200, has nothing that axe-core finds wrong, does not scroll
// sideways on a phone, and is held to the strict policy.
func lookRound(t *testing.T, s *testkit.Server, account, who string, wide bool, looks []look, prefix string) {
	t.Helper()
	screens := []namedScreen{{"390", testkit.Phone}}
	foreign := testkit.Phone
	if wide {
		screens = []namedScreen{{"1024", testkit.Tablet}, {"1440", testkit.Desktop}}
		foreign = testkit.Desktop
	}
	foreign.Language, foreign.Dark = "en", true
	for _, on := range append(screens, namedScreen{"en-dark", foreign}) {
		name, screen := on.name, on.Screen
		t.Run(who+"/"+name, func(t *testing.T) {
			p := s.Visit(t, account, screen)
			for _, l := range looks {
				if screen.Dark && !inEnglish[who+"/"+l.name] {
					continue
				}
				path := l.path
				for _, first := range firsts {
					if !strings.HasPrefix(path, "{"+first.name+"}") {
						continue
					}
					var found *string
					p.Open(first.list).Eval(`document.querySelector("main `+first.link+`")?.getAttribute("href") ?? null`, &found)
					if found == nil {
						path = ""
						break
					}
					path = strings.Replace(path, "{"+first.name+"}", *found, 1)
				}
				if path == "" {
					if prefix == "" {
						t.Errorf("%s finds none for %s", who, l.path)
					}
					continue // there is none yet
				}
				if path == "{ticket}" {
					list := "/tickets"
					if who == "enterprise" {
						list = "/requests"
					}
					var found *string
					p.Open(list).Eval(`document.querySelector("main a[href^='/tickets/']")?.getAttribute("href") ?? null`, &found)
					if found == nil {
						if prefix != "" {
							continue // there is none yet
						}
						t.Errorf("%s finds no ticket", who)
						continue
					}
					path = *found
				}
				p.Open(path)
				if p.Status() != http.StatusOK {
					t.Errorf("%s answers %s with %d", path, who, p.Status())
				}
				strictPolicy(t, p, path)
				p.Axe().Screenshot(fmt.Sprintf("page-%s%s-%s-%s", prefix, who, l.name, name))
				if screen.Touch {
					p.NoHorizontalScroll()
				}
			}
		})
	}
}

// strictPolicy fails the test unless the page that is open may load nothing but
// the service's own, and run nothing that stands in it.
func strictPolicy(t *testing.T, p *testkit.Person, path string) {
	t.Helper()
	var policy string
	p.Eval(`fetch(location.href).then(async (answer) => { await answer.text(); return answer.headers.get("Content-Security-Policy") || ""; })`, &policy)
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "script-src 'self';") || strings.Contains(policy, "unsafe-") || strings.Contains(policy, "*") || strings.Contains(policy, "//") {
		t.Errorf("the policy of %s: %q", path, policy)
	}
}

// demoYear serves the demo's district on the morning on which it begins.
func demoYear(t *testing.T) *testkit.Server {
	t.Helper()
	testkit.LongForRace(t)
	svc := testkit.NewService(t, testkit.MigratedSQLite(t), "2022-09-01 09:00")
	if err := demo.Fill(t.Context(), svc.Service, svc.Clock, nil); err != nil {
		t.Fatal(err)
	}
	users := map[string]directory.User{}
	for _, a := range demo.Accounts() {
		user, err := svc.UserByName(t.Context(), a.Username)
		if err != nil {
			t.Fatal(err)
		}
		users[a.Username] = user
	}
	return testkit.NewServer(t, &testkit.District{Service: svc, Users: users})
}

// TestPagesOfTheYear looks at every page for everybody on the demo's data, and
// holds what the dashboard weighs.
func TestPagesOfTheYear(t *testing.T) {
	s := demoYear(t)
	for _, r := range rounds {
		lookRound(t, s, r.who, r.who, r.wide, r.looks, "")
	}
	t.Run("weight", func(t *testing.T) {
		// Both bounds in bytes as they come over the wire.
		const first, later = 600_000, 100_000
		leader := s.Visit(t, "leader", testkit.Desktop).Open("/dashboard")
		t.Logf("the dashboard's first view weighs %d bytes", leader.Weight())
		if w := leader.Weight(); w >= first {
			t.Errorf("the dashboard's first view weighs %d bytes", w)
		}
		leader.Open("/dashboard?category=labour")
		t.Logf("a later one %d", leader.Weight())
		if w := leader.Weight(); w >= later {
			t.Errorf("a later view weighs %d bytes", w)
		}
	})
}

// TestPagesWithoutAnything looks at the same pages where nobody has filed yet.
func TestPagesWithoutAnything(t *testing.T) {
	s := opened(t)
	accounts := map[string]string{"enterprise": "own", "dispatcher": "desk", "officer": "lead-officer", "head": "lead-head"}
	for _, r := range rounds {
		account := accounts[r.who]
		if account == "" {
			account = r.who
		}
		lookRound(t, s, account, r.who, r.wide, r.looks, "empty-")
	}
}

// TestPagesOfNobody looks at what is there before one signs in, and where there
// is nothing.
func TestPagesOfNobody(t *testing.T) {
	s := opened(t)
	foreign := testkit.Phone
	foreign.Language, foreign.Dark = "en", true
	for _, on := range []namedScreen{{"390", testkit.Phone}, {"1440", testkit.Desktop}, {"en-dark", foreign}} {
		name, screen := on.name, on.Screen
		p := s.Visit(t, "", screen).Open("/signin").NoHorizontalScroll().Axe().Screenshot("page-nobody-signin-" + name)
		strictPolicy(t, p, "/signin")
		p.Open("/invite/nothing").NoHorizontalScroll().Axe().Screenshot("page-nobody-invitation-" + name)
		own := s.Visit(t, "own", screen).Open("/nothing").NoHorizontalScroll().Axe().Screenshot("page-own-nothing-" + name)
		if own.Status() != http.StatusNotFound {
			t.Errorf("where nothing is the answer is %d", own.Status())
		}
	}
}
