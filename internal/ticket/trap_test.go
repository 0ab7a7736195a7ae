package ticket_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// The traps that clocks of existing systems fell into, one test each. Every
// instant expected is written by hand. In 2023 the days from 29 September to
// 6 October were off, and Saturday 7 and Sunday 8 October were worked.

// due holds a clock against the instant, in the story's zone, at which it is due.
func (s *story) due(name ticket.ClockName, want string) {
	s.tb.Helper()
	s.holds(name, "due", want, func(c *ticket.Clock) time.Time { return c.DueAt })
}

func (s *story) yellow(name ticket.ClockName, want string) {
	s.tb.Helper()
	s.holds(name, "yellow", want, func(c *ticket.Clock) time.Time { return c.YellowAt })
}

func (s *story) holds(name ticket.ClockName, what, want string, get func(*ticket.Clock) time.Time) {
	s.tb.Helper()
	c := s.ticket.Clock(name)
	if c == nil {
		s.tb.Fatalf("no %s clock", name)
	}
	loc := s.world.calendars[s.ticket.CalendarVersion].Location()
	if got := get(c).In(loc).Format("2006-01-02 15:04:05"); got != want && got != want+":00" {
		s.tb.Errorf("%s: %s at %s, want %s", name, what, got, want)
	}
}

// filed files a normal or urgent ticket.
func filed(tb rapid.TB, at string, urgency ticket.Urgency) *story {
	s := newStory(tb)
	in := filing
	in.Urgency = urgency
	s.do(moment(tb, at), owner, ticket.EventSubmit, in)
	return s
}

