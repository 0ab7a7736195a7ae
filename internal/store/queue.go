package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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

// Laned is what JobArgs are that are done in a lane of their own.
type Laned interface {
	JobArgs
	Lane() string
}

// Abroad is the lane of jobs that wait for other people's machines: however
// many of these are slow, the others go on.
const Abroad = "abroad"

// lanes are how many jobs of each lane run at once in one process.
var lanes = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: jobWorkers}, Abroad: {MaxWorkers: jobWorkers}}

// GiveUp makes an error for which a job is not tried again.
func GiveUp(err error) error { return river.JobCancel(err) }

// Queue holds work that follows a commit, in the same database. Jobs are put
// into it in the transaction of what they follow, and done by the processes
// that have it running, each by one of them. It goes by the wall's clock: what
// is to wait for a moment of the tickets' time must not be queued before.
type Queue struct {
	store *Store
	cfg   QueueConfig

	enqueuer func() (*river.Client[*sql.Tx], error)
	running  runner // nil until Start
}

// QueueConfig is what a Queue needs beside its store.
type QueueConfig struct {
	Log     *slog.Logger
	Workers []Worker // one for each kind of job that there is

	// Carry, when set, is asked what a job is to take along of where it is
	// queued.
	Carry func(ctx context.Context) map[string]string
	// Around, when set, is called for each run of a job of a kind with what it
	// carries, and calls work to have it done.
	Around func(ctx context.Context, kind string, carried map[string]string, work func(ctx context.Context) error) error
}

// metadata is what stands beside a job's arguments.
type metadata struct {
	Carried map[string]string `json:"carried,omitempty"`
}

// runner is what works on jobs, whatever its driver's transactions are.
type runner interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

const (
	jobAttempts = 15 // the last comes a day and a half after the first
	jobWorkers  = 20 // at once in one process
	// sqlitePoll is how often SQLite is asked for jobs.
	sqlitePoll = 250 * time.Millisecond
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
	var middleware []rivertype.Middleware
	if q.cfg.Around != nil {
		middleware = append(middleware, river.WorkerMiddlewareFunc(func(ctx context.Context, job *rivertype.JobRow, work func(ctx context.Context) error) error {
			var told metadata
			if err := json.Unmarshal(job.Metadata, &told); err != nil {
				told.Carried = nil // somebody else's: the job is done without
			}
			return q.cfg.Around(ctx, job.Kind, told.Carried, work)
		}))
	}
	return &river.Config{
		Middleware: middleware,
		Logger:     q.cfg.Log, MaxAttempts: jobAttempts, Workers: workers,
		CancelledJobRetentionPeriod: failedJobLife, DiscardedJobRetentionPeriod: failedJobLife,
		SoftStopTimeout: jobGrace, RescueStuckJobsAfter: jobRescue,
	}, nil
}

