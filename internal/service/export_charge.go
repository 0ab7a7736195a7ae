package service

import (
	"context"

	"whistle/internal/ticket"
)

var chargeColumns = []column[Charge]{
	col("id", func(_ *writing, c Charge) any { return c.ID }).only(inJSON),
	col("charge", func(w *writing, c Charge) any { return w.named(c.Names, c.ChargeID) }),
	col("taken_at", func(w *writing, c Charge) any { return w.at(&c.Since) }),
	col("number", func(_ *writing, c Charge) any { return c.Number }),
	col("title", func(_ *writing, c Charge) any { return c.Title }),
	col("enterprise", func(w *writing, c Charge) any { return w.named(c.Names, c.EnterpriseID) }),
	col("category", func(w *writing, c Charge) any { return w.category(c.Category) }),
	col("lead", func(w *writing, c Charge) any { return w.named(c.Names, c.LeadID) }),
	col("stage", func(w *writing, c Charge) any { return w.word("stage", string(c.State.Stage())) }),
	col("state", func(w *writing, c Charge) any { return w.word("state", string(c.State)) }),
	col("light", func(w *writing, c Charge) any { return w.word("light", string(c.Light)) }),
	col("progress", func(_ *writing, c Charge) any { return blankAsNull(c.Progress.Text) }),
	col("progress_at", func(w *writing, c Charge) any { return w.at(&c.Progress.At) }),
	col("unanswered", func(_ *writing, c Charge) any { return c.Unanswered() }),
	col("closed_at", func(w *writing, c Charge) any { return w.at(c.ClosedAt) }),
	col("outcome", func(w *writing, c Charge) any { return w.word("outcome", string(c.Outcome)) }),
	col("verified_by", func(w *writing, c Charge) any { return w.word("verified", string(c.VerifiedBy)) }),
}

// ExportCharges writes the tickets taken under leaders' names that the filter
// leaves of those that the actor sees, in the order of the list, and returns
// how many.
func (s *Service) ExportCharges(ctx context.Context, actor ticket.Actor, f ChargeFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedCharges, chargeColumns, to, func(ctx context.Context, write func(Charge) error) error {
		return eachRow(func(after *Charge, limit int) ([]Charge, error) {
			if f.After, f.Limit = nil, limit; after != nil {
				f.After = &after.Position
			}
			return s.Charges(ctx, actor, f)
		}, write)
	})
}
