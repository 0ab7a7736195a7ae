package service

import (
	"context"
	"fmt"
	"slices"
	"time"

	"whistle/internal/directory"
	"whistle/internal/phrase"
	"whistle/internal/store"
	"whistle/internal/support"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// SupportFilter narrows the three lists, as part of an EntryFilter.
type SupportFilter = store.SupportFilter

const subjectPolicyResource = "policy_resource"

// PolicyResources are what there is for enterprises (政策资源清单). Everybody reads
// them. The desk keeps them, and a department's head those that it issued.
func (s *Service) PolicyResources() Entries[support.PolicyResource, *support.PolicyResource] {
	return Entries[support.PolicyResource, *support.PolicyResource]{s, kind[support.PolicyResource]{
		subject: subjectPolicyResource, path: "/policy-resources", list: ExportedPolicyResources, columns: policyResourceColumns,
		keeps: keeping(keepsPolicyResource),
		names: func(n *Names, p *support.PolicyResource) {
			n.categories = true
			n.add(store.Departments, p.DepartmentID, p.AnswerID)
			n.add(store.Chains, p.Chains...)
			n.add(store.Places, p.Places...)
		},
		unique: func(p *support.PolicyResource) []uniqueness { return uniqueCode(p.Code) },
		check:  checkPolicyResource,
	}}
}

// keepsPolicyResource: the desk, and the head of the department that issued it.
func keepsPolicyResource(actor ticket.Actor, before, after *support.PolicyResource) bool {
	own := func(p *support.PolicyResource) bool { return p == nil || p.DepartmentID == actor.DepartmentID }
	return actor.Role == ticket.RoleDispatcher || actor.Heads() && own(before) && own(after)
}

// keeping is a rule of who keeps entries that needs nothing but these.
func keeping[T any](rule func(actor ticket.Actor, before, after *T) bool) func(context.Context, *Service, ticket.Actor, string, *T, *T) (bool, error) {
	return func(_ context.Context, _ *Service, actor ticket.Actor, _ string, before, after *T) (bool, error) {
		return rule(actor, before, after), nil
	}
}

func checkPolicyResource(c *entryCheck, before, after *support.PolicyResource) {
	refers(c, before, after, "/department_id", "/departments?all=true", c.s.store.Department, func(p *support.PolicyResource) string { return p.DepartmentID })
	refers(c, before, after, "/answer_department_id", "/departments", c.s.store.Department, func(p *support.PolicyResource) string { return p.AnswerID })
	if after.ValidFrom != nil && after.ValidTo != nil && after.ValidTo.Before(*after.ValidFrom) {
		c.fault("/valid_to", "must not be before valid_from")
	}
	refersAll(c, before, after, "/chains", "/chains", finder[directory.Chain](c.s), func(p *support.PolicyResource) []string { return p.Chains })
	refersAll(c, before, after, "/places", "/places", finder[directory.Place](c.s), func(p *support.PolicyResource) []string { return p.Places })
	refersAll(c, before, after, "/categories", "/categories", c.s.store.Category, func(p *support.PolicyResource) []string { return p.Categories })
	for i, kind := range after.Kinds {
		if !slices.Contains(enterpriseKinds.codes(), directory.EnterpriseKind(kind)) {
			c.fault(fmt.Sprintf("/kinds/%d", i), "must be one of: company, cooperative, family_farm, grower, other")
		}
	}
	checkTexts(c, "/tags", after.Tags)
	checkTexts(c, "/words", after.Words)
}

// Money is an amount as people say it.
func Money(lang text.Language, f support.Fen) string {
	if f.InWan() {
		return lang.Get("support.wan", "Amount", f.Wan())
	}
	return lang.Get("support.yuan", "Amount", f.Yuan())
}

// Payout is what was paid out in one group.
type Payout = store.Payout

// Holds says whether a policy resource holds today.
func (s *Service) Holds(p *support.PolicyResource) bool { return p.Valid(s.today()) }

// Expires says whether a policy resource should be seen to, since it ends soon.
func (s *Service) Expires(p *support.PolicyResource) bool { return p.Expires(s.today()) }

// MayKeepPolicies says whether the actor may add policy resources.
func (s *Service) MayKeepPolicies(actor ticket.Actor, p *support.PolicyResource) bool {
	return administers(actor) || keepsPolicyResource(actor, p, p)
}

// on gives a filter the days that it asks for by Holding and Expiring.
func on(today worktime.Date, f SupportFilter) SupportFilter {
	if f.Holding || f.Expiring {
		f.ValidOn = &today
	}
	if f.Expiring {
		last := today.AddDays(support.ExpiryWarning)
		f.ExpiresBy = &last
	}
	return f
}

// PolicyProposal is a policy resource that fits an enterprise, and why.
type PolicyProposal struct {
	support.Proposal
	Reason phrase.Phrase
}

// factsOf is what policy resources are held against for an enterprise.
func (s *Service) factsOf(ctx context.Context, e *directory.Enterprise) (support.Facts, error) {
	facts := support.Facts{Kind: string(e.Kind), Chains: e.Chains, Tags: e.Tags}
	for id := e.PlaceID; id != "" && !slices.Contains(facts.Places, id); {
		facts.Places = append(facts.Places, id)
		place, err := finder[directory.Place](s)(ctx, id)
		if err != nil {
			return facts, err
		}
		id = place.ParentID
	}
	return facts, nil
}

// aboutTicket adds to the facts what a ticket is about.
func aboutTicket(facts *support.Facts, t *ticket.Ticket) {
	facts.Categories, facts.Texts = []string{t.Category}, append(facts.Texts, t.Title, t.Description)
}

// groundsOf names the grounds of proposals.
func groundsOf(names *Names) func(support.Ground) any {
	return func(g support.Ground) any {
		switch g.By {
		case support.ByKind:
			return phrase.Code{List: "enterprise_kind", Code: g.Value}
		case support.ByCategory:
			if text.Has("category." + g.Value) {
				return phrase.Code{List: "category", Code: g.Value}
			}
			return names.Of(g.Value)
		case support.ByChain, support.ByPlace:
			return names.Of(g.Value)
		case support.ByTag, support.ByWord:
		}
		return g.Value
	}
}

// match holds the policy resources of today against the facts.
func (s *Service) match(ctx context.Context, facts support.Facts) ([]PolicyProposal, error) {
	policies, err := s.PolicyResources().List(ctx, ticket.System, EntryFilter{Support: SupportFilter{Holding: true}})
	if err != nil {
		return nil, err
	}
	found := support.Match(facts, s.today(), policies)
	fitting := make([]support.PolicyResource, len(found))
	for i, one := range found {
		fitting[i] = *one.Policy
	}
	names, err := s.PolicyResources().Names(ctx, fitting...)
	if err != nil {
		return nil, err
	}
	proposals := make([]PolicyProposal, len(found))
	for i, one := range found {
		proposals[i] = PolicyProposal{one, one.Reason(groundsOf(names))}
	}
	return proposals, nil
}

// undecided leaves out the policy resources that somebody has proposed, accepted
// or declined for the enterprise already.
func (s *Service) undecided(ctx context.Context, enterpriseID string, proposals []PolicyProposal) ([]PolicyProposal, error) {
	services, err := store.Entries[support.Service](ctx, s.store, EntryFilter{EnterpriseID: enterpriseID})
	return slices.DeleteFunc(proposals, func(p PolicyProposal) bool {
		return slices.ContainsFunc(services, func(had support.Service) bool { return had.PolicyID == p.Policy.ID })
	}), err
}

// PoliciesFor proposes policy resources for an enterprise that the actor reads,
// the most fitting first.
func (s *Service) PoliciesFor(ctx context.Context, actor ticket.Actor, enterpriseID string) ([]PolicyProposal, error) {
	e, err := s.Enterprises().Get(ctx, actor, enterpriseID)
	if err != nil {
		return nil, err
	}
	facts, err := s.factsOf(ctx, &e)
	if err != nil {
		return nil, err
	}
	needs, err := s.Needs().List(ctx, actor, EntryFilter{EnterpriseID: e.ID, Support: SupportFilter{State: string(support.NeedOpen)}})
	if err != nil {
		return nil, err
	}
	for _, need := range needs {
		facts.Texts = append(facts.Texts, need.Text)
	}
	proposals, err := s.match(ctx, facts)
	if err != nil {
		return nil, err
	}
	return s.undecided(ctx, e.ID, proposals)
}

// policiesForTicket proposes policy resources for the matter of a ticket: those
// alone that help with its category, or that it mentions.
func (s *Service) policiesForTicket(ctx context.Context, t *ticket.Ticket) ([]PolicyProposal, error) {
	e, err := s.store.Enterprise(ctx, t.EnterpriseID)
	if err != nil {
		return nil, err
	}
	facts, err := s.factsOf(ctx, &e)
	if err != nil {
		return nil, err
	}
	aboutTicket(&facts, t)
	proposals, err := s.match(ctx, facts)
	if err != nil {
		return nil, err
	}
	proposals = slices.DeleteFunc(proposals, func(p PolicyProposal) bool { return !p.Helps() })
	return s.undecided(ctx, e.ID, proposals)
}

// TicketSupport is what the three lists have of a ticket.
type TicketSupport struct {
	Ordered   *support.PolicyResource // by it; nil when it is no order
	Proposals []PolicyProposal
	Needs     []support.Need
	Services  []support.Service
	Names     *Names
}

const policiesAtMost = 5

// TicketSupport reads what the three lists have of a ticket that the actor sees
// as one of the offices.
func (s *Service) TicketSupport(ctx context.Context, actor ticket.Actor, id string) (*TicketSupport, error) {
	t, err := s.store.Ticket(ctx, actor, id)
	if err != nil {
		return nil, problem(err, "ticket")
	}
	if actor.RelationsTo(t, nil)&ticket.Offices == 0 {
		return nil, ticket.NotFound("ticket")
	}
	found := &TicketSupport{}
	if found.Ordered, err = s.store.OrderedPolicy(ctx, id); err != nil {
		return nil, err
	}
	if t.State.Open() {
		if found.Proposals, err = s.policiesForTicket(ctx, t); err != nil {
			return nil, err
		}
		found.Proposals = found.Proposals[:min(len(found.Proposals), policiesAtMost)]
	}
	linked := EntryFilter{Support: SupportFilter{TicketID: id}}
	if found.Needs, err = s.Needs().List(ctx, actor, linked); err != nil {
		return nil, err
	}
	if found.Services, err = s.Services().List(ctx, actor, linked); err != nil {
		return nil, err
	}
	found.Names, err = s.Services().Names(ctx, found.Services...)
	return found, err
}

// EnterpriseSupport is what the three lists have for an enterprise.
type EnterpriseSupport struct {
	Proposals []PolicyProposal
	Needs     []support.Need
	Services  []support.Service
	Paid      support.Fen              // out to it by them
	Orderable []support.PolicyResource // that hold today
	Ordered   map[string]string        // ids of the tickets of orders that go on, by policy resource
	Names     *Names
}

// EnterpriseSupport reads what the three lists have for an enterprise that the
// actor reads.
func (s *Service) EnterpriseSupport(ctx context.Context, actor ticket.Actor, enterpriseID string) (*EnterpriseSupport, error) {
	found := &EnterpriseSupport{}
	var err error
	if found.Proposals, err = s.PoliciesFor(ctx, actor, enterpriseID); err != nil {
		return nil, err
	}
	of := EntryFilter{EnterpriseID: enterpriseID}
	if found.Needs, err = s.Needs().List(ctx, actor, of); err != nil {
		return nil, err
	}
	if found.Services, err = s.Services().List(ctx, actor, of); err != nil {
		return nil, err
	}
	if found.Orderable, err = s.PolicyResources().List(ctx, actor, EntryFilter{Support: SupportFilter{Holding: true, Orderable: true}}); err != nil {
		return nil, err
	}
	if found.Ordered, err = s.store.OrdersOf(ctx, enterpriseID); err != nil {
		return nil, err
	}
	for policyID, ticketID := range found.Ordered {
		if _, err := s.store.Ticket(ctx, actor, ticketID); err != nil {
			delete(found.Ordered, policyID) // it is confidential, or gone
		}
	}
	names := newNames()
	for i := range found.Services {
		nameService(names, &found.Services[i])
		found.Paid += found.Services[i].AmountFen
	}
	for _, p := range found.Orderable {
		names.add(store.Departments, p.Answers())
	}
	for _, p := range found.Proposals {
		names.add(store.Departments, p.Policy.DepartmentID)
	}
	names.categories = true
	found.Names = names
	return found, names.load(ctx, s.store)
}

// ChainSupport is what the three lists have of a chain, its segments counted in.
type ChainSupport struct {
	Needs       []support.Need // of its enterprises that are open, the latest
	NeedCount   int
	Policies    []support.PolicyResource // that are for it and hold today
	PolicyCount int
	Names       *Names // of the enterprises
}

// ChainSupport reads what the three lists have of a chain.
func (s *Service) ChainSupport(ctx context.Context, actor ticket.Actor, chainID string) (*ChainSupport, error) {
	found := &ChainSupport{}
	var err error
	open := EntryFilter{ChainID: chainID, Limit: Latest, Support: SupportFilter{State: string(support.NeedOpen)}}
	if found.Needs, found.NeedCount, err = listed(ctx, s.Needs(), actor, open); err != nil {
		return nil, err
	}
	holding := EntryFilter{ChainID: chainID, Limit: Latest, Support: SupportFilter{Holding: true}}
	if found.Policies, found.PolicyCount, err = listed(ctx, s.PolicyResources(), actor, holding); err != nil {
		return nil, err
	}
	found.Names, err = s.Needs().Names(ctx, found.Needs...)
	return found, err
}

// listed are the first entries that a filter leaves, and how many there are.
func listed[T any, P directory.Entry[T]](ctx context.Context, e Entries[T, P], actor ticket.Actor, f EntryFilter) ([]T, int, error) {
	rows, err := e.List(ctx, actor, f)
	if err != nil {
		return nil, 0, err
	}
	f.Limit = 0
	n, err := store.CountEntries[T, P](ctx, e.s.store, e.sighted(actor, f))
	return rows, n, err
}

// SupportTotals are what was delivered and paid out in a period, and how many
// stand on the three lists, of what the actor reads.
type SupportTotals struct {
	From, To     worktime.Date
	Total        Payout
	ByPolicy     []Payout // the largest
	ByDepartment []Payout
	Needs        map[string]int // by state
	Services     map[string]int // by state, whenever
	Policies     int            // that hold today
	Expiring     int            // of them soon
	Enterprises  int            // that were delivered to in the period
	Names        *Names
}

// payoutsShown are how many policy resources totals tell of; the export tells of
// all.
const payoutsShown = 50

// SupportTotals adds up the services that were delivered from one day to
// another, for the offices; by default this year until today.
func (s *Service) SupportTotals(ctx context.Context, actor ticket.Actor, from, to worktime.Date) (*SupportTotals, error) {
	return s.supportTotals(ctx, actor, from, to, payoutsShown)
}

// supportTotals tells of so many policy resources; 0 for all.
func (s *Service) supportTotals(ctx context.Context, actor ticket.Actor, from, to worktime.Date, policies int) (*SupportTotals, error) {
	if !office(actor) {
		return nil, errNotYours
	}
	if to.IsZero() {
		to = s.today()
	}
	if from.IsZero() {
		from = worktime.Date{Year: to.Year, Month: time.January, Day: 1}
	}
	t := &SupportTotals{From: from, To: to, Names: newNames()}
	delivered := s.Services().sighted(actor, EntryFilter{Support: SupportFilter{DeliveredFrom: &from, DeliveredTo: &to}})
	var err error
	largest := delivered
	largest.Limit = policies
	if t.ByPolicy, err = s.store.Payouts(ctx, largest, store.PayoutByPolicy); err != nil {
		return nil, err
	}
	if t.ByDepartment, err = s.store.Payouts(ctx, delivered, store.PayoutByDepartment); err != nil {
		return nil, err
	}
	for _, p := range t.ByPolicy {
		t.Names.add(store.Policies, p.Key)
	}
	for _, d := range t.ByDepartment {
		t.Total.Delivered += d.Delivered
		t.Total.AmountFen += d.AmountFen
		t.Names.add(store.Departments, d.Key)
	}
	if t.Enterprises, err = s.store.ServedEnterprises(ctx, delivered); err != nil {
		return nil, err
	}
	if t.Needs, err = store.CountByState[support.Need](ctx, s.store, s.Needs().sighted(actor, EntryFilter{})); err != nil {
		return nil, err
	}
	if t.Services, err = store.CountByState[support.Service](ctx, s.store, s.Services().sighted(actor, EntryFilter{})); err != nil {
		return nil, err
	}
	for _, count := range []struct {
		which SupportFilter
		n     *int
	}{{SupportFilter{Holding: true}, &t.Policies}, {SupportFilter{Expiring: true}, &t.Expiring}} {
		if *count.n, err = store.CountEntries[support.PolicyResource](ctx, s.store, s.PolicyResources().sighted(actor, EntryFilter{Support: count.which})); err != nil {
			return nil, err
		}
	}
	return t, t.Names.load(ctx, s.store)
}
