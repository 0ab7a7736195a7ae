package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"whistle/internal/directory"
	"whistle/internal/retention"
	"whistle/internal/ticket"
)

// Retained is what a rule of retention comes to now.
type Retained struct {
	retention.Rule
	Keep int   `json:"keep"` // days, as set; 0 for good
	Due  int64 `json:"due"`  // how many would go
}

// Retention tells of each rule what would go now.
func (s *Service) Retention(ctx context.Context) ([]Retained, error) { return s.retain(ctx, false) }

// ended are the kinds of token behind two of the rules.
var ended = map[string][]directory.TokenKind{
	retention.Sessions: {directory.SessionToken, directory.APIToken},
	retention.Links:    {directory.InvitationLink, directory.ResetLink},
}

// retain goes through the rules, and really removes what they say.
func (s *Service) retain(ctx context.Context, really bool) ([]Retained, error) {
	var all []Retained
	var faults []error
	for _, rule := range retention.Rules {
		r := Retained{Rule: rule, Keep: s.keep.Of(rule.Name)}
		if r.Keep > 0 {
			var err error
			if r.Due, err = s.retainBy(ctx, rule.Name, really); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", rule.Name, err))
			}
		}
		all = append(all, r)
	}
	return all, errors.Join(faults...)
}

// keptSince is since when things of a kind are kept.
func (s *Service) keptSince(name string) time.Time { return s.daysBefore(s.clock.Now(), name) }

// daysBefore is as long before a moment as things of a kind are kept.
func (s *Service) daysBefore(moment time.Time, name string) time.Time {
	return moment.AddDate(0, 0, -s.keep.Of(name))
}

func (s *Service) retainBy(ctx context.Context, name string, really bool) (n int64, err error) {
	before := s.keptSince(name)
	byWall := s.daysBefore(s.wall.Now(), name) // for what lives by it
	switch name {
	case retention.Sessions, retention.Links:
		err = s.InTx(ctx, func(ctx context.Context) error {
			n, err = s.store.EndedTokens(ctx, byWall, really, ended[name]...)
			return err
		})
		return n, err
	case retention.Notices:
		if !really {
			return s.store.NoticesBefore(ctx, before)
		}
		err = s.InTx(ctx, func(ctx context.Context) error {
			if n, err = s.store.PurgeNotices(ctx, before); err != nil {
				return err
			}
			return s.store.PurgeDigests(ctx, before)
		})
		return n, err
	case retention.Uploads:
		if really {
			purged, err := s.PurgeAttachments(ctx)
			return int64(purged), err
		}
		unused, err := s.store.UnattachedBefore(ctx, before)
		return int64(len(unused)), err
	case retention.Imports:
		old, err := s.store.ImportsWithFiles(ctx, before)
		if err == nil && really {
			err = s.PurgeImportFiles(ctx)
		}
		return int64(len(old)), err
	case retention.Pushes:
		err = s.InTx(ctx, func(ctx context.Context) error {
			n, err = s.store.EndedDeliveries(ctx, byWall, really)
			return err
		})
		return n, err
	case retention.Contacts:
		return s.forgetContacts(ctx, before, really)
	}
	return 0, fmt.Errorf("nothing is known of how to remove %s", name)
}

// forgetContacts empties the contacts of enterprises that nothing is done for
// any more.
func (s *Service) forgetContacts(ctx context.Context, before time.Time, really bool) (int64, error) {
	done, err := s.store.DoneWith(ctx, before)
	if err != nil || !really {
		return int64(len(done)), err
	}
	for _, e := range done {
		_, err := s.Enterprises().ChangeSeen(ctx, ticket.System, e.ID, e.UpdatedAt, func(e *directory.Enterprise) error {
			e.Contact, e.Phone = "", ""
			return nil
		})
		var stale *Stale
		if err != nil && !errors.As(err, &stale) { // changed meanwhile: not done with
			return 0, err
		}
	}
	return int64(len(done)), nil
}
