package rest

import (
	"context"
	"net/http"
	"time"

	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/visit"
	"whistle/internal/worktime"
)

// VisitFinding is a problem that was found at a visit.
type VisitFinding struct {
	ID       string      `json:"id"`
	Text     string      `json:"text"`
	Category string      `json:"category" doc:"Category code"`
	Filed    bool        `json:"filed" doc:"Whether a ticket was made of it"`
	Ticket   *FiledThere `json:"ticket" doc:"That ticket; null where there is none or the caller does not see it"`
}

// FiledThere is a ticket that was made of a finding.
type FiledThere struct {
	ID      string         `json:"id"`
	Number  string         `json:"number"`
	Title   string         `json:"title"`
	State   ticket.State   `json:"state"`
	Outcome ticket.Outcome `json:"outcome" doc:"Empty while there is none"`
}

// Visit is one that was made.
type Visit struct {
	ID          string         `json:"id"`
	Enterprise  Named          `json:"enterprise"`
	Project     *Named         `json:"project"`
	Campaign    *Named         `json:"campaign"`
	Visitor     Named          `json:"visitor"`
	VisitedAt   time.Time      `json:"visited_at"`
	RecordedAt  time.Time      `json:"recorded_at"`
	Words       bool           `json:"words" doc:"Whether the caller reads what was seen there. The enterprise itself only reads that it was visited, when and by whom: what follows is empty for it"`
	Seen        string         `json:"seen"`
	Location    string         `json:"location"`
	Latitude    *float64       `json:"latitude"`
	Longitude   *float64       `json:"longitude"`
	Answers     []visit.Answer `json:"answers"`
	Findings    []VisitFinding `json:"findings"`
	Attachments []Attachment   `json:"attachments" doc:"Of one visit; empty in lists"`
}

func (a *API) visit(v service.VisitView) Visit {
	out := Visit{
		ID: v.ID, Enterprise: *nameOf(v.Names, v.EnterpriseID), Project: nameOf(v.Names, v.ProjectID), Campaign: nameOf(v.Names, v.CampaignID), Visitor: *nameOf(v.Names, v.VisitorID),
		VisitedAt: v.VisitedAt, RecordedAt: v.RecordedAt.In(a.svc.Zone()), Words: v.Words,
		Seen: v.Seen, Location: v.Location, Latitude: v.Latitude, Longitude: v.Longitude, Answers: v.Answers, Findings: []VisitFinding{}, Attachments: []Attachment{},
	}
	for _, f := range v.Findings {
		found := VisitFinding{ID: f.ID, Text: f.Text, Category: f.Category, Filed: f.TicketID != ""}
		if t := f.Ticket; t != nil {
			found.Ticket = &FiledThere{t.ID, t.Number, t.Title, t.State, t.Outcome}
		}
		out.Findings = append(out.Findings, found)
	}
	for _, at := range v.Files {
		out.Attachments = append(out.Attachments, a.attachment(at))
	}
	return out
}

// VisitQuery narrows lists of visits.
type VisitQuery struct {
	Enterprise string `query:"enterprise" maxLength:"64" doc:"Enterprise id"`
	Project    string `query:"project" maxLength:"64" doc:"Project id"`
	Campaign   string `query:"campaign" maxLength:"64" doc:"Campaign id"`
	Visitor    string `query:"visitor" maxLength:"64" doc:"User id"`
	Ticket     string `query:"ticket" maxLength:"64" doc:"Id of a ticket that was made of a finding"`
	From       string `query:"from" format:"date" doc:"On this day or later"`
	To         string `query:"to" format:"date" doc:"On this day or earlier"`
}

func (q VisitQuery) filter() (service.VisitFilter, error) {
	f := service.VisitFilter{EnterpriseID: q.Enterprise, ProjectID: q.Project, CampaignID: q.Campaign, VisitorID: q.Visitor, TicketID: q.Ticket}
	var err error
	f.From, f.To, err = days(q.From, q.To)
	return f, err
}

