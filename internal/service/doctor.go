package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gocloud.dev/blob"

	"whistle/internal/store"
)

// Health is how a part of the service is.
type Health string

// The healths.
const (
	Well    Health = "ok"
	Concern Health = "look"  // somebody should look at it soon
	Wrong   Health = "wrong" // something does not work, or cannot be trusted
	Unknown Health = "unknown"
)

// Finding is how one part is, and what to do about it.
type Finding struct {
	Part   string `json:"part"`
	Health Health `json:"health"`
	Found  string `json:"found"`
	Todo   string `json:"todo,omitempty"`
}

func well(format string, args ...any) Finding {
	return Finding{Health: Well, Found: fmt.Sprintf(format, args...)}
}

func concern(todo, format string, args ...any) Finding {
	return Finding{Health: Concern, Found: fmt.Sprintf(format, args...), Todo: todo}
}

func wrong(todo, format string, args ...any) Finding {
	return Finding{Health: Wrong, Found: fmt.Sprintf(format, args...), Todo: todo}
}

func unknown(format string, args ...any) Finding {
	return Finding{Health: Unknown, Found: fmt.Sprintf(format, args...)}
}

// Doctor is what an examination needs beside the service.
type Doctor struct {
	Recount  string        // the name of the job that counts again
	Patience time.Duration // for the histories; 0 looks at all of them
	// Mail speaks to the mail server; nil when none is configured.
	Mail func(ctx context.Context) error
	// Providers are asked who they are, by their keys.
	Providers []ProviderReach
	Progress  Progress // of the histories
}

// ProviderReach asks somebody by whose word people sign in who they are.
type ProviderReach struct {
	Key   string
	Reach func(ctx context.Context) error
}

const (
	partDatabase   = "database"
	partMigrations = "migrations"
	partStorage    = "storage"

	partPatience = 15 * time.Second // for any other part

	oldestPostgres = 15
	clockConcern   = 2 * time.Second
	clockWrong     = time.Minute
	queueConcern   = 5 * time.Minute
	recountConcern = 49 * time.Hour // two nights, one of which was missed
)

// Examine looks at every part of the service, which may run meanwhile, and
// changes nothing. When a part is away the others are looked at nevertheless.
func (s *Service) Examine(ctx context.Context, d Doctor) []Finding {
	found := []Finding{examine(ctx, partDatabase, s.examineDatabase), examine(ctx, partMigrations, s.examineMigrations)}
	usable := found[0].Health != Wrong && found[1].Health != Wrong
	for _, part := range []struct {
		name string
		look func(ctx context.Context) Finding
	}{
		{"clock", s.examineClock},
		{"calendar", s.examineCalendar},
		{"queue", s.examineQueue},
		{"robots", s.examineRobots},
		{"drift", func(ctx context.Context) Finding { return s.examineDrift(ctx, d.Recount) }},
	} {
		if !usable {
			found = append(found, skipped(part.name))
			continue
		}
		found = append(found, examine(ctx, part.name, part.look))
	}
	if usable {
		history := s.examineHistory(ctx, d)
		history.Part = "history"
		found = append(found, history)
	} else {
		found = append(found, skipped("history"))
	}
	return append(found, ExamineMail(ctx, d), ExamineProviders(ctx, d), ExamineStorage(ctx, s.files))
}

// ExamineWithout is Examine where the database cannot be opened.
func ExamineWithout(ctx context.Context, database Finding, files *blob.Bucket, d Doctor) []Finding {
	database.Part = partDatabase
	found := []Finding{database}
	for _, part := range []string{partMigrations, "clock", "calendar", "queue", "robots", "drift", "history"} {
		found = append(found, skipped(part))
	}
	return append(found, ExamineMail(ctx, d), ExamineProviders(ctx, d), ExamineStorage(ctx, files))
}

// DatabaseAway is what is found of a database that does not open.
func DatabaseAway(err error) Finding {
	return wrong("Start the database server, and check --database-url or WHISTLE_DATABASE_URL; for SQLite check --data-dir, its owner and the room on the disk.", "does not open: %v", err)
}

func skipped(part string) Finding {
	f := unknown("not looked at, since the database cannot be used as it is")
	f.Part = part
	return f
}

func examine(ctx context.Context, part string, look func(ctx context.Context) Finding) Finding {
	ctx, cancel := context.WithTimeout(ctx, partPatience)
	defer cancel()
	f := look(ctx)
	f.Part = part
	return f
}

