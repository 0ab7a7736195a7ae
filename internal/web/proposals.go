package web

import (
	"slices"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

// proposed is what the service suggests beside the form by which the desk hands
// a ticket on. A person decides.
type proposed struct {
	Departments []proposedDepartment
	Category    *proposedCategory // another than the ticket's; nil when nothing speaks for one
	Open        []service.SimilarTicket
	Policies    []service.PolicyProposal
}

// proposedDepartment is a department to lead, and why, in sentences.
type proposedDepartment struct {
	Name    string
	Reasons []proposalReason
	Href    string // the form with it chosen
	Key     int
	Chosen  bool
}

// proposalReason is one ground in words.
type proposalReason struct {
	Words   string
	Against bool // it speaks against it
}

// proposedCategory is a category that the ticket may rather belong to.
type proposedCategory struct {
	Name, Href string
	Count, Of  int // similar tickets that have it, of all
}

// likelyShare is from which share of the likeness on another category is
// proposed.
const likelyShare = 0.6

// Proposals are what is suggested beside the form that is open; nil beside
// others than those that hand a ticket to a lead.
func (v view) Proposals() (*proposed, error) {
	t, ok := v.Data.(*ticketPage)
	if !ok || !v.dispatches() || t.Form == nil || t.Form.Closed || t.LeadID != "" || t.Event != ticket.EventDispatch && t.Event != ticket.EventWhistle {
		return nil, nil
	}
	found, err := v.svc.Proposals(v.ctx(), v.actor, t.ID)
	if err != nil {
		return nil, err
	}
	shown := &proposed{Policies: found.Policies}
	chosen := ""
	if i := slices.IndexFunc(t.Form.Fields, func(f field) bool { return f.Name == "lead_id" }); i >= 0 {
		chosen = t.Form.Fields[i].Value()
	}
	for i, d := range found.Departments {
		one := proposedDepartment{Name: d.Department.Name, Key: i + 1, Chosen: d.Department.ID == chosen}
		if one.Href, err = query(t.Path()+"/"+string(t.Event), "lead_id", d.Department.ID, "back", t.Form.Back); err != nil {
			return nil, err
		}
		for _, r := range d.Reasons {
			one.Reasons = append(one.Reasons, proposalReason{v.reasonWords(r), r.Kind == service.GaveBack})
		}
		shown.Departments = append(shown.Departments, one)
	}
	if len(found.Categories) > 0 {
		if c := found.Categories[0]; c.Category != t.Category && c.Share >= likelyShare && slices.Contains(t.Actions, ticket.EventCorrect) {
			shown.Category = &proposedCategory{Name: v.category(c.Category, c.Name), Count: len(c.Tickets), Of: len(found.Similar)}
			if shown.Category.Href, err = query(t.Path()+"/"+string(ticket.EventCorrect), "category", c.Category, "back", t.Form.Back); err != nil {
				return nil, err
			}
		}
	}
	for _, similar := range found.Similar {
		if similar.State.Open() {
			shown.Open = append(shown.Open, similar)
		}
	}
	return shown, nil
}

// reasonWords is a ground of a proposal in a sentence.
func (p *page) reasonWords(r service.ProposalReason) string {
	id := "proposal." + string(r.Kind)
	if r.Kind == service.ByDuty {
		switch {
		case r.Basis == "":
			id += "_bare"
		case len(r.Words) > 0:
			id += "_words"
		}
	}
	return p.t(id, "Basis", r.Basis, "Words", p.quoted(r.Words), "Count", r.Count, "Of", r.Of, "Days", service.PastDays)
}

// quoted are phrases as they stand in a sentence.
func (p *page) quoted(words []string) string {
	all := ""
	for i, word := range words {
		if i > 0 {
			all += p.t("list.comma")
		}
		all += p.t("proposal.quote", "Word", word)
	}
	return all
}

// Alike are the phrases that another ticket has too, in words; "" for none.
func (v view) Alike(words []string) string { return v.quoted(words) }
