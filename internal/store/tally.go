package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"whistle/internal/figures"
	"whistle/internal/worktime"
)

// TallyBy is by what a tally counts beside the total.
type TallyBy struct {
	Cuts  []figures.Cut
	Weeks bool
}

// Tally is what a query counts, in total and by several cuts at once.
type Tally struct {
	Total figures.Counts
	Cuts  map[figures.Cut]map[string]figures.Counts // the key "" is what has none
	Weeks map[worktime.Date]figures.Counts          // by the Monday of the week
}

// Tally counts every figure, with one statement for each kind of fact. It
// reads every fact once, however much is asked for: the median of the handling
// times needs each of them anyway. The cut of the query is of no account.
func (s *Store) Tally(ctx context.Context, q figures.Query, zone *time.Location, by TallyBy) (*Tally, error) {
	sums := sums{TallyBy: by, total: &sum{}, keyed: make([]map[string]*sum, len(by.Cuts)), weeks: map[worktime.Date]*sum{}}
	for i := range by.Cuts {
		sums.keyed[i] = map[string]*sum{}
	}
	for over := range bases {
		if err := s.tallyOver(ctx, over, q, zone, &sums); err != nil {
			return nil, err
		}
	}
	t := &Tally{Total: sums.total.counts(), Cuts: map[figures.Cut]map[string]figures.Counts{}, Weeks: map[worktime.Date]figures.Counts{}}
	for i, cut := range by.Cuts {
		t.Cuts[cut] = map[string]figures.Counts{}
		for key, sum := range sums.keyed[i] {
			t.Cuts[cut][key] = sum.counts()
		}
	}
	for monday, sum := range sums.weeks {
		t.Weeks[monday] = sum.counts()
	}
	return t, nil
}

// definitions in the order of the bits that say what counts a fact.
var definitions = figures.Definitions()

// sum is how many facts each definition counts.
type sum struct {
	denominators, numerators [32]int64 // by the definition's place
	handling                 []int64   // seconds
}

// sums are the totals of a tally in the making.
type sums struct {
	TallyBy
	total *sum
	keyed []map[string]*sum // in the order of the cuts
	weeks map[worktime.Date]*sum
}

func (s *sum) add(denominators, numerators int64, handling *int64) {
	for i := range definitions {
		s.denominators[i] += denominators >> i & 1
		s.numerators[i] += numerators >> i & 1
	}
	if handling != nil {
		s.handling = append(s.handling, *handling)
	}
}

func (s *sum) counts() figures.Counts {
	c := figures.NewCounts()
	for i, d := range definitions {
		c.Add(d, s.denominators[i], s.numerators[i])
	}
	c.Handling = figures.HandlingOf(s.handling)
	return c
}

// of is the sum of a key, begun with its first fact.
func of[K comparable](sums map[K]*sum, key K) *sum {
	if sums[key] == nil {
		sums[key] = &sum{}
	}
	return sums[key]
}

// bits are two expressions: the definitions of a kind of fact whose
// denominator, and whose numerator, counts a row, each as a bit.
func bits(over figures.Base) (denominators, numerators string) {
	var d, n []string
	for i, definition := range definitions {
		if definition.Over == over {
			d = append(d, fmt.Sprintf("CASE WHEN %s THEN %d ELSE 0 END", definition.Denominator, 1<<i))
			n = append(n, fmt.Sprintf("CASE WHEN %s THEN %d ELSE 0 END", inNumerator(definition), 1<<i))
		}
	}
	return strings.Join(d, " + "), strings.Join(n, " + ")
}

