package tabular

import (
	"bufio"
	"bytes"
	"encoding"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/width"
)

// Format is a kind of file that can be written.
type Format string

// The formats.
const (
	CSV   Format = "csv"
	XLSX  Format = "xlsx"
	JSONL Format = "jsonl"
)

// Formats lists all formats.
var Formats = []Format{CSV, XLSX, JSONL}

// ParseFormat reads a format's name in any case, as on a command line; the
// error lists them all.
func ParseFormat(s string) (Format, error) {
	for _, f := range Formats {
		if strings.EqualFold(s, string(f)) {
			return f, nil
		}
	}
	return "", fmt.Errorf("unknown format %s; use csv, xlsx or jsonl", Quote(s))
}

// ContentType is the format's media type, for HTTP.
func (f Format) ContentType() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case JSONL:
		return "application/jsonl"
	}
	return "application/octet-stream"
}

// Day is a day, as the wall clock of the time's own location has it.
type Day time.Time

// Writer writes a table. A row has a value for each header:
//
//   - nil, a nil pointer or the zero time: a blank cell, null in JSON
//   - text, numbers, booleans, and pointers to any of these values
//   - time.Time: RFC 3339 in JSON; the wall clock of its own location in CSV
//     (2006-01-02 15:04:05) and XLSX (a date cell), so bring it into the
//     reader's zone first
//   - Day: 2006-01-02 in JSON and CSV, a date cell in XLSX
//   - []string: an array in JSON, joined by 、 elsewhere
//   - json.RawMessage: as it is in JSON, as text elsewhere
//   - an encoding.TextMarshaler: its text
//
// Anything else, and numbers that are not finite, are errors. Bytes that are
// not UTF-8 become U+FFFD; so do, in XLSX, control characters that XML has no
// place for.
type Writer interface {
	// Write adds a row. After an error the file is unusable; close it.
	Write(row []any) error
	// Close finishes the file and frees what was used for it. It doesn't
	// close the io.Writer.
	Close() error
}

// NewWriter begins a table. CSV is UTF-8 with a byte order mark, without which
// Excel takes it for GBK. JSONL is an object a row, keys in the header's
// order. XLSX is one sheet of at most 1,048,576 rows with the header and
// 32,767 characters a cell; more is an error, and nothing reaches w before
// Close. Its header stays in sight, and its columns are as wide as their first
// rows ask for.
//
// Text that a spreadsheet would run as a formula (blanks aside it begins with
// = + - @ or their full-width forms, or the cell with a tab or a line break),
// and digits of which it would lose some (twelve and more, or a leading zero),
// are written so that it won't: behind an apostrophe in CSV, which Reader takes
// off again, in a text cell in XLSX. A negative number is none of these.
//
// A header that is empty or names a column twice is an error.
func NewWriter(format Format, w io.Writer, header []string) (Writer, error) {
	if len(header) == 0 {
		return nil, errors.New("tabular: a table needs a header")
	}
	seen := map[string]bool{}
	for _, h := range header {
		if seen[h] {
			return nil, fmt.Errorf("tabular: the header names %q twice", h)
		}
		seen[h] = true
	}
	header = append([]string{}, header...)
	switch format {
	case CSV:
		return newCSVWriter(w, header)
	case XLSX:
		return newXLSXWriter(w, header)
	case JSONL:
		return newJSONLWriter(w, header)
	}
	return nil, fmt.Errorf("tabular: unknown format %q", format)
}

// plain brings a value to one of nil, string, bool, int64, uint64, float64,
// time.Time, Day, []string and json.RawMessage.
func plain(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return strings.ToValidUTF8(v, "\ufffd"), nil
	case time.Time:
		if v.IsZero() {
			return nil, nil
		}
		return v, nil
	case Day:
		if time.Time(v).IsZero() {
			return nil, nil
		}
		return v, nil
	case []string:
		list := make([]string, len(v))
		for i, s := range v {
			list[i] = strings.ToValidUTF8(s, "\ufffd")
		}
		return list, nil
	case json.RawMessage:
		if len(v) == 0 {
			return nil, nil
		}
		return v, nil
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer {
		if rv.IsNil() {
			return nil, nil
		}
		return plain(rv.Elem().Interface())
	}
	if m, ok := v.(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		return strings.ToValidUTF8(string(text), "\ufffd"), err
	}
	switch rv.Kind() {
	case reflect.String:
		return strings.ToValidUTF8(rv.String(), "\ufffd"), nil
	case reflect.Bool:
		return rv.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return rv.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return rv.Uint(), nil
	case reflect.Float32, reflect.Float64:
		f := rv.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fmt.Errorf("%v is not a number to write", f)
		}
		return f, nil
	default:
		return nil, fmt.Errorf("a value of type %T can't be written", v)
	}
}

// table is what the writers share: the header, and checked values.
type table struct {
	header []string
	rows   int // written, without the header
}

