package service_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"whistle/internal/directory"
	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/tabular"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

func (d *district) importText(t *testing.T, kind service.ImportKind, text string, o service.ImportOptions) *service.ImportResult {
	t.Helper()
	from, err := tabular.New("table", strings.NewReader(text), service.ImportColumns(kind))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	result, err := d.Import(t.Context(), ticket.System, kind, from, o)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// counts are an import's as "added changed unchanged bad".
func counts(r *service.ImportResult) string {
	return fmt.Sprintf("%d %d %d %d", r.Added, r.Changed, r.Unchanged, r.Bad)
}

// faultsOf are the places of an import's faults, "row column".
func faultsOf(r *service.ImportResult) []string {
	var all []string
	for _, f := range r.Faults.List {
		all = append(all, fmt.Sprintf("%d %s", f.Row, f.Column))
	}
	return all
}

// everything is all that an import could have touched.
func (d *district) everything(t *testing.T) string {
	t.Helper()
	var all []string
	for _, table := range []string{"departments", "enterprises", "users", "tokens", "policies", "tickets", "history", "audit"} {
		all = append(all, table, d.text("SELECT CAST(count(*) AS TEXT) FROM "+table))
	}
	return strings.Join(all, " ")
}

func TestImportDepartments(t *testing.T) {
	const table = `编码,名称,简称,类型,上级部门,可派单,可吹哨,经办可提交结果
gxj,工业和信息化局,工信局,部门,,是,是,是
yq-2,高新园二期,,园区,yq,否,是,
yq,高新园区,,园区,,是,,否
`
	onBoth(t, func(t *testing.T, d *district) {
		before := d.everything(t)
		if dry := d.importText(t, service.ImportDepartments, table, service.ImportOptions{DryRun: true}); dry.Applied || counts(dry) != "3 0 0 0" {
			t.Errorf("dry run: %s, %v", counts(dry), dry.Faults.Err())
		}
		if after := d.everything(t); after != before {
			t.Errorf("the dry run left %s of %s", after, before)
		}
		if first := d.importText(t, service.ImportDepartments, table, service.ImportOptions{}); !first.Applied || counts(first) != "3 0 0 0" {
			t.Fatalf("%s, %v", counts(first), first.Faults.Err())
		}
		all, err := d.Departments().List(t.Context(), ticket.System, service.EntryFilter{All: true})
		if err != nil {
			t.Fatal(err)
		}
		byCode := map[string]directory.Department{}
		for _, entry := range all {
			byCode[entry.Code] = entry
		}
		if g := byCode["gxj"]; g.Name != "工业和信息化局" || g.ShortName != "工信局" || g.Kind != directory.Bureau || !g.OfficersResolve {
			t.Errorf("%+v", g)
		}
		if y := byCode["yq-2"]; y.ParentID != byCode["yq"].ID || y.Kind != directory.Park || y.Dispatchable || !y.Summonable || y.OfficersResolve {
			t.Errorf("%+v", y)
		}

		before = d.everything(t)
		if again := d.importText(t, service.ImportDepartments, table, service.ImportOptions{}); counts(again) != "0 0 3 0" {
			t.Errorf("again: %s", counts(again))
		}
		if after := d.everything(t); after != before {
			t.Errorf("again left %s of %s", after, before)
		}

		// What the table does not have stays; what it has becomes so.
		changed := d.importText(t, service.ImportDepartments, "code,name\ngxj,工业和信息化局（新）\nyq,高新园区\n", service.ImportOptions{})
		if counts(changed) != "0 1 1 0" {
			t.Errorf("changed: %s", counts(changed))
		}
		g, err := d.Departments().Get(t.Context(), ticket.System, byCode["gxj"].ID)
		if err != nil || g.Name != "工业和信息化局（新）" || g.ShortName != "工信局" || !g.OfficersResolve {
			t.Errorf("%+v, %v", g, err)
		}

		if err := d.Departments().Retire(t.Context(), ticket.System, byCode["yq-2"].ID); err != nil {
			t.Fatal(err)
		}
		bad := d.importText(t, service.ImportDepartments, `编码,名称,类型,上级部门,可派单
a,甲,衙门,没有的,也许
a,甲二,,,
,丙,,,
yq-2,高新园二期,,,
b,乙,,b,
c,`+strings.Repeat("长", 101)+`,,yq-2,
`, service.ImportOptions{})
		want := []string{"2 类型", "2 上级部门", "2 可派单", "3 编码", "4 编码", "5 编码", "6 上级部门", "7 名称", "7 上级部门"}
		if bad.Applied || !slices.Equal(faultsOf(bad), want) {
			t.Errorf("faults at %q, not %q", faultsOf(bad), want)
		}
	})
}

func TestImportEnterprises(t *testing.T) {
	const table = `企业名称,统一社会信用代码,企业编号,类型,产业链,标签,联系人,电话
南京甲科技有限公司,91320191MA1ML4CL25,,企业,集成电路,规上、专精特新,王先生,025-1
乙农场,,F-2,家庭农场,,,,
丙种植大户,,,大户,,,,
`
	onBoth(t, func(t *testing.T, d *district) {
		if _, err := d.Chains().Create(t.Context(), ticket.System, directory.Chain{Code: "ic", Name: "集成电路"}); err != nil {
			t.Fatal(err)
		}
		if first := d.importText(t, service.ImportEnterprises, table, service.ImportOptions{}); counts(first) != "3 0 0 0" {
			t.Fatalf("%s, %v", counts(first), first.Faults.Err())
		}
		if again := d.importText(t, service.ImportEnterprises, table, service.ImportOptions{}); counts(again) != "0 0 3 0" {
			t.Errorf("again: %s", counts(again))
		}
		found, err := d.Enterprises().List(t.Context(), ticket.System, service.EntryFilter{Name: "南京甲科技有限公司"})
		if err != nil || len(found) != 1 || len(found[0].Chains) != 1 || !slices.Equal(found[0].Tags, []string{"规上", "专精特新"}) || found[0].Contact != "王先生" {
			t.Fatalf("%+v, %v", found, err)
		}
		// One that got its credit code since is still the same.
		changed := d.importText(t, service.ImportEnterprises, "name,credit code,external number\n乙农场,91440300708461136T,F-2\n", service.ImportOptions{})
		if counts(changed) != "0 1 0 0" {
			t.Errorf("changed: %s, %v", counts(changed), changed.Faults.Err())
		}
		bad := d.importText(t, service.ImportEnterprises, `企业名称,统一社会信用代码,企业编号,产业链,所在地
丁,91320191MA1ML4CL26,,量子,某街道
,91110000802100433B,,,
戊,91320191MA1ML4CL25,F-2,,
己,9144030071526726XG,,,
庚,9144030071526726XG,,,
`, service.ImportOptions{})
		want := []string{"2 统一社会信用代码", "2 产业链", "2 所在地", "3 企业名称", "4 企业编号", "6 统一社会信用代码"}
		if bad.Applied || !slices.Equal(faultsOf(bad), want) {
			t.Errorf("faults at %q, not %q", faultsOf(bad), want)
		}
	})
}

func TestImportUsers(t *testing.T) {
	const table = `用户名,姓名,角色,部门,企业,电话
wang.wu,王五,部门负责人,部门1,,025-2
li.si,李四,分办员,,,
qi.ye,赵六,企业用户,,企业2,
`
	onBoth(t, func(t *testing.T, d *district) {
		dry := d.importText(t, service.ImportUsers, table, service.ImportOptions{DryRun: true, Links: true})
		if counts(dry) != "3 0 0 0" || len(dry.Links) != 0 {
			t.Errorf("dry run: %s, %d links", counts(dry), len(dry.Links))
		}
		first := d.importText(t, service.ImportUsers, table, service.ImportOptions{Links: true})
		if counts(first) != "3 0 0 0" || len(first.Links) != 3 {
			t.Fatalf("%s, %d links, %v", counts(first), len(first.Links), first.Faults.Err())
		}
		wang, err := d.UserByName(t.Context(), "wang.wu")
		if err != nil || wang.Role != ticket.RoleHead || wang.DepartmentID != "d1" || wang.PasswordHash != "" {
			t.Errorf("%+v, %v", wang, err)
		}
		if _, err := d.UseLink(t.Context(), first.Links[0].Token, "a long enough password", ""); err != nil {
			t.Errorf("the invitation does not work: %v", err)
		}
		again := d.importText(t, service.ImportUsers, strings.Replace(table, "025-2", "025-3", 1), service.ImportOptions{Links: true})
		if counts(again) != "0 1 2 0" || len(again.Links) != 0 {
			t.Errorf("again: %s, %d links", counts(again), len(again.Links))
		}
		bad := d.importText(t, service.ImportUsers, `username,name,role,department,enterprise
Ab,甲,officer,,
zhou,,king,部门9,
zhou,乙,leader,部门1,
`, service.ImportOptions{})
		want := []string{"2 username", "2 department", "3 name", "3 role", "3 department", "4 username", "4 department"}
		if !slices.Equal(faultsOf(bad), want) {
			t.Errorf("faults at %q, not %q", faultsOf(bad), want)
		}
	})
}

const orders = `编号,企业,标题,诉求内容,类别,紧急程度,来源,商业秘密,提交时间,受理时间,牵头部门,派单时间,接单时间,答复时间,办理结果,结论,办结时间,满意度
A-1,企业1,用工难,缺二十名工人,用工,普通,电话,否,2023/8/1 9:10,2023-08-01 10:00,,,,,,,,
A-2,企业2,资金周转,贷款难,资金,紧急,热线,是,2023/8/1,,部门1,2023/8/2 9:00,2023/8/2 10:00,,,,,
A-3,企业3,用电,扩容,用能与环保,,,,2023-07-03 09:00,2023-07-03 10:00,D2,2023-07-03 11:00,2023-07-03 15:00,2023-07-05 16:00,已扩容,已解决,2023-07-06 09:30,5
A-4,企业1,修路,门口的路坏了,基础设施,,走访,,2023-07-03 09:00,,部门3,,,2023-07-20 16:00,明年列入计划,解释说明,,
`

func TestImportTickets(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		before := d.everything(t)
		dry := d.importText(t, service.ImportTickets, orders, service.ImportOptions{DryRun: true, Department: "新部门"})
		if dry.Applied || counts(dry) != "4 0 0 0" || dry.Made["department"] != 1 {
			t.Errorf("dry run: %s, %v, %v", counts(dry), dry.Made, dry.Faults.Err())
		}
		if after := d.everything(t); after != before {
			t.Errorf("the dry run left %s of %s", after, before)
		}
		first := d.importText(t, service.ImportTickets, orders, service.ImportOptions{})
		if !first.Applied || counts(first) != "4 0 0 0" || len(first.Made) != 0 {
			t.Fatalf("%s, %v, %v", counts(first), first.Made, first.Faults.Err())
		}
		views, err := d.Tickets(t.Context(), ticket.System, service.TicketFilter{})
		if err != nil || len(views) != 4 {
			t.Fatalf("%d, %v", len(views), err)
		}
		byNumber := map[string]*service.TicketView{}
		for _, v := range views {
			byNumber[v.ExternalNumber] = v
		}
		now := d.clock.Now()
		// What is still open goes on here, with its clocks.
		if a := byNumber["A-1"]; a.State != ticket.Accepted || a.Imported || a.Source != ticket.SourcePhone || a.Category != "labour" || a.Light(now) != ticket.Red {
			t.Errorf("A-1: %+v", a.Core)
		}
		if a := byNumber["A-2"]; a.State != ticket.Resolving || a.Imported || a.LeadID != "d1" || a.Urgency != ticket.Urgent || !a.Confidential ||
			!a.AcceptInferred || a.Dispatches[0].Inferred || !a.AcceptedAt.Equal(on("2023-08-01 00:00")) || !a.ClaimedAt.Equal(on("2023-08-02 10:00")) {
			t.Errorf("A-2: %+v %+v", a.Core, a.Detail)
		}
		// What was closed was so by the office's word.
		if a := byNumber["A-3"]; a.State != ticket.Closed || !a.Imported || a.Source != ticket.SourceImport || a.Outcome != ticket.Solved ||
			a.VerifiedBy != ticket.ByCallback || a.Satisfaction != 5 || a.HandlingSeconds == nil || !a.ClosedAt.Equal(on("2023-07-06 09:30")) {
			t.Errorf("A-3: %+v %+v", a.Core, a.Detail)
		}
		if a := byNumber["A-4"]; a.State != ticket.Verifying || !a.Imported || a.ClaimedOutcome != ticket.Explained || !a.Dispatches[0].Inferred || a.Light(now) != "" {
			t.Errorf("A-4: %+v", a.Core)
		}
		before = d.everything(t)
		if again := d.importText(t, service.ImportTickets, strings.ReplaceAll(orders, "用工难", "另一个标题"), service.ImportOptions{}); counts(again) != "0 0 4 0" {
			t.Errorf("again: %s", counts(again))
		}
		if after := d.everything(t); after != before {
			t.Errorf("again left %s of %s", after, before)
		}
		verified, err := d.Verify(t.Context(), func(int, int) {})
		if err != nil || len(verified.Faults) != 0 {
			t.Errorf("verify: %v, %v", err, verified.Faults)
		}
		recounted, err := d.Recount(t.Context(), func(int, int) {})
		if err != nil || !recounted.OK() {
			t.Errorf("recount: %v, %v", err, recounted.Drifts)
		}
	})
}

