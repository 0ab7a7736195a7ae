package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// Experts are the district's experts (智库), for the offices; the desk keeps
// them with the administrator.
func (s *Service) Experts() Entries[directory.Expert, *directory.Expert] {
	return Entries[directory.Expert, *directory.Expert]{s, kind[directory.Expert]{
		subject: "expert", path: "/experts", list: ExportedExperts, columns: expertColumns, deskMay: true,
		blank: directory.Expert{Kind: directory.University},
		within: func(actor ticket.Actor) *store.Within {
			if office(actor) {
				return nil
			}
			return &store.Within{}
		},
		names: func(n *Names, e *directory.Expert) {
			n.categories = true
			n.add(store.Users, e.UserID)
			n.add(store.Chains, e.Chains...)
		},
		unique: func(e *directory.Expert) []uniqueness {
			all := []uniqueness{{"/name", map[string]any{"name": e.Name, "organisation": e.Organisation}}}
			if e.UserID != "" {
				all = append(all, uniqueness{"/user_id", map[string]any{"user_id": e.UserID}})
			}
			return all
		},
		check: checkExpert,
	}}
}

func checkExpert(c *entryCheck, before, after *directory.Expert) {
	if after.UserID != "" && (before == nil || before.UserID != after.UserID) {
		user, err := c.s.store.User(c.ctx, after.UserID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			c.err = errors.Join(c.err, err)
		} else if err != nil || user.Retired() || user.Role != ticket.RoleGuest {
			c.fault("/user_id", "must be a guest's account")
		}
	}
	for i, code := range after.Categories {
		if before == nil || !slices.Contains(before.Categories, code) {
			category, err := c.s.store.Category(c.ctx, code)
			c.reference(fmt.Sprintf("/categories/%d", i), "/categories", category.Retired(), err)
		}
	}
	for i, id := range after.Chains {
		if before == nil || !slices.Contains(before.Chains, id) {
			chain, err := finder[directory.Chain](c.s)(c.ctx, id)
			c.reference(fmt.Sprintf("/chains/%d", i), "/chains", chain.Retired(), err)
		}
	}
	checkTexts(c, "/fields", after.Fields)
}

// FittingExpert is an expert who can be invited, with what of a ticket they
// know.
type FittingExpert struct {
	directory.Expert
	Category bool     // advises on the ticket's
	ChainIDs []string // of the ticket's
}

func (e FittingExpert) fits() int {
	n := len(e.ChainIDs)
	if e.Category {
		n++
	}
	return n
}

// ExpertsFor lists the experts who can be invited to a ticket's joint handling,
// those first that fit it best.
func (s *Service) ExpertsFor(ctx context.Context, actor ticket.Actor, t *ticket.Ticket) ([]FittingExpert, error) {
	all, err := s.Experts().List(ctx, actor, EntryFilter{})
	if err != nil {
		return nil, err
	}
	var fitting []FittingExpert
	for _, e := range all {
		if e.UserID == "" {
			continue
		}
		f := FittingExpert{Expert: e, Category: slices.Contains(e.Categories, t.Category)}
		for _, id := range t.Chains {
			if slices.Contains(e.Chains, id) {
				f.ChainIDs = append(f.ChainIDs, id)
			}
		}
		fitting = append(fitting, f)
	}
	slices.SortStableFunc(fitting, func(a, b FittingExpert) int { return cmp.Compare(b.fits(), a.fits()) }) // they come by name
	return fitting, nil
}
