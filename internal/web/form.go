package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	formdecoder "github.com/go-playground/form/v4"
	"github.com/google/uuid"

	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// form is one as it is shown: with what was typed, and what is wrong with it.
// It serves every form there is; those of the workflow's events are made from
// the inputs' declaration.
type form struct {
	Action  string // where it is sent to
	Key     string // makes sending it twice have one effect
	Version int    // of the ticket that it was made for; 0 for none
	Seen    string // when what is changed by it was last changed before, RFC 3339; "" for none
	Draft   string // the name under which the browser keeps a draft; "" for none
	Outbox  string // what it is about, where the browser keeps what it can't send and sends it later; "" for none
	Submit  string // the button's words
	Danger  bool   // what it does can't be taken back
	Intro   string // what sending it means; "" where the button's words will do
	Confirm string // what is asked before it is sent; "" for nothing
	About   []line // what is answered with it
	Fields  []field
	Error   string   // what is wrong with the whole
	Changes []change // what befell the ticket since the form was shown
	Closed  bool     // it can't be sent any more: what was typed is there to be read
	Back    string   // where to go when it is not sent, and after it is
	Cancel  string   // where to go when it is not sent, if that differs
	Part    string   // the element of the page that the answer takes the place of; "" for the whole page
}

// kind is how a field is asked for.
type kind string

const (
	kindText          kind = "text"
	kindLong          kind = "long"   // several lines
	kindSelect        kind = "select" // one of many
	kindRadios        kind = "radios" // one of few
	kindTiles         kind = "tiles"  // one of few, as large tiles
	kindChecks        kind = "checks" // several of many
	kindCheck         kind = "check"  // yes or not said
	kindDay           kind = "day"
	kindMoment        kind = "moment"
	kindStars         kind = "stars"
	kindFiles         kind = "files"
	kindRows          kind = "rows"   // a list of smaller forms
	kindSearch        kind = "search" // one of too many: those found are offered
	kindHidden        kind = "hidden"
	kindNumber        kind = "number"
	kindPassword      kind = "password"
	spareRows              = 3
	maxRows                = 50
	searchSuffix           = "_search" // the name of what is looked for, after the field's
	againName              = "again"   // sent by a button that only shows the form again, with more in it
	maxPageBody            = 64 << 20
	momentInputFormat      = "2006-01-02T15:04"
)

// field is one question of a form.
type field struct {
	Name     string // as the input decodes it, e.g. tasks[0].text
	Label    string
	Hint     string
	Kind     kind
	Values   []string // what was typed or chosen
	Options  []option
	Rows     [][]field // of kindRows
	Error    string
	Required bool
	Max      int      // characters; 0 for no limit
	From, To string   // of a day or moment: the first and last that can be chosen
	Query    string   // of kindSearch: what was looked for
	Kept     []option // of kindFiles: what is uploaded already
	Locate   bool     // beside it, the device's own place can be put into the form
	Form     string   // which one it stands in, on a page with several; "" on others

	present string                               // what holds already, which is not sent on
	find    func(query string) ([]option, error) // of kindSearch
	blank   []field                              // of kindRows: what a row begins with; nil where their number stands
	keys    string                               // of kindRows: the name in each row that says which row it is; "" for none
}

// Value is what was typed into a field that takes one value.
func (f field) Value() string {
	if len(f.Values) == 0 {
		return ""
	}
	return f.Values[0]
}

// ID is the field's id in the page.
func (f field) ID() string {
	name := f.Name
	if f.Form != "" {
		name = f.Form + "-" + name
	}
	return "f-" + strings.NewReplacer("[", "-", "]", "", ".", "-").Replace(name)
}

// Has says whether the option is chosen.
func (f field) Has(value string) bool { return slices.Contains(f.Values, value) }

// manyOptions is from how many on a list can be narrowed by typing.
const manyOptions = 12

// Many says whether there is much to choose from.
func (f field) Many() bool { return len(f.Options) >= manyOptions }

