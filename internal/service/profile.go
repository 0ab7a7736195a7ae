package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/support"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// ProfileSection is a part of an enterprise's profile (企业画像).
type ProfileSection string

// The sections of a profile.
const (
	ProfileFacts    ProfileSection = "facts" // with tags, chains and whom to call
	ProfileManagers ProfileSection = "managers"
	ProfileProjects ProfileSection = "projects"
	ProfileFigures  ProfileSection = "figures"
	ProfileTickets  ProfileSection = "tickets"
	ProfileTimeline ProfileSection = "timeline"
	ProfilePlan     ProfileSection = "plan" // 一企一策: the offices' own words
)

// ProfileReader is as whom somebody reads an enterprise's profile.
type ProfileReader string

// The readers of a profile. Everybody else finds none.
const (
	ReaderOwn     ProfileReader = "own"
	ReaderManager ProfileReader = "manager"
	ReaderDesk    ProfileReader = "desk"
	ReaderOffice  ProfileReader = "office" // officers and heads
	ReaderLeader  ProfileReader = "leader"
)

// profileSections is the one table of who reads what of a profile. What stands
// in a section is bounded by the reader's sight besides: of tickets, figures and
// timeline only what is in it.
var profileSections = map[ProfileReader][]ProfileSection{
	ReaderOwn:     {ProfileFacts, ProfileManagers, ProfileProjects, ProfileFigures, ProfileTickets, ProfileTimeline},
	ReaderManager: {ProfileFacts, ProfileManagers, ProfileProjects, ProfileFigures, ProfileTickets, ProfileTimeline, ProfilePlan},
	ReaderDesk:    {ProfileFacts, ProfileManagers, ProfileProjects, ProfileFigures, ProfileTickets, ProfileTimeline, ProfilePlan},
	ReaderOffice:  {ProfileFacts, ProfileManagers, ProfileProjects, ProfileFigures, ProfileTickets, ProfileTimeline, ProfilePlan},
	ReaderLeader:  {ProfileFacts, ProfileManagers, ProfileProjects, ProfileFigures, ProfileTickets, ProfileTimeline, ProfilePlan},
}

// ProfileReaderOf is as whom the actor reads the profile of an enterprise; ""
// for not at all.
func ProfileReaderOf(actor ticket.Actor, enterpriseID string) ProfileReader {
	switch {
	case slices.Contains(actor.Manages, enterpriseID):
		return ReaderManager
	case actor.Role == ticket.RoleEnterprise && actor.EnterpriseID == enterpriseID:
		return ReaderOwn
	}
	switch actor.Role {
	case ticket.RoleDispatcher:
		return ReaderDesk
	case ticket.RoleOfficer, ticket.RoleHead:
		return ReaderOffice
	case ticket.RoleLeader, ticket.RoleSystem:
		return ReaderLeader
	case ticket.RoleEnterprise, ticket.RoleAdmin, ticket.RoleGuest:
	}
	return ""
}

// Shows says whether a reader has a section of the profile.
func (r ProfileReader) Shows(section ProfileSection) bool {
	return slices.Contains(profileSections[r], section)
}

// plans says whether the reader writes what is planned for the enterprise.
func (r ProfileReader) plans() bool { return r == ReaderManager || r == ReaderDesk }

// ServicePlan is what is planned for an enterprise, and who wrote it when.
type ServicePlan struct {
	directory.ServicePlan
	May bool // be written by the reader
}

const subjectServicePlan = "service_plan" // in the audit log

// profileOf reads of the profile what goes beyond the enterprise itself.
func (s *Service) profileOf(ctx context.Context, actor ticket.Actor, lang text.Language, p *EnterprisePage) error {
	id := p.Enterprise.ID
	report, err := s.Figures(ctx, actor, FiguresQuery{From: firstDay, Where: figures.Where{EnterpriseID: id}})
	if err != nil {
		return err
	}
	p.Figures = &report.Total
	if p.Timeline, err = s.timeline(ctx, actor, lang, p); err != nil {
		return err
	}
	if !p.Reader.Shows(ProfilePlan) {
		return nil
	}
	plan, err := s.servicePlan(ctx, id)
	p.Plan = &ServicePlan{plan, p.Reader.plans()}
	p.Names.add(store.Users, plan.UpdatedBy)
	return err
}

