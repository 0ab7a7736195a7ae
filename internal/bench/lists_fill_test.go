package bench_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"whistle/internal/alliance"
	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/support"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
	"whistle/internal/visit"
	"whistle/internal/worktime"
)

// lists is a district in which there is much of everything. The rows are made
// in two steps: some originals through the store, then copies of them in the
// database itself.
type lists struct {
	*year
	raw      *sql.DB
	campaign string // for which the visits are planned
	days     [originals]worktime.Date
	moments  [originals]time.Time
	placed   store.ChargePosition // deep in the list of what others have taken under their names
}

func id(kind string, n int) string { return fmt.Sprintf("%s-%03d", kind, n) }

func enterpriseName(n int) string { return fmt.Sprintf("企业%03d", n) }

func managerName(n int) string { return fmt.Sprintf("经理%03d", n) }

func managerUser(n int) string { return id("guide", n) }

// newLists makes the originals of all lists.
func newLists(tb testing.TB, cfg store.Config) *lists {
	tb.Helper()
	l := &lists{year: newYear(tb, cfg, 50), campaign: "campaign"}
	l.raw = openRaw(tb, cfg)
	start := testkit.Moment(tb, "2023-01-03 09:00")
	for n := range originals {
		l.moments[n] = start.Add(time.Duration(n) * 70 * time.Hour)
		l.days[n] = worktime.DateOf(l.moments[n].In(l.Zone()))
	}
	for _, fill := range []func(context.Context, testing.TB) error{l.fillDirectory, l.fillVisits, l.fillSupport, l.fillManagers, l.fillRest} {
		if err := l.Store.InTx(l.ctx, func(ctx context.Context) error { return fill(ctx, tb) }); err != nil {
			tb.Fatal(err)
		}
	}
	l.fillCharges(tb)
	l.settle(tb)
	return l
}

func stamp(at time.Time) directory.Stamp { return directory.Stamp{CreatedAt: at, UpdatedAt: at} }

// enterprise is that of the n-th original: each tenth is of the own one, the
// others have each one of their own.
func (l *lists) enterprise(n int) string {
	if n%10 == 0 {
		return l.Enterprises["own"]
	}
	return id("enterprise", n)
}

func (l *lists) department(n int) string {
	return l.Departments[[]string{"labour", "land", "fire"}[n%3]]
}

func (l *lists) fillDirectory(ctx context.Context, _ testing.TB) error {
	circle := alliance.Alliance{ID: "alliance", Name: "党建联盟", Kind: alliance.Kinds()[0], ChainID: l.Chains["chips"], Stamp: stamp(l.moments[0])}
	circle.Tidy()
	if err := store.InsertEntry(ctx, l.Store, &circle); err != nil {
		return err
	}
	var milestones []directory.Milestone
	for n := range originals {
		at := stamp(l.moments[n])
		e := directory.Enterprise{ID: id("enterprise", n), Name: enterpriseName(n), CreditCode: id("9132", n), Kind: directory.Company, PlaceID: l.Places["town"], Stamp: at}
		if n%4 == 0 {
			e.Chains = []string{l.Chains["chips"]}
		}
		e.Tidy()
		p := directory.Project{ID: id("project", n), Code: id("P", n), Name: fmt.Sprintf("项目%03d", n), EnterpriseID: e.ID, Stamp: at}
		a := alliance.Activity{ID: id("activity", n), AllianceID: circle.ID, Kind: alliance.ActivityKinds()[0], Name: fmt.Sprintf("活动%03d", n), Day: l.days[n], Enterprises: []string{e.ID}, Stamp: at}
		a.Tidy()
		for _, err := range []error{store.InsertEntry(ctx, l.Store, &e), store.InsertEntry(ctx, l.Store, &p), store.InsertEntry(ctx, l.Store, &a)} {
			if err != nil {
				return err
			}
		}
		m := directory.Milestone{ProjectID: p.ID, Kind: directory.Start, PlannedDay: l.days[n].AddDays(60), FirstPlannedDay: l.days[n].AddDays(60), CreatedAt: at.CreatedAt, UpdatedAt: at.UpdatedAt}
		if n%2 == 0 {
			m.DoneDay = &l.days[n]
		}
		milestones = append(milestones, m)
	}
	return l.Store.InsertMilestones(ctx, milestones)
}

