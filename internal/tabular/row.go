package tabular

import (
	"fmt"
	"math"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/width"

	"whistle/internal/phrase"
)

// Row is one row of a file. Its methods read cells by the key of their column
// and gather faults instead of returning them. A cell that is blank, not in
// the file or faulty reads as the zero value; asking for a key that no column
// declares is a mistake of the program and panics. Of a row that couldn't be cut into
// cells every cell reads as blank, without further faults: those would
// only be noise.
type Row struct {
	// Number is the row as a spreadsheet numbers it, from 1, the header and
	// blank rows counted. In a CSV with line breaks within cells it is less
	// than the line of the file.
	Number int

	cells    []string
	layout   *layout
	date1904 bool
	broken   bool
	faults   []placed
	shown    map[int]string // cells that BadRows writes otherwise than they stand
}

// placed is a fault with the index of its cell, to sort by.
type placed struct {
	cell  int
	fault Fault
}

func (l *layout) column(key string) int {
	i, ok := l.cols.byKey[key]
	if !ok {
		panic(fmt.Sprintf("tabular: no column is declared with key %q", key))
	}
	return i
}

// raw returns the trimmed cell and its index, -1 when it isn't in the file.
func (r *Row) raw(key string) (string, int) {
	at := r.layout.at[r.layout.column(key)]
	if r.broken || at < 0 || at >= len(r.cells) {
		return "", at
	}
	return trim(r.cells[at]), at
}

// cell is raw without the values that a spreadsheet puts where it failed.
func (r *Row) cell(key string) string {
	s, _ := r.raw(key)
	switch strings.ToUpper(s) {
	case "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!":
		r.Fault(key, "holds the spreadsheet's error %s; write the value itself", Quote(s))
		return ""
	}
	return s
}

// Fault adds a fault found by the caller to the cell's column, such as a name
// that doesn't exist. Say what to do; show values through Quote.
func (r *Row) Fault(key, format string, args ...any) {
	if r.broken {
		return
	}
	i := r.layout.column(key)
	at := r.layout.at[i]
	name, cell := r.layout.cols.list[i].name(), at
	if at >= 0 {
		name = r.layout.header[at]
	} else {
		at = len(r.layout.header)
	}
	r.faults = append(r.faults, placed{at, faultOf(r.Number, name, phrase.Of(format, args...)).at(cell)})
}

// Faults returns what is wrong with the row so far, by column from the left;
// within a column in the order found.
func (r *Row) Faults() []Fault {
	sort.SliceStable(r.faults, func(a, b int) bool { return r.faults[a].cell < r.faults[b].cell })
	list := make([]Fault, len(r.faults))
	for i, p := range r.faults {
		list[i] = p.fault
	}
	return list
}

// Blank tells whether the cell is empty or white space, or not in the file.
func (r *Row) Blank(key string) bool {
	s, _ := r.raw(key)
	return s == ""
}

// shortened is what a spreadsheet leaves of a number of twelve digits or more.
var shortened = regexp.MustCompile(`^-?[1-9](\.[0-9]+)?[Ee]\+([0-9]{2,3})$`)

