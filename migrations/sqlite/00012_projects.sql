-- +goose Up

-- The steps of key projects. A day is judged by the first one planned; a later
-- plan stands beside it.
CREATE TABLE milestones (
    project_id        TEXT NOT NULL REFERENCES projects (id),
    kind              TEXT NOT NULL,
    planned_day       TEXT NOT NULL,
    first_planned_day TEXT NOT NULL,
    done_day          TEXT,
    note              TEXT NOT NULL DEFAULT '',
    created_at        DATETIME NOT NULL,
    updated_at        DATETIME NOT NULL,
    PRIMARY KEY (project_id, kind)
);
CREATE INDEX milestones_open ON milestones (first_planned_day, planned_day, project_id) WHERE done_day IS NULL;

-- +goose Down

DROP TABLE milestones;
