package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/phrase"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// NewPolicy is what a version of the clocks' lengths is made from.
type NewPolicy struct {
	Name          string        `json:"name" minLength:"1" maxLength:"100" pattern:"\\S" doc:"Unique"`
	Rules         []ticket.Rule `json:"rules" minItems:"1" maxItems:"200" doc:"The length of each clock; the rule that names more wins, a category before an urgency"`
	EffectiveFrom *time.Time    `json:"effective_from,omitempty" doc:"Tickets filed from then on run under it; not in the past. Left out: only tickets that are given it by name, as imports do"`
}

// Policies lists every version, newest first.
func (s *Service) Policies(ctx context.Context) ([]directory.Policy, error) {
	return s.store.Policies(ctx)
}

// PolicyView is a version of the clocks' lengths as people read it.
type PolicyView struct {
	directory.Policy
	State PolicyState
	Until *time.Time // when another took or takes its place; nil for never so far
	Names *Names     // of who made it and of the categories
}

// PolicyState tells where a version stands.
type PolicyState string

// Where a version may stand.
const (
	PolicyInEffect PolicyState = "in_effect" // tickets filed now run under it
	PolicyUpcoming PolicyState = "upcoming"
	PolicyPast     PolicyState = "past"    // only tickets that were filed under it
	PolicyByName   PolicyState = "by_name" // only tickets that are given it by name
)

// PolicyList tells of every version, newest first, from when until when tickets
// are filed under it.
func (s *Service) PolicyList(ctx context.Context) ([]PolicyView, error) {
	all, err := s.store.Policies(ctx)
	if err != nil {
		return nil, err
	}
	now, names := s.clock.Now(), newNames()
	names.categories = true
	views := make([]PolicyView, len(all))
	for i, p := range all {
		names.add(store.Users, p.CreatedBy)
		views[i] = PolicyView{Policy: p, State: PolicyByName, Names: names}
		if p.EffectiveFrom == nil {
			continue
		}
		for _, other := range all {
			if other.EffectiveFrom == nil || other.Version == p.Version {
				continue
			}
			// Of two from the same moment on the newer holds.
			later := other.EffectiveFrom.After(*p.EffectiveFrom) || other.EffectiveFrom.Equal(*p.EffectiveFrom) && other.Version > p.Version
			if later && (views[i].Until == nil || other.EffectiveFrom.Before(*views[i].Until)) {
				views[i].Until = other.EffectiveFrom
			}
		}
		switch until := views[i].Until; {
		case p.EffectiveFrom.After(now):
			views[i].State = PolicyUpcoming
		case until != nil && !until.After(now):
			views[i].State = PolicyPast
		default:
			views[i].State = PolicyInEffect
		}
	}
	return views, names.load(ctx, s.store)
}

// RuleChange is the length of a clock that two versions give otherwise. An
// empty category or urgency means any.
type RuleChange struct {
	Clock         ticket.ClockName
	Category      string
	Urgency       ticket.Urgency
	Before, After *ticket.Length // nil where the version has no such rule
}

// ComparePolicies tells in which rules one version differs from another, clock
// by clock.
func (s *Service) ComparePolicies(ctx context.Context, from, to int) ([]RuleChange, error) {
	before, err := s.Policy(ctx, from)
	if err != nil {
		return nil, err
	}
	after, err := s.Policy(ctx, to)
	if err != nil {
		return nil, err
	}
	return ruleChanges(before.Rules, after.Rules), nil
}

func ruleChanges(before, after []ticket.Rule) []RuleChange {
	lengthOf := func(rules []ticket.Rule, of ticket.Rule) *ticket.Length {
		for _, r := range rules {
			if r.Clock == of.Clock && r.Category == of.Category && r.Urgency == of.Urgency {
				return &r.Length
			}
		}
		return nil
	}
	var changes []RuleChange
	seen := map[ticket.Rule]bool{}
	for _, r := range slices.Concat(after, before) {
		r.Length = ticket.Length{}
		if seen[r] {
			continue
		}
		seen[r] = true
		was, is := lengthOf(before, r), lengthOf(after, r)
		if was == nil || is == nil || *was != *is {
			changes = append(changes, RuleChange{r.Clock, r.Category, r.Urgency, was, is})
		}
	}
	slices.SortStableFunc(changes, func(a, b RuleChange) int { return strings.Compare(string(a.Clock), string(b.Clock)) })
	return changes
}

