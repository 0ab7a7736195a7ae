package rest

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

// TestWorkOutlastsTheDeadlineOfReading: how long sending a request may take
// says nothing of how long answering it may.
func TestWorkOutlastsTheDeadlineOfReading(t *testing.T) {
	const deadline = 50 * time.Millisecond
	e := echo.New()
	e.Use(patient)
	e.Any("/", func(c echo.Context) error {
		// As huma does before it reads.
		if err := http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(deadline)); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, c.Request().Body); err != nil {
			return err
		}
		select {
		case <-c.Request().Context().Done():
			return errors.New("cancelled")
		case <-time.After(4 * deadline):
			return c.NoContent(http.StatusNoContent)
		}
	})
	server := httptest.NewServer(e)
	defer server.Close()
	for name, body := range map[string]io.Reader{"no body": nil, "a body": strings.NewReader("{}")} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusNoContent {
			t.Errorf("with %s: answered with %d", name, res.StatusCode)
		}
	}
}
