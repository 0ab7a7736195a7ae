package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

func (c *command) user() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "make, list and retire accounts, and let their owners in",
		Long: `user keeps accounts from the machine that the service runs on, with the rights of
the service itself. No password is ever given here: the owner of an account sets
one with a link that works once.`,
		Example: `  whistle user create --username zhang.wei --name 张伟 --role admin
  whistle user create --username li.na --name 李娜 --role officer --department D01
  whistle user list --role officer
  whistle user reset-link zhang.wei
  whistle user retire li.na`,
	}
	cmd.AddCommand(c.userCreate(), c.userList(), c.userLink(), c.userRetire())
	return cmd
}

// badUse tells a fault of what was asked from a failure to do it.
func badUse(err error) error {
	var known *ticket.Error
	if errors.As(err, &known) {
		switch known.Code { //nolint:exhaustive // the others are no fault of the call
		case ticket.CodeInvalidForm, ticket.CodeInvalidValue, ticket.CodeNotFound:
			return usageError{err}
		}
	}
	return err
}

func (c *command) userCreate() *cobra.Command {
	var in service.NewUser
	var role, department, enterprise string
	cmd := &cobra.Command{
		Use:     "create",
		Short:   "make an account and print its invitation link (works once, for 7 days)",
		Example: "  whistle user create --username zhang.wei --name 张伟 --role admin",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(svc *service.Service) error {
				ctx := cmd.Context()
				in.Role = ticket.Role(role)
				var err error
				if in.DepartmentID, err = departmentID(ctx, svc, department); err != nil {
					return err
				}
				if in.EnterpriseID, err = enterpriseID(ctx, svc, enterprise); err != nil {
					return err
				}
				var link *service.Link
				err = svc.InTx(ctx, func(ctx context.Context) error {
					user, err := svc.CreateUser(ctx, ticket.System, in)
					if err != nil {
						return err
					}
					link, err = svc.MakeLink(ctx, ticket.System, user.ID, directory.InvitationLink)
					return err
				})
				if err != nil {
					return badUse(err)
				}
				return c.printLink(cmd.OutOrStdout(), svc, link)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&in.Username, "username", "", "to sign in with: 3 to 64 of a–z, 0–9, dot, underscore, hyphen")
	flags.StringVar(&in.Name, "name", "", "as people are called")
	flags.StringVar(&role, "role", "", "enterprise, dispatcher, officer, head, leader, admin or guest")
	flags.StringVar(&department, "department", "", "code of the department, for an officer or head")
	flags.StringVar(&enterprise, "enterprise", "", "credit code or name of the enterprise, for its contact")
	flags.StringVar(&in.Phone, "phone", "", "telephone number")
	flags.StringVar(&in.Email, "email", "", "mail address, for notices")
	flags.StringVar(&in.Language, "language", "", "zh-CN or en, for what the account is told; zh-CN by default")
	return cmd
}

// departmentID finds a department by its code; "" for none.
func departmentID(ctx context.Context, svc *service.Service, code string) (string, error) {
	if code == "" {
		return "", nil
	}
	found, err := svc.Departments().List(ctx, ticket.System, service.EntryFilter{Code: code, All: true, Limit: 1})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", usageError{errors.New("--department: there is no department with this code")}
	}
	return found[0].ID, nil
}

// enterpriseID finds an enterprise by its credit code or its name; "" for none.
func enterpriseID(ctx context.Context, svc *service.Service, known string) (string, error) {
	if known == "" {
		return "", nil
	}
	for _, f := range []service.EntryFilter{{CreditCode: known}, {Name: known}} {
		f.Limit = 2
		found, err := svc.Enterprises().List(ctx, ticket.System, f)
		if err != nil {
			return "", err
		}
		switch len(found) {
		case 0:
		case 1:
			return found[0].ID, nil
		default:
			return "", usageError{errors.New("--enterprise: several have this name; give the credit code")}
		}
	}
	return "", usageError{errors.New("--enterprise: there is none with this credit code or name")}
}

func (c *command) printLink(out io.Writer, svc *service.Service, link *service.Link) error {
	_, err := fmt.Fprintf(out, "%s sets a password for %s, once, before %s:\n  %s\nor through the API:\n"+
		"  curl -X POST %s/api/v1/links/use -H 'Content-Type: application/json' -d '{\"token\":\"%s\",\"password\":\"…\"}'\n",
		link.User.Name, link.User.Username, link.ExpiresAt.In(svc.Zone()).Format("2006-01-02 15:04"),
		service.LinkURL(c.cfg.PublicURL, link), c.cfg.PublicURL, link.Token)
	return err
}

func (c *command) userList() *cobra.Command {
	var role, text string
	var all bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "list accounts by user name",
		Example: "  whistle user list --role officer\n  whistle user list --q 张 --all",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(svc *service.Service) error {
				users, err := svc.Users(cmd.Context(), ticket.System, service.UserFilter{Role: ticket.Role(role), Text: text, Retired: all})
				if err != nil {
					return err
				}
				table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(table, "username\tname\trole\tbelongs to\tstate")
				for _, u := range users {
					state := "active"
					switch {
					case u.Retired():
						state = "retired"
					case u.PasswordHash == "":
						state = "without a password"
					}
					fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", u.Username, u.Name, u.Role, u.Names.Of(u.DepartmentID)+u.Names.Of(u.EnterpriseID), state)
				}
				return table.Flush()
			})
		},
	}
	cmd.Flags().StringVar(&role, "role", "", "only accounts of this role")
	cmd.Flags().StringVar(&text, "q", "", "only accounts with this in user name, name or phone")
	cmd.Flags().BoolVar(&all, "all", false, "the retired too")
	return cmd
}

func (c *command) userLink() *cobra.Command {
	return &cobra.Command{
		Use:     "reset-link USERNAME",
		Short:   "print a link that sets an account's password, once",
		Long:    "reset-link prints a link that works for an hour, or for 7 days where the account has no password yet. Earlier links of the account stop working.",
		Example: "  whistle user reset-link zhang.wei",
		Args:    cobra.ExactArgs(1),
		RunE: c.onUser(func(cmd *cobra.Command, svc *service.Service, u directory.User) error {
			kind := directory.ResetLink
			if u.PasswordHash == "" {
				kind = directory.InvitationLink
			}
			link, err := svc.MakeLink(cmd.Context(), ticket.System, u.ID, kind)
			if err != nil {
				return err
			}
			return c.printLink(cmd.OutOrStdout(), svc, link)
		}),
	}
}

func (c *command) userRetire() *cobra.Command {
	return &cobra.Command{
		Use:     "retire USERNAME",
		Short:   "take an account out of service; its sessions, tokens and assignments end",
		Example: "  whistle user retire li.na",
		Args:    cobra.ExactArgs(1),
		RunE: c.onUser(func(cmd *cobra.Command, svc *service.Service, u directory.User) error {
			if err := svc.RetireUser(cmd.Context(), ticket.System, u.ID); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s is retired\n", u.Username)
			return err
		}),
	}
}

// onUser runs f on the account that the one argument names.
func (c *command) onUser(f func(cmd *cobra.Command, svc *service.Service, u directory.User) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		return c.with(cmd.Context(), func(svc *service.Service) error {
			u, err := svc.UserByName(cmd.Context(), args[0])
			if err != nil {
				return badUse(err)
			}
			return f(cmd, svc, u)
		})
	}
}
