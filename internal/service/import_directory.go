package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"whistle/internal/directory"
	"whistle/internal/phrase"
	"whistle/internal/store"
	"whistle/internal/tabular"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

var importColumns = map[ImportKind][]tabular.Column{
	ImportDepartments: {
		{Key: "code", Names: []string{"编码", "部门编码", "代码"}, Required: true},
		{Key: "name", Names: []string{"名称", "部门名称", "部门", "单位名称", "单位"}, Required: true},
		{Key: "short_name", Names: []string{"简称", "short name"}},
		{Key: "kind", Names: []string{"类型", "部门类型"}},
		{Key: "parent", Names: []string{"上级部门", "上级单位", "上级", "parent_id"}},
		{Key: "dispatchable", Names: []string{"可派单"}},
		{Key: "summonable", Names: []string{"可吹哨"}},
		{Key: "officers_resolve", Names: []string{"经办可提交结果"}},
		{Key: "station_kind", Names: []string{"站点类型"}},
		{Key: "place", Names: []string{"所在地", "镇街", "街镇", "属地", "place_id"}},
		{Key: "services", Names: []string{"服务内容", "服务事项"}},
		{Key: "opening", Names: []string{"开放时间", "开放时间和地点"}},
	},
	ImportEnterprises: {
		{Key: "name", Names: []string{"企业名称", "名称", "企业", "单位名称"}, Required: true},
		{Key: "credit_code", Names: []string{"统一社会信用代码", "信用代码", "credit code"}},
		{Key: "external_number", Names: []string{"外部编号", "企业编号", "编号", "external number"}},
		{Key: "kind", Names: []string{"类型", "企业类型"}},
		{Key: "place", Names: []string{"所在地", "镇街", "街镇", "属地", "place_id"}},
		{Key: "chains", Names: []string{"产业链", "chain"}},
		{Key: "tags", Names: []string{"标签", "tag"}},
		{Key: "contact", Names: []string{"联系人"}},
		{Key: "phone", Names: []string{"联系电话", "电话", "手机"}},
	},
	ImportUsers: {
		{Key: "username", Names: []string{"用户名", "账号", "帐号", "user name"}, Required: true},
		{Key: "name", Names: []string{"姓名", "名称"}, Required: true},
		{Key: "role", Names: []string{"角色"}, Required: true},
		{Key: "department", Names: []string{"部门", "单位", "所属部门", "department_id"}},
		{Key: "enterprise", Names: []string{"企业", "所属企业", "enterprise_id"}},
		{Key: "phone", Names: []string{"电话", "联系电话", "手机"}},
		{Key: "email", Names: []string{"邮箱", "电子邮箱", "邮件", "mail"}},
		{Key: "language", Names: []string{"语言"}},
	},
	ImportProjects: projectImport,
	ImportManagers: managerImport,
	ImportTickets:  ticketColumns,
	ImportMembers:  allianceMemberColumns,
	ImportVisits:   importedVisitColumns,
	ImportStaff:    staffImport,
	ImportExperts:  expertImport,

	ImportPolicyResources: policyResourceImport,
	ImportNeeds:           needImport,
	ImportServices:        serviceImport,
}

var departmentKinds = spoken("department_kind", vocabulary[directory.DepartmentKind]{
	{directory.Bureau, []string{"部门", "局", "委办局", "机关"}},
	{directory.Park, []string{"园区", "开发区"}},
	{directory.Town, []string{"镇街", "街镇", "乡镇", "镇", "街道", "乡"}},
	{directory.Mass, []string{"群团", "群团组织", "协会"}},
	{directory.Station, []string{"站点", "服务站", "质量小站"}},
})

var enterpriseKinds = spoken("enterprise_kind", vocabulary[directory.EnterpriseKind]{
	{directory.Company, []string{"企业", "公司"}},
	{directory.Cooperative, []string{"合作社", "专业合作社"}},
	{directory.FamilyFarm, []string{"家庭农场", "农场"}},
	{directory.Grower, []string{"种植大户", "种养大户", "大户"}},
	{directory.Other, []string{"其他"}},
})

