package tabular

import (
	"strings"
	"testing"
	"time"
)

var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

func TestParseTime(t *testing.T) {
	for in, want := range map[string]string{
		"2023-09-01":                    "2023-09-01T00:00:00+08:00",
		"2023/9/1":                      "2023-09-01T00:00:00+08:00",
		"2023.9.1":                      "2023-09-01T00:00:00+08:00",
		"20230901":                      "2023-09-01T00:00:00+08:00",
		"202309010830":                  "2023-09-01T08:30:00+08:00",
		"20230901083015":                "2023-09-01T08:30:15+08:00",
		"2023年9月1日":                     "2023-09-01T00:00:00+08:00",
		"2023年9月1号":                     "2023-09-01T00:00:00+08:00",
		"2023年9月1日 8时30分":               "2023-09-01T08:30:00+08:00",
		"2023年9月1日8时30分15秒":             "2023-09-01T08:30:15+08:00",
		"2023年9月1日8点":                   "2023-09-01T08:00:00+08:00",
		"2023年9月1日 8:30":                "2023-09-01T08:30:00+08:00",
		"2023 年 9 月 1 日":                "2023-09-01T00:00:00+08:00",
		"2023-09-01 8:30":               "2023-09-01T08:30:00+08:00",
		"2023-09-01 08:30:00":           "2023-09-01T08:30:00+08:00",
		"2023/9/1  8:30:59":             "2023-09-01T08:30:59+08:00",
		"2023-09-01T08:30:00":           "2023-09-01T08:30:00+08:00",
		"2023-09-01T00:30:00Z":          "2023-09-01T00:30:00Z",
		"2023-09-01t08:30:00.25+08:00":  "2023-09-01T08:30:00.25+08:00",
		"2023-09-01 08:30:00-0530":      "2023-09-01T08:30:00-05:30",
		"２０２３／９／１　８：３０":                 "2023-09-01T08:30:00+08:00",
		" 2023-09-01\u00a0\ufeff":       "2023-09-01T00:00:00+08:00",
		"2024-02-29":                    "2024-02-29T00:00:00+08:00",
		"1900-01-01":                    "1900-01-01T00:00:00+08:00",
		"45170":                         "2023-09-01T00:00:00+08:00",
		"45170.354166":                  "2023-09-01T08:30:00+08:00",
		"45170.35416666666":             "2023-09-01T08:30:00+08:00",
		"45170.99999999":                "2023-09-02T00:00:00+08:00",
		"1":                             "1900-01-01T00:00:00+08:00",
		"59":                            "1900-02-28T00:00:00+08:00",
		"61":                            "1900-03-01T00:00:00+08:00",
		"20239":                         "1955-05-30T00:00:00+08:00",
		"43567.67222222222":             "2019-04-12T16:08:00+08:00",
		"2019-04-24 16:03:40":           "2019-04-24T16:03:40+08:00",
		"2023-09-01 08:30:00.123456789": "2023-09-01T08:30:00.123456789+08:00",
	} {
		got, err := ParseTime(in, shanghai)
		if err != nil {
			t.Errorf("ParseTime(%q): %v", in, err)
		} else if s := got.Format(time.RFC3339Nano); s != want {
			t.Errorf("ParseTime(%q) = %s, want %s", in, s, want)
		}
	}
}

