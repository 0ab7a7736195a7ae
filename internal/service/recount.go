package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/worktime"
)

// Drift is a fact that is stored otherwise than the history gives it.
type Drift struct {
	Number string `json:"number"` // of the ticket
	store.Discrepancy
}

// FigureDrift is a figure that comes out differently when counted again.
type FigureDrift struct {
	From    worktime.Date `json:"from"`
	To      worktime.Date `json:"to"`
	Figure  string        `json:"figure"`
	Stored  string        `json:"stored"`
	Counted string        `json:"recounted"`
}

// RecountReport is what a recount found.
type RecountReport struct {
	At      time.Time     `json:"at"`
	Tickets int           `json:"tickets"`
	Lines   int           `json:"lines"`
	Faults  []Fault       `json:"faults"`  // histories that cannot be replayed
	Drifts  []Drift       `json:"drifts"`  // by ticket
	Figures []FigureDrift `json:"figures"` // by period
}

// OK says that nothing differs.
func (r *RecountReport) OK() bool { return len(r.Faults)+len(r.Drifts)+len(r.Figures) == 0 }

// Err is what is written down of a recount with its tick, for who asks later;
// nil when nothing differs.
func (r *RecountReport) Err() error {
	if r.OK() {
		return nil
	}
	return fmt.Errorf("%d differences; whistle recount names them", len(r.Faults)+len(r.Drifts)+len(r.Figures))
}

// Recount counts again from the history: it replays every ticket, derives the
// facts at every line and compares them with those that are stored, then
// counts the figures of some periods over both.
func (s *Service) Recount(ctx context.Context, progress Progress) (*RecountReport, error) {
	scratch, end, err := store.OpenScratch(ctx)
	if err != nil {
		return nil, err
	}
	report := &RecountReport{At: s.clock.Now()}
	err = s.store.InOneView(ctx, func(ctx context.Context) error {
		if err := s.recountFacts(ctx, scratch, report, progress); err != nil {
			return err
		}
		if err := s.recountFigures(ctx, scratch, report); err != nil {
			return err
		}
		return s.recountCoverage(ctx, report)
	})
	if err := errors.Join(err, end()); err != nil {
		return nil, err
	}
	s.recounted.Store(report)
	return report, nil
}

// LastRecount is what the last recount of this process found; nil before.
func (s *Service) LastRecount() *RecountReport { return s.recounted.Load() }

func (s *Service) recountFacts(ctx context.Context, scratch *store.Store, report *RecountReport, progress Progress) error {
	total, err := s.store.CountTickets(ctx)
	if err != nil {
		return err
	}
	world := s.world(ctx).rules()
	err = s.store.EachHistory(ctx, func(some []store.History) error {
		var logs []*store.FactLog
		numbers := map[string]string{}
		for _, stored := range some {
			h := &history{History: stored, number: numberOf(stored)}
			report.Tickets++
			report.Lines += len(h.Lines)
			log := store.NewFactLog(h.TicketID)
			if err := h.open(); err == nil {
				_, err = replay(h.lines, world, log.Follow)
				if err == nil {
					logs = append(logs, log)
					numbers[h.TicketID] = h.number
					continue
				}
			}
			report.Faults = append(report.Faults, Fault{TicketID: h.TicketID, Number: h.number, What: "its history cannot be replayed; whistle verify says why"})
		}
		discrepancies, err := s.store.CompareFacts(ctx, logs)
		if err != nil {
			return err
		}
		for _, d := range discrepancies {
			report.Drifts = append(report.Drifts, Drift{numbers[d.TicketID], d})
		}
		progress.tell(report.Tickets, max(report.Tickets, int(total)))
		return scratch.LoadFacts(ctx, logs)
	})
	if err != nil {
		return err
	}
	strays, err := s.store.FactsWithoutHistory(ctx)
	for _, id := range strays {
		report.Faults = append(report.Faults, Fault{TicketID: id, What: "is counted, but has no history"})
	}
	return err
}

// open reads all lines.
func (h *history) open() error {
	for _, stored := range h.Lines {
		line, err := stored.Open()
		if err != nil {
			return err
		}
		h.lines = append(h.lines, line)
	}
	return nil
}

// recountFigures compares the totals of this year, this month and last year.
func (s *Service) recountFigures(ctx context.Context, scratch *store.Store, report *RecountReport) error {
	today := s.today()
	newYear := worktime.Date{Year: today.Year, Month: time.January, Day: 1}
	for _, period := range [][2]worktime.Date{
		{newYear, today},
		{worktime.Date{Year: today.Year, Month: today.Month, Day: 1}, today},
		{worktime.Date{Year: today.Year - 1, Month: time.January, Day: 1}, newYear.AddDays(-1)},
	} {
		q := figures.Query{From: period[0], To: period[1], AsOf: report.At, Scope: figures.Scope{All: true}}
		var totals [2]figures.Report
		for i, st := range []*store.Store{s.store, scratch} {
			counted, err := st.Tally(ctx, q, s.zone, store.TallyBy{})
			if err != nil {
				return err
			}
			totals[i].Total = withAllRates(counted.Total)
		}
		for _, d := range figures.Differences(&totals[0], &totals[1]) {
			report.Figures = append(report.Figures, FigureDrift{q.From, q.To, d.Figure, d.Was.String(), d.Is.String()})
		}
	}
	return nil
}
