package worktime_test

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/worktime"
)

// beside opens a CSV of the data that lies beside the repository and isn't
// part of it, and gives its rows by column name.
func beside(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open("../../../shared/data/" + file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not beside the repository", file)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows[0][0] = strings.TrimPrefix(rows[0][0], "\ufeff")
	var out []map[string]string
	for _, r := range rows[1:] {
		m := make(map[string]string, len(r))
		for i, v := range r {
			m[rows[0][i]] = v
		}
		out = append(out, m)
	}
	return out
}

func TestBuiltinAgreesWithTheNotices(t *testing.T) {
	var want []worktime.Day
	for _, r := range beside(t, "cn-calendar.csv") {
		want = append(want, worktime.Day{Date: date(r["date"]), Kind: worktime.Kind(r["kind"]), Name: r["name"]})
	}
	if !slices.Equal(worktime.Builtin(), want) {
		t.Error("the table and the file differ")
	}
}

// TestRealReplies measures real replies against a term of 15 working days.
func TestRealReplies(t *testing.T) {
	rows := beside(t, "messages_replies.csv")
	moment := func(s string) time.Time {
		for _, layout := range []string{time.DateTime, "2006/1/2 15:04:05", "2006/1/2 15:04"} {
			if m, err := time.ParseInLocation(layout, strings.TrimSpace(s), shanghai.Location()); err == nil {
				return m
			}
		}
		t.Fatal("a row without a time")
		panic("unreachable")
	}
	holidaysOnly := mustNew(shanghai.Location(), worktime.DefaultShifts(),
		slices.DeleteFunc(worktime.Builtin(), func(d worktime.Day) bool { return d.Kind == worktime.Work }))
	due := func(c *worktime.Calendar, filed time.Time) time.Time {
		d, err := c.NthWorkingDayClose(filed, 15)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	inTime, moved, flipped := 0, 0, 0
	for _, r := range rows {
		filed, replied := moment(r["留言时间"]), moment(r["答复时间"])
		right, wrong := due(shanghai, filed), due(holidaysOnly, filed)
		if !replied.After(right) {
			inTime++
		}
		if !right.Equal(wrong) {
			moved++
		}
		if replied.After(right) != replied.After(wrong) {
			flipped++
		}
	}
	if len(rows) != 1971 || inTime != 1451 {
		t.Errorf("%d of %d in time, want 1451 of 1971", inTime, len(rows))
	}
	if moved != 472 || flipped != 15 {
		t.Errorf("ignoring make-up days moves %d deadlines and flips %d verdicts, want 472 and 15", moved, flipped)
	}
}
