package service_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// staffed is a district with an account of each kind: those of the bureau are
// in department d1, the contact is of enterprise e1, which the manager, an
// officer of d2, looks after.
type staffed struct {
	*district
	t                *testing.T
	station, project string
	users            map[string]directory.User // by user name
}

const (
	bureau, other         = "d1", "d2"
	enterprise, neighbour = "e1", "e2"

	goodPassword = "correct horse battery"
)

// staffedOnBoth runs a test against each database.
func staffedOnBoth(t *testing.T, test func(t *testing.T, d *staffed)) {
	onBoth(t, func(t *testing.T, empty *district) {
		d := &staffed{district: empty, t: t, users: map[string]directory.User{}}
		station, err := d.Departments().Create(t.Context(), ticket.System, directory.Department{Code: "S", Name: "服务站", Kind: directory.Station})
		d.must(err)
		project, err := d.Projects().Create(t.Context(), ticket.System, directory.Project{Code: "P", Name: "重点项目", EnterpriseID: enterprise})
		d.must(err)
		d.station, d.project = station.ID, project.ID
		for _, u := range []service.NewUser{
			{Username: "admin", Role: ticket.RoleAdmin},
			{Username: "desk", Role: ticket.RoleDispatcher},
			{Username: "leader", Role: ticket.RoleLeader},
			{Username: "guest", Role: ticket.RoleGuest},
			{Username: "head", Role: ticket.RoleHead, DepartmentID: bureau},
			{Username: "officer", Role: ticket.RoleOfficer, DepartmentID: bureau},
			{Username: "colleague", Role: ticket.RoleOfficer, DepartmentID: bureau},
			{Username: "otherhead", Role: ticket.RoleHead, DepartmentID: other},
			{Username: "manager", Role: ticket.RoleOfficer, DepartmentID: other},
			{Username: "contact", Role: ticket.RoleEnterprise, EnterpriseID: enterprise},
			{Username: "neighbour", Role: ticket.RoleEnterprise, EnterpriseID: neighbour},
		} {
			u.Name = strings.ToUpper(u.Username)
			d.users[u.Username], err = d.CreateUser(t.Context(), ticket.System, u)
			d.must(err)
		}
		d.assign(service.NewAssignment{Kind: directory.ManagerOf, UserID: d.id("manager"), TargetID: enterprise, Part: "guide"})
		test(t, d)
	})
}

// in is the same district for a subtest.
func (d *staffed) in(t *testing.T) *staffed {
	same := *d
	same.t = t
	return &same
}

func (d *staffed) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *staffed) id(username string) string { return d.users[username].ID }

func (d *staffed) assign(in service.NewAssignment) directory.Assignment {
	d.t.Helper()
	a, err := d.CreateAssignment(d.t.Context(), ticket.System, in)
	d.must(err)
	return a
}

// actor is the account with what is assigned to it today.
func (d *staffed) actor(username string) ticket.Actor {
	d.t.Helper()
	views, err := d.Assignments(d.t.Context(), ticket.System, service.AssignmentFilter{UserID: d.id(username)})
	d.must(err)
	var assignments []directory.Assignment
	for _, v := range views {
		assignments = append(assignments, v.Assignment)
	}
	return directory.ActorOf(d.users[username], assignments, worktime.DateOf(d.clock.Now().In(beijing)))
}

// password gives an account a password.
func (d *staffed) password(username string) {
	d.t.Helper()
	d.must(d.SetPassword(d.t.Context(), ticket.System, d.id(username), goodPassword))
}

// signIn is the session of a sign-in that must succeed.
func (d *staffed) signIn(username, address string) string {
	d.t.Helper()
	s, err := d.SignIn(d.t.Context(), username, goodPassword, address)
	d.must(err)
	return s.Token
}

// code is the kind of an error; "" for none.
func code(err error) ticket.Code {
	var known *ticket.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &known):
		return known.Code
	}
	return ticket.Code("unexpected: " + err.Error())
}

