package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"gorm.io/gorm"
)

// OpenLights counts all open tickets and their lights.
func (s *Store) OpenLights(ctx context.Context, now time.Time) (LightCount, error) {
	var n LightCount
	err := s.read(ctx).Raw("SELECT count(*) AS count, count(*) FILTER (WHERE "+red+") AS red, count(*) FILTER (WHERE "+yellow+") AS yellow FROM tickets WHERE "+isOpen,
		map[string]any{"now": utc(now)}).Scan(&n).Error
	return n, translate(err)
}

// CountJobs counts the queue's jobs by state, but for those done.
func (s *Store) CountJobs(ctx context.Context) (map[JobState]int, error) {
	counts := map[JobState]int{}
	columns := make([]string, 0, len(jobStates))
	for _, state := range JobStates() {
		if state == JobDone {
			continue // many, and of no interest
		}
		names := make([]string, len(jobStates[state]))
		for i, name := range jobStates[state] {
			names[i] = "'" + string(name) + "'"
		}
		columns = append(columns, "SELECT '"+string(state)+"' AS state, count(*) AS count FROM river_job WHERE state IN ("+strings.Join(names, ", ")+")")
	}
	var rows []struct {
		State JobState
		Count int
	}
	err := s.read(ctx).Raw(strings.Join(columns, " UNION ALL ")).Scan(&rows).Error
	for _, r := range rows {
		counts[r.State] = r.Count
	}
	return counts, translate(err)
}

// OldestDue is since when the job that waits longest is to run, or from when on;
// nil when none waits.
func (q *Queue) OldestDue(ctx context.Context) (*time.Time, error) {
	var due *time.Time
	err := q.store.InOneView(ctx, func(ctx context.Context) error {
		client, tx, err := q.within(q.store.read(ctx))
		if err != nil {
			return err
		}
		list, err := client.JobListTx(ctx, tx, river.NewJobListParams().States(slices.Concat(jobStates[JobRetrying], jobStates[JobWaiting])...).
			OrderBy(river.JobListOrderByScheduledAt, river.SortOrderAsc).First(1))
		if err != nil || len(list.Jobs) == 0 {
			return err
		}
		due = utcPtr(&list.Jobs[0].ScheduledAt)
		return nil
	})
	return due, err
}

// LastSuccess is when a job by the clock last ended well; nil when it never did.
func (s *Store) LastSuccess(ctx context.Context, job string) (*time.Time, error) {
	var ticks []Tick
	err := s.read(ctx).Where("job = ? AND ended_at IS NOT NULL AND error = ''", job).Order("due_at DESC").Limit(1).Find(&ticks).Error
	if err != nil || len(ticks) == 0 {
		return nil, translate(err)
	}
	return ticks[0].EndedAt, nil
}

// Pool tells of connections to the database.
type Pool struct {
	Name             string
	InUse, Idle, Max int
	Waits            int64 // for a connection
	Waited           time.Duration
}

// Pools tells of SQLite's writer and readers, or of PostgreSQL's one pool.
func (s *Store) Pools() []Pool {
	if s.pool == nil {
		return []Pool{poolOf("write", s.writer), poolOf("read", s.reader)}
	}
	// GORM's handles stand before the pool, which the queue works on as well.
	p, stat := poolOf("postgres", s.writer), s.pool.Stat()
	p.InUse, p.Idle, p.Max = int(stat.AcquiredConns()), int(stat.IdleConns()), int(stat.MaxConns())
	p.Waits += stat.EmptyAcquireCount()
	p.Waited += stat.EmptyAcquireWaitTime()
	return []Pool{p}
}

func poolOf(name string, db *gorm.DB) Pool {
	pool, err := db.DB()
	if err != nil {
		return Pool{Name: name} // never: both stand on a sql.DB
	}
	stats := pool.Stats()
	return Pool{name, stats.InUse, stats.Idle, stats.MaxOpenConnections, stats.WaitCount, stats.WaitDuration}
}
