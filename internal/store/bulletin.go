package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"whistle/internal/figures"
	"whistle/internal/worktime"
)

// Bulletin is one that was made of a frozen period.
type Bulletin struct {
	Kind       figures.Kind
	FromDate   worktime.Date
	ToDate     worktime.Date
	SnapshotID string
	MadeAt     time.Time
	Mails      int // how many were sent
}

// Period is what it is about.
func (b Bulletin) Period() figures.Period {
	return figures.Period{Kind: b.Kind, FromDate: b.FromDate, ToDate: b.ToDate}
}

// InsertBulletin writes down that a bulletin was made; false when it was before.
func (s *Store) InsertBulletin(ctx context.Context, b Bulletin) (bool, error) {
	b.MadeAt = utc(b.MadeAt)
	done := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&b)
	return done.RowsAffected == 1, translate(done.Error)
}

// Bulletins lists those that were made, those of the latest periods first.
func (s *Store) Bulletins(ctx context.Context, limit int) ([]Bulletin, error) {
	var all []Bulletin
	err := s.read(ctx).Order("to_date DESC, kind").Limit(limit).Find(&all).Error
	for i := range all {
		all[i].MadeAt = utc(all[i].MadeAt)
	}
	return all, translate(err)
}
