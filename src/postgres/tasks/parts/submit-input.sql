  -- What is asked for, one row a task, with what is known of its request id and its parent.
  SELECT i.*, nullif(i.said, 'null') AS decisions, r.task_id AS known_id, r.body_hash = substring($18::bytea FROM i.hash_at FOR i.hash_size) AS same_body,
    i.parent_id IS NULL OR p.id IS NOT NULL AS parent_known,
    r.task_id IS NULL AND (i.parent_id IS NULL OR p.id IS NOT NULL) AS accepted,
    least(i.own_score, p.score) AS score, coalesce(p.band, i.own_band) AS band, (i.agent_id IS NOT NULL)::int AS claims,
    CASE WHEN i.run_ms IS NULL THEN 'QUEUED' ELSE 'SCHEDULED' END AS first_state,
    to_timestamp(i.run_ms / 1000) AS run_time, now() AS submit_time
  FROM ROWS FROM (unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[],
      $9::text[], $10::text[], $11::text[], $12::bigint[], $13::float8[], $14::float8[], $15::bigint[],
      $16::text[], $17::text[], $19::int[], $20::int[], $21::int[], $22::int[], $23::text[], $24::text[], $25::text[], $26::text[], $27::bigint[],
      $28::float8[], $29::text[], $30::bigint[], $31::float8[], $32::text[], $34::text[],
      $35::uuid[], $36::int[], $37::int[], $38::int[], $39::text[], $40::text[]), jsonb_array_elements($33::jsonb))
    WITH ORDINALITY AS i (org, id, kind, tier, own_band, source, submitter, parent_id, labels, requirements, retry,
      attempt_timeout_ms, create_ms, run_ms, own_score, request_id, actor, body_at, body_size, hash_at, hash_size,
      goal, intent, job_space_id, agent_id, accept_ms, run_at_ms, lease_request_id,
      head_start_ms, deadline_ms, dependencies, selection,
      workflow_id, workflow_node, workflow_run, workflow_item, workflow_group, workflow_task, said, n)
  LEFT JOIN LATERAL (
    SELECT task_id, body_hash FROM request_id AS r
    WHERE r.org = i.org AND r.request_id = i.request_id
    LIMIT 1
  ) AS r ON true
  LEFT JOIN LATERAL (
    -- A sub-task is as urgent as the task it is a part of, while that is open.
    SELECT id, CASE WHEN open THEN score END AS score, CASE WHEN open AND band = 'HUMAN' THEN band END AS band
    FROM task WHERE task.org = i.org AND task.id = i.parent_id
    LIMIT 1
  ) AS p ON true
