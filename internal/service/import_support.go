package service

import (
	"context"
	"slices"
	"time"

	"whistle/internal/store"
	"whistle/internal/support"
	"whistle/internal/tabular"
	"whistle/internal/worktime"
)

var policyResourceImport = []tabular.Column{
	{Key: "code", Names: []string{"编码", "政策编码", "编号"}, Required: true},
	{Key: "name", Names: []string{"名称", "政策名称", "政策", "措施"}, Required: true},
	{Key: "document", Names: []string{"文件", "文号", "政策文件", "依据"}},
	{Key: "department", Names: []string{"部门", "责任部门", "发文部门", "department_id"}, Required: true},
	{Key: "gives", Names: []string{"支持内容", "扶持内容", "政策内容", "内容"}, Required: true},
	{Key: "valid_from", Names: []string{"生效日期", "起始日期", "有效期起"}},
	{Key: "valid_to", Names: []string{"截止日期", "失效日期", "有效期止", "有效期至"}},
	{Key: "chains", Names: []string{"产业链"}},
	{Key: "tags", Names: []string{"标签", "规模"}},
	{Key: "kinds", Names: []string{"企业类型"}},
	{Key: "places", Names: []string{"地区", "镇街", "所在地"}},
	{Key: "categories", Names: []string{"类别", "要素"}},
	{Key: "conditions", Names: []string{"其他条件", "条件", "申报条件"}},
	{Key: "words", Names: []string{"关键词", "词语"}},
	{Key: "orderable", Names: []string{"可点单"}},
	{Key: "answer_department", Names: []string{"点单部门", "answer_department_id"}},
}

var needImport = []tabular.Column{
	{Key: "enterprise", Names: []string{"企业", "企业名称", "enterprise_id"}, Required: true},
	{Key: "category", Names: []string{"类别", "要素"}, Required: true},
	{Key: "text", Names: []string{"需求", "问题需求", "内容", "问题"}, Required: true},
	{Key: "state", Names: []string{"状态"}},
	{Key: "reason", Names: []string{"原因", "说明"}},
}

var serviceImport = []tabular.Column{
	{Key: "enterprise", Names: []string{"企业", "企业名称", "enterprise_id"}, Required: true},
	{Key: "policy_resource", Names: []string{"政策", "政策名称", "政策编码", "policy_resource_id"}, Required: true},
	{Key: "department", Names: []string{"部门", "责任部门", "department_id"}},
	{Key: "state", Names: []string{"状态"}},
	{Key: "due_on", Names: []string{"完成期限", "期限"}},
	{Key: "delivered_on", Names: []string{"兑现日期", "完成日期"}},
	{Key: "amount_yuan", Names: []string{"兑现金额", "金额", "amount"}},
	{Key: "reason", Names: []string{"原因"}},
	{Key: "note", Names: []string{"备注", "说明"}},
}

var needStates = spoken("need_state", vocabulary[support.NeedState]{
	{support.NeedOpen, []string{"待解决"}},
	{support.NeedMet, []string{"已解决"}},
	{support.NeedDropped, []string{"不再需要"}},
})

var serviceStates = spoken("service_state", vocabulary[support.ServiceState]{
	{support.Proposed, []string{"待定"}},
	{support.Accepted, []string{"办理中"}},
	{support.Declined, []string{"不办"}},
	{support.Delivered, []string{"已兑现"}},
})

// words reads a cell that holds several of some words.
func words[W ~string](r *importRow, column string, known lexicon[W]) []string {
	var codes []string
	for _, text := range noting(r, column, r.List) {
		code, ok := known.find(text)
		if !ok {
			r.fault(column, "%s is not known; write one of: %s", tabular.Quote(text), known.String())
			continue
		}
		if !slices.Contains(codes, string(code)) {
			codes = append(codes, string(code))
		}
	}
	r.understood(column, ImportCell{List: known.list, Codes: codes})
	return codes
}

