-- +goose Up

-- One manager gives enterprises to another: the assignments that come of it
-- name the hand-over.
CREATE TABLE handovers (
    id           TEXT PRIMARY KEY,
    from_user_id TEXT NOT NULL REFERENCES users (id),
    to_user_id   TEXT NOT NULL REFERENCES users (id),
    from_date    TEXT NOT NULL,
    note         TEXT NOT NULL,
    made_by      TEXT NOT NULL,
    created_at   DATETIME NOT NULL
);
ALTER TABLE assignments ADD COLUMN handover_id TEXT NOT NULL DEFAULT '';

-- What is planned for one enterprise (一企一策).
CREATE TABLE service_plans (
    enterprise_id TEXT PRIMARY KEY REFERENCES enterprises (id),
    words         TEXT NOT NULL,
    updated_by    TEXT NOT NULL,
    updated_at    DATETIME NOT NULL
);

-- A notice may be about something else than a ticket: then ticket_id is ''. The
-- table is made anew, since a reference cannot be taken away.
CREATE TABLE kept_deliveries AS SELECT * FROM notice_deliveries;
DROP TABLE notice_deliveries;
CREATE TABLE kept_notices AS SELECT * FROM notices;
DROP TABLE notices;
CREATE TABLE notices (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id),
    ticket_id  TEXT NOT NULL,
    seq        INTEGER NOT NULL, -- the ticket's last line that it speaks of
    kind       TEXT NOT NULL,    -- the line's event, an alarm's level, or handover
    cause      TEXT NOT NULL,    -- the line, the alarm or the hand-over; each is told a reader once
    side       TEXT NOT NULL,    -- as whom the reader hears of it
    data       TEXT NOT NULL,    -- JSON: what the text says beside the ticket
    urgent     BOOLEAN NOT NULL,
    created_at DATETIME NOT NULL,
    read_at    DATETIME,
    UNIQUE (user_id, ticket_id, cause)
);
INSERT INTO notices SELECT * FROM kept_notices;
DROP TABLE kept_notices;
CREATE INDEX notices_newest ON notices (user_id, created_at, id);
CREATE INDEX notices_unread ON notices (user_id, ticket_id) WHERE read_at IS NULL;
CREATE INDEX notices_created ON notices (created_at);
CREATE TABLE notice_deliveries (
    notice_id TEXT NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
    channel   TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    send_at   DATETIME NOT NULL,
    job_id    INTEGER, -- the job that sends it; null while it waits
    sent_at   DATETIME,
    PRIMARY KEY (notice_id, channel)
);
INSERT INTO notice_deliveries SELECT * FROM kept_deliveries;
DROP TABLE kept_deliveries;
CREATE INDEX notice_deliveries_waiting ON notice_deliveries (send_at) WHERE job_id IS NULL;
CREATE INDEX notice_deliveries_job ON notice_deliveries (job_id) WHERE sent_at IS NULL;

-- +goose Down

-- Those of no ticket have no place any more. The reference to the tickets is
-- not put back: nothing of that kind is written then.
DELETE FROM notices WHERE ticket_id = '';
DROP TABLE service_plans;
ALTER TABLE assignments DROP COLUMN handover_id;
DROP TABLE handovers;
