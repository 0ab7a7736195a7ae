package service

import (
	"context"

	"whistle/internal/directory"
	"whistle/internal/tabular"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

var staffImport = []tabular.Column{
	{Key: "station", Names: []string{"站点", "站点名称"}, Required: true},
	{Key: "user", Names: []string{"用户名", "账号", "人员", "user name"}, Required: true},
	{Key: "part", Names: []string{"岗位", "身份", "角色"}, Required: true},
	{Key: "from_date", Names: []string{"开始日期", "起始日期"}},
	{Key: "to_date", Names: []string{"结束日期", "截止日期"}},
}

var stationKinds = spoken("station_kind", vocabulary[directory.StationKind]{
	{directory.ServiceCenter, []string{"党群服务中心", "中心"}},
	{directory.ServiceStation, []string{"服务站", "站点"}},
	{directory.ServicePoint, []string{"服务点"}},
	{directory.QualityStation, []string{"质量小站"}},
})

var stationServices = func() lexicon[string] {
	all := make(vocabulary[string], len(directory.StationServices()))
	for i, code := range directory.StationServices() {
		all[i].code = code
	}
	return spoken("station_service", all)
}()

var staffParts = func() lexicon[string] {
	all := make(vocabulary[string], len(directory.AllStaffParts()))
	for i, code := range directory.AllStaffParts() {
		all[i].code = code
	}
	return spoken("assignment_part", all)
}()

// userIndex finds the accounts that something can be made of outside of
// enterprises, by user name and by name.
func userIndex(ctx context.Context, s *Service, may func(ticket.Role) bool) (*index, error) {
	users, err := s.store.Users(ctx, ticket.System, UserFilter{Retired: true})
	if err != nil {
		return nil, err
	}
	known := newIndex("account")
	for _, u := range users {
		if may(u.Role) {
			known.add(u.ID, u.Retired(), []string{u.Username}, u.Name)
		}
	}
	return known, nil
}

// mayStaff says whether accounts of a role may be at a station.
func mayStaff(role ticket.Role) bool {
	return role != ticket.RoleEnterprise && role != ticket.RoleAdmin
}

// staff takes in who is at which station. Somebody who is there already, with
// the same part, has the last day that the row says.
func (run *importRun) staff(ctx context.Context) (take, error) {
	stations, _, err := departmentIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	users, err := userIndex(ctx, run.s, mayStaff)
	if err != nil {
		return nil, err
	}
	columns := map[string]string{"target_id": "station", "user_id": "user"}
	return func(ctx context.Context, row *importRow) (outcome, error) {
		in := NewAssignment{Kind: directory.StaffOf}
		if row.required("station") != "" {
			in.TargetID = stations.refer(row, "station")
		}
		if row.required("user") != "" {
			in.UserID = users.refer(row, "user")
		}
		if row.required("part") != "" {
			in.Part = word(row, "part", staffParts, "")
		}
		in.FromDate, in.ToDate = row.day("from_date"), row.day("to_date")
		if in.TargetID != "" && in.UserID != "" {
			run.once(row, "user", in.TargetID+" "+in.UserID)
		}
		if row.bad() {
			return unchanged, nil
		}
		there, err := run.s.store.AssignmentList(ctx, ticket.System, AssignmentFilter{Kind: directory.StaffOf, UserID: in.UserID, TargetID: in.TargetID})
		if err != nil {
			return unchanged, err
		}
		for _, a := range there {
			if a.Part != in.Part || in.FromDate != nil && a.FromDate != *in.FromDate {
				continue // the rules say whether both may be
			}
			if sameDay(a.ToDate, in.ToDate) {
				return unchanged, nil
			}
			_, err := run.s.ChangeAssignment(ctx, run.actor, a.ID, in.ToDate)
			return changed, run.refused(row, "user", columns, err)
		}
		_, err = run.s.CreateAssignment(ctx, run.actor, in)
		return added, run.refused(row, "user", columns, err)
	}, nil
}

func sameDay(a, b *worktime.Date) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
