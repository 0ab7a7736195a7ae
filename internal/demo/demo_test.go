package demo_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"whistle/internal/clock"
	"whistle/internal/demo"
	"whistle/internal/demo/cast"
	"whistle/internal/directory"
	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// world is a service that was filled.
type world struct {
	*service.Service
	store *store.Store
	now   *clock.Manual
}

func open(ctx context.Context, dir string) (*world, error) {
	zone, err := time.LoadLocation(demo.Zone)
	if err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, store.Config{Dir: dir})
	if err != nil {
		return nil, err
	}
	if _, err := st.MigrateUp(ctx); err != nil {
		return nil, err
	}
	now := clock.NewManual(demo.Begin(zone))
	svc := service.New(st, service.Config{Clock: now, Zone: zone, Log: slog.New(slog.DiscardHandler)})
	return &world{svc, st, now}, svc.Prepare(ctx)
}

var (
	folder string // goes with the tests
	years  [2]*world
	filled = sync.OnceValue(func() error {
		var both sync.WaitGroup
		errs := make([]error, len(years))
		for i := range years {
			both.Go(func() {
				ctx := context.Background()
				if years[i], errs[i] = open(ctx, filepath.Join(folder, fmt.Sprint(i))); errs[i] == nil {
					errs[i] = demo.Fill(ctx, years[i].Service, years[i].now, nil)
				}
			})
		}
		both.Wait()
		return errors.Join(errs...)
	})
)

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "whistle-demo-"); err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	for _, y := range years {
		if y != nil {
			err = errors.Join(err, y.store.Close())
		}
	}
	if err := errors.Join(err, os.RemoveAll(folder)); err != nil {
		log.Fatal(err)
	}
	os.Exit(code)
}

// year is the demo's, made once for all tests, which leave it as it is.
func year(t *testing.T) *world {
	t.Helper()
	testkit.LongForRace(t)
	if err := filled(); err != nil {
		t.Fatal(err)
	}
	return years[0]
}

