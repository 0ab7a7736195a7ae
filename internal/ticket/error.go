package ticket

import (
	"strings"
	"time"

	"whistle/internal/phrase"
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
	said    phrase.Phrase
}

// Fieldf makes a Field whose message has arguments.
func Fieldf(pointer, format string, args ...any) Field {
	return FieldOf(pointer, phrase.Of(format, args...))
}

// FieldOf makes a Field of what was said elsewhere.
func FieldOf(pointer string, said phrase.Phrase) Field {
	return Field{Pointer: pointer, Message: said.String(), said: said}
}

// Phrase is the message, to be put into the reader's language.
func (f Field) Phrase() phrase.Phrase { return phraseOf(f.said, f.Message) }

// phraseOf is what was said; a message without arguments is its own format.
func phraseOf(said phrase.Phrase, message string) phrase.Phrase {
	if said.String() == message {
		return said
	}
	return phrase.Word(message)
}

// Error is the one error type that callers see.
type Error struct {
	Code    Code
	Message string
	Fields  []Field
	Legal   []Event // with CodeConflict: what the caller may do now
	// RetryAfter, with CodeTooMany, is how long to wait before trying again.
	RetryAfter time.Duration

	said phrase.Phrase
}

// Phrase is the message, to be put into the reader's language.
func (e *Error) Phrase() phrase.Phrase { return phraseOf(e.said, e.Message) }

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
	said := phrase.Of(format, args...)
	return &Error{Code: code, Message: said.String(), said: said}
}

// NotFound is the answer for what is not there and for what the caller may
// not see, in the same words.
func NotFound(what string) *Error {
	return Errorf(CodeNotFound, "There is no such %s, or you may not see it.", phrase.Word(what))
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
