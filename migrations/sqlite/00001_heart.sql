-- +goose Up

-- The directory.

CREATE TABLE places (
    id         TEXT PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    parent_id  TEXT NOT NULL DEFAULT '',
    retired_at DATETIME,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
);

CREATE TABLE chains (
    id         TEXT PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    retired_at DATETIME,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
);

CREATE TABLE categories (
    id         TEXT PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    position   INTEGER NOT NULL DEFAULT 0,
    retired_at DATETIME,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
);

CREATE TABLE reasons (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    code       TEXT NOT NULL,
    name       TEXT NOT NULL,
    retired_at DATETIME,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    UNIQUE (kind, code)
);

CREATE TABLE departments (
    id               TEXT PRIMARY KEY,
    code             TEXT NOT NULL UNIQUE,
    name             TEXT NOT NULL,
    short_name       TEXT NOT NULL DEFAULT '',
    kind             TEXT NOT NULL,
    parent_id        TEXT NOT NULL DEFAULT '',
    dispatchable     BOOLEAN NOT NULL,
    summonable       BOOLEAN NOT NULL,
    officers_resolve BOOLEAN NOT NULL,
    retired_at       DATETIME,
    created_at       DATETIME NOT NULL,
    updated_at       DATETIME NOT NULL
);

CREATE TABLE duties (
    id            TEXT PRIMARY KEY,
    category      TEXT NOT NULL REFERENCES categories (code),
    department_id TEXT NOT NULL REFERENCES departments (id),
    basis         TEXT NOT NULL DEFAULT '',
    retired_at    DATETIME,
    created_at    DATETIME NOT NULL,
    updated_at    DATETIME NOT NULL,
    UNIQUE (category, department_id)
);

CREATE TABLE enterprises (
    id              TEXT PRIMARY KEY,
    external_number TEXT NOT NULL DEFAULT '',
    credit_code     TEXT NOT NULL DEFAULT '',
    name            TEXT NOT NULL,
    kind            TEXT NOT NULL DEFAULT 'company',
    place_id        TEXT NOT NULL DEFAULT '',
    chains          TEXT NOT NULL,
    tags            TEXT NOT NULL,
    contact         TEXT NOT NULL DEFAULT '',
    phone           TEXT NOT NULL DEFAULT '',
    retired_at      DATETIME,
    created_at      DATETIME NOT NULL,
    updated_at      DATETIME NOT NULL
);
CREATE UNIQUE INDEX enterprises_credit_code ON enterprises (credit_code) WHERE credit_code <> '';
CREATE UNIQUE INDEX enterprises_external_number ON enterprises (external_number) WHERE external_number <> '';
CREATE INDEX enterprises_name ON enterprises (name, id);

CREATE TABLE projects (
    id            TEXT PRIMARY KEY,
    code          TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    retired_at    DATETIME,
    created_at    DATETIME NOT NULL,
    updated_at    DATETIME NOT NULL
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
    password_changed_at DATETIME,
    retired_at          DATETIME,
    created_at          DATETIME NOT NULL,
    updated_at          DATETIME NOT NULL
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
    retired_at DATETIME,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
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
    created_at   DATETIME NOT NULL,
    expires_at   DATETIME,
    last_used_at DATETIME,
    ended_at     DATETIME
);
CREATE INDEX tokens_user ON tokens (user_id, kind);

CREATE TABLE signin_failures (
    subject  TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at  DATETIME NOT NULL
);
CREATE INDEX signin_failures_last ON signin_failures (last_at);

CREATE TABLE audit (
    id         TEXT PRIMARY KEY,
    at         DATETIME NOT NULL,
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
    version    INTEGER PRIMARY KEY,
    note       TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at DATETIME NOT NULL
);

CREATE TABLE calendar_days (
    version INTEGER NOT NULL REFERENCES calendars (version),
    date    TEXT NOT NULL,
    kind    TEXT NOT NULL,
    name    TEXT NOT NULL,
    PRIMARY KEY (version, date)
);

CREATE TABLE policies (
    version        INTEGER PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE,
    rules          TEXT NOT NULL,
    effective_from DATETIME,
    created_by     TEXT NOT NULL,
    created_at     DATETIME NOT NULL
);

-- Tickets.

