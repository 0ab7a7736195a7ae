package service

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/notify"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

const (
	subjectRobot = "robot" // in the audit log

	// robotPause is how long a robot is silent after it spoke. What comes up
	// meanwhile is said together, which keeps far below what the vendors allow:
	// 20 messages a minute and robot.
	robotPause = time.Minute
	// robotPatience is the longest pause of a robot that keeps failing.
	robotPatience = time.Hour
	// testPause is how long a robot is not tested again.
	testPause = 5 * time.Second
)

// noticeRobot is the kind of a notice that a robot was stopped.
const noticeRobot = "robot"

// RobotPath is the page of a department's robot.
func RobotPath(departmentID string) string { return "/departments/" + departmentID + "/robot" }

// NewRobot is what a robot is made of. The address and the secret are shown
// nowhere once they are saved.
type NewRobot struct {
	URL    string             `json:"url,omitempty" maxLength:"1000" doc:"The address that the group chat shows for its robot; left out, address and secret stay as they are"`
	Secret string             `json:"secret,omitempty" maxLength:"200" doc:"By which 钉钉 or 飞书 has messages signed (加签, 签名校验); empty for none"`
	Vendor notify.RobotVendor `json:"vendor,omitempty" enum:"wecom,dingtalk,feishu" doc:"Needed only for one that is reached at another address than the vendor's own"`
}

// RobotView is a robot as its owner sees it.
type RobotView struct {
	Vendor       notify.RobotVendor
	Tail         string // of the address, by which it is recognised
	Signed       bool
	Failures     int
	Failure      string
	FailingSince *time.Time
	StoppedAt    *time.Time
	UpdatedAt    time.Time
	Choices      NoticeChoices // of a department's
}

func viewOfRobot(r store.Robot) *RobotView {
	return &RobotView{
		Vendor: notify.RobotVendor(r.Vendor), Tail: tailOf(r.URL), Signed: r.Secret != "",
		Failures: r.Failures, Failure: r.Failure, FailingSince: r.FailingSince, StoppedAt: r.StoppedAt, UpdatedAt: r.UpdatedAt,
	}
}

func tailOf(address string) string {
	const shown = 4
	return address[max(0, len(address)-shown):]
}

// robotKept is what the audit log keeps of a robot: nothing that it could be
// spoken by with.
type robotKept struct {
	Vendor string        `json:"vendor"`
	Tail   string        `json:"tail"`
	Signed bool          `json:"signed"`
	Choice NoticeChoices `json:"choices"`
}

// ownRobot is a robot that may be spoken by; nil for none.
type ownRobot struct{ store.Robot }

// spoken is the robot as the channel takes it.
func (r *ownRobot) spoken() *notify.Robot {
	if r == nil {
		return nil
	}
	return &notify.Robot{Vendor: notify.RobotVendor(r.Vendor), URL: r.URL, Secret: r.Secret}
}

// robotsOf reads the robots of owners that may be spoken by.
func (s *Service) robotsOf(ctx context.Context, owners []store.Owner) (map[store.Owner]*ownRobot, error) {
	rows, err := s.store.Robots(ctx, owners)
	robots := map[store.Owner]*ownRobot{}
	for _, r := range rows {
		if r.StoppedAt == nil {
			robots[r.Owner] = &ownRobot{r}
		}
	}
	return robots, err
}

// takeTurn says whether something may be carried by a channel now. A robot
// that speaks is then silent for a while.
func (s *Service) takeTurn(ctx context.Context, p store.Parcel, now time.Time) (bool, error) {
	if p.Channel == channelMail {
		return true, nil
	}
	return s.store.TakeTurn(ctx, p.Owner, now, now.Add(robotPause))
}

// MayKeepRobot says whether the actor keeps a department's robot: its head, who
// stands in for them, and admins.
func MayKeepRobot(actor ticket.Actor, departmentID string) bool {
	return administers(actor) || actor.Heads() && actor.DepartmentID == departmentID
}

// robotOwner is whose robot the actor keeps: their own, or a department's.
func (s *Service) robotOwner(ctx context.Context, actor ticket.Actor, departmentID string) (store.Owner, error) {
	if departmentID == "" {
		return store.Owner{UserID: actor.ID}, nil
	}
	department, err := s.store.Department(ctx, departmentID)
	if err != nil {
		return store.Owner{}, problem(err, "department")
	}
	if !MayKeepRobot(actor, department.ID) {
		return store.Owner{}, ticket.Errorf(ticket.CodeForbidden, "A department's robot is kept by its head and the admins.")
	}
	return store.Owner{DepartmentID: department.ID}, nil
}

// Robot reads the actor's own robot, or that of a department; nil for none.
func (s *Service) Robot(ctx context.Context, actor ticket.Actor, departmentID string) (*RobotView, error) {
	owner, err := s.robotOwner(ctx, actor, departmentID)
	if err != nil {
		return nil, err
	}
	r, err := s.store.Robot(ctx, owner)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil //nolint:nilnil // there is none
	}
	if err != nil {
		return nil, err
	}
	view := viewOfRobot(r)
	view.Choices, err = s.robotChoices(ctx, owner)
	return view, err
}

