package support

import (
	"cmp"
	"slices"
	"strings"

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
	Texts      []string // what was written of the matter, or of what the enterprise needs
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
	ByWord     By = "word" // no condition: what is written mentions it
)

// Ground is one condition that is met, by what; or a word that is mentioned.
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
var weights = map[By]int{ByCategory: 5, ByTag: 4, ByChain: 3, ByWord: 3, ByKind: 2, ByPlace: 1}

// mostMentioned is how many words of a policy resource count, so that a long
// list of them does not outweigh what fits.
const mostMentioned = 3

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
	for _, word := range p.mentioned(facts.Texts) {
		one.Score += weights[ByWord]
		one.Grounds = append(one.Grounds, Ground{ByWord, word})
	}
	return one, true
}

// mentioned are the first of its name and its words that stand in one of the
// texts, whether in capitals or not.
func (p *PolicyResource) mentioned(texts []string) []string {
	var found []string
	for _, word := range append([]string{p.Name}, p.Words...) {
		small := strings.ToLower(word)
		if len(found) == mostMentioned || small == "" || slices.ContainsFunc(found, func(had string) bool { return strings.EqualFold(had, word) }) {
			continue
		}
		if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), small) }) {
			found = append(found, word)
		}
	}
	return found
}

// Helps says whether it is proposed for the matter itself: it is for matters of
// that category, or what is written of the matter mentions it.
func (p Proposal) Helps() bool {
	return slices.ContainsFunc(p.Grounds, func(g Ground) bool { return g.By == ByCategory || g.By == ByWord })
}

// Reason says why a policy resource fits and how long; name is what a ground is
// called.
func (p Proposal) Reason(name func(Ground) any) phrase.Phrase {
	var fits, mentions any
	for _, g := range p.Grounds {
		list := &fits
		if g.By == ByWord {
			list = &mentions
		}
		if *list == nil {
			*list = name(g)
			continue
		}
		*list = phrase.Of("%s and %s", *list, name(g))
	}
	why := phrase.Word("open to every enterprise")
	if fits != nil {
		why = phrase.Of("fits: %s", fits)
	}
	if mentions != nil {
		why = phrase.Of("%s; mentions: %s", why, mentions)
	}
	if p.Policy.ValidTo == nil {
		return phrase.Of("%s; valid without an end", why)
	}
	return phrase.Of("%s; valid till %s", why, p.Policy.ValidTo.String())
}
