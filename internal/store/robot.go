package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"
)

// Robot speaks into a group chat for its owner: a person or a department.
type Robot struct {
	Owner        `gorm:"embedded"`
	Vendor       string
	URL          string // whoever has it may speak by the robot
	Secret       string // by which what it says is signed; "" for none
	Language     string
	FreeAt       time.Time // from when it may speak again
	TestedAt     *time.Time
	Failures     int    // since it last spoke
	Failure      string // what its vendor answered then
	FailingSince *time.Time
	StoppedAt    *time.Time // it is spoken by no more until somebody mends it
	UpdatedBy    string
	UpdatedAt    time.Time `gorm:"autoUpdateTime:false"`
}

// TableName of the robots.
func (Robot) TableName() string { return "robots" }

// Robots reads those that owners have.
func (s *Store) Robots(ctx context.Context, owners []Owner) ([]Robot, error) {
	var robots []Robot
	err := s.owners(s.read(ctx), owners).Find(&robots).Error
	return robots, translate(err)
}

// Robot reads the one that an owner has; ErrNotFound when there is none.
func (s *Store) Robot(ctx context.Context, o Owner) (Robot, error) {
	var r Robot
	err := s.read(ctx).Where("user_id = ? AND department_id = ?", o.UserID, o.DepartmentID).Take(&r).Error
	return r, translate(err)
}

// SaveRobot writes an owner's robot, with nothing against it yet; ErrDuplicate
// when somebody else has it.
func (s *Store) SaveRobot(ctx context.Context, r *Robot) error {
	r.FreeAt, r.UpdatedAt = utc(r.FreeAt), utc(r.UpdatedAt)
	replace := clause.OnConflict{
		Columns: []clause.Column{{Name: "user_id"}, {Name: "department_id"}},
		DoUpdates: clause.AssignmentColumns([]string{
			"vendor", "url", "secret", "language", "failures", "failure", "failing_since", "stopped_at", "updated_by", "updated_at",
		}),
	}
	return translate(s.write(ctx).Clauses(replace).Create(r).Error)
}

// DeleteRobot forgets an owner's robot; false when there is none.
func (s *Store) DeleteRobot(ctx context.Context, o Owner) (bool, error) {
	done := s.write(ctx).Where("user_id = ? AND department_id = ?", o.UserID, o.DepartmentID).Delete(&Robot{})
	return done.RowsAffected == 1, translate(done.Error)
}

// TakeTurn has a robot speak now and not again before next; false when it is
// not its turn.
func (s *Store) TakeTurn(ctx context.Context, o Owner, now, next time.Time) (bool, error) {
	done := s.write(ctx).Exec("UPDATE robots SET free_at = ? WHERE user_id = ? AND department_id = ? AND free_at <= ?", utc(next), o.UserID, o.DepartmentID, utc(now))
	return done.RowsAffected == 1, translate(done.Error)
}

// TakeTest has a robot be tested now; false when it was since a moment.
func (s *Store) TakeTest(ctx context.Context, o Owner, now, since time.Time) (bool, error) {
	done := s.write(ctx).Exec("UPDATE robots SET tested_at = ? WHERE user_id = ? AND department_id = ? AND (tested_at IS NULL OR tested_at <= ?)",
		utc(now), o.UserID, o.DepartmentID, utc(since))
	return done.RowsAffected == 1, translate(done.Error)
}

// EndRobotRun writes down how a robot is after it was spoken by.
func (s *Store) EndRobotRun(ctx context.Context, r Robot) error {
	return translate(s.write(ctx).Model(&Robot{}).Where("user_id = ? AND department_id = ? AND url = ?", r.UserID, r.DepartmentID, r.URL).
		UpdateColumns(map[string]any{
			"failures": r.Failures, "failure": r.Failure, "failing_since": utcPtr(r.FailingSince), "stopped_at": utcPtr(r.StoppedAt), "free_at": utc(r.FreeAt),
		}).Error)
}

// FailingRobots counts those that were stopped, and those that have been
// failing since before a moment.
func (s *Store) FailingRobots(ctx context.Context, before time.Time) (stopped, failing int, err error) {
	var n struct{ Stopped, Failing int }
	err = s.read(ctx).Raw(`SELECT count(*) FILTER (WHERE stopped_at IS NOT NULL) AS stopped,
		count(*) FILTER (WHERE stopped_at IS NULL AND failing_since <= ?) AS failing FROM robots`, utc(before)).Scan(&n).Error
	return n.Stopped, n.Failing, translate(err)
}
