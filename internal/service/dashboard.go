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

// Dashboard is what leaders watch: the figures of a period and what stands in
// the district now.
type Dashboard struct {
	Report *figures.Report // the totals, with what was left out and why
	// Previous are the totals of the period before, as they stood when it was
	// as old as this one is now: the year before for a year to date, the month
	// before for a month, else as many days before.
	Previous *figures.Report
	Stages   []StageCount // what is open now, in the order of the loop; of any day of filing
	// The groups of each cut, the largest first.
	Departments []figures.Group
	Chains      []figures.Group
	Categories  []figures.Group
	Weeks       []Week
	Alarms      []*WorklistRow // yellow and red now, the worst first
}

// StageCount is what stands in one of the five stages.
type StageCount struct {
	Stage ticket.Stage
	LightCount
	States []StateCount
}

// StateCount is what stands in one state.
type StateCount struct {
	State ticket.State
	LightCount
}

// Week is one week of a trend: what was filed in it, as it stands now.
type Week struct {
	Year, Number int           // by ISO 8601
	From, To     worktime.Date // the days of it that are in the period
	Counts       figures.Counts
	// Frozen is the district's week as it was published; nil where there is no
	// snapshot, where the figures are narrowed, and where the week is not whole.
	Frozen *FrozenTotal
}

// FrozenTotal is what a snapshot says of the whole district.
type FrozenTotal = store.FrozenTotal

const dashboardAlarms = 12

// Dashboard reads the figures that the actor may for a period. The cut of the
// query is of no account.
func (s *Service) Dashboard(ctx context.Context, actor ticket.Actor, q FiguresQuery) (*Dashboard, error) {
	q.By = figures.ByNothing
	query, err := s.figuresQuery(actor, q)
	if err != nil {
		return nil, err
	}
	d := &Dashboard{}
	tally, err := s.tally(ctx, query, d)
	if err != nil {
		return nil, err
	}
	if d.Weeks, err = s.weeks(ctx, query, tally); err != nil {
		return nil, err
	}
	if d.Previous, err = s.report(ctx, s.before(query)); err != nil {
		return nil, err
	}
	filter := alarmFilter(q.Where)
	if d.Stages, err = s.stages(ctx, actor, filter); err != nil {
		return nil, err
	}
	filter.Limit = dashboardAlarms
	d.Alarms, err = s.worklistRows(ctx, actor, store.AlarmList, filter)
	return d, err
}

func (s *Service) tally(ctx context.Context, query figures.Query, d *Dashboard) (*store.Tally, error) {
	tally, err := s.store.Tally(ctx, query, s.zone, store.TallyBy{
		Cuts: []figures.Cut{figures.ByDepartment, figures.ByChain, figures.ByCategory}, Weeks: true,
	})
	if err != nil {
		return nil, err
	}
	d.Report = reportOf(query, tally)
	if d.Departments, err = s.groups(ctx, figures.ByDepartment, tally); err != nil {
		return nil, err
	}
	if d.Chains, err = s.wholeChains(ctx, tally); err != nil {
		return nil, err
	}
	d.Categories, err = s.groups(ctx, figures.ByCategory, tally)
	return tally, err
}

// alarmFilter narrows tickets as figures are narrowed.
func alarmFilter(w figures.Where) WorklistFilter {
	return WorklistFilter{
		DepartmentID: w.DepartmentID, ChainID: w.ChainID, Category: w.Category,
		PlaceID: w.PlaceID, Source: w.Source, EnterpriseID: w.EnterpriseID,
	}
}

// stages counts what is open in the actor's sight.
func (s *Service) stages(ctx context.Context, actor ticket.Actor, f WorklistFilter) ([]StageCount, error) {
	counts, err := s.store.CountListed(ctx, actor, store.OpenList, f, store.ByState, s.clock.Now())
	if err != nil {
		return nil, err
	}
	var stages []StageCount
	for _, state := range ticket.OpenStates() {
		if len(stages) == 0 || stages[len(stages)-1].Stage != state.Stage() {
			stages = append(stages, StageCount{Stage: state.Stage()})
		}
		stage, n := &stages[len(stages)-1], counts[string(state)]
		stage.LightCount = stage.Plus(n)
		stage.States = append(stage.States, StateCount{state, n})
	}
	return stages, nil
}

