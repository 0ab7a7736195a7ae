// Package jobs runs what comes round by the clock: robfig/cron in every
// process, each tick in one of them.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"whistle/internal/figures"
	"whistle/internal/notify"
	"whistle/internal/service"
)

// Config holds the cron expressions, of five fields, in the service's zone.
type Config struct {
	Refresh   string // the figures of the year to date are counted
	Freeze    string // periods that have ended are frozen
	Sweep     string // suspended tickets whose review date has come go on
	Notices   string // people are told of deadlines, and sent what waited for the morning
	Expiry    string // who keeps policy resources is told which end soon
	Bulletins string // bulletins are made of what is frozen, and mailed
	Recount   string // everything is counted again from history
	Purge     string // what has expired is forgotten

	Channels []notify.Channel // that carry notices to people
	Ran      service.Ran      // called after each run; may be nil
}

// The names of the jobs.
const (
	Refresh   = "refresh"
	Freeze    = "freeze"
	Sweep     = "sweep"
	Notices   = "notices"
	Expiry    = "expiry"
	Bulletins = "bulletins"
	Recount   = "recount"
	Purge     = "purge"
)

// Names lists the jobs.
func Names() []string {
	return []string{Refresh, Freeze, Sweep, Notices, Expiry, Bulletins, Recount, Purge}
}

// Jobs are scheduled, until Stop.
type Jobs struct {
	svc     *service.Service
	log     *slog.Logger
	cron    *cron.Cron
	ran     service.Ran
	cancel  context.CancelFunc
	running sync.WaitGroup // beside cron's own
}

// Start schedules the jobs by the service's clock, catches up on what was
// missed while nobody ran, works on what is queued, and listens for other
// processes. The jobs run until Stop; ctx gives them its values only.
func Start(ctx context.Context, svc *service.Service, log *slog.Logger, cfg Config) (*Jobs, error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	logger := cronLog{log}
	j := &Jobs{
		svc: svc, log: log, cancel: cancel, ran: cfg.Ran,
		cron: cron.New(cron.WithLocation(svc.Zone()), cron.WithLogger(logger), cron.WithChain(cron.Recover(logger))),
	}
	var faults []error
	for _, job := range []struct {
		name, expression string
		work             func(ctx context.Context) error
	}{
		{Refresh, cfg.Refresh, j.refresh},
		{Freeze, cfg.Freeze, j.freeze},
		{Sweep, cfg.Sweep, j.sweep},
		{Notices, cfg.Notices, j.notices},
		{Expiry, cfg.Expiry, svc.WarnOfExpiry},
		{Bulletins, cfg.Bulletins, j.bulletins},
		{Recount, cfg.Recount, j.recount},
		{Purge, cfg.Purge, svc.Purge},
	} {
		schedule, err := cron.ParseStandard(job.expression)
		if err != nil {
			faults = append(faults, fmt.Errorf("cron expression of %s: %w", job.name, err))
			continue
		}
		own := &serviceSchedule{schedule: schedule, svc: svc}
		// Each job skips its own tick only, not that of the others.
		once := cron.SkipIfStillRunning(logger)(cron.FuncJob(func() { j.tick(ctx, job.name, own.due(), job.work) }))
		j.cron.Schedule(own, once)
	}
	err := errors.Join(faults...)
	if err == nil {
		err = svc.StartQueue(ctx, cfg.Channels...)
	}
	if err != nil {
		cancel()
		return nil, err
	}
	j.cron.Start()
	j.running.Go(func() { svc.Listen(ctx) })
	j.running.Go(func() { j.catchUp(ctx) })
	return j, nil
}

// Stop ends the jobs, which give up what they are at but for those of the
// queue, which have a moment to finish, and waits for them until ctx ends.
func (j *Jobs) Stop(ctx context.Context) error {
	j.cancel()
	queue := make(chan error, 1)
	go func() { queue <- j.svc.StopQueue(ctx) }()
	stopped := j.cron.Stop()
	ended := make(chan struct{})
	go func() {
		<-stopped.Done()
		j.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return <-queue
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("jobs did not stop: %w", ctx.Err()), <-queue)
	}
}

// catchUp does what may have been missed: each finds all that is overdue by
// itself, so that it does not matter who else does so.
func (j *Jobs) catchUp(ctx context.Context) {
	for _, job := range []struct {
		name string
		work func(ctx context.Context) error
	}{{Sweep, j.sweep}, {Notices, j.notices}, {Expiry, j.svc.WarnOfExpiry}, {Freeze, j.freeze}, {Bulletins, j.bulletins}, {Refresh, j.refresh}} {
		j.report(ctx, job.name, j.svc.Run(ctx, job.name, j.ran, job.work))
	}
}

