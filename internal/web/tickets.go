package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"whistle/internal/cursor"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

func (w *Pages) ticketListRoutes() []route {
	return []route{get("/tickets", (*page).tickets)}
}

// ticketsAPage is how many rows a page of the list has.
const ticketsAPage = 25

// ticketList is every ticket that the reader sees and the filters leave, newest
// first.
type ticketList struct {
	Filters  []field
	Filtered int    // filters that narrow the list
	Faulty   bool   // one of them says nothing that can be looked for
	First    string // of the list's first page
	Paged    bool   // this is not the first page
	Next     string // of the next one; "" on the last
	Rows     []ticketListRow
}

// ticketListRow is a ticket in the list.
type ticketListRow struct {
	*service.TicketView
	Light ticket.Light
	DueAt *time.Time // of what is due first; nil when nothing is
}

// ticketFilter is a way to narrow the list, named as in the address.
type ticketFilter struct {
	name    string
	kind    kind
	narrow  func(f *service.TicketFilter, value string)
	options func(p *page) ([]option, error) // none: it is not for this reader
}

// ticketFilters are all of them. The days are read apart: they are in the
// service's zone.
var ticketFilters = []ticketFilter{
	{"q", kindText, func(f *service.TicketFilter, v string) { f.Text = v }, nil},
	{"state", kindSelect, func(f *service.TicketFilter, v string) { f.States = append(f.States, ticket.State(v)) }, codeOptions("state", allStates)},
	{"stage", kindSelect, func(f *service.TicketFilter, v string) { f.States = statesOf(ticket.Stage(v), f.States) }, forOffices(codeOptions("stage", allStages))},
	{"light", kindSelect, func(f *service.TicketFilter, v string) { f.Light = ticket.Light(v) }, forOffices((*page).lightOptions)},
	{"category", kindSelect, func(f *service.TicketFilter, v string) { f.Category = v }, (*page).categoryOptions},
	{"department", kindSelect, func(f *service.TicketFilter, v string) { f.DepartmentID = v }, (*page).leadOptions},
	{"assignee", kindSelect, func(f *service.TicketFilter, v string) { f.AssigneeID = v }, (*page).assigneeOptions},
	{"chain", kindSelect, func(f *service.TicketFilter, v string) { f.ChainID = v }, (*page).chainOptions},
	{"place", kindSelect, func(f *service.TicketFilter, v string) { f.PlaceID = v }, (*page).placeOptions},
	{"project", kindSelect, func(f *service.TicketFilter, v string) { f.ProjectID = v }, forOffices((*page).projectOptions)},
	{"source", kindSelect, func(f *service.TicketFilter, v string) { f.Source = v }, forOffices(codeOptions("source", ticket.Sources))},
	{"enterprise", kindHidden, func(f *service.TicketFilter, v string) { f.EnterpriseID = v }, nil},
}

// codeOptions offers the codes of a closed list.
func codeOptions[C ~string](list string, codes func() []C) func(p *page) ([]option, error) {
	return func(p *page) ([]option, error) {
		return optionsOf(codes(), func(code C) option {
			return option{Value: string(code), Label: p.t(list + "." + string(code))}
		}), nil
	}
}

// forOffices offers nothing to an enterprise, whose list is short.
func forOffices(options func(p *page) ([]option, error)) func(p *page) ([]option, error) {
	return func(p *page) ([]option, error) {
		if p.actor.Role == ticket.RoleEnterprise {
			return nil, nil
		}
		return options(p)
	}
}

func allStates() []ticket.State {
	var all []ticket.State
	for _, info := range ticket.States() {
		all = append(all, info.State)
	}
	return all
}

func allStages() []ticket.Stage { return append(slices.Clone(loop), ticket.StageClosed) }

// statesOf are the states of a stage, of those that were asked for where some
// were.
func statesOf(stage ticket.Stage, among []ticket.State) []ticket.State {
	if len(among) == 0 {
		among = allStates()
	}
	states := slices.DeleteFunc(slices.Clone(among), func(s ticket.State) bool { return s.Stage() != stage })
	if len(states) == 0 {
		return []ticket.State{noState}
	}
	return states
}

