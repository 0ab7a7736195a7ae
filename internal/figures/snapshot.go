package figures

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"whistle/internal/worktime"
)

// Kind is how long a frozen period is.
type Kind string

// The kinds. The year to date is frozen as of the end of every day, and so of
// every week and month too.
const (
	Daily      Kind = "daily"
	Weekly     Kind = "weekly" // Monday to Sunday
	Monthly    Kind = "monthly"
	YearToDate Kind = "year_to_date"
)

// Period is what one snapshot is about, both days included.
type Period struct {
	Kind     Kind
	FromDate worktime.Date
	ToDate   worktime.Date
}

// Ending gives the periods that end with a day.
func Ending(day worktime.Date) []Period {
	periods := []Period{
		{Daily, day, day},
		{YearToDate, worktime.Date{Year: day.Year, Month: time.January, Day: 1}, day},
	}
	if day.Weekday() == time.Sunday {
		periods = append(periods, Period{Weekly, Monday(day), day})
	}
	if endsMonth(day) {
		periods = append(periods, Period{Monthly, worktime.Date{Year: day.Year, Month: day.Month, Day: 1}, day})
	}
	return periods
}

// Containing is the week, or the month, that a day is in; ok is false for other
// kinds.
func Containing(kind Kind, day worktime.Date) (p Period, ok bool) {
	switch kind {
	case Weekly:
		monday := Monday(day)
		return Period{Weekly, monday, monday.AddDays(6)}, true
	case Monthly:
		last := day
		for !endsMonth(last) {
			last = last.AddDays(1)
		}
		return Period{Monthly, worktime.Date{Year: day.Year, Month: day.Month, Day: 1}, last}, true
	case Daily, YearToDate:
	}
	return Period{}, false
}

// Monday is the first day of the week that a day is in.
func Monday(day worktime.Date) worktime.Date {
	return day.AddDays(-(int(day.Weekday()) + 6) % 7)
}

func endsMonth(day worktime.Date) bool { return day.AddDays(1).Day == 1 }

// KeepsMembers says whether the snapshot of the period keeps what it counted
// and not only its digest: that of a month, and the year to date at its end.
func (p Period) KeepsMembers() bool {
	return endsMonth(p.ToDate) && (p.Kind == Monthly || p.Kind == YearToDate)
}

// AsOf is the last instant of the period.
func (p Period) AsOf(zone *time.Location) time.Time {
	return p.ToDate.AddDays(1).In(zone).Add(-time.Microsecond).UTC()
}

// CatchUpDays is how far back days and weeks that nobody froze are still
// frozen; months are frozen back to the first ticket. Beyond it a daily figure
// is of no use to anybody, and ten years that were imported would be thousands
// of them.
const CatchUpDays = 35

// Due lists what is to be frozen: every period that ended before today, from
// the first day anything was filed, and is not frozen yet. The years to date of
// months come with the months; older ones of days do not.
func Due(first, today worktime.Date, frozen map[Period]bool) []Period {
	recent := today.AddDays(-CatchUpDays)
	var due []Period
	for day := first; day.Before(today); day = day.AddDays(1) {
		if day.Before(recent) && !endsMonth(day) {
			continue
		}
		for _, p := range Ending(day) {
			if !frozen[p] && (!day.Before(recent) || p.KeepsMembers()) {
				due = append(due, p)
			}
		}
	}
	return due
}

// Snapshot is the figures of a period as they were published.
type Snapshot struct {
	ID                string
	Period            `gorm:"embedded"`
	AsOf              time.Time // the last instant of the period
	RecordedBy        time.Time // the freeze; what was written down later is not in it
	DefinitionVersion int
	Rates             []string `gorm:"serializer:json"` // names, in the order of the bits of its members
	Figures           Report   `gorm:"serializer:json"`
	MembersDigest     string
	HeadsDigest       string // of the heads of all histories
	HeadsCount        int
}

// TableName of the snapshots.
func (Snapshot) TableName() string { return "snapshots" }

// Query is what the snapshot counted.
func (s *Snapshot) Query() Query {
	return Query{
		From: s.FromDate, To: s.ToDate, AsOf: s.AsOf, RecordedBy: s.RecordedBy,
		By: ByDepartment, Scope: Scope{All: true},
	}
}

// Counted is a fact with the rates that counted it: bit n stands for the n-th
// rate of the list that goes with it.
type Counted struct {
	Base         Base
	TicketID     string
	Item         int // which dispatch or summons of the ticket; 0 for itself
	Denominators int64
	Numerators   int64
}

