package bench_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// statements counts what goes to the database, and the rows of what it answers.
type statements struct {
	n, rows atomic.Int64

	mu   sync.Mutex
	keep bool
	kept []string
}

func (s *statements) observe(_ context.Context, statement string, rows int64) {
	s.n.Add(1)
	s.rows.Add(max(rows, 0))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keep {
		s.kept = append(s.kept, statement)
	}
}

// of lists the statements that f causes.
func (s *statements) of(f func()) []string {
	s.mu.Lock()
	s.keep, s.kept = true, nil
	s.mu.Unlock()
	f()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep = false
	return s.kept
}

// year is a district with a year of tickets in it, served over HTTP.
type year struct {
	*testkit.Server
	database   store.Config
	statements *statements
	callers    map[string]testkit.Caller
	client     *http.Client
	ctx        context.Context //nolint:containedctx // of the benchmark that made it
	// some are tickets of the year that have come to their end.
	some []string
}

// atOnce is how many callers a parallel benchmark has.
const atOnce = 16

// now is the moment at which everything is measured.
const now = "2023-10-31 10:00"

// newYear serves a year of so many tickets.
func newYear(tb testing.TB, cfg store.Config, tickets int) *year {
	tb.Helper()
	y := &year{database: cfg, statements: &statements{}, callers: map[string]testkit.Caller{}, client: testkit.NewCallers(atOnce), ctx: tb.Context()}
	cfg.Observe = y.statements.observe
	district := testkit.NewDistrict(tb, testkit.NewService(tb, cfg, now))
	leads := y.leads(tb, district)
	y.Server = testkit.NewServer(tb, district)
	for _, name := range []string{"own", "manager", "desk", "lead-officer", "lead-head", "leader", "admin"} {
		token, _, err := y.CreateToken(tb.Context(), y.Actor(tb, name), service.NewToken{Name: "bench"})
		if err != nil {
			tb.Fatal(err)
		}
		y.callers[name] = testkit.Caller{URL: y.URL, Token: token, HTTP: y.client}
	}
	start, end := testkit.Moment(tb, "2023-01-03 09:00"), y.Clock.Now()
	every := end.Sub(start) / time.Duration(tickets)
	err := y.Batch(tb.Context(), func(b *service.Batch) error {
		for i := range tickets {
			lead := leads[i%len(leads)]
			id, err := y.story(b, y.steps(tb, lead), start.Add(time.Duration(i)*every), end, i)
			if err != nil {
				return err
			}
			if i%(tickets/50+1) == 0 {
				y.some = append(y.some, id)
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	y.settle(tb)
	return y
}

// settle gives PostgreSQL's planner the statistics that its autovacuum takes
// within a minute of many changes.
func (y *year) settle(tb testing.TB) {
	tb.Helper()
	if y.database.URL == "" {
		return
	}
	conn, err := pgx.Connect(y.ctx, y.database.URL)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = conn.Exec(y.ctx, "ANALYZE")
	if err := errors.Join(err, conn.Close(y.ctx)); err != nil {
		tb.Fatal(err)
	}
}

// lead is a department that works on tickets.
type lead struct {
	departmentID string
	officer      ticket.Actor
	head         ticket.Actor
}

// labour is the department that leads what is measured.
func labour(tb testing.TB, d *testkit.District) lead {
	tb.Helper()
	return lead{d.Departments["labour"], d.Actor(tb, "lead-officer"), d.Actor(tb, "lead-head")}
}

func (y *year) labour(tb testing.TB) lead {
	tb.Helper()
	return labour(tb, y.District)
}

// leads makes the departments among which the year is spread; the first is
// the district's own labour.
func (y *year) leads(tb testing.TB, d *testkit.District) []lead {
	tb.Helper()
	leads := []lead{labour(tb, d)}
	for i := range 29 {
		department, err := d.Service.Departments().Create(tb.Context(), ticket.System, directory.Department{
			Code: fmt.Sprintf("bureau-%02d", i), Name: fmt.Sprintf("第%d局", i), Kind: directory.Bureau, Dispatchable: true, Summonable: true,
		})
		if err != nil {
			tb.Fatal(err)
		}
		user, err := d.CreateUser(tb.Context(), ticket.System, service.NewUser{
			Username: fmt.Sprintf("head-%02d", i), Name: fmt.Sprintf("局长%d", i), Role: ticket.RoleHead, DepartmentID: department.ID,
		})
		if err != nil {
			tb.Fatal(err)
		}
		head := ticket.Actor{ID: user.ID, Name: user.Name, Role: ticket.RoleHead, DepartmentID: department.ID}
		leads = append(leads, lead{department.ID, head, head})
	}
	return leads
}

// step is one command of the loop.
type step struct {
	event ticket.Event
	who   string // as whom it is called over HTTP
	actor ticket.Actor
	in    ticket.Input
	after time.Duration // the filing, in the year's stories
}

// steps are the loop as one department goes it.
func (y *year) steps(tb testing.TB, l lead) []step {
	tb.Helper()
	own, desk := y.Actor(tb, "own"), y.Actor(tb, "desk")
	return []step{
		{ticket.EventSubmit, "own", own, ticket.SubmitInput{
			Title: "招不到装配工", Description: "节后缺一百名装配工，招了两个月没招到，订单要误期。", Category: "labour",
		}, 0},
		{ticket.EventAccept, "desk", desk, ticket.None{}, 30 * time.Minute},
		{ticket.EventDispatch, "desk", desk, ticket.DispatchInput{LeadID: l.departmentID}, time.Hour},
		{ticket.EventClaim, "lead-officer", l.officer, ticket.None{}, 3 * time.Hour},
		{ticket.EventProgress, "lead-officer", l.officer, ticket.ProgressInput{Text: "已联系三所职业学校。", Public: true}, 26 * time.Hour},
		{ticket.EventResolve, "lead-head", l.head, ticket.ResolveInput{Outcome: ticket.Solved, Result: "专场招聘会上招到六十人，其余由职校实习生补上。"}, 50 * time.Hour},
		{ticket.EventConfirm, "own", own, ticket.ConfirmInput{Satisfaction: 5}, 75 * time.Hour},
	}
}

// story files a ticket and lets it go as far as it comes until the end. One
// of forty is never confirmed.
func (y *year) story(b *service.Batch, steps []step, filed, end time.Time, i int) (string, error) {
	id, err := b.File(steps[0].actor, steps[0].in.(ticket.SubmitInput), service.Backdated{At: filed})
	if err != nil {
		return "", err
	}
	if i%40 == 0 {
		steps = steps[:len(steps)-1]
	}
	for _, s := range steps[1:] {
		at := filed.Add(s.after)
		if at.After(end) {
			break
		}
		if err := b.Fire(s.actor, id, service.Command{Event: s.event, Input: s.in}, service.Backdated{At: at}); err != nil {
			return "", fmt.Errorf("%s: %w", s.event, err)
		}
	}
	return id, nil
}

// standing makes n tickets that have come just before the step of the loop,
// all at the present moment.
func (y *year) standing(tb testing.TB, n, before int) []string {
	tb.Helper()
	steps := y.steps(tb, y.labour(tb))[:before]
	ids := make([]string, n)
	if before == 0 {
		return ids // to be filed
	}
	err := y.Batch(tb.Context(), func(b *service.Batch) error {
		for i := range ids {
			at := y.Clock.Now()
			var err error
			if ids[i], err = b.File(steps[0].actor, steps[0].in.(ticket.SubmitInput), service.Backdated{At: at}); err != nil {
				return err
			}
			for _, s := range steps[1:] {
				if err := b.Fire(s.actor, ids[i], service.Command{Event: s.event, Input: s.in}, service.Backdated{At: at}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return ids
}

// request sends the i-th request of a benchmark.
type request func(i int) error

type page struct {
	name, who string
	path      func(y *year, i int) string
}

func (p page) read(y *year) request {
	caller := y.callers[p.who]
	return func(i int) error {
		_, err := caller.Call(y.ctx, http.MethodGet, p.path(y, i), nil, "")
		return err
	}
}

// pages are what the API answers with.
func (*year) pages() []page {
	of := func(suffix string) func(y *year, i int) string {
		return func(y *year, i int) string { return "/api/v1/tickets/" + y.some[i%len(y.some)] + suffix }
	}
	same := func(path string) func(*year, int) string { return always("/api/v1" + path) }
	return []page{
		{"page-ticket", "desk", of("")},
		{"page-history", "desk", of("/history")},
		{"page-clocks-explained", "desk", of("/clocks?explain=true")},
		{"page-list-desk", "desk", same("/tickets")},
		{"page-list-department", "lead-officer", same("/tickets")},
		{"page-list-red", "desk", same("/tickets?light=red")},
		{"figures-total", "leader", same("/figures?from=2023-01-01&to=2023-12-31")},
		{"figures-by-department", "leader", same("/figures?from=2023-01-01&to=2023-12-31&by=department")},
	}
}

// always is the same path every time.
func always(path string) func(*year, int) string { return func(*year, int) string { return path } }

// queuePages are the pages that people work through, made to the last letter:
// the queues that are full after fillQueues, and the lists of all tickets.
func (*year) queuePages() []page {
	return []page{
		{"queue-desk-inbox", "desk", always("/desk?queue=inbox")},
		{"queue-desk-open", "desk", always("/desk?queue=open")},
		{"queue-officer-to-claim", "lead-officer", always("/workbench?queue=to_claim")},
		{"queue-head-working", "lead-head", always("/workbench?queue=working")},
		{"queue-head-closed", "lead-head", always("/workbench?queue=closed")},
		{"queue-enterprise", "own", always("/requests")},
		{"list-leader", "leader", always("/tickets")},
	}
}

// fillQueues makes tickets that wait at each step of the loop, n each: more
// than a page shows.
func (y *year) fillQueues(tb testing.TB, n int) {
	tb.Helper()
	for step := range y.steps(tb, y.labour(tb)) {
		y.standing(tb, n, step)
	}
	y.settle(tb)
}

// fire is a command, the i-th time on the i-th of the tickets.
func (y *year) fire(s step, ids []string) request {
	caller := y.callers[s.who]
	return func(i int) error {
		path := "/api/v1/tickets"
		if s.event != ticket.EventSubmit {
			path += "/" + ids[i] + "/" + strings.ReplaceAll(string(s.event), "_", "-")
		}
		_, err := caller.Call(y.ctx, http.MethodPost, path, s.in, "")
		return err
	}
}