func (s *Service) robotChoices(ctx context.Context, owner store.Owner) (NoticeChoices, error) {
	all, err := s.choices(ctx, []store.Owner{owner})
	return all[store.Parcel{Owner: owner, Channel: robotChannelOf(owner)}], err
}

func robotChannelOf(o store.Owner) string {
	if o.DepartmentID != "" {
		return channelOffice
	}
	return channelRobot
}

// OfficeChoices are what a department's robot begins with.
func OfficeChoices() NoticeChoices { return choicesByDefault(channelOffice) }

// SaveRobot gives the actor, or a department, a robot, or changes it. The
// choices are a department's; those of a person are made with the other
// channels.
func (s *Service) SaveRobot(ctx context.Context, actor ticket.Actor, departmentID string, in NewRobot, choices *NoticeChoices) (*RobotView, error) {
	in.URL, in.Secret = strings.TrimSpace(in.URL), strings.TrimSpace(in.Secret)
	if err := checkForm(in); err != nil {
		return nil, err
	}
	if choices != nil {
		if err := checkForm(*choices); err != nil {
			return nil, err
		}
	}
	owner, err := s.robotOwner(ctx, actor, departmentID)
	if err != nil {
		return nil, err
	}
	before, err := s.store.Robot(ctx, owner)
	there := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	after := before
	if in.URL != "" || !there {
		if err := s.checkRobot(ctx, &in); err != nil {
			return nil, err
		}
		after = store.Robot{Owner: owner, Vendor: string(in.Vendor), URL: in.URL, Secret: in.Secret, FreeAt: s.clock.Now()}
	}
	user, err := s.store.User(ctx, actor.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err // the system has no account
	}
	after.Language, after.UpdatedBy, after.UpdatedAt = string(languageOf(user)), actor.ID, s.clock.Now()
	err = s.InTx(ctx, func(ctx context.Context) error {
		was, err := s.robotChoices(ctx, owner)
		if err != nil {
			return err
		}
		if err := s.store.SaveRobot(ctx, &after); errors.Is(err, store.ErrDuplicate) {
			return ticket.InvalidValues([]ticket.Field{{Pointer: "/url", Message: "is that of a robot which serves somebody else already"}})
		} else if err != nil {
			return err
		}
		is := was
		if choices != nil && owner.DepartmentID != "" {
			is = *choices
		}
		if owner.DepartmentID != "" {
			if err := s.saveChoices(ctx, store.Parcel{Owner: owner, Channel: channelOffice}, is); err != nil {
				return err
			}
		}
		action, kept := auditCreate, any(nil)
		if there {
			action, kept = auditChange, keptOfRobot(before, was)
		}
		return s.audit(ctx, actor, action, subjectRobot, cmp.Or(owner.DepartmentID, owner.UserID), kept, keptOfRobot(after, is))
	})
	if err != nil {
		return nil, err
	}
	return s.Robot(ctx, actor, departmentID)
}

func keptOfRobot(r store.Robot, choices NoticeChoices) robotKept {
	return robotKept{r.Vendor, tailOf(r.URL), r.Secret != "", choices}
}

// checkRobot holds a robot's address against the rules, and recognises its
// vendor.
func (s *Service) checkRobot(ctx context.Context, in *NewRobot) error {
	var faults []ticket.Field
	fault := func(pointer, message string) {
		faults = append(faults, ticket.Field{Pointer: pointer, Message: message})
	}
	known := notify.VendorOf(in.URL)
	switch {
	case in.URL == "":
		fault("/url", "must be the address that the group chat shows for its robot")
	case known == "" && in.Vendor == "":
		fault("/vendor", "must be said for an address that is not a vendor's own")
	case known != "" && in.Vendor != "" && in.Vendor != known:
		fault("/vendor", "must fit the address")
	}
	in.Vendor = cmp.Or(in.Vendor, known)
	if in.Vendor == notify.WeCom && in.Secret != "" {
		fault("/secret", "must be empty: robots of 企业微信 sign nothing")
	}
	if in.URL != "" {
		wrong, err := s.addressFault(ctx, in.URL)
		if err != nil {
			return err
		}
		if wrong != "" {
			fault("/url", wrong)
		}
	}
	return ticket.InvalidValues(faults)
}

// RemoveRobot takes the robot from the actor, or from a department.
func (s *Service) RemoveRobot(ctx context.Context, actor ticket.Actor, departmentID string) error {
	owner, err := s.robotOwner(ctx, actor, departmentID)
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		before, err := s.store.Robot(ctx, owner)
		if err != nil {
			return problem(err, "robot")
		}
		was, err := s.robotChoices(ctx, owner)
		if err != nil {
			return err
		}
		if _, err := s.store.DeleteRobot(ctx, owner); err != nil {
			return err
		}
		return s.audit(ctx, actor, auditRemove, subjectRobot, cmp.Or(owner.DepartmentID, owner.UserID), keptOfRobot(before, was), nil)
	})
}

