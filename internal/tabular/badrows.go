package tabular

import (
	"io"
	"strings"
)

// BadRows writes the rows that were left out of an import to a CSV, with the
// original header and cells and a last column, FaultHeader, that says why. It
// can be mended in a spreadsheet and read again as it is.
type BadRows struct {
	w     *csvWriter
	keep  []int // cells of the original that are written, by index
	count int
}

// NewBadRows begins a file for the bad rows of r. The columns that an earlier
// BadRows added are left out.
func NewBadRows(w io.Writer, r *Reader) (*BadRows, error) {
	b := &BadRows{}
	var header []string
	for i, h := range r.layout.header {
		if _, declared := r.layout.cols.byName[fold(h)]; !declared && faultHeaders[fold(h)] {
			continue
		}
		b.keep = append(b.keep, i)
		header = append(header, h)
	}
	var err error
	b.w, err = newCSVWriter(w, append(header, FaultHeader))
	return b, err
}

// Write adds a row with its faults so far. Cells beyond the header come after
// the fault, so that nothing is lost. Numbers that were read as times are
// written as times.
func (b *BadRows) Write(row *Row) error {
	var cells []string
	for _, i := range b.keep {
		cell := ""
		if i < len(row.cells) {
			cell = row.cells[i]
		}
		if shown, ok := row.shown[i]; ok {
			cell = shown
		}
		cells = append(cells, cell)
	}
	var messages []string
	for _, f := range row.Faults() {
		if f.Column != "" {
			messages = append(messages, f.Column+": "+f.Message)
		} else {
			messages = append(messages, f.Message)
		}
	}
	cells = append(cells, strings.Join(messages, "; "))
	if n := len(row.layout.header); len(row.cells) > n && !allBlank(row.cells[n:]) {
		cells = append(cells, row.cells[n:]...)
	}
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(strings.ToValidUTF8(c, "\ufffd"), "\x00", "\ufffd")
	}
	b.count++
	return b.w.text(cells)
}

// Count is how many rows were written.
func (b *BadRows) Count() int { return b.count }

// Close finishes the file. It doesn't close the io.Writer.
func (b *BadRows) Close() error { return b.w.Close() }
