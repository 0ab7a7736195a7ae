package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"
)

// IdempotencyKey is a key under which a caller sent a command.
type IdempotencyKey struct {
	ActorID   string
	Route     string
	Key       string
	BodyHash  string
	Answer    string
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
}

// KeyLife is how long a key is kept.
const KeyLife = 24 * time.Hour

// TakeKey reserves a key; fresh is false when it was used before within
// KeyLife, and kept is what it was used for. Of two that come at once, the
// second waits for the first's transaction.
func (s *Store) TakeKey(ctx context.Context, k IdempotencyKey) (kept IdempotencyKey, fresh bool, err error) {
	k.CreatedAt = utc(k.CreatedAt)
	same := s.write(ctx).Where("actor_id = ? AND route = ? AND key = ?", k.ActorID, k.Route, k.Key)
	if err := same.Session(newSession).Where("created_at < ?", k.CreatedAt.Add(-KeyLife)).Delete(&IdempotencyKey{}).Error; err != nil {
		return k, false, translate(err)
	}
	done := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&k)
	if done.Error != nil {
		return k, false, translate(done.Error)
	}
	if done.RowsAffected == 1 {
		return k, true, nil
	}
	err = same.Session(newSession).Take(&kept).Error
	return kept, false, translate(err)
}

// KeepAnswer keeps what the command under the key answered.
func (s *Store) KeepAnswer(ctx context.Context, k IdempotencyKey, answer string) error {
	return translate(s.write(ctx).Model(&IdempotencyKey{}).
		Where("actor_id = ? AND route = ? AND key = ?", k.ActorID, k.Route, k.Key).
		UpdateColumn("answer", answer).Error)
}

// PurgeKeys forgets the keys that are older than KeyLife.
func (s *Store) PurgeKeys(ctx context.Context, now time.Time) (int64, error) {
	done := s.write(ctx).Where("created_at < ?", utc(now.Add(-KeyLife))).Delete(&IdempotencyKey{})
	return done.RowsAffected, translate(done.Error)
}