// Few says whether the answers are so few and short that they fit into one line.
func (f field) Few() bool {
	const words = 24 // characters, of all together
	length := 0
	for _, o := range f.Options {
		length += len([]rune(o.Label)) + 2*len([]rune(o.Hint))
	}
	return length <= words
}

// More says whether rows can be added.
func (f field) More() bool { return f.blank != nil }

// Keys names, with the list, what says which row one is.
func (f field) Keys() string {
	if f.keys == "" {
		return ""
	}
	return f.Name + "." + f.keys
}

// option is one of a field's possible answers.
type option struct {
	Value, Label, Hint, Icon, Group string
}

// optionGroup is options that stand together.
type optionGroup struct {
	Name    string
	Options []option
}

// Grouped are the field's options by their groups.
func (f field) Grouped() []optionGroup {
	var groups []optionGroup
	for _, o := range f.Options {
		if n := len(groups); n == 0 || groups[n-1].Name != o.Group {
			groups = append(groups, optionGroup{Name: o.Group})
		}
		last := &groups[len(groups)-1]
		last.Options = append(last.Options, o)
	}
	return groups
}

// numberedRow is a row of a list with its place, from 1.
type numberedRow struct {
	N      int
	Fields []field
}

// Numbered are the rows of a list with their places.
func (f field) Numbered() []numberedRow {
	rows := make([]numberedRow, len(f.Rows))
	for i, row := range f.Rows {
		rows[i] = numberedRow{i + 1, row}
	}
	return rows
}

// change is a line of the history that came since the form was shown.
type change struct {
	What   string // in words; "" where the fields say it
	By     string // "" where What says it
	At     time.Time
	Fields []string // what of an entry was changed, by their labels
}

// newForm is a form that was not sent yet.
func newForm(action, submit string) *form {
	return &form{Action: action, Submit: submit, Key: uuid.NewString()}
}

// fill puts what was typed into the form.
func (f *form) fill(values url.Values) {
	if key := values.Get("form_key"); key != "" {
		f.Key = key
	}
	fillFields(f.Fields, values)
}

func fillFields(fields []field, values url.Values) {
	for i := range fields {
		f := &fields[i]
		if typed, ok := values[f.Name]; ok {
			f.Values = typed
		} else if values.Has("form_key") && (f.Kind == kindCheck || f.Kind == kindChecks) {
			f.Values = nil // a box that is not ticked sends nothing
		}
		if f.Kind == kindSearch {
			f.Query = values.Get(f.Name + searchSuffix)
		}
		f.fitRows(values)
		for _, row := range f.Rows {
			fillFields(row, values)
		}
	}
}

// fitRows makes room for the rows that were typed, which are numbered without
// gaps.
func (f *field) fitRows(values url.Values) {
	typed := 0
	for name := range values {
		if m := rowName.FindStringSubmatch(name); m != nil && m[1] == f.Name {
			n, _ := strconv.Atoi(m[2]) // three digits at most
			typed = max(typed, n+1)
		}
	}
	if f.keys != "" {
		// Those that were left out don't count, so the others have moved up.
		for at := range min(typed, len(f.Rows)) {
			key := values.Get(fmt.Sprintf("%s[%d].%s", f.Name, at, f.keys))
			from := slices.IndexFunc(f.Rows, func(row []field) bool { return keyOf(row, f.keys) == key })
			if from > at {
				row := f.Rows[from]
				copy(f.Rows[at+1:from+1], f.Rows[at:from])
				f.Rows[at] = row
			}
		}
		for at := range f.Rows {
			f.Rows[at] = renumbered(f.Rows[at], f.Name, at)
		}
	}
	for len(f.Rows) < typed {
		if !f.addRow() {
			return
		}
	}
}

// addRow adds an empty row; false when there may be no more.
func (f *field) addRow() bool {
	if f.blank == nil || len(f.Rows) >= maxRows {
		return false
	}
	f.Rows = append(f.Rows, renumbered(f.blank, f.Name, len(f.Rows)))
	return true
}

