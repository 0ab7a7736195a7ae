package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Observer is called after every statement, the beginnings and ends of
// transactions included, from whichever goroutine sent it. The SQL has
// placeholders in place of values; rows is how many it read or wrote, and less
// than nothing where that is not known.
type Observer func(ctx context.Context, statement string, rows int64)

// observed makes a GORM logger of an observer, which may be nil, and of the
// trace that a statement is part of; errors are not logged here but returned,
// and logged once at the edge.
type observed struct {
	logger.Interface
	observe Observer
}

func loggerFor(observe Observer) logger.Interface { return observed{logger.Discard, observe} }

// tracerOf makes spans in the trace that ctx is part of; none where it is in
// none.
func tracerOf(ctx context.Context) trace.Tracer {
	return trace.SpanFromContext(ctx).TracerProvider().Tracer("whistle/internal/store")
}

// LogMode keeps observing at every level.
func (o observed) LogMode(logger.LogLevel) logger.Interface { return o }

// ParamsFilter leaves the values out.
func (observed) ParamsFilter(_ context.Context, statement string, _ ...any) (string, []any) {
	return statement, nil
}

// Trace is called by GORM after each statement.
func (o observed) Trace(ctx context.Context, began time.Time, statement func() (text string, rows int64), err error) {
	traced := trace.SpanFromContext(ctx).IsRecording()
	if !traced && o.observe == nil {
		return
	}
	text, rows := statement()
	if o.observe != nil {
		o.observe(ctx, text, rows)
	}
	if !traced {
		return
	}
	verb, _, _ := strings.Cut(text, " ")
	_, span := tracerOf(ctx).Start(ctx, verb, trace.WithTimestamp(began), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("db.query.text", text), attribute.Int64("db.response.returned_rows", rows)))
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		span.SetStatus(codes.Error, "failed") // the driver's words may hold values
	}
	span.End()
}

// transact runs f in a transaction of db. GORM tells of the statements in it,
// but not of its beginning and end.
func (s *Store) transact(ctx context.Context, db *gorm.DB, f func(ctx context.Context) error, opts ...*sql.TxOptions) error {
	observe := s.observe
	if observe == nil {
		observe = func(context.Context, string, int64) {}
	}
	ctx, span := tracerOf(ctx).Start(ctx, "transaction")
	defer span.End()
	observe(ctx, "BEGIN", 0)
	err := db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		return f(context.WithValue(ctx, txKey{s}, tx))
	}, opts...)
	if err != nil {
		observe(ctx, "ROLLBACK", 0)
		span.SetAttributes(attribute.Bool("db.rolled_back", true))
		return err
	}
	observe(ctx, "COMMIT", 0)
	return nil
}
