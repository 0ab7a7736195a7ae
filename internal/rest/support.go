package rest

import (
	"context"
	"net/http"
	"time"

	"whistle/internal/service"
	"whistle/internal/support"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// PolicyResourceQuery narrows lists of policy resources.
type PolicyResourceQuery struct {
	Department string `query:"department" maxLength:"64" doc:"Id of the department that issued them"`
	Holding    bool   `query:"holding" doc:"Only those that hold today"`
	Expiring   bool   `query:"expiring" doc:"Only those that hold today and end within 30 days"`
	Orderable  bool   `query:"orderable" doc:"Only those that enterprises may order"`
	Chain      string `query:"chain" maxLength:"64" doc:"Id of a chain that they are for, or of which they are for a segment"`
	EntryQuery
}

func (q PolicyResourceQuery) filter() service.EntryFilter {
	f := q.EntryQuery.filter()
	f.DepartmentID, f.ChainID = q.Department, q.Chain
	f.Support.Holding, f.Support.Expiring, f.Support.Orderable = q.Holding, q.Expiring, q.Orderable
	return f
}

// NeedQuery narrows lists of needs.
type NeedQuery struct {
	Enterprise string `query:"enterprise" maxLength:"64" doc:"Enterprise id"`
	Chain      string `query:"chain" maxLength:"64" doc:"Id of a chain of the enterprises, whose segments count in, or of a segment"`
	Category   string `query:"category" maxLength:"64" doc:"Category code"`
	State      string `query:"state" enum:"open,met,dropped"`
	Ticket     string `query:"ticket" maxLength:"64" doc:"Ticket id"`
	Text       string `query:"q" maxLength:"200" doc:"In what is needed"`
}

func (q NeedQuery) filter() service.EntryFilter {
	return service.EntryFilter{
		EnterpriseID: q.Enterprise, ChainID: q.Chain, Category: q.Category, Text: q.Text, Support: service.SupportFilter{State: q.State, TicketID: q.Ticket},
	}
}

// ServiceQuery narrows lists of services.
type ServiceQuery struct {
	Enterprise string `query:"enterprise" maxLength:"64" doc:"Enterprise id"`
	Department string `query:"department" maxLength:"64" doc:"Id of the department that does them"`
	Policy     string `query:"policy_resource" maxLength:"64" doc:"Policy resource id"`
	State      string `query:"state" enum:"proposed,accepted,declined,delivered"`
	Ticket     string `query:"ticket" maxLength:"64" doc:"Ticket id"`
	From       string `query:"from" format:"date" doc:"Delivered on this day or later"`
	To         string `query:"to" format:"date" doc:"Delivered on this day or earlier"`
	Text       string `query:"q" maxLength:"200" doc:"In the name of the enterprise or of the policy resource"`
}

func (q ServiceQuery) filter() service.EntryFilter {
	return service.EntryFilter{
		EnterpriseID: q.Enterprise, DepartmentID: q.Department, Text: q.Text, Support: service.SupportFilter{
			PolicyID: q.Policy, State: q.State, TicketID: q.Ticket, DeliveredFrom: checkedDay(q.From), DeliveredTo: checkedDay(q.To),
		},
	}
}

// checkedDay is a day of a query, whose form was checked before; nil for none.
func checkedDay(text string) *worktime.Date {
	day, err := worktime.ParseDate(text)
	if err != nil {
		return nil
	}
	return &day
}

type (
	policyResourceList struct {
		PolicyResourceQuery
		Paged
	}
	policyResourceExport struct {
		PolicyResourceQuery
		ExportQuery
	}
	needList struct {
		NeedQuery
		Paged
	}
	needExport struct {
		NeedQuery
		ExportQuery
	}
	serviceList struct {
		ServiceQuery
		Paged
	}
	serviceExport struct {
		ServiceQuery
		ExportQuery
	}
)

// PolicyProposal is a policy resource that fits, and why.
type PolicyProposal struct {
	PolicyResource Named  `json:"policy_resource"`
	Score          int    `json:"score" doc:"Only to be compared with the others'"`
	Reason         string `json:"reason"`
}

// PolicyProposals are the policy resources that fit, the most fitting first.
type PolicyProposals struct {
	Items []PolicyProposal `json:"items"`
}

func proposalsOf(found []service.PolicyProposal) *answer[PolicyProposals] {
	all := PolicyProposals{Items: []PolicyProposal{}}
	for _, p := range found {
		all.Items = append(all.Items, PolicyProposal{Named{p.Policy.ID, p.Policy.Name}, p.Score, p.Reason.String()})
	}
	return &answer[PolicyProposals]{all}
}

// Payout is what was delivered and paid out together.
type Payout struct {
	Of        *Named      `json:"of" doc:"The group; null for the whole"`
	Delivered int         `json:"delivered" doc:"Services"`
	AmountFen support.Fen `json:"amount_fen" doc:"In fen"`
}

// SupportTotals are what was delivered and paid out in a period.
type SupportTotals struct {
	From         worktime.Date `json:"from" format:"date"`
	To           worktime.Date `json:"to" format:"date"`
	Total        Payout        `json:"total"`
	Enterprises  int           `json:"enterprises" doc:"That were delivered to"`
	ByPolicy     []Payout      `json:"by_policy_resource"`
	ByDepartment []Payout      `json:"by_department"`
}

func (a *API) support() {
	policies := entryPath{service.ExportedPolicyResources, "policy-resources", "policy resource", "What there is for enterprises (政策资源清单). Everybody signed in reads them. The desk keeps them, and a department's head those that it issued."}
	entries[policyResourceList, policyResourceExport](a, policies, a.svc.PolicyResources())
	a.attachmentsOf("/policy-resources", "list-policy-resource-attachments", "List the files of a policy resource: the document itself, its forms", a.svc.PolicyResources().Attachments)
	readEntries[needList, needExport](a, entryPath{service.ExportedNeeds, "needs", "need", "What enterprises need (问题需求清单), newest first. The offices read all, managers those of the enterprises they look after, enterprises their own; one from a confidential ticket is there for whoever sees that."}, a.svc.Needs())
	readEntries[serviceList, serviceExport](a, entryPath{service.ExportedServices, "services", "service", "What is done for enterprises by policy resources (服务企业清单), newest first, read like needs."}, a.svc.Services())
	a.order()
	a.supportCommands()
	a.supportReads()
}

func (a *API) order() {
	order := operation(http.MethodPost, "/policy-resources/{id}/orders", "order-policy-resource", "policy-resources", "Order a listed service (企业点单)")
	order.DefaultStatus = http.StatusCreated
	order.Description = "Files a ticket with source order, which the desk is proposed to dispatch to the department that answers for the service."
	registerKeyed(a, order, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Keyed
		Body service.NewOrder
	},
	) (*FiledAnswer, error) {
		t, err := a.svc.Order(ctx, actor, in.ID, in.Body)
		if err != nil {
			return nil, err
		}
		view, err := a.svc.Show(ctx, actor, t)
		if err != nil {
			return nil, err
		}
		return &FiledAnswer{etag(t.Version), prefix + "/tickets/" + t.ID, a.show(view)}, nil
	})
}

