package service

import (
	"context"
	"io"
	"slices"
	"strings"

	"whistle/internal/tabular"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// importTemplate is what a table to be filled has: by column, in its order, what
// it holds and an example. The example must not be mistaken for anything real.
type importTemplate struct {
	columns []templateCell
}

// templateCell is a column of a template; the first is what the row is known by.
type templateCell struct {
	key, value string
	of         holding
}

var importTemplates = map[ImportKind]importTemplate{
	ImportDepartments: {[]templateCell{
		{"code", "示例-01", anyText},
		{"name", "示例局（请删除本行）", anyText},
		{"short_name", "示例局", anyText},
		{"kind", "部门", oneOf(departmentKinds)},
		{"parent", "", aDepartment},
		{"dispatchable", "是", yesNo},
		{"summonable", "是", yesNo},
		{"officers_resolve", "否", yesNo},
		{"station_kind", "", oneOf(stationKinds)},
		{"place", "", aPlace},
		{"services", "", someOf(stationServices)},
		{"opening", "", anyText},
	}},
	ImportEnterprises: {[]templateCell{
		{"name", "示例科技有限公司（请删除本行）", anyText},
		{"credit_code", "", anyText},
		{"external_number", "示例-0001", anyText},
		{"kind", "企业", oneOf(enterpriseKinds)},
		{"place", "", aPlace},
		{"chains", "", someChains},
		{"tags", "规上、专精特新", severalWords},
		{"contact", "张三", anyText},
		{"phone", "13800000000", anyText},
	}},
	ImportProjects: {[]templateCell{
		{"code", "示例-X01", anyText},
		{"name", "示例项目（请删除本行）", anyText},
		{"enterprise", "示例-0001", anEnterprise},
		{"signing_planned_day", "2023-01-31", aDay},
		{"signing_done_day", "2023-01-20", aDay},
		{"signing_note", "", anyText},
		{"start_planned_day", "2023-04-30", aDay},
		{"start_done_day", "", aDay},
		{"start_note", "等环评批复", anyText},
		{"completion_planned_day", "2024-06-30", aDay},
		{"completion_done_day", "", aDay},
		{"completion_note", "", anyText},
		{"operation_planned_day", "2024-09-30", aDay},
		{"operation_done_day", "", aDay},
		{"operation_note", "", anyText},
	}},
	ImportUsers: {[]templateCell{
		{"username", "shili.zhangsan", anyText},
		{"name", "示例张三（请删除本行）", anyText},
		{"role", "部门经办", oneOf(roles)},
		{"department", "示例-01", aDepartment},
		{"enterprise", "", anEnterprise},
		{"phone", "13800000000", anyText},
		{"email", "zhangsan@example.com", anyText},
		{"language", "中文", oneOf(languages)},
	}},
	ImportManagers: {[]templateCell{
		{"enterprise", "示例-0001", anEnterprise},
		{"user", "shili.zhangsan", anAccount},
		{"part", "指导员", oneOf(managerParts)},
		{"from_date", "2023-09-01", aDay},
		{"to_date", "", aDay},
	}},
	ImportMembers: {[]templateCell{
		{"alliance", "示例联盟（请删除本行）", anAlliance},
		{"enterprise", "示例-0001", anEnterprise},
	}},
	ImportVisits: {[]templateCell{
		{"enterprise", "示例-0001", anEnterprise},
		{"project", "", aProject},
		{"visited_at", "2023-09-01 09:30", aMoment},
		{"visitor", "shili.zhangsan", anAccount},
		{"campaign", "", aCampaign},
		{"seen", "示例：生产正常，正在赶订单（请删除本行）。", anyText},
		{"location", "厂区", anyText},
	}},
	ImportTickets: {[]templateCell{
		{"number", "示例-0001", anyText},
		{"enterprise", "示例-0001", anEnterprise},
		{"title", "示例：缺 20 名焊工（请删除本行）", anyText},
		{"description", "订单增加，本地招不到熟练焊工。", anyText},
		{"category", "用工", aCategory},
		{"urgency", "普通", oneOf(urgencies)},
		{"source", "走访", oneOf(sources)},
		{"confidential", "否", yesNo},
		{"project", "", aProject},
		{"filed_at", "2023-09-01 09:30", aMoment},
		{"accepted_at", "2023-09-01 10:00", aMoment},
		{"department", "示例-01", aDepartment},
		{"dispatched_at", "2023-09-01 11:00", aMoment},
		{"claimed_at", "2023-09-01 15:00", aMoment},
		{"resolved_at", "2023-09-06 16:00", aMoment},
		{"result", "组织专场招聘，到岗 20 人。", anyText},
		{"outcome", "已解决", oneOf(outcomes)},
		{"closed_at", "2023-09-07 10:00", aMoment},
		{"satisfaction", "5", aNumber(1, 5)},
	}},
	ImportPolicyResources: {[]templateCell{
		{"code", "示例-P01", anyText},
		{"name", "示例政策（请删除本行）", anyText},
		{"document", "示例〔2023〕1 号", anyText},
		{"department", "示例-01", aDepartment},
		{"gives", "按实际投入的 10% 给予补助，最高 20 万元。", anyText},
		{"valid_from", "2023-01-01", aDay},
		{"valid_to", "2024-12-31", aDay},
		{"chains", "", someChains},
		{"tags", "规上、龙头", severalWords},
		{"kinds", "企业、合作社", someOf(enterpriseKinds)},
		{"places", "", somePlaces},
		{"categories", "资金", someCategories},
		{"conditions", "上一年度无违法记录", anyText},
		{"words", "贷款、贴息", severalWords},
		{"orderable", "是", yesNo},
		{"answer_department", "", aDepartment},
	}},
	ImportNeeds: {[]templateCell{
		{"text", "示例：缺一笔周转资金（请删除本行）", anyText},
		{"enterprise", "示例-0001", anEnterprise},
		{"category", "资金", aCategory},
		{"state", "待解决", oneOf(needStates)},
		{"reason", "", anyText},
	}},
	ImportServices: {[]templateCell{
		{"policy_resource", "示例-P01", aPolicy},
		{"enterprise", "示例-0001", anEnterprise},
		{"department", "示例-01", aDepartment},
		{"state", "已兑现", oneOf(serviceStates)},
		{"due_on", "", aDay},
		{"delivered_on", "2023-06-30", aDay},
		{"amount_yuan", "12.34 万元", anyText},
		{"reason", "", anyText},
		{"note", "示例：请删除本行", anyText},
	}},
	ImportStaff: {[]templateCell{
		{"station", "示例-01", aDepartment},
		{"user", "shili.zhangsan", aStaffAccount},
		{"part", "企业管家", oneOf(staffParts)},
		{"from_date", "2023-09-01", aDay},
		{"to_date", "", aDay},
	}},
	ImportExperts: {[]templateCell{
		{"name", "示例张三（请删除本行）", anyText},
		{"organisation", "示例大学", anyText},
		{"kind", "高校", oneOf(organisationKinds)},
		{"post", "教授", anyText},
		{"inside", "否", yesNo},
		{"fields", "遥感、图像处理", severalWords},
		{"categories", "技术", someCategories},
		{"chains", "", someChains},
		{"phone", "13800000000", anyText},
		{"user", "", aGuest},
	}},
}

// ImportTemplate writes a table with the columns of an import, to be filled. An
// xlsx has drop-downs for what is chosen, and explains itself on a sheet of its
// own; a csv has one row as an example, which an import refuses. What the
// directory holds is offered to administrators, who import it.
func (s *Service) ImportTemplate(ctx context.Context, actor ticket.Actor, kind ImportKind, format tabular.Format, language text.Language, w io.Writer) error {
	template, known := importTemplates[kind]
	if !known || format != tabular.CSV && format != tabular.XLSX {
		return ticket.NotFound("template")
	}
	if format == tabular.XLSX {
		return s.writeForm(ctx, actor, kind, language, w)
	}
	header, row := make([]string, len(template.columns)), make([]any, len(template.columns))
	for i, cell := range template.columns {
		header[i], row[i] = importHeader(kind, cell.key, language), cell.value
	}
	table, err := tabular.NewWriter(format, w, header)
	if err != nil {
		return err
	}
	if err := table.Write(row); err != nil {
		return err
	}
	return table.Close()
}

func importColumn(kind ImportKind, key string) tabular.Column {
	columns := ImportColumns(kind)
	return columns[slices.IndexFunc(columns, func(c tabular.Column) bool { return c.Key == key })]
}

// importHeader is what a template in a language calls a column.
func importHeader(kind ImportKind, key string, language text.Language) string {
	names := importColumn(kind, key).Names
	if language == text.Chinese {
		return names[0]
	}
	// An export's header, or the name that a program would write.
	for _, name := range slices.Backward(names) {
		if !strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 }) {
			return name
		}
	}
	return key
}

// isExample says whether a row is the template's own.
func (run *importRun) isExample(row *importRow) bool {
	looked := *row.Row // so that no fault is noted
	for _, cell := range run.template.columns {
		if run.from.Has(cell.key) && looked.Text(cell.key, 0) != cell.value {
			return false
		}
	}
	return run.from.Has(run.template.columns[0].key)
}
