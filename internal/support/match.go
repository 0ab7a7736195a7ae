package support

import (
	"cmp"
	"slices"

	"whistle/internal/phrase"
	"whistle/internal/worktime"
)

// Facts are what a policy resource is held against: an enterprise, and what a
// ticket or a need of it is about.
type Facts struct {
	Kind       string
	Places     []string // its place and those that it is part of
	Chains     []string
	Tags       []string
	Categories []string // of the matter; nil when it is about the enterprise alone
}

// By is what of an enterprise or a matter meets a condition.
type By string

// The conditions there are.
const (
	ByChain    By = "chain"
	ByTag      By = "tag"
	ByKind     By = "kind"
	ByPlace    By = "place"
	ByCategory By = "category"
)

// Ground is one condition that is met, by what.
type Ground struct {
	By    By
	Value string // an id, a tag or a code
}

// Proposal is a policy resource that fits, and why.
type Proposal struct {
	Policy  *PolicyResource
	Score   int // only to be compared with others'
	Grounds []Ground
}

// weights are how much each condition says: what is asked for by name more than
// what many are.
var weights = map[By]int{ByCategory: 5, ByTag: 4, ByChain: 3, ByKind: 2, ByPlace: 1}

// Match finds the policy resources that fit on a day, the most fitting first.
// A condition on the category is held only against a matter; an enterprise by
// itself meets any.
func Match(facts Facts, day worktime.Date, policies []PolicyResource) []Proposal {
	var proposals []Proposal
	for i := range policies {
		if one, fits := match(facts, day, &policies[i]); fits {
			proposals = append(proposals, one)
		}
	}
	slices.SortStableFunc(proposals, func(a, b Proposal) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Policy.Code, b.Policy.Code))
	})
	return proposals
}

func match(facts Facts, day worktime.Date, p *PolicyResource) (Proposal, bool) {
	one := Proposal{Policy: p}
	if !p.Valid(day) {
		return one, false
	}
	conditions := []struct {
		by         By
		asked, has []string
	}{
		{ByCategory, p.Categories, facts.Categories},
		{ByChain, p.Chains, facts.Chains},
		{ByTag, p.Tags, facts.Tags},
		{ByKind, p.Kinds, []string{facts.Kind}},
		{ByPlace, p.Places, facts.Places},
	}
	for _, c := range conditions {
		if len(c.asked) == 0 || c.by == ByCategory && facts.Categories == nil {
			continue
		}
		met := false
		for _, value := range c.asked {
			if slices.Contains(c.has, value) {
				met = true
				one.Score += weights[c.by]
				one.Grounds = append(one.Grounds, Ground{c.by, value})
			}
		}
		if !met {
			return one, false
		}
	}
	return one, true
}

// Reason says why a policy resource fits and how long; name is what a ground is
// called.
func (p Proposal) Reason(name func(Ground) any) phrase.Phrase {
	why := phrase.Word("open to every enterprise")
	for i, g := range p.Grounds {
		if i == 0 {
			why = phrase.Of("fits: %s", name(g))
			continue
		}
		why = phrase.Of("%s and %s", why, name(g))
	}
	if p.Policy.ValidTo == nil {
		return phrase.Of("%s; valid without an end", why)
	}
	return phrase.Of("%s; valid till %s", why, p.Policy.ValidTo.String())
}