// Text returns the cell without white space around it, with line breaks as
// "\n". More than maxRunes characters are a fault; 0 sets no limit.
func (r *Row) Text(key string, maxRunes int) string {
	s := r.cell(key)
	if strings.Contains(s, "\r") {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	if m := shortened.FindStringSubmatch(s); m != nil {
		if exp, _ := strconv.Atoi(m[2]); exp >= 11 {
			r.Fault(key, "%s is a long number that the spreadsheet shortened; format the column as text and write the number anew", Quote(s))
			return ""
		}
	}
	if n := utf8.RuneCountInString(s); maxRunes > 0 && n > maxRunes {
		r.Fault(key, "%s has %d characters; shorten it to %d", Quote(s), n, maxRunes)
		return ""
	}
	return s
}

// Required is Text, with a fault for a blank cell. Call it before another
// method to demand, say, a time.
func (r *Row) Required(key string, maxRunes int) string {
	if r.Blank(key) {
		r.Fault(key, "the cell is empty; fill it in")
		return ""
	}
	return r.Text(key, maxRunes)
}

// Time reads a point in time as ParseTime does; ok is false for a blank or
// faulty cell.
func (r *Row) Time(key string, loc *time.Location) (t time.Time, ok bool) {
	return r.time(key, func(s string) (time.Time, bool, error) { return parseTime(s, loc, r.date1904) })
}

// Date reads a day as ParseDate does, as midnight UTC; ok is false for a blank
// or faulty cell.
func (r *Row) Date(key string) (day time.Time, ok bool) {
	return r.time(key, func(s string) (time.Time, bool, error) { return parseDate(s, r.date1904) })
}

func (r *Row) time(key string, parse func(string) (time.Time, bool, error)) (time.Time, bool) {
	s := r.cell(key)
	if s == "" {
		return time.Time{}, false
	}
	t, serial, err := parse(s)
	if err != nil {
		r.Fault(key, "%s: %v", Quote(s), err)
		return time.Time{}, false
	}
	if serial {
		// Nobody can mend a row whose dates read 45170.
		_, at := r.raw(key)
		if r.shown == nil {
			r.shown = map[int]string{}
		}
		r.shown[at] = strings.TrimSuffix(t.Format(timeLayout), " 00:00:00")
	}
	return t, true
}

var bools = map[string]bool{
	"是": true, "有": true, "yes": true, "y": true, "true": true, "1": true, "√": true,
	"否": false, "无": false, "no": false, "n": false, "false": false, "0": false, "×": false,
}

// Bool reads 是/否, 有/无, √/×, yes/no, y/n, true/false and 1/0, in any case;
// ok is false for a blank or faulty cell.
func (r *Row) Bool(key string) (value, ok bool) {
	s := r.cell(key)
	if s == "" {
		return false, false
	}
	value, ok = bools[fold(s)]
	if !ok {
		r.Fault(key, "%s is neither yes nor no; write 是 or 否, yes or no", Quote(s))
	}
	return value, ok
}

// List cuts a cell at 、 ， , ； ; | ｜ and line breaks. Blank and repeated parts
// are left out; nil for a blank cell.
func (r *Row) List(key string) []string {
	var list []string
	seen := map[string]bool{}
	for _, part := range strings.FieldsFunc(r.cell(key), func(c rune) bool { return strings.ContainsRune("、､，,；;|｜\n\r", c) }) {
		if part = trim(part); part != "" && !seen[part] {
			seen[part] = true
			list = append(list, part)
		}
	}
	return list
}

var (
	intShape   = regexp.MustCompile(`^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)$`)
	floatShape = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?([Ee][+-]?[0-9]{1,3})?$`)
)

// Int reads a whole number from lo to hi, both included. 1,234 is read as
// spreadsheets show it, and 3.0 and 1E+05 as they store it. ok is false for a
// blank or faulty cell.
func (r *Row) Int(key string, lo, hi int) (n int, ok bool) {
	s := r.cell(key)
	if s == "" {
		return 0, false
	}
	plain := width.Fold.String(s)
	var err error
	switch {
	case intShape.MatchString(plain):
		n, err = strconv.Atoi(strings.ReplaceAll(plain, ",", ""))
	case floatShape.MatchString(plain):
		var f float64
		f, err = strconv.ParseFloat(plain, 64)
		// Beyond 2⁵³ a float no longer tells whole numbers apart.
		if err == nil && (f != math.Trunc(f) || math.Abs(f) > 1<<53) {
			err = strconv.ErrSyntax
		}
		if err == nil {
			n = int(f)
		}
	default:
		err = strconv.ErrSyntax
	}
	if err != nil {
		r.Fault(key, "%s is not a whole number; write digits only, such as 1234", Quote(s))
		return 0, false
	}
	if n < lo || n > hi {
		r.Fault(key, "%s is out of range; write a number from %d to %d", Quote(s), lo, hi)
		return 0, false
	}
	return n, true
}
