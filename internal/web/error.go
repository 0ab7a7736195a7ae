package web

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"whistle/internal/httpstatus"
	"whistle/internal/phrase"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// known is the error as the service's own, with its status; one that it does
// not know comes back as it is.
func (p *page) known(err error) (*ticket.Error, int, error) {
	err = service.Translate(err)
	var known *ticket.Error
	if !errors.As(err, &known) {
		return nil, 0, err
	}
	status, ok := httpstatus.Of(known.Code)
	if !ok {
		return nil, 0, err
	}
	if status == http.StatusTooManyRequests {
		p.Response().Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(known.RetryAfter.Seconds()))))
	}
	return known, status, nil
}

// phrase says a phrase in the reader's language.
func (p *page) phrase(said phrase.Phrase) string { return p.lang.Say(said, p.shower().words) }

// errorWords says an error in the reader's language.
func (p *page) errorWords(e *ticket.Error) string { return p.phrase(e.Phrase()) }

// faultWords says what is wrong with a field, to stand at it.
func (p *page) faultWords(f ticket.Field) string {
	words := p.phrase(f.Phrase())
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}

// namedFault says what is wrong with a field that is not shown, with its name
// as the forms have it.
func (p *page) namedFault(f ticket.Field) string {
	parts := strings.Split(f.Pointer, "/")
	for _, name := range slices.Backward(parts) {
		if id := "field." + name; text.Has(id) {
			return p.t("error.fault", "Field", p.t(id), "Fault", p.phrase(f.Phrase()))
		}
	}
	return p.faultWords(f)
}

type errorPage struct {
	Status    int
	Title     string // a text's name
	Message   string
	Faults    []string
	RequestID string
}

// Error answers an error with a page. One that is not known is logged in full,
// once, and answered in general words.
func (w *Pages) Error(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	p := w.page(c)
	status := http.StatusInternalServerError
	var shown errorPage
	var httpError *echo.HTTPError
	if errors.As(err, &httpError) {
		status = httpError.Code
	} else if known, knownStatus, unknown := p.known(err); unknown == nil {
		status, shown.Message = knownStatus, p.errorWords(known)
		for _, fault := range known.Fields {
			shown.Faults = append(shown.Faults, p.namedFault(fault))
		}
	}
	if status == http.StatusInternalServerError {
		w.log.ErrorContext(p.ctx(), "request failed", slog.Any("error", err))
	}
	shown.Status, shown.Title, shown.RequestID = status, "error."+strconv.Itoa(status), service.RequestID(p.ctx())
	if !text.Has(shown.Title) {
		shown.Title = "error.500"
	}
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
