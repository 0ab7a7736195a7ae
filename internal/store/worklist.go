package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"whistle/internal/figures"
	"whistle/internal/ticket"
)

// WorklistName names a list of tickets that somebody works through.
type WorklistName string

// The worklists. A name may stand for another condition with another role; who
// has which is said in the table.
const (
	ToClaim          WorklistName = "to_claim"      // 待接单
	ToReportIn       WorklistName = "to_report_in"  // 待报到
	Working          WorklistName = "working"       // 办理中
	InJointHandling  WorklistName = "joint"         // 会办中
	Orders           WorklistName = "orders"        // 督办批示
	Tasks            WorklistName = "tasks"         // 会办任务
	OnSuspension     WorklistName = "suspended"     // 挂账; the desk's 挂账台账
	InVerification   WorklistName = "verifying"     // 待核验
	Approvals        WorklistName = "approvals"     // 待审批
	Overdue          WorklistName = "overdue"       // 已超期
	Mine             WorklistName = "mine"          // 我经办的
	Ended            WorklistName = "closed"        // 已办结
	Inbox            WorklistName = "inbox"         // 待受理
	ToDispatch       WorklistName = "to_dispatch"   // 待派单
	ToSupplement     WorklistName = "supplementing" // 待补充
	Returned         WorklistName = "returned"      // 退单
	WhistleRequests  WorklistName = "whistle_requests"
	Callbacks        WorklistName = "callbacks" // 待回访
	AllOpen          WorklistName = "open"
	ToAnswer         WorklistName = "to_answer"
	ToVerify         WorklistName = "to_verify"
	RedLights        WorklistName = "red"
	YellowLights     WorklistName = "yellow"
	UnderMyName      WorklistName = "under_my_name"     // 我领办的
	OrdersUnanswered WorklistName = "orders_unanswered" // 待回复批示督办
	ToAdvise         WorklistName = "to_advise"
	TeamOpen         WorklistName = "team_open"

	LookedAfterOpen     WorklistName = "looked_after_open"
	LookedAfterToAnswer WorklistName = "looked_after_to_answer"
	LookedAfterToVerify WorklistName = "looked_after_to_verify"
	LookedAfterEnded    WorklistName = "looked_after_closed"
)

// Worklist declares one list: the whole of what the service knows of it.
type Worklist struct {
	Name WorklistName
	// who has it.
	who func(ticket.Actor) bool
	// side is whose deadlines make it burn: the actor's own on that side, or
	// with none everybody's.
	side ticket.Side
	// owes narrows the list to tickets to which that side owes one of these,
	// and the deadlines to theirs.
	owes []ticket.Event
	// where is what else must hold of a ticket. It may use @me, @department,
	// @enterprises and @now.
	where string
	order worklistOrder
}

// worklistOrder is by what a list is sorted.
type worklistOrder string

const (
	burningFirst worklistOrder = "burning" // the earliest deadline, then the oldest
	reviewFirst  worklistOrder = "review"  // the earliest review date, then the oldest
	latestFirst  worklistOrder = "latest"  // the last change
)

func inDepartment(a ticket.Actor) bool {
	return a.DepartmentID != "" && (a.Role == ticket.RoleOfficer || a.Role == ticket.RoleHead)
}
func isDesk(a ticket.Actor) bool   { return a.Role == ticket.RoleDispatcher }
func isLeader(a ticket.Actor) bool { return a.Role == ticket.RoleLeader }
func isEnterprise(a ticket.Actor) bool {
	return a.Role == ticket.RoleEnterprise && a.EnterpriseID != ""
}
func looksAfter(a ticket.Actor) bool { return len(a.Manages) > 0 }
func isGuest(a ticket.Actor) bool    { return a.Role == ticket.RoleGuest }
func inTeam(a ticket.Actor) bool     { return len(a.Teams) > 0 }

