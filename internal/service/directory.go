package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"whistle/internal/directory"
	"whistle/internal/phrase"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// Entries are the use cases over one kind of entry in the directory.
type Entries[T any, P directory.Entry[T]] struct {
	s    *Service
	kind kind[T]
}

// EntryFilter narrows a list of entries.
type EntryFilter = store.EntryFilter

// kind is what is particular to one kind of entry.
type kind[T any] struct {
	subject string // what it is called in words and in the audit log
	path    string // where the API lists it
	blank   T      // what holds where a new entry says nothing
	deskMay bool   // the desk creates and changes it, beside the administrator
	// keeps says who else may make the entry after out of what was before (nil
	// for a new one), or retire it when both are the same; nil for nobody.
	keeps func(ctx context.Context, s *Service, actor ticket.Actor, action string, before, after *T) (bool, error)
	// ticketed entries may be linked to a ticket, and are not there for whoever
	// does not see it when it is confidential.
	ticketed bool

	// list and columns are how it is exported, unless export does that.
	list    ExportList
	columns []column[exportedEntry[T]]
	export  func(s *Service, ctx context.Context, actor ticket.Actor, f EntryFilter, to ExportTo) (int, error)

	managed bool // managers look after it, who are exported too

	// within bounds what an actor reads; nil where everybody reads all.
	within func(actor ticket.Actor) *store.Within
	// hide takes away what an actor does not read; nil for nothing.
	hide func(ctx context.Context, s *Service, actor ticket.Actor, entries []T) error
	// names wants the names of what an entry refers to; nil for nothing.
	names func(n *Names, entry *T)
	// unique are the sets of values that no two entries share.
	unique func(entry *T) []uniqueness
	// check adds the faults of a new entry (before is nil) or a changed one.
	check func(c *entryCheck, before, after *T)
	// retirable is the error that tells why an entry cannot be retired; nil
	// for always.
	retirable func(ctx context.Context, s *Service, entry *T) error
}

type uniqueness struct {
	pointer string         // where a fault shows
	values  map[string]any // by column
}

func uniqueCode(code string) []uniqueness {
	return []uniqueness{{"/code", map[string]any{"code": code}}}
}

// Places are towns, streets and parks.
func (s *Service) Places() Entries[directory.Place, *directory.Place] {
	return Entries[directory.Place, *directory.Place]{s, kind[directory.Place]{
		subject: "place", path: "/places", list: ExportedPlaces, columns: placeColumns,
		names:  func(n *Names, p *directory.Place) { n.add(store.Places, p.ParentID) },
		unique: func(p *directory.Place) []uniqueness { return uniqueCode(p.Code) },
		check: func(c *entryCheck, before, after *directory.Place) {
			parent(c, before, after, "/places", func(p *directory.Place) string { return p.ParentID })
		},
	}}
}

// Chains are the industrial chains and their segments; the desk keeps them with
// the administrator, for the plan by which a chain is served is its own.
func (s *Service) Chains() Entries[directory.Chain, *directory.Chain] {
	return Entries[directory.Chain, *directory.Chain]{s, kind[directory.Chain]{
		subject: "chain", path: "/chains", list: ExportedChains, columns: chainColumns, deskMay: true,
		names:  func(n *Names, c *directory.Chain) { n.add(store.Chains, c.ParentID) },
		unique: func(p *directory.Chain) []uniqueness { return uniqueCode(p.Code) },
		check: func(c *entryCheck, before, after *directory.Chain) {
			parent(c, before, after, "/chains", func(p *directory.Chain) string { return p.ParentID })
		},
	}}
}

// Categories are what problems are about. A retired one takes no new tickets.
func (s *Service) Categories() Entries[directory.Category, *directory.Category] {
	return Entries[directory.Category, *directory.Category]{s, kind[directory.Category]{
		subject: "category", path: "/categories", list: ExportedCategories, columns: categoryColumns,
		unique: func(p *directory.Category) []uniqueness { return uniqueCode(p.Code) },
		check: func(c *entryCheck, before, after *directory.Category) {
			stays(c, before, after, "/code", func(p *directory.Category) string { return p.Code })
		},
	}}
}