func (d *staffed) want(err error, want ticket.Code) {
	d.t.Helper()
	if got := code(err); got != want {
		d.t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

// faultsAt are the pointers of an error's faults.
func faultsAt(err error) []string {
	var known *ticket.Error
	var at []string
	if errors.As(err, &known) {
		for _, f := range known.Fields {
			at = append(at, f.Pointer)
		}
	}
	slices.Sort(at)
	return at
}

// auditText is everything that was audited.
func (d *staffed) auditText() string {
	d.t.Helper()
	rows, err := d.raw.QueryContext(d.t.Context(), "SELECT action, subject, subject_id, before, after FROM audit ORDER BY id")
	d.must(err)
	defer func() { d.must(rows.Close()) }()
	var all strings.Builder
	for rows.Next() {
		var action, subject, id, before, after string
		d.must(rows.Scan(&action, &subject, &id, &before, &after))
		fmt.Fprintln(&all, action, subject, id, before, after)
	}
	d.must(rows.Err())
	return all.String()
}

func TestUserRules(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		long := strings.Repeat("x", 101)
		for _, c := range []struct {
			name string
			in   service.NewUser
			want []string
		}{
			{"everything missing", service.NewUser{}, []string{"/name", "/role", "/username"}},
			{"too long", service.NewUser{Username: "abc", Name: long, Role: ticket.RoleGuest, Phone: long}, []string{"/name", "/phone"}},
			{"no such role", service.NewUser{Username: "abc", Name: "A", Role: "system"}, []string{"/role"}},
			{"short and taken names", service.NewUser{Username: "ab", Name: "A", Role: ticket.RoleGuest}, []string{"/username"}},
			{"capitals", service.NewUser{Username: "Abc", Name: "A", Role: ticket.RoleGuest}, []string{"/username"}},
			{"taken", service.NewUser{Username: "desk", Name: "A", Role: ticket.RoleGuest}, []string{"/username"}},
			{"officer without a department", service.NewUser{Username: "abc", Name: "A", Role: ticket.RoleOfficer}, []string{"/department_id"}},
			{"head with an enterprise", service.NewUser{Username: "abc", Name: "A", Role: ticket.RoleHead, EnterpriseID: enterprise}, []string{"/department_id", "/enterprise_id"}},
			{"unknown department", service.NewUser{Username: "ab", Name: "A", Role: ticket.RoleHead, DepartmentID: enterprise}, []string{"/department_id", "/username"}},
			{"enterprise without one", service.NewUser{Username: "abc", Name: "A", Role: ticket.RoleEnterprise}, []string{"/enterprise_id"}},
			{"dispatcher with a department", service.NewUser{Username: "abc", Name: "A", Role: ticket.RoleDispatcher, DepartmentID: bureau}, []string{"/department_id"}},
		} {
			_, err := d.CreateUser(t.Context(), ticket.System, c.in)
			if got := faultsAt(err); !slices.Equal(got, c.want) {
				t.Errorf("%s: faults at %v, want %v (%v)", c.name, got, c.want, err)
			}
		}
		users, err := d.Users(t.Context(), ticket.System, service.UserFilter{Retired: true})
		d.must(err)
		if len(users) != len(d.users) {
			t.Errorf("%d accounts, want %d: a refused one was made", len(users), len(d.users))
		}
	})
}

// The API's document names the roles once more, by hand.
func TestEveryRoleIsOfTheRightForm(t *testing.T) {
	for _, role := range ticket.Roles() {
		if faults := ticket.CheckTags(service.NewUser{Username: "abc", Name: "A", Role: role}); len(faults) > 0 {
			t.Errorf("%s: %v", role, faults)
		}
	}
	if faults := ticket.CheckTags(service.NewUser{Username: "abc", Name: "A", Role: ticket.RoleSystem}); len(faults) != 1 {
		t.Errorf("system: %v", faults)
	}
}

