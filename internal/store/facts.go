package store

import (
	"context"
	"reflect"
	"time"

	"whistle/internal/figures"
	"whistle/internal/ticket"
)

// factKey says of which ticket, and from when to when, a row of facts holds.
type factKey struct {
	TicketID   string
	Seq        int // the history line that made it so
	ValidFrom  time.Time
	RecordedAt time.Time
	ValidTo    *time.Time
	RecordedTo *time.Time
}

type ticketFactsRow struct {
	factKey             `gorm:"embedded"`
	figures.TicketFacts `gorm:"embedded"`
}

func (ticketFactsRow) TableName() string { return "ticket_facts" }

type dispatchFactsRow struct {
	factKey               `gorm:"embedded"`
	Item                  int
	figures.DispatchFacts `gorm:"embedded"`
}

func (dispatchFactsRow) TableName() string { return "dispatch_facts" }

type summonsFactsRow struct {
	factKey              `gorm:"embedded"`
	Item                 int
	figures.SummonsFacts `gorm:"embedded"`
}

func (summonsFactsRow) TableName() string { return "summons_facts" }

// writeFacts ends the facts that a line made untrue and begins the new ones.
func (s *Store) writeFacts(ctx context.Context, before, after *ticket.Ticket, line *ticket.Line) error {
	var was figures.Facts
	if before != nil {
		was = figures.FactsOf(before)
	}
	is := figures.FactsOf(after)
	key := factKey{TicketID: line.TicketID, Seq: line.Seq, ValidFrom: utc(line.At), RecordedAt: utc(line.RecordedAt)}
	if before == nil || !reflect.DeepEqual(was.Ticket, is.Ticket) {
		if before != nil {
			if err := s.endFacts(ctx, "ticket_facts", key, 0); err != nil {
				return err
			}
		}
		if err := s.write(ctx).Create(&ticketFactsRow{key, is.Ticket}).Error; err != nil {
			return translate(err)
		}
	}
	for i, facts := range is.Dispatches {
		if i < len(was.Dispatches) {
			if reflect.DeepEqual(was.Dispatches[i], facts) {
				continue
			}
			if err := s.endFacts(ctx, "dispatch_facts", key, i+1); err != nil {
				return err
			}
		}
		if err := s.write(ctx).Create(&dispatchFactsRow{key, i + 1, facts}).Error; err != nil {
			return translate(err)
		}
	}
	for i, facts := range is.Summonses {
		if i < len(was.Summonses) {
			if reflect.DeepEqual(was.Summonses[i], facts) {
				continue
			}
			if err := s.endFacts(ctx, "summons_facts", key, i+1); err != nil {
				return err
			}
		}
		if err := s.write(ctx).Create(&summonsFactsRow{key, i + 1, facts}).Error; err != nil {
			return translate(err)
		}
	}
	return nil
}

// endFacts ends the latest facts of a ticket (item 0) or of its n-th dispatch
// or summons.
func (s *Store) endFacts(ctx context.Context, table string, key factKey, item int) error {
	query := "UPDATE " + table + " SET valid_to = ?, recorded_to = ? WHERE ticket_id = ? AND valid_to IS NULL"
	args := []any{key.ValidFrom, key.RecordedAt, key.TicketID}
	if item > 0 {
		query += " AND item = ?"
		args = append(args, item)
	}
	return translate(s.write(ctx).Exec(query, args...).Error)
}