var roles = spoken("role", vocabulary[ticket.Role]{
	{ticket.RoleEnterprise, []string{"企业用户", "企业"}},
	{ticket.RoleDispatcher, []string{"分办员", "分办"}},
	{ticket.RoleOfficer, []string{"部门经办", "经办", "经办人"}},
	{ticket.RoleHead, []string{"部门负责人", "负责人"}},
	{ticket.RoleLeader, []string{"领导"}},
	{ticket.RoleAdmin, []string{"管理员"}},
	{ticket.RoleGuest, []string{"特邀"}},
})

var languages = spoken("language", vocabulary[text.Language]{
	{text.Chinese, []string{"中文", "汉语", "zh"}},
	{text.English, []string{"英文", "英语", "English"}},
})

// put adds the entry that a row describes, or makes the one that is there what
// the row says. A row with faults is only held against the rules, so that all
// its faults are told at once.
func put[T any, P directory.Entry[T]](ctx context.Context, run *importRun, e Entries[T, P], row *importRow, key string, columns map[string]string, there *T, entry *T) (outcome, error) {
	P(entry).Tidy()
	if there != nil {
		id, stamp := P(there).Refs()
		if same, err := alike(there, entry); err != nil || same && !row.bad() {
			return unchanged, err
		}
		if stamp.Retired() {
			row.fault(key, "the %s is retired and changes no more; leave the row out", phrase.Word(e.kind.subject))
		}
		entryID, _ := P(entry).Refs()
		*entryID = *id
	}
	form := ticket.CheckTags(*entry)
	run.blame(row, key, columns, form)
	if row.bad() {
		return unchanged, run.refused(row, key, columns, e.check(ctx, run.actor, there, entry))
	}
	if there == nil {
		made, err := e.Create(ctx, run.actor, *entry)
		*entry = made
		return added, run.refused(row, key, columns, err)
	}
	id, _ := P(there).Refs()
	made, err := e.Change(ctx, run.actor, *id, func(t *T) error { *t = *entry; return nil })
	*entry = made
	return changed, run.refused(row, key, columns, err)
}

// alike says whether two entries are the same in the form in which they are
// kept.
func alike(a, b any) (bool, error) {
	left, err := json.Marshal(a)
	if err != nil {
		return false, err
	}
	right, err := json.Marshal(b)
	return bytes.Equal(left, right), err
}

// set gives a value from a row where its table has the column.
func set[V any](run *importRun, column string, into *V, read func() V) {
	if run.from.Has(column) {
		*into = read()
	}
}

// yes reads a cell of yes or no; a blank one is what holds by default.
func yes(row *importRow, column string, blank bool) bool {
	value := noting(row, column, func(c string) bool {
		if value, ok := row.Bool(c); ok {
			return value
		}
		return blank
	})
	row.understood(column, ImportCell{List: "export", Codes: []string{map[bool]string{true: "yes", false: "no"}[value]}})
	return value
}

func (run *importRun) departments(ctx context.Context) (take, error) {
	e := run.s.Departments()
	known, all, err := departmentIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	byCode := make(map[string]*directory.Department, len(all))
	for i := range all {
		byCode[all[i].Code] = &all[i]
	}
	places, _, err := placeIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	columns := map[string]string{"parent_id": "parent", "place_id": "place"}
	return func(ctx context.Context, row *importRow) (outcome, error) {
		code := row.required("code")
		run.once(row, "code", code)
		there := byCode[code]
		d := e.Blank()
		if there != nil {
			d = *there
		}
		d.Code, d.Name = code, row.required("name")
		set(run, "short_name", &d.ShortName, func() string { return row.text("short_name") })
		set(run, "kind", &d.Kind, func() directory.DepartmentKind { return word(row, "kind", departmentKinds, e.Blank().Kind) })
		set(run, "parent", &d.ParentID, func() string { return known.refer(row, "parent") })
		for column, into := range map[string]*bool{"dispatchable": &d.Dispatchable, "summonable": &d.Summonable, "officers_resolve": &d.OfficersResolve} {
			blank := column != "officers_resolve"
			set(run, column, into, func() bool { return yes(row, column, blank) })
		}
		set(run, "station_kind", &d.StationKind, func() directory.StationKind { return word(row, "station_kind", stationKinds, "") })
		set(run, "place", &d.PlaceID, func() string { return places.refer(row, "place") })
		set(run, "services", &d.Services, func() []string { return words(row, "services", stationServices) })
		set(run, "opening", &d.Opening, func() string { return row.text("opening") })
		what, err := put(ctx, run, e, row, "code", columns, there, &d)
		if err == nil && !row.bad() {
			byCode[code] = &d
			known.add(d.ID, false, []string{d.Code}, d.Name, d.ShortName)
		}
		return what, err
	}, nil
}