// dispatched files, accepts and dispatches to d1 at one moment.
func dispatched(tb rapid.TB, at string) *story {
	s := filed(tb, at, ticket.Normal)
	s.do(moment(tb, at), desk, ticket.EventAccept, nil)
	s.do(moment(tb, at), desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d1"})
	return s
}

// worked is dispatched and claimed at once, on Monday, 18 September 2023, 10:00.
func worked(tb rapid.TB) *story {
	const at = "2023-09-18 10:00"
	s := dispatched(tb, at)
	s.do(moment(tb, at), officer, ticket.EventClaim, nil)
	return s
}

func (s *story) suspend(from, to time.Time) {
	s.tb.Helper()
	s.do(s.ticket.UpdatedAt, head, ticket.EventRequestSuspension, ticket.RequestSuspensionInput{Condition: "a plan", ReviewDate: date("2024-03-01")})
	s.do(from, desk, ticket.EventDecideSuspension, ticket.DecideInput{Approve: true})
	s.do(to, officer, ticket.EventResume, nil)
}

func TestTrapMakeUpDays(t *testing.T) {
	s := filed(t, "2023-09-28 17:00", ticket.Normal)
	s.due(ticket.ClockAccept, "2023-10-07 12:00")
	s.yellow(ticket.ClockAccept, "2023-10-07 11:00")
	s = dispatched(t, "2023-09-27 10:00") // 28 September, 7, 8, 9, 10 October
	s.due(ticket.ClockResolve, "2023-10-10 18:00")
	s.due(ticket.ClockClaim, "2023-09-28 11:00") // 8 hours: 6 on Wednesday, 2 on Thursday
	s.yellow(ticket.ClockClaim, "2023-09-27 18:00")

	days, err := s.world.rules().Explain(s.ticket)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, e := range days {
		if e.Clock.Name == ticket.ClockResolve {
			found = len(e.Days) > 0
		}
	}
	if !found {
		t.Error("the resolve clock is not explained")
	}
}

func TestTrapLunchBreak(t *testing.T) {
	s := filed(t, "2023-09-25 11:30", ticket.Normal)
	s.due(ticket.ClockAccept, "2023-09-25 17:30")
	s.yellow(ticket.ClockAccept, "2023-09-25 16:30")
	s = filed(t, "2023-09-25 11:30", ticket.Urgent)
	s.due(ticket.ClockAccept, "2023-09-25 14:30")
	s.yellow(ticket.ClockAccept, "2023-09-25 14:15")
}

func TestTrapFiledOnHoliday(t *testing.T) {
	s := filed(t, "2023-10-01 10:00", ticket.Normal)
	s.due(ticket.ClockAccept, "2023-10-07 15:00")
	s = dispatched(t, "2023-10-01 10:00") // day 0 is the holiday; 7, 8, 9, 10, 11 October
	s.due(ticket.ClockResolve, "2023-10-11 18:00")
	s.due(ticket.ClockClaim, "2023-10-08 10:00")
}

func TestTrapFiledAtNight(t *testing.T) {
	for _, at := range []string{"2023-09-25 20:00", "2023-09-25 23:59", "2023-09-26 00:00", "2023-09-26 08:59"} {
		filed(t, at, ticket.Normal).due(ticket.ClockAccept, "2023-09-26 15:00")
	}
	// A minute around midnight is a working day in a term of days.
	dispatched(t, "2023-09-25 23:59").due(ticket.ClockResolve, "2023-10-08 18:00")
	dispatched(t, "2023-09-26 00:00").due(ticket.ClockResolve, "2023-10-09 18:00")
}

func TestTrapEdgeOfShift(t *testing.T) {
	for at, want := range map[string]string{
		"2023-09-25 09:00": "2023-09-25 15:00",
		"2023-09-25 11:00": "2023-09-25 17:00",
		"2023-09-25 12:00": "2023-09-25 18:00", // not 09:00 of the next day
		"2023-09-25 13:00": "2023-09-25 18:00",
		"2023-09-25 14:00": "2023-09-25 18:00",
		"2023-09-25 18:00": "2023-09-26 15:00",
	} {
		filed(t, at, ticket.Normal).due(ticket.ClockAccept, want)
	}
	filed(t, "2023-09-25 11:00", ticket.Urgent).due(ticket.ClockAccept, "2023-09-25 12:00") // not 14:00

	// At the deadline's very instant is still on time.
	due := moment(t, "2023-09-25 15:00")
	s := filed(t, "2023-09-25 09:00", ticket.Normal)
	if s.ticket.Light(due) != ticket.Yellow || s.ticket.Light(due.Add(time.Microsecond)) != ticket.Red {
		t.Error("the light turns red at another instant than just after the deadline")
	}
	if yellow := moment(t, "2023-09-25 12:00"); s.ticket.Light(yellow) != ticket.Yellow || s.ticket.Light(yellow.Add(-time.Microsecond)) != ticket.Green {
		t.Error("the light turns yellow at another instant")
	}
	late := *s
	s.do(due, desk, ticket.EventAccept, nil)
	if c := s.ticket.Clock(ticket.ClockAccept); c.MetAt == nil || c.MissedAt != nil || c.Light(due) != "" {
		t.Errorf("%+v", c)
	}
	late.do(due.Add(time.Microsecond), desk, ticket.EventAccept, nil)
	if c := late.ticket.Clock(ticket.ClockAccept); c.MetAt == nil || c.MissedAt == nil || !c.MissedAt.Equal(due) {
		t.Errorf("%+v", c)
	}
}

func TestTrapPauseOutsideWorkingTime(t *testing.T) {
	for _, tt := range []struct{ from, to, due string }{
		{"2023-09-19 20:00", "2023-09-20 07:00", "2023-09-25 18:00"}, // a night
		{"2023-09-22 19:00", "2023-09-24 12:00", "2023-09-25 18:00"}, // a weekend
		{"2023-09-19 12:00", "2023-09-19 14:00", "2023-09-25 18:00"}, // lunch
		{"2023-09-19 18:00", "2023-09-20 10:00", "2023-09-26 10:00"}, // one hour
		{"2023-09-19 12:30", "2023-09-20 14:30", "2023-09-27 09:30"}, // 4 + 3½ hours
		{"2023-09-19 17:00", "2023-09-20 20:00", "2023-09-27 10:00"}, // 1 + 7 hours
		{"2023-09-22 17:00", "2023-10-03 10:00", "2023-10-08 10:00"}, // 1 + 4·7 hours: 26, 27, 28 Sept, 7 Oct, and one on the 8th
	} {
		s := worked(t)
		s.due(ticket.ClockResolve, "2023-09-25 18:00")
		s.suspend(moment(t, tt.from), moment(t, tt.to))
		s.due(ticket.ClockResolve, tt.due)
		s.replays()
	}
}

func TestTrapTwoPausesWithinAMinute(t *testing.T) {
	s := worked(t)
	at := func(second int) time.Time {
		return moment(t, "2023-09-19 10:00").Add(time.Duration(second) * time.Second)
	}
	s.suspend(at(5), at(20))
	s.suspend(at(21), at(58))
	s.due(ticket.ClockResolve, "2023-09-26 09:00:52")
	s.replays()
}

func TestTrapPausedWhenRed(t *testing.T) {
	s := worked(t)
	s.do(moment(t, "2023-09-25 17:00"), head, ticket.EventRequestSuspension, ticket.RequestSuspensionInput{Condition: "a plan", ReviewDate: date("2024-03-01")})
	s.do(moment(t, "2023-09-26 10:00"), desk, ticket.EventDecideSuspension, ticket.DecideInput{Approve: true})
	red := func(at string) {
		t.Helper()
		c := s.ticket.Clock(ticket.ClockResolve)
		if !c.Missed(moment(t, at)) || c.Light(moment(t, at)) != ticket.Red || c.MissedAt == nil || !c.MissedAt.Equal(moment(t, "2023-09-25 18:00")) {
			t.Errorf("at %s: %+v", at, c)
		}
		if _, alarm := s.ticket.AlarmTimes(); alarm == nil || !alarm.Equal(moment(t, "2023-09-25 18:00")) {
			t.Errorf("at %s: the alarm is at %v", at, alarm)
		}
	}
	red("2023-09-26 10:00")
	red("2023-09-27 09:00")
	s.do(moment(t, "2023-09-27 10:00"), officer, ticket.EventResume, nil)
	s.due(ticket.ClockResolve, "2023-09-26 18:00")
	red("2023-09-27 10:00")
	s.do(moment(t, "2023-09-27 11:00"), head, ticket.EventResolve, wellFormed(s, ticket.EventResolve))
	if c := s.ticket.Clock(ticket.ClockResolve); c.MissedAt == nil {
		t.Error("resolving healed the miss")
	}
	s.replays()

	// Paused just before the deadline it is yellow, and no alarm rings.
	s = worked(t)
	s.do(moment(t, "2023-09-25 17:00"), head, ticket.EventRequestSuspension, ticket.RequestSuspensionInput{Condition: "a plan", ReviewDate: date("2024-03-01")})
	s.do(moment(t, "2023-09-25 18:00"), desk, ticket.EventDecideSuspension, ticket.DecideInput{Approve: true})
	c := s.ticket.Clock(ticket.ClockResolve)
	if c.Missed(moment(t, "2023-11-01 10:00")) || c.Light(moment(t, "2023-11-01 10:00")) != ticket.Yellow || !c.Paused() {
		t.Errorf("%+v", c)
	}
	if yellow, alarm := s.ticket.AlarmTimes(); yellow != nil || alarm != nil {
		t.Errorf("alarms at %v, %v", yellow, alarm)
	}
}

func TestTrapPolicyWithoutWorkingDay(t *testing.T) {
	// A calendar without a working day is refused before any clock asks it.
	var off []worktime.Day
	for day := date("2023-01-01"); day.Year < 2029; day = day.AddDays(1) {
		off = append(off, worktime.Day{Date: day, Kind: worktime.Off, Name: "closed"})
	}
	if _, err := worktime.New(2, shanghai, worktime.DefaultShifts(), off); !errors.Is(err, worktime.ErrNoWorkingTime) {
		t.Errorf("a calendar of days off: %v", err)
	}
	// A policy of no length, of none for a clock, of unknown words.
	bad := ticket.DefaultRules()
	bad[0].Amount, bad[1].Amount = 0, 1001
	bad[2].Unit, bad[3].Clock = "weeks", "lunch"
	bad = append(bad, bad[4])
	var at []string
	for _, f := range (ticket.Policy{Rules: bad}).Check() {
		at = append(at, f.Pointer)
	}
	want := []string{"/rules/0/amount", "/rules/1/amount", "/rules/2/unit", "/rules/3/clock", "/rules/13"}
	if !slices.Equal(at, want) {
		t.Errorf("faults at %q, want %q", at, want)
	}
	if faults := (ticket.Policy{}).Check(); len(faults) != 16 { // 8 clocks, normal and urgent
		t.Errorf("an empty policy: %v", faults)
	}
	if faults := (ticket.Policy{Rules: ticket.DefaultRules()}).Check(); faults != nil {
		t.Errorf("the default: %v", faults)
	}
	// What slipped past the check fails, at the first event.
	s := newStory(t)
	s.world.policies[1] = ticket.Policy{Version: 1}
	if err := s.try(moment(t, "2023-09-18 10:00"), owner, ticket.EventSubmit, filing); err == nil {
		t.Error("no length for the accept clock, and filed")
	}
	s = newStory(t)
	s.calendar = 9
	if err := s.try(moment(t, "2023-09-18 10:00"), owner, ticket.EventSubmit, filing); err == nil {
		t.Error("no calendar, and filed")
	}
}

func TestTrapReopenedAfterClosing(t *testing.T) {
	s := worked(t)
	s.do(moment(t, "2023-09-25 17:00"), head, ticket.EventResolve, wellFormed(s, ticket.EventResolve)) // an hour is left
	s.do(moment(t, "2023-09-26 10:00"), owner, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 4})
	if hours := *s.ticket.HandlingSeconds; hours != (6+4*7+7+1)*3600 { // 18, 19–22, 25, 26 September
		t.Errorf("handled in %d seconds", hours)
	}
	s.do(moment(t, "2023-10-09 09:00"), owner, ticket.EventReopen, ticket.ReasonInput{Reason: "it came back"})
	s.due(ticket.ClockResolve, "2023-10-09 10:00")
	c := s.ticket.Clock(ticket.ClockResolve)
	if c.MetAt != nil || c.Missed(moment(t, "2023-10-09 10:00")) || !c.Missed(moment(t, "2023-10-09 10:01")) {
		t.Errorf("%+v", c)
	}
	s.do(moment(t, "2023-10-09 10:01"), head, ticket.EventResolve, wellFormed(s, ticket.EventResolve))
	if s.ticket.Clock(ticket.ClockResolve).MissedAt == nil {
		t.Error("the second time was late")
	}
	s.replays()
}

