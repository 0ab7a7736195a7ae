package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"whistle/internal/cursor"
	"whistle/internal/directory"
	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

func (w *Pages) dashboardRoutes() []route {
	return []route{
		get("/dashboard", (*page).dashboard),
		get("/figures", (*page).figureMembers),
	}
}

// figuresForm is what figures are asked for by, as it stands in an address.
type figuresForm struct {
	Period string // year, month, week or custom
	Query  service.FiguresQuery
	Errors map[string]string // by field
}

const (
	thisYear  = "year"
	thisMonth = "month"
	thisWeek  = "week"
	custom    = "custom"
)

// figuresForm reads the filters of the address. A day that is none is told at
// its field, and the year to date is shown meanwhile.
func (p *page) figuresForm() figuresForm {
	f := figuresForm{Period: p.QueryParam("period"), Errors: map[string]string{}}
	f.Query.Where = figures.Where{
		DepartmentID: p.QueryParam("department"), ChainID: p.QueryParam("chain"), Category: p.QueryParam("category"),
		PlaceID: p.QueryParam("place"), Source: p.QueryParam("source"), EnterpriseID: p.QueryParam("enterprise"),
	}
	today := worktime.DateOf(p.svc.Now().In(p.svc.Zone()))
	f.Query.From, f.Query.To = worktime.Date{Year: today.Year, Month: time.January, Day: 1}, today
	switch f.Period {
	case thisMonth:
		f.Query.From = worktime.Date{Year: today.Year, Month: today.Month, Day: 1}
	case thisWeek:
		f.Query.From = figures.Monday(today)
	case custom:
		from, to := f.day(p, "from", f.Query.From), f.day(p, "to", f.Query.To)
		if to.Before(from) {
			f.Errors["to"] = p.t("figures.to_before_from")
			break
		}
		f.Query.From, f.Query.To = from, to
	default:
		f.Period = thisYear
	}
	return f
}

func (f *figuresForm) day(p *page, name string, otherwise worktime.Date) worktime.Date {
	value := p.QueryParam(name)
	if value == "" {
		return otherwise
	}
	day, err := worktime.ParseDate(value)
	if err != nil {
		f.Errors[name] = p.t("figures.no_day")
		return otherwise
	}
	return day
}

// Values are the filters as they stand in an address.
func (f figuresForm) Values() url.Values {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	if f.Period != thisYear {
		set("period", f.Period)
	}
	if f.Period == custom {
		set("from", f.Query.From.String())
		set("to", f.Query.To.String())
	}
	w := f.Query.Where
	set("department", w.DepartmentID)
	set("chain", w.ChainID)
	set("category", w.Category)
	set("place", w.PlaceID)
	set("source", w.Source)
	set("enterprise", w.EnterpriseID)
	return values
}

// Members is where the tickets behind a number are listed.
func (f figuresForm) Members(figure string, part figures.Part) string {
	return f.GroupMembers(figures.ByNothing, "", figure, part)
}

// GroupMembers is Members for a group of a cut.
func (f figuresForm) GroupMembers(by figures.Cut, key, figure string, part figures.Part) string {
	values := f.Values()
	values.Set("figure", figure)
	values.Set("part", string(part))
	if by != figures.ByNothing {
		values.Set("by", string(by))
		values.Set("key", key)
	}
	return "/figures?" + values.Encode()
}

