package service

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"whistle/internal/clock"
	"whistle/internal/directory"
	"whistle/internal/figures"
	"whistle/internal/notify"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/webhook"
)

// SetPublicURL says under which address people reach the service, for links in
// what is sent; before the queue starts.
func (s *Service) SetPublicURL(url string) { s.publicURL = url }

// hookJob makes one attempt to tell a webhook something.
type hookJob struct {
	DeliveryID string `json:"delivery_id"`
	ByHand     bool   `json:"by_hand,omitempty"`
}

// Kind of the job.
func (hookJob) Kind() string { return "webhook" }

// Lane of the job.
func (hookJob) Lane() string { return store.Abroad }

// hookLine queues the telling of a line to every webhook that wants it and
// whose owner may read it.
func (s *Service) hookLine(ctx context.Context, job tellJob) error {
	webhooks, err := s.store.Webhooks(ctx, store.WebhookFilter{On: true})
	if err != nil || len(webhooks) == 0 {
		return err
	}
	r, err := s.recorded(ctx, job.TicketID, job.Seq)
	if err != nil {
		return err
	}
	return s.hook(ctx, webhooks, webhook.Delivery{
		Type: webhook.OfTicket(r.line.Event), Cause: job.TicketID + " " + lineCause(r.line), TicketID: job.TicketID, Seq: job.Seq, OccurredAt: r.line.RecordedAt,
	}, &r)
}

// hookAlarm is hookLine for an alarm of a ticket.
func (s *Service) hookAlarm(ctx context.Context, t *ticket.Ticket, a ticket.Alarm, now time.Time) error {
	webhooks, err := s.store.Webhooks(ctx, store.WebhookFilter{On: true})
	if err != nil || len(webhooks) == 0 {
		return err
	}
	r, err := s.recorded(ctx, t.ID, t.Version)
	if err != nil {
		return err
	}
	d := webhook.Delivery{
		Type: webhook.OfAlarm(a.Level), Cause: t.ID + " " + alarmCause(a), TicketID: t.ID, Seq: t.Version, OccurredAt: now,
		About: webhook.About{Owed: a.Event, DueAt: a.DueAt},
	}
	if a.Side == ticket.SideDepartment {
		d.About.DepartmentID = a.PartyID
	}
	return s.hook(ctx, webhooks, d, &r)
}

// hookSnapshot is hookLine for figures that were frozen, whose totals everybody
// reads.
func (s *Service) hookSnapshot(ctx context.Context, frozen *figures.Snapshot) error {
	webhooks, err := s.store.Webhooks(ctx, store.WebhookFilter{On: true})
	if err != nil || len(webhooks) == 0 {
		return err
	}
	return s.hook(ctx, webhooks, webhook.Delivery{
		Type: webhook.Frozen, Cause: "snapshot " + frozen.ID, OccurredAt: frozen.RecordedBy,
		About: webhook.About{SnapshotID: frozen.ID, Kind: string(frozen.Kind), FromDate: &frozen.FromDate, ToDate: &frozen.ToDate},
	}, nil)
}

// hook queues one delivery like the one given for every webhook that is to be
// told. about is the ticket's line that it speaks of; nil for none.
func (s *Service) hook(ctx context.Context, webhooks []webhook.Endpoint, like webhook.Delivery, about *recorded) error {
	for _, e := range webhooks {
		if !e.Wants(like.Type) {
			continue
		}
		owner, err := s.hookOwner(ctx, e)
		if err != nil {
			return err
		}
		d := like
		if owner == nil || !tells(*owner, e, &d, about) {
			continue
		}
		if err := s.queueHook(ctx, e, &d, false); err != nil {
			return err
		}
	}
	return nil
}

// hookOwner is who owns a webhook, with what they are today; nil when they are
// retired or may have none any more.
func (s *Service) hookOwner(ctx context.Context, e webhook.Endpoint) (*ticket.Actor, error) {
	accounts, err := s.store.Audience(ctx, store.Audience{UserIDs: []string{e.OwnerID}})
	if err != nil || len(accounts) == 0 {
		return nil, err
	}
	owner := directory.ActorOf(accounts[0].User, accounts[0].Assignments, s.today())
	if !mayHaveWebhooks(owner) {
		return nil, nil
	}
	return &owner, nil
}

