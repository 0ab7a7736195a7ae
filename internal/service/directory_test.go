package service_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

var (
	theAdmin = ticket.Actor{ID: "admin", Role: ticket.RoleAdmin}
	theGuest = ticket.Actor{ID: "guest", Role: ticket.RoleGuest}
)

// take gives the value, and fails the test on an error.
func take[T any](tb testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// refused fails the test unless the error has the code and faults at exactly
// these places.
func refused(tb testing.TB, err error, code ticket.Code, pointers ...string) {
	tb.Helper()
	var known *ticket.Error
	if !errors.As(err, &known) {
		tb.Fatalf("want %s at %v, got %v", code, pointers, err)
	}
	got := make([]string, 0, len(known.Fields))
	for _, f := range known.Fields {
		got = append(got, f.Pointer)
	}
	slices.Sort(got)
	slices.Sort(pointers)
	if known.Code != code || !slices.Equal(got, pointers) {
		tb.Errorf("want %s at %v, got %s: %v", code, pointers, known.Code, known)
	}
}

// settled is a district with one entry of each kind beside its own.
type settled struct {
	*district
	place      directory.Place
	chain      directory.Chain
	bureau     directory.Department
	town       directory.Department
	enterprise directory.Enterprise
	project    directory.Project
}

func settledOnBoth(t *testing.T, test func(t *testing.T, d settled)) {
	onBoth(t, func(t *testing.T, empty *district) {
		ctx, d := t.Context(), settled{district: empty}
		d.place = take[directory.Place](t)(d.Places().Create(ctx, theAdmin, directory.Place{Code: "taishan", Name: "泰山街道"}))
		d.chain = take[directory.Chain](t)(d.Chains().Create(ctx, theAdmin, directory.Chain{Code: "chip", Name: "集成电路"}))
		d.bureau = take[directory.Department](t)(d.Departments().Create(ctx, theAdmin, directory.Department{Code: "hr", Name: "人社局", Kind: directory.Bureau, Dispatchable: true, Summonable: true}))
		d.town = take[directory.Department](t)(d.Departments().Create(ctx, theAdmin, directory.Department{Code: "taishan", Name: "泰山街道办", Kind: directory.Town, Summonable: true}))
		d.enterprise = take[directory.Enterprise](t)(d.Enterprises().Create(ctx, theDesk, directory.Enterprise{
			Name: "甲公司", Kind: directory.Company, CreditCode: "91440300708461136t", PlaceID: d.place.ID, Chains: []string{d.chain.ID}, Tags: []string{"规上"}, Contact: "王女士", Phone: "025-1",
		}))
		d.project = take[directory.Project](t)(d.Projects().Create(ctx, theAdmin, directory.Project{Code: "P1", Name: "一期", EnterpriseID: d.enterprise.ID}))
		test(t, d)
	})
}

// TestEntries drives every kind through its life: made, read, changed, listed
// page by page, found, retired, with each change in the audit log.
func TestEntries(t *testing.T) {
	settledOnBoth(t, func(t *testing.T, d settled) {
		n := 0
		serial := func() string { n++; return fmt.Sprintf("c%03d", n) }
		live(t, d, "place", "/code", d.Places(), func() directory.Place { return directory.Place{Code: serial(), Name: "某镇", ParentID: d.place.ID} }, func(p *directory.Place) *string { return &p.Name })
		live(t, d, "chain", "/code", d.Chains(), func() directory.Chain { return directory.Chain{Code: serial(), Name: "某链"} }, func(p *directory.Chain) *string { return &p.Name })
		live(t, d, "category", "/code", d.Categories(), func() directory.Category { return directory.Category{Code: serial(), Name: "某类", Position: 200} }, func(p *directory.Category) *string { return &p.Name })
		live(t, d, "reason", "/code", d.Reasons(), func() directory.Reason {
			return directory.Reason{Kind: ticket.RejectReason, Code: serial(), Name: "某因"}
		}, func(p *directory.Reason) *string { return &p.Name })
		live(t, d, "department", "/code", d.Departments(), func() directory.Department {
			return directory.Department{Code: serial(), Name: "某局", Kind: directory.Bureau, Dispatchable: true, ParentID: d.bureau.ID}
		}, func(p *directory.Department) *string { return &p.Name })
		live(t, d, "enterprise", "/external_number", d.Enterprises(), func() directory.Enterprise {
			return directory.Enterprise{Name: "某公司", Kind: directory.Grower, ExternalNumber: serial()}
		}, func(p *directory.Enterprise) *string { return &p.Contact })
		live(t, d, "project", "/code", d.Projects(), func() directory.Project {
			return directory.Project{Code: serial(), Name: "某项目", EnterpriseID: d.enterprise.ID}
		}, func(p *directory.Project) *string { return &p.Name })
		codes := []string{"labour", "land", "talent"}
		live(t, d, "duty", "/department_id", d.Duties(), func() directory.Duty {
			codes = append(codes[1:], codes[0])
			return directory.Duty{Category: codes[0], DepartmentID: d.bureau.ID, Basis: "三定方案"}
		}, func(p *directory.Duty) *string { return &p.Basis })
	})
}

func live[T any, P directory.Entry[T]](t *testing.T, d settled, subject, unique string, e service.Entries[T, P], next func() T, text func(P) *string) {
	t.Helper()
	ctx := t.Context()
	before := take[[]T](t)(e.List(ctx, theAdmin, service.EntryFilter{}))
	made := make([]string, 3)
	for i := range made {
		entry := take[T](t)(e.Create(ctx, theAdmin, next()))
		id, stamp := P(&entry).Refs()
		if *id == "" || !stamp.CreatedAt.Equal(d.Now()) || stamp.Retired() {
			t.Fatalf("%s: made as %+v", subject, entry)
		}
		made[i] = *id
	}
	first := take[T](t)(e.Get(ctx, theAdmin, made[0]))
	_, err := e.Create(ctx, theAdmin, first)
	refused(t, err, ticket.CodeInvalidValue, unique)
	changed := take[T](t)(e.Change(ctx, theAdmin, made[0], func(entry *T) error {
		*text(entry) = "  改名 "
		id, stamp := P(entry).Refs()
		*id, *stamp = "other", directory.Stamp{} // not to be changed
		return nil
	}))
	read := take[T](t)(e.Get(ctx, theAdmin, made[0]))
	if id, stamp := P(&changed).Refs(); *text(&changed) != "改名" || *text(&read) != "改名" || *id != made[0] || stamp.CreatedAt.IsZero() {
		t.Errorf("%s: changed to %+v, read as %+v", subject, changed, read)
	}
	take[T](t)(e.Change(ctx, theAdmin, made[0], func(*T) error { return nil }))

	// Page by page, each once, in one order.
	all := take[[]T](t)(e.List(ctx, theAdmin, service.EntryFilter{}))
	if len(all) != len(before)+len(made) {
		t.Errorf("%s: %d listed, want %d", subject, len(all), len(before)+len(made))
	}
	last := ""
	for i := range all {
		page := take[[]T](t)(e.List(ctx, theAdmin, service.EntryFilter{After: last, Limit: 1}))
		id, _ := P(&all[i]).Refs()
		if len(page) != 1 {
			t.Fatalf("%s: page %d has %d", subject, i, len(page))
		}
		if got, _ := P(&page[0]).Refs(); *got != *id {
			t.Fatalf("%s: page %d is another than in the whole list", subject, i)
		}
		last = *id
	}
	if page := take[[]T](t)(e.List(ctx, theAdmin, service.EntryFilter{After: last, Limit: 1})); len(page) != 0 {
		t.Errorf("%s: something after the last", subject)
	}

	for range 2 { // the second time does nothing
		if err := e.Retire(ctx, theAdmin, made[1]); err != nil {
			t.Fatal(err)
		}
	}
	has := func(f service.EntryFilter) bool {
		return slices.ContainsFunc(take[[]T](t)(e.List(ctx, theAdmin, f)), func(entry T) bool {
			id, _ := P(&entry).Refs()
			return *id == made[1]
		})
	}
	if has(service.EntryFilter{}) || !has(service.EntryFilter{All: true}) {
		t.Errorf("%s: the retired one must show with all alone", subject)
	}
	_, err = e.Change(ctx, theAdmin, made[1], func(entry *T) error { *text(entry) = "再改"; return nil })
	refused(t, err, ticket.CodeConflict)
	for _, id := range []string{"", "nobody"} {
		_, err = e.Get(ctx, theAdmin, id)
		refused(t, err, ticket.CodeNotFound)
		refused(t, e.Retire(ctx, theAdmin, id), ticket.CodeNotFound)
	}

	audit := func(id string) (actions []string, entries []service.AuditView) {
		entries, err := d.AuditLog(ctx, theAdmin, service.AuditFilter{Subject: subject, SubjectID: id})
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			actions = append(actions, entry.Action)
		}
		slices.Sort(actions)
		return actions, entries
	}
	if actions, entries := audit(made[0]); !slices.Equal(actions, []string{"change", "create"}) {
		t.Errorf("%s: audited %v", subject, actions)
	} else {
		for _, entry := range entries {
			if entry.Action == "change" && (!strings.Contains(entry.After, "改名") || strings.Contains(entry.Before, "改名") || !json.Valid([]byte(entry.Before))) {
				t.Errorf("%s: change audited from %s to %s", subject, entry.Before, entry.After)
			}
		}
	}
	if actions, _ := audit(made[1]); !slices.Equal(actions, []string{"create", "retire"}) {
		t.Errorf("%s: audited %v", subject, actions)
	}
}

