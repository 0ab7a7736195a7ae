package testkit

import (
	"sync"
	"testing"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// District is a small district, with one account for everything that a person
// can be to a ticket of its first enterprise.
type District struct {
	*Service
	// Departments by name: labour and land may lead, fire is summoned, water
	// helps, tax has no part. Labour lets its officers resolve no ticket; land
	// does.
	Departments map[string]string
	Enterprises map[string]string // own, other
	Projects    map[string]string // plant, of the own enterprise
	Places      map[string]string // town
	Chains      map[string]string // chips
	Users       map[string]directory.User

	mu     sync.Mutex
	actors map[string]ticket.Actor
}

// People are the accounts of a District.
var People = []struct {
	Name       string
	Role       ticket.Role
	Department string
	Enterprise string
}{
	{"own", ticket.RoleEnterprise, "", "own"},
	{"stranger", ticket.RoleEnterprise, "", "other"},
	{"manager", ticket.RoleOfficer, "tax", ""}, // looks after the own enterprise
	{"desk", ticket.RoleDispatcher, "", ""},
	{"lead-officer", ticket.RoleOfficer, "labour", ""},
	{"lead-head", ticket.RoleHead, "labour", ""},
	{"deputy", ticket.RoleOfficer, "labour", ""}, // stands in for the head of labour
	{"land-officer", ticket.RoleOfficer, "land", ""},
	{"land-head", ticket.RoleHead, "land", ""},
	{"fire-officer", ticket.RoleOfficer, "fire", ""},
	{"fire-head", ticket.RoleHead, "fire", ""},
	{"water-officer", ticket.RoleOfficer, "water", ""},
	{"water-head", ticket.RoleHead, "water", ""},
	{"tax-officer", ticket.RoleOfficer, "tax", ""},
	{"tax-head", ticket.RoleHead, "tax", ""},
	{"station-staff", ticket.RoleOfficer, "tax", ""}, // staff of the quality station
	{"team-member", ticket.RoleOfficer, "tax", ""},   // of the plant's team
	{"leader", ticket.RoleLeader, "", ""},
	{"admin", ticket.RoleAdmin, "", ""},
	{"guest", ticket.RoleGuest, "", ""},
	{"expert", ticket.RoleGuest, "", ""},
}

// NewDistrict makes the district at a moment such as 2023-09-27 10:00.
func NewDistrict(tb testing.TB, svc *Service) *District {
	tb.Helper()
	ctx, system := tb.Context(), ticket.System
	d := &District{
		Service: svc, Departments: map[string]string{}, Enterprises: map[string]string{}, Projects: map[string]string{},
		Places: map[string]string{}, Chains: map[string]string{}, Users: map[string]directory.User{}, actors: map[string]ticket.Actor{},
	}
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	town, err := svc.Places().Create(ctx, system, directory.Place{Code: "town", Name: "桥头镇"})
	must(err)
	d.Places["town"] = town.ID
	chips, err := svc.Chains().Create(ctx, system, directory.Chain{Code: "chips", Name: "集成电路"})
	must(err)
	d.Chains["chips"] = chips.ID
	for code, name := range map[string]string{"labour": "人社局", "land": "规划资源局", "fire": "消防大队", "water": "水务局", "tax": "税务局", "station": "质量小站"} {
		department := directory.Department{Code: code, Name: name, Kind: directory.Bureau, Dispatchable: true, Summonable: true, OfficersResolve: code == "land"}
		if code == "station" {
			department.Kind, department.StationKind, department.PlaceID = directory.Station, directory.QualityStation, town.ID
		}
		department, err := svc.Departments().Create(ctx, system, department)
		must(err)
		d.Departments[code] = department.ID
	}
	for code, name := range map[string]string{"own": "甲科技有限公司", "other": "乙农业合作社"} {
		e := directory.Enterprise{ExternalNumber: code, Name: name, Kind: directory.Company, PlaceID: town.ID}
		if code == "own" {
			e.Chains = []string{chips.ID}
		}
		e, err := svc.Enterprises().Create(ctx, system, e)
		must(err)
		d.Enterprises[code] = e.ID
	}
	plant, err := svc.Projects().Create(ctx, system, directory.Project{Code: "plant", Name: "封装厂扩建", EnterpriseID: d.Enterprises["own"]})
	must(err)
	d.Projects["plant"] = plant.ID
	for _, p := range People {
		d.Users[p.Name], err = svc.CreateUser(ctx, system, service.NewUser{
			Username: p.Name, Name: p.Name, Role: p.Role, DepartmentID: d.Departments[p.Department], EnterpriseID: d.Enterprises[p.Enterprise],
		})
		must(err)
	}
	for _, a := range []struct {
		kind         directory.AssignmentKind
		user, target string
		part         string
	}{
		{directory.ManagerOf, "manager", d.Enterprises["own"], "guide"},
		{directory.StaffOf, "station-staff", d.Departments["station"], directory.QualitySteward},
		{directory.TeamOf, "team-member", plant.ID, ""},
		{directory.DeputyOf, "deputy", d.Departments["labour"], ""},
	} {
		_, err := svc.CreateAssignment(ctx, system, service.NewAssignment{Kind: a.kind, UserID: d.Users[a.user].ID, TargetID: a.target, Part: a.part})
		must(err)
	}
	return d
}

// Actor is one of the district's people, with the assignments in force.
func (d *District) Actor(tb testing.TB, name string) ticket.Actor {
	tb.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if a, ok := d.actors[name]; ok {
		return a
	}
	user, ok := d.Users[name]
	if !ok {
		tb.Fatalf("the district has no %q", name)
	}
	assignments, err := d.Store.Assignments(tb.Context(), user.ID)
	if err != nil {
		tb.Fatal(err)
	}
	a := directory.ActorOf(user, assignments, worktime.DateOf(d.Clock.Now().In(d.Zone())))
	d.actors[name] = a
	return a
}

// Join gives the district one more account, of a role in a department.
func (d *District) Join(tb testing.TB, name string, role ticket.Role, department string) {
	tb.Helper()
	user, err := d.CreateUser(tb.Context(), ticket.System, service.NewUser{Username: name, Name: name, Role: role, DepartmentID: d.Departments[department]})
	if err != nil {
		tb.Fatal(err)
	}
	d.Users[name] = user
}
