-- +goose Up

-- Imports from the pages run in the background. The uploaded file and its bad
-- rows lie with the attachments, under the run's id, for some weeks.
CREATE TABLE import_runs (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    file_name  TEXT NOT NULL,
    file_size  bigint NOT NULL,
    file_kept  boolean NOT NULL,
    options    jsonb NOT NULL,
    state      TEXT NOT NULL,
    row_count  bigint NOT NULL DEFAULT 0,
    added      bigint NOT NULL DEFAULT 0,
    changed    bigint NOT NULL DEFAULT 0,
    unchanged  bigint NOT NULL DEFAULT 0,
    bad        bigint NOT NULL DEFAULT 0,
    faults     bigint NOT NULL DEFAULT 0,
    made       jsonb NOT NULL,
    applied    boolean NOT NULL DEFAULT false,
    failure    TEXT NOT NULL DEFAULT '',
    started_by TEXT NOT NULL,
    created_at timestamptz NOT NULL,
    begun_at   timestamptz,
    ended_at   timestamptz
);
CREATE INDEX import_runs_state ON import_runs (state, created_at);

CREATE TABLE import_faults (
    run_id        TEXT NOT NULL REFERENCES import_runs (id),
    item          bigint NOT NULL,
    row_number    bigint NOT NULL,
    column_header TEXT NOT NULL,
    message       TEXT NOT NULL,
    PRIMARY KEY (run_id, item)
);

-- Who made a link and how it ended; on what a session was opened.
ALTER TABLE tokens ADD COLUMN made_by TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN ended_as TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN device TEXT NOT NULL DEFAULT '';
CREATE INDEX tokens_kind ON tokens (kind, id);

-- +goose Down

DROP INDEX tokens_kind;
ALTER TABLE tokens DROP COLUMN device;
ALTER TABLE tokens DROP COLUMN ended_as;
ALTER TABLE tokens DROP COLUMN made_by;
DROP TABLE import_faults;
DROP TABLE import_runs;
