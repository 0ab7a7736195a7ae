package service_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/tabular"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// refusal is the code of a refusal; "" for none.
func refusal(err error) ticket.Code {
	var known *ticket.Error
	if errors.As(err, &known) {
		return known.Code
	}
	return ""
}

// TestMilestones: the team plans and reaches them, a missed one stays red
// whatever is planned later, and who came too late is told.
func TestMilestones(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) { // on 18 September
		ctx, plant, team := t.Context(), o.Projects["plant"], o.Actor(t, "team-member")
		save := func(who string, kind directory.MilestoneKind, seen time.Time, in service.MilestoneInput) (directory.Milestone, error) {
			return o.SaveMilestone(ctx, o.Actor(t, who), plant, kind, seen, in)
		}
		late := service.MilestoneInput{PlannedDay: date("2023-09-17"), Note: "等环评"}
		first, err := save("team-member", directory.Start, time.Time{}, late)
		if err != nil || first.FirstPlannedDay != late.PlannedDay {
			t.Fatal(first, err)
		}
		for _, in := range []struct {
			kind directory.MilestoneKind
			day  worktime.Date
		}{{directory.Completion, date("2023-10-18")}, {directory.Operation, date("2023-10-19")}} {
			if _, err := save("desk", in.kind, time.Time{}, service.MilestoneInput{PlannedDay: in.day}); err != nil {
				t.Fatal(err)
			}
		}
		for who, want := range map[string]ticket.Code{
			"lead-head": ticket.CodeForbidden, "leader": ticket.CodeForbidden, "own": ticket.CodeForbidden, "manager": ticket.CodeForbidden,
			"stranger": ticket.CodeNotFound, "guest": ticket.CodeNotFound,
		} {
			if _, err := save(who, directory.Start, time.Time{}, late); refusal(err) != want {
				t.Errorf("%s: %v, want %s", who, err, want)
			}
		}
		tomorrow := date("2023-09-19")
		if _, err := save("team-member", directory.Start, time.Time{}, service.MilestoneInput{PlannedDay: late.PlannedDay, DoneDay: &tomorrow}); refusal(err) != ticket.CodeInvalidValue {
			t.Errorf("reached tomorrow: %v", err)
		}
		if _, err := save("team-member", directory.Start, time.Time{}, service.MilestoneInput{Note: strings.Repeat("长", 1001)}); refusal(err) != ticket.CodeInvalidForm {
			t.Errorf("without a day: %v", err)
		}

		lights := func(want map[directory.MilestoneKind]ticket.Light, project ticket.Light) {
			t.Helper()
			page, err := o.ProjectPage(ctx, team, plant)
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range page.Milestones {
				if step.Planned && step.Light != want[step.Kind] {
					t.Errorf("%s is %q, want %q", step.Kind, step.Light, want[step.Kind])
				}
			}
			for _, light := range []ticket.Light{ticket.Red, ticket.Yellow, ticket.Green} {
				found, err := o.Service.Projects().List(ctx, team, service.EntryFilter{Project: service.ProjectFilter{Light: light}})
				if err != nil || (len(found) == 1) != (light == project) || page.Light != project {
					t.Errorf("projects in %s: %v, %v; the page says %q, want %q", light, found, err, page.Light, project)
				}
				listed, err := o.Milestones(ctx, team, service.MilestoneFilter{Light: light})
				n := 0
				for _, l := range want {
					if l == light {
						n++
					}
				}
				if err != nil || len(listed) != n {
					t.Errorf("milestones in %s: %d, %v, want %d", light, len(listed), err, n)
				}
			}
		}
		lights(map[directory.MilestoneKind]ticket.Light{directory.Start: ticket.Red, directory.Completion: ticket.Yellow, directory.Operation: ticket.Green}, ticket.Red)

		o.Clock.Advance(24 * time.Hour)
		moved := service.MilestoneInput{PlannedDay: date("2023-12-31"), Note: "等环评"}
		second, err := save("team-member", directory.Start, first.UpdatedAt, moved)
		if err != nil || second.FirstPlannedDay != late.PlannedDay || second.PlannedDay != moved.PlannedDay {
			t.Fatal(second, err)
		}
		lights(map[directory.MilestoneKind]ticket.Light{directory.Start: ticket.Red, directory.Completion: ticket.Yellow, directory.Operation: ticket.Yellow}, ticket.Red)
		var stale *service.Stale
		if _, err := save("desk", directory.Start, first.UpdatedAt, late); !errors.As(err, &stale) || len(stale.Changes) != 1 {
			t.Errorf("too late: %v", err)
		}
		page, err := o.ProjectPage(ctx, team, plant)
		if err != nil {
			t.Fatal(err)
		}
		start := page.Milestones[1]
		if len(start.Moves) != 1 || start.Moves[0].From != "2023-09-17" || start.Moves[0].To != "2023-12-31" || start.Moves[0].By != "team-member" {
			t.Errorf("moves: %+v", start.Moves)
		}
		if len(page.Team) != 1 || page.Team[0].Name != "team-member" || !page.MayPlan {
			t.Errorf("team: %+v", page.Team)
		}

		today := date("2023-09-19")
		moved.DoneDay = &today
		if reached, err := save("team-member", directory.Start, time.Time{}, moved); err != nil || !reached.Missed(today) {
			t.Errorf("reached: %+v, %v", reached, err)
		}
		if again, err := save("team-member", directory.Start, time.Time{}, moved); err != nil || again.UpdatedAt.After(second.UpdatedAt.Add(time.Hour)) {
			t.Errorf("again: %+v, %v", again, err)
		}
		lights(map[directory.MilestoneKind]ticket.Light{directory.Completion: ticket.Yellow, directory.Operation: ticket.Yellow}, ticket.Yellow)
		n, err := o.CountProjects(ctx, o.Actor(t, "leader"), service.MilestoneFilter{ChainID: o.Chains["chips"], PlaceID: o.Places["town"]})
		if err != nil || n.Projects != (service.LightCount{Count: 1, Yellow: 1}) || n.Milestones != (service.LightCount{Count: 2, Yellow: 2}) {
			t.Errorf("%+v, %v", n, err)
		}
		if n, err := o.CountProjects(ctx, o.Actor(t, "stranger"), service.MilestoneFilter{}); err != nil || n.Projects.Count != 0 {
			t.Errorf("a stranger counts %+v, %v", n, err)
		}
	})
}