func (j *Jobs) tick(ctx context.Context, name string, due time.Time, work func(ctx context.Context) error) {
	_, err := j.svc.Tick(ctx, name, due, func(ctx context.Context) error { return j.svc.Run(ctx, name, j.ran, work) })
	j.report(ctx, name, err)
}

func (j *Jobs) report(ctx context.Context, name string, err error) {
	if err != nil && ctx.Err() == nil {
		j.log.ErrorContext(ctx, "job failed", slog.String("job", name), slog.Any("error", err))
	}
}

func (j *Jobs) refresh(ctx context.Context) error {
	current, err := j.svc.Refresh(ctx)
	if err != nil {
		return err
	}
	if d := current.Drift; d != 0 {
		j.log.WarnContext(ctx, "figures drift: tickets and what is counted of them differ in number", slog.Int64("tickets_not_counted", d))
	}
	rate := current.Report.Total.Rates["resolution_rate"]
	j.log.DebugContext(ctx, "figures counted", slog.Int64("solved", rate.Numerator), slog.Int64("tickets", rate.Denominator))
	return nil
}

func (j *Jobs) freeze(ctx context.Context) error {
	n, err := j.svc.Freeze(ctx)
	if n > 0 {
		j.log.InfoContext(ctx, "figures frozen", slog.Int("snapshots", n), slog.Int("definition_version", figures.DefinitionVersion))
	}
	return err
}

func (j *Jobs) bulletins(ctx context.Context) error {
	made, mails, err := j.svc.PublishBulletins(ctx)
	if made > 0 {
		j.log.InfoContext(ctx, "bulletins made", slog.Int("bulletins", made), slog.Int("mails", mails))
	}
	return err
}

func (j *Jobs) sweep(ctx context.Context) error {
	n, err := j.svc.ResumeDue(ctx)
	if n > 0 {
		j.log.InfoContext(ctx, "suspended tickets resumed", slog.Int("tickets", n))
	}
	return err
}

func (j *Jobs) notices(ctx context.Context) error {
	alarms, failed := j.svc.TellAlarms(ctx)
	digests, late := j.svc.SendDigests(ctx) // before what waits, which goes with them
	sent, err := j.svc.SendWaiting(ctx)
	if alarms+digests+sent > 0 {
		j.log.InfoContext(ctx, "people told", slog.Int("alarms", alarms), slog.Int("digests", digests), slog.Int("messages_that_waited", sent))
	}
	return errors.Join(failed, late, err)
}

func (j *Jobs) recount(ctx context.Context) error {
	report, err := j.svc.Recount(ctx, nil)
	if err != nil {
		return err
	}
	for _, f := range report.Faults {
		j.log.ErrorContext(ctx, "recount: "+f.String())
	}
	for _, d := range report.Drifts {
		j.log.ErrorContext(ctx, "recount: figures drift", slog.String("ticket", d.Number), slog.String("ticket_id", d.TicketID),
			slog.String("table", d.Table), slog.String("column", d.Column), slog.String("stored", d.Stored), slog.String("counted", d.Counted))
	}
	for _, f := range report.Figures {
		j.log.ErrorContext(ctx, "recount: figure differs", slog.String("figure", f.Figure), slog.String("from", f.From.String()), slog.String("to", f.To.String()),
			slog.String("stored", f.Stored), slog.String("counted", f.Counted))
	}
	if err := report.Err(); err != nil {
		return err
	}
	j.log.InfoContext(ctx, "recount agrees", slog.Int("tickets", report.Tickets), slog.Int("lines", report.Lines))
	return nil
}

// serviceSchedule tells the wall's time of ticks that are due by the service's
// clock, which may stand in another year.
type serviceSchedule struct {
	schedule cron.Schedule
	svc      *service.Service

	mu         sync.Mutex
	last, next time.Time // due times by the service's clock
}

// Next is when cron, which goes by the wall, is to wake up.
func (s *serviceSchedule) Next(wall time.Time) time.Time {
	now := s.svc.Now().In(s.svc.Zone())
	next := s.schedule.Next(now)
	if next.IsZero() {
		return next // never
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !next.Equal(s.next) {
		s.last, s.next = s.next, next
	}
	return wall.Add(next.Sub(now))
}

// due is the tick for which cron woke up: the latest not after now. Cron may
// have asked for the one after it already.
func (s *serviceSchedule) due() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next.After(s.svc.Now()) && !s.last.IsZero() {
		return s.last
	}
	return s.next
}

// cronLog hands cron's words to slog.
type cronLog struct{ log *slog.Logger }

func (l cronLog) Info(msg string, args ...any) { l.log.Debug("cron: "+msg, args...) }

func (l cronLog) Error(err error, msg string, args ...any) {
	l.log.Error("cron: "+msg, append(args, slog.Any("error", err))...)
}
