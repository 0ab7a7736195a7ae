package service

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"whistle/internal/directory"
	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/visit"
	"whistle/internal/worktime"
)

// CoverageQuery asks for the coverage of visits in a period.
type CoverageQuery struct {
	From, To   worktime.Date // both included; the year to date when they are zero
	CampaignID string        // only visits for it, of those that it is for
	Where      visit.Where
}

// CoverageReport is how far a roster was visited.
type CoverageReport struct {
	Query  visit.Query
	Total  visit.Coverage
	Groups []visit.Group // of the cut that was asked for, the largest first
}

// coverageQuery completes what was asked. The offices read everybody's, a
// manager who is of none of them that of those looked after.
func (s *Service) coverageQuery(ctx context.Context, actor ticket.Actor, q CoverageQuery) (visit.Query, error) {
	var none visit.Query
	switch actor.Role {
	case ticket.RoleDispatcher, ticket.RoleOfficer, ticket.RoleHead, ticket.RoleLeader, ticket.RoleSystem:
	case ticket.RoleEnterprise, ticket.RoleAdmin, ticket.RoleGuest:
		if len(actor.Manages) == 0 {
			return none, ticket.Errorf(ticket.CodeForbidden, "The coverage of visits is for the offices and for managers.")
		}
		q.Where.ManagerID = actor.ID
	}
	today := s.today()
	if q.From.IsZero() {
		q.From = worktime.Date{Year: today.Year, Month: time.January, Day: 1}
	}
	if q.To.IsZero() {
		q.To = today
	}
	if q.To.Before(q.From) {
		return none, ticket.InvalidValues([]ticket.Field{{Pointer: "/to", Message: "must not be before the first day"}})
	}
	query := s.coverageOf(q.From, q.To, time.Time{})
	query.Where = q.Where
	if today.Before(query.AsOf) {
		query.AsOf = today
	}
	if q.CampaignID != "" {
		campaign, err := s.Campaigns().Get(ctx, actor, q.CampaignID)
		if err != nil {
			return none, err
		}
		query.Campaign = &campaign
	}
	return query, nil
}

// Coverage counts how many of those on the roster were visited, and the groups
// of a cut; "" for none.
func (s *Service) Coverage(ctx context.Context, actor ticket.Actor, q CoverageQuery, by visit.Cut) (*CoverageReport, error) {
	query, err := s.coverageQuery(ctx, actor, q)
	if err != nil {
		return nil, err
	}
	report := &CoverageReport{Query: query}
	if report.Total, err = s.covered(ctx, query); err != nil {
		return nil, err
	}
	switch by {
	case visit.ByCampaign:
		report.Groups, err = s.coverageOfCampaigns(ctx, query)
	case visit.ByManager, visit.ByChain, visit.ByPlace:
		report.Groups, err = s.store.VisitCoverage(ctx, query, by)
	}
	return report, err
}

func (s *Service) covered(ctx context.Context, q visit.Query) (visit.Coverage, error) {
	groups, err := s.store.VisitCoverage(ctx, q, "")
	if err != nil || len(groups) == 0 {
		return visit.Coverage{}, err
	}
	return groups[0].Coverage, nil
}

// coverageOfCampaigns is the coverage of each campaign that has days in the
// period.
func (s *Service) coverageOfCampaigns(ctx context.Context, q visit.Query) ([]visit.Group, error) {
	campaigns, err := store.Entries[visit.Campaign](ctx, s.store, EntryFilter{All: true})
	if err != nil {
		return nil, err
	}
	var groups []visit.Group
	for i, c := range campaigns {
		if c.ToDate.Before(q.From) || q.To.Before(c.FromDate) || q.Campaign != nil && q.Campaign.ID != c.ID {
			continue
		}
		of := q
		of.Campaign = &campaigns[i]
		covered, err := s.covered(ctx, of)
		if err != nil {
			return nil, err
		}
		groups = append(groups, visit.Group{Key: c.ID, Name: c.Name, Coverage: covered})
	}
	return groups, nil
}

// CoverageFilter says which rows of a coverage are wanted.
type CoverageFilter = store.CoverageFilter

