package web

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// eventForm is the form of an event on a ticket: a field for each that the
// event's input declares.
func (p *page) eventForm(def ticket.Definition, view *service.TicketView, action string) (*form, error) {
	return fieldMaker{p: p, event: def.Event, view: view}.form(def, action)
}

// filingForm is the form by which a ticket of an enterprise is filed.
func (p *page) filingForm(enterpriseID, action string) (*form, error) {
	def, _ := ticket.Define(ticket.EventSubmit)
	return fieldMaker{p: p, event: def.Event, enterpriseID: enterpriseID}.form(def, action)
}

func (m fieldMaker) form(def ticket.Definition, action string) (*form, error) {
	p := m.p
	f := newForm(action, p.eventWords(def.Event))
	if m.view != nil {
		f.Version = m.view.Version
	}
	if id := "intro." + string(def.Event); text.Has(id) {
		f.Intro = p.t(id)
	}
	if dangerous(def.Event) {
		f.Danger, f.Confirm = true, p.t("confirm."+string(def.Event))
	}
	var err error
	if f.Fields, err = m.fields(ticket.InputFields(def.Input), ""); err != nil {
		return nil, err
	}
	if m.view != nil && slices.ContainsFunc(f.Fields, func(f field) bool { return f.Kind == kindLong }) {
		// What takes long to type outlasts a closed tab: for each account its own.
		f.Draft = string(def.Event) + "-" + m.view.ID + "-" + p.actor.ID
	}
	order := fieldOrder[def.Event]
	slices.SortStableFunc(f.Fields, func(a, b field) int {
		return cmp.Compare(rankIn(order, a.Name), rankIn(order, b.Name))
	})
	return f, p.complete(f)
}

// eventWords are what the reader calls an event, as a button says it.
func (p *page) eventWords(event ticket.Event) string {
	if id := "own_event." + string(event); p.actor.Role == ticket.RoleEnterprise && text.Has(id) {
		return p.t(id)
	}
	return p.t("event." + string(event))
}

// dangerous says whether the event is asked for twice: it ends a ticket or
// gives it away.
func dangerous(event ticket.Event) bool { return text.Has("confirm." + string(event)) }

// fieldOrder is the order in which an event's fields are asked for where that
// of its input will not do; those not named come after.
var fieldOrder = map[ticket.Event][]string{
	ticket.EventSubmit:  {"category", "title", "description", "attachments", "project_id", "urgency", "confidential", "source"},
	ticket.EventCorrect: {"title", "category"},
	ticket.EventWhistle: {"lead_id"},
}

func rankIn(order []string, name string) int {
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return len(order)
}

// fieldMaker makes an input's fields. What a field looks like follows from its
// name and type, the same in every event.
type fieldMaker struct {
	p            *page
	event        ticket.Event
	view         *service.TicketView // nil for the filing
	enterpriseID string              // of the filing
}

// kindOf says how the fields are asked for whose type doesn't tell.
var kindOf = map[string]kind{
	"title": kindText, "category": kindTiles, "urgency": kindRadios, "source": kindRadios, "enterprise_id": kindHidden,
	"project_id": kindSelect, "into_id": kindSearch, "lead_id": kindSelect, "department_id": kindSelect, "department_ids": kindChecks,
	"reason_code": kindRadios, "user_id": kindSelect, "task_id": kindRadios, "order_id": kindRadios, "satisfaction": kindStars,
	"attachments": kindFiles, "approve": kindRadios, "reached": kindRadios,
}

func (m fieldMaker) fields(of []ticket.InputField, prefix string) ([]field, error) {
	var fields []field
	for _, in := range of {
		if m.settled(in.Name) {
			continue
		}
		f, err := m.field(in, prefix)
		if err != nil {
			return nil, err
		}
		if f.Kind == kindSelect && len(f.Options) == 0 && !f.Required {
			continue // nothing to choose from, and nothing missed
		}
		if f.Kind == kindRows && f.blank == nil && len(f.Rows) == 0 {
			continue
		}
		fields = append(fields, f)
	}
	return fields, nil
}

// settled says whether a field is not the caller's to fill in, or not on this
// ticket.
func (m fieldMaker) settled(name string) bool {
	switch name {
	case "source":
		return m.p.actor.Role != ticket.RoleDispatcher // else it follows from who files
	case "enterprise_id":
		return m.event == ticket.EventCorrect && m.view.Relation&ticket.Desk == 0
	case "lead_id":
		return m.event == ticket.EventWhistle && m.view.LeadID != ""
	}
	return false
}

