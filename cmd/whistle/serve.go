package main

import (
	"github.com/spf13/cobra"

	"whistle/internal/app"
)

func (c *command) serve() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "serve the API and run the schedules",
		Long: `serve answers HTTP and runs the schedules until it is interrupted, then lets running
requests finish. At the first start it prints a one-time link with which the
first administrator sets a password.`,
		Example: `  whistle serve --data-dir /var/lib/whistle --addr :8080
  WHISTLE_DATABASE_URL=postgres://whistle@localhost/whistle whistle serve --migrate=false`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return app.Run(cmd.Context(), c.cfg, app.Options{Version: version, Out: cmd.OutOrStdout()})
		},
	}
	cmd.Flags().String("addr", "", "where to listen, host:port; port 0 takes a free one (WHISTLE_ADDR, default 127.0.0.1:8080)")
	cmd.Flags().String("public-url", "", "under which people reach the service, for links (WHISTLE_PUBLIC_URL)")
	return cmd
}
