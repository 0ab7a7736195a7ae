package web

import (
	"fmt"
	"html/template"
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

// line is a line of a ticket's history as a page shows it.
type line struct {
	service.HistoryLine
	What  string // what happened: the event's name for the offices, a sentence for the enterprise
	By    string // who it was; "" where the sentence says so
	Said  []fact // what was written
	Facts []fact // what else was set, in words
	Files []directory.Attachment
}

// fact is a value with what it is.
type fact struct {
	Label, Value string
	Path         string // of the page about it; "" for none
}

// Tone tells lines apart at which a reader may want to stop: good, alert or "".
func (l line) Tone() string { return tones[l.Event] }

var tones = map[ticket.Event]string{
	ticket.EventConfirm: "good", ticket.EventResolve: "good",
	ticket.EventDispute: "alert", ticket.EventReturn: "alert", ticket.EventReject: "alert", ticket.EventUrge: "alert",
	ticket.EventInstruct: "alert", ticket.EventSupervise: "alert", ticket.EventReopen: "alert",
}

// unsaid are the fields of an event that a history doesn't repeat: they stand
// elsewhere on the page, or name what the words are about.
var unsaid = map[string]bool{"attachments": true, "task_id": true, "order_id": true, "source": true, "into_id": true, "enterprise_id": true, "project_id": true}

// unsaidOutside are those that the sentences for the enterprise say already.
var unsaidOutside = map[string]bool{"lead_id": true, "department_ids": true, "convener": true, "public": true, "reached": true, "solved": true}

// lines are a ticket's history as the reader is told it, newest first.
func (p *page) lines(view *service.TicketView, history []service.HistoryLine, authors *service.Names, files []directory.Attachment) []line {
	lines := make([]line, len(history))
	for i, h := range history {
		l := p.line(view, h, authors)
		for _, file := range files {
			if file.Seq == h.Seq && h.Event != ticket.EventSubmit {
				l.Files = append(l.Files, file)
			}
		}
		lines[len(history)-1-i] = l
	}
	return lines
}

func (p *page) line(view *service.TicketView, h service.HistoryLine, authors *service.Names) line {
	l := line{HistoryLine: h}
	def, _ := ticket.Define(h.Event)
	if h.Event != ticket.EventSubmit { // what was filed stands on top of the page
		p.describe(&l, def, ticket.InputFields(def.Input), h.Data, view.Names)
	}
	if view.Inside() {
		l.What, l.By = p.t("event."+string(h.Event)), p.author(view, h, authors)
		return l
	}
	l.What = p.told(view, h, authors)
	return l
}

// author names who a line is by, for the offices: the person, with the
// department where it has a part in the ticket. The service itself has a name
// in each language.
func (p *page) author(view *service.TicketView, h service.HistoryLine, authors *service.Names) string {
	if id := "author." + h.Actor.ID; text.Has(id) {
		return p.t(id)
	}
	name, department := authors.Of(h.Actor.ID), view.Names.Of(h.Actor.DepartmentID)
	if department == "" {
		return name
	}
	return p.t("author.of", "Name", name, "Department", department)
}

// told is a line as a sentence for the enterprise: offices by their names,
// never people's.
func (p *page) told(view *service.TicketView, h service.HistoryLine, authors *service.Names) string {
	of := func(field string) string {
		id, _ := h.Data[field].(string)
		return view.Names.Of(id)
	}
	var departments []string
	ids, _ := h.Data["department_ids"].([]any)
	for _, id := range ids {
		if id, ok := id.(string); ok {
			departments = append(departments, view.Names.Of(id))
		}
	}
	said := func(field string) bool {
		yes, _ := h.Data[field].(bool)
		return yes
	}
	return p.t("told."+string(h.Event),
		"By", p.party(view, h, authors), "Own", h.Actor.Role == ticket.RoleEnterprise, "Lead", of("lead_id"), "Departments", strings.Join(departments, p.t("list.comma")),
		"Approved", said("approve"), "Reached", said("reached"), "Solved", said("solved"), "To", string(h.To))
}

// party names who a line is by, for the enterprise.
func (p *page) party(view *service.TicketView, h service.HistoryLine, authors *service.Names) string {
	name := authors.Of(h.Actor.ID)
	switch {
	case h.Actor.ID == p.actor.ID:
		return p.t("party.you")
	case text.Has("author." + h.Actor.ID):
		return p.t("author." + h.Actor.ID)
	case h.Actor.Role == ticket.RoleEnterprise:
		return name
	case h.Actor.Role == ticket.RoleDispatcher:
		return p.t("party.desk")
	}
	if department := view.Names.Of(h.Actor.DepartmentID); department != "" {
		return department
	}
	return p.t("party.manager", "Name", name)
}

func (p *page) describe(l *line, def ticket.Definition, fields []ticket.InputField, data map[string]any, names *service.Names) {
	maker := fieldMaker{p: p, event: def.Event}
	old, _ := data["old"].(map[string]any) // of a correction
	for _, in := range fields {
		value, ok := data[in.Name]
		if !ok || unsaid[in.Name] || p.actor.Role == ticket.RoleEnterprise && unsaidOutside[in.Name] {
			continue
		}
		label := maker.text("field", in.Name)
		if in.Of != nil {
			rows, _ := value.([]any)
			for _, row := range rows {
				if values, ok := row.(map[string]any); ok {
					inside := line{}
					p.describe(&inside, def, in.Of, values, names)
					l.Facts = append(l.Facts, fact{Label: label, Value: joinFacts(append(inside.Facts, inside.Said...))})
				}
			}
			continue
		}
		if maker.kind(in) == kindCheck && value == true {
			l.Facts = append(l.Facts, fact{Value: label})
			continue
		}
		words := p.valueWords(maker, in, value, names)
		if was := p.valueWords(maker, in, old[in.Name], names); was != "" && words != "" {
			words = was + " → " + words
		}
		switch {
		case words == "":
		case maker.kind(in) == kindLong:
			l.Said = append(l.Said, fact{Label: label, Value: words})
		default:
			l.Facts = append(l.Facts, fact{Label: label, Value: words})
		}
	}
}

func joinFacts(facts []fact) string {
	values := make([]string, len(facts))
	for i, f := range facts {
		values[i] = f.Value
	}
	return strings.Join(values, " · ")
}

// valueWords is a value of a history line in words; "" for what says nothing.
func (p *page) valueWords(maker fieldMaker, in ticket.InputField, value any, names *service.Names) string {
	show := p.shower()
	switch value := value.(type) {
	case []any:
		var words []string
		for _, item := range value {
			words = append(words, p.valueWords(maker, in, item, names))
		}
		return strings.Join(words, p.t("list.comma"))
	case bool:
		if !value && maker.kind(in) == kindCheck { // left unticked; else no was said
			return ""
		}
		return maker.text("option", in.Name+"."+strconv.FormatBool(value))
	case string:
		switch {
		case value == "":
			return ""
		case in.Name == "category":
			return p.category(value, p.codes[value])
		case in.Name == "reason_code":
			kind := ticket.ReasonKind(maker.event)
			return p.reason(kind, value, p.codes[string(kind)+" "+value])
		case in.Enum != nil:
			return maker.text("option", in.Name+"."+value)
		case maker.kind(in) == kindDay:
			if day, err := worktime.ParseDate(value); err == nil {
				return show.day(day)
			}
		case maker.kind(in) == kindMoment:
			if at, err := time.Parse(time.RFC3339, value); err == nil {
				return show.words(at)
			}
		case strings.HasSuffix(in.Name, "_id") || strings.HasSuffix(in.Name, "_ids"):
			return names.Of(value)
		}
		return value
	case nil:
		return ""
	}
	if in.Name == "satisfaction" {
		n, _ := strconv.Atoi(fmt.Sprint(value))
		return p.starWords(n)
	}
	return fmt.Sprint(value)
}

// starWords is a satisfaction from 1 to 5.
func (p *page) starWords(n int) string {
	return strings.Repeat("★", n) + strings.Repeat("☆", max(0, 5-n)) + " " + p.t("star."+strconv.Itoa(n))
}

// whose says whose turn it is and by when, in one plain sentence.
func (p *page) whose(v *service.TicketView) template.HTML {
	h := v.Holder(v.Now)
	show := p.shower()
	data := []any{"You", !v.Inside(), "Name", p.t("party.desk"), "Due", "", "Late", false, "Day", "", "Outcome", ""}
	set := func(name string, value any) { data[slices.Index(data, any(name))+1] = value }
	var names []string
	for _, id := range h.PartyIDs {
		names = append(names, v.Names.Of(id))
	}
	if len(names) > 0 {
		set("Name", strings.Join(names, p.t("list.comma")))
	}
	if h.DueAt != nil {
		set("Due", show.words(*h.DueAt))
		set("Late", v.Now.After(*h.DueAt))
	}
	if h.ReviewDate != nil {
		set("Day", show.day(*h.ReviewDate))
	}
	if v.Outcome != "" {
		set("Outcome", p.t("outcome."+string(v.Outcome)))
	}
	id := "whose." + string(h.Event)
	if h.Event == "" {
		id = "whose." + string(v.State)
	}
	if !text.Has(id) { // carried over from elsewhere: nobody is waited for here
		return template.HTML(p.t("state." + string(v.State))) //nolint:gosec // a text of ours
	}
	sentence := p.t(id, data...)
	if h.Provisional {
		sentence += p.t("whose.provisional")
	}
	sentence = template.HTMLEscapeString(sentence)
	if h.DueAt != nil { // as an element, which no line breaks
		sentence = strings.ReplaceAll(sentence, template.HTMLEscapeString(show.words(*h.DueAt)), string(show.moment(*h.DueAt)))
	}
	return template.HTML(sentence) //nolint:gosec // escaped above
}

// category is a category's name in the reader's language; one that the
// district made itself has only its own.
func (p *page) category(code, name string) string {
	if id := "category." + code; text.Has(id) {
		return p.t(id)
	}
	return name
}

// categoryIcons are the pictures of the categories that every district has.
var categoryIcons = map[string]string{
	"labour": "users", "funding": "coin", "land": "map-pin", "technology": "cpu", "talent": "school", "approval": "certificate",
	"policy": "book", "market": "basket", "energy_environment": "leaf", "infrastructure": "building", "other": "dots",
}

func categoryIcon(code string) string {
	if icon, ok := categoryIcons[code]; ok {
		return icon
	}
	return "tag"
}

// reason is a reason's name in the reader's language, likewise.
func (p *page) reason(kind ticket.ReasonKind, code, name string) string {
	if id := "reason." + string(kind) + "." + code; text.Has(id) {
		return p.t(id)
	}
	return name
}

// learnCodes reads the names of the categories and reasons that the district
// made itself, if a ticket or its history speaks of one.
func (p *page) learnCodes(view *service.TicketView, history []service.HistoryLine) error {
	unknown := !text.Has("category." + view.Category)
	for _, h := range history {
		for _, field := range []string{"category", "reason_code"} {
			code, _ := h.Data[field].(string)
			unknown = unknown || code != "" && !text.Has("category."+code) && !text.Has("reason."+string(h.Event)+"."+code)
		}
	}
	if !unknown {
		return nil
	}
	p.codes = map[string]string{}
	categories, err := p.svc.Categories().List(p.ctx(), p.actor, service.EntryFilter{All: true})
	if err != nil {
		return err
	}
	for _, c := range categories {
		p.codes[c.Code] = c.Name
	}
	reasons, err := p.svc.Reasons().List(p.ctx(), p.actor, service.EntryFilter{All: true})
	for _, r := range reasons {
		p.codes[string(r.Kind)+" "+r.Code] = r.Name
	}
	return err
}