// Policy reads one version.
func (s *Service) Policy(ctx context.Context, version int) (directory.Policy, error) {
	p, err := s.store.Policy(ctx, version)
	return p, problem(err, "policy")
}

// CreatePolicy adds a version. Running tickets keep theirs, and no version is
// ever changed.
func (s *Service) CreatePolicy(ctx context.Context, actor ticket.Actor, in NewPolicy) (directory.Policy, error) {
	in.Name = strings.TrimSpace(in.Name)
	if err := checkForm(in); err != nil {
		return directory.Policy{}, err
	}
	if !administers(actor) {
		return directory.Policy{}, ticket.Errorf(ticket.CodeForbidden, "You may not make policies.")
	}
	made := directory.Policy{Name: in.Name, Rules: in.Rules, EffectiveFrom: in.EffectiveFrom, CreatedBy: actor.ID, CreatedAt: s.clock.Now()}
	err := s.InTx(ctx, func(ctx context.Context) error {
		if err := s.checkPolicy(ctx, in); err != nil {
			return err
		}
		if err := s.store.InsertPolicy(ctx, &made); err != nil {
			return tooLateFor(err, "the policies")
		}
		return s.audit(ctx, actor, auditCreate, "policy", fmt.Sprint(made.Version), nil, in)
	})
	return made, err
}

// EnsurePolicy finds the policy of a name, or makes one that holds only for
// tickets that are given it. It is refused when the name stands for other
// rules.
func (s *Service) EnsurePolicy(ctx context.Context, actor ticket.Actor, name string, rules []ticket.Rule) (directory.Policy, error) {
	there, err := s.store.PolicyByName(ctx, name)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return s.CreatePolicy(ctx, actor, NewPolicy{Name: name, Rules: rules})
	case err != nil:
		return there, err
	case !slices.Equal(there.Rules, rules):
		return there, ticket.InvalidValues([]ticket.Field{{Pointer: "/name", Message: "is the name of a policy with other rules; choose another"}})
	}
	return there, nil
}

// checkPolicy holds a policy to come against the rules on its values.
func (s *Service) checkPolicy(ctx context.Context, in NewPolicy) error {
	faults := ticket.Policy{Rules: in.Rules}.Check()
	fault := func(pointer, message string) {
		faults = append(faults, ticket.Field{Pointer: pointer, Message: message})
	}
	switch _, err := s.store.PolicyByName(ctx, in.Name); {
	case err == nil:
		fault("/name", "is taken; a policy is never changed, so give the new version another name")
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	start := s.clock.Now()
	if in.EffectiveFrom != nil {
		if in.EffectiveFrom.Before(start) {
			fault("/effective_from", "must not be in the past: tickets filed since run under another policy")
		} else {
			start = *in.EffectiveFrom
		}
	}
	version, err := s.store.CalendarVersion(ctx)
	if err != nil {
		return err
	}
	calendar, err := s.world(ctx).Calendar(version)
	if err != nil {
		return err
	}
	for i, rule := range in.Rules {
		if rule.Category != "" {
			switch _, err := s.store.Category(ctx, rule.Category); {
			case errors.Is(err, store.ErrNotFound):
				fault(fmt.Sprintf("/rules/%d/category", i), "is no category; see /categories")
			case err != nil:
				return err
			}
		}
		if _, err := rule.From(calendar, start); err != nil {
			fault(fmt.Sprintf("/rules/%d", i), "cannot be dated with the present calendar; load the years it needs, or shorten it")
		}
	}
	return ticket.InvalidValues(faults)
}

// tooLateFor words what others, working at the same time, were faster with.
func tooLateFor(err error, what string) error {
	if errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrDuplicate) {
		return ticket.Errorf(ticket.CodeConflict, "Others are changing %s at the same time; read it again.", phrase.Word(what))
	}
	return err
}
