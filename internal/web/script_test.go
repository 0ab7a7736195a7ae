package web_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"whistle/internal/testkit"
)

// TestDraftSurvives types, goes away and comes back; what the server took is
// forgotten, what it gave back is left alone.
func TestDraftSurvives(t *testing.T) {
	form := `<form method="post" action="/sent" enctype="multipart/form-data" data-draft="%s" data-draft-restored="draft restored" data-draft-discard="discard">
		<input type="hidden" name="key" value="k"><p><label for="title">Title</label> <input id="title" name="title" value="%s"%s></p>
		<p><label for="text">Text</label> <textarea id="text" name="text"></textarea></p>
		<p><label for="pin">Pin</label> <input id="pin" name="pin" type="password"></p>
		<fieldset><legend>Category</legend><label><input type="radio" name="category" value="a"> Labour</label> <label><input type="radio" name="category" value="b" checked> Land</label></fieldset>
		<p><label><input type="checkbox" name="urgent" value="yes"> Urgent</label></p>
		<p><label for="place">Place</label> <select id="place" name="place"><option value="n">North</option><option value="s">South</option></select></p><button>Send</button></form>`
	server := specimen(t, map[string]string{
		"/new": fmt.Sprintf(form, "ann:new", "", ""), "/other": fmt.Sprintf(form, "bob:new", "", ""), "/wrong": fmt.Sprintf(form, "ann:new", "too short", ` aria-invalid="true"`),
		"/sent": `<p data-draft-done="ann:new">accepted</p>`,
	}, func(e *echo.Echo) {
		e.POST("/sent", func(c echo.Context) error { return c.Redirect(http.StatusSeeOther, "/sent") })
	})
	p := testkit.Browser(t, server).Person(t, testkit.Phone)
	p.Open("/new").DontSee("draft restored").Fill("Title", "No workers").Fill("Text", "a\nb").Fill("Pin", "secret").Choose("Category", "Labour").Check("Urgent").Choose("Place", "South")
	p.Open("/other").DontSee("draft restored")
	p.Open("/new").See("draft restored")
	for label, want := range map[string]string{"Title": "No workers", "Text": "a\nb", "Pin": "", "Labour": "true", "Land": "false", "Urgent": "true", "Place": "s"} {
		if got := p.Value(label); got != want {
			t.Errorf("%s came back as %q, want %q", label, got, want)
		}
	}
	p.Axe()
	if p.Open("/wrong"); p.Value("Title") != "too short" {
		t.Errorf("a draft overwrote what the server gave back: %q", p.Value("Title"))
	}
	p.Open("/new").See("draft restored").Submit("Send").See("accepted").Open("/new").DontSee("draft restored")
	if got := p.Value("Title"); got != "" {
		t.Errorf("after sending there is still %q", got)
	}
	p.Fill("Title", "again").Open("/new").See("draft restored").Click("discard").DontSee("draft restored")
	if got := p.Value("Title"); got != "" || p.Focused() != "Title" {
		t.Errorf("discarded, and it holds %q, focus on %q", got, p.Focused())
	}
	if p.Open("/new").DontSee("draft restored"); p.Value("Title") != "" {
		t.Error("discarded, and it came back")
	}
}

// TestSentOnce holds that pressing twice sends once, by htmx and without, and
// that a form can be sent again when its answer has come.
func TestSentOnce(t *testing.T) {
	var sent atomic.Int64
	server := specimen(t, map[string]string{
		"/": `<form hx-post="/count" hx-target="#out" method="post" action="/count" data-once><button>By htmx</button></form><p id="out"></p>
			<form method="post" action="/count" data-once id="plain"><button>Plainly</button></form>`,
	}, func(e *echo.Echo) {
		e.POST("/count", func(c echo.Context) error { return c.HTML(http.StatusOK, fmt.Sprintf("sent %d", sent.Add(1))) })
	})
	p := testkit.Browser(t, server).Person(t, testkit.Desktop).Open("/")
	p.Eval(`document.forms[0].requestSubmit(); document.forms[0].requestSubmit(); document.forms[0].requestSubmit()`, nil).See("sent 1")
	p.Submit("By htmx").See("sent 2")
	var halted []bool
	p.Eval(`(() => {
		const form = document.getElementById("plain"), halted = [];
		addEventListener("submit", (event) => { halted.push(event.defaultPrevented); event.preventDefault(); });
		form.requestSubmit(); form.requestSubmit();
		return halted.concat(form.getAttribute("aria-busy") === "true");
	})()`, &halted)
	// The second submit reached nobody.
	if fmt.Sprint(halted) != "[false true]" {
		t.Errorf("a plain form: %v", halted)
	}
}

