// Package service holds the use cases: load, decide, save, write history. It
// is the only door to the store for everything above it.
package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"gocloud.dev/blob"
	"golang.org/x/sync/semaphore"

	"whistle/internal/clock"
	"whistle/internal/directory"
	"whistle/internal/notify"
	"whistle/internal/outbound"
	"whistle/internal/photo"
	"whistle/internal/retention"
	"whistle/internal/secret"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Service carries out commands and reads, each for an actor.
type Service struct {
	store  *store.Store
	clock  clock.Clock // of the tickets; the demo's runs in 2023
	wall   clock.Clock // of sessions, links and keys
	zone   *time.Location
	log    *slog.Logger
	tracer trace.Tracer
	hub    *Hub
	queue  *store.Queue // of work that follows a commit
	// channels carry notices to people; set when the queue starts.
	channels  []notify.Channel
	publicURL string           // for links in what is sent; set before the queue starts
	outbound  *outbound.Client // reaches the addresses that users give
	robots    *notify.Robots   // for tests of them; what people are told goes by channels
	delivered func(outcome string)
	files     *blob.Bucket // the attachments' content
	newID     func() string
	keep      retention.Days

	hasher    *secret.Hasher
	shrinking *semaphore.Weighted // held for the pixels that are made thumbnails of
	marking   sync.Mutex          // held while a token's use is written down

	prepared atomic.Bool
	stopping chan struct{}
	stopOnce sync.Once

	recounted atomic.Pointer[RecountReport] // the last of this process
	refreshed atomic.Pointer[Current]

	mu        sync.Mutex
	policies  map[int]ticket.Policy // a version never changes
	calendars map[int]*worktime.Calendar
	importing map[string]context.CancelFunc // by run: the imports that this process works on
}

// Config is what a Service needs beside its store.
type Config struct {
	Clock clock.Clock    // of the tickets
	Wall  clock.Clock    // of sessions; Clock by default
	Zone  *time.Location // in which working time is counted and days begin
	Log   *slog.Logger
	Files *blob.Bucket // the attachments' content; without it none are taken
	// Tracer makes traces; none are made without.
	Tracer trace.TracerProvider
	Ran    Ran // called after each run of a job from the queue; may be nil
	// Outbound reaches the addresses that users give; by default none inside.
	Outbound *outbound.Client
	// Delivered is called after each attempt to tell a webhook something, with
	// what came of it; may be nil.
	Delivered func(outcome string)
	// Keep is how long things are kept, where that is set otherwise.
	Keep retention.Days
}

// New makes a Service over an open and migrated store.
func New(st *store.Store, cfg Config) *Service {
	if cfg.Wall == nil {
		cfg.Wall = cfg.Clock
	}
	if cfg.Tracer == nil {
		cfg.Tracer = noop.NewTracerProvider()
	}
	if cfg.Outbound == nil {
		cfg.Outbound = outbound.New(outbound.Options{})
	}
	if cfg.Delivered == nil {
		cfg.Delivered = func(string) {}
	}
	s := &Service{
		outbound: cfg.Outbound, delivered: cfg.Delivered, robots: notify.NewRobots(cfg.Outbound, "", cfg.Wall),
		tracer: cfg.Tracer.Tracer("whistle"),
		store:  st, clock: cfg.Clock, wall: cfg.Wall, zone: cfg.Zone, log: cfg.Log,
		hub: newHub(), files: cfg.Files, keep: cfg.Keep, newID: newID, hasher: secret.NewHasher(hashesAtOnce), shrinking: semaphore.NewWeighted(photo.MaxPixels), stopping: make(chan struct{}),
		policies: map[int]ticket.Policy{}, calendars: map[int]*worktime.Calendar{}, importing: map[string]context.CancelFunc{},
	}
	s.queue = store.NewQueue(st, store.QueueConfig{Log: cfg.Log, Workers: s.workers(), Carry: carry, Around: s.aroundJob(cfg.Ran)})
	return s
}

// newID makes an id that sorts by the time of its making.
func newID() string {
	return uuid.Must(uuid.NewV7()).String() // fails only when the system has no randomness
}

// Now is the service's present moment.
func (s *Service) Now() time.Time { return s.clock.Now() }

// Present is the present moment of sessions, which is the wall's even where the
// tickets live in another time.
func (s *Service) Present() time.Time { return s.wall.Now() }

// Zone is where days begin.
func (s *Service) Zone() *time.Location { return s.zone }

// Between are the moments from the beginning of one day to the end of another,
// which is the first that is too late; zero for a day that is zero.
func (s *Service) Between(from, to worktime.Date) (begin, end time.Time) {
	if !from.IsZero() {
		begin = from.In(s.zone)
	}
	if !to.IsZero() {
		end = to.AddDays(1).In(s.zone)
	}
	return begin, end
}

