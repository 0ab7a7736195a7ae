package demo

import (
	"context"
	"fmt"
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
	managersStream = 14 // of the random sources
	handovers      = 6
	plans          = 40
)

// guides gives every enterprise a 指导员 beside its 联络员: another of its park
// or town. The account "manager" keeps to its own.
func (s *settlement) guides(from worktime.Date) {
	r := source(managersStream)
	var all []service.NewAssignment
	given := map[string][]string{} // enterprises by guide
	busy := map[string][]string{}  // by whoever looks after them
	for _, e := range s.enterprises {
		busy[e.manager.ID] = append(busy[e.manager.ID], e.id)
		var may []ticket.Actor
		for i, officer := range s.departments[e.Place].officers {
			if officer.ID != e.manager.ID && (i > 0 || e.Place != zoneCode) {
				may = append(may, officer)
			}
		}
		guide := may[r.IntN(len(may))].ID
		given[guide], busy[guide] = append(given[guide], e.id), append(busy[guide], e.id)
		all = append(all, service.NewAssignment{Kind: directory.ManagerOf, UserID: guide, TargetID: e.id, Part: directory.Guide, FromDate: &from})
	}
	if s.err == nil {
		_, s.err = s.svc.CreateAssignments(s.ctx, ticket.System, all...)
	}
	// Some of them change their post within the year.
	zone := s.departments[zoneCode].officers
	notes := cast.HandoverNotes()
	for n := range handovers {
		day := worktime.Date{Year: 2023, Month: time.February + time.Month(n), Day: 6}
		old := zone[10+n]
		taker := slices.IndexFunc(zone[20+20*n:], func(o ticket.Actor) bool {
			return !slices.ContainsFunc(busy[o.ID], func(id string) bool { return slices.Contains(given[old.ID], id) })
		})
		if s.err != nil || len(given[old.ID]) == 0 || taker < 0 {
			continue
		}
		_, s.err = s.svc.HandOver(s.ctx, ticket.System, old.ID, service.NewHandover{
			ToUserID: zone[20+20*n+taker].ID, FromDate: &day, EnterpriseIDs: given[old.ID], Note: notes[n%len(notes)],
		})
	}
}

// planServices has the desk write down what is planned for some enterprises, on
// the last day.
func planServices(ctx context.Context, svc *service.Service, now *clock.Manual, d *district) error {
	now.Set(LastDay.In(svc.Zone()).Add(10 * time.Hour))
	words := cast.Plans()
	for i, e := range d.enterprises[:plans] {
		if _, err := svc.SavePlan(ctx, d.desk[i%len(d.desk)], e.id, nil, service.NewServicePlan{Words: words[i%len(words)]}); err != nil {
			return fmt.Errorf("plans: %w", err)
		}
	}
	return nil
}
