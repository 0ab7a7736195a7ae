package service

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"whistle/internal/directory"
	"whistle/internal/search"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// Proposals is what the service suggests for a ticket that is to be
// dispatched. A person decides.
type Proposals struct {
	Departments []DepartmentProposal // the most fitting first; at most five
	Categories  []CategoryProposal   // the most likely first; empty when nothing is alike
	Similar     []SimilarTicket      // the most alike first; at most ten
	Policies    []PolicyProposal     // that help with a matter of the category, the most fitting first; at most five
}

// DepartmentProposal is a department that may be the one, and why.
type DepartmentProposal struct {
	Department directory.Department
	Score      float64 // only to be compared with the others'
	Reasons    []ProposalReason
}

// ReasonKind says what kind of ground a proposal has.
type ReasonKind string

// The grounds.
const (
	ByDuty    ReasonKind = "duty"      // the duty catalogue names it for the category: Basis, and Words of it that the ticket has
	ByPast    ReasonKind = "past"      // Count of Of dispatches of the category in PastDays went there
	ByPlace   ReasonKind = "place"     // the same of the ticket's place
	BySimilar ReasonKind = "similar"   // Count similar tickets are or were led there: Tickets
	ByOrder   ReasonKind = "order"     // it answers for the service that is ordered by the ticket
	GaveBack  ReasonKind = "gave_back" // it returned this ticket before; speaks against it
)

// ProposalReason is one ground of a proposal.
type ProposalReason struct {
	Kind    ReasonKind
	Basis   string   // of a duty; may be ""
	Words   []string // that both have
	Count   int
	Of      int
	Tickets []SimilarTicket
}

// CategoryProposal is a category that the ticket may belong to, with the
// similar tickets that speak for it.
type CategoryProposal struct {
	Category string
	Name     string
	Share    float64 // of the likeness of all similar tickets, from 0 to 1
	Tickets  []SimilarTicket
}

// SimilarTicket is a ticket that may be of the same matter.
type SimilarTicket struct {
	*TicketView
	Likeness       float64  // from 0, nothing in common, to 1, the same words
	Words          []string // the most telling phrases that they have in common
	SameEnterprise bool
}

const (
	// PastDays is how far back proposals look at dispatches.
	PastDays = 90

	kinOfEach      = 250
	similarAtMost  = 10
	proposedAtMost = 5
	// A ticket counts as similar from this likeness; one of the same enterprise
	// that is open, from less.
	likeEnough, likeEnoughAtHome = 0.15, 0.05
	// comparedRunes is how much of a description is compared.
	comparedRunes = 600
	wordsAtMost   = 4
	// orderScore is more than all other grounds together give.
	orderScore  = 20
	phraseRunes = 16
)

// Proposals suggests to the desk where a ticket belongs.
func (s *Service) Proposals(ctx context.Context, actor ticket.Actor, id string) (*Proposals, error) {
	if actor.Role != ticket.RoleDispatcher {
		return nil, ticket.Errorf(ticket.CodeForbidden, "Only the desk dispatches.")
	}
	t, err := s.store.Ticket(ctx, actor, id)
	if err != nil {
		return nil, problem(err, "ticket")
	}
	p := &Proposals{}
	if p.Similar, err = s.similar(ctx, actor, t); err != nil {
		return nil, err
	}
	if p.Categories, err = s.categoriesOf(ctx, p.Similar); err != nil {
		return nil, err
	}
	if p.Departments, err = s.departmentsFor(ctx, t, p.Similar); err != nil {
		return nil, err
	}
	p.Policies, err = s.policiesForTicket(ctx, t)
	p.Policies = p.Policies[:min(len(p.Policies), policiesAtMost)]
	return p, err
}

// compared is the text by which a ticket is compared.
func compared(title, description string) string {
	if runes := []rune(description); len(runes) > comparedRunes {
		description = string(runes[:comparedRunes])
	}
	return title + " " + description
}

