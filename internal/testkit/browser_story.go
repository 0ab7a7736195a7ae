package testkit

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

//go:embed browser_story.js
var storyScript string

// askPage calls a function of browser_story.js and gives its answer.
func askPage[T any](ctx context.Context, function string, args ...any) (T, error) {
	return chromedp.Run(ctx, chromedp.Evaluate[T](storyCall(function, args), chromedp.EvalAwaitPromise))
}

func storyCall(function string, args []any) string {
	given := make([]string, len(args))
	for i, arg := range args {
		raw, err := json.Marshal(arg)
		if err != nil {
			panic(err)
		}
		given[i] = string(raw)
	}
	return fmt.Sprintf("(%s)().%s(%s)", storyScript, function, strings.Join(given, ", "))
}

// spot is where a person presses, or why they can't.
type spot struct {
	X, Y    float64
	Leads   bool   // to another page
	Done    bool   // nothing is left to press
	Missing string // what keeps from it
}

// Open goes to a path of the server and waits until the page is there.
func (p *Person) Open(path string) *Person {
	p.tb.Helper()
	at := p.server.JoinPath().String()
	at = strings.TrimSuffix(at, "/") + path
	if err := p.within(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.Navigate(at)) }); err != nil {
		p.fail("opening %s: %v", path, err)
	}
	return p.settle("opening " + path)
}

// Reload asks for the page anew, as its button does.
func (p *Person) Reload() *Person {
	p.tb.Helper()
	if err := p.within(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.Reload()) }); err != nil {
		p.fail("reloading: %v", err)
	}
	return p.settle("reloading")
}

// Back goes back to the page before.
func (p *Person) Back() *Person {
	p.tb.Helper()
	var to string
	err := p.within(func(ctx context.Context) error {
		history, err := chromedp.Call(ctx, page.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return err
		}
		if history.CurrentIndex == 0 {
			return errors.New("there is no page before")
		}
		entry := history.Entries[history.CurrentIndex-1]
		to = entry.URL
		return call(ctx, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: entry.ID})
	})
	if err != nil {
		p.fail("going back: %v", err)
	}
	// A page that the browser kept does not load again: its address tells.
	if at, ok := p.until(func(ctx context.Context) (string, error) {
		at, err := chromedp.Run(ctx, chromedp.Location())
		if at == to {
			at = ""
		}
		return at, err
	}); !ok {
		p.fail("going back to %s: still at %s", to, at)
	}
	return p.settle("going back")
}

// Path is the address of the page below the server's, with its query.
func (p *Person) Path() string {
	p.tb.Helper()
	var path string
	p.Eval("location.pathname + location.search", &path)
	return path
}

// Status is the HTTP status of the last page.
func (p *Person) Status() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int(p.status)
}

// Click presses what bears the words: a link, a button, the label of a box. It
// may also be named by a CSS selector that begins with #, . or [. After a link
// it waits for the other page.
func (p *Person) Click(what string) *Person {
	p.tb.Helper()
	before := p.requests()
	if at := p.press("click", "press", what); at.Leads {
		p.answered("clicking "+what, before)
	}
	return p
}

// Submit presses a button, and waits for what the server answers to show.
func (p *Person) Submit(button string) *Person {
	p.tb.Helper()
	before := p.requests()
	p.press("submit", "press", button)
	p.answered("submitting by "+button, before)
	return p
}

// Fill types into the field that bears the label, instead of what it held.
func (p *Person) Fill(label, value string) *Person {
	p.tb.Helper()
	var ready struct {
		Missing string
		Direct  bool // as from a date picker
	}
	missing, ok := p.until(func(ctx context.Context) (string, error) {
		var err error
		ready.Missing = ""
		ready, err = askPage[struct {
			Missing string
			Direct  bool
		}](ctx, "readyToFill", label)
		return ready.Missing, err
	})
	if !ok {
		p.fail("fill in %q: %s", label, missing)
	}
	err := p.within(func(ctx context.Context) error {
		if ready.Direct || value == "" {
			return chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](storyCall("set", []any{label, value})))
		}
		return call(ctx, input.InsertText, input.InsertTextParams{Text: value})
	})
	if err != nil {
		p.fail("fill in %q: %v", label, err)
	}
	if got := p.Value(label); got != value {
		p.fail("filled in %q, and now it holds %q, not %q", label, got, value)
	}
	return p
}

