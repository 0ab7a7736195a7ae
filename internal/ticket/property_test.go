package ticket_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// crowd are the callers of the random stories: everybody of the cast, and the
// people of the other departments.
var crowd = func() []ticket.Actor {
	var all []ticket.Actor
	for _, name := range slices.Sorted(maps.Keys(cast)) {
		all = append(all, cast[name])
	}
	deputy := ticket.Actor{ID: "deputy2", Role: ticket.RoleOfficer, DepartmentID: "d2", Deputy: true}
	return append(all, officer3, head3, deputy, ticket.Actor{ID: "officer4", Role: ticket.RoleOfficer, DepartmentID: "d4"})
}()

// peopled gives the crowd its accounts, and the world a second calendar.
func (s *story) peopled() {
	s.tb.Helper()
	for _, a := range crowd {
		s.world.users[a.ID] = ticket.User{Role: a.Role, DepartmentID: a.DepartmentID}
	}
	s.with(2, worktime.Day{Date: date("2023-09-22"), Kind: worktime.Off, Name: "a storm"})
	s.calendar = 1
}

func randomStory(rt *rapid.T) *story {
	// Half of them begin anywhere in the loop.
	if rapid.Bool().Draw(rt, "from the middle") {
		s := inState(rt, rapid.SampledFrom(ticket.States()).Draw(rt, "state").State)
		s.peopled()
		return s
	}
	s := newStory(rt)
	s.peopled()

	in := filing
	in.EnterpriseID, in.ProjectID = "e1", "p1"
	in.Confidential = rapid.IntRange(0, 9).Draw(rt, "secret") == 0
	in.Urgency = rapid.SampledFrom([]ticket.Urgency{"", ticket.Normal, ticket.Urgent}).Draw(rt, "urgency")
	at := moment(rt, "2023-09-18 10:00").Add(time.Duration(rapid.IntRange(0, 14*24*60).Draw(rt, "filed")) * time.Minute)
	s.do(at, rapid.SampledFrom([]ticket.Actor{owner, manager, desk, team, station}).Draw(rt, "by"), ticket.EventSubmit, in)
	return s
}

// aim finds somebody who may move the ticket on: wholly random steps seldom
// get far.
func (s *story) aim(rt *rapid.T, at time.Time, actor ticket.Actor, event ticket.Event) (ticket.Actor, ticket.Event) {
	type move struct {
		actor ticket.Actor
		event ticket.Event
	}
	unlikely := []ticket.Event{ticket.EventWithdraw, ticket.EventMerge, ticket.EventReject}
	if rapid.IntRange(0, 19).Draw(rt, "end it") == 0 {
		unlikely = nil
	}
	aside := []ticket.Event{
		ticket.EventRedate, ticket.EventCorrect, ticket.EventMessage, ticket.EventUrge, ticket.EventProgress, ticket.EventRequestWhistle,
		ticket.EventInstruct, ticket.EventSupervise, ticket.EventTakeCharge, ticket.EventAnswer, ticket.EventAssign,
	}
	var moves []move
	for _, a := range crowd {
		allowed, err := ticket.Allowed(s.ticket, a, at, s.world.rules())
		if err != nil {
			rt.Fatal(err)
		}
		for _, e := range allowed {
			if !slices.Contains(unlikely, e) && !slices.Contains(aside, e) {
				moves = append(moves, move{a, e})
			}
		}
	}
	if len(moves) == 0 {
		return actor, event
	}
	spread := rapid.Uint64().Draw(rt, "move") * 0x9E3779B97F4A7C15 >> 32 // small numbers are drawn too often
	m := moves[spread%uint64(len(moves))]
	return m.actor, m.event
}

