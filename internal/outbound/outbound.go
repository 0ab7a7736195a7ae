// Package outbound reaches the addresses that users give, such as where a
// webhook is to be sent, without letting them reach what stands beside the
// service: its database, a neighbour's administration, a cloud's metadata.
package outbound

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"code.dny.dev/ssrf"
)

// Options say what a Client may do.
type Options struct {
	// Allowed are networks that may be reached though they are inside, and
	// without TLS.
	Allowed []netip.Prefix
	// Resolver asks for addresses of names; the machine's own when nil.
	Resolver *net.Resolver
	// Timeout is how long one request may take with its answer; 15 s when 0.
	Timeout time.Duration
}

const defaultTimeout = 15 * time.Second

// Client sends requests to addresses outside. Addresses of the special purpose
// registries of IANA (loopback, private, link-local, shared and others) are
// refused unless allowed. What counts is the address that a connection is made
// to, so a name that comes to mean another address is refused as well.
// Redirects are not followed: they are answers like others. Proxies of the
// environment are not asked, since they would do the connecting. It is safe for
// use by many at once.
type Client struct {
	resolver      *net.Resolver
	secure, plain way
}

// way is how requests of one scheme go out.
type way struct {
	guard  *ssrf.Guardian
	client *http.Client
}

// What is wrong with an address.
var (
	ErrForm   = errors.New("the address must be of the form https://host/path, without a name or password")
	ErrPlain  = errors.New("the address must begin with https://")
	ErrName   = errors.New("no machine is known under the name in the address")
	ErrInside = errors.New("the address is inside the service's own network")
)

// New makes a client.
func New(o Options) *Client {
	var v4, v6 []netip.Prefix
	for _, p := range o.Allowed {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	anyPort := []ssrf.Option{ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...)}
	onlyAllowed := append([]ssrf.Option{
		ssrf.WithDeniedV4Prefixes(netip.MustParsePrefix("0.0.0.0/0")), ssrf.WithDeniedV6Prefixes(netip.MustParsePrefix("::/0")),
	}, anyPort...)
	return &Client{resolver: o.Resolver, secure: newWay(o, anyPort), plain: newWay(o, onlyAllowed)}
}

func newWay(o Options, rules []ssrf.Option) way {
	guard := ssrf.New(rules...)
	dialer := &net.Dialer{Timeout: o.Timeout, Resolver: o.Resolver, Control: guard.Safe}
	return way{guard, &http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: o.Timeout, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 1,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *Client) way(u *url.URL) (way, error) {
	switch {
	case u.Hostname() == "" || u.User != nil:
	case u.Scheme == "https":
		return c.secure, nil
	case u.Scheme == "http":
		return c.plain, nil
	}
	return way{}, ErrForm
}

// Do sends a request. An address that may not be reached is ErrInside, a form
// that cannot be reached ErrForm.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	w, err := c.way(req.URL)
	if err != nil {
		return nil, err
	}
	answer, err := w.client.Do(req) //nolint:gosec // to reach what users give is what the package is for; the guard judges the address
	if refused(err) {
		return nil, errors.Join(ErrInside, err)
	}
	return answer, err
}

// Check tells before anything is sent what is wrong with an address: ErrForm,
// ErrPlain, ErrName or ErrInside. It asks for the name's addresses and connects
// to none of them. That it finds nothing promises nothing for later, when Do
// judges again.
func (c *Client) Check(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return ErrForm
	}
	w, err := c.way(u)
	if err != nil {
		return err
	}
	ips, err := c.resolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil || len(ips) == 0 {
		return ErrName
	}
	for _, ip := range ips {
		ip = ip.Unmap()
		network := "tcp6"
		if ip.Is4() {
			network = "tcp4"
		}
		if err := w.guard.Safe(network, netip.AddrPortFrom(ip, 443).String(), nil); err == nil {
			continue
		}
		if u.Scheme == "http" && c.secure.guard.Safe(network, netip.AddrPortFrom(ip, 443).String(), nil) == nil {
			return ErrPlain
		}
		return ErrInside
	}
	return nil
}

func refused(err error) bool {
	return errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedNetwork)
}