// Choose picks an option: of a select by its label, or one of several labelled
// boxes by their legend.
func (p *Person) Choose(what, option string) *Person {
	p.tb.Helper()
	p.press("choose", "choose", what, option)
	return p
}

// Check puts a tick into the box that bears the label.
func (p *Person) Check(label string) *Person {
	p.tb.Helper()
	p.press("check", "tick", label, true)
	return p
}

// Uncheck takes the tick out.
func (p *Person) Uncheck(label string) *Person {
	p.tb.Helper()
	p.press("uncheck", "tick", label, false)
	return p
}

// Upload chooses files, by their paths, in the field that bears the label.
func (p *Person) Upload(label string, files ...string) *Person {
	p.tb.Helper()
	paths := make([]string, len(files))
	for i, file := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			p.tb.Fatal(err)
		}
		paths[i] = path
	}
	missing, ok := p.until(func(ctx context.Context) (string, error) {
		field, err := askPageForObject(ctx, "fileField", label)
		if err != nil || field.ObjectID == "" {
			return "there is no such field", err
		}
		return "", call(ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: paths, ObjectID: field.ObjectID})
	})
	if !ok {
		p.fail("upload to %q: %s", label, missing)
	}
	return p
}

func askPageForObject(ctx context.Context, function string, args ...any) (*runtime.RemoteObject, error) {
	return chromedp.Run(ctx, chromedp.Evaluate[*runtime.RemoteObject](storyCall(function, args)))
}

// Value is what the field that bears the label holds; of a box true or false.
func (p *Person) Value(label string) string {
	p.tb.Helper()
	var value *string
	missing, ok := p.until(func(ctx context.Context) (string, error) {
		var err error
		if value, err = askPage[*string](ctx, "value", label); err == nil && value == nil {
			return "there is no such field", nil
		}
		return "", err
	})
	if !ok {
		p.fail("the value of %q: %s", label, missing)
	}
	return *value
}

// See waits until every text shows, in any order.
func (p *Person) See(texts ...string) *Person {
	p.tb.Helper()
	var seen string
	missing, ok := p.until(func(ctx context.Context) (string, error) {
		now, err := askPage[string](ctx, "text")
		if err != nil {
			return "", err
		}
		seen = now
		var lacking []string
		for _, text := range texts {
			if !strings.Contains(seen, strings.Join(strings.Fields(text), " ")) {
				lacking = append(lacking, text)
			}
		}
		return strings.Join(lacking, ", "), nil
	})
	if !ok {
		p.fail("does not see %s at %s; sees: %s", missing, p.Path(), seen)
	}
	p.tellFaults(p.tb)
	return p
}

// DontSee waits until none of the texts shows.
func (p *Person) DontSee(texts ...string) *Person {
	p.tb.Helper()
	shown, ok := p.until(func(ctx context.Context) (string, error) {
		seen, err := askPage[string](ctx, "text")
		if err != nil {
			return "", err
		}
		for _, text := range texts {
			if strings.Contains(seen, strings.Join(strings.Fields(text), " ")) {
				return text, nil
			}
		}
		return "", nil
	})
	if !ok {
		p.fail("sees %q, which is not to show", shown)
	}
	p.tellFaults(p.tb)
	return p
}

// Text is all that shows on the page, in one line.
func (p *Person) Text() string {
	p.tb.Helper()
	text, err := runWithin(p, func(ctx context.Context) (string, error) { return askPage[string](ctx, "text") })
	if err != nil {
		p.fail("reading the page: %v", err)
	}
	return text
}

