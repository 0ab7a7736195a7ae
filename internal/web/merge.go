package web

import (
	"net/http"
	"slices"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

// mergePage joins a ticket with another: first those to choose from, then both
// side by side with the form that does it.
type mergePage struct {
	One     *ticketPage
	Similar []mergeChoice
	Query   string // what else was looked for
	Found   []mergeChoice
	Into    *ticketPage // the other; nil while none is chosen
	Back    string
}

// mergeChoice is a ticket that goes on for both, should it be chosen.
type mergeChoice struct {
	*service.TicketView
	Like *service.SimilarTicket // nil for what was looked for
	Href string
}

// Sides are both tickets, the one that goes on second.
func (m mergePage) Sides() []*ticketPage { return []*ticketPage{m.One, m.Into} }

// merge asks into which ticket this one goes, and shows both before it is done.
func (p *page) merge() error {
	if !p.dispatches() {
		return ticket.NotFound("page")
	}
	one, err := p.ticketPage(p.Param("id"))
	if err != nil {
		return err
	}
	def, _ := ticket.Define(ticket.EventMerge)
	if err := p.openForm(one, def); err != nil {
		return err
	}
	m := &mergePage{One: one, Query: p.QueryParam("q"), Back: local(p.QueryParam("back"), "")}
	one.Form.Back = m.Back
	if m.Back != "" && !one.Part {
		one.Form.Cancel = m.Back
	}
	if p.notNow(one) {
		one.Form.Fields = nil
		return p.showTicket(http.StatusOK, one)
	}
	if err := p.mergeChoices(m); err != nil {
		return err
	}
	if into := p.QueryParam("into_id"); into != "" && into != one.ID {
		if m.Into, err = p.ticketPage(into); err != nil {
			return err
		}
		one.Form.Fields = []field{{Name: "into_id", Kind: kindHidden, Values: []string{into}}}
		one.Form.Intro = p.t("merge.means", "One", one.Number, "Into", m.Into.Number)
	}
	return p.show("desk/merge", m)
}

// mergeChoices finds the open tickets that may go on for both: the similar
// ones, and those that were looked for.
func (p *page) mergeChoices(m *mergePage) error {
	proposals, err := p.svc.Proposals(p.ctx(), p.actor, m.One.ID)
	if err != nil {
		return err
	}
	add := func(to *[]mergeChoice, v *service.TicketView, like *service.SimilarTicket) error {
		href, err := query(m.One.Path()+"/merge", "into_id", v.ID, "back", m.Back, "q", m.Query)
		*to = append(*to, mergeChoice{v, like, href})
		return err
	}
	for _, similar := range proposals.Similar {
		if !similar.State.Open() {
			continue
		}
		if err := add(&m.Similar, similar.TicketView, &similar); err != nil {
			return err
		}
	}
	if m.Query == "" {
		return nil
	}
	found, err := p.svc.Tickets(p.ctx(), p.actor, service.TicketFilter{Text: m.Query, States: ticket.OpenStates(), Limit: offered + 1})
	if err != nil {
		return err
	}
	for _, v := range found {
		known := slices.ContainsFunc(m.Similar, func(c mergeChoice) bool { return c.ID == v.ID })
		if v.ID == m.One.ID || known {
			continue
		}
		if err := add(&m.Found, v, nil); err != nil {
			return err
		}
	}
	return nil
}
