-- +goose Up

-- By whom an account's owner may be vouched for: somebody goes by one subject
-- at one issuer, and signs in to one account by it. Of an account that was made
-- by the mapping, role and department come from the claims at each sign-in.
CREATE TABLE identities (
    id           TEXT PRIMARY KEY,
    user_id      TEXT NOT NULL REFERENCES users (id),
    issuer       TEXT NOT NULL,
    subject      TEXT NOT NULL,
    name         TEXT NOT NULL,
    mapped       BOOLEAN NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    UNIQUE (issuer, subject)
);
CREATE INDEX identities_user ON identities (user_id);

-- +goose Down

DROP TABLE identities;
