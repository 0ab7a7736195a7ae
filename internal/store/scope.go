package store

import (
	"gorm.io/gorm"

	"whistle/internal/ticket"
)

// visibleTo narrows a query over tickets to those in the actor's sight. It is
// the same rule as ticket.Actor.Sees, said in SQL so that a page of a list is
// one query; a test holds the two to each other.
func visibleTo(actor ticket.Actor, how lookingUp) func(*gorm.DB) *gorm.DB {
	return visible(actor, how, true)
}

// visible is visibleTo, with or without the tickets that the actor's department
// gave back. Those are shown as they stood at the return, so a list that is
// narrowed by how tickets stand now must leave them out, or it would tell.
func visible(actor ticket.Actor, how lookingUp, givenBack bool) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		if actor.SeesAll() {
			return q
		}
		now, then := sight(actor, how)
		if givenBack && then.sql != "" {
			now.add(then.sql, then.args...)
		}
		return q.Where(now.sql, now.args...)
	}
}

// toldWhose leaves nothing of a list that an enterprise narrows by assignee:
// who in a department has its ticket is for the offices, and could be tried.
func toldWhose(actor ticket.Actor, assigneeID string) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		if assigneeID != "" && actor.Role == ticket.RoleEnterprise {
			return q.Where("1 = 0")
		}
		return q
	}
}

// lookingUp is how a query finds out who has a part in a ticket.
type lookingUp int

const (
	// allAtOnce gathers every ticket in which one has a part, for queries that
	// go through many.
	allAtOnce lookingUp = iota
	// oneByOne looks at each ticket, for queries whose other conditions leave few.
	oneByOne
)

// hasPart is the condition that a party has one of the parts in a ticket.
func (how lookingUp) hasPart(parts string) string {
	if how == oneByOne {
		return "EXISTS (SELECT 1 FROM ticket_parties WHERE ticket_id = tickets.id AND part IN (" + parts + ") AND party_id = ?)"
	}
	return "tickets.id IN (SELECT ticket_id FROM ticket_parties WHERE party_id = ? AND part IN (" + parts + "))"
}

// condition is a part of a WHERE.
type condition struct {
	sql  string
	args []any
	ways []condition // each of which does by itself
}

// add lets another condition do, too.
func (c *condition) add(sql string, args ...any) {
	c.ways = append(c.ways, condition{sql: sql, args: args})
	if c.sql != "" {
		c.sql += " OR "
	}
	c.sql, c.args = c.sql+"("+sql+")", append(c.args, args...)
}

// sight are the conditions on which somebody who does not see all sees a
// ticket as it stands, and, "" for never, as it stood when their department
// gave it back.
func sight(actor ticket.Actor, how lookingUp) (now, givenBack condition) {
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
		now.add("tickets.lead_id = ?", actor.DepartmentID) // the part of most, without a look
		now.add(how.hasPart("'joined'"), actor.DepartmentID)
		givenBack.add("NOT tickets.confidential AND "+how.hasPart("'former'"), actor.DepartmentID)
	}
	if actor.ID != "" {
		now.add("NOT tickets.confidential AND "+how.hasPart("'expert'"), actor.ID)
	}
	if now.sql == "" {
		now.sql = "1 = 0"
	}
	return now, givenBack
}

// oneOf narrows a query to the rows whose column has one of the ids; none for no
// ids. Of a single one planners take the rows in the order of an index.
func oneOf(column string, ids []string) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		if len(ids) == 1 {
			return q.Where(column+" = ?", ids[0])
		}
		return q.Where(column+" IN ?", append(ids[:len(ids):len(ids)], ""))
	}
}
