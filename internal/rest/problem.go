package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"whistle/internal/httpstatus"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

const wrongForm = "The input is not of the right form."

const problemType = "application/problem+json"

// Problem is the one form of every error, RFC 9457.
type Problem struct {
	Title     string         `json:"title" doc:"What kind of error it is"`
	Status    int            `json:"status" doc:"The HTTP status"`
	Detail    string         `json:"detail,omitempty" doc:"What went wrong, and what to do"`
	RequestID string         `json:"request_id,omitempty" doc:"Name it when you report the problem"`
	Errors    []Fault        `json:"errors,omitempty" doc:"Every fault of the input"`
	Legal     []ticket.Event `json:"legal_events,omitempty" doc:"With 409: what you may do with the ticket now"`

	headers http.Header
}

// Fault is one fault of the input.
type Fault struct {
	Pointer   string `json:"pointer,omitempty" doc:"JSON pointer into the body"`
	Parameter string `json:"parameter,omitempty" doc:"Name of the query, path or header parameter"`
	Message   string `json:"message" doc:"What is wrong, and what to do"`
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders are headers that go with the error.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType marks the answer as a problem document.
func (p *Problem) ContentType(string) string { return problemType }

// newProblem is how huma's own errors, above all faults of form, take this form.
func newProblem(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
	if status == http.StatusBadRequest {
		status = http.StatusUnprocessableEntity // a body that is no JSON is a fault of form like another
	}
	// Huma calls a body that broke off a failure of ours, which would wake somebody.
	brokeOff := status == http.StatusInternalServerError && slices.ContainsFunc(errs, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) })
	if brokeOff {
		status = http.StatusBadRequest
	}
	p := &Problem{Status: status, Title: http.StatusText(status), Detail: sentence(msg)}
	if ctx != nil {
		p.RequestID = service.RequestID(ctx.Context())
	}
	if words, ok := instead[status]; ok {
		p.Detail = words
		return p
	}
	p.Errors = faultsOf(errs)
	if status == http.StatusUnprocessableEntity && len(p.Errors) > 0 {
		p.Detail = wrongForm
	}
	return p
}

func sentence(msg string) string {
	if msg == "" {
		return ""
	}
	msg = strings.ToUpper(msg[:1]) + msg[1:]
	if !strings.HasSuffix(msg, ".") {
		msg += "."
	}
	return msg
}

// retrySeconds is how long a client waits for a database that is away.
const retrySeconds = 5

// problem maps every error of the service; one it does not know is logged in
// full, once, and answered in general words.
func (a *API) problem(ctx context.Context, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		p.RequestID = service.RequestID(ctx)
		return p
	}
	err = service.Translate(err)
	var known *ticket.Error
	if !errors.As(err, &known) {
		a.log.ErrorContext(ctx, "request failed", slog.Any("error", err))
		known = &ticket.Error{Message: instead[http.StatusInternalServerError]}
	}
	status, ok := httpstatus.Of(known.Code)
	if !ok {
		status = http.StatusInternalServerError
	}
	p = &Problem{
		Title: http.StatusText(status), Status: status, Detail: known.Message,
		RequestID: service.RequestID(ctx), Legal: known.Legal, headers: http.Header{},
	}
	for _, f := range known.Fields {
		p.Errors = append(p.Errors, Fault{Pointer: f.Pointer, Message: f.Message})
	}
	switch status {
	case http.StatusUnauthorized:
		p.headers.Set("WWW-Authenticate", `Bearer realm="whistle"`)
	case http.StatusServiceUnavailable:
		p.headers.Set("Retry-After", strconv.Itoa(retrySeconds))
	case http.StatusTooManyRequests:
		p.headers.Set("Retry-After", strconv.Itoa(int(math.Ceil(known.RetryAfter.Seconds()))))
	}
	return p
}

// badParameter is a fault of a query, path or header parameter.
func badParameter(name, format string, args ...any) error {
	return badParameters(Fault{Parameter: name, Message: fmt.Sprintf(format, args...)})
}

func badParameters(faults ...Fault) error {
	return &Problem{
		Title: http.StatusText(http.StatusUnprocessableEntity), Status: http.StatusUnprocessableEntity,
		Detail: wrongForm, Errors: faults,
	}
}
