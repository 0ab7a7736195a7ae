package rest

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"whistle/internal/download"
	"whistle/internal/service"
	"whistle/internal/tabular"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// exportsPath begins the addresses of all exports.
const exportsPath = "/exports/"

// ExportQuery says how a table is written.
type ExportQuery struct {
	Format   string `query:"format" enum:"csv,xlsx,jsonl" default:"xlsx" doc:"csv and xlsx have headers and words for people; jsonl has this API's names of fields, codes and ids"`
	Language string `query:"language" enum:"zh-CN,en" default:"zh-CN" doc:"Of the headers and words"`
}

func (q ExportQuery) how() (tabular.Format, text.Language) {
	return tabular.Format(q.Format), text.Language(q.Language)
}

// exportInput is the input of an export.
type exportInput interface {
	how() (tabular.Format, text.Language)
}

var exportContent = func() map[string]*huma.MediaType {
	content := map[string]*huma.MediaType{}
	for _, f := range tabular.Formats {
		mediaType, _, _ := strings.Cut(f.ContentType(), ";")
		content[mediaType] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	}
	return content
}()

// export registers the export of a list, at /exports/LIST and what follows.
func export[I exportInput](a *API, list service.ExportList, suffix, tag, what string,
	write func(ctx context.Context, actor ticket.Actor, in *I, to service.ExportTo) (int, error),
) {
	op := operation(http.MethodGet, exportsPath+string(list)+suffix, "export-"+string(list), tag, "Export "+what)
	op.Description = "The whole list as a table to be saved, by the list's own parameters and for the same readers, however many rows it has."
	op.Responses = map[string]*huma.Response{"200": {Description: "The table", Content: exportContent}}
	register(a, op, func(ctx context.Context, actor ticket.Actor, in *I) (*huma.StreamResponse, error) {
		format, language := (*in).how()
		return &huma.StreamResponse{Body: func(hctx huma.Context) {
			answer := download.NewWriter(func() func([]byte) (int, error) {
				for header, value := range download.Headers(a.svc.ExportFileName(list, format, language), format.ContentType()) {
					hctx.SetHeader(header, value)
				}
				hctx.SetStatus(http.StatusOK)
				return hctx.BodyWriter().Write
			})
			_, err := write(ctx, actor, in, service.ExportTo{W: answer, Format: format, Language: language})
			if err == nil {
				_, err = answer.Write(nil) // of nothing the head is the answer
			}
			switch {
			case err == nil:
			case !answer.Begun():
				a.refuse(hctx, err)
			default:
				if ctx.Err() == nil {
					a.log.ErrorContext(ctx, "export not sent", slog.String("list", string(list)), slog.Any("error", err))
				}
				panic(http.ErrAbortHandler) // half a table must not pass for a whole one
			}
		}}, nil
	})
}

func (a *API) exports() {
	export(a, service.ExportedTickets, "", "tickets", "tickets, newest first",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			TicketQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			f, err := a.ticketFilter(actor, in.TicketQuery)
			if err != nil {
				return 0, err
			}
			return a.svc.ExportTickets(ctx, actor, f, to)
		})
	export(a, service.ExportedHistory, "", "tickets", "the histories of tickets, a row a line; for leaders and the desk",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			TicketQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			f, err := a.ticketFilter(actor, in.TicketQuery)
			if err != nil {
				return 0, err
			}
			return a.svc.ExportHistoryTable(ctx, actor, f, to)
		})
	export(a, service.ExportedFigures, "", "figures", "figures, a row for the whole and one for each group",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			FiguresInput
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			q, err := a.figuresQuery(in.FiguresInput)
			if err != nil {
				return 0, err
			}
			return a.svc.ExportFigures(ctx, actor, q, to)
		})
	export(a, service.ExportedSnapshots, "", "figures", "the district's frozen figures, the latest periods first",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			SnapshotQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			f, err := in.filter()
			if err != nil {
				return 0, err
			}
			return a.svc.ExportSnapshots(ctx, actor, f, to)
		})
	export(a, service.ExportedMembers, "/{id}", "figures", "the tickets that a rate of a snapshot counted",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			ByID
			MemberQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			return a.svc.ExportSnapshotMembers(ctx, actor, in.ID, in.query(), to)
		})
	export(a, service.ExportedUsers, "", "users", "accounts, by user name",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			UserQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			return a.svc.ExportUsers(ctx, actor, in.filter(), to)
		})
	export(a, service.ExportedAssignments, "", "assignments", "assignments, newest first",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			AssignmentQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			return a.svc.ExportAssignments(ctx, actor, in.filter(), to)
		})
	export(a, service.ExportedAudit, "", "audit", "changes of anything that is not a ticket, newest first; for administrators",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			AuditQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			f, err := a.auditFilter(in.AuditQuery)
			if err != nil {
				return 0, err
			}
			return a.svc.ExportAudit(ctx, actor, f, to)
		})
	export(a, service.ExportedNotices, "", "notices", "what one was told, newest first",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			NoticeQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			return a.svc.ExportNotices(ctx, actor, in.filter(), to)
		})
	export(a, service.ExportedImports, "", "imports", "the imports in the background, newest first; for administrators",
		func(ctx context.Context, actor ticket.Actor, in *struct {
			ImportQuery
			ExportQuery
		}, to service.ExportTo,
		) (int, error) {
			return a.svc.ExportImports(ctx, actor, in.filter(), to)
		})
}
