package rest

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Ticket is a ticket as its reader may see it.
type Ticket struct {
	ID             string               `json:"id"`
	Number         string               `json:"number" doc:"Shown to people, e.g. 2023-004294"`
	ExternalNumber *string              `json:"external_number" doc:"The number in the system it was imported from"`
	Title          string               `json:"title"`
	Description    string               `json:"description"`
	Category       string               `json:"category" doc:"Category code"`
	Urgency        ticket.Urgency       `json:"urgency" enum:"normal,urgent"`
	Source         ticket.Source        `json:"source"`
	Confidential   bool                 `json:"confidential"`
	Place          *Named               `json:"place"`
	Chains         []Named              `json:"chains"`
	Project        *Named               `json:"project"`
	State          ticket.State         `json:"state"`
	Stage          ticket.Stage         `json:"stage"`
	Outcome        *ticket.Outcome      `json:"outcome" doc:"solved or explained, once closed; a merged ticket shows its master's"`
	ClaimedOutcome *ticket.Outcome      `json:"claimed_outcome" doc:"What the lead says until it is verified"`
	VerifiedBy     *ticket.Verification `json:"verified_by" doc:"confirmed, callback or unreachable"`
	Satisfaction   *int                 `json:"satisfaction" doc:"1 to 5"`
	Version        int                  `json:"version"`
	Enterprise     Named                `json:"enterprise"`
	Lead           *Named               `json:"lead"`
	Assignee       *Named               `json:"assignee"`
	Departments    []Named              `json:"departments" doc:"Joined beside the lead"`
	Convener       *ticket.Convener     `json:"convener" doc:"Who chairs the joint handling: lead or desk"`
	Charge         *Named               `json:"charge" doc:"The leader who took it under their own name"`
	Summons        []Summons            `json:"summons"`
	Tasks          []Task               `json:"tasks"`
	Orders         []Order              `json:"orders"`
	Requests       []Request            `json:"requests"`
	Returns        int                  `json:"returns"`
	ReviewDate     *worktime.Date       `json:"review_date" format:"date" doc:"When a suspended ticket is looked at again"`
	OnLedger       bool                 `json:"on_ledger" doc:"Held in the suspended ledger"`
	MergedInto     *string              `json:"merged_into"`
	Light          *ticket.Light        `json:"light" doc:"The worst of its running clocks: green, yellow or red"`
	Clocks         []Clock              `json:"clocks"`
	Actions        []ticket.Event       `json:"actions" doc:"Events that the reader may fire now"`
	CreatedAt      time.Time            `json:"created_at" doc:"When it was filed"`
	UpdatedAt      time.Time            `json:"updated_at"`
	ClosedAt       *time.Time           `json:"closed_at"`
}

// Summons is one department's call to a joint handling.
type Summons struct {
	Round      int              `json:"round"`
	Department Named            `json:"department"`
	At         time.Time        `json:"at"`
	DueAt      time.Time        `json:"due_at"`
	ReportedAt *time.Time       `json:"reported_at"`
	OnTime     *bool            `json:"on_time" doc:"null while it is neither met nor missed"`
	Position   *ticket.Position `json:"position"`
	Text       string           `json:"text,omitempty"`
}

// Task is one department's part of what was agreed.
type Task struct {
	ID         string           `json:"id"`
	Department Named            `json:"department"`
	Text       string           `json:"text,omitempty"`
	DueAt      *time.Time       `json:"due_at"`
	State      ticket.TaskState `json:"state" enum:"open,finished,cancelled"`
	EndedAt    *time.Time       `json:"ended_at"`
}

// Order is a leader's order.
type Order struct {
	ID         string       `json:"id"`
	Kind       ticket.Event `json:"kind" enum:"instruct,supervise,take_charge"`
	Leader     Named        `json:"leader"`
	Text       string       `json:"text,omitempty"`
	At         time.Time    `json:"at"`
	AnsweredAt *time.Time   `json:"answered_at"`
}

// Request is something asked of the head or the desk.
type Request struct {
	Kind       ticket.RequestKind  `json:"kind" enum:"extension,suspension,whistle"`
	State      ticket.RequestState `json:"state" enum:"pending,approved,declined,void"`
	At         time.Time           `json:"at"`
	Text       string              `json:"text,omitempty"`
	DueAt      *time.Time          `json:"due_at"`
	ReviewDate *worktime.Date      `json:"review_date" format:"date"`
	DecidedAt  *time.Time          `json:"decided_at"`
}

