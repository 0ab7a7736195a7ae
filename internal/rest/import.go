package rest

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"whistle/internal/service"
	"whistle/internal/tabular"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// importKind is a service.ImportKind.
type importKind string

// Schema names every kind there is.
func (importKind) Schema(huma.Registry) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString}
	for _, kind := range service.ImportKinds {
		schema.Enum = append(schema.Enum, string(kind))
	}
	return schema
}

// Import is an import in the background.
type Import struct {
	ID          string              `json:"id"`
	Kind        importKind          `json:"kind"`
	FileName    string              `json:"file_name"`
	FileSize    int64               `json:"file_size" doc:"In bytes"`
	DryRun      bool                `json:"dry_run"`
	SkipBad     bool                `json:"skip_bad"`
	State       service.ImportState `json:"state" enum:"queued,running,done,failed,cancelled" doc:"done: every row was looked at; see applied"`
	Rows        int                 `json:"rows" doc:"In the file, as far as it is known"`
	Done        int                 `json:"done" doc:"How many of them were looked at"`
	Added       int                 `json:"added"`
	Changed     int                 `json:"changed"`
	Unchanged   int                 `json:"unchanged" doc:"There already"`
	Bad         int                 `json:"bad" doc:"Rows with faults"`
	Faults      int                 `json:"faults" doc:"How many; the first 1000 are listed"`
	Made        map[string]int      `json:"made" doc:"What was made besides, by what it is"`
	Applied     bool                `json:"applied" doc:"False for a dry run, and when bad rows held the others back"`
	Failure     string              `json:"failure" doc:"Why it failed; empty otherwise"`
	BadRows     bool                `json:"bad_rows" doc:"Whether the bad rows can still be downloaded"`
	Digest      string              `json:"digest" doc:"SHA-256 of the file, in hex"`
	PreviewID   string              `json:"preview_id" doc:"The dry run that was confirmed by this import; empty for none"`
	PreviewEnds *time.Time          `json:"preview_ends" doc:"Until when a dry run may be confirmed; null for what is none, or has not ended"`
	StartedBy   Named               `json:"started_by"`
	CreatedAt   time.Time           `json:"created_at"`
	BegunAt     *time.Time          `json:"begun_at"`
	EndedAt     *time.Time          `json:"ended_at"`
}

// ImportFault is one thing wrong with an import's file.
type ImportFault struct {
	Row     int    `json:"row" doc:"As a spreadsheet counts, from 1; 0 where none is meant"`
	Column  string `json:"column" doc:"The header as it stands in the file; empty where the row is meant"`
	Letter  string `json:"letter" doc:"What a spreadsheet calls the column; empty where none is meant"`
	Message string `json:"message"`
}

// itemPosition is a place in a list that is ordered by number.
type itemPosition struct {
	Item int `json:"item"`
}

func (a *API) showImport(r service.ImportRun) Import {
	return Import{
		ID: r.ID, Kind: importKind(r.Kind), FileName: r.FileName, FileSize: r.FileSize, DryRun: r.Options.DryRun, SkipBad: r.Options.SkipBad,
		State: r.State, Rows: r.Rows, Done: r.Done, Added: r.Added, Changed: r.Changed, Unchanged: r.Unchanged, Bad: r.Bad, Faults: r.Faults,
		Made: r.Made, Applied: r.Applied, Failure: r.Failure.String(), BadRows: r.Bad > 0 && r.FileKept,
		Digest: r.Digest, PreviewID: r.PreviewID, PreviewEnds: a.previewEnds(r),
		StartedBy: Named{r.StartedBy, r.Names.Of(r.StartedBy)},
		CreatedAt: *a.inZone(&r.CreatedAt), BegunAt: a.inZone(r.BegunAt), EndedAt: a.inZone(r.EndedAt),
	}
}

func (a *API) previewEnds(r service.ImportRun) *time.Time {
	ends := r.PreviewEnds()
	if ends.IsZero() {
		return nil
	}
	return a.inZone(&ends)
}

// importUpload is a table that is sent with what is to be done with it.
type importUpload struct {
	Keyed
	RawBody multipart.Form
}

