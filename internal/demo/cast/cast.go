// Package cast invents the people, places and words of the demo's district.
//
// Everything is a pure function of the random source the caller hands in: the
// same seed gives the same answer, on every machine and at every hour. The
// package knows nothing of the service; it speaks in plain structs and strings.
// Nobody and nothing in it is real: the district doesn't exist, and the credit
// codes carry an administrative division that is not assigned.
package cast

import "math/rand/v2"

// District is the invented district's name, DistrictCode its division code,
// from a range that is not assigned to any place.
const (
	District     = "栖江区"
	DistrictCode = "990311"
)

// Size of the district in the demo's year.
const (
	EnterpriseCount = 1735
	ProjectCount    = 228
)

// Codes of the four chains.
const (
	IntegratedCircuit    = "integrated_circuit"
	HighEndTransport     = "high_end_transport"
	ModernAgriculture    = "modern_agriculture"
	CultureTourismHealth = "culture_tourism_health"
)

// Kinds of departments.
const (
	KindBureau = "bureau"
	KindPark   = "park"
	KindTown   = "town"
	KindMass   = "mass"
)

// Kinds of enterprises.
const (
	KindCompany     = "company"
	KindCooperative = "cooperative"
	KindFamilyFarm  = "family_farm"
	KindGrower      = "grower"
)

// Code is an entry of a code list: a code and its Chinese name.
type Code struct {
	Code string
	Name string
}

// Department is an office, a park, a town or a mass organisation.
type Department struct {
	Code       string
	Name       string
	ShortName  string
	Kind       string
	ParentCode string   // "" at the top
	Duties     []string // codes of the categories it answers for
	Desk       bool     // the service centre that dispatches
}

// Place is a park or a town; its code is its department's code too.
type Place struct {
	Code string
	Name string // as it is spoken: 经开区, 芦汀街道
	Kind string // KindPark or KindTown
	Zone bool   // the development zone
}

// Chain is an industrial chain with its segments.
type Chain struct {
	Code        string
	Name        string
	Enterprises int // how many of EnterpriseCount stand in it
	Segments    []string
}

// Categories lists what a request may be about, in the order they are shown.
func Categories() []Code { return clone(categories) }

// Chains lists the four chains.
func Chains() []Chain {
	out := clone(chains)
	for i := range out {
		out[i].Segments = clone(out[i].Segments)
	}
	return out
}

// Places lists the parks, then the towns.
func Places() []Place { return clone(places) }

// Departments lists every department, parents before their children.
func Departments() []Department {
	out := clone(departments)
	for i := range out {
		out[i].Duties = clone(out[i].Duties)
	}
	return out
}

// RejectReasons lists why the desk may turn a request away.
func RejectReasons() []Code { return clone(rejectReasons) }

// ReturnReasons lists why a department may hand an order back.
func ReturnReasons() []Code { return clone(returnReasons) }

// PersonName invents a person's name.
func PersonName(r *rand.Rand) string {
	name := pick(r, surnames)
	if r.IntN(20) == 0 {
		name = pick(r, rareSurnames)
	}
	if r.IntN(5) == 0 {
		return name + pick(r, givenSingle)
	}
	first := pick(r, givenFirst)
	second := pick(r, givenSecond)
	for second == first {
		second = pick(r, givenSecond)
	}
	return name + first + second
}

func placeByCode(code string) Place {
	for _, p := range places {
		if p.Code == code {
			return p
		}
	}
	return Place{Code: code, Name: District}
}

func clone[T any](in []T) []T { return append([]T(nil), in...) }

func pick[T any](r *rand.Rand, in []T) T { return in[r.IntN(len(in))] }
