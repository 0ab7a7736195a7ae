package service_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// differences are an entry's changes, a line each.
func differences(v service.AuditView) []string {
	var lines []string
	for _, c := range v.Changes {
		lines = append(lines, fmt.Sprintf("%s: %v > %v", c.Field, c.Before, c.After))
	}
	return lines
}

func TestChangesFieldByField(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx, admin := t.Context(), d.actor("admin")
		chips, err := d.Chains().Create(ctx, admin, directory.Chain{Code: "chips", Name: "集成电路"})
		d.must(err)
		farm, err := d.Chains().Create(ctx, admin, directory.Chain{Code: "farm", Name: "现代农业"})
		d.must(err)
		e, err := d.Enterprises().Create(ctx, admin, directory.Enterprise{Name: "甲公司", Kind: directory.Company, Chains: []string{chips.ID}, Tags: []string{"规上", "龙头"}})
		d.must(err)
		_, err = d.Enterprises().Change(ctx, admin, e.ID, func(e *directory.Enterprise) error {
			e.Name, e.Contact, e.Chains, e.Tags = "甲集团", "王经理", []string{farm.ID}, []string{"龙头", "规上", "专精特新"}
			return nil
		})
		d.must(err)
		d.must(d.Enterprises().Retire(ctx, admin, e.ID))
		_, err = d.Enterprises().Restore(ctx, admin, e.ID)
		d.must(err)

		log, err := d.AuditLog(ctx, admin, service.AuditFilter{Subject: "enterprise", SubjectID: e.ID})
		d.must(err)
		var actions []string
		for _, entry := range log {
			actions = append(actions, entry.Action+" "+entry.About)
			if entry.Names.Of(entry.ActorID) != "ADMIN" {
				t.Errorf("by %s", entry.Names.Of(entry.ActorID))
			}
		}
		if want := []string{"restore 甲集团", "retire 甲集团", "change 甲集团", "create 甲公司"}; !slices.Equal(actions, want) {
			t.Fatalf("audited %q, want %q", actions, want)
		}
		if got, want := differences(log[2]), []string{"name: [甲公司] > [甲集团]", "chains: [集成电路] > [现代农业]", "tags: [] > [专精特新]", "contact: [] > [王经理]"}; !slices.Equal(got, want) {
			t.Errorf("changed %q, want %q", got, want)
		}
		if got, want := differences(log[3]), []string{"name: [] > [甲公司]", "kind: [] > [company]", "chains: [] > [集成电路]", "tags: [] > [规上 龙头]"}; !slices.Equal(got, want) {
			t.Errorf("created %q, want %q", got, want)
		}
		for i, want := range []string{"retired_at: [2", "retired_at: [] > [2"} {
			if got := differences(log[i]); len(got) != 1 || !strings.HasPrefix(got[0], want) {
				t.Errorf("%s: %q", log[i].Action, got)
			}
		}

		// Of a list with entries of their own what came and went.
		days := []worktime.Day{off("2031-01-01"), off("2031-01-02")}
		_, err = d.ImportCalendar(ctx, admin, days, "")
		d.must(err)
		_, err = d.ImportCalendar(ctx, admin, append(days[:1:1], work("2031-01-04")), "国办发明电")
		d.must(err)
		log, err = d.AuditLog(ctx, admin, service.AuditFilter{Subject: "calendar", Action: "change", Limit: 1})
		d.must(err)
		want := []string{
			"version: [2] > [3]", "note: [] > [国办发明电]",
			"days: [date 2031-01-02, kind off, name 测试] > [date 2031-01-04, kind work, name 测试]",
		}
		got := differences(log[0])
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("the calendar: %q, want %q", got, want)
		}
	})
}