// figureFilters are the choices of the filters, for a form.
func (p *page) figureFilters(f figuresForm) ([]field, error) {
	periods := field{Name: "period", Label: p.t("figures.period"), Kind: kindSelect, Values: []string{f.Period}}
	for _, period := range []string{thisYear, thisMonth, thisWeek, custom} {
		periods.Options = append(periods.Options, option{Value: period, Label: p.t("period." + period)})
	}
	days := func(name string, day worktime.Date) field {
		return field{Name: name, Label: p.t("figures." + name), Kind: kindDay, Values: []string{day.String()}, Error: f.Errors[name]}
	}
	fields := []field{periods, days("from", f.Query.From), days("to", f.Query.To)}
	w := f.Query.Where
	add := func(name, value string, options []option, err error) error {
		fields = append(fields, field{Name: name, Label: p.t("field_of_figures." + name), Kind: kindSelect, Values: []string{value}, Options: options})
		return err
	}
	var errs []error
	departments, err := entryOptions(p, p.svc.Departments().List, func(d directory.Department) option { return option{Value: d.ID, Label: d.Name} })
	errs = append(errs, add("department", w.DepartmentID, departments, err))
	chains, err := p.allChains()
	errs = append(errs, add("chain", w.ChainID, chains, err))
	categories, err := entryOptions(p, p.svc.Categories().List, func(d directory.Category) option {
		return option{Value: d.Code, Label: p.category(d.Code, d.Name)}
	})
	errs = append(errs, add("category", w.Category, categories, err))
	places, err := p.allPlaces()
	errs = append(errs, add("place", w.PlaceID, places, err))
	var sources []option
	for _, source := range ticket.Sources() {
		sources = append(sources, option{Value: string(source), Label: p.t("source." + string(source))})
	}
	errs = append(errs, add("source", w.Source, sources, nil))
	if w.EnterpriseID != "" { // came by a link from its profile, and may be left
		enterprise, err := p.svc.Enterprises().Get(p.ctx(), p.actor, w.EnterpriseID)
		errs = append(errs, add("enterprise", w.EnterpriseID, []option{{Value: enterprise.ID, Label: enterprise.Name}}, err))
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return fields, nil
}

// GroupMembersOf is GroupMembers of a plain count, for a cut by its name.
func (f figuresForm) GroupMembersOf(by, key, figure string) string {
	return f.GroupMembers(figures.Cut(by), key, figure, figures.Denominator)
}

// TicketFilters are the filters that a list of tickets has too.
func (f figuresForm) TicketFilters() map[string]string {
	w, filters := f.Query.Where, map[string]string{}
	for name, value := range map[string]string{"department": w.DepartmentID, "chain": w.ChainID, "category": w.Category, "place": w.PlaceID, "source": w.Source, "enterprise": w.EnterpriseID} {
		if value != "" {
			filters[name] = value
		}
	}
	return filters
}

// dashboardPage is what the dashboard shows.
type dashboardPage struct {
	figuresForm
	*service.Dashboard
	Filters  []field
	Narrowed bool // by more than the period
	Wall     bool
	Rates    []rateShown // beside the resolution rates
	Trend    template.JS // the plot's data
	Small    int         // below which a rate is shown with its interval
	Managers managersShown
	Covered  *coveragePage
	Projects *projectsShown
	Charges  *chargesShown
	Stations []service.StationSum // by kind
}

// rateShown is a rate with what it is compared with.
type rateShown struct {
	Name     string
	Ratio    figures.Ratio
	Previous figures.Ratio
	Better   string // up or down: which way is better
}

// shownRates are the rates below the resolution rates, in their order, with
// which way is better.
var shownRates = []rateShown{
	{Name: "response_rate", Better: "up"},
	{Name: "on_time_rate", Better: "up"},
	{Name: "satisfaction_rate", Better: "up"},
	{Name: "report_in_rate", Better: "up"},
	{Name: "first_dispatch_rate", Better: "up"},
	{Name: "verification_rate", Better: "up"},
	{Name: "rework_rate", Better: "down"},
	{Name: "return_rate", Better: "down"},
}

// rate is a rate of a report beside that of the period before.
func (d *dashboardPage) Rate(name string) rateShown {
	return rateShown{Name: name, Ratio: d.Report.Total.Rates[name], Previous: d.Previous.Total.Rates[name]}
}

// Units are the departments in groups of like size: the rate of one with three
// tickets says little beside that of one with three hundred.
func (d *dashboardPage) Units() []unitGroup {
	groups := []unitGroup{{Name: "large"}, {Name: "small"}, {Name: "none"}}
	for _, unit := range d.Departments {
		at := 0
		switch n := unit.Counts.Tickets; {
		case unit.Key == figures.NoKey:
			at = 2
		case n < figures.SmallUnit:
			at = 1
		}
		groups[at].Units = append(groups[at].Units, unit)
	}
	return slices.DeleteFunc(groups, func(g unitGroup) bool { return len(g.Units) == 0 })
}

type unitGroup struct {
	Name  string
	Units []figures.Group
}

// dashboard is what leaders watch. The desk may, and whoever reads figures sees
// their own part.
func (p *page) dashboard() error {
	f := p.figuresForm()
	read, err := p.svc.Dashboard(p.ctx(), p.actor, f.Query)
	if err != nil {
		return err
	}
	shown := &dashboardPage{
		figuresForm: f, Dashboard: read, Narrowed: f.Query.Where != (figures.Where{}), Wall: p.QueryParam("wall") != "", Small: figures.SmallUnit,
	}
	for _, rate := range shownRates {
		rate.Ratio, rate.Previous = read.Report.Total.Rates[rate.Name], read.Previous.Total.Rates[rate.Name]
		shown.Rates = append(shown.Rates, rate)
	}
	if shown.Filters, err = p.figureFilters(f); err != nil {
		return err
	}
	if shown.Covered, err = p.coverageOf(f); err != nil {
		return err
	}
	if shown.Trend, err = p.trend(read.Weeks, f); err != nil {
		return err
	}
	if shown.Managers, err = p.managersShown(service.ManagerFilter{PlaceID: f.Query.Where.PlaceID, ChainID: f.Query.Where.ChainID}); err != nil {
		return err
	}
	if shown.Projects, err = p.projectsShown(f); err != nil {
		return err
	}
	if shown.Charges, err = p.chargesShown(f); err != nil {
		return err
	}
	if p.part() == "" && !shown.Wall {
		if shown.Stations, err = p.svc.StationSums(p.ctx(), p.actor); err != nil {
			return err
		}
	}
	return p.show("dashboard/show", shown)
}

// Theme is the look of the page where the reader chose another: a wall screen
// is dark.
func (d *dashboardPage) Theme(chosen string) string {
	if d.Wall {
		return "dark"
	}
	return chosen
}

// plot is what chart.js draws.
type plot struct {
	Labels []string     `json:"labels"`
	Unit   string       `json:"unit,omitempty"`
	Frozen string       `json:"frozen,omitempty"`
	Series []plotSeries `json:"series"`
}

type plotSeries struct {
	Name   string   `json:"name"`
	Values []any    `json:"values"` // null for no figure
	Frozen []int    `json:"frozen,omitempty"`
	Hrefs  []string `json:"hrefs,omitempty"`
}

// trend is the resolution rate by week; the weeks that were published are
// marked, and show the figure that was.
func (p *page) trend(weeks []service.Week, f figuresForm) (template.JS, error) {
	rate := plotSeries{Name: p.t("figure.resolution_rate")}
	drawn := plot{Unit: "%", Frozen: p.t("figures.frozen")}
	for i, week := range weeks {
		drawn.Labels = append(drawn.Labels, p.weekName(week))
		percent := week.Counts.Rates["resolution_rate"].Percent()
		var value any
		if percent != "" {
			value = json.Number(percent)
		}
		if week.Frozen != nil {
			rate.Frozen = append(rate.Frozen, i)
		}
		rate.Values = append(rate.Values, value)
		of := f
		of.Period, of.Query.From, of.Query.To = custom, week.From, week.To
		rate.Hrefs = append(rate.Hrefs, of.Members("resolution_rate", figures.Denominator))
	}
	drawn.Series = []plotSeries{rate}
	raw, err := json.Marshal(drawn)
	return template.JS(raw), err //nolint:gosec // JSON as encoding/json writes it, with <, > and & escaped
}

func (p *page) weekName(week service.Week) string {
	return p.t("figures.week", "Year", week.Year, "Week", week.Number)
}

// WeekName is a week in words.
func (v view) WeekName(week service.Week) string { return v.weekName(week) }

// WeekMembers is where what a week counts is listed.
func (d *dashboardPage) WeekMembers(week service.Week, figure string, part figures.Part) string {
	of := d.figuresForm
	of.Period, of.Query.From, of.Query.To = custom, week.From, week.To
	return of.Members(figure, part)
}

// membersPage lists what a figure counts.
type membersPage struct {
	Asked figuresForm
	*service.FigureMembers
	Figure   string
	Part     figures.Part
	Parts    []figures.Part // to choose from; one for a plain count
	By       figures.Cut
	Key      string
	KeyName  string
	Snapshot string
	Next     string
	Back     string // to where the number stands
}

const membersAPage = 50

// figureMembers lists the tickets, dispatches or summonses behind a number, as
// many as it says.
func (p *page) figureMembers() error {
	f := p.figuresForm()
	query, asked := p.membersAsked(f)
	shown := &membersPage{Asked: f, Figure: asked.Figure, Part: asked.Part, By: query.By, Key: asked.Key, Snapshot: asked.Snapshot}
	after, ok := cursor.Decode[service.FigurePosition](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	var err error
	asked.After, asked.Limit = after, membersAPage+1
	shown.FigureMembers, err = p.svc.FigureMembers(p.ctx(), p.actor, query, asked)
	if err != nil {
		return err
	}
	if len(shown.Members) > membersAPage {
		shown.Members = shown.Members[:membersAPage]
		shown.Next = p.with("after", cursor.Encode(shown.Members[membersAPage-1].Position()))
	}
	shown.Parts = []figures.Part{figures.Denominator}
	if shown.Definition.IsRate() {
		shown.Parts = []figures.Part{figures.Numerator, figures.Rest, figures.Denominator}
	}
	if shown.KeyName, err = p.groupName(shown.By, shown.Key); err != nil {
		return err
	}
	shown.Back = "/dashboard"
	if values := f.Values(); len(values) > 0 {
		shown.Back += "?" + values.Encode()
	}
	return p.show("dashboard/members", shown)
}

// membersAsked reads of which number of the figures the address asks for what
// is behind it.
func (p *page) membersAsked(f figuresForm) (service.FiguresQuery, service.FigureMembersQuery) {
	f.Query.By = figures.Cut(p.QueryParam("by"))
	return f.Query, service.FigureMembersQuery{
		Figure: p.QueryParam("figure"), Part: cmp.Or(figures.Part(p.QueryParam("part")), figures.Denominator),
		Key: p.QueryParam("key"), Snapshot: p.QueryParam("snapshot"),
	}
}

// groupName is a group's name in the reader's language.
func (p *page) groupName(by figures.Cut, key string) (string, error) {
	if key == "" {
		return "", nil
	}
	if key == figures.NoKey {
		return p.t("figures.nobody." + string(by)), nil
	}
	switch by {
	case figures.ByDepartment:
		d, err := p.svc.Departments().Get(p.ctx(), p.actor, key)
		return d.Name, err
	case figures.ByChain:
		d, err := p.svc.Chains().Get(p.ctx(), p.actor, key)
		return d.Name, err
	case figures.ByPlace:
		d, err := p.svc.Places().Get(p.ctx(), p.actor, key)
		return d.Name, err
	case figures.ByEnterprise:
		d, err := p.svc.Enterprises().Get(p.ctx(), p.actor, key)
		return d.Name, err
	case figures.ByCategory:
		return p.category(key, key), nil
	case figures.BySource:
		return p.t("source." + key), nil
	case figures.ByNothing:
	}
	return key, nil
}

// FigureName is a figure's name in the reader's language.
func (v view) FigureName(name string) string { return v.t("figure." + name) }

// FigureAbout says what a figure counts; "" where its name says it.
func (v view) FigureAbout(name string) string {
	if id := "figure_about." + name; text.Has(id) {
		return v.t(id)
	}
	return ""
}

// GroupName is a group's name in the reader's language.
func (v view) GroupName(by figures.Cut, g figures.Group) string {
	switch {
	case g.Key == figures.NoKey:
		return v.t("figures.nobody." + string(by))
	case by == figures.ByCategory:
		return v.category(g.Key, g.Name)
	}
	return g.Name
}

// GroupNameOf is GroupName for a cut by its name.
func (v view) GroupNameOf(by string, g figures.Group) string { return v.GroupName(figures.Cut(by), g) }

// ChainOpens says whether a group is a chain whose page the reader may open.
func (v view) ChainOpens(by, key string) bool {
	return figures.Cut(by) == figures.ByChain && key != figures.NoKey && inOffice(v.actor)
}

// Fires says whether the reader may fire an event on a ticket now.
func (v view) Fires(t *service.TicketView, event ticket.Event) bool {
	return slices.Contains(t.Actions, event)
}

// unitRates are the rates that stand beside a department's resolution rate.
var unitRates = []string{"response_rate", "on_time_rate", "satisfaction_rate"}

// bounds are those of a rate's 95 % interval, in per cent.
type bounds struct{ Low, High string }

// interval is a rate's interval where it is over so little that it needs one.
func interval(r figures.Ratio) *bounds {
	low, high, ok := r.Interval()
	if !ok {
		return nil
	}
	return &bounds{low, high}
}

// Change says how a rate moved against the period before, in points of a
// hundredth of a per cent; "" where either is no figure.
func (r rateShown) Change() string {
	if r.Ratio.Denominator == 0 || r.Previous.Denominator == 0 {
		return ""
	}
	points := float64(r.Ratio.Numerator)/float64(r.Ratio.Denominator) - float64(r.Previous.Numerator)/float64(r.Previous.Denominator)
	return strings.Replace(fmt.Sprintf("%+.2f", points*100), "-", "−", 1)
}
