package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"whistle/internal/directory"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Notice is what one reader is told, mostly of a ticket.
type Notice struct {
	ID        string
	UserID    string
	TicketID  string     // "" when it is about none
	Seq       int        // the ticket's last line that it speaks of
	Kind      string     // the line's event, an alarm's level, handover, expiry or webhook
	Cause     string     // the line, the alarm, the hand-over or the last day, of which a reader is told once
	Side      string     // as whom the reader hears of it
	Data      NoticeData `gorm:"serializer:json"`
	Urgent    bool
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
	ReadAt    *time.Time
}

// NoticeData is what the text of a notice says beside the ticket: nothing that
// anybody wrote, so that what is redacted stands nowhere else.
type NoticeData struct {
	ActorID      string       `json:"actor,omitempty"`
	Office       bool         `json:"office,omitempty"`     // the actor is one of the offices'
	DepartmentID string       `json:"department,omitempty"` // that acted; of an alarm, that is late
	LeadID       string       `json:"lead,omitempty"`
	Owed         ticket.Event `json:"owed,omitempty"` // what is to be done: by the reader; of an alarm, by who is late
	DueAt        *time.Time   `json:"due,omitempty"`  // by when
	Variant      string       `json:"variant,omitempty"`

	// Of a hand-over:
	FromUserID string         `json:"from,omitempty"`
	Count      int            `json:"count,omitempty"` // of enterprises
	Day        *worktime.Date `json:"day,omitempty"`   // the first; of a policy resource that ends or a bulletin, its last

	PolicyID string `json:"policy,omitempty"` // the policy resource that ends

	WebhookID string `json:"webhook,omitempty"` // that was switched off
}

// TableName of the notices.
func (Notice) TableName() string { return "notices" }

// InsertNotices writes the notices that are not there yet and returns those.
func (s *Store) InsertNotices(ctx context.Context, notices []Notice) ([]Notice, error) {
	var fresh []Notice
	for i := range notices {
		n := &notices[i]
		n.CreatedAt, n.ReadAt, n.Data.DueAt = utc(n.CreatedAt), utcPtr(n.ReadAt), utcPtr(n.Data.DueAt)
		done := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(n)
		if done.Error != nil {
			return nil, translate(done.Error)
		}
		if done.RowsAffected == 1 {
			fresh = append(fresh, *n)
		}
	}
	return fresh, nil
}

// NoticePosition is a place in a list of notices, newest first.
type NoticePosition struct {
	At time.Time `json:"at"`
	ID string    `json:"id"`
}

// NoticeFilter narrows a list of notices; zero values narrow nothing.
type NoticeFilter struct {
	Unread   bool
	Read     bool
	TicketID string
	IDs      []string
	After    *NoticePosition
	Limit    int
}

// noticesOf are the actor's notices of tickets that are in their sight now, and
// those of none.
func (s *Store) noticesOf(ctx context.Context, actor ticket.Actor) *gorm.DB {
	seen := s.read(ctx).Table("tickets").Select("1").Where("tickets.id = notices.ticket_id").Scopes(visibleTo(actor, oneByOne))
	return s.read(ctx).Table("notices").Where("notices.user_id = ? AND (notices.ticket_id = '' OR EXISTS (?))", actor.ID, seen)
}

// Notices lists the actor's notices, newest first, of tickets in their sight.
func (s *Store) Notices(ctx context.Context, actor ticket.Actor, f NoticeFilter) ([]Notice, error) {
	q := s.noticesOf(ctx, actor).Select("notices.*").Order("notices.created_at DESC, notices.id DESC")
	if f.Unread {
		q = q.Where("notices.read_at IS NULL")
	}
	if f.Read {
		q = q.Where("notices.read_at IS NOT NULL")
	}
	if f.TicketID != "" {
		q = q.Where("notices.ticket_id = ?", f.TicketID)
	}
	if f.IDs != nil {
		q = q.Where("notices.id IN ?", f.IDs)
	}
	if f.After != nil {
		at := utc(f.After.At)
		q = q.Where("(notices.created_at < ? OR notices.created_at = ? AND notices.id < ?)", at, at, f.After.ID)
	}
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	var notices []Notice
	err := q.Find(&notices).Error
	return notices, translate(err)
}

// NoticesByID reads notices of whomever, oldest first.
func (s *Store) NoticesByID(ctx context.Context, ids []string) ([]Notice, error) {
	condition, list := s.among("id", ids)
	var notices []Notice
	err := s.read(ctx).Where(condition, list).Order("created_at, id").Find(&notices).Error
	return notices, translate(err)
}

// CountUnread counts the actor's unread notices of tickets in their sight.
func (s *Store) CountUnread(ctx context.Context, actor ticket.Actor) (int, error) {
	var n int64
	err := s.noticesOf(ctx, actor).Where("notices.read_at IS NULL").Count(&n).Error
	return int(n), translate(err)
}