// Every change that an administrator can make is in the log, with what was and
// what is, and nothing that is secret.
func TestEveryChangeIsAudited(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx, admin := t.Context(), d.actor("admin")
		phone := "025-1"
		tomorrow := worktime.DateOf(d.clock.Now().In(beijing)).AddDays(1)
		var link *service.Link
		for _, c := range []struct {
			name   string
			do     func() error
			action string // of the newest entry, with its subject
			before bool   // whether it says how it was
		}{
			{"a user", func() error {
				_, err := d.CreateUser(ctx, admin, service.NewUser{Username: "new", Name: "新", Role: ticket.RoleGuest})
				return err
			}, "create user", false},
			{"a user's phone", func() error {
				_, err := d.ChangeUser(ctx, admin, d.id("guest"), service.UserChange{Phone: &phone})
				return err
			}, "change user", true},
			{"a user retired", func() error { return d.RetireUser(ctx, admin, d.id("guest")) }, "retire user", true},
			{"and restored", func() error { _, err := d.RestoreUser(ctx, admin, d.id("guest")); return err }, "restore user", false},
			{"a place", func() error {
				_, err := d.Places().Create(ctx, admin, directory.Place{Code: "p", Name: "桥头镇"})
				return err
			}, "create place", false},
			{"a chain", func() error {
				_, err := d.Chains().Create(ctx, admin, directory.Chain{Code: "c", Name: "芯片"})
				return err
			}, "create chain", false},
			{"a category", func() error {
				_, err := d.Categories().Create(ctx, admin, directory.Category{Code: "c", Name: "其他"})
				return err
			}, "create category", false},
			{"a reason", func() error {
				_, err := d.Reasons().Create(ctx, admin, directory.Reason{Kind: "reject", Code: "c", Name: "不归我们管"})
				return err
			}, "create reason", false},
			{"a department changed", func() error {
				_, err := d.Departments().Change(ctx, admin, bureau, func(e *directory.Department) error { e.Name = "新名字"; return nil })
				return err
			}, "change department", true},
			{"a duty", func() error {
				_, err := d.Duties().Create(ctx, admin, directory.Duty{Category: "labour", DepartmentID: bureau})
				return err
			}, "create duty", false},
			{"an assignment", func() error {
				_, err := d.CreateAssignment(ctx, admin, service.NewAssignment{Kind: directory.DeputyOf, UserID: d.id("officer"), TargetID: bureau, ToDate: &tomorrow})
				return err
			}, "create assignment", false},
			{"a policy", func() error {
				_, err := d.CreatePolicy(ctx, admin, service.NewPolicy{Name: "2024", Rules: ticket.DefaultRules()})
				return err
			}, "create policy", false},
			{"the calendar", func() error {
				_, err := d.ImportCalendar(ctx, admin, []worktime.Day{off("2031-01-01")}, "")
				return err
			}, "change calendar", true},
			{"an invitation", func() error {
				made, err := d.Invite(ctx, admin, service.NewInvitations{EnterpriseIDs: []string{enterprise}})
				if err == nil {
					link = made[0].Link
				}
				return err
			}, "create link", false},
			{"revoked", func() error { return d.RevokeInvitation(ctx, admin, link.ID) }, "retire link", true},
			{"a password", func() error { return d.SetPassword(ctx, ticket.System, d.id("officer"), goodPassword) }, "change user", false},
			{"an import", func() error {
				d.importText(t, service.ImportDepartments, "编码,名称\nx1,局一\n", service.ImportOptions{})
				return nil
			}, "import import", false},
		} {
			d.clock.Advance(time.Minute)
			d.must(c.do())
			log, err := d.AuditLog(ctx, admin, service.AuditFilter{From: d.clock.Now(), Limit: 1})
			d.must(err)
			if len(log) != 1 {
				t.Errorf("%s is not audited", c.name)
				continue
			}
			newest := log[0]
			if got := newest.Action + " " + newest.Subject; got != c.action || c.before != (newest.Before != "") || len(newest.Changes) == 0 {
				t.Errorf("%s: audited as %s, before %q, changes %q; want %s", c.name, got, newest.Before, differences(newest), c.action)
			}
			if !slices.Contains(service.AuditActions, newest.Action) {
				t.Errorf("%s is not listed among the actions", newest.Action)
			}
		}
		if text := d.auditText(); strings.Contains(text, "wsl_") || strings.Contains(text, "argon2") || strings.Contains(text, goodPassword) {
			t.Error("the audit log holds a secret")
		}
		for filter, want := range map[service.AuditFilter]int{
			{Action: "restore"}: 1, {Subject: "user", Action: "retire"}: 1, {ActorID: admin.ID, Subject: "place"}: 1,
			{ActorID: d.id("desk")}: 0, {Before: on("2020-01-01 00:00")}: 0,
		} {
			if log, err := d.AuditLog(ctx, admin, filter); err != nil || len(log) != want {
				t.Errorf("%+v: %d entries, %v; want %d", filter, len(log), err, want)
			}
		}
	})
}

