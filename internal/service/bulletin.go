package service

import (
	"context"
	"slices"
	"time"

	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Bulletin is what is published of a week or a month.
type Bulletin struct {
	figures.Period
	// Published are the figures of the period with its departments: the frozen
	// ones, or as long as there are none, provisional ones.
	Published BulletinFigures
	// The groups of the period by category and chain, as they were known when
	// it was published; nil where other definitions held then.
	Categories []figures.Group
	Chains     []figures.Group
	Previous   BulletinFigures // of the period before
	YearToDate BulletinFigures // on the last day of the period
	// Corrections are the figures that come out differently with what was
	// recorded since the freeze.
	Corrections []figures.Difference
	// Late is what was open and overdue at the end of the period of all that
	// was filed in the year, the oldest first; LateTotal says of how many.
	Late      []FigureMember
	LateTotal int64
}

// BulletinFigures are figures with where they come from.
type BulletinFigures struct {
	*figures.Report
	SnapshotID string    // "" while they are provisional
	FrozenAt   time.Time // the zero time while they are provisional
}

// Provisional says whether the figures may still change.
func (f BulletinFigures) Provisional() bool { return f.SnapshotID == "" }

const bulletinLate = 20

// Bulletin reads what is published of the week, or the month, that a day is
// in. It is for leaders, the desk and heads of departments, who read of the
// departments only their own.
func (s *Service) Bulletin(ctx context.Context, actor ticket.Actor, kind figures.Kind, day worktime.Date) (*Bulletin, error) {
	if !readsBulletin(actor) {
		return nil, errNoBulletin
	}
	period, ok := figures.Containing(kind, day)
	if !ok {
		return nil, ticket.InvalidValues([]ticket.Field{{Pointer: "/kind", Message: "must be weekly or monthly"}})
	}
	if s.today().Before(period.FromDate) {
		return nil, ticket.InvalidValues([]ticket.Field{{Pointer: "/day", Message: "must not be in a period that has not begun"}})
	}
	b := &Bulletin{Period: period}
	published, query, err := s.published(ctx, period)
	if err != nil {
		return nil, err
	}
	b.Published = published
	if err := s.groupsPublished(ctx, b, query); err != nil {
		return nil, err
	}
	before, _ := figures.Containing(kind, period.FromDate.AddDays(-1))
	if b.Previous, _, err = s.published(ctx, before); err != nil {
		return nil, err
	}
	year := figures.Period{Kind: figures.YearToDate, FromDate: worktime.Date{Year: period.ToDate.Year, Month: time.January, Day: 1}, ToDate: period.ToDate}
	var filed figures.Query
	if b.YearToDate, filed, err = s.published(ctx, year); err != nil {
		return nil, err
	}
	if !actor.SeesAll() {
		b.narrow(actor)
		return b, nil
	}
	b.LateTotal, b.Late, err = s.members(ctx, actor, filed, store.FigureMembers{
		Definition: figures.Late, Part: figures.Denominator, OldestFirst: true, Limit: bulletinLate,
	})
	return b, err
}

var errNoBulletin = ticket.Errorf(ticket.CodeForbidden, "Only leaders, the desk and heads of departments may read the bulletin of the district.")

// narrow leaves of a bulletin what somebody reads who does not see all: the
// district's totals, and of the groups their own.
func (b *Bulletin) narrow(actor ticket.Actor) {
	b.Categories, b.Chains = nil, nil
	for _, f := range []*BulletinFigures{&b.Published, &b.Previous, &b.YearToDate} {
		f.Groups = slices.DeleteFunc(f.Groups, func(g figures.Group) bool { return !mayRead(actor, g.Key) })
	}
	b.Corrections = slices.DeleteFunc(b.Corrections, func(d figures.Difference) bool { return !mayRead(actor, d.Group) })
}

// published are the figures of a period: frozen, or as they are known so far;
// and the query that counts them.
func (s *Service) published(ctx context.Context, p figures.Period) (BulletinFigures, figures.Query, error) {
	frozen, err := s.store.Snapshots(ctx, SnapshotFilter{Kind: p.Kind, From: p.ToDate, To: p.ToDate, Limit: 1})
	if err != nil {
		return BulletinFigures{}, figures.Query{}, err
	}
	if len(frozen) > 0 && frozen[0].Period == p {
		one := &frozen[0]
		return BulletinFigures{&one.Figures, one.ID, one.RecordedBy}, one.Query(), nil
	}
	q := figures.Query{From: p.FromDate, To: p.ToDate, AsOf: p.AsOf(s.zone), By: figures.ByDepartment, Scope: figures.Scope{All: true}}
	if now := s.clock.Now(); now.Before(q.AsOf) {
		q.AsOf = now
	}
	report, err := s.districtReport(ctx, q)
	return BulletinFigures{Report: report}, q, err
}

// groupsPublished counts the cuts that a snapshot does not keep, from what it
// knew, and what has been corrected since.
func (s *Service) groupsPublished(ctx context.Context, b *Bulletin, q figures.Query) error {
	if b.Published.DefinitionVersion != figures.DefinitionVersion {
		return nil // today's definitions would count something else
	}
	tally, err := s.store.Tally(ctx, q, s.zone, store.TallyBy{Cuts: []figures.Cut{figures.ByCategory, figures.ByChain}})
	if err != nil {
		return err
	}
	if b.Categories, err = s.groups(ctx, figures.ByCategory, tally); err != nil {
		return err
	}
	if b.Chains, err = s.wholeChains(ctx, tally); err != nil || b.Published.Provisional() {
		return err
	}
	q.RecordedBy = time.Time{}
	known, err := s.districtReport(ctx, q)
	b.Corrections = figures.Differences(b.Published.Report, known)
	return err
}
