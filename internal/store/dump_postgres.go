package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// dumpPostgres has PostgreSQL's own program copy the database as one
// transaction sees it, and look at it in the same.
func (s *Store) dumpPostgres(ctx context.Context, path string, look func(ctx context.Context, as *Store) error) (Dumped, error) {
	d := Dumped{Path: path}
	err := s.InOneView(ctx, func(ctx context.Context) error {
		var server int
		var snapshot string
		if err := s.read(ctx).Raw("SELECT current_setting('server_version_num')").Scan(&server).Error; err != nil {
			return translate(err)
		}
		if err := s.read(ctx).Raw("SELECT pg_export_snapshot()").Scan(&snapshot).Error; err != nil {
			return translate(err)
		}
		program, version, err := findTool(ctx, "pg_dump", server/10_000)
		if err != nil {
			return err
		}
		d.Tool = version
		if err := runTool(ctx, program, s.pool.Config().ConnString(), "--format=custom", "--no-owner", "--no-privileges", "--snapshot="+snapshot, "--file="+path); err != nil {
			return err
		}
		return look(ctx, s)
	})
	return d, err
}

// openPostgres is OpenTarget's part for PostgreSQL.
func (t *Target) openPostgres(ctx context.Context, d Dumped, tables map[string]int64) (err error) {
	conn, err := pgx.Connect(ctx, t.cfg.URL)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	var server, others int
	if err := conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&server); err != nil {
		return err
	}
	if t.restore, _, err = findTool(ctx, "pg_restore", max(server/10_000, d.Tool)); err != nil {
		return err
	}
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`).Scan(&others); err != nil {
		return err
	}
	if others > 0 {
		return fmt.Errorf("%w (%d other connections)", ErrInUse, others)
	}
	rows, err := conn.Query(ctx, "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace ORDER BY relname")
	if err != nil {
		return err
	}
	there, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(there) == 0 {
		return err
	}
	if !t.replace {
		return ErrOccupied
	}
	strange := slices.DeleteFunc(there, func(table string) bool { _, known := tables[table]; return known })
	if len(strange) > 0 {
		return fmt.Errorf("the database has tables that the archive does not replace (%s); make a new database and restore into it", strings.Join(strange, ", "))
	}
	return nil
}

// loadPostgres is one transaction.
func (t *Target) loadPostgres(ctx context.Context, d Dumped) error {
	args := []string{"--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"}
	if t.replace {
		args = append(args, "--clean", "--if-exists")
	}
	return runTool(ctx, t.restore, t.cfg.URL, append(args, d.Path)...)
}

// debianTools is where Debian keeps the programs of each version.
const debianTools = "/usr/lib/postgresql/*/bin"

var toolVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// findTool finds one of PostgreSQL's programs, of the version wanted or else the
// next one: an older one cannot read a newer server.
func findTool(ctx context.Context, name string, wanted int) (path string, version int, err error) {
	candidates, err := filepath.Glob(filepath.Join(debianTools, name))
	if err != nil {
		return "", 0, err
	}
	if inPath, err := exec.LookPath(name); err == nil {
		candidates = append([]string{inPath}, candidates...)
	}
	var tooOld []string
	for _, candidate := range candidates {
		out, err := exec.CommandContext(ctx, candidate, "--version").Output() //nolint:gosec // a program of the system by a fixed name
		found := toolVersion.FindSubmatch(out)
		if err != nil || found == nil {
			continue
		}
		has, _ := strconv.Atoi(string(found[1]))
		if has < wanted {
			tooOld = append(tooOld, strconv.Itoa(has))
			continue
		}
		if path == "" || has < version {
			path, version = candidate, has
		}
	}
	switch {
	case path != "":
		return path, version, nil
	case len(tooOld) > 0:
		return "", 0, fmt.Errorf("%s of version %d or later is needed, and found was %s; install the package postgresql-client-%d", name, wanted, strings.Join(tooOld, ", "), wanted)
	}
	return "", 0, fmt.Errorf("%s is neither in PATH nor in %s; install the package postgresql-client-%d, or, where that cannot be as in the container's image, run this on a machine that has it and reaches the database and the attachments", name, debianTools, wanted)
}

// runTool runs one of PostgreSQL's programs on a database. The password is
// handed over in the environment, where other users do not see it.
func runTool(ctx context.Context, program, databaseURL string, args ...string) error {
	address, environment, err := libpqURL(databaseURL)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, append([]string{"--dbname=" + address, "--no-password"}, args...)...) //nolint:gosec // found by findTool
	cmd.Env = append(os.Environ(), environment...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(program), err, strings.TrimSpace(complaints.String()))
	}
	return nil
}

// libpqParameters are the parameters of a database URL that PostgreSQL's
// programs know, too; they refuse others.
var libpqParameters = []string{
	"host", "port", "user", "dbname", "passfile", "service", "connect_timeout", "application_name", "options",
	"sslmode", "sslrootcert", "sslcert", "sslkey", "sslnegotiation", "target_session_attrs", "krbsrvname", "channel_binding", "require_auth",
}

// libpqURL is a database URL as PostgreSQL's programs take it, and what stands
// in the environment instead.
func libpqURL(databaseURL string) (address string, environment []string, err error) {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return "", nil, errors.New("database URL: not of the form postgres://user:password@host:port/database")
	}
	query := u.Query()
	password, given := u.User.Password()
	if !given {
		password = query.Get("password")
	}
	if password != "" {
		environment = append(environment, "PGPASSWORD="+password)
	}
	if given {
		u.User = url.User(u.User.Username())
	}
	for name := range query {
		if !slices.Contains(libpqParameters, name) {
			query.Del(name)
		}
	}
	u.RawQuery = query.Encode()
	return u.String(), environment, nil
}
