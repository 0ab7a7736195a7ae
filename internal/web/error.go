package web

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

var statusOf = map[ticket.Code]int{
	ticket.CodeUnauthenticated: http.StatusUnauthorized,
	ticket.CodeInvalidForm:     http.StatusUnprocessableEntity,
	ticket.CodeNotFound:        http.StatusNotFound,
	ticket.CodeForbidden:       http.StatusForbidden,
	ticket.CodeStale:           http.StatusPreconditionFailed,
	ticket.CodeConflict:        http.StatusConflict,
	ticket.CodeInvalidValue:    http.StatusUnprocessableEntity,
	ticket.CodeTooLarge:        http.StatusRequestEntityTooLarge,
	ticket.CodeTooMany:         http.StatusTooManyRequests,
	ticket.CodeUnavailable:     http.StatusServiceUnavailable,
}

// known is the error as the service's own, with its status; one that it does
// not know comes back as it is.
func (p *page) known(err error) (*ticket.Error, int, error) {
	err = service.Translate(err)
	var known *ticket.Error
	if !errors.As(err, &known) {
		return nil, 0, err
	}
	status, ok := statusOf[known.Code]
	if !ok {
		return nil, 0, err
	}
	if status == http.StatusTooManyRequests {
		p.Response().Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(known.RetryAfter.Seconds()))))
	}
	return known, status, nil
}

// errorWords says an error in the reader's language.
func (p *page) errorWords(e *ticket.Error) string { return e.Message }

// faultWords says what is wrong with a field in the reader's language.
func (p *page) faultWords(f ticket.Field) string { return f.Message }

type errorPage struct {
	Status    int
	Title     string // a text's name
	Message   string
	RequestID string
}

// Error answers an error with a page. One that is not known is logged in full,
// once, and answered in general words.
func (w *Pages) Error(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	p := w.page(c)
	status, message := http.StatusInternalServerError, ""
	var httpError *echo.HTTPError
	if errors.As(err, &httpError) {
		status = httpError.Code
	} else if known, knownStatus, unknown := p.known(err); unknown == nil {
		status, message = knownStatus, p.errorWords(known)
	}
	if status == http.StatusInternalServerError {
		w.log.ErrorContext(p.ctx(), "request failed", slog.Any("error", err), slog.String("request_id", service.RequestID(p.ctx())))
	}
	title := "error." + strconv.Itoa(status)
	if !text.Has(title) {
		title = "error.500"
	}
	shown := errorPage{Status: status, Title: title, Message: message, RequestID: service.RequestID(p.ctx())}
	if c.Request().Method == http.MethodHead {
		_ = c.NoContent(status)
		return
	}
	c.Response().Header().Set("Content-Security-Policy", contentSecurity)
	if err := p.showAs(status, "account/error", shown); err != nil {
		w.log.ErrorContext(p.ctx(), "error page", slog.Any("error", err))
		_ = c.String(status, http.StatusText(status))
	}
}
