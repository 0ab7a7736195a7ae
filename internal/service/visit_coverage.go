package service

import (
	"context"
	"fmt"
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
	query := visit.Query{From: q.From, To: q.To, Begin: q.From.In(s.zone), AsOf: q.To, Where: q.Where}
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

// recountCoverage counts the coverage of this year and the last again from the
// entries and visits themselves, and compares.
func (s *Service) recountCoverage(ctx context.Context, report *RecountReport) error {
	enterprises, err := store.Entries[directory.Enterprise](ctx, s.store, EntryFilter{All: true})
	if err != nil {
		return err
	}
	projects, err := store.Entries[directory.Project](ctx, s.store, EntryFilter{All: true})
	if err != nil {
		return err
	}
	visits, err := s.store.VisitFacts(ctx)
	if err != nil {
		return err
	}
	today := s.today()
	newYear := worktime.Date{Year: today.Year, Month: time.January, Day: 1}
	for _, period := range [][2]worktime.Date{{newYear, today}, {worktime.Date{Year: today.Year - 1, Month: time.January, Day: 1}, newYear.AddDays(-1)}} {
		q := visit.Query{From: period[0], To: period[1], Begin: period[0].In(s.zone), AsOf: period[1]}
		stored, err := s.covered(ctx, q)
		if err != nil {
			return err
		}
		there := func(stamp directory.Stamp) bool {
			return stamp.CreatedAt.Before(q.Begin) && (stamp.RetiredAt == nil || !stamp.RetiredAt.Before(q.Begin))
		}
		reached := map[string]bool{}
		for _, v := range visits {
			if day := worktime.DateOf(v.VisitedAt.In(s.zone)); !day.Before(q.From) && !q.To.Before(day) {
				reached[v.EnterpriseID], reached[v.ProjectID] = true, true
			}
		}
		var counted visit.Coverage
		count := func(r *figures.Ratio, id string) {
			r.Denominator++
			if reached[id] {
				r.Numerator++
			}
		}
		for _, e := range enterprises {
			if e.CreditCode != "" && there(e.Stamp) {
				count(&counted.Enterprises, e.ID)
			}
		}
		for _, p := range projects {
			if there(p.Stamp) {
				count(&counted.Projects, p.ID)
			}
		}
		for _, figure := range []struct {
			name   string
			is, be figures.Ratio
		}{{visit.EnterpriseCoverage, stored.Enterprises, counted.Enterprises}, {visit.ProjectCoverage, stored.Projects, counted.Projects}} {
			if figure.is != figure.be {
				words := func(r figures.Ratio) string { return fmt.Sprintf("%d / %d", r.Numerator, r.Denominator) }
				report.Figures = append(report.Figures, FigureDrift{q.From, q.To, figure.name, words(figure.is), words(figure.be)})
			}
		}
	}
	return nil
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