func departmentIndex(ctx context.Context, s *Service) (*index, []directory.Department, error) {
	return indexOf(ctx, s, "department", func(d *directory.Department) (codes, names []string) {
		return []string{d.Code}, []string{d.Name, d.ShortName}
	})
}

// parentsFirst brings the rows of departments into an order in which what a
// department is part of comes before it, whatever the order in the file.
func parentsFirst(rows []*tabular.Row) []*tabular.Row {
	type named struct {
		row                *tabular.Row
		code, name, parent string
	}
	waiting := make([]named, len(rows))
	for i, row := range rows {
		look := *row // so that a cell's fault is noted when the row's turn comes
		waiting[i] = named{row, look.Text("code", 0), look.Text("name", 0), look.Text("parent", 0)}
	}
	ordered := make([]*tabular.Row, 0, len(rows))
	for len(waiting) > 0 {
		awaited := map[string]bool{}
		for _, n := range waiting {
			awaited[n.code], awaited[n.name] = true, true
		}
		var later []named
		for _, n := range waiting {
			if n.parent != "" && awaited[n.parent] {
				later = append(later, n)
			} else {
				ordered = append(ordered, n.row)
			}
		}
		if len(later) == len(waiting) { // in a circle: the rules say so
			for _, n := range later {
				ordered = append(ordered, n.row)
			}
			break
		}
		waiting = later
	}
	return ordered
}

func placeIndex(ctx context.Context, s *Service) (*index, []directory.Place, error) {
	return indexOf(ctx, s, "place", func(p *directory.Place) (codes, names []string) { return []string{p.Code}, []string{p.Name} })
}

func chainIndex(ctx context.Context, s *Service) (*index, []directory.Chain, error) {
	return indexOf(ctx, s, "chain", func(c *directory.Chain) (codes, names []string) { return []string{c.Code}, []string{c.Name} })
}

func enterpriseIndex(ctx context.Context, s *Service) (*index, []directory.Enterprise, error) {
	return indexOf(ctx, s, "enterprise", func(e *directory.Enterprise) (codes, names []string) {
		return []string{e.CreditCode, e.ExternalNumber}, []string{e.Name}
	})
}

// roster finds enterprises by what a row is known by: the credit code, else
// the external number, else, for those that have neither, the name.
type roster struct {
	byCode, byNumber, byName map[string]*directory.Enterprise
}

func newRoster(all []directory.Enterprise) *roster {
	r := &roster{map[string]*directory.Enterprise{}, map[string]*directory.Enterprise{}, map[string]*directory.Enterprise{}}
	for i := range all {
		r.add(&all[i])
	}
	return r
}

func (r *roster) add(e *directory.Enterprise) {
	if e.CreditCode != "" {
		r.byCode[e.CreditCode] = e
	}
	if e.ExternalNumber != "" {
		r.byNumber[e.ExternalNumber] = e
	}
	if e.CreditCode == "" && e.ExternalNumber == "" {
		r.byName[e.Name] = e
	}
}

func (r *roster) find(row *importRow, e directory.Enterprise) *directory.Enterprise {
	byCode, byNumber := r.byCode[e.CreditCode], r.byNumber[e.ExternalNumber]
	switch {
	case e.CreditCode == "" && e.ExternalNumber == "":
		return r.byName[e.Name]
	case byCode != nil && byNumber != nil && byCode.ID != byNumber.ID:
		row.fault("external_number", "belongs to another enterprise than the credit code; correct one of the two")
		return byCode
	case byCode != nil:
		return byCode
	}
	return byNumber
}

