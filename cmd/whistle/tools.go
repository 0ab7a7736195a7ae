package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"whistle/internal/app"
	"whistle/internal/config"
	"whistle/internal/ticket"
)

func (c *command) migrate() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "migrate",
		Short:   "apply, take back or list the migrations of the database",
		Example: "  whistle migrate status --data-dir /var/lib/whistle\n  whistle migrate up --database-url postgres://…",
	}
	sub := func(use, short string, f func(ctx context.Context, st app.Migrator, out io.Writer) error) {
		cmd.AddCommand(&cobra.Command{Use: use, Short: short, RunE: func(cmd *cobra.Command, _ []string) error {
			return app.WithMigrator(cmd.Context(), c.cfg, func(st app.Migrator) error { return f(cmd.Context(), st, cmd.OutOrStdout()) })
		}})
	}
	sub("up", "apply every migration that is not applied yet", func(ctx context.Context, st app.Migrator, out io.Writer) error {
		n, err := st.MigrateUp(ctx)
		if err == nil {
			_, err = fmt.Fprintf(out, "%d applied\n", n)
		}
		return err
	})
	sub("down", "take back the last migration, with the data that it held", func(ctx context.Context, st app.Migrator, out io.Writer) error {
		m, err := st.MigrateDown(ctx)
		if err == nil {
			_, err = fmt.Fprintf(out, "%d %s taken back\n", m.Version, m.Name)
		}
		return err
	})
	sub("status", "list the migrations; exit 1 when one is not applied", func(ctx context.Context, st app.Migrator, out io.Writer) error {
		all, err := st.Migrations(ctx)
		if err != nil {
			return err
		}
		for _, m := range all {
			state := "applied"
			if !m.Applied {
				state, err = "pending", errWrong
			}
			fmt.Fprintf(out, "%05d %-30s %s\n", m.Version, m.Name, state)
		}
		return err
	})
	return cmd
}

func (c *command) workflow() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "workflow",
		Short:   "print the workflow table",
		Example: "  whistle workflow --format mermaid\n  whistle workflow --format json | jq '.[].event'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			switch format {
			case "mermaid":
				return ticket.WriteMermaid(out)
			case "markdown":
				return ticket.WriteMarkdown(out)
			case "json":
				return writeJSON(out, ticket.Table())
			}
			return usageError{fmt.Errorf("--format must be mermaid, markdown or json")}
		},
	}
	cmd.Flags().StringVar(&format, "format", "markdown", "mermaid, markdown or json")
	return cmd
}

func (c *command) openapi() *cobra.Command {
	return &cobra.Command{
		Use:     "openapi",
		Short:   "print the API's OpenAPI 3.1 document as YAML",
		Example: "  whistle openapi > api/openapi.yaml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			doc, err := app.OpenAPI()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(doc)
			return err
		},
	}
}

func (c *command) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "whistle %s\n", version)
			return err
		},
	}
}

// healthcheck is what the container asks of itself, having no shell.
func (c *command) healthcheck() *cobra.Command {
	return &cobra.Command{
		Use:     "healthcheck",
		Short:   "ask a running service whether it is ready; exit 1 when it is not",
		Example: "  WHISTLE_ADDR=:8080 whistle healthcheck",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), 3*time.Second)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+config.Reachable(c.cfg.Addr)+"/readyz", nil)
			if err != nil {
				return err
			}
			answer, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("not ready: %s", answer.Status)
			}
			return nil
		},
	}
}
