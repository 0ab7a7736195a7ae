package service

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/phrase"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

const subjectMilestone = "milestone" // in the audit log; its id is the project's

// ProjectFilter narrows lists of key projects by what stands elsewhere.
type ProjectFilter = store.ProjectFilter

// MilestoneInput is what is said of a milestone.
type MilestoneInput struct {
	PlannedDay worktime.Date  `json:"planned_day" format:"date" doc:"When it is to be reached"`
	DoneDay    *worktime.Date `json:"done_day,omitempty" format:"date" doc:"When it was reached; none while it is not"`
	Note       string         `json:"note,omitempty" maxLength:"1000"`
}

// MilestoneView is a milestone as it stands today.
type MilestoneView struct {
	directory.Milestone
	Project directory.Project
	Light   ticket.Light // "" once it is reached
	Missed  bool         // its day passed, or had passed, before it was reached
	Names   *Names       // of the project and its enterprise
}

// MilestoneFilter narrows a list of milestones.
type MilestoneFilter = store.MilestoneFilter

// MilestonePosition is a place in a list of milestones.
type MilestonePosition = store.MilestonePosition

// Position is where the next page begins when this milestone is a page's last.
func (m MilestoneView) Position() MilestonePosition {
	return MilestonePosition{Day: m.DueDay(), ProjectID: m.ProjectID, Kind: m.Kind}
}

func viewOf(m directory.Milestone, today worktime.Date) MilestoneView {
	return MilestoneView{Milestone: m, Light: m.Light(today), Missed: m.Missed(today)}
}

// keepsMilestones says whether the actor may change the milestones of a project that
// they see: those who keep the directory, and its team.
func keepsMilestones(actor ticket.Actor, projectID string) bool {
	return administers(actor) || actor.Role == ticket.RoleDispatcher || slices.Contains(actor.Teams, projectID)
}

// Milestones lists the milestones of the projects that the actor reads, the
// earliest first.
func (s *Service) Milestones(ctx context.Context, actor ticket.Actor, f MilestoneFilter) ([]MilestoneView, error) {
	rows, err := s.store.ListMilestones(ctx, s.milestonesSeen(actor, f))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, m := range rows {
		ids[i] = m.ProjectID
	}
	projects, err := store.Entries[directory.Project](ctx, s.store, EntryFilter{All: true, Within: &store.Within{IDs: ids}})
	if err != nil {
		return nil, err
	}
	byID := map[string]directory.Project{}
	for _, p := range projects {
		byID[p.ID] = p
	}
	names, err := s.Projects().Names(ctx, projects...)
	views := make([]MilestoneView, len(rows))
	for i, m := range rows {
		views[i] = viewOf(m, s.today())
		views[i].Project, views[i].Names = byID[m.ProjectID], names
	}
	return views, err
}

func (s *Service) milestonesSeen(actor ticket.Actor, f MilestoneFilter) MilestoneFilter {
	f.Within, f.Today = s.Projects().kind.within(actor), s.today()
	return f
}

// ProjectCounts are how many key projects there are, and how their milestones
// stand.
type ProjectCounts = store.ProjectCounts

// CountProjects counts the projects that the actor reads, and their milestones.
func (s *Service) CountProjects(ctx context.Context, actor ticket.Actor, f MilestoneFilter) (ProjectCounts, error) {
	return s.store.CountProjects(ctx, s.milestonesSeen(actor, f))
}

// ProjectMilestones are the milestones of projects that were read before, as
// they stand today.
type ProjectMilestones struct {
	all   map[string]directory.Milestones
	today worktime.Date
}

// ProjectMilestones reads the milestones of projects that the actor was given.
func (s *Service) ProjectMilestones(ctx context.Context, projects ...directory.Project) (ProjectMilestones, error) {
	ids := make([]string, len(projects))
	for i, p := range projects {
		ids[i] = p.ID
	}
	all, err := s.store.Milestones(ctx, ids)
	return ProjectMilestones{all, s.today()}, err
}

// Of are those of a project.
func (m ProjectMilestones) Of(projectID string) directory.Milestones { return m.all[projectID] }

// Steps are a project's milestones, one for each kind, planned or not.
func (m ProjectMilestones) Steps(projectID string) []ProjectStep {
	var steps []ProjectStep
	for _, kind := range directory.MilestoneKinds() {
		one, planned := m.all[projectID].Of(kind)
		steps = append(steps, ProjectStep{Kind: kind, Planned: planned, MilestoneView: viewOf(one, m.today)})
	}
	return steps
}

// Light is the worst of a project's.
func (m ProjectMilestones) Light(projectID string) ticket.Light {
	return m.all[projectID].Light(m.today)
}