func (t *table) values(row []any) ([]any, error) {
	t.rows++
	if len(row) != len(t.header) {
		return nil, fmt.Errorf("row %d has %d values, the header %d", t.rows, len(row), len(t.header))
	}
	values := make([]any, len(row))
	for i, v := range row {
		var err error
		if values[i], err = plain(v); err != nil {
			return nil, fmt.Errorf("row %d, %s: %w", t.rows, t.header[i], err)
		}
	}
	return values, nil
}

// misread tells text that a spreadsheet would not show as it stands when it
// opens a CSV. Apostrophes in front are looked through, so that writing and
// reading undo each other for text that has its own.
func misread(s string) bool {
	s = strings.TrimLeft(s, "'")
	return formulaLike(s) || shortenable(s)
}

// formulaLike tells text that a spreadsheet may run. What stands in front of a
// formula some programs pass over: blanks, and apostrophes behind them.
func formulaLike(s string) bool {
	if s != "" && strings.IndexByte("\t\r\n", s[0]) >= 0 {
		return true
	}
	s = strings.TrimLeftFunc(s, func(r rune) bool { return r == '\'' || blank(r) })
	sign, size := utf8.DecodeRuneInString(s)
	if !strings.ContainsRune("=+-@＝＋－＠", sign) || s == "" {
		return false
	}
	return sign != '-' || !number.MatchString(s[size:])
}

var (
	number = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)
	digits = regexp.MustCompile(`^(0[0-9]+|[0-9]{12,})$`)
)

// shortenable tells digits that a spreadsheet would take for a number and show
// others for.
func shortenable(s string) bool { return digits.MatchString(s) }

func harmless(s string) string {
	if misread(s) {
		return "'" + s
	}
	return s
}

type csvWriter struct {
	table
	w *csv.Writer
}

func newCSVWriter(w io.Writer, header []string) (*csvWriter, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	c := &csvWriter{table: table{header: header}, w: csv.NewWriter(w)}
	return c, c.text(header)
}

func (c *csvWriter) text(cells []string) error {
	safe := make([]string, len(cells))
	for i, s := range cells {
		safe[i] = harmless(s)
	}
	return c.w.Write(safe)
}

func (c *csvWriter) Write(row []any) error {
	values, err := c.values(row)
	if err != nil {
		return err
	}
	cells := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case nil:
		case string:
			cells[i] = harmless(v)
		case bool:
			cells[i] = strconv.FormatBool(v)
		case int64:
			cells[i] = strconv.FormatInt(v, 10)
		case uint64:
			cells[i] = strconv.FormatUint(v, 10)
		case float64:
			cells[i] = strconv.FormatFloat(v, 'f', -1, 64)
		case time.Time:
			cells[i] = v.Format(timeLayout)
		case Day:
			cells[i] = time.Time(v).Format(time.DateOnly)
		case []string:
			cells[i] = harmless(strings.Join(v, "、"))
		case json.RawMessage:
			cells[i] = harmless(string(v))
		}
	}
	return c.w.Write(cells)
}

func (c *csvWriter) Close() error {
	c.w.Flush()
	return c.w.Error()
}

type jsonlWriter struct {
	table
	keys [][]byte // `"name":`
	w    *bufio.Writer
}

func newJSONLWriter(w io.Writer, header []string) (*jsonlWriter, error) {
	j := &jsonlWriter{table: table{header: header}, w: bufio.NewWriter(w)}
	for _, h := range header {
		key, err := jsonText(h)
		if err != nil {
			return nil, err
		}
		j.keys = append(j.keys, append(key, ':'))
	}
	return j, nil
}

