// Package figures says what each published figure counts.
//
// Figures are counted over facts: small rows that FactsOf derives from a
// ticket whenever an event changes them, each valid from one moment to the
// next. A rate is one entry in the table of definitions; live figures, past
// ones, frozen ones, their members and the recount all read that entry.
package figures

import (
	"strings"
	"time"

	"whistle/internal/ticket"
)

// Cuts are what figures can be cut by, as they stand in every kind of fact.
type Cuts struct {
	EnterpriseID string
	DepartmentID string // the lead; the department dispatched to or summoned
	Category     string
	Source       string
	PlaceID      string
	Chains       string // as JoinChains writes them
}

// TicketFacts is what the figures know of one ticket.
type TicketFacts struct {
	Cuts             `gorm:"embedded"`
	FiledAt          time.Time
	Exclusion        string // why it is left out of the net rates; "" when valid
	IsOpen           bool
	ClosedAt         *time.Time
	Outcome          string
	VerifiedBy       string
	Satisfaction     int
	Resolved         bool // its result stands submitted
	ResolveMissed    bool
	ResolveDueAt     *time.Time // while the resolve clock runs
	ReachedVerifying bool
	Reworked         bool // disputed or reopened at least once
	Reopened         bool
	LeadChanged      bool
	HandlingSeconds  *int64 // working seconds from accept to close
}

// DispatchFacts is what the figures know of one dispatch.
type DispatchFacts struct {
	Cuts          `gorm:"embedded"`
	DispatchedAt  time.Time
	Inferred      bool
	ClaimDueAt    *time.Time // nil when no claim was asked
	ClaimMet      bool
	ClaimVoid     bool // taken back before it was claimed or out
	ClaimedInTime bool
	Returned      bool
}

// SummonsFacts is what the figures know of one summons to joint handling.
type SummonsFacts struct {
	Cuts       `gorm:"embedded"`
	SummonedAt time.Time
	DueAt      time.Time
	Reported   bool
	OnTime     bool
	Void       bool // the joint handling ended before it was due
}

// Facts are all that the figures know of one ticket, its dispatches and its
// summonses in their order.
type Facts struct {
	Ticket     TicketFacts
	Dispatches []DispatchFacts
	Summonses  []SummonsFacts
}

// FactsOf derives the facts of a ticket as it stands.
func FactsOf(t *ticket.Ticket) Facts {
	cuts := Cuts{
		EnterpriseID: t.EnterpriseID, DepartmentID: t.LeadID, Category: t.Category,
		Source: string(t.Source), PlaceID: t.PlaceID, Chains: JoinChains(t.Chains),
	}
	f := Facts{Ticket: TicketFacts{
		Cuts: cuts, FiledAt: t.FiledAt, Exclusion: t.Exclusion(), IsOpen: t.State.Open(),
		ClosedAt: t.ClosedAt, Outcome: string(t.Outcome), VerifiedBy: string(t.VerifiedBy), Satisfaction: t.Satisfaction,
		ReachedVerifying: t.ReachedVerifying, Reworked: t.Disputes+t.Reopens > 0, Reopened: t.Reopens > 0,
		LeadChanged: t.LeadChanged(), HandlingSeconds: t.HandlingSeconds,
	}}
	if c := t.Clock(ticket.ClockResolve); c != nil {
		f.Ticket.Resolved = c.MetAt != nil
		f.Ticket.ResolveMissed = c.MissedAt != nil
		if c.Running() && !c.Paused() {
			due := c.DueAt
			f.Ticket.ResolveDueAt = &due
		}
	}
	for _, d := range t.Dispatches {
		cuts.DepartmentID = d.DepartmentID
		facts := DispatchFacts{Cuts: cuts, DispatchedAt: d.At, Inferred: d.Inferred, Returned: d.ReturnedAt != nil}
		if d.Clock >= 0 {
			c := t.Clocks[d.Clock]
			facts.ClaimDueAt = &c.DueAt
			facts.ClaimMet = c.MetAt != nil
			facts.ClaimVoid = c.EndedAt != nil && c.MissedAt == nil
			facts.ClaimedInTime = d.ClaimedAt != nil && c.MissedAt == nil
		}
		f.Dispatches = append(f.Dispatches, facts)
	}
	for _, s := range t.Summons {
		cuts.DepartmentID = s.DepartmentID
		c := t.Clocks[s.Clock]
		f.Summonses = append(f.Summonses, SummonsFacts{
			Cuts: cuts, SummonedAt: s.At, DueAt: c.DueAt,
			Reported: s.ReportedAt != nil, OnTime: s.ReportedAt != nil && c.MissedAt == nil,
			Void: c.EndedAt != nil && c.MissedAt == nil,
		})
	}
	return f
}

// JoinChains writes chains as one text in which each can be found: |a|b|.
func JoinChains(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return "|" + strings.Join(ids, "|") + "|"
}

// SplitChains reads what JoinChains wrote.
func SplitChains(joined string) []string {
	if joined == "" {
		return nil
	}
	return strings.Split(strings.Trim(joined, "|"), "|")
}
