package rest

import (
	"context"
	"net/http"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Milestone is a step of a key project.
type Milestone struct {
	Project         Named          `json:"project"`
	Enterprise      Named          `json:"enterprise"`
	Kind            string         `json:"kind" enum:"signing,start,completion,operation" doc:"签约, 开工, 竣工 or 投产"`
	PlannedDay      worktime.Date  `json:"planned_day" format:"date"`
	FirstPlannedDay worktime.Date  `json:"first_planned_day" format:"date" doc:"By which it is judged, unless planned_day is earlier: a later plan heals nothing"`
	DoneDay         *worktime.Date `json:"done_day" format:"date" doc:"When it was reached; null while it is not"`
	Note            string         `json:"note"`
	Light           *string        `json:"light" enum:"green,yellow,red" doc:"Red once its day has passed, yellow within 30 days before; null when it is reached"`
	Missed          bool           `json:"missed" doc:"Its day passed, or had passed, before it was reached"`
	UpdatedAt       time.Time      `json:"updated_at"`
}

// MilestoneQuery narrows a list of milestones.
type MilestoneQuery struct {
	Project    string `query:"project" maxLength:"64" doc:"Key project id"`
	Enterprise string `query:"enterprise" maxLength:"64" doc:"Enterprise id"`
	Place      string `query:"place" maxLength:"64" doc:"Id of the enterprise's place"`
	Chain      string `query:"chain" maxLength:"64" doc:"Id of a chain of the enterprise"`
	Kind       string `query:"kind" enum:"signing,start,completion,operation"`
	Light      string `query:"light" enum:"green,yellow,red" doc:"Of those that are not reached"`
}

func (q MilestoneQuery) filter() service.MilestoneFilter {
	return service.MilestoneFilter{
		ProjectID: q.Project, EnterpriseID: q.Enterprise, PlaceID: q.Place, ChainID: q.Chain,
		Kind: directory.MilestoneKind(q.Kind), Light: ticket.Light(q.Light),
	}
}

// milestoneAnswer is a milestone with when it was last changed as ETag.
type milestoneAnswer struct {
	ETag string `header:"ETag"`
	Body Milestone
}

func (a *API) showMilestone(m service.MilestoneView) Milestone {
	return Milestone{
		Project: Named{m.ProjectID, m.Project.Name}, Enterprise: Named{m.Project.EnterpriseID, m.Names.Of(m.Project.EnterpriseID)},
		Kind: string(m.Kind), PlannedDay: m.PlannedDay, FirstPlannedDay: m.FirstPlannedDay, DoneDay: m.DoneDay, Note: m.Note,
		Light: optional(string(m.Light)), Missed: m.Missed, UpdatedAt: m.UpdatedAt.In(a.svc.Zone()),
	}
}

func (a *API) milestones() {
	const readers = "Read as their projects are."
	list := operation(http.MethodGet, "/milestones", "list-milestones", "projects", "List the milestones of key projects, the earliest first")
	list.Description = readers
	register(a, list, func(ctx context.Context, actor ticket.Actor, in *struct {
		MilestoneQuery
		Paged
	},
	) (*answer[Page[Milestone]], error) {
		f := in.filter()
		var err error
		if f.After, err = decodeCursor[service.MilestonePosition](in.Cursor); err != nil {
			return nil, err
		}
		f.Limit = in.Limit + 1
		all, err := a.svc.Milestones(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		return &answer[Page[Milestone]]{pageOf(all, in.Limit, a.showMilestone, func(m service.MilestoneView) any { return m.Position() })}, nil
	})

	export(a, service.ExportedMilestones, "", "projects", "the milestones of key projects, the earliest first",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			MilestoneQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			return a.svc.ExportMilestones(ctx, actor, in.filter(), to)
		})

	put := operation(http.MethodPut, "/projects/{id}/milestones/{kind}", "save-milestone", "projects", "Plan a milestone of a key project, or say that it is reached")
	put.Description = "By the project's team, the desk and administrators. What was missed stays missed, however often it is planned anew."
	register(a, put, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Kind    string `path:"kind" enum:"signing,start,completion,operation"`
		IfMatch string `header:"If-Match" doc:"The ETag last given: refused with 412 when the milestone was changed since"`
		Body    service.MilestoneInput
	},
	) (*milestoneAnswer, error) {
		var seen time.Time
		if in.IfMatch != "" && in.IfMatch != "*" {
			var err error
			if seen, err = time.Parse(time.RFC3339Nano, strings.Trim(strings.TrimPrefix(in.IfMatch, "W/"), `"`)); err != nil {
				return nil, badParameter("If-Match", "must be an ETag that this API gave")
			}
		}
		kind := directory.MilestoneKind(in.Kind)
		if _, err := a.svc.SaveMilestone(ctx, actor, in.ID, kind, seen, in.Body); err != nil {
			return nil, err
		}
		saved, err := a.svc.Milestones(ctx, actor, service.MilestoneFilter{ProjectID: in.ID, Kind: kind})
		if err != nil {
			return nil, err
		}
		return &milestoneAnswer{`"` + saved[0].UpdatedAt.UTC().Format(time.RFC3339Nano) + `"`, a.showMilestone(saved[0])}, nil
	})
}