// TestEntryRights holds who may do what with each kind against a table.
func TestEntryRights(t *testing.T) {
	settledOnBoth(t, func(t *testing.T, d settled) {
		other := take[directory.Enterprise](t)(d.Enterprises().Create(t.Context(), theDesk, directory.Enterprise{Name: "乙公司", Kind: directory.Company, Contact: "李先生", Phone: "025-2"}))
		take[directory.Project](t)(d.Projects().Create(t.Context(), theAdmin, directory.Project{Code: "P2", Name: "二期", EnterpriseID: other.ID}))

		own := ticket.Actor{ID: "own", Role: ticket.RoleEnterprise, EnterpriseID: d.enterprise.ID}
		officer := ticket.Actor{ID: "officer", Role: ticket.RoleOfficer, DepartmentID: d.bureau.ID}
		head := ticket.Actor{ID: "head", Role: ticket.RoleHead, DepartmentID: d.bureau.ID}
		manager := ticket.Actor{ID: "manager", Role: ticket.RoleGuest, Manages: []string{d.enterprise.ID}}
		team := ticket.Actor{ID: "team", Role: ticket.RoleGuest, Teams: []string{d.project.ID}}
		for _, c := range []struct {
			actor                         ticket.Actor
			enterprises, phones, projects int  // three enterprises are there without a phone
			keeps, keepsEnterprises       bool // creates and changes
			retires                       bool
		}{
			{theAdmin, 5, 2, 2, true, true, true},
			{ticket.System, 5, 2, 2, true, true, true},
			{theDesk, 5, 2, 2, false, true, false},
			{theLeader, 5, 2, 2, false, false, false},
			{officer, 5, 2, 2, false, false, false},
			{head, 5, 2, 2, false, false, false},
			{own, 1, 1, 1, false, false, false},
			{manager, 1, 1, 1, false, false, false},
			{team, 0, 0, 1, false, false, false},
			{theGuest, 0, 0, 0, false, false, false},
		} {
			ctx, who := t.Context(), c.actor.ID
			expect := func(what string, got, want int) {
				t.Helper()
				if got != want {
					t.Errorf("%s reads %d %s, want %d", who, got, what, want)
				}
			}
			expect("departments", len(take[[]directory.Department](t)(d.Departments().List(ctx, c.actor, service.EntryFilter{}))), 5)
			expect("categories", len(take[[]directory.Category](t)(d.Categories().List(ctx, c.actor, service.EntryFilter{}))), len(directory.Categories()))
			expect("reasons", len(take[[]directory.Reason](t)(d.Reasons().List(ctx, c.actor, service.EntryFilter{}))), len(directory.Reasons()))
			expect("places", len(take[[]directory.Place](t)(d.Places().List(ctx, c.actor, service.EntryFilter{}))), 1)
			expect("chains", len(take[[]directory.Chain](t)(d.Chains().List(ctx, c.actor, service.EntryFilter{}))), 1)
			expect("projects", len(take[[]directory.Project](t)(d.Projects().List(ctx, c.actor, service.EntryFilter{}))), c.projects)
			enterprises := take[[]directory.Enterprise](t)(d.Enterprises().List(ctx, c.actor, service.EntryFilter{}))
			expect("enterprises", len(enterprises), c.enterprises)
			phones := 0
			for _, e := range enterprises {
				if e.Phone != "" && e.Contact != "" {
					phones++
				}
			}
			expect("phones", phones, c.phones)
			_, err := d.Enterprises().Get(ctx, c.actor, other.ID)
			if c.enterprises < 5 {
				refused(t, err, ticket.CodeNotFound)
			} else if err != nil {
				t.Error(err)
			}

			may := func(what string, err error, may bool) {
				t.Helper()
				var known *ticket.Error
				switch {
				case may && err != nil:
					t.Errorf("%s may not %s: %v", who, what, err)
				case !may && (!errors.As(err, &known) || known.Code != ticket.CodeForbidden):
					t.Errorf("%s may %s: %v", who, what, err)
				}
			}
			_, err = d.Places().Create(ctx, c.actor, directory.Place{Code: who, Name: who})
			may("create a place", err, c.keeps)
			_, err = d.Places().Change(ctx, c.actor, d.place.ID, func(place *directory.Place) error { place.Name = who; return nil })
			may("change a place", err, c.keeps)
			_, err = d.Chains().Create(ctx, c.actor, directory.Chain{Code: who, Name: who})
			may("create a chain", err, c.keepsEnterprises) // the desk plans for chains, too
			_, err = d.Chains().Change(ctx, c.actor, d.chain.ID, func(chain *directory.Chain) error { chain.Name = who; return nil })
			may("change a chain", err, c.keepsEnterprises)
			made, err := d.Enterprises().Create(ctx, c.actor, directory.Enterprise{Name: who, Kind: directory.Company})
			may("create an enterprise", err, c.keepsEnterprises)
			if c.enterprises > 0 {
				_, err = d.Enterprises().Change(ctx, c.actor, d.enterprise.ID, func(e *directory.Enterprise) error { e.Phone += "1"; return nil })
				may("change an enterprise", err, c.keepsEnterprises)
				may("retire an enterprise", d.Enterprises().Retire(ctx, c.actor, d.enterprise.ID), c.retires)
				d.exec("UPDATE enterprises SET retired_at = NULL WHERE id = '" + d.enterprise.ID + "'") // the scene again
			}
			// What was made for this row must not count in the next.
			if c.keepsEnterprises {
				retireForTest(t, d.Enterprises(), made.ID)
			}
			for _, chain := range take[[]directory.Chain](t)(d.Chains().List(ctx, theAdmin, service.EntryFilter{Code: who})) {
				retireForTest(t, d.Chains(), chain.ID)
			}
			for _, place := range take[[]directory.Place](t)(d.Places().List(ctx, theAdmin, service.EntryFilter{Code: who})) {
				retireForTest(t, d.Places(), place.ID)
			}
			_, err = d.AuditLog(ctx, c.actor, service.AuditFilter{})
			may("read the audit log", err, c.retires)
		}
	})
}

