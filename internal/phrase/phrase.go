// Package phrase holds what the service says of an error: in English, as the
// API answers it, and with what it was made from, so that it can be said in the
// reader's language too. A test finds every format and word in the source and
// holds the translations to them.
package phrase

import (
	"fmt"
	"strings"
	"time"
)

// Phrase is a sentence or a part of one. The zero value says nothing.
type Phrase struct {
	format  string
	args    []any
	english string
}

// Of makes a phrase as fmt.Sprintf makes a text. Among the arguments a Phrase,
// a Code and a Moment are put as the reader knows them; all others stand as
// they are.
func Of(format string, args ...any) Phrase {
	return Phrase{format, args, fmt.Sprintf(format, args...)}
}

// Word makes a phrase of a text without arguments, in which % is no verb.
func Word(text string) Phrase { return Phrase{format: text, english: text} }

// String is the phrase in English.
func (p Phrase) String() string { return p.english }

// Error makes the phrase an error, for what is read on the way to one.
func (p Phrase) Error() string { return p.english }

// Format is what the phrase was made from: its name among the translations.
func (p Phrase) Format() string { return p.format }

// Empty says whether there is nothing to say.
func (p Phrase) Empty() bool { return p.english == "" }

// In is the phrase by a translation of its format, with each argument as say
// words it. A translation may leave out all arguments; to leave out some, or to
// name them in another order, it gives their numbers: %[2]d.
func (p Phrase) In(translation string, say func(arg any) any) string {
	if len(p.args) == 0 || !strings.Contains(translation, "%") {
		return translation
	}
	said := make([]any, len(p.args))
	for i, arg := range p.args {
		said[i] = say(arg)
	}
	return fmt.Sprintf(translation, said...)
}

// Code is one of a closed list's codes as an argument.
type Code struct {
	List    string // e.g. state
	Code    string
	English string // where the code itself will not do in a sentence
}

// String is the code in English.
func (c Code) String() string {
	if c.English != "" {
		return c.English
	}
	return c.Code
}

// Either makes one phrase of several alternatives.
func Either(alternatives []Phrase) Phrase {
	var all Phrase
	for i, p := range alternatives {
		if i == 0 {
			all = p
			continue
		}
		all = Of("%s; or %s", all, p)
	}
	return all
}

// Moment is a time as an argument.
type Moment time.Time

// String is the moment as programs read it.
func (m Moment) String() string { return time.Time(m).Format(time.RFC3339) }