// Reasons are the closed lists of reasons.
func (s *Service) Reasons() Entries[directory.Reason, *directory.Reason] {
	return Entries[directory.Reason, *directory.Reason]{s, kind[directory.Reason]{
		subject: "reason", path: "/reasons", list: ExportedReasons, columns: reasonColumns,
		unique: func(p *directory.Reason) []uniqueness {
			return []uniqueness{{"/code", map[string]any{"kind": p.Kind, "code": p.Code}}}
		},
		check: func(c *entryCheck, before, after *directory.Reason) {
			stays(c, before, after, "/kind", func(p *directory.Reason) string { return string(p.Kind) })
			stays(c, before, after, "/code", func(p *directory.Reason) string { return p.Code })
		},
	}}
}

// Departments are the offices.
func (s *Service) Departments() Entries[directory.Department, *directory.Department] {
	return Entries[directory.Department, *directory.Department]{s, kind[directory.Department]{
		subject: "department", path: "/departments", list: ExportedDepartments, columns: departmentColumns,
		blank: directory.Department{Kind: directory.Bureau, Dispatchable: true, Summonable: true},
		names: func(n *Names, d *directory.Department) {
			n.add(store.Departments, d.ParentID)
			n.add(store.Places, d.PlaceID)
		},
		unique: func(p *directory.Department) []uniqueness { return uniqueCode(p.Code) },
		check: func(c *entryCheck, before, after *directory.Department) {
			parent(c, before, after, "/departments", func(p *directory.Department) string { return p.ParentID })
			checkStation(c, before, after)
		},
		retirable: departmentRetirable,
	}}
}

// Duties say which department answers for which category.
func (s *Service) Duties() Entries[directory.Duty, *directory.Duty] {
	return Entries[directory.Duty, *directory.Duty]{s, kind[directory.Duty]{
		subject: "duty", path: "/duties", list: ExportedDuties, columns: dutyColumns,
		names: func(n *Names, d *directory.Duty) {
			n.categories = true
			n.add(store.Departments, d.DepartmentID)
		},
		unique: func(p *directory.Duty) []uniqueness {
			return []uniqueness{{"/department_id", map[string]any{"category": p.Category, "department_id": p.DepartmentID}}}
		},
		check: func(c *entryCheck, before, after *directory.Duty) {
			if before == nil || before.Category != after.Category {
				category, err := c.s.store.Category(c.ctx, after.Category)
				c.reference("/category", "/categories", category.Retired(), err)
			}
			refers(c, before, after, "/department_id", "/departments?all=true", c.s.store.Department, func(p *directory.Duty) string { return p.DepartmentID })
		},
	}}
}

// Enterprises are the roster and those outside it. Enterprise users read their
// own, managers those they look after, the offices all.
func (s *Service) Enterprises() Entries[directory.Enterprise, *directory.Enterprise] {
	return Entries[directory.Enterprise, *directory.Enterprise]{s, kind[directory.Enterprise]{
		subject: "enterprise", path: "/enterprises", list: ExportedEnterprises, columns: enterpriseColumns, deskMay: true, managed: true,
		blank: directory.Enterprise{Kind: directory.Company},
		within: func(actor ticket.Actor) *store.Within {
			if office(actor) {
				return nil
			}
			return &store.Within{IDs: closeTo(actor)}
		},
		hide: hideContacts,
		names: func(n *Names, e *directory.Enterprise) {
			n.add(store.Places, e.PlaceID)
			n.add(store.Chains, e.Chains...)
		},
		unique: func(p *directory.Enterprise) []uniqueness {
			var all []uniqueness
			if p.CreditCode != "" {
				all = append(all, uniqueness{"/credit_code", map[string]any{"credit_code": p.CreditCode}})
			}
			if p.ExternalNumber != "" {
				all = append(all, uniqueness{"/external_number", map[string]any{"external_number": p.ExternalNumber}})
			}
			return all
		},
		check:     checkEnterprise,
		retirable: enterpriseRetirable,
	}}
}

// Projects are the key projects, read like their enterprises, and by their
// teams.
func (s *Service) Projects() Entries[directory.Project, *directory.Project] {
	return Entries[directory.Project, *directory.Project]{s, kind[directory.Project]{
		subject: "project", path: "/projects", list: ExportedProjects, export: (*Service).exportProjects,
		within: func(actor ticket.Actor) *store.Within {
			if office(actor) {
				return nil
			}
			return &store.Within{IDs: actor.Teams, EnterpriseIDs: closeTo(actor)}
		},
		names:  func(n *Names, p *directory.Project) { n.add(store.Enterprises, p.EnterpriseID) },
		unique: func(p *directory.Project) []uniqueness { return uniqueCode(p.Code) },
		check: func(c *entryCheck, before, after *directory.Project) {
			refers(c, before, after, "/enterprise_id", "/enterprises", c.s.store.Enterprise, func(p *directory.Project) string { return p.EnterpriseID })
		},
	}}
}

