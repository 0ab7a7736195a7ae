// Package config is what an operator can set, from flags and the environment,
// checked once at the start.
package config

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/robfig/cron/v3"

	"whistle/internal/notify"
	"whistle/internal/retention"
	"whistle/internal/sso"
)

// Config has one field a setting. The tags say its variable in the
// environment, its default, its flag where it has one, and what it means.
type Config struct {
	DatabaseURL      string        `env:"WHISTLE_DATABASE_URL" flag:"database-url" secret:"true" doc:"PostgreSQL, postgres://user:password@host:port/database; SQLite in the data directory when empty"`
	DatabasePassword string        `env:"WHISTLE_DATABASE_PASSWORD" secret:"true" doc:"PostgreSQL's password, where its URL has none"`
	DataDir          string        `env:"WHISTLE_DATA_DIR" envDefault:"whistle-data" flag:"data-dir" doc:"where SQLite and the attachments are kept; made when missing"`
	Addr             string        `env:"WHISTLE_ADDR" envDefault:"127.0.0.1:8080" flag:"addr" doc:"where to listen, host:port; port 0 takes a free one"`
	PublicURL        string        `env:"WHISTLE_PUBLIC_URL" flag:"public-url" doc:"under which people reach the service, for links; http:// and the address by default"`
	FilesURL         string        `env:"WHISTLE_FILES_URL" doc:"where attachments are kept, as a blob URL such as s3://bucket?region=…; the folder files of the data directory by default"`
	TimeZone         string        `env:"WHISTLE_TIME_ZONE" envDefault:"Asia/Shanghai" doc:"in which days begin and working time is counted"`
	TrustedProxies   []string      `env:"WHISTLE_TRUSTED_PROXIES" envSeparator:"," doc:"networks such as 10.0.0.0/8, separated by commas, whose X-Forwarded-For and X-Forwarded-Proto are believed; none by default"`
	LogLevel         string        `env:"WHISTLE_LOG_LEVEL" envDefault:"info" doc:"debug, info, warn or error"`
	LogFormat        string        `env:"WHISTLE_LOG_FORMAT" envDefault:"json" doc:"json or text"`
	ShutdownWait     time.Duration `env:"WHISTLE_SHUTDOWN_WAIT" envDefault:"10s" doc:"how long running requests may go on when the service is told to stop"`
	RequestTimeout   time.Duration `env:"WHISTLE_REQUEST_TIMEOUT" envDefault:"30s" doc:"how long sending a request may take"`
	WatchAddr        string        `env:"WHISTLE_WATCH_ADDR" doc:"where /metrics and /debug/pprof/ are served, host:port, to be kept from the public: whoever reaches it is asked for nothing; nowhere when empty"`
	TracesURL        string        `env:"WHISTLE_TRACES_URL" doc:"the collector's address that takes traces as OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces; none are made when empty"`
	TracesShare      float64       `env:"WHISTLE_TRACES_SHARE" envDefault:"1" doc:"of how many requests and jobs traces are made, from 0 to 1"`
	Migrate          bool          `env:"WHISTLE_MIGRATE" envDefault:"true" flag:"migrate" doc:"apply migrations at the start"`
	MailHost         string        `env:"WHISTLE_MAIL_HOST" doc:"the server that takes mail to people, by SMTP; without it none is sent"`
	MailPort         int           `env:"WHISTLE_MAIL_PORT" envDefault:"587" doc:"its port"`
	MailUser         string        `env:"WHISTLE_MAIL_USER" doc:"the name to sign in to it with; empty where it asks for none"`
	MailPassword     string        `env:"WHISTLE_MAIL_PASSWORD" secret:"true" doc:"the password to sign in to it with"`
	MailFrom         string        `env:"WHISTLE_MAIL_FROM" doc:"the sender, such as 吹哨 <whistle@example.com>"`
	MailTLS          string        `env:"WHISTLE_MAIL_TLS" envDefault:"starttls" doc:"how the connection is protected: starttls, tls from the first byte (mostly port 465), or none"`
	OutboundAllow    []string      `env:"WHISTLE_OUTBOUND_ALLOW" envSeparator:"," doc:"networks such as 10.1.2.0/24, separated by commas, inside which webhooks and robots may be reached, also without TLS; none by default"`
	OIDCFile         string        `env:"WHISTLE_OIDC_FILE" doc:"a TOML file that names the OpenID Connect providers by whose word people may sign in, see Single sign-on; none when empty"`
	CronRefresh      string        `env:"WHISTLE_CRON_REFRESH" envDefault:"*/5 * * * *" doc:"when the figures of the year to date are counted"`
	CronFreeze       string        `env:"WHISTLE_CRON_FREEZE" envDefault:"5 0 * * *" doc:"when periods that have ended are frozen"`
	CronSweep        string        `env:"WHISTLE_CRON_SWEEP" envDefault:"* * * * *" doc:"when suspended tickets whose review date has come go on"`
	CronNotices      string        `env:"WHISTLE_CRON_NOTICES" envDefault:"* * * * *" doc:"when people are told of deadlines that came near or passed, and sent what waited for the morning"`
	CronExpiry       string        `env:"WHISTLE_CRON_EXPIRY" envDefault:"10 0 * * *" doc:"when who keeps policy resources is told which end within 30 days"`
	CronBulletins    string        `env:"WHISTLE_CRON_BULLETINS" envDefault:"0 8 * * *" doc:"when bulletins are made of the weeks and months that were frozen, and mailed"`
	CronRecount      string        `env:"WHISTLE_CRON_RECOUNT" envDefault:"30 2 * * *" doc:"when everything is counted again from history"`
	CronPurge        string        `env:"WHISTLE_CRON_PURGE" envDefault:"15 3 * * *" doc:"when what has expired is removed"`

	// Keep is how long what names people is kept.
	Keep retention.Days `env:"WHISTLE_KEEP" doc:"how many days things are kept, where otherwise than whistle retention lists, such as contacts:365,notices:90"`

	location   *time.Location
	proxies    []*net.IPNet
	reachable  []netip.Prefix
	providers  []sso.Provider
	unreadable []error // settings whose text says nothing; for Check
}

