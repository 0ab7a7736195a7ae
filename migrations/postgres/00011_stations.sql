-- +goose Up

-- What a department of the kind station is; blank for any other.
ALTER TABLE departments ADD COLUMN station_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE departments ADD COLUMN place_id TEXT NOT NULL DEFAULT '';
ALTER TABLE departments ADD COLUMN services jsonb NOT NULL DEFAULT '[]';
ALTER TABLE departments ADD COLUMN opening TEXT NOT NULL DEFAULT '';
UPDATE departments SET station_kind = 'station' WHERE kind = 'station';

-- Who may be called to a joint handling for what they know; one with an account
-- can be invited.
CREATE TABLE experts (
    id           TEXT PRIMARY KEY,
    user_id      TEXT NOT NULL DEFAULT '',
    name         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    organisation TEXT NOT NULL,
    post         TEXT NOT NULL DEFAULT '',
    inside       boolean NOT NULL,
    fields       jsonb NOT NULL,
    categories   jsonb NOT NULL,
    chains       jsonb NOT NULL,
    phone        TEXT NOT NULL DEFAULT '',
    retired_at   timestamptz,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX experts_user ON experts (user_id) WHERE user_id <> '';
CREATE INDEX experts_name ON experts (name, id);

-- What the stations have taken down, by who did.
CREATE INDEX tickets_filed_at_station ON tickets (filed_by, filed_at) WHERE source = 'station';

-- +goose Down

DROP INDEX tickets_filed_at_station;
DROP TABLE experts;
ALTER TABLE departments DROP COLUMN opening;
ALTER TABLE departments DROP COLUMN services;
ALTER TABLE departments DROP COLUMN place_id;
ALTER TABLE departments DROP COLUMN station_kind;
