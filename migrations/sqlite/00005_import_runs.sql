-- +goose Up

-- Imports from the pages run in the background. The uploaded file and its bad
-- rows lie with the attachments, under the run's id, for some weeks.
CREATE TABLE import_runs (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    file_name  TEXT NOT NULL,
    file_size  INTEGER NOT NULL,
    file_kept  BOOLEAN NOT NULL,
    options    TEXT NOT NULL,
    state      TEXT NOT NULL,
    row_count  INTEGER NOT NULL DEFAULT 0,
    added      INTEGER NOT NULL DEFAULT 0,
    changed    INTEGER NOT NULL DEFAULT 0,
    unchanged  INTEGER NOT NULL DEFAULT 0,
    bad        INTEGER NOT NULL DEFAULT 0,
    faults     INTEGER NOT NULL DEFAULT 0,
    made       TEXT NOT NULL,
    applied    BOOLEAN NOT NULL DEFAULT FALSE,
    failure    TEXT NOT NULL DEFAULT '',
    started_by TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    begun_at   DATETIME,
    ended_at   DATETIME
);
CREATE INDEX import_runs_state ON import_runs (state, created_at);

CREATE TABLE import_faults (
    run_id        TEXT NOT NULL REFERENCES import_runs (id),
    item          INTEGER NOT NULL,
    row_number    INTEGER NOT NULL,
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
