package store

import (
	"context"
	"time"
)

const notifyChannel = "whistle"

// notifyLimit is how long a message may be; PostgreSQL takes less than 8000 bytes.
const notifyLimit = 7900

// Notify sends a message to every process that listens, once the transaction
// has committed. It does nothing on SQLite, where others look for themselves,
// and returns false when the message is too long.
func (s *Store) Notify(ctx context.Context, message string) (bool, error) {
	if s.dialect == SQLite {
		return true, nil
	}
	if len(message) > notifyLimit {
		return false, nil
	}
	return true, translate(s.write(ctx).Exec("SELECT pg_notify(?, ?)", notifyChannel, message).Error)
}

// NotifyNow is Notify outside of any transaction.
func (s *Store) NotifyNow(ctx context.Context, message string) error {
	if s.dialect == SQLite {
		return nil
	}
	return translate(s.reader.WithContext(ctx).Exec("SELECT pg_notify(?, ?)", notifyChannel, message).Error)
}

// Listen calls heard for every message of any process, this one included, and
// lost whenever some may have been missed, at the beginning too. On SQLite it
// looks every so often whether another process has written, and then calls
// lost. It returns when ctx ends or the database cannot be reached.
func (s *Store) Listen(ctx context.Context, every time.Duration, heard func(message string), lost func()) error {
	if s.dialect == SQLite {
		return s.watch(ctx, every, lost)
	}
	pooled, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := pooled.Hijack() // one that listens must not go back among the others
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+notifyChannel); err != nil {
		return err
	}
	lost()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		heard(n.Payload)
	}
}

// watch asks the one connection that writes, for which only other processes'
// commits change the version.
func (s *Store) watch(ctx context.Context, every time.Duration, lost func()) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	seen := int64(-1)
	for {
		var version int64
		if err := s.writer.WithContext(ctx).Raw("PRAGMA data_version").Scan(&version).Error; err != nil {
			return err
		}
		if seen != version {
			seen = version
			lost()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}
