package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"whistle/internal/alliance"
	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

const (
	alliancesPath  = "/alliances"
	activitiesPath = "/activities"
)

func (w *Pages) allianceRoutes() []route {
	return slices.Concat(
		[]route{
			get(alliancesPath, offices((*page).alliances)),
			get(alliancesPath+"/:id", offices((*page).alliance)),
			post(alliancesPath+"/:id/members", offices((*page).addMember)),
			post(alliancesPath+"/:id/members/:member/remove", offices((*page).removeMember)),
			get(activitiesPath, offices((*page).activities)),
			get(activitiesPath+"/:id", offices((*page).activity)),
		},
		entryPages[alliance.Alliance, *alliance.Alliance]{
			name: "alliances", columns: []string{"name"}, entries: (*service.Service).Alliances,
			kept: kept[alliance.Alliance]{path: alliancesPath, begin: beginAlliance, ask: askAlliance, unasked: []string{"members"}, codes: map[string]string{"kind": "alliance_kind", "partners.kind": "partner_kind"}},
		}.forms(),
		entryPages[alliance.Activity, *alliance.Activity]{
			name: "activities", columns: []string{"name"}, entries: (*service.Service).Activities,
			kept: kept[alliance.Activity]{path: activitiesPath, begin: beginActivity, ask: askActivity, codes: map[string]string{"kind": "activity_kind"}},
		}.forms(),
	)
}

func alliancePath(id string) string { return alliancesPath + "/" + url.PathEscape(id) }

// beginAlliance begins an alliance for the chain from whose page one comes.
func beginAlliance(p *page, a *alliance.Alliance) { a.ChainID = p.QueryParam("chain") }

// askAlliance asks for what an alliance is made of; who belongs to it is added
// on its page.
func askAlliance(p *page, _ alliance.Alliance, of ticket.InputField, asked *field) (err error) {
	switch of.Name {
	case "lead_enterprise_id":
		find := fieldMaker{p: p}.finder(of.Name)
		asked.Kind, asked.find = kindSearch, func(query string) ([]option, error) {
			found, err := find(query)
			return append(found, option{Label: p.t("alliance.no_enterprise")}), err
		}
	case "lead_department_id":
		asked.Kind = kindSelect
		asked.Options, err = p.allDepartments()
	case "service_departments":
		asked.Kind = kindChecks
		asked.Options, err = p.allDepartments()
	case "experts":
		asked.Kind = kindChecks
		asked.Options, err = p.allExperts()
	}
	return err
}

func (p *page) allDepartments() ([]option, error) {
	return entryOptions(p, p.svc.Departments().List, func(d directory.Department) option { return option{Value: d.ID, Label: d.Name} })
}

func (p *page) allExperts() ([]option, error) {
	guests, err := p.svc.Users(p.ctx(), p.actor, service.UserFilter{Role: ticket.RoleGuest})
	return optionsOf(guests, func(u service.UserView) option { return option{Value: u.ID, Label: u.Name} }), err
}

// beginActivity begins an activity of the alliance or chain from whose page one
// comes, on this day.
func beginActivity(p *page, a *alliance.Activity) {
	a.AllianceID, a.ChainID = p.QueryParam("alliance"), p.QueryParam("chain")
	a.Day = worktime.DateOf(p.svc.Now().In(p.svc.Zone()))
}

// askActivity asks what took place, and who of those concerned took part.
func askActivity(p *page, a alliance.Activity, of ticket.InputField, asked *field) (err error) {
	switch of.Name {
	case "alliance_id", "chain_id":
		asked.Kind = kindHidden
	case "day":
		asked.To = worktime.DateOf(p.svc.Now().In(p.svc.Zone())).String()
	case "departments":
		asked.Kind = kindChecks
		asked.Options, err = p.allDepartments()
	case "enterprises":
		asked.Kind = kindChecks
		asked.Options, err = p.concerned(a)
	}
	return err
}

// concerned are the enterprises that may have taken part in an activity: those
// of its alliance, or else of its chain.
func (p *page) concerned(a alliance.Activity) ([]option, error) {
	if a.AllianceID == "" {
		of, err := p.svc.Enterprises().List(p.ctx(), p.actor, service.EntryFilter{ChainID: cmp.Or(a.ChainID, noChain)})
		return optionsOf(of, func(e directory.Enterprise) option { return option{Value: e.ID, Label: e.Name} }), err
	}
	of, err := p.svc.Alliances().Get(p.ctx(), p.actor, a.AllianceID)
	if err != nil {
		return nil, err
	}
	names, err := p.svc.Alliances().Names(p.ctx(), of)
	ids := of.Members
	if of.LeadEnterpriseID != "" {
		ids = append([]string{of.LeadEnterpriseID}, ids...)
	}
	return optionsOf(ids, func(id string) option { return option{Value: id, Label: names.Of(id)} }), err
}

