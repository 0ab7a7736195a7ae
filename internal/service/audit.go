package service

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"whistle/internal/phrase"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// The actions of the audit log.
const (
	auditCreate  = "create"
	auditChange  = "change"
	auditRetire  = "retire"
	auditRestore = "restore"
	auditUse     = "use"
	auditImport  = "import"
	auditRetry   = "retry"
	auditRemove  = "remove"
)

// AuditActions are the actions of the audit log, for whoever filters by them.
var AuditActions = []string{auditCreate, auditChange, auditRetire, auditRestore, auditUse, auditImport, auditRetry, auditRemove}

// audit writes down who changed what, in the transaction of the change. before
// and after are marshalled as JSON; nil where there is none. They must hold no
// secret.
func (s *Service) audit(ctx context.Context, actor ticket.Actor, action, subject, id string, before, after any) error {
	return s.auditAt(ctx, s.clock.Now(), actor, action, subject, id, before, after)
}

// auditAt is audit for a change that says itself when it was.
func (s *Service) auditAt(ctx context.Context, at time.Time, actor ticket.Actor, action, subject, id string, before, after any) error {
	entry, err := s.auditEntry(at, actor, action, subject, id, before, after)
	if err != nil {
		return err
	}
	return s.store.InsertAudit(ctx, entry)
}

// auditEntry is what is written down of a change, for those that are many.
func (s *Service) auditEntry(at time.Time, actor ticket.Actor, action, subject, id string, before, after any) (store.Audit, error) {
	entry := store.Audit{ID: s.newID(), At: at, ActorID: actor.ID, Action: action, Subject: subject, SubjectID: id}
	for _, side := range []struct {
		value any
		into  *string
	}{{before, &entry.Before}, {after, &entry.After}} {
		if side.value == nil {
			continue
		}
		raw, err := json.Marshal(side.value)
		if err != nil {
			return entry, err
		}
		*side.into = string(raw)
	}
	return entry, nil
}

// AuditEntry is one change of anything that is not a ticket.
type AuditEntry = store.Audit

// AuditFilter narrows the audit log.
type AuditFilter = store.AuditFilter

// AuditPosition is a place in the audit log.
type AuditPosition = store.AuditPosition

// AuditView is a change as people read it.
type AuditView struct {
	AuditEntry
	About   string // what the thing was called then; "" where it had no name
	Changes []FieldChange
	Names   *Names // of who made the change, and of what is referred to
}

// FieldChange is what became of one field. Of a list it holds what was taken
// out and what came in, but not what stayed.
type FieldChange struct {
	Field  string       // as in JSON: department_id
	Before []FieldValue // none where there was nothing
	After  []FieldValue // none where there is nothing any more
}

// FieldValue is a value of a field as text.
type FieldValue struct {
	Text string
	Name string // of what Text is the id of; "" where it is none
}

// String is what people read: the name, else the text.
func (v FieldValue) String() string {
	if v.Name != "" {
		return v.Name
	}
	return v.Text
}

// AuditLog lists changes, newest first. It is for administrators.
func (s *Service) AuditLog(ctx context.Context, actor ticket.Actor, f AuditFilter) ([]AuditView, error) {
	if !administers(actor) {
		return nil, ticket.Errorf(ticket.CodeForbidden, "The audit log is for administrators.")
	}
	return s.auditLog(ctx, f)
}

func (s *Service) auditLog(ctx context.Context, f AuditFilter) ([]AuditView, error) {
	entries, err := s.store.AuditLog(ctx, f)
	if err != nil {
		return nil, err
	}
	names := newNames()
	views := make([]AuditView, len(entries))
	for i, entry := range entries {
		view := AuditView{AuditEntry: entry, Names: names}
		if view.Changes, view.About, err = fieldChanges(entry); err != nil {
			return nil, fmt.Errorf("audit entry %s: %w", entry.ID, err)
		}
		names.add(store.Users, entry.ActorID)
		names.ofAnything(entry.SubjectID)
		for _, c := range view.Changes {
			for _, v := range slices.Concat(c.Before, c.After) {
				names.ofAnything(v.Text)
			}
		}
		views[i] = view
	}
	if err := names.load(ctx, s.store); err != nil {
		return nil, err
	}
	for i := range views {
		view := &views[i]
		if view.About == "" {
			view.About = names.Of(view.SubjectID)
		}
		for _, c := range view.Changes {
			for _, values := range [][]FieldValue{c.Before, c.After} {
				for j := range values {
					values[j].Name = names.Of(values[j].Text)
				}
			}
		}
	}
	return views, nil
}

// ofAnything wants the name of whatever goes by an id, if it is one.
func (n *Names) ofAnything(id string) {
	if uuid.Validate(id) != nil {
		return
	}
	for _, table := range store.NamedTables {
		n.add(table, id)
	}
}

// unsaid are the fields that every entry has and whose change says nothing.
var unsaid = map[string]bool{"id": true, "created_at": true, "updated_at": true}

