package web

import (
	"slices"
	"strings"

	"whistle/internal/ticket"
)

// place is where one may go from every page.
type place struct {
	Path  string
	Text  string // a text's name
	Icon  string
	Lists []string // the worklists whose tickets wait there, counted beside it
	Phone bool     // at the bottom of a phone's screen too

	Current bool
	Count   int
	Red     bool // some of what waits is overdue
}

// placesOf are the places of each role, the first where its day begins.
var placesOf = map[ticket.Role][]place{
	ticket.RoleEnterprise: {
		{Path: "/requests", Text: "place.requests", Icon: "list-details", Lists: []string{"to_answer", "to_verify"}, Phone: true},
		{Path: "/requests/new", Text: "place.file", Icon: "plus", Phone: true},
		{Path: "/notices", Text: "place.notices", Icon: "bell", Phone: true},
	},
	ticket.RoleOfficer:    {workbench, {Path: "/workbench/board", Text: "place.board", Icon: "layout-kanban"}},
	ticket.RoleHead:       {workbench, holders, {Path: "/workbench/board", Text: "place.board", Icon: "layout-kanban"}},
	ticket.RoleDispatcher: {{Path: "/desk", Text: "place.desk", Icon: "inbox", Lists: []string{"inbox", "to_dispatch"}}, {Path: "/desk/board", Text: "place.board", Icon: "layout-kanban"}, {Path: "/invitations", Text: "place.invitations", Icon: "qrcode"}, {Path: "/dashboard", Text: "place.dashboard", Icon: "layout-dashboard"}},
	ticket.RoleLeader:     {{Path: "/dashboard", Text: "place.dashboard", Icon: "layout-dashboard", Lists: []string{"red"}}, {Path: "/bulletin", Text: "place.bulletin", Icon: "report"}, {Path: "/tickets", Text: "place.tickets", Icon: "list"}},
	ticket.RoleAdmin:      {{Path: "/admin", Text: "place.admin", Icon: "settings"}},
	ticket.RoleGuest:      {{Path: "/workbench", Text: "place.workbench", Icon: "inbox", Lists: []string{"to_advise"}}},
}

var (
	workbench = place{Path: "/workbench", Text: "place.workbench", Icon: "inbox", Lists: []string{"to_claim", "to_report_in"}}
	// holders is the head's, and the deputy's.
	holders = place{Path: "/workbench/holders", Text: "place.holders", Icon: "users"}
	// lookedAfter comes to whoever looks after enterprises, whatever the role.
	lookedAfter = place{Path: "/looked-after", Text: "place.looked_after", Icon: "building-community", Phone: true}
)

// Places are where the reader may go, with what waits there.
func (v view) Places() []place {
	places := append([]place(nil), placesOf[v.actor.Role]...)
	if v.actor.Role == ticket.RoleOfficer && v.actor.Heads() {
		places = slices.Insert(places, 1, holders)
	}
	if len(v.actor.Manages) > 0 {
		places = append(places, lookedAfter)
	}
	longest := -1
	for i := range places {
		path := v.Request().URL.Path
		if (path == places[i].Path || strings.HasPrefix(path, places[i].Path+"/")) && (longest < 0 || len(places[i].Path) > len(places[longest].Path)) {
			longest = i
		}
	}
	if longest >= 0 {
		places[longest].Current = true
	}
	return places
}

// Unread is how many notices the reader has not read.
func (v view) Unread() int { return 0 }

// Themes are the looks to choose from.
func (v view) Themes() []string { return []string{"auto", "light", "dark"} }
