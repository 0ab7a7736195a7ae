package main

import (
	"fmt"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"whistle/internal/service"
)

func (c *command) retention() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "retention",
		Short: "list how long what names people is kept, why, and what would go now",
		Long: `retention lists the rules by which the nightly purge (WHISTLE_CRON_PURGE) removes what
is kept for some time only, with the lengths that are set by WHISTLE_KEEP, and how much
would go now. It removes nothing.`,
		Example: "  whistle retention --data-dir /var/lib/whistle\n  WHISTLE_KEEP=contacts:365 whistle retention",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(svc *service.Service) error {
				all, err := svc.Retention(cmd.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), all)
				}
				table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(table, "name\tdays\twould go\twhat\twhy")
				for _, r := range all {
					days := "for good"
					if r.Keep > 0 {
						days = strconv.Itoa(r.Keep)
					}
					fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\n", r.Name, days, r.Due, r.What, r.Why)
				}
				return table.Flush()
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}
