// Package download answers requests with files to be saved.
package download

import (
	"net/url"
	"strings"
)

// Headers are those of an answer that is a file of the name and media type. It
// is never shown in the page's place, whatever it holds.
func Headers(name, mediaType string) map[string]string {
	return map[string]string{
		"Content-Type":            mediaType,
		"Content-Disposition":     "attachment; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(name), "+", "%20"),
		"X-Content-Type-Options":  "nosniff",
		"Content-Security-Policy": "sandbox; default-src 'none'",
		"Cache-Control":           "private",
	}
}

// Writer begins an answer with its first bytes, so that until then there can be
// another: what is wrong with an export shows before it writes.
type Writer struct {
	begin func() (write func(p []byte) (int, error))
	write func(p []byte) (int, error)
}

// NewWriter makes a Writer. begin writes the head of the answer and returns how
// its body is written; it is called once, or never.
func NewWriter(begin func() (write func(p []byte) (int, error))) *Writer {
	return &Writer{begin: begin}
}

// Write writes to the answer's body.
func (w *Writer) Write(p []byte) (int, error) {
	if w.write == nil {
		w.write = w.begin()
	}
	return w.write(p)
}

// Begun says whether the answer has begun: an error can then only cut it off.
func (w *Writer) Begun() bool { return w.write != nil }