// weeks are the weeks of a period in their order, those without tickets too.
func (s *Service) weeks(ctx context.Context, q figures.Query, tally *store.Tally) ([]Week, error) {
	frozen := map[worktime.Date]FrozenTotal{}
	if q.Scope.All && q.Where == (figures.Where{}) {
		totals, err := s.store.FrozenTotals(ctx, figures.Weekly, q.From, q.To)
		if err != nil {
			return nil, err
		}
		for _, t := range totals {
			frozen[t.FromDate] = t
		}
	}
	today := worktime.DateOf(q.AsOf.In(s.zone))
	var weeks []Week
	for monday := figures.Monday(q.From); !q.To.Before(monday) && !today.Before(monday); monday = monday.AddDays(7) {
		w := Week{From: monday, To: monday.AddDays(6), Counts: withAllRates(tally.Weeks[monday])}
		w.Year, w.Number = monday.In(time.UTC).ISOWeek()
		if w.From.Before(q.From) {
			w.From = q.From
		}
		if q.To.Before(w.To) {
			w.To = q.To
		}
		if f, ok := frozen[monday]; ok && w.From == f.FromDate && w.To == f.ToDate {
			w.Frozen = &f
		}
		weeks = append(weeks, w)
	}
	return weeks, nil
}

// before is the query for the period before.
func (s *Service) before(q figures.Query) figures.Query {
	from, to := periodBefore(q.From, q.To)
	// As old as this one is now; a later moment than its own end adds nothing
	// to a period that has not ended.
	q.AsOf = q.AsOf.Add(from.In(s.zone).Sub(q.From.In(s.zone)))
	q.From, q.To = from, to
	return q
}

// periodBefore is what a period is compared with: the same days of the year
// before for one that begins the year, the month before for a month that is
// whole or begun, else as many days before.
func periodBefore(from, to worktime.Date) (worktime.Date, worktime.Date) {
	switch {
	case from.Month == time.January && from.Day == 1:
		years := to.Year - from.Year + 1
		return worktime.Date{Year: from.Year - years, Month: from.Month, Day: 1}, clip(worktime.Date{Year: to.Year - years, Month: to.Month, Day: to.Day})
	case from.Day == 1 && from.Year == to.Year && from.Month == to.Month:
		month := from.AddDays(-1)
		before := worktime.Date{Year: month.Year, Month: month.Month, Day: to.Day}
		if to.AddDays(1).Day == 1 {
			before.Day = month.Day
		}
		return worktime.Date{Year: month.Year, Month: month.Month, Day: 1}, clip(before)
	}
	days := int(to.In(time.UTC).Sub(from.In(time.UTC))/(24*time.Hour)) + 1
	return from.AddDays(-days), from.AddDays(-1)
}

// clip is the day itself, or the last of its month where the month is shorter.
func clip(d worktime.Date) worktime.Date {
	for !d.Valid() {
		d.Day--
	}
	return d
}

// FigureMembersQuery says which of the facts behind a number are asked for.
type FigureMembersQuery struct {
	Figure string       // a rate or a plain count, by its name in figures.Definitions
	Part   figures.Part // "" for the denominator, which is all of a plain count
	Key    string       // of the group, where the figures are cut; figures.NoKey for what has none
	// Snapshot asks for what a snapshot counted, whatever the period of the
	// query says.
	Snapshot string
	After    *FigurePosition
	Limit    int
}

// FigurePosition is a place in the list of a figure's members.
type FigurePosition = store.FigurePosition

// FigureMembers are the facts that a figure counts.
type FigureMembers struct {
	Total      int64 // of the part, as the figure shows it
	Definition figures.Definition
	Members    []FigureMember // the newest first
}

