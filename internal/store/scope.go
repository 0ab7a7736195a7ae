package store

import (
	"strings"

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
		var either []string
		var args []any
		add := func(condition string, values ...any) {
			either, args = append(either, "("+condition+")"), append(args, values...)
		}
		if actor.Role == ticket.RoleEnterprise && actor.EnterpriseID != "" {
			add("tickets.enterprise_id = ?", actor.EnterpriseID)
		}
		if len(actor.Manages) > 0 {
			add("tickets.enterprise_id IN ? AND (NOT tickets.confidential OR tickets.filed_by = ?)", actor.Manages, actor.ID)
		}
		if len(actor.Teams) > 0 {
			add("tickets.project_id IN ? AND NOT tickets.confidential", actor.Teams)
		}
		if actor.DepartmentID != "" && (actor.Role == ticket.RoleOfficer || actor.Role == ticket.RoleHead) {
			add("tickets.id IN (SELECT ticket_id FROM ticket_parties WHERE party_id = ? AND part IN ('lead', 'joined'))", actor.DepartmentID)
			if givenBack {
				add("NOT tickets.confidential AND tickets.id IN (SELECT ticket_id FROM ticket_parties WHERE party_id = ? AND part = 'former')", actor.DepartmentID)
			}
		}
		if actor.ID != "" {
			add("NOT tickets.confidential AND tickets.id IN (SELECT ticket_id FROM ticket_parties WHERE party_id = ? AND part = 'expert')", actor.ID)
		}
		if len(either) == 0 {
			return q.Where("1 = 0")
		}
		return q.Where(strings.Join(either, " OR "), args...)
	}
}
