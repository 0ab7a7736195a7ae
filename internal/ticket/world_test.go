package ticket_test

import (
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// world is a small district: everything that the rules may ask for, in memory.
type world struct {
	departments map[string]ticket.Department
	users       map[string]ticket.User
	enterprises map[string]ticket.Enterprise
	projects    map[string]ticket.Project
	attachments map[string]ticket.Attachment
	tickets     map[string]*ticket.Ticket
	policies    map[int]ticket.Policy
	calendars   map[int]*worktime.Calendar
}

func (w *world) Department(id string) (ticket.Department, bool) {
	d, ok := w.departments[id]
	return d, ok
}
func (w *world) User(id string) (ticket.User, bool) { u, ok := w.users[id]; return u, ok }
func (w *world) Enterprise(id string) (ticket.Enterprise, bool) {
	e, ok := w.enterprises[id]
	return e, ok
}
func (w *world) Project(id string) (ticket.Project, bool) { p, ok := w.projects[id]; return p, ok }
func (w *world) Category(code string) (ticket.Entry, bool) {
	return ticket.Entry{Retired: code == "retired"}, code == "labour" || code == "land" || code == "retired"
}

func (w *world) Reason(_ ticket.ReasonKind, code string) (ticket.Entry, bool) {
	return ticket.Entry{}, code == "other"
}

func (w *world) Attachment(id string) (ticket.Attachment, bool) {
	a, ok := w.attachments[id]
	return a, ok
}
func (w *world) Ticket(id string) (*ticket.Ticket, bool)   { t, ok := w.tickets[id]; return t, ok }
func (w *world) Policy(version int) (ticket.Policy, error) { return w.policies[version], nil }
func (w *world) Calendar(version int) (*worktime.Calendar, error) {
	return w.calendars[version], nil
}

func (w *world) rules() ticket.World {
	return ticket.World{Directory: w, Policies: w, Calendars: w}
}

var shanghai = func() *time.Location {
	loc, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return loc
}()

func newWorld(t rapid.TB) *world {
	t.Helper()
	calendar, err := worktime.New(1, shanghai, worktime.DefaultShifts(), worktime.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	plain := ticket.Department{Name: "a bureau", Dispatchable: true, Summonable: true}
	trusting := plain
	trusting.OfficersResolve = true
	retired := plain
	retired.Retired = true
	return &world{
		departments: map[string]ticket.Department{"d1": plain, "d2": plain, "d3": trusting, "d4": plain, "d5": plain, "gone": retired},
		users: map[string]ticket.User{
			"officer1": {Role: ticket.RoleOfficer, DepartmentID: "d1"},
			"head1":    {Role: ticket.RoleHead, DepartmentID: "d1"},
			"officer2": {Role: ticket.RoleOfficer, DepartmentID: "d2"},
			"expert":   {Role: ticket.RoleGuest},
			"expert2":  {Role: ticket.RoleGuest},
			"left":     {Role: ticket.RoleOfficer, DepartmentID: "d1", Retired: true},
		},
		enterprises: map[string]ticket.Enterprise{
			"e1": {PlaceID: "town", Chains: []string{"chip"}},
			"e2": {PlaceID: "park"},
		},
		projects:    map[string]ticket.Project{"p1": {EnterpriseID: "e1"}},
		attachments: map[string]ticket.Attachment{},
		tickets: map[string]*ticket.Ticket{
			"t8": {Core: ticket.Core{ID: "t8", EnterpriseID: "e2", State: ticket.Closed}},
			"t9": {Core: ticket.Core{ID: "t9", EnterpriseID: "e2", State: ticket.Accepted}},
		},
		policies:  map[int]ticket.Policy{1: {Version: 1, Name: "default", Rules: ticket.DefaultRules()}},
		calendars: map[int]*worktime.Calendar{1: calendar},
	}
}

var (
	owner   = ticket.Actor{ID: "owner", Role: ticket.RoleEnterprise, EnterpriseID: "e1"}
	desk    = ticket.Actor{ID: "desk", Role: ticket.RoleDispatcher}
	officer = ticket.Actor{ID: "officer1", Role: ticket.RoleOfficer, DepartmentID: "d1"}
	head    = ticket.Actor{ID: "head1", Role: ticket.RoleHead, DepartmentID: "d1"}
	helper  = ticket.Actor{ID: "officer2", Role: ticket.RoleOfficer, DepartmentID: "d2"}
	leader  = ticket.Actor{ID: "leader", Role: ticket.RoleLeader}
)

// story drives one ticket and keeps its history.
type story struct {
	tb     rapid.TB
	world  *world
	ticket *ticket.Ticket
	lines  []*ticket.Line

	policy, calendar int // the versions in force
}

func newStory(tb rapid.TB) *story {
	return &story{tb: tb, world: newWorld(tb), policy: 1, calendar: 1}
}

func (s *story) try(at time.Time, actor ticket.Actor, event ticket.Event, in ticket.Input) error {
	after, line, err := ticket.Apply(s.ticket, ticket.Command{
		Event: event, Input: in, Actor: actor, At: at, RecordedAt: at, CalendarVersion: s.calendar,
		New: ticket.NewTicket{ID: "t1", Number: "2023-000001", PolicyVersion: s.policy},
	}, s.world.rules())
	if err != nil {
		return err
	}
	s.ticket, s.lines = after, append(s.lines, line)
	return nil
}

func (s *story) do(at time.Time, actor ticket.Actor, event ticket.Event, in ticket.Input) {
	s.tb.Helper()
	if err := s.try(at, actor, event, in); err != nil {
		s.tb.Fatalf("%s by %s: %v", event, actor.ID, err)
	}
}

// moment reads a time in Shanghai.
func moment(tb rapid.TB, text string) time.Time {
	tb.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, shanghai)
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

var filing = ticket.SubmitInput{Title: "no workers", Description: "a hundred are missing", Category: "labour"}