// Load reads the environment. Flags are laid over it before Check, which tells
// of settings that cannot be read along with the other faults.
func Load() (*Config, error) {
	c := &Config{}
	environment := c.readSecrets(env.ToMap(os.Environ()))
	err := env.ParseWithOptions(c, env.Options{Environment: environment})
	if err == nil {
		return c, nil
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		return nil, fmt.Errorf("environment: %w", err)
	}
	for _, err := range all.Errors {
		var unread env.ParseError
		if !errors.As(err, &unread) {
			return nil, fmt.Errorf("environment: %w", err)
		}
		field, _ := reflect.TypeFor[Config]().FieldByName(unread.Name)
		form := "true or false"
		switch unread.Type {
		case reflect.TypeFor[time.Duration]():
			form = "a length of time such as 10s"
		case reflect.TypeFor[retention.Days]():
			form = "names and days such as contacts:365,notices:90"
		case reflect.TypeFor[int](), reflect.TypeFor[float64]():
			form = "a number"
		}
		c.unreadable = append(c.unreadable, fmt.Errorf("%s must be %s", field.Tag.Get("env"), form))
	}
	// Said already; nothing more is to be found wrong with them.
	c.ShutdownWait, c.RequestTimeout = max(c.ShutdownWait, 1), max(c.RequestTimeout, 1)
	return c, nil
}

// maxSecret is the most bytes of a file that holds a secret.
const maxSecret = 64 << 10

