package tabular

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"
)

// Holds is what the cells of a form's column hold.
type Holds string

// What cells hold. Everything but days, moments and numbers is kept as text, so
// that codes and telephone numbers keep their zeros.
const (
	HoldsText   Holds = "text"
	HoldsDay    Holds = "day"
	HoldsMoment Holds = "moment"
	HoldsNumber Holds = "number" // a whole one
)

// FormColumn is a column of a form to fill.
type FormColumn struct {
	Header   string
	Required bool
	Holds    Holds
	Min, Max int // of a number
	// Choices come as a drop-down list; nothing else is taken, unless a cell may
	// hold Several.
	Choices []string
	Several bool
	Note    string // says what to write
	Example string
}

// Form is a workbook to fill: the table, a sheet that explains it, and a hidden
// one with the choices. Reader reads the table of it.
type Form struct {
	Columns []FormColumn
	Title   string // of the sheet with the table
	Help    string // of the sheet that explains
	Lists   string // of the hidden sheet
	About   string // stands above the explanations
	// The headers of the explanations.
	HelpColumn, HelpMust, HelpNote, HelpExample string
	Must                                        string // in a column that must be filled
	Wrong                                       string // title of what is said of a value that is none of the choices
}

// textFormat is the number format of text: @.
const textFormat = 49

// formRows is down to which row a form checks what is written.
const formRows = excelize.TotalRows

// shownSheet is the first visible sheet. Forms keep their choices in a hidden
// one.
func shownSheet(f *excelize.File) (string, error) {
	for _, sheet := range f.GetSheetList() {
		if visible, err := f.GetSheetVisible(sheet); err == nil && visible {
			return sheet, nil
		}
	}
	return "", errNoSheet
}

// WriteForm writes a form as an .xlsx workbook.
func WriteForm(w io.Writer, form Form) error {
	b := &formBook{File: excelize.NewFile(), form: form}
	err := b.all()
	if err == nil {
		err = b.Write(w)
	}
	return errors.Join(err, b.Close())
}

type formBook struct {
	*excelize.File
	form                              Form
	must, may, help, title            int // styles
	asText, asDay, asMoment, asNumber int
}

func (b *formBook) all() error {
	return errors.Join(b.styles(), b.table(), b.explanations())
}

func (b *formBook) styles() error {
	day, moment := "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
	border := []excelize.Border{{Type: "bottom", Color: "9CA3AF", Style: 1}}
	middle := &excelize.Alignment{Vertical: "center", WrapText: true}
	for _, s := range []struct {
		into  *int
		style excelize.Style
	}{
		{&b.must, excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FDE68A"}}, Border: border, Alignment: middle, NumFmt: textFormat}},
		{&b.may, excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E5E7EB"}}, Border: border, Alignment: middle, NumFmt: textFormat}},
		{&b.help, excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}, NumFmt: textFormat}},
		{&b.title, excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}}},
		{&b.asText, excelize.Style{NumFmt: textFormat}},
		{&b.asDay, excelize.Style{CustomNumFmt: &day}},
		{&b.asMoment, excelize.Style{CustomNumFmt: &moment}},
		{&b.asNumber, excelize.Style{NumFmt: 1}},
	} {
		var err error
		if *s.into, err = b.NewStyle(&s.style); err != nil {
			return err
		}
	}
	return nil
}

// table lays out the sheet that is filled, and the lists behind it.
func (b *formBook) table() error {
	sheet, lists := b.form.Title, 0
	if err := b.SetSheetName(firstSheet, sheet); err != nil {
		return err
	}
	for i, c := range b.form.Columns {
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		header, style := c.Header, b.may
		if c.Required {
			header, style = c.Header+"*", b.must
		}
		wide := float64(min(max(digitsOf(header), digitsOf(c.Example), 10), 40) + 2)
		err = errors.Join(
			b.SetColStyle(sheet, name, map[Holds]int{HoldsDay: b.asDay, HoldsMoment: b.asMoment, HoldsNumber: b.asNumber}[c.Holds]+b.textOf(c)),
			b.SetColWidth(sheet, name, name, wide),
			b.SetCellStr(sheet, name+"1", header),
			b.SetCellStyle(sheet, name+"1", name+"1", style),
		)
		if err != nil {
			return err
		}
		if len(c.Choices) > 0 {
			lists++
		}
		if err := b.check(sheet, name, c, lists); err != nil {
			return fmt.Errorf("%s: %w", c.Header, err)
		}
	}
	if lists > 0 {
		if err := b.SetSheetVisible(b.form.Lists, false); err != nil {
			return err
		}
	}
	return errors.Join(
		b.SetRowHeight(sheet, 1, 24),
		b.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
	)
}

