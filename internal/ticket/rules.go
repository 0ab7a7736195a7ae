package ticket

import (
	"fmt"
	"slices"
	"time"

	"whistle/internal/phrase"
	"whistle/internal/worktime"
)

// Conditions of the rows.

func not(f func(*situation) bool) func(*situation) bool {
	return func(s *situation) bool { return !f(s) }
}

func both(f, g func(*situation) bool) func(*situation) bool {
	return func(s *situation) bool { return f(s) && g(s) }
}

func ownBeforeAccept(s *situation) bool { return s.is(Desk) || s.t.AcceptedAt == nil }
func notFinal(s *situation) bool        { return !s.t.Final }

func returnable(s *situation) bool {
	return notFinal(s) && s.t.ReturnUntil != nil && !s.at.After(*s.t.ReturnUntil)
}

func pending(kind RequestKind) func(*situation) bool {
	return func(s *situation) bool { return s.t.pending(kind) != nil }
}

func nonePending(kind RequestKind) func(*situation) bool { return not(pending(kind)) }

const maxExtensions = 2

func mayExtend(s *situation) bool {
	c := s.t.Clock(ClockResolve)
	return c != nil && !c.Missed(s.at) && s.t.approved(ForExtension) < maxExtensions && s.t.pending(ForExtension) == nil
}

func pendingExtension(granted int) func(*situation) bool {
	return func(s *situation) bool {
		return s.t.pending(ForExtension) != nil && s.t.approved(ForExtension) == granted
	}
}

func approved(s *situation) bool { return s.in.(DecideInput).Approve }

func notReportedIn(s *situation) bool {
	summons := s.t.summons(s.actor.DepartmentID)
	return summons != nil && summons.ReportedAt == nil
}

func notUrgedToday(s *situation) bool {
	return s.t.LastUrged == nil || *s.t.LastUrged != s.time.workingDay(s.at)
}

// workingDay is the working day that a moment counts to: a weekend counts to
// the Monday after it.
func (c clockTime) workingDay(at time.Time) worktime.Date {
	today := worktime.DateOf(at.In(c.calendar.Location()))
	day, err := c.calendar.NextWorkingDay(today)
	if err != nil {
		return today
	}
	return day
}

func (t *Ticket) openTasks() int {
	n := 0
	for _, task := range t.Tasks {
		if task.State == TaskOpen {
			n++
		}
	}
	return n
}

func hasOpenTask(s *situation) bool {
	return slices.ContainsFunc(s.t.Tasks, func(task Task) bool {
		return task.State == TaskOpen && task.DepartmentID == s.actor.DepartmentID
	})
}

// ResumesAt is when a ticket that waits till a review date goes on by itself:
// at the start of business of that date, or of the next working day.
func (w World) ResumesAt(t *Ticket) (time.Time, error) {
	c, err := w.timeOf(t)
	if err != nil || t.ReviewDate == nil {
		return time.Time{}, err
	}
	return c.resumesAt(*t.ReviewDate)
}

func (c clockTime) resumesAt(review worktime.Date) (time.Time, error) {
	day, err := c.calendar.NextWorkingDay(review)
	if err != nil {
		return time.Time{}, err
	}
	return c.calendar.StartOfBusiness(day), nil
}

func reviewDue(s *situation) bool {
	if s.t.ReviewDate == nil {
		return false
	}
	resumes, err := s.time.resumesAt(*s.t.ReviewDate)
	return err == nil && !s.at.Before(resumes)
}

func firstDispute(s *situation) bool { return s.t.Disputes == 0 }

// verifyOut: an imported ticket has no verify clock, so it may be called at any time.
func verifyOut(s *situation) bool {
	c := s.t.Clock(ClockVerify)
	return c == nil || s.at.After(c.DueAt)
}

var callbackDue = when("the verify clock is out", verifyOut)

const unreachedDays = 3

// notReached tells a call that reached nobody on the third working day from
// the earlier ones.
func notReached(last bool) func(*situation) bool {
	return func(s *situation) bool {
		if s.in.(CallbackInput).Reached {
			return false
		}
		return (len(s.t.withUnreached(s.at, s.time)) >= unreachedDays) == last
	}
}

// withUnreached are the working days without an answer, with the one of at. A
// call on a day off counts for none.
func (t *Ticket) withUnreached(at time.Time, c clockTime) []worktime.Date {
	today := worktime.DateOf(at.In(c.calendar.Location()))
	if !c.calendar.IsWorking(today) || slices.Contains(t.Unreached, today) {
		return t.Unreached
	}
	return append(slices.Clone(t.Unreached), today)
}

func reachedSolved(s *situation) bool {
	in := s.in.(CallbackInput)
	return in.Reached && in.Solved != nil && *in.Solved
}

func reachedUnsolved(s *situation) bool {
	in := s.in.(CallbackInput)
	return in.Reached && (in.Solved == nil || !*in.Solved)
}