// keyNames are the keys that Press knows by name.
var keyNames = map[string]string{
	"Enter": kb.Enter, "Tab": kb.Tab, "Escape": kb.Escape, "Space": " ", "Backspace": kb.Backspace, "Delete": kb.Delete,
	"ArrowDown": kb.ArrowDown, "ArrowUp": kb.ArrowUp, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
	"Home": kb.Home, "End": kb.End, "PageDown": kb.PageDown, "PageUp": kb.PageUp,
}

// Press presses keys one after the other: characters, or by name, such as
// Enter, Tab, Shift+Tab, Escape, Space and ArrowDown.
func (p *Person) Press(keys ...string) *Person {
	p.tb.Helper()
	for _, name := range keys {
		rest, shifted := strings.CutPrefix(name, "Shift+")
		code, named := keyNames[rest]
		if !named {
			code = rest
		}
		letters := []rune(code)
		if len(letters) != 1 || kb.Keys[letters[0]] == nil {
			p.tb.Fatalf("there is no key %q", name)
		}
		key := kb.Keys[letters[0]]
		down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: key.Key, Code: key.Code, WindowsVirtualKeyCode: key.Windows, NativeVirtualKeyCode: key.Native}
		if key.Shift || shifted {
			down.Modifiers = int64(chromedp.ModifierShift)
		}
		up := down
		up.Type = input.DispatchKeyEventTypeKeyUp
		// The text goes with the key, so that a page that takes the key gets no text.
		if key.Print {
			down.Text, down.UnmodifiedText = key.Text, key.Unmodified
		}
		if err := p.within(func(ctx context.Context) error {
			return errors.Join(call(ctx, input.DispatchKeyEvent, down), call(ctx, input.DispatchKeyEvent, up))
		}); err != nil {
			p.fail("press %s: %v", name, err)
		}
	}
	p.tellFaults(p.tb)
	return p
}

// PressAndWait presses keys, and waits for what the server answers to show.
func (p *Person) PressAndWait(keys ...string) *Person {
	p.tb.Helper()
	before := p.requests()
	p.Press(keys...)
	p.answered("pressing "+strings.Join(keys, " "), before)
	return p
}

// Type types a text by its keys, where the focus stands.
func (p *Person) Type(text string) *Person {
	p.tb.Helper()
	if err := p.within(func(ctx context.Context) error {
		return call(ctx, input.InsertText, input.InsertTextParams{Text: text})
	}); err != nil {
		p.fail("type: %v", err)
	}
	return p
}

// TabTo presses Tab until the focus stands on what bears the words.
func (p *Person) TabTo(words string) *Person {
	p.tb.Helper()
	const most = 150
	var passed []string
	for range most {
		p.Press("Tab")
		at := p.Focused()
		if strings.Contains(at, words) {
			return p
		}
		passed = append(passed, at)
	}
	p.fail("%d times Tab did not lead to %q; it led over %s", most, words, strings.Join(passed, " · "))
	return p
}

// Focused is the name of what the focus stands on, as a screen reader would say
// it; "" for the page itself.
func (p *Person) Focused() string {
	p.tb.Helper()
	name, err := runWithin(p, func(ctx context.Context) (string, error) { return askPage[string](ctx, "focused") })
	if err != nil {
		p.fail("where the focus is: %v", err)
	}
	return name
}

// At says where the device is, in degrees, and lets pages know it.
func (p *Person) At(latitude, longitude float64) *Person {
	p.tb.Helper()
	err := p.within(func(ctx context.Context) error {
		_, err := chromedp.CallBrowser(ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: "geolocation"}, Setting: browser.PermissionSettingGranted, BrowserContextID: chromedp.FromContext(ctx).BrowserContextID,
		})
		return errors.Join(err, call(ctx, emulation.SetGeolocationOverride, emulation.SetGeolocationOverrideParams{
			Latitude: &latitude, Longitude: &longitude, Accuracy: new(10.0),
		}))
	})
	if err != nil {
		p.fail("at %v, %v: %v", latitude, longitude, err)
	}
	return p
}

