package server

import (
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"whistle/internal/clock"
	"whistle/internal/rest"
	"whistle/internal/service"
	"whistle/internal/watch"
)

// watched counts requests by the pattern of their route, and gives each a span.
// What comes from the caller alone, as the path of a route that is none, is
// neither label nor name; addresses with what people look for are not told.
func (s *Server) watched(cfg Config) echo.MiddlewareFunc {
	wall := clock.Wall{}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			defer cfg.Metrics.Began()()
			method, route, start := watch.Method(c.Request().Method), s.route(c), wall.Now()
			ctx := c.Request().Context()
			if cfg.proxied(c.Request()) { // others may not say what is traced
				ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(c.Request().Header))
			}
			ctx, span := s.svc.Tracer().Start(ctx, method+" "+route, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
				attribute.String("http.request.method", method), attribute.String("http.route", route),
				attribute.String("whistle.request_id", service.RequestID(ctx))))
			defer span.End()
			c.SetRequest(c.Request().WithContext(ctx))
			if err := next(c); err != nil {
				return err // never: the log answers errors before
			}
			status := c.Response().Status
			span.SetAttributes(attribute.Int("http.response.status_code", status))
			if status >= http.StatusInternalServerError {
				span.SetStatus(codes.Error, http.StatusText(status))
			}
			var took time.Duration
			if !rest.Streams(c.Path()) {
				took = wall.Now().Sub(start)
			}
			cfg.Metrics.Answered(method, route, status, took)
			return nil
		}
	}
}

// route is the pattern that a request has met.
func (s *Server) route(c echo.Context) string {
	if route := c.Path(); s.routes[route] {
		return route
	}
	return watch.Unmatched
}

// proxied says whether a request comes by a proxy that is believed.
func (c Config) proxied(r *http.Request) bool {
	address, _, _ := net.SplitHostPort(r.RemoteAddr)
	peer := net.ParseIP(address)
	return slices.ContainsFunc(c.Proxies, func(network *net.IPNet) bool { return network.Contains(peer) })
}
