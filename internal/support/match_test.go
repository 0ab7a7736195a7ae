package support

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whistle/internal/directory"
	"whistle/internal/worktime"
)

func on(text string) *worktime.Date {
	day, err := worktime.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return &day
}

var today = *on("2023-11-01")

func TestMatch(t *testing.T) {
	mill := Facts{Kind: "company", Places: []string{"bridge", "north"}, Chains: []string{"agriculture"}, Tags: []string{"龙头", "规上"}}
	asking := mill
	asking.Categories = []string{"funding"}
	retired := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		facts  Facts
		policy PolicyResource
		reason string // "" where it does not fit
	}{
		"no condition":             {mill, PolicyResource{}, "open to every enterprise; valid without an end"},
		"a chain and a tag":        {mill, PolicyResource{Chains: []string{"agriculture"}, Tags: []string{"龙头"}, ValidTo: on("2024-12-31")}, "fits: agriculture and 龙头; valid till 2024-12-31"},
		"one of several tags":      {mill, PolicyResource{Tags: []string{"专精特新", "规上"}}, "fits: 规上; valid without an end"},
		"every condition counts":   {mill, PolicyResource{Chains: []string{"agriculture"}, Tags: []string{"专精特新"}}, ""},
		"another chain":            {mill, PolicyResource{Chains: []string{"chips"}}, ""},
		"another kind":             {mill, PolicyResource{Kinds: []string{"cooperative"}}, ""},
		"its kind":                 {mill, PolicyResource{Kinds: []string{"cooperative", "company"}}, "fits: company; valid without an end"},
		"what its place is in":     {mill, PolicyResource{Places: []string{"north"}}, "fits: north; valid without an end"},
		"a matter of the category": {asking, PolicyResource{Categories: []string{"funding"}, Tags: []string{"龙头"}}, "fits: funding and 龙头; valid without an end"},
		"a matter of another":      {asking, PolicyResource{Categories: []string{"land"}}, ""},
		"no matter":                {mill, PolicyResource{Categories: []string{"land"}}, "open to every enterprise; valid without an end"},
		"its last day":             {mill, PolicyResource{ValidTo: on("2023-11-01")}, "open to every enterprise; valid till 2023-11-01"},
		"expired":                  {mill, PolicyResource{ValidTo: on("2023-10-31")}, ""},
		"not yet":                  {mill, PolicyResource{ValidFrom: on("2023-11-02")}, ""},
		"retired":                  {mill, PolicyResource{Stamp: directory.Stamp{RetiredAt: &retired}}, ""},
		"its name is mentioned":    {Facts{Texts: []string{"请问贷款贴息怎么申请"}}, PolicyResource{Name: "贷款贴息"}, "open to every enterprise; mentions: 贷款贴息; valid without an end"},
		"its words are mentioned":  {Facts{Kind: "company", Texts: []string{"缺一笔周转资金", "想办 erp"}}, PolicyResource{Name: "贴息", Kinds: []string{"company"}, Words: []string{"ERP", "erp", "周转", "上市"}}, "fits: company; mentions: ERP and 周转; valid without an end"},
		"at most three words":      {Facts{Texts: []string{"甲乙丙丁"}}, PolicyResource{Name: "甲", Words: []string{"乙", "丙", "丁"}}, "open to every enterprise; mentions: 甲 and 乙 and 丙; valid without an end"},
		"words are no condition":   {Facts{Texts: []string{"缺地"}}, PolicyResource{Name: "贴息", Words: []string{"贷款"}}, "open to every enterprise; valid without an end"},
		"nor do they replace one":  {Facts{Texts: []string{"贷款"}}, PolicyResource{Words: []string{"贷款"}, Tags: []string{"龙头"}}, ""},
		"nothing known":            {Facts{}, PolicyResource{Tags: []string{"龙头"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			found := Match(c.facts, today, []PolicyResource{c.policy})
			if fits := len(found) == 1; fits != (c.reason != "") {
				t.Fatalf("fits: %t", fits)
			}
			if c.reason == "" {
				return
			}
			if got := found[0].Reason(func(g Ground) any { return g.Value }).String(); got != c.reason {
				t.Errorf("the reason is %q, want %q", got, c.reason)
			}
		})
	}
}

