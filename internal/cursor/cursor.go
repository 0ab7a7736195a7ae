// Package cursor writes a place in a list as text that an address can hold.
package cursor

import (
	"encoding/base64"
	"encoding/json"
)

// Encode writes a position, a struct of what its list is sorted by.
func Encode(position any) string {
	raw, err := json.Marshal(position)
	if err != nil {
		panic(err) // positions are plain structs
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Decode reads a position back, nil for the first page, whose cursor is empty;
// ok is false for a text that Encode didn't write.
func Decode[T any](cursor string) (position *T, ok bool) {
	if cursor == "" {
		return nil, true
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, false
	}
	position = new(T)
	if json.Unmarshal(raw, position) != nil || Encode(*position) != cursor {
		return nil, false
	}
	return position, true
}