const (
	leads     = "tickets.lead_id = @department"
	takesPart = "EXISTS (SELECT 1 FROM ticket_parties WHERE ticket_id = tickets.id AND party_id = @department AND part IN ('lead', 'joined'))"
	owns      = "tickets.enterprise_id IN @enterprises"
	red       = "tickets.red_at < @now"
	yellow    = "tickets.yellow_at <= @now AND tickets.red_at >= @now"
)

// inStates is the condition that a ticket is in one of the states. They stand
// in the text, so that an index of the open ones can serve.
func inStates(states ...ticket.State) string {
	quoted := make([]string, len(states))
	for i, s := range states {
		quoted[i] = "'" + string(s) + "'"
	}
	return "tickets.state IN (" + strings.Join(quoted, ", ") + ")"
}

var (
	isOpen = inStates(ticket.OpenStates()...)
	// No index by the state: an ended ticket is the rule.
	isEnded = "tickets.state NOT IN " + strings.TrimPrefix(isOpen, "tickets.state IN ")
)

func all(conditions ...string) string { return strings.Join(conditions, " AND ") }

// worklists is the one table, in the order in which lists are shown. A new
// list is a row here.
var worklists = []Worklist{
	// A department works through:
	{ToClaim, inDepartment, ticket.SideDepartment, []ticket.Event{ticket.EventClaim}, "", burningFirst},
	{ToReportIn, inDepartment, ticket.SideDepartment, []ticket.Event{ticket.EventReportIn}, "", burningFirst},
	{Working, inDepartment, ticket.SideDepartment, nil, all(leads, inStates(ticket.Resolving)), burningFirst},
	{InJointHandling, inDepartment, ticket.SideDepartment, nil, all(inStates(ticket.Joint), takesPart), burningFirst},
	{Orders, inDepartment, ticket.SideDepartment, []ticket.Event{ticket.EventAnswer}, "", burningFirst},
	{Tasks, inDepartment, ticket.SideDepartment, []ticket.Event{ticket.EventFinishTask}, "", burningFirst},
	{Approvals, ticket.Actor.Heads, ticket.SideDepartment, []ticket.Event{ticket.EventDecideExtension}, "", burningFirst},
	{Overdue, inDepartment, ticket.SideDepartment, nil, "owed.due_at < @now", burningFirst},
	{OnSuspension, inDepartment, ticket.SideDepartment, nil, all(leads, inStates(ticket.Suspended)), reviewFirst},
	{InVerification, inDepartment, "", nil, all(leads, inStates(ticket.Verifying)), burningFirst},
	{Mine, inDepartment, ticket.SideDepartment, nil, all("tickets.assignee_id = @me", leads, isOpen), burningFirst},
	{Ended, inDepartment, "", nil, all(leads, isEnded), latestFirst},
	// The desk:
	{Inbox, isDesk, ticket.SideDesk, []ticket.Event{ticket.EventAccept}, "", burningFirst},
	{ToDispatch, isDesk, ticket.SideDesk, []ticket.Event{ticket.EventDispatch}, inStates(ticket.Accepted), burningFirst},
	{Returned, isDesk, ticket.SideDesk, []ticket.Event{ticket.EventDispatch}, all(inStates(ticket.Accepted), "EXISTS (SELECT 1 FROM ticket_parties WHERE ticket_id = tickets.id AND part = 'former')"), burningFirst},
	{WhistleRequests, isDesk, "", nil, owedToDesk(ticket.EventWhistle), burningFirst},
	{InJointHandling, isDesk, "", nil, inStates(ticket.Joint), burningFirst},
	{Approvals, isDesk, "", nil, owedToDesk(ticket.EventDecideExtension, ticket.EventDecideSuspension), burningFirst},
	{Callbacks, isDesk, ticket.SideDesk, []ticket.Event{ticket.EventCallback}, "owed.due_at < @now", burningFirst},
	{Orders, isDesk, ticket.SideDesk, []ticket.Event{ticket.EventAnswer}, "", burningFirst},
	{ToSupplement, isDesk, "", nil, inStates(ticket.Supplementing), burningFirst},
	{OnSuspension, isDesk, "", nil, "tickets.on_ledger", reviewFirst},
	{Overdue, isDesk, "", nil, all(red, isOpen), burningFirst},
	{AllOpen, isDesk, "", nil, isOpen, burningFirst},
	// A leader:
	{RedLights, isLeader, "", nil, all(red, isOpen), burningFirst}, // an order may go unanswered beyond the end: OrdersUnanswered
	{YellowLights, isLeader, "", nil, all(yellow, isOpen), burningFirst},
	{UnderMyName, isLeader, "", nil, all("tickets.charge_id = @me", isOpen), burningFirst},
	{OrdersUnanswered, isLeader, "", nil, "tickets.id IN (SELECT ticket_id FROM ticket_obligations WHERE event = 'answer')", burningFirst},
	{AllOpen, isLeader, "", nil, isOpen, burningFirst},
	// An enterprise:
	{ToAnswer, isEnterprise, ticket.SideEnterprise, []ticket.Event{ticket.EventSupplyInfo}, "", burningFirst},
	{ToVerify, isEnterprise, ticket.SideEnterprise, []ticket.Event{ticket.EventConfirm}, "", burningFirst},
	{AllOpen, isEnterprise, ticket.SideEnterprise, nil, all(owns, isOpen), latestFirst},
	{Ended, isEnterprise, ticket.SideEnterprise, nil, all(owns, isEnded), latestFirst},
	// Those who look after enterprises, whatever else they are:
	{LookedAfterToAnswer, looksAfter, ticket.SideEnterprise, []ticket.Event{ticket.EventSupplyInfo}, "", burningFirst},
	{LookedAfterToVerify, looksAfter, ticket.SideEnterprise, []ticket.Event{ticket.EventConfirm}, "", burningFirst},
	{LookedAfterOpen, looksAfter, "", nil, all(owns, isOpen), burningFirst},
	{LookedAfterEnded, looksAfter, "", nil, all(owns, isEnded), latestFirst},
	// Experts and teams:
	{ToAdvise, isGuest, "", nil, "tickets.id IN (SELECT ticket_id FROM ticket_parties WHERE party_id = @me AND part = 'expert')", burningFirst},
	{TeamOpen, inTeam, "", nil, all("tickets.project_id IN @projects", isOpen), burningFirst},
}

