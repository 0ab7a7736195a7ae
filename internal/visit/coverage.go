package visit

import (
	"time"

	"whistle/internal/figures"
	"whistle/internal/worktime"
)

// Coverage is how far a roster was visited.
type Coverage = figures.Coverage

// Of tells what is covered.
type Of string

// What may be covered.
const (
	Enterprises Of = "enterprises"
	KeyProjects Of = "projects"
)

// Cut is by what a coverage is divided.
type Cut string

// The cuts.
const (
	ByCampaign Cut = "campaign" // visits for it, of those that it is for
	ByManager  Cut = "manager"  // those whom one looked after at the end, whoever went there
	ByChain    Cut = "chain"
	ByPlace    Cut = "place"
)

// Cuts lists the cuts.
func Cuts() []Cut { return []Cut{ByCampaign, ByManager, ByChain, ByPlace} }

// Query asks for a coverage.
type Query struct {
	From, To worktime.Date // both included
	Begin    time.Time     // the first moment of From
	AsOf     worktime.Date // the day on which managers look after those counted
	// Campaign leaves the visits for it, and those whom it is for; nil for any.
	Campaign *Campaign
	// RecordedBy leaves out visits that were written down later; the zero time
	// for all that is known.
	RecordedBy time.Time
	Where
}

// Counts says whether the query counts what is named: a campaign is for
// enterprises or for projects.
func (q Query) Counts(of Of) bool {
	return q.Campaign == nil || (q.Campaign.Targets == Projects) == (of == KeyProjects)
}

// Where narrows a coverage; zero values narrow nothing, and figures.NoKey leaves
// those without a manager, chain or place.
type Where struct {
	ManagerID, ChainID, PlaceID string
}

// Group is one part of a cut.
type Group struct {
	Key  string // its id; figures.NoKey for those without one
	Name string
	Coverage
}

// Reached says which rows of a coverage are meant.
type Reached string

// Which rows may be meant.
const (
	All     Reached = "all"
	Visited Reached = "visited"
	Missing Reached = "missing"
)
