  org, policy_id, version, kind, rule, on_error, deadline_ms, description, create_time, actor, deleted