// Who may make, change and retire accounts, written by hand.
func TestUserPermissions(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		const ok, no, unseen = ticket.Code(""), ticket.CodeForbidden, ticket.CodeNotFound
		for _, c := range []struct {
			actor                             string
			createContact, createOfficer      ticket.Code
			changeContact, changeOfficer      ticket.Code
			changeNeighbour, promoteColleague ticket.Code
		}{
			{"admin", ok, ok, ok, ok, ok, ok},
			{"desk", ok, no, ok, no, ok, no},
			{"leader", no, no, unseen, unseen, unseen, unseen},
			{"guest", no, no, unseen, unseen, unseen, unseen},
			{"head", no, no, unseen, no, unseen, no},
			{"officer", no, no, unseen, no, unseen, no},
			{"otherhead", no, no, unseen, unseen, unseen, unseen},
			{"manager", no, no, no, unseen, unseen, unseen},
			{"contact", no, no, no, unseen, unseen, unseen},
			{"neighbour", no, no, unseen, unseen, no, unseen},
		} {
			t.Run(c.actor, func(t *testing.T) {
				d := d.in(t)
				actor := d.actor(c.actor)
				contact, err := d.CreateUser(t.Context(), actor, service.NewUser{Username: "c-" + c.actor, Name: "C", Role: ticket.RoleEnterprise, EnterpriseID: enterprise})
				d.want(err, c.createContact)
				officer, err := d.CreateUser(t.Context(), actor, service.NewUser{Username: "o-" + c.actor, Name: "O", Role: ticket.RoleOfficer, DepartmentID: bureau})
				d.want(err, c.createOfficer)
				phone, head := "025-5800"+c.actor, ticket.RoleHead
				for name, want := range map[string]ticket.Code{"contact": c.changeContact, "officer": c.changeOfficer, "neighbour": c.changeNeighbour} {
					_, err := d.ChangeUser(t.Context(), actor, d.id(name), service.UserChange{Phone: &phone})
					d.want(err, want)
					now, err := d.User(t.Context(), ticket.System, d.id(name))
					d.must(err)
					if (now.Phone == phone) != (want == ok) {
						t.Errorf("%s has phone %q", name, now.Phone)
					}
				}
				_, err = d.ChangeUser(t.Context(), actor, d.id("colleague"), service.UserChange{Role: &head})
				d.want(err, c.promoteColleague)
				if c.createContact == ok {
					d.want(d.RetireUser(t.Context(), actor, contact.ID), ok)
				}
				if c.createOfficer == ok {
					d.want(d.RetireUser(t.Context(), actor, officer.ID), ok)
				}
				d.want(d.RetireUser(t.Context(), actor, d.id("leader")), map[string]ticket.Code{"admin": ok, "desk": no, "leader": no}[c.actor]+
					map[bool]ticket.Code{true: unseen}[!slices.Contains([]string{"admin", "desk", "leader"}, c.actor)])
			})
		}
		// The desk makes no officer out of an enterprise's contact.
		role, none := ticket.RoleOfficer, ""
		_, err := d.ChangeUser(t.Context(), d.actor("desk"), d.id("contact"), service.UserChange{Role: &role, EnterpriseID: &none, DepartmentID: new(bureau)})
		d.want(err, ticket.CodeForbidden)
	})
}

// Who sees which accounts, written by hand.
func TestUserSight(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		all := "admin,colleague,contact,desk,guest,head,leader,manager,neighbour,officer,otherhead"
		for actor, want := range map[string]string{
			"admin": all, "desk": all,
			"head": "colleague,guest,head,officer", "officer": "colleague,guest,head,officer",
			"otherhead": "guest,manager,otherhead", "manager": "contact,guest,manager,otherhead",
			"contact": "contact", "neighbour": "neighbour", "leader": "leader", "guest": "guest",
		} {
			seen := []string{}
			after := ""
			for { // in pages of three
				page, err := d.Users(t.Context(), d.actor(actor), service.UserFilter{After: after, Limit: 3})
				d.must(err)
				for _, u := range page {
					seen, after = append(seen, u.Username), u.Username
				}
				if len(page) < 3 {
					break
				}
			}
			if got := strings.Join(seen, ","); got != want {
				t.Errorf("%s sees %s, want %s", actor, got, want)
			}
			for name, u := range d.users {
				_, err := d.User(t.Context(), d.actor(actor), u.ID)
				wantCode := ticket.CodeNotFound
				if slices.Contains(strings.Split(want, ","), name) {
					wantCode = ""
				}
				d.want(err, wantCode)
			}
		}
		for _, c := range []struct {
			f    service.UserFilter
			want string
		}{
			{service.UserFilter{Role: ticket.RoleHead}, "head,otherhead"},
			{service.UserFilter{DepartmentID: bureau, Role: ticket.RoleOfficer}, "colleague,officer"},
			{service.UserFilter{EnterpriseID: neighbour}, "neighbour"},
			{service.UserFilter{Text: "HEAD"}, "head,otherhead"},
			{service.UserFilter{Text: "%"}, ""},
		} {
			users, err := d.Users(t.Context(), ticket.System, c.f)
			d.must(err)
			var names []string
			for _, u := range users {
				names = append(names, u.Username)
			}
			if got := strings.Join(names, ","); got != c.want {
				t.Errorf("%+v lists %q, want %q", c.f, got, c.want)
			}
		}
	})
}

