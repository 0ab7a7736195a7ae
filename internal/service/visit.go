package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/visit"
	"whistle/internal/worktime"
)

// What the subjects are called in the audit log.
const (
	subjectVisit     = "visit"
	subjectFinding   = "finding"
	subjectVisitPlan = "visit_plan"
)

// Campaigns are the times in which the enterprises are visited. The desk keeps
// them.
func (s *Service) Campaigns() Entries[visit.Campaign, *visit.Campaign] {
	return Entries[visit.Campaign, *visit.Campaign]{s, kind[visit.Campaign]{
		subject: "campaign", path: "/campaigns", list: ExportedCampaigns, columns: campaignColumns, deskMay: true,
		blank: visit.Campaign{Kind: visit.Day, Targets: visit.Roster},
		names: func(n *Names, c *visit.Campaign) {
			n.add(store.Places, c.PlaceID)
			n.add(store.Chains, c.ChainID)
		},
		unique: func(c *visit.Campaign) []uniqueness { return uniqueCode(c.Code) },
		check:  checkCampaign,
	}}
}

func checkCampaign(c *entryCheck, before, after *visit.Campaign) {
	for _, day := range []struct {
		pointer string
		day     worktime.Date
	}{{"/from_date", after.FromDate}, {"/to_date", after.ToDate}} {
		if day.day.IsZero() {
			c.fault(day.pointer, "must not be empty")
		}
	}
	if !after.ToDate.IsZero() && after.ToDate.Before(after.FromDate) {
		c.fault("/to_date", "must not be before the first day")
	}
	refers(c, before, after, "/place_id", "/places", finder[directory.Place](c.s), func(e *visit.Campaign) string { return e.PlaceID })
	refers(c, before, after, "/chain_id", "/chains", finder[directory.Chain](c.s), func(e *visit.Campaign) string { return e.ChainID })
	for i, q := range after.Questions {
		at := fmt.Sprintf("/questions/%d/choices", i)
		switch {
		case q.Kind == visit.Choice && len(q.Choices) < 2:
			c.fault(at, "must have at least %d", 2)
		case q.Kind != visit.Choice && len(q.Choices) > 0:
			c.fault(at, "are for a question with choices alone")
		case slices.Contains(q.Choices, ""):
			c.fault(at, "must not be empty")
		}
	}
}

// VisitFilter narrows a list of visits.
type VisitFilter = store.VisitFilter

// VisitPosition is a place in a list of visits.
type VisitPosition = store.VisitPosition

// VisitView is a visit as the actor may see it.
type VisitView struct {
	visit.Visit
	Names *Names
	// Words says whether the reader reads what was seen and found there. The
	// enterprise itself only reads that it was visited, when and by whom.
	Words    bool
	Findings []FindingView
	Files    []directory.Attachment // of one that is read by itself
}

// FindingView is a finding with the ticket that was made of it.
type FindingView struct {
	visit.Finding
	Ticket *ticket.Ticket // nil while there is none, and where the reader does not see it
}

// readsWords says whether the actor reads what was seen at a visit that they
// may know of.
func readsWords(actor ticket.Actor, enterpriseID string) bool {
	return actor.Role != ticket.RoleEnterprise && (office(actor) || slices.Contains(actor.Manages, enterpriseID))
}

