package bench_test

import (
	"net/http"
	"net/url"
	"testing"

	"whistle/internal/cursor"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
)

const (
	// originals are how many rows of each list are made one by one.
	originals = 100
	// copies are made of each of them: a list that is measured has 100,000 rows.
	copies = 1000
	// deep is the original behind which a page deep in a list begins.
	deep = originals / 2
)

// BenchmarkLists reads pages of lists of 100,000 rows, for those whose lists are
// the longest and for those who see little of them.
func BenchmarkLists(b *testing.B) {
	for _, database := range []struct {
		name string
		open func(testing.TB) store.Config
	}{{"sqlite", testkit.MigratedSQLite}, {"postgres", testkit.MigratedPostgres}} {
		b.Run(database.name, func(b *testing.B) {
			l := newLists(b, database.open(b))
			l.multiply(b, copies)
			yard := l.yardstick(b)
			for _, p := range l.listPages() {
				b.Run(p.name, func(b *testing.B) { l.measure(b, yard, p.read(l.year)) })
			}
		})
	}
}

// TestListsDoNotGrow holds every page of a list to what it read and showed when
// there was little in it: neither the statements nor the rows that the database
// gives, nor what is sent, grow with the list.
func TestListsDoNotGrow(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		l := newLists(t, cfg)
		type taken struct {
			statements, sent int
			rows             int64
		}
		read := func(p page) (took taken) {
			rows := l.statements.rows.Load()
			took.statements = len(l.statements.of(func() {
				answer, err := l.callers[p.who].Call(t.Context(), http.MethodGet, p.path(l.year, 0), nil, "")
				if err != nil {
					t.Fatal(err)
				}
				took.sent = len(answer)
			}))
			took.rows = l.statements.rows.Load() - rows
			return took
		}
		few := map[string]taken{}
		for _, p := range l.listPages() {
			read(p) // the first time fills what is remembered, such as the calendar
			few[p.name] = read(p)
		}
		l.multiply(t, 49)
		for _, p := range l.listPages() {
			was, is := few[p.name], read(p)
			// A page that was not full may be full now, with what its rows refer to,
			// and so may a choice.
			if is.statements > was.statements || is.rows > was.rows+300 || is.sent > was.sent+60_000 {
				t.Errorf("%s: with %d rows %+v, with 50 times as many %+v", p.name, originals, was, is)
			}
		}
	})
}

// list is a list in the pages and in the API, either of which may be missing.
type list struct {
	name, page, api string
	// after is the place deep in it, as the page's address has it; by is the same
	// for the API, where that differs.
	after, by string
	filter    string // of page and API alike
	who       []string
}