// Clock is one deadline.
type Clock struct {
	Clock       ticket.ClockName `json:"clock" enum:"accept,dispatch,claim,report_in,resolve,verify,answer"`
	Department  *Named           `json:"department,omitempty" doc:"With report_in: who was summoned"`
	OrderID     string           `json:"order_id,omitempty" doc:"With answer: which order"`
	StartedAt   time.Time        `json:"started_at"`
	DueAt       time.Time        `json:"due_at"`
	YellowAt    time.Time        `json:"yellow_at"`
	Light       *ticket.Light    `json:"light" doc:"green, yellow or red while it runs; null when it is met"`
	Paused      bool             `json:"paused"`
	Missed      bool             `json:"missed" doc:"The deadline passed, now or ever before"`
	MetAt       *time.Time       `json:"met_at"`
	Provisional bool             `json:"provisional" doc:"The calendar of a year it needs is not loaded yet"`
}

// show turns what a reader sees into the API's form.
type show struct {
	*service.TicketView
	zone *time.Location
}

func (v show) at(t time.Time) time.Time { return t.In(v.zone) }

func (v show) maybe(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	in := t.In(v.zone)
	return &in
}

func (v show) named(id string) Named { return Named{id, v.Names.Of(id)} }

func (v show) maybeNamed(id string) *Named {
	if id == "" {
		return nil
	}
	n := v.named(id)
	return &n
}

func (v show) namedAll(ids []string) []Named {
	all := make([]Named, 0, len(ids))
	for _, id := range ids {
		all = append(all, v.named(id))
	}
	return all
}

func (a *API) show(view *service.TicketView) Ticket {
	v := show{view, a.svc.Zone()}
	out := Ticket{
		ID: v.ID, Number: v.Number, ExternalNumber: optional(v.ExternalNumber), Title: v.Title, Description: v.Description,
		Category: v.Category, Urgency: v.Urgency, Source: v.Source, Confidential: v.Confidential,
		Place: v.maybeNamed(v.PlaceID), Chains: v.namedAll(v.Chains), Project: v.maybeNamed(v.ProjectID),
		State: v.State, Stage: v.State.Stage(), Outcome: optional(v.Outcome), ClaimedOutcome: optional(v.ClaimedOutcome),
		VerifiedBy: optional(v.VerifiedBy), Version: v.Version,
		Enterprise: v.named(v.EnterpriseID), Lead: v.maybeNamed(v.LeadID), Departments: v.namedAll(v.Joined()),
		Convener: optional(v.Convener), Charge: v.maybeNamed(v.ChargeID), Returns: v.Returns,
		ReviewDate: v.ReviewDate, OnLedger: v.OnLedger,
		Light: optional(v.Light(v.Now)), Actions: append([]ticket.Event{}, v.Actions...),
		CreatedAt: v.at(v.FiledAt), UpdatedAt: v.at(v.UpdatedAt), ClosedAt: v.maybe(v.ClosedAt),
		Summons: v.summons(), Tasks: []Task{}, Orders: []Order{}, Requests: []Request{}, Clocks: v.clocks(),
	}
	if v.Satisfaction != 0 {
		out.Satisfaction = &v.Satisfaction
	}
	if v.MasterVisible {
		out.MergedInto = optional(v.MergedInto)
	}
	if v.Inside() {
		out.Assignee, out.Tasks, out.Orders = v.maybeNamed(v.AssigneeID), v.tasks(), v.orders()
	}
	for _, r := range v.Requests {
		if !v.Inside() && r.Kind != ticket.ForWhistle {
			continue
		}
		out.Requests = append(out.Requests, Request{
			Kind: r.Kind, State: r.State, At: v.at(r.At), Text: v.word(r.Line, "reason", "condition"),
			DueAt: v.maybe(r.DueAt), ReviewDate: r.ReviewDate, DecidedAt: v.maybe(r.DecidedAt),
		})
	}
	return out
}

// word finds the first of the texts that a history line holds.
func (v show) word(line int, paths ...string) string {
	for _, path := range paths {
		if text, ok := v.Words[line][path]; ok {
			return text
		}
	}
	return ""
}

