package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"whistle/internal/ticket"
)

type historyRow struct {
	TicketID   string
	Seq        int
	Event      ticket.Event
	At         time.Time
	RecordedAt time.Time
	ActorID    string
	Canonical  string
	Hash       string
}

func (historyRow) TableName() string { return "history" }

type wordsRow struct {
	TicketID string
	Seq      int
	Salt     string
	Words    string
}

func (wordsRow) TableName() string { return "history_words" }

func (s *Store) appendHistory(ctx context.Context, l *ticket.Line) error {
	row, words, err := historyRows(l)
	if err != nil {
		return err
	}
	if err := s.write(ctx).Create(&row).Error; err != nil || words == nil {
		return translate(err)
	}
	return translate(s.write(ctx).Create(words).Error)
}

// StoredLine is a history line as the database holds it, before anything is
// believed of it.
type StoredLine struct {
	TicketID   string       `json:"ticket_id"`
	Seq        int          `json:"seq"`
	Event      ticket.Event `json:"event"`
	At         time.Time    `json:"at"`
	RecordedAt time.Time    `json:"recorded_at"`
	ActorID    string       `json:"actor_id"`
	Canonical  string       `json:"canonical"`
	Hash       string       `json:"hash"`
	Salt       string       `json:"salt,omitempty"`
	Words      string       `json:"words,omitempty"` // JSON object; "" when the line has none
}

// Open reads the line that is stored.
func (l StoredLine) Open() (*ticket.Line, error) {
	var words map[string]string
	if l.Words != "" {
		if err := json.Unmarshal([]byte(l.Words), &words); err != nil {
			return nil, fmt.Errorf("words: %w", err)
		}
	}
	return ticket.Open(l.Canonical, words, l.Salt)
}

// open is Open for a line that nobody doubts.
func (l StoredLine) open() (*ticket.Line, error) {
	line, err := l.Open()
	if err != nil {
		return nil, fmt.Errorf("ticket %s line %d: %w", l.TicketID, l.Seq, err)
	}
	return line, nil
}

func (s *Store) lines(ctx context.Context) *gorm.DB {
	return s.read(ctx).Table("history AS h").
		Select("h.*, coalesce(w.salt, '') AS salt, coalesce(CAST(w.words AS TEXT), '') AS words").
		Joins("LEFT JOIN history_words w ON w.ticket_id = h.ticket_id AND w.seq = h.seq").
		Order("h.ticket_id, h.seq")
}

// History reads a ticket's lines up to one; the ticket must have been read in
// the actor's scope, which tells the last line that they may see.
func (s *Store) History(ctx context.Context, ticketID string, upTo int) ([]*ticket.Line, error) {
	histories, err := s.Histories(ctx, map[string]int{ticketID: upTo})
	return histories[ticketID], err
}

// Histories reads the lines of several tickets, each up to one as in History.
func (s *Store) Histories(ctx context.Context, upTo map[string]int) (map[string][]*ticket.Line, error) {
	histories := make(map[string][]*ticket.Line, len(upTo))
	if len(upTo) == 0 {
		return histories, nil
	}
	var stored []StoredLine
	condition, list := s.among("h.ticket_id", slices.Collect(maps.Keys(upTo)))
	if err := s.lines(ctx).Where(condition, list).Scan(&stored).Error; err != nil {
		return nil, translate(err)
	}
	for _, row := range stored {
		if row.Seq > upTo[row.TicketID] {
			continue
		}
		line, err := row.open()
		if err != nil {
			return nil, err
		}
		histories[row.TicketID] = append(histories[row.TicketID], line)
	}
	return histories, nil
}

// LinesSince reads the lines recorded since a moment, in the order in which
// they were, as they are stored.
func (s *Store) LinesSince(ctx context.Context, since time.Time) ([]StoredLine, error) {
	var lines []StoredLine
	err := s.lines(ctx).Where("h.recorded_at >= ?", utc(since)).Scan(&lines).Error
	slices.SortStableFunc(lines, func(a, b StoredLine) int { return a.RecordedAt.Compare(b.RecordedAt) })
	return lines, translate(err)
}

// History is all that is stored of one ticket's story.
type History struct {
	TicketID string
	Lines    []StoredLine
}

// EachHistory walks every history in the order of the tickets' ids, some at a
// time.
func (s *Store) EachHistory(ctx context.Context, f func(some []History) error) error {
	const page = 200 // tickets at a time
	last := ""
	for {
		var ids []string
		if err := s.read(ctx).Model(&historyRow{}).Distinct("ticket_id").Where("ticket_id > ?", last).
			Order("ticket_id").Limit(page).Pluck("ticket_id", &ids).Error; err != nil {
			return translate(err)
		}
		if len(ids) == 0 {
			return nil
		}
		last = ids[len(ids)-1]
		var lines []StoredLine
		if err := s.lines(ctx).Where("h.ticket_id IN ?", ids).Scan(&lines).Error; err != nil {
			return translate(err)
		}
		var some []History
		for start := 0; start < len(lines); {
			end := start
			for end < len(lines) && lines[end].TicketID == lines[start].TicketID {
				lines[end].At, lines[end].RecordedAt = utc(lines[end].At), utc(lines[end].RecordedAt)
				end++
			}
			some = append(some, History{lines[start].TicketID, lines[start:end]})
			start = end
		}
		if err := f(some); err != nil {
			return err
		}
	}
}

// CountTickets is how many tickets there are.
func (s *Store) CountTickets(ctx context.Context) (int64, error) {
	var n int64
	err := s.read(ctx).Model(&ticketRow{}).Count(&n).Error
	return n, translate(err)
}

// CountFiled is how many tickets were filed from one moment to another, both
// included.
func (s *Store) CountFiled(ctx context.Context, from, to time.Time) (int64, error) {
	var n int64
	err := s.read(ctx).Model(&ticketRow{}).Where("filed_at >= ? AND filed_at <= ?", utc(from), utc(to)).Count(&n).Error
	return n, translate(err)
}
