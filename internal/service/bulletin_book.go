package service

import (
	"cmp"
	"context"
	"io"
	"slices"
	"time"

	"whistle/internal/figures"
	"whistle/internal/tabular"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// bulletinTrend is how many periods the trend of a bulletin shows.
const bulletinTrend = 13

// BulletinRates are the rates that a bulletin tells.
var BulletinRates = []string{
	"resolution_rate", "resolution_rate_gross", "resolution_rate_strict", "response_rate", "on_time_rate", "satisfaction_rate",
	"report_in_rate", "verification_rate", "rework_rate", "return_rate", "first_dispatch_rate",
}

// rankedRates are those by which departments are ranked.
var rankedRates = []string{"resolution_rate", "on_time_rate", "satisfaction_rate"}

// errNotFrozen says that there is no bulletin to save yet.
var errNotFrozen = ticket.Errorf(ticket.CodeNotFound, "This bulletin is not published yet; it is when its period has been frozen.")

// BulletinBook writes the published bulletin of the week, or the month, that a
// day is in as an .xlsx workbook: the figures of its frozen snapshot, rates with
// both their integers, charts, and what has been corrected since on a sheet of
// its own. It holds figures alone, nothing of any ticket.
func (s *Service) BulletinBook(ctx context.Context, actor ticket.Actor, kind figures.Kind, day worktime.Date, language text.Language, w io.Writer) (*Bulletin, error) {
	b, err := s.Bulletin(ctx, actor, kind, day)
	if err != nil {
		return nil, err
	}
	if b.Published.Provisional() {
		return nil, errNotFrozen
	}
	snapshot, err := s.store.Snapshot(ctx, b.Published.SnapshotID)
	if err != nil {
		return nil, err
	}
	trend, err := s.store.Snapshots(ctx, SnapshotFilter{Kind: kind, To: b.ToDate, Limit: bulletinTrend})
	if err != nil {
		return nil, err
	}
	slices.Reverse(trend) // the oldest first
	book := bulletinBook{Bulletin: b, language: language, zone: s.zone}
	sheets := []tabular.ReportSheet{book.overview()}
	sheets = append(sheets, book.departments())
	for _, rate := range rankedRates {
		sheets = append(sheets, book.ranking(rate))
	}
	if b.Categories != nil {
		sheets = append(sheets, book.categories())
	}
	sheets = append(sheets, book.trend(trend), book.corrections(), book.definitions(&snapshot))
	return b, tabular.WriteReport(w, sheets)
}

// BulletinFileName is what the workbook of a period is saved as.
func BulletinFileName(p figures.Period, language text.Language) string {
	return language.Get("bulletin.title_"+string(p.Kind)) + " " + p.FromDate.String() + "–" + p.ToDate.String() + "." + string(tabular.XLSX)
}

type bulletinBook struct {
	*Bulletin
	language text.Language
	zone     *time.Location
}

func (b bulletinBook) t(id string, data ...any) string { return b.language.Get(id, data...) }

func (b bulletinBook) title() string {
	return b.t("bulletin.title_"+string(b.Kind)) + " " + b.FromDate.String() + "–" + b.ToDate.String()
}

// three are a rate's cells: per cent, and its two integers.
func three(r figures.Ratio) []any {
	return []any{tabular.Share{Part: r.Numerator, Whole: r.Denominator}, r.Numerator, r.Denominator}
}

// threeHeads are the headers of three.
func (b bulletinBook) threeHeads(name string) []string {
	return []string{name, b.t("bulletin.reached"), b.t("bulletin.all")}
}

func (b bulletinBook) groupName(by figures.Cut, g figures.Group) string {
	if g.Key == figures.NoKey {
		return b.t("figures.nobody." + string(by))
	}
	return cmp.Or(g.Name, g.Key)
}

func (b bulletinBook) overview() tabular.ReportSheet {
	sheet := tabular.ReportSheet{
		Name: b.t("bulletin.sheet_overview"), About: []string{b.title(), b.t("bulletin.frozen") + " " + b.Published.FrozenAt.In(b.zone).Format("2006-01-02 15:04")},
		Header: slices.Concat([]string{b.t("bulletin.figure")}, b.threeHeads(b.t("bulletin.this")), b.threeHeads(b.t("bulletin.previous")), b.threeHeads(b.t("bulletin.year_to_date"))),
	}
	sides := []*figures.Report{b.Published.Report, b.Previous.Report, b.YearToDate.Report}
	for _, count := range []struct {
		name string
		of   func(figures.Counts) int64
	}{
		{"filed", func(c figures.Counts) int64 { return c.Filed }},
		{"tickets", func(c figures.Counts) int64 { return c.Tickets }},
		{"solved", func(c figures.Counts) int64 { return c.Solved }},
		{"in_progress", func(c figures.Counts) int64 { return c.InProgress }},
	} {
		row := []any{b.t("figure." + count.name)}
		for _, side := range sides {
			row = append(row, count.of(side.Total), nil, nil)
		}
		sheet.Rows = append(sheet.Rows, row)
	}
	for _, name := range slices.Concat(BulletinRates, figures.CoverageNames()) {
		row := []any{b.t("figure." + name)}
		for _, side := range sides {
			row = append(row, three(side.Ratio(name))...)
		}
		sheet.Rows = append(sheet.Rows, row)
	}
	return sheet
}

// unitRates are what a department is told of beside its tickets.
var unitRates = []string{"resolution_rate", "response_rate", "on_time_rate", "satisfaction_rate"}

func (b bulletinBook) departments() tabular.ReportSheet {
	sheet := tabular.ReportSheet{
		Name: b.t("dashboard.departments"), About: []string{b.title()},
		Header: []string{b.t("dashboard.department"), b.t("figure.tickets"), b.t("figure.solved")},
	}
	for _, rate := range unitRates {
		sheet.Header = append(sheet.Header, b.threeHeads(b.t("figure."+rate))...)
	}
	for _, g := range b.Published.Groups {
		row := []any{b.groupName(figures.ByDepartment, g), g.Counts.Tickets, g.Counts.Solved}
		for _, rate := range unitRates {
			row = append(row, three(g.Counts.Rates[rate])...)
		}
		sheet.Rows = append(sheet.Rows, row)
	}
	return sheet
}

// ranking are the departments that have a rate, the highest first.
func (b bulletinBook) ranking(rate string) tabular.ReportSheet {
	name := b.t("figure." + rate)
	sheet := tabular.ReportSheet{
		Name: b.t("bulletin.sheet_ranking", "Figure", name), About: []string{b.t("bulletin.sheet_ranking", "Figure", name), b.title()},
		Header: slices.Concat([]string{b.t("dashboard.department")}, b.threeHeads(name)),
		Charts: []tabular.Chart{{Kind: tabular.Bars, Title: name, Names: 0, Values: []int{1}}},
	}
	groups := slices.DeleteFunc(slices.Clone(b.Published.Groups), func(g figures.Group) bool {
		return g.Key == figures.NoKey || g.Counts.Rates[rate].Denominator == 0
	})
	slices.SortStableFunc(groups, func(x, y figures.Group) int {
		p, q := x.Counts.Rates[rate], y.Counts.Rates[rate]
		return cmp.Or(cmp.Compare(q.Numerator*p.Denominator, p.Numerator*q.Denominator), cmp.Compare(q.Denominator, p.Denominator))
	})
	for _, g := range groups {
		sheet.Rows = append(sheet.Rows, slices.Concat([]any{b.groupName(figures.ByDepartment, g)}, three(g.Counts.Rates[rate])))
	}
	return sheet
}

func (b bulletinBook) categories() tabular.ReportSheet {
	name := b.t("figure.resolution_rate")
	sheet := tabular.ReportSheet{
		Name: b.t("dashboard.by_category"), About: []string{b.title()},
		Header: slices.Concat([]string{b.t("dashboard.category"), b.t("figure.tickets")}, b.threeHeads(name)),
		Charts: []tabular.Chart{{Kind: tabular.Bars, Title: name, Names: 0, Values: []int{2}}},
	}
	for _, g := range b.Categories {
		sheet.Rows = append(sheet.Rows, slices.Concat([]any{b.groupName(figures.ByCategory, g), g.Counts.Tickets}, three(g.Counts.Rates["resolution_rate"])))
	}
	return sheet
}

// trend are the same figures of the periods before, each as it was published.
func (b bulletinBook) trend(snapshots []figures.Snapshot) tabular.ReportSheet {
	sheet := tabular.ReportSheet{Name: b.t("bulletin.sheet_trend"), About: []string{b.t("bulletin.sheet_trend"), b.t("bulletin.trend_about")}, Header: []string{b.t("bulletin.period"), b.t("figure.tickets")}}
	chart := tabular.Chart{Kind: tabular.Line, Title: b.t("bulletin.sheet_trend")}
	for i, rate := range rankedRates {
		sheet.Header = append(sheet.Header, b.threeHeads(b.t("figure."+rate))...)
		chart.Values = append(chart.Values, 2+3*i)
	}
	for i := range snapshots {
		total := snapshots[i].Figures.Total
		row := []any{snapshots[i].FromDate.String() + "–" + snapshots[i].ToDate.String(), total.Tickets}
		for _, rate := range rankedRates {
			row = append(row, three(total.Rates[rate])...)
		}
		sheet.Rows = append(sheet.Rows, row)
	}
	sheet.Charts = []tabular.Chart{chart}
	return sheet
}

func (b bulletinBook) corrections() tabular.ReportSheet {
	sheet := tabular.ReportSheet{
		Name: b.t("bulletin.sheet_corrections"), About: []string{b.t("bulletin.corrections"), b.t("bulletin.corrections_about")},
		Header: []string{b.t("dashboard.department"), b.t("bulletin.figure"), b.t("bulletin.was"), b.t("bulletin.is")}, Widths: []float64{24, 24, 16, 16},
	}
	if len(b.Corrections) == 0 {
		sheet.About[1] = b.t("bulletin.no_corrections")
	}
	for _, d := range b.Corrections {
		figure := d.Figure
		if id := "figure." + d.Figure; text.Has(id) {
			figure = b.t(id)
		}
		sheet.Rows = append(sheet.Rows, []any{cmp.Or(d.Name, b.t("bulletin.district")), figure, d.Was.String(), d.Is.String()})
	}
	return sheet
}

// definitions say what the figures mean, and what they can be held against.
func (b bulletinBook) definitions(snapshot *figures.Snapshot) tabular.ReportSheet {
	sheet := tabular.ReportSheet{
		Name: b.t("bulletin.sheet_definitions"), About: []string{b.t("bulletin.sheet_definitions"), b.t("bulletin.proof_about")},
		Header: []string{b.t("bulletin.figure"), b.t("bulletin.means")}, Widths: []float64{24, 80},
		Rows: [][]any{
			{b.t("bulletin.period"), b.FromDate.String() + "–" + b.ToDate.String()},
			{b.t("bulletin.as_of"), snapshot.AsOf.In(b.zone).Format(time.DateTime)},
			{b.t("bulletin.frozen"), snapshot.RecordedBy.In(b.zone).Format(time.DateTime)},
			{b.t("bulletin.snapshot"), snapshot.ID},
			{b.t("bulletin.definitions"), int64(snapshot.DefinitionVersion)},
			{b.t("bulletin.members_digest"), snapshot.MembersDigest},
			{b.t("bulletin.heads_digest", "Count", snapshot.HeadsCount), snapshot.HeadsDigest},
		},
	}
	for _, name := range BulletinRates {
		if id := "figure_about." + name; text.Has(id) {
			sheet.Rows = append(sheet.Rows, []any{b.t("figure." + name), b.t(id)})
		}
	}
	return sheet
}
