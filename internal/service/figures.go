package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// FiguresQuery asks for figures; zero values stand for the year to date, as
// of now.
type FiguresQuery struct {
	From, To worktime.Date
	AsOf     time.Time
	By       figures.Cut
	Where    figures.Where
}

// scopeOfFigures is what of the figures the actor may read: leaders and the
// desk all, a department its own, an enterprise and a manager theirs.
func scopeOfFigures(actor ticket.Actor) (figures.Scope, error) {
	scope := figures.Scope{All: actor.SeesAll(), EnterpriseIDs: actor.Manages}
	switch actor.Role {
	case ticket.RoleOfficer, ticket.RoleHead:
		scope.DepartmentID = actor.DepartmentID
	case ticket.RoleEnterprise:
		scope.EnterpriseIDs = append(slices.Clone(actor.Manages), actor.EnterpriseID)
	case ticket.RoleAdmin, ticket.RoleGuest:
		if len(actor.Manages) == 0 {
			return scope, ticket.Errorf(ticket.CodeForbidden, "You may not read figures.")
		}
	case ticket.RoleDispatcher, ticket.RoleLeader, ticket.RoleSystem:
	}
	return scope, nil
}

// Figures counts the figures of a period, of tickets filed from one day to
// another (both included), as they stood at a moment.
func (s *Service) Figures(ctx context.Context, actor ticket.Actor, q FiguresQuery) (*figures.Report, error) {
	query, err := s.figuresQuery(actor, q)
	if err != nil {
		return nil, err
	}
	return s.report(ctx, query)
}

// figuresQuery fills in what a query leaves out, and bounds it to what the
// actor may read.
func (s *Service) figuresQuery(actor ticket.Actor, q FiguresQuery) (figures.Query, error) {
	var none figures.Query
	scope, err := scopeOfFigures(actor)
	if err != nil {
		return none, err
	}
	if q.AsOf.IsZero() {
		q.AsOf = s.clock.Now()
	}
	today := worktime.DateOf(q.AsOf.In(s.zone))
	if q.To.IsZero() {
		q.To = today
	}
	if q.From.IsZero() {
		q.From = worktime.Date{Year: q.To.Year, Month: time.January, Day: 1}
	}
	var faults []ticket.Field
	if q.To.Before(q.From) {
		faults = append(faults, ticket.Field{Pointer: "/to", Message: "must not be before from"})
	}
	if q.By != figures.ByNothing && !slices.Contains(figures.AllCuts(), q.By) {
		faults = append(faults, ticket.Fieldf("/by", "must be one of %v", figures.AllCuts()))
	}
	if err := ticket.InvalidValues(faults); err != nil {
		return none, err
	}
	return figures.Query{From: q.From, To: q.To, AsOf: q.AsOf, By: q.By, Where: q.Where, Scope: scope}, nil
}

func (s *Service) report(ctx context.Context, q figures.Query) (*figures.Report, error) {
	var by store.TallyBy
	if q.By != figures.ByNothing {
		by.Cuts = []figures.Cut{q.By}
	}
	tally, err := s.store.Tally(ctx, q, s.zone, by)
	if err != nil {
		return nil, err
	}
	report := reportOf(q, tally)
	if q.By != figures.ByNothing {
		report.Groups, err = s.groups(ctx, q.By, tally)
	}
	return report, err
}

// districtReport counts what is published of the district: the figures of its
// tickets, and how far the roster was visited.
func (s *Service) districtReport(ctx context.Context, q figures.Query) (*figures.Report, error) {
	report, err := s.report(ctx, q)
	if err != nil {
		return nil, err
	}
	covered, err := s.covered(ctx, s.coverageOf(q.From, q.To, q.RecordedBy))
	report.Coverage = &covered
	return report, err
}

// reportOf are the totals of a tally.
func reportOf(q figures.Query, tally *store.Tally) *figures.Report {
	return &figures.Report{
		From: q.From, To: q.To, AsOf: q.AsOf, By: q.By, DefinitionVersion: figures.DefinitionVersion, Total: withAllRates(tally.Total),
	}
}

// groups are the groups of one cut of a tally, the largest first.
func (s *Service) groups(ctx context.Context, by figures.Cut, tally *store.Tally) ([]figures.Group, error) {
	names, err := s.groupNames(ctx, by, tally.Cuts[by])
	if err != nil {
		return nil, err
	}
	var groups []figures.Group
	for key, counts := range tally.Cuts[by] {
		group := figures.Group{Key: key, Name: names[key], Counts: withAllRates(counts)}
		if key == "" {
			group.Key, group.Name = figures.NoKey, nobodys[by]
		}
		groups = append(groups, group)
	}
	slices.SortFunc(groups, func(a, b figures.Group) int {
		return cmp.Or(cmp.Compare(b.Counts.Tickets, a.Counts.Tickets), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Key, b.Key))
	})
	return groups, nil
}

// nobodys names the group of what has no key of its own.
var nobodys = map[figures.Cut]string{
	figures.ByDepartment: "未派单", figures.ByChain: "无产业链", figures.ByPlace: "无属地",
}

// withAllRates has an entry for every rate, so that one over nothing shows as
// no figure.
func withAllRates(c figures.Counts) figures.Counts {
	if c.Rates == nil {
		c = figures.NewCounts()
	}
	for _, d := range figures.Rates() {
		c.Rates[d.Name] = c.Rates[d.Name] //nolint:staticcheck // makes the zero entry
	}
	return c
}

func (s *Service) groupNames(ctx context.Context, by figures.Cut, groups map[string]figures.Counts) (map[string]string, error) {
	tables := map[figures.Cut]store.NamedTable{
		figures.ByDepartment: store.Departments, figures.ByChain: store.Chains,
		figures.ByPlace: store.Places, figures.ByEnterprise: store.Enterprises,
	}
	ids := make([]string, 0, len(groups))
	for key := range groups {
		ids = append(ids, key)
	}
	if by == figures.ByCategory {
		return s.store.CategoryNames(ctx)
	}
	table, ok := tables[by]
	if !ok {
		names := map[string]string{}
		for _, id := range ids {
			names[id] = id
		}
		return names, nil
	}
	return s.store.Names(ctx, map[store.NamedTable][]string{table: ids})
}
