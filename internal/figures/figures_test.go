package figures_test

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whistle/internal/figures"
	"whistle/internal/ticket"
)

func TestPercent(t *testing.T) {
	for _, tt := range []struct {
		numerator, denominator int64
		want                   string
	}{
		{4044, 4294, "94.18"},
		{1451, 1971, "73.62"},
		{0, 0, ""}, // no figure, neither 0 nor 100
		{0, 7, "0.00"},
		{7, 7, "100.00"},
		{1, 3, "33.33"},
		{2, 3, "66.67"},
		{1, 800, "0.13"},   // 0.125: half up
		{3, 800, "0.38"},   // 0.375
		{1, 20000, "0.01"}, // 0.005
		{1, 20001, "0.00"},
		{19999, 20000, "100.00"}, // 99.995
		{199989, 200000, "99.99"},
		{1 << 60, 1 << 61, "50.00"},
	} {
		if got := (figures.Ratio{Numerator: tt.numerator, Denominator: tt.denominator}).Percent(); got != tt.want {
			t.Errorf("%d / %d: %q, want %q", tt.numerator, tt.denominator, got, tt.want)
		}
	}
}

// What is shown is never further from the rate than half a hundredth, and
// grows with the numerator.
func TestPercentIsNear(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := rapid.Int64Range(1, 1_000_000).Draw(rt, "denominator")
		n := rapid.Int64Range(0, d).Draw(rt, "numerator")
		shown := figures.Ratio{Numerator: n, Denominator: d}.Percent()
		whole, cents, ok := strings.Cut(shown, ".")
		if !ok || len(cents) != 2 {
			rt.Fatal(shown)
		}
		hundredths, err := strconv.ParseInt(whole+cents, 10, 64)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := 2 * (hundredths*d - 10000*n); diff > d || diff <= -d {
			rt.Fatalf("%d / %d is shown as %s", n, d, shown)
		}
	})
}

func TestInterval(t *testing.T) {
	for _, tt := range []struct {
		numerator, denominator int64
		low, high              string
	}{
		{0, 1, "0.00", "79.35"},
		{1, 1, "20.65", "100.00"},
		{0, 10, "0.00", "27.75"},
		{5, 10, "23.66", "76.34"},
		{9, 10, "59.58", "98.21"},
		{29, 29, "88.30", "100.00"},
	} {
		low, high, ok := figures.Ratio{Numerator: tt.numerator, Denominator: tt.denominator}.Interval()
		if !ok || low != tt.low || high != tt.high {
			t.Errorf("%d / %d: %s–%s, %t, want %s–%s", tt.numerator, tt.denominator, low, high, ok, tt.low, tt.high)
		}
	}
	for _, d := range []int64{0, 30, 4294} {
		if low, high, ok := (figures.Ratio{Numerator: d, Denominator: d}).Interval(); ok || low != "" || high != "" {
			t.Errorf("an interval of a rate over %d", d)
		}
	}
}

func TestHandlingOf(t *testing.T) {
	hours := func(list ...float64) []int64 {
		var seconds []int64
		for _, h := range list {
			seconds = append(seconds, int64(h*3600))
		}
		return seconds
	}
	for _, tt := range []struct {
		seconds []int64
		want    figures.Handling
	}{
		{nil, figures.Handling{}},
		{hours(7), figures.Handling{Count: 1, Median: 7, P90: 7, Mean: 7}},
		{hours(3, 1), figures.Handling{Count: 2, Median: 2, P90: 3, Mean: 2}},
		{hours(9, 1, 2), figures.Handling{Count: 3, Median: 2, P90: 9, Mean: 4}},
		{hours(10, 9, 8, 7, 6, 5, 4, 3, 2, 1), figures.Handling{Count: 10, Median: 5.5, P90: 9, Mean: 5.5}},
		{hours(11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1), figures.Handling{Count: 11, Median: 6, P90: 10, Mean: 6}},
		{[]int64{0}, figures.Handling{Count: 1}},
		{[]int64{1, 18}, figures.Handling{Count: 2, Median: 0, P90: 0.01, Mean: 0}}, // 9½ seconds are no hundredth of an hour
		{[]int64{18}, figures.Handling{Count: 1, Median: 0.01, P90: 0.01, Mean: 0.01}},
	} {
		given := slices.Clone(tt.seconds)
		if got := figures.HandlingOf(tt.seconds); got != tt.want {
			t.Errorf("%v: %+v, want %+v", tt.seconds, got, tt.want)
		}
		if !slices.Equal(given, tt.seconds) {
			t.Error("the seconds were sorted in place")
		}
	}
}

func TestChains(t *testing.T) {
	for _, ids := range [][]string{nil, {"a"}, {"a", "b"}} {
		if got := figures.SplitChains(figures.JoinChains(ids)); !slices.Equal(got, ids) {
			t.Errorf("%q reads back as %q", ids, got)
		}
	}
	if got := figures.JoinChains([]string{"a", "b"}); got != "|a|b|" {
		t.Error(got)
	}
}

