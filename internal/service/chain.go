package service

import (
	"context"
	"slices"

	"whistle/internal/alliance"
	"whistle/internal/directory"
	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// ChainLine is a chain, or a segment of one, with what stands in it.
type ChainLine struct {
	Chain       directory.Chain
	Enterprises int
	Alliances   int
	Counts      figures.Counts // of the year to date, as far as the actor reads figures
	Open        LightCount     // of the tickets in the actor's sight
	Segments    []directory.Chain
}

// ChainLines lists the chains, each with its segments counted in.
func (s *Service) ChainLines(ctx context.Context, actor ticket.Actor) ([]ChainLine, error) {
	return s.chainLines(ctx, actor, "")
}

// chainLines lists what stands right below a chain; "" for the chains
// themselves.
func (s *Service) chainLines(ctx context.Context, actor ticket.Actor, parentID string) ([]ChainLine, error) {
	report, err := s.Figures(ctx, actor, FiguresQuery{By: figures.ByChain, Where: figures.Where{ChainID: parentID}})
	if err != nil {
		return nil, err
	}
	all, err := s.Chains().List(ctx, actor, EntryFilter{})
	if err != nil {
		return nil, err
	}
	var lines []ChainLine
	for _, c := range all {
		if c.ParentID != parentID {
			continue
		}
		line := ChainLine{Chain: c, Counts: withAllRates(figures.Counts{})}
		for _, group := range report.Groups {
			if group.Key == c.ID {
				line.Counts = group.Counts
			}
		}
		for _, below := range all {
			if below.ParentID == c.ID {
				line.Segments = append(line.Segments, below)
			}
		}
		if line.Enterprises, err = store.CountEntries[directory.Enterprise](ctx, s.store, EntryFilter{ChainID: c.ID}); err != nil {
			return nil, err
		}
		if line.Alliances, err = store.CountEntries[alliance.Alliance](ctx, s.store, EntryFilter{ChainID: c.ID}); err != nil {
			return nil, err
		}
		if line.Open, err = s.openOfChain(ctx, actor, c.ID); err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// wholeChains are the groups by chain without the segments, whose tickets their
// chain's group counts already; a chain's page has those.
func (s *Service) wholeChains(ctx context.Context, tally *store.Tally) ([]figures.Group, error) {
	groups, err := s.groups(ctx, figures.ByChain, tally)
	if err != nil {
		return nil, err
	}
	all, err := store.Entries[directory.Chain](ctx, s.store, EntryFilter{All: true})
	return slices.DeleteFunc(groups, func(g figures.Group) bool {
		return slices.ContainsFunc(all, func(c directory.Chain) bool { return c.ID == g.Key && c.ParentID != "" })
	}), err
}

// openOfChain counts what of a chain is open in the actor's sight.
func (s *Service) openOfChain(ctx context.Context, actor ticket.Actor, id string) (LightCount, error) {
	counts, err := s.store.CountListed(ctx, actor, store.OpenList, WorklistFilter{ChainID: id}, store.ByState, s.clock.Now())
	var open LightCount
	for _, n := range counts {
		open = open.Plus(n)
	}
	return open, err
}

// ChainPage is what a page about a chain, or a segment of one, shows.
type ChainPage struct {
	Chain       directory.Chain
	Keeps       bool            // the reader may change it
	Names       *Names          // of its chain above, and of what the alliances and activities refer to
	Segments    []ChainLine     // by their links
	Report      *figures.Report // of the year to date, as far as the actor reads figures
	Open        LightCount
	Burning     []*WorklistRow // the open tickets in the actor's sight, the worst first
	Alliances   []alliance.Alliance
	Activities  []alliance.Activity // the latest
	Enterprises []directory.Enterprise
	Count       int         // of the enterprises
	Plans       []AuditView // what the plan was changed to, the latest first
}

// ChainPage reads a chain for one of the offices.
func (s *Service) ChainPage(ctx context.Context, actor ticket.Actor, id string) (*ChainPage, error) {
	if !office(actor) {
		return nil, ticket.NotFound("chain")
	}
	chain, err := s.Chains().Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	p := &ChainPage{Chain: chain, Names: newNames()}
	if p.Keeps, err = s.Chains().MayChange(ctx, actor, chain); err != nil {
		return nil, err
	}
	if p.Segments, err = s.chainLines(ctx, actor, id); err != nil {
		return nil, err
	}
	if p.Report, err = s.Figures(ctx, actor, FiguresQuery{Where: figures.Where{ChainID: id}}); err != nil {
		return nil, err
	}
	if p.Open, err = s.openOfChain(ctx, actor, id); err != nil {
		return nil, err
	}
	if p.Burning, err = s.worklistRows(ctx, actor, store.OpenList, WorklistFilter{ChainID: id, Limit: Latest}); err != nil {
		return nil, err
	}
	if err := s.doneIn(ctx, actor, p); err != nil {
		return nil, err
	}
	p.Plans, err = s.plansOf(ctx, id)
	return p, err
}

// doneIn reads who does what in the chain.
func (s *Service) doneIn(ctx context.Context, actor ticket.Actor, p *ChainPage) (err error) {
	in := EntryFilter{ChainID: p.Chain.ID}
	if p.Alliances, err = s.Alliances().List(ctx, actor, in); err != nil {
		return err
	}
	if p.Count, err = store.CountEntries[directory.Enterprise](ctx, s.store, in); err != nil {
		return err
	}
	in.Limit = Latest
	if p.Activities, err = s.Activities().List(ctx, actor, in); err != nil {
		return err
	}
	if p.Enterprises, err = s.Enterprises().List(ctx, actor, in); err != nil {
		return err
	}
	p.Names.add(store.Chains, p.Chain.ParentID)
	for _, a := range p.Alliances {
		p.Names.add(store.Enterprises, a.LeadEnterpriseID)
		p.Names.add(store.Departments, a.LeadDepartmentID)
	}
	for _, a := range p.Activities {
		p.Names.add(store.Alliances, a.AllianceID)
	}
	return p.Names.load(ctx, s.store)
}

// plansOf are the changes of a chain's plan. The audit log keeps them: they are
// its versions, which everybody may read who may read the plan.
func (s *Service) plansOf(ctx context.Context, id string) ([]AuditView, error) {
	log, err := s.auditLog(ctx, AuditFilter{Subject: "chain", SubjectID: id})
	return slices.DeleteFunc(log, func(v AuditView) bool {
		return !slices.ContainsFunc(v.Changes, func(c FieldChange) bool { return c.Field == "plan" })
	}), err
}
