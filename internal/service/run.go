package service

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"whistle/internal/clock"
)

// Ran is told of each run of a job how long it took and what it failed of.
type Ran func(name string, took time.Duration, err error)

// Tracer makes the spans of traces; none where nobody wants them.
func (s *Service) Tracer() trace.Tracer { return s.tracer }

// Run does what a job is there for, in a span of its own, and tells ran, which
// may be nil.
func (s *Service) Run(ctx context.Context, name string, ran Ran, work func(ctx context.Context) error) error {
	ctx, span := s.tracer.Start(ctx, "job "+name, trace.WithSpanKind(trace.SpanKindConsumer))
	defer span.End()
	wall := clock.Wall{}
	began := wall.Now()
	err := work(ctx)
	if err != nil {
		span.SetStatus(codes.Error, "failed") // of what is in the log
	}
	if ran != nil {
		ran(name, wall.Now().Sub(began), err)
	}
	return err
}

// carriedRequestID is the name under which a job carries the id of its request.
const carriedRequestID = "request_id"

// carry is what a job takes along of the request that it follows: its id, and
// its place in the trace.
func carry(ctx context.Context) map[string]string {
	carried := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carried)
	if id := RequestID(ctx); id != "" {
		carried[carriedRequestID] = id
	}
	return carried
}

// aroundJob surrounds the runs of the queue's jobs, which go on with the trace
// of the request that they follow.
func (s *Service) aroundJob(ran Ran) func(ctx context.Context, kind string, carried map[string]string, work func(ctx context.Context) error) error {
	return func(ctx context.Context, kind string, carried map[string]string, work func(ctx context.Context) error) error {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier(carried))
		if id := carried[carriedRequestID]; id != "" {
			ctx = WithRequestID(ctx, id)
		}
		return s.Run(ctx, kind, ran, work)
	}
}
