package web

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"image/color"
	"strconv"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

func (w *Pages) invitationRoutes() []route {
	return []route{
		get("/invitations", (*page).invitations),
		post("/invitations", (*page).invite),
		post("/invitations/:id/anew", (*page).inviteAnew),
		post("/invitations/:id/revoke", (*page).revokeInvitation),
	}
}

const (
	enterprisesAPage = 50
	linksAPage       = 20
	defaultLinkDays  = 7
)

// linkDays are the lengths to choose from; the longest that a link may work is
// 90 days.
var linkDays = []int{1, defaultLinkDays, 30, 90}

type invitationsPage struct {
	Text        string // looked for
	Enterprises []directory.Enterprise
	Places      map[string]string // names by id
	More        string            // where the next ones are; "" for none
	Links       []service.Invitation
	Later       string // where the earlier links are; "" for none
	Days        []int
	Key         string
	Error       string
	Chosen      map[string]bool
	ChosenDays  int
}

// invitations is where links for enterprises' contacts are made: the
// enterprises that nobody can sign in for come first, since they wait for one.
func (p *page) invitations() error { return p.showInvitations(200, invitationsPage{}) }

func (p *page) showInvitations(status int, shown invitationsPage) error {
	shown.Text, shown.Days = strings.TrimSpace(p.QueryParam("q")), linkDays
	if shown.Key == "" {
		shown.Key, shown.ChosenDays = newForm("", "").Key, defaultLinkDays
	}
	filter := service.EntryFilter{Text: shown.Text, After: p.QueryParam("after"), Limit: enterprisesAPage + 1}
	var err error
	if p.QueryParam("all") != "" {
		shown.Enterprises, err = p.svc.InvitableEnterprises(p.ctx(), p.actor, filter)
	} else {
		shown.Enterprises, err = p.svc.UnreachedEnterprises(p.ctx(), p.actor, filter)
	}
	if err != nil {
		return err
	}
	if len(shown.Enterprises) > enterprisesAPage {
		shown.Enterprises = shown.Enterprises[:enterprisesAPage]
		shown.More = p.with("after", shown.Enterprises[enterprisesAPage-1].ID)
	}
	places, err := p.svc.Places().List(p.ctx(), p.actor, service.EntryFilter{All: true})
	if err != nil {
		return err
	}
	shown.Places = map[string]string{}
	for _, place := range places {
		shown.Places[place.ID] = place.Name
	}
	links := service.InvitationFilter{State: directory.LinkState(p.QueryParam("state")), After: p.QueryParam("link_after"), Limit: linksAPage + 1}
	if shown.Links, err = p.svc.Invitations(p.ctx(), p.actor, links); err != nil {
		return err
	}
	if len(shown.Links) > linksAPage {
		shown.Links = shown.Links[:linksAPage]
		shown.Later = p.with("link_after", shown.Links[linksAPage-1].ID)
	}
	return p.showAs(status, "invitation/list", shown)
}

// with is the page's own address with one parameter of its query set anew, or
// taken away by "".
func (p *page) with(name, value string) string {
	address := p.address()
	query := address.Query()
	query.Del(name)
	if value != "" {
		query.Set(name, value)
	}
	return address.Path + "?" + query.Encode()
}

// sheet is what is printed or shown once: links with their codes.
type sheet struct {
	Links []sheetLink
	Back  string // to where they were made
}

// sheetLink is a link to hand out.
type sheetLink struct {
	Enterprise, Person string
	URL                string
	Code               template.HTML // the link as a QR code
	ExpiresAt          time.Time
	NewAccount         bool
}

func (p *page) sheetLink(link *service.Link, enterprise string, newAccount bool) (sheetLink, error) {
	address := service.LinkURL(p.web.opts.PublicURL, link)
	code, err := qrCode(address, p.t("invitation.code", "Name", link.User.Name))
	return sheetLink{enterprise, link.User.Name, address, code, link.ExpiresAt, newAccount}, err
}

// invite makes the links and shows them, this once. Sending the form again
// makes them anew, since they are kept by no one: the ones before stop working,
// so there is never more than one that does.
func (p *page) invite() error {
	values, _, err := p.values()
	if err != nil {
		return err
	}
	var in struct {
		EnterpriseIDs []string `json:"enterprise_ids"`
		Days          int      `json:"days"`
	}
	made := sheet{Back: "/invitations"}
	err = p.decode(values, &in)
	if err == nil {
		var invited []service.Invited
		if invited, err = p.svc.Invite(p.ctx(), p.actor, service.NewInvitations(in)); err == nil {
			for _, i := range invited {
				link, err := p.sheetLink(i.Link, i.Enterprise.Name, i.NewAccount)
				if err != nil {
					return err
				}
				made.Links = append(made.Links, link)
			}
			return p.show("invitation/sheet", made)
		}
	}
	known, status, err := p.known(err)
	if err != nil {
		return err
	}
	if known.Code == ticket.CodeForbidden {
		return known
	}
	shown := invitationsPage{Error: p.errorWords(known), Key: values.Get("form_key"), Chosen: map[string]bool{}, ChosenDays: in.Days}
	for _, fault := range known.Fields {
		shown.Error += " " + p.faultWords(fault)
	}
	for _, id := range in.EnterpriseIDs {
		shown.Chosen[id] = true
	}
	return p.showInvitations(status, shown)
}

func (p *page) inviteAnew() error {
	days, err := strconv.Atoi(p.FormValue("days"))
	if err != nil {
		days = defaultLinkDays
	}
	link, err := p.svc.InviteAnew(p.ctx(), p.actor, p.Param("id"), days)
	if err != nil {
		return err
	}
	made, err := p.sheetLink(link, p.enterpriseName(p.ctx(), link.User.EnterpriseID), false)
	if err != nil {
		return err
	}
	return p.show("invitation/sheet", sheet{[]sheetLink{made}, "/invitations"})
}

// enterpriseName is "" for an account of no enterprise, or one that the reader
// may not look at.
func (p *page) enterpriseName(ctx context.Context, id string) string {
	if id == "" {
		return ""
	}
	enterprise, err := p.svc.Enterprises().Get(ctx, p.actor, id)
	if err != nil {
		return ""
	}
	return enterprise.Name
}

func (p *page) revokeInvitation() error {
	if err := p.svc.RevokeInvitation(p.ctx(), p.actor, p.Param("id")); err != nil {
		return err
	}
	p.say("invitation.revoked")
	return p.goTo("/invitations")
}

// qrCode draws a text as an SVG: one path of squares on white, with the margin
// of four squares that readers need, so that it works on a dark page too.
func qrCode(content, label string) (template.HTML, error) {
	code, err := qr.Encode(content, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("qr code: %w", err)
	}
	const margin = 4
	size := code.Bounds().Dx()
	var squares bytes.Buffer
	for y := range size {
		for x := range size {
			if code.At(x, y) == color.Black {
				fmt.Fprintf(&squares, "M%d %dh1v1h-1z", x+margin, y+margin)
			}
		}
	}
	whole := size + 2*margin
	return template.HTML(fmt.Sprintf( //nolint:gosec // numbers, and a label that is escaped
		`<svg class="qr" viewBox="0 0 %d %d" role="img" aria-label="%s" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#fff"/><path d="%s" fill="#000"/></svg>`,
		whole, whole, template.HTMLEscapeString(label), whole, whole, squares.String())), nil
}