// renumbered are the fields of a row as they are named at a place in the list.
func renumbered(row []field, list string, at int) []field {
	row = slices.Clone(row)
	for i := range row {
		row[i].Name = fmt.Sprintf("%s[%d]%s", list, at, row[i].Name[strings.LastIndexByte(row[i].Name, '.'):])
	}
	return row
}

// keyOf is what says which row it is.
func keyOf(row []field, name string) string {
	for _, f := range row {
		if strings.HasSuffix(f.Name, "."+name) {
			return f.Value()
		}
	}
	return ""
}

// addRows gives the list of the name more empty rows.
func (f *form) addRows(name string) {
	for i := range f.Fields {
		for n := 0; f.Fields[i].Name == name && n < spareRows; n++ {
			f.Fields[i].addRow()
		}
	}
}

// fault puts every fault of an error at its field; what belongs to none that
// is shown is said above the form.
func (f *form) fault(p *page, e *ticket.Error) {
	var elsewhere []string
	for _, fault := range e.Fields {
		if !faultAt(f.Fields, nameOf(fault.Pointer), p.faultWords(fault)) {
			elsewhere = append(elsewhere, p.namedFault(fault))
		}
	}
	f.Error = p.errorWords(e)
	if len(elsewhere) > 0 {
		f.Error += " " + strings.Join(elsewhere, " ")
	}
}

// takesFiles says whether files may come with the form.
func (f *form) takesFiles() bool {
	return slices.ContainsFunc(f.Fields, func(of field) bool { return of.Kind == kindFiles })
}

// faultAt finds the field of the name, or the one that holds it: a fault of
// department_ids[0] is shown at department_ids.
func faultAt(fields []field, name, words string) bool {
	for i := range fields {
		for _, row := range fields[i].Rows {
			if faultAt(row, name, words) {
				return true
			}
		}
	}
	for i := range fields {
		if fields[i].Name == name || strings.HasPrefix(name, fields[i].Name+"[") || fields[i].Kind == kindFiles && strings.HasPrefix(name, "attachments") {
			if fields[i].Error == "" {
				fields[i].Error = words
			}
			return true
		}
	}
	return false
}

// nameOf is a field's name in a form, e.g. tasks[0].text, from the JSON pointer
// into the input, /tasks/0/text.
func nameOf(pointer string) string {
	var name strings.Builder
	for _, part := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		if _, err := strconv.Atoi(part); err == nil {
			name.WriteString("[" + part + "]")
			continue
		}
		if name.Len() > 0 {
			name.WriteByte('.')
		}
		name.WriteString(part)
	}
	return name.String()
}

// pointerOf is the reverse of nameOf.
func pointerOf(name string) string {
	return "/" + strings.NewReplacer("[", "/", "]", "", ".", "/").Replace(name)
}

// values reads what a form sent, with files or without.
func (p *page) values() (url.Values, *multipart.Form, error) {
	r := p.Request()
	const inMemory = 1 << 20 // the rest of the files goes to disk meanwhile
	err := r.ParseMultipartForm(inMemory)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, nil, ticket.Errorf(ticket.CodeTooLarge, "The files are too large together: %d MB at most.", maxPageBody>>20)
	case err != nil && !errors.Is(err, http.ErrNotMultipart):
		return nil, nil, ticket.Errorf(ticket.CodeInvalidForm, "The form did not arrive whole. Send it again.")
	}
	values := compactRows(r.PostForm)
	for _, typed := range values {
		for i := range typed {
			// Browsers send line ends as the wire has them; lengths count what people see.
			typed[i] = strings.ReplaceAll(typed[i], "\r\n", "\n")
		}
	}
	return values, r.MultipartForm, nil
}

var rowName = regexp.MustCompile(`^(\w+)\[(\d{1,3})\]\.(\w+)$`)

