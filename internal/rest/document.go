package rest

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// sayNull has the document say where an object may be null. Huma says it of
// plain values alone: a pointer to a struct, which JSON shows as null, would
// be promised as an object always.
func sayNull(schemas huma.Registry) {
	for name, schema := range schemas.Map() {
		t := schemas.TypeFromRef("#/components/schemas/" + name)
		if schema.Type != huma.TypeObject || t == nil || t.Kind() != reflect.Struct {
			continue
		}
		for _, field := range reflect.VisibleFields(t) {
			property, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			value := schema.Properties[property]
			if value == nil || value.Ref == "" || field.Type.Kind() != reflect.Pointer || strings.Contains(options, "omitempty") {
				continue
			}
			schema.Properties[property] = &huma.Schema{
				Description: field.Tag.Get("doc"),
				OneOf:       []*huma.Schema{{Ref: value.Ref}, {Type: "null", Enum: []any{nil}}},
			}
		}
	}
}