// TestConfirm holds that what asks does nothing before it is answered.
func TestConfirm(t *testing.T) {
	var sent atomic.Int64
	server := specimen(t, map[string]string{
		"/": `<form hx-post="/withdraw" hx-target="#out" data-confirm="Withdraw it?"><button class="btn">Withdraw</button></form><p id="out"></p>
			<p><a class="btn" href="/gone" data-confirm="Leave?" data-confirm-yes="Leave now">Go away</a></p>`,
		"/gone": "gone",
	}, func(e *echo.Echo) {
		e.POST("/withdraw", func(c echo.Context) error { return c.HTML(http.StatusOK, fmt.Sprintf("withdrawn %d", sent.Add(1))) })
	})
	p := testkit.Browser(t, server).Person(t, testkit.Desktop).Open("/")
	p.Click("Withdraw").See("Withdraw it?").Axe()
	if p.Focused() != "No" {
		t.Errorf("the focus is on %q", p.Focused())
	}
	p.Press("Enter").DontSee("Withdraw it?")
	if p.Focused() != "Withdraw" || sent.Load() != 0 {
		t.Errorf("after no the focus is on %q; sent %d", p.Focused(), sent.Load())
	}
	p.Click("Withdraw").Press("Escape").DontSee("Withdraw it?")
	p.Click("Withdraw").Submit("Yes").See("withdrawn 1").DontSee("Withdraw it?")
	p.Click("Withdraw").Submit("Yes").See("withdrawn 2")
	p.Click("Go away").See("Leave?").Submit("Leave now").See("gone")
}

// noise is a picture that compresses badly.
func noise(t *testing.T, width, height int) []byte {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			n := random.Uint32()
			picture.Set(x, y, color.RGBA{R: uint8(n & 0xff), G: uint8(n >> 8 & 0xff), B: uint8(n >> 16 & 0xff), A: 255})
		}
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPhotos holds that large photos become smaller before they are sent, and
// that limits are said at the field.
func TestPhotos(t *testing.T) {
	type upload struct {
		name, kind string
		width      int
		size       int64
	}
	var mu sync.Mutex
	var got []upload
	server := specimen(t, map[string]string{
		"/": `<form method="post" action="/photos" enctype="multipart/form-data" data-once><label for="files">Photos</label>
			<div class="file-choice"><input id="files" name="files" type="file" multiple title="Choose photos" data-photos="3" data-photos-bytes="3000000" data-photos-many="at most {max}, not {count}" data-photos-large="{name} is larger than {max} MB"><label class="btn" for="files">Choose photos</label><span class="file-chosen" role="status">Nothing chosen</span></div><button class="btn">Send</button></form>`,
	}, func(e *echo.Echo) {
		e.POST("/photos", func(c echo.Context) error {
			form, err := c.MultipartForm()
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for _, h := range form.File["files"] {
				f, err := h.Open()
				if err != nil {
					return err
				}
				config, kind, _ := image.DecodeConfig(f)
				_ = f.Close()
				got = append(got, upload{h.Filename, kind, config.Width, h.Size})
			}
			return c.HTML(http.StatusOK, "received")
		})
	})
	folder := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	large := noise(t, 2600, 400)
	if len(large) < 3_000_000 {
		t.Fatalf("the large photo has only %d bytes", len(large))
	}
	p := testkit.Browser(t, server).Person(t, testkit.Phone).Open("/")
	// From a camera they come one by one.
	p.Upload("Photos", file("gate.png", noise(t, 60, 40))).See("gate.png").Upload("Photos", file("yard.png", large)).See("gate.png", "yard.jpg")
	p.Until(`[...document.querySelectorAll(".photo img")].every((image) => image.complete && image.naturalWidth > 0)`).Axe().NoHorizontalScroll().Screenshot("specimen-photos")
	p.Upload("Photos", file("film.mp4", make([]byte, 4_000_000))).See("film.mp4 is larger than 2.9 MB", "gate.png")
	p.Upload("Photos", file("a.txt", []byte("a")), file("b.txt", []byte("b"))).See("at most 3, not 4", "a.txt", "3 chosen").DontSee("b.txt", "larger")
	p.Click("Remove gate.png").DontSee("gate.png", "at most").See("2 chosen")
	p.Submit("Send").See("received")
	mu.Lock()
	defer mu.Unlock()
	if len(got) != 2 || got[0].name != "yard.jpg" || got[0].kind != "jpeg" || got[0].width != 2000 || got[0].size >= int64(len(large)) || got[1].name != "a.txt" || got[1].size != 1 {
		t.Errorf("the server got %+v", got)
	}
}

