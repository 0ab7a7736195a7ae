-- +goose Up

ALTER TABLE users ADD COLUMN email TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN language TEXT NOT NULL DEFAULT 'zh-CN';

-- What somebody is told of a ticket: one row for each reader.
CREATE TABLE notices (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id),
    ticket_id  TEXT NOT NULL REFERENCES tickets (id),
    seq        INTEGER NOT NULL, -- the ticket's last line that it speaks of
    kind       TEXT NOT NULL,    -- the line's event, or an alarm's level
    cause      TEXT NOT NULL,    -- the line or the alarm; each is told a reader once
    side       TEXT NOT NULL,    -- as whom the reader hears of it
    data       TEXT NOT NULL,    -- JSON: what the text says beside the ticket
    urgent     BOOLEAN NOT NULL,
    created_at DATETIME NOT NULL,
    read_at    DATETIME,
    UNIQUE (user_id, ticket_id, cause)
);
CREATE INDEX notices_newest ON notices (user_id, created_at, id);
CREATE INDEX notices_unread ON notices (user_id, ticket_id) WHERE read_at IS NULL;
CREATE INDEX notices_created ON notices (created_at);

-- Which channels carry a notice further, beside the pages.
CREATE TABLE notice_deliveries (
    notice_id TEXT NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
    channel   TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    send_at   DATETIME NOT NULL,
    job_id    INTEGER, -- the job that sends it; null while it waits
    sent_at   DATETIME,
    PRIMARY KEY (notice_id, channel)
);
CREATE INDEX notice_deliveries_waiting ON notice_deliveries (send_at) WHERE job_id IS NULL;
CREATE INDEX notice_deliveries_job ON notice_deliveries (job_id) WHERE sent_at IS NULL;

-- Which alarms were told: of an obligation, at a level, for a deadline.
CREATE TABLE told_alarms (
    ticket_id TEXT NOT NULL REFERENCES tickets (id),
    event     TEXT NOT NULL,
    side      TEXT NOT NULL,
    party_id  TEXT NOT NULL,
    clock     TEXT NOT NULL,
    item      TEXT NOT NULL,
    level     TEXT NOT NULL,
    due_at    DATETIME NOT NULL,
    told_at   DATETIME NOT NULL,
    PRIMARY KEY (ticket_id, event, side, party_id, clock, item, level, due_at)
);

-- +goose Down

DROP TABLE told_alarms;
DROP TABLE notice_deliveries;
DROP TABLE notices;
ALTER TABLE users DROP COLUMN language;
ALTER TABLE users DROP COLUMN email;