// firstDay is before everything that is counted of an enterprise.
var firstDay = worktime.Date{Year: 2000, Month: time.January, Day: 1}

// servicePlan reads what is planned for an enterprise; without words where
// nobody has written any.
func (s *Service) servicePlan(ctx context.Context, enterpriseID string) (directory.ServicePlan, error) {
	plan, err := s.store.ServicePlan(ctx, enterpriseID)
	if errors.Is(err, store.ErrNotFound) {
		return directory.ServicePlan{EnterpriseID: enterpriseID}, nil
	}
	return plan, err
}

// NewServicePlan is what is written down as planned for an enterprise.
type NewServicePlan struct {
	Words string `json:"words" maxLength:"10000" doc:"What is planned; empty for nothing any more"`
}

// SavePlan writes down what is planned for an enterprise. seen is when that was
// written over which the actor writes, the zero time for nothing yet, nil for
// whatever is there; when something else is there, the error is a *Stale.
func (s *Service) SavePlan(ctx context.Context, actor ticket.Actor, enterpriseID string, seen *time.Time, in NewServicePlan) (directory.ServicePlan, error) {
	in.Words = strings.TrimSpace(in.Words)
	if err := checkForm(in); err != nil {
		return directory.ServicePlan{}, err
	}
	if _, err := s.Enterprises().Get(ctx, actor, enterpriseID); err != nil {
		return directory.ServicePlan{}, err
	}
	switch reader := ProfileReaderOf(actor, enterpriseID); {
	case reader == "":
		return directory.ServicePlan{}, ticket.NotFound("enterprise")
	case !reader.plans():
		return directory.ServicePlan{}, ticket.Errorf(ticket.CodeForbidden, "What is planned for an enterprise is written by those who look after it, and the desk.")
	}
	var plan directory.ServicePlan
	err := s.InTx(ctx, func(ctx context.Context) error {
		before, err := s.servicePlan(ctx, enterpriseID)
		if err != nil {
			return err
		}
		if seen != nil && !before.UpdatedAt.Truncate(time.Microsecond).Equal(seen.Truncate(time.Microsecond)) {
			return s.changedSince(ctx, subjectServicePlan, enterpriseID, *seen)
		}
		if plan = before; plan.Words == in.Words {
			return nil
		}
		plan.Words, plan.UpdatedBy, plan.UpdatedAt = in.Words, actor.ID, s.changedAt(before.UpdatedAt)
		if err := s.store.SaveServicePlan(ctx, before.UpdatedAt, &plan); err != nil {
			return tooLateFor(err, "this plan")
		}
		return s.auditAt(ctx, plan.UpdatedAt, actor, auditChange, subjectServicePlan, enterpriseID, NewServicePlan{before.Words}, in)
	})
	return plan, err
}

// TimelineEntry is something that befell an enterprise.
type TimelineEntry struct {
	At   time.Time
	Kind string // filed, closed_solved, manager_came, visited, need_written, service_accepted …
	Text string // in the reader's language
	Path string // of the page that tells more; "" for none
	Note string // what somebody wrote about it; for the offices

	say func() string // the text, once the names that are in it are read
}

// timelineSource reads the latest of one kind of thing that the reader may know
// of, at most so many, the latest first. The names that its texts need it adds
// to those of the page.
type timelineSource func(ctx context.Context, s *Service, of timelineOf, limit int) ([]TimelineEntry, error)

// timelineOf is whose timeline is read, and for whom.
type timelineOf struct {
	*EnterprisePage
	actor ticket.Actor
	lang  text.Language
}

