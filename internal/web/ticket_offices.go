package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// timeLeft is how much time is left for something that is due.
type timeLeft struct {
	Light ticket.Light
	What  string // is due
	Words string
}

func (p *page) timeLeft(d service.Deadline) *timeLeft {
	v := view{p, nil}
	return &timeLeft{Light: d.Light, What: v.Due(d.Obligation), Words: v.TimeLeft(&d)}
}

// clockLine is one of a ticket's deadlines as the offices are shown it.
type clockLine struct {
	ticket.Clock
	Who   string       // the department or the leader that it is about; "" where the name says it
	Light ticket.Light // "" when it runs no more
	Left  *timeLeft    // nil when it runs no more, or stands still
	Is    string       // running, paused, met, late or missed
	How   []string     // how it was counted, sentence by sentence
}

// Runs says whether somebody still works against it, or will again.
func (c clockLine) Runs() bool { return c.Is == "running" || c.Is == "paused" }

// Ended are the deadlines that nobody works against any more, the last first.
func (t ticketPage) Ended() []clockLine {
	ended := slices.DeleteFunc(slices.Clone(t.Dates), clockLine.Runs)
	slices.Reverse(ended)
	return ended
}

// EnterprisePath is the page of the ticket's enterprise.
func (t ticketPage) EnterprisePath() string { return enterprisePath(t.EnterpriseID) }

// round is one round of joint handling.
type round struct {
	N        int
	At       time.Time
	Question string
	Present  bool
	Convener string
	Experts  []string
	Summons  []summonsLine
	Said     []line // what experts advised and what was agreed, oldest first
}

// summonsLine is what became of the summons of one department.
type summonsLine struct {
	ticket.Summons
	Department string
	Words      string
	DueAt      time.Time
	Late       bool      // it reported in late, or has not and the deadline is out
	Left       *timeLeft // nil once it has reported in
}

// taskLine is a department's part of what was agreed.
type taskLine struct {
	ticket.Task
	Department, Words string
	Late              bool
}

// orderLine is a leader's order with its answer.
type orderLine struct {
	ticket.Order
	Leader, Words string
	DueAt         time.Time
	Light         ticket.Light
	Late          bool
	Answer        *line
}

// forOffices adds what the offices see of a ticket beside its history.
func (p *page) forOffices(t *ticketPage, explained []ticket.Explanation) error {
	deadlines, err := p.svc.Deadlines(p.ctx(), t.TicketView)
	if err != nil {
		return err
	}
	if len(deadlines) > 0 {
		t.Burning = p.timeLeft(deadlines[0])
	}
	t.Marks, t.Facts = p.marks(t), p.facts(t)
	for _, e := range explained {
		t.Dates = append(t.Dates, p.clockLine(t, e, deadlines))
	}
	t.Rounds = p.rounds(t, deadlines)
	for _, task := range t.Tasks {
		t.Duties = append(t.Duties, taskLine{
			Task: task, Department: t.Names.Of(task.DepartmentID), Words: t.Words[task.Line]["tasks."+strconv.Itoa(task.Index)+".text"],
			Late: task.State == ticket.TaskOpen && task.DueAt != nil && t.Now.After(*task.DueAt),
		})
	}
	for _, o := range slices.Backward(t.Orders) {
		t.Given = append(t.Given, p.orderLine(t, o))
	}
	for _, r := range t.Requests {
		if i := slices.IndexFunc(t.History, func(l line) bool { return l.Seq == r.Line }); r.State == ticket.RequestPending && i >= 0 {
			t.Asked = append(t.Asked, t.History[i])
		}
	}
	return nil
}

// marks are what a reader must not miss.
func (p *page) marks(t *ticketPage) []string {
	var marks []string
	add := func(is bool, id string, data ...any) {
		if is {
			marks = append(marks, p.t(id, data...))
		}
	}
	add(t.Urgency == ticket.Urgent, "urgency.urgent")
	add(t.Confidential, "field.confidential")
	add(t.ChargeID != "", "mark.charge", "Name", t.Names.Of(t.ChargeID))
	add(t.Returns > 0, "mark.returned", "Count", t.Returns)
	add(t.Final, "mark.final")
	add(t.Disputes > 0, "mark.disputed", "Count", t.Disputes)
	add(t.Reopens > 0, "mark.reopened", "Count", t.Reopens)
	add(t.OnLedger && t.State != ticket.Suspended, "mark.on_ledger")
	add(t.Imported, "mark.imported")
	return marks
}

