package web

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/support"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

const (
	supportPath  = "/support"
	policiesPath = supportPath + "/policies"
	needsPath    = supportPath + "/needs"
	servicesPath = supportPath + "/services"
)

func (w *Pages) supportRoutes() []route {
	return slices.Concat(
		[]route{
			get(supportPath, (*page).support),
			get(policiesPath, offices((*page).policyList)),
			get(policiesPath+"/:id", (*page).policyResource),
			get(policiesPath+"/:id/order", (*page).orderForm),
			post(policiesPath+"/:id/order", (*page).order),
			get(needsPath, offices((*page).needList)),
			get(needsPath+"/new", (*page).needForm),
			post(needsPath+"/new", (*page).addNeed),
			get(needsPath+"/:id", (*page).need),
			post(needsPath+"/:id", (*page).decideNeed),
			get(servicesPath, offices((*page).serviceList)),
			get(servicesPath+"/new", offices((*page).serviceForm)),
			post(servicesPath+"/new", offices((*page).addService)),
			get(servicesPath+"/:id", (*page).service),
			get(servicesPath+"/:id/decide", offices((*page).decisionForm)),
			post(servicesPath+"/:id/decide", offices((*page).decideService)),
			get(servicesPath+"/:id/deliver", offices((*page).deliveryForm)),
			post(servicesPath+"/:id/deliver", offices((*page).deliverService)),
		},
		entryPages[support.PolicyResource, *support.PolicyResource]{
			name: "policy_resources", columns: []string{"name"}, entries: (*service.Service).PolicyResources, kept: kept[support.PolicyResource]{path: policiesPath},
		}.forms(),
	)
}

// Money is an amount as people say it.
func (v view) Money(f support.Fen) string { return service.Money(v.lang, f) }

// KeepsPolicies says whether the reader keeps some of the policy resources.
func (v view) KeepsPolicies() bool {
	return v.actor.Role == ticket.RoleDispatcher || v.actor.Heads()
}

// Expires says whether a policy resource ends soon, and Holds whether it holds
// today.
func (v view) Expires(p support.PolicyResource) bool { return v.svc.Expires(&p) }

// Holds says whether a policy resource holds today.
func (v view) Holds(p support.PolicyResource) bool { return v.svc.Holds(&p) }

// SupportOf is what the three lists have for an enterprise.
func (v view) SupportOf(enterpriseID string) (*enterpriseSupport, error) {
	found, err := v.svc.EnterpriseSupport(v.ctx(), v.actor, enterpriseID)
	return &enterpriseSupport{found, enterpriseID, "", v.page}, err
}

// SupportOfChain is what they have of the chain whose page is shown.
func (v view) SupportOfChain(id string) (*service.ChainSupport, error) {
	return v.svc.ChainSupport(v.ctx(), v.actor, id)
}

// SupportOfTicket is what they have of a ticket; nil where the reader is none of
// the offices that see it.
func (v view) SupportOfTicket() (*ticketSupport, error) {
	t, ok := v.Data.(*ticketPage)
	if !ok || !t.Inside() || !inOffice(v.actor) {
		return nil, nil //nolint:nilnil // as the comment says
	}
	found, err := v.svc.TicketSupport(v.ctx(), v.actor, t.ID)
	if err != nil {
		return nil, err
	}
	return &ticketSupport{found, enterpriseSupport{nil, t.EnterpriseID, t.ID, v.page}}, nil
}

type ticketSupport struct {
	*service.TicketSupport
	Of enterpriseSupport
}

// enterpriseSupport is what the three lists have for an enterprise, and what the
// reader may do about it.
type enterpriseSupport struct {
	*service.EnterpriseSupport
	EnterpriseID, TicketID string
	p                      *page
}

// Decides says whether the reader may decide about a policy resource for it.
func (s enterpriseSupport) Decides(p *support.PolicyResource) bool {
	return inOffice(s.p.actor) && s.p.svc.MayAddService(s.p.actor, s.EnterpriseID, p.DepartmentID)
}

