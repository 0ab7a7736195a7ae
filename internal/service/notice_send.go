package service

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	calendar, err := s.calendar(ctx)
	if err != nil {
		return err
	}
	morning := workingAt(calendar, now)
	var deliveries []store.Delivery
	for _, n := range notices {
		at := morning
		if n.Urgent {
			at = now
		}
		for _, c := range s.channels {
			if c.Reaches(recipient(accounts[n.UserID].User)) {
				deliveries = append(deliveries, store.Delivery{NoticeID: n.ID, Channel: c.Name(), UserID: n.UserID, SendAt: at})
			}
		}
	}
	jobs := map[store.Parcel]int64{}
	for i := range deliveries {
		d := &deliveries[i]
		if d.SendAt.After(now) {
			continue
		}
		p := store.Parcel{UserID: d.UserID, Channel: d.Channel}
		if jobs[p] == 0 {
			if jobs[p], err = s.queue.Enqueue(ctx, sendJob(p)); err != nil {
				return err
			}
		}
		d.JobID = new(jobs[p])
	}
	return s.store.InsertDeliveries(ctx, deliveries)
}

// SendWaiting has everything sent that waited for the morning, and returns to
// how many people.
func (s *Service) SendWaiting(ctx context.Context) (int, error) {
	now := s.clock.Now()
	parcels, err := s.store.DueParcels(ctx, now)
	if err != nil || len(parcels) == 0 {
		return 0, err
	}
	return len(parcels), s.InTx(ctx, func(ctx context.Context) error {
		for _, p := range parcels {
			id, err := s.queue.Enqueue(ctx, sendJob(p))
			if err != nil {
				return err
			}
			if err := s.store.GiveParcel(ctx, p, id, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// workOnSending carries what a job was given in one message. What was read or
// has gone out of sight meanwhile is left out.
func (s *Service) workOnSending(ctx context.Context, run store.Run, job sendJob) error {
	i := slices.IndexFunc(s.channels, func(c notify.Channel) bool { return c.Name() == job.Channel })
	if i < 0 {
		return store.GiveUp(fmt.Errorf("channel %s is not configured", job.Channel))
	}
	channel := s.channels[i]
	ids, err := s.store.Undelivered(ctx, run.JobID)
	if err != nil || len(ids) == 0 {
		return err // another process was faster to give the same to a job
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
		return s.store.EndDeliveries(ctx, run.JobID, s.clock.Now())
	})
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
		m.Items = append(m.Items, notify.Item{Subject: strings.TrimSpace(subject), Text: n.Text, Todo: n.Todo, Path: n.Path, Urgent: n.Urgent})
	}
	return m, err
}