// textOf is the style of what is kept as text, 0 for all else.
func (b *formBook) textOf(c FormColumn) int {
	if c.Holds == "" || c.Holds == HoldsText {
		return b.asText
	}
	return 0
}

// The longest texts that a spreadsheet takes for what it says of a cell.
const (
	noticeTitle = 32
	noticeText  = 255
)

func cut(s string, runes int) string {
	if letters := []rune(s); len(letters) > runes {
		return string(letters[:runes-1]) + "…"
	}
	return s
}

// check has the spreadsheet say what a column takes, and hold what is written to
// it.
func (b *formBook) check(sheet, column string, c FormColumn, list int) error {
	v := excelize.NewDataValidation(true)
	v.SetSqref(column + "2:" + column + strconv.Itoa(formRows))
	v.SetInput(cut(c.Header, noticeTitle), cut(c.Note, noticeText))
	var err error
	switch {
	case len(c.Choices) > 0:
		var choices string
		if choices, err = b.list(list, c); err == nil {
			v.SetSqrefDropList(choices)
		}
	case c.Holds == HoldsDay, c.Holds == HoldsMoment:
		// Whatever the reader takes: see ParseDate.
		err = v.SetRange(serialOf(minYear), serialOf(maxYear+1)-1, excelize.DataValidationTypeDate, excelize.DataValidationOperatorBetween)
	case c.Holds == HoldsNumber:
		err = v.SetRange(c.Min, c.Max, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween)
	}
	if err != nil {
		return err
	}
	if v.Type != "" && !c.Several {
		v.SetError(excelize.DataValidationErrorStyleStop, cut(b.form.Wrong, noticeTitle), cut(c.Note, noticeText))
	}
	return b.AddDataValidation(sheet, v)
}

// serialOf is the first day of a year as a spreadsheet counts days.
func serialOf(year int) float64 {
	return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24
}

// list writes choices into a column of the hidden sheet, since a list within a
// validation may hold no more than 255 characters, and returns where they are.
func (b *formBook) list(number int, c FormColumn) (string, error) {
	name, err := excelize.ColumnNumberToName(number)
	if err != nil {
		return "", err
	}
	sheet := b.form.Lists
	if _, err := b.NewSheet(sheet); err != nil {
		return "", err
	}
	column := slices.Concat([]string{c.Header}, c.Choices)
	if err := errors.Join(b.SetColStyle(sheet, name, b.asText), b.SetSheetCol(sheet, name+"1", &column)); err != nil {
		return "", err
	}
	return fmt.Sprintf("'%s'!$%s$2:$%s$%d", sheet, name, name, len(column)), nil
}

// explanations lays out the sheet that says what each column takes, with the
// example, which so is never imported.
func (b *formBook) explanations() error {
	sheet := b.form.Help
	if _, err := b.NewSheet(sheet); err != nil {
		return err
	}
	rows := [][]string{{b.form.About}, {}, {b.form.HelpColumn, b.form.HelpMust, b.form.HelpNote, b.form.HelpExample}}
	for _, c := range b.form.Columns {
		must := ""
		if c.Required {
			must = b.form.Must
		}
		rows = append(rows, []string{c.Header, must, c.Note, c.Example})
	}
	for i, row := range rows {
		if err := b.SetSheetRow(sheet, "A"+strconv.Itoa(i+1), &row); err != nil {
			return err
		}
	}
	last := "D" + strconv.Itoa(len(rows))
	return errors.Join(
		b.SetColWidth(sheet, "A", "A", 20), b.SetColWidth(sheet, "B", "B", 8), b.SetColWidth(sheet, "C", "C", 60), b.SetColWidth(sheet, "D", "D", 36),
		b.SetCellStyle(sheet, "A1", "A1", b.title), b.SetCellStyle(sheet, "A3", "D3", b.may), b.SetCellStyle(sheet, "A4", last, b.help),
		b.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 3, TopLeftCell: "A4", ActivePane: "bottomLeft"}),
		b.orderSheets(),
	)
}

// orderSheets puts the explanations beside the table, and shows the table.
func (b *formBook) orderSheets() error {
	at, err := b.GetSheetIndex(b.form.Title)
	if err == nil {
		b.SetActiveSheet(at)
	}
	return err
}
