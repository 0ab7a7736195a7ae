package sso_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whistle/internal/sso"
	"whistle/internal/ticket"
)

// TestTheExampleIsRight reads the file that operators begin with.
func TestTheExampleIsRight(t *testing.T) {
	example, err := os.ReadFile("../../deploy/oidc/example.toml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "oidc.toml")
	for name, content := range map[string]string{"oidc.toml": string(example), "city.secret": "geheim\n", "enterprise.secret": "auch geheim"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	providers, faults := sso.Read(file)
	if err := errors.Join(faults...); err != nil {
		t.Fatal(err)
	}
	city, enterprise := providers[0], providers[1]
	if city.ClientSecret != "geheim" || !city.SignsOut() || city.Called(true) != "City ID" || enterprise.Called(true) != "Enterprise account" || enterprise.FirstSignIn != sso.ByInvitation || enterprise.UsernameClaim != "preferred_username" {
		t.Errorf("read %+v and %+v", city, enterprise)
	}
	for name, c := range map[string]struct {
		claims sso.Claims
		want   sso.Granted
	}{
		"the first that fits": {sso.Claims{"groups": []any{"whistle-officer", "whistle-desk"}, "department": "land"}, sso.Granted{Role: ticket.RoleDispatcher}},
		"into an object":      {sso.Claims{"realm_access": map[string]any{"roles": []any{"whistle-admin"}}}, sso.Granted{Role: ticket.RoleAdmin}},
		"its own department":  {sso.Claims{"groups": []any{"whistle-labour-head"}, "department": "land"}, sso.Granted{Role: ticket.RoleHead, DepartmentCode: "labour"}},
		"that of the claim":   {sso.Claims{"groups": "whistle-officer", "department": "land"}, sso.Granted{Role: ticket.RoleOfficer, DepartmentCode: "land"}},
		"not a part of it":    {sso.Claims{"groups": "whistle-officers whistle-desk"}, sso.Granted{}},
		"none":                {sso.Claims{"groups": []any{7, true, nil}}, sso.Granted{}},
	} {
		if got := (sso.Identity{Provider: city, Claims: c.claims}).Granted(); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestEveryFaultOfAFileIsNamed finds all that is wrong at once, and tells no
// secret.
func TestEveryFaultOfAFileIsNamed(t *testing.T) {
	read := func(content string) string {
		t.Helper()
		file := filepath.Join(t.TempDir(), "oidc.toml")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		providers, faults := sso.Read(file)
		if providers != nil || len(faults) == 0 {
			t.Fatalf("accepted: %s", content)
		}
		return errors.Join(faults...).Error()
	}
	said := read(`
colour = "blue"
[[provider]]
key = "City!"
issuer = "http://id.city.example"
client_secret = "geheim"
client_secret_file = "x"
scopes = ["profile"]
first_sign_in = "perhaps"
[[provider]]
key = "a"
name = "甲"
issuer = "https://id.example"
client_id = "whistle"
first_sign_in = "mapping"
[[provider]]
key = "a"
name = "乙"
issuer = "https://id.example"
client_id = "whistle"
client_secret_file = "missing"
[[provider.grant]]
role = "enterprise"
claims = "groups"
[[provider.grant]]
claim = "groups"
value = "x"
role = "officer"
[[provider.grant]]
claim = "groups"
value = "x"
role = "leader"
department = "labour"
`)
	for _, want := range []string{
		"colour is no setting", "provider.grant.claims is no setting", "provider 1 (City!): key must", "name must be given", "issuer must be of the form https",
		"client_id must", "must not both be given", "scopes must hold openid", "first_sign_in must be",
		"provider 2 (a): client_secret or client_secret_file must", "needs a [[provider.grant]]",
		"provider 3 (a): client_secret_file cannot be read", "key is another", "issuer is another", "grants are for", "grant 1: claim and value", "grant 1: role must", "grant 2: an officer", "grant 3: department must be left out",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not named in:\n%s", want, said)
		}
	}
	broken := read("[[provider]]\nclient_secret = \"geheim")
	if !strings.Contains(broken, "line 2") || strings.Contains(said+broken, "geheim") {
		t.Errorf("of a broken file it says:\n%s", broken)
	}
	if said := read(""); !strings.Contains(said, "names no") {
		t.Errorf("of an empty file it says %s", said)
	}
	if said := errors.Join(func() []error { _, faults := sso.Read("/nowhere/oidc.toml"); return faults }()...).Error(); !strings.Contains(said, "cannot be read") {
		t.Errorf("of a missing file it says %s", said)
	}
}