// office says whether the actor works in one of the offices, for whom the
// directory of enterprises is there.
func office(actor ticket.Actor) bool {
	switch actor.Role {
	case ticket.RoleDispatcher, ticket.RoleOfficer, ticket.RoleHead, ticket.RoleLeader, ticket.RoleAdmin, ticket.RoleSystem:
		return true
	case ticket.RoleEnterprise, ticket.RoleGuest:
	}
	return false
}

// closeTo are the enterprises that the actor belongs to or looks after.
func closeTo(actor ticket.Actor) []string {
	ids := slices.Clone(actor.Manages)
	if actor.Role == ticket.RoleEnterprise && actor.EnterpriseID != "" {
		ids = append(ids, actor.EnterpriseID)
	}
	return ids
}

// Blank is an entry that says nothing yet, for Create: what is left out has
// the values that hold then.
func (e Entries[T, P]) Blank() T { return e.kind.blank }

// sighted bounds a filter to what the actor reads.
func (e Entries[T, P]) sighted(actor ticket.Actor, f EntryFilter) EntryFilter {
	f.CoveredOn, f.Project.Today = e.s.today(), e.s.today()
	f.Support = on(e.s.today(), f.Support)
	f.Within, f.Support.SeenBy = nil, nil
	if e.kind.within != nil {
		f.Within = e.kind.within(actor)
	}
	if e.kind.ticketed {
		f.Support.SeenBy = &actor
	}
	return f
}

// List reads the entries that the actor may, in a stable order.
func (e Entries[T, P]) List(ctx context.Context, actor ticket.Actor, f EntryFilter) ([]T, error) {
	entries, err := store.Entries[T, P](ctx, e.s.store, e.sighted(actor, f))
	if err != nil || e.kind.hide == nil {
		return entries, err
	}
	return entries, e.kind.hide(ctx, e.s, actor, entries)
}

// Names are the names of what entries refer to.
func (e Entries[T, P]) Names(ctx context.Context, entries ...T) (*Names, error) {
	names := newNames()
	if e.kind.names != nil {
		for i := range entries {
			e.kind.names(names, &entries[i])
		}
	}
	return names, names.load(ctx, e.s.store)
}

// Get reads one entry, retired or not.
func (e Entries[T, P]) Get(ctx context.Context, actor ticket.Actor, id string) (T, error) {
	var none T
	if id == "" {
		return none, ticket.NotFound(e.kind.subject)
	}
	found, err := e.List(ctx, actor, EntryFilter{ID: id, All: true})
	if err != nil {
		return none, err
	}
	if len(found) == 0 {
		return none, ticket.NotFound(e.kind.subject)
	}
	return found[0], nil
}

// Create adds an entry; id and times are the service's to give.
func (e Entries[T, P]) Create(ctx context.Context, actor ticket.Actor, entry T) (T, error) {
	P(&entry).Tidy()
	if err := checkForm(entry); err != nil {
		return entry, err
	}
	if err := e.may(ctx, actor, auditCreate, nil, &entry); err != nil {
		return entry, err
	}
	id, stamp := P(&entry).Refs()
	now := e.s.clock.Now().Truncate(time.Microsecond)
	*id, *stamp = e.s.newID(), directory.Stamp{CreatedAt: now, UpdatedAt: now}
	err := e.s.InTx(ctx, func(ctx context.Context) error {
		if err := e.check(ctx, actor, nil, &entry); err != nil {
			return err
		}
		if err := store.InsertEntry(ctx, e.s.store, P(&entry)); err != nil {
			return tooLateFor(err, e.kind.path)
		}
		if err := e.s.carry(ctx, e.kind.subject, *id, nil, ticket.AttachmentsOf(&entry)); err != nil {
			return tooLateFor(err, e.kind.path)
		}
		return e.s.auditAt(ctx, now, actor, auditCreate, e.kind.subject, *id, nil, entry)
	})
	return entry, err
}

// Change lets change work on the entry and writes what came of it. Nothing
// happens, and nothing is audited, when that is nothing.
func (e Entries[T, P]) Change(ctx context.Context, actor ticket.Actor, id string, change func(*T) error) (T, error) {
	return e.ChangeSeen(ctx, actor, id, time.Time{}, change)
}

