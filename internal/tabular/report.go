package tabular

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// Share is a rate in a report: per cent as a number, empty over nothing.
type Share struct{ Part, Whole int64 }

// ChartKind is what a chart is drawn as.
type ChartKind string

// The kinds of chart.
const (
	Bars ChartKind = "bars" // lying, the first row on top
	Line ChartKind = "line"
)

// Chart draws columns of a sheet's rows.
type Chart struct {
	Kind   ChartKind
	Title  string
	Names  int   // the column with what each row is called, from 0
	Values []int // the columns drawn, per cents
}

// ReportSheet is a sheet of a report: what it is about, a table, and charts
// beside it.
type ReportSheet struct {
	Name   string
	About  []string // lines above the table
	Header []string
	Rows   [][]any // text, whole numbers, float64, Share, nil for nothing
	Charts []Chart
	Widths []float64 // of the first columns, where they are not as usual
}

// WriteReport writes sheets as an .xlsx workbook to be read and printed on A4:
// numbers as numbers, rates as per cents. Text is never run as a formula.
func WriteReport(w io.Writer, sheets []ReportSheet) error {
	b := &reportBook{File: excelize.NewFile()}
	err := b.styles()
	for i, sheet := range sheets {
		if err == nil {
			err = b.add(i, sheet)
		}
	}
	if err == nil {
		err = b.Write(w)
	}
	return errors.Join(err, b.Close())
}

type reportBook struct {
	*excelize.File
	title, about, head, text, whole, hours, share int // styles
}

func (b *reportBook) styles() error {
	rule := []excelize.Border{{Type: "bottom", Color: "D1D5DB", Style: 1}}
	for _, s := range []struct {
		into  *int
		style excelize.Style
	}{
		{&b.title, excelize.Style{Font: &excelize.Font{Bold: true, Size: 16}}},
		{&b.about, excelize.Style{Font: &excelize.Font{Color: "4B5563"}}},
		{&b.head, excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E5E7EB"}}, Border: rule, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}}},
		{&b.text, excelize.Style{NumFmt: textFormat, Border: rule, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}},
		{&b.whole, excelize.Style{NumFmt: 3, Border: rule}},  // 1,234
		{&b.hours, excelize.Style{NumFmt: 4, Border: rule}},  // 1,234.50
		{&b.share, excelize.Style{NumFmt: 10, Border: rule}}, // 12.34%
	} {
		var err error
		if *s.into, err = b.NewStyle(&s.style); err != nil {
			return err
		}
	}
	return nil
}

func (b *reportBook) add(i int, sheet ReportSheet) error {
	var err error
	if i == 0 {
		err = b.SetSheetName(firstSheet, sheet.Name)
	} else {
		_, err = b.NewSheet(sheet.Name)
	}
	if err != nil {
		return err
	}
	row := 0
	for n, line := range sheet.About {
		row++
		style := b.about
		if n == 0 {
			style = b.title
		}
		cell := "A" + strconv.Itoa(row)
		if err := errors.Join(b.SetCellStr(sheet.Name, cell, line), b.SetCellStyle(sheet.Name, cell, cell, style)); err != nil {
			return err
		}
	}
	if row > 0 {
		row++ // a blank line
	}
	row++
	head := row
	for column, name := range sheet.Header {
		if err := b.put(sheet.Name, column, row, name, b.head); err != nil {
			return err
		}
	}
	for _, values := range sheet.Rows {
		row++
		for column, value := range values {
			if err := b.value(sheet.Name, column, row, value); err != nil {
				return err
			}
		}
	}
	return errors.Join(b.layOut(sheet), b.charts(sheet, head, row))
}

func (b *reportBook) put(sheet string, column, row int, value any, style int) error {
	cell, err := excelize.CoordinatesToCellName(column+1, row)
	if err != nil {
		return err
	}
	if value != nil {
		err = b.SetCellValue(sheet, cell, value)
	}
	return errors.Join(err, b.SetCellStyle(sheet, cell, cell, style))
}

func (b *reportBook) value(sheet string, column, row int, value any) error {
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		return b.put(sheet, column, row, v, b.text)
	case int, int64:
		return b.put(sheet, column, row, v, b.whole)
	case float64:
		return b.put(sheet, column, row, v, b.hours)
	case Share:
		if v.Whole == 0 {
			return b.put(sheet, column, row, nil, b.share)
		}
		return b.put(sheet, column, row, float64(v.Part)/float64(v.Whole), b.share)
	}
	return fmt.Errorf("a value of type %T can't be reported", value)
}

// layOut has the sheet print on A4, as wide as the paper.
func (b *reportBook) layOut(sheet ReportSheet) error {
	const a4, usual, first = 9, 11, 24
	err := b.SetColWidth(sheet.Name, "A", "A", first)
	if n := len(sheet.Header); n > 1 {
		last, _ := excelize.ColumnNumberToName(n) // a header is never as wide
		err = errors.Join(err, b.SetColWidth(sheet.Name, "B", last, usual))
	}
	for i, width := range sheet.Widths {
		name, _ := excelize.ColumnNumberToName(i + 1)
		err = errors.Join(err, b.SetColWidth(sheet.Name, name, name, width))
	}
	return errors.Join(err,
		b.SetPageLayout(sheet.Name, &excelize.PageLayoutOptions{Size: new(a4), Orientation: new("portrait"), FitToWidth: new(1), FitToHeight: new(0)}),
		b.SetSheetProps(sheet.Name, &excelize.SheetPropsOptions{FitToPage: new(true)}),
	)
}

// charts stand below the table, so that they are printed with it.
func (b *reportBook) charts(sheet ReportSheet, head, last int) error {
	if last == head {
		return nil // there is nothing to draw
	}
	const width, rowHeight, least = 640, 24, 240 // pixels
	at := last + 2
	for _, c := range sheet.Charts {
		chart := &excelize.Chart{
			Type: excelize.Bar, Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: c.Title}}}, Legend: excelize.ChartLegend{Position: "none"},
			Dimension: excelize.ChartDimension{Width: width, Height: uint(max(least, (last-head)*rowHeight+100))},
			XAxis:     excelize.ChartAxis{ReverseOrder: true},
			YAxis:     excelize.ChartAxis{MajorGridLines: true, Minimum: new(0.0), Maximum: new(1.0), NumFmt: excelize.ChartNumFmt{CustomNumFmt: "0%"}},
			PlotArea:  excelize.ChartPlotArea{ShowVal: true},
		}
		if c.Kind == Line {
			chart.Type, chart.XAxis, chart.Legend.Position, chart.PlotArea.ShowVal = excelize.Line, excelize.ChartAxis{}, "bottom", false
			chart.Dimension.Height = 320
			chart.ShowBlanksAs = "gap" // a rate over nothing is none
		}
		for _, column := range c.Values {
			chart.Series = append(chart.Series, excelize.ChartSeries{
				Name: reference(sheet.Name, column, head, head), Categories: reference(sheet.Name, c.Names, head+1, last), Values: reference(sheet.Name, column, head+1, last),
			})
		}
		if err := b.AddChart(sheet.Name, "A"+strconv.Itoa(at), chart); err != nil {
			return err
		}
		at += int(chart.Dimension.Height)/20 + 2
	}
	return nil
}

// reference is a column from one row to another, as charts name it.
func reference(sheet string, column, from, to int) string {
	name, _ := excelize.ColumnNumberToName(column + 1)
	if from == to {
		return fmt.Sprintf("'%s'!$%s$%d", sheet, name, from)
	}
	return fmt.Sprintf("'%s'!$%s$%d:$%s$%d", sheet, name, from, name, to)
}
