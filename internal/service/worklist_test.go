package service_test

import (
	"slices"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// agency is a district whose people act by name.
type agency struct {
	*testkit.District
	tb testing.TB
}

// inAgency runs a test on each database, from a working day's morning.
func inAgency(t *testing.T, test func(t *testing.T, o *agency)) {
	t.Helper()
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		test(t, &agency{testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-18 09:00")), t})
	})
}

// files has the own enterprise file a request.
func (o *agency) files(title string) string {
	o.tb.Helper()
	t, err := o.File(o.tb.Context(), o.Actor(o.tb, "own"), ticket.SubmitInput{Title: title, Description: title, Category: "labour"})
	if err != nil {
		o.tb.Fatal(err)
	}
	return t.ID
}

func (o *agency) does(who, id string, event ticket.Event, in ticket.Input) {
	o.tb.Helper()
	if _, err := o.Fire(o.tb.Context(), o.Actor(o.tb, who), id, service.Command{Event: event, Input: in}); err != nil {
		o.tb.Fatalf("%s: %s: %v", who, event, err)
	}
}

// led has the desk dispatch a new ticket to a department.
func (o *agency) led(title, department string) string {
	o.tb.Helper()
	id := o.files(title)
	o.does("desk", id, ticket.EventAccept, nil)
	o.does("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: o.Departments[department]})
	return id
}

func (o *agency) worklist(who string, name service.WorklistName) []*service.WorklistRow {
	o.tb.Helper()
	rows, err := o.Worklist(o.tb.Context(), o.Actor(o.tb, who), name, service.WorklistFilter{})
	if err != nil {
		o.tb.Fatalf("%s of %s: %v", name, who, err)
	}
	return rows
}

// holds asserts what is in a list, in its order, and that it is counted so.
func (o *agency) holds(who string, name service.WorklistName, want ...string) {
	o.tb.Helper()
	var got []string
	for _, row := range o.worklist(who, name) {
		got = append(got, row.ID)
	}
	if !slices.Equal(got, want) {
		o.tb.Errorf("%s of %s: %v, want %v", name, who, got, want)
	}
	counts, err := o.Worklists(o.tb.Context(), o.Actor(o.tb, who))
	if err != nil {
		o.tb.Fatal(err)
	}
	i := slices.IndexFunc(counts, func(c service.WorklistCount) bool { return c.Name == name })
	if i < 0 || counts[i].Count != len(want) {
		o.tb.Errorf("%s of %s is counted as %+v", name, who, counts)
	}
}

// TestWorklistsThroughTheLoop follows one ticket from list to list.
func TestWorklistsThroughTheLoop(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		id := o.files("招不到装配工")
		o.holds("desk", store.Inbox, id)
		o.holds("own", store.AllOpen, id)
		o.does("desk", id, ticket.EventRequestInfo, ticket.RequestInfoInput{Question: "几人？"})
		o.holds("desk", store.ToSupplement, id)
		o.holds("own", store.ToAnswer, id)
		o.holds("manager", store.LookedAfterToAnswer, id)
		o.does("manager", id, ticket.EventSupplyInfo, ticket.SupplyInfoInput{Answer: "十人"})
		o.does("desk", id, ticket.EventAccept, nil)
		o.holds("desk", store.Inbox)
		o.holds("desk", store.ToDispatch, id)

		o.does("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: o.Departments["land"]})
		o.holds("land-officer", store.ToClaim, id)
		o.does("land-head", id, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "不归我局"})
		o.holds("desk", store.Returned, id)
		o.holds("desk", store.ToDispatch, id)
		o.holds("land-officer", store.ToClaim)

		o.does("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: o.Departments["labour"]})
		o.does("lead-officer", id, ticket.EventClaim, nil)
		o.holds("lead-officer", store.Working, id)
		o.holds("lead-officer", store.Mine, id)
		o.holds("lead-head", store.Mine)
		o.does("own", id, ticket.EventRequestWhistle, ticket.ReasonInput{Reason: "两个部门"})
		o.holds("desk", store.WhistleRequests, id)
		o.does("lead-officer", id, ticket.EventWhistle, ticket.WhistleInput{DepartmentIDs: []string{o.Departments["fire"]}, Question: "能否先行？"})
		o.holds("desk", store.WhistleRequests)
		o.holds("desk", store.InJointHandling, id)
		o.holds("lead-officer", store.InJointHandling, id)
		o.holds("fire-officer", store.InJointHandling, id)
		o.holds("fire-officer", store.ToReportIn, id)
		o.does("fire-officer", id, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "能办"})
		o.holds("fire-officer", store.ToReportIn)

		o.does("lead-head", id, ticket.EventConclude, ticket.ConcludeInput{Minutes: "议定", Tasks: []ticket.NewTask{{DepartmentID: o.Departments["fire"], Text: "验收"}}})
		o.holds("fire-officer", store.Tasks, id)
		o.does("leader", id, ticket.EventSupervise, ticket.TextInput{Text: "抓紧"})
		o.holds("lead-officer", store.Orders, id)
		o.holds("leader", store.OrdersUnanswered, id)
		o.does("leader", id, ticket.EventTakeCharge, ticket.TextInput{Text: "我来"})
		o.holds("leader", store.UnderMyName, id)
		o.does("fire-officer", id, ticket.EventFinishTask, ticket.FinishTaskInput{TaskID: o.task(id), Result: "验过"})
		o.holds("fire-officer", store.Tasks)

		due := testkit.Moment(t, "2023-10-16 18:00")
		o.does("lead-officer", id, ticket.EventRequestExtension, ticket.RequestExtensionInput{DueAt: due, Reason: "等"})
		o.holds("lead-head", store.Approvals, id)
		o.holds("deputy", store.Approvals, id)
		o.holds("desk", store.Approvals)
		if _, err := o.Worklist(t.Context(), o.Actor(t, "lead-officer"), store.Approvals, service.WorklistFilter{}); ticketCode(err) != ticket.CodeNotFound {
			t.Errorf("an officer has approvals: %v", err)
		}
		o.does("deputy", id, ticket.EventDecideExtension, ticket.DecideInput{Approve: true})
		o.does("lead-head", id, ticket.EventRequestSuspension, ticket.RequestSuspensionInput{Condition: "等", ReviewDate: date("2023-10-20")})
		o.holds("desk", store.Approvals, id)
		o.does("desk", id, ticket.EventDecideSuspension, ticket.DecideInput{Approve: true})
		o.holds("lead-officer", store.OnSuspension, id)
		o.holds("desk", store.OnSuspension, id)
		o.does("lead-officer", id, ticket.EventResume, nil)
		o.holds("lead-officer", store.OnSuspension)
		o.holds("desk", store.OnSuspension, id) // until it is verified

		o.does("lead-head", id, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "招到了"})
		o.holds("lead-officer", store.InVerification, id)
		o.holds("own", store.ToVerify, id)
		o.holds("manager", store.LookedAfterToVerify, id)
		o.holds("stranger", store.ToVerify)
		o.holds("desk", store.Callbacks)
		o.Clock.Set(testkit.Moment(t, "2023-10-20 10:00"))
		o.holds("desk", store.Callbacks, id)
		o.does("own", id, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5})
		for _, who := range []string{"lead-officer", "own"} {
			o.holds(who, store.Ended, id)
		}
		o.holds("manager", store.LookedAfterEnded, id)
		o.holds("desk", store.OnSuspension)
		o.holds("desk", store.AllOpen)
		o.holds("lead-officer", store.Orders, id) // an order is to be answered still
	})
}

