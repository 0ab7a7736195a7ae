package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"whistle/internal/figures"
	"whistle/internal/ticket"
)

// ticketRow is a ticket as the table keeps it: the core in columns, the detail
// as JSON, and beside them what lists are filtered by.
type ticketRow struct {
	Serial      int64
	ticket.Core `gorm:"embedded"`
	Chains      string
	YellowAt    *time.Time
	RedAt       *time.Time
	ReviewDate  string
	OnLedger    bool
	ChargeID    string
	Detail      string

	DerivedVersion int // of the rules by which these and the obligations were derived
}

func (ticketRow) TableName() string { return "tickets" }

func rowOf(t *ticket.Ticket) (*ticketRow, error) {
	detail, err := json.Marshal(t.Detail)
	if err != nil {
		return nil, err
	}
	row := &ticketRow{
		Core: t.Core, Chains: figures.JoinChains(t.Chains), OnLedger: t.OnLedger, ChargeID: t.ChargeID,
		Detail: string(detail), DerivedVersion: derivedVersion,
	}
	row.YellowAt, row.RedAt = t.AlarmTimes()
	if t.ReviewDate != nil {
		row.ReviewDate = t.ReviewDate.String()
	}
	return row, nil
}

func (r *ticketRow) ticket() (*ticket.Ticket, error) {
	t := &ticket.Ticket{Core: r.Core}
	t.FiledAt, t.UpdatedAt = utc(t.FiledAt), utc(t.UpdatedAt)
	if err := json.Unmarshal([]byte(r.Detail), &t.Detail); err != nil {
		return nil, fmt.Errorf("ticket %s: stored detail: %w", r.ID, err)
	}
	return t, nil
}

// NextSerial gives the next ticket's serial number; never the same twice.
func (s *Store) NextSerial(ctx context.Context) (int64, error) {
	query := "SELECT nextval('ticket_serial')"
	if s.dialect == SQLite {
		query = "SELECT coalesce(max(serial), 0) + 1 FROM tickets" // the transaction holds the one write lock
	}
	var n int64
	err := s.write(ctx).Raw(query).Scan(&n).Error
	return n, err
}

// InsertTicket writes a ticket that was just filed, its first line and facts.
func (s *Store) InsertTicket(ctx context.Context, serial int64, t *ticket.Ticket, line *ticket.Line) error {
	row, err := rowOf(t)
	if err != nil {
		return err
	}
	row.Serial = serial
	if err := s.write(ctx).Create(row).Error; err != nil {
		return translate(err)
	}
	return s.follow(ctx, nil, t, line)
}

// UpdateTicket writes a ticket after an event, the event's line and facts. It
// returns ErrChanged when somebody was faster.
func (s *Store) UpdateTicket(ctx context.Context, before, after *ticket.Ticket, line *ticket.Line) error {
	row, err := rowOf(after)
	if err != nil {
		return err
	}
	stays := []string{"serial", "id", "number", "external_number", "filed_by", "filed_at", "imported", "policy_version", "description"}
	if after.Title == before.Title {
		stays = append(stays, "title") // a text may be removed by law meanwhile
	}
	done := s.write(ctx).Model(&ticketRow{}).
		Where("id = ? AND version = ?", before.ID, before.Version).
		Select("*").Omit(stays...).
		UpdateColumns(row) // not Updates, which would set updated_at itself
	if done.Error != nil {
		return translate(done.Error)
	}
	if done.RowsAffected == 0 {
		return ErrChanged
	}
	return s.follow(ctx, before, after, line)
}

// HoldTicket makes the transaction fail with ErrChanged unless the ticket is
// still at the version read, and keeps others from changing it until the end.
func (s *Store) HoldTicket(ctx context.Context, t *ticket.Ticket) error {
	done := s.write(ctx).Exec("UPDATE tickets SET version = version WHERE id = ? AND version = ?", t.ID, t.Version)
	if done.Error != nil {
		return translate(done.Error)
	}
	if done.RowsAffected == 0 {
		return ErrChanged
	}
	return nil
}

// follow writes what comes with every change of a ticket.
func (s *Store) follow(ctx context.Context, before, after *ticket.Ticket, line *ticket.Line) error {
	if err := s.appendHistory(ctx, line); err != nil {
		return err
	}
	if err := s.writeParties(ctx, before, after); err != nil {
		return err
	}
	if err := s.writeObligations(ctx, before, after); err != nil {
		return err
	}
	if err := s.indexTicket(ctx, before, after); err != nil {
		return err
	}
	return s.writeFacts(ctx, before, after, line)
}

// The parts that departments and experts have in a ticket.
const (
	partLead   = "lead"
	partJoined = "joined"
	partFormer = "former"
	partExpert = "expert"
)

type partyRow struct {
	TicketID string
	Part     string
	PartyID  string
}

func (partyRow) TableName() string { return "ticket_parties" }