func (v show) summons() []Summons {
	all := make([]Summons, 0, len(v.Summons))
	for _, s := range v.Summons {
		c := v.Clocks[s.Clock]
		out := Summons{Round: s.Round, Department: v.named(s.DepartmentID), At: v.at(s.At), DueAt: v.at(c.DueAt), ReportedAt: v.maybe(s.ReportedAt)}
		if onTime := !c.Missed(v.Now); s.ReportedAt != nil || !onTime {
			out.OnTime = &onTime
		}
		if v.Inside() {
			out.Position, out.Text = optional(s.Position), v.word(s.Line, "text")
		}
		all = append(all, out)
	}
	return all
}

func (v show) tasks() []Task {
	all := make([]Task, 0, len(v.Tasks))
	for _, t := range v.Tasks {
		all = append(all, Task{
			ID: t.ID, Department: v.named(t.DepartmentID), Text: v.word(t.Line, "tasks."+strconv.Itoa(t.Index)+".text"),
			DueAt: v.maybe(t.DueAt), State: t.State, EndedAt: v.maybe(t.EndedAt),
		})
	}
	return all
}

func (v show) orders() []Order {
	all := make([]Order, 0, len(v.Orders))
	for _, o := range v.Orders {
		all = append(all, Order{
			ID: o.ID, Kind: o.Kind, Leader: v.named(o.LeaderID), Text: v.word(o.Line, "text"),
			At: v.at(o.At), AnsweredAt: v.maybe(o.AnsweredAt),
		})
	}
	return all
}

func (v show) clocks() []Clock {
	all := make([]Clock, 0, len(v.Clocks))
	for _, c := range v.Clocks {
		if c.EndedAt != nil || c.Name == ticket.ClockAnswer && !v.Inside() {
			continue
		}
		all = append(all, v.clock(c))
	}
	return all
}

func (v show) clock(c ticket.Clock) Clock {
	return Clock{
		Clock: c.Name, Department: v.maybeNamed(c.DepartmentID), OrderID: c.OrderID,
		StartedAt: v.at(c.StartedAt), DueAt: v.at(c.DueAt), YellowAt: v.at(c.YellowAt),
		Light: optional(c.Light(v.Now)), Paused: c.Paused() && c.MetAt == nil, Missed: c.Missed(v.Now),
		MetAt: v.maybe(c.MetAt), Provisional: c.Provisional,
	}
}

// TicketAnswer is a ticket with its version as ETag.
type TicketAnswer struct {
	ETag string `header:"ETag"`
	Body Ticket
}

// FiledAnswer is a ticket that was just filed.
type FiledAnswer struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     Ticket
}

func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// expected reads If-Match: a version, or any.
func expected(ifMatch string) (int, error) {
	if ifMatch == "" || ifMatch == "*" {
		return 0, nil
	}
	version, err := strconv.Atoi(strings.Trim(strings.TrimPrefix(ifMatch, "W/"), `"`))
	if err != nil || version < 1 {
		return 0, badParameter("If-Match", "must be an ETag that this API gave")
	}
	return version, nil
}

// TicketQuery narrows a list of tickets.
type TicketQuery struct {
	State      []string `query:"state" doc:"One or several states, separated by commas"`
	Stage      string   `query:"stage" enum:"collection,dispatch,joint_handling,resolution,verification,closed"`
	Department string   `query:"department" maxLength:"64" doc:"Id of the lead department"`
	Assignee   string   `query:"assignee" maxLength:"64" doc:"Account id of who works on it in the lead department; finds nothing for an enterprise"`
	Category   string   `query:"category" maxLength:"64" doc:"Category code"`
	Chain      string   `query:"chain" maxLength:"64" doc:"Chain id"`
	Place      string   `query:"place" maxLength:"64" doc:"Place id"`
	Source     string   `query:"source" enum:"web,phone,visit,desk,station,order,hotline,import"`
	Enterprise string   `query:"enterprise" maxLength:"64" doc:"Enterprise id"`
	Project    string   `query:"project" maxLength:"64" doc:"Key project id"`
	Light      string   `query:"light" enum:"green,yellow,red"`
	From       string   `query:"from" format:"date" doc:"Filed on this day or later"`
	To         string   `query:"to" format:"date" doc:"Filed on this day or earlier"`
	Text       string   `query:"q" maxLength:"200" doc:"In number, title or description"`
	Mine       bool     `query:"mine" doc:"Assigned to or filed by the caller"`
}

