-- +goose Up

-- Segments below a chain, and the plan by which a chain is served.
ALTER TABLE chains ADD COLUMN parent_id TEXT NOT NULL DEFAULT '';
ALTER TABLE chains ADD COLUMN plan TEXT NOT NULL DEFAULT '';

CREATE TABLE alliances (
    id                  TEXT PRIMARY KEY,
    name                TEXT NOT NULL UNIQUE,
    kind                TEXT NOT NULL,
    chain_id            TEXT NOT NULL REFERENCES chains (id),
    lead_enterprise_id  TEXT NOT NULL DEFAULT '',
    lead_department_id  TEXT NOT NULL DEFAULT '',
    about               TEXT NOT NULL DEFAULT '',
    members             jsonb NOT NULL,
    partners            jsonb NOT NULL,
    service_departments jsonb NOT NULL,
    experts             jsonb NOT NULL,
    retired_at          timestamptz,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL
);
CREATE INDEX alliances_chain ON alliances (chain_id);

CREATE TABLE activities (
    id          TEXT PRIMARY KEY,
    alliance_id TEXT NOT NULL DEFAULT '',
    chain_id    TEXT NOT NULL DEFAULT '',
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    day         TEXT NOT NULL,
    place       TEXT NOT NULL DEFAULT '',
    about       TEXT NOT NULL DEFAULT '',
    enterprises jsonb NOT NULL,
    departments jsonb NOT NULL,
    partners    jsonb NOT NULL,
    retired_at  timestamptz,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL
);
CREATE INDEX activities_day ON activities (day, id);
CREATE INDEX activities_alliance ON activities (alliance_id, day, id);
CREATE INDEX activities_chain ON activities (chain_id, day, id);

-- +goose Down

DROP TABLE activities;
DROP TABLE alliances;
ALTER TABLE chains DROP COLUMN plan;
ALTER TABLE chains DROP COLUMN parent_id;
