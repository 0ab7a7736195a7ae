package web

import (
	"context"
	"fmt"
	"mime/multipart"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// eventForm is the form of an event: a field for each that the event's input
// declares, in their order. view is nil for the filing.
func (p *page) eventForm(def ticket.Definition, view *service.TicketView, action string) (*form, error) {
	f := newForm(action, p.t("event."+string(def.Event)))
	if view != nil {
		f.Version = view.Version
	}
	maker := fieldMaker{p: p, event: def.Event, view: view}
	var err error
	f.Fields, err = maker.fields(ticket.InputFields(def.Input), "")
	return f, err
}

// fieldMaker makes an input's fields. What a field looks like follows from its
// name and type, the same in every event.
type fieldMaker struct {
	p     *page
	event ticket.Event
	view  *service.TicketView // nil for the filing
}

// kindOf says how the fields are asked for whose type doesn't tell.
var kindOf = map[string]kind{
	"title": kindText, "category": kindTiles, "urgency": kindRadios, "source": kindHidden, "enterprise_id": kindHidden,
	"project_id": kindSelect, "into_id": kindHidden, "lead_id": kindSelect, "department_id": kindSelect, "department_ids": kindChecks,
	"reason_code": kindRadios, "user_id": kindSelect, "task_id": kindRadios, "order_id": kindRadios, "satisfaction": kindStars,
	"attachments": kindFiles, "approve": kindRadios, "reached": kindRadios,
}

func (m fieldMaker) fields(of []ticket.InputField, prefix string) ([]field, error) {
	var fields []field
	for _, in := range of {
		f := field{
			Name: prefix + in.Name, Kind: m.kind(in), Required: !in.Optional, Max: max(0, in.MaxLength),
			Label: m.text("field", in.Name), Hint: m.hint(in.Name),
		}
		var err error
		switch f.Kind {
		case kindRows:
			for i := range spareRows {
				row, err := m.fields(in.Of, fmt.Sprintf("%s[%d].", f.Name, i))
				if err != nil {
					return nil, err
				}
				for j := range row {
					row[j].Required = false // an empty row is none
				}
				f.Rows = append(f.Rows, row)
			}
		case kindSelect, kindRadios, kindTiles, kindChecks:
			f.Options, err = m.options(in)
		}
		if err != nil {
			return nil, err
		}
		if f.Kind == kindSelect && len(f.Options) == 0 && !f.Required {
			continue // nothing to choose from, and nothing missed
		}
		if len(f.Options) == 1 && f.Required {
			f.Values = []string{f.Options[0].Value}
		}
		fields = append(fields, f)
	}
	return fields, nil
}

func (m fieldMaker) kind(in ticket.InputField) kind {
	if k, ok := kindOf[in.Name]; ok {
		return k
	}
	switch in.Type {
	case reflect.TypeFor[time.Time](), reflect.TypeFor[*time.Time]():
		return kindMoment
	case reflect.TypeFor[worktime.Date](), reflect.TypeFor[*worktime.Date]():
		return kindDay
	case reflect.TypeFor[*bool]():
		return kindRadios
	}
	switch {
	case in.Enum != nil:
		return kindRadios
	case in.Of != nil:
		return kindRows
	case in.Type.Kind() == reflect.Bool:
		return kindCheck
	}
	return kindLong
}

// text is the field's text for this event, or else for any.
func (m fieldMaker) text(area, name string) string {
	if id := area + "." + string(m.event) + "." + name; text.Has(id) {
		return m.p.t(id)
	}
	return m.p.t(area + "." + name)
}

func (m fieldMaker) hint(name string) string {
	if text.Has("hint."+string(m.event)+"."+name) || text.Has("hint."+name) {
		return m.text("hint", name)
	}
	return ""
}

func (m fieldMaker) options(in ticket.InputField) ([]option, error) {
	p, ctx := m.p, m.p.ctx()
	switch in.Name {
	case "category":
		categories, err := p.svc.Categories().List(ctx, p.actor, service.EntryFilter{})
		return optionsOf(categories, func(c directory.Category) option {
			return option{Value: c.Code, Label: p.category(c.Code, c.Name), Icon: "category-" + c.Code}
		}), err
	case "lead_id", "department_id", "department_ids":
		return m.departments(in.Name)
	case "reason_code":
		reasons, err := p.svc.Reasons().List(ctx, p.actor, service.EntryFilter{Kind: string(m.event)})
		return optionsOf(reasons, func(r directory.Reason) option { return option{Value: r.Code, Label: r.Name} }), err
	case "project_id":
		if m.view == nil && p.actor.EnterpriseID == "" {
			return nil, nil
		}
		projects, err := p.svc.Projects().List(ctx, p.actor, service.EntryFilter{EnterpriseID: p.actor.EnterpriseID})
		return optionsOf(projects, func(r directory.Project) option { return option{Value: r.ID, Label: r.Name} }), err
	case "user_id":
		f := service.UserFilter{DepartmentID: p.actor.DepartmentID}
		if m.event == ticket.EventInvite {
			f = service.UserFilter{Role: ticket.RoleGuest}
		}
		users, err := p.svc.Users(ctx, p.actor, f)
		return optionsOf(users, func(u service.UserView) option { return option{Value: u.ID, Label: u.Name} }), err
	case "task_id":
		return m.tasks(), nil
	case "order_id":
		return m.orders(), nil
	}
	var options []option
	for _, code := range in.Enum {
		options = append(options, option{Value: code, Label: m.text("option", in.Name+"."+code)})
	}
	if in.Enum == nil { // yes or no
		for _, answer := range []string{"true", "false"} {
			options = append(options, option{Value: answer, Label: m.text("option", in.Name+"."+answer)})
		}
	}
	return options, nil
}

func optionsOf[T any](entries []T, as func(T) option) []option {
	options := make([]option, 0, len(entries))
	for _, entry := range entries {
		options = append(options, as(entry))
	}
	return options
}

// departments are those that the event may name.
func (m fieldMaker) departments(name string) ([]option, error) {
	departments, err := m.p.svc.Departments().List(m.p.ctx(), m.p.actor, service.EntryFilter{})
	if err != nil {
		return nil, err
	}
	var options []option
	for _, d := range departments {
		switch {
		case name == "lead_id" && !d.Dispatchable, name == "department_ids" && m.event == ticket.EventWhistle && !d.Summonable:
			continue
		case name == "department_ids" && m.view != nil && d.ID == m.view.LeadID:
			continue
		case name == "department_id" && m.view != nil && d.ID != m.view.LeadID && !slices.Contains(m.view.Joined(), d.ID):
			continue
		}
		options = append(options, option{Value: d.ID, Label: d.Name, Group: string(d.Kind)})
	}
	return options, nil
}

func (m fieldMaker) tasks() []option {
	var options []option
	for _, t := range m.view.Tasks {
		if t.State == ticket.TaskOpen && (m.event == ticket.EventCancelTask || t.DepartmentID == m.p.actor.DepartmentID) {
			words := m.view.Words[t.Line]["tasks."+strconv.Itoa(t.Index)+".text"]
			options = append(options, option{Value: t.ID, Label: words, Hint: m.view.Names.Of(t.DepartmentID)})
		}
	}
	return options
}

func (m fieldMaker) orders() []option {
	var options []option
	for _, o := range m.view.Orders {
		if o.AnsweredAt == nil && !o.Voided {
			options = append(options, option{
				Value: o.ID, Label: m.view.Words[o.Line]["text"],
				Hint: m.p.t("event."+string(o.Kind)) + " · " + m.view.Names.Of(o.LeaderID),
			})
		}
	}
	return options
}

// category is a category's name in the reader's language; one that the
// district made itself has only its own.
func (p *page) category(code, name string) string {
	if id := "category." + code; text.Has(id) {
		return p.t(id)
	}
	return name
}

// read decodes what an event's form sent, with the files that came along. The
// form shows what was typed whatever becomes of it.
func (p *page) read(f *form, def ticket.Definition, values url.Values, files *multipart.Form) (ticket.Input, error) {
	if err := p.upload(values, files); err != nil {
		f.fill(values)
		return nil, err
	}
	f.fill(values)
	in := reflect.New(reflect.TypeOf(def.Input))
	if err := p.decode(values, in.Interface()); err != nil {
		return nil, err
	}
	// A yes or no that was not answered is neither.
	var faults []ticket.Field
	for _, declared := range ticket.InputFields(def.Input) {
		if declared.Type.Kind() == reflect.Bool && !declared.Optional && values.Get(declared.Name) == "" {
			faults = append(faults, ticket.Field{Pointer: "/" + declared.Name, Message: "must not be empty"})
		}
	}
	input, _ := in.Elem().Interface().(ticket.Input)
	if len(faults) > 0 {
		return nil, ticket.InvalidForm(append(ticket.CheckForm(input), faults...))
	}
	return input, nil
}

// upload keeps the files that came with a form and adds their ids to its
// attachments.
func (p *page) upload(values url.Values, files *multipart.Form) error {
	if files == nil {
		return nil
	}
	var faults []ticket.Field
	for i, header := range files.File["files"] {
		if header.Filename == "" {
			continue
		}
		content, err := header.Open()
		if err != nil {
			return err
		}
		attachment, err := p.svc.Upload(p.ctx(), p.actor, header.Filename, content)
		_ = content.Close() // only read
		if err != nil {
			known, _, err := p.known(err)
			if err != nil {
				return err
			}
			for _, fault := range known.Fields {
				faults = append(faults, ticket.Fieldf(fmt.Sprintf("/attachments/%d", i), "%s: %s", header.Filename, fault.Phrase()))
			}
			if len(known.Fields) == 0 {
				faults = append(faults, ticket.Fieldf(fmt.Sprintf("/attachments/%d", i), "%s: %s", header.Filename, known.Phrase()))
			}
			continue
		}
		values.Add("attachments", attachment.ID)
	}
	return ticket.InvalidValues(faults)
}

// refuse shows a form again with what was typed and what is wrong with it, or
// hands on an error that is not the caller's to mend.
func (p *page) refuse(err error, f *form, show func(status int) error) error {
	known, status, err := p.known(err)
	if err != nil {
		return err
	}
	switch known.Code {
	case ticket.CodeNotFound, ticket.CodeUnauthenticated, ticket.CodeUnavailable:
		return known
	}
	f.fault(p, known)
	return show(status)
}

// changesSince are the lines that came after the version that a form was made
// for: what changed meanwhile, and by whom.
func (p *page) changesSince(ctx context.Context, id string, version int) ([]change, error) {
	lines, names, err := p.svc.History(ctx, p.actor, id)
	if err != nil {
		return nil, err
	}
	var changes []change
	for _, line := range lines {
		if line.Seq > version {
			changes = append(changes, change{Event: line.Event, By: names.Of(line.Actor.ID), At: line.At})
		}
	}
	return changes, nil
}
