package demo_test

import (
	"testing"
	"time"

	"whistle/internal/demo"
	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/visit"
	"whistle/internal/worktime"
)

// TestEverybodyIsVisited: all on the roster and every key project, in every cut;
// and each ticket that a visit brought in is tied to it.
func TestEverybodyIsVisited(t *testing.T) {
	y := year(t)
	first := worktime.Date{Year: 2023, Month: time.January, Day: 1}
	q := service.CoverageQuery{From: first, To: demo.LastDay}
	whole := visit.Coverage{Enterprises: figures.Ratio{Numerator: 1735, Denominator: 1735}, Projects: figures.Ratio{Numerator: 228, Denominator: 228}}
	// Everyone is in one place, and has a guide and a contact.
	for by, times := range map[visit.Cut]int64{visit.ByPlace: 1, visit.ByManager: 2} {
		report, err := y.Coverage(t.Context(), ticket.System, q, by)
		if err != nil {
			t.Fatal(err)
		}
		if report.Total != whole {
			t.Errorf("covered are %+v", report.Total)
		}
		var sum visit.Coverage
		for _, g := range report.Groups {
			if g.Enterprises.Numerator != g.Enterprises.Denominator || g.Projects.Numerator != g.Projects.Denominator {
				t.Errorf("by %s, %s is %+v", by, g.Name, g.Coverage)
			}
			sum.Enterprises.Denominator += g.Enterprises.Denominator
			sum.Projects.Denominator += g.Projects.Denominator
		}
		if sum.Enterprises.Denominator != times*1735 || sum.Projects.Denominator != times*228 {
			t.Errorf("by %s they are %+v together", by, sum)
		}
	}
	half := q
	half.To = worktime.Date{Year: 2023, Month: time.May, Day: 31}
	report, err := y.Coverage(t.Context(), ticket.System, half, visit.ByCampaign)
	if err != nil {
		t.Fatal(err)
	}
	if n := report.Total.Enterprises.Numerator; n < 500 || n > 1400 {
		t.Errorf("%d were visited by the end of May", n)
	}
	for _, g := range report.Groups {
		if g.Enterprises.Numerator == 0 {
			t.Errorf("nobody was visited for %s", g.Name)
		}
	}

	begin, end := y.Between(first, demo.LastDay)
	filed, err := y.Tickets(t.Context(), ticket.System, service.TicketFilter{Source: string(ticket.SourceVisit), FiledFrom: begin, FiledBefore: end})
	if err != nil || len(filed) == 0 {
		t.Fatalf("%d tickets of visits, %v", len(filed), err)
	}
	visits, err := y.Visits(t.Context(), ticket.System, service.VisitFilter{})
	if err != nil {
		t.Fatal(err)
	}
	tied := map[string]service.VisitView{}
	for _, v := range visits {
		for _, f := range v.Findings {
			tied[f.TicketID] = v
		}
	}
	for _, f := range filed {
		v, ok := tied[f.ID]
		if !ok || v.EnterpriseID != f.EnterpriseID || v.VisitorID != f.FiledBy || v.VisitedAt.After(f.FiledAt) {
			t.Errorf("ticket %s comes from %+v", f.Number, v.Visit)
		}
	}
	t.Logf("%d visits, %d of them with tickets", len(visits), len(tied))
}
