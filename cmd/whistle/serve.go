package main

import (
	"github.com/spf13/cobra"

	"whistle/internal/app"
	"whistle/internal/config"
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
	cmd.Flags().String("addr", "", config.Doc("addr"))
	cmd.Flags().String("public-url", "", config.Doc("public-url"))
	return cmd
}
