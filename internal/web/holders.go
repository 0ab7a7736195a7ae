package web

import (
	"context"
	"net/http"
	"slices"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

const holdersPath = workbenchPath + "/holders"

func (w *Pages) holdersRoutes() []route {
	return []route{
		get(holdersPath, (*page).holders),
		post(holdersPath+"/deputies", (*page).nameDeputy),
		post(holdersPath+"/deputies/:id/end", (*page).endDeputy),
	}
}

// holdersPage is where the head of a department sees who works on what.
type holdersPage struct {
	Approvals  []*queueRow // wait for the head's yes or no; the first of them
	Waiting    int         // all of them
	Unassigned holder
	People     []holder
	More       bool // the tickets are not all
	Most       int  // of the tickets that are read

	Deputies []deputy
	Form     *form // to name one; nil for who may not
}

// holder is what one of the department works on.
type holder struct {
	service.Holding
	Rows []*queueRow
}

// deputy is who stands in for the head, and when.
type deputy struct {
	service.AssignmentView
	Now bool // today
}

func (p *page) holders() error {
	form, err := p.deputyForm()
	if err != nil {
		return err
	}
	return p.showHolders(http.StatusOK, form)
}

func (p *page) showHolders(status int, form *form) error {
	holdings, err := p.svc.Holders(p.ctx(), p.actor)
	if err != nil {
		return err
	}
	shown := &holdersPage{More: holdings.More, Most: service.MaxHeld, Form: form}
	waiting, err := p.svc.Worklist(p.ctx(), p.actor, approvals, service.WorklistFilter{Limit: queueRows})
	if err != nil {
		return err
	}
	shown.Approvals = p.besideQueue(waiting)
	counts, err := p.worklists()
	if err != nil {
		return err
	}
	for _, list := range counts {
		if list.Name == approvals {
			shown.Waiting = list.Count
		}
	}
	if err := p.addForms(shown.Approvals, ticket.EventDecideExtension, holdersPath); err != nil {
		return err
	}
	shown.Unassigned = holder{holdings.Unassigned, p.besideQueue(holdings.Unassigned.Tickets)}
	if err := p.addForms(shown.Unassigned.Rows, ticket.EventAssign, holdersPath); err != nil {
		return err
	}
	for _, h := range holdings.People {
		shown.People = append(shown.People, holder{h, p.besideQueue(h.Tickets)})
	}
	if shown.Deputies, err = p.deputies(); err != nil {
		return err
	}
	return p.showAs(status, "workbench/holders", shown)
}

// besideQueue makes rows that lead to the workbench, with the ticket open.
func (p *page) besideQueue(listed []*service.WorklistRow) []*queueRow {
	rows := make([]*queueRow, len(listed))
	for i, l := range listed {
		rows[i] = p.queueRow(l, workbenchPath+"?ticket="+l.ID)
	}
	return rows
}

// deputies are those who stand in for the head today or later.
func (p *page) deputies() ([]deputy, error) {
	all, err := p.svc.Assignments(p.ctx(), p.actor, service.AssignmentFilter{Kind: directory.DeputyOf, TargetID: p.actor.DepartmentID})
	if err != nil {
		return nil, err
	}
	today := worktime.DateOf(p.svc.Now().In(p.svc.Zone()))
	var deputies []deputy
	for _, a := range slices.Backward(all) { // the first named first
		if a.ToDate == nil || !a.ToDate.Before(today) {
			deputies = append(deputies, deputy{a, a.InForce(today)})
		}
	}
	return deputies, nil
}

// deputyForm asks for an officer and the days; nil for who may not name one: a
// deputy names no other.
func (p *page) deputyForm() (*form, error) {
	if p.actor.Role != ticket.RoleHead {
		return nil, nil //nolint:nilnil // there is no form for them
	}
	officers, err := p.svc.Users(p.ctx(), p.actor, service.UserFilter{DepartmentID: p.actor.DepartmentID, Role: ticket.RoleOfficer})
	if err != nil {
		return nil, err
	}
	f := newForm(holdersPath+"/deputies", p.t("holders.name_deputy"))
	f.Fields = []field{
		{Name: "user_id", Label: p.t("holders.officer"), Kind: kindSelect, Required: true, Options: optionsOf(officers, func(u service.UserView) option {
			return option{Value: u.ID, Label: u.Name}
		})},
		{Name: "from_date", Label: p.t("holders.from"), Kind: kindDay, Required: true, Values: []string{worktime.DateOf(p.svc.Now().In(p.svc.Zone())).String()}},
		{Name: "to_date", Label: p.t("holders.to"), Kind: kindDay, Required: true},
	}
	return f, nil
}

func (p *page) nameDeputy() error {
	f, err := p.deputyForm()
	if err != nil {
		return err
	}
	if f == nil {
		return ticket.Errorf(ticket.CodeForbidden, "Only the head of a department names a deputy.")
	}
	values, _, err := p.values()
	if err != nil {
		return err
	}
	f.fill(values)
	var in service.NewAssignment
	if err = p.decode(values, &in); err == nil {
		in.Kind, in.TargetID, in.Part = directory.DeputyOf, p.actor.DepartmentID, ""
		_, err = p.once(values, func(ctx context.Context) (string, error) {
			a, err := p.svc.CreateAssignment(ctx, p.actor, in)
			return a.ID, err
		})
	}
	if err != nil {
		return p.refuse(err, f, func(status int) error { return p.showHolders(status, f) })
	}
	p.say("holders.deputy_named")
	return p.goTo(holdersPath)
}

func (p *page) endDeputy() error {
	if err := p.svc.RetireAssignment(p.ctx(), p.actor, p.Param("id")); err != nil {
		return err
	}
	p.say("holders.deputy_ended")
	return p.goTo(holdersPath)
}
