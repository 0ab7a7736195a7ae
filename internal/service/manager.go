package service

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"whistle/internal/directory"
	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// ManagerFilter narrows the managers, or the enterprises that they are counted
// by; zero values narrow nothing.
type ManagerFilter struct {
	DepartmentID string // of the manager
	Text         string // in the manager's name
	PlaceID      string // of the enterprises
	ChainID      string
	After        *ManagerPosition
	Limit        int
}

// ManagerPosition is a place in the list of managers.
type ManagerPosition = store.ManagerPosition

// ManagerLoad is a manager with how much there is to look after.
type ManagerLoad struct {
	store.ManagerLoad
	Names *Names // of the department
}

// readsManagers narrows to the managers whom the actor may read of: the desk
// and leaders all, a head the department's own.
func (s *Service) readsManagers(actor ticket.Actor, f ManagerFilter) (store.ManagerFilter, error) {
	by := store.ManagerFilter{Day: s.today(), DepartmentID: f.DepartmentID, Text: strings.TrimSpace(f.Text), PlaceID: f.PlaceID, ChainID: f.ChainID, After: f.After, Limit: f.Limit}
	switch {
	case actor.SeesAll():
	case actor.Heads():
		by.DepartmentID = actor.DepartmentID
	default:
		return by, ticket.Errorf(ticket.CodeForbidden, "Who looks after how many enterprises is for the desk, leaders and heads of departments.")
	}
	return by, nil
}

// Managers lists who looks after enterprises today, those with the most on
// their hands first. Tickets are counted as far as the actor sees them.
func (s *Service) Managers(ctx context.Context, actor ticket.Actor, f ManagerFilter) ([]ManagerLoad, error) {
	by, err := s.readsManagers(actor, f)
	if err != nil {
		return nil, err
	}
	loads, err := s.store.ManagerLoads(ctx, actor, by, s.clock.Now())
	if err != nil {
		return nil, err
	}
	names := newNames()
	page := make([]ManagerLoad, len(loads))
	for i, l := range loads {
		names.add(store.Departments, l.DepartmentID)
		page[i] = ManagerLoad{l, names}
	}
	return page, names.load(ctx, s.store)
}

// ManagerCoverage is how much of the roster is looked after.
type ManagerCoverage struct {
	Covered        figures.Ratio // by at least one manager, of the roster
	Uncovered      int64
	WithoutGuide   int64
	WithoutContact int64
}

// ManagerCoverage counts the enterprises of the roster that managers look after
// today, of a place or chain where the filter names one. It is for the offices.
func (s *Service) ManagerCoverage(ctx context.Context, actor ticket.Actor, f ManagerFilter) (*ManagerCoverage, error) {
	if !office(actor) {
		return nil, errNotYours
	}
	n, err := s.store.Coverage(ctx, store.ManagerFilter{Day: s.today(), PlaceID: f.PlaceID, ChainID: f.ChainID})
	if err != nil {
		return nil, err
	}
	return &ManagerCoverage{figures.Ratio{Numerator: n.Covered, Denominator: n.Roster}, n.Roster - n.Covered, n.Roster - n.Guided, n.Roster - n.OnCall}, nil
}

// ManagedEnterprise is an enterprise that a manager looks after, with what is
// open there as far as the reader sees it.
type ManagedEnterprise struct {
	directory.Assignment
	Open     LightCount
	ToAnswer int // wait for what the enterprise is to supply
	ToVerify int // wait for its verdict
}

// ManagerPage is one manager with the enterprises looked after.
type ManagerPage struct {
	User        directory.User
	Enterprises []ManagedEnterprise // on Day and later, by name
	Open        LightCount          // of them together
	Day         worktime.Date
	Names       *Names
}

