package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

func (c *command) bulletin() *cobra.Command {
	var kind, day, language, out string
	cmd := &cobra.Command{
		Use:   "bulletin",
		Short: "write the bulletin of a week or a month as a workbook",
		Long: `bulletin writes the published bulletin of the week, or the month, that a day is in
as an .xlsx workbook with charts: the figures of its frozen snapshot.`,
		Example: "  whistle bulletin --kind monthly --day 2023-09-30 --out bulletin.xlsx",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var faults []error
			if k := figures.Kind(kind); k != figures.Weekly && k != figures.Monthly {
				faults = append(faults, errors.New("--kind must be weekly or monthly"))
			}
			at, err := worktime.ParseDate(day)
			if err != nil {
				faults = append(faults, errors.New("--day must be a day, YYYY-MM-DD"))
			}
			said, ok := text.Parse(language)
			if !ok {
				faults = append(faults, errors.New("--language must be zh-CN or en"))
			}
			if out == "" && onTerminal(cmd.OutOrStdout()) {
				faults = append(faults, errors.New("a workbook is nothing to look at; name a file with --out"))
			}
			if err := errors.Join(faults...); err != nil {
				return usageError{err}
			}
			return c.with(cmd.Context(), func(svc *service.Service) error {
				return toFile(out, cmd.OutOrStdout(), func(w io.Writer) error {
					_, err := svc.BulletinBook(cmd.Context(), ticket.System, figures.Kind(kind), at, said, w)
					return badUse(err)
				})
			})
		},
	}
	cmd.Flags().StringVar(&kind, "kind", string(figures.Weekly), "weekly or monthly")
	cmd.Flags().StringVar(&day, "day", "", "a day of it, YYYY-MM-DD")
	cmd.Flags().StringVar(&language, "language", string(text.Chinese), "zh-CN or en")
	cmd.Flags().StringVar(&out, "out", "", "file to write; standard output by default")
	return cmd
}