func hasOpenOrder(s *situation) bool {
	return slices.ContainsFunc(s.t.Orders, Order.open)
}

func (o Order) open() bool { return o.AnsweredAt == nil && !o.Voided }

const reopenDays = 30

func mayReopen(s *situation) bool {
	return s.is(Desk) || s.t.ClosedAt != nil && !s.at.After(s.t.ClosedAt.AddDate(0, 0, reopenDays))
}

func leadRetired(s *situation) bool {
	d, ok := s.world.Directory.Department(s.t.LeadID)
	return !ok || d.Retired
}

// Rules on the values: each adds its faults to the situation.

func (s *situation) reason(kind ReasonKind, code string) {
	if r, ok := s.world.Directory.Reason(kind, code); !ok || r.Retired {
		s.fault("/reason_code", "is not a %s reason in use; see /reasons?kind=%s", kind, kind)
	}
}

func (s *situation) category(code string) {
	if c, ok := s.world.Directory.Category(code); !ok || c.Retired {
		s.fault("/category", "is not a category in use; see /categories")
	}
}

// attachments must have been uploaded by the caller and not be used yet.
func (s *situation) attachments() {
	for i, id := range AttachmentsOf(s.in) {
		if a, ok := s.world.Directory.Attachment(id); !ok || a.UploadedBy != s.actor.ID || a.TicketID != "" {
			s.fault(fmt.Sprintf("/attachments/%d", i), "is no attachment that you uploaded and have not used yet")
		}
	}
}

func (s *situation) future(pointer string, date worktime.Date) {
	if today := worktime.DateOf(s.at.In(s.time.calendar.Location())); !today.Before(date) {
		s.fault(pointer, "must be after today")
	}
}

// department checks one department that is to lead or to be summoned.
func (s *situation) department(pointer, id string, fit func(Department) bool, what string) {
	d, ok := s.world.Directory.Department(id)
	switch {
	case !ok:
		s.fault(pointer, "is no department; see /departments")
	case d.Retired || !fit(d):
		s.fault(pointer, "is a department that cannot be %s; see /departments", phrase.Word(what))
	}
}

func dispatchable(d Department) bool { return d.Dispatchable }
func summonable(d Department) bool   { return d.Summonable }

func checkSubmit(s *situation) {
	in := s.in.(SubmitInput)
	if e, ok := s.world.Directory.Enterprise(in.EnterpriseID); !ok || e.Retired {
		s.fault("/enterprise_id", "is no enterprise on the roster; see /enterprises")
	}
	s.category(in.Category)
	if in.ProjectID != "" {
		if p, ok := s.world.Directory.Project(in.ProjectID); !ok || p.Retired || p.EnterpriseID != in.EnterpriseID {
			s.fault("/project_id", "is no key project of this enterprise; see /projects")
		}
	}
}

func checkCorrect(s *situation) {
	in := s.in.(CorrectInput)
	if in.Category == "" && in.Title == "" && in.EnterpriseID == "" && in.Urgency == "" && in.Confidential == nil {
		s.fault("", "must name at least one of category, title, enterprise_id, urgency, confidential")
	}
	if in.Category != "" {
		s.category(in.Category)
	}
	if in.EnterpriseID != "" {
		if e, ok := s.world.Directory.Enterprise(in.EnterpriseID); !s.is(Desk) {
			s.fault("/enterprise_id", "may be changed by the desk alone")
		} else if !ok || e.Retired {
			s.fault("/enterprise_id", "is no enterprise on the roster; see /enterprises")
		}
	}
}

func checkMerge(s *situation) {
	id := s.in.(MergeInput).IntoID
	into, ok := s.world.Directory.Ticket(id)
	switch {
	case id == s.t.ID:
		s.fault("/into_id", "must be another ticket")
	case !ok:
		s.fault("/into_id", "is no ticket")
	case !into.State.Open():
		s.fault("/into_id", "must be an open ticket")
	}
}

func checkDispatch(s *situation) {
	in := s.in.(DispatchInput)
	s.department("/lead_id", in.LeadID, dispatchable, "dispatched to")
	for i, id := range in.DepartmentIDs {
		at := fmt.Sprintf("/department_ids/%d", i)
		if id == in.LeadID {
			s.fault(at, "must not be the lead")
			continue
		}
		s.department(at, id, dispatchable, "dispatched to")
	}
}

func checkAssign(s *situation) {
	in := s.in.(AssignInput)
	if !s.is(LeadHead) && in.UserID != s.actor.ID {
		s.fault("/user_id", "must be yourself; the head assigns others")
		return
	}
	if u, ok := s.world.Directory.User(in.UserID); !ok || u.Retired || u.DepartmentID != s.t.LeadID {
		s.fault("/user_id", "must be somebody of the lead department")
	}
}

