package web

import (
	"net/http"
	"time"

	"whistle/internal/phrase"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// adminTabs are the administrator's pages, by the last part of their address.
var adminTabs = []string{
	"users", "departments", "categories", "duties", "reasons", "places", "chains", "enterprises", "projects", "experts",
	"policies", "calendar", "imports", "webhooks", "jobs", "audit",
}

func (w *Pages) adminRoutes() []route {
	return []route{
		get("/admin", (*page).adminHome),
		get("/admin/users", administrators((*page).users)),
		get("/admin/users/new", administrators((*page).newUser)),
		post("/admin/users/new", administrators((*page).createUser)),
		get("/admin/users/:id", administrators((*page).user)),
		post("/admin/users/:id", administrators((*page).changeUser)),
		post("/admin/users/:id/link", administrators((*page).userLink)),
		post("/admin/users/:id/retire", administrators((*page).retireUser)),
		post("/admin/users/:id/restore", administrators((*page).restoreUser)),
		get("/admin/policies", administrators((*page).policies)),
		get("/admin/policies/new", administrators((*page).newPolicy)),
		post("/admin/policies/new", administrators((*page).createPolicy)),
		get("/admin/calendar", administrators((*page).calendar)),
		post("/admin/calendar", administrators((*page).changeCalendar)),
		get("/admin/imports", administrators((*page).imports)),
		post("/admin/imports", administrators((*page).startImport)),
		get("/admin/imports/template/:kind", administrators((*page).importTemplate)),
		get("/admin/imports/:id", administrators((*page).importRun)),
		get("/admin/imports/:id/bad-rows.csv", administrators((*page).badRows)),
		get("/admin/imports/:id/marked.xlsx", administrators((*page).markedFile)),
		post("/admin/imports/:id/confirm", administrators((*page).confirmImport)),
		post("/admin/imports/:id/cancel", administrators((*page).cancelImport)),
		get("/admin/jobs", administrators((*page).jobs)),
		post("/admin/jobs/:id/:what", administrators((*page).decideOnJob)),
		get("/admin/audit", administrators((*page).audit)),
	}
}

// administrators keeps a page to them; to anybody else there is none.
func administrators(handle func(*page) error) func(*page) error {
	return func(p *page) error {
		if !p.administers() {
			return ticket.NotFound("page")
		}
		return handle(p)
	}
}

// administers says whether the reader keeps the directory.
func (p *page) administers() bool { return p.actor.Role == ticket.RoleAdmin }

func (p *page) adminHome() error {
	if !p.administers() {
		return ticket.NotFound("page")
	}
	return p.goTo("/admin/" + adminTabs[0])
}

// inPlace answers what a button asked for: an error that its presser can mend
// is shown where the button stands.
func (p *page) inPlace(err error, show func(status int, words string) error) error {
	known, status, err := p.known(err)
	if err != nil {
		return err
	}
	if status == http.StatusNotFound || status == http.StatusForbidden {
		return known
	}
	words := p.errorWords(known)
	for _, fault := range known.Fields {
		words += " " + p.faultWords(fault)
	}
	return show(status, words)
}

// Author is a person's name; the service itself has one in each language.
func (v view) Author(id string, names *service.Names) string {
	if name := "author." + id; text.Has(name) {
		return v.t(name)
	}
	return names.Of(id)
}

// Category is a category's name by its code.
func (v view) Category(code string) string { return v.category(code, code) }

// Length is how long a clock runs, in words.
func (v view) Length(l ticket.Length) string {
	return v.t("length."+string(l.Unit), "Count", l.Amount)
}

// PhraseWords says a phrase in the reader's language; "" for none.
func (v view) PhraseWords(said phrase.Phrase) string { return v.phrase(said) }

// dayLegend are the kinds of day that a calendar marks.
var dayLegend = []service.DayKind{service.WorkingDay, service.Weekend, service.Holiday, service.MakeUpDay}

// clockTime is a time of day since midnight, e.g. 09:00.
func clockTime(d time.Duration) string { return time.Time{}.Add(d).Format("15:04") }