// Seen is embedded in the input of a command on what may have changed since.
type Seen struct {
	Seen time.Time `query:"seen" doc:"updated_at as last read: refused with 412 when it has changed since"`
}

// command is a POST that changes one of a list's entries.
func command[B, T any](a *API, path, id, tag, summary, description string, do func(ctx context.Context, actor ticket.Actor, id string, body B, seen time.Time) (T, error), show func(T) T) {
	op := operation(http.MethodPost, path, id, tag, summary)
	op.DefaultStatus, op.Description = http.StatusOK, description
	registerKeyed(a, op, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Keyed
		Seen
		Body B
	},
	) (*answer[T], error) {
		changed, err := do(ctx, actor, in.ID, in.Body, in.Seen.Seen)
		return &answer[T]{show(changed)}, err
	})
}

// making is a POST that makes an entry of a list.
func making[B, T any](a *API, path, id, summary, description string, do func(ctx context.Context, actor ticket.Actor, body B) (T, error), idOf func(*T) string, show func(T) T) {
	op := operation(http.MethodPost, "/"+path, id, path, summary)
	op.DefaultStatus, op.Description = http.StatusCreated, description
	registerKeyed(a, op, func(ctx context.Context, actor ticket.Actor, in *struct {
		Keyed
		Body B
	},
	) (*created[T], error) {
		made, err := do(ctx, actor, in.Body)
		return &created[T]{prefix + "/" + path + "/" + idOf(&made), show(made)}, err
	})
}

