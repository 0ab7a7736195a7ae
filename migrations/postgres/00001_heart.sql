-- +goose Up

-- The directory.

CREATE TABLE places (
    id         TEXT PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    parent_id  TEXT NOT NULL DEFAULT '',
    retired_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE chains (
    id         TEXT PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    retired_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE categories (
    id         TEXT PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    position   bigint NOT NULL DEFAULT 0,
    retired_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE reasons (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    code       TEXT NOT NULL,
    name       TEXT NOT NULL,
    retired_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (kind, code)
);

CREATE TABLE departments (
    id               TEXT PRIMARY KEY,
    code             TEXT NOT NULL UNIQUE,
    name             TEXT NOT NULL,
    short_name       TEXT NOT NULL DEFAULT '',
    kind             TEXT NOT NULL,
    parent_id        TEXT NOT NULL DEFAULT '',
    dispatchable     boolean NOT NULL,
    summonable       boolean NOT NULL,
    officers_resolve boolean NOT NULL,
    retired_at       timestamptz,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);

CREATE TABLE duties (
    id            TEXT PRIMARY KEY,
    category      TEXT NOT NULL REFERENCES categories (code),
    department_id TEXT NOT NULL REFERENCES departments (id),
    basis         TEXT NOT NULL DEFAULT '',
    retired_at    timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    UNIQUE (category, department_id)
);

CREATE TABLE enterprises (
    id              TEXT PRIMARY KEY,
    external_number TEXT NOT NULL DEFAULT '',
    credit_code     TEXT NOT NULL DEFAULT '',
    name            TEXT NOT NULL,
    kind            TEXT NOT NULL DEFAULT 'company',
    place_id        TEXT NOT NULL DEFAULT '',
    chains          jsonb NOT NULL,
    tags            jsonb NOT NULL,
    contact         TEXT NOT NULL DEFAULT '',
    phone           TEXT NOT NULL DEFAULT '',
    retired_at      timestamptz,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX enterprises_credit_code ON enterprises (credit_code) WHERE credit_code <> '';
CREATE UNIQUE INDEX enterprises_external_number ON enterprises (external_number) WHERE external_number <> '';
CREATE INDEX enterprises_name ON enterprises (name, id);

CREATE TABLE projects (
    id            TEXT PRIMARY KEY,
    code          TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    retired_at    timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE INDEX projects_enterprise ON projects (enterprise_id);

-- People.

CREATE TABLE users (
    id                  TEXT PRIMARY KEY,
    username            TEXT NOT NULL UNIQUE,
    name                TEXT NOT NULL,
    role                TEXT NOT NULL,
    department_id       TEXT NOT NULL DEFAULT '',
    enterprise_id       TEXT NOT NULL DEFAULT '',
    phone               TEXT NOT NULL DEFAULT '',
    password_hash       TEXT NOT NULL DEFAULT '',
    password_changed_at timestamptz,
    retired_at          timestamptz,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL
);
CREATE INDEX users_department ON users (department_id) WHERE department_id <> '';
CREATE INDEX users_enterprise ON users (enterprise_id) WHERE enterprise_id <> '';

CREATE TABLE assignments (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    user_id    TEXT NOT NULL REFERENCES users (id),
    target_id  TEXT NOT NULL,
    part       TEXT NOT NULL DEFAULT '',
    from_date  TEXT NOT NULL,
    to_date    TEXT,
    retired_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX assignments_user ON assignments (user_id);
CREATE INDEX assignments_target ON assignments (target_id);

CREATE TABLE tokens (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    hash         TEXT NOT NULL UNIQUE,
    user_id      TEXT NOT NULL DEFAULT '',
    name         TEXT NOT NULL DEFAULT '',
    address      TEXT NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz,
    ended_at     timestamptz
);
CREATE INDEX tokens_user ON tokens (user_id, kind);

CREATE TABLE signin_failures (
    subject  TEXT PRIMARY KEY,
    failures bigint NOT NULL,
    last_at  timestamptz NOT NULL
);
CREATE INDEX signin_failures_last ON signin_failures (last_at);

CREATE TABLE audit (
    id         TEXT PRIMARY KEY,
    at         timestamptz NOT NULL,
    actor_id   TEXT NOT NULL,
    action     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    before     TEXT NOT NULL DEFAULT '',
    after      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_subject ON audit (subject, subject_id);

-- Clocks.

CREATE TABLE calendars (
    version    bigint PRIMARY KEY,
    note       TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE calendar_days (
    version bigint NOT NULL REFERENCES calendars (version),
    date    TEXT NOT NULL,
    kind    TEXT NOT NULL,
    name    TEXT NOT NULL,
    PRIMARY KEY (version, date)
);

CREATE TABLE policies (
    version        bigint PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE,
    rules          jsonb NOT NULL,
    effective_from timestamptz,
    created_by     TEXT NOT NULL,
    created_at     timestamptz NOT NULL
);

-- Tickets.

CREATE SEQUENCE ticket_serial;

CREATE TABLE tickets (
    id               TEXT PRIMARY KEY,
    serial           bigint NOT NULL UNIQUE,
    number           TEXT NOT NULL UNIQUE,
    external_number  TEXT NOT NULL DEFAULT '',
    title            TEXT NOT NULL,
    description      TEXT NOT NULL,
    category         TEXT NOT NULL REFERENCES categories (code),
    urgency          TEXT NOT NULL,
    source           TEXT NOT NULL,
    confidential     boolean NOT NULL,
    enterprise_id    TEXT NOT NULL REFERENCES enterprises (id),
    project_id       TEXT NOT NULL DEFAULT '',
    place_id         TEXT NOT NULL DEFAULT '',
    filed_by         TEXT NOT NULL,
    filed_at         timestamptz NOT NULL,
    state            TEXT NOT NULL,
    lead_id          TEXT NOT NULL DEFAULT '',
    assignee_id      TEXT NOT NULL DEFAULT '',
    outcome          TEXT NOT NULL DEFAULT '',
    claimed_outcome  TEXT NOT NULL DEFAULT '',
    verified_by      TEXT NOT NULL DEFAULT '',
    satisfaction     bigint NOT NULL DEFAULT 0,
    merged_into      TEXT NOT NULL DEFAULT '',
    imported         boolean NOT NULL,
    policy_version   bigint NOT NULL REFERENCES policies (version),
    calendar_version bigint NOT NULL REFERENCES calendars (version),
    version          bigint NOT NULL,
    head_hash        TEXT NOT NULL,
    updated_at       timestamptz NOT NULL,
    chains           TEXT NOT NULL DEFAULT '',
    yellow_at        timestamptz,
    red_at           timestamptz,
    review_date      TEXT NOT NULL DEFAULT '',
    detail           jsonb NOT NULL
);
CREATE UNIQUE INDEX tickets_external_number ON tickets (external_number) WHERE external_number <> '';
CREATE INDEX tickets_filed ON tickets (filed_at, id);
CREATE INDEX tickets_state ON tickets (state, filed_at, id);
CREATE INDEX tickets_enterprise ON tickets (enterprise_id, filed_at, id);
CREATE INDEX tickets_lead ON tickets (lead_id, state, filed_at, id);
CREATE INDEX tickets_red ON tickets (red_at) WHERE red_at IS NOT NULL;
CREATE INDEX tickets_project ON tickets (project_id) WHERE project_id <> '';
CREATE INDEX tickets_merged ON tickets (merged_into) WHERE merged_into <> '';

-- Who has a part in a ticket: departments (lead, joined, former) and experts.
CREATE TABLE ticket_parties (
    ticket_id TEXT NOT NULL REFERENCES tickets (id),
    part      TEXT NOT NULL,
    party_id  TEXT NOT NULL,
    PRIMARY KEY (ticket_id, part, party_id)
);
CREATE INDEX ticket_parties_party ON ticket_parties (party_id, part, ticket_id);

CREATE TABLE attachments (
    id          TEXT PRIMARY KEY,
    ticket_id   TEXT NOT NULL DEFAULT '',
    seq         bigint NOT NULL DEFAULT 0,
    name        TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    size        bigint NOT NULL,
    sha256      TEXT NOT NULL,
    uploaded_by TEXT NOT NULL,
    created_at  timestamptz NOT NULL
);
CREATE INDEX attachments_ticket ON attachments (ticket_id, seq);
CREATE INDEX attachments_uploader ON attachments (uploaded_by, created_at);

-- History: only ever added to. The words of a line can be removed by law;
-- nothing else of it can be touched.
CREATE TABLE history (
    ticket_id   TEXT NOT NULL,
    seq         bigint NOT NULL,
    event       TEXT NOT NULL,
    at          timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor_id    TEXT NOT NULL,
    canonical   TEXT NOT NULL,
    hash        TEXT NOT NULL,
    PRIMARY KEY (ticket_id, seq)
);
CREATE INDEX history_recorded ON history (recorded_at);

CREATE TABLE history_words (
    ticket_id TEXT NOT NULL,
    seq       bigint NOT NULL,
    salt      TEXT NOT NULL,
    words     jsonb NOT NULL,
    PRIMARY KEY (ticket_id, seq)
);

-- Facts that figures count. A row says what was so from valid_from, as written
-- down at recorded_at, until a later row took its place.

CREATE TABLE ticket_facts (
    ticket_id        TEXT NOT NULL REFERENCES tickets (id),
    seq              bigint NOT NULL,
    valid_from       timestamptz NOT NULL,
    recorded_at      timestamptz NOT NULL,
    valid_to         timestamptz,
    recorded_to      timestamptz,
    enterprise_id    TEXT NOT NULL,
    department_id    TEXT NOT NULL,
    category         TEXT NOT NULL,
    source           TEXT NOT NULL,
    place_id         TEXT NOT NULL,
    chains           TEXT NOT NULL,
    filed_at         timestamptz NOT NULL,
    exclusion        TEXT NOT NULL,
    is_open          boolean NOT NULL,
    closed_at        timestamptz,
    outcome          TEXT NOT NULL,
    verified_by      TEXT NOT NULL,
    satisfaction     bigint NOT NULL,
    resolved         boolean NOT NULL,
    resolve_missed   boolean NOT NULL,
    resolve_due_at   timestamptz,
    reached_verifying boolean NOT NULL,
    reworked         boolean NOT NULL,
    reopened         boolean NOT NULL,
    lead_changed     boolean NOT NULL,
    handling_seconds bigint,
    PRIMARY KEY (ticket_id, seq)
);
CREATE INDEX ticket_facts_filed ON ticket_facts (filed_at, ticket_id);

CREATE TABLE dispatch_facts (
    ticket_id     TEXT NOT NULL REFERENCES tickets (id),
    item          bigint NOT NULL,
    seq           bigint NOT NULL,
    valid_from    timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL,
    valid_to      timestamptz,
    recorded_to   timestamptz,
    enterprise_id TEXT NOT NULL,
    department_id TEXT NOT NULL,
    category      TEXT NOT NULL,
    source        TEXT NOT NULL,
    place_id      TEXT NOT NULL,
    chains        TEXT NOT NULL,
    dispatched_at timestamptz NOT NULL,
    inferred      boolean NOT NULL,
    claim_due_at  timestamptz,
    claim_met     boolean NOT NULL,
    claim_void    boolean NOT NULL,
    claimed_in_time boolean NOT NULL,
    returned      boolean NOT NULL,
    PRIMARY KEY (ticket_id, item, seq)
);
CREATE INDEX dispatch_facts_at ON dispatch_facts (dispatched_at, ticket_id);

CREATE TABLE summons_facts (
    ticket_id     TEXT NOT NULL REFERENCES tickets (id),
    item          bigint NOT NULL,
    seq           bigint NOT NULL,
    valid_from    timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL,
    valid_to      timestamptz,
    recorded_to   timestamptz,
    enterprise_id TEXT NOT NULL,
    department_id TEXT NOT NULL,
    category      TEXT NOT NULL,
    source        TEXT NOT NULL,
    place_id      TEXT NOT NULL,
    chains        TEXT NOT NULL,
    summoned_at   timestamptz NOT NULL,
    due_at        timestamptz NOT NULL,
    reported      boolean NOT NULL,
    on_time       boolean NOT NULL,
    void          boolean NOT NULL,
    PRIMARY KEY (ticket_id, item, seq)
);
CREATE INDEX summons_facts_at ON summons_facts (summoned_at, ticket_id);

-- Snapshots: figures as they were published.

CREATE TABLE snapshots (
    id                 TEXT PRIMARY KEY,
    kind               TEXT NOT NULL,
    from_date          TEXT NOT NULL,
    to_date            TEXT NOT NULL,
    as_of              timestamptz NOT NULL,
    recorded_by        timestamptz NOT NULL,
    definition_version bigint NOT NULL,
    rates              jsonb NOT NULL,
    figures            jsonb NOT NULL,
    members_digest     TEXT NOT NULL,
    heads_digest       TEXT NOT NULL,
    heads_count        bigint NOT NULL,
    UNIQUE (kind, from_date, to_date)
);
CREATE INDEX snapshots_to ON snapshots (to_date, kind);

CREATE TABLE snapshot_members (
    snapshot_id  TEXT NOT NULL REFERENCES snapshots (id),
    base         TEXT NOT NULL,
    ticket_id    TEXT NOT NULL,
    item         bigint NOT NULL,
    denominators bigint NOT NULL,
    numerators   bigint NOT NULL,
    PRIMARY KEY (snapshot_id, base, ticket_id, item)
);

-- The last line of every history as each freeze found it, written down when it
-- had changed: a tail that is cut off or a ticket that vanishes shows here.
CREATE TABLE history_heads (
    ticket_id   TEXT NOT NULL,
    seq         bigint NOT NULL,
    hash        TEXT NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (ticket_id, seq)
);
CREATE INDEX history_heads_recorded ON history_heads (recorded_at);

-- Once per tick, once per key.

CREATE TABLE ticks (
    job        TEXT NOT NULL,
    due_at     timestamptz NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    error      TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (job, due_at)
);

CREATE TABLE idempotency_keys (
    actor_id   TEXT NOT NULL,
    route      TEXT NOT NULL,
    key        TEXT NOT NULL,
    body_hash  TEXT NOT NULL,
    answer     TEXT NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (actor_id, route, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END;
$$;
-- +goose StatementEnd

CREATE TRIGGER history_refuses_change BEFORE UPDATE OR DELETE ON history
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_refuses_truncate BEFORE TRUNCATE ON history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER history_heads_refuses_change BEFORE UPDATE OR DELETE ON history_heads
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_heads_refuses_truncate BEFORE TRUNCATE ON history_heads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER snapshots_refuses_change BEFORE UPDATE OR DELETE ON snapshots
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER snapshots_refuses_truncate BEFORE TRUNCATE ON snapshots
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER snapshot_members_refuses_change BEFORE UPDATE OR DELETE ON snapshot_members
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER snapshot_members_refuses_truncate BEFORE TRUNCATE ON snapshot_members
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose Down

DROP TABLE idempotency_keys;
DROP TABLE ticks;
DROP TABLE history_heads;
DROP TABLE snapshot_members;
DROP TABLE snapshots;
DROP TABLE summons_facts;
DROP TABLE dispatch_facts;
DROP TABLE ticket_facts;
DROP TABLE history_words;
DROP TABLE history;
DROP TABLE attachments;
DROP TABLE ticket_parties;
DROP TABLE tickets;
DROP SEQUENCE ticket_serial;
DROP TABLE policies;
DROP TABLE calendar_days;
DROP TABLE calendars;
DROP TABLE audit;
DROP TABLE signin_failures;
DROP TABLE tokens;
DROP TABLE assignments;
DROP TABLE users;
DROP TABLE projects;
DROP TABLE enterprises;
DROP TABLE duties;
DROP TABLE departments;
DROP TABLE reasons;
DROP TABLE categories;
DROP TABLE chains;
DROP TABLE places;
DROP FUNCTION refuse_change();
