package rest

import (
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// patient takes the deadline of reading a body away once it is read. Huma sets
// it on the connection and leaves it there, also where there is no body to
// read; net/http already waits there for the caller to hang up then, and takes
// its passing for that: a claim that waits for its turn would be cancelled.
func patient(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		request := c.Request()
		request.Body = &readOnce{request.Body, http.NewResponseController(c.Response())}
		return next(c)
	}
}

// readOnce is a body that ends the deadline with itself.
type readOnce struct {
	io.ReadCloser
	conn *http.ResponseController
}

func (b *readOnce) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.conn.SetReadDeadline(time.Time{}) // a recorder in a test has none
	}
	return n, err
}
