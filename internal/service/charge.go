package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// ChargeFilter narrows the tickets taken under leaders' names.
type ChargeFilter = store.ChargeFilter

// ChargePosition is a place in the list of tickets taken under leaders' names.
type ChargePosition = store.ChargePosition

// ChargePart is a part of the tickets taken under leaders' names.
type ChargePart = store.ChargePart

// ChargeParts lists all parts, in the order in which they are offered.
func ChargeParts() []ChargePart { return store.ChargeParts() }

// Charge is a ticket that a leader took under their own name.
type Charge struct {
	*TicketView
	Since    time.Time // when the leader took it
	Light    ticket.Light
	Progress ChargeProgress
	Position ChargePosition
}

// ChargeProgress is the last that was told of a ticket's progress, as far as
// the reader is; zero for nothing.
type ChargeProgress struct {
	Text string
	At   time.Time
	By   string // account id
}

// Unanswered are the leaders' orders that wait for an answer.
func (c Charge) Unanswered() int {
	n := 0
	for _, o := range c.Orders {
		if o.AnsweredAt == nil && !o.Voided {
			n++
		}
	}
	return n
}

// mayReadCharges says whether the actor is one of those for whom the list of
// what leaders took on is there.
func mayReadCharges(actor ticket.Actor) error {
	if !office(actor) || actor.Role == ticket.RoleAdmin {
		return ticket.Errorf(ticket.CodeForbidden, "What leaders took under their names is for leaders, the desk and departments.")
	}
	return nil
}

// Charges lists the tickets taken under leaders' names that the actor sees: the
// own first, what is open before what is not, the last taken on top.
func (s *Service) Charges(ctx context.Context, actor ticket.Actor, f ChargeFilter) ([]Charge, error) {
	if err := mayReadCharges(actor); err != nil {
		return nil, err
	}
	tickets, err := s.store.Charges(ctx, actor, f)
	if err != nil || len(tickets) == 0 {
		return nil, err
	}
	views, err := s.view(ctx, actor, tickets)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(views))
	for i, v := range views {
		ids[i] = v.ID
	}
	told, err := s.store.LinesOf(ctx, ids, ticket.EventProgress)
	if err != nil {
		return nil, err
	}
	names := views[0].Names // of all of them
	charges := make([]Charge, len(views))
	for i, v := range views {
		charges[i] = Charge{TicketView: v, Since: takenSince(v.Ticket), Light: v.Light(v.Now)}
		charges[i].Position = ChargePosition{Place: store.ChargePlace(actor, v.Ticket), At: charges[i].Since, ID: v.ID}
		if charges[i].Progress, err = lastProgress(v, told[v.ID]); err != nil {
			return nil, err
		}
		names.add(store.Users, charges[i].Progress.By)
	}
	return charges, names.load(ctx, s.store)
}

// takenSince is when the leader who has the ticket first took it.
func takenSince(t *ticket.Ticket) time.Time {
	at := slices.IndexFunc(t.Orders, func(o ticket.Order) bool { return o.Kind == ticket.EventTakeCharge && o.LeaderID == t.ChargeID })
	if at < 0 {
		return time.Time{}
	}
	return t.Orders[at].At
}

// lastProgress is the last of the lines, oldest first, that the viewer reads.
func lastProgress(v *TicketView, lines []*ticket.Line) (ChargeProgress, error) {
	for _, line := range slices.Backward(lines) {
		data, readable, err := line.Data(v.Relation)
		if err != nil {
			return ChargeProgress{}, err
		}
		if text, ok := data["text"].(string); ok && readable && line.Seq <= v.Version {
			return ChargeProgress{Text: text, At: line.At, By: line.Actor.ID}, nil
		}
	}
	return ChargeProgress{}, nil
}

// ChargeCounts are how the tickets taken under leaders' names stand.
type ChargeCounts struct {
	Solved figures.Ratio // closed as solved / taken, without those left out of every rate
	Parts  map[ChargePart]int
}

// Of is how many there are of a part, by its name.
func (c ChargeCounts) Of(part string) int { return c.Parts[ChargePart(part)] }

// CountCharges counts the tickets taken under leaders' names that the actor
// sees.
func (s *Service) CountCharges(ctx context.Context, actor ticket.Actor, f ChargeFilter) (ChargeCounts, error) {
	if err := mayReadCharges(actor); err != nil {
		return ChargeCounts{}, err
	}
	parts, err := s.store.CountCharges(ctx, actor, f)
	return ChargeCounts{
		Solved: figures.Ratio{Numerator: int64(parts[store.ChargesSolved]), Denominator: int64(parts[store.ChargesCounted])},
		Parts:  parts,
	}, err
}

// ChargeLeaders are the leaders under whose names the actor sees a ticket, by
// name.
func (s *Service) ChargeLeaders(ctx context.Context, actor ticket.Actor) ([]NamedID, error) {
	if err := mayReadCharges(actor); err != nil {
		return nil, err
	}
	ids, err := s.store.ChargeLeaders(ctx, actor)
	if err != nil {
		return nil, err
	}
	names := newNames()
	names.add(store.Users, ids...)
	if err := names.load(ctx, s.store); err != nil {
		return nil, err
	}
	leaders := make([]NamedID, len(ids))
	for i, id := range ids {
		leaders[i] = NamedID{id, names.Of(id)}
	}
	slices.SortFunc(leaders, func(a, b NamedID) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return leaders, nil
}
