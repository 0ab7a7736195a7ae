package web

import (
	"fmt"
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
	By    string // who it was
	Said  []fact // what was written
	Facts []fact // what else was set, in words
	Files []directory.Attachment
}

// fact is a value with what it is.
type fact struct {
	Label, Value string
}

// unsaid are the fields of an event that a history doesn't repeat: they stand
// elsewhere on the page, or name what the words are about.
var unsaid = map[string]bool{"attachments": true, "task_id": true, "order_id": true, "source": true, "into_id": true, "enterprise_id": true, "project_id": true}

func (p *page) lines(history []service.HistoryLine, authors, names *service.Names, files []directory.Attachment) []line {
	lines := make([]line, len(history))
	for i, h := range history {
		l := line{HistoryLine: h, By: p.author(h, authors)}
		def, _ := ticket.Define(h.Event)
		p.describe(&l, def, ticket.InputFields(def.Input), h.Data, names)
		for _, file := range files {
			if file.Seq == h.Seq {
				l.Files = append(l.Files, file)
			}
		}
		lines[len(history)-1-i] = l // newest first
	}
	return lines
}

// author names who a line is by; the service itself has a name in each language.
func (p *page) author(h service.HistoryLine, authors *service.Names) string {
	if id := "author." + h.Actor.ID; text.Has(id) {
		return p.t(id)
	}
	return authors.Of(h.Actor.ID)
}

func (p *page) describe(l *line, def ticket.Definition, fields []ticket.InputField, data map[string]any, names *service.Names) {
	maker := fieldMaker{p: p, event: def.Event}
	for _, in := range fields {
		value, ok := data[in.Name]
		if !ok || unsaid[in.Name] {
			continue
		}
		label := maker.text("field", in.Name)
		if in.Of != nil {
			rows, _ := value.([]any)
			for _, row := range rows {
				if values, ok := row.(map[string]any); ok {
					inside := line{}
					p.describe(&inside, def, in.Of, values, names)
					l.Facts = append(l.Facts, fact{label, joinFacts(append(inside.Facts, inside.Said...))})
				}
			}
			continue
		}
		switch words := p.valueWords(maker, in, value, names); {
		case words == "":
		case maker.kind(in) == kindLong, in.Name == "title":
			l.Said = append(l.Said, fact{label, words})
		default:
			l.Facts = append(l.Facts, fact{label, words})
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
		if !value && in.Optional {
			return ""
		}
		return maker.text("option", in.Name+"."+strconv.FormatBool(value))
	case string:
		switch {
		case value == "":
			return ""
		case in.Name == "category":
			return p.category(value, value)
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
			if name := names.Of(value); name != "" {
				return name
			}
		}
		return value
	case nil:
		return ""
	}
	if in.Name == "satisfaction" {
		n, _ := strconv.Atoi(fmt.Sprint(value))
		return strings.Repeat("★", n) + strings.Repeat("☆", max(0, 5-n))
	}
	return fmt.Sprint(value)
}
