package testkit

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// postgresURLVariable names a server to use in place of a throw-away one.
	// Its user must be allowed to create databases.
	postgresURLVariable = "WHISTLE_TEST_DATABASE_URL"

	// postgresDurableVariable, when set to anything, has the throw-away server
	// write as safely as a real one. Benchmarks want that, tests do not.
	postgresDurableVariable = "WHISTLE_TEST_POSTGRES_DURABLE"

	// postgresOldest is the oldest version of PostgreSQL that is supported.
	postgresOldest = 15

	// databaseTimeout bounds the making and the dropping of one database.
	databaseTimeout = time.Minute
)

// Postgres returns the URL of a new and empty PostgreSQL database, which is
// dropped when the test ends.
//
// The first call in a test process starts a throw-away server on the loopback
// interface, which ends with the process, however that ends. Where PostgreSQL
// is not installed the test is skipped, or fails when CI=true.
// WHISTLE_TEST_DATABASE_URL names a server to use instead.
func Postgres(tb testing.TB) string {
	tb.Helper()
	return postgresFor(tb).database(tb, "template0")
}

// PostgresTemplate returns the URL of a new copy of the template database
// called name, dropped when the test ends. The template is made once in a test
// process: prepare is called with the URL of an empty database and fills it, by
// running the migrations for example. It must close its connections. Of several
// prepare functions under one name only the first to come is called.
func PostgresTemplate(tb testing.TB, name string, prepare func(url string) error) string {
	tb.Helper()
	server := postgresFor(tb)
	template, err := server.template(name, prepare)
	if err != nil {
		tb.Fatalf("testkit: PostgreSQL template %q: %v", name, err)
	}
	return server.database(tb, template)
}

