package tabular

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"whistle/internal/phrase"
)

// Column declares a column that a file may have.
type Column struct {
	// Key is what the program calls it, as in row.Text("filed_at", 0). It
	// is accepted as a header too.
	Key string
	// Names are the headers accepted, Chinese and English. They are compared
	// without regard to white space, case, full-width forms and the asterisk
	// that templates put beside a mandatory column. The first is the one that
	// messages name.
	Names []string
	// Required means that the column has to be in the file. Whether a cell
	// of it may be blank is asked of the row: Row.Required.
	Required bool
	// PassedOver means that nobody reads the column: it is known only so that
	// a table that has it can be read as it is.
	PassedOver bool
}

func (c Column) name() string {
	if len(c.Names) > 0 {
		return c.Names[0]
	}
	return c.Key
}

// FaultHeader is the header of the column that BadRows adds. A reader passes
// over it, and over 错误, so that a mended file can be read as it is.
const FaultHeader = "fault"

var faultHeaders = map[string]bool{FaultHeader: true, "错误": true}

// fold brings a header to the form in which headers are compared.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if blank(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, width.Fold.String(s))
	return strings.Trim(s, "*")
}

// blank tells white space, the invisible characters that web pages and
// messengers leave in copied text included.
func blank(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\u2060' || r == '\ufeff'
}

func trim(s string) string { return strings.TrimFunc(s, blank) }

func allBlank(cells []string) bool {
	for _, c := range cells {
		if trim(c) != "" {
			return false
		}
	}
	return true
}

// columns is a declared set of columns, ready for matching headers.
type columns struct {
	list   []Column
	byName map[string]int // folded name → index in list
	byKey  map[string]int
}

func newColumns(list []Column) (*columns, error) {
	c := &columns{list: list, byName: map[string]int{}, byKey: map[string]int{}}
	for i, col := range list {
		if _, twice := c.byKey[col.Key]; twice || col.Key == "" {
			return nil, fmt.Errorf("tabular: column key %q is empty or declared twice", col.Key)
		}
		c.byKey[col.Key] = i
		for _, name := range append([]string{col.Key}, col.Names...) {
			name = fold(name)
			if other, ok := c.byName[name]; ok && other != i {
				return nil, fmt.Errorf("tabular: header %q stands for both %q and %q", name, list[other].Key, col.Key)
			}
			c.byName[name] = i
		}
	}
	return c, nil
}

// matches counts the headers that are known.
func (c *columns) matches(header []string) int {
	n := 0
	for _, h := range header {
		if _, ok := c.byName[fold(h)]; ok {
			n++
		}
	}
	return n
}

// layout says where each declared column stands in a file.
type layout struct {
	cols   *columns
	header []string // as in the file
	at     []int    // declared column → cell index, -1 when not in the file
	used   []bool   // cell index → read, or known to be passed over
	width  int      // cells up to the last declared column
	mended bool     // the file has a column of faults: BadRows wrote it
}

// arrange finds the declared columns in a header and every fault of it.
func (c *columns) arrange(header []string, row int) (*layout, []Fault) {
	l := &layout{cols: c, header: header, at: make([]int, len(c.list)), used: make([]bool, len(header))}
	for i := range l.at {
		l.at[i] = -1
	}
	var faults []Fault
	for i, h := range header {
		folded := fold(h)
		col, known := c.byName[folded]
		switch {
		case folded == "":
			// Left to the rows: a blank column is no fault, cells in it are.
		case known && l.at[col] >= 0:
			l.used[i] = true
			faults = append(faults, faultOf(row, h, phrase.Of("the column is there twice, the first time as %s; delete one of them",
				Quote(header[l.at[col]]))).at(i))
		case known:
			l.used[i] = true
			l.at[col] = i
			l.width = max(l.width, i+1)
		case faultHeaders[folded]:
			l.used[i] = true
			l.mended = true
		default:
			l.used[i] = true
			faults = append(faults, faultOf(row, h, phrase.Of("unknown column %s; rename or delete it. Known: %s", Quote(h), c.known())).at(i))
		}
	}
	for i, col := range c.list {
		if col.Required && l.at[i] < 0 {
			faults = append(faults, faultOf(row, col.name(), phrase.Of("the column is missing; add it under one of these headers: %s",
				strings.Join(accepted(col), ", "))))
		}
	}
	return l, faults
}

// known lists the first header of each column, and its key where that differs.
func (c *columns) known() string {
	var names []string
	for _, col := range c.list {
		if col.PassedOver {
			continue
		}
		name := col.name()
		if fold(name) != fold(col.Key) {
			name += " (" + col.Key + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func accepted(c Column) []string {
	names := append([]string{}, c.Names...)
	for _, name := range names {
		if fold(name) == fold(c.Key) {
			return names
		}
	}
	return append(names, c.Key)
}
