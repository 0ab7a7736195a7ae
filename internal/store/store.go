// Package store is the one place that knows SQL and its two dialects.
//
// SQLite is the embedded default, PostgreSQL the production database. Times
// are kept in UTC, cut to microseconds. Reads outside a transaction go to a
// pool of read-only connections; writes happen only inside InTx.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// Dialect is one of the two databases.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Config says where the data is.
type Config struct {
	// URL of a PostgreSQL database, postgres://…; "" for SQLite.
	URL string
	// Dir holds the SQLite file; it is made when missing.
	Dir string
	// Observe, when set, is told of every statement, to count them.
	Observe Observer
}

// Store is an open database.
type Store struct {
	dialect Dialect
	writer  *gorm.DB
	reader  *gorm.DB
	pool    *pgxpool.Pool // PostgreSQL only
	observe Observer      // nil when nobody counts
}

// SQLiteFile is the name of the database in the data directory.
const SQLiteFile = "whistle.db"

const (
	maxReaders       = 8
	maxPostgresConns = 20
	idleConns        = 5 // fewer, and prepared statements are lost with the connections
	sqliteBusyMillis = 10_000
)

// Open opens the database; it does not migrate it.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.URL != "" {
		return openPostgres(ctx, cfg)
	}
	return openSQLite(ctx, cfg)
}

func gormConfig(observe Observer) *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		PrepareStmt:            true,
		Logger:                 loggerFor(observe), // errors are returned, and logged once at the edge
		// Times are given, not taken: a forgotten one shows as the year 1.
		NowFunc: func() time.Time { return time.Time{} },
	}
}

func openSQLite(ctx context.Context, cfg Config) (*Store, error) {
	if err := os.MkdirAll(cfg.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	file := "file:" + (&url.URL{Path: filepath.Join(cfg.Dir, SQLiteFile)}).EscapedPath()
	pragmas := fmt.Sprintf("?_pragma=busy_timeout(%d)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-65536)", sqliteBusyMillis)
	// A deferred transaction that turns to writing fails busy despite the
	// timeout, so writers take the lock at the start.
	writer, err := openGorm(ctx, sqlite.Open(file+pragmas+"&_txlock=immediate"), cfg.Observe, 1, 1)
	if err != nil {
		return nil, err
	}
	reader, err := openGorm(ctx, sqlite.Open(file+pragmas+"&_pragma=query_only(1)"), cfg.Observe, maxReaders, maxReaders)
	if err != nil {
		return nil, errors.Join(err, closeGorm(writer))
	}
	return &Store{dialect: SQLite, writer: writer, reader: reader, observe: cfg.Observe}, nil
}

func openPostgres(ctx context.Context, cfg Config) (*Store, error) {
	poolConfig, err := pgxpool.ParseConfig(cfg.URL)
	if err != nil {
		return nil, errors.New("database URL: not of the form postgres://user:password@host:port/database")
	}
	if !strings.Contains(cfg.URL, "pool_max_conns") {
		poolConfig.MaxConns = maxPostgresConns
	}
	poolConfig.ConnConfig.RuntimeParams["timezone"] = "UTC"
	// The many small parts of a queue's counts look costly to the planner; to
	// compile them takes longer than to run them.
	poolConfig.ConnConfig.RuntimeParams["jit"] = "off"
	pool, err := pgxpool.NewWithConfig(ctx, poolConfig)
	if err != nil {
		return nil, err
	}
	dial := postgres.New(postgres.Config{Conn: stdlib.OpenDBFromPool(pool)})
	db, err := openGorm(ctx, dial, cfg.Observe, int(poolConfig.MaxConns), idleConns)
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &Store{dialect: Postgres, writer: db, reader: db, pool: pool, observe: cfg.Observe}, nil
}

func openGorm(ctx context.Context, dial gorm.Dialector, observe Observer, open, idle int) (*gorm.DB, error) {
	db, err := gorm.Open(dial, gormConfig(observe))
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(open)
	pool.SetMaxIdleConns(idle)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), pool.Close())
	}
	return db, nil
}

