package rest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"whistle/internal/directory"
	"whistle/internal/download"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

// Attachment is an uploaded file.
type Attachment struct {
	ID        string    `json:"id"`
	Name      string    `json:"name" doc:"Made safe to save under"`
	MediaType string    `json:"media_type" doc:"Found from the content"`
	Size      int64     `json:"size" doc:"In bytes"`
	SHA256    string    `json:"sha256" doc:"Of the content, in hex"`
	Seq       int       `json:"seq" doc:"The line of the ticket's history that carries it; 0 while none does"`
	CreatedAt time.Time `json:"created_at"`
}

func (a *API) attachment(at directory.Attachment) Attachment {
	return Attachment{at.ID, at.Name, at.MediaType, at.Size, at.SHA256, at.Seq, at.CreatedAt.In(a.svc.Zone())}
}

// upload is a file that is sent, as multipart/form-data.
type upload struct {
	Keyed
	RawBody multipart.Form
}

var uploadSchema = &huma.Schema{
	Type: "object", Required: []string{"file"},
	Properties: map[string]*huma.Schema{
		"file": {Type: "string", Format: "binary", Description: "The file"},
		"name": {Type: "string", Description: "What it is called; the file's own name by default"},
	},
}

// fileOf finds the one file of a form and what it is called.
func fileOf(form multipart.Form) (multipart.File, string, error) {
	headers := form.File["file"]
	if len(headers) != 1 {
		return nil, "", ticket.InvalidForm([]ticket.Field{{Pointer: "/file", Message: "must be one file"}})
	}
	name := headers[0].Filename
	if names := form.Value["name"]; len(names) > 0 && strings.TrimSpace(names[0]) != "" {
		name = names[0]
	}
	file, err := headers[0].Open()
	return file, name, err
}

// MarshalJSON stands for the upload when it is compared with one sent before
// under the same key.
func (u *upload) MarshalJSON() ([]byte, error) { return digestOf(u.RawBody) }

// digestOf stands for a form with a file when it is compared with another.
func digestOf(form multipart.Form) ([]byte, error) {
	file, name, err := fileOf(form)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // only read
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return nil, err
	}
	return json.Marshal([]any{name, hex.EncodeToString(hash.Sum(nil)), form.Value})
}

// download answers with a file, to be saved; size is -1 when it is not known.
func (a *API) download(ctx context.Context, name, mediaType string, size int64, file io.ReadCloser) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer file.Close()
		if size >= 0 {
			hctx.SetHeader("Content-Length", strconv.FormatInt(size, 10))
		}
		for header, value := range download.Headers(name, mediaType) {
			hctx.SetHeader(header, value)
		}
		hctx.SetStatus(http.StatusOK)
		if _, err := io.Copy(hctx.BodyWriter(), file); err != nil && ctx.Err() == nil {
			a.log.ErrorContext(ctx, "file not sent", slog.String("name", name), slog.Any("error", err))
		}
	}}
}

func (a *API) attachments() {
	post := operation(http.MethodPost, "/attachments", "upload-attachment", "attachments", "Upload a file, for an event or an entry to carry")
	post.DefaultStatus = http.StatusCreated
	post.Description = "Pictures, pdf, office documents, txt and csv, as their content shows, of at most 20 MB. Name its id within a day in attachments of an event, a visit or an entry; until then only the uploader reads it."
	post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: uploadSchema}}}
	registerKeyed(a, post, func(ctx context.Context, actor ticket.Actor, in *upload) (*created[Attachment], error) {
		defer in.RawBody.RemoveAll() //nolint:errcheck // what is left is in the system's temporary folder
		file, name, err := fileOf(in.RawBody)
		if err != nil {
			return nil, err
		}
		defer file.Close() //nolint:errcheck // only read
		kept, err := a.svc.Upload(ctx, actor, name, file)
		if err != nil {
			return nil, err
		}
		return &created[Attachment]{prefix + "/attachments/" + kept.ID, a.attachment(kept)}, nil
	})

	get := operation(http.MethodGet, "/attachments/{id}", "download-attachment", "attachments", "Download a file")
	get.Description = "The uploader until something carries it; then whoever reads that line of the ticket's history, the words of that visit, or that entry."
	content := map[string]*huma.MediaType{}
	for _, mediaType := range service.AttachmentMediaTypes() {
		content[mediaType] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	}
	get.Responses = map[string]*huma.Response{"200": {Description: "The file, to be saved", Content: content}}
	register(a, get, func(ctx context.Context, actor ticket.Actor, in *ByID) (*huma.StreamResponse, error) {
		kept, file, err := a.svc.OpenAttachment(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		return a.download(ctx, kept.Name, kept.MediaType, kept.Size, file), nil
	})

	a.attachmentsOf("/tickets", "list-ticket-attachments", "List the files of a ticket that one may read, in the order of its history", a.svc.TicketAttachments)
}

// attachmentsOf registers the list of the files of one thing.
func (a *API) attachmentsOf(path, id, summary string, list func(ctx context.Context, actor ticket.Actor, id string) ([]directory.Attachment, error)) {
	register(a, operation(http.MethodGet, path+"/{id}/attachments", id, "attachments", summary), func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Paged
	},
	) (*answer[Page[Attachment]], error) {
		after, err := decodeCursor[idPosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		all, err := list(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		if after != nil {
			for i, at := range all {
				if at.ID == after.ID {
					all = all[i+1:]
					break
				}
			}
		}
		return &answer[Page[Attachment]]{pageOf(all, in.Limit, a.attachment, func(at directory.Attachment) any { return idPosition{at.ID} })}, nil
	})
}
