package web

import (
	"slices"
	"strings"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

const expertsPath = "/experts"

func (w *Pages) expertRoutes() []route {
	experts := entryPages[directory.Expert, *directory.Expert]{
		name: "experts", columns: []string{"name", "organisation", "kind", "fields"}, entries: (*service.Service).Experts,
		kept: kept[directory.Expert]{codes: map[string]string{"kind": "organisation_kind"}},
	}
	own := experts
	own.kept.path = expertsPath
	return slices.Concat(
		[]route{get(expertsPath, offices((*page).experts)), get(expertsPath+"/:id", offices((*page).expert))},
		own.forms(), experts.routes(),
	)
}

// keepers keeps a page to the desk and the administrators, who keep what the desk
// may.
func keepers(handle func(*page) error) func(*page) error {
	return func(p *page) error {
		if !p.keeps() {
			return ticket.NotFound("page")
		}
		return handle(p)
	}
}

// keeps says whether the reader keeps what the desk may.
func (p *page) keeps() bool { return p.administers() || p.actor.Role == ticket.RoleDispatcher }

// Keeps says whether the reader keeps what the desk may.
func (v view) Keeps() bool { return v.keeps() }

// CategoryName is what a category is called, by its code and the name that it is
// kept with.
func (v view) CategoryName(code, name string) string { return v.category(code, name) }

// expertList is the list of the district's experts.
type expertList struct {
	Filters []field
	Rows    []directory.Expert
	Names   *service.Names
	Next    string // of the next page; "" on the last
}

// expertFilter reads by what the address narrows the list of experts.
func (p *page) expertFilter() service.EntryFilter {
	f := p.entryFilter()
	f.Kind, f.AdvisesOn, f.ChainID = p.QueryParam("kind"), p.QueryParam("category"), p.QueryParam("chain")
	if where := p.QueryParam("inside"); where != "" {
		inside := where == "true"
		f.Inside = &inside
	}
	return f
}

// experts is the list that the offices find an expert in.
func (p *page) experts() error {
	f := p.expertFilter()
	shown := expertList{Filters: []field{{Name: "q", Label: p.t("expert.by_words"), Kind: kindText, Values: []string{f.Text}}}}
	for _, by := range []struct {
		name, label string
		options     func(*page) ([]option, error)
	}{
		{"category", "entry.category", (*page).categoryOptions},
		{"chain", "entry.chains", (*page).allChains},
		{"kind", "entry.experts.kind", codeOptions("organisation_kind", directory.OrganisationKinds)},
		{"inside", "entry.inside", (*page).whereOptions},
	} {
		options, err := by.options(p)
		if err != nil {
			return err
		}
		shown.Filters = append(shown.Filters, field{Name: by.name, Label: p.t(by.label), Kind: kindSelect, Values: []string{p.QueryParam(by.name)}, Options: options})
	}
	f.After, f.Limit = p.QueryParam("after"), entriesAPage+1
	var err error
	if shown.Rows, err = p.svc.Experts().List(p.ctx(), p.actor, f); err != nil {
		return err
	}
	if len(shown.Rows) > entriesAPage {
		shown.Rows = shown.Rows[:entriesAPage]
		shown.Next = p.with("after", shown.Rows[entriesAPage-1].ID)
	}
	if shown.Names, err = p.svc.Experts().Names(p.ctx(), shown.Rows...); err != nil {
		return err
	}
	return p.show("experts/list", shown)
}

// expertPage is one expert.
type expertPage struct {
	directory.Expert
	Names *service.Names
	Keeps bool // the reader changes it
}

func (p *page) expert() error {
	e, err := p.svc.Experts().Get(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	shown := expertPage{Expert: e}
	if shown.Names, err = p.svc.Experts().Names(p.ctx(), e); err != nil {
		return err
	}
	if shown.Keeps, err = p.svc.Experts().MayChange(p.ctx(), p.actor, e); err != nil {
		return err
	}
	return p.show("experts/show", shown)
}

func (p *page) whereOptions() ([]option, error) {
	return []option{{Value: "true", Label: p.t("expert.inside")}, {Value: "false", Label: p.t("expert.outside")}}, nil
}

// guestOptions are the accounts that an expert may have.
func (p *page) guestOptions() ([]option, error) {
	guests, err := p.svc.Users(p.ctx(), p.actor, service.UserFilter{Role: ticket.RoleGuest})
	return optionsOf(guests, func(u service.UserView) option { return option{Value: u.ID, Label: u.Name, Hint: u.Username} }), err
}

// expertOptions are whom a joint handling may ask for advice: the experts who
// fit the ticket, with why, then the others, and guests of whom no more is
// known.
func (p *page) expertOptions(view *service.TicketView) ([]option, error) {
	experts, err := p.svc.ExpertsFor(p.ctx(), p.actor, view.Ticket)
	if err != nil {
		return nil, err
	}
	guests, err := p.guestOptions()
	if err != nil {
		return nil, err
	}
	var options []option
	for _, e := range experts {
		at := slices.IndexFunc(guests, func(o option) bool { return o.Value == e.UserID })
		if at < 0 {
			continue // the account is retired
		}
		guests = slices.Delete(guests, at, at+1)
		words := append([]string{e.Organisation}, e.Fields...)
		var fits []string
		if e.Category {
			fits = append(fits, p.category(view.Category, view.Names.Of(view.Category)))
		}
		for _, id := range e.ChainIDs {
			fits = append(fits, view.Names.Of(id))
		}
		if len(fits) > 0 {
			words = append([]string{p.t("expert.fits", "What", strings.Join(fits, p.t("list.comma")))}, words...)
		}
		options = append(options, option{Value: e.UserID, Label: e.Name, Hint: strings.Join(words, " · ")})
	}
	for _, guest := range guests {
		guest.Hint = p.t("role." + string(ticket.RoleGuest))
		options = append(options, guest)
	}
	return options, nil
}