func count(t *testing.T, y *world, asOf worktime.Date, by figures.Cut) *figures.Report {
	t.Helper()
	report, err := y.Figures(t.Context(), ticket.System, service.FiguresQuery{
		From: worktime.Date{Year: 2023, Month: time.January, Day: 1}, To: worktime.Date{Year: 2023, Month: time.December, Day: 31},
		AsOf: asOf.AddDays(1).In(y.Zone()).Add(-time.Microsecond), By: by,
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestFiguresOfTheYear(t *testing.T) {
	y := year(t)
	for _, asOf := range []worktime.Date{
		demo.LastDay, {Year: 2023, Month: time.December, Day: 31}, {Year: 2024, Month: time.June, Day: 30},
	} {
		c := count(t, y, asOf, figures.ByNothing).Total
		if c.Tickets != demo.Tickets || c.Solved != demo.Solved || c.InProgress != demo.InProgress || c.Closed != demo.Solved {
			t.Errorf("as of %s: %d tickets, %d solved, %d in progress, %d closed", asOf, c.Tickets, c.Solved, c.InProgress, c.Closed)
		}
		net := c.Rates["resolution_rate"]
		if net != (figures.Ratio{Numerator: demo.Solved, Denominator: demo.Tickets}) || net.Percent() != "94.18" {
			t.Errorf("as of %s: resolution rate %v, %s %%", asOf, net, net.Percent())
		}
		excluded := int64(demo.Rejected + demo.Merged + demo.Withdrawn)
		if gross := c.Rates["resolution_rate_gross"]; gross.Denominator != demo.Tickets+excluded || c.Filed != gross.Denominator {
			t.Errorf("as of %s: %d filed, gross %v", asOf, c.Filed, gross)
		}
		for reason, want := range map[string]int64{"rejected": demo.Rejected, "merged": demo.Merged, "withdrawn": demo.Withdrawn} {
			if c.Excluded[reason] != want {
				t.Errorf("as of %s: %d %s, not %d", asOf, c.Excluded[reason], reason, want)
			}
		}
	}
}

// The rates are those of offices that work well, but not of ones that polish.
func TestRatesArePlausible(t *testing.T) {
	c := count(t, year(t), demo.LastDay, figures.ByNothing).Total
	for name, within := range map[string][2]float64{
		"response_rate":          {93, 97},
		"report_in_rate":         {85, 94},
		"on_time_rate":           {87, 94},
		"satisfaction_rate":      {92, 97},
		"verification_rate":      {96, 99.9},
		"rework_rate":            {2.5, 6},
		"return_rate":            {3.5, 7},
		"first_dispatch_rate":    {92, 97},
		"resolution_rate_strict": {70, 92},
	} {
		r := c.Rates[name]
		percent := 100 * float64(r.Numerator) / float64(r.Denominator)
		t.Logf("%-24s %5d / %5d  %s %%", name, r.Numerator, r.Denominator, r.Percent())
		if !(percent >= within[0] && percent <= within[1]) {
			t.Errorf("%s is %s %%", name, r.Percent())
		}
	}
	t.Logf("handling %+v", c.Handling)
}

func TestDepartmentsAreUneven(t *testing.T) {
	report := count(t, year(t), demo.LastDay, figures.ByDepartment)
	small, sum := 0, int64(0)
	for _, g := range report.Groups {
		if n := g.Counts.Tickets; n > 0 && n < figures.SmallUnit {
			small++
		}
		sum += g.Counts.Tickets
	}
	if small < 3 || report.Groups[0].Counts.Tickets < 10*figures.SmallUnit || len(report.Groups) < 25 {
		t.Errorf("%d small ones among %d; the largest leads %d", small, len(report.Groups), report.Groups[0].Counts.Tickets)
	}
	if sum != demo.Tickets {
		t.Errorf("the groups add up to %d", sum)
	}
}

func tickets(t *testing.T, y *world, actor ticket.Actor, f service.TicketFilter) []*ticket.Ticket {
	t.Helper()
	f.Now = y.Now()
	all, err := y.store.Tickets(t.Context(), actor, f)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryOpenStateIsThere(t *testing.T) {
	y := year(t)
	by := map[ticket.State]int{}
	lights := map[ticket.Light]int{}
	reds := map[ticket.State]int{}
	pending := map[ticket.RequestKind]int{}
	morning := demo.Morning(y.Zone())
	ledger, orders := 0, 0
	for _, tk := range tickets(t, y, ticket.System, service.TicketFilter{States: ticket.OpenStates()}) {
		by[tk.State]++
		lights[tk.Light(morning)]++
		if tk.Light(morning) == ticket.Red {
			reds[tk.State]++
		}
		for _, r := range tk.Requests {
			if r.State == ticket.RequestPending {
				pending[r.Kind]++
			}
		}
		for _, o := range tk.Orders {
			if o.AnsweredAt == nil {
				orders++
			}
		}
		if tk.OnLedger {
			ledger++
		}
		if tk.State == ticket.Suspended && !demo.LastDay.Before(*tk.ReviewDate) {
			t.Errorf("%s was to be reviewed on %s", tk.Number, tk.ReviewDate)
		}
	}
	t.Log(by, lights, reds, pending, ledger, orders)
	for _, state := range ticket.OpenStates() {
		if by[state] < 10 {
			t.Errorf("%d are %s", by[state], state)
		}
	}
	if lights[ticket.Red] < 15 || lights[ticket.Red] > 90 || lights[ticket.Yellow] < 10 || lights[ticket.Green] < 80 {
		t.Errorf("lights: %v", lights)
	}
	for _, kind := range []ticket.RequestKind{ticket.ForExtension, ticket.ForSuspension, ticket.ForWhistle} {
		if pending[kind] == 0 {
			t.Errorf("no %s waits for a decision", kind)
		}
	}
	if orders < 3 || ledger < by[ticket.Suspended] {
		t.Errorf("%d open orders, %d on the ledger", orders, ledger)
	}
}

func TestTheLoopIsThereInAllItsParts(t *testing.T) {
	y := year(t)
	events := map[ticket.Event]int{}
	var outside, lines int
	calendar, err := worktime.New(0, y.Zone(), worktime.DefaultShifts(), worktime.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	last := demo.LastDay.AddDays(1).In(y.Zone())
	err = y.store.EachHistory(t.Context(), func(some []store.History) error {
		for _, h := range some {
			for _, l := range h.Lines {
				events[l.Event]++
				lines++
				if !l.At.Before(last) || !l.At.Equal(l.RecordedAt) {
					t.Errorf("%s at %s, recorded at %s", l.Event, l.At, l.RecordedAt)
				}
				if next, err := calendar.NextWorkingMoment(l.At); err != nil || next.Sub(l.At) > time.Second {
					outside++
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, def := range ticket.Workflow() {
		if events[def.Event] == 0 && def.Event != ticket.EventRedate {
			t.Errorf("no %s", def.Event)
		}
	}
	if 5*outside > lines {
		t.Errorf("%d of %d events outside of working time", outside, lines)
	}
	var seen struct{ late, absent, secondDispute, final, unreachable, reopened, confidential, urgent, ofProjects int }
	for _, tk := range tickets(t, y, ticket.System, service.TicketFilter{}) {
		for _, s := range tk.Summons {
			c := tk.Clocks[s.Clock]
			if c.MissedAt != nil && s.ReportedAt != nil {
				seen.late++
			}
			if c.Waived {
				seen.absent++
			}
		}
		if tk.Disputes > 1 {
			seen.secondDispute++
		}
		if tk.Final {
			seen.final++
		}
		if tk.VerifiedBy == ticket.Unreachable {
			seen.unreachable++
		}
		if tk.Reopens > 0 {
			seen.reopened++
		}
		if tk.Confidential {
			seen.confidential++
		}
		if tk.Urgency == ticket.Urgent {
			seen.urgent++
		}
		if tk.ProjectID != "" {
			seen.ofProjects++
		}
		if tk.FiledAt.In(y.Zone()).Year() == 2023 && (tk.Outcome == ticket.Explained || tk.State == ticket.Withdrawn && tk.FirstDispatchAt != nil) {
			t.Errorf("%s of 2023 is %s %s: there is no room for it", tk.Number, tk.State, tk.Outcome)
		}
	}
	t.Logf("%+v, %d lines, %d outside of working time", seen, lines, outside)
	for what, n := range map[string]int{
		"late report": seen.late, "absence": seen.absent, "second dispute": seen.secondDispute, "final dispatch": seen.final,
		"unreachable": seen.unreachable, "reopened": seen.reopened, "confidential": seen.confidential, "urgent": seen.urgent, "of a project": seen.ofProjects,
	} {
		if n == 0 {
			t.Errorf("no %s", what)
		}
	}
	earlier := tickets(t, y, ticket.System, service.TicketFilter{FiledBefore: worktime.Date{Year: 2023, Month: time.January, Day: 1}.In(y.Zone())})
	explained, withdrawnLate := 0, 0
	for _, tk := range earlier {
		if tk.Outcome == ticket.Explained {
			explained++
		}
		if tk.State == ticket.Withdrawn && tk.FirstDispatchAt != nil {
			withdrawnLate++
		}
	}
	if len(earlier) != demo.Earlier || explained == 0 || withdrawnLate == 0 {
		t.Errorf("%d of 2022, %d explained, %d withdrawn after their dispatch", len(earlier), explained, withdrawnLate)
	}
}

func TestDistrict(t *testing.T) {
	y := year(t)
	all := service.EntryFilter{All: true}
	enterprises, err := y.Enterprises().List(t.Context(), ticket.System, all)
	if err != nil {
		t.Fatal(err)
	}
	projects, err := y.Projects().List(t.Context(), ticket.System, all)
	if err != nil {
		t.Fatal(err)
	}
	departments, err := y.Departments().List(t.Context(), ticket.System, all)
	if err != nil {
		t.Fatal(err)
	}
	departments = slices.DeleteFunc(departments, func(d directory.Department) bool { return d.Kind == directory.Station })
	if len(enterprises) != 1735 || len(projects) != 228 || len(departments) < 30 || len(departments) > 40 {
		t.Errorf("%d enterprises, %d projects, %d departments", len(enterprises), len(projects), len(departments))
	}
	chains, err := y.Chains().List(t.Context(), ticket.System, all)
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]int{}
	for _, c := range chains {
		for _, e := range enterprises {
			if slices.Contains(e.Chains, c.ID) {
				in[c.Code]++
			}
		}
	}
	if len(chains) != 4+17 || in[cast.IntegratedCircuit] != 260 || in[cast.HighEndTransport] != 100 || in[cast.ModernAgriculture] == 0 || in[cast.CultureTourismHealth] == 0 {
		t.Errorf("chains: %v", in)
	}
	alliances, err := y.Alliances().List(t.Context(), ticket.System, all)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range alliances {
		done, err := y.Activities().List(t.Context(), ticket.System, service.EntryFilter{AllianceID: a.ID})
		if err != nil || len(done) == 0 || len(a.Members) == 0 {
			t.Errorf("%s with %d members did %d things: %v", a.Name, len(a.Members), len(done), err)
		}
		if chain, err := y.Chains().Get(t.Context(), ticket.System, a.ChainID); err != nil || chain.Code == cast.IntegratedCircuit && len(a.Members) != demo.Members {
			t.Errorf("%s has %d members", a.Name, len(a.Members))
		}
	}
	if len(alliances) != 5 {
		t.Errorf("%d alliances", len(alliances))
	}
	assignments, err := y.store.AssignmentList(t.Context(), ticket.System, service.AssignmentFilter{Kind: directory.ManagerOf})
	if err != nil {
		t.Fatal(err)
	}
	looked, managers := map[string]bool{}, map[string]bool{}
	zone := departments[slices.IndexFunc(departments, func(d directory.Department) bool { return d.Code == "zone" })]
	for _, a := range assignments {
		looked[a.TargetID] = true
		if u, err := y.User(t.Context(), ticket.System, a.UserID); err != nil {
			t.Fatal(err)
		} else if u.DepartmentID == zone.ID {
			managers[a.UserID] = true
		}
	}
	if len(looked) != len(enterprises) || len(managers) != 150 {
		t.Errorf("%d enterprises have a manager; %d managers in the zone", len(looked), len(managers))
	}
}

// actor is an account as it stands at the demo's beginning.
func actor(t *testing.T, y *world, username string) ticket.Actor {
	t.Helper()
	u, err := y.UserByName(t.Context(), username)
	if err != nil {
		t.Fatal(err)
	}
	assignments, err := y.store.Assignments(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return directory.ActorOf(u, assignments, demo.LastDay.AddDays(1))
}

// Everybody finds something to do in the morning.
func TestQueuesOfTheAccounts(t *testing.T) {
	y := year(t)
	open := service.TicketFilter{States: ticket.OpenStates()}
	states := func(all []*ticket.Ticket) map[ticket.State]int {
		by := map[ticket.State]int{}
		for _, tk := range all {
			by[tk.State]++
		}
		return by
	}
	mine := states(tickets(t, y, actor(t, y, "enterprise"), open))
	if len(mine) < 5 || mine[ticket.Verifying] < 2 {
		t.Errorf("the enterprise's: %v", mine)
	}
	manager := actor(t, y, "manager")
	if n := len(tickets(t, y, manager, open)); n < 5 || len(manager.Manages) < 10 {
		t.Errorf("the manager sees %d open ones of %d enterprises", n, len(manager.Manages))
	}
	officer, head := actor(t, y, "officer"), actor(t, y, "head")
	if officer.DepartmentID == "" || officer.DepartmentID != head.DepartmentID {
		t.Error("officer and head are not of one department")
	}
	leads, summoned := map[ticket.State]int{}, 0
	for _, tk := range tickets(t, y, head, open) {
		if tk.LeadID == head.DepartmentID {
			leads[tk.State]++
		}
		for _, s := range tk.Summons {
			if s.DepartmentID == head.DepartmentID && s.Round == tk.Round && s.ReportedAt == nil && tk.State == ticket.Joint {
				summoned++
			}
		}
	}
	if len(leads) < 4 || leads[ticket.Dispatched] == 0 || leads[ticket.Resolving] == 0 || summoned == 0 {
		t.Errorf("the department leads %v, and is to report in to %d", leads, summoned)
	}
	t.Log(mine, leads, summoned)
	if n := len(tickets(t, y, actor(t, y, "dispatcher"), open)); n != demo.InProgress {
		t.Errorf("the desk sees %d open ones", n)
	}
	if n := len(tickets(t, y, actor(t, y, "leader"), open)); n != demo.InProgress {
		t.Errorf("the leader sees %d open ones", n)
	}
	if n := len(tickets(t, y, actor(t, y, "admin"), service.TicketFilter{})); n != 0 {
		t.Errorf("the admin sees %d", n)
	}
}

// TestAccountsAreTold of the last day, and nobody of the years before: each
// account finds something, and nothing waits to be sent.
func TestAccountsAreTold(t *testing.T) {
	y := year(t)
	for _, a := range demo.Accounts() {
		all, err := y.Notices(t.Context(), actor(t, y, a.Username), service.NoticeFilter{})
		if err != nil {
			t.Fatal(err)
		}
		if told := len(all) > 0; told != (a.Role != ticket.RoleAdmin) || len(all) > 100 {
			t.Errorf("%s was told %d times", a.Username, len(all))
		}
		for _, n := range all {
			if n.At.Before(demo.LastDay.In(y.Zone())) || n.Text == "" || strings.HasPrefix(n.Text, "[") {
				t.Errorf("%s was told %+v", a.Username, n)
			}
		}
	}
	jobs, err := y.QueueJobs(t.Context(), ticket.System, service.JobFilter{})
	if err != nil || len(jobs) > 0 {
		t.Errorf("queued: %+v, %v", jobs, err)
	}
}

// digest is of everything in the histories but what is random by design: ids,
// salts and hashes.
func digest(t *testing.T, y *world) string {
	t.Helper()
	lines := map[string][]byte{} // by number: ids are random
	err := y.store.EachHistory(t.Context(), func(some []store.History) error {
		for _, h := range some {
			var text []byte
			number := ""
			for _, stored := range h.Lines {
				line, err := stored.Open()
				if err != nil {
					return err
				}
				if line.Facts.Number != "" {
					number = line.Facts.Number
				}
				text = fmt.Appendf(text, "%d %s %s %s %s %s\n", line.Seq, line.Event, line.At, line.Actor.Role, line.From, line.To)
				for _, path := range slices.Sorted(keys(line.Words)) {
					text = fmt.Appendf(text, "%s %s\n", path, line.Words[path])
				}
			}
			lines[number] = text
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	for _, number := range slices.Sorted(keys(lines)) {
		fmt.Fprintf(sum, "%s\n%s", number, lines[number])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func keys[K comparable, V any](m map[K]V) func(yield func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func TestSameSeedSameYear(t *testing.T) {
	if a, b := digest(t, year(t)), digest(t, years[1]); a != b {
		t.Errorf("%s\n%s", a, b)
	}
}

func TestOnlyTheNamedCanSignIn(t *testing.T) {
	y := year(t)
	const password = "a short sentence"
	if err := demo.SetPasswords(t.Context(), y.Service, password); err != nil {
		t.Fatal(err)
	}
	for _, a := range demo.Accounts() {
		in, err := y.SignIn(t.Context(), a.Username, password, "192.0.2.1:1")
		if err != nil || in.Role != a.Role {
			t.Errorf("%s: %v", a.Username, err)
		}
	}
	users, err := y.Users(t.Context(), ticket.System, service.UserFilter{Retired: true})
	if err != nil {
		t.Fatal(err)
	}
	able := 0
	for _, u := range users {
		if u.PasswordHash != "" {
			able++
		}
	}
	if able != len(demo.Accounts()) || len(users) < 1735 {
		t.Errorf("%d of %d can sign in", able, len(users))
	}
}

func TestHistoryAndFiguresAreSound(t *testing.T) {
	y := year(t)
	quiet := func(int, int) {}
	if frozen, err := y.Freeze(t.Context()); err != nil || frozen == 0 {
		t.Fatalf("%d frozen: %v", frozen, err)
	}
	verified, err := y.Verify(t.Context(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range verified.Faults {
		t.Error(f)
	}
	if verified.Tickets != demo.Tickets+demo.Rejected+demo.Merged+demo.Withdrawn+demo.Earlier {
		t.Errorf("%d tickets verified", verified.Tickets)
	}
	recount, err := y.Recount(t.Context(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	if !recount.OK() {
		t.Errorf("recount: %v %v %v", recount.Faults, recount.Drifts, recount.Figures)
	}
}

func TestKnowsItsOwn(t *testing.T) {
	ours, err := demo.Filled(t.Context(), year(t).Service)
	if err != nil || !ours {
		t.Errorf("the demo's: %v, %v", ours, err)
	}
	other, err := open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := other.store.Close(); err != nil {
			t.Error(err)
		}
	}()
	if filled, err := demo.Filled(t.Context(), other.Service); err != nil || filled {
		t.Errorf("an empty one: %v, %v", filled, err)
	}
	if _, err := other.CreateUser(t.Context(), ticket.System, service.NewUser{Username: "somebody", Name: "某人", Role: ticket.RoleAdmin}); err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Filled(t.Context(), other.Service); !errors.Is(err, demo.ErrOthers) {
		t.Errorf("another's: %v", err)
	}
}

// Everybody on the roster has a 指导员 and a 联络员, in the zone of 150 managers.
func TestTheRosterIsCovered(t *testing.T) {
	y := year(t)
	c, err := y.ManagerCoverage(t.Context(), ticket.System, service.ManagerFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Covered != (figures.Ratio{Numerator: cast.EnterpriseCount, Denominator: cast.EnterpriseCount}) || c.Uncovered+c.WithoutGuide+c.WithoutContact != 0 {
		t.Errorf("covered: %+v", c)
	}
	zone, err := y.Departments().List(t.Context(), ticket.System, service.EntryFilter{Code: "zone"})
	if err != nil || len(zone) != 1 {
		t.Fatal(zone, err)
	}
	managers, err := y.Managers(t.Context(), ticket.System, service.ManagerFilter{DepartmentID: zone[0].ID})
	if err != nil || len(managers) < 140 {
		t.Errorf("%d managers in the zone, %v", len(managers), err)
	}
	all, err := y.Managers(t.Context(), ticket.System, service.ManagerFilter{})
	if err != nil || len(all) <= len(managers) {
		t.Errorf("%d managers, %v", len(all), err)
	}
}

// TestTeamsAndMilestones: every key project has a team of several departments
// and its four steps, and some are late.
func TestTeamsAndMilestones(t *testing.T) {
	y := year(t)
	n, err := y.CountProjects(t.Context(), ticket.System, service.MilestoneFilter{})
	if err != nil || n.Projects.Count != cast.ProjectCount || n.Projects.Red < 15 || n.Projects.Red > 60 || n.Milestones.Red < n.Projects.Red || n.Projects.Yellow == 0 {
		t.Errorf("%+v, %v", n, err)
	}
	projects, err := y.Projects().List(t.Context(), ticket.System, service.EntryFilter{})
	if err != nil {
		t.Fatal(err)
	}
	moved := 0
	for _, p := range projects {
		page, err := y.ProjectPage(t.Context(), ticket.System, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		offices := map[string]bool{}
		for _, u := range page.Team {
			offices[u.DepartmentID] = true
		}
		if len(offices) < 2 {
			t.Errorf("%s has a team of %d departments", p.Name, len(offices))
		}
		for _, step := range page.Milestones {
			if !step.Planned {
				t.Errorf("%s has no %s", p.Name, step.Kind)
			}
			if moved += len(step.Moves); len(step.Moves) > 0 && step.Light != ticket.Red {
				t.Errorf("%s of %s was missed, and is %q", step.Kind, p.Name, step.Light)
			}
		}
	}
	if moved == 0 {
		t.Error("no step was planned anew")
	}
	charges, err := y.CountCharges(t.Context(), ticket.System, service.ChargeFilter{})
	if err != nil || charges.Solved.Denominator < 20 || charges.Parts["open"] == 0 || charges.Parts["closed"] == 0 {
		t.Errorf("%+v, %v", charges, err)
	}
}
