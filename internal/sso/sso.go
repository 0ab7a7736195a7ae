// Package sso says who may sign in by another's word: the providers that an
// operator names, and what of their claims becomes of an account here. The
// protocol itself is spoken in internal/auth.
package sso

import (
	"strings"

	"whistle/internal/ticket"
)

// FirstSignIn says how somebody who was never here gets in.
type FirstSignIn string

// The ways in.
const (
	ByInvitation FirstSignIn = "invitation" // somebody here made an account and a link
	ByMapping    FirstSignIn = "mapping"    // the claims grant a role; the account is made from them
)

// Provider is one that may vouch for people, as the operator wrote it.
type Provider struct {
	Key              string      `toml:"key"`     // in addresses, such as city
	Name             string      `toml:"name"`    // on the button
	NameEN           string      `toml:"name_en"` // on the button in English; as Name by default
	Issuer           string      `toml:"issuer"`
	ClientID         string      `toml:"client_id"`
	ClientSecret     string      `toml:"client_secret"`
	ClientSecretFile string      `toml:"client_secret_file"` // in place of ClientSecret
	Scopes           []string    `toml:"scopes"`
	SignOutThere     *bool       `toml:"sign_out_there"` // whether signing out here does there too; true by default
	FirstSignIn      FirstSignIn `toml:"first_sign_in"`

	UsernameClaim   string  `toml:"username_claim"`
	NameClaim       string  `toml:"name_claim"`
	EmailClaim      string  `toml:"email_claim"`
	DepartmentClaim string  `toml:"department_claim"` // holds a department's code; none by default
	Grants          []Grant `toml:"grant"`
}

// Grant gives a role to whoever has a value among a claim's.
type Grant struct {
	Claim      string      `toml:"claim"`
	Value      string      `toml:"value"`
	Role       ticket.Role `toml:"role"`
	Department string      `toml:"department"` // code; that of DepartmentClaim by default
}

// SignsOut says whether signing out here is to do so at the provider.
func (p Provider) SignsOut() bool { return p.SignOutThere == nil || *p.SignOutThere }

// Called is the provider's name as the button has it.
func (p Provider) Called(english bool) string {
	if english && p.NameEN != "" {
		return p.NameEN
	}
	return p.Name
}

// Claims are what a provider says of somebody, as JSON has it.
type Claims map[string]any

// at is a claim's value; dots lead into objects, such as realm_access.roles.
// A claim whose own name has dots is found first.
func (c Claims) at(name string) any {
	if value, ok := c[name]; ok {
		return value
	}
	first, rest, nested := strings.Cut(name, ".")
	inner, ok := c[first].(map[string]any)
	if !nested || !ok {
		return nil
	}
	return Claims(inner).at(rest)
}

// Text is a claim that is one text; "" where it is none. An address that the
// provider has not verified says nothing: anybody may have written it there.
func (c Claims) Text(name string) string {
	if name == "" || c.unverified(name) {
		return ""
	}
	text, _ := c.at(name).(string)
	return strings.TrimSpace(text)
}

// unverified says whether a claim is a mail address or telephone number that
// the provider does not say to have verified.
func (c Claims) unverified(name string) bool {
	switch name {
	case "email", "phone_number":
		verified, _ := c[name+"_verified"].(bool)
		return !verified
	}
	return false
}

// has says whether a claim is the value, or a list that holds it.
func (c Claims) has(name, value string) bool {
	if c.unverified(name) {
		return false
	}
	switch claim := c.at(name).(type) {
	case string:
		return claim == value
	case []any:
		for _, item := range claim {
			if text, ok := item.(string); ok && text == value {
				return true
			}
		}
	}
	return false
}

// Lacks says whether a claim that the mapping reads is missing, so that it is
// worth asking the provider for more.
func (p Provider) Lacks(c Claims) bool {
	wanted := []string{p.UsernameClaim, p.NameClaim, p.EmailClaim, p.DepartmentClaim}
	for _, g := range p.Grants {
		wanted = append(wanted, g.Claim)
	}
	for _, name := range wanted {
		if name != "" && c.at(name) == nil {
			return true
		}
	}
	return false
}

// Identity is somebody for whom a provider vouches.
type Identity struct {
	Provider Provider
	Subject  string // who, at the provider's issuer
	Claims   Claims
}

// Granted is what somebody is by the mapping.
type Granted struct {
	Role           ticket.Role // "" when no grant fits
	DepartmentCode string      // "" for none
}

// Granted is what the first grant that fits gives.
func (i Identity) Granted() Granted {
	for _, g := range i.Provider.Grants {
		if !i.Claims.has(g.Claim, g.Value) {
			continue
		}
		granted := Granted{Role: g.Role}
		if g.Role == ticket.RoleOfficer || g.Role == ticket.RoleHead {
			if granted.DepartmentCode = g.Department; granted.DepartmentCode == "" {
				granted.DepartmentCode = i.Claims.Text(i.Provider.DepartmentClaim)
			}
		}
		return granted
	}
	return Granted{}
}

// Username is the user name that the claims suggest; "" for none.
func (i Identity) Username() string { return i.Claims.Text(i.Provider.UsernameClaim) }

// Name is how the provider calls its person, as well as it can be told.
func (i Identity) Name() string {
	for _, claim := range []string{i.Provider.NameClaim, i.Provider.UsernameClaim, i.Provider.EmailClaim} {
		if name := i.Claims.Text(claim); name != "" {
			return name
		}
	}
	return i.Subject
}

// Email is the verified mail address; "" for none.
func (i Identity) Email() string { return i.Claims.Text(i.Provider.EmailClaim) }
