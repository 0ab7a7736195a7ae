package rest

import (
	"context"
	"net/http"
	"time"

	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

// Snapshot is figures as they were published.
type Snapshot struct {
	ID            string       `json:"id"`
	Kind          figures.Kind `json:"kind" enum:"daily,weekly,monthly,year_to_date"`
	RecordedBy    time.Time    `json:"recorded_by" doc:"When it was frozen; what was written down later is not in it"`
	MembersDigest string       `json:"members_digest" doc:"SHA-256 over what every rate counted"`
	HeadsDigest   string       `json:"heads_digest" doc:"SHA-256 over the last lines of all histories at the freeze"`
	HeadsCount    int          `json:"heads_count" doc:"How many histories there were"`
	MembersKept   bool         `json:"members_kept" doc:"Whether it opens to the tickets that it counted"`
	Coverage      *Covered     `json:"coverage" doc:"How many of the roster were visited in the period; null in what was frozen before this was"`
	Figures
}

// SnapshotDetail is a snapshot with what has been corrected since.
type SnapshotDetail struct {
	Snapshot
	Corrections []Correction `json:"corrections" doc:"Figures that come out differently, for the same period and as_of, with what was written down since; the frozen ones stay as they are"`
}

// Correction is one figure that comes out differently.
type Correction struct {
	Group     *Named          `json:"group" doc:"The department; null for the total"`
	Figure    string          `json:"figure" doc:"As the figures name it"`
	Frozen    CorrectionValue `json:"frozen"`
	Corrected CorrectionValue `json:"corrected"`
}

// CorrectionValue is a rate, or a plain number.
type CorrectionValue struct {
	Rate  *Rate   `json:"rate,omitempty"`
	Value *string `json:"value,omitempty" doc:"Of what is no rate, in decimal"`
}

// SnapshotMember is a ticket that a rate of a snapshot counted, as it is now.
type SnapshotMember struct {
	Ticket
	Item    int  `json:"item" doc:"Which dispatch or summons of the ticket was counted; 0 for the ticket itself"`
	Counted bool `json:"counted" doc:"Whether it is in the numerator too"`
}

func (a *API) showSnapshot(v service.SnapshotView) Snapshot {
	shown := Snapshot{
		ID: v.ID, Kind: v.Kind, RecordedBy: v.RecordedBy.In(a.svc.Zone()),
		MembersDigest: v.MembersDigest, HeadsDigest: v.HeadsDigest, HeadsCount: v.HeadsCount, MembersKept: v.KeepsMembers(),
		Figures: FiguresOf(&v.Figures, a.svc.Zone()),
	}
	if v.Figures.Coverage != nil {
		coverage := covered(*v.Figures.Coverage)
		shown.Coverage = &coverage
	}
	return shown
}

func correctionValue(v figures.Value) CorrectionValue {
	if v.Ratio != nil {
		rate := rateOf(*v.Ratio)
		return CorrectionValue{Rate: &rate}
	}
	return CorrectionValue{Value: &v.Number}
}

func correctionOf(d figures.Difference) Correction {
	c := Correction{Figure: d.Figure, Frozen: correctionValue(d.Was), Corrected: correctionValue(d.Is)}
	if d.Group != "" {
		c.Group = &Named{d.Group, d.Name}
	}
	return c
}

// SnapshotQuery narrows a list of snapshots.
type SnapshotQuery struct {
	Kind string `query:"kind" enum:"daily,weekly,monthly,year_to_date" doc:"All kinds by default"`
	From string `query:"from" format:"date" doc:"Periods that end on this day or later"`
	To   string `query:"to" format:"date" doc:"Periods that end on this day or earlier"`
}

func (q SnapshotQuery) filter() (service.SnapshotFilter, error) {
	from, to, err := days(q.From, q.To)
	return service.SnapshotFilter{Kind: figures.Kind(q.Kind), From: from, To: to}, err
}

// MemberQuery asks for what a snapshot counted.
type MemberQuery struct {
	Figure string `query:"figure" maxLength:"64" default:"resolution_rate" doc:"The rate's name"`
	Part   string `query:"part" enum:"numerator,denominator" default:"denominator"`
}

func (q MemberQuery) query() service.MembersQuery {
	return service.MembersQuery{Figure: q.Figure, Numerator: q.Part == "numerator"}
}

const snapshotsDescription = `Figures are frozen every night: those of each day, of each week (Monday to Sunday) and of each month,
and those of the year to date at the end of every day, so of every week and month too. Each is as of the last
instant of its last day. Everybody reads the district's totals; leaders and the desk those of every department, a
department its own.`

func (a *API) snapshots() {
	list := operation(http.MethodGet, "/snapshots", "list-snapshots", "figures", "List frozen figures, the latest periods first")
	list.Description = snapshotsDescription
	register(a, list, func(ctx context.Context, actor ticket.Actor, in *struct {
		SnapshotQuery
		Paged
	},
	) (*answer[Page[Snapshot]], error) {
		after, err := decodeCursor[service.SnapshotPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		f, err := in.filter()
		if err != nil {
			return nil, err
		}
		f.After, f.Limit = after, in.Limit+1
		views, err := a.svc.Snapshots(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		return &answer[Page[Snapshot]]{pageOf(views, in.Limit, a.showSnapshot, func(v service.SnapshotView) any {
			return service.SnapshotPosition{ToDate: v.ToDate, Kind: v.Kind}
		})}, nil
	})

	one := operation(http.MethodGet, "/snapshots/{id}", "get-snapshot", "figures", "Read frozen figures with what was corrected since")
	one.Description = snapshotsDescription
	register(a, one, func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[SnapshotDetail], error) {
		view, err := a.svc.Snapshot(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		detail := SnapshotDetail{Snapshot: a.showSnapshot(view), Corrections: []Correction{}}
		for _, d := range view.Corrections {
			detail.Corrections = append(detail.Corrections, correctionOf(d))
		}
		return &answer[SnapshotDetail]{detail}, nil
	})

	members := operation(http.MethodGet, "/snapshots/{id}/members", "list-snapshot-members", "figures", "List the tickets that a rate of a snapshot counted")
	members.Description = "For leaders and the desk. Snapshots of months, and of the year to date at the end of a month, keep their members."
	register(a, members, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		MemberQuery
		Paged
	},
	) (*answer[Page[SnapshotMember]], error) {
		after, err := decodeCursor[service.MemberPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		q := in.query()
		q.After, q.Limit = after, in.Limit+1
		counted, err := a.svc.SnapshotMembers(ctx, actor, in.ID, q)
		if err != nil {
			return nil, err
		}
		return &answer[Page[SnapshotMember]]{pageOf(counted, in.Limit, a.showMember, func(m service.SnapshotMember) any {
			return service.MemberPosition{TicketID: m.TicketID, Item: m.Item}
		})}, nil
	})
}

// showMember shows a ticket that has vanished by its id alone.
func (a *API) showMember(m service.SnapshotMember) SnapshotMember {
	member := SnapshotMember{Ticket: Ticket{ID: m.TicketID}, Item: m.Item, Counted: m.InNumerator}
	if m.Ticket != nil {
		member.Ticket = a.show(m.Ticket)
	}
	return member
}
