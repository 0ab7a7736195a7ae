package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"gorm.io/gorm/clause"

	"whistle/internal/directory"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Person is whom personal data are looked for: an account, or somebody who is
// known by a telephone number alone.
type Person struct {
	ID            string // of the account; "" where there is none
	Username      string
	Name          string
	Phone         string
	Email         string
	EnterpriseIDs []string // whom the person speaks for
}

// where is a condition of PersonalData with the person put in.
func (p Person) where(condition string) clause.Expression {
	id := p.ID
	if id == "" {
		id = "-" // many columns are blank where they name nobody
	}
	return clause.NamedExpr{SQL: "(" + condition + ")", Vars: []any{map[string]any{"person": id, "phone": p.Phone, "enterprise": p.EnterpriseIDs}}}
}

// marks are the texts by which a person is found in what others wrote, wherever
// it stands: mail address, and telephone number as people write it.
func (p Person) marks() []string {
	var all []string
	add := func(mark string) {
		if !slices.Contains(all, mark) {
			all = append(all, mark)
		}
	}
	const shortest = 7 // less is no number that is somebody's alone
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, p.Phone)
	if len(digits) >= shortest {
		add(p.Phone)
		add(digits)
		if mobile := strings.TrimPrefix(digits, "86"); len(mobile) == 11 {
			add(mobile)
			for _, gap := range []string{" ", "-"} {
				add(mobile[:3] + gap + mobile[3:7] + gap + mobile[7:])
			}
		}
	}
	if strings.Contains(p.Email, "@") {
		add(p.Email)
	}
	return all
}

// nearMarks are those that count only where the person is known to be spoken
// of: the name, and in what is kept as JSON the members that hold it.
func (p Person) nearMarks() []string {
	var all []string
	for _, member := range []struct{ name, value string }{{"username", p.Username}, {"name", p.Name}, {"contact", p.Name}} {
		if raw, err := json.Marshal(member.value); err == nil && member.value != "" && member.value != ticket.Redacted {
			all = append(all, fmt.Sprintf("%q:%s", member.name, raw))
		}
	}
	if p.named() {
		all = append(all, p.Name)
	}
	return all
}

// named says whether the name can be looked for within texts: a short one in
// Latin letters stands within many words.
func (p Person) named() bool {
	const latin, han = 4, 2
	letters := []rune(p.Name)
	return p.Name != ticket.Redacted && (len(letters) >= latin || len(letters) >= han && unicode.Is(unicode.Han, letters[0]))
}

// redactedMark is what stands where a mark stood; a member of JSON stays one.
func redactedMark(mark string) string {
	if member, _, ok := strings.Cut(mark, `":`); ok && strings.HasPrefix(mark, `"`) {
		return member + `":"` + ticket.Redacted + `"`
	}
	return ticket.Redacted
}

// holdsText is the condition that a column holds a text, to the letter, and its
// parameter.
func (s *Store) holdsText(column string) string {
	if s.dialect == SQLite {
		return "instr(" + column + ", ?) > 0"
	}
	return "strpos(CAST(" + column + " AS TEXT), ?) > 0"
}

// shown are the columns of a table that are handed out.
func (d Personal) shown() []string {
	return slices.Concat(strings.Fields(d.Plain), strings.Fields(d.Own), strings.Fields(d.Words))
}

// PersonalRows reads what a table holds of a person, as it is handed out: what
// is blank is left out.
func (s *Store) PersonalRows(ctx context.Context, d Personal, p Person) ([]map[string]any, error) {
	var rows []map[string]any
	if d.Mine == "" {
		return nil, nil
	}
	q := s.read(ctx).Table(d.Table).Select(d.shown()).Where(p.where(d.Mine)).Order(clause.OrderByColumn{Column: clause.Column{Name: strings.Fields(d.Plain)[0]}})
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	for _, row := range rows {
		for column, value := range row {
			switch v := value.(type) {
			case nil:
				delete(row, column)
			case []byte:
				row[column] = readable(string(v))
			case string:
				row[column] = readable(v)
			case time.Time:
				row[column] = utc(v)
			}
			if row[column] == "" {
				delete(row, column)
			}
		}
	}
	return rows, nil
}

// readable is a text, or what it holds as JSON.
func readable(text string) any {
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		if raw := json.RawMessage(text); json.Valid(raw) {
			return raw
		}
	}
	return text
}

