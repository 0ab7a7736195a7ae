package webhook

import (
	"time"

	"whistle/internal/figures"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Message is the body of what is sent.
type Message[D any] struct {
	Type      string    `json:"type" doc:"What happened, such as ticket.claim"`
	Timestamp time.Time `json:"timestamp" doc:"When it happened, or was recorded"`
	Data      D         `json:"data"`
}

// Office is a department by its name.
type Office struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// TicketData is what is told of an event of a ticket.
type TicketData struct {
	TicketID string       `json:"ticket_id"`
	Number   string       `json:"number"`
	Title    string       `json:"title,omitempty" doc:"As the event left it; never of a confidential ticket"`
	Status   ticket.State `json:"status" enum:"submitted,supplementing,accepted,dispatched,joint,resolving,suspended,verifying,closed,rejected,withdrawn,merged" doc:"As the event left it"`
	Event    ticket.Event `json:"event" doc:"The event of the workflow; of an alarm, the one that is owed"`
	Seq      int          `json:"seq" doc:"The line of the ticket's history, by which messages that came in another order are put right"`
	Office   *Office      `json:"office" doc:"Of whom it was; of an alarm, the one that owes it; null for the desk, a leader, an enterprise or the service"`
	Link     string       `json:"link" doc:"The ticket's page"`
}

// AlarmData is what is told of a deadline that is near or has passed.
type AlarmData struct {
	TicketData
	DueAt *time.Time `json:"due_at" doc:"The deadline"`
}

// SnapshotData is what is told of figures that were frozen.
type SnapshotData struct {
	SnapshotID string        `json:"snapshot_id"`
	Kind       figures.Kind  `json:"kind" enum:"daily,weekly,monthly,year_to_date"`
	FromDate   worktime.Date `json:"from_date" format:"date"`
	ToDate     worktime.Date `json:"to_date" format:"date" doc:"The last day"`
	Link       string        `json:"link" doc:"The snapshot's page"`
}

// PingData is what a test says.
type PingData struct {
	WebhookID string `json:"webhook_id"`
	Name      string `json:"name"`
}
