package service

import (
	"context"
	"encoding/json"
	"strings"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// exportedEntry is an entry of the directory with what its row needs besides.
type exportedEntry[T any] struct {
	T        T
	names    *Names
	managers []directory.Assignment // of an enterprise
}

// lookAfter are the names of who looks after an enterprise in a part.
func lookAfter(w *writing, e enterpriseRow, part string) any {
	var ids []string
	for _, a := range e.managers {
		if a.Part == part {
			ids = append(ids, a.UserID)
		}
	}
	return w.allNamed(e.names, ids)
}

// entryColumns are the columns of a kind of entry: the id, its own, and when it
// was made, changed and retired.
func entryColumns[T any, P directory.Entry[T]](own ...column[exportedEntry[T]]) []column[exportedEntry[T]] {
	id := col("id", func(_ *writing, e exportedEntry[T]) any {
		id, _ := P(&e.T).Refs()
		return *id
	}).only(inJSON)
	return append(append([]column[exportedEntry[T]]{id}, own...), columnsOf("", stampColumns, func(e exportedEntry[T]) (directory.Stamp, bool) {
		_, stamp := P(&e.T).Refs()
		return *stamp, true
	})...)
}

var stampColumns = []column[directory.Stamp]{
	col("retired_at", func(w *writing, s directory.Stamp) any { return w.at(s.RetiredAt) }),
	col("created_at", func(w *writing, s directory.Stamp) any { return w.at(&s.CreatedAt) }),
	col("updated_at", func(w *writing, s directory.Stamp) any { return w.at(&s.UpdatedAt) }),
}

type (
	placeRow      = exportedEntry[directory.Place]
	chainRow      = exportedEntry[directory.Chain]
	categoryRow   = exportedEntry[directory.Category]
	reasonRow     = exportedEntry[directory.Reason]
	departmentRow = exportedEntry[directory.Department]
	dutyRow       = exportedEntry[directory.Duty]
	enterpriseRow = exportedEntry[directory.Enterprise]
	projectRow    = exportedEntry[directory.Project]
)

var placeColumns = entryColumns(
	col("code", func(_ *writing, e placeRow) any { return e.T.Code }),
	col("name", func(_ *writing, e placeRow) any { return e.T.Name }),
	col("parent", func(w *writing, e placeRow) any { return w.named(e.names, e.T.ParentID) }),
)

var chainColumns = entryColumns(
	col("code", func(_ *writing, e chainRow) any { return e.T.Code }),
	col("name", func(_ *writing, e chainRow) any { return e.T.Name }),
	col("parent", func(w *writing, e chainRow) any { return w.named(e.names, e.T.ParentID) }),
	col("plan", func(_ *writing, e chainRow) any { return blankAsNull(e.T.Plan) }),
)

var categoryColumns = entryColumns(
	col("code", func(_ *writing, e categoryRow) any { return e.T.Code }),
	col("name", func(_ *writing, e categoryRow) any { return e.T.Name }),
	col("position", func(_ *writing, e categoryRow) any { return e.T.Position }),
)

var reasonColumns = entryColumns(
	col("kind", func(w *writing, e reasonRow) any { return w.word("reason_kind", string(e.T.Kind)) }),
	col("code", func(_ *writing, e reasonRow) any { return e.T.Code }),
	col("name", func(_ *writing, e reasonRow) any { return e.T.Name }),
)

var departmentColumns = entryColumns(
	col("code", func(_ *writing, e departmentRow) any { return e.T.Code }),
	col("name", func(_ *writing, e departmentRow) any { return e.T.Name }),
	col("short_name", func(_ *writing, e departmentRow) any { return blankAsNull(e.T.ShortName) }),
	col("kind", func(w *writing, e departmentRow) any { return w.word("department_kind", string(e.T.Kind)) }),
	col("parent", func(w *writing, e departmentRow) any { return w.named(e.names, e.T.ParentID) }),
	col("dispatchable", func(w *writing, e departmentRow) any { return w.yesNo(e.T.Dispatchable) }),
	col("summonable", func(w *writing, e departmentRow) any { return w.yesNo(e.T.Summonable) }),
	col("officers_resolve", func(w *writing, e departmentRow) any { return w.yesNo(e.T.OfficersResolve) }),
	col("station_kind", func(w *writing, e departmentRow) any { return w.word("station_kind", string(e.T.StationKind)) }),
	col("place", func(w *writing, e departmentRow) any { return w.named(e.names, e.T.PlaceID) }),
	col("services", func(w *writing, e departmentRow) any { return w.allWords("station_service", e.T.Services) }),
	col("opening", func(_ *writing, e departmentRow) any { return blankAsNull(e.T.Opening) }),
)

var dutyColumns = entryColumns(
	col("category", func(w *writing, e dutyRow) any { return w.category(e.T.Category) }),
	col("department", func(w *writing, e dutyRow) any { return w.named(e.names, e.T.DepartmentID) }),
	col("basis", func(_ *writing, e dutyRow) any { return blankAsNull(e.T.Basis) }),
)

var enterpriseColumns = entryColumns(
	col("name", func(_ *writing, e enterpriseRow) any { return e.T.Name }),
	col("credit_code", func(_ *writing, e enterpriseRow) any { return blankAsNull(e.T.CreditCode) }),
	col("external_number", func(_ *writing, e enterpriseRow) any { return blankAsNull(e.T.ExternalNumber) }),
	col("kind", func(w *writing, e enterpriseRow) any { return w.word("enterprise_kind", string(e.T.Kind)) }),
	col("place", func(w *writing, e enterpriseRow) any { return w.named(e.names, e.T.PlaceID) }),
	col("chains", func(w *writing, e enterpriseRow) any { return w.allNamed(e.names, e.T.Chains) }),
	col("tags", func(_ *writing, e enterpriseRow) any { return e.T.Tags }),
	col("contact", func(_ *writing, e enterpriseRow) any { return blankAsNull(e.T.Contact) }),
	col("phone", func(_ *writing, e enterpriseRow) any { return blankAsNull(e.T.Phone) }),
	col("manager_guide", func(w *writing, e enterpriseRow) any { return lookAfter(w, e, directory.Guide) }),
	col("manager_contact", func(w *writing, e enterpriseRow) any { return lookAfter(w, e, directory.Contact) }),
)

// Export writes the entries that the filter leaves of those that the actor
// may read, in the order of the list, and returns how many.
func (e Entries[T, P]) Export(ctx context.Context, actor ticket.Actor, f EntryFilter, to ExportTo) (int, error) {
	if e.kind.export != nil {
		return e.kind.export(e.s, ctx, actor, f, to)
	}
	return exportAll(ctx, e.s, e.kind.list, e.kind.columns, to, func(ctx context.Context, write func(exportedEntry[T]) error) error {
		return e.eachRow(ctx, actor, f, func(page []exportedEntry[T]) error {
			for _, row := range page {
				if err := write(row); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// eachRow reads what is to be exported to its end, page by page.
func (e Entries[T, P]) eachRow(ctx context.Context, actor ticket.Actor, f EntryFilter, take func(page []exportedEntry[T]) error) error {
	read := func(after *T, limit int) ([]T, error) {
		if f.After, f.Limit = "", limit; after != nil {
			id, _ := P(after).Refs()
			f.After = *id
		}
		return e.List(ctx, actor, f)
	}
	return eachPage(read, func(page []T) error {
		names := newNames()
		if e.kind.names != nil {
			for i := range page {
				e.kind.names(names, &page[i])
			}
		}
		managers := map[string][]directory.Assignment{}
		if e.kind.managed {
			var err error
			if managers, err = e.s.store.ManagersOn(ctx, e.s.today(), idsOf[T, P](page)); err != nil {
				return err
			}
			for _, all := range managers {
				for _, a := range all {
					names.add(store.Users, a.UserID)
				}
			}
		}
		if err := names.load(ctx, e.s.store); err != nil {
			return err
		}
		rows := make([]exportedEntry[T], len(page))
		for i, id := range idsOf[T, P](page) {
			rows[i] = exportedEntry[T]{page[i], names, managers[id]}
		}
		return take(rows)
	})
}

func idsOf[T any, P directory.Entry[T]](entries []T) []string {
	ids := make([]string, len(entries))
	for i := range entries {
		id, _ := P(&entries[i]).Refs()
		ids[i] = *id
	}
	return ids
}

var userColumns = append([]column[UserView]{
	col("id", func(_ *writing, u UserView) any { return u.ID }).only(inJSON),
	col("username", func(_ *writing, u UserView) any { return u.Username }),
	col("name", func(_ *writing, u UserView) any { return u.Name }),
	col("role", func(w *writing, u UserView) any { return w.word("role", string(u.Role)) }),
	col("department", func(w *writing, u UserView) any { return w.named(u.Names, u.DepartmentID) }),
	col("enterprise", func(w *writing, u UserView) any { return w.named(u.Names, u.EnterpriseID) }),
	col("phone", func(_ *writing, u UserView) any { return blankAsNull(u.Phone) }),
	col("email", func(_ *writing, u UserView) any { return blankAsNull(u.Email) }),
	col("language", func(w *writing, u UserView) any { return w.word("language", u.Language) }),
	col("has_password", func(w *writing, u UserView) any { return w.yesNo(u.PasswordHash != "") }),
}, columnsOf("", stampColumns, func(u UserView) (directory.Stamp, bool) { return u.Stamp, true })...)

// ExportUsers writes the accounts that the filter leaves of those that the
// actor has to do with, by user name, and returns how many.
func (s *Service) ExportUsers(ctx context.Context, actor ticket.Actor, f UserFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedUsers, userColumns, to, func(ctx context.Context, write func(UserView) error) error {
		return eachRow(func(after *UserView, limit int) ([]UserView, error) {
			if f.After, f.Limit = "", limit; after != nil {
				f.After = after.Username
			}
			return s.Users(ctx, actor, f)
		}, write)
	})
}

var assignmentColumns = append([]column[AssignmentView]{
	col("id", func(_ *writing, a AssignmentView) any { return a.ID }).only(inJSON),
	col("kind", func(w *writing, a AssignmentView) any { return w.word("assignment_kind", string(a.Kind)) }),
	col("user", func(w *writing, a AssignmentView) any { return w.named(a.Names, a.UserID) }),
	col("target", func(w *writing, a AssignmentView) any { return w.named(a.Names, a.TargetID) }),
	col("part", func(w *writing, a AssignmentView) any { return w.word("assignment_part", a.Part) }),
	col("from_date", func(w *writing, a AssignmentView) any { return w.day(&a.FromDate) }),
	col("to_date", func(w *writing, a AssignmentView) any { return w.day(a.ToDate) }),
}, columnsOf("", stampColumns, func(a AssignmentView) (directory.Stamp, bool) { return a.Stamp, true })...)

// ExportAssignments writes the assignments that the filter leaves of those
// that the actor has to do with, newest first, and returns how many.
func (s *Service) ExportAssignments(ctx context.Context, actor ticket.Actor, f AssignmentFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedAssignments, assignmentColumns, to, func(ctx context.Context, write func(AssignmentView) error) error {
		return eachRow(func(after *AssignmentView, limit int) ([]AssignmentView, error) {
			if f.After, f.Limit = "", limit; after != nil {
				f.After = after.ID
			}
			return s.Assignments(ctx, actor, f)
		}, write)
	})
}

var invitationColumns = []column[Invitation]{
	col("id", func(_ *writing, v Invitation) any { return v.ID }).only(inJSON),
	col("owner", func(_ *writing, v Invitation) any { return v.User.Name }),
	col("username", func(_ *writing, v Invitation) any { return v.User.Username }),
	col("enterprise", func(w *writing, v Invitation) any { return w.named(v.Names, v.User.EnterpriseID) }),
	col("department", func(w *writing, v Invitation) any { return w.named(v.Names, v.User.DepartmentID) }),
	col("phone", func(_ *writing, v Invitation) any { return blankAsNull(v.User.Phone) }),
	col("kind", func(w *writing, v Invitation) any { return w.word("link_kind", string(v.Kind)) }),
	col("state", func(w *writing, v Invitation) any { return w.word("link_state", string(v.State)) }),
	col("made_by", func(w *writing, v Invitation) any { return w.named(v.Names, v.MadeBy) }),
	col("made_at", func(w *writing, v Invitation) any { return w.at(&v.CreatedAt) }),
	col("expires_at", func(w *writing, v Invitation) any { return w.at(v.ExpiresAt) }),
	col("ended_at", func(w *writing, v Invitation) any { return w.at(v.EndedAt) }),
}

// ExportInvitations writes the links that the filter leaves of those that were
// made for accounts whose owners the actor may hand one, newest first, and
// returns how many; not the links themselves.
func (s *Service) ExportInvitations(ctx context.Context, actor ticket.Actor, f InvitationFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedInvitations, invitationColumns, to, func(ctx context.Context, write func(Invitation) error) error {
		return eachRow(func(after *Invitation, limit int) ([]Invitation, error) {
			if f.After, f.Limit = "", limit; after != nil {
				f.After = after.ID
			}
			return s.Invitations(ctx, actor, f)
		}, write)
	})
}

var auditColumns = []column[AuditView]{
	col("id", func(_ *writing, e AuditView) any { return e.ID }).only(inJSON),
	col("at", func(w *writing, e AuditView) any { return w.at(&e.At) }),
	col("actor", func(w *writing, e AuditView) any { return w.named(e.Names, e.ActorID) }),
	col("action", func(w *writing, e AuditView) any { return w.word("audit_action", e.Action) }),
	col("subject", func(w *writing, e AuditView) any { return w.word("audit_subject", e.Subject) }),
	col("about", func(_ *writing, e AuditView) any { return blankAsNull(e.About) }).only(inSheets),
	col("subject_id", func(_ *writing, e AuditView) any { return e.SubjectID }),
	col("changes", func(_ *writing, e AuditView) any { return blankAsNull(changesText(e.Changes)) }).only(inSheets),
	col("before", func(_ *writing, e AuditView) any { return json.RawMessage(e.Before) }).only(inJSON),
	col("after", func(_ *writing, e AuditView) any { return json.RawMessage(e.After) }).only(inJSON),
}

// changesText says what became of each field, a line each.
func changesText(changes []FieldChange) string {
	lines := make([]string, len(changes))
	for i, c := range changes {
		lines[i] = c.Field + ": " + valuesText(c.Before) + " → " + valuesText(c.After)
	}
	return strings.Join(lines, "\n")
}

func valuesText(values []FieldValue) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.String()
	}
	return strings.Join(texts, "、")
}

// ExportAudit writes the changes that the filter leaves, newest first, and
// returns how many. It is for administrators.
func (s *Service) ExportAudit(ctx context.Context, actor ticket.Actor, f AuditFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedAudit, auditColumns, to, func(ctx context.Context, write func(AuditView) error) error {
		return eachRow(func(after *AuditView, limit int) ([]AuditView, error) {
			if f.After, f.Limit = nil, limit; after != nil {
				f.After = &store.AuditPosition{At: after.At, ID: after.ID}
			}
			return s.AuditLog(ctx, actor, f)
		}, write)
	})
}