// RobotAnswer is what a vendor answered to a test.
type RobotAnswer struct {
	OK    bool
	Fault notify.RobotFault // "" when it could not be reached
	Code  int
	Words string
}

// TestRobot has a line said by the robot, and tells what its vendor answered. A
// robot that was stopped goes on when it speaks.
func (s *Service) TestRobot(ctx context.Context, actor ticket.Actor, departmentID string) (*RobotAnswer, error) {
	owner, err := s.robotOwner(ctx, actor, departmentID)
	if err != nil {
		return nil, err
	}
	r, err := s.store.Robot(ctx, owner)
	if err != nil {
		return nil, problem(err, "robot")
	}
	now := s.clock.Now()
	err = s.InTx(ctx, func(ctx context.Context) error {
		turn, err := s.store.TakeTest(ctx, owner, now, now.Add(-testPause))
		if err == nil && !turn {
			err = ticket.Errorf(ticket.CodeConflict, "The robot was tested just now. Wait some seconds.")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	user, err := s.store.User(ctx, actor.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	tried := s.robots.Try(ctx, *(&ownRobot{r}).spoken(), languageOf(user))
	if err := s.endRobotRun(context.WithoutCancel(ctx), r, tried, false); err != nil {
		return nil, err
	}
	return answerOf(tried), nil
}

func answerOf(err error) *RobotAnswer {
	var refused *notify.RobotError
	switch {
	case err == nil:
		return &RobotAnswer{OK: true}
	case errors.As(err, &refused):
		return &RobotAnswer{Fault: refused.Fault, Code: refused.Code, Words: refused.Words}
	}
	return &RobotAnswer{Words: err.Error()}
}

// endRobotRun writes down how a robot is after it was spoken by: one that works
// has nothing against it, one that cannot work is stopped and its keepers are
// told, and others pause longer and longer.
func (s *Service) endRobotRun(ctx context.Context, r store.Robot, failed error, tell bool) error {
	now := s.clock.Now()
	if failed == nil {
		if r.Failures == 0 && r.StoppedAt == nil {
			return nil
		}
		r.Failures, r.Failure, r.FailingSince, r.StoppedAt = 0, "", nil, nil
	} else {
		const doublings = 6
		r.Failure = failed.Error()
		r.FreeAt = now.Add(min(robotPause<<min(r.Failures, doublings), robotPatience))
		if r.Failures++; r.FailingSince == nil {
			r.FailingSince = &now
		}
		tell = tell && notify.Broken(failed) && r.StoppedAt == nil
		if notify.Broken(failed) && r.StoppedAt == nil {
			r.StoppedAt = &now
		}
		s.log.WarnContext(ctx, "robot failed", slog.String("user_id", r.UserID), slog.String("department_id", r.DepartmentID), slog.Any("error", failed))
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.EndRobotRun(ctx, r); err != nil || failed == nil || !tell {
			return err
		}
		return s.tellOfRobot(ctx, r, now)
	})
}

// tellOfRobot tells who keeps a robot that it was stopped.
func (s *Service) tellOfRobot(ctx context.Context, r store.Robot, at time.Time) error {
	keepers := store.Audience{UserIDs: []string{r.UserID}}
	if r.DepartmentID != "" {
		keepers = store.Audience{Departments: []string{r.DepartmentID}}
	}
	accounts, err := s.store.Audience(ctx, keepers)
	if err != nil {
		return err
	}
	var notices []store.Notice
	var told []store.Account
	for _, a := range accounts {
		if r.DepartmentID != "" && !directory.ActorOf(a.User, a.Assignments, s.today()).Heads() {
			continue
		}
		notices, told = append(notices, store.Notice{
			ID: s.newID(), UserID: a.ID, Kind: noticeRobot, Cause: noticeRobot + " " + r.DepartmentID + " " + at.UTC().Format(time.RFC3339), Side: "office", CreatedAt: at,
			Data: store.NoticeData{DepartmentID: r.DepartmentID},
		}), append(told, a)
	}
	return s.writeNotices(ctx, notices, told, true)
}

// robotConcern is how long a robot may fail before somebody should look at it.
const robotConcern = time.Hour

// examineRobots looks at those that fail, without speaking by any.
func (s *Service) examineRobots(ctx context.Context) Finding {
	stopped, failing, err := s.store.FailingRobots(ctx, s.clock.Now().Add(-robotConcern))
	switch {
	case err != nil:
		return unread(err)
	case stopped+failing > 0:
		return concern("Their keepers see at /account, or on the page of their department's robot, what the vendor answered; a test that succeeds has a stopped one go on.",
			"of the robots of group chats %d were stopped and %d have been failing for an hour", stopped, failing)
	}
	return well("no robot of a group chat keeps failing")
}
