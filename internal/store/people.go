package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"whistle/internal/directory"
	"whistle/internal/ticket"
)

// User reads an account.
func (s *Store) User(ctx context.Context, id string) (directory.User, error) {
	return get[directory.User](ctx, s, "id", id)
}

// UserByName reads an account by its user name.
func (s *Store) UserByName(ctx context.Context, username string) (directory.User, error) {
	return get[directory.User](ctx, s, "username", username)
}

// usersVisibleTo narrows a query over users to those that the actor has to do
// with: admin and desk all; everybody themselves; a department its own people,
// and the guests whose advice it may ask; a manager the people of the
// enterprises looked after.
func usersVisibleTo(actor ticket.Actor) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		switch actor.Role {
		case ticket.RoleAdmin, ticket.RoleDispatcher, ticket.RoleSystem:
			return q
		case ticket.RoleEnterprise, ticket.RoleOfficer, ticket.RoleHead, ticket.RoleLeader, ticket.RoleGuest:
		}
		either, args := []string{"users.id = ?"}, []any{actor.ID}
		if actor.DepartmentID != "" {
			either, args = append(either, "users.department_id = ?", "users.role = ?"), append(args, actor.DepartmentID, ticket.RoleGuest)
		}
		if len(actor.Manages) > 0 {
			either, args = append(either, "users.enterprise_id IN ?"), append(args, actor.Manages)
		}
		return q.Where("("+strings.Join(either, " OR ")+")", args...)
	}
}

// UserSeenBy reads an account in the actor's scope.
func (s *Store) UserSeenBy(ctx context.Context, actor ticket.Actor, id string) (directory.User, error) {
	var u directory.User
	err := s.read(ctx).Where("id = ?", id).Scopes(usersVisibleTo(actor)).Take(&u).Error
	return u, translate(err)
}

// UserFilter narrows a list of accounts; zero values narrow nothing but
// Retired, without which the retired are left out.
type UserFilter struct {
	Role         ticket.Role
	DepartmentID string
	EnterpriseID string
	Assignable   bool   // those alone who may be assigned something
	Text         string // in user name, name or phone
	Retired      bool   // the retired too
	After        string // user name of the last one of the page before
	Limit        int
}

// pageOf cuts a page out of a list of people or their assignments: after the
// last one of the page before, and without the retired unless they are wanted.
func pageOf(q *gorm.DB, retired bool, follows, after string, limit int) *gorm.DB {
	if !retired {
		q = q.Where("retired_at IS NULL")
	}
	if after != "" {
		q = q.Where(follows, after)
	}
	if limit > 0 {
		q = q.Limit(limit)
	}
	return q
}

// Users lists accounts in the actor's scope, by user name.
func (s *Store) Users(ctx context.Context, actor ticket.Actor, f UserFilter) ([]directory.User, error) {
	q := s.read(ctx).Scopes(usersVisibleTo(actor)).Order("username").
		Where(&directory.User{Role: f.Role, DepartmentID: f.DepartmentID, EnterpriseID: f.EnterpriseID}) // but not by zero values
	if f.Assignable {
		q = q.Where("role NOT IN ?", []ticket.Role{ticket.RoleEnterprise, ticket.RoleAdmin})
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		p := contains(text)
		q = q.Where(`(username LIKE ? ESCAPE '\' OR name LIKE ? ESCAPE '\' OR phone LIKE ? ESCAPE '\')`, p, p, p)
	}
	q = pageOf(q, f.Retired, "username > ?", f.After, f.Limit)
	var users []directory.User
	err := q.Find(&users).Error
	return users, translate(err)
}

// InsertUser writes a new account. It returns ErrDuplicate when the user name
// is taken.
func (s *Store) InsertUser(ctx context.Context, u *directory.User) error {
	stampUTC(&u.Stamp)
	u.PasswordChangedAt = utcPtr(u.PasswordChangedAt)
	return translate(s.write(ctx).Create(u).Error)
}

// UpdateUser writes what an account is, but not its password or retirement. It
// returns ErrDuplicate when the user name is taken, and ErrChanged unless the
// account was last changed at the moment seen.
func (s *Store) UpdateUser(ctx context.Context, u *directory.User, seen time.Time) error {
	return s.updateUser(ctx, u, seen, "username", "name", "role", "department_id", "enterprise_id", "phone", "email", "language")
}

