package store

import "context"

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
