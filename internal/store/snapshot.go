package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"whistle/internal/figures"
	"whistle/internal/worktime"
)

// freezeLock is the key of the lock under which heads are written down.
const freezeLock = 0x66726565

// LockFreeze makes others that freeze wait until the transaction ends.
func (s *Store) LockFreeze(ctx context.Context) error {
	if s.dialect == SQLite {
		return nil // the transaction holds the one write lock
	}
	return translate(s.write(ctx).Exec("SELECT pg_advisory_xact_lock(?)", freezeLock).Error)
}

// AwaitWriters waits until every transaction that may be writing now has
// ended, so that whatever it wrote down is visible.
func (s *Store) AwaitWriters(ctx context.Context) error {
	if s.dialect == SQLite {
		// There is one at a time.
		return s.InTx(ctx, func(context.Context) error { return nil })
	}
	var began time.Time
	if err := s.read(ctx).Raw("SELECT clock_timestamp()").Scan(&began).Error; err != nil {
		return translate(err)
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		// Who has written has an id; who has not may still do so if they are
		// young. Backups that read for an hour have none and are old.
		var writers int64
		if err := s.read(ctx).Raw(`SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start <= ?
			AND (backend_xid IS NOT NULL OR xact_start > clock_timestamp() - interval '1 minute')`, began).Scan(&writers).Error; err != nil {
			return translate(err)
		}
		if writers == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// FirstFiled is when the first ticket was filed; ErrNotFound when there is none.
func (s *Store) FirstFiled(ctx context.Context) (time.Time, error) {
	var first []time.Time
	err := s.read(ctx).Model(&ticketRow{}).Order("filed_at").Limit(1).Pluck("filed_at", &first).Error
	if err == nil && len(first) == 0 {
		return time.Time{}, ErrNotFound
	}
	if err != nil {
		return time.Time{}, translate(err)
	}
	return utc(first[0]), nil
}

// FrozenPeriods are the periods that have their snapshots.
func (s *Store) FrozenPeriods(ctx context.Context) (map[figures.Period]bool, error) {
	var rows []figures.Period
	if err := s.read(ctx).Table("snapshots").Select("kind, from_date, to_date").Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	frozen := make(map[figures.Period]bool, len(rows))
	for _, p := range rows {
		frozen[p] = true
	}
	return frozen, nil
}

// Head is the last line of a history as a freeze found it.
type Head struct {
	TicketID   string    `json:"ticket_id"`
	Seq        int       `json:"seq"`
	Hash       string    `json:"hash"`
	RecordedAt time.Time `json:"recorded_at"` // the freeze
}

// TableName of the heads.
func (Head) TableName() string { return "history_heads" }

// HeadsOverlap is by how much the search for new heads goes back behind the
// last one, so that a machine whose clock is behind hides none.
const HeadsOverlap = time.Hour

// LastHeads is when heads were last written down; zero when never.
func (s *Store) LastHeads(ctx context.Context) (time.Time, error) {
	var last []time.Time
	if err := s.read(ctx).Model(&Head{}).Order("recorded_at DESC").Limit(1).Pluck("recorded_at", &last).Error; err != nil || len(last) == 0 {
		return time.Time{}, translate(err)
	}
	return utc(last[0]), nil
}

// AppendHeads writes down the head of every history that has grown since the
// last time.
func (s *Store) AppendHeads(ctx context.Context, recordedAt time.Time) error {
	last, err := s.LastHeads(ctx)
	if err != nil {
		return err
	}
	return translate(s.write(ctx).Exec(`INSERT INTO history_heads (ticket_id, seq, hash, recorded_at)
		SELECT h.ticket_id, h.seq, h.hash, ? FROM history h
		WHERE h.recorded_at > ?
		AND NOT EXISTS (SELECT 1 FROM history n WHERE n.ticket_id = h.ticket_id AND n.seq = h.seq + 1)
		AND NOT EXISTS (SELECT 1 FROM history_heads k WHERE k.ticket_id = h.ticket_id AND k.seq = h.seq)`,
		utc(recordedAt), utc(last.Add(-HeadsOverlap))).Error)
}

// Heads are all heads that were ever written down, in that order.
func (s *Store) Heads(ctx context.Context) ([]Head, error) {
	var heads []Head
	err := s.read(ctx).Order("recorded_at, ticket_id, seq").Find(&heads).Error
	for i := range heads {
		heads[i].RecordedAt = utc(heads[i].RecordedAt)
	}
	return heads, translate(err)
}

// Counted lists every fact that some rate counts.
func (s *Store) Counted(ctx context.Context, q figures.Query, zone *time.Location) ([]figures.Counted, error) {
	var all []figures.Counted
	for over := range bases {
		if err := s.countedOver(ctx, over, q, zone, &all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Store) countedOver(ctx context.Context, over figures.Base, q figures.Query, zone *time.Location, all *[]figures.Counted) error {
	var denominators, numerators []string
	for i, d := range figures.Rates() {
		if d.Over == over {
			denominators = append(denominators, fmt.Sprintf("CASE WHEN %s THEN %d ELSE 0 END", d.Denominator, 1<<i))
			numerators = append(numerators, fmt.Sprintf("CASE WHEN (%s) AND (%s) THEN %d ELSE 0 END", d.Denominator, d.Numerator, 1<<i))
		}
	}
	rows, err := s.facts(ctx, over, q, zone).
		Select("ticket_id, "+bases[over].item+", "+strings.Join(denominators, " + ")+", "+strings.Join(numerators, " + "), moments(q)).
		Rows()
	if err != nil {
		return translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		c := figures.Counted{Base: over}
		if err := rows.Scan(&c.TicketID, &c.Item, &c.Denominators, &c.Numerators); err != nil {
			return err
		}
		if c.Denominators != 0 {
			*all = append(*all, c)
		}
	}
	return rows.Err()
}

type memberRow struct {
	SnapshotID      string
	figures.Counted `gorm:"embedded"`
}

func (memberRow) TableName() string { return "snapshot_members" }

// InsertSnapshot freezes a period, with its members where they are kept; fresh
// is false when somebody else was faster.
func (s *Store) InsertSnapshot(ctx context.Context, snapshot *figures.Snapshot, members []figures.Counted) (fresh bool, err error) {
	snapshot.AsOf, snapshot.RecordedBy = utc(snapshot.AsOf), utc(snapshot.RecordedBy)
	done := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(snapshot)
	if done.Error != nil || done.RowsAffected == 0 {
		return false, translate(done.Error)
	}
	rows := make([]memberRow, len(members))
	for i, m := range members {
		rows[i] = memberRow{snapshot.ID, m}
	}
	return true, insertAll(ctx, s, rows)
}

// SnapshotFilter narrows a list of snapshots; zero values narrow nothing.
type SnapshotFilter struct {
	Kind  figures.Kind
	From  worktime.Date // first and last day on which a period may end
	To    worktime.Date
	After *SnapshotPosition
	Limit int
}

// SnapshotPosition is a place in the list of snapshots.
type SnapshotPosition struct {
	ToDate worktime.Date `json:"to"`
	Kind   figures.Kind  `json:"kind"`
}

// Snapshots lists snapshots, those of the latest periods first.
func (s *Store) Snapshots(ctx context.Context, f SnapshotFilter) ([]figures.Snapshot, error) {
	q := s.read(ctx).Order("to_date DESC, kind")
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	if !f.From.IsZero() {
		q = q.Where("to_date >= ?", f.From)
	}
	if !f.To.IsZero() {
		q = q.Where("to_date <= ?", f.To)
	}
	if f.After != nil {
		q = q.Where("to_date < ? OR to_date = ? AND kind > ?", f.After.ToDate, f.After.ToDate, f.After.Kind)
	}
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	var all []figures.Snapshot
	err := q.Find(&all).Error
	for i := range all {
		all[i].AsOf, all[i].RecordedBy = utc(all[i].AsOf), utc(all[i].RecordedBy)
	}
	return all, translate(err)
}

// Snapshot reads one.
func (s *Store) Snapshot(ctx context.Context, id string) (figures.Snapshot, error) {
	row, err := get[figures.Snapshot](ctx, s, "id", id)
	row.AsOf, row.RecordedBy = utc(row.AsOf), utc(row.RecordedBy)
	return row, err
}

// MemberPosition is a place in the list of a snapshot's members.
type MemberPosition struct {
	TicketID string `json:"ticket_id"`
	Item     int    `json:"item"`
}

// SnapshotMembers lists what a snapshot counted in a rate's denominator, or
// its numerator, in the order of the tickets' ids. rate is the rate's place in
// the snapshot's list.
func (s *Store) SnapshotMembers(ctx context.Context, id string, over figures.Base, rate int, numerator bool, after *MemberPosition, limit int) ([]figures.Counted, error) {
	column := "denominators"
	if numerator {
		column = "numerators"
	}
	q := s.read(ctx).Model(&memberRow{}).Where("snapshot_id = ? AND base = ?", id, over).
		Where("("+column+" & ?) <> 0", int64(1)<<rate)
	if after != nil {
		q = q.Where("ticket_id > ? OR ticket_id = ? AND item > ?", after.TicketID, after.TicketID, after.Item)
	}
	return scanMembers(q.Limit(limit))
}

// AllMembers lists everything that a snapshot keeps.
func (s *Store) AllMembers(ctx context.Context, id string) ([]figures.Counted, error) {
	return scanMembers(s.read(ctx).Model(&memberRow{}).Where("snapshot_id = ?", id))
}

func scanMembers(q *gorm.DB) ([]figures.Counted, error) {
	var rows []memberRow
	if err := q.Order("base, ticket_id, item").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	members := make([]figures.Counted, len(rows))
	for i, row := range rows {
		members[i] = row.Counted
	}
	return members, nil
}
