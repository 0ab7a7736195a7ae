package store

import (
	"context"
	"time"

	"whistle/internal/directory"
	"whistle/internal/ticket"
)

// LastChanged is the last change of any ticket of each enterprise, of those
// that the actor sees; an enterprise without tickets is left out.
func (s *Store) LastChanged(ctx context.Context, actor ticket.Actor, enterpriseIDs []string) (map[string]time.Time, error) {
	condition, list := s.among("tickets.enterprise_id", enterpriseIDs)
	// The rows themselves, since an aggregate has no type on SQLite.
	var rows []struct {
		EnterpriseID string
		UpdatedAt    time.Time
	}
	latest := s.read(ctx).Table("tickets").Where(condition, list).Scopes(visible(actor, allAtOnce, false)).
		Select("enterprise_id, updated_at, row_number() OVER (PARTITION BY enterprise_id ORDER BY updated_at DESC) AS place")
	err := s.read(ctx).Table("(?) AS latest", latest).Where("place = 1").Select("enterprise_id, updated_at").Scan(&rows).Error
	last := make(map[string]time.Time, len(rows))
	for _, r := range rows {
		last[r.EnterpriseID] = utc(r.UpdatedAt)
	}
	return last, translate(err)
}

// PeopleOf lists an enterprise's accounts and those of the ids, in service, by
// name.
func (s *Store) PeopleOf(ctx context.Context, enterpriseID string, ids []string) ([]directory.User, error) {
	condition, list := s.among("id", ids)
	var users []directory.User
	err := s.read(ctx).Where("(enterprise_id = ? OR "+condition+") AND retired_at IS NULL", enterpriseID, list).Order("name, id").Find(&users).Error
	return users, translate(err)
}
