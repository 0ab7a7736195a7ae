package service

import (
	"context"
	"maps"
	"slices"

	"whistle/internal/store"
	"whistle/internal/ticket"
)

// Names gathers the ids that an answer shows and looks all names up at once.
type Names struct {
	wanted     map[store.NamedTable]map[string]bool
	categories bool // these too, by code
	names      map[string]string
}

func newNames() *Names {
	return &Names{wanted: map[store.NamedTable]map[string]bool{}, names: map[string]string{
		// They have no account to be named by.
		ticket.System.ID: ticket.System.ID, importerID: importerID,
	}}
}

// Of is the name behind an id, or behind the code of a category; "" when there
// is none.
func (n *Names) Of(id string) string { return n.names[id] }

func (n *Names) add(table store.NamedTable, ids ...string) {
	for _, id := range ids {
		if id == "" {
			continue
		}
		if n.wanted[table] == nil {
			n.wanted[table] = map[string]bool{}
		}
		n.wanted[table][id] = true
	}
}

func (n *Names) ofTicket(t *ticket.Ticket) {
	n.add(store.Enterprises, t.EnterpriseID)
	n.add(store.Places, t.PlaceID)
	n.add(store.Projects, t.ProjectID)
	n.add(store.Chains, t.Chains...)
	n.add(store.Users, t.AssigneeID, t.FiledBy, t.ChargeID)
	n.add(store.Departments, t.LeadID)
	n.add(store.Departments, t.Joined()...)
	for _, d := range t.Dispatches {
		n.add(store.Departments, d.DepartmentID)
	}
	for _, task := range t.Tasks {
		n.add(store.Departments, task.DepartmentID)
	}
	for _, o := range t.Orders {
		n.add(store.Users, o.LeaderID)
	}
	for _, e := range t.Experts {
		n.add(store.Users, e.UserID)
	}
}

func (n *Names) load(ctx context.Context, st *store.Store) error {
	ids := make(map[store.NamedTable][]string, len(n.wanted))
	for table, wanted := range n.wanted {
		ids[table] = slices.Collect(maps.Keys(wanted))
	}
	names, err := st.Names(ctx, ids)
	if err != nil {
		return err
	}
	maps.Copy(n.names, names)
	if n.categories {
		names, err = st.CategoryNames(ctx)
		maps.Copy(n.names, names)
	}
	return err
}
