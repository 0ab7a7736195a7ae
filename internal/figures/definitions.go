package figures

import "time"

// DefinitionVersion changes whenever a figure counts something else than
// before; every snapshot keeps the one it was counted by.
const DefinitionVersion = 1

// Base is the kind of fact that a figure counts, chosen by its own moment:
// tickets filed, dispatches made, departments summoned in the period.
type Base string

// The bases.
const (
	Tickets    Base = "ticket"
	Dispatches Base = "dispatch"
	Summonses  Base = "summons"
)

// Definition declares one count: which facts, and under which condition on
// their columns. Conditions are SQL that both databases read alike. They may
// use @as_of, the moment for which is counted, and @settled, 30 days earlier.
type Definition struct {
	Name        string
	Chinese     string
	Over        Base
	Denominator string
	Numerator   string // implied to be within the denominator
}

// SettledAfter is how long a closing must have stood to count as strict.
const SettledAfter = 30 * 24 * time.Hour

const (
	valid  = "exclusion = ''"
	closed = valid + " AND closed_at IS NOT NULL"
	solved = closed + " AND outcome = 'solved'"

	openLate = "is_open AND (resolve_missed OR resolve_due_at < @as_of)"
)

// Rates are the figures of two integers, in the order in which they are shown.
var rates = []Definition{
	{"resolution_rate", "解决率", Tickets, valid, solved},
	{"resolution_rate_gross", "解决率（毛）", Tickets, "1 = 1", solved},
	{
		"resolution_rate_strict", "解决率（严）", Tickets,
		valid + " AND (closed_at IS NULL OR closed_at <= @settled)",
		solved + " AND verified_by = 'confirmed' AND NOT reopened AND closed_at <= @settled",
	},
	{"closing_rate", "办结率", Tickets, valid, closed},
	{
		"response_rate", "响应率", Dispatches,
		"NOT inferred AND claim_due_at IS NOT NULL AND (claim_met OR NOT claim_void AND claim_due_at < @as_of)",
		"claimed_in_time",
	},
	{"report_in_rate", "报到率", Summonses, "reported OR NOT void AND due_at < @as_of", "on_time"},
	{
		"on_time_rate", "按期率", Tickets,
		valid + " AND (resolved OR " + openLate + ")",
		"resolved AND NOT resolve_missed",
	},
	{"satisfaction_rate", "满意率", Tickets, closed + " AND satisfaction > 0", "satisfaction >= 4"},
	{"verification_rate", "核验率", Tickets, closed, "verified_by IN ('confirmed', 'callback')"},
	{"rework_rate", "返工率", Tickets, valid + " AND reached_verifying", "reworked"},
	{"return_rate", "退单率", Dispatches, "NOT inferred", "returned"},
	{"first_dispatch_rate", "首派准确率", Tickets, solved, "NOT lead_changed"},
}

// Rates lists the definitions of the rates.
func Rates() []Definition { return append([]Definition(nil), rates...) }

// Rate finds a rate's definition.
func Rate(name string) (Definition, bool) {
	for _, d := range rates {
		if d.Name == name {
			return d, true
		}
	}
	return Definition{}, false
}

// Late are the tickets that the on-time rate counts as open and overdue. It is
// no figure of its own, but what a bulletin lists.
var Late = Definition{"late", "超期未办结", Tickets, valid + " AND NOT resolved AND " + openLate, ""}

// Handled are the tickets whose handling time is known.
const Handled = closed + " AND handling_seconds IS NOT NULL"

// Exclusions are the reasons for which a ticket is left out of the net rates.
var Exclusions = []string{"rejected", "merged", "withdrawn"}

// excludedPrefix begins the names of the counts of what is left out.
const excludedPrefix = "excluded."

// plain are the counts beside the rates; they have no numerator.
var plain = func() []Definition {
	all := []Definition{
		{"tickets", "有效诉求", Tickets, valid, ""},
		{"filed", "全部诉求", Tickets, "1 = 1", ""},
		{"solved", "已解决", Tickets, solved, ""},
		{"in_progress", "推进中", Tickets, valid + " AND is_open", ""},
		{"closed", "办结", Tickets, closed, ""},
	}
	chinese := map[string]string{"rejected": "不予受理", "merged": "已并案", "withdrawn": "派单前撤回"}
	for _, reason := range Exclusions {
		all = append(all, Definition{excludedPrefix + reason, chinese[reason], Tickets, "exclusion = '" + reason + "'", ""})
	}
	return all
}()

// Definitions lists every count: the rates, then the plain ones.
func Definitions() []Definition { return append(Rates(), plain...) }

// Define finds the definition of a rate or a plain count.
func Define(name string) (Definition, bool) {
	for _, d := range Definitions() {
		if d.Name == name {
			return d, true
		}
	}
	return Definition{}, false
}

// IsRate says whether it is a rate, and not a plain count.
func (d Definition) IsRate() bool { return d.Numerator != "" }
