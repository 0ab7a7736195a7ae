package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"whistle/internal/directory"
	"whistle/internal/phrase"
	"whistle/internal/store"
	"whistle/internal/support"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Services are what is done for enterprises by policy resources (服务企业清单), read
// like needs.
func (s *Service) Services() Entries[support.Service, *support.Service] {
	return Entries[support.Service, *support.Service]{s, kind[support.Service]{
		subject: "service", path: "/services", list: ExportedServices, columns: serviceColumns, ticketed: true,
		within: ofTheirEnterprises,
		keeps:  keeping(keepsService),
		names:  nameService,
		unique: func(*support.Service) []uniqueness { return nil },
		check:  checkService,
	}}
}

func nameService(n *Names, v *support.Service) {
	n.add(store.Enterprises, v.EnterpriseID)
	n.add(store.Policies, v.PolicyID)
	n.add(store.Departments, v.DepartmentID)
	n.add(store.Users, v.ProposedBy, v.DecidedBy, v.DeliveredBy)
}

// keepsService: the desk, who looks after the enterprise and the department that
// does it decide; the department alone says that it is done.
func keepsService(actor ticket.Actor, before, after *support.Service) bool {
	inDepartment := func(v *support.Service) bool {
		return actor.DepartmentID == v.DepartmentID && (actor.Role == ticket.RoleOfficer || actor.Role == ticket.RoleHead)
	}
	if before != nil && before.State != after.State && after.State == support.Delivered {
		return inDepartment(before)
	}
	return actor.Role == ticket.RoleDispatcher || slices.Contains(actor.Manages, after.EnterpriseID) ||
		inDepartment(after) || before != nil && inDepartment(before)
}

func checkService(c *entryCheck, before, after *support.Service) {
	refers(c, before, after, "/enterprise_id", "/enterprises", c.s.store.Enterprise, func(v *support.Service) string { return v.EnterpriseID })
	refers(c, before, after, "/policy_resource_id", "/policy-resources", finder[support.PolicyResource](c.s), func(v *support.Service) string { return v.PolicyID })
	refers(c, before, after, "/department_id", "/departments", c.s.store.Department, func(v *support.Service) string { return v.DepartmentID })
	refers(c, before, after, "/need_id", "/needs", finder[support.Need](c.s), func(v *support.Service) string { return v.NeedID })
	if after.State == support.Declined && after.Reason == "" {
		c.fault("/reason", "must say why it is declined")
	}
	if after.State == support.Delivered && after.DeliveredOn == nil {
		c.fault("/delivered_on", "must say when it was delivered")
	}
	if after.DeliveredOn != nil && c.s.today().Before(*after.DeliveredOn) {
		c.fault("/delivered_on", "must not be after today")
	}
	if after.AmountFen < 0 || after.AmountFen > support.MostFen {
		c.fault("/amount_fen", "must be from 0 to %d", int(support.MostFen))
	}
}

// NewService is what putting a policy resource on the list for an enterprise
// takes.
type NewService struct {
	EnterpriseID string         `json:"enterprise_id" minLength:"1" maxLength:"64"`
	PolicyID     string         `json:"policy_resource_id" minLength:"1" maxLength:"64" doc:"One that holds today"`
	NeedID       string         `json:"need_id,omitempty" maxLength:"64" doc:"The need that it is for, of the same enterprise"`
	TicketID     string         `json:"ticket_id,omitempty" maxLength:"64" doc:"The ticket that it is for, of the same enterprise"`
	State        string         `json:"state,omitempty" enum:"proposed,accepted,declined" doc:"What is decided; proposed when it is left open"`
	Reason       string         `json:"reason,omitempty" maxLength:"2000" doc:"Why; needed to decline"`
	DepartmentID string         `json:"department_id,omitempty" maxLength:"64" doc:"The department that does it; the one that issued the policy resource by default"`
	DueOn        *worktime.Date `json:"due_on,omitempty" format:"date" doc:"By when"`
}

