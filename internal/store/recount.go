package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"

	"whistle/internal/ticket"
)

// FactLog gathers the facts of one ticket through its history, row by row as
// they are kept.
type FactLog struct {
	ticketID string
	rows     []factRow
	latest   map[factPlace]factRow
	ticket   *ticket.Ticket
}

type factPlace struct {
	table string
	item  int
}

// NewFactLog begins a log before the ticket's first line.
func NewFactLog(ticketID string) *FactLog {
	return &FactLog{ticketID: ticketID, latest: map[factPlace]factRow{}}
}

// Follow adds what a line brings, after which the ticket stood as given.
func (l *FactLog) Follow(after *ticket.Ticket, line *ticket.Line) {
	for _, change := range factChanges(l.ticket, after, line) {
		place := factPlace{change.row.TableName(), change.row.item()}
		if !change.first {
			key, ended := change.row.holds(), l.latest[place].holds()
			ended.ValidTo, ended.RecordedTo = &key.ValidFrom, &key.RecordedAt
		}
		l.latest[place] = change.row
		l.rows = append(l.rows, change.row)
	}
	l.ticket = after
}

// Discrepancy is a column in which what is stored is not what follows from the
// history.
type Discrepancy struct {
	TicketID string
	Line     int    // the line from which the row stems; 0 for the ticket itself
	Table    string //
	Column   string // "" when the whole row is missing or one too many
	Stored   string
	Counted  string
}

func (d Discrepancy) String() string {
	place := d.Table
	if d.Column != "" {
		place += "." + d.Column
	}
	return fmt.Sprintf("%s from line %d: stored %s, by the history %s", place, d.Line, d.Stored, d.Counted)
}

// How a row that is only on one side reads.
const (
	absent  = "(no such row)"
	present = "(a row)"
)

// CompareFacts holds the stored facts of the logs' tickets against the logs.
func (s *Store) CompareFacts(ctx context.Context, logs []*FactLog) ([]Discrepancy, error) {
	counted := map[string]factRow{}
	ids := make([]string, len(logs))
	for i, log := range logs {
		ids[i] = log.ticketID
		for _, row := range log.rows {
			counted[rowKey(row)] = row
		}
	}
	stored := map[string]factRow{}
	err := errors.Join(
		loadFacts(ctx, s, ids, stored, func(r *ticketFactsRow) factRow { return r }),
		loadFacts(ctx, s, ids, stored, func(r *dispatchFactsRow) factRow { return r }),
		loadFacts(ctx, s, ids, stored, func(r *summonsFactsRow) factRow { return r }),
	)
	if err != nil {
		return nil, err
	}
	var found []Discrepancy
	for key, row := range counted {
		at := Discrepancy{TicketID: row.holds().TicketID, Line: row.holds().Seq, Table: row.TableName()}
		other, ok := stored[key]
		delete(stored, key)
		if !ok {
			at.Stored, at.Counted = absent, present
			found = append(found, at)
			continue
		}
		differences, err := s.compare(ctx, other, row)
		if err != nil {
			return nil, err
		}
		for _, d := range differences {
			at.Column, at.Stored, at.Counted = d.column, show(d.stored), show(d.counted)
			found = append(found, at)
		}
	}
	for _, row := range stored {
		found = append(found, Discrepancy{
			TicketID: row.holds().TicketID, Line: row.holds().Seq, Table: row.TableName(), Stored: present, Counted: absent,
		})
	}
	slices.SortFunc(found, func(a, b Discrepancy) int {
		return cmp.Or(cmp.Compare(a.TicketID, b.TicketID), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Table, b.Table), cmp.Compare(a.Column, b.Column))
	})
	return found, nil
}

func rowKey(row factRow) string {
	key := row.holds()
	return fmt.Sprintf("%s %s %d %d", row.TableName(), key.TicketID, row.item(), key.Seq)
}

func loadFacts[R any](ctx context.Context, s *Store, ids []string, into map[string]factRow, row func(*R) factRow) error {
	var rows []*R
	if err := s.read(ctx).Where("ticket_id IN ?", ids).Find(&rows).Error; err != nil {
		return translate(err)
	}
	for _, r := range rows {
		into[rowKey(row(r))] = row(r)
	}
	return nil
}

