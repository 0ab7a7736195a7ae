// Package secret makes and checks what only its owner may know: passwords and
// tokens. Neither is ever stored, only what it can be recognised by.
package secret

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"whistle/internal/phrase"
)

// params cost 19 MiB and about 20 ms a hash.
var params = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// nobodys is a hash that no password is known for; comparing with it costs
// what comparing with a real one costs.
var nobodys = fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", params.Memory, params.Iterations, params.Parallelism,
	base64.RawStdEncoding.EncodeToString(make([]byte, params.SaltLength)),
	base64.RawStdEncoding.EncodeToString(make([]byte, params.KeyLength)))

// Hasher hashes passwords with argon2id, a few at once: each takes 19 MiB and
// a processor. It is safe for concurrent use.
type Hasher struct {
	slots chan struct{}
}

// NewHasher makes a Hasher that hashes at most atOnce passwords (1 or more) at
// the same time.
func NewHasher(atOnce int) *Hasher {
	return &Hasher{slots: make(chan struct{}, atOnce)}
}

// Hash gives what a password can be recognised by. It waits for its turn as
// long as ctx allows and returns ctx's error then.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	var hash string
	err := h.inTurn(ctx, func() (err error) {
		hash, err = argon2id.CreateHash(password, &params)
		return err
	})
	return hash, err
}

// Matches says whether the password is the one behind the hash. An empty hash
// matches nothing and takes as long as any other, so that nobody learns from
// the time whether there is an account. It waits for its turn as Hash does.
func (h *Hasher) Matches(ctx context.Context, password, hash string) (bool, error) {
	against := hash
	if hash == "" {
		against = nobodys
	}
	matches := false
	err := h.inTurn(ctx, func() (err error) {
		matches, err = argon2id.ComparePasswordAndHash(password, against)
		return err
	})
	return matches && hash != "", err
}

func (h *Hasher) inTurn(ctx context.Context, work func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-h.slots }()
	return work()
}

// The length of a password, in characters.
const (
	MinPassword = 10
	MaxPassword = 200
)

// PasswordFault says what is wrong with a new password for the account; nothing
// when it will do.
func PasswordFault(password, username string) phrase.Phrase {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return phrase.Of("must be valid UTF-8")
	case n < MinPassword:
		return phrase.Of("must have at least %d characters; a short sentence is easy to remember", MinPassword)
	case n > MaxPassword:
		return phrase.Of("must have at most %d characters", MaxPassword)
	case strings.EqualFold(strings.TrimSpace(password), username):
		return phrase.Of("must not be the user name")
	}
	return phrase.Phrase{}
}