func TestRetiringAUserEndsWhatOpens(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx := t.Context()
		d.password("officer")
		session := d.signIn("officer", "192.0.2.1")
		token, _, err := d.CreateToken(ctx, d.actor("officer"), service.NewToken{Name: "export"})
		d.must(err)
		link, err := d.MakeLink(ctx, d.actor("head"), d.id("officer"), directory.ResetLink)
		d.must(err)
		d.assign(service.NewAssignment{Kind: directory.ManagerOf, UserID: d.id("officer"), TargetID: neighbour, Part: "contact"})

		d.must(d.RetireUser(ctx, d.actor("admin"), d.id("officer")))
		d.must(d.RetireUser(ctx, d.actor("admin"), d.id("officer"))) // again: nothing

		for _, bearer := range []string{session, token} {
			_, err := d.Authenticate(ctx, bearer)
			d.want(err, ticket.CodeUnauthenticated)
		}
		_, err = d.UseLink(ctx, link.Token, "another long password", "192.0.2.1")
		d.want(err, ticket.CodeNotFound)
		_, err = d.SignIn(ctx, "officer", goodPassword, "192.0.2.1")
		d.want(err, ticket.CodeUnauthenticated)
		left, err := d.Assignments(ctx, ticket.System, service.AssignmentFilter{UserID: d.id("officer")})
		d.must(err)
		if len(left) != 0 {
			t.Errorf("%d assignments go on", len(left))
		}
		name := "x"
		_, err = d.ChangeUser(ctx, d.actor("admin"), d.id("officer"), service.UserChange{Name: &name})
		d.want(err, ticket.CodeConflict)
		if text := d.auditText(); strings.Count(text, "retire user") != 1 || strings.Contains(text, "argon2id") {
			t.Error("the audit log has the retirement not once, or a secret")
		}
	})
}

func TestTheLastAdminStays(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx := t.Context()
		admin := d.users["admin"]
		d.must(d.SetPassword(ctx, ticket.System, admin.ID, goodPassword))
		second, err := d.CreateUser(ctx, ticket.System, service.NewUser{Username: "second", Name: "B", Role: ticket.RoleAdmin})
		d.must(err)

		spare, err := d.CreateUser(ctx, ticket.System, service.NewUser{Username: "spare", Name: "C", Role: ticket.RoleAdmin})
		d.must(err)
		d.must(d.RetireUser(ctx, d.actor("admin"), spare.ID)) // without a password it is no loss

		// The second has no password yet, so it would be nobody's.
		d.want(d.RetireUser(ctx, d.actor("admin"), admin.ID), ticket.CodeConflict)
		guest := ticket.RoleGuest
		_, err = d.ChangeUser(ctx, d.actor("admin"), admin.ID, service.UserChange{Role: &guest})
		d.want(err, ticket.CodeConflict)
		if _, err := d.SignIn(ctx, "admin", goodPassword, "192.0.2.1"); err != nil {
			t.Errorf("the admin who stayed cannot sign in: %v", err)
		}

		// Two admins retire each other at the same moment: one stays.
		d.must(d.SetPassword(ctx, ticket.System, second.ID, goodPassword))
		results := make(chan error, 2)
		for _, id := range []string{admin.ID, second.ID} {
			go func() { results <- d.RetireUser(context.WithoutCancel(ctx), ticket.System, id) }()
		}
		codes := []ticket.Code{code(<-results), code(<-results)}
		slices.Sort(codes)
		if !slices.Equal(codes, []ticket.Code{"", ticket.CodeConflict}) {
			t.Errorf("retiring both at once: %q", codes)
		}
	})
}

