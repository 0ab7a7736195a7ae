package service

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/text/width"

	"whistle/internal/directory"
	"whistle/internal/search"
	"whistle/internal/ticket"
)

// SearchResult is what one search finds of all that the actor may see.
type SearchResult struct {
	// Tickets are first the one of the very number, then those whose numbers
	// or title hold every word, then those that hold them in their description
	// or enterprise; each newest first.
	Tickets     []*TicketView
	MoreTickets bool // there are others; a list by the same text has them all
	// Enterprises are first the one of the very name or code, then the others
	// by name.
	Enterprises     []directory.Enterprise
	MoreEnterprises bool
	// Words are what was looked for, to mark it in texts; Words.Empty says that
	// nothing was left to look for.
	Words search.Query
}

// MaxSearchResults is how many tickets, and how many enterprises, one search
// shows at the most.
const MaxSearchResults = 50

// Search looks for tickets and enterprises by numbers, codes, names and words,
// of which all must be found; a number or word may be cut short at its end. At
// the most limit of each are returned, from 1 to MaxSearchResults. Any text
// will do, of signs alone nothing is found.
func (s *Service) Search(ctx context.Context, actor ticket.Actor, text string, limit int) (*SearchResult, error) {
	limit = min(max(limit, 1), MaxSearchResults)
	text = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", " "), " ")) // a database takes nothing else
	r := &SearchResult{Words: search.Parse(text)}
	if r.Words.Empty() {
		return r, nil
	}
	tickets, err := s.searchTickets(ctx, actor, text, limit+1)
	if err != nil {
		return nil, err
	}
	r.MoreTickets = len(tickets) > limit
	if r.Tickets, err = s.view(ctx, actor, tickets[:min(len(tickets), limit)]); err != nil {
		return nil, err
	}
	enterprises, err := s.searchEnterprises(ctx, actor, text, limit+1)
	if err != nil {
		return nil, err
	}
	r.MoreEnterprises = len(enterprises) > limit
	r.Enterprises = enterprises[:min(len(enterprises), limit)]
	return r, nil
}

// searchTickets looks where a ticket is most likely meant, and goes on until
// there are enough.
func (s *Service) searchTickets(ctx context.Context, actor ticket.Actor, text string, enough int) ([]*ticket.Ticket, error) {
	var found []*ticket.Ticket
	for _, f := range []TicketFilter{
		{Number: width.Fold.String(text)},
		{Text: text, InHeading: true},
		{Text: text},
	} {
		f.Limit = enough
		some, err := s.store.Tickets(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		for _, t := range some {
			known := slices.ContainsFunc(found, func(other *ticket.Ticket) bool { return other.ID == t.ID })
			if !known {
				found = append(found, t)
			}
		}
		if len(found) >= enough {
			return found[:enough], nil
		}
	}
	return found, nil
}

func (s *Service) searchEnterprises(ctx context.Context, actor ticket.Actor, text string, enough int) ([]directory.Enterprise, error) {
	exact := width.Fold.String(text)
	var found []directory.Enterprise
	for _, f := range []EntryFilter{
		{CreditCode: strings.ToUpper(exact)},
		{ExternalNumber: exact},
		{Name: text},
		{Text: text},
	} {
		f.Limit = enough
		some, err := s.Enterprises().List(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		for _, e := range some {
			known := slices.ContainsFunc(found, func(other directory.Enterprise) bool { return other.ID == e.ID })
			if !known {
				found = append(found, e)
			}
		}
	}
	return found[:min(len(found), enough)], nil
}
