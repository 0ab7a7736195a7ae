package web

import (
	"slices"
	"strings"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

func (w *Pages) aroundRoutes() []route {
	return []route{get(enterprisesPath, offices((*page).enterprises))}
}

const enterprisesPath = "/enterprises"

// aroundTab is a subject around the tickets, as the offices come to it.
type aroundTab struct {
	Path string // of its list; its other pages are below
	Text string // a text's name
	For  func(ticket.Actor) bool
	With []string // lists of the subject that are not below its path
}

// aroundTabs are the subjects around the tickets, in the order in which they
// are shown.
var aroundTabs = []aroundTab{
	{enterprisesPath, "around.enterprises", inOffice, nil},
	{visitsPath, "around.visits", inOffice, nil},
	{managersPath, "around.managers", readsManagers, nil},
	{chainsPath, "around.chains", inOffice, []string{alliancesPath, activitiesPath}},
	{supportPath, "around.support", inOffice, nil},
	{projectsPath, "around.projects", inOffice, nil},
	{chargesPath, "around.charges", inOffice, nil},
	{stationsPath, "around.stations", inOffice, nil},
	{expertsPath, "around.experts", inOffice, nil},
}

// inOffice says whether the reader works in one of the offices that see the
// enterprises.
func inOffice(actor ticket.Actor) bool {
	switch actor.Role {
	case ticket.RoleDispatcher, ticket.RoleOfficer, ticket.RoleHead, ticket.RoleLeader:
		return true
	case ticket.RoleEnterprise, ticket.RoleAdmin, ticket.RoleGuest, ticket.RoleSystem:
	}
	return false
}

// offices keeps a page to them; to anybody else there is none.
func offices(handle func(*page) error) func(*page) error {
	return func(p *page) error {
		if !inOffice(p.actor) {
			return ticket.NotFound("page")
		}
		return handle(p)
	}
}

// AroundTabs are the subjects that the reader may open.
func (v view) AroundTabs() []aroundTab {
	return slices.DeleteFunc(slices.Clone(aroundTabs), func(t aroundTab) bool { return !t.For(v.actor) })
}

// below says whether a path is that of a page or of one below it.
func below(path, page string) bool { return path == page || strings.HasPrefix(path, page+"/") }

// Below says whether the page that is shown is that of a path or below it.
func (v view) Below(path string) bool { return below(v.Request().URL.Path, path) }

// Office says whether the reader works in one of the offices.
func (v view) Office() bool { return inOffice(v.actor) }

// Holds says whether a path is one of the subject's.
func (t aroundTab) Holds(path string) bool {
	return below(path, t.Path) || slices.ContainsFunc(t.With, func(list string) bool { return below(path, list) })
}

// At says whether the page that is shown is one of the subject's.
func (v view) At(t aroundTab) bool { return t.Holds(v.Request().URL.Path) }

// enterpriseList is the list of all enterprises.
type enterpriseList struct {
	Filters []field
	Rows    []directory.Enterprise
	Names   *service.Names

	// Managers are who looks after them today, by enterprise, with the names.
	Managers *service.ManagersOf
	Next     string // of the next page; "" on the last
}

// enterpriseFilter reads by what the address narrows the list of enterprises.
func (p *page) enterpriseFilter() service.EntryFilter {
	f := p.entryFilter()
	f.Kind, f.PlaceID, f.ChainID = p.QueryParam("kind"), p.QueryParam("place"), p.QueryParam("chain")
	f.Coverage = directory.Coverage(p.QueryParam("coverage"))
	return f
}

func (p *page) allPlaces() ([]option, error) {
	return entryOptions(p, p.svc.Places().List, func(e directory.Place) option { return option{Value: e.ID, Label: e.Name} })
}

func allEnterpriseKinds() []directory.EnterpriseKind {
	return []directory.EnterpriseKind{directory.Company, directory.Cooperative, directory.FamilyFarm, directory.Grower, directory.Other}
}

// filterField is a choice that narrows a list, named as in the address.
type filterField struct {
	name, label, value string
	options            func(*page) ([]option, error) // nil for a text
}

func (p *page) filterFields(by ...filterField) ([]field, error) {
	fields := make([]field, len(by))
	for i, b := range by {
		fields[i] = field{Name: b.name, Label: p.t(b.label), Kind: kindText, Values: []string{b.value}}
		if b.options == nil {
			continue
		}
		var err error
		if fields[i].Options, err = b.options(p); err != nil {
			return nil, err
		}
		fields[i].Kind = kindSelect
	}
	return fields, nil
}

// enterprises is the list that the offices find an enterprise in.
func (p *page) enterprises() error {
	f := p.enterpriseFilter()
	shown := enterpriseList{}
	var err error
	if shown.Filters, err = p.filterFields(
		filterField{"q", "around.by_name", f.Text, nil},
		filterField{"kind", "entry.kind", f.Kind, codeOptions("enterprise_kind", allEnterpriseKinds)},
		filterField{"place", "entry.place_id", f.PlaceID, (*page).allPlaces},
		filterField{"chain", "entry.chains", f.ChainID, (*page).allChains},
		filterField{"coverage", "around.managers", string(f.Coverage), codeOptions("coverage", directory.Coverages)},
	); err != nil {
		return err
	}
	f.After, f.Limit = p.QueryParam("after"), entriesAPage+1
	if shown.Rows, err = p.svc.Enterprises().List(p.ctx(), p.actor, f); err != nil {
		return err
	}
	if len(shown.Rows) > entriesAPage {
		shown.Rows = shown.Rows[:entriesAPage]
		shown.Next = p.with("after", shown.Rows[entriesAPage-1].ID)
	}
	if shown.Names, err = p.svc.Enterprises().Names(p.ctx(), shown.Rows...); err != nil {
		return err
	}
	if shown.Managers, err = p.svc.ManagersOf(p.ctx(), shown.Rows...); err != nil {
		return err
	}
	return p.show("around/enterprises", shown)
}
