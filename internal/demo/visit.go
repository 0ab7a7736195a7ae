package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"whistle/internal/clock"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/visit"
	"whistle/internal/worktime"
)

// visiting makes the year's visits.
type visiting struct {
	svc      *service.Service
	r        *rand.Rand
	d        *district
	calendar *worktime.Calendar
	week     visit.Campaign // of visits to everybody
	survey   visit.Campaign // along a chain
	surveyed string         // the chain's code
	past     []service.PastVisit
}

// visits lets the managers go to everybody: where a ticket came in by a visit,
// that is the visit; the others are spread over the year, some of them in a
// campaign.
func visits(ctx context.Context, svc *service.Service, now *clock.Manual, d *district, calendar *worktime.Calendar) error {
	v := &visiting{svc: svc, r: source(11), d: d, calendar: calendar}
	now.Set(time.Date(2022, time.December, 26, 9, 0, 0, 0, svc.Zone()))
	if err := v.campaigns(ctx); err != nil {
		return err
	}
	now.Set(Morning(svc.Zone()))
	visited, err := v.found(ctx)
	if err != nil {
		return err
	}
	for _, e := range d.enterprises {
		if !visited[e.id] {
			v.add(e, "", v.someMorning())
		}
		for _, id := range e.projects {
			v.add(e, id, v.someMorning())
		}
	}
	slices.SortStableFunc(v.past, func(a, b service.PastVisit) int { return a.Record.VisitedAt.Compare(*b.Record.VisitedAt) })
	return svc.CarryOverVisits(ctx, v.past)
}

func (v *visiting) campaigns(ctx context.Context) error {
	day := func(month time.Month, day int) worktime.Date {
		return worktime.Date{Year: 2023, Month: month, Day: day}
	}
	chains, err := v.svc.Chains().List(ctx, ticket.System, service.EntryFilter{Limit: 1})
	if err != nil {
		return err
	}
	v.surveyed = chains[0].Code
	if v.week, err = v.svc.Campaigns().Create(ctx, ticket.System, visit.Campaign{
		Code: "2023-W1", Name: "新春集中走访周", Kind: visit.Week, FromDate: day(time.February, 6), ToDate: day(time.February, 17), Targets: visit.Roster,
		Note: "看复工、问用工，能当场答复的当场答复。",
	}); err != nil {
		return err
	}
	if v.survey, err = v.svc.Campaigns().Create(ctx, ticket.System, visit.Campaign{
		Code: "2023-S1", Name: "链上千企蹲点调研", Kind: visit.Survey, FromDate: day(time.May, 8), ToDate: day(time.June, 30), Targets: visit.Roster, ChainID: chains[0].ID,
		Questions: []visit.Question{
			{Text: "今年订单比去年怎么样？", Kind: visit.Choice, Part: visit.Owner, Choices: []string{"多了", "差不多", "少了"}},
			{Text: "还缺多少人？", Kind: visit.Number, Part: visit.Manager},
			{Text: "上下班路上最不方便的是什么？", Kind: visit.Text, Part: visit.Worker},
		},
	}); err != nil {
		return err
	}
	_, err = v.svc.Campaigns().Create(ctx, ticket.System, visit.Campaign{
		Code: "2023-W2", Name: "冬季集中走访周", Kind: visit.Week, FromDate: day(time.October, 30), ToDate: day(time.November, 10), Targets: visit.Projects,
	})
	return err
}

// found are the visits at which the year's tickets were found, which say whom
// they were to.
func (v *visiting) found(ctx context.Context) (map[string]bool, error) {
	begin, end := v.svc.Between(worktime.Date{Year: 2023, Month: time.January, Day: 1}, LastDay)
	filed, err := v.svc.Tickets(ctx, ticket.System, service.TicketFilter{Source: string(ticket.SourceVisit), FiledFrom: begin, FiledBefore: end})
	if err != nil {
		return nil, err
	}
	byID := map[string]*enterprise{}
	for _, e := range v.d.enterprises {
		byID[e.id] = e
	}
	visited := map[string]bool{}
	for _, t := range slices.Backward(filed) {
		e := byID[t.EnterpriseID]
		at := t.FiledAt.Add(-time.Duration(10+v.r.IntN(40)) * time.Minute).Truncate(time.Minute)
		record := v.record(e, t.ProjectID, at)
		record.Findings = []visit.NewFinding{{Text: t.Description, Category: t.Category}}
		v.past = append(v.past, service.PastVisit{VisitorID: t.FiledBy, Record: record, TicketIDs: []string{t.ID}})
		visited[e.id] = true
	}
	return visited, nil
}

// someMorning draws a moment at which managers go: in office hours of a working
// day.
func (v *visiting) someMorning() time.Time {
	first := worktime.Date{Year: 2023, Month: time.January, Day: 3}
	for {
		day := first.AddDays(v.r.IntN(301))
		if LastDay.Before(day) || !v.calendar.IsWorking(day) {
			continue
		}
		return day.In(v.svc.Zone()).Add(9*time.Hour + time.Duration(v.r.IntN(8*60))*time.Minute)
	}
}

func (v *visiting) add(e *enterprise, projectID string, at time.Time) {
	v.past = append(v.past, service.PastVisit{VisitorID: e.manager.ID, Record: v.record(e, projectID, at)})
}

// seen and doing are what managers write of a visit.
var (
	seen = []string{
		"车间在正常生产，%s。", "到厂里看了生产线，%s。", "和负责人谈了半小时，%s。", "走访了厂房和宿舍，%s。", "看了新上的设备，%s。",
	}
	doing = []string{
		"订单排到下个月", "今年的订单和去年差不多", "正在招人", "新产品在试样", "用电用水都正常", "在准备申报项目", "上半年的贷款已经续上", "员工比较稳定", "厂区在做安全整改，快完了",
	}
)

func (v *visiting) record(e *enterprise, projectID string, at time.Time) visit.Record {
	record := visit.Record{
		EnterpriseID: e.id, ProjectID: projectID, VisitedAt: &at, Location: "企业厂区",
		Seen: fmt.Sprintf(pick(v.r, seen), pick(v.r, doing)+"，"+pick(v.r, doing)),
	}
	day := worktime.DateOf(at)
	in := func(c visit.Campaign) bool { return !day.Before(c.FromDate) && !c.ToDate.Before(day) }
	switch {
	case projectID == "" && in(v.week):
		record.CampaignID = v.week.ID
	case projectID == "" && in(v.survey) && slices.Contains(e.Chains, v.surveyed) && v.r.IntN(2) == 0:
		record.CampaignID = v.survey.ID
		record.Answers = []visit.NewAnswer{
			{Number: 1, Text: pick(v.r, v.survey.Questions[0].Choices)}, {Number: 2, Text: fmt.Sprint(v.r.IntN(30))}, {Number: 3, Text: pick(v.r, []string{"公交班次少", "停车难", "没有什么"})},
		}
	}
	return record
}