// fitting is an input by this actor that breaks no rule on the values, if any
// can be given.
func fitting(s *story, actor ticket.Actor, event ticket.Event) ticket.Input {
	t := s.ticket
	switch event { //nolint:exhaustive // the others depend on nothing
	case ticket.EventAssign:
		if actor.DepartmentID == t.LeadID {
			return ticket.AssignInput{UserID: actor.ID}
		}
	case ticket.EventWhistle:
		in := ticket.WhistleInput{DepartmentIDs: []string{"d2", "d3"}, Question: "who?"}
		if t.LeadID == "" {
			in.LeadID = "d1"
		}
		in.DepartmentIDs = slices.DeleteFunc(in.DepartmentIDs, func(id string) bool { return id == t.LeadID })
		return in
	case ticket.EventInvite:
		id := fmt.Sprintf("guest%d", t.Version)
		s.world.users[id] = ticket.User{Role: ticket.RoleGuest}
		return ticket.InviteInput{UserID: id}
	case ticket.EventConclude:
		in := ticket.ConcludeInput{Minutes: "agreed"}
		if t.LeadID != "" && t.Version%2 == 0 {
			in.Tasks = []ticket.NewTask{{DepartmentID: t.LeadID, Text: "a part"}}
		}
		for _, summons := range t.Summons {
			if summons.Round == t.Round && summons.ReportedAt == nil {
				in.Without = append(in.Without, ticket.Absent{DepartmentID: summons.DepartmentID, Reason: "away"})
			}
		}
		return in
	case ticket.EventFinishTask, ticket.EventCancelTask:
		for _, task := range t.Tasks {
			if task.State == ticket.TaskOpen && event == ticket.EventCancelTask {
				return ticket.CancelTaskInput{TaskID: task.ID, Reason: "no use"}
			}
			if task.State == ticket.TaskOpen && task.DepartmentID == actor.DepartmentID {
				return ticket.FinishTaskInput{TaskID: task.ID, Result: "done"}
			}
		}
	}
	return wellFormed(s, event)
}

// variant changes what a fitting input says, within its form.
func variant(rt *rapid.T, s *story, in ticket.Input) ticket.Input {
	switch in := in.(type) {
	case ticket.DecideInput:
		in.Approve = rapid.Bool().Draw(rt, "approve")
		return in
	case ticket.CallbackInput:
		in.Reached = rapid.Bool().Draw(rt, "reached")
		in.Solved = nil
		if in.Reached {
			in.Solved = yes(rapid.Bool().Draw(rt, "solved"))
		}
		return in
	case ticket.DispatchInput:
		in.LeadID = rapid.SampledFrom([]string{"d1", "d3", "d4"}).Draw(rt, "lead")
		in.Urgency = rapid.SampledFrom([]ticket.Urgency{"", ticket.Normal, ticket.Urgent}).Draw(rt, "urgency")
		return in
	case ticket.WhistleInput:
		in.Convener = rapid.SampledFrom([]ticket.Convener{"", ticket.ConvenedByLead, ticket.ConvenedByDesk}).Draw(rt, "convener")
		return in
	case ticket.CorrectInput:
		in.Urgency = rapid.SampledFrom([]ticket.Urgency{"", ticket.Normal, ticket.Urgent}).Draw(rt, "urgency")
		in.Category = rapid.SampledFrom([]string{"", "labour", "land"}).Draw(rt, "category")
		if rapid.IntRange(0, 4).Draw(rt, "confidential") == 0 {
			in.Confidential = yes(!s.ticket.Confidential)
		}
		return in
	case ticket.RequestSuspensionInput:
		days := rapid.IntRange(1, 30).Draw(rt, "days")
		in.ReviewDate = worktime.DateOf(s.ticket.UpdatedAt.In(shanghai)).AddDays(days)
		return in
	}
	return in
}

// anything fills an input of the type with whatever there is.
func anything(rt *rapid.T, typ reflect.Type) ticket.Input {
	v := reflect.New(typ).Elem()
	fill(rt, v)
	return v.Interface().(ticket.Input)
}

