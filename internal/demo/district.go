package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"whistle/internal/demo/cast"
	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// district is who acts in the year, by the cast's codes where it has them.
type district struct {
	departments map[string]*department
	duties      map[string][]*department // by category
	enterprises []*enterprise
	desk        []ticket.Actor
	leaders     []ticket.Actor
	experts     []ticket.Actor
	chains      map[string]string   // ids by code, of segments by name
	professors  []ticket.Actor      // experts of a story of their own
	stations    map[string]*station // by place, the quality stations by code
}

type department struct {
	cast.Department
	id       string
	trusts   bool // its officers submit results themselves
	head     ticket.Actor
	officers []ticket.Actor
}

type enterprise struct {
	cast.Enterprise
	id       string
	contact  ticket.Actor
	manager  *ticket.Actor // who looks after it
	projects []string      // ids
	weight   float64       // how often it files, against the others
}

const (
	deskPeople   = 8
	leaderPeople = 7
	expertPeople = 9
	zoneManagers = 150
	namedManages = 12     // enterprises that the account "manager" looks after
	namedOffice  = "hrss" // the department of the accounts "officer" and "head"
	zoneCode     = "zone"
)

// managersOf is how many officers of a park or town look after enterprises.
var managersOf = map[string]int{zoneCode: zoneManagers, "hightech": 40, "agripark": 26}

const managersOfTown = 18

// settlement sets up a district, event by event of the audit log.
type settlement struct {
	*district
	ctx    context.Context //nolint:containedctx // lives as long as the transaction that settles
	svc    *service.Service
	r      *rand.Rand
	places map[string]string // ids by code
	err    error             // the first one; nothing is done after it
}

// settle sets the district up: directory, people and who looks after whom.
func settle(ctx context.Context, svc *service.Service, r *rand.Rand) (*district, error) {
	s := &settlement{
		district: &district{departments: map[string]*department{}, duties: map[string][]*department{}, chains: map[string]string{}},
		ctx:      ctx, svc: svc, r: r, places: map[string]string{},
	}
	s.lists()
	s.offices()
	s.people()
	s.roster()
	s.assign()
	s.projects()
	s.stationsAndExperts()
	return s.district, s.err
}

// add creates an entry and returns its id.
func add[T any, P directory.Entry[T]](s *settlement, entries service.Entries[T, P], entry T) string {
	if s.err != nil {
		return ""
	}
	entry, s.err = entries.Create(s.ctx, ticket.System, entry)
	id, _ := P(&entry).Refs()
	return *id
}

// user makes an account without a password and returns who acts with it.
func (s *settlement) user(in service.NewUser) ticket.Actor {
	if s.err != nil {
		return ticket.Actor{}
	}
	if in.Name == "" {
		in.Name = cast.PersonName(s.r)
	}
	user, err := s.svc.CreateUser(s.ctx, ticket.System, in)
	s.err = err
	return directory.ActorOf(user, nil, worktime.Date{})
}

// users makes n accounts: the first of the user name given, the others of the
// prefix with a number.
func (s *settlement) users(n int, first, prefix string, role ticket.Role) []ticket.Actor {
	actors := make([]ticket.Actor, n)
	for i := range actors {
		name := fmt.Sprintf("%s.%d", prefix, i+1)
		if i == 0 && first != "" {
			name = first
		}
		actors[i] = s.user(service.NewUser{Username: name, Role: role})
	}
	return actors
}

func (s *settlement) lists() {
	for _, p := range cast.Places() {
		s.places[p.Code] = add(s, s.svc.Places(), directory.Place{Code: p.Code, Name: p.Name})
	}
	for _, c := range cast.Chains() {
		s.chains[c.Code] = add(s, s.svc.Chains(), directory.Chain{Code: c.Code, Name: c.Name, Plan: chainPlans[c.Code]})
		for i, name := range c.Segments {
			s.chains[name] = add(s, s.svc.Chains(), directory.Chain{
				Code: fmt.Sprintf("%s-%d", c.Code, i+1), Name: name, ParentID: s.chains[c.Code], Plan: chainPlans[name],
			})
		}
	}
	// The service begins with categories and reasons of its own.
	for i, c := range cast.Categories() {
		if !there(s, s.svc.Categories(), service.EntryFilter{Code: c.Code}) {
			add(s, s.svc.Categories(), directory.Category{Code: c.Code, Name: c.Name, Position: 10 * (i + 1)})
		}
	}
	s.reasons(ticket.RejectReason, cast.RejectReasons())
	s.reasons(ticket.ReturnReason, cast.ReturnReasons())
}

func (s *settlement) reasons(kind ticket.ReasonKind, codes []cast.Code) {
	for _, c := range codes {
		if !there(s, s.svc.Reasons(), service.EntryFilter{Kind: string(kind), Code: c.Code}) {
			add(s, s.svc.Reasons(), directory.Reason{Kind: kind, Code: c.Code, Name: c.Name})
		}
	}
}

func there[T any, P directory.Entry[T]](s *settlement, entries service.Entries[T, P], f service.EntryFilter) bool {
	if s.err != nil {
		return true
	}
	found, err := entries.List(s.ctx, ticket.System, f)
	s.err = err
	return len(found) > 0
}

// trusting are the departments whose officers submit results themselves.
var trusting = []string{"tax", "power", "permits", "police", "commerce", "federation"}

