package directory

import "time"

// TokenKind tells what a token is for.
type TokenKind string

// The kinds of token.
const (
	SessionToken   TokenKind = "session"    // of a sign-in
	APIToken       TokenKind = "api"        // of a program that acts for the account
	InvitationLink TokenKind = "invitation" // sets the first password, or signs an enterprise's contact in, once
	ResetLink      TokenKind = "reset"      // sets another password, once
)

// TokenEnding tells how a link came to its end.
type TokenEnding string

// The ways in which a link ends before it expires.
const (
	LinkUsed     TokenEnding = "used"
	LinkRevoked  TokenEnding = "revoked"
	LinkReplaced TokenEnding = "replaced" // by a newer one, or by what was done with another
)

// LinkState tells what became of a link.
type LinkState string

// What may become of a link.
const (
	LinkOpen      LinkState = "open"
	LinkWasUsed   LinkState = "used"
	LinkExpired   LinkState = "expired"
	LinkWithdrawn LinkState = "revoked" // or replaced by a newer one
)

// Token opens something to whoever holds it. What is kept is only what it is
// recognised by.
type Token struct {
	ID         string
	Kind       TokenKind
	Hash       string // SHA-256 of the token, hex
	UserID     string
	Name       string    // of an API token
	Address    string    // from which a session was opened
	Device     string    // on which a session was opened, such as WeChat, Android
	MadeBy     string    // who made a link
	CreatedAt  time.Time `gorm:"autoCreateTime:false"`
	ExpiresAt  *time.Time
	LastUsedAt *time.Time  // to about a minute
	EndedAt    *time.Time  // used up, signed out of or revoked
	EndedAs    TokenEnding // of a link
}

// LinkState is what became of a link by a moment.
func (t Token) LinkState(now time.Time) LinkState {
	switch {
	case t.EndedAs == LinkUsed:
		return LinkWasUsed
	case t.EndedAt != nil:
		return LinkWithdrawn
	case t.ExpiresAt != nil && !now.Before(*t.ExpiresAt):
		return LinkExpired
	}
	return LinkOpen
}