func (m fieldMaker) field(in ticket.InputField, prefix string) (f field, err error) {
	f = field{
		Name: prefix + in.Name, Kind: m.kind(in), Required: !in.Optional, Max: max(0, in.MaxLength),
		Label: m.text("field", in.Name), Hint: m.hint(in.Name),
	}
	switch f.Kind { //nolint:exhaustive // the others need nothing more
	case kindRows:
		err = m.rows(&f, in)
	case kindSelect, kindRadios, kindTiles, kindChecks:
		f.Options, err = m.options(in)
	case kindCheck:
		f.Options = []option{{Value: "true"}}
		if in.Name == "urgency" {
			f.Options = []option{{Value: string(ticket.Urgent)}}
		}
	case kindSearch:
		f.find = m.finder(in.Name)
	case kindDay, kindMoment:
		err = m.limit(&f, in.Name)
	}
	switch present := m.present(in.Name); {
	case present != "":
		f.Values, f.present, f.Required = []string{present}, present, true
	case f.Kind == kindRadios && in.Optional:
		f.Options = append(f.Options, option{Value: "", Label: m.p.t("form.unsaid")})
		f.Values = []string{""}
	case len(f.Options) == 1 && f.Required:
		f.Values = []string{f.Options[0].Value}
	}
	if m.event == ticket.EventWhistle && in.Name == "lead_id" {
		f.Required = true // while none is named
	}
	return f, err
}

// present is what a field says already, for those by which something is
// changed: what stays the same is not sent on. "" for the others.
func (m fieldMaker) present(name string) string {
	switch {
	case m.event == ticket.EventSubmit:
		return map[string]string{"enterprise_id": m.enterpriseID, "source": string(ticket.SourceDesk)}[name]
	case m.event == ticket.EventWhistle && name == "convener":
		return string(ticket.ConvenedByLead)
	case m.event == ticket.EventDispatch && name == "urgency":
		return string(m.view.Urgency)
	case m.event != ticket.EventCorrect:
		return ""
	}
	switch name {
	case "category":
		return m.view.Category
	case "title":
		return m.view.Title
	case "enterprise_id":
		return m.view.EnterpriseID
	case "urgency":
		return string(m.view.Urgency)
	case "confidential":
		return strconv.FormatBool(m.view.Confidential)
	}
	return ""
}

// rows are the smaller forms of a list: a few empty ones, or one for each
// department that has not reported in.
func (m fieldMaker) rows(f *field, in ticket.InputField) error {
	blank, err := m.fields(in.Of, f.Name+"[0].")
	if err != nil {
		return err
	}
	for i := range blank {
		blank[i].Required = false // an empty row is none
	}
	if in.Name != "without" {
		f.blank = blank
		for range spareRows {
			f.addRow()
		}
		return nil
	}
	f.keys = "department_id"
	for _, s := range m.view.Summons {
		if s.Round != m.view.Round || s.ReportedAt != nil {
			continue
		}
		row := renumbered(blank, f.Name, len(f.Rows))
		for i := range row {
			if strings.HasSuffix(row[i].Name, "."+f.keys) {
				row[i].Kind, row[i].Values = kindHidden, []string{s.DepartmentID}
			} else {
				row[i].Label = m.view.Names.Of(s.DepartmentID)
			}
		}
		f.Rows = append(f.Rows, row)
	}
	return nil
}

// limit says from when to when a day or moment may be chosen.
func (m fieldMaker) limit(f *field, name string) error {
	show, zone := m.p.shower(), m.p.svc.Zone()
	switch {
	case m.event == ticket.EventRequestExtension:
		after, latest, err := m.p.svc.ExtensionLimits(m.p.ctx(), m.view)
		if err != nil || latest.IsZero() {
			return err
		}
		f.From, f.To = after.In(zone).Format(momentInputFormat), latest.In(zone).Format(momentInputFormat)
		f.Hint = m.p.t("hint.request_extension.due_at", "Due", show.words(after), "Latest", show.words(latest))
	case f.Kind == kindMoment:
		f.From = m.p.svc.Now().In(zone).Format(momentInputFormat)
	case name == "review_date":
		f.From = worktime.DateOf(m.p.svc.Now().In(zone)).AddDays(1).String()
	}
	return nil
}

