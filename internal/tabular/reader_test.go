package tabular

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

func itoa(n int) string { return strconv.Itoa(n) }

var people = []Column{
	{Key: "name", Names: []string{"企业名称", "名称", "Name"}, Required: true},
	{Key: "filed_at", Names: []string{"提交时间", "Filed at"}},
	{Key: "tags", Names: []string{"标签"}},
	{Key: "staff", Names: []string{"人数", "Employees"}},
	{Key: "urgent", Names: []string{"是否紧急"}},
}

func open(t *testing.T, content string, cols []Column) *Reader {
	t.Helper()
	r, err := New("test", strings.NewReader(content), cols)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func rows(t *testing.T, r *Reader) []*Row {
	t.Helper()
	var list []*Row
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, row)
	}
}

// workbook is the file that fill makes of an empty one.
func workbook(t *testing.T, fill func(*excelize.File) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	var b bytes.Buffer
	if err := errors.Join(fill(f), f.Write(&b), f.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encode(t *testing.T, e interface {
	String(string) (string, error)
}, s string,
) string {
	t.Helper()
	out, err := e.String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEncodingsAndDividers(t *testing.T) {
	const text = "企业名称,提交时间,标签\n稻米合作社,2023/9/1,\"规上、龙头\"\n虾蟹公司,45170,\n"
	gb := encode(t, simplifiedchinese.GB18030.NewEncoder(), text)
	for name, content := range map[string]string{
		"UTF-8":           text,
		"BOM":             "\ufeff" + text,
		"GB18030":         gb,
		"UTF-16LE":        encode(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder(), text),
		"UTF-16BE":        encode(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder(), text),
		"CRLF":            strings.ReplaceAll(text, "\n", "\r\n"),
		"CR":              strings.ReplaceAll(text, "\n", "\r"),
		"tab":             strings.ReplaceAll(text, ",", "\t"),
		"semicolon":       strings.ReplaceAll(text, ",", ";"),
		"no last newline": strings.TrimSuffix(text, "\n"),
		"leading blank":   "\n,,\n" + text,
		"spaces":          strings.ReplaceAll(text, ",", " , "),
	} {
		t.Run(name, func(t *testing.T) {
			list := rows(t, open(t, content, people))
			if len(list) != 2 {
				t.Fatalf("%d rows", len(list))
			}
			if got := list[0].Text("name", 0); got != "稻米合作社" {
				t.Errorf("name %q", got)
			}
			if got := list[0].List("tags"); !reflect.DeepEqual(got, []string{"规上", "龙头"}) {
				t.Errorf("tags %q", got)
			}
			for _, row := range list {
				if got, ok := row.Date("filed_at"); !ok || got.Format("2006-01-02") != "2023-09-01" {
					t.Errorf("filed %v", got)
				}
				if len(row.Faults()) > 0 {
					t.Errorf("faults %v", row.Faults())
				}
			}
		})
	}
}

// The first byte that tells the encoding may stand behind any buffer.
func TestEncodingIsFoundInTheWholeFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("name,staff\n")
	for i := range 40_000 {
		fmt.Fprintf(&b, "company %d,%d\n", i, i)
	}
	b.WriteString(encode(t, simplifiedchinese.GB18030.NewEncoder(), "集成电路,7\n"))
	list := rows(t, open(t, b.String(), people))
	last := list[len(list)-1]
	if got := last.Text("name", 0); got != "集成电路" || last.Number != 40_002 {
		t.Errorf("row %d: %q", last.Number, got)
	}
}

func TestOneDamagedByteSpoilsOneRow(t *testing.T) {
	text := "企业名称,人数\n稻米合作社,1\n虾蟹公司,2\n花木场,3\n"
	utf := strings.Replace(text, "虾蟹", "虾\xff蟹", 1)
	gb := encode(t, simplifiedchinese.GB18030.NewEncoder(), text)
	gb = strings.Replace(gb, ",2", "\x81,2", 1)
	for name, content := range map[string]string{"UTF-8": utf, "BOM": "\ufeff" + utf, "GB18030": gb, "NUL": strings.Replace(text, "虾蟹", "虾\x00蟹", 1) + strings.Repeat("果蔬,1\n", 20)} {
		list := rows(t, open(t, content, people))
		for i, row := range list {
			if bad := len(row.Faults()) > 0; bad != (i == 1) {
				t.Errorf("%s: row %d: %v", name, row.Number, row.Faults())
			}
		}
		if list[0].Text("name", 0) != "稻米合作社" || list[1].Text("name", 0) != "" {
			t.Errorf("%s: %q, %q", name, list[0].Text("name", 0), list[1].Text("name", 0))
		}
	}
}

func TestHeaderFaultsAllAtOnce(t *testing.T) {
	cols := append([]Column{{Key: "code", Names: []string{"信用代码"}, Required: true}}, people...)
	_, err := New("f.csv", strings.NewReader("\n 企业 名称*,ＮＡＭＥ,地址,filed AT,错误\n"), cols)
	var faults *Faults
	if !errors.As(err, &faults) {
		t.Fatalf("%v", err)
	}
	if faults.Count != 3 || len(faults.List) != 3 {
		t.Fatalf("%v", faults)
	}
	for i, want := range []Fault{
		{Row: 2, Column: "ＮＡＭＥ", Message: "there twice, the first time as “企业 名称*”"},
		{Row: 2, Column: "地址", Message: "unknown column “地址”; rename or delete it. Known: 信用代码 (code), 企业名称 (name)"},
		{Row: 2, Column: "信用代码", Message: "missing; add it under one of these headers: 信用代码, code"},
	} {
		got := faults.List[i]
		if got.Row != want.Row || got.Column != want.Column || !strings.Contains(got.Message, want.Message) {
			t.Errorf("fault %d: %+v", i, got)
		}
	}
}

func TestColumnsThatContradict(t *testing.T) {
	for _, cols := range [][]Column{
		{{Key: "a"}, {Key: "a"}},
		{{Key: ""}},
		{{Key: "a", Names: []string{"名称"}}, {Key: "b", Names: []string{" 名称 "}}},
	} {
		if _, err := New("f", strings.NewReader("a\n"), cols); err == nil {
			t.Errorf("%v accepted", cols)
		}
	}
}

func TestFilesThatAreNoTables(t *testing.T) {
	whole := string(workbook(t, func(*excelize.File) error { return nil }))
	for name, c := range map[string][2]string{
		"empty":     {"", "empty"},
		"bom":       {"\ufeff", "no header"},
		"blank":     {"\n,,\n \n", "no header"},
		"xls":       {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"},
		"html":      {"<html><table>", "web page"},
		"xml":       {"\ufeff<?xml version=\"1.0\"?>", "web page"},
		"pdf":       {"%PDF-1.7", "PDF"},
		"zip":       {"PK\x03\x04 and no more", "no Excel workbook"},
		"truncated": {whole[:len(whole)/2], "no Excel workbook"},
		"binary":    {"\x01\x00\x00\x00\x02\x00\x00\x00", "neither a text file"},
		"sheet":     {whole, "no header"},
		"quote":     {"\"name\n", "never closed"},
	} {
		_, err := New(name, strings.NewReader(c[0]), people)
		if err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none.csv"), people); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestStreamsThatCannotSeek(t *testing.T) {
	r, err := New("pipe", io.MultiReader(strings.NewReader("name\n"), strings.NewReader("稻米\n")), people)
	if err != nil {
		t.Fatal(err)
	}
	if list := rows(t, r); len(list) != 1 || list[0].Text("name", 0) != "稻米" {
		t.Errorf("%v", list)
	}
}

func TestRowsThatCannotBeCut(t *testing.T) {
	const text = "name,tags,staff\n" + // 1
		"a,\"x\ny\",1\n" + // 2, two lines
		"\n" + // 3, blank
		"b,x\n" + // 4, short
		"c,x,1,more\n" + // 5, long
		"d,x,1,,\n" + // 6, blank cells beyond: fine
		"e,\"x\"y,1\n" + // 7, after the quote
		"f,5\" pipe,1\n" + // 8, a quotation mark of its own
		"g, \"x, y\" ,1\n" + // 9, spaces about quotation marks
		"h,\"said \"\"no\"\"\",1\n" + // 10
		"i,\"open,1\n" + // 11, never closed
		"j,x,1\n" // 12
	list := rows(t, open(t, text, people))
	type seen struct {
		row  int
		name string
		tags string
		bad  string
	}
	want := []seen{
		{2, "a", "x\ny", ""},
		{4, "", "", "2 cells and the header 3"},
		{5, "", "", "“more”, stands under no header"},
		{6, "d", "x", ""},
		{7, "", "", "line 8 of the file: text follows a closing quotation mark"},
		{8, "f", `5" pipe`, ""},
		{9, "g", "x, y", ""},
		{10, "h", `said "no"`, ""},
		{11, "", "", "line 12 of the file: a quotation mark is opened and never closed"},
		{12, "j", "x", ""},
	}
	if len(list) != len(want) {
		t.Fatalf("%d rows", len(list))
	}
	for i, w := range want {
		row := list[i]
		row.Required("name", 5)
		got := seen{row.Number, row.Text("name", 0), row.Text("tags", 0), ""}
		switch faults := row.Faults(); {
		case len(faults) > 1:
			t.Errorf("row %d: %v", row.Number, faults)
		case len(faults) == 1 && w.bad != "" && strings.Contains(faults[0].Message, w.bad):
			got.bad = w.bad
		case len(faults) == 1:
			got.bad = faults[0].Message
		}
		if got != w {
			t.Errorf("got %+v, want %+v", got, w)
		}
	}
}

// A quotation mark left open must neither swallow the file nor make reading
// slow.
func TestOpenQuotationMarkInALongFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("name,tags\n\"open,x\n")
	for i := range 300_000 {
		fmt.Fprintf(&b, "n%d,x\n", i)
	}
	list := rows(t, open(t, b.String(), people))
	if len(list) != 300_001 || len(list[0].Faults()) != 1 || list[300_000].Text("name", 0) != "n299999" {
		t.Errorf("%d rows, %v", len(list), list[0].Faults())
	}
}

func TestCells(t *testing.T) {
	cols := []Column{{Key: "a", Names: []string{"甲"}}, {Key: "b"}, {Key: "absent", Names: []string{"丙"}}}
	read := func(cell string) *Row {
		return rows(t, open(t, "甲,b\n\""+strings.ReplaceAll(cell, `"`, `""`)+"\",x\n", cols))[0]
	}
	check := func(row *Row, got, want any, words string) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		faults := row.Faults()
		if words == "" && len(faults) == 0 {
			return
		}
		if words == "" || len(faults) != 1 || !strings.Contains(faults[0].Message, words) || faults[0].Column != "甲" || faults[0].Row != 2 {
			t.Errorf("faults %+v, want %q", faults, words)
		}
	}
	for _, c := range []struct {
		cell  string
		max   int
		want  string
		words string
	}{
		{" 稻米\u3000\u200b", 2, "稻米", ""},
		{"稻米谷", 2, "", "has 3 characters; shorten it to 2"},
		{strings.Repeat("长", 90), 5, "", "“" + strings.Repeat("长", 40) + "…”"},
		{"a\r\nb\rc", 0, "a\nb\nc", ""},
		{"9.13212E+17", 0, "", "shortened"},
		{"1E+05", 0, "1E+05", ""},
		{"#n/a", 0, "", "spreadsheet's error"},
		{"#1 hall", 0, "#1 hall", ""},
		{"'=1+1", 0, "=1+1", ""},
		{"''=1+1", 0, "'=1+1", ""},
		{"'quoted'", 0, "'quoted'", ""},
		{"", 0, "", ""},
	} {
		row := read(c.cell)
		check(row, row.Text("a", c.max), c.want, c.words)
	}
	for cell, words := range map[string]string{"x": "", "": "empty", " \u3000": "empty"} {
		row := read(cell)
		check(row, row.Required("a", 5), strings.Trim(cell, " \u3000"), words)
	}
	for cell, want := range map[string]any{"是": true, "Yes": true, "ＴＲＵＥ": true, "1": true, "否": false, "no": false, "0": false, "False": false, "maybe": "neither yes nor no"} {
		row := read(cell)
		value, ok := row.Bool("a")
		if words, bad := want.(string); bad {
			check(row, ok, false, words)
		} else {
			check(row, []bool{value, ok}, []bool{want.(bool), true}, "")
		}
	}
	for cell, want := range map[string][]string{
		"规上、龙头，专精,特新;a；b|c｜d\ne": {"规上", "龙头", "专精", "特新", "a", "b", "c", "d", "e"},
		" 规上 、、规上":               {"规上"}, "、": nil, "": nil,
	} {
		row := read(cell)
		check(row, row.List("a"), want, "")
	}
	for cell, want := range map[string]any{
		"12": 12, "１２": 12, "1,234": 1234, "1，234": 1234, "-3": -3, "3.0": 3, "1E+05": 100000, "007": 7,
		"3.5": "not a whole number", "12家": "not a whole", "12,34": "not a whole", "0x10": "not a whole", "1_0": "not a whole",
		"99999999999999999999": "not a whole", "1E+300": "not a whole", "inf": "not a whole", "100001": "from -10 to 100000",
	} {
		row := read(cell)
		n, ok := row.Int("a", -10, 100000)
		if words, bad := want.(string); bad {
			check(row, ok, false, words)
		} else {
			check(row, []any{n, ok}, []any{want, true}, "")
		}
	}
	row := read("2023-02-30")
	_, ok := row.Time("a", time.UTC)
	check(row, ok, false, "“2023-02-30”: there is no such day")
	row = read("")
	_, ok = row.Time("a", time.UTC)
	check(row, ok, false, "")

	row = read("x")
	row.Required("absent", 0)
	row.Fault("b", "unknown %s", Quote("x"))
	row.Int("a", 0, 1)
	var order []string
	for _, f := range row.Faults() {
		order = append(order, f.Column)
	}
	if !reflect.DeepEqual(order, []string{"甲", "b", "丙"}) {
		t.Errorf("faults in order %v", order)
	}
	defer func() {
		if recover() == nil {
			t.Error("an undeclared key is read")
		}
	}()
	row.Text("nothing", 0)
}

func TestFaultsAreCappedAndCounted(t *testing.T) {
	var f Faults
	if f.Err() != nil || (*Faults)(nil).Err() != nil {
		t.Error("no faults are an error")
	}
	for i := range MaxFaults + 5 {
		f.Add(Fault{Row: i + 2, Column: "甲", Message: "x"})
	}
	if f.Count != MaxFaults+5 || len(f.List) != MaxFaults {
		t.Errorf("%d, %d", f.Count, len(f.List))
	}
	if got := f.Err().Error(); !strings.HasPrefix(got, "10005 faults: row 2, “甲”: x; row 3") || !strings.HasSuffix(got, "and 10000 more") {
		t.Error(got)
	}
	if got := (Fault{Message: "m"}).String(); got != "m" {
		t.Error(got)
	}
	if got := Quote("a\nb\x07" + strings.Repeat("c", 50)); got != "“a b "+strings.Repeat("c", 36)+"…”" {
		t.Error(got)
	}
}

func TestWorkbook(t *testing.T) {
	content := workbook(t, func(f *excelize.File) error {
		// The choices of a drop-down, hidden and in front.
		if err := errors.Join(f.SetSheetName("Sheet1", "选项"), f.SetCellValue("选项", "A1", "是")); err != nil {
			return err
		}
		i, err := f.NewSheet("企业")
		f.SetActiveSheet(i)
		return errors.Join(
			err,
			f.SetSheetVisible("选项", false),
			f.SetSheetRow("企业", "A2", &[]any{"名称", "提交时间", nil, "是否紧急", "人数"}),
			f.SetSheetRow("企业", "A4", &[]any{"稻米", time.Date(2023, 9, 1, 8, 30, 0, 0, time.UTC), nil, true, 12}),
			f.SetSheetRow("企业", "A5", &[]any{"虾蟹"}),
			f.SetSheetRow("企业", "A6", &[]any{"花木", "2023-9-1", "stray"}),
			f.SetSheetRow("企业", "A7", &[]any{"果蔬", "2023-9-1", nil, "否", 3.5, "beyond"}),
		)
	})
	path := filepath.Join(t.TempDir(), "named.csv")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, people)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if !r.Has("staff") || r.Has("tags") {
		t.Error("Has")
	}
	list := rows(t, r)
	if len(list) != 4 {
		t.Fatalf("%d rows", len(list))
	}
	row := list[0]
	filed, _ := row.Time("filed_at", shanghai)
	urgent, _ := row.Bool("urgent")
	staff, _ := row.Int("staff", 0, 100)
	if row.Number != 4 || row.Text("name", 0) != "稻米" || filed.Format(time.RFC3339) != "2023-09-01T08:30:00+08:00" || !urgent || staff != 12 {
		t.Errorf("row %d: %v %v %v", row.Number, filed, urgent, staff)
	}
	if list[1].Number != 5 || len(list[1].Faults()) != 0 || !list[1].Blank("urgent") {
		t.Errorf("%v", list[1].Faults())
	}
	for i, words := range map[int]string{2: "“stray”, stands under no header", 3: "“beyond”, stands under no header"} {
		if f := list[i].Faults(); len(f) != 1 || !strings.Contains(f[0].Message, words) {
			t.Errorf("%v", f)
		}
	}
}

func TestWorkbookCountingFrom1904(t *testing.T) {
	content := workbook(t, func(f *excelize.File) error {
		yes := true
		return errors.Join(
			f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}),
			f.SetSheetRow("Sheet1", "A1", &[]any{"name", "filed_at"}),
			f.SetSheetRow("Sheet1", "A2", &[]any{"x", time.Date(2023, 9, 1, 0, 0, 0, 0, time.UTC)}),
		)
	})
	row := rows(t, open(t, string(content), people))[0]
	if d, ok := row.Date("filed_at"); !ok || d.Format("2006-01-02") != "2023-09-01" {
		t.Errorf("%v %v", d, row.Faults())
	}
}