// Of two who edit the same thing, the second is told what the first did.
func TestTheSecondOfTwoIsTold(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx, admin := t.Context(), d.actor("admin")
		second, err := d.CreateUser(ctx, ticket.System, service.NewUser{Username: "second", Name: "管理员二", Role: ticket.RoleAdmin})
		d.must(err)
		other := ticket.Actor{ID: second.ID, Role: ticket.RoleAdmin}
		want := func(what string, err error, by string, lines ...string) {
			t.Helper()
			var stale *service.Stale
			if !errors.As(err, &stale) {
				t.Fatalf("%s: %v", what, err)
			}
			d.want(err, ticket.CodeStale)
			var got []string
			for _, change := range stale.Changes {
				got = append(got, differences(change)...)
			}
			if !strings.Contains(err.Error(), by) || !slices.Equal(got, lines) {
				t.Errorf("%s: %v, changed %q; want %q by %s", what, err, got, lines, by)
			}
		}

		// An entry. The clock stands still.
		seen, err := d.Departments().Get(ctx, admin, bureau)
		d.must(err)
		rename := func(actor ticket.Actor, at time.Time, name string) error {
			_, err := d.Departments().ChangeSeen(ctx, actor, bureau, at, func(e *directory.Department) error { e.Name = name; return nil })
			return err
		}
		d.must(rename(admin, seen.UpdatedAt, "人社局"))
		want("a department", rename(other, seen.UpdatedAt, "人力局"), "ADMIN", "name: [部门1] > [人社局]")
		between, err := d.Departments().Get(ctx, admin, bureau)
		d.must(err)
		d.must(rename(other, between.UpdatedAt, "人力局"))
		want("once more", rename(admin, between.UpdatedAt, "人才局"), "管理员二", "name: [人社局] > [人力局]")
		want("from the first on", rename(admin, seen.UpdatedAt, "人才局"), "管理员二", "name: [人社局] > [人力局]", "name: [部门1] > [人社局]")
		d.must(rename(admin, time.Time{}, "人才局")) // who does not say what they saw

		// One that was just made is as its maker saw it.
		place, err := d.Places().Create(ctx, admin, directory.Place{Code: "p", Name: "镇"})
		d.must(err)
		_, err = d.Places().ChangeSeen(ctx, admin, place.ID, place.UpdatedAt, func(p *directory.Place) error { p.Name = "桥头镇"; return nil })
		d.must(err)
		d.must(d.Places().Retire(ctx, other, place.ID))
		_, err = d.Places().ChangeSeen(ctx, admin, place.ID, place.UpdatedAt, func(p *directory.Place) error { p.Name = "城关镇"; return nil })
		var stale *service.Stale
		if !errors.As(err, &stale) || len(stale.Changes) != 2 || stale.Changes[0].Action != "retire" {
			t.Errorf("a retired one: %v", err)
		}

		// An account.
		user, err := d.User(ctx, admin, d.id("officer"))
		d.must(err)
		phone, name := "025-1", "张三"
		changed, err := d.ChangeUserSeen(ctx, admin, user.ID, user.UpdatedAt, service.UserChange{Phone: &phone})
		d.must(err)
		_, err = d.ChangeUserSeen(ctx, other, user.ID, user.UpdatedAt, service.UserChange{Name: &name})
		want("an account", err, "ADMIN", "phone: [] > [025-1]")
		_, err = d.ChangeUserSeen(ctx, other, user.ID, changed.UpdatedAt, service.UserChange{Name: &name})
		d.must(err)
		_, err = d.ChangeUserSeen(ctx, d.actor("leader"), user.ID, user.UpdatedAt, service.UserChange{Name: &name})
		d.want(err, ticket.CodeNotFound) // which tells nothing

		// A year of the calendar; another year is another matter.
		replace := func(actor ticket.Actor, year int, day string, seen int) error {
			_, err := d.ReplaceCalendarYear(ctx, actor, year, []worktime.Day{off(day)}, "", seen, false)
			return err
		}
		view, err := d.CalendarYear(ctx, 2031)
		d.must(err)
		d.must(replace(admin, 2031, "2031-01-01", view.Version))
		d.must(replace(other, 2032, "2032-01-01", view.Version))
		d.want(replace(other, 2031, "2031-01-02", view.Version), ticket.CodeStale)
		if err := replace(other, 2031, "2031-01-02", view.Version); !errors.As(err, &stale) || len(stale.Changes) != 2 {
			t.Errorf("the calendar: %v", err)
		}
		if got := faultsAt(replace(admin, 2031, "2032-01-02", 0)); !slices.Equal(got, []string{"/days/0/date"}) {
			t.Errorf("a day of another year: %v", got)
		}
		d.want(replace(d.actor("desk"), 2031, "2031-01-03", 0), ticket.CodeForbidden)
	})
}