// Line takes the person's line away, or gives it back; the browser notices, as a
// phone does.
func (p *Person) Line(up bool) *Person {
	p.tb.Helper()
	p.Expect("ERR_INTERNET_DISCONNECTED") // what the page tried meanwhile
	err := p.within(func(ctx context.Context) error {
		return errors.Join(
			call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
				MatchedNetworkConditions: []*network.Conditions{{Offline: !up, DownloadThroughput: -1, UploadThroughput: -1}},
			}),
			call(ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: !up, DownloadThroughput: -1, UploadThroughput: -1}),
		)
	})
	if err != nil {
		p.fail("the line: %v", err)
	}
	return p
}

// Eval asks the page by a JavaScript expression; into points to what its JSON is
// read into, nil for nothing. For what no step above can say.
func (p *Person) Eval(expression string, into any) *Person {
	p.tb.Helper()
	raw, err := runWithin(p, func(ctx context.Context) ([]byte, error) {
		return chromedp.Run(ctx, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise))
	})
	if err == nil && into != nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		p.fail("%s: %v", expression, err)
	}
	return p
}

// Until waits until a JavaScript expression is true.
func (p *Person) Until(expression string) *Person {
	p.tb.Helper()
	if _, ok := p.until(func(ctx context.Context) (string, error) {
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && !is {
			return "not yet", nil
		}
		return "", err
	}); !ok {
		p.fail("never became true: %s", expression)
	}
	return p
}

// NoHorizontalScroll fails the test if the page is wider than the screen.
func (p *Person) NoHorizontalScroll() *Person {
	p.tb.Helper()
	wide, err := runWithin(p, func(ctx context.Context) ([]string, error) { return askPage[[]string](ctx, "wide") })
	if err != nil {
		p.fail("how wide the page is: %v", err)
	}
	if len(wide) > 0 {
		p.tb.Errorf("%s scrolls sideways: %s", p.Path(), strings.Join(wide, "\n\t"))
	}
	return p
}

// Weight is how many bytes came over the wire for the page and all that it
// fetched, since it was asked for.
func (p *Person) Weight() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.received
}

// Screenshot keeps a picture of the whole page as
// .test-results/screenshots/NAME.png.
func (p *Person) Screenshot(name string) *Person {
	p.tb.Helper()
	p.settle("a picture " + name)
	if err := p.takePicture(name); err != nil {
		p.fail("a picture %s: %v", name, err)
	}
	return p
}

// tallest bounds a picture, in pixels.
const tallest = 12_000

func (p *Person) takePicture(name string) error {
	folder, err := resultsFolder("screenshots")
	if err != nil {
		return err
	}
	return p.within(func(ctx context.Context) error {
		if err := p.drawn(ctx); err != nil {
			return err
		}
		height, err := askPage[int](ctx, "height")
		if err != nil {
			return err
		}
		// A screen as tall as the page, so that what clings to its edges does so
		// at the page's.
		screen := emulation.SetDeviceMetricsOverrideParams{
			Width: int64(p.screen.Width), Height: int64(min(max(height, p.screen.Height), tallest)), DeviceScaleFactor: 1, Mobile: p.screen.Touch,
		}
		if err := call(ctx, emulation.SetDeviceMetricsOverride, screen); err != nil {
			return err
		}
		drawn := p.drawn(ctx)
		picture, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng})
		screen.Height = int64(p.screen.Height)
		if err := errors.Join(drawn, err, call(ctx, emulation.SetDeviceMetricsOverride, screen)); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(folder, name+".png"), picture.Data, 0o600)
	})
}

// drawn waits until fonts and images are there and what changed is painted. The
// page can't say so when its script is off; then the load has to do.
func (p *Person) drawn(ctx context.Context) error {
	if p.screen.NoScript {
		return nil
	}
	_, err := askPage[any](ctx, "drawn")
	return err
}