func closeGorm(db *gorm.DB) error {
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

// Close closes the database.
func (s *Store) Close() error {
	err := closeGorm(s.writer)
	if s.reader != s.writer {
		err = errors.Join(err, closeGorm(s.reader))
	}
	if s.pool != nil {
		s.pool.Close()
	}
	return err
}

// Dialect tells which database it is.
func (s *Store) Dialect() Dialect { return s.dialect }

// Ping asks the database for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.reader.WithContext(ctx).Raw("SELECT 1").Scan(&one).Error
}

func (s *Store) sqlDB() (*sql.DB, error) { return s.writer.DB() }

// newSession makes a query that can be used more than once.
var newSession = &gorm.Session{}

// txKey finds the transaction of one store; a context may be in those of two.
type txKey struct{ of *Store }

// InTx runs f in one transaction, or in the one that ctx is in already. f may
// run again when the database asks for it (a deadlock), so it must change
// nothing but the database.
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	if s.tx(ctx) != nil {
		return f(ctx)
	}
	const tries = 5
	for try := 1; ; try++ {
		err := s.transact(ctx, s.writer, f)
		if err == nil || !again(err) || try == tries {
			return err
		}
	}
}

// again says whether the database asks to run the transaction once more.
func again(err error) bool {
	const serializationFailure, deadlockDetected = "40001", "40P01"
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == serializationFailure || pg.Code == deadlockDetected)
}

// tx is the transaction that ctx is in; nil outside.
func (s *Store) tx(ctx context.Context) *gorm.DB {
	tx, _ := ctx.Value(txKey{s}).(*gorm.DB)
	return tx
}

// read is where to read from: inside a transaction its own handle (another
// connection would wait for it, and not see its changes).
func (s *Store) read(ctx context.Context) *gorm.DB {
	if tx := s.tx(ctx); tx != nil {
		return tx.WithContext(ctx)
	}
	return s.reader.WithContext(ctx)
}

// write is the transaction to write in.
func (s *Store) write(ctx context.Context) *gorm.DB {
	tx := s.tx(ctx)
	if tx == nil {
		panic("store: a write outside InTx")
	}
	return tx.WithContext(ctx)
}

// ErrNotFound says that there is no such row.
var ErrNotFound = errors.New("store: not found")

// ErrDuplicate says that a unique value is taken.
var ErrDuplicate = errors.New("store: duplicate")

// ErrChanged says that the row has changed since it was read.
var ErrChanged = errors.New("store: changed meanwhile")

// translate turns the driver's words into the store's.
func translate(err error) error {
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return ErrNotFound
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return fmt.Errorf("%w: %w", ErrDuplicate, err)
	}
	return err
}

// Unavailable says whether an error means that the database is away for now.
func Unavailable(err error) bool {
	var connect *pgconn.ConnectError
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &connect):
		return true
	case errors.As(err, &pg):
		// class 57: operator intervention, class 53: insufficient resources, class 08: connection
		return strings.HasPrefix(pg.Code, "57P") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "08")
	}
	var line net.Error
	return errors.As(err, &line) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, sql.ErrConnDone) || pgconn.SafeToRetry(err)
}

// utc is a moment as the database keeps it.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func utcPtr(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := utc(*t)
	return &u
}

// among is the condition that a column has one of the values, and its one
// parameter. A list of any length is one parameter, so that the text of a
// statement, by which it is kept prepared, does not vary with it.
func (s *Store) among(column string, values []string) (condition, parameter string) {
	if len(values) == 1 {
		return column + " = ?", values[0] // from which planners conclude the most
	}
	if s.dialect == SQLite {
		raw, err := json.Marshal(values)
		if err != nil {
			panic(err) // strings are always fine
		}
		return column + " IN (SELECT value FROM json_each(?))", string(raw)
	}
	// PostgreSQL takes a list out of JSON for long and reads whole tables; an
	// array it takes for short.
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
	}
	return column + " = ANY(CAST(? AS text[]))", "{" + strings.Join(quoted, ",") + "}"
}

// contains builds a LIKE pattern that finds text anywhere, taken literally
// (with ESCAPE '\').
func contains(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}