// VisitPlan says who is to visit whom in a campaign.
type VisitPlan struct {
	ID         string    `json:"id"`
	Campaign   Named     `json:"campaign"`
	Enterprise Named     `json:"enterprise"`
	Project    *Named    `json:"project" doc:"The key project that is to be visited; null for the enterprise itself"`
	User       *Named    `json:"user" doc:"Who goes; null while nobody is named"`
	Day        *string   `json:"day" format:"date" doc:"When; null while that is open"`
	Done       bool      `json:"done" doc:"A visit for the campaign was made there"`
	UpdatedAt  time.Time `json:"updated_at"`
}

func (a *API) visitPlan(p service.PlanView) VisitPlan {
	return VisitPlan{
		ID: p.ID, Campaign: *nameOf(p.Names, p.CampaignID), Enterprise: *nameOf(p.Names, p.EnterpriseID), Project: nameOf(p.Names, p.ProjectID),
		User: nameOf(p.Names, p.UserID), Day: optional(p.Day), Done: p.Done, UpdatedAt: p.UpdatedAt.In(a.svc.Zone()),
	}
}

// VisitPlanQuery narrows lists of plans.
type VisitPlanQuery struct {
	Campaign string `query:"campaign" maxLength:"64" doc:"Campaign id"`
	User     string `query:"user" maxLength:"64" doc:"Id of who goes"`
	Nobody   bool   `query:"nobody" doc:"Those for whom nobody is named"`
}

func (q VisitPlanQuery) filter() service.PlanFilter {
	return service.PlanFilter{CampaignID: q.Campaign, UserID: q.User, Nobody: q.Nobody}
}

// CoverageInput says which coverage is asked for.
type CoverageInput struct {
	From     string `query:"from" format:"date" doc:"First day; by default the 1 January of this year"`
	To       string `query:"to" format:"date" doc:"Last day, included; today by default"`
	Campaign string `query:"campaign" maxLength:"64" doc:"Only visits for this campaign, of those that it is for"`
	Manager  string `query:"manager" maxLength:"64" doc:"Only those whom this user looked after on the last day; none for whom nobody did"`
	Chain    string `query:"chain" maxLength:"64"`
	Place    string `query:"place" maxLength:"64"`
}

func (q CoverageInput) query() (service.CoverageQuery, error) {
	out := service.CoverageQuery{CampaignID: q.Campaign, Where: visit.Where{ManagerID: q.Manager, ChainID: q.Chain, PlaceID: q.Place}}
	var err error
	out.From, out.To, err = days(q.From, q.To)
	return out, err
}

// Covered is how many of a roster were visited.
type Covered struct {
	Enterprises Rate `json:"enterprises"`
	Projects    Rate `json:"projects"`
}

func covered(c visit.Coverage) Covered { return Covered{rateOf(c.Enterprises), rateOf(c.Projects)} }

// CoverageGroup is the coverage of one campaign, manager, chain or place.
type CoverageGroup struct {
	Key  string `json:"key" doc:"Its id; none for those without one"`
	Name string `json:"name"`
	Covered
}

// VisitCoverage is how many of those on the roster were visited in a period.
type VisitCoverage struct {
	From   worktime.Date   `json:"from" format:"date"`
	To     worktime.Date   `json:"to" format:"date" doc:"Both days are included"`
	Total  Covered         `json:"total"`
	Groups []CoverageGroup `json:"groups"`
}

// CoverageRowQuery says which rows of a coverage are wanted.
type CoverageRowQuery struct {
	CoverageInput
	Of      string `query:"of" enum:"enterprises,projects" default:"enterprises"`
	Reached string `query:"reached" enum:"all,visited,missing" default:"all" doc:"All on the roster, those visited, or those whom nobody has visited"`
}

func (q CoverageRowQuery) filter() service.CoverageFilter {
	return service.CoverageFilter{Of: visit.Of(q.Of), Reached: visit.Reached(q.Reached)}
}

// CoverageRow is an enterprise or project that a coverage counts.
type CoverageRow struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	Enterprise Named   `json:"enterprise"`
	Place      *Named  `json:"place"`
	Visits     int     `json:"visits" doc:"In the period"`
	LastOn     *string `json:"last_on" format:"date" doc:"The last of them; null where nobody was"`
}

