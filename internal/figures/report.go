package figures

import (
	"slices"
	"strings"
	"time"

	"whistle/internal/worktime"
)

// Counts are all figures over one set of facts.
type Counts struct {
	Tickets    int64            `json:"tickets"` // valid
	Filed      int64            `json:"filed"`   // all, valid or not
	Solved     int64            `json:"solved"`
	InProgress int64            `json:"in_progress"`
	Closed     int64            `json:"closed"`
	Excluded   map[string]int64 `json:"excluded"` // by reason
	Rates      map[string]Ratio `json:"rates"`    // by the definition's name
	Handling   Handling         `json:"handling"`
}

// NewCounts are counts of nothing.
func NewCounts() Counts {
	return Counts{Excluded: map[string]int64{}, Rates: map[string]Ratio{}}
}

// Add counts n more facts of a definition: of a rate's denominator, of which
// some are in the numerator too, or of a plain count.
func (c *Counts) Add(d Definition, n, numerator int64) {
	if d.IsRate() {
		r := c.Rates[d.Name]
		c.Rates[d.Name] = Ratio{Numerator: r.Numerator + numerator, Denominator: r.Denominator + n}
		return
	}
	switch d.Name {
	case "tickets":
		c.Tickets += n
	case "filed":
		c.Filed += n
	case "solved":
		c.Solved += n
	case "in_progress":
		c.InProgress += n
	case "closed":
		c.Closed += n
	default:
		if n > 0 {
			c.Excluded[strings.TrimPrefix(d.Name, excludedPrefix)] += n
		}
	}
}

// Band is how large a unit is, by its tickets: rates are compared only among
// units of like size, so that one ticket does not sink a small one.
type Band string

// The bands.
const (
	Large  Band = "large"  // 300 and more
	Medium Band = "medium" // 100 to 299
	Modest Band = "modest" // 30 to 99
	Small  Band = "small"  // under 30: rates come with their interval
)

// Band is the unit's size.
func (c Counts) Band() Band {
	const large, medium = 300, 100
	switch {
	case c.Tickets >= large:
		return Large
	case c.Tickets >= medium:
		return Medium
	case c.Tickets >= SmallUnit:
		return Modest
	}
	return Small
}

// Cut is what figures are grouped by.
type Cut string

// The cuts.
const (
	ByNothing    Cut = ""
	ByDepartment Cut = "department"
	ByChain      Cut = "chain"
	ByCategory   Cut = "category"
	ByPlace      Cut = "place"
	BySource     Cut = "source"
	ByEnterprise Cut = "enterprise"
)

// AllCuts lists what figures can be grouped by.
func AllCuts() []Cut {
	return []Cut{ByDepartment, ByChain, ByCategory, ByPlace, BySource, ByEnterprise}
}

// NoKey is the group of what has no department, chain, place … of its own.
const NoKey = "none"

// Group is the part of the counts that shares a key.
type Group struct {
	Key    string `json:"key"`
	Name   string `json:"name"`
	Counts Counts `json:"counts"`
}

// Report is the figures of a period as they stood at a moment.
type Report struct {
	From              worktime.Date `json:"from"` // both days included
	To                worktime.Date `json:"to"`
	AsOf              time.Time     `json:"as_of"`
	DefinitionVersion int           `json:"definition_version"`
	By                Cut           `json:"by,omitempty"`
	Total             Counts        `json:"total"`
	Groups            []Group       `json:"groups,omitempty"`
	// Coverage goes with what is published of the district; nil elsewhere, and
	// in what was frozen before it did.
	Coverage *Coverage `json:"coverage,omitempty"`
}

// Ratio is a rate of the whole, or a figure of its coverage; over nothing where
// there is none.
func (r *Report) Ratio(name string) Ratio {
	if r.Coverage != nil && slices.Contains(CoverageNames(), name) {
		return r.Coverage.Ratio(name)
	}
	return r.Total.Rates[name]
}

// Query asks for figures.
type Query struct {
	From, To worktime.Date
	AsOf     time.Time
	// RecordedBy leaves out what was written down later; the zero time for
	// all that is known.
	RecordedBy time.Time
	By         Cut
	Where      Where
	Scope      Scope
}

// Where narrows the facts; empty fields narrow nothing.
type Where struct {
	DepartmentID string
	ChainID      string
	AndChainID   string // of what is in one chain, what is in another too
	Category     string
	PlaceID      string
	Source       string
	EnterpriseID string
}

// Narrow narrows further, to one group of a cut; ok is false when nothing can
// be in both.
func (w Where) Narrow(by Cut, key string) (narrowed Where, ok bool) {
	field := map[Cut]*string{
		ByDepartment: &w.DepartmentID, ByChain: &w.ChainID, ByCategory: &w.Category,
		ByPlace: &w.PlaceID, BySource: &w.Source, ByEnterprise: &w.EnterpriseID,
	}[by]
	if field == nil {
		return w, true
	}
	switch {
	case *field == "" || *field == key:
		*field = key
	case by == ByChain: // the one cut whose groups overlap
		w.AndChainID = key
	default:
		return w, false
	}
	return w, true
}

// Scope is what of the figures one may read.
type Scope struct {
	All           bool
	DepartmentID  string
	EnterpriseIDs []string
}

// Part is which of the facts that a figure counts.
type Part string

// The parts.
const (
	Denominator Part = "denominator" // all; the only part of a plain count
	Numerator   Part = "numerator"
	Rest        Part = "rest" // in the denominator alone
)

// Member is one fact that a figure counted.
type Member struct {
	TicketID string
	Item     int       // which dispatch or summons of it; 0 for the ticket
	At       time.Time // by which it falls into the period
	Counted  bool      // in the numerator too
}
