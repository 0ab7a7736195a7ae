package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"whistle/internal/clock"
	"whistle/internal/config"
	"whistle/internal/jobs"
	"whistle/internal/notify"
	"whistle/internal/outbound"
	"whistle/internal/server"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/watch"
)

// Options are what Run needs beside the configuration.
type Options struct {
	Version string
	Out     io.Writer   // where to tell people the address
	Clock   clock.Clock // of the tickets; the wall by default
	Banner  string      // what the start page says besides
	// Ready is called once the service answers, with its address.
	Ready func(addr string)
	// Watched is called once the closed address answers, with it; may be nil.
	Watched func(addr string)
}

// Run serves until ctx ends, then stops in order: no new requests, running
// ones finish while jobs give up, the database closes; within cfg.ShutdownWait.
//
// Where migrations are left to somebody else, it serves before they are
// applied, not ready, and begins its work once they are.
func Run(ctx context.Context, cfg *config.Config, opts Options) error {
	log := Log(cfg)
	if opts.Clock == nil {
		opts.Clock = clock.Wall{}
	}
	watchers, err := newWatchers(ctx, cfg, opts.Version, log)
	if err != nil {
		return err
	}
	defer watchers.end(ctx, log)
	svc, closeAll, err := open(ctx, cfg, log, service.Config{Clock: opts.Clock, Tracer: watchers.traces, Ran: watchers.metrics.Ran(watch.ByQueue), Delivered: watchers.metrics.Delivered})
	if err != nil {
		return err
	}
	stopWatching, err := watchers.listen(ctx, cfg, svc, log, opts.Watched)
	if err != nil {
		return errors.Join(err, closeAll())
	}
	if cfg.Migrate {
		err = prepare(ctx, svc)
	}
	if err == nil {
		err = serve(ctx, cfg, opts, svc, log, watchers)
	}
	return errors.Join(err, stopWatching(), closeAll())
}

