package service

import (
	"context"
	"slices"

	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// exportedHeld is a ticket that somebody of a department works on, or nobody
// yet.
type exportedHeld struct {
	exportedWork
	holder Holding
}

// holdersColumns begin with who has it.
var holdersColumns = append([]column[exportedHeld]{
	col("assignee", func(w *writing, r exportedHeld) any { return w.named(r.Names, r.holder.User.ID) }),
	col("left", func(w *writing, r exportedHeld) any { return w.yesNo(!r.holder.In) }),
}, columnsOf(ExportedWorklist, slices.DeleteFunc(slices.Clone(worklistColumns), func(c column[exportedWork]) bool {
	return c.key == "assignee"
}), func(r exportedHeld) (exportedWork, bool) { return r.exportedWork, true })...)

// ExportHolders writes what the actor's department leads and has not finished:
// first what nobody works on yet, then person by person as Holders lists them,
// of each what burns first on top; and returns how many. It is for those to
// whom Holders tells it.
func (s *Service) ExportHolders(ctx context.Context, actor ticket.Actor, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedHolders, holdersColumns, to, func(ctx context.Context, write func(exportedHeld) error) error {
		holdings, err := s.Holders(ctx, actor)
		if err != nil {
			return err
		}
		for _, h := range append([]Holding{holdings.Unassigned}, holdings.People...) {
			if h.Count == 0 {
				continue
			}
			f := WorklistFilter{AssigneeID: h.User.ID}
			if f.AssigneeID == "" {
				f.AssigneeID = figures.NoKey
			}
			err := eachPage(func(after **WorklistRow, limit int) ([]*WorklistRow, error) {
				if f.After, f.Limit = nil, limit; after != nil {
					f.After = &(*after).Position
				}
				return s.worklistRows(ctx, actor, store.HeldList, f)
			}, func(page []*WorklistRow) error {
				return s.exportWork(ctx, page, func(row exportedWork) error { return write(exportedHeld{row, h}) })
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
