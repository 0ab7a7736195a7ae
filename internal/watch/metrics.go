// Package watch lets the service be watched: metrics for Prometheus, traces
// for OpenTelemetry, and what ties the lines of the log to both.
package watch

import (
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics are what the process counts of what it does, beside how the service
// stands, which is asked for at each scrape. Their labels have few values each:
// patterns of routes, names of jobs; never a path, an id or a name that somebody
// sent. (A label called job would be taken for the scrape's own.)
//
// A nil *Metrics counts nothing.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	inFlight prometheus.Gauge
	runs     *prometheus.CounterVec
	ran      *prometheus.HistogramVec
	webhooks *prometheus.CounterVec
}

// NewMetrics makes the metrics of a process that runs a version of the service.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "whistle_http_requests_total", Help: "Requests answered, by the pattern of their route.",
		}, []string{"method", "route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "whistle_http_request_duration_seconds", Help: "How long requests took, but for those that go on as long as somebody reads.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "whistle_http_requests_in_flight", Help: "Requests under way, streams included.",
		}),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "whistle_job_runs_total", Help: "Runs of jobs, by the clock or from the queue, and how they ended.",
		}, []string{"by", "name", "result"}),
		ran: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "whistle_job_duration_seconds", Help: "How long runs of jobs took.",
			Buckets: []float64{.01, .05, .1, .5, 1, 5, 15, 60, 300},
		}, []string{"by", "name"}),
		webhooks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "whistle_webhook_attempts_total", Help: "Attempts to tell a webhook something, and what came of them.",
		}, []string{"outcome"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "whistle_build_info", Help: "1, with the version that runs.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.took, m.inFlight, m.runs, m.ran, m.webhooks, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Method is a request's method as it is told of: anything can stand there.
func Method(method string) string {
	if slices.Contains(methods, method) {
		return method
	}
	return "other"
}

// methods are those that are told by name.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// Unmatched stands for every path that belongs to no route.
const Unmatched = "unmatched"

// Began counts a request that is under way until the function returned is
// called.
func (m *Metrics) Began() (ended func()) {
	if m == nil {
		return func() {}
	}
	m.inFlight.Inc()
	return m.inFlight.Dec
}

// Answered counts a request. The method is that of Method; the route is the pattern, or Unmatched; took is 0
// for one whose length says nothing.
func (m *Metrics) Answered(method, route string, status int, took time.Duration) {
	if m == nil {
		return
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	if took > 0 {
		m.took.WithLabelValues(method, route).Observe(took.Seconds())
	}
}

// Delivered counts an attempt to tell a webhook something.
func (m *Metrics) Delivered(outcome string) { m.webhooks.WithLabelValues(outcome).Inc() }

// What a job runs by.
const (
	ByClock = "clock"
	ByQueue = "queue"
)

// Ran is what counts the runs of the jobs that come by the clock or the queue.
func (m *Metrics) Ran(by string) func(name string, took time.Duration, err error) {
	return func(name string, took time.Duration, err error) {
		result := "ok"
		if err != nil {
			result = "failed"
		}
		m.runs.WithLabelValues(by, name, result).Inc()
		m.ran.WithLabelValues(by, name).Observe(took.Seconds())
	}
}
