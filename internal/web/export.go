package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"whistle/internal/directory"
	"whistle/internal/download"
	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/tabular"
	"whistle/internal/ticket"
)

// ExportRoute is where lists are saved as tables; such an answer takes as long as
// the list is.
const ExportRoute = "/export/:list"

// Every list is saved as a table at /export/LIST?format=xlsx or csv, where LIST
// is a service.ExportList and the rest of the query is the one of the page that
// shows the list: so the table holds what the page's filters show, all of its
// pages. Pages link to it by the part "exports".
func (w *Pages) exportRoutes() []route {
	return []route{get(ExportRoute, (*page).export)}
}

// exporter writes a list by the filters in the request's address.
type exporter func(p *page, to service.ExportTo) (int, error)

func exporterOf(list service.ExportList) exporter {
	switch list {
	case service.ExportedTickets:
		return byTicketFilter((*service.Service).ExportTickets)
	case service.ExportedHistory:
		return byTicketFilter((*service.Service).ExportHistoryTable)
	case service.ExportedWorklist:
		return (*page).exportWorklist
	case service.ExportedBoard:
		return (*page).exportBoard
	case service.ExportedHolders:
		return (*page).exportHolders
	case service.ExportedInvitations:
		return (*page).exportInvitations
	case service.ExportedFigures:
		return (*page).exportFigures
	case service.ExportedSnapshots:
		return (*page).exportSnapshots
	case service.ExportedMembers:
		return (*page).exportMembers
	case service.ExportedEnterprises:
		return entryExporter((*service.Service).Enterprises, (*page).enterpriseFilter)
	case service.ExportedProjects:
		return entryExporter((*service.Service).Projects, (*page).projectFilter)
	case service.ExportedMilestones:
		return (*page).exportMilestones
	case service.ExportedCharges:
		return (*page).exportCharges
	case service.ExportedDepartments:
		return entryExporter((*service.Service).Departments, (*page).entryFilter)
	case service.ExportedDuties:
		return entryExporter((*service.Service).Duties, (*page).entryFilter)
	case service.ExportedCategories:
		return entryExporter((*service.Service).Categories, (*page).entryFilter)
	case service.ExportedPlaces:
		return entryExporter((*service.Service).Places, (*page).entryFilter)
	case service.ExportedChains:
		return entryExporter((*service.Service).Chains, (*page).entryFilter)
	case service.ExportedAlliances:
		return entryExporter((*service.Service).Alliances, (*page).allianceFilter)
	case service.ExportedActivities:
		return (*page).exportActivities
	case service.ExportedReasons:
		return entryExporter((*service.Service).Reasons, (*page).entryFilter)
	case service.ExportedCampaigns:
		return entryExporter((*service.Service).Campaigns, (*page).entryFilter)
	case service.ExportedVisits:
		return (*page).exportVisits
	case service.ExportedVisitPlans:
		return (*page).exportVisitPlans
	case service.ExportedCoverage:
		return (*page).exportCoverage
	case service.ExportedPolicyResources:
		return entryExporter((*service.Service).PolicyResources, (*page).policyFilter)
	case service.ExportedNeeds:
		return entryExporter((*service.Service).Needs, (*page).needFilter)
	case service.ExportedServices:
		return entryExporter((*service.Service).Services, (*page).serviceFilter)
	case service.ExportedPayouts:
		return (*page).exportPayouts
	case service.ExportedStations:
		return byStationFilter((*service.Service).ExportStations)
	case service.ExportedStaff:
		return byStationFilter((*service.Service).ExportStaff)
	case service.ExportedExperts:
		return entryExporter((*service.Service).Experts, (*page).expertFilter)
	case service.ExportedUsers:
		return (*page).exportUsers
	case service.ExportedAssignments:
		return (*page).exportAssignments
	case service.ExportedManagers:
		return (*page).exportManagers
	case service.ExportedAudit:
		return (*page).exportAudit
	case service.ExportedNotices:
		return (*page).exportNotices
	case service.ExportedImports:
		return (*page).exportImports
	case service.ExportedJobs:
		return (*page).exportJobs
	}
	return nil
}

// exportFormats are the tables that people open.
var exportFormats = []tabular.Format{tabular.XLSX, tabular.CSV}

// export answers with a list as a file to be saved.
func (p *page) export() error {
	list, format := service.ExportList(p.Param("list")), tabular.Format(p.QueryParam("format"))
	write := exporterOf(list)
	if write == nil || !slices.Contains(exportFormats, format) {
		return ticket.NotFound("page")
	}
	answer := download.NewWriter(func() func([]byte) (int, error) {
		for header, value := range download.Headers(p.svc.ExportFileName(list, format, p.lang), format.ContentType()) {
			p.Response().Header().Set(header, value)
		}
		p.Response().WriteHeader(http.StatusOK)
		return p.Response().Write
	})
	_, err := write(p, service.ExportTo{W: answer, Format: format, Language: p.lang})
	if err == nil || !answer.Begun() {
		return err
	}
	if p.ctx().Err() == nil {
		p.web.log.ErrorContext(p.ctx(), "export not sent", slog.String("list", string(list)), slog.Any("error", err))
	}
	panic(http.ErrAbortHandler) // half a table must not pass for a whole one
}

