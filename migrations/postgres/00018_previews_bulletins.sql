-- +goose Up

-- An import is looked at before it is confirmed: what was previewed is what is
-- imported, once.
ALTER TABLE import_runs ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE import_runs ADD COLUMN preview_id TEXT NOT NULL DEFAULT '';
ALTER TABLE import_runs ADD COLUMN sample jsonb NOT NULL DEFAULT '[]';
CREATE UNIQUE INDEX import_runs_preview ON import_runs (preview_id) WHERE preview_id <> '';
ALTER TABLE import_faults ADD COLUMN column_letter TEXT NOT NULL DEFAULT '';

-- The bulletins that were sent round, each once.
CREATE TABLE bulletins (
    kind        TEXT NOT NULL,
    from_date   TEXT NOT NULL,
    to_date     TEXT NOT NULL,
    snapshot_id TEXT NOT NULL REFERENCES snapshots (id),
    made_at     timestamptz NOT NULL,
    mails       bigint NOT NULL,
    PRIMARY KEY (kind, from_date, to_date)
);

-- +goose Down

DROP TABLE bulletins;
ALTER TABLE import_faults DROP COLUMN column_letter;
DROP INDEX import_runs_preview;
ALTER TABLE import_runs DROP COLUMN sample;
ALTER TABLE import_runs DROP COLUMN preview_id;
ALTER TABLE import_runs DROP COLUMN digest;
