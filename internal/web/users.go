package web

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

const usersAPage = 50

type usersPage struct {
	Text, Role, Department string
	Retired                bool
	Roles, Departments     []option
	Users                  []service.UserView
	LastUse                map[string]time.Time
	Next                   string
}

func (p *page) users() error {
	shown := usersPage{
		Text: strings.TrimSpace(p.QueryParam("q")), Role: p.QueryParam("role"), Department: p.QueryParam("department"),
		Retired: p.QueryParam("retired") != "", Roles: p.roleOptions(),
	}
	var err error
	if shown.Departments, err = entryOptions(p, p.svc.Departments().List, departmentOption); err != nil {
		return err
	}
	shown.Users, err = p.svc.Users(p.ctx(), p.actor, service.UserFilter{
		Text: shown.Text, Role: ticket.Role(shown.Role), DepartmentID: shown.Department, Retired: shown.Retired,
		After: p.QueryParam("after"), Limit: usersAPage + 1,
	})
	if err != nil {
		return err
	}
	if len(shown.Users) > usersAPage {
		shown.Users = shown.Users[:usersAPage]
		shown.Next = p.with("after", shown.Users[usersAPage-1].Username)
	}
	if shown.LastUse, err = p.svc.LastUse(p.ctx(), p.actor, shown.Users); err != nil {
		return err
	}
	return p.show("admin/users", shown)
}

func departmentOption(d directory.Department) option { return option{Value: d.ID, Label: d.Name} }

func (p *page) roleOptions() []option {
	return optionsOf(ticket.Roles(), func(r ticket.Role) option { return option{Value: string(r), Label: p.t("role." + string(r))} })
}

// userForm is the form of an account, new or there already.
type userForm struct {
	User    *service.UserView // nil for a new one
	LastUse time.Time
	Form    *form
	Error   string // what a button could not do

	Identities []identityRow // by whom its owner may sign in
}

// accountForm asks for what an account is made from.
func (p *page) accountForm(action string, u service.NewUser) (*form, error) {
	f := newForm(action, p.t("directory.save"))
	f.Back = "/admin/users"
	departments, err := entryOptions(p, p.svc.Departments().List, departmentOption)
	if err != nil {
		return nil, err
	}
	enterprises, err := entryOptions(p, p.svc.Enterprises().List, func(e directory.Enterprise) option { return option{Value: e.ID, Label: e.Name} })
	if err != nil {
		return nil, err
	}
	var languages []option
	for _, l := range []string{"zh-CN", "en"} {
		languages = append(languages, option{Value: l, Label: p.t("language." + l)})
	}
	f.Fields = []field{
		{Name: "username", Label: p.t("user.username"), Hint: p.t("user.username_hint"), Kind: kindText, Required: true, Max: 64, Values: []string{u.Username}},
		{Name: "name", Label: p.t("user.name"), Kind: kindText, Required: true, Max: 100, Values: []string{u.Name}},
		{Name: "role", Label: p.t("user.role"), Kind: kindRadios, Required: true, Options: p.roleOptions(), Values: []string{string(u.Role)}},
		{Name: "department_id", Label: p.t("entry.department_id"), Hint: p.t("user.department_hint"), Kind: kindSelect, Options: departments, Values: []string{u.DepartmentID}},
		{Name: "enterprise_id", Label: p.t("entry.enterprise_id"), Hint: p.t("user.enterprise_hint"), Kind: kindSelect, Options: enterprises, Values: []string{u.EnterpriseID}},
		{Name: "phone", Label: p.t("entry.phone"), Kind: kindText, Max: 40, Values: []string{u.Phone}},
		{Name: "email", Label: p.t("user.email"), Hint: p.t("user.email_hint"), Kind: kindText, Max: 200, Values: []string{u.Email}},
		{Name: "language", Label: p.t("user.language"), Kind: kindRadios, Options: languages, Values: []string{u.Language}},
	}
	return f, nil
}

func (p *page) newUser() error {
	f, err := p.accountForm("/admin/users/new", service.NewUser{Language: "zh-CN"})
	if err != nil {
		return err
	}
	return p.show("admin/user", userForm{Form: f})
}

func (p *page) createUser() error {
	f, err := p.accountForm("/admin/users/new", service.NewUser{Language: "zh-CN"})
	if err != nil {
		return err
	}
	values, in, err := p.sentUser(f)
	var id string
	if err == nil {
		id, err = p.once(values, func(ctx context.Context) (string, error) {
			user, err := p.svc.CreateUser(ctx, p.actor, in)
			return user.ID, err
		})
	}
	if err != nil {
		return p.refuse(err, f, func(status int) error { return p.showAs(status, "admin/user", userForm{Form: f}) })
	}
	p.say("directory.created")
	return p.goTo("/admin/users/" + url.PathEscape(id))
}

