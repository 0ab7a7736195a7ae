package rest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Rate is a figure of two integers.
type Rate struct {
	Numerator   int64   `json:"numerator"`
	Denominator int64   `json:"denominator"`
	Percent     *string `json:"percent" doc:"Two decimals, rounded half up; null over nothing"`
	Low         *string `json:"low,omitempty" doc:"Lower end of the Wilson 95 % interval in per cent; with a denominator under 30"`
	High        *string `json:"high,omitempty" doc:"Upper end of the interval"`
}

// SatisfactionRate is a rate with how many of the closed were rated.
type SatisfactionRate struct {
	Rate
	Closed int64 `json:"closed" doc:"All closed, rated or not; the denominator is those that were rated"`
}

// HandlingHours is the distribution of working hours from accept to close.
type HandlingHours struct {
	Count  int64    `json:"count" doc:"How many tickets it is over"`
	Median *float64 `json:"median"`
	P90    *float64 `json:"p90"`
	Mean   *float64 `json:"mean"`
}

// Counts are all figures over one set of tickets.
type Counts struct {
	Tickets              int64            `json:"tickets" doc:"Valid tickets: not rejected, merged or withdrawn before the first dispatch"`
	Filed                int64            `json:"filed" doc:"All tickets filed"`
	Solved               int64            `json:"solved"`
	InProgress           int64            `json:"in_progress"`
	Closed               int64            `json:"closed"`
	Excluded             map[string]int64 `json:"excluded" doc:"What the net rates leave out, by reason"`
	ResolutionRate       Rate             `json:"resolution_rate"`
	ResolutionRateGross  Rate             `json:"resolution_rate_gross"`
	ResolutionRateStrict Rate             `json:"resolution_rate_strict"`
	ClosingRate          Rate             `json:"closing_rate"`
	ResponseRate         Rate             `json:"response_rate"`
	ReportInRate         Rate             `json:"report_in_rate"`
	OnTimeRate           Rate             `json:"on_time_rate"`
	SatisfactionRate     SatisfactionRate `json:"satisfaction_rate"`
	VerificationRate     Rate             `json:"verification_rate"`
	ReworkRate           Rate             `json:"rework_rate"`
	ReturnRate           Rate             `json:"return_rate"`
	FirstDispatchRate    Rate             `json:"first_dispatch_rate"`
	HandlingHours        HandlingHours    `json:"handling_hours"`
}

// FigureGroup is the figures of one department, chain, …
type FigureGroup struct {
	Key  string `json:"key" doc:"Id or code; none for what has none, as tickets without a lead"`
	Name string `json:"name"`
	Counts
}

// Figures are the figures of a period as they stood at a moment.
type Figures struct {
	From              worktime.Date `json:"from" format:"date"`
	To                worktime.Date `json:"to" format:"date" doc:"Both days are included"`
	AsOf              time.Time     `json:"as_of"`
	DefinitionVersion int           `json:"definition_version"`
	Total             Counts        `json:"total"`
	Groups            []FigureGroup `json:"groups"`
}

func rateOf(r figures.Ratio) Rate {
	out := Rate{Numerator: r.Numerator, Denominator: r.Denominator, Percent: optional(r.Percent())}
	if low, high, ok := r.Interval(); ok {
		out.Low, out.High = &low, &high
	}
	return out
}

