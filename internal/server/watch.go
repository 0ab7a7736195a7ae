package server

import (
	"time"

	"github.com/labstack/echo/v4"

	"whistle/internal/clock"
	"whistle/internal/rest"
	"whistle/internal/watch"
)

// watched counts requests by the pattern of their route. What comes from the
// caller alone, as the path of a route that is none, is no label.
func (s *Server) watched(metrics *watch.Metrics) echo.MiddlewareFunc {
	wall := clock.Wall{}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			defer metrics.Began()()
			route, start := s.route(c), wall.Now()
			if err := next(c); err != nil {
				return err // never: the log answers errors before
			}
			var took time.Duration
			if !rest.Streams(c.Path()) {
				took = wall.Now().Sub(start)
			}
			metrics.Answered(c.Request().Method, route, c.Response().Status, took)
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