func unread(err error) Finding {
	return wrong("Look at the database's log; run this again.", "cannot be read: %v", err)
}

func (s *Service) examineDatabase(ctx context.Context) Finding {
	server, err := s.store.Server(ctx)
	if err != nil {
		return DatabaseAway(err)
	}
	name := fmt.Sprintf("%s %s answers", s.Database(), server.Version)
	var major int
	if _, err := fmt.Sscanf(server.Version, "%d", &major); err == nil && s.store.Dialect() == store.Postgres && major < oldestPostgres {
		return wrong(fmt.Sprintf("Move to PostgreSQL %d or later.", oldestPostgres), "%s, and is too old", name)
	}
	if server.Standby {
		return wrong("Name the primary server in WHISTLE_DATABASE_URL.", "%s, and takes no writing: it is a standby or read-only", name)
	}
	if applied, _, err := s.store.SchemaVersion(ctx); err != nil || applied == 0 {
		return Finding{Health: Well, Found: name}
	}
	if err := s.store.Writable(ctx); err != nil {
		return wrong("Check the rights of the database's user, the owner of the file, and the room on its disk.", "%s, but cannot be written: %v", name, err)
	}
	return well("%s and can be written", name)
}

func (s *Service) examineMigrations(ctx context.Context) Finding {
	applied, known, err := s.store.SchemaVersion(ctx)
	if err != nil {
		return unread(err)
	}
	if applied > known {
		return wrong("Run the newer program, or restore a backup of before the upgrade.", "the database is at %d and is newer than this program, which knows %d", applied, known)
	}
	all, err := s.store.Migrations(ctx)
	if err != nil {
		return unread(err)
	}
	pending := 0
	for _, m := range all {
		if !m.Applied {
			pending++
		}
	}
	if pending > 0 {
		return wrong("Make a backup with the program of before, then run: whistle migrate up", "%d are not applied; the database is at %d of %d", pending, applied, known)
	}
	return well("all are applied, up to %d", applied)
}

func (s *Service) examineClock(ctx context.Context) Finding {
	const todo = "Have both machines keep time by NTP (timedatectl status)."
	if s.store.Dialect() == store.SQLite {
		return s.examineLast(ctx, "the database goes by this machine's clock", todo)
	}
	before := s.wall.Now()
	server, err := s.store.Server(ctx)
	if err != nil {
		return unread(err)
	}
	// The answer was given between the two moments.
	after := s.wall.Now()
	skew := max(before.Sub(server.Now), server.Now.Sub(after), 0)
	said := fmt.Sprintf("this machine's clock is %s off the database's", skew.Round(time.Millisecond))
	switch {
	case skew >= clockWrong:
		return wrong(todo, "%s", said)
	case skew >= clockConcern:
		return concern(todo, "%s", said)
	}
	return s.examineLast(ctx, said, todo)
}

// examineLast looks whether something was recorded later than now.
func (s *Service) examineLast(ctx context.Context, said, todo string) Finding {
	last, err := s.LastRecorded(ctx)
	if err != nil {
		return unread(err)
	}
	if ahead := last.Sub(s.clock.Now()); ahead >= clockConcern {
		return wrong(todo, "%s; but the last history line is from %s ahead of now", said, ahead.Round(time.Second))
	}
	return well("%s", said)
}

func (s *Service) examineCalendar(ctx context.Context) Finding {
	view, err := s.Calendar(ctx, 0)
	if err != nil {
		return unread(err)
	}
	end := "no year is loaded"
	if n := len(view.Years); n > 0 {
		end = fmt.Sprintf("holidays are loaded up to the end of %d", view.Years[n-1])
	}
	warning, err := s.CalendarWarning(ctx)
	if err != nil {
		return unread(err)
	}
	if warning != "" {
		return concern(warning, "%s", end)
	}
	return well("%s", end)
}

func (s *Service) examineQueue(ctx context.Context) Finding {
	length, err := s.queue.Length(ctx)
	if err != nil {
		return unread(err)
	}
	said := fmt.Sprintf("%d jobs wait, %d have failed", length.Waiting, length.Failed)
	if waits := s.wall.Now().Sub(length.Oldest); length.Waiting > 0 && waits >= queueConcern {
		return wrong("Look whether the service runs (whistle healthcheck) and what its log says.", "%s; the oldest has waited for %s", said, waits.Round(time.Second))
	}
	if length.Failed > 0 {
		return concern("As an administrator look at the queue in the pages; have each run again or remove it.", "%s", said)
	}
	return well("%s", said)
}

