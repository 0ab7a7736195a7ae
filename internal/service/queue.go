package service

import (
	"context"
	"time"

	"whistle/internal/notify"
	"whistle/internal/store"
)

// workers are what the queue's jobs do, one line for each kind of job.
func (s *Service) workers() []store.Worker {
	return []store.Worker{
		store.WorkerOf(importLimit, s.workOnImport),
		store.WorkerOf(0, s.workOnTelling),
		store.WorkerOf(0, s.workOnSending),
	}
}

// enqueue has a job done after the commit of the transaction that ctx is in,
// by one of the processes that serve; nothing is done when it is rolled back.
// The job's kind must be among the workers.
func (s *Service) enqueue(ctx context.Context, args store.JobArgs) error {
	return s.enqueueAt(ctx, args, time.Time{})
}

// enqueueAt is enqueue for a job that is to wait until a moment.
func (s *Service) enqueueAt(ctx context.Context, args store.JobArgs, at time.Time) error {
	_, err := s.queue.Enqueue(ctx, args, at)
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
