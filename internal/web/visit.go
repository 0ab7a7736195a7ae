package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"whistle/internal/cursor"
	"whistle/internal/directory"
	"whistle/internal/phrase"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/visit"
	"whistle/internal/worktime"
)

func (w *Pages) visitRoutes() []route {
	campaigns := entryPages[visit.Campaign, *visit.Campaign]{
		name: "campaigns", columns: []string{"name"}, entries: (*service.Service).Campaigns, kept: kept[visit.Campaign]{path: campaignsPath},
	}
	return append(campaigns.forms(), []route{
		get(visitsPath, visitors((*page).visits)),
		get(visitPath("new"), visitors((*page).newVisit)),
		post(visitPath("new"), visitors((*page).recordVisit)),
		get(visitPath("plan"), visitors((*page).ownPlan)),
		get(visitPath("coverage"), visitors((*page).coverage)),
		get(visitPath("coverage/rows"), visitors((*page).coverageRows)),
		get(campaignsPath, offices((*page).campaigns)),
		get(campaignsPath+"/:id", offices((*page).campaign)),
		post(campaignsPath+"/:id/division", offices((*page).divide)),
		get(visitPath("plans/:id"), offices((*page).visitPlan)),
		post(visitPath("plans/:id"), offices((*page).changeVisitPlan)),
		get(visitPath(":id"), (*page).visit),
		get(visitPath(":id/findings/:finding"), visitors((*page).finding)),
		post(visitPath(":id/findings/:finding"), visitors((*page).fileFinding)),
	}...)
}

const (
	visitsPath    = "/visits"
	campaignsPath = "/visits/campaigns"

	visitsAPage = 50
)

// visitPath is a page below that of all visits.
func visitPath(below string) string { return visitsPath + "/" + below }

// visitors keeps a page to the offices and to those who look after enterprises;
// to anybody else there is none.
func visitors(handle func(*page) error) func(*page) error {
	return func(p *page) error {
		if !inOffice(p.actor) && len(p.actor.Manages) == 0 {
			return ticket.NotFound("page")
		}
		return handle(p)
	}
}

// visitTabs are the pages about visits.
type visitTab struct{ Path, Text string }

// VisitTabs are the pages about visits that the reader may open.
func (v view) VisitTabs() []visitTab {
	tabs := []visitTab{{visitsPath, "visits.records"}}
	if v.mayVisit() {
		tabs = append(tabs, visitTab{visitPath("plan"), "visits.own_plan"})
	}
	tabs = append(tabs, visitTab{visitPath("coverage"), "visits.coverage"})
	if inOffice(v.actor) {
		tabs = append(tabs, visitTab{campaignsPath, "visits.campaigns"})
	}
	return tabs
}

// OnVisits says whether a path is that of the tab on which the page that is shown is.
func (v view) OnVisits(path string) bool {
	current := v.Request().URL.Path
	if path == visitsPath {
		return !slices.ContainsFunc(v.VisitTabs(), func(t visitTab) bool { return t.Path != visitsPath && below(current, t.Path) })
	}
	return below(current, path)
}

// mayVisit says whether the actor records visits, to whomever.
func (p *page) mayVisit() bool { return service.MayVisitAny(p.actor) || len(p.actor.Manages) > 0 }

// MayVisit says whether the reader records visits, to whomever.
func (v view) MayVisit() bool { return v.mayVisit() }

// Outbox is under whose name the browser keeps what it could not send.
func (v view) Outbox() string { return v.actor.ID }

type visitsPage struct {
	Filters    []field
	Visits     []service.VisitView
	Enterprise string // the name of the one whose visits these are; "" for any
	Next       string
}

// visitFilter reads by what the address narrows the list of visits.
func (p *page) visitFilter() (service.VisitFilter, []ticket.Field) {
	f := service.VisitFilter{
		EnterpriseID: p.QueryParam("enterprise"), ProjectID: p.QueryParam("project"), CampaignID: p.QueryParam("campaign"), VisitorID: p.QueryParam("visitor"),
	}
	var faults []ticket.Field
	f.From, f.To, faults = p.days()
	return f, faults
}

