package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Owner is who is told something by a channel: a person, or a department as a
// whole.
type Owner struct {
	UserID       string `gorm:"primaryKey" json:"user_id"`
	DepartmentID string `gorm:"primaryKey" json:"department_id,omitempty"`
}

// owners narrows a query to the rows of some owners.
func (s *Store) owners(q *gorm.DB, owners []Owner) *gorm.DB {
	var users, departments []string
	for _, o := range owners {
		if o.DepartmentID != "" {
			departments = append(departments, o.DepartmentID)
		} else {
			users = append(users, o.UserID)
		}
	}
	ofUsers, userList := s.among("user_id", users)
	ofDepartments, departmentList := s.among("department_id", departments)
	return q.Where("department_id = '' AND "+ofUsers+" OR user_id = '' AND "+ofDepartments, userList, departmentList)
}

// Choice says when a channel carries a kind of notices to somebody.
type Choice string

// The choices.
const (
	AtOnce   Choice = "at_once" // in working time, and what is urgent at any time
	InDigest Choice = "digest"  // in the morning of working days
	Never    Choice = "never"   // it stands on the pages alone
)

// Weight is what a notice asks of its reader. It is what can be chosen by.
type Weight string

// The weights, the heaviest first.
const (
	WeightUrgent Weight = "urgent" // an urgent matter, a missed deadline, a leader's order
	WeightTodo   Weight = "todo"   // the reader is to do something
	WeightNews   Weight = "news"   // the reader is only told
)

// Weights lists the weights.
func Weights() []Weight { return []Weight{WeightUrgent, WeightTodo, WeightNews} }

// Weight is what the notice asks of its reader.
func (n Notice) Weight() Weight {
	event, level := ticket.Event(n.Kind), ticket.AlarmLevel(n.Kind)
	switch {
	case n.Urgent, level == ticket.AlarmRed, level == ticket.AlarmOverdue, slices.Contains(ticket.OrderEvents(), event):
		return WeightUrgent
	case n.Data.Owed != "":
		return WeightTodo
	}
	return WeightNews
}

// NoticeChoice is what an owner chose of one channel and one weight.
type NoticeChoice struct {
	Owner   `gorm:"embedded"`
	Channel string `gorm:"primaryKey"`
	Weight  Weight `gorm:"primaryKey"`
	Choice  Choice
}

// TableName of the choices.
func (NoticeChoice) TableName() string { return "notice_choices" }

// Choices reads what owners chose; what they did not is left out.
func (s *Store) Choices(ctx context.Context, owners []Owner) ([]NoticeChoice, error) {
	var choices []NoticeChoice
	err := s.owners(s.read(ctx), owners).Find(&choices).Error
	return choices, translate(err)
}

// SaveChoices writes what an owner chose.
func (s *Store) SaveChoices(ctx context.Context, choices []NoticeChoice) error {
	replace := clause.OnConflict{
		Columns:   []clause.Column{{Name: "user_id"}, {Name: "department_id"}, {Name: "channel"}, {Name: "weight"}},
		DoUpdates: clause.AssignmentColumns([]string{"choice"}),
	}
	return insertAll(ctx, s, choices, replace)
}

// DigestDue reads who chose digests, by channel, and was made none of a day. Of
// robots, they are those whose turn it is.
func (s *Store) DigestDue(ctx context.Context, day worktime.Date, now time.Time) ([]Parcel, error) {
	made := s.read(ctx).Table("digests AS d").Select("1").
		Where("d.user_id = c.user_id AND d.department_id = c.department_id AND d.channel = c.channel AND d.day = ?", day)
	robot := s.read(ctx).Table("robots AS r").Select("1").
		Where("r.user_id = c.user_id AND r.department_id = c.department_id AND r.stopped_at IS NULL AND r.free_at <= ?", utc(now))
	var parcels []Parcel
	err := s.read(ctx).Table("notice_choices AS c").Distinct("c.user_id", "c.department_id", "c.channel").
		Where("c.choice = ? AND NOT EXISTS (?) AND (c.channel = 'mail' OR EXISTS (?))", InDigest, made, robot).Order("c.user_id, c.department_id, c.channel").Find(&parcels).Error
	return parcels, translate(err)
}

type digestRow struct {
	Parcel `gorm:"embedded"`
	Day    worktime.Date
	MadeAt time.Time
}

func (digestRow) TableName() string { return "digests" }

// TakeDigest claims the making of a day's digest; false when it was made.
func (s *Store) TakeDigest(ctx context.Context, p Parcel, day worktime.Date, at time.Time) (bool, error) {
	done := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&digestRow{p, day, utc(at)})
	return done.RowsAffected == 1, translate(done.Error)
}

// DropDigest has a day's digest made anew.
func (s *Store) DropDigest(ctx context.Context, p Parcel, day worktime.Date) error {
	return translate(s.write(ctx).Where("user_id = ? AND department_id = ? AND channel = ? AND day = ?", p.UserID, p.DepartmentID, p.Channel, day).
		Delete(&digestRow{}).Error)
}

// PurgeDigests forgets which digests were made before a moment.
func (s *Store) PurgeDigests(ctx context.Context, before time.Time) error {
	return translate(s.write(ctx).Where("made_at < ?", utc(before)).Delete(&digestRow{}).Error)
}

// LeaveDigest lets go without a digest what waits for one, as when its owner
// wants none any more.
func (s *Store) LeaveDigest(ctx context.Context, p Parcel) error {
	return translate(s.write(ctx).Exec(`UPDATE notice_deliveries SET digest = FALSE
		WHERE user_id = ? AND department_id = ? AND channel = ? AND digest AND job_id IS NULL AND sent_at IS NULL`, p.UserID, p.DepartmentID, p.Channel).Error)
}

// BurningOf is the list of what is yellow or red of what the actor owes, the
// worst first; a leader, who owes nothing, looks at all that is. Others have
// none.
func BurningOf(actor ticket.Actor) (Worklist, bool) {
	const burns = "owed.yellow_at <= @now OR owed.due_at < @now"
	switch {
	case isLeader(actor):
		return AlarmList, true
	case isDesk(actor):
		return Worklist{side: ticket.SideDesk, where: burns, order: burningFirst}, true
	case inDepartment(actor):
		return Worklist{side: ticket.SideDepartment, where: burns, order: burningFirst}, true
	case isEnterprise(actor):
		return Worklist{side: ticket.SideEnterprise, where: burns, order: burningFirst}, true
	}
	return Worklist{}, false
}
