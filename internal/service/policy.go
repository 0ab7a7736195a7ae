package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"whistle/internal/directory"
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
		return ticket.Errorf(ticket.CodeConflict, "Others are changing %s at the same time; read it again.", what)
	}
	return err
}
