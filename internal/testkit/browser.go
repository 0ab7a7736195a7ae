package testkit

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"whistle/internal/auth"
	"whistle/internal/ticket"
)

// Screen is what a person looks at the pages with. The zero value of what is
// not set is a desktop's, in Chinese, light, with script.
type Screen struct {
	Width, Height int // pixels; 1440 by 900 when zero
	Touch         bool
	Dark          bool
	NoScript      bool
	Language      string // BCP 47, e.g. en; zh-CN when empty
}

// The screens that the pages are made for.
var (
	Phone   = Screen{Width: 390, Height: 844, Touch: true}
	Tablet  = Screen{Width: 1024, Height: 768}
	Desktop = Screen{Width: 1440, Height: 900}
)

// Chromium is a browser without a window that visits one server. All of a test
// process share one; each person in it has cookies and storage of their own.
type Chromium struct {
	root   context.Context
	server *url.URL
}

// Browser is a Chromium to visit the server at the address with, e.g.
// http://127.0.0.1:1234. The first call in a test process starts it, and it ends
// with Main or with the process. Where Chromium is not installed the test is
// skipped, or fails when CI=true.
func Browser(tb testing.TB, address string) *Chromium {
	tb.Helper()
	server, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	oneChromium.Lock()
	defer oneChromium.Unlock()
	if !oneChromium.started {
		oneChromium.started = true
		oneChromium.root, oneChromium.stop, oneChromium.err = startChromium()
	}
	var missing errNoChromium
	switch {
	case errors.As(oneChromium.err, &missing):
		lacks(tb, missing)
	case oneChromium.err != nil:
		tb.Fatalf("testkit: %v", oneChromium.err)
	}
	return &Chromium{root: oneChromium.root, server: server}
}

// errNoChromium says that there is no browser to be had.
type errNoChromium struct{}

func (errNoChromium) Error() string {
	return "needs Chromium, which is not installed; `make needs` installs it"
}

// oneChromium is the browser of this test process.
var oneChromium struct {
	sync.Mutex
	started bool
	root    context.Context
	stop    func()
	err     error
}

// closeBrowser ends the browser of this process, if there is one.
func closeBrowser() error {
	oneChromium.Lock()
	defer oneChromium.Unlock()
	if oneChromium.stop != nil {
		oneChromium.stop()
	}
	oneChromium.started, oneChromium.root, oneChromium.stop, oneChromium.err = false, nil, nil, nil
	return nil
}

func startChromium() (context.Context, func(), error) {
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		return nil, nil, errNoChromium{}
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		// What the browser itself says, in a calendar or of a file, it says as to
		// the people here; on Linux the environment decides.
		chromedp.Flag("lang", "zh-CN"),
		chromedp.Env("LANGUAGE=zh_CN"),
		chromedp.DisableGPU,
		chromedp.Flag("no-sandbox", true), // root has none, and the pages are our own
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-lcd-text", true),
	)
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	root, stop := chromedp.NewContext(allocator)
	end := func() {
		stop()
		stopAllocator()
	}
	// Whatever context starts it, it lives as long as that one: so no deadline.
	if err := chromedp.Do(root); err != nil {
		end()
		return nil, nil, fmt.Errorf("%s does not start: %w", program, err)
	}
	return root, end, nil
}

// patience is how long a step waits for what it expects.
const patience = 30 * time.Second

// Person is somebody at a browser of their own. A step that fails ends the
// test, with a picture of the page in .test-results. What no page of ours may do
// fails the test too, wherever it happens: an error on the console, an exception
// that nobody caught, a violation of the content security policy, a request to
// another host, a missing asset, an answer of 500 and above; Expect excuses those
// that a test is about.
type Person struct {
	tb     testing.TB
	ctx    context.Context
	server *url.URL
	screen Screen

	mu       sync.Mutex // guards what events write
	faults   []string
	told     int // of the faults
	excused  []string
	pending  map[network.RequestID]request // under way, but for streams and icons
	begun    int                           // requests begun, likewise
	received int64                         // bytes, since the page was asked for
	status   int64                         // of the last page
}

// request is one that a page made, or the one for a page itself.
type request struct {
	address string
	page    cdp.LoaderID
	forPage bool
}