func retireForTest[T any, P directory.Entry[T]](t *testing.T, e service.Entries[T, P], id string) {
	t.Helper()
	if err := e.Retire(t.Context(), theAdmin, id); err != nil {
		t.Fatal(err)
	}
}

// TestEntryRules: every fault at once, at its field, and nothing changed.
func TestEntryRules(t *testing.T) {
	settledOnBoth(t, func(t *testing.T, d settled) {
		ctx := t.Context()
		if d.enterprise.CreditCode != "91440300708461136T" {
			t.Errorf("the credit code is kept as %s", d.enterprise.CreditCode)
		}
		_, err := d.Departments().Create(ctx, theAdmin, directory.Department{Code: " ", Name: strings.Repeat("局", 101), Kind: "club"})
		refused(t, err, ticket.CodeInvalidForm, "/code", "/name", "/kind")
		_, err = d.Departments().Create(ctx, theAdmin, directory.Department{Code: "hr", Name: "又一个", Kind: directory.Bureau, ParentID: "nowhere"})
		refused(t, err, ticket.CodeInvalidValue, "/code", "/parent_id")
		_, err = d.Enterprises().Create(ctx, theDesk, directory.Enterprise{
			Name: "丙", Kind: directory.Company, CreditCode: "91440300708461136T", PlaceID: "nowhere", Chains: []string{d.chain.ID, "none"}, Tags: []string{""},
		})
		refused(t, err, ticket.CodeInvalidValue, "/credit_code", "/place_id", "/chains/1", "/tags/0")
		_, err = d.Enterprises().Create(ctx, theDesk, directory.Enterprise{Name: "丙", Kind: directory.Company, CreditCode: "914403007084611360"})
		refused(t, err, ticket.CodeInvalidValue, "/credit_code")
		_, err = d.Duties().Create(ctx, theAdmin, directory.Duty{Category: "none", DepartmentID: "none"})
		refused(t, err, ticket.CodeInvalidValue, "/category", "/department_id")
		_, err = d.Projects().Create(ctx, theAdmin, directory.Project{Code: "P1", Name: "又一个", EnterpriseID: "none"})
		refused(t, err, ticket.CodeInvalidValue, "/code", "/enterprise_id")

		// The same reason code may stand in both lists, once in each.
		_, err = d.Reasons().Create(ctx, theAdmin, directory.Reason{Kind: ticket.ReturnReason, Code: "litigation", Name: "诉讼"})
		if err != nil {
			t.Error(err)
		}
		reasons := take[[]directory.Reason](t)(d.Reasons().List(ctx, theGuest, service.EntryFilter{Kind: "return", Code: "litigation"}))
		if len(reasons) != 1 || reasons[0].Kind != ticket.ReturnReason {
			t.Errorf("found %+v", reasons)
		}
		_, err = d.Reasons().Change(ctx, theAdmin, reasons[0].ID, func(r *directory.Reason) error { r.Code, r.Kind = "suit", ticket.RejectReason; return nil })
		refused(t, err, ticket.CodeInvalidValue, "/code", "/kind")

		// A tree without a circle.
		below := take[directory.Department](t)(d.Departments().Create(ctx, theAdmin, directory.Department{Code: "hr1", Name: "一科", Kind: directory.Bureau, ParentID: d.bureau.ID}))
		for _, parent := range []string{below.ID, d.bureau.ID} {
			_, err = d.Departments().Change(ctx, theAdmin, d.bureau.ID, func(b *directory.Department) error { b.ParentID = parent; return nil })
			refused(t, err, ticket.CodeInvalidValue, "/parent_id")
		}
		if b := take[directory.Department](t)(d.Departments().Get(ctx, theAdmin, d.bureau.ID)); b.ParentID != "" {
			t.Error("a refused change was written")
		}

		// A reference to what was retired since stays; a new one is refused.
		retireForTest(t, d.Chains(), d.chain.ID)
		retireForTest(t, d.Places(), d.place.ID)
		if _, err = d.Enterprises().Change(ctx, theDesk, d.enterprise.ID, func(e *directory.Enterprise) error { e.Phone = "025-3"; return nil }); err != nil {
			t.Error(err)
		}
		_, err = d.Enterprises().Create(ctx, theDesk, directory.Enterprise{Name: "丁", Kind: directory.Company, PlaceID: d.place.ID, Chains: []string{d.chain.ID}})
		refused(t, err, ticket.CodeInvalidValue, "/place_id", "/chains/0")

		// Found by what is natural.
		for _, f := range []service.EntryFilter{
			{Text: "甲"}, {Text: "708461136t"}, {PlaceID: d.place.ID}, {ChainID: d.chain.ID}, {CreditCode: "91440300708461136T"}, {Name: "甲公司"},
		} {
			if found := take[[]directory.Enterprise](t)(d.Enterprises().List(ctx, theDesk, f)); len(found) != 1 || found[0].ID != d.enterprise.ID {
				t.Errorf("%+v finds %d", f, len(found))
			}
		}
		if found := take[[]directory.Enterprise](t)(d.Enterprises().List(ctx, theDesk, service.EntryFilter{Text: "%"})); len(found) != 0 {
			t.Errorf("a percent sign finds %d", len(found))
		}
		// Departments: the town cannot be dispatched to, but summoned; a
		// third can be neither and shows with all alone.
		take[directory.Department](t)(d.Departments().Create(ctx, theAdmin, directory.Department{Code: "archive", Name: "档案室", Kind: directory.Bureau}))
		if short, all := take[[]directory.Department](t)(d.Departments().List(ctx, theGuest, service.EntryFilter{})), take[[]directory.Department](t)(d.Departments().List(ctx, theGuest, service.EntryFilter{All: true})); len(short) != 5 || len(all) != 7 {
			t.Errorf("%d departments listed, %d in all", len(short), len(all))
		}
	})
}

