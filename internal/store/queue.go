package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
	"gorm.io/gorm"

	"whistle/internal/clock"
)

// JobArgs are what a job of one kind is told, kept as JSON.
type JobArgs interface {
	// Kind names the job's kind; it must not change while jobs of it wait.
	Kind() string
}

// Run is one attempt at a job.
type Run struct {
	JobID   int64
	Attempt int  // from 1
	Last    bool // when it fails there will be no other
}

// Worker does the jobs of one kind.
type Worker struct {
	add func(workers *river.Workers) error
}

// WorkerOf makes a Worker for the kind of A. An error of work has the job
// tried again, later and later, up to its number of attempts; one made by
// GiveUp fails it at once. A job may run twice when a process dies at the end
// of it, so work must not mind. It may run for limit; 0 for a minute.
func WorkerOf[A JobArgs](limit time.Duration, work func(ctx context.Context, run Run, args A) error) Worker {
	return Worker{add: func(workers *river.Workers) error {
		return river.AddWorkerSafely(workers, &worker[A]{limit: limit, work: work})
	}}
}

type worker[A JobArgs] struct {
	river.WorkerDefaults[A]
	limit time.Duration
	work  func(ctx context.Context, run Run, args A) error
}

func (w *worker[A]) Timeout(*river.Job[A]) time.Duration { return w.limit }

func (w *worker[A]) Work(ctx context.Context, job *river.Job[A]) error {
	return w.work(ctx, Run{JobID: job.ID, Attempt: job.Attempt, Last: job.Attempt >= job.MaxAttempts}, job.Args)
}

// GiveUp makes an error for which a job is not tried again.
func GiveUp(err error) error { return river.JobCancel(err) }

// Queue holds work that follows a commit, in the same database. Jobs are put
// into it in the transaction of what they follow, and done by the processes
// that have it running, each by one of them.
//
// It lives by the clock it is given, so that jobs of a demo in another year
// fall due in that year, and tests need not wait.
type Queue struct {
	store *Store
	cfg   QueueConfig

	enqueuer func() (*river.Client[*sql.Tx], error)
	running  runner // nil until Start
}

// QueueConfig is what a Queue needs beside its store.
type QueueConfig struct {
	Clock   clock.Clock
	Log     *slog.Logger
	Workers []Worker // one for each kind of job that there is
}

// runner is what works on jobs, whatever its driver's transactions are.
type runner interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

const (
	jobAttempts = 15 // the last comes a day and a half after the first
	jobWorkers  = 20 // at once in one process
	// jobGrace is how long running jobs may go on when told to stop; what is
	// cut off runs again at the next start.
	jobGrace = 5 * time.Second
	// jobRescue is after how long a job is taken for left behind by a process
	// that died, unless its kind may run for longer.
	jobRescue = 10 * time.Minute
	// failedJobLife is how long failed jobs wait for somebody to look at them.
	failedJobLife = 30 * 24 * time.Hour
)

// NewQueue makes the queue of a store; nothing works on it until Start.
func NewQueue(s *Store, cfg QueueConfig) *Queue {
	q := &Queue{store: s, cfg: cfg}
	q.enqueuer = sync.OnceValues(func() (*river.Client[*sql.Tx], error) {
		db, err := s.sqlDB()
		if err != nil {
			return nil, err
		}
		config, err := q.config()
		if err != nil {
			return nil, err
		}
		if s.dialect == SQLite {
			return river.NewClient(riversqlite.New(db), config)
		}
		return river.NewClient(riverdatabasesql.New(db), config)
	})
	return q
}

// config is that of a client that puts jobs into the queue.
func (q *Queue) config() (*river.Config, error) {
	workers := river.NewWorkers()
	for _, w := range q.cfg.Workers {
		if err := w.add(workers); err != nil {
			return nil, err
		}
	}
	config := &river.Config{
		Logger: q.cfg.Log, MaxAttempts: jobAttempts, Workers: workers,
		CancelledJobRetentionPeriod: failedJobLife, DiscardedJobRetentionPeriod: failedJobLife,
		SoftStopTimeout: jobGrace, RescueStuckJobsAfter: jobRescue,
	}
	if _, wall := q.cfg.Clock.(clock.Wall); !wall {
		config.Test.Time = riverTime{q.cfg.Clock}
	}
	return config, nil
}

// riverTime hands River another clock than the machine's.
type riverTime struct{ clock.Clock }

func (t riverTime) NowOrNil() *time.Time {
	now := t.Now()
	return &now
}

// Start works on the jobs, until Stop; ctx gives them its values only.
func (q *Queue) Start(ctx context.Context) error {
	config, err := q.config()
	if err != nil {
		return err
	}
	config.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: jobWorkers}}
	if q.store.dialect == SQLite {
		db, err := q.store.sqlDB()
		if err != nil {
			return err
		}
		// Asking is cheap there, and needs no table of notifications.
		config.PollOnly = true
		q.running, err = river.NewClient(riversqlite.New(db), config)
		if err != nil {
			return fmt.Errorf("queue: %w", err)
		}
	} else if q.running, err = river.NewClient[pgx.Tx](riverpgxv5.New(q.store.pool), config); err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	if err := q.running.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	return nil
}

// Stop takes no further job, lets running ones finish for a moment and cuts
// off those that do not.
func (q *Queue) Stop(ctx context.Context) error {
	if q.running == nil {
		return nil
	}
	if err := q.running.Stop(ctx); err != nil {
		return fmt.Errorf("queue did not stop: %w", err)
	}
	return nil
}

// Enqueue puts a job into the queue in the transaction that ctx is in, and
// returns its id. It is done after the commit: at once, or at a moment to come.
func (q *Queue) Enqueue(ctx context.Context, args JobArgs, at time.Time) (int64, error) {
	client, err := q.enqueuer()
	if err != nil {
		return 0, fmt.Errorf("queue: %w", err)
	}
	tx, err := sqlTx(q.store.write(ctx))
	if err != nil {
		return 0, err
	}
	opts := &river.InsertOpts{}
	if at.After(q.cfg.Clock.Now()) {
		opts.ScheduledAt = utc(at)
	}
	if q.store.observe != nil {
		q.store.observe(ctx, "INSERT INTO river_job")
	}
	inserted, err := client.InsertTx(ctx, tx, args, opts)
	if err != nil {
		return 0, fmt.Errorf("queue: %s: %w", args.Kind(), err)
	}
	return inserted.Job.ID, nil
}

// sqlTx is the transaction behind GORM's.
func sqlTx(db *gorm.DB) (*sql.Tx, error) {
	pool := db.Statement.ConnPool
	if prepared, ok := pool.(*gorm.PreparedStmtTX); ok {
		pool = prepared.Tx
	}
	if tx, ok := pool.(*sql.Tx); ok {
		return tx, nil
	}
	return nil, errors.New("store: no transaction")
}

var _ rivertype.TimeGenerator = riverTime{}