func (m fieldMaker) kind(in ticket.InputField) kind {
	switch {
	case m.event == ticket.EventSubmit && in.Name == "urgency":
		return kindCheck // it is or it isn't
	case m.event == ticket.EventCorrect && in.Name == "enterprise_id":
		return kindSearch
	case m.event == ticket.EventCorrect && in.Name == "category":
		return kindSelect // the tiles would hide the rest
	}
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
			return option{Value: c.Code, Label: p.category(c.Code, c.Name), Icon: categoryIcon(c.Code)}
		}), err
	case "lead_id", "department_id", "department_ids":
		return m.departments(in.Name)
	case "reason_code":
		reasons, err := p.svc.Reasons().List(ctx, p.actor, service.EntryFilter{Kind: string(m.event)})
		return optionsOf(reasons, func(r directory.Reason) option {
			return option{Value: r.Code, Label: p.reason(r.Kind, r.Code, r.Name)}
		}), err
	case "project_id":
		projects, err := p.svc.Projects().List(ctx, p.actor, service.EntryFilter{EnterpriseID: m.enterpriseID})
		return optionsOf(projects, func(r directory.Project) option { return option{Value: r.ID, Label: r.Name} }), err
	case "source": // what the desk takes down for others
		return []option{
			{Value: string(ticket.SourceDesk), Label: p.t("source.desk")},
			{Value: string(ticket.SourceHotline), Label: p.t("source.hotline")},
		}, nil
	case "user_id":
		return m.people()
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
		case name == "lead_id" && !d.Dispatchable,
			name == "department_ids" && m.event == ticket.EventDispatch && !d.Dispatchable,
			name == "department_ids" && m.event == ticket.EventWhistle && !d.Summonable:
			continue
		case name == "department_ids" && m.view != nil && d.ID == m.view.LeadID:
			continue
		case name == "department_id" && m.view != nil && d.ID != m.view.LeadID && !slices.Contains(m.view.Joined(), d.ID):
			continue
		}
		options = append(options, option{Value: d.ID, Label: d.Name, Group: string(d.Kind)})
	}
	slices.SortStableFunc(options, func(a, b option) int {
		return cmp.Compare(slices.Index(departmentKinds, directory.DepartmentKind(a.Group)), slices.Index(departmentKinds, directory.DepartmentKind(b.Group)))
	})
	return options, nil
}

// departmentKinds in the order in which departments are offered.
var departmentKinds = []directory.DepartmentKind{directory.Bureau, directory.Park, directory.Town, directory.Mass, directory.Station}

// people are those whom the event may name.
func (m fieldMaker) people() ([]option, error) {
	p := m.p
	f := service.UserFilter{DepartmentID: p.actor.DepartmentID}
	switch {
	case m.event == ticket.EventInvite:
		return p.expertOptions(m.view)
	case !p.actor.Heads(): // an officer takes it on oneself
		return []option{{Value: p.actor.ID, Label: p.actor.Name}}, nil
	}
	users, err := p.svc.Users(p.ctx(), p.actor, f)
	return optionsOf(users, func(u service.UserView) option {
		return option{Value: u.ID, Label: u.Name, Hint: p.t("role." + string(u.Role))}
	}), err
}

// offered is how many of what was found a search offers.
const offered = 8

// finder looks for what a field of kindSearch may name: by the text that was
// typed, or what is most likely meant when that is empty.
func (m fieldMaker) finder(name string) func(query string) ([]option, error) {
	if name == "into_id" {
		return m.masters
	}
	return func(query string) ([]option, error) {
		if query == "" {
			return nil, nil
		}
		found, err := m.p.svc.Enterprises().List(m.p.ctx(), m.p.actor, service.EntryFilter{Text: query, Limit: offered})
		return optionsOf(found, func(e directory.Enterprise) option {
			return option{Value: e.ID, Label: e.Name, Hint: e.CreditCode}
		}), err
	}
}