// noState is the state of no ticket, where two filters leave none.
const noState ticket.State = "none"

// ticketFilter reads by what the address narrows a list of tickets; faults are
// of what says nothing that can be looked for.
func (p *page) ticketFilter() (f service.TicketFilter, faults []ticket.Field) {
	f.Now = p.svc.Now()
	for _, by := range ticketFilters {
		if value := strings.TrimSpace(p.QueryParam(by.name)); value != "" {
			by.narrow(&f, value)
		}
	}
	from, to, faults := p.days()
	f.FiledFrom, f.FiledBefore = p.svc.Between(from, to)
	return f, faults
}

// days reads the days from which and to which an address narrows a list, both
// included; zero for none.
func (p *page) days() (from, to worktime.Date, faults []ticket.Field) {
	for _, day := range []struct {
		name string
		into *worktime.Date
	}{{"from", &from}, {"to", &to}} {
		value := p.QueryParam(day.name)
		if value == "" {
			continue
		}
		var err error
		if *day.into, err = worktime.ParseDate(value); err != nil {
			faults = append(faults, ticket.Field{Pointer: "/" + day.name, Message: "must be a day, such as 2023-09-01"})
		}
	}
	return from, to, faults
}

// tickets is the full list.
func (p *page) tickets() error {
	filter, faults := p.ticketFilter()
	shown := ticketList{Faulty: len(faults) > 0}
	if err := p.askTicketFilters(&shown, faults); err != nil {
		return err
	}
	after, ok := cursor.Decode[service.Position](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	shown.First, shown.Paged = p.with("after", ""), after != nil
	filter.After = after
	if shown.Faulty {
		return p.showAs(http.StatusUnprocessableEntity, "tickets/list", shown)
	}
	filter.Limit = ticketsAPage + 1
	found, err := p.svc.Tickets(p.ctx(), p.actor, filter)
	if err != nil {
		return err
	}
	if len(found) > ticketsAPage {
		found = found[:ticketsAPage]
		last := found[ticketsAPage-1]
		shown.Next = p.with("after", cursor.Encode(service.Position{FiledAt: last.FiledAt, ID: last.ID}))
	}
	for _, v := range found {
		row := ticketListRow{TicketView: v, Light: v.Light(v.Now)}
		_, row.DueAt = v.AlarmTimes()
		shown.Rows = append(shown.Rows, row)
	}
	return p.show("tickets/list", shown)
}

// askTicketFilters makes the fields to narrow the list by.
func (p *page) askTicketFilters(shown *ticketList, faults []ticket.Field) error {
	for _, by := range ticketFilters {
		value := strings.TrimSpace(p.QueryParam(by.name))
		asked := field{Name: by.name, Label: p.t("tickets.by_" + by.name), Kind: by.kind, Values: []string{value}}
		if value != "" {
			shown.Filtered++
		}
		if by.options != nil {
			var err error
			if asked.Options, err = by.options(p); err != nil {
				return err
			}
			if len(asked.Options) == 0 {
				continue
			}
		}
		if by.kind == kindHidden {
			if value == "" {
				continue
			}
			asked.Hint = p.enterpriseName(p.ctx(), value)
		}
		shown.Filters = append(shown.Filters, asked)
	}
	days := p.dayFields(faults)
	for _, asked := range days {
		if asked.Value() != "" {
			shown.Filtered++
		}
	}
	shown.Filters = append(shown.Filters, days...)
	return nil
}

// dayFields ask for the days from which and to which a list is narrowed.
func (p *page) dayFields(faults []ticket.Field) []field {
	var fields []field
	for _, name := range []string{"from", "to"} {
		asked := field{Name: name, Label: p.t("tickets.by_" + name), Kind: kindDay, Values: []string{p.QueryParam(name)}}
		if i := slices.IndexFunc(faults, func(f ticket.Field) bool { return f.Pointer == "/"+name }); i >= 0 {
			asked.Error = p.faultWords(faults[i])
		}
		fields = append(fields, asked)
	}
	return fields
}