// Main runs the tests and takes away what they shared, then calls the functions
// given. It is for packages that use PostgreSQL:
//
//	func TestMain(m *testing.M) { testkit.Main(m) }
//
// Without it a throw-away server ends a moment after the process, and
// templates stay behind on a server named by WHISTLE_TEST_DATABASE_URL.
func Main(m *testing.M, after ...func() error) {
	code := m.Run()
	for _, end := range append([]func() error{closePostgres, closeBrowser}, after...) {
		if err := end(); err != nil {
			fmt.Fprintln(os.Stderr, "testkit:", err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// errNoPostgres says that there is no PostgreSQL to be had, and why.
type errNoPostgres struct{ reason string }

func (e errNoPostgres) Error() string {
	return "needs PostgreSQL: " + e.reason + "; `make test` installs it"
}

// shared is the one server of this test process.
var shared struct {
	sync.Mutex
	started bool
	server  *postgresServer
	err     error
}

// postgresFor returns the server of this process, starting it at the first call.
func postgresFor(tb testing.TB) *postgresServer {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.started {
		shared.started = true
		shared.server, shared.err = openPostgres()
	}
	var missing errNoPostgres
	switch {
	case errors.As(shared.err, &missing):
		lacks(tb, missing)
	case shared.err != nil:
		tb.Fatalf("testkit: %v", shared.err)
	}
	return shared.server
}

// closePostgres ends the server of this process, if there is one.
func closePostgres() error {
	shared.Lock()
	defer shared.Unlock()
	server := shared.server
	shared.started, shared.server, shared.err = false, nil, nil
	if server == nil {
		return nil
	}
	return server.close()
}

// postgresServer is a server to make databases on.
type postgresServer struct {
	admin  *pgxpool.Pool
	url    *url.URL
	prefix string // of the names of all databases made here
	made   atomic.Int64
	stop   func() error // ends a throw-away server; nil for one named from outside

	mu        sync.Mutex
	templates map[string]*postgresTemplate
}

type postgresTemplate struct {
	once     sync.Once
	database string
	err      error
}

// openPostgres connects to the server that the environment names, or starts one.
func openPostgres() (*postgresServer, error) {
	if named := os.Getenv(postgresURLVariable); named != "" {
		server, err := connectPostgres(named)
		if err != nil {
			return nil, fmt.Errorf("the server named by %s: %w", postgresURLVariable, err)
		}
		return server, nil
	}
	address, stop, err := startPostgres()
	if err != nil {
		return nil, err
	}
	server, err := connectPostgres(address)
	if err != nil {
		return nil, errors.Join(err, stop())
	}
	server.stop = stop
	return server, nil
}

func connectPostgres(address string) (*postgresServer, error) {
	parsed, err := url.Parse(address)
	if err != nil || (parsed.Scheme != "postgres" && parsed.Scheme != "postgresql") {
		return nil, errors.New("not a postgres:// URL")
	}
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 4
	ctx, cancel := context.WithTimeout(context.Background(), databaseTimeout)
	defer cancel()
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return &postgresServer{
		admin:     pool,
		url:       parsed,
		prefix:    "whistle_test_" + randomHex(4) + "_",
		templates: make(map[string]*postgresTemplate),
	}, nil
}

// database makes a database from a template and has the test drop it.
func (s *postgresServer) database(tb testing.TB, template string) string {
	tb.Helper()
	name, err := s.create(template)
	if err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.exec("DROP DATABASE IF EXISTS " + quote(name) + " WITH (FORCE)"); err != nil {
			tb.Logf("testkit: %v", err)
		}
	})
	return s.urlOf(name)
}

func (s *postgresServer) create(template string) (string, error) {
	name := s.prefix + strconv.FormatInt(s.made.Add(1), 10)
	return name, s.exec("CREATE DATABASE " + quote(name) + " TEMPLATE " + quote(template))
}

// template returns the database made by prepare, calling it if it is the first.
func (s *postgresServer) template(name string, prepare func(url string) error) (string, error) {
	s.mu.Lock()
	template := s.templates[name]
	if template == nil {
		template = new(postgresTemplate)
		s.templates[name] = template
	}
	s.mu.Unlock()

	template.once.Do(func() {
		// Said beforehand for the case that prepare ends the test instead of
		// returning: later callers must not copy half a template.
		template.err = errors.New("an earlier test failed to prepare it")
		database, err := s.create("template0")
		if err != nil {
			template.err = err
			return
		}
		template.database = database
		template.err = prepare(s.urlOf(database))
	})
	return template.database, template.err
}

func (s *postgresServer) exec(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), databaseTimeout)
	defer cancel()
	if _, err := s.admin.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func (s *postgresServer) urlOf(database string) string {
	u := *s.url
	u.Path = "/" + database
	u.RawPath = ""
	return u.String()
}

// close ends a throw-away server; on another it drops the templates.
func (s *postgresServer) close() error {
	if s.stop != nil {
		s.admin.Close()
		return s.stop()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, template := range s.templates {
		if template.database != "" {
			errs = append(errs, s.exec("DROP DATABASE IF EXISTS "+quote(template.database)+" WITH (FORCE)"))
		}
	}
	s.admin.Close()
	return errors.Join(errs...)
}

func quote(identifier string) string { return pgx.Identifier{identifier}.Sanitize() }

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// postgresUser is the superuser of a throw-away server.
const postgresUser = "whistle"

// supervise is a shell script that starts a server, says "ready", waits for the
// end of its input, stops the server and removes its folder. The input is a
// pipe whose other end only the test process holds, so that the server ends
// with that process even when it is killed.
//
// Arguments: the folder of the programs, that of the server, the options.
const supervise = `
stop() {
	"$1/pg_ctl" --pgdata="$2/data" --mode=immediate --silent stop
	rm -rf "$2"
}
if ! "$1/pg_ctl" --pgdata="$2/data" --log="$2/server.log" --wait --timeout=120 --silent --options="$3" start; then
	cat "$2/server.log" >&2
	exit 1
fi
trap 'exit 1' HUP INT TERM
trap 'stop "$1" "$2"' EXIT
echo ready
cat >/dev/null
`

// startPostgres starts a throw-away server and returns its URL and a function
// that ends it.
func startPostgres() (address string, stop func() error, err error) {
	programs, err := findPostgres()
	if err != nil {
		return "", nil, err
	}
	owner, err := postgresOwner()
	if err != nil {
		return "", nil, err
	}
	folder, err := postgresFolder(owner)
	if err != nil {
		return "", nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(folder))
		}
	}()

	password := randomHex(16)
	if err := initPostgres(programs, folder, password, owner); err != nil {
		return "", nil, err
	}

	// Between looking for a free port and using it somebody else may take it.
	for attempt := 1; ; attempt++ {
		port, err := freePort()
		if err != nil {
			return "", nil, err
		}
		stop, err := runPostgres(programs, folder, port, owner)
		if err != nil && strings.Contains(err.Error(), "could not bind") && attempt < 10 {
			continue
		}
		if err != nil {
			return "", nil, err
		}
		u := url.URL{
			Scheme:   "postgres",
			User:     url.UserPassword(postgresUser, password),
			Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
			Path:     "/postgres",
			RawQuery: "sslmode=disable",
		}
		return u.String(), stop, nil
	}
}

