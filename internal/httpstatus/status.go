// Package httpstatus tells the HTTP status of what the service refuses: the same
// for the API and the pages.
package httpstatus

import (
	"net/http"

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

// Of is the HTTP status of an error of the service; ok is false for a code
// that none is meant for.
func Of(code ticket.Code) (status int, ok bool) {
	status, ok = statusOf[code]
	return status, ok
}
