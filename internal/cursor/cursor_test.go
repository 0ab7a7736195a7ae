package cursor_test

import (
	"testing"
	"time"

	"whistle/internal/cursor"
)

type position struct {
	At time.Time
	ID string
}

func TestACursorIsReadBack(t *testing.T) {
	at := position{time.Date(2023, 9, 27, 2, 0, 0, 123000, time.UTC), "一"}
	got, ok := cursor.Decode[position](cursor.Encode(at))
	if !ok || *got != at {
		t.Errorf("read back %v, %t", got, ok)
	}
	if first, ok := cursor.Decode[position](""); first != nil || !ok {
		t.Errorf("the first page is %v, %t", first, ok)
	}
}

func TestWhatWasMadeUpIsRefused(t *testing.T) {
	for _, made := range []string{"%", "e30x", cursor.Encode(map[string]string{"ID": "x"}), cursor.Encode("x")} {
		if got, ok := cursor.Decode[position](made); ok {
			t.Errorf("%q reads as %v", made, got)
		}
	}
}
