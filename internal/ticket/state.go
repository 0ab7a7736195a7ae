// Package ticket is the heart of the service: what a ticket is, which events
// may befall it, who may cause them, and which clocks they start and stop.
//
// It is pure. It knows neither database nor HTTP nor wall clock: what it must
// know of the world (departments, policies, calendars) is handed to it as a
// World, and the present moment as part of each Command.
package ticket

// State is where a ticket stands.
type State string

// The states, in the order of the loop.
const (
	Submitted     State = "submitted"
	Supplementing State = "supplementing"
	Accepted      State = "accepted"
	Dispatched    State = "dispatched"
	Joint         State = "joint"
	Resolving     State = "resolving"
	Suspended     State = "suspended"
	Verifying     State = "verifying"
	Closed        State = "closed"
	Rejected      State = "rejected"
	Withdrawn     State = "withdrawn"
	Merged        State = "merged"
)

// Stage is one of the five stages of the loop, or closed.
type Stage string

// The stages.
const (
	StageCollection    Stage = "collection"
	StageDispatch      Stage = "dispatch"
	StageJointHandling Stage = "joint_handling"
	StageResolution    Stage = "resolution"
	StageVerification  Stage = "verification"
	StageClosed        Stage = "closed"
)

// StateInfo describes a state for people.
type StateInfo struct {
	State   State
	Stage   Stage
	Chinese string
	Meaning string
}

var states = []StateInfo{
	{Submitted, StageCollection, "待受理", "filed, waits for the desk"},
	{Supplementing, StageCollection, "待补充", "the desk asked for more"},
	{Accepted, StageDispatch, "待派单", "waits for a lead department"},
	{Dispatched, StageDispatch, "待接单", "lead and co-departments named, waits to be claimed"},
	{Joint, StageJointHandling, "会办中", "the whistle was blown; the named departments must report in"},
	{Resolving, StageResolution, "办理中", "claimed, being worked on"},
	{Suspended, StageResolution, "挂账", "waits on an outside condition, approved, with a review date"},
	{Verifying, StageVerification, "待核验", "result submitted, the enterprise is asked"},
	{Closed, StageClosed, "办结", "verified"},
	{Rejected, StageClosed, "不予受理", "not taken on, with the reason and what to do instead"},
	{Withdrawn, StageClosed, "已撤回", "taken back by the enterprise"},
	{Merged, StageClosed, "已并案", "part of another ticket, whose outcome it shows; never counted"},
}

// States lists every state in the order of the loop.
func States() []StateInfo { return append([]StateInfo(nil), states...) }

// Info describes the state; the zero StateInfo if there is no such state.
func (s State) Info() StateInfo {
	for _, info := range states {
		if info.State == s {
			return info
		}
	}
	return StateInfo{}
}

// Stage is the stage that the state belongs to.
func (s State) Stage() Stage { return s.Info().Stage }

// Open says whether work or a decision is still owed.
func (s State) Open() bool {
	return s != "" && s.Stage() != StageClosed
}

// In returns the states of a stage.
func (g Stage) In() []State {
	var in []State
	for _, info := range states {
		if info.Stage == g {
			in = append(in, info.State)
		}
	}
	return in
}

// OpenStates are the states in which a ticket is open.
func OpenStates() []State {
	var open []State
	for _, info := range states {
		if info.Stage != StageClosed {
			open = append(open, info.State)
		}
	}
	return open
}

// Outcome says how a closed ticket ended.
type Outcome string

// The outcomes.
const (
	Solved    Outcome = "solved"    // 已解决
	Explained Outcome = "explained" // 解释说明: could not be done, the enterprise was told why
)

// Verification says who vouches for an outcome.
type Verification string

// The kinds of verification.
const (
	ByConfirmation Verification = "confirmed"
	ByCallback     Verification = "callback"
	Unreachable    Verification = "unreachable"
)

// Urgency chooses the lengths of the clocks.
type Urgency string

// The urgencies.
const (
	Normal Urgency = "normal"
	Urgent Urgency = "urgent"
)

// Source tells how a ticket came in.
type Source string

// The sources.
const (
	SourceWeb     Source = "web"
	SourcePhone   Source = "phone"
	SourceVisit   Source = "visit"
	SourceDesk    Source = "desk"
	SourceStation Source = "station"
	SourceOrder   Source = "order"
	SourceHotline Source = "hotline"
	SourceImport  Source = "import"
)

// Sources lists how a ticket may come in.
func Sources() []Source {
	return []Source{SourceWeb, SourcePhone, SourceVisit, SourceDesk, SourceStation, SourceOrder, SourceHotline, SourceImport}
}

// Convener is who chairs a joint handling.
type Convener string

// The conveners.
const (
	ConvenedByLead Convener = "lead"
	ConvenedByDesk Convener = "desk"
)

// Position is what a summoned department says it can do.
type Position string

// The positions.
const (
	Can    Position = "can"
	Cannot Position = "cannot"
	Needs  Position = "needs"
)
