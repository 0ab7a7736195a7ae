package service

import (
	"context"

	"whistle/internal/ticket"
)

var managerColumns = []column[ManagerLoad]{
	col("id", func(_ *writing, l ManagerLoad) any { return l.UserID }).only(inJSON),
	col("name", func(_ *writing, l ManagerLoad) any { return l.Name }),
	col("department", func(w *writing, l ManagerLoad) any { return w.named(l.Names, l.DepartmentID) }),
	col("enterprises", func(_ *writing, l ManagerLoad) any { return l.Enterprises() }),
	col("guide", func(_ *writing, l ManagerLoad) any { return l.Guide }),
	col("contact", func(_ *writing, l ManagerLoad) any { return l.Contact }),
	col("open", func(_ *writing, l ManagerLoad) any { return l.Count }),
	col("red", func(_ *writing, l ManagerLoad) any { return l.Red }),
	col("yellow", func(_ *writing, l ManagerLoad) any { return l.Yellow }),
}

// ExportManagers writes the managers that the filter leaves of those whom the
// actor may read of, in the order of the list, and returns how many.
func (s *Service) ExportManagers(ctx context.Context, actor ticket.Actor, f ManagerFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedManagers, managerColumns, to, func(ctx context.Context, write func(ManagerLoad) error) error {
		f.After, f.Limit = nil, 0
		all, err := s.Managers(ctx, actor, f)
		for _, l := range all {
			if err == nil {
				err = write(l)
			}
		}
		return err
	})
}