// task is the ticket's one task.
func (o *agency) task(id string) string {
	o.tb.Helper()
	v, err := o.Ticket(o.tb.Context(), ticket.System, id)
	if err != nil || len(v.Tasks) != 1 {
		o.tb.Fatalf("%+v %v", v, err)
	}
	return v.Tasks[0].ID
}

func ticketCode(err error) ticket.Code {
	if known, ok := err.(*ticket.Error); ok { //nolint:errorlint // the service returns it bare
		return known.Code
	}
	return ""
}

// TestWorklistBurnsFirst asks what stands on top and what a row says.
func TestWorklistBurnsFirst(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		first := o.led("一", "labour")
		o.Clock.Set(testkit.Moment(t, "2023-09-18 10:00"))
		second := o.led("二", "labour")
		o.does("desk", second, ticket.EventCorrect, ticket.CorrectInput{Urgency: ticket.Urgent, Reason: "急"})
		third := o.led("三", "labour")
		o.does("lead-officer", third, ticket.EventClaim, nil)

		o.Clock.Set(testkit.Moment(t, "2023-09-18 11:00"))
		o.holds("lead-officer", store.ToClaim, second, first)
		rows := o.worklist("lead-officer", store.ToClaim)
		if b := rows[0].Burns; b.Clock != ticket.ClockClaim || b.WorkingTimeLeft != time.Hour || rows[0].Light != ticket.Green {
			t.Errorf("%+v, %s", b, rows[0].Light)
		}
		o.Clock.Set(testkit.Moment(t, "2023-09-19 09:30"))
		rows = o.worklist("lead-officer", store.ToClaim)
		if b := rows[0].Burns; b.WorkingTimeLeft != -270*time.Minute || b.Light != ticket.Red { // since twelve the day before
			t.Errorf("%+v", b)
		}
		if b := rows[1].Burns; b.WorkingTimeLeft != 30*time.Minute || b.Light != ticket.Yellow {
			t.Errorf("%+v", b)
		}
		o.holds("lead-officer", store.Overdue, second)
		o.holds("leader", store.RedLights, second)
		o.holds("leader", store.YellowLights, first)
		for light, want := range map[ticket.Light][]string{ticket.Red: {second}, ticket.Yellow: {first}} {
			some, err := o.Worklist(t.Context(), o.Actor(t, "lead-head"), store.ToClaim, service.WorklistFilter{Light: light})
			if err != nil || len(some) != 1 || some[0].ID != want[0] {
				t.Errorf("%s: %v %v", light, some, err)
			}
		}
		page, err := o.Worklist(t.Context(), o.Actor(t, "desk"), store.AllOpen, service.WorklistFilter{Limit: 2})
		if err != nil || len(page) != 2 || page[0].ID != second {
			t.Fatalf("%v %v", page, err)
		}
		page, err = o.Worklist(t.Context(), o.Actor(t, "desk"), store.AllOpen, service.WorklistFilter{Limit: 2, After: &page[1].Position})
		if err != nil || len(page) != 1 || page[0].ID != third {
			t.Errorf("%v %v", page, err)
		}
	})
}

