package web

import (
	"errors"
	"log/slog"
	"net/url"
	"slices"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

// place is where one may go from every page.
type place struct {
	Path  string
	Text  string // a text's name
	Icon  string
	Lists []service.WorklistName // whose tickets wait there, counted beside it

	Current bool
	Count   int
	Red     bool // some of what waits is overdue
}

const noticesPath = "/notices"

// placesOf are the places of each role, the first where its day begins.
var placesOf = map[ticket.Role][]place{
	ticket.RoleEnterprise: {
		{Path: "/requests", Text: "place.requests", Icon: "list-details", Lists: []service.WorklistName{"to_answer", "to_verify"}},
		{Path: "/requests/new", Text: "place.file", Icon: "plus"},
		{Path: supportPath, Text: "place.support", Icon: "basket"},
		{Path: noticesPath, Text: "place.notices", Icon: "bell"},
	},
	ticket.RoleOfficer:    {workbench, {Path: "/workbench/board", Text: "place.board", Icon: "layout-kanban"}, allTickets, around},
	ticket.RoleHead:       {workbench, holders, {Path: "/workbench/board", Text: "place.board", Icon: "layout-kanban"}, allTickets, around, {Path: "/bulletin", Text: "place.bulletin", Icon: "report"}},
	ticket.RoleDispatcher: {{Path: "/desk", Text: "place.desk", Icon: "inbox", Lists: []service.WorklistName{"inbox", "to_dispatch"}}, {Path: "/desk/board", Text: "place.board", Icon: "layout-kanban"}, {Path: "/invitations", Text: "place.invitations", Icon: "qrcode"}, {Path: "/dashboard", Text: "place.dashboard", Icon: "layout-dashboard"}, allTickets, around},
	ticket.RoleLeader:     {{Path: "/dashboard", Text: "place.dashboard", Icon: "layout-dashboard", Lists: []service.WorklistName{"red"}}, {Path: "/bulletin", Text: "place.bulletin", Icon: "report"}, allTickets, around},
	ticket.RoleAdmin:      {{Path: "/admin", Text: "place.admin", Icon: "settings"}},
	ticket.RoleGuest:      {{Path: "/workbench", Text: "place.workbench", Icon: "inbox", Lists: []service.WorklistName{"to_advise"}}},
}

var (
	allTickets = place{Path: "/tickets", Text: "place.tickets", Icon: "list"}
	workbench  = place{Path: "/workbench", Text: "place.workbench", Icon: "inbox", Lists: []service.WorklistName{"to_claim", "to_report_in"}}
	// around is where the offices come to the subjects around the tickets.
	around = place{Path: enterprisesPath, Text: "place.around", Icon: "building-factory"}
	// holders is the head's, and the deputy's.
	holders = place{Path: "/workbench/holders", Text: "place.holders", Icon: "users"}
	// lookedAfter comes to whoever looks after enterprises, whatever the role.
	lookedAfter = place{Path: "/looked-after", Text: "place.looked_after", Icon: "building-community", Lists: []service.WorklistName{"looked_after_to_answer", "looked_after_to_verify"}}
)

// teamProjects come to whoever is in the team of a key project.
var teamProjects = place{Path: teamProjectsPath, Text: "place.projects", Icon: "building-factory", Lists: []service.WorklistName{"team_open"}}

// Places are where the reader may go, with what waits there.
func (v view) Places() []place {
	places := append([]place(nil), placesOf[v.actor.Role]...)
	if v.actor.Role == ticket.RoleOfficer && v.actor.Heads() {
		places = slices.Insert(places, 1, holders)
	}
	if len(v.actor.Manages) > 0 {
		places = append(places, lookedAfter)
	}
	if len(v.actor.Teams) > 0 {
		places = append(places, teamProjects)
	}
	longest := -1
	path, waits := v.place(), v.waiting()
	if slices.ContainsFunc(v.AroundTabs(), func(t aroundTab) bool { return t.Holds(path) }) {
		path = around.Path
	}
	for i := range places {
		if below(path, places[i].Path) && (longest < 0 || len(places[i].Path) > len(places[longest].Path)) {
			longest = i
		}
		for _, list := range waits.lists {
			if slices.Contains(places[i].Lists, list.Name) {
				places[i].Count += list.Count
				places[i].Red = places[i].Red || list.Red > 0
			}
		}
		if places[i].Path == noticesPath {
			places[i].Count = waits.unread
		}
	}
	if longest >= 0 {
		places[longest].Current = true
	}
	return places
}

// Unread is how many notices the reader has not read.
func (v view) Unread() int { return v.waiting().unread }

// Part is the id of the element that is made; "" for the whole page.
func (v view) Part() string { return v.part() }

// Themes are the looks to choose from.
func (v view) Themes() []string { return []string{"auto", "light", "dark"} }

// worklists are the counts of the reader's worklists, read once for a page: its
// shell shows them, and some pages themselves.
func (p *page) worklists() ([]service.WorklistCount, error) {
	if p.lists != nil {
		return p.lists, nil
	}
	lists, err := p.svc.Worklists(p.ctx(), p.actor)
	if err == nil {
		p.lists = lists
	}
	return lists, err
}

// waiting is what waits for the reader.
type waiting struct {
	lists  []service.WorklistCount
	unread int
}

// waiting is read once for a page, when the shell asks for it. Counts that
// cannot be read are left out: they must not take the page away.
func (p *page) waiting() waiting {
	if p.waits != nil {
		return *p.waits
	}
	p.waits = &waiting{}
	if p.actor.ID == "" {
		return *p.waits
	}
	var failed [2]error
	p.waits.lists, failed[0] = p.worklists()
	p.waits.unread, failed[1] = p.svc.UnreadNotices(p.ctx(), p.actor)
	if err := errors.Join(failed[:]...); err != nil && p.ctx().Err() == nil {
		p.web.log.WarnContext(p.ctx(), "counts of the shell", slog.Any("error", err))
	}
	return *p.waits
}

// place is the path of the page that the reader is on: of a part that htmx asks
// for elsewhere, the one that shows it.
func (p *page) place() string {
	if current, err := url.Parse(p.Request().Header.Get("HX-Current-URL")); err == nil && p.part() != "" && current.Path != "" {
		return current.Path
	}
	return p.Request().URL.Path
}

func (w *Pages) shellRoutes() []route {
	return []route{get("/shell", (*page).shell)}
}

// shell renews the counts of what waits.
func (p *page) shell() error {
	if p.part() == "" {
		return p.goTo("/")
	}
	return p.show("notices/list", nil) // every page has the part
}
