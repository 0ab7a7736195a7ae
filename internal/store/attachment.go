package store

import (
	"context"
	"time"

	"whistle/internal/directory"
)

// Attachment reads an attachment's record.
func (s *Store) Attachment(ctx context.Context, id string) (directory.Attachment, error) {
	return get[directory.Attachment](ctx, s, "id", id)
}

// carriedByNone is the condition that neither a ticket's line nor a visit carries
// a file.
const carriedByNone = "ticket_id = '' AND visit_id = ''"

// InsertAttachment writes an uploaded file's record.
func (s *Store) InsertAttachment(ctx context.Context, a *directory.Attachment) error {
	a.CreatedAt = utc(a.CreatedAt)
	return translate(s.write(ctx).Create(a).Error)
}

// UnattachedSince lists when an uploader's files that no event carries yet
// were uploaded, since a moment and oldest first.
func (s *Store) UnattachedSince(ctx context.Context, uploaderID string, since time.Time) ([]time.Time, error) {
	var times []time.Time
	err := s.read(ctx).Model(&directory.Attachment{}).
		Where("uploaded_by = ? AND created_at > ? AND "+carriedByNone, uploaderID, utc(since)).
		Order("created_at").Pluck("created_at", &times).Error
	return times, translate(err)
}

// UnattachedBefore lists the files that no event carries and that were
// uploaded before a moment.
func (s *Store) UnattachedBefore(ctx context.Context, before time.Time) ([]string, error) {
	var ids []string
	err := s.read(ctx).Model(&directory.Attachment{}).
		Where("created_at < ? AND "+carriedByNone, utc(before)).Order("id").Pluck("id", &ids).Error
	return ids, translate(err)
}

// DeleteUnattached removes a file's record; false when an event has come to
// carry it, or it is gone already.
func (s *Store) DeleteUnattached(ctx context.Context, id string) (bool, error) {
	done := s.write(ctx).Where("id = ? AND "+carriedByNone, id).Delete(&directory.Attachment{})
	return done.RowsAffected > 0, translate(done.Error)
}

// TicketAttachments lists the files that a ticket's lines carry, up to one, in
// the order of the lines. The ticket must have been read in the actor's scope.
func (s *Store) TicketAttachments(ctx context.Context, ticketID string, upTo int) ([]directory.Attachment, error) {
	var rows []directory.Attachment
	err := s.read(ctx).Where("ticket_id = ? AND seq <= ?", ticketID, upTo).Order("seq, created_at, id").Find(&rows).Error
	return rows, translate(err)
}

// CarryAttachments ties uploaded files to the history line that named them.
func (s *Store) CarryAttachments(ctx context.Context, ids []string, ticketID string, seq int) error {
	if len(ids) == 0 {
		return nil
	}
	done := s.write(ctx).Exec("UPDATE attachments SET ticket_id = ?, seq = ? WHERE id IN ? AND "+carriedByNone, ticketID, seq, ids)
	if done.Error == nil && done.RowsAffected != int64(len(ids)) {
		return ErrChanged
	}
	return translate(done.Error)
}

// CarryToVisit ties uploaded files to the visit that named them.
func (s *Store) CarryToVisit(ctx context.Context, ids []string, visitID string) error {
	if len(ids) == 0 {
		return nil
	}
	done := s.write(ctx).Exec("UPDATE attachments SET visit_id = ? WHERE id IN ? AND "+carriedByNone, visitID, ids)
	if done.Error == nil && done.RowsAffected != int64(len(ids)) {
		return ErrChanged
	}
	return translate(done.Error)
}

// VisitAttachments lists the files that a visit carries, which must have been
// read in the actor's scope.
func (s *Store) VisitAttachments(ctx context.Context, visitID string) ([]directory.Attachment, error) {
	var rows []directory.Attachment
	err := s.read(ctx).Where("visit_id = ?", visitID).Order("created_at, id").Find(&rows).Error
	return rows, translate(err)
}
