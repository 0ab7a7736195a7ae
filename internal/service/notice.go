package service

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// SetLanguage chooses the language in which the actor is told things.
func (s *Service) SetLanguage(ctx context.Context, actor ticket.Actor, language text.Language) error {
	if _, ok := text.Parse(string(language)); !ok {
		return ticket.InvalidValues([]ticket.Field{{Pointer: "/language", Message: "must be one of: zh-CN, en"}})
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		return problem(s.store.SetLanguage(ctx, actor.ID, string(language)), "account")
	})
}

// NoticePosition is a place in a list of notices.
type NoticePosition = store.NoticePosition

// NoticeFilter narrows a list of notices; zero values narrow nothing.
type NoticeFilter struct {
	Unread   bool
	Read     bool
	Language text.Language // of the texts; that of the account by default
	After    *NoticePosition
	Limit    int
}

// Notice is what its reader is told, in one language.
type Notice struct {
	ID       string
	TicketID string // "" when it is about none
	Number   string // of the ticket
	Title    string // of the ticket, or what else it is about
	Kind     string // a history line's event; or yellow, red, overdue for an alarm; or handover; or expiry; or webhook
	Text     string // what happened
	Todo     string // what the reader was to do then, and by when; "" for nothing
	Path     string // of the page that tells more
	Urgent   bool
	// Confidential: its title is for the pages alone.
	Confidential bool
	At           time.Time
	ReadAt       *time.Time // nil while unread
}

// Position is where the next page begins when this notice is a page's last.
func (n Notice) Position() NoticePosition { return NoticePosition{At: n.At, ID: n.ID} }

// Notices lists what the actor was told, newest first, without what is out of
// their sight by now.
func (s *Service) Notices(ctx context.Context, actor ticket.Actor, f NoticeFilter) ([]Notice, error) {
	rows, err := s.store.Notices(ctx, actor, store.NoticeFilter{Unread: f.Unread, Read: f.Read, After: f.After, Limit: f.Limit})
	if err != nil {
		return nil, err
	}
	if f.Language == "" {
		user, err := s.store.User(ctx, actor.ID)
		if err != nil {
			return nil, problem(err, "account")
		}
		f.Language = text.Language(user.Language)
	}
	return s.showNotices(ctx, actor, f.Language, rows)
}

// UnreadNotices counts what the actor was told and has not read.
func (s *Service) UnreadNotices(ctx context.Context, actor ticket.Actor) (int, error) {
	return s.store.CountUnread(ctx, actor)
}

// ReadNotices marks notices of the actor's as read; all of them when none is
// named. Those that are read or somebody else's stay as they are.
func (s *Service) ReadNotices(ctx context.Context, actor ticket.Actor, ids []string) error {
	if len(ids) == 0 {
		ids = nil
	}
	return s.readNotices(ctx, actor, ids, "")
}

// ReadNoticesOf marks the actor's notices of a ticket as read, as when they
// open it.
func (s *Service) ReadNoticesOf(ctx context.Context, actor ticket.Actor, ticketID string) error {
	if some, err := s.store.HasUnread(ctx, actor.ID, ticketID); err != nil || !some {
		return err
	}
	return s.readNotices(ctx, actor, nil, ticketID)
}

func (s *Service) readNotices(ctx context.Context, actor ticket.Actor, ids []string, ticketID string) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		n, err := s.store.ReadNotices(ctx, actor.ID, ids, ticketID, s.clock.Now())
		if n > 0 {
			hint(ctx, Hint{NoticesOf: actor.ID})
		}
		return err
	})
}

// tellJob has everybody told of a history line who is to hear of it, people and
// webhooks.
type tellJob struct {
	TicketID string `json:"ticket_id"`
	Seq      int    `json:"seq"`
}

// Kind of the job.
func (tellJob) Kind() string { return "tell" }

// tellOf queues the telling of a line in the transaction that writes it.
func (s *Service) tellOf(ctx context.Context, line *ticket.Line) error {
	if def, ok := ticket.Define(line.Event); !ok || def.Tells == 0 {
		if some, err := s.store.Webhooks(ctx, store.WebhookFilter{On: true, Limit: 1}); err != nil || len(some) == 0 {
			return err
		}
	}
	return s.enqueue(ctx, tellJob{line.TicketID, line.Seq})
}