// readSecrets puts what stands in the files of …_FILE variables into the
// environment, as if it had been given there, without the line's end.
func (c *Config) readSecrets(environment map[string]string) map[string]string {
	for _, s := range Settings() {
		path := environment[s.Variable+fileSuffix]
		if !s.Secret || path == "" {
			continue
		}
		fault := func(format string, args ...any) {
			c.unreadable = append(c.unreadable, fmt.Errorf("%s%s %s", s.Variable, fileSuffix, fmt.Sprintf(format, args...)))
		}
		if environment[s.Variable] != "" {
			fault("and %s are both set; keep one", s.Variable)
			continue
		}
		content, err := os.ReadFile(path) //nolint:gosec // the operator names it
		switch {
		case err != nil:
			fault("must name a file that can be read: %v", err)
		case len(content) > maxSecret:
			fault("must name a file of at most %d bytes", maxSecret)
		default:
			environment[s.Variable] = strings.TrimRight(string(content), "\r\n")
		}
	}
	return environment
}

// Reachable is the address under which this machine reaches what listens on
// addr, host:port.
func Reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

// Check finds every fault at once and derives what is derived.
func (c *Config) Check() error {
	faults := slices.Clone(c.unreadable)
	fault := func(variable, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s %w", variable, fmt.Errorf(format, args...)))
	}
	if c.DatabaseURL != "" && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		fault("WHISTLE_DATABASE_URL", "must be of the form postgres://user:password@host:port/database, or empty for SQLite")
	}
	if c.DatabasePassword != "" {
		u, err := url.Parse(c.DatabaseURL)
		switch {
		case err != nil || u.User.Username() == "":
			fault("WHISTLE_DATABASE_PASSWORD", "needs a user's name in WHISTLE_DATABASE_URL, as in postgres://user@host:port/database")
		default:
			if _, has := u.User.Password(); has {
				fault("WHISTLE_DATABASE_PASSWORD", "is set, and WHISTLE_DATABASE_URL has a password too; keep one")
				break
			}
			u.User = url.UserPassword(u.User.Username(), c.DatabasePassword)
			c.DatabaseURL, c.DatabasePassword = u.String(), ""
		}
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		fault("WHISTLE_ADDR", "must be of the form host:port or :port")
	}
	if host, _, err := net.SplitHostPort(c.WatchAddr); c.WatchAddr != "" && (err != nil || host == "") {
		fault("WHISTLE_WATCH_ADDR", "must be of the form host:port, such as 127.0.0.1:9464, or empty; 0.0.0.0:9464 listens everywhere")
	}
	if u, err := url.Parse(c.TracesURL); c.TracesURL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		fault("WHISTLE_TRACES_URL", "must be of the form http://host:4318/v1/traces, or empty")
	}
	if !(c.TracesShare >= 0 && c.TracesShare <= 1) {
		fault("WHISTLE_TRACES_SHARE", "must be from 0 to 1, such as 0.1")
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://" + Reachable(c.Addr)
	} else if u, err := url.Parse(c.PublicURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		fault("WHISTLE_PUBLIC_URL", "must be of the form https://host")
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	var err error
	if c.location, err = time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" || c.TimeZone == "Local" {
		fault("WHISTLE_TIME_ZONE", "must be the name of a time zone such as Asia/Shanghai")
	}
	for _, prefix := range networks(fault, "WHISTLE_TRUSTED_PROXIES", c.TrustedProxies) {
		_, ipNet, _ := net.ParseCIDR(prefix.String())
		c.proxies = append(c.proxies, ipNet)
	}
	c.reachable = networks(fault, "WHISTLE_OUTBOUND_ALLOW", c.OutboundAllow)
	oneOf(fault, "WHISTLE_LOG_LEVEL", c.LogLevel, "debug", "info", "warn", "error")
	oneOf(fault, "WHISTLE_LOG_FORMAT", c.LogFormat, "json", "text")
	if c.ShutdownWait <= 0 || c.RequestTimeout <= 0 {
		fault("WHISTLE_SHUTDOWN_WAIT and WHISTLE_REQUEST_TIMEOUT", "must be longer than nothing, such as 10s")
	}
	if c.MailHost != "" {
		if _, err := mail.ParseAddress(c.MailFrom); err != nil {
			fault("WHISTLE_MAIL_FROM", "must be a mail address such as whistle@example.com where WHISTLE_MAIL_HOST is set")
		}
		if c.MailPort < 1 || c.MailPort > 65535 {
			fault("WHISTLE_MAIL_PORT", "must be a port, such as 587")
		}
		oneOf(fault, "WHISTLE_MAIL_TLS", c.MailTLS, string(notify.StartTLS), string(notify.ImplicitTLS), string(notify.NoTLS))
	}
	if c.OIDCFile != "" {
		var wrong []error
		c.providers, wrong = sso.Read(c.OIDCFile)
		for _, err := range wrong {
			fault("WHISTLE_OIDC_FILE", "%w", err)
		}
	}
	for _, job := range []struct{ variable, expression string }{
		{"WHISTLE_CRON_REFRESH", c.CronRefresh},
		{"WHISTLE_CRON_FREEZE", c.CronFreeze},
		{"WHISTLE_CRON_SWEEP", c.CronSweep},
		{"WHISTLE_CRON_NOTICES", c.CronNotices},
		{"WHISTLE_CRON_EXPIRY", c.CronExpiry},
		{"WHISTLE_CRON_BULLETINS", c.CronBulletins},
		{"WHISTLE_CRON_RECOUNT", c.CronRecount},
		{"WHISTLE_CRON_PURGE", c.CronPurge},
	} {
		if _, err := cron.ParseStandard(job.expression); err != nil {
			fault(job.variable, "must be a cron expression of five fields, such as 5 0 * * *")
		}
	}
	for _, what := range c.Keep.Check() {
		fault("WHISTLE_KEEP:", "%s", what)
	}
	return errors.Join(faults...)
}

