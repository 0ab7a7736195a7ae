package service

import (
	"context"
	"fmt"
	"strings"

	"whistle/internal/ticket"
	"whistle/internal/visit"
)

type campaignRow = exportedEntry[visit.Campaign]

var campaignColumns = entryColumns(
	col("code", func(_ *writing, e campaignRow) any { return e.T.Code }),
	col("name", func(_ *writing, e campaignRow) any { return e.T.Name }),
	col("kind", func(w *writing, e campaignRow) any { return w.word("campaign_kind", string(e.T.Kind)) }),
	col("from_date", func(w *writing, e campaignRow) any { return w.day(&e.T.FromDate) }),
	col("to_date", func(w *writing, e campaignRow) any { return w.day(&e.T.ToDate) }),
	col("targets", func(w *writing, e campaignRow) any { return w.word("campaign_targets", string(e.T.Targets)) }),
	col("place", func(w *writing, e campaignRow) any { return w.named(e.names, e.T.PlaceID) }),
	col("chain", func(w *writing, e campaignRow) any { return w.named(e.names, e.T.ChainID) }),
	col("note", func(_ *writing, e campaignRow) any { return blankAsNull(e.T.Note) }),
	col("questions", func(w *writing, e campaignRow) any {
		if w.json() {
			return rawJSON(e.T.Questions)
		}
		texts := make([]string, len(e.T.Questions))
		for i, q := range e.T.Questions {
			texts[i] = fmt.Sprintf("%d. %s", i+1, q.Text)
		}
		return blankAsNull(strings.Join(texts, "\n"))
	}),
)

var visitColumns = []column[VisitView]{
	col("id", func(_ *writing, v VisitView) any { return v.ID }).only(inJSON),
	col("visited_at", func(w *writing, v VisitView) any { return w.at(&v.VisitedAt) }),
	col("enterprise", func(w *writing, v VisitView) any { return w.named(v.Names, v.EnterpriseID) }),
	col("project", func(w *writing, v VisitView) any { return w.named(v.Names, v.ProjectID) }),
	col("campaign", func(w *writing, v VisitView) any { return w.named(v.Names, v.CampaignID) }),
	col("visitor", func(w *writing, v VisitView) any { return w.named(v.Names, v.VisitorID) }),
	col("seen", func(_ *writing, v VisitView) any { return blankAsNull(v.Seen) }),
	col("location", func(_ *writing, v VisitView) any { return blankAsNull(v.Location) }),
	col("answers", func(w *writing, v VisitView) any {
		if w.json() {
			return rawJSON(v.Answers)
		}
		texts := make([]string, len(v.Answers))
		for i, a := range v.Answers {
			texts[i] = a.Question + " " + a.Text
		}
		return blankAsNull(strings.Join(texts, "\n"))
	}),
	col("findings", func(w *writing, v VisitView) any {
		texts := make([]string, len(v.Findings))
		for i, f := range v.Findings {
			texts[i] = f.Text
			if f.Ticket != nil {
				texts[i] = f.Ticket.Number + " " + f.Text
			}
		}
		if w.json() {
			return rawJSON(texts)
		}
		return blankAsNull(strings.Join(texts, "\n"))
	}),
	col("recorded_at", func(w *writing, v VisitView) any { return w.at(&v.RecordedAt) }),
}

// ExportVisits writes the visits that the filter leaves of those that the actor
// may see, the latest first, and returns how many.
func (s *Service) ExportVisits(ctx context.Context, actor ticket.Actor, f VisitFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedVisits, visitColumns, to, func(ctx context.Context, write func(VisitView) error) error {
		return eachRow(func(after *VisitView, limit int) ([]VisitView, error) {
			if f.After, f.Limit = nil, limit; after != nil {
				f.After = &VisitPosition{VisitedAt: after.VisitedAt, ID: after.ID}
			}
			return s.Visits(ctx, actor, f)
		}, write)
	})
}

var visitPlanColumns = []column[PlanView]{
	col("id", func(_ *writing, p PlanView) any { return p.ID }).only(inJSON),
	col("campaign", func(w *writing, p PlanView) any { return w.named(p.Names, p.CampaignID) }),
	col("enterprise", func(w *writing, p PlanView) any { return w.named(p.Names, p.EnterpriseID) }),
	col("project", func(w *writing, p PlanView) any { return w.named(p.Names, p.ProjectID) }),
	col("user", func(w *writing, p PlanView) any { return w.named(p.Names, p.UserID) }),
	col("day", func(_ *writing, p PlanView) any { return blankAsNull(p.Day) }),
	col("done", func(w *writing, p PlanView) any { return w.yesNo(p.Done) }),
}

// ExportVisitPlans writes who is to visit whom, as far as the actor may see it,
// and returns how many rows.
func (s *Service) ExportVisitPlans(ctx context.Context, actor ticket.Actor, f PlanFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedVisitPlans, visitPlanColumns, to, func(ctx context.Context, write func(PlanView) error) error {
		return eachRow(func(after *PlanView, limit int) ([]PlanView, error) {
			if f.After, f.Limit = "", limit; after != nil {
				f.After = after.ID
			}
			return s.VisitPlans(ctx, actor, f)
		}, write)
	})
}

var coverageColumns = []column[CoverageRow]{
	col("id", func(_ *writing, r CoverageRow) any { return r.ID }).only(inJSON),
	col("name", func(_ *writing, r CoverageRow) any { return r.Name }),
	col("enterprise", func(w *writing, r CoverageRow) any {
		if w.json() {
			return rawJSON(NamedID{r.EnterpriseID, r.Enterprise})
		}
		return r.Enterprise
	}),
	col("place", func(w *writing, r CoverageRow) any { return w.named(r.Names, r.PlaceID) }),
	col("visits", func(_ *writing, r CoverageRow) any { return r.Visits }),
	col("last_on", func(_ *writing, r CoverageRow) any { return blankAsNull(r.LastOn) }),
}

// ExportCoverage writes the rows that a coverage counts, by name, and returns
// how many.
func (s *Service) ExportCoverage(ctx context.Context, actor ticket.Actor, q CoverageQuery, f CoverageFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedCoverage, coverageColumns, to, func(ctx context.Context, write func(CoverageRow) error) error {
		return eachRow(func(after *CoverageRow, limit int) ([]CoverageRow, error) {
			if f.After, f.Limit = nil, limit; after != nil {
				f.After = &CoveragePosition{Name: after.Name, ID: after.ID}
			}
			return s.CoverageRows(ctx, actor, q, f)
		}, write)
	})
}