// FactsWithoutHistory lists the tickets of which there are facts but no
// history.
func (s *Store) FactsWithoutHistory(ctx context.Context) ([]string, error) {
	var ids []string
	for _, b := range bases {
		var some []string
		err := s.read(ctx).Raw("SELECT DISTINCT ticket_id FROM " + b.table + " f WHERE NOT EXISTS (SELECT 1 FROM history h WHERE h.ticket_id = f.ticket_id)").
			Scan(&some).Error
		if err != nil {
			return nil, translate(err)
		}
		ids = append(ids, some...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// LoadFacts writes the logs' rows into the store, a scratch one.
func (s *Store) LoadFacts(ctx context.Context, logs []*FactLog) error {
	var tickets []*ticketFactsRow
	var dispatches []*dispatchFactsRow
	var summonses []*summonsFactsRow
	for _, log := range logs {
		for _, row := range log.rows {
			switch row := row.(type) {
			case *ticketFactsRow:
				tickets = append(tickets, row)
			case *dispatchFactsRow:
				dispatches = append(dispatches, row)
			case *summonsFactsRow:
				summonses = append(summonses, row)
			}
		}
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		if err := insertAll(ctx, s, tickets); err != nil {
			return err
		}
		if err := insertAll(ctx, s, dispatches); err != nil {
			return err
		}
		return insertAll(ctx, s, summonses)
	})
}

// OpenScratch opens an empty database in a folder of its own, in which facts
// can be counted apart; nothing in it refers to anything. Closing it removes
// the folder.
func OpenScratch(ctx context.Context) (*Store, func() error, error) {
	dir, err := os.MkdirTemp("", "whistle-recount-")
	if err != nil {
		return nil, nil, err
	}
	file := "file:" + (&url.URL{Path: filepath.Join(dir, SQLiteFile)}).EscapedPath()
	db, err := openGorm(ctx, sqlite.Open(file+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=foreign_keys(0)"), nil, 1, 1)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	s := &Store{dialect: SQLite, writer: db, reader: db}
	end := func() error { return errors.Join(s.Close(), os.RemoveAll(dir)) }
	if _, err := s.MigrateUp(ctx); err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return s, end, nil
}

// Suspect is a stored ticket, to be held against its history.
type Suspect struct {
	ID     string
	Number string
	row    *ticketRow
	parts  []partyRow
	owed   []obligationRow
}

// Suspects reads the tickets of the ids that are there, by id.
func (s *Store) Suspects(ctx context.Context, ids []string) (map[string]Suspect, error) {
	var rows []*ticketRow
	if err := s.read(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	var parts []partyRow
	if err := s.read(ctx).Where("ticket_id IN ?", ids).Find(&parts).Error; err != nil {
		return nil, translate(err)
	}
	var owed []obligationRow
	if err := s.read(ctx).Where("ticket_id IN ?", ids).Find(&owed).Error; err != nil {
		return nil, translate(err)
	}
	suspects := make(map[string]Suspect, len(rows))
	for _, row := range rows {
		suspects[row.ID] = Suspect{ID: row.ID, Number: row.Number, row: row}
	}
	for _, p := range parts {
		if one, ok := suspects[p.TicketID]; ok {
			one.parts = append(one.parts, p)
			suspects[p.TicketID] = one
		}
	}
	for _, o := range owed {
		if one, ok := suspects[o.TicketID]; ok {
			one.owed = append(one.owed, o)
			suspects[o.TicketID] = one
		}
	}
	return suspects, nil
}

// TicketsWithoutHistory lists tickets that no line tells of: number by id.
func (s *Store) TicketsWithoutHistory(ctx context.Context) (map[string]string, error) {
	var rows []struct{ ID, Number string }
	err := s.read(ctx).Raw("SELECT id, number FROM tickets t WHERE NOT EXISTS (SELECT 1 FROM history h WHERE h.ticket_id = t.id)").Scan(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	numbers := make(map[string]string, len(rows))
	for _, row := range rows {
		numbers[row.ID] = row.Number
	}
	return numbers, nil
}

// CompareTicket names the columns, and "ticket_parties" and
// "ticket_obligations", in which a stored ticket is not the one that its
// history gives.
func (s *Store) CompareTicket(ctx context.Context, stored Suspect, replayed *ticket.Ticket) ([]string, error) {
	row, err := rowOf(replayed)
	if err != nil {
		return nil, err
	}
	row.Serial = stored.row.Serial // given by the database; the number that people see tells it
	differences, err := s.compare(ctx, stored.row, row)
	if err != nil {
		return nil, err
	}
	var columns []string
	for _, d := range differences {
		if d.column == "detail" && sameJSON(stored.row.Detail, row.Detail) {
			continue // PostgreSQL keeps the members in another order
		}
		columns = append(columns, d.column)
	}
	order := func(a, b partyRow) int {
		return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.PartyID, b.PartyID))
	}
	has, should := slices.Clone(stored.parts), partiesOf(replayed)
	slices.SortFunc(has, order)
	slices.SortFunc(should, order)
	if !slices.Equal(has, should) {
		columns = append(columns, partyRow{}.TableName())
	}
	if !slices.Equal(texts(stored.owed), texts(obligationsOf(replayed))) {
		columns = append(columns, obligationRow{}.TableName())
	}
	return columns, nil
}

// texts writes rows so that they can be compared in any order.
func texts(rows []obligationRow) []string {
	all := make([]string, len(rows))
	for i, row := range rows {
		all[i] = row.String()
	}
	slices.Sort(all)
	return all
}

func sameJSON(a, b string) bool {
	read := func(text string) (v any, err error) {
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		err = dec.Decode(&v)
		return v, err
	}
	x, errX := read(a)
	y, errY := read(b)
	return errX == nil && errY == nil && reflect.DeepEqual(x, y)
}

type columnDifference struct {
	column          string
	stored, counted any
}

// compare finds the columns in which two rows of one table differ.
func (s *Store) compare(ctx context.Context, stored, counted any) ([]columnDifference, error) {
	stmt := &gorm.Statement{DB: s.reader}
	if err := stmt.Parse(stored); err != nil {
		return nil, err
	}
	var differences []columnDifference
	for _, field := range stmt.Schema.Fields {
		if field.DBName == "" {
			continue
		}
		a, _ := field.ValueOf(ctx, reflect.ValueOf(stored))
		b, _ := field.ValueOf(ctx, reflect.ValueOf(counted))
		if show(a) != show(b) {
			differences = append(differences, columnDifference{field.DBName, a, b})
		}
	}
	return differences, nil
}

// show writes a column's value; the same moment in any zone reads the same.
func show(v any) string {
	switch v := v.(type) {
	case time.Time:
		return utc(v).Format(time.RFC3339Nano)
	case *time.Time:
		if v == nil {
			return "none"
		}
		return show(*v)
	case *int64:
		if v == nil {
			return "none"
		}
		return show(*v)
	}
	return fmt.Sprint(v)
}
