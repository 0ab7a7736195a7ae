package rest

import (
	"context"
	"net/http"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// EnterpriseProfile is what an enterprise is and what befell it (企业画像).
type EnterpriseProfile struct {
	Enterprise directory.Enterprise `json:"enterprise"`
	Place      *Named               `json:"place"`
	Chains     []Named              `json:"chains"`
	Managers   []ProfileManager     `json:"managers" doc:"Who looks after it today"`
	Projects   []Named              `json:"projects"`
	Figures    Counts               `json:"figures" doc:"Of its tickets since ever, as far as the caller may count them"`
	Tickets    ProfileTickets       `json:"tickets"`
	Timeline   []TimelineEntry      `json:"timeline" doc:"What befell it, the latest first"`
	Plan       *ServicePlan         `json:"plan" doc:"一企一策; null for the enterprise itself"`
}

// ProfileManager looks after an enterprise.
type ProfileManager struct {
	Named
	Part       string        `json:"part" enum:"guide,contact"`
	Phone      string        `json:"phone"`
	Department *Named        `json:"department"`
	FromDate   worktime.Date `json:"from_date" format:"date"`
}

// ProfileTickets are an enterprise's tickets as far as the caller sees them.
type ProfileTickets struct {
	ByState map[string]int `json:"by_state"`
	Open    Lights         `json:"open"`
	Recent  []Ticket       `json:"recent" doc:"The last ones, the last change first"`
}

// TimelineEntry is something that befell an enterprise.
type TimelineEntry struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind" doc:"filed, closed_solved, closed_explained, manager_came, manager_left, handed_over, visited, need_written, need_met, need_dropped, service_accepted, service_delivered, service_paid"`
	Text string    `json:"text" doc:"In the language asked for"`
	Path string    `json:"path" doc:"Of the page that tells more; empty for none"`
	Note string    `json:"note" doc:"What somebody wrote about it; empty for the enterprise"`
}

// ServicePlan is what is planned for an enterprise.
type ServicePlan struct {
	Words     string     `json:"words"`
	UpdatedBy *Named     `json:"updated_by" doc:"null while nobody has written any"`
	UpdatedAt *time.Time `json:"updated_at"`
	MayWrite  bool       `json:"may_write"`
}

// planAnswer is a plan with when it was written as ETag.
type planAnswer struct {
	ETag string `header:"ETag"`
	Body ServicePlan
}

func (a *API) profiles() {
	get := operation(http.MethodGet, "/enterprises/{id}/profile", "get-enterprise-profile", "enterprises", "Read an enterprise's profile")
	get.Description = "For the enterprise its own, without the offices' plan; for those who look after it, the desk, departments and leaders, each as far as they see its tickets."
	register(a, get, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Language text.Language `query:"language" enum:"zh-CN,en" default:"zh-CN" doc:"Of the timeline's texts"`
	},
	) (*answer[EnterpriseProfile], error) {
		p, err := a.svc.EnterprisePage(ctx, actor, in.ID, in.Language)
		if err != nil {
			return nil, err
		}
		return &answer[EnterpriseProfile]{a.profile(p)}, nil
	})
	put := operation(http.MethodPut, "/enterprises/{id}/plan", "write-service-plan", "enterprises", "Write down what is planned for an enterprise")
	put.Description = "By those who look after it and the desk."
	register(a, put, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		IfMatch string `header:"If-Match" doc:"The ETag last given: refused with 412 when the plan was written anew since"`
		Body    service.NewServicePlan
	},
	) (*planAnswer, error) {
		var seen *time.Time
		if in.IfMatch != "" && in.IfMatch != "*" {
			at, err := time.Parse(time.RFC3339Nano, strings.Trim(strings.TrimPrefix(in.IfMatch, "W/"), `"`))
			if err != nil {
				return nil, badParameter("If-Match", "must be an ETag that this API gave")
			}
			seen = &at
		}
		plan, err := a.svc.SavePlan(ctx, actor, in.ID, seen, in.Body)
		if err != nil {
			return nil, err
		}
		return &planAnswer{`"` + plan.UpdatedAt.UTC().Format(time.RFC3339Nano) + `"`, a.plan(plan, Named{actor.ID, actor.Name}, true)}, nil
	})
}

func (a *API) plan(plan directory.ServicePlan, by Named, may bool) ServicePlan {
	out := ServicePlan{Words: plan.Words, MayWrite: may}
	if plan.UpdatedBy != "" {
		out.UpdatedBy, out.UpdatedAt = &by, a.inZone(&plan.UpdatedAt)
	}
	return out
}

func (a *API) profile(p *service.EnterprisePage) EnterpriseProfile {
	out := EnterpriseProfile{
		Enterprise: inZoneOf(a.svc, p.Enterprise), Place: namedOrNil(p.Names, p.Enterprise.PlaceID), Chains: []Named{},
		Managers: []ProfileManager{}, Projects: []Named{}, Figures: countsOf(*p.Figures), Timeline: []TimelineEntry{},
		Tickets: ProfileTickets{ByState: map[string]int{}, Open: lightsOf(p.Open), Recent: []Ticket{}},
	}
	for _, id := range p.Enterprise.Chains {
		out.Chains = append(out.Chains, Named{id, p.Names.Of(id)})
	}
	for _, m := range p.Managers {
		out.Managers = append(out.Managers, ProfileManager{Named{m.User.ID, m.User.Name}, m.Part, m.User.Phone, namedOrNil(p.Names, m.User.DepartmentID), m.FromDate})
	}
	for _, project := range p.Projects {
		out.Projects = append(out.Projects, Named{project.ID, project.Name})
	}
	for state, n := range p.ByState {
		out.Tickets.ByState[string(state)] = n
	}
	for _, row := range p.Recent {
		out.Tickets.Recent = append(out.Tickets.Recent, a.show(row.TicketView))
	}
	for _, e := range p.Timeline {
		out.Timeline = append(out.Timeline, TimelineEntry{e.At, e.Kind, e.Text, e.Path, e.Note})
	}
	if p.Plan != nil {
		plan := a.plan(p.Plan.ServicePlan, Named{p.Plan.UpdatedBy, p.Names.Of(p.Plan.UpdatedBy)}, p.Plan.May)
		out.Plan = &plan
	}
	return out
}