// Person opens a browser for a person until the test ends.
func (b *Chromium) Person(tb testing.TB, screen Screen) *Person {
	tb.Helper()
	if screen.Width == 0 {
		screen.Width, screen.Height = Desktop.Width, Desktop.Height
	}
	if screen.Language == "" {
		screen.Language = "zh-CN"
	}
	p := &Person{tb: tb, server: b.server, screen: screen, pending: map[network.RequestID]request{}}
	ctx, stop := chromedp.NewContext(b.root, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.hear))
	p.ctx = ctx
	tb.Cleanup(func() {
		p.tellFaults(tb)
		stop()
	})
	if err := p.setUp(); err != nil {
		tb.Fatalf("a browser for a person: %v", err)
	}
	return p
}

func (p *Person) setUp() error {
	if err := chromedp.Do(p.ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	version, err := chromedp.CallBrowser(ctx, browser.GetVersion, cdp.Empty{})
	if err != nil {
		return err
	}
	scheme := "light"
	if p.screen.Dark {
		scheme = "dark"
	}
	touch := emulation.SetTouchEmulationEnabledParams{Enabled: p.screen.Touch}
	return errors.Join(
		call(ctx, network.Enable, network.EnableParams{}),
		call(ctx, log.Enable, cdp.Empty{}),
		call(ctx, audits.Enable, cdp.Empty{}),
		call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: int64(p.screen.Width), Height: int64(p.screen.Height), DeviceScaleFactor: 1, Mobile: p.screen.Touch,
		}),
		call(ctx, emulation.SetTouchEmulationEnabled, touch),
		call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}}),
		call(ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: version.UserAgent, AcceptLanguage: p.screen.Language}),
		call(ctx, emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: p.screen.Language}),
		call(ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Asia/Shanghai"}),
		call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: p.screen.NoScript}),
	)
}

// call is a command whose answer says nothing.
func call[P, R any](ctx context.Context, command cdp.Command[P, R], params P) error {
	_, err := chromedp.Call(ctx, command, params)
	return err
}

// hear is shown everything that happens in the browser, in the order in which
// it happens. It must not wait for anything.
func (p *Person) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			p.fault("the console says: " + wordsOf(e.Args))
		}
	case *runtime.EventExceptionThrown:
		p.fault("an exception that nobody caught: " + exceptionText(e.ExceptionDetails))
	case *log.EventEntryAdded:
		// A page that says what is wrong answers 4xx; the answers are looked at below.
		if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "the server responded with a status of") {
			p.fault("the browser says: " + e.Entry.Text + " " + e.Entry.URL)
		}
	case *audits.EventIssueAdded:
		if details := e.Issue.Details; details != nil && details.ContentSecurityPolicyIssueDetails != nil {
			d := details.ContentSecurityPolicyIssueDetails
			at := ""
			if d.SourceCodeLocation != nil {
				at = fmt.Sprintf(" at %s:%d", d.SourceCodeLocation.URL, d.SourceCodeLocation.LineNumber+1)
			}
			p.fault(fmt.Sprintf("the content security policy's %s is violated%s %s", d.ViolatedDirective, at, d.BlockedURL))
		}
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err == nil && strings.HasPrefix(u.Scheme, "http") && u.Host != p.server.Host {
			p.fault("a request to another host: " + e.Request.URL)
		}
		switch e.Type {
		case network.ResourceTypeEventSource: // goes on
			return
		case network.ResourceTypeOther, network.ResourceTypeManifest: // the icon; its end is not always told
			return
		default:
		}
		if e.Type == network.ResourceTypeDocument && e.RedirectResponse == nil {
			// What the page before still waits for does not come any more.
			p.received = 0
			clear(p.pending)
		}
		p.begun++
		p.pending[e.RequestID] = request{e.Request.URL, e.LoaderID, e.Type == network.ResourceTypeDocument}
	case *network.EventResponseReceived:
		if e.Response.Status >= 500 {
			p.fault(fmt.Sprintf("%s answered %d", e.Response.URL, e.Response.Status))
		}
		switch e.Type {
		case network.ResourceTypeDocument:
			p.status = e.Response.Status
		case network.ResourceTypeXHR, network.ResourceTypeFetch, network.ResourceTypeEventSource:
		default:
			// A browser asks for that by itself where an answer is no page of ours.
			unasked := strings.HasSuffix(e.Response.URL, "/favicon.ico")
			if e.Response.Status >= 400 && e.Response.Status < 500 && !unasked {
				p.fault(fmt.Sprintf("%s answered %d", e.Response.URL, e.Response.Status))
			}
		}
	case *network.EventLoadingFinished:
		p.received += int64(e.EncodedDataLength)
		delete(p.pending, e.RequestID)
	case *network.EventLoadingFailed:
		delete(p.pending, e.RequestID)
	}
}

