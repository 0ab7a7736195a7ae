package testkit

import "testing"

// LongForRace skips a test that works long in one goroutine, where the race
// detector would find nothing and take minutes; make unit runs such tests
// without it.
func LongForRace(tb testing.TB) {
	tb.Helper()
	if RaceDetector {
		tb.Skip("runs without the race detector, which would take minutes and find nothing; see make unit")
	}
}
