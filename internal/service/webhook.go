package service

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"whistle/internal/outbound"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/webhook"
)

const (
	subjectWebhook = "webhook" // in the audit log
	// maxWebhooks is how many one account may have.
	maxWebhooks = 20
)

// WebhookForm is what a webhook is made from.
type WebhookForm struct {
	Name         string   `json:"name" minLength:"1" maxLength:"100" pattern:"\\S" doc:"What is told, e.g. the data platform"`
	URL          string   `json:"url" minLength:"1" maxLength:"2000" doc:"Where to; https, and not inside the service's own network unless that is allowed"`
	Events       []string `json:"events" minItems:"1" maxItems:"100" uniqueItems:"true" doc:"Types such as ticket.claim, one for each event of the workflow; alarm.yellow, alarm.red, alarm.overdue; snapshot.frozen; or whole groups, ticket.*, alarm.*, snapshot.*"`
	Confidential bool     `json:"confidential,omitempty" doc:"Of confidential tickets too, as far as one sees them; never their titles"`
}

// WebhookView is a webhook with the name of its owner.
type WebhookView struct {
	webhook.Endpoint
	Mine  bool // the reader is its owner
	Names *Names
}

// mayHaveWebhooks says who may have a program told: whoever answers for what
// their office sees. Administrators see no tickets, and so have none told.
func mayHaveWebhooks(actor ticket.Actor) bool { return actor.SeesAll() || actor.Heads() }

// MayHaveWebhooks says whether the actor may make webhooks.
func (s *Service) MayHaveWebhooks(actor ticket.Actor) bool { return mayHaveWebhooks(actor) }

var (
	errNoWebhooks    = ticket.Errorf(ticket.CodeForbidden, "Webhooks are for the desk, leaders and heads of departments.")
	errWebhookOwner  = ticket.Errorf(ticket.CodeForbidden, "Only the webhook's owner may do this.")
	errWebhooksMany  = ticket.Errorf(ticket.CodeConflict, "You have %d webhooks already. Remove one first.", maxWebhooks)
	errWebhookSwift  = ticket.Errorf(ticket.CodeConflict, "Others are changing the webhook at the same time; read it again.")
	errDeliveryGoing = ticket.Errorf(ticket.CodeConflict, "It is being sent just now.")
)

// Webhooks lists the actor's own, newest first; all of them for administrators,
// who look after where the service's data goes.
func (s *Service) Webhooks(ctx context.Context, actor ticket.Actor, after string, limit int) ([]WebhookView, error) {
	f := store.WebhookFilter{OwnerID: actor.ID, After: after, Limit: limit}
	if administers(actor) {
		f.OwnerID = ""
	}
	all, err := s.store.Webhooks(ctx, f)
	if err != nil {
		return nil, err
	}
	return s.showWebhooks(ctx, actor, all)
}

func (s *Service) showWebhooks(ctx context.Context, actor ticket.Actor, all []webhook.Endpoint) ([]WebhookView, error) {
	names := newNames()
	views := make([]WebhookView, len(all))
	for i, e := range all {
		views[i] = WebhookView{e, e.OwnerID == actor.ID, names}
		names.add(store.Users, e.OwnerID)
	}
	return views, names.load(ctx, s.store)
}

func (s *Service) showWebhook(ctx context.Context, actor ticket.Actor, e webhook.Endpoint) (*WebhookView, error) {
	views, err := s.showWebhooks(ctx, actor, []webhook.Endpoint{e})
	if err != nil {
		return nil, err
	}
	return &views[0], nil
}

