package store

import (
	"context"
	"strings"
)

// Personal is where a table of the schema stands towards people: one row for
// each table, in which every column stands once. What is handed out to a person,
// what redaction removes and where names are looked for all follow from it; a
// column that stands nowhere fails a test.
//
// In conditions @person is the account's id, @phone its telephone number and
// @enterprise the ids of the enterprises that the person speaks for.
type Personal struct {
	Table string
	// Mine tells the rows that are about the person or by them: they are handed
	// out. Blank where no row is anybody's.
	Mine string
	// Near tells the rows in whose texts the person's name is looked for. A
	// telephone number and a mail address are looked for in every row: they are
	// nobody else's, as a name may be.
	Near string
	// Own are columns that hold who somebody is: redaction empties them where
	// they hold just that.
	Own string
	// Words are columns in which people write what they like: redaction replaces
	// within them what names the person.
	Words string
	// Plain are columns that tell of nobody, or name an account by its id, which
	// leads to nobody once the account is redacted. Handed out with the row.
	Plain string
	// Withheld are columns that are never handed out: secrets, and what is
	// derived for the machine.
	Withheld string
	// Gone says that redaction removes the rows that are the person's.
	Gone bool
	// Because says why columns that are called as if they told of people don't.
	Because string
}

// PersonalData is the one list of where personal data stand.
var PersonalData = []Personal{
	{
		Table: "users", Mine: "id = @person", Own: "username name phone email",
		Plain: "id role department_id enterprise_id language password_changed_at retired_at created_at updated_at", Withheld: "password_hash",
	},
	{
		Table: "tokens", Mine: "user_id = @person", Gone: true, Own: "name address device",
		Plain: "id kind user_id created_at expires_at last_used_at ended_at made_by ended_as", Withheld: "hash",
	},
	{Table: "identities", Mine: "user_id = @person", Gone: true, Own: "name", Plain: "id user_id issuer subject mapped created_at last_used_at"},
	{
		Table: "webhooks", Mine: "owner_id = @person", Gone: true, Words: "name url",
		Plain: "id owner_id events confidential old_until off_at off_for failing_since created_at updated_at", Withheld: "secret old_secret",
	},
	{Table: "webhook_deliveries", Plain: "id webhook_id type cause ticket_id seq about occurred_at state attempts next_at created_at ended_at", Withheld: "job_id", Because: "about holds ids and times"},
	{Table: "webhook_attempts", Words: "answer", Plain: "delivery_id number by_hand at took_ms status fault"},
	{Table: "assignments", Mine: "user_id = @person", Plain: "id kind user_id target_id part from_date to_date retired_at created_at updated_at handover_id"},
	{Table: "handovers", Mine: "@person IN (from_user_id, to_user_id, made_by)", Near: "@person IN (from_user_id, to_user_id, made_by)", Words: "note", Plain: "id from_user_id to_user_id from_date made_by created_at"},
	{
		Table: "audit", Mine: "actor_id = @person OR subject_id = @person", Near: "actor_id = @person OR subject_id = @person OR subject_id IN @enterprise OR subject = 'expert'",
		Words: "before after", Plain: "id at actor_id action subject subject_id",
	},
	{Table: "notices", Mine: "user_id = @person", Gone: true, Plain: "id user_id ticket_id seq kind cause side urgent created_at read_at", Withheld: "data"},
	{Table: "notice_deliveries", Mine: "user_id = @person", Gone: true, Plain: "notice_id channel user_id department_id digest send_at sent_at", Withheld: "job_id"},
	{Table: "notice_choices", Mine: "user_id = @person", Gone: true, Plain: "user_id department_id channel weight choice"},
	{
		Table: "robots", Mine: "user_id = @person", Gone: true, Words: "failure",
		Plain: "user_id department_id vendor language free_at tested_at failures failing_since stopped_at updated_by updated_at", Withheld: "url secret",
	},
	{Table: "digests", Mine: "user_id = @person", Gone: true, Plain: "user_id department_id channel day made_at"},
	{Table: "idempotency_keys", Mine: "actor_id = @person", Gone: true, Words: "answer", Plain: "actor_id route key created_at", Withheld: "body_hash"},
	{Table: "signin_failures", Withheld: "subject failures last_at", Because: "subject is a digest, kept for an hour"},
	{Table: "enterprises", Mine: "phone <> '' AND phone = @phone", Near: "id IN @enterprise", Own: "contact phone", Plain: "id external_number credit_code name kind place_id chains tags retired_at created_at updated_at", Because: "name is the enterprise's"},
	{
		Table: "experts", Mine: "user_id = @person OR phone <> '' AND phone = @phone", Near: "user_id = @person OR phone <> '' AND phone = @phone", Own: "name phone",
		Words: "organisation post", Plain: "id user_id kind inside fields categories chains retired_at created_at updated_at",
	},
	{
		Table: "tickets", Mine: "filed_by = @person", Near: "filed_by = @person OR enterprise_id IN @enterprise",
		// Derived from the history, whose words are removed: derived anew.
		Withheld: "serial head_hash detail derived_version yellow_at red_at",
		Plain:    "id number external_number title description category urgency source confidential enterprise_id project_id place_id filed_by filed_at state lead_id assignee_id outcome claimed_outcome verified_by satisfaction merged_into imported policy_version calendar_version version updated_at chains review_date on_ledger charge_id",
	},
	{Table: "history", Mine: "actor_id = @person", Plain: "ticket_id seq event at recorded_at actor_id", Withheld: "canonical hash"},
	{
		// Its texts have digests in the history: each is removed whole.
		Table: "history_words", Mine: mineInHistory, Near: "ticket_id IN (SELECT id FROM tickets WHERE filed_by = @person OR enterprise_id IN @enterprise) OR " + mineInHistory,
		Plain: "ticket_id seq words", Withheld: "salt", Because: "its texts are removed whole, beside the others",
	},
	{Table: "attachments", Mine: "uploaded_by = @person", Near: "uploaded_by = @person", Words: "name", Plain: "id ticket_id seq media_type size sha256 uploaded_by created_at subject subject_id"},
	{
		Table: "visits", Mine: "visitor_id = @person", Near: "visitor_id = @person OR enterprise_id IN @enterprise", Words: "seen location answers",
		Plain: "id client_id enterprise_id project_id campaign_id visitor_id visited_at visited_on latitude longitude recorded_at",
	},
	{Table: "visit_findings", Mine: mineOfVisit, Near: "visit_id IN (SELECT id FROM visits WHERE visitor_id = @person OR enterprise_id IN @enterprise)", Words: "text", Plain: "id visit_id position category ticket_id"},
	{Table: "visit_plans", Mine: "user_id = @person", Plain: "id campaign_id enterprise_id project_id user_id day created_at updated_at"},
	{
		Table: "needs", Mine: "@person IN (written_by, decided_by)", Near: "written_by = @person OR enterprise_id IN @enterprise", Words: "text reason",
		Plain: "id enterprise_id ticket_id visit_id category state written_by decided_by decided_at retired_at created_at updated_at",
	},
	{
		Table: "services", Mine: "@person IN (proposed_by, decided_by, delivered_by)", Near: "proposed_by = @person OR enterprise_id IN @enterprise", Words: "why reason note",
		Plain: "id enterprise_id policy_id need_id ticket_id department_id due_on state proposed_by decided_by decided_at delivered_on delivered_by amount_fen retired_at created_at updated_at",
	},
	{Table: "service_plans", Mine: "updated_by = @person", Near: "updated_by = @person OR enterprise_id IN @enterprise", Words: "words", Plain: "enterprise_id updated_by updated_at"},
	{
		Table: "import_runs", Mine: "started_by = @person", Near: "started_by = @person", Words: "file_name failure sample",
		Plain: "id kind digest preview_id file_size file_kept options state row_count added changed unchanged bad faults made applied started_by created_at begun_at ended_at",
	},
	{Table: "import_faults", Near: "run_id IN (SELECT id FROM import_runs WHERE started_by = @person)", Words: "message", Plain: "run_id item row_number column_header column_letter"},
	{Table: "alliances", Near: "1 = 1", Words: "about partners", Plain: "id name kind chain_id lead_enterprise_id lead_department_id members service_departments experts retired_at created_at updated_at", Because: "name is the alliance's"},
	{Table: "activities", Words: "about place partners", Plain: "id alliance_id chain_id kind name day enterprises departments retired_at created_at updated_at attachments", Because: "name is the activity's"},
	{Table: "campaigns", Words: "note", Plain: "id code name kind from_date to_date targets place_id chain_id questions retired_at created_at updated_at", Because: "name is the campaign's"},
	{Table: "milestones", Words: "note", Plain: "project_id kind planned_day first_planned_day done_day created_at updated_at"},
	{
		Table: "policy_resources", Words: "document gives conditions", Plain: "id code name department_id valid_from valid_to chains tags kinds places categories orderable answer_id retired_at created_at updated_at attachments words",
		Because: "name is the resource's, words are those that it is found by",
	},
	{Table: "departments", Words: "opening", Plain: "id code name short_name kind parent_id dispatchable summonable officers_resolve retired_at created_at updated_at station_kind place_id services", Because: "names are the office's"},
	{Table: "chains", Words: "plan", Plain: "id code name retired_at created_at updated_at parent_id", Because: "name is the chain's"},
	{Table: "duties", Words: "basis", Plain: "id category department_id retired_at created_at updated_at"},
	{Table: "calendars", Words: "note", Plain: "version created_by created_at"},

	// Of nobody.
	{Table: "places", Plain: "id code name parent_id retired_at created_at updated_at", Because: "name is the place's"},
	{Table: "categories", Plain: "id code name position retired_at created_at updated_at", Because: "name is the category's"},
	{Table: "reasons", Plain: "id kind code name retired_at created_at updated_at", Because: "name is the reason's"},
	{Table: "projects", Plain: "id code name enterprise_id retired_at created_at updated_at", Because: "name is the project's"},
	{Table: "calendar_days", Plain: "version date kind name", Because: "name is the holiday's"},
	{Table: "policies", Plain: "version name rules effective_from created_by created_at", Because: "name is the policy's"},
	{Table: "policy_orders", Plain: "ticket_id policy_id"},
	{Table: "ticket_parties", Plain: "ticket_id part party_id"},
	{Table: "ticket_obligations", Plain: "ticket_id event side party_id clock item yellow_at due_at"},
	{Table: "told_alarms", Plain: "ticket_id event side party_id clock item level due_at told_at"},
	{Table: "ticket_facts", Plain: "ticket_id seq valid_from recorded_at valid_to recorded_to enterprise_id department_id category source place_id chains filed_at exclusion is_open closed_at outcome verified_by satisfaction resolved resolve_missed resolve_due_at reached_verifying reworked reopened lead_changed handling_seconds"},
	{Table: "dispatch_facts", Plain: "ticket_id item seq valid_from recorded_at valid_to recorded_to enterprise_id department_id category source place_id chains dispatched_at inferred claim_due_at claim_met claim_void claimed_in_time returned"},
	{Table: "summons_facts", Plain: "ticket_id item seq valid_from recorded_at valid_to recorded_to enterprise_id department_id category source place_id chains summoned_at due_at reported on_time void"},
	{Table: "history_heads", Plain: "ticket_id seq hash recorded_at"},
	{Table: "snapshots", Plain: "id kind from_date to_date as_of recorded_by definition_version rates figures members_digest heads_digest heads_count"},
	{Table: "bulletins", Plain: "kind from_date to_date snapshot_id made_at mails"},
	{Table: "snapshot_members", Plain: "snapshot_id base ticket_id item denominators numerators"},
	{Table: "ticks", Plain: "job due_at started_at ended_at error"},

	// Made of other tables, and made anew with them.
	{Table: "ticket_search", Withheld: "place ticket_id department_id enterprise_id heading enterprise description words", Because: "the index is made anew of what is left"},
	{Table: "enterprise_search", Withheld: "place enterprise_id name known_by words", Because: "the index is made anew of what is left"},
}

