package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"whistle/internal/app"
	"whistle/internal/demo"
)

func (c *command) demo() *cobra.Command {
	var dir, password string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "serve an invented district's year to try the service on",
		Long: `demo makes an invented district with its tickets of 2023 and the end of 2022 at the
first start, and serves it. Its time is the morning of 1 November 2023 and runs
on from there. It prints the address, the accounts and their password; only
these can sign in. A second start goes on with the same folder.`,
		Example: "  whistle demo\n  whistle demo --dir /tmp/district --addr 127.0.0.1:9000 --password 'a short sentence'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			flags := cmd.Flags()
			switch fault := app.DemoPasswordFault(password); {
			case flags.Changed("password") && fault != "":
				return usageError{fmt.Errorf("--password %s", fault)}
			case flags.Changed("database-url") || flags.Changed("data-dir"):
				return usageError{errors.New("demo keeps its data on SQLite in --dir; leave --database-url and --data-dir out")}
			case flags.Changed("migrate"):
				return usageError{errors.New("demo always migrates; leave --migrate out")}
			}
			// Whatever the environment says of a real service, it is left alone.
			cfg := *c.cfg
			cfg.DatabaseURL, cfg.DataDir, cfg.FilesURL, cfg.Migrate = "", dir, "", true
			cfg.TimeZone, cfg.LogFormat = demo.Zone, "text"
			if err := cfg.Check(); err != nil {
				return err
			}
			return app.RunDemo(cmd.Context(), &cfg, app.DemoOptions{Version: version, Password: password, Out: cmd.OutOrStdout()})
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "whistle-demo", "where the demo is kept; made when missing")
	cmd.Flags().StringVar(&password, "password", "", "of every account, 10 characters or more; a random one by default")
	cmd.Flags().String("addr", "", "where to listen, host:port; port 0 takes a free one (WHISTLE_ADDR, default 127.0.0.1:8080)")
	return cmd
}
