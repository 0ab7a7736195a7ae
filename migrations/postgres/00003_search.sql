-- +goose Up

-- What tickets are found by: their terms, as the service makes them of their
-- texts. department_id is '' for the ticket as it stands, or names a department
-- that gave it back and finds it as it stood then. The service fills what is
-- missing when it starts.
CREATE TABLE ticket_search (
    ticket_id     text NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    department_id text NOT NULL,
    enterprise_id text NOT NULL,
    heading       tsvector NOT NULL, -- numbers and title
    enterprise    tsvector NOT NULL, -- its name
    description   tsvector NOT NULL,
    words         tsvector NOT NULL GENERATED ALWAYS AS (setweight(heading, 'A') || enterprise || description) STORED,
    PRIMARY KEY (ticket_id, department_id)
);
CREATE INDEX ticket_search_words ON ticket_search USING gin (words);
CREATE INDEX ticket_search_enterprise ON ticket_search (enterprise_id);

CREATE TABLE enterprise_search (
    enterprise_id text PRIMARY KEY REFERENCES enterprises (id),
    name          tsvector NOT NULL,
    known_by      tsvector NOT NULL, -- codes, numbers, contact and telephone
    words         tsvector NOT NULL GENERATED ALWAYS AS (name || known_by) STORED
);
CREATE INDEX enterprise_search_words ON enterprise_search USING gin (words);

-- +goose Down

DROP TABLE enterprise_search;
DROP TABLE ticket_search;