CREATE TABLE tickets (
    id               TEXT PRIMARY KEY,
    serial           INTEGER NOT NULL UNIQUE,
    number           TEXT NOT NULL UNIQUE,
    external_number  TEXT NOT NULL DEFAULT '',
    title            TEXT NOT NULL,
    description      TEXT NOT NULL,
    category         TEXT NOT NULL REFERENCES categories (code),
    urgency          TEXT NOT NULL,
    source           TEXT NOT NULL,
    confidential     BOOLEAN NOT NULL,
    enterprise_id    TEXT NOT NULL REFERENCES enterprises (id),
    project_id       TEXT NOT NULL DEFAULT '',
    place_id         TEXT NOT NULL DEFAULT '',
    filed_by         TEXT NOT NULL,
    filed_at         DATETIME NOT NULL,
    state            TEXT NOT NULL,
    lead_id          TEXT NOT NULL DEFAULT '',
    assignee_id      TEXT NOT NULL DEFAULT '',
    outcome          TEXT NOT NULL DEFAULT '',
    claimed_outcome  TEXT NOT NULL DEFAULT '',
    verified_by      TEXT NOT NULL DEFAULT '',
    satisfaction     INTEGER NOT NULL DEFAULT 0,
    merged_into      TEXT NOT NULL DEFAULT '',
    imported         BOOLEAN NOT NULL,
    policy_version   INTEGER NOT NULL REFERENCES policies (version),
    calendar_version INTEGER NOT NULL REFERENCES calendars (version),
    version          INTEGER NOT NULL,
    head_hash        TEXT NOT NULL,
    updated_at       DATETIME NOT NULL,
    chains           TEXT NOT NULL DEFAULT '',
    yellow_at        DATETIME,
    red_at           DATETIME,
    review_date      TEXT NOT NULL DEFAULT '',
    detail           TEXT NOT NULL
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
    seq         INTEGER NOT NULL DEFAULT 0,
    name        TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    size        INTEGER NOT NULL,
    sha256      TEXT NOT NULL,
    uploaded_by TEXT NOT NULL,
    created_at  DATETIME NOT NULL
);
CREATE INDEX attachments_ticket ON attachments (ticket_id, seq);
CREATE INDEX attachments_uploader ON attachments (uploaded_by, created_at);

-- History: only ever added to. The words of a line can be removed by law;
-- nothing else of it can be touched.
CREATE TABLE history (
    ticket_id   TEXT NOT NULL,
    seq         INTEGER NOT NULL,
    event       TEXT NOT NULL,
    at          DATETIME NOT NULL,
    recorded_at DATETIME NOT NULL,
    actor_id    TEXT NOT NULL,
    canonical   TEXT NOT NULL,
    hash        TEXT NOT NULL,
    PRIMARY KEY (ticket_id, seq)
);
CREATE INDEX history_recorded ON history (recorded_at);

CREATE TABLE history_words (
    ticket_id TEXT NOT NULL,
    seq       INTEGER NOT NULL,
    salt      TEXT NOT NULL,
    words     TEXT NOT NULL,
    PRIMARY KEY (ticket_id, seq)
);

-- Facts that figures count. A row says what was so from valid_from, as written
-- down at recorded_at, until a later row took its place.

CREATE TABLE ticket_facts (
    ticket_id        TEXT NOT NULL REFERENCES tickets (id),
    seq              INTEGER NOT NULL,
    valid_from       DATETIME NOT NULL,
    recorded_at      DATETIME NOT NULL,
    valid_to         DATETIME,
    recorded_to      DATETIME,
    enterprise_id    TEXT NOT NULL,
    department_id    TEXT NOT NULL,
    category         TEXT NOT NULL,
    source           TEXT NOT NULL,
    place_id         TEXT NOT NULL,
    chains           TEXT NOT NULL,
    filed_at         DATETIME NOT NULL,
    exclusion        TEXT NOT NULL,
    is_open          BOOLEAN NOT NULL,
    closed_at        DATETIME,
    outcome          TEXT NOT NULL,
    verified_by      TEXT NOT NULL,
    satisfaction     INTEGER NOT NULL,
    resolved         BOOLEAN NOT NULL,
    resolve_missed   BOOLEAN NOT NULL,
    resolve_due_at   DATETIME,
    reached_verifying BOOLEAN NOT NULL,
    reworked         BOOLEAN NOT NULL,
    reopened         BOOLEAN NOT NULL,
    lead_changed     BOOLEAN NOT NULL,
    handling_seconds INTEGER,
    PRIMARY KEY (ticket_id, seq)
);
CREATE INDEX ticket_facts_filed ON ticket_facts (filed_at, ticket_id);

CREATE TABLE dispatch_facts (
    ticket_id     TEXT NOT NULL REFERENCES tickets (id),
    item          INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    valid_from    DATETIME NOT NULL,
    recorded_at   DATETIME NOT NULL,
    valid_to      DATETIME,
    recorded_to   DATETIME,
    enterprise_id TEXT NOT NULL,
    department_id TEXT NOT NULL,
    category      TEXT NOT NULL,
    source        TEXT NOT NULL,
    place_id      TEXT NOT NULL,
    chains        TEXT NOT NULL,
    dispatched_at DATETIME NOT NULL,
    inferred      BOOLEAN NOT NULL,
    claim_due_at  DATETIME,
    claim_met     BOOLEAN NOT NULL,
    claim_void    BOOLEAN NOT NULL,
    claimed_in_time BOOLEAN NOT NULL,
    returned      BOOLEAN NOT NULL,
    PRIMARY KEY (ticket_id, item, seq)
);
CREATE INDEX dispatch_facts_at ON dispatch_facts (dispatched_at, ticket_id);