// termSet are the terms of a text, without single characters, which say little.
func termSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, term := range search.Terms(text) {
		if len([]rune(term)) > 1 {
			set[term] = true
		}
	}
	return set
}

// similar finds the tickets of the same matter. What two tickets share counts
// the more, the fewer of the others have it.
func (s *Service) similar(ctx context.Context, actor ticket.Actor, t *ticket.Ticket) ([]SimilarTicket, error) {
	kin, err := s.store.Kin(ctx, actor, t, kinOfEach)
	if err != nil || len(kin) == 0 {
		return nil, err
	}
	text := compared(t.Title, t.Description)
	own := termSet(text)
	sets := make([]map[string]bool, len(kin))
	having := map[string]int{}
	for i, k := range kin {
		sets[i] = termSet(compared(k.Title, k.Description))
		for term := range sets[i] {
			having[term]++
		}
	}
	weight := func(term string) float64 { return math.Log(1 + float64(len(kin)+1)/float64(having[term]+1)) }
	found := map[string]SimilarTicket{}
	var order []string
	for i, k := range kin {
		one := SimilarTicket{SameEnterprise: k.EnterpriseID == t.EnterpriseID}
		one.Likeness = likeness(own, sets[i], weight)
		if one.Likeness >= likeEnough || one.SameEnterprise && k.State.Open() && one.Likeness >= likeEnoughAtHome {
			one.Words = shared(text, sets[i], weight)
			found[k.ID], order = one, append(order, k.ID)
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(found[b].Likeness, found[a].Likeness) })
	order = order[:min(len(order), similarAtMost)]
	if len(order) == 0 {
		return nil, nil
	}
	views, err := s.Tickets(ctx, actor, TicketFilter{IDs: order})
	if err != nil {
		return nil, err
	}
	var all []SimilarTicket
	for _, id := range order {
		for _, v := range views {
			if v.ID == id {
				one := found[id]
				one.TicketView = v
				all = append(all, one)
			}
		}
	}
	return all, nil
}

// likeness is by how much two sets of terms are one, each term by its weight.
func likeness(a, b map[string]bool, weight func(string) float64) float64 {
	common, all := 0.0, 0.0
	for term := range a {
		all += weight(term)
		if b[term] {
			common += weight(term)
		}
	}
	for term := range b {
		if !a[term] {
			all += weight(term)
		}
	}
	if all == 0 {
		return 0
	}
	return common / all
}

