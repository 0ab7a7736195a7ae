package rest

import (
	"context"
	"net/http"

	"whistle/internal/directory"
	"whistle/internal/ticket"
)

// Found is what a search finds.
type Found struct {
	Tickets         []Ticket               `json:"tickets" doc:"First the one of the very number, then those with all words in numbers and title, then the others; each newest first"`
	MoreTickets     bool                   `json:"more_tickets" doc:"Whether there are others; list tickets with the same q"`
	Enterprises     []directory.Enterprise `json:"enterprises" doc:"First the one of the very name or code, then the others by name"`
	MoreEnterprises bool                   `json:"more_enterprises"`
}

func (a *API) search() {
	op := operation(http.MethodGet, "/search", "search", "tickets", "Search tickets and enterprises within one's sight")
	op.Description = "By numbers, codes, names and words, Chinese ones of one character and more; all must be found. A number or word may be cut short at its end."
	register(a, op, func(ctx context.Context, actor ticket.Actor, in *struct {
		Text  string `query:"q" required:"true" minLength:"1" maxLength:"200" doc:"What to look for"`
		Limit int    `query:"limit" minimum:"1" maximum:"50" default:"10" doc:"How many tickets, and how many enterprises, at the most"`
	},
	) (*answer[Found], error) {
		r, err := a.svc.Search(ctx, actor, in.Text, in.Limit)
		if err != nil {
			return nil, err
		}
		out := Found{
			Tickets: make([]Ticket, 0, len(r.Tickets)), MoreTickets: r.MoreTickets,
			Enterprises: make([]directory.Enterprise, 0, len(r.Enterprises)), MoreEnterprises: r.MoreEnterprises,
		}
		for _, t := range r.Tickets {
			out.Tickets = append(out.Tickets, a.show(t))
		}
		for _, e := range r.Enterprises {
			out.Enterprises = append(out.Enterprises, inZoneOf(a.svc, e))
		}
		return &answer[Found]{out}, nil
	})
}
