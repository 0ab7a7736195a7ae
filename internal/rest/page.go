package rest

import (
	"encoding/base64"
	"encoding/json"
)

// Paged is embedded in the input of every list.
type Paged struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many items at the most"`
	Cursor string `query:"cursor" maxLength:"1000" doc:"next_cursor of the page before"`
}

// Page is the answer of every list.
type Page[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor" doc:"Where the next page begins; empty on the last one"`
}

// pageOf cuts a list that was read with one item too many into a page.
func pageOf[T, I any](all []T, limit int, show func(T) I, position func(T) any) Page[I] {
	page := Page[I]{Items: make([]I, 0, min(len(all), limit))}
	for i, item := range all {
		if i == limit {
			page.NextCursor = encodeCursor(position(all[i-1]))
			break
		}
		page.Items = append(page.Items, show(item))
	}
	return page
}

func encodeCursor(position any) string {
	raw, err := json.Marshal(position)
	if err != nil {
		panic(err) // positions are plain structs
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// decodeCursor reads a position back; nil for the first page.
func decodeCursor[T any](cursor string) (*T, error) {
	if cursor == "" {
		return nil, nil //nolint:nilnil // the first page has no position
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		position := new(T)
		if err = json.Unmarshal(raw, position); err == nil && encodeCursor(*position) == cursor {
			return position, nil
		}
	}
	return nil, badParameter("cursor", "is not one that this list gave; begin again without it")
}
