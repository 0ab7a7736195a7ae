package service

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// checkStation holds what a department says of itself as a station against the
// rules: nothing where it is none.
func checkStation(c *entryCheck, before, after *directory.Department) {
	if after.Kind != directory.Station {
		for _, said := range []struct {
			pointer string
			blank   bool
		}{
			{"/station_kind", after.StationKind == ""},
			{"/place_id", after.PlaceID == ""},
			{"/services", len(after.Services) == 0},
			{"/opening", after.Opening == ""},
		} {
			if !said.blank {
				c.fault(said.pointer, "must be left empty unless it is a station")
			}
		}
		return
	}
	refers(c, before, after, "/place_id", "/places", finder[directory.Place](c.s), func(d *directory.Department) string { return d.PlaceID })
	for i, code := range after.Services {
		if all := directory.StationServices(); !slices.Contains(all, code) {
			c.fault(fmt.Sprintf("/services/%d", i), "must be one of: %s", strings.Join(all, ", "))
		}
	}
}

// checkStaffPart holds the part of somebody at a station against those that
// stations of the kind have.
func checkStaffPart(kind directory.StationKind, part string) []ticket.Field {
	if parts := directory.StaffParts(kind); !slices.Contains(parts, part) {
		return []ticket.Field{ticket.Fieldf("/part", "must be one of: %s", strings.Join(parts, ", "))}
	}
	return nil
}

// StationView is a station with who is there today and, for the offices, what of
// the tickets that the reader sees it has to do with.
type StationView struct {
	directory.Department
	Staff   []StationStaff
	Tickets *StationCounts // nil outside of the offices
}

// StationCounts counts tickets by what a station has to do with them.
type StationCounts struct {
	Open     int // it leads or has joined them
	Filed    int // its staff took them down
	Reported int // it has reported in to their joint handling
}

// StationStaff is somebody at a station.
type StationStaff struct {
	directory.Assignment
	User directory.User
}

// StationFilter narrows a list of stations; zero values narrow nothing.
type StationFilter struct {
	Kind    directory.StationKind
	PlaceID string
	Service string // that it offers
	Text    string
	All     bool // the retired too
	After   string
	Limit   int
}

// readsStations says whether stations and their people are there for the actor:
// in the offices, in an enterprise, and at a station.
func readsStations(actor ticket.Actor) bool {
	return office(actor) || actor.Role == ticket.RoleEnterprise || len(actor.Stations) > 0
}

// Stations lists stations by code.
func (s *Service) Stations(ctx context.Context, actor ticket.Actor, f StationFilter) ([]StationView, error) {
	if !readsStations(actor) {
		return nil, ticket.NotFound("station")
	}
	return s.stations(ctx, actor, EntryFilter{
		Kind: string(directory.Station), StationKind: string(f.Kind), PlaceID: f.PlaceID, Service: f.Service, Text: f.Text,
		All: true, Active: !f.All, After: f.After, Limit: f.Limit,
	})
}

// Station reads one station.
func (s *Service) Station(ctx context.Context, actor ticket.Actor, id string) (*StationView, error) {
	if !readsStations(actor) || id == "" {
		return nil, ticket.NotFound("station")
	}
	found, err := s.stations(ctx, actor, EntryFilter{Kind: string(directory.Station), ID: id, All: true})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, ticket.NotFound("station")
	}
	return &found[0], nil
}

func (s *Service) stations(ctx context.Context, actor ticket.Actor, f EntryFilter) ([]StationView, error) {
	departments, err := s.Departments().List(ctx, actor, f)
	if err != nil || len(departments) == 0 {
		return nil, err
	}
	ids, views := make([]string, len(departments)), make([]StationView, len(departments))
	for i, d := range departments {
		ids[i], views[i] = d.ID, StationView{Department: d}
	}
	all, err := s.store.Staff(ctx, ids)
	if err != nil {
		return nil, err
	}
	if err := s.staffToday(ctx, views, all); err != nil {
		return nil, err
	}
	if !office(actor) {
		return views, nil
	}
	return views, s.countStations(ctx, actor, ids, views, all)
}

// staffToday finds who of all staff is there today, in the order of their parts.
func (s *Service) staffToday(ctx context.Context, views []StationView, all []directory.Assignment) error {
	today := s.today()
	var ids []string
	for _, a := range all {
		if a.InForce(today) {
			ids = append(ids, a.UserID)
		}
	}
	if ids == nil {
		return nil
	}
	users, err := s.store.UsersByID(ctx, ids)
	if err != nil {
		return err
	}
	parts := directory.AllStaffParts()
	for i := range views {
		for _, a := range all {
			user, there := users[a.UserID]
			if a.TargetID == views[i].ID && a.InForce(today) && there && !user.Retired() {
				user.PasswordHash = ""
				views[i].Staff = append(views[i].Staff, StationStaff{a, user})
			}
		}
		slices.SortStableFunc(views[i].Staff, func(a, b StationStaff) int {
			return cmp.Or(cmp.Compare(slices.Index(parts, a.Part), slices.Index(parts, b.Part)), cmp.Compare(a.User.Name, b.User.Name))
		})
	}
	return nil
}

