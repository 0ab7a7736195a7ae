package worktime

import "testing"

func TestParseHolidaysFaults(t *testing.T) {
	for _, line := range []string{
		"国庆节 2023-10-01",
		"国庆节 2023-10-00 2023-10-07",
		"国庆节 2023-10-01 2023-10-32",
		"国庆节 2023-10-07 2023-10-01",
		"国庆节 2023-10-01 2023-10-07 2023-10-08",
		"国庆节 2023-10-01 2023-10-07 +10-08",
	} {
		if days, err := parseHolidays("# a comment\n\n" + line + "\n"); err == nil {
			t.Errorf("%q: got %v, want an error", line, days)
		}
	}
}
