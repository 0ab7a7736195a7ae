-- +goose Up

-- What is owed to a ticket now, and by whom: the desk, a department, its
-- enterprise. due_at is the deadline that counts, null when none runs.
CREATE TABLE ticket_obligations (
    ticket_id TEXT NOT NULL REFERENCES tickets (id),
    event     TEXT NOT NULL,
    side      TEXT NOT NULL,
    party_id  TEXT NOT NULL,
    clock     TEXT NOT NULL,
    item      TEXT NOT NULL,
    yellow_at timestamptz,
    due_at    timestamptz,
    PRIMARY KEY (ticket_id, event, side, party_id, clock, item)
);
CREATE INDEX ticket_obligations_party ON ticket_obligations (side, party_id, event, ticket_id, due_at, yellow_at);

ALTER TABLE tickets ADD COLUMN on_ledger boolean NOT NULL DEFAULT false;
ALTER TABLE tickets ADD COLUMN charge_id TEXT NOT NULL DEFAULT '';
-- By which rules the columns and rows above were derived; older ones are
-- derived anew at the start.
ALTER TABLE tickets ADD COLUMN derived_version bigint NOT NULL DEFAULT 0;
CREATE INDEX tickets_derived ON tickets (derived_version, id);
CREATE INDEX tickets_ledger ON tickets (review_date) WHERE on_ledger;
CREATE INDEX tickets_charge ON tickets (charge_id) WHERE charge_id <> '';
CREATE INDEX tickets_assignee ON tickets (assignee_id, state) WHERE assignee_id <> '';

-- +goose Down

DROP INDEX tickets_assignee;
DROP INDEX tickets_charge;
DROP INDEX tickets_ledger;
DROP INDEX tickets_derived;
ALTER TABLE tickets DROP COLUMN derived_version;
ALTER TABLE tickets DROP COLUMN charge_id;
ALTER TABLE tickets DROP COLUMN on_ledger;
DROP TABLE ticket_obligations;
