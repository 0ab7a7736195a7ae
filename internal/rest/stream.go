package rest

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2/sse"

	"whistle/internal/service"
)

// TicketHint says that a ticket in the reader's sight has changed.
type TicketHint struct {
	TicketID string `json:"ticket_id"`
	Version  int    `json:"version"`
}

// NoticeHint says that the reader was told something, or has read it.
type NoticeHint struct {
	Unread int `json:"unread" doc:"How many notices are unread now"`
}

// ImportHint says, to administrators, how far an import is that is worked on,
// or that it was begun or has ended.
type ImportHint struct {
	ImportID string `json:"import_id"`
	Done     int    `json:"done" doc:"How many of its rows were looked at"`
	Rows     int    `json:"rows" doc:"0 when it was begun just now or has ended: read it"`
}

// ResetHint says that hints were lost: fetch anew.
type ResetHint struct {
	Reason string `json:"reason"`
}

// KeepAlive says that nothing happened, and that the line is up.
type KeepAlive struct {
	At time.Time `json:"at"`
}

const streamPath = "/stream"

// Streams says whether a route answers for as long as it is read: hints without
// an end, and tables however long.
func Streams(route string) bool {
	return route == prefix+streamPath || strings.HasPrefix(route, prefix+exportsPath)
}

const keepAliveEvery = 20 * time.Second

// stream sends hints as server-sent events; the reader fetches what changed.
func (a *API) stream() {
	op := operation(http.MethodGet, streamPath, "stream", "figures", "Hints that something changed, as server-sent events")
	sse.Register(a.huma, op, map[string]any{
		"ticket": TicketHint{}, "notice": NoticeHint{}, "import": ImportHint{}, "reset": ResetHint{}, "alive": KeepAlive{},
	}, func(ctx context.Context, _ *struct{}, send sse.Sender) {
		actor := actorOf(ctx)
		hints, stop := a.svc.Hints()
		defer stop()
		alive := time.NewTicker(keepAliveEvery)
		defer alive.Stop()
		if send.Data(KeepAlive{At: a.svc.Now()}) != nil {
			return
		}
		for {
			var err error
			select {
			case <-ctx.Done():
				return
			case <-a.svc.Stopping():
				return
			case <-alive.C:
				err = send.Data(KeepAlive{At: a.svc.Now()})
			case hint := <-hints:
				switch {
				case hint == service.Reset:
					err = send.Data(ResetHint{Reason: "hints were lost"})
				case !a.svc.Sees(ctx, actor, hint):
				case hint.NoticesOf != "":
					var unread int
					if unread, err = a.svc.UnreadNotices(ctx, actor); err == nil {
						err = send.Data(NoticeHint{unread})
					}
				case hint.ImportID != "":
					err = send.Data(ImportHint{hint.ImportID, hint.Done, hint.Rows})
				case hint.TicketID != "":
					err = send.Data(TicketHint{hint.TicketID, hint.Version})
				}
			}
			if err != nil {
				return
			}
		}
	})
}