// initPostgres makes the files of a new server.
func initPostgres(programs, folder, password string, owner *syscall.Credential) error {
	file := filepath.Join(folder, "password")
	if err := os.WriteFile(file, []byte(password), 0o600); err != nil {
		return err
	}
	if owner != nil {
		if err := os.Chown(file, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	// The locale that deploy/compose.yaml asks for as well: order by code point,
	// as SQLite does. Passwords go in clear over the loopback: a test connects
	// often, and the client's part of SCRAM is slow under the race detector.
	initdb := postgresCommand(owner, filepath.Join(programs, "initdb"),
		"--pgdata="+filepath.Join(folder, "data"), "--username="+postgresUser, "--pwfile="+file,
		"--auth-local=reject", "--auth-host=password", "--encoding=UTF8", "--locale=C.UTF-8",
		"--no-sync", "--no-instructions")
	if output, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, output)
	}
	return os.Remove(file)
}

// runPostgres starts the server and waits until it takes connections.
func runPostgres(programs, folder string, port int, owner *syscall.Credential) (stop func() error, err error) {
	options := []string{
		"-p", strconv.Itoa(port),
		"-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=",
		"-c", "max_connections=300",
		"-c", "timezone=UTC",
		"-c", "log_timezone=UTC",
	}
	if os.Getenv(postgresDurableVariable) == "" {
		options = append(options,
			"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
			"-c", "wal_level=minimal", "-c", "max_wal_senders=0")
	}
	shell := postgresCommand(owner, "/bin/sh", "-c", supervise, "sh", programs, folder, strings.Join(options, " "))
	// A session of its own: an interrupt typed at the terminal ends the tests,
	// and through the pipe the server, in good order.
	shell.SysProcAttr.Setsid = true
	input, err := shell.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := shell.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var complaints bytes.Buffer
	shell.Stderr = &complaints
	if err := shell.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil || line != "ready\n" {
		_, _ = io.Copy(io.Discard, output)
		return nil, fmt.Errorf("PostgreSQL did not start: %w\n%s", shell.Wait(), complaints.String())
	}
	return func() error {
		err := errors.Join(input.Close(), shell.Wait())
		if err != nil {
			return fmt.Errorf("stopping PostgreSQL: %w\n%s", err, complaints.String())
		}
		return nil
	}, nil
}

// postgresCommand is a command run by owner, or by the present user if nil, with
// an environment that does not depend on who runs the tests.
func postgresCommand(owner *syscall.Credential, name string, args ...string) *exec.Cmd {
	// It has to outlive the test that happens to start it, so there is no
	// context to bind it to: its input does that.
	cmd := exec.CommandContext(context.Background(), name, args...) //nolint:gosec // PostgreSQL's own programs and /bin/sh, nothing from outside
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	return cmd
}

// findPostgres returns the folder of the newest installed server's programs.
func findPostgres() (string, error) {
	complete := func(folder string) bool {
		for _, program := range []string{"initdb", "pg_ctl", "postgres"} {
			if _, err := exec.LookPath(filepath.Join(folder, program)); err != nil {
				return false
			}
		}
		return true
	}
	versionOf := func(folder string) int {
		version, err := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
		if err != nil {
			return 0
		}
		return version
	}

	// Debian keeps them out of PATH, one folder for each version.
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	sort.Slice(folders, func(i, j int) bool { return versionOf(folders[i]) > versionOf(folders[j]) })
	for _, folder := range folders {
		if versionOf(folder) >= postgresOldest && complete(folder) {
			return folder, nil
		}
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(initdb); err == nil && complete(filepath.Dir(real)) {
			return filepath.Dir(real), nil
		}
	}
	return "", errNoPostgres{fmt.Sprintf("the programs of a server, version %d or later, are not installed", postgresOldest)}
}

// postgresOwner says who runs the server: root may not, and the user postgres
// does it then; nil stands for the present user.
func postgresOwner() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, errNoPostgres{"it refuses to run as root, and there is no user postgres"}
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// postgresFolder makes a folder for a server that its owner can reach.
func postgresFolder(owner *syscall.Credential) (string, error) {
	parent := os.TempDir()
	if owner != nil && !reachable(parent) {
		parent = "/tmp"
	}
	folder, err := os.MkdirTemp(parent, "whistle-postgres-")
	if err != nil {
		return "", err
	}
	if owner != nil {
		if err := os.Chown(folder, int(owner.Uid), int(owner.Gid)); err != nil {
			return "", errors.Join(err, os.Remove(folder))
		}
	}
	return folder, nil
}

// reachable reports whether any user may enter the folder and remove what is
// their own in it.
func reachable(folder string) bool {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return false
	}
	for at := absolute; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil || info.Mode().Perm()&0o001 == 0 || (at == absolute && info.Mode().Perm()&0o002 == 0) {
			return false
		}
		if at == filepath.Dir(at) {
			return true
		}
	}
}

func freePort() (int, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("not a TCP address: %s", listener.Addr())
	}
	return address.Port, listener.Close()
}
