package rest

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/webhook"
)

// Webhook is another program's address that is told what its owner sees.
type Webhook struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	Owner        Named          `json:"owner" doc:"It is told no more than they see"`
	URL          string         `json:"url"`
	Events       []string       `json:"events"`
	Confidential bool           `json:"confidential" doc:"Of confidential tickets too, never their titles"`
	On           bool           `json:"on"`
	OffFor       webhook.Reason `json:"off_for,omitempty" enum:"by_hand,gone,failing" doc:"Why it is off: switched off by somebody; it answered 410; nothing came through for 24 hours"`
	OffAt        *time.Time     `json:"off_at"`
	FailingSince *time.Time     `json:"failing_since" doc:"Since when nothing came through; null when something did last"`
	OldUntil     *time.Time     `json:"old_secret_until" doc:"Until when the secret before signs too"`
	CreatedAt    time.Time      `json:"created_at"`
	UpdatedAt    time.Time      `json:"updated_at"`
}

// WebhookWithSecret is a webhook whose secret is new.
type WebhookWithSecret struct {
	Webhook
	Secret string `json:"secret" doc:"Shown only now; what is sent is signed with it"`
}

// WebhookDelivery is something that a webhook is told.
type WebhookDelivery struct {
	ID        string           `json:"id" doc:"The webhook-id of every attempt"`
	Type      string           `json:"type"`
	TicketID  *string          `json:"ticket_id"`
	State     webhook.State    `json:"state" enum:"waiting,delivered,failed,withheld" doc:"withheld: by then its owner might not see it any more"`
	NextAt    *time.Time       `json:"next_attempt_at"`
	CreatedAt time.Time        `json:"created_at"`
	EndedAt   *time.Time       `json:"ended_at"`
	Attempts  []WebhookAttempt `json:"attempts" doc:"Oldest first"`
}

// WebhookAttempt is one sending and what came of it.
type WebhookAttempt struct {
	At         time.Time     `json:"at"`
	ByHand     bool          `json:"by_hand"`
	DurationMS int64         `json:"duration_ms"`
	Status     *int          `json:"status" doc:"Of the answer; null when none came"`
	Fault      webhook.Fault `json:"fault,omitempty" enum:"inside,address,timeout,tls,reach" doc:"Why no answer came: the address leads inside, or cannot be reached at all; it took longer than 15 s; TLS failed; nobody was there or the line broke"`
	Answer     string        `json:"answer" doc:"How it began"`
}

func (a *API) webhook(v service.WebhookView) Webhook {
	return Webhook{
		ID: v.ID, Name: v.Name, Owner: Named{v.OwnerID, v.Names.Of(v.OwnerID)}, URL: v.URL, Events: v.Events, Confidential: v.Confidential,
		On: v.On(), OffFor: v.OffFor, OffAt: a.inZone(v.OffAt), FailingSince: a.inZone(v.FailingSince), OldUntil: a.inZone(v.OldUntil),
		CreatedAt: *a.inZone(&v.CreatedAt), UpdatedAt: *a.inZone(&v.UpdatedAt),
	}
}

func (a *API) webhookDelivery(v service.DeliveryView) WebhookDelivery {
	d := WebhookDelivery{
		ID: v.ID, Type: v.Type, TicketID: optional(v.TicketID), State: v.State, NextAt: a.inZone(v.NextAt),
		CreatedAt: *a.inZone(&v.CreatedAt), EndedAt: a.inZone(v.EndedAt), Attempts: []WebhookAttempt{},
	}
	for _, one := range v.Log {
		shown := WebhookAttempt{At: *a.inZone(&one.At), ByHand: one.ByHand, DurationMS: one.TookMS, Fault: one.Fault, Answer: one.Text}
		if one.Status != 0 {
			shown.Status = &one.Status
		}
		d.Attempts = append(d.Attempts, shown)
	}
	return d
}

