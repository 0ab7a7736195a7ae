package web

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"whistle/internal/directory"
	"whistle/internal/download"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

func (w *Pages) ticketRoutes() []route {
	return []route{
		get("/tickets/:id", (*page).ticket),
		get("/tickets/:id/verify", (*page).verify),
		get("/tickets/:id/:event", (*page).eventPage),
		post("/tickets/:id/:event", (*page).fire),
		get("/attachments/:id", (*page).attachment),
		get("/attachments/:id/thumbnail", (*page).thumbnail),
	}
}

// ticketPart is the element that holds a ticket, on its own page and beside a
// list.
const ticketPart = "ticket"

// ticketPage is what the page of a ticket shows.
type ticketPage struct {
	*service.TicketView
	Whose   template.HTML // turn it is and by when, in a sentence
	Next    ticket.Event
	History []line // newest first
	Form    *form  // the one that is open; nil for none
	Event   ticket.Event
	Filed   []directory.Attachment // what came with the filing
	Key     string                 // of the buttons that are sent as they are
	Part    bool                   // beside a list: what is done there stays there
	Said    string                 // beside a list: what has just been done
	Draft   string                 // beside a list: the one that has served

	// For the offices.
	Facts   []fact
	Visit   *service.VisitView // at which it was found; nil for none
	Marks   []string           // what a reader must not miss, in a word or two each
	Burning *timeLeft          // what is due first; nil when nothing is
	Dates   []clockLine
	Rounds  []round // of joint handling, the present first
	Duties  []taskLine
	Given   []orderLine
	Asked   []line // the requests that wait for a decision
}

// Light is the worst of the ticket's running clocks; "" without any.
func (t ticketPage) Light() ticket.Light { return t.TicketView.Light(t.Now) }

// Seen tells one look of the ticket from another: it changes by events, and by
// the passing of deadlines.
func (t ticketPage) Seen() string { return strconv.Itoa(t.Version) + string(t.Light()) }

// A history of more lines than foldAbove shows the last ones, the others
// behind a click.
const (
	foldAbove = 14
	recent    = 8
)

// Recent are the last lines of the history; Older the others.
func (t ticketPage) Recent() []line {
	if len(t.History) <= foldAbove {
		return t.History
	}
	return t.History[:recent]
}

// Older: see Recent.
func (t ticketPage) Older() []line { return t.History[len(t.Recent()):] }

// Path is the page of the ticket.
func (t ticketPage) Path() string { return ticketPath(t.ID) }

func ticketPath(id string) string { return "/tickets/" + url.PathEscape(id) }

// step is a stage of the loop as the bar shows it.
type step struct {
	Stage ticket.Stage
	Is    string // done, now, next, or skipped
}

// loop is the stages in their order.
var loop = []ticket.Stage{ticket.StageCollection, ticket.StageDispatch, ticket.StageJointHandling, ticket.StageResolution, ticket.StageVerification}

// Steps says where the ticket stands in the loop.
func (t ticketPage) Steps() []step { return stepsOf(t.Ticket) }

// stepsOf says where a ticket stands in the loop. An easy one skips the joint
// handling; one that was turned away, taken back or merged went no further
// than it had come.
func stepsOf(t *ticket.Ticket) []step {
	at := slices.Index(loop, t.State.Stage())
	if at < 0 {
		at = len(loop)
	}
	steps := make([]step, len(loop))
	for i, stage := range loop {
		is := "done"
		switch {
		case i == at:
			is = "now"
		case i > at:
			is = "next"
		case !reached(t, stage):
			is = "skipped"
		}
		steps[i] = step{stage, is}
	}
	return steps
}

