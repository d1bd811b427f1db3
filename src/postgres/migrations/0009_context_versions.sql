-- min_coordinator: 8
--
-- Of a context not all versions are kept for ever: see prune-workflow-context.sql.

-- Which versions items were made from.
CREATE INDEX workflow_event_expanded_idx ON workflow_event (workflow_id, node, org) WHERE type = 'NODE_EXPANDED';
