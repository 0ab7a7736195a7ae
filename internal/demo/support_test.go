package demo_test

import (
	"slices"
	"testing"
	"time"

	"whistle/internal/demo"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/support"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// TestYearOfSupport: the figures of 2022 are the article's, and each is the sum
// of its rows.
func TestYearOfSupport(t *testing.T) {
	w := year(t)
	from, to := worktime.Date{Year: 2022, Month: time.January, Day: 1}, worktime.Date{Year: 2022, Month: time.December, Day: 31}
	totals, err := w.SupportTotals(t.Context(), ticket.System, from, to)
	if err != nil {
		t.Fatal(err)
	}
	policies, err := w.PolicyResources().List(t.Context(), ticket.System, service.EntryFilter{})
	if err != nil {
		t.Fatal(err)
	}
	documents := map[string]int{}
	for _, p := range policies {
		documents[p.Document]++
	}
	if of := documents["农业龙头企业高质量发展实施意见"] + documents["贷款贴息资金管理办法"] + documents["现代农业发展项目和资金管理办法"]; of != demo.Measures {
		t.Errorf("%d measures: %v", of, documents)
	}
	for _, c := range []struct {
		policy    string
		delivered int // 0 for any
		paid      support.Fen
	}{
		{"现代农业发展项目", demo.FarmProjects, 0},
		{"金陵惠农贷白名单推荐", demo.LoanListed, 0},
		{"龙头企业高质量发展奖励", 0, demo.RewardsFen},
		{"流动资金贷款贴息", 0, demo.InterestFen},
	} {
		i := slices.IndexFunc(totals.ByPolicy, func(p store.Payout) bool { return totals.Names.Of(p.Key) == c.policy })
		if i < 0 {
			t.Errorf("nothing by %s", c.policy)
			continue
		}
		got := totals.ByPolicy[i]
		if got.AmountFen != c.paid || c.delivered > 0 && got.Delivered != c.delivered {
			t.Errorf("%s: %d for %d fen, want %d for %d", c.policy, got.Delivered, got.AmountFen, c.delivered, c.paid)
		}
		rows, err := w.Services().List(t.Context(), ticket.System, service.EntryFilter{Support: service.SupportFilter{PolicyID: got.Key, DeliveredFrom: &from, DeliveredTo: &to}})
		if err != nil {
			t.Fatal(err)
		}
		sum := support.Fen(0)
		for _, r := range rows {
			sum += r.AmountFen
			if r.AmountFen < 0 || c.paid > 0 && r.AmountFen == 0 {
				t.Errorf("%s pays %d", c.policy, r.AmountFen)
			}
		}
		if sum != got.AmountFen || len(rows) != got.Delivered {
			t.Errorf("%s: its rows are %d for %d fen, counted %d for %d", c.policy, len(rows), sum, got.Delivered, got.AmountFen)
		}
	}
	if totals.Total.AmountFen != demo.RewardsFen+demo.InterestFen {
		t.Errorf("paid out in 2022: %d fen", totals.Total.AmountFen)
	}
}
