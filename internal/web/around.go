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
}

// aroundTabs are the subjects around the tickets, in the order in which they
// are shown.
var aroundTabs = []aroundTab{
	{enterprisesPath, "around.enterprises", inOffice},
	{supportPath, "around.support", inOffice},
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

// enterpriseList is the list of all enterprises.
type enterpriseList struct {
	Filters []field
	Rows    []directory.Enterprise
	Names   *service.Names
	Next    string // of the next page; "" on the last
}

// enterpriseFilter reads by what the address narrows the list of enterprises.
func (p *page) enterpriseFilter() service.EntryFilter {
	f := p.entryFilter()
	f.Kind, f.PlaceID, f.ChainID = p.QueryParam("kind"), p.QueryParam("place"), p.QueryParam("chain")
	return f
}

func (p *page) allPlaces() ([]option, error) {
	return entryOptions(p, p.svc.Places().List, func(e directory.Place) option { return option{Value: e.ID, Label: e.Name} })
}

func (p *page) allChains() ([]option, error) {
	return entryOptions(p, p.svc.Chains().List, func(e directory.Chain) option { return option{Value: e.ID, Label: e.Name} })
}

func allEnterpriseKinds() []directory.EnterpriseKind {
	return []directory.EnterpriseKind{directory.Company, directory.Cooperative, directory.FamilyFarm, directory.Grower, directory.Other}
}

// enterprises is the list that the offices find an enterprise in.
func (p *page) enterprises() error {
	f := p.enterpriseFilter()
	shown := enterpriseList{Filters: []field{{Name: "q", Label: p.t("around.by_name"), Kind: kindText, Values: []string{f.Text}}}}
	for _, by := range []struct {
		name, label, value string
		options            func(*page) ([]option, error)
	}{
		{"kind", "entry.kind", f.Kind, codeOptions("enterprise_kind", allEnterpriseKinds)},
		{"place", "entry.place_id", f.PlaceID, (*page).allPlaces},
		{"chain", "entry.chains", f.ChainID, (*page).allChains},
	} {
		options, err := by.options(p)
		if err != nil {
			return err
		}
		shown.Filters = append(shown.Filters, field{Name: by.name, Label: p.t(by.label), Kind: kindSelect, Values: []string{by.value}, Options: options})
	}
	f.After, f.Limit = p.QueryParam("after"), entriesAPage+1
	var err error
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
	return p.show("around/enterprises", shown)
}