// RetireUser writes an account's retirement, or the end of it. It returns
// ErrChanged unless the account was last changed at the moment seen.
func (s *Store) RetireUser(ctx context.Context, u *directory.User, seen time.Time) error {
	return s.updateUser(ctx, u, seen, "retired_at")
}

func (s *Store) updateUser(ctx context.Context, u *directory.User, seen time.Time, columns ...string) error {
	stampUTC(&u.Stamp)
	done := s.write(ctx).Model(u).Where("id = ? AND updated_at = ?", u.ID, utc(seen)).Select(append(columns, "updated_at")).UpdateColumns(u)
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrChanged
	}
	return translate(done.Error)
}

// LastUse is when each of the accounts last used any of its tokens that are
// still kept; nothing of one that used none.
func (s *Store) LastUse(ctx context.Context, userIDs []string) (map[string]time.Time, error) {
	last := map[string]time.Time{}
	if len(userIDs) == 0 {
		return last, nil
	}
	condition, list := s.among("user_id", userIDs)
	var tokens []directory.Token
	err := s.read(ctx).Select("user_id", "last_used_at").Where(condition, list).Where("last_used_at IS NOT NULL").Find(&tokens).Error
	for _, t := range tokens {
		if t.LastUsedAt.After(last[t.UserID]) {
			last[t.UserID] = *t.LastUsedAt
		}
	}
	return last, translate(err)
}

// SetPassword writes an account's password hash.
func (s *Store) SetPassword(ctx context.Context, u *directory.User) error {
	u.PasswordChangedAt = utcPtr(u.PasswordChangedAt)
	return s.updateOne(ctx, u, u.ID, "password_hash", "password_changed_at")
}

// SetLanguage writes the language in which an account is told things. It is no
// change of what the account is.
func (s *Store) SetLanguage(ctx context.Context, id, language string) error {
	return s.updateOne(ctx, &directory.User{Language: language}, id, "language")
}

// updateOne writes the columns named of one row.
func (s *Store) updateOne(ctx context.Context, row any, id string, columns ...string) error {
	done := s.write(ctx).Model(row).Where("id = ?", id).Select(columns).UpdateColumns(row)
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrNotFound
	}
	return translate(done.Error)
}

func stampUTC(s *directory.Stamp) {
	s.CreatedAt, s.UpdatedAt, s.RetiredAt = utc(s.CreatedAt), utc(s.UpdatedAt), utcPtr(s.RetiredAt)
}

// HoldUser makes the transaction fail with ErrChanged unless the account is in
// service and its password the one behind the hash, and keeps others from
// changing it until the end.
func (s *Store) HoldUser(ctx context.Context, id, passwordHash string) error {
	done := s.write(ctx).Exec("UPDATE users SET password_hash = password_hash WHERE id = ? AND password_hash = ? AND retired_at IS NULL", id, passwordHash)
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrChanged
	}
	return translate(done.Error)
}

// HoldAdmins reads the admins in service, oldest first, and keeps others from
// changing them until the end of the transaction.
func (s *Store) HoldAdmins(ctx context.Context) ([]directory.User, error) {
	const inService = "role = ? AND retired_at IS NULL"
	if err := s.write(ctx).Exec("UPDATE users SET role = role WHERE "+inService, ticket.RoleAdmin).Error; err != nil {
		return nil, translate(err)
	}
	var admins []directory.User
	err := s.read(ctx).Where(inService, ticket.RoleAdmin).Order("created_at, id").Find(&admins).Error
	return admins, translate(err)
}

// Assignments reads everything an account was ever assigned.
func (s *Store) Assignments(ctx context.Context, userID string) ([]directory.Assignment, error) {
	var rows []directory.Assignment
	err := s.read(ctx).Where("user_id = ?", userID).Order("from_date, id").Find(&rows).Error
	return rows, translate(err)
}

// assignmentsVisibleTo narrows a query over assignments: admin and desk all;
// everybody their own; a department those of its people and of itself; an
// enterprise those who look after it.
func assignmentsVisibleTo(actor ticket.Actor) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		either, args := []string{"assignments.user_id = ?"}, []any{actor.ID}
		switch actor.Role {
		case ticket.RoleAdmin, ticket.RoleDispatcher, ticket.RoleSystem:
			return q
		case ticket.RoleOfficer, ticket.RoleHead:
			either = append(either, "assignments.target_id = ?", "assignments.user_id IN (SELECT id FROM users WHERE department_id = ?)")
			args = append(args, actor.DepartmentID, actor.DepartmentID)
		case ticket.RoleEnterprise:
			either, args = append(either, "assignments.target_id = ?"), append(args, actor.EnterpriseID)
		case ticket.RoleLeader, ticket.RoleGuest:
		}
		return q.Where("("+strings.Join(either, " OR ")+")", args...)
	}
}