func countsOf(c figures.Counts) Counts {
	rate := func(name string) Rate { return rateOf(c.Rates[name]) }
	out := Counts{
		Tickets: c.Tickets, Filed: c.Filed, Solved: c.Solved, InProgress: c.InProgress, Closed: c.Closed, Excluded: c.Excluded,
		ResolutionRate: rate("resolution_rate"), ResolutionRateGross: rate("resolution_rate_gross"), ResolutionRateStrict: rate("resolution_rate_strict"),
		ClosingRate: rate("closing_rate"), ResponseRate: rate("response_rate"), ReportInRate: rate("report_in_rate"), OnTimeRate: rate("on_time_rate"),
		SatisfactionRate: SatisfactionRate{rate("satisfaction_rate"), c.Closed}, VerificationRate: rate("verification_rate"),
		ReworkRate: rate("rework_rate"), ReturnRate: rate("return_rate"), FirstDispatchRate: rate("first_dispatch_rate"),
		HandlingHours: HandlingHours{Count: c.Handling.Count},
	}
	if h := c.Handling; h.Count > 0 {
		out.HandlingHours.Median, out.HandlingHours.P90, out.HandlingHours.Mean = &h.Median, &h.P90, &h.Mean
	}
	return out
}

// FiguresOf shows a report in the API's form, for the command line too.
func FiguresOf(r *figures.Report, zone *time.Location) Figures {
	out := Figures{
		From: r.From, To: r.To, AsOf: r.AsOf.In(zone), DefinitionVersion: r.DefinitionVersion,
		Total: countsOf(r.Total), Groups: []FigureGroup{},
	}
	for _, g := range r.Groups {
		out.Groups = append(out.Groups, FigureGroup{g.Key, g.Name, countsOf(g.Counts)})
	}
	return out
}

// FiguresInput says which figures are asked for.
type FiguresInput struct {
	From       string `query:"from" format:"date" doc:"First day; by default the 1 January of the last day's year"`
	To         string `query:"to" format:"date" doc:"Last day, included; by default the day of as_of"`
	AsOf       string `query:"as_of" maxLength:"40" doc:"A moment (RFC 3339) or the end of a day (YYYY-MM-DD); by default now"`
	By         string `query:"by" enum:"department,chain,category,place,source,enterprise" doc:"Group by"`
	Department string `query:"department" maxLength:"64" doc:"Only this department's; none for those without"`
	Chain      string `query:"chain" maxLength:"64"`
	Category   string `query:"category" maxLength:"64"`
	Place      string `query:"place" maxLength:"64"`
	Source     string `query:"source" maxLength:"64"`
	Enterprise string `query:"enterprise" maxLength:"64"`
}

func (a *API) figures() {
	register(a, operation(http.MethodGet, "/figures", "get-figures", "figures", "Count the figures of a period as they stood at a moment"),
		func(ctx context.Context, actor ticket.Actor, in *FiguresInput) (*struct{ Body Figures }, error) {
			q, err := a.figuresQuery(*in)
			if err != nil {
				return nil, err
			}
			report, err := a.svc.Figures(ctx, actor, q)
			if err != nil {
				return nil, err
			}
			return &struct{ Body Figures }{FiguresOf(report, a.svc.Zone())}, nil
		})
}

func (a *API) figuresQuery(in FiguresInput) (service.FiguresQuery, error) {
	q := service.FiguresQuery{By: figures.Cut(in.By), Where: figures.Where{
		DepartmentID: in.Department, ChainID: in.Chain, Category: in.Category,
		PlaceID: in.Place, Source: in.Source, EnterpriseID: in.Enterprise,
	}}
	var err error
	if q.From, q.To, err = days(in.From, in.To); err != nil {
		return q, err
	}
	q.AsOf, err = a.momentOf("as_of", in.AsOf)
	return q, err
}

// momentOf reads a moment, or a day as its last instant; zero for "".
func (a *API) momentOf(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := ParseMoment(text, a.svc.Zone())
	if err != nil {
		return time.Time{}, badParameter(name, "%s", err)
	}
	return at, nil
}

// ParseMoment reads a moment (RFC 3339), or a day (YYYY-MM-DD) as its last
// instant in the zone.
func ParseMoment(text string, zone *time.Location) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	day, err := worktime.ParseDate(text)
	if err != nil {
		return time.Time{}, errors.New("must be a moment such as 2023-10-31T18:00:00+08:00, or a day, YYYY-MM-DD")
	}
	return day.AddDays(1).In(zone).Add(-time.Microsecond), nil
}