func fill(rt *rapid.T, v reflect.Value) {
	if rapid.IntRange(0, 3).Draw(rt, "leave out") == 0 {
		return
	}
	switch v.Kind() { //nolint:exhaustive // all that inputs have
	case reflect.String:
		v.SetString(rapid.SampledFrom([]string{
			"", " ", "x", "d1", "d2", "gone", "e1", "e2", "p1", "t9", "labour", "retired", "other", "expert", "officer1", "normal", "urgent",
			"lead", "desk", "can", "solved", "explained", "import", "web", "7-1", "\xff", "a\x00b", strings.Repeat("长", 201), strings.Repeat("x", 20001), "<&>\u2028",
		}).Draw(rt, "text"))
	case reflect.Int:
		v.SetInt(int64(rapid.IntRange(-1, 6).Draw(rt, "number")))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(rt, "bool"))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(rt, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), rapid.IntRange(0, 3).Draw(rt, "items"), 3))
		for i := range v.Len() {
			fill(rt, v.Index(i))
		}
	case reflect.Struct:
		switch v.Interface().(type) {
		case time.Time:
			v.Set(reflect.ValueOf(time.Date(rapid.IntRange(1, 9998).Draw(rt, "year"), 2, 3, 4, 5, 6, 7890, time.UTC)))
		case worktime.Date:
			v.Set(reflect.ValueOf(worktime.Date{Year: rapid.IntRange(0, 9999).Draw(rt, "year"), Month: 2, Day: 3}))
		default:
			for i := range v.NumField() {
				fill(rt, v.Field(i))
			}
		}
	}
}

// fits says whether the table has a row for this change of state and any of
// these relations.
func inTable(event ticket.Event, from, to ticket.State, rel ticket.Relation) bool {
	def, _ := ticket.Define(event)
	return slices.ContainsFunc(def.Rows, func(r ticket.Row) bool {
		target := r.To
		if target == "" {
			target = from
		}
		return rel&r.Who != 0 && target == to && slices.Contains(r.From, from)
	})
}

func anyRow(event ticket.Event, rel ticket.Relation) bool {
	def, _ := ticket.Define(event)
	return slices.ContainsFunc(def.Rows, func(r ticket.Row) bool { return rel&r.Who != 0 })
}

var events = func() []ticket.Event {
	var all []ticket.Event
	for _, def := range ticket.Workflow() {
		if def.Event != ticket.EventSubmit {
			all = append(all, def.Event)
		}
	}
	return all
}()

