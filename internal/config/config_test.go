package config_test

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	_ "time/tzdata"

	"whistle/internal/config"
	"whistle/internal/testkit/golden"
)

//go:generate go test . -run TestGenerated -update

func TestGeneratedReferenceIsCurrent(t *testing.T) {
	var b bytes.Buffer
	if err := config.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	golden.Section(t, "../../README.md", "configuration", b.String())
}

func TestDefaultsAreRight(t *testing.T) {
	c, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	if c.PublicURL != "http://127.0.0.1:8080" || c.Location().String() != "Asia/Shanghai" || !c.Migrate {
		t.Errorf("defaults: %+v", c)
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	for name, value := range map[string]string{
		"WHISTLE_DATABASE_URL": "mysql://x", "WHISTLE_ADDR": "nowhere", "WHISTLE_WATCH_ADDR": ":9464", "WHISTLE_TRACES_URL": "collector:4318", "WHISTLE_TRACES_SHARE": "7", "WHISTLE_PUBLIC_URL": "ftp://x",
		"WHISTLE_TIME_ZONE": "Mars/Olympus", "WHISTLE_TRUSTED_PROXIES": "10.0.0.0/8,everybody", "WHISTLE_OUTBOUND_ALLOW": "intranet",
		"WHISTLE_DATABASE_PASSWORD": "secret", "WHISTLE_MAIL_PASSWORD_FILE": "/nowhere/password",
		"WHISTLE_LOG_LEVEL": "loud", "WHISTLE_LOG_FORMAT": "xml", "WHISTLE_SHUTDOWN_WAIT": "0s", "WHISTLE_CRON_FREEZE": "midnight",
		"WHISTLE_MAIL_HOST": "mail.example.com", "WHISTLE_MAIL_PORT": "70000", "WHISTLE_MAIL_TLS": "perhaps", "WHISTLE_OIDC_FILE": "/nowhere/oidc.toml",
	} {
		t.Setenv(name, value)
	}
	c, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	err = c.Check()
	if err == nil {
		t.Fatal("everything was accepted")
	}
	for _, variable := range []string{
		"WHISTLE_DATABASE_URL", "WHISTLE_ADDR", "WHISTLE_WATCH_ADDR", "WHISTLE_TRACES_URL", "WHISTLE_TRACES_SHARE", "WHISTLE_PUBLIC_URL", "WHISTLE_TIME_ZONE", "WHISTLE_TRUSTED_PROXIES",
		"WHISTLE_OUTBOUND_ALLOW", "WHISTLE_DATABASE_PASSWORD", "WHISTLE_MAIL_PASSWORD_FILE",
		"WHISTLE_LOG_LEVEL", "WHISTLE_LOG_FORMAT", "WHISTLE_SHUTDOWN_WAIT", "WHISTLE_CRON_FREEZE",
		"WHISTLE_MAIL_FROM", "WHISTLE_MAIL_PORT", "WHISTLE_MAIL_TLS", "WHISTLE_OIDC_FILE",
	} {
		if !strings.Contains(err.Error(), variable) {
			t.Errorf("%s is not named in:\n%v", variable, err)
		}
	}
}

// TestSecretsFromFiles: what an orchestrator lays beside the service as a file.
func TestSecretsFromFiles(t *testing.T) {
	file := func(content string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("WHISTLE_DATABASE_URL", "postgres://whistle@database:5432/whistle?sslmode=disable")
	t.Setenv("WHISTLE_DATABASE_PASSWORD_FILE", file("p@ss:/ word\n"))
	t.Setenv("WHISTLE_MAIL_PASSWORD_FILE", file(" as it is \r\n"))
	c, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	if u, err := url.Parse(c.DatabaseURL); err != nil || u.Host != "database:5432" || u.User.String() != url.UserPassword("whistle", "p@ss:/ word").String() {
		t.Errorf("%s: %v", c.DatabaseURL, err)
	}
	if c.MailPassword != " as it is " {
		t.Errorf("the mail's password is %q", c.MailPassword)
	}
	if os.Getenv("WHISTLE_DATABASE_PASSWORD") != "" {
		t.Error("a secret was put where children of the process see it")
	}

	t.Setenv("WHISTLE_MAIL_PASSWORD", "twice")
	t.Setenv("WHISTLE_DATABASE_URL_FILE", file(strings.Repeat("x", 70_000)))
	t.Setenv("WHISTLE_DATABASE_URL", "")
	if c, err = config.Load(); err != nil {
		t.Fatal(err)
	}
	err = c.Check()
	for _, want := range []string{"WHISTLE_MAIL_PASSWORD_FILE and WHISTLE_MAIL_PASSWORD are both set", "WHISTLE_DATABASE_URL_FILE must name a file of at most"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not named in:\n%v", want, err)
		}
	}
}

func TestEverySettingIsExplained(t *testing.T) {
	for _, s := range config.Settings() {
		if s.Doc == "" {
			t.Errorf("%s has no explanation", s.Variable)
		}
	}
}
