package demo

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"whistle/internal/clock"
	"whistle/internal/demo/cast"
	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

const (
	projectsStream = 16 // of the random sources
	teamOthers     = 2  // of a project's team, beside who looks after the enterprise
	namedTeams     = 12 // projects in whose teams the account "officer" is
	movedProjects  = 24 // at most, of which a late step was planned anew
)

// teamsAndMilestones gives the key projects officers of several departments for
// their teams, and plans their steps: most were reached in time by the last
// day, some are late.
func teamsAndMilestones(ctx context.Context, svc *service.Service, now *clock.Manual, d *district) error {
	r := source(projectsStream)
	zone := svc.Zone()
	begin := worktime.DateOf(Begin(zone))
	now.Set(Begin(zone))
	var offices []*department
	for _, code := range slices.Sorted(maps.Keys(d.departments)) {
		if office := d.departments[code]; office.Kind == cast.KindBureau && len(office.officers) > 0 {
			offices = append(offices, office)
		}
	}
	var plans []service.ProjectPlan
	var teams []service.NewAssignment
	keepers := map[string]ticket.Actor{}
	for _, e := range d.enterprises {
		for _, id := range e.projects {
			team := []string{e.manager.ID}
			if len(plans) < namedTeams {
				team = append(team, d.departments[namedOffice].officers[0].ID)
			}
			for range teamOthers {
				if member := pick(r, pick(r, offices).officers).ID; !slices.Contains(team, member) {
					team = append(team, member)
				}
			}
			for _, member := range team[1:] {
				teams = append(teams, service.NewAssignment{Kind: directory.TeamOf, UserID: member, TargetID: id, FromDate: &begin})
			}
			keepers[id] = *e.manager
			plans = append(plans, service.ProjectPlan{ProjectID: id, Milestones: milestones(r)})
		}
	}
	if _, err := svc.CreateAssignments(ctx, ticket.System, teams...); err != nil {
		return fmt.Errorf("teams: %w", err)
	}
	if err := svc.PlanProjects(ctx, plans...); err != nil {
		return fmt.Errorf("milestones: %w", err)
	}
	return planAnew(ctx, svc, now, plans, keepers)
}

// milestones are the steps of a project as they stand on the last day.
func milestones(r *rand.Rand) []directory.Milestone {
	day := worktime.Date{Year: 2022, Month: time.October, Day: 1}.AddDays(r.IntN(270))
	reached := true // each follows the one before
	var all []directory.Milestone
	for i, kind := range directory.MilestoneKinds() {
		if i > 0 {
			day = day.AddDays([]int{0, 60, 280, 60}[i] + r.IntN([]int{1, 120, 300, 90}[i]))
		}
		m := directory.Milestone{Kind: kind, PlannedDay: day}
		done := day.AddDays(r.IntN(36) - 25)
		if reached = reached && r.IntN(100) >= 7 && !LastDay.Before(done); reached {
			m.DoneDay = &done
		}
		all = append(all, m)
	}
	return all
}

// planAnew plans steps anew that were late in the summer, by those who look after
// the enterprises.
func planAnew(ctx context.Context, svc *service.Service, now *clock.Manual, plans []service.ProjectPlan, keepers map[string]ticket.Actor) error {
	day := worktime.Date{Year: 2023, Month: time.August, Day: 8}
	now.Set(day.In(svc.Zone()).Add(15 * time.Hour))
	reasons := cast.Slips()
	moved := 0
	for _, plan := range plans {
		for _, m := range plan.Milestones {
			if moved == movedProjects || m.DoneDay != nil || !m.PlannedDay.Before(day) {
				continue
			}
			in := service.MilestoneInput{PlannedDay: day.AddDays(60 + 10*(moved%12)), Note: reasons[moved%len(reasons)]}
			if _, err := svc.SaveMilestone(ctx, keepers[plan.ProjectID], plan.ProjectID, m.Kind, time.Time{}, in); err != nil {
				return fmt.Errorf("milestones: %w", err)
			}
			moved++
		}
	}
	return nil
}
