package service_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/tabular"
	"whistle/internal/testkit"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

func stationDistrict(t *testing.T, test func(t *testing.T, d *testkit.District)) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		test(t, testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00")))
	})
}

// What somebody files counts for the station at which they are on that day, and
// for no other.
func TestFiledOnTheDaysOfStaff(t *testing.T) {
	stationDistrict(t, func(t *testing.T, d *testkit.District) {
		ctx := t.Context()
		other, err := d.Service.Departments().Create(ctx, ticket.System, directory.Department{Code: "point", Name: "服务点", Kind: directory.Station, StationKind: directory.ServicePoint, Summonable: true})
		if err != nil {
			t.Fatal(err)
		}
		staff := d.Actor(t, "station-staff")
		file := func(title string) {
			t.Helper()
			in := ticket.SubmitInput{EnterpriseID: d.Enterprises["own"], Title: title, Description: "小站代提", Category: "technology"}
			if _, err := d.File(ctx, staff, in); err != nil {
				t.Fatal(err)
			}
		}
		file("甲站的")
		d.Clock.Set(testkit.Moment(t, "2023-09-27 17:00"))
		rows, err := d.Assignments(ctx, ticket.System, service.AssignmentFilter{Kind: directory.StaffOf, UserID: staff.ID})
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		if err := d.RetireAssignment(ctx, ticket.System, rows[0].ID); err != nil {
			t.Fatal(err)
		}
		d.Clock.Set(testkit.Moment(t, "2023-09-28 10:00"))
		if _, err := d.CreateAssignment(ctx, ticket.System, service.NewAssignment{Kind: directory.StaffOf, UserID: staff.ID, TargetID: other.ID, Part: directory.EnterpriseSteward}); err != nil {
			t.Fatal(err)
		}
		staff.Stations = []string{other.ID}
		file("乙站的")
		file("也是乙站的")
		desk := d.Actor(t, "desk")
		for id, want := range map[string]int{d.Departments["station"]: 1, other.ID: 2} {
			v, err := d.Station(ctx, desk, id)
			if err != nil {
				t.Fatal(err)
			}
			filed, err := d.StationTickets(ctx, desk, id, service.StationFiled, nil, 10)
			if err != nil || v.Tickets.Filed != want || len(filed) != want {
				t.Errorf("%s: %d filed, %d rows, want %d (%v)", v.Name, v.Tickets.Filed, len(filed), want, err)
			}
		}
		if v, err := d.Station(ctx, desk, d.Departments["station"]); err != nil || len(v.Staff) != 0 {
			t.Errorf("who has left is still there: %v, %v", v.Staff, err)
		}
	})
}

// An enterprise finds the stations of its place and of what that is part of.
func TestStationsNear(t *testing.T) {
	stationDistrict(t, func(t *testing.T, d *testkit.District) {
		ctx := t.Context()
		village, err := d.Service.Places().Create(ctx, ticket.System, directory.Place{Code: "village", Name: "村", ParentID: d.Places["town"]})
		if err != nil {
			t.Fatal(err)
		}
		far, err := d.Service.Places().Create(ctx, ticket.System, directory.Place{Code: "far", Name: "远镇"})
		if err != nil {
			t.Fatal(err)
		}
		for code, place := range map[string]string{"near": village.ID, "afar": far.ID, "nowhere": ""} {
			if _, err := d.Service.Departments().Create(ctx, ticket.System, directory.Department{Code: code, Name: code, Kind: directory.Station, PlaceID: place}); err != nil {
				t.Fatal(err)
			}
		}
		near, others, err := d.StationsNear(ctx, d.Actor(t, "own"))
		if err != nil {
			t.Fatal(err)
		}
		codes := func(all []service.StationView) string {
			var codes []string
			for _, v := range all {
				codes = append(codes, v.Code)
				if v.Tickets != nil {
					t.Errorf("an enterprise is told what %s has to do with", v.Code)
				}
			}
			return strings.Join(codes, " ")
		}
		if codes(near) != "near station" || codes(others) != "afar nowhere" {
			t.Errorf("near: %s; others: %s", codes(near), codes(others))
		}
		if i := slices.IndexFunc(near, func(v service.StationView) bool { return v.Code == "station" }); i >= 0 && len(near[i].Staff) != 1 {
			t.Errorf("whom to call: %v", near[i].Staff)
		}
	})
}

