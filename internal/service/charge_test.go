package service_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/tabular"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// charged are the ids of a list of what leaders took on, in its order.
func (o *agency) charged(who string, f service.ChargeFilter) []string {
	o.tb.Helper()
	rows, err := o.Charges(o.tb.Context(), o.Actor(o.tb, who), f)
	if err != nil {
		o.tb.Fatal(err)
	}
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	return ids
}

// TestOnlyVerificationCloses: no event but the enterprise's word or a callback
// leads into closed, whoever took the ticket under their name.
func TestOnlyVerificationCloses(t *testing.T) {
	for _, def := range ticket.Workflow() {
		for _, row := range def.Rows {
			if row.To == ticket.Closed && def.Event != ticket.EventConfirm && def.Event != ticket.EventCallback {
				t.Errorf("%s closes a ticket", def.Event)
			}
		}
	}
}

// TestCharges: what a leader took stays open under the name until the
// enterprise's word is had, and each reader's list holds what they see.
func TestCharges(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		ctx := t.Context()
		o.Join(t, "other-leader", ticket.RoleLeader, "")
		hard, other := o.led("难事", "land"), o.led("另一件", "labour")
		o.led("没人领办", "land")
		o.does("land-officer", hard, ticket.EventClaim, nil)
		o.Clock.Advance(time.Hour)
		taken := o.Clock.Now()
		o.does("leader", hard, ticket.EventTakeCharge, ticket.TextInput{Text: "我来抓"})
		o.Clock.Advance(time.Hour)
		o.does("other-leader", other, ticket.EventTakeCharge, ticket.TextInput{Text: "我来抓"})
		o.does("land-officer", hard, ticket.EventProgress, ticket.ProgressInput{Text: "已去现场"})
		o.does("land-officer", hard, ticket.EventProgress, ticket.ProgressInput{Text: "图纸已改"})

		for who, want := range map[string][]string{
			"leader": {hard, other}, "other-leader": {other, hard}, "desk": {other, hard}, "land-head": {hard}, "lead-officer": {other}, "tax-head": nil,
		} {
			if got := o.charged(who, service.ChargeFilter{}); !slices.Equal(got, want) {
				t.Errorf("%s reads %v, want %v", who, got, want)
			}
		}
		for _, who := range []string{"own", "admin", "guest"} {
			if _, err := o.Charges(ctx, o.Actor(t, who), service.ChargeFilter{}); refusal(err) != ticket.CodeForbidden {
				t.Errorf("%s: %v", who, err)
			}
		}
		rows, err := o.Charges(ctx, o.Actor(t, "leader"), service.ChargeFilter{LeaderID: o.Users["leader"].ID})
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		if row := rows[0]; row.Progress.Text != "图纸已改" || row.Progress.By != o.Users["land-officer"].ID || !row.Since.Equal(taken) || row.Unanswered() != 1 {
			t.Errorf("%+v since %s, %d unanswered", row.Progress, row.Since, row.Unanswered())
		}

		count := func(want figures.Ratio, open, closed, confirmed int) {
			t.Helper()
			n, err := o.CountCharges(ctx, o.Actor(t, "leader"), service.ChargeFilter{})
			if err != nil || n.Solved != want || n.Parts["open"] != open || n.Parts["closed"] != closed || n.Parts["confirmed"] != confirmed {
				t.Errorf("%+v, %v; want %v, %d open, %d closed", n, err, want, open, closed)
			}
		}
		count(figures.Ratio{Denominator: 2}, 2, 0, 0)
		o.does("land-officer", hard, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "办好了"})
		count(figures.Ratio{Denominator: 2}, 2, 0, 0) // the department's word does not count
		o.does("own", hard, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5})
		count(figures.Ratio{Numerator: 1, Denominator: 2}, 1, 1, 1)
		for part, want := range map[service.ChargePart][]string{"open": {other}, "closed": {hard}, "solved": {hard}, "confirmed": {hard}, "callback": nil, "counted": {hard, other}} {
			if got := o.charged("leader", service.ChargeFilter{Part: part}); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", part, got, want)
			}
		}
		// Withdrawn after its dispatch it stays in the denominator.
		o.does("own", other, ticket.EventWithdraw, ticket.ReasonInput{Reason: "不办了"})
		count(figures.Ratio{Numerator: 1, Denominator: 2}, 0, 1, 1)

		if got := o.charged("desk", service.ChargeFilter{TakenBefore: taken.Add(time.Minute)}); !slices.Equal(got, []string{hard}) {
			t.Errorf("taken before: %v", got)
		}
		if got := o.charged("desk", service.ChargeFilter{TakenFrom: taken.Add(time.Minute)}); !slices.Equal(got, []string{other}) {
			t.Errorf("taken since: %v", got)
		}
		// Page by page it is the same list.
		first, err := o.Charges(ctx, o.Actor(t, "other-leader"), service.ChargeFilter{Limit: 1})
		if err != nil || len(first) != 1 {
			t.Fatal(first, err)
		}
		if got := o.charged("other-leader", service.ChargeFilter{After: &first[0].Position}); !slices.Equal(append([]string{first[0].ID}, got...), o.charged("other-leader", service.ChargeFilter{})) {
			t.Errorf("after the first: %v", got)
		}
		var table strings.Builder
		if n, err := o.ExportCharges(ctx, o.Actor(t, "leader"), service.ChargeFilter{}, service.ExportTo{W: &table, Format: tabular.CSV, Language: text.Chinese}); n != 2 || err != nil || !strings.Contains(table.String(), "企业确认") {
			t.Errorf("%d rows, %v: %s", n, err, table.String())
		}
	})
}

// TestConfidentialChargesStayHidden: a trade secret is in no list, count or
// choice of whoever does not see the ticket.
func TestConfidentialChargesStayHidden(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		ctx := t.Context()
		secret, err := o.File(ctx, o.Actor(t, "own"), ticket.SubmitInput{Title: "配方", Description: "配方", Category: "labour", Confidential: true})
		if err != nil {
			t.Fatal(err)
		}
		o.does("desk", secret.ID, ticket.EventAccept, nil)
		o.does("desk", secret.ID, ticket.EventDispatch, ticket.DispatchInput{LeadID: o.Departments["land"]})
		o.does("leader", secret.ID, ticket.EventTakeCharge, ticket.TextInput{Text: "我来抓"})
		o.does("land-head", secret.ID, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "不归我们管"})
		for who, want := range map[string]int{"leader": 1, "desk": 1, "land-head": 0, "manager": 0, "tax-officer": 0} {
			n, err := o.CountCharges(ctx, o.Actor(t, who), service.ChargeFilter{})
			if err != nil {
				t.Fatal(err)
			}
			leaders, err := o.ChargeLeaders(ctx, o.Actor(t, who))
			if err != nil {
				t.Fatal(err)
			}
			if listed := len(o.charged(who, service.ChargeFilter{})); listed != want || int(n.Solved.Denominator) != want || len(leaders) != want {
				t.Errorf("%s: %d listed, %d counted, %d leaders; want %d", who, listed, n.Solved.Denominator, len(leaders), want)
			}
		}
	})
}
