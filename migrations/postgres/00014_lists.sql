-- +goose Up

-- What the long lists are sorted by, within what they are narrowed by.
CREATE INDEX visit_plans_campaign ON visit_plans (campaign_id, id);
CREATE INDEX visit_plans_person ON visit_plans (user_id, id);
CREATE INDEX services_of_department ON services (department_id, id);
CREATE INDEX history_charges ON history (ticket_id, actor_id, at) WHERE event = 'take_charge';
CREATE INDEX milestones_day ON milestones ((CASE WHEN planned_day < first_planned_day THEN planned_day ELSE first_planned_day END), project_id, kind);

-- +goose Down

DROP INDEX milestones_day;
DROP INDEX history_charges;
DROP INDEX services_of_department;
DROP INDEX visit_plans_person;
DROP INDEX visit_plans_campaign;