type ticketListInput struct {
	TicketQuery
	Paged
}

// ByID is the input of a read of one.
type ByID struct {
	ID string `path:"id" maxLength:"64"`
}

func (a *API) tickets() {
	file := operation(http.MethodPost, "/tickets", "file-ticket", "tickets", "File a ticket")
	file.DefaultStatus = http.StatusCreated
	registerKeyed(a, file, func(ctx context.Context, actor ticket.Actor, in *struct {
		Keyed
		Body ticket.SubmitInput
	},
	) (*FiledAnswer, error) {
		t, err := a.svc.File(ctx, actor, in.Body)
		if err != nil {
			return nil, err
		}
		view, err := a.svc.Show(ctx, actor, t)
		if err != nil {
			return nil, err
		}
		return &FiledAnswer{etag(t.Version), prefix + "/tickets/" + t.ID, a.show(view)}, nil
	})
	register(a, operation(http.MethodGet, "/tickets", "list-tickets", "tickets", "List tickets, newest first"), a.listTickets)
	register(a, operation(http.MethodGet, "/tickets/{id}", "get-ticket", "tickets", "Read a ticket"),
		func(ctx context.Context, actor ticket.Actor, in *ByID) (*TicketAnswer, error) {
			view, err := a.svc.Ticket(ctx, actor, in.ID)
			if err != nil {
				return nil, err
			}
			return &TicketAnswer{etag(view.Version), a.show(view)}, nil
		})
	register(a, operation(http.MethodGet, "/tickets/{id}/history", "get-ticket-history", "tickets", "Read a ticket's history, oldest first"), a.history)
	register(a, operation(http.MethodGet, "/tickets/{id}/clocks", "get-ticket-clocks", "tickets", "Read a ticket's clocks, explained day by day if asked"), a.clocks)
}

func (a *API) listTickets(ctx context.Context, actor ticket.Actor, in *ticketListInput) (*struct{ Body Page[Ticket] }, error) {
	after, err := decodeCursor[service.Position](in.Cursor)
	if err != nil {
		return nil, err
	}
	f, err := a.ticketFilter(actor, in.TicketQuery)
	if err != nil {
		return nil, err
	}
	f.After, f.Limit = after, in.Limit+1
	views, err := a.svc.Tickets(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Page[Ticket] }{pageOf(views, in.Limit, a.show, func(v *service.TicketView) any {
		return service.Position{FiledAt: v.FiledAt, ID: v.ID}
	})}, nil
}

// ticketFilter is what the caller asks for.
func (a *API) ticketFilter(actor ticket.Actor, in TicketQuery) (service.TicketFilter, error) {
	f := service.TicketFilter{
		DepartmentID: in.Department, AssigneeID: in.Assignee, Category: in.Category, ChainID: in.Chain, PlaceID: in.Place, Source: in.Source,
		EnterpriseID: in.Enterprise, ProjectID: in.Project, Light: ticket.Light(in.Light), Text: in.Text,
	}
	for _, s := range in.State {
		state := ticket.State(s)
		if state.Info().State == "" {
			return f, badParameter("state", "must be states of the workflow, separated by commas")
		}
		f.States = append(f.States, state)
	}
	if in.Stage != "" {
		f.States = intersect(f.States, ticket.Stage(in.Stage).In())
	}
	if in.Mine {
		f.MineID = actor.ID
	}
	from, to, err := days(in.From, in.To)
	f.FiledFrom, f.FiledBefore = a.svc.Between(from, to)
	return f, err
}

func intersect(asked, stage []ticket.State) []ticket.State {
	if asked == nil {
		return stage
	}
	both := []ticket.State{}
	for _, s := range asked {
		for _, in := range stage {
			if s == in {
				both = append(both, s)
			}
		}
	}
	return both
}

// days reads the days of a period; the zero Date where none is given.
func days(from, to string) (first, last worktime.Date, err error) {
	for _, d := range []struct {
		name, text string
		into       *worktime.Date
	}{{"from", from, &first}, {"to", to, &last}} {
		if d.text == "" {
			continue
		}
		if *d.into, err = worktime.ParseDate(d.text); err != nil {
			return first, last, badParameter(d.name, "must be a day, YYYY-MM-DD")
		}
	}
	if !first.IsZero() && !last.IsZero() && last.Before(first) {
		return first, last, badParameter("to", "must not be before from")
	}
	return first, last, nil
}

