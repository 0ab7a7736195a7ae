// Package config is what an operator can set, from flags and the environment,
// checked once at the start.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/robfig/cron/v3"
)

// Config has one field a setting. The env tag is its variable in the
// environment; the flag of serve, where there is one, has the same name.
type Config struct {
	DatabaseURL    string        `env:"WHISTLE_DATABASE_URL"`                          // postgres://…; empty for SQLite in DataDir
	DataDir        string        `env:"WHISTLE_DATA_DIR" envDefault:"whistle-data"`    // SQLite and attachments; made when missing
	Addr           string        `env:"WHISTLE_ADDR" envDefault:"127.0.0.1:8080"`      // where to listen
	PublicURL      string        `env:"WHISTLE_PUBLIC_URL"`                            // under which people reach it; http://Addr by default
	FilesURL       string        `env:"WHISTLE_FILES_URL"`                             // gocloud blob URL of the attachments; a folder of DataDir by default
	TimeZone       string        `env:"WHISTLE_TIME_ZONE" envDefault:"Asia/Shanghai"`  // in which days begin and working time is counted
	TrustedProxies []string      `env:"WHISTLE_TRUSTED_PROXIES" envSeparator:","`      // networks (CIDR) whose X-Forwarded-For is believed
	LogLevel       string        `env:"WHISTLE_LOG_LEVEL" envDefault:"info"`           // debug, info, warn, error
	LogFormat      string        `env:"WHISTLE_LOG_FORMAT" envDefault:"json"`          // json, text
	ShutdownWait   time.Duration `env:"WHISTLE_SHUTDOWN_WAIT" envDefault:"10s"`        // how long running requests may finish
	RequestTimeout time.Duration `env:"WHISTLE_REQUEST_TIMEOUT" envDefault:"30s"`      // to read a request and answer it
	Migrate        bool          `env:"WHISTLE_MIGRATE" envDefault:"true"`             // apply migrations at the start
	CronRefresh    string        `env:"WHISTLE_CRON_REFRESH" envDefault:"*/5 * * * *"` // figures are counted
	CronFreeze     string        `env:"WHISTLE_CRON_FREEZE" envDefault:"5 0 * * *"`    // periods that have ended are frozen
	CronSweep      string        `env:"WHISTLE_CRON_SWEEP" envDefault:"* * * * *"`     // suspended tickets whose review has come go on
	CronRecount    string        `env:"WHISTLE_CRON_RECOUNT" envDefault:"30 2 * * *"`  // figures are counted again from history
	CronPurge      string        `env:"WHISTLE_CRON_PURGE" envDefault:"15 3 * * *"`    // what has expired is removed

	location *time.Location
	proxies  []*net.IPNet
}

// Load reads the environment. Flags are laid over it before Check.
func Load() (*Config, error) {
	c := &Config{}
	if err := env.Parse(c); err != nil {
		return nil, fmt.Errorf("environment: %w", err)
	}
	return c, nil
}

// Check finds every fault at once and derives what is derived.
func (c *Config) Check() error {
	var faults []error
	fault := func(variable, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s %s", variable, fmt.Sprintf(format, args...)))
	}
	if c.DatabaseURL != "" && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		fault("WHISTLE_DATABASE_URL", "must be of the form postgres://user:password@host:port/database, or empty for SQLite")
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		fault("WHISTLE_ADDR", "must be of the form host:port or :port")
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://" + c.Addr
	} else if u, err := url.Parse(c.PublicURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		fault("WHISTLE_PUBLIC_URL", "must be of the form https://host")
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	var err error
	if c.location, err = time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" || c.TimeZone == "Local" {
		fault("WHISTLE_TIME_ZONE", "must be the name of a time zone such as Asia/Shanghai")
	}
	for _, network := range c.TrustedProxies {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(network))
		if err != nil {
			fault("WHISTLE_TRUSTED_PROXIES", "must be networks such as 10.0.0.0/8, separated by commas")
			break
		}
		_, ipNet, _ := net.ParseCIDR(prefix.String())
		c.proxies = append(c.proxies, ipNet)
	}
	oneOf(fault, "WHISTLE_LOG_LEVEL", c.LogLevel, "debug", "info", "warn", "error")
	oneOf(fault, "WHISTLE_LOG_FORMAT", c.LogFormat, "json", "text")
	if c.ShutdownWait <= 0 || c.RequestTimeout <= 0 {
		fault("WHISTLE_SHUTDOWN_WAIT and WHISTLE_REQUEST_TIMEOUT", "must be longer than nothing, such as 10s")
	}
	for variable, expression := range map[string]string{
		"WHISTLE_CRON_REFRESH": c.CronRefresh, "WHISTLE_CRON_FREEZE": c.CronFreeze, "WHISTLE_CRON_SWEEP": c.CronSweep,
		"WHISTLE_CRON_RECOUNT": c.CronRecount, "WHISTLE_CRON_PURGE": c.CronPurge,
	} {
		if _, err := cron.ParseStandard(expression); err != nil {
			fault(variable, "must be a cron expression of five fields, such as 5 0 * * *")
		}
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

// Location is the time zone; after Check.
func (c *Config) Location() *time.Location { return c.location }

// Proxies are the networks whose forwarding headers are believed; after Check.
func (c *Config) Proxies() []*net.IPNet { return c.proxies }
