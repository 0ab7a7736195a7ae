package worktime_test

import (
	"database/sql" //nolint:depguard // for the interface that Date fits; no database is opened
	"database/sql/driver"
	"encoding/json"
	"testing"
	"time"

	"whistle/internal/worktime"
)

var (
	_ sql.Scanner   = (*worktime.Date)(nil)
	_ driver.Valuer = worktime.Date{}
)

func TestParseDate(t *testing.T) {
	got, err := worktime.ParseDate("2024-02-29")
	if err != nil || got != (worktime.Date{Year: 2024, Month: 2, Day: 29}) {
		t.Errorf("2024-02-29: got %v, %v", got, err)
	}
	for _, s := range []string{
		"", "2023-02-29", "2023-13-01", "2023-00-10", "2023-1-1", "2023/01/01",
		"20230101", " 2023-01-01", "2023-01-01 ", "2023-01-01T00:00:00Z", "１２３４-01-01",
	} {
		if d, err := worktime.ParseDate(s); err == nil {
			t.Errorf("%q: got %v, want an error", s, d)
		}
	}
}

func TestDateText(t *testing.T) {
	type row struct {
		On worktime.Date `json:"on"`
	}
	b, err := json.Marshal(row{date("2023-10-07")})
	if err != nil || string(b) != `{"on":"2023-10-07"}` {
		t.Fatalf("got %s, %v", b, err)
	}
	var r row
	if err := json.Unmarshal(b, &r); err != nil || r.On != date("2023-10-07") {
		t.Errorf("got %v, %v", r.On, err)
	}
	if err := json.Unmarshal([]byte(`{"on":"2023-02-30"}`), &r); err == nil {
		t.Error("30 February was read")
	}
	if r.On != date("2023-10-07") {
		t.Error("a date was changed by a text that was refused")
	}
	for _, bad := range []worktime.Date{{}, {Year: 2023, Month: 2, Day: 30}, {Year: 10000, Month: 1, Day: 1}, {Year: -1, Month: 1, Day: 1}} {
		if b, err := bad.MarshalText(); err == nil {
			t.Errorf("%v was written as %s", bad, b)
		}
		if v, err := bad.Value(); err == nil {
			t.Errorf("%v was stored as %v", bad, v)
		}
	}
}

func TestDateDatabase(t *testing.T) {
	v, err := date("2023-10-07").Value()
	if err != nil || v != "2023-10-07" {
		t.Fatalf("got %v, %v", v, err)
	}
	for _, src := range []any{"2023-10-07", []byte("2023-10-07"), time.Date(2023, 10, 7, 0, 0, 0, 0, time.UTC)} {
		var d worktime.Date
		if err := d.Scan(src); err != nil || d != date("2023-10-07") {
			t.Errorf("%T: got %v, %v", src, d, err)
		}
	}
	for _, src := range []any{nil, 20231007, "7 Oct 2023"} {
		var d worktime.Date
		if err := d.Scan(src); err == nil {
			t.Errorf("%v: got %v, want an error", src, d)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	d := date("2023-12-31")
	if got := d.AddDays(60); got != date("2024-02-29") {
		t.Errorf("60 days on: %v", got)
	}
	if got := d.AddDays(60).AddDays(-60); got != d {
		t.Errorf("there and back: %v", got)
	}
	if d.Weekday() != time.Sunday {
		t.Errorf("%v is a %v", d, d.Weekday())
	}
	if !d.Before(d.AddDays(1)) || d.Before(d) || d.AddDays(1).Before(d) {
		t.Error("Before is no order")
	}
	if !(worktime.Date{}).IsZero() || d.IsZero() {
		t.Error("IsZero")
	}
}

func TestDateIn(t *testing.T) {
	for _, tt := range []struct{ zone, day, want string }{
		{"Asia/Shanghai", "2023-10-07", "2023-10-07T00:00:00+08:00"},
		// Clocks went from 00:00 to 01:00.
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00"},
		// Clocks went back from 01:00 to 00:00: midnight came twice.
		{"Atlantic/Azores", "2023-10-29", "2023-10-29T00:00:00Z"},
	} {
		if got := date(tt.day).In(zone(tt.zone)).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s in %s: got %s, want %s", tt.day, tt.zone, got, tt.want)
		}
	}
}
