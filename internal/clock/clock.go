// Package clock tells the time. Everything else is handed a Clock, so that
// tests and the demo can set it; this is the one place that reads the wall.
package clock

import (
	"sync"
	"time"
)

// A Clock tells the present moment.
type Clock interface {
	Now() time.Time
}

// Wall is the machine's own clock.
type Wall struct{}

// Now is the machine's time.
func (Wall) Now() time.Time { return time.Now() }

// Shifted runs at the wall's pace from another moment: the demo's morning.
type Shifted struct {
	by time.Duration
}

// StartingAt gives a clock that shows start now and runs on from there.
func StartingAt(start time.Time) Shifted {
	return Shifted{by: time.Until(start)}
}

// Now is the wall's time, shifted.
func (s Shifted) Now() time.Time { return time.Now().Add(s.by) }

// Manual stands still until it is set. It is safe for concurrent use.
type Manual struct {
	mu  sync.Mutex
	now time.Time
}

// NewManual gives a clock that stands at now.
func NewManual(now time.Time) *Manual { return &Manual{now: now} }

// Now is the moment last set.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Set moves the clock to now, forwards or backwards.
func (m *Manual) Set(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = now
}

// Advance moves the clock forward by d.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
}