// Writes says whether the reader may write down what it needs.
func (s enterpriseSupport) Writes() bool {
	return s.p.svc.MayKeepNeed(s.p.actor, &support.Need{EnterpriseID: s.EnterpriseID})
}

// Decision is where a policy resource is accepted or declined for it.
func (s enterpriseSupport) Decision(policyID, state string) (string, error) {
	return query(servicesPath+"/new", "enterprise", s.EnterpriseID, "policy", policyID, "ticket", s.TicketID, "state", state)
}

// NewNeed is where a need of it is written down.
func (s enterpriseSupport) NewNeed() (string, error) {
	return query(needsPath+"/new", "enterprise", s.EnterpriseID, "ticket", s.TicketID)
}

// supportHome is the three lists in numbers.
type supportHome struct {
	*service.SupportTotals
	Filters []field
}

// Rows is where the services behind a number are listed.
func (h supportHome) Rows(by, key string) (string, error) {
	return query(servicesPath, "state", support.Delivered, "from", h.From, "to", h.To, by, key)
}

// support is an enterprise's own page, and for the offices the three lists in
// numbers.
func (p *page) support() error {
	if p.actor.Role == ticket.RoleEnterprise && p.actor.EnterpriseID != "" {
		found, err := view{p, nil}.SupportOf(p.actor.EnterpriseID)
		if err != nil {
			return err
		}
		return p.show("support/own", found)
	}
	if !inOffice(p.actor) {
		return ticket.NotFound("page")
	}
	from, to, faults := p.days()
	if len(faults) > 0 {
		from, to = worktime.Date{}, worktime.Date{}
	}
	totals, err := p.svc.SupportTotals(p.ctx(), p.actor, from, to)
	if err != nil {
		return err
	}
	shown := supportHome{totals, []field{
		{Name: "from", Label: p.t("figures.from"), Kind: kindDay, Values: []string{totals.From.String()}},
		{Name: "to", Label: p.t("figures.to"), Kind: kindDay, Values: []string{totals.To.String()}},
	}}
	for i := range shown.Filters {
		for _, fault := range faults {
			if fault.Pointer == "/"+shown.Filters[i].Name {
				shown.Filters[i].Error = p.faultWords(fault)
			}
		}
	}
	return p.show("support/home", shown)
}

// SupportTotals are the numbers of this year, for the dashboard.
func (v view) SupportTotals() (supportHome, error) {
	totals, err := v.svc.SupportTotals(v.ctx(), v.actor, worktime.Date{}, worktime.Date{})
	return supportHome{SupportTotals: totals}, err
}

// optionsAtMost are how many one is chosen from.
const optionsAtMost = 100

// supportList is one of the three lists.
type supportList[T any] struct {
	Filters []field
	Rows    []T
	Names   *service.Names
	Next    string // of the next page; "" on the last
}

// supportChoice is a choice that narrows one of the lists.
type supportChoice struct {
	name, label, value string
	options            func(*page) ([]option, error)
}

// listOf reads a page of one of the lists by its filters.
func listOf[T any, P directory.Entry[T]](p *page, e service.Entries[T, P], f service.EntryFilter, choices ...supportChoice) (*supportList[T], error) {
	shown := &supportList[T]{Filters: []field{{Name: "q", Label: p.t("shell.search"), Kind: kindText, Values: []string{f.Text}}}}
	for _, by := range choices {
		options, err := by.options(p)
		if err != nil {
			return nil, err
		}
		if len(options) > 0 {
			shown.Filters = append(shown.Filters, field{Name: by.name, Label: p.t(by.label), Kind: kindSelect, Values: []string{by.value}, Options: options})
		}
	}
	f.After, f.Limit = p.QueryParam("after"), entriesAPage+1
	var err error
	if shown.Rows, err = e.List(p.ctx(), p.actor, f); err != nil {
		return nil, err
	}
	if len(shown.Rows) > entriesAPage {
		shown.Rows = shown.Rows[:entriesAPage]
		id, _ := P(&shown.Rows[entriesAPage-1]).Refs()
		shown.Next = p.with("after", *id)
	}
	shown.Names, err = e.Names(p.ctx(), shown.Rows...)
	return shown, err
}

