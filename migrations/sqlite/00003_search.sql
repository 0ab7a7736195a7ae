-- +goose Up

-- What tickets are found by: their terms, as the service makes them of their
-- texts. department_id is '' for the ticket as it stands, or names a department
-- that gave it back and finds it as it stood then. The service fills what is
-- missing when it starts.
CREATE TABLE ticket_search (
    place         INTEGER PRIMARY KEY, -- in ticket_search_words
    ticket_id     TEXT NOT NULL REFERENCES tickets (id),
    department_id TEXT NOT NULL,
    enterprise_id TEXT NOT NULL,
    heading       TEXT NOT NULL, -- numbers and title
    enterprise    TEXT NOT NULL, -- its name
    description   TEXT NOT NULL,
    UNIQUE (ticket_id, department_id)
);
CREATE INDEX ticket_search_enterprise ON ticket_search (enterprise_id);

-- The terms come divided by blanks: ascii takes whatever is not ASCII for a
-- part of one.
CREATE VIRTUAL TABLE ticket_search_words USING fts5 (
    heading, enterprise, description,
    content = 'ticket_search', content_rowid = 'place', tokenize = 'ascii'
);

CREATE TABLE enterprise_search (
    place         INTEGER PRIMARY KEY, -- in enterprise_search_words
    enterprise_id TEXT NOT NULL UNIQUE REFERENCES enterprises (id),
    name          TEXT NOT NULL,
    known_by      TEXT NOT NULL -- codes, numbers, contact and telephone
);

CREATE VIRTUAL TABLE enterprise_search_words USING fts5 (
    name, known_by,
    content = 'enterprise_search', content_rowid = 'place', tokenize = 'ascii'
);

-- A text that is removed by law must be gone from the index, too, not only be
-- marked as removed.
INSERT INTO ticket_search_words (ticket_search_words, rank) VALUES ('secure-delete', 1);
INSERT INTO enterprise_search_words (enterprise_search_words, rank) VALUES ('secure-delete', 1);

-- +goose StatementBegin
CREATE TRIGGER ticket_search_added AFTER INSERT ON ticket_search
BEGIN
    INSERT INTO ticket_search_words (rowid, heading, enterprise, description)
    VALUES (new.place, new.heading, new.enterprise, new.description);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ticket_search_changed AFTER UPDATE ON ticket_search
BEGIN
    INSERT INTO ticket_search_words (ticket_search_words, rowid, heading, enterprise, description)
    VALUES ('delete', old.place, old.heading, old.enterprise, old.description);
    INSERT INTO ticket_search_words (rowid, heading, enterprise, description)
    VALUES (new.place, new.heading, new.enterprise, new.description);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ticket_search_removed AFTER DELETE ON ticket_search
BEGIN
    INSERT INTO ticket_search_words (ticket_search_words, rowid, heading, enterprise, description)
    VALUES ('delete', old.place, old.heading, old.enterprise, old.description);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER enterprise_search_added AFTER INSERT ON enterprise_search
BEGIN
    INSERT INTO enterprise_search_words (rowid, name, known_by) VALUES (new.place, new.name, new.known_by);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER enterprise_search_changed AFTER UPDATE ON enterprise_search
BEGIN
    INSERT INTO enterprise_search_words (enterprise_search_words, rowid, name, known_by)
    VALUES ('delete', old.place, old.name, old.known_by);
    INSERT INTO enterprise_search_words (rowid, name, known_by) VALUES (new.place, new.name, new.known_by);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER enterprise_search_removed AFTER DELETE ON enterprise_search
BEGIN
    INSERT INTO enterprise_search_words (enterprise_search_words, rowid, name, known_by)
    VALUES ('delete', old.place, old.name, old.known_by);
END;
-- +goose StatementEnd

-- +goose Down

DROP TABLE enterprise_search_words;
DROP TABLE enterprise_search;
DROP TABLE ticket_search_words;
DROP TABLE ticket_search;