// exportPath is where the list of a page is saved as a table; more are pairs of
// parameters that the page has elsewhere than in its query.
func exportPath(list, page string, format tabular.Format, more ...any) (string, error) {
	u, err := url.Parse(page)
	if err != nil {
		return "", err
	}
	// The whole list is saved, not from where the page begins.
	return query("/export/"+list+"?"+u.RawQuery, append([]any{"format", format, "after", ""}, more...)...)
}

func byTicketFilter(write func(*service.Service, context.Context, ticket.Actor, service.TicketFilter, service.ExportTo) (int, error)) exporter {
	return func(p *page, to service.ExportTo) (int, error) {
		f, faults := p.ticketFilter()
		if len(faults) > 0 {
			return 0, ticket.InvalidForm(faults)
		}
		return write(p.svc, p.ctx(), p.actor, f, to)
	}
}

// exportWorklist saves a list of the page that is worked through by lists.
func (p *page) exportWorklist(to service.ExportTo) (int, error) {
	var f service.WorklistFilter
	for _, by := range narrowings {
		*by.value(&f) = p.QueryParam(by.name)
	}
	return p.svc.ExportWorklist(p.ctx(), p.actor, service.WorklistName(p.QueryParam("queue")), f, to)
}

func (p *page) exportBoard(to service.ExportTo) (int, error) {
	return p.svc.ExportBoard(p.ctx(), p.actor, service.WorklistFilter{}, to)
}

func (p *page) exportHolders(to service.ExportTo) (int, error) {
	return p.svc.ExportHolders(p.ctx(), p.actor, to)
}

func (p *page) exportInvitations(to service.ExportTo) (int, error) {
	return p.svc.ExportInvitations(p.ctx(), p.actor, service.InvitationFilter{State: directory.LinkState(p.QueryParam("state"))}, to)
}

func (p *page) exportFigures(to service.ExportTo) (int, error) {
	if id := p.QueryParam("snapshot"); id != "" {
		return p.svc.ExportSnapshot(p.ctx(), p.actor, id, to)
	}
	f := p.figuresForm()
	f.Query.By = figures.Cut(p.QueryParam("by"))
	return p.svc.ExportFigures(p.ctx(), p.actor, f.Query, to)
}

func (p *page) exportSnapshots(to service.ExportTo) (int, error) {
	from, until, faults := p.days()
	if len(faults) > 0 {
		return 0, ticket.InvalidForm(faults)
	}
	f := service.SnapshotFilter{Kind: figures.Kind(p.QueryParam("kind")), From: from, To: until}
	return p.svc.ExportSnapshots(p.ctx(), p.actor, f, to)
}

// exportMembers saves what is behind a number of the figures.
func (p *page) exportMembers(to service.ExportTo) (int, error) {
	query, asked := p.membersAsked(p.figuresForm())
	return p.svc.ExportFigureMembers(p.ctx(), p.actor, query, asked, to)
}

func entryExporter[T any, P directory.Entry[T]](entries func(*service.Service) service.Entries[T, P], filter func(*page) service.EntryFilter) exporter {
	return func(p *page, to service.ExportTo) (int, error) {
		f := filter(p)
		f.All, f.Active = true, p.QueryParam("retired") == ""
		return entries(p.svc).Export(p.ctx(), p.actor, f, to)
	}
}

// entryFilter reads by what the address narrows any list of entries.
func (p *page) entryFilter() service.EntryFilter {
	return service.EntryFilter{Text: strings.TrimSpace(p.QueryParam("q"))}
}

func (p *page) exportUsers(to service.ExportTo) (int, error) {
	f := service.UserFilter{
		Role: ticket.Role(p.QueryParam("role")), DepartmentID: p.QueryParam("department"), EnterpriseID: p.QueryParam("enterprise"),
		Text: strings.TrimSpace(p.QueryParam("q")), Retired: p.QueryParam("retired") != "",
	}
	return p.svc.ExportUsers(p.ctx(), p.actor, f, to)
}

func (p *page) exportAssignments(to service.ExportTo) (int, error) {
	f := service.AssignmentFilter{
		Kind: directory.AssignmentKind(p.QueryParam("kind")), UserID: p.QueryParam("user"), TargetID: p.QueryParam("target"),
		Retired: p.QueryParam("retired") != "",
	}
	return p.svc.ExportAssignments(p.ctx(), p.actor, f, to)
}

func (p *page) exportAudit(to service.ExportTo) (int, error) {
	from, until, faults := p.days()
	if len(faults) > 0 {
		return 0, ticket.InvalidForm(faults)
	}
	f := service.AuditFilter{
		Subject: p.QueryParam("subject"), SubjectID: p.QueryParam("subject_id"), ActorID: p.QueryParam("actor"), Action: p.QueryParam("action"),
	}
	f.From, f.Before = p.svc.Between(from, until)
	return p.svc.ExportAudit(p.ctx(), p.actor, f, to)
}

func (p *page) exportNotices(to service.ExportTo) (int, error) {
	return p.svc.ExportNotices(p.ctx(), p.actor, service.NoticeFilter{}, to)
}

func (p *page) exportImports(to service.ExportTo) (int, error) {
	return p.svc.ExportImports(p.ctx(), p.actor, service.ImportRunFilter{}, to)
}

func (p *page) exportJobs(to service.ExportTo) (int, error) {
	state, err := p.jobState()
	if err != nil {
		return 0, err
	}
	return p.svc.ExportJobs(p.ctx(), p.actor, service.JobFilter{State: state}, to)
}