// compactRows leaves out the rows of a list in which nothing was typed, and
// numbers the others anew.
func compactRows(values url.Values) url.Values {
	keys := values["row_key"] // what says which row it is was not typed
	type row struct {
		list string
		n    int
	}
	typed := map[row]bool{}
	for name, value := range values {
		if m := rowName.FindStringSubmatch(name); m != nil {
			n, _ := strconv.Atoi(m[2]) // three digits at most
			at := row{m[1], n}
			typed[at] = typed[at] || strings.TrimSpace(strings.Join(value, "")) != "" && !slices.Contains(keys, m[1]+"."+m[3])
		}
	}
	places := map[row]int{}
	for at, any := range typed {
		if !any {
			continue
		}
		for other, anyThere := range typed {
			if anyThere && other.list == at.list && other.n < at.n {
				places[at]++
			}
		}
	}
	compact := url.Values{}
	for name, value := range values {
		m := rowName.FindStringSubmatch(name)
		if m == nil {
			compact[name] = value
			continue
		}
		n, _ := strconv.Atoi(m[2])
		if at := (row{m[1], n}); typed[at] {
			compact[fmt.Sprintf("%s[%d].%s", m[1], places[at], m[3])] = value
		}
	}
	return compact
}

// decode reads the values into a struct by its fields' JSON names; what is not
// of its field's form is a fault there.
func (p *page) decode(values url.Values, into any) error {
	decoder := formdecoder.NewDecoder()
	decoder.SetMode(formdecoder.ModeImplicit)
	decoder.SetNamespacePrefix(".")
	decoder.SetMaxArraySize(100)
	decoder.RegisterTagNameFunc(func(sf reflect.StructField) string {
		name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
		return name
	})
	decoder.RegisterCustomTypeFunc(func(typed []string) (any, error) {
		if strings.TrimSpace(typed[0]) == "" {
			return time.Time{}, nil
		}
		// Typed by hand it has a space where calendars put a T.
		return time.ParseInLocation(momentInputFormat, strings.Replace(strings.TrimSpace(typed[0]), " ", "T", 1), p.svc.Zone())
	}, time.Time{})
	decoder.RegisterCustomTypeFunc(func(typed []string) (any, error) {
		if strings.TrimSpace(typed[0]) == "" {
			return worktime.Date{}, nil
		}
		return worktime.ParseDate(typed[0])
	}, worktime.Date{})
	decoder.RegisterCustomTypeFunc(func(typed []string) (any, error) {
		// Nothing chosen from a list sends one empty value.
		return slices.DeleteFunc(slices.Clone(typed), func(s string) bool { return s == "" }), nil
	}, []string{})
	err := decoder.Decode(into, said(values))
	var faults formdecoder.DecodeErrors
	if !errors.As(err, &faults) {
		return err
	}
	var fields []ticket.Field
	for name := range faults {
		fields = append(fields, ticket.Field{Pointer: pointerOf(name), Message: "is not of the right form"})
	}
	slices.SortFunc(fields, func(a, b ticket.Field) int { return strings.Compare(a.Pointer, b.Pointer) })
	return ticket.InvalidForm(fields)
}

// said leaves out the fields into which nothing was typed: a yes or no that
// was not answered is no answer.
func said(values url.Values) url.Values {
	typed := url.Values{}
	for name, value := range values {
		if strings.Join(value, "") != "" {
			typed[name] = value
		}
	}
	return typed
}

// once carries out what a form asks for, one time however often it is sent:
// the second time it only tells again what came of it.
func (p *page) once(values url.Values, do func(ctx context.Context) (string, error)) (string, error) {
	key := values.Get("form_key")
	if key == "" {
		return do(p.ctx())
	}
	content := url.Values{}
	for name, value := range values {
		// A file that is sent again has another id.
		if name != "form_key" && name != "form_version" && name != "form_seen" && name != "attachments" {
			content[name] = value
		}
	}
	sum := sha256.Sum256([]byte(content.Encode()))
	// A key is of one form of one ticket: where it is sent to belongs to it.
	result, err := p.svc.Once(p.ctx(), p.actor, p.Request().Method+" "+p.Request().URL.Path, key, hex.EncodeToString(sum[:]), func(ctx context.Context) ([]byte, error) {
		result, err := do(ctx)
		return []byte(result), err
	})
	return string(result), err
}