// Visits lists visits as the actor may see them, the latest first.
func (s *Service) Visits(ctx context.Context, actor ticket.Actor, f VisitFilter) ([]VisitView, error) {
	if f.TicketID != "" {
		if _, err := s.store.Ticket(ctx, actor, f.TicketID); err != nil {
			if errors.Is(err, store.ErrNotFound) {
				return nil, nil
			}
			return nil, err
		}
	}
	visits, err := s.store.Visits(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	return s.visitViews(ctx, actor, visits)
}

// Visit reads a visit as the actor may see it.
func (s *Service) Visit(ctx context.Context, actor ticket.Actor, id string) (*VisitView, error) {
	if id == "" {
		return nil, ticket.NotFound(subjectVisit)
	}
	views, err := s.Visits(ctx, actor, VisitFilter{ID: id})
	if err != nil {
		return nil, err
	}
	if len(views) == 0 {
		return nil, ticket.NotFound(subjectVisit)
	}
	view := &views[0]
	if view.Words {
		view.Files, err = s.store.AttachmentsOf(ctx, subjectVisit, id)
	}
	return view, err
}

// VisitOfTicket is the visit at which a ticket, which the actor sees, was
// found; nil where it comes from none.
func (s *Service) VisitOfTicket(ctx context.Context, actor ticket.Actor, ticketID string) (*VisitView, error) {
	views, err := s.Visits(ctx, actor, VisitFilter{TicketID: ticketID, Limit: 1})
	if err != nil || len(views) == 0 {
		return nil, err
	}
	return &views[0], nil
}

// mayReadWords is nil when the actor reads the words of a visit.
func (s *Service) mayReadWords(ctx context.Context, actor ticket.Actor, visitID string) error {
	visits, err := s.store.Visits(ctx, actor, VisitFilter{ID: visitID})
	if err != nil {
		return err
	}
	if len(visits) == 0 || !readsWords(actor, visits[0].EnterpriseID) {
		return ticket.NotFound("attachment")
	}
	return nil
}

func (s *Service) visitViews(ctx context.Context, actor ticket.Actor, visits []visit.Visit) ([]VisitView, error) {
	names := newNames()
	views := make([]VisitView, len(visits))
	at := map[string]*VisitView{}
	var ids []string
	for i, v := range visits {
		names.add(store.Enterprises, v.EnterpriseID)
		names.add(store.Projects, v.ProjectID)
		names.add(store.Campaigns, v.CampaignID)
		names.add(store.Users, v.VisitorID)
		v.VisitedAt = v.VisitedAt.In(s.zone)
		view := VisitView{Visit: v, Names: names, Words: readsWords(actor, v.EnterpriseID)}
		if !view.Words {
			view.Seen, view.Location, view.Latitude, view.Longitude, view.Answers, view.ClientID = "", "", nil, nil, []visit.Answer{}, ""
		} else {
			ids = append(ids, v.ID)
		}
		views[i] = view
		at[v.ID] = &views[i]
	}
	names.categories = true
	if err := names.load(ctx, s.store); err != nil || len(ids) == 0 {
		return views, err
	}
	findings, err := s.findings(ctx, actor, ids)
	for _, f := range findings {
		view := at[f.VisitID]
		view.Findings = append(view.Findings, f)
	}
	return views, err
}

// findings are those of visits whose words the actor reads, each with its
// ticket as far as they see it. One of which a trade secret was made is for
// those alone who see the ticket.
func (s *Service) findings(ctx context.Context, actor ticket.Actor, visitIDs []string) ([]FindingView, error) {
	found, err := s.store.Findings(ctx, visitIDs)
	if err != nil {
		return nil, err
	}
	ticketIDs := []string{}
	for _, f := range found {
		if f.TicketID != "" {
			ticketIDs = append(ticketIDs, f.TicketID)
		}
	}
	seen := map[string]*ticket.Ticket{}
	plain := map[string]bool{}
	if len(ticketIDs) > 0 {
		tickets, err := s.store.Tickets(ctx, actor, store.TicketFilter{IDs: ticketIDs})
		if err != nil {
			return nil, err
		}
		for _, t := range tickets {
			seen[t.ID] = t
		}
		if plain, err = s.store.OpenlyFiled(ctx, ticketIDs); err != nil {
			return nil, err
		}
	}
	views := make([]FindingView, 0, len(found))
	for _, f := range found {
		if f.TicketID != "" && seen[f.TicketID] == nil && !plain[f.TicketID] {
			continue
		}
		views = append(views, FindingView{f, seen[f.TicketID]})
	}
	return views, nil
}

// mayVisit says whether the actor records visits to an enterprise: the desk,
// officers and heads to any, managers to those that they look after.
func mayVisit(actor ticket.Actor, enterpriseID string) bool {
	switch actor.Role {
	case ticket.RoleDispatcher, ticket.RoleOfficer, ticket.RoleHead, ticket.RoleSystem:
		return true
	case ticket.RoleEnterprise, ticket.RoleLeader, ticket.RoleAdmin, ticket.RoleGuest:
	}
	return slices.Contains(actor.Manages, enterpriseID)
}

// MayVisitAny says whether the actor records visits to every enterprise.
func MayVisitAny(actor ticket.Actor) bool { return mayVisit(actor, "") }

// RecordVisit writes down a visit of the actor's. One that its sender has sent
// before, as its client id tells, is told again and nothing happens; under
// another's words that is a conflict.
func (s *Service) RecordVisit(ctx context.Context, actor ticket.Actor, in visit.Record) (*VisitView, error) {
	recorded, _, err := s.recordVisit(ctx, actor, actor.ID, in)
	if err != nil {
		return nil, err
	}
	return s.Visit(ctx, actor, recorded.ID)
}

// VisitSent says whether the actor has sent a visit under a client id before.
func (s *Service) VisitSent(ctx context.Context, actor ticket.Actor, clientID string) bool {
	_, err := s.store.VisitByClient(ctx, actor.ID, clientID)
	return clientID != "" && err == nil
}

// recordVisit records a visit that the actor writes down for a visitor; fresh
// is false when it was there already.
func (s *Service) recordVisit(ctx context.Context, actor ticket.Actor, visitorID string, in visit.Record) (v visit.Visit, fresh bool, err error) {
	in.Tidy()
	if err := checkForm(in); err != nil {
		return v, false, err
	}
	enterprise, err := s.Enterprises().Get(ctx, actor, in.EnterpriseID)
	if err != nil {
		return v, false, err
	}
	if !mayVisit(actor, enterprise.ID) {
		return v, false, ticket.Errorf(ticket.CodeForbidden, "You may not record a visit to this enterprise.")
	}
	err = s.InTx(ctx, func(ctx context.Context) error {
		now := s.clock.Now().Truncate(time.Microsecond)
		if in.ClientID != "" {
			before, err := s.store.VisitByClient(ctx, visitorID, in.ClientID)
			if err == nil {
				v = before
				return s.sentBefore(ctx, before, in)
			}
			if !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		campaign, err := s.checkVisit(ctx, actor, enterprise, in, now)
		if err != nil {
			return err
		}
		v = s.visitOf(visitorID, in, campaign, now)
		if fresh, err = s.store.InsertVisit(ctx, &v); err != nil {
			return err
		}
		if !fresh { // it came in twice at once, and the other was first
			if v, err = s.store.VisitByClient(ctx, visitorID, in.ClientID); err != nil {
				return err
			}
			return s.sentBefore(ctx, v, in)
		}
		if err := s.store.InsertFindings(ctx, s.findingsOf(v.ID, in)); err != nil {
			return err
		}
		if err := s.store.CarryTo(ctx, in.Attachments, subjectVisit, v.ID); err != nil {
			return err
		}
		return s.audit(ctx, actor, auditCreate, subjectVisit, v.ID, nil, keptVisit(v, in))
	})
	return v, fresh, err
}

// keptVisit is how a visit is written to the audit log, without its words: they
// are for those who read the visit.
func keptVisit(v visit.Visit, in visit.Record) map[string]any {
	return map[string]any{
		"enterprise_id": v.EnterpriseID, "project_id": v.ProjectID, "campaign_id": v.CampaignID, "visitor_id": v.VisitorID,
		"visited_at": v.VisitedAt, "findings": len(in.Findings), "attachments": len(in.Attachments),
	}
}

// sentBefore is nil when a record says what was recorded under its client id.
func (s *Service) sentBefore(ctx context.Context, v visit.Visit, in visit.Record) error {
	findings, err := s.store.Findings(ctx, []string{v.ID})
	if err != nil {
		return err
	}
	same := v.EnterpriseID == in.EnterpriseID && v.ProjectID == in.ProjectID && v.CampaignID == in.CampaignID && v.Seen == in.Seen &&
		(in.VisitedAt == nil || v.VisitedAt.Equal(in.VisitedAt.Truncate(time.Microsecond))) && len(findings) == len(in.Findings)
	for i := 0; same && i < len(findings); i++ {
		same = findings[i].Text == in.Findings[i].Text && findings[i].Category == in.Findings[i].Category
	}
	if same {
		return nil
	}
	return ticket.Errorf(ticket.CodeConflict, "This visit was recorded before in other words. Open it, and record another if there was one.")
}

func (s *Service) visitOf(visitorID string, in visit.Record, campaign *visit.Campaign, now time.Time) visit.Visit {
	at := now
	changeTo(&at, in.VisitedAt)
	return visit.Visit{
		ID: s.newID(), ClientID: in.ClientID, EnterpriseID: in.EnterpriseID, ProjectID: in.ProjectID, CampaignID: in.CampaignID, VisitorID: visitorID,
		VisitedAt: at.Truncate(time.Microsecond), VisitedOn: worktime.DateOf(at.In(s.zone)), Seen: in.Seen, Location: in.Location,
		Latitude: in.Latitude, Longitude: in.Longitude, Answers: in.AnswersTo(campaign), RecordedAt: now,
	}
}

func (s *Service) findingsOf(visitID string, in visit.Record) []visit.Finding {
	findings := make([]visit.Finding, len(in.Findings))
	for i, f := range in.Findings {
		findings[i] = visit.Finding{ID: s.newID(), VisitID: visitID, Position: i + 1, Text: f.Text, Category: f.Category}
	}
	return findings
}

// checkVisit holds a record against the rules on its values, and gives the
// campaign; nil for none.
func (s *Service) checkVisit(ctx context.Context, actor ticket.Actor, enterprise directory.Enterprise, in visit.Record, now time.Time) (*visit.Campaign, error) {
	c := &entryCheck{ctx: ctx, s: s}
	c.reference("/enterprise_id", "/enterprises", enterprise.Retired(), nil)
	if in.ProjectID != "" {
		p, err := s.store.Project(ctx, in.ProjectID)
		c.reference("/project_id", "/projects", p.Retired(), err)
		if err == nil && p.EnterpriseID != enterprise.ID {
			c.fault("/project_id", "is a project of another enterprise")
		}
	}
	var campaign *visit.Campaign
	if in.CampaignID != "" {
		found, err := finder[visit.Campaign](s)(ctx, in.CampaignID)
		c.reference("/campaign_id", "/campaigns", found.Retired(), err)
		if err == nil {
			campaign = &found
			at := now
			changeTo(&at, in.VisitedAt)
			if day := worktime.DateOf(at.In(s.zone)); day.Before(found.FromDate) || found.ToDate.Before(day) {
				c.fault("/campaign_id", "has other days than the visit")
			}
		}
	}
	for i, f := range in.Findings {
		category, err := s.store.Category(ctx, f.Category)
		c.reference(fmt.Sprintf("/findings/%d/category", i), "/categories", category.Retired(), err)
	}
	c.attachments(actor, in.Attachments, "", "")
	if c.err != nil {
		return nil, c.err
	}
	return campaign, ticket.InvalidValues(append(c.faults, in.Check(now, campaign)...))
}

// FindingFiling is what a ticket is made from, beside the finding.
type FindingFiling struct {
	Title        string         `json:"title" minLength:"1" maxLength:"200" pattern:"\\S" doc:"The problem in one line"`
	Description  string         `json:"description,omitempty" maxLength:"10000" doc:"What is stuck; what was found by default"`
	Category     string         `json:"category,omitempty" maxLength:"64" doc:"Category code; the finding's by default"`
	Urgency      ticket.Urgency `json:"urgency,omitempty" enum:"normal,urgent" doc:"normal by default"`
	Confidential bool           `json:"confidential,omitempty" doc:"A trade secret: fewer people see it"`
}

// MayFileFinding says whether the actor makes tickets of what was found at a
// visit: who was there, who looks after the enterprise, and the desk.
func MayFileFinding(actor ticket.Actor, v visit.Visit) bool {
	return actor.Role == ticket.RoleDispatcher || actor.ID == v.VisitorID && mayVisit(actor, v.EnterpriseID) || slices.Contains(actor.Manages, v.EnterpriseID)
}

// FileFinding makes a ticket of what was found at a visit, with the source
// visit. Whoever was there files it as the enterprise's manager would.
func (s *Service) FileFinding(ctx context.Context, actor ticket.Actor, visitID, findingID string, in FindingFiling) (*ticket.Ticket, error) {
	if err := checkForm(in); err != nil {
		return nil, err
	}
	var filed *ticket.Ticket
	err := s.InTx(ctx, func(ctx context.Context) error {
		v, err := s.Visit(ctx, actor, visitID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(v.Findings, func(f FindingView) bool { return f.ID == findingID })
		switch {
		case at < 0:
			return ticket.NotFound(subjectFinding)
		case !MayFileFinding(actor, v.Visit):
			return ticket.Errorf(ticket.CodeForbidden, "Who was there, who looks after the enterprise and the desk make a ticket of it.")
		case v.Findings[at].TicketID != "":
			return errFiled
		}
		f := v.Findings[at]
		submit := ticket.SubmitInput{
			EnterpriseID: v.EnterpriseID, ProjectID: v.ProjectID, Source: ticket.SourceVisit,
			Title: in.Title, Description: f.Text, Category: f.Category, Urgency: in.Urgency, Confidential: in.Confidential,
		}
		if in.Description != "" {
			submit.Description = in.Description
		}
		if in.Category != "" {
			submit.Category = in.Category
		}
		acting := actor
		if actor.Role != ticket.RoleDispatcher && !slices.Contains(actor.Manages, v.EnterpriseID) {
			acting.Manages = append(slices.Clone(actor.Manages), v.EnterpriseID)
		}
		if filed, err = s.File(ctx, acting, submit); err != nil {
			return err
		}
		err = s.store.TieFinding(ctx, f.ID, filed.ID)
		if errors.Is(err, store.ErrChanged) {
			return errFiled
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, actor, auditChange, subjectFinding, f.ID, map[string]any{"ticket_id": ""}, map[string]any{"ticket_id": filed.ID})
	})
	return filed, err
}

var errFiled = ticket.Errorf(ticket.CodeConflict, "A ticket was made of it already.")

// PastVisit is a visit that is carried over, with the tickets that were made of
// its findings, if any, in their order.
type PastVisit struct {
	VisitorID string
	Record    visit.Record
	TicketIDs []string
}

// CarryOverVisits writes down many visits of the past at once, as the demo does.
// Their form and their days are checked; what they refer to must be there.
func (s *Service) CarryOverVisits(ctx context.Context, past []PastVisit) error {
	now := s.clock.Now().Truncate(time.Microsecond)
	campaigns, err := store.Entries[visit.Campaign](ctx, s.store, EntryFilter{All: true})
	if err != nil {
		return err
	}
	byID := map[string]*visit.Campaign{}
	for i := range campaigns {
		byID[campaigns[i].ID] = &campaigns[i]
	}
	visits := make([]visit.Visit, len(past))
	var findings []visit.Finding
	for i, p := range past {
		p.Record.Tidy()
		campaign := byID[p.Record.CampaignID]
		if err := errors.Join(checkForm(p.Record), ticket.InvalidValues(p.Record.Check(now, campaign))); err != nil {
			return fmt.Errorf("visit %d: %w", i, err)
		}
		visits[i] = s.visitOf(p.VisitorID, p.Record, campaign, now)
		visits[i].RecordedAt = visits[i].VisitedAt
		found := s.findingsOf(visits[i].ID, p.Record)
		for j, id := range p.TicketIDs {
			found[j].TicketID = id
		}
		findings = append(findings, found...)
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.InsertVisits(ctx, visits, findings); err != nil {
			return err
		}
		return s.audit(ctx, ticket.System, auditImport, subjectVisit, s.newID(), nil, map[string]any{"rows": len(visits)})
	})
}