// tells says whether a webhook may be told of a line of a ticket as it is now:
// nothing that its owner does not read, and of a confidential ticket only where
// that was asked for.
func tells(owner ticket.Actor, e webhook.Endpoint, d *webhook.Delivery, about *recorded) bool {
	switch {
	case about == nil:
		return true
	case about.secret() && !e.Confidential:
		return false
	case d.About.Owed != "":
		return owner.SeesUpTo(about.now) >= d.Seq
	}
	return readsLine(owner, about.now, about.line)
}

// secret says whether the ticket is confidential, or was then.
func (r *recorded) secret() bool { return r.now.Confidential || r.after.Confidential }

// queueHook queues a new delivery, unless the webhook was told before.
func (s *Service) queueHook(ctx context.Context, e webhook.Endpoint, d *webhook.Delivery, byHand bool) error {
	now := s.wall.Now()
	d.ID, d.WebhookID, d.State, d.CreatedAt, d.NextAt = s.newID(), e.ID, webhook.Waiting, now, &now
	fresh, err := s.store.InsertWebhookDelivery(ctx, d)
	if err != nil || !fresh {
		return err
	}
	return s.queueAttempt(ctx, d, byHand, 0)
}

// queueAttempt queues the next attempt at a delivery, after a while.
func (s *Service) queueAttempt(ctx context.Context, d *webhook.Delivery, byHand bool, wait time.Duration) error {
	id, err := s.queue.EnqueueIn(ctx, hookJob{d.ID, byHand}, wait)
	if err != nil {
		return err
	}
	next := s.wall.Now().Add(wait)
	d.State, d.NextAt, d.JobID, d.EndedAt = webhook.Waiting, &next, &id, nil
	return s.store.UpdateWebhookDelivery(ctx, d)
}

// workOnHook makes one attempt. It is made by the job that the delivery waits
// for and by no other, as when it was sent anew by hand meanwhile.
func (s *Service) workOnHook(ctx context.Context, run store.Run, job hookJob) error {
	d, err := s.store.WebhookDelivery(ctx, job.DeliveryID)
	if errors.Is(err, store.ErrNotFound) || err == nil && (d.JobID == nil || *d.JobID != run.JobID) {
		return nil
	} else if err != nil {
		return err
	}
	e, err := s.store.Webhook(ctx, d.WebhookID)
	if err != nil {
		return err
	}
	body, err := s.hookBody(ctx, e, &d)
	if err != nil {
		return err
	}
	if body == nil {
		return s.InTx(ctx, func(ctx context.Context) error {
			s.delivered(string(webhook.Withheld))
			return s.endDelivery(ctx, &d, webhook.Withheld)
		})
	}
	attempt := webhook.Attempt{DeliveryID: d.ID, ByHand: job.ByHand, At: s.wall.Now()}
	post := notify.Post{URL: e.URL, ID: d.ID, At: attempt.At, Body: body}
	if post.Signature, err = e.Sign(d.ID, attempt.At, body); err != nil {
		return store.GiveUp(err)
	}
	wall := clock.Wall{}
	began := wall.Now()
	if attempt.Answer, err = post.Send(ctx, s.outbound); err != nil {
		return err // the process is stopping: another goes on
	}
	attempt.TookMS = wall.Now().Sub(began).Milliseconds()
	// It was sent: that must be written down even when the process is stopping.
	return s.InTx(context.WithoutCancel(ctx), func(ctx context.Context) error { return s.recordAttempt(ctx, run, attempt) })
}

// recordAttempt writes down what came of an attempt, and what follows.
func (s *Service) recordAttempt(ctx context.Context, run store.Run, attempt webhook.Attempt) error {
	d, err := s.store.WebhookDelivery(ctx, attempt.DeliveryID)
	if errors.Is(err, store.ErrNotFound) {
		return nil // removed meanwhile
	} else if err != nil {
		return err
	}
	e, err := s.store.Webhook(ctx, d.WebhookID)
	if err != nil {
		return err
	}
	d.Attempts++
	attempt.Number = d.Attempts
	if err := s.store.InsertWebhookAttempt(ctx, &attempt); err != nil {
		return err
	}
	now := s.wall.Now()
	if attempt.OK() {
		s.delivered(string(webhook.Delivered))
		if err := s.store.MarkWebhook(ctx, e.ID, nil); err != nil {
			return err
		}
		return s.endDelivery(ctx, &d, webhook.Delivered)
	}
	s.delivered(string(webhook.Failed))
	next, again := webhook.Next(d.Attempts, attempt.Answer)
	since := now
	if d.Type != webhook.Ping { // a test says nothing about what it is told otherwise
		if e.FailingSince != nil {
			since = *e.FailingSince
		}
		if err := s.store.MarkWebhook(ctx, e.ID, &since); err != nil {
			return err
		}
	}
	reason := webhook.Failing
	if attempt.Gone() {
		reason = webhook.Gone
	}
	switch {
	case attempt.Gone(), now.Sub(since) >= webhook.Patience:
		if err := s.endDelivery(ctx, &d, webhook.Failed); err != nil {
			return err
		}
		return s.switchOff(ctx, e, reason, now)
	case !again, !e.On(), d.Type == webhook.Ping, d.JobID == nil || *d.JobID != run.JobID: // given up meanwhile
		return s.endDelivery(ctx, &d, webhook.Failed)
	}
	return s.queueAttempt(ctx, &d, false, next)
}

