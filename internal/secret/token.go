package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// Prefix begins a token and tells what it is for, to people and to the
// programs that look for leaked ones.
type Prefix string

// The prefixes.
const (
	Session Prefix = "wss_"
	API     Prefix = "wst_"
	Link    Prefix = "wsl_"
)

const tokenBytes = 32

var tokenLength = base64.RawURLEncoding.EncodedLen(tokenBytes)

// New makes a token of 32 random bytes, as text that fits a URL.
func New(p Prefix) string {
	var raw [tokenBytes]byte
	_, _ = rand.Read(raw[:]) // never fails; the program ends where there is no randomness
	return string(p) + base64.RawURLEncoding.EncodeToString(raw[:])
}

// Is says whether the text has the form of a token with one of the prefixes.
func Is(token string, prefixes ...Prefix) bool {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(token, string(p)); ok {
			return len(rest) == tokenLength
		}
	}
	return false
}

// Digest is what a token is recognised by. A token is long and random, so a
// plain SHA-256 cannot be turned back.
func Digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