// AddService puts a policy resource on the list for an enterprise: proposed, or
// decided about at once.
func (s *Service) AddService(ctx context.Context, actor ticket.Actor, in NewService) (support.Service, error) {
	var made support.Service
	if err := checkForm(in); err != nil {
		return made, err
	}
	err := s.InTx(ctx, func(ctx context.Context) error {
		e, err := s.Enterprises().Get(ctx, actor, in.EnterpriseID)
		if err != nil {
			return err
		}
		if err := s.checkLink(ctx, actor, in.EnterpriseID, in.TicketID); err != nil {
			return err
		}
		p, err := s.PolicyResources().Get(ctx, actor, in.PolicyID)
		if err != nil {
			return err
		}
		v := support.Service{
			EnterpriseID: in.EnterpriseID, PolicyID: in.PolicyID, NeedID: in.NeedID, TicketID: in.TicketID,
			DepartmentID: cmp.Or(in.DepartmentID, p.DepartmentID), DueOn: in.DueOn,
			State: support.ServiceState(cmp.Or(in.State, string(support.Proposed))), Reason: in.Reason, ProposedBy: actor.ID,
		}
		var faults []ticket.Field
		if !s.Holds(&p) {
			faults = append(faults, ticket.Field{Pointer: "/policy_resource_id", Message: "does not hold today"})
		}
		var need *support.Need
		if in.NeedID != "" {
			found, err := s.Needs().Get(ctx, actor, in.NeedID)
			if err != nil {
				return err
			}
			need = &found
			if need.EnterpriseID != in.EnterpriseID {
				faults = append(faults, ticket.Field{Pointer: "/need_id", Message: "is a need of another enterprise"})
			}
		}
		underWay, err := s.underWay(ctx, v)
		if err != nil {
			return err
		}
		if underWay {
			faults = append(faults, ticket.Field{Pointer: "/policy_resource_id", Message: "is proposed or accepted for the enterprise already"})
		}
		if v.State != support.Proposed {
			now := s.clock.Now().Truncate(time.Microsecond)
			v.DecidedBy, v.DecidedAt = actor.ID, &now
		}
		if v.Why, err = s.whyFits(ctx, &e, in.TicketID, need, &p); err != nil {
			return err
		}
		if err := s.Services().may(ctx, actor, auditCreate, nil, &v); err != nil {
			return err
		}
		if err := ticket.InvalidValues(faults); err != nil {
			return err
		}
		made, err = s.Services().Create(ctx, actor, v)
		return err
	})
	return made, err
}

// underWay says whether the policy resource is proposed or accepted for the
// enterprise by another row.
func (s *Service) underWay(ctx context.Context, v support.Service) (bool, error) {
	there, err := store.Entries[support.Service](ctx, s.store, EntryFilter{EnterpriseID: v.EnterpriseID, Support: SupportFilter{PolicyID: v.PolicyID}})
	return slices.ContainsFunc(there, func(had support.Service) bool {
		return had.ID != v.ID && (had.State == support.Proposed || had.State == support.Accepted)
	}), err
}

// whyFits is the reason why a policy resource fits, as it is kept with a
// service; empty when it does not, and somebody chose it all the same.
// A need's words count unless they come from a ticket that the service is not
// linked to: others may read the service than that.
func (s *Service) whyFits(ctx context.Context, e *directory.Enterprise, ticketID string, need *support.Need, p *support.PolicyResource) (phrase.Phrase, error) {
	facts, err := s.factsOf(ctx, e)
	if err != nil {
		return phrase.Phrase{}, err
	}
	if ticketID != "" {
		t, err := s.store.Ticket(ctx, ticket.System, ticketID)
		if err != nil {
			return phrase.Phrase{}, err
		}
		aboutTicket(&facts, t)
	}
	if need != nil && (need.TicketID == "" || need.TicketID == ticketID) {
		facts.Texts = append(facts.Texts, need.Text)
	}
	found := support.Match(facts, s.today(), []support.PolicyResource{*p})
	if len(found) == 0 {
		return phrase.Phrase{}, nil
	}
	names, err := s.PolicyResources().Names(ctx, *p)
	return found[0].Reason(groundsOf(names)), err
}

