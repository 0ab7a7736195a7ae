package service

import (
	"context"
	"errors"

	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/webhook"
)

// WebhookDeliveryFilter narrows what a webhook was told.
type WebhookDeliveryFilter = store.WebhookDeliveryFilter

// DeliveryView is what a webhook was told, with every attempt at it.
type DeliveryView struct {
	webhook.Delivery
	Number string            // of the ticket; "" when it is about none, or one that the owner does not see
	Log    []webhook.Attempt // oldest first
}

// Last is the last attempt; nil while there is none.
func (v DeliveryView) Last() *webhook.Attempt {
	if len(v.Log) == 0 {
		return nil
	}
	return &v.Log[len(v.Log)-1]
}

// WebhookDeliveries lists what one of the actor's webhooks was told, newest
// first.
func (s *Service) WebhookDeliveries(ctx context.Context, actor ticket.Actor, id string, f WebhookDeliveryFilter) ([]DeliveryView, error) {
	e, err := s.webhookOf(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if e.OwnerID != actor.ID {
		return nil, errWebhookOwner // tickets are told of, which administrators do not see
	}
	all, err := s.store.WebhookDeliveries(ctx, id, f)
	if err != nil {
		return nil, err
	}
	return s.showDeliveries(ctx, actor, all)
}

func (s *Service) showDeliveries(ctx context.Context, actor ticket.Actor, all []webhook.Delivery) ([]DeliveryView, error) {
	if len(all) == 0 {
		return nil, nil
	}
	ids, tickets := make([]string, len(all)), make([]string, len(all))
	for i, d := range all {
		ids[i], tickets[i] = d.ID, d.TicketID
	}
	log, err := s.store.WebhookAttempts(ctx, ids)
	if err != nil {
		return nil, err
	}
	seen, err := s.store.Tickets(ctx, actor, store.TicketFilter{IDs: tickets})
	if err != nil {
		return nil, err
	}
	numbers := map[string]string{}
	for _, t := range seen {
		numbers[t.ID] = t.Number
	}
	views := make([]DeliveryView, len(all))
	for i, d := range all {
		views[i] = DeliveryView{d, numbers[d.TicketID], log[d.ID]}
	}
	return views, nil
}

// TestWebhook sends one of the actor's webhooks a test, once, whether it is on
// or off.
func (s *Service) TestWebhook(ctx context.Context, actor ticket.Actor, id string) (*DeliveryView, error) {
	d := webhook.Delivery{Type: webhook.Ping, Cause: webhook.Ping + " " + s.newID(), OccurredAt: s.clock.Now()}
	err := s.InTx(ctx, func(ctx context.Context) error {
		e, err := s.ownWebhook(ctx, actor, id)
		if err != nil {
			return err
		}
		return s.queueHook(ctx, e, &d, true)
	})
	return &DeliveryView{Delivery: d}, err
}

// Redeliver sends something again at once that one of the actor's webhooks was
// told, or could not be told, under the same id.
func (s *Service) Redeliver(ctx context.Context, actor ticket.Actor, deliveryID string) (*DeliveryView, error) {
	var view *DeliveryView
	err := s.InTx(ctx, func(ctx context.Context) error {
		d, err := s.store.WebhookDelivery(ctx, deliveryID)
		if err != nil {
			return problem(err, "delivery")
		}
		if _, err := s.ownWebhook(ctx, actor, d.WebhookID); err != nil {
			return err
		}
		if d.JobID != nil {
			if err := s.supersede(ctx, *d.JobID); err != nil {
				return err
			}
		}
		if err := s.queueAttempt(ctx, &d, true, 0); err != nil {
			return err
		}
		views, err := s.showDeliveries(ctx, actor, []webhook.Delivery{d})
		if err == nil {
			view = &views[0]
		}
		return err
	})
	return view, err
}

// supersede takes back a job in whose place another comes.
func (s *Service) supersede(ctx context.Context, jobID int64) error {
	job, err := s.queue.Job(ctx, jobID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	case job.State == store.JobRunning:
		return errDeliveryGoing
	}
	_, err = s.queue.DeleteJob(ctx, jobID)
	if errors.Is(err, store.ErrChanged) {
		return errDeliveryGoing
	}
	return err
}
