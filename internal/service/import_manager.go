package service

import (
	"context"

	"whistle/internal/directory"
	"whistle/internal/tabular"
	"whistle/internal/worktime"
)

var managerImport = []tabular.Column{
	{Key: "enterprise", Names: []string{"企业", "企业名称", "统一社会信用代码", "企业编号"}, Required: true},
	{Key: "user", Names: []string{"用户名", "账号", "服务经理", "姓名", "username"}, Required: true},
	{Key: "part", Names: []string{"职责", "任职"}, Required: true},
	{Key: "from_date", Names: []string{"开始日期", "起始日期", "从"}},
	{Key: "to_date", Names: []string{"结束日期", "截止日期", "到"}},
}

var managerParts = spoken("assignment_part", vocabulary[string]{
	{directory.Guide, []string{"指导员"}},
	{directory.Contact, []string{"联络员"}},
})

// managers takes in who looks after which enterprise. A row goes by the
// enterprise, the account, the part and the first day; where that is left blank,
// today's is meant.
func (run *importRun) managers(ctx context.Context) (take, error) {
	enterprises, _, err := enterpriseIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	users, err := userIndex(ctx, run.s, anyRole)
	if err != nil {
		return nil, err
	}
	columns := map[string]string{"user_id": "user", "target_id": "enterprise"}
	return func(ctx context.Context, row *importRow) (outcome, error) {
		in := NewAssignment{Kind: directory.ManagerOf, FromDate: row.day("from_date"), ToDate: row.day("to_date")}
		if row.required("enterprise") != "" {
			in.TargetID = enterprises.refer(row, "enterprise")
		}
		if row.required("user") != "" {
			in.UserID = users.refer(row, "user")
		}
		if row.required("part") != "" {
			in.Part = word(row, "part", managerParts, "")
		}
		if in.FromDate != nil && in.ToDate != nil && in.ToDate.Before(*in.FromDate) {
			row.fault("to_date", "must not be before the first day")
		}
		if row.bad() {
			return unchanged, nil
		}
		run.once(row, "user", in.UserID+" "+in.TargetID+" "+dayText(in.FromDate))
		theirs, err := run.s.store.AssignmentsOf(ctx, directory.ManagerOf, []string{in.UserID})
		if err != nil || row.bad() {
			return unchanged, err
		}
		for _, a := range theirs[in.UserID] {
			switch {
			case a.TargetID != in.TargetID || a.Part != in.Part:
			case in.FromDate != nil && *in.FromDate != a.FromDate, in.FromDate == nil && a.ToDate != nil && a.ToDate.Before(run.s.today()):
			case !run.from.Has("to_date") || dayText(a.ToDate) == dayText(in.ToDate):
				return unchanged, nil
			default:
				_, err := run.s.ChangeAssignment(ctx, run.actor, a.ID, in.ToDate)
				return changed, run.refused(row, "user", columns, err)
			}
		}
		_, err = run.s.CreateAssignment(ctx, run.actor, in)
		return added, run.refused(row, "user", columns, err)
	}, nil
}

// day reads a cell that holds a day; nil for a blank one.
func (r *importRow) day(column string) *worktime.Date {
	return noting(r, column, func(c string) *worktime.Date {
		at, ok := r.Date(c)
		if !ok {
			return nil
		}
		day := worktime.DateOf(at)
		r.understood(c, ImportCell{Text: day.String()})
		return &day
	})
}

func dayText(day *worktime.Date) string {
	if day == nil {
		return ""
	}
	return day.String()
}
