package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"whistle/internal/directory"
	"whistle/internal/ticket"
)

var (
	// doors are the tokens through which people get in.
	doors = []directory.TokenKind{directory.SessionToken, directory.InvitationLink, directory.ResetLink}
	links = []directory.TokenKind{directory.InvitationLink, directory.ResetLink}
)

// unreached is the condition that an enterprise has no account with a password
// or with one of the tokens, alive at a moment.
const unreached = `NOT EXISTS (SELECT 1 FROM users WHERE users.enterprise_id = enterprises.id AND users.retired_at IS NULL
	AND (users.password_hash <> '' OR EXISTS (SELECT 1 FROM tokens WHERE tokens.user_id = users.id AND tokens.kind IN ?
		AND tokens.ended_at IS NULL AND (tokens.expires_at IS NULL OR tokens.expires_at > ?))))`

// Contacts reads the accounts in service of each of the enterprises, by user
// name.
func (s *Store) Contacts(ctx context.Context, enterpriseIDs []string) (map[string][]directory.User, error) {
	condition, list := s.among("enterprise_id", enterpriseIDs)
	var users []directory.User
	err := s.read(ctx).Where("role = ? AND retired_at IS NULL", ticket.RoleEnterprise).Where(condition, list).Order("username").Find(&users).Error
	of := map[string][]directory.User{}
	for _, u := range users {
		of[u.EnterpriseID] = append(of[u.EnterpriseID], u)
	}
	return of, translate(err)
}

// Access is how an enterprise's contacts can get in.
type Access struct {
	Accounts int // in service
	Able     int // of these with a password or a session
	Links    int // that work and were not followed yet
}

// EnterpriseAccess tells of each of the enterprises how its contacts can get in
// at a moment; nothing of one without an account.
func (s *Store) EnterpriseAccess(ctx context.Context, ids []string, at time.Time) (map[string]Access, error) {
	of := map[string]Access{}
	if len(ids) == 0 {
		return of, nil
	}
	condition, list := s.among("users.enterprise_id", ids)
	var rows []struct {
		EnterpriseID string
		Access       `gorm:"embedded"`
	}
	err := s.read(ctx).Raw(`SELECT users.enterprise_id, COUNT(DISTINCT users.id) AS accounts,
			COUNT(DISTINCT CASE WHEN users.password_hash <> '' OR tokens.kind = ? THEN users.id END) AS able,
			COUNT(DISTINCT CASE WHEN tokens.kind <> ? THEN tokens.id END) AS links
		FROM users LEFT JOIN tokens ON tokens.user_id = users.id AND tokens.kind IN ?
			AND tokens.ended_at IS NULL AND (tokens.expires_at IS NULL OR tokens.expires_at > ?)
		WHERE users.role = ? AND users.retired_at IS NULL AND `+condition+` GROUP BY users.enterprise_id`,
		directory.SessionToken, directory.SessionToken, doors, utc(at), ticket.RoleEnterprise, list).Scan(&rows).Error
	for _, row := range rows {
		of[row.EnterpriseID] = row.Access
	}
	return of, translate(err)
}

// LinkFilter narrows a list of links; zero values narrow nothing.
type LinkFilter struct {
	ID           string
	State        directory.LinkState
	EnterpriseID string // of whose contact it is
	UserID       string
	MadeBy       string // user id
	Text         string // in the owner's user name or name, or the enterprise's name
	After        string // id of the last one of the page before
	Limit        int
}

var linkColumns = func() []string {
	columns := slices.Clone(holderColumns)
	for _, c := range []string{"made_by", "ended_at", "ended_as"} {
		columns = append(columns, "tokens."+c+" AS token_"+c)
	}
	return append(columns, "users.phone AS user_phone", "users.retired_at AS user_retired_at")
}()

// linkableBy narrows a query over users to those whom the actor may hand a
// link: admins anybody, the desk enterprises' people, a manager those of the
// enterprises looked after, a head the officers of the department.
func linkableBy(actor ticket.Actor) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		switch actor.Role {
		case ticket.RoleAdmin, ticket.RoleSystem:
			return q
		case ticket.RoleDispatcher:
			return q.Where("users.role = ?", ticket.RoleEnterprise)
		case ticket.RoleEnterprise, ticket.RoleOfficer, ticket.RoleHead, ticket.RoleLeader, ticket.RoleGuest:
		}
		either, args := []string{"1 = 0"}, []any{}
		if len(actor.Manages) > 0 {
			either, args = append(either, "users.role = ? AND users.enterprise_id IN ?"), append(args, ticket.RoleEnterprise, actor.Manages)
		}
		if actor.Heads() {
			either = append(either, "users.role = ? AND users.department_id = ? AND users.id <> ?")
			args = append(args, ticket.RoleOfficer, actor.DepartmentID, actor.ID)
		}
		return q.Where("("+strings.Join(either, " OR ")+")", args...)
	}
}

// Links lists the links of accounts whose owners the actor may hand one, newest
// first, with their state at a moment.
func (s *Store) Links(ctx context.Context, actor ticket.Actor, f LinkFilter, at time.Time) ([]TokenRow, error) {
	q := s.read(ctx).Table("tokens").Select(linkColumns).Joins("JOIN users ON users.id = tokens.user_id").
		Where("tokens.kind IN ?", links).Scopes(linkableBy(actor)).Order("tokens.id DESC")
	for _, equal := range []struct{ column, value string }{
		{"tokens.id", f.ID}, {"tokens.user_id", f.UserID}, {"tokens.made_by", f.MadeBy}, {"users.enterprise_id", f.EnterpriseID},
	} {
		if equal.value != "" {
			q = q.Where(equal.column+" = ?", equal.value)
		}
	}
	switch f.State {
	case directory.LinkOpen:
		q = q.Scopes(liveTokens(at, links...))
	case directory.LinkWasUsed:
		q = q.Where("tokens.ended_as = ?", directory.LinkUsed)
	case directory.LinkExpired:
		q = q.Where("tokens.ended_at IS NULL AND tokens.expires_at <= ?", utc(at))
	case directory.LinkWithdrawn:
		q = q.Where("tokens.ended_at IS NOT NULL AND tokens.ended_as <> ?", directory.LinkUsed)
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		p := contains(text)
		q = q.Where(`(users.username LIKE ? ESCAPE '\' OR users.name LIKE ? ESCAPE '\' OR users.enterprise_id IN (SELECT id FROM enterprises WHERE name LIKE ? ESCAPE '\'))`, p, p, p)
	}
	if f.After != "" {
		q = q.Where("tokens.id < ?", f.After)
	}
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	var rows []TokenRow
	err := q.Find(&rows).Error
	return rows, translate(err)
}
