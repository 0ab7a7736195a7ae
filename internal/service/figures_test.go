package service_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// naive counts a department's figures (or all, for "") by looking at every
// ticket as it stood, the way one would with pencil and paper.
func naive(tickets []*ticket.Ticket, department string, from, to worktime.Date, asOf time.Time) figures.Counts {
	c := figures.NewCounts()
	within := func(at time.Time) bool {
		day := worktime.DateOf(at.In(beijing))
		return !day.Before(from) && !to.Before(day)
	}
	rate := func(name string, counts, meets bool) {
		r := c.Rates[name]
		if counts {
			r.Denominator++
			if meets {
				r.Numerator++
			}
		}
		c.Rates[name] = r
	}
	for _, d := range figures.Rates() {
		rate(d.Name, false, false)
	}
	var handled []int64
	for _, t := range tickets {
		if within(t.FiledAt) && (department == "" || t.LeadID == department) {
			valid := t.State != ticket.Rejected && t.State != ticket.Merged && (t.State != ticket.Withdrawn || len(t.Dispatches) > 0)
			closed := t.State == ticket.Closed
			solved := closed && t.Outcome == ticket.Solved
			over := closed || t.State == ticket.Withdrawn
			c.Filed++
			if valid {
				c.Tickets++
			} else {
				c.Excluded[string(t.State)]++
			}
			if solved {
				c.Solved++
			}
			if closed {
				c.Closed++
			}
			if valid && !over {
				c.InProgress++
			}
			settled := closed && !t.ClosedAt.After(asOf.Add(-30*24*time.Hour))
			resolve := t.Clock(ticket.ClockResolve)
			resolved := resolve != nil && resolve.MetAt != nil
			late := resolve != nil && resolve.Missed(asOf)
			rate("resolution_rate", valid, solved)
			rate("resolution_rate_gross", true, solved)
			rate("resolution_rate_strict", valid && (!closed || settled), solved && settled && t.VerifiedBy == ticket.ByConfirmation && t.Reopens == 0)
			rate("closing_rate", valid, closed)
			rate("on_time_rate", valid && (resolved || !over && late), resolved && !late)
			rate("satisfaction_rate", closed && t.Satisfaction > 0, t.Satisfaction >= 4)
			rate("verification_rate", closed, t.VerifiedBy == ticket.ByConfirmation || t.VerifiedBy == ticket.ByCallback)
			rate("rework_rate", valid && t.ReachedVerifying, t.Disputes > 0 || t.Reopens > 0)
			rate("first_dispatch_rate", solved, !slices.ContainsFunc(t.Dispatches, func(d ticket.Dispatch) bool { return d.DepartmentID != t.Dispatches[0].DepartmentID }))
			if closed && t.HandlingSeconds != nil {
				handled = append(handled, *t.HandlingSeconds)
			}
		}
		for _, d := range t.Dispatches {
			if !within(d.At) || department != "" && d.DepartmentID != department {
				continue
			}
			rate("return_rate", true, d.ReturnedAt != nil)
			if d.Clock < 0 {
				continue
			}
			clock := t.Clocks[d.Clock]
			out := clock.Missed(asOf)
			rate("response_rate", clock.MetAt != nil || out, d.ClaimedAt != nil && !out)
		}
		for _, s := range t.Summons {
			if within(s.At) && (department == "" || s.DepartmentID == department) {
				late := t.Clocks[s.Clock].Missed(asOf)
				rate("report_in_rate", s.ReportedAt != nil || late, s.ReportedAt != nil && !late)
			}
		}
	}
	c.Handling = figures.HandlingOf(handled)
	return c
}