// Lists that are read in other forms than a worklist.
var (
	// BoardList are the joint handlings that the actor sees.
	BoardList = Worklist{where: inStates(ticket.Joint), order: burningFirst}
	// HeldList is what the actor's department leads and has not finished.
	HeldList = Worklist{side: ticket.SideDepartment, where: all(leads, isOpen), order: burningFirst}
	// AlarmList is what is open and yellow or red, the worst first.
	AlarmList = Worklist{where: all("tickets.yellow_at <= @now", isOpen), order: burningFirst}
	// OpenList is what is open of all that the actor sees.
	OpenList = Worklist{where: isOpen, order: burningFirst}
	// SeenList is all that the actor sees as it stands.
	SeenList = Worklist{order: latestFirst}
	// SupplementingList is what waits for an enterprise's answer, and
	// VerifyingList what waits for its verdict, whoever's it is.
	SupplementingList = Worklist{where: inStates(ticket.Supplementing), order: burningFirst}
	VerifyingList     = Worklist{where: inStates(ticket.Verifying), order: burningFirst}
)

// owedToDesk is the condition that the desk owes a ticket one of these,
// whatever the deadlines by which the list is sorted.
func owedToDesk(events ...ticket.Event) string {
	quoted := make([]string, len(events))
	for i, e := range events {
		quoted[i] = "'" + string(e) + "'"
	}
	return "tickets.id IN (SELECT ticket_id FROM ticket_obligations WHERE side = 'desk' AND party_id = '' AND event IN (" + strings.Join(quoted, ", ") + "))"
}

