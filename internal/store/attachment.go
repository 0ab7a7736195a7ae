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

// carriedByNone is the condition that neither a ticket's line nor anything else
// carries a file.
const carriedByNone = "ticket_id = '' AND subject_id = ''"

// Attachments lists the records of all files.
func (s *Store) Attachments(ctx context.Context) ([]directory.Attachment, error) {
	var rows []directory.Attachment
	err := s.read(ctx).Order("id").Find(&rows).Error
	return rows, translate(err)
}

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
	return s.tieAttachments(ctx, ids, carriedByNone, map[string]any{"ticket_id": ticketID, "seq": seq})
}

// CarryTo ties uploaded files to what named them: a visit, or an entry.
func (s *Store) CarryTo(ctx context.Context, ids []string, subject, id string) error {
	return s.tieAttachments(ctx, ids, carriedByNone, map[string]any{"subject": subject, "subject_id": id})
}

// LetGo unties files from what names them no more; nothing carries them then.
func (s *Store) LetGo(ctx context.Context, ids []string, subject, id string) error {
	return s.tieAttachments(ctx, ids, "subject = @subject AND subject_id = @id", map[string]any{"subject": "", "subject_id": ""}, map[string]any{"subject": subject, "id": id})
}

// tieAttachments changes the files that meet a condition, which all must.
func (s *Store) tieAttachments(ctx context.Context, ids []string, condition string, to map[string]any, args ...any) error {
	if len(ids) == 0 {
		return nil
	}
	done := s.write(ctx).Model(&directory.Attachment{}).Where("id IN ?", ids).Where(condition, args...).UpdateColumns(to)
	if done.Error == nil && done.RowsAffected != int64(len(ids)) {
		return ErrChanged
	}
	return translate(done.Error)
}

// AttachmentsOf lists the files that something carries, which must have been
// read in the actor's scope.
func (s *Store) AttachmentsOf(ctx context.Context, subject, id string) ([]directory.Attachment, error) {
	var rows []directory.Attachment
	err := s.read(ctx).Where("subject = ? AND subject_id = ?", subject, id).Order("created_at, id").Find(&rows).Error
	return rows, translate(err)
}
