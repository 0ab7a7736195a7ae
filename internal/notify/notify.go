// Package notify carries notices out of the service to people. A channel is a
// file of this package and one line where app lists them; what is told to
// whom, and when, is decided before, in service.
//
// The notices on the pages are no channel: they are what is told, and are
// always there.
package notify

import (
	"context"
	"errors"
	"time"

	"whistle/internal/text"
)

// Channel is one way to people. It is safe for use by many at once.
type Channel interface {
	// Name is what the channel is kept under, such as mail; it must not change.
	Name() string
	// Reaches says whether the channel has a way to somebody.
	Reaches(to Recipient) bool
	// Send carries a message to one whom the channel reaches. An error has it
	// tried again later, except a Permanent one.
	Send(ctx context.Context, m Message) error
}

// Recipient is whom a message is for.
type Recipient struct {
	Name     string // a person's, or a department's
	Email    string // "" for none
	Robot    *Robot // nil for none
	Language text.Language
}

// Message is what somebody is told at once: one notice, those that have waited
// for the morning, or the morning's digest.
type Message struct {
	ID     string // the same whenever the same message is sent again
	To     Recipient
	At     time.Time
	Items  []Item  // oldest first; at least one, but for a digest
	Digest *Digest // nil unless this is one
	// Attachments go with it where the channel carries files.
	Attachments []Attachment
}

// Attachment is a file that goes with a message.
type Attachment struct {
	Name, MediaType string
	Content         []byte
}

// Digest is how things stand in the morning. It says something, or there are
// items.
type Digest struct {
	Red, Yellow int    // tickets in which the recipient owes something
	Pressing    []Item // those of them that are the most urgent
}

// Item is one notice, or one ticket that presses, in the recipient's language.
type Item struct {
	Subject string // the ticket: its number and title
	Text    string // what happened
	Todo    string // what the recipient is to do; "" for nothing
	Path    string // of the page that tells more, such as /tickets/1
	Urgent  bool
}

// Permanent is an error for which it is no use to send the message again.
type Permanent struct{ Err error }

func (e *Permanent) Error() string { return e.Err.Error() }

func (e *Permanent) Unwrap() error { return e.Err }

// IsPermanent says whether it is no use to send a message again.
func IsPermanent(err error) bool {
	var p *Permanent
	return errors.As(err, &p)
}
