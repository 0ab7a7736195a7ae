package service

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/tabular"
	"whistle/internal/ticket"
)

// ticketColumns serve an office's own list of orders and the messages that
// another system's users wrote, which have 留言用户 instead of an enterprise.
var ticketColumns = []tabular.Column{
	{Key: "number", Names: []string{"编号", "工单编号", "诉求编号", "留言编号"}},
	{Key: "external_number", Names: []string{"外部编号", "external number"}},
	{Key: "enterprise", Names: []string{"企业", "企业名称", "诉求企业"}},
	{Key: "user", Names: []string{"留言用户"}},
	{Key: "title", Names: []string{"标题", "诉求标题", "主题", "留言主题"}, Required: true},
	{Key: "description", Names: []string{"描述", "诉求内容", "内容", "问题描述", "留言详情"}, Required: true},
	{Key: "category", Names: []string{"类别", "诉求类别", "要素"}},
	{Key: "urgency", Names: []string{"紧急程度"}},
	{Key: "source", Names: []string{"来源", "诉求来源"}},
	{Key: "confidential", Names: []string{"商业秘密", "保密"}},
	{Key: "project", Names: []string{"重点项目", "项目"}},
	{Key: "filed_at", Names: []string{"提交时间", "诉求时间", "登记时间", "留言时间", "created_at"}, Required: true},
	{Key: "accepted_at", Names: []string{"受理时间"}},
	{Key: "department", Names: []string{"牵头部门", "承办部门", "承办单位", "lead"}},
	{Key: "dispatched_at", Names: []string{"派单时间", "分办时间"}},
	{Key: "claimed_at", Names: []string{"接单时间"}},
	{Key: "resolved_at", Names: []string{"提交结果时间", "答复时间"}},
	{Key: "result", Names: []string{"办理结果", "答复意见", "答复"}},
	{Key: "outcome", Names: []string{"办理结论", "结论"}},
	{Key: "closed_at", Names: []string{"办结时间"}},
	{Key: "satisfaction", Names: []string{"满意度"}},
	{Key: "state", Names: []string{"状态"}},
}

var urgencies = spoken("urgency", vocabulary[ticket.Urgency]{
	{ticket.Normal, []string{"普通", "一般", "正常"}},
	{ticket.Urgent, []string{"紧急", "加急", "急"}},
})

var sources = spoken("source", vocabulary[ticket.Source]{
	{ticket.SourceWeb, []string{"网上", "网络", "网站"}},
	{ticket.SourcePhone, []string{"电话", "来电"}},
	{ticket.SourceVisit, []string{"走访"}},
	{ticket.SourceDesk, []string{"分办中心", "窗口"}},
	{ticket.SourceStation, []string{"站点"}},
	{ticket.SourceOrder, []string{"点单", "企业点单"}},
	{ticket.SourceHotline, []string{"热线", "12345"}},
	{ticket.SourceImport, []string{"导入"}},
})

var outcomes = spoken("outcome", vocabulary[ticket.Outcome]{
	{ticket.Solved, []string{"已解决", "解决"}},
	{ticket.Explained, []string{"解释说明", "解释"}},
})

// states are how an export says where a ticket stands.
var states = spoken("state", func() vocabulary[ticket.State] {
	var v vocabulary[ticket.State]
	for _, info := range ticket.States() {
		v = append(v, struct {
			code  ticket.State
			names []string
		}{info.State, []string{info.Chinese}})
	}
	return v
}())

// lastStep is the last step of the story of a ticket in a state. Later steps
// that it has, too, were taken back: it was returned, disputed or reopened.
func lastStep(state ticket.State) step {
	switch state {
	case ticket.Submitted, ticket.Supplementing:
		return filed
	case ticket.Accepted:
		return accepted
	case ticket.Dispatched:
		return dispatched
	case ticket.Joint, ticket.Resolving, ticket.Suspended:
		return claimed
	case ticket.Verifying:
		return resolved
	case ticket.Closed, ticket.Rejected, ticket.Withdrawn, ticket.Merged:
	}
	return closed
}

// step is one event of a row's story.
type step int

// The steps of a story, in order.
const (
	filed step = iota
	accepted
	dispatched
	claimed
	resolved
	closed
)

// stepColumns hold when each step was.
var stepColumns = []string{"filed_at", "accepted_at", "dispatched_at", "claimed_at", "resolved_at", "closed_at"}

// moment is when a step was; inferred where the row does not say it.
type moment struct {
	at       time.Time
	inferred bool
}

// ticketRow is what a row says of a ticket.
type ticketRow struct {
	number       string
	writer       string // number of who wrote, in the other system; "" for an enterprise's order
	in           ticket.SubmitInput
	departmentID string
	story        []moment // by step, up to the last that happened
	result       ticket.ResolveInput
	satisfaction int
}