// ReadNotices marks an account's unread notices as read, those named or, when
// ids is nil, all, of one ticket when it is named; it returns how many.
func (s *Store) ReadNotices(ctx context.Context, userID string, ids []string, ticketID string, at time.Time) (int64, error) {
	q := s.write(ctx).Model(&Notice{}).Where("user_id = ? AND read_at IS NULL", userID)
	if ids != nil {
		condition, list := s.among("id", ids)
		q = q.Where(condition, list)
	}
	if ticketID != "" {
		q = q.Where("ticket_id = ?", ticketID)
	}
	done := q.UpdateColumn("read_at", utc(at))
	return done.RowsAffected, translate(done.Error)
}

// HasUnread says whether an account has unread notices of a ticket, which is
// cheaper to ask than to mark none.
func (s *Store) HasUnread(ctx context.Context, userID, ticketID string) (bool, error) {
	var n int64
	err := s.read(ctx).Model(&Notice{}).Where("user_id = ? AND ticket_id = ? AND read_at IS NULL", userID, ticketID).Limit(1).Count(&n).Error
	return n > 0, translate(err)
}

// PurgeNotices forgets the notices made before a moment.
func (s *Store) PurgeNotices(ctx context.Context, before time.Time) (int64, error) {
	if err := s.write(ctx).Exec("DELETE FROM notice_deliveries WHERE notice_id IN (SELECT id FROM notices WHERE created_at < ?)", utc(before)).Error; err != nil {
		return 0, translate(err)
	}
	done := s.write(ctx).Where("created_at < ?", utc(before)).Delete(&Notice{})
	return done.RowsAffected, translate(done.Error)
}

// Delivery has a channel carry a notice to its reader, or to the reader's
// department.
type Delivery struct {
	NoticeID     string `gorm:"primaryKey"`
	Channel      string `gorm:"primaryKey"`
	UserID       string
	DepartmentID string
	SendAt       time.Time
	Digest       bool   // it waits for the digest
	JobID        *int64 // the job that sends it; nil while it waits for its time
	SentAt       *time.Time
}

// TableName of the deliveries.
func (Delivery) TableName() string { return "notice_deliveries" }

// InsertDeliveries writes new deliveries.
func (s *Store) InsertDeliveries(ctx context.Context, deliveries []Delivery) error {
	for i := range deliveries {
		deliveries[i].SendAt = utc(deliveries[i].SendAt)
	}
	return insertAll(ctx, s, deliveries)
}

// Parcel is all that a channel is to carry to one owner.
type Parcel struct {
	Owner   `gorm:"embedded"`
	Channel string `gorm:"primaryKey" json:"channel"`
}

// DueParcels lists whom something waits for that was to be sent by now without
// a digest.
func (s *Store) DueParcels(ctx context.Context, now time.Time) ([]Parcel, error) {
	var parcels []Parcel
	err := s.read(ctx).Model(&Delivery{}).Distinct("user_id", "department_id", "channel").
		Where("sent_at IS NULL AND job_id IS NULL AND NOT digest AND send_at <= ?", utc(now)).Order("user_id, department_id, channel").Find(&parcels).Error
	return parcels, translate(err)
}

// GiveParcel gives a job what waits for an owner and was to be sent by now.
func (s *Store) GiveParcel(ctx context.Context, p Parcel, jobID int64, now time.Time) error {
	return translate(s.write(ctx).Exec(`UPDATE notice_deliveries SET job_id = ?
		WHERE user_id = ? AND department_id = ? AND channel = ? AND sent_at IS NULL AND job_id IS NULL AND send_at <= ?`, jobID, p.UserID, p.DepartmentID, p.Channel, utc(now)).Error)
}

// ReturnParcel takes from a job what it could not send; it waits until then.
func (s *Store) ReturnParcel(ctx context.Context, jobID int64, until time.Time) error {
	return translate(s.write(ctx).Exec("UPDATE notice_deliveries SET job_id = NULL, send_at = ? WHERE job_id = ? AND sent_at IS NULL", utc(until), jobID).Error)
}

// Undelivered reads the ids of the notices that a job has still to send,
// oldest first.
func (s *Store) Undelivered(ctx context.Context, jobID int64) ([]string, error) {
	var ids []string
	err := s.read(ctx).Table("notice_deliveries AS d").Joins("JOIN notices n ON n.id = d.notice_id").
		Where("d.job_id = ? AND d.sent_at IS NULL", jobID).Order("n.created_at, n.id").Pluck("d.notice_id", &ids).Error
	return ids, translate(err)
}

// EndDeliveries writes down that a job's deliveries are done.
func (s *Store) EndDeliveries(ctx context.Context, jobID int64, at time.Time) error {
	return translate(s.write(ctx).Exec("UPDATE notice_deliveries SET sent_at = ? WHERE job_id = ? AND sent_at IS NULL", utc(at), jobID).Error)
}

// Audience says which accounts in service to read; of every part that is not
// empty.
type Audience struct {
	EnterpriseID string // its contacts, and who is assigned to look after it
	Desk         bool
	Leaders      bool
	Departments  []string // officers and heads
	UserIDs      []string
}

