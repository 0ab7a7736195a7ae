package web

import (
	"strings"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

const (
	workbenchPath = "/workbench"

	toClaim   service.WorklistName = "to_claim"
	approvals service.WorklistName = "approvals"
)

func (w *Pages) workbenchRoutes() []route {
	return []route{
		get(workbenchPath, (*page).workbench),
		get(workbenchPath+"/claim", (*page).backToWorkbench),
		post(workbenchPath+"/claim", (*page).claim),
	}
}

// workbenchQueues are a department's lists. What somebody does for the
// enterprises that they look after has pages of its own.
var workbenchQueues = queues{
	path:   workbenchPath,
	offers: func(name service.WorklistName) bool { return !strings.HasPrefix(string(name), "looked_after") },
	bulk:   map[service.WorklistName]bulk{toClaim: {ticket.EventClaim, "c"}},
}

// workbenchEvents are what the rows of a department's lists lead to, where a
// ticket allows it.
var workbenchEvents = map[service.WorklistName][]ticket.Event{
	"to_report_in": {ticket.EventReportIn},
	"working":      {ticket.EventResolve, ticket.EventProgress},
	"joint":        {ticket.EventReportIn, ticket.EventConclude},
	"orders":       {ticket.EventAnswer},
	"tasks":        {ticket.EventFinishTask},
	"overdue":      {ticket.EventReportIn, ticket.EventAnswer, ticket.EventFinishTask, ticket.EventResolve},
	"suspended":    {ticket.EventResume},
	"mine":         {ticket.EventResolve, ticket.EventProgress},
}

// worksHere says whether the workbench is for the reader: for departments, and
// for those who are asked to a ticket.
func (p *page) worksHere() bool {
	switch p.actor.Role {
	case ticket.RoleOfficer, ticket.RoleHead, ticket.RoleGuest:
		return true
	case ticket.RoleEnterprise, ticket.RoleDispatcher, ticket.RoleLeader, ticket.RoleAdmin, ticket.RoleSystem:
	}
	return false
}

func (p *page) workbench() error {
	if !p.worksHere() {
		return ticket.NotFound("page")
	}
	q, err := p.queue(workbenchQueues)
	if err != nil {
		return err
	}
	return p.showWorkbench(q)
}

func (p *page) showWorkbench(q *queuePage) error {
	for _, row := range q.Rows {
		if err := p.addLinks(q, row, workbenchEvents[q.Queue.Name]); err != nil {
			return err
		}
	}
	if q.Queue.Name == approvals {
		if err := p.addForms(q.Rows, ticket.EventDecideExtension, q.Address); err != nil {
			return err
		}
	}
	return p.showQueue("workbench/queue", q, q)
}

// backToWorkbench leads back from where a claim was shown.
func (p *page) backToWorkbench() error {
	return p.goTo(strings.TrimSuffix(workbenchPath+"?"+p.QueryString(), "?"))
}

// claim takes on one ticket or many, and shows what became of each.
func (p *page) claim() error {
	if !p.worksHere() {
		return ticket.NotFound("page")
	}
	return p.showMany("workbench/queue", workbenchQueues, ticket.EventClaim, p.showWorkbench)
}