// Manager reads who looks after enterprises, and those looked after on a day or
// later: all that a hand-over from that day on could move. The zero day is
// today.
func (s *Service) Manager(ctx context.Context, actor ticket.Actor, id string, day worktime.Date) (*ManagerPage, error) {
	by, err := s.readsManagers(actor, ManagerFilter{})
	if err != nil {
		return nil, err
	}
	user, err := s.store.User(ctx, id)
	if err == nil && by.DepartmentID != "" && user.DepartmentID != by.DepartmentID {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, problem(err, "manager")
	}
	user.PasswordHash = ""
	if day.IsZero() {
		day = s.today()
	}
	p := &ManagerPage{User: user, Day: day, Names: newNames()}
	p.Names.ofUser(user)
	all, err := s.store.AssignmentsOf(ctx, directory.ManagerOf, []string{id})
	if err != nil {
		return nil, err
	}
	looked := goesOnFrom(all[id], day)
	if len(all[id]) == 0 {
		return nil, ticket.NotFound("manager")
	}
	counts := make([]map[string]LightCount, 3)
	for i, list := range []store.Worklist{store.OpenList, store.SupplementingList, store.VerifyingList} {
		filter := WorklistFilter{EnterpriseIDs: targetsOf(looked)}
		if counts[i], err = s.store.CountListed(ctx, actor, list, filter, store.ByEnterprise, s.clock.Now()); err != nil {
			return nil, err
		}
	}
	for _, a := range looked {
		p.Names.ofAssignment(a)
		p.Enterprises = append(p.Enterprises, ManagedEnterprise{a, counts[0][a.TargetID], counts[1][a.TargetID].Count, counts[2][a.TargetID].Count})
		p.Open = p.Open.Plus(counts[0][a.TargetID])
	}
	if err := p.Names.load(ctx, s.store); err != nil {
		return nil, err
	}
	slices.SortStableFunc(p.Enterprises, func(a, b ManagedEnterprise) int {
		return cmp.Compare(p.Names.Of(a.TargetID), p.Names.Of(b.TargetID))
	})
	return p, nil
}

// ManagersTickets lists what is open at the enterprises that a manager looks
// after today, what burns first on top, as far as the actor sees it; with a
// light those alone.
func (s *Service) ManagersTickets(ctx context.Context, actor ticket.Actor, id string, light ticket.Light, limit int) ([]*WorklistRow, error) {
	p, err := s.Manager(ctx, actor, id, worktime.Date{})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range p.Enterprises {
		if e.InForce(p.Day) {
			ids = append(ids, e.TargetID)
		}
	}
	return s.worklistRows(ctx, actor, store.OpenList, WorklistFilter{EnterpriseIDs: ids, Light: light, Limit: limit})
}

// goesOnFrom are the assignments that hold on the day or later.
func goesOnFrom(all []directory.Assignment, day worktime.Date) []directory.Assignment {
	return slices.DeleteFunc(slices.Clone(all), func(a directory.Assignment) bool { return a.ToDate != nil && a.ToDate.Before(day) })
}

func targetsOf(all []directory.Assignment) []string {
	ids := make([]string, len(all))
	for i, a := range all {
		ids[i] = a.TargetID
	}
	return ids
}

// ManagersOf are who looks after enterprises today.
type ManagersOf struct {
	by    map[string][]directory.Assignment
	Names *Names
}

// Of are the assignments of who looks after an enterprise, a 指导员 first.
func (m *ManagersOf) Of(enterpriseID string) []directory.Assignment { return m.by[enterpriseID] }

// ManagersOf reads who looks after enterprises that the actor was given: whoever
// reads an enterprise may know whom to call about it.
func (s *Service) ManagersOf(ctx context.Context, enterprises ...directory.Enterprise) (*ManagersOf, error) {
	ids := make([]string, len(enterprises))
	for i, e := range enterprises {
		ids[i] = e.ID
	}
	by, err := s.store.ManagersOn(ctx, s.today(), ids)
	if err != nil {
		return nil, err
	}
	m := &ManagersOf{by, newNames()}
	for _, all := range by {
		for _, a := range all {
			m.Names.add(store.Users, a.UserID)
		}
	}
	return m, m.Names.load(ctx, s.store)
}
