package ticket

import (
	"fmt"
	"strings"
	"time"
)

// Code is the kind of an Error; the edges map it to a status.
type Code string

// The codes, in the order in which a command is checked.
const (
	CodeUnauthenticated Code = "unauthenticated" // nobody is signed in
	CodeInvalidForm     Code = "invalid_form"    // the input's form
	CodeNotFound        Code = "not_found"       // not there, or not visible to the caller
	CodeForbidden       Code = "forbidden"       // the caller never may
	CodeStale           Code = "stale"           // the caller has seen an older version
	CodeConflict        Code = "conflict"        // illegal in this state
	CodeInvalidValue    Code = "invalid_value"   // a rule on the values
	CodeTooLarge        Code = "too_large"
	CodeTooMany         Code = "too_many_requests"
	CodeUnavailable     Code = "unavailable"
)

// Field is a fault at one place of the input.
type Field struct {
	Pointer string // JSON pointer into the input, e.g. /department_ids/0
	Message string // what to do about it; never the value itself
}

// Error is the one error type that callers see.
type Error struct {
	Code    Code
	Message string
	Fields  []Field
	Legal   []Event // with CodeConflict: what the caller may do now
	// RetryAfter, with CodeTooMany, is how long to wait before trying again.
	RetryAfter time.Duration
}

func (e *Error) Error() string {
	if len(e.Fields) == 0 {
		return e.Message
	}
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Pointer + ": " + f.Message
	}
	return e.Message + " (" + strings.Join(parts, "; ") + ")"
}

// Errorf makes an Error without fields.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// NotFound is the answer for what is not there and for what the caller may
// not see, in the same words.
func NotFound(what string) *Error {
	return Errorf(CodeNotFound, "There is no such %s, or you may not see it.", what)
}

// InvalidForm is the answer to an input of a wrong form; nil without faults.
func InvalidForm(fields []Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Code: CodeInvalidForm, Message: "The input is not of the right form.", Fields: fields}
}

// InvalidValues is the answer to values that break a rule; nil without faults.
func InvalidValues(fields []Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Code: CodeInvalidValue, Message: "Some values cannot be accepted.", Fields: fields}
}