func serve(ctx context.Context, cfg *config.Config, opts Options, svc *service.Service, log *slog.Logger, watchers *watchers) error {
	listener, err := server.Listen(ctx, cfg.Addr)
	if err != nil {
		return err
	}
	addr, publicURL := listener.Addr().String(), cfg.PublicURL
	if publicURL == "http://"+config.Reachable(cfg.Addr) {
		publicURL = "http://" + config.Reachable(addr) // nobody named one, and the port may just have been found
	}
	srv, err := server.New(svc, log, server.Config{
		PublicURL: publicURL, Version: opts.Version,
		RequestTimeout: cfg.RequestTimeout, Proxies: cfg.Proxies(), Banner: opts.Banner, Metrics: watchers.metrics, Providers: cfg.Providers(),
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	told := ctx // ends when somebody tells it to
	ctx, cancel := context.WithCancelCause(told)
	defer cancel(nil)
	go func() {
		if err := srv.Serve(listener); err != nil {
			cancel(err)
		}
	}()
	log.InfoContext(ctx, "serving", slog.String("addr", addr), slog.String("database", svc.Database()), slog.String("version", opts.Version))
	if opts.Ready == nil {
		fmt.Fprintf(opts.Out, "whistle %s serves http://%s\n", opts.Version, config.Reachable(addr))
	}
	schedule, err := begin(ctx, cfg, opts, svc, log, watchers, publicURL)
	if err == nil {
		if opts.Ready != nil {
			opts.Ready(addr)
		}
		<-ctx.Done()
		err = context.Cause(ctx)
	}
	if told.Err() != nil {
		err = nil
	}
	return errors.Join(err, stop(ctx, cfg, log, srv, schedule))
}

// begin prepares the service, once its database is migrated, and starts what
// it does by itself.
func begin(ctx context.Context, cfg *config.Config, opts Options, svc *service.Service, log *slog.Logger, watchers *watchers, publicURL string) (*jobs.Jobs, error) {
	if err := await(ctx, svc, log); err != nil {
		return nil, err
	}
	if err := svc.WarnOfCalendar(ctx); err != nil {
		log.ErrorContext(ctx, "calendar", slog.Any("error", err))
	}
	if opts.Ready == nil {
		if err := welcome(ctx, opts.Out, svc, publicURL); err != nil {
			log.ErrorContext(ctx, "first administrator", slog.Any("error", err))
		}
	}
	svc.SetPublicURL(publicURL)
	channels, err := channels(cfg, publicURL)
	if err != nil {
		return nil, err
	}
	return jobs.Start(ctx, svc, log, jobs.Config{
		Refresh: cfg.CronRefresh, Freeze: cfg.CronFreeze, Sweep: cfg.CronSweep, Notices: cfg.CronNotices, Expiry: cfg.CronExpiry, Bulletins: cfg.CronBulletins, Recount: cfg.CronRecount, Purge: cfg.CronPurge,
		Channels: channels, Ran: watchers.metrics.Ran(watch.ByClock),
	})
}

// channels are the ways to people that are configured, one entry for each there
// is.
func channels(cfg *config.Config, publicURL string) ([]notify.Channel, error) {
	var all []notify.Channel
	for _, c := range []struct {
		configured bool
		open       func() (notify.Channel, error)
	}{
		{cfg.MailHost != "", func() (notify.Channel, error) { return notify.NewMail(mailConfig(cfg, publicURL)) }},
		{true, func() (notify.Channel, error) { return notify.NewRobots(reach(cfg), publicURL, clock.Wall{}), nil }},
	} {
		if !c.configured {
			continue
		}
		channel, err := c.open()
		if err != nil {
			return nil, fmt.Errorf("channels: %w", err)
		}
		all = append(all, channel)
	}
	return all, nil
}

// reach goes to the addresses that users give.
func reach(cfg *config.Config) *outbound.Client {
	return outbound.New(outbound.Options{Allowed: cfg.Reachables()})
}

func mailConfig(cfg *config.Config, publicURL string) notify.MailConfig {
	return notify.MailConfig{
		Host: cfg.MailHost, Port: cfg.MailPort, User: cfg.MailUser, Password: cfg.MailPassword,
		From: cfg.MailFrom, TLS: notify.TLS(cfg.MailTLS), PublicURL: publicURL,
	}
}

// lookEvery is how often is looked whether somebody has migrated the database.
const lookEvery = time.Second

// await prepares a service that is not prepared, as soon as that can be done.
func await(ctx context.Context, svc *service.Service, log *slog.Logger) error {
	if svc.Prepared() {
		return nil
	}
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for told := false; ; told = true {
		err := svc.Migrated(ctx)
		if err == nil {
			return prepare(ctx, svc)
		}
		if !told {
			log.WarnContext(ctx, "not ready: waiting for the database", slog.Any("reason", err))
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

// stop ends the server and the jobs, which there are none of when it never
// became ready.
func stop(ctx context.Context, cfg *config.Config, log *slog.Logger, srv *server.Server, schedule *jobs.Jobs) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.ShutdownWait)
	defer cancel()
	log.InfoContext(ctx, "stopping")
	jobsStopped := make(chan error, 1)
	go func() {
		if schedule == nil {
			jobsStopped <- nil
			return
		}
		jobsStopped <- schedule.Stop(ctx)
	}()
	return errors.Join(srv.Shutdown(ctx), <-jobsStopped)
}

// welcome tells the operator, before there is an administrator, how to become
// one.
func welcome(ctx context.Context, out io.Writer, svc *service.Service, publicURL string) error {
	link, err := svc.FirstAdminLink(ctx)
	if err != nil || link == nil {
		return err
	}
	_, err = fmt.Fprintf(out, "No administrator has a password yet. Set one for the user %s, once, before %s: open\n  %s\nor\n"+
		"  curl -X POST %s/api/v1/links/use -H 'Content-Type: application/json' -d '{\"token\":\"%s\",\"password\":\"…\"}'\n",
		link.User.Username, link.ExpiresAt.In(svc.Zone()).Format("2006-01-02 15:04"), service.LinkURL(publicURL, link), publicURL, link.Token)
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
	st, err := OpenStore(ctx, asItIs(cfg), Log(cfg))
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
