package store

import (
	"gorm.io/gorm"

	"whistle/internal/ticket"
)

// visibleTo narrows a query over tickets to those in the actor's sight. It is
// the same rule as ticket.Actor.Sees, said in SQL so that a page of a list is
// one query; a test holds the two to each other.
func visibleTo(actor ticket.Actor) func(*gorm.DB) *gorm.DB { return visible(actor, true) }

// visible is visibleTo, with or without the tickets that the actor's department
// gave back. Those are shown as they stood at the return, so a list that is
// narrowed by how tickets stand now must leave them out, or it would tell.
func visible(actor ticket.Actor, givenBack bool) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		if actor.SeesAll() {
			return q
		}
		now, then := sight(actor)
		if givenBack && then.sql != "" {
			now.add(then.sql, then.args...)
		}
		return q.Where(now.sql, now.args...)
	}
}

// condition is a part of a WHERE.
type condition struct {
	sql  string
	args []any
}

// add lets another condition do, too.
func (c *condition) add(sql string, args ...any) {
	if c.sql != "" {
		c.sql += " OR "
	}
	c.sql, c.args = c.sql+"("+sql+")", append(c.args, args...)
}

// sight are the conditions on which somebody who does not see all sees a
// ticket as it stands, and, "" for never, as it stood when their department
// gave it back.
func sight(actor ticket.Actor) (now, givenBack condition) {
	if actor.Role == ticket.RoleEnterprise && actor.EnterpriseID != "" {
		now.add("tickets.enterprise_id = ?", actor.EnterpriseID)
	}
	if len(actor.Manages) > 0 {
		now.add("tickets.enterprise_id IN ? AND (NOT tickets.confidential OR tickets.filed_by = ?)", actor.Manages, actor.ID)
	}
	if len(actor.Teams) > 0 {
		now.add("tickets.project_id IN ? AND NOT tickets.confidential", actor.Teams)
	}
	if actor.DepartmentID != "" && (actor.Role == ticket.RoleOfficer || actor.Role == ticket.RoleHead) {
		now.add("tickets.id IN (SELECT ticket_id FROM ticket_parties WHERE party_id = ? AND part IN ('lead', 'joined'))", actor.DepartmentID)
		givenBack.add("NOT tickets.confidential AND tickets.id IN (SELECT ticket_id FROM ticket_parties WHERE party_id = ? AND part = 'former')", actor.DepartmentID)
	}
	if actor.ID != "" {
		now.add("NOT tickets.confidential AND tickets.id IN (SELECT ticket_id FROM ticket_parties WHERE party_id = ? AND part = 'expert')", actor.ID)
	}
	if now.sql == "" {
		now.sql = "1 = 0"
	}
	return now, givenBack
}
