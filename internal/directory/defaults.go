package directory

import "whistle/internal/ticket"

// Categories are the 要素 that the service begins with. They are data: an
// administrator changes them.
func Categories() []Category {
	all := []Category{
		{Code: "labour", Name: "用工"},
		{Code: "funding", Name: "资金"},
		{Code: "land", Name: "土地"},
		{Code: "technology", Name: "技术"},
		{Code: "talent", Name: "人才"},
		{Code: "approval", Name: "审批"},
		{Code: "policy", Name: "政策"},
		{Code: "market", Name: "市场"},
		{Code: "energy_environment", Name: "用能与环保"},
		{Code: "infrastructure", Name: "基础设施"},
		{Code: "other", Name: "其他"},
	}
	for i := range all {
		all[i].Position = 10 * (i + 1) // room to put others between
	}
	return all
}

// Reasons are the closed lists that the service begins with: why a request is
// not taken on, and why a department gives a ticket back.
func Reasons() []Reason {
	reject := func(code, name string) Reason { return Reason{Kind: ticket.RejectReason, Code: code, Name: name} }
	giveBack := func(code, name string) Reason { return Reason{Kind: ticket.ReturnReason, Code: code, Name: name} }
	return []Reason{
		reject("out_of_scope", "不属于受理范围"),
		reject("other_district", "不属于本区管辖"),
		reject("duplicate", "重复提交"),
		reject("insufficient_information", "信息不全且逾期未补充"),
		reject("litigation", "已进入诉讼、仲裁或行政复议程序"),
		reject("petition", "应依法通过信访渠道处理"),
		reject("commercial_dispute", "属市场主体之间的民商事纠纷"),
		reject("unlawful", "诉求违反法律法规"),
		reject("other", "其他"),
		giveBack("not_our_duty", "不属于本部门职责"),
		giveBack("wrong_facts", "与事实不符"),
		giveBack("wrong_category", "类别有误"),
		giveBack("other_level", "属上级部门权限"),
		giveBack("other", "其他"),
	}
}
