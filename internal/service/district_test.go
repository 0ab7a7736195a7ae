package service_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"
	_ "time/tzdata"

	"whistle/internal/clock"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// district is a service over a real database with some departments and
// enterprises.
type district struct {
	*service.Service
	tb    testing.TB
	clock *clock.Manual // of the tickets
	wall  *clock.Manual // of sessions and links; years ahead, as in the demo
	cfg   store.Config
	// raw is the database as a superuser reaches it, past the service.
	raw *sql.DB
}

var beijing = func() *time.Location {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return zone
}()

// on reads a time in the district.
func on(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", text, beijing)
	if err != nil {
		panic(err)
	}
	return at
}

// onBoth runs a test against each database.
func onBoth(t *testing.T, test func(t *testing.T, d *district)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newDistrict(t, testkit.MigratedSQLite(t))) })
	t.Run("postgres", func(t *testing.T) { test(t, newDistrict(t, postgresConfig(t))) })
}

func postgresConfig(tb testing.TB) store.Config {
	return store.Config{URL: testkit.PostgresTemplate(tb, "district", func(url string) error {
		st, err := store.Open(context.Background(), store.Config{URL: url})
		if err != nil {
			return err
		}
		_, err = st.MigrateUp(context.Background())
		if closing := st.Close(); err == nil {
			err = closing
		}
		return err
	})}
}

func newDistrict(tb testing.TB, cfg store.Config) *district {
	tb.Helper()
	d := &district{tb: tb, clock: clock.NewManual(on("2023-09-04 09:00")), wall: clock.NewManual(on("2026-11-23 09:00")), cfg: cfg}
	d.Service = d.another()
	d.raw = openRaw(tb, cfg)
	if err := d.Prepare(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	const stamp = "'2022-01-01 00:00:00+00:00', '2022-01-01 00:00:00+00:00'"
	for i := 1; i <= 3; i++ {
		d.exec(fmt.Sprintf(`INSERT INTO departments (id, code, name, kind, dispatchable, summonable, officers_resolve, created_at, updated_at)
			VALUES ('d%d', 'D%d', '部门%d', 'bureau', true, true, false, %s)`, i, i, i, stamp))
		d.exec(fmt.Sprintf(`INSERT INTO enterprises (id, name, chains, tags, created_at, updated_at) VALUES ('e%d', '企业%d', '[]', '[]', %s)`, i, i, stamp))
	}
	return d
}

// another is a second process on the same database.
func (d *district) another() *service.Service {
	d.tb.Helper()
	st, err := store.Open(d.tb.Context(), d.cfg)
	if err != nil {
		d.tb.Fatal(err)
	}
	d.tb.Cleanup(func() {
		if err := st.Close(); err != nil {
			d.tb.Error(err)
		}
	})
	if d.cfg.URL == "" { // the template is migrated
		if _, err := st.MigrateUp(d.tb.Context()); err != nil {
			d.tb.Fatal(err)
		}
	}
	return service.New(st, service.Config{Clock: d.clock, Wall: d.wall, Zone: beijing, Log: slog.New(slog.DiscardHandler)})
}

func openRaw(tb testing.TB, cfg store.Config) *sql.DB {
	tb.Helper()
	driver, source := "pgx", cfg.URL
	if cfg.URL == "" {
		driver, source = "sqlite", filepath.Join(cfg.Dir, store.SQLiteFile)+"?_pragma=busy_timeout(10000)"
	}
	raw, err := sql.Open(driver, source)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = raw.Close() })
	return raw
}

func (d *district) exec(statement string) {
	d.tb.Helper()
	if _, err := d.raw.ExecContext(d.tb.Context(), statement); err != nil {
		d.tb.Fatalf("%s: %v", statement, err)
	}
}

func (d *district) text(query string) string {
	d.tb.Helper()
	var text string
	if err := d.raw.QueryRowContext(d.tb.Context(), query).Scan(&text); err != nil {
		d.tb.Fatalf("%s: %v", query, err)
	}
	return text
}

// unguard drops the triggers that keep history as it is, as only a superuser can.
func (d *district) unguard() {
	d.tb.Helper()
	for _, table := range []string{"history", "history_heads", "snapshots", "snapshot_members"} {
		if d.cfg.URL != "" {
			d.exec("ALTER TABLE " + table + " DISABLE TRIGGER ALL")
			continue
		}
		d.exec("DROP TRIGGER " + table + "_refuses_update")
		d.exec("DROP TRIGGER " + table + "_refuses_delete")
	}
}

var (
	theDesk   = ticket.Actor{ID: "desk", Role: ticket.RoleDispatcher}
	theLeader = ticket.Actor{ID: "leader", Role: ticket.RoleLeader}
)

func ownerOf(n int) ticket.Actor {
	return ticket.Actor{ID: fmt.Sprintf("owner%d", n), Role: ticket.RoleEnterprise, EnterpriseID: fmt.Sprintf("e%d", n)}
}

func headOf(n int) ticket.Actor {
	return ticket.Actor{ID: fmt.Sprintf("head%d", n), Role: ticket.RoleHead, DepartmentID: fmt.Sprintf("d%d", n)}
}

// fire lets an event happen now, by the clock.
func (d *district) fire(actor ticket.Actor, id string, event ticket.Event, in ticket.Input) *ticket.Ticket {
	d.tb.Helper()
	t, err := d.Fire(d.tb.Context(), actor, id, service.Command{Event: event, Input: in})
	if err != nil {
		d.tb.Fatalf("%s: %v", event, err)
	}
	return t
}

func (d *district) file(n int) *ticket.Ticket {
	d.tb.Helper()
	t, err := d.File(d.tb.Context(), ownerOf(n), ticket.SubmitInput{Title: "缺工人", Description: "招不到工人", Category: "labour"})
	if err != nil {
		d.tb.Fatal(err)
	}
	return t
}

// solve carries a ticket through the whole loop, an hour each step.
func (d *district) solve(n int) *ticket.Ticket {
	d.tb.Helper()
	t := d.file(n)
	for _, step := range []struct {
		actor ticket.Actor
		event ticket.Event
		in    ticket.Input
	}{
		{theDesk, ticket.EventAccept, nil},
		{theDesk, ticket.EventDispatch, ticket.DispatchInput{LeadID: fmt.Sprintf("d%d", n)}},
		{headOf(n), ticket.EventClaim, nil},
		{headOf(n), ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "招到了"}},
		{ownerOf(n), ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5}},
	} {
		d.clock.Advance(10 * time.Minute)
		t = d.fire(step.actor, t.ID, step.event, step.in)
	}
	return t
}