// masters are open tickets into which this one may be merged: those found, or
// the enterprise's others.
func (m fieldMaker) masters(query string) ([]option, error) {
	p := m.p
	var views []*service.TicketView
	var err error
	if query == "" {
		views, err = p.svc.Tickets(p.ctx(), p.actor, service.TicketFilter{EnterpriseID: m.view.EnterpriseID, States: ticket.OpenStates(), Limit: offered + 1})
	} else {
		views, err = p.svc.Tickets(p.ctx(), p.actor, service.TicketFilter{Text: query, States: ticket.OpenStates(), Limit: offered + 1})
	}
	views = slices.DeleteFunc(views, func(v *service.TicketView) bool { return v.ID == m.view.ID })
	return optionsOf(views, p.ticketOption), err
}

func (p *page) ticketOption(v *service.TicketView) option {
	return option{Value: v.ID, Label: v.Number + " " + v.Title, Hint: v.Names.Of(v.EnterpriseID) + " · " + p.t("state."+string(v.State))}
}

// chosen is the option of what a field of kindSearch names, which need not be
// among what was found; none when the reader may not see it.
func (p *page) chosen(name, id string) ([]option, error) {
	var o option
	var err error
	switch name {
	case "into_id":
		var v *service.TicketView
		if v, err = p.svc.Ticket(p.ctx(), p.actor, id); err == nil {
			o = p.ticketOption(v)
		}
	case "user_id", "to_user_id":
		var u *service.UserView
		if u, err = p.svc.User(p.ctx(), p.actor, id); err == nil {
			o = personOption(*u)
		}
	default:
		var e directory.Enterprise
		if e, err = p.svc.Enterprises().Get(p.ctx(), p.actor, id); err == nil {
			o = option{Value: e.ID, Label: e.Name, Hint: e.CreditCode}
		}
	}
	var known *ticket.Error
	if errors.As(err, &known) && known.Code == ticket.CodeNotFound {
		return nil, nil
	}
	return []option{o}, err
}

// complete looks up what the fields of a form show beside what was typed: the
// names of files that are uploaded, and what a search finds.
func (p *page) complete(f *form) error {
	for i := range f.Fields {
		field := &f.Fields[i]
		switch field.Kind { //nolint:exhaustive // the others say all themselves
		case kindFiles:
			field.Kept = nil
			for _, id := range field.Values {
				kept, err := p.svc.Attachment(p.ctx(), p.actor, id)
				var known *ticket.Error
				if errors.As(err, &known) && known.Code == ticket.CodeNotFound {
					continue // somebody else's, or removed since
				} else if err != nil {
					return err
				}
				field.Kept = append(field.Kept, option{Value: kept.ID, Label: kept.Name})
			}
		case kindSearch:
			var err error
			if field.Options, err = field.find(strings.TrimSpace(field.Query)); err != nil {
				return err
			}
			if id := field.Value(); id != "" && !slices.ContainsFunc(field.Options, func(o option) bool { return o.Value == id }) {
				chosen, err := p.chosen(field.Name, id)
				if err != nil {
					return err
				}
				field.Options = append(chosen, field.Options...)
			}
		}
	}
	return nil
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

// errAgain is no error: the form was sent to be shown with more in it.
var errAgain = errors.New("the form is shown again")

// read decodes what an event's form sent, with the files that came along. The
// form shows what was typed whatever becomes of it.
func (p *page) read(f *form, def ticket.Definition, values url.Values, files *multipart.Form) (ticket.Input, error) {
	err := p.upload(values, files)
	f.fill(values)
	if err != nil {
		return nil, err
	}
	if again := values.Get(againName); again != "" {
		f.addRows(again)
		return nil, errAgain
	}
	in := reflect.New(reflect.TypeOf(def.Input))
	if err := p.decode(f.changed(values), in.Interface()); err != nil {
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

// changed are the values without those that say what holds already.
func (f *form) changed(values url.Values) url.Values {
	changed := maps.Clone(values)
	for _, field := range f.Fields {
		if field.present != "" && values.Get(field.Name) == field.present {
			changed.Del(field.Name)
		}
	}
	return changed
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
	if errors.Is(err, errAgain) {
		if err := p.complete(f); err != nil {
			return err
		}
		return show(http.StatusOK)
	}
	known, status, err := p.known(err)
	if err != nil {
		return err
	}
	switch known.Code { //nolint:exhaustive // the others are for the caller to mend
	case ticket.CodeNotFound, ticket.CodeUnauthenticated, ticket.CodeUnavailable:
		return known
	}
	f.fault(p, known)
	if err := p.complete(f); err != nil {
		return err
	}
	return show(status)
}