func TestManyAccountsWithoutPasswordsAreQuick(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		err := d.InTx(t.Context(), func(ctx context.Context) error {
			for i := range 300 {
				_, err := d.CreateUser(ctx, ticket.System, service.NewUser{
					Username: fmt.Sprintf("contact-%04d", i), Name: "张", Role: ticket.RoleEnterprise, EnterpriseID: enterprise,
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		d.must(err)
		_, err = d.SignIn(t.Context(), "contact-0007", "", "192.0.2.1")
		d.want(err, ticket.CodeUnauthenticated)
	})
}

func TestAssignmentRules(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		for _, c := range []struct {
			name string
			in   service.NewAssignment
			want []string
		}{
			{"everything missing", service.NewAssignment{}, []string{"/kind", "/target_id", "/user_id"}},
			{"nobody, nothing", service.NewAssignment{Kind: directory.ManagerOf, UserID: "x", TargetID: "x"}, []string{"/part", "/target_id", "/user_id"}},
			{"an enterprise's contact", service.NewAssignment{Kind: directory.ManagerOf, UserID: d.id("contact"), TargetID: enterprise, Part: "guide"}, []string{"/user_id"}},
			{"an admin", service.NewAssignment{Kind: directory.TeamOf, UserID: d.id("admin"), TargetID: d.project}, []string{"/user_id"}},
			{"twice", service.NewAssignment{Kind: directory.ManagerOf, UserID: d.id("manager"), TargetID: enterprise, Part: "contact"}, []string{"/from_date"}},
			{"manager of a department", service.NewAssignment{Kind: directory.ManagerOf, UserID: d.id("officer"), TargetID: bureau, Part: "guide"}, []string{"/target_id"}},
			{"staff of a bureau", service.NewAssignment{Kind: directory.StaffOf, UserID: d.id("officer"), TargetID: bureau}, []string{"/target_id"}},
			{"team of an enterprise", service.NewAssignment{Kind: directory.TeamOf, UserID: d.id("officer"), TargetID: enterprise}, []string{"/target_id"}},
			{"deputy elsewhere", service.NewAssignment{Kind: directory.DeputyOf, UserID: d.id("officer"), TargetID: other}, []string{"/user_id"}},
			{"the head as deputy", service.NewAssignment{Kind: directory.DeputyOf, UserID: d.id("head"), TargetID: bureau}, []string{"/user_id"}},
			{"backwards", service.NewAssignment{Kind: directory.StaffOf, UserID: d.id("officer"), TargetID: d.station, Part: directory.EnterpriseSteward, FromDate: new(date("2023-11-02")), ToDate: new(date("2023-11-01"))}, []string{"/to_date"}},
			{"a part of quality stations", service.NewAssignment{Kind: directory.StaffOf, UserID: d.id("officer"), TargetID: d.station, Part: directory.QualitySteward}, []string{"/part"}},
			{"no part at a station", service.NewAssignment{Kind: directory.StaffOf, UserID: d.id("officer"), TargetID: d.station}, []string{"/part"}},
		} {
			_, err := d.CreateAssignment(t.Context(), ticket.System, c.in)
			if got := faultsAt(err); !slices.Equal(got, c.want) {
				t.Errorf("%s: faults at %v, want %v (%v)", c.name, got, c.want, err)
			}
		}
		rows, err := d.Assignments(t.Context(), ticket.System, service.AssignmentFilter{Retired: true})
		d.must(err)
		if len(rows) != 1 {
			t.Errorf("%d assignments, want the one of the start", len(rows))
		}
	})
}

// Who may assign what, written by hand.
func TestAssignmentPermissions(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		deputy := d.assign(service.NewAssignment{Kind: directory.DeputyOf, UserID: d.id("colleague"), TargetID: bureau, ToDate: new(date("2023-11-30"))})
		const ok, no, unseen = ticket.Code(""), ticket.CodeForbidden, ticket.CodeNotFound
		for _, c := range []struct {
			actor                                 string
			manager, station, team, own, notOwn   ticket.Code
			lengthenManager, lengthenDeputyOfHead ticket.Code
		}{
			{"admin", ok, ok, ok, ok, ok, ok, ok},
			{"desk", ok, ok, no, no, no, ok, no},
			{"head", no, no, no, ok, no, unseen, ok},
			{"colleague", no, no, no, no, no, unseen, no}, // a deputy names none
			{"officer", no, no, no, no, no, unseen, no},
			{"otherhead", no, no, no, no, ok, no, unseen},
			{"manager", no, no, no, no, no, no, unseen},
			{"leader", no, no, no, no, no, unseen, unseen},
			{"guest", no, no, no, no, no, unseen, unseen},
			{"contact", no, no, no, no, no, no, unseen}, // sees who looks after it
			{"neighbour", no, no, no, no, no, unseen, unseen},
		} {
			t.Run(c.actor, func(t *testing.T) {
				d := d.in(t)
				actor := d.actor(c.actor)
				day := new(date("2024-02-01"))
				for _, try := range []struct {
					kind               directory.AssignmentKind
					user, target, part string
					want               ticket.Code
				}{
					{directory.ManagerOf, "officer", neighbour, "guide", c.manager},
					{directory.StaffOf, "officer", d.station, directory.MarketOfficer, c.station},
					{directory.TeamOf, "officer", d.project, "", c.team},
					{directory.DeputyOf, "officer", bureau, "", c.own},
					{directory.DeputyOf, "manager", other, "", c.notOwn},
				} {
					made, err := d.CreateAssignment(t.Context(), actor, service.NewAssignment{
						Kind: try.kind, UserID: d.id(try.user), TargetID: try.target, Part: try.part, FromDate: day, ToDate: day,
					})
					d.want(err, try.want)
					if try.want == ok {
						d.want(d.RetireAssignment(t.Context(), actor, made.ID), ok)
						d.want(d.RetireAssignment(t.Context(), actor, made.ID), ok) // again: nothing
						_, err := d.ChangeAssignment(t.Context(), actor, made.ID, day)
						d.want(err, ticket.CodeConflict)
					}
				}
				managers, err := d.Assignments(t.Context(), ticket.System, service.AssignmentFilter{Kind: directory.ManagerOf})
				d.must(err)
				_, err = d.ChangeAssignment(t.Context(), actor, managers[0].ID, new(date("2024-12-31")))
				d.want(err, c.lengthenManager)
				_, err = d.ChangeAssignment(t.Context(), actor, deputy.ID, new(date("2023-12-31")))
				d.want(err, c.lengthenDeputyOfHead)
			})
		}
		_, err := d.CreateAssignment(t.Context(), d.actor("head"), service.NewAssignment{Kind: directory.DeputyOf, UserID: d.id("officer"), TargetID: bureau})
		if got := faultsAt(err); !slices.Equal(got, []string{"/to_date"}) {
			t.Errorf("a deputy for good: faults at %v", got)
		}
	})
}

func TestAssignmentsHoldOnTheirDays(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx := t.Context()
		d.password("officer")
		session := d.signIn("officer", "192.0.2.1")
		d.assign(service.NewAssignment{Kind: directory.DeputyOf, UserID: d.id("officer"), TargetID: bureau, FromDate: new(date("2023-11-02")), ToDate: new(date("2023-11-03"))})
		for _, c := range []struct {
			day   int
			heads bool
		}{{1, false}, {2, true}, {3, true}, {4, false}} {
			// The day is that of the ticket clock, whatever year the wall shows.
			d.clock.Set(on("2023-11-01 08:30").AddDate(0, 0, c.day-1))
			actor, err := d.Authenticate(ctx, session)
			d.must(err)
			me, err := d.Me(ctx, actor)
			d.must(err)
			if actor.Heads() != c.heads || (len(me.Assignments) == 1) != c.heads {
				t.Errorf("on day %d heads: %v, assignments: %d", c.day, actor.Heads(), len(me.Assignments))
			}
			if me.Names.Of(bureau) != "部门1" {
				t.Errorf("the department's name is %q", me.Names.Of(bureau))
			}
		}
	})
}
