package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"whistle/internal/ticket"
)

// ChargePart is a part of the tickets taken under leaders' names.
type ChargePart string

// The parts. What was rejected or merged, or withdrawn before its first
// dispatch, is listed but not counted.
const (
	ChargesOpen        ChargePart = "open"
	ChargesClosed      ChargePart = "closed" // verified
	ChargesSolved      ChargePart = "solved" // closed so
	ChargesCounted     ChargePart = "counted"
	ChargesConfirmed   ChargePart = "confirmed"
	ChargesCalledBack  ChargePart = "callback"
	ChargesUnreachable ChargePart = "unreachable"
)

var chargeConditions = map[ChargePart]string{
	ChargesOpen:        isOpen,
	ChargesClosed:      inStates(ticket.Closed),
	ChargesSolved:      all(inStates(ticket.Closed), "tickets.outcome = '"+string(ticket.Solved)+"'"),
	ChargesCounted:     "EXISTS (SELECT 1 FROM ticket_facts WHERE ticket_id = tickets.id AND valid_to IS NULL AND exclusion = '')",
	ChargesConfirmed:   verifiedAs(ticket.ByConfirmation),
	ChargesCalledBack:  verifiedAs(ticket.ByCallback),
	ChargesUnreachable: verifiedAs(ticket.Unreachable),
}

func verifiedAs(how ticket.Verification) string {
	return all(inStates(ticket.Closed), "tickets.verified_by = '"+string(how)+"'")
}

// ChargeParts lists all parts, in the order in which they are offered.
func ChargeParts() []ChargePart {
	return []ChargePart{ChargesOpen, ChargesClosed, ChargesSolved, ChargesConfirmed, ChargesCalledBack, ChargesUnreachable, ChargesCounted}
}

// ChargeFilter narrows the tickets taken under leaders' names; zero values
// narrow nothing.
type ChargeFilter struct {
	LeaderID                       string
	Part                           ChargePart
	TakenFrom                      time.Time // inclusive
	TakenBefore                    time.Time // exclusive
	EnterpriseID, PlaceID, ChainID string
	Category, Source, LeadID       string
	After                          *ChargePosition
	Limit                          int
}

// ChargePosition is a place in the list of tickets taken under leaders' names.
type ChargePosition struct {
	Place int       `json:"place"`
	At    time.Time `json:"at"` // taken
	ID    string    `json:"id"`
}

// ChargePlace is which of the list's parts a ticket stands in for the actor:
// the own before those of others, in each what is open first.
func ChargePlace(actor ticket.Actor, t *ticket.Ticket) int {
	place := 0
	if t.ChargeID != actor.ID {
		place += 2
	}
	if !t.State.Open() {
		place++
	}
	return place
}

// takenAt is when the leader who has the ticket first took it.
const takenAt = "(SELECT min(at) FROM history WHERE history.ticket_id = tickets.id AND event = 'take_charge' AND actor_id = tickets.charge_id)"

// charged selects what is taken under a leader's name of the tickets that the
// actor sees as they stand.
func (s *Store) charged(ctx context.Context, actor ticket.Actor, f ChargeFilter) *gorm.DB {
	narrow := TicketFilter{EnterpriseID: f.EnterpriseID, PlaceID: f.PlaceID, ChainID: f.ChainID, Category: f.Category, Source: f.Source, DepartmentID: f.LeadID}
	q := s.read(ctx).Table("tickets").Where("tickets.charge_id <> ''").Scopes(visible(actor, oneByOne, false), narrow.narrow)
	if f.LeaderID != "" {
		q = q.Where("tickets.charge_id = ?", f.LeaderID)
	}
	if f.Part != "" {
		q = q.Where(chargeConditions[f.Part])
	}
	if !f.TakenFrom.IsZero() {
		q = q.Where(takenAt+" >= ?", utc(f.TakenFrom))
	}
	if !f.TakenBefore.IsZero() {
		q = q.Where(takenAt+" < ?", utc(f.TakenBefore))
	}
	return q
}

// Charges lists the tickets taken under leaders' names that the actor sees: the
// own first, what is open before what is not, the last taken on top.
func (s *Store) Charges(ctx context.Context, actor ticket.Actor, f ChargeFilter) ([]*ticket.Ticket, error) {
	const order = "listed.place, listed.at DESC, listed.id DESC"
	charged := s.charged(ctx, actor, f).
		Select("tickets.id AS id, "+takenAt+" AS at, CASE WHEN charge_id = ? THEN 0 ELSE 2 END + CASE WHEN "+isOpen+" THEN 0 ELSE 1 END AS place", actor.ID)
	page := s.read(ctx).Table("(?) AS listed", charged).Select("listed.*").Order(order)
	if f.After != nil {
		page = page.Where("place > ? OR place = ? AND (at, id) < (?, ?)", f.After.Place, f.After.Place, utc(f.After.At), f.After.ID)
	}
	if f.Limit > 0 {
		page = page.Limit(f.Limit)
	}
	var rows []*ticketRow
	err := s.read(ctx).Table("(?) AS listed", page).Joins("JOIN tickets ON tickets.id = listed.id").Select("tickets.*").Order(order).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return ticketsOf(rows)
}

// CountCharges counts the parts of the tickets taken under leaders' names that
// the actor sees.
func (s *Store) CountCharges(ctx context.Context, actor ticket.Actor, f ChargeFilter) (map[ChargePart]int, error) {
	columns := make([]string, len(ChargeParts()))
	for i, part := range ChargeParts() {
		columns[i] = fmt.Sprintf("count(*) FILTER (WHERE %s) AS %s", chargeConditions[part], part)
	}
	counts := map[ChargePart]int{}
	row := map[string]any{}
	err := s.charged(ctx, actor, f).Select(strings.Join(columns, ", ")).Take(&row).Error
	for _, part := range ChargeParts() {
		n, _ := row[string(part)].(int64)
		counts[part] = int(n)
	}
	return counts, translate(err)
}

// ChargeLeaders are the ids of the leaders under whose names the actor sees a
// ticket.
func (s *Store) ChargeLeaders(ctx context.Context, actor ticket.Actor) ([]string, error) {
	var ids []string
	err := s.charged(ctx, actor, ChargeFilter{}).Distinct("charge_id").Order("charge_id").Pluck("charge_id", &ids).Error
	return ids, translate(err)
}
