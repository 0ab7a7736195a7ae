package web

import (
	"context"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

func (w *Pages) ticketRoutes() []route {
	return []route{
		get("/tickets/:id", (*page).ticket),
		get("/tickets/:id/:event", (*page).eventPage),
		post("/tickets/:id/:event", (*page).fire),
		get("/attachments/:id", (*page).attachment),
	}
}

// ticketPage is what the page of a ticket shows.
type ticketPage struct {
	*service.TicketView
	History []line // newest first
	Form    *form  // the one that is open; nil for none
	Event   ticket.Event
}

// Light is the worst of the ticket's running clocks; "" without any.
func (t ticketPage) Light() ticket.Light { return t.TicketView.Light(t.Now) }

// step is a stage of the loop as the bar shows it.
type step struct {
	Stage ticket.Stage
	Is    string // done, now, next, or skipped
}

// loop is the stages in their order.
var loop = []ticket.Stage{ticket.StageCollection, ticket.StageDispatch, ticket.StageJointHandling, ticket.StageResolution, ticket.StageVerification}

// Steps says where the ticket stands in the loop. An easy one skips the joint
// handling.
func (t ticketPage) Steps() []step {
	at := slices.Index(loop, t.State.Stage())
	if at < 0 { // closed, however it ended
		at = len(loop)
	}
	steps := make([]step, len(loop))
	for i, stage := range loop {
		switch {
		case i == at:
			steps[i] = step{stage, "now"}
		case i > at:
			steps[i] = step{stage, "next"}
		case stage == ticket.StageJointHandling && t.Round == 0:
			steps[i] = step{stage, "skipped"}
		default:
			steps[i] = step{stage, "done"}
		}
	}
	return steps
}

// May says whether the reader may fire the event now.
func (t ticketPage) May(event string) bool {
	return slices.Contains(t.Actions, ticket.Event(event))
}

// Asks says whether the event needs words; one that doesn't is a button.
func (t ticketPage) Asks(event ticket.Event) bool {
	def, _ := ticket.Define(event)
	return len(ticket.InputFields(def.Input)) > 0
}

func (p *page) ticketPage(id string) (*ticketPage, error) {
	view, err := p.svc.Ticket(p.ctx(), p.actor, id)
	if err != nil {
		return nil, err
	}
	history, authors, err := p.svc.History(p.ctx(), p.actor, id)
	if err != nil {
		return nil, err
	}
	files, err := p.svc.TicketAttachments(p.ctx(), p.actor, id)
	return &ticketPage{TicketView: view, History: p.lines(history, authors, view.Names, files)}, err
}

func (p *page) ticket() error {
	shown, err := p.ticketPage(p.Param("id"))
	if err != nil {
		return err
	}
	return p.show("ticket/show", shown)
}

func (p *page) definition() (ticket.Definition, error) {
	def, ok := ticket.Define(ticket.Event(p.Param("event")))
	if !ok || def.Event == ticket.EventSubmit {
		return def, ticket.NotFound("page")
	}
	return def, nil
}

// eventPage is the form of an event, on the page of its ticket.
func (p *page) eventPage() error {
	def, err := p.definition()
	if err != nil {
		return err
	}
	shown, err := p.ticketPage(p.Param("id"))
	if err != nil {
		return err
	}
	if err := p.openForm(shown, def); err != nil {
		return err
	}
	if !slices.Contains(shown.Actions, def.Event) {
		// An old link, or somebody was faster: the ticket says what may be done.
		shown.Form.Error = p.t("form.not_now", "Event", p.t("event."+string(def.Event)))
		shown.Form.Fields = nil
	}
	return p.show("ticket/show", shown)
}

func (p *page) openForm(shown *ticketPage, def ticket.Definition) (err error) {
	shown.Event = def.Event
	shown.Form, err = p.eventForm(def, shown.TicketView, "/tickets/"+shown.ID+"/"+string(def.Event))
	if err == nil {
		shown.Form.Back = local(p.QueryParam("back"), "")
	}
	return err
}

// indifferent are the events that add to a ticket whatever befell it since the
// form was shown.
var indifferent = []ticket.Event{ticket.EventProgress, ticket.EventMessage, ticket.EventUrge, ticket.EventAdvise}

// fire lets an event befall a ticket, as its form says.
func (p *page) fire() error {
	def, err := p.definition()
	if err != nil {
		return err
	}
	id := p.Param("id")
	shown, err := p.ticketPage(id)
	if err != nil {
		return err
	}
	if err := p.openForm(shown, def); err != nil {
		return err
	}
	values, files, err := p.values()
	var in ticket.Input
	if err == nil {
		in, err = p.read(shown.Form, def, values, files)
	}
	if err == nil {
		_, err = p.once(values, p.command(id, ticket.Event(def.Event), in, values))
	}
	if err != nil {
		return p.refuse(err, shown.Form, func(status int) error {
			if seen := seenVersion(values); seen > 0 && seen < shown.Version {
				if shown.Form.Changes, err = p.changesSince(p.ctx(), id, seen); err != nil {
					return err
				}
			}
			return p.showAs(status, "ticket/show", shown)
		})
	}
	p.say("done." + string(def.Event))
	return p.goTo(local(values.Get("back"), "/tickets/"+url.PathEscape(id)))
}

// seenVersion is the version of the ticket that a form was made for; 0 when it
// doesn't say.
func seenVersion(values url.Values) int {
	version, err := strconv.Atoi(values.Get("form_version"))
	if err != nil {
		return 0
	}
	return version
}

func (p *page) command(id string, event ticket.Event, in ticket.Input, values url.Values) func(context.Context) (string, error) {
	cmd := service.Command{Event: event, Input: in}
	if !slices.Contains(indifferent, event) {
		cmd.Expect = seenVersion(values)
	}
	return func(ctx context.Context) (string, error) {
		_, err := p.svc.Fire(ctx, p.actor, id, cmd)
		return id, err
	}
}

// attachment hands out a file, to be saved: never shown in a page's place,
// whatever it holds.
func (p *page) attachment() error {
	kept, content, err := p.svc.OpenAttachment(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	defer content.Close()
	h := p.Response().Header()
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": kept.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set(echo.HeaderContentLength, strconv.FormatInt(kept.Size, 10))
	return p.Stream(http.StatusOK, kept.MediaType, content)
}
