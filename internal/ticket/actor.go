package ticket

import (
	"slices"
	"strings"
)

// Role is the one base role of an account.
type Role string

// The base roles.
const (
	RoleEnterprise Role = "enterprise"
	RoleDispatcher Role = "dispatcher"
	RoleOfficer    Role = "officer"
	RoleHead       Role = "head"
	RoleLeader     Role = "leader"
	RoleAdmin      Role = "admin"
	RoleGuest      Role = "guest"
	RoleSystem     Role = "system" // the service itself; no account has it
)

// Roles lists what an account may be.
func Roles() []Role {
	return []Role{RoleEnterprise, RoleDispatcher, RoleOfficer, RoleHead, RoleLeader, RoleAdmin, RoleGuest}
}

// Actor is who is calling: an account with the assignments in force now.
type Actor struct {
	ID           string
	Name         string
	Role         Role
	EnterpriseID string
	DepartmentID string
	Deputy       bool     // stands in for the head of the department now
	Manages      []string // enterprises looked after as service manager
	Teams        []string // key projects of whose team one is
	Stations     []string // stations (departments) whose staff one is
}

// System is the service acting by itself.
var System = Actor{ID: "system", Role: RoleSystem}

// Heads says whether the actor may act as head of their department.
func (a Actor) Heads() bool {
	return a.DepartmentID != "" && (a.Role == RoleHead || a.Role == RoleOfficer && a.Deputy)
}

// SeesAll says whether every ticket is in the actor's sight.
func (a Actor) SeesAll() bool {
	return a.Role == RoleDispatcher || a.Role == RoleLeader || a.Role == RoleSystem
}

func (a Actor) inDepartment() bool {
	return a.DepartmentID != "" && (a.Role == RoleOfficer || a.Role == RoleHead)
}

// Relation is what a caller is to a ticket; a set of bits.
type Relation uint32

// The relations of which the workflow table speaks.
const (
	Own Relation = 1 << iota
	Manager
	Desk
	LeadOfficer
	LeadHead // has LeadOfficer too: a head may all that an officer may
	TrustedOfficer
	JoinedOfficer
	JoinedHead // has JoinedOfficer too
	Summoned
	FormerLeadOf
	Team
	ExpertIn
	Chair // convener of the present joint handling: the desk, or the lead's head
	Leader
	Station
	Service
)

var relationNames = []struct {
	relation Relation
	name     string
}{
	{Own, "own"},
	{Manager, "manager"},
	{Desk, "desk"},
	{LeadOfficer, "lead officer"},
	{LeadHead, "lead head"},
	{TrustedOfficer, "lead officer where the department lets them"},
	{JoinedOfficer, "joined officer"},
	{JoinedHead, "joined head"},
	{Summoned, "summoned officer, head"},
	{FormerLeadOf, "former lead"},
	{Team, "team"},
	{ExpertIn, "expert"},
	{Chair, "convener: desk, or lead head"},
	{Leader, "leader"},
	{Station, "station staff"},
	{Service, "system"},
}

func (r Relation) String() string {
	var names []string
	for _, n := range relationNames {
		if r&n.relation != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ", ")
}

// sight are the relations that let one see a ticket.
const sight = Own | Manager | Desk | LeadOfficer | JoinedOfficer | FormerLeadOf | Team | ExpertIn | Leader | Service

// Offices are the relations that read the offices' talk beside the plain words.
const Offices = sight &^ Own

// RelationsTo tells what the actor is to the ticket. dir may be nil where the
// department's own rules do not matter, as for sight.
func (a Actor) RelationsTo(t *Ticket, dir Directory) Relation {
	var r Relation
	switch a.Role {
	case RoleEnterprise:
		if a.EnterpriseID != "" && a.EnterpriseID == t.EnterpriseID {
			r |= Own
		}
	case RoleDispatcher:
		r |= Desk
		if t.Convener == ConvenedByDesk {
			r |= Chair
		}
	case RoleLeader:
		r |= Leader
	case RoleSystem:
		r |= Service
	case RoleOfficer, RoleHead, RoleAdmin, RoleGuest:
	}
	// A trade secret is for those who need it: not for a manager who did not
	// file it, a team, an expert or a former lead.
	if slices.Contains(a.Manages, t.EnterpriseID) && (!t.Confidential || t.FiledBy == a.ID) {
		r |= Manager
	}
	if !t.Confidential {
		if t.ProjectID != "" && slices.Contains(a.Teams, t.ProjectID) {
			r |= Team
		}
		if t.State == Joint && slices.Contains(t.Experts, Expert{UserID: a.ID, Round: t.Round}) {
			r |= ExpertIn
		}
	}
	if len(a.Stations) > 0 {
		r |= Station
	}
	if a.inDepartment() {
		r |= a.departmentRelations(t, dir)
	}
	return r
}

func (a Actor) departmentRelations(t *Ticket, dir Directory) Relation {
	var r Relation
	if t.LeadID == a.DepartmentID {
		r |= LeadOfficer
		if a.Heads() {
			r |= LeadHead
			if t.Convener == ConvenedByLead {
				r |= Chair
			}
		} else if dir != nil {
			if d, ok := dir.Department(a.DepartmentID); ok && d.OfficersResolve {
				r |= TrustedOfficer
			}
		}
	} else if slices.Contains(t.Joined(), a.DepartmentID) {
		r |= JoinedOfficer
		if a.Heads() {
			r |= JoinedHead
		}
	}
	if t.summons(a.DepartmentID) != nil {
		r |= Summoned
	}
	if r&(LeadOfficer|JoinedOfficer) == 0 && !t.Confidential &&
		slices.ContainsFunc(t.FormerLeads, func(f FormerLead) bool { return f.DepartmentID == a.DepartmentID }) {
		r |= FormerLeadOf
	}
	return r
}

// Sees says whether the ticket is in the actor's sight.
func (a Actor) Sees(t *Ticket) bool { return a.RelationsTo(t, nil)&sight != 0 }

// SeesUpTo is the last version of the ticket that is in the actor's sight: a
// former lead reads it as it stood at its return. 0 when it is out of sight.
func (a Actor) SeesUpTo(t *Ticket) int {
	r := a.RelationsTo(t, nil) & sight
	if r == 0 {
		return 0
	}
	if r != FormerLeadOf {
		return t.Version
	}
	last := 0
	for _, f := range t.FormerLeads {
		if f.DepartmentID == a.DepartmentID {
			last = f.Version
		}
	}
	return last
}
