package rest

import (
	"context"
	"net/http"

	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Manager is somebody who looks after enterprises, and how much that is.
type Manager struct {
	User        Named  `json:"user"`
	Department  *Named `json:"department"`
	Enterprises int    `json:"enterprises" doc:"Looked after today"`
	Guide       int    `json:"guide" doc:"Of these as 指导员"`
	Contact     int    `json:"contact" doc:"Of these as 联络员"`
	Open        Lights `json:"open" doc:"Their open tickets, as far as the caller sees them"`
}

// Lights is how many tickets there are, and how many of them are late or nearly.
type Lights struct {
	Count  int `json:"count"`
	Red    int `json:"red"`
	Yellow int `json:"yellow"`
}

func lightsOf(c service.LightCount) Lights { return Lights{c.Count, c.Red, c.Yellow} }

// ManagedEnterprise is an enterprise that a manager looks after.
type ManagedEnterprise struct {
	Enterprise Named          `json:"enterprise"`
	Part       string         `json:"part" enum:"guide,contact"`
	FromDate   worktime.Date  `json:"from_date" format:"date"`
	ToDate     *worktime.Date `json:"to_date" format:"date" doc:"The last day; null for none"`
	Open       Lights         `json:"open" doc:"Its open tickets, as far as the caller sees them"`
	ToAnswer   int            `json:"to_answer" doc:"Of these wait for the enterprise's answer"`
	ToVerify   int            `json:"to_verify" doc:"Of these wait for its verdict"`
}

// ManagerDetail is a manager with the enterprises looked after.
type ManagerDetail struct {
	User        Named               `json:"user"`
	Department  *Named              `json:"department"`
	Day         worktime.Date       `json:"day" format:"date"`
	Open        Lights              `json:"open" doc:"The open tickets of all, as far as the caller sees them"`
	Enterprises []ManagedEnterprise `json:"enterprises" doc:"Looked after on the day or later, by name"`
}

// ManagerCoverage is how much of the roster managers look after.
type ManagerCoverage struct {
	Covered        Rate  `json:"covered" doc:"With at least one manager, of the roster; the gaps are listed by /enterprises?coverage=none"`
	Uncovered      int64 `json:"uncovered"`
	WithoutGuide   int64 `json:"without_guide" doc:"Listed by /enterprises?coverage=no_guide"`
	WithoutContact int64 `json:"without_contact" doc:"Listed by /enterprises?coverage=no_contact"`
}

// ManagerQuery narrows the managers.
type ManagerQuery struct {
	Department string `query:"department" maxLength:"64" doc:"Id of the manager's department"`
	Place      string `query:"place" maxLength:"64" doc:"Id of the enterprises' place"`
	Chain      string `query:"chain" maxLength:"64" doc:"Id of a chain of the enterprises"`
	Text       string `query:"q" maxLength:"200" doc:"In the manager's name"`
}

func (q ManagerQuery) filter() service.ManagerFilter {
	return service.ManagerFilter{DepartmentID: q.Department, PlaceID: q.Place, ChainID: q.Chain, Text: q.Text}
}

// HandedOver are the assignments that came of a hand-over.
type HandedOver struct {
	Assignments []Assignment `json:"assignments" doc:"The new ones; none when everything had been handed over before"`
}

func (a *API) managers() {
	const forWhom = "For the desk and leaders all; for the head of a department its own people."
	list := operation(http.MethodGet, "/managers", "list-managers", "managers", "List who looks after enterprises, those with the most on their hands first")
	list.Description = forWhom
	register(a, list, func(ctx context.Context, actor ticket.Actor, in *struct {
		ManagerQuery
		Paged
	},
	) (*answer[Page[Manager]], error) {
		after, err := decodeCursor[service.ManagerPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		f := in.filter()
		f.After, f.Limit = after, in.Limit+1
		all, err := a.svc.Managers(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		return &answer[Page[Manager]]{pageOf(all, in.Limit, showManager, func(l service.ManagerLoad) any { return l.Position() })}, nil
	})
	coverage := operation(http.MethodGet, "/managers/coverage", "get-manager-coverage", "managers", "Count how much of the roster managers look after today")
	coverage.Description = "For the offices."
	register(a, coverage, func(ctx context.Context, actor ticket.Actor, in *struct {
		Place string `query:"place" maxLength:"64" doc:"Place id"`
		Chain string `query:"chain" maxLength:"64" doc:"Chain id"`
	},
	) (*answer[ManagerCoverage], error) {
		c, err := a.svc.ManagerCoverage(ctx, actor, service.ManagerFilter{PlaceID: in.Place, ChainID: in.Chain})
		if err != nil {
			return nil, err
		}
		return &answer[ManagerCoverage]{ManagerCoverage{rateOf(c.Covered), c.Uncovered, c.WithoutGuide, c.WithoutContact}}, nil
	})
	get := operation(http.MethodGet, "/managers/{id}", "get-manager", "managers", "Read a manager with the enterprises looked after, and what is open there")
	get.Description = forWhom + " What is looked after on the day or later is what a hand-over from that day on could move, with the open matters that go along."
	register(a, get, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Day string `query:"day" format:"date" doc:"Today by default"`
	},
	) (*answer[ManagerDetail], error) {
		day, err := dayOf("day", in.Day)
		if err != nil {
			return nil, err
		}
		m, err := a.svc.Manager(ctx, actor, in.ID, day)
		if err != nil {
			return nil, err
		}
		out := ManagerDetail{
			User: Named{m.User.ID, m.User.Name}, Department: namedOrNil(m.Names, m.User.DepartmentID), Day: m.Day,
			Open: lightsOf(m.Open), Enterprises: make([]ManagedEnterprise, len(m.Enterprises)),
		}
		for i, e := range m.Enterprises {
			out.Enterprises[i] = ManagedEnterprise{
				Named{e.TargetID, m.Names.Of(e.TargetID)}, e.Part, e.FromDate, e.ToDate, lightsOf(e.Open), e.ToAnswer, e.ToVerify,
			}
		}
		return &answer[ManagerDetail]{out}, nil
	})
	over := operation(http.MethodPost, "/managers/{id}/hand-over", "hand-over", "managers", "Hand enterprises of a manager over to another from a day on")
	over.DefaultStatus = http.StatusOK
	over.Description = "By admins and the desk. The assignments there are end the day before, and the new manager has the same parts, and a notice. All are moved or none; done again it has no effect."
	registerKeyed(a, over, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Keyed
		Body service.NewHandover
	},
	) (*answer[HandedOver], error) {
		made, err := a.svc.HandOver(ctx, actor, in.ID, in.Body)
		if err != nil {
			return nil, err
		}
		views, err := a.svc.NamedAssignments(ctx, made)
		if err != nil {
			return nil, err
		}
		out := HandedOver{Assignments: make([]Assignment, len(views))}
		for i, v := range views {
			out.Assignments[i] = a.assignment(v)
		}
		return &answer[HandedOver]{out}, nil
	})
	export(a, service.ExportedManagers, "", "managers", "who looks after enterprises, those with the most on their hands first",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			ManagerQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			return a.svc.ExportManagers(ctx, actor, in.filter(), to)
		})
}

func showManager(l service.ManagerLoad) Manager {
	return Manager{
		Named{l.UserID, l.Name}, namedOrNil(l.Names, l.DepartmentID), l.Enterprises(), l.Guide, l.Contact, lightsOf(l.LightCount),
	}
}

// dayOf reads a day of a query; the zero day for "".
func dayOf(name, text string) (worktime.Date, error) {
	if text == "" {
		return worktime.Date{}, nil
	}
	day, err := worktime.ParseDate(text)
	if err != nil {
		return day, badParameter(name, "must be a day, YYYY-MM-DD")
	}
	return day, nil
}

// namedOrNil is a reference with its name; nil for none.
func namedOrNil(names *service.Names, id string) *Named {
	if id == "" {
		return nil
	}
	return &Named{id, names.Of(id)}
}
