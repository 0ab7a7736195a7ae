package store

import (
	"context"
	"time"

	"whistle/internal/ticket"
)

// Kindred is what of a ticket tells whether it is about the same matter as
// another.
type Kindred struct {
	ID           string
	Number       string
	Title        string
	Description  string
	Category     string
	EnterpriseID string
	LeadID       string
	State        ticket.State
}

// Kin reads the tickets among which those of the same matter as the one given
// are looked for: the open ones of its enterprise, the last ones of its
// category and the last ones of any, so many of each at the most. Those that
// were turned away or merged are left out. The ticket itself must have been
// read in the actor's scope.
func (s *Store) Kin(ctx context.Context, actor ticket.Actor, t *ticket.Ticket, ofEach int) ([]Kindred, error) {
	some := func(where string, args ...any) any {
		newest := s.read(ctx).Table("tickets").Where(where, args...).Where("id <> ? AND state NOT IN ?", t.ID, []ticket.State{ticket.Rejected, ticket.Withdrawn, ticket.Merged}).
			Scopes(visible(actor, allAtOnce, false)).Select("id").Order("filed_at DESC, id DESC").Limit(ofEach)
		return s.read(ctx).Table("(?) AS newest", newest).Select("id")
	}
	var kin []Kindred
	err := s.read(ctx).Table("tickets").Where("id IN (? UNION ? UNION ?)",
		some(isOpen+" AND enterprise_id = ?", t.EnterpriseID), some("category = ?", t.Category), some("filed_at > ?", utc(time.Unix(0, 0)))).
		Select("id, number, title, description, category, enterprise_id, lead_id, state").
		Order("filed_at DESC, id DESC").Find(&kin).Error
	return kin, translate(err)
}

// Handed is how often tickets of a category were dispatched to a department.
type Handed struct {
	DepartmentID string
	Count        int
	InPlace      int // of them for enterprises of one place
	Returned     int
}

// HandedTo counts the dispatches of a category since a moment by department,
// and those of a place among them.
func (s *Store) HandedTo(ctx context.Context, category, placeID string, since time.Time) ([]Handed, error) {
	var rows []Handed
	err := s.read(ctx).Table("dispatch_facts").Where("valid_to IS NULL AND category = ? AND dispatched_at >= ?", category, utc(since)).
		Select("department_id, count(*) AS count, count(*) FILTER (WHERE place_id = ? AND place_id <> '') AS in_place, count(*) FILTER (WHERE returned) AS returned", placeID).
		Group("department_id").Scan(&rows).Error
	return rows, translate(err)
}