// jsonText is v in JSON on one line, with <, > and & as they are.
func jsonText(v any) ([]byte, error) {
	if raw, ok := v.(json.RawMessage); ok {
		var b bytes.Buffer
		err := json.Compact(&b, raw)
		return b.Bytes(), err
	}
	if day, ok := v.(Day); ok {
		v = time.Time(day).Format(time.DateOnly)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func (j *jsonlWriter) Write(row []any) error {
	values, err := j.values(row)
	if err != nil {
		return err
	}
	var line bytes.Buffer
	for i, v := range values {
		if i == 0 {
			line.WriteByte('{')
		} else {
			line.WriteByte(',')
		}
		line.Write(j.keys[i])
		text, err := jsonText(v)
		if err != nil {
			return fmt.Errorf("row %d, %s: %w", j.rows, j.header[i], err)
		}
		line.Write(text)
	}
	line.WriteString("}\n")
	_, err = j.w.Write(line.Bytes())
	return err
}

func (j *jsonlWriter) Close() error { return j.w.Flush() }

type xlsxWriter struct {
	table
	w         io.Writer
	file      *excelize.File
	stream    *excelize.StreamWriter
	timeStyle int
	dayStyle  int
	headStyle int
	maxRows   int // with the header
	first     [][]any
	begun     bool // first is written
	failed    error
}

// sample is how many rows tell how wide the columns are to be.
const sample = 100

func newXLSXWriter(w io.Writer, header []string) (*xlsxWriter, error) {
	x := &xlsxWriter{table: table{header: header}, w: w, file: excelize.NewFile(), maxRows: excelize.TotalRows}
	if err := x.open(); err != nil {
		return nil, errors.Join(err, x.file.Close())
	}
	return x, nil
}

func (x *xlsxWriter) open() error {
	moment, day := "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"
	for _, s := range []struct {
		into  *int
		style excelize.Style
	}{
		{&x.timeStyle, excelize.Style{CustomNumFmt: &moment}},
		{&x.dayStyle, excelize.Style{CustomNumFmt: &day}},
		{&x.headStyle, excelize.Style{Font: &excelize.Font{Bold: true}}},
	} {
		var err error
		if *s.into, err = x.file.NewStyle(&s.style); err != nil {
			return err
		}
	}
	for _, h := range x.header {
		if _, err := cellText(h); err != nil {
			return err
		}
	}
	var err error
	x.stream, err = x.file.NewStreamWriter("Sheet1")
	return err
}

// begin writes the header and the first rows, once their widths are known.
func (x *xlsxWriter) begin() error {
	x.begun = true
	head := make([]any, len(x.header))
	for i, h := range x.header {
		head[i] = excelize.Cell{StyleID: x.headStyle, Value: h}
		if err := x.stream.SetColWidth(i+1, i+1, x.width(i)); err != nil {
			return err
		}
	}
	// The header stays in sight.
	if err := x.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for i, row := range append([][]any{head}, x.first...) {
		if err := x.stream.SetRow("A"+strconv.Itoa(i+1), row); err != nil {
			return err
		}
	}
	x.first = nil
	return nil
}

// width is that of a column, in digits, by its header and first rows.
func (x *xlsxWriter) width(column int) float64 {
	const narrowest, widest, margin = 6, 60, 2
	needs := digitsOf(x.header[column])
	for _, row := range x.first {
		switch v := row[column].(type) {
		case string:
			needs = max(needs, digitsOf(v))
		case excelize.Cell:
			needs = max(needs, len(timeLayout))
			if v.StyleID == x.dayStyle {
				needs = max(needs, len(time.DateOnly))
			}
		case nil:
		default:
			needs = max(needs, len(fmt.Sprint(v)))
		}
	}
	return float64(min(max(needs, narrowest), widest) + margin)
}

// digitsOf is how wide a text is, counted in digits: its longest line, with
// Chinese characters twice as wide.
func digitsOf(s string) int {
	longest := 0
	for line := range strings.Lines(s) {
		n := 0
		for _, r := range strings.TrimRight(line, "\r\n") {
			n++
			if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
				n++
			}
		}
		longest = max(longest, n)
	}
	return longest
}

// cellText refuses what would be cut off without a word.
func cellText(s string) (any, error) {
	if len(s) > excelize.TotalCellChars && len(utf16.Encode([]rune(s))) > excelize.TotalCellChars {
		return nil, fmt.Errorf("the text is longer than the %d characters that a cell of an Excel workbook holds; write csv or jsonl", excelize.TotalCellChars)
	}
	return s, nil
}

// exact bounds the integers of which a spreadsheet keeps every digit.
const exact = 999_999_999_999_999

func (x *xlsxWriter) Write(row []any) error {
	if x.failed == nil {
		x.failed = x.write(row)
	}
	return x.failed
}

func (x *xlsxWriter) write(row []any) error {
	values, err := x.values(row)
	if err != nil {
		return err
	}
	if x.rows+1 > x.maxRows {
		return fmt.Errorf("an Excel workbook holds no more than %d rows with its header; write csv or jsonl, or less at once", x.maxRows)
	}
	for i, v := range values {
		switch v := v.(type) {
		case string:
			values[i], err = cellText(v)
		case int64:
			if v > exact || v < -exact {
				values[i] = strconv.FormatInt(v, 10)
			}
		case uint64:
			if v > exact {
				values[i] = strconv.FormatUint(v, 10)
			}
		case time.Time:
			values[i] = excelize.Cell{StyleID: x.timeStyle, Value: v.Truncate(time.Second)}
			if v.Year() < minYear {
				// Spreadsheets know no earlier day.
				values[i] = v.Format(timeLayout)
			}
		case Day:
			y, m, d := time.Time(v).Date()
			values[i] = excelize.Cell{StyleID: x.dayStyle, Value: time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
			if y < minYear {
				values[i] = time.Time(v).Format(time.DateOnly)
			}
		case []string:
			values[i], err = cellText(strings.Join(v, "、"))
		case json.RawMessage:
			values[i], err = cellText(string(v))
		}
		if err != nil {
			return fmt.Errorf("row %d, %s: %w", x.rows, x.header[i], err)
		}
	}
	if !x.begun {
		if x.first = append(x.first, values); len(x.first) < sample {
			return nil
		}
		return x.begin()
	}
	return x.stream.SetRow("A"+strconv.Itoa(x.rows+1), values)
}

func (x *xlsxWriter) Close() error {
	err := x.failed
	if err == nil && !x.begun {
		err = x.begin()
	}
	if err == nil {
		err = x.stream.Flush()
	}
	if err == nil {
		err = x.file.Write(x.w)
	}
	return errors.Join(err, x.file.Close())
}
