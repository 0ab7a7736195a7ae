package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"whistle/internal/cursor"
	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// queueRows is how many rows a page of a queue has.
const queueRows = 25

// queuePage is a page that is worked through by lists: the reader's worklists
// with what waits in each, the rows of one of them, and beside it the ticket
// that is open. Its whole state stands in its address. templates/parts/queue.html
// shows it.
type queuePage struct {
	Path     string // without a query
	Queues   []service.WorklistCount
	Queue    service.WorklistCount // the one that is shown
	Filters  []field               // to narrow it by
	Filtered int                   // filters that do narrow it
	Narrowed []narrowed            // what these say
	Rows     []*queueRow
	Paged    bool // this is not the list's first page

	Address string // of the page, without a ticket open
	First   string // of the list's first page
	Next    string // of its next one; "" on the last

	TicketID string      // of the ticket that is open; "" for none
	Ticket   *ticketPage // nil when none is, or it isn't there to be seen, or only the list is asked for
	Before   *queueRow   // comes before it in the list; nil for none
	After    *queueRow   // is to go on with; nil for none

	Bulk bulk      // may befall many of the list at once
	Done *bulkDone // what became of that; nil when it wasn't asked for
	Part string    // the element of the page that is asked for; "" for all

	filter service.WorklistFilter
}

// queueRow is a ticket in a queue.
type queueRow struct {
	*service.WorklistRow
	Href    string // the page with this ticket open
	Current bool   // it is open
	Beside  bool   // it opens beside the list
	DueAt   string // what is due first, in words; "" when nothing is
	Bulk    bulk
	Asked   string // what the form decides, in words; "" for nothing
	Form    *form  // to be answered in the row; nil for none

	Links          []rowLink // what may be begun from the row
	Told           []string  // why it is in the list, in sentences
	Contact, Phone string    // whom to ask; "" where nobody is to be called
}

// rowLink begins an event from a row: its form opens with the ticket.
type rowLink struct {
	Event  ticket.Event
	Key    string
	Href   string
	Beside bool // it opens beside the list
}

// rowKeys are the keys of the events that may be begun from a row. The letters
// j, k, n, p and x walk the list.
var rowKeys = map[ticket.Event]string{
	ticket.EventRequestInfo: "q", ticket.EventReject: "r", ticket.EventMerge: "m", ticket.EventCorrect: "c",
	ticket.EventDispatch: "d", ticket.EventRecall: "l", ticket.EventWhistle: "w", ticket.EventDeclineWhistle: "u",
	ticket.EventReportIn: "i", ticket.EventResolve: "f", ticket.EventProgress: "g", ticket.EventFinishTask: "t",
	ticket.EventConclude: "o", ticket.EventAnswer: "s", ticket.EventCallback: "b", ticket.EventReview: "v", ticket.EventResume: "e",
}

// narrowed is a filter that narrows the list, in words.
type narrowed struct {
	Text string
	Href string // the list without it
}

// OpenOrders is how many orders of leaders wait for an answer.
func (r queueRow) OpenOrders() int {
	open := 0
	for _, o := range r.Orders {
		if o.AnsweredAt == nil && !o.Voided {
			open++
		}
	}
	return open
}

// TakesBulk says whether the event that may befall many at once may befall this.
func (r queueRow) TakesBulk() bool { return slices.Contains(r.Actions, r.Bulk.Event) }

// queues says how a page is worked through by lists.
type queues struct {
	path   string
	offers func(service.WorklistName) bool // which of the reader's lists the page shows
	bulk   map[service.WorklistName]bulk
}

// queue reads what the request asks for of such a page. The list that is shown
// when none is named is the first in which something burns.
func (p *page) queue(of queues) (*queuePage, error) {
	lists, err := p.worklists()
	if err != nil {
		return nil, err
	}
	counts := slices.DeleteFunc(slices.Clone(lists), func(c service.WorklistCount) bool { return !of.offers(c.Name) })
	name := service.WorklistName(p.QueryParam("queue"))
	shown := slices.IndexFunc(counts, func(c service.WorklistCount) bool { return c.Name == name })
	if name == "" {
		shown = worstOf(counts)
	}
	if shown < 0 {
		return nil, ticket.NotFound("page")
	}
	q := &queuePage{Path: of.path, Queues: counts, Queue: counts[shown], TicketID: p.QueryParam("ticket"), Part: p.part()}
	q.Bulk = of.bulk[q.Queue.Name]
	if err := p.readFilters(q); err != nil {
		return nil, err
	}
	if err := p.readRows(q); err != nil {
		return nil, err
	}
	return q, p.readTicket(q)
}