func (s *Store) tallyOver(ctx context.Context, over figures.Base, q figures.Query, zone *time.Location, sums *sums) error {
	denominators, numerators := bits(over)
	handling := "NULL"
	if over == figures.Tickets {
		handling = "CASE WHEN " + figures.Handled + " THEN handling_seconds END"
	}
	columns := []string{denominators, numerators, handling}
	for _, cut := range sums.Cuts {
		columns = append(columns, cutColumns[cut])
	}
	if sums.Weeks {
		columns = append(columns, bases[over].moment)
	}
	rows, err := s.facts(ctx, over, q, zone).Select(strings.Join(columns, ", "), moments(q)).Rows()
	if err != nil {
		return translate(err)
	}
	defer rows.Close()
	var at time.Time
	var d, n int64
	var seconds *int64
	values := make([]string, len(sums.Cuts))
	targets := []any{&d, &n, &seconds}
	for i := range values {
		targets = append(targets, &values[i])
	}
	if sums.Weeks {
		targets = append(targets, &at)
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		sums.total.add(d, n, seconds)
		if sums.Weeks {
			of(sums.weeks, figures.Monday(worktime.DateOf(at.In(zone)))).add(d, n, seconds)
		}
		for i, cut := range sums.Cuts {
			for _, key := range keys(cut, values[i]) {
				of(sums.keyed[i], key).add(d, n, seconds)
			}
		}
	}
	return rows.Err()
}

// FigureMembers says which of the facts that a query counts.
type FigureMembers struct {
	Definition  figures.Definition
	Part        figures.Part
	OldestFirst bool // of a first page only
	After       *FigurePosition
	Limit       int
}

// FigurePosition is a place in the list of a figure's members.
type FigurePosition struct {
	At       time.Time `json:"at"`
	TicketID string    `json:"ticket_id"`
	Item     int       `json:"item"`
}

// Members lists the facts that a figure counts, the newest first unless asked
// otherwise, and how many there are of them in all.
func (s *Store) Members(ctx context.Context, q figures.Query, zone *time.Location, m FigureMembers) (total int64, members []figures.Member, err error) {
	b, values := bases[m.Definition.Over], moments(q)
	counted := "CASE WHEN " + inNumerator(m.Definition) + " THEN 1 ELSE 0 END"
	which := s.facts(ctx, m.Definition.Over, q, zone).Where("("+m.Definition.Denominator+")", named(m.Definition.Denominator, values)...)
	switch m.Part {
	case figures.Denominator:
	case figures.Numerator:
		which = which.Where(counted+" = 1", named(counted, values)...)
	case figures.Rest: // what is neither in it nor out of it, as a comparison with nothing, is out
		which = which.Where(counted+" = 0", named(counted, values)...)
	}
	which = which.Session(&gorm.Session{})
	if err := which.Count(&total).Error; err != nil {
		return 0, nil, translate(err)
	}
	order := "at DESC, ticket_id DESC, item DESC"
	if m.OldestFirst {
		order = "at, ticket_id, item"
	}
	page := which.Select("ticket_id, "+b.item+" AS item, "+b.moment+" AS at, "+counted+" = 1 AS counted", named(counted, values)...).
		Order(order)
	if m.After != nil {
		page = page.Where("("+b.moment+", ticket_id, "+b.item+") < (?, ?, ?)", utc(m.After.At), m.After.TicketID, m.After.Item)
	}
	if m.Limit > 0 {
		page = page.Limit(m.Limit)
	}
	err = page.Scan(&members).Error
	for i := range members {
		members[i].At = utc(members[i].At)
	}
	return total, members, translate(err)
}

// FrozenTotal is what a snapshot says of the whole district.
type FrozenTotal struct {
	ID             string
	figures.Period `gorm:"embedded"`
	AsOf           time.Time
	RecordedBy     time.Time
	Total          figures.Counts `gorm:"serializer:json"`
}

// FrozenTotals reads the totals of the snapshots of a kind whose periods end
// on some days, both included, the earliest first.
func (s *Store) FrozenTotals(ctx context.Context, kind figures.Kind, from, to worktime.Date) ([]FrozenTotal, error) {
	total := "json_extract(figures, '$.total')"
	if s.dialect == Postgres {
		total = "CAST(figures -> 'total' AS text)"
	}
	var all []FrozenTotal
	err := s.read(ctx).Table("snapshots").Where("kind = ? AND to_date >= ? AND to_date <= ?", kind, from, to).
		Select("id, kind, from_date, to_date, as_of, recorded_by, " + total + " AS total").Order("to_date").Find(&all).Error
	for i := range all {
		all[i].AsOf, all[i].RecordedBy = utc(all[i].AsOf), utc(all[i].RecordedBy)
	}
	return all, translate(err)
}
