package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"whistle/internal/ticket"
)

// derivedVersion is the version of the rules by which what stands beside a
// ticket for lists, its obligations among it, is derived. Raise it when they
// change; the next start derives everything anew.
const derivedVersion = 1

// obligationRow is an obligation as the table keeps it.
type obligationRow struct {
	TicketID string           `gorm:"primaryKey"`
	Event    ticket.Event     `gorm:"primaryKey"`
	Side     ticket.Side      `gorm:"primaryKey"`
	PartyID  string           `gorm:"primaryKey"`
	Clock    ticket.ClockName `gorm:"primaryKey"`
	Item     string           `gorm:"primaryKey"`
	YellowAt *time.Time
	DueAt    *time.Time
}

func (obligationRow) TableName() string { return "ticket_obligations" }

// key is what tells the row from the others of its ticket.
func (r obligationRow) key() [5]string {
	return [5]string{string(r.Event), string(r.Side), r.PartyID, string(r.Clock), r.Item}
}

func (r obligationRow) String() string {
	return strings.Join([]string{fmt.Sprint(r.key()), show(r.YellowAt), show(r.DueAt)}, " ")
}

func obligationsOf(t *ticket.Ticket) []obligationRow {
	if t == nil {
		return nil
	}
	var rows []obligationRow
	for _, o := range t.Obligations() {
		row := obligationRow{t.ID, o.Event, o.Side, o.PartyID, o.Clock, o.Item, utcPtr(o.YellowAt), utcPtr(o.DueAt)}
		if !slices.ContainsFunc(rows, func(r obligationRow) bool { return r.key() == row.key() }) {
			rows = append(rows, row)
		}
	}
	return rows
}

// writeObligations writes what an event changed of a ticket's obligations.
func (s *Store) writeObligations(ctx context.Context, before, after *ticket.Ticket) error {
	was, is := obligationsOf(before), obligationsOf(after)
	holds := func(rows []obligationRow, row obligationRow, same func(a, b obligationRow) bool) bool {
		return slices.ContainsFunc(rows, func(r obligationRow) bool { return same(r, row) })
	}
	sameKey := func(a, b obligationRow) bool { return a.key() == b.key() }
	sameRow := func(a, b obligationRow) bool { return a.String() == b.String() }

	gone := slices.DeleteFunc(slices.Clone(was), func(r obligationRow) bool { return holds(is, r, sameKey) })
	if len(gone) > 0 {
		if err := s.write(ctx).Delete(&gone).Error; err != nil {
			return translate(err)
		}
	}
	fresh := slices.DeleteFunc(is, func(r obligationRow) bool { return holds(was, r, sameRow) })
	if len(fresh) == 0 {
		return nil
	}
	replace := clause.OnConflict{
		Columns:   []clause.Column{{Name: "ticket_id"}, {Name: "event"}, {Name: "side"}, {Name: "party_id"}, {Name: "clock"}, {Name: "item"}},
		DoUpdates: clause.AssignmentColumns([]string{"yellow_at", "due_at"}),
	}
	return translate(s.write(ctx).Clauses(replace).Create(&fresh).Error)
}

// DeriveAnew brings what stands beside some tickets for lists up to the
// present rules, and returns how many there were; 0 when all are. It must run
// in a transaction.
func (s *Store) DeriveAnew(ctx context.Context, atMost int) (int, error) {
	var ids []string
	err := s.write(ctx).Model(&ticketRow{}).Where("derived_version < ?", derivedVersion).Order("derived_version, id").Limit(atMost).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return 0, translate(err)
	}
	// Changing the rows first keeps others from changing them meanwhile.
	if err := s.write(ctx).Exec("UPDATE tickets SET derived_version = ? WHERE id IN ?", derivedVersion, ids).Error; err != nil {
		return 0, translate(err)
	}
	if err := s.write(ctx).Where("ticket_id IN ?", ids).Delete(&obligationRow{}).Error; err != nil {
		return 0, translate(err)
	}
	tickets, err := s.Tickets(ctx, ticket.System, TicketFilter{IDs: ids})
	if err != nil {
		return 0, err
	}
	var obligations []obligationRow
	for _, t := range tickets {
		obligations = append(obligations, obligationsOf(t)...)
		if t.OnLedger || t.ChargeID != "" {
			if err := s.write(ctx).Exec("UPDATE tickets SET on_ledger = ?, charge_id = ? WHERE id = ?", t.OnLedger, t.ChargeID, t.ID).Error; err != nil {
				return 0, translate(err)
			}
		}
	}
	return len(ids), insertAll(ctx, s, obligations)
}
