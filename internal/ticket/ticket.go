package ticket

import (
	"slices"
	"time"

	"whistle/internal/worktime"
)

// Core holds the facts that lists are filtered and sorted by.
type Core struct {
	ID              string
	Number          string // shown to people, e.g. 2023-004294
	ExternalNumber  string // the number in the system it was imported from
	Title           string
	Description     string
	Category        string // category code
	Urgency         Urgency
	Source          Source
	Confidential    bool
	EnterpriseID    string
	ProjectID       string
	PlaceID         string // the enterprise's place at filing
	FiledBy         string // user id
	FiledAt         time.Time
	State           State
	LeadID          string // department that leads now
	AssigneeID      string // user of the lead department
	Outcome         Outcome
	ClaimedOutcome  Outcome // what the lead says until it is verified
	VerifiedBy      Verification
	Satisfaction    int // 1–5; 0 when not rated
	MergedInto      string
	Imported        bool // its story was carried over: no queue, sweep or alarm waits on it
	PolicyVersion   int
	CalendarVersion int
	Version         int       // number of its last history line
	HeadHash        string    // hash of that line
	UpdatedAt       time.Time // when its last line happened; never goes backwards
}

// Detail holds what only the ticket itself needs.
type Detail struct {
	Chains           []string        `json:"chains,omitempty"`         // the enterprise's chains at filing
	CoDepartments    []string        `json:"co_departments,omitempty"` // named beside the lead by the present dispatch
	Dispatches       []Dispatch      `json:"dispatches,omitempty"`
	FormerLeads      []FormerLead    `json:"former_leads,omitempty"`
	Returns          int             `json:"returns,omitempty"`
	Final            bool            `json:"final,omitempty"` // 首接负责: no further return
	Convener         Convener        `json:"convener,omitempty"`
	Round            int             `json:"round,omitempty"` // of joint handling, from 1
	Summons          []Summons       `json:"summons,omitempty"`
	Tasks            []Task          `json:"tasks,omitempty"`
	Orders           []Order         `json:"orders,omitempty"`
	Requests         []Request       `json:"requests,omitempty"`
	Experts          []Expert        `json:"experts,omitempty"`
	ChargeID         string          `json:"charge_id,omitempty"` // the leader who took it under their own name
	ReviewDate       *worktime.Date  `json:"review_date,omitempty"`
	OnLedger         bool            `json:"on_ledger,omitempty"` // 挂账台账, from the approval until confirm or callback
	AcceptedAt       *time.Time      `json:"accepted_at,omitempty"`
	AcceptInferred   bool            `json:"accept_inferred,omitempty"`
	ClaimedAt        *time.Time      `json:"claimed_at,omitempty"` // by the present lead
	ReturnUntil      *time.Time      `json:"return_until,omitempty"`
	FirstDispatchAt  *time.Time      `json:"first_dispatch_at,omitempty"`
	VerifyingSince   *time.Time      `json:"verifying_since,omitempty"` // the last time
	ReachedVerifying bool            `json:"reached_verifying,omitempty"`
	Disputes         int             `json:"disputes,omitempty"`
	Reopens          int             `json:"reopens,omitempty"`   // from closed
	Unreached        []worktime.Date `json:"unreached,omitempty"` // working days on which a callback reached nobody
	ClosedAt         *time.Time      `json:"closed_at,omitempty"`
	HandlingSeconds  *int64          `json:"handling_seconds,omitempty"` // working time from accept to close; nil while open or when the accept was inferred
	LastUrged        *worktime.Date  `json:"last_urged,omitempty"`
	Clocks           []Clock         `json:"clocks,omitempty"`
}

// Ticket is one matter of one enterprise.
type Ticket struct {
	Core
	Detail
}

// Dispatch is one handing of the ticket to a lead department.
type Dispatch struct {
	DepartmentID string     `json:"department_id"`
	At           time.Time  `json:"at"`
	Clock        int        `json:"clock"` // place of its claim clock; -1 when no claim was asked: lead of a joint handling at once
	ClaimedAt    *time.Time `json:"claimed_at,omitempty"`
	ReturnedAt   *time.Time `json:"returned_at,omitempty"`
	Inferred     bool       `json:"inferred,omitempty"`
}

// FormerLead led the ticket up to its return, and may see it as it stood then.
type FormerLead struct {
	DepartmentID string `json:"department_id"`
	Version      int    `json:"version"` // the return's history line
}

// Summons calls one department to a joint handling.
type Summons struct {
	Round        int        `json:"round"`
	DepartmentID string     `json:"department_id"`
	At           time.Time  `json:"at"`
	Clock        int        `json:"clock"` // place of its report-in clock
	ReportedAt   *time.Time `json:"reported_at,omitempty"`
	Position     Position   `json:"position,omitempty"`
	Line         int        `json:"line,omitempty"` // the report_in line that holds its text
}

// Progress of a Task.
type TaskState string

// The states of a task.
const (
	TaskOpen      TaskState = "open"
	TaskFinished  TaskState = "finished"
	TaskCancelled TaskState = "cancelled"
)

// Task is one department's part of what a joint handling agreed on.
type Task struct {
	ID           string     `json:"id"`
	DepartmentID string     `json:"department_id"`
	DueAt        *time.Time `json:"due_at,omitempty"`
	State        TaskState  `json:"state"`
	Line         int        `json:"line"`  // the conclude line that holds its text
	Index        int        `json:"index"` // its place there
	EndedAt      *time.Time `json:"ended_at,omitempty"`
}

