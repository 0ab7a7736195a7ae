package service

import (
	"context"
	"errors"
	"time"

	"whistle/internal/store"
)

// tickLife is how long it is remembered which ticks ran.
const tickLife = 30 * 24 * time.Hour

// Tick runs what is due, unless another process has claimed the same tick of
// the same job; ran is false then. How it went is written down, even when ctx
// has ended meanwhile.
func (s *Service) Tick(ctx context.Context, job string, due time.Time, work func(ctx context.Context) error) (ran bool, err error) {
	tick := store.Tick{Job: job, DueAt: due, StartedAt: s.clock.Now()}
	err = s.store.InTx(ctx, func(ctx context.Context) error {
		ran, err = s.store.TakeTick(ctx, tick)
		return err
	})
	if err != nil || !ran {
		return false, err
	}
	failed := work(ctx)
	ended := s.clock.Now()
	tick.EndedAt = &ended
	if failed != nil {
		tick.Error = failed.Error()
	}
	after := context.WithoutCancel(ctx)
	return true, errors.Join(failed, s.store.InTx(after, func(ctx context.Context) error { return s.store.EndTick(ctx, tick) }))
}

// Purge forgets what is kept for some time only.
func (s *Service) Purge(ctx context.Context) error {
	expired := s.store.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.store.PurgeKeys(ctx, s.wall.Now()); err != nil {
			return err
		}
		_, err := s.store.PurgeTicks(ctx, s.clock.Now().Add(-tickLife))
		return err
	})
	_, retained := s.retain(ctx, true)
	return errors.Join(expired, retained, s.WarnOfCalendar(ctx))
}