func checkWhistle(s *situation) {
	in := s.in.(WhistleInput)
	lead := s.t.LeadID
	switch {
	case lead == "" && in.LeadID == "":
		s.fault("/lead_id", "is needed while no department leads")
	case lead == "":
		lead = in.LeadID
		s.department("/lead_id", lead, dispatchable, "dispatched to")
	case in.LeadID != "" && in.LeadID != lead:
		s.fault("/lead_id", "must be left out: the ticket has a lead")
	}
	for i, id := range in.DepartmentIDs {
		at := fmt.Sprintf("/department_ids/%d", i)
		if id == lead {
			s.fault(at, "must not be the lead")
			continue
		}
		s.department(at, id, summonable, "summoned")
	}
}

func checkInvite(s *situation) {
	id := s.in.(InviteInput).UserID
	u, ok := s.world.Directory.User(id)
	switch {
	case !ok || u.Retired || u.Role != RoleGuest:
		s.fault("/user_id", "must be a guest's account")
	case slices.Contains(s.t.Experts, Expert{id, s.t.Round}):
		s.fault("/user_id", "is invited already")
	}
}

func checkConclude(s *situation) {
	in := s.in.(ConcludeInput)
	partners := append(s.t.Joined(), s.t.LeadID)
	for i, task := range in.Tasks {
		if !slices.Contains(partners, task.DepartmentID) {
			s.fault(fmt.Sprintf("/tasks/%d/department_id", i), "must be the lead or a joined department")
		}
		if task.DueAt != nil && !task.DueAt.After(s.at) {
			s.fault(fmt.Sprintf("/tasks/%d/due_at", i), "must be in the future")
		}
	}
	for i, absent := range in.Without {
		at := fmt.Sprintf("/without/%d/department_id", i)
		if summons := s.t.summons(absent.DepartmentID); summons == nil {
			s.fault(at, "was not summoned")
		} else if summons.ReportedAt != nil {
			s.fault(at, "has reported in")
		} else if slices.ContainsFunc(in.Without[:i], func(a Absent) bool { return a.DepartmentID == absent.DepartmentID }) {
			s.fault(at, "is named twice")
		}
	}
	for _, summons := range s.t.Summons {
		if summons.Round != s.t.Round || summons.ReportedAt != nil ||
			slices.ContainsFunc(in.Without, func(a Absent) bool { return a.DepartmentID == summons.DepartmentID }) {
			continue
		}
		d, _ := s.world.Directory.Department(summons.DepartmentID)
		s.fault("/without", "must name %s with the reason, since it has not reported in", d.Name)
	}
}

// openTask finds an open task and adds a fault where there is none.
func (s *situation) openTask(id string) *Task {
	task := s.t.task(id)
	if task == nil || task.State != TaskOpen {
		s.fault("/task_id", "is no open task of this ticket")
		return nil
	}
	return task
}

func checkFinishTask(s *situation) {
	if task := s.openTask(s.in.(FinishTaskInput).TaskID); task != nil && task.DepartmentID != s.actor.DepartmentID {
		s.fault("/task_id", "is another department's task")
	}
}

func checkExtension(s *situation) {
	due := s.in.(RequestExtensionInput).DueAt
	c := s.t.Clock(ClockResolve)
	latest, err := s.time.latestExtension(c)
	switch {
	case !due.After(c.DueAt):
		s.fault("/due_at", "must be after the present deadline, %s", phrase.Moment(c.DueAt))
	case err == nil && due.After(latest):
		s.fault("/due_at", "must be at most the original length (%s) after the present deadline: %s", c.Length.phrase(), phrase.Moment(latest))
	}
}

// latestExtension is the latest deadline that may be asked for at once: the
// clock's length after the present one.
func (c clockTime) latestExtension(resolve *Clock) (time.Time, error) {
	return c.deadline(resolve.Length, resolve.DueAt)
}

// ExtensionLimits are the present deadline, after which a later one must be,
// and the latest that may be asked for. Both are zero before the first dispatch.
func (w World) ExtensionLimits(t *Ticket) (after, latest time.Time, err error) {
	c, err := w.timeOf(t)
	resolve := t.Clock(ClockResolve)
	if err != nil || resolve == nil {
		return time.Time{}, time.Time{}, err
	}
	latest, err = c.latestExtension(resolve)
	return resolve.DueAt, latest, err
}

func checkCallback(s *situation) {
	in := s.in.(CallbackInput)
	if in.Reached && in.Solved == nil {
		s.fault("/solved", "is needed when somebody was reached")
	}
	if !in.Reached && in.Solved != nil {
		s.fault("/solved", "must be left out when nobody was reached")
	}
	if !in.Reached && in.Satisfaction != 0 {
		s.fault("/satisfaction", "must be left out when nobody was reached")
	}
}

func checkAnswer(s *situation) {
	if o := s.t.order(s.in.(AnswerInput).OrderID); o == nil || !o.open() {
		s.fault("/order_id", "is no open order of this ticket")
	}
}
