package demo_test

import (
	"context"
	"log/slog"
	"testing"
	"time"
	_ "time/tzdata"

	"whistle/internal/clock"
	"whistle/internal/demo"
	"whistle/internal/service"
	"whistle/internal/store"
)

func fill(tb testing.TB, dir string) (*service.Service, *store.Store, *clock.Manual) {
	tb.Helper()
	ctx := context.Background()
	zone, err := demo.Zone()
	if err != nil {
		tb.Fatal(err)
	}
	st, err := store.Open(ctx, store.Config{Dir: dir})
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := st.MigrateUp(ctx); err != nil {
		tb.Fatal(err)
	}
	now := clock.NewManual(demo.Begin(zone))
	svc := service.New(st, service.Config{Clock: now, Zone: zone, Log: slog.New(slog.DiscardHandler)})
	if err := svc.Prepare(ctx); err != nil {
		tb.Fatal(err)
	}
	began := time.Now()
	if err := demo.Fill(ctx, svc, now, nil); err != nil {
		tb.Fatal(err)
	}
	tb.Log("filled in", time.Since(began))
	return svc, st, now
}

func TestFill(t *testing.T) {
	fill(t, "/tmp/demofill")
}