// AssignmentSeenBy reads an assignment in the actor's scope.
func (s *Store) AssignmentSeenBy(ctx context.Context, actor ticket.Actor, id string) (directory.Assignment, error) {
	var a directory.Assignment
	err := s.read(ctx).Where("id = ?", id).Scopes(assignmentsVisibleTo(actor)).Take(&a).Error
	return a, translate(err)
}

// AssignmentFilter narrows a list of assignments; zero values narrow nothing
// but Retired, without which the retired are left out.
type AssignmentFilter struct {
	Kind     directory.AssignmentKind
	UserID   string
	TargetID string
	Retired  bool   // the retired too
	After    string // id of the last one of the page before
	Limit    int
}

// AssignmentList lists assignments in the actor's scope, newest first.
func (s *Store) AssignmentList(ctx context.Context, actor ticket.Actor, f AssignmentFilter) ([]directory.Assignment, error) {
	q := s.read(ctx).Scopes(assignmentsVisibleTo(actor)).Order("id DESC").
		Where(&directory.Assignment{Kind: f.Kind, UserID: f.UserID, TargetID: f.TargetID}) // but not by zero values
	q = pageOf(q, f.Retired, "id < ?", f.After, f.Limit)
	var rows []directory.Assignment
	err := q.Find(&rows).Error
	return rows, translate(err)
}

// InsertAssignments writes new assignments.
func (s *Store) InsertAssignments(ctx context.Context, all []directory.Assignment) error {
	for i := range all {
		stampUTC(&all[i].Stamp)
	}
	return insertAll(ctx, s, all)
}

// UsersByID reads those of the accounts that are there.
func (s *Store) UsersByID(ctx context.Context, ids []string) (map[string]directory.User, error) {
	var rows []directory.User
	condition, list := s.among("id", ids)
	err := s.read(ctx).Where(condition, list).Find(&rows).Error
	users := make(map[string]directory.User, len(rows))
	for _, u := range rows {
		users[u.ID] = u
	}
	return users, translate(err)
}

// AssignmentsOf reads the assignments of a kind that were not retired, by
// account.
func (s *Store) AssignmentsOf(ctx context.Context, kind directory.AssignmentKind, userIDs []string) (map[string][]directory.Assignment, error) {
	var rows []directory.Assignment
	condition, list := s.among("user_id", userIDs)
	err := s.read(ctx).Where("kind = ? AND retired_at IS NULL", kind).Where(condition, list).Order("from_date, id").Find(&rows).Error
	all := map[string][]directory.Assignment{}
	for _, a := range rows {
		all[a.UserID] = append(all[a.UserID], a)
	}
	return all, translate(err)
}

// InService says which of the ids are in service in their table, of
// departments those of the kind when one is named.
func (s *Store) InService(ctx context.Context, table NamedTable, kind directory.DepartmentKind, ids []string) (map[string]bool, error) {
	condition, list := s.among("id", ids)
	q := s.read(ctx).Table(string(table)).Where("retired_at IS NULL").Where(condition, list)
	if kind != "" {
		q = q.Where("kind = ?", kind)
	}
	var found []string
	err := q.Pluck("id", &found).Error
	in := make(map[string]bool, len(found))
	for _, id := range found {
		in[id] = true
	}
	return in, translate(err)
}

// UpdateAssignment writes an assignment's last day and retirement.
func (s *Store) UpdateAssignment(ctx context.Context, a *directory.Assignment) error {
	stampUTC(&a.Stamp)
	return s.updateOne(ctx, a, a.ID, "to_date", "retired_at", "updated_at")
}

// RetireAssignments retires every assignment of an account.
func (s *Store) RetireAssignments(ctx context.Context, userID string, at time.Time) error {
	return translate(s.write(ctx).Exec("UPDATE assignments SET retired_at = ?, updated_at = ? WHERE user_id = ? AND retired_at IS NULL",
		utc(at), utc(at), userID).Error)
}

// InsertToken writes a new token.
func (s *Store) InsertToken(ctx context.Context, t *directory.Token) error {
	t.CreatedAt, t.ExpiresAt = utc(t.CreatedAt), utcPtr(t.ExpiresAt)
	return translate(s.write(ctx).Create(t).Error)
}

