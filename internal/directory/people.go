package directory

import "time"

// TokenKind tells what a token is for.
type TokenKind string

// The kinds of token.
const (
	SessionToken   TokenKind = "session"    // of a sign-in with a password
	APIToken       TokenKind = "api"        // of a program that acts for the account
	InvitationLink TokenKind = "invitation" // sets the first password, once
	ResetLink      TokenKind = "reset"      // sets another password, once
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
	CreatedAt  time.Time `gorm:"autoCreateTime:false"`
	ExpiresAt  *time.Time
	LastUsedAt *time.Time // to about a minute
	EndedAt    *time.Time // used up, signed out of or revoked
}