// countStations counts tickets as the actor sees them.
func (s *Service) countStations(ctx context.Context, actor ticket.Actor, ids []string, views []StationView, all []directory.Assignment) error {
	open, err := s.store.OpenWith(ctx, actor, ids)
	if err != nil {
		return err
	}
	reported, err := s.store.ReportedIn(ctx, actor, ids)
	if err != nil {
		return err
	}
	filers := s.filers(all)
	var people []string
	for _, a := range all {
		if !slices.Contains(people, a.UserID) {
			people = append(people, a.UserID)
		}
	}
	var taken []store.TakenDown
	if people != nil {
		if taken, err = s.store.TakenDown(ctx, actor, people); err != nil {
			return err
		}
	}
	for i := range views {
		id := views[i].ID
		counts := &StationCounts{Open: open[id], Reported: reported[id]}
		views[i].Tickets = counts
		for _, t := range taken {
			if slices.ContainsFunc(filers[id], func(f store.Filer) bool { return f.Took(t.FiledBy, t.FiledAt) }) {
				counts.Filed++
			}
		}
	}
	return nil
}

// filers are who took tickets down for each station, and when: what somebody
// files on a day on which they are at a station, they file there.
func (s *Service) filers(all []directory.Assignment) map[string][]store.Filer {
	by := map[string][]store.Filer{}
	for _, a := range all {
		f := store.Filer{UserID: a.UserID, From: a.FromDate.In(s.zone)}
		if a.ToDate != nil {
			f.Until = a.ToDate.AddDays(1).In(s.zone)
		}
		if a.RetiredAt != nil && (f.Until.IsZero() || a.RetiredAt.Before(f.Until)) {
			f.Until = *a.RetiredAt
		}
		if f.Until.IsZero() || f.From.Before(f.Until) {
			by[a.TargetID] = append(by[a.TargetID], f)
		}
	}
	return by
}

// StationList names the tickets that a station has to do with.
type StationList string

// The lists of a station's tickets.
const (
	StationOpen     StationList = "open"
	StationFiled    StationList = "filed"
	StationReported StationList = "reported"
)

// StationLists lists them.
func StationLists() []StationList { return []StationList{StationOpen, StationFiled, StationReported} }

// StationTickets lists what of a station's tickets the actor sees, newest
// first: as many as the station's count says.
func (s *Service) StationTickets(ctx context.Context, actor ticket.Actor, id string, list StationList, after *Position, limit int) ([]*TicketView, error) {
	if _, err := s.Station(ctx, actor, id); err != nil {
		return nil, err
	}
	f := TicketFilter{After: after, Limit: limit}
	switch list {
	case StationOpen:
		f.PartyID, f.States = id, ticket.OpenStates()
	case StationReported:
		f.ReportedID = id
	case StationFiled:
		all, err := s.store.Staff(ctx, []string{id})
		if err != nil {
			return nil, err
		}
		f.FiledFor = append([]store.Filer{}, s.filers(all)[id]...)
	default:
		return nil, ticket.NotFound("list")
	}
	return s.Tickets(ctx, actor, f)
}

// StationsNear lists the stations in service for an enterprise's contact: those
// of its own place, of the places that is part of and those within it, and the
// others.
func (s *Service) StationsNear(ctx context.Context, actor ticket.Actor) (near, others []StationView, err error) {
	all, err := s.Stations(ctx, actor, StationFilter{})
	if err != nil {
		return nil, nil, err
	}
	enterprise, err := s.Enterprises().Get(ctx, actor, actor.EnterpriseID)
	if err != nil {
		return nil, nil, err
	}
	places, err := s.Places().List(ctx, actor, EntryFilter{All: true})
	if err != nil {
		return nil, nil, err
	}
	parents := make(map[string]string, len(places))
	for _, p := range places {
		parents[p.ID] = p.ParentID
	}
	within := func(place, of string) bool {
		for ; place != ""; place = parents[place] {
			if place == of {
				return true
			}
		}
		return false
	}
	for _, station := range all {
		if station.PlaceID != "" && (within(enterprise.PlaceID, station.PlaceID) || within(station.PlaceID, enterprise.PlaceID)) {
			near = append(near, station)
		} else {
			others = append(others, station)
		}
	}
	return near, others, nil
}

// StationNames are the names of what stations refer to.
func (s *Service) StationNames(ctx context.Context, stations ...StationView) (*Names, error) {
	names := newNames()
	for _, v := range stations {
		names.add(store.Departments, v.ParentID)
		names.add(store.Places, v.PlaceID)
		for _, p := range v.Staff {
			names.add(store.Departments, p.User.DepartmentID)
		}
	}
	return names, names.load(ctx, s.store)
}

// StationSum adds up stations of one kind.
type StationSum struct {
	Kind                             directory.StationKind
	Stations, Staff, Filed, Reported int
}

// StationSums adds up the stations in service by their kind, as the actor sees
// their tickets, for the offices.
func (s *Service) StationSums(ctx context.Context, actor ticket.Actor) ([]StationSum, error) {
	if !office(actor) {
		return nil, nil
	}
	all, err := s.Stations(ctx, actor, StationFilter{})
	if err != nil {
		return nil, err
	}
	var sums []StationSum
	for _, kind := range directory.StationKinds() {
		sum := StationSum{Kind: kind}
		for _, v := range all {
			if v.StationKind == kind {
				sum.Stations++
				sum.Staff += len(v.Staff)
				sum.Filed += v.Tickets.Filed
				sum.Reported += v.Tickets.Reported
			}
		}
		if sum.Stations > 0 {
			sums = append(sums, sum)
		}
	}
	return sums, nil
}