// policyFilter reads by what the address narrows the list of policy resources.
func (p *page) policyFilter() service.EntryFilter {
	f := p.entryFilter()
	f.DepartmentID, f.ChainID = p.QueryParam("department"), p.QueryParam("chain")
	which := p.QueryParam("which")
	f.Support.Holding, f.Support.Expiring, f.Support.Orderable = which == "holding", which == "expiring", which == "orderable"
	return f
}

func whichPolicies() []string { return []string{"holding", "expiring", "orderable"} }

func (p *page) policyList() error {
	f := p.policyFilter()
	shown, err := listOf(p, p.svc.PolicyResources(), f,
		supportChoice{"department", "entry.department_id", f.DepartmentID, (*page).allDepartments},
		supportChoice{"chain", "entry.chains", f.ChainID, (*page).allChains},
		supportChoice{"which", "support.which", p.QueryParam("which"), codeOptions("policy_which", whichPolicies)},
	)
	if err != nil {
		return err
	}
	return p.show("support/policies", shown)
}

// policyPage is a policy resource.
type policyPage struct {
	support.PolicyResource
	Names *service.Names
	Files []directory.Attachment
	Keeps bool
}

func (p *page) policyPage() (policyPage, error) {
	found, err := p.svc.PolicyResources().Get(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return policyPage{}, err
	}
	files, err := p.svc.PolicyResources().Attachments(p.ctx(), p.actor, found.ID)
	if err != nil {
		return policyPage{}, err
	}
	names, err := p.svc.PolicyResources().Names(p.ctx(), found)
	return policyPage{found, names, files, p.svc.MayKeepPolicies(p.actor, &found)}, err
}

func (p *page) policyResource() error {
	shown, err := p.policyPage()
	if err != nil {
		return err
	}
	return p.show("support/policy", shown)
}

// needFilter reads by what the address narrows the list of needs.
func (p *page) needFilter() service.EntryFilter {
	f := p.entryFilter()
	f.EnterpriseID, f.ChainID, f.Category, f.Support.State = p.QueryParam("enterprise"), p.QueryParam("chain"), p.QueryParam("category"), p.QueryParam("state")
	return f
}

func (p *page) needList() error {
	f := p.needFilter()
	shown, err := listOf(p, p.svc.Needs(), f,
		supportChoice{"category", "entry.category", f.Category, (*page).categoryOptions},
		supportChoice{"chain", "entry.chains", f.ChainID, (*page).allChains},
		supportChoice{"state", "support.state", f.Support.State, codeOptions("need_state", func() []support.NeedState { return support.NeedStates })},
	)
	if err != nil {
		return err
	}
	return p.show("support/needs", shown)
}

// serviceFilter reads by what the address narrows the list of services. A day
// that is none narrows nothing.
func (p *page) serviceFilter() service.EntryFilter {
	f := p.entryFilter()
	f.EnterpriseID, f.DepartmentID = p.QueryParam("enterprise"), p.QueryParam("department")
	f.Support.State, f.Support.PolicyID = p.QueryParam("state"), p.QueryParam("policy")
	if from, to, faults := p.days(); len(faults) == 0 {
		if !from.IsZero() {
			f.Support.DeliveredFrom = &from
		}
		if !to.IsZero() {
			f.Support.DeliveredTo = &to
		}
	}
	return f
}

func policyOption(r support.PolicyResource) option { return option{Value: r.ID, Label: r.Name} }

// policyOptions are the policy resources that the list of services is narrowed
// by. Where there are too many to be chosen from, services are found by a text
// in their names, and the one that it is narrowed by already is offered alone.
func (p *page) policyOptions() ([]option, error) {
	all, err := p.svc.PolicyResources().List(p.ctx(), p.actor, service.EntryFilter{Limit: optionsAtMost + 1})
	if err == nil && len(all) > optionsAtMost {
		all = nil
		if id := p.QueryParam("policy"); id != "" {
			all, err = p.svc.PolicyResources().List(p.ctx(), p.actor, service.EntryFilter{ID: id, All: true})
		}
	}
	return optionsOf(all, policyOption), err
}

