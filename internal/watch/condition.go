package watch

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"whistle/internal/service"
)

// Watch has every scrape tell how the service stands, with how long ago each of
// the jobs by the clock went well.
func (m *Metrics) Watch(svc *service.Service, log *slog.Logger, jobs []string) {
	m.registry.MustRegister(&condition{svc, log, jobs})
}

// condition asks the service how it stands.
type condition struct {
	svc  *service.Service
	log  *slog.Logger
	jobs []string
}

// askFor is how long the database may take to tell.
const askFor = 5 * time.Second

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("whistle_"+name, help, labels, nil)
}

var (
	databaseUp  = desc("database_up", "1 when the database told how the service stands, 0 when it did not; the metrics that it tells are missing then.")
	connections = desc("database_connections", "Connections to the database that are open.", "pool", "state")
	maxConns    = desc("database_connections_max", "Connections that a pool may open.", "pool")
	waits       = desc("database_waits_total", "How often somebody waited for a connection.", "pool")
	waited      = desc("database_wait_seconds_total", "How long was waited for connections.", "pool")
	openTickets = desc("tickets_open", "Open tickets, by the light of their clock.", "light")
	queued      = desc("queue_jobs", "Jobs that are in the queue, but for those done.", "state")
	queueAge    = desc("queue_oldest_age_seconds", "For how long the job that waits longest has been due.")
	jobAge      = desc("job_success_age_seconds", "How long ago a job by the clock last went well in any process, by the clock of the tickets.", "name")
	differences = desc("recount_differences", "What the last recount of this process found to differ from history.", "kind")
	recountAge  = desc("recount_age_seconds", "How long ago this process last counted again from history.")
	uncounted   = desc("tickets_not_counted", "How many more tickets of the year were filed than are counted, when this process last counted.")
)

// Describe says nothing: which metrics come depends on how the service stands.
func (*condition) Describe(chan<- *prometheus.Desc) {}

// Collect is called at each scrape.
func (c *condition) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askFor)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	count := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, value, labels...)
	}
	for _, p := range c.svc.Pools() {
		gauge(connections, float64(p.InUse), p.Name, "in_use")
		gauge(connections, float64(p.Idle), p.Name, "idle")
		gauge(maxConns, float64(p.Max), p.Name)
		count(waits, float64(p.Waits), p.Name)
		count(waited, p.Waited.Seconds(), p.Name)
	}
	if r := c.svc.LastRecount(); r != nil {
		gauge(recountAge, c.svc.Now().Sub(r.At).Seconds())
		gauge(differences, float64(len(r.Faults)), "history")
		gauge(differences, float64(len(r.Drifts)), "fact")
		gauge(differences, float64(len(r.Figures)), "figure")
	}
	if r := c.svc.LastRefresh(); r != nil {
		gauge(uncounted, float64(r.Drift))
	}
	told, err := c.svc.Condition(ctx, c.jobs)
	if err != nil {
		c.log.WarnContext(ctx, "how the service stands cannot be told", slog.Any("error", err))
		gauge(databaseUp, 0)
		return
	}
	gauge(databaseUp, 1)
	gauge(openTickets, float64(told.Lights.Red), "red")
	gauge(openTickets, float64(told.Lights.Yellow), "yellow")
	gauge(openTickets, float64(told.Lights.Count-told.Lights.Red-told.Lights.Yellow), "green")
	for state, n := range told.Queue {
		gauge(queued, float64(n), string(state))
	}
	gauge(queueAge, told.QueueAge.Seconds())
	for job, age := range told.SinceSuccess {
		gauge(jobAge, age.Seconds(), job)
	}
}
