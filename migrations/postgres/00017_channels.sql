-- +goose Up

-- What somebody, or a department, chose to be told by a channel, and when. What
-- nobody chose is as the service has it by default.
CREATE TABLE notice_choices (
    user_id       TEXT NOT NULL, -- '' for a department's
    department_id TEXT NOT NULL, -- '' for a person's
    channel       TEXT NOT NULL,
    weight        TEXT NOT NULL, -- of the notice: urgent, todo or news
    choice        TEXT NOT NULL, -- at_once, digest or never
    PRIMARY KEY (user_id, department_id, channel, weight)
);

-- Robots of group chats: of a person, or of a department.
CREATE TABLE robots (
    user_id       TEXT NOT NULL,
    department_id TEXT NOT NULL,
    vendor        TEXT NOT NULL,
    url           TEXT NOT NULL UNIQUE, -- whoever has it may speak by the robot
    secret        TEXT NOT NULL,        -- by which what it says is signed; '' for none
    language      TEXT NOT NULL,
    free_at       timestamptz NOT NULL,  -- from when it may speak again
    tested_at     timestamptz,
    failures      INTEGER NOT NULL DEFAULT 0, -- since it last spoke
    failure       TEXT NOT NULL DEFAULT '',   -- what its vendor answered then
    failing_since timestamptz,
    stopped_at    timestamptz,           -- it is spoken by no more until somebody mends it
    updated_by    TEXT NOT NULL,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (user_id, department_id)
);

-- Which morning's digests were made.
CREATE TABLE digests (
    user_id       TEXT NOT NULL,
    department_id TEXT NOT NULL,
    channel       TEXT NOT NULL,
    day           TEXT NOT NULL,
    made_at       timestamptz NOT NULL,
    PRIMARY KEY (user_id, department_id, channel, day)
);
CREATE INDEX digests_day ON digests (day);

-- A department is told by its robot; its deliveries have no user.
ALTER TABLE notice_deliveries ADD COLUMN department_id TEXT NOT NULL DEFAULT '';
ALTER TABLE notice_deliveries ADD COLUMN digest BOOLEAN NOT NULL DEFAULT FALSE; -- it waits for the morning's digest

-- +goose Down

DELETE FROM notice_deliveries WHERE department_id <> '' OR channel = 'robot';
ALTER TABLE notice_deliveries DROP COLUMN digest;
ALTER TABLE notice_deliveries DROP COLUMN department_id;
DROP TABLE digests;
DROP TABLE robots;
DROP TABLE notice_choices;
