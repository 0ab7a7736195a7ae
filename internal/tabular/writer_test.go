package tabular

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

type state string

func write(t *testing.T, f Format, header []string, list ...[]any) string {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(f, &b, header)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range list {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func rezip(t *testing.T, data []byte, name string, change func(string) string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		if f.Name == name {
			if after := change(string(content)); after != string(content) {
				content = []byte(after)
			} else {
				t.Fatal("nothing changed in " + name)
			}
		}
		w, err := out.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var values = []any{
	Day(time.Date(2023, 9, 1, 23, 30, 0, 0, shanghai)), "稻米, \"一\"\n二", 42, 2.5, true, time.Date(2023, 9, 1, 8, 30, 15, 0, shanghai), nil,
	[]string{"规上", "龙头"},
	json.RawMessage(`{"b": 1, "a": [2]}`), state("closed"), netip.MustParseAddr("10.0.0.1"), (*string)(nil),
	time.Time{},
}

var valueHeader = []string{"day", "text", "int", "float", "bool", "time", "nil", "list", "raw", "named", "marshaler", "pointer", "zero"}

func TestWriteCSV(t *testing.T) {
	got := write(t, CSV, valueHeader, values)
	if !strings.HasPrefix(got, "\ufeffday,text,") {
		t.Errorf("%q", got[:20])
	}
	want := []string{"2023-09-01", "稻米, \"一\"\n二", "42", "2.5", "true", "2023-09-01 08:30:15", "", "规上、龙头", `{"b": 1, "a": [2]}`, "closed", "10.0.0.1", "", ""}
	if records := must(t, got); !reflect.DeepEqual(records[1], want) {
		t.Errorf("%q", records[1])
	}
}

func TestWriteJSONL(t *testing.T) {
	got := write(t, JSONL, valueHeader, values, values)
	want := `{"day":"2023-09-01","text":"稻米, \"一\"\n二","int":42,"float":2.5,"bool":true,"time":"2023-09-01T08:30:15+08:00","nil":null,` +
		`"list":["规上","龙头"],"raw":{"b":1,"a":[2]},"named":"closed","marshaler":"10.0.0.1","pointer":null,"zero":null}` + "\n"
	if got != want+want {
		t.Errorf("%s", got)
	}
	if got := write(t, JSONL, []string{"a"}, []any{"=<&>\xff"}); got != `{"a":"=<&>`+"\ufffd\"}\n" {
		t.Error(got)
	}
}

func TestWriteXLSX(t *testing.T) {
	got := write(t, XLSX, valueHeader, values)
	f, err := excelize.OpenReader(strings.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := f.GetRows("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2023-09-01", "稻米, \"一\"\n二", "42", "2.5", "TRUE", "2023-09-01 08:30:15", "", "规上、龙头", `{"b": 1, "a": [2]}`, "closed", "10.0.0.1"}
	if !reflect.DeepEqual(list[1], want) {
		t.Errorf("%q", list[1])
	}
	for cell, kind := range map[string]excelize.CellType{"A2": excelize.CellTypeUnset, "B2": excelize.CellTypeInlineString, "C2": excelize.CellTypeUnset, "E2": excelize.CellTypeBool, "F2": excelize.CellTypeUnset} {
		if got, _ := f.GetCellType("Sheet1", cell); got != kind {
			t.Errorf("%s has type %v", cell, got)
		}
	}
	if raw, _ := f.GetCellValue("Sheet1", "F2", excelize.Options{RawCellValue: true}); !strings.HasPrefix(raw, "45170.354") {
		t.Errorf("the time is %s", raw)
	}
	if raw, _ := f.GetCellValue("Sheet1", "A2", excelize.Options{RawCellValue: true}); raw != "45170" {
		t.Errorf("the day is %s", raw)
	}
}

// TestWorkbookIsReadable: the header stands out and stays in sight, columns
// are as wide as what they hold, within reason, and texts are never formulas.
func TestWorkbookIsReadable(t *testing.T) {
	list := [][]any{{"=1+1", "短", "第一行\n比较长的第二行", time.Date(2023, 9, 1, 8, 30, 0, 0, shanghai), strings.Repeat("长", 500), 1}}
	for range 2 * sample {
		list = append(list, []any{"913201234567890123", "短", "", nil, "", -12345678901})
	}
	f, err := excelize.OpenReader(strings.NewReader(write(t, XLSX, []string{"代码", "名", "c", "d", "e", "f"}, list...)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for column, want := range map[string]float64{"A": 20, "B": 8, "C": 16, "D": 21, "E": 62, "F": 14} {
		if got, err := f.GetColWidth("Sheet1", column); err != nil || got != want {
			t.Errorf("%s is %v wide, want %v (%v)", column, got, want, err)
		}
	}
	if panes, err := f.GetPanes("Sheet1"); err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("%+v, %v", panes, err)
	}
	if formula, err := f.GetCellFormula("Sheet1", "A2"); formula != "" || err != nil {
		t.Errorf("the formula %q, %v", formula, err)
	}
	if kind, err := f.GetCellType("Sheet1", "A3"); kind != excelize.CellTypeInlineString || err != nil {
		t.Errorf("a long number is %v, %v", kind, err)
	}
	if rows, err := f.GetRows("Sheet1"); err != nil || len(rows) != 2+2*sample || rows[2*sample+1][0] != "913201234567890123" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

// TestMemoryStaysFlat: a large workbook is written without being held.
func TestMemoryStaysFlat(t *testing.T) {
	const many = 150_000
	for _, format := range []Format{CSV, XLSX} {
		w, err := NewWriter(format, io.Discard, []string{"a", "b", "c"})
		if err != nil {
			t.Fatal(err)
		}
		var most uint64
		for i := range many {
			if err := w.Write([]any{i, strings.Repeat("字", 40), time.Date(2023, 9, 1, 0, 0, i, 0, shanghai)}); err != nil {
				t.Fatal(err)
			}
			if i%(many/5) == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		// The rows are some 40 MB as they come, the sheet's text is more.
		if most > 32<<20 {
			t.Errorf("%s: %d MB are held", format, most>>20)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	cols := []Column{{Key: "text"}, {Key: "n"}, {Key: "at"}, {Key: "yes"}, {Key: "list"}}
	header := []string{"text", "n", "at", "yes", "list"}
	texts := []string{
		"稻米", "=1+1", "+86 138", "-5", "@x", "'=1+1", "''=x", "'plain", "a\nb", `"`, `""`, `a"b`, ",;\t|x", "_x000D_", "_x005F_", "<&>", "007",
		"＝1", "a\n=b", "-5", "-5a", "000123", "'000123", "''913201234567890123", "913201234567890123", "😀 𠮷", strings.Repeat("长", 20_000), "1,234", "a\tb", "TRUE", "9132",
	}
	at := time.Date(2023, 12, 31, 23, 59, 59, 0, shanghai)
	var list [][]any
	for i, s := range texts {
		list = append(list, []any{s, i - 3, at.AddDate(0, 0, i), i%2 == 0, []string{"一", "二"}})
	}
	for _, format := range []Format{CSV, XLSX} {
		got := rows(t, open(t, write(t, format, header, list...), cols))
		if len(got) != len(texts) {
			t.Fatalf("%s: %d rows", format, len(got))
		}
		for i, row := range got {
			n, _ := row.Int("n", -10, 100)
			when, _ := row.Time("at", shanghai)
			yes, _ := row.Bool("yes")
			if s := row.Text("text", 0); s != texts[i] || n != i-3 || !when.Equal(at.AddDate(0, 0, i)) || yes != (i%2 == 0) || len(row.List("list")) != 2 || row.Number != i+2 {
				t.Errorf("%s: %s %d %v %v %v", format, Quote(s), n, when, yes, row.Faults())
			}
		}
	}
}

func TestNoFormulaInCSV(t *testing.T) {
	for _, s := range []string{
		"=1", "+1", "-1+1", "-a", "@x", "\tx", "\rx", "\nx", "'=1", " =1", "\u3000=1", "\u00a0\u200b=1", "' =1", " '=1", "＝1", "＋1", "－1", "＠x", " ＝1", "- 5", "-5\n=1",
		"913201234567890123", "000123", "'000123", "+8613800000000", "=", "-",
	} {
		out := write(t, CSV, []string{s}, []any{s}, []any{state(s)}, []any{[]string{s}})
		for _, record := range must(t, out) {
			if !strings.HasPrefix(record[0], "'") {
				t.Errorf("%q", record[0])
			}
		}
	}
	for _, v := range []any{-5, -2.5, "-5", "-2.5", "5-5", "a=1", "0", "0.5", "13800000000", "2023-000001", "'plain"} {
		if out := write(t, CSV, []string{"n"}, []any{v}); !strings.HasSuffix(out, "n\n"+fmt.Sprint(v)+"\n") {
			t.Errorf("%v is written as %q", v, out)
		}
	}
}

func TestWriterRefuses(t *testing.T) {
	for _, format := range Formats {
		for _, header := range [][]string{nil, {"a", "a"}} {
			if _, err := NewWriter(format, io.Discard, header); err == nil {
				t.Errorf("%s: header %v accepted", format, header)
			}
		}
		for _, row := range [][]any{{}, {1, 2}, {math.NaN()}, {math.Inf(1)}, {struct{}{}}, {map[string]int{}}} {
			w, err := NewWriter(format, io.Discard, []string{"a"})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(row); err == nil || !strings.Contains(err.Error(), "row 1") {
				t.Errorf("%s: %v: %v", format, row, err)
			}
			_ = w.Close() // not every format tells again what it refused
		}
	}
	if _, err := NewWriter("ods", io.Discard, []string{"a"}); err == nil {
		t.Error("ods accepted")
	}
	w, _ := NewWriter(JSONL, io.Discard, []string{"a"})
	if err := w.Write([]any{json.RawMessage("{")}); err == nil {
		t.Error("broken JSON accepted")
	}
}

func TestWorkbookLimits(t *testing.T) {
	w, _ := NewWriter(XLSX, io.Discard, []string{"a"})
	if err := w.Write([]any{strings.Repeat("长", 32_767)}); err != nil {
		t.Error(err)
	}
	if err := w.Write([]any{strings.Repeat("长", 32_768)}); err == nil || !strings.Contains(err.Error(), "32767") {
		t.Error(err)
	}
	if err := w.Close(); err == nil {
		t.Error("a file with an error is finished")
	}

	x, err := newXLSXWriter(io.Discard, []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	if x.maxRows != 1_048_576 {
		t.Error(x.maxRows)
	}
	x.maxRows = 3
	for i := range 3 {
		if err := x.Write([]any{i}); (err != nil) != (i == 2) {
			t.Errorf("row %d: %v", i, err)
		}
	}
	_ = x.Close() // to free it; it tells again what it refused

	cells := rows(t, open(t, write(t, XLSX, []string{"a"}, []any{int64(913212345678901234)}, []any{uint64(math.MaxUint64)}), []Column{{Key: "a"}}))
	if cells[0].Text("a", 0) != "913212345678901234" || cells[1].Text("a", 0) != "18446744073709551615" {
		t.Errorf("%q %q", cells[0].Text("a", 0), cells[1].Text("a", 0))
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrorsArrive(t *testing.T) {
	for _, format := range Formats {
		w, err := NewWriter(format, full{}, []string{"a"})
		if err != nil {
			continue
		}
		_ = w.Write([]any{1}) // by the end the error has to be told, not at once
		if err := w.Close(); err == nil {
			t.Errorf("%s: no error", format)
		}
	}
}

func TestParseFormat(t *testing.T) {
	for _, f := range Formats {
		if got, err := ParseFormat(strings.ToUpper(string(f))); got != f || err != nil {
			t.Errorf("%v %v", got, err)
		}
		if f.ContentType() == Format("").ContentType() {
			t.Errorf("%s has no media type", f)
		}
	}
	if _, err := ParseFormat("xls"); err == nil || !strings.Contains(err.Error(), "csv, xlsx or jsonl") {
		t.Error(err)
	}
}