// WorklistOf is one of the actor's worklists.
func WorklistOf(actor ticket.Actor, name WorklistName) (Worklist, bool) {
	for _, w := range worklists {
		if w.Name == name && w.who(actor) {
			return w, true
		}
	}
	return Worklist{}, false
}

// WorklistsOf are the worklists that the actor has, in the order in which they
// are shown.
func WorklistsOf(actor ticket.Actor) []Worklist {
	var some []Worklist
	for _, w := range worklists {
		if w.who(actor) {
			some = append(some, w)
		}
	}
	return some
}

// parties are those whose obligations on a side are the actor's.
func parties(actor ticket.Actor, side ticket.Side) []string {
	switch side {
	case ticket.SideDepartment:
		return []string{actor.DepartmentID}
	case ticket.SideEnterprise:
		return enterprises(actor)
	case ticket.SideDesk:
	}
	return []string{""}
}

func enterprises(actor ticket.Actor) []string {
	if actor.Role == ticket.RoleEnterprise {
		return []string{actor.EnterpriseID}
	}
	return actor.Manages
}

// withinSight says whether what puts a ticket into the list puts it in the
// actor's sight, too, so that no ticket need be looked at for that.
func (w Worklist) withinSight(actor ticket.Actor) bool {
	return inDepartment(actor) && strings.Contains(w.where, leads) || isEnterprise(actor) && strings.Contains(w.where, owns)
}

// Owed are the obligations by which the list is sorted and coloured for the
// actor.
func (w Worklist) Owed(actor ticket.Actor, t *ticket.Ticket) []ticket.Obligation {
	return slices.DeleteFunc(t.Obligations(), func(o ticket.Obligation) bool {
		if w.side == "" {
			return o.Clock == ""
		}
		return o.Side != w.side || !slices.Contains(parties(actor, w.side), o.PartyID) ||
			w.owes != nil && !slices.Contains(w.owes, o.Event)
	})
}

// WorklistFilter narrows a worklist; zero values narrow nothing, and
// figures.NoKey asks for those without a lead, assignee, chain or place.
type WorklistFilter struct {
	Light        ticket.Light // of the deadlines by which the list is sorted
	Category     string
	ChainID      string
	PlaceID      string
	Source       string
	EnterpriseID string
	ProjectID    string
	DepartmentID string // leads it
	AssigneeID   string // finds nothing for an enterprise
	// EnterpriseIDs leaves the tickets of these; nil for any.
	EnterpriseIDs []string
	Text          string // in number, external number, title or description
	After         *WorklistPosition
	Limit         int
}

// WorklistPosition is a place in a worklist.
type WorklistPosition struct {
	DueAt *time.Time `json:"due_at,omitempty"` // of a list that is sorted by deadlines
	Day   string     `json:"day,omitempty"`    // the review date of one sorted by those; "" for none
	At    time.Time  `json:"at"`               // the filing; the last change where that is first
	ID    string     `json:"id"`
}

// Position is where the ticket stands in the list.
func (w Worklist) Position(actor ticket.Actor, t *ticket.Ticket) WorklistPosition {
	p := WorklistPosition{At: t.FiledAt, ID: t.ID}
	switch w.order {
	case burningFirst:
		if first, _ := ticket.Burning(w.Owed(actor, t), t.UpdatedAt); first != nil {
			p.DueAt = first.DueAt
		}
	case reviewFirst:
		if t.ReviewDate != nil {
			p.Day = t.ReviewDate.String()
		}
	case latestFirst:
		p.At = t.UpdatedAt
	}
	return p
}

// named are the parameters of a condition: all of them by name, or none when
// it names none, since GORM would add what it has no place for.
func named(condition string, values map[string]any) []any {
	if strings.Contains(condition, "@") {
		return []any{values}
	}
	return nil
}