// shared are the phrases of a text that another has too, by its terms, the
// weightiest first. Terms of Chinese are pairs that overlap: what goes on from
// one to the next is one phrase.
func shared(text string, other map[string]bool, weight func(string) float64) []string {
	type phrase struct {
		runes  []rune
		weight float64
		last   string // the last term; "" when the phrase has ended
	}
	var phrases []*phrase
	now := &phrase{}
	for _, term := range search.Terms(text) {
		pair := []rune(term)
		if !other[term] {
			now = &phrase{}
			continue
		}
		before := []rune(now.last)
		goesOn := len(pair) == 2 && len(before) == 2 && before[1] == pair[0] && len(now.runes) < phraseRunes
		if goesOn {
			now.runes = append(now.runes, pair[1])
		} else {
			now = &phrase{runes: pair}
			phrases = append(phrases, now)
		}
		now.weight, now.last = now.weight+weight(term), term
	}
	slices.SortStableFunc(phrases, func(a, b *phrase) int { return cmp.Compare(b.weight, a.weight) })
	var words []string
	for _, p := range phrases {
		if word := string(p.runes); len(words) < wordsAtMost && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

func (s *Service) categoriesOf(ctx context.Context, similar []SimilarTicket) ([]CategoryProposal, error) {
	if len(similar) == 0 {
		return nil, nil
	}
	names, err := s.store.CategoryNames(ctx)
	if err != nil {
		return nil, err
	}
	var proposals []CategoryProposal
	total := 0.0
	for _, one := range similar {
		i := slices.IndexFunc(proposals, func(p CategoryProposal) bool { return p.Category == one.Category })
		if i < 0 {
			i = len(proposals)
			proposals = append(proposals, CategoryProposal{Category: one.Category, Name: names[one.Category]})
		}
		proposals[i].Share += one.Likeness
		proposals[i].Tickets = append(proposals[i].Tickets, one)
		total += one.Likeness
	}
	for i := range proposals {
		proposals[i].Share /= total
	}
	slices.SortStableFunc(proposals, func(a, b CategoryProposal) int { return cmp.Compare(b.Share, a.Share) })
	return proposals, nil
}

// departmentsFor weighs the grounds on which a department may be the one: what
// the catalogue says weighs most.
func (s *Service) departmentsFor(ctx context.Context, t *ticket.Ticket, similar []SimilarTicket) ([]DepartmentProposal, error) {
	duties, err := store.Entries[directory.Duty](ctx, s.store, EntryFilter{Category: t.Category})
	if err != nil {
		return nil, err
	}
	handed, err := s.store.HandedTo(ctx, t.Category, t.PlaceID, s.clock.Now().Add(-PastDays*24*time.Hour))
	if err != nil {
		return nil, err
	}
	weighed := map[string]*DepartmentProposal{}
	var ids []string
	speak := func(id string, score float64, reason ProposalReason) {
		if weighed[id] == nil {
			weighed[id] = &DepartmentProposal{}
			ids = append(ids, id)
		}
		weighed[id].Score += score
		weighed[id].Reasons = append(weighed[id].Reasons, reason)
	}
	ordered, err := s.store.OrderedPolicy(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	if ordered != nil {
		speak(ordered.Answers(), orderScore, ProposalReason{Kind: ByOrder})
	}
	own := termSet(compared(t.Title, t.Description))
	for _, d := range duties {
		// How much of the basis the ticket has, whatever else it says.
		basis := termSet(d.Basis)
		alike := func(term string) float64 {
			if basis[term] {
				return 1
			}
			return 0
		}
		speak(d.DepartmentID, 2+likeness(basis, own, alike), ProposalReason{Kind: ByDuty, Basis: d.Basis, Words: shared(d.Basis, own, alike)})
	}
	all, inPlace := 0, 0
	for _, h := range handed {
		all, inPlace = all+h.Count, inPlace+h.InPlace
	}
	for _, h := range handed {
		kept := float64(h.Count - h.Returned)
		speak(h.DepartmentID, kept/float64(all), ProposalReason{Kind: ByPast, Count: h.Count, Of: all})
		if h.InPlace > 0 {
			speak(h.DepartmentID, float64(h.InPlace)/float64(inPlace), ProposalReason{Kind: ByPlace, Count: h.InPlace, Of: inPlace})
		}
	}
	likenesses := 0.0
	led := map[string][]SimilarTicket{}
	for _, one := range similar {
		if one.LeadID != "" {
			likenesses += one.Likeness
			led[one.LeadID] = append(led[one.LeadID], one)
		}
	}
	for id, some := range led {
		share := 0.0
		for _, one := range some {
			share += one.Likeness / likenesses
		}
		speak(id, share, ProposalReason{Kind: BySimilar, Count: len(some), Of: len(similar), Tickets: some})
	}
	for _, former := range t.FormerLeads {
		speak(former.DepartmentID, -10, ProposalReason{Kind: GaveBack})
	}
	departments, err := s.store.Departments(ctx, ids)
	if err != nil {
		return nil, err
	}
	var proposals []DepartmentProposal
	for _, d := range departments {
		if d.Dispatchable && !d.Retired() {
			one := weighed[d.ID]
			one.Department = d
			proposals = append(proposals, *one)
		}
	}
	slices.SortFunc(proposals, func(a, b DepartmentProposal) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Department.Code, b.Department.Code))
	})
	return proposals[:min(len(proposals), proposedAtMost)], nil
}
