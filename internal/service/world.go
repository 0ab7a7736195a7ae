package service

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// world answers the rules' questions from the transaction that ctx is in. It
// asks for each thing once: the directory stands still while a command is
// decided, a batch is told or a page is made. The rules cannot fail, the
// database can: its first error is kept for after.
type world struct {
	ctx     context.Context //nolint:containedctx // lives as long as the command that asks
	service *Service
	err     error

	leads       []string // departments that are read together, once one of them is asked for
	departments map[string]ticket.Department
	users       map[string]ticket.User
	enterprises map[string]ticket.Enterprise
	projects    map[string]ticket.Project
	parents     map[string]string // of chains; nil until one is asked for
	entries     map[string]ticket.Entry
}

func (s *Service) world(ctx context.Context) *world {
	return &world{
		ctx: ctx, service: s, departments: map[string]ticket.Department{}, users: map[string]ticket.User{},
		enterprises: map[string]ticket.Enterprise{}, projects: map[string]ticket.Project{}, entries: map[string]ticket.Entry{},
	}
}

func (w *world) rules() ticket.World {
	return ticket.World{Directory: w, Policies: w, Calendars: w}
}

// found keeps an error that is more than an absence.
func (w *world) found(err error) bool {
	if err != nil && !errors.Is(err, store.ErrNotFound) && w.err == nil {
		w.err = err
	}
	return err == nil
}

// remember keeps what is there; what is not may be made later in a batch.
func remember[T any](memory map[string]T, key string, ask func() (T, bool)) (T, bool) {
	if value, ok := memory[key]; ok {
		return value, true
	}
	value, found := ask()
	if found {
		memory[key] = value
	}
	return value, found
}

func (w *world) Department(id string) (ticket.Department, bool) {
	return remember(w.departments, id, func() (ticket.Department, bool) {
		read, err := w.service.store.Departments(w.ctx, append(w.leads, id))
		w.leads = nil
		for _, d := range read {
			w.departments[d.ID] = ticket.Department{
				Name: d.Name, Dispatchable: d.Dispatchable, Summonable: d.Summonable,
				OfficersResolve: d.OfficersResolve, Retired: d.Retired(),
			}
		}
		d, ok := w.departments[id]
		return d, w.found(err) && ok
	})
}

func (w *world) User(id string) (ticket.User, bool) {
	return remember(w.users, id, func() (ticket.User, bool) {
		u, err := w.service.store.User(w.ctx, id)
		return ticket.User{Role: u.Role, DepartmentID: u.DepartmentID, Retired: u.Retired()}, w.found(err)
	})
}

func (w *world) Enterprise(id string) (ticket.Enterprise, bool) {
	return remember(w.enterprises, id, func() (ticket.Enterprise, bool) {
		e, err := w.service.store.Enterprise(w.ctx, id)
		return ticket.Enterprise{PlaceID: e.PlaceID, Chains: w.chains(e.Chains), Retired: e.Retired()}, w.found(err)
	})
}

// chains are the chains given and those that they are segments of. A ticket is
// stamped with all of them at its filing, so that whatever is asked by a chain,
// lists and figures alike, finds those of its segments without knowing of them;
// and so that moving a segment changes no figure of the past.
func (w *world) chains(ids []string) []string {
	if len(ids) == 0 {
		return ids
	}
	if w.parents == nil {
		w.parents = map[string]string{}
		all, err := store.Entries[directory.Chain](w.ctx, w.service.store, EntryFilter{All: true})
		w.found(err)
		for _, c := range all {
			w.parents[c.ID] = c.ParentID
		}
	}
	ids = slices.Clone(ids)
	for i := 0; i < len(ids); i++ { // it grows on the way
		if up := w.parents[ids[i]]; up != "" && !slices.Contains(ids, up) {
			ids = append(ids, up)
		}
	}
	return ids
}

func (w *world) Project(id string) (ticket.Project, bool) {
	return remember(w.projects, id, func() (ticket.Project, bool) {
		p, err := w.service.store.Project(w.ctx, id)
		return ticket.Project{EnterpriseID: p.EnterpriseID, Retired: p.Retired()}, w.found(err)
	})
}

func (w *world) Category(code string) (ticket.Entry, bool) {
	return remember(w.entries, "category "+code, func() (ticket.Entry, bool) {
		c, err := w.service.store.Category(w.ctx, code)
		return ticket.Entry{Retired: c.Retired()}, w.found(err)
	})
}

func (w *world) Reason(kind ticket.ReasonKind, code string) (ticket.Entry, bool) {
	return remember(w.entries, string(kind)+" "+code, func() (ticket.Entry, bool) {
		r, err := w.service.store.Reason(w.ctx, string(kind), code)
		return ticket.Entry{Retired: r.Retired()}, w.found(err)
	})
}

func (w *world) Attachment(id string) (ticket.Attachment, bool) {
	a, err := w.service.store.Attachment(w.ctx, id)
	return ticket.Attachment{UploadedBy: a.UploadedBy, TicketID: cmp.Or(a.TicketID, a.SubjectID)}, w.found(err)
}

func (w *world) Ticket(id string) (*ticket.Ticket, bool) {
	t, err := w.service.store.Ticket(w.ctx, ticket.System, id)
	return t, w.found(err)
}

// Policy reads a version once and keeps it.
func (w *world) Policy(version int) (ticket.Policy, error) {
	return kept(w, version, w.service.policies, func(c *commit) map[int]ticket.Policy { return c.policies }, func() (ticket.Policy, error) {
		row, err := w.service.store.Policy(w.ctx, version)
		return ticket.Policy{Version: row.Version, Name: row.Name, Rules: row.Rules}, err
	})
}

// Calendar reads a version once and keeps it.
func (w *world) Calendar(version int) (*worktime.Calendar, error) {
	return kept(w, version, w.service.calendars, func(c *commit) map[int]*worktime.Calendar { return c.calendars }, func() (*worktime.Calendar, error) {
		days, err := w.service.store.CalendarDays(w.ctx, version)
		if err != nil {
			return nil, err
		}
		return worktime.New(version, w.service.zone, worktime.DefaultShifts(), days)
	})
}

// kept finds a version that was read before, or reads it. Inside a transaction
// what is read waits for the commit: the version may be the transaction's own.
func kept[T any](w *world, version int, all map[int]T, waiting func(*commit) map[int]T, read func() (T, error)) (T, error) {
	s, c := w.service, commitOf(w.ctx)
	s.mu.Lock()
	v, ok := all[version]
	s.mu.Unlock()
	if !ok && c != nil {
		v, ok = waiting(c)[version]
	}
	if ok {
		return v, nil
	}
	v, err := read()
	if err != nil {
		return v, err
	}
	if c == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		all[version] = v
		return v, nil
	}
	waiting(c)[version] = v
	return v, nil
}