const (
	mineInHistory = "EXISTS (SELECT 1 FROM history h WHERE h.ticket_id = history_words.ticket_id AND h.seq = history_words.seq AND h.actor_id = @person)"
	mineOfVisit   = "visit_id IN (SELECT id FROM visits WHERE visitor_id = @person)"
)

// elsewhere are tables that others made, by how they are called: the queue,
// whose jobs name notices and imports by their ids, the migrations, and what
// SQLite keeps for the search.
var elsewhere = []string{"river_", "goose_", "ticket_search_words", "enterprise_search_words"}

// Columns are those of all of the schema's own tables, with their types.
func (s *Store) Columns(ctx context.Context) (map[string]map[string]string, error) {
	tables, err := s.tables(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]map[string]string{}
next:
	for _, table := range tables {
		for _, prefix := range elsewhere {
			if strings.HasPrefix(table, prefix) {
				continue next
			}
		}
		list := "SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?"
		if s.dialect == SQLite {
			list = "SELECT name, type FROM pragma_table_info(?)"
		}
		var columns []struct{ Name, Type string }
		if err := s.read(ctx).Raw(list, table).Scan(&columns).Error; err != nil {
			return nil, translate(err)
		}
		all[table] = map[string]string{}
		for _, c := range columns {
			all[table][c.Name] = c.Type
		}
	}
	return all, nil
}
