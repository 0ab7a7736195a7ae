package store

import (
	"context"

	"whistle/internal/directory"
)

// get reads one row by its column.
func get[T any](ctx context.Context, s *Store, column, value string) (T, error) {
	var row T
	err := s.read(ctx).Where(column+" = ?", value).Take(&row).Error
	return row, translate(err)
}

// Department reads a department.
func (s *Store) Department(ctx context.Context, id string) (directory.Department, error) {
	return get[directory.Department](ctx, s, "id", id)
}

// Enterprise reads an enterprise.
func (s *Store) Enterprise(ctx context.Context, id string) (directory.Enterprise, error) {
	return get[directory.Enterprise](ctx, s, "id", id)
}

// Project reads a key project.
func (s *Store) Project(ctx context.Context, id string) (directory.Project, error) {
	return get[directory.Project](ctx, s, "id", id)
}

// Category reads a category by its code.
func (s *Store) Category(ctx context.Context, code string) (directory.Category, error) {
	return get[directory.Category](ctx, s, "code", code)
}

// Reason reads a reason by its kind and code.
func (s *Store) Reason(ctx context.Context, kind, code string) (directory.Reason, error) {
	var row directory.Reason
	err := s.read(ctx).Where("kind = ? AND code = ?", kind, code).Take(&row).Error
	return row, translate(err)
}

// Attachment reads an attachment's record.
func (s *Store) Attachment(ctx context.Context, id string) (directory.Attachment, error) {
	return get[directory.Attachment](ctx, s, "id", id)
}

// CarryAttachments ties uploaded files to the history line that named them.
func (s *Store) CarryAttachments(ctx context.Context, ids []string, ticketID string, seq int) error {
	if len(ids) == 0 {
		return nil
	}
	done := s.write(ctx).Exec("UPDATE attachments SET ticket_id = ?, seq = ? WHERE id IN ? AND ticket_id = ''", ticketID, seq, ids)
	if done.Error == nil && done.RowsAffected != int64(len(ids)) {
		return ErrChanged
	}
	return translate(done.Error)
}

// Names maps ids to names, for every id that the table knows.
func (s *Store) Names(ctx context.Context, table NamedTable, ids []string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	const chunk = 500
	for len(ids) > 0 {
		n := min(chunk, len(ids))
		var rows []struct{ ID, Name string }
		if err := s.read(ctx).Table(string(table)).Select("id, name").Where("id IN ?", ids[:n]).Scan(&rows).Error; err != nil {
			return nil, translate(err)
		}
		for _, row := range rows {
			names[row.ID] = row.Name
		}
		ids = ids[n:]
	}
	return names, nil
}

// NamedTable is a table whose rows have ids and names.
type NamedTable string

// The tables with names.
const (
	Departments NamedTable = "departments"
	Enterprises NamedTable = "enterprises"
	Projects    NamedTable = "projects"
	Users       NamedTable = "users"
	Chains      NamedTable = "chains"
	Places      NamedTable = "places"
)

// CategoryNames maps category codes to names.
func (s *Store) CategoryNames(ctx context.Context) (map[string]string, error) {
	var rows []directory.Category
	if err := s.read(ctx).Select("code, name").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	names := make(map[string]string, len(rows))
	for _, r := range rows {
		names[r.Code] = r.Name
	}
	return names, nil
}
