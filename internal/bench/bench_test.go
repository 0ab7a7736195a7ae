// Package bench measures commands, pages and figures over HTTP on both
// databases, with a year's tickets in them:
//
//	make bench
//
// Beside the time it tells the statements that one request sends to its
// database, and how many times as long as a request that does nothing but
// SELECT 1 it takes; that ratio, measured in the same moments, is what compares
// between machines and days.
package bench_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"whistle/internal/store"
	"whistle/internal/testkit"
)

// tickets is how many the year has, as the district's had in 2023.
const tickets = 4294

// waiting is how many tickets wait at each step of the loop where queues are
// measured.
const waiting = 60

func BenchmarkHTTP(b *testing.B) {
	for _, database := range []struct {
		name string
		open func(testing.TB) store.Config
	}{{"sqlite", testkit.SQLite}, {"postgres", testkit.MigratedPostgres}} {
		b.Run(database.name, func(b *testing.B) {
			y := newYear(b, database.open(b), tickets)
			yard := y.yardstick(b)
			for _, p := range y.pages() {
				b.Run(p.name, func(b *testing.B) { y.measure(b, yard, p.read(y)) })
			}
			b.Run("page-ticket-parallel", func(b *testing.B) { y.measureAtOnce(b, y.pages()[0].read(y)) })
			y.fillQueues(b, waiting)
			for _, p := range y.queuePages() {
				b.Run(p.name, func(b *testing.B) { y.measure(b, yard, p.read(y)) })
			}
			for i, s := range y.steps(b, y.labour(b)) {
				name := "command-" + strings.ReplaceAll(string(s.event), "_", "-")
				b.Run(name, func(b *testing.B) { y.measure(b, yard, y.command(b, i)) })
				if slices.Contains([]string{"command-submit", "command-claim"}, name) {
					b.Run(name+"-parallel", func(b *testing.B) { y.measureAtOnce(b, y.command(b, i)) })
				}
			}
		})
	}
}

// command is a step of the loop, on tickets that wait for it.
func (y *year) command(b *testing.B, before int) request {
	b.Helper()
	b.StopTimer()
	defer b.StartTimer()
	return y.fire(y.steps(b, y.labour(b))[before], y.standing(b, b.N, before))
}

// yardstick is a request that asks its database for nothing.
func (y *year) yardstick(b *testing.B) request {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := y.Store.Ping(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}))
	b.Cleanup(server.Close)
	caller := testkit.Caller{URL: server.URL, HTTP: y.client}
	return func(int) error {
		_, err := caller.Call(y.ctx, http.MethodGet, "/", nil, "")
		return err
	}
}

// measure sends the requests one after the other, and now and then the
// yardstick. The ratio is one of medians: a machine has its hiccups.
func (y *year) measure(b *testing.B, yard, send request) {
	b.Helper()
	b.StopTimer()
	const times = 10
	every := b.N/times + 1
	var yards, sends []time.Duration
	timed := func(r request, i int) time.Duration {
		start := time.Now()
		if err := r(i); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	before := y.statements.n.Load()
	var foreign int64
	for i := range b.N {
		if i%every == 0 {
			for j := range times {
				yards = append(yards, timed(yard, j))
			}
			foreign += times
		}
		b.StartTimer()
		sends = append(sends, timed(send, i))
		b.StopTimer()
	}
	sent := y.statements.n.Load() - before - foreign
	b.ReportMetric(float64(sent)/float64(b.N), "stmts/op")
	b.ReportMetric(float64(median(sends))/float64(median(yards)), "x-select1")
	b.ReportMetric(float64(median(sends).Microseconds()), "median-µs")
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// measureAtOnce sends the requests from many callers at once.
func (y *year) measureAtOnce(b *testing.B, send request) {
	b.Helper()
	b.SetParallelism(atOnce / 2) // times GOMAXPROCS
	var next atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := send(int(next.Add(1)) - 1); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}
