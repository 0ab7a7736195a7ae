package watch

import (
	"context"
	"fmt"
	"log/slog"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// TraceConfig says where traces go.
type TraceConfig struct {
	URL     string  // that takes OTLP over HTTP; "" for none to be made
	Share   float64 // of requests and jobs of which one is made, 0 to 1
	Version string
}

// NewTraces makes what traces are made by, and what sends those that wait and
// ends it.
func NewTraces(ctx context.Context, cfg TraceConfig, log *slog.Logger) (trace.TracerProvider, func(ctx context.Context) error, error) {
	if cfg.URL == "" {
		return noop.NewTracerProvider(), func(context.Context) error { return nil }, nil
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(cfg.URL))
	if err != nil {
		return nil, nil, fmt.Errorf("traces: %w", err)
	}
	// The library has one place for what cannot be sent.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces", slog.Any("error", err)) }))
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(exporter),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(cfg.Share))),
		sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", "whistle"), attribute.String("service.version", cfg.Version))),
	)
	return provider, provider.Shutdown, nil
}