// noChain is the id of none.
const noChain = "none"

// alliancesPage is the list of the alliances.
type alliancesPage struct {
	Filters   []field
	Rows      []alliance.Alliance
	Names     *service.Names
	Next      string // of the next page; "" on the last
	MayCreate bool
}

// allianceFilter reads by what the address narrows the list of alliances.
func (p *page) allianceFilter() service.EntryFilter {
	f := p.entryFilter()
	f.Kind, f.ChainID, f.PartyID = p.QueryParam("kind"), p.QueryParam("chain"), p.QueryParam("enterprise")
	return f
}

func (p *page) alliances() error {
	f := p.allianceFilter()
	shown := alliancesPage{}
	var err error
	if shown.Filters, err = p.filterFields(
		filterField{"q", "alliance.by_name", f.Text, nil},
		filterField{"kind", "entry.kind", f.Kind, codeOptions("alliance_kind", alliance.Kinds)},
		filterField{"chain", "alliance.chain", f.ChainID, (*page).allChains},
	); err != nil {
		return err
	}
	f.After, f.Limit = p.QueryParam("after"), entriesAPage+1
	if shown.Rows, err = p.svc.Alliances().List(p.ctx(), p.actor, f); err != nil {
		return err
	}
	if len(shown.Rows) > entriesAPage {
		shown.Rows = shown.Rows[:entriesAPage]
		shown.Next = p.with("after", shown.Rows[entriesAPage-1].ID)
	}
	if shown.Names, err = p.svc.Alliances().Names(p.ctx(), shown.Rows...); err != nil {
		return err
	}
	if shown.MayCreate, err = p.svc.Alliances().MayCreate(p.ctx(), p.actor, alliance.Alliance{}); err != nil {
		return err
	}
	return p.show("alliances/list", shown)
}

// alliancePage is one alliance with who belongs to it and what it does.
type alliancePage struct {
	*service.AlliancePage
	Cards []requestCard // open tickets of its lead and members
	// More says that there are more activities, and more tickets.
	MoreActivities, MoreTickets bool
	Query                       string // what members to be were looked for
	Found                       []option
	Again                       string // the address's query, to find them again
	Error                       string
}

// Lead is whoever leads the alliance.
func (a *alliancePage) Lead() string {
	return a.Names.Of(cmp.Or(a.Alliance.LeadEnterpriseID, a.Alliance.LeadDepartmentID))
}

func (p *page) alliance() error {
	shown, err := p.alliancePage()
	if err != nil {
		return err
	}
	return p.show("alliances/show", shown)
}

const membersOffered = 12

func (p *page) alliancePage() (*alliancePage, error) {
	about, err := p.svc.AlliancePage(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return nil, err
	}
	shown := &alliancePage{
		AlliancePage: about, Query: strings.TrimSpace(p.QueryParam("find")), Again: url.Values{"find": {p.QueryParam("find")}}.Encode(),
		MoreActivities: len(about.Activities) > service.Latest, MoreTickets: len(about.Tickets) > service.Latest,
	}
	about.Activities = about.Activities[:min(len(about.Activities), service.Latest)]
	for _, v := range about.Tickets[:min(len(about.Tickets), service.Latest)] {
		shown.Cards = append(shown.Cards, p.card(v))
	}
	if shown.Query == "" || !about.Keeps {
		return shown, nil
	}
	found, err := p.svc.Enterprises().List(p.ctx(), p.actor, service.EntryFilter{Text: shown.Query, Limit: membersOffered})
	for _, e := range found {
		if e.ID != about.Alliance.LeadEnterpriseID && !slices.Contains(about.Alliance.Members, e.ID) {
			shown.Found = append(shown.Found, option{Value: e.ID, Label: e.Name, Hint: e.CreditCode})
		}
	}
	return shown, err
}

// addMember takes an enterprise into an alliance; one that is in it stays.
func (p *page) addMember() error {
	values, _, err := p.values()
	if err != nil {
		return err
	}
	return p.changeMembers("alliance.added", func(members []string) []string {
		if slices.Contains(members, values.Get("enterprise_id")) {
			return members
		}
		return append(members, values.Get("enterprise_id"))
	})
}

