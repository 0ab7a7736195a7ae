package web

import (
	"bytes"
	"net/http"
	"net/url"

	"whistle/internal/cursor"
	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/tabular"
	"whistle/internal/ticket"
	"whistle/internal/visit"
	"whistle/internal/worktime"
)

func (w *Pages) bulletinRoutes() []route {
	return []route{
		get("/bulletin", (*page).bulletin),
		get("/bulletin.xlsx", (*page).bulletinBook),
		get("/dashboard/snapshots", (*page).snapshots),
		get("/dashboard/snapshots/:id", (*page).snapshot),
	}
}

// bulletinPage is a bulletin as it is read and printed.
type bulletinPage struct {
	*service.Bulletin
	Kinds        []figures.Kind
	Before, Next string         // where those of the periods around it are; "" for one that has not begun
	Export       string         // where its departments are saved as a table
	Rates        []bulletinRate // in their order
	Open         bool           // its numbers open to what they count
	Made         []service.PublishedBulletin
	Book         string // where it is saved as a workbook; "" while it is provisional
}

// bulletinRate is a rate of the period, of the one before and of the year.
type bulletinRate struct {
	Name                 string
	Now, Before, Year    figures.Ratio
	Numerators, AllCount string // where what it counts is listed
}

// bulletin is what is published of a week or a month: the one that has ended
// last unless another is asked for.
func (p *page) bulletin() error {
	kind := figures.Kind(p.QueryParam("kind"))
	if kind == "" {
		kind = figures.Weekly
	}
	today := worktime.DateOf(p.svc.Now().In(p.svc.Zone()))
	now, ok := figures.Containing(kind, today)
	if !ok {
		return ticket.NotFound("page")
	}
	day := now.FromDate.AddDays(-1)
	if asked := p.QueryParam("day"); asked != "" {
		var err error
		if day, err = worktime.ParseDate(asked); err != nil {
			return ticket.NotFound("page")
		}
	}
	read, err := p.svc.Bulletin(p.ctx(), p.actor, kind, day)
	if err != nil {
		return err
	}
	shown := bulletinPage{Bulletin: read, Kinds: []figures.Kind{figures.Weekly, figures.Monthly}}
	of := func(day worktime.Date) string {
		return "/bulletin?" + url.Values{"kind": {string(kind)}, "day": {day.String()}}.Encode()
	}
	shown.Before = of(read.FromDate.AddDays(-1))
	if next := read.ToDate.AddDays(1); !today.Before(next) {
		shown.Next = of(next)
	}
	values := url.Values{"by": {string(figures.ByDepartment)}, "period": {custom}, "from": {read.FromDate.String()}, "to": {read.ToDate.String()}}
	if !read.Published.Provisional() {
		values = url.Values{"snapshot": {read.Published.SnapshotID}}
	}
	shown.Export = "/bulletin?" + values.Encode()
	shown.Open = p.actor.SeesAll()
	if !read.Published.Provisional() {
		shown.Book = "/bulletin.xlsx?" + url.Values{"kind": {string(kind)}, "day": {read.ToDate.String()}}.Encode()
	}
	if shown.Made, err = p.svc.PublishedBulletins(p.ctx(), p.actor, bulletinsShown); err != nil {
		return err
	}
	asked := figuresForm{Period: custom}
	asked.Query.From, asked.Query.To = read.FromDate, read.ToDate
	for _, name := range service.BulletinRates {
		rate := bulletinRate{
			Name: name, Now: read.Published.Total.Rates[name], Before: read.Previous.Total.Rates[name], Year: read.YearToDate.Total.Rates[name],
			Numerators: asked.Members(name, figures.Numerator), AllCount: asked.Members(name, figures.Denominator),
		}
		if !read.Published.Provisional() {
			rate.Numerators += "&snapshot=" + url.QueryEscape(read.Published.SnapshotID)
			rate.AllCount += "&snapshot=" + url.QueryEscape(read.Published.SnapshotID)
		}
		shown.Rates = append(shown.Rates, rate)
	}
	for _, name := range figures.CoverageNames() {
		c := coverageOf(name, read.Period)
		shown.Rates = append(shown.Rates, bulletinRate{
			Name: name, Now: read.Published.Ratio(name), Before: read.Previous.Ratio(name), Year: read.YearToDate.Ratio(name),
			Numerators: c.Visited, AllCount: c.All,
		})
	}
	return p.show("bulletin/show", shown)
}