// WebhookChange is what is to be different; what is left out stays.
type WebhookChange struct {
	Name         *string  `json:"name,omitempty" minLength:"1" maxLength:"100" pattern:"\\S"`
	URL          *string  `json:"url,omitempty" minLength:"1" maxLength:"2000"`
	Events       []string `json:"events,omitempty" minItems:"1" maxItems:"100" uniqueItems:"true"`
	Confidential *bool    `json:"confidential,omitempty"`
	On           *bool    `json:"on,omitempty" doc:"Switches it on or off; what waits to be told it when it is switched off is given up"`
}

func (c WebhookChange) into(in *service.WebhookForm) {
	if c.Name != nil {
		in.Name = *c.Name
	}
	if c.URL != nil {
		in.URL = *c.URL
	}
	if c.Events != nil {
		in.Events = c.Events
	}
	if c.Confidential != nil {
		in.Confidential = *c.Confidential
	}
}

const webhookDoc = "Signed by Standard Webhooks (standardwebhooks.com): webhook-id, webhook-timestamp and webhook-signature, of which one signature must be right. " +
	"Answer 2xx within 15 s; redirects are not followed, 410 switches the webhook off. Anything else is tried again, nine times in all over a day, with the same webhook-id; Retry-After is heeded up to six hours. " +
	"Messages may come twice and in any order: seq tells."

func (a *API) webhooks() {
	const tag = "webhooks"
	a.describeWebhooks()
	list := operation(http.MethodGet, "/webhooks", "list-webhooks", tag, "List one's own webhooks, newest first; all for administrators")
	register(a, list, func(ctx context.Context, actor ticket.Actor, in *Paged) (*answer[Page[Webhook]], error) {
		after, err := decodeCursor[idPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		all, err := a.svc.Webhooks(ctx, actor, afterID(after), in.Limit+1)
		if err != nil {
			return nil, err
		}
		return &answer[Page[Webhook]]{pageOf(all, in.Limit, a.webhook, func(v service.WebhookView) any { return idPosition{v.ID} })}, nil
	})
	create := operation(http.MethodPost, "/webhooks", "create-webhook", tag, "Have a program told what one sees")
	create.DefaultStatus = http.StatusCreated
	create.Description = "For the desk, leaders, heads of departments and their deputies. A webhook is told no more than its owner sees at that moment, and nothing once they left; administrators, who see no tickets, have none. The secret is told this once."
	register(a, create, func(ctx context.Context, actor ticket.Actor, in *struct{ Body service.WebhookForm }) (*created[WebhookWithSecret], error) {
		v, err := a.svc.CreateWebhook(ctx, actor, in.Body)
		if err != nil {
			return nil, err
		}
		return &created[WebhookWithSecret]{prefix + "/webhooks/" + v.ID, WebhookWithSecret{a.webhook(*v), v.Secret}}, nil
	})
	register(a, operation(http.MethodGet, "/webhooks/{id}", "get-webhook", tag, "Read a webhook"), func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[Webhook], error) {
		v, err := a.svc.Webhook(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		return &answer[Webhook]{a.webhook(*v)}, nil
	})
	change := operation(http.MethodPatch, "/webhooks/{id}", "change-webhook", tag, "Change the fields given of a webhook, or switch it on or off")
	change.Description = "Administrators may switch any off, and change nothing else."
	register(a, change, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Body WebhookChange
	},
	) (*answer[Webhook], error) {
		v, err := a.svc.ChangeWebhook(ctx, actor, in.ID, in.Body.into, in.Body.On)
		if err != nil {
			return nil, err
		}
		return &answer[Webhook]{a.webhook(*v)}, nil
	})
	register(a, operation(http.MethodDelete, "/webhooks/{id}", "delete-webhook", tag, "Remove a webhook with its log"), func(ctx context.Context, actor ticket.Actor, in *ByID) (*nothing, error) {
		return &nothing{}, a.svc.DeleteWebhook(ctx, actor, in.ID)
	})
	rotate := operation(http.MethodPost, "/webhooks/{id}/rotate", "rotate-webhook", tag, "Give a webhook a new secret")
	rotate.Description = "For 24 hours the secret before signs too, so that the receiver can change over without missing anything. The new one is told this once."
	register(a, rotate, func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[WebhookWithSecret], error) {
		v, err := a.svc.RotateWebhook(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		return &answer[WebhookWithSecret]{WebhookWithSecret{a.webhook(*v), v.Secret}}, nil
	})
	type keyedByID struct {
		ByID
		Keyed
	}
	test := operation(http.MethodPost, "/webhooks/{id}/test", "test-webhook", tag, "Send a webhook a test, ping, once")
	test.DefaultStatus = http.StatusAccepted
	registerKeyed(a, test, func(ctx context.Context, actor ticket.Actor, in *keyedByID) (*answer[WebhookDelivery], error) {
		v, err := a.svc.TestWebhook(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		return &answer[WebhookDelivery]{a.webhookDelivery(*v)}, nil
	})
	log := operation(http.MethodGet, "/webhooks/{id}/deliveries", "list-webhook-deliveries", tag, "List what a webhook was told in the last 30 days, newest first, with every attempt")
	register(a, log, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		State webhook.State `query:"state" enum:"waiting,delivered,failed,withheld"`
		Paged
	},
	) (*answer[Page[WebhookDelivery]], error) {
		after, err := decodeCursor[idPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		all, err := a.svc.WebhookDeliveries(ctx, actor, in.ID, service.WebhookDeliveryFilter{State: in.State, After: afterID(after), Limit: in.Limit + 1})
		if err != nil {
			return nil, err
		}
		return &answer[Page[WebhookDelivery]]{pageOf(all, in.Limit, a.webhookDelivery, func(v service.DeliveryView) any { return idPosition{v.ID} })}, nil
	})
	again := operation(http.MethodPost, "/webhook-deliveries/{id}/redeliver", "redeliver", tag, "Send something to a webhook again at once, with the same webhook-id")
	again.DefaultStatus = http.StatusAccepted
	registerKeyed(a, again, func(ctx context.Context, actor ticket.Actor, in *keyedByID) (*answer[WebhookDelivery], error) {
		v, err := a.svc.Redeliver(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		return &answer[WebhookDelivery]{a.webhookDelivery(*v)}, nil
	})
}