// TestProjectPageHidesSecrets: the team sees the project's tickets, but no
// trade secret among them.
func TestProjectPageHidesSecrets(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		ctx := t.Context()
		for title, confidential := range map[string]bool{"公开的": false, "秘密的": true} {
			in := ticket.SubmitInput{Title: title, Description: title, Category: "labour", ProjectID: o.Projects["plant"], Confidential: confidential}
			if _, err := o.File(ctx, o.Actor(t, "own"), in); err != nil {
				t.Fatal(err)
			}
		}
		for who, want := range map[string][]string{"team-member": {"公开的"}, "tax-officer": nil, "leader": {"公开的", "秘密的"}, "own": {"公开的", "秘密的"}, "manager": {"公开的"}} {
			page, err := o.ProjectPage(ctx, o.Actor(t, who), o.Projects["plant"])
			if err != nil {
				t.Fatal(err)
			}
			var titles []string
			for _, row := range page.Open {
				titles = append(titles, row.Title)
			}
			slices.Sort(titles)
			if !slices.Equal(titles, want) || page.Lit.Count != len(want) {
				t.Errorf("%s sees %v, counts %d; want %v", who, titles, page.Lit.Count, want)
			}
		}
	})
}

// TestImportProjects: a table of projects with their milestones, twice, and
// with every fault at its cell.
func TestImportProjects(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		ctx := t.Context()
		const table = "项目编号,项目名称,企业,计划签约日期,实际签约日期,计划开工,开工备注\n" +
			"plant,封装厂扩建,甲科技有限公司,2023-01-31,2023-02-03,2023/9/17,等环评\n" +
			"farm,稻米烘干中心,乙农业合作社,2023-12-01,,,\n"
		if r := importInto(t, o.Service.Service, service.ImportProjects, table); r.Added != 1 || r.Changed != 1 || r.Bad != 0 || !r.Applied {
			t.Fatalf("%s, %v", counts(r), r.Faults.Err())
		}
		if r := importInto(t, o.Service.Service, service.ImportProjects, table); r.Unchanged != 2 || r.Bad != 0 {
			t.Fatalf("again: %s, %v", counts(r), r.Faults.Err())
		}
		rows, err := o.Milestones(ctx, o.Actor(t, "desk"), service.MilestoneFilter{})
		if err != nil || len(rows) != 3 || rows[0].Kind != directory.Signing || !rows[0].Missed || rows[1].Light != ticket.Red || rows[1].Note != "等环评" || rows[2].Project.Code != "farm" {
			t.Errorf("%+v, %v", rows, err)
		}
		later := strings.Replace(table, "2023/9/17", "2023-12-31", 1)
		o.Clock.Advance(24 * time.Hour)
		if r := importInto(t, o.Service.Service, service.ImportProjects, later); r.Changed != 1 || r.Unchanged != 1 {
			t.Fatalf("moved: %s, %v", counts(r), r.Faults.Err())
		}
		if reds, err := o.Milestones(ctx, o.Actor(t, "desk"), service.MilestoneFilter{Light: ticket.Red}); err != nil || len(reds) != 1 || reds[0].FirstPlannedDay != date("2023-09-17") {
			t.Errorf("%+v, %v", reds, err)
		}

		const bad = "项目编号,项目名称,企业,计划签约日期,实际签约日期\n" +
			"a,甲,没有的企业,2023-13-01,\n" +
			"b,,乙农业合作社,,2023-01-01\n" +
			"c,丙,乙农业合作社,2023-01-01,2024-01-01\n" +
			"c,丁,乙农业合作社,2023-01-01,\n"
		r := importInto(t, o.Service.Service, service.ImportProjects, bad)
		if r.Applied || r.Bad != 4 || len(r.Faults.List) != 6 {
			t.Errorf("%s, %v", counts(r), r.Faults.Err())
		}

		var written strings.Builder
		if n, err := o.Service.Projects().Export(ctx, o.Actor(t, "desk"), service.EntryFilter{}, service.ExportTo{W: &written, Format: tabular.CSV, Language: text.English}); n != 2 || err != nil {
			t.Fatal(n, err)
		}
		if r := importInto(t, o.Service.Service, service.ImportProjects, written.String()); r.Unchanged != 2 {
			t.Errorf("read back: %s, %v", counts(r), r.Faults.Err())
		}
	})
}