func (s *Service) examineDrift(ctx context.Context, job string) Finding {
	const (
		todo   = "Run: whistle recount. It names every difference."
		missed = "The service counts again every night (WHISTLE_CRON_RECOUNT): look whether it runs then. To know now: whistle recount"
	)
	ticks, err := s.store.RecentTicks(ctx, job, 1)
	if err != nil {
		return unread(err)
	}
	if len(ticks) == 0 {
		return concern(missed, "the service has not counted again yet")
	}
	last := ticks[0]
	said := "the last recount, of " + last.StartedAt.In(s.zone).Format("2006-01-02 15:04")
	switch {
	case last.Error != "":
		return wrong(todo, "%s: %s", said, last.Error)
	case last.EndedAt == nil:
		return concern(missed, "%s, has not ended", said)
	case s.clock.Now().Sub(last.StartedAt) > recountConcern:
		return concern(missed, "%s, is long ago", said)
	}
	return well("%s, found no difference", said)
}

// examineHistory verifies, for as long as there is patience for it.
func (s *Service) examineHistory(ctx context.Context, d Doctor) Finding {
	limited := ctx
	if d.Patience > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, d.Patience)
		defer cancel()
	}
	report, err := s.Verify(limited, d.Progress)
	cut := ctx.Err() == nil && limited.Err() != nil
	switch {
	case len(report.Faults) > 0:
		return wrong("Run: whistle verify. It names every fault; compare with a backup of before.", "%d faults, the first: %s", len(report.Faults), report.Faults[0])
	case cut:
		return well("%d tickets looked at in %s, without a fault; whistle doctor --all looks at all", report.Tickets, d.Patience)
	case err != nil:
		return unread(err)
	}
	return well("all %d tickets with %d lines are whole", report.Tickets, report.Lines)
}

// ExamineMail speaks to the mail server.
func ExamineMail(ctx context.Context, d Doctor) Finding {
	return examine(ctx, "mail", func(ctx context.Context) Finding {
		if d.Mail == nil {
			return well("none is configured; people are told in the pages only")
		}
		if err := d.Mail(ctx); err != nil {
			return wrong("Check the settings WHISTLE_MAIL_… and that the server can be reached from here.", "the server does not take us: %s", strings.TrimSpace(err.Error()))
		}
		return well("the server answers, with the protection and the account that are configured")
	})
}

// ExamineProviders asks each by whose word people sign in who they are. Whoever
// has a password gets in without them.
func ExamineProviders(ctx context.Context, d Doctor) Finding {
	return examine(ctx, "sign-in", func(ctx context.Context) Finding {
		if len(d.Providers) == 0 {
			return well("by passwords and links only; no provider is configured")
		}
		var answer, away []string
		for _, p := range d.Providers {
			if err := p.Reach(ctx); err != nil {
				away = append(away, fmt.Sprintf("%s: %s", p.Key, strings.TrimSpace(err.Error())))
				continue
			}
			answer = append(answer, p.Key)
		}
		if len(away) > 0 {
			return wrong("Check the issuer in WHISTLE_OIDC_FILE, which must be written as the provider writes it, that it can be reached from here, and its certificate. Administrators sign in with their passwords meanwhile.",
				"of the providers %d answer, %d do not: %s", len(answer), len(away), strings.Join(away, "; "))
		}
		return well("the providers answer: %s", strings.Join(answer, ", "))
	})
}

// ExamineStorage writes, reads and removes a file where attachments are kept;
// nil stands for a place that does not open.
func ExamineStorage(ctx context.Context, files *blob.Bucket) Finding {
	return examine(ctx, partStorage, func(ctx context.Context) Finding {
		const todo = "Check the folder or bucket of the attachments (--data-dir, WHISTLE_FILES_URL), its rights and the room in it."
		if files == nil {
			return wrong(todo, "the place of the attachments is not there")
		}
		key, content := "doctor/"+newID(), []byte("whistle doctor")
		err := files.WriteAll(ctx, key, content, nil)
		if err != nil {
			return wrong(todo, "a file cannot be written: %v", err)
		}
		read, err := files.ReadAll(ctx, key)
		if err == nil && !bytes.Equal(read, content) {
			err = errors.New("it reads otherwise than it was written")
		}
		if err := errors.Join(err, files.Delete(ctx, key)); err != nil {
			return wrong(todo, "a file was written, but: %v", err)
		}
		return well("a file can be written, read and removed")
	})
}