// RateNames lists the rates in the order of the table.
func RateNames() []string {
	names := make([]string, len(rates))
	for i, d := range rates {
		names[i] = d.Name
	}
	return names
}

// MembersDigest is the hex SHA-256 of a text of lines: the names of the rates
// joined by commas, then one line for each fact, sorted by base, ticket and
// item: base, ticket, item, and the bits of denominators and numerators in
// hexadecimal, separated by blanks. It sorts the members.
func MembersDigest(rates []string, members []Counted) string {
	slices.SortFunc(members, func(a, b Counted) int {
		return cmp.Or(cmp.Compare(a.Base, b.Base), cmp.Compare(a.TicketID, b.TicketID), cmp.Compare(a.Item, b.Item))
	})
	digest := sha256.New()
	line := []byte(strings.Join(rates, ",") + "\n")
	for _, m := range members {
		_, _ = digest.Write(line)
		line = append(append(append(line[:0], m.Base...), ' '), m.TicketID...)
		line = strconv.AppendInt(append(line, ' '), int64(m.Item), 10)
		line = strconv.AppendInt(append(line, ' '), m.Denominators, 16)
		line = strconv.AppendInt(append(line, ' '), m.Numerators, 16)
		line = append(line, '\n')
	}
	_, _ = digest.Write(line)
	return hex.EncodeToString(digest.Sum(nil))
}

// Value is one figure: a count, a rate or a length of time.
type Value struct {
	Ratio  *Ratio // of a rate
	Number string // of everything else, in decimal
}

func (v Value) String() string {
	if v.Ratio != nil {
		return fmt.Sprintf("%d / %d", v.Ratio.Numerator, v.Ratio.Denominator)
	}
	return v.Number
}

// Difference is a figure that two counts give differently.
type Difference struct {
	Group  string // "" for the total
	Name   string // of the group
	Figure string
	Was    Value
	Is     Value
}

// Differences compares two reports figure by figure, in a steady order.
func Differences(was, is *Report) []Difference {
	differences := compareCounts(Group{Counts: was.Total}, Group{Counts: is.Total})
	if was.Coverage != nil && is.Coverage != nil {
		differences = append(differences, CompareCoverage(*was.Coverage, *is.Coverage)...)
	}
	groups := map[string][2]Group{}
	for side, report := range []*Report{was, is} {
		for _, g := range report.Groups {
			pair := groups[g.Key]
			pair[side] = g
			groups[g.Key] = pair
		}
	}
	keys := make([]string, 0, len(groups))
	for key := range groups {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		differences = append(differences, compareCounts(groups[key][0], groups[key][1])...)
	}
	return differences
}

func compareCounts(was, is Group) []Difference {
	group := Group{Key: cmp.Or(was.Key, is.Key), Name: cmp.Or(was.Name, is.Name)}
	before, after := was.Counts.values(), is.Counts.values()
	var differences []Difference
	for _, name := range valueNames() {
		if b, a := before[name], after[name]; b.String() != a.String() {
			differences = append(differences, Difference{group.Key, group.Name, name, b, a})
		}
	}
	return differences
}

// The figures beside the rates, as differences name them.
const handlingPrefix = "handling_hours."

func valueNames() []string {
	var names []string
	for _, d := range plain {
		names = append(names, d.Name)
	}
	names = append(names, RateNames()...)
	return append(names, handlingPrefix+"median", handlingPrefix+"p90", handlingPrefix+"mean")
}

func (c Counts) values() map[string]Value {
	whole := func(n int64) Value { return Value{Number: strconv.FormatInt(n, 10)} }
	hours := func(h float64) Value { return Value{Number: strconv.FormatFloat(h, 'f', 2, 64)} }
	values := map[string]Value{
		"tickets": whole(c.Tickets), "filed": whole(c.Filed), "solved": whole(c.Solved),
		"in_progress": whole(c.InProgress), "closed": whole(c.Closed),
		handlingPrefix + "median": hours(c.Handling.Median),
		handlingPrefix + "p90":    hours(c.Handling.P90),
		handlingPrefix + "mean":   hours(c.Handling.Mean),
	}
	for _, reason := range Exclusions {
		values[excludedPrefix+reason] = whole(c.Excluded[reason])
	}
	for _, name := range RateNames() {
		ratio := c.Rates[name]
		values[name] = Value{Ratio: &ratio}
	}
	return values
}
