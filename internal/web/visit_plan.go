package web

import (
	"context"
	"errors"
	"net/url"
	"time"

	"whistle/internal/cursor"
	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/visit"
)

const plansAPage = 50

type campaignLine struct {
	visit.Campaign
	visit.Coverage
}

// Of is what the campaign is for, as a coverage has it.
func (c campaignLine) Of() visit.Of {
	if c.Targets == visit.Projects {
		return visit.KeyProjects
	}
	return visit.Enterprises
}

// Counted is how far it has come, of what it is for.
func (c campaignLine) Counted() figures.Ratio {
	if c.Of() == visit.KeyProjects {
		return c.Projects
	}
	return c.Enterprises
}

type campaignsPage struct {
	Rows []campaignLine
	May  bool // keep them
}

// mayKeep says whether the reader keeps campaigns and their plans.
func (p *page) mayKeep() bool { return p.actor.Role == ticket.RoleDispatcher }

func (p *page) campaigns() error {
	campaigns, err := p.svc.Campaigns().List(p.ctx(), p.actor, service.EntryFilter{})
	if err != nil {
		return err
	}
	shown := campaignsPage{May: p.mayKeep()}
	for i := len(campaigns) - 1; i >= 0; i-- { // the latest first
		covered, err := p.covered(campaigns[i])
		if err != nil {
			return err
		}
		shown.Rows = append(shown.Rows, campaignLine{campaigns[i], covered})
	}
	return p.show("visits/campaigns", shown)
}

// covered is how far a campaign has come, over all its days.
func (p *page) covered(c visit.Campaign) (visit.Coverage, error) {
	report, err := p.svc.Coverage(p.ctx(), p.actor, service.CoverageQuery{From: c.FromDate, To: c.ToDate, CampaignID: c.ID}, "")
	if err != nil {
		return visit.Coverage{}, err
	}
	return report.Total, nil
}

type campaignPage struct {
	campaignLine
	Names  *service.Names
	Plans  []service.PlanView
	Next   string
	Nobody bool // those alone for whom nobody is named
	May    bool
}