// Start works on the jobs, until Stop; ctx gives them its values only.
func (q *Queue) Start(ctx context.Context) error {
	config, err := q.config()
	if err != nil {
		return err
	}
	config.Queues = lanes
	if q.store.dialect == SQLite {
		db, err := q.store.sqlDB()
		if err != nil {
			return err
		}
		// Asking is cheap there, and needs no table of notifications.
		config.PollOnly, config.FetchPollInterval = true, sqlitePoll
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
// returns its id. It is done after the commit.
func (q *Queue) Enqueue(ctx context.Context, args JobArgs) (int64, error) {
	return q.EnqueueIn(ctx, args, 0)
}

// EnqueueIn is Enqueue for a job that is to wait, by the wall's clock.
func (q *Queue) EnqueueIn(ctx context.Context, args JobArgs, wait time.Duration) (int64, error) {
	client, tx, err := q.within(q.store.write(ctx))
	if err != nil {
		return 0, err
	}
	if q.store.observe != nil {
		q.store.observe(ctx, "INSERT INTO river_job", 1)
	}
	opts := &river.InsertOpts{}
	if laned, ok := args.(Laned); ok {
		opts.Queue = laned.Lane()
	}
	if wait > 0 {
		opts.ScheduledAt = clock.Wall{}.Now().Add(wait)
	}
	if q.cfg.Carry != nil {
		raw, err := json.Marshal(metadata{q.cfg.Carry(ctx)})
		if err != nil {
			return 0, fmt.Errorf("queue: %s: %w", args.Kind(), err)
		}
		opts.Metadata = raw
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

// JobState is how far a job has come.
type JobState string

// The states of a job.
const (
	JobWaiting  JobState = "waiting" // for somebody to have time for it
	JobRunning  JobState = "running"
	JobRetrying JobState = "retrying" // it failed and will be tried again
	JobFailed   JobState = "failed"   // it failed and will not
	JobDone     JobState = "done"
)

// jobStates are the states in River's words.
var jobStates = map[JobState][]rivertype.JobState{
	JobWaiting:  {rivertype.JobStateAvailable, rivertype.JobStatePending},
	JobRunning:  {rivertype.JobStateRunning},
	JobRetrying: {rivertype.JobStateRetryable, rivertype.JobStateScheduled},
	JobFailed:   {rivertype.JobStateDiscarded, rivertype.JobStateCancelled},
	JobDone:     {rivertype.JobStateCompleted},
}

// JobStates lists the states, in the order of a job's life.
func JobStates() []JobState {
	return []JobState{JobWaiting, JobRunning, JobRetrying, JobFailed, JobDone}
}

// Job is a job as it stands.
type Job struct {
	ID          int64
	Kind        string
	Args        string // JSON
	State       JobState
	Attempt     int // attempts so far
	MaxAttempts int
	CreatedAt   time.Time
	DueAt       time.Time  // when it is, or was, to run; later and later as it fails
	StartedAt   *time.Time // its last attempt
	EndedAt     *time.Time
	Failures    []JobFailure // oldest first
}

// JobFailure is an attempt that failed.
type JobFailure struct {
	At    time.Time
	Error string
}

// LastFailure is what went wrong the last time; nil when nothing did.
func (j Job) LastFailure() *JobFailure {
	if len(j.Failures) == 0 {
		return nil
	}
	return &j.Failures[len(j.Failures)-1]
}

func jobOf(row *rivertype.JobRow) Job {
	j := Job{
		ID: row.ID, Kind: row.Kind, Args: string(row.EncodedArgs), Attempt: row.Attempt, MaxAttempts: row.MaxAttempts,
		CreatedAt: utc(row.CreatedAt), DueAt: utc(row.ScheduledAt), StartedAt: utcPtr(row.AttemptedAt), EndedAt: utcPtr(row.FinalizedAt),
	}
	for state, names := range jobStates {
		if slices.Contains(names, row.State) {
			j.State = state
		}
	}
	for _, e := range row.Errors {
		j.Failures = append(j.Failures, JobFailure{utc(e.At), e.Error})
	}
	return j
}

// JobFilter narrows a list of jobs; zero values narrow nothing.
type JobFilter struct {
	State JobState
	Kind  string
	After int64 // id of the last one of the page before
	Limit int
}

// Jobs lists jobs, newest first.
func (q *Queue) Jobs(ctx context.Context, f JobFilter) ([]Job, error) {
	params := river.NewJobListParams().OrderBy(river.JobListOrderByID, river.SortOrderDesc)
	if f.State != "" {
		params = params.States(jobStates[f.State]...)
	}
	if f.Kind != "" {
		params = params.Kinds(f.Kind)
	}
	if f.After > 0 {
		params = params.Where("id < @after", river.NamedArgs{"after": f.After})
	}
	if f.Limit > 0 {
		params = params.First(f.Limit)
	}
	var jobs []Job
	err := q.store.InOneView(ctx, func(ctx context.Context) error {
		client, tx, err := q.within(q.store.read(ctx))
		if err != nil {
			return err
		}
		list, err := client.JobListTx(ctx, tx, params)
		if err != nil {
			return err
		}
		for _, row := range list.Jobs {
			jobs = append(jobs, jobOf(row))
		}
		return nil
	})
	return jobs, err
}

// within is the client that works in the transaction of a handle, and the
// transaction.
func (q *Queue) within(db *gorm.DB) (*river.Client[*sql.Tx], *sql.Tx, error) {
	client, err := q.enqueuer()
	if err != nil {
		return nil, nil, fmt.Errorf("queue: %w", err)
	}
	tx, err := sqlTx(db)
	return client, tx, err
}

// Job reads one job in the transaction that ctx is in.
func (q *Queue) Job(ctx context.Context, id int64) (Job, error) {
	return q.one(ctx, id, (*river.Client[*sql.Tx]).JobGetTx)
}

// RetryJob has a job run again at once, in the transaction that ctx is in.
func (q *Queue) RetryJob(ctx context.Context, id int64) (Job, error) {
	return q.one(ctx, id, (*river.Client[*sql.Tx]).JobRetryTx)
}

// DeleteJob removes a job that is not running, in the transaction that ctx is
// in. It returns ErrChanged when it runs.
func (q *Queue) DeleteJob(ctx context.Context, id int64) (Job, error) {
	return q.one(ctx, id, (*river.Client[*sql.Tx]).JobDeleteTx)
}

func (q *Queue) one(ctx context.Context, id int64, do func(c *river.Client[*sql.Tx], ctx context.Context, tx *sql.Tx, id int64) (*rivertype.JobRow, error)) (Job, error) {
	client, tx, err := q.within(q.store.write(ctx))
	if err != nil {
		return Job{}, err
	}
	row, err := do(client, ctx, tx, id)
	switch {
	case errors.Is(err, rivertype.ErrNotFound):
		return Job{}, ErrNotFound
	case errors.Is(err, rivertype.ErrJobRunning):
		return Job{}, ErrChanged
	case err != nil:
		return Job{}, fmt.Errorf("queue: %w", err)
	}
	return jobOf(row), nil
}
