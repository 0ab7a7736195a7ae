package ticket

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// CheckForm holds an input against the tags of its fields and returns every
// fault. The API checks the same tags before the input gets here; imports and
// other callers inside the service have no other check.
func CheckForm(in Input) []Field { return CheckTags(in) }

// CheckTags holds any struct against the tags of its fields, as CheckForm does
// with an input. v must not be a pointer.
func CheckTags(v any) []Field {
	return checkStruct(nil, "", reflect.ValueOf(v))
}

// InputField describes a field of an input to whoever shows it as a form.
type InputField struct {
	Name      string // as in JSON
	Type      reflect.Type
	Optional  bool
	MaxLength int // in characters; -1 for no limit
	Enum      []string
	Of        []InputField // of a list of structs: the fields of each
}

// InputFields lists the fields of an input in their order.
func InputFields(in Input) []InputField { return FieldsOf(in) }

// FieldsOf lists the fields of any struct with such tags, without those that
// are only read.
func FieldsOf(v any) []InputField { return inputFields(reflect.TypeOf(v)) }

func inputFields(t reflect.Type) []InputField {
	var fields []InputField
	for _, f := range formOf(t) {
		sf := t.Field(f.index)
		if f.embedded {
			fields = append(fields, inputFields(sf.Type)...)
			continue
		}
		if sf.Tag.Get("readOnly") == "true" {
			continue
		}
		field := InputField{Name: f.name, Type: sf.Type, Optional: f.optional || sf.Tag.Get("required") == "false", MaxLength: f.maxLength, Enum: f.enum}
		if sf.Type.Kind() == reflect.Slice && sf.Type.Elem().Kind() == reflect.Struct {
			field.Of = inputFields(sf.Type.Elem())
		}
		fields = append(fields, field)
	}
	return fields
}

type fieldForm struct {
	index              int
	name               string
	embedded, optional bool
	minLength          int
	maxLength          int
	minItems, maxItems int
	minimum, maximum   int
	unique             bool
	enum               []string
	pattern            *regexp.Regexp
}

var forms sync.Map // reflect.Type → []fieldForm

func formOf(t reflect.Type) []fieldForm {
	if cached, ok := forms.Load(t); ok {
		return cached.([]fieldForm)
	}
	fields := make([]fieldForm, 0, t.NumField())
	for i := range t.NumField() {
		sf := t.Field(i)
		name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
		f := fieldForm{
			index: i, name: name, embedded: sf.Anonymous,
			optional:  strings.Contains(options, "omitempty"),
			minLength: number(sf, "minLength"), maxLength: number(sf, "maxLength"),
			minItems: number(sf, "minItems"), maxItems: number(sf, "maxItems"),
			minimum: number(sf, "minimum"), maximum: number(sf, "maximum"),
			unique: sf.Tag.Get("uniqueItems") == "true",
		}
		if enum := sf.Tag.Get("enum"); enum != "" {
			f.enum = strings.Split(enum, ",")
		}
		if pattern := sf.Tag.Get("pattern"); pattern != "" {
			f.pattern = regexp.MustCompile(pattern)
		}
		fields = append(fields, f)
	}
	forms.Store(t, fields)
	return fields
}

// number reads a numeric tag; -1 when the field has none.
func number(sf reflect.StructField, tag string) int {
	text, ok := sf.Tag.Lookup(tag)
	if !ok {
		return -1
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(fmt.Sprintf("ticket: tag %s of %s: %v", tag, sf.Name, err))
	}
	return n
}

func checkStruct(faults []Field, at string, v reflect.Value) []Field {
	for _, f := range formOf(v.Type()) {
		value := v.Field(f.index)
		if f.embedded {
			faults = checkStruct(faults, at, value)
			continue
		}
		if f.optional && value.IsZero() {
			continue
		}
		faults = checkValue(faults, at+"/"+f.name, f, value)
	}
	return faults
}

func checkValue(faults []Field, at string, f fieldForm, value reflect.Value) []Field {
	fault := func(format string, args ...any) {
		faults = append(faults, Fieldf(at, format, args...))
	}
	switch value.Kind() { //nolint:exhaustive // the other kinds have no form to check
	case reflect.String:
		text := value.String()
		switch length := utf8.RuneCountInString(text); {
		case !utf8.ValidString(text):
			fault("must be valid UTF-8")
		case strings.ContainsRune(text, 0):
			fault("must not contain the character U+0000")
		case f.minLength > 0 && length < f.minLength, f.pattern != nil && (!f.pattern.MatchString(text) || strings.TrimSpace(text) == ""): // \S takes an ideographic space for a letter
			fault("must not be empty")
		case f.maxLength >= 0 && length > f.maxLength:
			fault("must have at most %d characters", f.maxLength)
		case f.enum != nil && !slices.Contains(f.enum, text):
			fault("must be one of: %s", strings.Join(f.enum, ", "))
		}
	case reflect.Int:
		if n := int(value.Int()); f.minimum >= 0 && n < f.minimum || f.maximum >= 0 && n > f.maximum {
			fault("must be from %d to %d", f.minimum, f.maximum)
		}
	case reflect.Slice:
		if value.Len() < f.minItems {
			fault("must have at least %d", f.minItems)
		}
		if f.maxItems >= 0 && value.Len() > f.maxItems {
			fault("must have at most %d", f.maxItems)
		}
		for i := range value.Len() {
			item, place := value.Index(i), fmt.Sprintf("%s/%d", at, i)
			if item.Kind() == reflect.Struct {
				faults = checkStruct(faults, place, item)
				continue
			}
			if f.unique {
				for j := range i {
					if value.Index(j).Equal(item) {
						faults = append(faults, Field{Pointer: place, Message: "is named twice"})
						break
					}
				}
			}
		}
	}
	return faults
}