// A random event by a random caller leaves the ticket as the table says or not
// at all; replayed line by line it is the ticket that was stored.
func TestRandomStories(t *testing.T) {
	seen := map[ticket.State]int{}
	rapid.Check(t, func(rt *rapid.T) {
		s := randomStory(rt)
		replayed, err := ticket.Replay(s.lines, s.world.rules())
		if err != nil {
			rt.Fatal(err)
		}
		steps := rapid.IntRange(1, 40).Draw(rt, "steps")
		for range steps {
			if rapid.IntRange(0, 9).Draw(rt, "calendar") == 0 {
				s.calendar = 2
			}
			at := s.ticket.UpdatedAt.Add(rapid.SampledFrom([]time.Duration{
				-time.Hour, 0, time.Microsecond, time.Minute, 3 * time.Hour, 26 * time.Hour, 8 * 24 * time.Hour, 45 * 24 * time.Hour,
			}).Draw(rt, "later"))
			actor := rapid.SampledFrom(crowd).Draw(rt, "actor")
			event := rapid.SampledFrom(events).Draw(rt, "event")
			if rapid.IntRange(0, 2).Draw(rt, "aim") > 0 {
				actor, event = s.aim(rt, at, actor, event)
			}
			def, _ := ticket.Define(event)
			in := variant(rt, s, fitting(s, actor, event))
			if rapid.IntRange(0, 9).Draw(rt, "careless") == 0 {
				in = anything(rt, reflect.TypeOf(def.Input))
			}
			before, rel := s.ticket, actor.RelationsTo(s.ticket, s.world)
			stored := asJSON(before)
			err := s.try(at, actor, event, in)
			if asJSON(before) != stored {
				rt.Fatalf("%s changed the ticket that it was given", event)
			}
			if err != nil {
				var e *ticket.Error
				if !errors.As(err, &e) {
					rt.Fatalf("%s: %v is no error of the domain", event, err)
				}
				if e.Code == ticket.CodeConflict && slices.Contains(e.Legal, event) {
					rt.Fatalf("%s: refused and legal: %v", event, e)
				}
				continue
			}
			after, line := s.ticket, s.lines[len(s.lines)-1]
			if !anyRow(event, rel) || !inTable(event, before.State, after.State, rel) {
				rt.Fatalf("%s by %s (%s) led from %s to %s", event, actor.ID, rel, before.State, after.State)
			}
			if (before.State == ticket.Withdrawn || before.State == ticket.Merged) && (after.State != before.State || event != ticket.EventRedate) {
				rt.Fatalf("%s moved a ticket that was %s", event, before.State)
			}
			if after.UpdatedAt.Before(before.UpdatedAt) || line.At.Before(before.UpdatedAt) || after.Version != before.Version+1 {
				rt.Fatalf("%s: at %v after %v, version %d", event, line.At, before.UpdatedAt, after.Version)
			}
			clocksKeep(rt, event, before, after)
			wholesome(rt, after)
			replayed = s.replayLast(replayed)
			if asJSON(replayed) != asJSON(after) {
				rt.Fatalf("%s: stored\n%s\nreplayed\n%s", event, asJSON(after), asJSON(replayed))
			}
			seen[after.State]++
		}
		s.replays()
		s.tamperShows(rt)
	})
	for _, info := range ticket.States() {
		if seen[info.State] == 0 {
			t.Logf("no random story came to %s", info.State)
		}
	}
}

// replayLast lets the last line, read back from what is stored, take effect.
func (s *story) replayLast(t *ticket.Ticket) *ticket.Ticket {
	s.tb.Helper()
	l := s.lines[len(s.lines)-1]
	back, err := ticket.Open(l.Canonical, l.Words, l.Salt)
	if err != nil {
		s.tb.Fatal(err)
	}
	after, err := ticket.Evolve(t, back, s.world.rules())
	if err != nil {
		s.tb.Fatal(err)
	}
	return after
}

func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// clocksKeep holds what no event may do to a clock.
func clocksKeep(rt *rapid.T, event ticket.Event, before, after *ticket.Ticket) {
	for i, was := range before.Clocks {
		is := after.Clocks[i]
		if is.Name != was.Name || !is.StartedAt.Equal(was.StartedAt) {
			rt.Fatalf("%s: clock %d became another", event, i)
		}
		if was.MissedAt != nil && is.MissedAt == nil && event != ticket.EventDecideExtension {
			rt.Fatalf("%s healed the missed %s clock", event, was.Name)
		}
		if was.EndedAt != nil && !reflect.DeepEqual(was, is) {
			rt.Fatalf("%s moved the void %s clock", event, was.Name)
		}
		// Only a shorter length and another calendar bring a deadline forward.
		if is.DueAt.Before(was.DueAt) && event != ticket.EventCorrect && event != ticket.EventDispatch &&
			event != ticket.EventRedate && event != ticket.EventReopen {
			rt.Fatalf("%s brought the %s clock forward from %v to %v", event, was.Name, was.DueAt, is.DueAt)
		}
		for _, p := range is.Pauses {
			if p.To != nil && p.To.Before(p.From) {
				rt.Fatalf("%s: a pause that ends before it begins", event)
			}
		}
	}
}