func coverageRow(r service.CoverageRow) CoverageRow {
	return CoverageRow{r.ID, r.Name, Named{r.EnterpriseID, r.Enterprise}, nameOf(r.Names, r.PlaceID), r.Visits, optional(r.LastOn)}
}

func (a *API) visits() {
	entries[plainList, plainExport](a, entryPath{service.ExportedCampaigns, "campaigns", "campaign", "In which the enterprises or key projects are visited. The desk and administrators keep them; administrators alone retire them."}, a.svc.Campaigns())
	a.visitRecords()
	a.visitPlans()
	a.visitCoverage()
}

func (a *API) visitRecords() {
	const readers = "The offices read all, managers those to whom they look after; an enterprise reads that it was visited, when and by whom."
	list := operation(http.MethodGet, "/visits", "list-visits", "visits", "List visits, the latest first")
	list.Description = readers
	register(a, list, func(ctx context.Context, actor ticket.Actor, in *struct {
		VisitQuery
		Paged
	},
	) (*answer[Page[Visit]], error) {
		after, err := decodeCursor[service.VisitPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		f, err := in.filter()
		if err != nil {
			return nil, err
		}
		f.After, f.Limit = after, in.Limit+1
		all, err := a.svc.Visits(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		return &answer[Page[Visit]]{pageOf(all, in.Limit, a.visit, func(v service.VisitView) any {
			return service.VisitPosition{VisitedAt: v.VisitedAt, ID: v.ID}
		})}, nil
	})

	record := operation(http.MethodPost, "/visits", "record-visit", "visits", "Record a visit of one's own")
	record.DefaultStatus = http.StatusCreated
	record.Description = "Officers, heads and the desk to any enterprise, managers to those that they look after. Sent again with the same client_id, however much later, the visit that was recorded then comes again."
	registerKeyed(a, record, func(ctx context.Context, actor ticket.Actor, in *struct {
		Keyed
		Body visit.Record
	},
	) (*created[Visit], error) {
		v, err := a.svc.RecordVisit(ctx, actor, in.Body)
		if err != nil {
			return nil, err
		}
		return &created[Visit]{prefix + "/visits/" + v.ID, a.visit(*v)}, nil
	})

	get := operation(http.MethodGet, "/visits/{id}", "get-visit", "visits", "Read a visit")
	get.Description = readers
	register(a, get, func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[Visit], error) {
		v, err := a.svc.Visit(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		return &answer[Visit]{a.visit(*v)}, nil
	})

	file := operation(http.MethodPost, "/visits/{id}/findings/{finding_id}/ticket", "file-finding", "visits", "Make a ticket of what was found at a visit")
	file.DefaultStatus = http.StatusCreated
	file.Description = "By who was there, who looks after the enterprise, and the desk; once. Its source is visit."
	registerKeyed(a, file, func(ctx context.Context, actor ticket.Actor, in *struct {
		Keyed
		ByID
		FindingID string `path:"finding_id" maxLength:"64"`
		Body      service.FindingFiling
	},
	) (*created[FiledThere], error) {
		t, err := a.svc.FileFinding(ctx, actor, in.ID, in.FindingID, in.Body)
		if err != nil {
			return nil, err
		}
		return &created[FiledThere]{prefix + "/tickets/" + t.ID, FiledThere{t.ID, t.Number, t.Title, t.State, t.Outcome}}, nil
	})

	export(a, service.ExportedVisits, "", "visits", "visits, the latest first",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			VisitQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			f, err := in.filter()
			if err != nil {
				return 0, err
			}
			return a.svc.ExportVisits(ctx, actor, f, to)
		})
}

func (a *API) visitPlans() {
	list := operation(http.MethodGet, "/visit-plans", "list-visit-plans", "visits", "List who is to visit whom")
	list.Description = "The offices read all, managers their own and those of the enterprises that they look after."
	register(a, list, func(ctx context.Context, actor ticket.Actor, in *struct {
		VisitPlanQuery
		Paged
	},
	) (*answer[Page[VisitPlan]], error) {
		after, err := decodeCursor[idPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		f := in.filter()
		f.After, f.Limit = afterID(after), in.Limit+1
		all, err := a.svc.VisitPlans(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		return &answer[Page[VisitPlan]]{pageOf(all, in.Limit, a.visitPlan, func(p service.PlanView) any { return idPosition{p.ID} })}, nil
	})

	divide := operation(http.MethodPost, "/campaigns/{id}/division", "divide-campaign", "visits", "Divide those whom a campaign is for among the managers")
	divide.DefaultStatus = http.StatusOK
	divide.Description = "By the desk. Each goes to who looks after the enterprise, of several to the one with the fewest so far. What is planned already stays; those for whom nobody was named are tried again."
	registerKeyed(a, divide, func(ctx context.Context, actor ticket.Actor, in *struct {
		Keyed
		ByID
	},
	) (*answer[service.Division], error) {
		done, err := a.svc.DividePlans(ctx, actor, in.ID)
		return &answer[service.Division]{done}, err
	})

	change := operation(http.MethodPatch, "/visit-plans/{id}", "change-visit-plan", "visits", "Change who goes, or when")
	change.Description = "By the desk."
	register(a, change, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Body service.PlanChange
	},
	) (*answer[VisitPlan], error) {
		p, err := a.svc.ChangePlan(ctx, actor, in.ID, time.Time{}, in.Body)
		if err != nil {
			return nil, err
		}
		return &answer[VisitPlan]{a.visitPlan(*p)}, nil
	})

	export(a, service.ExportedVisitPlans, "", "visits", "who is to visit whom",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			VisitPlanQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			return a.svc.ExportVisitPlans(ctx, actor, in.filter(), to)
		})
}

