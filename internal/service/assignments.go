package service

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

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
	Part     string                   `json:"part,omitempty" maxLength:"64" doc:"Of a manager: guide 指导员 or contact 联络员; of a station's staff: enterprise_steward, market_officer or finance_officer, in a quality station quality_steward, quality_envoy or quality_volunteer"`
	FromDate *worktime.Date           `json:"from_date,omitempty" format:"date" doc:"The first day; today by default"`
	ToDate   *worktime.Date           `json:"to_date,omitempty" format:"date" doc:"The last day; none by default"`
}

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
	return s.NamedAssignments(ctx, rows)
}

// NamedAssignments gives assignments their names.
func (s *Service) NamedAssignments(ctx context.Context, rows []directory.Assignment) ([]AssignmentView, error) {
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
// target: admins all, the desk managers and the staff of stations, a head the
// own department's deputies.
func mayAssign(actor ticket.Actor, kind directory.AssignmentKind, targetID string) bool {
	switch {
	case administers(actor):
		return true
	case actor.Role == ticket.RoleDispatcher:
		return kind == directory.ManagerOf || kind == directory.StaffOf
	case actor.Role == ticket.RoleHead:
		return kind == directory.DeputyOf && targetID == actor.DepartmentID
	}
	return false
}

// CreateAssignment assigns something to an account.
func (s *Service) CreateAssignment(ctx context.Context, actor ticket.Actor, in NewAssignment) (directory.Assignment, error) {
	made, err := s.CreateAssignments(ctx, actor, in)
	if err != nil {
		return directory.Assignment{}, err
	}
	return made[0], nil
}

// CreateAssignments makes several at once: all or none. The faults of one of
// many stand at its place, as /3/user_id.
func (s *Service) CreateAssignments(ctx context.Context, actor ticket.Actor, ins ...NewAssignment) ([]directory.Assignment, error) {
	var faults []ticket.Field
	for i, in := range ins {
		faults = append(faults, faultsOf(len(ins), i, ticket.CheckTags(in))...)
	}
	if err := ticket.InvalidForm(faults); err != nil {
		return nil, err
	}
	now := s.clock.Now()
	made := make([]directory.Assignment, len(ins))
	for i, in := range ins {
		if !mayAssign(actor, in.Kind, in.TargetID) {
			return nil, errNotYours
		}
		made[i] = directory.Assignment{
			ID: s.newID(), Kind: in.Kind, UserID: in.UserID, TargetID: in.TargetID, Part: in.Part,
			FromDate: s.today(), ToDate: in.ToDate, Stamp: directory.Stamp{CreatedAt: now, UpdatedAt: now},
		}
		changeTo(&made[i].FromDate, in.FromDate)
	}
	return made, s.InTx(ctx, func(ctx context.Context) error {
		known, err := s.assigning(ctx, made)
		if err != nil {
			return err
		}
		var faults []ticket.Field
		for i, a := range made {
			faults = append(faults, faultsOf(len(made), i, append(known.check(a), checkAssignedDays(actor, a)...))...)
			known.add(a)
		}
		if err := ticket.InvalidValues(faults); err != nil {
			return err
		}
		return s.insertAssignments(ctx, actor, made)
	})
}

// faultsOf are the faults of one of n things, at its place.
func faultsOf(n, i int, faults []ticket.Field) []ticket.Field {
	if n > 1 {
		for at := range faults {
			faults[at].Pointer = fmt.Sprintf("/%d%s", i, faults[at].Pointer)
		}
	}
	return faults
}

// insertAssignments writes assignments that were checked, and who made them.
func (s *Service) insertAssignments(ctx context.Context, actor ticket.Actor, made []directory.Assignment) error {
	if err := s.store.InsertAssignments(ctx, made); err != nil {
		return err
	}
	entries := make([]store.Audit, len(made))
	for i, a := range made {
		var err error
		if entries[i], err = s.auditEntry(a.CreatedAt, actor, auditCreate, subjectAssignment, a.ID, nil, keptAssignment(a)); err != nil {
			return err
		}
	}
	return s.store.InsertAudit(ctx, entries...)
}

// assigning is what new assignments are held against, read once for all of
// them.
type assigning struct {
	users    map[string]directory.User
	targets  map[directory.AssignmentKind]map[string]bool                   // in service
	stations map[string]directory.StationKind                               // what those among the targets are
	theirs   map[directory.AssignmentKind]map[string][]directory.Assignment // by account
}

func (s *Service) assigning(ctx context.Context, made []directory.Assignment) (*assigning, error) {
	known := &assigning{targets: map[directory.AssignmentKind]map[string]bool{}, stations: map[string]directory.StationKind{}, theirs: map[directory.AssignmentKind]map[string][]directory.Assignment{}}
	users, targets := map[string]bool{}, map[directory.AssignmentKind]map[string]bool{}
	for _, a := range made {
		users[a.UserID] = true
		if targets[a.Kind] == nil {
			targets[a.Kind] = map[string]bool{}
		}
		targets[a.Kind][a.TargetID] = true
	}
	ids := slices.Collect(maps.Keys(users))
	var err error
	if known.users, err = s.store.UsersByID(ctx, ids); err != nil {
		return nil, err
	}
	for kind, of := range targets {
		var station directory.DepartmentKind
		if kind == directory.StaffOf {
			station = directory.Station
		}
		if known.targets[kind], err = s.store.InService(ctx, assignmentTables[kind], station, slices.Collect(maps.Keys(of))); err != nil {
			return nil, err
		}
		if kind == directory.StaffOf {
			stations, err := s.store.Departments(ctx, slices.Collect(maps.Keys(of)))
			if err != nil {
				return nil, err
			}
			for _, d := range stations {
				known.stations[d.ID] = d.StationKind
			}
		}
		if known.theirs[kind], err = s.store.AssignmentsOf(ctx, kind, ids); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// add has what comes after an assignment held against it too.
func (known *assigning) add(a directory.Assignment) {
	known.theirs[a.Kind][a.UserID] = append(known.theirs[a.Kind][a.UserID], a)
}

// targetWords say what an assignment's target must be.
var targetWords = map[directory.AssignmentKind]string{
	directory.ManagerOf: "must be the id of an enterprise in service",
	directory.TeamOf:    "must be the id of a key project in service",
	directory.StaffOf:   "must be the id of a station in service",
	directory.DeputyOf:  "must be the id of a department in service",
}

// check holds a new assignment against the rules on whom and what it joins.
func (known *assigning) check(a directory.Assignment) []ticket.Field {
	var faults []ticket.Field
	fault := func(pointer, message string) {
		faults = append(faults, ticket.Field{Pointer: pointer, Message: message})
	}
	if wants := known.checkWho(a); wants != "" {
		fault("/user_id", wants)
	}
	if !known.targets[a.Kind][a.TargetID] {
		fault("/target_id", targetWords[a.Kind])
	}
	if a.Kind == directory.ManagerOf && a.Part != directory.Guide && a.Part != directory.Contact {
		fault("/part", "must be guide or contact")
	}
	if a.Kind == directory.StaffOf && known.targets[a.Kind][a.TargetID] {
		faults = append(faults, checkStaffPart(known.stations[a.TargetID], a.Part)...)
	}
	for _, other := range known.theirs[a.Kind][a.UserID] {
		if other.TargetID == a.TargetID && overlap(a, other) {
			fault("/from_date", "falls within the days of the same assignment made before; change that one")
			break
		}
	}
	return faults
}

// checkWho says what is wrong with whom an assignment is for; "" for nothing.
func (known *assigning) checkWho(a directory.Assignment) string {
	user, there := known.users[a.UserID]
	switch {
	case !there || user.Retired():
		return "must be the id of an account in service"
	case user.Role == ticket.RoleEnterprise || user.Role == ticket.RoleAdmin:
		return "must not be an enterprise's contact or an admin"
	case a.Kind == directory.DeputyOf && (user.Role != ticket.RoleOfficer || user.DepartmentID != a.TargetID):
		return "must be an officer of the department"
	}
	return ""
}

// overlap says whether there is a day on which both hold.
func overlap(a, b directory.Assignment) bool {
	return (b.ToDate == nil || !b.ToDate.Before(a.FromDate)) && (a.ToDate == nil || !a.ToDate.Before(b.FromDate))
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
