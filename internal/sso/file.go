package sso

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"whistle/internal/ticket"
)

// Read reads the file in which an operator names providers. The errors are all
// that is wrong with it, one after another; they tell no secret.
func Read(path string) ([]Provider, []error) {
	raw, err := os.ReadFile(path) //nolint:gosec // the operator's own
	if err != nil {
		return nil, []error{fmt.Errorf("cannot be read: %w", err)}
	}
	var file struct {
		Providers []Provider `toml:"provider"`
	}
	meta, err := toml.Decode(string(raw), &file)
	if err != nil {
		var parse toml.ParseError
		if errors.As(err, &parse) {
			// Its long form shows the line, which may be a secret's.
			err = fmt.Errorf("line %d is no TOML as expected: %s", parse.Position.Line, parse.Message)
		}
		return nil, []error{err}
	}
	var faults []error
	for _, key := range meta.Undecoded() {
		faults = append(faults, fmt.Errorf("%s is no setting", key))
	}
	if len(file.Providers) == 0 {
		faults = append(faults, errors.New("names no [[provider]]"))
	}
	for i := range file.Providers {
		p := &file.Providers[i]
		whose := fmt.Sprintf("provider %d", i+1)
		if p.Key != "" {
			whose += " (" + p.Key + ")"
		}
		fault := func(format string, args ...any) {
			faults = append(faults, fmt.Errorf("%s: %s", whose, fmt.Sprintf(format, args...)))
		}
		p.readSecret(filepath.Dir(path), fault)
		p.fillIn()
		p.check(fault)
		for _, other := range file.Providers[:i] {
			if p.Key != "" && other.Key == p.Key {
				fault("key is another provider's already")
			}
			if p.Issuer != "" && other.Issuer == p.Issuer {
				fault("issuer is another provider's already")
			}
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return file.Providers, nil
}

// readSecret reads the client's secret where a file holds it; a relative path
// begins at the folder of the file that names it.
func (p *Provider) readSecret(folder string, fault func(string, ...any)) {
	switch {
	case p.ClientSecret != "" && p.ClientSecretFile != "":
		fault("client_secret and client_secret_file must not both be given")
	case p.ClientSecretFile != "":
		path := p.ClientSecretFile
		if !filepath.IsAbs(path) {
			path = filepath.Join(folder, path)
		}
		raw, err := os.ReadFile(path) //nolint:gosec // the operator's own
		if err != nil {
			fault("client_secret_file cannot be read: %v", err)
			return
		}
		if p.ClientSecret = strings.TrimSpace(string(raw)); p.ClientSecret == "" {
			fault("client_secret_file is empty")
		}
	case p.ClientSecret == "":
		fault("client_secret or client_secret_file must be given")
	}
}

func (p *Provider) fillIn() {
	if p.Scopes == nil {
		p.Scopes = []string{"openid", "profile", "email"}
	}
	for _, claim := range []struct {
		name      *string
		byDefault string
	}{{&p.UsernameClaim, "preferred_username"}, {&p.NameClaim, "name"}, {&p.EmailClaim, "email"}, {(*string)(&p.FirstSignIn), string(ByInvitation)}} {
		if *claim.name == "" {
			*claim.name = claim.byDefault
		}
	}
}

var keyForm = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// grantable are the roles that a claim may give; an enterprise's contact needs
// an enterprise, and comes by invitation.
var grantable = []ticket.Role{ticket.RoleDispatcher, ticket.RoleOfficer, ticket.RoleHead, ticket.RoleLeader, ticket.RoleAdmin, ticket.RoleGuest}

func (p *Provider) check(fault func(string, ...any)) {
	if !keyForm.MatchString(p.Key) {
		fault("key must be 1 to 32 of a–z, 0–9 and hyphen, such as city")
	}
	if strings.TrimSpace(p.Name) == "" {
		fault("name must be given: the button has it")
	}
	if !secure(p.Issuer) {
		fault("issuer must be of the form https://host/path, as the provider itself names it; http:// only on this machine")
	}
	if p.ClientID == "" {
		fault("client_id must be given")
	}
	if !slices.Contains(p.Scopes, "openid") {
		fault("scopes must hold openid")
	}
	switch p.FirstSignIn {
	case ByInvitation:
		if len(p.Grants) > 0 {
			fault(`grants are for first_sign_in = "mapping"`)
		}
	case ByMapping:
		if len(p.Grants) == 0 {
			fault(`first_sign_in = "mapping" needs a [[provider.grant]]`)
		}
	default:
		fault("first_sign_in must be invitation or mapping")
	}
	for i, g := range p.Grants {
		if g.Claim == "" || g.Value == "" {
			fault("grant %d: claim and value must be given", i+1)
		}
		if !slices.Contains(grantable, g.Role) {
			fault("grant %d: role must be one of: dispatcher, officer, head, leader, admin, guest", i+1)
		}
		switch department := g.Role == ticket.RoleOfficer || g.Role == ticket.RoleHead; {
		case department && g.Department == "" && p.DepartmentClaim == "":
			fault("grant %d: an officer or head needs a department: give its code here, or department_claim", i+1)
		case !department && g.Department != "":
			fault("grant %d: department must be left out for this role", i+1)
		}
	}
}

// secure says whether an issuer can be believed by its address: by TLS, or on
// this very machine.
func secure(issuer string) bool {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return false
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	return u.Scheme == "https" || u.Scheme == "http" && (host == "localhost" || ip != nil && ip.IsLoopback())
}