// changeService changes a service that is in one of the states.
func (s *Service) changeService(ctx context.Context, actor ticket.Actor, id string, seen time.Time, from []support.ServiceState, change func(v *support.Service)) (support.Service, error) {
	before, err := s.Services().Get(ctx, actor, id)
	if err != nil {
		return before, err
	}
	return s.Services().ChangeSeen(ctx, actor, id, seen, func(v *support.Service) error {
		if !slices.Contains(from, v.State) {
			return ticket.Errorf(ticket.CodeConflict, "This service is %s; read it again.", phrase.Code{List: "service_state", Code: string(v.State)})
		}
		v.Why = before.Why // which is no part of what the log keeps
		change(v)
		return nil
	})
}

// ServiceDecision accepts or declines.
type ServiceDecision struct {
	Accept       bool           `json:"accept"`
	Reason       string         `json:"reason,omitempty" maxLength:"2000" doc:"Why; needed to decline"`
	DepartmentID string         `json:"department_id,omitempty" maxLength:"64" doc:"The department that does it, if that is another"`
	DueOn        *worktime.Date `json:"due_on,omitempty" format:"date" doc:"By when"`
}

// DecideService accepts what is proposed, or declines it; what was accepted may
// be declined as long as it is not delivered.
func (s *Service) DecideService(ctx context.Context, actor ticket.Actor, id string, in ServiceDecision, seen time.Time) (support.Service, error) {
	if err := checkForm(in); err != nil {
		return support.Service{}, err
	}
	from := []support.ServiceState{support.Proposed}
	if !in.Accept {
		from = append(from, support.Accepted)
	}
	now := s.clock.Now().Truncate(time.Microsecond)
	return s.changeService(ctx, actor, id, seen, from, func(v *support.Service) {
		v.State, v.Reason, v.DecidedBy, v.DecidedAt = support.Declined, in.Reason, actor.ID, &now
		if in.Accept {
			v.State, v.DepartmentID = support.Accepted, cmp.Or(in.DepartmentID, v.DepartmentID)
			if in.DueOn != nil {
				v.DueOn = in.DueOn
			}
		}
	})
}

// Delivery says that a service was delivered.
type Delivery struct {
	DeliveredOn *worktime.Date `json:"delivered_on,omitempty" format:"date" doc:"When; today by default"`
	AmountFen   support.Fen    `json:"amount_fen,omitempty" minimum:"0" maximum:"10000000000000" doc:"What was paid out, in fen; 0 for nothing"`
	Note        string         `json:"note,omitempty" maxLength:"2000" doc:"What was done"`
}

// DeliverService writes down that a service was delivered, by its department.
func (s *Service) DeliverService(ctx context.Context, actor ticket.Actor, id string, in Delivery, seen time.Time) (support.Service, error) {
	if err := checkForm(in); err != nil {
		return support.Service{}, err
	}
	day := s.today()
	if in.DeliveredOn != nil {
		day = *in.DeliveredOn
	}
	return s.changeService(ctx, actor, id, seen, []support.ServiceState{support.Accepted}, func(v *support.Service) {
		v.State, v.DeliveredOn, v.DeliveredBy, v.AmountFen, v.Note = support.Delivered, &day, actor.ID, in.AmountFen, in.Note
	})
}

// MayDecideService and MayDeliverService say what the actor may do with a
// service now.
func (s *Service) MayDecideService(actor ticket.Actor, v *support.Service) bool {
	return (v.State == support.Proposed || v.State == support.Accepted) && (administers(actor) || keepsService(actor, v, v))
}

// MayDeliverService says whether the actor may say that a service is delivered.
func (s *Service) MayDeliverService(actor ticket.Actor, v *support.Service) bool {
	after := *v
	after.State = support.Delivered
	return v.State == support.Accepted && (administers(actor) || keepsService(actor, v, &after))
}

// MayAddService says whether the actor may decide about policy resources for an
// enterprise; of a department those alone that it issued.
func (s *Service) MayAddService(actor ticket.Actor, enterpriseID, departmentID string) bool {
	return administers(actor) || keepsService(actor, nil, &support.Service{EnterpriseID: enterpriseID, DepartmentID: departmentID})
}