func TestRates(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range figures.Rates() {
		if seen[d.Name] || d.Name == "" || d.Chinese == "" || d.Denominator == "" || d.Numerator == "" {
			t.Errorf("%+v", d)
		}
		seen[d.Name] = true
		if got, ok := figures.Rate(d.Name); !ok || got != d {
			t.Errorf("%s is not found", d.Name)
		}
	}
	if _, ok := figures.Rate("happiness_rate"); ok {
		t.Error("a rate that is not defined is found")
	}
}

var (
	early = time.Date(2023, 9, 18, 2, 0, 0, 0, time.UTC)
	due   = early.Add(5 * time.Hour)
	late  = early.Add(9 * time.Hour)
)

func at(t time.Time) *time.Time { return &t }

func TestFactsOfTicket(t *testing.T) {
	seconds := int64(3600)
	base := ticket.Ticket{Core: ticket.Core{
		ID: "t1", EnterpriseID: "e1", LeadID: "d1", Category: "land", Source: ticket.SourceVisit, PlaceID: "town", FiledAt: early,
	}, Detail: ticket.Detail{Chains: []string{"chip", "rail"}}}
	resolve := ticket.Clock{Name: ticket.ClockResolve, StartedAt: early, DueAt: due}
	for _, tt := range []struct {
		name   string
		change func(*ticket.Ticket)
		want   func(*figures.TicketFacts)
	}{
		{"before its dispatch", func(k *ticket.Ticket) {
			k.State, k.LeadID = ticket.Submitted, ""
		}, func(f *figures.TicketFacts) {
			f.IsOpen, f.DepartmentID = true, ""
		}},
		{"running", func(k *ticket.Ticket) {
			k.State, k.Clocks = ticket.Resolving, []ticket.Clock{resolve}
		}, func(f *figures.TicketFacts) {
			f.IsOpen, f.ResolveDueAt = true, at(due)
		}},
		{"standing still", func(k *ticket.Ticket) {
			c := resolve
			c.Pauses = []ticket.Pause{{From: early}}
			k.State, k.Clocks = ticket.Suspended, []ticket.Clock{c}
		}, func(f *figures.TicketFacts) {
			f.IsOpen = true
		}},
		{"missed and standing still", func(k *ticket.Ticket) {
			c := resolve
			c.Pauses, c.MissedAt = []ticket.Pause{{From: late}}, at(due)
			k.State, k.Clocks = ticket.Suspended, []ticket.Clock{c}
		}, func(f *figures.TicketFacts) {
			f.IsOpen, f.ResolveMissed = true, true
		}},
		{"resolved", func(k *ticket.Ticket) {
			c := resolve
			c.MetAt = at(early)
			k.State, k.Clocks, k.ReachedVerifying = ticket.Verifying, []ticket.Clock{c}, true
		}, func(f *figures.TicketFacts) {
			f.IsOpen, f.Resolved, f.ReachedVerifying = true, true, true
		}},
		{"closed late after a dispute", func(k *ticket.Ticket) {
			c := resolve
			c.MetAt, c.MissedAt = at(late), at(due)
			k.State, k.Clocks, k.ReachedVerifying, k.Disputes = ticket.Closed, []ticket.Clock{c}, true, 1
			k.ClosedAt, k.Outcome, k.VerifiedBy, k.Satisfaction, k.HandlingSeconds = at(late), ticket.Solved, ticket.ByConfirmation, 4, &seconds
			k.Dispatches = []ticket.Dispatch{{DepartmentID: "d2", Clock: -1}, {DepartmentID: "d1", Clock: -1}}
		}, func(f *figures.TicketFacts) {
			f.Resolved, f.ResolveMissed, f.ReachedVerifying, f.Reworked, f.LeadChanged = true, true, true, true, true
			f.ClosedAt, f.Outcome, f.VerifiedBy, f.Satisfaction, f.HandlingSeconds = at(late), "solved", "confirmed", 4, &seconds
		}},
		{"reopened", func(k *ticket.Ticket) {
			k.State, k.Clocks, k.ReachedVerifying, k.Reopens = ticket.Resolving, []ticket.Clock{resolve}, true, 1
		}, func(f *figures.TicketFacts) {
			f.IsOpen, f.ResolveDueAt, f.ReachedVerifying, f.Reworked, f.Reopened = true, at(due), true, true, true
		}},
		{"withdrawn before its dispatch", func(k *ticket.Ticket) {
			k.State = ticket.Withdrawn
		}, func(f *figures.TicketFacts) {
			f.Exclusion = "withdrawn"
		}},
		{"withdrawn after it", func(k *ticket.Ticket) {
			c := resolve
			c.EndedAt = at(early)
			k.State, k.FirstDispatchAt, k.Clocks = ticket.Withdrawn, at(early), []ticket.Clock{c}
		}, func(*figures.TicketFacts) {}},
		{"merged", func(k *ticket.Ticket) { k.State = ticket.Merged }, func(f *figures.TicketFacts) { f.Exclusion = "merged" }},
		{"rejected", func(k *ticket.Ticket) { k.State = ticket.Rejected }, func(f *figures.TicketFacts) { f.Exclusion = "rejected" }},
	} {
		given := base
		tt.change(&given)
		want := figures.TicketFacts{Cuts: figures.Cuts{
			EnterpriseID: "e1", DepartmentID: "d1", Category: "land", Source: "visit", PlaceID: "town", Chains: "|chip|rail|",
		}, FiledAt: early}
		tt.want(&want)
		if got := figures.FactsOf(&given).Ticket; !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", tt.name, got, want)
		}
	}
}

