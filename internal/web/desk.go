package web

import (
	"strings"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

const (
	deskPath = "/desk"

	inbox           service.WorklistName = "inbox"
	toDispatch      service.WorklistName = "to_dispatch"
	returned        service.WorklistName = "returned"
	whistleRequests service.WorklistName = "whistle_requests"
	jointHandlings  service.WorklistName = "joint"
	callbacks       service.WorklistName = "callbacks"
	orders          service.WorklistName = "orders"
	toSupplement    service.WorklistName = "supplementing"
	onLedger        service.WorklistName = "suspended"
	overdue         service.WorklistName = "overdue"
	allOpen         service.WorklistName = "open"
)

func (w *Pages) deskRoutes() []route {
	return []route{
		get(deskPath, (*page).desk),
		get(deskPath+"/accept", (*page).backToDesk),
		post(deskPath+"/accept", (*page).accept),
		get(deskPath+"/board", (*page).deskBoard),
		get("/tickets/:id/merge", (*page).merge),
	}
}

// deskQueues are the desk's lists. What somebody does for the enterprises that
// they look after has pages of its own.
var deskQueues = queues{
	path:   deskPath,
	offers: workbenchQueues.offers,
	bulk:   map[service.WorklistName]bulk{inbox: {ticket.EventAccept, "a"}},
}

// deskEvents are what the rows of the desk's lists lead to, where a ticket
// allows it.
var deskEvents = map[service.WorklistName][]ticket.Event{
	inbox:           {ticket.EventRequestInfo, ticket.EventReject, ticket.EventMerge, ticket.EventCorrect},
	toDispatch:      {ticket.EventDispatch, ticket.EventWhistle, ticket.EventRequestInfo, ticket.EventMerge},
	returned:        {ticket.EventDispatch, ticket.EventWhistle, ticket.EventMerge},
	whistleRequests: {ticket.EventWhistle, ticket.EventDeclineWhistle},
	jointHandlings:  {ticket.EventConclude},
	callbacks:       {ticket.EventCallback},
	orders:          {ticket.EventAnswer},
	toSupplement:    {ticket.EventReject, ticket.EventCorrect},
	onLedger:        {ticket.EventReview, ticket.EventResume},
	overdue:         {ticket.EventDispatch, ticket.EventRecall, ticket.EventCallback, ticket.EventConclude},
	allOpen:         {ticket.EventDispatch, ticket.EventRecall},
}

// dispatches says whether the desk's pages are for the reader.
func (p *page) dispatches() bool { return p.actor.Role == ticket.RoleDispatcher }

func (p *page) desk() error {
	if !p.dispatches() {
		return ticket.NotFound("page")
	}
	q, err := p.queue(deskQueues)
	if err != nil {
		return err
	}
	return p.showDesk(q)
}

// showDesk shows the desk with what its rows say and offer beyond a ticket.
func (p *page) showDesk(q *queuePage) error {
	for _, row := range q.Rows {
		if err := p.addLinks(q, row, deskEvents[q.Queue.Name]); err != nil {
			return err
		}
	}
	if q.Queue.Name == approvals {
		for _, event := range []ticket.Event{ticket.EventDecideExtension, ticket.EventDecideSuspension} {
			if err := p.addForms(q.Rows, event, q.Address); err != nil {
				return err
			}
		}
	}
	if err := p.tell(q); err != nil {
		return err
	}
	return p.showQueue("desk/queue", q, q)
}

// backToDesk leads back from where the accepted ones were shown.
func (p *page) backToDesk() error {
	return p.goTo(strings.TrimSuffix(deskPath+"?"+p.QueryString(), "?"))
}

// accept accepts one ticket or many, and shows what became of each.
func (p *page) accept() error {
	if !p.dispatches() {
		return ticket.NotFound("page")
	}
	return p.showMany("desk/queue", deskQueues, ticket.EventAccept, p.showDesk)
}

func (p *page) deskBoard() error {
	if !p.dispatches() {
		return ticket.NotFound("page")
	}
	shown, err := p.board(deskPath + "?queue=joint")
	if err != nil {
		return err
	}
	return p.show("desk/board", shown)
}

// told are the events whose lines a list's rows tell of.
var told = map[service.WorklistName][]ticket.Event{
	returned:        {ticket.EventReturn},
	whistleRequests: {ticket.EventRequestWhistle},
	toSupplement:    {ticket.EventRequestInfo},
	onLedger:        {ticket.EventRequestSuspension},
	callbacks:       {ticket.EventResolve, ticket.EventCallback},
}

// tell puts into the rows why they stand in the list, where the list's name
// doesn't say it.
func (p *page) tell(q *queuePage) error {
	events := told[q.Queue.Name]
	if len(events) == 0 || len(q.Rows) == 0 {
		return nil
	}
	views := make([]*service.TicketView, len(q.Rows))
	for i, row := range q.Rows {
		views[i] = row.TicketView
	}
	lines, names, err := p.svc.LinesOf(p.ctx(), p.actor, views, events...)
	if err != nil {
		return err
	}
	for _, row := range q.Rows {
		history := lines[row.ID]
		if q.Queue.Name == callbacks {
			if err := p.tellCallback(row, history); err != nil {
				return err
			}
			continue
		}
		if len(history) == 0 {
			continue
		}
		if err := p.tellLast(q.Queue.Name, row, history[len(history)-1], names); err != nil {
			return err
		}
	}
	return nil
}

func (p *page) tellLast(list service.WorklistName, row *queueRow, last service.HistoryLine, names *service.Names) error {
	said := func(field string) string {
		words, _ := last.Data[field].(string)
		return words
	}
	switch list { //nolint:exhaustive // the other lists say it by their names
	case returned:
		if err := p.learnCodes(row.TicketView, []service.HistoryLine{last}); err != nil {
			return err
		}
		code := said("reason_code")
		row.Told = append(row.Told, p.t("desk.returned_by", "Department", names.Of(last.Actor.DepartmentID),
			"Reason", p.reason(ticket.ReturnReason, code, p.codes[string(ticket.ReturnReason)+" "+code]), "Text", said("text")))
	case whistleRequests:
		row.Told = append(row.Told, p.t("desk.asks_whistle", "By", names.Of(last.Actor.ID), "Reason", said("reason")))
	case toSupplement:
		row.Told = append(row.Told, p.t("desk.asked", "Question", said("question")))
	case onLedger:
		words := p.t("desk.waits_for", "Condition", said("condition"))
		if row.ReviewDate != nil {
			words = p.t("desk.waits_until", "Condition", said("condition"), "Day", p.shower().day(*row.ReviewDate))
		}
		row.Told = append(row.Told, words)
	}
	return nil
}

// tellCallback says whom to ask by phone, and how often nobody answered since
// the result.
func (p *page) tellCallback(row *queueRow, history []service.HistoryLine) error {
	enterprise, err := p.svc.Enterprises().Get(p.ctx(), p.actor, row.EnterpriseID)
	if err != nil {
		return err
	}
	row.Contact, row.Phone = enterprise.Contact, enterprise.Phone
	var tries []service.HistoryLine
	for _, line := range history {
		if line.Event == ticket.EventResolve {
			tries = nil
		} else {
			tries = append(tries, line)
		}
	}
	if n := len(tries); n > 0 {
		row.Told = append(row.Told, p.t("desk.tried", "Count", n, "At", p.shower().words(tries[n-1].At)))
	}
	return nil
}
