package watch

import (
	"log/slog"
	"net/http"
	"net/http/pprof" // lists itself at the default mux too, which nobody serves
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Server answers on the closed address: /metrics for Prometheus, and what
// net/http/pprof tells of the process under /debug/pprof/. Whoever reaches it is
// asked for nothing.
func (m *Metrics) Server(log *slog.Logger) *http.Server {
	errors := slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: errors, ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: scrapesAtOnce,
	}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: errors}
}

// scrapesAtOnce bounds what scrapes ask of the database.
const scrapesAtOnce = 3
