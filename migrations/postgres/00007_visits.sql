-- +goose Up

-- Going to the enterprises: what for, who to whom, what was seen there, and
-- what came of it.
CREATE TABLE campaigns (
    id         TEXT PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    from_date  TEXT NOT NULL,
    to_date    TEXT NOT NULL,
    targets    TEXT NOT NULL,
    place_id   TEXT NOT NULL DEFAULT '',
    chain_id   TEXT NOT NULL DEFAULT '',
    note       TEXT NOT NULL DEFAULT '',
    questions  jsonb NOT NULL,
    retired_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- A project of a campaign is planned by itself, beside its enterprise.
CREATE TABLE visit_plans (
    id            TEXT PRIMARY KEY,
    campaign_id   TEXT NOT NULL REFERENCES campaigns (id),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    project_id    TEXT NOT NULL DEFAULT '',
    user_id       TEXT NOT NULL DEFAULT '',
    day           TEXT NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    UNIQUE (campaign_id, enterprise_id, project_id)
);
CREATE INDEX visit_plans_user ON visit_plans (user_id, campaign_id);

-- visited_on is the day of visited_at where the service is.
CREATE TABLE visits (
    id            TEXT PRIMARY KEY,
    client_id     TEXT NOT NULL DEFAULT '',
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    project_id    TEXT NOT NULL DEFAULT '',
    campaign_id   TEXT NOT NULL DEFAULT '',
    visitor_id    TEXT NOT NULL REFERENCES users (id),
    visited_at    timestamptz NOT NULL,
    visited_on    TEXT NOT NULL,
    seen          TEXT NOT NULL,
    location      TEXT NOT NULL DEFAULT '',
    latitude      double precision,
    longitude     double precision,
    answers       jsonb NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX visits_client ON visits (visitor_id, client_id) WHERE client_id <> '';
CREATE INDEX visits_at ON visits (visited_at, id);
CREATE INDEX visits_on ON visits (visited_on, enterprise_id);
CREATE INDEX visits_enterprise ON visits (enterprise_id, visited_at);
CREATE INDEX visits_visitor ON visits (visitor_id, visited_at);
CREATE INDEX visits_campaign ON visits (campaign_id, visited_at) WHERE campaign_id <> '';

CREATE TABLE visit_findings (
    id        TEXT PRIMARY KEY,
    visit_id  TEXT NOT NULL REFERENCES visits (id),
    position  bigint NOT NULL,
    text      TEXT NOT NULL,
    category  TEXT NOT NULL REFERENCES categories (code),
    ticket_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX visit_findings_visit ON visit_findings (visit_id, position);
CREATE UNIQUE INDEX visit_findings_ticket ON visit_findings (ticket_id) WHERE ticket_id <> '';

-- A file is carried by a line of a ticket's history, or by a visit.
ALTER TABLE attachments ADD COLUMN visit_id TEXT NOT NULL DEFAULT '';
CREATE INDEX attachments_visit ON attachments (visit_id) WHERE visit_id <> '';

-- +goose Down

DROP INDEX attachments_visit;
ALTER TABLE attachments DROP COLUMN visit_id;
DROP TABLE visit_findings;
DROP TABLE visits;
DROP TABLE visit_plans;
DROP TABLE campaigns;