// ticketImport takes tickets in. It acts as those who did then: the desk files,
// accepts, dispatches and calls back, the department's head claims and
// resolves, each under the id "import".
type ticketImport struct {
	run         *importRun
	batch       *Batch
	there       map[string]bool      // external numbers
	own         map[string]time.Time // numbers of tickets that are here, and when they were filed
	enterprises *index
	projects    *index
	categories  *index
	departments *index
	fallback    string // id of the department of rows that name none; "" for none
	policy      int    // 0 for the one in effect at filing
	desk        ticket.Actor
}

// tickets prepares the import and makes what its options name.
func (run *importRun) tickets(ctx context.Context, b *Batch) (take, error) {
	s := run.s
	imp := &ticketImport{run: run, batch: b, desk: ticket.Actor{ID: importerID, Role: ticket.RoleDispatcher}}
	var err error
	if imp.there, err = s.store.ExternalNumbers(ctx); err != nil {
		return nil, err
	}
	if imp.own, err = s.store.OwnNumbers(ctx); err != nil {
		return nil, err
	}
	if imp.enterprises, _, err = enterpriseIndex(ctx, s); err != nil {
		return nil, err
	}
	if imp.departments, _, err = departmentIndex(ctx, s); err != nil {
		return nil, err
	}
	if imp.projects, _, err = projectIndex(ctx, s); err != nil {
		return nil, err
	}
	if imp.categories, err = categoryIndex(ctx, s); err != nil {
		return nil, err
	}
	return imp.take, imp.prepare(ctx)
}

// prepare holds the options against what is there, and makes the department
// and the policy that they name.
func (imp *ticketImport) prepare(ctx context.Context) error {
	run, o := imp.run, &imp.run.options
	if o.Category == "" {
		o.Category = DefaultCategory
	}
	code, wrong := imp.categories.find(o.Category)
	if !wrong.Empty() {
		return ticket.InvalidValues([]ticket.Field{ticket.FieldOf("/category", wrong)})
	}
	o.Category = code
	if o.Department != "" {
		if err := imp.ensureDepartment(ctx, o.Department); err != nil {
			return err
		}
	}
	if o.Resolve == nil {
		return nil
	}
	rules := slices.DeleteFunc(ticket.DefaultRules(), func(r ticket.Rule) bool { return r.Clock == ticket.ClockResolve })
	rules = append(rules, ticket.Rule{Clock: ticket.ClockResolve, Length: *o.Resolve})
	name := "resolve " + o.Resolve.String()
	_, missing := run.s.store.PolicyByName(ctx, name)
	policy, err := run.s.EnsurePolicy(ctx, run.actor, name, rules)
	if err != nil {
		return err
	}
	if missing != nil {
		run.result.Made["policy"]++
	}
	imp.policy = policy.Version
	return nil
}

func (imp *ticketImport) ensureDepartment(ctx context.Context, name string) error {
	id, wrong := imp.departments.find(name)
	switch {
	case wrong.Empty():
		imp.fallback = id
		return nil
	case len(imp.departments.names[name]) > 0 || imp.departments.codes[name] != "":
		return ticket.InvalidValues([]ticket.Field{ticket.FieldOf("/department", wrong)})
	}
	departments := imp.run.s.Departments()
	made := departments.Blank()
	made.Code, made.Name = name, name
	made, err := departments.Create(ctx, imp.run.actor, made)
	if err != nil {
		return err
	}
	imp.departments.add(made.ID, false, []string{made.Code}, made.Name)
	imp.run.result.Made["department"]++
	imp.fallback = made.ID
	return nil
}

// categoryIndex finds categories; their ids are their codes.
func categoryIndex(ctx context.Context, s *Service) (*index, error) {
	all, err := store.Entries[directory.Category](ctx, s.store, EntryFilter{All: true})
	if err != nil {
		return nil, err
	}
	x := newIndex("category")
	for _, c := range all {
		x.add(c.Code, c.Retired(), []string{c.Code}, c.Name)
	}
	return x, nil
}

// ticketFields are the columns of fields that have another name.
var ticketFields = map[string]string{"enterprise_id": "enterprise", "project_id": "project", "lead_id": "department", "said": "closed_at"}

