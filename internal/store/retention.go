package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"whistle/internal/directory"
	"whistle/internal/ticket"
)

// endedTokens narrows to the tokens of the kinds that have opened nothing since
// a moment.
func endedTokens(before time.Time, kinds []directory.TokenKind) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		return q.Where("kind IN ? AND (ended_at < ? OR expires_at < ?)", kinds, utc(before), utc(before))
	}
}

// EndedTokens counts the tokens of the kinds that ended before a moment, and
// really removes them.
func (s *Store) EndedTokens(ctx context.Context, before time.Time, really bool, kinds ...directory.TokenKind) (int64, error) {
	if !really {
		var n int64
		err := s.read(ctx).Model(&directory.Token{}).Scopes(endedTokens(before, kinds)).Count(&n).Error
		return n, translate(err)
	}
	done := s.write(ctx).Scopes(endedTokens(before, kinds)).Delete(&directory.Token{})
	return done.RowsAffected, translate(done.Error)
}

// NoticesBefore counts the notices made before a moment.
func (s *Store) NoticesBefore(ctx context.Context, before time.Time) (int64, error) {
	var n int64
	err := s.read(ctx).Model(&Notice{}).Where("created_at < ?", utc(before)).Count(&n).Error
	return n, translate(err)
}

// DoneWith lists the enterprises with a contact that had tickets, none of which
// is open or changed since a moment, and that were not changed themselves since.
func (s *Store) DoneWith(ctx context.Context, before time.Time) ([]directory.Enterprise, error) {
	var rows []directory.Enterprise
	err := s.read(ctx).Where(`(contact <> '' OR phone <> '') AND updated_at < ?
		AND EXISTS (SELECT 1 FROM tickets t WHERE t.enterprise_id = enterprises.id)
		AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.enterprise_id = enterprises.id AND (t.state IN ? OR t.updated_at >= ?))`,
		utc(before), ticket.OpenStates(), utc(before)).Order("id").Find(&rows).Error
	return rows, translate(err)
}