// TestKeys walks a list by keys, and not while somebody types.
func TestKeys(t *testing.T) {
	var rows strings.Builder
	for i := 1; i <= 3; i++ {
		fmt.Fprintf(&rows, `<li class="queue-row"><input type="checkbox" class="form-check-input queue-check" name="id" value="%[1]d" aria-label="choose %[1]d"><div class="queue-main"><a class="queue-title" data-open href="/row?n=%[1]d">Row %[1]d</a></div>
			<div class="queue-side"><button class="btn btn-sm" type="button" data-key="c" hx-get="/claimed?n=%[1]d" hx-target="#out">Claim</button></div></li>`, i)
	}
	server := specimen(t, map[string]string{
		"/":    `<p><label for="q">Search</label> <input id="q" data-key="/" data-key-label="Search words"></p><ul class="queue" data-keys>` + rows.String() + `</ul><p id="out"></p><button class="btn" type="button" data-keys-help>Shortcuts</button>`,
		"/row": "a row",
	}, func(e *echo.Echo) {
		e.GET("/claimed", func(c echo.Context) error { return c.HTML(http.StatusOK, "claimed "+c.QueryParam("n")) })
	})
	p := testkit.Browser(t, server).Person(t, testkit.Desktop).Open("/")
	p.Press("j", "j")
	if p.Focused() != "Row 2" {
		t.Errorf("j j leads to %q", p.Focused())
	}
	p.PressAndWait("c").See("claimed 2")
	p.Press("x").Until(`document.querySelectorAll("input:checked").length === 1 && document.querySelector("input:checked").value === "2"`)
	p.Press("ArrowDown", "ArrowDown", "k")
	if p.Focused() != "Row 2" {
		t.Errorf("down, down, k leads to %q", p.Focused())
	}
	p.Press("?").See("Keys", "Next", "Previous", "Search words", "Claim", "This help").Axe().Screenshot("specimen-keys")
	p.Press("Escape").DontSee("This help")
	p.Press("/")
	if p.Focused() != "Search" {
		t.Errorf("/ leads to %q", p.Focused())
	}
	p.Press("j", "c", "?")
	if p.Value("Search") != "jc?" {
		t.Errorf("typed %q", p.Value("Search"))
	}
	p.Click("Shortcuts").Uncheck("Use keys").Click("Close").Eval(`document.activeElement.blur()`, nil)
	if p.Press("j"); p.Focused() != "" {
		t.Errorf("switched off, j leads to %q", p.Focused())
	}
	p.Click("Shortcuts").Check("Use keys").Click("Close").Eval(`document.activeElement.blur()`, nil)
	p.Press("j", "k").PressAndWait("Enter").See("a row")
	if p.Path() != "/row?n=2" {
		t.Errorf("Enter leads to %s", p.Path())
	}
}

// TestRelativeTimes holds the words to the page's language, the exact time to
// its title, and old times to what the server wrote.
func TestRelativeTimes(t *testing.T) {
	element := func(ago time.Duration, words string) string {
		return fmt.Sprintf(`<p><time data-relative datetime="%s" title="exactly">%s</time></p>`, time.Now().Add(-ago).Format(time.RFC3339), words)
	}
	b := testkit.Browser(t, specimen(t, map[string]string{"/": element(190*time.Second, "then") + element(49*time.Hour, "then") + element(9*24*time.Hour, "1 April") + element(-130*time.Minute, "then")}))
	b.Person(t, testkit.Desktop).Open("/").See("3分钟前", "前天", "1 April", "2小时后").DontSee("then")
	english := testkit.Desktop
	english.Language = "en"
	p := b.Person(t, english).Open("/").See("3 minutes ago", "2 days ago", "1 April", "in 2 hours")
	var titles string
	if p.Eval(`[...document.querySelectorAll("time")].map((e) => e.title).join()`, &titles); titles != "exactly,exactly,exactly,exactly" {
		t.Errorf("titles %s", titles)
	}
}

// line is a stream whose end the test holds.
type line struct {
	mu   sync.Mutex
	down bool
	cut  chan struct{}
	tell chan string
}

func (l *line) serve(c echo.Context) error {
	l.mu.Lock()
	down, cut := l.down, l.cut
	l.mu.Unlock()
	if down {
		return c.NoContent(http.StatusServiceUnavailable)
	}
	w := c.Response()
	w.Header().Set("Content-Type", "text/event-stream")
	_, _ = io.WriteString(w, "event: alive\ndata: {}\n\n")
	w.Flush()
	for {
		select {
		case <-cut:
			return nil
		case <-c.Request().Context().Done():
			return nil
		case event := <-l.tell:
			_, _ = io.WriteString(w, event)
			w.Flush()
		}
	}
}

