package store

import (
	"context"
	"reflect"
	"slices"
	"time"

	"whistle/internal/figures"
	"whistle/internal/ticket"
)

// FactKey (exported, or GORM would not see into it) says of which ticket, and from when to when, a row of facts holds.
type FactKey struct {
	TicketID   string
	Seq        int // the history line that made it so
	ValidFrom  time.Time
	RecordedAt time.Time
	ValidTo    *time.Time
	RecordedTo *time.Time
}

type ticketFactsRow struct {
	FactKey             `gorm:"embedded"`
	figures.TicketFacts `gorm:"embedded"`
}

func (ticketFactsRow) TableName() string { return "ticket_facts" }

type dispatchFactsRow struct {
	FactKey               `gorm:"embedded"`
	Item                  int
	figures.DispatchFacts `gorm:"embedded"`
}

func (dispatchFactsRow) TableName() string { return "dispatch_facts" }

type summonsFactsRow struct {
	FactKey              `gorm:"embedded"`
	Item                 int
	figures.SummonsFacts `gorm:"embedded"`
}

func (summonsFactsRow) TableName() string { return "summons_facts" }

// factRow is a row of facts of any kind.
type factRow interface {
	TableName() string
	holds() *FactKey
	item() int // which dispatch or summons of the ticket, from 1; 0 for itself
}

func (k *FactKey) holds() *FactKey { return k }

func (*ticketFactsRow) item() int     { return 0 }
func (r *dispatchFactsRow) item() int { return r.Item }
func (r *summonsFactsRow) item() int  { return r.Item }

// factChange is a row that comes with a line, in place of the latest one of
// the same kind and item unless it is the first.
type factChange struct {
	first bool
	row   factRow
}

// factChanges are the rows that a line brings; before is nil with the first.
func factChanges(before, after *ticket.Ticket, line *ticket.Line) []factChange {
	var was figures.Facts
	var wasTicket []figures.TicketFacts
	if before != nil {
		was = figures.FactsOf(before)
		wasTicket = []figures.TicketFacts{was.Ticket}
	}
	is := figures.FactsOf(after)
	key := FactKey{TicketID: line.TicketID, Seq: line.Seq, ValidFrom: utc(line.At), RecordedAt: utc(line.RecordedAt)}
	return slices.Concat(
		changesOf(wasTicket, []figures.TicketFacts{is.Ticket}, func(_ int, f figures.TicketFacts) factRow { return &ticketFactsRow{key, f} }),
		changesOf(was.Dispatches, is.Dispatches, func(item int, f figures.DispatchFacts) factRow { return &dispatchFactsRow{key, item, f} }),
		changesOf(was.Summonses, is.Summonses, func(item int, f figures.SummonsFacts) factRow { return &summonsFactsRow{key, item, f} }),
	)
}

func changesOf[F any](was, is []F, row func(item int, f F) factRow) []factChange {
	var changes []factChange
	for i, facts := range is {
		first := i >= len(was)
		if first || !reflect.DeepEqual(was[i], facts) {
			changes = append(changes, factChange{first, row(i+1, facts)})
		}
	}
	return changes
}

// writeFacts ends the facts that a line made untrue and begins the new ones.
func (s *Store) writeFacts(ctx context.Context, before, after *ticket.Ticket, line *ticket.Line) error {
	for _, change := range factChanges(before, after, line) {
		if !change.first {
			if err := s.endFacts(ctx, change.row); err != nil {
				return err
			}
		}
		if err := s.write(ctx).Create(change.row).Error; err != nil {
			return translate(err)
		}
	}
	return nil
}

// endFacts ends the latest row that the new one replaces.
func (s *Store) endFacts(ctx context.Context, by factRow) error {
	key := by.holds()
	query := "UPDATE " + by.TableName() + " SET valid_to = ?, recorded_to = ? WHERE ticket_id = ? AND valid_to IS NULL"
	args := []any{key.ValidFrom, key.RecordedAt, key.TicketID}
	if by.item() > 0 {
		query += " AND item = ?"
		args = append(args, by.item())
	}
	return translate(s.write(ctx).Exec(query, args...).Error)
}
