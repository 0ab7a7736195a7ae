package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"whistle/internal/webhook"
)

// WebhookFilter narrows a list of webhooks; zero values narrow nothing.
type WebhookFilter struct {
	OwnerID string
	ID      string
	On      bool   // only those that are told anything
	After   string // id of the last one of the page before
	Limit   int
}

// Webhooks lists webhooks, newest first.
func (s *Store) Webhooks(ctx context.Context, f WebhookFilter) ([]webhook.Endpoint, error) {
	q := s.read(ctx).Order("id DESC")
	for _, equal := range []struct{ condition, value string }{{"owner_id = ?", f.OwnerID}, {"id = ?", f.ID}, {"id < ?", f.After}} {
		if equal.value != "" {
			q = q.Where(equal.condition, equal.value)
		}
	}
	if f.On {
		q = q.Where("off_at IS NULL")
	}
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	var all []webhook.Endpoint
	err := q.Find(&all).Error
	return all, translate(err)
}

// Webhook reads one; ErrNotFound when there is none.
func (s *Store) Webhook(ctx context.Context, id string) (webhook.Endpoint, error) {
	var e webhook.Endpoint
	err := s.read(ctx).Where("id = ?", id).Take(&e).Error
	return e, translate(err)
}

// InsertWebhook writes a new one.
func (s *Store) InsertWebhook(ctx context.Context, e *webhook.Endpoint) error {
	tidyWebhook(e)
	return translate(s.write(ctx).Create(e).Error)
}

// UpdateWebhook writes one as it was changed, but for since when it fails;
// ErrChanged when it is not as it was read any more.
func (s *Store) UpdateWebhook(ctx context.Context, e *webhook.Endpoint, before time.Time) error {
	tidyWebhook(e)
	done := s.write(ctx).Model(e).Where("updated_at = ?", utc(before)).Select("*").Omit("id", "owner_id", "created_at", "failing_since").Updates(e)
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrChanged
	}
	return translate(done.Error)
}

func tidyWebhook(e *webhook.Endpoint) {
	e.CreatedAt, e.UpdatedAt = utc(e.CreatedAt), utc(e.UpdatedAt)
	e.OldUntil, e.OffAt, e.FailingSince = utcPtr(e.OldUntil), utcPtr(e.OffAt), utcPtr(e.FailingSince)
}

// DeleteWebhook removes one with all that it was told.
func (s *Store) DeleteWebhook(ctx context.Context, id string) error {
	return translate(s.write(ctx).Where("id = ?", id).Delete(&webhook.Endpoint{}).Error)
}

// MarkWebhook writes down since when nothing came through: the first such
// moment counts, nil ends it.
func (s *Store) MarkWebhook(ctx context.Context, id string, failingSince *time.Time) error {
	q := s.write(ctx).Model(&webhook.Endpoint{}).Where("id = ?", id)
	if failingSince == nil {
		q = q.Where("failing_since IS NOT NULL")
	} else {
		q = q.Where("failing_since IS NULL")
	}
	return translate(q.UpdateColumn("failing_since", utcPtr(failingSince)).Error)
}

// SwitchWebhookOff does so, and gives up what waits to be told; false when it
// was off.
func (s *Store) SwitchWebhookOff(ctx context.Context, id string, reason webhook.Reason, at time.Time) (bool, error) {
	done := s.write(ctx).Model(&webhook.Endpoint{}).Where("id = ? AND off_at IS NULL", id).
		UpdateColumns(map[string]any{"off_at": utc(at), "off_for": reason, "updated_at": utc(at)})
	if done.Error != nil || done.RowsAffected == 0 {
		return false, translate(done.Error)
	}
	return true, s.GiveUpDeliveries(ctx, id, at)
}

// GiveUpDeliveries ends what waits to be told a webhook.
func (s *Store) GiveUpDeliveries(ctx context.Context, webhookID string, at time.Time) error {
	return translate(s.write(ctx).Model(&webhook.Delivery{}).Where("webhook_id = ? AND state = ?", webhookID, webhook.Waiting).
		UpdateColumns(map[string]any{"state": webhook.Failed, "ended_at": utc(at), "next_at": nil, "job_id": nil}).Error)
}

// InsertWebhookDelivery writes a new one; false when the webhook was told of the
// cause before.
func (s *Store) InsertWebhookDelivery(ctx context.Context, d *webhook.Delivery) (bool, error) {
	d.OccurredAt, d.CreatedAt, d.About.DueAt = utc(d.OccurredAt), utc(d.CreatedAt), utcPtr(d.About.DueAt)
	d.NextAt, d.EndedAt = utcPtr(d.NextAt), utcPtr(d.EndedAt)
	done := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(d)
	return done.RowsAffected == 1, translate(done.Error)
}

// UpdateWebhookDelivery writes how far one has come.
func (s *Store) UpdateWebhookDelivery(ctx context.Context, d *webhook.Delivery) error {
	d.NextAt, d.EndedAt = utcPtr(d.NextAt), utcPtr(d.EndedAt)
	return translate(s.write(ctx).Model(d).Select("state", "attempts", "next_at", "job_id", "ended_at").Updates(d).Error)
}

// WebhookDelivery reads one; ErrNotFound when there is none.
func (s *Store) WebhookDelivery(ctx context.Context, id string) (webhook.Delivery, error) {
	var d webhook.Delivery
	err := s.read(ctx).Where("id = ?", id).Take(&d).Error
	return d, translate(err)
}

// WebhookDeliveryFilter narrows what a webhook was told; zero values narrow
// nothing.
type WebhookDeliveryFilter struct {
	State webhook.State
	After string // id of the last one of the page before
	Limit int
}

// WebhookDeliveries lists what a webhook was told, newest first.
func (s *Store) WebhookDeliveries(ctx context.Context, webhookID string, f WebhookDeliveryFilter) ([]webhook.Delivery, error) {
	q := s.read(ctx).Where("webhook_id = ?", webhookID).Order("id DESC")
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	var all []webhook.Delivery
	err := q.Find(&all).Error
	return all, translate(err)
}

// InsertWebhookAttempt writes what came of one.
func (s *Store) InsertWebhookAttempt(ctx context.Context, a *webhook.Attempt) error {
	a.At = utc(a.At)
	return translate(s.write(ctx).Create(a).Error)
}

// WebhookAttempts reads the attempts at deliveries, each's oldest first.
func (s *Store) WebhookAttempts(ctx context.Context, deliveryIDs []string) (map[string][]webhook.Attempt, error) {
	of := map[string][]webhook.Attempt{}
	if len(deliveryIDs) == 0 {
		return of, nil
	}
	var all []webhook.Attempt
	condition, list := s.among("delivery_id", deliveryIDs)
	err := s.read(ctx).Where(condition, list).Order("delivery_id, number").Find(&all).Error
	for _, a := range all {
		of[a.DeliveryID] = append(of[a.DeliveryID], a)
	}
	return of, translate(err)
}

// EndedDeliveries counts what webhooks were told before a moment, and really
// forgets it.
func (s *Store) EndedDeliveries(ctx context.Context, before time.Time, really bool) (n int64, err error) {
	const over = "created_at < ? AND state <> ?"
	if !really {
		err = s.read(ctx).Model(&webhook.Delivery{}).Where(over, utc(before), webhook.Waiting).Count(&n).Error
		return n, translate(err)
	}
	done := s.write(ctx).Where(over, utc(before), webhook.Waiting).Delete(&webhook.Delivery{})
	return done.RowsAffected, translate(done.Error)
}