func (l *line) set(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
	if down {
		close(l.cut)
		l.cut = make(chan struct{})
	}
}

// TestLive holds that a page hears of changes, says when the line is down, comes
// back by itself and then catches up, and that a refresh disturbs nobody.
func TestLive(t *testing.T) {
	l := &line{cut: make(chan struct{}), tell: make(chan string)}
	var fetched atomic.Int64
	server := specimen(t, map[string]string{
		"/": `<div data-live="/stream"></div><div id="list" hx-get="/list" hx-trigger="load, whistle:changed from:body"></div>`,
	}, func(e *echo.Echo) {
		e.GET("/stream", l.serve)
		e.GET("/list", func(c echo.Context) error {
			return c.HTML(http.StatusOK, fmt.Sprintf(`<p>state %d</p><p><a href="/1">First</a></p><p><label><input type="checkbox" name="id" value="7"> Seven</label></p><p><label for="note">Note</label> <input id="note"></p>`, fetched.Add(1)))
		})
	})
	p := testkit.Browser(t, server).Person(t, testkit.Desktop)
	p.Expect("/stream answered 503")
	p.Eval(`0`, nil)
	p.Open("/").See("state 1").DontSee("line down")
	t.Cleanup(func() { l.set(true) })
	p.Eval(`document.addEventListener("whistle:changed", (event) => { (window.heard ||= []).push(event.detail.ticket_id); })`, nil)
	p.Check("Seven").TabTo("Note").Press("Shift+Tab", "Shift+Tab")
	if p.Focused() != "First" {
		t.Fatalf("the focus is on %q", p.Focused())
	}
	l.tell <- "event: ticket\ndata: {\"ticket_id\":\"t-1\",\"version\":3}\n\n"
	p.See("state 2")
	if p.Focused() != "First" || p.Value("Seven") != "true" {
		t.Errorf("after a refresh the focus is on %q, the box %s", p.Focused(), p.Value("Seven"))
	}
	// Nothing is taken from under the hands of somebody who types.
	p.Fill("Note", "hello")
	l.tell <- "event: reset\ndata: {}\n\n"
	p.Until(`window.heard.length === 2 && window.heard[0] === "t-1" && window.heard[1] === null`)
	if p.Value("Note") != "hello" || fetched.Load() != 2 {
		t.Errorf("the note holds %q after %d fetches", p.Value("Note"), fetched.Load())
	}
	p.Press("Shift+Tab").See("state 3")

	l.set(true)
	p.See("line down").Screenshot("specimen-line-down")
	before := fetched.Load()
	l.set(false)
	p.DontSee("line down").See(fmt.Sprintf("state %d", before+1))
	l.tell <- "event: ticket\ndata: {\"ticket_id\":\"t-2\",\"version\":3}\n\n"
	p.See(fmt.Sprintf("state %d", before+2))
}

// TestAnswersOfHTMX holds that what is wrong is shown where it was asked, that a
// whole page never lands inside another, and that a lost request is said.
func TestAnswersOfHTMX(t *testing.T) {
	server := specimen(t, map[string]string{
		"/": `<form hx-post="/wrong" hx-swap="outerHTML" id="form"><label for="a">A</label> <input id="a" name="a"><button class="btn">Send</button></form>
			<button class="btn" type="button" hx-get="/changed" hx-target="#part">Conflict</button> <button class="btn" type="button" hx-get="/page" hx-target="#part">Whole page</button>
			<button class="btn" type="button" hx-get="/problem" hx-target="#part">Problem</button> <button class="btn" type="button" hx-get="/part" hx-target="#part">Part</button><div id="part">part</div>`,
		"/page": "<p>a whole page</p>",
	}, func(e *echo.Echo) {
		e.POST("/wrong", func(c echo.Context) error {
			return c.HTML(http.StatusUnprocessableEntity, `<form hx-post="/wrong" hx-swap="outerHTML" id="form"><label for="a">A</label> <input id="a" name="a" value="`+c.FormValue("a")+`" aria-invalid="true"><p class="field-error">too short</p><button class="btn">Send</button></form>`)
		})
		e.GET("/changed", func(c echo.Context) error {
			return c.HTML(http.StatusPreconditionFailed, `<h2>changed meanwhile</h2>`)
		})
		e.GET("/problem", func(c echo.Context) error {
			return c.Blob(http.StatusConflict, "application/problem+json", []byte(`{"title":"no words for people"}`))
		})
		e.GET("/part", func(c echo.Context) error { return c.HTML(http.StatusOK, `<h2>the part</h2>`) })
	})
	p := testkit.Browser(t, server).Person(t, testkit.Desktop).Open("/")
	p.Fill("A", "x").Submit("Send").See("too short")
	if p.Value("A") != "x" || p.Focused() != "A" {
		t.Errorf("A holds %q, the focus is on %q", p.Value("A"), p.Focused())
	}
	p.Submit("Conflict").See("changed meanwhile")
	p.Submit("Problem").See("request failed").DontSee("no words for people")
	p.Submit("Part").See("the part").DontSee("request failed", "changed meanwhile")
	p.Submit("Whole page").See("a whole page").DontSee("Conflict")
	var mains int
	if p.Eval(`document.querySelectorAll("main").length`, &mains); mains != 1 {
		t.Errorf("%d times main", mains)
	}
}

