package web

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

type calendarPage struct {
	*service.YearView
	Form     *form
	Rehearse *service.CalendarChange // what the days in the form would do; nil before they were tried
	Next     int
	Last     int
}

// Blanks are the days of the week before a month's first, for its grid.
func (c calendarPage) Blanks(m service.MonthView) []struct{} {
	first := worktime.Date{Year: c.Year, Month: m.Month, Day: 1}.Weekday()
	return make([]struct{}, (int(first)+6)%7)
}

func (p *page) calendarPage() (*calendarPage, error) {
	year := p.svc.Now().In(p.svc.Zone()).Year()
	if asked := p.QueryParam("year"); asked != "" {
		var err error
		if year, err = strconv.Atoi(asked); err != nil {
			return nil, ticket.NotFound("year")
		}
	}
	view, err := p.svc.CalendarYear(p.ctx(), year)
	if err != nil {
		return nil, err
	}
	shown := &calendarPage{YearView: view, Next: year + 1, Last: year - 1}
	f := newForm("/admin/calendar?year="+strconv.Itoa(year), p.t("calendar.try"))
	var lines []string
	for _, month := range view.Months {
		for _, day := range month.Days {
			if day.Kind == service.Holiday || day.Kind == service.MakeUpDay {
				kind := worktime.Off
				if day.Kind == service.MakeUpDay {
					kind = worktime.Work
				}
				lines = append(lines, day.Date.String()+" "+p.t("calendar."+string(kind))+" "+day.Name)
			}
		}
	}
	f.Version = view.Version
	f.Fields = []field{
		{Name: "days", Label: p.t("calendar.days"), Hint: p.t("calendar.days_hint"), Kind: kindLong, Required: true, Values: []string{strings.Join(lines, "\n")}},
		{Name: "note", Label: p.t("calendar.note"), Hint: p.t("calendar.note_hint"), Kind: kindText, Max: 200},
	}
	shown.Form = f
	return shown, nil
}

// calendar shows a year day by day.
func (p *page) calendar() error {
	shown, err := p.calendarPage()
	if err != nil {
		return err
	}
	return p.show("admin/calendar", shown)
}

// dayKinds are the words for a day's kind, in every language: a table is copied
// from one reader to another.
var dayKinds = func() map[string]worktime.Kind {
	kinds := map[string]worktime.Kind{}
	for _, l := range text.Languages() {
		for _, kind := range []worktime.Kind{worktime.Off, worktime.Work} {
			kinds[l.Get("calendar."+string(kind))] = kind
		}
	}
	return kinds
}()

// parseDays reads lines of date, kind and name, and tells of every line that is
// none.
func parseDays(table string) ([]worktime.Day, []ticket.Field) {
	var days []worktime.Day
	var faults []ticket.Field
	for i, line := range strings.Split(table, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		date, err := worktime.ParseDate(words[0])
		var kind worktime.Kind
		if len(words) > 1 {
			kind = dayKinds[words[1]]
		}
		if err != nil || kind == "" {
			faults = append(faults, ticket.Fieldf("/days", "line %d: must be a date, off or work, and a name, e.g. 2027-01-01 off 元旦", i+1))
			continue
		}
		days = append(days, worktime.Day{Date: date, Kind: kind, Name: strings.Join(words[2:], " ")})
	}
	return days, faults
}

// changeCalendar first tells what the days would do, and does it when asked
// for a second time.
func (p *page) changeCalendar() error {
	shown, err := p.calendarPage()
	if err != nil {
		return err
	}
	values, _, err := p.values()
	rehearse := values.Get("apply") == ""
	var moved string // how many deadlines
	if err == nil {
		shown.Form.fill(values)
		days, faults := parseDays(values.Get("days"))
		replace := func(ctx context.Context) (*service.CalendarChange, error) {
			return p.svc.ReplaceCalendarYear(ctx, p.actor, shown.Year, days, values.Get("note"), seenVersion(values), rehearse)
		}
		if err = ticket.InvalidForm(faults); err == nil && rehearse {
			shown.Rehearse, err = replace(p.ctx())
		} else if err == nil {
			moved, err = p.once(values, func(ctx context.Context) (string, error) {
				change, err := replace(ctx)
				if err != nil {
					return "", err
				}
				return strconv.Itoa(change.Moved), nil
			})
		}
	}
	if err != nil {
		var stale *service.Stale
		if errors.As(err, &stale) {
			shown.Form.Changes = p.auditChanges(stale.Changes)
		}
		return p.refuse(err, shown.Form, func(status int) error { return p.showAs(status, "admin/calendar", shown) })
	}
	if rehearse {
		return p.show("admin/calendar", shown)
	}
	p.say("calendar.changed", "Count", moved)
	return p.goTo("/admin/calendar?" + url.Values{"year": {strconv.Itoa(shown.Year)}}.Encode())
}

// MonthName is a month in words.
func (v view) MonthName(m time.Month) string {
	return v.t("month", "Month", int(m), "Name", m.String())
}