// wholesome holds what is true of every ticket.
func wholesome(rt *rapid.T, t *ticket.Ticket) {
	running := map[ticket.ClockName]int{}
	for _, c := range t.Clocks {
		if c.Running() && c.Name != ticket.ClockReportIn && c.Name != ticket.ClockAnswer {
			running[c.Name]++
		}
		if c.YellowAt.After(c.DueAt) || c.YellowAt.Before(c.StartedAt) {
			rt.Fatalf("%s clock: yellow at %v, from %v to %v", c.Name, c.YellowAt, c.StartedAt, c.DueAt)
		}
	}
	expect := map[ticket.State]ticket.ClockName{
		ticket.Submitted: ticket.ClockAccept, ticket.Accepted: ticket.ClockDispatch,
		ticket.Dispatched: ticket.ClockClaim, ticket.Verifying: ticket.ClockVerify,
	}
	for _, name := range expect {
		want := 0
		if expect[t.State] == name {
			want = 1
		}
		if running[name] != want {
			rt.Fatalf("%s: %d %s clocks run", t.State, running[name], name)
		}
	}
	if running[ticket.ClockResolve] > 1 {
		rt.Fatal("two resolve clocks run")
	}
	led := t.State == ticket.Dispatched || t.State == ticket.Joint || t.State == ticket.Resolving || t.State == ticket.Suspended || t.State == ticket.Verifying
	if led != (t.LeadID != "") && t.State != ticket.Closed && t.State != ticket.Withdrawn {
		rt.Fatalf("%s is led by %q", t.State, t.LeadID)
	}
	if (t.State == ticket.Closed) != (t.ClosedAt != nil) || (t.State == ticket.Closed) != (t.Outcome != "" && t.VerifiedBy != "") {
		rt.Fatalf("%s: closed at %v as %q by %q", t.State, t.ClosedAt, t.Outcome, t.VerifiedBy)
	}
	if led && running[ticket.ClockResolve] == 0 && t.State != ticket.Verifying {
		rt.Fatalf("%s and no resolve clock runs", t.State)
	}
	if t.State == ticket.Suspended && (t.ReviewDate == nil || !t.OnLedger) {
		rt.Fatal("suspended without a review date, or not on the ledger")
	}
	light := t.Light(t.UpdatedAt)
	if !t.State.Open() && t.State != ticket.Closed && light != "" {
		rt.Fatalf("%s shows %s", t.State, light)
	}
	if len(t.Joined()) > 0 && slices.Contains(t.Joined(), t.LeadID) {
		rt.Fatal("the lead is joined to itself")
	}
}

// tamperShows changes the stored history in one place, and it shows.
func (s *story) tamperShows(rt *rapid.T) {
	i := rapid.IntRange(0, len(s.lines)-1).Draw(rt, "line")
	l := s.lines[i]
	text := []byte(l.Canonical)
	text[rapid.IntRange(0, len(text)-1).Draw(rt, "byte")] ^= rapid.ByteRange(1, 255).Draw(rt, "flip")
	if ticket.HashOf(string(text)) == l.Hash {
		rt.Fatal("a changed byte does not show")
	}
	// Nor does a forged history crash whoever replays it.
	if back, err := ticket.Open(string(text), l.Words, l.Salt); err == nil {
		forged := slices.Clone(s.lines)
		forged[i] = back
		_, _ = ticket.Replay(forged, s.world.rules())
	}
	other := *l
	other.Event = rapid.SampledFrom(events).Draw(rt, "forged event")
	def, _ := ticket.Define(other.Event)
	other.Input = fitting(s, desk, other.Event)
	other.Actor = ticket.ActorRef{ID: "forger", DepartmentID: "d9"}
	other.To = def.Rows[rapid.IntRange(0, len(def.Rows)-1).Draw(rt, "row")].To
	if other.To == "" {
		other.To = other.From
	}
	forged := slices.Clone(s.lines[:i+1])
	forged[i] = &other
	_, _ = ticket.Replay(forged, s.world.rules())
	if len(s.lines) > 1 {
		without := slices.Delete(slices.Clone(s.lines), i, i+1)
		if _, err := ticket.Replay(without, s.world.rules()); err == nil && i < len(s.lines)-1 {
			rt.Fatalf("line %d is missing and the history replays", i+1)
		}
	}
	for path := range l.Words {
		words := maps.Clone(l.Words)
		words[path] += "!"
		if l.CheckWords(words) == nil {
			rt.Fatalf("another text at %s does not show", path)
		}
		delete(words, path)
		if err := l.CheckWords(words); err != nil {
			rt.Fatalf("a redacted text: %v", err)
		}
	}
}

