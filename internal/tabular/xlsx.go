package tabular

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"

	"whistle/internal/phrase"
)

type xlsxSource struct {
	file     *excelize.File
	rows     *excelize.Rows
	date1904 bool // the workbook counts days from 1904, as those of a Mac may
}

var errNoSheet = phrase.Of("the workbook shows no sheet")

var errNoWorkbook = phrase.Of("this is no Excel workbook (.xlsx), or a damaged one; open it in a spreadsheet and save it anew")

func openXLSX(r io.Reader) (x *xlsxSource, err error) {
	// Files come from outside, and the parser may panic on what no
	// spreadsheet writes; that is a damaged file, not a broken program.
	defer func() {
		if p := recover(); p != nil {
			err = errNoWorkbook
		}
	}()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if err := checkSheets(data); err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnzipped})
	if err != nil {
		return nil, errNoWorkbook
	}
	defer func() {
		if x == nil {
			_ = f.Close() // that it is no table is what there is to tell
		}
	}()
	sheet, err := shownSheet(f)
	if err != nil {
		return nil, err
	}
	rows, err := f.Rows(sheet)
	if err != nil {
		return nil, errNoWorkbook
	}
	props, err := f.GetWorkbookProps()
	if err != nil {
		return nil, errNoWorkbook
	}
	return &xlsxSource{file: f, rows: rows, date1904: props.Date1904 != nil && *props.Date1904}, nil
}

// checkSheets reads the sheets' XML to its end. The row iterator takes an XML
// error for the end of the sheet, so a sheet damaged half way would pass for a
// shorter one.
func checkSheets(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return errNoWorkbook
	}
	var unzipped uint64
	for _, f := range z.File {
		if unzipped += f.UncompressedSize64; unzipped > maxUnzipped || f.UncompressedSize64 > maxUnzipped {
			return phrase.Of("the workbook unpacks to more than %d MB; divide it", maxUnzipped>>20)
		}
	}
	for _, f := range z.File {
		name := strings.ToLower(strings.ReplaceAll(f.Name, "\\", "/"))
		if path.Dir(name) != "xl/worksheets" || path.Ext(name) != ".xml" {
			continue
		}
		part, err := f.Open()
		if err != nil {
			return errNoWorkbook
		}
		d := xml.NewDecoder(part)
		for err == nil {
			_, err = d.Token()
		}
		_ = part.Close() // it was only read
		if !errors.Is(err, io.EOF) {
			return errNoWorkbook
		}
	}
	return nil
}

func (x *xlsxSource) next() (cells []string, fault phrase.Phrase, err error) {
	defer func() {
		if p := recover(); p != nil {
			cells, fault, err = nil, phrase.Phrase{}, errNoWorkbook
		}
	}()
	if !x.rows.Next() {
		if x.rows.Error() != nil {
			return nil, fault, errNoWorkbook
		}
		return nil, fault, io.EOF
	}
	cells, err = x.rows.Columns()
	if err != nil {
		return nil, fault, errNoWorkbook
	}
	for _, c := range cells {
		if strings.IndexByte(c, 0) >= 0 {
			fault = phrase.Of(unreadable)
		}
	}
	return cells, fault, nil
}

func (x *xlsxSource) close() error {
	return errors.Join(x.rows.Close(), x.file.Close())
}