// listPages are the pages of all lists: the first one, one deep in the list, and
// one of what a filter leaves.
func (l *lists) listPages() []page {
	office := []string{"desk", "leader"}
	byID := func(kind string) (after, by string) {
		return id(kind, deep), cursor.Encode(struct {
			ID string `json:"id"`
		}{id(kind, deep)})
	}
	entries := func(name, path, api, kind, filter string, who ...string) list {
		after, by := byID(kind)
		return list{name, path, api, after, by, filter, who}
	}
	at := l.moments[deep]
	atVisit := cursor.Encode(service.VisitPosition{VisitedAt: at, ID: id("visit", deep)})
	atMilestone := cursor.Encode(service.MilestonePosition{Day: l.days[deep], ProjectID: id("project", deep), Kind: "start"})
	atRow := cursor.Encode(service.CoveragePosition{Name: enterpriseName(deep), ID: id("enterprise", deep)})
	atNotice := cursor.Encode(service.NoticePosition{At: at, ID: id("notice-desk", deep)})
	atChange := cursor.Encode(service.AuditPosition{At: at, ID: id("change", deep)})
	atManager := cursor.Encode(service.ManagerPosition{Enterprises: 100, Name: managerName(deep)})
	ownCharge := l.placed
	ownCharge.Place = 1
	period := "from=2023-06-01&to=2023-06-30"
	own := "enterprise=" + l.Enterprises["own"]
	plans := entries("plans", "", "/visit-plans", "plan", "campaign="+l.campaign, "desk", "manager")
	campaign := entries("campaign", "/visits/campaigns/"+l.campaign, "", "plan", "nobody=on", office...)
	lists := []list{
		{"visits", "/visits", "/visits", atVisit, atVisit, period, append(office, "manager")},
		{"visits-of-enterprise", "/visits?" + own, "/visits?" + own, atVisit, atVisit, "", []string{"desk", "manager"}},
		{"visits-own", "", "/visits", atVisit, atVisit, period, []string{"own"}},
		{"visits-unreached", "/visits/coverage/rows?reached=missing", "/visit-coverage/rows?reached=missing", atRow, atRow, period, []string{"leader"}},
		plans, campaign,
		{"plan-own", "/visits/plan", "", "", "", "", []string{"manager"}},
		entries("needs", "/support/needs", "/needs", "need", "state=met", office...),
		entries("needs-own", "", "/needs", "need", "state=met", "own", "manager"),
		entries("services", "/support/services", "/services", "service", "state=delivered&"+period, office...),
		entries("services-of-department", "/support/services?department="+l.Departments["labour"], "/services?department="+l.Departments["labour"], "service", "state=accepted", "lead-head"),
		entries("services-own", "", "/services", "service", "state=delivered", "own", "manager"),
		entries("policies", "/support/policies", "/policy-resources", "policy", "department="+l.Departments["land"], append(office, "lead-head")...),
		{"payouts", "/support", "/support-totals", "", "", period, []string{"leader"}},
		entries("activities", "/activities", "/activities", "activity", period, office...),
		entries("projects", "/projects", "/projects", "project", "light=red", office...),
		{"milestones", "/projects/milestones", "/milestones", atMilestone, atMilestone, "light=red", office},
		{"managers", "/managers", "/managers", atManager, atManager, "q=9", office},
		{"manager", "/managers/" + id("manager", deep), "/managers/" + id("manager", deep), "", "", "", office},
		{"looked-after", "/looked-after", "", "", "", "q=7", []string{"manager"}},
		entries("assignments", "", "/assignments", "assignment", "kind=manager&user="+id("manager", deep), "desk", "manager"),
		{"charges", "/charges", "/charges", cursor.Encode(l.placed), cursor.Encode(l.placed), "part=closed", []string{"desk", "lead-head"}},
		{"charges-own", "/charges", "/charges", cursor.Encode(ownCharge), cursor.Encode(ownCharge), "part=closed", []string{"leader"}},
		entries("enterprises", "/enterprises", "/enterprises", "enterprise", "place="+l.Places["town"], office...),
		entries("enterprises-found", "/enterprises?q=05", "/enterprises?q=05", "enterprise", "coverage=none", "desk"),
		{"notices", "/notices", "/notices", atNotice, atNotice, "unread=true", []string{"desk", "manager", "own"}},
		{"audit", "/admin/audit", "/audit", atChange, atChange, "subject=enterprise&action=change", []string{"admin"}},
		{"users", "/admin/users", "/users", managerUser(deep), "", "q=9", []string{"admin"}},
		{"chain", "/chains/" + l.Chains["chips"], "", "", "", "", office},
		{"choose-enterprise", "/visits/new", "", "", "", "q=05", []string{"desk"}},
	}
	var pages []page
	for _, list := range lists {
		for _, as := range []struct{ path, kind, place, after string }{{list.page, "page", "after", list.after}, {list.api, "api", "cursor", list.by}} {
			if as.path == "" {
				continue
			}
			if as.kind == "api" {
				as.path = "/api/v1" + as.path
			}
			for _, who := range list.who {
				pages = append(pages, page{list.name + "/" + who + "/" + as.kind, who, always(as.path)})
				if as.after != "" {
					pages = append(pages, page{list.name + "/" + who + "/" + as.kind + "-deep", who, always(with(as.path, as.place+"="+url.QueryEscape(as.after)))})
				}
				if list.filter != "" {
					pages = append(pages, page{list.name + "/" + who + "/" + as.kind + "-filtered", who, always(with(as.path, list.filter))})
				}
			}
		}
	}
	return pages
}

// with adds a query to a path.
func with(path, query string) string {
	u, err := url.Parse(path)
	if err != nil {
		panic(err) // they stand above
	}
	if u.RawQuery != "" {
		query = u.RawQuery + "&" + query
	}
	u.RawQuery = query
	return u.String()
}
