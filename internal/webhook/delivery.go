package webhook

import (
	"time"

	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Delivery is one thing that an endpoint is told.
type Delivery struct {
	ID         string // the same for every attempt
	WebhookID  string
	Type       string
	Cause      string // the line, alarm or snapshot, which the endpoint is told once
	TicketID   string // "" when it is about none
	Seq        int    // the ticket's line that it speaks of
	About      About  `gorm:"serializer:json"`
	OccurredAt time.Time
	State      State
	Attempts   int
	NextAt     *time.Time // when the next attempt is due; nil when there is none
	JobID      *int64     // the job that makes it
	CreatedAt  time.Time  `gorm:"autoCreateTime:false"`
	EndedAt    *time.Time
}

// TableName of the deliveries.
func (Delivery) TableName() string { return "webhook_deliveries" }

// About is what is told beside what the ticket's line says.
type About struct {
	// Of an alarm: what is late, of whom, and since or from when.
	Owed         ticket.Event `json:"owed,omitempty"`
	DepartmentID string       `json:"department,omitempty"`
	DueAt        *time.Time   `json:"due,omitempty"`
	// Of a frozen snapshot:
	SnapshotID string         `json:"snapshot,omitempty"`
	Kind       string         `json:"kind,omitempty"`
	FromDate   *worktime.Date `json:"from,omitempty"`
	ToDate     *worktime.Date `json:"to,omitempty"`
}

// State is what became of a delivery.
type State string

// The states.
const (
	Waiting   State = "waiting" // for its first attempt or another
	Delivered State = "delivered"
	Failed    State = "failed"   // and will not be tried again
	Withheld  State = "withheld" // its owner may not see it any more
)

// States lists them.
func States() []State { return []State{Waiting, Delivered, Failed, Withheld} }

// Attempt is one sending and what came of it.
type Attempt struct {
	DeliveryID string `gorm:"primaryKey"`
	Number     int    `gorm:"primaryKey;autoIncrement:false"`
	ByHand     bool
	At         time.Time
	TookMS     int64 `gorm:"column:took_ms"`
	Answer     `gorm:"embedded"`
}

// TableName of the attempts.
func (Attempt) TableName() string { return "webhook_attempts" }

// Answer is what came of an attempt.
type Answer struct {
	Status int           // 0 when no answer came
	Fault  Fault         // why none came
	Text   string        `gorm:"column:answer"` // how the answer begins
	Wait   time.Duration `gorm:"-"`             // for how long it asks not to be tried again; 0 where it doesn't say
}

// Statuses that mean something of their own.
const (
	statusOK      = 200
	statusOther   = 300 // the first that is no success
	statusGone    = 410
	longestAnswer = 6 * time.Hour // that an endpoint may ask to be left alone
)

// OK says whether it was taken.
func (a Answer) OK() bool { return a.Status >= statusOK && a.Status < statusOther }

// Gone says whether the endpoint wants nothing any more.
func (a Answer) Gone() bool { return a.Status == statusGone }

// Fault is why no answer came.
type Fault string

// The faults.
const (
	FaultInside  Fault = "inside"  // the address is in the service's own network
	FaultAddress Fault = "address" // it is of no form that can be reached
	FaultTimeout Fault = "timeout"
	FaultTLS     Fault = "tls"
	FaultReach   Fault = "reach" // nobody is there, or the connection broke
)

// backoff is how long is waited after each attempt that failed, a day in all.
var backoff = []time.Duration{
	5 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 14 * time.Hour,
}

// Patience is after how long of failing an endpoint is switched off: the last
// attempt at a delivery comes later.
const Patience = 24 * time.Hour

// MaxAttempts is how often a delivery is tried by itself.
func MaxAttempts() int { return len(backoff) + 1 }

// Next is how long to wait after a number of attempts, of which the last was
// answered so; false when there is none to wait for.
func Next(attempts int, last Answer) (time.Duration, bool) {
	if attempts > len(backoff) {
		return 0, false
	}
	return max(backoff[attempts-1], min(last.Wait, longestAnswer)), true
}