func (p *page) removeMember() error {
	return p.changeMembers("alliance.removed", func(members []string) []string {
		return slices.DeleteFunc(members, func(id string) bool { return id == p.Param("member") })
	})
}

// changeMembers needs no key against being sent twice: it says how it is to be,
// not what to do.
func (p *page) changeMembers(said string, change func([]string) []string) error {
	_, err := p.svc.Alliances().Change(p.ctx(), p.actor, p.Param("id"), func(a *alliance.Alliance) error {
		a.Members = change(a.Members)
		return nil
	})
	if err != nil {
		return p.inPlace(err, func(status int, words string) error {
			shown, err := p.alliancePage()
			if err != nil {
				return err
			}
			shown.Error = words
			return p.showAs(status, "alliances/show", shown)
		})
	}
	p.say(said)
	return p.goTo(alliancePath(p.Param("id")) + "?" + url.Values{"find": {p.QueryParam("find")}}.Encode() + "#members")
}

// activitiesPage is the list of activities.
type activitiesPage struct {
	Filters  []field
	Rows     []alliance.Activity
	Names    *service.Names
	Next     string // of the next page; "" on the last
	Alliance string // whose they are; "" for those of all
	Faulty   bool
}

// activityFilter reads by what the address narrows the list of activities;
// faults are of days that are none.
func (p *page) activityFilter() (service.EntryFilter, []ticket.Field) {
	f := p.entryFilter()
	f.Kind, f.ChainID, f.AllianceID, f.PartyID = p.QueryParam("kind"), p.QueryParam("chain"), p.QueryParam("alliance"), p.QueryParam("enterprise")
	var faults []ticket.Field
	f.From, f.Until, faults = p.days()
	return f, faults
}

func (p *page) allAlliances() ([]option, error) {
	return entryOptions(p, p.svc.Alliances().List, func(a alliance.Alliance) option { return option{Value: a.ID, Label: a.Name} })
}

func (p *page) activities() error {
	f, faults := p.activityFilter()
	shown := activitiesPage{Faulty: len(faults) > 0}
	var err error
	if shown.Filters, err = p.filterFields(
		filterField{"q", "activity.by_name", f.Text, nil},
		filterField{"kind", "entry.kind", f.Kind, codeOptions("activity_kind", alliance.ActivityKinds)},
		filterField{"alliance", "entry.alliance_id", f.AllianceID, (*page).allAlliances},
		filterField{"chain", "alliance.chain", f.ChainID, (*page).allChains},
	); err != nil {
		return err
	}
	shown.Filters = append(shown.Filters, p.dayFields(faults)...)
	status := http.StatusOK
	if shown.Faulty {
		status = http.StatusUnprocessableEntity
	} else {
		f.After, f.Limit = p.QueryParam("after"), entriesAPage+1
		if shown.Rows, err = p.svc.Activities().List(p.ctx(), p.actor, f); err != nil {
			return err
		}
	}
	if len(shown.Rows) > entriesAPage {
		shown.Rows = shown.Rows[:entriesAPage]
		shown.Next = p.with("after", shown.Rows[entriesAPage-1].ID)
	}
	if shown.Names, err = p.svc.Activities().Names(p.ctx(), shown.Rows...); err != nil {
		return err
	}
	return p.showAs(status, "alliances/activities", shown)
}

// activityPage is the record of one activity.
type activityPage struct {
	Activity alliance.Activity
	Names    *service.Names
	Files    []directory.Attachment
	Keeps    bool // the reader may change it
}

func (p *page) activity() error {
	a, err := p.svc.Activities().Get(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	shown := activityPage{Activity: a}
	if shown.Names, err = p.svc.Activities().Names(p.ctx(), a); err != nil {
		return err
	}
	if shown.Files, err = p.svc.Activities().Attachments(p.ctx(), p.actor, a.ID); err != nil {
		return err
	}
	if shown.Keeps, err = p.svc.Activities().MayChange(p.ctx(), p.actor, a); err != nil {
		return err
	}
	return p.show("alliances/activity", shown)
}

// exportActivities saves the list of activities.
func (p *page) exportActivities(to service.ExportTo) (int, error) {
	f, faults := p.activityFilter()
	if len(faults) > 0 {
		return 0, ticket.InvalidForm(faults)
	}
	return p.svc.Activities().Export(p.ctx(), p.actor, f, to)
}
