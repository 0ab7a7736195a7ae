package worktime

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed holidays.txt
var holidays string

// Builtin is the public holidays and make-up working days of mainland China
// from 2015 to 2026, sorted by date, from the State Council's yearly notices.
// Before and after these years only weekends are known. The slice is the
// caller's own.
func Builtin() []Day {
	days, err := parseHolidays(holidays)
	if err != nil {
		panic(err) // the table is part of the program, and a test reads it
	}
	return days
}

// parseHolidays reads the form that holidays.txt describes.
func parseHolidays(text string) ([]Day, error) {
	var days []Day
	n := 0
	for line := range strings.Lines(text) {
		n++
		f := strings.Fields(line)
		if len(f) == 0 || f[0][0] == '#' {
			continue
		}
		if len(f) < 3 {
			return nil, fmt.Errorf("holidays, line %d: want a name and two dates", n)
		}
		from, err := ParseDate(f[1])
		if err != nil {
			return nil, fmt.Errorf("holidays, line %d: %w", n, err)
		}
		to, err := ParseDate(f[2])
		if err != nil {
			return nil, fmt.Errorf("holidays, line %d: %w", n, err)
		}
		if to.Before(from) {
			return nil, fmt.Errorf("holidays, line %d: ends before it begins", n)
		}
		for d := from; !to.Before(d); d = d.AddDays(1) {
			days = append(days, Day{d, Off, f[0]})
		}
		for _, s := range f[3:] {
			s, plus := strings.CutPrefix(s, "+")
			d, err := ParseDate(s)
			if err != nil || !plus {
				return nil, fmt.Errorf("holidays, line %d: want a make-up day as +2006-01-02", n)
			}
			days = append(days, Day{d, Work, f[0]})
		}
	}
	slices.SortFunc(days, func(a, b Day) int { return a.Date.Compare(b.Date) })
	return days, nil
}