func TestBoard(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		id := o.led("宿舍消防验收", "labour")
		o.does("lead-officer", id, ticket.EventWhistle, ticket.WhistleInput{
			DepartmentIDs: []string{o.Departments["fire"], o.Departments["water"]}, Question: "能否先行？", Convener: ticket.ConvenedByDesk,
		})
		since := o.Clock.Now()
		o.Clock.Set(testkit.Moment(t, "2023-09-18 15:00"))
		o.does("water-officer", id, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Needs, Text: "要一张图"})
		o.Clock.Set(testkit.Moment(t, "2023-09-20 09:00"))
		board := func(who string) []*service.BoardRow {
			t.Helper()
			rows, err := o.Board(t.Context(), o.Actor(t, who), service.WorklistFilter{})
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		for _, who := range []string{"desk", "leader", "lead-officer", "fire-head", "own"} {
			rows := board(who)
			if len(rows) != 1 || rows[0].Outstanding != 1 || rows[0].Convener != ticket.SideDesk || !rows[0].Since.Equal(since.UTC()) {
				t.Fatalf("%s: %+v", who, rows)
			}
			fire, water := rows[0].Summoned[0], rows[0].Summoned[1]
			if fire.Deadline == nil || fire.Deadline.Light != ticket.Red || !fire.Late || fire.ReportedAt != nil || fire.Deadline.WorkingTimeLeft != -6*time.Hour {
				t.Errorf("%s: fire %+v %+v", who, fire, fire.Deadline)
			}
			if water.Deadline != nil || water.Late || water.ReportedAt == nil {
				t.Errorf("%s: water %+v", who, water)
			}
			position, text := ticket.Needs, "要一张图"
			if who == "own" {
				position, text = "", ""
			}
			if water.Position != position || water.Text != text {
				t.Errorf("%s reads %q %q", who, water.Position, water.Text)
			}
		}
		for _, who := range []string{"tax-officer", "stranger", "admin"} {
			if rows := board(who); len(rows) != 0 {
				t.Errorf("%s: %+v", who, rows)
			}
		}
	})
}