// FigureMember is one fact that a figure counts: a ticket, a dispatch or a
// summons.
type FigureMember struct {
	figures.Member
	// Ticket is the ticket as the actor sees it now; nil when it is counted for
	// them but not in their sight any more.
	Ticket *TicketView
}

// Position is where the next page begins when this member is a page's last.
func (m FigureMember) Position() FigurePosition {
	return FigurePosition{At: m.At, TicketID: m.TicketID, Item: m.Item}
}

// FigureMembers lists the tickets behind a number of the figures that q asks
// for: of the total, or with a cut of one group.
func (s *Service) FigureMembers(ctx context.Context, actor ticket.Actor, q FiguresQuery, m FigureMembersQuery) (*FigureMembers, error) {
	query, err := s.figuresQuery(actor, q)
	if err != nil {
		return nil, err
	}
	if m.Snapshot != "" {
		if query, err = s.frozenQuery(ctx, query, m.Snapshot); err != nil {
			return nil, err
		}
	}
	definition, ok := figures.Define(m.Figure)
	var faults []ticket.Field
	fault := func(pointer, message string) {
		faults = append(faults, ticket.Field{Pointer: pointer, Message: message})
	}
	if !ok {
		fault("/figure", "must be a figure, as resolution_rate or solved")
	}
	if m.Part == "" {
		m.Part = figures.Denominator
	}
	if !slices.Contains([]figures.Part{figures.Denominator, figures.Numerator, figures.Rest}, m.Part) || ok && !definition.IsRate() && m.Part != figures.Denominator {
		fault("/part", "must be numerator, denominator or rest; of a plain count, denominator")
	}
	if (m.Key != "") != (q.By != figures.ByNothing) {
		fault("/key", "goes with a cut, and a cut with a key")
	}
	if err := ticket.InvalidValues(faults); err != nil {
		return nil, err
	}
	answer := &FigureMembers{Definition: definition}
	within, ok := query.Where.Narrow(q.By, m.Key)
	if !ok {
		return answer, nil // of another department, chain …: nothing
	}
	query.Where, query.By = within, figures.ByNothing
	answer.Total, answer.Members, err = s.members(ctx, actor, query, store.FigureMembers{Definition: definition, Part: m.Part, After: m.After, Limit: m.Limit})
	return answer, err
}

// members reads the facts that a figure counts, each with its ticket.
func (s *Service) members(ctx context.Context, actor ticket.Actor, q figures.Query, which store.FigureMembers) (int64, []FigureMember, error) {
	total, counted, err := s.store.Members(ctx, q, s.zone, which)
	if err != nil || len(counted) == 0 {
		return total, nil, err
	}
	ids := make([]string, len(counted))
	for i, one := range counted {
		ids[i] = one.TicketID
	}
	seen, err := s.Tickets(ctx, actor, TicketFilter{IDs: ids})
	if err != nil {
		return 0, nil, err
	}
	views := map[string]*TicketView{}
	for _, v := range seen {
		views[v.ID] = v
	}
	members := make([]FigureMember, len(counted))
	for i, one := range counted {
		members[i] = FigureMember{one, views[one.TicketID]}
	}
	return total, members, nil
}

// frozenQuery asks for what a snapshot counted, as far as the actor may read
// it.
func (s *Service) frozenQuery(ctx context.Context, q figures.Query, id string) (figures.Query, error) {
	snapshot, err := s.store.Snapshot(ctx, id)
	if err != nil {
		return q, problem(err, "snapshot")
	}
	if snapshot.DefinitionVersion != figures.DefinitionVersion {
		return q, ticket.Errorf(ticket.CodeConflict, "This snapshot was counted by other definitions than today's.")
	}
	frozen := snapshot.Query()
	q.From, q.To, q.AsOf, q.RecordedBy = frozen.From, frozen.To, frozen.AsOf, frozen.RecordedBy
	return q, nil
}
