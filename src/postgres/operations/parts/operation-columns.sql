  org, id, verb, state, filter, dry_run, reason, grace_ms, actor, cursor, total, done, skipped, failed,
  state_counts, kind_counts, error, create_time, update_time, end_time
