package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/trace"

	"whistle/internal/config"
	"whistle/internal/jobs"
	"whistle/internal/server"
	"whistle/internal/service"
	"whistle/internal/watch"
)

// watchers are those whom the service tells how it goes.
type watchers struct {
	metrics    *watch.Metrics
	traces     trace.TracerProvider
	sendTraces func(ctx context.Context) error // that wait, at the end
}

func newWatchers(ctx context.Context, cfg *config.Config, version string, log *slog.Logger) (*watchers, error) {
	w := &watchers{metrics: watch.NewMetrics(version)}
	var err error
	w.traces, w.sendTraces, err = watch.NewTraces(ctx, watch.TraceConfig{URL: cfg.TracesURL, Share: cfg.TracesShare, Version: version}, log)
	return w, err
}

// tracesWait is how long the last traces may take on their way.
const tracesWait = 3 * time.Second

// end sends the last traces; that they cannot be sent is no reason to fail.
func (w *watchers) end(ctx context.Context, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tracesWait)
	defer cancel()
	if err := w.sendTraces(ctx); err != nil {
		log.WarnContext(ctx, "the last traces were not sent", slog.Any("error", err))
	}
}

// listen answers whoever watches on the closed address, until the function
// returned is called; nothing listens where none is configured. It is the last
// to go, so that the end can be watched too.
func (w *watchers) listen(ctx context.Context, cfg *config.Config, svc *service.Service, log *slog.Logger, ready func(addr string)) (stop func() error, err error) {
	if cfg.WatchAddr == "" {
		return func() error { return nil }, nil
	}
	w.metrics.Watch(svc, log, jobs.Names())
	listener, err := server.Listen(ctx, cfg.WatchAddr)
	if err != nil {
		return nil, err
	}
	srv, served := w.metrics.Server(log), make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	log.InfoContext(ctx, "watched", slog.String("addr", listener.Addr().String()))
	if ready != nil {
		ready(listener.Addr().String())
	}
	return func() error {
		err := srv.Close()
		if s := <-served; !errors.Is(s, http.ErrServerClosed) {
			err = errors.Join(err, s)
		}
		return err
	}, nil
}