// value is a text of the form; "" when it is not there.
func (u *importUpload) value(name string) string {
	if values := u.RawBody.Value[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// options reads what is to be done.
func (u *importUpload) options() (service.ImportRunOptions, error) {
	o := service.ImportRunOptions{Department: u.value("department"), Category: u.value("category")}
	var faults []ticket.Field
	for name, into := range map[string]*bool{"dry_run": &o.DryRun, "skip_bad": &o.SkipBad} {
		text := u.value(name)
		if text == "" {
			continue
		}
		yes, err := strconv.ParseBool(text)
		if err != nil {
			faults = append(faults, ticket.Field{Pointer: "/" + name, Message: "must be true or false"})
		}
		*into = yes
	}
	return o, ticket.InvalidForm(faults)
}

// MarshalJSON stands for the upload when it is compared with one sent before
// under the same key.
func (u *importUpload) MarshalJSON() ([]byte, error) { return digestOf(u.RawBody) }

var importSchema = &huma.Schema{
	Type: "object", Required: []string{"file", "kind"},
	Properties: map[string]*huma.Schema{
		"file":       {Type: "string", Format: "binary", Description: "CSV or xlsx, of at most 20 MB"},
		"name":       {Type: "string", Description: "What it is called; the file's own name by default"},
		"kind":       {Type: "string", Enum: importKind("").Schema(nil).Enum, Description: "What its rows are"},
		"dry_run":    {Type: "string", Enum: []any{"true", "false"}, Description: "Tell what would be done, and do nothing"},
		"skip_bad":   {Type: "string", Enum: []any{"true", "false"}, Description: "Take the good rows in although there are bad ones"},
		"department": {Type: "string", Description: "Of tickets: where rows that name no department were dispatched to"},
		"category":   {Type: "string", Description: "Of tickets: the category code of rows that name none"},
	},
}

// ImportQuery narrows a list of imports.
type ImportQuery struct {
	Kind  importKind `query:"kind"`
	State string     `query:"state" enum:"queued,running,done,failed,cancelled"`
}

func (q ImportQuery) filter() service.ImportRunFilter {
	return service.ImportRunFilter{Kind: string(q.Kind), State: service.ImportState(q.State)}
}

const forAdmins = "For administrators."

func (a *API) imports() {
	start := operation(http.MethodPost, "/imports", "start-import", "imports", "Import a table in the background")
	start.DefaultStatus = http.StatusCreated
	start.Description = forAdmins + " All rows are taken in or, unless skip_bad is true, none. What is there already adds nothing, so that the same file may be sent again."
	start.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: importSchema}}}
	registerKeyed(a, start, func(ctx context.Context, actor ticket.Actor, in *importUpload) (*created[Import], error) {
		defer in.RawBody.RemoveAll() //nolint:errcheck // what is left is in the system's temporary folder
		options, err := in.options()
		if err != nil {
			return nil, err
		}
		file, name, err := fileOf(in.RawBody)
		if err != nil {
			return nil, err
		}
		defer file.Close() //nolint:errcheck // only read
		run, err := a.svc.StartImport(ctx, actor, service.ImportKind(in.value("kind")), name, file, options)
		if err != nil {
			return nil, err
		}
		return &created[Import]{prefix + "/imports/" + run.ID, a.showImport(run)}, nil
	})
	list := operation(http.MethodGet, "/imports", "list-imports", "imports", "List the imports in the background, newest first")
	list.Description = forAdmins
	register(a, list, func(ctx context.Context, actor ticket.Actor, in *struct {
		ImportQuery
		Paged
	},
	) (*answer[Page[Import]], error) {
		after, err := decodeCursor[idPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		f := in.filter()
		f.After, f.Limit = afterID(after), in.Limit+1
		all, err := a.svc.ImportRuns(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		return &answer[Page[Import]]{pageOf(all, in.Limit, a.showImport, func(r service.ImportRun) any { return idPosition{r.ID} })}, nil
	})
	get := operation(http.MethodGet, "/imports/{id}", "get-import", "imports", "Read an import in the background")
	get.Description = forAdmins
	register(a, get, func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[Import], error) {
		run, err := a.svc.ImportRun(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		return &answer[Import]{a.showImport(*run)}, nil
	})
	a.previews()
	cancel := operation(http.MethodDelete, "/imports/{id}", "cancel-import", "imports", "Give up an import that has not ended; nothing of it is applied")
	cancel.Description = forAdmins
	register(a, cancel, func(ctx context.Context, actor ticket.Actor, in *ByID) (*nothing, error) {
		return &nothing{}, a.svc.CancelImport(ctx, actor, in.ID)
	})
	faults := operation(http.MethodGet, "/imports/{id}/faults", "list-import-faults", "imports", "List what is wrong with an import's file, in its order")
	faults.Description = forAdmins
	register(a, faults, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Paged
	},
	) (*answer[Page[ImportFault]], error) {
		after, err := decodeCursor[itemPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		if after == nil {
			after = &itemPosition{}
		}
		all, err := a.svc.ImportFaults(ctx, actor, in.ID, after.Item, in.Limit+1)
		if err != nil {
			return nil, err
		}
		show := func(f service.ImportFault) ImportFault {
			return ImportFault{f.Row, f.Column, f.Letter, f.Message.String()}
		}
		return &answer[Page[ImportFault]]{pageOf(all, in.Limit, show, func(f service.ImportFault) any { return itemPosition{f.Item} })}, nil
	})
	bad := operation(http.MethodGet, "/imports/{id}/bad-rows", "download-bad-rows", "imports", "Download the bad rows of an import's file, to be mended and imported")
	bad.Description = forAdmins + " A CSV like the file, with a column more that says what is wrong. Kept for 30 days."
	bad.Responses = map[string]*huma.Response{"200": fileResponse(tabular.CSV)}
	register(a, bad, func(ctx context.Context, actor ticket.Actor, in *ByID) (*huma.StreamResponse, error) {
		file, err := a.svc.BadRows(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		return a.download(ctx, "bad-rows.csv", tabular.CSV.ContentType(), -1, file), nil
	})
	template := operation(http.MethodGet, "/import-templates/{kind}", "download-import-template", "imports", "Download a table with the columns of an import, to be filled")
	template.Description = "The xlsx has drop-downs, with what the directory holds for administrators, and a sheet that explains it. The csv has one row as an example, to be deleted: an import refuses it."
	template.Responses = map[string]*huma.Response{"200": fileResponse(tabular.CSV, tabular.XLSX)}
	register(a, template, func(ctx context.Context, actor ticket.Actor, in *struct {
		Kind     importKind `path:"kind"`
		Format   string     `query:"format" enum:"csv,xlsx" default:"xlsx"`
		Language string     `query:"language" enum:"zh-CN,en" default:"zh-CN" doc:"Of the headers and explanations"`
	},
	) (*huma.StreamResponse, error) {
		var file bytes.Buffer
		format := tabular.Format(in.Format)
		if err := a.svc.ImportTemplate(ctx, actor, service.ImportKind(in.Kind), format, text.Language(in.Language), &file); err != nil {
			return nil, err
		}
		return a.download(ctx, string(in.Kind)+"."+in.Format, format.ContentType(), int64(file.Len()), io.NopCloser(&file)), nil
	})
}

// previews are what a dry run is followed by.
func (a *API) previews() {
	confirm := operation(http.MethodPost, "/imports/{id}/confirm", "confirm-import", "imports", "Import the very file that a dry run looked at")
	confirm.Description = forAdmins + " However often a dry run is confirmed, its file is imported once; the answer is that import. A day after its end it is confirmed no more."
	register(a, confirm, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Body struct {
			SkipBad bool `json:"skip_bad,omitempty" doc:"Take the good rows in although there are bad ones"`
		}
	},
	) (*answer[Import], error) {
		run, err := a.svc.ConfirmImport(ctx, actor, in.ID, in.Body.SkipBad)
		if err != nil {
			return nil, err
		}
		return &answer[Import]{a.showImport(*run)}, nil
	})
	marked := operation(http.MethodGet, "/imports/{id}/marked-file", "download-marked-file", "imports", "Download an import's file with its faulty cells marked")
	marked.Description = forAdmins + " A workbook with the first 1000 faults in red and as comments, to be mended and imported. There is none of files with more than 20,000 rows."
	marked.Responses = map[string]*huma.Response{"200": fileResponse(tabular.XLSX)}
	register(a, marked, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Language string `query:"language" enum:"zh-CN,en" default:"zh-CN" doc:"Of the comments"`
	},
	) (*huma.StreamResponse, error) {
		var file bytes.Buffer
		if err := a.svc.MarkedFile(ctx, actor, in.ID, text.Language(in.Language), &file); err != nil {
			return nil, err
		}
		return a.download(ctx, "marked.xlsx", tabular.XLSX.ContentType(), int64(file.Len()), io.NopCloser(&file)), nil
	})
}

// fileResponse describes a file in one of the formats.
func fileResponse(formats ...tabular.Format) *huma.Response {
	content := map[string]*huma.MediaType{}
	for _, f := range formats {
		mediaType, _, _ := strings.Cut(f.ContentType(), ";")
		content[mediaType] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	}
	return &huma.Response{Description: "The file, to be saved", Content: content}
}