// listed selects the list's tickets: their id, state, assignee_id and
// enterprise_id, and what they are sorted by: at, day, and the deadlines due_at
// and yellow_at.
func (s *Store) listed(ctx context.Context, actor ticket.Actor, w Worklist, f WorklistFilter, now time.Time) *gorm.DB {
	values := map[string]any{
		"me": actor.ID, "department": actor.DepartmentID, "enterprises": enterprises(actor), "projects": actor.Teams, "now": utc(now),
	}
	due, yellow, at := "tickets.red_at", "tickets.yellow_at", "tickets.filed_at"
	if w.order == latestFirst {
		at = "tickets.updated_at"
	}
	q := s.read(ctx).Table("tickets")
	if w.side != "" {
		due, yellow = "owed.due_at", "owed.yellow_at"
		condition, list := s.among("party_id", parties(actor, w.side))
		owed := s.read(ctx).Table("ticket_obligations").Where("side = ?", w.side).Where(condition, list).
			Select("ticket_id, min(due_at) AS due_at, min(yellow_at) AS yellow_at").Group("ticket_id")
		join := "LEFT JOIN"
		if w.owes != nil {
			owed = owed.Where("event IN ?", w.owes)
			join = "JOIN"
		}
		q = q.Joins(join+" (?) AS owed ON owed.ticket_id = tickets.id", owed)
	}
	q = q.Select("tickets.id AS id, tickets.state AS state, tickets.assignee_id AS assignee_id, tickets.enterprise_id AS enterprise_id, tickets.review_date AS day, " + at + " AS at, " + due + " AS due_at, " + yellow + " AS yellow_at")
	if w.where != "" {
		q = q.Where("("+w.where+")", named(w.where, values)...)
	}
	narrow := TicketFilter{
		DepartmentID: f.DepartmentID, AssigneeID: f.AssigneeID, Category: f.Category, ChainID: f.ChainID, PlaceID: f.PlaceID,
		Source: f.Source, EnterpriseID: f.EnterpriseID, ProjectID: f.ProjectID, Text: f.Text,
	}
	for _, may := range []struct {
		column string
		value  *string
	}{{"tickets.lead_id", &narrow.DepartmentID}, {"tickets.assignee_id", &narrow.AssigneeID}, {"tickets.chains", &narrow.ChainID}, {"tickets.place_id", &narrow.PlaceID}} {
		if *may.value == figures.NoKey {
			q, *may.value = q.Where(may.column+" = ''"), ""
		}
	}
	if !w.withinSight(actor) {
		q = q.Scopes(visible(actor, oneByOne, false))
	}
	q = q.Scopes(toldWhose(actor, f.AssigneeID), narrow.narrow)
	if f.EnterpriseIDs != nil {
		condition, list := s.among("tickets.enterprise_id", f.EnterpriseIDs)
		q = q.Where(condition, list)
	}
	switch f.Light {
	case ticket.Red:
		q = q.Where(due+" < @now", values)
	case ticket.Yellow:
		q = q.Where(yellow+" <= @now AND "+due+" >= @now", values)
	case ticket.Green:
		q = q.Where(due+" >= @now AND ("+yellow+" IS NULL OR "+yellow+" > @now)", values)
	}
	return q
}

// follows narrows a list to what comes after a place in it.
func (p WorklistPosition) follows(order worklistOrder) (condition string, args []any) {
	at := utc(p.At)
	switch {
	case order == latestFirst:
		return "(at, id) < (?, ?)", []any{at, p.ID}
	case order == reviewFirst && p.Day == "":
		return "day = '' AND (at, id) > (?, ?)", []any{at, p.ID}
	case order == reviewFirst:
		return "day = '' OR (day, at, id) > (?, ?, ?)", []any{p.Day, at, p.ID}
	case p.DueAt == nil:
		return "due_at IS NULL AND (at, id) > (?, ?)", []any{at, p.ID}
	}
	return "due_at IS NULL OR (due_at, at, id) > (?, ?, ?)", []any{utc(*p.DueAt), at, p.ID}
}

