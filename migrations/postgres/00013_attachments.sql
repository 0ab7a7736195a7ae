-- +goose Up

-- A file is carried by a ticket's line, or else by an entry of another subject:
-- a visit, a policy resource, an activity.
ALTER TABLE attachments ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE attachments ADD COLUMN subject_id TEXT NOT NULL DEFAULT '';
UPDATE attachments SET subject = 'visit', subject_id = visit_id WHERE visit_id <> '';
DROP INDEX attachments_visit;
ALTER TABLE attachments DROP COLUMN visit_id;
CREATE INDEX attachments_subject ON attachments (subject_id) WHERE subject_id <> '';

ALTER TABLE policy_resources ADD COLUMN attachments jsonb NOT NULL DEFAULT '[]';
ALTER TABLE activities ADD COLUMN attachments jsonb NOT NULL DEFAULT '[]';

-- Words that tell in a ticket that a policy resource may help.
ALTER TABLE policy_resources ADD COLUMN words jsonb NOT NULL DEFAULT '[]';

-- +goose Down

ALTER TABLE policy_resources DROP COLUMN words;
ALTER TABLE activities DROP COLUMN attachments;
ALTER TABLE policy_resources DROP COLUMN attachments;
DROP INDEX attachments_subject;
ALTER TABLE attachments ADD COLUMN visit_id TEXT NOT NULL DEFAULT '';
UPDATE attachments SET visit_id = subject_id WHERE subject = 'visit';
CREATE INDEX attachments_visit ON attachments (visit_id) WHERE visit_id <> '';
ALTER TABLE attachments DROP COLUMN subject_id;
ALTER TABLE attachments DROP COLUMN subject;