// reached says whether a ticket that is beyond a stage was ever in it.
func reached(t *ticket.Ticket, stage ticket.Stage) bool {
	switch stage {
	case ticket.StageDispatch:
		return t.AcceptedAt != nil
	case ticket.StageJointHandling:
		return t.Round > 0
	case ticket.StageResolution:
		return t.FirstDispatchAt != nil
	case ticket.StageVerification:
		return t.ReachedVerifying
	case ticket.StageCollection, ticket.StageClosed:
	}
	return true
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

// Moves are the events that lead on, but for the next one; Adds those that
// leave the ticket where it is; Ends those that end it or give it away.
func (t ticketPage) Moves() []ticket.Event { return t.actions(moves) }

// Adds: see Moves.
func (t ticketPage) Adds() []ticket.Event { return t.actions(adds) }

// Ends: see Moves.
func (t ticketPage) Ends() []ticket.Event { return t.actions(ends) }

// effect is what an event does to a ticket, roughly.
type effect int

const (
	adds effect = iota
	moves
	ends
)

func (t ticketPage) actions(wanted effect) []ticket.Event {
	var events []ticket.Event
	for _, event := range t.Actions {
		is := adds
		def, _ := ticket.Define(event)
		if slices.ContainsFunc(def.Rows, func(r ticket.Row) bool { return r.To != "" && slices.Contains(r.From, t.State) }) {
			is = moves
		}
		if dangerous(event) {
			is = ends
		}
		if is == wanted && event != t.Next {
			events = append(events, event)
		}
	}
	return events
}

// next is what the reader owes the ticket first; "" for nothing that may be
// done now.
func (p *page) next(v *service.TicketView) ticket.Event {
	owed := v.Obligations()
	slices.SortStableFunc(owed, func(a, b ticket.Obligation) int {
		switch {
		case a.DueAt == nil && b.DueAt == nil:
			return 0
		case a.DueAt == nil:
			return 1
		case b.DueAt == nil:
			return -1
		}
		return a.DueAt.Compare(*b.DueAt)
	})
	for _, o := range owed {
		var mine bool
		switch o.Side {
		case ticket.SideDesk:
			mine = v.Relation&ticket.Desk != 0
		case ticket.SideDepartment:
			mine = o.PartyID == p.actor.DepartmentID
		case ticket.SideEnterprise:
			mine = v.Relation&(ticket.Own|ticket.Manager) != 0
		}
		if mine && slices.Contains(v.Actions, o.Event) {
			return o.Event
		}
	}
	return ""
}

func (p *page) ticketPage(id string) (*ticketPage, error) {
	view, explained, err := p.svc.Clocks(p.ctx(), p.actor, id)
	if err != nil {
		return nil, err
	}
	if err := p.svc.ReadNoticesOf(p.ctx(), p.actor, id); err != nil {
		return nil, err
	}
	history, authors, err := p.svc.History(p.ctx(), p.actor, id)
	if err != nil {
		return nil, err
	}
	files, err := p.svc.TicketAttachments(p.ctx(), p.actor, id)
	if err != nil {
		return nil, err
	}
	if err := p.learnCodes(view, history); err != nil {
		return nil, err
	}
	shown := &ticketPage{
		TicketView: view, Whose: p.whose(view), Next: p.next(view), History: p.lines(view, history, authors, files),
		Filed: slices.DeleteFunc(slices.Clone(files), func(a directory.Attachment) bool { return a.Seq != 1 }),
		Key:   newForm("", "").Key, Part: p.besideList(),
	}
	if view.Source == ticket.SourceVisit {
		if shown.Visit, err = p.svc.VisitOfTicket(p.ctx(), p.actor, id); err != nil {
			return nil, err
		}
	}
	if view.Inside() {
		err = p.forOffices(shown, explained)
	} else {
		p.forEnterprise(shown)
	}
	return shown, err
}

// forEnterprise adds what the enterprise is asked, and what it filed.
func (p *page) forEnterprise(t *ticketPage) {
	switch {
	case t.May(string(ticket.EventConfirm)):
		t.Asked = t.last(ticket.EventResolve)
	case t.May(string(ticket.EventSupplyInfo)):
		t.Asked = t.last(ticket.EventRequestInfo)
	}
	add := func(label, value, path string) {
		if value != "" {
			t.Facts = append(t.Facts, fact{Label: p.t(label), Value: value, Path: path})
		}
	}
	add("field.category", p.category(t.Category, p.codes[t.Category]), "")
	add("fact.filed_at", p.shower().words(t.FiledAt), "")
	if v := t.Visit; v != nil {
		add("visits.of_ticket", p.visitFact(v), visitPath(v.ID))
	}
	add("field.project_id", t.Names.Of(t.ProjectID), "")
	add("fact.place", t.Names.Of(t.PlaceID), "")
	add("fact.lead", t.Names.Of(t.LeadID), "")
	if t.Outcome != "" {
		add("fact.outcome", p.t("outcome."+string(t.Outcome)), "")
	}
	if t.Satisfaction > 0 {
		add("fact.satisfaction", p.starWords(t.Satisfaction), "")
	}
	if t.MasterVisible {
		add("fact.merged_into", p.t("fact.merged_into_link"), ticketPath(t.MergedInto))
	}
}

// visitFact names the visit at which a ticket was found.
func (p *page) visitFact(v *service.VisitView) string {
	return p.shower().words(v.VisitedAt) + " · " + v.Names.Of(v.VisitorID)
}

// besideList says whether the ticket is shown as a part of another page than
// its own.
func (p *page) besideList() bool {
	at := p.Request().URL
	if p.Request().Header.Get("HX-Target") == ticketPart {
		var err error
		if at, err = url.Parse(p.Request().Header.Get("HX-Current-URL")); err != nil {
			return false
		}
	}
	return !strings.HasPrefix(at.Path, "/tickets/")
}

// showTicket answers with the ticket as the reader is shown it.
func (p *page) showTicket(status int, shown *ticketPage) error {
	name := "ticket/show"
	switch {
	case shown.Inside():
	case shown.May(string(ticket.EventConfirm)) && (shown.Event == ticket.EventConfirm || shown.Event == ticket.EventDispute):
		name = "ticket/verify"
	default:
		name = "ticket/own"
	}
	return p.showAs(status, name, shown)
}

func (p *page) ticket() error {
	shown, err := p.ticketPage(p.Param("id"))
	if err != nil {
		return err
	}
	if p.QueryParam("seen") == shown.Seen() {
		return p.NoContent(http.StatusNoContent) // nothing to show anew
	}
	return p.showTicket(http.StatusOK, shown)
}

// verify asks the enterprise whether its problem is solved: both ways to say
// so on one page.
func (p *page) verify() error {
	shown, err := p.ticketPage(p.Param("id"))
	if err != nil {
		return err
	}
	if shown.Inside() || !shown.May(string(ticket.EventConfirm)) {
		return p.goTo(shown.Path())
	}
	shown.Event = ticket.EventConfirm
	return p.showTicket(http.StatusOK, shown)
}

// EventWords are what the reader calls an event, as a button says it.
func (v view) EventWords(event ticket.Event) string { return v.eventWords(event) }

// Verdict is the form of one of the two answers to the result: the one that is
// open, or a fresh one.
func (v view) Verdict(event string) (*form, error) {
	shown, _ := v.Data.(*ticketPage)
	f := shown.Form
	if f == nil || shown.Event != ticket.Event(event) {
		def, _ := ticket.Define(ticket.Event(event))
		var err error
		if f, err = v.eventForm(def, shown.TicketView, shown.Path()+"/"+event); err != nil {
			return nil, err
		}
	}
	for i := range f.Fields {
		f.Fields[i].Form = event
	}
	return f, nil
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
	shown.Form.Back = local(p.QueryParam("back"), "")
	if p.notNow(shown) {
		shown.Form.Fields = nil
	} else {
		// A link may say what is most likely meant.
		shown.Form.fill(p.QueryParams())
		if err := p.complete(shown.Form); err != nil {
			return err
		}
	}
	return p.showTicket(http.StatusOK, shown)
}

// notNow says so in the form of an event that may not be fired now: an old
// link, or somebody was faster. The ticket itself tells what may be done.
func (p *page) notNow(shown *ticketPage) bool {
	if slices.Contains(shown.Actions, shown.Event) {
		return false
	}
	shown.Form.Error = p.t("form.not_now", "Event", p.eventWords(shown.Event))
	shown.Form.Closed = true
	return true
}

// answered are the events whose last line is what another event answers.
var answered = map[ticket.Event]ticket.Event{
	ticket.EventSupplyInfo:       ticket.EventRequestInfo,
	ticket.EventReportIn:         ticket.EventWhistle,
	ticket.EventDeclineWhistle:   ticket.EventRequestWhistle,
	ticket.EventDecideExtension:  ticket.EventRequestExtension,
	ticket.EventDecideSuspension: ticket.EventRequestSuspension,
	ticket.EventReview:           ticket.EventRequestSuspension,
	ticket.EventCallback:         ticket.EventResolve,
}

func (p *page) openForm(shown *ticketPage, def ticket.Definition) (err error) {
	shown.Event = def.Event
	shown.Form, err = p.eventForm(def, shown.TicketView, shown.Path()+"/"+string(def.Event))
	if err != nil {
		return err
	}
	shown.Form.Cancel = shown.Path()
	if shown.Part {
		shown.Form.Part = ticketPart
	}
	if asked, ok := answered[def.Event]; ok {
		shown.Form.About = shown.last(asked)
	} else if def.Event == ticket.EventWhistle && shown.May(string(ticket.EventDeclineWhistle)) {
		shown.Form.About = shown.last(ticket.EventRequestWhistle)
	}
	return nil
}

// last is the last line of an event; none when it never befell the ticket.
func (t ticketPage) last(event ticket.Event) []line {
	i := slices.IndexFunc(t.History, func(l line) bool { return l.Event == event })
	if i < 0 {
		return nil
	}
	return t.History[i : i+1]
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
	shown.Form.Back = local(values.Get("back"), "")
	var in ticket.Input
	if err == nil {
		in, err = p.read(shown.Form, def, values, files)
	}
	if err == nil {
		_, err = p.once(values, p.command(shown, def.Event, in, values))
	}
	if err != nil {
		return p.refuse(err, shown.Form, func(status int) error { return p.refused(status, shown, def, values) })
	}
	return p.fired(shown, def.Event)
}

// refused shows the form of an event again with the ticket as it stands now:
// it may have changed while the form was on its way.
func (p *page) refused(status int, shown *ticketPage, def ticket.Definition, values url.Values) error {
	form := shown.Form
	shown, err := p.ticketPage(shown.ID)
	if err != nil {
		return err
	}
	if seen := seenVersion(values); seen > 0 {
		form.Changes = shown.since(seen)
	}
	form.Version = shown.Version
	shown.Form, shown.Event = form, def.Event
	p.notNow(shown)
	return p.showTicket(status, shown)
}

// since is what befell the ticket after a version, as far as the reader is
// told of it, oldest first.
func (t ticketPage) since(version int) []change {
	var changes []change
	for _, l := range slices.Backward(t.History) {
		if l.Seq > version {
			changes = append(changes, change{What: l.What, By: l.By, At: l.At})
		}
	}
	return changes
}

// fired shows what came of an event: beside a list the ticket in its place,
// else the page to which the form leads.
func (p *page) fired(shown *ticketPage, event ticket.Event) error {
	done := "done." + string(event)
	after, err := p.ticketPage(shown.ID)
	var known *ticket.Error
	gone := errors.As(err, &known) && known.Code == ticket.CodeNotFound
	switch {
	case err != nil && !gone:
		return err
	case shown.Part:
		p.Response().Header().Set("HX-Trigger-After-Swap", "whistle:changed") // the list too
		if gone {
			return p.show("ticket/gone", p.t(done))
		}
		after.Said, after.Draft = p.t(done), shown.Form.Draft
		return p.showTicket(http.StatusOK, after)
	}
	p.say(done, "Draft", shown.Form.Draft)
	to := shown.Path()
	if gone { // given away: it is not in sight any more
		to = homeOf(p.actor)
	}
	return p.goTo(local(shown.Form.Back, to))
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

func (p *page) command(shown *ticketPage, event ticket.Event, in ticket.Input, values url.Values) func(context.Context) (string, error) {
	cmd := service.Command{Event: event, Input: in}
	if seen := seenVersion(values); seen > 0 && !slices.Contains(indifferent, event) {
		cmd.Expect = seen
		if len(shown.since(seen)) == 0 {
			cmd.Expect = shown.Version // nothing of what the reader is told has changed
		}
	}
	return func(ctx context.Context) (string, error) {
		_, err := p.svc.Fire(ctx, p.actor, shown.ID, cmd)
		return shown.ID, err
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
	for name, value := range download.Headers(kept.Name, kept.MediaType) {
		p.Response().Header().Set(name, value)
	}
	p.Response().Header().Set(echo.HeaderContentLength, strconv.FormatInt(kept.Size, 10))
	return p.Stream(http.StatusOK, kept.MediaType, content)
}

// thumbnail is a photo made small, to be shown on a page. It never changes, but
// the sight of it may be lost.
func (p *page) thumbnail() error {
	small, content, err := p.svc.OpenThumbnail(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	defer content.Close()
	h := p.Response().Header()
	h.Set("Cache-Control", "private, max-age=3600")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set(echo.HeaderContentLength, strconv.FormatInt(small.Size, 10))
	return p.Stream(http.StatusOK, small.MediaType, content)
}
