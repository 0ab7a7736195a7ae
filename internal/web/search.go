package web

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/width"

	"whistle/internal/directory"
	"whistle/internal/search"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

func (w *Pages) searchRoutes() []route {
	return []route{get("/search", (*page).search)}
}

// searchResults is how many tickets, and how many enterprises, are shown.
const searchResults = 20

// searchPage is what was looked for and found.
type searchPage struct {
	Text            string
	Empty           bool // there was nothing to look for
	Tickets         []foundTicket
	MoreTickets     bool
	Enterprises     []foundEnterprise
	MoreEnterprises bool
}

// foundTicket is a ticket with the words that were looked for marked.
type foundTicket struct {
	*service.TicketView
	Number, Title, Enterprise []search.Piece
	Excerpt                   []search.Piece // of the description, where the title does not tell why it was found
}

// Light is the worst of the ticket's running clocks; "" without any.
func (t foundTicket) Light() ticket.Light { return t.TicketView.Light(t.Now) }

type foundEnterprise struct {
	directory.Enterprise
	Name []search.Piece
	Href string // of its page; "" when the reader has none of it
}

// search looks for tickets and enterprises. The number of a ticket leads
// straight to it.
func (p *page) search() error {
	shown := searchPage{Text: strings.TrimSpace(p.QueryParam("q"))}
	found, err := p.svc.Search(p.ctx(), p.actor, shown.Text, searchResults)
	if err != nil {
		return err
	}
	shown.Empty, shown.MoreTickets, shown.MoreEnterprises = found.Words.Empty(), found.MoreTickets, found.MoreEnterprises
	for _, v := range found.Tickets {
		if number := width.Fold.String(shown.Text); number == v.Number || number == v.ExternalNumber {
			return p.goTo("/tickets/" + url.PathEscape(v.ID))
		}
		row := foundTicket{
			TicketView: v, Number: found.Words.Mark(v.Number), Title: found.Words.Mark(v.Title),
			Enterprise: found.Words.Mark(v.Names.Of(v.EnterpriseID)),
		}
		if !found.Words.FoundIn(v.Title) {
			row.Excerpt = excerpt(found.Words.Mark(v.Description))
		}
		shown.Tickets = append(shown.Tickets, row)
	}
	for _, e := range found.Enterprises {
		row := foundEnterprise{Enterprise: e, Name: found.Words.Mark(e.Name)}
		if p.actor.SeesAll() {
			row.Href = "/enterprises/" + url.PathEscape(e.ID)
		}
		shown.Enterprises = append(shown.Enterprises, row)
	}
	return p.show("search/results", shown)
}

// Lengths of an excerpt, in characters.
const (
	excerptBefore = 20 // the first word that is marked
	excerptAfter  = 80
)

// excerpt cuts marked text around the first word that is marked; nothing where
// none is.
func excerpt(text []search.Piece) []search.Piece {
	first := slices.IndexFunc(text, func(p search.Piece) bool { return p.Found })
	if first < 0 {
		return nil
	}
	var cut []search.Piece
	if first > 0 {
		before := []rune(text[first-1].Text)
		if len(before) > excerptBefore || first > 1 {
			before = append([]rune("…"), before[max(0, len(before)-excerptBefore):]...)
		}
		cut = append(cut, search.Piece{Text: string(before)})
	}
	room := excerptAfter
	for _, piece := range text[first:] {
		letters := []rune(piece.Text)
		if len(letters) > room {
			return append(cut, search.Piece{Text: string(letters[:room]) + "…", Found: piece.Found})
		}
		room -= len(letters)
		cut = append(cut, piece)
	}
	return cut
}
