package store

import (
	"context"
	"time"
)

// ExternalNumbers are the numbers under which tickets were imported.
func (s *Store) ExternalNumbers(ctx context.Context) (map[string]bool, error) {
	var all []string
	if err := s.read(ctx).Model(&ticketRow{}).Where("external_number <> ''").Pluck("external_number", &all).Error; err != nil {
		return nil, translate(err)
	}
	there := make(map[string]bool, len(all))
	for _, number := range all {
		there[number] = true
	}
	return there, nil
}

// OwnNumbers are the numbers of all tickets, with the moments at which they
// were filed.
func (s *Store) OwnNumbers(ctx context.Context) (map[string]time.Time, error) {
	var rows []struct {
		Number  string
		FiledAt time.Time
	}
	if err := s.read(ctx).Model(&ticketRow{}).Select("number, filed_at").Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	filed := make(map[string]time.Time, len(rows))
	for _, row := range rows {
		filed[row.Number] = utc(row.FiledAt)
	}
	return filed, nil
}
