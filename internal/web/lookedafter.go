package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"whistle/internal/cursor"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

func (w *Pages) lookedAfterRoutes() []route {
	return []route{
		get("/looked-after", (*page).lookedAfter),
		get("/enterprises/:id", (*page).enterprise),
	}
}

func enterprisePath(id string) string { return "/enterprises/" + url.PathEscape(id) }

// lookedAfterPage is what a service manager begins the day with.
type lookedAfterPage struct {
	Query       string
	Enterprises []service.LookedAfter // those found
	All         int                   // looked after
	Open        service.LightCount    // of all of them
	ToAnswer    []requestCard         // the manager may answer in the enterprise's place
	ToVerify    []requestCard         // the enterprise alone may
	Late        []requestCard
}

const burningShown = 10

func (p *page) lookedAfter() error {
	if len(p.actor.Manages) == 0 {
		return ticket.NotFound("page")
	}
	all, err := p.svc.LookedAfter(p.ctx(), p.actor)
	if err != nil {
		return err
	}
	shown := lookedAfterPage{Query: strings.TrimSpace(p.QueryParam("q")), All: len(all)}
	for _, e := range all {
		shown.Open.Count += e.Open.Count
		shown.Open.Red += e.Open.Red
		shown.Open.Yellow += e.Open.Yellow
		if strings.Contains(strings.ToLower(e.Enterprise.Name), strings.ToLower(shown.Query)) {
			shown.Enterprises = append(shown.Enterprises, e)
		}
	}
	for _, list := range []struct {
		name  string
		light ticket.Light
		into  *[]requestCard
	}{
		{"looked_after_to_answer", "", &shown.ToAnswer},
		{"looked_after_to_verify", "", &shown.ToVerify},
		{"looked_after_open", ticket.Red, &shown.Late},
	} {
		if *list.into, _, err = p.cards(list.name, service.WorklistFilter{Light: list.light, Limit: burningShown}); err != nil {
			return err
		}
	}
	shown.Late = slices.DeleteFunc(shown.Late, func(c requestCard) bool {
		return slices.ContainsFunc(append(shown.ToAnswer, shown.ToVerify...), func(o requestCard) bool { return o.ID == c.ID })
	})
	return p.show("lookedafter/list", shown)
}

// enterprisePage is one enterprise with its tickets, as far as the reader sees
// them.
type enterprisePage struct {
	*service.EnterprisePage
	People  []personLine
	Cards   []requestCard
	Closed  bool // the list is of those that are over
	Ended   int
	More    string // where the next page is; "" for none
	MayFile bool   // for this enterprise
	Figures profileFigures
	Assigns bool // may say who looks after it
	Visits  []service.VisitView
}

const visitsOfEnterprise = 5 // the last ones

// personLine is somebody to call about an enterprise.
type personLine struct {
	Name, What, Phone string
}

// Callable says whether the number is whole, and not masked for the reader.
func (p personLine) Callable() bool { return p.Phone != "" && !strings.Contains(p.Phone, "*") }

// people are whom to call: the contact of the roster, those who can sign in, and
// those who look after it, each once.
func (p *page) people(about *service.EnterprisePage) []personLine {
	var people []personLine
	add := func(name, phone string, what ...string) {
		line := personLine{name, strings.Join(slices.DeleteFunc(what, func(s string) bool { return s == "" }), " · "), phone}
		i := slices.IndexFunc(people, func(other personLine) bool {
			return other.Name == name && (phone == "" || other.Phone == "" || other.Phone == phone)
		})
		switch {
		case name == "" && phone == "":
		case i >= 0:
			people[i].What = line.What
			people[i].Phone = cmp.Or(people[i].Phone, phone)
		default:
			people = append(people, line)
		}
	}
	add(about.Enterprise.Contact, about.Enterprise.Phone)
	for _, u := range about.Contacts {
		add(u.Name, u.Phone, p.t("enterprise.account"))
	}
	for _, m := range about.Managers {
		add(m.User.Name, m.User.Phone, p.t("part."+m.Part), about.Names.Of(m.User.DepartmentID))
	}
	return people
}

func (p *page) enterprise() error {
	about, err := p.svc.EnterprisePage(p.ctx(), p.actor, p.Param("id"), p.lang)
	if err != nil {
		return err
	}
	shown := enterprisePage{
		EnterprisePage: about, People: p.people(about), Closed: p.QueryParam("list") == "closed",
		Figures: profileFigures{about.Figures, p.actor.SeesAll() || about.Reader == service.ReaderOwn}, Assigns: p.actor.Role == ticket.RoleDispatcher,
		MayFile: mayFileForAny(p.actor) || slices.Contains(p.actor.Manages, about.Enterprise.ID) || p.actor.Role == ticket.RoleEnterprise,
	}
	if shown.Visits, err = p.svc.Visits(p.ctx(), p.actor, service.VisitFilter{EnterpriseID: about.Enterprise.ID, Limit: visitsOfEnterprise}); err != nil {
		return err
	}
	for state, n := range about.ByState {
		if !state.Open() {
			shown.Ended += n
		}
	}
	after, ok := cursor.Decode[service.Position](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	f := service.TicketFilter{EnterpriseID: about.Enterprise.ID, States: ticket.OpenStates(), After: after, Limit: requestsAPage + 1}
	if shown.Closed {
		f.States = ticket.StageClosed.In()
	}
	views, err := p.svc.Tickets(p.ctx(), p.actor, f)
	if err != nil {
		return err
	}
	if len(views) > requestsAPage {
		views = views[:requestsAPage]
		last := views[requestsAPage-1]
		shown.More = p.with("after", cursor.Encode(service.Position{FiledAt: last.FiledAt, ID: last.ID}))
	}
	for _, v := range views {
		shown.Cards = append(shown.Cards, p.card(v))
	}
	return p.show("lookedafter/enterprise", shown)
}