CREATE TABLE summons_facts (
    ticket_id     TEXT NOT NULL REFERENCES tickets (id),
    item          INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    valid_from    DATETIME NOT NULL,
    recorded_at   DATETIME NOT NULL,
    valid_to      DATETIME,
    recorded_to   DATETIME,
    enterprise_id TEXT NOT NULL,
    department_id TEXT NOT NULL,
    category      TEXT NOT NULL,
    source        TEXT NOT NULL,
    place_id      TEXT NOT NULL,
    chains        TEXT NOT NULL,
    summoned_at   DATETIME NOT NULL,
    due_at        DATETIME NOT NULL,
    reported      BOOLEAN NOT NULL,
    on_time       BOOLEAN NOT NULL,
    void          BOOLEAN NOT NULL,
    PRIMARY KEY (ticket_id, item, seq)
);
CREATE INDEX summons_facts_at ON summons_facts (summoned_at, ticket_id);

-- Snapshots: figures as they were published.

CREATE TABLE snapshots (
    id                 TEXT PRIMARY KEY,
    kind               TEXT NOT NULL,
    from_date          TEXT NOT NULL,
    to_date            TEXT NOT NULL,
    as_of              DATETIME NOT NULL,
    recorded_by        DATETIME NOT NULL,
    definition_version INTEGER NOT NULL,
    rates              TEXT NOT NULL,
    figures            TEXT NOT NULL,
    members_digest     TEXT NOT NULL,
    heads_digest       TEXT NOT NULL,
    heads_count        INTEGER NOT NULL,
    UNIQUE (kind, from_date, to_date)
);
CREATE INDEX snapshots_to ON snapshots (to_date, kind);

CREATE TABLE snapshot_members (
    snapshot_id  TEXT NOT NULL REFERENCES snapshots (id),
    base         TEXT NOT NULL,
    ticket_id    TEXT NOT NULL,
    item         INTEGER NOT NULL,
    denominators INTEGER NOT NULL,
    numerators   INTEGER NOT NULL,
    PRIMARY KEY (snapshot_id, base, ticket_id, item)
) WITHOUT ROWID;

-- The last line of every history as each freeze found it, written down when it
-- had changed: a tail that is cut off or a ticket that vanishes shows here.
CREATE TABLE history_heads (
    ticket_id   TEXT NOT NULL,
    seq         INTEGER NOT NULL,
    hash        TEXT NOT NULL,
    recorded_at DATETIME NOT NULL,
    PRIMARY KEY (ticket_id, seq)
);
CREATE INDEX history_heads_recorded ON history_heads (recorded_at);

-- Once per tick, once per key.

CREATE TABLE ticks (
    job        TEXT NOT NULL,
    due_at     DATETIME NOT NULL,
    started_at DATETIME NOT NULL,
    ended_at   DATETIME,
    error      TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (job, due_at)
);

CREATE TABLE idempotency_keys (
    actor_id   TEXT NOT NULL,
    route      TEXT NOT NULL,
    key        TEXT NOT NULL,
    body_hash  TEXT NOT NULL,
    answer     TEXT NOT NULL DEFAULT '',
    created_at DATETIME NOT NULL,
    PRIMARY KEY (actor_id, route, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- +goose StatementBegin
CREATE TRIGGER history_refuses_update BEFORE UPDATE ON history
BEGIN
    SELECT RAISE(ABORT, 'history is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER history_refuses_delete BEFORE DELETE ON history
BEGIN
    SELECT RAISE(ABORT, 'history is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER history_heads_refuses_update BEFORE UPDATE ON history_heads
BEGIN
    SELECT RAISE(ABORT, 'history_heads is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER history_heads_refuses_delete BEFORE DELETE ON history_heads
BEGIN
    SELECT RAISE(ABORT, 'history_heads is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER snapshots_refuses_update BEFORE UPDATE ON snapshots
BEGIN
    SELECT RAISE(ABORT, 'snapshots is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER snapshots_refuses_delete BEFORE DELETE ON snapshots
BEGIN
    SELECT RAISE(ABORT, 'snapshots is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER snapshot_members_refuses_update BEFORE UPDATE ON snapshot_members
BEGIN
    SELECT RAISE(ABORT, 'snapshot_members is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER snapshot_members_refuses_delete BEFORE DELETE ON snapshot_members
BEGIN
    SELECT RAISE(ABORT, 'snapshot_members is append-only');
END;
-- +goose StatementEnd

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