func TestImportTicketsFaults(t *testing.T) {
	const table = `编号,企业,标题,诉求内容,类别,紧急程度,提交时间,受理时间,牵头部门,派单时间,接单时间,答复时间,办理结果,办结时间,满意度
B-1,没有的企业,,内容,天气,很急,2023-13-01,,,,,,,,
B-2,企业1,题,内容,,,2023-08-02 09:00,2023-08-01 09:00,部门9,2023-08-03 09:00,,,,,
B-3,企业1,题,内容,,,2023-08-02 09:00,,,2023-08-03 09:00,,,,,
B-4,企业1,题,内容,,,2023-08-02 09:00,,部门1,,,2033-08-03 09:00,,,
B-5,企业1,题,内容,,,2023-08-02 09:00,,部门1,,,,办好了,,9
B-6,企业1,题,内容,,,2023-08-02 09:00,,部门1,,,,,,4
B-7,企业1,` + "%s" + `,内容,,,2023-08-02 09:00,,部门1,,,2023-08-03 09:00,%s,,
B-8,企业1,题,内容,,,2023-08-02 09:00,,,,,,,,
B-8,企业1,题,内容,,,2023-08-02 09:00,,,,,,,,
,,题,内容,,,,,,,,,,,
`
	text := fmt.Sprintf(table, strings.Repeat("长", 201), strings.Repeat("长", 20_001))
	want := []string{
		"2 企业", "2 标题", "2 类别", "2 紧急程度", "2 提交时间",
		"3 受理时间", "3 牵头部门",
		"4 牵头部门",
		"5 答复时间", "5 办理结果",
		"6 答复时间", "6 满意度",
		"7 办结时间",
		"8 标题", "8 办理结果",
		"10 编号",
		"11 编号", "11 企业", "11 提交时间",
	}
	onBoth(t, func(t *testing.T, d *district) {
		before := d.everything(t)
		bad := d.importText(t, service.ImportTickets, text, service.ImportOptions{Resolve: &ticket.Length{Amount: 3, Unit: ticket.WorkingDays}})
		if bad.Applied || bad.Bad != 9 || !slices.Equal(faultsOf(bad), want) {
			t.Errorf("faults at\n%q, not\n%q", faultsOf(bad), want)
		}
		if after := d.everything(t); after != before {
			t.Errorf("bad rows left %s of %s", after, before)
		}
		for _, f := range bad.Faults.List {
			if strings.Contains(f.Message, strings.Repeat("长", 50)) {
				t.Errorf("row %d shows the text", f.Row)
			}
		}
	})
}