func (l *lists) fillVisits(ctx context.Context, _ testing.TB) error {
	c := visit.Campaign{ID: l.campaign, Code: "c", Name: "走访日", Kind: visit.Day, FromDate: l.days[0], ToDate: l.days[originals-1].AddDays(30), Targets: visit.Roster, Stamp: stamp(l.moments[0])}
	c.Tidy()
	if err := store.InsertEntry(ctx, l.Store, &c); err != nil {
		return err
	}
	var visits []visit.Visit
	var findings []visit.Finding
	var plans []visit.Plan
	for n := range originals {
		v := visit.Visit{
			ID: id("visit", n), EnterpriseID: l.enterprise(n), VisitorID: l.Users["manager"].ID, VisitedAt: l.moments[n], VisitedOn: l.days[n],
			Seen: "生产正常，订单排到年底。", Answers: []visit.Answer{}, RecordedAt: l.moments[n],
		}
		if n%2 == 0 {
			v.CampaignID, v.VisitorID = l.campaign, l.Users["lead-officer"].ID
		}
		visits = append(visits, v)
		findings = append(findings, visit.Finding{ID: id("finding", n), VisitID: v.ID, Position: 1, Text: "招不到装配工。", Category: "labour"})
		p := visit.Plan{ID: id("plan", n), CampaignID: l.campaign, EnterpriseID: id("enterprise", n), UserID: l.Users["manager"].ID, CreatedAt: l.moments[n], UpdatedAt: l.moments[n]}
		if n%2 == 0 {
			p.UserID = ""
		}
		plans = append(plans, p)
	}
	if err := l.Store.InsertVisits(ctx, visits, findings); err != nil {
		return err
	}
	return l.Store.InsertPlans(ctx, plans)
}