func (imp *ticketImport) take(ctx context.Context, row *importRow) (outcome, error) {
	// In a table of many tickets some may have come from another system.
	key, number := "external_number", row.text("external_number")
	if number == "" {
		key, number = "number", row.required("number")
	}
	imp.run.once(row, key, number)
	if imp.there[number] && !row.bad() {
		return unchanged, nil
	}
	if imp.isHere(row) {
		return unchanged, nil
	}
	t := imp.read(row)
	t.number = number
	form := ticket.CheckForm(t.in)
	if len(t.story) > int(resolved) {
		form = append(form, ticket.CheckForm(t.result)...)
	}
	imp.run.blame(row, key, ticketFields, form)
	if row.bad() {
		return unchanged, nil
	}
	if t.writer != "" && t.in.EnterpriseID == "" {
		if err := imp.admit(ctx, row, t); err != nil || row.bad() {
			return unchanged, err
		}
	}
	return added, imp.run.refused(row, key, ticketFields, imp.tell(t))
}

// isHere says whether the row tells of a ticket that was filed here, as one of
// an export does: by its number, and the moment at which it was filed, which no
// correction changes. Another system may have given the same number.
func (imp *ticketImport) isHere(row *importRow) bool {
	filed, ok := imp.own[row.text("number")]
	if !ok || row.bad() {
		return false
	}
	look := *row.Row // so that a cell's fault is noted when the row is read
	at, ok := look.Time("filed_at", imp.run.s.zone)
	return ok && at.Equal(filed.Truncate(time.Second))
}

// read reads a row's cells.
func (imp *ticketImport) read(row *importRow) *ticketRow {
	t := &ticketRow{in: ticket.SubmitInput{
		Title: row.required("title"), Description: row.required("description"),
		Category: imp.categories.refer(row, "category"),
		Urgency:  word(row, "urgency", urgencies, ticket.Normal), Source: word(row, "source", sources, ticket.SourceImport),
		ProjectID: imp.projects.refer(row, "project"), Confidential: yes(row, "confidential", false),
	}}
	if t.in.Category == "" && !row.faulty["category"] {
		t.in.Category = imp.run.options.Category
	}
	imp.readFiler(row, t)
	if t.departmentID = imp.departments.refer(row, "department"); t.departmentID == "" && !row.faulty["department"] {
		t.departmentID = imp.fallback
	}
	state := word(row, "state", states, ticket.Closed) // which says nothing: every step counts
	switch state {                                     //nolint:exhaustive // the others have stories
	case ticket.Rejected, ticket.Withdrawn, ticket.Merged:
		row.fault("state", "tickets that were rejected, withdrawn or merged are not carried over; leave the row out")
	}
	t.story = imp.readStory(row, t.departmentID != "", lastStep(state))
	imp.readEnd(row, t)
	return t
}

// readFiler reads whose ticket it is: an enterprise that is there, or somebody
// who wrote to another system.
func (imp *ticketImport) readFiler(row *importRow, t *ticketRow) {
	t.writer = row.text("user")
	switch named := !row.Blank("enterprise"); {
	case named && t.writer != "":
		row.fault("enterprise", "stands beside a 留言用户; keep one of the two")
	case named:
		t.in.EnterpriseID = imp.enterprises.refer(row, "enterprise")
	case t.writer != "":
		if id, ok := imp.enterprises.codes[t.writer]; ok {
			t.in.EnterpriseID = id
		} else {
			return // made when the ticket is filed
		}
	case imp.run.from.Has("enterprise"):
		row.fault("enterprise", "the cell is empty; fill it in")
	default:
		row.fault("user", "the cell is empty; fill it in")
	}
	if t.in.EnterpriseID == "" {
		row.faulty["enterprise"] = true // said already
	}
}

// readStory reads when each step was. A step that the row does not date but
// that must have happened, since a later one did, was when the one before it
// was; a result that is not dated came with the closing.
func (imp *ticketImport) readStory(row *importRow, sent bool, until step) []moment {
	times := make([]time.Time, len(stepColumns))
	sent = sent && until >= dispatched
	last := filed
	if sent {
		last = dispatched // a department has it
	}
	latest := 0
	for i, column := range stepColumns {
		var ok bool
		if step(i) == filed {
			row.required(column)
		}
		times[i], ok = noted(row, column, imp.run.s.zone)
		if !ok || step(i) > until {
			times[i] = time.Time{}
			continue
		}
		switch {
		case times[i].After(imp.run.s.clock.Now()):
			row.fault(column, "lies in the future; correct it")
		case times[i].Before(times[latest]):
			row.fault(column, "is before %s, which comes before it; correct one of the two", stepColumns[latest])
		}
		latest, last = i, max(last, step(i))
	}
	if last >= dispatched && !sent {
		row.fault("department", "is empty, but the row says that the ticket was dispatched; fill it in, or name one for all rows (--department)")
	}
	if last == closed && times[resolved].IsZero() {
		times[resolved] = times[closed]
	}
	story := make([]moment, last+1)
	for i := range story {
		story[i] = moment{at: times[i]}
		if row.Blank(stepColumns[i]) {
			story[i].inferred = true
			if times[i].IsZero() && i > 0 {
				story[i].at = story[i-1].at
			}
		}
	}
	// A message was written to somebody else: that it was filed here is
	// concluded too.
	story[filed].inferred = !row.Blank("user")
	return story
}

