package web

import (
	"context"
	"net/url"
	"slices"

	"whistle/internal/cursor"
	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

const stationsPath = "/stations"

func (w *Pages) stationRoutes() []route {
	return []route{
		get(stationsPath, (*page).stations),
		get(stationsPath+"/:id", (*page).station),
		get(stationsPath+"/:id/staff", keepers((*page).stationStaff)),
		post(stationsPath+"/:id/staff", keepers((*page).assignStaff)),
		post(stationsPath+"/:id/staff/:assignment/end", keepers((*page).endStaff)),
	}
}

func stationPath(id string) string { return stationsPath + "/" + url.PathEscape(id) }

// stationList is the list of stations for the offices.
type stationList struct {
	Filters []field
	Rows    []service.StationView
	Names   *service.Names
	Next    string // of the next page; "" on the last
}

// stationsNear are the stations as an enterprise finds them.
type stationsNear struct {
	Near, Others []service.StationView
	Names        *service.Names
}

// stationFilter reads by what the address narrows the list of stations.
func (p *page) stationFilter() service.StationFilter {
	return service.StationFilter{
		Kind: directory.StationKind(p.QueryParam("kind")), PlaceID: p.QueryParam("place"), Service: p.QueryParam("service"), Text: p.QueryParam("q"),
	}
}

func byStationFilter(write func(*service.Service, context.Context, ticket.Actor, service.StationFilter, service.ExportTo) (int, error)) exporter {
	return func(p *page, to service.ExportTo) (int, error) {
		return write(p.svc, p.ctx(), p.actor, p.stationFilter(), to)
	}
}

// stations is the list that the offices find a station in; an enterprise finds
// those near it, and whom to call there.
func (p *page) stations() error {
	if p.actor.Role == ticket.RoleEnterprise {
		return p.stationsNear()
	}
	f := p.stationFilter()
	shown := stationList{Filters: []field{{Name: "q", Label: p.t("around.by_name"), Kind: kindText, Values: []string{f.Text}}}}
	for _, by := range []struct {
		name, label string
		options     func(*page) ([]option, error)
	}{
		{"kind", "entry.station_kind", codeOptions("station_kind", directory.StationKinds)},
		{"place", "entry.place_id", (*page).allPlaces},
		{"service", "entry.services", codeOptions("station_service", directory.StationServices)},
	} {
		options, err := by.options(p)
		if err != nil {
			return err
		}
		shown.Filters = append(shown.Filters, field{Name: by.name, Label: p.t(by.label), Kind: kindSelect, Values: []string{p.QueryParam(by.name)}, Options: options})
	}
	f.After, f.Limit = p.QueryParam("after"), entriesAPage+1
	var err error
	if shown.Rows, err = p.svc.Stations(p.ctx(), p.actor, f); err != nil {
		return err
	}
	if len(shown.Rows) > entriesAPage {
		shown.Rows = shown.Rows[:entriesAPage]
		shown.Next = p.with("after", shown.Rows[entriesAPage-1].ID)
	}
	if shown.Names, err = p.svc.StationNames(p.ctx(), shown.Rows...); err != nil {
		return err
	}
	return p.show("stations/list", shown)
}

func (p *page) stationsNear() error {
	var shown stationsNear
	var err error
	if shown.Near, shown.Others, err = p.svc.StationsNear(p.ctx(), p.actor); err != nil {
		return err
	}
	if shown.Names, err = p.svc.StationNames(p.ctx(), slices.Concat(shown.Near, shown.Others)...); err != nil {
		return err
	}
	return p.show("stations/near", shown)
}

// stationPage is one station with its tickets, as far as the reader sees them.
type stationPage struct {
	*service.StationView
	Names *service.Names
	Lists []stationTab
	Cards []requestCard
	More  string // where the next page is; "" for none
}

// stationTab is one of the lists of a station's tickets.
type stationTab struct {
	Name    service.StationList
	Count   int
	Current bool
}

func (p *page) station() error {
	v, err := p.svc.Station(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	shown := stationPage{StationView: v}
	if shown.Names, err = p.svc.StationNames(p.ctx(), *v); err != nil {
		return err
	}
	if v.Tickets != nil {
		if err := p.stationTickets(&shown); err != nil {
			return err
		}
	}
	return p.show("stations/show", shown)
}

func (p *page) stationTickets(shown *stationPage) error {
	list := service.StationList(p.QueryParam("list"))
	if list == "" {
		list = service.StationOpen
	}
	for name, count := range map[service.StationList]int{
		service.StationOpen: shown.Tickets.Open, service.StationFiled: shown.Tickets.Filed, service.StationReported: shown.Tickets.Reported,
	} {
		shown.Lists = append(shown.Lists, stationTab{name, count, name == list})
	}
	slices.SortFunc(shown.Lists, func(a, b stationTab) int {
		return slices.Index(service.StationLists(), a.Name) - slices.Index(service.StationLists(), b.Name)
	})
	after, ok := cursor.Decode[service.Position](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	views, err := p.svc.StationTickets(p.ctx(), p.actor, shown.ID, list, after, requestsAPage+1)
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
	return nil
}

// staffPage is where somebody is assigned to a station.
type staffPage struct {
	*service.StationView
	Form *form
}

func (p *page) staffPage() (staffPage, error) {
	v, err := p.svc.Station(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return staffPage{}, err
	}
	shown := staffPage{v, newForm(stationPath(v.ID)+"/staff", p.t("station.assign"))}
	shown.Form.Back = stationPath(v.ID)
	parts := optionsOf(directory.StaffParts(v.StationKind), func(part string) option {
		return option{Value: part, Label: p.t("assignment_part." + part)}
	})
	today := worktime.DateOf(p.svc.Now().In(p.svc.Zone())).String()
	shown.Form.Fields = []field{
		p.personField("user_id", p.t("station.who")),
		{Name: "part", Label: p.t("station.part"), Kind: kindRadios, Required: true, Options: parts},
		{Name: "from_date", Label: p.t("station.from_day"), Kind: kindDay, Required: true, Values: []string{today}},
		{Name: "to_date", Label: p.t("station.to_day"), Hint: p.t("station.to_day_hint"), Kind: kindDay},
	}
	return shown, nil
}

func (p *page) stationStaff() error {
	shown, err := p.staffPage()
	if err != nil {
		return err
	}
	return p.show("stations/staff", shown)
}

func (p *page) assignStaff() error {
	shown, err := p.staffPage()
	if err != nil {
		return err
	}
	in := service.NewAssignment{Kind: directory.StaffOf, TargetID: shown.ID}
	done, err := p.assign(shown.Form, in, func(status int) error { return p.showAs(status, "stations/staff", shown) })
	if err != nil || !done {
		return err
	}
	p.say("station.assigned")
	return p.goTo(stationPath(shown.ID))
}

func (p *page) endStaff() error {
	a, err := p.svc.Assignment(p.ctx(), p.actor, p.Param("assignment"))
	if err != nil {
		return err
	}
	if a.Kind != directory.StaffOf || a.TargetID != p.Param("id") {
		return ticket.NotFound("page")
	}
	if err := p.svc.RetireAssignment(p.ctx(), p.actor, a.ID); err != nil {
		return err
	}
	p.say("station.ended")
	return p.goTo(stationPath(a.TargetID))
}
