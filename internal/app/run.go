package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"whistle/internal/clock"
	"whistle/internal/config"
	"whistle/internal/jobs"
	"whistle/internal/server"
	"whistle/internal/service"
	"whistle/internal/store"
)

// Options are what Run needs beside the configuration.
type Options struct {
	Version string
	Out     io.Writer   // where to tell people the address
	Clock   clock.Clock // of the tickets; the wall by default
	Banner  string      // what the start page says besides
	// Ready is called once the service answers, with its address.
	Ready func(addr string)
}

// Run serves until ctx ends, then stops in order: no new requests, running
// ones finish, jobs stop, the database closes; within cfg.ShutdownWait.
func Run(ctx context.Context, cfg *config.Config, opts Options) error {
	log := Log(cfg)
	if opts.Clock == nil {
		opts.Clock = clock.Wall{}
	}
	svc, closeAll, err := Open(ctx, cfg, log, opts.Clock)
	if err != nil {
		return err
	}
	err = serve(ctx, cfg, opts, svc, log)
	return errors.Join(err, closeAll())
}

func serve(ctx context.Context, cfg *config.Config, opts Options, svc *service.Service, log *slog.Logger) error {
	srv, err := server.New(svc, log, server.Config{
		Addr: cfg.Addr, PublicURL: cfg.PublicURL, Version: opts.Version,
		RequestTimeout: cfg.RequestTimeout, Proxies: cfg.Proxies(), Banner: opts.Banner,
	})
	if err != nil {
		return err
	}
	listener, err := srv.Listen(ctx)
	if err != nil {
		return err
	}
	schedule, err := jobs.Start(ctx, svc, log, jobs.Config{
		Refresh: cfg.CronRefresh, Freeze: cfg.CronFreeze, Sweep: cfg.CronSweep, Recount: cfg.CronRecount, Purge: cfg.CronPurge,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	addr := listener.Addr().String()
	log.InfoContext(ctx, "serving", slog.String("addr", addr), slog.String("database", svc.Database()), slog.String("version", opts.Version))
	if err := svc.WarnOfCalendar(ctx); err != nil {
		log.ErrorContext(ctx, "calendar", slog.Any("error", err))
	}
	if err := welcome(ctx, cfg, opts, svc, addr); err != nil {
		log.ErrorContext(ctx, "first administrator", slog.Any("error", err))
	}
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.ShutdownWait)
	defer cancel()
	log.InfoContext(stopping, "stopping")
	return errors.Join(err, srv.Shutdown(stopping), schedule.Stop(stopping))
}

// welcome tells the operator where the service is and, before there is an
// administrator, how to become one.
func welcome(ctx context.Context, cfg *config.Config, opts Options, svc *service.Service, addr string) error {
	if opts.Ready != nil {
		opts.Ready(addr)
		return nil
	}
	fmt.Fprintf(opts.Out, "whistle %s serves http://%s\n", opts.Version, addr)
	link, err := svc.FirstAdminLink(ctx)
	if err != nil || link == nil {
		return err
	}
	_, err = fmt.Fprintf(opts.Out, "No administrator has a password yet. Set one for the user %s, once, before %s:\n"+
		"  curl -X POST %s/api/v1/links/use -H 'Content-Type: application/json' -d '{\"token\":\"%s\",\"password\":\"…\"}'\n",
		link.User.Username, link.ExpiresAt.In(svc.Zone()).Format("2006-01-02 15:04"), cfg.PublicURL, link.Token)
	return err
}

// Migrator is the part of the store that the migrate command works on.
type Migrator interface {
	MigrateUp(ctx context.Context) (int, error)
	MigrateDown(ctx context.Context) (store.Migration, error)
	Migrations(ctx context.Context) ([]store.Migration, error)
}

// WithMigrator opens the database as it is, without migrating it.
func WithMigrator(ctx context.Context, cfg *config.Config, f func(m Migrator) error) (err error) {
	asItIs := *cfg
	asItIs.Migrate = false
	st, err := OpenStore(ctx, &asItIs, Log(cfg))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return f(st)
}

// OpenAPI is the API's document. It needs no database: operations are laid out
// over a service that is never called.
func OpenAPI() ([]byte, error) {
	log := slog.New(slog.DiscardHandler)
	svc := service.New(nil, service.Config{Clock: clock.Wall{}, Log: log})
	srv, err := server.New(svc, log, server.Config{})
	if err != nil {
		return nil, err
	}
	return srv.API().OpenAPI()
}
