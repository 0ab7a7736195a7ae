package web

import (
	"whistle/internal/cursor"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

func (w *Pages) noticeRoutes() []route {
	return []route{
		get(noticesPath, (*page).notices),
		post(noticesPath+"/read", (*page).readNotices),
	}
}

// noticesAPage is how many read notices a page has.
const noticesAPage = 30

// maxUnreadShown is how many unread ones stand above them.
const maxUnreadShown = 100

// noticeList is what the reader was told: what is unread first, then the rest.
type noticeList struct {
	Unread []service.Notice
	More   int // unread ones beyond those shown
	Read   []service.Notice
	Paged  bool   // this is not the first page
	Next   string // of the next one; "" on the last
}

// notices lists what the reader was told, unread first.
func (p *page) notices() error {
	after, ok := cursor.Decode[service.NoticePosition](p.QueryParam("after"))
	if !ok {
		return ticket.NotFound("page")
	}
	shown := noticeList{Paged: after != nil}
	var err error
	if !shown.Paged {
		if shown.Unread, err = p.svc.Notices(p.ctx(), p.actor, service.NoticeFilter{Unread: true, Language: p.lang, Limit: maxUnreadShown}); err != nil {
			return err
		}
		shown.More = max(0, p.waiting().unread-len(shown.Unread))
	}
	if shown.Read, err = p.svc.Notices(p.ctx(), p.actor, service.NoticeFilter{Read: true, Language: p.lang, After: after, Limit: noticesAPage + 1}); err != nil {
		return err
	}
	if len(shown.Read) > noticesAPage {
		shown.Read = shown.Read[:noticesAPage]
		shown.Next = p.with("after", cursor.Encode(shown.Read[noticesAPage-1].Position()))
	}
	return p.show("notices/list", shown)
}

// readNotices marks one as read, or all of them.
func (p *page) readNotices() error {
	var ids []string
	if id := p.FormValue("id"); id != "" {
		ids = []string{id}
	}
	if err := p.svc.ReadNotices(p.ctx(), p.actor, ids); err != nil {
		return err
	}
	return p.goTo(noticesPath)
}