// press waits until a function of browser_story.js gives a spot, and presses it.
func (p *Person) press(verb, function string, args ...any) spot {
	p.tb.Helper()
	var at spot
	missing, ok := p.until(func(ctx context.Context) (string, error) {
		var err error
		at, err = askPage[spot](ctx, function, args...)
		return at.Missing, err
	})
	if !ok {
		p.fail("%s %v: %s", verb, args, missing)
	}
	if at.Done {
		return at
	}
	err := p.within(func(ctx context.Context) error {
		if p.screen.Touch {
			return chromedp.Do(ctx, chromedp.TapXY(at.X, at.Y))
		}
		return chromedp.Do(ctx, chromedp.MouseClickXY(at.X, at.Y))
	})
	if err != nil {
		p.fail("%s %v: %v", verb, args, err)
	}
	p.tellFaults(p.tb)
	return at
}

func (p *Person) requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.begun
}

// answered waits until a request has begun since, and all has come to rest.
func (p *Person) answered(step string, before int) {
	p.tb.Helper()
	if _, ok := p.until(func(context.Context) (string, error) {
		if p.requests() == before {
			return "no request", nil
		}
		return "", nil
	}); !ok {
		p.fail("%s asked nothing of the server", step)
	}
	p.settle(step)
}

// settle waits until nothing is under way.
func (p *Person) settle(step string) *Person {
	p.tb.Helper()
	missing, ok := p.until(func(ctx context.Context) (string, error) {
		if settled, err := askPage[bool](ctx, "settled"); err != nil || !settled {
			return "the page is not ready", err
		}
		tree, err := chromedp.Call(ctx, page.GetFrameTree, cdp.Empty{})
		if err != nil {
			return "", err
		}
		return strings.Join(p.underWay(tree.FrameTree.Frame.LoaderID), ", "), nil
	})
	if !ok {
		p.fail("%s: does not come to rest: %s", step, missing)
	}
	p.tellFaults(p.tb)
	return p
}

// underWay is what the page waits for. What a page before it had asked for when
// it went away may never be told to have ended.
func (p *Person) underWay(at cdp.LoaderID) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var addresses []string
	for _, r := range p.pending {
		if r.forPage || r.page == at {
			addresses = append(addresses, r.address)
		}
	}
	slices.Sort(addresses)
	return addresses
}

// within gives a step the time that it has.
func (p *Person) within(step func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return step(ctx)
}

func runWithin[T any](p *Person, step func(ctx context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return step(ctx)
}

// isolated makes a world of its own for scripts of ours that the page must not
// meet, and that its policy does not bind.
func isolated(ctx context.Context) (runtime.ExecutionContextID, error) {
	tree, err := chromedp.Call(ctx, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return 0, err
	}
	world, err := chromedp.Call(ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID, WorldName: "testkit"})
	return world.ExecutionContextID, err
}

// Print keeps what the page looks like on A4 as .test-results/screenshots/NAME.pdf
// and gives the number of sheets.
func (p *Person) Print(name string) (sheets int) {
	p.tb.Helper()
	p.settle("printing " + name)
	folder, err := resultsFolder("screenshots")
	if err != nil {
		p.tb.Fatal(err)
	}
	pdf, err := runWithin(p, func(ctx context.Context) ([]byte, error) {
		printed, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
		return printed.Data, err
	})
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".pdf"), pdf, 0o600)
	}
	if err != nil {
		p.fail("printing %s: %v", name, err)
	}
	return len(pdfSheet.FindAll(pdf, -1))
}

// Paper shows the page as it prints, from now on, as wide as A4 between its
// margins.
func (p *Person) Paper() *Person {
	p.tb.Helper()
	const width = 673 // pixels: 178 mm
	p.screen.Width = width
	err := p.within(func(ctx context.Context) error {
		return errors.Join(
			call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}),
			call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: int64(p.screen.Height), DeviceScaleFactor: 1}),
		)
	})
	if err != nil {
		p.fail("as it prints: %v", err)
	}
	return p
}

// pdfSheet is the object of a page in a PDF file.
var pdfSheet = regexp.MustCompile(`/Type\s*/Page\b`)