// bulletinsShown is how many of those that were made a bulletin's page lists.
const bulletinsShown = 16

// bulletinBook is a bulletin to be saved.
func (p *page) bulletinBook() error {
	day, err := worktime.ParseDate(p.QueryParam("day"))
	if err != nil {
		return ticket.NotFound("page")
	}
	var file bytes.Buffer
	read, err := p.svc.BulletinBook(p.ctx(), p.actor, figures.Kind(p.QueryParam("kind")), day, p.lang, &file)
	if err != nil {
		return err
	}
	p.save(service.BulletinFileName(read.Period, p.lang), tabular.XLSX.ContentType())
	return p.Stream(http.StatusOK, tabular.XLSX.ContentType(), &file)
}

const snapshotsAPage = 50

type snapshotsPage struct {
	Kind      figures.Kind
	Kinds     []figures.Kind
	Snapshots []service.SnapshotView
	Next      string
}

// snapshots lists what was frozen, newest first.
func (p *page) snapshots() error {
	shown := snapshotsPage{Kind: figures.Kind(p.QueryParam("kind")), Kinds: []figures.Kind{figures.Daily, figures.Weekly, figures.Monthly, figures.YearToDate}}
	after, ok := cursor.Decode[service.SnapshotPosition](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	var err error
	shown.Snapshots, err = p.svc.Snapshots(p.ctx(), p.actor, service.SnapshotFilter{Kind: shown.Kind, After: after, Limit: snapshotsAPage + 1})
	if err != nil {
		return err
	}
	if len(shown.Snapshots) > snapshotsAPage {
		shown.Snapshots = shown.Snapshots[:snapshotsAPage]
		last := shown.Snapshots[snapshotsAPage-1]
		shown.Next = p.with("after", cursor.Encode(service.SnapshotPosition{ToDate: last.ToDate, Kind: last.Kind}))
	}
	return p.show("bulletin/snapshots", shown)
}

// coverageLinks is a figure of a coverage with where those are listed whom it
// counts, as far as they are known today.
type coverageLinks struct {
	Name, Visited, All string
}

func coverageOf(name string, period figures.Period) coverageLinks {
	of := visit.Enterprises
	if name == figures.ProjectCoverage {
		of = visit.KeyProjects
	}
	var f coverageForm
	f.Query.From, f.Query.To = period.FromDate, period.ToDate
	return coverageLinks{name, f.Rows(string(of), string(visit.Visited)), f.Rows(string(of), string(visit.All))}
}

// Coverage are the figures of the coverage that is frozen; none where it is not.
func (s snapshotPage) Coverage() []coverageLinks {
	var all []coverageLinks
	if s.Figures.Coverage != nil {
		for _, name := range figures.CoverageNames() {
			all = append(all, coverageOf(name, s.Period))
		}
	}
	return all
}

// snapshotPage is one snapshot with what came out differently since.
type snapshotPage struct {
	service.SnapshotView
	Names []string // of its rates
	Open  bool     // its numbers open to what they count
}

// Members is where what a rate of the snapshot counts is listed.
func (s snapshotPage) Members(figure string, part figures.Part) string {
	return figuresForm{}.Members(figure, part) + "&snapshot=" + url.QueryEscape(s.ID)
}

func (p *page) snapshot() error {
	read, err := p.svc.Snapshot(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	return p.show("bulletin/snapshot", snapshotPage{
		SnapshotView: read, Names: figures.RateNames(), Open: p.actor.SeesAll() && read.DefinitionVersion == figures.DefinitionVersion,
	})
}

// ValueWords is a value of a figure: a rate in per cent, with what it counts.
func (v view) ValueWords(value figures.Value) string {
	if value.Ratio == nil {
		return value.Number
	}
	return v.shower().percent(*value.Ratio) + " (" + value.String() + ")"
}
