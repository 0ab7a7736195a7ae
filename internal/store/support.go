package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"whistle/internal/directory"
	"whistle/internal/support"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// SupportFilter narrows the three lists; zero values narrow nothing. A field
// that the list does not have must be left out.
type SupportFilter struct {
	ValidOn   *worktime.Date // policy resources that hold on the day
	ExpiresBy *worktime.Date // whose last day is this one at the latest
	Orderable bool           // that enterprises may order
	// Holding and Expiring ask the service for those that hold today, and for
	// those of them that end soon.
	Holding, Expiring bool

	State    string // of needs and services
	PolicyID string // of services
	NeedID   string
	TicketID string

	DeliveredFrom, DeliveredTo *worktime.Date // services delivered on these days

	// SeenBy leaves out what is linked to a confidential ticket that is not in
	// the actor's sight.
	SeenBy *ticket.Actor
}

func (f SupportFilter) narrow(db *gorm.DB) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		for _, equal := range []struct{ column, value string }{
			{"state", f.State}, {"policy_id", f.PolicyID}, {"need_id", f.NeedID}, {"ticket_id", f.TicketID},
		} {
			if equal.value != "" {
				q = q.Where(equal.column+" = ?", equal.value)
			}
		}
		for _, bound := range []struct {
			condition string
			day       *worktime.Date
		}{
			{"(valid_from IS NULL OR valid_from <= ?)", f.ValidOn},
			{"(valid_to IS NULL OR valid_to >= ?)", f.ValidOn},
			{"valid_to <= ?", f.ExpiresBy},
			{"delivered_on >= ?", f.DeliveredFrom},
			{"delivered_on <= ?", f.DeliveredTo},
		} {
			if bound.day != nil {
				q = q.Where(bound.condition, *bound.day)
			}
		}
		if f.DeliveredFrom != nil || f.DeliveredTo != nil {
			q = q.Where("state = ?", support.Delivered)
		}
		if f.Orderable {
			q = q.Where("orderable")
		}
		if f.SeenBy != nil && !f.SeenBy.SeesAll() {
			seen := db.Table("tickets").Scopes(visible(*f.SeenBy, allAtOnce, false)).Select("tickets.id").Where("confidential")
			q = q.Where("(ticket_id = '' OR ticket_id NOT IN (?) OR ticket_id IN (?))", db.Table("tickets").Select("id").Where("confidential"), seen)
		}
		return q
	}
}

// servicesFound finds services by the names of their enterprises and policy
// resources.
func servicesFound(db *gorm.DB, text string) (condition string, args []any) {
	byName := func(table string) *gorm.DB {
		found, args := inColumns("name")(db, text)
		return db.Session(newSession).Table(table).Select("id").Where(found, args...)
	}
	return "(enterprise_id IN (?) OR policy_id IN (?))", []any{byName("enterprises"), byName("policy_resources")}
}

// Payout is what was delivered and paid out together.
type Payout struct {
	Key       string // of the group; "" for the whole
	Delivered int
	AmountFen support.Fen
}

// PayoutBy says by what services are put together.
type PayoutBy string

// What services are put together by.
const (
	PayoutByPolicy     PayoutBy = "policy_id"
	PayoutByDepartment PayoutBy = "department_id"
)

// Payouts counts the delivered ones of the services that a filter leaves, and
// what was paid out by them, the largest amounts first, as many as the filter's
// limit says.
func (s *Store) Payouts(ctx context.Context, f EntryFilter, by PayoutBy) ([]Payout, error) {
	f.Support.State = string(support.Delivered)
	q := narrowed[support.Service](ctx, s, f)
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	var rows []Payout
	err := q.Select("? AS key, count(*) AS delivered, CAST(coalesce(sum(amount_fen), 0) AS BIGINT) AS amount_fen", clause.Column{Name: string(by)}).
		Group(string(by)).Order("amount_fen DESC, delivered DESC, key").Scan(&rows).Error
	return rows, translate(err)
}

// CountByState counts the entries that a filter leaves, by their state.
func CountByState[T any, P directory.Entry[T]](ctx context.Context, s *Store, f EntryFilter) (map[string]int, error) {
	var rows []struct {
		State string
		Count int
	}
	err := narrowed[T, P](ctx, s, f).Select("state, count(*) AS count").Group("state").Scan(&rows).Error
	counts := map[string]int{}
	for _, r := range rows {
		counts[r.State] = r.Count
	}
	return counts, translate(err)
}

// InsertOrder links a ticket to the policy resource that was ordered by it.
func (s *Store) InsertOrder(ctx context.Context, order support.Order) error {
	return translate(s.write(ctx).Create(&order).Error)
}

// OrderedPolicy is the policy resource that was ordered by a ticket; nil for a
// ticket that is no order.
func (s *Store) OrderedPolicy(ctx context.Context, ticketID string) (*support.PolicyResource, error) {
	var p support.PolicyResource
	err := translate(s.read(ctx).Where("id = (SELECT policy_id FROM policy_orders WHERE ticket_id = ?)", ticketID).Take(&p).Error)
	if errors.Is(err, ErrNotFound) {
		return nil, nil //nolint:nilnil // as the comment says
	}
	return &p, err
}

// OrdersOf are the orders of an enterprise that go on, by policy resource.
func (s *Store) OrdersOf(ctx context.Context, enterpriseID string) (map[string]string, error) {
	var orders []support.Order
	err := s.read(ctx).Where("ticket_id IN (?)", s.read(ctx).Table("tickets").Select("id").Where("enterprise_id = ? AND "+isOpen, enterpriseID)).Find(&orders).Error
	tickets := map[string]string{}
	for _, o := range orders {
		tickets[o.PolicyID] = o.TicketID
	}
	return tickets, translate(err)
}

// ServedEnterprises counts the enterprises of the services that a filter leaves.
func (s *Store) ServedEnterprises(ctx context.Context, f EntryFilter) (int, error) {
	var n int64
	err := narrowed[support.Service](ctx, s, f).Distinct("enterprise_id").Count(&n).Error
	return int(n), translate(err)
}