// CoveragePosition is a place in the rows of a coverage.
type CoveragePosition = store.CoveragePosition

// CoverageRow is one of a coverage's rows.
type CoverageRow struct {
	store.CoverageRow
	Names *Names
}

// CoverageRows lists whom a coverage counts, by name: all on the roster, those
// visited, or those whom nobody has visited.
func (s *Service) CoverageRows(ctx context.Context, actor ticket.Actor, q CoverageQuery, f CoverageFilter) ([]CoverageRow, error) {
	query, err := s.coverageQuery(ctx, actor, q)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.CoverageRows(ctx, query, f)
	if err != nil {
		return nil, err
	}
	names := newNames()
	all := make([]CoverageRow, len(rows))
	for i, r := range rows {
		names.add(store.Places, r.PlaceID)
		all[i] = CoverageRow{r, names}
	}
	return all, names.load(ctx, s.store)
}

// coverageOf asks for the coverage of the district in a period, by what was
// written down by a moment; by what is known for the zero time.
func (s *Service) coverageOf(from, to worktime.Date, recordedBy time.Time) visit.Query {
	return visit.Query{From: from, To: to, Begin: from.In(s.zone), AsOf: to, RecordedBy: recordedBy}
}

// recountCoverage counts the coverage of this year and the last again from the
// entries and visits themselves, and what was frozen too, and compares.
func (s *Service) recountCoverage(ctx context.Context, report *RecountReport) error {
	snapshots, err := s.store.Snapshots(ctx, SnapshotFilter{})
	if err != nil {
		return err
	}
	drifted := func(from, to worktime.Date, d figures.Difference) {
		report.Figures = append(report.Figures, FigureDrift{from, to, d.Figure, d.Was.String(), d.Is.String()})
	}
	facts, err := s.coverageFacts(ctx, snapshots)
	if err != nil {
		return err
	}
	today := s.today()
	newYear := worktime.Date{Year: today.Year, Month: time.January, Day: 1}
	for _, period := range [][2]worktime.Date{{newYear, today}, {worktime.Date{Year: today.Year - 1, Month: time.January, Day: 1}, newYear.AddDays(-1)}} {
		q := s.coverageOf(period[0], period[1], time.Time{})
		stored, err := s.covered(ctx, q)
		if err != nil {
			return err
		}
		counted, err := facts.count(q)
		if err != nil {
			return err
		}
		for _, d := range figures.CompareCoverage(stored, counted) {
			drifted(q.From, q.To, d)
		}
	}
	return s.coverageDrifts(facts, snapshots, func(snapshot *figures.Snapshot, d figures.Difference) {
		drifted(snapshot.FromDate, snapshot.ToDate, d)
	})
}

// eachCoverageDrift tells of every coverage that is frozen otherwise than what
// was recorded by the freeze gives it.
func (s *Service) eachCoverageDrift(ctx context.Context, snapshots []figures.Snapshot, tell func(*figures.Snapshot, figures.Difference)) error {
	facts, err := s.coverageFacts(ctx, snapshots)
	if err != nil {
		return err
	}
	return s.coverageDrifts(facts, snapshots, tell)
}

func (s *Service) coverageDrifts(facts *coverageFacts, snapshots []figures.Snapshot, tell func(*figures.Snapshot, figures.Difference)) error {
	for i := range snapshots {
		snapshot := &snapshots[i]
		if snapshot.Figures.Coverage == nil || snapshot.DefinitionVersion != figures.DefinitionVersion {
			continue
		}
		counted, err := facts.count(s.coverageOf(snapshot.FromDate, snapshot.ToDate, snapshot.RecordedBy))
		if err != nil {
			return err
		}
		for _, d := range figures.CompareCoverage(*snapshot.Figures.Coverage, counted) {
			tell(snapshot, d)
		}
	}
	return nil
}

// coverageFacts are what a coverage is counted from a second time, without the
// statement by which it is counted otherwise: the entries as they are, what the
// audit log says that they were, and the visits.
type coverageFacts struct {
	enterprises []directory.Enterprise
	projects    []directory.Project
	changes     map[string][]store.Audit // by the entry's id, the oldest first
	visits      []visit.Visit
	days        []worktime.Date // of the visits
}

