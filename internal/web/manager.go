package web

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"whistle/internal/cursor"
	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

const (
	managersPath  = "/managers"
	managersAPage = 50
	ticketsShown  = 200
)

func (w *Pages) managerRoutes() []route {
	return []route{
		get(managersPath, (*page).managers),
		get(managersPath+"/:id", (*page).manager),
		get(managersPath+"/:id/hand-over", desks((*page).handover)),
		post(managersPath+"/:id/hand-over", desks((*page).handOver)),
		get(enterprisesPath+"/:id/managers", desks((*page).enterpriseManagers)),
		post(enterprisesPath+"/:id/managers", desks((*page).assignManager)),
		post(enterprisesPath+"/:id/managers/:assignment/end", desks((*page).endManager)),
	}
}

func managerPath(id string) string { return managersPath + "/" + url.PathEscape(id) }

// readsManagers says whether the reader may know who looks after how much: a
// head of the own people.
func readsManagers(actor ticket.Actor) bool {
	return actor.Role == ticket.RoleDispatcher || actor.Role == ticket.RoleLeader || actor.Heads()
}

// desks keeps a page to the desk; to anybody else there is none.
func desks(handle func(*page) error) func(*page) error {
	return func(p *page) error {
		if p.actor.Role != ticket.RoleDispatcher {
			return ticket.NotFound("page")
		}
		return handle(p)
	}
}

// managerList is who looks after enterprises, and who of these has nobody.
type managerList struct {
	Filters []field
	Shown   managersShown
	Own     bool // the reader's own people alone
	Rows    []service.ManagerLoad
	Next    string
}

// managersShown is how much of the roster is looked after, with the way to the
// enterprises behind each number.
type managersShown struct {
	Coverage *service.ManagerCoverage
	Within   string // the list of enterprises, narrowed as what was counted
}

func (p *page) managersShown(f service.ManagerFilter) (managersShown, error) {
	within := url.Values{}
	for name, value := range map[string]string{"place": f.PlaceID, "chain": f.ChainID} {
		if value != "" {
			within.Set(name, value)
		}
	}
	coverage, err := p.svc.ManagerCoverage(p.ctx(), p.actor, f)
	return managersShown{coverage, enterprisesPath + "?" + within.Encode()}, err
}

func (p *page) managerFilter() service.ManagerFilter {
	return service.ManagerFilter{
		DepartmentID: p.QueryParam("department"), PlaceID: p.QueryParam("place"), ChainID: p.QueryParam("chain"), Text: strings.TrimSpace(p.QueryParam("q")),
	}
}

func (p *page) exportManagers(to service.ExportTo) (int, error) {
	return p.svc.ExportManagers(p.ctx(), p.actor, p.managerFilter(), to)
}