var worklistOrders = map[worklistOrder]string{
	burningFirst: "listed.due_at NULLS LAST, listed.at, listed.id",
	reviewFirst:  "CASE WHEN listed.day = '' THEN 1 ELSE 0 END, listed.day, listed.at, listed.id",
	latestFirst:  "listed.at DESC, listed.id DESC",
}

// WorklistTickets reads a page of a worklist.
func (s *Store) WorklistTickets(ctx context.Context, actor ticket.Actor, w Worklist, f WorklistFilter, now time.Time) ([]*ticket.Ticket, error) {
	page := s.read(ctx).Table("(?) AS listed", s.listed(ctx, actor, w, f, now)).Select("listed.*").Order(worklistOrders[w.order])
	if f.After != nil {
		condition, args := f.After.follows(w.order)
		page = page.Where(condition, args...)
	}
	if f.Limit > 0 {
		page = page.Limit(f.Limit)
	}
	// The page is cut before the tickets themselves are read.
	var rows []*ticketRow
	err := s.read(ctx).Table("(?) AS listed", page).Joins("JOIN tickets ON tickets.id = listed.id").Select("tickets.*").
		Order(worklistOrders[w.order]).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return ticketsOf(rows)
}

// LightCount is how many tickets there are, and how many of them are red and
// yellow.
type LightCount struct {
	Count  int
	Red    int
	Yellow int
}

// Plus is the sum of the two.
func (c LightCount) Plus(d LightCount) LightCount {
	return LightCount{c.Count + d.Count, c.Red + d.Red, c.Yellow + d.Yellow}
}

// WorklistCount is how many tickets are in a worklist, and how many of them
// are red and yellow by its deadlines.
type WorklistCount struct {
	Name WorklistName
	LightCount
}

// lightCounts are the columns that count what is listed, and what of it is red
// and yellow by the list's deadlines, and their parameters.
func lightCounts(now time.Time) (columns string, args []any) {
	at := utc(now)
	return "count(*) AS count, count(*) FILTER (WHERE due_at < ?) AS red, count(*) FILTER (WHERE yellow_at <= ? AND due_at >= ?) AS yellow", []any{at, at, at}
}

// CountWorklists counts worklists of the actor in one statement.
func (s *Store) CountWorklists(ctx context.Context, actor ticket.Actor, lists []Worklist, now time.Time) ([]WorklistCount, error) {
	if len(lists) == 0 {
		return nil, nil
	}
	var parts []string
	var args []any
	for i, w := range lists {
		columns, moments := lightCounts(now)
		parts = append(parts, fmt.Sprintf("SELECT %d AS place, %s FROM (?) AS listed", i, columns))
		args = append(append(args, moments...), s.listed(ctx, actor, w, WorklistFilter{}, now))
	}
	var rows []struct {
		Place      int
		LightCount `gorm:"embedded"`
	}
	if err := s.read(ctx).Raw(strings.Join(parts, " UNION ALL "), args...).Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	counts := make([]WorklistCount, len(lists))
	for _, r := range rows {
		counts[r.Place] = WorklistCount{lists[r.Place].Name, r.LightCount}
	}
	return counts, nil
}

// What the tickets of a list can be counted by.
const (
	ByState      = "state"
	ByAssignee   = "assignee_id"
	ByEnterprise = "enterprise_id"
)

// CountListed counts a list in groups; a group that has none is left out.
func (s *Store) CountListed(ctx context.Context, actor ticket.Actor, w Worklist, f WorklistFilter, by string, now time.Time) (map[string]LightCount, error) {
	columns, args := lightCounts(now)
	var rows []struct {
		Name       string
		LightCount `gorm:"embedded"`
	}
	err := s.read(ctx).Table("(?) AS listed", s.listed(ctx, actor, w, f, now)).
		Select(by+" AS name, "+columns, args...).Group(by).Scan(&rows).Error
	counts := make(map[string]LightCount, len(rows))
	for _, r := range rows {
		counts[r.Name] = r.LightCount
	}
	return counts, translate(err)
}
