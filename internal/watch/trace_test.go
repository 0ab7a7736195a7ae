package watch_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
	"whistle/internal/watch"
)

// receiver takes traces as a collector does, by OTLP over HTTP.
type receiver struct {
	mu    sync.Mutex
	spans []*tracepb.Span
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	raw, err := io.ReadAll(req.Body)
	var sent collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(raw, &sent)
	}
	if err != nil || req.URL.Path != "/v1/traces" || req.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "no traces", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, resource := range sent.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			r.spans = append(r.spans, scope.GetSpans()...)
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// within are the spans of a trace by their names.
func (r *receiver) within(traceID []byte) map[string][]*tracepb.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	spans := map[string][]*tracepb.Span{}
	for _, s := range r.spans {
		if bytes.Equal(s.GetTraceId(), traceID) {
			spans[s.GetName()] = append(spans[s.GetName()], s)
		}
	}
	return spans
}

// syncBuffer is a log that several write.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// TestOneTrace follows a request through its statements to the job that it
// leaves in the queue, and finds its line in the log.
func TestOneTrace(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		var got receiver
		taker := httptest.NewServer(&got)
		t.Cleanup(taker.Close)
		var written syncBuffer
		log := slog.New(watch.LogHandler(slog.NewJSONHandler(&written, nil)))
		traces, send, err := watch.NewTraces(t.Context(), watch.TraceConfig{URL: taker.URL + "/v1/traces", Share: 1, Version: "test"}, log)
		if err != nil {
			t.Fatal(err)
		}
		ran := make(chan string, 100)
		w := newWatched(t, cfg, log, func(c *service.Config) {
			c.Tracer = traces
			c.Ran = func(name string, _ time.Duration, _ error) { ran <- name }
		})
		body := `{"title":"招不到装配工","description":"节后缺一百名装配工。","category":"labour"}`
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/api/v1/tickets", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		token, _, err := w.CreateToken(t.Context(), w.Actor(t, "own"), service.NewToken{Name: "test"})
		if err != nil {
			t.Fatal(err)
		}
		strange := "00-11111111111111111111111111111111-2222222222222222-01"
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Request-Id", "the-one-looked-for")
		req.Header.Set("traceparent", strange)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusCreated {
			t.Fatal(res.Status)
		}
		if err := w.StartQueue(t.Context()); err != nil {
			t.Fatal(err)
		}
		kind := <-ran
		if err := w.StopQueue(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.shut() // an answer may arrive before its line is written
		if err := send(t.Context()); err != nil {
			t.Fatal(err)
		}

		// The line of the log leads to the trace.
		var line struct {
			Msg, Route string
			RequestID  string `json:"request_id"`
			TraceID    string `json:"trace_id"`
			SpanID     string `json:"span_id"`
		}
		for text := range strings.Lines(written.b.String()) {
			if strings.Contains(text, `"msg":"request"`) {
				if err := json.Unmarshal([]byte(text), &line); err != nil {
					t.Fatal(err)
				}
			}
		}
		if line.RequestID != "the-one-looked-for" || line.Route != "/api/v1/tickets" {
			t.Fatalf("the request's line: %+v in %s", line, written.b.String())
		}
		traceID, err := hex.DecodeString(line.TraceID)
		if err != nil || len(traceID) != 16 || strings.Contains(strange, line.TraceID) {
			t.Fatalf("trace %q: %v; a stranger's is not gone on with", line.TraceID, err)
		}
		spans := got.within(traceID)
		for _, name := range []string{"POST /api/v1/tickets", "transaction", "SELECT", "INSERT", "job " + kind} {
			if len(spans[name]) == 0 {
				t.Errorf("no span %q in the trace", name)
			}
		}
		request := spans["POST /api/v1/tickets"]
		if len(request) != 1 || hex.EncodeToString(request[0].GetSpanId()) != line.SpanID || len(request[0].GetParentSpanId()) != 0 {
			t.Errorf("the request's span: %v, in the log %s", request, line.SpanID)
		}
		ids := map[string]bool{}
		for _, some := range spans {
			for _, s := range some {
				ids[string(s.GetSpanId())] = true
			}
		}
		for name, some := range spans {
			for _, s := range some {
				if parent := s.GetParentSpanId(); len(parent) > 0 && !ids[string(parent)] {
					t.Errorf("%s hangs in the air", name)
				}
				for _, a := range s.GetAttributes() {
					if text := a.GetValue().GetStringValue(); strings.Contains(text, "装配工") || strings.Contains(text, token) {
						t.Errorf("%s tells what the request held: %s", name, text)
					}
				}
			}
		}
	})
}

func TestNoTracesUnlessWanted(t *testing.T) {
	traces, send, err := watch.NewTraces(t.Context(), watch.TraceConfig{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w := newWatched(t, testkit.MigratedSQLite(t), slog.New(slog.DiscardHandler), func(c *service.Config) { c.Tracer = traces })
	ctx, span := w.Tracer().Start(t.Context(), "nothing")
	defer span.End()
	if _, err := w.File(ctx, w.Actor(t, "own"), ticket.SubmitInput{Title: "缺工", Description: "缺", Category: "labour"}); err != nil {
		t.Fatal(err)
	}
	if span.IsRecording() || span.SpanContext().IsValid() {
		t.Error("a trace is made")
	}
	if err := send(context.Background()); err != nil {
		t.Error(err)
	}
}
