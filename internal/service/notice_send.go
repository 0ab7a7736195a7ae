package service

import (
	"context"
	"fmt"
	"slices"
	"time"

	"whistle/internal/directory"
	"whistle/internal/notify"
	"whistle/internal/store"
)

// sendJob has a channel carry to an account what waits for it.
type sendJob struct {
	UserID  string `json:"user_id"`
	Channel string `json:"channel"`
}

// Kind of the job.
func (sendJob) Kind() string { return "send" }

func recipient(u directory.User) notify.Recipient {
	return notify.Recipient{Name: u.Name, Email: u.Email, Language: languageOf(u)}
}

// deliver has the channels carry new notices to those whom they reach: at
// once, or, at night and on holidays, what is not urgent in the morning, then
// in one message.
func (s *Service) deliver(ctx context.Context, notices []store.Notice, accounts map[string]store.Account) error {
	if len(s.channels) == 0 {
		return nil
	}
	now := s.clock.Now()
	morning, err := s.working(ctx, now)
	if err != nil {
		return err
	}
	type parcel struct {
		job sendJob
		at  time.Time
	}
	var parcels []parcel
	var deliveries []store.Delivery
	for _, n := range notices {
		at := morning
		if n.Urgent {
			at = now
		}
		for _, c := range s.channels {
			if !c.Reaches(recipient(accounts[n.UserID].User)) {
				continue
			}
			deliveries = append(deliveries, store.Delivery{NoticeID: n.ID, Channel: c.Name(), UserID: n.UserID, SendAt: at})
			if p := (parcel{sendJob{n.UserID, c.Name()}, at}); !slices.Contains(parcels, p) {
				parcels = append(parcels, p)
			}
		}
	}
	if err := s.store.InsertDeliveries(ctx, deliveries); err != nil {
		return err
	}
	for _, p := range parcels {
		if err := s.enqueueAt(ctx, p.job, p.at); err != nil {
			return err
		}
	}
	return nil
}

// workOnSending carries what waits for an account in one message. What was read or has
// gone out of sight meanwhile is left out.
func (s *Service) workOnSending(ctx context.Context, run store.Run, job sendJob) error {
	i := slices.IndexFunc(s.channels, func(c notify.Channel) bool { return c.Name() == job.Channel })
	if i < 0 {
		return store.GiveUp(fmt.Errorf("channel %s is not configured", job.Channel))
	}
	channel := s.channels[i]
	var ids []string
	err := s.InTx(ctx, func(ctx context.Context) (err error) {
		ids, err = s.store.TakeDeliveries(ctx, run.JobID, job.UserID, job.Channel, later(run.DueAt, s.clock.Now()))
		return err
	})
	if err != nil || len(ids) == 0 {
		return err // another job was faster
	}
	message, err := s.message(ctx, job.UserID, ids)
	if err != nil {
		return err
	}
	if len(message.Items) > 0 && channel.Reaches(message.To) {
		message.ID = ids[0]
		err := channel.Send(ctx, message)
		if notify.IsPermanent(err) {
			return store.GiveUp(err)
		}
		if err != nil {
			return err
		}
	}
	// It is sent: that must be written down even when the process is stopping.
	return s.InTx(context.WithoutCancel(ctx), func(ctx context.Context) error {
		return s.store.EndDeliveries(ctx, run.JobID, job.UserID, job.Channel, s.clock.Now())
	})
}

// later is the later of two moments: the clock of another machine, by which a
// job was found to be due, may be ahead.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// message puts an account's notices into one message; it has no items when
// there is nothing to say any more.
func (s *Service) message(ctx context.Context, userID string, ids []string) (notify.Message, error) {
	var m notify.Message
	accounts, err := s.store.Audience(ctx, store.Audience{UserIDs: []string{userID}})
	if err != nil || len(accounts) == 0 {
		return m, err // retired meanwhile
	}
	a := accounts[0]
	actor := directory.ActorOf(a.User, a.Assignments, s.today())
	m.To, m.At = recipient(a.User), s.clock.Now()
	rows, err := s.store.Notices(ctx, actor, store.NoticeFilter{IDs: ids, Unread: true})
	if err != nil {
		return m, err
	}
	slices.Reverse(rows) // oldest first
	notices, err := s.showNotices(ctx, actor, m.To.Language, rows)
	for _, n := range notices {
		subject := n.Number
		if !n.Confidential {
			subject += " " + n.Title
		}
		m.Items = append(m.Items, notify.Item{Subject: subject, Text: n.Text, Todo: n.Todo, Path: n.Path, Urgent: n.Urgent})
	}
	return m, err
}