// HistoryItem is a line of a ticket's history.
type HistoryItem struct {
	Seq        int            `json:"seq"`
	Event      ticket.Event   `json:"event"`
	At         time.Time      `json:"at" doc:"When it happened"`
	RecordedAt time.Time      `json:"recorded_at" doc:"When it was written down"`
	Actor      HistoryActor   `json:"actor"`
	From       *ticket.State  `json:"from"`
	To         ticket.State   `json:"to"`
	Data       map[string]any `json:"data" doc:"What was said, as far as the reader reads it"`
	Inferred   bool           `json:"inferred" doc:"Concluded by an import, recorded by nobody"`
	PrevHash   string         `json:"prev_hash"`
	Hash       string         `json:"hash"`
}

// HistoryActor is who acted.
type HistoryActor struct {
	ID   string      `json:"id"`
	Name string      `json:"name"`
	Role ticket.Role `json:"role"`
}

func (a *API) history(ctx context.Context, actor ticket.Actor, in *ByID) (*struct{ Body Page[HistoryItem] }, error) {
	lines, names, err := a.svc.History(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body Page[HistoryItem] }{Page[HistoryItem]{Items: []HistoryItem{}}}
	zone := a.svc.Zone()
	for _, l := range lines {
		out.Body.Items = append(out.Body.Items, HistoryItem{
			Seq: l.Seq, Event: l.Event, At: l.At.In(zone), RecordedAt: l.RecordedAt.In(zone),
			Actor: HistoryActor{l.Actor.ID, names.Of(l.Actor.ID), l.Actor.Role},
			From:  optional(l.From), To: l.To, Data: l.Data, Inferred: l.Inferred, PrevHash: l.PrevHash, Hash: l.Hash,
		})
	}
	return out, nil
}

// ExplainedClock is a clock with the account of its days.
type ExplainedClock struct {
	Clock
	Length string         `json:"length" doc:"How long it runs, e.g. 5 working_days"`
	Pauses []Pause        `json:"pauses" doc:"In which it stood still"`
	Days   []ExplainedDay `json:"days,omitempty" doc:"From the start to the deadline, with ?explain=true"`
}

// Pause is a stretch in which a clock stood still.
type Pause struct {
	From time.Time  `json:"from"`
	To   *time.Time `json:"to" doc:"null while it lasts"`
}

// ExplainedDay is a day, or several alike in a row.
type ExplainedDay struct {
	From    worktime.Date `json:"from" format:"date"`
	To      worktime.Date `json:"to" format:"date"`
	Working bool          `json:"working"`
	Reason  string        `json:"reason" enum:"working_day,weekend,holiday,make_up"`
	Name    string        `json:"name,omitempty" doc:"Of the holiday"`
	Hours   float64       `json:"hours" doc:"Working hours that counted"`
}

func (a *API) clocks(ctx context.Context, actor ticket.Actor, in *struct {
	ByID
	Explain bool `query:"explain" doc:"Account for each deadline day by day"`
},
) (*struct{ Body Page[ExplainedClock] }, error) {
	view, explained, err := a.svc.Clocks(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	v := show{view, a.svc.Zone()}
	out := &struct{ Body Page[ExplainedClock] }{Page[ExplainedClock]{Items: []ExplainedClock{}}}
	for _, e := range explained {
		if e.Clock.Name == ticket.ClockAnswer && !v.Inside() {
			continue
		}
		item := ExplainedClock{Clock: v.clock(e.Clock), Length: e.Clock.Length.String(), Pauses: []Pause{}}
		for _, p := range e.Clock.Pauses {
			item.Pauses = append(item.Pauses, Pause{v.at(p.From), v.maybe(p.To)})
		}
		if in.Explain {
			for _, d := range e.Days {
				item.Days = append(item.Days, ExplainedDay{d.From, d.To, d.Working, d.Reason, d.Name, d.Duration.Hours()})
			}
		}
		out.Body.Items = append(out.Body.Items, item)
	}
	return out, nil
}