func (run *importRun) enterprises(ctx context.Context) (take, error) {
	e := run.s.Enterprises()
	all, err := store.Entries[directory.Enterprise](ctx, run.s.store, EntryFilter{All: true})
	if err != nil {
		return nil, err
	}
	there := newRoster(all)
	places, _, err := placeIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	chains, _, err := chainIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	columns := map[string]string{"place_id": "place"}
	return func(ctx context.Context, row *importRow) (outcome, error) {
		said := directory.Enterprise{Name: row.required("name"), CreditCode: row.text("credit_code"), ExternalNumber: row.text("external_number")}
		said.Tidy()
		run.once(row, "credit_code", said.CreditCode)
		run.once(row, "external_number", said.ExternalNumber)
		if said.CreditCode == "" && said.ExternalNumber == "" {
			run.once(row, "name", said.Name)
		}
		before := there.find(row, said)
		after := e.Blank()
		if before != nil {
			after = *before
		}
		after.Name = said.Name
		set(run, "credit_code", &after.CreditCode, func() string { return said.CreditCode })
		set(run, "external_number", &after.ExternalNumber, func() string { return said.ExternalNumber })
		set(run, "kind", &after.Kind, func() directory.EnterpriseKind { return word(row, "kind", enterpriseKinds, e.Blank().Kind) })
		set(run, "place", &after.PlaceID, func() string { return places.refer(row, "place") })
		set(run, "chains", &after.Chains, func() []string { return chains.referAll(row, "chains") })
		set(run, "tags", &after.Tags, func() []string { return row.List("tags") })
		set(run, "contact", &after.Contact, func() string { return row.text("contact") })
		set(run, "phone", &after.Phone, func() string { return row.text("phone") })
		what, err := put(ctx, run, e, row, "name", columns, before, &after)
		if err == nil && !row.bad() {
			there.add(&after)
		}
		return what, err
	}, nil
}

// referAll reads a cell that names several entries.
func (x *index) referAll(row *importRow, column string) []string {
	var ids, names []string
	for _, text := range noting(row, column, row.List) {
		id, wrong := x.find(text)
		if !wrong.Empty() {
			row.fault(column, "%s", wrong)
			continue
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
			names = append(names, x.called[id])
		}
	}
	row.understood(column, ImportCell{Text: strings.Join(names, "、")})
	return ids
}

func (run *importRun) users(ctx context.Context) (take, error) {
	departments, _, err := departmentIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	enterprises, _, err := enterpriseIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	columns := map[string]string{"department_id": "department", "enterprise_id": "enterprise"}
	return func(ctx context.Context, row *importRow) (outcome, error) {
		username := row.required("username")
		run.once(row, "username", username)
		there, err := run.s.store.UserByName(ctx, username)
		isThere := err == nil
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return unchanged, err
		}
		before := keptAs(there)
		after := before
		after.Username, after.Name = username, row.required("name")
		if row.required("role") != "" {
			after.Role = word(row, "role", roles, "")
		}
		set(run, "department", &after.DepartmentID, func() string { return departments.refer(row, "department") })
		set(run, "enterprise", &after.EnterpriseID, func() string { return enterprises.refer(row, "enterprise") })
		set(run, "phone", &after.Phone, func() string { return row.text("phone") })
		set(run, "email", &after.Email, func() string { return row.text("email") })
		set(run, "language", &after.Language, func() string { return string(word(row, "language", languages, text.Chinese)) })
		if isThere && there.Retired() && before != after {
			row.fault("username", "the account is retired and changes no more; leave the row out, or choose another user name")
		}
		run.blame(row, "username", columns, ticket.CheckTags(after))
		if row.bad() {
			return unchanged, run.refused(row, "username", columns, run.s.checkUser(ctx, before, after))
		}
		switch {
		case !isThere:
			return added, run.refused(row, "username", columns, run.addUser(ctx, after))
		case before == after:
			return unchanged, nil
		}
		_, err = run.s.ChangeUser(ctx, run.actor, there.ID, UserChange{
			Name: &after.Name, Role: &after.Role, DepartmentID: &after.DepartmentID, EnterpriseID: &after.EnterpriseID, Phone: &after.Phone, Email: &after.Email, Language: &after.Language,
		})
		return changed, run.refused(row, "username", columns, err)
	}, nil
}

func (run *importRun) addUser(ctx context.Context, in NewUser) error {
	user, err := run.s.CreateUser(ctx, run.actor, in)
	if err != nil || !run.options.Links {
		return err
	}
	link, err := run.s.MakeLink(ctx, run.actor, user.ID, directory.InvitationLink)
	if err != nil {
		return fmt.Errorf("invitation: %w", err)
	}
	run.result.Links = append(run.result.Links, link)
	return nil
}
