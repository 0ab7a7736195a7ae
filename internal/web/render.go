package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

//go:embed templates
var templateFiles embed.FS

// templates are the pages by language and name, e.g. "ticket/show". Each
// language has its own, so that a text needs no more than its name.
type templates map[text.Language]map[string]*pageTemplate

// pageTemplate is a page with all parts that it may use. It is made when it is
// first shown: a page has a copy of every part for itself, and all of them
// together would fill more memory than the rest of the service.
type pageTemplate struct {
	once sync.Once
	base *template.Template
	path string
	made *template.Template
	err  error
}

func (t *pageTemplate) template() (*template.Template, error) {
	t.once.Do(func() {
		own, err := t.base.Clone()
		if err == nil {
			own, err = own.ParseFS(templateFiles, t.path)
		}
		t.made, t.err = own, err
	})
	return t.made, t.err
}

// parseTemplates reads templates/layout.html, the parts in templates/parts
// that every page may use, and finds the pages in the other folders.
func (w *Pages) parseTemplates() (templates, error) {
	pages, err := fs.Glob(templateFiles, "templates/*/*.html")
	if err != nil {
		return nil, err
	}
	all := templates{}
	for _, lang := range text.Languages() {
		base, err := template.New("layout").Funcs(w.functions(lang)).ParseFS(templateFiles, "templates/layout.html", "templates/parts/*.html")
		if err != nil {
			return nil, err
		}
		all[lang] = map[string]*pageTemplate{}
		for _, path := range pages {
			if name := strings.TrimSuffix(strings.TrimPrefix(path, "templates/"), ".html"); !strings.HasPrefix(name, "parts/") {
				all[lang][name] = &pageTemplate{base: base, path: path}
			}
		}
	}
	return all, nil
}

// view is what a template is given: the page's own data and what surrounds it.
type view struct {
	*page
	Data any
}

// Lang is the language of the page.
func (v view) Lang() text.Language { return v.lang }

// Theme is the reader's choice, light or dark; "auto" follows the machine.
func (v view) Theme() string { return v.theme() }

// Now is the service's time, by which script counts: a demo's is not the wall's.
func (v view) Now() string { return v.svc.Now().Format(time.RFC3339) }

// Path is the page's own address with its query.
func (v view) Path() string { return v.address().String() }

// address is where the page can be asked for: where it was, or for what answers
// a form at an address that has no page, the nearest one above.
func (p *page) address() *url.URL {
	at, pattern := p.Request().URL, p.Path()
	if p.Request().Method != http.MethodPost || p.web.pages[pattern] {
		return &url.URL{Path: at.Path, RawPath: at.RawPath, RawQuery: at.RawQuery}
	}
	above := &url.URL{Path: at.Path}
	for len(pattern) > 1 && !p.web.pages[pattern] {
		pattern, above.Path = path.Dir(pattern), path.Dir(above.Path)
	}
	return above
}

// SignedIn says whether somebody is.
func (v view) SignedIn() bool { return v.actor.ID != "" }

// Name is that of whoever is signed in.
func (v view) Name() string { return v.actor.Name }

// Role is that of whoever is signed in.
func (v view) Role() string { return string(v.actor.Role) }

// Version is that of the program.
func (v view) Version() string { return v.web.opts.Version }

// Flash is what the request before wants to say; it is said once.
func (v view) Flash() string { return v.takeFlash() }

// DraftDone is the draft that the browser need not keep any more.
func (v view) DraftDone() string { return v.draftDone() }

// With is the page with other data, for a part of it.
func (v view) With(data any) view { return view{v.page, data} }

// show answers with a page.
func (p *page) show(name string, data any) error { return p.showAs(http.StatusOK, name, data) }

// showAs answers with a page under a status of its own. When htmx asks for the
// element #x and the template defines a block of that very name, only that
// block is made: it stands for the element.
func (p *page) showAs(status int, name string, data any) error {
	page, ok := p.web.templates[p.lang][name]
	if !ok {
		return fmt.Errorf("no template %q", name)
	}
	t, err := page.template()
	if err != nil {
		return err
	}
	block := "layout.html"
	if part := p.part(); part != "" && t.Lookup(part) != nil {
		block = part
	}
	p.Response().Header().Add(echo.HeaderVary, "HX-Request, HX-Target, Cookie, Accept-Language")
	// Made whole before it is sent: an error in the middle is still an error.
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, block, view{p, data}); err != nil {
		return err
	}
	// Wherever a text was removed by law, that is said in the reader's language.
	return p.HTMLBlob(status, bytes.ReplaceAll(b.Bytes(), []byte(ticket.Redacted), []byte(template.HTMLEscapeString(p.t("person.removed")))))
}

// part is the id of the element that htmx asks for; "" when the whole page is
// asked for.
func (p *page) part() string {
	if p.Request().Header.Get("HX-Request") == "" {
		return ""
	}
	return p.Request().Header.Get("HX-Target")
}

// functions are what templates may call beside their data's methods.
func (w *Pages) functions(lang text.Language) template.FuncMap {
	show := shower{lang: lang, zone: w.svc.Zone(), now: w.svc.Now}
	return template.FuncMap{
		"t":     lang.Get,
		"asset": w.assets.Path,
		"dict":  dict,
		"query": query,

		"exportPath": exportPath,

		"exclusions":  func() []string { return figures.Exclusions },
		"interval":    interval,
		"hours":       func(hours float64) string { return strconv.FormatFloat(hours, 'f', 1, 64) },
		"orderEvents": ticket.OrderEvents,
		"unitRates":   func() []string { return unitRates },

		"adminTabs": func() []string { return adminTabs },
		"dayLegend": func() []service.DayKind { return dayLegend },
		"clockTime": clockTime,
		"hasPrefix": strings.HasPrefix,

		"stars":     func() []int { return []int{1, 2, 3, 4, 5} },
		"inputType": func(k kind) string { return inputTypes[k] },

		"maxFiles":     func() string { return maxFiles },
		"maxFileBytes": func() int { return service.MaxAttachmentSize },

		"moment":  show.moment,
		"day":     show.day,
		"ago":     show.ago,
		"number":  show.number,
		"percent": show.percent,
		"code":    show.code,
	}
}

// maxFiles is how many files a form takes.
var maxFiles = func() string {
	attachments, _ := reflect.TypeFor[ticket.Attached]().FieldByName("Attachments")
	return attachments.Tag.Get("maxItems")
}()

// inputTypes are the HTML types of the fields of one line.
var inputTypes = map[kind]string{
	kindText: "text", kindDay: "date", kindMoment: "datetime-local", kindNumber: "number", kindPassword: "password",
}

// dict makes a map for a part that needs more than one value.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d values are no pairs", len(pairs))
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return m, nil
}

// query is an address with some parameters of its query set anew; an empty
// value takes one away.
func query(address string, pairs ...any) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	set, err := dict(pairs...)
	if err != nil {
		return "", err
	}
	values := u.Query()
	for name := range maps.Keys(set) {
		values.Del(name)
		if value := fmt.Sprint(set[name]); value != "" {
			values.Set(name, value)
		}
	}
	u.RawQuery = values.Encode()
	return u.String(), nil
}
