package rest

import (
	"context"
	"net/http"
	"time"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

// Charge is a ticket that a leader took under their own name.
type Charge struct {
	Leader     Named           `json:"leader"`
	Since      time.Time       `json:"since" doc:"When the leader took it"`
	Unanswered int             `json:"unanswered" doc:"Leaders' orders that wait for an answer"`
	Progress   *ChargeProgress `json:"progress" doc:"The last that was told; null for nothing"`
	Ticket     Ticket          `json:"ticket"`
}

// ChargeProgress is what was told of a ticket's progress.
type ChargeProgress struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
	By   Named     `json:"by"`
}

// ChargeFigures are how the tickets taken under leaders' names stand.
type ChargeFigures struct {
	Solved      Rate `json:"solved" doc:"Closed as solved, of those taken; the rejected, the merged and those withdrawn before the first dispatch are left out"`
	Open        int  `json:"open"`
	Closed      int  `json:"closed" doc:"Verified, in one of the three ways"`
	Confirmed   int  `json:"confirmed"`
	Callback    int  `json:"callback"`
	Unreachable int  `json:"unreachable"`
}

// ChargeQuery narrows the tickets taken under leaders' names.
type ChargeQuery struct {
	Leader     string `query:"leader" maxLength:"64" doc:"Account id"`
	Part       string `query:"part" enum:"open,closed,solved,confirmed,callback,unreachable,counted" doc:"counted is what the figure counts"`
	From       string `query:"from" format:"date" doc:"Taken on this day or later"`
	To         string `query:"to" format:"date" doc:"Taken on this day or earlier"`
	Department string `query:"department" maxLength:"64" doc:"Id of the lead department"`
	Category   string `query:"category" maxLength:"64" doc:"Category code"`
	Chain      string `query:"chain" maxLength:"64" doc:"Chain id"`
	Place      string `query:"place" maxLength:"64" doc:"Place id"`
	Source     string `query:"source" enum:"web,phone,visit,desk,station,order,hotline,import"`
	Enterprise string `query:"enterprise" maxLength:"64" doc:"Enterprise id"`
}

func (a *API) chargeFilter(q ChargeQuery) (service.ChargeFilter, error) {
	f := service.ChargeFilter{
		LeaderID: q.Leader, Part: service.ChargePart(q.Part), LeadID: q.Department,
		Category: q.Category, ChainID: q.Chain, PlaceID: q.Place, Source: q.Source, EnterpriseID: q.Enterprise,
	}
	from, to, err := days(q.From, q.To)
	f.TakenFrom, f.TakenBefore = a.svc.Between(from, to)
	return f, err
}

func (a *API) showCharge(c service.Charge) Charge {
	zone := a.svc.Zone()
	shown := Charge{Leader: Named{c.ChargeID, c.Names.Of(c.ChargeID)}, Since: c.Since.In(zone), Unanswered: c.Unanswered(), Ticket: a.show(c.TicketView)}
	if p := c.Progress; p.Text != "" {
		shown.Progress = &ChargeProgress{p.Text, p.At.In(zone), Named{p.By, c.Names.Of(p.By)}}
	}
	return shown
}

func (a *API) charges() {
	const readers = "For leaders, the desk and departments, each as far as they see the tickets."
	list := operation(http.MethodGet, "/charges", "list-charges", "tickets", "List the tickets that leaders took under their own names")
	list.Description = "The caller's own first, what is open before what is not, the last taken on top. " + readers
	register(a, list, func(ctx context.Context, actor ticket.Actor, in *struct {
		ChargeQuery
		Paged
	},
	) (*answer[Page[Charge]], error) {
		f, err := a.chargeFilter(in.ChargeQuery)
		if err != nil {
			return nil, err
		}
		if f.After, err = decodeCursor[service.ChargePosition](in.Cursor); err != nil {
			return nil, err
		}
		f.Limit = in.Limit + 1
		all, err := a.svc.Charges(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		return &answer[Page[Charge]]{pageOf(all, in.Limit, a.showCharge, func(c service.Charge) any { return c.Position })}, nil
	})

	count := operation(http.MethodGet, "/charges/figures", "count-charges", "tickets", "Count the tickets that leaders took under their own names")
	count.Description = readers
	register(a, count, func(ctx context.Context, actor ticket.Actor, in *struct{ ChargeQuery }) (*answer[ChargeFigures], error) {
		f, err := a.chargeFilter(in.ChargeQuery)
		if err != nil {
			return nil, err
		}
		n, err := a.svc.CountCharges(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		return &answer[ChargeFigures]{ChargeFigures{
			Solved: rateOf(n.Solved), Open: n.Parts["open"], Closed: n.Parts["closed"],
			Confirmed: n.Parts["confirmed"], Callback: n.Parts["callback"], Unreachable: n.Parts["unreachable"],
		}}, nil
	})

	export(a, service.ExportedCharges, "", "tickets", "the tickets that leaders took under their own names",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			ChargeQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			f, err := a.chargeFilter(in.ChargeQuery)
			if err != nil {
				return 0, err
			}
			return a.svc.ExportCharges(ctx, actor, f, to)
		})
}