func (s *settlement) offices() {
	for _, c := range cast.Departments() {
		d := &department{Department: c, trusts: slices.Contains(trusting, c.Code)}
		entry := directory.Department{
			Code: c.Code, Name: c.Name, ShortName: c.ShortName, Kind: directory.DepartmentKind(c.Kind),
			Dispatchable: !c.Desk, Summonable: !c.Desk, OfficersResolve: d.trusts,
		}
		if c.ParentCode != "" {
			entry.ParentID = s.departments[c.ParentCode].id
		}
		d.id = add(s, s.svc.Departments(), entry)
		s.departments[c.Code] = d
		for _, category := range c.Duties {
			add(s, s.svc.Duties(), directory.Duty{Category: category, DepartmentID: d.id})
			if !c.Desk {
				s.duties[category] = append(s.duties[category], d)
			}
		}
	}
}

func (s *settlement) people() {
	s.user(service.NewUser{Username: "admin", Role: ticket.RoleAdmin})
	s.desk = s.users(deskPeople, "dispatcher", "desk", ticket.RoleDispatcher)
	s.leaders = s.users(leaderPeople, "leader", "leader", ticket.RoleLeader)
	s.experts = s.users(expertPeople, "", "expert", ticket.RoleGuest)
	for _, c := range cast.Departments() {
		if c.Desk {
			continue
		}
		d := s.departments[c.Code]
		head, officers := c.Code+".head", 3+s.r.IntN(4)
		if c.Kind == cast.KindTown {
			officers = managersOfTown
		}
		if n := managersOf[c.Code]; n > 0 {
			officers = n
		}
		if c.Code == namedOffice {
			head = "head"
		}
		d.head = s.user(service.NewUser{Username: head, Role: ticket.RoleHead, DepartmentID: d.id})
		for i := range officers {
			name := fmt.Sprintf("%s.%d", c.Code, i+1)
			switch {
			case i == 0 && c.Code == namedOffice:
				name = "officer"
			case i == 0 && c.Code == zoneCode:
				name = "manager"
			}
			d.officers = append(d.officers, s.user(service.NewUser{Username: name, Role: ticket.RoleOfficer, DepartmentID: d.id}))
		}
	}
}

// roster sets up the enterprises, each with a contact who files. The account
// "enterprise" is of the first one in the zone of the first chain.
func (s *settlement) roster() {
	all := cast.Enterprises(s.r, cast.EnterpriseCount)
	named := slices.IndexFunc(all, func(e cast.Enterprise) bool { return e.Zone && slices.Contains(e.Chains, cast.IntegratedCircuit) })
	all[0], all[named] = all[named], all[0]
	nameRemoteSensing(all)
	for i, c := range all {
		e := &enterprise{Enterprise: c, weight: weigh(s.r, c)}
		entry := directory.Enterprise{
			CreditCode: c.CreditCode, Name: c.Name, Kind: directory.EnterpriseKind(c.Kind),
			PlaceID: s.places[c.Place], Tags: c.Tags, Contact: c.Contact,
		}
		for _, code := range c.Chains {
			entry.Chains = append(entry.Chains, s.chains[code])
		}
		if c.Segment != "" {
			entry.Chains = append(entry.Chains, s.chains[c.Segment])
		}
		e.id = add(s, s.svc.Enterprises(), entry)
		username := fmt.Sprintf("e%04d", i+1)
		if i == 0 {
			username = "enterprise"
		}
		e.contact = s.user(service.NewUser{Username: username, Name: c.Contact, Role: ticket.RoleEnterprise, EnterpriseID: e.id})
		s.enterprises = append(s.enterprises, e)
	}
}

// weigh says how often an enterprise files: the big ones more, and some that
// never tire.
func weigh(r *rand.Rand, e cast.Enterprise) float64 {
	w := 0.4 + r.ExpFloat64()
	for _, more := range []struct {
		tag string
		by  float64
	}{{"规上", 1}, {"龙头", 1.5}, {"农业龙头", 1}, {"专精特新", 0.5}} {
		if slices.Contains(e.Tags, more.tag) {
			w += more.by
		}
	}
	if len(e.Chains) > 0 {
		w *= 1.3
	}
	return w
}

// assign gives every enterprise a 联络员 of its park or town, and a 指导员.
func (s *settlement) assign() {
	from := worktime.DateOf(s.svc.Now().In(s.svc.Zone()))
	next := map[string]int{}
	all := make([]service.NewAssignment, 0, len(s.enterprises))
	for _, e := range s.enterprises {
		officers := s.departments[e.Place].officers
		i := next[e.Place]
		next[e.Place]++
		if e.Place == zoneCode {
			// the account "manager" has its share at once, the others in turn
			if i -= namedManages; i < 0 {
				i = 0
			} else {
				i = 1 + i%(len(officers)-1)
			}
		}
		e.manager = &officers[i%len(officers)]
		e.manager.Manages = append(e.manager.Manages, e.id)
		all = append(all, service.NewAssignment{Kind: directory.ManagerOf, UserID: e.manager.ID, TargetID: e.id, Part: directory.Contact, FromDate: &from})
	}
	if s.err == nil {
		_, s.err = s.svc.CreateAssignments(s.ctx, ticket.System, all...)
	}
	s.guides(from)
}

// projects sets up the key projects; who looks after the enterprise is in the
// project's team.
func (s *settlement) projects() {
	plain := make([]cast.Enterprise, len(s.enterprises))
	for i, e := range s.enterprises {
		plain[i] = e.Enterprise
	}
	for i, p := range cast.Projects(s.r, plain, cast.ProjectCount) {
		e := s.enterprises[p.Enterprise]
		id := add(s, s.svc.Projects(), directory.Project{Code: fmt.Sprintf("P2023-%03d", i+1), Name: p.Name, EnterpriseID: e.id})
		e.projects = append(e.projects, id)
		e.manager.Teams = append(e.manager.Teams, id)
		if s.err == nil {
			_, s.err = s.svc.CreateAssignment(s.ctx, ticket.System, service.NewAssignment{Kind: directory.TeamOf, UserID: e.manager.ID, TargetID: id})
		}
	}
}
