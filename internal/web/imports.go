package web

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"whistle/internal/download"
	"whistle/internal/service"
	"whistle/internal/tabular"
	"whistle/internal/ticket"
)

const (
	kindFile kind = "file" // one that is read here and now

	importsAPage = 30
	faultsAPage  = 100
)

type importsPage struct {
	Runs  []service.ImportRun
	Kinds []service.ImportKind
	Next  string
	Form  *form
}

func (p *page) importForm() *form {
	f := newForm("/admin/imports", p.t("imports.start"))
	kinds := field{Name: "kind", Label: p.t("imports.kind"), Kind: kindRadios, Required: true}
	for _, kind := range service.ImportKinds {
		kinds.Options = append(kinds.Options, option{Value: string(kind), Label: p.t("import_kind." + string(kind))})
	}
	f.Fields = []field{
		kinds,
		{Name: "file", Label: p.t("imports.file"), Hint: p.t("imports.file_hint"), Kind: kindFile, Required: true},
	}
	return f
}

func (p *page) imports() error { return p.showImports(http.StatusOK, p.importForm()) }

func (p *page) showImports(status int, f *form) error {
	runs, err := p.svc.ImportRuns(p.ctx(), p.actor, service.ImportRunFilter{After: p.QueryParam("after"), Limit: importsAPage + 1})
	if err != nil {
		return err
	}
	shown := importsPage{Runs: runs, Kinds: service.ImportKinds, Form: f}
	if len(runs) > importsAPage {
		shown.Runs = runs[:importsAPage]
		shown.Next = p.with("after", runs[importsAPage-1].ID)
	}
	return p.showAs(status, "admin/imports", shown)
}

// startImport has a file looked at; how that goes, and what confirms it, shows
// on the run's own page.
func (p *page) startImport() error {
	f := p.importForm()
	values, files, err := p.values()
	var id string
	if err == nil {
		f.fill(values)
		id, err = p.takeFile(values, files)
	}
	if err != nil {
		return p.refuse(err, f, func(status int) error { return p.showImports(status, f) })
	}
	return p.goTo("/admin/imports/" + id)
}

// takeFile starts an import of the one file that came along, once.
func (p *page) takeFile(values url.Values, files *multipart.Form) (id string, err error) {
	kind := values.Get("kind")
	var faults []ticket.Field
	if kind == "" {
		faults = append(faults, ticket.Field{Pointer: "/kind", Message: "must not be empty"})
	}
	if files == nil || len(files.File["file"]) != 1 || files.File["file"][0].Filename == "" {
		faults = append(faults, ticket.Field{Pointer: "/file", Message: "must be one file"})
	}
	if err := ticket.InvalidForm(faults); err != nil {
		return "", err
	}
	header := files.File["file"][0]
	values.Set("file", header.Filename+" "+strconv.FormatInt(header.Size, 10)) // another file is another import
	return p.once(values, func(ctx context.Context) (string, error) {
		content, err := header.Open() // anew where the database asks to try again
		if err != nil {
			return "", err
		}
		defer content.Close() //nolint:errcheck // only read
		run, err := p.svc.StartImport(ctx, p.actor, service.ImportKind(kind), header.Filename, content, service.ImportRunOptions{DryRun: true})
		return run.ID, err
	})
}

// save has the browser save what follows under a name.
func (p *page) save(name, mediaType string) {
	for header, value := range download.Headers(name, mediaType) {
		p.Response().Header().Set(header, value)
	}
}

type importRunPage struct {
	*service.ImportRun
	FaultList []service.ImportFault
	Next      string
	Expired   bool   // a preview that cannot be confirmed any more
	Log       string // where the audit log tells what was imported
}

// Ended says whether it goes no further.
func (r importRunPage) Ended() bool { return r.EndedAt != nil }

// Previewed says whether it was a preview, and has come to its end.
func (r importRunPage) Previewed() bool { return !r.PreviewEnds().IsZero() }

// Good is how many rows would be taken in, or were.
func (r importRunPage) Good() int { return r.Added + r.Changed }

// Undo names the text that says how what was imported is undone.
func (r importRunPage) Undo() string {
	switch kind := service.ImportKind(r.Kind); kind { //nolint:exhaustive // all others are kept in the directory
	case service.ImportTickets, service.ImportVisits:
		return "imports.undo_" + string(kind)
	}
	return "imports.undo_entries"
}

func (p *page) importRun() error {
	run, err := p.svc.ImportRun(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	shown := importRunPage{ImportRun: run, Expired: run.PreviewExpired(p.svc.Now())}
	if run.EndedAt != nil {
		shown.Log = "/admin/audit?" + url.Values{
			"actor": {run.StartedBy},
			"from":  {run.CreatedAt.In(p.svc.Zone()).Format(time.DateOnly)}, "to": {run.EndedAt.In(p.svc.Zone()).Format(time.DateOnly)},
		}.Encode()
	}
	after, _ := strconv.Atoi(p.QueryParam("after")) // 0 for the first page
	if shown.FaultList, err = p.svc.ImportFaults(p.ctx(), p.actor, run.ID, after, faultsAPage+1); err != nil {
		return err
	}
	if len(shown.FaultList) > faultsAPage {
		shown.FaultList = shown.FaultList[:faultsAPage]
		shown.Next = p.with("after", strconv.Itoa(shown.FaultList[faultsAPage-1].Item))
	}
	return p.show("admin/import", shown)
}

// badRows hands out the rows that have a fault, with what is wrong, to be
// mended and imported.
func (p *page) badRows() error {
	rows, err := p.svc.BadRows(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	defer rows.Close()
	p.save("bad-rows.csv", tabular.CSV.ContentType())
	return p.Stream(http.StatusOK, tabular.CSV.ContentType(), rows)
}

// markedFile hands out the file with its faulty cells in red.
func (p *page) markedFile() error {
	run, err := p.svc.ImportRun(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := p.svc.MarkedFile(p.ctx(), p.actor, run.ID, p.lang, &file); err != nil {
		return err
	}
	p.save(strings.TrimSuffix(run.FileName, path.Ext(run.FileName))+"."+string(tabular.XLSX), tabular.XLSX.ContentType())
	return p.Stream(http.StatusOK, tabular.XLSX.ContentType(), &file)
}

// confirmImport has what was previewed imported.
func (p *page) confirmImport() error {
	run, err := p.svc.ConfirmImport(p.ctx(), p.actor, p.Param("id"), p.FormValue("skip_bad") != "")
	if err != nil {
		return err
	}
	return p.goTo("/admin/imports/" + run.ID)
}

func (p *page) cancelImport() error {
	if err := p.svc.CancelImport(p.ctx(), p.actor, p.Param("id")); err != nil {
		return err
	}
	p.say("imports.cancelled")
	return p.goTo("/admin/imports/" + p.Param("id"))
}

// importTemplate is an empty file with the headings, to be filled.
func (p *page) importTemplate() error {
	kind, format := service.ImportKind(p.Param("kind")), tabular.XLSX
	if p.QueryParam("format") == string(tabular.CSV) {
		format = tabular.CSV
	}
	if !slices.Contains(service.ImportKinds, kind) {
		return ticket.NotFound("page")
	}
	p.save(string(kind)+"."+string(format), format.ContentType())
	return p.svc.ImportTemplate(p.ctx(), p.actor, kind, format, p.lang, p.Response())
}