// Order is a leader's instruction, supervision or taking charge; it is to be
// answered.
type Order struct {
	ID         string     `json:"id"`
	Kind       Event      `json:"kind"` // instruct, supervise, take_charge
	LeaderID   string     `json:"leader_id"`
	At         time.Time  `json:"at"`
	Line       int        `json:"line"` // the line that holds its text
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
	Voided     bool       `json:"voided,omitempty"`
}

// RequestState is how far a request has come.
type RequestState string

// The states of a request.
const (
	RequestPending  RequestState = "pending"
	RequestApproved RequestState = "approved"
	RequestDeclined RequestState = "declined"
	RequestVoid     RequestState = "void" // the ticket moved on
)

// RequestKind is what is asked for.
type RequestKind string

// The kinds of request.
const (
	ForExtension  RequestKind = "extension"
	ForSuspension RequestKind = "suspension"
	ForWhistle    RequestKind = "whistle"
)

// Request is something asked of the head or the desk.
type Request struct {
	Kind       RequestKind    `json:"kind"`
	State      RequestState   `json:"state"`
	At         time.Time      `json:"at"`
	Line       int            `json:"line"` // the line that holds its reason
	DueAt      *time.Time     `json:"due_at,omitempty"`
	ReviewDate *worktime.Date `json:"review_date,omitempty"`
	DecidedAt  *time.Time     `json:"decided_at,omitempty"`
}

// Expert is somebody invited to one round of joint handling.
type Expert struct {
	UserID string `json:"user_id"`
	Round  int    `json:"round"`
}

// Joined are the departments with a part in the ticket beside its lead: named
// by the present dispatch, or ever summoned.
func (t *Ticket) Joined() []string {
	joined := slices.Clone(t.CoDepartments)
	for _, s := range t.Summons {
		joined = append(joined, s.DepartmentID)
	}
	joined = slices.DeleteFunc(joined, func(id string) bool { return id == t.LeadID })
	slices.Sort(joined)
	return slices.Compact(joined)
}

// Awaits says whether a department still owes the ticket something beside the
// lead: its report to the present whistle, or a task.
func (t *Ticket) Awaits(departmentID string) bool {
	if s := t.summons(departmentID); t.State == Joint && s != nil && s.ReportedAt == nil {
		return true
	}
	return slices.ContainsFunc(t.Tasks, func(task Task) bool {
		return task.DepartmentID == departmentID && task.State == TaskOpen
	})
}

// Valid says whether the ticket counts in the net rates: not rejected, merged,
// or withdrawn before its first dispatch.
func (t *Ticket) Valid() bool { return t.Exclusion() == "" }

// Exclusion names why a ticket is left out of the net rates; "" when valid.
func (t *Ticket) Exclusion() string {
	switch {
	case t.State == Rejected, t.State == Merged:
		return string(t.State)
	case t.State == Withdrawn && t.FirstDispatchAt == nil:
		return string(t.State)
	}
	return ""
}

// LeadChanged says whether another department led it than the first.
func (t *Ticket) LeadChanged() bool {
	for _, d := range t.Dispatches {
		if d.DepartmentID != t.Dispatches[0].DepartmentID {
			return true
		}
	}
	return false
}

func (t *Ticket) pending(kind RequestKind) *Request {
	for i := range t.Requests {
		if t.Requests[i].Kind == kind && t.Requests[i].State == RequestPending {
			return &t.Requests[i]
		}
	}
	return nil
}

func (t *Ticket) approved(kind RequestKind) int {
	n := 0
	for _, r := range t.Requests {
		if r.Kind == kind && r.State == RequestApproved {
			n++
		}
	}
	return n
}

// summons finds a department's summons in the present round.
func (t *Ticket) summons(departmentID string) *Summons {
	for i := range t.Summons {
		if s := &t.Summons[i]; s.Round == t.Round && s.DepartmentID == departmentID {
			return s
		}
	}
	return nil
}

func (t *Ticket) task(id string) *Task {
	for i := range t.Tasks {
		if t.Tasks[i].ID == id {
			return &t.Tasks[i]
		}
	}
	return nil
}

func (t *Ticket) order(id string) *Order {
	for i := range t.Orders {
		if t.Orders[i].ID == id {
			return &t.Orders[i]
		}
	}
	return nil
}

func (t *Ticket) clone() *Ticket {
	c := *t
	c.Chains = slices.Clone(t.Chains)
	c.CoDepartments = slices.Clone(t.CoDepartments)
	c.Dispatches = slices.Clone(t.Dispatches)
	c.FormerLeads = slices.Clone(t.FormerLeads)
	c.Summons = slices.Clone(t.Summons)
	c.Tasks = slices.Clone(t.Tasks)
	c.Orders = slices.Clone(t.Orders)
	c.Requests = slices.Clone(t.Requests)
	c.Experts = slices.Clone(t.Experts)
	c.Unreached = slices.Clone(t.Unreached)
	c.Clocks = slices.Clone(t.Clocks)
	for i := range c.Clocks {
		c.Clocks[i].Pauses = slices.Clone(c.Clocks[i].Pauses)
	}
	return &c
}
