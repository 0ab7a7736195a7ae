package testkit

import (
	"context"
	"fmt"
	"html/template"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const strictPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; form-action 'self'"

// storyPage is a page with everything that the kit can do something with.
const storyPage = `<!doctype html>
<html lang="{{.Language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Story</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/story.css"><script src="/story.js" defer></script></head>
<body><main><h1>Hello {{.Name}}</h1>
<p><a href="/next?from=story">Next page</a></p>
<form method="post" action="/form" enctype="multipart/form-data">
<p><label for="title">Title</label> <input id="title" name="title" maxlength="20"></p>
<p><label for="text">What happened</label> <textarea id="text" name="text"></textarea></p>
<p><label for="day">Day</label> <input id="day" name="day" type="date"></p>
<p><label for="place">Place</label> <select id="place" name="place"><option value="">–</option><option value="n">North</option><option value="s">South</option></select></p>
<fieldset><legend>Category</legend><label><input type="radio" name="category" value="labour"> Workers</label> <label><input type="radio" name="category" value="land"> Land</label></fieldset>
<p><label><input type="checkbox" name="urgent" value="yes"> Urgent</label></p>
<p><label for="files">Photos</label> <input id="files" name="files" type="file" multiple></p>
<p><button>Send it</button> <button type="button" id="greet">Greet</button></p>
</form>
<p id="greeting" role="status"></p></main></body></html>`

const sentPage = `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Sent</title><main><h1>Got it</h1><p>{{.}}</p></main>`

const storyCSS = `body { margin: 0; color: #111; background: #fff; font: 16px/1.5 sans-serif }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #111 } a { color: #9cf } }
button, a, label { display: inline-block; min-height: 24px }`

const storyJS = `document.getElementById("greet").addEventListener("click", () => {
  fetch("/greeting").then((answer) => answer.text()).then((text) => { document.getElementById("greeting").textContent = text; });
});`

func storyServer(t *testing.T) string {
	t.Helper()
	story := template.Must(template.New("story").Parse(storyPage))
	sent := template.Must(template.New("sent").Parse(sentPage))
	mux := http.NewServeMux()
	serve := func(path, kind, content string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Content-Security-Policy", strictPolicy)
			_, _ = io.WriteString(w, content)
		})
	}
	serve("/story.css", "text/css", storyCSS)
	serve("/story.js", "text/javascript", storyJS)
	serve("/greeting", "text/plain", "Good morning")
	serve("/next", "text/html", `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Next</title><main><h1>The next page</h1></main>`)
	serve("/inline", "text/html", `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Inline</title><h1 style="color: red">Inline</h1>`)
	serve("/noisy", "text/html", `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Noisy</title><h1>Noisy</h1><script src="/noisy.js"></script><img src="/missing.png" alt="">`)
	serve("/noisy.js", "text/javascript", `console.error("it hurts"); fetch("/broken"); setTimeout(() => { throw new Error("uncaught") });`)
	serve("/elsewhere", "text/html", `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Elsewhere</title><h1>Elsewhere</h1><img src="http://127.0.0.2:9/x.png" alt="">`)
	serve("/wide", "text/html", `<!doctype html><html lang="en"><link rel="icon" href="data:,"><link rel="stylesheet" href="/wide.css"><title>Wide</title><h1>Wide</h1><div id="wide">x</div>`)
	serve("/wide.css", "text/css", `#wide { width: 2000px }`)
	serve("/poor", "text/html", `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Poor</title><main><h1>Poor</h1><input><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>`)
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", strictPolicy)
		name := "stranger"
		if cookie, err := r.Cookie("name"); err == nil {
			name = cookie.Value
		}
		_ = story.Execute(w, map[string]string{"Language": strings.Split(r.Header.Get("Accept-Language"), ",")[0], "Name": name})
	})
	mux.HandleFunc("/form", func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			http.Error(w, "unreadable", http.StatusBadRequest)
			return
		}
		field := func(name string) string { return strings.Join(r.MultipartForm.Value[name], "") }
		http.SetCookie(w, &http.Cookie{Name: "name", Value: field("title"), HttpOnly: true, SameSite: http.SameSiteLaxMode})
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusUnprocessableEntity)
		values := []string{field("title"), strings.ReplaceAll(field("text"), "\r\n", "/"), field("day"), field("place"), field("category"), field("urgent"), ""}
		for _, f := range r.MultipartForm.File["files"] {
			values[6] += f.Filename
		}
		_ = sent.Execute(w, strings.Join(values, "|"))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// TestBrowserTellsAStory fills in a form and reads what comes of it, with a
