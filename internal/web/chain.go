package web

import (
	"context"
	"errors"
	"net/url"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

func (w *Pages) chainRoutes() []route {
	return []route{
		get(chainsPath, offices((*page).chains)),
		get(chainsPath+"/:id", offices((*page).chain)),
		post(chainsPath+"/:id/plan", offices((*page).saveChainPlan)),
	}
}

const chainsPath = "/chains"

func chainPath(id string) string { return chainsPath + "/" + url.PathEscape(id) }

// allChains offers the chains, each with its segments after it.
func (p *page) allChains() ([]option, error) {
	all, err := p.svc.Chains().List(p.ctx(), p.actor, service.EntryFilter{})
	var options []option
	var offer func(parentID, above string)
	offer = func(parentID, above string) {
		for _, c := range all {
			if c.ParentID == parentID {
				options = append(options, option{Value: c.ID, Label: above + c.Name})
				offer(c.ID, above+c.Name+p.t("chain.below"))
			}
		}
	}
	offer("", "")
	return options, err
}

// ofChain asks for the figures of one chain in the year to date, so that its
// numbers open to what they count.
func ofChain(id string) figuresForm {
	f := figuresForm{Period: thisYear}
	f.Query.Where.ChainID = id
	return f
}

// chainsPage is the list of the chains.
type chainsPage struct {
	Lines []chainRow
	Part  bool // the figures are of the reader's department alone
}

// chainRow is a chain with where its numbers are listed.
type chainRow struct {
	service.ChainLine
	figuresForm
}

func chainRows(lines []service.ChainLine) []chainRow {
	rows := make([]chainRow, len(lines))
	for i, line := range lines {
		rows[i] = chainRow{line, ofChain(line.Chain.ID)}
	}
	return rows
}

func (p *page) chains() error {
	lines, err := p.svc.ChainLines(p.ctx(), p.actor)
	if err != nil {
		return err
	}
	return p.show("chains/list", chainsPage{chainRows(lines), !p.actor.SeesAll()})
}

// chainPage is one chain, or a segment of one (一链一策).
type chainPage struct {
	*service.ChainPage
	figuresForm
	Links    []chainRow  // its segments
	Rates    []rateShown // of the year to date
	Part     bool        // the figures are of the reader's department alone
	Versions []planVersion
	Plan     *form // for who may change it
}

// planVersion is what the plan of a chain once was.
type planVersion struct {
	service.AuditView
	Text string
}

// chainRates are shown of a chain, in their order.
var chainRates = []string{"resolution_rate", "response_rate", "on_time_rate", "satisfaction_rate"}

func (p *page) chain() error {
	shown, err := p.chainPage()
	if err != nil {
		return err
	}
	return p.show("chains/show", shown)
}

func (p *page) chainPage() (*chainPage, error) {
	about, err := p.svc.ChainPage(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return nil, err
	}
	shown := &chainPage{
		ChainPage: about, figuresForm: ofChain(about.Chain.ID), Links: chainRows(about.Segments), Part: !p.actor.SeesAll(),
	}
	for _, name := range chainRates {
		shown.Rates = append(shown.Rates, rateShown{Name: name, Ratio: about.Report.Total.Rates[name]})
	}
	for _, v := range about.Plans {
		for _, c := range v.Changes {
			if c.Field == "plan" && len(c.After) > 0 {
				shown.Versions = append(shown.Versions, planVersion{v, c.After[0].Text})
			}
		}
	}
	if len(shown.Versions) > 0 && shown.Versions[0].Text == about.Chain.Plan {
		shown.Versions = shown.Versions[1:] // it is the plan
	}
	if about.Keeps && !about.Chain.Retired() {
		shown.Plan = newForm(chainPath(about.Chain.ID)+"/plan", p.t("chain.save_plan"))
		shown.Plan.Seen = about.Chain.UpdatedAt.UTC().Format(time.RFC3339Nano)
		shown.Plan.Fields = []field{{
			Name: "plan", Label: p.t("chain.plan"), Hint: p.t("chain.plan_hint"), Kind: kindLong, Values: []string{about.Chain.Plan}, Max: 10000,
		}}
	}
	return shown, nil
}

// saveChainPlan keeps how a chain is served.
func (p *page) saveChainPlan() error {
	shown, err := p.chainPage()
	if err != nil {
		return err
	}
	if shown.Plan == nil {
		return ticket.NotFound("page")
	}
	values, _, err := p.values()
	if err != nil {
		return err
	}
	shown.Plan.fill(values)
	_, err = p.once(values, func(ctx context.Context) (string, error) {
		_, err := p.svc.Chains().ChangeSeen(ctx, p.actor, shown.Chain.ID, seenAt(values), func(c *directory.Chain) error {
			c.Plan = values.Get("plan")
			return nil
		})
		return "", err
	})
	if err != nil {
		var stale *service.Stale
		if errors.As(err, &stale) {
			shown.Plan.Changes = p.auditChanges(stale.Changes)
		}
		return p.refuse(err, shown.Plan, func(status int) error { return p.showAs(status, "chains/show", shown) })
	}
	p.say("directory.saved")
	return p.goTo(chainPath(shown.Chain.ID))
}
