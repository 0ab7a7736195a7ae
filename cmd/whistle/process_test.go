package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
)

// built is the folder of the real binary; "" until a test needs it.
var built string

func TestMain(m *testing.M) {
	testkit.Main(m, func() error { return os.RemoveAll(built) })
}

// patience is how long a process may take to start or to stop.
const patience = 20 * time.Second

// program builds the real binary, once.
var program = sync.OnceValues(func() (string, error) {
	var err error
	if built, err = os.MkdirTemp("", "whistle-test-"); err != nil {
		return "", err
	}
	path := filepath.Join(built, "whistle")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, err
})

// database is where processes keep their data.
type database struct {
	config  store.Config
	files   string
	program string // another build than this one; "" for this
}

// arguments that name the database.
func (d database) arguments() []string {
	if d.config.URL != "" {
		return []string{"--database-url", d.config.URL, "--data-dir", d.files}
	}
	return []string{"--data-dir", d.config.Dir}
}

// databases runs a test with processes on each database.
func databases(t *testing.T, test func(t *testing.T, d database)) {
	t.Helper()
	testkit.Databases(t, func(t *testing.T, cfg store.Config) { test(t, database{config: cfg, files: t.TempDir()}) })
}

// emptyDatabases runs a test with processes on each database, which is without
// a schema.
func emptyDatabases(t *testing.T, test func(t *testing.T, d database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, database{config: testkit.SQLite(t)}) })
	t.Run("postgres", func(t *testing.T) {
		test(t, database{config: store.Config{URL: testkit.Postgres(t)}, files: t.TempDir()})
	})
}

// command is the binary with arguments, on the database.
func (d database) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path := d.program
	if path == "" {
		var err error
		if path, err = program(); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), path, append(args, d.arguments()...)...)
	cmd.Env = append(os.Environ(), "WHISTLE_LOG_LEVEL=warn")
	return cmd
}

// run carries a command out to its end.
func (d database) run(t *testing.T, args ...string) (code int, out, complaints string) {
	t.Helper()
	cmd := d.command(t, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// process is a running server.
type process struct {
	cmd    *exec.Cmd
	url    string
	told   *told
	exited chan error
}

// told is what a process printed so far.
type told struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (w *told) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case w.more <- struct{}{}:
	default:
	}
	return w.text.Write(p)
}

func (w *told) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

var servesAt = regexp.MustCompile(`serves (http://\S+)`)

// launch starts a server on a free port and returns when it has said where.
func (d database) launch(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{
		cmd:  d.command(t, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...),
		told: &told{more: make(chan struct{}, 1)}, exited: make(chan error, 1),
	}
	p.cmd.Stdout, p.cmd.Stderr = p.told, p.told
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.exited <- p.cmd.Wait() }()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended already
		if t.Failed() {
			t.Logf("the server said:\n%s", p.told)
		}
	})
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		if at := servesAt.FindStringSubmatch(p.told.String()); at != nil {
			p.url = at[1]
			return p
		}
		select {
		case <-p.told.more:
		case err := <-p.exited:
			t.Fatalf("the server ended at its start: %v\n%s", err, p.told)
		case <-deadline.C:
			t.Fatalf("the server did not start in %s:\n%s", patience, p.told)
		}
	}
}

// serve starts a server and returns when it is ready.
func (d database) serve(t *testing.T) *process {
	t.Helper()
	p := d.launch(t)
	p.become(t, http.StatusOK)
	return p
}

// become waits until /readyz answers with the status.
func (p *process) become(t *testing.T, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	last := "no answer"
	for ctx.Err() == nil {
		got, body, err := ask(ctx, p.url+"/readyz")
		if err == nil && got == status {
			return
		}
		last = fmt.Sprintf("%d %s %v", got, body, err)
	}
	t.Fatalf("/readyz does not become %d: %s", status, last)
}

func ask(ctx context.Context, url string) (status int, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	return res.StatusCode, string(raw), err
}

// kill ends the server as a power cut would.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-p.exited; err == nil {
		t.Error("the server ended by itself, before it was killed")
	}
}

// stop asks the server to end, and tells how long that took.
func (p *process) stop(t *testing.T) time.Duration {
	t.Helper()
	start := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	select {
	case err := <-p.exited:
		if err != nil {
			t.Errorf("the server ended with %v:\n%s", err, p.told)
		}
	case <-deadline.C:
		t.Fatalf("the server did not stop in %s:\n%s", patience, p.told)
	}
	return time.Since(start)
}

// people makes the test district in the database and gives its people tokens.
// It leaves nothing open.
func (d database) people(t *testing.T) (tokens, departments map[string]string) {
	t.Helper()
	tokens = map[string]string{}
	t.Run("district", func(t *testing.T) {
		district := testkit.NewDistrict(t, testkit.NewService(t, d.config, "2023-09-27 10:00"))
		departments = district.Departments
		for _, p := range testkit.People {
			token, _, err := district.CreateToken(t.Context(), district.Actor(t, p.Name), service.NewToken{Name: "test"})
			if err != nil {
				t.Fatal(err)
			}
			tokens[p.Name] = token
		}
	})
	return tokens, departments
}

// clean fails the test unless verify and recount find nothing wrong.
func (d database) clean(t *testing.T) {
	t.Helper()
	for _, check := range []string{"verify", "recount"} {
		code, out, complaints := d.run(t, check)
		if code != 0 || !strings.Contains(out, "tickets") {
			t.Errorf("%s: exit %d: %s%s", check, code, out, complaints)
		}
	}
}
