package service

import (
	"context"

	"whistle/internal/directory"
	"whistle/internal/tabular"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// projectImport has a project's own columns, and three for each step.
var projectImport = append([]tabular.Column{
	{Key: "code", Names: []string{"编码", "项目编码", "项目编号"}, Required: true},
	{Key: "name", Names: []string{"名称", "项目名称", "项目"}, Required: true},
	{Key: "enterprise", Names: []string{"企业", "企业名称", "统一社会信用代码", "企业编号", "enterprise_id"}, Required: true},
},
	append(append(append(
		milestoneImport(directory.Signing, "签约"),
		milestoneImport(directory.Start, "开工")...),
		milestoneImport(directory.Completion, "竣工")...),
		milestoneImport(directory.Operation, "投产")...)...)

func milestoneImport(kind directory.MilestoneKind, name string) []tabular.Column {
	return []tabular.Column{
		{Key: string(kind) + "_planned_day", Names: []string{name + "计划日期", "计划" + name + "日期", "计划" + name}},
		{Key: string(kind) + "_done_day", Names: []string{name + "完成日期", "实际" + name + "日期", "实际" + name}},
		{Key: string(kind) + "_note", Names: []string{name + "备注"}},
	}
}

func projectIndex(ctx context.Context, s *Service) (*index, []directory.Project, error) {
	return indexOf(ctx, s, "key project", func(p *directory.Project) (codes, names []string) { return []string{p.Code}, []string{p.Name} })
}

// projects takes in key projects, which go by their codes, and their milestones.
// A step without a planned day is left as it is.
func (run *importRun) projects(ctx context.Context) (take, error) {
	e := run.s.Projects()
	_, all, err := indexOf(ctx, run.s, "key project", func(p *directory.Project) (codes, names []string) { return []string{p.Code}, nil })
	if err != nil {
		return nil, err
	}
	byCode, ids := map[string]*directory.Project{}, make([]string, len(all))
	for i := range all {
		byCode[all[i].Code], ids[i] = &all[i], all[i].ID
	}
	milestones, err := run.s.store.Milestones(ctx, ids)
	if err != nil {
		return nil, err
	}
	enterprises, _, err := enterpriseIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	columns := map[string]string{"enterprise_id": "enterprise"}
	return func(ctx context.Context, row *importRow) (outcome, error) {
		code := row.required("code")
		run.once(row, "code", code)
		there := byCode[code]
		p := e.Blank()
		if there != nil {
			p = *there
		}
		p.Code, p.Name = code, row.required("name")
		if row.required("enterprise") != "" {
			p.EnterpriseID = enterprises.refer(row, "enterprise")
		}
		steps := run.steps(row, milestones[p.ID])
		what, err := put(ctx, run, e, row, "code", columns, there, &p)
		if err != nil || row.bad() {
			return what, err
		}
		for _, step := range steps {
			before, planned := milestones[p.ID].Of(step.kind)
			after, err := run.s.saveMilestone(ctx, run.actor, p.ID, step.kind, before, planned, step.said)
			if err != nil {
				return what, err
			}
			if what == unchanged && (!planned || after != before) {
				what = changed
			}
		}
		return what, nil
	}, nil
}

// importedStep is what a row says of a milestone.
type importedStep struct {
	kind directory.MilestoneKind
	said MilestoneInput
}

// steps reads the milestones of a row, beside those that are there.
func (run *importRun) steps(row *importRow, there directory.Milestones) []importedStep {
	var steps []importedStep
	for _, kind := range directory.MilestoneKinds() {
		column := func(key string) string { return string(kind) + "_" + key }
		before, known := there.Of(kind)
		planned, said := row.day(column("planned_day")), saidOf(before)
		set(run, column("done_day"), &said.DoneDay, func() *worktime.Date { return row.day(column("done_day")) })
		set(run, column("note"), &said.Note, func() string { return row.text(column("note")) })
		switch {
		case planned != nil:
			said.PlannedDay = *planned
		case !known && (said.DoneDay != nil || said.Note != ""):
			row.fault(column("planned_day"), "is blank; write for when it was planned")
			continue
		case !known:
			continue
		}
		run.blame(row, column("planned_day"), map[string]string{"done_day": column("done_day"), "note": column("note")},
			append(ticket.CheckTags(said), run.s.milestoneFaults(said)...))
		steps = append(steps, importedStep{kind, said})
	}
	return steps
}
