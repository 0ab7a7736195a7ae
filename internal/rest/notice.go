package rest

import (
	"context"
	"net/http"
	"time"

	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// Notice is what the caller was told, mostly of a ticket.
type Notice struct {
	ID     string       `json:"id"`
	Ticket *TicketTitle `json:"ticket" doc:"null when it is about none"`
	Kind   string       `json:"kind" doc:"The event of the history line that it tells of; or yellow, red, overdue of a deadline; or handover, of enterprises that one looks after from now on; or expiry, of a policy resource that one keeps and that ends soon; or webhook, of one's own that was switched off"`
	Text   string       `json:"text" doc:"What happened, in the language asked for"`
	Todo   string       `json:"todo" doc:"What the caller was to do then, and by when; empty for nothing"`
	Path   string       `json:"path" doc:"Of the page that tells more"`
	Urgent bool         `json:"urgent"`
	At     time.Time    `json:"at"`
	ReadAt *time.Time   `json:"read_at" doc:"null while it is unread"`
}

// TicketTitle is a ticket as it is named in passing.
type TicketTitle struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Title  string `json:"title"`
}

// UnreadCount is how much of what the caller was told is unread.
type UnreadCount struct {
	Unread int `json:"unread"`
}

// NoticeQuery narrows a list of notices.
type NoticeQuery struct {
	Unread bool `query:"unread" doc:"Only what is unread"`
}

func (q NoticeQuery) filter() service.NoticeFilter { return service.NoticeFilter{Unread: q.Unread} }

func (a *API) notices() {
	list := operation(http.MethodGet, "/notices", "list-notices", "notices", "List what one was told, newest first")
	list.Description = "Notices of tickets that are out of one's sight by now are left out."
	register(a, list, func(ctx context.Context, actor ticket.Actor, in *struct {
		NoticeQuery
		Language text.Language `query:"language" enum:"zh-CN,en" doc:"Of the texts; the account's own by default"`
		Paged
	},
	) (*answer[Page[Notice]], error) {
		after, err := decodeCursor[service.NoticePosition](in.Cursor)
		if err != nil {
			return nil, err
		}
		f := in.filter()
		f.Language, f.After, f.Limit = in.Language, after, in.Limit+1
		all, err := a.svc.Notices(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		show := func(n service.Notice) Notice {
			shown := Notice{
				ID: n.ID, Kind: n.Kind, Text: n.Text, Todo: n.Todo, Path: n.Path, Urgent: n.Urgent, At: n.At, ReadAt: a.inZone(n.ReadAt),
			}
			if n.TicketID != "" {
				shown.Ticket = &TicketTitle{n.TicketID, n.Number, n.Title}
			}
			return shown
		}
		return &answer[Page[Notice]]{pageOf(all, in.Limit, show, func(n service.Notice) any { return n.Position() })}, nil
	})
	register(a, operation(http.MethodGet, "/notices/unread", "count-notices", "notices", "Count what one was told and has not read"),
		func(ctx context.Context, actor ticket.Actor, _ *struct{}) (*answer[UnreadCount], error) {
			n, err := a.svc.UnreadNotices(ctx, actor)
			return &answer[UnreadCount]{UnreadCount{n}}, err
		})
	read := operation(http.MethodPost, "/notices/read", "read-notices", "notices", "Mark notices as read")
	read.Description = "Those named, or all when none is. Those that are read already or somebody else's stay as they are."
	register(a, read, func(ctx context.Context, actor ticket.Actor, in *struct {
		Body struct {
			IDs []string `json:"ids,omitempty" maxItems:"200" doc:"Which; all when left out"`
		}
	},
	) (*nothing, error) {
		return &nothing{}, a.svc.ReadNotices(ctx, actor, in.Body.IDs)
	})
}