// mouse and with a finger, with script and without.
func TestBrowserTellsAStory(t *testing.T) {
	b := Browser(t, storyServer(t))
	file := filepath.Join(t.TempDir(), "gate.txt")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	noScript := Desktop
	noScript.NoScript = true
	for name, screen := range map[string]Screen{"desktop": Desktop, "phone": Phone, "no script": noScript} {
		t.Run(name, func(t *testing.T) {
			p := b.Person(t, screen)
			p.Open("/").See("Hello stranger").NoHorizontalScroll().Axe()
			p.Fill("Title", "gone").Fill("Title", "Ann").Fill("What happened", "one\ntwo").Fill("Day", "2023-10-09")
			p.Choose("Place", "South").Choose("Category", "Land").Check("Urgent").Check("Urgent").Upload("Photos", file)
			if on := p.Value("Urgent"); on != "true" {
				t.Errorf("the box holds %s", on)
			}
			p.Submit("Send it").See("Got it", "Ann|one/two|2023-10-09|s|land|yes|gate.txt").DontSee("Send it")
			if p.Status() != http.StatusUnprocessableEntity {
				t.Errorf("status %d", p.Status())
			}
			p.Open("/").See("Hello Ann").Click("Next page").See("The next page")
			if p.Path() != "/next?from=story" {
				t.Errorf("at %s", p.Path())
			}
			p.Back().See("Hello Ann")
			// Another person has cookies of their own.
			b.Person(t, Desktop).Open("/").See("Hello stranger")
		})
	}
}

// TestBrowserKeys goes through a form by the keyboard alone.
func TestBrowserKeys(t *testing.T) {
	p := Browser(t, storyServer(t)).Person(t, Desktop).Open("/")
	p.TabTo("Title").Type("Bo").TabTo("Workers").Press("ArrowDown").TabTo("Urgent").Press("Space")
	p.TabTo("Greet").Press("Enter").See("Good morning")
	p.Press("Shift+Tab")
	if at := p.Focused(); at != "Send it" {
		t.Errorf("the focus is on %q", at)
	}
	p.PressAndWait("Enter").See("Bo||||land|yes|")
}

// TestBrowserScreens holds what a screen says to what the page is given.
func TestBrowserScreens(t *testing.T) {
	b := Browser(t, storyServer(t))
	english := Phone
	english.Language, english.Dark = "en", true
	for _, screen := range []Screen{{}, english} {
		p := b.Person(t, screen).Open("/")
		var is struct {
			Lang, Locale, Zone        string
			Width                     int
			Dark, Still, Touch, First bool
		}
		p.Eval(`({lang: document.documentElement.lang, locale: navigator.language, zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
			width: innerWidth, dark: matchMedia("(prefers-color-scheme: dark)").matches, still: matchMedia("(prefers-reduced-motion: reduce)").matches,
			touch: matchMedia("(pointer: coarse)").matches})`, &is)
		want := is
		want.Lang, want.Locale, want.Width, want.Dark, want.Touch = "zh-CN", "zh-CN", 1440, false, false
		if screen.Language != "" {
			want.Lang, want.Locale, want.Width, want.Dark, want.Touch = "en", "en", 390, true, true
		}
		want.Zone, want.Still = "Asia/Shanghai", true
		if is != want {
			t.Errorf("%+v\nwant %+v", is, want)
		}
		if screen.Dark {
			p.Axe()
		}
		name := "kit-" + is.Lang
		p.Screenshot(name)
		folder, err := resultsFolder("screenshots")
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(filepath.Join(folder, name+".png"))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.DecodeConfig(f)
		_ = f.Close()
		if err != nil || picture.Width != is.Width {
			t.Errorf("the picture is %d wide: %v", picture.Width, err)
		}
		if p.Eval("innerHeight", &is.Width); is.Width != max(screen.Height, 844) && is.Width != 900 {
			t.Errorf("after the picture the screen is %d high", is.Width)
		}
	}
}

