package web

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"whistle/internal/cursor"
	"whistle/internal/phrase"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

func (w *Pages) requestRoutes() []route {
	return []route{
		get("/requests", (*page).requests),
		get(filingPath, (*page).filing),
		post(filingPath, (*page).file),
		get("/requests/:id/filed", (*page).filed),
	}
}

const (
	requestsPath = "/requests"
	filingPath   = "/requests/new"
)

// requestCard is a ticket in a list of an enterprise's own.
type requestCard struct {
	*service.TicketView
	Whose template.HTML // turn it is and by when, in a sentence
}

// Steps says where the ticket stands in the loop.
func (c requestCard) Steps() []step { return stepsOf(c.Ticket) }

// Path is the page of the ticket.
func (c requestCard) Path() string { return ticketPath(c.ID) }

// Light is the worst of the ticket's running clocks; "" without any.
func (c requestCard) Light() ticket.Light { return c.TicketView.Light(c.Now) }

// May says whether the reader may fire the event now.
func (c requestCard) May(event string) bool { return slices.Contains(c.Actions, ticket.Event(event)) }

func (p *page) card(v *service.TicketView) requestCard {
	return requestCard{TicketView: v, Whose: p.whose(v)}
}

// cards are the tickets of a worklist, up to a limit; more says where the next
// page begins, nil when these were all.
func (p *page) cards(list string, f service.WorklistFilter) (cards []requestCard, more *service.WorklistPosition, err error) {
	limit := f.Limit
	f.Limit++ // one more tells whether there is another page
	rows, err := p.svc.Worklist(p.ctx(), p.actor, service.WorklistName(list), f)
	if err != nil {
		return nil, nil, err
	}
	if len(rows) > limit {
		rows, more = rows[:limit], &rows[limit-1].Position
	}
	for _, row := range rows {
		cards = append(cards, p.card(row.TicketView))
	}
	return cards, more, nil
}

// requestsPage is the enterprise's list of its own tickets.
type requestsPage struct {
	Owed        []requestCard // what the enterprise itself is to do, on the first page of the open ones
	Cards       []requestCard
	Closed      bool   // the list is of those that are over
	Queue       string // the worklist that the list is
	Open, Ended int
	More        string // where the next page is; "" for none
}

const (
	requestsAPage = 20
	mostOwed      = 50
)

