// Package tabular reads and writes tables as offices send them: CSV in the
// encodings that spreadsheets leave behind, and Excel workbooks. It knows
// files, cells and faults, and nothing of what the cells mean.
//
// Reading never stops at the first fault: the header is checked as a whole,
// and each row gathers what is wrong with it, so that a file is mended once.
//
//	r, err := tabular.Open(path, columns) // *Faults when the header is wrong
//	defer r.Close()
//	for {
//		row, err := r.Next()
//		if errors.Is(err, io.EOF) {
//			break
//		}
//		name := row.Required("name", 200)
//		filed, ok := row.Time("filed_at", zone)
//		if len(row.Faults()) > 0 { … }
//	}
package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"whistle/internal/phrase"
)

// MaxBytes is the size of the largest file that is read, 200 MiB.
const MaxBytes = 200 << 20

// maxUnzipped bounds what a workbook may hold unpacked, in bytes: a few
// kilobytes of zip can otherwise fill the disk.
const maxUnzipped = 1 << 30

// source yields the records of a file, blank ones included, so that counting
// them gives the row numbers of a spreadsheet.
type source interface {
	// next returns the cells, a message when the record could not be read
	// cleanly, and io.EOF after the last.
	next() (cells []string, fault phrase.Phrase, err error)
	close() error
}

// Reader yields the rows of one file. It is not safe for concurrent use.
type Reader struct {
	name   string
	src    source
	closer io.Closer // the file that Open opened
	layout *layout
	row    int
	// padded: the format leaves out blank cells at the end of a row, so a
	// short row is no fault.
	padded   bool
	date1904 bool
}

// Open reads the file at path. See New.
func Open(path string, cols []Column) (*Reader, error) {
	f, err := os.Open(path) //nolint:gosec // the caller names the file to be read; no request does
	if err != nil {
		return nil, err
	}
	r, err := New(filepath.Base(path), f, cols)
	if err != nil {
		_ = f.Close() // it was only read
		return nil, err
	}
	r.closer = f
	return r, nil
}

