package service

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// lineCause is what a notice of a line is told once for.
func lineCause(l *ticket.Line) string { return "line " + strconv.Itoa(l.Seq) }

// alarmCause is what a notice of an alarm is told once for.
func alarmCause(a ticket.Alarm) string {
	return fmt.Sprintf("%s %s %s %s %s %s", a.Level, a.Event, a.PartyID, a.Clock, a.Item, a.DueAt.UTC().Format(time.RFC3339))
}

// showNotices puts notices into words, without those of tickets that are out
// of the reader's sight.
func (s *Service) showNotices(ctx context.Context, actor ticket.Actor, lang text.Language, rows []store.Notice) ([]Notice, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.TicketID
	}
	read, err := s.store.Tickets(ctx, actor, store.TicketFilter{IDs: ids})
	if err != nil {
		return nil, err
	}
	if read, err = s.upToSight(ctx, actor, read, s.world(ctx)); err != nil {
		return nil, err
	}
	tickets := make(map[string]*ticket.Ticket, len(read))
	names := newNames()
	for _, t := range read {
		tickets[t.ID] = t
		names.add(store.Enterprises, t.EnterpriseID)
	}
	for _, row := range rows {
		names.add(store.Users, row.Data.ActorID, row.Data.FromUserID)
		names.add(store.Departments, row.Data.DepartmentID, row.Data.LeadID)
		names.add(store.Policies, row.Data.PolicyID)
		names.add(store.Webhooks, row.Data.WebhookID)
	}
	if err := names.load(ctx, s.store); err != nil {
		return nil, err
	}
	w := noticeWords{lang: lang, names: names, zone: s.zone, now: s.clock.Now()}
	var notices []Notice
	for _, row := range rows {
		if say := ofNoTicket[row.Kind]; say != nil {
			n := say(w, row)
			n.ID, n.Kind, n.At, n.ReadAt = row.ID, row.Kind, row.CreatedAt.In(s.zone), row.ReadAt
			notices = append(notices, n)
			continue
		}
		t, ok := tickets[row.TicketID]
		if !ok {
			continue
		}
		notices = append(notices, Notice{
			ID: row.ID, TicketID: t.ID, Number: t.Number, Title: t.Title, Kind: row.Kind,
			Text: w.text(row, t), Todo: w.todo(row), Path: "/tickets/" + t.ID,
			Urgent: row.Urgent, Confidential: t.Confidential, At: row.CreatedAt.In(s.zone), ReadAt: row.ReadAt,
		})
	}
	return notices, nil
}

// noticeWords says notices in one language.
type noticeWords struct {
	lang  text.Language
	names *Names
	zone  *time.Location
	now   time.Time
}

// text says what happened. A kind has a text for the enterprise and one for
// the offices, and where a side is to hear it in other words one for that side.
func (w noticeWords) text(n store.Notice, t *ticket.Ticket) string {
	base := "notice." + n.Kind
	if n.Data.Variant != "" {
		base += "_" + n.Data.Variant
	}
	id := base + "." + n.Side
	if !text.Has(id) {
		id = base + ".office"
	}
	return w.lang.Get(id, w.data(n, t)...)
}

// todo says what the reader is to do, or of an alarm to the leaders what was
// not done.
func (w noticeWords) todo(n store.Notice) string {
	if n.Data.Owed == "" {
		return ""
	}
	id := "notice.todo"
	switch {
	case n.Kind == string(ticket.AlarmOverdue):
		id = "notice.undone"
	case n.Kind == string(ticket.AlarmRed):
		id = "notice.todo_late"
	case n.Data.DueAt == nil:
		id = "notice.todo_undated"
	}
	return w.lang.Get(id, "Do", w.lang.Get("notice.do."+string(n.Data.Owed)), "Due", w.due(n))
}

func (w noticeWords) due(n store.Notice) string {
	if n.Data.DueAt == nil {
		return ""
	}
	return w.lang.Moment(n.Data.DueAt.In(w.zone), w.now)
}

func (w noticeWords) data(n store.Notice, t *ticket.Ticket) []any {
	department := w.names.Of(n.Data.DepartmentID)
	if department == "" {
		department = w.lang.Get("notice.desk") // which belongs to none
	}
	actor := w.names.Of(n.Data.ActorID)
	if n.Data.Office && n.Side == "own" {
		actor = department // an enterprise reads of offices, never of their people
	}
	return []any{
		"Enterprise", w.names.Of(t.EnterpriseID), "Actor", actor,
		"Department", department, "Lead", w.names.Of(n.Data.LeadID),
	}
}

// ofNoTicket are the kinds of notice that are about no ticket, each with what
// says its title, its words and where it leads.
var ofNoTicket = map[string]func(w noticeWords, n store.Notice) Notice{
	noticeHandover: noticeWords.handover,
	noticeExpiry:   noticeWords.expiry,
	noticeWebhook:  noticeWords.webhook,
	noticeRobot:    noticeWords.robot,
	noticeBulletin: noticeWords.bulletin,
}

// handover tells who takes over enterprises of it, and where to find them.
func (w noticeWords) handover(n store.Notice) Notice {
	return Notice{
		Title: w.lang.Get("notice.handover.title"), Path: "/looked-after",
		Text: w.lang.Get("notice.handover.office", "From", w.names.Of(n.Data.FromUserID), "Count", n.Data.Count, "Day", w.lang.Day(n.Data.Day.In(w.zone), w.now)),
	}
}

// webhook tells its owner that it was switched off.
func (w noticeWords) webhook(n store.Notice) Notice {
	return Notice{
		Title: w.names.Of(n.Data.WebhookID), Path: "/webhooks/" + n.Data.WebhookID,
		Text: w.lang.Get("notice.webhook_" + n.Data.Variant + ".office"), Todo: w.lang.Get("notice.webhook.todo"),
	}
}

// expiry tells who keeps a policy resource that it ends soon.
func (w noticeWords) expiry(n store.Notice) Notice {
	return Notice{
		Title: w.names.Of(n.Data.PolicyID), Path: "/support/policies/" + n.Data.PolicyID,
		Text: w.lang.Get("notice.expiry.office", "Day", w.lang.Day(n.Data.Day.In(w.zone), w.now)), Todo: w.lang.Get("notice.expiry.todo"),
	}
}

// bulletin tells for whom it is that a bulletin was published.
func (w noticeWords) bulletin(n store.Notice) Notice {
	of := figures.Period{Kind: figures.Kind(n.Data.Variant), ToDate: *n.Data.Day}
	return Notice{
		Title: w.lang.Get("bulletin.title_" + n.Data.Variant), Path: BulletinPath(of),
		Text: w.lang.Get("notice.bulletin.office", "Day", w.lang.Day(of.ToDate.In(w.zone), w.now)),
	}
}

// robot tells who keeps a robot that it was stopped.
func (w noticeWords) robot(n store.Notice) Notice {
	told := Notice{
		Title: w.lang.Get("notice.robot.own_title"), Path: "/account",
		Text: w.lang.Get("notice.robot.text"), Todo: w.lang.Get("notice.robot.todo"),
	}
	if n.Data.DepartmentID != "" {
		told.Title, told.Path = w.lang.Get("notice.robot.title", "Department", w.names.Of(n.Data.DepartmentID)), RobotPath(n.Data.DepartmentID)
	}
	return told
}
