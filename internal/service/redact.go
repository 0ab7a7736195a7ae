package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// Redaction says what is to be removed of somebody.
type Redaction struct {
	Reason string `json:"reason" minLength:"1" maxLength:"1000" pattern:"\\S" doc:"Why, for the audit log; must not name the person"`
	// Else only the texts go that name the person.
	OwnWords    bool `json:"own_words,omitempty" doc:"Also whatever they wrote in tickets"`
	Attachments bool `json:"attachments,omitempty" doc:"Also the files that they uploaded"`
	DryRun      bool `json:"dry_run,omitempty" doc:"Only say what would go, and what stands against it"`
}

// RedactionReport is what went, or would go.
type RedactionReport struct {
	DryRun  bool             `json:"dry_run"`
	Tables  []RedactedRows   `json:"tables" doc:"In which rows something went, by table"`
	Lines   int              `json:"lines" doc:"Of histories, from which texts went; their hashes stay"`
	Texts   int              `json:"texts" doc:"That went from these lines"`
	Tickets []string         `json:"tickets" doc:"Numbers of the tickets whose texts went"`
	Files   int              `json:"files"`
	Account bool             `json:"account" doc:"The account lost name, telephone and mail address, and is out of service"`
	Against []RedactionFault `json:"against" doc:"What must be done first; when this is not empty nothing went"`

	faults []ticket.Field
}

// RedactedRows is in how many rows of a table something went.
type RedactedRows struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// RedactionFault is something that must be done before.
type RedactionFault struct {
	Pointer string `json:"pointer"`
	Message string `json:"message"`
}

// Nothing says that there was nothing to remove any more.
func (r *RedactionReport) Nothing() bool {
	return len(r.Tables) == 0 && r.Lines == 0 && r.Files == 0 && !r.Account
}

// Faults are what must be done first, to be put into the reader's language.
func (r *RedactionReport) Faults() []ticket.Field { return r.faults }

// Redact removes what names somebody: from the account, which goes out of
// service, from the enterprises' contacts, and from the texts, of which the
// histories keep the digests, so that the chains stay whole and the figures as
// they are. It is for administrators, and cannot be taken back; done again it
// finds nothing. Backups of before still hold it.
func (s *Service) Redact(ctx context.Context, actor ticket.Actor, ref PersonRef, in Redaction) (report *RedactionReport, err error) {
	if !administers(actor) {
		return nil, errNotYours
	}
	if err := checkForm(in); err != nil {
		return nil, err
	}
	types, err := s.store.Columns(ctx)
	if err != nil {
		return nil, err
	}
	var files []directory.Attachment
	err = s.InTx(ctx, func(ctx context.Context) error {
		report = &RedactionReport{DryRun: in.DryRun, Tables: []RedactedRows{}, Tickets: []string{}, Against: []RedactionFault{}}
		files = nil
		p, user, err := s.person(ctx, ref)
		if err != nil {
			return err
		}
		if err := s.findAgainst(ctx, actor, p, user, in, report); err != nil {
			return err
		}
		if !in.DryRun && len(report.faults) > 0 {
			return ticket.InvalidValues(report.faults)
		}
		for _, f := range report.faults {
			report.Against = append(report.Against, RedactionFault{f.Pointer, f.Message})
		}
		if err := s.redactWords(ctx, p, in, report); err != nil {
			return err
		}
		if in.Attachments && user.ID != "" {
			if files, err = s.store.UploadedBy(ctx, user.ID); err != nil {
				return err
			}
			if report.Files = len(files); report.Files > 0 && !in.DryRun {
				if err := s.store.DeleteAttachments(ctx, user.ID); err != nil {
					return err
				}
			}
		}
		if err := s.redactTables(ctx, p, types, report); err != nil {
			return err
		}
		if err := s.redactAccount(ctx, user, report); err != nil || report.DryRun || report.Nothing() {
			return err
		}
		id := user.ID
		if id == "" {
			id = p.EnterpriseIDs[0]
		}
		return s.audit(ctx, actor, auditRemove, subjectPersonalData, id, nil, map[string]any{
			"reason": in.Reason, "own_words": in.OwnWords, "attachments": in.Attachments, "lines": report.Lines, "texts": report.Texts, "files": report.Files,
		})
	})
	if err != nil {
		return nil, err
	}
	if !in.DryRun {
		for _, a := range files {
			s.removeBlob(ctx, blobKey(a.ID))
			s.removeBlob(ctx, thumbnailKey(a.ID))
		}
	}
	return report, nil
}