func (l *lists) fillSupport(ctx context.Context, _ testing.TB) error {
	for n := range originals {
		at := stamp(l.moments[n])
		p := support.PolicyResource{ID: id("policy", n), Code: id("Z", n), Name: fmt.Sprintf("政策%03d", n), DepartmentID: l.department(n), Gives: "贷款贴息。", Orderable: n%2 == 0, Stamp: at}
		if n%3 > 0 {
			ends := l.days[n].AddDays(200)
			p.ValidTo, p.Kinds = &ends, []string{"company"}
		}
		p.Tidy()
		need := support.Need{ID: id("need", n), EnterpriseID: l.enterprise(n), Category: "labour", Text: "一百名装配工。", State: support.NeedStates[n%3], WrittenBy: l.Users["desk"].ID, Stamp: at}
		s := support.Service{ID: id("service", n), EnterpriseID: l.enterprise(n), PolicyID: p.ID, DepartmentID: l.department(n), State: support.ServiceStates[n%4], ProposedBy: l.Users["desk"].ID, Stamp: at}
		if s.State == support.Delivered {
			s.DeliveredOn, s.DeliveredBy, s.AmountFen = &l.days[n], s.ProposedBy, support.Fen(1000*n)
		}
		for _, err := range []error{store.InsertEntry(ctx, l.Store, &p), store.InsertEntry(ctx, l.Store, &need), store.InsertEntry(ctx, l.Store, &s)} {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *lists) fillManagers(ctx context.Context, _ testing.TB) error {
	var assignments []directory.Assignment
	for n := range originals {
		at := stamp(l.moments[n])
		u := directory.User{ID: id("manager", n), Username: managerUser(n), Name: managerName(n), Role: ticket.RoleOfficer, DepartmentID: l.department(n), Language: "zh-CN", Stamp: at}
		if err := l.Store.InsertUser(ctx, &u); err != nil {
			return err
		}
		for part, user := range map[string]string{directory.Guide: u.ID, directory.Contact: l.Users["manager"].ID} {
			assignments = append(assignments, directory.Assignment{ID: id("assignment-"+part, n), Kind: directory.ManagerOf, UserID: user, TargetID: id("enterprise", n), Part: part, FromDate: l.days[0], Stamp: at})
		}
	}
	return l.Store.InsertAssignments(ctx, assignments)
}

func (l *lists) fillRest(ctx context.Context, _ testing.TB) error {
	var changes []store.Audit
	for n := range originals {
		changes = append(changes, store.Audit{ID: id("change", n), At: l.moments[n], ActorID: l.Users["desk"].ID, Action: []string{"create", "change"}[n%2], Subject: "enterprise", SubjectID: id("enterprise", n), After: "{}"})
	}
	return l.Store.InsertAudit(ctx, changes...)
}

// fillCharges has a leader take tickets under their name, most of which are
// closed since, and tells four people of each.
func (l *lists) fillCharges(tb testing.TB) {
	tb.Helper()
	open := l.steps(tb, l.labour(tb))[:5]
	taken := append(open[:5:5], step{ticket.EventTakeCharge, "leader", l.Actor(tb, "leader"), ticket.TextInput{Text: "我来抓。"}, 30 * time.Hour})
	closed := append(taken[:6:6], l.steps(tb, l.labour(tb))[5:]...)
	tickets := make([]string, originals)
	err := l.Batch(l.ctx, func(b *service.Batch) (err error) {
		for n := range tickets {
			steps := taken
			if n%10 > 0 {
				steps = closed
			}
			if tickets[n], err = l.story(b, steps, l.moments[n], l.Clock.Now(), 1); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	l.placed = store.ChargePosition{Place: 3, At: l.moments[deep].Add(taken[5].after), ID: tickets[deep]}
	var notices []store.Notice
	for _, name := range []string{"desk", "leader", "manager", "own"} {
		for n := range originals {
			notice := store.Notice{ID: id("notice-"+name, n), UserID: l.Users[name].ID, TicketID: tickets[n], Seq: 1, Kind: string(ticket.EventSubmit), Cause: "made", Side: "desk", CreatedAt: l.moments[n]}
			if n%10 > 0 {
				notice.ReadAt = &l.moments[n]
			}
			notices = append(notices, notice)
		}
	}
	err = l.Store.InTx(l.ctx, func(ctx context.Context) error {
		_, err := l.Store.InsertNotices(ctx, notices)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// multiply makes so many copies of all originals.
func (l *lists) multiply(tb testing.TB, times int) {
	tb.Helper()
	next := func(column string) string { return column + " || '-' || i" }
	ofEnterprise := "CASE WHEN enterprise_id = '" + l.Enterprises["own"] + "' THEN enterprise_id ELSE " + next("enterprise_id") + " END"
	leader := func(column string) string {
		return "CASE WHEN i % 100 = 0 THEN " + column + " ELSE 'leader-' || (i % 100) END"
	}
	for _, c := range []struct {
		table, where string
		anew         map[string]string
	}{
		{"enterprises", "credit_code <> ''", map[string]string{"id": next("id"), "name": next("name"), "credit_code": next("credit_code")}},
		{"enterprise_search", "enterprise_id LIKE 'enterprise-%'", map[string]string{"enterprise_id": next("enterprise_id"), "place": "", "words": ""}},
		{"projects", "id LIKE 'project-%'", map[string]string{"id": next("id"), "code": next("code"), "name": next("name"), "enterprise_id": ofEnterprise}},
		{"milestones", "", map[string]string{"project_id": next("project_id")}},
		{"activities", "", map[string]string{"id": next("id")}},
		{"visits", "", map[string]string{"id": next("id"), "enterprise_id": ofEnterprise}},
		{"visit_findings", "", map[string]string{"id": next("id"), "visit_id": next("visit_id")}},
		{"visit_plans", "", map[string]string{"id": next("id"), "enterprise_id": ofEnterprise}},
		{"policy_resources", "", map[string]string{"id": next("id"), "code": next("code"), "name": next("name")}},
		{"needs", "", map[string]string{"id": next("id"), "enterprise_id": ofEnterprise}},
		{"services", "", map[string]string{"id": next("id"), "enterprise_id": ofEnterprise, "policy_id": next("policy_id")}},
		{"users", "id LIKE 'manager-%'", map[string]string{"id": next("id"), "username": next("username"), "name": next("name")}},
		// Each manager looks after a hundred.
		{"assignments", "user_id LIKE 'manager-%'", map[string]string{"id": next("id"), "target_id": next("target_id"), "user_id": "user_id || '-' || (i % 10 + 1)"}},
		{"audit", "id LIKE 'change-%'", map[string]string{"id": next("id"), "subject_id": next("subject_id")}},
		// A hundred leaders took them, for a thousand enterprises.
		{"tickets", isTaken, map[string]string{
			"id": next("id"), "number": next("number"), "serial": "-(serial * 10000 + i)", "enterprise_id": "'" + id("enterprise", 1) + "-' || i",
			"charge_id": leader("charge_id"), "lead_id": "CASE WHEN i % 10 = 0 THEN lead_id ELSE '" + l.Departments["land"] + "' END",
		}},
		{"ticket_parties", taken, map[string]string{"ticket_id": next("ticket_id")}},
		{"ticket_obligations", taken, map[string]string{"ticket_id": next("ticket_id")}},
		{"ticket_facts", taken, map[string]string{"ticket_id": next("ticket_id")}},
		{"history", "event = 'take_charge' AND " + taken, map[string]string{"ticket_id": next("ticket_id"), "actor_id": leader("actor_id")}},
		{"notices", "id LIKE 'notice-%' AND " + taken, map[string]string{"id": next("id"), "ticket_id": next("ticket_id")}},
	} {
		l.copy(tb, times, c.table, c.where, c.anew)
	}
	l.settle(tb)
}

// Of what is taken under a leader's name, what is closed is copied: what is open
// at one time is never much.
const (
	isTaken = "charge_id <> '' AND state = 'closed'"
	taken   = "ticket_id IN (SELECT id FROM tickets WHERE " + isTaken + ")"
)

// columns are the names of a table's columns.
func (l *lists) columns(table string) (names []string, err error) {
	rows, err := l.raw.QueryContext(l.ctx, "SELECT * FROM "+table+" LIMIT 0") //nolint:gosec // a name from this file
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Err(), rows.Close()) }()
	return rows.Columns()
}

// copy copies rows of a table, some columns made anew by what is said of them
// with the number i of the copy; blank leaves a column to the database.
func (l *lists) copy(tb testing.TB, times int, table, where string, anew map[string]string) {
	tb.Helper()
	if where == "" {
		where = "true"
	}
	columns, err := l.columns(table)
	if err != nil {
		tb.Fatal(err)
	}
	var into, values []string
	for _, column := range columns {
		value, ok := anew[column]
		if !ok {
			value = column
		}
		if value != "" {
			into, values = append(into, column), append(values, value)
		}
	}
	//nolint:gosec // names of tables and columns, from this file
	statement := fmt.Sprintf("INSERT INTO %[1]s (%[2]s) WITH RECURSIVE copied (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM copied WHERE i < %[3]d) SELECT %[4]s FROM (SELECT * FROM %[1]s WHERE %[5]s) AS original CROSS JOIN copied",
		table, strings.Join(into, ", "), times, strings.Join(values, ", "), where)
	if _, err := l.raw.ExecContext(l.ctx, statement); err != nil {
		tb.Fatalf("%s: %v", table, err)
	}
}
