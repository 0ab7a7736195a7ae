package store

import (
	"context"
	"database/sql"

	"gorm.io/gorm"
)

// InOneView runs f, which only reads, on one state of the database, whatever
// others write meanwhile.
func (s *Store) InOneView(ctx context.Context, f func(ctx context.Context) error) error {
	return s.reader.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		return f(context.WithValue(ctx, txKey{s}, tx))
	}, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
}
