package store

import (
	"context"
	"database/sql"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Observer is called after every statement, the beginnings and ends of
// transactions included, from whichever goroutine sent it. The SQL has
// placeholders in place of values; rows is how many it read or wrote, and less
// than nothing where that is not known.
type Observer func(ctx context.Context, statement string, rows int64)

// observed makes a GORM logger of an observer; errors are not logged here but
// returned, and logged once at the edge.
type observed struct {
	logger.Interface
	observe Observer
}

func loggerFor(observe Observer) logger.Interface {
	if observe == nil {
		return logger.Discard
	}
	return observed{logger.Discard, observe}
}

// LogMode keeps observing at every level.
func (o observed) LogMode(logger.LogLevel) logger.Interface { return o }

// ParamsFilter leaves the values out.
func (observed) ParamsFilter(_ context.Context, statement string, _ ...any) (string, []any) {
	return statement, nil
}

// Trace is called by GORM after each statement.
func (o observed) Trace(ctx context.Context, _ time.Time, statement func() (text string, rows int64), _ error) {
	text, rows := statement()
	o.observe(ctx, text, rows)
}

// transact runs f in a transaction of db. GORM tells of the statements in it,
// but not of its beginning and end.
func (s *Store) transact(ctx context.Context, db *gorm.DB, f func(ctx context.Context) error, opts ...*sql.TxOptions) error {
	observe := s.observe
	if observe == nil {
		observe = func(context.Context, string, int64) {}
	}
	observe(ctx, "BEGIN", 0)
	err := db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		return f(context.WithValue(ctx, txKey{s}, tx))
	}, opts...)
	if err != nil {
		observe(ctx, "ROLLBACK", 0)
		return err
	}
	observe(ctx, "COMMIT", 0)
	return nil
}
