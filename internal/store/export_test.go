package store

import "context"

// ForgetDerived leaves the tickets as an upgrade finds them.
func (s *Store) ForgetDerived(ctx context.Context) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		for _, statement := range []string{
			"DELETE FROM ticket_obligations",
			"UPDATE tickets SET on_ledger = false, charge_id = '', derived_version = 0",
		} {
			if err := s.write(ctx).Exec(statement).Error; err != nil {
				return err
			}
		}
		return nil
	})
}