// ProjectPage is what a page about a key project shows.
type ProjectPage struct {
	Project    directory.Project
	Names      *Names // of its enterprise, of the team's departments
	Team       []directory.User
	Milestones []ProjectStep // one for each kind, planned or not
	Light      ticket.Light  // the worst of the milestones
	MayPlan    bool
	// The tickets of it that the actor sees: what is open, what burns first on
	// top, and how many have ended.
	Open  []*WorklistRow
	Lit   LightCount // of what is open
	Ended int
}

// ProjectStep is a milestone, or the place of one that is not planned.
type ProjectStep struct {
	Kind    directory.MilestoneKind
	Planned bool
	MilestoneView
	Moves []MilestoneMove // the oldest first
}

// MilestoneMove is a change of the day for which a milestone is planned.
type MilestoneMove struct {
	From, To string // days
	At       time.Time
	By       string // who did it
}

const projectTickets = 50

// ProjectPage reads a key project that the actor may.
func (s *Service) ProjectPage(ctx context.Context, actor ticket.Actor, id string) (*ProjectPage, error) {
	project, err := s.Projects().Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	p := &ProjectPage{Project: project, Names: newNames(), MayPlan: keepsMilestones(actor, id) && !project.Retired()}
	p.Names.add(store.Enterprises, project.EnterpriseID)
	if p.Team, err = s.teamOf(ctx, id); err != nil {
		return nil, err
	}
	for _, u := range p.Team {
		p.Names.add(store.Departments, u.DepartmentID)
	}
	if err := s.steps(ctx, p); err != nil {
		return nil, err
	}
	filter := WorklistFilter{ProjectID: id}
	counts, err := s.store.CountListed(ctx, actor, store.SeenList, filter, store.ByState, s.clock.Now())
	if err != nil {
		return nil, err
	}
	for state, n := range counts {
		if ticket.State(state).Open() {
			p.Lit = p.Lit.Plus(n)
		} else {
			p.Ended += n.Count
		}
	}
	filter.Limit = projectTickets
	if p.Open, err = s.worklistRows(ctx, actor, store.OpenList, filter); err != nil {
		return nil, err
	}
	return p, p.Names.load(ctx, s.store)
}

// teamOf are the members of a project's team today, by name.
func (s *Service) teamOf(ctx context.Context, projectID string) ([]directory.User, error) {
	assignments, err := s.store.AssignmentList(ctx, ticket.System, AssignmentFilter{Kind: directory.TeamOf, TargetID: projectID})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, a := range assignments {
		if a.InForce(s.today()) {
			ids = append(ids, a.UserID)
		}
	}
	people, err := s.store.PeopleOf(ctx, "", ids)
	for i := range people {
		people[i].PasswordHash = ""
	}
	// Nobody of the team is an enterprise's contact.
	return slices.DeleteFunc(people, func(u directory.User) bool { return !slices.Contains(ids, u.ID) }), err
}

func (s *Service) steps(ctx context.Context, p *ProjectPage) error {
	all, err := s.ProjectMilestones(ctx, p.Project)
	if err != nil {
		return err
	}
	p.Light = all.Light(p.Project.ID)
	log, err := s.auditLog(ctx, AuditFilter{Subject: subjectMilestone, SubjectID: p.Project.ID})
	if err != nil {
		return err
	}
	p.Milestones = all.Steps(p.Project.ID)
	for i := range p.Milestones {
		p.Milestones[i].Moves = movesOf(log, p.Milestones[i].Kind)
	}
	return nil
}

// movesOf are the changes of a milestone's planned day in an audit log, which
// has the newest first.
func movesOf(log []AuditView, kind directory.MilestoneKind) []MilestoneMove {
	var moves []MilestoneMove
	for _, entry := range slices.Backward(log) {
		for _, c := range entry.Changes {
			if c.Field == string(kind)+"_planned_day" && len(c.Before) > 0 && len(c.After) > 0 {
				moves = append(moves, MilestoneMove{From: c.Before[0].Text, To: c.After[0].Text, At: entry.At, By: entry.Names.Of(entry.ActorID)})
			}
		}
	}
	return moves
}