func (s *Service) today() worktime.Date { return worktime.DateOf(s.clock.Now().In(s.zone)) }

// InTx runs f in one transaction; commands inside it take part. What follows a
// commit follows this one.
func (s *Service) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	if commitOf(ctx) != nil {
		return f(ctx)
	}
	var after *commit
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		after = newCommit() // the transaction may run again
		ctx = context.WithValue(ctx, commitKey{}, after)
		if err := f(ctx); err != nil {
			return err
		}
		return s.announce(ctx, after.hints)
	})
	if err != nil {
		after.rolledBack()
		return err
	}
	s.remember(after)
	s.hub.publish(after.hints)
	return nil
}

// commit is what waits for a transaction's end: hints to be published, and
// versions that it read and may have made itself, so that nobody else may
// believe in them yet.
type commit struct {
	hints     []Hint
	policies  map[int]ticket.Policy
	calendars map[int]*worktime.Calendar
	undo      []func() // takes back what was done beside the database
}

// rolledBack takes back what the database does not; nothing when the
// transaction never began.
func (c *commit) rolledBack() {
	if c == nil {
		return
	}
	for _, undo := range c.undo {
		undo()
	}
}

func newCommit() *commit {
	return &commit{policies: map[int]ticket.Policy{}, calendars: map[int]*worktime.Calendar{}}
}

type commitKey struct{}

// commitOf is what waits for the transaction that ctx is in; nil outside.
func commitOf(ctx context.Context) *commit {
	c, _ := ctx.Value(commitKey{}).(*commit)
	return c
}

// remember keeps the versions that a transaction read.
func (s *Service) remember(c *commit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.policies, c.policies)
	maps.Copy(s.calendars, c.calendars)
}

// Prepare puts in what the service cannot run without: the built-in calendar,
// the default policy, categories and reasons. It does nothing when they are
// there.
func (s *Service) Prepare(ctx context.Context) error {
	for try := 1; ; try++ {
		err := s.prepare(ctx)
		if errors.Is(err, store.ErrDuplicate) && try < tries {
			continue // another process was putting it in at the same time
		}
		if err == nil {
			err = s.deriveAnew(ctx)
		}
		if err == nil {
			err = s.store.IndexMissing(ctx)
		}
		if err == nil {
			err = s.deriveAnew(ctx)
		}
		s.prepared.Store(err == nil)
		return err
	}
}

// Prepared says whether Prepare has succeeded. Before that, as while the
// database waits to be migrated, the service can do nothing.
func (s *Service) Prepared() bool { return s.prepared.Load() }

func (s *Service) prepare(ctx context.Context) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		if err := s.prepareDirectory(ctx); err != nil {
			return err
		}
		version, err := s.store.CalendarVersion(ctx)
		if err != nil {
			return err
		}
		if version == 0 {
			first := directory.Calendar{Note: "built-in table 2015–2026, from the State Council's yearly notices", CreatedBy: ticket.System.ID, CreatedAt: s.clock.Now()}
			if err := s.store.InsertCalendar(ctx, &first, worktime.Builtin()); err != nil {
				return err
			}
		}
		policies, err := s.store.Policies(ctx)
		if err != nil || len(policies) > 0 {
			return err
		}
		always := time.Unix(0, 0)
		return s.store.InsertPolicy(ctx, &directory.Policy{
			Name: FirstPolicy, Rules: ticket.DefaultRules(), EffectiveFrom: &always, CreatedBy: ticket.System.ID, CreatedAt: s.clock.Now(),
		})
	})
}

// FirstPolicy is the name of the clocks' lengths that the service begins with,
// in effect since the zero of Unix time: always.
const FirstPolicy = "default"

// problem turns the store's errors into the callers' where they have a meaning
// for them.
func problem(err error, what string) error {
	if errors.Is(err, store.ErrNotFound) {
		return ticket.NotFound(what)
	}
	return err
}

// Ready says whether the service can work: the database answers, every
// migration is applied, and it is prepared.
func (s *Service) Ready(ctx context.Context) error {
	if err := s.Migrated(ctx); err != nil {
		return err
	}
	if !s.Prepared() {
		return errors.New("the service is starting")
	}
	return nil
}

// Migrated says whether the database answers and every migration is applied.
func (s *Service) Migrated(ctx context.Context) error {
	if err := s.store.Ping(ctx); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	migrations, err := s.store.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, m := range migrations {
		if !m.Applied {
			return fmt.Errorf("migration %d is not applied; run whistle migrate up", m.Version)
		}
	}
	return nil
}

// Database names the database that the service runs on.
func (s *Service) Database() string { return string(s.store.Dialect()) }