func TestFactsOfDispatches(t *testing.T) {
	claim := func(met, missed, ended *time.Time) ticket.Clock {
		return ticket.Clock{Name: ticket.ClockClaim, StartedAt: early, DueAt: due, MetAt: met, MissedAt: missed, EndedAt: ended}
	}
	k := &ticket.Ticket{Core: ticket.Core{LeadID: "d9", State: ticket.Resolving}, Detail: ticket.Detail{
		Clocks: []ticket.Clock{
			claim(at(early), nil, nil), claim(at(late), at(due), nil), claim(at(early), nil, nil),
			claim(nil, nil, at(early)), claim(nil, at(due), at(late)), claim(nil, nil, nil), claim(at(early), nil, nil),
		},
		Dispatches: []ticket.Dispatch{
			{DepartmentID: "in time", At: early, Clock: 0, ClaimedAt: at(early), ReturnedAt: at(late)},
			{DepartmentID: "late", At: early, Clock: 1, ClaimedAt: at(late)},
			{DepartmentID: "returned unclaimed", At: early, Clock: 2, ReturnedAt: at(early)},
			{DepartmentID: "recalled", At: early, Clock: 3},
			{DepartmentID: "recalled late", At: early, Clock: 4},
			{DepartmentID: "waiting", At: early, Clock: 5},
			{DepartmentID: "imported", At: early, Clock: 6, ClaimedAt: at(early), Inferred: true},
			{DepartmentID: "by whistle", At: early, Clock: -1},
		},
	}}
	want := []figures.DispatchFacts{
		{ClaimMet: true, ClaimedInTime: true, Returned: true},
		{ClaimMet: true},
		{ClaimMet: true, Returned: true},
		{ClaimVoid: true},
		{}, // out before it was taken back: it counts
		{},
		{ClaimMet: true, ClaimedInTime: true, Inferred: true},
		{},
	}
	got := figures.FactsOf(k).Dispatches
	if len(got) != len(want) {
		t.Fatalf("%d facts", len(got))
	}
	for i, w := range want {
		w.DepartmentID, w.DispatchedAt = k.Dispatches[i].DepartmentID, early
		if k.Dispatches[i].Clock >= 0 {
			w.ClaimDueAt = at(due)
		}
		if !reflect.DeepEqual(got[i], w) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", w.DepartmentID, got[i], w)
		}
	}
}

func TestFactsOfSummonses(t *testing.T) {
	clock := func(met, missed, ended *time.Time) ticket.Clock {
		return ticket.Clock{Name: ticket.ClockReportIn, StartedAt: early, DueAt: due, MetAt: met, MissedAt: missed, EndedAt: ended}
	}
	absent := clock(nil, nil, nil)
	absent.Waived = true
	k := &ticket.Ticket{Core: ticket.Core{LeadID: "d9", State: ticket.Joint}, Detail: ticket.Detail{
		Clocks: []ticket.Clock{
			clock(at(early), nil, nil), clock(at(late), at(due), nil), absent, clock(nil, nil, at(early)), clock(nil, at(due), at(late)),
		},
		Summons: []ticket.Summons{
			{DepartmentID: "in time", At: early, Clock: 0, ReportedAt: at(early)},
			{DepartmentID: "late", At: early, Clock: 1, ReportedAt: at(late)},
			{DepartmentID: "absent", At: early, Clock: 2},
			{DepartmentID: "withdrawn before due", At: early, Clock: 3},
			{DepartmentID: "withdrawn after", At: early, Clock: 4},
		},
	}}
	want := []figures.SummonsFacts{{Reported: true, OnTime: true}, {Reported: true}, {}, {Void: true}, {}}
	got := figures.FactsOf(k).Summonses
	if len(got) != len(want) {
		t.Fatalf("%d facts", len(got))
	}
	for i, w := range want {
		w.DepartmentID, w.SummonedAt, w.DueAt = k.Summons[i].DepartmentID, early, due
		if !reflect.DeepEqual(got[i], w) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", w.DepartmentID, got[i], w)
		}
	}
}