func (run *importRun) policyResources(ctx context.Context) (take, error) {
	e := run.s.PolicyResources()
	all, err := store.Entries[support.PolicyResource](ctx, run.s.store, EntryFilter{All: true})
	if err != nil {
		return nil, err
	}
	byCode := map[string]*support.PolicyResource{}
	for i := range all {
		byCode[all[i].Code] = &all[i]
	}
	departments, _, err := departmentIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	places, _, err := placeIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	chains, _, err := chainIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	categories, err := categoryIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	columns := map[string]string{"department_id": "department", "answer_department_id": "answer_department"}
	return func(ctx context.Context, row *importRow) (outcome, error) {
		code := row.required("code")
		run.once(row, "code", code)
		there := byCode[code]
		var p support.PolicyResource
		if there != nil {
			p = *there
		}
		p.Code, p.Name, p.Gives = code, row.required("name"), row.required("gives")
		if row.required("department") != "" {
			p.DepartmentID = departments.refer(row, "department")
		}
		set(run, "document", &p.Document, func() string { return row.text("document") })
		set(run, "valid_from", &p.ValidFrom, func() *worktime.Date { return row.day("valid_from") })
		set(run, "valid_to", &p.ValidTo, func() *worktime.Date { return row.day("valid_to") })
		set(run, "chains", &p.Chains, func() []string { return chains.referAll(row, "chains") })
		set(run, "tags", &p.Tags, func() []string { return row.List("tags") })
		set(run, "kinds", &p.Kinds, func() []string { return words(row, "kinds", enterpriseKinds) })
		set(run, "places", &p.Places, func() []string { return places.referAll(row, "places") })
		set(run, "categories", &p.Categories, func() []string { return categories.referAll(row, "categories") })
		set(run, "conditions", &p.Conditions, func() string { return row.text("conditions") })
		set(run, "words", &p.Words, func() []string { return row.List("words") })
		set(run, "orderable", &p.Orderable, func() bool { return yes(row, "orderable", false) })
		set(run, "answer_department", &p.AnswerID, func() string { return departments.refer(row, "answer_department") })
		what, err := put(ctx, run, e, row, "code", columns, there, &p)
		if err == nil && !row.bad() {
			byCode[code] = &p
		}
		return what, err
	}, nil
}

// needs takes needs in. One that its enterprise has in the same words is there
// already, and becomes what the row says.
func (run *importRun) needs(ctx context.Context) (take, error) {
	e := run.s.Needs()
	all, err := store.Entries[support.Need](ctx, run.s.store, EntryFilter{All: true})
	if err != nil {
		return nil, err
	}
	key := func(n *support.Need) string { return n.EnterpriseID + " " + n.Text }
	known := map[string]*support.Need{}
	for i := range all {
		known[key(&all[i])] = &all[i]
	}
	enterprises, _, err := enterpriseIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	categories, err := categoryIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	columns := map[string]string{"enterprise_id": "enterprise"}
	return func(ctx context.Context, row *importRow) (outcome, error) {
		said := support.Need{State: support.NeedOpen, WrittenBy: run.actor.ID, Text: row.required("text")}
		if row.required("enterprise") != "" {
			said.EnterpriseID = enterprises.refer(row, "enterprise")
		}
		if row.required("category") != "" {
			said.Category = categories.refer(row, "category")
		}
		said.Tidy()
		run.once(row, "text", key(&said))
		there := known[key(&said)]
		n := said
		if there != nil {
			n = *there
			n.Category = said.Category
		}
		set(run, "state", &n.State, func() support.NeedState { return word(row, "state", needStates, support.NeedOpen) })
		set(run, "reason", &n.Reason, func() string { return row.text("reason") })
		if was := (support.Need{State: support.NeedOpen}); there == nil && n.State != was.State || there != nil && n.State != there.State {
			n.DecidedBy, n.DecidedAt = run.decided()
		}
		what, err := put(ctx, run, e, row, "text", columns, there, &n)
		if err == nil && !row.bad() {
			known[key(&n)] = &n
		}
		return what, err
	}, nil
}

// decided is who decides what a row says that somebody did, and when.
func (run *importRun) decided() (by string, at *time.Time) {
	now := run.s.clock.Now().Truncate(time.Microsecond)
	return run.actor.ID, &now
}

func policyIndex(ctx context.Context, s *Service) (*index, []support.PolicyResource, error) {
	return indexOf(ctx, s, "policy_resource", func(p *support.PolicyResource) (codes, names []string) { return []string{p.Code}, []string{p.Name} })
}

