package outbound_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync/atomic"
	"testing"

	"whistle/internal/outbound"
	"whistle/internal/testkit"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// inside is a server that nobody outside should reach, and how often it was.
func inside(t *testing.T) (address string, reached *atomic.Int32) {
	t.Helper()
	reached = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(server.Close)
	return server.URL, reached
}

func send(t *testing.T, c *outbound.Client, address string) (status int, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, errors.Join(err, answer.Body.Close())
}

func TestInsideIsRefused(t *testing.T) {
	address, reached := inside(t)
	c := outbound.New(outbound.Options{})
	if _, err := send(t, c, address); !errors.Is(err, outbound.ErrInside) || reached.Load() != 0 {
		t.Errorf("it was reached %d times: %v", reached.Load(), err)
	}
	if status, err := send(t, outbound.New(outbound.Options{Allowed: loopback}), address); err != nil || status != http.StatusOK {
		t.Errorf("though allowed: %d, %v", status, err)
	}
	for address, want := range map[string]error{
		"https://127.0.0.1/":              outbound.ErrInside,
		"https://10.1.2.3:8443/":          outbound.ErrInside,
		"https://192.168.1.1/":            outbound.ErrInside,
		"https://100.100.100.200/latest/": outbound.ErrInside, // a cloud's metadata in the shared space
		"https://169.254.169.254/":        outbound.ErrInside,
		"https://0.0.0.0/":                outbound.ErrInside,
		"https://[::1]/":                  outbound.ErrInside,
		"https://[fd00::1]/":              outbound.ErrInside,
		"https://[::ffff:10.0.0.1]/":      outbound.ErrInside,
		"https://[64:ff9b::7f00:1]/":      outbound.ErrInside,
		"https://[2002:7f00:1::]/":        outbound.ErrInside,
		"http://127.0.0.1/":               outbound.ErrInside,
		"http://8.8.8.8/":                 outbound.ErrPlain,
		"https://8.8.8.8/":                nil,
		"https://nobody.invalid/":         outbound.ErrName,
		"ftp://8.8.8.8/":                  outbound.ErrForm,
		"https://name:word@8.8.8.8/":      outbound.ErrForm,
		"https:///path":                   outbound.ErrForm,
		"8.8.8.8":                         outbound.ErrForm,
		"https://a b/":                    outbound.ErrForm,
	} {
		if err := c.Check(t.Context(), address); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", address, err, want)
		}
	}
}

// TestRedirectReachesNothing: an answer that points inside is not followed.
func TestRedirectReachesNothing(t *testing.T) {
	address, reached := inside(t)
	outer := httptest.NewServer(http.RedirectHandler(address, http.StatusTemporaryRedirect))
	defer outer.Close()
	status, err := send(t, outbound.New(outbound.Options{Allowed: loopback}), outer.URL)
	if err != nil || status != http.StatusTemporaryRedirect || reached.Load() != 0 {
		t.Errorf("%d, %v, reached %d times", status, err, reached.Load())
	}
}

// TestNameThatChangesReachesNothing: a name that meant an address outside when
// it was looked at, and means one inside when it is used.
func TestNameThatChangesReachesNothing(t *testing.T) {
	address, reached := inside(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	var moved atomic.Bool
	c := outbound.New(outbound.Options{Resolver: testkit.NewResolver(t, func() netip.Addr {
		if moved.Load() {
			return netip.MustParseAddr("127.0.0.1")
		}
		return netip.MustParseAddr("8.8.8.8")
	})})
	changing := "https://changing.example.com:" + u.Port() + "/"
	if err := c.Check(t.Context(), changing); err != nil {
		t.Fatal(err)
	}
	moved.Store(true)
	if _, err := send(t, c, changing); !errors.Is(err, outbound.ErrInside) || reached.Load() != 0 {
		t.Errorf("it was reached %d times: %v", reached.Load(), err)
	}
	if err := c.Check(t.Context(), changing); !errors.Is(err, outbound.ErrInside) {
		t.Error(err)
	}
}