func (s *Service) endDelivery(ctx context.Context, d *webhook.Delivery, as webhook.State) error {
	now := s.wall.Now()
	d.State, d.NextAt, d.JobID, d.EndedAt = as, nil, nil, &now
	return s.store.UpdateWebhookDelivery(ctx, d)
}

// noticeWebhook is the kind of a notice that a webhook was switched off.
const noticeWebhook = "webhook"

// switchOff ends the telling of a webhook, and tells its owner.
func (s *Service) switchOff(ctx context.Context, e webhook.Endpoint, reason webhook.Reason, at time.Time) error {
	done, err := s.store.SwitchWebhookOff(ctx, e.ID, reason, at)
	if err != nil || !done {
		return err
	}
	after := e
	after.OffAt, after.OffFor = &at, reason
	if err := s.audit(ctx, ticket.System, auditChange, subjectWebhook, e.ID, keptOf(e), keptOf(after)); err != nil {
		return err
	}
	owner, err := s.store.Audience(ctx, store.Audience{UserIDs: []string{e.OwnerID}})
	if err != nil || len(owner) == 0 {
		return err
	}
	return s.writeNotices(ctx, []store.Notice{{
		ID: s.newID(), UserID: e.OwnerID, Kind: noticeWebhook, Cause: noticeWebhook + " " + e.ID + " " + at.UTC().Format(time.RFC3339Nano), Side: "office", CreatedAt: s.clock.Now(),
		Data: store.NoticeData{WebhookID: e.ID, Variant: string(reason)},
	}}, owner, true)
}

// hookBody is what a webhook is told by a delivery now; nil when its owner may
// not see it any more.
func (s *Service) hookBody(ctx context.Context, e webhook.Endpoint, d *webhook.Delivery) ([]byte, error) {
	at := d.OccurredAt.In(s.zone)
	owner, err := s.hookOwner(ctx, e)
	if err != nil || owner == nil {
		return nil, err
	}
	switch d.Type {
	case webhook.Ping:
		return json.Marshal(webhook.Message[webhook.PingData]{Type: d.Type, Timestamp: at, Data: webhook.PingData{WebhookID: e.ID, Name: e.Name}})
	case webhook.Frozen:
		return json.Marshal(webhook.Message[webhook.SnapshotData]{Type: d.Type, Timestamp: at, Data: webhook.SnapshotData{
			SnapshotID: d.About.SnapshotID, Kind: figures.Kind(d.About.Kind), FromDate: *d.About.FromDate, ToDate: *d.About.ToDate,
			Link: s.publicURL + "/dashboard/snapshots/" + d.About.SnapshotID,
		}})
	}
	r, err := s.recorded(ctx, d.TicketID, d.Seq)
	if err != nil || !tells(*owner, e, d, &r) {
		return nil, err
	}
	data := webhook.TicketData{TicketID: d.TicketID, Number: r.now.Number, Status: r.after.State, Event: r.line.Event, Seq: d.Seq, Link: s.publicURL + "/tickets/" + d.TicketID}
	if !r.secret() {
		data.Title = r.after.Title
	}
	office := r.line.Actor.DepartmentID
	if d.About.Owed != "" {
		data.Event, office = d.About.Owed, d.About.DepartmentID
	}
	if office != "" {
		names := newNames()
		names.add(store.Departments, office)
		if err := names.load(ctx, s.store); err != nil {
			return nil, err
		}
		data.Office = &webhook.Office{ID: office, Name: names.Of(office)}
	}
	if d.About.Owed == "" {
		return json.Marshal(webhook.Message[webhook.TicketData]{Type: d.Type, Timestamp: at, Data: data})
	}
	due := d.About.DueAt.In(s.zone)
	return json.Marshal(webhook.Message[webhook.AlarmData]{Type: d.Type, Timestamp: at, Data: webhook.AlarmData{TicketData: data, DueAt: &due}})
}
