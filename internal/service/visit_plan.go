package service

import (
	"context"
	"errors"
	"slices"
	"time"

	"whistle/internal/directory"
	"whistle/internal/phrase"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/visit"
	"whistle/internal/worktime"
)

// PlanFilter narrows a list of plans.
type PlanFilter = store.PlanFilter

// PlanView is a plan with its names.
type PlanView struct {
	store.PlanRow
	Names *Names
}

// VisitPlans lists who is to visit whom, as far as the actor may see it.
func (s *Service) VisitPlans(ctx context.Context, actor ticket.Actor, f PlanFilter) ([]PlanView, error) {
	rows, err := s.store.Plans(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	names := newNames()
	views := make([]PlanView, len(rows))
	for i, row := range rows {
		names.add(store.Enterprises, row.EnterpriseID)
		names.add(store.Projects, row.ProjectID)
		names.add(store.Users, row.UserID)
		names.add(store.Campaigns, row.CampaignID)
		views[i] = PlanView{row, names}
	}
	return views, names.load(ctx, s.store)
}

// Division is what dividing a campaign among the managers did.
type Division struct {
	Added   int `json:"added" doc:"Plans that were made now"`
	Named   int `json:"named" doc:"Plans for which somebody was named now"`
	Planned int `json:"planned" doc:"All plans of the campaign"`
	Nobody  int `json:"nobody" doc:"Those of them for which nobody is named, since nobody looks after the enterprise"`
}

func mayPlan(actor ticket.Actor) bool {
	return actor.Role == ticket.RoleDispatcher || actor.Role == ticket.RoleSystem
}

var errMayNotPlan = ticket.Errorf(ticket.CodeForbidden, "The desk plans who visits whom.")

// DividePlans plans a campaign: everybody whom it is for, each by who looks
// after the enterprise on its first day, or today when it has begun; of several
// the one with the fewest so far. What is planned already stays, but for those
// whom nobody was named for.
func (s *Service) DividePlans(ctx context.Context, actor ticket.Actor, campaignID string) (Division, error) {
	var done Division
	campaign, err := s.Campaigns().Get(ctx, actor, campaignID)
	if err != nil {
		return done, err
	}
	if !mayPlan(actor) {
		return done, errMayNotPlan
	}
	if campaign.Retired() {
		return done, ticket.Errorf(ticket.CodeConflict, "This %s is retired and changes no more.", phrase.Word("campaign"))
	}
	err = s.InTx(ctx, func(ctx context.Context) error {
		done = Division{} // the transaction may run again
		targets, err := s.targetsOf(ctx, campaign)
		if err != nil {
			return err
		}
		day := campaign.FromDate
		if today := s.today(); day.Before(today) {
			day = today
		}
		managers, err := s.store.AllManagersOn(ctx, day)
		if err != nil {
			return err
		}
		planned, err := s.store.Plans(ctx, ticket.System, PlanFilter{CampaignID: campaign.ID})
		if err != nil {
			return err
		}
		load, there := map[string]int{}, map[target]bool{}
		for _, p := range planned {
			load[p.UserID]++
			there[target{p.EnterpriseID, p.ProjectID}] = true
		}
		goes := func(enterpriseID string) string {
			who := ""
			for _, id := range managers[enterpriseID] {
				if who == "" || load[id] < load[who] {
					who = id
				}
			}
			return who
		}
		now := s.clock.Now().Truncate(time.Microsecond)
		for _, p := range planned {
			if p.UserID != "" {
				continue
			}
			if who := goes(p.EnterpriseID); who != "" {
				seen := p.UpdatedAt
				p.UserID, p.UpdatedAt = who, s.changedAt(seen)
				if err := s.store.UpdatePlan(ctx, seen, &p.Plan); err != nil {
					return err
				}
				load[who]++
				done.Named++
			} else {
				done.Nobody++
			}
		}
		targets = slices.DeleteFunc(targets, func(t target) bool { return there[t] })
		// Those with a choice of managers come last, so that the load can be
		// evened out with them.
		inTurn := slices.Clone(targets)
		slices.SortStableFunc(inTurn, func(a, b target) int { return len(managers[a.enterpriseID]) - len(managers[b.enterpriseID]) })
		given := map[target]string{}
		for _, t := range inTurn {
			who := goes(t.enterpriseID)
			if who == "" {
				done.Nobody++
				continue
			}
			given[t] = who
			load[who]++
			done.Named++
		}
		var plans []visit.Plan
		for _, t := range targets {
			plans = append(plans, visit.Plan{
				ID: s.newID(), CampaignID: campaign.ID, EnterpriseID: t.enterpriseID, ProjectID: t.projectID, UserID: given[t], CreatedAt: now, UpdatedAt: now,
			})
		}
		done.Added, done.Planned = len(plans), len(planned)+len(plans)
		if done.Added+done.Named == 0 {
			return nil
		}
		if err := s.store.InsertPlans(ctx, plans); err != nil {
			return err
		}
		return s.audit(ctx, actor, auditChange, "campaign", campaign.ID, nil, done)
	})
	return done, err
}

// target is who is to be visited.
type target struct{ enterpriseID, projectID string }

// targetsOf are those whom a campaign is for now, by name.
func (s *Service) targetsOf(ctx context.Context, c visit.Campaign) ([]target, error) {
	enterprises, err := store.Entries[directory.Enterprise](ctx, s.store, EntryFilter{PlaceID: c.PlaceID, ChainID: c.ChainID})
	if err != nil {
		return nil, err
	}
	var targets []target
	if c.Targets != visit.Projects {
		for _, e := range enterprises {
			if e.CreditCode != "" {
				targets = append(targets, target{e.ID, ""})
			}
		}
		return targets, nil
	}
	wanted := map[string]bool{}
	for _, e := range enterprises {
		wanted[e.ID] = true
	}
	projects, err := store.Entries[directory.Project](ctx, s.store, EntryFilter{})
	for _, p := range projects {
		if wanted[p.EnterpriseID] {
			targets = append(targets, target{p.EnterpriseID, p.ID})
		}
	}
	return targets, err
}

// PlanChange says who goes and when; nil leaves as it is.
type PlanChange struct {
	UserID *string `json:"user_id,omitempty" maxLength:"64" doc:"Who goes; empty for nobody yet"`
	Day    *string `json:"day,omitempty" maxLength:"10" doc:"When, YYYY-MM-DD; empty while that is open"`
}

// ChangePlan changes by hand who visits an enterprise in a campaign, or when;
// seen is when the plan was last changed, as the caller knows it, zero for any.
func (s *Service) ChangePlan(ctx context.Context, actor ticket.Actor, id string, seen time.Time, change PlanChange) (*PlanView, error) {
	if err := checkForm(change); err != nil {
		return nil, err
	}
	err := s.InTx(ctx, func(ctx context.Context) error {
		rows, err := s.store.Plans(ctx, actor, PlanFilter{ID: id})
		switch {
		case err != nil:
			return err
		case id == "" || len(rows) == 0:
			return ticket.NotFound(subjectVisitPlan)
		case !mayPlan(actor):
			return errMayNotPlan
		}
		before := rows[0].Plan
		if !stillAs(before.UpdatedAt, seen) {
			return s.changedSince(ctx, subjectVisitPlan, id, seen)
		}
		after := before
		changeTo(&after.UserID, change.UserID)
		changeTo(&after.Day, change.Day)
		if after == before {
			return nil
		}
		if err := s.checkPlan(ctx, before, after); err != nil {
			return err
		}
		after.UpdatedAt = s.changedAt(before.UpdatedAt)
		if err := s.store.UpdatePlan(ctx, before.UpdatedAt, &after); err != nil {
			if errors.Is(err, store.ErrChanged) {
				return s.changedSince(ctx, subjectVisitPlan, id, before.UpdatedAt)
			}
			return err
		}
		kept := func(p visit.Plan) map[string]any {
			return map[string]any{"enterprise_id": p.EnterpriseID, "user_id": p.UserID, "day": p.Day}
		}
		return s.auditAt(ctx, after.UpdatedAt, actor, auditChange, subjectVisitPlan, id, kept(before), kept(after))
	})
	if err != nil {
		return nil, err
	}
	views, err := s.VisitPlans(ctx, actor, PlanFilter{ID: id})
	if err != nil || len(views) == 0 {
		return nil, err
	}
	return &views[0], nil
}

func (s *Service) checkPlan(ctx context.Context, before, after visit.Plan) error {
	var faults []ticket.Field
	if after.UserID != "" && after.UserID != before.UserID {
		user, err := s.store.User(ctx, after.UserID)
		goes := []ticket.Role{ticket.RoleDispatcher, ticket.RoleOfficer, ticket.RoleHead, ticket.RoleGuest}
		switch {
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return err
		case err != nil || user.Retired() || !slices.Contains(goes, user.Role):
			faults = append(faults, ticket.Field{Pointer: "/user_id", Message: "must be the id of an account in service"})
		}
	}
	if after.Day != "" {
		campaign, err := finder[visit.Campaign](s)(ctx, after.CampaignID)
		if err != nil {
			return err
		}
		day, err := worktime.ParseDate(after.Day)
		switch {
		case err != nil:
			faults = append(faults, ticket.Field{Pointer: "/day", Message: "is not of the right form"})
		case day.Before(campaign.FromDate) || campaign.ToDate.Before(day):
			faults = append(faults, ticket.Field{Pointer: "/day", Message: "is not among the days of the campaign"})
		}
	}
	return ticket.InvalidValues(faults)
}