// ChangeSeen is Change for who has read the entry as it was last changed at the
// moment seen. When others have changed it since, the error is a *Stale.
func (e Entries[T, P]) ChangeSeen(ctx context.Context, actor ticket.Actor, id string, seen time.Time, change func(*T) error) (T, error) {
	return e.update(ctx, actor, id, auditChange, func(ctx context.Context, before, after *T) error {
		_, was := P(before).Refs()
		if !stillAs(was.UpdatedAt, seen) {
			return e.s.changedSince(ctx, e.kind.subject, id, seen)
		}
		if was.Retired() {
			return ticket.Errorf(ticket.CodeConflict, "This %s is retired and changes no more.", phrase.Word(e.kind.subject))
		}
		if err := change(after); err != nil {
			return err
		}
		P(after).Tidy()
		afterID, stamp := P(after).Refs()
		*afterID, *stamp = id, *was
		if err := checkForm(*after); err != nil {
			return err
		}
		return e.check(ctx, actor, before, after)
	})
}

// Retire lets an entry be chosen no more; it stays for those who refer to it.
// Retiring it again does nothing.
func (e Entries[T, P]) Retire(ctx context.Context, actor ticket.Actor, id string) error {
	_, err := e.update(ctx, actor, id, auditRetire, func(ctx context.Context, before, after *T) error {
		_, stamp := P(after).Refs()
		if stamp.Retired() {
			return nil
		}
		if e.kind.retirable != nil {
			if err := e.kind.retirable(ctx, e.s, before); err != nil {
				return err
			}
		}
		now := e.s.clock.Now()
		stamp.RetiredAt = &now
		return nil
	})
	return err
}

// Restore takes a retired entry back into service, unless what it refers to is
// retired itself. Restoring one in service does nothing.
func (e Entries[T, P]) Restore(ctx context.Context, actor ticket.Actor, id string) (T, error) {
	return e.update(ctx, actor, id, auditRestore, func(ctx context.Context, _, after *T) error {
		_, stamp := P(after).Refs()
		if !stamp.Retired() {
			return nil
		}
		stamp.RetiredAt = nil
		return e.check(ctx, actor, nil, after)
	})
}

func (e Entries[T, P]) update(ctx context.Context, actor ticket.Actor, id, action string, change func(ctx context.Context, before, after *T) error) (T, error) {
	var after T
	err := e.s.InTx(ctx, func(ctx context.Context) error {
		before, err := e.Get(ctx, actor, id)
		if err != nil {
			return err
		}
		if err := e.may(ctx, actor, action, &before, &before); err != nil {
			return err
		}
		// A copy that shares no list with it.
		raw, err := json.Marshal(before)
		if err != nil {
			return err
		}
		after = *new(T)
		if err := json.Unmarshal(raw, &after); err != nil {
			return err
		}
		if err := change(ctx, &before, &after); err != nil {
			return err
		}
		changed, err := json.Marshal(after)
		if err != nil || bytes.Equal(raw, changed) {
			return err
		}
		// Nobody gives away what is theirs to keep.
		if err := e.may(ctx, actor, action, &before, &after); err != nil {
			return err
		}
		_, stamp := P(&after).Refs()
		seen := stamp.UpdatedAt
		stamp.UpdatedAt = e.s.changedAt(seen)
		if err := store.UpdateEntry(ctx, e.s.store, seen, P(&after)); err != nil {
			return tooLateFor(err, e.kind.path)
		}
		if err := e.s.carry(ctx, e.kind.subject, id, ticket.AttachmentsOf(&before), ticket.AttachmentsOf(&after)); err != nil {
			return tooLateFor(err, e.kind.path)
		}
		return e.s.auditAt(ctx, stamp.UpdatedAt, actor, action, e.kind.subject, id, before, after)
	})
	return after, err
}

// MayCreate says whether the actor may add such an entry.
func (e Entries[T, P]) MayCreate(ctx context.Context, actor ticket.Actor, entry T) (bool, error) {
	return e.allowed(ctx, actor, auditCreate, nil, &entry)
}

// MayChange says whether the actor may change an entry that they read.
func (e Entries[T, P]) MayChange(ctx context.Context, actor ticket.Actor, entry T) (bool, error) {
	return e.allowed(ctx, actor, auditChange, &entry, &entry)
}

