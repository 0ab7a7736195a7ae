package figures

import (
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
	Category     string
	PlaceID      string
	Source       string
	EnterpriseID string
}

// Scope is what of the figures one may read.
type Scope struct {
	All           bool
	DepartmentID  string
	EnterpriseIDs []string
}

// Member is one fact that a rate counted.
type Member struct {
	TicketID string `json:"ticket_id"`
	Item     int    `json:"item"`    // which dispatch or summons of it; 0 for the ticket
	Counted  bool   `json:"counted"` // in the numerator too
}