// TestBrowserWeight holds the weight to what came over the wire: all of it at
// first, little more than the page again.
func TestBrowserWeight(t *testing.T) {
	p := Browser(t, storyServer(t)).Person(t, Desktop).Open("/")
	least := int64(len(storyPage) + len(storyCSS) + len(storyJS))
	if w := p.Weight(); w < least || w > least+2000 {
		t.Errorf("weighs %d bytes, of which content %d", w, least)
	}
	p.Open("/next")
	if w := p.Weight(); w < 50 || w > 1000 {
		t.Errorf("the next page weighs %d bytes", w)
	}
}

// complaints is a test that only notes what it is told.
type complaints struct {
	testing.TB
	told     []string
	cleanups []func()
}

func (c *complaints) Errorf(format string, args ...any) {
	c.told = append(c.told, fmt.Sprintf(format, args...))
}
func (c *complaints) Cleanup(f func()) { c.cleanups = append(c.cleanups, f) }
func (c *complaints) end() {
	for _, f := range slices.Backward(c.cleanups) {
		f()
	}
}

// TestBrowserSeesFaults holds that what no page may do fails a test, and is
// excused where it is expected.
func TestBrowserSeesFaults(t *testing.T) {
	b := Browser(t, storyServer(t))
	for _, tc := range []struct {
		path   string
		do     func(p *Person)
		faults []string
	}{
		{"/inline", nil, []string{"content security policy"}},
		{"/noisy", nil, []string{"it hurts", "exception", "/broken answered 500", "/missing.png answered 404"}},
		{"/elsewhere", nil, []string{"another host: http://127.0.0.2:9/x.png"}},
		{"/wide", func(p *Person) { p.NoHorizontalScroll() }, []string{"scrolls sideways: <div id=\"wide\">"}},
		{"/poor", func(p *Person) { p.Axe() }, []string{"image-alt", "label"}},
	} {
		t.Run(tc.path, func(t *testing.T) {
			notes := &complaints{TB: t}
			p := b.Person(notes, Desktop).Open(tc.path)
			if tc.do != nil {
				tc.do(p)
			}
			// What a script does when it has run comes a moment later.
			p.until(func(context.Context) (string, error) {
				p.tellFaults(notes)
				all := strings.Join(notes.told, "\n")
				for _, want := range tc.faults {
					if !strings.Contains(all, want) {
						return want, nil
					}
				}
				return "", nil
			})
			notes.end()
			all := strings.Join(notes.told, "\n")
			for _, want := range tc.faults {
				if !strings.Contains(all, want) {
					t.Errorf("no word of %q in:\n%s", want, all)
				}
			}
		})
	}
	quiet := &complaints{TB: t}
	p := b.Person(quiet, Desktop)
	p.Expect("content security policy")
	p.Expect("the browser says: Applying inline style violates")
	p.Open("/inline").See("Inline")
	quiet.end()
	if len(quiet.told) > 0 {
		t.Errorf("what was expected is told: %q", quiet.told)
	}
	calm := &complaints{TB: t}
	b.Person(calm, Desktop).Open("/").See("Hello").Axe().NoHorizontalScroll()
	calm.end()
	if len(calm.told) > 0 {
		t.Errorf("faults of a page without any: %q", calm.told)
	}
}
