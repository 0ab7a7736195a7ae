package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"whistle/internal/alliance"
	"whistle/internal/directory"
	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// LookedAfter is an enterprise that the actor looks after as service manager.
type LookedAfter struct {
	Enterprise   directory.Enterprise
	Part         string // guide 指导员 or contact 联络员; "" while that is not told
	Open         LightCount
	ToAnswer     int        // wait for what the enterprise is to supply
	ToVerify     int        // wait for its verdict
	LastActivity *time.Time // the last change of any of its tickets; nil while it has none
}

// LookedAfter lists the enterprises that the actor looks after, those first
// that owe an answer or a verdict, then those with red and yellow lights.
func (s *Service) LookedAfter(ctx context.Context, actor ticket.Actor) ([]LookedAfter, error) {
	if len(actor.Manages) == 0 {
		return nil, nil
	}
	enterprises, err := store.Entries[directory.Enterprise](ctx, s.store, EntryFilter{All: true, Within: &store.Within{IDs: actor.Manages}})
	if err != nil {
		return nil, err
	}
	counts := map[store.WorklistName]map[string]LightCount{}
	for _, name := range []store.WorklistName{store.LookedAfterOpen, store.LookedAfterToAnswer, store.LookedAfterToVerify} {
		list, _ := store.WorklistOf(actor, name)
		if counts[name], err = s.store.CountListed(ctx, actor, list, WorklistFilter{}, store.ByEnterprise, s.clock.Now()); err != nil {
			return nil, err
		}
	}
	last, err := s.store.LastChanged(ctx, actor, actor.Manages)
	if err != nil {
		return nil, err
	}
	assignments, err := s.store.Assignments(ctx, actor.ID)
	if err != nil {
		return nil, err
	}
	parts := map[string]string{}
	for _, a := range assignments {
		if a.Kind == directory.ManagerOf && a.InForce(s.today()) {
			parts[a.TargetID] = a.Part
		}
	}
	all := make([]LookedAfter, len(enterprises))
	for i, e := range enterprises {
		all[i] = LookedAfter{
			Enterprise: e, Part: parts[e.ID], Open: counts[store.LookedAfterOpen][e.ID],
			ToAnswer: counts[store.LookedAfterToAnswer][e.ID].Count, ToVerify: counts[store.LookedAfterToVerify][e.ID].Count,
		}
		if at, ok := last[e.ID]; ok {
			all[i].LastActivity = &at
		}
	}
	slices.SortStableFunc(all, func(a, b LookedAfter) int { // they come by name
		return cmp.Or(cmp.Compare(b.ToAnswer+b.ToVerify, a.ToAnswer+a.ToVerify), cmp.Compare(b.Open.Red, a.Open.Red), cmp.Compare(b.Open.Yellow, a.Open.Yellow))
	})
	return all, nil
}

// EnterprisePage is what a page about an enterprise shows.
type EnterprisePage struct {
	Enterprise directory.Enterprise // contact and phone only for those who may read them
	Names      *Names               // of its place, chains, managers and their departments
	Contacts   []directory.User     // its accounts in service
	Managers   []EnterpriseManager  // who looks after it today
	Projects   []directory.Project
	// The tickets of it that the reader sees, by state, and those of them that
	// are open with their lights; and the last of them, the last change first.
	ByState map[ticket.State]int
	Open    LightCount
	Recent  []*WorklistRow
	latest  []*ticket.Ticket // the last of them, as many as a timeline is long

	Reader   ProfileReader // as whom it is read
	Figures  *figures.Counts
	Timeline []TimelineEntry
	Plan     *ServicePlan // nil for who does not read it

	Alliances []alliance.Alliance // that it has part in
}

// EnterpriseManager looks after an enterprise.
type EnterpriseManager struct {
	User directory.User
	directory.Assignment
}

const recentTickets = 10

// EnterprisePage reads an enterprise that the actor may: its own, one looked
// after, or as one of the offices any. What it says is in the language.
func (s *Service) EnterprisePage(ctx context.Context, actor ticket.Actor, id string, lang text.Language) (*EnterprisePage, error) {
	e, err := s.Enterprises().Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	p := &EnterprisePage{Enterprise: e, Names: newNames(), ByState: map[ticket.State]int{}, Reader: ProfileReaderOf(actor, id)}
	if p.Reader == "" {
		return nil, ticket.NotFound("enterprise")
	}
	p.Names.add(store.Places, e.PlaceID)
	p.Names.add(store.Chains, e.Chains...)
	if err := s.peopleOf(ctx, actor, p); err != nil {
		return nil, err
	}
	if p.Projects, err = s.Projects().List(ctx, actor, EntryFilter{EnterpriseID: id}); err != nil {
		return nil, err
	}
	filter := WorklistFilter{EnterpriseID: id}
	counts, err := s.store.CountListed(ctx, actor, store.SeenList, filter, store.ByState, s.clock.Now())
	if err != nil {
		return nil, err
	}
	for state, n := range counts {
		p.ByState[ticket.State(state)] = n.Count
		if ticket.State(state).Open() {
			p.Open = p.Open.Plus(n)
		}
	}
	filter.Limit = timelineLength
	if p.latest, err = s.store.WorklistTickets(ctx, actor, store.SeenList, filter, s.clock.Now()); err != nil {
		return nil, err
	}
	if p.Recent, err = s.rowsOf(ctx, actor, store.SeenList, p.latest[:min(len(p.latest), recentTickets)]); err != nil {
		return nil, err
	}
	if err := s.profileOf(ctx, actor, lang, p); err != nil {
		return nil, err
	}
	if p.Alliances, err = s.Alliances().List(ctx, actor, EntryFilter{PartyID: id}); err != nil {
		return nil, err
	}
	err = p.Names.load(ctx, s.store)
	p.tellTimeline()
	return p, err
}

// peopleOf reads who is there for an enterprise: its own people as the actor
// reads its contacts, and its managers, who are there to be called.
func (s *Service) peopleOf(ctx context.Context, actor ticket.Actor, p *EnterprisePage) error {
	sights, err := s.contactSights(ctx, actor, []string{p.Enterprise.ID})
	if err != nil {
		return err
	}
	sight := sights[p.Enterprise.ID]
	managers, err := s.store.ManagersOn(ctx, s.today(), []string{p.Enterprise.ID})
	if err != nil {
		return err
	}
	byUser := map[string]directory.Assignment{}
	var ids []string
	for _, a := range managers[p.Enterprise.ID] {
		byUser[a.UserID] = a
		ids = append(ids, a.UserID)
	}
	people, err := s.store.PeopleOf(ctx, p.Enterprise.ID, ids)
	if err != nil {
		return err
	}
	for _, u := range people {
		u.PasswordHash = ""
		if a, ok := byUser[u.ID]; ok {
			p.Managers = append(p.Managers, EnterpriseManager{u, a})
			p.Names.add(store.Departments, u.DepartmentID)
		} else {
			u.Name, u.Phone, u.Email = sight.name(u.Name), sight.phone(u.Phone), sight.email(u.Email)
			p.Contacts = append(p.Contacts, u)
		}
	}
	return nil
}
