package service

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"whistle/internal/notify"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// workers are what the queue's jobs do, one line for each kind of job.
func (s *Service) workers() []store.Worker {
	return []store.Worker{
		store.WorkerOf(importLimit, s.workOnImport),
		store.WorkerOf(0, s.workOnTelling),
		store.WorkerOf(0, s.workOnSending),
		store.WorkerOf(0, s.workOnHook),
		store.WorkerOf(0, s.workOnBulletin),
	}
}

// enqueue has a job done after the commit of the transaction that ctx is in,
// by one of the processes that serve; nothing is done when it is rolled back.
// The job's kind must be among the workers.
func (s *Service) enqueue(ctx context.Context, args store.JobArgs) error {
	_, err := s.queue.Enqueue(ctx, args)
	return err
}

// StartQueue begins to work on what is queued, in this process beside others,
// until StopQueue. The channels carry notices to people. Command-line tools
// leave all that to the service.
func (s *Service) StartQueue(ctx context.Context, channels ...notify.Channel) error {
	s.channels = channels
	return s.queue.Start(ctx)
}

// StopQueue takes up no further job and waits for those that run, until ctx
// ends. What does not finish runs again at the next start.
func (s *Service) StopQueue(ctx context.Context) error { return s.queue.Stop(ctx) }

// What the queue's jobs are asked by, and what they are like.
type (
	QueueJob   = store.Job
	JobFilter  = store.JobFilter
	JobState   = store.JobState
	JobFailure = store.JobFailure
	Tick       = store.Tick
)

// JobStates lists the states of a job, in the order of its life.
func JobStates() []JobState { return store.JobStates() }

const subjectJob = "job" // in the audit log

// QueueJobs lists what is queued, runs, failed or was done lately, newest
// first. It is for administrators.
func (s *Service) QueueJobs(ctx context.Context, actor ticket.Actor, f JobFilter) ([]QueueJob, error) {
	if !administers(actor) {
		return nil, errNotYours
	}
	return s.queue.Jobs(ctx, f)
}

// RetryJob has a job that failed run again at once, whether it would have been
// tried again later or not.
func (s *Service) RetryJob(ctx context.Context, actor ticket.Actor, id int64) error {
	return s.decideOnJob(ctx, actor, id, auditRetry, s.queue.RetryJob, store.JobFailed, store.JobRetrying)
}

// DiscardJob removes a job that failed or waits; it will not be done.
func (s *Service) DiscardJob(ctx context.Context, actor ticket.Actor, id int64) error {
	return s.decideOnJob(ctx, actor, id, auditRemove, s.queue.DeleteJob, store.JobFailed, store.JobRetrying, store.JobWaiting)
}

// decideOnJob does something to a job that is in one of the states, and writes
// down who did.
func (s *Service) decideOnJob(ctx context.Context, actor ticket.Actor, id int64, action string,
	do func(ctx context.Context, id int64) (store.Job, error), states ...store.JobState,
) error {
	if !administers(actor) {
		return errNotYours
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		before, err := s.queue.Job(ctx, id)
		if err != nil {
			return problem(err, "job")
		}
		if !slices.Contains(states, before.State) {
			return errJobMovedOn
		}
		if _, err := do(ctx, id); errors.Is(err, store.ErrChanged) {
			return errJobMovedOn // it began to run just now
		} else if err != nil {
			return problem(err, "job")
		}
		return s.audit(ctx, actor, action, subjectJob, strconv.FormatInt(id, 10), jobKept{before.Kind, before.Args, before.State, before.Attempt}, nil)
	})
}

var errJobMovedOn = ticket.Errorf(ticket.CodeConflict, "The job has moved on; read it again.")

// jobKept is what the audit log keeps of a job.
type jobKept struct {
	Kind     string   `json:"kind"`
	Args     string   `json:"args"`
	State    JobState `json:"state"`
	Attempts int      `json:"attempts"`
}

// Ticks lists when what comes round by the clock ran last and how that went,
// of all jobs or of one when it is named. It is for administrators.
func (s *Service) Ticks(ctx context.Context, actor ticket.Actor, job string, limit int) ([]Tick, error) {
	if !administers(actor) {
		return nil, errNotYours
	}
	return s.store.RecentTicks(ctx, job, limit)
}
