package worktime_test

import (
	"testing"
	"time"

	"whistle/internal/worktime"
)

// Spans of months, over the new year, as figures over a district's tickets
// ask for them.

func BenchmarkBetween(b *testing.B) {
	from, to := at(shanghai, "2022-11-15 10:30"), at(shanghai, "2023-05-20 16:00")
	for b.Loop() {
		shanghai.Between(from, to)
	}
}

func BenchmarkAdd(b *testing.B) {
	from := at(shanghai, "2022-11-15 10:30")
	for b.Loop() {
		_, _ = shanghai.Add(from, 800*time.Hour)
	}
}

func BenchmarkNthWorkingDayClose(b *testing.B) {
	from := at(shanghai, "2022-12-15 10:30")
	for b.Loop() {
		_, _ = shanghai.NthWorkingDayClose(from, 15)
	}
}

func BenchmarkNextWorkingMoment(b *testing.B) {
	from := at(shanghai, "2023-09-29 10:30")
	for b.Loop() {
		_, _ = shanghai.NextWorkingMoment(from)
	}
}

func BenchmarkExplain(b *testing.B) {
	from, to := at(shanghai, "2023-09-20 10:30"), at(shanghai, "2023-10-20 16:00")
	for b.Loop() {
		shanghai.Explain(from, to)
	}
}

func BenchmarkNew(b *testing.B) {
	days := worktime.Builtin()
	for b.Loop() {
		_, _ = worktime.New(1, shanghai.Location(), worktime.DefaultShifts(), days)
	}
}
