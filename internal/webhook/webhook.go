// Package webhook says what other programs are told of, how that is signed and
// how often it is tried: by Standard Webhooks, https://www.standardwebhooks.com.
package webhook

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"whistle/internal/ticket"
)

// Endpoint is another program's address, which is told what its owner may see.
type Endpoint struct {
	ID           string
	OwnerID      string
	Name         string
	URL          string
	Events       []string `gorm:"serializer:json"` // types, or groups of them such as ticket.*
	Confidential bool     // of confidential tickets too, never their titles
	Secret       string
	OldSecret    string     // the one before, which signs too until OldUntil
	OldUntil     *time.Time // nil when there is none
	OffAt        *time.Time // nil while it is on
	OffFor       Reason
	FailingSince *time.Time // nil unless nothing came through since then
	CreatedAt    time.Time  `gorm:"autoCreateTime:false"`
	UpdatedAt    time.Time  `gorm:"autoUpdateTime:false"`
}

// TableName of the endpoints.
func (Endpoint) TableName() string { return "webhooks" }

// On says whether it is told anything.
func (e Endpoint) On() bool { return e.OffAt == nil }

// Reason is why an endpoint is off.
type Reason string

// The reasons.
const (
	ByHand  Reason = "by_hand"
	Gone    Reason = "gone"    // it answered 410
	Failing Reason = "failing" // nothing came through for Patience
)

// The types of what is told beside the events of tickets, and what groups end
// with.
const (
	Ping       = "ping" // a test, sent by hand
	Frozen     = "snapshot.frozen"
	everything = ".*"
)

// OfTicket is the type of an event of the workflow table.
func OfTicket(e ticket.Event) string { return "ticket." + string(e) }

// OfAlarm is the type of an alarm of a level.
func OfAlarm(l ticket.AlarmLevel) string { return "alarm." + string(l) }

// Types lists what an endpoint can be told of: every event of the workflow
// table, so that a new one is a new type by itself, alarms and frozen figures.
func Types() []string {
	var all []string
	for _, d := range ticket.Workflow() {
		all = append(all, OfTicket(d.Event))
	}
	for _, l := range ticket.AlarmLevels() {
		all = append(all, OfAlarm(l))
	}
	return append(all, Frozen)
}

// Groups lists the groups of types, each with all that it will ever have.
func Groups() []string {
	var all []string
	for _, t := range Types() {
		group, _, _ := strings.Cut(t, ".")
		if group += everything; !slices.Contains(all, group) {
			all = append(all, group)
		}
	}
	return all
}

// Wants says whether the endpoint is to be told of a type.
func (e Endpoint) Wants(kind string) bool {
	group, _, _ := strings.Cut(kind, ".")
	return slices.Contains(e.Events, kind) || slices.Contains(e.Events, group+everything)
}

const (
	secretPrefix = "whsec_"
	secretBytes  = 32
)

// NewSecret makes a secret to sign with.
func NewSecret() string {
	key := make([]byte, secretBytes)
	_, _ = rand.Read(key) // never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(key)
}

// OldSecretLife is how long a secret that was replaced signs beside the new one.
const OldSecretLife = 24 * time.Hour

// Rotate gives the endpoint a new secret. One that was still the old one ends.
func (e *Endpoint) Rotate(now time.Time) {
	until := now.Add(OldSecretLife)
	e.OldSecret, e.OldUntil, e.Secret = e.Secret, &until, NewSecret()
}

// Sign makes the value of webhook-signature: one signature of each secret that
// is valid at the moment of sending, which is the value of webhook-timestamp.
func (e Endpoint) Sign(id string, at time.Time, body []byte) (string, error) {
	secrets := []string{e.Secret}
	if e.OldUntil != nil && at.Before(*e.OldUntil) {
		secrets = append(secrets, e.OldSecret)
	}
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		signer, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return "", fmt.Errorf("webhook: %w", err)
		}
		if signatures[i], err = signer.Sign(id, at, body); err != nil {
			return "", fmt.Errorf("webhook: %w", err)
		}
	}
	return strings.Join(signatures, " "), nil
}