// excelize takes broken XML for the end of a sheet; that must not pass for a
// shorter table.
func TestDamagedSheetIsNoShortSheet(t *testing.T) {
	sound := workbook(t, func(f *excelize.File) error {
		return errors.Join(
			f.SetSheetRow("Sheet1", "A1", &[]any{"name"}),
			f.SetSheetRow("Sheet1", "A2", &[]any{"x"}),
			f.SetSheetRow("Sheet1", "A3", &[]any{"y"}),
		)
	})
	damaged := rezip(t, sound, "xl/worksheets/sheet1.xml", func(s string) string {
		return strings.Replace(s, `<row r="3"`, `<row r=3"`, 1)
	})
	if _, err := New("f", bytes.NewReader(damaged), people); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("%v", err)
	}
}

func TestMendedFileIsReadAgain(t *testing.T) {
	const text = "名称,提交时间,人数,错误\n" +
		"=稻米,2023-02-30,many,old words\n" +
		"虾蟹,45170,?\n" +
		"花木,2023-9-1,3,,beyond\n"
	r := open(t, text, people)
	var b bytes.Buffer
	bad, err := NewBadRows(&b, r)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows(t, r) {
		row.Time("filed_at", shanghai)
		row.Int("staff", 0, 10)
		if err := bad.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := bad.Close(); err != nil || bad.Count() != 3 {
		t.Fatal(bad.Count(), err)
	}
	records := must(t, b.String())
	for i, want := range [][]string{
		{"名称", "提交时间", "人数", "fault"},
		{"'=稻米", "2023-02-30", "many"},
		{"虾蟹", "2023-09-01", "?"},
		{"花木", "2023-9-1", "3"},
	} {
		if !reflect.DeepEqual(records[i][:len(want)], want) {
			t.Errorf("%q", records[i])
		}
	}
	if w := records[1][3]; !strings.Contains(w, "提交时间: “2023-02-30”: there is no such day") || !strings.Contains(w, "; 人数: ") {
		t.Error(w)
	}
	if !reflect.DeepEqual(records[3][4:], []string{"beyond"}) {
		t.Errorf("%q", records[3])
	}
	mended := strings.NewReplacer("2023-02-30", "2023-02-28", ",many,", ",1,", ",?,", ",2,", ",beyond", ",").Replace(b.String())
	for _, row := range rows(t, open(t, mended, people)) {
		row.Time("filed_at", shanghai)
		row.Int("staff", 0, 10)
		if len(row.Faults()) > 0 {
			t.Errorf("%v", row.Faults())
		}
	}
}

func TestUnreadableRowStaysBadUntilMended(t *testing.T) {
	r := open(t, "name,staff\n稻\xff米,1\n", people)
	var b bytes.Buffer
	bad, _ := NewBadRows(&b, r)
	if err := errors.Join(bad.Write(rows(t, r)[0]), bad.Close()); err != nil {
		t.Fatal(err)
	}
	if list := rows(t, open(t, b.String(), people)); len(list[0].Faults()) != 1 {
		t.Errorf("%v in %q", list[0].Faults(), b.String())
	}
	if list := rows(t, open(t, "name\n稻\ufffd米\n", people)); len(list[0].Faults()) != 0 {
		t.Errorf("%v", list[0].Faults())
	}
}

func must(t *testing.T, s string) [][]string {
	t.Helper()
	c := csv.NewReader(strings.NewReader(strings.TrimPrefix(s, "\ufeff")))
	c.FieldsPerRecord = -1
	records, err := c.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// The real table has long cells with line breaks; the file lies beside the
// project, not in it.
func TestRealMessages(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "data", "messages_replies.csv")
	if _, err := os.Stat(path); err != nil {
		t.Skip("messages_replies.csv is not beside the project")
	}
	cols := []Column{
		{Key: "number", Names: []string{"留言编号"}, Required: true},
		{Key: "user", Names: []string{"留言用户"}, Required: true},
		{Key: "title", Names: []string{"留言主题"}, Required: true},
		{Key: "filed_at", Names: []string{"留言时间"}, Required: true},
		{Key: "text", Names: []string{"留言详情"}, Required: true},
		{Key: "answer", Names: []string{"答复意见"}, Required: true},
		{Key: "answered_at", Names: []string{"答复时间"}, Required: true},
	}
	plain, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	records := must(t, string(plain))[1:]
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes(bytes.TrimPrefix(plain, []byte("\ufeff")))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"as it is": plain, "GB18030": gb} {
		list := rows(t, open(t, string(content), cols))
		if len(list) != 1971 || len(records) != 1971 {
			t.Fatalf("%s: %d rows, by encoding/csv %d", name, len(list), len(records))
		}
		for i, row := range list {
			for j, c := range cols {
				if got := row.Text(c.Key, 0); got != trim(records[i][j]) {
					t.Fatalf("%s: row %d, %s differs", name, row.Number, c.Key)
				}
			}
			filed, ok1 := row.Time("filed_at", shanghai)
			answered, ok2 := row.Time("answered_at", shanghai)
			if !ok1 || !ok2 || answered.Before(filed) || filed.Year() < 2011 || len(row.Faults()) > 0 {
				t.Errorf("%s: row %d: %v", name, row.Number, row.Faults())
			}
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("name,tags\na,\"x\ny\"\n"))
	f.Add([]byte("\ufeffname\tstaff\r\na\t1\r\n"))
	f.Add([]byte("\xc3\xfb\xb3\xc6;staff\n\xb5\xbe;1\n"))
	f.Add([]byte("name\n\"open\nx\n"))
	f.Add([]byte("\xff\xfen\x00a\x00m\x00e\x00\n\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := New("f", bytes.NewReader(data), people)
		if err != nil {
			return
		}
		defer r.Close()
		var b bytes.Buffer
		bad, err := NewBadRows(&b, r)
		if err != nil {
			t.Fatal(err)
		}
		last := 0
		for {
			row, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return
			}
			if row.Number <= last {
				t.Fatalf("row %d after %d", row.Number, last)
			}
			last = row.Number
			for _, c := range people {
				row.Required(c.Key, 10)
				row.Time(c.Key, shanghai)
				row.Bool(c.Key)
				row.List(c.Key)
				row.Int(c.Key, 0, 9)
			}
			if err := bad.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		if err := bad.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := New("bad", &b, people); err != nil {
			t.Fatalf("bad rows can't be read again: %v\n%q", err, b.String())
		}
	})
}

// What encoding/csv accepts is cut the same here.
func FuzzCSVAgainstStandard(f *testing.F) {
	f.Add("a,\"b\"\"c\",d\n\"x\ny\",,\n")
	f.Add("\"\"\n")
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(s, "\r\x00' ") || strings.Contains(s, "\ufeff") || !utf8.ValidString(s) {
			return // treated otherwise on purpose
		}
		c := csv.NewReader(strings.NewReader(s))
		c.FieldsPerRecord = -1
		want, err := c.ReadAll()
		if err != nil {
			return
		}
		set, _ := newColumns(nil)
		src, err := openCSV(strings.NewReader(s), set)
		if err != nil {
			return
		}
		src.(*csvSource).comma = ','
		var got [][]string
		for {
			cells, fault, err := src.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if strings.HasSuffix(fault.String(), unreadable) {
				return
			}
			if !fault.Empty() || err != nil {
				t.Fatalf("%q: %s %v", s, fault, err)
			}
			if len(cells) == 1 && cells[0] == "" {
				continue // encoding/csv passes over blank lines
			}
			got = append(got, cells)
		}
		var lines [][]string
		for _, w := range want {
			if len(w) != 1 || w[0] != "" {
				lines = append(lines, w)
			}
		}
		if len(got)+len(lines) > 0 && !reflect.DeepEqual(got, lines) {
			t.Fatalf("%q: %q, encoding/csv %q", s, got, lines)
		}
	})
}