// TestRetiringWhatIsInUse: a department or an enterprise that others wait for
// stays; a category in use goes, and takes no new tickets.
func TestRetiringWhatIsInUse(t *testing.T) {
	settledOnBoth(t, func(t *testing.T, d settled) {
		ctx := t.Context()
		own := ticket.Actor{ID: "own", Role: ticket.RoleEnterprise, EnterpriseID: d.enterprise.ID}
		id := take[*ticket.Ticket](t)(d.File(ctx, own, ticket.SubmitInput{Title: "缺工", Description: "缺一百人", Category: "labour"})).ID
		refused(t, d.Enterprises().Retire(ctx, theAdmin, d.enterprise.ID), ticket.CodeConflict)
		d.fire(theDesk, id, ticket.EventAccept, nil)
		d.fire(theDesk, id, ticket.EventWhistle, ticket.WhistleInput{LeadID: d.bureau.ID, DepartmentIDs: []string{d.town.ID}, Question: "谁招工?"})
		refused(t, d.Departments().Retire(ctx, theAdmin, d.bureau.ID), ticket.CodeConflict)
		refused(t, d.Departments().Retire(ctx, theAdmin, d.town.ID), ticket.CodeConflict)
		townHead := ticket.Actor{ID: "th", Role: ticket.RoleHead, DepartmentID: d.town.ID}
		head := ticket.Actor{ID: "h", Role: ticket.RoleHead, DepartmentID: d.bureau.ID}
		d.fire(townHead, id, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "能"})
		d.fire(head, id, ticket.EventConclude, ticket.ConcludeInput{Minutes: "分工", Tasks: []ticket.NewTask{{DepartmentID: d.town.ID, Text: "办招聘会"}}})
		refused(t, d.Departments().Retire(ctx, theAdmin, d.town.ID), ticket.CodeConflict)
		d.fire(townHead, id, ticket.EventFinishTask, ticket.FinishTaskInput{TaskID: "5-1", Result: "办了"})
		if err := d.Departments().Retire(ctx, theAdmin, d.town.ID); err != nil {
			t.Errorf("it owes nothing any more: %v", err)
		}
		d.fire(head, id, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "招到了"})
		refused(t, d.Departments().Retire(ctx, theAdmin, d.bureau.ID), ticket.CodeConflict)
		d.fire(own, id, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5})
		if err := errors.Join(d.Departments().Retire(ctx, theAdmin, d.bureau.ID), d.Enterprises().Retire(ctx, theAdmin, d.enterprise.ID)); err != nil {
			t.Errorf("nothing is open any more: %v", err)
		}
	})
}
