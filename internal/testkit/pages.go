package testkit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"whistle/internal/auth"
	"whistle/internal/service"
)

// Visitor visits the pages as one of the district's people, without script.
type Visitor struct {
	tb     testing.TB
	url    string
	http   *http.Client
	header http.Header
}

// With is the visitor with one more header on every request.
func (v *Visitor) With(name, value string) *Visitor {
	with := *v
	with.header = v.header.Clone()
	if with.header == nil {
		with.header = http.Header{}
	}
	with.header.Set(name, value)
	return &with
}

// SignInAs is a visitor who is signed in as one of the district's people; "" is
// nobody.
func (s *Server) SignInAs(tb testing.TB, name string) *Visitor {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	if name != "" {
		token, _, err := s.CreateToken(tb.Context(), s.Actor(tb, name), service.NewToken{Name: "test"})
		if err != nil {
			tb.Fatal(err)
		}
		at, err := url.Parse(s.URL)
		if err != nil {
			tb.Fatal(err)
		}
		jar.SetCookies(at, []*http.Cookie{{Name: auth.SessionCookie, Value: token, Path: "/"}})
	}
	return &Visitor{tb: tb, url: s.URL, http: &http.Client{Jar: jar}}
}

// Seen is a page as a visitor sees it. What is in it is found by CSS selectors.
type Seen struct {
	*goquery.Document

	tb     testing.TB
	Status int
	Path   string // where it is, after redirects
	Header http.Header
	Body   string
}

// Get opens a page.
func (v *Visitor) Get(path string) *Seen {
	v.tb.Helper()
	return v.must(v.Visit(v.tb.Context(), http.MethodGet, path, nil, ""))
}

// Post sends a form, and follows where it leads.
func (v *Visitor) Post(path string, form url.Values) *Seen {
	v.tb.Helper()
	return v.must(v.Visit(v.tb.Context(), http.MethodPost, path, form, ""))
}

// PostFiles sends a form with files in its field "files", by their names, and
// follows where it leads.
func (v *Visitor) PostFiles(path string, form url.Values, files map[string][]byte) *Seen {
	v.tb.Helper()
	return v.PostFilesAs(path, form, "files", files)
}

// PostFilesAs is PostFiles for a field of another name.
func (v *Visitor) PostFilesAs(path string, form url.Values, field string, files map[string][]byte) *Seen {
	v.tb.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	var err error
	for name, values := range form {
		for _, value := range values {
			err = errors.Join(err, w.WriteField(name, value))
		}
	}
	for name, content := range files {
		part, partErr := w.CreateFormFile(field, name)
		if err = errors.Join(err, partErr); err == nil {
			_, err = part.Write(content)
		}
	}
	if err = errors.Join(err, w.Close()); err != nil {
		v.tb.Fatal(err)
	}
	return v.must(v.With("Content-Type", w.FormDataContentType()).send(v.tb.Context(), http.MethodPost, path, &body))
}

// GetPart asks for the element of a page that has the id, as htmx does.
func (v *Visitor) GetPart(path, id string) *Seen {
	v.tb.Helper()
	return v.must(v.Visit(v.tb.Context(), http.MethodGet, path, nil, id))
}

// PostPart sends a form whose answer takes the place of the element that has
// the id, as htmx does.
func (v *Visitor) PostPart(path string, form url.Values, id string) *Seen {
	v.tb.Helper()
	return v.must(v.Visit(v.tb.Context(), http.MethodPost, path, form, id))
}

// Follow goes where a page leads by itself, as browsers do.
func (v *Visitor) Follow(s *Seen) *Seen {
	v.tb.Helper()
	_, to, ok := strings.Cut(s.Find("meta[http-equiv=refresh]").AttrOr("content", ""), "url=")
	if !ok {
		v.tb.Fatalf("%s leads nowhere by itself: %s", s.Path, s.Words("main"))
	}
	return v.GetAt(to)
}

// GetAt opens a page by its whole address, wherever it is.
func (v *Visitor) GetAt(address string) *Seen {
	v.tb.Helper()
	elsewhere := *v
	elsewhere.url = ""
	return elsewhere.Get(address)
}

func (v *Visitor) must(seen *Seen, err error) *Seen {
	v.tb.Helper()
	if err != nil {
		v.tb.Fatal(err)
	}
	return seen
}

// Visit asks for a page, or the part of it that has an id. It may be called
// from any goroutine.
func (v *Visitor) Visit(ctx context.Context, method, path string, form url.Values, part string) (*Seen, error) {
	var content io.Reader
	if form != nil {
		content = strings.NewReader(form.Encode())
		v = v.With("Content-Type", "application/x-www-form-urlencoded")
	}
	if part != "" {
		v = v.With("HX-Request", "true").With("HX-Target", part)
	}
	return v.send(ctx, method, path, content)
}

func (v *Visitor) send(ctx context.Context, method, path string, content io.Reader) (*Seen, error) {
	req, err := http.NewRequestWithContext(ctx, method, v.url+path, content)
	if err != nil {
		return nil, err
	}
	for name, values := range v.header {
		req.Header[name] = values
	}
	res, err := v.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return &Seen{doc, v.tb, res.StatusCode, res.Request.URL.RequestURI(), res.Header, string(raw)}, nil
}

// Want fails the test unless the status is this one.
func (s *Seen) Want(status int) *Seen {
	s.tb.Helper()
	if s.Status != status {
		s.tb.Fatalf("%s: status %d, want %d: %s", s.Path, s.Status, status, s.Words("main"))
	}
	return s
}

// Form is what the form that the selector finds would send untouched, without
// the names of its buttons.
func (s *Seen) Form(selector string) url.Values {
	s.tb.Helper()
	form := s.Find(selector).First()
	if form.Length() == 0 {
		s.tb.Fatalf("%s has no form %s: %s", s.Path, selector, s.Words("main"))
	}
	values := url.Values{}
	form.Find("input, textarea, select").Each(func(_ int, field *goquery.Selection) {
		name, kind := field.AttrOr("name", ""), field.AttrOr("type", "")
		_, disabled := field.Attr("disabled")
		_, checked := field.Attr("checked")
		switch {
		case name == "" || disabled || kind == "file" || (kind == "checkbox" || kind == "radio") && !checked:
		case field.Is("select"):
			field.Find("option[selected]").Each(func(_ int, option *goquery.Selection) { values.Add(name, option.AttrOr("value", "")) })
		case field.Is("textarea"):
			values.Add(name, field.Text())
		default:
			values.Add(name, field.AttrOr("value", ""))
		}
	})
	return values
}

// Words are the words of all that the selector finds, one space between two.
func (s *Seen) Words(selector string) string {
	return strings.Join(strings.Fields(s.Find(selector).Text()), " ")
}

// All are the words of each that the selector finds.
func (s *Seen) All(selector string) []string {
	return s.Find(selector).Map(func(_ int, found *goquery.Selection) string {
		return strings.Join(strings.Fields(found.Text()), " ")
	})
}

// Attrs are an attribute of each that the selector finds; "" where it has none.
func (s *Seen) Attrs(selector, name string) []string {
	return s.Find(selector).Map(func(_ int, found *goquery.Selection) string { return found.AttrOr(name, "") })
}
