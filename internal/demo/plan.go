package demo

import (
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// fate is how a ticket ends, or that it doesn't within the year.
type fate int

const (
	solved fate = iota
	open
	explained
	rejected
	merged
	withdrawnEarly // before its first dispatch
	withdrawnLate  // after it
)

// filing is one ticket as it is planned: the counts come out exactly because
// every ticket's end is settled before its story begins.
type filing struct {
	at         time.Time
	fate       fate
	state      ticket.State // in which an open one stands in the end
	enterprise *enterprise
	into       *filing      // the one into which it is merged
	duplicate  *filing      // the one that is merged into it
	own        func(*story) // its story, where it is told by itself
}

// standing says how many open tickets stand where, and how many working days
// ago they were filed, 0 being LastDay.
var standing = []struct {
	state    ticket.State
	count    int
	from, to int
}{
	{ticket.Submitted, 12, 0, 0},
	{ticket.Submitted, 2, 1, 1},
	{ticket.Supplementing, 10, 1, 5},
	{ticket.Accepted, 9, 0, 0},
	{ticket.Accepted, 3, 0, 2},
	{ticket.Dispatched, 20, 0, 1},
	{ticket.Dispatched, 6, 1, 3},
	{ticket.Resolving, 66, 1, 5},
	{ticket.Resolving, 12, 5, 8},
	{ticket.Resolving, 6, 12, 40}, // rework, extensions, long joint ones
	{ticket.Joint, 16, 2, 4},
	{ticket.Joint, 14, 4, 16},
	{ticket.Suspended, 26, 16, 90},
	{ticket.Verifying, 38, 3, 7},
	{ticket.Verifying, 10, 8, 14},
}

// namedStates are those in which the account "enterprise" has tickets open.
var namedStates = []ticket.State{
	ticket.Submitted, ticket.Supplementing, ticket.Dispatched, ticket.Resolving, ticket.Joint, ticket.Verifying, ticket.Verifying,
}

// LastDay is the last day of the demo's history.
var LastDay = worktime.Date{Year: 2023, Month: time.October, Day: 31}

// planner draws the filings.
type planner struct {
	r        *rand.Rand
	calendar *worktime.Calendar
	d        *district
	sums     []float64 // of the enterprises' weights
}

// plan draws every filing of both years, in the order of their moments.
func plan(r *rand.Rand, calendar *worktime.Calendar, d *district) []*filing {
	p := &planner{r: r, calendar: calendar, d: d}
	total := 0.0
	for _, e := range d.enterprises {
		total += e.weight
		p.sums = append(p.sums, total)
	}
	var all []*filing
	first := worktime.Date{Year: 2022, Month: time.October, Day: 10}
	pilot := p.weights(first, worktime.Date{Year: 2022, Month: time.December, Day: 30})
	for _, some := range []struct {
		fate  fate
		count int
	}{{explained, 34}, {withdrawnLate, 12}, {rejected, 14}, {merged, 8}, {withdrawnEarly, 7}} {
		all = append(all, p.some(some.count, some.fate, pilot)...)
	}
	told := d.told(calendar.Location())
	all = append(all, p.some(Earlier-len(told)-len(all), solved, pilot)...)

	year := p.weights(worktime.Date{Year: 2023, Month: time.January, Day: 1}, LastDay)
	all = append(all, p.some(Rejected, rejected, year)...)
	all = append(all, p.some(Merged, merged, year)...)
	all = append(all, p.some(Withdrawn, withdrawnEarly, year)...)
	all = append(all, p.some(Solved, solved, p.tapered(year))...)
	all = append(all, p.standing()...)

	slices.SortStableFunc(all, func(a, b *filing) int { return a.at.Compare(b.at) })
	p.join(all)
	all = append(all, told...)
	slices.SortStableFunc(all, func(a, b *filing) int { return a.at.Compare(b.at) })
	return all
}

// dayWeight is how much is filed on a day, against the others.
type dayWeight struct {
	day    worktime.Date
	weight float64
}

// byMonth follows the year: little before the Spring Festival, much after it,
// and when the third quarter's books are closed.
var byMonth = map[time.Month]float64{
	time.January: 0.75, time.February: 1.05, time.March: 1.25, time.April: 1.1, time.May: 1, time.June: 1.05,
	time.July: 0.95, time.August: 0.95, time.September: 1.15, time.October: 1.05, time.November: 1, time.December: 0.95,
}

func (p *planner) weights(from, to worktime.Date) []dayWeight {
	var all []dayWeight
	for day := from; !to.Before(day); day = day.AddDays(1) {
		w := byMonth[day.Month] * (0.8 + 0.4*p.r.Float64())
		switch {
		case !p.calendar.IsWorking(day):
			w *= 0.05 // by themselves, from home
		case day.Weekday() == time.Monday:
			w *= 1.2
		case day.Weekday() == time.Friday:
			w *= 0.9
		}
		all = append(all, dayWeight{day, w})
	}
	return all
}

// solvedShare is what part of a day's tickets is solved, by its working days
// before the end; all but a few after the last.
var solvedShare = []float64{0, 0, 0.04, 0.1, 0.2, 0.32, 0.45, 0.55, 0.64, 0.72, 0.78, 0.83, 0.87, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.97}

// tapered are the weights of those that are solved within the year.
func (p *planner) tapered(all []dayWeight) []dayWeight {
	out := slices.Clone(all)
	ago := 0
	for i := len(out) - 1; i >= 0 && ago < len(solvedShare); i-- {
		out[i].weight *= solvedShare[ago]
		if p.calendar.IsWorking(out[i].day) {
			ago++
		}
	}
	return out
}

// some draws filings of one fate.
func (p *planner) some(n int, f fate, days []dayWeight) []*filing {
	sums := make([]float64, len(days))
	total := 0.0
	for i, d := range days {
		total += d.weight
		sums[i] = total
	}
	out := make([]*filing, n)
	for i := range out {
		day := days[sort.SearchFloat64s(sums, p.r.Float64()*total)].day
		out[i] = &filing{at: p.time(day), fate: f, enterprise: p.anybody()}
	}
	return out
}

func (p *planner) anybody() *enterprise {
	return p.d.enterprises[sort.SearchFloat64s(p.sums, p.r.Float64()*p.sums[len(p.sums)-1])]
}

// time draws when on a day something is filed: mostly in office hours.
func (p *planner) time(day worktime.Date) time.Time {
	from, to := 9.0, 12.0
	switch x := p.r.IntN(100); {
	case x < 40 && p.calendar.IsWorking(day):
	case x < 88 && p.calendar.IsWorking(day):
		from, to = 14, 18
	case x < 94:
		from, to = 18, 22.5
	default:
		from, to = 7.5, 21
	}
	hours := from + (to-from)*p.r.Float64()
	midnight := day.In(p.calendar.Location())
	return midnight.Add(time.Duration(hours * float64(time.Hour))).Truncate(time.Second)
}

// standing draws the filings that are open in the end.
func (p *planner) standing() []*filing {
	var workingDays []worktime.Date // backwards
	for day := LastDay; len(workingDays) <= 100; day = day.AddDays(-1) {
		if p.calendar.IsWorking(day) {
			workingDays = append(workingDays, day)
		}
	}
	named := slices.Clone(namedStates)
	var out []*filing
	for _, s := range standing {
		for range s.count {
			day := workingDays[s.from+p.r.IntN(s.to-s.from+1)]
			at := p.time(day)
			if s.from == 0 && s.state != ticket.Submitted && day == LastDay {
				// early enough that something was done with it
				at = day.In(p.calendar.Location()).Add(9*time.Hour + time.Duration(p.r.IntN(6*3600))*time.Second)
			}
			f := &filing{at: at, fate: open, state: s.state, enterprise: p.anybody()}
			if i := slices.Index(named, s.state); i >= 0 {
				named = slices.Delete(named, i, i+1)
				f.enterprise = p.d.enterprises[0]
			}
			out = append(out, f)
		}
	}
	return out
}

// join gives each duplicate the ticket into which it is merged: the next one
// before it, or after it, that goes on. Both are of one enterprise.
func (p *planner) join(all []*filing) {
	takes := func(f, m *filing) bool {
		goesOn := m.fate == solved || m.fate == open && m.state != ticket.Submitted
		return goesOn && m.duplicate == nil && m.at.Year() == f.at.Year()
	}
	for i, f := range all {
		if f.fate != merged {
			continue
		}
		for distance := 1; f.into == nil; distance++ {
			for _, j := range []int{i - distance, i + distance} {
				if f.into == nil && j >= 0 && j < len(all) && takes(f, all[j]) {
					f.into, all[j].duplicate = all[j], f
				}
			}
		}
		f.enterprise = f.into.enterprise
		// soon after, while the first is still new
		f.at = f.into.at.Add(time.Duration(3+p.r.IntN(40)) * time.Minute)
	}
}