// MayRetire says whether the actor may retire and restore an entry that they
// read.
func (e Entries[T, P]) MayRetire(ctx context.Context, actor ticket.Actor, entry T) (bool, error) {
	return e.allowed(ctx, actor, auditRetire, &entry, &entry)
}

func (e Entries[T, P]) allowed(ctx context.Context, actor ticket.Actor, action string, before, after *T) (bool, error) {
	switch {
	case administers(actor):
		return true, nil
	case e.kind.deskMay && actor.Role == ticket.RoleDispatcher && (action == auditCreate || action == auditChange):
		return true, nil
	case e.kind.keeps != nil:
		return e.kind.keeps(ctx, e.s, actor, action, before, after)
	}
	return false, nil
}

// may is the error unless the actor may create, change or retire.
func (e Entries[T, P]) may(ctx context.Context, actor ticket.Actor, action string, before, after *T) error {
	if ok, err := e.allowed(ctx, actor, action, before, after); ok || err != nil {
		return err
	}
	return ticket.Errorf(ticket.CodeForbidden, "You may not %s this %s.", phrase.Word(action), phrase.Word(e.kind.subject))
}

// check holds the entry against the rules on its values.
func (e Entries[T, P]) check(ctx context.Context, actor ticket.Actor, before, after *T) error {
	c := &entryCheck{ctx: ctx, s: e.s}
	id, _ := P(after).Refs()
	for _, u := range e.kind.unique(after) {
		taken, err := store.EntryTaken[T, P](ctx, e.s.store, *id, u.values)
		if err != nil {
			return err
		}
		if taken {
			c.fault(u.pointer, "is taken by another %s; see %s?all=true", phrase.Word(e.kind.subject), e.kind.path)
		}
	}
	if e.kind.check != nil {
		e.kind.check(c, before, after)
	}
	c.attachments(actor, ticket.AttachmentsOf(after), e.kind.subject, *id)
	if c.err != nil {
		return c.err
	}
	return ticket.InvalidValues(c.faults)
}

// entryCheck gathers the faults of an entry's values; an error of the database
// outweighs them.
type entryCheck struct {
	ctx    context.Context //nolint:containedctx // lives as long as the command that checks
	s      *Service
	faults []ticket.Field
	err    error
}

func (c *entryCheck) fault(pointer, format string, args ...any) {
	c.faults = append(c.faults, ticket.Fieldf(pointer, format, args...))
}

// reference judges what a reference was found to lead to.
func (c *entryCheck) reference(pointer, see string, retired bool, err error) {
	switch {
	case errors.Is(err, store.ErrNotFound):
		c.fault(pointer, "is not there; see %s", see)
	case err != nil:
		c.err = errors.Join(c.err, err)
	case retired:
		c.fault(pointer, "is retired; choose another from %s", see)
	}
}

// refers checks a reference that is new or was changed: one to an entry that
// was retired since may stay.
func refers[T any, R interface{ Retired() bool }](c *entryCheck, before, after *T, pointer, see string, find func(context.Context, string) (R, error), of func(*T) string) {
	id := of(after)
	if id == "" || before != nil && of(before) == id {
		return
	}
	found, err := find(c.ctx, id)
	c.reference(pointer, see, found.Retired(), err)
}

// refersAll is refers for a list of references.
func refersAll[T any, R interface{ Retired() bool }](c *entryCheck, before, after *T, pointer, see string, find func(context.Context, string) (R, error), of func(*T) []string) {
	for i, id := range of(after) {
		if before != nil && slices.Contains(of(before), id) {
			continue
		}
		found, err := find(c.ctx, id)
		c.reference(fmt.Sprintf("%s/%d", pointer, i), see, found.Retired(), err)
	}
}

// finder reads entries of a kind by id, whoever asks.
func finder[T any, P directory.Entry[T]](s *Service) func(context.Context, string) (T, error) {
	return func(ctx context.Context, id string) (T, error) {
		var none T
		found, err := store.Entries[T, P](ctx, s.store, EntryFilter{ID: id, All: true})
		if err != nil {
			return none, err
		}
		if len(found) == 0 {
			return none, store.ErrNotFound
		}
		return found[0], nil
	}
}