// SaveMilestone plans a milestone of a project, or says that it is reached, for
// who has read it as it was last changed at the moment seen; a zero one means
// any. Saving what holds already does nothing.
func (s *Service) SaveMilestone(ctx context.Context, actor ticket.Actor, projectID string, kind directory.MilestoneKind, seen time.Time, in MilestoneInput) (directory.Milestone, error) {
	var saved directory.Milestone
	in.Note = strings.TrimSpace(in.Note)
	if err := checkForm(in); err != nil {
		return saved, err
	}
	err := s.InTx(ctx, func(ctx context.Context) error {
		project, err := s.Projects().Get(ctx, actor, projectID)
		switch {
		case err != nil:
			return err
		case !slices.Contains(directory.MilestoneKinds(), kind):
			return ticket.NotFound(subjectMilestone)
		case !keepsMilestones(actor, projectID):
			return ticket.Errorf(ticket.CodeForbidden, "The milestones of a key project are kept by its team and the desk.")
		case project.Retired():
			return ticket.Errorf(ticket.CodeConflict, "This %s is retired and changes no more.", phrase.Word("project"))
		}
		all, err := s.store.Milestones(ctx, []string{projectID})
		if err != nil {
			return err
		}
		before, there := all[projectID].Of(kind)
		if there && !stillAs(before.UpdatedAt, seen) {
			return s.changedSince(ctx, subjectMilestone, projectID, seen)
		}
		if err := ticket.InvalidValues(s.milestoneFaults(in)); err != nil {
			return err
		}
		saved, err = s.saveMilestone(ctx, actor, projectID, kind, before, there, in)
		return err
	})
	return saved, err
}

// milestoneFaults hold what is said of a milestone against the rules.
func (s *Service) milestoneFaults(in MilestoneInput) []ticket.Field {
	if in.DoneDay != nil && s.today().Before(*in.DoneDay) {
		return []ticket.Field{{Pointer: "/done_day", Message: "lies ahead; say that it is reached once it is"}}
	}
	return nil
}

func (s *Service) saveMilestone(ctx context.Context, actor ticket.Actor, projectID string, kind directory.MilestoneKind, before directory.Milestone, there bool, in MilestoneInput) (directory.Milestone, error) {
	after := before
	after.ProjectID, after.Kind = projectID, kind
	after.Plan(in.PlannedDay, s.today(), s.zone)
	after.DoneDay, after.Note = in.DoneDay, in.Note
	said, saidBefore := saidOf(after), saidOf(before)
	if there && said.same(saidBefore) {
		return before, nil
	}
	after.UpdatedAt = s.changedAt(before.UpdatedAt)
	if there {
		if err := s.store.UpdateMilestone(ctx, before.UpdatedAt, &after); err != nil {
			return after, tooLateFor(err, "this milestone")
		}
		return after, s.auditAt(ctx, after.UpdatedAt, actor, auditChange, subjectMilestone, projectID, saidBefore.kept(kind), said.kept(kind))
	}
	after.CreatedAt = after.UpdatedAt
	if err := s.store.InsertMilestones(ctx, []directory.Milestone{after}); err != nil {
		return after, tooLateFor(err, "this milestone")
	}
	return after, s.auditAt(ctx, after.UpdatedAt, actor, auditCreate, subjectMilestone, projectID, nil, said.kept(kind))
}

func saidOf(m directory.Milestone) MilestoneInput {
	return MilestoneInput{PlannedDay: m.PlannedDay, DoneDay: m.DoneDay, Note: m.Note}
}

func (in MilestoneInput) same(other MilestoneInput) bool {
	done := in.DoneDay == nil && other.DoneDay == nil || in.DoneDay != nil && other.DoneDay != nil && *in.DoneDay == *other.DoneDay
	return in.PlannedDay == other.PlannedDay && in.Note == other.Note && done
}

// kept is how a milestone is written to the audit log: all those of a project
// stand there together.
func (in MilestoneInput) kept(kind directory.MilestoneKind) map[string]any {
	kept := map[string]any{string(kind) + "_planned_day": in.PlannedDay}
	if in.DoneDay != nil {
		kept[string(kind)+"_done_day"] = in.DoneDay
	}
	if in.Note != "" {
		kept[string(kind)+"_note"] = in.Note
	}
	return kept
}

// ProjectPlan are milestones that a project begins with, see PlanProjects.
type ProjectPlan struct {
	ProjectID  string
	Milestones []directory.Milestone // kind, days and note
}

// PlanProjects writes the first plans of many projects at once: for the demo,
// which has nobody to ask. They must have no milestones yet.
func (s *Service) PlanProjects(ctx context.Context, plans ...ProjectPlan) error {
	now := s.clock.Now().Truncate(time.Microsecond)
	return s.InTx(ctx, func(ctx context.Context) error {
		var rows []directory.Milestone
		for _, plan := range plans {
			all := map[string]any{}
			for _, m := range plan.Milestones {
				m.ProjectID, m.FirstPlannedDay, m.CreatedAt, m.UpdatedAt = plan.ProjectID, m.PlannedDay, now, now
				rows = append(rows, m)
				maps.Copy(all, saidOf(m).kept(m.Kind))
			}
			if err := s.auditAt(ctx, now, ticket.System, auditCreate, subjectMilestone, plan.ProjectID, nil, all); err != nil {
				return err
			}
		}
		return s.store.InsertMilestones(ctx, rows)
	})
}