// The experts who fit a ticket best are offered first; who has no account
// cannot be invited.
func TestExpertsFor(t *testing.T) {
	stationDistrict(t, func(t *testing.T, d *testkit.District) {
		ctx := t.Context()
		for _, e := range []directory.Expert{
			{Name: "丙", Kind: directory.University, Organisation: "某大学", UserID: d.Users["guest"].ID},
			{Name: "乙", Kind: directory.University, Organisation: "某大学", UserID: d.Users["expert"].ID, Categories: []string{"technology"}, Chains: []string{d.Chains["chips"]}},
			{Name: "甲", Kind: directory.University, Organisation: "某大学", Categories: []string{"technology"}},
		} {
			if _, err := d.Experts().Create(ctx, ticket.System, e); err != nil {
				t.Fatal(err)
			}
		}
		filed, err := d.File(ctx, d.Actor(t, "own"), ticket.SubmitInput{Title: "卡住了", Description: "精度", Category: "technology"})
		if err != nil {
			t.Fatal(err)
		}
		fitting, err := d.ExpertsFor(ctx, d.Actor(t, "lead-head"), filed)
		if err != nil || len(fitting) != 2 || fitting[0].Name != "乙" || !fitting[0].Category || len(fitting[0].ChainIDs) != 1 || fitting[1].Category {
			t.Errorf("%+v, %v", fitting, err)
		}
	})
}

// Stations, their staff and experts are taken in with faults by row, and an
// export is read back to nothing new, in either language.
func TestImportStationsAndExperts(t *testing.T) {
	stationDistrict(t, func(t *testing.T, d *testkit.District) {
		ctx, desk := t.Context(), d.Actor(t, "desk")
		for _, c := range []struct {
			kind         service.ImportKind
			table        string
			want, faults string
		}{
			{service.ImportDepartments, "编码,名称,类型,站点类型,所在地,服务内容\nx1,一号服务点,站点,服务点,桥头镇,计量、标准\nx2,某局,部门,服务点,,\nx3,二号服务点,站点,小铺,无此镇,算命\n", "1 0 0 2", "3 站点类型|4 站点类型|4 所在地|4 服务内容"},
			{service.ImportDepartments, "编码,名称,类型,站点类型,所在地,服务内容\nx1,一号服务点,站点,服务点,桥头镇,计量、标准\n", "1 0 0 0", ""},
			{service.ImportStaff, "站点,用户名,身份,开始日期\n一号服务点,land-officer,企业管家,2023-09-27\n一号服务点,nobody,质量管家,\n无此站,land-head,,昨天\n", "1 0 0 2", "3 用户名|4 站点|4 身份|4 开始日期"},
			{service.ImportStaff, "站点,用户名,身份\n一号服务点,land-head,质量管家\n", "0 0 0 1", "2 身份"},
			{service.ImportStaff, "站点,用户名,身份,开始日期\n一号服务点,land-officer,企业管家,2023-09-27\n", "1 0 0 0", ""},
			{service.ImportStaff, "站点,用户名,身份,开始日期,结束日期\n一号服务点,land-officer,企业管家,2023-09-27,2023-12-31\n", "0 1 0 0", ""},
			{service.ImportExperts, "姓名,单位,单位类型,区内,专长,类别,产业链,账号\n钟教授,江渚大学,高校,否,遥感、识别,技术,集成电路,expert\n李工,某院,寺庙,也许,,算命,无此链,desk\n", "1 0 0 1", "3 单位类型|3 区内|3 类别|3 产业链|3 账号"},
			{service.ImportExperts, "姓名,单位,单位类型,区内,专长,类别,产业链,账号\n钟教授,江渚大学,高校,否,遥感、识别,技术,集成电路,expert\n", "1 0 0 0", ""},
		} {
			r := importInto(t, d.Service.Service, c.kind, c.table)
			if got := strings.Join(faultsOf(r), "|"); counts(r) != c.want || got != c.faults {
				t.Errorf("%s\n%s%s at %s, want %s at %s: %v", c.kind, c.table, counts(r), got, c.want, c.faults, r.Faults.List)
			}
		}
		for kind, write := range map[service.ImportKind]func(service.ExportTo) (int, error){
			service.ImportDepartments: func(to service.ExportTo) (int, error) {
				return d.Service.Departments().Export(ctx, desk, service.EntryFilter{All: true}, to)
			},
			service.ImportStaff: func(to service.ExportTo) (int, error) { return d.ExportStaff(ctx, desk, service.StationFilter{}, to) },
			service.ImportExperts: func(to service.ExportTo) (int, error) {
				return d.Experts().Export(ctx, desk, service.EntryFilter{All: true}, to)
			},
		} {
			for _, language := range text.Languages() {
				var b bytes.Buffer
				n, err := write(service.ExportTo{W: &b, Format: tabular.CSV, Language: language})
				if err != nil || n == 0 {
					t.Fatalf("%s: %d rows, %v", kind, n, err)
				}
				if r := importInto(t, d.Service.Service, kind, b.String()); r.Unchanged != n || r.Bad != 0 {
					t.Errorf("%s in %s is read back as %s of %d: %v\n%s", kind, language, counts(r), n, r.Faults.List, b.String())
				}
			}
		}
	})
}