// TestMatchOrder: what asks for more by name comes first.
func TestMatchOrder(t *testing.T) {
	facts := Facts{Kind: "company", Chains: []string{"a"}, Tags: []string{"t"}, Categories: []string{"c"}, Texts: []string{"贷款贴息"}}
	found := Match(facts, today, []PolicyResource{
		{Code: "any"}, {Code: "kind", Kinds: []string{"company"}}, {Code: "tag", Tags: []string{"t"}}, {Code: "both", Chains: []string{"a"}, Tags: []string{"t"}}, {Code: "category", Categories: []string{"c"}}, {Code: "also any"}, {Code: "words", Words: []string{"贷款", "贴息"}},
	})
	var order []string
	for _, p := range found {
		order = append(order, p.Policy.Code)
	}
	if want := []string{"both", "words", "category", "tag", "kind", "also any", "any"}; !slices.Equal(order, want) {
		t.Errorf("the order is %v, want %v", order, want)
	}
}

func TestExpires(t *testing.T) {
	for last, want := range map[string]bool{"2023-10-31": false, "2023-11-01": true, "2023-12-01": true, "2023-12-02": false} {
		if p := (PolicyResource{ValidTo: on(last)}); p.Expires(today) != want {
			t.Errorf("valid till %s is warned of: %t", last, !want)
		}
	}
	if (&PolicyResource{}).Expires(today) {
		t.Error("what has no end is warned of")
	}
}

// TestMatchProperties: a condition more never lets more fit, what does not hold
// on the day is never proposed, and each ground is one that the facts have.
func TestMatchProperties(t *testing.T) {
	values := []string{"a", "b", "c", "d"}
	some := rapid.SliceOfNDistinct(rapid.SampledFrom(values), 0, 3, rapid.ID[string])
	day := rapid.Custom(func(t *rapid.T) *worktime.Date {
		if rapid.Bool().Draw(t, "open") {
			return nil
		}
		d := today.AddDays(rapid.IntRange(-60, 60).Draw(t, "days"))
		return &d
	})
	rapid.Check(t, func(t *rapid.T) {
		facts := Facts{
			Kind: rapid.SampledFrom(values).Draw(t, "kind"), Places: some.Draw(t, "places"), Chains: some.Draw(t, "chains"), Tags: some.Draw(t, "tags"),
		}
		if rapid.Bool().Draw(t, "about something") {
			facts.Categories = rapid.SliceOfN(rapid.SampledFrom(values), 1, 1).Draw(t, "categories")
		}
		p := PolicyResource{
			ValidFrom: day.Draw(t, "from"), ValidTo: day.Draw(t, "to"),
			Chains: some.Draw(t, "asks chains"), Tags: some.Draw(t, "asks tags"), Kinds: some.Draw(t, "asks kinds"), Places: some.Draw(t, "asks places"), Categories: some.Draw(t, "asks categories"),
		}
		lists := []*[]string{&p.Chains, &p.Tags, &p.Kinds, &p.Places, &p.Categories}
		if added := *rapid.SampledFrom(lists).Draw(t, "condition"); len(added) > 0 {
			asking := Match(facts, today, []PolicyResource{p})
			for _, list := range lists {
				if len(*list) > 0 && slices.Equal(*list, added) {
					*list = nil
					break
				}
			}
			if without := Match(facts, today, []PolicyResource{p}); len(asking) > len(without) {
				t.Fatalf("it fits with a condition, and not without it: %+v", p)
			}
		}
		for _, one := range Match(facts, today, []PolicyResource{p}) {
			if !p.Valid(today) {
				t.Fatalf("proposed although it does not hold: %+v", p)
			}
			for _, g := range one.Grounds {
				has := map[By][]string{ByChain: facts.Chains, ByTag: facts.Tags, ByKind: {facts.Kind}, ByPlace: facts.Places, ByCategory: facts.Categories}
				if !slices.Contains(has[g.By], g.Value) {
					t.Fatalf("the ground %v is none of the facts", g)
				}
			}
		}
	})
}
