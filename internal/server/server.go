// Package server is the HTTP front: the router, what surrounds every request,
// and the order in which it starts and stops.
package server

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"whistle/internal/auth"
	"whistle/internal/clock"
	"whistle/internal/rest"
	"whistle/internal/service"
	"whistle/internal/sso"
	"whistle/internal/watch"
	"whistle/internal/web"
)

// Config is what the server needs beside the service.
type Config struct {
	PublicURL      string
	Version        string
	RequestTimeout time.Duration
	Proxies        []*net.IPNet // whose forwarding headers are believed
	Banner         string       // shown on the start page, e.g. that this is the demo
	Metrics        *watch.Metrics
	Providers      []sso.Provider // by whose word people may sign in
}

// Server serves one service over HTTP.
type Server struct {
	echo *echo.Echo
	http *http.Server
	svc  *service.Service
	api  *rest.API

	routes map[string]bool // their patterns
}

// New lays out the routes.
func New(svc *service.Service, log *slog.Logger, cfg Config) (*Server, error) {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(discard{})
	// Echo believes forwarding headers by default; only named proxies may
	// speak for others.
	e.IPExtractor = echo.ExtractIPDirect()
	if len(cfg.Proxies) > 0 {
		trusted := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
		for _, network := range cfg.Proxies {
			trusted = append(trusted, echo.TrustIPRange(network))
		}
		e.IPExtractor = echo.ExtractIPFromXFFHeader(trusted...)
	}
	e.SchemeExtractor = cfg.scheme
	s := &Server{echo: e, svc: svc, routes: map[string]bool{}}
	e.Use(requestID, s.watched(cfg), logRequests(log), recovers(log), secureHeaders, timeLimit(cfg.RequestTimeout), middleware.BodyLimitWithConfig(middleware.BodyLimitConfig{Limit: maxBody, Skipper: forPeople}))

	e.Use(s.refuseUntilPrepared, auth.SameSite)
	providers, err := auth.NewProviders(cfg.Providers, cfg.PublicURL, svc.Present, log)
	if err != nil {
		return nil, err
	}
	s.api = rest.Register(e, svc, log, rest.Options{Version: cfg.Version, PublicURL: cfg.PublicURL, Providers: providers})
	e.GET(healthPath, func(c echo.Context) error { return c.JSON(http.StatusOK, map[string]string{"status": "ok"}) })
	e.GET(readyPath, s.ready)
	if err := s.docs(); err != nil {
		return nil, err
	}
	pages, err := web.Register(e, svc, log, web.Options{Version: cfg.Version, PublicURL: cfg.PublicURL, Banner: cfg.Banner, Providers: providers})
	if err != nil {
		return nil, err
	}
	for _, route := range e.Routes() {
		s.routes[route.Path] = true
	}
	e.HTTPErrorHandler = errorHandler(rest.ErrorHandler(log), pages.Error)
	s.http = &http.Server{
		Handler:           e,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       cfg.RequestTimeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	return s, nil
}

// scheme is https where people reach the service by TLS, even if a proxy speaks
// plain HTTP to us: cookies are kept to it.
func (c Config) scheme(r *http.Request) string {
	if r.TLS != nil || strings.HasPrefix(c.PublicURL, "https:") {
		return "https"
	}
	first, _, _ := strings.Cut(r.Header.Get(echo.HeaderXForwardedProto), ",") // people's own, of a row of proxies
	if c.proxied(r) && strings.EqualFold(strings.TrimSpace(first), "https") {
		return "https"
	}
	return "http"
}

const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// refuseUntilPrepared answers for a service that has no tables to ask yet.
func (s *Server) refuseUntilPrepared(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if path := c.Path(); path == healthPath || path == readyPath || s.svc.Prepared() {
			return next(c)
		}
		return echo.NewHTTPError(http.StatusServiceUnavailable)
	}
}

// errorHandler answers programs with problem documents and people with pages.
func errorHandler(programs, people echo.HTTPErrorHandler) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if forPeople(c) {
			people(err, c)
			return
		}
		programs(err, c)
	}
}

// forPeople says whether pages answer a request, not the API; they have limits
// of their own.
func forPeople(c echo.Context) bool {
	path := c.Request().URL.Path
	return path != healthPath && path != readyPath && !strings.HasPrefix(path, "/api/") && !strings.HasPrefix(path, "/openapi")
}

// maxBody bounds the API's requests; its own limits are lower but for files.
const maxBody = "21M"

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// API is the API that the server serves.
func (s *Server) API() *rest.API { return s.api }

// Handler serves requests, for tests without a network.
func (s *Server) Handler() http.Handler { return s.echo }

// Listen takes an address, host:port. Port 0 takes a free one.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}

// Serve answers requests until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown ends the streams, lets running requests finish and then stops.
func (s *Server) Shutdown(ctx context.Context) error {
	s.svc.Stop()
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off while they ran: %w", err), s.http.Close())
	}
	return nil
}

func (s *Server) ready(c echo.Context) error {
	if err := s.svc.Ready(c.Request().Context()); err != nil {
		return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": "not ready", "reason": "the database is away or a migration is missing"})
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "ready"})
}

// timeLimit bounds the work on one request; a stream goes on as long as
// somebody reads it.
func timeLimit(limit time.Duration) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if limit <= 0 || rest.Streams(c.Path()) || c.Path() == web.ExportRoute {
				return next(c)
			}
			ctx, cancel := context.WithTimeout(c.Request().Context(), limit)
			defer cancel()
			c.SetRequest(c.Request().WithContext(ctx))
			return next(c)
		}
	}
}

var saneRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// requestID takes the caller's id where it is harmless, or gives one.
func requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get(echo.HeaderXRequestID)
		if !saneRequestID.MatchString(id) {
			id = uuid.NewString()
		}
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		ctx := service.WithRequestID(c.Request().Context(), id)
		ctx = service.WithUserAgent(service.WithRemoteAddr(ctx, c.RealIP()), c.Request().UserAgent())
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

func logRequests(log *slog.Logger) echo.MiddlewareFunc {
	wall := clock.Wall{}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start := wall.Now()
			err := next(c)
			if err != nil {
				c.Error(err)
			}
			level := slog.LevelInfo
			if c.Response().Status >= http.StatusInternalServerError {
				level = slog.LevelError
			}
			log.LogAttrs(c.Request().Context(), level, "request",
				slog.String("method", c.Request().Method), slog.String("route", c.Path()),
				slog.Int("status", c.Response().Status), slog.Duration("took", wall.Now().Sub(start)),
				slog.String("remote", c.RealIP()))
			return nil
		}
	}
}

// recovers answers a panic like any other error; the stack is logged.
func recovers(log *slog.Logger) echo.MiddlewareFunc {
	return middleware.RecoverWithConfig(middleware.RecoverConfig{
		LogErrorFunc: func(c echo.Context, err error, stack []byte) error {
			log.ErrorContext(c.Request().Context(), "panic", slog.Any("error", err), slog.String("stack", string(stack)))
			return err
		},
	})
}

func secureHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
		h.Set("Cache-Control", "no-store")
		return next(c)
	}
}

//go:embed assets
var assets embed.FS

// docs are the API's docs; all of it is embedded.
func (s *Server) docs() error {
	t, err := template.ParseFS(assets, "assets/docs.html")
	if err != nil {
		return err
	}
	s.echo.GET("/docs", func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentType, echo.MIMETextHTMLCharsetUTF8)
		return t.Execute(c.Response(), map[string]any{"Operations": s.api.Operations()})
	})
	s.echo.StaticFS("/assets", echo.MustSubFS(assets, "assets/static"))
	return nil
}
