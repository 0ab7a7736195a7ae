package service

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// NewHandover says which enterprises another manager takes over, and from when.
type NewHandover struct {
	ToUserID      string         `json:"to_user_id" minLength:"1" maxLength:"64" doc:"Who takes over"`
	FromDate      *worktime.Date `json:"from_date,omitempty" format:"date" doc:"The first day; today by default, and not before"`
	EnterpriseIDs []string       `json:"enterprise_ids,omitempty" maxItems:"2000" doc:"Which; all when left out"`
	Note          string         `json:"note,omitempty" maxLength:"2000" doc:"For the one who takes over and the offices"`
}

// HandOver moves enterprises of one manager to another from a day on, and
// returns the new assignments: the ones that were there end the day before, the
// parts stay. All are moved or none; doing it again has no effect.
func (s *Service) HandOver(ctx context.Context, actor ticket.Actor, fromUserID string, in NewHandover) ([]directory.Assignment, error) {
	in.Note = strings.TrimSpace(in.Note)
	if err := checkForm(in); err != nil {
		return nil, err
	}
	var h *handover
	err := s.InTx(ctx, func(ctx context.Context) error {
		from, err := s.store.UserSeenBy(ctx, actor, fromUserID)
		switch {
		case err != nil:
			return problem(err, "manager")
		case !mayAssign(actor, directory.ManagerOf, ""):
			return errNotYours
		}
		if h, err = s.planHandover(ctx, from.ID, in); err != nil || len(h.old) == 0 {
			return err
		}
		h.MadeBy = actor.ID
		if err := s.store.InsertHandover(ctx, &h.Handover); err != nil {
			return err
		}
		for _, a := range h.old {
			if err := s.endForHandover(ctx, actor, h, a); err != nil {
				return err
			}
		}
		if err := s.insertAssignments(ctx, actor, h.made); err != nil {
			return err
		}
		return s.tellHandover(ctx, actor, h)
	})
	if err != nil {
		return nil, err
	}
	return h.made, nil
}

// handover is one that was checked, with what it comes to.
type handover struct {
	directory.Handover
	old  []directory.Assignment // to be ended
	made []directory.Assignment
}

// planHandover holds a hand-over against the rules and says what it comes to.
func (s *Service) planHandover(ctx context.Context, fromUserID string, in NewHandover) (*handover, error) {
	var faults []ticket.Field
	fault := func(pointer, format string, args ...any) {
		faults = append(faults, ticket.Fieldf(pointer, format, args...))
	}
	now := s.clock.Now()
	h := &handover{Handover: directory.Handover{
		ID: s.newID(), FromUserID: fromUserID, ToUserID: in.ToUserID, FromDate: s.today(), Note: in.Note, CreatedAt: now,
	}}
	changeTo(&h.FromDate, in.FromDate)
	if h.FromDate.Before(s.today()) {
		fault("/from_date", "must not be before today: what was stays as it was")
	}
	taker := directory.Assignment{Kind: directory.ManagerOf, UserID: in.ToUserID}
	known, err := s.assigning(ctx, []directory.Assignment{taker, {Kind: directory.ManagerOf, UserID: fromUserID}})
	if err != nil {
		return nil, err
	}
	theirs := known.theirs[directory.ManagerOf]
	h.old = goesOnFrom(theirs[fromUserID], h.FromDate)
	if in.EnterpriseIDs != nil {
		held := targetsOf(slices.Concat(h.old, goesOnFrom(theirs[in.ToUserID], h.FromDate)))
		for i, id := range in.EnterpriseIDs {
			if !slices.Contains(held, id) {
				fault("/enterprise_ids/"+strconv.Itoa(i), "is not looked after by this manager then")
			}
		}
		h.old = slices.DeleteFunc(h.old, func(a directory.Assignment) bool { return !slices.Contains(in.EnterpriseIDs, a.TargetID) })
	}
	both := 0
	for _, a := range h.old {
		next := directory.Assignment{
			ID: s.newID(), Kind: a.Kind, UserID: in.ToUserID, TargetID: a.TargetID, Part: a.Part, FromDate: h.FromDate, ToDate: a.ToDate,
			HandoverID: h.ID, Stamp: directory.Stamp{CreatedAt: now, UpdatedAt: now},
		}
		if next.FromDate.Before(a.FromDate) {
			next.FromDate = a.FromDate
		}
		if slices.ContainsFunc(theirs[in.ToUserID], func(other directory.Assignment) bool { return other.TargetID == a.TargetID && overlap(next, other) }) {
			both++
		}
		h.made = append(h.made, next)
	}
	switch wants := known.checkWho(taker); {
	case in.ToUserID == fromUserID:
		fault("/to_user_id", "must be somebody else")
	case wants != "":
		faults = append(faults, ticket.Field{Pointer: "/to_user_id", Message: wants})
	case both > 0:
		fault("/to_user_id", "looks after %d of these enterprises already; leave those out, or choose another", both)
	}
	return h, ticket.InvalidValues(faults)
}

// endForHandover ends an assignment the day before another takes over; one that
// would only have begun then is retired.
func (s *Service) endForHandover(ctx context.Context, actor ticket.Actor, h *handover, before directory.Assignment) error {
	a := before
	a.UpdatedAt = h.CreatedAt
	action, after := auditChange, any(nil)
	if a.FromDate.Before(h.FromDate) {
		last := h.FromDate.AddDays(-1)
		a.ToDate = &last
		after = keptAssignment(a)
	} else {
		action, a.RetiredAt = auditRetire, &a.UpdatedAt
	}
	if err := s.store.UpdateAssignment(ctx, &a); err != nil {
		return err
	}
	return s.auditAt(ctx, h.CreatedAt, actor, action, subjectAssignment, a.ID, keptAssignment(before), after)
}

// noticeHandover is the kind of a notice of a hand-over.
const noticeHandover = "handover"

// tellHandover tells the one who takes over.
func (s *Service) tellHandover(ctx context.Context, actor ticket.Actor, h *handover) error {
	accounts, err := s.store.Audience(ctx, store.Audience{UserIDs: []string{h.ToUserID}})
	if err != nil {
		return err
	}
	return s.writeNotices(ctx, []store.Notice{{
		ID: s.newID(), UserID: h.ToUserID, Kind: noticeHandover, Cause: noticeHandover + " " + h.ID, Side: "office", CreatedAt: h.CreatedAt,
		Data: store.NoticeData{ActorID: actor.ID, FromUserID: h.FromUserID, Count: len(h.made), Day: &h.FromDate},
	}}, accounts, true)
}