// describeWebhooks lays out in the document what is sent to others.
func (a *API) describeWebhooks() {
	doc := a.huma.OpenAPI()
	doc.Webhooks = map[string]*huma.PathItem{}
	for _, m := range []struct {
		name, summary, types string
		message              reflect.Type
	}{
		{"ticket", "An event befell a ticket", "ticket. and the event, such as ticket.claim: one type for each event of the workflow, further ones as it grows", reflect.TypeFor[webhook.Message[webhook.TicketData]]()},
		{"alarm", "A deadline came near, alarm.yellow, has passed, alarm.red, or is a working day past, alarm.overdue", "In working time unless the ticket is urgent", reflect.TypeFor[webhook.Message[webhook.AlarmData]]()},
		{"snapshot", "Figures were frozen, snapshot.frozen", "Read them at /api/v1/snapshots", reflect.TypeFor[webhook.Message[webhook.SnapshotData]]()},
		{"ping", "A test that somebody asked for, ping", "It is sent once", reflect.TypeFor[webhook.Message[webhook.PingData]]()},
	} {
		text := &huma.Schema{Type: huma.TypeString}
		header := func(name, about string) *huma.Param {
			return &huma.Param{Name: name, In: "header", Required: true, Description: about, Schema: text}
		}
		doc.Webhooks[m.name] = &huma.PathItem{Post: &huma.Operation{
			OperationID: "told-of-" + m.name, Tags: []string{"webhooks"}, Summary: m.summary, Description: m.types + ". " + webhookDoc,
			Security: []map[string][]string{},
			Parameters: []*huma.Param{
				header("webhook-id", "The same for every attempt: what is known already need not be taken again"),
				header("webhook-timestamp", "When this attempt was made, in seconds since 1970; refuse what is older than five minutes"),
				header("webhook-signature", "v1, and the HMAC-SHA256 of id.timestamp.body in base64, of each secret that is valid, with blanks between"),
			},
			RequestBody: jsonBody(doc.Components.Schemas.Schema(m.message, true, "")),
			Responses: map[string]*huma.Response{
				"204": {Description: "Taken; any 2xx says so"}, "410": {Description: "The receiver wants no more: the webhook is switched off"},
			},
		}}
	}
}
