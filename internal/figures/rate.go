package figures

import (
	"fmt"
	"math"
	"math/big"
	"sort"
)

// Ratio is a rate as two integers. Everything shown is derived from them.
type Ratio struct {
	Numerator   int64 `json:"numerator"`
	Denominator int64 `json:"denominator"`
}

// Percent is the rate in per cent with two decimals, rounded half up; "" over
// nothing, which is no figure rather than 0 or 100.
func (r Ratio) Percent() string {
	if r.Denominator == 0 {
		return ""
	}
	// Whole hundredths of a per cent, exactly: (2·10000·n + d) / 2d.
	n := new(big.Int).Mul(big.NewInt(r.Numerator), big.NewInt(20000))
	n.Add(n, big.NewInt(r.Denominator))
	n.Quo(n, big.NewInt(2*r.Denominator))
	hundredths := n.Int64()
	return fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
}

// SmallUnit is the denominator below which a rate is shown with its interval.
const SmallUnit = 30

// z is the normal quantile of the two-sided 95 % interval.
const z = 1.959963984540054

// Interval is the Wilson 95 % interval of the rate in per cent with two
// decimals; ok only for denominators from 1 to 29.
func (r Ratio) Interval() (low, high string, ok bool) {
	if r.Denominator == 0 || r.Denominator >= SmallUnit {
		return "", "", false
	}
	n, p := float64(r.Denominator), float64(r.Numerator)/float64(r.Denominator)
	center := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	show := func(x float64) string { return fmt.Sprintf("%.2f", math.Max(0, math.Min(1, x))*100) }
	return show(center - half), show(center + half), true
}

// Handling is the distribution of working hours from accept to close.
type Handling struct {
	Count  int64
	Median float64 // hours
	P90    float64 // hours; nearest rank
	Mean   float64 // hours
}

// HandlingOf summarises working seconds; the zero Handling over nothing.
func HandlingOf(seconds []int64) Handling {
	if len(seconds) == 0 {
		return Handling{}
	}
	sorted := append([]int64(nil), seconds...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i] < sorted[j] })
	var sum int64
	for _, s := range sorted {
		sum += s
	}
	n := len(sorted)
	hours := func(s float64) float64 { return math.Round(s/36) / 100 }
	median := float64(sorted[n/2])
	if n%2 == 0 {
		median = float64(sorted[n/2-1]+sorted[n/2]) / 2
	}
	p90 := sorted[int(math.Ceil(0.9*float64(n)))-1]
	return Handling{Count: int64(n), Median: hours(median), P90: hours(float64(p90)), Mean: hours(float64(sum) / float64(n))}
}
