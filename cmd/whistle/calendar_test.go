package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func TestCalendarCommand(t *testing.T) {
	dir, files := t.TempDir(), t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(files, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	expect := func(want int, says string, args ...string) string {
		t.Helper()
		code, out, complaints := whistle(t, dir, append([]string{"calendar"}, args...)...)
		if code != want || !strings.Contains(out+complaints, says) {
			t.Fatalf("%q: exit %d with %q, not %d with %q", args, code, out+complaints, want, says)
		}
		return out + complaints
	}
	chinese, err := simplifiedchinese.GB18030.NewEncoder().String("日期,类型,名称\n2027/1/1,放假,元旦\n2027-1-2,调休,元旦\n46390,休,春节\n")
	if err != nil {
		t.Fatal(err)
	}
	good := file("2027.csv", chinese)
	bad := file("bad.csv", "date,kind,name\n2027-02-30,off,a\n,work,b\n2027-01-01,maybe,c\n2027-01-01,,d\n")
	twice := file("twice.csv", "date,kind\n2027-01-01,off\n2027-01-01,work\n")
	never := "date,kind\n"
	for day := 1; day <= 31; day++ {
		never += "2027-01-" + string(rune('0'+day/10)) + string(rune('0'+day%10)) + ",off\n"
	}

	expect(1, "2027 is not loaded", "show", "2027")
	expect(2, "YEAR must be a year", "show", "soon")
	expect(2, "accepts 1 arg", "show")
	expect(0, "dry run", "import", good, "--dry-run")
	expect(1, "2027 is not loaded", "show", "2027")
	expect(0, "2027: 0 days before, 3 now\nVersion 2: 0 open tickets dated anew, 0 deadlines moved.", "import", good)
	expect(0, "says so already, as version 2", "import", good)
	if out := expect(0, "2027-01-01  off", "show", "2027"); !strings.Contains(out, "2027-01-02  work  元旦") || !strings.Contains(out, "2027-01-03  off   春节") {
		t.Errorf("shows %s", out)
	}
	expect(0, "2026-10-01  off", "show", "2026")
	out := expect(1, "row 2", "import", bad)
	for _, row := range []string{"row 3", "row 4", "row 5"} {
		if !strings.Contains(out, row) {
			t.Errorf("%s is not named in %s", row, out)
		}
	}
	expect(1, "row 3, “date”: is named twice", "import", twice)
	expect(1, "unknown column", "import", file("header.csv", "date,kind,weather\n2027-01-01,off,fine\n"))
	expect(1, "must name at least one day", "import", file("none.csv", "date,kind\n"))
	expect(2, "there is no file", "import", filepath.Join(files, "missing.csv"))
	expect(0, "2027: 3 days before, 31 now", "import", file("january.csv", never))
}