// timelineSources are what a timeline is merged of. A further subject is one
// more of them.
var timelineSources = []timelineSource{ticketsBefell, managersChanged, visitsMade, needsWritten, servicesGiven}

// timelineLength is how much of a timeline is shown.
const timelineLength = 30

// timeline is what befell an enterprise, the latest first.
func (s *Service) timeline(ctx context.Context, actor ticket.Actor, lang text.Language, p *EnterprisePage) ([]TimelineEntry, error) {
	var all []TimelineEntry
	for _, source := range timelineSources {
		some, err := source(ctx, s, timelineOf{p, actor, lang}, timelineLength)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortStableFunc(all, func(a, b TimelineEntry) int { return b.At.Compare(a.At) })
	for i := range all {
		all[i].At = all[i].At.In(s.zone)
		if p.Reader == ReaderOwn {
			all[i].Note = ""
		}
	}
	return all[:min(len(all), timelineLength)], nil
}

// tellTimeline says what befell the enterprise, by the names of its page.
func (p *EnterprisePage) tellTimeline() {
	for i := range p.Timeline {
		p.Timeline[i].Text = p.Timeline[i].say()
	}
}

// ticketsBefell are the tickets filed and closed.
func ticketsBefell(_ context.Context, _ *Service, of timelineOf, limit int) ([]TimelineEntry, error) {
	tickets := of.latest
	var all []TimelineEntry
	add := func(kind string, at time.Time, t *ticket.Ticket) {
		// What befell a ticket that changed before those read is not known.
		if len(tickets) == limit && at.Before(tickets[limit-1].UpdatedAt) {
			return
		}
		all = append(all, TimelineEntry{At: at, Kind: kind, Path: "/tickets/" + t.ID, say: func() string { return of.lang.Get("timeline."+kind, "Title", t.Title) }})
	}
	for _, t := range tickets {
		add("filed", t.FiledAt, t)
		if t.State == ticket.Closed && t.ClosedAt != nil {
			add("closed_"+string(t.Outcome), *t.ClosedAt, t)
		}
	}
	return all, nil
}

// managersChanged are those who came to look after the enterprise, and left.
func managersChanged(ctx context.Context, s *Service, of timelineOf, limit int) ([]TimelineEntry, error) {
	assignments, err := s.store.AssignmentList(ctx, ticket.System, AssignmentFilter{Kind: directory.ManagerOf, TargetID: of.Enterprise.ID, Retired: true, Limit: 2 * limit})
	if err != nil {
		return nil, err
	}
	handovers := []string{}
	for _, a := range assignments {
		of.Names.add(store.Users, a.UserID)
		if a.HandoverID != "" {
			handovers = append(handovers, a.HandoverID)
		}
	}
	moved, err := s.store.Handovers(ctx, handovers)
	if err != nil {
		return nil, err
	}
	given := map[string]bool{} // who gave it to another on a day, said by that
	for _, h := range moved {
		of.Names.add(store.Users, h.FromUserID)
		given[fmt.Sprint(h.FromUserID, h.FromDate)] = true
	}
	var all []TimelineEntry
	add := func(kind string, at time.Time, a directory.Assignment, h directory.Handover) {
		if at.After(s.clock.Now()) {
			return
		}
		all = append(all, TimelineEntry{
			At: at, Kind: kind, Note: h.Note,
			say: func() string {
				return of.lang.Get("timeline."+kind, "Who", of.Names.Of(a.UserID), "Part", of.lang.Get("part."+a.Part), "From", of.Names.Of(h.FromUserID))
			},
		})
	}
	for _, a := range assignments {
		h, taken := moved[a.HandoverID]
		begins, kind := a.FromDate.In(s.zone), "manager_came"
		if taken {
			kind = "handed_over"
		}
		if worktime.DateOf(a.CreatedAt.In(s.zone)) == a.FromDate {
			begins = a.CreatedAt
		}
		if a.RetiredAt == nil || a.RetiredAt.After(begins) { // else it never came to be
			add(kind, begins, a, h)
		}
		switch {
		case a.RetiredAt != nil && a.RetiredAt.After(begins) && !given[fmt.Sprint(a.UserID, worktime.DateOf(a.RetiredAt.In(s.zone)))]:
			add("manager_left", *a.RetiredAt, a, directory.Handover{})
		case a.RetiredAt == nil && a.ToDate != nil && !given[fmt.Sprint(a.UserID, a.ToDate.AddDays(1))]:
			add("manager_left", a.ToDate.AddDays(1).In(s.zone), a, directory.Handover{})
		}
	}
	return all, nil
}

// visitsMade are the visits to it; what was seen there stands on their pages.
func visitsMade(ctx context.Context, s *Service, of timelineOf, limit int) ([]TimelineEntry, error) {
	visits, err := s.store.Visits(ctx, of.actor, VisitFilter{EnterpriseID: of.Enterprise.ID, Limit: limit})
	all := make([]TimelineEntry, len(visits))
	for i, v := range visits {
		of.Names.add(store.Users, v.VisitorID)
		all[i] = TimelineEntry{
			At: v.VisitedAt, Kind: "visited", Path: "/visits/" + v.ID,
			say: func() string { return of.lang.Get("timeline.visited", "Who", of.Names.Of(v.VisitorID)) },
		}
	}
	return all, err
}

// needsWritten are its needs and what became of them. They are few, and one of
// the first may be met today: all are read.
func needsWritten(ctx context.Context, s *Service, of timelineOf, _ int) ([]TimelineEntry, error) {
	needs, err := s.Needs().List(ctx, of.actor, EntryFilter{EnterpriseID: of.Enterprise.ID})
	var all []TimelineEntry
	for _, n := range needs {
		add := func(kind string, at time.Time, note string) {
			all = append(all, TimelineEntry{
				At: at, Kind: kind, Path: "/support/needs/" + n.ID, Note: note,
				say: func() string { return of.lang.Get("timeline."+kind, "Text", n.Text) },
			})
		}
		add("need_written", n.CreatedAt, "")
		if n.State != support.NeedOpen && n.DecidedAt != nil {
			add("need_"+string(n.State), *n.DecidedAt, n.Reason)
		}
	}
	return all, err
}

// servicesGiven are the policy resources that were accepted for it, and those
// that it enjoyed with what was paid out; all are read, like the needs.
func servicesGiven(ctx context.Context, s *Service, of timelineOf, _ int) ([]TimelineEntry, error) {
	services, err := s.Services().List(ctx, of.actor, EntryFilter{EnterpriseID: of.Enterprise.ID})
	var all []TimelineEntry
	for _, v := range services {
		of.Names.add(store.Policies, v.PolicyID)
		add := func(kind string, at time.Time, note string) {
			all = append(all, TimelineEntry{
				At: at, Kind: kind, Path: "/support/services/" + v.ID, Note: note,
				say: func() string {
					return of.lang.Get("timeline."+kind, "Policy", of.Names.Of(v.PolicyID), "Amount", Money(of.lang, v.AmountFen))
				},
			})
		}
		if v.DecidedAt != nil && (v.State == support.Accepted || v.State == support.Delivered) {
			add("service_accepted", *v.DecidedAt, "")
		}
		if v.State != support.Delivered || v.DeliveredOn == nil {
			continue
		}
		kind, at := "service_delivered", v.DeliveredOn.In(s.zone)
		if v.AmountFen > 0 {
			kind = "service_paid"
		}
		if worktime.DateOf(v.UpdatedAt.In(s.zone)) == *v.DeliveredOn {
			at = v.UpdatedAt // the day alone is kept, and this is in it
		}
		add(kind, at, v.Note)
	}
	return all, err
}
