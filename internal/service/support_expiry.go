package service

import (
	"context"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/support"
	"whistle/internal/ticket"
)

// noticeExpiry is the kind of a notice that a policy resource ends soon.
const noticeExpiry = "expiry"

// WarnOfExpiry tells those who keep the policy resources that end soon, the desk
// and the heads of the issuing departments. Each is told once of a last day,
// whoever asks and however often; another last day is told anew.
func (s *Service) WarnOfExpiry(ctx context.Context) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		ending, err := s.PolicyResources().List(ctx, ticket.System, EntryFilter{Support: SupportFilter{Expiring: true}})
		if err != nil {
			return err
		}
		for i := range ending {
			if err := s.warnOfExpiry(ctx, &ending[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) warnOfExpiry(ctx context.Context, p *support.PolicyResource) error {
	accounts, err := s.store.Audience(ctx, store.Audience{Desk: true, Departments: []string{p.DepartmentID}})
	if err != nil {
		return err
	}
	var notices []store.Notice
	var told []store.Account
	for _, a := range accounts {
		if !keepsPolicyResource(directory.ActorOf(a.User, a.Assignments, s.today()), p, p) {
			continue
		}
		notices, told = append(notices, store.Notice{
			ID: s.newID(), UserID: a.ID, Kind: noticeExpiry, Cause: noticeExpiry + " " + p.ID + " " + p.ValidTo.String(), Side: "office", CreatedAt: s.clock.Now(),
			Data: store.NoticeData{PolicyID: p.ID, Day: p.ValidTo},
		}), append(told, a)
	}
	return s.writeNotices(ctx, notices, told, true)
}
