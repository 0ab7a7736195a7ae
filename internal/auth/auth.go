// Package auth finds out who is calling over HTTP: a session's token, sent as a
// bearer token by programs and in a cookie by browsers.
package auth

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// SessionCookie is the browser's session. The prefix that browsers would hold
// a secure cookie to is left out: it is refused where there is no TLS.
const SessionCookie = "whistle_session"

// Token is the token that comes with a request: the bearer token, or else the
// session cookie; "" when there is neither.
func Token(h http.Header) string {
	if token, ok := strings.CutPrefix(h.Get(echo.HeaderAuthorization), "Bearer "); ok {
		return strings.TrimSpace(token)
	}
	for _, line := range h.Values("Cookie") {
		cookies, err := http.ParseCookie(line)
		if err != nil {
			continue
		}
		for _, c := range cookies {
			if c.Name == SessionCookie {
				return c.Value
			}
		}
	}
	return ""
}

// Keep hands the browser its session for as long as it lasts; a length, since
// the browser's clock may go wrong.
func Keep(c echo.Context, token string, life time.Duration) {
	c.SetCookie(Cookie(c, &http.Cookie{Name: SessionCookie, Value: token, MaxAge: int(life.Seconds()), HttpOnly: true}))
}

// Forget takes the session from the browser.
func Forget(c echo.Context) {
	c.SetCookie(Cookie(c, &http.Cookie{Name: SessionCookie, MaxAge: -1, HttpOnly: true}))
}

// Cookie gives a cookie what every one of ours has. Lax, not Strict: a link in
// a mail must find whoever follows it signed in; what changes anything is kept
// from other sites by SameSite.
func Cookie(c echo.Context, cookie *http.Cookie) *http.Cookie {
	cookie.Path, cookie.SameSite, cookie.Secure = "/", http.SameSiteLaxMode, c.Scheme() == "https"
	return cookie
}

// SameSite refuses what another site made a browser send: any request that may
// change something and whose Sec-Fetch-Site or Origin names another site.
// Programs send neither, and have no cookie that a site could ride on.
func SameSite(next echo.HandlerFunc) echo.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	return func(c echo.Context) error {
		if err := protection.Check(c.Request()); err != nil {
			return echo.NewHTTPError(http.StatusForbidden, "This request came from another site. Open the page here and try again.").SetInternal(err)
		}
		return next(c)
	}
}
