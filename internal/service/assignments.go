package service

import (
	"context"
	"errors"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

const subjectAssignment = "assignment" // in the audit log

// NewAssignment is what an assignment is made from.
type NewAssignment struct {
	Kind     directory.AssignmentKind `json:"kind" enum:"manager,station,team,deputy" doc:"manager of an enterprise, staff of a station, member of a key project's team, deputy of a department's head"`
	UserID   string                   `json:"user_id" minLength:"1" maxLength:"64"`
	TargetID string                   `json:"target_id" minLength:"1" maxLength:"64" doc:"The enterprise, station, project or department"`
	Part     string                   `json:"part,omitempty" maxLength:"64" doc:"Of a manager: guide 指导员 or contact 联络员; of station staff: their part there"`
	FromDate *worktime.Date           `json:"from_date,omitempty" format:"date" doc:"The first day; today by default"`
	ToDate   *worktime.Date           `json:"to_date,omitempty" format:"date" doc:"The last day; none by default"`
}

// The parts of a manager.
const (
	partGuide   = "guide"   // 指导员
	partContact = "contact" // 联络员
)

// AssignmentView is an assignment with its names.
type AssignmentView struct {
	directory.Assignment
	Names *Names
}

// AssignmentFilter narrows a list of assignments.
type AssignmentFilter = store.AssignmentFilter

var assignmentTables = map[directory.AssignmentKind]store.NamedTable{
	directory.ManagerOf: store.Enterprises,
	directory.StaffOf:   store.Departments,
	directory.TeamOf:    store.Projects,
	directory.DeputyOf:  store.Departments,
}

func (n *Names) ofAssignment(a directory.Assignment) {
	n.add(store.Users, a.UserID)
	n.add(assignmentTables[a.Kind], a.TargetID)
}

// Assignments lists the assignments that the actor has to do with, newest
// first.
func (s *Service) Assignments(ctx context.Context, actor ticket.Actor, f AssignmentFilter) ([]AssignmentView, error) {
	rows, err := s.store.AssignmentList(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	names := newNames()
	views := make([]AssignmentView, len(rows))
	for i, a := range rows {
		names.ofAssignment(a)
		views[i] = AssignmentView{a, names}
	}
	return views, names.load(ctx, s.store)
}

// Assignment reads an assignment that the actor has to do with.
func (s *Service) Assignment(ctx context.Context, actor ticket.Actor, id string) (*AssignmentView, error) {
	a, err := s.store.AssignmentSeenBy(ctx, actor, id)
	if err != nil {
		return nil, problem(err, subjectAssignment)
	}
	names := newNames()
	names.ofAssignment(a)
	return &AssignmentView{a, names}, names.load(ctx, s.store)
}

// mayAssign says whether the actor may make, change and end assignments to a
// target: admins all, the desk managers, a head the own department's deputies.
func mayAssign(actor ticket.Actor, kind directory.AssignmentKind, targetID string) bool {
	switch {
	case administers(actor):
		return true
	case actor.Role == ticket.RoleDispatcher:
		return kind == directory.ManagerOf
	case actor.Role == ticket.RoleHead:
		return kind == directory.DeputyOf && targetID == actor.DepartmentID
	}
	return false
}

// CreateAssignment assigns something to an account.
func (s *Service) CreateAssignment(ctx context.Context, actor ticket.Actor, in NewAssignment) (directory.Assignment, error) {
	if err := checkForm(in); err != nil {
		return directory.Assignment{}, err
	}
	if !mayAssign(actor, in.Kind, in.TargetID) {
		return directory.Assignment{}, errNotYours
	}
	now := s.clock.Now()
	a := directory.Assignment{
		ID: s.newID(), Kind: in.Kind, UserID: in.UserID, TargetID: in.TargetID, Part: in.Part,
		FromDate: s.today(), ToDate: in.ToDate, Stamp: directory.Stamp{CreatedAt: now, UpdatedAt: now},
	}
	changeTo(&a.FromDate, in.FromDate)
	err := s.InTx(ctx, func(ctx context.Context) error {
		faults, err := s.checkAssignment(ctx, a)
		if err != nil {
			return err
		}
		if err := ticket.InvalidValues(append(faults, checkAssignedDays(actor, a)...)); err != nil {
			return err
		}
		if err := s.store.InsertAssignment(ctx, &a); err != nil {
			return err
		}
		return s.audit(ctx, actor, auditCreate, subjectAssignment, a.ID, nil, keptAssignment(a))
	})
	return a, err
}

// checkAssignment holds a new assignment against the rules on whom and what it
// joins.
func (s *Service) checkAssignment(ctx context.Context, a directory.Assignment) ([]ticket.Field, error) {
	var faults []ticket.Field
	fault := func(pointer, message string) {
		faults = append(faults, ticket.Field{Pointer: pointer, Message: message})
	}

	user, err := s.store.User(ctx, a.UserID)
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && user.Retired():
		fault("/user_id", "must be the id of an account in service")
	case err != nil:
		return nil, err
	case user.Role == ticket.RoleEnterprise || user.Role == ticket.RoleAdmin:
		fault("/user_id", "must not be an enterprise's contact or an admin")
	case a.Kind == directory.DeputyOf && (user.Role != ticket.RoleOfficer || user.DepartmentID != a.TargetID):
		fault("/user_id", "must be an officer of the department")
	}
	if wants, err := s.checkTarget(ctx, a); err != nil {
		return nil, err
	} else if wants != "" {
		fault("/target_id", wants)
	}
	if a.Kind == directory.ManagerOf && a.Part != partGuide && a.Part != partContact {
		fault("/part", "must be guide or contact")
	}
	same, err := s.store.AssignmentList(ctx, ticket.System, AssignmentFilter{Kind: a.Kind, UserID: a.UserID, TargetID: a.TargetID})
	if err != nil {
		return nil, err
	}
	for _, other := range same {
		if (other.ToDate == nil || !other.ToDate.Before(a.FromDate)) && (a.ToDate == nil || !a.ToDate.Before(other.FromDate)) {
			fault("/from_date", "falls within the days of the same assignment made before; change that one")
			break
		}
	}
	return faults, nil
}

// checkTarget says what is wrong with an assignment's target; "" for nothing.
func (s *Service) checkTarget(ctx context.Context, a directory.Assignment) (string, error) {
	var ok bool
	var err error
	var wants string
	switch a.Kind {
	case directory.ManagerOf:
		var e directory.Enterprise
		e, err = s.store.Enterprise(ctx, a.TargetID)
		ok, wants = !e.Retired(), "must be the id of an enterprise in service"
	case directory.TeamOf:
		var p directory.Project
		p, err = s.store.Project(ctx, a.TargetID)
		ok, wants = !p.Retired(), "must be the id of a key project in service"
	case directory.StaffOf:
		var d directory.Department
		d, err = s.store.Department(ctx, a.TargetID)
		ok, wants = !d.Retired() && d.Kind == directory.Station, "must be the id of a station in service"
	case directory.DeputyOf:
		var d directory.Department
		d, err = s.store.Department(ctx, a.TargetID)
		ok, wants = !d.Retired(), "must be the id of a department in service"
	}
	if errors.Is(err, store.ErrNotFound) {
		return wants, nil
	}
	if err != nil || ok {
		return "", err
	}
	return wants, nil
}

// checkAssignedDays holds an assignment's days against the rules: a head names a deputy
// for some days, not for good.
func checkAssignedDays(actor ticket.Actor, a directory.Assignment) []ticket.Field {
	switch {
	case a.ToDate != nil && a.ToDate.Before(a.FromDate):
		return []ticket.Field{{Pointer: "/to_date", Message: "must not be before the first day"}}
	case a.ToDate == nil && actor.Role == ticket.RoleHead:
		return []ticket.Field{{Pointer: "/to_date", Message: "is required: a deputy stands in for some days"}}
	}
	return nil
}

// keptAssignment is how an assignment is written to the audit log.
func keptAssignment(a directory.Assignment) NewAssignment {
	return NewAssignment{a.Kind, a.UserID, a.TargetID, a.Part, &a.FromDate, a.ToDate}
}

var errAssignmentEnded = ticket.Errorf(ticket.CodeConflict, "This assignment has been ended. Make a new one.")

// changeAssignment changes an assignment that the actor may change and that is
// not retired.
func (s *Service) changeAssignment(ctx context.Context, actor ticket.Actor, id, action string, change func(*directory.Assignment)) (directory.Assignment, error) {
	var a directory.Assignment
	err := s.InTx(ctx, func(ctx context.Context) error {
		before, err := s.store.AssignmentSeenBy(ctx, actor, id)
		switch {
		case err != nil:
			return problem(err, subjectAssignment)
		case !mayAssign(actor, before.Kind, before.TargetID):
			return errNotYours
		case before.Retired():
			return errAssignmentEnded
		}
		a = before
		a.UpdatedAt = s.clock.Now()
		change(&a)
		var after any
		if !a.Retired() {
			after = keptAssignment(a)
			if err := ticket.InvalidValues(checkAssignedDays(actor, a)); err != nil {
				return err
			}
		}
		if err := s.store.UpdateAssignment(ctx, &a); err != nil {
			return err
		}
		return s.audit(ctx, actor, action, subjectAssignment, id, keptAssignment(before), after)
	})
	return a, err
}

// ChangeAssignment gives an assignment another last day; nil for none.
func (s *Service) ChangeAssignment(ctx context.Context, actor ticket.Actor, id string, toDate *worktime.Date) (directory.Assignment, error) {
	return s.changeAssignment(ctx, actor, id, auditChange, func(a *directory.Assignment) { a.ToDate = toDate })
}

// RetireAssignment ends an assignment at once. Retiring it again does nothing.
func (s *Service) RetireAssignment(ctx context.Context, actor ticket.Actor, id string) error {
	_, err := s.changeAssignment(ctx, actor, id, auditRetire, func(a *directory.Assignment) { a.RetiredAt = &a.UpdatedAt })
	if errors.Is(err, errAssignmentEnded) {
		return nil
	}
	return err
}