func (a *API) supportCommands() {
	need := func(n support.Need) support.Need {
		n = inZoneOf[support.Need](a.svc, n)
		n.DecidedAt = a.inZone(n.DecidedAt)
		return n
	}
	making(a, "needs", "add-need", "Write a need down", "By the desk, the departments, who looks after the enterprise, and itself.",
		a.svc.AddNeed, func(n *support.Need) string { return n.ID }, need)
	command(a, "/needs/{id}/decide", "decide-need", "needs", "Say what became of a need", "By whoever may write one down for the enterprise.",
		a.svc.DecideNeed, need)

	done := func(v support.Service) support.Service {
		v = inZoneOf[support.Service](a.svc, v)
		v.DecidedAt = a.inZone(v.DecidedAt)
		return v
	}
	making(a, "services", "add-service", "Propose a policy resource for an enterprise, or decide about it at once", "By the desk, who looks after the enterprise, and the department that does it.",
		a.svc.AddService, func(v *support.Service) string { return v.ID }, done)
	command(a, "/services/{id}/decide", "decide-service", "services", "Accept or decline what is proposed", "By whoever may propose it. What was accepted may be declined until it is delivered.",
		a.svc.DecideService, done)
	command(a, "/services/{id}/deliver", "deliver-service", "services", "Say that a service was delivered, and what was paid out", "By its department.",
		a.svc.DeliverService, done)
}

func (a *API) supportReads() {
	forEnterprise := operation(http.MethodGet, "/enterprises/{id}/policy-proposals", "propose-policies", "policy-resources", "Propose policy resources for an enterprise")
	forEnterprise.Description = "Those that fit and hold today, without what was decided about already. A person decides."
	register(a, forEnterprise, func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[PolicyProposals], error) {
		found, err := a.svc.PoliciesFor(ctx, actor, in.ID)
		return proposalsOf(found), err
	})
	forTicket := operation(http.MethodGet, "/tickets/{id}/policy-proposals", "propose-policies-for-ticket", "policy-resources", "Propose policy resources that help with a ticket")
	forTicket.Description = "For the offices that see the ticket, while it is open."
	register(a, forTicket, func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[PolicyProposals], error) {
		found, err := a.svc.TicketSupport(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		return proposalsOf(found.Proposals), nil
	})
	type period struct {
		From string `query:"from" format:"date" doc:"First day; by default the 1 January of this year"`
		To   string `query:"to" format:"date" doc:"Last day, included; by default today"`
	}
	totals := operation(http.MethodGet, "/support-totals", "get-support-totals", "services", "Add up what was delivered and paid out in a period")
	totals.Description = "For the offices, over the services that they read. Of the policy resources, those by which most was paid out; the export has all."
	register(a, totals, func(ctx context.Context, actor ticket.Actor, in *period) (*answer[SupportTotals], error) {
		from, to, err := days(in.From, in.To)
		if err != nil {
			return nil, err
		}
		found, err := a.svc.SupportTotals(ctx, actor, from, to)
		if err != nil {
			return nil, err
		}
		group := func(p service.Payout) Payout { return Payout{nameOf(found.Names, p.Key), p.Delivered, p.AmountFen} }
		all := SupportTotals{From: found.From, To: found.To, Total: group(found.Total), Enterprises: found.Enterprises, ByPolicy: []Payout{}, ByDepartment: []Payout{}}
		for _, p := range found.ByPolicy {
			all.ByPolicy = append(all.ByPolicy, group(p))
		}
		for _, p := range found.ByDepartment {
			all.ByDepartment = append(all.ByDepartment, group(p))
		}
		return &answer[SupportTotals]{all}, nil
	})
	export(a, service.ExportedPayouts, "", "services", "what was delivered and paid out in a period, by policy resource and by department; for the offices",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			period
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			first, last, err := days(in.From, in.To)
			if err != nil {
				return 0, err
			}
			return a.svc.ExportPayouts(ctx, actor, first, last, to)
		})
}
