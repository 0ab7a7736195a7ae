package demo

import (
	"context"
	"math/rand/v2"
	"time"

	"whistle/internal/clock"
	"whistle/internal/demo/cast"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// year tells the stories of all tickets, one after another in the order of
// their filing.
type year struct {
	svc      *service.Service
	now      *clock.Manual
	d        *district
	calendar *worktime.Calendar
	r        *rand.Rand
	words    *cast.Words
	batch    *service.Batch
	end      time.Time // nothing happens after it
	standing int       // tickets in joint handling so far that stay there
}

func newYear(svc *service.Service, now *clock.Manual, d *district) (*year, error) {
	calendar, err := worktime.New(0, svc.Zone(), worktime.DefaultShifts(), worktime.Builtin())
	if err != nil {
		return nil, err
	}
	return &year{
		svc: svc, now: now, d: d, calendar: calendar,
		// The words have a source of their own, so that another text does not
		// make another year.
		r: source(2), words: cast.NewWords(source(3)),
		end: LastDay.AddDays(1).In(svc.Zone()).Add(-time.Second),
	}, nil
}

func (y *year) tell(ctx context.Context, progress service.Progress) error {
	filings := plan(source(4), y.calendar, y.d)
	return y.svc.Batch(ctx, func(b *service.Batch) error {
		y.batch = b
		for i, f := range filings {
			if err := ctx.Err(); err != nil {
				return err
			}
			if f.into == nil { // a duplicate is told with the one it is merged into
				if err := y.storyOf(f); err != nil {
					return err
				}
			}
			if progress != nil {
				progress(i+1, len(filings))
			}
		}
		return nil
	})
}

// chance is true in so many cases of a thousand.
func (y *year) chance(perMille int) bool { return y.r.IntN(1000) < perMille }

// between draws from a range, evenly.
func (y *year) between(low, high float64) float64 { return low + (high-low)*y.r.Float64() }

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (y *year) dispatcher() ticket.Actor { return pick(y.r, y.d.desk) }
