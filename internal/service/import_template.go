package service

import (
	"io"
	"slices"

	"whistle/internal/tabular"
	"whistle/internal/ticket"
)

// importExample is the one row of a template: by column, in the order in which
// the template has them. It must not be mistaken for anything real.
type importExample struct {
	columns []exampleCell
}

// exampleCell is a cell of an example; the first is what the row is known by.
type exampleCell struct{ key, value string }

var importExamples = map[ImportKind]importExample{
	ImportDepartments: {[]exampleCell{
		{"code", "示例-01"},
		{"name", "示例局（请删除本行）"},
		{"short_name", "示例局"},
		{"kind", "部门"},
		{"parent", ""},
		{"dispatchable", "是"},
		{"summonable", "是"},
		{"officers_resolve", "否"},
		{"station_kind", ""},
		{"place", ""},
		{"services", ""},
		{"opening", ""},
	}},
	ImportEnterprises: {[]exampleCell{
		{"name", "示例科技有限公司（请删除本行）"},
		{"credit_code", ""},
		{"external_number", "示例-0001"},
		{"kind", "企业"},
		{"place", ""},
		{"chains", ""},
		{"tags", "规上、专精特新"},
		{"contact", "张三"},
		{"phone", "13800000000"},
	}},
	ImportProjects: {[]exampleCell{
		{"code", "示例-X01"},
		{"name", "示例项目（请删除本行）"},
		{"enterprise", "示例-0001"},
		{"signing_planned_day", "2023-01-31"},
		{"signing_done_day", "2023-01-20"},
		{"signing_note", ""},
		{"start_planned_day", "2023-04-30"},
		{"start_done_day", ""},
		{"start_note", "等环评批复"},
		{"completion_planned_day", "2024-06-30"},
		{"completion_done_day", ""},
		{"completion_note", ""},
		{"operation_planned_day", "2024-09-30"},
		{"operation_done_day", ""},
		{"operation_note", ""},
	}},
	ImportUsers: {[]exampleCell{
		{"username", "shili.zhangsan"},
		{"name", "示例张三（请删除本行）"},
		{"role", "部门经办"},
		{"department", "示例-01"},
		{"enterprise", ""},
		{"phone", "13800000000"},
		{"email", "zhangsan@example.com"},
		{"language", "中文"},
	}},
	ImportManagers: {[]exampleCell{
		{"enterprise", "示例-0001"},
		{"user", "shili.zhangsan"},
		{"part", "指导员"},
		{"from_date", "2023-09-01"},
		{"to_date", ""},
	}},
	ImportMembers: {[]exampleCell{
		{"alliance", "示例联盟（请删除本行）"},
		{"enterprise", "示例-0001"},
	}},
	ImportVisits: {[]exampleCell{
		{"enterprise", "示例-0001"},
		{"project", ""},
		{"visited_at", "2023-09-01 09:30"},
		{"visitor", "shili.zhangsan"},
		{"campaign", ""},
		{"seen", "示例：生产正常，正在赶订单（请删除本行）。"},
		{"location", "厂区"},
	}},
	ImportTickets: {[]exampleCell{
		{"number", "示例-0001"},
		{"enterprise", "示例-0001"},
		{"title", "示例：缺 20 名焊工（请删除本行）"},
		{"description", "订单增加，本地招不到熟练焊工。"},
		{"category", "用工"},
		{"urgency", "普通"},
		{"source", "走访"},
		{"confidential", "否"},
		{"project", ""},
		{"filed_at", "2023-09-01 09:30"},
		{"accepted_at", "2023-09-01 10:00"},
		{"department", "示例-01"},
		{"dispatched_at", "2023-09-01 11:00"},
		{"claimed_at", "2023-09-01 15:00"},
		{"resolved_at", "2023-09-06 16:00"},
		{"result", "组织专场招聘，到岗 20 人。"},
		{"outcome", "已解决"},
		{"closed_at", "2023-09-07 10:00"},
		{"satisfaction", "5"},
	}},
	ImportPolicyResources: {[]exampleCell{
		{"code", "示例-P01"},
		{"name", "示例政策（请删除本行）"},
		{"document", "示例〔2023〕1 号"},
		{"department", "示例-01"},
		{"gives", "按实际投入的 10% 给予补助，最高 20 万元。"},
		{"valid_from", "2023-01-01"},
		{"valid_to", "2024-12-31"},
		{"chains", ""},
		{"tags", "规上、龙头"},
		{"kinds", "企业、合作社"},
		{"places", ""},
		{"categories", "资金"},
		{"conditions", "上一年度无违法记录"},
		{"words", "贷款、贴息"},
		{"orderable", "是"},
		{"answer_department", ""},
	}},
	ImportNeeds: {[]exampleCell{
		{"text", "示例：缺一笔周转资金（请删除本行）"},
		{"enterprise", "示例-0001"},
		{"category", "资金"},
		{"state", "待解决"},
		{"reason", ""},
	}},
	ImportServices: {[]exampleCell{
		{"policy_resource", "示例-P01"},
		{"enterprise", "示例-0001"},
		{"department", "示例-01"},
		{"state", "已兑现"},
		{"due_on", ""},
		{"delivered_on", "2023-06-30"},
		{"amount_yuan", "12.34 万元"},
		{"reason", ""},
		{"note", "示例：请删除本行"},
	}},
	ImportStaff: {[]exampleCell{
		{"station", "示例-01"},
		{"user", "shili.zhangsan"},
		{"part", "企业管家"},
		{"from_date", "2023-09-01"},
		{"to_date", ""},
	}},
	ImportExperts: {[]exampleCell{
		{"name", "示例张三（请删除本行）"},
		{"organisation", "示例大学"},
		{"kind", "高校"},
		{"post", "教授"},
		{"inside", "否"},
		{"fields", "遥感、图像处理"},
		{"categories", "技术"},
		{"chains", ""},
		{"phone", "13800000000"},
		{"user", ""},
	}},
}

// ImportTemplate writes a table with the columns of an import and one row as an
// example, which an import refuses: csv or xlsx.
func (s *Service) ImportTemplate(kind ImportKind, format tabular.Format, w io.Writer) error {
	example, known := importExamples[kind]
	if !known || format != tabular.CSV && format != tabular.XLSX {
		return ticket.NotFound("template")
	}
	columns := ImportColumns(kind)
	header, row := make([]string, len(example.columns)), make([]any, len(example.columns))
	for i, cell := range example.columns {
		at := slices.IndexFunc(columns, func(c tabular.Column) bool { return c.Key == cell.key })
		header[i], row[i] = columns[at].Names[0], cell.value
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

// isExample says whether a row is the template's own.
func (run *importRun) isExample(row *importRow) bool {
	looked := *row.Row // so that no fault is noted
	for _, cell := range run.example.columns {
		if run.from.Has(cell.key) && looked.Text(cell.key, 0) != cell.value {
			return false
		}
	}
	return run.from.Has(run.example.columns[0].key)
}
