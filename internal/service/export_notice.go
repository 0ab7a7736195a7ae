package service

import (
	"context"

	"whistle/internal/ticket"
)

var noticeColumns = []column[Notice]{
	col("id", func(_ *writing, n Notice) any { return n.ID }).only(inJSON),
	col("at", func(w *writing, n Notice) any { return w.at(&n.At) }),
	col("kind", func(_ *writing, n Notice) any { return n.Kind }).only(inJSON), // the text says it
	col("text", func(_ *writing, n Notice) any { return n.Text }),
	col("todo", func(_ *writing, n Notice) any { return blankAsNull(n.Todo) }),
	col("ticket_id", func(_ *writing, n Notice) any { return blankAsNull(n.TicketID) }).only(inJSON),
	col("number", func(_ *writing, n Notice) any { return blankAsNull(n.Number) }),
	col("title", func(_ *writing, n Notice) any { return n.Title }),
	col("urgent", func(w *writing, n Notice) any { return w.yesNo(n.Urgent) }),
	col("read_at", func(w *writing, n Notice) any { return w.at(n.ReadAt) }),
}

// ExportNotices writes what the filter leaves of what the actor was told, in
// the language of the table, newest first, and returns how many.
func (s *Service) ExportNotices(ctx context.Context, actor ticket.Actor, f NoticeFilter, to ExportTo) (int, error) {
	f.Language = to.Language
	return exportAll(ctx, s, ExportedNotices, noticeColumns, to, func(ctx context.Context, write func(Notice) error) error {
		return eachRow(func(after *Notice, limit int) ([]Notice, error) {
			if f.After, f.Limit = nil, limit; after != nil {
				position := after.Position()
				f.After = &position
			}
			return s.Notices(ctx, actor, f)
		}, write)
	})
}