// facts are what was filed and what became of it, as names and values.
func (p *page) facts(t *ticketPage) []fact {
	show := p.shower()
	var facts []fact
	add := func(label, value, path string) {
		if value != "" {
			facts = append(facts, fact{Label: p.t(label), Value: value, Path: path})
		}
	}
	names := func(ids []string) string {
		var all []string
		for _, id := range ids {
			if name := t.Names.Of(id); name != "" && !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
		return strings.Join(all, p.t("list.comma"))
	}
	code := func(list string, value string) string {
		if value == "" {
			return ""
		}
		return p.t(list + "." + value)
	}
	when := func(at *time.Time) string {
		if at == nil {
			return ""
		}
		return show.words(*at)
	}
	add("fact.joined", names(t.Joined()), "")
	add("field.category", p.category(t.Category, p.codes[t.Category]), "")
	add("field.urgency", code("urgency", string(t.Urgency)), "")
	add("field.source", code("source", string(t.Source)), "")
	if v := t.Visit; v != nil {
		add("visits.of_ticket", p.visitFact(v), visitPath(v.ID))
	}
	add("fact.filed_by", t.Names.Of(t.FiledBy), "")
	add("fact.filed_at", show.words(t.FiledAt), "")
	add("fact.first_dispatch", when(t.FirstDispatchAt), "")
	add("fact.place", t.Names.Of(t.PlaceID), "")
	add("fact.chains", names(t.Chains), "")
	add("field.project_id", t.Names.Of(t.ProjectID), "")
	add("fact.external_number", t.ExternalNumber, "")
	var former []string
	for _, f := range t.FormerLeads {
		former = append(former, f.DepartmentID)
	}
	add("fact.former_leads", names(former), "")
	if t.ReviewDate != nil {
		add("field.review_date", show.day(*t.ReviewDate), "")
	}
	add("fact.outcome", code("outcome", string(t.Outcome)), "")
	add("fact.verified", code("verified", string(t.VerifiedBy)), "")
	if t.Satisfaction > 0 {
		add("field.satisfaction", p.starWords(t.Satisfaction), "")
	}
	add("fact.closed_at", when(t.ClosedAt), "")
	if t.HandlingSeconds != nil {
		add("fact.handling", show.workTime(time.Duration(*t.HandlingSeconds)*time.Second), "")
	}
	if t.MasterVisible {
		add("fact.merged_into", p.t("fact.merged_into_link"), ticketPath(t.MergedInto))
	}
	return facts
}

func (p *page) clockLine(t *ticketPage, e ticket.Explanation, deadlines []service.Deadline) clockLine {
	c := e.Clock
	l := clockLine{Clock: c, Light: c.Light(t.Now), How: p.explain(e)}
	switch {
	case c.DepartmentID != "":
		l.Who = t.Names.Of(c.DepartmentID)
	case c.OrderID != "":
		if i := slices.IndexFunc(t.Orders, func(o ticket.Order) bool { return o.ID == c.OrderID }); i >= 0 {
			l.Who = t.Names.Of(t.Orders[i].LeaderID)
		}
	}
	if i := slices.IndexFunc(deadlines, func(d service.Deadline) bool {
		return d.Clock == c.Name && d.Item == c.OrderID && (c.DepartmentID == "" || d.PartyID == c.DepartmentID)
	}); i >= 0 && c.Running() {
		l.Left = p.timeLeft(deadlines[i])
	}
	switch {
	case c.MetAt != nil && c.MissedAt != nil:
		l.Is = "late"
	case c.MetAt != nil:
		l.Is = "met"
	case c.Paused():
		l.Is = "paused"
	case !c.Running():
		l.Is = "missed"
	default:
		l.Is = "running"
	}
	return l
}

// explain accounts for a deadline day by day, in sentences.
func (p *page) explain(e ticket.Explanation) []string {
	show, c := p.shower(), e.Clock
	how := []string{p.t("explain.length."+string(c.Length.Unit), "Start", show.words(c.StartedAt), "Count", c.Length.Amount)}
	if c.Length.Unit != ticket.Hours {
		for _, note := range e.Days {
			if note.Working && note.Duration == 0 {
				continue // it began after hours
			}
			how = append(how, p.t("explain."+note.Reason, "Days", p.dayRange(note.From, note.To), "Name", note.Name, "Time", show.workTime(note.Duration)))
		}
	}
	for _, pause := range c.Pauses {
		if pause.To == nil {
			how = append(how, p.t("explain.pausing", "From", show.words(pause.From)))
		} else {
			how = append(how, p.t("explain.paused", "From", show.words(pause.From), "To", show.words(*pause.To)))
		}
	}
	if c.Granted != nil {
		how = append(how, p.t("explain.granted", "At", show.words(c.Granted.At), "Due", show.words(c.Granted.DueAt)))
	}
	if c.Provisional {
		how = append(how, p.t("explain.provisional"))
	}
	return how
}

// dayRange is one day with its name in the week, or a stretch of them.
func (p *page) dayRange(from, to worktime.Date) string {
	show := p.shower()
	if from == to {
		return p.t("explain.day", "Day", show.day(from), "Weekday", p.t("weekday."+strconv.Itoa(int(from.Weekday()))))
	}
	return show.day(from) + "–" + show.day(to)
}

// rounds are the joint handlings with who was summoned, the present first.
func (p *page) rounds(t *ticketPage, deadlines []service.Deadline) []round {
	var rounds []round
	for n := t.Round; n > 0; n-- {
		r := round{N: n, Present: n == t.Round && t.State == ticket.Joint}
		if r.Present {
			r.Convener = p.t("party.desk")
			if t.Convener == ticket.ConvenedByLead {
				r.Convener = t.Names.Of(t.LeadID)
			}
		}
		for _, s := range t.Summons {
			if s.Round != n {
				continue
			}
			r.At = s.At
			l := summonsLine{Summons: s, Department: t.Names.Of(s.DepartmentID), Words: t.Words[s.Line]["text"], DueAt: t.Clocks[s.Clock].DueAt, Late: t.Clocks[s.Clock].Missed(t.Now)}
			if i := slices.IndexFunc(deadlines, func(d service.Deadline) bool {
				return d.Event == ticket.EventReportIn && d.PartyID == s.DepartmentID
			}); i >= 0 && r.Present && s.ReportedAt == nil {
				l.Left = p.timeLeft(deadlines[i])
			}
			r.Summons = append(r.Summons, l)
		}
		for _, e := range t.Experts {
			if e.Round == n {
				r.Experts = append(r.Experts, t.Names.Of(e.UserID))
			}
		}
		for i := len(t.History) - 1; i >= 0; i-- { // the newest stands first
			l := t.History[i]
			if (l.Event == ticket.EventAdvise || l.Event == ticket.EventConclude) && roundOf(t.Ticket, l.At) == n {
				r.Said = append(r.Said, l)
			}
		}
		// The line that began it: a whistle, or the enterprise's second no.
		for _, l := range t.History {
			if l.To == ticket.Joint && l.At.Equal(r.At) && len(l.Said) > 0 {
				r.Question = l.Said[0].Value
			}
		}
		rounds = append(rounds, r)
	}
	return rounds
}

// roundOf is the joint handling that had begun last by a moment.
func roundOf(t *ticket.Ticket, at time.Time) int {
	n := 0
	for _, s := range t.Summons {
		if !s.At.After(at) {
			n = max(n, s.Round)
		}
	}
	return n
}

func (p *page) orderLine(t *ticketPage, o ticket.Order) orderLine {
	l := orderLine{Order: o, Leader: t.Names.Of(o.LeaderID), Words: t.Words[o.Line]["text"]}
	for _, c := range t.Clocks {
		if c.OrderID == o.ID {
			l.DueAt, l.Light, l.Late = c.DueAt, c.Light(t.Now), c.Missed(t.Now)
		}
	}
	for i, answer := range t.History {
		if id, _ := answer.Data["order_id"].(string); answer.Event == ticket.EventAnswer && id == o.ID {
			l.Answer = &t.History[i]
		}
	}
	return l
}
