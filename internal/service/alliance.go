package service

import (
	"context"
	"fmt"
	"slices"

	"whistle/internal/alliance"
	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// Alliances bring together who has to do with a chain. The desk keeps them;
// the heads of the departments that lead one, or its service, change it. The
// offices read all, who has part in one reads that.
func (s *Service) Alliances() Entries[alliance.Alliance, *alliance.Alliance] {
	return Entries[alliance.Alliance, *alliance.Alliance]{s, kind[alliance.Alliance]{
		subject: "alliance", path: "/alliances", list: ExportedAlliances, columns: allianceColumns,
		blank: alliance.Alliance{Kind: alliance.OneXN},
		keeps: func(_ context.Context, _ *Service, actor ticket.Actor, action string, _, a *alliance.Alliance) (bool, error) {
			return actor.Role == ticket.RoleDispatcher || action == auditChange && headsAlliance(actor, a), nil
		},
		within: withPart,
		hide: func(_ context.Context, _ *Service, actor ticket.Actor, alliances []alliance.Alliance) error {
			for _, a := range alliances {
				for i := range a.Partners {
					if !office(actor) {
						a.Partners[i].Contact = ""
					}
				}
			}
			return nil
		},
		names: func(n *Names, a *alliance.Alliance) {
			n.add(store.Chains, a.ChainID)
			n.add(store.Enterprises, a.LeadEnterpriseID)
			n.add(store.Enterprises, a.Members...)
			n.add(store.Departments, a.LeadDepartmentID)
			n.add(store.Departments, a.ServiceDepartments...)
			n.add(store.Users, a.Experts...)
		},
		unique: func(a *alliance.Alliance) []uniqueness {
			return []uniqueness{{"/name", map[string]any{"name": a.Name}}}
		},
		check: checkAlliance,
	}}
}

const subjectActivity = "activity"

// Activities are what alliances and chains did. They are kept and read like the
// alliance that they are of; those of a chain at large by the desk.
func (s *Service) Activities() Entries[alliance.Activity, *alliance.Activity] {
	return Entries[alliance.Activity, *alliance.Activity]{s, kind[alliance.Activity]{
		subject: subjectActivity, path: "/activities", list: ExportedActivities, columns: activityColumns,
		keeps:  keepsActivity,
		within: withPart,
		names: func(n *Names, a *alliance.Activity) {
			n.add(store.Alliances, a.AllianceID)
			n.add(store.Chains, a.ChainID)
			n.add(store.Enterprises, a.Enterprises...)
			n.add(store.Departments, a.Departments...)
		},
		unique: func(*alliance.Activity) []uniqueness { return nil },
		check:  checkActivity,
	}}
}

// withPart bounds those outside the offices to what they have part in.
func withPart(actor ticket.Actor) *store.Within {
	switch {
	case office(actor):
		return nil
	case actor.Role == ticket.RoleGuest && actor.ID != "":
		return &store.Within{Parties: append(closeTo(actor), actor.ID)}
	}
	return &store.Within{Parties: closeTo(actor)}
}

// headsAlliance says whether the actor heads a department that leads the
// alliance or its service.
func headsAlliance(actor ticket.Actor, a *alliance.Alliance) bool {
	return actor.Heads() && (a.LeadDepartmentID == actor.DepartmentID || slices.Contains(a.ServiceDepartments, actor.DepartmentID))
}

func keepsActivity(ctx context.Context, s *Service, actor ticket.Actor, _ string, _, a *alliance.Activity) (bool, error) {
	if actor.Role == ticket.RoleDispatcher || !actor.Heads() || a.AllianceID == "" {
		return actor.Role == ticket.RoleDispatcher, nil
	}
	of, err := store.Entries[alliance.Alliance](ctx, s.store, EntryFilter{ID: a.AllianceID, All: true})
	return err == nil && len(of) > 0 && headsAlliance(actor, &of[0]), err
}

func checkAlliance(c *entryCheck, before, after *alliance.Alliance) {
	type side = *alliance.Alliance
	refers(c, before, after, "/chain_id", "/chains", finder[directory.Chain](c.s), func(a side) string { return a.ChainID })
	refers(c, before, after, "/lead_enterprise_id", "/enterprises", c.s.store.Enterprise, func(a side) string { return a.LeadEnterpriseID })
	refers(c, before, after, "/lead_department_id", "/departments?all=true", c.s.store.Department, func(a side) string { return a.LeadDepartmentID })
	switch {
	case after.LeadEnterpriseID == "" && after.LeadDepartmentID == "":
		c.fault("/lead_enterprise_id", "name who leads it: an enterprise, or else a department")
	case after.LeadEnterpriseID != "" && after.LeadDepartmentID != "":
		c.fault("/lead_department_id", "name one lead: an enterprise, or else a department")
	}
	if i := slices.Index(after.Members, after.LeadEnterpriseID); i >= 0 {
		c.fault(fmt.Sprintf("/members/%d", i), "leads it already")
	}
	refersAll(c, before, after, "/members", "/enterprises", c.s.store.Enterprise, func(a side) []string { return a.Members })
	refersAll(c, before, after, "/service_departments", "/departments?all=true", c.s.store.Department, func(a side) []string { return a.ServiceDepartments })
	refersAll(c, before, after, "/experts", "/users?role=guest", c.s.store.User, func(a side) []string { return a.Experts })
	for i, id := range after.Experts {
		if user, err := c.s.store.User(c.ctx, id); err == nil && user.Role != ticket.RoleGuest {
			c.fault(fmt.Sprintf("/experts/%d", i), "is no guest's account; experts have one")
		}
	}
}

func checkActivity(c *entryCheck, before, after *alliance.Activity) {
	type side = *alliance.Activity
	refers(c, before, after, "/alliance_id", "/alliances", finder[alliance.Alliance](c.s), func(a side) string { return a.AllianceID })
	refers(c, before, after, "/chain_id", "/chains", finder[directory.Chain](c.s), func(a side) string { return a.ChainID })
	switch {
	case after.AllianceID == "" && after.ChainID == "":
		c.fault("/alliance_id", "say whose it was: an alliance's, or else a chain's")
	case after.AllianceID != "" && after.ChainID != "":
		c.fault("/chain_id", "is the alliance's already; leave it out")
	}
	switch today := c.s.today(); {
	case after.Day.IsZero():
		c.fault("/day", "must not be empty")
	case today.Before(after.Day):
		c.fault("/day", "must not be after today")
	}
	refersAll(c, before, after, "/enterprises", "/enterprises", c.s.store.Enterprise, func(a side) []string { return a.Enterprises })
	refersAll(c, before, after, "/departments", "/departments?all=true", c.s.store.Department, func(a side) []string { return a.Departments })
	for i, name := range after.Partners {
		if name == "" {
			c.fault(fmt.Sprintf("/partners/%d", i), "must not be empty")
		}
	}
}

// AlliancePage is what a page about an alliance shows.
type AlliancePage struct {
	Alliance   alliance.Alliance
	Names      *Names // of its chain, lead, members, departments and experts
	Keeps      bool   // the reader may change it
	Activities []alliance.Activity
	// The open tickets of its lead and members that the reader sees, the newest
	// first; one more than are shown when there are more.
	Tickets []*TicketView
}

// Latest are how many of a list a page about something else shows.
const Latest = 10

// AlliancePage reads an alliance that the actor may.
func (s *Service) AlliancePage(ctx context.Context, actor ticket.Actor, id string) (*AlliancePage, error) {
	a, err := s.Alliances().Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	p := &AlliancePage{Alliance: a}
	if p.Names, err = s.Alliances().Names(ctx, a); err != nil {
		return nil, err
	}
	if p.Keeps, err = s.Alliances().MayChange(ctx, actor, a); err != nil {
		return nil, err
	}
	if p.Activities, err = s.Activities().List(ctx, actor, EntryFilter{AllianceID: id, Limit: Latest + 1}); err != nil {
		return nil, err
	}
	enterprises := slices.Clone(a.Members)
	if a.LeadEnterpriseID != "" {
		enterprises = append(enterprises, a.LeadEnterpriseID)
	}
	if len(enterprises) > 0 {
		p.Tickets, err = s.Tickets(ctx, actor, TicketFilter{Enterprises: enterprises, States: ticket.OpenStates(), Limit: Latest + 1})
	}
	return p, err
}