// chance lets a random event befall a ticket, if the rules let it.
func chance(t *rapid.T, d *district, id string, others []string) error {
	n := rapid.IntRange(1, 3)
	one := func(label string) string { return fmt.Sprintf("d%d", n.Draw(t, label)) }
	yes := rapid.Bool()
	inputs := map[ticket.Event]func() ticket.Input{
		ticket.EventReject:      func() ticket.Input { return ticket.RejectInput{ReasonCode: "other", Text: "请找税务局"} },
		ticket.EventRequestInfo: func() ticket.Input { return ticket.RequestInfoInput{Question: "几人？"} },
		ticket.EventSupplyInfo:  func() ticket.Input { return ticket.SupplyInfoInput{Answer: "十人"} },
		ticket.EventWithdraw:    func() ticket.Input { return ticket.ReasonInput{Reason: "不用了"} },
		ticket.EventMerge:       func() ticket.Input { return ticket.MergeInput{IntoID: rapid.SampledFrom(others).Draw(t, "into")} },
		ticket.EventDispatch:    func() ticket.Input { return ticket.DispatchInput{LeadID: one("lead")} },
		ticket.EventRecall:      func() ticket.Input { return ticket.ReasonInput{Reason: "派错"} },
		ticket.EventReturn:      func() ticket.Input { return ticket.ReturnInput{ReasonCode: "other", Text: "不归我局"} },
		ticket.EventWhistle: func() ticket.Input {
			return ticket.WhistleInput{DepartmentIDs: []string{one("summoned")}, Question: "怎么办？"}
		},
		ticket.EventReportIn: func() ticket.Input { return ticket.ReportInInput{Position: ticket.Can, Text: "能办"} },
		ticket.EventConclude: func() ticket.Input { return ticket.ConcludeInput{Minutes: "议定"} },
		ticket.EventResolve: func() ticket.Input {
			return ticket.ResolveInput{Outcome: rapid.SampledFrom([]ticket.Outcome{ticket.Solved, ticket.Explained}).Draw(t, "outcome"), Result: "办了"}
		},
		ticket.EventConfirm: func() ticket.Input { return ticket.ConfirmInput{Satisfaction: rapid.IntRange(1, 5).Draw(t, "stars")} },
		ticket.EventDispute: func() ticket.Input { return ticket.DisputeInput{Missing: "没办"} },
		ticket.EventRequestSuspension: func() ticket.Input {
			return ticket.RequestSuspensionInput{Condition: "等", ReviewDate: date("2024-06-03")}
		},
		ticket.EventDecideSuspension: func() ticket.Input { return ticket.DecideInput{Approve: yes.Draw(t, "approve"), Text: "议过"} },
		ticket.EventReopen:           func() ticket.Input { return ticket.ReasonInput{Reason: "又坏了"} },
		ticket.EventCallback: func() ticket.Input {
			solved := yes.Draw(t, "solved")
			return ticket.CallbackInput{Reached: true, Solved: &solved, Said: "问过"}
		},
	}
	for _, event := range []ticket.Event{ticket.EventAccept, ticket.EventClaim, ticket.EventResume} {
		inputs[event] = func() ticket.Input { return nil }
	}
	type move struct {
		actor ticket.Actor
		event ticket.Event
	}
	var onward, sideways, away []move
	for _, actor := range []ticket.Actor{theDesk, headOf(1), headOf(2), headOf(3), ownerOf(1)} {
		view, err := d.Ticket(context.Background(), actor, id)
		if err != nil {
			continue // out of sight
		}
		for _, event := range view.Actions {
			switch event {
			case ticket.EventAccept, ticket.EventDispatch, ticket.EventClaim, ticket.EventReportIn, ticket.EventConclude, ticket.EventResolve, ticket.EventConfirm:
				onward = append(onward, slices.Repeat([]move{{actor, event}}, 12)...)
			case ticket.EventReject, ticket.EventWithdraw, ticket.EventMerge:
				away = append(away, move{actor, event})
			default:
				if inputs[event] != nil {
					sideways = append(sideways, slices.Repeat([]move{{actor, event}}, 2)...)
				}
			}
		}
	}
	moves := slices.Concat(onward, sideways, away) // what stands first is drawn more often
	if len(moves) == 0 {
		return nil
	}
	drawn := rapid.SampledFrom(moves).Draw(t, "move")
	event := drawn.event
	var in ticket.Input
	if fill, ok := inputs[event]; ok {
		in = fill()
	}
	_, err := d.Fire(context.Background(), drawn.actor, id, service.Command{Event: event, Input: in})
	var refused *ticket.Error
	if errors.As(err, &refused) {
		return nil
	}
	return err
}