func (p *page) managers() error {
	if !readsManagers(p.actor) {
		return ticket.NotFound("page")
	}
	f := p.managerFilter()
	shown := managerList{Own: !p.actor.SeesAll(), Filters: []field{{Name: "q", Label: p.t("managers.by_name"), Kind: kindText, Values: []string{f.Text}}}}
	departments := func(p *page) ([]option, error) { return entryOptions(p, p.svc.Departments().List, departmentOption) }
	for _, by := range []struct {
		name, label, value string
		options            func(*page) ([]option, error)
	}{
		{"department", "entry.department_id", f.DepartmentID, departments},
		{"place", "managers.place", f.PlaceID, (*page).allPlaces},
		{"chain", "managers.chain", f.ChainID, (*page).allChains},
	} {
		if by.name == "department" && shown.Own {
			continue
		}
		options, err := by.options(p)
		if err != nil {
			return err
		}
		shown.Filters = append(shown.Filters, field{Name: by.name, Label: p.t(by.label), Kind: kindSelect, Values: []string{by.value}, Options: options})
	}
	after, ok := cursor.Decode[service.ManagerPosition](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	var err error
	if shown.Shown, err = p.managersShown(f); err != nil {
		return err
	}
	f.After, f.Limit = after, managersAPage+1
	if shown.Rows, err = p.svc.Managers(p.ctx(), p.actor, f); err != nil {
		return err
	}
	if len(shown.Rows) > managersAPage {
		shown.Rows = shown.Rows[:managersAPage]
		shown.Next = p.with("after", cursor.Encode(shown.Rows[managersAPage-1].Position()))
	}
	return p.show("managers/list", shown)
}

// managerPage is one manager with the enterprises looked after, and their open
// tickets.
type managerPage struct {
	*service.ManagerPage
	List  string // "", open or red
	Cards []requestCard
	Moves bool // the reader may hand them over
}

func (p *page) manager() error {
	if !readsManagers(p.actor) {
		return ticket.NotFound("page")
	}
	m, err := p.svc.Manager(p.ctx(), p.actor, p.Param("id"), worktime.Date{})
	if err != nil {
		return err
	}
	shown := managerPage{ManagerPage: m, List: p.QueryParam("list"), Moves: p.actor.Role == ticket.RoleDispatcher}
	var light ticket.Light
	switch shown.List {
	case "red":
		light = ticket.Red
	case "open":
	default:
		shown.List = ""
		return p.show("managers/show", shown)
	}
	rows, err := p.svc.ManagersTickets(p.ctx(), p.actor, m.User.ID, light, ticketsShown)
	if err != nil {
		return err
	}
	for _, r := range rows {
		shown.Cards = append(shown.Cards, p.card(r.TicketView))
	}
	return p.show("managers/show", shown)
}

// handoverPage asks what is to be handed over to whom, and shows the open
// matters that go along.
type handoverPage struct {
	*service.ManagerPage
	ToAnswer, ToVerify int
	Form               *form
}

func (p *page) handoverPage() (handoverPage, error) {
	m, err := p.svc.Manager(p.ctx(), p.actor, p.Param("id"), worktime.Date{})
	if err != nil {
		return handoverPage{}, err
	}
	shown := handoverPage{ManagerPage: m, Form: newForm(managerPath(m.User.ID)+"/hand-over", p.t("managers.hand_over"))}
	shown.Form.Back = managerPath(m.User.ID)
	which := field{Name: "enterprise_ids", Label: p.t("managers.which"), Kind: kindChecks, Required: true}
	for _, e := range m.Enterprises {
		shown.ToAnswer += e.ToAnswer
		shown.ToVerify += e.ToVerify
		words := []string{p.t("part." + e.Part)}
		for _, n := range []struct {
			text  string
			count int
		}{{"lookedafter.open", e.Open.Count}, {"lookedafter.red", e.Open.Red}, {"managers.to_answer", e.ToAnswer}, {"managers.to_verify", e.ToVerify}} {
			if n.count > 0 {
				words = append(words, p.t(n.text, "Count", n.count))
			}
		}
		which.Options = append(which.Options, option{Value: e.TargetID, Label: m.Names.Of(e.TargetID), Hint: strings.Join(words, " · ")})
		which.Values = append(which.Values, e.TargetID)
	}
	today := m.Day.String()
	shown.Form.Fields = []field{
		p.personField("to_user_id", p.t("managers.to")),
		{Name: "from_date", Label: p.t("managers.from_day"), Kind: kindDay, Required: true, Values: []string{today}, From: today},
		which,
		{Name: "note", Label: p.t("managers.note"), Hint: p.t("managers.note_hint"), Kind: kindLong, Max: 2000},
	}
	return shown, nil
}

// personField looks for somebody who may be assigned something.
func (p *page) personField(name, label string) field {
	f := field{Name: name, Label: label, Kind: kindSearch, Required: true}
	f.find = func(query string) ([]option, error) {
		const most = 30
		if query == "" {
			return nil, nil
		}
		users, err := p.svc.Users(p.ctx(), p.actor, service.UserFilter{Text: query, Assignable: true, Limit: most})
		return optionsOf(users, personOption), err
	}
	return f
}

// personOption is somebody with what tells them from others of the name.
func personOption(u service.UserView) option {
	about := slices.DeleteFunc([]string{u.Names.Of(u.DepartmentID), u.Username}, func(s string) bool { return s == "" })
	return option{Value: u.ID, Label: u.Name, Hint: strings.Join(about, " · ")}
}

func (p *page) handover() error {
	shown, err := p.handoverPage()
	if err != nil {
		return err
	}
	return p.show("managers/handover", shown)
}

func (p *page) handOver() error {
	shown, err := p.handoverPage()
	if err != nil {
		return err
	}
	values, _, err := p.values()
	if err != nil {
		return err
	}
	shown.Form.fill(values)
	again := func(status int) error { return p.showAs(status, "managers/handover", shown) }
	if values.Get(againName) != "" {
		return p.refuse(errAgain, shown.Form, again)
	}
	var in service.NewHandover
	if err = p.decode(values, &in); err == nil && len(in.EnterpriseIDs) == 0 {
		err = ticket.InvalidForm([]ticket.Field{{Pointer: "/enterprise_ids", Message: "must not be empty"}})
	}
	if err == nil {
		_, err = p.once(values, func(ctx context.Context) (string, error) {
			_, err := p.svc.HandOver(ctx, p.actor, p.Param("id"), in)
			return "", err
		})
	}
	if err != nil {
		return p.refuse(err, shown.Form, again)
	}
	p.say("managers.handed_over")
	return p.goTo(managerPath(in.ToUserID))
}

// enterpriseManagersPage is where the desk says who looks after an enterprise.
type enterpriseManagersPage struct {
	Enterprise directory.Enterprise
	Managers   []service.AssignmentView // today and later
	Form       *form
}

func (p *page) enterpriseManagersPage() (enterpriseManagersPage, error) {
	var shown enterpriseManagersPage
	var err error
	if shown.Enterprise, err = p.svc.Enterprises().Get(p.ctx(), p.actor, p.Param("id")); err != nil {
		return shown, err
	}
	all, err := p.svc.Assignments(p.ctx(), p.actor, service.AssignmentFilter{Kind: directory.ManagerOf, TargetID: shown.Enterprise.ID})
	if err != nil {
		return shown, err
	}
	today := worktime.DateOf(p.svc.Now().In(p.svc.Zone()))
	for _, a := range slices.Backward(all) {
		if a.ToDate == nil || !a.ToDate.Before(today) {
			shown.Managers = append(shown.Managers, a)
		}
	}
	shown.Form = newForm(enterprisePath(shown.Enterprise.ID)+"/managers", p.t("managers.assign"))
	shown.Form.Back = enterprisePath(shown.Enterprise.ID)
	var parts []option
	for _, part := range []string{directory.Guide, directory.Contact} {
		parts = append(parts, option{Value: part, Label: p.t("part." + part)})
	}
	shown.Form.Fields = []field{
		p.personField("user_id", p.t("managers.who")),
		{Name: "part", Label: p.t("managers.part"), Kind: kindRadios, Required: true, Options: parts},
		{Name: "from_date", Label: p.t("managers.from_day"), Kind: kindDay, Required: true, Values: []string{today.String()}},
		{Name: "to_date", Label: p.t("managers.to_day"), Hint: p.t("managers.to_day_hint"), Kind: kindDay},
	}
	return shown, nil
}

func (p *page) enterpriseManagers() error {
	shown, err := p.enterpriseManagersPage()
	if err != nil {
		return err
	}
	return p.show("managers/assign", shown)
}

func (p *page) assignManager() error {
	shown, err := p.enterpriseManagersPage()
	if err != nil {
		return err
	}
	in := service.NewAssignment{Kind: directory.ManagerOf, TargetID: shown.Enterprise.ID}
	done, err := p.assign(shown.Form, in, func(status int) error { return p.showAs(status, "managers/assign", shown) })
	if err != nil || !done {
		return err
	}
	p.say("managers.assigned")
	return p.goTo(enterprisePath(shown.Enterprise.ID))
}

// assign makes the assignment that a form asks for; when it can't be made, again
// shows the form with why, and done is false.
func (p *page) assign(f *form, in service.NewAssignment, again func(status int) error) (done bool, err error) {
	values, _, err := p.values()
	if err != nil {
		return false, err
	}
	f.fill(values)
	if values.Get(againName) != "" {
		return false, p.refuse(errAgain, f, again)
	}
	if err = p.decode(values, &in); err == nil {
		_, err = p.once(values, func(ctx context.Context) (string, error) {
			a, err := p.svc.CreateAssignment(ctx, p.actor, in)
			return a.ID, err
		})
	}
	if err != nil {
		return false, p.refuse(err, f, again)
	}
	return true, nil
}

func (p *page) endManager() error {
	if err := p.svc.RetireAssignment(p.ctx(), p.actor, p.Param("assignment")); err != nil {
		return err
	}
	p.say("managers.ended")
	return p.goTo(enterprisePath(p.Param("id")) + "/managers")
}
