package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"whistle/internal/outbound"
	"whistle/internal/webhook"
)

// Post is one attempt to tell an endpoint something.
type Post struct {
	URL       string
	ID        string // the same for every attempt
	At        time.Time
	Signature string
	Body      []byte
}

const (
	// answerKept is how many bytes of an answer are read and kept.
	answerKept = 1024
	// postAgent is what posts say that they come from.
	postAgent = "whistle-webhooks/1"
)

// Send posts to an endpoint and tells what came of it; a redirect is an answer
// like another. Of a ctx that ended meanwhile nothing can be told.
func (p Post) Send(ctx context.Context, by *outbound.Client) (webhook.Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader(p.Body))
	if err != nil {
		return webhook.Answer{Fault: webhook.FaultAddress}, nil
	}
	// As they are spelt in the standard; case does not matter in HTTP.
	for name, value := range map[string]string{
		"Content-Type": "application/json", "User-Agent": postAgent,
		"webhook-id": p.ID, "webhook-timestamp": strconv.FormatInt(p.At.Unix(), 10), "webhook-signature": p.Signature,
	} {
		req.Header.Set(name, value)
	}
	res, err := by.Do(req)
	if ctx.Err() != nil {
		return webhook.Answer{}, context.Cause(ctx)
	}
	if err != nil {
		return webhook.Answer{Fault: faultOf(err)}, nil
	}
	defer res.Body.Close()
	// What breaks off while it is read is an answer too: its status has come.
	text, _ := io.ReadAll(io.LimitReader(res.Body, answerKept))
	return webhook.Answer{Status: res.StatusCode, Text: readable(text), Wait: retryAfter(res.Header.Get("Retry-After"), p.At)}, nil
}

// readable is what a database and a page take of somebody's bytes.
func readable(text []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(text), "\uFFFD"), "\x00", "\uFFFD")
}

// retryAfter reads seconds or a date; 0 for anything else.
func retryAfter(header string, now time.Time) time.Duration {
	const most = 1 << 20 // seconds; more would not be waited for anyway
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(seconds, 0), most)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

func faultOf(err error) webhook.Fault {
	var line net.Error
	var record tls.RecordHeaderError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, outbound.ErrInside):
		return webhook.FaultInside
	case errors.Is(err, outbound.ErrForm):
		return webhook.FaultAddress
	case errors.As(err, &record), errors.As(err, &certificate):
		return webhook.FaultTLS
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &line) && line.Timeout():
		return webhook.FaultTimeout
	}
	return webhook.FaultReach
}
