-- +goose Up

-- One manager gives enterprises to another: the assignments that come of it
-- name the hand-over.
CREATE TABLE handovers (
    id           TEXT PRIMARY KEY,
    from_user_id TEXT NOT NULL REFERENCES users (id),
    to_user_id   TEXT NOT NULL REFERENCES users (id),
    from_date    TEXT NOT NULL,
    note         TEXT NOT NULL,
    made_by      TEXT NOT NULL,
    created_at   timestamptz NOT NULL
);
ALTER TABLE assignments ADD COLUMN handover_id TEXT NOT NULL DEFAULT '';

-- What is planned for one enterprise (一企一策).
CREATE TABLE service_plans (
    enterprise_id TEXT PRIMARY KEY REFERENCES enterprises (id),
    words         TEXT NOT NULL,
    updated_by    TEXT NOT NULL,
    updated_at    timestamptz NOT NULL
);

-- A notice may be about something else than a ticket: then ticket_id is ''.
ALTER TABLE notices DROP CONSTRAINT notices_ticket_id_fkey;

-- +goose Down

-- Those of no ticket have no place any more. The reference to the tickets is
-- not put back: nothing of that kind is written then.
DELETE FROM notices WHERE ticket_id = '';
DROP TABLE service_plans;
ALTER TABLE assignments DROP COLUMN handover_id;
DROP TABLE handovers;