// parent checks that what an entry is part of is there, and that nothing is
// part of itself in the end.
func parent[T interface{ Retired() bool }, P directory.Entry[T]](c *entryCheck, before, after P, see string, of func(P) string) {
	find := finder[T, P](c.s)
	refers(c, (*T)(before), (*T)(after), "/parent_id", see, find, func(entry *T) string { return of(entry) })
	id, _ := after.Refs()
	seen := []string{*id}
	for up := of(after); up != ""; {
		if slices.Contains(seen, up) {
			c.fault("/parent_id", "must not lead back to itself")
			return
		}
		seen = append(seen, up)
		above, err := find(c.ctx, up)
		if err != nil {
			return // said already
		}
		up = of(&above)
	}
}

// stays checks a value that others refer to.
func stays[T any](c *entryCheck, before, after *T, pointer string, of func(*T) string) {
	if before != nil && of(before) != of(after) {
		c.fault(pointer, "cannot be changed, since others refer to it; make a new entry and retire this one")
	}
}

const maxTag = 40 // characters

func checkEnterprise(c *entryCheck, before, after *directory.Enterprise) {
	if after.CreditCode != "" && !directory.ValidCreditCode(after.CreditCode) {
		c.fault("/credit_code", "is no unified social credit code of 18 characters: its check digit does not fit (GB 32100-2015); copy it from the business licence, or leave it out")
	}
	refers(c, before, after, "/place_id", "/places", finder[directory.Place](c.s), func(e *directory.Enterprise) string { return e.PlaceID })
	refersAll(c, before, after, "/chains", "/chains", finder[directory.Chain](c.s), func(e *directory.Enterprise) []string { return e.Chains })
	checkTexts(c, "/tags", after.Tags)
}

// checkTexts checks a list of tags, or of what is as short.
func checkTexts(c *entryCheck, pointer string, texts []string) {
	for i, text := range texts {
		if n := utf8.RuneCountInString(text); n == 0 || n > maxTag {
			c.fault(fmt.Sprintf("%s/%d", pointer, i), "must have from 1 to %d characters", maxTag)
		}
	}
}

// openTickets are the open tickets that an actor sees, without those whose
// story was only carried over.
func (s *Service) openTickets(ctx context.Context, actor ticket.Actor, f store.TicketFilter) ([]*ticket.Ticket, error) {
	f.States = ticket.OpenStates()
	open, err := s.store.Tickets(ctx, actor, f)
	return slices.DeleteFunc(open, func(t *ticket.Ticket) bool { return t.Imported }), err
}

// departmentRetirable refuses to retire a department that others wait for. A
// closed ticket may go on without it: reopened, it goes to the desk.
func departmentRetirable(ctx context.Context, s *Service, d *directory.Department) error {
	open, err := s.openTickets(ctx, ticket.Actor{Role: ticket.RoleOfficer, DepartmentID: d.ID}, store.TicketFilter{})
	if err != nil {
		return err
	}
	leads, owes := 0, 0
	for _, t := range open {
		switch {
		case t.LeadID == d.ID:
			leads++
		case t.Awaits(d.ID):
			owes++
		}
	}
	if leads+owes == 0 {
		return nil
	}
	return ticket.Errorf(ticket.CodeConflict, "It leads %d open tickets, and %d more wait for its report or its task. Bring these to an end or to another department first.", leads, owes)
}

func enterpriseRetirable(ctx context.Context, s *Service, e *directory.Enterprise) error {
	open, err := s.openTickets(ctx, ticket.System, store.TicketFilter{EnterpriseID: e.ID})
	if err != nil || len(open) == 0 {
		return err
	}
	return ticket.Errorf(ticket.CodeConflict, "It has %d open tickets. Bring these to an end first.", len(open))
}

// prepareDirectory puts in the categories and reasons that the service begins
// with, where there are none.
func (s *Service) prepareDirectory(ctx context.Context) error {
	return errors.Join(
		begin(ctx, s, directory.Categories()),
		begin(ctx, s, directory.Reasons()),
	)
}

func begin[T any, P directory.Entry[T]](ctx context.Context, s *Service, first []T) error {
	there, err := store.Entries[T, P](ctx, s.store, EntryFilter{All: true, Limit: 1})
	if err != nil || len(there) > 0 {
		return err
	}
	now := s.clock.Now()
	for i := range first {
		id, stamp := P(&first[i]).Refs()
		*id, *stamp = s.newID(), directory.Stamp{CreatedAt: now, UpdatedAt: now}
		if err := store.InsertEntry(ctx, s.store, P(&first[i])); err != nil {
			return err
		}
	}
	return nil
}