// workOnTelling writes the notices of a line. Who hears of it is decided by the ticket
// as the line left it; whether they may read it, by the ticket as it is now.
func (s *Service) workOnTelling(ctx context.Context, _ store.Run, job tellJob) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		if err := s.tellLine(ctx, job, true); err != nil {
			return err
		}
		return s.hookLine(ctx, job)
	})
}

// recorded is a line of a ticket's history with what it made of the ticket.
type recorded struct {
	line          *ticket.Line
	before, after *ticket.Ticket
	now           *ticket.Ticket // as it is by now
}

func (s *Service) recorded(ctx context.Context, ticketID string, seq int) (r recorded, err error) {
	if r.now, err = s.store.Ticket(ctx, ticket.System, ticketID); err != nil {
		return r, err
	}
	lines, err := s.store.History(ctx, ticketID, seq)
	if err != nil {
		return r, err
	}
	rules := s.world(ctx).rules()
	if r.before, err = ticket.Replay(lines[:seq-1], rules); err != nil {
		return r, err
	}
	r.line = lines[seq-1]
	r.after, err = ticket.Evolve(r.before, r.line, rules)
	return r, err
}

// tellLine writes the notices of a line as of the moment at which it was
// recorded, and has channels carry them or not.
func (s *Service) tellLine(ctx context.Context, job tellJob, carry bool) error {
	r, err := s.recorded(ctx, job.TicketID, job.Seq)
	if err != nil {
		return err
	}
	line, before, after, now := r.line, r.before, r.after, r.now
	readers, err := s.readers(ctx, line.Hearing(after))
	if err != nil {
		return err
	}
	fresh := arisen(before, after)
	var notices []store.Notice
	var told []store.Account
	for _, r := range readers {
		if r.actor.ID == line.Actor.ID || !readsLine(r.actor, now, line) {
			continue
		}
		n := s.noticeOf(r, now, line.RecordedAt)
		n.Seq, n.Kind, n.Cause = line.Seq, string(line.Event), lineCause(line)
		n.Data = store.NoticeData{
			ActorID: line.Actor.ID, Office: line.Actor.Role != ticket.RoleEnterprise, DepartmentID: line.Actor.DepartmentID,
			LeadID: after.LeadID, Variant: variantOf(line),
		}
		if o := owedBy(r.actor, fresh); o != nil {
			n.Data.Owed, n.Data.DueAt = o.Event, o.DueAt
		}
		notices, told = append(notices, n), append(told, r.account)
	}
	return s.writeNotices(ctx, notices, told, carry)
}

// readsLine says whether somebody may read a line of the ticket as it is now.
func readsLine(actor ticket.Actor, now *ticket.Ticket, line *ticket.Line) bool {
	if actor.SeesUpTo(now) < line.Seq {
		return false
	}
	_, ok, err := line.Data(actor.RelationsTo(now, nil))
	return ok && err == nil
}

// reader is an account that may be told something.
type reader struct {
	account store.Account
	actor   ticket.Actor
}

// readers are the accounts that a hearing names.
func (s *Service) readers(ctx context.Context, h ticket.Hearing) ([]reader, error) {
	audience := store.Audience{
		EnterpriseID: h.EnterpriseID, Desk: h.Desk, Leaders: h.Leaders, Departments: slices.Concat(h.Departments, h.Heads),
	}
	for _, p := range h.People {
		audience.UserIDs = append(audience.UserIDs, p.UserID)
		if p.Else != "" {
			audience.Departments = append(audience.Departments, p.Else)
		}
	}
	accounts, err := s.store.Audience(ctx, audience)
	if err != nil {
		return nil, err
	}
	all := make([]reader, len(accounts))
	for i, a := range accounts {
		all[i] = reader{a, directory.ActorOf(a.User, a.Assignments, s.today())}
	}
	for _, p := range h.People {
		there := slices.ContainsFunc(all, func(r reader) bool { return r.actor.ID == p.UserID && (p.Else == "" || r.actor.DepartmentID == p.Else) })
		if !there && p.Else != "" {
			h.Departments = append(h.Departments, p.Else)
		}
	}
	return slices.DeleteFunc(all, func(r reader) bool { return !h.Names(r.actor) }), nil
}