// A rule that only the workflow knows takes back the row alone.
func TestImportTicketsRefusedByTheWorkflow(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		if _, err := d.Departments().Change(t.Context(), ticket.System, "d2", func(dep *directory.Department) error {
			dep.Dispatchable = false
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		result := d.importText(t, service.ImportTickets, orders, service.ImportOptions{SkipBad: true})
		if !result.Applied || counts(result) != "3 0 0 1" || !slices.Equal(faultsOf(result), []string{"4 牵头部门"}) {
			t.Errorf("%s, %q", counts(result), faultsOf(result))
		}
		if n := d.text("SELECT CAST(count(*) AS TEXT) FROM tickets WHERE external_number = 'A-3'"); n != "0" {
			t.Errorf("%s tickets of the bad row", n)
		}
		if n := d.text("SELECT CAST(count(*) AS TEXT) FROM tickets"); n != "3" {
			t.Errorf("%s tickets", n)
		}
	})
}

func TestImportSkipsBadRowsToBeMended(t *testing.T) {
	text := strings.Replace(orders, "企业3", "企业九", 1)
	onBoth(t, func(t *testing.T, d *district) {
		from, err := tabular.New("table", strings.NewReader(text), service.ImportColumns(service.ImportTickets))
		if err != nil {
			t.Fatal(err)
		}
		result, err := d.Import(t.Context(), ticket.System, service.ImportTickets, from, service.ImportOptions{SkipBad: true})
		if err != nil || !result.Applied || counts(result) != "3 0 0 1" {
			t.Fatalf("%+v, %v", result, err)
		}
		var file bytes.Buffer
		bad, err := tabular.NewBadRows(&file, from)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range result.BadRows {
			if err := bad.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		if err := bad.Close(); err != nil {
			t.Fatal(err)
		}
		mended := strings.Replace(file.String(), "企业九", "企业3", 1)
		if again := d.importText(t, service.ImportTickets, mended, service.ImportOptions{}); counts(again) != "1 0 0 0" {
			t.Errorf("mended: %s, %v", counts(again), again.Faults.Err())
		}
	})
}

// The same table in each form in which offices send it.
func TestImportReadsOfficeForms(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(orders)
	if err != nil {
		t.Fatal(err)
	}
	var workbook bytes.Buffer
	lines := strings.Split(strings.TrimSpace(orders), "\n")
	w, err := tabular.NewWriter(tabular.XLSX, &workbook, strings.Split(lines[0], ","))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		var cells []any
		for i, cell := range strings.Split(line, ",") {
			if at, err := tabular.ParseTime(cell, time.UTC); err == nil && i > 0 && len(cell) > 6 {
				cells = append(cells, at) // a date cell, as Excel keeps it
			} else {
				cells = append(cells, cell)
			}
		}
		if err := w.Write(cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"mark": "\ufeff" + orders, "gb18030": gb, "xlsx": workbook.String()} {
		t.Run(name, func(t *testing.T) {
			d := newDistrict(t, testkit.MigratedSQLite(t))
			if result := d.importText(t, service.ImportTickets, text, service.ImportOptions{}); counts(result) != "4 0 0 0" {
				t.Fatalf("%s, %v", counts(result), result.Faults.Err())
			}
			closed, err := d.Tickets(t.Context(), ticket.System, service.TicketFilter{States: []ticket.State{ticket.Closed}})
			if err != nil || len(closed) != 1 || !closed[0].ClosedAt.Equal(on("2023-07-06 09:30")) {
				t.Errorf("%d closed, %v", len(closed), err)
			}
		})
	}
}

func TestImportRefusesWrongOptionsAndCallers(t *testing.T) {
	d := newDistrict(t, testkit.MigratedSQLite(t))
	try := func(actor ticket.Actor, o service.ImportOptions, text string) error {
		from, err := tabular.New("table", strings.NewReader(text), service.ImportColumns(service.ImportTickets))
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.Import(t.Context(), actor, service.ImportTickets, from, o)
		return err
	}
	var refused *ticket.Error
	for _, role := range []ticket.Role{ticket.RoleDispatcher, ticket.RoleHead, ticket.RoleLeader, ticket.RoleEnterprise} {
		if err := try(ticket.Actor{ID: "u", Role: role}, service.ImportOptions{}, orders); !errors.As(err, &refused) || refused.Code != ticket.CodeForbidden {
			t.Errorf("%s: %v", role, err)
		}
	}
	if err := d.Departments().Retire(t.Context(), ticket.System, "d3"); err != nil {
		t.Fatal(err)
	}
	for _, o := range []service.ImportOptions{{Category: "weather"}, {Department: "部门3"}} {
		if err := try(ticket.System, o, orders); !errors.As(err, &refused) || refused.Code != ticket.CodeInvalidValue {
			t.Errorf("%+v: %v", o, err)
		}
	}
	var faults *tabular.Faults
	if err := try(ticket.System, service.ImportOptions{}, "编号,标题,诉求内容,提交时间\n1,题,内容,2023-01-01\n"); !errors.As(err, &faults) {
		t.Errorf("without anybody to file it: %v", err)
	}
	for text, want := range map[string]ticket.Length{
		"15d": {Amount: 15, Unit: ticket.WorkingDays}, "40H": {Amount: 40, Unit: ticket.WorkingHours},
		"": {}, "d": {}, "0d": {}, "1001d": {}, "-1d": {}, "15": {}, "15 d": {}, "15dd": {}, "1.5d": {}, "15天": {},
	} {
		if got, err := service.ParseLength(text); got != want || (err == nil) != (want != ticket.Length{}) {
			t.Errorf("%q is read as %v, %v", text, got, err)
		}
	}
}

// Many lists know only when a matter was closed: its result came with it, not
// with the steps before, or every one of them would have been in time.
func TestImportTicketsThatKnowOnlyTheirEnd(t *testing.T) {
	d := newDistrict(t, testkit.MigratedSQLite(t))
	result := d.importText(t, service.ImportTickets, "编号,企业,标题,诉求内容,提交时间,承办单位,办理结果,办结时间\nC-1,企业1,题,内容,2023-07-03,部门1,已办,2023-08-31 10:00\n", service.ImportOptions{})
	views, err := d.Tickets(t.Context(), ticket.System, service.TicketFilter{})
	if err != nil || counts(result) != "1 0 0 0" || len(views) != 1 {
		t.Fatalf("%s, %d tickets, %v", counts(result), len(views), err)
	}
	if v := views[0]; v.State != ticket.Closed || !v.ClaimedAt.Equal(on("2023-07-03 00:00")) || !v.VerifyingSince.Equal(on("2023-08-31 10:00")) || v.HandlingSeconds != nil {
		t.Errorf("%+v %+v", v.Core, v.Detail)
	}
	report, err := d.Figures(t.Context(), ticket.System, service.FiguresQuery{})
	if err != nil || report.Total.Rates["on_time_rate"] != (figures.Ratio{Denominator: 1}) || report.Total.Rates["response_rate"] != (figures.Ratio{}) {
		t.Errorf("%+v, %v", report.Total.Rates, err)
	}
}
