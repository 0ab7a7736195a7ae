package web

import (
	"net/http"
	"net/url"
	"slices"

	"whistle/internal/cursor"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

const chargesPath = "/charges"

func (w *Pages) chargeRoutes() []route {
	return []route{get(chargesPath, offices((*page).charges))}
}

const chargesAPage = 30

// chargeList is what leaders took under their own names.
type chargeList struct {
	Filters []field
	Faulty  bool // a filter says nothing that can be looked for
	Counts  service.ChargeCounts
	Address string       // of the list by its filters, without a part
	Groups  []chargeRows // the reader's own, then those of others
	Next    string       // of the next page; "" on the last
}

// chargeRows are rows of the list that stand together.
type chargeRows struct {
	Own  bool
	Rows []service.Charge
}

// chargeFilter reads by what the address narrows the list; faults are of what
// says nothing that can be looked for.
func (p *page) chargeFilter() (service.ChargeFilter, []ticket.Field) {
	f := service.ChargeFilter{
		LeaderID: p.QueryParam("leader"), LeadID: p.QueryParam("department"), Category: p.QueryParam("category"), ChainID: p.QueryParam("chain"),
		PlaceID: p.QueryParam("place"), Source: p.QueryParam("source"), EnterpriseID: p.QueryParam("enterprise"),
	}
	if part := service.ChargePart(p.QueryParam("part")); slices.Contains(service.ChargeParts(), part) {
		f.Part = part
	}
	from, to, faults := p.days()
	f.TakenFrom, f.TakenBefore = p.svc.Between(from, to)
	return f, faults
}

func (p *page) charges() error {
	f, faults := p.chargeFilter()
	shown := chargeList{Faulty: len(faults) > 0, Address: p.with("part", "")}
	if err := p.askChargeFilters(&shown, f, faults); err != nil {
		return err
	}
	if shown.Faulty {
		return p.showAs(http.StatusUnprocessableEntity, "charges/list", shown)
	}
	whole := f
	whole.Part = ""
	var err error
	if shown.Counts, err = p.svc.CountCharges(p.ctx(), p.actor, whole); err != nil {
		return err
	}
	after, ok := cursor.Decode[service.ChargePosition](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	f.After, f.Limit = after, chargesAPage+1
	rows, err := p.svc.Charges(p.ctx(), p.actor, f)
	if err != nil {
		return err
	}
	if len(rows) > chargesAPage {
		rows = rows[:chargesAPage]
		shown.Next = p.with("after", cursor.Encode(rows[chargesAPage-1].Position))
	}
	for _, row := range rows {
		own := row.ChargeID == p.actor.ID
		if n := len(shown.Groups); n == 0 || shown.Groups[n-1].Own != own {
			shown.Groups = append(shown.Groups, chargeRows{Own: own})
		}
		last := &shown.Groups[len(shown.Groups)-1]
		last.Rows = append(last.Rows, row)
	}
	return p.show("charges/list", shown)
}

// askChargeFilters makes the fields to narrow the list by.
func (p *page) askChargeFilters(shown *chargeList, f service.ChargeFilter, faults []ticket.Field) error {
	leaders, err := p.svc.ChargeLeaders(p.ctx(), p.actor)
	if err != nil {
		return err
	}
	parts, err := codeOptions("charge_part", service.ChargeParts)(p)
	if err != nil {
		return err
	}
	shown.Filters = []field{
		{
			Name: "leader", Label: p.t("charges.leader"), Kind: kindSelect, Values: []string{f.LeaderID},
			Options: optionsOf(leaders, func(l service.NamedID) option { return option{Value: l.ID, Label: l.Name} }),
		},
		{Name: "part", Label: p.t("charges.part"), Kind: kindSelect, Values: []string{string(f.Part)}, Options: parts},
	}
	for _, name := range []string{"from", "to"} {
		asked := field{Name: name, Label: p.t("charges.by_" + name), Kind: kindDay, Values: []string{p.QueryParam(name)}}
		if i := slices.IndexFunc(faults, func(f ticket.Field) bool { return f.Pointer == "/"+name }); i >= 0 {
			asked.Error = p.faultWords(faults[i])
		}
		shown.Filters = append(shown.Filters, asked)
	}
	return nil
}

func (p *page) exportCharges(to service.ExportTo) (int, error) {
	f, faults := p.chargeFilter()
	if len(faults) > 0 {
		return 0, ticket.InvalidForm(faults)
	}
	return p.svc.ExportCharges(p.ctx(), p.actor, f, to)
}

// chargesShown is the dashboard's section about what leaders took on.
type chargesShown struct {
	Counts  service.ChargeCounts
	Address string // of the list, narrowed as the dashboard is
}

// chargesShown counts what was taken under leaders' names in the dashboard's
// period, of what its filters leave.
func (p *page) chargesShown(f figuresForm) (*chargesShown, error) {
	if !inOffice(p.actor) {
		return nil, nil //nolint:nilnil // there is no such section for others
	}
	w := f.Query.Where
	filter := service.ChargeFilter{LeadID: w.DepartmentID, Category: w.Category, ChainID: w.ChainID, PlaceID: w.PlaceID, Source: w.Source, EnterpriseID: w.EnterpriseID}
	filter.TakenFrom, filter.TakenBefore = p.svc.Between(f.Query.From, f.Query.To)
	counts, err := p.svc.CountCharges(p.ctx(), p.actor, filter)
	narrowed := url.Values{"from": {f.Query.From.String()}, "to": {f.Query.To.String()}}
	for name, value := range f.TicketFilters() {
		narrowed.Set(name, value)
	}
	return &chargesShown{counts, chargesPath + "?" + narrowed.Encode()}, err
}
