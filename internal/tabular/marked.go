package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// Mark is what a cell of a file is to be marked with.
type Mark struct {
	Row    int
	Letter string // of the column; "" for the row as a whole, which is marked at its first cell
	Text   string
}

// markFill is the background of what is marked.
const markFill = "FFC7CE"

// WriteMarked writes the file that content is as a workbook in which the marked
// cells are red and bear their texts as comments. Nothing else of a workbook
// changes; a CSV becomes one, with every cell as text. It can be mended and read
// again as it is.
func WriteMarked(w io.Writer, content []byte, cols []Column, marks []Mark) error {
	f, sheet, err := workbookOf(content, cols)
	if err != nil {
		return err
	}
	err = mark(f, sheet, marks)
	if err == nil {
		err = f.Write(w)
	}
	return errors.Join(err, f.Close())
}

// workbookOf is a file as a workbook, and its sheet with the table.
func workbookOf(content []byte, cols []Column) (*excelize.File, string, error) {
	if bytes.HasPrefix(content, []byte("PK")) {
		f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: maxUnzipped})
		if err != nil {
			return nil, "", errNoWorkbook
		}
		sheet, err := shownSheet(f)
		if err != nil {
			return nil, "", errors.Join(err, f.Close())
		}
		return f, sheet, nil
	}
	set, err := newColumns(cols)
	if err != nil {
		return nil, "", err
	}
	src, err := openCSV(bytes.NewReader(content), set)
	if err != nil {
		return nil, "", err
	}
	f := excelize.NewFile()
	if err := copyRows(f, src); err != nil {
		return nil, "", errors.Join(err, f.Close())
	}
	return f, firstSheet, nil
}

// firstSheet is what a new workbook calls its one sheet.
const firstSheet = "Sheet1"

// copyRows puts a table on the first sheet of a new workbook, as text, so that
// codes keep their zeros.
func copyRows(f *excelize.File, src source) error {
	asText, err := f.NewStyle(&excelize.Style{NumFmt: textFormat})
	if err != nil {
		return err
	}
	widest := 0
	for n := 1; ; n++ {
		cells, _, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		row := make([]any, len(cells))
		for i, cell := range cells {
			row[i] = cell
			if len(cell) > excelize.TotalCellChars { // no table's own; excelize would refuse the file
				row[i] = string([]rune(cell)[:excelize.TotalCellChars/3])
			}
		}
		if err := f.SetSheetRow(firstSheet, "A"+strconv.Itoa(n), &row); err != nil {
			return err
		}
		widest = max(widest, len(cells))
	}
	if widest == 0 {
		return nil
	}
	last, err := excelize.ColumnNumberToName(widest)
	if err != nil {
		return err
	}
	if err := f.SetColWidth(firstSheet, "A", last, 18); err != nil {
		return err
	}
	return f.SetColStyle(firstSheet, "A:"+last, asText)
}

// mark makes the cells red and gives them their comments.
func mark(f *excelize.File, sheet string, marks []Mark) error {
	texts := map[string]string{}
	var order []string
	for _, m := range marks {
		if m.Letter == "" {
			m.Letter = "A"
		}
		cell := m.Letter + strconv.Itoa(max(m.Row, 1))
		if texts[cell] == "" {
			order = append(order, cell)
			texts[cell] = m.Text
		} else {
			texts[cell] += "\n" + m.Text
		}
	}
	there, err := f.GetComments(sheet)
	if err != nil {
		return err
	}
	for _, old := range there {
		if texts[old.Cell] != "" { // from an earlier marking
			if err := f.DeleteComment(sheet, old.Cell); err != nil {
				return err
			}
		}
	}
	red := map[int]int{} // style → the same in red
	for _, cell := range order {
		was, err := f.GetCellStyle(sheet, cell)
		if err != nil {
			return err
		}
		if _, known := red[was]; !known {
			if red[was], err = reddened(f, was); err != nil {
				return err
			}
		}
		if err := f.SetCellStyle(sheet, cell, cell, red[was]); err != nil {
			return err
		}
		if err := f.AddComment(sheet, excelize.Comment{Cell: cell, Author: "!", Text: texts[cell], Width: 320, Height: 120}); err != nil {
			return fmt.Errorf("%s: %w", cell, err)
		}
	}
	return nil
}

func reddened(f *excelize.File, was int) (int, error) {
	style, err := f.GetStyle(was)
	if err != nil {
		return 0, err
	}
	style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{markFill}}
	return f.NewStyle(style)
}