// services takes services in. Of one policy resource for one enterprise the row
// that goes on becomes what the file says; one that is over, and says the same,
// is there already.
func (run *importRun) services(ctx context.Context) (take, error) {
	e := run.s.Services()
	all, err := store.Entries[support.Service](ctx, run.s.store, EntryFilter{All: true})
	if err != nil {
		return nil, err
	}
	known := map[string][]*support.Service{}
	key := func(v *support.Service) string { return v.EnterpriseID + " " + v.PolicyID }
	for i := range all {
		known[key(&all[i])] = append(known[key(&all[i])], &all[i])
	}
	enterprises, _, err := enterpriseIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	departments, _, err := departmentIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	policies, entries, err := policyIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	departmentOf := map[string]string{}
	for _, p := range entries {
		departmentOf[p.ID] = p.DepartmentID
	}
	columns := map[string]string{"enterprise_id": "enterprise", "policy_resource_id": "policy_resource", "department_id": "department", "amount_fen": "amount_yuan"}
	return func(ctx context.Context, row *importRow) (outcome, error) {
		said := support.Service{ProposedBy: run.actor.ID}
		if row.required("enterprise") != "" {
			said.EnterpriseID = enterprises.refer(row, "enterprise")
		}
		if row.required("policy_resource") != "" {
			said.PolicyID = policies.refer(row, "policy_resource")
		}
		said.DeliveredOn = row.day("delivered_on")
		blank := support.Proposed
		if said.DeliveredOn != nil {
			blank = support.Delivered
		}
		said.State = word(row, "state", serviceStates, blank)
		there := sameService(known[key(&said)], &said)
		v := said
		if there != nil {
			v = *there
			v.State, v.DeliveredOn = said.State, said.DeliveredOn
		} else {
			v.DepartmentID = departmentOf[v.PolicyID]
		}
		if !row.Blank("department") {
			v.DepartmentID = departments.refer(row, "department")
		}
		set(run, "due_on", &v.DueOn, func() *worktime.Date { return row.day("due_on") })
		set(run, "amount_yuan", &v.AmountFen, func() support.Fen { return row.amount("amount_yuan") })
		set(run, "reason", &v.Reason, func() string { return row.text("reason") })
		set(run, "note", &v.Note, func() string { return row.text("note") })
		if v.State != support.Delivered && v.DeliveredOn != nil {
			row.fault("delivered_on", "must be blank unless it is delivered")
		}
		if v.State != support.Delivered && v.AmountFen != 0 {
			row.fault("amount_yuan", "must be blank unless it is delivered")
		}
		if v.State != support.Proposed && (there == nil || there.State == support.Proposed) {
			v.DecidedBy, v.DecidedAt = run.decided()
		}
		if v.State == support.Delivered && (there == nil || there.State != support.Delivered) {
			v.DeliveredBy = run.actor.ID
		}
		row.faulty["department"] = row.faulty["department"] || v.PolicyID == "" // whose department it would be
		what, err := put(ctx, run, e, row, "policy_resource", columns, there, &v)
		if err == nil && !row.bad() && there == nil {
			known[key(&v)] = append(known[key(&v)], &v)
		} else if err == nil && !row.bad() {
			*there = v
		}
		return what, err
	}, nil
}

// sameService is the one of an enterprise's services by a policy resource that a
// row is about: one that is under way, else one that ended in the same way on
// the same day; nil for none.
func sameService(among []*support.Service, said *support.Service) *support.Service {
	for _, v := range among {
		if v.State == said.State && (v.DeliveredOn == nil) == (said.DeliveredOn == nil) && (v.DeliveredOn == nil || *v.DeliveredOn == *said.DeliveredOn) {
			return v
		}
	}
	for _, v := range among {
		if v.State == support.Proposed || v.State == support.Accepted {
			return v
		}
	}
	return nil
}

// amount reads a cell that holds an amount of money; a blank one is none.
func (r *importRow) amount(column string) support.Fen {
	text := r.text(column)
	if text == "" {
		return 0
	}
	fen, wrong := support.ParseFen(text)
	if !wrong.Empty() {
		r.fault(column, "%s", wrong)
	} else {
		r.understood(column, ImportCell{Text: fen.Yuan()})
	}
	return fen
}
