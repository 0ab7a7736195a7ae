package service

import (
	"context"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/tabular"
	"whistle/internal/ticket"
)

var expertImport = []tabular.Column{
	{Key: "name", Names: []string{"姓名", "专家", "专家姓名"}, Required: true},
	{Key: "organisation", Names: []string{"单位", "工作单位", "单位名称"}, Required: true},
	{Key: "kind", Names: []string{"单位类型", "类型"}},
	{Key: "post", Names: []string{"职务", "职称"}},
	{Key: "inside", Names: []string{"区内", "是否区内"}},
	{Key: "fields", Names: []string{"专长", "研究方向", "擅长领域"}},
	{Key: "categories", Names: []string{"类别", "要素"}},
	{Key: "chains", Names: []string{"产业链", "chain"}},
	{Key: "phone", Names: []string{"联系电话", "电话", "手机"}},
	{Key: "user", Names: []string{"用户名", "账号", "user name"}},
}

var organisationKinds = spoken("organisation_kind", vocabulary[directory.OrganisationKind]{
	{directory.University, []string{"高校", "大学", "学院"}},
	{directory.Institute, []string{"科研院所", "研究所", "研究院"}},
	{directory.Business, []string{"企业", "公司"}},
	{directory.Association, []string{"协会", "学会", "商会"}},
	{directory.Authority, []string{"机关部门", "部门", "机关"}},
})

func isGuest(role ticket.Role) bool { return role == ticket.RoleGuest }

// experts takes the district's experts in: each is known by name and
// organisation.
func (run *importRun) experts(ctx context.Context) (take, error) {
	e := run.s.Experts()
	all, err := store.Entries[directory.Expert](ctx, run.s.store, EntryFilter{All: true})
	if err != nil {
		return nil, err
	}
	type key struct{ name, organisation string }
	there := make(map[key]*directory.Expert, len(all))
	for i := range all {
		there[key{all[i].Name, all[i].Organisation}] = &all[i]
	}
	categories, err := categoryIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	chains, _, err := chainIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	users, err := userIndex(ctx, run.s, isGuest)
	if err != nil {
		return nil, err
	}
	columns := map[string]string{"user_id": "user"}
	return func(ctx context.Context, row *importRow) (outcome, error) {
		said := key{row.required("name"), row.required("organisation")}
		if said.name != "" && said.organisation != "" {
			run.once(row, "name", said.name+" "+said.organisation)
		}
		before := there[said]
		after := e.Blank()
		if before != nil {
			after = *before
		}
		after.Name, after.Organisation = said.name, said.organisation
		set(run, "kind", &after.Kind, func() directory.OrganisationKind { return word(row, "kind", organisationKinds, e.Blank().Kind) })
		set(run, "post", &after.Post, func() string { return row.text("post") })
		set(run, "inside", &after.Inside, func() bool { return yes(row, "inside", false) })
		set(run, "fields", &after.Fields, func() []string { return row.List("fields") })
		set(run, "categories", &after.Categories, func() []string { return categories.referAll(row, "categories") })
		set(run, "chains", &after.Chains, func() []string { return chains.referAll(row, "chains") })
		set(run, "phone", &after.Phone, func() string { return row.text("phone") })
		set(run, "user", &after.UserID, func() string { return users.refer(row, "user") })
		what, err := put(ctx, run, e, row, "name", columns, before, &after)
		if err == nil && !row.bad() {
			there[said] = &after
		}
		return what, err
	}, nil
}