// advance makes a story of some allowed steps.
func advance(rt *rapid.T) *story {
	s := randomStory(rt)
	for range rapid.IntRange(0, 20).Draw(rt, "steps") {
		at := s.ticket.UpdatedAt.Add(rapid.SampledFrom([]time.Duration{time.Minute, 3 * time.Hour, 10 * 24 * time.Hour}).Draw(rt, "later"))
		actor, event := rapid.SampledFrom(crowd).Draw(rt, "actor"), rapid.SampledFrom(events).Draw(rt, "event")
		if rapid.IntRange(0, 3).Draw(rt, "aim") > 0 {
			actor, event = s.aim(rt, at, actor, event)
		}
		_ = s.try(at, actor, event, variant(rt, s, fitting(s, actor, event)))
	}
	return s
}

func TestAllowedIsWhatApplyAccepts(t *testing.T) {
	accepted := map[ticket.Event]int{}
	rapid.Check(t, func(rt *rapid.T) {
		s := advance(rt)
		at := s.ticket.UpdatedAt.Add(rapid.SampledFrom([]time.Duration{0, time.Minute, 12 * 24 * time.Hour}).Draw(rt, "later"))
		for _, actor := range crowd {
			allowed, err := ticket.Allowed(s.ticket, actor, at, s.world.rules())
			if err != nil {
				rt.Fatal(err)
			}
			for _, event := range events {
				_, _, err := ticket.Apply(s.ticket, ticket.Command{
					Event: event, Input: fitting(s, actor, event), Actor: actor, At: at, RecordedAt: at, CalendarVersion: 1,
				}, s.world.rules())
				if slices.Contains(allowed, event) != (err == nil) {
					rt.Fatalf("%s in %s by %s: allowed %t, applied with %v", event, s.ticket.State, actor.ID, err != nil, err)
				}
				if err == nil {
					accepted[event]++
					continue
				}
				if code := codeOf(err); code != ticket.CodeNotFound && code != ticket.CodeForbidden && code != ticket.CodeConflict &&
					(code != ticket.CodeInvalidValue || slices.Contains(allowed, event)) {
					rt.Fatalf("%s by %s: %v", event, actor.ID, err)
				}
			}
		}
	})
	for _, event := range events {
		if accepted[event] == 0 {
			t.Logf("%s was never accepted in the random stories", event)
		}
	}
}

func TestSightAgreesWithRelations(t *testing.T) {
	const seeing = ticket.Own | ticket.Manager | ticket.Desk | ticket.LeadOfficer | ticket.LeadHead | ticket.JoinedOfficer | ticket.JoinedHead |
		ticket.Team | ticket.ExpertIn | ticket.Leader | ticket.Service
	rapid.Check(t, func(rt *rapid.T) {
		s := advance(rt)
		for _, actor := range crowd {
			rel, upTo := actor.RelationsTo(s.ticket, s.world), actor.SeesUpTo(s.ticket)
			want := 0
			switch {
			case rel&seeing != 0:
				want = s.ticket.Version
			case rel&ticket.FormerLeadOf != 0:
				for _, f := range s.ticket.FormerLeads {
					if f.DepartmentID == actor.DepartmentID {
						want = f.Version
					}
				}
			}
			if upTo != want || actor.Sees(s.ticket) != (want > 0) {
				rt.Fatalf("%s (%s) sees up to %d, want %d", actor.ID, rel, upTo, want)
			}
			if actor.SeesAll() && want != s.ticket.Version {
				rt.Fatalf("%s should see all", actor.ID)
			}
			if s.ticket.Confidential && rel&(ticket.Team|ticket.ExpertIn|ticket.FormerLeadOf) != 0 {
				rt.Fatalf("%s (%s) and the ticket is confidential", actor.ID, rel)
			}
			if rel&ticket.LeadHead != 0 && rel&ticket.LeadOfficer == 0 || rel&ticket.JoinedHead != 0 && rel&ticket.JoinedOfficer == 0 {
				rt.Fatalf("%s: a head may all that an officer may, and is %s", actor.ID, rel)
			}
		}
	})
}