// noticeOf begins a notice to somebody about a ticket.
func (s *Service) noticeOf(r reader, t *ticket.Ticket, at time.Time) store.Notice {
	return store.Notice{
		ID: s.newID(), UserID: r.actor.ID, TicketID: t.ID, Side: sideOf(r.actor, t), Urgent: t.Urgency == ticket.Urgent, CreatedAt: at,
	}
}

// writeNotices writes the notices to accounts that were not told before. The
// counts of their readers move at once; further channels carry them to who can
// be reached, in working time unless it is urgent.
func (s *Service) writeNotices(ctx context.Context, notices []store.Notice, to []store.Account, carry bool) error {
	fresh, err := s.store.InsertNotices(ctx, notices)
	if err != nil || len(fresh) == 0 {
		return err
	}
	accounts := map[string]store.Account{}
	for _, a := range to {
		accounts[a.ID] = a
	}
	for _, n := range fresh {
		hint(ctx, Hint{NoticesOf: n.UserID})
	}
	if !carry {
		return nil
	}
	return s.deliver(ctx, fresh, accounts)
}

// calendar is the newest.
func (s *Service) calendar(ctx context.Context) (*worktime.Calendar, error) {
	version, err := s.store.CalendarVersion(ctx)
	if err != nil {
		return nil, err
	}
	return s.world(ctx).Calendar(version)
}

// workingAt is the next moment of working time, which may be now; now, too,
// when the calendar knows of no working time at all.
func workingAt(calendar *worktime.Calendar, now time.Time) time.Time {
	if at, err := calendar.NextWorkingMoment(now); err == nil {
		return at
	}
	return now
}

// alarmNews is how old an alarm may be and still be news, as after an outage
// or to a service that told of none before.
const alarmNews = 14 * 24 * time.Hour

// TellAlarms tells of every deadline that came near or passed and of which
// nobody was told, and returns of how many. At night and on holidays only
// urgent ones are told; the others wait.
func (s *Service) TellAlarms(ctx context.Context) (int, error) {
	now := s.clock.Now()
	calendar, err := s.calendar(ctx)
	if err != nil {
		return 0, err
	}
	working := workingAt(calendar, now)
	untold, err := s.store.UntoldAlarms(ctx, now.Add(-alarmNews), now, working.After(now))
	if err != nil {
		return 0, err
	}
	told := 0
	var failed []error
	for id, alarms := range untold {
		n, err := s.tellAlarms(ctx, id, alarms, calendar, now)
		told += n
		failed = append(failed, err)
	}
	return told, errors.Join(failed...)
}