func (a *API) visitCoverage() {
	const readers = "Counted is an enterprise with a credit code that was entered before the first day and not retired before it, once however often it was visited; a key project likewise. For the offices; a manager who is of none reads those looked after."
	get := operation(http.MethodGet, "/visit-coverage", "get-visit-coverage", "visits", "Count how many of those on the roster were visited")
	get.Description = readers
	register(a, get, func(ctx context.Context, actor ticket.Actor, in *struct {
		CoverageInput
		By string `query:"by" enum:"campaign,manager,chain,place" doc:"Group by"`
	},
	) (*answer[VisitCoverage], error) {
		q, err := in.query()
		if err != nil {
			return nil, err
		}
		report, err := a.svc.Coverage(ctx, actor, q, visit.Cut(in.By))
		if err != nil {
			return nil, err
		}
		out := VisitCoverage{From: report.Query.From, To: report.Query.To, Total: covered(report.Total), Groups: []CoverageGroup{}}
		for _, g := range report.Groups {
			out.Groups = append(out.Groups, CoverageGroup{g.Key, g.Name, covered(g.Coverage)})
		}
		return &answer[VisitCoverage]{out}, nil
	})

	rows := operation(http.MethodGet, "/visit-coverage/rows", "list-visit-coverage", "visits", "List whom a coverage counts, by name")
	rows.Description = readers
	register(a, rows, func(ctx context.Context, actor ticket.Actor, in *struct {
		CoverageRowQuery
		Paged
	},
	) (*answer[Page[CoverageRow]], error) {
		after, err := decodeCursor[service.CoveragePosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		q, err := in.query()
		if err != nil {
			return nil, err
		}
		f := in.filter()
		f.After, f.Limit = after, in.Limit+1
		all, err := a.svc.CoverageRows(ctx, actor, q, f)
		if err != nil {
			return nil, err
		}
		return &answer[Page[CoverageRow]]{pageOf(all, in.Limit, coverageRow, func(r service.CoverageRow) any {
			return service.CoveragePosition{Name: r.Name, ID: r.ID}
		})}, nil
	})

	export(a, service.ExportedCoverage, "", "visits", "whom a coverage counts, by name",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			CoverageRowQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			q, err := in.query()
			if err != nil {
				return 0, err
			}
			return a.svc.ExportCoverage(ctx, actor, q, in.filter(), to)
		})
}