// Webhook reads one of the actor's own; any for administrators.
func (s *Service) Webhook(ctx context.Context, actor ticket.Actor, id string) (*WebhookView, error) {
	e, err := s.webhookOf(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	return s.showWebhook(ctx, actor, e)
}

func (s *Service) webhookOf(ctx context.Context, actor ticket.Actor, id string) (webhook.Endpoint, error) {
	e, err := s.store.Webhook(ctx, id)
	if err == nil && e.OwnerID != actor.ID && !administers(actor) {
		err = store.ErrNotFound
	}
	return e, problem(err, subjectWebhook)
}

// owns refuses whoever may not have something told by a webhook, though they
// see it.
func owns(actor ticket.Actor, e webhook.Endpoint) error {
	switch {
	case e.OwnerID != actor.ID:
		return errWebhookOwner
	case !mayHaveWebhooks(actor):
		return errNoWebhooks
	}
	return nil
}

// ownWebhook is one of the actor's own, of which they may have something told.
func (s *Service) ownWebhook(ctx context.Context, actor ticket.Actor, id string) (webhook.Endpoint, error) {
	e, err := s.webhookOf(ctx, actor, id)
	if err != nil {
		return e, err
	}
	return e, owns(actor, e)
}

// CreateWebhook makes one. Its secret is told this once.
func (s *Service) CreateWebhook(ctx context.Context, actor ticket.Actor, in WebhookForm) (*WebhookView, error) {
	if !mayHaveWebhooks(actor) {
		return nil, errNoWebhooks
	}
	if err := s.checkWebhook(ctx, &in, ""); err != nil {
		return nil, err
	}
	now := s.wall.Now()
	e := webhook.Endpoint{ID: s.newID(), OwnerID: actor.ID, Secret: webhook.NewSecret(), CreatedAt: now, UpdatedAt: now}
	in.into(&e)
	err := s.InTx(ctx, func(ctx context.Context) error {
		all, err := s.store.Webhooks(ctx, store.WebhookFilter{OwnerID: actor.ID, Limit: maxWebhooks})
		if err != nil {
			return err
		}
		if len(all) == maxWebhooks {
			return errWebhooksMany
		}
		if err := s.store.InsertWebhook(ctx, &e); err != nil {
			return err
		}
		return s.audit(ctx, actor, auditCreate, subjectWebhook, e.ID, nil, keptOf(e))
	})
	if err != nil {
		return nil, err
	}
	return s.showWebhook(ctx, actor, e)
}

func (in WebhookForm) into(e *webhook.Endpoint) {
	e.Name, e.URL, e.Events, e.Confidential = in.Name, in.URL, in.Events, in.Confidential
}

// checkWebhook tells everything that is wrong with a form. An address that holds
// already is not looked at again.
func (s *Service) checkWebhook(ctx context.Context, in *WebhookForm, held string) error {
	in.Name, in.URL = strings.TrimSpace(in.Name), strings.TrimSpace(in.URL)
	if err := checkForm(*in); err != nil {
		return err
	}
	var faults []ticket.Field
	if in.URL != held {
		fault, err := s.addressFault(ctx, in.URL)
		if err != nil {
			return err
		}
		if fault != "" {
			faults = append(faults, ticket.Field{Pointer: "/url", Message: fault})
		}
	}
	known := append(webhook.Types(), webhook.Groups()...)
	for i, kind := range in.Events {
		if !slices.Contains(known, kind) {
			faults = append(faults, ticket.Field{Pointer: "/events/" + strconv.Itoa(i), Message: "must be a type of event, or a group such as ticket.*"})
		}
	}
	return ticket.InvalidValues(faults)
}

// addressFault says what is wrong with an address that somebody gives; "" for
// nothing.
func (s *Service) addressFault(ctx context.Context, address string) (string, error) {
	err := s.outbound.Check(ctx, address)
	switch {
	case err == nil:
		return "", nil
	case errors.Is(err, outbound.ErrForm):
		return "must be an address such as https://example.com/hook, without a name or password in it", nil
	case errors.Is(err, outbound.ErrPlain):
		return "must begin with https://", nil
	case errors.Is(err, outbound.ErrName):
		return "must name a machine that is known", nil
	case errors.Is(err, outbound.ErrInside):
		return "must not lead into the service's own network, unless that is allowed", nil
	}
	return "", err
}

// webhookKept is what the audit log keeps of a webhook: of its address, which
// may hold what lets one in, only the machine.
type webhookKept struct {
	Name         string         `json:"name"`
	OwnerID      string         `json:"owner_id"`
	Host         string         `json:"host"`
	Events       []string       `json:"events"`
	Confidential bool           `json:"confidential"`
	On           bool           `json:"on"`
	OffFor       webhook.Reason `json:"off_for,omitempty"`
}

func keptOf(e webhook.Endpoint) webhookKept {
	k := webhookKept{Name: e.Name, OwnerID: e.OwnerID, Events: e.Events, Confidential: e.Confidential, On: e.On(), OffFor: e.OffFor}
	if u, err := url.Parse(e.URL); err == nil {
		k.Host = u.Host
	}
	return k
}

// ChangeWebhook changes one, and switches it on or off unless on is nil. Its
// owner may; administrators, and owners that may have none any more, may only
// switch it off.
func (s *Service) ChangeWebhook(ctx context.Context, actor ticket.Actor, id string, change func(in *WebhookForm), on *bool) (*WebhookView, error) {
	before, err := s.webhookOf(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	was := WebhookForm{before.Name, before.URL, slices.Clone(before.Events), before.Confidential}
	in := was
	change(&in)
	same := in.Name == was.Name && in.URL == was.URL && in.Confidential == was.Confidential && slices.Equal(in.Events, was.Events)
	if justOff := same && on != nil && !*on; !justOff {
		if err := owns(actor, before); err != nil {
			return nil, err
		}
	}
	if err := s.checkWebhook(ctx, &in, before.URL); err != nil {
		return nil, err
	}
	after := before
	in.into(&after)
	err = s.InTx(ctx, func(ctx context.Context) error {
		now := s.wall.Now()
		after.UpdatedAt = now
		switch {
		case on == nil:
		case *on && !before.On():
			after.OffAt, after.OffFor = nil, ""
			if err := s.store.MarkWebhook(ctx, id, nil); err != nil {
				return err
			}
		case !*on && before.On():
			after.OffAt, after.OffFor = &now, webhook.ByHand
			if err := s.store.GiveUpDeliveries(ctx, id, now); err != nil {
				return err
			}
		}
		err := s.store.UpdateWebhook(ctx, &after, before.UpdatedAt)
		if errors.Is(err, store.ErrChanged) {
			return errWebhookSwift
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, actor, auditChange, subjectWebhook, id, keptOf(before), keptOf(after))
	})
	if err != nil {
		return nil, err
	}
	return s.Webhook(ctx, actor, id)
}

// rotated is what the audit log keeps of a new secret.
type rotated struct {
	OldUntil time.Time `json:"old_until"`
}

// RotateWebhook gives one a new secret, told this once. The one before signs
// too for a day, so that no receiver misses anything.
func (s *Service) RotateWebhook(ctx context.Context, actor ticket.Actor, id string) (*WebhookView, error) {
	e, err := s.ownWebhook(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	err = s.InTx(ctx, func(ctx context.Context) error {
		before := e.UpdatedAt
		e.UpdatedAt = s.wall.Now()
		e.Rotate(e.UpdatedAt)
		err := s.store.UpdateWebhook(ctx, &e, before)
		if errors.Is(err, store.ErrChanged) {
			return errWebhookSwift
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, actor, auditUse, subjectWebhook, id, nil, rotated{*e.OldUntil})
	})
	if err != nil {
		return nil, err
	}
	return s.showWebhook(ctx, actor, e)
}

// DeleteWebhook removes one with its log.
func (s *Service) DeleteWebhook(ctx context.Context, actor ticket.Actor, id string) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		e, err := s.webhookOf(ctx, actor, id)
		if err != nil {
			return err
		}
		if err := s.store.DeleteWebhook(ctx, id); err != nil {
			return err
		}
		return s.audit(ctx, actor, auditRemove, subjectWebhook, id, keptOf(e), nil)
	})
}
