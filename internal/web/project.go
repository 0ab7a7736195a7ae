package web

import (
	"context"
	"errors"
	"net/url"
	"time"

	"whistle/internal/cursor"
	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

const (
	projectsPath     = "/projects"
	milestonesPath   = projectsPath + "/milestones"
	teamProjectsPath = "/my-projects"
)

func (w *Pages) projectRoutes() []route {
	return []route{
		get(projectsPath, offices((*page).projects)),
		get(teamProjectsPath, (*page).teamProjects),
		get(milestonesPath, offices((*page).milestones)),
		get(projectsPath+"/:id", (*page).project),
		get(projectsPath+"/:id/milestones/:kind", (*page).milestone),
		post(projectsPath+"/:id/milestones/:kind", (*page).saveMilestone),
	}
}

func projectPath(id string) string { return projectsPath + "/" + url.PathEscape(id) }

// projectList is a list of key projects.
type projectList struct {
	Filters []field
	Mine    bool // those whose teams the reader is in
	Rows    []projectRow
	Names   *service.Names
	Next    string // of the next page; "" on the last
}

// projectRow is a project with its milestones, one for each kind.
type projectRow struct {
	directory.Project
	Light ticket.Light
	Steps []service.ProjectStep
}

// projectFilter reads by what the address narrows the list of projects.
func (p *page) projectFilter() service.EntryFilter {
	f := p.entryFilter()
	f.EnterpriseID = p.QueryParam("enterprise")
	f.Project = service.ProjectFilter{PlaceID: p.QueryParam("place"), ChainID: p.QueryParam("chain"), Light: knownLight(p.QueryParam("light"))}
	return f
}

// askProjectFilters makes the fields by which projects and their milestones are
// narrowed.
func (p *page) askProjectFilters(first ...field) ([]field, error) {
	fields := first
	for _, by := range []struct {
		name, label string
		options     func(*page) ([]option, error)
	}{
		{"place", "entry.place_id", (*page).allPlaces},
		{"chain", "entry.chains", (*page).allChains},
		{"light", "tickets.by_light", (*page).lightOptions},
	} {
		options, err := by.options(p)
		if err != nil {
			return nil, err
		}
		fields = append(fields, field{Name: by.name, Label: p.t(by.label), Kind: kindSelect, Values: []string{p.QueryParam(by.name)}, Options: options})
	}
	if id := p.QueryParam("enterprise"); id != "" {
		fields = append(fields, field{
			Name: "enterprise", Label: p.t("field.enterprise_id"), Kind: kindSelect, Values: []string{id},
			Options: []option{{Value: id, Label: p.enterpriseName(p.ctx(), id)}},
		})
	}
	return fields, nil
}

func (p *page) projects() error {
	f := p.projectFilter()
	filters, err := p.askProjectFilters(field{Name: "q", Label: p.t("around.by_name"), Kind: kindText, Values: []string{f.Text}})
	if err != nil {
		return err
	}
	return p.listProjects(f, projectList{Filters: filters})
}

// teamProjects are the projects whose teams the reader is in.
func (p *page) teamProjects() error {
	if len(p.actor.Teams) == 0 {
		return ticket.NotFound("page")
	}
	return p.listProjects(service.EntryFilter{Project: service.ProjectFilter{IDs: p.actor.Teams}}, projectList{Mine: true})
}

func (p *page) listProjects(f service.EntryFilter, shown projectList) error {
	f.After, f.Limit = p.QueryParam("after"), entriesAPage+1
	found, err := p.svc.Projects().List(p.ctx(), p.actor, f)
	if err != nil {
		return err
	}
	if len(found) > entriesAPage {
		found = found[:entriesAPage]
		shown.Next = p.with("after", found[entriesAPage-1].ID)
	}
	if shown.Names, err = p.svc.Projects().Names(p.ctx(), found...); err != nil {
		return err
	}
	milestones, err := p.svc.ProjectMilestones(p.ctx(), found...)
	if err != nil {
		return err
	}
	for _, project := range found {
		shown.Rows = append(shown.Rows, projectRow{project, milestones.Light(project.ID), milestones.Steps(project.ID)})
	}
	return p.show("projects/list", shown)
}

// milestoneList is a list of milestones, the earliest first.
type milestoneList struct {
	Filters []field
	Rows    []service.MilestoneView
	Next    string // of the next page; "" on the last
}

// milestoneFilter reads by what the address narrows the list of milestones.
func (p *page) milestoneFilter() service.MilestoneFilter {
	return service.MilestoneFilter{
		ProjectID: p.QueryParam("project"), EnterpriseID: p.QueryParam("enterprise"), PlaceID: p.QueryParam("place"), ChainID: p.QueryParam("chain"),
		Kind: directory.MilestoneKind(p.QueryParam("kind")), Light: knownLight(p.QueryParam("light")),
	}
}

// knownLight is the light of that name; "" where there is none.
func knownLight(name string) ticket.Light {
	switch light := ticket.Light(name); light {
	case ticket.Red, ticket.Yellow, ticket.Green:
		return light
	}
	return ""
}

func (p *page) milestones() error {
	f := p.milestoneFilter()
	kinds, err := codeOptions("milestone", directory.MilestoneKinds)(p)
	if err != nil {
		return err
	}
	shown := milestoneList{}
	if shown.Filters, err = p.askProjectFilters(field{Name: "kind", Label: p.t("projects.milestone"), Kind: kindSelect, Values: []string{string(f.Kind)}, Options: kinds}); err != nil {
		return err
	}
	after, ok := cursor.Decode[service.MilestonePosition](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	f.After, f.Limit = after, entriesAPage+1
	if shown.Rows, err = p.svc.Milestones(p.ctx(), p.actor, f); err != nil {
		return err
	}
	if len(shown.Rows) > entriesAPage {
		shown.Rows = shown.Rows[:entriesAPage]
		shown.Next = p.with("after", cursor.Encode(shown.Rows[entriesAPage-1].Position()))
	}
	return p.show("projects/milestones", shown)
}

func (p *page) exportMilestones(to service.ExportTo) (int, error) {
	return p.svc.ExportMilestones(p.ctx(), p.actor, p.milestoneFilter(), to)
}

func (p *page) project() error {
	shown, err := p.svc.ProjectPage(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	return p.show("projects/show", shown)
}

// milestonePage is the form of one milestone.
type milestonePage struct {
	Project directory.Project
	Step    service.ProjectStep
	Form    *form
}

func (p *page) milestonePage() (*milestonePage, error) {
	project, err := p.svc.ProjectPage(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return nil, err
	}
	if !project.MayPlan {
		return nil, ticket.NotFound("page")
	}
	for _, step := range project.Milestones {
		if string(step.Kind) == p.Param("kind") {
			return &milestonePage{project.Project, step, p.milestoneForm(project.Project.ID, step)}, nil
		}
	}
	return nil, ticket.NotFound("page")
}

func (p *page) milestoneForm(projectID string, step service.ProjectStep) *form {
	f := newForm(projectPath(projectID)+"/milestones/"+string(step.Kind), p.t("projects.save"))
	f.Back = projectPath(projectID)
	today := worktime.DateOf(p.svc.Now().In(p.svc.Zone()))
	planned := field{Name: "planned_day", Label: p.t("projects.planned_day"), Kind: kindDay, Required: true}
	done := field{Name: "done_day", Label: p.t("projects.done_day"), Hint: p.t("projects.done_hint"), Kind: kindDay, To: today.String()}
	note := field{Name: "note", Label: p.t("projects.note"), Kind: kindLong, Max: 1000}
	if step.Planned {
		f.Seen = step.UpdatedAt.UTC().Format(time.RFC3339Nano)
		planned.Hint = p.t("projects.planned_hint")
		planned.Values, note.Values = []string{step.PlannedDay.String()}, []string{step.Note}
		if step.DoneDay != nil {
			done.Values = []string{step.DoneDay.String()}
		}
	}
	f.Fields = []field{planned, done, note}
	return f
}

func (p *page) milestone() error {
	shown, err := p.milestonePage()
	if err != nil {
		return err
	}
	return p.show("projects/milestone", shown)
}

func (p *page) saveMilestone() error {
	shown, err := p.milestonePage()
	if err != nil {
		return err
	}
	values, _, err := p.values()
	if err != nil {
		return err
	}
	shown.Form.fill(values)
	var in service.MilestoneInput
	if err = p.decode(values, &in); err == nil {
		if in.DoneDay != nil && in.DoneDay.IsZero() {
			in.DoneDay = nil
		}
		_, err = p.once(values, func(ctx context.Context) (string, error) {
			_, err := p.svc.SaveMilestone(ctx, p.actor, shown.Project.ID, shown.Step.Kind, seenAt(values), in)
			return "", err
		})
	}
	if err != nil {
		var stale *service.Stale
		if errors.As(err, &stale) {
			shown.Form.Changes = p.auditChanges(stale.Changes)
		}
		return p.refuse(err, shown.Form, func(status int) error { return p.showAs(status, "projects/milestone", shown) })
	}
	p.say("projects.saved")
	return p.goTo(projectPath(shown.Project.ID))
}

// projectsShown is the dashboard's section about key projects.
type projectsShown struct {
	service.ProjectCounts
	Projects, Milestones string // where their lists are, narrowed as the dashboard is
}

// projectsShown counts the projects that the dashboard's filters leave.
func (p *page) projectsShown(f figuresForm) (*projectsShown, error) {
	if !inOffice(p.actor) {
		return nil, nil //nolint:nilnil // there is no such section for others
	}
	w := f.Query.Where
	counts, err := p.svc.CountProjects(p.ctx(), p.actor, service.MilestoneFilter{PlaceID: w.PlaceID, ChainID: w.ChainID, EnterpriseID: w.EnterpriseID})
	narrowed := url.Values{}
	for name, value := range map[string]string{"place": w.PlaceID, "chain": w.ChainID, "enterprise": w.EnterpriseID} {
		if value != "" {
			narrowed.Set(name, value)
		}
	}
	return &projectsShown{counts, projectsPath + "?" + narrowed.Encode(), milestonesPath + "?" + narrowed.Encode()}, err
}
