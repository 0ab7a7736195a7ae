-- +goose Up

-- The three lists: what there is for enterprises, what they need, and what was
-- done for them. Amounts are in fen. Days are texts, which sort as the days do.
CREATE TABLE policy_resources (
    id            TEXT PRIMARY KEY,
    code          TEXT NOT NULL,
    name          TEXT NOT NULL,
    document      TEXT NOT NULL DEFAULT '',
    department_id TEXT NOT NULL REFERENCES departments (id),
    gives         TEXT NOT NULL,
    valid_from    TEXT,
    valid_to      TEXT,
    chains        jsonb NOT NULL,
    tags          jsonb NOT NULL,
    kinds         jsonb NOT NULL,
    places        jsonb NOT NULL,
    categories    jsonb NOT NULL,
    conditions    TEXT NOT NULL DEFAULT '',
    orderable     BOOLEAN NOT NULL DEFAULT FALSE,
    answer_id     TEXT NOT NULL DEFAULT '',
    retired_at    timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX policy_resources_code ON policy_resources (code);

CREATE TABLE needs (
    id            TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    ticket_id     TEXT NOT NULL DEFAULT '',
    visit_id      TEXT NOT NULL DEFAULT '',
    category      TEXT NOT NULL,
    text          TEXT NOT NULL,
    state         TEXT NOT NULL,
    reason        TEXT NOT NULL DEFAULT '',
    written_by    TEXT NOT NULL,
    decided_by    TEXT NOT NULL DEFAULT '',
    decided_at    timestamptz,
    retired_at    timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE INDEX needs_enterprise ON needs (enterprise_id, id);
CREATE INDEX needs_state ON needs (state, id);
CREATE INDEX needs_ticket ON needs (ticket_id) WHERE ticket_id <> '';
CREATE INDEX needs_visit ON needs (visit_id) WHERE visit_id <> '';

CREATE TABLE services (
    id            TEXT PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    policy_id     TEXT NOT NULL REFERENCES policy_resources (id),
    need_id       TEXT NOT NULL DEFAULT '',
    ticket_id     TEXT NOT NULL DEFAULT '',
    department_id TEXT NOT NULL REFERENCES departments (id),
    due_on        TEXT,
    state         TEXT NOT NULL,
    why           TEXT NOT NULL DEFAULT '',
    reason        TEXT NOT NULL DEFAULT '',
    proposed_by   TEXT NOT NULL,
    decided_by    TEXT NOT NULL DEFAULT '',
    decided_at    timestamptz,
    delivered_on  TEXT,
    delivered_by  TEXT NOT NULL DEFAULT '',
    amount_fen    BIGINT NOT NULL DEFAULT 0,
    note          TEXT NOT NULL DEFAULT '',
    retired_at    timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE INDEX services_enterprise ON services (enterprise_id, id);
-- One of a kind at a time.
CREATE UNIQUE INDEX services_under_way ON services (enterprise_id, policy_id) WHERE state IN ('proposed', 'accepted');
CREATE INDEX services_policy ON services (policy_id, id);
CREATE INDEX services_department ON services (department_id, state, id);
CREATE INDEX services_delivered ON services (delivered_on) WHERE state = 'delivered';
CREATE INDEX services_ticket ON services (ticket_id) WHERE ticket_id <> '';

-- Which policy resource an enterprise ordered by a ticket.
CREATE TABLE policy_orders (
    ticket_id TEXT PRIMARY KEY REFERENCES tickets (id),
    policy_id TEXT NOT NULL REFERENCES policy_resources (id)
);
CREATE INDEX policy_orders_policy ON policy_orders (policy_id);

-- +goose Down

DROP TABLE policy_orders;
DROP TABLE services;
DROP TABLE needs;
DROP TABLE policy_resources;
