package service

import (
	"context"
	"time"

	"whistle/internal/store"
)

// Condition is how the service stands, for who watches it: numbers of all that
// there is, with nothing in them that belongs to anybody.
type Condition struct {
	Lights       store.LightCount         // of the open tickets
	Queue        map[JobState]int         // jobs but for those done
	QueueAge     time.Duration            // for which the job that waits longest has been due
	SinceSuccess map[string]time.Duration // by job that comes by the clock; none that never went well
}

// Condition asks the database how the service stands.
func (s *Service) Condition(ctx context.Context, jobs []string) (*Condition, error) {
	now := s.clock.Now()
	c := &Condition{SinceSuccess: map[string]time.Duration{}}
	var err error
	if c.Lights, err = s.store.OpenLights(ctx, now); err != nil {
		return nil, err
	}
	if c.Queue, err = s.store.CountJobs(ctx); err != nil {
		return nil, err
	}
	due, err := s.queue.OldestDue(ctx)
	if err != nil {
		return nil, err
	}
	if due != nil {
		c.QueueAge = max(0, s.wall.Now().Sub(*due))
	}
	for _, job := range jobs {
		ended, err := s.store.LastSuccess(ctx, job)
		if err != nil {
			return nil, err
		}
		if ended != nil {
			c.SinceSuccess[job] = now.Sub(*ended)
		}
	}
	return c, nil
}

// Pools tells of the connections to the database.
func (s *Service) Pools() []store.Pool { return s.store.Pools() }
