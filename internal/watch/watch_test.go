package watch_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"whistle/internal/jobs"
	"whistle/internal/server"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
	"whistle/internal/watch"
)

// watched is a district that is served and watched.
type watched struct {
	*testkit.District
	metrics     *watch.Metrics
	url, closed string // addresses
	shut        func() // waits for the requests that run
}

func newWatched(t *testing.T, cfg store.Config, log *slog.Logger, with ...func(c *service.Config)) *watched {
	t.Helper()
	w := &watched{District: testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00", with...)), metrics: watch.NewMetrics("test")}
	w.metrics.Watch(w.Service.Service, log, jobs.Names())
	srv, err := server.New(w.Service.Service, log, server.Config{Version: "test", PublicURL: "http://whistle.test", Metrics: w.metrics})
	if err != nil {
		t.Fatal(err)
	}
	open, closed := httptest.NewServer(srv.Handler()), httptest.NewServer(w.metrics.Server(log).Handler)
	t.Cleanup(func() {
		w.Stop()
		open.Close()
		closed.Close()
	})
	w.url, w.closed, w.shut = open.URL, closed.URL, open.Close
	return w
}

// ask sends a request as one of the district's people, or as nobody, and reads
// the answer.
func (w *watched) ask(t *testing.T, method, url, name string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if name != "" {
		token, _, err := w.CreateToken(t.Context(), w.Actor(t, name), service.NewToken{Name: "test"})
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// scrape reads the metrics as Prometheus does.
func (w *watched) scrape(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	status, text := w.ask(t, http.MethodGet, w.closed+"/metrics", "")
	if status != http.StatusOK {
		t.Fatal(status, text)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// value is the value, or the number of observations, of the metric that has
// exactly the labels given, names and values by turns.
func value(t *testing.T, families map[string]*dto.MetricFamily, name string, labels ...string) float64 {
	t.Helper()
	want := map[string]string{}
	for pair := range slices.Chunk(labels, 2) {
		want[pair[0]] = pair[1]
	}
	for _, m := range families[name].GetMetric() {
		has := 0
		for _, l := range m.GetLabel() {
			if want[l.GetName()] == l.GetValue() {
				has++
			}
		}
		if has == len(want) && has == len(m.GetLabel()) {
			return m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	t.Errorf("%s%q is not told of", name, labels)
	return -1
}

func TestRequestsAreCountedByPattern(t *testing.T) {
	w := newWatched(t, testkit.MigratedSQLite(t), slog.New(slog.DiscardHandler))
	marked := "8e0c7a52-private-e1e1"
	for _, r := range []struct {
		method, path, as string
		status           int
	}{
		{"GET", "/api/v1/tickets", "desk", 200},
		{"GET", "/api/v1/tickets/" + marked, "desk", 404},
		{"GET", "/api/v1/tickets/" + marked + "2", "desk", 404},
		{"GET", "/api/v1/" + marked, "", 404},
		{"GET", "/" + marked + "/wp-login.php", "", 404},
		{"DELETE", "/api/v1/figures?" + marked, "", 405},
		{strings.ToUpper(marked[:8]) + "VERB", "/healthz", "", 405},
		{"GET", "/healthz", "", 200},
	} {
		if status, _ := w.ask(t, r.method, w.url+r.path, r.as); status != r.status {
			t.Errorf("%s %s: %d", r.method, r.path, status)
		}
	}
	families := w.scrape(t)
	const requests = "whistle_http_requests_total"
	for _, c := range []struct {
		method, route, status string
		n                     float64
	}{
		{"GET", "/api/v1/tickets", "200", 1},
		{"GET", "/api/v1/tickets/:id", "404", 2},
		{"GET", watch.Unmatched, "404", 2},
		{"DELETE", "/api/v1/figures", "405", 1},
		{"other", "/healthz", "405", 1},
		{"GET", "/healthz", "200", 1},
	} {
		if n := value(t, families, requests, "method", c.method, "route", c.route, "status", c.status); n != c.n {
			t.Errorf("%+v: %v", c, n)
		}
	}
	if n := value(t, families, "whistle_http_request_duration_seconds", "method", "GET", "route", "/api/v1/tickets/:id"); n != 2 {
		t.Errorf("durations of %v requests", n)
	}
	if n := value(t, families, "whistle_http_requests_in_flight"); n != 0 {
		t.Errorf("%v requests under way", n)
	}
	for name, family := range families {
		for _, m := range family.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "job" || l.GetName() == "instance" {
					t.Errorf("%s: the label %s is the scrape's own", name, l.GetName())
				}
				if strings.Contains(strings.ToLower(l.GetValue()), marked[:8]) {
					t.Errorf("%s: %s is what a caller sent", name, l)
				}
			}
		}
	}
}

func TestConditionIsTold(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		w := newWatched(t, cfg, slog.New(slog.DiscardHandler))
		ctx := t.Context()
		if _, err := w.File(ctx, w.Actor(t, "own"), ticket.SubmitInput{Title: "招不到装配工", Description: "节后缺一百名装配工。", Category: "labour"}); err != nil {
			t.Fatal(err)
		}
		if err := w.Run(ctx, jobs.Purge, w.metrics.Ran(watch.ByClock), func(context.Context) error { return errors.New("no") }); err == nil {
			t.Error("the failure was lost")
		}
		if _, err := w.Tick(ctx, jobs.Sweep, w.Clock.Now(), func(context.Context) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Recount(ctx, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(90 * time.Second)
		families := w.scrape(t)
		for _, c := range []struct {
			n      float64
			name   string
			labels []string
		}{
			{1, "whistle_database_up", nil},
			{1, "whistle_build_info", []string{"version", "test"}},
			{1, "whistle_tickets_open", []string{"light", "green"}},
			{0, "whistle_tickets_open", []string{"light", "yellow"}},
			{0, "whistle_tickets_open", []string{"light", "red"}},
			{0, "whistle_queue_jobs", []string{"state", "running"}},
			{0, "whistle_queue_jobs", []string{"state", "retrying"}},
			{0, "whistle_queue_jobs", []string{"state", "failed"}},
			{1, "whistle_job_runs_total", []string{"by", "clock", "name", jobs.Purge, "result", "failed"}},
			{1, "whistle_job_duration_seconds", []string{"by", "clock", "name", jobs.Purge}},
			{90, "whistle_job_success_age_seconds", []string{"name", jobs.Sweep}},
			{90, "whistle_recount_age_seconds", nil},
			{0, "whistle_recount_differences", []string{"kind", "history"}},
			{0, "whistle_recount_differences", []string{"kind", "fact"}},
			{0, "whistle_recount_differences", []string{"kind", "figure"}},
			{0, "whistle_tickets_not_counted", nil},
		} {
			if n := value(t, families, c.name, c.labels...); n != c.n {
				t.Errorf("%s%v: %v, want %v", c.name, c.labels, n, c.n)
			}
		}
		if n := value(t, families, "whistle_queue_jobs", "state", "waiting"); n < 1 {
			t.Errorf("%v jobs wait, though filing has people told", n)
		}
		for _, p := range w.Pools() {
			if n := value(t, families, "whistle_database_connections_max", "pool", p.Name); n < 1 {
				t.Errorf("%s: %v connections at most", p.Name, n)
			}
			value(t, families, "whistle_database_connections", "pool", p.Name, "state", "in_use")
			value(t, families, "whistle_database_waits_total", "pool", p.Name)
			value(t, families, "whistle_database_wait_seconds_total", "pool", p.Name)
		}

		// Far beyond every deadline.
		w.Clock.Advance(365 * 24 * time.Hour)
		if n := value(t, w.scrape(t), "whistle_tickets_open", "light", "red"); n != 1 {
			t.Errorf("%v red lights", n)
		}

		if err := w.Store.Close(); err != nil {
			t.Fatal(err)
		}
		families = w.scrape(t)
		if n := value(t, families, "whistle_database_up"); n != 0 {
			t.Errorf("the database is up: %v", n)
		}
		if families["whistle_tickets_open"] != nil {
			t.Error("lights are told without a database")
		}
	})
}

func TestClosedAddress(t *testing.T) {
	w := newWatched(t, testkit.MigratedSQLite(t), slog.New(slog.DiscardHandler))
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/goroutine?debug=1"} {
		if status, _ := w.ask(t, http.MethodGet, w.closed+path, ""); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
	}
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/cmdline"} {
		if status, text := w.ask(t, http.MethodGet, w.url+path, ""); status == http.StatusOK || strings.Contains(text, "whistle_build_info") {
			t.Errorf("the public address answers %s: %d", path, status)
		}
	}
}
