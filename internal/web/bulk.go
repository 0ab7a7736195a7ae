package web

import (
	"errors"
	"net/url"
	"slices"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

// bulk is an event that asks for no words, and so may befall many tickets of a
// list at once.
type bulk struct {
	Event ticket.Event
	Key   string // by which it is fired for the current row
}

// BulkAction is where the tickets are sent that the event is to befall.
func (q *queuePage) BulkAction() (string, error) {
	u, err := url.Parse(q.Address)
	if err != nil {
		return "", err
	}
	u.Path += "/" + string(q.Bulk.Event)
	return u.String(), nil
}

// bulkDone is what became of an event that was to befall many tickets.
type bulkDone struct {
	Event   ticket.Event
	Results []bulkResult
}

// bulkResult is what became of one of them.
type bulkResult struct {
	Number, Title string // "" when the ticket isn't there to be seen
	Done          bool
	Words         string // what became of it
}

// Succeeded counts those that the event has befallen.
func (d *bulkDone) Succeeded() int {
	n := 0
	for _, r := range d.Results {
		if r.Done {
			n++
		}
	}
	return n
}

// Failed says whether there are others.
func (d *bulkDone) Failed() bool { return d.Succeeded() < len(d.Results) }

// fireMany lets an event befall the tickets that a form names, each by itself:
// one that it cannot befall keeps none of the others from it. When the form
// comes twice the event was done by this reader, and that is no failure.
func (p *page) fireMany(event ticket.Event) (*bulkDone, error) {
	values, _, err := p.values()
	if err != nil {
		return nil, err
	}
	ids := values["only"] // the button of one row
	if len(ids) == 0 {
		ids = values["id"]
	}
	done := &bulkDone{Event: event}
	for i, id := range ids {
		if i >= queueRows || slices.Contains(ids[:i], id) {
			continue // no page of a list holds more, or one twice
		}
		result, err := p.fireOne(id, event)
		if err != nil {
			return nil, err
		}
		done.Results = append(done.Results, result)
	}
	return done, nil
}

func (p *page) fireOne(id string, event ticket.Event) (bulkResult, error) {
	after, err := p.svc.Fire(p.ctx(), p.actor, id, service.Command{Event: event, Input: ticket.None{}})
	if err == nil {
		return bulkResult{Number: after.Number, Title: after.Title, Done: true, Words: p.t("done." + string(event))}, nil
	}
	known, _, err := p.known(err)
	if err != nil {
		return bulkResult{}, err
	}
	result := bulkResult{Words: p.errorWords(known)}
	if known.Code == ticket.CodeNotFound || known.Code == ticket.CodeUnavailable {
		return result, nil
	}
	view, err := p.svc.Ticket(p.ctx(), p.actor, id)
	var gone *ticket.Error
	if errors.As(err, &gone) && gone.Code == ticket.CodeNotFound {
		return result, nil // since a moment ago
	} else if err != nil {
		return bulkResult{}, err
	}
	result.Number, result.Title = view.Number, view.Title
	if known.Code != ticket.CodeConflict {
		return result, nil
	}
	by, name, err := p.lastBy(id, event)
	switch {
	case err != nil:
		return bulkResult{}, err
	case by == p.actor.ID:
		result.Done, result.Words = true, p.t("done."+string(event))
	case by != "":
		result.Words = p.t("queue.faster", "By", name, "Event", p.t("event."+string(event)))
	}
	return result, nil
}

// lastBy is who brought the ticket where it stands, by id and name, if that was
// by this event; "" otherwise.
func (p *page) lastBy(id string, event ticket.Event) (by, name string, err error) {
	lines, names, err := p.svc.History(p.ctx(), p.actor, id)
	if err != nil {
		return "", "", err
	}
	for _, line := range slices.Backward(lines) {
		if line.From == line.To {
			continue
		}
		if line.Event == event {
			by, name = line.Actor.ID, names.Of(line.Actor.ID)
		}
		break
	}
	return by, name, nil
}

// showMany lets an event befall many tickets, and shows what became of each
// above the list.
func (p *page) showMany(name string, of queues, event ticket.Event, show func(*queuePage) error) error {
	done, err := p.fireMany(event)
	if err != nil {
		return err
	}
	if p.part() == "queue-done" {
		p.Response().Header().Set("HX-Trigger", "whistle:changed")
		return p.show(name, &queuePage{Done: done})
	}
	q, err := p.queue(of)
	if err != nil {
		return err
	}
	q.Done = done
	return show(q)
}