// findAgainst finds all that must be done before somebody is redacted.
func (s *Service) findAgainst(ctx context.Context, actor ticket.Actor, p store.Person, user directory.User, in Redaction, report *RedactionReport) error {
	fault := func(pointer, format string, args ...any) {
		report.faults = append(report.faults, ticket.Fieldf(pointer, format, args...))
	}
	for _, name := range []string{p.Name, p.Phone, p.Email} {
		if len([]rune(name)) > 1 && strings.Contains(in.Reason, name) {
			fault("/reason", "must not name the person: it is kept")
			break
		}
	}
	if user.ID == "" {
		return nil
	}
	if user.ID == actor.ID {
		fault("/user", "is your own account; another administrator has to do this")
	}
	if !user.Retired() {
		if err := s.keepAnAdmin(ctx, user); err != nil {
			var known *ticket.Error
			if !errors.As(err, &known) {
				return err
			}
			fault("/user", "is the last administrator who can sign in; let another set a password first")
		}
	}
	held, err := s.store.HeldBy(ctx, user.ID)
	if err != nil {
		return err
	}
	for _, t := range held {
		switch user.ID {
		case t.AssigneeID:
			fault("/tickets", "%s is open and assigned to this person; assign it to somebody else", t.Number)
		case t.ChargeID:
			fault("/tickets", "%s is open under this person's name; let another leader take charge, or bring it to an end", t.Number)
		default:
			fault("/tickets", "%s is open and was filed by this person; bring it to an end", t.Number)
		}
	}
	managed, err := s.store.AssignmentsOf(ctx, directory.ManagerOf, []string{user.ID})
	if err != nil {
		return err
	}
	if n := len(goesOnFrom(managed[user.ID], s.today())); n > 0 {
		fault("/assignments", "this person looks after %d enterprises; hand them over", n)
	}
	return nil
}

// redactWords removes the words from the histories, and writes the tickets'
// texts as the histories give them then.
func (s *Service) redactWords(ctx context.Context, p store.Person, in Redaction, report *RedactionReport) error {
	spoken, err := s.store.WordsOf(ctx, p, in.OwnWords)
	if err != nil {
		return err
	}
	var touched []string
	for _, w := range spoken {
		left, removed, err := p.Left(w, in.OwnWords)
		if err != nil {
			return err
		}
		if removed == 0 {
			continue
		}
		report.Lines++
		report.Texts += removed
		if !slices.Contains(touched, w.TicketID) {
			touched = append(touched, w.TicketID)
		}
		if !in.DryRun {
			if err := s.store.RemoveWords(ctx, w, left); err != nil {
				return err
			}
		}
	}
	return s.rewriteTexts(ctx, touched, report)
}

// rewriteTexts replays the tickets and writes their texts anew.
func (s *Service) rewriteTexts(ctx context.Context, ids []string, report *RedactionReport) error {
	const some = 200
	world := s.world(ctx)
	for page := range slices.Chunk(ids, some) {
		tickets, err := s.store.Tickets(ctx, ticket.System, store.TicketFilter{IDs: page})
		if err != nil {
			return err
		}
		upTo := map[string]int{}
		for _, t := range tickets {
			report.Tickets = append(report.Tickets, t.Number)
			upTo[t.ID] = t.Version
		}
		if report.DryRun {
			continue
		}
		histories, err := s.store.Histories(ctx, upTo)
		if err != nil {
			return err
		}
		for _, t := range tickets {
			lines := histories[t.ID]
			replayed, err := replay(lines, world.rules(), nil)
			if err := errors.Join(err, world.err); err != nil {
				return fmt.Errorf("ticket %s: its history cannot be replayed, so nothing of it can be removed: %w", t.Number, err)
			}
			if err := s.store.RewriteTexts(ctx, replayed, lines); err != nil {
				return err
			}
		}
	}
	slices.Sort(report.Tickets)
	return nil
}

// redactTables goes through all that is not a history.
func (s *Service) redactTables(ctx context.Context, p store.Person, types map[string]map[string]string, report *RedactionReport) error {
	for _, d := range store.PersonalData {
		if d.Table == "users" {
			continue // redactAccount
		}
		n, err := s.store.RedactRows(ctx, d, p, types[d.Table], !report.DryRun)
		if err != nil {
			return fmt.Errorf("%s: %w", d.Table, err)
		}
		if n > 0 {
			report.Tables = append(report.Tables, RedactedRows{d.Table, n})
		}
	}
	if report.DryRun {
		return nil
	}
	return s.store.ReindexEnterprises(ctx, p.EnterpriseIDs)
}

// redactAccount takes an account out of service and empties it. The user name
// stays one, so that nobody else can take it for theirs.
func (s *Service) redactAccount(ctx context.Context, user directory.User, report *RedactionReport) error {
	if user.ID == "" || user.Name == ticket.Redacted {
		return nil
	}
	report.Account = true
	if report.DryRun {
		return nil
	}
	now := s.changedAt(user.UpdatedAt)
	if err := s.store.RetireAssignments(ctx, user.ID, now); err != nil {
		return err
	}
	const tail = 12
	user.Username = "redacted-" + user.ID[max(0, len(user.ID)-tail):]
	user.Name, user.Phone, user.Email, user.PasswordHash, user.PasswordChangedAt = ticket.Redacted, "", "", "", nil
	if user.UpdatedAt = now; user.RetiredAt == nil {
		user.RetiredAt = &now
	}
	return s.store.RedactUser(ctx, &user)
}