func (p *page) visits() error {
	f, faults := p.visitFilter()
	errorsAt := map[string]string{}
	for _, fault := range faults {
		errorsAt[strings.TrimPrefix(fault.Pointer, "/")] = p.faultWords(fault)
	}
	campaigns, err := p.campaignOptions()
	if err != nil {
		return err
	}
	shown := visitsPage{Filters: []field{
		{Name: "campaign", Label: p.t("field.campaign_id"), Kind: kindSelect, Values: []string{f.CampaignID}, Options: campaigns},
		{Name: "visitor", Label: p.t("visits.visitor"), Kind: kindSelect, Values: []string{f.VisitorID}, Options: []option{{Value: p.actor.ID, Label: p.t("visits.me")}}},
		{Name: "from", Label: p.t("figures.from"), Kind: kindDay, Values: []string{p.QueryParam("from")}, Error: errorsAt["from"]},
		{Name: "to", Label: p.t("figures.to"), Kind: kindDay, Values: []string{p.QueryParam("to")}, Error: errorsAt["to"]},
	}}
	after, ok := cursor.Decode[service.VisitPosition](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	if f.EnterpriseID != "" {
		e, err := p.svc.Enterprises().Get(p.ctx(), p.actor, f.EnterpriseID)
		if err != nil {
			return err
		}
		shown.Enterprise = e.Name
	}
	f.After, f.Limit = after, visitsAPage+1
	if shown.Visits, err = p.svc.Visits(p.ctx(), p.actor, f); err != nil {
		return err
	}
	if len(shown.Visits) > visitsAPage {
		shown.Visits = shown.Visits[:visitsAPage]
		last := shown.Visits[visitsAPage-1]
		shown.Next = p.with("after", cursor.Encode(service.VisitPosition{VisitedAt: last.VisitedAt, ID: last.ID}))
	}
	return p.show("visits/list", shown)
}

func (p *page) campaignOptions() ([]option, error) {
	campaigns, err := p.svc.Campaigns().List(p.ctx(), p.actor, service.EntryFilter{All: true})
	slices.Reverse(campaigns) // the latest first
	return optionsOf(campaigns, func(c visit.Campaign) option { return option{Value: c.ID, Label: c.Name} }), err
}

// runningCampaigns are those that have today among their days.
func (p *page) runningCampaigns() ([]visit.Campaign, error) {
	campaigns, err := p.svc.Campaigns().List(p.ctx(), p.actor, service.EntryFilter{})
	today := p.today()
	return slices.DeleteFunc(campaigns, func(c visit.Campaign) bool { return today.Before(c.FromDate) || c.ToDate.Before(today) }), err
}

func (p *page) today() worktime.Date { return worktime.DateOf(p.svc.Now().In(p.svc.Zone())) }

// newVisitPage is where a visit is recorded.
type newVisitPage struct {
	Enterprise directory.Enterprise
	Campaign   *visit.Campaign  // in which it is; nil for none
	Campaigns  []visit.Campaign // in which it may be
	Form       *form
}

// visitDraft is the name of the draft of a record: each account has its own for
// each enterprise.
func (p *page) visitDraft(enterpriseID string) string {
	return "visit-" + p.actor.ID + "-" + enterpriseID
}

func (p *page) newVisit() error {
	if !p.mayVisit() {
		return errMayNotVisit
	}
	enterpriseID, campaignID := p.QueryParam("enterprise"), p.QueryParam("campaign")
	if enterpriseID == "" {
		path := visitPath("new")
		if campaignID != "" {
			path += "?" + url.Values{"campaign": {campaignID}}.Encode()
		}
		return p.chooseEnterprise(choosePage{Path: path, Title: "visits.choose", Help: "visits.choose_help", Search: service.MayVisitAny(p.actor)}, nil)
	}
	shown, err := p.newVisitPage(enterpriseID, campaignID)
	if err != nil {
		return err
	}
	if project := p.QueryParam("project"); project != "" {
		shown.Form.fill(url.Values{"project_id": {project}})
	}
	return p.show("visits/new", shown)
}

var errMayNotVisit = ticket.Errorf(ticket.CodeForbidden, "You may not %s.", phrase.Word("record visits"))

// answerName is the name of the field that answers a question of the campaign.
func answerName(number int) string { return "answer_" + strconv.Itoa(number) }

const findingRows = 2

func (p *page) newVisitPage(enterpriseID, campaignID string) (*newVisitPage, error) {
	enterprise, err := p.svc.Enterprises().Get(p.ctx(), p.actor, enterpriseID)
	if err != nil {
		return nil, err
	}
	shown := &newVisitPage{Enterprise: enterprise}
	if shown.Campaigns, err = p.runningCampaigns(); err != nil {
		return nil, err
	}
	f := newForm(visitPath("new"), p.t("visits.save"))
	f.Draft, f.Outbox = p.visitDraft(enterprise.ID), enterprise.Name
	f.Fields = []field{
		{Name: "enterprise_id", Kind: kindHidden, Values: []string{enterprise.ID}},
		{Name: "visited_at", Label: p.t("field.visited_at"), Kind: kindMoment, Values: []string{p.svc.Now().In(p.svc.Zone()).Format(momentInputFormat)}},
	}
	if campaignID != "" {
		campaign, err := p.svc.Campaigns().Get(p.ctx(), p.actor, campaignID)
		if err != nil {
			return nil, err
		}
		shown.Campaign = &campaign
		f.Fields = append(f.Fields, field{Name: "campaign_id", Kind: kindHidden, Values: []string{campaign.ID}})
	}
	projects, err := p.svc.Projects().List(p.ctx(), p.actor, service.EntryFilter{EnterpriseID: enterprise.ID})
	if err != nil {
		return nil, err
	}
	if len(projects) > 0 {
		f.Fields = append(f.Fields, field{Name: "project_id", Label: p.t("field.project_id"), Hint: p.t("visits.project_hint"), Kind: kindSelect, Options: optionsOf(projects, func(e directory.Project) option {
			return option{Value: e.ID, Label: e.Name}
		})})
	}
	f.Fields = append(f.Fields, field{Name: "seen", Label: p.t("field.seen"), Hint: p.t("visits.seen_hint"), Kind: kindLong, Required: true, Max: 10000})
	if shown.Campaign != nil {
		for i, q := range shown.Campaign.Questions {
			f.Fields = append(f.Fields, p.questionField(i+1, q))
		}
	}
	findings, err := p.findingRows()
	if err != nil {
		return nil, err
	}
	f.Fields = append(
		f.Fields, findings,
		field{Name: "attachments", Label: p.t("visits.photos"), Kind: kindFiles},
		field{Name: "location", Label: p.t("field.location"), Kind: kindText, Max: 200, Locate: true},
		field{Name: "latitude", Label: p.t("visits.coordinates"), Kind: kindHidden},
		field{Name: "longitude", Label: p.t("visits.coordinates"), Kind: kindHidden},
	)
	shown.Form = f
	return shown, nil
}

func (p *page) questionField(number int, q visit.Question) field {
	f := field{Name: answerName(number), Label: q.Text, Kind: kindText, Max: 2000}
	if q.Part != "" {
		f.Hint = p.t("visits.asks", "Part", p.t("interviewee."+string(q.Part)))
	}
	switch q.Kind {
	case visit.Choice:
		f.Kind = kindSelect
		for _, choice := range q.Choices {
			f.Options = append(f.Options, option{Value: choice, Label: choice})
		}
	case visit.Number, visit.Text:
	}
	return f
}

// findingRows asks for what was found, with some rows to begin with.
func (p *page) findingRows() (field, error) {
	categories, err := entryOptions(p, p.svc.Categories().List, func(c directory.Category) option {
		return option{Value: c.Code, Label: p.category(c.Code, c.Name)}
	})
	f := field{Name: "findings", Label: p.t("visits.findings"), Hint: p.t("visits.findings_hint"), Kind: kindRows, blank: []field{
		{Name: "findings[0].text", Label: p.t("visits.finding"), Kind: kindLong, Max: 2000},
		{Name: "findings[0].category", Label: p.t("field.category"), Kind: kindSelect, Options: categories},
	}}
	for range findingRows {
		f.addRow()
	}
	return f, err
}

// outboxHeader marks what a page's script sends that it kept while there was no
// line. It is answered for the script: with a path, or with what is wrong.
const outboxHeader = "Whistle-Outbox"

func (p *page) recordVisit() error {
	if !p.mayVisit() {
		return errMayNotVisit
	}
	values, files, valuesErr := p.values()
	shown, err := p.newVisitPage(values.Get("enterprise_id"), values.Get("campaign_id"))
	if err != nil {
		err = errors.Join(valuesErr, err)
		if p.Request().Header.Get(outboxHeader) != "" {
			return p.refuseOutbox(err)
		}
		return err
	}
	var recorded *service.VisitView
	err = valuesErr
	if err == nil {
		sent := p.svc.VisitSent(p.ctx(), p.actor, values.Get("form_key"))
		if !sent { // else its photos are here already
			err = p.upload(values, files)
		}
		shown.Form.fill(values)
	}
	if again := values.Get(againName); err == nil && again != "" {
		shown.Form.addRows(again)
		err = errAgain
	}
	var in visit.Record
	if err == nil {
		err = p.decode(values, &in)
	}
	if err == nil {
		in.ClientID = values.Get("form_key")
		for number := range len(shown.questions()) {
			if text := strings.TrimSpace(values.Get(answerName(number + 1))); text != "" {
				in.Answers = append(in.Answers, visit.NewAnswer{Number: number + 1, Text: text})
			}
		}
		recorded, err = p.svc.RecordVisit(p.ctx(), p.actor, in)
	}
	outbox := p.Request().Header.Get(outboxHeader) != ""
	switch {
	case err != nil && outbox:
		return p.refuseOutbox(err)
	case err != nil:
		shown.placeAnswers(in, err)
		return p.refuse(err, shown.Form, func(status int) error { return p.showAs(status, "visits/new", shown) })
	case outbox:
		return p.JSON(http.StatusCreated, map[string]string{"path": visitPath(recorded.ID)})
	}
	p.say("visits.recorded")
	return p.goTo(visitPath(recorded.ID))
}

// In says whether the visit is one of a campaign.
func (n *newVisitPage) In(campaignID string) bool {
	return n.Campaign != nil && n.Campaign.ID == campaignID
}

func (n *newVisitPage) questions() []visit.Question {
	if n.Campaign == nil {
		return nil
	}
	return n.Campaign.Questions
}

// placeAnswers moves the faults of answers to the fields of their questions.
func (n *newVisitPage) placeAnswers(in visit.Record, err error) {
	var known *ticket.Error
	if !errors.As(err, &known) {
		return
	}
	for i, fault := range known.Fields {
		parts := strings.Split(fault.Pointer, "/")
		if len(parts) < 3 || parts[1] != "answers" {
			continue
		}
		if at, err := strconv.Atoi(parts[2]); err == nil && at < len(in.Answers) {
			known.Fields[i] = ticket.FieldOf("/"+answerName(in.Answers[at].Number), fault.Phrase())
		}
	}
}

// refuseOutbox tells a script why what it sent was not taken.
func (p *page) refuseOutbox(err error) error {
	known, status, err := p.known(err)
	if err != nil {
		return err
	}
	words := []string{p.errorWords(known)}
	for _, fault := range known.Fields {
		words = append(words, p.namedFault(fault))
	}
	return p.JSON(status, map[string]string{"message": strings.Join(words, " ")})
}

type visitPage struct {
	*service.VisitView
	Draft   string // that has served
	MayFile bool   // tickets of what was found
}

// Coordinates are where it was, as maps take them.
func (v visitPage) Coordinates() string {
	return strconv.FormatFloat(*v.Latitude, 'f', -1, 64) + ", " + strconv.FormatFloat(*v.Longitude, 'f', -1, 64)
}

// visit is one visit. To an enterprise it says that it was, when and by whom.
func (p *page) visit() error {
	v, err := p.svc.Visit(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	shown := visitPage{VisitView: v, MayFile: v.Words && service.MayFileFinding(p.actor, v.Visit)}
	if v.VisitorID == p.actor.ID {
		shown.Draft = p.visitDraft(v.EnterpriseID)
	}
	return p.show("visits/show", shown)
}

type findingPage struct {
	Visit   *service.VisitView
	Finding service.FindingView
	Form    *form
}

func (p *page) findingPage() (*findingPage, error) {
	v, err := p.svc.Visit(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(v.Findings, func(f service.FindingView) bool { return f.ID == p.Param("finding") })
	if at < 0 || !service.MayFileFinding(p.actor, v.Visit) {
		return nil, ticket.NotFound("page")
	}
	shown := &findingPage{Visit: v, Finding: v.Findings[at]}
	categories, err := entryOptions(p, p.svc.Categories().List, func(c directory.Category) option {
		return option{Value: c.Code, Label: p.category(c.Code, c.Name)}
	})
	if err != nil {
		return nil, err
	}
	f := newForm(visitPath(v.ID)+"/findings/"+shown.Finding.ID, p.t("visits.file"))
	f.Back = visitPath(v.ID)
	f.Fields = []field{
		{Name: "title", Label: p.t("field.title"), Kind: kindText, Required: true, Max: 200, Values: []string{firstLine(shown.Finding.Text)}},
		{Name: "description", Label: p.t("field.description"), Kind: kindLong, Max: 10000, Values: []string{shown.Finding.Text}},
		{Name: "category", Label: p.t("field.category"), Kind: kindSelect, Options: categories, Values: []string{shown.Finding.Category}},
		{Name: "urgency", Label: p.t("field.urgency"), Kind: kindRadios, Values: []string{string(ticket.Normal)}, Options: []option{
			{Value: string(ticket.Normal), Label: p.t("urgency.normal")}, {Value: string(ticket.Urgent), Label: p.t("urgency.urgent")},
		}},
		{Name: "confidential", Label: p.t("field.confidential"), Kind: kindCheck},
	}
	shown.Form = f
	return shown, nil
}

// firstLine is the beginning of a text, as a title to begin with.
func firstLine(text string) string {
	const most = 40 // characters
	line, _, _ := strings.Cut(text, "\n")
	if end := strings.IndexAny(line, "。；;"); end > 0 {
		line = line[:end]
	}
	if runes := []rune(line); len(runes) > most {
		line = string(runes[:most])
	}
	return line
}

func (p *page) finding() error {
	shown, err := p.findingPage()
	if err != nil {
		return err
	}
	if shown.Finding.TicketID != "" {
		return p.goTo(visitPath(shown.Visit.ID))
	}
	return p.show("visits/finding", shown)
}

func (p *page) fileFinding() error {
	shown, err := p.findingPage()
	if err != nil {
		return err
	}
	values, _, err := p.values()
	var in service.FindingFiling
	if err == nil {
		shown.Form.fill(values)
		err = p.decode(values, &in)
	}
	if err == nil {
		_, err = p.once(values, func(ctx context.Context) (string, error) {
			filed, err := p.svc.FileFinding(ctx, p.actor, shown.Visit.ID, shown.Finding.ID, in)
			if err != nil {
				return "", err
			}
			return filed.ID, nil
		})
	}
	if err != nil {
		return p.refuse(err, shown.Form, func(status int) error { return p.showAs(status, "visits/finding", shown) })
	}
	p.say("done.submit")
	return p.goTo(visitPath(shown.Visit.ID))
}

func (p *page) exportVisits(to service.ExportTo) (int, error) {
	f, faults := p.visitFilter()
	if len(faults) > 0 {
		return 0, ticket.InvalidForm(faults)
	}
	return p.svc.ExportVisits(p.ctx(), p.actor, f, to)
}