// clockwork is what replaying needs.
type clockwork struct {
	calendar *worktime.Calendar
}

func (c clockwork) Policy(version int) (ticket.Policy, error) {
	return ticket.Policy{Version: version, Rules: ticket.DefaultRules()}, nil
}

func (c clockwork) Calendar(int) (*worktime.Calendar, error) { return c.calendar, nil }

// asOf replays every ticket up to a moment.
func (d *district) asOf(ids []string, asOf time.Time, world ticket.World) ([]*ticket.Ticket, error) {
	var tickets []*ticket.Ticket
	for _, id := range ids {
		history, _, err := d.History(context.Background(), ticket.System, id)
		if err != nil {
			return nil, err
		}
		var lines []*ticket.Line
		for _, l := range history {
			if !l.At.After(asOf) {
				lines = append(lines, l.Line)
			}
		}
		if len(lines) == 0 {
			continue
		}
		t, err := ticket.Replay(lines, world)
		if err != nil {
			return nil, err
		}
		tickets = append(tickets, t)
	}
	return tickets, nil
}

func TestFiguresEqualANaiveCount(t *testing.T) {
	testkit.LongForRace(t)
	calendar, err := worktime.New(1, beijing, worktime.DefaultShifts(), worktime.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	world := ticket.World{Policies: clockwork{calendar}, Calendars: clockwork{calendar}}
	onBoth(t, func(t *testing.T, d *district) {
		var ids []string // each round adds to the same district
		rapid.Check(t, func(rt *rapid.T) {
			ctx := context.Background()
			for range rapid.IntRange(0, 3).Draw(rt, "tickets") {
				filed, err := d.File(ctx, ownerOf(1), ticket.SubmitInput{Title: "缺工人", Description: "招不到工人", Category: "labour"})
				if err != nil {
					rt.Fatal(err)
				}
				ids = append(ids, filed.ID)
			}
			for range rapid.IntRange(5, 25).Draw(rt, "events") {
				if len(ids) == 0 {
					return
				}
				d.clock.Advance(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 1, 2, 3, 10, 100}).Draw(rt, "hours")) * time.Hour)
				recent := ids[max(0, len(ids)-3):]
				if err := chance(rt, d, rapid.SampledFrom(recent).Draw(rt, "ticket"), recent); err != nil {
					rt.Fatal(err)
				}
			}
			now := d.Now()
			asOf := now.Add(-time.Duration(rapid.IntRange(0, 500).Draw(rt, "back")) * time.Hour)
			from := worktime.DateOf(asOf.In(beijing)).AddDays(-rapid.IntRange(0, 60).Draw(rt, "days"))
			to := worktime.DateOf(asOf.In(beijing)).AddDays(rapid.IntRange(-10, 1).Draw(rt, "to"))
			if to.Before(from) {
				to = from
			}
			report, err := d.Figures(ctx, theLeader, service.FiguresQuery{From: from, To: to, AsOf: asOf, By: figures.ByDepartment})
			if err != nil {
				rt.Fatal(err)
			}
			tickets, err := d.asOf(ids, asOf, world)
			if err != nil {
				rt.Fatal(err)
			}
			want := &figures.Report{Total: naive(tickets, "", from, to, asOf)}
			counted := &figures.Report{Total: report.Total}
			for _, g := range report.Groups {
				if g.Key != figures.NoKey {
					counted.Groups = append(counted.Groups, g)
					want.Groups = append(want.Groups, figures.Group{Key: g.Key, Counts: naive(tickets, g.Key, from, to, asOf)})
				}
			}
			for _, difference := range figures.Differences(want, counted) {
				rt.Errorf("%s to %s as of %s: %s of %q is %s by hand, %s by the database", from, to, asOf, difference.Figure, difference.Group, difference.Was, difference.Is)
			}
		})
		if report := d.recount(); !report.OK() {
			t.Errorf("recount: %v %v %v", report.Faults, report.Drifts, report.Figures)
		}
		if report := d.verify(); !report.OK() {
			t.Errorf("verify: %v", report.Faults)
		}
	})
}