// RedactRows removes from a table what names a person or is theirs, and says in
// how many rows that was; without really it only counts them. The account
// itself, the history's words and the tickets are not for it.
func (s *Store) RedactRows(ctx context.Context, d Personal, p Person, types map[string]string, really bool) (int64, error) {
	total := int64(0)
	if d.Gone {
		var n int64
		if err := s.read(ctx).Table(d.Table).Where(p.where(d.Mine)).Count(&n).Error; err != nil || n == 0 {
			return n, translate(err)
		}
		if really {
			return n, translate(s.write(ctx).Table(d.Table).Where(p.where(d.Mine)).Delete(nil).Error)
		}
		return n, nil
	}
	for _, column := range strings.Fields(d.Own) {
		for _, own := range []string{p.Name, p.Phone, p.Email} {
			if own == "" || own == ticket.Redacted || d.Near == "" {
				continue
			}
			n, err := s.redactWhere(ctx, d.Table, column, emptied(column, d.Table), nil, really, p.where(d.Near), clause.Eq{Column: clause.Column{Name: column}, Value: own})
			if err != nil {
				return total, err
			}
			total += n
		}
	}
	for _, column := range strings.Fields(d.Words) {
		marks := p.marks()
		if d.Near != "" {
			marks = append(marks, p.nearMarks()...)
		}
		text := "CAST(replace(CAST(" + column + " AS TEXT), ?, ?) AS " + types[column] + ")"
		for _, mark := range marks {
			conditions := []clause.Expression{clause.Expr{SQL: s.holdsText(column), Vars: []any{mark}}}
			if slices.Contains(p.nearMarks(), mark) {
				conditions = append(conditions, p.where(d.Near))
			}
			n, err := s.redactWhere(ctx, d.Table, column, text, []any{mark, redactedMark(mark)}, really, conditions...)
			if err != nil {
				return total, err
			}
			total += n
		}
	}
	return total, nil
}

// emptied is what an own column holds when nobody is named in it: an entry that
// must have a name says that it was redacted.
func emptied(column, table string) string {
	if table == "experts" && column == "name" {
		return "'" + ticket.Redacted + "'"
	}
	return "''"
}

func (s *Store) redactWhere(ctx context.Context, table, column, to string, vars []any, really bool, conditions ...clause.Expression) (int64, error) {
	narrow := clause.And(conditions...)
	if !really {
		var n int64
		err := s.read(ctx).Table(table).Where(narrow).Count(&n).Error
		return n, translate(err)
	}
	done := s.write(ctx).Table(table).Where(narrow).UpdateColumn(column, clause.Expr{SQL: to, Vars: vars})
	return done.RowsAffected, translate(done.Error)
}

// SpokenWords are the words of one history line that hold a person, or are
// theirs.
type SpokenWords struct {
	TicketID string
	Seq      int
	ActorID  string
	FiledBy  string // of the ticket
	Words    string // JSON
}

// WordsOf lists the history lines whose words may name a person; with own, also
// those that they wrote, and those of the tickets that they filed, in which
// their words may stand again.
func (s *Store) WordsOf(ctx context.Context, p Person, own bool) ([]SpokenWords, error) {
	d := PersonalData[slices.IndexFunc(PersonalData, func(d Personal) bool { return d.Table == "history_words" })]
	holds := s.holdsText("history_words.words")
	var either []clause.Expression
	for _, mark := range p.marks() {
		either = append(either, clause.Expr{SQL: holds, Vars: []any{mark}})
	}
	if p.named() {
		either = append(either, clause.And(clause.Expr{SQL: holds, Vars: []any{p.Name}}, p.where(strings.ReplaceAll(d.Near, "ticket_id IN", "history_words.ticket_id IN"))))
	}
	if own && p.ID != "" {
		either = append(either, p.where("history.actor_id = @person OR tickets.filed_by = @person"))
	}
	if len(either) == 0 {
		return nil, nil
	}
	var rows []SpokenWords
	err := s.read(ctx).Table("history_words").Select("history_words.ticket_id, history_words.seq, history.actor_id, tickets.filed_by, CAST(history_words.words AS TEXT) AS words").
		Joins("JOIN history ON history.ticket_id = history_words.ticket_id AND history.seq = history_words.seq").
		Joins("JOIN tickets ON tickets.id = history_words.ticket_id").
		Where(clause.Or(either...)).Order("history_words.ticket_id, history_words.seq").Scan(&rows).Error
	return rows, translate(err)
}

// Left are the words of a line that stay when those are removed that name the
// person, and with own, those that they wrote.
func (p Person) Left(w SpokenWords, own bool) (left map[string]string, removed int, err error) {
	if err := json.Unmarshal([]byte(w.Words), &left); err != nil {
		return nil, 0, fmt.Errorf("ticket %s line %d: words: %w", w.TicketID, w.Seq, err)
	}
	marks := p.marks()
	if p.named() {
		marks = append(marks, p.Name)
	}
	all := len(left)
	maps.DeleteFunc(left, func(path, text string) bool {
		theirs := own && p.ID != "" && (w.ActorID == p.ID || w.FiledBy == p.ID && strings.HasPrefix(path, "old."))
		return theirs || slices.ContainsFunc(marks, func(mark string) bool { return strings.Contains(text, mark) })
	})
	return left, all - len(left), nil
}