// SkipAlarms counts as told every alarm that rang by a moment, as for a story
// that was only carried over.
func (s *Service) SkipAlarms(ctx context.Context, by time.Time) error {
	calendar, err := s.calendar(ctx)
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		untold, err := s.store.UntoldAlarms(ctx, time.Time{}, by, false)
		if err != nil {
			return err
		}
		for id, alarms := range untold {
			ringing, err := ringingOf(alarms, calendar, by)
			if err != nil {
				return err
			}
			for _, a := range ringing {
				if _, err := s.store.TellAlarm(ctx, id, a, by); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// ringingOf are the alarms that ring at a moment.
func ringingOf(alarms []ticket.Alarm, calendar *worktime.Calendar, at time.Time) ([]ticket.Alarm, error) {
	var ringing []ticket.Alarm
	for _, a := range alarms {
		rings, err := a.Rings(calendar, at)
		if err != nil {
			return nil, err
		}
		if rings {
			ringing = append(ringing, a)
		}
	}
	return ringing, nil
}

func (s *Service) tellAlarms(ctx context.Context, ticketID string, maybe []ticket.Alarm, calendar *worktime.Calendar, now time.Time) (told int, err error) {
	// Most of those that may ring do not yet, which needs no ticket to tell.
	if ringing, err := ringingOf(maybe, calendar, now); err != nil || len(ringing) == 0 {
		return 0, err
	}
	err = s.InTx(ctx, func(ctx context.Context) error {
		told = 0
		t, err := s.store.Ticket(ctx, ticket.System, ticketID)
		if err != nil {
			return err
		}
		alarms, err := t.Alarms(calendar, now)
		if err != nil {
			return err
		}
		for _, a := range alarms {
			if a.DueAt.Before(now.Add(-alarmNews)) {
				continue
			}
			fresh, err := s.store.TellAlarm(ctx, t.ID, a, now)
			if err != nil {
				return err
			}
			if !fresh {
				continue
			}
			told++
			if err := s.tellAlarm(ctx, t, a, now); err != nil {
				return err
			}
			if err := s.hookAlarm(ctx, t, a, now); err != nil {
				return err
			}
		}
		return nil
	})
	return told, err
}

func (s *Service) tellAlarm(ctx context.Context, t *ticket.Ticket, a ticket.Alarm, now time.Time) error {
	readers, err := s.readers(ctx, a.Hearing(t))
	if err != nil {
		return err
	}
	var notices []store.Notice
	var to []store.Account
	for _, r := range readers {
		if !r.actor.Sees(t) {
			continue
		}
		n := s.noticeOf(r, t, now)
		n.Seq, n.Kind, n.Cause = t.Version, string(a.Level), alarmCause(a)
		n.Data = store.NoticeData{LeadID: t.LeadID, Owed: a.Event, DueAt: a.DueAt}
		if a.Side == ticket.SideDepartment {
			n.Data.DepartmentID = a.PartyID
		}
		notices, to = append(notices, n), append(to, r.account)
	}
	return s.writeNotices(ctx, notices, to, true)
}

// TellSince writes the notices of what was recorded since a moment and told
// nobody, as when a story was only carried over. No channel carries them.
func (s *Service) TellSince(ctx context.Context, since time.Time) error {
	lines, err := s.store.LinesSince(ctx, since)
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		for _, l := range lines {
			if err := s.tellLine(ctx, tellJob{l.TicketID, l.Seq}, false); err != nil {
				return err
			}
		}
		return nil
	})
}

// arisen are the obligations that an event brought.
func arisen(before, after *ticket.Ticket) []ticket.Obligation {
	was := before.Obligations()
	return slices.DeleteFunc(after.Obligations(), func(o ticket.Obligation) bool {
		return slices.ContainsFunc(was, func(w ticket.Obligation) bool {
			return w.Event == o.Event && w.Side == o.Side && w.PartyID == o.PartyID && w.Item == o.Item
		})
	})
}

// owedBy is what of the obligations the reader's side has to meet first; nil
// when nothing.
func owedBy(actor ticket.Actor, all []ticket.Obligation) *ticket.Obligation {
	var first *ticket.Obligation
	for i, o := range all {
		if !actor.Owes(o) {
			continue
		}
		if first == nil || o.DueAt != nil && (first.DueAt == nil || o.DueAt.Before(*first.DueAt)) {
			first = &all[i]
		}
	}
	return first
}

// sideOf names as whom somebody hears of a ticket.
func sideOf(actor ticket.Actor, t *ticket.Ticket) string {
	r := actor.RelationsTo(t, nil)
	for _, side := range []struct {
		relation ticket.Relation
		name     string
	}{
		{ticket.Own, "own"},
		{ticket.Desk, "desk"},
		{ticket.LeadOfficer, "lead"},
		{ticket.JoinedOfficer, "joined"},
		{ticket.Leader, "leader"},
		{ticket.Manager, "manager"},
	} {
		if r&side.relation != 0 {
			return side.name
		}
	}
	return "office"
}

// variantOf tells apart what one event may say.
func variantOf(line *ticket.Line) string {
	switch in := line.Input.(type) {
	case ticket.DecideInput:
		if in.Approve {
			return "approved"
		}
		return "declined"
	case ticket.ResolveInput:
		return string(in.Outcome)
	case ticket.CallbackInput:
		switch {
		case !in.Reached && line.To == ticket.Closed:
			return "unreachable"
		case !in.Reached:
			return "unreached"
		case line.To == ticket.Closed:
			return "closed"
		}
		return "disputed"
	}
	return ""
}

// languageOf is the language in which an account is told things.
func languageOf(u directory.User) text.Language {
	return text.Language(cmp.Or(u.Language, string(text.Chinese)))
}