func wordsOf(args []*runtime.RemoteObject) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = strings.Trim(string(arg.Value), `"`)
		if words[i] == "" {
			words[i] = arg.Description
		}
	}
	return strings.Join(words, " ")
}

func exceptionText(d *runtime.ExceptionDetails) string {
	text := d.Text
	if d.Exception != nil {
		text += " " + d.Exception.Description
	}
	return text + " " + d.URL
}

// fault remembers what no page may do; p.mu is held.
func (p *Person) fault(text string) {
	for _, part := range p.excused {
		if strings.Contains(text, part) {
			return
		}
	}
	if !slices.Contains(p.faults, text) {
		p.faults = append(p.faults, text)
	}
}

// tellFaults fails the test for what happened since it was last asked.
func (p *Person) tellFaults(tb testing.TB) {
	tb.Helper()
	p.mu.Lock()
	fresh := slices.Clone(p.faults[p.told:])
	p.told = len(p.faults)
	p.mu.Unlock()
	for _, text := range fresh {
		tb.Errorf("in the browser: %s", text)
	}
}

// Expect excuses what would fail the test from now on, where it contains the
// text.
func (p *Person) Expect(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.excused = append(p.excused, text)
}

// fail ends the test, with a picture of what the person sees.
func (p *Person) fail(format string, args ...any) {
	p.tb.Helper()
	p.tellFaults(p.tb)
	picture := strings.NewReplacer("/", "-", " ", "_").Replace(p.tb.Name()) + "-failed"
	if err := p.takePicture(picture); err != nil {
		p.tb.Logf("no picture: %v", err)
	} else {
		p.tb.Logf("what it looked like: .test-results/screenshots/%s.png", picture)
	}
	p.tb.Fatalf(format, args...)
}

// until asks again and again whether something is so; the text it gets back says
// what is missing yet. False when patience ends.
func (p *Person) until(ask func(ctx context.Context) (missing string, err error)) (missing string, ok bool) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		answer, err := ask(ctx)
		if err == nil && answer == "" {
			return "", true
		}
		// A question is lost when the page goes away under it; the next one stands.
		if err == nil || missing == "" {
			missing = answer
			if err != nil {
				missing = err.Error()
			}
		}
		select {
		case <-ctx.Done():
			return missing, false
		case <-again.C:
		}
	}
}

// resultsFolder is .test-results of the repository, made when missing.
func resultsFolder(sub string) (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("not inside the repository")
		}
		folder = parent
	}
	folder = filepath.Join(folder, ".test-results", sub)
	return folder, os.MkdirAll(folder, 0o750)
}

// SetCookie gives the browser a cookie of the server, out of reach of script.
func (p *Person) SetCookie(name, value string) *Person {
	p.tb.Helper()
	err := p.within(func(ctx context.Context) error {
		return call(ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: p.server.String(), HTTPOnly: new(true)})
	})
	if err != nil {
		p.fail("a cookie: %v", err)
	}
	return p
}

// Password is that of the district's people once one of them has visited.
const Password = "correct horse 2023"

// Visit opens a browser for one of the district's people, signed in by a session
// of its own; "" is nobody. Signing in by the form is a test of its own.
func (s *Server) Visit(tb testing.TB, name string, screen Screen) *Person {
	tb.Helper()
	p := Browser(tb, s.URL).Person(tb, screen)
	if name == "" {
		return p
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.passwords[name] {
		if err := s.SetPassword(tb.Context(), ticket.System, s.Users[name].ID, Password); err != nil {
			tb.Fatalf("a password for %s: %v", name, err)
		}
		s.passwords[name] = true
	}
	session, err := s.SignIn(tb.Context(), name, Password, "127.0.0.1")
	if err != nil {
		tb.Fatalf("%s signs in: %v", name, err)
	}
	return p.SetCookie(auth.SessionCookie, session.Token)
}