func (p *page) campaign() error {
	c, err := p.svc.Campaigns().Get(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	shown := campaignPage{campaignLine: campaignLine{Campaign: c}, May: p.mayKeep() && !c.Retired()}
	if shown.Coverage, err = p.covered(c); err != nil {
		return err
	}
	if shown.Names, err = p.svc.Campaigns().Names(p.ctx(), c); err != nil {
		return err
	}
	f := p.planFilter()
	shown.Nobody = f.Nobody
	f.CampaignID, f.After, f.Limit = c.ID, p.QueryParam("after"), plansAPage+1
	if shown.Plans, err = p.svc.VisitPlans(p.ctx(), p.actor, f); err != nil {
		return err
	}
	if len(shown.Plans) > plansAPage {
		shown.Plans = shown.Plans[:plansAPage]
		shown.Next = p.with("after", shown.Plans[plansAPage-1].ID)
	}
	return p.show("visits/campaign", shown)
}

// planFilter reads by what the address narrows a campaign's plan.
func (p *page) planFilter() service.PlanFilter {
	return service.PlanFilter{CampaignID: p.QueryParam("campaign"), UserID: p.QueryParam("user"), Nobody: p.QueryParam("nobody") != ""}
}

func (p *page) exportVisitPlans(to service.ExportTo) (int, error) {
	return p.svc.ExportVisitPlans(p.ctx(), p.actor, p.planFilter(), to)
}

func campaignPath(id string) string { return campaignsPath + "/" + url.PathEscape(id) }

func (p *page) divide() error {
	done, err := p.svc.DividePlans(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	p.say("visits.divided", "Planned", done.Planned, "Named", done.Named, "Nobody", done.Nobody)
	return p.goTo(campaignPath(p.Param("id")))
}

type visitPlanPage struct {
	Plan service.PlanView
	Form *form
}

func (p *page) visitPlanPage() (*visitPlanPage, error) {
	if !p.mayKeep() {
		return nil, ticket.NotFound("page")
	}
	plans, err := p.svc.VisitPlans(p.ctx(), p.actor, service.PlanFilter{ID: p.Param("id")})
	if err != nil {
		return nil, err
	}
	if len(plans) == 0 {
		return nil, ticket.NotFound("page")
	}
	plan := plans[0]
	f := newForm(visitPath("plans/")+plan.ID, p.t("directory.save"))
	f.Back, f.Seen = campaignPath(plan.CampaignID), plan.UpdatedAt.UTC().Format(time.RFC3339Nano)
	f.Fields = []field{
		{Name: "user_id", Label: p.t("visits.goes"), Kind: kindSearch, Values: []string{plan.UserID}, find: p.findVisitors},
		{Name: "day", Label: p.t("visits.day"), Kind: kindDay, Values: []string{plan.Day}},
	}
	return &visitPlanPage{plan, f}, nil
}

// findVisitors finds who may go.
func (p *page) findVisitors(query string) ([]option, error) {
	if query == "" {
		return nil, nil
	}
	users, err := p.svc.Users(p.ctx(), p.actor, service.UserFilter{Text: query, Limit: offered})
	return optionsOf(users, personOption), err
}

func (p *page) visitPlan() error {
	shown, err := p.visitPlanPage()
	if err != nil {
		return err
	}
	if err := p.complete(shown.Form); err != nil {
		return err
	}
	return p.show("visits/plan", shown)
}

func (p *page) changeVisitPlan() error {
	shown, err := p.visitPlanPage()
	if err != nil {
		return err
	}
	values, _, err := p.values()
	if err == nil {
		shown.Form.fill(values)
		if values.Get(againName) != "" {
			err = errAgain
		}
	}
	if err == nil {
		user, day := values.Get("user_id"), values.Get("day")
		_, err = p.once(values, func(ctx context.Context) (string, error) {
			_, err := p.svc.ChangePlan(ctx, p.actor, shown.Plan.ID, seenAt(values), service.PlanChange{UserID: &user, Day: &day})
			return "", err
		})
	}
	if err != nil {
		var stale *service.Stale
		if errors.As(err, &stale) {
			shown.Form.Changes = p.auditChanges(stale.Changes)
		}
		return p.refuse(err, shown.Form, func(status int) error { return p.showAs(status, "visits/plan", shown) })
	}
	p.say("directory.saved")
	return p.goTo(shown.Form.Back)
}

type ownPlanPage struct {
	Plans   []service.PlanView
	Missing []service.CoverageRow // looked after, and not visited this year
	Covered visit.Coverage        // of those looked after, this year
	Managed bool
	Next    string
}

// ownPlan is whom the reader is to visit, and whom of those looked after nobody
// has visited this year.
func (p *page) ownPlan() error {
	if !p.mayVisit() {
		return ticket.NotFound("page")
	}
	today := p.today()
	shown := ownPlanPage{Managed: len(p.actor.Manages) > 0}
	var err error
	if shown.Plans, err = p.svc.VisitPlans(p.ctx(), p.actor, service.PlanFilter{UserID: p.actor.ID, Open: &today, Limit: plansAPage}); err != nil {
		return err
	}
	if !shown.Managed {
		return p.show("visits/own", shown)
	}
	q := service.CoverageQuery{Where: visit.Where{ManagerID: p.actor.ID}}
	report, err := p.svc.Coverage(p.ctx(), p.actor, q, "")
	if err != nil {
		return err
	}
	shown.Covered = report.Total
	after, ok := cursor.Decode[service.CoveragePosition](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	shown.Missing, err = p.svc.CoverageRows(p.ctx(), p.actor, q, service.CoverageFilter{Of: visit.Enterprises, Reached: visit.Missing, After: after, Limit: plansAPage + 1})
	if len(shown.Missing) > plansAPage {
		shown.Missing = shown.Missing[:plansAPage]
		last := shown.Missing[plansAPage-1]
		shown.Next = p.with("after", cursor.Encode(service.CoveragePosition{Name: last.Name, ID: last.ID}))
	}
	if err != nil {
		return err
	}
	return p.show("visits/own", shown)
}
