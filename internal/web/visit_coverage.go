package web

import (
	"net/url"

	"whistle/internal/cursor"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/visit"
)

// coverageForm is what a coverage is asked for by, as it stands in an address.
type coverageForm struct {
	Period figuresForm
	Query  service.CoverageQuery
	By     visit.Cut
}

func (p *page) coverageForm() coverageForm {
	f := coverageForm{Period: p.figuresForm(), By: visit.Cut(p.QueryParam("by"))}
	f.Query = service.CoverageQuery{
		From: f.Period.Query.From, To: f.Period.Query.To, CampaignID: p.QueryParam("campaign"),
		Where: visit.Where{ManagerID: p.QueryParam("manager"), ChainID: p.QueryParam("chain"), PlaceID: p.QueryParam("place")},
	}
	if f.By == "" {
		f.By = visit.ByPlace
	}
	return f
}

// Values are the filters as they stand in an address, with the days said.
func (f coverageForm) Values() url.Values {
	values := url.Values{"period": {custom}, "from": {f.Query.From.String()}, "to": {f.Query.To.String()}}
	for name, value := range map[string]string{
		"campaign": f.Query.CampaignID, "manager": f.Query.Where.ManagerID, "chain": f.Query.Where.ChainID, "place": f.Query.Where.PlaceID,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}

// Rows is where those are listed whom a coverage counts.
func (f coverageForm) Rows(of, reached string) string {
	values := f.Values()
	values.Set("of", of)
	values.Set("reached", reached)
	return visitPath("coverage/rows") + "?" + values.Encode()
}

// GroupRows is Rows for a group of the cut.
func (f coverageForm) GroupRows(key, of, reached string) string {
	switch f.By {
	case visit.ByCampaign:
		f.Query.CampaignID = key
	case visit.ByManager:
		f.Query.Where.ManagerID = key
	case visit.ByChain:
		f.Query.Where.ChainID = key
	case visit.ByPlace:
		f.Query.Where.PlaceID = key
	}
	return f.Rows(of, reached)
}

// Form is what was asked for, for parts of the page.
func (f coverageForm) Form() coverageForm { return f }

type coveragePage struct {
	coverageForm
	Filters []field
	Cuts    []visit.Cut
	*service.CoverageReport
}

func (p *page) coverage() error {
	f := p.coverageForm()
	report, err := p.svc.Coverage(p.ctx(), p.actor, f.Query, f.By)
	if err != nil {
		return err
	}
	shown := coveragePage{coverageForm: f, CoverageReport: report, Cuts: visit.Cuts()}
	all, err := p.figureFilters(f.Period)
	if err != nil {
		return err
	}
	for _, filter := range all {
		switch filter.Name {
		case "period", "from", "to", "chain", "place":
			shown.Filters = append(shown.Filters, filter)
		}
	}
	campaigns, err := p.campaignOptions()
	if err != nil {
		return err
	}
	shown.Filters = append(shown.Filters, field{Name: "campaign", Label: p.t("field.campaign_id"), Kind: kindSelect, Values: []string{f.Query.CampaignID}, Options: campaigns})
	return p.show("visits/coverage", shown)
}

// coverageOf is the coverage of the period for which figures are shown; nil
// where they are narrowed to something that visits do not know, or the reader
// does not read it.
func (p *page) coverageOf(f figuresForm) (*coveragePage, error) {
	w := f.Query.Where
	if w.DepartmentID+w.Category+w.Source+w.EnterpriseID != "" || !inOffice(p.actor) {
		return nil, nil
	}
	form := coverageForm{Period: f, Query: service.CoverageQuery{From: f.Query.From, To: f.Query.To, Where: visit.Where{ChainID: w.ChainID, PlaceID: w.PlaceID}}}
	report, err := p.svc.Coverage(p.ctx(), p.actor, form.Query, "")
	return &coveragePage{coverageForm: form, CoverageReport: report}, err
}

// coverageFilter reads which rows of a coverage the address asks for.
func (p *page) coverageFilter() service.CoverageFilter {
	f := service.CoverageFilter{Of: visit.Enterprises, Reached: visit.All}
	if p.QueryParam("of") == string(visit.KeyProjects) {
		f.Of = visit.KeyProjects
	}
	switch reached := visit.Reached(p.QueryParam("reached")); reached {
	case visit.Visited, visit.Missing, visit.All:
		f.Reached = reached
	}
	return f
}

type coverageRowsPage struct {
	coverageForm
	service.CoverageFilter
	Reaches []visit.Reached
	Rows    []service.CoverageRow
	Next    string
	Back    string
}

// coverageRows lists whom a number of a coverage counts.
func (p *page) coverageRows() error {
	form, f := p.coverageForm(), p.coverageFilter()
	after, ok := cursor.Decode[service.CoveragePosition](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	shown := coverageRowsPage{
		coverageForm: form, CoverageFilter: f, Reaches: []visit.Reached{visit.All, visit.Visited, visit.Missing},
		Back: visitPath("coverage") + "?" + form.Values().Encode(),
	}
	f.After, f.Limit = after, entriesAPage+1
	var err error
	if shown.Rows, err = p.svc.CoverageRows(p.ctx(), p.actor, form.Query, f); err != nil {
		return err
	}
	if len(shown.Rows) > entriesAPage {
		shown.Rows = shown.Rows[:entriesAPage]
		last := shown.Rows[entriesAPage-1]
		shown.Next = p.with("after", cursor.Encode(service.CoveragePosition{Name: last.Name, ID: last.ID}))
	}
	return p.show("visits/rows", shown)
}

func (p *page) exportCoverage(to service.ExportTo) (int, error) {
	return p.svc.ExportCoverage(p.ctx(), p.actor, p.coverageForm().Query, p.coverageFilter(), to)
}