// coverageFacts reads them, with the changes since the first of the snapshots.
func (s *Service) coverageFacts(ctx context.Context, snapshots []figures.Snapshot) (*coverageFacts, error) {
	f := &coverageFacts{changes: map[string][]store.Audit{}}
	var err error
	if f.enterprises, err = store.Entries[directory.Enterprise](ctx, s.store, EntryFilter{All: true}); err != nil {
		return nil, err
	}
	if f.projects, err = store.Entries[directory.Project](ctx, s.store, EntryFilter{All: true}); err != nil {
		return nil, err
	}
	if f.visits, err = s.store.VisitFacts(ctx); err != nil {
		return nil, err
	}
	for _, v := range f.visits {
		f.days = append(f.days, worktime.DateOf(v.VisitedAt.In(s.zone)))
	}
	if len(snapshots) == 0 {
		return f, nil
	}
	first := slices.MinFunc(snapshots, func(a, b figures.Snapshot) int { return a.RecordedBy.Compare(b.RecordedBy) }).RecordedBy
	for _, subject := range []string{s.Enterprises().kind.subject, s.Projects().kind.subject} {
		log, err := s.store.AuditLog(ctx, AuditFilter{Subject: subject, From: first})
		if err != nil {
			return nil, err
		}
		for _, change := range slices.Backward(log) {
			f.changes[change.SubjectID] = append(f.changes[change.SubjectID], change)
		}
	}
	return f, nil
}

// at is an entry as it was at a moment: as it is, unless it was changed since.
func at[T any](f *coverageFacts, id string, entry T, moment time.Time) (T, error) {
	for _, change := range f.changes[id] {
		if moment.IsZero() || !change.At.After(moment) || change.Before == "" {
			continue
		}
		var before T
		err := json.Unmarshal([]byte(change.Before), &before)
		return before, err
	}
	return entry, nil
}

// count counts the coverage of the district.
func (f *coverageFacts) count(q visit.Query) (visit.Coverage, error) {
	reached := map[string]bool{}
	for i, v := range f.visits {
		if !f.days[i].Before(q.From) && !q.To.Before(f.days[i]) && (q.RecordedBy.IsZero() || !v.RecordedAt.After(q.RecordedBy)) {
			reached[v.EnterpriseID], reached[v.ProjectID] = true, true
		}
	}
	var counted visit.Coverage
	count := func(r *figures.Ratio, id string, stamp directory.Stamp) {
		if !stamp.CreatedAt.Before(q.Begin) || stamp.RetiredAt != nil && stamp.RetiredAt.Before(q.Begin) {
			return
		}
		r.Denominator++
		if reached[id] {
			r.Numerator++
		}
	}
	for _, e := range f.enterprises {
		then, err := at(f, e.ID, e, q.RecordedBy)
		if err != nil {
			return counted, err
		}
		if then.CreditCode != "" {
			count(&counted.Enterprises, e.ID, then.Stamp)
		}
	}
	for _, p := range f.projects {
		then, err := at(f, p.ID, p, q.RecordedBy)
		if err != nil {
			return counted, err
		}
		count(&counted.Projects, p.ID, then.Stamp)
	}
	return counted, nil
}

// checkVisits finds findings whose ticket has vanished, and visits that are kept
// under another day than the one on which they were.
func (s *Service) checkVisits(ctx context.Context, report *VerifyReport) error {
	strays, err := s.store.StrayFindings(ctx)
	if err != nil {
		return err
	}
	for _, f := range strays {
		report.Faults = append(report.Faults, Fault{TicketID: f.TicketID, What: fmt.Sprintf("the ticket has vanished; it was made of a finding of the visit %s", f.VisitID)})
	}
	visits, err := s.store.VisitFacts(ctx)
	for _, v := range visits {
		if day := worktime.DateOf(v.VisitedAt.In(s.zone)); day != v.VisitedOn {
			report.Faults = append(report.Faults, Fault{What: fmt.Sprintf("the visit %s is kept under %s, but was on %s", v.ID, v.VisitedOn, day)})
		}
	}
	report.Visits = len(visits)
	return err
}