// policiesToDecide are the policy resources among which one is chosen for an
// enterprise: all, or where they are too many those that fit it.
func (p *page) policiesToDecide(enterpriseID string) ([]option, error) {
	all, err := p.svc.PolicyResources().List(p.ctx(), p.actor, service.EntryFilter{Limit: optionsAtMost + 1})
	if err != nil || len(all) <= optionsAtMost {
		return optionsOf(all, policyOption), err
	}
	fitting, err := p.svc.PoliciesFor(p.ctx(), p.actor, enterpriseID)
	fitting = fitting[:min(len(fitting), optionsAtMost)]
	return optionsOf(fitting, func(f service.PolicyProposal) option { return policyOption(*f.Policy) }), err
}

func (p *page) serviceList() error {
	f := p.serviceFilter()
	shown, err := listOf(p, p.svc.Services(), f,
		supportChoice{"department", "entry.department_id", f.DepartmentID, (*page).allDepartments},
		supportChoice{"policy", "support.policy", f.Support.PolicyID, (*page).policyOptions},
		supportChoice{"state", "support.state", f.Support.State, codeOptions("service_state", func() []support.ServiceState { return support.ServiceStates })},
	)
	if err != nil {
		return err
	}
	shown.Filters = append(shown.Filters,
		field{Name: "from", Label: p.t("support.delivered_from"), Kind: kindDay, Values: []string{p.QueryParam("from")}},
		field{Name: "to", Label: p.t("support.delivered_to_day"), Kind: kindDay, Values: []string{p.QueryParam("to")}})
	return p.show("support/services", shown)
}

// supportForm is a page with one form.
type supportForm struct {
	Title string
	About string // what it is about
	Form  *form
}

func hidden(name, value string) field {
	return field{Name: name, Kind: kindHidden, Values: []string{value}}
}

// ask shows a form, and carry carries out what was sent by it.
func (p *page) ask(shown *supportForm, err error) error {
	if err != nil {
		return err
	}
	return p.show("support/form", shown)
}

func (p *page) carry(shown *supportForm, err error, do func(ctx context.Context, values url.Values, seen time.Time) (id string, err error), said, next string) error {
	if err != nil {
		return err
	}
	values, _, err := p.values()
	var id string
	if err == nil {
		shown.Form.fill(values)
		id, err = p.once(values, func(ctx context.Context) (string, error) { return do(ctx, values, seenAt(values)) })
	}
	if err != nil {
		return p.refuse(err, shown.Form, func(status int) error { return p.showAs(status, "support/form", shown) })
	}
	p.say(said)
	return p.goTo(next + url.PathEscape(id))
}

// asked is a value of the form that is sent, or of the address that opens it.
func (p *page) asked(name string) string { return p.FormValue(name) }

// newNeed is the form of a need of an enterprise.
func (p *page) newNeed() (*supportForm, error) {
	enterpriseID := p.asked("enterprise_id")
	if enterpriseID == "" {
		enterpriseID = p.asked("enterprise")
	}
	if p.actor.Role == ticket.RoleEnterprise {
		enterpriseID = p.actor.EnterpriseID
	}
	e, err := p.svc.Enterprises().Get(p.ctx(), p.actor, enterpriseID)
	if err != nil {
		return nil, err
	}
	if !p.svc.MayKeepNeed(p.actor, &support.Need{EnterpriseID: enterpriseID}) {
		return nil, ticket.NotFound("page")
	}
	categories, err := p.categoryOptions()
	if err != nil {
		return nil, err
	}
	shown := &supportForm{p.t("support.new_need"), e.Name, newForm(needsPath+"/new", p.t("support.write_need"))}
	shown.Form.Back = supportPath
	if inOffice(p.actor) {
		shown.Form.Back = enterprisePath(e.ID)
	}
	shown.Form.Fields = []field{
		hidden("enterprise_id", e.ID), hidden("ticket_id", p.asked("ticket")), hidden("visit_id", p.asked("visit")),
		{Name: "category", Label: p.t("entry.category"), Kind: kindSelect, Required: true, Options: categories},
		{Name: "text", Label: p.t("support.need_text"), Kind: kindLong, Required: true, Max: 4000},
	}
	if id := p.asked("ticket"); id != "" {
		t, err := p.svc.Ticket(p.ctx(), p.actor, id)
		if err != nil {
			return nil, err
		}
		shown.Form.Fields[3].Values, shown.Form.Fields[4].Values = []string{t.Category}, []string{t.Title}
	}
	return shown, nil
}

