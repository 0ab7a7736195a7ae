package store

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Server is what a database says of itself.
type Server struct {
	Version string
	Now     time.Time // by its own clock
	Standby bool      // it takes no writing
}

// Server asks the database about itself.
func (s *Store) Server(ctx context.Context) (Server, error) {
	var found Server
	ask := "SELECT current_setting('server_version') AS version, clock_timestamp() AS now, pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS standby"
	if s.dialect == SQLite {
		ask = "SELECT sqlite_version() AS version"
	}
	err := s.read(ctx).Raw(ask).Scan(&found).Error
	found.Version, _, _ = strings.Cut(found.Version, " ") // without the distribution's own number
	found.Now = utc(found.Now)
	return found, translate(err)
}

var errRehearsed = errors.New("rehearsed")

// Writable writes a row and takes it back.
func (s *Store) Writable(ctx context.Context) error {
	err := s.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.TakeTick(ctx, Tick{Job: "doctor", DueAt: time.Unix(0, 0)}); err != nil {
			return err
		}
		return errRehearsed
	})
	if errors.Is(err, errRehearsed) {
		return nil
	}
	return err
}

// QueueLength is how much work waits.
type QueueLength struct {
	Waiting int64
	Oldest  time.Time // since when the first of them is due; zero when none waits
	Failed  int64     // and will not be tried again
}

// Length looks how much work waits.
func (q *Queue) Length(ctx context.Context) (QueueLength, error) {
	var l QueueLength
	jobs := q.store.read(ctx).Table("river_job").Session(newSession)
	if err := jobs.Where("state IN ?", jobStates[JobFailed]).Count(&l.Failed).Error; err != nil {
		return l, translate(err)
	}
	waiting := jobs.Where("state IN ?", jobStates[JobWaiting]).Session(newSession)
	if err := waiting.Count(&l.Waiting).Error; err != nil {
		return l, translate(err)
	}
	var oldest []time.Time
	err := waiting.Order("scheduled_at").Limit(1).Pluck("scheduled_at", &oldest).Error
	if len(oldest) > 0 {
		l.Oldest = utc(oldest[0])
	}
	return l, translate(err)
}
