package webhook_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"whistle/internal/ticket"
	"whistle/internal/webhook"
)

// TestRotation: the secret before signs too for a day, not a moment longer, and
// each receiver finds its own.
func TestRotation(t *testing.T) {
	now := time.Date(2023, 9, 27, 2, 0, 0, 0, time.UTC)
	e := webhook.Endpoint{Secret: webhook.NewSecret()}
	first := e.Secret
	verifies := func(secret string, at time.Time) bool {
		body := []byte(`{"type":"ping"}`)
		signed, err := e.Sign("m", at, body)
		if err != nil {
			t.Fatal(err)
		}
		receiver, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		own, err := receiver.Sign("m", at, body)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Contains(strings.Fields(signed), own)
	}
	e.Rotate(now)
	second := e.Secret
	last := now.Add(webhook.OldSecretLife - time.Second)
	if first == second || !verifies(first, last) || !verifies(second, last) {
		t.Error("not both secrets verify in the first day")
	}
	if end := last.Add(time.Second); verifies(first, end) || !verifies(second, end) {
		t.Error("after it, not the second alone does")
	}
	e.Rotate(now)
	if verifies(first, now) || !verifies(second, now) || !verifies(e.Secret, now) {
		t.Error("rotated twice, not the last two verify")
	}
}

// TestTypes: every row of the workflow table is a type, and in the group.
func TestTypes(t *testing.T) {
	all, wide := webhook.Types(), webhook.Endpoint{Events: []string{"ticket.*"}}
	for _, d := range ticket.Workflow() {
		if kind := webhook.OfTicket(d.Event); !slices.Contains(all, kind) || !wide.Wants(kind) {
			t.Errorf("%s is no type, or in no group", kind)
		}
	}
	if wide.Wants("alarm.red") || wide.Wants("ticketing.x") || !(webhook.Endpoint{Events: []string{"alarm.red"}}).Wants("alarm.red") {
		t.Error("an endpoint is told what it did not ask for, or not what it did")
	}
	if got := strings.Join(webhook.Groups(), " "); got != "ticket.* alarm.* snapshot.*" {
		t.Errorf("groups %s", got)
	}
}

// TestBackoff: a day in all, later and later, later still where asked within
// bounds, and then no more.
func TestBackoff(t *testing.T) {
	var all, before time.Duration
	for n := 1; n < webhook.MaxAttempts(); n++ {
		wait, ok := webhook.Next(n, webhook.Answer{})
		if !ok || wait <= before {
			t.Errorf("after attempt %d: %s, %t", n, wait, ok)
		}
		all, before = all+wait, wait
	}
	if _, more := webhook.Next(webhook.MaxAttempts(), webhook.Answer{}); more || all < webhook.Patience || all > webhook.Patience+time.Hour {
		t.Errorf("the last attempt comes after %s", all)
	}
	for wait, want := range map[time.Duration]time.Duration{time.Second: 5 * time.Second, 2 * time.Minute: 2 * time.Minute, 100 * time.Hour: 6 * time.Hour} {
		if got, _ := webhook.Next(1, webhook.Answer{Wait: wait}); got != want {
			t.Errorf("asked for %s: %s, want %s", wait, got, want)
		}
	}
}
