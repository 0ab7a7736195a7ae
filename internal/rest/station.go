package rest

import (
	"context"
	"net/http"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Station is a department of the kind station with who is there today.
type Station struct {
	ID          string                `json:"id" doc:"The department's; change it there"`
	Code        string                `json:"code"`
	Name        string                `json:"name"`
	StationKind directory.StationKind `json:"station_kind" enum:"center,station,point,quality"`
	Parent      *Named                `json:"parent"`
	Place       *Named                `json:"place"`
	Services    []string              `json:"services"`
	Opening     string                `json:"opening"`
	Staff       []StationStaff        `json:"staff" doc:"Those of today"`
	Tickets     *StationTickets       `json:"tickets" doc:"As far as the caller sees them; null outside of the offices"`
	Retired     bool                  `json:"retired"`
}

// StationStaff is somebody at a station.
type StationStaff struct {
	User       Named          `json:"user"`
	Part       string         `json:"part"`
	Department *Named         `json:"department"`
	Phone      string         `json:"phone"`
	FromDate   worktime.Date  `json:"from_date" format:"date"`
	ToDate     *worktime.Date `json:"to_date" format:"date" doc:"The last day; null for none"`
}

// StationTickets counts what a station has to do with.
type StationTickets struct {
	Open     int `json:"open" doc:"Open ones that it leads or has joined"`
	Filed    int `json:"filed" doc:"Taken down by its staff"`
	Reported int `json:"reported" doc:"To whose joint handling it has reported in"`
}

// StationQuery narrows lists of stations.
type StationQuery struct {
	Kind    directory.StationKind `query:"kind" enum:"center,station,point,quality"`
	Place   string                `query:"place" maxLength:"64" doc:"Place id"`
	Service string                `query:"service" enum:"metrology,standards,accreditation,testing,quality_management,intellectual_property,branding,special_equipment,training,trade_secrets" doc:"That it offers"`
	EntryQuery
}

func (q StationQuery) filter() service.StationFilter {
	return service.StationFilter{Kind: q.Kind, PlaceID: q.Place, Service: q.Service, Text: q.Text, All: q.All}
}

func (a *API) stations() {
	list := operation(http.MethodGet, "/stations", "list-stations", "stations", "List the stations, by code")
	list.Description = "With their staff, for the offices, enterprises and those who are at a station. A station is a department of the kind station, and is kept as one; its staff are assignments of that kind."
	register(a, list, func(ctx context.Context, actor ticket.Actor, in *struct {
		StationQuery
		Paged
	},
	) (*answer[Page[Station]], error) {
		after, err := decodeCursor[idPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		f := in.filter()
		f.After, f.Limit = afterID(after), in.Limit+1
		all, err := a.svc.Stations(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		names, err := a.svc.StationNames(ctx, all...)
		if err != nil {
			return nil, err
		}
		show := func(v service.StationView) Station { return station(v, names) }
		return &answer[Page[Station]]{pageOf(all, in.Limit, show, func(v service.StationView) any { return idPosition{v.ID} })}, nil
	})
	export(a, service.ExportedStations, "", "stations", "stations", func(ctx context.Context, actor ticket.Actor, in *struct {
		StationQuery
		ExportQuery
	}, to service.ExportTo,
	) (int, error) {
		return a.svc.ExportStations(ctx, actor, in.filter(), to)
	})
	export(a, service.ExportedStaff, "", "stations", "who is at the stations today", func(ctx context.Context, actor ticket.Actor, in *struct {
		StationQuery
		ExportQuery
	}, to service.ExportTo,
	) (int, error) {
		return a.svc.ExportStaff(ctx, actor, in.filter(), to)
	})
	register(a, operation(http.MethodGet, "/stations/{id}", "get-station", "stations", "Read a station"), func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[Station], error) {
		v, err := a.svc.Station(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		names, err := a.svc.StationNames(ctx, *v)
		if err != nil {
			return nil, err
		}
		return &answer[Station]{station(*v, names)}, nil
	})
	register(a, operation(http.MethodGet, "/stations/{id}/tickets", "list-station-tickets", "stations", "List the tickets that a station has to do with, newest first, of those that the caller sees"), func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		List service.StationList `query:"list" enum:"open,filed,reported" default:"open" doc:"Open ones that it leads or has joined; those that its staff took down; those to whose joint handling it has reported in"`
		Paged
	},
	) (*answer[Page[Ticket]], error) {
		after, err := decodeCursor[service.Position](in.Cursor)
		if err != nil {
			return nil, err
		}
		views, err := a.svc.StationTickets(ctx, actor, in.ID, in.List, after, in.Limit+1)
		if err != nil {
			return nil, err
		}
		return &answer[Page[Ticket]]{pageOf(views, in.Limit, a.show, func(v *service.TicketView) any {
			return service.Position{FiledAt: v.FiledAt, ID: v.ID}
		})}, nil
	})
}

func station(v service.StationView, names *service.Names) Station {
	out := Station{
		ID: v.ID, Code: v.Code, Name: v.Name, StationKind: v.StationKind, Parent: nameOf(names, v.ParentID), Place: nameOf(names, v.PlaceID),
		Services: v.Services, Opening: v.Opening, Staff: make([]StationStaff, len(v.Staff)), Retired: v.Retired(),
	}
	for i, p := range v.Staff {
		out.Staff[i] = StationStaff{Named{p.User.ID, p.User.Name}, p.Part, nameOf(names, p.User.DepartmentID), p.User.Phone, p.FromDate, p.ToDate}
	}
	if v.Tickets != nil {
		out.Tickets = &StationTickets{v.Tickets.Open, v.Tickets.Filed, v.Tickets.Reported}
	}
	return out
}