func (p *page) needForm() error { return p.ask(p.newNeed()) }

func (p *page) addNeed() error {
	shown, err := p.newNeed()
	return p.carry(shown, err, func(ctx context.Context, values url.Values, _ time.Time) (string, error) {
		var in service.NewNeed
		if err := p.decode(values, &in); err != nil {
			return "", err
		}
		need, err := p.svc.AddNeed(ctx, p.actor, in)
		return need.ID, err
	}, "support.need_written", needsPath+"/")
}

// needPage is a need.
type needPage struct {
	support.Need
	Names *service.Names
	Form  *form // nil for who may not decide
	Link  bool  // the reader sees the ticket
}

func (p *page) needPage() (*needPage, error) {
	n, err := p.svc.Needs().Get(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return nil, err
	}
	shown := &needPage{Need: n}
	if shown.Names, err = p.svc.Needs().Names(p.ctx(), n); err != nil {
		return nil, err
	}
	shown.Link = p.sees(n.TicketID)
	if p.svc.MayKeepNeed(p.actor, &n) {
		shown.Form = newForm(needsPath+"/"+url.PathEscape(n.ID), p.t("support.save"))
		shown.Form.Seen = n.UpdatedAt.UTC().Format(time.RFC3339Nano)
		states, _ := codeOptions("need_state", func() []support.NeedState { return support.NeedStates })(p)
		shown.Form.Fields = []field{
			{Name: "state", Label: p.t("support.state"), Kind: kindRadios, Required: true, Options: states, Values: []string{string(n.State)}},
			{Name: "reason", Label: p.t("support.reason"), Kind: kindLong, Max: 2000, Values: []string{n.Reason}},
		}
	}
	return shown, nil
}

// sees says whether the reader sees a ticket.
func (p *page) sees(ticketID string) bool {
	if ticketID == "" {
		return false
	}
	_, err := p.svc.Ticket(p.ctx(), p.actor, ticketID)
	return err == nil
}

func (p *page) need() error {
	shown, err := p.needPage()
	if err != nil {
		return err
	}
	return p.show("support/need", shown)
}

func (p *page) decideNeed() error {
	shown, err := p.needPage()
	if err != nil {
		return err
	}
	if shown.Form == nil {
		return ticket.NotFound("page")
	}
	values, _, err := p.values()
	var in service.NeedDecision
	if err == nil {
		shown.Form.fill(values)
		err = p.decode(values, &in)
	}
	if err == nil {
		_, err = p.once(values, func(ctx context.Context) (string, error) {
			_, err := p.svc.DecideNeed(ctx, p.actor, shown.ID, in, seenAt(values))
			return "", err
		})
	}
	if err != nil {
		return p.refuse(err, shown.Form, func(status int) error { return p.showAs(status, "support/need", shown) })
	}
	p.say("support.saved")
	return p.goTo(shown.Form.Action)
}

