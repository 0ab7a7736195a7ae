package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"whistle/internal/ticket"
)

// Story is a new ticket with its history so far.
type Story struct {
	Serial int64
	Ticket *ticket.Ticket
	Lines  []*ticket.Line
	Facts  *FactLog
}

// NextSerials gives the next n serial numbers.
func (s *Store) NextSerials(ctx context.Context, n int) ([]int64, error) {
	if s.dialect == SQLite {
		first, err := s.NextSerial(ctx)
		serials := make([]int64, n)
		for i := range serials {
			serials[i] = first + int64(i)
		}
		return serials, err
	}
	var serials []int64
	err := s.write(ctx).Raw("SELECT nextval('ticket_serial') FROM generate_series(1, ?)", n).Scan(&serials).Error
	return serials, translate(err)
}

// InsertStories writes new tickets with all that belongs to them, many rows a
// statement.
func (s *Store) InsertStories(ctx context.Context, stories []*Story) error {
	var tickets []*ticketRow
	var parties []partyRow
	var obligations []obligationRow
	var found []ticketTerms
	var lines []historyRow
	var words []wordsRow
	var logs []*FactLog
	for _, story := range stories {
		row, err := rowOf(story.Ticket)
		if err != nil {
			return err
		}
		row.Serial = story.Serial
		tickets = append(tickets, row)
		parties = append(parties, partiesOf(story.Ticket)...)
		obligations = append(obligations, obligationsOf(story.Ticket)...)
		found = append(append(found, termsOf(story.Ticket)), termsGivenBack(story.Ticket, story.Lines)...)
		for _, l := range story.Lines {
			line, text, err := historyRows(l)
			if err != nil {
				return err
			}
			lines = append(lines, line)
			if text != nil {
				words = append(words, *text)
			}
		}
		logs = append(logs, story.Facts)
	}
	for _, insert := range []func() error{
		func() error { return insertAll(ctx, s, tickets) },
		func() error { return insertAll(ctx, s, parties) },
		func() error { return insertAll(ctx, s, obligations) },
		func() error { return insertAll(ctx, s, found) },
		func() error { return insertAll(ctx, s, lines) },
		func() error { return insertAll(ctx, s, words) },
		func() error { return s.LoadFacts(ctx, logs) },
	} {
		if err := insert(); err != nil {
			return err
		}
	}
	return nil
}

// LastRecorded is when the last line of any history was written down. It
// returns ErrNotFound while there is none.
func (s *Store) LastRecorded(ctx context.Context) (time.Time, error) {
	var row historyRow
	err := s.read(ctx).Select("recorded_at").Order("recorded_at DESC").Limit(1).Take(&row).Error
	return utc(row.RecordedAt), translate(err)
}

// insertAll inserts rows, in statements of a size that both databases take.
func insertAll[R any](ctx context.Context, s *Store, rows []R, clauses ...clause.Expression) error {
	if len(rows) == 0 {
		return nil
	}
	n, err := s.rowsAStatement(rows)
	if err != nil {
		return err
	}
	return translate(s.write(ctx).Clauses(clauses...).CreateInBatches(rows, n).Error)
}

// rowsAStatement is how many of the rows to write at once. The driver of
// SQLite looks for each value of a statement among all of them, so that its
// time grows with their square.
func (s *Store) rowsAStatement(rows any) (int, error) {
	const many, sqliteValues = 1000, 200
	if s.dialect != SQLite {
		return many, nil
	}
	stmt := &gorm.Statement{DB: s.writer}
	if err := stmt.Parse(rows); err != nil {
		return 0, err
	}
	return max(1, sqliteValues/len(stmt.Schema.DBNames)), nil
}

// historyRows are a line as the tables keep it; no words where it has none.
func historyRows(l *ticket.Line) (historyRow, *wordsRow, error) {
	row := historyRow{l.TicketID, l.Seq, l.Event, utc(l.At), utc(l.RecordedAt), l.Actor.ID, l.Canonical, l.Hash}
	if len(l.Words) == 0 {
		return row, nil, nil
	}
	text, err := json.Marshal(l.Words)
	return row, &wordsRow{l.TicketID, l.Seq, l.Salt, string(text)}, err
}