func TestTrapReturnedAndDispatchedAgain(t *testing.T) {
	s := dispatched(t, "2023-09-18 10:00")
	s.due(ticket.ClockClaim, "2023-09-19 11:00")
	s.do(moment(t, "2023-09-19 10:00"), head, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "x"})
	s.due(ticket.ClockDispatch, "2023-09-19 16:00")
	s.due(ticket.ClockResolve, "2023-09-25 18:00") // runs on
	if c := s.ticket.Clock(ticket.ClockResolve); c.Paused() {
		t.Error("paused by a return")
	}
	s.do(moment(t, "2023-09-19 15:00"), desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d3"})
	s.due(ticket.ClockClaim, "2023-09-20 16:00") // from the second dispatch
	s.due(ticket.ClockResolve, "2023-09-25 18:00")
	s.do(moment(t, "2023-09-20 15:00"), officer3, ticket.EventClaim, nil)
	s.due(ticket.ClockResolve, "2023-09-25 18:00")
	n := 0
	for _, c := range s.ticket.Clocks {
		if c.Name == ticket.ClockResolve {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d resolve clocks", n)
	}
	s.replays()

	// While the desk asks the enterprise, it stands still.
	s = dispatched(t, "2023-09-18 10:00")
	s.do(moment(t, "2023-09-18 11:00"), head, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "x"})
	s.do(moment(t, "2023-09-18 14:00"), desk, ticket.EventRequestInfo, ticket.RequestInfoInput{Question: "x"})
	s.do(moment(t, "2023-09-19 10:00"), owner, ticket.EventSupplyInfo, ticket.SupplyInfoInput{Answer: "x"}) // 4 + 1 hours
	s.due(ticket.ClockResolve, "2023-09-26 16:00")
	s.due(ticket.ClockAccept, "2023-09-19 16:00")
	s.replays()
}

