package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"whistle/internal/app"
	"whistle/internal/clock"
	"whistle/internal/config"
	"whistle/internal/service"
)

// command is what every subcommand shares: the configuration from environment
// and flags.
type command struct {
	cfg *config.Config
}

func newRoot() *cobra.Command {
	c := &command{cfg: &config.Config{}}
	root := &cobra.Command{
		Use:   "whistle",
		Short: "企业吹哨、部门报到: enterprises file problems, departments report in and solve them",
		Long: `whistle is the service behind 企业吹哨、部门报到: an enterprise files a problem that
it cannot solve alone, the desk dispatches it, departments report in and work it
out, and the enterprise says whether it was solved.

Every setting can also be given in the environment (WHISTLE_…); a flag outweighs it.
Exit codes: 0 done, 1 something was found wrong or failed, 2 called wrongly.`,
		Example: `  whistle demo
  whistle serve --data-dir /var/lib/whistle
  whistle serve --database-url postgres://whistle@localhost/whistle`,
		SilenceUsage: true, SilenceErrors: true,
		Version: version,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return c.configure(cmd)
		},
	}
	root.SetVersionTemplate("whistle {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	flags := root.PersistentFlags()
	flags.String("data-dir", "", config.Doc("data-dir"))
	flags.String("database-url", "", config.Doc("database-url"))
	flags.Bool("migrate", true, config.Doc("migrate"))
	root.AddCommand(
		c.serve(),
		c.demo(),
		c.migrate(),
		c.user(),
		c.person(),
		c.retention(),
		c.calendar(),
		c.workflow(),
		c.figures(),
		c.verify(),
		c.recount(),
		c.doctor(),
		c.backup(),
		c.restore(),
		c.imports(),
		c.export(),
		c.bulletin(),
		c.openapi(),
		c.version(),
		c.healthcheck(),
	)
	wrapArgs(root)
	return root
}

// wrapArgs makes wrong arguments a fault of the call for every command.
func wrapArgs(cmd *cobra.Command) {
	check := cmd.Args
	if check == nil {
		check = cobra.NoArgs
	}
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())}
			}
			return cmd.Help()
		}
		check = cobra.ArbitraryArgs
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{err}
		}
		return nil
	}
	for _, sub := range cmd.Commands() {
		wrapArgs(sub)
	}
}

// configure lays the flags that were given over the environment.
func (c *command) configure(cmd *cobra.Command) error {
	cfg, err := config.Load()
	if err != nil {
		return usageError{err}
	}
	flags := cmd.Flags()
	for name, into := range map[string]*string{
		"data-dir": &cfg.DataDir, "database-url": &cfg.DatabaseURL, "addr": &cfg.Addr, "public-url": &cfg.PublicURL,
	} {
		if flags.Changed(name) {
			if *into, err = flags.GetString(name); err != nil {
				return err
			}
		}
	}
	if flags.Changed("migrate") {
		if cfg.Migrate, err = flags.GetBool("migrate"); err != nil {
			return err
		}
	}
	if err := cfg.Check(); err != nil {
		return usageError{fmt.Errorf("configuration:\n  %s", strings.ReplaceAll(err.Error(), "\n", "\n  "))}
	}
	*c.cfg = *cfg
	return nil
}

// logger is quiet but for warnings where a command has output of its own.
func (c *command) logger() *slog.Logger {
	quiet := *c.cfg
	quiet.LogLevel, quiet.LogFormat = "warn", "text"
	return app.Log(&quiet)
}

// with runs f on the opened service and closes it.
func (c *command) with(ctx context.Context, f func(svc *service.Service) error) (err error) {
	svc, closeAll, err := app.Open(ctx, c.cfg, c.logger(), clock.Wall{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	return f(svc)
}
