package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Calendar is the days that depart from Monday to Friday.
type Calendar struct {
	Version   int           `json:"version"`
	Note      string        `json:"note"`
	CreatedAt time.Time     `json:"created_at"`
	Years     []int         `json:"years" doc:"The years that are loaded; of others only weekends are known"`
	Days      []CalendarDay `json:"days" doc:"Of the year asked for, or of all"`
}

// CalendarDay is a day that departs from Monday to Friday.
type CalendarDay struct {
	Date worktime.Date `json:"date" format:"date" doc:"YYYY-MM-DD"`
	Kind worktime.Kind `json:"kind" enum:"off,work" doc:"off: a holiday; work: a make-up working day (调休)"`
	Name string        `json:"name" required:"false" maxLength:"100" doc:"The holiday, or the one that the working day makes up for"`
}

// CalendarChange is what loading days did.
type CalendarChange struct {
	Version int            `json:"version" doc:"Of the calendar in force now"`
	Changed bool           `json:"changed" doc:"False when the calendar said so already"`
	Years   []CalendarYear `json:"years"`
	Tickets int            `json:"tickets" doc:"Open tickets whose deadlines were computed anew"`
	Moved   int            `json:"moved" doc:"Deadlines that lie elsewhere now"`
}

// CalendarYear is how many days of a year depart from Monday to Friday.
type CalendarYear struct {
	Year   int `json:"year"`
	Before int `json:"before"`
	After  int `json:"after"`
}

func (a *API) calendar() {
	register(a, operation(http.MethodGet, "/calendar", "get-calendar", "calendar", "Read the working calendar"),
		func(ctx context.Context, _ ticket.Actor, in *struct {
			Year int `query:"year" minimum:"1" maximum:"9999" doc:"One year's days alone"`
		},
		) (*answer[Calendar], error) {
			view, err := a.svc.Calendar(ctx, in.Year)
			if err != nil {
				return nil, err
			}
			out := Calendar{Version: view.Version, Note: view.Note, CreatedAt: view.CreatedAt.In(a.svc.Zone()), Years: view.Years, Days: make([]CalendarDay, len(view.Days))}
			for i, d := range view.Days {
				out.Days[i] = CalendarDay(d)
			}
			return &answer[Calendar]{out}, nil
		})
	put := operation(http.MethodPut, "/calendar/{year}", "replace-calendar-year", "calendar", "Replace a year's holidays and make-up days as a whole")
	put.Description = "By administrators. Makes a new version, under which the deadlines of open tickets are computed anew, each with a line in its history."
	register(a, put, func(ctx context.Context, actor ticket.Actor, in *struct {
		Year int `path:"year" minimum:"1900" maximum:"2199"`
		Body struct {
			Days []CalendarDay `json:"days" minItems:"1" maxItems:"366"`
			Note string        `json:"note" required:"false" maxLength:"1000" doc:"Where it comes from, such as the notice's number"`
		}
	},
	) (*answer[CalendarChange], error) {
		days := make([]worktime.Day, len(in.Body.Days))
		var faults []ticket.Field
		for i, d := range in.Body.Days {
			if d.Date.Year != in.Year {
				faults = append(faults, ticket.Field{Pointer: fmt.Sprintf("/days/%d/date", i), Message: "must lie in the year of the address"})
			}
			days[i] = worktime.Day(d)
		}
		if err := ticket.InvalidForm(faults); err != nil {
			return nil, err
		}
		change, err := a.svc.ImportCalendar(ctx, actor, days, in.Body.Note)
		if err != nil {
			return nil, err
		}
		return &answer[CalendarChange]{showCalendarChange(change)}, nil
	})
}

func showCalendarChange(c *service.CalendarChange) CalendarChange {
	out := CalendarChange{Version: c.Version, Changed: c.Changed, Tickets: c.Tickets, Moved: c.Moved, Years: make([]CalendarYear, len(c.Years))}
	for i, y := range c.Years {
		out.Years[i] = CalendarYear(y)
	}
	return out
}