func (p *page) requests() error {
	if p.actor.Role != ticket.RoleEnterprise {
		return p.goTo("/looked-after")
	}
	counts, err := p.worklists()
	if err != nil {
		return err
	}
	shown := requestsPage{Closed: p.QueryParam("list") == "closed"}
	for _, c := range counts {
		switch c.Name { //nolint:exhaustive // the others are parts of these
		case "open":
			shown.Open = c.Count
		case "closed":
			shown.Ended = c.Count
		}
	}
	after, ok := cursor.Decode[service.WorklistPosition](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	shown.Queue = "open"
	if shown.Closed {
		shown.Queue = "closed"
	} else {
		for _, owed := range []string{"to_answer", "to_verify"} {
			cards, _, err := p.cards(owed, service.WorklistFilter{Limit: mostOwed})
			if err != nil {
				return err
			}
			shown.Owed = append(shown.Owed, cards...)
		}
	}
	cards, more, err := p.cards(shown.Queue, service.WorklistFilter{After: after, Limit: requestsAPage})
	if err != nil {
		return err
	}
	shown.Cards = slices.DeleteFunc(cards, func(c requestCard) bool {
		return slices.ContainsFunc(shown.Owed, func(o requestCard) bool { return o.ID == c.ID })
	})
	if more != nil {
		shown.More = p.with("after", cursor.Encode(*more))
	}
	if after != nil {
		shown.Owed = nil // they stand on the first page
	}
	return p.show("requests/list", shown)
}

// filingPage is where a ticket is filed: for one's own enterprise, or for
// another that was chosen before.
type filingPage struct {
	Form    *form
	For     string // the enterprise's name; "" for one's own
	Name    string // of the enterprise
	Place   string
	Another string // where another enterprise is chosen; "" when there is no choice
}

// choosePage is where the enterprise is chosen for which a ticket is filed, or
// that was visited.
type choosePage struct {
	Path        string // of the page that it is chosen for
	Title, Help string // texts' names
	Query       string
	Search      bool // there are too many to show without a search
	Options     []option
}

// mayFile says whether the actor files tickets, whosever they are.
func mayFile(a ticket.Actor) bool {
	return a.Role == ticket.RoleEnterprise && a.EnterpriseID != "" || mayFileForAny(a) || len(a.Manages)+len(a.Teams) > 0
}

// mayFileForAny says whether the actor files for every enterprise.
func mayFileForAny(a ticket.Actor) bool {
	return a.Role == ticket.RoleDispatcher || len(a.Stations) > 0
}

var errMayNotFile = ticket.Errorf(ticket.CodeForbidden, "You may not %s.", phrase.Code{List: "event", Code: string(ticket.EventSubmit), English: "file a request"})

// filing is whose ticket it is to be: one's own, or as the address or the form
// says. A project chosen says the enterprise too.
func (p *page) filing() error {
	if !mayFile(p.actor) {
		return errMayNotFile
	}
	enterpriseID, projectID := p.QueryParam("enterprise"), p.QueryParam("project")
	if p.actor.Role == ticket.RoleEnterprise {
		enterpriseID = p.actor.EnterpriseID
	}
	if enterpriseID == "" && projectID == "" {
		return p.chooseEnterprise(choosePage{
			Path: filingPath, Title: "filing.choose", Help: "filing.choose_help", Search: mayFileForAny(p.actor),
		}, p.actor.Teams)
	}
	shown, err := p.filingPage(enterpriseID, projectID)
	if err != nil {
		return err
	}
	return p.show("requests/new", shown)
}

func (p *page) filingPage(enterpriseID, projectID string) (*filingPage, error) {
	shown := &filingPage{}
	if enterpriseID == "" {
		project, err := p.svc.Projects().Get(p.ctx(), p.actor, projectID)
		if err != nil {
			return nil, err
		}
		enterpriseID, shown.Name = project.EnterpriseID, project.Name
	} else {
		enterprise, err := p.svc.Enterprises().Get(p.ctx(), p.actor, enterpriseID)
		if err != nil {
			return nil, err
		}
		shown.Name = enterprise.Name
		if enterprise.PlaceID != "" {
			place, err := p.svc.Places().Get(p.ctx(), p.actor, enterprise.PlaceID)
			if err != nil {
				return nil, err
			}
			shown.Place = place.Name
		}
	}
	if p.actor.Role != ticket.RoleEnterprise {
		shown.For, shown.Another = shown.Name, filingPath
	}
	var err error
	if shown.Form, err = p.filingForm(enterpriseID, filingPath); err != nil {
		return nil, err
	}
	shown.Form.Draft = p.filingDraft(enterpriseID)
	if projectID != "" {
		shown.Form.fill(url.Values{"project_id": {projectID}})
	}
	return shown, nil
}

// filingDraft is the name of the draft of a filing: each account has its own
// for each enterprise.
func (p *page) filingDraft(enterpriseID string) string {
	return "file-" + p.actor.ID + "-" + enterpriseID
}

const choices = 20

// separator is what a further parameter is added to an address with.
func separator(address string) string {
	if strings.Contains(address, "?") {
		return "&"
	}
	return "?"
}

// chooseEnterprise offers the enterprises that the actor looks after, the
// projects of some teams, and where there is a search all others.
func (p *page) chooseEnterprise(shown choosePage, teams []string) error {
	shown.Query = strings.TrimSpace(p.QueryParam("q"))
	found := func(name string) bool {
		return strings.Contains(strings.ToLower(name), strings.ToLower(shown.Query))
	}
	add := func(parameter, id, name, hint string) {
		shown.Options = append(shown.Options, option{Value: shown.Path + separator(shown.Path) + url.Values{parameter: {id}}.Encode(), Label: name, Hint: hint})
	}
	looked, err := p.svc.LookedAfter(p.ctx(), p.actor)
	if err != nil {
		return err
	}
	for _, l := range looked {
		if found(l.Enterprise.Name) || found(l.Enterprise.CreditCode) {
			add("enterprise", l.Enterprise.ID, l.Enterprise.Name, l.Enterprise.CreditCode)
		}
	}
	for _, id := range teams {
		project, err := p.svc.Projects().Get(p.ctx(), p.actor, id)
		if err != nil {
			return err
		}
		if found(project.Name) {
			add("project", project.ID, project.Name, p.t("field.project_id"))
		}
	}
	if shown.Search && shown.Query != "" {
		enterprises, err := p.svc.Enterprises().List(p.ctx(), p.actor, service.EntryFilter{Text: shown.Query, Limit: choices})
		if err != nil {
			return err
		}
		for _, e := range enterprises {
			if !slices.ContainsFunc(looked, func(l service.LookedAfter) bool { return l.Enterprise.ID == e.ID }) {
				add("enterprise", e.ID, e.Name, e.CreditCode)
			}
		}
	}
	return p.show("requests/choose", shown)
}

// file files a ticket as its form says.
func (p *page) file() error {
	if !mayFile(p.actor) {
		return errMayNotFile
	}
	values, files, valuesErr := p.values()
	enterpriseID := values.Get("enterprise_id")
	if p.actor.Role == ticket.RoleEnterprise {
		enterpriseID = p.actor.EnterpriseID
	}
	var projectID string
	if _, err := p.svc.Enterprises().Get(p.ctx(), p.actor, enterpriseID); err != nil {
		enterpriseID, projectID = "", values.Get("project_id") // a team's member may know the project alone
	}
	shown, err := p.filingPage(enterpriseID, projectID)
	if err != nil {
		return errors.Join(valuesErr, err)
	}
	def, _ := ticket.Define(ticket.EventSubmit)
	var in ticket.Input
	if err = valuesErr; err == nil {
		in, err = p.read(shown.Form, def, values, files)
	}
	var id string
	if err == nil {
		id, err = p.once(values, p.submission(in, values))
	}
	if err != nil {
		return p.refuse(err, shown.Form, func(status int) error { return p.showAs(status, "requests/new", shown) })
	}
	if _, err := p.svc.Ticket(p.ctx(), p.actor, id); err != nil {
		// Filed for another at a station: it is for the offices from here on.
		var known *ticket.Error
		if !errors.As(err, &known) || known.Code != ticket.CodeNotFound {
			return err
		}
		p.say("done.submit")
		return p.goTo(filingPath)
	}
	return p.goTo(requestsPath + "/" + url.PathEscape(id) + "/filed")
}

// submission files what a form says, and tells the id of the ticket.
func (p *page) submission(in ticket.Input, values url.Values) func(context.Context) (string, error) {
	submit, _ := in.(ticket.SubmitInput)
	submit.EnterpriseID = values.Get("enterprise_id")
	if p.actor.Role == ticket.RoleEnterprise {
		submit.EnterpriseID = p.actor.EnterpriseID
		submit.Source = ticket.SourceWeb
		if onPhone(p.Request()) {
			submit.Source = ticket.SourcePhone
		}
	}
	return func(ctx context.Context) (string, error) {
		filed, err := p.svc.File(ctx, p.actor, submit)
		if err != nil {
			return "", err
		}
		return filed.ID, nil
	}
}

// onPhone says whether a request comes from a phone, as its browser tells.
func onPhone(r *http.Request) bool {
	return r.Header.Get("Sec-Ch-Ua-Mobile") == "?1" || strings.Contains(r.UserAgent(), "Mobi")
}

// filedPage tells what happens next with a ticket that was just filed.
type filedPage struct {
	*service.TicketView
	Due   string // by when it is taken on; "" when no clock runs
	Draft string // that has served
	Own   bool
}

func (p *page) filed() error {
	v, err := p.svc.Ticket(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	shown := filedPage{TicketView: v, Draft: p.filingDraft(v.EnterpriseID), Own: !v.Inside()}
	if c := v.Clock(ticket.ClockAccept); c != nil {
		shown.Due = p.shower().words(c.DueAt)
	}
	return p.show("requests/filed", shown)
}
