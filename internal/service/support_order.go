package service

import (
	"cmp"
	"context"

	"whistle/internal/support"
	"whistle/internal/ticket"
)

// NewOrder is what ordering a listed service takes.
type NewOrder struct {
	EnterpriseID string `json:"enterprise_id,omitempty" maxLength:"64" doc:"For whom; the caller's own enterprise by default"`
	Text         string `json:"text,omitempty" maxLength:"4000" doc:"What the department should know"`
}

// orderCategory is the category of an order whose policy resource names none.
const orderCategory = "policy"

// Order orders a listed service for an enterprise (企业点单): it files a ticket,
// linked to the policy resource, that the desk is proposed to dispatch to the
// department which answers for it.
func (s *Service) Order(ctx context.Context, actor ticket.Actor, policyID string, in NewOrder) (*ticket.Ticket, error) {
	if err := checkForm(in); err != nil {
		return nil, err
	}
	var filed *ticket.Ticket
	err := s.InTx(ctx, func(ctx context.Context) error {
		p, err := s.PolicyResources().Get(ctx, actor, policyID)
		if err != nil {
			return err
		}
		if !p.Orderable || !s.Holds(&p) {
			return ticket.Errorf(ticket.CodeConflict, "This cannot be ordered now.")
		}
		category := orderCategory
		if len(p.Categories) > 0 {
			category = p.Categories[0]
		}
		submit := ticket.SubmitInput{
			EnterpriseID: in.EnterpriseID, Source: ticket.SourceOrder, Category: category,
			Title: orderTitle(p.Name), Description: cmp.Or(in.Text, p.Gives),
		}
		if actor.Role == ticket.RoleEnterprise {
			submit.EnterpriseID = cmp.Or(in.EnterpriseID, actor.EnterpriseID)
		}
		if filed, err = s.File(ctx, actor, submit); err != nil {
			return err
		}
		return s.store.InsertOrder(ctx, support.Order{TicketID: filed.ID, PolicyID: p.ID})
	})
	return filed, err
}

// orderTitle is how the ticket of an order is called, within the length that a
// title may have.
func orderTitle(name string) string {
	const most = 200
	title := []rune("点单：" + name)
	return string(title[:min(len(title), most)])
}