// showQueue shows such a page; data is the page's own, which holds it.
func (p *page) showQueue(name string, q *queuePage, data any) error {
	status := http.StatusOK
	if q.TicketID != "" && q.Ticket == nil && q.Part != partQueue {
		status = http.StatusNotFound // the list is shown all the same
	}
	return p.showAs(status, name, data)
}

// partQueue is the part of the page that is read anew when something changes.
const partQueue = "queue"

// worstOf is the place of the first list in which something burns, else of the
// first that isn't empty, else of the first; -1 without any.
func worstOf(counts []service.WorklistCount) int {
	burns := func(c service.WorklistCount) bool { return c.Red+c.Yellow > 0 }
	if i := slices.IndexFunc(counts, burns); i >= 0 {
		return i
	}
	if i := slices.IndexFunc(counts, func(c service.WorklistCount) bool { return c.Count > 0 }); i >= 0 {
		return i
	}
	return min(0, len(counts)-1)
}

// narrowing is a way to narrow a queue, named as in the address.
type narrowing struct {
	name    string
	kind    kind
	value   func(*service.WorklistFilter) *string
	options func(*page) ([]option, error) // none: it is not for this reader
}

var narrowings = []narrowing{
	{"q", kindText, func(f *service.WorklistFilter) *string { return &f.Text }, nil},
	{"light", kindSelect, func(f *service.WorklistFilter) *string { return (*string)(&f.Light) }, (*page).lightOptions},
	{"category", kindSelect, func(f *service.WorklistFilter) *string { return &f.Category }, (*page).categoryOptions},
	{"department", kindSelect, func(f *service.WorklistFilter) *string { return &f.DepartmentID }, (*page).leadOptions},
	{"assignee", kindSelect, func(f *service.WorklistFilter) *string { return &f.AssigneeID }, (*page).assigneeOptions},
	{"chain", kindSelect, func(f *service.WorklistFilter) *string { return &f.ChainID }, (*page).chainOptions},
	{"place", kindSelect, func(f *service.WorklistFilter) *string { return &f.PlaceID }, (*page).placeOptions},
	{"project", kindSelect, func(f *service.WorklistFilter) *string { return &f.ProjectID }, forOffices((*page).projectOptions)},
}

