package store

import (
	"context"
	"time"

	"whistle/internal/directory"
)

// InsertIdentity links an account. It returns ErrDuplicate when who goes by it
// is linked already, to this or another account.
func (s *Store) InsertIdentity(ctx context.Context, i *directory.Identity) error {
	i.CreatedAt, i.LastUsedAt = utc(i.CreatedAt), utcPtr(i.LastUsedAt)
	return translate(s.write(ctx).Create(i).Error)
}

// IdentityOf finds the link of who goes by a subject at an issuer.
func (s *Store) IdentityOf(ctx context.Context, issuer, subject string) (directory.Identity, error) {
	var i directory.Identity
	err := s.read(ctx).Where("issuer = ? AND subject = ?", issuer, subject).Take(&i).Error
	return i, translate(err)
}

// Identities lists the links of an account, oldest first.
func (s *Store) Identities(ctx context.Context, userID string) ([]directory.Identity, error) {
	var all []directory.Identity
	err := s.read(ctx).Where("user_id = ?", userID).Order("created_at, id").Find(&all).Error
	return all, translate(err)
}

// MarkIdentityUsed writes down that somebody signed in by a link. It returns
// ErrChanged when the link is gone.
func (s *Store) MarkIdentityUsed(ctx context.Context, id string, at time.Time) error {
	done := s.write(ctx).Exec("UPDATE identities SET last_used_at = ? WHERE id = ?", utc(at), id)
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrChanged
	}
	return translate(done.Error)
}

// RemoveIdentity removes a link.
func (s *Store) RemoveIdentity(ctx context.Context, id string) error {
	return translate(s.write(ctx).Exec("DELETE FROM identities WHERE id = ?", id).Error)
}

// DepartmentByCode reads a department by its code.
func (s *Store) DepartmentByCode(ctx context.Context, code string) (directory.Department, error) {
	return get[directory.Department](ctx, s, "code", code)
}
