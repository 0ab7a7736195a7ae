package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"
)

// Tick is one due time of a job, which runs once however many processes there
// are.
type Tick struct {
	Job       string
	DueAt     time.Time
	StartedAt time.Time
	EndedAt   *time.Time // nil while it runs, or when its process died
	Error     string     // "" when it went well
}

// TableName of the ticks.
func (Tick) TableName() string { return "ticks" }

// TakeTick claims a tick; false when another process has it.
func (s *Store) TakeTick(ctx context.Context, t Tick) (bool, error) {
	t.DueAt, t.StartedAt = utc(t.DueAt), utc(t.StartedAt)
	done := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&t)
	return done.RowsAffected == 1, translate(done.Error)
}

// EndTick writes down how a tick went.
func (s *Store) EndTick(ctx context.Context, t Tick) error {
	return translate(s.write(ctx).Model(&Tick{}).Where("job = ? AND due_at = ?", t.Job, utc(t.DueAt)).
		UpdateColumns(map[string]any{"ended_at": utcPtr(t.EndedAt), "error": t.Error}).Error)
}

// PurgeTicks forgets the ticks that were due before a moment.
func (s *Store) PurgeTicks(ctx context.Context, before time.Time) (int64, error) {
	done := s.write(ctx).Where("due_at < ?", utc(before)).Delete(&Tick{})
	return done.RowsAffected, translate(done.Error)
}

// RecentTicks lists the ticks of all jobs, or of one when it is named, the last
// started first.
func (s *Store) RecentTicks(ctx context.Context, job string, limit int) ([]Tick, error) {
	q := s.read(ctx).Order("started_at DESC, job, due_at DESC").Limit(limit)
	if job != "" {
		q = q.Where("job = ?", job)
	}
	var ticks []Tick
	err := q.Find(&ticks).Error
	return ticks, translate(err)
}

// Ticks lists a job's ticks, the last due first.
func (s *Store) Ticks(ctx context.Context, job string) ([]Tick, error) {
	var ticks []Tick
	err := s.read(ctx).Where("job = ?", job).Order("due_at DESC").Find(&ticks).Error
	return ticks, translate(err)
}
