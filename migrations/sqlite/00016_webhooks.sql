-- +goose Up

-- Addresses of other programs that are told what their owners may see.
CREATE TABLE webhooks (
    id            TEXT PRIMARY KEY,
    owner_id      TEXT NOT NULL REFERENCES users (id),
    name          TEXT NOT NULL,
    url           TEXT NOT NULL,
    events        TEXT NOT NULL,             -- JSON: a list
    confidential  BOOLEAN NOT NULL,          -- of confidential tickets too
    secret        TEXT NOT NULL,             -- as it is: what is sent is signed with it
    old_secret    TEXT NOT NULL DEFAULT '',  -- the one before it, which signs too
    old_until     DATETIME,                  -- until then
    off_at        DATETIME,                  -- null while it is on
    off_for       TEXT NOT NULL DEFAULT '',
    failing_since DATETIME,                  -- null unless nothing came through since then
    created_at    DATETIME NOT NULL,
    updated_at    DATETIME NOT NULL
);
CREATE INDEX webhooks_owner ON webhooks (owner_id, id);

-- What a webhook is told: one row for each thing that happened.
CREATE TABLE webhook_deliveries (
    id          TEXT PRIMARY KEY,          -- the receiver's webhook-id
    webhook_id  TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    type        TEXT NOT NULL,
    cause       TEXT NOT NULL,             -- the line, alarm or snapshot; each is told once
    ticket_id   TEXT NOT NULL,             -- '' when it is about none
    seq         INTEGER NOT NULL,          -- the ticket's line
    about       TEXT NOT NULL,             -- JSON: what the line does not say
    occurred_at DATETIME NOT NULL,
    state       TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    next_at     DATETIME,                  -- the next attempt; null when there is none
    job_id      INTEGER,                   -- the job that makes it
    created_at  DATETIME NOT NULL,
    ended_at    DATETIME,
    UNIQUE (webhook_id, cause)
);
CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created_at);

CREATE TABLE webhook_attempts (
    delivery_id TEXT NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    by_hand     BOOLEAN NOT NULL,
    at          DATETIME NOT NULL,
    took_ms     INTEGER NOT NULL,
    status      INTEGER NOT NULL,          -- of the answer; 0 when none came
    fault       TEXT NOT NULL,             -- why none came
    answer      TEXT NOT NULL,             -- how it begins
    PRIMARY KEY (delivery_id, number)
);

-- +goose Down

DROP TABLE webhook_attempts;
DROP TABLE webhook_deliveries;
DROP TABLE webhooks;
