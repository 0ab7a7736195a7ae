package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"whistle/internal/store"
	"whistle/internal/support"
	"whistle/internal/ticket"
)

// Needs are what enterprises need (问题需求清单). The offices read all of them,
// enterprises their own, managers those of whom they look after; one from a
// confidential ticket is read by whoever sees that.
func (s *Service) Needs() Entries[support.Need, *support.Need] {
	return Entries[support.Need, *support.Need]{s, kind[support.Need]{
		subject: "need", path: "/needs", list: ExportedNeeds, columns: needColumns, ticketed: true,
		within: ofTheirEnterprises,
		keeps:  keeping(keepsNeed),
		names: func(n *Names, need *support.Need) {
			n.categories = true
			n.add(store.Enterprises, need.EnterpriseID)
			n.add(store.Users, need.WrittenBy, need.DecidedBy)
		},
		unique: func(*support.Need) []uniqueness { return nil },
		check: func(c *entryCheck, before, after *support.Need) {
			refers(c, before, after, "/enterprise_id", "/enterprises", c.s.store.Enterprise, func(n *support.Need) string { return n.EnterpriseID })
			refers(c, before, after, "/category", "/categories", c.s.store.Category, func(n *support.Need) string { return n.Category })
			if after.State == support.NeedDropped && after.Reason == "" {
				c.fault("/reason", "must say why it is dropped")
			}
		},
	}}
}

func keepsNeed(actor ticket.Actor, _, after *support.Need) bool {
	return mayKeepNeeds(actor, after.EnterpriseID)
}

// ofTheirEnterprises bounds a list to the enterprises of who is not of the
// offices.
func ofTheirEnterprises(actor ticket.Actor) *store.Within {
	if office(actor) {
		return nil
	}
	return &store.Within{EnterpriseIDs: closeTo(actor)}
}

// mayKeepNeeds says whether the actor writes down what an enterprise needs, and
// what became of it: the desk, the departments, who looks after it, and itself.
func mayKeepNeeds(actor ticket.Actor, enterpriseID string) bool {
	switch actor.Role {
	case ticket.RoleDispatcher, ticket.RoleOfficer, ticket.RoleHead:
		return true
	case ticket.RoleEnterprise, ticket.RoleGuest, ticket.RoleLeader, ticket.RoleAdmin, ticket.RoleSystem:
	}
	return slices.Contains(closeTo(actor), enterpriseID)
}

// MayKeepNeed says whether the actor may decide about a need, or write one
// down for its enterprise.
func (s *Service) MayKeepNeed(actor ticket.Actor, n *support.Need) bool {
	return administers(actor) || keepsNeed(actor, n, n)
}

// NewNeed is what writing a need down takes.
type NewNeed struct {
	EnterpriseID string `json:"enterprise_id,omitempty" maxLength:"64" doc:"Whose need it is; the caller's own enterprise by default"`
	TicketID     string `json:"ticket_id,omitempty" maxLength:"64" doc:"The ticket that it came up in, of the same enterprise"`
	VisitID      string `json:"visit_id,omitempty" maxLength:"64" doc:"The visit that it came up in"`
	Category     string `json:"category" minLength:"1" maxLength:"64" doc:"Category code, see /categories"`
	Text         string `json:"text" minLength:"1" maxLength:"4000" pattern:"\\S" doc:"What is needed"`
}

// AddNeed writes down what an enterprise needs.
func (s *Service) AddNeed(ctx context.Context, actor ticket.Actor, in NewNeed) (support.Need, error) {
	if actor.Role == ticket.RoleEnterprise {
		in.EnterpriseID = cmp.Or(in.EnterpriseID, actor.EnterpriseID)
	}
	if err := checkForm(in); err != nil {
		return support.Need{}, err
	}
	var need support.Need
	err := s.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.Enterprises().Get(ctx, actor, in.EnterpriseID); err != nil {
			return err
		}
		if err := s.checkLink(ctx, actor, in.EnterpriseID, in.TicketID); err != nil {
			return err
		}
		var err error
		need, err = s.Needs().Create(ctx, actor, support.Need{
			EnterpriseID: in.EnterpriseID, TicketID: in.TicketID, VisitID: in.VisitID, Category: in.Category, Text: in.Text,
			State: support.NeedOpen, WrittenBy: actor.ID,
		})
		return err
	})
	return need, err
}

// checkLink checks that a ticket, if one is named, is in the actor's sight and
// of the enterprise.
func (s *Service) checkLink(ctx context.Context, actor ticket.Actor, enterpriseID, ticketID string) error {
	if ticketID == "" {
		return nil
	}
	t, err := s.store.Ticket(ctx, actor, ticketID)
	if err != nil {
		return problem(err, "ticket")
	}
	if t.EnterpriseID != enterpriseID {
		return ticket.InvalidValues([]ticket.Field{{Pointer: "/ticket_id", Message: "is a ticket of another enterprise"}})
	}
	return nil
}

// NeedDecision says what became of a need.
type NeedDecision struct {
	State  support.NeedState `json:"state" enum:"open,met,dropped"`
	Reason string            `json:"reason,omitempty" maxLength:"2000" doc:"Why; needed to drop it"`
}

// DecideNeed writes down what became of a need. seen is when it was last
// changed as far as the caller knows; zero for whenever.
func (s *Service) DecideNeed(ctx context.Context, actor ticket.Actor, id string, in NeedDecision, seen time.Time) (support.Need, error) {
	if err := checkForm(in); err != nil {
		return support.Need{}, err
	}
	now := s.clock.Now().Truncate(time.Microsecond)
	return s.Needs().ChangeSeen(ctx, actor, id, seen, func(n *support.Need) error {
		if n.State == in.State {
			return nil
		}
		n.State, n.Reason, n.DecidedBy, n.DecidedAt = in.State, in.Reason, actor.ID, &now
		return nil
	})
}
