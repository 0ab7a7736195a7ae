package directory

import "time"

// Identity is by whom an account's owner may be vouched for.
type Identity struct {
	ID         string
	UserID     string
	Issuer     string // together with Subject its owner's alone
	Subject    string
	Name       string     // as the provider called its owner when they were linked
	Mapped     bool       // the account was made by it: role and department come from its claims
	CreatedAt  time.Time  `gorm:"autoCreateTime:false"`
	LastUsedAt *time.Time // to sign in
}