func TestTrapDaylightSaving(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := worktime.New(2, berlin, worktime.DefaultShifts(), []worktime.Day{{Date: date("2023-01-01"), Kind: worktime.Off, Name: "Neujahr"}})
	if err != nil {
		t.Fatal(err)
	}
	utc := func(text string) time.Time {
		at, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	begin := func(at string) *story {
		s := newStory(t)
		s.world.calendars[2], s.calendar = calendar, 2
		s.do(utc(at), owner, ticket.EventSubmit, filing)
		return s
	}
	// Clocks go forward on Sunday 26 March and back on Sunday 29 October 2023.
	spring := begin("2023-03-24 16:00") // Friday 17:00
	spring.due(ticket.ClockAccept, "2023-03-27 12:00")
	if due := spring.ticket.Clock(ticket.ClockAccept).DueAt; !due.Equal(utc("2023-03-27 10:00")) {
		t.Error(due)
	}
	spring.do(utc("2023-03-24 16:00"), desk, ticket.EventAccept, nil)
	spring.do(utc("2023-03-24 16:00"), desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d1"})
	spring.do(utc("2023-03-24 16:00"), officer, ticket.EventClaim, nil)
	if due := spring.ticket.Clock(ticket.ClockResolve).DueAt; !due.Equal(utc("2023-03-31 16:00")) { // 18:00 in summer
		t.Error(due)
	}
	spring.suspend(utc("2023-03-24 16:30"), utc("2023-03-27 08:30")) // Friday 17:30 to Monday 10:30: 2 hours
	spring.due(ticket.ClockResolve, "2023-04-03 11:00")
	autumn := begin("2023-10-27 15:00") // Friday 17:00
	if due := autumn.ticket.Clock(ticket.ClockAccept).DueAt; !due.Equal(utc("2023-10-30 11:00")) {
		t.Error(due)
	}
	autumn.due(ticket.ClockAccept, "2023-10-30 12:00")
}

// with adds a calendar that departs from the built-in one by these days.
func (s *story) with(version int, days ...worktime.Day) {
	s.tb.Helper()
	all := append(worktime.Builtin(), days...)
	calendar, err := worktime.New(version, shanghai, worktime.DefaultShifts(), all)
	if err != nil {
		s.tb.Fatal(err)
	}
	s.world.calendars[version], s.calendar = calendar, version
}

func TestTrapProvisionalDeadline(t *testing.T) {
	s := dispatched(t, "2026-12-30 10:00")
	s.due(ticket.ClockResolve, "2027-01-06 18:00") // nobody knows yet of New Year's Day
	if !s.ticket.Clock(ticket.ClockResolve).Provisional || s.ticket.Clock(ticket.ClockClaim).Provisional {
		t.Error("the deadline in 2027 is provisional, that in 2026 is not")
	}
	s.with(2, worktime.Day{Date: date("2027-01-01"), Kind: worktime.Off, Name: "元旦"})
	s.do(moment(t, "2026-12-30 11:00"), ticket.System, ticket.EventRedate, nil)
	s.due(ticket.ClockResolve, "2027-01-07 18:00")
	if s.ticket.Clock(ticket.ClockResolve).Provisional || s.ticket.CalendarVersion != 2 {
		t.Error("still provisional")
	}
	s.replays()
}

func TestTrapRedate(t *testing.T) {
	off := worktime.Day{Date: date("2023-09-22"), Kind: worktime.Off, Name: "a storm"}
	s := dispatched(t, "2023-09-18 10:00")
	s.with(2, off)
	s.do(moment(t, "2023-09-18 11:00"), officer, ticket.EventClaim, nil)
	s.due(ticket.ClockResolve, "2023-09-25 18:00") // other events keep the ticket's calendar
	s.do(moment(t, "2023-09-21 11:00"), ticket.System, ticket.EventRedate, nil)
	s.due(ticket.ClockResolve, "2023-09-26 18:00")
	s.due(ticket.ClockClaim, "2023-09-19 11:00") // met: no longer open
	s.with(3, worktime.Day{Date: date("2023-09-23"), Kind: worktime.Work, Name: "a make-up day"})
	s.do(moment(t, "2023-09-21 12:00"), ticket.System, ticket.EventRedate, nil)
	s.due(ticket.ClockResolve, "2023-09-23 18:00")
	s.replays()

	// What was missed stays missed.
	s = worked(t)
	s.with(2, off)
	s.do(moment(t, "2023-09-26 09:00"), ticket.System, ticket.EventRedate, nil)
	s.due(ticket.ClockResolve, "2023-09-26 18:00")
	if c := s.ticket.Clock(ticket.ClockResolve); !c.Missed(moment(t, "2023-09-26 09:00")) || c.Light(moment(t, "2023-09-26 09:00")) != ticket.Red {
		t.Errorf("%+v", c)
	}
	s.replays()

	// Pauses are counted anew too: Thursday 14:00 to Monday 09:00 covers 11
	// hours, and 4 when the Friday between was off; then the term is a day longer.
	s = worked(t)
	s.suspend(moment(t, "2023-09-21 14:00"), moment(t, "2023-09-25 09:00"))
	s.due(ticket.ClockResolve, "2023-09-27 15:00")
	s.with(2, off)
	s.do(moment(t, "2023-09-25 10:00"), ticket.System, ticket.EventRedate, nil)
	s.due(ticket.ClockResolve, "2023-09-27 15:00")
	s.replays()
}

func TestTrapFalseDone(t *testing.T) {
	s := worked(t)
	s.do(moment(t, "2023-09-25 17:00"), head, ticket.EventResolve, wellFormed(s, ticket.EventResolve)) // an hour is left
	s.do(moment(t, "2023-10-03 10:00"), owner, ticket.EventDispute, ticket.DisputeInput{Missing: "all"})
	s.due(ticket.ClockResolve, "2023-10-07 10:00") // and an hour is left
	if c := s.ticket.Clock(ticket.ClockResolve); c.MetAt != nil || c.MissedAt != nil {
		t.Errorf("%+v", c)
	}
	s.do(moment(t, "2023-10-07 09:30"), head, ticket.EventResolve, wellFormed(s, ticket.EventResolve)) // half of it
	s.do(moment(t, "2023-10-07 09:45"), owner, ticket.EventDispute, ticket.DisputeInput{Missing: "all"})
	s.due(ticket.ClockResolve, "2023-10-19 10:15") // joint: 13 October 18:00, and pauses of 22¼ hours
	s.replays()
}

func TestTrapMissedStaysMissed(t *testing.T) {
	late := func() *story {
		s := worked(t)
		s.do(moment(t, "2023-09-26 09:00"), officer, ticket.EventProgress, ticket.ProgressInput{Text: "x"})
		return s
	}
	red := func(s *story, at string) {
		t.Helper()
		c := s.ticket.Clock(ticket.ClockResolve)
		if c.MissedAt == nil || !c.MissedAt.Equal(moment(t, "2023-09-25 18:00")) || c.Light(moment(t, at)) != ticket.Red {
			t.Errorf("%+v", c)
		}
		s.replays()
	}
	t.Run("extension", func(t *testing.T) {
		s := late()
		s.refused(moment(t, "2023-09-26 09:10"), head, ticket.EventRequestExtension, wellFormed(s, ticket.EventRequestExtension), ticket.CodeConflict)
		red(s, "2023-09-26 10:00")
	})
	t.Run("pausing", func(t *testing.T) {
		s := late()
		s.suspend(moment(t, "2023-09-26 10:00"), moment(t, "2023-10-09 09:00"))
		red(s, "2023-10-09 09:00")
	})
	t.Run("joint", func(t *testing.T) {
		s := late()
		s.do(moment(t, "2023-09-26 10:00"), head, ticket.EventWhistle, wellFormed(s, ticket.EventWhistle))
		s.due(ticket.ClockResolve, "2023-10-13 18:00")
		red(s, "2023-09-26 10:00")
	})
	t.Run("another urgency", func(t *testing.T) {
		s := late()
		s.do(moment(t, "2023-09-26 10:00"), desk, ticket.EventCorrect, ticket.CorrectInput{Urgency: ticket.Urgent, Reason: "x"})
		s.do(moment(t, "2023-09-26 10:00"), desk, ticket.EventCorrect, ticket.CorrectInput{Urgency: ticket.Normal, Reason: "x"})
		red(s, "2023-09-26 10:00")
	})
	t.Run("returned and dispatched again", func(t *testing.T) {
		s := dispatched(t, "2023-09-18 10:00")
		s.do(moment(t, "2023-09-26 09:00"), head, ticket.EventReturn, wellFormed(s, ticket.EventReturn))
		s.does(desk, ticket.EventDispatch)
		red(s, "2023-09-26 10:00")
	})
}

func TestJointDeadline(t *testing.T) {
	s := worked(t)
	s.do(moment(t, "2023-09-19 10:00"), head, ticket.EventWhistle, wellFormed(s, ticket.EventWhistle))
	s.due(ticket.ClockResolve, "2023-10-13 18:00") // the 15th working day after the first dispatch
	s.due(ticket.ClockReportIn, "2023-09-20 11:00")
	// At the desk's whistle from accepted that day is the whistle's.
	s = filed(t, "2023-09-18 09:00", ticket.Normal)
	s.do(moment(t, "2023-09-18 09:10"), desk, ticket.EventAccept, nil)
	s.do(moment(t, "2023-09-18 10:00"), desk, ticket.EventWhistle, wellFormed(s, ticket.EventWhistle))
	s.due(ticket.ClockResolve, "2023-10-13 18:00")
}

func TestAnotherUrgency(t *testing.T) {
	// A longer length counts from the start, a shorter one from the change,
	// and never beyond the deadline that stood.
	s := filed(t, "2023-09-25 09:00", ticket.Normal)
	urgency := func(at string, u ticket.Urgency) {
		t.Helper()
		s.do(moment(t, at), desk, ticket.EventCorrect, ticket.CorrectInput{Urgency: u, Reason: "x"})
	}
	urgency("2023-09-25 10:00", ticket.Urgent)
	s.due(ticket.ClockAccept, "2023-09-25 11:00")
	urgency("2023-09-25 10:30", ticket.Normal)
	s.due(ticket.ClockAccept, "2023-09-25 15:00")
	urgency("2023-09-25 14:30", ticket.Urgent)
	s.due(ticket.ClockAccept, "2023-09-25 15:00")
	s.replays()

	// A clock that stands still takes the change along.
	s = worked(t)
	s.do(s.now(), head, ticket.EventRequestSuspension, wellFormed(s, ticket.EventRequestSuspension))
	s.do(moment(t, "2023-09-19 10:00"), desk, ticket.EventDecideSuspension, ticket.DecideInput{Approve: true})
	urgency("2023-09-19 11:00", ticket.Urgent)
	s.do(moment(t, "2023-09-19 12:00"), officer, ticket.EventResume, nil)
	s.due(ticket.ClockResolve, "2023-09-26 11:00") // two hours later, as without the change
	s.replays()
}

func TestPlainHours(t *testing.T) {
	s := newStory(t)
	rules := ticket.DefaultRules()
	for i := range rules {
		if rules[i].Urgency == ticket.Urgent {
			rules[i].Unit = ticket.Hours
		}
		if rules[i].Clock == ticket.ClockResolve && rules[i].Urgency == ticket.Urgent {
			rules[i].Amount = 48
		}
	}
	s.world.policies[2], s.policy = ticket.Policy{Version: 2, Rules: rules}, 2
	in := filing
	in.Urgency = ticket.Urgent
	s.do(moment(t, "2023-09-30 22:00"), owner, ticket.EventSubmit, in)
	s.due(ticket.ClockAccept, "2023-09-30 23:00")
	s.yellow(ticket.ClockAccept, "2023-09-30 22:45")
	s.do(moment(t, "2023-09-30 22:30"), desk, ticket.EventAccept, nil)
	s.do(moment(t, "2023-09-30 22:30"), desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d1"})
	s.due(ticket.ClockResolve, "2023-10-02 22:30")
	s.do(moment(t, "2023-09-30 22:40"), officer, ticket.EventClaim, nil)
	s.suspend(moment(t, "2023-10-01 03:00"), moment(t, "2023-10-01 05:00"))
	s.due(ticket.ClockResolve, "2023-10-03 00:30")
	s.yellow(ticket.ClockResolve, "2023-10-02 12:00")
	if s.ticket.Clock(ticket.ClockResolve).Provisional {
		t.Error("plain hours need no calendar")
	}
	s.replays()
}

func TestPolicyKeepsItsVersion(t *testing.T) {
	s := filed(t, "2023-09-18 10:00", ticket.Normal)
	rules := ticket.DefaultRules()
	for i := range rules {
		rules[i].Amount = 1
	}
	s.world.policies[2], s.policy = ticket.Policy{Version: 2, Rules: rules}, 2
	s.do(moment(t, "2023-09-18 10:10"), desk, ticket.EventAccept, nil)
	s.due(ticket.ClockDispatch, "2023-09-18 16:10")
	s.replays()
}

func TestPolicyPrefersTheNarrowerRule(t *testing.T) {
	day := func(n int) ticket.Length { return ticket.Length{Amount: n, Unit: ticket.WorkingDays} }
	p := ticket.Policy{Rules: []ticket.Rule{
		{Clock: "resolve", Length: day(1)},
		{Clock: "resolve", Urgency: ticket.Urgent, Length: day(2)},
		{Clock: "resolve", Category: "land", Length: day(3)},
		{Clock: "resolve", Category: "land", Urgency: ticket.Urgent, Length: day(4)},
	}}
	for _, tt := range []struct {
		category string
		urgency  ticket.Urgency
		want     int
	}{{"labour", ticket.Normal, 1}, {"labour", ticket.Urgent, 2}, {"land", ticket.Normal, 3}, {"land", ticket.Urgent, 4}} {
		got, err := p.Length(ticket.ClockResolve, tt.category, tt.urgency)
		if err != nil || got.Amount != tt.want {
			t.Errorf("%s %s: %v, %v", tt.category, tt.urgency, got, err)
		}
	}
}