func TestHolders(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		o.Join(t, "leaver", ticket.RoleOfficer, "labour")
		idle := o.led("没人接", "labour")
		var claimed []string
		for _, who := range []string{"lead-officer", "lead-officer", "leaver"} {
			id := o.led("有人办", "labour")
			o.does(who, id, ticket.EventClaim, nil)
			claimed = append(claimed, id)
		}
		o.led("别的局", "land")
		if err := o.RetireUser(t.Context(), ticket.System, o.Users["leaver"].ID); err != nil {
			t.Fatal(err)
		}
		o.Clock.Set(testkit.Moment(t, "2023-09-19 10:00")) // the claim clock is yellow

		for _, who := range []string{"lead-head", "deputy"} {
			h, err := o.Holders(t.Context(), o.Actor(t, who))
			if err != nil {
				t.Fatal(err)
			}
			if u := h.Unassigned; u.Count != 1 || u.Yellow != 1 || u.Tickets[0].ID != idle || h.More {
				t.Errorf("nobody's: %+v", u)
			}
			var people []string
			for _, p := range h.People {
				people = append(people, p.User.Name)
				if len(p.Tickets) != p.Count {
					t.Errorf("%s: %d tickets, counted %d", p.User.Name, len(p.Tickets), p.Count)
				}
			}
			if want := []string{"lead-head", "deputy", "lead-officer", "leaver"}; !slices.Equal(people, want) {
				t.Fatalf("%v, want %v", people, want)
			}
			if officer := h.People[2]; officer.Count != 2 || !officer.In {
				t.Errorf("%+v", officer)
			}
			if leaver := h.People[3]; leaver.Count != 1 || leaver.Tickets[0].ID != claimed[2] || leaver.In {
				t.Errorf("%+v", leaver)
			}
		}
		for _, who := range []string{"lead-officer", "desk", "leader", "own"} {
			if _, err := o.Holders(t.Context(), o.Actor(t, who)); ticketCode(err) != ticket.CodeForbidden {
				t.Errorf("%s: %v", who, err)
			}
		}
	})
}

func TestLookedAfter(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		manager := o.Actor(t, "manager")
		if _, err := o.CreateAssignment(t.Context(), ticket.System, service.NewAssignment{
			Kind: directory.ManagerOf, UserID: manager.ID, TargetID: o.Enterprises["other"], Part: "contact",
		}); err != nil {
			t.Fatal(err)
		}
		manager.Manages = append(slices.Clone(manager.Manages), o.Enterprises["other"])
		o.files("一")
		second := o.files("二")
		o.does("desk", second, ticket.EventRequestInfo, ticket.RequestInfoInput{Question: "几人？"})
		secret, err := o.File(t.Context(), o.Actor(t, "own"), ticket.SubmitInput{Title: "密", Description: "商业秘密", Category: "labour", Confidential: true})
		if err != nil {
			t.Fatal(err)
		}
		all, err := o.LookedAfter(t.Context(), manager)
		if err != nil || len(all) != 2 {
			t.Fatalf("%+v %v", all, err)
		}
		own, other := all[0], all[1]
		if own.Enterprise.ID != o.Enterprises["own"] || own.Open.Count != 2 || own.ToAnswer != 1 || own.ToVerify != 0 || own.Part != "guide" ||
			own.LastActivity == nil || !own.LastActivity.Equal(o.Clock.Now()) {
			t.Errorf("%+v", own)
		}
		if other.Enterprise.ID != o.Enterprises["other"] || other.Open.Count != 0 || other.LastActivity != nil || other.Part != "contact" {
			t.Errorf("%+v", other)
		}

		page := func(who string) (*service.EnterprisePage, error) {
			return o.EnterprisePage(t.Context(), o.Actor(t, who), o.Enterprises["own"], text.Chinese)
		}
		for who, want := range map[string]int{"desk": 3, "own": 3, "manager": 2, "tax-officer": 0} {
			p, err := page(who)
			if err != nil {
				t.Fatal(err)
			}
			if p.Open.Count != want || len(p.Recent) != want || p.ByState[ticket.Submitted]+p.ByState[ticket.Supplementing] != want {
				t.Errorf("%s: %+v, %d recent", who, p.ByState, len(p.Recent))
			}
			if len(p.Managers) != 1 || p.Managers[0].User.Name != "manager" || p.Managers[0].Part != "guide" || len(p.Contacts) != 1 || p.Contacts[0].Name != map[bool]string{false: "own", true: "o**"}[who == "tax-officer"] {
				t.Errorf("%s: managers %+v, contacts %+v", who, p.Managers, p.Contacts)
			}
			if len(p.Projects) != 1 || p.Names.Of(p.Enterprise.PlaceID) != "桥头镇" || p.Names.Of(p.Enterprise.Chains[0]) != "集成电路" {
				t.Errorf("%s: %+v", who, p)
			}
			if who == "manager" && slices.ContainsFunc(p.Recent, func(r *service.WorklistRow) bool { return r.ID == secret.ID }) {
				t.Error("the manager sees the secret")
			}
		}
		for _, who := range []string{"stranger", "guest"} {
			if _, err := page(who); ticketCode(err) != ticket.CodeNotFound {
				t.Errorf("%s: %v", who, err)
			}
		}
	})
}

