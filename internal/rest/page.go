package rest

import "whistle/internal/cursor"

// Paged is embedded in the input of every list.
type Paged struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many items at the most"`
	Cursor string `query:"cursor" maxLength:"1000" doc:"next_cursor of the page before"`
}

func (p Paged) page() Paged { return p }

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
			page.NextCursor = cursor.Encode(position(all[i-1]))
			break
		}
		page.Items = append(page.Items, show(item))
	}
	return page
}

// decodeCursor reads a position back; nil for the first page.
func decodeCursor[T any](text string) (*T, error) {
	position, ok := cursor.Decode[T](text)
	if !ok {
		return nil, badParameter("cursor", "is not one that this list gave; begin again without it")
	}
	return position, nil
}