func partiesOf(t *ticket.Ticket) []partyRow {
	if t == nil {
		return nil
	}
	var parties []partyRow
	add := func(part, id string) {
		if p := (partyRow{t.ID, part, id}); !slices.Contains(parties, p) {
			parties = append(parties, p)
		}
	}
	if t.LeadID != "" {
		add(partLead, t.LeadID)
	}
	for _, id := range t.Joined() {
		add(partJoined, id)
	}
	for _, f := range t.FormerLeads {
		add(partFormer, f.DepartmentID)
	}
	for _, e := range t.Experts {
		if t.State == ticket.Joint && e.Round == t.Round {
			add(partExpert, e.UserID)
		}
	}
	return parties
}

func (s *Store) writeParties(ctx context.Context, before, after *ticket.Ticket) error {
	was, is := partiesOf(before), partiesOf(after)
	for _, p := range was {
		if !slices.Contains(is, p) {
			if err := s.write(ctx).Exec("DELETE FROM ticket_parties WHERE ticket_id = ? AND part = ? AND party_id = ?", p.TicketID, p.Part, p.PartyID).Error; err != nil {
				return translate(err)
			}
		}
	}
	added := slices.DeleteFunc(is, func(p partyRow) bool { return slices.Contains(was, p) })
	if len(added) == 0 {
		return nil
	}
	return translate(s.write(ctx).Create(&added).Error)
}

// Ticket reads one ticket in the actor's scope.
func (s *Store) Ticket(ctx context.Context, actor ticket.Actor, id string) (*ticket.Ticket, error) {
	var row ticketRow
	err := s.read(ctx).Where("id = ?", id).Scopes(visibleTo(actor, oneByOne)).Take(&row).Error
	if err != nil {
		return nil, translate(err)
	}
	return row.ticket()
}

// TicketFilter narrows a list of tickets; zero values narrow nothing.
type TicketFilter struct {
	States       []ticket.State
	DepartmentID string // leads it
	AssigneeID   string // finds nothing for an enterprise
	Category     string
	ChainID      string
	PlaceID      string
	Source       string
	EnterpriseID string
	ProjectID    string
	Enterprises  []string // of one of these; nil for any
	Light        ticket.Light
	Now          time.Time // for Light
	FiledFrom    time.Time // inclusive
	FiledBefore  time.Time // exclusive
	Text         string    // words of the numbers, title, description or the enterprise's name; all must be found
	InHeading    bool      // Text is in the numbers and the title
	Number       string    // the number or external number, exactly
	MineID       string    // assigned to or filed by this user
	PartyID      string    // this department leads it or has joined
	ReportedID   string    // this department has reported in to a joint handling of it
	FiledFor     []Filer   // one of these took it down at a station; nil for any
	IDs          []string
	After        *Position
	Limit        int
}

// Position is a place in the list of tickets, newest first.
type Position struct {
	FiledAt time.Time
	ID      string
}

// Tickets lists tickets in the actor's scope, newest first.
func (s *Store) Tickets(ctx context.Context, actor ticket.Actor, f TicketFilter) ([]*ticket.Ticket, error) {
	q := s.read(ctx).Order(newestFirst)
	if ways := f.ways(actor); f.Limit > 0 && len(ways) > 1 {
		q = q.Scopes(toldWhose(actor, f.AssigneeID)).Where("id IN (?)", s.firstOf(ctx, f, ways))
	} else {
		q = q.Scopes(f.inSight(actor), f.page(s))
	}
	var rows []*ticketRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return ticketsOf(rows)
}

const newestFirst = "filed_at DESC, id DESC"

// page narrows tickets, newest first, to those of a page.
func (f TicketFilter) page(s *Store) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		if f.IDs != nil {
			condition, list := s.among("id", f.IDs)
			q = q.Where(condition, list)
		}
		if f.After != nil {
			at := utc(f.After.FiledAt)
			q = q.Where("filed_at < ? OR filed_at = ? AND id < ?", at, at, f.After.ID)
		}
		if f.Limit > 0 {
			q = q.Limit(f.Limit)
		}
		return q
	}
}

// firstOf selects the ids of a page of tickets that are seen in several ways.
// Each way gives its own first ones, for which there is an index; by all at once
// every ticket in sight would be read and sorted for any page.
func (s *Store) firstOf(ctx context.Context, f TicketFilter, ways []condition) *gorm.DB {
	parts, args := make([]string, len(ways)), make([]any, len(ways))
	for i, way := range ways {
		parts[i] = "SELECT id, filed_at FROM (?) AS way"
		args[i] = s.read(ctx).Table("tickets").Select("id, filed_at").Where(way.sql, way.args...).Scopes(f.narrow, f.page(s)).Order(newestFirst)
	}
	return s.read(ctx).Table("(?) AS seen", s.read(ctx).Raw(strings.Join(parts, " UNION "), args...)).Select("id").Order(newestFirst).Limit(f.Limit)
}

func ticketsOf(rows []*ticketRow) ([]*ticket.Ticket, error) {
	tickets := make([]*ticket.Ticket, len(rows))
	for i, row := range rows {
		t, err := row.ticket()
		if err != nil {
			return nil, err
		}
		tickets[i] = t
	}
	return tickets, nil
}

