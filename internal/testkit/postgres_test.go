package testkit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// childVariable makes this test program the child of TestPostgresEndsWithItsProcess.
const childVariable = "WHISTLE_TESTKIT_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		child()
		os.Exit(1)
	}
	Main(m)
}

func connect(tb testing.TB, address string) *pgx.Conn {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func query[T any](tb testing.TB, conn *pgx.Conn, sql string, args ...any) T {
	tb.Helper()
	var value T
	if err := conn.QueryRow(tb.Context(), sql, args...).Scan(&value); err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
	return value
}

func databaseOf(tb testing.TB, address string) string {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

func TestPostgresIsEmptyAndOnesOwn(t *testing.T) {
	for i := range 40 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			conn := connect(t, Postgres(t))
			if n := query[int](t, conn, "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"); n != 0 {
				t.Fatalf("%d tables in a new database", n)
			}
			if _, err := conn.Exec(t.Context(), "CREATE TABLE own (n integer)"); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Exec(t.Context(), "INSERT INTO own VALUES ($1)", i); err != nil {
				t.Fatal(err)
			}
			if n := query[int](t, conn, "SELECT sum(n) FROM own"); n != i {
				t.Fatalf("found %d, wrote %d", n, i)
			}
		})
	}
}

func TestPostgresTemplateIsPreparedOnceAndCopied(t *testing.T) {
	var prepared atomic.Int64
	prepare := func(address string) error {
		prepared.Add(1)
		conn, err := pgx.Connect(context.Background(), address)
		if err != nil {
			return err
		}
		_, err = conn.Exec(context.Background(), "CREATE TABLE words (word text); INSERT INTO words VALUES ('吹哨')")
		return errors.Join(err, conn.Close(context.Background()))
	}
	t.Run("copies", func(t *testing.T) {
		for i := range 40 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				conn := connect(t, PostgresTemplate(t, "copied", prepare))
				if word := query[string](t, conn, "SELECT string_agg(word, ' ') FROM words"); word != "吹哨" {
					t.Fatalf("the copy holds %q", word)
				}
				if _, err := conn.Exec(t.Context(), "INSERT INTO words VALUES ('报到')"); err != nil {
					t.Fatal(err)
				}
			})
		}
	})
	if n := prepared.Load(); n != 1 {
		t.Fatalf("prepared %d times", n)
	}
}

func TestPostgresTemplateThatFailsIsToldToEveryone(t *testing.T) {
	server := postgresFor(t)
	calls := 0
	for range 2 {
		_, err := server.template("failing", func(string) error { calls++; return errors.New("no such migration") })
		if err == nil || err.Error() != "no such migration" {
			t.Fatalf("got %v", err)
		}
	}
	if calls != 1 {
		t.Fatalf("prepared %d times", calls)
	}
}

func TestPostgresDropsDatabasesInUse(t *testing.T) {
	var address string
	var left *pgx.Conn
	if !t.Run("user", func(t *testing.T) {
		address = Postgres(t)
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		left = conn
	}) {
		t.FailNow()
	}
	if left == nil {
		t.Skip("the part that uses PostgreSQL was skipped")
	}
	if err := left.Ping(t.Context()); err == nil {
		t.Error("the forgotten connection lives on")
	}
	_ = left.Close(t.Context())
	other := connect(t, Postgres(t))
	if n := query[int](t, other, "SELECT count(*) FROM pg_database WHERE datname = $1", databaseOf(t, address)); n != 0 {
		t.Error("the database is still there")
	}
}

func TestPostgresOnANamedServer(t *testing.T) {
	base := postgresFor(t).url.String()
	server, err := connectPostgres(base)
	if err != nil {
		t.Fatal(err)
	}
	template, err := server.template("t", func(string) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Run("user", func(t *testing.T) {
		connect(t, server.database(t, template))
	})
	if err := server.close(); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, base)
	if n := query[int](t, conn, "SELECT count(*) FROM pg_database WHERE datname = $1", template); n != 0 {
		t.Error("the template is still there")
	}
}