// CheckForm never panics, and what it lets through Apply does not call
// malformed.
func TestFormOfAnything(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := inState(rt, rapid.SampledFrom(ticket.States()).Draw(rt, "state").State)
		def := rapid.SampledFrom(ticket.Workflow()).Draw(rt, "event")
		in := anything(rt, reflect.TypeOf(def.Input))
		faults := ticket.CheckForm(in)
		for _, f := range faults {
			if !strings.HasPrefix(f.Pointer, "/") || f.Message == "" {
				rt.Fatalf("%+v", f)
			}
		}
		err := s.try(s.now(), rapid.SampledFrom(crowd).Draw(rt, "actor"), def.Event, in)
		if (codeOf(err) == ticket.CodeInvalidForm) != (len(faults) > 0) {
			rt.Fatalf("%s: faults %v, error %v", def.Event, faults, err)
		}
		var e *ticket.Error
		if err != nil && !errors.As(err, &e) {
			rt.Fatalf("%s: %v is no error of the domain", def.Event, err)
		}
	})
}

func TestCheckFormFindsAllFaultsAtOnce(t *testing.T) {
	long := strings.Repeat("长", 2001)
	for _, tt := range []struct {
		in   ticket.Input
		want []string
	}{
		{ticket.None{}, nil},
		{filing, nil},
		{ticket.SubmitInput{}, []string{"/title", "/description", "/category"}},
		{
			ticket.SubmitInput{Title: " \t", Description: "a\x00", Category: "\xff", Urgency: "soon", Source: "fax"},
			[]string{"/title", "/description", "/category", "/urgency", "/source"},
		},
		{ticket.SubmitInput{Title: strings.Repeat("长", 200), Description: "x", Category: "c"}, nil},
		{ticket.SubmitInput{Title: strings.Repeat("长", 201), Description: "x", Category: "c"}, []string{"/title"}},
		{
			ticket.WhistleInput{DepartmentIDs: []string{"a", "b", "a", ""}, Question: long, Convener: "mayor"},
			[]string{"/department_ids/2", "/question", "/convener"},
		},
		{ticket.WhistleInput{Question: "x"}, []string{"/department_ids"}},
		{ticket.WhistleInput{DepartmentIDs: make([]string, 31), Question: "x"}, nil}, // filled below
		{
			ticket.ConcludeInput{
				Tasks:   []ticket.NewTask{{}, {DepartmentID: "d1", Text: "x"}},
				Without: []ticket.Absent{{DepartmentID: "d1", Reason: long}},
			},
			[]string{"/minutes", "/tasks/0/department_id", "/tasks/0/text", "/without/0/reason"},
		},
		{ticket.ConfirmInput{}, []string{"/satisfaction"}},
		{ticket.ConfirmInput{Satisfaction: 6, Text: long}, []string{"/satisfaction", "/text"}},
		{ticket.CallbackInput{Said: "x"}, nil},
		{ticket.CallbackInput{Satisfaction: -1}, []string{"/satisfaction", "/said"}},
		{ticket.ReasonInput{Reason: "x", Attached: ticket.Attached{Attachments: []string{"a", "a"}}}, []string{"/attachments/1"}},
	} {
		var got []string
		for _, f := range ticket.CheckForm(tt.in) {
			got = append(got, f.Pointer)
			if strings.Contains(f.Message, "长") || strings.Contains(f.Message, "mayor") {
				t.Errorf("%T: %q repeats what was submitted", tt.in, f.Message)
			}
		}
		if in, ok := tt.in.(ticket.WhistleInput); ok && len(in.DepartmentIDs) == 31 {
			if !slices.Contains(got, "/department_ids") {
				t.Errorf("31 departments: faults at %q", got)
			}
			continue
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%T: faults at %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestHistoryThatCannotHaveHappened(t *testing.T) {
	s := inState(t, ticket.Dispatched)
	for name, forge := range map[string]func(*ticket.Line){
		"a gap":                 func(l *ticket.Line) { l.Seq++ },
		"another state":         func(l *ticket.Line) { l.From = ticket.Resolving },
		"backwards":             func(l *ticket.Line) { l.At = l.At.Add(-time.Hour) },
		"another input":         func(l *ticket.Line) { l.Input = ticket.None{} },
		"outside the table":     func(l *ticket.Line) { l.To = ticket.Closed },
		"no such event":         func(l *ticket.Line) { l.Event = "vanish" },
		"no request":            func(l *ticket.Line) { l.Event, l.Input = ticket.EventDecideExtension, ticket.DecideInput{} },
		"an order that is none": func(l *ticket.Line) { l.Event, l.Input = ticket.EventAnswer, ticket.AnswerInput{OrderID: "9"} },
	} {
		lines := slices.Clone(s.lines)
		last := *lines[len(lines)-1]
		forge(&last)
		lines[len(lines)-1] = &last
		if _, err := ticket.Replay(lines, s.world.rules()); err == nil {
			t.Errorf("%s: replays", name)
		}
	}
	for _, tt := range []struct {
		state ticket.State
		event ticket.Event
		in    ticket.Input
		to    ticket.State
	}{
		{ticket.Joint, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "x"}, ticket.Joint},
		{ticket.Resolving, ticket.EventDecideExtension, ticket.DecideInput{Approve: true}, ticket.Resolving},
		{ticket.Resolving, ticket.EventDecideSuspension, ticket.DecideInput{Approve: true}, ticket.Suspended},
		{ticket.Closed, ticket.EventAnswer, ticket.AnswerInput{OrderID: "9", Text: "x"}, ticket.Closed},
	} {
		s := inState(t, tt.state)
		line := &ticket.Line{Seq: s.ticket.Version + 1, Event: tt.event, Input: tt.in, At: s.now(), From: tt.state, To: tt.to}
		if _, err := ticket.Evolve(s.ticket, line, s.world.rules()); err == nil {
			t.Errorf("%s: took effect", tt.event)
		}
	}
}

func TestOpenRefusesWhatIsNoLine(t *testing.T) {
	s := inState(t, ticket.Submitted)
	text := s.lines[0].Canonical
	for _, bad := range []string{
		"", "{}", text[:len(text)-1],
		strings.Replace(text, `"v":1`, `"v":2`, 1),
		strings.Replace(text, `"event":"submit"`, `"event":"vanish"`, 1),
		strings.Replace(text, `"category":"labour"`, `"category":7`, 1),
		strings.Replace(text, `"policy_version":1`, `"policy_version":"x"`, 1),
	} {
		if _, err := ticket.Open(bad, nil, ""); err == nil {
			t.Errorf("opened %q", bad)
		}
	}
	l, err := ticket.Open(text, nil, s.lines[0].Salt)
	if err != nil {
		t.Fatal(err)
	}
	if in := l.Input.(ticket.SubmitInput); in.Title != ticket.Redacted || in.Description != ticket.Redacted {
		t.Errorf("%+v", in)
	}
	if strings.Contains(text, filing.Title) || strings.Contains(text, filing.Description) {
		t.Error("the words are hashed in the clear")
	}
}
