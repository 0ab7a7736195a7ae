package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"whistle/internal/directory"
	"whistle/internal/ticket"
)

// Filer is somebody at a station, from a moment up to another.
type Filer struct {
	UserID      string
	From, Until time.Time // Until zero for no end
}

// Took says whether what an account filed then was filed by them.
func (f Filer) Took(userID string, at time.Time) bool {
	return f.UserID == userID && !at.Before(f.From) && (f.Until.IsZero() || at.Before(f.Until))
}

// atStation is the condition that a ticket was taken down at a station. It
// stands in the text, so that the index of those can serve.
const atStation = "tickets.source = 'station'"

// filedBy narrows tickets to those that one of some people at a station took
// down.
func filedBy(filers []Filer) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		var either condition
		for _, f := range filers {
			if f.Until.IsZero() {
				either.add("tickets.filed_by = ? AND tickets.filed_at >= ?", f.UserID, utc(f.From))
			} else {
				either.add("tickets.filed_by = ? AND tickets.filed_at >= ? AND tickets.filed_at < ?", f.UserID, utc(f.From), utc(f.Until))
			}
		}
		if either.sql == "" {
			either.sql = "1 = 0"
		}
		return q.Where(atStation).Where("("+either.sql+")", either.args...)
	}
}

// hasReportedIn is the condition that a department has reported in to a joint
// handling of a ticket.
const hasReportedIn = "tickets.id IN (SELECT ticket_id FROM summons_facts WHERE valid_to IS NULL AND reported AND department_id = ?)"

// Staff lists all who ever were staff of the stations, the first assignment
// first.
func (s *Store) Staff(ctx context.Context, stationIDs []string) ([]directory.Assignment, error) {
	condition, list := s.among("target_id", stationIDs)
	var rows []directory.Assignment
	err := s.read(ctx).Where("kind = ?", directory.StaffOf).Where(condition, list).Order("from_date, id").Find(&rows).Error
	return rows, translate(err)
}

// TakenDown is a ticket that was taken down at a station.
type TakenDown struct {
	FiledBy string
	FiledAt time.Time
}

// TakenDown lists what of the tickets that an actor sees some people took down
// at a station.
func (s *Store) TakenDown(ctx context.Context, actor ticket.Actor, userIDs []string) ([]TakenDown, error) {
	condition, list := s.among("tickets.filed_by", userIDs)
	var rows []TakenDown
	err := s.read(ctx).Table("tickets").Scopes(visibleTo(actor, oneByOne)).Where(atStation).Where(condition, list).
		Select("tickets.filed_by, tickets.filed_at").Scan(&rows).Error
	return rows, translate(err)
}

// OpenWith counts the open tickets that an actor sees and that each of the
// departments leads or has joined.
func (s *Store) OpenWith(ctx context.Context, actor ticket.Actor, departmentIDs []string) (map[string]int, error) {
	condition, list := s.among("p.party_id", departmentIDs)
	return s.countedBy(s.read(ctx).Table("tickets").Scopes(visible(actor, oneByOne, false)).Where(isOpen).
		Joins("JOIN ticket_parties AS p ON p.ticket_id = tickets.id AND p.part IN ('lead', 'joined')").
		Where(condition, list).Select("p.party_id AS id, count(DISTINCT tickets.id) AS n").Group("p.party_id"))
}

// ReportedIn counts the tickets that an actor sees and to whose joint handling
// each of the departments has reported in.
func (s *Store) ReportedIn(ctx context.Context, actor ticket.Actor, departmentIDs []string) (map[string]int, error) {
	condition, list := s.among("f.department_id", departmentIDs)
	return s.countedBy(s.read(ctx).Table("tickets").Scopes(visible(actor, oneByOne, false)).
		Joins("JOIN summons_facts AS f ON f.ticket_id = tickets.id AND f.valid_to IS NULL AND f.reported").
		Where(condition, list).Select("f.department_id AS id, count(DISTINCT tickets.id) AS n").Group("f.department_id"))
}

func (s *Store) countedBy(q *gorm.DB) (map[string]int, error) {
	var rows []struct {
		ID string
		N  int
	}
	err := q.Scan(&rows).Error
	counts := make(map[string]int, len(rows))
	for _, r := range rows {
		counts[r.ID] = r.N
	}
	return counts, translate(err)
}