// New reads a table: the first visible sheet of an .xlsx workbook, or CSV in
// UTF-8, GB18030 or (with a byte order mark) UTF-16, divided by comma, tab or
// semicolon. What it is is found from the content; the name is only for
// messages. The header is the first row that isn't blank.
//
// An io.Seeker is read in place, from its start and twice, to find the
// encoding; anything else is read into memory. The error is a *Faults when the file could
// be read but its header doesn't fit cols; any other tells that the file is
// not a table, is larger than MaxBytes or couldn't be read, or that cols
// contradict each other.
func New(name string, src io.Reader, cols []Column) (*Reader, error) {
	set, err := newColumns(cols)
	if err != nil {
		return nil, err
	}
	r := &Reader{name: name}
	if err := r.open(src, set); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := r.readHeader(set); err != nil {
		_ = r.Close() // the header's fault is what there is to tell
		var faults *Faults
		if errors.As(err, &faults) {
			return nil, faults
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

func (r *Reader) open(src io.Reader, set *columns) error {
	s, size, err := seekable(src)
	if err != nil {
		return err
	}
	if size > MaxBytes {
		return phrase.Of("the file is larger than %d MB; divide it", MaxBytes>>20)
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(s, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	head = head[:n]
	if _, err := s.Seek(0, io.SeekStart); err != nil {
		return err
	}
	switch {
	case n == 0:
		return phrase.Of("the file is empty")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		x, err := openXLSX(s)
		if err != nil {
			return err
		}
		r.src, r.padded, r.date1904 = x, true, x.date1904
		return nil
	}
	if err := refuse(head); err != nil {
		return err
	}
	r.src, err = openCSV(s, set)
	return err
}

// refuse names the files that come under a table's name and are none.
func refuse(head []byte) error {
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n"))
	switch {
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return phrase.Of("this is an old Excel file (.xls) or one under a password; save it without a password as .xlsx or CSV")
	case bytes.HasPrefix(text, []byte("<html")), bytes.HasPrefix(text, []byte("<!doctype")),
		bytes.HasPrefix(text, []byte("<table")), bytes.HasPrefix(text, []byte("<meta")), bytes.HasPrefix(text, []byte("<?xml")):
		return phrase.Of("this is a web page or XML under a table's name; open it in a spreadsheet and save it as .xlsx or CSV")
	case bytes.HasPrefix(head, []byte("%PDF")):
		return phrase.Of("this is a PDF; send the table as .xlsx or CSV")
	}
	return nil
}

// seekable gives src as something that can be read twice, and its size.
func seekable(src io.Reader) (io.ReadSeeker, int64, error) {
	if s, ok := src.(io.ReadSeeker); ok {
		// A pipe has the method and refuses it.
		if size, err := s.Seek(0, io.SeekEnd); err == nil {
			_, err := s.Seek(0, io.SeekStart)
			return s, size, err
		}
	}
	data, err := io.ReadAll(io.LimitReader(src, MaxBytes+1))
	return bytes.NewReader(data), int64(len(data)), err
}

func (r *Reader) readHeader(set *columns) error {
	for {
		cells, fault, err := r.src.next()
		if errors.Is(err, io.EOF) {
			return phrase.Of("the file has no header: its first row has to name the columns")
		}
		if err != nil {
			return err
		}
		r.row++
		if !fault.Empty() {
			return &Faults{Count: 1, List: []Fault{faultOf(r.row, "", fault)}}
		}
		if allBlank(cells) {
			continue
		}
		header := make([]string, len(cells))
		for i, c := range cells {
			header[i] = trim(c)
		}
		for header[len(header)-1] == "" {
			header = header[:len(header)-1]
		}
		var faults Faults
		l, list := set.arrange(header, r.row)
		faults.Add(list...)
		r.layout = l
		return faults.Err()
	}
}

// Name is the file's name, as New was told it.
func (r *Reader) Name() string { return r.name }

// Header returns the headers as they stand in the file.
func (r *Reader) Header() []string { return append([]string{}, r.layout.header...) }

// Place is where a declared column stands in the file.
type Place struct{ Key, Header, Letter string }

// Places are the declared columns that the file has and that somebody reads,
// from the left.
func (r *Reader) Places() []Place {
	var places []Place
	for cell, header := range r.layout.header {
		i := slices.Index(r.layout.at, cell)
		if i < 0 || r.layout.cols.list[i].PassedOver {
			continue
		}
		letter, _ := excelize.ColumnNumberToName(cell + 1) // "" beyond what a spreadsheet has
		places = append(places, Place{r.layout.cols.list[i].Key, header, letter})
	}
	return places
}

// Has tells whether the file has the column declared under key. A column that
// isn't there differs from a blank cell where rows change what exists.
func (r *Reader) Has(key string) bool { return r.layout.at[r.layout.column(key)] >= 0 }

// Next returns the next row that isn't blank, and io.EOF after the last. A row
// that can't be read cleanly is returned with its faults; any other error ends
// the file.
func (r *Reader) Next() (*Row, error) {
	for {
		cells, fault, err := r.src.next()
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		r.row++
		if fault.Empty() && allBlank(cells) {
			continue
		}
		row := &Row{Number: r.row, cells: cells, layout: r.layout, date1904: r.date1904}
		if fault.Empty() {
			fault = r.shape(cells)
		}
		if !fault.Empty() {
			row.broken = true
			row.faults = append(row.faults, placed{-1, faultOf(r.row, "", fault)})
		}
		return row, nil
	}
}

// shape says what is wrong with the row as a whole.
func (r *Reader) shape(cells []string) phrase.Phrase {
	l := r.layout
	if l.mended && strings.ContainsRune(strings.Join(cells, ""), utf8.RuneError) {
		// BadRows put the sign there for bytes without meaning. Elsewhere it
		// is text like any other.
		return phrase.Of(unreadable)
	}
	if len(cells) < l.width && !r.padded {
		return phrase.Of("the row has %d cells and the header %d; a divider or a quotation mark is missing", len(cells), len(l.header))
	}
	for i, c := range cells {
		if trim(c) == "" || i < len(l.used) && l.used[i] {
			continue
		}
		return phrase.Of("cell %d, %s, stands under no header; a divider or a quotation mark is out of place, or the column needs a name",
			i+1, Quote(c))
	}
	return phrase.Phrase{}
}

// Close ends reading and frees the file and whatever was unpacked from it.
func (r *Reader) Close() error {
	err := r.src.close()
	if r.closer != nil {
		err = errors.Join(err, r.closer.Close())
	}
	return err
}
