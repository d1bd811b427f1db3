-- min_coordinator: 8
--
-- Which tasks name limits: read when it is not known what was started lately. Written with a spec, and only of those.
CREATE INDEX task_spec_keyed_idx ON task_spec (org, task_id) WHERE requirements -> 'keys' IS NOT NULL;
