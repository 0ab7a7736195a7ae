package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"whistle/internal/app"
	"whistle/internal/backup"
	"whistle/internal/service"
)

func (c *command) backup() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "write all that is kept into one new file, while the service runs",
		Long: `backup writes a tar with a copy of the database as it stands at one moment, the
attachments, and a manifest: version, rows of each table, a digest of the ends of
all histories, the SHA-256 of each part. The file is written whole or not at all,
and never over another. PostgreSQL is copied by its own pg_dump, from PATH or
Debian's /usr/lib/postgresql, of the server's version or a later one.

Attachments that the database names and that are gone or changed are named, and
the exit code is 1 then; the backup is written without them.

The file holds everything, confidential tickets included: keep it as the data
itself is kept.`,
		Example: `  whistle backup /backup/whistle-$(date +%F).tar --data-dir /var/lib/whistle
  whistle backup /backup/whistle.tar --database-url postgres://whistle@localhost/whistle --data-dir /var/lib/whistle`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			progress, done := progressOn(cmd.ErrOrStderr(), "attachments")
			m, err := app.Backup(cmd.Context(), c.cfg, args[0], version, progress)
			done()
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", args[0], holds(m))
			return tellMissing(cmd.OutOrStdout(), m)
		},
	}
}

// holds says what is in a backup.
func holds(m *backup.Manifest) string {
	size := int64(0)
	for _, part := range m.Parts {
		size += part.Size
	}
	return fmt.Sprintf("%d tickets, %d history lines, %d enterprises, %d accounts, %d files, %.1f MB, migration %d, whistle %s",
		m.Counts["tickets"], m.Counts["history"], m.Counts["enterprises"], m.Counts["users"], len(m.Parts)-1, float64(size)/1e6, m.Schema, m.Version)
}

func tellMissing(out io.Writer, m *backup.Manifest) error {
	for _, id := range m.Missing {
		fmt.Fprintf(out, "attachment %s was gone or changed when the backup was made\n", id)
	}
	if len(m.Missing) > 0 {
		return errWrong
	}
	return nil
}

func (c *command) restore() *cobra.Command {
	var replace bool
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "put a backup into an empty place, and verify it",
		Long: `restore reads a backup to its end first, and refuses it when a byte is not what it
was. Then it fills the database and the attachments' folder or bucket, which must
be empty unless --replace is given, and holds every table's rows and the ends of
all histories against the manifest; migrations that are newer than the backup are
applied unless --migrate=false, and everything is verified as by whistle verify.

Stop the service before; a database that somebody has open is refused. With
--replace the database is replaced whole; attachments that the backup does not
name are left.`,
		Example: `  whistle restore /backup/whistle-2023-09-27.tar --data-dir /var/lib/whistle
  whistle restore /backup/whistle.tar --database-url postgres://whistle@localhost/whistle --data-dir /var/lib/whistle --replace`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			a, err := backup.Open(args[0])
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			defer func() { err = errors.Join(err, a.Close()) }()
			progress, done := progressOn(cmd.ErrOrStderr(), "restoring")
			err = app.Restore(cmd.Context(), c.cfg, a, replace, progress)
			done()
			if errors.Is(err, service.ErrOccupied) {
				return fmt.Errorf("%w; with --replace the archive takes its place", err)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "restored, of %s: %s\n", a.MadeAt.In(c.cfg.Location()).Format("2006-01-02 15:04:05 -07:00"), holds(&a.Manifest))
			missing := tellMissing(cmd.OutOrStdout(), &a.Manifest)
			return c.with(cmd.Context(), func(svc *service.Service) error {
				return errors.Join(verify(cmd, svc, false), missing)
			})
		},
	}
	cmd.Flags().BoolVar(&replace, "replace", false, "replace what is there already")
	return cmd
}