func TestConnectPostgresRefusesOtherAddresses(t *testing.T) {
	for _, address := range []string{"", "host=localhost", "mysql://localhost/x", "postgres://%zz"} {
		if _, err := connectPostgres(address); err == nil {
			t.Errorf("%q was accepted", address)
		}
	}
}

// TestPostgresEndsWithItsProcess kills a process that uses PostgreSQL and waits
// until everything that it started has ended.
func TestPostgresEndsWithItsProcess(t *testing.T) {
	if os.Getenv(postgresURLVariable) != "" {
		t.Skip(postgresURLVariable + " is set: no server is started here")
	}
	postgresFor(t) // skips where there is none
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The child and all that it starts inherit the writing end; reading ends
	// when the last of them has.
	living, inherited, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = living.Close() }()
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childVariable+"=1")
	cmd.ExtraFiles = []*os.File{inherited}
	cmd.Stderr = os.Stderr
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = input.Close() }()
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = inherited.Close()
	lines := bufio.NewScanner(output)
	var told []string
	for len(told) < 2 && lines.Scan() {
		told = append(told, lines.Text())
	}
	if len(told) < 2 {
		t.Fatalf("the child said only %q: %v", told, cmd.Wait())
	}
	address, folder := told[0], told[1]
	if _, err := os.Stat(filepath.Join(folder, "data", "postmaster.pid")); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, address)
	if err := conn.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}

	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended well although it was killed")
	}
	if _, err := io.Copy(io.Discard, living); err != nil {
		t.Fatal(err)
	}
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("the server still answers")
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the server's folder is still there: %v", err)
	}
}

// child starts a server, prints its address and folder, and waits to be killed.
func child() {
	server, err := openPostgres()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	var data string
	if err := server.admin.QueryRow(context.Background(), "SHOW data_directory").Scan(&data); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	fmt.Printf("%s\n%s\n", server.url, filepath.Dir(data))
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func TestPostgresMissing(t *testing.T) {
	var missing errNoPostgres
	if !errors.As(fmt.Errorf("x: %w", errNoPostgres{"no programs"}), &missing) {
		t.Fatal("not recognised")
	}
	for _, ci := range []string{"", "true"} {
		t.Run("CI="+ci, func(t *testing.T) {
			t.Setenv("CI", ci)
			shared.Lock()
			was, wasErr, wasStarted := shared.server, shared.err, shared.started
			shared.server, shared.err, shared.started = nil, missing, true
			shared.Unlock()
			defer func() {
				shared.Lock()
				shared.server, shared.err, shared.started = was, wasErr, wasStarted
				shared.Unlock()
			}()
			tb := &recorder{TB: t}
			done := make(chan struct{})
			go func() {
				defer close(done)
				Postgres(tb)
			}()
			<-done
			if tb.skipped != (ci == "") || tb.failed != (ci == "true") {
				t.Errorf("skipped %t, failed %t", tb.skipped, tb.failed)
			}
			if !strings.Contains(tb.said, "no programs") {
				t.Errorf("said %q", tb.said)
			}
		})
	}
}

func TestReachable(t *testing.T) {
	folder := t.TempDir()
	inner := filepath.Join(folder, "inner")
	if err := os.Mkdir(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	if reachable(inner) {
		t.Error("a private folder was called reachable")
	}
	if reachable(filepath.Join(folder, "missing")) {
		t.Error("a missing folder was called reachable")
	}
}

// recorder notes how a test would have ended instead of ending it.
type recorder struct {
	testing.TB
	skipped, failed bool
	said            string
}

func (r *recorder) Helper() {}

func (r *recorder) Skip(args ...any) {
	r.skipped, r.said = true, fmt.Sprint(args...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.failed, r.said = true, fmt.Sprintf(format, args...)
	runtime.Goexit()
}