// readFilters reads how the list is narrowed, and makes the fields to ask by.
func (p *page) readFilters(q *queuePage) error {
	query := url.Values{"queue": {string(q.Queue.Name)}}
	for _, by := range narrowings {
		value := p.QueryParam(by.name)
		if *by.value(&q.filter) = value; value != "" {
			query.Set(by.name, value)
			q.Filtered++
		}
		if q.Part != "" {
			continue // the fields stay as they are
		}
		asked := field{Name: by.name, Label: p.t("queue.by_" + by.name), Kind: by.kind, Values: []string{value}}
		if by.options != nil {
			var err error
			if asked.Options, err = by.options(p); err != nil {
				return err
			}
		}
		if by.kind == kindText || len(asked.Options) > 0 {
			q.Filters = append(q.Filters, asked)
		}
	}
	after, ok := cursor.Decode[service.WorklistPosition](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	q.First = q.Path + "?" + query.Encode()
	q.Address = q.First
	if q.filter.After, q.Paged = after, after != nil; q.Paged {
		query.Set("after", p.QueryParam("after"))
		q.Address = q.Path + "?" + query.Encode()
	}
	return p.sayFilters(q)
}

// sayFilters says by what the list is narrowed, with the way to see it without.
func (p *page) sayFilters(q *queuePage) error {
	for _, asked := range q.Filters {
		value := asked.Value()
		if value == "" {
			continue
		}
		if i := slices.IndexFunc(asked.Options, func(o option) bool { return o.Value == value }); i >= 0 {
			value = asked.Options[i].Label
		}
		without, err := query(q.First, asked.Name, "")
		if err != nil {
			return err
		}
		q.Narrowed = append(q.Narrowed, narrowed{Text: p.t("queue.by", "Name", asked.Label, "Value", value), Href: without})
	}
	return nil
}

func (p *page) lightOptions() ([]option, error) {
	return optionsOf([]ticket.Light{ticket.Red, ticket.Yellow, ticket.Green}, func(l ticket.Light) option {
		return option{Value: string(l), Label: p.t("light." + string(l))}
	}), nil
}

func (p *page) categoryOptions() ([]option, error) {
	categories, err := p.svc.Categories().List(p.ctx(), p.actor, service.EntryFilter{})
	return optionsOf(categories, func(c directory.Category) option {
		return option{Value: c.Code, Label: p.category(c.Code, c.Name)}
	}), err
}

// leadOptions are the departments, for those who see the tickets of all.
func (p *page) leadOptions() ([]option, error) {
	if !p.actor.SeesAll() {
		return nil, nil
	}
	departments, err := p.svc.Departments().List(p.ctx(), p.actor, service.EntryFilter{})
	return optionsOf(slices.DeleteFunc(departments, func(d directory.Department) bool { return !d.Dispatchable }), func(d directory.Department) option {
		return option{Value: d.ID, Label: d.Name}
	}), err
}

// assigneeOptions are the people of the reader's department; for those who see
// the tickets of all, who works on those of the department that is chosen.
func (p *page) assigneeOptions() ([]option, error) {
	if department := p.QueryParam("department"); department != "" && p.actor.SeesAll() {
		assignees, err := p.svc.Assignees(p.ctx(), p.actor, department)
		return optionsOf(assignees, func(a service.NamedID) option { return option{Value: a.ID, Label: a.Name} }), err
	}
	if p.actor.DepartmentID == "" {
		return nil, nil
	}
	users, err := p.svc.Users(p.ctx(), p.actor, service.UserFilter{DepartmentID: p.actor.DepartmentID})
	return optionsOf(users, func(u service.UserView) option { return option{Value: u.ID, Label: u.Name} }), err
}

func (p *page) chainOptions() ([]option, error) {
	if !p.actor.SeesAll() {
		return nil, nil
	}
	return p.allChains()
}

func (p *page) placeOptions() ([]option, error) {
	if !p.actor.SeesAll() {
		return nil, nil
	}
	return p.allPlaces()
}

// projectOptions are the key projects that the reader may know.
func (p *page) projectOptions() ([]option, error) {
	projects, err := p.svc.Projects().List(p.ctx(), p.actor, service.EntryFilter{})
	return optionsOf(projects, func(c directory.Project) option { return option{Value: c.ID, Label: c.Name} }), err
}

// readRows reads the rows.
func (p *page) readRows(q *queuePage) error {
	q.filter.Limit = queueRows + 1
	listed, err := p.svc.Worklist(p.ctx(), p.actor, q.Queue.Name, q.filter)
	if err != nil {
		return err
	}
	if len(listed) > queueRows {
		listed = listed[:queueRows]
		if q.Next, err = query(q.Address, "after", cursor.Encode(listed[queueRows-1].Position)); err != nil {
			return err
		}
	}
	for _, l := range listed {
		href, err := query(q.Address, "ticket", l.ID)
		if err != nil {
			return err
		}
		row := p.queueRow(l, href)
		row.Beside, row.Current, row.Bulk = true, l.ID == q.TicketID, q.Bulk
		q.Rows = append(q.Rows, row)
	}
	q.findSteps(p.QueryParam("then"))
	return nil
}

func (p *page) queueRow(l *service.WorklistRow, href string) *queueRow {
	row := &queueRow{WorklistRow: l, Href: href}
	if l.Burns != nil {
		row.DueAt = p.shower().words(*l.Burns.DueAt)
	}
	return row
}

// addForms puts the form of an event into the rows of tickets that it may
// befall now, so that it can be answered without leaving the list. Who sends it
// comes back.
func (p *page) addForms(rows []*queueRow, event ticket.Event, back string) error {
	def, _ := ticket.Define(event)
	var made *form
	for _, row := range rows {
		if !slices.Contains(row.Actions, event) {
			continue
		}
		action := "/tickets/" + row.ID + "/" + string(event)
		if made == nil {
			var err error
			if made, err = p.eventForm(def, row.TicketView, action); err != nil {
				return err
			}
		}
		own := newForm(action, made.Submit)
		own.Version, own.Fields, own.Back = row.Version, made.Fields, back
		row.Form = own
		if err := p.addAsked(row, event); err != nil {
			return err
		}
	}
	return nil
}

// addAsked puts into a row what was asked for that the event decides.
func (p *page) addAsked(row *queueRow, event ticket.Event) error {
	kind, decides := map[ticket.Event]ticket.RequestKind{
		ticket.EventDecideExtension: ticket.ForExtension, ticket.EventDecideSuspension: ticket.ForSuspension,
	}[event]
	if !decides {
		return nil
	}
	view, err := p.svc.Ticket(p.ctx(), p.actor, row.ID)
	if err != nil {
		return err
	}
	for _, r := range view.Requests {
		switch {
		case r.Kind != kind || r.State != ticket.RequestPending:
		case r.DueAt != nil:
			row.Asked = p.t("queue.asks_extension", "At", p.shower().words(*r.DueAt), "Reason", view.Words[r.Line]["reason"])
		case r.ReviewDate != nil:
			row.Asked = p.t("queue.asks_suspension", "Day", p.shower().day(*r.ReviewDate), "Condition", view.Words[r.Line]["condition"])
		}
	}
	return nil
}

// addLinks lets a row lead to the forms of events, of those that are possible.
func (p *page) addLinks(q *queuePage, row *queueRow, events []ticket.Event) (err error) {
	for _, event := range events {
		if !slices.Contains(row.Actions, event) {
			continue
		}
		link := rowLink{Event: event, Key: rowKeys[event], Beside: event != ticket.EventMerge}
		if link.Beside {
			link.Href, err = query(row.Href, "event", event)
		} else { // two tickets side by side take the whole width
			link.Href, err = query(ticketPath(row.ID)+"/merge", "back", q.Address)
		}
		if err != nil {
			return err
		}
		row.Links = append(row.Links, link)
	}
	return nil
}

// findSteps finds what stands in the list around the ticket that is open. One
// that left the list is followed by what came after it then; one from elsewhere
// by the first.
func (q *queuePage) findSteps(then string) {
	at := func(i int) *queueRow {
		if i < 0 || i >= len(q.Rows) {
			return nil
		}
		return q.Rows[i]
	}
	place := func(id string) int { return slices.IndexFunc(q.Rows, func(r *queueRow) bool { return r.ID == id }) }
	if open := place(q.TicketID); open >= 0 {
		q.Before, q.After = at(open-1), at(open+1)
		return
	}
	q.After = at(max(0, place(then)))
}

// readTicket reads the ticket that is open. A list that is refreshed does not
// need it.
func (p *page) readTicket(q *queuePage) error {
	if q.TicketID == "" || q.Part == partQueue {
		return nil
	}
	shown, err := p.ticketPage(q.TicketID)
	if known, _, unknown := p.known(err); err != nil && (unknown != nil || known.Code != ticket.CodeNotFound) {
		return err
	}
	q.Ticket = shown
	return p.openBeside(q)
}

// openBeside opens with the ticket the form of the event that the address
// names, if it names one.
func (p *page) openBeside(q *queuePage) error {
	def, ok := ticket.Define(ticket.Event(p.QueryParam("event")))
	if q.Ticket == nil || !ok || def.Event == ticket.EventSubmit {
		return nil
	}
	if err := p.openForm(q.Ticket, def); err != nil {
		return err
	}
	q.Ticket.Form.Back = q.Address
	p.notNow(q.Ticket)
	return nil
}

// QueueText is the name of a worklist, or another text about it, as the
// reader's role knows it.
func (v view) QueueText(about string, name service.WorklistName) string {
	if id := about + "." + v.Role() + "." + string(name); text.Has(id) {
		return v.t(id)
	}
	return v.t(about + "." + string(name))
}

// Due is what the obligation is called by which a row is sorted: its clock, or
// else what is to be done.
func (v view) Due(o ticket.Obligation) string {
	if o.Clock != "" {
		return v.t("clock." + string(o.Clock))
	}
	return v.t("event." + string(o.Event))
}

// TimeLeft is how much time is left for what is due, or by how much it is late.
func (v view) TimeLeft(d *service.Deadline) string {
	day := workDay
	if d.PlainHours {
		day = 24 * time.Hour
	}
	if d.Light == ticket.Red && d.WorkingTimeLeft > -time.Minute {
		return v.t("light.red") // since a moment, or a night
	}
	return v.t("queue.left_"+string(d.Light), "Length", v.shower().length(d.WorkingTimeLeft.Abs(), day))
}

// Department is that of the reader; "" for none.
func (v view) Department() string { return v.actor.DepartmentID }