func oneOf(fault func(string, string, ...any), variable, value string, allowed ...string) {
	for _, a := range allowed {
		if a == value {
			return
		}
	}
	fault(variable, "must be one of: %s", strings.Join(allowed, ", "))
}

func networks(fault func(string, string, ...any), variable string, values []string) []netip.Prefix {
	prefixes := make([]netip.Prefix, 0, len(values))
	for _, v := range values {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(v))
		if err != nil {
			fault(variable, "must be networks such as 10.0.0.0/8, separated by commas")
			return nil
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes
}

// Location is the time zone; after Check.
func (c *Config) Location() *time.Location { return c.location }

// Proxies are the networks whose forwarding headers are believed; after Check.
func (c *Config) Proxies() []*net.IPNet { return c.proxies }

// Reachables are the networks inside which addresses that users give may be
// reached; after Check.
func (c *Config) Reachables() []netip.Prefix { return c.reachable }

// fileSuffix ends the variable that names the file a secret stands in.
const fileSuffix = "_FILE"

// Providers are those by whose word people may sign in; after Check.
func (c *Config) Providers() []sso.Provider { return c.providers }

// Setting describes one setting for people.
type Setting struct {
	Variable, Flag, Default, Doc string
	Secret                       bool // may stand in a file that Variable_FILE names
}

// Settings lists what can be set.
func Settings() []Setting {
	t := reflect.TypeFor[Config]()
	var all []Setting
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		if variable := tag.Get("env"); variable != "" {
			all = append(all, Setting{variable, tag.Get("flag"), tag.Get("envDefault"), tag.Get("doc"), tag.Get("secret") != ""})
		}
	}
	return all
}

// Doc is what a flag sets, with its variable and default.
func Doc(flag string) string {
	for _, s := range Settings() {
		if s.Flag == flag {
			text := s.Doc + " (" + s.Variable
			if s.Default != "" && s.Default != "true" { // a switch shows its default by itself
				text += ", default " + s.Default
			}
			return text + ")"
		}
	}
	panic("config: no setting has the flag " + flag)
}

// WriteMarkdown prints the settings as a table.
func WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("| variable | flag | default | meaning |\n| --- | --- | --- | --- |\n")
	code := func(prefix, s string) string {
		if s == "" {
			return ""
		}
		return "`" + prefix + s + "`"
	}
	for _, s := range Settings() {
		doc := s.Doc
		if s.Secret {
			doc += fmt.Sprintf("; or `%s%s` names a file that holds it", s.Variable, fileSuffix)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Variable, code("--", s.Flag), code("", s.Default), doc)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