// liveTokens narrows a query over tokens to those of the kinds that open
// something at a moment.
func liveTokens(at time.Time, kinds ...directory.TokenKind) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		return q.Where("tokens.kind IN ? AND tokens.ended_at IS NULL AND (tokens.expires_at IS NULL OR tokens.expires_at > ?)", kinds, utc(at))
	}
}

// TokenRow is a token with the account that holds it.
type TokenRow struct {
	Token directory.Token `gorm:"embedded;embeddedPrefix:token_"`
	User  directory.User  `gorm:"embedded;embeddedPrefix:user_"`
}

var holderColumns = func() []string {
	var columns []string
	for _, c := range []string{"id", "kind", "user_id", "created_at", "expires_at", "last_used_at"} {
		columns = append(columns, "tokens."+c+" AS token_"+c)
	}
	for _, c := range []string{"id", "username", "name", "role", "department_id", "enterprise_id", "password_hash"} {
		columns = append(columns, "users."+c+" AS user_"+c)
	}
	return columns
}()

func (s *Store) holder(ctx context.Context, hash string, at time.Time, kinds []directory.TokenKind) *gorm.DB {
	return s.read(ctx).Table("tokens").Select(holderColumns).Joins("JOIN users ON users.id = tokens.user_id AND users.retired_at IS NULL").
		Where("tokens.hash = ?", hash).Scopes(liveTokens(at, kinds...))
}

// TokenHolder finds a token of one of the kinds that opens something at the
// moment given, and the account in service that holds it; one query.
func (s *Store) TokenHolder(ctx context.Context, hash string, at time.Time, kinds ...directory.TokenKind) (directory.Token, directory.User, error) {
	var row TokenRow
	err := s.holder(ctx, hash, at, kinds).Take(&row).Error
	return row.Token, row.User, translate(err)
}

// Caller is TokenHolder with everything that the account was ever assigned; it
// comes with every request, and so is one query, too.
func (s *Store) Caller(ctx context.Context, hash string, at time.Time, kinds ...directory.TokenKind) (directory.Token, directory.User, []directory.Assignment, error) {
	var rows []struct {
		Holder     TokenRow             `gorm:"embedded"`
		Assignment directory.Assignment `gorm:"embedded;embeddedPrefix:assignment_"`
	}
	columns := slices.Clone(holderColumns)
	for _, c := range []string{"id", "kind", "user_id", "target_id", "part", "from_date", "to_date", "retired_at"} {
		columns = append(columns, "assignments."+c+" AS assignment_"+c)
	}
	err := s.holder(ctx, hash, at, kinds).Select(columns).Joins("LEFT JOIN assignments ON assignments.user_id = users.id").
		Order("assignments.from_date, assignments.id").Find(&rows).Error
	if err == nil && len(rows) == 0 {
		err = gorm.ErrRecordNotFound
	}
	if err != nil {
		return directory.Token{}, directory.User{}, nil, translate(err)
	}
	var assignments []directory.Assignment
	for _, row := range rows {
		if row.Assignment.ID != "" {
			assignments = append(assignments, row.Assignment)
		}
	}
	return rows[0].Holder.Token, rows[0].Holder.User, assignments, nil
}

// MarkTokenUsed writes down that a token was used, unless that was done
// after since.
func (s *Store) MarkTokenUsed(ctx context.Context, id string, at, since time.Time) error {
	return translate(s.write(ctx).Exec("UPDATE tokens SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at <= ?)",
		utc(at), id, utc(since)).Error)
}

// ProlongToken lets a token that was not ended go on until a later moment.
func (s *Store) ProlongToken(ctx context.Context, id string, until time.Time) error {
	done := s.write(ctx).Exec("UPDATE tokens SET expires_at = ? WHERE id = ? AND ended_at IS NULL AND expires_at < ?", utc(until), id, utc(until))
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrChanged
	}
	return translate(done.Error)
}

// Tokens lists the tokens of an account that open something at a moment,
// newest first.
func (s *Store) Tokens(ctx context.Context, userID string, kind directory.TokenKind, at time.Time, after string, limit int) ([]directory.Token, error) {
	q := s.read(ctx).Where("user_id = ?", userID).Scopes(liveTokens(at, kind)).Order("id DESC").Limit(limit)
	if after != "" {
		q = q.Where("id < ?", after)
	}
	var tokens []directory.Token
	err := q.Find(&tokens).Error
	return tokens, translate(err)
}