// titles are the fields by which a thing is called, the best first.
var titles = []string{"name", "username", "title", "code", "file"}

// fieldChanges tells what differs between the two sides of a change, in the
// order of the fields, and what the thing was called.
func fieldChanges(entry AuditEntry) (changes []FieldChange, about string, err error) {
	before, err := fieldsOf(entry.Before)
	if err != nil {
		return nil, "", err
	}
	after, err := fieldsOf(entry.After)
	if err != nil {
		return nil, "", err
	}
	var order []string
	for _, side := range [][]jsonField{after, before} {
		for _, f := range side {
			if !slices.Contains(order, f.name) {
				order = append(order, f.name)
			}
		}
	}
	for _, name := range order {
		if unsaid[name] {
			continue
		}
		was, is := valuesOf(before, name), valuesOf(after, name)
		gone, come := without(was, is), without(is, was)
		if len(gone)+len(come) > 0 {
			changes = append(changes, FieldChange{Field: name, Before: gone, After: come})
		}
	}
	for _, title := range titles {
		for _, side := range [][]jsonField{after, before} {
			if values := valuesOf(side, title); about == "" && len(values) == 1 {
				about = values[0].Text
			}
		}
	}
	return changes, about, nil
}

// without is what of the values is not among others.
func without(values, others []FieldValue) []FieldValue {
	return slices.DeleteFunc(slices.Clone(values), func(v FieldValue) bool { return slices.Contains(others, v) })
}

// jsonField is a member of a JSON object.
type jsonField struct {
	name  string
	value json.RawMessage
}

// fieldsOf reads a JSON object's members in their order; none of no text, and
// of any other value one without a name.
func fieldsOf(object string) ([]jsonField, error) {
	if object == "" {
		return nil, nil
	}
	d := json.NewDecoder(strings.NewReader(object))
	begin, err := d.Token()
	if err != nil {
		return nil, err
	}
	if begin != json.Delim('{') {
		return []jsonField{{value: json.RawMessage(object)}}, nil
	}
	var fields []jsonField
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		f := jsonField{name: fmt.Sprint(name)}
		if err := d.Decode(&f.value); err != nil {
			return nil, err
		}
		fields = append(fields, f)
	}
	return fields, nil
}

// valuesOf are the values of a member: of a list its items, of nothing, null
// and the empty text none.
func valuesOf(fields []jsonField, name string) []FieldValue {
	i := slices.IndexFunc(fields, func(f jsonField) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	var items []json.RawMessage
	if json.Unmarshal(fields[i].value, &items) != nil {
		items = []json.RawMessage{fields[i].value}
	}
	var values []FieldValue
	for _, item := range items {
		if text := plainText(item); text != "" {
			values = append(values, FieldValue{Text: text})
		}
	}
	return values
}

// plainText says a JSON value as people read it: an object's members that say
// something, one after another.
func plainText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	if fields, err := fieldsOf(string(raw)); err == nil && bytes.HasPrefix(raw, []byte("{")) {
		var parts []string
		for _, f := range fields {
			if value := plainText(f.value); value != "" {
				parts = append(parts, f.name+" "+value)
			}
		}
		return strings.Join(parts, ", ")
	}
	return string(raw)
}

// Stale says that something was changed after the caller had read it.
type Stale struct {
	Changes []AuditView // since then, newest first
	answer  *ticket.Error
}

func (e *Stale) Error() string { return e.answer.Error() }

// Unwrap is the error as the edges map it.
func (e *Stale) Unwrap() error { return e.answer }

// changedSince is the answer to who works on a thing as it was last changed at
// the moment seen, when others have changed it after.
func (s *Service) changedSince(ctx context.Context, subject, id string, seen time.Time) error {
	changes, err := s.auditLog(ctx, AuditFilter{Subject: subject, SubjectID: id, From: seen.Add(time.Microsecond)})
	if err != nil {
		return err
	}
	var by any = phrase.Word("somebody else")
	if len(changes) > 0 {
		if name := changes[0].Names.Of(changes[0].ActorID); name != "" {
			by = name
		}
	}
	return &Stale{Changes: changes, answer: ticket.Errorf(ticket.CodeStale, "This %s was changed meanwhile by %s. Look at what is different now, then decide again.", phrase.Word(subject), by)}
}

// changedAt is when a change is dated that follows one seen: later, even by a
// clock that stands still, so that the two are told apart.
func (s *Service) changedAt(seen time.Time) time.Time {
	now := s.clock.Now().Truncate(time.Microsecond)
	if next := seen.Add(time.Microsecond); now.Before(next) {
		return next
	}
	return now
}

// stillAs says whether a thing that was last changed at one moment is as it was
// seen, when it had last been changed at another; a zero one means any.
func stillAs(updated, seen time.Time) bool {
	return seen.IsZero() || updated.Truncate(time.Microsecond).Equal(seen.Truncate(time.Microsecond))
}
