package store

import (
	"context"
	"database/sql"
)

// InOneView runs f, which only reads, on one state of the database, whatever
// others write meanwhile.
func (s *Store) InOneView(ctx context.Context, f func(ctx context.Context) error) error {
	return s.transact(ctx, s.reader, f, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
}