// TokenEnd chooses tokens of an account to be ended; zero values but UserID
// choose any.
type TokenEnd struct {
	UserID string
	ID     string
	Kinds  []directory.TokenKind
	Except string // hash of one to be spared
	As     directory.TokenEnding
}

// EndTokens ends the tokens chosen that open something at the moment given,
// and returns how many there were.
func (s *Store) EndTokens(ctx context.Context, end TokenEnd, at time.Time) (int, error) {
	q := s.write(ctx).Model(&directory.Token{}).Where("user_id = ? AND hash <> ?", end.UserID, end.Except).Scopes(liveTokens(at, end.Kinds...))
	if end.ID != "" {
		q = q.Where("id = ?", end.ID)
	}
	done := q.UpdateColumns(map[string]any{"ended_at": utc(at), "ended_as": end.As})
	return int(done.RowsAffected), translate(done.Error)
}

// SignedInFrom says whether an account was signed in to from an address since
// the moment given.
func (s *Store) SignedInFrom(ctx context.Context, userID, address string, since time.Time) (bool, error) {
	var n int64
	err := s.read(ctx).Model(&directory.Token{}).
		Where("user_id = ? AND kind = ? AND address = ? AND created_at >= ?", userID, directory.SessionToken, address, utc(since)).
		Limit(1).Count(&n).Error
	return n > 0, translate(err)
}

// ForgetTokens removes an account's tokens that open nothing any more: of
// sessions those from the address given (of which a newer one is kept), of all
// kinds those made before the moment given.
func (s *Store) ForgetTokens(ctx context.Context, userID, address string, now, before time.Time) error {
	return translate(s.write(ctx).Exec(`DELETE FROM tokens WHERE user_id = ? AND (ended_at IS NOT NULL OR expires_at <= ?)
		AND (kind = ? AND address = ? OR created_at < ?)`, userID, utc(now), directory.SessionToken, address, utc(before)).Error)
}

// SignInFailures counts what failed of one subject: an account, an address, or
// the two together.
type SignInFailures struct {
	Subject  string `gorm:"primaryKey"`
	Failures int
	LastAt   time.Time // of the last failure; of the first attempt while there is none
}

// TableName of the counts.
func (SignInFailures) TableName() string { return "signin_failures" }

// HoldSignInFailures reads the counts of the subjects, begins those that are
// not there, and keeps others from changing them until the end of the
// transaction. Counts last changed before the moment given are forgotten.
func (s *Store) HoldSignInFailures(ctx context.Context, subjects []string, now, before time.Time) (map[string]SignInFailures, error) {
	if err := s.write(ctx).Exec("DELETE FROM signin_failures WHERE last_at < ?", utc(before)).Error; err != nil {
		return nil, translate(err)
	}
	subjects = slices.Sorted(slices.Values(subjects)) // two transactions must not wait for each other
	rows := make([]SignInFailures, len(subjects))
	for i, subject := range subjects {
		rows[i] = SignInFailures{Subject: subject, LastAt: utc(now)}
	}
	hold := clause.OnConflict{
		Columns:   []clause.Column{{Name: "subject"}},
		DoUpdates: clause.Set{{Column: clause.Column{Name: "failures"}, Value: gorm.Expr("signin_failures.failures")}},
	}
	if err := s.write(ctx).Clauses(hold).Create(&rows).Error; err != nil {
		return nil, translate(err)
	}
	var counts []SignInFailures
	if err := s.read(ctx).Where("subject IN ?", subjects).Find(&counts).Error; err != nil {
		return nil, translate(err)
	}
	held := make(map[string]SignInFailures, len(counts))
	for _, row := range counts {
		held[row.Subject] = row
	}
	return held, nil
}

// AddSignInFailures adds one failure to each subject held.
func (s *Store) AddSignInFailures(ctx context.Context, subjects []string, at time.Time) error {
	return translate(s.write(ctx).Exec("UPDATE signin_failures SET failures = failures + 1, last_at = ? WHERE subject IN ?", utc(at), subjects).Error)
}

// ForgiveSignInFailures takes one failure back from each subject.
func (s *Store) ForgiveSignInFailures(ctx context.Context, subjects []string) error {
	return translate(s.write(ctx).Exec("UPDATE signin_failures SET failures = failures - 1 WHERE subject IN ? AND failures > 0", subjects).Error)
}

// ClearSignInFailures forgets a subject's failures.
func (s *Store) ClearSignInFailures(ctx context.Context, subject string) error {
	return translate(s.write(ctx).Exec("DELETE FROM signin_failures WHERE subject = ?", subject).Error)
}
