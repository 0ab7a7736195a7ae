package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"whistle/internal/clock"
	"whistle/internal/config"
	"whistle/internal/demo"
	"whistle/internal/secret"
	"whistle/internal/service"
)

// DemoOptions are what RunDemo needs beside the configuration.
type DemoOptions struct {
	Version  string
	Password string           // of all accounts; "" for a random one, which is told once
	Out      io.Writer        // where to tell people the address and the accounts
	Progress service.Progress // of the first start; may be nil
	// Ready is called once the service answers, with its address; may be nil.
	Ready func(addr string)
}

// DemoPasswordFault says what is wrong with a password for the demo's accounts;
// "" when it will do.
func DemoPasswordFault(password string) string {
	for _, a := range demo.Accounts() {
		if fault := secret.PasswordFault(password, a.Username); !fault.Empty() {
			return fault.String()
		}
	}
	return ""
}

// RunDemo serves the demo's district from cfg.DataDir, which it fills at the
// first start. Tickets live on 1 November 2023, or when they were left; sessions
// live now.
func RunDemo(ctx context.Context, cfg *config.Config, opts DemoOptions) error {
	password := opts.Password
	if password == "" {
		password = demoPassword()
	}
	start, err := prepareDemo(ctx, cfg, password, opts)
	if err != nil {
		return err
	}
	return Run(ctx, cfg, Options{
		Version: opts.Version, Out: opts.Out, Clock: clock.StartingAt(start),
		Banner: fmt.Sprintf("演示数据，均为虚构：时间自 %s 起走；登录会话按真实时间。 This is a demo, all of it invented: its time runs on from %s; sessions keep the real one.",
			start.Format("2006-01-02 15:04"), start.Format("2006-01-02 15:04 -07:00")),
		Ready: func(addr string) {
			tellDemo(opts.Out, addr, password, start)
			if opts.Ready != nil {
				opts.Ready(addr)
			}
		},
	})
}

// demoPassword is one that can be typed: 12 of 32 characters, 60 bits.
func demoPassword() string { return strings.ToLower(rand.Text()[:12]) }

// prepareDemo fills the data directory if it is empty, gives the accounts their
// password and returns the moment from which the demo's time runs on.
func prepareDemo(ctx context.Context, cfg *config.Config, password string, opts DemoOptions) (start time.Time, err error) {
	now := clock.NewManual(demo.Begin(cfg.Location()))
	svc, closeAll, err := Open(ctx, cfg, Log(cfg), now)
	if err != nil {
		return start, err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	filled, err := demo.Filled(ctx, svc)
	if err != nil {
		return start, err
	}
	if !filled {
		fmt.Fprintf(opts.Out, "Making the district's year in %s; this happens once.\n", cfg.DataDir)
		if err := demo.Fill(ctx, svc, now, opts.Progress); err != nil {
			return start, err
		}
	}
	start = demo.Morning(cfg.Location())
	last, err := svc.LastRecorded(ctx)
	if err != nil {
		return start, err
	}
	if last.After(start) {
		start = last.In(cfg.Location())
	}
	now.Set(start)
	return start, demo.SetPasswords(ctx, svc, password)
}

func tellDemo(out io.Writer, addr, password string, start time.Time) {
	fmt.Fprintf(out, "\nThe demo serves http://%s, the API's documents at http://%s/docs\n", addr, addr)
	fmt.Fprintf(out, "Its time is %s and runs on from there.\n\n", start.Format("2006-01-02 15:04 -07:00"))
	for _, a := range demo.Accounts() {
		fmt.Fprintf(out, "  %-11s %s\n", a.Username, a.For)
	}
	fmt.Fprintf(out, "\n  password of each: %s\n\n", password)
}