func TestRetiredOnesComeBack(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx, admin := t.Context(), d.actor("admin")
		town, err := d.Places().Create(ctx, admin, directory.Place{Code: "t", Name: "镇"})
		d.must(err)
		village, err := d.Places().Create(ctx, admin, directory.Place{Code: "v", Name: "村", ParentID: town.ID})
		d.must(err)
		d.must(d.Places().Retire(ctx, admin, village.ID))
		d.must(d.Places().Retire(ctx, admin, town.ID))
		_, err = d.Places().Restore(ctx, admin, village.ID)
		if got := faultsAt(err); !slices.Equal(got, []string{"/parent_id"}) {
			t.Errorf("a village of a town that is retired: %v", err)
		}
		d.want(second(d.Places().Restore(ctx, d.actor("desk"), town.ID)), ticket.CodeForbidden)
		for range 2 { // again does nothing
			back, err := d.Places().Restore(ctx, admin, town.ID)
			d.must(err)
			if back.Retired() {
				t.Error("it is still retired")
			}
		}
		_, err = d.Places().Restore(ctx, admin, village.ID)
		d.must(err)
		active, err := d.Places().List(ctx, admin, service.EntryFilter{All: true, Active: true})
		d.must(err)
		if len(active) != 2 {
			t.Errorf("in service: %+v", active)
		}
		d.want(second(d.Enterprises().Restore(ctx, d.actor("desk"), enterprise)), ticket.CodeForbidden)

		// An account comes back without its password.
		d.password("officer")
		session := d.signIn("officer", home)
		d.must(d.RetireUser(ctx, admin, d.id("officer")))
		d.want(second(d.RestoreUser(ctx, d.actor("head"), d.id("officer"))), ticket.CodeForbidden)
		back, err := d.RestoreUser(ctx, admin, d.id("officer"))
		d.must(err)
		if back.Retired() || back.PasswordHash != "" {
			t.Errorf("restored %+v", back)
		}
		d.want(second(d.SignIn(ctx, "officer", goodPassword, home)), ticket.CodeUnauthenticated)
		d.want(second(d.Authenticate(ctx, session)), ticket.CodeUnauthenticated)
		link, err := d.MakeLink(ctx, admin, d.id("officer"), directory.InvitationLink)
		d.must(err)
		_, err = d.UseLink(ctx, link.Token, goodPassword, home)
		d.must(err)

		// But not into what is retired itself.
		d.must(d.RetireUser(ctx, admin, d.id("neighbour")))
		d.must(d.Enterprises().Retire(ctx, admin, neighbour))
		_, err = d.RestoreUser(ctx, admin, d.id("neighbour"))
		if got := faultsAt(err); !slices.Equal(got, []string{"/enterprise_id"}) {
			t.Errorf("the contact of an enterprise that is retired: %v", err)
		}
	})
}

// second is the error beside a value.
func second[T any](_ T, err error) error { return err }

func TestWhatAnAdminPageShows(t *testing.T) {
	staffedOnBoth(t, func(t *testing.T, d *staffed) {
		ctx, admin := t.Context(), d.actor("admin")
		duty, err := d.Duties().Create(ctx, admin, directory.Duty{Category: "labour", DepartmentID: bureau})
		d.must(err)
		names, err := d.Duties().Names(ctx, duty)
		d.must(err)
		if names.Of(duty.DepartmentID) != "部门1" || names.Of(duty.Category) != "用工" {
			t.Errorf("the duty is of %q for %q", names.Of(duty.DepartmentID), names.Of(duty.Category))
		}
		// A department that nothing is dispatched to is in service all the same.
		_, err = d.Departments().Create(ctx, admin, directory.Department{Code: "quiet", Name: "机关", Kind: directory.Bureau})
		d.must(err)
		d.must(d.Departments().Retire(ctx, admin, "d3"))
		count := func(f service.EntryFilter) int {
			t.Helper()
			list, err := d.Departments().List(ctx, admin, f)
			d.must(err)
			return len(list)
		}
		// d1, d2, d3, the station and the quiet one.
		if short, active, all := count(service.EntryFilter{}), count(service.EntryFilter{All: true, Active: true}), count(service.EntryFilter{All: true}); short != 2 || active != 4 || all != 5 {
			t.Errorf("%d in the short list, %d in service, %d in all", short, active, all)
		}

		d.password("officer")
		d.password("contact")
		for _, name := range []string{"officer", "contact"} {
			_, err := d.Authenticate(ctx, d.signIn(name, home))
			d.must(err)
			d.wall.Advance(time.Hour)
		}
		users, err := d.Users(ctx, admin, service.UserFilter{})
		d.must(err)
		last, err := d.LastUse(ctx, admin, users)
		d.must(err)
		if len(last) != 2 || !last[d.id("officer")].Equal(d.wall.Now().Add(-2*time.Hour)) || !last[d.id("contact")].Equal(d.wall.Now().Add(-time.Hour)) {
			t.Errorf("last uses %v", last)
		}
		if last, err = d.LastUse(ctx, d.actor("desk"), users); err != nil || len(last) != 1 {
			t.Errorf("the desk is told %v, %v", last, err)
		}
	})
}