// newService is the form by which a policy resource is accepted or declined for
// an enterprise.
func (p *page) newService() (*supportForm, error) {
	of := func(name, short string) string {
		if value := p.asked(name); value != "" {
			return value
		}
		return p.asked(short)
	}
	e, err := p.svc.Enterprises().Get(p.ctx(), p.actor, of("enterprise_id", "enterprise"))
	if err != nil {
		return nil, err
	}
	shown := &supportForm{p.t("support.new_service"), e.Name, newForm(servicesPath+"/new", p.t("support.decide"))}
	shown.Form.Back = enterprisePath(e.ID)
	departments, err := p.allDepartments()
	if err != nil {
		return nil, err
	}
	policy := field{Name: "policy_resource_id", Label: p.t("support.policy"), Kind: kindSelect, Required: true}
	department := ""
	if id := of("policy_resource_id", "policy"); id != "" {
		chosen, err := p.svc.PolicyResources().Get(p.ctx(), p.actor, id)
		if err != nil {
			return nil, err
		}
		shown.About += " · " + chosen.Name
		policy, department = hidden("policy_resource_id", id), chosen.DepartmentID
	} else if policy.Options, err = p.policiesToDecide(e.ID); err != nil {
		return nil, err
	}
	state := field{Name: "state", Label: p.t("support.decision"), Kind: kindRadios, Required: true, Values: []string{p.asked("state")}}
	for _, code := range []support.ServiceState{support.Accepted, support.Declined, support.Proposed} {
		state.Options = append(state.Options, option{Value: string(code), Label: p.t("service_decision." + string(code))})
	}
	shown.Form.Fields = []field{
		hidden("enterprise_id", e.ID), hidden("ticket_id", of("ticket_id", "ticket")), hidden("need_id", of("need_id", "need")), policy, state,
		{Name: "department_id", Label: p.t("support.done_by"), Kind: kindSelect, Options: departments, Values: []string{department}},
		{Name: "due_on", Label: p.t("support.due_on"), Kind: kindDay},
		{Name: "reason", Label: p.t("support.reason"), Hint: p.t("support.reason_hint"), Kind: kindLong, Max: 2000},
	}
	return shown, nil
}

func (p *page) serviceForm() error { return p.ask(p.newService()) }

func (p *page) addService() error {
	shown, err := p.newService()
	return p.carry(shown, err, func(ctx context.Context, values url.Values, _ time.Time) (string, error) {
		var in service.NewService
		if err := p.decode(values, &in); err != nil {
			return "", err
		}
		v, err := p.svc.AddService(ctx, p.actor, in)
		return v.ID, err
	}, "support.decided", servicesPath+"/")
}

// servicePage is a service, and what the reader may do with it.
type servicePage struct {
	support.Service
	Names             *service.Names
	Decides, Delivers bool
	Link              bool // the reader sees the ticket
}

func (p *page) servicePage() (*servicePage, error) {
	v, err := p.svc.Services().Get(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return nil, err
	}
	shown := &servicePage{
		Service: v, Decides: inOffice(p.actor) && p.svc.MayDecideService(p.actor, &v), Delivers: p.svc.MayDeliverService(p.actor, &v), Link: p.sees(v.TicketID),
	}
	shown.Names, err = p.svc.Services().Names(p.ctx(), v)
	return shown, err
}

func (p *page) service() error {
	shown, err := p.servicePage()
	if err != nil {
		return err
	}
	return p.show("support/service", shown)
}

// serviceAction is a form about a service that the reader may do something with.
func (p *page) serviceAction(what string, may func(*servicePage) bool) (*supportForm, *servicePage, error) {
	v, err := p.servicePage()
	if err != nil {
		return nil, nil, err
	}
	if !may(v) {
		return nil, nil, ticket.NotFound("page")
	}
	at := servicesPath + "/" + url.PathEscape(v.ID)
	shown := &supportForm{p.t("support." + what), v.Names.Of(v.EnterpriseID) + " · " + v.Names.Of(v.PolicyID), newForm(at+"/"+what, p.t("support."+what))}
	shown.Form.Back, shown.Form.Seen = at, v.UpdatedAt.UTC().Format(time.RFC3339Nano)
	return shown, v, nil
}

func (p *page) decision() (*supportForm, error) {
	shown, v, err := p.serviceAction("decide", func(v *servicePage) bool { return v.Decides })
	if err != nil {
		return nil, err
	}
	decision := field{Name: "accept", Label: p.t("support.decision"), Kind: kindRadios, Required: true, Options: []option{{Value: "false", Label: p.t("service_decision.declined")}}}
	if v.State == support.Proposed {
		decision.Options = append([]option{{Value: "true", Label: p.t("service_decision.accepted")}}, decision.Options...)
	}
	shown.Form.Fields = []field{
		decision,
		{Name: "due_on", Label: p.t("support.due_on"), Kind: kindDay},
		{Name: "reason", Label: p.t("support.reason"), Hint: p.t("support.reason_hint"), Kind: kindLong, Max: 2000},
	}
	return shown, nil
}