// RemoveWords leaves of a line's words those given; without any, and so without
// the salt, nothing can be tried against the digests.
func (s *Store) RemoveWords(ctx context.Context, w SpokenWords, left map[string]string) error {
	line := s.write(ctx).Model(&wordsRow{}).Where("ticket_id = ? AND seq = ?", w.TicketID, w.Seq)
	if len(left) == 0 {
		return translate(line.Delete(&wordsRow{}).Error)
	}
	raw, err := json.Marshal(left)
	if err != nil {
		return err
	}
	return translate(line.UpdateColumn("words", string(raw)).Error)
}

// RewriteTexts writes a ticket's title and description as its history gives
// them now, and makes what it is found by anew. lines are its history.
func (s *Store) RewriteTexts(ctx context.Context, t *ticket.Ticket, lines []*ticket.Line) error {
	err := s.write(ctx).Model(&ticketRow{}).Where("id = ?", t.ID).UpdateColumns(map[string]any{"title": t.Title, "description": t.Description}).Error
	if err != nil {
		return translate(err)
	}
	return s.index(ctx, append([]ticketTerms{termsOf(t)}, termsGivenBack(t, lines)...))
}

// ReindexEnterprises makes anew what enterprises are found by.
func (s *Store) ReindexEnterprises(ctx context.Context, ids []string) error {
	all, err := Entries[directory.Enterprise](ctx, s, EntryFilter{All: true, Within: &Within{IDs: ids}})
	for i := range all {
		if err == nil {
			err = s.indexEnterprise(ctx, &all[i], false)
		}
	}
	return err
}

// RedactUser writes what is left of an account.
func (s *Store) RedactUser(ctx context.Context, u *directory.User) error {
	stampUTC(&u.Stamp)
	return s.updateOne(ctx, u, u.ID, "username", "name", "phone", "email", "password_hash", "password_changed_at", "retired_at", "updated_at")
}

// PeopleByPhone are the accounts and the enterprises that have a telephone
// number.
func (s *Store) PeopleByPhone(ctx context.Context, phone string) (users []directory.User, enterprises []directory.Enterprise, err error) {
	if err = s.read(ctx).Where("phone = ?", phone).Order("username").Find(&users).Error; err == nil {
		err = s.read(ctx).Where("phone = ?", phone).Order("id").Find(&enterprises).Error
	}
	return users, enterprises, translate(err)
}

// UploadedBy lists the files that an account uploaded.
func (s *Store) UploadedBy(ctx context.Context, userID string) ([]directory.Attachment, error) {
	var rows []directory.Attachment
	err := s.read(ctx).Where("uploaded_by = ?", userID).Order("created_at, id").Find(&rows).Error
	return rows, translate(err)
}

// DeleteAttachments removes the records of files, whatever carries them.
func (s *Store) DeleteAttachments(ctx context.Context, uploader string) error {
	return translate(s.write(ctx).Where("uploaded_by = ?", uploader).Delete(&directory.Attachment{}).Error)
}

// HeldBy lists the open tickets that a person filed, has been assigned, or took
// under their own name. Those whose story was only carried over wait for nobody.
func (s *Store) HeldBy(ctx context.Context, userID string) ([]*ticket.Ticket, error) {
	var rows []*ticketRow
	err := s.read(ctx).Where("? IN (filed_by, assignee_id, charge_id) AND state IN ? AND NOT imported", userID, ticket.OpenStates()).
		Order("filed_at, id").Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return ticketsOf(rows)
}

// AtWorkFor finds of some enterprises those for which the actor's department is
// at work, as the lead of an open ticket or joined to it, and those that the
// actor is to visit in a campaign that has not ended.
func (s *Store) AtWorkFor(ctx context.Context, actor ticket.Actor, enterpriseIDs []string, today worktime.Date) ([]string, error) {
	if len(enterpriseIDs) == 0 {
		return nil, nil
	}
	tickets, list := s.among("t.enterprise_id", enterpriseIDs)
	plans, _ := s.among("v.enterprise_id", enterpriseIDs)
	var ids []string
	err := s.read(ctx).Raw(`SELECT t.enterprise_id FROM tickets t JOIN ticket_parties p ON p.ticket_id = t.id
			WHERE `+tickets+` AND t.state IN ? AND p.party_id = ? AND p.party_id <> '' AND p.part IN (?, ?)
		UNION SELECT v.enterprise_id FROM visit_plans v JOIN campaigns c ON c.id = v.campaign_id
			WHERE `+plans+` AND v.user_id = ? AND c.to_date >= ? AND c.retired_at IS NULL`,
		list, ticket.OpenStates(), actor.DepartmentID, partLead, partJoined, list, actor.ID, today.String()).Scan(&ids).Error
	return ids, translate(err)
}
