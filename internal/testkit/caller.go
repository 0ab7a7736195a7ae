package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Caller calls the API from any goroutine, of a server that may go away
// meanwhile: unlike a Client it returns errors and fails no test.
type Caller struct {
	URL   string // of the server, without a slash at the end
	Token string
	HTTP  *http.Client
}

// NewCallers is an HTTP client for many callers at once, which keeps its
// connections.
func NewCallers(atOnce int) *http.Client {
	return &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{MaxIdleConns: 2 * atOnce, MaxIdleConnsPerHost: atOnce, IdleConnTimeout: time.Minute},
	}
}

// Call sends body as JSON, nothing when it is nil, with an Idempotency-Key
// unless that is empty. A status of 400 or more is an error, too.
func (c Caller) Call(ctx context.Context, method, path string, body any, key string) ([]byte, error) {
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, res.Status, answer)
	}
	return answer, nil
}
