package service

import (
	"context"
	"time"

	"whistle/internal/clock"
)

// Ran is told of each run of a job how long it took and what it failed of.
type Ran func(name string, took time.Duration, err error)

// Run does what a job is there for, and tells ran, which may be nil.
func (s *Service) Run(ctx context.Context, name string, ran Ran, work func(ctx context.Context) error) error {
	wall := clock.Wall{}
	began := wall.Now()
	err := work(ctx)
	if ran != nil {
		ran(name, wall.Now().Sub(began), err)
	}
	return err
}

// aroundJob surrounds the runs of the queue's jobs.
func (s *Service) aroundJob(ran Ran) func(ctx context.Context, kind string, work func(ctx context.Context) error) error {
	return func(ctx context.Context, kind string, work func(ctx context.Context) error) error {
		return s.Run(ctx, kind, ran, work)
	}
}