// looksAtPresent says whether the filter asks for what may have changed since a
// department gave a ticket back.
func (f TicketFilter) looksAtPresent() bool {
	return f.States != nil || f.DepartmentID != "" || f.Category != "" || f.Light != "" || f.MineID != "" ||
		f.EnterpriseID != "" || f.Enterprises != nil || f.PlaceID != "" || f.ChainID != "" || f.AssigneeID != "" || f.ProjectID != "" ||
		f.PartyID != "" || f.ReportedID != ""
}

func (f TicketFilter) narrow(q *gorm.DB) *gorm.DB {
	equal := func(column, value string) {
		if value != "" {
			q = q.Where(column+" = ?", value)
		}
	}
	equal("lead_id", f.DepartmentID)
	equal("assignee_id", f.AssigneeID)
	equal("category", f.Category)
	equal("place_id", f.PlaceID)
	equal("source", f.Source)
	equal("enterprise_id", f.EnterpriseID)
	equal("project_id", f.ProjectID)
	if f.Enterprises != nil {
		q = q.Where("enterprise_id IN ?", f.Enterprises)
	}
	if f.States != nil {
		q = q.Where("state IN ?", f.States)
	}
	if f.ChainID != "" {
		q = q.Where(`chains LIKE ? ESCAPE '\'`, contains(figures.JoinChains([]string{f.ChainID})))
	}
	if !f.FiledFrom.IsZero() {
		q = q.Where("filed_at >= ?", utc(f.FiledFrom))
	}
	if !f.FiledBefore.IsZero() {
		q = q.Where("filed_at < ?", utc(f.FiledBefore))
	}
	if f.MineID != "" {
		q = q.Where("assignee_id = ? OR filed_by = ?", f.MineID, f.MineID)
	}
	if f.PartyID != "" {
		q = q.Where("tickets.id IN (SELECT ticket_id FROM ticket_parties WHERE party_id = ? AND part IN ('lead', 'joined'))", f.PartyID)
	}
	if f.ReportedID != "" {
		q = q.Where(hasReportedIn, f.ReportedID)
	}
	if f.FiledFor != nil {
		q = q.Scopes(filedBy(f.FiledFor))
	}
	now := utc(f.Now)
	switch f.Light {
	case ticket.Red:
		q = q.Where("red_at < ?", now)
	case ticket.Yellow:
		q = q.Where("yellow_at <= ? AND red_at >= ?", now, now)
	case ticket.Green:
		q = q.Where("yellow_at > ?", now)
	}
	if f.Number != "" {
		q = q.Where("number = ? OR external_number = ? AND external_number <> ''", f.Number, f.Number)
	}
	if strings.TrimSpace(f.Text) != "" {
		found, args := f.foundAs(q, "")
		q = q.Where(found, args...)
	}
	return q
}

// TicketsToResume lists suspended tickets whose review date is on or before
// the day given, YYYY-MM-DD.
func (s *Store) TicketsToResume(ctx context.Context, day string) ([]string, error) {
	var ids []string
	err := s.read(ctx).Model(&ticketRow{}).Where("state = ? AND review_date <> '' AND review_date <= ?", ticket.Suspended, day).
		Order("id").Pluck("id", &ids).Error
	return ids, translate(err)
}

// OpenTicketIDs lists the tickets whose deadlines a new calendar may move:
// open, and with an older calendar.
func (s *Store) OpenTicketIDs(ctx context.Context, beforeCalendar int) ([]string, error) {
	var ids []string
	err := s.read(ctx).Model(&ticketRow{}).Where("state IN ? AND NOT imported AND calendar_version < ?", ticket.OpenStates(), beforeCalendar).
		Order("id").Pluck("id", &ids).Error
	return ids, translate(err)
}

// TicketByExternalNumber finds the ticket that carries an imported number.
func (s *Store) TicketByExternalNumber(ctx context.Context, number string) (string, error) {
	var id string
	err := s.read(ctx).Model(&ticketRow{}).Where("external_number = ?", number).Limit(1).Pluck("id", &id).Error
	if err == nil && id == "" {
		return "", ErrNotFound
	}
	return id, translate(err)
}

// Masters reads the tickets into which those given are merged, and those into
// which they in turn are, by id.
func (s *Store) Masters(ctx context.Context, merged []*ticket.Ticket) (map[string]*ticket.Ticket, error) {
	masters := map[string]*ticket.Ticket{}
	for {
		var missing []string
		for _, t := range merged {
			if _, ok := masters[t.MergedInto]; !ok && t.MergedInto != "" && !slices.Contains(missing, t.MergedInto) {
				missing = append(missing, t.MergedInto)
			}
		}
		if len(missing) == 0 {
			return masters, nil
		}
		read, err := s.Tickets(ctx, ticket.System, TicketFilter{IDs: missing})
		if err != nil {
			return nil, err
		}
		if len(read) < len(missing) {
			return nil, fmt.Errorf("store: a ticket is merged into one that is not there: %w", ErrNotFound)
		}
		for _, t := range read {
			masters[t.ID] = t
		}
		merged = read
	}
}