func (p *page) sentUser(f *form) (url.Values, service.NewUser, error) {
	var in service.NewUser
	values, _, err := p.values()
	if err != nil {
		return nil, in, err
	}
	f.fill(values)
	return values, in, p.decode(values, &in)
}

func (p *page) userForm() (userForm, error) {
	user, err := p.svc.User(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return userForm{}, err
	}
	shown := userForm{User: user}
	uses, err := p.svc.LastUse(p.ctx(), p.actor, []service.UserView{*user})
	if err != nil {
		return shown, err
	}
	shown.LastUse = uses[user.ID]
	identities, err := p.svc.Identities(p.ctx(), p.actor, user.ID)
	if err != nil {
		return shown, err
	}
	shown.Identities = p.identityRows(identities)
	shown.Form, err = p.accountForm("/admin/users/"+user.ID, service.NewUser{
		Username: user.Username, Name: user.Name, Role: user.Role, DepartmentID: user.DepartmentID, EnterpriseID: user.EnterpriseID,
		Phone: user.Phone, Email: user.Email, Language: user.Language,
	})
	if err == nil {
		shown.Form.Seen = user.UpdatedAt.UTC().Format(time.RFC3339Nano)
	}
	return shown, err
}

func (p *page) user() error {
	shown, err := p.userForm()
	if err != nil {
		return err
	}
	return p.show("admin/user", shown)
}

func (p *page) changeUser() error {
	shown, err := p.userForm()
	if err != nil {
		return err
	}
	values, in, err := p.sentUser(shown.Form)
	if err == nil {
		_, err = p.once(values, func(ctx context.Context) (string, error) {
			_, err := p.svc.ChangeUserSeen(ctx, p.actor, p.Param("id"), seenAt(values), service.UserChange{
				Username: &in.Username, Name: &in.Name, Role: &in.Role, DepartmentID: &in.DepartmentID, EnterpriseID: &in.EnterpriseID,
				Phone: &in.Phone, Email: &in.Email, Language: &in.Language,
			})
			return "", err
		})
	}
	if err != nil {
		var stale *service.Stale
		if errors.As(err, &stale) {
			shown.Form.Changes = p.auditChanges(stale.Changes)
		}
		return p.refuse(err, shown.Form, func(status int) error { return p.showAs(status, "admin/user", shown) })
	}
	p.say("directory.saved")
	return p.goTo("/admin/users/" + url.PathEscape(p.Param("id")))
}

// seenAt is when what a form changes was last changed before it was shown; the
// zero time for a form that doesn't say.
func seenAt(values url.Values) time.Time {
	at, err := time.Parse(time.RFC3339Nano, values.Get("form_seen"))
	if err != nil {
		return time.Time{}
	}
	return at
}

// userLink makes a link by which the account's owner sets a password, or for an
// enterprise's contact, signs in; it is shown this once.
func (p *page) userLink() error {
	user, err := p.svc.User(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	kind := directory.InvitationLink
	if user.PasswordHash != "" && user.Role != ticket.RoleEnterprise {
		kind = directory.ResetLink
	}
	link, err := p.svc.MakeLink(p.ctx(), p.actor, user.ID, kind)
	if err != nil {
		return p.inPlace(err, p.userError)
	}
	whose := user.Names.Of(user.EnterpriseID)
	if whose == "" {
		whose = user.Names.Of(user.DepartmentID)
	}
	made, err := p.sheetLink(link, whose, false)
	if err != nil {
		return err
	}
	return p.show("invitation/sheet", sheet{Links: []sheetLink{made}, Back: "/admin/users/" + user.ID})
}

// userError shows the account with what could not be done.
func (p *page) userError(status int, words string) error {
	shown, err := p.userForm()
	if err != nil {
		return err
	}
	shown.Error = words
	return p.showAs(status, "admin/user", shown)
}

func (p *page) retireUser() error {
	if err := p.svc.RetireUser(p.ctx(), p.actor, p.Param("id")); err != nil {
		return p.inPlace(err, p.userError)
	}
	p.say("directory.retired")
	return p.goTo("/admin/users")
}

func (p *page) restoreUser() error {
	if _, err := p.svc.RestoreUser(p.ctx(), p.actor, p.Param("id")); err != nil {
		return p.inPlace(err, p.userError)
	}
	p.say("directory.restored")
	return p.goTo("/admin/users/" + url.PathEscape(p.Param("id")))
}