// Account is an account with everything that it was ever assigned.
type Account struct {
	directory.User
	Assignments []directory.Assignment
}

// Audience reads the accounts in service that belong to an audience, by id.
func (s *Store) Audience(ctx context.Context, a Audience) ([]Account, error) {
	var either []string
	var args []any
	add := func(condition string, values ...any) {
		either, args = append(either, condition), append(args, values...)
	}
	if a.EnterpriseID != "" {
		add("enterprise_id = ? AND role = ?", a.EnterpriseID, ticket.RoleEnterprise)
		add("id IN (SELECT user_id FROM assignments WHERE kind = ? AND target_id = ? AND retired_at IS NULL)", directory.ManagerOf, a.EnterpriseID)
	}
	if a.Desk {
		add("role = ?", ticket.RoleDispatcher)
	}
	if a.Leaders {
		add("role = ?", ticket.RoleLeader)
	}
	if len(a.Departments) > 0 {
		add("department_id IN ? AND role IN ?", a.Departments, []ticket.Role{ticket.RoleOfficer, ticket.RoleHead})
	}
	if len(a.UserIDs) > 0 {
		add("id IN ?", a.UserIDs)
	}
	if len(either) == 0 {
		return nil, nil
	}
	var users []directory.User
	err := s.read(ctx).Where("retired_at IS NULL").Where("("+strings.Join(either, " OR ")+")", args...).Order("id").Find(&users).Error
	if err != nil || len(users) == 0 {
		return nil, translate(err)
	}
	accounts := make([]Account, len(users))
	place := make(map[string]int, len(users))
	ids := make([]string, len(users))
	for i, u := range users {
		accounts[i].User, place[u.ID], ids[i] = u, i, u.ID
	}
	var assignments []directory.Assignment
	condition, list := s.among("user_id", ids)
	if err := s.read(ctx).Where(condition, list).Order("from_date, id").Find(&assignments).Error; err != nil {
		return nil, translate(err)
	}
	for _, as := range assignments {
		of := &accounts[place[as.UserID]]
		of.Assignments = append(of.Assignments, as)
	}
	return accounts, nil
}

// toldAlarm is an alarm that was told.
type toldAlarm struct {
	TicketID string
	Event    ticket.Event
	Side     ticket.Side
	PartyID  string
	Clock    ticket.ClockName
	Item     string
	Level    ticket.AlarmLevel
	DueAt    time.Time
	ToldAt   time.Time
}

func (toldAlarm) TableName() string { return "told_alarms" }

// TellAlarm writes down that a ticket's alarm is told; false when it was
// before.
func (s *Store) TellAlarm(ctx context.Context, ticketID string, a ticket.Alarm, at time.Time) (bool, error) {
	row := toldAlarm{ticketID, a.Event, a.Side, a.PartyID, a.Clock, a.Item, a.Level, utc(*a.DueAt), utc(at)}
	done := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	return done.RowsAffected == 1, translate(done.Error)
}

// UntoldAlarms reads by ticket the alarms of which nobody was told and whose
// yellow or red came after since: those that may ring at now. Not each one at
// its level does; that is for the rules to say. Imported tickets ring no alarm.
func (s *Store) UntoldAlarms(ctx context.Context, since, now time.Time, urgentOnly bool) (map[string][]ticket.Alarm, error) {
	var rows []struct {
		Owed  obligationRow `gorm:"embedded"`
		Level ticket.AlarmLevel
	}
	const alarms = `SELECT o.*, CAST(? AS TEXT) AS level FROM ticket_obligations o JOIN tickets t ON t.id = o.ticket_id AND NOT t.imported
		WHERE o.%s > ? AND o.%[1]s <= ? AND (t.urgency = ? OR NOT ?)
		AND NOT EXISTS (SELECT 1 FROM told_alarms a WHERE a.ticket_id = o.ticket_id AND a.event = o.event AND a.side = o.side
			AND a.party_id = o.party_id AND a.clock = o.clock AND a.item = o.item AND a.due_at = o.due_at AND a.level = ?)`
	var parts []string
	var args []any
	for _, level := range ticket.AlarmLevels() {
		column := "due_at"
		if level == ticket.AlarmYellow {
			column = "yellow_at"
		}
		parts = append(parts, fmt.Sprintf(alarms, column))
		args = append(args, level, utc(since), utc(now), ticket.Urgent, urgentOnly, level)
	}
	if err := s.read(ctx).Raw(strings.Join(parts, " UNION ALL "), args...).Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	untold := map[string][]ticket.Alarm{}
	for _, r := range rows {
		o := r.Owed
		untold[o.TicketID] = append(untold[o.TicketID], ticket.Alarm{
			Obligation: ticket.Obligation{
				Event: o.Event, Side: o.Side, PartyID: o.PartyID, Clock: o.Clock, Item: o.Item, YellowAt: utcPtr(o.YellowAt), DueAt: utcPtr(o.DueAt),
			},
			Level: r.Level,
		})
	}
	return untold, nil
}