func TestProposals(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		for code, basis := range map[string]string{"labour": "促进就业，组织招聘会和劳务协作", "tax": "税收优惠"} {
			if _, err := o.Duties().Create(t.Context(), ticket.System, directory.Duty{Category: "labour", DepartmentID: o.Departments[code], Basis: basis}); err != nil {
				t.Fatal(err)
			}
		}
		file := func(who, category, title, text string) string {
			t.Helper()
			one, err := o.File(t.Context(), o.Actor(t, who), ticket.SubmitInput{Title: title, Description: text, Category: category})
			if err != nil {
				t.Fatal(err)
			}
			o.does("desk", one.ID, ticket.EventAccept, nil)
			return one.ID
		}
		past := file("stranger", "labour", "季节工难招", "采摘季缺口四十人，想参加招聘会。")
		o.does("desk", past, ticket.EventDispatch, ticket.DispatchInput{LeadID: o.Departments["land"]})
		file("stranger", "land", "大棚用地到期", "设施农用地备案到期，续期材料不清楚。")
		home := file("own", "labour", "装配线缺工", "新线投产，招不到装配工，缺口六十人。")
		again := file("own", "labour", "招不到装配工", "新线投产，缺口六十人，想参加招聘会。")

		p, err := o.Proposals(t.Context(), o.Actor(t, "desk"), again)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Similar) != 2 || p.Similar[0].ID != home || !p.Similar[0].SameEnterprise || p.Similar[1].ID != past || p.Similar[1].SameEnterprise {
			t.Fatalf("similar: %+v", p.Similar)
		}
		if !slices.Contains(p.Similar[1].Words, "想参加招聘会") || p.Similar[0].Likeness <= p.Similar[1].Likeness || p.Similar[0].Likeness > 1 {
			t.Errorf("words %v, likeness %g and %g", p.Similar[1].Words, p.Similar[0].Likeness, p.Similar[1].Likeness)
		}
		if len(p.Categories) != 1 || p.Categories[0].Category != "labour" || p.Categories[0].Share != 1 || len(p.Categories[0].Tickets) != 2 {
			t.Errorf("categories: %+v", p.Categories)
		}
		var order []string
		grounds := map[string][]service.ReasonKind{}
		for _, d := range p.Departments {
			order = append(order, d.Department.Code)
			for _, r := range d.Reasons {
				grounds[d.Department.Code] = append(grounds[d.Department.Code], r.Kind)
			}
		}
		// Land has done it before, here and alike; the catalogue outweighs none of the three alone.
		if !slices.Equal(order, []string{"land", "labour", "tax"}) {
			t.Errorf("departments: %v", order)
		}
		if !slices.Equal(grounds["land"], []service.ReasonKind{service.ByPast, service.ByPlace, service.BySimilar}) || !slices.Equal(grounds["labour"], []service.ReasonKind{service.ByDuty}) {
			t.Errorf("grounds: %v", grounds)
		}
		if words := p.Departments[1].Reasons[0].Words; !slices.Contains(words, "招聘会") {
			t.Errorf("the duty's words: %v", words)
		}

		// Who gave it back is proposed last.
		o.does("desk", again, ticket.EventDispatch, ticket.DispatchInput{LeadID: o.Departments["land"]})
		o.does("land-head", again, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "不归我局"})
		p, err = o.Proposals(t.Context(), o.Actor(t, "desk"), again)
		if err != nil {
			t.Fatal(err)
		}
		if last := p.Departments[len(p.Departments)-1]; last.Department.Code != "land" || last.Reasons[len(last.Reasons)-1].Kind != service.GaveBack {
			t.Errorf("%+v", p.Departments)
		}
		for _, who := range []string{"leader", "lead-head", "own"} {
			if _, err := o.Proposals(t.Context(), o.Actor(t, who), again); ticketCode(err) != ticket.CodeForbidden {
				t.Errorf("%s: %v", who, err)
			}
		}
	})
}