func TestParseTimeRefuses(t *testing.T) {
	for in, words := range map[string]string{
		"2023-02-30":                "no such day",
		"2023-02-29":                "no such day",
		"2023-13-01":                "no such day",
		"2023-00-10":                "no such day",
		"20230231":                  "no such day",
		"2023年2月30日":                "no such day",
		"2023-09-01 24:00":          "next day",
		"2023-09-01 25:00":          "no such time",
		"2023-09-01 08:60":          "no such time",
		"23-9-1":                    "four digits|all four",
		"23/09/01 8:30":             "all four",
		"23年9月1日":                   "all four",
		"230901":                    "all four",
		"9/1/2023":                  "begin with the year",
		"1-9-23":                    "begin with the year",
		"2023":                      "day is missing",
		"2023年":                     "day is missing",
		"2023.9":                    "day is missing",
		"2023-09":                   "day is missing",
		"2023年9月":                   "day is missing",
		"202309":                    "day is missing",
		"0.354":                     "day is missing",
		"0":                         "day is missing",
		"60":                        "1900-02-29",
		"60.5":                      "1900-02-29",
		"2023/9-1":                  "mixes",
		"2023年9-1":                  "mixes",
		"2023/9/18:30":              "run together",
		"2023-09-01 8":              "time of day can't be read",
		"2023-09-01T":               "time of day can't be read",
		"2023-09-01 八点":             "time of day can't be read",
		"2023-09-01 3:00 PM":        "time of day can't be read",
		"2023-09-01 08:30:00+25:00": "offset",
		"1823-09-01":                "1900 and 2199",
		"9999-12-31":                "1900 and 2199",
		"-45170":                    "no date",
		"451700":                    "",
		"4.5e4":                     "no date",
		"昨天":                        "no date",
		"":                          "no date",
	} {
		got, err := ParseTime(in, shanghai)
		if err == nil {
			t.Errorf("ParseTime(%q) = %s, want an error", in, got)
			continue
		}
		found := false
		for _, w := range strings.Split(words, "|") {
			found = found || strings.Contains(err.Error(), w)
		}
		if !found {
			t.Errorf("ParseTime(%q): %q does not say %q", in, err, words)
		}
	}
}

func TestParseTimeSkippedByTheClock(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no zone data here")
	}
	if got, err := ParseTime("2023-03-26 02:30", berlin); err == nil {
		t.Errorf("got %s for an hour that Berlin skipped", got)
	}
	if _, err := ParseTime("2023-03-26 03:30", berlin); err != nil {
		t.Error(err)
	}
}

func TestParseDate(t *testing.T) {
	for in, want := range map[string]string{
		"2023-09-01":      "2023-09-01",
		"2023/9/1 23:59":  "2023-09-01",
		"45170.9999":      "2023-09-01",
		"2023年10月1日":      "2023-10-01",
		"1900-03-01 8:00": "1900-03-01",
	} {
		got, err := ParseDate(in)
		if err != nil || got.Format("2006-01-02") != want || got.Hour() != 0 || got.Location() != time.UTC {
			t.Errorf("ParseDate(%q) = %v, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"2023-08-31T16:00:00Z", "2023-02-30", "soon"} {
		if got, err := ParseDate(in); err == nil {
			t.Errorf("ParseDate(%q) = %v, want an error", in, got)
		}
	}
}

// Every serial names the day after the one before it, whatever the system.
func TestSerialsAreConsecutiveDays(t *testing.T) {
	day := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := 1; n < 61000; n++ {
		if n == 60 || n >= 1900 && n <= 2199 {
			if n != 60 {
				day = day.AddDate(0, 0, 1)
			}
			continue
		}
		got, serial, err := parseTime(itoa(n), time.UTC, false)
		if err != nil || !serial || !got.Equal(day) {
			t.Fatalf("serial %d: %v, %v; want %v", n, got, err, day)
		}
		day = day.AddDate(0, 0, 1)
	}
	got, _, err := parseTime("43708", time.UTC, true)
	if err != nil || got.Format("2006-01-02") != "2023-09-01" {
		t.Errorf("43708 counted from 1904: %v, %v", got, err)
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2023-9-1", "2023年9月1日 8时30分", "45170.354166", "20230901", "2023-09-01T08:30:00+08:00", "60", "２０２３／９／１"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseTime(s, shanghai)
		if err != nil {
			if !got.IsZero() {
				t.Errorf("%q: an error and %v", s, got)
			}
			return
		}
		if y := got.Year(); y < minYear || y > maxYear {
			t.Errorf("%q: year %d", s, y)
		}
		// What was understood reads back the same from its plain form.
		again, err := ParseTime(got.Format(time.RFC3339Nano), time.UTC)
		if err != nil || !again.Equal(got) {
			t.Errorf("%q: %v, read again %v, %v", s, got, again, err)
		}
	})
}
