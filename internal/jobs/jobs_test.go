package jobs_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"whistle/internal/clock"
	"whistle/internal/jobs"
	"whistle/internal/service"
	"whistle/internal/store"
)

func start(t *testing.T, clk clock.Clock, zone *time.Location, cfg jobs.Config) (*store.Store, *jobs.Jobs, error) {
	t.Helper()
	st, err := store.Open(t.Context(), store.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if _, err := st.MigrateUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	svc := service.New(st, service.Config{Clock: clk, Zone: zone, Log: log})
	running, err := jobs.Start(t.Context(), svc, log, cfg)
	return st, running, err
}

// startingAtFirstLook runs on from a moment once somebody looks at it, so that
// opening a database on a busy machine takes nothing of the time.
type startingAtFirstLook struct {
	moment time.Time
	once   sync.Once
	clock  clock.Shifted
}

func (c *startingAtFirstLook) Now() time.Time {
	c.once.Do(func() { c.clock = clock.StartingAt(c.moment) })
	return c.clock.Now()
}

// nightly has everything due five minutes after a midnight but the purge.
func nightly() jobs.Config {
	return jobs.Config{Refresh: "*/5 * * * *", Freeze: "5 0 * * *", Sweep: "* * * * *", Notices: "* * * * *", Expiry: "5 0 * * *", Bulletins: "5 0 * * *", Recount: "5 0 1 11 *", Purge: "15 3 * * *"}
}

// TestJobsRunByTheServicesClock starts a moment before midnight of another
// year and zone, as the demo may, and waits for what is due then.
func TestJobsRunByTheServicesClock(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	due := time.Date(2023, 11, 1, 0, 5, 0, 0, zone)
	cfg := nightly()
	st, running, err := start(t, &startingAtFirstLook{moment: due.Add(-2 * time.Second)}, zone, cfg)
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.After(20 * time.Second)
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for _, job := range []string{jobs.Freeze, jobs.Refresh, jobs.Sweep, jobs.Notices, jobs.Expiry, jobs.Recount} {
		for {
			ticks, err := st.Ticks(t.Context(), job)
			if err != nil {
				t.Fatal(err)
			}
			if len(ticks) == 1 && ticks[0].EndedAt != nil {
				if !ticks[0].DueAt.Equal(due) || ticks[0].Error != "" {
					t.Errorf("%s ran for %s: %q", job, ticks[0].DueAt, ticks[0].Error)
				}
				break
			}
			select {
			case <-deadline:
				t.Fatalf("%s did not run: %+v", job, ticks)
			case <-look.C:
			}
		}
	}
	if ticks, err := st.Ticks(t.Context(), jobs.Purge); err != nil || len(ticks) != 0 {
		t.Errorf("purge ran though it was not due: %+v %v", ticks, err)
	}
	stopping, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := running.Stop(stopping); err != nil {
		t.Fatal(err)
	}
}

func TestBadExpressionIsRefused(t *testing.T) {
	cfg := nightly()
	cfg.Freeze = "at midnight"
	if _, _, err := start(t, clock.Wall{}, time.UTC, cfg); err == nil {
		t.Fatal("accepted")
	}
}
