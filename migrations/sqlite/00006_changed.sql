-- +goose Up

-- What has ended of a department's or an enterprise's, latest change first, and
-- how much that is, without a look at the tickets themselves.
CREATE INDEX tickets_lead_changed ON tickets (lead_id, updated_at, id, state, red_at, yellow_at);
CREATE INDEX tickets_enterprise_changed ON tickets (enterprise_id, updated_at, id, state);

-- +goose Down

DROP INDEX tickets_enterprise_changed;
DROP INDEX tickets_lead_changed;