func (p *page) decisionForm() error { return p.ask(p.decision()) }

func (p *page) decideService() error {
	shown, err := p.decision()
	return p.carry(shown, err, func(ctx context.Context, values url.Values, seen time.Time) (string, error) {
		var in service.ServiceDecision
		if err := p.decode(values, &in); err != nil {
			return "", err
		}
		v, err := p.svc.DecideService(ctx, p.actor, p.Param("id"), in, seen)
		return v.ID, err
	}, "support.decided", servicesPath+"/")
}

func (p *page) delivery() (*supportForm, error) {
	shown, _, err := p.serviceAction("deliver", func(v *servicePage) bool { return v.Delivers })
	if err != nil {
		return nil, err
	}
	today := worktime.DateOf(p.svc.Now().In(p.svc.Zone())).String()
	shown.Form.Fields = []field{
		{Name: "delivered_on", Label: p.t("support.delivered_on"), Kind: kindDay, Required: true, Values: []string{today}, To: today},
		{Name: "amount_fen", Label: p.t("support.amount"), Hint: p.t("support.amount_hint"), Kind: kindText, Max: 40},
		{Name: "note", Label: p.t("support.note"), Kind: kindLong, Max: 2000},
	}
	return shown, nil
}

func (p *page) deliveryForm() error { return p.ask(p.delivery()) }

func (p *page) deliverService() error {
	shown, err := p.delivery()
	return p.carry(shown, err, func(ctx context.Context, values url.Values, seen time.Time) (string, error) {
		var in service.Delivery
		rest := cloneValues(values)
		rest.Del("amount_fen") // people write it with its unit
		if err := p.decode(rest, &in); err != nil {
			return "", err
		}
		if typed := strings.TrimSpace(values.Get("amount_fen")); typed != "" {
			amount, wrong := support.ParseFen(typed)
			if !wrong.Empty() {
				return "", ticket.InvalidForm([]ticket.Field{ticket.FieldOf("/amount_fen", wrong)})
			}
			in.AmountFen = amount
		}
		v, err := p.svc.DeliverService(ctx, p.actor, p.Param("id"), in, seen)
		return v.ID, err
	}, "support.was_delivered", servicesPath+"/")
}

// ordering is the form by which an enterprise orders a listed service.
func (p *page) ordering() (*supportForm, error) {
	found, err := p.policyPage()
	if err != nil {
		return nil, err
	}
	if p.actor.Role != ticket.RoleEnterprise || !found.Orderable || !p.svc.Holds(&found.PolicyResource) {
		return nil, ticket.NotFound("page")
	}
	shown := &supportForm{p.t("support.order"), found.Name, newForm(policiesPath+"/"+url.PathEscape(found.ID)+"/order", p.t("support.send_order"))}
	shown.Form.Back, shown.Form.Intro = supportPath, p.t("support.order_about", "Department", found.Names.Of(found.Answers()))
	shown.Form.Fields = []field{{Name: "text", Label: p.t("support.order_text"), Kind: kindLong, Max: 4000}}
	return shown, nil
}

func (p *page) orderForm() error { return p.ask(p.ordering()) }

func (p *page) order() error {
	shown, err := p.ordering()
	return p.carry(shown, err, func(ctx context.Context, values url.Values, _ time.Time) (string, error) {
		filed, err := p.svc.Order(ctx, p.actor, p.Param("id"), service.NewOrder{Text: values.Get("text")})
		if err != nil {
			return "", err
		}
		return filed.ID, nil
	}, "support.ordered", "/tickets/")
}

// exportPayouts saves what was paid out in the period of the page.
func (p *page) exportPayouts(to service.ExportTo) (int, error) {
	from, until, faults := p.days()
	if len(faults) > 0 {
		return 0, ticket.InvalidForm(faults)
	}
	return p.svc.ExportPayouts(p.ctx(), p.actor, from, until, to)
}