// TestBatch holds the box over all boxes to theirs, and what needs a choice.
func TestBatch(t *testing.T) {
	server := specimen(t, map[string]string{
		"/": `<form><label><input type="checkbox" data-select-all="id"> All</label> <button class="btn" type="button" data-needs-selection>Claim <span data-selected-count></span></button>
			<label><input type="checkbox" name="id" value="1"> One</label> <label><input type="checkbox" name="id" value="2"> Two</label></form>
			<button class="btn" type="button" data-copy="http://example.test/t/1">Copy link</button>`,
	})
	p := testkit.Browser(t, server).Person(t, testkit.Desktop).Open("/")
	p.Until(`document.querySelector("[data-needs-selection]").disabled`).Check("All").See("Claim 2")
	if p.Value("One") != "true" || p.Value("Two") != "true" {
		t.Error("all are not all")
	}
	p.Uncheck("One").See("Claim 1").Until(`document.querySelector("[data-select-all]").indeterminate && !document.querySelector("[data-needs-selection]").disabled`)
	p.Uncheck("Two").Until(`document.querySelector("[data-needs-selection]").disabled`)
	p.Click("Copy link").See("Copied").See("Copy link")
}

// TestWithoutScript holds that nothing on a page waits for script: what script
// shows stays hidden, and forms go where they say.
func TestWithoutScript(t *testing.T) {
	server := specimen(t, map[string]string{
		"/": `<form method="post" action="/sent" data-once data-draft="x" data-confirm="Sure?"><fieldset class="field tiles"><legend>Category</legend><div class="choices"><label class="choice"><input type="radio" name="category" value="labour"><span>Labour</span></label></div></fieldset><button class="btn">Send</button></form><button data-print>Print</button> <button data-copy="x">Copy</button> <label><input type="checkbox" data-select-all="id"> All of them</label>`,
	}, func(e *echo.Echo) {
		e.POST("/sent", func(c echo.Context) error { return c.HTML(http.StatusOK, "sent "+c.FormValue("category")) })
	})
	screen := testkit.Phone
	screen.NoScript = true
	b := testkit.Browser(t, server)
	p := b.Person(t, screen).Open("/?theme=dark").DontSee("line down", "request failed", "Print", "Copy", "All of them").Axe().Screenshot("specimen-no-script")
	var background string
	p.Eval(`getComputedStyle(document.body).backgroundColor`, &background)
	if background != "rgb(21, 23, 26)" {
		t.Errorf("dark by choice, without script, is %s", background)
	}
	p.Choose("Category", "Labour").Submit("Send").See("sent labour")
}

// TestThemeFollowsTheDeviceOrTheChoice holds the theme to the choice first.
func TestThemeFollowsTheDeviceOrTheChoice(t *testing.T) {
	b := testkit.Browser(t, specimen(t, map[string]string{"/": "x"}))
	dark := testkit.Desktop
	dark.Dark = true
	for _, tc := range []struct {
		screen       testkit.Screen
		choice, want string
	}{
		{testkit.Desktop, "auto", "light"}, {dark, "auto", "dark"}, {dark, "light", "light"}, {testkit.Desktop, "dark", "dark"}, {dark, "", "dark"},
	} {
		var theme string
		b.Person(t, tc.screen).Open("/?theme="+tc.choice).Eval(`document.documentElement.dataset.bsTheme`, &theme)
		if theme != tc.want {
			t.Errorf("chosen %q on a device that is dark: %v: %s", tc.choice, tc.screen.Dark, theme)
		}
	}
}