// noted reads a time.
func noted(row *importRow, column string, zone *time.Location) (at time.Time, ok bool) {
	at = noting(row, column, func(c string) time.Time { at, _ := row.Time(c, zone); return at })
	if !at.IsZero() {
		row.understood(column, ImportCell{Text: at.In(zone).Format("2006-01-02 15:04:05")})
	}
	return at, !at.IsZero()
}

// readEnd reads how it ended.
func (imp *ticketImport) readEnd(row *importRow, t *ticketRow) {
	t.result = ticket.ResolveInput{Outcome: word(row, "outcome", outcomes, ticket.Solved), Result: row.text("result")}
	t.satisfaction = noting(row, "satisfaction", func(c string) int { n, _ := row.Int(c, 1, 5); return n })
	ended := len(t.story) > int(resolved)
	if ended && t.result.Result == "" {
		row.fault("result", "is empty, but the row says that there was a result; fill it in")
	}
	for _, column := range []string{"result", "outcome"} {
		if !ended && !row.Blank(column) && row.Blank("resolved_at") {
			row.fault("resolved_at", "is empty, but the row holds a result; fill in when it was submitted")
		}
	}
	if len(t.story) <= int(closed) && t.satisfaction != 0 && row.Blank("closed_at") && row.Blank("state") {
		row.fault("closed_at", "is empty, but the row holds a satisfaction; fill in when the ticket was closed")
	}
}

// admit makes an enterprise without a credit code of somebody who wrote to
// another system.
func (imp *ticketImport) admit(ctx context.Context, row *importRow, t *ticketRow) error {
	enterprises := imp.run.s.Enterprises()
	made := enterprises.Blank()
	made.Kind, made.ExternalNumber, made.Name = directory.Other, t.writer, t.writer
	made, err := enterprises.Create(ctx, imp.run.actor, made)
	if err != nil {
		return imp.run.refused(row, "user", map[string]string{"external_number": "user", "name": "user"}, err)
	}
	imp.enterprises.add(made.ID, false, []string{made.ExternalNumber}, made.Name)
	imp.run.result.Made["enterprise"]++
	t.in.EnterpriseID = made.ID
	return nil
}

// tell files the ticket and lets its story happen to it; nothing of it stays
// when one event is refused.
func (imp *ticketImport) tell(t *ticketRow) error {
	id, err := imp.batch.File(imp.desk, t.in, Backdated{
		At: t.story[filed].at, Inferred: t.story[filed].inferred, ExternalNumber: t.number,
		// A story that has come to its end is only carried over. One that has
		// not goes on here: its clocks run and ring like any other's.
		Imported: len(t.story) > int(resolved), PolicyVersion: imp.policy,
	})
	if err != nil {
		return err
	}
	head := ticket.Actor{ID: importerID, Role: ticket.RoleHead, DepartmentID: t.departmentID}
	solved := true
	events := []struct {
		actor ticket.Actor
		Command
	}{
		accepted:   {imp.desk, Command{Event: ticket.EventAccept}},
		dispatched: {imp.desk, Command{Event: ticket.EventDispatch, Input: ticket.DispatchInput{LeadID: t.departmentID}}},
		claimed:    {head, Command{Event: ticket.EventClaim}},
		resolved:   {head, Command{Event: ticket.EventResolve, Input: t.result}},
		// The office says that it was closed, not the enterprise itself.
		closed: {imp.desk, Command{Event: ticket.EventCallback, Input: ticket.CallbackInput{
			Reached: true, Solved: &solved, Satisfaction: t.satisfaction, Said: "据导入的记录办结",
		}}},
	}
	for i, when := range t.story {
		if step(i) == filed {
			continue
		}
		if err := imp.batch.Fire(events[i].actor, id, events[i].Command, Backdated{At: when.at, Inferred: when.inferred}); err != nil {
			imp.batch.Discard(id)
			return err
		}
	}
	imp.there[t.number] = true
	return nil
}

// ParseLength reads how long a clock runs: 15d are working days, 40h working
// hours.
func ParseLength(text string) (ticket.Length, error) {
	units := map[string]ticket.Unit{"d": ticket.WorkingDays, "h": ticket.WorkingHours}
	at := max(len(text)-1, 0)
	amount, err := strconv.Atoi(text[:at])
	length := ticket.Length{Amount: amount, Unit: units[strings.ToLower(text[at:])]}
	if err != nil || length.Unit == "" || len(ticket.CheckTags(length)) > 0 {
		return ticket.Length{}, errors.New("must be working days or working hours, from 1 to 1000, such as 15d or 40h")
	}
	return length, nil
}
